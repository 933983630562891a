"""Reading a stream of bytes: one frame after another, each as the machine's state asks for it.

Delimiters are looked for in new bytes only, and whole chunks are split at once, so that any way of
cutting the stream costs the same, and gives the same frames.
"""

from __future__ import annotations

from io import IncrementalNewlineDecoder

from .machine import Machine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class StreamMachine(Machine):
    """A machine over bytes. `_reads` is what its state reads next; a frame is the event `data`."""

    __slots__ = ("_held", "_paused", "_reads", "_rest", "_skipping", "_turn")

    _reads: Reading

    def __init__(self, below: Machine | None = None) -> None:
        super().__init__(below)
        self._rest: bytearray | None = None  # the frame that is not whole yet
        self._held: bytes = b""  # whole, and waiting for whoever is busy
        self._skipping = False  # the rest of something over-long
        self._paused = 0
        self._turn = False  # look up before the next frame

    def receive_data(self, data: bytes) -> None:
        if self._paused:
            self._held += data
            return
        while data and not self.wire.closing:
            data = self._reads.feed(self, data)
            if self._paused:
                self._held = data + self._held
                return
        if self._reads.is_empty:
            self._complete()

    def receive_eof(self) -> None:
        if self._held:
            self._later(self.receive_eof)
            return
        rest = self._take_rest()
        if self._skipping or (rest and not self._reads.finish(self, rest)):
            self._skipping = False
            self.malformed(rest[:80], "truncated")
        self.eof()

    def data(self, octets: bytes) -> None:
        """A frame; every generated machine over bytes has its own."""
        raise NotImplementedError

    def read(self, reading: Reading) -> None:
        """From here on frames are cut so; what has come and is left over belongs to it."""
        self._reads = reading
        self._turn = True

    def pause(self) -> None:
        self._paused += 1
        self._turn = True

    def resume(self) -> None:
        self._paused -= 1
        if not self._paused:
            held, self._held = self._held, b""
            self.receive_data(held)
            if not self._paused and self._waiting is not None:
                self._next()

    def close(self) -> None:
        self._turn = True
        super().close()

    def _complete(self) -> None:
        """Readings of no bytes at all are whole at once."""
        while self._reads.is_empty and not self._paused and not self.wire.closing:
            self.data(b"")

    def _take_rest(self) -> bytes:
        rest, self._rest = self._rest, None
        return bytes(rest) if rest is not None else b""

    def _keep(self, data: bytes) -> bytearray:
        if self._rest is None:
            self._rest = bytearray(data)
        else:
            self._rest += data
        return self._rest


class Reading:
    """A way of cutting frames out of a stream. Holds no bytes: those are the machine's."""

    __slots__ = ()
    is_empty = False

    def feed(self, machine: StreamMachine, data: bytes) -> bytes:
        """Cuts what it can, and gives back what is left when the machine wants to look up."""
        raise NotImplementedError

    def finish(self, machine: StreamMachine, rest: bytes) -> bool:
        """Whether `rest`, at the end of the stream, was a frame after all (and was taken)."""
        return False


class Line(Reading):
    """To the line end, which is left out. A bare CR or LF is malformed (RFC 5321, 2.3.8)."""

    __slots__ = ("end", "max")

    def __init__(self, end: bytes, max: int) -> None:
        self.end, self.max = end, max - len(end)

    def feed(self, machine: StreamMachine, data: bytes) -> bytes:
        end = self.end
        rest = machine._rest
        if rest is None and not machine._skipping:
            at = data.find(end)
            if at == len(data) - len(end) and 0 <= at <= self.max:
                line = data[:at]
                if b"\r" not in line and b"\n" not in line:
                    machine.data(line)
                    return b""
        if rest is not None:
            start = len(rest) - len(end) + 1
            rest += data
            if rest.find(end, start if start > 0 else 0) < 0:
                if len(rest) > self.max + len(end):
                    machine._skipping = True
                    del rest[: -len(end)]
                return b""
            data = bytes(rest)
            machine._rest = None
        lines = data.split(end)
        tail = lines.pop()
        machine._turn = False
        strict = end != b"\n" or b"\r" in data
        if (
            machine._skipping
            or len(data) > self.max
            or (strict and not data.count(b"\r") == data.count(b"\n") == len(lines))
        ):
            left = self._careful(machine, lines, tail)
        else:
            left = None
            for at, line in enumerate(lines, 1):
                machine.data(line)
                if machine._turn:
                    left = end.join([*lines[at:], tail])
                    break
        if left is not None:
            return left
        if tail:
            rest = machine._keep(tail)
            if len(tail) > self.max + len(end):
                machine._skipping = True
                del rest[: -len(end)]
        return b""

    def _careful(self, machine: StreamMachine, lines: list[bytes], tail: bytes) -> bytes | None:
        """The same for a chunk that may hold something over-long, or a bare CR or LF."""
        for at, line in enumerate(lines, 1):
            if machine._skipping or len(line) > self.max:
                machine._skipping = False
                machine.malformed(line[:80], "too long")
            elif b"\r" in line or b"\n" in line:
                machine.malformed(line[:80], "bare line end")
            else:
                machine.data(line)
            if machine._turn:
                return self.end.join([*lines[at:], tail])
        return None


class Until(Reading):
    """To a delimiter, which is left out."""

    __slots__ = ("delimiter", "kept", "max")

    def __init__(self, delimiter: bytes, max: int, kept: int = 0) -> None:
        self.delimiter, self.max = delimiter, max
        self.kept = kept  # so much of the delimiter belongs to the frame

    def feed(self, machine: StreamMachine, data: bytes) -> bytes:
        size = len(self.delimiter)
        before = len(machine._rest) if machine._rest is not None else 0
        rest = machine._keep(data)
        at = rest.find(self.delimiter, max(0, before - size + 1))
        if at < 0:
            if len(rest) > self.max + size:
                machine._skipping = True
                del rest[:-size]
            return b""
        with memoryview(rest) as view:
            frame, left = bytes(view[: at + self.kept]), bytes(view[at + size :])
        machine._rest = None
        machine._turn = False
        if machine._skipping or at > self.max:
            machine._skipping = False
            machine.malformed(frame[:80], "too long")
        else:
            self.give(machine, frame)
        return left

    def give(self, machine: StreamMachine, frame: bytes) -> None:
        """The frame is whole."""
        machine.data(frame)


def _line_ends(text: bytes) -> object:
    """The line end in a text, or all its kinds; None if it is one line."""
    # A third of what counting CR, LF and CR LF takes.
    decoder = IncrementalNewlineDecoder(None, translate=False)
    decoder.decode(text.decode("latin-1"), final=True)
    return decoder.newlines


class Block(Until):
    """Lines up to a delimiter that begins with their end, which belongs to the last of them.

    The end of the line before the block counts as read, so that a block may be empty. With the
    delimiter `end "." end` dot-stuffing is undone (RFC 5321, 4.5.2). One cannot end a block with
    anything but its delimiter: a bare CR or LF in it is malformed.
    """

    __slots__ = ("dotted", "end")

    def __init__(self, delimiter: bytes, max: int) -> None:
        end = delimiter[:2] if delimiter.startswith(b"\r\n") else delimiter[:1]
        super().__init__(delimiter, max, len(end))
        self.end = end
        self.dotted = delimiter == end + b"." + end

    def feed(self, machine: StreamMachine, data: bytes) -> bytes:
        if machine._rest is None and not machine._skipping:
            machine._rest = bytearray(self.end)
        return super().feed(machine, data)

    def give(self, machine: StreamMachine, frame: bytes) -> None:
        end = self.end
        body = frame[len(end) :]
        if len(end) == 2 and _line_ends(body) not in (None, "\r\n"):
            machine.malformed(body[:80], "bare line end")
            return
        if self.dotted and (body.startswith(b".") or end + b"." in body):
            body = frame.replace(end + b".", end)[len(end) :]
        machine.data(body)


class Take(Reading):
    """A number of bytes."""

    __slots__ = ("count", "is_empty")

    def __init__(self, count: int) -> None:
        self.count = count
        self.is_empty = count <= 0

    def feed(self, machine: StreamMachine, data: bytes) -> bytes:
        rest = machine._rest
        missing = self.count - (len(rest) if rest is not None else 0)
        if len(data) < missing:
            machine._keep(data)
            return b""
        frame = data[:missing]
        if rest is not None:
            rest += frame
            frame = bytes(rest)
            machine._rest = None
        self.give(machine, frame)
        return data[missing:]

    def give(self, machine: StreamMachine, frame: bytes) -> None:
        """The frame is whole."""
        machine.data(frame)


class Chunk(Reading):
    """Whatever is there."""

    __slots__ = ()

    def feed(self, machine: StreamMachine, data: bytes) -> bytes:
        machine.data(data)
        return b""


class Rest(Reading):
    """All to the end of the stream, up to a limit."""

    __slots__ = ("max",)

    def __init__(self, max: int) -> None:
        self.max = max

    def feed(self, machine: StreamMachine, data: bytes) -> bytes:
        rest = machine._keep(data)
        if len(rest) > self.max:
            machine._skipping = True
            del rest[80:]
        return b""

    def finish(self, machine: StreamMachine, rest: bytes) -> bool:
        machine.data(rest)
        return True


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
