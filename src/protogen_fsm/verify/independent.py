"""Which peers may go first, in a configuration, and the others wait: persistent sets.

Godefroid: Partial-order methods for the verification of concurrent systems, 1996, chapter 4; of
peers, as in Valmari: Stubborn sets for reduced state space generation, 1989. Peers may go first
together if nothing that the others do, as long as these do not move, adds to what they can do or
makes a difference to it. Over a link that neither loses nor mixes, what is put behind something
makes no difference to who takes from it, nor what is taken to who still has room.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from protogen_fsm.verify.local import Unfollowed, Widened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.verify.system import Composition, Config

MOST: Final = 100_000
"""So many steps of the peers by themselves are gone through to see what they may still say."""


class Independent:
    """What each peer may still say, and so whom it may disturb."""

    def __init__(self, composition: Composition) -> None:
        self.composition = composition
        peers = range(len(composition.peers))
        self.into = [[w for w, wire in enumerate(composition.wires) if wire.receiver == p]
                     for p in peers]  # fmt: skip
        self.out = composition.from_peer
        self._breaks = ["breaking" in wire.faults for wire in composition.wires]
        self._mixes = [
            wire.is_bag
            or "breaking" in wire.faults
            or ("lossy" in wire.faults and wire.capacity is not None)
            for wire in composition.wires
        ]
        self._steps: list[dict[int, list[tuple[int, int, frozenset[int]]]]] = [{} for _ in peers]
        self._said: dict[tuple[int, int, frozenset[int]], frozenset[int]] = {}
        try:
            self._is_known = self._close()
        except (Unfollowed, Widened):  # by itself a peer may come to more than it does with others
            self._is_known = False

    # ------------------------------------------------------------ what is said in all

    def _close(self) -> bool:
        """All that each peer may do whatever the others do; False if that is too much."""
        composition = self.composition
        todo: deque[tuple[int, int, int, int]] = deque()
        met: list[dict[int, None]] = [{} for _ in composition.peers]
        on: list[dict[int, None]] = [{} for _ in composition.wires]
        made = 0

        def state_comes(at: int, state: int) -> None:
            if state not in met[at]:
                met[at][state] = None
                todo.append((at, state, -1, 0))
                todo.extend((at, state, wire, item) for wire in self.into[at] for item in on[wire])

        def item_comes(wire: int, item: int) -> None:
            if item not in on[wire]:
                on[wire][item] = None
                at = composition.wires[wire].receiver
                todo.extend((at, state, wire, item) for state in met[at])

        for _, config in composition.begin():
            for at in range(len(met)):
                state_comes(at, config[at])
            for wire in range(len(on)):
                for one in composition.word(config, wire):
                    item_comes(wire, composition.item_number(one))
        while todo:
            at, state, wire, item = todo.popleft()
            moves = (
                composition.alone(at, state)
                if wire < 0
                else composition.arriving(wire, item, state)
            )
            steps = self._steps[at].setdefault(state, [])
            made += len(moves) + 1
            if made > MOST:
                return False
            for move in moves:
                if move.after < 0:
                    continue
                for onto, sequence in move.puts:
                    for one in composition.sequence(sequence):
                        item_comes(onto, composition.item_number(one))
                state_comes(at, move.after)
                steps.append((wire, move.after, frozenset(onto for onto, _ in move.puts)))
        return True

    def may_say(self, peer: int, state: int, silent: frozenset[int]) -> frozenset[int]:
        """The wires that a peer may still put something on, if nothing comes over some wires."""
        if not self._is_known:
            return frozenset(self.out[peer])
        key = peer, state, silent
        found = self._said.get(key)
        if found is None:
            wires: set[int] = set()
            seen, todo = {state}, [state]
            while todo:
                for wire, after, onto in self._steps[peer].get(todo.pop(), ()):
                    if wire in silent:
                        continue
                    wires |= onto
                    if after not in seen:
                        seen.add(after)
                        todo.append(after)
            found = self._said[key] = frozenset(wires)
        return found

    # ------------------------------------------------------------ who may go first

    def together(self, first: int, config: Config, waits: list[set[int]]) -> set[int]:
        """A peer, and those that cannot be left waiting while it goes first.

        `waits`: for each peer those that must take something before there is room for what it says.
        """
        found = {first}
        while True:
            more = {
                other for at in found for other in self._disturbing(at, config, found, waits[at])
            }
            if more <= found:
                return found
            found |= more

    def _disturbing(
        self, at: int, config: Config, found: set[int], waits: set[int]
    ) -> Iterator[int]:
        wires, peers = self.composition.wires, len(self.composition.peers)
        yield from waits
        for wire in self.out[at]:
            if self._breaks[wire] or (self._mixes[wire] and config[peers + wire]):
                yield wires[wire].receiver
        is_deaf = self._is_deaf(at, config[at])
        for wire in self.into[at]:
            sender, mixes = wires[wire].sender, self._mixes[wire]
            if sender in found or ((is_deaf or config[peers + wire]) and not mixes):
                continue
            silent = frozenset(
                other
                for other in self.into[sender]
                if wires[other].sender in found
                and not (config[peers + other] or self._breaks[other])
            )
            if self._breaks[wire] or wire in self.may_say(sender, config[sender], silent):
                yield sender

    def _is_deaf(self, at: int, number: int) -> bool:
        """Whether a peer takes nothing any more, not even to drop it."""
        state = self.composition.states_of(at)[number]
        return state.ended and not (self.composition.peers[at].is_stream or state.gone)
