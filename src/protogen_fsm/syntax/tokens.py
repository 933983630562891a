"""Text to tokens: a word is a keyword where the parser can take it as one, a name elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.syntax.table import Table

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_STRING = r'"(?:[^"\\\r\n]++|\\[^\r\n])*+'

# White space and comments come first, possessively, so that no text makes this backtrack.
_TOKEN = re.compile(
    r"(?:[\s\ufeff]++|\#[^\r\n]*+)*+"
    rf"(?:(?P<STRING>{_STRING}\")"
    rf"|(?P<ISTRING>i{_STRING}\")"
    rf"|(?P<RSTRING>r{_STRING}\")"
    r"|(?P<NOT_IN>not\s+in\b)"
    r"|(?P<LEADS_TO>leads\s+to\b)"
    rf"|(?P<NAME>{NAME})"
    r"|(?P<SIGN><->|->|\.\.|[=!<>]=|[-+]=|[](){}\[,:=|/*+%<>.?-])"
    r"|(?P<NUMBER>[0-9]\w*(?:\.[0-9]\w*)?)"
    rf"|(?P<UNTERMINATED>[ir]?{_STRING})"
    r"|(?P<STRANGE>.)"
    r"|\Z)",
    re.ASCII,
)
_NUMBER = re.compile(
    r"(?P<INT>[0-9]+|0x[0-9A-Fa-f]+)"
    r"|(?P<CLASS>[0-9]+x+)"
    r"|(?P<FLOAT>[0-9]+\.[0-9]+)"
    r"|(?P<DURATION>[0-9]+(?:\.[0-9]+)?(?:ms|s|min|h))"
    r"|(?P<SIZE>[0-9]+(?:KiB|MiB|GiB))"
)

_ITEM = r"(?:use|const|enum|struct|message|machine|system|scenario|allow)"
_GAP = r"(?:\s++|\#[^\r\n]*+)*+"
_VERB = r"(?:sends|receives|accepts|emits|enters)\s++(?!in\b)\w"
_NAME_IF = (
    {
        # `send = 3`, `close(x)`: a variable, an action of that name
        word: re.compile(_GAP + r"(?:=(?!=)|[-+]=|\()")
        for word in ("send", "emit", "raise", "start", "stop", "close", "starttls")
    }
    | {
        # `"ERR " message`: a field, unless what follows reads as a declaration
        word: re.compile(_GAP + rf'(?:["\[\]:]|[ir]"|\Z|{_ITEM}\b{_GAP}[A-Za-z_])')
        for word in ("use", "const", "enum", "struct", "message", "machine", "system", "allow")
    }
    | {
        # `link in DATA leads to …`, `link sends MAIL before …`: a peer of that name
        word: re.compile(_GAP + rf"(?:[.<>=!+*%]|(?:in|not\s+in|and|or|leads)\b|{_VERB})")
        for word in (
            *("peer", "environment", "link", "never", "always", "reachable", "lossy"),
            *("closing", "crashing", "restarting", "breaking"),
            *("every", "at", "after"),
        )
    }
    | {
        "self": re.compile(_GAP + r"[^.]"),
        "list": re.compile(_GAP + r"[^\s#\[]"),
        "if": re.compile(_GAP + r":"),
        "scenario": re.compile(_GAP + r'(?:[^"]|"[^"\r\n]*"' + _GAP + r"(?!for\b))"),
        "given": re.compile(_GAP + r"[:\[]"),  # `given: "…"`: a peer of that name
        "codec": re.compile(_GAP + r"[^\s#\"]"),
    }
)


class Token:
    """A token and where it stands; `type` is the name of its terminal."""

    __slots__ = ("end", "start", "text", "type")

    def __init__(self, type: str, text: str, start: int, end: int) -> None:
        self.type = type
        self.text = text
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"Token({self.type}, {self.text!r}, {self.start})"


def tokens(text: str, table: Table, stack: list[int], at: int = 0) -> Iterator[Token]:
    """The tokens from offset `at` on; `stack` is the parser's, and tells what can stand next."""
    terminals = table.terminals
    states = table.states
    for found in _TOKEN.finditer(text, at):
        kind = found.lastgroup
        if kind is None:  # the end
            break
        word = found[kind]
        start, end = found.span(kind)
        if kind == "NAME":
            if word in terminals:
                here = states[stack[-1]]
                keyword = terminals[word]
                if keyword in here:
                    if "NAME" not in here or _is_keyword(table, stack, keyword, found):
                        kind = keyword
                elif "NAME" not in here:
                    kind = keyword
        elif kind == "SIGN":
            kind = terminals[word]
        elif kind == "NUMBER":
            number = _NUMBER.fullmatch(word)
            # What is no number is refused where its value is read.
            kind = number.lastgroup if number and number.lastgroup else "INT"
        yield Token(kind, word, start, end)


def _is_keyword(table: Table, stack: list[int], keyword: str, found: re.Match[str]) -> bool:
    # The table's look-aheads are merged over contexts: ask the stack which of the two can stand.
    if not table.takes(stack, "NAME"):
        return True
    if not table.takes(stack, keyword):
        return False
    name_if = _NAME_IF.get(found["NAME"])
    return name_if is None or not name_if.match(found.string, found.end())


def scan(text: str, at: int = 0) -> Iterator[Token]:
    """The tokens from offset `at` on, no keywords told from names: `type` is NAME, SIGN, …"""
    for found in _TOKEN.finditer(text, at):
        kind = found.lastgroup
        if kind is None:  # the end
            break
        yield Token(kind, found[kind], *found.span(kind))


_MARK = re.compile(rf'{_STRING}"?|(?P<mark>\#[^\r\n]*|[](){{}}\[])', re.ASCII)


def brackets_and_comments(text: str) -> Iterator[tuple[int, int]]:
    """Where the brackets and the comments stand."""
    for found in _MARK.finditer(text):
        if found.lastgroup:
            yield found.span()
