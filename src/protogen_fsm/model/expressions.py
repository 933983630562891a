"""Expressions, typed and resolved: every name is what it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from protogen_fsm.model.machine import Many, Question, State, Variable
    from protogen_fsm.model.messages import Message
    from protogen_fsm.model.types import Struct, Type
    from protogen_fsm.source import Span


@dataclass(slots=True, eq=False, repr=False)
class Value:
    """A constant: a literal, bytes, a list of such; of an enum the member's name."""

    value: object
    type: Type
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Local:
    """A name that lives as long as the step, the state or the machine does.

    `scope`: `event` (a parameter of the event, as the transition names it), `outcome`, `state`
    (a parameter of `state`), `machine` (a parameter of the machine), `each` (an item of a list, in
    the `Each` around it).
    """

    name: str
    scope: Literal["event", "outcome", "state", "machine", "each"]
    type: Type
    span: Span
    state: State | None = None


@dataclass(slots=True, eq=False, repr=False)
class Var:
    """A machine's variable."""

    variable: Variable
    span: Span

    @property
    def type(self) -> Type:
        """The type the variable was declared with."""
        return self.variable.type


@dataclass(slots=True, eq=False, repr=False)
class Op:
    """`- not` with one operand; `+ - * % == != < <= > >= and or in not_in` with two."""

    op: str
    operands: tuple[Expr, ...]
    type: Type
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class MakeList:
    """`[a, b]` of which not all is constant."""

    items: tuple[Expr, ...]
    type: Type
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Each:
    """`[made for name in source if kept]`; `made` and `kept` may speak of the item by its name."""

    made: Expr
    name: str
    source: Expr
    kept: Expr | None
    type: Type
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Item:
    """`x[i]`."""

    value: Expr
    index: Expr
    type: Type
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Slice:
    """`x[a:b]`, each end None if it was left out; a negative constant counts from the back."""

    value: Expr
    begin: Expr | None
    end: Expr | None
    type: Type
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class FieldOf:
    """`x.field` of a struct."""

    value: Expr
    name: str
    type: Type
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Function:
    """A built-in function: `size sum min max int str bytes hex lower upper strip find …`.

    Where a layout is named (`bytes(n, u16)`), it is a text.
    """

    name: str
    args: tuple[Expr, ...]
    type: Type
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Ask:
    """A predicate asked of the user's code."""

    question: Question
    args: tuple[Expr, ...]
    type: Type
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Make:
    """A struct made of its fields."""

    struct: Struct
    args: tuple[Expr, ...]
    type: Type
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Frame:
    """`M(args)`: a message as it is printed, in bytes."""

    message: Message
    args: tuple[Expr, ...]
    type: Type
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class InState:
    """`Sending in DONE`: whether a region (in a system: a peer) is in a state.

    Of several peers of one name `index` says which, None if it is not said. A peer's region is
    `server.Sending`.
    """

    subject: str
    state: State
    type: Type
    span: Span
    index: int | None = None


@dataclass(slots=True, eq=False, repr=False)
class PeerVar:
    """`server.recipients`, in a system's properties: a variable of a peer's machine."""

    peer: str
    variable: Variable
    span: Span
    index: int | None = None

    @property
    def type(self) -> Type:
        """The type the variable was declared with."""
        return self.variable.type


@dataclass(slots=True, eq=False, repr=False)
class Holds:
    """`id in flights`: whether there is an instance with that key."""

    many: Many
    key: Expr
    type: Type
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Count:
    """`size(flights)`: how many instances there are."""

    many: Many
    type: Type
    span: Span


Expr: TypeAlias = (
    Value
    | Local
    | Var
    | Op
    | MakeList
    | Each
    | Item
    | Slice
    | FieldOf
    | Function
    | Ask
    | Make
    | Frame
    | InState
    | PeerVar
    | Holds
    | Count
)


def walk(expression: Expr) -> list[Expr]:
    """The expression and all within it, outer before inner."""
    found: list[Expr] = []
    todo: list[Expr] = [expression]
    while todo:
        one = todo.pop()
        found.append(one)
        inside = _INSIDE.get(type(one))
        if inside is not None:
            todo += inside(one)
    return found


_INSIDE: dict[type, Callable[[Any], Iterable[Expr]]] = {  # the last first
    Op: lambda e: reversed(e.operands),
    MakeList: lambda e: reversed(e.items),
    Function: lambda e: reversed(e.args),
    Ask: lambda e: reversed(e.args),
    Make: lambda e: reversed(e.args),
    Frame: lambda e: reversed(e.args),
    Each: lambda e: (e.made, e.source) if e.kept is None else (e.made, e.kept, e.source),
    Item: lambda e: (e.index, e.value),
    Slice: lambda e: [one for one in (e.end, e.begin, e.value) if one is not None],
    FieldOf: lambda e: (e.value,),
    Holds: lambda e: (e.key,),
}
