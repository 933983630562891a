"""What the parts of a class are made of: its methods, and what is known of its machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protogen_fsm.backends.python import layout
from protogen_fsm.backends.python.deeds import Facts, slot_of, type_of
from protogen_fsm.backends.python.expressions import state_slot
from protogen_fsm.backends.python.names import RUNTIME
from protogen_fsm.backends.python.states import history_slot
from protogen_fsm.model import machine as mc
from protogen_fsm.model import moves, table
from protogen_fsm.model.types import ListOf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from protogen_fsm.model.messages import Message
    from protogen_fsm.source import Span


@dataclass(slots=True)
class Method:
    """A method: its `def` and docstring, its body, and what stands behind it in the class."""

    head: list[str]
    body: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The method as it stands in a class."""
        return [
            *layout.render(self.head, 4),
            *layout.render(self.body, 8),
            *layout.render(self.after, 4),
        ]


@dataclass(slots=True, eq=False)
class Parts:
    """One machine; `encoder` and `received` give the module's names for messages."""

    machine: mc.Machine
    encoder: Callable[[Message], str]
    received: Callable[[tuple[Message, ...]], str]
    where: Callable[[Span], str]
    library: bool
    held: bool = False  # whether another machine holds many of it
    bounded: bool = False  # whether that stands on datagrams, and these have a bound
    secured: bool = False  # whether one above it says `starttls`
    asked: list[str] = field(default_factory=list)  # what those above it ask before they send
    facts: Facts = field(init=False)
    used: set[str] = field(default_factory=set)
    runs: bool = False  # whether it reads on in a loop
    settles: dict[tuple[int, str], str] = field(default_factory=dict)
    thens: dict[tuple[mc.Goto, str], str] = field(default_factory=dict)
    stubs: dict[str, tuple[mc.State, mc.Match, mc.Event | None, list[mc.Transition]]] = field(
        default_factory=dict
    )
    wired: dict[str, tuple[str, str, str, str, str]] = field(default_factory=dict)
    methods: list[Method] = field(default_factory=list)
    settle_methods: list[Method] = field(default_factory=list)
    bare_events: dict[str, bool] = field(default_factory=dict)
    chains: set[str] = field(init=False)  # events that are raised, or offered to several regions
    leaves: list[mc.State] = field(init=False)
    regions: list[mc.Region] = field(init=False)
    moves: moves.Moves = field(init=False)
    moves_act: bool = field(init=False)
    step_tables: list[tuple[str, list[str]]] = field(default_factory=list)
    move_tables: list[tuple[str, list[str]]] = field(default_factory=list)
    received_by_state: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        machine = self.machine
        states = machine.every_state()
        self.leaves = moves.leaves_of(machine.states)
        self.regions = [region for state in states for region in state.regions]
        self.moves = moves.Moves(machine)
        self.moves_act = any(s.entry or s.exit or s.entry_target is not None for s in states)
        self.moves_act = self.moves_act or bool(self.regions or _goes_elsewhere(machine))
        heads = ("_take_", "_on_", "_timer_", "_steps_of_", "_moves_of_")
        self.used |= {head + event for head in heads for event in machine.events}
        self.used |= {*RUNTIME, *self._slots()}
        self.used |= {f"_leave_{one.name}" for one in states}
        self.used |= {f"_leave_{region.name}" for region in self.regions}
        self.used |= {f"_timer_{region.name}" for region in self.regions}
        actions = list(_actions(states))
        raised = {action.event.name for action in actions if isinstance(action, mc.Raise)}
        self.chains = raised | {
            event.name
            for event in machine.events.values()
            for state in states
            if sum(_takes(region, event) for region in state.regions) > 1
        }
        replies = {
            name
            for event in machine.accepts
            for name in event.answered_by
            if not machine.emits[name].unasked
        }
        self.facts = Facts(
            machine=machine,
            chained=any(isinstance(a, mc.Raise) for a in actions)
            or bool(self.regions)
            or _goes_elsewhere(machine),
            timed=any(s.timeouts for s in states if moves.region_of(s) is None),
            defers=any(state.deferred for state in states),
            encoder=self.encoder,
            library=self.library,
            asks=not self.held,
            bounded=self.bounded,
            raised=raised,
            used=self.used,
            urgent=not self.library and any(state.urgent for state in states),
            answers={name for event in machine.accepts for name in event.answered_by},
            replies=replies,
            counts=any(
                isinstance(action, mc.Emit) and action.output.name in replies
                for state in states
                for action in _later(state, raised, self.regions, machine)
            ),
            lists={
                a.target.name
                for a in actions
                if isinstance(a, mc.Assign) and a.op != "=" and isinstance(a.target, mc.Variable)
            },
            grown={
                slot_of(a).removeprefix("self.")
                for a in actions
                if isinstance(a, mc.Assign) and a.op == "+=" and isinstance(type_of(a), ListOf)
            },
            timed_regions={
                region.name
                for region in self.regions
                if any(s.timeouts for one in region.states for s in one.every())
            },
        )

    def _slots(self) -> list[str]:
        machine = self.machine
        return sorted(
            [
                *(param.name for param in machine.params),
                *machine.variables,
                *machine.many,
                *(
                    state_slot(state.name, param.name)
                    for state in machine.every_state()
                    for param in state.params
                ),
                *self._places(),
                *(["_left"] if self.regions else []),
            ]
        )

    def _places(self) -> list[str]:
        """The attributes that say where a machine is, besides `state`."""
        found = [region.name for region in self.regions]
        found += [history_slot(state) for state in self.moves.histories]
        if any(isinstance(target, mc.Push) for target in moves.targets(self.machine)):
            found.append("_stack")
        return sorted(found)


def _takes(region: mc.Region, event: mc.Event) -> bool:
    """Whether some state of a region has a row for the event."""
    leaves = moves.leaves_of(region.states)
    return any(table.entries(leaf, event, states=moves.within(leaf)) for leaf in leaves)


def _goes_elsewhere(machine: mc.Machine) -> bool:
    """Whether some target is not known before the machine runs."""
    return any(not isinstance(target, mc.Goto) for target in moves.targets(machine))


def _actions(states: Iterable[mc.State]) -> Iterable[mc.Action]:
    for state in states:
        yield from state.entry
        yield from state.exit
        for row in (*state.transitions, *state.timeouts):
            for branch in row.branches:
                yield from branch.actions


def _later(
    state: mc.State, raised: set[str], regions: list[mc.Region], machine: mc.Machine
) -> Iterable[mc.Action]:
    """What may be done in a later step of a chain: for what is raised, and on the way."""
    if regions or raised or _goes_elsewhere(machine):
        yield from state.entry
        yield from state.exit
    for row in state.transitions:
        if regions or (row.match.event is not None and row.match.event.name in raised):
            for branch in row.branches:
                yield from branch.actions


def free(name: str, names: Iterable[str]) -> str:
    """A local of the generated code, by another name where the event has a parameter so named."""
    while name in names:
        name += "_"
    return name
