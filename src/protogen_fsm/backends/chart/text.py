"""A chart in lines of ASCII, in colour on a terminal.

A message is put on its link with an `o` at the far end, and taken off with one at its near end.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protogen_fsm.model.chart import Chart, Row

_GAP, _LEAST_GAP, _PER_PEER = 34, 20, 6
_STYLES = {"name": "1", "state": "1;36", "place": "2", "bad": "1;31", "lost": "33", "mark": "35"}


class _Line:
    """Characters, each with its style; longer where something is put behind its end."""

    def __init__(self, places: list[int], lifelines: bool = True) -> None:
        self.text: list[str] = []
        self.styles: list[str] = []
        for place in places if lifelines else ():
            self.put(place, "|")

    def put(self, at: int, text: str, style: str = "") -> None:
        at = max(0, at)
        missing = at + len(text) - len(self.text)
        self.text += [" "] * missing
        self.styles += [""] * missing
        self.text[at : at + len(text)] = text
        self.styles[at : at + len(text)] = [style] * len(text)

    def shown(self, color: bool) -> str:
        while self.text and self.text[-1] == " ":
            self.text.pop()
        if not color:
            return "".join(self.text)
        found = ""
        for style, some in groupby(zip(self.styles, self.text, strict=False), key=lambda c: c[0]):
            text = "".join(character for _, character in some)
            found += f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if style else text
        return found


def as_text(chart: Chart, color: bool = False) -> str:
    """The chart, one line a row."""
    longest = max((len(row.text) for row in chart.rows if row.other >= 0), default=0)
    gap = max(_GAP - _PER_PEER * max(0, len(chart.names) - 3), _LEAST_GAP, longest + 10)
    left = max(4, len(chart.states[0]) // 2, len(chart.names[0]) // 2) + 1
    places = [left + at * gap for at in range(len(chart.names))]
    margin = places[-1] + 4
    lines = [_heads(places, chart.names, "name")]
    if any(chart.states):
        lines.append(_heads(places, chart.states, "state"))
    lines += [_row(chart, row, places, margin) for row in chart.rows]
    for text in chart.end:
        line = _Line([], False)
        line.put(0, text, "bad" if chart.bad_end and text is chart.end[0] else "")
        lines.append(line)
    return "\n".join(line.shown(color) for line in lines) + "\n"


def _heads(places: list[int], texts: list[str], style: str) -> _Line:
    line = _Line(places, False)
    for place, text in zip(places, texts, strict=True):
        line.put(place - len(text) // 2, text, style)
    return line


def _row(chart: Chart, row: Row, places: list[int], margin: int) -> _Line:
    line = _Line(places)
    style = "bad" if row.bad else ""
    at = places[row.peer]
    if row.kind in ("repeat", "mark"):
        line = _Line(places, False)
        line.put(0, row.text, style or "mark")
    elif row.kind == "state":
        line.put(at - len(row.text) // 2, row.text, "state")
    elif row.kind == "note":
        line.put(at + 2, row.text, style)
    else:
        _arrow(line, places, row)
    notes = [(chart.place(row), "place"), (row.note, style or ("lost" if row.note else ""))]
    column = max(margin, len(line.text) + 2)
    for text, kind in notes:
        if text:
            line.put(column, text, kind)
            column = len(line.text) + 2
    return line


def _arrow(line: _Line, places: list[int], row: Row) -> None:
    """From the sender to the link, or from the link to the receiver."""
    is_sender = row.kind in ("send", "say")
    sender, receiver = (row.peer, row.other) if is_sender else (row.other, row.peer)
    begin, end = places[sender], places[receiver]
    rightwards = begin < end
    low, room = min(begin, end) + 1, abs(begin - end) - 1
    tip = ">" if rightwards else "<"
    style = "bad" if row.bad else "lost" if row.kind == "lose" else ""
    if row.kind == "lose":
        text = f"{row.text} is lost"
        arrow = f" o - {text} - x" if rightwards else f"x - {text} - o ".rjust(room)
    elif row.kind == "say":
        body = f"- {row.text} ".ljust(room - 1, "-")
        arrow = f"{body}{tip}" if rightwards else f"{tip}{body}"
    else:
        body = f"- {row.text} ".ljust(room - 4, "-")
        if (row.kind == "send") == rightwards:  # the link is at the right end
            arrow = f"{body}{tip}o  " if rightwards else f"{tip}{body} o "
        else:
            arrow = f" o {body}{tip}" if rightwards else f" o{tip}{body}"
    line.put(low, arrow[:room].ljust(room), style)
