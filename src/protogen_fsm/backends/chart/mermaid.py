"""A chart in the language of Mermaid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.model.chart import Chart, Row

# Mermaid ends a statement at a semicolon, and takes `end` for the end of a block.
_UNSAFE = {";": "#59;", "#": "#35;", "<": "#lt;", ">": "#gt;"}


def as_mermaid(chart: Chart) -> str:
    """The chart as a sequence diagram of Mermaid."""
    return "\n".join(_lines(chart)) + "\n"


def _lines(chart: Chart) -> Iterator[str]:
    across = "p0" if len(chart.names) == 1 else f"p0,p{len(chart.names) - 1}"
    yield "sequenceDiagram"
    for at, name in enumerate(chart.names):
        yield f"    participant p{at} as {_safe(name)}"
    for at, state in enumerate(chart.states):
        if state:
            yield f"    Note over p{at}: {_safe(state)}"
    inner = "    "
    for row in chart.rows:
        if row.kind == "repeat":
            yield f"    loop {_safe(row.text)}"
            inner = "        "
        elif row.kind == "mark":
            yield f"{inner}Note over {across}: {_safe(row.text)}"
        else:
            yield inner + _row(row)
    if inner != "    ":
        yield "    end"
    for line in chart.end:
        yield f"    Note over {across}: {_safe(line)}"


def _row(row: Row) -> str:
    if row.kind == "say":
        return f"p{row.peer}->>p{row.other}: {_safe(row.text)}"
    if row.kind == "send":
        return f"p{row.peer}-)p{row.other}: {_safe(row.text)}"
    if row.kind == "lose":
        return f"p{row.other}-xp{row.peer}: {_safe(row.text)} is lost"
    word = "" if row.kind != "take" else "cannot take " if row.bad else "takes "
    return f"Note over p{row.peer}: {word}{_safe(row.text)}"


def _safe(text: str) -> str:
    safe = "".join(_UNSAFE.get(character, character) for character in text)
    return re.sub(r"\bend\b", "(end)", safe)
