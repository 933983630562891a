"""Lists of text messages: how what is repeated is read, and printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protogen_fsm.backends.python import layout
from protogen_fsm.backends.python.expressions import literal
from protogen_fsm.backends.python.messages import (
    first_of,
    item_regex,
    printed_field,
    raw,
    read,
    reader,
    without_groups,
)
from protogen_fsm.backends.python.names import unique
from protogen_fsm.model.letters import any_number_of, letters
from protogen_fsm.model.messages import Group, Repeat, Skipped, Slot, Text, Words
from protogen_fsm.model.types import INT, ListOf, Range, Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogen_fsm.model.messages import Message, Part
    from protogen_fsm.model.types import Type


@dataclass(slots=True)
class _Half:
    """A field of an item, and what is skipped around it."""

    slot: Slot
    before: frozenset[int]
    behind: frozenset[int]

    def read(self, shown: str) -> str:
        """Its value, of the bytes up to the literal behind it."""
        strips = {(True, True): "strip", (True, False): "lstrip", (False, True): "rstrip"}
        strip = strips.get((bool(self.before), bool(self.behind)))
        if strip is not None:
            shown = f"{shown}.{strip}({literal(bytes(sorted(self.before | self.behind)))})"
        return read(self.slot, shown)


def items(repeat: Repeat) -> str:
    """The items as they are printed."""
    name = "one" if repeat.param.name != "one" else "item"
    run: list[str] = []
    for part in repeat.parts:
        if isinstance(part, Words):
            run.append(literal(part.text.encode()))
        elif isinstance(part, Slot):
            run.append(printed_field(part.param, value_of(repeat, part, name)))
    return layout.comprehension([" + ".join(run), f"for {name} in {repeat.param.name}"])


def value_of(repeat: Repeat, slot: Slot, name: str) -> str:
    """What stands in a slot for the item of that name."""
    return f"{name}.{slot.param.name}" if isinstance(item(repeat), Struct) else name


def item(repeat: Repeat) -> Type:
    """The type of what is repeated."""
    assert isinstance(repeat.param.type, ListOf)
    return repeat.param.type.item


def each(message: Message, repeat: Repeat) -> list[str]:
    """What the runtime is told of a list: what an item is, and what is made of it."""
    assert isinstance(message.pattern, Text)
    parts = message.pattern.parts
    regex = item_regex(repeat, first_of(parts[parts.index(repeat) + 1 :], b""))
    names = [slot.param.name for slot in repeat.slots()]
    made = _made(repeat, {slot.param.name: read(slot, slot.param.name) for slot in repeat.slots()})
    return [raw(regex), f"lambda {', '.join(names)}: {made}"]


def runtime_names(repeat: Repeat) -> set[str]:
    """What the runtime has of what reads its fields."""
    within = {reader(one).partition("(")[0] for one in repeat.slots()}
    return within - {"octets", "text", "int", "float"}


def cut(repeat: Repeat) -> list[str] | None:
    """The body of a function that cuts items apart, of bytes that are known to be such.

    An item ends at a literal, and its first field at another, whose first bytes nothing in front
    of them can hold; what is skipped beside a field is stripped off. None where it is not so plain.
    """
    *inner, end = repeat.parts
    if not _is_end(end, inner):
        return None
    assert isinstance(end, Words)
    whole = f"for line in group.split({literal(end.text.encode())})[:-1]"
    at = next((at for at, part in enumerate(inner) if isinstance(part, Words)), None)
    if at is None:
        half = _half(inner)
        if half is None:
            return None
        made = _made(repeat, {half.slot.param.name: half.read("line")})
        return [f"return {layout.comprehension([made, whole])}"]
    between, halves = inner[at], [_half(inner[:at]), _half(inner[at + 1 :])]
    if halves[0] is None or halves[1] is None or not _is_end(between, inner[:at]):
        return None
    assert isinstance(between, Words)
    taken = {"group", "line", "lines", "_"}
    names = [unique(half.slot.param.name, taken) for half in halves if half is not None]
    values = {
        half.slot.param.name: half.read(name)
        for half, name in zip(halves, names, strict=True)
        if half is not None
    }
    cuts = layout.comprehension([f"line.partition({literal(between.text.encode())})", whole])
    made = layout.comprehension([_made(repeat, values), f"for {', _, '.join(names)} in lines"])
    return [*layout.assignment("lines", cuts), f"return {made}"]


def _is_end(part: Part, before: list[Part]) -> bool:
    """Whether it is a literal that begins with what nothing before it can hold."""
    if not isinstance(part, Words) or part.ignore_case or not part.text.isascii() or not part.text:
        return False
    return all(ord(part.text[0]) not in may_hold(one) for one in before)


def may_hold(part: Part) -> frozenset[int]:
    """The bytes that may stand in what a part matches."""
    if isinstance(part, Words):
        return frozenset(part.text.encode())
    if isinstance(part, Group | Repeat):
        return frozenset().union(*map(may_hold, part.parts))
    if part.regex is not None:
        return letters(without_groups(part.regex)).every
    is_number = isinstance(part, Slot) and (
        part.param.type == INT or isinstance(part.param.type, Range)
    )
    return frozenset(b"-0123456789" if is_number else range(256))


def _half(parts: list[Part]) -> _Half | None:
    """A field alone, or with what is skipped beside it, which it neither begins nor ends with."""
    at = next((at for at, part in enumerate(parts) if isinstance(part, Slot)), None)
    if at is None or len(parts) > 3:
        return None
    slot, before, behind = parts[at], parts[:at], parts[at + 1 :]
    assert isinstance(slot, Slot)
    if len(before) > 1 or len(behind) > 1 or reader(slot) not in ("octets", "text", "int"):
        return None
    skipped = [frozenset[int]() if not one else _skipped(one[0]) for one in (before, behind)]
    if skipped[0] is None or skipped[1] is None or (before and behind and len(set(skipped)) > 1):
        return None
    if skipped[0] or skipped[1]:
        held = letters(without_groups(slot.regex) if slot.regex is not None else b".*")
        if skipped[0] & held.first or skipped[1] & held.last:
            return None
    return _Half(slot, skipped[0], skipped[1])


def _skipped(part: Part) -> frozenset[int] | None:
    """The bytes of which any number is skipped, if a part is an optional group that says so."""
    if not isinstance(part, Group) or len(part.parts) != 1:
        return None
    (only,) = part.parts
    return any_number_of(without_groups(only.regex)) if isinstance(only, Skipped) else None


def _made(repeat: Repeat, values: Mapping[str, str]) -> str:
    """An item of its fields' values."""
    made = item(repeat)
    if not isinstance(made, Struct):
        return next(iter(values.values()))
    return layout.made(made.name, [values[field.name] for field in made.fields])
