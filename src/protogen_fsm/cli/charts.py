"""What the commands that show charts share: their forms, and the files that they are put into."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from protogen_fsm.backends.backend import MARK
from protogen_fsm.cli import disk

if TYPE_CHECKING:
    from pathlib import Path

    from protogen_fsm.model.chart import Chart

ENDINGS = {"text": "txt", "mermaid": "mmd", "svg": "svg", "json": "json"}


def charted(chart: Chart, form: str, color: bool = False) -> str:
    """A chart in one of the forms; colour is for text alone."""
    from protogen_fsm.backends.chart import as_json, as_mermaid, as_svg, as_text

    if form == "json":
        return json.dumps(as_json(chart)) + "\n"
    if form == "mermaid":
        return f"%% {_one_line(chart.title)}\n{as_mermaid(chart)}"
    if form == "svg":
        return as_svg(chart)
    title = f"\x1b[1m{chart.title}\x1b[0m" if color else chart.title
    return f"{title}\n\n{as_text(chart, color)}"


def write(path: Path, chart: Chart, form: str, spec: str) -> bool:
    """Puts a chart into a file of its own; whether that changed anything.

    SpecError if a file lies there that protogen did not make.
    """
    disk.refuse_foreign(path, MARK)
    made = _one_line(f"{MARK}{spec}")
    if form == "json":
        from protogen_fsm.backends.chart import as_json

        text = json.dumps({"made": made, **as_json(chart)}, indent=2) + "\n"
    elif form == "svg":
        head, tag, rest = charted(chart, form).partition("<svg")
        text = f"{head}<!-- {made.replace('--', '__')} -->\n{tag}{rest}"
    else:
        text = ("%% " if form == "mermaid" else "") + f"{made}\n{charted(chart, form)}"
    return disk.write(path, text.encode())


def _one_line(text: str) -> str:
    return " ".join(text.split())
