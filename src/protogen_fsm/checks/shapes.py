"""What a state, a target or a time-out must be to mean anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.checks import parts
from protogen_fsm.checks.tell import tell
from protogen_fsm.model.expressions import Value
from protogen_fsm.model.machine import Goto, History, Push, Raise, StartTimer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.checks.moves import Moves
    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.machine import Region, State, Target


def histories_of_simple_states(moves: Moves) -> Iterator[Diagnostic]:
    """`history S` is the state last active inside S, so S has states inside."""
    for state in moves.states:
        for target in parts.state_targets(state):
            if isinstance(target, History) and not target.state.is_composite:
                yield tell(
                    "PG216",
                    f"`{target.state.name}` has no states inside, so it has no history",
                    target.span,
                    "nothing to go back to",
                    labels=[(target.state.name_span, "a state without inner states")],
                    help=f"write `-> {target.state.name}`",
                )


def targets_in_other_regions(moves: Moves) -> Iterator[Diagnostic]:
    """A region keeps its own state: no other region moves it."""
    for state in moves.states:
        mine = _regions(state)
        if not mine:
            continue
        for target in parts.state_targets(state):
            for led_to in _led_to(target):
                for parent, region in _regions(led_to).items():
                    if mine.get(parent, region) is not region:
                        yield tell(
                            "PG219",
                            f"region `{mine[parent].name}` cannot move region `{region.name}`",
                            target.span,
                            f"`{led_to.name}` is in `{region.name}`",
                            labels=[(led_to.name_span, "stands here")],
                            help="`raise` an event that the other region takes",
                        )


def _regions(state: State) -> dict[State, Region]:
    """The regions that a state is in, by the state that holds them."""
    return {
        around.parent: around.region
        for around in state.around()
        if around.region is not None and around.parent is not None
    }


def _led_to(target: Target) -> Iterator[State]:
    if isinstance(target, Goto | Push | History):
        yield target.state
    if isinstance(target, Push) and target.then is not None:
        yield target.then.state


def durations_not_above_zero(moves: Moves) -> Iterator[Diagnostic]:
    """A time-out of no time fires before any event can be taken; `entry ->` says that."""
    durations: list[Expr] = [timer.duration for timer in moves.machine.timers.values()]
    for state in moves.states:
        durations += [row.duration for row in state.timeouts if row.duration is not None]
        durations += [
            action.duration
            for action in parts.state_actions(state)
            if isinstance(action, StartTimer) and action.duration is not None
        ]
    for duration in durations:
        if (
            isinstance(duration, Value)
            and isinstance(duration.value, int | float)
            and duration.value <= 0
        ):
            yield tell(
                "PG220",
                "a time-out of no time",
                duration.span,
                "runs out before any event can be taken",
                help="write `entry -> …` for what goes on at once",
            )


def initial_states_with_parameters(moves: Moves) -> Iterator[Diagnostic]:
    """Whoever goes to a state sets its parameters; nobody goes to an initial state."""
    for state in moves.states:
        if state.initial and state.params:
            yield tell(
                "PG221",
                f"nobody sets the parameters of `{state.name}`, an initial state",
                state.name_span,
                "entered without arguments",
                help="make them parameters of the machine, or variables",
            )


def messages_that_nothing_reads(moves: Moves) -> Iterator[Diagnostic]:
    """A machine over bytes hears only where it says what it reads."""
    below = moves.machine.below
    if below is None or below.kind != "bytes":
        return
    raised = {a.event for a in parts.actions(moves.machine) if isinstance(a, Raise)}
    for state in moves.states:
        if any(_reads(leaf) for leaf in state.leaves()):
            continue
        for row in state.transitions:
            event = row.match.event
            if event is not None and event.origin == "below" and event not in raised:
                yield tell(
                    "PG313",
                    f"`{state.name}` waits for `{row.match.text}`, and reads nothing",
                    row.match.span,
                    "cannot come",
                    labels=[(state.name_span, "says no `reads`")],
                    help=f'write `state {state.name} reads line(end: "\\r\\n", max: 1000)`',
                )
                break


def _reads(state: State) -> bool:
    return any(around.reads is not None for around in state.around())
