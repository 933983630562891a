"""The canonical table of a machine: what each innermost state does with each event.

Follows section 5 of docs/language.md: the event by its own name from the innermost state outwards;
then its classes, the narrower first; last `*`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.model.machine import Event, Match, State, Transition


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


def _named(transition: Transition, event: Event, value: str) -> bool:
    return transition.match.event is event and transition.match.value == value


def rows(leaf: State, event: Event, value: str = "") -> list[Transition]:
    """The transitions that may take `event` in `leaf`, in the order in which they are tried.

    With `value` (a number, or a class such as `4xx`) only those for it. A row without a guard ends
    the search within what it covers, so what comes behind such a row for the same value is dead.
    """
    names: list[str]
    if event.by is None:
        names = [""]
    elif value:
        names = [value, *classes(value), ""]
    else:
        names = []
    found: list[Transition] = []
    if names:
        for name in names:
            for state in leaf.around():
                found += [t for t in state.transitions if _named(t, event, name)]
    else:
        named = {
            t.match.value for s in leaf.around() for t in s.transitions if t.match.event is event
        }
        for name in sorted(named, key=lambda n: (n == "", n.count("x"), n)):
            for state in leaf.around():
                found += [t for t in state.transitions if _named(t, event, name)]
    if event.origin in ("below", "above", "itself"):
        for state in leaf.around():
            found += [t for t in state.transitions if t.match.is_any]
    return found


def is_ignored(leaf: State, event: Event, value: str = "") -> bool:
    """Whether `ignore` names the event in the state or around it."""
    return any(covers(m, event, value) for s in leaf.around() for m in s.ignored)


def is_deferred(leaf: State, event: Event, value: str = "") -> bool:
    """Whether `defer` names the event in the state or around it."""
    return any(covers(m, event, value) for s in leaf.around() for m in s.deferred)


def receives(leaf: State) -> tuple[Event, ...] | None:
    """The list of `receives` that holds in the state, or None for the machine's own."""
    return next((s.receives for s in leaf.around() if s.receives is not None), None)
