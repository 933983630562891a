"""Twisted runs machines over datagrams: a machine for each peer of a port, and clients."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from twisted.internet.abstract import isIPv6Address
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.error import MessageLengthError
from twisted.internet.protocol import DatagramProtocol
from twisted.logger import Logger

from .bounds import USUAL, Bounds
from .machine import Machine
from .peers import LARGEST, MOST, DatagramConnection, Peers, Towards
from .peers import USUAL as PATIENT
from .tx_deferreds import DeferredConnection, the_reactor

M = TypeVar("M", bound=Machine)


class Port(DatagramProtocol):
    """A port for datagrams: `received` is given each, `failed` what the network says."""

    noisy = False
    transport: Any
    _log = Logger(namespace="protogen")

    def __init__(
        self, received: Callable[[bytes, Any], object], failed: Callable[[str], object]
    ) -> None:
        self._received, self._failed = received, failed

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """One came."""
        try:
            self._received(datagram, addr)
        except Exception:  # of one peer; the port is that of all
            self._log.failure("a datagram failed: its connection is aborted")

    def connectionRefused(self) -> None:
        """Nobody listens there."""
        self._failed("Connection refused")

    def stopProtocol(self) -> None:
        """The port is closed: by us, or by a reactor that was told of a refusal so."""
        self._failed("the port is closed")

    def transmit(self, data: bytes, address: Any) -> None:
        """Sends a datagram, if there is room for it; else it is lost, as it might be on the way."""
        with suppress(OSError, MessageLengthError):
            if self.transport is not None:
                self.transport.write(data, address)


class Peer(DatagramConnection, DeferredConnection):
    """The connection with one peer, over a port that may be that of others too."""

    def __init__(
        self, machine: Machine, address: Any, clock: Any = None, bounds: Bounds = USUAL
    ) -> None:
        self.port: Port | None = None
        self.own: Any = None  # the listening port, if it is nobody else's
        self.address = self.known = address
        self.left: Callable[[], object] = lambda: None
        self._hung = False
        super().__init__(machine, clock, bounds)

    def begin(self, port: Port) -> None:
        """There is a port: what has been said leaves."""
        self.port, self._ready = port, not self._hung
        self.flush()

    def _connected_to(self) -> Any:
        return self.known

    def _transmit(self, data: bytes) -> None:
        self.port.transmit(data, self.address)  # type: ignore[union-attr]  # it is ready

    def _hang_up(self, reason: str = "") -> None:
        if not self._hung:
            self._hung, self._ready = True, False
            self._reactor.callLater(0, self._logged, partial(self._lost, reason))

    def _let_go(self, kept: list[Any]) -> None:
        if self.own is not None:
            self.own.stopListening()
        self.left()
        super()._let_go(kept)


class Meeting(Port):
    """The machines of all peers of a port; for `reactor.listenUDP`.

    A peer is an address with its port. It is gone when its machine has come to its end, or by its
    `bounds` (who says nothing for 5 minutes). Past `limit` of them, or `limit_each` of one host,
    nobody new is heard. If `apart`, each is answered from a port of its own, as TFTP has it.
    """

    def __init__(
        self,
        machine: Callable[[], Machine],
        clock: Any = None,
        *,
        limit: int | None = MOST,
        limit_each: int | None = None,
        bounds: Bounds = PATIENT,
        apart: bool = False,
    ) -> None:
        self._machine, self._bounds, self._apart = machine, bounds, apart
        self._reactor = the_reactor(clock)
        self._peers = Peers(self._meet, limit, limit_each, self._look)
        self._closed: list[Deferred[None]] = []
        super().__init__(self._peers.received, lambda reason: None)

    @property
    def connections(self) -> list[Peer]:
        """The peers that are there."""
        return list(self._peers.there.values())

    def _meet(self, address: Any) -> Peer:
        one = Peer(self._machine(), address, self._reactor, self._bounds)
        if self._apart:
            at = Port(lambda data, address: one._received(data), one._hang_up)
            host = self.transport.getHost().host
            one.own = self._reactor.listenUDP(0, at, host, LARGEST)
            one.own.connect(*address[:2])
            one.address = None
            one.begin(at)
        else:
            one.begin(self)
        return one

    def stopProtocol(self) -> None:
        """The port is closed: there is nobody any more."""
        self._peers.closed = True
        for one in self.connections:
            one._hang_up("the port is closed")

    def deserted(self) -> Deferred[None]:
        """Hears nobody new; fires when the last peer that is there is gone."""
        self._peers.closed = True
        gone: Deferred[None] = Deferred()
        self._closed.append(gone)
        self._look()
        return gone

    def _look(self) -> None:
        if not self._peers.there:
            closed, self._closed = self._closed, []
            for gone in closed:
                gone.callback(None)


def serve_datagrams(
    machine: Callable[[], Machine],
    port: int = 0,
    interface: str = "",
    *,
    reactor: Any = None,
    limit: int | None = MOST,
    limit_each: int | None = None,
    bounds: Bounds = PATIENT,
    apart: bool = False,
) -> Any:
    """A server over datagrams: gives the IListeningPort, whose `protocol` is a `Meeting`."""
    clock = the_reactor(reactor)
    meeting = Meeting(
        machine, clock, limit=limit, limit_each=limit_each, bounds=bounds, apart=apart
    )
    return clock.listenUDP(port, meeting, interface, LARGEST)


def connect_datagrams(
    machine: Callable[[], M],
    host: str,
    port: int,
    *,
    reactor: Any = None,
    follow: bool = False,
    bounds: Bounds = USUAL,
) -> Deferred[M]:
    """A machine that speaks to a peer over datagrams: fires with it, once its host is found.

    The machine's `close()` is its end. Where the peer's host says that nobody is there, the
    connection is lost. If `follow`, the peer may answer from another port than that, and is found
    there from then on, as TFTP has it.
    """
    clock = the_reactor(reactor)

    def found(ip: str) -> M:
        peer = Towards((ip, port), follow)
        one = Peer(made := machine(), (ip, port), clock, bounds)
        if not follow:
            one.address = None

        def received(data: bytes, address: Any) -> None:
            if peer.is_from(address):
                if follow:
                    one.address = peer.address
                one._received(data)

        at = Port(received, one._hang_up)
        one.own = clock.listenUDP(0, at, "::" if isIPv6Address(ip) else "", LARGEST)
        if not follow:
            one.own.connect(ip, port)
        one.begin(at)
        one._opened()
        return made

    if isIPv6Address(host):
        return maybeDeferred(found, host)
    resolved: Deferred[Any] = clock.resolve(host)
    return resolved.addCallback(found)
