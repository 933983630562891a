"""The canonical table of a machine: what each innermost state does with each event.

Follows section 5 of docs/language.md: the event by its own name from the innermost state outwards;
then its classes, the narrower first; last `*`. In each state its transitions go before what it
ignores, and that before what it defers; so an inner `ignore` goes before an outer transition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from protogen_fsm.model.machine import Transition

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protogen_fsm.model.machine import Event, Match, State


@dataclass(frozen=True, slots=True)
class Passive:
    """What a state ignores or defers."""

    match: Match
    what: Literal["ignore", "defer"]


Entry: TypeAlias = Transition | Passive


def classes(value: str) -> Iterator[str]:
    """The classes a number belongs to, the narrower first: `452` gives `45x`, `4xx`, `xxx`."""
    for kept in range(len(value) - 1, -1, -1):
        yield value[:kept] + "x" * (len(value) - kept)


def covers(match: Match, event: Event, value: str = "") -> bool:
    """Whether `match` listens to `event` (to its `value`, if a field names it)."""
    if match.is_any:
        return event.origin in ("below", "above", "itself")
    if match.event is not event:
        return False
    return not match.value or not value or match.value == value or match.value in classes(value)


def entries(
    leaf: State, event: Event, value: str = "", states: Iterable[State] | None = None
) -> list[Entry]:
    """All that may take `event` in `leaf`, in the order in which it is tried.

    `states`, from the inside out, if not all those around it are asked: a region's own.

    With `value` (a number, or a class such as `4xx`) only what is for it. What stands behind an
    entry without a guard, for the same value, is dead.
    """
    around = [(state, _said(state)) for state in (states or leaf.around())]
    if event.by is None:
        names = [""]
    elif value:
        names = [value, *classes(value), ""]
    else:
        named = {m.value for _, said in around for m, _ in said if m.event is event}
        names = sorted(named, key=lambda n: (n == "", n.count("x"), n))
    found = [
        entry
        for name in names
        for _, said in around
        for match, entry in said
        if match.event is event and match.value == name
    ]
    if event.origin in ("below", "above", "itself"):
        found += [entry for _, said in around for match, entry in said if match.is_any]
    return found


def _said(state: State) -> list[tuple[Match, Entry]]:
    return [
        *((row.match, row) for row in state.transitions),
        *((match, Passive(match, "ignore")) for match in state.ignored),
        *((match, Passive(match, "defer")) for match in state.deferred),
    ]


def rows(leaf: State, event: Event, value: str = "") -> list[Transition]:
    """The transitions among the entries."""
    return [entry for entry in entries(leaf, event, value) if isinstance(entry, Transition)]


def receives(leaf: State) -> tuple[Event, ...] | None:
    """The list of `receives` that holds in the state, or None for the machine's own."""
    return next((s.receives for s in leaf.around() if s.receives is not None), None)
