"""anyio runs the machines, on asyncio or trio: servers and clients that live as long as a block."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from ssl import SSLContext
from typing import Any, TypeVar

import anyio
import anyio.abc
import anyio.streams.tls
import anyio.to_thread

from .bounds import USUAL, Bounds
from .guests import Guests
from .machine import Machine
from .peers import MOST, bound
from .peers import USUAL as PATIENT
from .scopes import ScopedConnection, Watch, connected, serving
from .scopes_datagrams import ScopedPeer, connected_to, meeting
from .tls import Tls, of_client, of_server

M = TypeVar("M", bound=Machine)


class Connection(ScopedConnection):
    """One connection over any byte stream of anyio's; `await connection.live()` is its life."""

    _broken = (anyio.BrokenResourceError, anyio.ClosedResourceError)
    _now = staticmethod(anyio.current_time)
    _new_event = anyio.Event
    _new_group = staticmethod(anyio.create_task_group)
    _new_scope = anyio.CancelScope
    _sleep_forever = staticmethod(anyio.sleep_forever)
    _forcefully = staticmethod(anyio.aclose_forcefully)

    def __init__(
        self,
        machine: Machine,
        stream: Any,
        bounds: Bounds = USUAL,
        tls: Tls | None = None,
        watch: Watch | None = None,
    ) -> None:
        # On asyncio anyio's streams read before they are asked to, and then without a bound as
        # long as more has come than was taken; from here on they read when they are asked.
        transport = getattr(getattr(stream, "transport_stream", stream), "_transport", None)
        if transport is not None:
            transport.pause_reading()
        super().__init__(machine, stream, bounds, tls, watch)

    @staticmethod
    def peer_of(stream: Any) -> object:
        """The address of the other end, as its socket says it."""
        return stream.extra(anyio.abc.SocketAttribute.remote_address, None)

    async def _receive(self) -> bytes:
        try:
            data: bytes = await self.stream.receive()
        except anyio.EndOfStream:
            return b""
        return data

    async def _send_all(self, data: bytes) -> None:
        await self.stream.send(data)

    async def _shake_hands(self, tls: Tls) -> anyio.streams.tls.TLSStream:
        try:
            return await _wrapped(self.stream, tls)
        except (*self._broken, anyio.EndOfStream, OSError, ValueError) as error:
            raise anyio.BrokenResourceError(str(error.__cause__ or error)) from error

    def thread(self, work: Callable[[], Any]) -> Awaitable[Any]:
        """Does this in one of anyio's threads; a scope that is cancelled does not wait for it."""
        return anyio.to_thread.run_sync(work, abandon_on_cancel=True)


@asynccontextmanager
async def serve(
    machine: Callable[[], Machine],
    host: str | None = None,
    port: int = 0,
    *,
    path: str | None = None,
    ssl: SSLContext | None = None,
    starttls: SSLContext | None = None,
    grace: float = 0.0,
    limit: int | None = None,
    limit_each: int | None = None,
    bounds: Bounds = USUAL,
) -> AsyncIterator[anyio.abc.Listener[Any]]:
    """A server, as long as the block: its every connection is a machine of its own.

    The block has the listener. Behind it no connection is taken any more, and those there are
    have `grace` seconds to finish. `path` is that of a Unix socket, in place of host and port;
    with `ssl` each connection begins with TLS, with `starttls` where the spec says so. Connections
    past `limit` in all, or past `limit_each` from one address, are ended as they come; `bounds` say
    how long one may last. An error in a connection ends that one and is logged.
    """
    guests = Guests(limit, limit_each)
    listener: Any
    if path is None:
        listener = await anyio.create_tcp_listener(local_host=host, local_port=port)
    else:
        listener = await anyio.create_unix_listener(path)
    door = listener if ssl is None else anyio.streams.tls.TLSListener(listener, ssl)
    tls = of_server(starttls)
    async with serving(Connection, machine, [door], _accept, guests, grace, bounds, tls, path):
        yield listener


async def _wrapped(stream: Any, tls: Tls) -> anyio.streams.tls.TLSStream:
    return await anyio.streams.tls.TLSStream.wrap(
        stream, server_side=tls.serves, hostname=tls.name, ssl_context=tls.context
    )


async def _accept(listener: Any, session: Any, sessions: Any) -> None:
    async with listener:
        await listener.serve(session, sessions)


@asynccontextmanager
async def connect(
    machine: Callable[[], M],
    host: str = "",
    port: int = 0,
    *,
    path: str | None = None,
    ssl: SSLContext | None = None,
    starttls: SSLContext | None = None,
    server_hostname: str | None = None,
    bounds: Bounds = USUAL,
) -> AsyncIterator[M]:
    """A connection to a server, as the machine that speaks to it; closed when the block is left.

    Calls that the spec ties to an answer can be awaited. What fails on our side in the connection
    comes out of the block. `path` is that of a Unix socket; with `ssl` TLS comes first, with
    `starttls` where the spec says so; either has to be with a server that is called
    `server_hostname`, or else `host`.
    """
    stream: Any
    name = server_hostname or host
    if path is not None:
        stream = await anyio.connect_unix(path)
    else:
        stream = await anyio.connect_tcp(host, port)
    from_the_start = of_client(ssl, name)
    if from_the_start is not None:
        try:
            stream = await _wrapped(stream, from_the_start)
        except BaseException:
            await anyio.aclose_forcefully(stream)
            raise
    async with connected(Connection(machine(), stream, bounds, of_client(starttls, name))) as one:
        yield one


def over(
    machine: M,
    stream: anyio.abc.ByteStream,
    *,
    bounds: Bounds = USUAL,
    tls: Tls | None = None,
) -> AbstractAsyncContextManager[M]:
    """The same over a stream that is there already; `tls` is what `starttls` is done with."""
    return connected(Connection(machine, stream, bounds, tls))


class Peer(ScopedPeer, Connection):
    """The connection with one peer over datagrams; `await peer.live()` is its life."""

    _wait_readable = staticmethod(anyio.wait_readable)


@asynccontextmanager
async def serve_datagrams(
    machine: Callable[[], Machine],
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    grace: float = 0.0,
    limit: int | None = MOST,
    limit_each: int | None = None,
    bounds: Bounds = PATIENT,
    apart: bool = False,
) -> AsyncIterator[socket.socket]:
    """A server over datagrams, as long as the block: each peer, an address with its port, has its
    machine.

    The block has the socket. Behind it nobody new is heard, and the peers that are there have
    `grace` seconds to finish. A peer is gone when its machine has come to its end, or by its
    `bounds` (who says nothing for 5 minutes). Past `limit` of them, or `limit_each` of one host,
    nobody new is heard. If `apart`, each is answered from a socket of its own, as TFTP has it.
    """
    sock, limits = bound(host, port), (limit, limit_each)
    async with meeting(Peer, machine, sock, limits, grace, bounds, apart) as listening:
        yield listening


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

    Where the peer's host says that nobody is there, the connection is lost. If `follow`, the peer
    may answer from another port than that, and is found there from then on, as TFTP has it.
    """
    found = (await anyio.getaddrinfo(host, port, type=socket.SOCK_DGRAM))[0]
    async with connected_to(Peer, machine(), found, follow, bounds) as one:
        yield one
