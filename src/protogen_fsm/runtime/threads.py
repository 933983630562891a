"""Handlers that block: they run in a thread, and the machine stays with the main loop's."""

from __future__ import annotations

from functools import wraps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any


def in_thread(handler: Callable[..., Any]) -> Callable[..., Threaded]:
    """Makes a method that blocks one that takes time, in whatever way the main loop has threads.

    The method may read what the machine shows, which is busy meanwhile. Its answer, or what it
    raises, is taken where the machine runs. A thread cannot be stopped: once the handler has been
    given up, by a time-out or the loss of the connection, nobody hears its answer.
    """

    @wraps(handler)
    def threaded(self: Any, *args: Any, **named: Any) -> Threaded:
        return Threaded(self, lambda: handler(self, *args, **named))

    return threaded


class Threaded:
    """What a handler in a thread gives: something to wait for, begun when it is awaited."""

    __slots__ = ("_machine", "work")

    def __init__(self, machine: Any, work: Callable[[], Any]) -> None:
        self._machine, self.work = machine, work

    def __await__(self) -> Generator[Any, Any, Any]:
        adapter = self._machine.wire.adapter
        if adapter is None:
            raise RuntimeError("a handler in a thread needs an adapter that runs it")
        answer: Generator[Any, Any, Any] = adapter.thread(self.work).__await__()
        return answer
