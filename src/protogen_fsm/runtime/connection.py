"""What the adapters of all main loops do alike; each adds how its loop sends, waits and ends."""

from __future__ import annotations

from .bounds import LEAST_RATE, USUAL, Patience
from .calls import Call
from .errors import RemoteProtocolError
from .pending import Running
from .wire import NEVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .bounds import Bounds
    from .machine import Machine
    from .tls import Tls

HIGH_WATER = 64 * 1024  # octets that a peer has not taken yet


class Connection:
    """One connection: bytes from the transport into the machine, and back.

    One timer for all that the machine waits for, armed again only when it runs out early, or when
    something is due earlier. Who answers more than the peer takes reads no more; who only asks
    goes on reading, or two of them could wait for each other.
    """

    call: type[Call[Any]] = Call

    __slots__ = (
        "_armed",
        "_behind",
        "_bounds",
        "_choked",
        "_full",
        "_last",
        "_patience",
        "_ready",
        "_shaking",
        "_timer",
        "_tls",
        "_wire",
        "clock",
        "feeding",
        "machine",
    )

    def __init__(
        self,
        machine: Machine,
        clock: Callable[[], float],
        bounds: Bounds = USUAL,
        tls: Tls | None = None,
    ) -> None:
        self.machine = machine
        self._bounds = bounds
        self._tls = tls  # what `starttls` is done with
        self._shaking = False  # it has begun
        self._patience: Patience | None = None  # what is left of them, once it matters
        self._last = NEVER  # when what is left at the end has to be taken
        self._ready = False  # there is a transport, which takes what is sent
        self._wire = machine.wire
        self._armed = NEVER
        self._timer: Any = None
        self._choked = False  # what was sent is not taken
        self._full = False  # and was answered to what had come
        self._behind = False  # a handler is pending, and more has come than it waits for
        self.feeding = False
        self.clock = clock
        self._wire.adapt(self)

    # ------------------------------------------------------------ the main loop's part

    def _send(self, out: list[bytes]) -> None:
        """Sends these, after what was sent before."""
        raise NotImplementedError

    def _end(self) -> None:
        """Ends the connection once all is sent; may be called again."""
        raise NotImplementedError

    def _kill(self) -> None:
        """Ends the connection at once."""
        raise NotImplementedError

    def _set_reading(self, reading: bool) -> None:
        """Goes on reading, or leaves what comes to the kernel."""
        raise NotImplementedError

    def _begin_tls(self, tls: Tls) -> None:
        """Begins TLS behind what was sent, not before this returns; `_secured` says that it is."""
        raise NotImplementedError

    def _arm(self) -> None:
        """Sets the one timer to `_wire.soonest`, and `_armed` with it."""
        raise NotImplementedError

    def _let_go(self, kept: list[Any]) -> None:
        """The connection is gone: cancels what `run` gave, but for what is kept."""
        raise NotImplementedError

    def _is_taken(self) -> bool:
        """Whether nothing is left of what was sent that this end could have to wait for."""
        return False

    def peer_address(self) -> Any:
        """What the socket says of the other end, None where it is not connected."""
        raise NotImplementedError

    def begun(self, answer: Any) -> Any:
        """Begins what a handler gave: see `Adapter`."""
        return Running(answer) if hasattr(answer, "__await__") else NotImplemented

    def run(self, answer: Any, done: Callable[[Any, BaseException | None], None]) -> Any:
        """Waits for what a handler gave and tells what came of it; gives what cancels that."""
        raise NotImplementedError

    def thread(self, work: Callable[[], Any]) -> Any:
        """Does this in a thread; gives what can be awaited in a handler."""
        raise NotImplementedError

    def future(self) -> Any:
        """What a call waits for."""
        raise NotImplementedError

    # ------------------------------------------------------------ from the main loop

    def _opened(self) -> None:
        if self._bounds.from_the_start:
            self._patience = Patience(self._bounds, self.clock)
        self._step(self.machine.receive_open)

    def _received(self, data: bytes) -> None:
        self.feeding = True
        try:
            self._wire.bottom._receive(data)
        except RemoteProtocolError as error:
            self._refuse(error)
        except BaseException:
            self._abort()
            raise
        if self._patience is not None:
            self._patience.came(len(data))
        self.flush()

    def _received_eof(self) -> None:
        self._step(self._wire.bottom._receive_eof)

    def _lost(self, reason: str) -> None:
        """The connection is gone, and with it those handlers that the spec does not keep."""
        self.feeding = True
        everyone = self._wire.everyone()
        if self._patience is not None:
            reason = self._patience.why or reason
        if self._shaking:
            reason = f"TLS: {reason or 'the connection was lost'}"
        try:
            self.machine.receive_lost(reason)
        except RemoteProtocolError as error:
            self._refuse(error)
        finally:
            self.feeding = False
            self._let_go([one._pending.task for one in everyone if one._pending is not None])

    def _secured(self) -> None:
        """The handshake of `starttls` is done."""
        self._shaking = False
        if not self._wire.lost:
            self._step(self.machine.receive_secured)
            if self._choked:  # who would say otherwise is not there any more
                self._choke(False)

    def _expire(self) -> None:
        self._armed, self._timer = NEVER, None
        why = self._runs_out()
        if why:
            self._give_up(why)
        else:
            self._step(self._advance)

    def _runs_out(self) -> str:
        """Which bound has run out, in words; "" if none has."""
        if self._wire.closing:
            if self._last > self.clock():
                return ""
            why = f"what was left at the end was not taken within {self._bounds.closing:g} s"
            if self._patience is None:
                self._patience = Patience(self._bounds, self.clock)
            self._patience.why = self._patience.why or why
            return why
        return "" if self._patience is None else self._patience.runs_out(self._is_busy)

    def _advance(self) -> None:
        self.machine.advance(self.clock())
        self._wire.soonest = self._wire.deadline()

    def _step(self, step: Callable[[], object]) -> None:
        self.feeding = True
        try:
            step()
        except RemoteProtocolError as error:
            self._refuse(error)
        except BaseException:
            self._abort()
            raise
        self.flush()

    def _choke(self, choked: bool) -> None:
        """A peer that does not take our answers makes us stop reading."""
        self._choked = choked
        if not choked:
            if self._patience is not None:
                self._patience.took()
            self._read(full=False, behind=self._behind)

    def _refuse(self, error: RemoteProtocolError) -> None:
        """The peer broke the protocol, and the spec has no answer: the connection ends."""
        import logging

        logging.getLogger("protogen").info("%s", error)
        self._wire.close()

    def _give_up(self, why: str) -> None:
        """A bound has run out: the connection ends, at once if the peer takes nothing anyway."""
        import logging

        logging.getLogger("protogen").info("%r: %s", self.machine, why)
        if self._wire.closing or self._choked:
            self._abort()
        else:
            self._wire.close()

    def _is_busy(self) -> bool:
        """Whether a handler is waited for, and not the peer."""
        return any(one._pending is not None for one in self._wire.everyone())

    def _abort(self) -> None:
        self.feeding = False
        self._wire.closing = True
        self._kill()

    # ------------------------------------------------------------ from the machine

    def flush(self) -> None:
        """What the machine has to say leaves; its next deadline is kept in mind."""
        wire, answering = self._wire, self.feeding
        self.feeding = False
        if wire.lost or not self._ready:
            return
        if wire.handshake is not None and self._tls is None and not wire.closing:
            self._lack_tls()
        out = wire.out
        if out is not None:
            wire.out = None
            self._send(out)
            if self._choked:
                self._let_pile_up(sum(map(len, out)), answering)
        if wire.closing:
            taken = self._is_taken()
            self._end()
            if not taken and not wire.lost and self._ready:
                self._bound_end()
        else:
            if wire.handshake is not None and not self._shaking and self._tls is not None:
                self._shaking = True
                self._begin_tls(self._tls)
            if self._patience is not None:
                self._bound(self._patience)
            if wire.soonest < self._armed:
                self._arm()

    def _lack_tls(self) -> None:
        self._abort()
        role = self.machine._role
        raise RuntimeError(
            f"{role}: `starttls` needs a context: `serve(…, starttls=context)`, or `connect`"
        )

    def _let_pile_up(self, octets: int, answering: bool) -> None:
        """The peer does not take what it is sent."""
        if self._patience is None:
            self._patience = Patience(self._bounds, self.clock)
        self._patience.owes(octets)
        if answering:
            self._read(full=True, behind=self._behind)

    def _bound(self, patience: Patience) -> None:
        """The timer will run out when a bound does."""
        first = self._wire._first()
        patience.begun(first is not None and first._is_begun())
        self._wire.soonest = min(self._wire.soonest, patience.due())

    def _bound_end(self) -> None:
        """Nothing is waited for any more but that the peer takes what is left."""
        if self._bounds.closing is None:
            return
        if self._last == NEVER:
            owed = 0 if self._patience is None else self._patience.owed
            late = owed / (self._bounds.rate or LEAST_RATE)
            self._last = self.clock() + self._bounds.closing + late
        self._wire.soonest = self._last
        if self._last != self._armed:
            self._arm()

    def look(self) -> None:
        """Something is waited for that may be due before all else."""
        wire = self._wire
        if wire.soonest < self._armed and not wire.lost and not wire.closing and self._ready:
            self._arm()

    def stop(self) -> None:
        """A handler is pending, and more has come than it waits for."""
        self._read(full=self._full, behind=True)

    def go(self) -> None:
        """What had come is used up."""
        self._read(full=self._full, behind=False)

    def _read(self, *, full: bool, behind: bool) -> None:
        was_reading, reading = not (self._full or self._behind), not (full or behind)
        self._full, self._behind = full, behind
        if reading != was_reading and self._ready and not self._wire.lost:
            self._set_reading(reading)
