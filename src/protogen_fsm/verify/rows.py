"""What may take an event where a machine is, looked at once for each innermost state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model import moves as mv
from protogen_fsm.model.table import classes
from protogen_fsm.verify import values as vl
from protogen_fsm.verify.expressions import Meaning, meaning
from protogen_fsm.verify.values import ANY, Between

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.verify.live import Reads
    from protogen_fsm.verify.local import Event


class Entry(NamedTuple):
    """What may take an event. `certain`: it is for it; else only if the number is one of `value`.

    `kind`: `row`, `ignore` or `defer`. `names`: what the row calls the event's parameters, each
    with its place; `number`: what it calls the one that names the event.
    """

    certain: bool
    kind: str
    match: mc.Match
    row: mc.Transition | None
    guard: Meaning | None
    names: tuple[tuple[str, int], ...]
    number: str

    def named(self, args: tuple[Any, ...]) -> dict[str, Any]:
        """The event's arguments, as the row calls them."""
        local = {name: args[at] for name, at in self.names if at < len(args)}
        if self.number and not vl.is_exact(local[self.number]):
            local[self.number] = _narrow(local[self.number], self.match.value)
        return local


class Rows:
    """The rows of one machine, by where it is and what comes."""

    def __init__(self, machine: mc.Machine, reads: Reads) -> None:
        self.machine, self.reads = machine, reads
        self._found: dict[tuple[mc.State, mc.Event, Any], tuple[Entry, ...]] = {}
        self._guards: dict[mc.Transition, Meaning] = {}
        self._first: dict[tuple[mc.Event, mc.State], _Alike | None] = {}

    def of(self, leaf: mc.State, event: mc.Event, args: tuple[Any, ...]) -> tuple[Entry, ...]:
        """What may take an event, in the order in which it is tried."""
        number = "" if event.by is None else args[event.params.index(event.by)]
        key = (leaf, event, number)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = tuple(self._entries(leaf, event, number))
        return found

    def alike(self, what: Event, leaf: mc.State) -> Event:
        """The event with the number that came first of those that no row there tells from it."""
        event = what.event
        if event is None or event.by is None:
            return what
        at = event.params.index(event.by)
        key = event, leaf
        if key not in self._first:
            self._first[key] = self._alike(event, event.by.name, leaf)
        first, number = self._first[key], what.args[at]
        if first is None or type(number) is not int:
            return what
        return what._replace(args=(*what.args[:at], first[number], *what.args[at + 1 :]))

    def _alike(self, event: mc.Event, number: str, leaf: mc.State) -> _Alike | None:
        """The numbers that came first, by number; None where it is read, or kept for later."""
        said = [one for state in [*leaf.around(), *leaf.every()] for one in said_by(state)]
        rows = [row for match, _, row in said if row is not None and match.event is event]
        kept = any(kind == "defer" and match.event in (event, None) for match, kind, _ in said)
        kept = kept or bool(self.machine.many)  # an instance may tell them apart
        read = [part for row in rows for part in self.reads.of_row(row)]
        if kept or any(isinstance(one, ex.Local) and one.name == number for one in read):
            return None
        return _Alike({match.value for match, _, _ in said if match.event is event})

    def _entries(self, leaf: mc.State, event: mc.Event, number: Any) -> Iterator[Entry]:
        states = mv.within(leaf)
        for name, is_certain in _names(states, event, number):
            for state in states:
                for match, kind, row in said_by(state):
                    if match.event is event and match.value == name:
                        yield self._entry(is_certain, match, kind, row)
        if event.origin in ("below", "above", "itself"):
            for state in states:
                for match, kind, row in said_by(state):
                    if match.is_any:
                        yield self._entry(True, match, kind, row)

    def _entry(self, certain: bool, match: mc.Match, kind: str, row: mc.Transition | None) -> Entry:
        if row is None:
            return Entry(certain, kind, match, None, None, (), "")
        guard = None
        if row.guard is not None:
            guard = self._guards.get(row)
            if guard is None:
                guard = self._guards[row] = meaning(row.guard)
        event = match.event
        if event is None:
            return Entry(certain, kind, match, row, guard, (), "")
        places = {p.name: at for at, p in enumerate(event.params)}
        others = [at for at, p in enumerate(event.params) if p is not event.by]
        names = {**places, **dict(zip(row.names, others, strict=False))}
        number = event.by.name if match.value and event.by is not None else ""
        number = "" if number in row.names else number
        return Entry(certain, kind, match, row, guard, tuple(names.items()), number)


class _Alike(dict[object, int]):
    """For each number the first that came of those with the same names, of the names `said`."""

    def __init__(self, said: set[str]) -> None:
        self.said = said
        self.first: dict[tuple[str, ...], int] = {}

    def __missing__(self, number: int) -> int:
        names = (str(number), *classes(str(number)))
        first = self.first.setdefault(tuple(n for n in names if n in self.said), number)
        self[number] = first
        return first


def said_by(state: mc.State) -> list[tuple[mc.Match, str, mc.Transition | None]]:
    """What a state says of events, in the order written."""
    return [
        *((row.match, "row", row) for row in state.transitions),
        *((match, "ignore", None) for match in state.ignored),
        *((match, "defer", None) for match in state.deferred),
    ]


def _names(states: list[mc.State], event: mc.Event, number: Any) -> Iterator[tuple[str, bool]]:
    """The names of an event, the narrower first, and whether it is surely named so."""
    if event.by is None:
        yield "", True
    elif vl.is_exact(number):
        yield from ((name, True) for name in (str(number), *classes(str(number)), ""))
    else:
        said = {m.value for s in states for m, _, _ in said_by(s) if m.event is event} | {""}
        for name in sorted(said, key=lambda n: (n == "", n.count("x"), n)):
            certain = _fits(number, name) if name else True
            if certain is not None:
                yield name, certain


def _fits(number: Any, name: str) -> bool | None:
    """Whether a number that is not known is named so: True, False for perhaps, None for no."""
    if not isinstance(number, Between):
        return False
    low, high = _range_of(name)
    if low is None or high is None:
        return False
    least, most = number.low, number.high
    if (most is not None and most < low) or (least is not None and least > high):
        return None
    return least is not None and most is not None and least >= low and most <= high


def _range_of(name: str) -> tuple[int | None, int | None]:
    try:
        return int(name.replace("x", "0")), int(name.replace("x", "9"))
    except ValueError:
        return None, None


def _narrow(number: Any, name: str) -> Any:
    """What is known of a number once it was found to be named so."""
    low, high = _range_of(name)
    if low is None or high is None:
        return name if number is ANY else number
    least, most = vl.bounds(number)
    low = low if least is None else max(low, least)
    high = high if most is None else min(high, most)
    return vl.between(low, high)
