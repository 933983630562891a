"""What all connections of a `Loop` do alike: its alarms, and handlers in threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .bounds import USUAL, Bounds
from .connection import Connection
from .machine import Machine
from .threads import Threaded
from .tls import Tls

if TYPE_CHECKING:
    from .looping import Loop


class LoopConnection(Connection):
    """A connection whose handlers are plain functions, or run in threads of their own."""

    def __init__(
        self, machine: Machine, loop: Loop, bounds: Bounds = USUAL, tls: Tls | None = None
    ) -> None:
        self.loop = loop
        self._jobs: set[Job] = set()
        self.left: Callable[[], object] = lambda: None  # what is done when it is gone
        super().__init__(machine, time.monotonic, bounds, tls)

    def _hang_up(self, reason: str = "") -> None:
        """Ends it at once; the machine hears of it once its step is over."""
        raise NotImplementedError

    def expire(self) -> None:
        """Time is up for something that the machine waits for."""
        self._expire()

    def _let_go(self, kept: list[Any]) -> None:
        if self._timer is not None:
            self.loop.alarms.cut_off(self._timer)
        for job in self._jobs - set(kept):
            job.cancel()
        self._leave()

    def _leave(self) -> None:
        if self._wire.lost and not self._jobs and self in self.loop.connections:
            self.loop.connections.discard(self)
            self.left()

    def _arm(self) -> None:
        self._set_alarm(self._wire.soonest)

    def _set_alarm(self, due: float) -> None:
        if self._timer is not None:
            self.loop.alarms.cut_off(self._timer)
        self._armed, self._timer = due, self.loop.alarms.set(due, self)

    def run(self, answer: Any, done: Callable[[Any, BaseException | None], None]) -> Any:
        """Takes handlers in threads; nothing here could run a coroutine."""
        if not isinstance(answer, Threaded):
            if hasattr(answer, "close"):
                answer.close()
            problem = f"{answer!r}: with plain sockets handlers are plain functions, or @in_thread"
            done(None, TypeError(problem))
            return None
        self.loop.wakeable()
        job = Job(self, done)
        self._jobs.add(job)
        threading.Thread(target=job.work, args=(answer.work,), daemon=True).start()
        return job

    def thread(self, work: Callable[[], Any]) -> Any:
        """Nothing is awaited here."""
        raise TypeError("with plain sockets nothing can be awaited")

    def future(self) -> Any:
        """Nothing is awaited here."""
        raise TypeError("with plain sockets a call is not awaited: see `connect`, or its `done`")


class Job:
    """A handler in a thread."""

    def __init__(
        self, connection: LoopConnection, done: Callable[[Any, BaseException | None], None]
    ) -> None:
        self._connection, self._done = connection, done
        self._given_up = False

    def work(self, work: Callable[[], Any]) -> None:
        """In the thread."""
        result, problem = None, None
        try:
            result = work()
        except BaseException as error:
            problem = error
        self._connection.loop.soon(lambda: self._tell(result, problem), self._connection, wake=True)

    def _tell(self, result: Any, error: BaseException | None) -> None:
        connection = self._connection
        connection._jobs.discard(self)
        if not self._given_up:
            try:
                connection._step(lambda: self._done(result, error))
            finally:
                connection._leave()

    def cancel(self) -> None:
        """Nobody will hear its answer."""
        self._given_up = True
        self._connection._jobs.discard(self)
