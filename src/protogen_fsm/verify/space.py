"""What a search has seen: configurations by number, in the order in which they were found.

An engine makes a space; what is right or wrong in it is judged elsewhere, once for all engines.
Configurations that hang on no value that is not followed are found first: their numbers are least.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping

    from protogen_fsm.verify.system import Composition, Config, Deed, Move

Some: TypeAlias = AbstractSet[int]
"""Configurations, by number. What an engine hands out may be joined with its own kind only."""

View: TypeAlias = "Mapping[int, Callable[[int], Hashable]]"
"""What of a configuration matters: for a place of it, what its number there is told apart by."""

Run: TypeAlias = "list[tuple[Deed, Config | None]]"


@dataclass(slots=True)
class Limits:
    """Where the search stops: configurations, seconds of CPU time; and the engine, by name.

    `walks`: so many random walks by a `seed`, in place of a search; 0 for none. `exchange`: whether
    configurations that differ by an exchange of like peers count as one. `reduce`: whether orders
    are left out that make no difference to a deadlock. `capacities`: whether to look, too, at links
    that hold from one to so many messages; 0 for no.
    """

    states: int = 10_000_000
    seconds: float = 60.0
    engine: str = "auto"
    walks: int = 0
    seed: int = 0
    exchange: bool = False
    reduce: bool = False
    capacities: int = 0


@dataclass(slots=True)
class Watch:
    """Tells a search when it is enough, and others how far it has come."""

    limits: Limits
    progress: Callable[[int], None] | None = None
    begun: float = field(default_factory=time.process_time)

    def enough(self, states: int) -> str:
        """Why to stop; "" to go on."""
        if states > self.limits.states:
            return f"more than {self.limits.states:,} configurations"
        if self.progress is not None:
            self.progress(states)
        if time.process_time() - self.begun > self.limits.seconds:
            return f"more than {self.limits.seconds:g} s"
        return ""


class Space(ABC):
    """What an engine has seen of a system.

    `steps`: how many led from one configuration to another, or to itself. `why`: why not all was
    seen, "" if it was. `sure`: so many configurations hang on no value that is not followed.
    `refused`: the moves that could not be taken, with the first configuration that each was met in.
    `grown`: configurations with more on a link than is followed: nothing behind them was looked at.
    """

    composition: Composition
    steps: int
    why: str
    sure: int
    refused: dict[Move, int]
    grown: list[int]

    @abstractmethod
    def __len__(self) -> int:
        """How many configurations there are."""

    @abstractmethod
    def config(self, number: int) -> Config:
        """A configuration."""

    @abstractmethod
    def successors(self, number: int) -> list[tuple[Deed, int]]:
        """What can happen, and what comes of it, but for what cannot be taken."""

    @abstractmethod
    def path_to(self, number: int) -> list[int]:
        """The configurations on a shortest way to one, from where it begins."""

    @abstractmethod
    def all(self) -> Some:
        """All configurations."""

    @abstractmethod
    def still(self) -> Some:
        """Those from which nothing leads to another one."""

    @abstractmethod
    def stuck(self) -> Some:
        """Those of them in which nothing was refused."""

    @abstractmethod
    def first(self, some: Some) -> int | None:
        """The one that was found first."""

    @abstractmethod
    def kinds(self, some: Some, view: View) -> list[int]:
        """The first configuration of each kind that a view tells apart."""

    @abstractmethod
    def select(
        self, view: View, decide: Callable[[Config], bool], within: Some | None = None
    ) -> Some:
        """The configurations (those within, if that is given) that `decide` is true of.

        It is asked once for each kind that the view tells apart.
        """

    @abstractmethod
    def ways_to(self, goal: Some, within: Some | None = None) -> Some:
        """Those from which one of a goal can be reached through what is within, the goal too."""

    @abstractmethod
    def parts(self, within: Some, by: Callable[[Move], bool] | None = None) -> Iterator[Some]:
        """The strongly connected parts of what is within that a way round lies in.

        `by`: the moves that count; all, if it is not given.
        """

    @abstractmethod
    def moves(self, some: Some, inside: bool) -> set[Move]:
        """The moves that lead somewhere from one of some configurations; `inside`: to one, too."""

    @abstractmethod
    def offering(self, some: Some, by: Callable[[Move], bool], inside: bool = False) -> Some:
        """Those of some configurations in which a move is possible; `inside`: that leads to one."""

    def leading_to(self, by: Callable[[Move], bool], goal: Some) -> Some:
        """Those from which a goal can be reached, or one in which such a move is possible."""
        return self.ways_to(self.offering(self.all(), by) | goal)

    # ------------------------------------------------------------ runs

    def is_sure(self, number: int) -> bool:
        """Whether a configuration hangs on no value that is not followed."""
        return number < self.sure

    def run_to(self, number: int) -> Run:
        """A shortest run to a configuration."""
        return self.run_along(self.path_to(number))

    def begin_of(self, number: int) -> Config:
        """Where the shortest run to a configuration begins."""
        return self._unfolded(self.path_to(number))[0]

    def begin_along(self, path: list[int]) -> Config:
        """Where the run on a way begins."""
        return self._unfolded(path)[0]

    def run_along(self, path: list[int]) -> Run:
        """What happens on a way from configuration to configuration."""
        return self._run(self._unfolded(path))

    def round_along(self, path: list[int], again: int) -> tuple[Config, Run, int]:
        """A way that comes back to the configuration at a place of it: the run, and that place."""
        if self._is_exact:
            return self.begin_along(path), self.run_along(path), again
        walk = self._walk([self.config(path[0])], path[1 : again + 1])
        laps: dict[Config, int] = {}
        while walk[-1] not in laps:
            laps[walk[-1]] = len(walk) - 1
            walk = self._walk(walk, path[again + 1 :])
        return walk[0], self._run(walk), laps[walk[-1]]

    @property
    def _is_exact(self) -> bool:
        """Whether each configuration stands for itself alone."""
        return self.composition.symmetry is None

    def _unfolded(self, path: list[int]) -> list[Config]:
        """A way as it is gone: its last configuration as it is known, the others if they can be."""
        symmetry = self.composition.symmetry
        if symmetry is None:
            return [self.config(number) for number in path]
        walk = self._walk([self.config(path[0])], path[1:])
        origin = symmetry.folding(walk[-1])
        return [tuple(config[place] for place in origin) for config in walk]

    def _walk(self, walk: list[Config], path: list[int]) -> list[Config]:
        """Goes on from configuration to configuration, exchanged as they come."""
        symmetry = self.composition.symmetry
        assert symmetry is not None
        found = list(walk)
        for number in path:
            goal = self.config(number)
            ways = [
                (deed, after)
                for deed, after in self.composition.following(found[-1])
                if after is not None and symmetry.canonical(after) == goal
            ]
            found.append(min(ways, key=_plainest)[1])
        return found

    def _run(self, configs: list[Config]) -> Run:
        run: Run = []
        for before, after in pairwise(configs):
            ways = [way for way in self.composition.following(before) if way[1] == after]
            run.append(min(ways, key=_plainest))
        return run

    def way(
        self,
        start: int,
        goal: Some,
        within: Some,
        by: Callable[[Deed], bool] = lambda deed: True,
    ) -> list[int] | None:
        """A shortest way to a goal through what is within, by some deeds; None if there is none."""
        before: dict[int, int] = {start: -1}
        todo = [start]
        for number in todo:
            if number in goal:
                path = []
                while number >= 0:
                    path.append(number)
                    number = before[number]
                return path[::-1]
            for deed, after in self.successors(number):
                if after in within and after not in before and by(deed):
                    before[after] = number
                    todo.append(after)
        return None


def _plainest(way: tuple[Deed, Config | None]) -> tuple[bool, bool]:
    """First what hangs on no value that is not followed, last what is lost."""
    return not way[0].is_pure, way[0].kind == "lose"


class Engine(Protocol):
    """Something that explores systems."""

    def explore(self, composition: Composition, watch: Watch) -> Space:
        """All that can come about, up to the limits; KeyboardInterrupt ends it early."""
