"""Text messages: a pattern that is both their parser and the proof of what was printed."""

from __future__ import annotations

from .errors import LocalProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from typing import Any


class Pattern:
    """One message: a regular expression over bytes, with a group for each field.

    `regex` must match a whole frame. `read` makes the values of what the groups hold, None for one
    that is not there, and raises ValueError where they are none; a message without fields has none.
    `begins` is what every frame of the message begins with, its ASCII case aside.
    """

    __slots__ = ("begins", "match", "message", "read", "regex")

    def __init__(
        self,
        message: str,
        regex: bytes,
        read: Callable[..., tuple[Any, ...]] | None = None,
        begins: bytes = b"",
    ) -> None:
        self.message, self.regex, self.read = message, regex, read
        self.begins = begins.upper()
        self.match: Callable[[bytes], re.Match[bytes] | None] = self._compile

    def _compile(self, frame: bytes) -> re.Match[bytes] | None:
        self.match = compiled(self.regex)
        return self.match(frame)

    def values(self, found: re.Match[bytes]) -> tuple[Any, ...]:
        """The values of the fields of a frame that matches; ValueError if one cannot be held."""
        return () if self.read is None else self.read(*found.groups())

    def decode(self, frame: bytes) -> tuple[Any, ...] | None:
        """The values of the fields, or None if the frame is no such message.

        Raises ValueError if it is one, with a value that its field cannot hold.
        """
        found = self.match(frame)
        return None if found is None else self.values(found)

    def printed(self, frame: bytes, *values: object) -> bytes:
        """The frame, if it parses back to the same values.

        Raises LocalProtocolError otherwise: no value can carry a line end, a delimiter or a second
        message into the stream.
        """
        found = self.match(frame)
        try:
            if found is not None and self.values(found) == values:
                return frame
        except ValueError:
            pass
        shown = ", ".join(repr(value) for value in values)
        raise LocalProtocolError(f"{self.message}({shown:.200}) would not parse back")


class Received:
    """What a frame is made into where a machine receives these or those messages."""

    __slots__ = ()

    def event(self, frame: bytes) -> tuple[str, tuple[Any, ...]]:
        """The event that a frame is: a message and its values, or `malformed` and why."""
        raise NotImplementedError


class Raw(Received):
    """Where a state receives no message, a frame is the event of this method as it is."""

    __slots__ = ("method",)

    def __init__(self, method: str) -> None:
        self.method = method

    def event(self, frame: bytes) -> tuple[str, tuple[Any, ...]]:
        """The event that a frame is."""
        return self.method, (frame,)


class Each:
    """Reads a list out of what is repeated: `make` takes the groups of `regex`, an item a time.

    Raises ValueError, as `make` does, for an item whose fields cannot be held.
    """

    __slots__ = ("make", "regex", "rows")

    def __init__(self, regex: bytes, make: Callable[..., Any]) -> None:
        self.regex, self.make = regex, make
        self.rows: Callable[[bytes], list[Any]] = self._compile

    def _compile(self, group: bytes) -> list[Any]:
        import re

        self.rows = re.compile(self.regex, re.DOTALL).findall
        return self.rows(group)

    def __call__(self, group: bytes) -> list[Any]:
        rows, make = self.rows(group), self.make
        if rows and type(rows[0]) is tuple:
            return [make(*row) for row in rows]
        return [make(row) for row in rows]


class OneOf(Received):
    """The messages that a state receives; what a frame begins with says which it can be."""

    __slots__ = ("_by_begin", "_size", "patterns")

    def __init__(self, *patterns: Pattern) -> None:
        self.patterns = patterns
        self._size = min((len(pattern.begins) for pattern in patterns), default=0)
        self._by_begin: dict[bytes, list[Pattern]] = {}
        for pattern in patterns:
            self._by_begin.setdefault(pattern.begins[: self._size], []).append(pattern)

    def event(self, frame: bytes) -> tuple[str, tuple[Any, ...]]:
        """The event that a frame is: a message and its values, or `malformed` and why."""
        for pattern in self._by_begin.get(frame[: self._size].upper(), ()):
            found = pattern.match(frame)
            if found is not None:
                read = pattern.read
                if read is None:
                    return pattern.message, ()
                try:
                    return pattern.message, read(*found.groups())
                except ValueError:
                    return "malformed", (frame, "bad value")
        return "malformed", (frame, "no message")


def compiled(regex: bytes) -> Callable[[bytes], re.Match[bytes] | None]:
    """What matches whole frames; `re` itself is imported with the first message."""
    import re

    return re.compile(regex, re.DOTALL).fullmatch


def one_line(group: bytes) -> str:
    """A `str` field that stands on one line, whatever its own pattern lets through."""
    if b"\r" in group or b"\n" in group:
        raise ValueError("a line end")
    return str(group, "utf-8")


def between(group: bytes, low: int, high: int) -> int:
    """An `int` field of a range, in decimal; raises ValueError outside it."""
    value = int(group)
    if not low <= value <= high:
        raise ValueError(f"{value} is not in {low}..{high}")
    return value


def member(group: bytes, *names: str) -> str:
    """A field of an enumeration; raises ValueError for what is none of its members."""
    value = str(group, "utf-8")
    if value not in names:
        raise ValueError(f"{value} is none of {', '.join(names)}")
    return value


def truth(group: bytes) -> bool:
    """A `bool` field: `true` or `false`."""
    if group not in (b"true", b"false"):
        raise ValueError("neither true nor false")
    return group == b"true"
