"""Pictures of machines, as DOT and as Mermaid: one text a machine, the same bytes each time."""

from __future__ import annotations

from protogen_fsm.backends.diagram.dot import dot
from protogen_fsm.backends.diagram.mermaid import mermaid

__all__ = ["dot", "mermaid"]
