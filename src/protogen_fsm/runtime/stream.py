"""Reading a stream of bytes: one frame after another, each as the machine's state asks for it.

Delimiters are looked for in new bytes only, and whole windows are split at once, so that any way of
cutting the stream costs the same, and gives the same frames.
"""

from __future__ import annotations

from .machine import CHAIN_LIMIT, Machine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

SHOWN = 80  # bytes of what is malformed that are told
WINDOW = 1024  # bytes that are split into lines at once, at first: a mode switch throws them away
WIDEST = 65536


class StreamMachine(Machine):
    """A machine over bytes. `_reads` is what its state reads next; a frame is the event `data`."""

    __slots__ = ("_at", "_paused", "_queue", "_reads", "_rest", "_skipped", "_turn")

    _reads: Reading

    def __init__(self, below: Machine | None = None) -> None:
        super().__init__(below)
        self._rest: bytearray | None = None  # the frame that is not whole yet
        self._skipped = b""  # the beginning of something over-long, whose rest is skipped
        self._queue: list[bytes | None] | None = None  # what waits to be read; None is the end
        self._at = -1  # how far the chunk is read that is being read
        self._paused = 0
        self._turn = False  # look up before the next frame

    def _receive(self, data: bytes) -> None:
        if self._at < 0 and not self._paused and self._queue is None:
            self._feed(data)
        else:
            self._queue_up(data)

    def _receive_eof(self) -> None:
        if self._at < 0 and self._queue is None:
            self._finish_stream()
        else:
            self._queue_up(None)

    def _queue_up(self, data: bytes | None) -> None:
        if self._queue is None:
            self._queue = []
        self._queue.append(data)
        if self._paused:
            if self.wire.adapter is not None:
                self.wire.adapter.stop()
        elif self._at < 0:
            self._drain()

    def _feed(self, data: bytes) -> None:
        """Reads frames until somebody must be waited for; what is left waits in the queue."""
        size, wire, idle = len(data), self.wire, 0
        before = self._at = 0
        try:
            while (self._at < size or self._reads.is_empty) and not self._paused:
                if wire.closing:
                    self._at = size
                    break
                self._reads.cut(self, data)
                idle = idle + 1 if self._at == before else 0
                before = self._at
                if idle > CHAIN_LIMIT:
                    raise RuntimeError(
                        f"{self._role} in {self.state}: more than {CHAIN_LIMIT} readings of nothing"
                    )
        finally:
            at, self._at = self._at, -1
            if at < size:
                self._queue = [data[at:], *(self._queue or ())]
        if self._queue is not None and not self._paused:
            self._drain()

    def _drain(self) -> None:
        """Reads what waited, and what has come meanwhile."""
        queue, self._queue = self._queue or [], None
        ended = queue[-1] is None
        try:
            self._feed(b"".join(data for data in queue if data is not None))
        finally:
            if ended and self._queue is not None:
                self._queue.append(None)
        if ended and self._queue is None:
            self._finish_stream()

    def _finish_stream(self) -> None:
        rest, skipped = self._rest, self._skipped
        self._rest, self._skipped = None, b""
        try:
            self._reads.finish(self, b"" if rest is None else bytes(rest), skipped)
        finally:
            self.eof()

    def data(self, octets: bytes) -> None:
        """A frame; every generated machine over bytes has its own."""
        raise NotImplementedError

    def read(self, reading: Reading) -> None:
        """From here on frames are cut so; what has come and is left over belongs to it."""
        self._turn = True
        if self._rest is not None and reading is not self._reads:
            self._queue = [bytes(self._rest), *(self._queue or ())]
            self._rest, self._skipped = None, b""
        self._reads = reading

    def _is_idle(self) -> bool:
        kept = self._rest or self._queue or self._skipped
        return not kept and self._at < 0 and not self._paused and super()._is_idle()

    def _read_on(self) -> None:
        if self._queue is not None:
            self._queue_up(b"")

    def pause(self) -> None:
        self._paused += 1
        self._turn = True

    def resume(self) -> None:
        self._paused -= 1
        if self._paused or self._at >= 0:
            return
        if self._queue is not None:
            self._drain()
            if self._queue is None and self.wire.adapter is not None:
                self.wire.adapter.go()
        if not self._paused and self._waiting is not None:
            self._next()

    def close(self) -> None:
        self._turn = True
        super().close()

    def _save(self) -> None:
        super()._save()
        assert self._saved is not None
        self._saved = (*self._saved, self._reads)

    def _undo(self) -> None:
        assert self._saved is not None
        self._reads = self._saved[-1]
        super()._undo()


class Reading:
    """A way of cutting frames out of a stream. Holds no bytes: those are the machine's."""

    __slots__ = ()
    is_empty = False

    def cut(self, machine: StreamMachine, data: bytes) -> None:
        """Cuts what it can from `data` at `machine._at`, which says afterwards how far it came.

        It may come back after each frame, and must where the machine wants to look up.
        """
        raise NotImplementedError

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
    """To the line end, which is left out. A bare CR or LF is malformed (RFC 5321, 2.3.8)."""

    __slots__ = ()

    def __init__(self, end: bytes, max: int) -> None:
        super().__init__(end, max - len(end))

    def cut(self, machine: StreamMachine, data: bytes) -> None:
        if machine._rest is not None:
            self._go_on(machine, machine._rest, data)
            return
        at, size, window, end = machine._at, len(data), WINDOW, self.delimiter
        whole = size - len(end)
        if not at and 0 <= whole <= self.max and data.find(end) == whole:  # as lines mostly come
            line = data[:whole]
            if b"\r" not in line and b"\n" not in line:
                machine._at = size
                machine.data(line)
                return
        machine._turn = False
        while True:
            piece = data[at : at + window] if at or window < size else data
            lines = piece.split(end)
            tail = lines.pop()
            give = machine.data if self._is_clean(piece, lines) else self._giver(machine)
            count = 0
            try:
                for count, line in enumerate(lines, 1):  # noqa: B007
                    give(line)
                    if machine._turn:
                        break
                else:
                    count = 0
            finally:
                if count:
                    machine._at = at + sum(map(len, lines[:count])) + count * len(end)
            if count:
                return
            at += len(piece) - len(tail)
            if at + len(tail) == size:
                break
            window = min(2 * window, WIDEST) if lines else 2 * window
        machine._at = size
        if tail:
            machine._rest = bytearray(tail)
            self._limit(machine, machine._rest)

    def _is_clean(self, piece: bytes, lines: list[bytes]) -> bool:
        """Whether no line is too long, or holds a bare CR or LF."""
        if len(piece) > self.max and max(map(len, lines), default=0) > self.max:
            return False
        if self.delimiter == b"\r\n":
            return piece.count(b"\r") == piece.count(b"\n") == len(lines)
        returns, feeds = piece.count(b"\r"), piece.count(b"\n")
        ends = {b"\n": (0, len(lines)), b"\r": (len(lines), 0)}
        return (returns, feeds) == ends.get(self.delimiter, (0, 0))

    def _giver(self, machine: StreamMachine) -> Callable[[bytes], None]:
        return lambda line: self.give(machine, line)

    def give(self, machine: StreamMachine, frame: bytes) -> None:
        if len(frame) > self.max:
            machine.malformed(frame[:SHOWN], "too long")
        elif b"\r" in frame or b"\n" in frame:
            machine.malformed(frame[:SHOWN], "bare line end")
        else:
            machine.data(frame)


class Block(Until):
    """Lines up to a delimiter that begins with their end, which belongs to the last of them.

    The end of the line before the block counts as read, so that a block may be empty. With the
    delimiter `end "." end` dot-stuffing is undone (RFC 5321, 4.5.2). One cannot end a block with
    anything but its delimiter: a bare CR or LF in it is malformed.
    """

    __slots__ = ("dotted", "end")

    def __init__(self, delimiter: bytes, max: int) -> None:
        super().__init__(delimiter, max)
        self.end = delimiter[:2] if delimiter.startswith(b"\r\n") else delimiter[:1]
        self.dotted = delimiter == self.end + b"." + self.end

    def cut(self, machine: StreamMachine, data: bytes) -> None:
        if machine._rest is not None:
            self._go_on(machine, machine._rest, data)
            return
        at, end = machine._at, self.end
        only = self.delimiter[len(end) :]
        if only and data.startswith(only, at):
            machine._at = at + len(only)
            machine.data(b"")
            return
        found = data.find(self.delimiter, at)
        if found >= 0:
            machine._at = found + len(self.delimiter)
            self.give(machine, end + data[at:found])
            return
        machine._rest = bytearray(end)
        machine._rest += data[at:]
        machine._at = len(data)
        self._limit(machine, machine._rest)

    def longest(self) -> int:
        return self.max + self.max // 3 if self.dotted else self.max  # each dot has a line

    def head(self, frame: bytes) -> bytes:
        return frame[len(self.end) :][:SHOWN]

    def give(self, machine: StreamMachine, frame: bytes) -> None:
        end = self.end
        if len(end) == 2 and not frame.count(b"\r") == frame.count(b"\n") == frame.count(end):
            reason = "too long" if len(frame) > self.longest() else "bare line end"
            machine.malformed(self.head(frame), reason)
            return
        head = frame
        if self.dotted and end + b"." in frame:
            frame = frame.replace(end + b".", end)
        if len(frame) > self.max:
            machine.malformed(self.head(head), "too long")
        else:
            machine.data(frame[len(end) :] + end if frame else b"")

    def finish(self, machine: StreamMachine, rest: bytes, skipped: bytes) -> None:
        if rest or skipped:
            machine.malformed(skipped or self.head(rest), "truncated")


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
        machine._at = max(at, stop)
        if rest is None:
            machine.data(data[at:stop])
            return
        machine._rest = None
        machine.data(bytes(rest) + data[at:stop])


class Chunk(Reading):
    """Whatever is there."""

    __slots__ = ()

    def cut(self, machine: StreamMachine, data: bytes) -> None:
        at, machine._at = machine._at, len(data)
        machine.data(data[at:])


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
