"""Outcomes: each can be answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.checks.tell import tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.checks.moves import Moves
    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.machine import Outcome


def unreachable_outcomes(moves: Moves) -> Iterator[Diagnostic]:
    """An answer picks its outcome by name, so a second one of that name in a row is never meant."""
    for state in moves.states:
        for row in state.transitions:
            seen: dict[str, Outcome] = {}
            for branch in row.branches:
                outcome = branch.outcome
                if outcome is None:
                    continue
                if outcome.name in seen:
                    yield tell(
                        "PG213",
                        f"the outcome `{outcome.name}` is named twice for one event",
                        branch.span,
                        "can never be answered",
                        labels=[(row.match.span, f"of this `{row.match.text}`")],
                        help="give it another name, or take it out",
                    )
                seen.setdefault(outcome.name, outcome)
