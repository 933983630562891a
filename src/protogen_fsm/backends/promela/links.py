"""Links as channels: what puts on them, takes from them, asks of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.backends.identifiers import comment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protogen_fsm.backends.identifiers import Names
    from protogen_fsm.model.automata import Automata, Step

# By whether it is kept sorted, whether one of a kind is enough, whether a full link loses.
_PUTS = {
    (False, False, True): "put_or_lose",
    (True, False, True): "put_sorted_or_lose",
    (True, True, True): "put_once_or_lose",
    (True, True, False): "put_once",
}
Puts = tuple[tuple[int, int], ...]


class Links:
    """The channels of a model, a direction of a link each."""

    def __init__(self, automata: Automata, names: Names) -> None:
        self.automata, self.wires = automata, automata.wires
        peers = automata.peers
        self.channels = [
            names.take(f"{peers[w.sender].name} to {peers[w.receiver].name}") for w in self.wires
        ]
        self.symbols = [names.take(item.text) for item in automata.items]
        self.used: set[tuple[bool, bool, bool]] = set()
        self.is_broken = self.is_flushed = False
        self.most = [self._most(number) for number in range(len(self.wires))]

    def _most(self, number: int) -> int:
        """How many one step puts on a wire at most."""
        steps = (s for peer in self.automata.peers for one in peer.locals for s in one.steps)
        counts = [sum(wire == number for wire, _ in step.puts) for step in steps]
        counts += [len(one.wires[number]) for one in self.automata.beginnings]
        return max(counts, default=0)

    def _ends(self, item: int) -> bool:
        return self.automata.items[item].ends

    def _breaker(self, wire: int) -> int:
        """The item behind which nothing is put on a wire; -1 if there is none."""
        items = self.automata.items
        return next((item for item in self.wires[wire].items if items[item].breaks), -1)

    def declared(self, symbol: str) -> list[str]:
        """The channels, each as long as it may have to be."""
        found = []
        for number, wire in enumerate(self.wires):
            ends = sum(map(self._ends, wire.items))
            most = wire.capacity
            if most is None:
                most = self.automata.unbounded + self.most[number]
            elif "lossy" not in wire.faults and not wire.is_set:
                most = max(most, self.most[number])
            faults = f", {', '.join(sorted(wire.faults))}" if wire.faults else ""
            names = [self.automata.peers[p].name for p in (wire.sender, wire.receiver)]
            said = comment(f"{names[0]} to {names[1]}{faults}")
            head = f"chan {self.channels[number]} = [{max(1, most + ends)}] of {{ {symbol} }}"
            found.append(f"{head}; /* {said} */")
        return found

    # ------------------------------------------------------------ guards

    def is_plain(self, wire: int, items: list[int]) -> bool:
        """Whether taking one of these needs no look at what it is."""
        if self.automata.items[items[0]].breaks:
            return False
        return len(items) == 1 or set(items) == set(self.wires[wire].items)

    def is_apart(self, wire: int, item: int) -> bool:
        """Whether an item may be taken from anywhere on a wire."""
        return self.wires[wire].is_bag or self.automata.items[item].breaks

    def has(self, wire: int, items: list[int]) -> str:
        """Whether one of some items can be taken next."""
        channel = self.channels[wire]
        if len(items) > 1 and not self.wires[wire].is_bag and self.is_plain(wire, items):
            return f"len({channel}) > 0"
        each = [
            f"{channel}{'??' if self.is_apart(wire, item) else '?'}[{self.symbols[item]}]"
            for item in items
        ]
        return each[0] if len(each) == 1 else f"({' || '.join(each)})"

    def room(self, puts: Puts) -> list[str]:
        """Whether all that is put has room, where a full link keeps its sender waiting."""
        found = []
        for number, items in _by_wire(puts).items():
            wire, channel = self.wires[number], self.channels[number]
            if wire.is_for_one:
                found.append(f"len({channel}) == 0")
            items = [item for item in items if not self._ends(item)]
            if wire.capacity is None or "lossy" in wire.faults or not items:
                continue
            if wire.is_set:
                each = [f"({channel}??[{self.symbols[i]}] -> 0 : 1)" for i in dict.fromkeys(items)]
                found.append(f"len({channel}) + {' + '.join(each)} <= {wire.capacity}")
                continue
            if len(items) > wire.capacity:
                found.append(f"len({channel}) == 0")
                continue
            if (breaker := self._breaker(number)) >= 0:
                broken = f"{channel}??[{self.symbols[breaker]}]"
                found.append(f"({broken} || len({channel}) + {len(items)} <= {wire.capacity})")
                continue
            if not wire.is_for_one:
                found.append(f"len({channel}) <= {wire.capacity - len(items)}")
        return found

    def changes(self, puts: Puts) -> list[str] | None:
        """Whether putting these changes anything; None if it never does, [] if always."""
        if not puts:
            return None
        ways = []
        for number, item in puts:
            wire, channel = self.wires[number], self.channels[number]
            breaker = self._breaker(number)
            is_lost = "lossy" in wire.faults and wire.capacity is not None
            if not (is_lost or wire.is_set or breaker >= 0):
                return []
            new = [f"!{channel}??[{self.symbols[item]}]"] if wire.is_set else []
            room = [f"len({channel}) < {wire.capacity}"] if is_lost else []
            whole = [f"!{channel}??[{self.symbols[breaker]}]"] if breaker >= 0 else []
            ways.append(" && ".join([*new, *room, *whole]))
        return [ways[0] if len(ways) == 1 else f"({' || '.join(f'({way})' for way in ways)})"]

    def guards(self, at: int, step: Step) -> list[str] | None:
        """When a step from a state is possible, and changes something; None if it never is."""
        has = [] if step.takes is None else [self.has(step.takes[0], [step.takes[1]])]
        if step.refused:
            return has
        room = self.room(step.puts)
        if step.target != at or (step.takes is not None and step.consumes):
            return [*has, *room]
        change = self.changes(step.puts)
        return None if change is None else [*has, *room, *change]

    def left_over(self) -> str:
        """Whether something is left where nothing should be, at the end."""
        kept = [c for c, wire in zip(self.channels, self.wires, strict=True) if not wire.drops]
        return f"({' || '.join(f'len({channel}) > 0' for channel in kept)})" if kept else ""

    def grown(self) -> str:
        """Whether a link holds more than is looked at."""
        most = self.automata.unbounded
        ways = [
            f"len({channel}) > {most}"
            for channel, wire in zip(self.channels, self.wires, strict=True)
            if wire.capacity is None
        ]
        return f"({' || '.join(ways)})" if ways else ""

    # ------------------------------------------------------------ deeds

    def take(self, wire: int, items: list[int]) -> str:
        """Taking the one of some items that is there."""
        if self.automata.items[items[0]].breaks:
            self.is_flushed = True
            return f"flush({self.channels[wire]})"
        mark = "??" if self.wires[wire].is_bag else "?"
        return f"{self.channels[wire]}{mark}{self.symbols[items[0]] if len(items) == 1 else '_'}"

    def put(self, puts: Sequence[tuple[int, int]], is_new: bool = False) -> list[str]:
        """Putting items, in order; a full link that may lose them does.

        `is_new`: it is known that putting the first changes something.
        """
        found = []
        for number, item in puts:
            wire, channel, symbol = self.wires[number], self.channels[number], self.symbols[item]
            is_lost = "lossy" in wire.faults and wire.capacity is not None
            breaker = self._breaker(number)
            sign = "!!" if wire.is_bag else "!"
            if is_new or not (is_lost or wire.is_set or breaker >= 0):
                found.append(f"{channel}{sign}{symbol}")
            elif breaker >= 0:
                self.is_broken = True
                found.append(f"put_unless_broken({channel}, {symbol}, {self.symbols[breaker]})")
            else:
                name = _PUTS[wire.is_bag, wire.is_set, is_lost]
                most = f", {wire.capacity}" if is_lost else ""
                found.append(f"{name}({channel}, {symbol}{most})")
                self.used.add((wire.is_bag, wire.is_set, is_lost))
        return found

    def macros(self) -> list[str]:
        """The ways of putting that are used and are no plain ones."""
        found = []
        for bag, once, lost in sorted(self.used):
            asked = [*(["!c??[item]"] if once else []), *(["len(c) < most"] if lost else [])]
            name, sign = _PUTS[bag, once, lost], "!!" if bag else "!"
            head = f"{name}(c, item{', most' if lost else ''})"
            found.append(
                f"inline {head} {{ if :: {' && '.join(asked)} -> c{sign}item :: else fi }}"
            )
        if self.is_broken:
            said = "if :: c??[broken] -> skip :: else -> c!item fi"
            found.append(f"inline put_unless_broken(c, item, broken) {{ {said} }}")
        if self.is_flushed:
            found.append("inline flush(c) { do :: c?_ :: empty(c) -> break od; skip }")
        return found

    def lost(self) -> list[str]:
        """What the network may lose: whatever could be taken next."""
        found = []
        for number, wire in enumerate(self.wires):
            if "lossy" in wire.faults:
                if wire.is_bag:
                    found += [f":: {self.take(number, [item])}" for item in wire.items]
                else:
                    found.append(f":: {self.channels[number]}?_")
        return found


def _by_wire(puts: Puts) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for wire, item in puts:
        found.setdefault(wire, []).append(item)
    return found
