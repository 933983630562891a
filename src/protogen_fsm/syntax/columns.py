"""Lines whose parts stand in columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 120
_HEAD = 64  # a head that ends further out has the rest on a line of its own
_TARGET = 24  # a longer target does not push the actions of the others away


@dataclass(slots=True, eq=False)
class Line:
    """A line of text, or several of one thing, and the comment behind."""

    indent: int
    text: str
    comment: str = ""

    def __str__(self) -> str:
        behind = f"  {self.comment}" if self.comment else ""
        return (" " * self.indent + self.text + behind) if self.text or behind else ""


@dataclass(slots=True, eq=False)
class Row(Line):
    """A transition or an outcome: `head  -> target  / actions`."""

    target: str = ""
    actions: list[str] = field(default_factory=list)

    @property
    def end(self) -> int:
        """Where the head ends."""
        return self.indent + len(self.text)


def align_rows(rows: Sequence[Row]) -> None:
    """Put the arrows, and the slashes, of rows below each other."""
    short = [row for row in rows if row.end <= _HEAD]
    heads = max((row.end + 1 for row in short if row.target), default=0)
    bare = max((row.end + 1 for row in short if row.actions and not row.target), default=0)
    targets = max((len(row.target) + 1 for row in short if len(row.target) <= _TARGET), default=0)
    slash = max(bare, heads + targets)
    # The targets stand beside the actions, whichever heads push those away.
    arrow = slash - targets
    for row in rows:
        lines = [" " * row.indent + row.text]
        if row.target:
            _put(lines, arrow, row.target)
        if row.actions:
            _put(lines, slash, "/ ", breaks=not row.target)
            _fill(lines, row.actions)
        row.text = "\n".join(lines)[row.indent :]


def _put(lines: list[str], column: int, text: str, breaks: bool = True) -> None:
    if len(lines[-1]) < column:
        lines[-1] = lines[-1].ljust(column) + text
    elif column and breaks:
        lines.append(" " * column + text)
    else:
        lines[-1] += " " + text


def _fill(lines: list[str], parts: Sequence[str]) -> None:
    """Add parts with commas, and go on below the first where a line gets too long."""
    column = len(lines[-1])
    for number, part in enumerate(parts):
        said = part + ("," if number < len(parts) - 1 else "")
        if number and len(lines[-1]) + 1 + len(said) > WIDTH:
            lines.append(" " * column + said)
        else:
            lines[-1] += (" " if number else "") + said


def filled(indent: int, head: str, parts: Sequence[str], tail: str = "") -> str:
    """A head and its parts with commas, broken where a line gets too long."""
    lines = [" " * indent + head]
    _fill(lines, [*parts[:-1], parts[-1] + tail])
    return "\n".join(lines)[indent:]


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells, each column as wide as its widest cell; a column that is empty is none."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        " ".join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width
        ).rstrip()
        for row in rows
    ]
