"""Coroutines begin at once, in a task: one that does not wait costs no turn of the loop.

A task for each, begun eagerly, would take longer than most of them. So a task that stands by is
the current one while a coroutine takes its first step, and goes on with the first that has to wait
(Python's documentation: Extending asyncio, task lifetime support).
"""

from __future__ import annotations

import asyncio
import sys
from asyncio import Task
from collections.abc import Awaitable, Generator
from contextvars import copy_context
from types import CoroutineType, coroutine
from typing import Any

from .connection import Connection
from .pending import Running

if sys.version_info >= (3, 12):
    from asyncio.tasks import _swap_current_task
else:
    from asyncio.tasks import _current_tasks  # type: ignore[attr-defined]

    def _swap_current_task(
        loop: asyncio.AbstractEventLoop, task: Task[Any] | None
    ) -> Task[Any] | None:
        outer: Task[Any] | None = _current_tasks.get(loop)
        if task is None:
            del _current_tasks[loop]
        else:
            _current_tasks[loop] = task
        return outer


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
        spare, self._spare = self._spare, None  # what it does may begin another
        if spare is None or not spare.is_fit():
            spare = self._another(spare)
        outer = _swap_current_task(self._loop, spare.task)
        try:
            wanted = spare.step(spare.take, answer)
        except BaseException as error:
            spare.task.cancel()
            if isinstance(error, asyncio.CancelledError):
                raise RuntimeError("cancelled") from error
            raise
        finally:
            _swap_current_task(self._loop, outer)
        if wanted is not spare:
            return spare.go_on(wanted)
        if self._spare is not None:
            self._spare.task.cancel()
        self._spare = spare
        result, spare.result = spare.result, None
        return result

    def _another(self, spare: Spare | None) -> Spare:
        if spare is not None:
            spare.task.cancel()
        return Spare(self._loop)

    def _end_eager(self) -> None:
        """Nothing more will begin."""
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.task.cancel()


class Spare:
    """A task that stands by, and what takes the first steps in its name.

    `step(take, work)` gives the spare itself once `work` is done, with its result; or what its
    first step waits for.
    """

    __slots__ = (
        "_called",
        "_goes",
        "_wanted",
        "_worker",
        "context",
        "result",
        "step",
        "take",
        "task",
    )

    task: Task[Any]

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.context = copy_context()
        self.result: Any = None
        self._worker = _worker(self)
        self._worker.send(None)
        self.step, self.take = self.context.run, self._worker.send
        self._called = loop.create_future()
        self._goes, self._wanted = False, None
        standing = self._stand_by()
        standing.send(None)  # so that it hears of it if its task is cancelled before it begins
        self.task = Task(standing, loop=loop, context=self.context)

    def is_fit(self) -> bool:
        """Whether the next coroutine can tell it from a new one by nothing but its identity."""
        try:
            return not self.task.cancelling() and copy_context() == self.context
        except Exception:  # by a variable whose values cannot be compared
            return False

    def go_on(self, wanted: Any) -> Running:
        """The first step waits for this: the task takes over."""
        self._goes, self._wanted = True, wanted
        if not self._called.done():
            self._called.set_result(None)
        return Running(self.task)

    async def _stand_by(self) -> Any:
        cancelled: BaseException | None = None
        try:
            await _turn()
            await self._called
        except asyncio.CancelledError as error:
            if not self._goes:
                raise
            cancelled = error
        return await self._rest(cancelled)

    @coroutine
    def _rest(self, error: BaseException | None) -> Generator[Any, Any, Any]:
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
            wanted = self._worker.send(sent) if thrown is None else self._worker.throw(thrown)
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
