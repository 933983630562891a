"""Ways of cutting frames out of a stream: delimiters, lines, counts, and what is there.

Delimiters are looked for in new bytes only, and whole windows are split at once, so that any way of
cutting the stream costs the same, and gives the same frames.
"""

from __future__ import annotations

import operator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .stream import StreamMachine

SHOWN = 80  # bytes of what is malformed that are told
WINDOW = 1024  # bytes that are split into lines at once, at first: a mode switch throws them away
WIDEST = 65536


class Reading:
    """A way of cutting frames out of a stream. Holds no bytes: those are the machine's."""

    __slots__ = ()
    is_empty = False
    is_nothing = False

    def cut(self, machine: StreamMachine, data: bytes) -> None:
        """Cuts what it can from `data` at `machine._at`, which says afterwards how far it came.

        It may come back after each frame, and must where the machine wants to look up.
        """
        raise NotImplementedError

    def unread(self, machine: StreamMachine, rest: bytearray) -> bytes:
        """What was begun and belongs to who reads next."""
        return bytes(rest)

    def finish(self, machine: StreamMachine, rest: bytes, skipped: bytes) -> None:
        """The stream has ended: what was begun is malformed."""
        if rest or skipped:
            machine.malformed(skipped or rest[:SHOWN], "truncated")


class Until(Reading):
    """To a delimiter, which is left out."""

    __slots__ = ("delimiter", "max")

    def __init__(self, delimiter: bytes, max: int) -> None:
        self.delimiter, self.max = delimiter, max

    def cut(self, machine: StreamMachine, data: bytes) -> None:
        if machine._rest is not None:
            self._go_on(machine, machine._rest, data)
            return
        at = machine._at
        found = data.find(self.delimiter, at)
        if found < 0:
            self._keep(machine, data, at)
            return
        machine._at = found + len(self.delimiter)
        self.give(machine, data[at:found])

    def _keep(self, machine: StreamMachine, data: bytes, at: int) -> None:
        machine._rest = bytearray(data[at:])
        machine._at = len(data)
        self._limit(machine, machine._rest)

    def _go_on(self, machine: StreamMachine, rest: bytearray, data: bytes) -> None:
        """Looks for the end of what was begun in an earlier chunk."""
        at, before, size = machine._at, len(rest), len(self.delimiter)
        rest += data[at:] if at else data
        found = rest.find(self.delimiter, max(0, before - size + 1))
        if found < 0:
            machine._at = len(data)
            self._limit(machine, rest)
            return
        machine._rest = None
        machine._at = at + found + size - before
        if machine._skipped:
            skipped, machine._skipped = machine._skipped, b""
            machine.malformed(skipped, "too long")
        else:
            self.give(machine, bytes(rest[:found]))

    def _limit(self, machine: StreamMachine, rest: bytearray) -> None:
        """Of what is too long for sure only the beginning is kept, and what may be its end."""
        last = len(self.delimiter) - 1
        if machine._skipped or len(rest) > max(self.longest(), 2 * SHOWN) + last:
            machine._skipped = machine._skipped or self.head(bytes(rest[: 2 * SHOWN]))
            del rest[: len(rest) - last]

    def longest(self) -> int:
        """How long a frame may be."""
        return self.max

    def head(self, frame: bytes) -> bytes:
        """So much of a malformed frame is told."""
        return frame[:SHOWN]

    def give(self, machine: StreamMachine, frame: bytes) -> None:
        """The frame is whole."""
        if len(frame) > self.max:
            machine.malformed(self.head(frame), "too long")
        else:
            machine.data(frame)


class Line(Until):
    """To the line end, which is left out. A bare CR or LF is malformed (RFC 5321, 2.3.8).

    With `either`, LF alone and CR LF both end a line (RFC 9112, 2.2), whatever `end` is.
    """

    __slots__ = ("breaks", "either")

    def __init__(self, end: bytes, max: int, either: bool = False) -> None:
        if either:
            end = b"\n"
        super().__init__(end, max - len(end))
        self.either = either
        self.breaks = end.count(b"\r") + end.count(b"\n")

    def cut(self, machine: StreamMachine, data: bytes) -> None:
        if machine._rest is not None:
            self._go_on(machine, machine._rest, data)
            return
        at, size, window, end = machine._at, len(data), WINDOW, self.delimiter
        whole = size - len(end)
        if not at and 0 <= whole <= self.max and data.find(end) == whole:  # as lines mostly come
            line = data[:whole]
            if b"\n" not in line and b"\r" not in line:
                machine._at = size
                machine.data(line)
                return
        machine._turn = False
        while True:
            piece = data[at : at + window] if at or window < size else data
            lines = piece.split(end)
            tail = lines.pop()
            give = machine._giver() if self._is_clean(piece, lines, tail) else self._check(machine)
            left, told, turned = iter(lines), None, True
            try:
                for line in left:
                    if (told := give(line)) is not None or machine._turn:
                        break
                else:
                    turned = False
            finally:
                if turned:
                    count = len(lines) - operator.length_hint(left)
                    machine._at = at + sum(map(len, lines[:count])) + count * len(end)
            if told is not None:
                machine._hold(told)
            if turned:
                return
            at += len(piece) - len(tail)
            if at + len(tail) == size:
                break
            window = min(2 * window, WIDEST) if lines else 2 * window
        machine._at = size
        if tail:
            machine._rest = bytearray(tail)
            self._limit(machine, machine._rest)

    def _is_clean(self, piece: bytes, lines: list[bytes], tail: bytes) -> bool:
        """Whether no line is too long, or holds a bare CR or LF."""
        at, stop, step = 0, len(piece) - len(tail), self.max + len(self.delimiter)
        while at + step < stop:  # wherever a line may begin, one ends within what it may be
            at = piece.rfind(self.delimiter, at, at + step) + len(self.delimiter)
            if at < len(self.delimiter):
                return False
        breaks = len(piece) - len(piece.translate(None, b"\r\n"))
        breaks -= len(tail) - len(tail.translate(None, b"\r\n"))
        return breaks == len(lines) * self.breaks

    def _check(self, machine: StreamMachine) -> Callable[[bytes], None]:
        return lambda line: self.give(machine, line)

    def give(self, machine: StreamMachine, frame: bytes) -> None:
        whole = frame
        if self.either and frame.endswith(b"\r"):
            frame = frame[:-1]
        if len(whole) > self.max:
            machine.malformed(frame[:SHOWN], "too long")
        elif b"\r" in frame or b"\n" in frame:
            machine.malformed(frame[:SHOWN], "bare line end")
        else:
            machine.data(frame)


class OneLine(Line):
    """A line, in a state that another reading follows: nothing is split in advance."""

    __slots__ = ()

    def cut(self, machine: StreamMachine, data: bytes) -> None:
        if machine._rest is not None:
            self._go_on(machine, machine._rest, data)
            return
        at, end = machine._at, self.delimiter
        found = data.find(end, at)
        if found < 0:
            self._keep(machine, data, at)
            return
        machine._at = found + len(end)
        line = data[at:found]
        if b"\r" in line or b"\n" in line or found - at > self.max:
            self.give(machine, line)
        else:
            machine.data(line)


class Take(Reading):
    """A number of bytes."""

    __slots__ = ("count", "is_empty")

    def __init__(self, count: int) -> None:
        self.count = count
        self.is_empty = count <= 0

    def cut(self, machine: StreamMachine, data: bytes) -> None:
        at, rest = machine._at, machine._rest
        stop = at + self.count - (0 if rest is None else len(rest))
        if stop > len(data):
            machine._rest = rest = bytearray() if rest is None else rest
            rest += data[at:]
            machine._at = len(data)
            return
        machine._at = stop if stop > at else at
        if rest is None:
            machine.data(data[at:stop])
            return
        machine._rest = None
        machine.data(bytes(rest) + data[at:stop])


class TakePieces(Take):
    """A number of bytes, piece by piece as they come; behind the last piece an empty frame."""

    __slots__ = ()

    def cut(self, machine: StreamMachine, data: bytes) -> None:
        if machine._owes:
            machine._owes, machine._given = self.is_empty, 0
            machine.data(b"")
            return
        at = machine._at
        machine._at = stop = min(at + self.count - machine._given, len(data))
        machine._given += stop - at
        is_last = machine._given == self.count
        try:
            machine.data(data[at:stop])
        finally:
            machine._owes = machine._owes or (is_last and machine._reads is self)

    def finish(self, machine: StreamMachine, rest: bytes, skipped: bytes) -> None:
        if machine._given:
            machine.malformed(b"", "truncated")


class Chunk(Reading):
    """Whatever is there."""

    __slots__ = ()

    def cut(self, machine: StreamMachine, data: bytes) -> None:
        at, machine._at = machine._at, len(data)
        machine.data(data[at:])


class Nothing(Reading):
    """Nothing: what comes waits until something else is read."""

    __slots__ = ()
    is_nothing = True

    def finish(self, machine: StreamMachine, rest: bytes, skipped: bytes) -> None:
        """Nothing was begun."""


class Rest(Reading):
    """All to the end of the stream, up to a limit."""

    __slots__ = ("max",)

    def __init__(self, max: int) -> None:
        self.max = max

    def cut(self, machine: StreamMachine, data: bytes) -> None:
        at, machine._at = machine._at, len(data)
        if machine._rest is None:
            machine._rest = bytearray()
        machine._rest += data[at:]
        if machine._skipped or len(machine._rest) > max(self.max, SHOWN):
            machine._skipped = machine._skipped or bytes(machine._rest[:SHOWN])
            machine._rest.clear()

    def finish(self, machine: StreamMachine, rest: bytes, skipped: bytes) -> None:
        if skipped or len(rest) > self.max:
            machine.malformed(skipped or rest[:SHOWN], "too long")
        else:
            machine.data(rest)


_shared: dict[tuple[Any, ...], Reading] = {}


def reading(kind: Callable[..., Reading], *args: object) -> Reading:
    """A reading; those of equal arguments are one, since they hold nothing of their machine."""
    key = (kind, *args)
    found = _shared.get(key)
    if found is None:
        found = kind(*args)
        if len(_shared) < 1000:
            _shared[key] = found
    return found
