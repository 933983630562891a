"""Moves that need no event: `entry ->` and `raise`. They must come to rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.checks.moves import components, crossing, key
from protogen_fsm.checks.tell import tell
from protogen_fsm.model.machine import Goto, Push, Raise, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.checks.moves import Moves, Node
    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.machine import Action, Event, Target, Transition


def entry_cycles(moves: Moves) -> Iterator[Diagnostic]:
    """`entry ->` asks nothing and waits for nothing: a circle of such moves never ends."""
    graph: dict[Node, list[Node]] = {
        state: list(_goes_on_from(state.entry_target))
        for state in moves.states
        if isinstance(state.entry_target, Goto | Push)
    }
    for part in components(graph):
        if len(part) == 1 and part[0] not in graph[part[0]]:
            continue
        states = [node for node in part if isinstance(node, State)]
        states.sort(key=lambda state: state.name_span.start)
        first, *others = states
        assert first.entry_target is not None
        yield tell(
            "PG210",
            f"`entry ->` goes round in a circle from `{first.name}`",
            first.entry_target.span,
            "goes on without waiting for anything",
            labels=[(s.entry_target.span, "and so on") for s in others if s.entry_target],
            notes=[f"the way is {_way(first, graph, set(part))}"],
            help="let one of these states wait for an event",
        )


def _goes_on_from(target: Target) -> Iterator[Node]:
    """The states entered that go on at once in their turn."""
    if isinstance(target, Goto | Push):
        state = target.state
        entered = crossing(state, state)[1]
        yield from (one for one in entered if isinstance(one.entry_target, Goto | Push))


def _way(first: State, graph: dict[Node, list[Node]], part: set[Node]) -> str:
    names, at = [first.name], first
    for _ in part:
        following = [n for n in graph[at] if n in part and isinstance(n, State)]
        at = following[0]
        names.append(at.name)
        if at is first:
            break
    return " -> ".join(names)


def raise_cycles(moves: Moves) -> Iterator[Diagnostic]:
    """A raised event that is taken, whatever the values, by a row that raises the same again.

    Only what is sure is told: rows without guard and outcome, the first event that each raises.
    """
    graph: dict[tuple[State, Event], tuple[State, Event, Transition] | None] = {}
    told: set[Transition] = set()
    raising = {
        row
        for state in moves.states
        for row in state.transitions
        if row.match.event is not None and _is_sure(row) and _first_raised(row.branches[0].actions)
    }
    for leaf in moves.leaves if raising else ():
        if leaf not in moves.reachable:
            continue
        for row in moves.effective(leaf):
            if row not in raising:
                continue
            assert row.match.event is not None
            circle = _circle(moves, (leaf, row.match.event), graph)
            if circle and told.isdisjoint(circle):
                told.update(circle)
                yield _told(circle)


def _is_sure(row: Transition) -> bool:
    return row.guard is None and not row.has_outcomes


def _circle(
    moves: Moves,
    node: tuple[State, Event],
    graph: dict[tuple[State, Event], tuple[State, Event, Transition] | None],
) -> list[Transition]:
    """The rows of the circle that a raised event runs into; none if it comes to rest, or may."""
    path: dict[tuple[State, Event], Transition] = {}
    while True:
        if node in path:
            nodes = list(path)
            return [path[one] for one in nodes[nodes.index(node) :]]
        if node not in graph:
            graph[node] = _next(moves, *node)
        following = graph[node]
        if following is None:
            for one in (*path, node):
                graph[one] = None
            return []
        path[node] = following[2]
        node = following[:2]


def _next(moves: Moves, leaf: State, event: Event) -> tuple[State, Event, Transition] | None:
    """Where a sure row for the event leads, and what it raises first."""
    if event.by is not None:
        return None
    row = next((row for row in moves.effective(leaf) if key(row) == (event, "")), None)
    if row is None or not _is_sure(row) or any(s.ignored for s in leaf.around()):
        return None
    branch = row.branches[0]
    step = moves.step(leaf, row, branch, branch.target, branch.actions)
    raised = _first_raised(step.actions)
    if raised is None:
        return None
    if branch.target is None:
        return leaf, raised, row
    if not isinstance(branch.target, Goto) or len(step.leads_to) != 1:
        return None
    arrival = step.leads_to[0]
    if any(state.entry_target is not None for state in arrival.around()):
        return None
    return arrival, raised, row


def _first_raised(actions: tuple[Action, ...]) -> Event | None:
    return next((action.event for action in actions if isinstance(action, Raise)), None)


def _told(circle: list[Transition]) -> Diagnostic:
    first, *others = circle
    names = [row.match.text for row in circle]
    return tell(
        "PG210",
        f"`{names[0]}` raises itself without end",
        first.match.span,
        "raises the next" if others else "raises itself",
        labels=[(row.match.span, "and so on") for row in others],
        notes=[f"the chain is {' -> '.join([*names, names[0]])}, and no guard ends it"],
        help="guard one of these rows, or let it wait for an event from outside",
    )
