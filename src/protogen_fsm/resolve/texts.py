"""What can stand in a text pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model.types import BOOL, BYTES, FLOAT, NOTHING, STR, Enum, is_int

if TYPE_CHECKING:
    from protogen_fsm.model.types import Type


def has_text(type_: Type) -> bool:
    """Whether values of the type can stand in a text pattern."""
    return is_int(type_) or isinstance(type_, Enum) or type_ in (STR, BYTES, BOOL, FLOAT, NOTHING)
