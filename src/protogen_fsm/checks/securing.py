"""TLS in the midst of a connection: what it needs, and what must not outlive its beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.checks import parts
from protogen_fsm.checks.tell import tell
from protogen_fsm.model.expressions import Local, walk
from protogen_fsm.model.machine import Assign, StartTls, Variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.checks.moves import Moves
    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.machine import Machine


def starttls_without_stream(moves: Moves) -> Iterator[Diagnostic]:
    """`starttls` puts a handshake onto a stream (RFC 3207); so does all that speaks of it."""
    if _on_a_stream(moves.machine):
        return
    for action in parts.actions(moves.machine):
        if isinstance(action, StartTls):
            yield tell(
                "PG321",
                f"`{moves.machine.name}` stands on no stream that `starttls` could secure",
                action.span,
                "no stream below",
                labels=[(moves.machine.name_span, "neither over bytes nor over what is")],
                help="stand `over bytes`, or leave it to a machine that does",
            )
    is_instance = moves.machine.below is None and moves.is_layer  # whose host may stand on one
    for variable in moves.machine.variables.values():
        if variable.forgotten and not is_instance:
            yield tell(
                "PG321",
                f"`{moves.machine.name}` stands on no stream that `starttls` could secure",
                variable.span,
                "would never be forgotten",
                labels=[(moves.machine.name_span, "neither over bytes nor over what is")],
                help="leave `scope layer` out",
            )


def _on_a_stream(machine: Machine) -> bool:
    at: Machine | None = machine
    while at is not None and at.below is not None:
        if at.below.kind == "bytes":
            return True
        at = at.below.machine
    return False


def learnt_in_the_clear(moves: Moves) -> Iterator[Diagnostic]:
    """What an event from below has told is forgotten when TLS begins (RFC 3207, section 4.2)."""
    machine = moves.machine
    if not machine.secures:
        return
    told: set[Variable] = set()
    instances = (many.machine for many in machine.many.values())
    inside = (state for one in instances for state in one.every_state())
    for state in (*moves.states, *inside):
        for row in state.transitions:
            event = row.match.event
            if event is None or event.origin != "below":
                continue
            for action in (action for branch in row.branches for action in branch.actions):
                if (
                    isinstance(action, Assign)
                    and isinstance(action.target, Variable)
                    and not action.target.forgotten
                    and action.target not in told
                    and any(
                        isinstance(part, Local) and part.scope == "event"
                        for part in walk(action.value)
                    )
                ):
                    variable = action.target
                    told.add(variable)
                    yield tell(
                        "PG333",
                        f"`{variable.name}` keeps what was said before TLS",
                        action.span,
                        f"`{event.name}` may have come in the clear",
                        labels=[(variable.span, "not forgotten when TLS begins")],
                        help=f"declare it `var {variable.name}: … = … scope layer`",
                    )
