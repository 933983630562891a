"""A machine's picture in the language of Mermaid."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from protogen_fsm.backends.diagram.label import set_lines, what, when
from protogen_fsm.backends.diagram.view import Arrow, Box, Part, Row, View, view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.model.machine import Machine

# Words that Mermaid takes for its own, in any case, where a state's name could stand.
RESERVED = {"as", "class", "classdef", "click", "default", "direction", "end", "fork", "hide"}
RESERVED |= {"join", "note", "scale", "state", "statediagram", "style"}

_UNSAFE = re.compile(r"[^A-Za-z0-9 .,()\[\]=+\-/|?!'_]")
_ARROW_WIDTH, _ROW_WIDTH = 34, 60


def mermaid(machine: Machine) -> str:
    """The picture of `machine`, as a state diagram of Mermaid."""
    return "\n".join(_Text(view(machine)).lines()) + "\n"


class _Text:
    def __init__(self, seen: View) -> None:
        self.seen = seen
        self.within: dict[str, list[Arrow]] = {}
        for arrow in seen.arrows:
            self.within.setdefault(_around(arrow), []).append(arrow)

    def lines(self) -> Iterator[str]:
        seen = self.seen
        yield "---"
        yield f"title: {json.dumps(seen.title)}"
        yield "---"
        yield "stateDiagram-v2"
        for words in filter(None, (seen.doc, *seen.notes)):
            yield f"    %% {words.replace('{', '(').replace('}', ')')}"
        yield "    direction TB"
        yield from self.part(seen.top, "", "    ")

    def part(self, part: Part, around: str, indent: str) -> Iterator[str]:
        if part.entered:
            yield f"{indent}[*] --> {_id(part.first)}"
        for box in part.boxes:
            yield from self.box(box, indent)
        for arrow in self.within.get(around, []) if not part.name else []:
            yield from _arrow(arrow, indent)
        for box in part.boxes:
            if box.final:
                yield f"{indent}{_id(box)} --> [*]"

    def box(self, box: Box, indent: str) -> Iterator[str]:
        if not box.parts:
            yield f'{indent}state "{_plain(box.title)}" as {_id(box)}'
            yield from _said(_id(box), box, indent)
            return
        yield f'{indent}state "{_plain(box.title)}" as {_id(box)} {{'
        inner = indent + "    "
        if box.rows or box.traits or box.doc or self._leads_inside(box):
            yield f'{inner}state "in any state" as {_everywhere(box)}'
            yield from _said(_everywhere(box), box, inner)
        for number, part in enumerate(box.parts):
            if not part.name:
                yield from self.part(part, box.key, inner)
                continue
            if number:
                yield f"{inner}--"
            yield f'{inner}state "{_plain(part.name)}" as {part.key} {{'
            yield from self.part(part, part.key, inner + "    ")
            yield f"{inner}}}"
        if box.parts[0].name:
            for arrow in self.within.get(box.key, []):
                yield from _arrow(arrow, inner)
        yield f"{indent}}}"

    def _leads_inside(self, box: Box) -> bool:
        return any(a.tail is box and box.holds(a.head) for a in self.seen.arrows)


def _around(arrow: Arrow) -> str:
    """The innermost composite state that holds both ends: there Mermaid wants the arrow."""
    box = arrow.tail if arrow.tail.parts and arrow.tail.holds(arrow.head) else arrow.tail.parent
    while box is not None and not (box.holds(arrow.head) and box is not arrow.head):
        box = box.parent
    return box.key if box else ""


def _arrow(arrow: Arrow, indent: str) -> Iterator[str]:
    tail, head = arrow.tail, arrow.head
    start = _everywhere(tail) if tail.parts and tail.holds(head) else _id(tail)
    text = "<br/>".join(_plain(line) for row in arrow.rows for line in _row(row, _ARROW_WIDTH, 3))
    yield f"{indent}{start} --> {_id(head)}: {text}"


def _said(key: str, box: Box, indent: str) -> Iterator[str]:
    if box.doc:
        yield f"{indent}{key}: {_plain(box.doc)}"
    for trait in box.traits:
        yield f"{indent}{key}: {_plain(trait)}"
    for row in box.rows:
        yield f"{indent}{key}: {_plain(' '.join(_row(row, _ROW_WIDTH, 2)))}"


def _row(row: Row, width: int, most: int) -> list[str]:
    lines = set_lines([*when(row), *what(row)], width, most)
    return ["".join(run.text for run in line).strip() for line in lines]


def _id(box: Box) -> str:
    return f"{box.key}_" if box.key.lower() in RESERVED else box.key


def _everywhere(box: Box) -> str:
    return f"{box.key}_any_state"


def _plain(text: str) -> str:
    """Text in which Mermaid finds nothing of its own."""
    return _UNSAFE.sub(lambda found: f"#{ord(found[0])};", text)
