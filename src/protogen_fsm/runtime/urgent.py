"""Urgent events: taken even while a handler is pending (a PING, a cancellation)."""

from __future__ import annotations

from .machine import Machine
from .pending import Pending
from .wiring import classes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .patterns import Received

WAITING_LIMIT = 100  # events that wait behind a handler before what is beneath is told to pause


class Urgent(Machine):
    """A machine with states in which some events go ahead of a pending handler.

    Such an event is a step of its own. If it leaves the state, the handler is given up; if not, the
    handler goes on, and what waited goes on waiting.
    """

    __slots__ = ()

    _urgent: dict[str, tuple[str, ...]] = {}  # innermost state: events, numbers, classes, `*`
    _was_left: bool  # whether the state was left since the urgent event came
    _is_reply: bool  # whether the step began with what the peer said

    def _ahead(self, name: str, event: Callable[..., object], *args: object) -> None:
        """An event came while the machine is busy: it is taken, or waits its turn."""
        pending = self._pending
        if (
            pending is None
            or pending.tells
            or pending.beneath is not None  # one at a time: a flood of them waits too
            or not self._hurries(name, args)
            or not self._is_untouched()
        ):
            return self._later(event, *args)
        draining, self._draining = self._draining, True  # what waits goes on waiting
        pending.keeps = self._saved is not None
        pending.is_reply = getattr(self, "_is_reply", False)
        self._saved = self._effects = self._raised = None
        self._pending, self._busy = None, False
        self._was_left = False  # type: ignore[misc]  # the slot is the generated class's
        try:
            event(*args)
        finally:
            self._draining = draining
            self._return(pending)
        return None

    def _hurries(self, name: str, args: tuple[object, ...]) -> bool:
        urgent = self._urgent.get(self.state, ())
        if name in urgent or ("*" in urgent and self._alphabet.get(name)):
            return True
        by = self._by.get(name)
        return by is not None and any(one in urgent for one in classes(str(args[by])))

    def _hurry(self, received: Received, frame: bytes) -> bool:
        """Whether a frame is an urgent event; any other is decoded when its turn comes."""
        return self._pending is not None and self._hurries(*received.event(frame))

    def _is_untouched(self) -> bool:
        """Whether the step that waits has changed nothing yet, so that another can be taken."""
        if self._saved is None:
            return True
        state, _, _, values, lists = self._saved[:5]
        return (
            not self._effects
            and not self._raised
            and state == self.state
            and all(one is other for one, other in zip(self._values(self), values, strict=True))
            and all(len(one) == length for one, length in lists)
        )

    def _return(self, outer: Pending) -> None:
        """The urgent step is over, or waits for a handler of its own."""
        if self._pending is not None:
            self._pending.beneath = outer
        elif self._was_left:
            if outer.task is not None:
                outer.task.cancel()
            self._next()
            self._proceed(outer)
        else:
            self._pending, self._busy = outer, True
            if outer.is_reply:
                self._is_reply = True  # type: ignore[misc]  # as above
            if outer.keeps:
                self._effects = []
                self._save()
            if outer.answer is not None:
                answer, outer.answer = outer.answer, None
                self._answered(outer, *answer)

    def _answered(
        self,
        pending: Pending,
        settle: Callable[..., None],
        args: tuple[object, ...],
        result: object,
        error: BaseException | None,
    ) -> None:
        front, outer = self._pending, pending.beneath
        if front is not None and front.beneath is pending:
            pending.answer = (settle, args, result, error)  # behind the urgent step
            return
        if front is not pending or outer is None:
            super()._answered(pending, settle, args, result, error)
            return
        self._draining = True
        try:
            super()._answered(pending, settle, args, result, error)
        finally:
            self._draining = False
            self._return(outer)

    def _cancel(self) -> None:
        outer = None if self._pending is None else self._pending.beneath
        super()._cancel()
        if outer is not None and outer.task is not None:
            outer.task.cancel()
            self._proceed(outer)

    def _pause(self, pending: Pending) -> None:
        """Frames are cut on where one of them may be urgent."""
        if self.state not in self._urgent:
            super()._pause(pending)

    def _hold(
        self, told: object, rest: tuple[tuple[Any, ...], ...] = (), effect: Any = None
    ) -> None:
        super()._hold(told, rest, effect)
        pending = self._pending
        if pending is not None:  # what is told is told in order, whatever is urgent
            pending.tells = True
            if not pending.paused:
                super()._pause(pending)

    def _later(self, event: Callable[..., object], *args: object) -> None:
        super()._later(event, *args)
        pending = self._pending
        if pending is None or pending.paused or self._waiting is None:
            return
        if len(self._waiting) >= WAITING_LIMIT:
            super()._pause(pending)
