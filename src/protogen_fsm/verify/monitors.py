"""Patterns of what happens, as small machines that watch the others.

A monitor is one more place of a configuration. It moves with what a peer does, told as letters: for
each thing that is done, what it is to the pattern (`first`, `second`, `until`, or `other` for what
one of `second` could have been done instead of).
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from protogen_fsm.verify import values as vl
from protogen_fsm.verify.local import Choice, Effect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from protogen_fsm.model.spec import Happening, Pattern, System
    from protogen_fsm.verify.peer import Outcome, State
    from protogen_fsm.verify.relevance import Item

Letters: TypeAlias = tuple[frozenset[str], ...]

MANY: Final = 16
"""So many that wait for an answer are counted; from then on there are many, for ever."""


class Done(NamedTuple):
    """Something that a peer has done: `sends`, `receives`, `accepts`, `emits`, `enters`."""

    verb: str
    name: str
    args: tuple[Any, ...] = ()


class Monitor:
    """One pattern.

    Its state: of `every` and `at most` how many wait; of `after` whether it has happened, of
    `before` likewise. `bad`: the state in which it is refuted, -1 if it takes for ever to be.
    """

    def __init__(self, pattern: Pattern, numbers: Mapping[str, list[int]]) -> None:
        self.pattern = pattern
        self._numbers = numbers
        self.bad = {"every": -1, "at most": pattern.most + 1, "after": 2, "before": 2}[pattern.kind]
        self.answering: set[int] = set()  # outcomes that answer, by identity
        self.met: set[str] = set()  # the roles of what was done

    @property
    def states(self) -> int:
        """How many states it has."""
        return MANY + 1 if self.bad < 0 else self.bad + 1

    def letters(self, peer: int, done: Iterable[Done]) -> Letters:
        """What things that a peer does are to the pattern; what is nothing to it is left out."""
        found = []
        for one in done:
            roles = {
                role
                for role in ("first", "second", "until")
                for happening in getattr(self.pattern, role)
                if self._is(happening, peer, one)
            }
            second = self.pattern.second
            could = any(h.verb == one.verb and self._speaks_of(h, peer) for h in second)
            if self.pattern.kind == "after" and could and "second" not in roles:
                roles.add("other")
            if roles:
                found.append(frozenset(roles))
                self.met |= roles
        return tuple(found)

    @property
    def speaks_of_nothing(self) -> bool:
        """Whether it holds only because what it speaks of never happens."""
        return ("second" if self.pattern.kind == "before" else "first") not in self.met

    def step(self, state: int, letters: Letters) -> int:
        """The state behind what was done."""
        for roles in letters:
            state = self._after(state, roles)
        return state

    def _after(self, state: int, roles: frozenset[str]) -> int:
        kind = self.pattern.kind
        if state == self.bad:
            return state
        if kind in ("every", "at most"):
            most = MANY if kind == "every" else self.bad
            if ("second" in roles or "until" in roles) and 0 < state < MANY + (kind == "at most"):
                state -= 1
            return min(most, state + ("first" in roles))
        if kind == "after":
            if state and "other" in roles:
                return self.bad
            if state and "until" in roles:
                return 0
            return 1 if "first" in roles else state
        if not state and "second" in roles and "first" not in roles:
            return self.bad
        return 1 if "first" in roles else state

    def _speaks_of(self, happening: Happening, peer: int) -> bool:
        numbers = self._numbers[happening.peer.name]
        return peer in numbers if happening.index is None else peer == numbers[happening.index]

    def _is(self, happening: Happening, peer: int, done: Done) -> bool:
        if (happening.verb, happening.name) != done[:2] or not self._speaks_of(happening, peer):
            return False
        return not happening.value or _is_named(done.args[happening.by], happening.value)


class Monitors:
    """All patterns of a system, watched together."""

    def __init__(self, system: System, numbers: Mapping[str, list[int]]) -> None:
        self.all = [Monitor(pattern, numbers) for pattern in system.patterns]

    def watch(
        self, peer: int, outcome: Outcome, before: State | None
    ) -> list[tuple[Outcome, tuple[Letters, ...]]]:
        """What an outcome is to each of them; several where that hangs on values not followed."""
        if not self.all:
            return [(outcome, ())]
        done = list(_done(outcome, before))
        ways = [self._exactly(peer, one) for one in done]
        found = []
        for chosen in product(*ways):
            told = tuple(choice for _, choice in chosen if choice is not None)
            one = outcome._replace(choices=(*outcome.choices, *told)) if told else outcome
            letters = tuple(m.letters(peer, [what for what, _ in chosen]) for m in self.all)
            for monitor, said in zip(self.all, letters, strict=True):
                if any("second" in roles for roles in said):
                    monitor.answering.add(id(one))
            found.append((one, letters))
        return found

    def _exactly(self, peer: int, done: Done) -> list[tuple[Done, Choice | None]]:
        """The same with a number that is known, if a pattern asks for it."""
        asked = {
            (happening.by, happening.value)
            for monitor in self.all
            for role in (monitor.pattern.first, monitor.pattern.second, monitor.pattern.until)
            for happening in role
            if happening.value and (happening.verb, happening.name) == done[:2]
        }
        if not asked:
            return [(done, None)]
        at = next(by for by, _ in asked)
        value = done.args[at]
        if vl.is_exact(value):
            return [(done, None)]
        low, high = vl.bounds(value)
        names = sorted({name for _, name in asked})
        found: list[tuple[Done, Choice | None]] = []
        for name in names:
            number: Any = name
            if name[0].isdigit():
                number = int(name.replace("x", "0"))
                last = int(name.replace("x", "9"))
                if (low is not None and last < low) or (high is not None and number > high):
                    continue
                number = number if low is None else max(low, number)
            args = (*done.args[:at], number, *done.args[at + 1 :])
            found.append((done._replace(args=args), Choice("value", f"it is {name}")))
        args = (*done.args[:at], None, *done.args[at + 1 :])
        found.append((done._replace(args=args), Choice("value", "it is another")))
        return found


def named_items(system: System) -> list[Item]:
    """The fields that patterns tell events apart by: they matter."""
    return [
        ("event", happening.name, happening.by)
        for pattern in system.patterns
        for happening in (*pattern.first, *pattern.second, *pattern.until)
        if happening.by >= 0
    ]


def _done(outcome: Outcome, before: State | None) -> Iterator[Done]:
    """All that is done in one step, in order."""
    for one in outcome.told:
        if isinstance(one, Effect):
            if one.output is not None:
                verb = "sends" if one.kind == "send" else "emits"
                yield Done(verb, one.output.name, one.args)
        elif one.event is not None and one.event.origin in ("below", "above"):
            verb = "receives" if one.event.origin == "below" else "accepts"
            yield Done(verb, one.event.name, one.args)
    was = set() if before is None else set(before.locals[0].active())
    for state in outcome.state.locals[0].active():
        if state not in was:
            yield Done("enters", state.name)


def _is_named(value: Any, name: str) -> bool:
    """Whether a value is the number, of the class of numbers, or the member of that name."""
    text = str(value)
    return len(text) == len(name) and all(a in (b, "x") for a, b in zip(name, text, strict=True))
