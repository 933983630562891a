"""A chart as SVG: a message is one line from where it is put to where it is taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protogen_fsm.model.chart import Chart, Row

_CHARACTER = 7.25  # of a fixed font of 12 pixels
_STEP, _TOP, _SIDE = 27, 34, 24
_GAP = 210


@dataclass(frozen=True, slots=True)
class _Text:
    x: float
    y: float
    text: str
    style: str
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class _Arrow:
    x1: float
    y1: float
    x2: float
    y2: float
    style: str
    tip: str  # what its far end is: `arrow`, `lost`, `waits`, `refused`

    @property
    def ending(self) -> str:
        """The attribute that draws the tip."""
        return f' marker-end="url(#{self.tip})"' if self.tip else ""


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    y: float
    width: float
    height: float
    style: str


@dataclass(slots=True)
class _View:
    """What the template prints: pixels and ready texts."""

    title: str
    width: float = 0
    height: float = 0
    lifelines: list[_Arrow] = field(default_factory=list)
    arrows: list[_Arrow] = field(default_factory=list)
    boxes: list[_Box] = field(default_factory=list)
    texts: list[_Text] = field(default_factory=list)


def as_svg(chart: Chart) -> str:
    """The chart as an SVG document, for light and dark pages."""
    from protogen_fsm.backends.templates import template  # jinja2 is for this form alone

    return template("chart/chart.svg.j2").render(view=_Drawing(chart).view())


class _Drawing:
    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.seen = _View(_clean(chart.title))
        longest = max((len(row.text) for row in chart.rows if row.other >= 0), default=0)
        asked = [len(row.text) for row in chart.rows if row.kind == "note"]
        self.gap = max(_GAP, longest * _CHARACTER * 1.5 + 40)
        if len(chart.names) > 1:
            self.gap = max(self.gap, max(asked, default=0) * _CHARACTER + 30)
        head = self.widest(0)
        self.left = _SIDE + max(40.0, head * _CHARACTER / 2 + 10)
        self.places = [self.left + at * self.gap for at in range(len(chart.names))]
        last = len(chart.names) - 1
        beside = [len(row.text) for row in chart.rows if row.kind == "note" and row.peer == last]
        head = self.widest(last)
        room = max(46.0, head * _CHARACTER / 2 + 20, max(beside, default=0) * _CHARACTER + 24)
        self.margin = self.places[-1] + room
        notes = [len(self.note(row)) for row in chart.rows]
        self.seen.width = self.margin + max(notes, default=0) * _CHARACTER + _SIDE
        marks = [len(row.text) for row in chart.rows if row.kind in ("mark", "repeat")]
        self.seen.width = max(self.seen.width, 480, max(marks, default=0) * _CHARACTER + 2 * _SIDE)

    def widest(self, peer: int) -> int:
        """The characters of the longest name that stands on a peer's line."""
        states = [row.text for row in self.chart.rows if row.kind == "state" and row.peer == peer]
        return max(map(len, [self.chart.names[peer], self.chart.states[peer], *states]))

    def note(self, row: Row) -> str:
        return "  ".join(filter(None, [self.chart.place(row), row.note]))

    def view(self) -> _View:
        seen, chart = self.seen, self.chart
        columns = int((seen.width - 2 * _SIDE) / _CHARACTER)
        y: float = _TOP
        for line in wrap(seen.title, columns):
            seen.texts.append(_Text(_SIDE, y, line, "title"))
            y += 18
        y += 12
        for at, name in enumerate(chart.names):
            seen.texts.append(_Text(self.places[at], y, _clean(name), "name", "middle"))
        begin = y + 8
        y += _STEP
        for at, state in enumerate(chart.states):
            if state:
                self.state(at, state, y)
        ys = [y + _STEP * (number + 1) for number in range(len(chart.rows))]
        bottom = (ys[-1] if ys else y) + _STEP * 0.8
        for place in self.places:
            seen.lifelines.append(_Arrow(place, begin, place, bottom, "life", ""))
        for number, row in enumerate(chart.rows):
            self.row(number, row, ys, bottom)
        y = bottom + 24
        for number, line in enumerate(chart.end):
            style = "bad" if chart.bad_end and not number else "said"
            for part in wrap(_clean(line), columns) or [""]:
                seen.texts.append(_Text(_SIDE, y, part, style))
                y += 18
        seen.height = y + 4
        return seen

    def state(self, peer: int, text: str, y: float) -> None:
        width = len(text) * _CHARACTER + 16
        x = self.places[peer]
        self.seen.boxes.append(_Box(x - width / 2, y - 10, width, 20, "state"))
        self.seen.texts.append(_Text(x, y + 4, _clean(text), "state", "middle"))

    def row(self, number: int, row: Row, ys: list[float], bottom: float) -> None:
        seen, y, x = self.seen, ys[number], self.places[row.peer]
        style = "bad" if row.bad else "said"
        if row.kind == "state":
            self.state(row.peer, row.text, y)
        elif row.kind == "note":
            seen.boxes.append(_Box(x - 3, y - 3, 6, 6, f"dot {style}"))
            seen.texts.append(_Text(x + 9, y + 4, _clean(row.text), style))
        elif row.kind == "mark":
            width = max(self.margin - 10, len(row.text) * _CHARACTER + _SIDE / 2)
            seen.arrows.append(_Arrow(_SIDE / 2, y, width, y, "mark", ""))
            seen.texts.append(_Text(_SIDE / 2, y - 4, _clean(row.text), "mark"))
        elif row.kind == "repeat":
            width = self.margin - 10 - _SIDE / 2
            seen.boxes.append(_Box(_SIDE / 2, y - 8, width, bottom - y + 4, "repeat"))
            seen.texts.append(_Text(_SIDE / 2 + 4, y + 5, _clean(row.text), "mark"))
        elif row.kind == "say":
            begin, end = self.places[row.peer], self.places[row.other]
            self.arrow(begin, y, end, y, style, "arrow", row.text)
        elif row.kind == "send":
            self.message(row, y, ys, bottom)
        elif row.pair < 0 or self.chart.rows[row.pair].pair != number:
            self.copy(row, y)  # its line begins elsewhere, or has ended before
        if self.note(row):
            seen.texts.append(_Text(self.margin, y + 4, _clean(self.note(row)), f"note {style}"))

    def message(self, row: Row, y: float, ys: list[float], bottom: float) -> None:
        """From where it is put on its link to where it is taken, is lost, or still is."""
        begin, end = self.places[row.peer], self.places[row.other]
        taken = self.chart.rows[row.pair] if row.pair >= 0 else None
        if taken is not None and taken.kind == "take":
            style, tip = ("bad", "refused") if taken.bad else ("said", "arrow")
            self.arrow(begin, y, end, ys[row.pair], style, tip, row.text)
        elif taken is not None or row.note.startswith("lost"):
            far = y if taken is None else ys[row.pair]
            self.arrow(begin, y, begin + 0.6 * (end - begin), far, "lost", "lost", row.text)
        else:
            far = begin + 0.75 * (end - begin)
            self.arrow(begin, y, far, bottom - 8, "waits", "waits", row.text)

    def copy(self, row: Row, y: float) -> None:
        begin, end = self.places[row.other], self.places[row.peer]
        tip = "lost" if row.kind == "lose" else "refused" if row.bad else "arrow"
        style = "bad" if row.bad else "lost" if row.kind == "lose" else "said"
        self.arrow(begin + 0.4 * (end - begin), y, end, y, style, tip, row.text)

    def arrow(
        self, x1: float, y1: float, x2: float, y2: float, style: str, tip: str, text: str
    ) -> None:
        short = 4 if tip in ("arrow", "refused") else 0
        x2 -= short if x1 < x2 else -short
        self.seen.arrows.append(_Arrow(x1, y1, x2, y2, style, tip))
        middle = 0.4 if y2 - y1 > _STEP * 1.5 else 0.5
        x, y = x1 + middle * (x2 - x1), y1 + middle * (y2 - y1)
        self.seen.texts.append(_Text(x, y - 5, _clean(text), f"{style} over", "middle"))


def _clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return "".join(c if c.isprintable() else "?" for c in text)
