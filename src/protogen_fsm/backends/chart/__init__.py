"""Message sequence charts: as lines of text, Mermaid, SVG and JSON; the same bytes each time."""

from __future__ import annotations

from protogen_fsm.backends.chart.as_json import as_json
from protogen_fsm.backends.chart.mermaid import as_mermaid
from protogen_fsm.backends.chart.svg import as_svg
from protogen_fsm.backends.chart.text import as_text

__all__ = ["as_json", "as_mermaid", "as_svg", "as_text"]
