"""A system: peers, what is on the links between them, and all that can happen next.

A configuration is a tuple of numbers: one for each peer, one for what is on each link in each
direction, one for what each pattern has seen. What happens to one peer is worked out once for each
thing that it may be in, and what becomes of a link once for each thing that it may hold: a search
only adds the numbers up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from protogen_fsm.verify.environment import Environment
from protogen_fsm.verify.hosts import Host
from protogen_fsm.verify.local import Unfollowed
from protogen_fsm.verify.monitors import Monitors, named_items
from protogen_fsm.verify.peer import BROKEN, OCTETS, Carried, Outcome, Peer, State, cuts_only
from protogen_fsm.verify.relevance import Relevance
from protogen_fsm.verify.values import Printed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.model.machine import Machine
    from protogen_fsm.model.spec import Link, System
    from protogen_fsm.model.spec import Peer as Declared
    from protogen_fsm.verify.monitors import Letters
    from protogen_fsm.verify.relevance import Item
    from protogen_fsm.verify.symmetry import Symmetry

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


class Deed(NamedTuple):
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
    def is_fate(self) -> bool:
        """Whether something crashes, leaves or breaks: nobody may count on it, nor for ever."""
        return self.outcome is not None and self.outcome.kind == "fate"

    @property
    def is_pure(self) -> bool:
        """Whether it hangs on no value that is not followed."""
        return self.outcome is None or self.outcome.is_pure


@dataclass(slots=True, eq=False)
class Move:
    """A deed, wherever it is possible: what it makes of its peer and of what is on the links.

    `after`: the number of what the peer is in then, -1 where it cannot be taken. `takes`: whether
    what came over the deed's wire is gone from it. `puts`: the wires that something is put on, each
    with the number of what is put there, one behind the other.
    """

    deed: Deed
    after: int
    takes: bool = False
    puts: tuple[tuple[int, int], ...] = ()


class Composition:
    """What the peers of a system can do together.

    The numbers of peers' states, of words on wires, of items and of sequences of them are dense and
    grow as the search goes on: `alone`, `arriving`, `offers` and `put` are the tables of it.
    `first`: for each peer the states that it begins in. `symmetry`: which peers are exchanged for
    each other, if that is asked for; they have their numbers in common.
    """

    first: list[set[int]]

    def __init__(self, system: System, dropped: set[Item], exchange: bool = False) -> None:
        self.system = system
        machines = [m for peer in system.peers.values() for m in _followed(peer)]
        talking = [peer.machine for peer in system.peers.values() if peer.environment]
        asked = [e for p in system.properties for e in (p.left, p.right) if e is not None]
        self.relevance = Relevance(machines, asked, talking, named_items(system))
        self.relevance.ordered = bool(system.patterns)
        self.peers: list[Peer] = []
        self.numbers: dict[str, list[int]] = {}
        for declared in system.peers.values():
            if declared.environment and any(machine.many for machine in _followed(declared)):
                raise Unfollowed(f"`{declared.name}` stands on a layer that holds instances")
            kind = Environment if declared.environment else Host if _holds(declared) else Peer
            for index in range(declared.count):
                which = None if declared.count == 1 else index
                self.numbers.setdefault(declared.name, []).append(len(self.peers))
                self.peers.append(kind(declared, which, self.relevance, dropped))
        self.wires = list(self._wires())
        self._meet()
        self._monitors = Monitors(system, self.numbers)
        self.monitors = self._monitors.all
        self.symmetry: Symmetry | None = None
        if exchange:
            from protogen_fsm.verify.symmetry import symmetry

            self.symmetry = symmetry(self)
        self._states: list[list[State]] = [[] for _ in self.peers]
        self._state_numbers: list[dict[State, int]] = [{} for _ in self.peers]
        self._words: list[list[Word]] = [[()] for _ in self.wires]
        self._word_numbers: list[dict[Word, int]] = [{(): 0} for _ in self.wires]
        self.alike = [[place] for place in range(self.size)]
        if self.symmetry is not None:
            self.alike = self.symmetry.alike(self.size)
            self._share()
        self._sequences: list[Word] = []
        self._sequence_numbers: dict[Word, int] = {}
        self._letters: list[Letters] = []
        self._letter_numbers: dict[Letters, int] = {}
        self._items: list[Carried] = []
        self._item_numbers: dict[Carried, int] = {}
        self._alone: dict[tuple[int, int], tuple[Move, ...]] = {}
        self._arriving: dict[tuple[int, int, int], tuple[Move, ...]] = {}
        self._offers: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {}
        self._put: dict[tuple[int, int, int], tuple[int, int] | None] = {}
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
                        if not link.one_way:
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
            if sender.is_stream and wire.link.one_way:
                raise Unfollowed("a stream goes both ways")
            if "breaking" in wire.faults and not sender.is_stream:
                raise Unfollowed("only what carries a stream can break")
            if sender.is_stream and wire.faults - {"breaking"}:
                raise Unfollowed("a stream that loses or mixes what it carries is not followed yet")
            receiver.heard |= set(sender.bottom.machine.sends)
            receiver.faces_anyone |= sender.declared.environment
        for at, peer in enumerate(self.peers):
            others = [w.receiver for w in self.wires if w.sender == at]
            if peer.is_stream and "restarting" in peer.declared.fates:
                raise Unfollowed(f"`{peer.name}` would begin again on another stream")
            if peer.is_stream and len(others) > 1:
                raise Unfollowed(f"`{peer.name}` has more than one stream")
            peer.bounds = _numbers(
                _with_instances([m for p in self.peers for m in _stack(p.declared.machine)])
            )

    def _share(self) -> None:
        """What peers that may be exchanged are in has the same numbers, and what is on links."""
        peers = len(self.peers)
        for place, (first, *_) in enumerate(self.alike[: peers + len(self.wires)]):
            if place < peers:
                self.peers[place].is_as(self.peers[first])
                self._states[place] = self._states[first]
                self._state_numbers[place] = self._state_numbers[first]
            else:
                self._words[place - peers] = self._words[first - peers]
                self._word_numbers[place - peers] = self._word_numbers[first - peers]

    @property
    def has_fates(self) -> bool:
        """Whether something may crash, leave or break."""
        return any(peer.declared.fates for peer in self.peers) or any(
            "breaking" in wire.faults for wire in self.wires
        )

    # ------------------------------------------------------------ configurations

    def state(self, config: Config, peer: int) -> State:
        """What a peer is in."""
        return self._states[peer][config[peer]]

    def states_of(self, peer: int) -> list[State]:
        """What a peer was found in, by number."""
        return self._states[peer]

    def states(self) -> list[State]:
        """All that any peer was found in."""
        return [state for some in self._states for state in some]

    def word(self, config: Config, wire: int) -> Word:
        """What is on a link, the oldest first."""
        return self._words[wire][config[len(self.peers) + wire]]

    def words_of(self, wire: int) -> list[Word]:
        """What was found on a link, by number; 0 is nothing."""
        return self._words[wire]

    def sequence(self, number: int) -> Word:
        """What a move puts on a link at once, the first first."""
        return self._sequences[number]

    def item_number(self, item: Carried) -> int:
        """The number that an item comes by."""
        return _number(self._item_numbers, self._items, item)

    def _state_number(self, peer: int, state: State) -> int:
        return _number(self._state_numbers[peer], self._states[peer], state)

    def _word_number(self, wire: int, word: Word) -> int:
        return _number(self._word_numbers[wire], self._words[wire], word)

    def begin(self) -> list[tuple[Deed, Config]]:
        """Each peer as it is made, in all ways."""
        made: list[tuple[Deed, Config]] = [(Deed("begin", 0, None), (0,) * self.size)]
        for at, peer in enumerate(self.peers):
            moves = [m for one in peer.begin() for m in self._moves("begin", at, one, None)]
            if any(move.after < 0 for move in moves):
                raise Unfollowed(f"`{peer.name}` fails as it begins")
            more = []
            for deed, config in made:
                for move in moves:
                    step = self.apply(config, move)
                    if step is not None:
                        kept = deed if deed.outcome is not None and not deed.is_pure else move.deed
                        more.append((kept, step[1]))
            made = more
        self.first = [{config[at] for _, config in made} for at in range(len(self.peers))]
        return made

    @property
    def size(self) -> int:
        """How many numbers a configuration has: for peers, for wires, for monitors."""
        return len(self.peers) + len(self.wires) + len(self.monitors)

    def count(self, place: int) -> int:
        """How many numbers a place of a configuration has been met with."""
        if place < len(self.peers):
            return len(self._states[place])
        wire = place - len(self.peers)
        if wire < len(self.wires):
            return len(self._words[wire])
        return self.monitors[wire - len(self.wires)].states

    # ------------------------------------------------------------ what can happen

    def following(self, config: Config) -> list[tuple[Deed, Config | None]]:
        """All that can happen in a configuration; None where something cannot be taken.

        A link that is full keeps who would put more on it from doing so, unless it may lose.
        """
        found: list[tuple[Deed, Config | None]] = []
        for move, _, after in self.steps(config):
            found.append((move.deed, None) if after is None else (move.deed, after))
        return found

    def steps(self, config: Config) -> Iterator[tuple[Move, Deed, Config | None]]:
        """All that can happen, as moves and as deeds that say what was lost by them."""
        for move, rest in self._possible(config):
            if move.after < 0:
                yield move, move.deed, None
                continue
            step = self.apply(config, move, rest)
            if step is not None:
                lost, after = step
                yield move, move.deed._replace(lost=lost) if lost else move.deed, after

    def _possible(self, config: Config) -> Iterator[tuple[Move, int]]:
        """The moves, each with what is left on its wire once its item is taken."""
        peers = len(self.peers)
        for at in range(peers):
            for move in self.alone(at, config[at]):
                yield move, 0
        for number, wire in enumerate(self.wires):
            for item, rest in self.offers(number, config[peers + number]):
                for move in self.arriving(number, item, config[wire.receiver]):
                    yield move, rest

    def apply(
        self, config: Config, move: Move, rest: int = 0
    ) -> tuple[tuple[int, ...], Config] | None:
        """The wires that lost what they had no room for, and what follows; None if it must wait."""
        after = list(config)
        after[move.deed.peer] = move.after
        base = len(self.peers)
        if move.takes:
            after[base + move.deed.wire] = rest
        lost: tuple[int, ...] = ()
        for wire, sequence in move.puts:
            put = self.put(wire, after[base + wire], sequence)
            if put is None:
                return None
            after[base + wire] = put[0]
            lost += (wire,) * put[1]
        return lost, tuple(after)

    def alone(self, peer: int, state: int) -> tuple[Move, ...]:
        """What a peer does by itself, or is asked or told from outside."""
        key = (peer, state)
        moves = self._alone.get(key)
        if moves is None:
            outcomes = self.peers[peer].spontaneous(self._states[peer][state])
            if self.says_anything(peer):
                moves = tuple(self._anything(peer, outcomes))
            else:
                before = self._states[peer][state]
                moves = tuple(
                    move
                    for outcome in outcomes
                    for move in self._moves(_kind(outcome), peer, outcome, before)
                )
            moves += tuple(self._breaks(peer, state))
            self._alone[key] = moves
        return moves

    def _breaks(self, peer: int, of_state: int) -> Iterator[Move]:
        """A connection breaks by itself, as long as it is one: in both directions at once."""
        state = self._states[peer][of_state]
        for wire in self.from_peer[peer]:
            may_break = "breaking" in self.wires[wire].faults and wire % 2 == 0  # and the way back
            if may_break and not (state.closed or state.gone):
                cause = Outcome("the connection breaks", state, kind="fate")
                end = _number(self._sequence_numbers, self._sequences, (BROKEN,))
                yield Move(Deed("self", peer, cause), of_state, puts=((wire, end), (wire + 1, end)))

    def _anything(self, peer: int, outcomes: list[Outcome]) -> Iterator[Move]:
        """What an environment says, to one peer at a time, once what it said before was taken.

        It may say it again, and anything else: what waits behind it makes no difference.
        """
        for wire in self.from_peer[peer]:
            for outcome in outcomes:
                said = tuple(item for item in outcome.said if self._goes(wire, item))
                number = _number(self._sequence_numbers, self._sequences, said)
                puts = ((wire, number),) if said else ()  # who says nothing waits for nothing
                for one, letters in self._monitors.watch(peer, outcome, outcome.state):
                    yield Move(
                        Deed("world", peer, one, onto=wire),
                        self._state_number(peer, one.state),
                        puts=(*puts, *self._watched(letters)),
                    )

    def offers(self, wire: int, word: int) -> tuple[tuple[int, int], ...]:
        """The items that may come next over a link, each with what is left behind it."""
        key = (wire, word)
        found = self._offers.get(key)
        if found is None:
            items = self._words[wire][word]
            ways = len(items) if self.wires[wire].is_bag else min(1, len(items))
            found = tuple(
                (
                    _number(self._item_numbers, self._items, items[at]),
                    self._word_number(wire, items[:at] + items[at + 1 :]),
                )
                for at in range(ways)
                if not (at and items[at] == items[at - 1])
            )
            if len(items) > 1 and items[-1] == BROKEN:
                found += ((_number(self._item_numbers, self._items, BROKEN), 0),)
            self._offers[key] = found
        return found

    def arriving(self, wire: int, item: int, state: int) -> tuple[Move, ...]:
        """What may become of an item that comes to the receiver in a state."""
        key = (wire, item, state)
        moves = self._arriving.get(key)
        if moves is None:
            moves = self._arriving[key] = tuple(self._arrivals(wire, item, state))
        return moves

    def _arrivals(self, number: int, of_item: int, of_state: int) -> Iterator[Move]:
        wire, item = self.wires[number], self._items[of_item]
        at, peer = wire.receiver, self.peers[wire.receiver]
        state = self._states[at][of_state]
        if "lossy" in wire.faults:
            yield Move(Deed("lose", at, None, number, item), of_state, takes=True)
        if state.ended and not (peer.is_stream or state.gone):
            return
        for outcome in peer.receive(state, item):
            yield from self._moves("take", at, outcome, state, number, item)
            if "duplicating" in wire.faults and not outcome.refused:
                yield from self._moves("copy", at, outcome, state, number, item)
        if "corrupting" in wire.faults:
            for outcome in peer.junk(state):
                yield from self._moves("take", at, outcome, state, number, item)

    def _moves(
        self,
        kind: str,
        at: int,
        outcome: Outcome,
        before: State | None,
        wire: int = -1,
        item: Carried | None = None,
    ) -> Iterator[Move]:
        """The move of an outcome; several where a pattern asks for what is not known of it."""
        if outcome.refused:
            yield Move(Deed(kind, at, outcome, wire, item), -1)
            return
        for one, letters in self._monitors.watch(at, outcome, before):
            yield self._move(Deed(kind, at, one, wire, item), one, letters)

    def _watched(self, letters: tuple[Letters, ...]) -> Iterator[tuple[int, int]]:
        """What happens to the monitors, as if it were put on wires behind the last."""
        for at, some in enumerate(letters, len(self.wires)):
            if some:
                yield at, _number(self._letter_numbers, self._letters, some)

    def _move(self, deed: Deed, outcome: Outcome, letters: tuple[Letters, ...]) -> Move:
        at = deed.peer
        puts: dict[int, list[Carried]] = {}
        for said in outcome.said:
            for onto in self.from_peer[at]:
                if self._goes(onto, said):
                    puts.setdefault(onto, []).append(said)
        return Move(
            deed,
            self._state_number(at, outcome.state),
            deed.kind == "take" and outcome.consumed,
            (
                *(
                    (onto, _number(self._sequence_numbers, self._sequences, tuple(some)))
                    for onto, some in puts.items()
                ),
                *self._watched(letters),
            ),
        )

    def _goes(self, wire: int, item: Carried) -> bool:
        """Whether what a peer says goes onto one of its wires."""
        receiver = self.wires[wire].receiver
        return item.kind != "event" or (
            item.name in self.peers[receiver].bottom.machine.events
            and self.hears(receiver, item.name)
        )

    def put(self, wire: int, word: int, sequence: int) -> tuple[int, int] | None:
        """What a link holds once more is put on it, and how much of that is lost; None: no room."""
        if wire >= len(self.wires):
            monitor = self.monitors[wire - len(self.wires)]
            return monitor.step(word, self._letters[sequence]), 0
        key = (wire, word, sequence)
        if key not in self._put:
            self._put[key] = self._append(wire, word, self._sequences[sequence])
        return self._put[key]

    def _append(self, number: int, of_word: int, items: Word) -> tuple[int, int] | None:
        wire, word, lost = self.wires[number], self._words[number][of_word], 0
        if self.says_anything(wire.receiver):
            return of_word, 0
        if word and self.says_anything(wire.sender):
            return None
        said = sum(item.kind not in ("end", "lost") for item in items)
        is_whole = not (word or wire.is_set or "lossy" in wire.faults) and said > (
            wire.capacity or 0
        )  # what one step says goes on the link in one, if not otherwise then once it is empty
        for item in items:
            if (wire.is_set and item in word) or (word and word[-1] == BROKEN):
                continue
            if item == OCTETS and word and word[-1] == OCTETS:
                continue
            is_end = item.kind in ("end", "lost") or is_whole
            if wire.capacity is not None and len(word) >= wire.capacity and not is_end:
                if "lossy" not in wire.faults:
                    return None
                lost += 1
                continue
            word = (*word, item)
            if wire.is_bag:
                word = tuple(sorted(word, key=_order))
        return self._word_number(number, word), lost

    @property
    def was_full(self) -> bool:
        """Whether somebody had to wait for room, or lost for want of it, in what was looked at."""
        return any(
            put is None or put[1] > 0
            for (wire, word, _), put in self._put.items()
            if not (word and self.says_anything(self.wires[wire].sender))  # that waits by itself
        )

    def longest(self) -> int:
        """How much was at most on a link."""
        return max(len(word) for words in self._words for word in words)

    def hears(self, peer: int, name: str) -> bool:
        """Whether an event of that name comes to a peer over a link."""
        return any(event.name == name for event in self.peers[peer].bottom.machine.receives)

    # ------------------------------------------------------------ what is asked of them

    def says_anything(self, peer: int) -> bool:
        """Whether a peer is an environment: it hears nothing, and is never waited for."""
        return isinstance(self.peers[peer], Environment)

    def is_too_long(self, wire: int, word: int) -> bool:
        """Whether a link whose capacity is not said holds more than is followed."""
        if wire >= len(self.wires) or self.wires[wire].capacity is not None:
            return False
        return len(self._words[wire][word]) > UNBOUNDED

    def is_over(self, config: Config, peer: int) -> bool:
        """Whether a peer has come to its end."""
        return self.says_anything(peer) or self.state(config, peer).ended

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
    stack = _stack(peer.machine)
    return _with_instances(stack[1:] if peer.environment else stack)


def _with_instances(machines: list[Machine]) -> list[Machine]:
    return [each for one in machines for each in (one, *(m.machine for m in one.many.values()))]


def _holds(peer: Declared) -> bool:
    """Whether some machine of a peer holds instances."""
    return any(machine.many for machine in _stack(peer.machine))


def _kind(outcome: Outcome) -> str:
    return outcome.kind if outcome.kind in ("call", "world") else "self"


def _number(numbers: dict[Any, int], things: list[Any], thing: Any) -> int:
    """The number of a thing; a new one if it has none."""
    number = numbers.get(thing)
    if number is None:
        number = numbers[thing] = len(things)
        things.append(thing)
    return number


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
