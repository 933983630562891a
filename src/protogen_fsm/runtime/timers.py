"""Time: when a machine's own time-out and its named timers are due."""

from __future__ import annotations

from .parts import queue
from .pending import Waits
from .wire import NEVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass


class Timed(Waits):
    """The part of a machine that knows what is due."""

    __slots__ = ()

    def _next_due(self) -> float:
        if self._timers:
            return min(self._due, *self._timers.values())
        return self._due

    def _expire(self, now: float) -> None:
        """Fires what is due first: the state's own time-out, or a named timer."""
        for name, due in sorted((self._timers or {}).items(), key=lambda timer: timer[1]):
            if due <= now and due <= self._due:
                self._stop(name)
                getattr(self, f"_timer_{name}")()
                return
        self._due = NEVER
        pending = self._pending
        self._cancel()
        self._timeout()
        if pending is not None:
            self._proceed(pending)

    def _timeout(self) -> None:
        """The state's time-out; generated where the spec has one."""

    def _start(self, timer: str, seconds: float) -> None:
        if self._waiting is not None or (self._timers is not None and timer in self._timers):
            self._stop(timer)  # what is due at once comes in the order in which it was started
        due, timers = self.wire.due(seconds), self._timers
        self._timers = {timer: due} if timers is None else {**timers, timer: due}

    def _put_off(self, by: float) -> None:
        self._due += by
        if self._timers is not None:
            self._timers = {name: due + by for name, due in self._timers.items()}

    def _stop(self, timer: str) -> None:
        timers = self._timers
        if timers is not None and timer in timers:  # a step that fails has those that were there
            self._timers = {name: due for name, due in timers.items() if name != timer} or None
        if self._waiting is not None:  # it ran out while a handler was asked
            event = f"_timer_{timer}"
            left = [one for one in self._waiting if getattr(one[0], "__name__", "") != event]
            self._waiting = queue(left)
