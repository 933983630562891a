"""The search: breadth first through all configurations, and what is found on the way.

What hangs on a value that is not followed is looked at last: a flaw that is found before it is one
whatever those values are.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from protogen_fsm.verify.local import Unfollowed, Widened
from protogen_fsm.verify.properties import holds, words_of
from protogen_fsm.verify.runs import never_ending
from protogen_fsm.verify.system import UNBOUNDED, Composition

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogen_fsm.model.spec import Property, System
    from protogen_fsm.verify.relevance import Item
    from protogen_fsm.verify.system import Config, Deed

Kind = Literal[
    "unspecified", "fails", "deadlock", "left over", "grows", "no end", "never", "always",
    "reachable", "leads to",
]  # fmt: skip


@dataclass(slots=True)
class Finding:
    """A flaw, and the shortest run that leads to it.

    `run`: what happens, each with the configuration behind it, None where it cannot be taken.
    `sure`: whether it is there whatever the values are that were not followed. `again`: where the
    run comes back to, if it goes on for ever. `begin`: the configuration that the run begins in.
    `allowed`: whether the spec expects it.
    """

    kind: Kind
    run: list[tuple[Deed, Config | None]]
    sure: bool
    asked: Property | None = None
    wire: int = -1
    again: int | None = None
    begin: Config | None = None
    allowed: bool = False


@dataclass(slots=True)
class Limits:
    """Where the search stops: configurations, seconds of CPU time."""

    states: int = 1_000_000
    seconds: float = 60.0


@dataclass(slots=True)
class Explored:
    """What was found out about a system.

    `complete`: whether all configurations were seen; else `why` not. `anything`: what was taken to
    be anything. `refused`: why there is no verdict at all. `skipped`: the spec says so itself.
    """

    system: System
    composition: Composition | None = None
    states: int = 0
    steps: int = 0
    complete: bool = False
    why: str = ""
    refused: str = ""
    skipped: bool = False
    findings: list[Finding] = field(default_factory=list)
    anything: list[str] = field(default_factory=list)
    bounds: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def verdict(self) -> Literal["proved", "bounded", "refuted", "none"]:
        """`none` where the system is not followed."""
        if self.refused or self.skipped:
            return "none"
        if any(one.sure for one in self.findings):
            return "refuted"
        open_ = [one for one in self.findings if not one.allowed]
        is_whole = self.complete and not open_ and not self.bounds
        return "proved" if is_whole else "bounded"


def explore(
    system: System, limits: Limits, progress: Callable[[int], None] | None = None
) -> Explored:
    """What the peers of a system can do together, up to the limits."""
    begun = time.process_time()
    dropped: set[Item] = set()
    words: dict[str, None] = {}
    while True:
        explored = Explored(system)
        try:
            composition = Composition(system, dropped)
            explored.composition = composition
            _Search(composition, limits, begun, progress, explored).run()
        except Widened as widened:
            dropped.add(widened.item)
            words[widened.words] = None
            continue
        except Unfollowed as reason:
            explored.refused = str(reason)
        if explored.composition is not None:
            explored.anything = [*explored.composition.relevance.unfollowed, *words]
            explored.bounds = sorted(explored.composition.relevance.bounds)
        explored.seconds = time.process_time() - begun
        return explored


class _Search:
    """One search."""

    def __init__(
        self,
        composition: Composition,
        limits: Limits,
        begun: float,
        progress: Callable[[int], None] | None,
        explored: Explored,
    ) -> None:
        self.composition, self.limits, self.begun = composition, limits, begun
        self.progress, self.explored = progress, explored
        self.before: dict[Config, tuple[Config, Deed] | None] = {}
        self.pure: set[Config] = set()
        self.edges: dict[Config, list[tuple[Deed, Config]]] = {}
        self.first: list[set[int]] = [set() for _ in composition.peers]
        self.kept: set[tuple[object, ...]] = set()
        self.properties = system_properties(composition)

    def run(self) -> None:
        try:
            self._all()
        except KeyboardInterrupt:
            self.explored.why = "interrupted"
        explored = self.explored
        explored.states = len(self.before)
        explored.complete = not explored.why
        if explored.complete:
            self._afterwards()

    def _all(self) -> None:
        composition = self.composition
        later: list[tuple[Config, Deed, Config]] = []
        queue: deque[Config] = deque()
        for deed, config in composition.begin():
            for peer, number in enumerate(config[: len(composition.peers)]):
                self.first[peer].add(number)
            if config not in self.before:
                self.before[config] = None
                if deed.is_pure:
                    self.pure.add(config)
                queue.append(config)
                self._look(config)
        is_pure = True
        while True:
            while queue:
                config = queue.popleft()
                if self._is_enough():
                    return
                grown = any(
                    wire.capacity is None and len(composition.word(config, w)) > UNBOUNDED
                    for w, wire in enumerate(composition.wires)
                )
                if grown:
                    self._grows(config)
                    continue
                self._follow(config, queue, later, is_pure)
            if not later:
                return
            is_pure = False
            for config, deed, after in later:
                if after not in self.before:
                    self.before[after] = (config, deed)
                    self._look(after)
                    queue.append(after)
            later = []

    def _follow(
        self,
        config: Config,
        queue: deque[Config],
        later: list[tuple[Config, Deed, Config]],
        is_pure: bool,
    ) -> None:
        edges: list[tuple[Deed, Config]] = []
        is_refused = False
        for deed, after in self.composition.following(config):
            self.explored.steps += 1
            if after is None:
                self._refused(config, deed)
                is_refused = True
                continue
            edges.append((deed, after))
            if after in self.before:
                continue
            if is_pure and not deed.is_pure:
                later.append((config, deed, after))
                continue
            self.before[after] = (config, deed)
            if is_pure:
                self.pure.add(after)
            queue.append(after)
            self._look(after)
        self.edges[config] = edges
        if not is_refused and all(after == config for _, after in edges):
            self._stuck(config)

    def _is_enough(self) -> bool:
        if len(self.before) > self.limits.states:
            self.explored.why = f"more than {self.limits.states:,} configurations"
        elif len(self.edges) % 1024 == 0:
            if self.progress is not None:
                self.progress(len(self.before))
            if time.process_time() - self.begun > self.limits.seconds:
                self.explored.why = f"more than {self.limits.seconds:g} s"
        return bool(self.explored.why)

    # ------------------------------------------------------------ what is found

    def _find(self, kind: Kind, key: object, config: Config, **more: object) -> None:
        """A flaw of a kind is told once for each place of the spec."""
        if (kind, key) in self.kept:
            return
        self.kept.add((kind, key))
        run = self.run_to(config)
        found = Finding(kind, run, config in self.pure, **more)  # type: ignore[arg-type]
        found.begin = self.first_of(config)
        self.explored.findings.append(found)

    def first_of(self, config: Config) -> Config:
        """Where the run to a configuration begins."""
        while (step := self.before[config]) is not None:
            config = step[0]
        return config

    def run_to(self, config: Config) -> list[tuple[Deed, Config | None]]:
        """How a configuration was first come to."""
        run: list[tuple[Deed, Config | None]] = []
        step = self.before[config]
        while step is not None:
            before, deed = step
            run.append((deed, config))
            config = before
            step = self.before[config]
        return run[::-1]

    def _refused(self, config: Config, deed: Deed) -> None:
        assert deed.outcome is not None
        composition = self.composition
        state = composition.state(config, deed.peer)
        what = deed.outcome.event.name if deed.outcome.event else deed.outcome.cause
        kind: Kind = "unspecified" if deed.outcome.refused == "unexpected" else "fails"
        machine = composition.peers[deed.peer].declared.machine
        key = (kind, (machine.name, state.locals[0].leaf.name, what))
        if key in self.kept:
            return
        self.kept.add(key)
        run = [*self.run_to(config), (deed, None)]
        sure = config in self.pure and deed.is_pure
        self.explored.findings.append(Finding(kind, run, sure, begin=self.first_of(config)))

    def _stuck(self, config: Config) -> None:
        composition = self.composition
        names = tuple(
            composition.state(config, p).locals[0].leaf.name for p in range(len(composition.peers))
        )
        if not self._is_at_rest(config):
            self._find("deadlock", names, config)
            return
        for number, wire in enumerate(composition.wires):
            word = composition.word(config, number)
            if (
                word
                and "lossy" not in wire.faults
                and not composition.peers[wire.receiver].is_stream
            ):
                self._find("left over", (number, word[0].name), config, wire=number)

    def _is_at_rest(self, config: Config) -> bool:
        """Whether each peer has come to its end, or has not begun.

        One that has no end to come to is at rest when one that has is at its own.
        """
        composition = self.composition
        over = [composition.is_over(config, p) for p in range(len(composition.peers))]
        return all(
            over[p] or config[p] in self.first[p] or (any(over) and not composition.ends(p))
            for p in range(len(over))
        )

    def _grows(self, config: Config) -> None:
        for number, wire in enumerate(self.composition.wires):
            if wire.capacity is None and len(self.composition.word(config, number)) > UNBOUNDED:
                self._find("grows", number, config, wire=number)

    def _look(self, config: Config) -> None:
        """What is asked of every configuration."""
        for asked in self.properties:
            if asked.kind in ("never", "always"):
                value = holds(asked.left, config, self.composition)
                wrong = value is not False if asked.kind == "never" else value is not True
                if wrong and (asked.kind, asked) not in self.kept:
                    self._find(asked.kind, asked, config, asked=asked)
                    if words_of(value):
                        self.explored.findings[-1].sure = False
            elif asked.kind == "reachable" and holds(asked.left, config, self.composition) is True:
                self.kept.add(("reached", asked))

    def _afterwards(self) -> None:
        """What can only be said when all has been seen."""
        composition = self.composition
        for asked in self.properties:
            if asked.kind == "reachable" and ("reached", asked) not in self.kept:
                self.explored.findings.append(Finding("reachable", [], True, asked))
            elif asked.kind == "leads to":
                found = never_ending(composition, self.edges, asked)
                if found is not None:
                    config, more, again = found
                    run = [*self.run_to(config), *more]
                    sure = config in self.pure and all(deed.is_pure for deed, _ in more)
                    self.explored.findings.append(
                        Finding(
                            "leads to",
                            run,
                            sure,
                            asked,
                            again=None if again is None else len(run) - len(more) + again,
                            begin=self.first_of(config),
                        )
                    )
        if composition.can_end() and not self.explored.findings:
            self._ways_to_the_end()

    def _ways_to_the_end(self) -> None:
        back: dict[Config, list[Config]] = {}
        for config, edges in self.edges.items():
            for _, after in edges:
                back.setdefault(after, []).append(config)
        peers = range(len(self.composition.peers))
        todo = [
            config
            for config in self.edges
            if self._is_at_rest(config) and any(self.composition.is_over(config, p) for p in peers)
        ]
        seen = set(todo)
        while todo:
            for before in back.get(todo.pop(), ()):
                if before not in seen:
                    seen.add(before)
                    todo.append(before)
        lost = next((config for config in self.before if config not in seen), None)
        if lost is not None:
            self._find("no end", (), lost)


def system_properties(composition: Composition) -> list[Property]:
    """What the system asks for."""
    return composition.system.properties
