"""Replies: taken where something was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.checks.tell import tell
from protogen_fsm.model.machine import Emit, Pop, Push, Send

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.checks.moves import Moves, Step
    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.machine import Event, Machine, State, Transition

_MANY = 8  # requests on the way, past which they are not counted: as good as no limit


def replies_without_request(moves: Moves) -> Iterator[Diagnostic]:
    """A reply is taken where a request is on the way (RFC 9112, section 9.2).

    For a machine that the application asks and that sends for it. A reply is what moves it on in a
    state that waits for one; it is told where, on every way, no more was sent than was answered,
    unless it answers a call, since those are counted as they come. A server may speak first, say no
    at any time (4xx, 5xx), and more than once (1xx).
    """
    machine = moves.machine
    if (
        not machine.accepts
        or not machine.sends
        or machine.many
        or any(state.regions for state in moves.states)
    ):
        return
    asked = _asked(moves)
    if asked is None:
        return
    replies = {
        row.match.event
        for leaf, number in asked.items()
        if number > 0
        for row in moves.effective(leaf)
        if _is_reply(row) and any(branch.target is not None for branch in row.branches)
    }
    leaves: dict[State, list[State]] = {}
    for leaf in asked:
        for state in leaf.around():
            leaves.setdefault(state, []).append(leaf)
    for state, inside in leaves.items():
        if any(asked[leaf] for leaf in inside):
            continue
        for row in state.transitions:
            if row.match.event in replies and _is_positive(row) and not _is_counted(row, machine):
                yield tell(
                    "PG306",
                    f"`{row.match.text}` is taken in `{state.name}`, where nothing was asked",
                    row.match.span,
                    "answers no request",
                    notes=["on every way to here, no more was sent than was answered"],
                    help="send the request on the way here, or take the reply where it is awaited",
                )


def _is_reply(row: Transition) -> bool:
    event = row.match.event
    return event is not None and event.origin == "below"


def _is_counted(row: Transition, machine: Machine) -> bool:
    """Whether it is undone where no call waits: `unsolicited`."""
    answers = {name for event in machine.accepts for name in event.answered_by}
    return all(
        any(
            isinstance(action, Emit) and action.output.name in answers and not action.output.unasked
            for action in branch.actions
        )
        for branch in row.branches
    )


def _is_positive(row: Transition) -> bool:
    return not row.match.value.startswith(("1", "4", "5"))


def _asked(moves: Moves) -> dict[State, int] | None:
    """For each innermost state, how many requests may be on the way when it is entered."""
    first = moves.start[0]
    speaks_first = not any(_from_above(row) for row in moves.effective(first))
    found: dict[State, int] = {first: 1 if speaks_first else 0}
    todo = [first]
    while todo:
        leaf = todo.pop()
        for step in moves.steps(leaf):
            if isinstance(step.target, Push | Pop):
                return None
            number = min(_MANY, _after(found[leaf], step))
            for other in step.leads_to or (leaf,):
                if number > found.get(other, -1):
                    found[other] = number
                    todo.append(other)
    return found


def _from_above(row: Transition) -> bool:
    event: Event | None = row.match.event
    return event is not None and event.origin == "above"


def _after(number: int, step: Step) -> int:
    row = step.row
    if row is not None and _is_reply(row) and not row.match.value.startswith("1"):
        number = number if number >= _MANY else max(0, number - 1)
    return number + sum(isinstance(action, Send) for action in step.actions)
