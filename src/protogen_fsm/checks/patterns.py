"""Whether one message's pattern matches all that another's matches.

Text patterns become automata; the question is then the inclusion of two regular languages, found
exactly: a field runs to the first letter of what follows it, a `str` never over CR or LF. Where a
pattern holds a regular expression of its own, the answer errs towards no.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from protogen_fsm.model.messages import Binary, Group, Layout, Repeat, Skipped, Slot, Text, Words
from protogen_fsm.model.types import BOOL, BYTES, INT, STR, Enum, Optional, Range
from protogen_fsm.model.words import expression

if TYPE_CHECKING:
    from collections.abc import Hashable

    from protogen_fsm.model.messages import Cell, Codec, Part

_MOST_STATES = 20_000
DIGITS = 20  # a number without a range has so many digits at the most
Letters: TypeAlias = "tuple[bool, frozenset[str]]"  # these, or (True) all but these
_ANY: Letters = (True, frozenset())


def is_open(slot: Slot) -> bool:
    """Whether nothing but what follows says where the field ends."""
    type_ = slot.param.type
    if isinstance(type_, Optional):
        type_ = type_.item
    if isinstance(type_, Range):
        return len(str(type_.low)) != len(str(type_.high)) or type_.low < 0
    return slot.regex is None and type_ in (STR, BYTES, INT)


def fixed_start(pattern: Text | Binary | Codec) -> str:
    """What everything that the pattern matches starts with, its case aside."""
    if not isinstance(pattern, Text):
        return ""
    found = ""
    for part in pattern.parts:
        if not isinstance(part, Words):
            break
        found += part.text.lower()
    return found


def matches_all(wide: Text | Binary | Codec, narrow: Text | Binary | Codec) -> bool:
    """Whether `wide` surely matches everything that `narrow` matches."""
    if isinstance(wide, Text) and isinstance(narrow, Text):
        if _shape(wide.parts) == _shape(narrow.parts):
            return True
        return _includes(wide, narrow)
    if isinstance(wide, Binary) and isinstance(narrow, Binary):
        return _binary_includes(wide.cells, narrow.cells)
    return False


def _shape(parts: tuple[Part, ...]) -> Hashable:
    found: list[Hashable] = []
    for part in parts:
        if isinstance(part, Words):
            text = part.text.lower() if part.ignore_case else part.text
            found.append((text, part.ignore_case))
        elif isinstance(part, Slot):
            found.append((str(part.param.type), part.regex))
        elif isinstance(part, Skipped):
            found.append(("skipped", part.regex))
        else:
            kind = "repeat" if isinstance(part, Repeat) else "group"
            found.append((kind, _shape(part.parts)))
    return tuple(found)


def _binary_includes(wide: tuple[Cell, ...], narrow: tuple[Cell, ...]) -> bool:
    """The same layout cell by cell, each constant of `wide` also one of `narrow`."""
    if len(wide) != len(narrow):
        return False
    for a, b in zip(wide, narrow, strict=True):
        if a.condition is not None or b.condition is not None or _lies(a.layout) != _lies(b.layout):
            return False
        if a.constant is not None and (
            b.constant is None or expression(a.constant) != expression(b.constant)
        ):
            return False
    return True


def _lies(layout: Layout) -> Hashable:
    size = layout.size
    said: Hashable = None
    if size is not None:
        said = _lies(size) if isinstance(size, Layout) else expression(size)
    repeat = expression(layout.repeat) if layout.repeat is not None else ""
    return layout.kind, said, layout.struct, repeat, layout.repeat_rest


# ---------------------------------------------------------------- text


class _Automaton:
    """A nondeterministic automaton: from each state, the letters and where they lead."""

    def __init__(self) -> None:
        self.ways: list[list[tuple[Letters, int]]] = [[]]
        self.skips: list[list[int]] = [[]]
        self.known = True
        self.end = 0

    def add(self) -> int:
        """A new state."""
        self.ways.append([])
        self.skips.append([])
        return len(self.ways) - 1

    def go(self, start: int, letters: Letters, end: int | None = None) -> int:
        """A way by one letter."""
        end = self.add() if end is None else end
        self.ways[start].append((letters, end))
        return end

    def parts(self, parts: tuple[Part, ...], at: int, behind: str = "") -> int:
        """Ways by what the parts match, from `at`; the state behind them.

        `behind` are the letters with which that may begin which follows them.
        """
        for place, part in enumerate(parts):
            if isinstance(part, Words):
                for letter in part.text:
                    both = {letter, letter.lower(), letter.upper()} if part.ignore_case else letter
                    at = self.go(at, _these(both))
            elif isinstance(part, Group):
                inner = self.parts(part.parts, at, first_letters(parts[place + 1 :], behind))
                end = self.add()
                self.skips[inner].append(end)
                self.skips[at].append(end)
                at = end
            elif isinstance(part, Repeat):
                self.known = False  # an item gives nothing back to what stands behind
                inner = self.parts(part.parts, at, first_letters(part.parts, ""))
                end = self.add()
                self.skips[inner] += [at, end]
                self.skips[at].append(end)
                at = end
            elif isinstance(part, Skipped):
                self.known = False
            else:
                at = self.slot(part, at, first_letters(parts[place + 1 :], behind))
        return at

    def slot(self, slot: Slot, at: int, behind: str) -> int:
        """Ways by what a field matches; it runs to the first letter of what follows it."""
        type_ = slot.param.type.item if isinstance(slot.param.type, Optional) else slot.param.type
        if slot.regex is not None:
            self.known = False
            return self.any_of(at, _ANY)
        if isinstance(type_, Range):
            widths = sorted((len(str(abs(type_.low))), len(str(abs(type_.high)))))
            least = widths[0] if type_.low > 0 else 1
            return self.digits(at, least, widths[1], signed=type_.low < 0)
        if type_ == INT:
            return self.digits(at, 1, DIGITS, signed=True)
        if type_ == BOOL:
            return self.one_of(at, ("true", "false"))
        if isinstance(type_, Enum):
            return self.one_of(at, type_.members)
        if type_ not in (STR, BYTES) or not behind.isascii():
            self.known = False
            return self.any_of(at, _ANY)
        return self.any_of(at, (True, frozenset(behind + ("" if type_ == BYTES else "\r\n"))))

    def digits(self, at: int, least: int, most: int, signed: bool) -> int:
        """A way by so many digits."""
        if signed:
            after = self.go(at, _these("-"))
            self.skips[at].append(after)
            at = after
        end = self.add()
        for number in range(1, most + 1):
            at = self.go(at, _these("0123456789"))
            if number >= least:
                self.skips[at].append(end)
        return end

    def one_of(self, at: int, words: tuple[str, ...]) -> int:
        """A way by one of the words."""
        end = self.add()
        for word in words:
            inner = at
            for letter in word:
                inner = self.go(inner, _these(letter))
            self.skips[inner].append(end)
        return end

    def any_of(self, at: int, letters: Letters) -> int:
        """A way by any number of the letters."""
        end = self.add()
        self.skips[at].append(end)
        self.go(end, letters, end)
        return end

    def closure(self, states: frozenset[int]) -> frozenset[int]:
        """The states, and those that need no letter from there."""
        todo, found = list(states), set(states)
        while todo:
            for other in self.skips[todo.pop()]:
                if other not in found:
                    found.add(other)
                    todo.append(other)
        return frozenset(found)

    def after(self, states: frozenset[int], letter: str) -> frozenset[int]:
        """Where a letter leads."""
        led = {
            end
            for state in states
            for letters, end in self.ways[state]
            if (letter in letters[1]) != letters[0]
        }
        return self.closure(frozenset(led))

    def letters(self) -> set[str]:
        """The letters that it tells apart."""
        return {letter for ways in self.ways for letters, _ in ways for letter in letters[1]}


def _these(letters: str | set[str]) -> Letters:
    return False, frozenset(letters)


def first_letters(parts: tuple[Part, ...], behind: str) -> str:
    """The letters with which that may begin which the parts match."""
    found = ""
    for part in parts:
        if isinstance(part, Words) and part.text:
            first = part.text[0]
            return found + (first.lower() + first.upper() if part.ignore_case else first)
        if isinstance(part, Slot | Skipped):
            return found
        if isinstance(part, Group | Repeat):
            found += first_letters(part.parts, "")
    return found + behind


def _automaton(pattern: Text) -> _Automaton:
    made = _Automaton()
    made.end = made.parts(pattern.parts, 0)
    return made


def _includes(wide: Text, narrow: Text) -> bool:
    """Whether no text is matched by `narrow` and not by `wide`."""
    all_of, part_of = _automaton(wide), _automaton(narrow)
    if not all_of.known:
        return False
    letters = all_of.letters() | part_of.letters() | {"\0"}  # NUL: any letter not told apart
    first = part_of.closure(frozenset((0,))), all_of.closure(frozenset((0,)))
    seen, todo = {first}, [first]
    while todo:
        inner, outer = todo.pop()
        if part_of.end in inner and all_of.end not in outer:
            return False
        for letter in letters:
            pair = part_of.after(inner, letter), all_of.after(outer, letter)
            if not pair[0] or pair in seen:
                continue
            if not pair[1] or len(seen) > _MOST_STATES:
                return False
            seen.add(pair)
            todo.append(pair)
    return True
