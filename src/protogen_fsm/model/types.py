"""Types of values, after resolution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from protogen_fsm.model.messages import Binary
    from protogen_fsm.source import Span


@dataclass(frozen=True, slots=True)
class Basic:
    """`bool int str bytes float object`, `none` (the type of `none` alone)."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Range:
    """`low..high`, both ends included."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.low}..{self.high}"


@dataclass(frozen=True, slots=True)
class ListOf:
    """`list[item]`; an empty literal has the item type NOTHING."""

    item: Type

    def __str__(self) -> str:
        return f"list[{self.item}]"


@dataclass(frozen=True, slots=True)
class Optional:
    """`item?`."""

    item: Type

    def __str__(self) -> str:
        return f"{self.item}?"


@dataclass(eq=False, slots=True)
class Enum:
    """An enumeration and its members, in order."""

    name: str
    doc: str
    members: tuple[str, ...]
    span: Span

    def __str__(self) -> str:
        return self.name


@dataclass(eq=False, slots=True)
class Struct:
    """A record: its fields in order; `layout` if the spec says how it lies in a binary message."""

    name: str
    doc: str
    fields: tuple[Param, ...]
    span: Span
    layout: Binary | None = None

    def __str__(self) -> str:
        return self.name


@dataclass(eq=False, slots=True)
class Param:
    """A parameter or field; `default` is a constant's value if `has_default`."""

    name: str
    type: Type
    span: Span
    has_default: bool = False
    default: object = None


Type: TypeAlias = Basic | Range | ListOf | Optional | Enum | Struct

BOOL, INT, STR, BYTES = Basic("bool"), Basic("int"), Basic("str"), Basic("bytes")
FLOAT, OBJECT, NONE, NOTHING = Basic("float"), Basic("object"), Basic("none"), Basic("nothing")


def is_int(type_: Type) -> bool:
    """Whether values of the type are whole numbers."""
    return type_ == INT or isinstance(type_, Range)


def fits(value: Type, place: Type) -> bool:
    """Whether every value of type `value` may stand where `place` is asked for.

    A range fits an int and an int a range (checked as it runs): ranges are bounds, not kinds.
    """
    if value == place or place == OBJECT or NOTHING in (value, place):
        return True
    if isinstance(place, Optional):
        return value == NONE or fits(
            value.item if isinstance(value, Optional) else value, place.item
        )
    if isinstance(value, Range) and isinstance(place, Range):
        return value.low <= place.high and place.low <= value.high
    if is_int(value) and is_int(place):
        return True
    if is_int(value) and place == FLOAT:
        return True
    if isinstance(value, ListOf) and isinstance(place, ListOf):
        return fits(value.item, place.item)
    return False
