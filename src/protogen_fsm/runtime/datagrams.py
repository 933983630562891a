"""Datagrams: each is a frame by itself; on its way one may be lost, doubled or overtaken."""

from __future__ import annotations

from .errors import LocalProtocolError
from .machine import Machine
from .wire import Wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque

LONGEST = 65507  # octets in a datagram of UDP over IPv4: RFC 768 and RFC 791, 65535 - 8 - 20
WAITING = 100  # datagrams that wait for a handler; those behind them are lost, as on the way


class DatagramWire(Wire):
    """The outside of a stack that stands on datagrams: what is sent leaves one by one."""

    __slots__ = ("longest",)

    def __init__(self, bottom: Machine) -> None:
        super().__init__(bottom)
        self.longest = LONGEST

    def octets(self, data: bytes) -> None:
        """Sends a datagram. Raises LocalProtocolError if it is longer than may be."""
        self._ask_octets(data)
        super().octets(data)

    def _ask_octets(self, data: bytes) -> None:
        if len(data) > self.longest:
            raise LocalProtocolError(
                f"a datagram of {len(data)} octets, where {self.longest} is the most"
            )

    def take(self) -> bytes:
        raise TypeError("this stack stands on datagrams: what it sends is in datagrams_to_send()")

    def take_each(self) -> list[bytes]:
        """The datagrams that are to be sent now; they count as sent."""
        out, self.out = self.out, None
        return out or []


class DatagramMachine(Machine):
    """A machine over datagrams: each that comes is the event `data`, whole."""

    __slots__ = ("_kept", "_paused")

    _outside = DatagramWire

    wire: DatagramWire

    def __init__(self, below: Machine | None = None) -> None:
        super().__init__(below)
        self._kept: deque[bytes] | None = None
        self._paused = 0

    def _receive(self, data: bytes) -> None:
        if self.wire.closing:
            return
        if self._paused or self._kept:
            self._keep(data)
        else:
            self._take_in(data)

    def _receive_eof(self) -> None:
        raise TypeError(f"{self._role} stands on datagrams, which have no end")

    def _take_in(self, data: bytes) -> None:
        if len(data) > self.wire.longest:
            self.malformed(data[: self.wire.longest], "too long")
        else:
            self.data(data)

    def data(self, octets: bytes) -> None:
        """A datagram; a machine that takes any has its own."""
        self.malformed(octets, "no message")

    def _keep(self, data: bytes) -> None:
        if self._kept is None:
            from collections import deque

            self._kept = deque()
        if len(self._kept) < WAITING:
            self._kept.append(data)

    def _read_on(self) -> None:
        kept = self._kept
        while kept and not self._paused:
            if self.wire.closing:
                kept.clear()
            else:
                self._take_in(kept.popleft())
        if not kept:
            self._kept = None

    def _is_idle(self) -> bool:
        return not self._kept and not self._paused and super()._is_idle()

    def _stream(self) -> DatagramMachine:
        return self

    def pause(self) -> None:
        self._paused += 1

    def resume(self) -> None:
        self._paused -= 1
        if self._paused:
            return
        self._read_on()
        if not self._paused and self._waiting is not None:
            self._next()
