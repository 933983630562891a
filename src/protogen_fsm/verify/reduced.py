"""A search that leaves out orders: of what does not disturb each other, one goes first.

What is preserved is that nothing happens any more (each such configuration is met), and that
something cannot be taken or fails (if it can come about, some of it is met): for that a peer must
not wait for ever while others go round, so whoever goes first leads to a configuration that is not
followed yet, or all go (Bošnački and Holzmann: Improving Spin's partial-order reduction for
breadth-first search, 2005). Two peers in two states at once, and whether there is a way to
something from everywhere, are not: these it does not look at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from protogen_fsm.verify.independent import Independent
from protogen_fsm.verify.small import ALL, BITS, FIELD, NO_ROOM, PURE, SmallSpace

if TYPE_CHECKING:
    from protogen_fsm.verify.space import Watch
    from protogen_fsm.verify.system import Composition, Move


class ReducingEngine:
    """Explores with Python's own numbers, and leaves out what makes no difference."""

    def explore(self, composition: Composition, watch: Watch) -> ReducedSpace:
        """Enough of what can come about, up to the limits."""
        space = ReducedSpace(composition)
        try:
            space.reduce(watch)
        except KeyboardInterrupt:
            space.why = "interrupted"
        return space


class _Does(NamedTuple):
    """What a peer can do: where that leads, and whom it waits for where there is no room.

    `leads_on`: whether to another configuration; `is_live`: by what somebody may count on.
    """

    after: list[int]
    waits: set[int]
    leads_on: bool
    is_live: bool


class ReducedSpace(SmallSpace):
    """What was seen: first what hangs on no value that is not followed, by itself."""

    def reduce(self, watch: Watch) -> None:
        """Twice, if something hangs on values that are not followed: without that, and with it."""
        self._independent = Independent(self.composition)
        self._of_peer = [
            [table for table in self._tables if self._acts(table[2]) == at]
            for at in range(len(self.composition.peers))
        ]
        begin = self.composition.begin()
        self._impure = any(not deed.is_pure for deed, _ in begin)
        pure = [self._pack(config) for deed, config in begin if deed.is_pure]
        self._search(pure, PURE, watch)
        self.sure = len(self.packed)
        if self._impure and not self.why:
            self._search([self._pack(config) for _, config in begin], ALL, watch)

    def _acts(self, place: int) -> int:
        """Whose moves the table of a place holds."""
        peers = len(self.composition.peers)
        return place if place < peers else self.composition.wires[place - peers].receiver

    def _search(self, begin: list[int], phase: int, watch: Watch) -> None:
        order = list(dict.fromkeys(begin))
        known = {packed: at for at, packed in enumerate(order)}
        for packed in order:
            self._add(packed, -1)
        for at, packed in enumerate(order):
            if at % 256 == 0 and (why := watch.enough(len(self.packed))):
                self.why = why
                return
            number = self._numbers[packed]
            if self._too_long and self._has_grown(number, packed):
                continue
            for after in self._goes_on(number, packed, phase, known, at):
                self.steps += 1
                if after not in known:
                    known[after] = len(order)
                    order.append(after)
                    self._add(after, number)
        if len(self.packed) > watch.limits.states:
            self.why = watch.enough(len(self.packed))

    def _goes_on(
        self, number: int, packed: int, phase: int, known: dict[int, int], at: int
    ) -> list[int]:
        """Where those lead that go first; all, if nobody can."""
        does = [self._can(number, packed, peer, phase) for peer in range(len(self._of_peer))]
        live = [peer for peer, one in enumerate(does) if one.is_live]
        every = [after for one in does for after in one.after]
        if not any(one.leads_on for one in does) and (phase == ALL or self._is_quiet(packed)):
            self.quiet.add(number)
        config = self.config(number)
        waits = [one.waits for one in does]
        best, fewest = every, len(every)
        for peer in sorted(live, key=lambda one: len(does[one].after)):
            if len(does[peer].after) >= fewest:
                break
            those = self._independent.together(peer, config, waits)
            after = [one for other in those for one in does[other].after]
            if len(after) < fewest and any(known.get(one, at + 1) > at for one in after):
                best, fewest = after, len(after)
        return best

    def _can(self, number: int, packed: int, peer: int, phase: int) -> _Does:
        found: list[int] = []
        waits: set[int] = set()
        leads_on = is_live = False
        for mask, table, place in self._of_peer[peer]:
            ways, refused = table.get(packed & mask) or self._fill(table, packed & mask, place)
            for move in refused:
                self.refused.setdefault(move, number)
                self.refusing.add(number)
            self._impure = self._impure or len(ways[ALL]) > len(ways[PURE])
            for delta, onto, rooms, move in ways[ALL]:
                put = 0
                if onto:
                    room = rooms.get(packed & onto)
                    put = self._room(rooms, packed, onto, move) if room is None else room
                    if put == NO_ROOM:
                        waits |= self._full(packed, move)
                        continue
                if phase == PURE and not move.deed.is_pure:
                    continue
                after = packed + delta + put
                if after != packed:
                    leads_on = True
                    is_live = is_live or not move.deed.is_fate
                found.append(after if self._fold is None else self._fold(after))
        return _Does(found, waits, leads_on, is_live)

    def _full(self, packed: int, move: Move) -> set[int]:
        """Who has to take something before there is room for what a move says."""
        composition, peers = self.composition, len(self.composition.peers)
        return {
            composition.wires[wire].receiver
            for wire, sequence in move.puts
            if composition.put(wire, packed >> BITS * (peers + wire) & FIELD, sequence) is None
        }

    def _is_quiet(self, packed: int) -> bool:
        """Whether nothing leads on, not even by values that are not followed."""
        return not any(
            delta
            for mask, table, _ in self._tables
            for _, delta in self._deltas(packed, table[packed & mask][0][ALL])
        )
