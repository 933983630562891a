"""trio runs the machines: servers and clients that live as long as a block."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from ssl import SSLContext
from typing import Any, TypeVar

import trio

from .bounds import USUAL, Bounds
from .guests import Guests, peer_of
from .machine import Machine
from .peers import MOST, bound
from .peers import USUAL as PATIENT
from .scopes import ScopedConnection, connected, serving
from .scopes_datagrams import ScopedPeer, connected_to, meeting
from .tls import Tls, of_client, of_server

M = TypeVar("M", bound=Machine)


class Connection(ScopedConnection):
    """One connection over any stream of trio's; `await connection.live()` is its life."""

    _broken = (trio.BrokenResourceError, trio.ClosedResourceError)
    _now = staticmethod(trio.current_time)
    _new_event = trio.Event
    _new_group = staticmethod(trio.open_nursery)
    _new_scope = trio.CancelScope
    _sleep_forever = staticmethod(trio.sleep_forever)
    _forcefully = staticmethod(trio.aclose_forcefully)

    @staticmethod
    def peer_of(stream: Any) -> object:
        """The address of the other end, as its socket says it."""
        return peer_of(getattr(getattr(stream, "transport_stream", stream), "socket", None))

    async def _receive(self) -> bytes:
        data: bytes | bytearray = await self.stream.receive_some()
        return bytes(data)

    async def _send_all(self, data: bytes) -> None:
        await self.stream.send_all(data)

    async def _shake_hands(self, tls: Tls) -> trio.SSLStream[trio.abc.Stream]:
        secured = trio.SSLStream(self.stream, tls.context, **tls.options)
        try:
            await secured.do_handshake()
        except (trio.BrokenResourceError, ValueError) as error:
            raise trio.BrokenResourceError(str(error.__cause__ or error)) from error
        return secured

    def thread(self, work: Callable[[], Any]) -> Awaitable[Any]:
        """Does this in one of trio's threads; a scope that is cancelled does not wait for it."""
        return trio.to_thread.run_sync(work, abandon_on_cancel=True)


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
) -> AsyncIterator[list[trio.SocketListener]]:
    """A server, as long as the block: its every connection is a machine of its own.

    The block has the listeners. Behind it no connection is taken any more, and those there are
    have `grace` seconds to finish. `path` is that of a Unix socket, in place of host and port;
    with `ssl` each connection begins with TLS, with `starttls` where the spec says so. Connections
    past `limit` in all, or past `limit_each` from one address, are ended as they come; `bounds` say
    how long one may last. An error in a connection ends that one and is logged.
    """
    guests = Guests(limit, limit_each)
    if path is None:
        listeners = await trio.open_tcp_listeners(port, host=host)
    else:
        listeners = [await _listen_at(path)]
    accept, tls = _accepting(ssl), of_server(starttls)
    async with serving(Connection, machine, listeners, accept, guests, grace, bounds, tls, path):
        yield listeners


async def _listen_at(path: str) -> trio.SocketListener:
    sock = trio.socket.socket(trio.socket.AF_UNIX)
    try:
        await sock.bind(path)
        sock.listen(128)
        return trio.SocketListener(sock)
    except BaseException:
        sock.close()
        raise


def _accepting(ssl: SSLContext | None) -> Any:
    async def accept(listener: Any, session: Any, sessions: Any) -> None:
        if ssl is not None:
            listener = trio.SSLListener(listener, ssl)
        await trio.serve_listeners(session, [listener], handler_nursery=sessions)

    return accept


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
    name = server_hostname or host or None
    if path is not None:
        stream = await trio.open_unix_socket(path)
    else:
        stream = await trio.open_tcp_stream(host, port)
    if ssl is not None:
        stream = trio.SSLStream(stream, ssl, server_hostname=name)
    tls = of_client(starttls, name)
    async with connected(Connection(machine(), stream, bounds, tls)) as one:
        yield one


def over(
    machine: M,
    stream: trio.abc.Stream,
    *,
    bounds: Bounds = USUAL,
    tls: Tls | None = None,
) -> AbstractAsyncContextManager[M]:
    """The same over a stream that is there already; `tls` is what `starttls` is done with."""
    return connected(Connection(machine, stream, bounds, tls))


class Peer(ScopedPeer, Connection):
    """The connection with one peer over datagrams; `await peer.live()` is its life."""

    _wait_readable = staticmethod(trio.lowlevel.wait_readable)


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
    found = (await trio.socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM))[0]
    async with connected_to(Peer, machine(), found, follow, bounds) as one:
        yield one
