"""Layouts of numbers, where an expression or a reading names one: `u8` … `u64le`, `varint`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model.expressions import Value
from protogen_fsm.model.types import STR, Enum
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.resolve.expressions import Typer

_BITS = (8, 16, 24, 32, 64)
NUMBERS = (*(f"u{bits}" for bits in _BITS), *(f"u{bits}le" for bits in _BITS[1:]))
LENGTHS = frozenset({*NUMBERS, "varint"})


def layout_of(typer: Typer, written: tree.Expr) -> Expr | None:
    """The layout that is named there, as text; None if it is something else.

    Either its bare name, or a value of an enum whose members are all names of layouts.
    """
    if isinstance(written, tree.Ref):
        name, span = written.name.text, written.span
        is_taken = not typer.only_constants and typer.local(name, span) is not None
        if name in LENGTHS and not is_taken and name not in typer.names.things:
            return Value(name, STR, span)
    if not isinstance(written, tree.Ref | tree.SelfRef | tree.Field):
        return None
    found = typer.typed(written)
    if not isinstance(found.type, Enum) or not LENGTHS.issuperset(found.type.members):
        return None
    return Value(found.value, STR, found.span) if isinstance(found, Value) else found


def is_layout(e: Expr) -> bool:
    """Whether a typed expression names a layout."""
    if isinstance(e, Value):
        return e.value in LENGTHS
    return isinstance(e.type, Enum) and LENGTHS.issuperset(e.type.members)


def packed(value: int, layout: str) -> bytes | None:
    """The number as bytes of that layout; None if it does not fit."""
    if layout == "varint":
        return None
    width = int(layout[1:].removesuffix("le")) // 8
    if not 0 <= value < 1 << 8 * width:
        return None
    return value.to_bytes(width, "little" if layout.endswith("le") else "big")
