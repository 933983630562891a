"""What rows and actions are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model.machine import (
    Assign,
    Emit,
    Goto,
    Perform,
    Push,
    Raise,
    Send,
    StartInstance,
    StartTimer,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.machine import Action, Machine, State, Target, Transition


def expressions(action: Action) -> tuple[Expr, ...]:
    """The expressions that an action evaluates."""
    if isinstance(action, Send | Emit | Raise | Perform | StartInstance):
        return action.args
    if isinstance(action, Assign):
        return (action.value,)
    if isinstance(action, StartTimer) and action.duration is not None:
        return (action.duration,)
    return ()


def arguments(target: Target | None) -> tuple[Expr, ...]:
    """The expressions that a target evaluates."""
    if isinstance(target, Goto):
        return target.args
    if isinstance(target, Push):
        return target.args + (target.then.args if target.then else ())
    return ()


def rows(state: State) -> list[Transition]:
    """What a state says of events and of its own time-out."""
    return state.transitions + state.timeouts


def state_actions(state: State) -> Iterator[Action]:
    """All actions that a state says, of its rows, its entry and its exit."""
    yield from state.entry
    for row in rows(state):
        for branch in row.branches:
            yield from branch.actions
    yield from state.exit


def state_targets(state: State) -> Iterator[Target]:
    """All targets that a state says, of its rows and of `entry ->`."""
    if state.entry_target is not None:
        yield state.entry_target
    for row in rows(state):
        for branch in row.branches:
            if branch.target is not None:
                yield branch.target


def actions(machine: Machine) -> Iterator[Action]:
    """All actions of a machine."""
    for state in machine.every_state():
        yield from state_actions(state)


def every_expression(machine: Machine) -> Iterator[Expr]:
    """All expressions of a machine, outermost each."""
    for variable in machine.variables.values():
        if variable.initial is not None:
            yield variable.initial
    for timer in machine.timers.values():
        yield timer.duration
    for many in machine.many.values():
        yield from many.args.values()
    if machine.below is not None:
        yield from machine.below.args.values()
    for state in machine.every_state():
        yield from state_expressions(state)


def state_expressions(state: State) -> Iterator[Expr]:
    """All expressions of a state, those of the states inside left out."""
    if state.reads is not None:
        yield from state.reads.args.values()
    for row in rows(state):
        if row.guard is not None:
            yield row.guard
        if row.duration is not None:
            yield row.duration
    for action in state_actions(state):
        yield from expressions(action)
    for target in state_targets(state):
        yield from arguments(target)
