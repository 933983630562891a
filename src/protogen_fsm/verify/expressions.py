"""What an expression means where not all values are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from protogen_fsm.model import expressions as ex
from protogen_fsm.model.types import Enum, is_int
from protogen_fsm.verify import values as vl
from protogen_fsm.verify.values import ANY, MANY, Between, Printed

if TYPE_CHECKING:
    from collections.abc import Callable


class Fails(Exception):
    """A step that comes to nothing, and is undone."""


class Scope(Protocol):
    """Where names are looked up, and predicates asked."""

    def name(self, e: ex.Local) -> Any:
        """What a parameter is."""

    def variable(self, e: ex.Var | ex.PeerVar) -> Any:
        """What a variable is."""

    def within(self, e: ex.InState) -> Any:
        """Whether a region, or a peer, is in a state."""

    def ask(self, e: ex.Ask) -> bool:
        """What the user's code answers."""


def evaluate(e: ex.Expr, scope: Scope) -> Any:
    """The value of an expression, as far as it is known; Fails where it certainly has none."""
    if isinstance(e, ex.Value):
        return tuple(e.value) if isinstance(e.value, list) else e.value
    if isinstance(e, ex.Var | ex.PeerVar):
        return scope.variable(e)
    if isinstance(e, ex.Local):
        return scope.name(e)
    if isinstance(e, ex.Op):
        return _operation(e, scope)
    if isinstance(e, ex.InState):
        return scope.within(e)
    if isinstance(e, ex.Ask):
        return scope.ask(e)
    if isinstance(e, ex.Frame):
        return Printed(e.message, tuple(evaluate(arg, scope) for arg in e.args))
    if isinstance(e, ex.Function):
        return _function(e, scope)
    if isinstance(e, ex.MakeList):
        return tuple(evaluate(item, scope) for item in e.items)
    if isinstance(e, ex.Each):
        source = evaluate(e.source, scope)
        if e.kept is None and source is MANY:
            return MANY
        return (ANY,) * len(source) if isinstance(source, tuple) and e.kept is None else ANY
    if isinstance(e, ex.Item):
        return _item(e, scope)
    return vl.typed(ANY, e.type)


def _item(e: ex.Item, scope: Scope) -> Any:
    value, index = evaluate(e.value, scope), evaluate(e.index, scope)
    if isinstance(value, tuple | str | bytes) and isinstance(index, int):
        try:
            found = value[index]
            return vl.typed(ANY, e.type) if found is ANY else found
        except IndexError:
            raise Fails("an index out of range") from None
    return vl.typed(ANY, e.type)


def _operation(e: ex.Op, scope: Scope) -> Any:
    op = e.op.replace("_", " ")
    if op in ("and", "or"):
        return _logic(op == "or", e.operands, scope)
    values = [evaluate(one, scope) for one in e.operands]
    if len(values) == 1:
        if op == "not":
            return ANY if values[0] is ANY else not values[0]
        return -values[0] if _number(values[0]) else vl.negative(values[0])
    left, right = values
    if op in ("==", "!="):
        equal = vl.same(left, right)
        return equal if equal is ANY or op == "==" else not equal
    if op in ("in", "not in"):
        held = _contains(left, right)
        return held if held is ANY or op == "in" else not held
    if op in _ORDER:
        if _number(left) and _number(right):
            return _ORDER[op](left, right)
        if op in ("<", "<="):
            return vl.less(left, right, op == "<=")
        return vl.less(right, left, op == ">=")
    return _arithmetic(op, left, right, e)


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _logic(decided_by: bool, operands: tuple[ex.Expr, ...], scope: Scope) -> Any:
    """`or` is decided by what is true, `and` by what is false."""
    unknown = False
    for one in operands:
        try:
            value = evaluate(one, scope)
        except Fails:
            if not unknown:
                raise
            return ANY  # what stands before may have decided
        if value is ANY:
            unknown = True
        elif bool(value) is decided_by:
            return decided_by
    return ANY if unknown else not decided_by


def _number(value: Any) -> bool:
    return isinstance(value, int | float)


def _contains(item: Any, whole: Any) -> Any:
    if isinstance(whole, tuple | str | bytes) and vl.is_exact(item) and vl.is_exact(whole):
        if isinstance(whole, bytes) and isinstance(item, str):
            item = item.encode()
        return item in whole
    return False if whole in ((), "", b"") and whole is not ANY else ANY


def _arithmetic(op: str, left: Any, right: Any, e: ex.Op) -> Any:
    if _number(left) and _number(right):
        if op == "%" and right == 0:
            raise Fails("a division by zero")
        found = {"+": left + right, "-": left - right, "*": left * right}
        return left % right if op == "%" else found[op]
    if op == "+" and MANY in (left, right):
        return MANY
    if op == "+" and isinstance(left, str | bytes | tuple):
        joined: Any = left
        return joined + right if type(left) is type(right) and len(left) < 64 else ANY
    if not is_int(e.type):
        return ANY
    if op == "+":
        return vl.add(left, right)
    if op == "-":
        return vl.add(left, vl.negative(right))
    if op == "%" and isinstance(right, int) and right > 0:
        return vl.between(0, right - 1)
    return Between(None, None)


def _function(e: ex.Function, scope: Scope) -> Any:
    args = [evaluate(arg, scope) for arg in e.args]
    if e.name == "dotted":
        return vl.DOTTED
    if e.name == "size" and isinstance(args[0], tuple | str | bytes):
        return len(args[0])
    if e.name in ("min", "max") and len(args) > 1:
        if all(map(_number, args)):
            return min(args) if e.name == "min" else max(args)
    elif e.name == "str" and isinstance(args[0], int | str) and not isinstance(args[0], bool):
        return str(args[0])
    elif e.name in ("lower", "upper", "strip") and isinstance(args[0], str | bytes):
        return getattr(args[0], e.name)()
    elif e.name == "int" and len(args) == 1 and isinstance(args[0], int):
        return args[0]
    if e.name == "size" and args[0] is MANY:
        return Between(vl.MOST_ITEMS + 1, None)
    if e.name in ("size", "number"):
        return Between(0, None)
    if isinstance(e.type, Enum):
        return ANY
    return vl.typed(ANY, e.type)
