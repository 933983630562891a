"""A network that loses, doubles, delays and so reorders what machines over nothing send.

Time is simulated: the next thing that is due happens, wherever it is. What becomes of each
datagram is asked of `fate`: the delays, in seconds, after which it arrives; none if it is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import Any

from hypothesis import strategies as st

Fate = Callable[[], Sequence[float]]


def fates(longest: float) -> st.SearchStrategy[list[float]]:
    """Lost, arrived, or arrived twice, at most so many seconds later."""
    delay = st.sampled_from([0.01, 0.2, 0.6, longest])
    return st.one_of(st.just([]), st.lists(delay, min_size=1, max_size=2))


class Network:
    """Machines, what is on its way to them, and the time."""

    def __init__(self, fate: Fate) -> None:
        self.fate = fate
        self.now = 0.0
        self.machines: list[Any] = []
        self.sent: list[tuple[float, str, str, tuple[Any, ...]]] = []  # when, whose, what
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def add(self, machine: Any) -> Any:
        """The machine, which has now begun: its clock is the network's."""
        machine.advance(self.now)
        self.machines.append(machine)
        return machine

    def later(self, seconds: float, what: Callable[[], None]) -> None:
        """Has something happen."""
        heappush(self._due, (self.now + seconds, next(self._order), what))

    def carry(self, whose: str, name: str, args: tuple[Any, ...], to: Callable[..., None]) -> None:
        """Takes a datagram, and calls `to` each time that it arrives."""
        self.sent.append((self.now, whose, name, args))
        for delay in self.fate():
            self.later(delay, lambda: to(name, *args))

    def times(self, whose: str, name: str) -> list[float]:
        """When someone sent something."""
        return [round(when, 6) for when, who, what, _ in self.sent if (who, what) == (whose, name)]

    def run(self, until: float, after: Callable[[], None]) -> None:
        """Goes on until nothing is due before `until`; `after` is called after each happening."""
        after()
        while True:
            due = [one.deadline() for one in self.machines]
            times = [when for when in due if when is not None] + [one[0] for one in self._due[:1]]
            if not times or min(times) > until:
                return
            self.now = max(self.now, min(times))
            for machine in self.machines:
                machine.advance(self.now)
            after()
            while self._due and self._due[0][0] <= self.now:
                heappop(self._due)[2]()
                after()
