"""What trio and anyio have in common: tasks that live in a group, and are cancelled by scopes.

They share names and ideas and no module: `on_trio` and `on_anyio` say which of the two is meant.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from .alarms import Alarm, Alarms
from .bounds import USUAL, Bounds
from .connection import HIGH_WATER, Connection
from .guests import Guests
from .machine import Machine
from .tls import Tls


class ScopedConnection(Connection):
    """One connection; `live` is its task.

    Who reads also sends the answers: a peer that does not take them is not read. What is said
    meanwhile by others is sent by a task of its own.
    """

    _broken: tuple[type[Exception], ...]  # what a stream raises whose other end is gone
    _now: Callable[[], float]
    _new_event: Callable[[], Any]
    _new_group: Callable[[], Any]
    _new_scope: Callable[..., Any]
    _sleep_forever: Callable[[], Awaitable[None]]
    _forcefully: Callable[[Any], Awaitable[None]]

    def __init__(
        self,
        machine: Machine,
        stream: Any,
        bounds: Bounds = USUAL,
        tls: Tls | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.stream = stream
        self._watch = watch  # that of its server
        self._problem: Exception | None = None
        self._out: list[bytes] = []
        self._group: Any = None
        self._life: Any = None  # the scope of what reads
        self._farewell: Any = None  # that of the end, which TLS may have to wait for
        self._wakes: Any = None  # what it waits for that must not read now
        self._handlers: set[Any] = set()  # the scopes of those that are pending
        self._inside = self._sending = self._ended = self._killed = False
        self._over = False  # nothing is read any more
        self._asleep = False  # what reads waits for others
        self._reason = ""
        self._reading: Any = None  # the scope of what waits for the peer, if TLS may come
        super().__init__(machine, type(self)._now, bounds, tls)

    @staticmethod
    def peer_of(stream: Any) -> object:
        """The address of the other end, as its socket says it."""
        raise NotImplementedError

    def peer_address(self) -> Any:
        """What the stream says of the other end."""
        return self.peer_of(self.stream)

    async def _receive(self) -> bytes:
        """What comes next, b"" at the end."""
        raise NotImplementedError

    async def _send_all(self, data: bytes) -> None:
        raise NotImplementedError

    async def _shake_hands(self, tls: Tls) -> Any:
        """TLS over the stream, once it is there; what a stream raises where it comes to nothing."""
        raise NotImplementedError

    async def live(self, task_status: Any = None) -> None:
        """Returns when the connection is gone; cancelled, it ends the connection at once."""
        cls = type(self)
        async with cls._new_group() as self._group:
            own = self._begin_watch()
            try:
                with cls._new_scope() as self._life:
                    self._inside = self._ready = True
                    self._opened()
                    self._inside = False
                    if task_status is not None:
                        task_status.started()
                    await self._read_on()
            except cls._broken as error:
                self._reason = str(error)
            finally:
                try:
                    if self._killed:
                        await cls._forcefully(self.stream)
                    else:
                        with cls._new_scope() as self._farewell:
                            await self.stream.aclose()
                except cls._broken:
                    pass
                finally:
                    self._lost(self._reason)
                    if own is not None:
                        own.end()
        if self._problem is not None:
            raise self._problem

    def _begin_watch(self) -> Watch | None:
        """One of its own, where there is no server that has one for all."""
        if self._watch is not None:
            return None
        self._watch = own = Watch(type(self))
        self._group.start_soon(own.run)
        return own

    async def _read_on(self) -> None:
        while not self._over:
            if self._out and not self._sending:
                await self._drain()
            elif self._shaking and self._tls is not None and not self._sending:
                self._asleep = True
                self.stream = await self._shake_hands(self._tls)
                self._asleep, self._inside = False, True
                self._secured()
                self._inside = False
            elif self._full or self._behind or self._ended or self._shaking:
                self._wakes = type(self)._new_event()
                self._asleep = True
                await self._wakes.wait()
                self._asleep = False
            else:
                self._asleep = True
                data = await (self._receive() if self._tls is None else self._receive_or_shake())
                self._asleep = False
                if data is None:
                    continue
                self._inside = True
                if data:
                    self._received(data)
                else:
                    self._ended = True
                    self._received_eof()
                self._inside = False

    async def _receive_or_shake(self) -> bytes | None:
        """What comes next, None if TLS comes before it."""
        with type(self)._new_scope() as self._reading:
            return await self._receive()
        return None

    async def _drain(self) -> None:
        """Sends what there is to send; ends the connection if nothing more will come."""
        self._sending = True
        try:
            while self._out:
                data = self._out[0] if len(self._out) == 1 else b"".join(self._out)
                self._out.clear()
                await self._send_all(data)
        except type(self)._broken as error:
            self._reason = str(error)
            self._out.clear()
            self._leave()
        finally:
            self._sending = False
        if self._wire.closing:
            self._leave()
        elif self._choked:
            self._choke(False)
        elif self._shaking and self._wakes is not None:
            self._wakes.set()

    def _let_go(self, kept: list[Any]) -> None:
        assert self._watch is not None
        self._watch.forget(self)
        for handler in self._handlers - set(kept):
            handler.cancel()

    # ------------------------------------------------------------ the machine's side

    def _send(self, out: list[bytes]) -> None:
        self._out += out
        if not self._inside and not self._sending:
            self._sending = True
            self._group.start_soon(self._drain)
        if not self._choked and sum(map(len, self._out)) > HIGH_WATER:
            self._choke(True)

    def _end(self) -> None:
        if not self._out and not self._sending:
            self._leave()

    def _leave(self) -> None:
        """Nothing is read any more, which costs less where nothing has to be cancelled for it."""
        self._over = True
        if self._asleep:
            self._life.cancel()

    def _kill(self) -> None:
        self._killed = True
        for scope in (self._life, self._farewell):
            if scope is not None:
                scope.cancel()

    def _set_reading(self, reading: bool) -> None:
        if reading and self._wakes is not None:
            self._wakes.set()

    def _begin_tls(self, tls: Tls) -> None:
        """What reads does so, once nothing is being sent."""
        if self._reading is not None:
            self._reading.cancel()
        if self._wakes is not None:
            self._wakes.set()

    def _arm(self) -> None:
        assert self._watch is not None
        self._armed = self._wire.soonest
        self._timer = self._watch.set(self)

    def _rings(self) -> None:
        """What is due happens; what fails there is the failure of this connection."""
        try:
            self._expire()
        except Exception as error:
            self._problem = error

    def run(self, answer: Any, done: Callable[[Any, BaseException | None], None]) -> Any:
        """Waits for the answer in a task of its own; what it gives is the task's scope."""
        scope = type(self)._new_scope()
        self._handlers.add(scope)
        self._group.start_soon(self._handle, scope, answer, done)
        return scope

    async def _handle(
        self, scope: Any, answer: Any, done: Callable[[Any, BaseException | None], None]
    ) -> None:
        given: tuple[Any, BaseException | None] | None = None
        try:
            with scope:
                try:
                    given = await self._awaited(scope, answer), None
                except Exception as error:
                    given = None, error
        finally:
            self._handlers.discard(scope)
        if given is not None:
            self._step(lambda: done(*given))

    async def _awaited(self, scope: Any, answer: Any) -> Any:
        if not scope.cancel_called:
            return await answer
        if hasattr(answer, "close"):
            answer.close()  # it has not even begun
        return None

    def future(self) -> Future:
        """What can be waited for."""
        return Future(type(self)._new_event())


class Watch:
    """A task that waits for the first alarm of many connections."""

    def __init__(self, connection: type[ScopedConnection]) -> None:
        self._kind = connection
        self._alarms: Alarms[ScopedConnection] = Alarms()
        self._scope: Any = None  # of what waits
        self._ended = False

    def set(self, connection: ScopedConnection) -> Alarm[ScopedConnection]:
        """Sets the one alarm of a connection."""
        self.forget(connection)
        due = connection._armed
        if self._scope is not None and due < self._scope.deadline:
            self._scope.deadline = due
        return self._alarms.set(due, connection)

    def forget(self, connection: ScopedConnection) -> None:
        """Takes it back."""
        if connection._timer is not None:
            self._alarms.cut_off(connection._timer)

    async def run(self) -> None:
        """Waits, until `end`."""
        while not self._ended:
            with self._kind._new_scope(deadline=self._alarms.first()) as self._scope:
                await self._kind._sleep_forever()
            for connection in self._alarms.rung(self._kind._now()):
                connection._rings()

    def end(self) -> None:
        """No connection is left."""
        self._ended = True
        if self._scope is not None:
            self._scope.cancel()


class Future:
    """What a call waits for: it may be waited for by many, and given up by any of them."""

    __slots__ = ("_event",)

    def __init__(self, event: Any) -> None:
        self._event = event

    def done(self) -> bool:
        """Whether it is there."""
        return bool(self._event.is_set())

    def set_result(self, result: None) -> None:
        """It is there."""
        self._event.set()

    def __iter__(self) -> Any:
        return self._event.wait().__await__()


def alone(error: BaseException) -> BaseException:
    """The one error that groups of tasks have wrapped, or all of them."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


@asynccontextmanager
async def within(new_group: Callable[[], Any]) -> AsyncIterator[Any]:
    """A group of tasks; an error of the block, or the only one of a task, comes out as it is."""
    problem: Exception | None = None
    try:
        async with new_group() as group:
            try:
                yield group
            except Exception as error:
                problem = error
    except BaseExceptionGroup as errors:
        raise alone(errors) from None
    if problem is not None:
        raise problem


@asynccontextmanager
async def connected(connection: ScopedConnection) -> AsyncIterator[Any]:
    """The machine of a connection that lives as long as the block, and is closed behind it."""
    async with within(type(connection)._new_group) as group:
        await group.start(connection.live)
        try:
            yield connection.machine
        finally:
            connection.machine.close()
            connection.flush()


@asynccontextmanager
async def serving(
    connection: type[ScopedConnection],
    machine: Callable[[], Machine],
    listeners: Sequence[Any],
    accept: Callable[[Any, Callable[[Any], Awaitable[None]], Any], Awaitable[None]],
    guests: Guests,
    grace: float,
    bounds: Bounds,
    tls: Tls | None,
    path: str | None,
) -> AsyncIterator[Any]:
    """Listens while the block lasts; after it, sessions have `grace` seconds to finish.

    `path` is that of a Unix socket, which goes with the block.
    """

    async def session(stream: Any) -> None:
        host = guests.enter(connection.peer_of(stream))
        if host is None:
            await connection._forcefully(stream)
            return
        one = connection(machine(), stream, bounds, tls, watch)
        try:
            await one.live()
        except Exception as error:
            logging.getLogger("protogen").error(
                "%r: the connection is aborted", one.machine, exc_info=alone(error)
            )
        finally:
            guests.leave(host)

    watch = Watch(connection)
    async with within(connection._new_group) as around:
        around.start_soon(watch.run)
        async with within(connection._new_group) as sessions:
            try:
                async with within(connection._new_group) as doors:
                    for listener in listeners:
                        doors.start_soon(accept, listener, session, sessions)
                    try:
                        yield listeners
                    finally:
                        doors.cancel_scope.cancel()
                        if path is not None:
                            with suppress(OSError):
                                os.unlink(path)
            except BaseException:
                sessions.cancel_scope.cancel()
                raise
            sessions.cancel_scope.deadline = connection._now() + grace
        watch.end()
