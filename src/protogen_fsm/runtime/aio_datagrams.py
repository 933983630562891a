"""asyncio runs machines over datagrams: a machine for each peer of a socket, and clients."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar, cast

from .aio_tasks import TaskConnection
from .bounds import USUAL, Bounds
from .machine import Machine
from .peers import MOST, DatagramConnection, Peers, Towards, apart_from, towards
from .peers import USUAL as PATIENT

M = TypeVar("M", bound=Machine)


class Port(asyncio.DatagramProtocol):
    """A socket for datagrams: `received` is given each, `failed` what the network says."""

    def __init__(
        self,
        received: Callable[[bytes, Any], object],
        failed: Callable[[str], object] = lambda reason: None,
    ) -> None:
        self._received, self._failed = received, failed
        self.transport: asyncio.DatagramTransport | None = None
        self.full = False  # what would be sent now is lost
        self.gone = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        try:
            self._received(data, addr)
        except Exception as error:  # of one peer; the socket is that of all
            loop = asyncio.get_running_loop()
            loop.call_exception_handler({"message": "a datagram failed", "exception": error})

    def error_received(self, exc: Exception) -> None:
        self._failed(str(exc))

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if not self.gone.done():
            self.gone.set_result(None)

    def pause_writing(self) -> None:
        self.full = True

    def resume_writing(self) -> None:
        self.full = False

    def close(self) -> None:
        """Closes the socket."""
        if self.transport is not None:
            self.transport.close()

    def transmit(self, data: bytes, address: Any) -> None:
        """Sends a datagram."""
        if self.transport is None or self.full:
            return
        if data:
            self.transport.sendto(data, address)
        else:
            self._transmit_empty(self.transport, address)

    def _transmit_empty(self, transport: asyncio.DatagramTransport, address: Any) -> None:
        # asyncio's own transports leave an empty datagram out on some versions.
        with socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno())) as sock:
            sock.setblocking(False)
            with suppress(OSError):
                sock.send(b"") if address is None else sock.sendto(b"", address)


class Peer(DatagramConnection, TaskConnection):
    """The connection with one peer, over a port that may be that of others too."""

    __slots__ = ("_hung", "address", "left", "own", "port")

    def __init__(self, machine: Machine, address: Any, bounds: Bounds = USUAL) -> None:
        self.port: Port | None = None
        self.own: Port | None = None  # the same, if it is nobody else's
        self.address = address
        self.left: Callable[[], object] = lambda: None
        self._hung = False
        super().__init__(machine, bounds)

    def begin(self, port: Port) -> None:
        """There is a port: what has been said leaves."""
        self.port, self._ready = port, not self._hung
        self.flush()

    def _connected_to(self) -> Any:
        port = self.port
        if port is None or port.transport is None:
            return None
        return port.transport.get_extra_info("peername")

    def _transmit(self, data: bytes) -> None:
        self.port.transmit(data, self.address)  # type: ignore[union-attr]  # it is ready

    def _hang_up(self, reason: str = "") -> None:
        if not self._hung:
            self._hung, self._ready = True, False
            self._loop.call_soon(self._lost, reason)

    def _let_go(self, kept: list[Any]) -> None:
        super()._let_go(kept)
        if self.own is not None:
            self.own.close()
        self.left()


class DatagramServer:
    """A socket for datagrams that listens, and the machines of its peers."""

    def __init__(
        self,
        machine: Callable[[], Machine],
        limit: int | None,
        limit_each: int | None,
        bounds: Bounds,
        apart: bool,
    ) -> None:
        self._machine, self._bounds, self._apart = machine, bounds, apart
        self._peers = Peers(self._meet, limit, limit_each, self._deserted)
        self._port = Port(self._peers.received)
        self._openings: set[asyncio.Task[None]] = set()

    def _meet(self, address: Any) -> Peer:
        one = Peer(self._machine(), address, self._bounds)
        if self._apart:
            opening = asyncio.get_running_loop().create_task(self._open_apart(one))
            self._openings.add(opening)
            opening.add_done_callback(self._openings.discard)
        else:
            one.begin(self._port)
        return one

    async def _open_apart(self, one: Peer) -> None:
        port = Port(lambda data, address: one._received(data), one._hang_up)
        sock = apart_from(self.sockets[0], one.address)
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: port, sock=sock)
        one.address = None
        one.own = port
        one.begin(port)

    def _deserted(self) -> None:
        if self._peers.closed:
            self._port.close()

    @property
    def sockets(self) -> tuple[Any, ...]:
        """The socket that listens."""
        transport = self._port.transport
        return () if transport is None else (transport.get_extra_info("socket"),)

    @property
    def connections(self) -> list[Peer]:
        """The peers that are there."""
        return list(self._peers.there.values())

    def is_serving(self) -> bool:
        """Whether it hears those who are new."""
        return not self._peers.closed

    def close(self) -> None:
        """Hears nobody new; the peers that are there go on, and with the last the socket closes."""
        self._peers.closed = True
        if not self._peers.there:
            self._port.close()

    async def wait_closed(self) -> None:
        """Returns once it is closed, and the last peer is gone."""
        await asyncio.shield(self._port.gone)

    async def shut_down(self, grace: float = 0.0) -> None:
        """Hears nobody new; the peers that are there have so many seconds to finish."""
        self.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self.wait_closed()
        for connection in self.connections:
            connection._abort()
        await self.wait_closed()

    async def __aenter__(self) -> DatagramServer:
        return self

    async def __aexit__(self, *ignored: object) -> None:
        self.close()
        await self.wait_closed()


async def serve_datagrams(
    machine: Callable[[], Machine],
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    limit: int | None = MOST,
    limit_each: int | None = None,
    bounds: Bounds = PATIENT,
    apart: bool = False,
    **options: Any,
) -> DatagramServer:
    """A server over datagrams: each peer, which is an address with its port, has its machine.

    A peer is gone when its machine has come to its end, or by its `bounds` (who says nothing for 5
    minutes). Past `limit` of them, or `limit_each` of one host, nobody new is heard. If `apart`,
    each peer is answered from a socket of its own, as TFTP has it. `options` are
    `create_datagram_endpoint`'s.
    """
    server = DatagramServer(machine, limit, limit_each, bounds, apart)
    if "sock" not in options:
        options["local_addr"] = (host, port)
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: server._port, **options)
    return server


@asynccontextmanager
async def connect_datagrams(
    machine: Callable[[], M],
    host: str,
    port: int,
    *,
    follow: bool = False,
    bounds: Bounds = USUAL,
) -> AsyncIterator[M]:
    """A machine that speaks to a peer over datagrams; at its end when the block is left.

    Calls that the spec ties to an answer can be awaited. Where the peer's host says that nobody is
    there, the connection is lost. If `follow`, the peer may answer from another port than that, and
    is found there from then on, as TFTP has it.
    """
    loop = asyncio.get_running_loop()
    found = (await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM))[0]
    peer = Towards(found[4], follow)
    one = Peer(machine(), found[4] if follow else None, bounds)

    def received(data: bytes, address: Any) -> None:
        if peer.is_from(address):
            if follow:
                one.address = peer.address
            one._received(data)

    at = Port(received, one._hang_up)
    await loop.create_datagram_endpoint(lambda: at, sock=towards(found, follow))
    one.own = at
    one.begin(at)
    try:
        one._opened()
        yield one.machine  # type: ignore[misc]
    finally:
        one.machine.close()
        one.flush()
        await one.wait_closed()
        await asyncio.shield(at.gone)
