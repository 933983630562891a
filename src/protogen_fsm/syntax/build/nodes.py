"""What all rules make use of: names, places, lists."""

# ruff: noqa: D102 - what a method makes is what its rule says

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protogen_fsm.source import Span
from protogen_fsm.syntax import tree
from protogen_fsm.syntax.literals import Literals

if TYPE_CHECKING:
    from protogen_fsm.source import Source
    from protogen_fsm.syntax.tokens import Token

Children = list[Any]


class Nodes:
    """Makes the nodes of one file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.literals = Literals(source)
        # Where the last token that the parser took ends: so does every rule that it then reduces.
        self.end = 0

    def _from(self, start: int) -> Span:
        return Span(self.source, start, self.end)

    def _name(self, token: Token) -> tree.Name:
        return tree.Name(token.text, Span(self.source, token.start, token.end))

    def commas(self, c: Children) -> list[Any]:
        if len(c) == 1:
            return [c[0]]
        c[0].append(c[2])
        return c[0]  # type: ignore[no-any-return]

    def many(self, c: Children) -> list[Any]:
        if not c:
            return []
        c[0].append(c[1])
        return c[0]  # type: ignore[no-any-return]

    def some(self, c: Children) -> list[Any]:
        if len(c) == 1:
            return [c[0]]
        c[0].append(c[1])
        return c[0]  # type: ignore[no-any-return]

    def fields(self, c: Children) -> list[Any]:
        if len(c) == 1:
            return [c[0]]
        c[0].append(c[2])
        return c[0]  # type: ignore[no-any-return]

    def second(self, c: Children) -> Any:
        return c[1]

    def between(self, c: Children) -> list[Any]:
        return c[1] or []

    def name(self, c: Children) -> tree.Name:
        token = c[0]
        return tree.Name(token.text, Span(self.source, token.start, token.end))

    def event_name(self, c: Children) -> tree.Name:
        return self.literals.event(c[0])

    def _doc(self, token: Token | None) -> tree.Text | None:
        return None if token is None else self.literals.text(token)
