"""A system over links of capacity 1, 2, 3, …: for which of them it is proved, and if for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Capacities
from protogen_fsm.verify.capacities import EXHAUSTIVE, NEVER_FULL, with_capacity
from protogen_fsm.verify.explore import explore
from protogen_fsm.verify.findings import allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from protogen_fsm.model.spec import System
    from protogen_fsm.verify.explore import Explored
    from protogen_fsm.verify.space import Limits


def sweep(
    system: System,
    expected: Collection[str],
    limits: Limits,
    progress: Callable[[int], None] | None = None,
) -> Capacities:
    """Looks at one capacity after the other, until one is as good as all that are larger.

    `expected`: the flaws that the spec allows, by name.
    """
    looked_at: list[tuple[int, str, int]] = []
    why = ""
    for capacity in range(1, limits.capacities + 1):
        found = explore(with_capacity(system, capacity), limits, progress)
        for finding in found.findings:
            allowed(finding, expected)
        looked_at.append((capacity, found.verdict, found.states))
        conditions = _settles(found)
        if conditions:
            return Capacities(tuple(looked_at), capacity, conditions)
        why = _why_not(found)
        if found.why == "interrupted":
            break
    return Capacities(tuple(looked_at), None, (), why)


def _settles(found: Explored) -> tuple[str, ...]:
    """Why larger capacities come to the same; nothing if that is not known."""
    if found.never_full:
        return NEVER_FULL
    return EXHAUSTIVE if found.unfit == "" else ()


def _why_not(found: Explored) -> str:
    if found.refused:
        return found.refused
    if found.verdict != "proved":
        return f"it is {found.verdict}"
    if found.unfit is None:
        return "the spec allows a flaw of it"
    return found.unfit
