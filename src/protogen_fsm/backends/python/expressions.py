"""Expressions as Python: printed from what they mean, never pasted."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from protogen_fsm.backends.python import layout
from protogen_fsm.backends.python.names import RUNTIME, annotation
from protogen_fsm.model import expressions as ex
from protogen_fsm.model import moves
from protogen_fsm.model.types import BOOL, BYTES, STR, Enum, Range, is_int

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogen_fsm.model.machine import Event
    from protogen_fsm.model.messages import Message
    from protogen_fsm.model.types import Param, Type

_BINDS = {"or": 1, "and": 2, "not": 3, "+": 5, "-": 5, "*": 6, "%": 6}
_COMPARES, _SIGN, _WHOLE = 4, 7, 9


@dataclass(slots=True)
class Scope:
    """What names stand for where an expression is printed.

    `event`: the row's names for the event's parameters, as the method's own. `held`: variables and
    parameters of states whose new value is in a local already, by name and by (state, name).
    `answer` and `told` are what the method calls its own locals,
    `each` what the items of a list are called while it is gone through.
    """

    event: dict[str, str] = field(default_factory=dict)
    held: dict[str | tuple[str, str], str] = field(default_factory=dict)
    answer: str = "answer"
    told: str = "told"
    each: dict[str, str] = field(default_factory=dict)
    is_made: bool = False  # the machine has no attributes yet, its parameters are locals
    taking: Event | None = None  # what the step takes
    replies: list[str] = field(default_factory=list)  # what it tells of those that were asked for
    encoder: Callable[[Message], str] | None = None  # names what prints a message


def expression(e: ex.Expr, scope: Scope) -> str:
    """An expression, as it stands behind `=` or between commas."""
    return _print(e, scope)[0]


def operand(e: ex.Expr, scope: Scope, operator: str) -> str:
    """An expression as it stands to the right of an operator."""
    return _within(e, scope, _BINDS[operator] + 1)


def operands(e: ex.Expr, scope: Scope) -> tuple[list[str], str]:
    """A condition as its operands and the operator between them, for breaking lines."""
    if isinstance(e, ex.Op) and e.op in ("and", "or"):
        flat: list[ex.Expr] = []
        todo: list[ex.Expr] = [e]
        while todo:
            one = todo.pop()
            if isinstance(one, ex.Op) and one.op == e.op:
                todo.extend(reversed(one.operands))
            else:
                flat.append(one)
        return [layout.plain(_within(one, scope, _BINDS[e.op])) for one in flat], e.op
    return [layout.plain(expression(e, scope))], "and"


def _print(e: ex.Expr, scope: Scope) -> tuple[str, int]:
    if isinstance(e, ex.Value):
        if isinstance(e.value, list | tuple):
            return layout.listed("", [literal(one) for one in e.value], "[]"), _WHOLE
        return literal(e.value), _SIGN if _negative(e.value) else _WHOLE
    if isinstance(e, ex.Local):
        return _local(e, scope), _WHOLE
    if isinstance(e, ex.Var):
        return scope.held.get(e.variable.name, f"self.{e.variable.name}"), _WHOLE
    if isinstance(e, ex.Op):
        return _operation(e, scope)
    if isinstance(e, ex.MakeList):
        return layout.listed("", [kept(item, scope) for item in e.items], "[]"), _WHOLE
    if isinstance(e, ex.Each):
        return _each(e, scope), _WHOLE
    if isinstance(e, ex.Item):
        return f"{_within(e.value, scope, _WHOLE)}[{expression(e.index, scope)}]", _WHOLE
    if isinstance(e, ex.Slice):
        ends = f"{_end(e.begin, scope)}:{_end(e.end, scope)}"
        return f"{_within(e.value, scope, _WHOLE)}[{ends}]", _WHOLE
    if isinstance(e, ex.FieldOf):
        return f"{_within(e.value, scope, _WHOLE)}.{e.name}", _WHOLE
    if isinstance(e, ex.Ask):
        return f"self.{e.question.name}({_list(e.args, scope)})", _WHOLE
    if isinstance(e, ex.Make):
        return layout.made(e.struct.name, [kept(a, scope) for a in e.args]), _WHOLE
    if isinstance(e, ex.Function):
        return _function(e, scope), _WHOLE
    if isinstance(e, ex.Frame):
        assert scope.encoder is not None
        given = [expression(arg, scope) for arg in e.args]
        return layout.made(scope.encoder(e.message), given), _WHOLE
    if isinstance(e, ex.InState):
        leaves = moves.leaves_of([e.state])
        if len(leaves) == 1:
            return f'self.{e.subject} == "{leaves[0].name}"', _COMPARES
        return layout.listed(f"self.{e.subject} in ", [f'"{s.name}"' for s in leaves]), _COMPARES
    if isinstance(e, ex.Holds):
        return _holds(e, "in", scope), _COMPARES
    if isinstance(e, ex.Count):
        return f"len(self.{e.many.name})", _WHOLE
    raise TypeError(f"no Python for {type(e).__name__}")


def _each(e: ex.Each, scope: Scope) -> str:
    """A list comprehension; what it calls an item hides nothing that it speaks of."""
    stands = f"\x10{len(scope.each)}\x10"  # no text of a spec holds such characters
    within = replace(scope, each={**scope.each, e.name: stands})
    source, made = expression(e.source, scope), kept(e.made, within)
    clauses = [made, f"for {stands} in {source}"]
    if e.kept is not None:
        clauses.append(f"if {expression(e.kept, within)}")
    said = set(re.findall(r"\w+", " ".join(clauses))) | set(keyword.kwlist) | {"self"}
    name = e.name
    while name in said:
        name += "_"
    return layout.comprehension(clauses).replace(stands, name)


def _end(e: ex.Expr | None, scope: Scope) -> str:
    """An end of a slice. Only one that is written negative counts from the back."""
    if e is None:
        return ""
    if isinstance(e, ex.Value) or _is_never_negative(e):
        shown, binds = _print(e, scope)
        return shown if binds >= _SIGN else f"({shown})"
    return f"max({expression(e, scope)}, 0)"


def _is_never_negative(e: ex.Expr) -> bool:
    if isinstance(e, ex.Value):
        return isinstance(e.value, int) and e.value >= 0
    if isinstance(e, ex.Op):
        return e.op in ("+", "*") and all(map(_is_never_negative, e.operands))
    if isinstance(e.type, Range):
        return e.type.low >= 0
    return isinstance(e, ex.Function) and e.name == "size"


def literal(value: object) -> str:
    """A constant, by `repr`, with double quotes as the formatter has them."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    shown = repr(value)
    if isinstance(value, str | bytes) and '"' not in shown:
        at = shown.index("'")
        return f'{shown[:at]}"{shown[at + 1 : -1]}"'.replace("\\'", "'")
    if isinstance(value, str | bytes) and shown.endswith("'") and "\\'" not in shown:
        at = shown.index("'")
        inner = shown[at + 1 : -1]
        if inner.count('"') == 0:
            return f'{shown[:at]}"{inner}"'
    return shown


def declared(param: Param) -> str:
    """A parameter as a method declares it, with what it is where it is not given."""
    default = f" = {literal(param.default)}" if param.has_default else ""
    return f"{param.name}: {annotation(param.type)}{default}"


def _negative(value: object) -> bool:
    return isinstance(value, int | float) and value < 0


def _local(e: ex.Local, scope: Scope) -> str:
    if e.scope == "each":
        return scope.each[e.name]
    if e.scope == "event":
        return scope.event[e.name]
    if e.scope == "outcome":
        return f"{scope.answer}.{e.name}"
    if e.scope == "machine":
        return e.name if scope.is_made else f"self.{e.name}"
    assert e.state is not None
    return scope.held.get((e.state.name, e.name), f"self.{state_slot(e.state.name, e.name)}")


def state_slot(state: str, param: str) -> str:
    """The attribute that holds a state's parameter."""
    name = f"_{state}_{param}"
    return f"{name}_" if name in RUNTIME else name


def _within(e: ex.Expr, scope: Scope, binds: int) -> str:
    shown, own = _print(e, scope)
    return f"({layout.plain(shown)})" if own < binds else shown


def _list(args: tuple[ex.Expr, ...], scope: Scope) -> str:
    return ", ".join(expression(arg, scope) for arg in args)


def _operation(e: ex.Op, scope: Scope) -> tuple[str, int]:
    if len(e.operands) == 1:
        (inner,) = e.operands
        if e.op == "not":
            if isinstance(inner, ex.Holds):
                return _holds(inner, "not in", scope), _COMPARES
            if isinstance(inner, ex.Op) and inner.op == "in":
                return _binary(inner, "not in", scope), _COMPARES
            return f"not {_within(inner, scope, _BINDS['not'])}", _BINDS["not"]
        return f"-{_within(inner, scope, _SIGN)}", _SIGN
    op = e.op.replace("_", " ")
    return _binary(e, op, scope), _BINDS.get(op, _COMPARES)


def _holds(e: ex.Holds, op: str, scope: Scope) -> str:
    return f"{_within(e.key, scope, _COMPARES + 1)} {op} self.{e.many.name}"


def _binary(e: ex.Op, op: str, scope: Scope) -> str:
    left, right = _alike(*e.operands)
    if isinstance(right, ex.Value) and right.value is None and op in ("==", "!="):
        op = "is" if op == "==" else "is not"
    binds = _BINDS.get(op, _COMPARES)
    before, behind = _within(left, scope, binds), _within(right, scope, binds + 1)
    if op in ("+", "-"):
        return layout.summed(before, op, behind)
    return f"{layout.plain(before)} {op} {layout.plain(behind)}"


def _alike(left: ex.Expr, right: ex.Expr) -> tuple[ex.Expr, ex.Expr]:
    """A text literal beside bytes is bytes."""
    if left.type == BYTES and right.type == STR and isinstance(right, ex.Value):
        right = ex.Value(str(right.value).encode(), BYTES, right.span)
    if right.type == BYTES and left.type == STR and isinstance(left, ex.Value):
        left = ex.Value(str(left.value).encode(), BYTES, left.span)
    return left, right


_METHODS = {"hex": "hex", "lower": "lower", "upper": "upper", "strip": "strip"}


def python_name(e: ex.Function) -> str:
    """What the function is called in Python, where it is a call there."""
    if e.name == "bytes" and len(e.args) == 2:
        return "packed"
    if e.name == "int" and len(e.args) == 2:
        return "whole" if is_int(e.args[1].type) else "unpacked"
    return "len" if e.name == "size" else e.name


def _beside(e: ex.Function) -> tuple[ex.Expr, ...]:
    """What stands beside text or bytes in a function, as the same."""
    return tuple(_alike(e.args[0], arg)[1] for arg in e.args[1:])


def _function(e: ex.Function, scope: Scope) -> str:
    first = e.args[0]
    if e.name == "size":
        return f"len({expression(first, scope)})"
    if e.name == "join":
        between = _within(e.args[1], scope, _WHOLE)
        return layout.made(f"{between}.join", [expression(first, scope)])
    if e.name == "matches":
        return layout.made("matches", [expression(arg, scope) for arg in e.args])
    if e.name in ("find", "replace", "split"):
        return f"{_within(first, scope, _WHOLE)}.{e.name}({_list(_beside(e), scope)})"
    if len(e.args) == 2 and e.name in ("int", "bytes"):
        return f"{python_name(e)}({_list(e.args, scope)})"
    if e.name == "hex" and first.type != BYTES:
        return f'format({expression(first, scope)}, "x")'
    if e.name == "str" and first.type == BOOL:
        return f'("true" if {_within(first, scope, _WHOLE)} else "false")'
    if e.name in _METHODS:
        return f"{_within(first, scope, _WHOLE)}.{_METHODS[e.name]}()"
    if e.name == "bytes":
        if first.type == BYTES:
            return expression(first, scope)
        return f"{_within(first, scope, _WHOLE)}.encode()"
    if e.name == "str" and first.type == BYTES:
        return f'str({expression(first, scope)}, "utf-8")'
    if e.name == "str" and (first.type == STR or isinstance(first.type, Enum)):
        return expression(first, scope)
    return layout.made(e.name, [expression(arg, scope) for arg in e.args])


def is_safe(e: ex.Expr) -> bool:
    """Whether evaluating it can neither raise nor ask the user's code."""
    for one in ex.walk(e):
        if isinstance(one, ex.Item | ex.Ask | ex.Holds | ex.Count | ex.Frame):
            return False
        if isinstance(one, ex.Op) and one.op in ("%", "*"):
            return False
        if isinstance(one, ex.Function) and one.name not in (
            "size",
            "lower",
            "upper",
            "strip",
            "hex",
            "find",
            "join",
            "matches",
            "replace",
            "split",
            "xor",
            "utf8",
            "sha1",
            "base64",
        ):
            return False
    return True


def reads(e: ex.Expr) -> set[str | tuple[str, str]]:
    """The variables and parameters of states that it reads."""
    found: set[str | tuple[str, str]] = set()
    for one in ex.walk(e):
        if isinstance(one, ex.Var):
            found.add(one.variable.name)
        elif isinstance(one, ex.Local) and one.scope == "state" and one.state is not None:
            found.add((one.state.name, one.name))
    return found


def fold(e: ex.Expr) -> object:
    """The value of an expression of constants only; raises ValueError if it is none."""
    if isinstance(e, ex.Value):
        return e.value
    if isinstance(e, ex.Op) and e.op == "+" and len(e.operands) == 2:
        left, right = fold(e.operands[0]), fold(e.operands[1])
        if type(left) is type(right) and isinstance(left, int | str | bytes):
            return left + right  # type: ignore[operator]
    if isinstance(e, ex.Function) and e.name == "str" and len(e.args) == 1:
        value = fold(e.args[0])
        if isinstance(value, int | str):
            return str(value)
    raise ValueError("not constant")


def kept(e: ex.Expr, scope: Scope) -> str:
    """A value as something else keeps it: a list is a copy, since its owner may add to it."""
    shown = expression(e, scope)
    return f"[*{shown}]" if is_bare_list(e, e.type) else shown


def is_bare_list(e: ex.Expr, type_: Type) -> bool:
    """Whether it hands about a list that somebody else holds too."""
    from protogen_fsm.model.types import ListOf

    return isinstance(e, ex.Var | ex.Local | ex.FieldOf | ex.Item) and isinstance(type_, ListOf)
