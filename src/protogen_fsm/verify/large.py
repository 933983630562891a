"""The engine for large systems: breadth first, thousands of configurations at a time, in arrays.

It begins with what the loop over small numbers has found. No way back is kept: what a configuration
was found from lies one level before it, and is looked for there. Of all that a configuration leads
to one is kept, the newest, which for most is enough to tell whether it leads to a goal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from protogen_fsm.verify.folding import folded
from protogen_fsm.verify.marks import Marked, Seer, chunks, joined, numbers_of
from protogen_fsm.verify.packing import CHUNK, Known
from protogen_fsm.verify.small import SmallSpace, components
from protogen_fsm.verify.space import Space
from protogen_fsm.verify.tables import ALL, IMPURE, PURE, Outgrown, Steps, Tables, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from protogen_fsm.verify.packing import Marks, Numbers, Words
    from protogen_fsm.verify.space import Some, View, Watch
    from protogen_fsm.verify.system import Composition, Config, Deed, Move

LAYERS: Final = 40
"""So many times all steps are gone through for what lies on no way round, before Tarjan does it."""


class _Level(NamedTuple):
    """Configurations that were found from the same ones, by the moves of a phase."""

    begin: int
    source: int
    phase: int


class LargeSpace(Space):
    """What the arrays hold."""

    def __init__(self, composition: Composition, begun: SmallSpace) -> None:
        self.composition = composition
        self.steps, self.why, self.sure = begun.steps, begun.why, begun.sure
        self.refused, self.grown = begun.refused, begun.grown
        self.tables = Tables(composition)
        exchanged = composition.symmetry
        self._symmetry = exchanged if exchanged is not None and exchanged.groups else None
        self.known = Known(self._packed(begun))
        self._newest = np.zeros(self.known.size, np.uint32)
        self._levels = [_Level(*level) for level in begun.levels]
        self._done, self._phase = begun.done, begun.phase
        self._is_doubtful = bool(begun.later)
        self._quiet = [np.array(sorted(begun.quiet), np.intp)]
        self._refusing = [np.array(sorted(begun.refusing), np.intp)]

    def _packed(self, begun: SmallSpace) -> Words:
        parts = []
        for begin in range(0, len(begun), CHUNK):
            columns = begun.columns(begin, begin + CHUNK)
            parts.append(self.tables.layout.pack([np.array(one, np.intp) for one in columns]))
        return [np.concatenate(some) for some in zip(*parts, strict=True)]

    # ------------------------------------------------------------ the search

    def search(self, watch: Watch) -> None:
        """Level by level, what hangs on no value that is not followed first."""
        # What the small numbers have followed leads somewhere, too.
        self._remember_newest(0, self._done)
        while True:
            end = self.known.size
            if self._done == end and self._phase == PURE:
                self._phase = IMPURE
                self._levels.append(_Level(end, 0, IMPURE))
                begin = [config for deed, config in self.composition.begin() if not deed.is_pure]
                if begin:
                    columns = [np.array(one, np.intp) for one in zip(*begin, strict=True)]
                    self.known.add(self._folded(self.tables.layout.pack(columns)))
                is_doubtful = self._is_doubtful or self.tables.has_impure
                if is_doubtful and not self._level(0, end, watch):
                    return
                self._phase = ALL
                continue
            if self._done == end:
                return
            if not self._level(self._done, end, watch):
                return
            self._levels.append(_Level(end, self._done, self._phase))
            self._done = end

    def _level(self, begin: int, end: int, watch: Watch) -> bool:
        """Follows some configurations; False if it is enough."""
        for first in range(begin, end, CHUNK):
            self._follow(np.arange(first, min(first + CHUNK, end)))
            if self._phase == PURE:
                self.sure = self.known.size
            self.why = watch.enough(self.known.size)
            if self.why:
                return False
        return True

    def _follow(self, numbers: Numbers) -> None:
        numbers, words, steps = self._steps(numbers, self._phase)
        if self._phase != IMPURE:
            self.steps += steps.source.size
        self.refused.update(
            (move, int(numbers[at])) for move, at in self.tables.met if move not in self.refused
        )
        moved = self._leading_on(words, steps)
        quiet = np.ones(numbers.size, np.bool_)
        quiet[steps.source[moved]] = False
        if self._phase == IMPURE:
            self.steps += steps.source.size
            self._quiet = [np.setdiff1d(joined(self._quiet), numbers[~quiet])]
        else:
            self._quiet.append(numbers[quiet])
        if self.tables.refusing is not None:
            self._refusing.append(numbers[self.tables.refusing])
        before = self.known.size
        found, new = self.known.add(self._folded([word[moved] for word in steps.words]))
        if len(self._newest) < self.known.size:
            self._newest.resize(self.known.size + self.known.size // 8, refcheck=False)
        sources = numbers[steps.source[moved]]
        self._newest[sources] = found
        if new:
            fresh = found >= before
            self._newest[sources[fresh]] = found[fresh]

    def _steps(self, numbers: Numbers, phase: int) -> tuple[Numbers, Words, Steps]:
        """What configurations lead to; those with too much on a link are left out."""
        while True:
            try:
                words = self.known.of(numbers)
                grown = self.tables.has_grown(words)
                if grown is not None:
                    self._grow(numbers[grown])
                    numbers = numbers[~grown]
                    words = self.known.of(numbers)
                return numbers, words, self.tables.steps(words, phase)
            except Outgrown:
                self._pack_anew()

    def _grow(self, numbers: Numbers) -> None:
        known = set(self.grown)
        self.grown += [number for number in numbers.tolist() if number not in known]

    def _leading_on(self, words: Words, steps: Steps) -> Numbers:
        """The steps that lead to another configuration."""
        other = steps.words[0] != words[0][steps.source]
        for after, before in zip(steps.words[1:], words[1:], strict=True):
            other |= after != before[steps.source]
        return np.flatnonzero(other)

    def _folded(self, words: Words) -> Words:
        """As they are known: of those that differ by an exchange of peers alone, one."""
        if self._symmetry is None:
            return words
        return folded(self._symmetry, self.tables.layout, words)

    def _pack_anew(self) -> None:
        """More bits for the places that need them; the tables are filled anew as they are asked."""
        self._is_doubtful = self._is_doubtful or self.tables.has_impure
        old, self.tables = self.tables.layout, Tables(self.composition)
        new = self.tables.layout
        words = [np.zeros(self.known.size, np.uint64) for _ in range(new.words)]
        for begin in range(0, self.known.size, CHUNK):
            end = min(begin + CHUNK, self.known.size)
            before = self.known.take(begin, end)
            columns = [old.get(before, place) for place in range(self.composition.size)]
            for word, part in zip(words, new.pack(columns), strict=True):
                word[begin:end] = part
        self.known.replace(words)

    def _remember_newest(self, begin: int, end: int) -> None:
        for first in range(begin, end, CHUNK):
            numbers, words, steps = self._steps(np.arange(first, min(first + CHUNK, end)), ALL)
            moved = self._leading_on(words, steps)
            found, _ = self.known.find(self._folded([word[moved] for word in steps.words]))
            self._newest[numbers[steps.source[moved]][found >= 0]] = found[found >= 0]

    # ------------------------------------------------------------ what was seen

    def __len__(self) -> int:
        return self.known.size

    def config(self, number: int) -> Config:
        """A configuration, from its words."""
        layout = self.tables.layout
        words = [int(word[number]) for word in self.known.words]
        return tuple(
            words[layout.word[place]] >> layout.shift[place] & (1 << layout.bits[place]) - 1
            for place in range(self.composition.size)
        )

    def _number_of(self, config: Config) -> int:
        layout = self.tables.layout
        if not all(layout.holds(place, number) for place, number in enumerate(config)):
            return -1
        columns = [np.array([one], np.intp) for one in config]
        found, _ = self.known.find(self._folded(layout.pack(columns)))
        return int(found[0])

    def successors(self, number: int) -> list[tuple[Deed, int]]:
        """What can happen in one."""
        return [
            (deed, known)
            for _, deed, after in self.composition.steps(self.config(number))
            if after is not None and (known := self._number_of(after)) >= 0
        ]

    def path_to(self, number: int) -> list[int]:
        """Level by level back: what leads to it lies in the one before."""
        path = [number]
        begins = {self._number_of(config) for _, config in self.composition.begin()}
        at = len(self._levels) - 1
        while number not in begins:
            while self._levels[at].begin > number:
                at -= 1
            number = self._leading_to(number, self._levels[at])
            path.append(number)
        return path[::-1]

    def _leading_to(self, number: int, level: _Level) -> int:
        for begin in range(level.source, level.begin, CHUNK):
            numbers = np.arange(begin, min(begin + CHUNK, level.begin))
            numbers, _, steps = self._steps(numbers, level.phase)
            wanted = self.known.take(number, number + 1)
            words = self._folded(steps.words)
            here = words[0] == wanted[0]
            for after, word in zip(words[1:], wanted[1:], strict=True):
                here &= after == word
            if here.any():
                return int(numbers[steps.source[here].min()])
        raise AssertionError("every configuration but the first was found from another one")

    def all(self) -> Some:
        """All numbers."""
        return Marked(np.ones(self.known.size, np.bool_))

    def still(self) -> Some:
        """As the search has met them."""
        return self._marked(joined(self._quiet))

    def stuck(self) -> Some:
        """Those that refuse nothing."""
        return self._marked(np.setdiff1d(joined(self._quiet), joined(self._refusing)))

    def _marked(self, numbers: Numbers) -> Marked:
        marks = np.zeros(self.known.size, np.bool_)
        marks[numbers] = True
        return Marked(marks)

    def first(self, some: Some) -> int | None:
        """The least number."""
        if not isinstance(some, Marked):
            return min(some, default=None)
        at = int(some.marks.argmax()) if some.marks.size else 0
        return at if some.marks.size and some.marks[at] else None

    def kinds(self, some: Some, view: View) -> list[int]:
        """One of each kind."""
        found: list[int] = []
        seer = Seer(self.composition, self.tables.layout, view)
        for numbers in chunks(some):
            seer.kinds(self.known.of(numbers))
            found += seer.new(numbers)
        return found

    def select(
        self, view: View, decide: Callable[[Config], bool], within: Some | None = None
    ) -> Some:
        """All that something is true of."""
        marks = np.zeros(self.known.size, np.bool_)
        seer = Seer(self.composition, self.tables.layout, view)
        decided = np.zeros(0, np.bool_)
        for numbers in chunks(self.all() if within is None else within):
            kinds = seer.kinds(self.known.of(numbers))
            more = [decide(self.config(one)) for one in seer.new(numbers)]
            decided = np.concatenate([decided, np.array(more, np.bool_)])
            marks[numbers] = decided[kinds]
        return Marked(marks)

    # ------------------------------------------------------------ ways

    def _targets(self, numbers: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """All steps of some configurations: from which, by which move, to which."""
        numbers, _, steps = self._steps(numbers, ALL)
        found, _ = self.known.find(self._folded(steps.words))
        seen = np.flatnonzero(found >= 0)
        return numbers[steps.source[seen]], steps.move[seen], found[seen]

    def ways_to(self, goal: Some, within: Some | None = None) -> Some:
        """Backwards over what is newest of each, then over all steps of those that are left."""
        good = self._marks_of(goal).copy()
        left = Marked(~good if within is None else self._marks_of(within) & ~good)
        newest, many = self._newest[: self.known.size], len(left)
        while many:
            for some in chunks(left, is_backwards=True):
                for _ in range(2):  # what is newest mostly lies behind, in what was just done
                    on = newest[some]  # 0 where nothing leads on, too: then all steps tell
                    good[some] |= good[on] & (on != 0)
            left.marks &= ~good
            before, many = many, len(left)
            if many == before:
                for some in chunks(left, is_backwards=True):
                    source, _, target = self._targets(some)
                    good[source[good[target]]] = True
                left.marks &= ~good
                many = len(left)
                if many == before:
                    break
        return Marked(good)

    def _marks_of(self, some: Some) -> Marks:
        return some.marks if isinstance(some, Marked) else self._marked(numbers_of(some)).marks

    def moves(self, some: Some, inside: bool) -> set[Move]:
        """What can happen in some."""
        found: set[Move] = set()
        marks = self._marks_of(some)
        for numbers in chunks(some):
            _, moves, target = self._targets(numbers)
            if inside:
                moves = moves[marks[target]]
            found |= {self.tables.moves[move] for move in np.unique(moves).tolist()}
        return found

    def offering(self, some: Some, by: Callable[[Move], bool], inside: bool = False) -> Some:
        """Where something can."""
        wanted = Wanted(self.tables, by)
        found = np.zeros(self.known.size, np.bool_)
        marks = self._marks_of(some) if inside else found
        for numbers in chunks(some):
            if inside:
                source, moves, target = self._targets(numbers)
                found[source[wanted.of(moves) & marks[target]]] = True
                continue
            surely, perhaps = self.tables.offering(self.known.of(numbers), wanted)
            found[numbers[surely]] = True
            left, _, steps = self._steps(numbers[perhaps & ~surely], ALL)
            found[left[steps.source[wanted.of(steps.move)]]] = True
        return Marked(found)

    def leading_to(self, by: Callable[[Move], bool], goal: Some) -> Some:
        """First by the moves that need no room on a link: of most that is enough."""
        wanted, surely = Wanted(self.tables, by), np.zeros(self.known.size, np.bool_)
        for numbers in chunks(self.all()):
            surely[numbers] = self.tables.offering(self.known.of(numbers), wanted)[0]
        found = self.ways_to(Marked(surely) | goal)
        left = self.all() - found
        return self.ways_to(found | self.offering(left, by)) if left else found

    def parts(self, within: Some, by: Callable[[Move], bool] | None = None) -> Iterator[Some]:
        """The ways round: what leads nowhere, or is led to from nowhere, is out first."""
        sources, targets = _on_ways_round(*self._edges(within, by), self.known.size)
        order = np.argsort(sources, kind="stable")
        sources, targets = sources[order], targets[order]
        nodes, begins = np.unique(sources, return_index=True)
        ends: list[int] = np.append(begins[1:], sources.size).tolist()
        ways: list[int] = targets.tolist()
        place = {node: at for at, node in enumerate(nodes.tolist())}
        first: list[int] = begins.tolist()

        def after(number: int) -> list[int]:
            at = place.get(number)
            return [] if at is None else ways[first[at] : ends[at]]

        for part in components(nodes.tolist(), after):
            if len(part) * 64 < self.known.size:
                yield part
            else:
                yield self._marked(np.fromiter(part, np.intp, len(part)))

    def _edges(
        self, within: Some, by: Callable[[Move], bool] | None
    ) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        marks = self._marks_of(within)
        wanted = None if by is None else Wanted(self.tables, by)
        sources: list[NDArray[np.uint32]] = []
        targets: list[NDArray[np.uint32]] = []
        for numbers in chunks(within):
            source, moves, target = self._targets(numbers)
            kept = marks[target]
            if wanted is not None:
                kept &= wanted.of(moves)
            sources.append(source[kept].astype(np.uint32))
            targets.append(target[kept].astype(np.uint32))
        nothing = np.zeros(0, np.uint32)
        return np.concatenate([nothing, *sources]), np.concatenate([nothing, *targets])


def _on_ways_round(
    sources: NDArray[np.uint32], targets: NDArray[np.uint32], size: int
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Without the steps to what leads nowhere and from what is led to from nowhere, layer by layer.

    Until none are left, or so many layers were gone through that Tarjan is faster.
    """
    left, enough = -1, LAYERS * sources.size
    while sources.size != left and enough > 0:
        left = sources.size
        enough -= left
        leads, led = np.zeros((2, size), np.bool_)
        leads[sources] = True
        led[targets] = True
        kept = leads[targets] & led[sources]
        if not kept.all():
            sources, targets = sources[kept], targets[kept]
    return sources, targets
