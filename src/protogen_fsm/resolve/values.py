"""Values known beforehand: whether they fit a place, and what operators make of them."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from protogen_fsm.model.expressions import MakeList, Value
from protogen_fsm.model.types import (
    BYTES,
    FLOAT,
    INT,
    NONE,
    NOTHING,
    OBJECT,
    STR,
    ListOf,
    Optional,
    Range,
    fits,
    is_int,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.types import Type
    from protogen_fsm.source import Span

# A few lines of `const B = A + A` would else ask for more memory than there is.
_LONGEST = 1 << 20
_MOST_BITS = 4096

_OPERATORS: dict[str, Callable[..., object]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "%": operator.mod,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "in": lambda a, b: a in b,
    "not_in": lambda a, b: a not in b,
}
UNFOLDED = _NO = object()


def unknown(span: Span) -> Value:
    """Stands for what could not be found, and fits everywhere."""
    return Value(None, NOTHING, span)


def is_number(type_: Type) -> bool:
    """Whether values of the type can be added up."""
    return is_int(type_) or type_ == FLOAT


def fitted(e: Expr, place: Type) -> Expr | None:
    """The expression as a value of type `place`, or None if it does not fit there.

    A text literal becomes bytes where bytes are asked for, and lists of them likewise.
    """
    if e.type is place or e.type is NOTHING or place is NOTHING:
        return e
    if isinstance(place, Optional) and not isinstance(e.type, Optional):
        return Value(None, place, e.span) if e.type == NONE else fitted(e, place.item)
    if isinstance(e, Value):
        raw = _raw(e.value, e.type, place)
        if raw is _NO:
            return None
        return e if place == OBJECT else Value(raw, place, e.span)
    if isinstance(e, MakeList) and isinstance(place, ListOf):
        items = [fitted(item, place.item) for item in e.items]
        found = tuple(item for item in items if item is not None)
        return MakeList(found, place, e.span) if len(found) == len(items) else None
    return e if fits(e.type, place) else None


def _raw(value: object, type_: Type, place: Type) -> object:
    if isinstance(place, Optional) and not isinstance(type_, Optional):
        return None if value is None else _raw(value, type_, place.item)
    if isinstance(value, str) and type_ == STR and place == BYTES:
        try:
            return value.encode()
        except UnicodeEncodeError:
            return _NO
    if isinstance(place, Range) and is_int(type_) and isinstance(value, int):
        return value if place.low <= value <= place.high else _NO
    if isinstance(value, list) and isinstance(type_, ListOf) and isinstance(place, ListOf):
        items = [_raw(item, type_.item, place.item) for item in value]
        return _NO if _NO in items else items
    return value if fits(type_, place) else _NO


def joined(left: Type, right: Type) -> Type:
    """The narrowest type that values of both have."""
    if left == right or right == NOTHING:
        return left
    if left == NOTHING:
        return right
    if is_int(left) and is_int(right):
        return INT
    if is_number(left) and is_number(right):
        return FLOAT
    if NONE in (left, right):
        other = right if left == NONE else left
        return other if isinstance(other, Optional) else Optional(other)
    if isinstance(left, Optional) or isinstance(right, Optional):
        inner = joined(
            left.item if isinstance(left, Optional) else left,
            right.item if isinstance(right, Optional) else right,
        )
        return OBJECT if inner == OBJECT else Optional(inner)
    if isinstance(left, ListOf) and isinstance(right, ListOf):
        return ListOf(joined(left.item, right.item))
    return OBJECT


def made_list(items: list[Expr], type_: ListOf) -> list[object] | None:
    """The values of a list of which all is constant, or None."""
    values: list[object] = []
    for item in items:
        if not isinstance(item, Value):
            return None
        values.append(item.value)
    # Of enum members and texts side by side the values alone do not say which is which.
    return None if type_.item == OBJECT else values


def fold(op: str, operands: tuple[Expr, ...]) -> object:
    """What the operator makes of constants, or UNFOLDED."""
    if not all(isinstance(one, Value) for one in operands):
        return UNFOLDED
    values = [one.value for one in operands if isinstance(one, Value)]
    if any(one.type == NOTHING for one in operands):
        return UNFOLDED
    try:
        if len(values) == 1:
            return not values[0] if op == "not" else -values[0]  # type: ignore[operator]
        if not _small(values):
            return UNFOLDED
        return _OPERATORS[op](*values)
    except (ArithmeticError, TypeError, ValueError):
        return UNFOLDED


def _small(values: list[object]) -> bool:
    """Whether what comes of the values has a reasonable size."""
    bits = sum(v.bit_length() for v in values if isinstance(v, int))
    length = sum(len(v) for v in values if isinstance(v, str | bytes | list))
    return bits <= _MOST_BITS and length <= _LONGEST
