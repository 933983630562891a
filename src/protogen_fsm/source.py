"""Texts and places: where in which file something was said."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

LARGEST = 4 << 20  # bytes; a spec is read by people


class SourceError(Exception):
    """A file that cannot be had, or is no text; `reason` goes on from "cannot read it: "."""

    def __init__(
        self, path: str, reason: str, kind: Literal["unreadable", "not text", "too large"]
    ) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
        self.kind = kind


@dataclass(frozen=True, eq=False)
class Source:
    """A text and the name that messages give it (a path as the user typed it)."""

    path: str
    text: str = field(repr=False)

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [0], self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of line `number` (from 1), without its end."""
        start = self._starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : len(self.text) if end < 0 else end].rstrip("\r")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source: the offsets of its first character and of the one after its last."""

    source: Source
    start: int
    end: int

    @property
    def line(self) -> int:
        """The line of the first character, from 1."""
        return self.source.position(self.start)[0]

    @property
    def text(self) -> str:
        """What stands there."""
        return self.source.text[self.start : self.end]

    def __str__(self) -> str:
        line, column = self.source.position(self.start)
        return f"{self.source.path}:{line}:{column}"


def read_source(path: str) -> Source:
    """The text of a file; SourceError if there is none."""
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise SourceError(path, (error.strerror or str(error)).lower(), "unreadable") from None
    except ValueError:  # a NUL in the path
        raise SourceError(path, "no file can have this name", "unreadable") from None
    return decode_source(path, data)


def decode_source(path: str, data: bytes) -> Source:
    """The text that bytes are; SourceError if they are none."""
    if len(data) > LARGEST:
        raise SourceError(path, f"it is larger than {LARGEST >> 20} MiB", "too large")
    try:
        return Source(path, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError(path, f"line {line} is not UTF-8", "not text") from None
