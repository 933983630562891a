"""A system: peers, what is on the links between them, and all that can happen next.

A configuration is a tuple of numbers: one for each peer, one for what is on each link in each
direction. What happens to one peer is worked out once for each thing that it may be in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from protogen_fsm.verify.environment import Environment
from protogen_fsm.verify.local import Unfollowed
from protogen_fsm.verify.peer import Carried, Outcome, Peer, State, cuts_only
from protogen_fsm.verify.relevance import Relevance
from protogen_fsm.verify.values import Printed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.model.machine import Machine
    from protogen_fsm.model.spec import Link, System
    from protogen_fsm.model.spec import Peer as Declared
    from protogen_fsm.verify.relevance import Item

Config: TypeAlias = tuple[int, ...]
Word: TypeAlias = tuple[Carried, ...]

UNBOUNDED = 16
"""A link whose capacity is not said is followed up to that many messages."""


@dataclass(frozen=True, slots=True)
class Wire:
    """One direction of a link."""

    sender: int
    receiver: int
    capacity: int | None
    faults: frozenset[str]
    link: Link

    @property
    def is_bag(self) -> bool:
        """Whether the order is the network's."""
        return "reordering" in self.faults

    @property
    def is_set(self) -> bool:
        """Whether a second message that is the same makes no difference."""
        return self.is_bag and "duplicating" in self.faults


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that happens: to `peer`, what came over `wire` (-1 for nothing), or the network's.

    `kind`: `self`, `call`, `world`, `take`, `copy` (taken, and still on its way), `lose`.
    """

    kind: str
    peer: int
    outcome: Outcome | None
    wire: int = -1
    item: Carried | None = None
    lost: tuple[int, ...] = ()  # wires that were full, and lost what was put on them
    onto: int = -1  # the one wire that an environment speaks on

    @property
    def is_pure(self) -> bool:
        """Whether it hangs on no value that is not followed."""
        return self.outcome is None or self.outcome.is_pure


class Composition:
    """What the peers of a system can do together."""

    def __init__(self, system: System, dropped: set[Item]) -> None:
        self.system = system
        machines = [m for peer in system.peers.values() for m in _followed(peer)]
        talking = [peer.machine for peer in system.peers.values() if peer.environment]
        asked = [e for p in system.properties for e in (p.left, p.right) if e is not None]
        self.relevance = Relevance(machines, asked, talking)
        self.peers: list[Peer] = []
        self.numbers: dict[str, list[int]] = {}
        for declared in system.peers.values():
            kind = Environment if declared.environment else Peer
            for index in range(declared.count):
                which = None if declared.count == 1 else index
                self.numbers.setdefault(declared.name, []).append(len(self.peers))
                self.peers.append(kind(declared, which, self.relevance, dropped))
        self.wires = list(self._wires())
        self._meet()
        self._states: list[State] = []
        self._state_numbers: dict[State, int] = {}
        self._words: list[Word] = [()]
        self._word_numbers: dict[Word, int] = {(): 0}
        self._alone: dict[tuple[int, int], list[Outcome]] = {}
        self._taken: dict[tuple[int, int, Carried], list[Outcome]] = {}
        self._put: dict[tuple[int, int, Carried], int | None] = {}
        self.from_peer = [
            [w for w, wire in enumerate(self.wires) if wire.sender == p]
            for p in range(len(self.peers))
        ]

    # ------------------------------------------------------------ what there is

    def _wires(self) -> Iterator[Wire]:
        for link in self.system.links:
            for left in self.numbers[link.left.name]:
                for right in self.numbers[link.right.name]:
                    if left < right or link.left is not link.right:
                        yield Wire(left, right, link.capacity, link.faults, link)
                        yield Wire(right, left, link.capacity, link.faults, link)

    def _meet(self) -> None:
        """Who hears what from whom."""
        if not self.wires:
            raise Unfollowed("no link joins its peers")
        for wire in self.wires:
            sender, receiver = self.peers[wire.sender], self.peers[wire.receiver]
            if sender.over != receiver.over or sender.cut != receiver.cut:
                raise Unfollowed(
                    f"`{sender.name}` and `{receiver.name}` do not stand on the same layers"
                )
            if sender.is_stream and wire.faults:
                raise Unfollowed("a stream that loses or mixes what it carries is not followed yet")
            receiver.heard |= set(sender.bottom.machine.sends)
        for at, peer in enumerate(self.peers):
            others = [w.receiver for w in self.wires if w.sender == at]
            if peer.is_stream and len(others) > 1:
                raise Unfollowed(f"`{peer.name}` has more than one stream")
            peer.bounds = _numbers([m for p in self.peers for m in _stack(p.declared.machine)])

    # ------------------------------------------------------------ configurations

    def state(self, config: Config, peer: int) -> State:
        """What a peer is in."""
        return self._states[config[peer]]

    def states(self) -> list[State]:
        """All that any peer was found in."""
        return self._states

    def word(self, config: Config, wire: int) -> Word:
        """What is on a link, the oldest first."""
        return self._words[config[len(self.peers) + wire]]

    def _state_number(self, state: State) -> int:
        number = self._state_numbers.get(state)
        if number is None:
            number = self._state_numbers[state] = len(self._states)
            self._states.append(state)
        return number

    def _word_number(self, word: Word) -> int:
        number = self._word_numbers.get(word)
        if number is None:
            number = self._word_numbers[word] = len(self._words)
            self._words.append(word)
        return number

    def begin(self) -> list[tuple[Deed, Config]]:
        """Each peer as it is made, in all ways."""
        found: list[tuple[Deed, Config]] = []
        nothing = (0,) * len(self.wires)
        todo: list[tuple[list[Outcome], Config]] = [([], nothing)]
        for at, peer in enumerate(self.peers):
            more = []
            for made, words in todo:
                for outcome in peer.begin():
                    for _, after in self._after((0,) * len(self.peers) + words, at, outcome, ()):
                        more.append(([*made, outcome], after[len(self.peers) :]))
            todo = more
        for made, words in todo:
            states = tuple(self._state_number(one.state) for one in made)
            found.append((Deed("begin", 0, made[0]), states + words))
        return found

    def following(self, config: Config) -> list[tuple[Deed, Config | None]]:
        """All that can happen in a configuration; None where something cannot be taken.

        A link that is full keeps who would put more on it from doing so, unless it may lose.
        """
        found: list[tuple[Deed, Config | None]] = []
        for at in range(len(self.peers)):
            key = (at, config[at])
            outcomes = self._alone.get(key)
            if outcomes is None:
                outcomes = self._alone[key] = self.peers[at].spontaneous(self._states[config[at]])
            if self.says_anything(at):
                self._anything(found, config, at, outcomes)
                continue
            for outcome in outcomes:
                kind = outcome.kind if outcome.kind in ("call", "world") else "self"
                self._add(found, config, at, outcome, kind)
        for number, wire in enumerate(self.wires):
            word = self.word(config, number)
            if word:
                self._arrivals(found, config, number, wire, word)
        return found

    def _anything(
        self,
        found: list[tuple[Deed, Config | None]],
        config: Config,
        at: int,
        outcomes: list[Outcome],
    ) -> None:
        """What an environment says, to one peer at a time, once what it said before was taken.

        It may say it again, and anything else: what waits behind it makes no difference.
        """
        for wire in self.from_peer[at]:
            if config[len(self.peers) + wire]:
                continue
            for outcome in outcomes:
                for _, after in self._after(config, at, outcome, (), [wire]):
                    found.append((Deed("world", at, outcome, onto=wire), after))

    def _arrivals(
        self,
        found: list[tuple[Deed, Config | None]],
        config: Config,
        number: int,
        wire: Wire,
        word: Word,
    ) -> None:
        place = len(self.peers) + number
        for at in range(len(word) if wire.is_bag else 1):
            item = word[at]
            if at and item == word[at - 1]:
                continue
            rest = self._word_number(word[:at] + word[at + 1 :])
            without = (*config[:place], rest, *config[place + 1 :])
            if "lossy" in wire.faults:
                found.append((Deed("lose", wire.receiver, None, number, item), without))
            if self.is_over(config, wire.receiver) and not self.peers[wire.receiver].is_stream:
                continue
            key = (wire.receiver, config[wire.receiver], item)
            outcomes = self._taken.get(key)
            if outcomes is None:
                state = self._states[config[wire.receiver]]
                outcomes = self._taken[key] = self.peers[wire.receiver].receive(state, item)
            for outcome in outcomes:
                before = without if outcome.consumed else config
                self._add(found, before, wire.receiver, outcome, "take", number, item)
                if "duplicating" in wire.faults:
                    self._add(found, config, wire.receiver, outcome, "copy", number, item)
            if "corrupting" in wire.faults:
                for outcome in self.peers[wire.receiver].junk(self._states[config[wire.receiver]]):
                    self._add(found, without, wire.receiver, outcome, "take", number, item)

    def _add(
        self,
        found: list[tuple[Deed, Config | None]],
        config: Config,
        at: int,
        outcome: Outcome,
        kind: str,
        wire: int = -1,
        item: Carried | None = None,
    ) -> None:
        if outcome.refused:
            found.append((Deed(kind, at, outcome, wire, item), None))
            return
        for lost, after in self._after(config, at, outcome, ()):
            found.append((Deed(kind, at, outcome, wire, item, lost), after))

    def _after(
        self,
        config: Config,
        at: int,
        outcome: Outcome,
        lost: tuple[int, ...],
        onto: list[int] | None = None,
    ) -> list[tuple[tuple[int, ...], Config]]:
        """The configuration after a step of a peer; none if a link has no room."""
        after = list(config)
        after[at] = self._state_number(outcome.state)
        base = len(self.peers)
        for item in outcome.said:
            for wire in self.from_peer[at] if onto is None else onto:
                if item.kind == "event":
                    if item.name not in self.peers[self.wires[wire].receiver].bottom.machine.events:
                        continue
                    if not self.hears(self.wires[wire].receiver, item.name):
                        continue
                put = self._put_on(wire, after[base + wire], item)
                if put is None:
                    if "lossy" not in self.wires[wire].faults:
                        return []
                    lost = (*lost, wire)
                else:
                    after[base + wire] = put
        return [(lost, tuple(after))]

    def hears(self, peer: int, name: str) -> bool:
        """Whether an event of that name comes to a peer over a link."""
        return any(event.name == name for event in self.peers[peer].bottom.machine.receives)

    def _put_on(self, wire: int, word: int, item: Carried) -> int | None:
        key = (wire, word, item)
        if key not in self._put:
            self._put[key] = self._append(self.wires[wire], self._words[word], item)
        return self._put[key]

    def _append(self, wire: Wire, word: Word, item: Carried) -> int | None:
        if self.says_anything(wire.receiver) or (wire.is_set and item in word):
            return self._word_number(word)
        if wire.capacity is not None and len(word) >= wire.capacity and item.kind != "end":
            return None
        longer = (*word, item)
        if wire.is_bag:
            longer = tuple(sorted(longer, key=_order))
        return self._word_number(longer)

    # ------------------------------------------------------------ what is asked of them

    def says_anything(self, peer: int) -> bool:
        """Whether a peer is an environment: it hears nothing, and is never waited for."""
        return isinstance(self.peers[peer], Environment)

    def is_over(self, config: Config, peer: int) -> bool:
        """Whether a peer has come to its end."""
        return self.says_anything(peer) or self._states[config[peer]].ended

    def all_over(self, config: Config) -> bool:
        """Whether all have."""
        return all(self.is_over(config, p) for p in range(len(self.peers)))

    def can_end(self) -> bool:
        """Whether each peer has an end to come to."""
        return all(map(self.ends, range(len(self.peers))))

    def ends(self, peer: int) -> bool:
        """Whether a peer has an end to come to."""
        states = self.peers[peer].top.machine.every_state()
        return self.says_anything(peer) or any(state.final for state in states)


def _followed(peer: Declared) -> list[Machine]:
    """The machines of a peer; of one that says anything only what it stands on."""
    return _stack(peer.machine)[1:] if peer.environment else _stack(peer.machine)


def _stack(machine: Machine | None) -> list[Machine]:
    """A machine and all that it stands on, but for what only cuts a stream into frames."""
    found: list[Machine] = []
    while machine is not None and not (found and cuts_only(machine)):
        found.append(machine)
        machine = None if machine.below is None else machine.below.machine
    return found


def _order(item: Carried) -> tuple[str, str, str]:
    """One order for what is on a link, in which nothing else lies."""
    value = item.value.args if isinstance(item.value, Printed) else item.value
    return item.kind, item.name, repr((value, item.plus))


def _numbers(machines: list[Machine]) -> list[tuple[int, int]]:
    """The numbers and classes of numbers that events are told apart by."""
    found: dict[tuple[int, int], None] = {}
    for machine in machines:
        for state in machine.every_state():
            matches = [row.match for row in state.transitions]
            for match in (*matches, *state.ignored, *state.deferred):
                low, high = match.value.replace("x", "0"), match.value.replace("x", "9")
                if low.isdigit():
                    found[int(low), int(high)] = None
    return list(found)
