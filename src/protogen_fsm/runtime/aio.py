"""asyncio runs the machines: servers, clients, and a protocol factory for any loop's own calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from threading import local
from typing import Any, TypeVar, cast

from .aio_tasks import TaskConnection
from .bounds import USUAL, Bounds
from .guests import Guests
from .machine import Machine

M = TypeVar("M", bound=Machine)


class _Buffer(local):
    """Where bytes arrive, for all connections: they are copied out before the loop reads again."""

    def __init__(self) -> None:
        self.octets = bytearray(256 * 1024)
        self.view = memoryview(self.octets)


_BUFFER = _Buffer()  # one for each thread, which may have a loop of its own


class Protocol(TaskConnection, asyncio.BufferedProtocol):
    """One connection."""

    __slots__ = ("transport",)

    def __init__(self, machine: Machine, bounds: Bounds = USUAL) -> None:
        self.transport: asyncio.Transport | None = None
        super().__init__(machine, bounds)

    # ------------------------------------------------------------ the transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none, and serves as one
        self._opened()

    def get_buffer(self, sizehint: int) -> bytearray:
        return _BUFFER.octets

    def buffer_updated(self, nbytes: int) -> None:
        self._received(bytes(_BUFFER.view[:nbytes]))

    def data_received(self, data: bytes) -> None:
        self._received(data)

    def eof_received(self) -> bool:
        self._received_eof()
        return not self._wire.closing

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost(str(exc) if exc is not None else "")

    def pause_writing(self) -> None:
        self._choke(True)

    def resume_writing(self) -> None:
        self._choke(False)

    # ------------------------------------------------------------ the machine's side

    def _is_ready(self) -> bool:
        return self.transport is not None

    def _send(self, data: bytes) -> None:
        self.transport.write(data)  # type: ignore[union-attr]  # it is ready

    def _end(self) -> None:
        self.transport.close()  # type: ignore[union-attr]

    def _kill(self) -> None:
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


def factory(machine: Callable[[], Machine], *, bounds: Bounds = USUAL) -> Callable[[], Protocol]:
    """A protocol factory for `loop.create_server`, `loop.create_connection` and their like."""
    return lambda: Protocol(machine(), bounds)


class Server:
    """A server that listens: asyncio's own, and the connections that it has taken."""

    def __init__(self, limit: int | None = None, limit_each: int | None = None) -> None:
        self.connections: set[Protocol] = set()
        self._guests = Guests(limit, limit_each)
        self._server: asyncio.Server | None = None
        self._alone: asyncio.Event | None = None  # who shuts down waits for it

    @property
    def sockets(self) -> tuple[Any, ...]:
        """The sockets that listen."""
        return () if self._server is None else tuple(self._server.sockets)

    def is_serving(self) -> bool:
        """Whether it takes connections."""
        return self._server is not None and self._server.is_serving()

    def close(self) -> None:
        """Takes no connection any more; those there are go on."""
        if self._server is not None:
            self._server.close()

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

    def __init__(self, machine: Machine, server: Server, bounds: Bounds) -> None:
        super().__init__(machine, bounds)
        self._server = server
        self._host: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._host = self._server._guests.enter(transport.get_extra_info("peername"))
        if self._host is None:
            cast("asyncio.Transport", transport).abort()
        else:
            self._server.connections.add(self)
            super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._host is not None:
            server = self._server
            server._guests.leave(self._host)
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
    **options: Any,
) -> Server:
    """A server whose every connection is a machine of its own.

    `path` is that of a Unix socket, in place of host and port. Connections past `limit` in all, or
    past `limit_each` from one address, are ended as they come; `bounds` say how long one may last.
    `options` are `create_server`'s, or `create_unix_server`'s.
    """
    loop = asyncio.get_running_loop()
    server = Server(limit, limit_each)

    def guest() -> Protocol:
        return _Guest(machine(), server, bounds)

    if path is None:
        server._server = await loop.create_server(guest, host, port, **options)
    else:
        server._server = await loop.create_unix_server(guest, path, **options)
    return server


@asynccontextmanager
async def connect(
    machine: Callable[[], M],
    host: Any = None,
    port: Any = None,
    *,
    path: str | None = None,
    bounds: Bounds = USUAL,
    **options: Any,
) -> AsyncIterator[M]:
    """A connection to a server, as the machine that speaks to it; closed when the block is left.

    Calls that the spec ties to an answer can be awaited. `path` is that of a Unix socket, in place
    of host and port. `options` are `create_connection`'s, or `create_unix_connection`'s.
    """
    loop = asyncio.get_running_loop()
    make = factory(machine, bounds=bounds)
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
