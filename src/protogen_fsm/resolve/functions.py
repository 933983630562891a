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
    is_int,
)
from protogen_fsm.resolve.instances import count
from protogen_fsm.resolve.lengths import is_layout, layout_of, packed
from protogen_fsm.resolve.texts import unreadable
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
    "int": "a number, or text or bytes that hold one; with a base, or the layout of bytes",
    "str": "anything",
    "bytes": "text or bytes, or a whole number and its layout",
    "hex": "bytes or a whole number",
    "lower": "text or bytes",
    "upper": "text or bytes",
    "strip": "text or bytes",
    "lines": "a list of texts",
    "join": "a list of texts or of bytes, and what stands between them",
    "split": "text or bytes, and where to cut (a constant, not empty)",
    "find": "text or bytes, and what is looked for",
    "replace": "text or bytes, what is replaced (a constant, not empty), and by what",
    "matches": "text or bytes, and a regular expression (a constant)",
    "dotted": "bytes",
    "xor": "two bytes, the data and the key",
    "utf8": "bytes",
    "sha1": "bytes",
    "base64": "bytes",
    "random": "how many bytes",
    "number": "text or a list of texts, and the word before the number",
}


def call_function(typer: Typer, call: tree.Call) -> Expr:
    """A call of a built-in function, typed."""
    name = call.function.text
    if name == "size" and len(call.args) == 1:
        held = count(typer, call)
        if held is not None:
            return held
    args: list[Expr] = []
    for arg in call.args:
        if arg.name is not None:
            typer.report.error(
                "PG107",
                f"`{name}` takes its arguments by position",
                arg.name.span,
                "a name cannot stand here",
            )
        layout = layout_of(typer, arg.value) if name in _WITH_LAYOUT and args else None
        args.append(typer.typed(arg.value) if layout is None else layout)
    types = [arg.type for arg in args]
    if NOTHING in types:
        return Function(name, tuple(args), _given(name, types), call.span)
    if name in _OF_BYTES:
        args = [fitted(arg, BYTES) or arg for arg in args]
        types = [arg.type for arg in args]
    if name == "join" and len(args) == 2 and types[0] == ListOf(BYTES):
        args[1] = fitted(args[1], BYTES) or args[1]
        types = [arg.type for arg in args]
    if name in ("find", "replace", "split") and len(args) > 1 and BYTES in types:
        args = [fitted(arg, BYTES) or arg for arg in args]
        types = [arg.type for arg in args]
    wrong = name in ("replace", "split") and len(args) > 1 and not _is_something(args[1])
    wrong = wrong or (name == "matches" and not (len(args) == 2 and _is_regex(typer, args[1])))
    if not _takes(name, args) or wrong:
        got = ", ".join(f"`{type_}`" for type_ in types) or "nothing"
        typer.report.error(
            "PG107" if _count(name, len(types)) else "PG106",
            f"`{name}` takes {FUNCTIONS[name]}, not {got}",
            call.span,
            f"this gives it {got}",
        )
    result = _given(name, types)
    if name == "bytes" and all(isinstance(arg, Value) for arg in args) and len(args) == 2:
        known = _packed(typer, args, call)
        if known is not None:
            return known
    if name == "bytes" and len(args) == 1 and isinstance(args[0], Value):
        made = fitted(args[0], BYTES)
        if made is not None:
            return made
    return Function(name, tuple(args), result, call.span)


_OF_BYTES = frozenset({"dotted", "xor", "utf8", "sha1", "base64"})
_WITH_LAYOUT = frozenset({"int", "bytes"})
_TAKE = {
    "number": (2,),
    "join": (2,),
    "matches": (2,),
    "split": (2,),
    "xor": (2,),
    "find": (2,),
    "replace": (3,),
    "int": (1, 2),
    "bytes": (1, 2),
}


def _is_something(e: Expr) -> bool:
    """Whether it is known not to be empty: between any two bytes there is an empty text."""
    return isinstance(e, Value) and bool(e.value)


def _is_regex(typer: Typer, e: Expr) -> bool:
    """Whether it is a regular expression that is known; what cannot be read is told."""
    if not isinstance(e, Value) or not isinstance(e.value, str):
        return False
    if reason := unreadable(e.value):
        typer.report.error("PG308", "a regular expression cannot be read", e.span, reason)
    return True


def _packed(typer: Typer, args: list[Expr], call: tree.Call) -> Value | None:
    """A known number as bytes of a known layout."""
    value, layout = (arg.value for arg in args if isinstance(arg, Value))
    if not isinstance(value, int) or not isinstance(layout, str):
        return None
    made = packed(value, layout)
    if made is None:
        if layout != "varint":
            typer.report.error(
                "PG106",
                f"{value} does not fit into `{layout}`",
                call.span,
                "out of range",
            )
        return None
    return Value(made, BYTES, call.span)


def _count(name: str, n: int) -> bool:
    """Whether the number of arguments is what is wrong."""
    if name in {"min", "max"}:
        return n == 0
    return n not in _TAKE.get(name, (1,))


def _takes(name: str, args: list[Expr]) -> bool:
    types = [arg.type for arg in args]
    if _count(name, len(types)):
        return False
    one = types[0]
    if len(args) == 2 and name == "bytes":
        return is_int(one) and is_layout(args[1])
    if len(args) == 2 and name == "int":
        return one == BYTES if is_layout(args[1]) else one in (STR, BYTES) and is_int(types[1])
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
    if name == "matches":
        return one in (STR, BYTES) and types[1] == STR
    if name == "join":
        return types[1] in (STR, BYTES) and one in (ListOf(NOTHING), ListOf(types[1]))
    if name in ("find", "replace", "split"):
        return one in (STR, BYTES) and all(type_ == one for type_ in types)
    if name == "int":
        return is_number(one) or one in (STR, BYTES, BOOL)
    if name == "hex":
        return one in (BYTES, INT) or isinstance(one, Range)
    if name == "number":
        return one in (STR, ListOf(STR)) and types[1] == STR
    if name == "random":
        return is_int(one)
    if name in _OF_BYTES:
        return all(type_ == BYTES for type_ in types)
    return name == "str" or one in (STR, BYTES)


def _given(name: str, types: list[Type]) -> Type:
    if name in {"size", "int", "number", "find", "utf8"}:
        return INT
    if name == "matches":
        return BOOL
    if name in {"str", "hex"}:
        return STR
    if name in {"bytes", "lines", "dotted", "xor", "sha1", "base64", "random"}:
        return BYTES
    if name == "join":
        return types[1] if len(types) == 2 and types[1] in (STR, BYTES) else NOTHING
    if name == "split":
        return ListOf(types[0]) if types and types[0] in (STR, BYTES) else NOTHING
    if name == "sum":
        items = types[0] if types else NOTHING
        return FLOAT if items == ListOf(FLOAT) else INT
    if name in {"lower", "upper", "strip", "replace"}:
        return types[0] if types and types[0] in (STR, BYTES) else NOTHING
    result: Type = NOTHING
    for type_ in types:
        result = joined(result, type_.item if isinstance(type_, ListOf) else type_)
    if isinstance(result, Range):
        return result
    return result if result in (INT, FLOAT) else (INT if result == OBJECT else result)
