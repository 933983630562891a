"""What to say of a text that the grammar does not take, and where to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protogen_fsm.diagnostics import Diagnostic
from protogen_fsm.source import Span

if TYPE_CHECKING:
    from protogen_fsm.source import Source
    from protogen_fsm.syntax.table import Table
    from protogen_fsm.syntax.tokens import Token


class Mender:
    """Describes what is wrong in one file, place after place."""

    def __init__(self, source: Source, table: Table) -> None:
        self.source = source
        self.table = table
        self.found: list[Diagnostic] = []

    def mend(self, token: Token, stack: list[int], values: list[Any]) -> int | None:
        """Describe what is wrong at a token; where to go on, None to give up."""
        span = Span(self.source, token.start, token.end)
        self.found.append(Diagnostic("PG001", f"`{token.text}` cannot stand here", span))
        return None


def too_deep(span: Span) -> Diagnostic:
    """What to say of something nested too deep."""
    return Diagnostic("PG009", "this is nested too deep", span)


def unreadable(source: Source) -> Diagnostic | None:
    """What makes a text no spec at all, if anything."""
    return None
