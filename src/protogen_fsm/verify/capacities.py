"""Whether what holds for links of some capacity holds for all that hold more.

It does if no link was ever full: then there is nothing that more room could change. And it does if
the system is exhaustive at that capacity: whoever waits for room gets it from those who take,
without having done anything else, and nobody ever has a choice between what to take, or between
taking something and doing something else. Then each run over links that hold more is one over these
links in another order, and on: Lange and Yoshida, Verifying asynchronous interactions via
communicating session automata, 2019 (there for machines that wait for one other at a time; here a
message is taken as it comes, so that this is looked at in each configuration); Genest, Kuske and
Muscholl, On communicating automata with bounded channels, 2007. docs/verify.md has the argument.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from protogen_fsm.model import expressions as ex

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from protogen_fsm.model.spec import Pattern, Property, System
    from protogen_fsm.verify.space import Some, Space
    from protogen_fsm.verify.system import Config, Move

NEVER_FULL: Final = ("nobody ever waits for room",)
EXHAUSTIVE: Final = (
    "the links lose and mix nothing",
    "nobody leaves, crashes or says anything",
    "who can do something by itself has nothing to take",
    "nobody has something to take from two links",
    "who waits for room gets it",
    "nothing is asked of two peers at once",
)
"""The side conditions of an exhaustive system, as they are printed."""
_MOST: Final = 200_000


def with_capacity(system: System, capacity: int) -> System:
    """The same system with links that hold so much."""
    return replace(system, links=[replace(link, capacity=capacity) for link in system.links])


def unfit(space: Space) -> str:
    """Why a system in which there is no flaw is not exhaustive at its capacity; "" if it is."""
    return _Exhaustive(space).unfit()


class _Exhaustive:
    """The side conditions, in each configuration."""

    def __init__(self, space: Space) -> None:
        self.space, self.composition = space, space.composition
        self.peers, self.wires = self.composition.peers, self.composition.wires

    def unfit(self) -> str:
        if any(wire.faults for wire in self.wires):
            return "a link loses or mixes what it carries"
        if self.composition.has_fates or any(peer.declared.environment for peer in self.peers):
            return "a peer may leave or crash, or says anything"
        if words := self._asked():
            return words
        if len(self.space) > _MOST:
            return f"more than {_MOST:,} configurations"
        return self._mixed() or self._racing() or self._waiting()

    def _asked(self) -> str:
        """What is asked of more than one peer at a time: which of them is farther may differ."""
        system = self.composition.system
        whole: list[Property | Pattern] = [*system.properties, *system.patterns]
        for asked in whole:
            text = " ".join(asked.span.text.split())
            if asked.kind not in ("never", "always", "reachable"):
                return f"`{text}` is asked of whole runs"
        for asked in system.properties:
            if asked.kind != "reachable" and len(self._spoken_of(asked.left)) > 1:
                return f"`{' '.join(asked.span.text.split())}` is asked of two peers at once"
        return ""

    def _spoken_of(self, e: ex.Expr) -> set[int]:
        found: set[int] = set()
        for one in ex.walk(e):
            if isinstance(one, ex.InState | ex.PeerVar):
                name = one.peer if isinstance(one, ex.PeerVar) else one.subject.partition(".")[0]
                numbers = self.composition.numbers[name]
                found |= set(numbers if one.index is None else [numbers[one.index]])
        return found

    # ------------------------------------------------------------ in each configuration

    def _mixed(self) -> str:
        """Who can do something by itself, and has something to take."""
        for at, peer in enumerate(self.peers):
            can = self._view(at, self._is_active)

            def is_mixed(config: Config, at: int = at) -> bool:
                return self._is_active(at, config[at]) and bool(self._to_take(at, config))

            met = self.space.first(self._where(at, can, is_mixed))
            if met is not None:
                state = self.composition.state(self.space.config(met), at).locals[0]
                return f"`{peer.name}` in {state.names()} may take something, or go on by itself"
        return ""

    def _racing(self) -> str:
        """Who has something to take from two links."""
        for at, peer in enumerate(self.peers):
            hears = self._view(at, lambda at, number: not self._is_deaf(at, number))

            def is_racing(config: Config, at: int = at) -> bool:
                return not self._is_deaf(at, config[at]) and len(self._to_take(at, config)) > 1

            met = self.space.first(self._where(at, hears, is_racing))
            if met is not None:
                state = self.composition.state(self.space.config(met), at).locals[0]
                return f"`{peer.name}` in {state.names()} may take something from two links"
        return ""

    def _waiting(self) -> str:
        """Who waits for room and may get none."""
        for number in sorted(self.space.all()):
            config = self.space.config(number)
            for at in range(len(self.peers)):
                for move in self._moves(at, config):
                    for wire in self._full(move, config):
                        if not self._gets_room(wire, config, frozenset([at])):
                            names = self.peers[at].name, self.peers[self.wires[wire].receiver].name
                            return f"`{names[0]}` waits for `{names[1]}`, which waits, too"
        return ""

    def _gets_room(self, wire: int, config: Config, waiting: frozenset[int]) -> bool:
        """Whether what is first on a wire is taken, whatever is chosen, by who does not wait."""
        at = self.wires[wire].receiver
        if at in waiting:
            return False
        taken = self._takes(wire, config)
        return bool(taken) and all(
            move.after >= 0
            and move.takes
            and all(
                self._gets_room(other, config, waiting | {at}) for other in self._full(move, config)
            )
            for move in taken
        )

    # ------------------------------------------------------------ parts of them

    def _where(
        self, at: int, of_peer: Callable[[int], Hashable], decide: Callable[[Config], bool]
    ) -> Some:
        view: dict[int, Callable[[int], Hashable]] = {at: of_peer}
        for number, wire in enumerate(self.wires):
            if wire.receiver == at:
                view[len(self.peers) + number] = bool
        return self.space.select(view, decide)

    def _view(self, at: int, see: Callable[[int, int], Hashable]) -> Callable[[int], Hashable]:
        return lambda number: see(at, number)

    def _is_active(self, at: int, number: int) -> bool:
        return bool(self.composition.alone(at, number))

    def _is_deaf(self, at: int, number: int) -> bool:
        """Whether a peer takes nothing any more, not even to drop it."""
        state = self.composition.states_of(at)[number]
        return state.ended and not (self.peers[at].is_stream or state.gone)

    def _to_take(self, at: int, config: Config) -> list[int]:
        return [
            number
            for number, wire in enumerate(self.wires)
            if wire.receiver == at and config[len(self.peers) + number]
        ]

    def _moves(self, at: int, config: Config) -> list[Move]:
        found = [*self.composition.alone(at, config[at])]
        for wire in self._to_take(at, config):
            found += self._takes(wire, config)
        return found

    def _takes(self, wire: int, config: Config) -> list[Move]:
        """What may become of what is first on a wire."""
        state = config[self.wires[wire].receiver]
        return [
            move
            for item, _ in self.composition.offers(wire, config[len(self.peers) + wire])
            for move in self.composition.arriving(wire, item, state)
        ]

    def _full(self, move: Move, config: Config) -> list[int]:
        """The wires that have no room for what a move says."""
        if move.after < 0:
            return []
        return [
            wire
            for wire, sequence in move.puts
            if wire < len(self.wires)
            and self.composition.put(wire, config[len(self.peers) + wire], sequence) is None
        ]
