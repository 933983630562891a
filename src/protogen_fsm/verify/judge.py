"""What is right and wrong in a space, whichever engine has seen it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from protogen_fsm.verify.monitors import MANY
from protogen_fsm.verify.progress import caught, only_time
from protogen_fsm.verify.runs import endless, never_ending, stuck
from protogen_fsm.verify.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from protogen_fsm.model.spec import Pattern, Property
    from protogen_fsm.verify.monitors import Monitor
    from protogen_fsm.verify.space import Run, Some, Space
    from protogen_fsm.verify.system import Config, Deed, Move

Kind = Literal[
    "unspecified", "fails", "deadlock", "left over", "grows", "no end", "never", "always",
    "reachable", "leads to", "caught", "only time", "pattern",
]  # fmt: skip


@dataclass(slots=True)
class Finding:
    """A flaw, and the shortest run that leads to it.

    `run`: what happens, each with the configuration behind it, None where it cannot be taken.
    `sure`: whether it is there whatever the values are that were not followed. `again`: where the
    run comes back to, if it goes on for ever. `begin`: the configuration that the run begins in.
    `allowed`: whether the spec expects it. `pattern`: the one that is refuted.
    """

    kind: Kind
    run: list[tuple[Deed, Config | None]]
    sure: bool
    asked: Property | None = None
    wire: int = -1
    again: int | None = None
    begin: Config | None = None
    allowed: bool = False
    pattern: Pattern | None = None


def judge(space: Space, is_reduced: bool = False) -> list[Finding]:
    """All flaws of a space, in the order in which they come about: each once, as early as it is.

    A space that is not whole is judged by what was seen: what never comes about is not told of it.
    One that is reduced is judged by where it stops.
    """
    one = _Judge(space)
    return one.met() if is_reduced else one.findings()


class _Judge:
    """One space, judged."""

    def __init__(self, space: Space) -> None:
        self.space, self.composition = space, space.composition
        self.properties = self.composition.system.properties
        self.truth = Truth(space)

    def met(self) -> list[Finding]:
        met = [
            *self._refused(), *self._stuck(), *self._grown(), *self._met(), *self._broken(),
        ]  # fmt: skip
        met.sort(key=lambda one: one[0])
        return [finding for _, finding in met]

    def findings(self) -> list[Finding]:
        found = self.met()
        if self.space.why:
            return found
        found += self._never_met()
        found += self._left_waiting()
        found += self._unanswered()
        found += self._comes_to_nothing(found)
        if self.composition.can_end() and not found:
            found += self._without_end()
        return found

    def _at(self, kind: Kind, number: int, wire: int = -1) -> Finding:
        space = self.space
        begin = space.begin_of(number)
        return Finding(kind, space.run_to(number), space.is_sure(number), wire=wire, begin=begin)

    # ------------------------------------------------------------ what comes about

    def _refused(self) -> Iterator[tuple[int, Finding]]:
        """What cannot be taken: once for each machine, state and event."""
        best: dict[Hashable, tuple[bool, int, Move]] = {}
        for move, number in self.space.refused.items():
            outcome, peer = move.deed.outcome, move.deed.peer
            assert outcome is not None
            state = self.composition.state(self.space.config(number), peer)
            what = outcome.event.name if outcome.event else outcome.cause
            own = self.composition.peers[peer].declared.machine, state.locals[0].leaf
            machine, where = outcome.by or own
            key = outcome.refused == "unexpected", machine.name, where.name, what
            is_sure = self.space.is_sure(number) and move.deed.is_pure
            if key not in best or (not is_sure, number) < best[key][:2]:
                best[key] = not is_sure, number, move
        for is_doubtful, number, move in best.values():
            assert move.deed.outcome is not None
            refused = move.deed.outcome.refused
            run: Run = [*self.space.run_to(number), (move.deed, None)]
            kind: Kind = "unspecified" if refused == "unexpected" else "fails"
            begin = self.space.begin_of(number)
            yield number, Finding(kind, run, not is_doubtful, begin=begin)

    def _stuck(self) -> Iterator[tuple[int, Finding]]:
        """Nothing happens any more: before all are at their end, or with something on a link."""
        composition, space = self.composition, self.space
        told: set[Hashable] = set()
        for number in space.kinds(stuck(space), {**self._ends(), **self._heads()}):
            config = space.config(number)
            if not self._is_at_rest(config):
                names = tuple(
                    composition.state(config, p).locals[0].leaf.name
                    for p in range(len(composition.peers))
                )
                if names not in told:
                    told.add(names)
                    yield number, self._at("deadlock", number)
                continue
            for at, wire in enumerate(composition.wires):
                word = composition.word(config, at)
                is_stream = composition.peers[wire.receiver].is_stream
                if not word or is_stream or "lossy" in wire.faults:
                    continue
                if (at, word[0].name) not in told:
                    told.add((at, word[0].name))
                    yield number, self._at("left over", number, at)

    def _grown(self) -> Iterator[tuple[int, Finding]]:
        wires = {at for at, wire in enumerate(self.composition.wires) if wire.capacity is None}
        peers = len(self.composition.peers)
        for number in self.space.grown if wires else ():
            config = self.space.config(number)
            for at in sorted(wires):
                if self.composition.is_too_long(at, config[peers + at]):
                    wires.discard(at)
                    yield number, self._at("grows", number, at)
            if not wires:
                return

    def _met(self) -> Iterator[tuple[int, Finding]]:
        """`never` and `always`: for sure if there is such a place, else perhaps."""
        for asked in self.properties:
            if asked.kind not in ("never", "always"):
                continue
            surely, perhaps = self.truth.surely(asked.left), self.truth.possibly(asked.left)
            if asked.kind == "always":
                every = self.space.all()
                surely, perhaps = every - perhaps, every - surely
            number = self.space.first(surely)
            is_known = number is not None
            if number is None or not self.space.is_sure(number):
                other = self.space.first(perhaps)
                number = other if number is None else number
            if number is not None:
                found = self._at(asked.kind, number)
                found.asked, found.sure = asked, found.sure and is_known
                yield number, found

    def _broken(self) -> Iterator[tuple[int, Finding]]:
        """Patterns that something has been done against."""
        for place, monitor in self._monitors():
            if monitor.bad >= 0:
                broken = self._where(place, lambda state, bad=monitor.bad: state == bad)  # type: ignore[misc]
                number = self.space.first(broken)
                if number is not None:
                    found = self._at("pattern", number)
                    found.pattern = monitor.pattern
                    yield number, found

    def _monitors(self) -> Iterator[tuple[int, Monitor]]:
        """Each with its place in a configuration."""
        monitors = self.composition.monitors
        yield from enumerate(monitors, self.composition.size - len(monitors))

    def _where(self, place: int, decide: Callable[[int], bool]) -> Some:
        return self.space.select({place: lambda state: state}, lambda config: decide(config[place]))

    # ------------------------------------------------------------ what is said of all

    def _never_met(self) -> Iterator[Finding]:
        for asked in self.properties:
            if asked.kind == "reachable" and not self.truth.surely(asked.left):
                yield Finding("reachable", [], True, asked)

    def _left_waiting(self) -> Iterator[Finding]:
        for asked in self.properties:
            if asked.kind != "leads to":
                continue
            found = never_ending(self.space, self.truth, asked)
            if found is not None:
                going_on = self._going_on("leads to", *found)
                going_on.asked = asked
                yield going_on

    def _unanswered(self) -> Iterator[Finding]:
        """Patterns of which something is never answered."""
        for place, monitor in self._monitors():
            if monitor.bad >= 0:
                continue
            waits = self._where(place, bool)
            lost = endless(self.space, waits, waits, monitor.answering)
            if lost is not None:
                found = self._going_on("pattern", *lost)
                found.pattern = monitor.pattern
                last = next(c for _, c in reversed(found.run) if c is not None)
                found.sure = found.sure and last[place] < MANY
                yield found

    def _going_on(self, kind: Kind, start: int, way: list[int], again: int | None) -> Finding:
        """A run to a configuration, and on from there for ever."""
        begun = self.space.path_to(start)
        path, place = [*begun, *way[1:]], None
        if again is None:
            begin, run = self.space.begin_along(path), self.space.run_along(path)
        else:
            begin, run, place = self.space.round_along(path, len(begun) - 1 + again)
        pure = all(deed.is_pure for deed, _ in run[len(begun) - 1 :])
        return Finding(kind, run, self.space.is_sure(start) and pure, again=place, begin=begin)

    def _comes_to_nothing(self, found: list[Finding]) -> Iterator[Finding]:
        """What goes on and comes to nothing, where no other flaw explains that."""
        space = self.space
        at_rest = space.select(self._rests(), self._is_at_rest)
        known = ("unspecified", "fails", "grows")
        if not any(one.kind in known or one.again is not None for one in found):
            way = caught(space, at_rest)
            if way is not None:
                begun = space.path_to(way[0])
                begin, run, again = space.round_along([*begun, *way[1:]], len(begun) - 1)
                yield Finding("caught", run, space.is_sure(way[0]), again=again, begin=begin)
                return
        waits = only_time(space, self._is_at_rest)
        if waits is not None and space.is_sure(waits[-1]):  # it warns of what is, not of what may
            run, begin = space.run_along(waits), space.begin_along(waits)
            yield Finding("only time", run, True, begin=begin)

    def _without_end(self) -> Iterator[Finding]:
        places = range(len(self.composition.peers))

        def is_end(config: Config) -> bool:
            return self._is_at_rest(config) and any(
                self.composition.is_over(config, p) for p in places
            )

        ends = self.space.select(self._rests(), is_end)
        lost = self.space.first(self.space.all() - self._ways_to(ends))
        if lost is not None:
            yield self._at("no end", lost)

    def _ways_to(self, ends: Some) -> Some:
        """Whence an end can be reached; not by way of a crash, where nobody begins again."""
        peers = self.composition.peers
        mortal = [at for at, peer in enumerate(peers) if peer.declared.fates]
        if not mortal or any("restarting" in peers[at].declared.fates for at in mortal):
            return self.space.ways_to(ends)
        found = ends

        def is_gone(peer: int) -> Callable[[int], bool]:
            states, nowhere = self.composition.states_of(peer), peers[peer].nowhere
            return lambda n: states[n].locals[0] is nowhere

        view = {at: is_gone(at) for at in mortal}

        def are_gone(config: Config) -> list[tuple[int, bool]]:
            """Of peers that are exchanged for each other only how many."""
            alike = self.composition.alike
            return sorted((alike[at][0], view[at](config[at])) for at in mortal)

        for number in self.space.kinds(self.space.all(), view):
            those = are_gone(self.space.config(number))
            within = self.space.select(view, lambda config, those=those: are_gone(config) == those)  # type: ignore[misc]
            found = found | self.space.ways_to(ends & within, within)
        return found

    # ------------------------------------------------------------ at rest

    def _is_at_rest(self, config: Config) -> bool:
        """Whether each peer has come to its end, or has not begun.

        One that has no end to come to is at rest when one that has is at its own.
        """
        composition = self.composition
        over = [composition.is_over(config, p) for p in range(len(composition.peers))]
        return all(
            over[p] or config[p] in composition.first[p] or (any(over) and not composition.ends(p))
            for p in range(len(over))
        )

    def _rests(self) -> dict[int, Callable[[int], Hashable]]:
        """Of each peer whether it is at its end, or else has not begun."""

        def view(peer: int) -> Callable[[int], Hashable]:
            states, first = self.composition.states_of(peer), self.composition.first[peer]
            return lambda n: "over" if states[n].ended else n in first

        return {peer: view(peer) for peer in range(len(self.composition.peers))}

    def _ends(self) -> dict[int, Callable[[int], Hashable]]:
        """Of each peer its state's name, whether it is at its end, and whether it has not begun."""

        def view(peer: int) -> Callable[[int], Hashable]:
            states, first = self.composition.states_of(peer), self.composition.first[peer]
            return lambda n: (states[n].locals[0].leaf.name, states[n].ended, n in first)

        return {peer: view(peer) for peer in range(len(self.composition.peers))}

    def _heads(self) -> dict[int, Callable[[int], Hashable]]:
        """Of each link what comes next."""

        def view(wire: int) -> Callable[[int], Hashable]:
            words = self.composition.words_of(wire)
            return lambda n: words[n][0].name if words[n] else None

        peers = len(self.composition.peers)
        return {peers + wire: view(wire) for wire in range(len(self.composition.wires))}
