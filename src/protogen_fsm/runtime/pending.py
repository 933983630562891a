"""Handlers that take time: what is beneath a machine stops until their answers are there."""

from __future__ import annotations

from .parts import Part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Running:
    """What a handler gave and has to be waited for, as its adapter's `run` takes it."""

    __slots__ = ("work",)

    def __init__(self, work: Any) -> None:
        self.work = work


class Pending:
    """A handler that is not done yet, and what cancels it."""

    __slots__ = ("answer", "beneath", "is_reply", "keeps", "paused", "task", "tells")

    def __init__(self) -> None:
        self.task: Any = None
        self.paused = False  # whether what extracts events was told to stop
        self.keeps = False  # whether its step can be undone
        self.is_reply = False  # whether its step began with what the peer said
        self.tells = False  # whether it is an emission, and no handler
        self.beneath: Pending | None = None  # the handler that an urgent event went ahead of
        self.answer: tuple[Any, ...] | None = None  # which has answered meanwhile


class Waits(Part):
    """The part of a machine that waits for what its handlers and emissions give."""

    __slots__ = ()

    def _wait(self, answer: Any, settle: Callable[..., None], *args: object) -> None:
        """The handler may take time: the step goes on at once only if it does not."""
        adapter = self.wire.adapter
        begun = _without_adapter(answer) if adapter is None else adapter.begun(answer)
        if type(begun) is Running:
            return self._suspend(begun, settle, args)
        if begun is NotImplemented:
            name = settle.__name__.lstrip("_")
            raise TypeError(f"{answer!r} is no outcome of {self._role}'s {name}")
        return settle(begun, *args) if args else settle(begun)  # a `*` costs more than a call

    def _suspend(
        self, running: Running, settle: Callable[..., None], args: tuple[object, ...]
    ) -> None:
        """The handler takes time: what is beneath stops until its answer is there."""
        pending = self._pending = Pending()
        self._pause(pending)
        assert self.wire.adapter is not None
        pending.task = self.wire.adapter.run(
            running.work,
            lambda result, error: self._answered(pending, settle, args, result, error),
        )

    def _answered(
        self,
        pending: Pending,
        settle: Callable[..., None],
        args: tuple[object, ...],
        result: object,
        error: BaseException | None,
    ) -> None:
        if self._pending is not pending:  # given up
            return
        self._pending = None
        try:
            if error is not None:
                raise error
            settle(result, *args)
            self._finish()
        except Exception as problem:
            self._failed(problem)
        finally:
            if self._pending is None:
                self._failing = None
            if self._waiting is not None:
                self._next()
        self._proceed(pending)  # what is raised ends the connection: nothing more is read

    def _pause(self, pending: Pending) -> None:
        """What is beneath is not to extract anything until the handler is done."""
        pending.paused = True
        self._stream().pause()

    def _proceed(self, pending: Pending) -> None:
        """What was paused for this handler goes on."""
        if pending.paused:
            pending.paused = False
            self._stream().resume()

    def _stream(self) -> Any:
        """What extracts the events that come next."""
        return self.below

    def _cancel(self) -> None:
        """Gives up the pending handler, if there is one; nothing of its step has happened."""
        pending, self._pending = self._pending, None
        if pending is not None:
            self._busy = False
            if pending.task is not None:
                pending.task.cancel()

    def _tell(self, *effects: tuple[Any, ...]) -> None:
        """Does what is left of a step that has changed all it changes, in order.

        Events that come meanwhile wait; when the last of it is told the machine is at rest, unless
        some wait already.
        """
        self._saved = None
        for at, (effect, *args) in enumerate(effects, 1):
            if at == len(effects):
                self._busy = bool(self._waiting)
            told = effect(*args)
            if told is not None:
                return self._hold(told, effects[at:], effect)
        self._busy = False
        return None

    def _hold(
        self, told: object, rest: tuple[tuple[Any, ...], ...] = (), effect: Any = None
    ) -> None:
        """An emission takes time: what is told behind it waits, and so does the next event."""
        if not hasattr(told, "__await__"):
            name = "an emission" if effect is None else effect.__name__
            raise TypeError(f"{name} gave {told!r}: it may give None, or something to wait for")

        def release(answer: object) -> None:
            self._tell(*rest)

        self._busy = True
        self._wait(told, release)


def _without_adapter(answer: Any) -> Any:
    """Nothing can run it."""
    if not hasattr(answer, "__await__"):
        return NotImplemented
    if hasattr(answer, "close"):
        answer.close()
    raise RuntimeError("a handler that takes time needs an adapter that runs it")
