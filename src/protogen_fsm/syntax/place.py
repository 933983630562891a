"""A place where the parser cannot go on, and all that is known of it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from protogen_fsm.diagnostics import Diagnostic
from protogen_fsm.source import Span
from protogen_fsm.syntax.expected import either, expected
from protogen_fsm.syntax.tokens import Token, scan

if TYPE_CHECKING:
    from protogen_fsm.diagnostics import Label
    from protogen_fsm.source import Source
    from protogen_fsm.syntax.table import Table

_LONG = 40
_LINES_ABOVE = 30  # of comments, between a token and the one before


class Resume(NamedTuple):
    """Where the parser goes on, once it has taken the tokens that mend the text."""

    at: int
    tokens: tuple[Token, ...] = ()


class Place:
    """A token that the parser cannot take, with the parser as it stands before it."""

    def __init__(
        self, source: Source, table: Table, token: Token, stack: list[int], values: list[Any]
    ) -> None:
        self.source = source
        self.table = table
        self.token = token
        self.stack = stack
        self.values = values
        self.line_start = source.text.rfind("\n", 0, token.start) + 1
        self.is_first = not source.text[self.line_start : token.start].strip("\ufeff \t\r")

    @cached_property
    def before(self) -> list[Token]:
        """The tokens before: those of this line, or of the last line above that has any."""
        text, start, end = self.source.text, self.line_start, self.token.start
        for _ in range(_LINES_ABOVE):
            found = [token for token in _until(text, start, end) if token.end <= end]
            if found or start == 0:
                return found
            end = len(text[:start].rstrip())
            start = text.rfind("\n", 0, end) + 1
        return []

    @cached_property
    def next(self) -> Token | None:
        """The token behind."""
        return next(scan(self.source.text, self.token.end), None)

    @cached_property
    def open(self) -> list[Token]:
        """The brackets that are open, outermost first."""
        return [self.values[index] for index in open_brackets(self.values)]

    def last(self, count: int = 1) -> str:
        """The text of the last token before, of the last but one, …"""
        return self.before[-count].text if len(self.before) >= count else ""

    def span(self, token: Token) -> Span:
        """Where a token stands."""
        return Span(self.source, token.start, token.end)

    def takes(self, text: str) -> bool:
        """Whether the keyword or sign can stand here."""
        return self.table.takes(self.stack, self.table.terminals[text])

    def takes_behind(self, text: str) -> bool:
        """Whether the token can stand here with the keyword or sign before it."""
        stack = self.table.after(self.stack, self.table.terminals[text])
        return stack is not None and self.table.takes(stack, self.token.type)

    def keyword(self, text: str, length: int = 0) -> Token:
        """A keyword or sign to take in the token's place."""
        start = self.token.start
        return Token(self.table.terminals[text], text, start, start + length)

    @property
    def found(self) -> str:
        """What stands here, in words."""
        token = self.token
        if token.type == "$END":
            return "the end of the file"
        if token.type in ("STRING", "ISTRING", "RSTRING"):
            return "a string"
        if token.type == "STRANGE" and not (token.text.isprintable() and token.text.strip()):
            return f"the character U+{ord(token.text):04X}"
        text = token.text if len(token.text) < _LONG else token.text[: _LONG - 1] + "…"
        return f"`{text}`"

    def say(
        self,
        help: str = "",
        title: str = "",
        span: Span | None = None,
        labels: tuple[Label, ...] = (),
    ) -> Diagnostic:
        """That this cannot stand here, and what can."""
        before = self.before[-1] if self.before else None
        phrases = either(expected(self.table, self.stack, before, self.is_first))
        if not title and phrases:
            title = f"expected {phrases}, found {self.found}"
            phrases = ""
        return Diagnostic(
            "PG001",
            title or f"{self.found} cannot stand here",
            span or self.span(self.token),
            f"expected {phrases}" if phrases else "",
            labels=labels,
            help=help,
        )


def open_brackets(values: list[Any]) -> list[int]:
    """Which of the parser's values are brackets that are open, outermost first."""
    found: list[int] = []
    for index, value in enumerate(values):
        if isinstance(value, Token):
            if value.text in ("(", "[", "{"):
                found.append(index)
            elif value.text in (")", "]", "}") and found:
                found.pop()
    return found


def _until(text: str, start: int, end: int) -> list[Token]:
    found = []
    for token in scan(text, start):
        if token.start >= end:
            break
        found.append(token)
    return found
