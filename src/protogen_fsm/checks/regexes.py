"""Regular expressions as automata, as Python matches them: which letter may follow which.

They are read by Python's own parser (`re._parser`, which `sre_parse` was until 3.11): it knows what
`re` knows, and the specs' expressions are Python's.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Letters: TypeAlias = int
"""A set of letters, a bit for each: 0 to 255, then all others, then that there is none."""

OTHER, NONE = 1 << 256, 1 << 257
OCTETS: Letters = (1 << 256) - 1
TEXT: Letters = OCTETS | OTHER
ENDLESS = 65536  # rounds of a repeat without a bound: a line is no longer, if no bound is said

_COPIES = 8  # rounds up to which a repeat stands for so many copies of what it repeats
_MOST_LETTERS, _MOST_NODES, _MOST_PATHS = 300, 3000, 5000
_parser: Any = importlib.import_module("re._parser")
_CATEGORIES = {"DIGIT": r"\d", "NOT_DIGIT": r"\D", "SPACE": r"\s", "NOT_SPACE": r"\S",
               "WORD": r"\w", "NOT_WORD": r"\W"}  # fmt: skip
_LETTERS = {"LITERAL", "NOT_LITERAL", "ANY", "IN"}


class NotRead(Exception):
    """An expression that is not looked at: it is too large, or no automaton says what it says."""


@dataclass(slots=True)
class Place:
    """A place of an expression at which a letter is taken."""

    letters: Letters
    owner: object  # whose expression it is
    rounds: int  # how often it may be come back to
    gives_back: bool  # whether what it took can be taken otherwise, once that failed


@dataclass(frozen=True, slots=True)
class Way:
    """From one place to the next: what the letter behind and the letter ahead must be."""

    to: int
    behind: Letters
    ahead: Letters


@dataclass(slots=True)
class Automaton:
    """Places and the ways between them; the first is the beginning, the second the end.

    A way that stands twice can be gone in two ways, which matching tries one after the other.
    """

    alphabet: Letters
    places: list[Place]
    ways: list[list[Way]] = field(default_factory=list)


START, END = 0, 1


@cache
def _category(name: str, alphabet: Letters) -> Letters:
    regex = _CATEGORIES[name]
    if alphabet & OTHER:
        letters = (code for code in range(256) if re.fullmatch(regex, chr(code)))
        return sum(1 << code for code in letters) | OTHER
    return sum(1 << code for code in range(256) if re.fullmatch(regex.encode(), bytes([code])))


class Builder:
    """Makes an automaton out of texts, sets and expressions, one behind the other."""

    def __init__(self, alphabet: Letters = OCTETS) -> None:
        self.alphabet = alphabet
        self.places: list[Place] = []
        self.after: list[list[tuple[int, Letters, Letters]]] = []  # nodes: where each leads
        self.takes: dict[int, int] = {}  # a node that takes a letter, and at which place
        self.within: dict[int, Callable[[Any], None]] = {}  # what is matched for itself
        self.owner: object = None
        self.rounds, self.gives_back = 1, True
        self.first = self.at = self.node()

    # -------------------------------------------------------- what is put behind

    def letters(self, letters: Letters) -> None:
        """One letter of these."""
        if len(self.places) >= _MOST_LETTERS:
            raise NotRead
        node, behind = self.node(), self.node()
        self.takes[node] = len(self.places)
        self.places.append(Place(letters, self.owner, self.rounds, self.gives_back))
        self.skip(self.at, node)
        self.skip(node, behind)
        self.at = behind

    def text(self, text: str | bytes, *, ignore_case: bool = False) -> None:
        """These letters."""
        for letter in text if isinstance(text, bytes) else text.encode():
            self.letters(_both_cases(1 << letter) if ignore_case else 1 << letter)

    def expression(self, regex: str | bytes, owner: object) -> None:
        """A regular expression."""
        tree = _parser.parse(regex, re.DOTALL)
        self.owner = owner
        self.tree(tree, tree.state.flags)
        self.owner = None

    def one_of(self, choices: Iterable[Callable[[], None]]) -> None:
        """One of them."""
        start, end = self.at, self.node()
        for choice in choices:
            self.at = start
            choice()
            self.skip(self.at, end)
        self.at = end

    def repeat(self, least: int, most: int, size: int, body: Callable[[], None]) -> None:
        """What `body` adds, so often; it has so many letters."""
        if most <= _COPIES and most * size <= 8 * _COPIES:
            self._copies(least, most, body)
        elif least < most:
            for _ in range(least - 1 if least * size <= _MOST_LETTERS // 4 else 0):
                body()
            self._loop(least, most, body)
        else:
            for _ in range(least if least * size <= _MOST_LETTERS else 1):
                body()

    def _copies(self, least: int, most: int, body: Callable[[], None]) -> None:
        end = self.node()
        for done in range(most):
            if done >= least:
                self.skip(self.at, end)
            body()
        self.skip(self.at, end)
        self.at = end

    def _loop(self, least: int, most: int, body: Callable[[], None]) -> None:
        rounds = self.rounds
        self.rounds = min(ENDLESS, rounds * most)
        inner, end = self.node(), self.node()
        self.skip(self.at, inner)
        if least == 0:
            self.skip(self.at, end)
        self.at = inner
        body()
        self.skip(self.at, inner)
        self.skip(self.at, end)
        self.at, self.rounds = end, rounds

    # -------------------------------------------------------- Python's trees

    def tree(self, items: Any, flags: int) -> None:
        """What Python's parser made of an expression."""
        for op, value in items:
            add = getattr(self, f"_{str(op).lower()}", None)
            if add is None:  # it refers to a group
                raise NotRead
            add(value, flags)

    def _literal(self, code: int, flags: int) -> None:
        self.letters(self._set(1 << code if code < 256 else OTHER, flags))

    def _not_literal(self, code: int, flags: int) -> None:
        self.letters(self.alphabet & ~self._set(1 << code if code < 256 else 0, flags))

    def _any(self, _: None, flags: int) -> None:
        self.letters(self.alphabet)

    def _in(self, items: Any, flags: int) -> None:
        found, negated = 0, False
        for op, value in items:
            kind = str(op)
            if kind == "NEGATE":
                negated = True
            elif kind == "LITERAL":
                found |= 1 << value if value < 256 else OTHER
            elif kind == "RANGE":
                low, high = value[0], min(value[1], 255)
                found |= ((1 << high + 1) - 1 & ~((1 << low) - 1)) if low < 256 else 0
                found |= OTHER if value[1] > 255 else 0
            else:
                found |= _category(str(value).removeprefix("CATEGORY_"), self.alphabet)
        found = self._set(found, flags)
        if negated:
            found = ~found | OTHER
        self.letters(found & self.alphabet)

    def _set(self, letters: Letters, flags: int) -> Letters:
        return (_both_cases(letters) if flags & re.IGNORECASE else letters) & self.alphabet

    def _branch(self, value: Any, flags: int) -> None:
        self.one_of(partial(self.tree, one, flags) for one in value[1])

    def _subpattern(self, value: Any, flags: int) -> None:
        self.tree(value[3], (flags | value[1]) & ~value[2])

    def _max_repeat(self, value: Any, flags: int) -> None:
        least, most, body = value
        most = min(int(most), ENDLESS)
        self.repeat(min(least, most), most, _size(body), lambda: self.tree(body, flags))

    _min_repeat = _max_repeat

    def _possessive_repeat(self, value: Any, flags: int) -> None:
        _, most, body = value
        letters = self._one_set(body, flags)
        if letters is not None and int(most) >= ENDLESS:
            self._max_repeat(value, flags)
            self.look(ahead=~letters)  # all there are were taken
        else:
            self._keep(body, flags)
            self.for_itself(lambda: self._max_repeat(value, flags))

    def _atomic_group(self, body: Any, flags: int) -> None:
        if len(body) == 1 and str(body[0][0]) == "MAX_REPEAT":
            self._possessive_repeat(body[0][1], flags)
        else:
            self._keep(body, flags)
            self.for_itself(lambda: self.tree(body, flags))

    def for_itself(self, add: Callable[[], None]) -> None:
        """What gives nothing back once it is matched."""
        gave_back, self.gives_back = self.gives_back, False
        add()
        self.gives_back = gave_back

    def _keep(self, body: Any, flags: int) -> None:
        """Something that is matched for itself, as well as amid the rest."""
        owner = self.owner

        def add(one: Builder) -> None:
            one.owner = owner
            one.tree(body, flags)

        self.within[id(body)] = add

    def _assert(self, value: Any, flags: int, *, wanted: bool = True) -> None:
        direction, body = value
        letters = self._one_set(body, flags)
        if letters is None:
            self._keep(body, flags)
            return
        letters = letters if wanted else ~letters
        if direction < 0:
            self.look(behind=letters)
        else:
            self.look(ahead=letters)

    def _assert_not(self, value: Any, flags: int) -> None:
        if value[1]:
            self._assert(value, flags, wanted=False)
        else:
            self._failure(None, flags)

    def _failure(self, _: None, flags: int) -> None:
        self.look(ahead=0)

    def _at(self, where: Any, flags: int) -> None:
        name = str(where).removeprefix("AT_")
        line = 1 << 10 if flags & re.MULTILINE else 0
        word = _category("WORD", self.alphabet)
        if name in ("BEGINNING", "BEGINNING_STRING"):
            self.look(behind=NONE | (line if name == "BEGINNING" else 0))
        elif name in ("END", "END_STRING"):
            self.look(ahead=NONE | (1 << 10 if name == "END" else 0))
        elif name == "BOUNDARY":
            self.one_of([partial(self.look, word, ~word), partial(self.look, ~word, word)])
        else:
            self.one_of([partial(self.look, word, word), partial(self.look, ~word, ~word)])

    def _one_set(self, body: Any, flags: int) -> Letters | None:
        """The letters of an expression that takes one."""
        while len(body) == 1 and str(body[0][0]) == "SUBPATTERN":
            body = body[0][1][3]
        if len(body) != 1 or str(body[0][0]) not in _LETTERS:
            return None
        inner = Builder(self.alphabet)
        inner.tree(body, flags)
        return inner.places[0].letters

    # -------------------------------------------------------- nodes

    def node(self) -> int:
        """A new one."""
        if len(self.after) > _MOST_NODES:
            raise NotRead
        self.after.append([])
        return len(self.after) - 1

    def skip(self, one: int, other: int) -> None:
        """A way that takes no letter."""
        self.after[one].append((other, -1, -1))

    def look(self, behind: Letters = -1, ahead: Letters = -1) -> None:
        """A way that takes no letter, and asks which stand behind and ahead."""
        end = self.node()
        self.after[self.at].append((end, behind, ahead))
        self.at = end

    # -------------------------------------------------------- what was made

    def made(self, *, open_end: bool = False) -> Automaton:
        """All of it; with an open end anything may follow, and is taken."""
        if open_end:
            self.owner = None
            self._loop(0, ENDLESS, lambda: self.letters(self.alphabet))
        begin, end = Place(NONE, None, 1, True), Place(NONE, None, 1, True)
        made = Automaton(self.alphabet, [begin, end, *self.places])
        behind = {place: self.after[node][0][0] for node, place in self.takes.items()}
        made.ways.append(self._ways(self.first))
        made.ways.append([])
        made.ways += [self._ways(behind[place]) for place in range(len(self.places))]
        return made

    def _ways(self, start: int) -> list[Way]:
        found: list[Way] = []
        todo = [(start, -1, -1, frozenset((start,)))]
        for _ in range(_MOST_PATHS):
            if not todo:
                return found
            node, behind, ahead, seen = todo.pop()
            if node in self.takes:
                found.append(Way(self.takes[node] + 2, behind, ahead))
                continue
            if node == self.at:
                found.append(Way(END, behind, ahead))
            for other, back, front in self.after[node]:
                if other not in seen:
                    todo.append((other, behind & back, ahead & front, seen | {other}))
        raise NotRead


def _size(items: Any) -> int:
    """How many letters a tree has, repeats taken once."""
    found = 0
    for op, value in items:
        kind = str(op)
        if kind in _LETTERS:
            found += 1
        elif kind == "BRANCH":
            found += sum(map(_size, value[1]))
        elif kind == "ATOMIC_GROUP":
            found += _size(value)
        elif kind == "SUBPATTERN":
            found += _size(value[3])
        elif kind.endswith("REPEAT"):
            found += _size(value[2])
    return found


def _both_cases(letters: Letters) -> Letters:
    for code in range(26):
        if letters >> 65 + code & 1 or letters >> 97 + code & 1:
            letters |= 1 << 65 + code | 1 << 97 + code
    return letters


def inner(builder: Builder) -> list[Automaton]:
    """What is matched for itself: atomic groups, and what is looked at without being taken."""
    found: list[Automaton] = []
    todo, seen = dict(builder.within), set()
    while todo:
        key, add = todo.popitem()
        if key not in seen:
            seen.add(key)
            one = type(builder)(builder.alphabet)
            add(one)
            todo |= one.within
            found.append(one.made(open_end=True))
    return found
