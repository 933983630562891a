"""A composition's moves as arrays: what thousands of configurations lead to, looked up at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from protogen_fsm.verify.packing import WORD, Layout

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from protogen_fsm.verify.packing import Marks, Numbers, Words
    from protogen_fsm.verify.system import Composition, Move

PURE, IMPURE, ALL = range(3)
UNKNOWN: Final = -1
NO_ROOM: Final = -2


class Outgrown(Exception):
    """A number no longer fits into its place: the configurations are to be packed anew."""


class Steps(NamedTuple):
    """What some configurations lead to: for each step whose it is, by which move, and where."""

    source: Numbers
    move: Numbers
    words: Words


class Tables:
    """The tables of a composition, filled as they are asked for.

    `moves`: all moves, by the number that steps name them by. `has_impure`: whether some move
    hangs on a value that is not followed.
    """

    def __init__(self, composition: Composition) -> None:
        self.composition = composition
        self.peers, self.places = len(composition.peers), composition.size
        self.moves: list[Move] = []
        self.has_impure = False
        wires, onto = range(len(composition.wires)), range(self.places - self.peers)
        self.layout = Layout([composition.count(place) for place in range(self.places)])
        caps = [1 << bits for bits in self.layout.bits]
        self._alone = [_Keyed(caps[peer]) for peer in range(self.peers)]
        self._offers = [_Keyed(caps[self.peers + wire]) for wire in wires]
        self._arriving = [_Keyed(caps[wire.receiver]) for wire in composition.wires]
        self._after = [_Table(caps[self.peers + wire]) for wire in onto]
        self._items: list[dict[int, int]] = [{} for _ in wires]
        self._item_of, self._rest_of = _Column(np.intp), _Column(np.intp)
        self._deltas = [_Column(np.uint64) for _ in range(self.layout.words)]
        self._rests = [_Column(np.uint64) for _ in range(self.layout.words)]
        self._takes, self._put_of = _Column(np.bool_), _Column(np.intp)
        self._waits = _Column(np.bool_)  # for room on a link
        self._onto: list[set[int]] = [set() for _ in range(self.peers)]
        self._puts: dict[tuple[tuple[int, int], ...], int] = {}
        self._sequences = [_Column(np.intp) for _ in onto]
        self._put_number(())
        self._too_long = {
            wire: np.zeros(caps[self.peers + wire], np.bool_)
            for wire in wires
            if composition.wires[wire].capacity is None
        }
        for wire, marks in self._too_long.items():
            for word in range(len(composition.words_of(wire))):
                marks[word] = composition.is_too_long(wire, word)
        self.refusing: Marks | None = None
        self.met: list[tuple[Move, int]] = []
        self._many = 0

    # ------------------------------------------------------------ steps

    def steps(self, words: Words, phase: int) -> Steps:
        """What configurations lead to by the moves of a phase.

        Afterwards `refusing` marks those in which something cannot be taken (None: there is none),
        and `met` holds what that is, each with the first of them. Raises Outgrown once something
        new does not fit into its place.
        """
        values = [self.layout.get(words, place) for place in range(self.places)]
        self.refusing, self.met, self._many = None, [], len(words[0])
        found: list[Steps] = []
        for peer in range(self.peers):
            keys = values[peer]
            table = self._alone[peer]
            table.know(keys, lambda key, p=peer: self._fill_alone(p, key))  # type: ignore[misc]
            source, moves = self._spread(table, keys, None, phase)
            if source.size:
                after = self._do(words, source, moves)
                found += self._put(peer, values, Steps(source, moves, after))
        for wire in range(len(self.composition.wires)):
            found += self._taken(wire, values, words, phase)
        if len(found) == 1:
            return found[0]
        if not found:
            nothing = np.zeros(0, np.intp)
            return Steps(nothing, nothing, [word[:0] for word in words])
        return Steps(
            np.concatenate([one.source for one in found]),
            np.concatenate([one.move for one in found]),
            [np.concatenate(some) for some in zip(*(one.words for one in found), strict=True)],
        )

    def _taken(self, wire: int, values: list[Numbers], words: Words, phase: int) -> list[Steps]:
        """What becomes of what comes over a wire."""
        some = np.flatnonzero(values[self.peers + wire])
        if not some.size:
            return []
        keys, some, entries = self._coming(wire, values, some)
        table, receiver = self._arriving[wire], self.composition.wires[wire].receiver
        which, moves = self._spread(table, keys, some, phase)
        if not which.size:
            return []
        source = some[which]
        after = self._do(words, source, moves)
        takes = self._takes.array[moves]
        for word, rests in zip(after, self._rests, strict=True):
            gone = rests.array[entries[which]]
            word += gone if takes.all() else np.where(takes, gone, np.uint64(0))
        return self._put(receiver, values, Steps(source, moves, after))

    def _coming(
        self, wire: int, values: list[Numbers], some: Numbers
    ) -> tuple[Numbers, Numbers, Numbers]:
        """What comes over a wire in some configurations: its keys, in which, and its entries."""
        keys = values[self.peers + wire][some]
        offers = self._offers[wire]
        offers.know(keys, lambda key: self._fill_offers(wire, key))
        which, entries = _spread(offers.start[keys], offers.count[keys])
        some = some[which]
        table = self._arriving[wire]
        states = values[self.composition.wires[wire].receiver]
        keys = self._item_of.array[entries] * table.cap + states[some]
        table.know(keys, lambda key: self._fill_arriving(wire, key))
        return keys, some, entries

    def _do(self, words: Words, source: Numbers, moves: Numbers) -> Words:
        return [
            word[source] + delta.array[moves]
            for word, delta in zip(words, self._deltas, strict=True)
        ]

    def _put(self, peer: int, values: list[Numbers], steps: Steps) -> list[Steps]:
        """The steps with what their moves say on the wires; without those that have no room."""
        puts = self._put_of.array[steps.move]
        saying = np.flatnonzero(puts)
        if not saying.size:
            return [steps]
        puts = puts[saying]
        out: Marks | None = None
        for wire in sorted(self._onto[peer]):
            sequences = self._sequences[wire].array[puts]
            on = np.flatnonzero(sequences)
            if not on.size:
                continue
            some = saying[on]
            place = self.peers + wire
            before = values[place][steps.source[some]]
            after = self._after[wire].get(
                sequences[on] * self._after[wire].cap + before,
                lambda key, wire=wire: self._fill_after(wire, key),  # type: ignore[misc]
            )
            full = after == NO_ROOM
            if full.any():
                out = np.zeros(steps.source.size, np.bool_) if out is None else out
                out[some[full]] = True
            delta = (after - before).astype(np.uint64) << np.uint64(self.layout.shift[place])
            steps.words[self.layout.word[place]][some] += delta
        if out is None:
            return [steps]
        kept = np.flatnonzero(~out)
        return [Steps(steps.source[kept], steps.move[kept], [word[kept] for word in steps.words])]

    def _spread(
        self, table: _Keyed, keys: Numbers, some: Numbers | None, phase: int
    ) -> tuple[Numbers, Numbers]:
        """For keys their moves of a phase: which key each is of, and the move."""
        if table.refused:
            self._refuse(table, keys, some)
        start, count = table.start[keys], table.count[keys]
        if self.has_impure and phase == PURE:
            return _spread(start, table.pure[keys])
        if phase == IMPURE:
            pure = table.pure[keys]
            return _spread(start + pure, count - pure)
        return _spread(start, count)

    def _refuse(self, table: _Keyed, keys: Numbers, some: Numbers | None) -> None:
        here = np.flatnonzero(table.refuses[keys])
        if not here.size:
            return
        numbers = here if some is None else some[here]
        if self.refusing is None:
            self.refusing = np.zeros(self._many, np.bool_)
        self.refusing[numbers] = True
        met, first = np.unique(keys[here], return_index=True)
        for key, at in zip(met.tolist(), first.tolist(), strict=True):
            self.met += [(move, int(numbers[at])) for move in table.refused[key]]

    def offering(self, words: Words, wanted: Wanted) -> tuple[Marks, Marks]:
        """In which configurations some wanted move is possible for sure, and if there is room."""
        values = [self.layout.get(words, place) for place in range(self.places)]
        surely, perhaps = np.zeros((2, len(words[0])), np.bool_)
        for peer in range(self.peers):
            table = self._alone[peer]
            table.know(values[peer], lambda key, p=peer: self._fill_alone(p, key))  # type: ignore[misc]
            some = np.arange(len(words[0]))
            self._offer(table, values[peer], some, wanted, surely, perhaps)
        for wire in range(len(self.composition.wires)):
            some = np.flatnonzero(values[self.peers + wire])
            if some.size:
                keys, some, _ = self._coming(wire, values, some)
                self._offer(self._arriving[wire], keys, some, wanted, surely, perhaps)
        return surely, perhaps

    def _offer(
        self,
        table: _Keyed,
        keys: Numbers,
        some: Numbers,
        wanted: Wanted,
        surely: Marks,
        perhaps: Marks,
    ) -> None:
        kinds = wanted.kinds.get(table)
        if kinds is None or len(kinds) < len(table.count):
            kinds = wanted.kinds[table] = np.full(len(table.count), UNKNOWN, np.int8)
        here = kinds[keys]
        if here.size and here.min() == UNKNOWN:
            marks = wanted.marks()
            for key in np.unique(keys[here == UNKNOWN]).tolist():
                first = int(table.start[key])
                moves = np.arange(first, first + int(table.count[key]))
                moves = moves[marks[moves]]
                is_sure = bool(moves.size) and not self._waits.array[moves].all()
                kinds[key] = 2 if is_sure else bool(moves.size)
            here = kinds[keys]
        surely[some[here == 2]] = True
        perhaps[some[here == 1]] = True

    def has_grown(self, words: Words) -> Marks | None:
        """Those with more on a link than is followed; None if there is none."""
        found: Marks | None = None
        for wire, too_long in self._too_long.items():
            if too_long.any():
                here = too_long[self.layout.get(words, self.peers + wire)]
                found = here if found is None else found | here
        return found if found is not None and found.any() else None

    # ------------------------------------------------------------ filling

    def _fits(self, place: int, number: int) -> None:
        if not all(self.layout.holds(one, number) for one in self.composition.alike[place]):
            raise Outgrown

    def _fill_alone(self, peer: int, state: int) -> None:
        self._fill(self._alone[peer], state, state, self.composition.alone(peer, state))

    def _fill_offers(self, wire: int, word: int) -> None:
        place, first = self.peers + wire, self._item_of.size
        offers = self.composition.offers(wire, word)
        for _, rest in offers:
            self._fits(place, rest)
        for item, rest in offers:
            local = self._items[wire].setdefault(item, len(self._items[wire]))
            self._item_of.append(local)
            self._add_delta(self._rests, place, word, rest)
        self._offers[wire].set(word, first, len(offers), len(offers))

    def _fill_arriving(self, wire: int, key: int) -> None:
        table = self._arriving[wire]
        local, state = divmod(key, table.cap)
        item = next(one for one, known in self._items[wire].items() if known == local)
        self._fill(table, key, state, self.composition.arriving(wire, item, state))

    def _fill(self, table: _Keyed, key: int, state: int, moves: tuple[Move, ...]) -> None:
        refused = [move for move in moves if move.after < 0]
        pure = [move for move in moves if move.after >= 0 and move.deed.is_pure]
        impure = [move for move in moves if move.after >= 0 and not move.deed.is_pure]
        for move in (*pure, *impure):
            self._fits(move.deed.peer, move.after)
        if refused:
            table.refused[key] = refused
            table.refuses[key] = True
        self.has_impure = self.has_impure or bool(impure)
        first = len(self.moves)
        for move in (*pure, *impure):
            self.moves.append(move)
            self._add_delta(self._deltas, move.deed.peer, state, move.after)
            self._takes.append(move.takes)
            self._put_of.append(self._put_number(move.puts))
            self._waits.append(any(self._may_be_full(wire) for wire, _ in move.puts))
            self._onto[move.deed.peer].update(wire for wire, _ in move.puts)
        table.set(key, first, len(pure), len(pure) + len(impure))

    def _may_be_full(self, wire: int) -> bool:
        if wire >= len(self.composition.wires):
            return False  # a monitor takes whatever happens
        one = self.composition.wires[wire]
        has_room = one.capacity is None or "lossy" in one.faults
        return not has_room or self.composition.says_anything(one.sender)

    def _put_number(self, puts: tuple[tuple[int, int], ...]) -> int:
        number = self._puts.get(puts)
        if number is None:
            number = self._puts[puts] = len(self._puts)
            onto = dict(puts)
            for wire, column in enumerate(self._sequences):
                column.append(onto[wire] + 1 if wire in onto else 0)
        return number

    def _fill_after(self, wire: int, key: int) -> int:
        sequence, word = divmod(key, self._after[wire].cap)
        put = self.composition.put(wire, word, sequence - 1)
        if put is None:
            return NO_ROOM
        self._fits(self.peers + wire, put[0])
        if self.composition.is_too_long(wire, put[0]):
            self._too_long[wire][put[0]] = True
        return put[0]

    def _add_delta(self, columns: list[_Column], place: int, before: int, after: int) -> None:
        """What is added to a word, modulo 2^64, when the number of a place changes."""
        delta = ((after - before) << self.layout.shift[place]) % (1 << WORD)
        for k, column in enumerate(columns):
            column.append(delta if k == self.layout.word[place] else 0)


class Wanted:
    """Which moves something is true of; asked once of each.

    `kinds`: of the keys of a table, whether such a move is there, 1 if it needs room on a link.
    """

    def __init__(self, tables: Tables, by: Callable[[Move], bool]) -> None:
        self._tables, self._by = tables, by
        self._marks: Marks = np.zeros(0, np.bool_)
        self.kinds: dict[_Keyed, NDArray[np.int8]] = {}

    def marks(self) -> Marks:
        """By the number of the move."""
        new = self._tables.moves[len(self._marks) :]
        if new:
            more = np.array([self._by(move) for move in new], np.bool_)
            self._marks = np.concatenate([self._marks, more])
        return self._marks

    def of(self, moves: Numbers) -> Marks:
        """Of some moves."""
        found: Marks = self.marks()[moves]
        return found


class _Column:
    """An array that grows."""

    def __init__(self, dtype: type[np.generic]) -> None:
        self.size = 0
        self._room: NDArray[Any] = np.zeros(64, dtype)
        self.array = self._room[:0]

    def append(self, value: int) -> None:
        if self.size == len(self._room):
            self._room = np.concatenate([self._room, np.zeros_like(self._room)])
        self._room[self.size] = value
        self.size += 1
        self.array = self._room[: self.size]


class _Keyed:
    """For each key where its entries begin, how many are pure, how many there are; -1: unknown.

    A key is a number below `cap`, or that and a multiple of `cap`. `refused`: what cannot be taken.
    """

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self.start, self.pure = np.zeros(cap, np.intp), np.zeros(cap, np.intp)
        self.count = np.full(cap, UNKNOWN, np.intp)
        self.refused: dict[int, list[Move]] = {}
        self.refuses = np.zeros(cap, np.bool_)

    def know(self, keys: Numbers, fill: Callable[[int], None]) -> None:
        """Has all that is not known yet filled in."""
        if not keys.size:
            return
        most = int(keys.max())
        while most >= len(self.count):
            self.start, self.pure = _doubled(self.start, 0), _doubled(self.pure, 0)
            self.count = _doubled(self.count, UNKNOWN)
            self.refuses = np.concatenate([self.refuses, np.zeros_like(self.refuses)])
        count = self.count[keys]
        if count.min() < 0:
            for key in np.unique(keys[count < 0]).tolist():
                fill(key)

    def set(self, key: int, start: int, pure: int, count: int) -> None:
        self.start[key], self.pure[key], self.count[key] = start, pure, count


class _Table:
    """For each key a number; -1: unknown."""

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self._numbers = np.full(cap, UNKNOWN, np.intp)

    def get(self, keys: Numbers, fill: Callable[[int], int]) -> Numbers:
        """The numbers, those that are not known yet filled in."""
        while int(keys.max()) >= len(self._numbers):
            self._numbers = _doubled(self._numbers, UNKNOWN)
        found = self._numbers[keys]
        if (found == UNKNOWN).any():
            for key in np.unique(keys[found == UNKNOWN]).tolist():
                self._numbers[key] = fill(key)
            found = self._numbers[keys]
        return found


def _doubled(array: Numbers, fill: int) -> Numbers:
    return np.concatenate([array, np.full(len(array), fill, array.dtype)])


def _spread(start: Numbers, count: Numbers) -> tuple[Numbers, Numbers]:
    """Entries `start`, `start + 1`, … of each, as many as it has: whose each is, and which."""
    if count.size and count.max() <= 1:
        source = np.flatnonzero(count)
        return source, start[source]
    source = np.repeat(np.arange(len(count)), count)
    behind = np.cumsum(count)
    first = np.repeat(start - behind + count, count)
    return source, first + np.arange(len(first))
