"""Who sends datagrams to one socket: a machine for each address, while it lasts."""

from __future__ import annotations

import socket
from contextlib import suppress
from functools import partial

from .bounds import Bounds
from .connection import Connection
from .guests import Guests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    class Correspondent(Protocol):
        """A connection as the peers of a socket are kept: `left` is done when it is gone."""

        left: Callable[[], object]

        def _opened(self) -> None: ...
        def _received(self, data: bytes) -> None: ...


MOST = 10_000  # peers at a time, unless it is said otherwise: anybody can invent addresses
USUAL = Bounds(idle=300)  # seconds: who says nothing for so long is gone
LARGEST = 65_536  # octets, more than any datagram has
BATCH = 100  # datagrams that are taken before others have their turn


class DatagramConnection(Connection):
    """A connection over datagrams: what is sent leaves one by one, and nobody stops reading.

    `address` is whom it speaks to, None where its socket knows. A main loop says how a datagram
    leaves (where there is no room for it, it is lost), and how the end is told.
    """

    __slots__ = ()

    address: Any
    left: Callable[[], object]

    def peer_address(self) -> Any:
        """Whom it speaks to."""
        return self.address or self._connected_to()

    def _connected_to(self) -> Any:
        """What a socket that is nobody else's is connected to."""
        raise NotImplementedError

    def _transmit(self, data: bytes) -> None:
        """Sends one datagram."""
        raise NotImplementedError

    def _hang_up(self, reason: str = "") -> None:
        """The machine hears that this is the end, once its step is over; may be said again."""
        raise NotImplementedError

    def _send(self, out: list[bytes]) -> None:
        for data in out:
            self._transmit(data)

    def _end(self) -> None:
        self._hang_up()

    def _kill(self) -> None:
        self._hang_up()

    def _set_reading(self, reading: bool) -> None:
        """Others may be behind the same socket."""


class Peers:
    """The peers of a socket: `meet` makes the connection of one that was not there.

    Past `limit` of them, or `limit_each` of one host, and once `closed`, nobody new is heard.
    `deserted` is called when the last of them is gone.
    """

    def __init__(
        self,
        meet: Callable[[Any], Correspondent],
        limit: int | None,
        limit_each: int | None,
        deserted: Callable[[], object] = lambda: None,
    ) -> None:
        self.there: dict[Any, Any] = {}
        self.closed = False
        self._meet, self._deserted = meet, deserted
        self._guests = Guests(limit, limit_each)

    def received(self, data: bytes, address: Any) -> None:
        """Gives a datagram to the one from whom it is."""
        one = self.there.get(address) or self._welcome(address)
        if one is not None:
            one._received(data)

    def _welcome(self, address: Any) -> Any:
        host = None if self.closed else self._guests.enter(address)
        if host is None:
            return None
        try:
            one = self._meet(address)
        except BaseException:
            self._guests.leave(host)
            raise
        self.there[address] = one
        one.left = partial(self._leave, address, host)
        one._opened()
        return one

    def _leave(self, address: Any, host: str) -> None:
        del self.there[address]
        self._guests.leave(host)
        if not self.there:
            self._deserted()


class Towards:
    """Which datagrams are a client's: those of its peer.

    If `follow`, the peer may answer from another port of its host than it was asked at, and is
    found there from then on (RFC 1350, section 4).
    """

    __slots__ = ("_found", "address")

    def __init__(self, address: Any, follow: bool) -> None:
        self.address, self._found = address, not follow

    def is_from(self, address: Any) -> bool:
        """Whether a datagram from there is the peer's."""
        if not self._found and address[0] == self.address[0]:
            self.address, self._found = address, True
        return bool(address[:2] == self.address[:2])


def bound(host: str, port: int) -> socket.socket:
    """A socket for datagrams that does not block, at that port; IPv6 where the host says so."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.bind((host, port))
    except BaseException:
        sock.close()
        raise
    return sock


def apart_from(sock: Any, address: Any) -> socket.socket:
    """A socket of its own for one peer, on the same host as the one that it came to."""
    own = bound(sock.getsockname()[0], 0)
    try:
        own.connect(address)
    except BaseException:
        own.close()
        raise
    return own


def towards(found: Any, follow: bool) -> socket.socket:
    """A client's socket; `found` is what `getaddrinfo` says of its peer."""
    family, kind, protocol, _, address = found
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        if follow:
            sock.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", 0))
        else:
            sock.connect(address)
    except BaseException:
        sock.close()
        raise
    return sock


def transmit(sock: socket.socket, data: bytes, address: Any) -> None:
    """Sends a datagram, if there is room for it; else it is lost, as it might be on the way."""
    with suppress(OSError):
        if address is None:
            sock.send(data)
        else:
            sock.sendto(data, address)


def taken(sock: socket.socket) -> Any:
    """What has come, as datagrams with their addresses; OSError where the network refuses."""
    for _ in range(BATCH):
        try:
            yield sock.recvfrom(LARGEST)
        except (BlockingIOError, InterruptedError):
            return
