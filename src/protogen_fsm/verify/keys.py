"""The keys of instances: where they come from, and the few that stand for all of a large type.

Instances are told apart by their keys, and what a machine does with a key is to compare it, to keep
it and to send it on. So it does the same under any other keys (Wolper 1986, data independence), and
so few at once are enough as instances are followed at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from protogen_fsm.model import expressions as ex
from protogen_fsm.model.instances import routes
from protogen_fsm.model.types import BOOL, INT, Enum, Optional, Range, is_int
from protogen_fsm.verify.values import FEW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protogen_fsm.model.machine import Many
    from protogen_fsm.model.types import Type
    from protogen_fsm.verify.relevance import Item, Relevance

MOST_KEYS = 2
"""Of a type with more than `FEW` values so many keys are followed."""
LARGEST_LIMIT = 3
"""A `limit` up to it is followed as it is: there are enough keys to pass it."""


class Pool(NamedTuple):
    """The keys that are followed: `few` in turn from `first` on, `others` that the spec names."""

    first: int
    few: int
    others: tuple[int, ...]

    @property
    def values(self) -> tuple[int, ...]:
        """All of them."""
        return (*range(self.first, self.first + self.few), *self.others)

    def all_of(self, type_: Type) -> list[Any]:
        """All of them that a value of a type may be."""
        return [None, *self.values] if isinstance(type_, Optional) else [*self.values]

    def fold(self, value: Any) -> Any:
        """The key that stands for a number: counting on comes round to the first again."""
        if not isinstance(value, int) or value in self.others:
            return value
        return self.first + (value - self.first) % self.few


class Keys:
    """The keys of all instances that a set of machines hold.

    `pools`: of each value that a key may come from, and whose type is large, the keys that stand
    for all. `of`: the same for the instances themselves.
    """

    def __init__(self, relevance: Relevance) -> None:
        self.relevance = relevance
        self.pools: dict[Item, Pool] = {}
        self.of: dict[Many, Pool] = {}
        groups: list[tuple[list[Many], set[Item]]] = []
        for many, items in self._sources():
            joined: tuple[list[Many], set[Item]] = ([many], items)
            for other in [one for one in groups if one[1] & items]:
                groups.remove(other)
                joined = ([*other[0], *joined[0]], joined[1] | other[1])
            groups.append(joined)
        for held, items in groups:
            pool = self._pool(held, items)
            if pool is not None:
                self.pools |= dict.fromkeys(items, pool)
                self.of |= dict.fromkeys(held, pool)

    def _sources(self) -> Iterator[tuple[Many, set[Item]]]:
        """Of each kind of instances all values that their keys come from."""
        for machine in self.relevance.machines:
            asked: dict[Many, list[Item]] = {many: [] for many in machine.many.values()}
            for many, found in asked.items():
                found.append(("own", many.machine, many.key.name))
            for event in machine.events.values():
                for many in routes(machine, event):
                    at = next(i for i, p in enumerate(event.params) if p.name == many.by)
                    asked[many].append(("event", event.name, at))
            for row, e in self.relevance.guards(machine):
                for one in ex.walk(e):
                    if isinstance(one, ex.Holds):
                        asked[one.many] += self.relevance.numbers(one.key, row, machine)
            for many, found in asked.items():
                yield many, self._all(found)

    def _all(self, items: Iterable[Item]) -> set[Item]:
        todo = list(items)
        found = set(todo)
        while todo:
            for e, row, machine in self.relevance.sources[todo.pop()]:
                more = set(self.relevance.numbers(e, row, machine)) - found
                found |= more
                todo += more
        return found

    def _pool(self, held: list[Many], items: set[Item]) -> Pool | None:
        ranges = [_plain(many.key.type) for many in held]
        if any(isinstance(one, Enum) or one == BOOL for one in ranges):
            return None
        known = [one for one in ranges if isinstance(one, Range)]
        low = max([one.low for one in known], default=0)
        high = min([one.high for one in known], default=None)
        if high is not None and high - low < FEW:
            return None
        limits = [many.limit for many in held if many.limit <= LARGEST_LIMIT]
        count = max([MOST_KEYS, *(limit + 1 for limit in limits)])
        named = {
            e.value
            for item in items
            for e, _, _ in self.relevance.sources[item]
            if isinstance(e, ex.Value) and isinstance(e.value, int)
        }
        others = sorted(n for n in named | self._compared(items) if not low <= n < low + count)
        return Pool(low, count, tuple(others))

    def _compared(self, items: set[Item]) -> set[int]:
        """The numbers that guards compare keys with."""
        found = set()
        for machine in self.relevance.machines:
            for row, e in self.relevance.guards(machine):
                for one in ex.walk(e):
                    if not isinstance(one, ex.Op) or one.op not in ("==", "!="):
                        continue
                    those = {
                        i for o in one.operands for i in self.relevance.numbers(o, row, machine)
                    }
                    if those & items:
                        found |= {
                            o.value
                            for o in one.operands
                            if isinstance(o, ex.Value) and isinstance(o.value, int)
                        }
        return found

    def words(self) -> list[str]:
        """How many keys of how many are followed."""
        found: dict[str, None] = {}
        for many, pool in self.of.items():
            type_ = _plain(many.key.type)
            size = f" of {type_.high - type_.low + 1:,}" if isinstance(type_, Range) else ""
            found[f"{len(pool.values)}{size} keys"] = None
        return list(found)


def _plain(type_: Type) -> Type:
    return type_.item if isinstance(type_, Optional) else type_


def may_be_followed(type_: Type) -> bool:
    """Whether instances can be told apart by values of a type."""
    plain = _plain(type_)
    return isinstance(plain, Enum) or plain in (BOOL, INT) or is_int(plain)
