"""What strings and numbers mean, and what can be wrong with them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Diagnostic
from protogen_fsm.source import Span
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from protogen_fsm.source import Source
    from protogen_fsm.syntax.tokens import Token

_ESCAPE = re.compile(
    r"\\(?:(?P<one>[\\'\"abfnrtv])|(?P<octal>[0-7]{1,3})"
    r"|x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})"
    r"|N\{(?P<name>[^}]*)\}|(?P<bad>.))",
    re.DOTALL,
)
_ONE = dict(zip("\\'\"abfnrtv", "\\'\"\a\b\f\n\r\t\v", strict=True))
_SECONDS = {"s": 1, "min": 60, "h": 3600}
_BYTES = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_LIMIT = 1 << 64
_INT = re.compile(r"[0-9]+|0x[0-9A-Fa-f]+")
_UNITS = {
    word: unit
    for unit, words in {
        "ms": "msec msecs millis",
        "s": "sec secs second seconds",
        "min": "m mins minute minutes",
        "h": "hr hrs hour hours",
        "KiB": "k kb kib",
        "MiB": "mb mib",
        "GiB": "g gb gib",
    }.items()
    for word in words.split()
}


class Literals:
    """Reads the literals of one file; what is wrong with them gathers in `found`."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: list[Diagnostic] = []

    def text(self, token: Token) -> tree.Text:
        """The value of a string."""
        span = Span(self.source, token.start, token.end)
        if token.type == "RSTRING":
            return tree.Text(token.text[2:-1], span, "regex")
        if token.type == "ISTRING":
            return tree.Text(self._unescape(token, token.text[2:-1]), span, "ignore_case")
        return tree.Text(self._unescape(token, token.text[1:-1]), span)

    def _unescape(self, token: Token, raw: str) -> str:
        if "\\" not in raw:
            return raw
        offset = token.end - 1 - len(raw)

        def value(found: re.Match[str]) -> str:
            kind, digits = found.lastgroup, found[found.lastgroup or 0]
            if kind == "one":
                return _ONE[digits]
            point = -1
            if kind == "octal":
                point = int(digits, 8)
            elif kind in ("x", "u", "U"):
                point = int(digits, 16)
            elif kind == "name":
                try:
                    return unicodedata.lookup(digits)
                except KeyError:
                    pass
            if 0 <= point < 0xD800 or 0xE000 <= point < 0x110000:
                return chr(point)
            at = offset + found.start()
            self.found.append(
                Diagnostic(
                    "PG004",
                    f"`{found[0]}` is not an escape",
                    Span(self.source, at, at + len(found[0])),
                    "no character is written so",
                    help=r"escapes are Python's: `\r \n \t \\ \" \x00 \u0000`; "
                    r"a backslash itself is `\\`",
                )
            )
            return found[0]

        return _ESCAPE.sub(value, raw)

    def number(self, token: Token) -> tree.Constant:
        """The value of a number, a duration or a size."""
        text, span = token.text, Span(self.source, token.start, token.end)
        if token.type == "INT":
            if not _INT.fullmatch(text):
                self._bad_number(text, span)
                return tree.Constant(0, span)
            return tree.Constant(self._whole(text, span), span)
        if token.type == "FLOAT":
            return tree.Constant(float(text), span)
        digits = text.rstrip("abcdefghijklmnopqrstuvwxyzKMGB")
        unit = text[len(digits) :]
        if token.type == "SIZE":
            return tree.Constant(self._whole(digits, span, _BYTES[unit]), span, "size")
        # 200ms is 0.2, which 200 * 0.001 is not quite
        seconds = float(digits) / 1000 if unit == "ms" else float(digits) * _SECONDS[unit]
        if seconds > 100 * 366 * 86400:
            self._out_of_range(span, "a duration is at most a hundred years")
            seconds = 0.0
        whole = int(seconds)
        return tree.Constant(whole if whole == seconds else seconds, span, "duration")

    def event(self, token: Token) -> tree.Name:
        """An event by its name, its number, its class or `*`."""
        span = Span(self.source, token.start, token.end)
        if token.type == "INT" and not token.text.isdecimal():
            self.found.append(
                Diagnostic(
                    "PG005",
                    f"`{token.text}` is not the number of an event",
                    span,
                    help="write a number such as `250`, or a class such as `2xx` or `25x`",
                )
            )
        return tree.Name(token.text, span)

    def _bad_number(self, text: str, span: Span) -> None:
        digits = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
        meant = _UNITS.get(text[len(digits) :].lower(), "")
        self.found.append(
            Diagnostic(
                "PG005",
                f"`{text}` is not a number, a duration or a size",
                span,
                notes=(
                    "durations are written `200ms`, `30s`, `5min`, `2h`; "
                    "sizes `1000`, `64KiB`, `32MiB`, `2GiB`",
                ),
                help=f"did you mean `{digits}{meant}`?" if meant else "",
            )
        )

    def _whole(self, digits: str, span: Span, factor: int = 1) -> int:
        if len(digits) < 100:
            value = int(digits, 16 if "x" in digits else 10) * factor
            if value < _LIMIT:
                return value
        self._out_of_range(span, "a number is less than 2 to the 64th")
        return 0

    def _out_of_range(self, span: Span, note: str) -> None:
        self.found.append(
            Diagnostic("PG005", "this number is too large", span, "out of range", notes=(note,))
        )

    def say_twice(self, token: Token, title: str, help: str = "") -> None:
        """Note that something stands there a second time."""
        span = Span(self.source, token.start, token.end)
        self.found.append(Diagnostic("PG012", title, span, "the second one", help=help))

    def check_depth(self, node: tree.Expr, limit: int) -> None:
        """Refuse a chain of operators so long that nothing could walk down it."""
        depth, at = 0, [node]
        while at:
            depth += 1
            if depth > limit:
                raise TooDeep(node.span)
            below: list[tree.Expr] = []
            for each in at:
                match each:
                    case tree.Binary():
                        below += (each.left, each.right)
                    case tree.Unary():
                        below.append(each.operand)
                    case tree.Index() | tree.Slice() | tree.Field():
                        below.append(each.value)
            at = below


class TooDeep(Exception):
    """Something is nested too deep to be read."""

    def __init__(self, span: Span) -> None:
        super().__init__(span)
        self.span = span
