"""Layouts of binary fields: which there are, and what lies so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from protogen_fsm.model.expressions import Value
from protogen_fsm.model.types import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    NOTHING,
    OBJECT,
    STR,
    Enum,
    ListOf,
    Range,
    Struct,
    fits,
    is_int,
)

if TYPE_CHECKING:
    from protogen_fsm.model.messages import Layout
    from protogen_fsm.model.types import Type

_NUMBER = re.compile(r"([ui])(8|16|24|32|64)(?:le)?|f(32|64)(?:le)?")
KINDS = (
    *(f"{sign}{bits}" for sign in "ui" for bits in (8, 16, 24, 32, 64)),
    *(f"{sign}{bits}le" for sign in "ui" for bits in (16, 24, 32, 64)),
    *("f32", "f64", "f32le", "f64le", "bits", "varint", "bytes", "str", "cstr", "rest"),
)


def type_of(layout: Layout) -> Type:
    """The type of the values that lie so."""
    one = _one(layout)
    return ListOf(one) if layout.repeat is not None or layout.repeat_rest else one


def _one(layout: Layout) -> Type:
    if layout.struct is not None:
        return layout.struct
    if layout.kind == "bits":
        size = layout.size
        if isinstance(size, Value) and isinstance(size.value, int) and 1 <= size.value <= 64:
            return Range(0, (1 << size.value) - 1)
        return NOTHING
    match = _NUMBER.fullmatch(layout.kind)
    if match is None:
        return _OTHERS[layout.kind]
    if match[3]:
        return FLOAT
    bits = int(match[2])
    half = 1 << (bits - 1)
    return Range(0, 2 * half - 1) if match[1] == "u" else Range(-half, half - 1)


_OTHERS = {"varint": INT, "bytes": BYTES, "str": STR, "cstr": STR, "rest": BYTES}


def holds(given: Type, asked: Type, layout: Layout) -> bool:
    """Whether values of the field's type can lie so; a value too large is refused when printed."""
    if NOTHING in (given, asked):
        return True
    if isinstance(given, ListOf):
        return isinstance(asked, ListOf) and holds(given.item, asked.item, layout)
    if isinstance(given, Struct):
        return asked is given or asked == OBJECT
    if is_int(given):
        return is_int(asked) or asked == BOOL or isinstance(asked, Enum)
    if layout.kind == "rest" and asked == STR:
        return True
    return fits(given, asked)
