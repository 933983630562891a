"""A run of a system, or a scenario, as a message sequence chart: told as values, not yet drawn.

A message has two rows, one where it is put on its link and one where it is taken off: what lies
between them is what it crosses, and that is usually the cause.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from protogen_fsm.source import Span

RowKind = Literal["state", "say", "send", "take", "lose", "note", "mark", "repeat"]


@dataclass(slots=True)
class Row:
    """One row.

    `peer`: whose it is; `other`: from whom, or to whom, -1 for nobody. `pair`: of a message, the
    row of its other end, -1 where it has none. `note`: what more there is to say. `span`: the line
    of the spec. `bad`: this is what is wrong. A `say` is a message in one row; a `mark` goes
    across, and from a `repeat` on all rows come over and over.
    """

    kind: RowKind
    peer: int
    text: str
    other: int = -1
    note: str = ""
    span: Span | None = None
    pair: int = -1
    bad: bool = False


@dataclass(slots=True)
class Chart:
    """A run, ready to be drawn.

    `title`: what it shows; `path`: of the spec. `states`: where each peer begins, "" where that is
    not told. `end`: what is to say behind it; `bad_end`: whether that is what is wrong.
    """

    title: str
    path: str
    names: list[str]
    states: list[str]
    rows: list[Row] = field(default_factory=list)
    end: list[str] = field(default_factory=list)
    bad_end: bool = False

    def place(self, row: Row) -> str:
        """The line of the spec that a row is of; with its file, if that is another one."""
        if row.span is None:
            return ""
        path = row.span.source.path
        return f"line {row.span.line}" if path == self.path else f"{path}:{row.span.line}"
