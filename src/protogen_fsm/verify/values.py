"""Values as far as they are followed: exact ones, bounds of numbers, frames, and anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from protogen_fsm.model.types import BOOL, FLOAT, INT, Basic, Enum, ListOf, Optional, Range

if TYPE_CHECKING:
    from protogen_fsm.model.messages import Message
    from protogen_fsm.model.types import Type

FEW = 16
"""A type of that many values is chosen from one by one, a larger one is bounded."""


MOST_ITEMS = 2
"""Longer lists from outside are one list, and so are numbers above it that take too many values."""


class _Mark:
    """A value of which only its kind is known."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


ANY: Final = _Mark("anything")
SHORT: Final = _Mark("a text that fits into a line")
DOTTED: Final = _Mark("a body with its dots doubled and its end")
MANY: Final = _Mark(f"more than {MOST_ITEMS} items")
LINE: Final = _Mark("a line of such a body")
DOT: Final = _Mark("the line that ends it")


@dataclass(frozen=True, slots=True)
class Between:
    """A whole number of which only the bounds are known; None where there is none."""

    low: int | None
    high: int | None

    def __repr__(self) -> str:
        low = "" if self.low is None else self.low
        high = "" if self.high is None else self.high
        return f"{low}..{high}"


@dataclass(frozen=True, slots=True)
class Printed:
    """The frame that a message is printed into."""

    message: Message
    args: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the octets of a frame; `end` None for all that are left."""

    frame: Printed
    begin: int
    end: int | None


@dataclass(frozen=True, slots=True)
class Length:
    """How many octets a frame has, less so many, in a layout."""

    frame: Printed
    less: int
    layout: str


@dataclass(frozen=True, slots=True)
class Octets:
    """Octets of which it is known what they are made of."""

    parts: tuple[Part | Length, ...]


def is_followed(type_: Type) -> bool:
    """Whether values can be followed: truth values, numbers, members, none; of lists their size."""
    if isinstance(type_, Optional):
        return is_followed(type_.item)
    return isinstance(type_, Range | Enum | ListOf) or type_ in (BOOL, INT, FLOAT)


def all_of(type_: Type) -> list[Any]:
    """All values of a type that has few; else one that stands for all of them."""
    if type_ == BOOL:
        return [False, True]
    if isinstance(type_, Enum) and len(type_.members) <= FEW:
        return list(type_.members)
    if isinstance(type_, Range):
        if type_.high - type_.low < FEW:
            return list(range(type_.low, type_.high + 1))
        return [Between(type_.low, type_.high)]
    if isinstance(type_, Optional) and is_followed(type_.item):
        return [None, *all_of(type_.item)]
    if isinstance(type_, ListOf):
        return [*((ANY,) * size for size in range(MOST_ITEMS + 1)), MANY]
    return [Between(None, None)] if type_ == INT else [ANY]


def among(value: Any, type_: Type) -> list[Any]:
    """All values of a type that a value may be, or one that stands for all of them."""
    low, high = bounds(value)
    return [
        one
        for one in all_of(type_)
        if (low is None or less(one, low, False) is not True)
        and (high is None or less(high, one, False) is not True)
    ]


def grouped(options: list[Any], cuts: frozenset[int] | None) -> list[Any]:
    """Numbers one behind the other that nothing tells apart, as one; `cuts`: what they meet."""
    if cuts is None or not all(type(one) is int for one in options):
        return options
    edges = {edge for cut in cuts for edge in (cut, cut + 1)}
    found: list[list[int]] = []
    for one in options:
        if found and one == found[-1][-1] + 1 and one not in edges:
            found[-1].append(one)
        else:
            found.append([one])
    return [between(some[0], some[-1]) for some in found]


def typed(value: Any, type_: Type) -> Any:
    """What is known of a value once it has the type."""
    if value is ANY and isinstance(type_, Range):
        return Between(type_.low, type_.high)
    if value is ANY and type_ == INT:
        return Between(None, None)
    if isinstance(value, tuple):
        return (ANY,) * len(value)
    if isinstance(value, Between) and isinstance(type_, Range):
        low = type_.low if value.low is None else max(type_.low, value.low)
        high = type_.high if value.high is None else min(type_.high, value.high)
        return low if low == high else Between(low, high) if low < high else value
    return value


def default(type_: Type) -> Any:
    """What a variable is before it is set."""
    if isinstance(type_, Optional):
        return None
    if isinstance(type_, Range):
        return 0
    if isinstance(type_, ListOf):
        return ()
    known: dict[Type, Any] = {BOOL: False, INT: 0, FLOAT: 0.0, Basic("str"): ""}
    return known.get(type_, ANY)


def few(value: Any, most: int) -> Any:
    """A list, or a whole number: above `most` no more is told than that it is."""
    if isinstance(value, tuple):
        return value if len(value) <= most else MANY
    low, high = bounds(value)
    if low is not None and low > most:
        return Between(most + 1, None)
    if high is not None and high < -most:
        return Between(None, -most - 1)
    return value


def split(value: Any, most: int) -> list[Any]:
    """A number with a bound near 0, as each of the numbers that `few` tells apart."""
    if isinstance(value, Between) and value.high is None and value.low is not None:
        near = range(max(value.low, -most), most + 1)
        return [*near, Between(max(value.low, most + 1), None)]
    return [value]


def is_exact(value: Any) -> bool:
    """Whether the value itself is known."""
    if isinstance(value, tuple):
        return all(map(is_exact, value))
    return not isinstance(value, _Mark | Between | Printed | Octets)


def shown(value: Any) -> str:
    """A value as charts show it; "" if nothing is known of it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "none"
    if isinstance(value, int | float | str):
        return str(value)
    if value is MANY:
        return repr(value)
    if isinstance(value, tuple):
        return f"{len(value)} items" if len(value) != 1 else "1 item"
    if isinstance(value, Between) and (value.low is not None or value.high is not None):
        return repr(value)
    return ""


# ---------------------------------------------------------------- numbers and their bounds


def bounds(value: Any) -> tuple[int | None, int | None]:
    """The least and the greatest that a value may be."""
    if isinstance(value, Between):
        return value.low, value.high
    if isinstance(value, int) and not isinstance(value, bool):
        return value, value
    return None, None


def between(low: int | None, high: int | None) -> Any:
    """A number with these bounds: itself, if they are one."""
    return low if low is not None and low == high else Between(low, high)


def add(left: Any, right: Any) -> Any:
    """The sum of two numbers."""
    (a, b), (c, d) = bounds(left), bounds(right)
    low = None if a is None or c is None else a + c
    return between(low, None if b is None or d is None else b + d)


def negative(value: Any) -> Any:
    """The number with the other sign."""
    low, high = bounds(value)
    return between(None if high is None else -high, None if low is None else -low)


def less(left: Any, right: Any, or_equal: bool) -> Any:
    """Whether one number is less than another: True, False, or ANY."""
    (a, b), (c, d) = bounds(left), bounds(right)
    if b is not None and c is not None and (b < c or (or_equal and b == c)):
        return True
    if a is not None and d is not None and (a > d or (not or_equal and a == d)):
        return False
    return ANY


def same(left: Any, right: Any) -> Any:
    """Whether two values are equal: True, False, or ANY."""
    if is_exact(left) and is_exact(right):
        if isinstance(left, bytes) != isinstance(right, bytes):
            left, right = (x.encode() if isinstance(x, str) else x for x in (left, right))
        return bool(left == right)
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Between) and is_exact(other):
            if not isinstance(other, int):
                return False
            if less(one, other, False) is True or less(other, one, False) is True:
                return False
    both = isinstance(left, Between) and isinstance(right, Between)
    if both and True in (less(left, right, False), less(right, left, False)):
        return False
    return ANY
