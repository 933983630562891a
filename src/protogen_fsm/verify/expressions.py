"""What an expression means where not all values are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from protogen_fsm.model import expressions as ex
from protogen_fsm.model.types import BYTES, Enum, is_int
from protogen_fsm.verify import octets as oc
from protogen_fsm.verify import values as vl
from protogen_fsm.verify.frames import may_hold
from protogen_fsm.verify.values import ANY, MANY, SHORT, Between, Octets, Printed

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogen_fsm.model.types import Type


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

    def held(self, e: ex.Holds | ex.Count) -> Any:
        """Whether there is an instance, or how many there are."""


Meaning: TypeAlias = "Callable[[Scope], Any]"
"""The value of an expression, as far as it is known; Fails where it certainly has none."""


def evaluate(e: ex.Expr, scope: Scope) -> Any:
    """The value of an expression that is asked for once."""
    return meaning(e)(scope)


def meaning(e: ex.Expr) -> Meaning:
    """An expression as a function: what it is made of is looked at once, not at each step."""
    if isinstance(e, ex.Value):
        value = tuple(e.value) if isinstance(e.value, list) else e.value
        return lambda scope: value
    if isinstance(e, ex.Var | ex.PeerVar):
        return lambda scope: scope.variable(e)
    if isinstance(e, ex.Local):
        return lambda scope: scope.name(e)
    if isinstance(e, ex.Op):
        return _operation(e)
    if isinstance(e, ex.InState):
        return lambda scope: scope.within(e)
    if isinstance(e, ex.Ask):
        return lambda scope: scope.ask(e)
    if isinstance(e, ex.Holds | ex.Count):
        return lambda scope: scope.held(e)
    if isinstance(e, ex.Frame):
        args = _all(e.args)
        return lambda scope: Printed(e.message, args(scope))
    if isinstance(e, ex.Function):
        return _function(e)
    if isinstance(e, ex.Slice) and e.type == BYTES:
        return _slice(e)
    if isinstance(e, ex.MakeList):
        return _all(e.items)
    if isinstance(e, ex.Each):
        return _each(e)
    if isinstance(e, ex.Item):
        return _item(e)
    unknown = vl.typed(ANY, e.type)
    return lambda scope: unknown


def _all(es: tuple[ex.Expr, ...]) -> Callable[[Scope], tuple[Any, ...]]:
    parts = [meaning(e) for e in es]
    return lambda scope: tuple([part(scope) for part in parts])


def _each(e: ex.Each) -> Meaning:
    source = meaning(e.source)

    def made(scope: Scope) -> Any:
        value = source(scope)
        if e.kept is None and value is MANY:
            return MANY
        return (ANY,) * len(value) if isinstance(value, tuple) and e.kept is None else ANY

    return made


def _item(e: ex.Item) -> Meaning:
    whole, at, unknown = meaning(e.value), meaning(e.index), vl.typed(ANY, e.type)

    def item(scope: Scope) -> Any:
        value, index = whole(scope), at(scope)
        if isinstance(value, tuple | str | bytes) and isinstance(index, int):
            try:
                found = value[index]
                return unknown if found is ANY else found
            except IndexError:
                raise Fails("an index out of range") from None
        return unknown

    return item


def _operation(e: ex.Op) -> Meaning:
    op = e.op.replace("_", " ")
    if op in ("and", "or"):
        return _logic(op == "or", e.operands)
    if len(e.operands) == 1:
        one = meaning(e.operands[0])
        return _opposite(one) if op == "not" else lambda scope: _negative(one(scope))
    first, second = map(meaning, e.operands)
    if op in _COMPARED:
        compared = _COMPARED[op]
        return lambda scope: compared(first(scope), second(scope))
    type_ = e.type
    return lambda scope: _arithmetic(op, first(scope), second(scope), type_)


def _opposite(one: Meaning) -> Meaning:
    def opposite(scope: Scope) -> Any:
        value = one(scope)
        return ANY if value is ANY else not value

    return opposite


def _negative(value: Any) -> Any:
    return -value if _number(value) else vl.negative(value)


def _unequal(left: Any, right: Any) -> Any:
    equal = vl.same(left, right)
    return equal if equal is ANY else not equal


def _lacks(item: Any, whole: Any) -> Any:
    held = _contains(item, whole)
    return held if held is ANY else not held


def _logic(decided_by: bool, operands: tuple[ex.Expr, ...]) -> Meaning:
    """`or` is decided by what is true, `and` by what is false."""
    parts = [meaning(one) for one in operands]

    def logic(scope: Scope) -> Any:
        unknown = False
        for part in parts:
            try:
                value = part(scope)
            except Fails:
                if not unknown:
                    raise
                return ANY  # what stands before may have decided
            if value is ANY:
                unknown = True
            elif bool(value) is decided_by:
                return decided_by
        return ANY if unknown else not decided_by

    return logic


def _number(value: Any) -> bool:
    return isinstance(value, int | float)


def _contains(item: Any, whole: Any) -> Any:
    if isinstance(whole, tuple | str | bytes) and vl.is_exact(item) and vl.is_exact(whole):
        if isinstance(whole, bytes) and isinstance(item, str):
            item = item.encode()
        return item in whole
    if item in ("\r", "\n", b"\r", b"\n"):
        char = item if isinstance(item, str) else item.decode()
        if whole is SHORT or (isinstance(whole, Printed) and not may_hold(whole, char)):
            return False
    return False if whole in ((), "", b"") and whole is not ANY else ANY


_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "==": vl.same,
    "!=": _unequal,
    "in": _contains,
    "not in": _lacks,
    "<": lambda a, b: a < b if _number(a) and _number(b) else vl.less(a, b, False),
    "<=": lambda a, b: a <= b if _number(a) and _number(b) else vl.less(a, b, True),
    ">": lambda a, b: a > b if _number(a) and _number(b) else vl.less(b, a, False),
    ">=": lambda a, b: a >= b if _number(a) and _number(b) else vl.less(b, a, True),
}


def _arithmetic(op: str, left: Any, right: Any, type_: Type) -> Any:
    if _number(left) and _number(right):
        if op == "%" and right == 0:
            raise Fails("a division by zero")
        found = {"+": left + right, "-": left - right, "*": left * right}
        return left % right if op == "%" else found[op]
    if op == "+" and MANY in (left, right):
        return MANY
    if op == "+" and isinstance(left, Printed | Octets) and isinstance(right, Printed | Octets):
        return oc.joined(left, right)
    if op == "+" and isinstance(left, str | bytes | tuple):
        joined: Any = left
        return joined + right if type(left) is type(right) and len(left) < 64 else ANY
    if not is_int(type_):
        return ANY
    if op == "+":
        return vl.add(left, right)
    if op == "-":
        return vl.add(left, vl.negative(right))
    if op == "%" and isinstance(right, int) and right > 0:
        return vl.between(0, right - 1)
    return Between(None, None)


def _slice(e: ex.Slice) -> Meaning:
    whole = meaning(e.value)
    begin, end = (getattr(one, "value", None) for one in (e.begin, e.end))
    if any(one is not None and not isinstance(one, ex.Value) for one in (e.begin, e.end)):
        return lambda scope: ANY
    return lambda scope: oc.sliced(whole(scope), begin or 0, end)


def _function(e: ex.Function) -> Meaning:
    parts = oc.counted(e)
    if parts is not None:
        whole, (_, less, layout) = meaning(parts[0]), parts
        return lambda scope: oc.length(whole(scope), less, layout)
    args = _all(e.args)
    unknown = ANY if isinstance(e.type, Enum) else vl.typed(ANY, e.type)
    return lambda scope: _applied(e.name, args(scope), unknown)


def _applied(name: str, args: tuple[Any, ...], unknown: Any) -> Any:
    first = args[0] if args else ANY
    if name == "dotted":
        return vl.DOTTED
    if name == "size":
        if isinstance(first, tuple | str | bytes):
            return len(first)
        return Between(vl.MOST_ITEMS + 1 if first is MANY else 0, None)
    if name in ("min", "max") and len(args) > 1:
        if all(map(_number, args)):
            return min(args) if name == "min" else max(args)
    elif name == "str" and isinstance(first, int | str) and not isinstance(first, bool):
        return str(first)
    elif name in ("lower", "upper", "strip") and isinstance(first, str | bytes):
        return getattr(first, name)()
    elif name == "int" and len(args) == 1 and isinstance(first, int):
        return first
    return Between(0, None) if name == "number" else unknown
