"""Coroutines begin at once, in a task: one that does not wait costs no turn of the loop.

Tasks do so themselves from Python 3.12 on. Before, a task that stands by is the current one while
coroutines take their first steps, and goes on with the first that has to wait (Python's
documentation: Extending, task lifetime support).
"""

from __future__ import annotations

import asyncio
import sys
from asyncio import Task, current_task
from asyncio.tasks import _enter_task, _leave_task
from collections.abc import Coroutine, Generator
from contextvars import copy_context
from types import coroutine
from typing import Any

from .pending import Outcome


class Starter:
    """Begins coroutines on one loop; `begin` gives the task, or what came of it at once."""

    __slots__ = ("_loop", "_spare")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._spare: _Spare | None = None

    if sys.version_info >= (3, 12):

        def begin(self, work: Coroutine[Any, Any, Any]) -> Task[Any] | Outcome:
            """Begins it."""
            task = Task(work, loop=self._loop, eager_start=True)
            if not task.done():
                return task
            if task.cancelled():
                return Outcome(error=RuntimeError("cancelled"))
            error = task.exception()
            return Outcome(task.result()) if error is None else Outcome(error=error)

    else:

        def begin(self, work: Coroutine[Any, Any, Any]) -> Task[Any] | Outcome:
            """Begins it."""
            spare, self._spare = self._spare, None  # what it does may begin another
            if spare is None or spare.task.cancelling() or spare.task.done():
                spare = _Spare(self._loop)
            loop, task = self._loop, spare.task
            outcome = spare.outcome
            outer = current_task(loop)
            if outer is not None:
                _leave_task(loop, outer)
            _enter_task(loop, task)
            try:
                wanted = spare.step(spare.take, work)
            except asyncio.CancelledError:
                spare.give_up()
                return Outcome(error=RuntimeError("cancelled"))
            except BaseException as error:
                spare.give_up()
                if not isinstance(error, Exception):
                    raise
                return Outcome(error=error)
            finally:
                _leave_task(loop, task)
                if outer is not None:
                    _enter_task(loop, outer)
            if wanted is not outcome:
                spare.go_on(wanted)
                return task
            if self._spare is not None:
                self._spare.give_up()
            self._spare = spare
            return spare.outcome

    def end(self) -> None:
        """Nothing more will begin."""
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.give_up()


class _Spare:
    """A task that stands by, and what takes the first steps in its name.

    `step(take, work)` gives its `outcome`, or what the first step of `work` waits for.
    """

    __slots__ = ("_called", "_goes", "_wanted", "_worker", "outcome", "step", "take", "task")

    outcome: Outcome
    task: Task[Any]

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        context = copy_context()
        self.outcome = Outcome()
        self._worker = _worker(self.outcome)
        self._worker.send(None)
        self.step, self.take = context.run, self._worker.send
        self._called = loop.create_future()
        self._goes, self._wanted = False, None
        standing = self._stand_by()
        standing.send(None)  # so that it hears of it if its task is cancelled before it begins
        self.task = Task(standing, loop=loop, context=context)

    def go_on(self, wanted: Any) -> None:
        """The first step waits for this: the task takes over."""
        self._goes, self._wanted = True, wanted
        if not self._called.done():
            self._called.set_result(None)

    def give_up(self) -> None:
        """Nothing will be begun in it."""
        self.task.cancel()

    async def _stand_by(self) -> Any:
        cancelled: BaseException | None = None
        try:
            await _turn()
            await self._called
        except asyncio.CancelledError as error:
            if not self._goes:
                raise
            cancelled = error
        return await _rest(self._worker, self._wanted, self.outcome, cancelled)


@coroutine
def _turn() -> Generator[None, None, None]:
    yield


def _worker(outcome: Outcome) -> Generator[Any, Any, None]:
    """Takes one coroutine after the other; gives `outcome` when one is done, without an error."""
    work = yield outcome
    while True:
        outcome.result = None
        outcome.result = yield from work.__await__()
        work = yield outcome


@coroutine
def _rest(
    worker: Generator[Any, Any, None], wanted: Any, outcome: Outcome, error: BaseException | None
) -> Generator[Any, Any, Any]:
    """All that is left of a coroutine that has begun."""
    while wanted is not outcome:
        sent = None
        if error is None:
            try:
                sent = yield wanted
            except BaseException as problem:
                error = problem
        thrown, error = error, None
        wanted = worker.send(sent) if thrown is None else worker.throw(thrown)
    return outcome.result
