"""asyncio runs the machines: servers, clients, and a protocol factory for any loop's own calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from threading import local
from typing import Any, TypeVar

from .errors import RemoteProtocolError
from .machine import Machine
from .wire import NEVER

M = TypeVar("M", bound=Machine)


class _Buffer(local):
    """Where bytes arrive, for all connections: they are copied out before the loop reads again."""

    def __init__(self) -> None:
        self.octets = bytearray(256 * 1024)
        self.view = memoryview(self.octets)


_BUFFER = _Buffer()  # one for each thread, which may have a loop of its own


class Protocol(asyncio.BufferedProtocol):
    """One connection: bytes from the transport into the machine, and back.

    One timer for all that the machine waits for, armed again only when it runs out early, or when
    something is due earlier.
    """

    __slots__ = (
        "_armed",
        "_behind",
        "_closed",
        "_full",
        "_looking",
        "_loop",
        "_tasks",
        "_timer",
        "_wire",
        "clock",
        "feeding",
        "future",
        "machine",
        "transport",
    )

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._wire = machine.wire
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._armed = NEVER
        self._looking = self._full = self._behind = False
        self._tasks: set[asyncio.Future[Any]] | None = None
        self._closed: asyncio.Future[None] | None = None
        self.transport: asyncio.Transport | None = None
        self.feeding = False
        self.future = self._loop.create_future
        self.clock = self._loop.time
        self._wire.adapt(self)

    async def wait_closed(self) -> None:
        """Returns when the connection is gone."""
        if self._wire.lost:
            return
        if self._closed is None:
            self._closed = self._loop.create_future()
        await asyncio.shield(self._closed)

    # ------------------------------------------------------------ the transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._step(self.machine.receive_open)

    def get_buffer(self, sizehint: int) -> bytearray:
        return _BUFFER.octets

    def buffer_updated(self, nbytes: int) -> None:
        self.data_received(bytes(_BUFFER.view[:nbytes]))

    def data_received(self, data: bytes) -> None:
        self.feeding = True
        try:
            self._wire.bottom._receive(data)
        except RemoteProtocolError as error:
            self._refuse(error)
        except BaseException:
            self._abort()
            raise
        self.flush()

    def eof_received(self) -> bool:
        self._step(self._wire.bottom._receive_eof)
        return not self._wire.closing

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        try:
            self.machine.receive_lost(str(exc) if exc is not None else "")
        except RemoteProtocolError as error:
            self._refuse(error)
        finally:
            kept = [one._pending.task for one in self._wire.stack() if one._pending is not None]
            for task in self._tasks or ():
                if task not in kept:  # by `on lost keep`
                    task.cancel()
            if self._closed is not None and not self._closed.done():
                self._closed.set_result(None)

    def pause_writing(self) -> None:
        """A peer that does not read makes us stop reading."""
        self._read(full=True, behind=self._behind)

    def resume_writing(self) -> None:
        self._read(full=False, behind=self._behind)

    # ------------------------------------------------------------ the machine's side

    def flush(self) -> None:
        """What the machine has to say leaves; its next deadline is kept in mind."""
        transport, wire = self.transport, self._wire
        self.feeding = False
        if transport is None or wire.lost:
            return
        out = wire.out
        if out is not None:
            wire.out = None
            transport.write(out[0] if len(out) == 1 else b"".join(out))
        if wire.closing:
            transport.close()
            return
        if wire.soonest < self._armed:
            self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._armed = self._wire.soonest
        self._timer = self._loop.call_at(self._armed, self._expire)

    def look(self) -> None:
        """Something was asked for outside of the loop's calls, and has a time-out now."""
        if not self._looking:
            self._looking = True
            self._loop.call_soon(self._look)

    def _look(self) -> None:
        self._looking = False
        self.flush()

    def stop(self) -> None:
        """A handler is pending, and more has come than it waits for."""
        self._read(full=self._full, behind=True)

    def go(self) -> None:
        """What had come is used up."""
        self._read(full=self._full, behind=False)

    def _read(self, *, full: bool, behind: bool) -> None:
        was_reading, reading = not (self._full or self._behind), not (full or behind)
        self._full, self._behind = full, behind
        if reading == was_reading or self.transport is None or self.transport.is_closing():
            return
        if reading:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()

    def _expire(self) -> None:
        self._armed, self._timer = NEVER, None
        self._step(self._advance)

    def _advance(self) -> None:
        self.machine.advance(self._loop.time())
        self._wire.soonest = self._wire.deadline()

    def _step(self, step: Callable[[], object]) -> None:
        self.feeding = True
        try:
            step()
        except RemoteProtocolError as error:
            self._refuse(error)
        except BaseException:
            self._abort()
            raise
        self.flush()

    def _refuse(self, error: RemoteProtocolError) -> None:
        """The peer broke the protocol, and the spec has no answer: the connection ends."""
        import logging

        logging.getLogger("protogen").info("%s", error)
        self._wire.close()

    def _abort(self) -> None:
        self._wire.closing = True
        if self.transport is not None:
            self.transport.abort()

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
