"""Words set into lines: a hanging indent, a width, and a cut where there is too much."""

from __future__ import annotations

import re
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

from protogen_fsm.backends.diagram.view import ARROW

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from protogen_fsm.backends.diagram.view import Row


class Run(NamedTuple):
    """Words in one style: `event`, `names`, `guard`, `outcome`, `act` or `doc`."""

    style: str
    text: str


Line = list[Run]
HANG = 2

_WORD = re.compile(r'(?:"(?:\\.|[^"\\])*"|[^ ])+')


def _pieces(text: str, width: int) -> Iterable[str]:
    """The words of `text`, or `text` as a whole where it fits into one line."""
    room = width - HANG
    if len(text) <= room:
        yield text
        return
    for word in _WORD.findall(text):
        for rest in [word] if len(word) <= room // 2 else word.split(" "):
            while len(rest) > room:
                at = max(rest.rfind(mark, 0, room) for mark in ",([.") + 1 or room
                yield rest[:at]
                rest = rest[at:]
            yield rest


def set_lines(runs: Sequence[Run], width: int, most: int) -> list[Line]:
    """The runs in at most `most` lines of about `width` characters, the later ones indented."""
    lines: list[Line] = [[]]
    used = 0
    for at, run in enumerate(runs, 1):
        kept = len(runs[at].text) if at < len(runs) and runs[at].style == "names" else 0
        for number, piece in enumerate(_pieces(run.text, width)):
            gap = 0 if run.style == "names" and number == 0 else 1
            room = gap + len(piece) + (kept if len(piece) + kept <= width - HANG else 0)
            if used and used + room > width:
                lines.append([Run("act", " " * HANG)])
                used = HANG
            elif used and gap:
                lines[-1].append(Run("act", " "))
                used += 1
            lines[-1].append(Run(run.style, piece))
            used += len(piece)
    if len(lines) > most:
        lines[most - 1].append(Run("act", " ..."))
    return lines[:most]


def doc_lines(text: str, width: int = 52) -> list[Line]:
    """The spec's words, in lines about equally long."""
    count = -(-len(text) // width)
    return [[Run("doc", line)] for line in wrap(text, len(text) // count + 6)] if text else []


def when(row: Row) -> list[Run]:
    """The left-hand side of a row: event, guard, outcome."""
    runs = []
    for number, trigger in enumerate(row.triggers, 1):
        comma = "," if number < len(row.triggers) else ""
        name, bracket, names = trigger.partition("(")
        runs.append(Run("event", name if names else name + comma))
        if names:
            runs.append(Run("names", bracket + names + comma))
    if row.guard:
        runs.append(Run("guard", f"[{row.guard}]"))
    if row.outcome:
        runs.append(Run("outcome", f"| {row.outcome}"))
    return runs


def what(row: Row) -> list[Run]:
    """The right-hand side of a row: where to, and the actions."""
    runs = [Run("event", f"{ARROW} {row.target}")] if row.aims else []
    if row.actions:
        first, *more = row.actions
        listed = [f"/ {first}", *more]
        runs += [Run("act", f"{act},") for act in listed[:-1]]
        runs.append(Run("act", listed[-1]))
    return runs
