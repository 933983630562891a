"""What to say of a text that the grammar does not take, and where to go on.

A slip whose mending is plain (`=>` for `->`) is mended, and the parser goes on behind it. Otherwise
it goes on with the next line that begins with a keyword for which something open has a place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protogen_fsm.syntax.expected import ITEMS, LINES
from protogen_fsm.syntax.place import Place, Resume, open_brackets
from protogen_fsm.syntax.slips import SLIPS
from protogen_fsm.syntax.tokens import scan

if TYPE_CHECKING:
    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.source import Source
    from protogen_fsm.syntax.table import Table
    from protogen_fsm.syntax.tokens import Token

ENOUGH = 20  # things wrong with one file


class Mender:
    """Describes what is wrong in one file, place after place."""

    def __init__(self, source: Source, table: Table) -> None:
        self.source = source
        self.table = table
        self.found: list[Diagnostic] = []
        self._mended_lines: set[int] = set()
        self._resumed_at = -1
        self._skipped = False

    def mend(self, token: Token, stack: list[int], values: list[Any]) -> Resume | None:
        """Describe what is wrong at a token; None to give up."""
        place = Place(self.source, self.table, token, stack, values)
        diagnostic, resume = _judge(place)
        line = self._line(token.start)
        again = line in self._mended_lines
        if not (again or token.start == self._resumed_at or self._follows(diagnostic)):
            self.found.append(diagnostic)
        if len(self.found) >= ENOUGH:
            return None
        if resume is None or again:
            self._skipped = True
            resume = self._go_on(place)
            self._resumed_at = -1 if resume is None else resume.at
        else:
            self._mended_lines.add(line)
        return resume

    def _line(self, offset: int) -> int:
        return self.source.position(offset)[0]

    def _follows(self, diagnostic: Diagnostic) -> bool:
        # A bracket without its partner may stand where something was skipped or mended.
        span = diagnostic.span
        if diagnostic.code != "PG003" or span is None:
            return False
        braces = span.text in ("{", "}")
        return (self._skipped and braces) or self._line(span.start) in self._mended_lines

    def _go_on(self, place: Place) -> Resume | None:
        """Unwind the stack to where the next line that begins with a keyword can stand."""
        text, stack, values = self.source.text, place.stack, place.values
        braces = [index for index in open_brackets(values) if values[index].text == "{"]
        sizes: dict[tuple[str, int], int] = {}
        depth = 0
        start = place.token.end if place.token.type == "UNTERMINATED" else place.token.start
        for token in scan(text, start):
            word = token.text
            if word == "{":
                depth += 1
                continue
            if word == "}" and depth:
                depth -= 1
                continue
            if word not in LINES and word not in ("}", "|"):
                continue
            line_start = text.rfind("\n", 0, token.start) + 1
            item = token.start == line_start and word in ITEMS
            begins = word == "}" or not text[line_start : token.start].strip()
            if token.start <= self._resumed_at or not (item or (begins and not depth)):
                continue
            # Only an item at the margin leaves the braces in which the error stands.
            least = 2 if item or not braces else braces[-1] + 2
            key = self.table.terminals[word], least
            if key not in sizes:
                sizes[key] = self._unwound(stack, *key)
            size = sizes[key]
            if size:
                del stack[size:], values[size - 1 :]
                return Resume(token.start)
            if item:
                depth = 0
        return None

    def _unwound(self, stack: list[int], terminal: str, least: int) -> int:
        for size in range(len(stack), least - 1, -1):
            if self.table.takes(stack[:size], terminal):
                return size
        return 0


def _judge(place: Place) -> tuple[Diagnostic, Resume | None]:
    for slip in SLIPS:
        found = slip(place)
        if found is not None:
            return found
    return place.say(), None
