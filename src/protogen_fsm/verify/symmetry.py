"""Peers that may be exchanged for each other: configurations that differ only so count as one.

Ip and Dill: Better verification through symmetry, 1996; the canonical one of such configurations
is the least, which for peers that know nothing of each other is the sorted one. Two peers may be
exchanged if they are of the same kind and linked alike, and if nothing that is asked of the system
tells them apart; so may two parts of a system that have no link between them.

What is preserved: whatever is asked of a system, but for what only fairness to each peer decides
(`leads to`, `every`): with one of these nothing is exchanged.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from itertools import permutations
from math import factorial
from typing import TYPE_CHECKING, Any, Final

from protogen_fsm.model import expressions as ex
from protogen_fsm.model.spec import Property

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from protogen_fsm.model.spec import Happening, Pattern
    from protogen_fsm.source import Span
    from protogen_fsm.verify.system import Composition, Config

MOST_ORDERS: Final = 120
"""Peers that are linked with each other are tried in all orders, if there are no more of these."""


@dataclass(frozen=True, slots=True)
class Group:
    """Blocks of places that may change places with each other, and how.

    `blocks`: the places of each peer (or part), aligned. `orders`: where the blocks are linked with
    each other, all ways to exchange them: for each place the one that its number comes from.
    """

    blocks: tuple[tuple[int, ...], ...]
    orders: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Why some peers are not exchanged, and where the spec says so."""

    words: str
    span: Span


@dataclass(slots=True)
class Symmetry:
    """What may be exchanged in a system; the inner groups come first.

    `names`: the peers of each group, as they are told of. `notes`: what is not exchanged, and why.
    """

    groups: list[Group]
    names: list[str]
    notes: list[Note]

    def canonical(self, config: Config) -> Config:
        """The configuration that stands for all that differ from this one by an exchange."""
        return tuple(config[place] for place in self.folding(config))

    def folding(self, config: Config) -> tuple[int, ...]:
        """For each place of the canonical configuration the one that its number comes from."""
        origin = list(range(len(config)))
        for group in self.groups:
            if group.orders:
                best = min(group.orders, key=lambda way: [config[origin[place]] for place in way])
                origin = [origin[place] for place in best]
                continue
            old = list(origin)
            order = sorted(group.blocks, key=lambda block: [config[old[place]] for place in block])
            for to, block in zip(group.blocks, order, strict=True):
                for place, source in zip(to, block, strict=True):
                    origin[place] = old[source]
        return tuple(origin)

    def alike(self, size: int) -> list[list[int]]:
        """For each place those that it may be exchanged with, itself among them."""
        found = [[place] for place in range(size)]
        for group in self.groups:
            columns: Iterable[Sequence[int]] = zip(*group.blocks, strict=True)
            if group.orders:
                columns = zip(*group.orders, strict=True)
            for column in columns:
                merged = sorted({one for place in column for one in found[place]})
                for place in merged:
                    found[place] = merged
        return found


def symmetry(composition: Composition) -> Symmetry:
    """What may be exchanged in a system."""
    return _Finder(composition).found()


def packed(found: Symmetry, bits: int, size: int) -> Callable[[int], int]:
    """`Symmetry.canonical` of configurations that are one number, with so many bits a place."""
    field = (1 << bits) - 1
    if any(group.orders for group in found.groups):

        def fold(config: int) -> int:
            whole = tuple(config >> bits * place & field for place in range(size))
            return sum(one << bits * at for at, one in enumerate(found.canonical(whole)))

        return fold
    groups = [[[bits * at for at in block] for block in group.blocks] for group in found.groups]

    def sort(config: int) -> int:
        for blocks in groups:
            keys = []
            for block in blocks:
                key = 0
                for shift in block:
                    key = key << bits | config >> shift & field
                keys.append(key)
            for block, old, new in zip(blocks, keys, sorted(keys), strict=True):
                if old != new:
                    for shift in reversed(block):
                        config += ((new & field) - (old & field)) << shift
                        old, new = old >> bits, new >> bits
        return config

    return sort


class _Finder:
    """The search for what may be exchanged."""

    def __init__(self, composition: Composition) -> None:
        self.composition = composition
        self.system = composition.system
        self.count = len(composition.peers)
        self.between: dict[tuple[int, int], list[int]] = {}
        for number, wire in enumerate(composition.wires):
            self.between.setdefault((wire.sender, wire.receiver), []).append(number)
        self.asked: list[Property | Pattern] = [*self.system.properties, *self.system.patterns]
        self.notes: list[Note] = []

    def found(self) -> Symmetry:
        """All groups, those within parts before those of whole parts."""
        twins = [some for some in self._twins() if len(some) > 1]
        parts = [some for some in self._parts() if len(some) > 1]
        unfair = next((one for one in self.asked if one.kind in ("leads to", "every")), None)
        if unfair is not None and (twins or parts):
            words = f"`{unfair.kind}` is about what is fair to each peer: nothing is exchanged"
            return Symmetry([], [], [Note(words, unfair.span)])
        groups: list[Group] = []
        names: list[str] = []
        chosen: set[int] = set()
        for some in sorted(twins, key=len, reverse=True):
            linked = {b for a, b in self.between if a in some} & {*some, *chosen}
            if linked & chosen:
                self._note(some, "they are linked to others that are exchanged")
            elif not linked:
                groups.append(Group(tuple(self._block([at], some) for at in some)))
                names.append(self._named(some))
                chosen |= {*some}
            elif factorial(len(some)) <= MOST_ORDERS:
                orders = tuple(self._places(dict(zip(some, p, strict=True)))
                               for p in permutations(some))  # fmt: skip
                groups.append(Group(tuple((at,) for at in some), orders))
                names.append(self._named(some))
                chosen |= {*some}
            else:
                self._note(some, "they are linked with each other, and too many")
        for same in parts:
            every = {at for part in same for at in part}
            groups.append(Group(tuple(self._block(part, sorted(every)) for part in same)))
            names.append(" and ".join(f"({self._named(part)})" for part in same))
        return Symmetry(groups, names, self.notes)

    def _note(self, some: list[int], why: str) -> None:
        peer = self.composition.peers[some[0]].declared
        self.notes.append(Note(f"{self._named(some)} are not exchanged: {why}", peer.span))

    def _named(self, some: Sequence[int]) -> str:
        return ", ".join(self.composition.peers[at].name for at in some)

    # ------------------------------------------------------------ what is alike

    def _twins(self) -> list[list[int]]:
        """Peers that may be exchanged one by one, together."""
        classes: list[list[int]] = []
        for at in range(self.count):
            for some in classes:
                if self._may([(some[0], at)]):
                    some.append(at)
                    break
            else:
                classes.append([at])
        return classes

    def _parts(self) -> list[list[list[int]]]:
        """Parts of more than one peer, with no link between them, that may be exchanged."""
        classes: list[list[list[int]]] = []
        for part in self._components():
            for same in classes:
                pairs = list(zip(same[0], part, strict=False))
                if len(same[0]) == len(part) > 1 and self._may(pairs):
                    same.append(part)
                    break
            else:
                classes.append([part])
        return classes

    def _components(self) -> list[list[int]]:
        part = list(range(self.count))
        for a, b in self.between:
            low, high = sorted((part[a], part[b]))
            part = [low if one == high else one for one in part]
        return [[at for at in range(self.count) if part[at] == one] for one in sorted({*part})]

    def _may(self, pairs: list[tuple[int, int]]) -> bool:
        """Whether the two of each pair may be exchanged, all at once."""
        to = {at: at for at in range(self.count)}
        for a, b in pairs:
            to[a], to[b] = b, a
        if any(self._kind(a) != self._kind(b) for a, b in pairs):
            return False
        for (a, b), wires in self.between.items():
            others = self.between.get((to[a], to[b]), [])
            if [self._colour(w) for w in wires] != [self._colour(w) for w in others]:
                return False
        for one in self.asked:
            if self._asks(one, to) != self._asks(one, None):
                names = " and ".join(self._named(side) for side in zip(*pairs, strict=True))
                words = f"{names} are not exchanged: they are told apart"
                if all(note.span != one.span for note in self.notes):
                    self.notes.append(Note(words, one.span))
                return False
        return True

    def _kind(self, at: int) -> Hashable:
        peer = self.composition.peers[at].declared
        args = tuple(repr(_shape(arg, lambda one: one)) for arg in peer.args)
        return id(peer.machine), args, peer.environment, peer.fates

    def _colour(self, number: int) -> Hashable:
        wire = self.composition.wires[number]
        side = number % 2 if "breaking" in wire.faults else 0  # it breaks from its left side
        return wire.capacity, wire.faults, wire.link.one_way, side

    # ------------------------------------------------------------ places

    def _block(self, part: Sequence[int], every: Sequence[int]) -> tuple[int, ...]:
        """The places of a part: its peers, and what is on the links within it or to the others."""
        others = [at for at in range(self.count) if at not in every]
        wires = [
            wire
            for at in part
            for other in (*part, *others)
            for pair in ((at, other), (other, at))
            for wire in self.between.get(pair, ())
        ]
        return (*part, *(self.count + wire for wire in dict.fromkeys(wires)))

    def _places(self, to: dict[int, int]) -> tuple[int, ...]:
        """For each place the one that its number comes from, if peers are exchanged so."""
        found = list(range(self.composition.size))
        whole = {at: to.get(at, at) for at in range(self.count)}
        for at, source in whole.items():
            found[at] = source
        for (a, b), wires in self.between.items():
            for wire, source in zip(wires, self.between[whole[a], whole[b]], strict=True):
                found[self.count + wire] = self.count + source
        return tuple(found)

    # ------------------------------------------------------------ what is asked

    def _asks(self, asked: Property | Pattern, to: dict[int, int] | None) -> str:
        """What is asked for, the same for what is the same but for its order."""

        def peers(name: str, index: int | None) -> list[int]:
            numbers = self.composition.numbers[name]
            some = numbers if index is None else [numbers[index]]
            return sorted(some if to is None else [to[one] for one in some])

        def see(one: object) -> object:
            if isinstance(one, ex.InState):
                name, _, region = one.subject.partition(".")
                return "in", peers(name, one.index), region, id(one.state)
            if isinstance(one, ex.PeerVar):
                return "var", peers(one.peer, one.index), id(one.variable)
            return one

        def happenings(some: tuple[Happening, ...]) -> list[str]:
            return sorted(
                repr((peers(h.peer.name, h.index), h.verb, h.name, h.value, id(h.state), h.by))
                for h in some
            )

        if isinstance(asked, Property):
            return repr((asked.kind, _shape(asked.left, see), _shape(asked.right, see)))
        said = [happenings(some) for some in (asked.first, asked.second, asked.until)]
        return repr((asked.kind, asked.most, said))


def _shape(e: Any, see: Callable[[object], object]) -> object:
    """An expression without its places; operands whose order makes no difference are sorted."""
    seen = see(e)
    if seen is not e:
        return seen
    if isinstance(e, ex.Op):
        operands = [_shape(one, see) for one in _operands(e, e.op)]
        is_any_order = e.op in ("and", "or", "==", "!=")
        return e.op, sorted(operands, key=repr) if is_any_order else operands
    if isinstance(e, tuple | list):
        return [_shape(one, see) for one in e]
    if is_dataclass(e) and type(e).__module__ == ex.__name__:
        names = [one.name for one in fields(e) if one.name not in ("span", "type")]
        return type(e).__name__, [_shape(getattr(e, name), see) for name in names]
    return e if isinstance(e, str | int | float | bytes | None) else id(e)


def _operands(e: ex.Op, op: str) -> list[ex.Expr]:
    """Those of `a and (b and c)` are three."""
    if op not in ("and", "or"):
        return list(e.operands)
    found: list[ex.Expr] = []
    for one in e.operands:
        found += _operands(one, op) if isinstance(one, ex.Op) and one.op == op else [one]
    return found
