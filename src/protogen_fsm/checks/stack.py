"""`push` and `pop`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.checks import parts
from protogen_fsm.checks.moves import POP, components, reach
from protogen_fsm.checks.tell import tell
from protogen_fsm.model.machine import Pop, Push, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.checks.moves import Moves, Node
    from protogen_fsm.diagnostics import Diagnostic


def pops_with_nothing_pushed(moves: Moves) -> Iterator[Diagnostic]:
    """A `pop` that can be reached with nothing pushed is an error (docs/language.md, section 5).

    Such are the states reached from the initial one with what is pushed left out.
    """
    if not any(isinstance(t, Pop) for s in moves.states for t in parts.state_targets(s)):
        return
    seen: dict[State, None] = dict.fromkeys(moves.start)
    todo = list(seen)
    told: set[Pop] = set()
    while todo:
        leaf = todo.pop()
        for step in moves.steps(leaf):
            target = step.target
            if isinstance(target, Pop) and target not in told:
                told.add(target)
                yield tell(
                    "PG211",
                    f"`pop` in `{leaf.name}`, where nothing need be pushed",
                    target.span,
                    "there may be nothing to go back to",
                    notes=[f"`{leaf.name}` can be reached without a `push`"],
                    help=f"reach it by `push {leaf.name}` only, or go on by `-> …`",
                )
            leads_to = step.leads_to
            if isinstance(target, Push):
                leads_to = moves.entered(target.then.state) if target.then is not None else ()
            for other in leads_to:
                if other not in seen:
                    seen[other] = None
                    todo.append(other)


def pushes_without_bound(moves: Moves) -> Iterator[Diagnostic]:
    """A `push` that can come again before any `pop` has its depth said, and what is pushed pops.

    The stack has a limit; where nesting belongs to the protocol, `machine … depth N` says how deep.
    """
    pushes = [
        (state, target)
        for state in moves.states
        for target in parts.state_targets(state)
        if isinstance(target, Push) and state in moves.reachable
    ]
    if not pushes:
        return
    can_pop = reach([POP], moves.predecessors.__getitem__)
    again = _that_come_again(moves) if moves.machine.depth_span is None else set()
    deep: tuple[State, Push] | None = None
    for state, push in pushes:
        if can_pop.isdisjoint(moves.entered(push.state)):
            yield tell(
                "PG212",
                f"nothing pops what `push {push.state.name}` pushes",
                push.span,
                f"`{state.name}` is never gone back to",
                help=f"write `-> {push.state.name}`, or `pop` where it ends",
            )
        elif deep is None and push in again:
            deep = state, push
            yield tell(
                "PG212",
                f"`push {push.state.name}` can come again before any `pop`",
                push.span,
                "as deep as whoever sends the events likes",
                notes=[f"past {moves.machine.depth} the event is `malformed`"],
                help=f"say how deep: `machine {moves.machine.name} … depth {moves.machine.depth}`",
            )


def _that_come_again(moves: Moves) -> set[Push]:
    """The pushes on a circle of ways that goes through no `pop`."""
    graph: dict[Node, list[Node]] = {
        node: [other for other in out if other != POP]
        for node, out in moves.successors.items()
        if node != POP
    }
    home = {node: index for index, part in enumerate(components(graph)) for node in part}
    found: set[Push] = set()
    for state in moves.states:
        for target in parts.state_targets(state):
            if isinstance(target, Push):
                inner = [home[s] for s in moves.entered(target.state)]
                if home[state] in inner:
                    found.add(target)
    return found
