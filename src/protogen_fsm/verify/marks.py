"""Sets of configurations as arrays of marks, and kinds of configurations told apart by a view."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from protogen_fsm.verify.packing import CHUNK

if TYPE_CHECKING:
    from protogen_fsm.verify.packing import Layout, Marks, Numbers, Words
    from protogen_fsm.verify.space import View
    from protogen_fsm.verify.system import Composition

MOST_KINDS: Final = 1 << 20


class Marked(AbstractSet[int]):
    """Configurations, one mark for each."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and bool(self.marks[number])

    def __iter__(self) -> Iterator[int]:
        return iter(np.flatnonzero(self.marks).tolist())

    def __len__(self) -> int:
        return int(np.count_nonzero(self.marks))

    def __bool__(self) -> bool:
        return bool(self.marks.any())

    def _other(self, other: AbstractSet[Any]) -> Marks:
        if isinstance(other, Marked):
            return other.marks
        marks = np.zeros(len(self.marks), np.bool_)
        marks[numbers_of(other)] = True
        return marks

    def __and__(self, other: AbstractSet[Any]) -> Marked:
        return Marked(self.marks & self._other(other))

    def __or__(self, other: AbstractSet[Any]) -> Marked:
        return Marked(self.marks | self._other(other))

    def __sub__(self, other: AbstractSet[Any]) -> Marked:
        return Marked(self.marks & ~self._other(other))

    def __rsub__(self, other: AbstractSet[Any]) -> Marked:
        return Marked(self._other(other) & ~self.marks)

    __rand__ = __and__
    __ror__ = __or__


class Seer:
    """Tells configurations apart by a view; kinds are numbered as they are met."""

    def __init__(self, composition: Composition, layout: Layout, view: View) -> None:
        self.layout = layout
        self.columns: list[tuple[int, Numbers]] = []
        self.count = 1
        for place, see in view.items():
            size = composition.count(place)
            names: dict[object, int] = {}
            told = [names.setdefault(see(number), len(names)) for number in range(size)]
            if len(names) > 1:
                self.columns.append((place, np.array(told, np.intp)))
                self.count *= len(names)
        self.is_dense = self.count <= MOST_KINDS
        self._numbers = np.full(self.count if self.is_dense else 0, -1, np.intp)
        self._known: dict[int, int] = {}
        self._met = 0
        self._fresh: Numbers = np.zeros(0, np.intp)

    def kinds(self, words: Words) -> Numbers:
        """The kind of each configuration."""
        keys: Any = np.zeros(len(words[0]), np.intp if self.count < 1 << 62 else object)
        for place, told in self.columns:
            keys = keys * (int(told.max()) + 1) + told[self.layout.get(words, place)]
        if self.is_dense:
            kinds = self._numbers[keys]
            new = np.flatnonzero(kinds < 0)
            some, first = np.unique(keys[new], return_index=True)
            order = np.argsort(first)
            self._numbers[some[order]] = np.arange(self._met, self._met + some.size)
            self._fresh = new[first[order]]
            self._met += some.size
            found: Numbers = self._numbers[keys]
            return found
        some, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        before = len(self._known)
        order = np.argsort(first)
        for at in order.tolist():
            self._known.setdefault(some[at], len(self._known))
        named = np.array([self._known[one] for one in some], np.intp)
        self._fresh = np.array([first[at] for at in order if named[at] >= before], np.intp)
        return named[inverse]

    def new(self, numbers: Numbers) -> list[int]:
        """Of the configurations looked at last the first of each kind that was new."""
        found: list[int] = numbers[self._fresh].tolist()
        return found


def numbers_of(some: AbstractSet[int]) -> Numbers:
    """Configurations as numbers, the least first."""
    if isinstance(some, Marked):
        return np.flatnonzero(some.marks)
    return np.array(sorted(some), np.intp)


def chunks(some: AbstractSet[int], is_backwards: bool = False) -> Iterator[Numbers]:
    """Configurations as numbers, so many at a time as arrays are used for; no more are held."""
    if not isinstance(some, Marked):
        numbers = numbers_of(some)
        for begin in range(0, numbers.size, CHUNK):
            yield numbers[begin : begin + CHUNK]
        return
    begins = range(0, len(some.marks), CHUNK)
    for begin in reversed(begins) if is_backwards else begins:
        numbers = np.flatnonzero(some.marks[begin : begin + CHUNK])
        if numbers.size:
            yield numbers + begin


def joined(parts: list[Numbers]) -> Numbers:
    """One array of several."""
    return np.concatenate(parts) if parts else np.zeros(0, np.intp)
