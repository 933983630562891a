"""Coroutines begin at once, in a task: one that does not wait costs no turn of the loop.

A task for each, begun eagerly, would take longer than most of them. So a task that stands by is
the current one while a coroutine takes its first step, and goes on with the first that has to wait
(Python's documentation: Extending asyncio, task lifetime support).
"""

from __future__ import annotations

import asyncio
import sys
from asyncio import Task
from collections.abc import Awaitable, Callable, Generator
from contextvars import Context, copy_context
from types import CoroutineType, coroutine
from typing import Any

from .connection import Connection
from .pending import Running

if sys.version_info < (3, 14):
    from asyncio.tasks import _current_tasks  # type: ignore[attr-defined]
else:
    from asyncio.tasks import _swap_current_task

    class _CurrentTasks:
        """Says what the dict said that there was before."""

        get = staticmethod(asyncio.current_task)
        __delitem__ = staticmethod(lambda loop: _swap_current_task(loop, None))
        __setitem__ = staticmethod(_swap_current_task)

    _current_tasks = _CurrentTasks()


class EagerConnection(Connection):
    """A connection whose handlers are begun at once, on a loop of asyncio's."""

    __slots__ = ("_loop", "_spare")

    _loop: asyncio.AbstractEventLoop
    _spare: Spare | None

    def begun(self, answer: Any) -> Any:
        """Begins what a handler gave: see `Adapter`."""
        if type(answer) is not CoroutineType:
            if not hasattr(answer, "__await__"):
                return NotImplemented
            answer = _awaited(answer)
        spare, self._spare = self._spare or Spare(self), None  # what it does may begin another
        loop, context = self._loop, copy_context()
        outer = _current_tasks.get(loop)
        _current_tasks[loop] = spare.task
        try:
            wanted = context.run(spare.take, answer)
        except BaseException as error:
            spare.task.cancel()
            if isinstance(error, asyncio.CancelledError):
                raise RuntimeError("cancelled") from error
            raise
        finally:
            if outer is None:
                del _current_tasks[loop]
            else:
                _current_tasks[loop] = outer
        if wanted is not spare:
            return spare.go_on(wanted, context)
        if self._spare is not None:
            self._spare.task.cancel()
        self._spare = spare
        return spare.result

    def _end_eager(self) -> None:
        """Nothing more will begin."""
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.task.cancel()


class Spare:
    """A task that stands by, and what takes the first steps in its name.

    `take(work)` gives the spare itself once `work` is done, with its result; or what its first step
    waits for.
    """

    __slots__ = (
        "_called",
        "_connection",
        "_context",
        "_wanted",
        "_worker",
        "result",
        "take",
        "task",
    )

    def __init__(self, connection: EagerConnection) -> None:
        self._connection = connection
        self.result: Any = None
        self._worker = _worker(self)
        self._worker.send(None)
        self.take = self._worker.send
        self._called: asyncio.Future[None] | None = None
        self._context: Context | None = None  # of what goes on
        self._wanted: Any = None
        standing = self._stand_by()
        standing.send(None)  # so that it hears of it if its task is cancelled before it begins
        self.task = Task(standing, loop=connection._loop)

    def go_on(self, wanted: Any, context: Context) -> Running:
        """The first step waits for this: the task takes over."""
        self._wanted, self._context = wanted, context
        if self._called is not None and not self._called.done():
            self._called.set_result(None)
        return Running(self.task)

    async def _stand_by(self) -> Any:
        cancelled: BaseException | None = None
        try:
            await _turn()
            if self._context is None:
                self._called = self._connection._loop.create_future()
                await self._called
        except asyncio.CancelledError as error:
            if self._context is None:
                if self._connection._spare is self:
                    self._connection._spare = None
                raise
            cancelled = error
        assert self._context is not None
        return await self._rest(self._context.run, cancelled)

    @coroutine
    def _rest(
        self, run: Callable[..., Any], error: BaseException | None
    ) -> Generator[Any, Any, Any]:
        """All that is left of a coroutine that has begun."""
        wanted, self._wanted = self._wanted, None
        while wanted is not self:
            sent = None
            if error is None:
                try:
                    sent = yield wanted
                except BaseException as problem:
                    error = problem
            thrown, error = error, None
            if thrown is None:
                wanted = run(self._worker.send, sent)
            else:
                wanted = run(self._worker.throw, thrown)
        return self.result


@coroutine
def _turn() -> Generator[None, None, None]:
    yield


@coroutine
def _worker(spare: Spare) -> Generator[Any, Any, None]:
    """Takes one coroutine after the other; gives `spare` when one is done, without an error."""
    work = yield spare
    while True:
        spare.result = yield from work
        work = yield spare


async def _awaited(answer: Awaitable[Any]) -> Any:
    return await answer
