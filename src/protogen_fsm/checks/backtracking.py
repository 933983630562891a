"""Whether matching goes back and forth: a text that is read in many ways, and fits in none.

Python's `re` tries one way after the other. Where a letter can be taken in two ways, and both lead
back to where they began, each such letter doubles the ways (exponential ambiguity); where two
repeats take the same letters in turn, there are as many ways as places for the border between them
(polynomial). Both are found in products of the automaton with itself: Weideman, van der Merwe,
Berglund and Watson, "Analyzing matching time behavior of backtracking regular expression matchers
by using ambiguity of NFA" (CIAA 2016). A text that fails in the end is part of what is found:
without one, the first way is the only one tried.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import partial
from operator import eq
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from protogen_fsm.checks.moves import components
from protogen_fsm.checks.regexes import END, NONE, START, NotRead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from protogen_fsm.checks.regexes import Automaton, Letters

At: TypeAlias = tuple[int, int]  # a place, and the class of the letter that was taken there
Pair: TypeAlias = "tuple[At, At]"
Node = TypeVar("Node")

_MOST_STEPS = 100_000
_MANY = 1_000_000  # ways past which a frame takes a time that is seen
_DOUBLINGS = 20  # less often is no harm
_ROUNDS = 12  # behind so many pumps a text must fail
_NICE = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'()*+,-./:;<=>?@[]^_{|}~ "
)


@dataclass(frozen=True)
class Slow:
    """A text that keeps matching busy: `before`, then `again` many times, then `behind`.

    An octet is the letter of its number. `owners` are those whose expressions take `again` in more
    than one way. `amid`: the text stands behind what leads to where it is matched for itself.
    """

    exponential: bool
    before: str
    again: str
    behind: str
    owners: tuple[object, ...]
    amid: bool = False


def slow(automaton: Automaton) -> Slow | None:
    """What keeps matching busy, if anything does. Raises NotRead where that takes too long."""
    matching = _Matching(automaton)
    return matching.doubled() or matching.divided()


class _Matching:
    """An automaton over classes of letters that it does not tell apart."""

    def __init__(self, automaton: Automaton) -> None:
        self.places = automaton.places
        self.classes = _classes(automaton)
        self.steps = 0
        self.first: At = START, len(self.classes)
        self.next: dict[At, list[At]] = {}
        self.twice: set[Pair] = set()  # there are two ways from one to the other
        todo = [self.first]
        while todo:
            at = todo.pop()
            if at not in self.next:
                self.next[at] = self._led(automaton, at)
                todo += self.next[at]
        circles = [
            one for one in components(self.next) if len(one) > 1 or one[0] in self.next[one[0]]
        ]
        self.circles = [set(one) for one in circles]
        self.circle = {at: number for number, one in enumerate(circles) for at in one}

    def _led(self, automaton: Automaton, at: At) -> list[At]:
        found: dict[At, None] = {}
        for way in automaton.ways[at[0]]:
            if not way.behind & self._letters(at[1]):
                continue
            for into in range(len(self.classes) + 1):
                if self._letters(into) & way.ahead & self.places[way.to].letters:
                    other = way.to, into
                    if other in found:
                        self.twice.add((at, other))
                    found[other] = None
        return list(found)

    def _letters(self, number: int) -> Letters:
        return self.classes[number] if number < len(self.classes) else NONE

    def _step(self) -> None:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise NotRead

    # -------------------------------------------------------- each letter doubles the ways

    def doubled(self) -> Slow | None:
        """Two ways by the same letters from one place back to it."""
        for around in self.circles:
            graph: dict[Pair, list[Pair]] = {}
            todo: list[Pair] = [(at, at) for at in around]
            while todo:
                pair = todo.pop()
                if pair not in graph:
                    led = self._both(pair, around, around)
                    graph[pair] = [(a, b) if a <= b else (b, a) for a, b in led]
                    todo += graph[pair]
            for some in components(graph):
                found = self._split(graph, set(some))
                if found is not None:
                    return found
        return None

    def _both(self, pair: Pair, one: set[At], other: set[At]) -> list[Pair]:
        """Where a letter leads both, each within its circle."""
        found = []
        seconds = [second for second in self.next[pair[1]] if second in other]
        for first in self.next[pair[0]]:
            self._step()
            if first in one:
                found += [(first, second) for second in seconds if second[1] == first[1]]
        return found

    def _split(self, graph: dict[Pair, list[Pair]], within: set[Pair]) -> Slow | None:
        """A way from a pair of one place twice back to it, on which the two part."""

        def parts(pair: Pair, other: Pair) -> bool:
            return other[0] != other[1] or (
                pair[0] == pair[1] and (pair[0], other[0]) in self.twice
            )

        def ways(node: tuple[Pair, bool]) -> Iterator[tuple[Pair, bool]]:
            pair, apart = node
            for other in graph[pair]:
                if other in within:
                    yield other, apart or parts(pair, other)

        edges = ((pair, other) for pair in within for other in graph[pair] if other in within)
        if not any(parts(*edge) for edge in edges):
            return None
        for start in sorted(within):
            if start[0] == start[1] and self.places[start[0][0]].gives_back:
                path = _path([(start, False)], ways, partial(eq, (start, True)))
                if path is not None:
                    return self._doubling(path)
        return None

    def _doubling(self, path: list[tuple[Pair, bool]]) -> Slow | None:
        taken = {at[0] for pair, _ in path for at in pair}
        if min(self.places[place].rounds for place in taken) < _DOUBLINGS * (len(path) - 1):
            return None
        return self._told(True, path[0][0][0], [pair[0] for pair, _ in path[1:]], taken)

    # -------------------------------------------------------- where one repeat ends and one begins

    def divided(self) -> Slow | None:
        """Letters that lead from a place to itself, to another, and from that one to itself."""
        for one in self.circles:
            for other in self.circles:
                if one is not other and self._meet(one, other):
                    found = self._between(one, other)
                    if found is not None:
                        return found
        return None

    def _meet(self, one: set[At], other: set[At]) -> bool:
        """Whether letters that both take lead from one circle to the other."""
        common = {at[1] for at in one} & {at[1] for at in other}
        seen = {at for at in one if at[1] in common}
        todo = list(seen)
        while todo:
            for at in self.next[todo.pop()]:
                if at[1] in common and at not in seen:
                    self._step()
                    seen.add(at)
                    todo.append(at)
        return not seen.isdisjoint(other)

    def _between(self, one: set[At], other: set[At]) -> Slow | None:
        """Of pairs on one circle of both any will do: each leads to each."""
        pairs = [(a, b) for a in one for b in other if a[1] == b[1]]
        graph = {pair: self._both(pair, one, other) for pair in pairs}
        for some in components(graph):
            worth = [pair for pair in some if self._matters(*pair)]
            if worth and (len(some) > 1 or some[0] in graph[some[0]]):
                found = self._border(*min(worth), set(some))
                if found is not None:
                    return found
        return None

    def _matters(self, one: At, other: At) -> bool:
        first, second = self.places[one[0]], self.places[other[0]]
        return (
            first.gives_back
            and first.rounds * second.rounds >= _MANY
            and (first.owner is not None or second.owner is not None)
        )

    def _border(self, one: At, other: At, within: set[Pair]) -> Slow | None:
        def ways(node: tuple[At, At, At]) -> Iterator[tuple[At, At, At]]:
            middle = self.next[node[1]]
            for first in self.next[node[0]]:
                for third in self.next[node[2]]:
                    if (first, third) in within:
                        self._step()
                        for second in middle:
                            if second[1] == first[1]:
                                yield first, second, third

        path = _path([(one, one, other)], ways, lambda node: node == (one, other, other))
        if path is None:
            return None
        return self._told(False, one, [node[0] for node in path[1:]], {one[0], other[0]})

    # -------------------------------------------------------- a text that shows it

    def _told(self, exponential: bool, at: At, again: list[At], taken: set[int]) -> Slow | None:
        """With a text that leads there, and one that fails behind it; None if all is taken."""
        before = _path([self.first], lambda one: self.next[one], lambda one: one == at)
        owners = tuple(
            dict.fromkeys(
                self.places[place].owner
                for place in sorted(taken)
                if self.places[place].owner is not None
            )
        )
        if before is None or not owners:
            return None
        states = frozenset((self.first,))
        for one in [*before[1:], *again * _ROUNDS]:
            states = self._after(states, one[1])
        behind = _path(
            [(states, -1)],
            lambda node: (
                (self._after(node[0], number), number) for number in range(len(self.classes))
            ),
            lambda node: not any(END in (other[0] for other in self.next[at]) for at in node[0]),
        )
        if behind is None:
            return None
        letters = [
            "".join(self._shown(one[1]) for one in some) for some in (before[1:], again, behind[1:])
        ]
        return Slow(exponential, letters[0], letters[1], letters[2], owners)

    def _after(self, states: frozenset[At], number: int) -> frozenset[At]:
        self._step()
        return frozenset(to for at in states for to in self.next[at] if to[1] == number)

    def _shown(self, number: int) -> str:
        letters = self.classes[number]
        nice = next((letter for letter in _NICE if letters >> ord(letter) & 1), "")
        return nice or chr((letters & -letters).bit_length() - 1)


def _classes(automaton: Automaton) -> list[Letters]:
    """The least sets of letters that are told apart."""
    found: list[Letters] = [automaton.alphabet]
    sets = {place.letters for place in automaton.places}
    sets |= {side for ways in automaton.ways for way in ways for side in (way.behind, way.ahead)}
    for one in sets:
        found = [part for old in found for part in (old & one, old & ~one) if part]
    return found


def _path(
    starts: Iterable[Node],
    ways: Callable[[Node], Iterable[Node]],
    ends: Callable[[Node], bool],
) -> list[Node] | None:
    """A shortest path; one step at the least where a start is no end."""
    before: dict[Node, Node | None] = dict.fromkeys(starts)
    todo = deque(before)
    while todo:
        node: Node | None = todo.popleft()
        assert node is not None
        if ends(node):
            found: list[Node] = []
            while node is not None:
                found.append(node)
                node = before[node]
            return found[::-1]
        for other in ways(node):
            if other not in before:
                before[other] = node
                todo.append(other)
    return None
