"""asyncio runs the machines: servers, clients, and a protocol factory for any loop's own calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from threading import local
from typing import Any, TypeVar, cast

from .connection import Connection
from .machine import Machine

M = TypeVar("M", bound=Machine)


class _Buffer(local):
    """Where bytes arrive, for all connections: they are copied out before the loop reads again."""

    def __init__(self) -> None:
        self.octets = bytearray(256 * 1024)
        self.view = memoryview(self.octets)


_BUFFER = _Buffer()  # one for each thread, which may have a loop of its own


class Protocol(Connection, asyncio.BufferedProtocol):
    """One connection."""

    __slots__ = ("_closed", "_loop", "_tasks", "transport")

    def __init__(self, machine: Machine) -> None:
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Future[Any]] | None = None
        self._closed: asyncio.Future[None] | None = None
        self.transport: asyncio.Transport | None = None
        super().__init__(machine, self._loop.time)

    async def wait_closed(self) -> None:
        """Returns when the connection is gone."""
        if self._wire.lost:
            return
        if self._closed is None:
            self._closed = self._loop.create_future()
        await asyncio.shield(self._closed)

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
        if self._timer is not None:
            self._timer.cancel()
        try:
            self._lost(str(exc) if exc is not None else "")
        finally:
            kept = [one._pending.task for one in self._wire.stack() if one._pending is not None]
            for task in self._tasks or ():
                if task not in kept:  # by `on lost keep`
                    task.cancel()
            if self._closed is not None and not self._closed.done():
                self._closed.set_result(None)

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

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._armed = self._wire.soonest
        self._timer = self._loop.call_at(self._armed, self._expire)

    def run(
        self, answer: Awaitable[Any], done: Callable[[Any, BaseException | None], None]
    ) -> asyncio.Future[Any]:
        task = asyncio.ensure_future(_awaited(answer))
        if self._tasks is None:
            self._tasks = set()
        tasks = self._tasks
        tasks.add(task)

        def finished(task: asyncio.Future[Any]) -> None:
            tasks.discard(task)
            error: BaseException | None
            if not task.cancelled():
                error = task.exception()
            elif isinstance(task, asyncio.Task) and task.cancelling():
                error = asyncio.CancelledError()  # by us, who ask no more; or all ends here
            else:
                error = RuntimeError("cancelled")  # in there, and that is a failure
            if task.cancelled() and hasattr(answer, "close"):
                answer.close()  # it may not even have begun
            result = None if error is not None else task.result()
            with suppress(asyncio.CancelledError):
                self._step(lambda: done(result, error))

        task.add_done_callback(finished)
        return task

    def thread(self, work: Callable[[], Any]) -> Awaitable[Any]:
        return asyncio.to_thread(work)

    def future(self) -> asyncio.Future[Any]:
        return self._loop.create_future()


async def _awaited(answer: Awaitable[Any]) -> Any:
    return await answer


def factory(machine: Callable[[], Machine]) -> Callable[[], Protocol]:
    """A protocol factory for `loop.create_server`, `loop.create_connection` and their like."""
    return lambda: Protocol(machine())


async def serve(
    machine: Callable[[], Machine], host: str | None = None, port: int | None = None, **options: Any
) -> asyncio.Server:
    """A server whose every connection is a machine of its own; `options` are `create_server`'s."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(factory(machine), host, port, **options)


@asynccontextmanager
async def connect(
    machine: Callable[[], M], host: Any = None, port: Any = None, **options: Any
) -> AsyncIterator[M]:
    """A connection to a server, as the machine that speaks to it; closed when the block is left.

    Calls that the spec ties to an answer can be awaited. `options` are `create_connection`'s.
    """
    loop = asyncio.get_running_loop()
    _, protocol = await loop.create_connection(factory(machine), host, port, **options)
    try:
        yield protocol.machine  # type: ignore[misc]
    finally:
        protocol.machine.close()
        protocol.flush()
        await protocol.wait_closed()
