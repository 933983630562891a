"""Text to tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protogen_fsm.diagnostics import SpecError
from protogen_fsm.source import Span
from protogen_fsm.syntax import tree
from protogen_fsm.syntax.build import Builder
from protogen_fsm.syntax.literals import TooDeep
from protogen_fsm.syntax.mend import Mender, too_deep, unreadable
from protogen_fsm.syntax.table import load
from protogen_fsm.syntax.tokens import Token, comments, tokens

if TYPE_CHECKING:
    from protogen_fsm.source import Source


def parse(source: Source) -> tree.File:
    """The tree of a spec; SpecError with all that is wrong with its text."""
    found = unreadable(source)
    if found:
        raise SpecError([found])
    try:
        file = _Parser(source).run()
    except TooDeep as error:
        raise SpecError([too_deep(error.span)]) from None
    file.comments = _comments(source)
    return file


class _Unexpected(Exception):
    def __init__(self, token: Token) -> None:
        self.token = token


class _Parser:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.table = load()
        self.builder = Builder(source)
        self.stack = [self.table.start]
        self.values: list[Any] = []
        self.reductions = [
            (size, origin, None if name is None else getattr(self.builder, name), places)
            for origin, size, name, places in self.table.rules
        ]

    def run(self) -> tree.File:
        mender, at = None, 0
        while True:
            try:
                self._take_all(at)
                break
            except _Unexpected as error:
                mender = mender or Mender(self.source, self.table)
                resume = mender.mend(error.token, self.stack, self.values)
                if resume is None:
                    break
                at = resume
        found = self.builder.literals.found + (mender.found if mender else [])
        if found:
            raise SpecError(sorted(found, key=lambda d: d.span.start if d.span else 0))
        file = self.values[-1]
        assert isinstance(file, tree.File)
        return file

    def _take_all(self, at: int) -> None:
        text, builder = self.source.text, self.builder
        for token in tokens(text, self.table, self.stack, at):
            self._take(token)
            builder.end = token.end
        self._take(Token("$END", "", len(text), len(text)))

    def _take(self, token: Token) -> None:
        stack, values, states = self.stack, self.values, self.table.states
        terminal = token.type
        while True:
            step = states[stack[-1]].get(terminal)
            if step is None:
                if terminal == "$END" and stack[-1] == self.table.end:
                    return
                raise _Unexpected(token)
            if step >= 0:
                stack.append(step)
                values.append(token)
                return
            size, origin, make, places = self.reductions[~step]
            if make is None:
                stack[-1] = states[stack[-2]][origin]
                continue
            if size:
                children = values[-size:]
                del stack[-size:], values[-size:]
            else:
                children = []
            if places is not None:
                children = [None if place is None else children[place] for place in places]
            values.append(make(children))
            stack.append(states[stack[-1]][origin])


def _comments(source: Source) -> list[tree.Comment]:
    text = source.text
    found = []
    for start, end in comments(text):
        own_line = not text[text.rfind("\n", 0, start) + 1 : start].strip("\ufeff \t\r\f\v")
        found.append(tree.Comment(text[start:end].rstrip(), own_line, Span(source, start, end)))
    return found
