"""Text to tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protogen_fsm.diagnostics import Diagnostic, SpecError
from protogen_fsm.source import Span
from protogen_fsm.syntax import tree
from protogen_fsm.syntax.build import MAX_DEPTH, Builder
from protogen_fsm.syntax.foreign import foreign
from protogen_fsm.syntax.literals import TooDeep
from protogen_fsm.syntax.mend import ENOUGH, Mender
from protogen_fsm.syntax.place import Resume
from protogen_fsm.syntax.table import load
from protogen_fsm.syntax.tokens import Token, brackets_and_comments, tokens

if TYPE_CHECKING:
    from protogen_fsm.source import Source


def parse(source: Source) -> tree.File:
    """The tree of a spec; SpecError with all that is wrong with its text."""
    found = foreign(source)
    if found:
        raise SpecError([found])
    comments = _comments(source)
    try:
        file = _Parser(source).run()
    except TooDeep as error:
        raise SpecError([_too_deep(error.span)]) from None
    file.comments = comments
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
        mender = Mender(self.source, self.table)
        resume: Resume | None = Resume(0)
        while resume is not None:
            try:
                self._take_from(resume)
            except _Unexpected as error:
                resume = mender.mend(error.token, self.stack, self.values)
            else:
                break
        found = self.builder.literals.found + mender.found
        if found:
            raise SpecError(sorted(found, key=_start)[:ENOUGH])
        file = self.values[-1]
        assert isinstance(file, tree.File)
        return file

    def _take_from(self, resume: Resume) -> None:
        text, builder = self.source.text, self.builder
        for token in resume.tokens:
            self._take(token)
        for token in tokens(text, self.table, self.stack, resume.at):
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


def _start(diagnostic: Diagnostic) -> int:
    return diagnostic.span.start if diagnostic.span else 0


def _comments(source: Source) -> list[tree.Comment]:
    """The comments of a text; SpecError if its brackets go too deep."""
    text = source.text
    found = []
    depth = 0
    for start, end in brackets_and_comments(text):
        sign = text[start]
        if sign == "#":
            line_start = text.rfind("\n", 0, start) + 1
            own_line = not text[line_start:start].strip("\ufeff \t\r\f\v")
            span = Span(source, start, end)
            found.append(tree.Comment(text[start:end].rstrip(), own_line, span))
        elif sign in "([{":
            depth += 1
            if depth > MAX_DEPTH:
                raise SpecError([_too_deep(Span(source, start, end))])
        elif depth:
            depth -= 1
    return found


def _too_deep(span: Span) -> Diagnostic:
    return Diagnostic(
        "PG009",
        f"this is nested more than {MAX_DEPTH} deep",
        span,
        "too deep",
        help="give a part of it a name of its own",
    )
