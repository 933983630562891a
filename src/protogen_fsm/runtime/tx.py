"""Twisted runs the machines: a factory and a protocol, Deferreds both ways, endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.endpoints import clientFromString, connectProtocol, serverFromString
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import (
    IHalfCloseableProtocol,
    IHandshakeListener,
    IProtocol,
    IProtocolFactory,
    IPushProducer,
)
from twisted.python.failure import Failure
from zope.interface import implementer

from .bounds import USUAL, Bounds
from .calls import Call
from .errors import LocalProtocolError
from .guests import Guests
from .machine import Machine
from .tls import Tls, of_client, of_server
from .tx_bodies import Body
from .tx_datagrams import Meeting, connect_datagrams, serve_datagrams
from .tx_deferreds import Answer, DeferredConnection, the_reactor

M = TypeVar("M", bound=Machine)
T = TypeVar("T")


@implementer(IProtocol, IHalfCloseableProtocol, IHandshakeListener, IPushProducer)
class Protocol(DeferredConnection):
    """One connection; `clock` is what has `seconds` and `callLater`, the reactor if nothing is."""

    factory: Any = None

    def __init__(
        self,
        machine: Machine,
        clock: Any = None,
        bounds: Bounds = USUAL,
        tls: Tls | None = None,
    ) -> None:
        self.transport: Any = None
        self.connected = 0
        super().__init__(machine, clock, bounds, tls)

    def peer_address(self) -> Any:
        """What the transport says of the other end."""
        if self.transport is None:
            return None
        peer = self.transport.getPeer()
        return (peer.host, peer.port) if hasattr(peer, "host") else getattr(peer, "name", None)

    # ------------------------------------------------------------ the transport's side

    def makeConnection(self, transport: Any) -> None:
        """Takes the transport, and tells the machine that the connection is there."""
        self.connected, self.transport, self._ready = 1, transport, True
        transport.registerProducer(self, True)
        self.connectionMade()

    def connectionMade(self) -> None:
        """The connection is there."""
        self._opened()

    def dataReceived(self, data: bytes) -> None:
        """Bytes came."""
        self._received(data)

    def readConnectionLost(self) -> None:
        """The peer will send nothing more, and may still read."""
        self._received_eof()

    def writeConnectionLost(self) -> None:
        """The peer reads no more, which a connection is not lost by."""

    def connectionLost(self, reason: Failure) -> None:
        """The connection is gone."""
        self.connected = 0
        ended = isinstance(reason.value, ConnectionDone)
        for body in list(self.bodies):
            body.stop()
        self._lost("" if ended else str(reason.value))

    def handshakeCompleted(self) -> None:
        """TLS is there: of `starttls`, or from the start."""
        if self._shaking:
            self._secured()

    def pauseProducing(self) -> None:
        """The peer does not take what it is sent."""
        self._choke(True)
        for body in list(self.bodies):
            body.pause()

    def resumeProducing(self) -> None:
        """The peer has taken it."""
        self._choke(False)
        for body in list(self.bodies):
            body.resume()

    def stopProducing(self) -> None:
        """The transport is going away."""

    # ------------------------------------------------------------ the machine's side

    def _send(self, out: list[bytes]) -> None:
        self.transport.write(out[0] if len(out) == 1 else b"".join(out))

    def _end(self) -> None:
        if self.connected:
            self.connected = 0
            self.transport.unregisterProducer()
            self.transport.loseConnection()

    def _kill(self) -> None:
        if self.transport is not None:
            self.transport.abortConnection()

    def _set_reading(self, reading: bool) -> None:
        if self.connected and reading:
            self.transport.resumeProducing()
        elif self.connected:
            self.transport.pauseProducing()

    def _begin_tls(self, tls: Tls) -> None:
        self.transport.startTLS(tls.context)


@implementer(IProtocolFactory)
class Factory:
    """Makes a machine for each connection; for endpoints, and for the reactor's own calls.

    Connections past `limit` in all, or past `limit_each` from one address, are ended as they come;
    `bounds` say how long one may last, `starttls` is what TLS begins with where the spec says so.
    """

    noisy = False

    def __init__(
        self,
        machine: Callable[[], Machine],
        clock: Any = None,
        *,
        limit: int | None = None,
        limit_each: int | None = None,
        bounds: Bounds = USUAL,
        starttls: Any = None,
    ) -> None:
        self._machine, self._clock, self._bounds = machine, clock, bounds
        self._tls = of_server(starttls)
        self._guests = Guests(limit, limit_each)
        self.connections: set[Protocol] = set()
        self._deserted: list[Deferred[None]] = []

    def deserted(self) -> Deferred[None]:
        """Fires once none of its connections is left."""
        gone: Deferred[None] = Deferred()
        self._deserted.append(gone)
        self._look()
        return gone

    def _look(self) -> None:
        if not self.connections:
            gone, self._deserted = self._deserted, []
            for one in gone:
                one.callback(None)

    def _leave(self, protocol: Protocol, host: str) -> None:
        self._guests.leave(host)
        self.connections.discard(protocol)
        self._look()

    def buildProtocol(self, addr: Any) -> Protocol | None:
        """A connection, None if it is one too many."""
        address = getattr(addr, "host", None)
        host = self._guests.enter((address,) if address else None)
        if host is None:
            return None
        protocol = Protocol(self._machine(), self._clock, self._bounds, self._tls)
        protocol.factory = self
        self.connections.add(protocol)
        protocol.closed().addCallback(lambda nothing: self._leave(protocol, host))
        return protocol

    def doStart(self) -> None:
        """A port opens."""

    def doStop(self) -> None:
        """A port closes."""


def serve(
    machine: Callable[[], Machine],
    endpoint: Any,
    *,
    reactor: Any = None,
    limit: int | None = None,
    limit_each: int | None = None,
    bounds: Bounds = USUAL,
    starttls: Any = None,
) -> Deferred[Any]:
    """A server whose every connection is a machine of its own.

    `endpoint` is an IStreamServerEndpoint, or what `serverFromString` takes: `tcp:25`,
    `unix:/run/mail.sock`, `ssl:465:privateKey=…`. Fires with the IListeningPort, once that listens.
    Connections past `limit` in all, or past `limit_each` from one address, are ended as they come;
    `bounds` say how long one may last. `starttls` is what TLS begins with where the spec says so: a
    `CertificateOptions` of `twisted.internet.ssl`.
    """
    clock = the_reactor(reactor)
    if isinstance(endpoint, str):
        endpoint = serverFromString(clock, endpoint)
    factory = Factory(
        machine, clock, limit=limit, limit_each=limit_each, bounds=bounds, starttls=starttls
    )
    port: Deferred[Any] = endpoint.listen(factory)
    return port


def shut_down(port: Any, grace: float = 0.0, *, reactor: Any = None) -> Deferred[None]:
    """Takes nobody new at what `serve` or `serve_datagrams` gave; fires when all are gone.

    Those that are there have so many seconds to finish; then they are cut off.
    """
    return Deferred.fromCoroutine(_shut_down(port, grace, the_reactor(reactor)))


async def _shut_down(port: Any, grace: float, clock: Any) -> None:
    host = getattr(port, "protocol", None) or port.factory
    host = getattr(host, "wrappedFactory", host)  # of TLS
    if isinstance(host, Factory):
        await maybeDeferred(port.stopListening)
    gone = host.deserted()

    def cut_off() -> None:
        for one in list(host.connections):
            one._abort()

    alarm = clock.callLater(grace, cut_off)
    await gone
    if alarm.active():
        alarm.cancel()
    if not isinstance(host, Factory):
        await maybeDeferred(port.stopListening)


def connect(
    machine: Callable[[], M],
    endpoint: Any,
    *,
    reactor: Any = None,
    bounds: Bounds = USUAL,
    starttls: Any = None,
) -> Deferred[M]:
    """A connection to a server: fires with the machine that speaks to it, once it is there.

    `endpoint` is an IStreamClientEndpoint, or what `clientFromString` takes:
    `tcp:mx.example.org:25`. The machine's `close()` ends the connection. `starttls` is what TLS
    begins with where the spec says so: `twisted.internet.ssl.optionsForClientTLS(name)`.
    """
    clock = the_reactor(reactor)
    if isinstance(endpoint, str):
        endpoint = clientFromString(clock, endpoint)
    one = machine()
    made: Deferred[Any] = connectProtocol(
        endpoint, Protocol(one, clock, bounds, of_client(starttls, None))
    )
    return made.addCallback(lambda protocol: one)


def closed(machine: Machine) -> Deferred[None]:
    """Fires when the machine's connection is gone."""
    return _connection(machine).closed()


def body(machine: Machine, piece: Callable[[bytes], object]) -> Body:
    """An IConsumer for a body that is made as it is sent, such as that of a `FileSender`.

    `piece` takes each part of it: the machine's event, or what asks for it. The producer stands
    still while the peer does not take what it is sent.
    """
    return Body(_connection(machine), piece)


def _connection(machine: Machine) -> DeferredConnection:
    adapter = machine.wire.adapter
    if not isinstance(adapter, DeferredConnection):
        raise LocalProtocolError("this machine has no connection of Twisted's")
    return adapter


def deferred(call: Call[T]) -> Deferred[T]:
    """The call as what it is under Twisted, for type checkers, which know it by its other name."""
    return cast("Deferred[T]", call)


__all__ = [
    "Answer",
    "Body",
    "Factory",
    "Meeting",
    "Protocol",
    "body",
    "closed",
    "connect",
    "connect_datagrams",
    "deferred",
    "serve",
    "serve_datagrams",
    "shut_down",
]
