"""What can stand in a text pattern, and what is a regular expression."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from protogen_fsm.model.types import BOOL, BYTES, FLOAT, NOTHING, STR, Enum, is_int

if TYPE_CHECKING:
    from protogen_fsm.model.types import Type


def has_text(type_: Type) -> bool:
    """Whether values of the type can stand in a text pattern."""
    return is_int(type_) or isinstance(type_, Enum) or type_ in (STR, BYTES, BOOL, FLOAT, NOTHING)


def unreadable(regex: str | bytes) -> str:
    """Why a regular expression cannot be read, or will not in a Python to come; "" if it can."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(regex)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        return str(error)
    return ""
