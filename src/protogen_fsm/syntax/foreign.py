"""Texts that are no specs at all, told apart before anything is parsed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Diagnostic
from protogen_fsm.source import Span

if TYPE_CHECKING:
    from protogen_fsm.source import Source

_BLANK = re.compile(r"(?:[\s\ufeff]++|(?:\#|//)[^\r\n]*+|/\*(?s:.*?)\*/)*+")
_PROTOCOL_BUFFERS = re.compile(
    r'(?:syntax\s*=\s*["\']proto|edition\s*=|package\s+[\w.]+\s*;'
    r'|import\s+(?:public\s+|weak\s+)?"[^"\r\n]*"\s*;'
    r"|(?:message|enum|service|extend)\s+\w+\s*\{|option\s+[\w.()]+\s*=)[^\r\n{]*"
)


def foreign(source: Source) -> Diagnostic | None:
    """What makes a text no spec, if anything does."""
    text = source.text
    at = text.find("\0")
    if at >= 0:
        return Diagnostic(
            "PG011",
            "this is not a text file",
            Span(source, at, at + 1),
            "a NUL byte",
            help="a spec is UTF-8 text; see whether the path is the right one",
        )
    blank = _BLANK.match(text)
    start = blank.end() if blank else 0
    if start == len(text):
        return Diagnostic(
            "PG007",
            "this file says nothing" if text.strip("\ufeff \t\r\n") else "this file is empty",
            Span(source, 0, 0),
            help="a spec starts with `protocol NAME`; `protogen init` makes one to begin with",
        )
    found = _PROTOCOL_BUFFERS.match(text, start)
    if found:
        return Diagnostic(
            "PG006",
            "this is a Protocol Buffers file, not a protogen spec",
            Span(source, start, start + len(found[0].rstrip())),
            "so starts a file for `protoc`",
            notes=("both kinds of file end in `.proto`",),
            help="compile it with `protoc`; a spec of ours starts with `protocol NAME`",
        )
    return None
