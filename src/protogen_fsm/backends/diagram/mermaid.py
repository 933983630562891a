"""A machine's picture in the language of Mermaid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from protogen_fsm.backends.diagram.draw import view
from protogen_fsm.backends.diagram.label import Run, set_lines, what, when
from protogen_fsm.backends.diagram.view import Arrow, Box, Part, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.model.machine import Machine

# Words that Mermaid takes for its own, in any case, where a state's name could stand.
RESERVED = frozenset(
    {"as", "class", "classdef", "click", "default", "direction", "end", "fork"}
    | {"hide", "join", "note", "scale", "state", "statediagram", "style"}
)

_UNSAFE = re.compile(r"[^A-Za-z0-9 .,()\[\]=+\-/|?!'_]")
_ARROW_WIDTH, _ROW_WIDTH = 26, 60


def mermaid(machine: Machine) -> str:
    """The picture of `machine`, as a state diagram of Mermaid."""
    return "\n".join(_Text(view(machine, RESERVED)).lines()) + "\n"


class _Text:
    def __init__(self, seen: View) -> None:
        self.seen = seen
        self.within: dict[str, list[Arrow]] = {}
        for arrow in seen.arrows:
            self.within.setdefault(_around(arrow, seen.top).key, []).append(arrow)

    def lines(self) -> Iterator[str]:
        seen = self.seen
        yield "stateDiagram-v2"
        yield f"    accTitle: {_bare(seen.title)}"
        if words := ". ".join(
            word.rstrip(".")
            for word in (seen.doc, *seen.notes, *(f"many {one}" for one in seen.sheets))
            if word
        ):
            yield f"    accDescr: {_bare(words)}"
        yield "    direction TB"
        yield from self.part(seen.top, "    ")

    def part(self, part: Part, indent: str) -> Iterator[str]:
        if part.entered:
            yield f"{indent}[*] --> {part.first.key}"
        for box in part.boxes:
            yield from self.box(box, indent)
        for arrow in self.within.get(part.key, []):
            yield from _arrow(arrow, indent)
        for box in part.boxes:
            if box.final:
                yield f"{indent}{box.key} --> [*]"

    def box(self, box: Box, indent: str) -> Iterator[str]:
        if not box.parts:
            yield f'{indent}state "{_plain(box.title)}" as {box.key}'
            yield from _said(box.key, box, indent)
            return
        yield f'{indent}state "{_plain(box.title)}" as {box.key} {{'
        inner = indent + "    "
        if box.rows or box.traits or box.doc or self._leads_inside(box):
            yield f'{inner}state "in any state" as {box.everywhere}'
            yield from _said(box.everywhere, box, inner)
        for number, part in enumerate(box.parts):
            if not part.name:
                yield from self.part(part, inner)
                continue
            if number:
                yield f"{inner}--"
            yield f'{inner}state "{_plain(part.name)}" as {part.key} {{'
            yield from self.part(part, inner + "    ")
            yield f"{inner}}}"
        yield f"{indent}}}"

    def _leads_inside(self, box: Box) -> bool:
        return any(a.tail is box and box.holds(a.head) for a in self.seen.arrows)


def _around(arrow: Arrow, top: Part) -> Part:
    """Where to say the arrow: Mermaid moves a state out to an inner place that only names it."""
    tail, head = arrow.tail, arrow.head
    if tail.part is head.part or (tail.holds(head) and head.part in tail.parts):
        return head.part
    return top


def _arrow(arrow: Arrow, indent: str) -> Iterator[str]:
    tail, head = arrow.tail, arrow.head
    start = tail.everywhere if tail.parts and tail.holds(head) else tail.key
    rows = (
        [*_set(when(row), _ARROW_WIDTH, 3), *_set(what(row), _ARROW_WIDTH, 3)] for row in arrow.rows
    )
    text = "<br/>".join(_plain(line) for lines in rows for line in lines if line)
    yield f"{indent}{start} --> {head.key}: {text}"


def _said(key: str, box: Box, indent: str) -> Iterator[str]:
    if box.doc:
        yield f"{indent}{key}: {_plain(box.doc)}"
    for trait in box.traits:
        yield f"{indent}{key}: {_plain(trait)}"
    for row in box.rows:
        yield f"{indent}{key}: {_plain(' '.join(_set([*when(row), *what(row)], _ROW_WIDTH, 3)))}"


def _set(runs: list[Run], width: int, most: int) -> list[str]:
    return ["".join(run.text for run in line).strip() for line in set_lines(runs, width, most)]


def _plain(text: str) -> str:
    """Text in which Mermaid finds nothing of its own."""
    return _UNSAFE.sub(lambda found: f"#{ord(found[0])};", text)


def _bare(text: str) -> str:
    """Text for where Mermaid knows no escapes."""
    return re.sub(r"[#;{}%]", " ", text)
