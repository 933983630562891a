"""Configurations in arrays, each as the one that stands for all that it may be exchanged with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from protogen_fsm.verify.packing import WORD

if TYPE_CHECKING:
    from protogen_fsm.verify.packing import Layout, Marks, Numbers, Words
    from protogen_fsm.verify.symmetry import Group, Symmetry

WIDEST = WORD - 1  # of a key, so that it stays a positive whole number


def folded(symmetry: Symmetry, layout: Layout, words: Words) -> Words:
    """`Symmetry.canonical` of thousands of configurations."""
    for group in symmetry.groups:
        words = _least(group, layout, words) if group.orders else _sorted(group, layout, words)
    return words


def _sorted(group: Group, layout: Layout, words: Words) -> Words:
    """The blocks in the order of what they hold, the first place first."""
    columns = [[layout.get(words, place) for place in block] for block in group.blocks]
    widths = [max(layout.bits[place] for place in some) for some in zip(*group.blocks, strict=True)]
    runs = _runs(widths)
    keys = [[_joined(block, widths, run) for run in runs] for block in columns]
    if len(runs) == 1:
        single = np.sort(np.stack([key for (key,) in keys]), axis=0)
        keys = [[key] for key in single]
    else:
        for last in range(len(keys) - 1, 0, -1):
            for at in range(last):
                _exchange(keys[at], keys[at + 1])
    places = {}
    for block, key in zip(group.blocks, keys, strict=True):
        for run, part in zip(runs, key, strict=True):
            shift = 0
            for at in reversed(run):
                places[block[at]] = part >> shift & (1 << widths[at]) - 1
                shift += widths[at]
    return _with(layout, words, places)


def _runs(widths: list[int]) -> list[range]:
    """The places of a block, as many in a run as one number can hold."""
    runs, begin, used = [], 0, 0
    for at, width in enumerate(widths):
        if used + width > WIDEST:
            runs.append(range(begin, at))
            begin, used = at, 0
        used += width
    return [*runs, range(begin, len(widths))]


def _joined(block: list[Numbers], widths: list[int], run: range) -> Numbers:
    key = block[run[0]].copy()
    for at in run[1:]:
        key <<= widths[at]
        key |= block[at]
    return key


def _exchange(left: list[Numbers], right: list[Numbers]) -> None:
    """The lesser to the left."""
    greater = _is_less(right, left)
    for at, (one, other) in enumerate(zip(left, right, strict=True)):
        left[at] = np.where(greater, other, one)
        right[at] = np.where(greater, one, other)


def _is_less(left: list[Numbers], right: list[Numbers]) -> Marks:
    less = np.zeros(left[0].size, np.bool_)
    equal = ~less
    for one, other in zip(left, right, strict=True):
        less |= equal & (one < other)
        equal &= one == other
    return less


def _least(group: Group, layout: Layout, words: Words) -> Words:
    """The least of all that the orders make of them."""
    first = group.orders[0]
    moved = [place for place in first if any(way[place] != place for way in group.orders)]
    columns = {place: layout.get(words, place) for place in moved}
    best = [columns[place] for place in moved]
    for way in group.orders:
        other = [columns[way[place]] for place in moved]
        less = _is_less(other, best)
        best = [np.where(less, new, old) for new, old in zip(other, best, strict=True)]
    return _with(layout, words, dict(zip(moved, best, strict=True)))


def _with(layout: Layout, words: Words, places: dict[int, Numbers]) -> Words:
    """The same with other numbers at some places."""
    found = list(words)
    for place, numbers in places.items():
        at, shift = layout.word[place], layout.shift[place]
        mask = np.uint64(((1 << WORD) - 1) ^ ((1 << layout.bits[place]) - 1) << shift)
        found[at] = (found[at] & mask) | numbers.astype(np.uint64) << np.uint64(shift)
    return found
