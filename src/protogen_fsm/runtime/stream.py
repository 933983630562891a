"""Reading a stream of bytes: one frame after another, each as the machine's state asks for it."""

from __future__ import annotations

from .machine import CHAIN_LIMIT, Machine
from .securing import came_before

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .readings import Reading

ALL = -1  # of what is skipped: to the end of the stream


class StreamMachine(Machine):
    """A machine over bytes. `_reads` is what its state reads next; a frame is the event `data`."""

    __slots__ = (
        "_at",
        "_given",
        "_owes",
        "_paused",
        "_queue",
        "_reads",
        "_rest",
        "_skipped",
        "_skips",
        "_turn",
        "_waits",
    )

    _reads: Reading
    _runs = False  # whether the class has a `_run` of its own
    _straight: dict[str, str] = {}  # state that hands a frame on as it is: as what

    def __init__(self, below: Machine | None = None) -> None:
        super().__init__(below)
        self._rest: bytearray | None = None  # the frame that is not whole yet
        self._skipped = b""  # the beginning of something over-long, whose rest is skipped
        self._skips = 0  # how many bytes are skipped before anything is read, or ALL
        self._given = 0  # how many bytes of a frame in pieces were told
        self._owes = False  # there is something to tell without another byte
        self._queue: list[bytes | None] | None = None  # what waits to be read; None is the end
        self._at = -1  # how far the chunk is read that is being read
        self._paused = 0
        self._waits = False  # nothing is read in this state
        self._turn = False  # look up before the next frame

    def _receive(self, data: bytes) -> None:
        if self._at < 0 and not self._paused and self._queue is None:
            self._feed(data)
        else:
            self._queue_up(data)

    def _receive_eof(self) -> None:
        if self._at < 0 and self._queue is None and not self._owes:
            self._finish_stream()
        else:
            self._queue_up(None)

    def _queue_up(self, data: bytes | None) -> None:
        if self._queue is None:
            self._queue = []
        self._queue.append(data)
        if self.wire.handshake is not None:
            self._check_empty()
        elif self._paused:
            if self.wire.adapter is not None:
                self.wire.adapter.stop()
        elif self._at < 0:
            self._drain()

    def _feed(self, data: bytes) -> None:
        """Reads frames until somebody must be waited for; what is left waits in the queue."""
        size, wire, idle, runs = len(data), self.wire, 0, self._runs
        before = self._at = 0
        try:
            while (self._at < size or self._owes) and not self._paused:
                if wire.closing:
                    self._at = size
                    break
                if self._skips and self._skip(size):
                    break
                if runs and self._rest is None and not self._busy and self._run(data):
                    continue
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
        if wire.handshake is not None:
            self._check_empty()
        elif self._queue is not None and not self._paused:
            self._drain()

    def _run(self, data: bytes) -> bool:
        """Reads on from `_at` as far as that is plain; whether it came any further.

        Generated where one frame says how the next is read: a loop as one would write it by hand.
        """
        return False

    def _skip(self, size: int) -> bool:
        """Goes past what is to be skipped; whether that is all there is."""
        left, there = self._skips, size - self._at
        if left == ALL or left >= there:
            self._skips = left if left == ALL else left - there
            self._at = size
            return True
        self._skips = 0
        self._at += left
        return False

    def _drain(self) -> None:
        """Reads what waited, and what has come meanwhile."""
        queue, self._queue = self._queue or [b""], None
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
            if not (self._skips or self.wire.closing):  # of what is skipped all was said
                self._reads.finish(self, b"" if rest is None else bytes(rest), skipped)
        finally:
            self.eof()

    def data(self, octets: bytes) -> None:
        """A frame; every generated machine over bytes has its own."""
        raise NotImplementedError

    def _giver(self) -> Callable[[bytes], object]:
        """What takes a frame in this state: what is above, where the machine would hand it on."""
        told = None if self._busy else self._straight.get(self.state)
        return self.data if told is None else getattr(self.above, told)

    def read(self, reading: Reading) -> None:
        """From here on frames are cut so; what has come and is left over belongs to it."""
        self._turn = True
        if self._rest is not None and reading is not self._reads:
            self._queue = [self._reads.unread(self, self._rest), *(self._queue or ())]
            self._rest, self._skipped = None, b""
        if reading.is_nothing != self._waits:
            self._waits = reading.is_nothing
            self._paused += 1 if self._waits else -1
        self._reads = reading
        self._given = 0
        self._owes = reading.is_empty

    def _skip_all(self) -> None:
        """Nobody can say any more what is what: the rest of the stream means nothing."""
        self._rest, self._skipped = None, b""
        self._skips = ALL

    def _is_idle(self) -> bool:
        kept = self._rest or self._queue or self._skipped
        return not kept and self._at < 0 and not self._paused and super()._is_idle()

    def _is_begun(self) -> bool:
        return not self._paused and bool(self._rest or self._given or self._skips)

    def _check_empty(self) -> None:
        handshake = self.wire.handshake
        if handshake is None or self._at >= 0:
            return  # within a chunk: what is left of it is looked at then
        rest, queue, skips = self._rest, self._queue, self._skips or self._skipped
        if rest or queue or skips or self._given:
            left = b"".join(data for data in queue or () if data is not None)
            self._rest = self._queue = None
            came_before(handshake, bytes(rest or b"") + left)

    def _read_on(self) -> None:
        if self._paused or self._at >= 0:
            return
        if self._queue is not None or self._owes:
            self._drain()
            if self._queue is None and self.wire.adapter is not None:
                self.wire.adapter.go()

    def _stream(self) -> StreamMachine:
        return self

    def pause(self) -> None:
        self._paused += 1
        self._turn = True

    def resume(self) -> None:
        self._paused -= 1
        if self._paused or self._at >= 0:
            return
        self._read_on()
        if not self._paused and self._waiting is not None:
            self._next()

    def close(self) -> None:
        self._turn = True
        super().close()

    def _save(self) -> None:
        super()._save()
        assert self._saved is not None
        self._saved = (*self._saved, self._being_read())

    def _being_read(self) -> Reading | None:
        return getattr(self, "_reads", None)  # what is pushed at the very beginning has none

    def _read_again(self, reading: Reading | None) -> None:
        if reading is not None and reading is not self._reads:
            self.read(reading)

    def _undo(self) -> None:
        assert self._saved is not None
        reads = self._saved[-1]
        if reads is self._reads:
            self._owes = reads.is_empty
        elif reads is not None:
            self.read(reads)
        super()._undo()
