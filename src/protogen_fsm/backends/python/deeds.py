"""What the deeds of a step are as Python, in whatever order they are done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protogen_fsm.backends.python import layout
from protogen_fsm.backends.python.asking import asked
from protogen_fsm.backends.python.binary import whole
from protogen_fsm.backends.python.expressions import (
    Scope,
    expression,
    fold,
    is_bare_list,
    kept,
    literal,
    state_slot,
)
from protogen_fsm.backends.python.messages import frame
from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model import moves
from protogen_fsm.model.instances import heard_from, taken_by
from protogen_fsm.model.messages import Binary, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from protogen_fsm.model.messages import Message
    from protogen_fsm.model.types import Param


@dataclass(slots=True)
class Facts:
    """What the steps of one machine need to know of it."""

    machine: mc.Machine
    chained: bool
    timed: bool
    defers: bool
    library: bool  # used by the spec: nobody can override its handlers, so it has none
    asks: bool  # what is below can be asked whether it takes what is sent
    bounded: bool  # so can who holds it: it is an instance, and what it prints is a datagram
    raised: set[str]  # events that the machine raises itself
    urgent: bool  # some events are taken while a handler is pending
    encoder: Callable[[Message], str]
    answers: set[str]
    replies: set[str]  # those of them that nobody may have but who asked
    counts: bool  # what is raised may tell of one, whoever began the chain
    lists: set[str]  # variables that are added to in place
    grown: set[str]  # the attributes that hold a list to which a step adds
    timed_regions: set[str]  # those with states that have time-outs
    used: set[str]  # names of the class that are taken
    readings: dict[str, str] = field(default_factory=dict)  # those of constants only, with a name


@dataclass(slots=True)
class Effect:
    """Something told once all is changed: a call, and whether it may take time.

    `comes_back`: it may lead to events of this very machine, which wait until all is told. `holds`:
    it is a handshake, behind which the machine waits.
    """

    head: str
    args: list[str]
    takes_time: bool = False
    comes_back: bool = False
    holds: bool = False


def is_plain(found: Iterable[moves.Deed]) -> bool:
    """Whether a step ends with these deeds, and leads where it is known to.

    One that asks where a region is goes in order: it may have led there itself.
    """
    plainly = moves.Enter | mc.Assign | mc.Send | mc.Emit | mc.StartTimer | mc.StopTimer
    others = mc.Close | mc.StartTls | mc.Perform | mc.StartInstance
    return all(
        isinstance(deed, plainly | others)
        and not any(isinstance(e, ex.InState) for arg in arguments(deed) for e in ex.walk(arg))
        for deed in found
    )


def asking(facts: Facts, deed: mc.Send | mc.Emit, args: list[str]) -> list[str]:
    """What is below says no before anything has changed."""
    if not isinstance(deed, mc.Send):
        return []
    if facts.bounded and deed.output.message is not None:
        return layout.call("self.below._ask_octets", args)
    if not facts.asks:
        return []
    below = facts.machine.below
    if below is not None and below.kind == "datagrams":
        is_short = "max" not in below.args and deed.output.message is not None
        if is_short and constant_frame(deed) is not None:
            return []
        return layout.call("self.below._ask_octets", args)
    name = asked(facts.machine, deed)
    return [] if name is None else layout.call(f"self.below._ask_{name}", args)


def changing(state: mc.State, args: tuple[ex.Expr, ...]) -> list[tuple[Param, ex.Expr]]:
    """The state's parameters that become something else than they are."""
    return [
        (param, arg)
        for param, arg in zip(state.params, args, strict=True)
        if not (isinstance(arg, ex.Local) and (arg.state, arg.name) == (state, param.name))
    ]


def is_final(found: Iterable[moves.Deed]) -> bool:
    """Whether a step with these deeds ends in a final state of the machine itself."""
    entered = [
        deed
        for deed in found
        if isinstance(deed, moves.Enter) and moves.region_of(deed.state) is None
    ]
    return bool(entered) and entered[-1].state.final


def arguments(deed: moves.Deed) -> tuple[ex.Expr, ...]:
    """The expressions of a deed."""
    if isinstance(deed, mc.Assign):
        return (deed.value,)
    if isinstance(deed, moves.Enter):
        return tuple(arg for _, args in deed.args for arg in args)
    if isinstance(deed, mc.StartTimer):
        return () if deed.duration is None else (deed.duration,)
    if isinstance(deed, mc.Send | mc.Emit | mc.Raise | mc.Perform | mc.StartInstance):
        return deed.args
    return ()


def place_of(deed: mc.Assign) -> str | tuple[str, str]:
    """What is assigned: a variable, by its name, or a parameter of a state, by both names."""
    if isinstance(deed.target, mc.StateParam):
        return deed.target.state.name, deed.target.param.name
    return deed.target.name


def slot_of(deed: mc.Assign) -> str:
    """The attribute that is assigned."""
    place = place_of(deed)
    return f"self.{place}" if isinstance(place, str) else f"self.{state_slot(*place)}"


def type_of(deed: mc.Assign) -> object:
    """The type of what is assigned."""
    target = deed.target
    return target.param.type if isinstance(target, mc.StateParam) else target.type


def one_item(deed: mc.Assign) -> ex.Expr | None:
    """The one item that is added to a list, if that is all there is to it."""
    if deed.op == "+=" and isinstance(deed.value, ex.MakeList) and len(deed.value.items) == 1:
        return deed.value.items[0]
    return None


def stored_out(arg: ex.Expr, scope: Scope, facts: Facts) -> str:
    """A value as it is handed out: a list that is still added to is copied."""
    shown = expression(arg, scope)
    added_to = isinstance(arg, ex.Var) and arg.variable.name in facts.lists
    added_to = added_to or (isinstance(arg, ex.Local) and arg.scope == "state")
    return f"[*{shown}]" if added_to and is_bare_list(arg, arg.type) else shown


def is_reply(facts: Facts, deed: mc.Send | mc.Emit) -> bool:
    """Whether it is an answer that is for those alone who asked."""
    return isinstance(deed, mc.Emit) and deed.output.name in facts.replies


def begun(facts: Facts, event: mc.Event | None) -> list[str]:
    """The beginning of a step that may be a chain of them."""
    if not facts.counts:
        return ["self._begin()"]
    return [f"self._is_reply = {comes_from_below(event)}", "self._begin()"]


def comes_from_below(event: mc.Event | None) -> bool:
    """Whether what the step takes came from the peer."""
    return event is not None and event.origin == "below"


def telling_of(facts: Facts, deed: mc.Send | mc.Emit, args: list[str]) -> list[Effect]:
    """What is called for an event sent or emitted."""
    name = deed.output.name
    if isinstance(deed, mc.Send):
        kind = facts.machine.below.kind if facts.machine.below is not None else ""
        return [Effect(f"self.below.{name if kind in ('', 'machine') else 'octets'}", args)]
    emit = f"self.above.{name}" if facts.library else f"self.emit_{name}"
    effects = [Effect(emit, args, takes_time=True)]
    if name in facts.answers:
        effects.append(Effect("self._answer", [f'"{name}"', _answer_value(args)]))
    return effects


def _answer_value(args: list[str]) -> str:
    if not args:
        return "None"
    return args[0] if len(args) == 1 else f"({', '.join(args)})"


def constant_frame(deed: mc.Send) -> str | None:
    """The frame of a message whose values are all known, as a literal."""
    message = deed.output.message
    assert message is not None
    if isinstance(message.pattern, Binary):
        only = whole(message.pattern)
        return None if only is None else literal(only)
    if not isinstance(message.pattern, Text):
        return None
    try:
        printed = frame(message, tuple(fold(arg) for arg in deed.args))
    except ValueError:
        return None
    return None if printed is None else literal(printed)


def frame_taker(machine: mc.Machine) -> str:
    """The method of the layer below that takes a printed message."""
    below = machine.below
    if below is None or below.kind != "machine" or below.accepts_frame is None:
        return "octets"
    return below.accepts_frame.name


def timer_start(deed: mc.StartTimer, seconds: str) -> str:
    """A named timer is set going."""
    return f'self._start("{deed.timer.name}", {seconds})'


def instance_start(deed: mc.StartInstance, scope: Scope) -> str:
    """The making of an instance, which may fail."""
    many = deed.many
    key, *given = (kept(arg, scope) for arg in deed.args)
    args = [key, f"self.make_{many.name}", *given]
    if scope.taking is not None and scope.taking.origin == "above":
        args.append(f'event="{scope.taking.name}"')
    return layout.made(f"self.{many.name}.start", args)


def is_quiet(machine: mc.Machine, many: mc.Many) -> bool:
    """Whether a new instance does nothing at once that its host hears of, and goes nowhere."""
    first = list(many.machine.initial().around())
    entries = [one for state in first for one in (state.entry_target, *state.entry)]
    heard = heard_from(machine, many)
    quietly = mc.Assign | mc.Send | mc.StartTimer | mc.StopTimer | None
    return not first[0].regions and all(
        isinstance(one, quietly) or (isinstance(one, mc.Emit) and one.output.name not in heard)
        for one in entries
    )


def handed_on(
    deed: mc.StartInstance, instance: str, scope: Scope, *, is_there: bool = True
) -> list[Effect]:
    """The event that the step takes, if it is for the new instance too; is that there for sure?"""
    event, key = scope.taking, deed.args[0]
    own = None if event is None else taken_by(deed.many, event)
    if event is None or own is None or not isinstance(key, ex.Local) or key.scope != "event":
        return []
    if scope.event.get(key.name) != deed.many.by:
        return []
    method = f"_on_{event.name}" if own.answered_by else event.name
    args = [param.name for param in event.params]
    if is_there:
        return [Effect(f"{instance}.{method}", args)]
    return [Effect(f"self.{deed.many.name}.hand", [f"{instance}.{method}", *args], comes_back=True)]
