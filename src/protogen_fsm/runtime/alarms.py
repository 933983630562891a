"""When the connections of a main loop are to be looked at, where the loop itself has no timers."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from .wire import NEVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Generic, TypeVar

    C = TypeVar("C")

    class _Of(Generic[C]):
        __slots__ = ()

else:
    C = None

    class _Of:
        """Subscripted for the type checker only."""

        __slots__ = ()

        def __class_getitem__(cls, item: object) -> type:
            return cls


FEW = 64  # alarms that are off and not worth the tidying up


class Alarm(_Of[C]):
    """One that was set; nobody's once it is off."""

    __slots__ = ("_serial", "due", "whose")

    def __init__(self, due: float, serial: int, whose: C) -> None:
        self.due, self._serial = due, serial
        self.whose: C | None = whose

    def __lt__(self, other: Alarm[C]) -> bool:
        return (self.due, self._serial) < (other.due, other._serial)


class Alarms(_Of[C]):
    """Alarms, the first of them first; what they are for is forgotten with them."""

    def __init__(self) -> None:
        self._heap: list[Alarm[C]] = []
        self._serial = self._off = 0

    def set(self, due: float, whose: C) -> Alarm[C]:
        """Sets one; `cut_off` takes it back."""
        self._serial += 1
        alarm = Alarm(due, self._serial, whose)
        heappush(self._heap, alarm)
        return alarm

    def cut_off(self, alarm: Alarm[C]) -> None:
        """That one is for nobody any more, if it has not rung."""
        if alarm.whose is None:
            return
        alarm.whose = None
        self._off += 1
        if self._off > FEW and self._off * 2 > len(self._heap):
            self._heap = [one for one in self._heap if one.whose is not None]
            self._off = 0
            heapify(self._heap)

    def first(self) -> float:
        """When the first is due, or NEVER."""
        while self._heap and self._heap[0].whose is None:
            heappop(self._heap)
            self._off -= 1
        return self._heap[0].due if self._heap else NEVER

    def rung(self, now: float) -> Iterator[C]:
        """Whose are due, each taken out as it is given."""
        while self.first() <= now:
            alarm = heappop(self._heap)
            whose, alarm.whose = alarm.whose, None
            assert whose is not None
            yield whose
