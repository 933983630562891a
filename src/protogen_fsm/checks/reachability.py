"""Which states can be reached, and from which the end can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.checks import parts
from protogen_fsm.checks.moves import backwards, components, passes_on, reach
from protogen_fsm.checks.tell import listed, tell
from protogen_fsm.model.machine import Close, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.checks.moves import Moves, Node
    from protogen_fsm.diagnostics import Diagnostic


def unreachable_states(moves: Moves) -> Iterator[Diagnostic]:
    """A state that no way from the initial state leads to is dead text.

    Told where the dead part begins: not of what only it leads to, nor of what is inside it.
    """
    lost = [state for state in moves.states if state not in moves.reachable]
    if not lost:
        return
    graph = _with_insides(moves, lost)
    for state in _beginnings(graph):
        yield tell(
            "PG201",
            f"nothing leads to the state `{state.name}`",
            state.name_span,
            "never reached",
            help=f"add a transition `-> {state.name}`, or take the state out",
        )


def _with_insides(moves: Moves, lost: list[State]) -> dict[Node, list[Node]]:
    """The ways among the lost states; a composite one leads to all that is inside it."""
    kept = set(lost)
    graph: dict[Node, list[Node]] = {state: [] for state in lost}
    for state in lost:
        graph[state] += [
            other
            for other in moves.successors[state]
            if other is not state.parent and isinstance(other, State) and other in kept
        ]
        if state.parent in kept and state.parent is not None:
            graph[state.parent].append(state)
    return graph


def _beginnings(graph: dict[Node, list[Node]]) -> Iterator[State]:
    """One state of each part that no other part leads to, in the order of the text."""
    whole = components(graph)
    home = {node: index for index, part in enumerate(whole) for node in part}
    led_to = {
        home[other] for node, out in graph.items() for other in out if home[node] != home[other]
    }
    told: set[int] = set()
    for node in graph:
        if home[node] not in led_to and home[node] not in told and isinstance(node, State):
            told.add(home[node])
            yield node


def states_without_an_end(moves: Moves) -> Iterator[Diagnostic]:
    """From each state there is a way out, and where the machine has final states a way to one.

    `close`, and `otherwise close`, are an end as well. A machine that has no end at all is a layer
    or an observer: of it only a state that takes no event is told.
    """
    machine = moves.machine
    if machine.otherwise == "close":
        return
    ends: list[Node] = [state for state in moves.states if state.final or _closes(state)]
    if not ends:
        yield from _takes_nothing(moves)
        return
    graph = _live(moves)
    can_end = reach(ends, backwards(graph).__getitem__)
    stuck = {
        node: [other for other in out if other in moves.reachable]
        for node, out in graph.items()
        if node in moves.reachable and node not in can_end
    }
    for part in components(stuck):
        inside = set(part)
        leaves = [n for n in part if isinstance(n, State) and not n.is_composite]
        if not leaves or any(other not in inside for node in part for other in stuck[node]):
            continue
        if all(passes_on(leaf) for leaf in leaves):
            continue  # told as a circle of `entry ->`
        leaves.sort(key=lambda state: state.name_span.start)
        yield _no_way_out(leaves[0]) if len(leaves) == 1 else _goes_round(leaves)


def _closes(state: State) -> bool:
    return any(isinstance(action, Close) for action in parts.state_actions(state))


def _live(moves: Moves) -> dict[Node, list[Node]]:
    """The graph without ways to states around whose rows lead nowhere."""
    lively: set[Node] = set()
    for state in moves.states:
        leads_on = next(parts.state_targets(state), None) is not None
        # What one region does may end the others.
        if leads_on or state.parent in lively or state.final or _closes(state) or state.regions:
            lively.add(state)
    live: dict[Node, list[Node]] = {}
    for node, out in moves.successors.items():
        parent = node.parent if isinstance(node, State) else None
        live[node] = [other for other in out if other is not parent or other in lively]
        if isinstance(node, State) and node.regions:
            live[node] += node.leaves()
    return live


def _no_way_out(state: State) -> Diagnostic:
    return tell(
        "PG202",
        f"nothing leaves the state `{state.name}`, and it is not final",
        state.name_span,
        "no way out",
        help=f"write `final state {state.name}`, or a transition that leaves it",
    )


def _goes_round(states: list[State]) -> Diagnostic:
    return tell(
        "PG203",
        f"no final state can be reached from `{states[0].name}`",
        states[0].name_span,
        "no way to the end",
        notes=[f"from here the machine goes round between {listed(s.name for s in states)}"],
        help="add a transition to a final state",
    )


def _takes_nothing(moves: Moves) -> Iterator[Diagnostic]:
    for leaf in moves.leaves:
        silent = not any(
            parts.rows(s) or s.ignored or s.deferred or s.entry_target for s in leaf.around()
        )
        if silent and leaf in moves.reachable:
            yield _no_way_out(leaf)
