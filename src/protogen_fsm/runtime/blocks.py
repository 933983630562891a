"""Blocks: lines up to a delimiter that begins with their end, whole or piece by piece."""

from __future__ import annotations

from io import IncrementalNewlineDecoder

from .readings import SHOWN, Until

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .stream import StreamMachine


class Block(Until):
    """Lines up to a delimiter that begins with their end, which belongs to the last of them.

    The end of the line before the block counts as read, so that a block may be empty. With the
    delimiter `end "." end` dot-stuffing is undone (RFC 5321, 4.5.2), unless it is asked for `raw`.
    One cannot end a block with anything but its delimiter: a bare CR or LF in it is malformed.
    """

    __slots__ = ("dotted", "end", "only")

    def __init__(self, delimiter: bytes, max: int, raw: bool = False) -> None:
        super().__init__(delimiter, max)
        self.end = delimiter[:2] if delimiter.startswith(b"\r\n") else delimiter[:1]
        self.only = delimiter[len(self.end) :]  # the delimiter of a block of no line
        self.dotted = not raw and delimiter == self.end + b"." + self.end

    def cut(self, machine: StreamMachine, data: bytes) -> None:
        if machine._rest is not None:
            self._go_on(machine, machine._rest, data)
            return
        at, end, only = machine._at, self.end, self.only
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
        if len(end) == 2 and _is_bare(frame):
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

    def unread(self, machine: StreamMachine, rest: bytearray) -> bytes:
        return bytes(rest[len(self.end) :])

    def finish(self, machine: StreamMachine, rest: bytes, skipped: bytes) -> None:
        if rest or skipped:
            machine.malformed(skipped or self.head(rest), "truncated")


class BlockAtOnce(Block):
    """A block whose first fault is told at once; all that follows is skipped.

    For peers that would never send the end of what is malformed, and where what follows could not
    be told from it anyway.
    """

    __slots__ = ()

    def cut(self, machine: StreamMachine, data: bytes) -> None:
        rest = machine._rest
        before = 0
        if rest is not None:
            before = len(rest) - rest.endswith(self.end[:1])  # the end that is half there
        Block.cut(self, machine, data)
        rest = machine._rest
        if rest is None:
            return
        if machine._skipped:
            self._fail(machine, machine._skipped, "too long")
        elif len(self.end) == 2 and _is_bare(rest[before:], whole=False):
            self._fail(machine, self.head(_to_fault(bytes(rest))), "bare line end")

    def give(self, machine: StreamMachine, frame: bytes) -> None:
        whole = frame + self.end
        if len(frame) > self.longest():
            self._fail(machine, self.head(frame), "too long")
        elif len(self.end) == 2 and _is_bare(whole):
            self._fail(machine, self.head(_to_fault(whole)), "bare line end")
        elif self.dotted:
            super().give(machine, frame)
        else:
            machine.data(whole[len(self.end) :] if frame else b"")

    def _fail(self, machine: StreamMachine, data: bytes, reason: str) -> None:
        machine._skip_all()
        machine.malformed(data, reason)


def _is_bare(part: bytes | bytearray, *, whole: bool = True) -> bool:
    """Whether it holds half a line end; what is not `whole` may yet complete one at its end.

    Universal newlines' own look at them takes a quarter of the time of counting each kind.
    """
    seen = IncrementalNewlineDecoder(None, translate=False)
    seen.decode(part.decode("latin-1"), final=whole)
    return seen.newlines not in (None, "\r\n")


def _to_fault(part: bytes) -> bytes:
    """So much of it as says that a line end is bare, however it was cut on its way."""
    masked = part.replace(b"\r\n", b"..")
    feed, carriage = masked.find(b"\n"), masked.find(b"\r")
    bare = [feed + 1] if feed >= 0 else []
    if 0 <= carriage < len(part) - 1:
        bare.append(carriage + 2)  # what stands behind it shows that it is bare
    return part[: min(bare, default=len(part))]


class Pieces(Block):
    """A block piece by piece, as it comes; behind the last piece an empty frame.

    No more is held back than may be the beginning of the delimiter. What is malformed is told once
    its end was found, in place of the empty frame; after the first fault no piece is told.
    """

    __slots__ = ()

    def cut(self, machine: StreamMachine, data: bytes) -> None:
        if machine._owes:
            machine._owes, machine._given = False, 0
            machine.data(b"")
            return
        at, end, delimiter = machine._at, self.end, self.delimiter
        begun = end if machine._rest is None else bytes(machine._rest)
        if begun is end and data.startswith(delimiter[len(end) :], at):
            whole, found = delimiter, 0
        else:
            stop = data.find(delimiter, at)
            whole = begun + data[at : stop + len(delimiter) if stop >= 0 else len(data)]
            found = whole.find(delimiter)
        if found >= 0:
            machine._rest = None
            machine._at = at + found + len(delimiter) - len(begun)
            self._finish_block(machine, whole[:found])
            return
        machine._at = len(data)
        stop = self._sure(whole)
        machine._rest = bytearray(whole[stop:])
        piece = self._piece(machine, whole[:stop]) if stop else b""
        if piece:
            machine.data(piece)

    def _sure(self, whole: bytes) -> int:
        """How far it goes without what may be the delimiter, or the end before a dot."""
        stop = max(0, len(whole) - len(self.delimiter) + 1)
        for begins in (self.end, self.end[:1]):
            if whole.endswith(begins, 0, stop):
                return stop - len(begins)
        return stop

    def _piece(self, machine: StreamMachine, part: bytes) -> bytes:
        """A part of the block as it is told: nothing from its first fault on."""
        if machine._skipped:
            return b""
        end, first = self.end, not machine._given
        bare = len(end) == 2 and _is_bare(part)
        told = part.replace(end + b".", end) if self.dotted else part
        machine._given += len(told)
        if bare or machine._given > self.max:
            machine._skipped = (self.head(part) if first else part[:SHOWN]) or end
            if bare:
                machine._given = 0
            return b""
        return told[len(end) :] if first else told

    def _finish_block(self, machine: StreamMachine, part: bytes) -> None:
        piece = self._piece(machine, part) if part else b""
        skipped, machine._skipped = machine._skipped, b""
        if skipped:
            reason = "too long" if machine._given else "bare line end"
            machine._given = 0
            machine.malformed(skipped, reason)
        elif not machine._given:
            machine.data(b"")
        else:
            try:
                machine.data(piece + self.end)
            finally:
                machine._owes = machine._owes or machine._reads is self

    def unread(self, machine: StreamMachine, rest: bytearray) -> bytes:
        return bytes(rest) if machine._given else super().unread(machine, rest)

    def finish(self, machine: StreamMachine, rest: bytes, skipped: bytes) -> None:
        if not (rest or machine._given):
            return
        machine.malformed(skipped or (rest if machine._given else self.head(rest)), "truncated")
