"""Events of the alphabet: that each is taken somewhere, and what is raised or deferred too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.checks import parts
from protogen_fsm.checks.moves import passes_on, reach
from protogen_fsm.checks.tell import tell
from protogen_fsm.model.instances import routes
from protogen_fsm.model.machine import BUILT_IN_EVENTS, Raise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.checks.moves import Moves, Node, Step
    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.machine import Event, State


class _Taken:
    """What each state itself says of events; what it defers counts only if asked for."""

    def __init__(self, moves: Moves, deferred: bool) -> None:
        self._events: dict[State, set[Event | None]] = {}
        for state in moves.states:
            matches = [row.match for row in state.transitions] + state.ignored
            matches += state.deferred if deferred else []
            self._events[state] = {m.event for m in matches if m.event is not None or m.is_any}

    def by(self, state: State, event: Event) -> bool:
        """Whether the state takes the event."""
        found = self._events[state]
        return event in found or (None in found and event.origin in ("below", "above", "itself"))


def taken(moves: Moves) -> set[Event | None]:
    """The events that some state says something of; None among them if some state says `*`."""
    return {
        match.event
        for state in moves.states
        for match in [row.match for row in state.transitions] + state.ignored + state.deferred
        if match.event is not None or match.is_any
    }


def alphabet(moves: Moves) -> list[Event]:
    """What the faces let in, and the states' own lists of what they receive."""
    lists = [moves.machine.receives, moves.machine.accepts]
    lists += [state.receives for state in moves.states if state.receives is not None]
    return list(dict.fromkeys(event for events in lists for event in events))


def never_handled(moves: Moves) -> Iterator[Diagnostic]:
    """An event that a face lets in and no state takes falls to `otherwise` wherever it comes.

    What the layer below emits is told by the rules for layers.
    """
    known = taken(moves)
    if None in known:
        return
    below = moves.machine.below
    emitted = below.machine.emits if below is not None and below.machine is not None else {}
    for event in alphabet(moves):
        if routes(moves.machine, event):
            continue
        from_layer = event.origin == "below" and event.message is None and event.name in emitted
        if event in known or event.name in BUILT_IN_EVENTS or from_layer:
            continue
        face = "receives" if event.origin == "below" else "accepts"
        yield tell(
            "PG207",
            f"`{moves.machine.name}` {face} `{event.name}`, and no state takes it",
            event.span,
            "never taken",
            notes=[f"wherever it comes it falls to `otherwise {moves.machine.otherwise}`"],
            help=f"write `on {event.name} …` or `ignore {event.name}` where it may come, "
            "or take it out here",
        )


def deferred_forever(moves: Moves) -> Iterator[Diagnostic]:
    """What is deferred is kept for a state that takes it; one must be able to come."""
    takes = _Taken(moves, deferred=False)
    led_from: dict[Event, set[Node]] = {}
    for state in moves.states:
        for match in state.deferred:
            event = match.event
            if event is None or state not in moves.reachable:
                continue
            if event not in led_from:
                takers = [s for s in moves.states if takes.by(s, event)]
                led_from[event] = reach(takers, moves.predecessors.__getitem__)
            if led_from[event].isdisjoint(state.leaves()):
                yield tell(
                    "PG222",
                    f"`{match.text}` is deferred, and no later state takes it",
                    match.span,
                    "kept for ever",
                    help=f"write `on {match.text} …` in a state that comes later, or ignore it",
                )


def raised_never_taken(moves: Moves) -> Iterator[Diagnostic]:
    """What is raised comes before any other event, in the state that the step has led to.

    Told only where that state is known: for the first event that a step raises, and otherwise if no
    state at all takes the event.
    """
    wanted = [
        action
        for state in moves.states
        for action in parts.state_actions(state)
        if isinstance(action, Raise)
    ]
    if not wanted:
        return
    takes = _Taken(moves, deferred=True)
    fine: set[Raise] = set()
    sure: set[Raise] = set()
    for leaf in moves.leaves:
        if leaf in moves.reachable:
            for step in moves.steps(leaf):
                _follow(takes, leaf, step, fine, sure)
    known = taken(moves)
    for action in dict.fromkeys(wanted):
        nowhere = action.event not in known and None not in known
        if nowhere or (action in sure and action not in fine):
            yield _lost(action)


def _follow(takes: _Taken, leaf: State, step: Step, fine: set[Raise], sure: set[Raise]) -> None:
    raised = [action for action in step.actions if isinstance(action, Raise)]
    if not raised:
        return
    fine.update(raised[1:])
    arrivals = step.leads_to if step.target is not None else (leaf,)
    if not arrivals or any(passes_on(s) or _is_elsewhere(s) for s in arrivals):
        fine.add(raised[0])
        return
    event = raised[0].event
    if any(takes.by(s, event) for arrival in arrivals for s in arrival.around()):
        fine.add(raised[0])
    else:
        sure.add(raised[0])


def _is_elsewhere(state: State) -> bool:
    """Whether another state may take what is raised: behind `entry ->`, in another region."""
    return any(s.entry_target is not None or s.region is not None for s in state.around())


def _lost(action: Raise) -> Diagnostic:
    return tell(
        "PG225",
        f"`{action.event.name}` is raised where no state takes it",
        action.span,
        "falls to `otherwise`",
        notes=["what is raised comes after the state has changed"],
        help=f"write `on {action.event.name} …` in the state that this leads to",
    )
