"""Configurations packed into words of 64 bits, and the index of those that are known.

A place of a configuration is a field of one word: as many bits as its numbers need so far.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Words: TypeAlias = "list[NDArray[np.uint64]]"
    Numbers: TypeAlias = "NDArray[np.intp]"
    Marks: TypeAlias = "NDArray[np.bool_]"

WORD: Final = 64
CHUNK: Final = 1 << 15
MIXERS: Final = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)  # odd, no pattern
FULLEST: Final = 0.7  # of the slots of the index


class Layout:
    """Where each place of a configuration lies: in which word, from which bit, how wide."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self.bits = [max(1, (size - 1).bit_length()) for size in sizes]
        self.word, self.shift, self.words = _laid_out(self.bits)
        for place in 2 * list(reversed(range(len(sizes)))):  # room to grow, where it costs nothing
            self.bits[place] += 1
            if _laid_out(self.bits)[2] > self.words:
                self.bits[place] -= 1
        self.word, self.shift, self.words = _laid_out(self.bits)

    def holds(self, place: int, number: int) -> bool:
        """Whether a number fits into its place."""
        return number >> self.bits[place] == 0

    def get(self, words: Words, place: int) -> Numbers:
        """The numbers of a place."""
        mask = (1 << self.bits[place]) - 1
        found = words[self.word[place]]
        if self.shift[place]:
            found = found >> np.uint64(self.shift[place])
        return (found & np.uint64(mask)).astype(np.intp)

    def pack(self, columns: Sequence[Numbers]) -> Words:
        """Configurations, from their numbers place by place."""
        words = [np.zeros(len(columns[0]), np.uint64) for _ in range(self.words)]
        for place, column in enumerate(columns):
            words[self.word[place]] |= column.astype(np.uint64) << np.uint64(self.shift[place])
        return words


def _laid_out(bits: list[int]) -> tuple[list[int], list[int], int]:
    """The word and the first bit of each field, the widest first, and how many words there are."""
    word, shift = [0] * len(bits), [0] * len(bits)
    used = [0]
    for place in sorted(range(len(bits)), key=lambda p: -bits[p]):
        at = next((k for k, so_far in enumerate(used) if so_far + bits[place] <= WORD), len(used))
        if at == len(used):
            used.append(0)
        word[place], shift[place] = at, used[at]
        used[at] += bits[place]
    return word, shift, len(used)


class Known:
    """Configurations in the order in which they were found, and where to find each.

    An index by open addressing: a slot holds the number of a configuration and one more, 0 is free.
    Knuth: The art of computer programming, volume 3, section 6.4, algorithm L.
    """

    def __init__(self, words: Words) -> None:
        self.size = len(words[0])
        self.words = [_room(word, max(self.size, CHUNK)) for word in words]
        self._index()

    def take(self, begin: int, end: int) -> Words:
        """The configurations of some numbers."""
        return [word[begin:end] for word in self.words]

    def of(self, numbers: Numbers) -> Words:
        """The configurations with these numbers."""
        return [word[numbers] for word in self.words]

    def replace(self, words: Words) -> None:
        """All of them, packed in another way."""
        self.words = words
        self._index()

    def find(self, words: Words) -> tuple[Numbers, Numbers]:
        """The number of each, -1 if it is not known; and the slot where it is, or would be."""
        slots = self._slots
        places = self._begin(words)
        held = slots[places]
        found = held.astype(np.intp) - 1
        todo = np.flatnonzero((held != 0) & ~self._same(words, found))
        while todo.size:
            after = (places[todo] + 1) & self._mask
            places[todo] = after
            held = slots[after]
            number = held.astype(np.intp) - 1
            found[todo] = number
            wrong = (held != 0) & ~self._same([word[todo] for word in words], number)
            todo = todo[wrong]
        return found, places

    def add(self, words: Words) -> tuple[Numbers, int]:
        """The number of each; those that were not known are known now. And how many were new."""
        if self.size + len(words[0]) > FULLEST * len(self._slots):
            self._index(len(words[0]))
        numbers, places = self.find(words)
        fresh = np.flatnonzero(numbers < 0)
        if not fresh.size:
            return numbers, 0
        before = self.size
        some, places = [word[fresh] for word in words], places[fresh]
        owner, count = self._claim(some, places)
        numbers[fresh] = owner
        self.size = before + count
        return numbers, count

    def _claim(self, some: Words, places: Numbers) -> tuple[Numbers, int]:
        """Numbers for what is not known yet; what comes twice among it gets one number."""
        base, slots = self.size, self._slots
        self._reserve(base + len(places))
        for word, new in zip(self.words, some, strict=True):
            word[base : base + len(new)] = new
        mine = np.arange(base + 1, base + 1 + len(places), dtype=slots.dtype)
        owner = np.empty(len(places), np.intp)
        todo = np.arange(len(places))
        while todo.size:
            here = places[todo]
            free = slots[here] == 0
            slots[here[free]] = mine[todo[free]]
            held = slots[here].astype(np.intp) - 1
            same = self._same([word[todo] for word in some], held)
            owner[todo[same]] = held[same]
            todo = todo[~same]
            places[todo] = (places[todo] + 1) & self._mask
        kept = np.flatnonzero(owner == mine.astype(np.intp) - 1)
        rank = np.empty(len(places), np.intp)
        rank[kept] = np.arange(base, base + len(kept))
        if len(kept) < len(places):
            for word, new in zip(self.words, some, strict=True):
                word[base : base + len(kept)] = new[kept]
            slots[places[kept]] = rank[kept] + 1
        return rank[owner - base], len(kept)

    def _same(self, words: Words, numbers: Numbers) -> Marks:
        same: Marks = self.words[0][numbers] == words[0]
        for known, word in zip(self.words[1:], words[1:], strict=True):
            same &= known[numbers] == word
        return same

    def _begin(self, words: Words) -> Numbers:
        """The slot where the search for each begins."""
        mixed = words[0] * np.uint64(MIXERS[0])
        for word, mixer in zip(words[1:], MIXERS[1:] * len(words), strict=False):
            mixed ^= mixed >> np.uint64(29)
            mixed += word * np.uint64(mixer)
            mixed *= np.uint64(MIXERS[0])
        mixed ^= mixed >> np.uint64(32)
        mixed *= np.uint64(MIXERS[1])
        return (mixed >> np.uint64(WORD - self._bits)).astype(np.intp)

    def _index(self, more: int = 0) -> None:
        """The index anew, with room for more."""
        wanted = max(int((self.size + more) / FULLEST), CHUNK)
        self._bits = wanted.bit_length()
        self._mask = (1 << self._bits) - 1
        self._slots = np.zeros(0, np.uint32)  # what there was goes first
        self._slots = np.zeros(1 << self._bits, np.uint32 if self._bits < 32 else np.int64)
        for begin in range(0, self.size, CHUNK * 4):
            end = min(begin + CHUNK * 4, self.size)
            places = self._begin(self.take(begin, end))
            mine = np.arange(begin + 1, end + 1, dtype=self._slots.dtype)
            todo = np.arange(end - begin)
            while todo.size:
                here = places[todo]
                free = self._slots[here] == 0
                self._slots[here[free]] = mine[todo[free]]
                todo = todo[self._slots[here] != mine[todo]]
                places[todo] = (places[todo] + 1) & self._mask

    def _reserve(self, size: int) -> None:
        if size > len(self.words[0]):
            self.words = [_room(word, size + size // 8) for word in self.words]


def _room(array: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """The array with more room behind it; where it lies is left to the memory's own growing."""
    if not array.flags.owndata or not array.flags.writeable:
        array = array.copy()
    array.resize(size, refcheck=False)
    return array
