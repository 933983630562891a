"""The engine for small systems: a loop over whole numbers and a dict.

A configuration is one number with a field of so many bits for each of its places; what happens is
a number to add, looked up by the fields that it hangs on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from protogen_fsm.verify.local import Unfollowed
from protogen_fsm.verify.space import Space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from protogen_fsm.verify.space import Some, View, Watch
    from protogen_fsm.verify.system import Composition, Config, Deed, Move

BITS: Final = 20
FIELD: Final = (1 << BITS) - 1
NO_ROOM: Final = 1 << 4096
PURE, IMPURE, ALL = range(3)

# What to add, the places that this hangs on besides, what to add for what they hold, the move.
Way: TypeAlias = "tuple[int, int, dict[int, int], Move]"
# By phase of the search; and the moves that cannot be taken.
Ways: TypeAlias = "tuple[tuple[list[Way], list[Way], list[Way]], list[Move]]"
Edges: TypeAlias = "list[list[tuple[Move, int]]]"


class SmallEngine:
    """Explores with Python's own numbers."""

    def __init__(self, most: int = 0, wide: int = 0) -> None:
        self.most, self.wide = most, wide

    def explore(self, composition: Composition, watch: Watch) -> SmallSpace:
        """All that can come about, or up to a level from which another engine is faster."""
        space = SmallSpace(composition)
        try:
            space.search(watch, self.most, self.wide)
        except KeyboardInterrupt:
            space.interrupted()
        return space


class SmallSpace(Space):
    """What the loop has seen.

    `unfinished`: the search was left for another engine, at the beginning of a level. `levels`:
    where each begins, from where on what leads to it lies, and by the moves of which phase. `done`:
    so many were followed. `later`: those with moves that are looked at last.
    """

    def __init__(self, composition: Composition) -> None:
        self.composition = composition
        self.steps, self.why, self.sure = 0, "", 0
        self.refused, self.grown = {}, []
        self.packed: list[int] = []
        self.levels: list[tuple[int, int, int]] = []
        self.done = 0
        self.unfinished = False
        self.phase = PURE
        self.later: list[int] = []
        self._numbers: dict[int, int] = {}
        self._parents: list[int] = []
        self.quiet: set[int] = set()
        self.refusing: set[int] = set()
        self._too_long: set[tuple[int, int]] = set()
        self._rooms: dict[tuple[tuple[int, int], ...], dict[int, int]] = {}
        self._edges: Edges | None = None
        self._fold: Callable[[int], int] | None = None
        if composition.symmetry is not None and composition.symmetry.groups:
            from protogen_fsm.verify.symmetry import packed as folded

            self._fold = folded(composition.symmetry, BITS, composition.size)
        peers = len(composition.peers)
        self._tables: list[tuple[int, dict[int, Ways], int]] = [
            (FIELD << BITS * at, {}, at) for at in range(peers)
        ]
        for number, wire in enumerate(composition.wires):
            place = peers + number
            self._tables.append((FIELD << BITS * place | FIELD << BITS * wire.receiver, {}, place))

    # ------------------------------------------------------------ the search

    def columns(self, begin: int, end: int) -> list[list[int]]:
        """The numbers of some configurations, place by place."""
        packed = self.packed[begin:end]
        return [
            [one >> BITS * place & FIELD for one in packed]
            for place in range(self.composition.size)
        ]

    def search(self, watch: Watch, most: int, wide: int) -> None:
        """Level by level, what hangs on no value that is not followed first."""
        begin = self.composition.begin()
        self._begin([config for deed, config in begin if deed.is_pure], 0)
        while True:
            end = len(self.packed)
            if self.done == end and self.phase == PURE:
                self.phase = IMPURE
                self._begin([config for deed, config in begin if not deed.is_pure], 0)
                if not self._level(self.later, watch):
                    return
                self.phase = ALL
                continue
            if self.done == end:
                return
            if most and end > most and end - self.done > wide:
                self.unfinished = True
                return
            if not self._level(range(self.done, end), watch):
                return
            self.levels.append((end, self.done, self.phase))
            self.done = end

    def interrupted(self) -> None:
        """What was seen so far is all that there is."""
        self.why = "interrupted"
        if self.phase == PURE:
            self.sure = len(self.packed)

    def _begin(self, configs: list[Config], source: int) -> None:
        """A level that begins with what is not come to from another configuration."""
        self.levels.append((len(self.packed), source, self.phase))
        for config in configs:
            self._add(self._pack(config), -1)

    def _add(self, packed: int, parent: int) -> None:
        if packed not in self._numbers:
            self._numbers[packed] = len(self.packed)
            self.packed.append(packed)
            self._parents.append(parent)

    def _level(self, some: Iterable[int], watch: Watch) -> bool:
        """Follows some configurations; False if it is enough."""
        tables, fill, room, numbers = self._tables, self._fill, self._room, self._numbers
        packed, parents, phase, steps = self.packed, self._parents, self.phase, 0
        fold = self._fold
        for number in some:
            if number % 1024 == 0 and (why := watch.enough(len(packed))):
                self.why = why
                break
            config = packed[number]
            if self._too_long and self._has_grown(number, config):
                continue
            quiet, more = True, False
            for mask, table, place in tables:
                ways, refused = table.get(config & mask) or fill(table, config & mask, place)
                for delta, onto, known, move in ways[phase]:
                    if onto:
                        put = known.get(config & onto)
                        if put is None:
                            put = room(known, config, onto, move)
                        if put == NO_ROOM:
                            continue
                        delta += put
                    steps += 1
                    if delta:
                        quiet = False
                        after = config + delta
                        if after not in numbers:
                            if fold is not None:
                                after = fold(after)
                                if after in numbers:
                                    continue
                            numbers[after] = len(packed)
                            packed.append(after)
                            parents.append(number)
                if phase != IMPURE and (refused or ways[IMPURE]):
                    more = True
            if more:
                quiet = self._more(number, config) and quiet
            if quiet and phase != IMPURE:
                self.quiet.add(number)
        self.steps += steps
        if phase == PURE:
            self.sure = len(packed)
        if not self.why and len(packed) > watch.limits.states:
            self.why = watch.enough(len(packed))
        return not self.why

    def _more(self, number: int, config: int) -> bool:
        """What cannot be taken, and what is looked at last; whether nothing comes of it."""
        quiet, has_more = True, False
        for mask, table, _ in self._tables:
            ways, refused = table[config & mask]
            for move in refused:
                self.refused.setdefault(move, number)
                self.refusing.add(number)
            if self.phase == PURE and ways[IMPURE]:
                has_more = True
                quiet = quiet and all(not d for _, d in self._deltas(config, ways[IMPURE]))
        if has_more:
            self.later.append(number)
        return quiet

    def _deltas(self, config: int, ways: list[Way]) -> Iterator[tuple[Move, int]]:
        for delta, onto, known, move in ways:
            put = 0
            if onto:
                found = known.get(config & onto)
                put = self._room(known, config, onto, move) if found is None else found
            if put != NO_ROOM:
                yield move, delta + put

    def _has_grown(self, number: int, config: int) -> bool:
        if any(config >> BITS * place & FIELD == word for place, word in self._too_long):
            self.grown.append(number)
            return True
        return False

    # ------------------------------------------------------------ tables

    def _pack(self, config: Config) -> int:
        if max(config) > FIELD:
            raise Unfollowed("more is on a link, or in a peer, than can be told apart")
        packed = sum(value << BITS * place for place, value in enumerate(config))
        return packed if self._fold is None else self._fold(packed)

    def _fill(self, table: dict[int, Ways], key: int, place: int) -> Ways:
        """What may happen at a place: to a peer by itself, or to what is on a wire."""
        composition, moves = self.composition, []
        peers = len(composition.peers)
        value = key >> BITS * place & FIELD
        if place < peers:
            moves = [(move, value) for move in composition.alone(place, value)]
        else:
            wire = composition.wires[place - peers]
            state = key >> BITS * wire.receiver & FIELD
            for item, rest in composition.offers(place - peers, value):
                for move in composition.arriving(place - peers, item, state):
                    moves.append((move, rest))
        found: Ways = (([], [], []), [])
        for move, rest in moves:
            if move.after < 0:
                found[1].append(move)
                continue
            at = move.deed.peer
            delta = (move.after - (key >> BITS * at & FIELD)) << BITS * at
            if move.takes:
                delta += (rest - value) << BITS * place
            if max(move.after, rest) > FIELD:
                raise Unfollowed("more is on a link, or in a peer, than can be told apart")
            onto = sum(FIELD << BITS * (peers + wire) for wire, _ in move.puts)
            way = (delta, onto, self._rooms.setdefault(move.puts, {}), move)
            found[0][PURE if move.deed.is_pure else IMPURE].append(way)
            found[0][ALL].append(way)
        table[key] = found
        return found

    def _room(self, known: dict[int, int], config: int, onto: int, move: Move) -> int:
        """What putting something on wires adds to a configuration."""
        peers = len(self.composition.peers)
        delta = 0
        for wire, sequence in move.puts:
            place = peers + wire
            word = config >> BITS * place & FIELD
            put = self.composition.put(wire, word, sequence)
            if put is None:
                delta = NO_ROOM
                break
            after = put[0]
            if after > FIELD:
                raise Unfollowed("more is on a link, or in a peer, than can be told apart")
            delta += (after - word) << BITS * place
            if self.composition.is_too_long(wire, after):
                self._too_long.add((place, after))
        known[config & onto] = delta
        return delta

    # ------------------------------------------------------------ what was seen

    def __len__(self) -> int:
        return len(self.packed)

    def config(self, number: int) -> Config:
        """A configuration, from its number."""
        packed = self.packed[number]
        return tuple(packed >> BITS * place & FIELD for place in range(self.composition.size))

    def successors(self, number: int) -> list[tuple[Deed, int]]:
        """What can happen in one."""
        return [
            (deed, known)
            for _, deed, after in self.composition.steps(self.config(number))
            if after is not None and (known := self._numbers.get(self._pack(after))) is not None
        ]

    def path_to(self, number: int) -> list[int]:
        """By what was found first."""
        path = []
        while number >= 0:
            path.append(number)
            number = self._parents[number]
        return path[::-1]

    def all(self) -> Some:
        """All numbers."""
        return set(range(len(self.packed)))

    def still(self) -> Some:
        """As the search has met them."""
        return self.quiet

    def stuck(self) -> Some:
        """Those that refuse nothing."""
        return self.quiet - self.refusing

    def first(self, some: Some) -> int | None:
        """The least number."""
        return min(some, default=None)

    def kinds(self, some: Some, view: View) -> list[int]:
        """One of each kind."""
        found = []
        known: set[object] = set()
        seen: set[int] = set()
        mask = sum(FIELD << BITS * place for place in view)
        for number in sorted(some):
            key = self.packed[number] & mask
            if key not in seen:
                seen.add(key)
                kind = tuple(see(key >> BITS * place & FIELD) for place, see in view.items())
                if kind not in known:
                    known.add(kind)
                    found.append(number)
        return found

    def select(
        self, view: View, decide: Callable[[Config], bool], within: Some | None = None
    ) -> Some:
        """All that something is true of."""
        mask = sum(FIELD << BITS * place for place in view)
        decided: dict[object, bool] = {}
        seen: dict[int, bool] = {}
        found = set()
        for number in range(len(self.packed)) if within is None else within:
            key = self.packed[number] & mask
            value = seen.get(key)
            if value is None:
                kind = tuple(see(key >> BITS * place & FIELD) for place, see in view.items())
                if kind not in decided:
                    decided[kind] = decide(self.config(number))
                value = seen[key] = decided[kind]
            if value:
                found.add(number)
        return found

    # ------------------------------------------------------------ ways

    def _ways(self) -> Edges:
        if self._edges is None:
            self._edges = [[] for _ in self.packed]
            grown = set(self.grown)
            for number, config in enumerate(self.packed):
                if number in grown:
                    continue
                for mask, table, place in self._tables:
                    ways, _ = table.get(config & mask) or self._fill(table, config & mask, place)
                    for move, delta in self._deltas(config, ways[ALL]):
                        to = config + delta
                        if self._fold is not None and to not in self._numbers:
                            to = self._fold(to)
                        after = self._numbers.get(to)
                        if after is not None:
                            self._edges[number].append((move, after))
        return self._edges

    def ways_to(self, goal: Some, within: Some | None = None) -> Some:
        """All that lead to a goal."""
        back: list[list[int]] = [[] for _ in self.packed]
        for number, edges in enumerate(self._ways()):
            for _, after in edges:
                back[after].append(number)
        seen = set(goal)
        todo = list(goal)
        while todo:
            for before in back[todo.pop()]:
                if before not in seen and (within is None or before in within):
                    seen.add(before)
                    todo.append(before)
        return seen

    def moves(self, some: Some, inside: bool) -> set[Move]:
        """What can happen in some."""
        edges = self._ways()
        return {m for n in some for m, after in edges[n] if not inside or after in some}

    def offering(self, some: Some, by: Callable[[Move], bool], inside: bool = False) -> Some:
        """Where something can."""
        edges = self._ways()
        return {
            number
            for number in some
            if any(by(move) and (not inside or after in some) for move, after in edges[number])
        }

    def parts(self, within: Some, by: Callable[[Move], bool] | None = None) -> Iterator[Some]:
        """The ways round."""
        edges = self._ways()
        counts: dict[Move, bool] = {}

        def after(number: int) -> list[int]:
            found = []
            for move, to in edges[number]:
                if to in within:
                    if by is not None and move not in counts:
                        counts[move] = by(move)
                    if by is None or counts[move]:
                        found.append(to)
            return found

        yield from components(sorted(within), after)


def components(within: Iterable[int], after: Callable[[int], list[int]]) -> Iterator[set[int]]:
    """The strongly connected parts, those of one that leads to itself included.

    Tarjan: Depth-first search and linear graph algorithms, 1972; without recursion.
    """
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    for root in within:
        if root in number:
            continue
        number[root] = low[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        work = [(root, iter(after(root)))]
        while work:
            one, rest = work[-1]
            for to in rest:
                if to not in number:
                    number[to] = low[to] = len(number)
                    stack.append(to)
                    on_stack.add(to)
                    work.append((to, iter(after(to))))
                    break
                if to in on_stack:
                    low[one] = min(low[one], number[to])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[one])
                if low[one] == number[one]:
                    part: set[int] = set()
                    while one not in part:
                        part.add(stack.pop())
                    on_stack -= part
                    if len(part) > 1 or one in after(one):
                        yield part
