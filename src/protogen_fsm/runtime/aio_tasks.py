"""What all connections of asyncio do alike: timers and tasks of its loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic
from typing import Any

from .bounds import USUAL, Bounds
from .eager import EagerConnection
from .machine import Machine
from .tls import Tls

_ITS_OWN = asyncio.BaseEventLoop.time


def _clock_of(loop: asyncio.AbstractEventLoop) -> Callable[[], float]:
    """What tells a loop's time: asyncio's own loops ask `monotonic`, which saves a call."""
    clock = loop.time
    return monotonic if getattr(clock, "__func__", None) is _ITS_OWN else clock


class TaskConnection(EagerConnection):
    """A connection whose handlers are tasks of the loop that is running."""

    __slots__ = ("_closed", "_tasks")

    def __init__(self, machine: Machine, bounds: Bounds = USUAL, tls: Tls | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._spare = None
        self._tasks: set[asyncio.Future[Any]] | None = None
        self._closed: asyncio.Future[None] | None = None
        super().__init__(machine, _clock_of(self._loop), bounds, tls)

    async def wait_closed(self) -> None:
        """Returns when the connection is gone."""
        if self._wire.lost:
            return
        if self._closed is None:
            self._closed = self._loop.create_future()
        await asyncio.shield(self._closed)

    def _let_go(self, kept: list[Any]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._end_eager()
        for task in self._tasks or ():
            if task not in kept:  # by `on lost keep`
                task.cancel()
        if self._closed is not None and not self._closed.done():
            self._closed.set_result(None)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._armed = self._wire.soonest
        self._timer = self._loop.call_at(self._armed, self._expire)

    def run(
        self, task: asyncio.Task[Any], done: Callable[[Any, BaseException | None], None]
    ) -> asyncio.Task[Any]:
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
            result = None if error is not None else task.result()
            with suppress(asyncio.CancelledError):
                self._step(lambda: done(result, error))

        task.add_done_callback(finished)
        return task

    def thread(self, work: Callable[[], Any]) -> Awaitable[Any]:
        return asyncio.to_thread(work)

    def future(self) -> asyncio.Future[Any]:
        return self._loop.create_future()
