"""A machine: its faces, its states, and what each state does with each event."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.messages import Message
    from protogen_fsm.model.types import Param, Type
    from protogen_fsm.source import Span

BUILT_IN_EVENTS = ("open", "eof", "lost", "secured", "malformed", "failed", "unsolicited")


# ---------------------------------------------------------------- events


@dataclass(slots=True, eq=False, repr=False)
class Event:
    """An event of a machine's alphabet.

    `origin`: `below` (receives), `above` (accepts), `itself` (only raised), `timer`, `built_in`.
    `message` if it is decoded from a frame of the layer below. `by`: the parameter whose value
    names it (`250`, `4xx`). `answered_by`: the emissions that answer the call. `cancel_closes`:
    whether a call that is given up closes the connection; else it keeps its place.
    """

    name: str
    params: tuple[Param, ...]
    origin: Literal["below", "above", "itself", "timer", "built_in"]
    span: Span
    by: Param | None = None
    message: Message | None = None
    answered_by: tuple[str, ...] = ()
    cancel_closes: bool = False


@dataclass(slots=True, eq=False, repr=False)
class Output:
    """Something a machine sends (`face` below) or emits (`face` above).

    `message` if it is printed into a frame; else an event of the layer below (`event`), or the
    machine's own declaration. `unasked`: whether it may come though no call waits for it.
    """

    name: str
    params: tuple[Param, ...]
    face: Literal["sends", "emits"]
    span: Span
    by: Param | None = None
    message: Message | None = None
    unasked: bool = False


@dataclass(slots=True, eq=False, repr=False)
class Match:
    """What a transition listens to.

    `event` is None for `*`, and for the state's own time-out. `value`: for an event named by a
    field, the number (`"250"`), class (`"4xx"`) or member that its name must match; else "".
    """

    event: Event | None
    value: str
    text: str
    span: Span

    @property
    def is_any(self) -> bool:
        """Whether it is `*`."""
        return self.text == "*"


# ---------------------------------------------------------------- actions and targets


@dataclass(slots=True, eq=False, repr=False)
class Send:
    """`send M(args)`: one argument for each parameter of the output, the by-field's included."""

    output: Output
    args: tuple[Expr, ...]
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Emit:
    """`emit E(args)`."""

    output: Output
    args: tuple[Expr, ...]
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Raise:
    """`raise E(args)`."""

    event: Event
    args: tuple[Expr, ...]
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Assign:
    """`x = e`, `x += e`, `x -= e`; the place is a variable, or a parameter of a state."""

    target: Variable | StateParam
    op: Literal["=", "+=", "-="]
    value: Expr
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class StateParam:
    """A parameter of a state as the place of an assignment."""

    state: State
    param: Param


@dataclass(slots=True, eq=False, repr=False)
class StartTimer:
    """`start T`, `start T(5s)`; seconds, None for the timer's own duration."""

    timer: Timer
    duration: Expr | None
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class StopTimer:
    """`stop T`."""

    timer: Timer
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class StartInstance:
    """`start flights(id)`: the key, then what the declaration leaves open."""

    many: Many
    args: tuple[Expr, ...]
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Close:
    """`close`."""

    span: Span


@dataclass(slots=True, eq=False, repr=False)
class StartTls:
    """`starttls`: TLS on the stream below, behind what was sent (RFC 3207)."""

    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Perform:
    """A call of an `action` of the user's code."""

    question: Question
    args: tuple[Expr, ...]
    span: Span


Action: TypeAlias = (
    Send
    | Emit
    | Raise
    | Assign
    | StartTimer
    | StopTimer
    | StartInstance
    | Close
    | StartTls
    | Perform
)


@dataclass(slots=True, eq=False, repr=False)
class Goto:
    """`-> S(args)`."""

    state: State
    args: tuple[Expr, ...]
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Push:
    """`-> push S(args) then T(args)`."""

    state: State
    args: tuple[Expr, ...]
    then: Goto | None
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Pop:
    """`-> pop`."""

    span: Span


@dataclass(slots=True, eq=False, repr=False)
class History:
    """`-> history S`."""

    state: State
    span: Span


Target: TypeAlias = Goto | Push | Pop | History


# ---------------------------------------------------------------- transitions and states


@dataclass(slots=True, eq=False, repr=False)
class Outcome:
    """An answer that handlers may give: one name, one signature, for a whole file."""

    name: str
    params: tuple[Param, ...]
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Branch:
    """What is done for one outcome; `outcome` None where the spec names none."""

    outcome: Outcome | None
    target: Target | None
    actions: tuple[Action, ...]
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Transition:
    """One row: in `state` (or in those inside it), on `match`, if `guard`, one of `branches`.

    `names`: what the row calls the event's parameters (the by-field left out), shorter than them
    or equal. `kind` `after` for the state's own time-out, whose `duration` is in seconds.
    """

    state: State
    kind: Literal["on", "after"]
    match: Match
    names: tuple[str, ...]
    guard: Expr | None
    branches: tuple[Branch, ...]
    span: Span
    duration: Expr | None = None
    keep: bool = False

    @property
    def has_outcomes(self) -> bool:
        """Whether the handler decides."""
        return self.branches[0].outcome is not None


@dataclass(slots=True, eq=False, repr=False)
class Reading:
    """What a machine over bytes reads next in a state.

    `kind`: `line until block bytes u8 u16 u24 u32 u64` (`le`) `varint chunk rest`; `args` by name:
    `end max delimiter count`, and where they were said `either raw pieces header`. `bytes` has
    either a `count` or a `length`, the name of the layout of the length before the frame.
    """

    kind: str
    args: dict[str, Expr]
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Region:
    """`region NAME { states }`."""

    name: str
    doc: str
    state: State
    states: list[State]
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Allowed:
    """A warning silenced: its name, and the reason."""

    name: str
    reason: str
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class State:
    """A state. `parent` is None at the top; `states` are those inside."""

    name: str
    doc: str
    initial: bool
    final: bool
    params: tuple[Param, ...]
    parent: State | None
    region: Region | None
    span: Span
    name_span: Span
    reads: Reading | None = None
    receives: tuple[Event, ...] | None = None
    states: list[State] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    timeouts: list[Transition] = field(default_factory=list)
    entry: tuple[Action, ...] = ()
    exit: tuple[Action, ...] = ()
    entry_target: Target | None = None
    entry_span: Span | None = None
    ignored: list[Match] = field(default_factory=list)
    deferred: list[Match] = field(default_factory=list)
    urgent: list[Match] = field(default_factory=list)
    allowed: list[Allowed] = field(default_factory=list)

    @property
    def is_composite(self) -> bool:
        """Whether it has states or regions inside."""
        return bool(self.states or self.regions)

    def around(self) -> Iterator[State]:
        """The state itself, then those around it, outwards."""
        state: State | None = self
        while state is not None:
            yield state
            state = state.parent

    def every(self) -> list[State]:
        """The state and all that it holds, each before those inside it, in the order written."""
        found: list[State] = []
        todo = [self]
        while todo:
            state = todo.pop()
            found.append(state)
            inner = state.states + [s for region in state.regions for s in region.states]
            todo.extend(reversed(inner))
        return found

    def leaves(self) -> list[State]:
        """The innermost states that it holds, regions' included; itself if it is one."""
        if not self.is_composite:
            return [self]
        inner = self.states + [state for region in self.regions for state in region.states]
        return [leaf for state in inner for leaf in state.leaves()]

    def first(self) -> State:
        """Where one arrives who goes to it: the initial state inside, to the innermost."""
        state = self
        while state.states:
            state = next((s for s in state.states if s.initial), state.states[0])
        return state


# ---------------------------------------------------------------- machines


@dataclass(slots=True, eq=False, repr=False)
class Variable:
    """`var name: type = initial`; `initial` None if it is set only later.

    `forgotten`: it is `scope layer`, set back to its first value when TLS begins.
    """

    name: str
    type: Type
    initial: Expr | None
    doc: str
    span: Span
    forgotten: bool = False


@dataclass(slots=True, eq=False, repr=False)
class Timer:
    """A named timer; its event bears its name."""

    name: str
    duration: Expr
    doc: str
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Question:
    """A `predicate` or an `action`: what the user's code is asked or told."""

    kind: Literal["predicate", "action"]
    name: str
    params: tuple[Param, ...]
    doc: str
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Many:
    """`many NAME: MACHINE(args) by field limit N`.

    `args` are the machine's parameters that are given here, by name; `key` is what `start` is given
    first, `asks` what it is given behind that, in order.
    """

    name: str
    machine: Machine
    args: dict[str, Expr]
    by: str
    key: Param
    asks: tuple[Param, ...]
    limit: int
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Below:
    """What a machine stands on: `bytes`, `datagrams`, or a machine with its arguments.

    `frame`: the emission of that machine that is decoded into messages (one `bytes` parameter);
    `accepts_frame`: the event of that machine that takes a printed message.
    """

    kind: Literal["bytes", "datagrams", "machine"]
    machine: Machine | None
    args: dict[str, Expr]
    frame: Output | None
    accepts_frame: Event | None
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Machine:
    """A machine, resolved. `states` are the outermost; `every_state()` lists all in order.

    `uses`: the file it was declared in is the spec itself (False) or one it uses (True).
    """

    name: str
    doc: str
    params: tuple[Param, ...]
    span: Span
    name_span: Span
    file: str
    library: bool
    below: Below | None = None
    depth: int = 32
    depth_span: Span | None = None  # None: not said
    events: dict[str, Event] = field(
        default_factory=dict
    )  # receives, accepts, timers, built-in, raised
    sends: dict[str, Output] = field(default_factory=dict)
    emits: dict[str, Output] = field(default_factory=dict)
    receives: tuple[Event, ...] = ()
    accepts: tuple[Event, ...] = ()
    variables: dict[str, Variable] = field(default_factory=dict)
    timers: dict[str, Timer] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    many: dict[str, Many] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    otherwise: Literal["error", "ignore", "close"] = "error"
    states: list[State] = field(default_factory=list)
    allowed: list[Allowed] = field(default_factory=list)

    def every_state(self) -> list[State]:
        """All states, each before those inside it, in the order written."""
        return [one for state in self.states for one in state.every()]

    @property
    def secures(self) -> bool:
        """Whether it says `starttls`."""
        for state in self.every_state():
            branches = [b for row in (*state.transitions, *state.timeouts) for b in row.branches]
            for action in (*state.entry, *state.exit, *(a for b in branches for a in b.actions)):
                if isinstance(action, StartTls):
                    return True
        return False

    def initial(self) -> State:
        """The state a new machine is in, innermost."""
        return next((s for s in self.states if s.initial), self.states[0]).first()
