"""States that wait for the peer with nothing to end the wait."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING

from protogen_fsm.checks import parts
from protogen_fsm.checks.tell import listed, tell
from protogen_fsm.model.machine import Close

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.checks.moves import Moves
    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.machine import Branch, Machine, State, Transition


class _Ways(IntFlag):
    """What ends the stay in a state, of its own rows and of those around it."""

    PEER = 1
    TIME = 2
    OTHER = 4


def waits_without_timeout(moves: Moves) -> Iterator[Diagnostic]:
    """A state that only the peer can end has an `after` or a timer, in it or around it.

    For the machine at the top of a stack over a transport: a layer keeps the time of what stands on
    it, and a machine that has no end of its own is a layer for others. `open` comes at once and
    is no wait; what the application asks for ends a wait too. RFC 5321, section 4.5.3.2.
    """
    machine = moves.machine
    if moves.is_layer or not machine.receives or not _has_transport(machine) or not _ends(moves):
        return
    ways: dict[State, _Ways] = {}
    for state in moves.states:
        around = ways[state.parent] if state.parent is not None else _Ways(0)
        ways[state] = around | _own(state)
    waiting = {
        leaf
        for leaf in moves.leaves
        if ways[leaf] == _Ways.PEER and not leaf.final and leaf in moves.reachable
    }
    told: set[State] = set()
    for state in moves.states:
        leaves = [leaf for leaf in state.leaves() if not leaf.final]
        if leaves and waiting.issuperset(leaves) and told.isdisjoint(state.around()):
            told.add(state)
            yield tell(
                "PG209",
                f"`{state.name}` waits for the peer without a time-out",
                state.name_span,
                "only what the peer sends ends the wait",
                notes=[f"so do the states inside: {listed(leaf.name for leaf in leaves)}"]
                if state.is_composite
                else (),
                help="write `after 5min -> …` in it, or in a state around it",
            )


def _has_transport(machine: Machine) -> bool:
    below = machine.below
    while below is not None and below.machine is not None:
        below = below.machine.below
    return below is not None


def _ends(moves: Moves) -> bool:
    return any(
        state.final or any(isinstance(a, Close) for a in parts.state_actions(state))
        for state in moves.states
    )


def _own(state: State) -> _Ways:
    found = _Ways(0)
    if state.entry_target is not None:
        found |= _Ways.OTHER
    if state.timeouts:
        found |= _Ways.TIME
    for row in state.transitions:
        if _is_timer(row):
            found |= _Ways.TIME
        elif any(_leaves(branch) for branch in row.branches):
            found |= _way(row)
    return found


def _is_timer(row: Transition) -> bool:
    return row.match.event is not None and row.match.event.origin == "timer"


def _leaves(branch: Branch) -> bool:
    return branch.target is not None or any(isinstance(a, Close) for a in branch.actions)


def _way(row: Transition) -> _Ways:
    event = row.match.event
    if event is None:
        return _Ways.PEER
    if event.origin == "built_in":
        return {"eof": _Ways.PEER, "open": _Ways.OTHER}.get(event.name, _Ways(0))
    return _Ways.PEER if event.origin == "below" else _Ways.OTHER
