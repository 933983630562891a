"""The built-in functions of expressions: what they take and what they give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model.expressions import Function, Value
from protogen_fsm.model.types import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    NOTHING,
    OBJECT,
    STR,
    ListOf,
    Range,
)
from protogen_fsm.resolve.values import fitted, is_number, joined

if TYPE_CHECKING:
    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.types import Type
    from protogen_fsm.resolve.expressions import Typer
    from protogen_fsm.syntax import tree

# What each takes, in words.
FUNCTIONS = {
    "size": "a list, text or bytes",
    "sum": "a list of numbers",
    "min": "numbers, or a list of numbers",
    "max": "numbers, or a list of numbers",
    "int": "a number, or text or bytes that hold one",
    "str": "anything",
    "bytes": "text or bytes",
    "hex": "bytes or a whole number",
    "lower": "text or bytes",
    "upper": "text or bytes",
    "strip": "text or bytes",
    "lines": "a list of texts",
    "dotted": "bytes",
    "number": "text or a list of texts, and the word before the number",
}


def call_function(typer: Typer, call: tree.Call) -> Expr:
    """A call of a built-in function, typed."""
    name = call.function.text
    args = []
    for arg in call.args:
        if arg.name is not None:
            typer.report.error(
                "PG107",
                f"`{name}` takes its arguments by position",
                arg.name.span,
                "a name cannot stand here",
            )
        args.append(typer.typed(arg.value))
    types = [arg.type for arg in args]
    if NOTHING in types:
        return Function(name, tuple(args), _given(name, types), call.span)
    if name == "dotted" and len(args) == 1:
        args = [fitted(args[0], BYTES) or args[0]]
        types = [args[0].type]
    if not _takes(name, types):
        got = ", ".join(f"`{type_}`" for type_ in types) or "nothing"
        typer.report.error(
            "PG107" if _count(name, len(types)) else "PG106",
            f"`{name}` takes {FUNCTIONS[name]}, not {got}",
            call.span,
            f"this gives it {got}",
        )
    result = _given(name, types)
    if name == "bytes" and len(args) == 1 and isinstance(args[0], Value):
        made = fitted(args[0], BYTES)
        if made is not None:
            return made
    return Function(name, tuple(args), result, call.span)


def _count(name: str, n: int) -> bool:
    """Whether the number of arguments is what is wrong."""
    if name in {"min", "max"}:
        return n == 0
    return n != (2 if name == "number" else 1)


def _takes(name: str, types: list[Type]) -> bool:
    if _count(name, len(types)):
        return False
    one = types[0]
    if name in {"min", "max"}:
        if len(types) == 1:
            return isinstance(one, ListOf) and (one.item == NOTHING or is_number(one.item))
        return all(is_number(type_) for type_ in types)
    if name == "sum":
        return isinstance(one, ListOf) and (one.item == NOTHING or is_number(one.item))
    if name == "lines":
        return isinstance(one, ListOf) and one.item in (NOTHING, STR)
    if name == "size":
        return isinstance(one, ListOf) or one in (STR, BYTES)
    if name == "int":
        return is_number(one) or one in (STR, BYTES, BOOL)
    if name == "hex":
        return one in (BYTES, INT) or isinstance(one, Range)
    if name == "number":
        return one in (STR, ListOf(STR)) and types[1] == STR
    if name == "dotted":
        return one == BYTES
    return name == "str" or one in (STR, BYTES)


def _given(name: str, types: list[Type]) -> Type:
    if name in {"size", "int", "number"}:
        return INT
    if name in {"str", "hex"}:
        return STR
    if name in {"bytes", "lines", "dotted"}:
        return BYTES
    if name == "sum":
        items = types[0] if types else NOTHING
        return FLOAT if items == ListOf(FLOAT) else INT
    if name in {"lower", "upper", "strip"}:
        return types[0] if types and types[0] in (STR, BYTES) else NOTHING
    result: Type = NOTHING
    for type_ in types:
        result = joined(result, type_.item if isinstance(type_, ListOf) else type_)
    if isinstance(result, Range):
        return result
    return result if result in (INT, FLOAT) else (INT if result == OBJECT else result)
