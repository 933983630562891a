"""The tree of a spec, as it was written: names unresolved, every node with its place.

One class for each construct of docs/language.md. `Name`s are values that know their place.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from protogen_fsm.source import Source, Span

_T = TypeVar("_T")


@dataclass_transform(eq_default=False, field_specifiers=(field,))
def _node(cls: type[_T]) -> type[_T]:
    # One __repr__ for all of them: to generate each costs a quarter of this module's import.
    made = dataclass(slots=True, eq=False, repr=False)(cls)
    made.__repr__ = _shown  # type: ignore[method-assign]
    return made


def _shown(self: object) -> str:
    parts = (f"{f.name}={getattr(self, f.name)!r}" for f in fields(self))  # type: ignore[arg-type]
    return f"{type(self).__name__}({', '.join(parts)})"


@_node
class Name:
    """A name, a number (`250`), a class of numbers (`2xx`) or `*`, and where it stands."""

    text: str
    span: Span


@_node
class Text:
    """A string literal: its value, its place, and which of `"…"`, `i"…"`, `r"…"` it is."""

    value: str
    span: Span
    kind: Literal["plain", "ignore_case", "regex"] = "plain"


# ---------------------------------------------------------------- types


@_node
class NamedType:
    """`bool int str bytes float object`, an enum, a struct."""

    name: Name
    span: Span


@_node
class RangeType:
    """`low..high`, both ends included."""

    low: Expr
    high: Expr
    span: Span


@_node
class ListType:
    """`list[T]`."""

    item: Type
    span: Span


@_node
class OptionalType:
    """`T?`: a T or `none`."""

    item: Type
    span: Span


Type: TypeAlias = NamedType | RangeType | ListType | OptionalType


@_node
class Param:
    """`name: type`, in some places with `= default`."""

    name: Name
    type: Type
    default: Expr | None
    span: Span


# ---------------------------------------------------------------- expressions


@_node
class Constant:
    """A literal: int (sizes and numbers), float, str, bool, None (`none`), or a duration."""

    value: int | float | str | bool | None
    span: Span
    unit: Literal["", "duration", "size"] = ""  # a duration's value is in seconds
    raw: bool = False  # a text written as `r"…"`


@_node
class Ref:
    """A bare name: variable, parameter, constant, enum member, region."""

    name: Name
    span: Span


@_node
class SelfRef:
    """`self.x`: the variable x though a parameter hides it."""

    name: Name
    span: Span


@_node
class Unary:
    """`-x`, `not x`."""

    op: Literal["-", "not"]
    operand: Expr
    span: Span


@_node
class Binary:
    """`+ - * %`, `== != < <= > >=`, `and or`, `in`, `not in`.

    `Sending in DONE` (a region or machine in a state) is an `in` too; resolving tells them apart.
    """

    op: str
    left: Expr
    right: Expr
    span: Span


@_node
class ListOf:
    """`[a, b]`."""

    items: list[Expr]
    span: Span


@_node
class Each:
    """`[made for name in source if kept]`."""

    made: Expr
    name: Name
    source: Expr
    kept: Expr | None
    span: Span


@_node
class Index:
    """`x[i]`."""

    value: Expr
    index: Expr
    span: Span


@_node
class Slice:
    """`x[a:b]`; an end that is left out is None."""

    value: Expr
    begin: Expr | None
    end: Expr | None
    span: Span


@_node
class Field:
    """`x.field`; also `peer.variable` in a system's properties, `Enum.member`."""

    value: Expr
    name: Name
    span: Span


@_node
class Call:
    """`size(x)`, a predicate, a struct's constructor."""

    function: Name
    args: list[Arg]
    span: Span


@_node
class Arg:
    """An argument, by position or `name: value`."""

    name: Name | None
    value: Expr
    span: Span


Expr: TypeAlias = (
    Constant | Ref | SelfRef | Unary | Binary | ListOf | Each | Index | Slice | Field | Call
)


# ---------------------------------------------------------------- messages


@_node
class Literal_:
    """A literal part of a text pattern."""

    text: Text
    span: Span


@_node
class PatternField:
    """A field in a text pattern, by its type or with `:r"…"`; `list.field` in what is repeated."""

    name: Name
    item: Name | None
    regex: Text | None
    span: Span


@_node
class OptionalGroup:
    """`[…]` in a text pattern."""

    parts: list[PatternPart]
    span: Span


@_node
class RepeatedGroup:
    """`(…)*` in a text pattern."""

    parts: list[PatternPart]
    span: Span


PatternPart: TypeAlias = Literal_ | PatternField | OptionalGroup | RepeatedGroup


@_node
class TextPattern:
    """`= "MAIL FROM:<" sender ">" [" " parameters]`."""

    parts: list[PatternPart]
    span: Span


@_node
class Layout:
    """How a binary field lies: `u16le`, `bits(4)`, `bytes(n)`, `str(u16)`, `T[n]`, `T[rest]`."""

    kind: Name
    args: list[Layout | Expr]  # bytes(u16): a Layout; bytes(n + 2): an Expr
    repeat: Expr | Literal["rest"] | None  # T[n], T[rest]
    span: Span


@_node
class BinaryField:
    """`name: layout = constant if condition`; a nameless one is constant padding."""

    name: Name | None
    layout: Layout
    constant: Expr | None
    condition: Expr | None
    span: Span


@_node
class BinaryPattern:
    """`= { … }`."""

    fields: list[BinaryField | Struct]
    span: Span


@_node
class Codec:
    """`by codec "package.module:Name"`."""

    path: Text
    span: Span


@_node
class Struct:
    """`struct NAME { field: type … }` (a record) or with layouts (a binary record)."""

    name: Name
    doc: Text | None
    fields: list[Param | BinaryField | Struct]
    span: Span


@_node
class Message:
    """`message NAME(params) "doc" by field = pattern`."""

    name: Name
    params: list[Param]
    doc: Text | None
    by: Name | None
    pattern: TextPattern | BinaryPattern | Codec | None
    span: Span


# ---------------------------------------------------------------- machines


@_node
class Event:
    """An event in `receives sends accepts emits`.

    `params` is None where only a name is given (a message, or an event of the layer below).
    `call`: how it stands to calls, `unasked` or `cancel closes`.
    """

    name: Name
    params: list[Param] | None
    by: Name | None
    answered_by: list[Name]
    span: Span
    doc: Text | None = None
    call: Name | None = None


@_node
class Face:
    """One `receives`, `sends`, `accepts` or `emits` line."""

    kind: Literal["receives", "sends", "accepts", "emits"]
    events: list[Event]
    span: Span


@_node
class Var:
    """`var name: type = initial scope layer`."""

    name: Name
    type: Type
    initial: Expr | None
    scope: Name | None
    doc: Text | None
    span: Span


@_node
class Timer:
    """`timer NAME = 30s`."""

    name: Name
    duration: Expr
    doc: Text | None
    span: Span


@_node
class Question:
    """`predicate can_relay(recipient: str)`, `action log_refusal(text: str)`."""

    kind: Literal["predicate", "action"]
    name: Name
    params: list[Param]
    doc: Text | None
    span: Span


@_node
class Otherwise:
    """`otherwise error | ignore | close`."""

    choice: Name
    span: Span


@_node
class Many:
    """`many flights: Delivery(args) by id limit 65535`."""

    name: Name
    machine: Name
    args: list[Arg]
    by: Name
    limit: Expr | None
    doc: Text | None
    span: Span


@_node
class Allow:
    """`allow NAME "reason"`: a warning silenced for the file, machine or state that says so."""

    name: Name
    reason: Text
    span: Span


@_node
class Goto:
    """`-> S(args)`."""

    state: Name
    args: list[Arg]
    span: Span


@_node
class Push:
    """`-> push S(args) then T(args)`."""

    state: Name
    args: list[Arg]
    then: Goto | None
    span: Span


@_node
class Pop:
    """`-> pop`."""

    span: Span


@_node
class History:
    """`-> history S`."""

    state: Name
    span: Span


Target: TypeAlias = Goto | Push | Pop | History


@_node
class Fire:
    """`send M(args)`, `emit E(args)`, `raise E(args)`."""

    kind: Literal["send", "emit", "raise"]
    event: Name
    args: list[Arg]
    span: Span


@_node
class Assign:
    """`x = e`, `self.x = e`, `x += e`, `x -= e`."""

    name: Name
    op: Literal["=", "+=", "-="]
    value: Expr
    span: Span


@_node
class Start:
    """`start T`, `start T(5s)`, `start flights(id)`."""

    timer: Name
    args: list[Arg]
    span: Span


@_node
class Stop:
    """`stop T`."""

    timer: Name
    span: Span


@_node
class Do:
    """`close`, `starttls`."""

    kind: Literal["close", "starttls"]
    span: Span


@_node
class CallAction:
    """`NAME(args)` for an `action` of the machine."""

    name: Name
    args: list[Arg]
    span: Span


Action: TypeAlias = Fire | Assign | Start | Stop | Do | CallAction


@_node
class Outcome:
    """`| name(params) -> TARGET / actions`."""

    name: Name
    params: list[Param]
    target: Target | None
    actions: list[Action]
    span: Span


@_node
class Trigger:
    """One event of an `on` line, with the names it binds (None: no parentheses)."""

    event: Name
    names: list[Name] | None
    span: Span


@_node
class On:
    """`on A(x), B when GUARD -> TARGET / actions`, or followed by outcomes.

    `keep` is `on lost keep`: the handler that is pending goes on.
    """

    triggers: list[Trigger]
    guard: Expr | None
    target: Target | None
    actions: list[Action]
    outcomes: list[Outcome]
    span: Span
    keep: bool = False


@_node
class After:
    """`after 30s -> TARGET / actions`: the state's own time-out."""

    duration: Expr
    target: Target | None
    actions: list[Action]
    span: Span


@_node
class Entry:
    """`entry / actions`, `entry -> TARGET`, `exit / actions`."""

    kind: Literal["entry", "exit"]
    target: Target | None
    actions: list[Action]
    span: Span


@_node
class Names:
    """`ignore A, B`, `defer A, B`, `urgent A, B`."""

    kind: Literal["ignore", "defer", "urgent"]
    events: list[Name]
    span: Span


@_node
class Reads:
    """`reads line(end, max)` and its like; `le` after a fixed-size number is part of the kind."""

    kind: Name
    args: list[Arg]
    span: Span


@_node
class Region:
    """`region NAME { states }`."""

    name: Name
    doc: Text | None
    members: list[StateMember]
    span: Span


@_node
class State:
    """A state; `members` in the order written, inner states and regions among them."""

    name: Name
    initial: bool
    final: bool
    params: list[Param]
    reads: Reads | None
    receives: list[Name] | None
    doc: Text | None
    members: list[StateMember]
    span: Span


StateMember: TypeAlias = On | After | Entry | Names | Region | State | Allow


@_node
class Layer:
    """`over Lines(end: "\\r\\n")`, `over bytes`, `over datagrams`."""

    name: Name
    args: list[Arg]
    span: Span


@_node
class Machine:
    """A machine; `members` are its declarations and states in the order written."""

    name: Name
    params: list[Param]
    over: Layer | None
    depth: Expr | None
    doc: Text | None
    members: list[MachineMember]
    span: Span


MachineMember: TypeAlias = (
    Face | Var | Timer | Question | Otherwise | Many | Allow | State | On | Names
)


# ---------------------------------------------------------------- systems, scenarios


@_node
class Peer:
    """`peer client[3]: Client(args) crashing restarting`, `environment peer …`."""

    name: Name
    count: Expr | None
    machine: Name
    args: list[Arg]
    environment: bool
    fates: list[Name]
    span: Span


@_node
class Link:
    """`link a <-> b capacity 4 lossy duplicating reordering`; `link a -> b` goes one way."""

    left: Name
    right: Name
    one_way: bool
    capacity: Expr | None
    faults: list[Name]
    span: Span


@_node
class Property:
    """`never E`, `always E`, `reachable E`, `E leads to E`, each with its words."""

    kind: Literal["never", "always", "reachable", "leads to"]
    left: Expr
    right: Expr | None
    doc: Text | None
    span: Span


@_node
class Happening:
    """`client sends MAIL`, `server enters CLOSED`: what a peer does that a pattern speaks of."""

    subject: Expr
    verb: str
    name: Name
    span: Span


@_node
class Pattern:
    """How what happens goes together: each of `first`, `second`, `until` is any of a few."""

    kind: Literal["every", "at most", "after", "before"]
    first: list[Happening]
    second: list[Happening]
    until: list[Happening]
    most: Expr | None
    doc: Text | None
    span: Span


@_node
class System:
    """`system NAME { peers, links, properties }`."""

    name: Name
    doc: Text | None
    members: list[Peer | Link | Property | Pattern | Allow]
    span: Span


@_node
class Step:
    """One line of a scenario: who says what, raw or as a message."""

    peer: Name
    what: Text | Call
    span: Span


@_node
class Given:
    """`given NAME = values`, in a scenario: what a parameter may be that no line says."""

    name: Name
    values: list[Expr]
    span: Span


@_node
class Scenario:
    """`scenario "words" for SYSTEM { given, steps }`."""

    title: Text
    system: Name
    given: list[Given]
    steps: list[Step]
    span: Span


# ---------------------------------------------------------------- files


@_node
class Use:
    """`use Lines, Replies from "lines.proto"`."""

    names: list[Name]
    path: Text
    span: Span


@_node
class Const:
    """`const NAME = value`."""

    name: Name
    value: Expr
    doc: Text | None
    span: Span


@_node
class Enum:
    """`enum NAME { a, b }`."""

    name: Name
    doc: Text | None
    members: list[Name]
    span: Span


@_node
class Comment:
    """`# …` to the end of the line; `own_line` if nothing stands before it."""

    text: str
    own_line: bool
    span: Span


Item: TypeAlias = Use | Const | Enum | Struct | Message | Machine | System | Scenario | Allow


@_node
class File:
    """A whole spec."""

    source: Source
    protocol: Name
    doc: Text | None
    items: list[Item]
    comments: list[Comment] = field(default_factory=list)
