"""What all connections of Twisted do alike: Deferreds both ways, and the reactor's clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import iscoroutine
from typing import TYPE_CHECKING, Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread
from twisted.logger import Logger
from twisted.python.failure import Failure

from .bounds import USUAL, Bounds
from .calls import Call
from .connection import Connection
from .machine import Machine
from .pending import Running
from .tls import Tls

if TYPE_CHECKING:
    from .wire import Wire


class Answer(Deferred[Any]):
    """What an accepted event that is `answered by` others gives back under Twisted: a Deferred.

    One that is cancelled keeps its place, so that the answers behind it still find their callers,
    or closes the connection, as the spec says.
    """

    given_up: Callable[[], None] | None = None

    def __init__(self, name: str, emissions: tuple[str, ...], wire: Wire) -> None:
        super().__init__()
        self.name, self.emissions = name, emissions

    def cancel(self) -> None:
        """Its caller gives it up; without a canceller its late answer is swallowed."""
        if not self.called and self.given_up is not None:
            self.given_up()
        super().cancel()

    @property
    def done(self) -> bool:
        """Whether it has been answered."""
        return bool(self.called)

    def settle(self, result: object, error: BaseException | None = None) -> None:
        """Fires it."""
        if error is None:
            self.callback(result)
        else:
            self.errback(error)


class DeferredConnection(Connection):
    """A connection whose handlers may give Deferreds; `clock` is the reactor if it is None."""

    call = cast("type[Call[Any]]", Answer)
    _log = Logger(namespace="protogen")

    def __init__(
        self,
        machine: Machine,
        clock: Any = None,
        bounds: Bounds = USUAL,
        tls: Tls | None = None,
    ) -> None:
        self._reactor = clock = the_reactor(clock)
        self._running: set[Deferred[Any]] = set()
        self._closed: list[Deferred[None]] = []
        self.bodies: list[Any] = []  # those that are being written (tx_bodies.py)
        super().__init__(machine, clock.seconds, bounds, tls)

    def closed(self) -> Deferred[None]:
        """Fires when the connection is gone."""
        gone: Deferred[None] = Deferred()
        if self._wire.lost:
            gone.callback(None)
        else:
            self._closed.append(gone)
        return gone

    def _let_go(self, kept: list[Any]) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for running in list(self._running):
            if running not in kept:  # by `on lost keep`
                running.cancel()
        closed, self._closed = self._closed, []
        for gone in closed:
            gone.callback(None)

    def _arm(self) -> None:
        self._armed = self._wire.soonest
        delay = max(0.0, self._armed - self._reactor.seconds())
        if self._timer is None:
            self._timer = self._reactor.callLater(delay, self._expire)
        else:
            self._timer.reset(delay)

    def _expire(self) -> None:
        self._logged(super()._expire)

    def _logged(self, step: Callable[[], object]) -> None:
        """What fails in a step that nobody asked for is told in the log; the connection is gone."""
        try:
            step()
        except Exception:
            self._log.failure("{machine}: the connection is aborted", machine=self.machine)

    def begun(self, answer: Any) -> Any:
        """Takes coroutines and other awaitables, and Deferreds as they are."""
        if not isinstance(answer, Deferred):
            if not hasattr(answer, "__await__"):
                return NotImplemented
            answer = Deferred.fromCoroutine(answer if iscoroutine(answer) else _awaited(answer))
        if not answer.called or answer.paused:
            return Running(answer)
        result: Any = answer.result
        if result is None or not isinstance(result, Failure):
            return result
        answer.addErrback(lambda failure: None)  # it is told to the machine
        raise cast("BaseException", result.value)

    def run(
        self, running: Deferred[Any], done: Callable[[Any, BaseException | None], None]
    ) -> Deferred[Any]:
        """Waits for it."""

        def finished(result: Any) -> None:
            self._running.discard(running)
            error = result.value if isinstance(result, Failure) else None
            value = None if error is not None else result
            self._logged(lambda: self._step(lambda: done(value, error)))

        self._running.add(running)
        running.addBoth(finished)
        return running

    def thread(self, work: Callable[[], Any]) -> Deferred[Any]:
        """Does this in the reactor's pool of threads."""
        return deferToThread(work)

    def future(self) -> Deferred[Any]:
        """What can be waited for."""
        return Deferred()


async def _awaited(answer: Awaitable[Any]) -> Any:
    return await answer


def the_reactor(reactor: Any) -> Any:
    """This one, or the one that there is."""
    if reactor is None:
        from twisted.internet import reactor
    return reactor
