"""asyncio runs the machines: servers, clients, and a protocol factory for any loop's own calls."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from ssl import SSLContext
from typing import Any, TypeVar, cast

from .aio_datagrams import DatagramServer, connect_datagrams, serve_datagrams
from .aio_tasks import TaskConnection
from .bounds import USUAL, Bounds
from .guests import Guests
from .machine import Machine
from .tls import Tls, of_client, of_server

__all__ = [
    "DatagramServer",
    "Protocol",
    "Server",
    "connect",
    "connect_datagrams",
    "factory",
    "serve",
    "serve_datagrams",
]

M = TypeVar("M", bound=Machine)


class Protocol(TaskConnection, asyncio.Protocol):
    """One connection."""

    __slots__ = ("_early", "_handshake", "transport")

    def __init__(self, machine: Machine, bounds: Bounds = USUAL, tls: Tls | None = None) -> None:
        self._handshake: asyncio.Task[Any] | None = None
        self._early: list[bytes] | None = None  # came in secret before the task was done
        self.transport: asyncio.Transport | None = None
        super().__init__(machine, bounds, tls)

    def peer_address(self) -> Any:
        """What the transport says of the other end."""
        return None if self.transport is None else self.transport.get_extra_info("peername")

    # ------------------------------------------------------------ the transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none, and serves as one
        self._ready = True
        self._opened()

    def data_received(self, data: bytes) -> None:
        if self._early is None:
            self._received(data)
        else:
            self._early.append(data)

    def eof_received(self) -> bool:
        if self._early is not None:
            self._early.append(b"")
            return False
        self._received_eof()
        if self._wire.closing or self.transport is None or self.transport.is_closing():
            return False
        # TLS of asyncio's has no half of a connection
        return self.transport.get_extra_info("sslcontext") is None

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._wire.lost:  # TLS that has failed may say so twice
            self._lost(str(exc) if exc is not None else "")

    def pause_writing(self) -> None:
        self._choke(True)

    def resume_writing(self) -> None:
        self._choke(False)

    # ------------------------------------------------------------ the machine's side

    def _send(self, out: list[bytes]) -> None:
        self.transport.write(out[0] if len(out) == 1 else b"".join(out))  # type: ignore[union-attr]

    def _end(self) -> None:
        if self._handshake is not None:
            self._handshake.cancel()  # uvloop's waits for its peer, though there is none any more
        self.transport.close()  # type: ignore[union-attr]

    def _is_taken(self) -> bool:
        transport = self.transport
        if transport is None or transport.is_closing():
            return False
        if transport.get_extra_info("sslcontext") is not None:  # TLS has an end of its own
            return False
        try:
            return transport.get_write_buffer_size() == 0
        except NotImplementedError:
            return False

    def _kill(self) -> None:
        if self._handshake is not None:
            self._handshake.cancel()
        if self.transport is not None:
            self.transport.abort()

    def _set_reading(self, reading: bool) -> None:
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        if reading:
            transport.resume_reading()
        else:
            transport.pause_reading()

    def _begin_tls(self, tls: Tls) -> None:
        assert self.transport is not None
        self.transport.pause_reading()  # or what comes next would be taken for what is in the clear
        self._early = []
        begin = self._loop.start_tls(self.transport, self, tls.context, **tls.options)
        self._handshake = self._loop.create_task(begin)
        self._handshake.add_done_callback(self._shaken)

    def _shaken(self, handshake: asyncio.Task[Any]) -> None:
        early, self._handshake, self._early = self._early, None, None
        problem = asyncio.CancelledError() if handshake.cancelled() else handshake.exception()
        secured = None if problem is not None else handshake.result()
        if secured is None:  # so it is where the connection was lost meanwhile
            self._kill()
            self.connection_lost(OSError(str(problem or "")))
            return
        self.transport = secured
        if self._full or self._behind:
            secured.pause_reading()
        self._secured()
        for data in early or ():
            if data:
                self._received(data)
            else:
                self._received_eof()


def factory(
    machine: Callable[[], Machine], *, bounds: Bounds = USUAL, tls: Tls | None = None
) -> Callable[[], Protocol]:
    """A protocol factory for `loop.create_server`, `loop.create_connection` and their like.

    `tls` is what the spec's `starttls` is done with.
    """
    return lambda: Protocol(machine(), bounds, tls)


class Server:
    """A server that listens: asyncio's own, and the connections that it has taken."""

    def __init__(self, limit: int | None = None, limit_each: int | None = None) -> None:
        self.connections: set[Protocol] = set()
        self._guests = Guests(limit, limit_each)
        self._server: asyncio.Server | None = None
        self._path: str | None = None  # of a Unix socket, which goes with the server
        self._alone: asyncio.Event | None = None  # who shuts down waits for it
        self._ended = False  # and has waited: what was taken and not made by then is too late

    @property
    def sockets(self) -> tuple[Any, ...]:
        """The sockets that listen."""
        return () if self._server is None else tuple(self._server.sockets)

    def is_serving(self) -> bool:
        """Whether it takes connections."""
        return self._server is not None and self._server.is_serving()

    def close(self) -> None:
        """Takes no connection any more; those there are go on."""
        if self._server is not None and self._server.is_serving():
            self._server.close()
            if self._path is not None:
                with suppress(OSError):
                    os.unlink(self._path)

    async def wait_closed(self) -> None:
        """Returns once it is closed, as asyncio's own does."""
        if self._server is not None:
            await self._server.wait_closed()

    async def serve_forever(self) -> None:
        """Serves until it is cancelled, and closes then."""
        assert self._server is not None
        await self._server.serve_forever()

    async def shut_down(self, grace: float = 0.0) -> None:
        """Takes no connection any more; those there are have so many seconds to finish."""
        self.close()
        if self.connections:
            self._alone = asyncio.Event()
            with suppress(TimeoutError):
                async with asyncio.timeout(grace):
                    await self._alone.wait()
        self._ended = True
        ends = list(self.connections)
        for connection in ends:
            connection._abort()
        for connection in ends:
            await connection.wait_closed()

    async def __aenter__(self) -> Server:
        return self

    async def __aexit__(self, *ignored: object) -> None:
        self.close()
        await self.wait_closed()


class _Guest(Protocol):
    """A connection that a server has taken, unless it was one too many."""

    __slots__ = ("_host", "_server")

    def __init__(self, machine: Machine, server: Server, bounds: Bounds, tls: Tls | None) -> None:
        super().__init__(machine, bounds, tls)
        self._server = server
        self._host: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not self._server._ended:
            self._host = self._server._guests.enter(transport.get_extra_info("peername"))
        if self._host is None:
            cast("asyncio.Transport", transport).abort()
        else:
            self._server.connections.add(self)
            super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._host is not None:
            server, host, self._host = self._server, self._host, None
            server._guests.leave(host)
            server.connections.discard(self)
            if server._alone is not None and not server.connections:
                server._alone.set()
            super().connection_lost(exc)


async def serve(
    machine: Callable[[], Machine],
    host: str | None = None,
    port: int | None = None,
    *,
    path: str | None = None,
    limit: int | None = None,
    limit_each: int | None = None,
    bounds: Bounds = USUAL,
    starttls: SSLContext | None = None,
    **options: Any,
) -> Server:
    """A server whose every connection is a machine of its own.

    `path` is that of a Unix socket, in place of host and port. Connections past `limit` in all, or
    past `limit_each` from one address, are ended as they come; `bounds` say how long one may last.
    `options` are `create_server`'s, or `create_unix_server`'s: with `ssl` each connection begins
    with TLS, with `starttls` the spec says where it does.
    """
    loop = asyncio.get_running_loop()
    server, tls = Server(limit, limit_each), of_server(starttls)

    def guest() -> Protocol:
        return _Guest(machine(), server, bounds, tls)

    if path is None:
        server._server = await loop.create_server(guest, host, port, **options)
    else:
        server._server = await loop.create_unix_server(guest, path, **options)
        server._path = path
    return server


@asynccontextmanager
async def connect(
    machine: Callable[[], M],
    host: Any = None,
    port: Any = None,
    *,
    path: str | None = None,
    bounds: Bounds = USUAL,
    starttls: SSLContext | None = None,
    server_hostname: str | None = None,
    **options: Any,
) -> AsyncIterator[M]:
    """A connection to a server, as the machine that speaks to it; closed when the block is left.

    Calls that the spec ties to an answer can be awaited. `path` is that of a Unix socket, in place
    of host and port. `options` are `create_connection`'s, or `create_unix_connection`'s: with `ssl`
    TLS comes first, with `starttls` where the spec says so; either has to be with a server that is
    called `server_hostname`, or else `host`.
    """
    loop = asyncio.get_running_loop()
    name = server_hostname or host
    if options.get("ssl") is not None:
        options["server_hostname"] = name
    make = factory(machine, bounds=bounds, tls=of_client(starttls, name))
    if path is None:
        _, protocol = await loop.create_connection(make, host, port, **options)
    else:
        _, protocol = await loop.create_unix_connection(make, path, **options)
    try:
        yield protocol.machine  # type: ignore[misc]
    finally:
        protocol.machine.close()
        protocol.flush()
        await protocol.wait_closed()
