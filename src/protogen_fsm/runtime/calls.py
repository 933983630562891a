"""A call of an accepted event: its answer is an emission that the spec ties to it."""

from __future__ import annotations

from .errors import LocalProtocolError, RemoteProtocolError
from .parts import Part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any, Generic, TypeVar

    from .wire import Wire

    T = TypeVar("T")

    class _Answered(Generic[T]):
        __slots__ = ()

else:
    T = None

    class _Answered:
        """Subscripted for the type checker only: importing `typing` costs more than all of this."""

        __slots__ = ()

        def __class_getitem__(cls, item: object) -> type:
            return cls


class Unsolicited(Exception):
    """A reply came that no call waits for; the step that would have told of it is undone."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer


class Call(_Answered[T]):
    """What an accepted event that is `answered by` others gives back.

    Await it under an adapter; without one, look at `done` and `result()`. `given_up` is what is
    done once its caller waits no more, None if it then just keeps its place among the calls.
    """

    __slots__ = ("_error", "_futures", "_result", "_wire", "done", "emissions", "given_up", "name")

    given_up: Callable[[], None] | None

    def __init__(self, name: str, emissions: tuple[str, ...], wire: Wire) -> None:
        self.name, self.emissions, self.done = name, emissions, False
        self.given_up = None
        self._wire = wire
        self._result: Any = None
        self._error: BaseException | None = None
        self._futures: list[Any] | None = None

    def result(self) -> T:
        """The emission's value: its argument, a tuple of several, or None.

        Raises RemoteProtocolError if the session ended first, RuntimeError if it is not done.
        """
        if not self.done:
            raise RuntimeError(f"{self.name} has not been answered yet")
        if self._error is not None:
            raise self._error
        answer: T = self._result
        return answer

    def settle(self, result: object, error: BaseException | None = None) -> None:
        """Gives the call its answer, and wakes who waits for it."""
        self.done, self._result, self._error = True, result, error
        for future in self._futures or ():
            if not future.done():
                future.set_result(None)
        self._futures = None

    def cancel(self) -> None:
        """Its caller gives it up: it keeps its place, or closes the connection (`cancel closes`).

        Its answer is taken in its turn, so that the answers behind it find their callers.
        """
        if not self.done and self.given_up is not None:
            self.given_up()

    def __await__(self) -> Generator[Any, Any, T]:
        if not self.done:
            if self._wire.adapter is None:
                raise RuntimeError(f"{self.name} can be awaited under an adapter only")
            future = self._wire.adapter.future()
            if self._futures is None:
                self._futures = []
            self._futures.append(future)
            try:
                yield from future
            except BaseException:
                if not self.done:
                    self._futures.remove(future)
                    if not self._futures:
                        self.cancel()
                raise
        return self.result()


class Calling(Part):
    """The part of a machine that keeps its calls until they are answered."""

    __slots__ = ()

    def _call(
        self,
        name: str,
        emissions: tuple[str, ...],
        given_up: Callable[[], None] | None = None,
    ) -> Call[Any]:
        if self.wire.lost:
            raise LocalProtocolError(
                f"{name}: the connection is gone", self._role, self.state, name
            )
        adapter = self.wire.adapter
        make = Call if adapter is None else adapter.call
        call: Call[Any] = make(name, emissions, self.wire)
        call.given_up = given_up
        if self._calls is None:
            self._calls = []
        self._calls.append(call)
        return call

    def _drop(self, call: Call[Any]) -> None:
        """The call was refused where it was made."""
        if self._calls is not None and call in self._calls:
            self._calls.remove(call)

    def _refused(self, event: Callable[..., object], error: LocalProtocolError) -> bool:
        """A call that had to wait is not allowed after all: its caller hears of it."""
        name = event.__name__.removeprefix("_on_")
        calls = [call for call in self._calls or () if call.name == name]
        waiting = [*(self._waiting or ()), *(self._deferred or ())]
        behind = sum(other == event for other, _ in waiting)
        if len(calls) <= behind:
            return False
        call = calls[-1 - behind]
        self._drop(call)
        call.settle(None, error)
        return True

    def _owed(self, *answers: str) -> None:
        """Raises Unsolicited unless a call waits for the last answer, behind those before it."""
        waiting = list(self._calls or ())
        owed = False
        for answer in answers:
            call = next((call for call in waiting if answer in call.emissions), None)
            owed = call is not None
            if call is not None:
                waiting.remove(call)
        if not owed:
            raise Unsolicited(answers[-1])

    def _answer(self, emission: str, value: object) -> None:
        for call in self._calls or ():
            if emission in call.emissions:
                self._drop(call)
                call.settle(value)
                break

    def _abandon(self, reason: str) -> None:
        calls, self._calls = self._calls, None
        for call in calls or ():
            problem = f"{call.name} was not answered: {reason}"
            call.settle(None, RemoteProtocolError(problem, self._role, self.state, call.name))
