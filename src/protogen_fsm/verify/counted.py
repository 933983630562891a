"""Numbers that something is added to, and how far they are followed one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model.types import INT
from protogen_fsm.verify.values import MOST_ITEMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.verify.relevance import Item, Relevance

SMALL: Final = 16
"""No number above it is counted up to, and no more values of an `int` are followed."""

_SMALL: Final = range(-SMALL, SMALL + 1)


class Counted:
    """The counters of a machine.

    A number or a list is followed up to the largest small number that guards compare it with, at
    least 2. A variable that only grows, and is compared with nothing but numbers in the
    spec, is followed up to the largest of them: above it nobody can tell one from another.
    """

    def __init__(self, machine: mc.Machine, relevance: Relevance, to_do: set[mc.Variable]) -> None:
        guards = [row.guard for row in _rows(machine) if row.guard is not None]
        self._relevance = relevance
        self._most: dict[Item, int] = {}
        assigned = [a for a in _actions(machine) if isinstance(a, mc.Assign)]
        self.variables = {
            action.target
            for action in assigned
            if action.op == "+=" and isinstance(action.target, mc.Variable)
            if action.target.type == INT
        }
        self._own: dict[object, int] = {
            variable: most
            for variable in self.variables.difference(relevance.asked, to_do)
            if all(_only_grows(one) for one in assigned if one.target is variable)
            if (most := _compared(variable, guards)) is not None
        }

    def of(self, item: Item) -> int:
        """The largest number, or size, that is followed exactly."""
        if item[1] in self._own:
            return self._own[item[1]]
        if item not in self._most:
            self._most[item] = max(MOST_ITEMS, self._relevance.largest(item, _SMALL))
        return self._most[item]

    def is_exact(self, variable: object) -> bool:
        """Whether nobody can tell what lies above from each other."""
        return variable in self._own


def _only_grows(action: mc.Assign) -> bool:
    value = action.value.value if isinstance(action.value, ex.Value) else None
    return action.op == "=" or (action.op == "+=" and isinstance(value, int) and value >= 0)


def _compared(variable: mc.Variable, guards: list[ex.Expr]) -> int | None:
    """The largest small number that it is compared with; None if with anything else."""
    most = 0
    for guard in guards:
        read = 0
        for one in ex.walk(guard):
            read += isinstance(one, ex.Var) and one.variable is variable
            if isinstance(one, ex.Op) and one.op in ("==", "!=", "<", "<=", ">", ">="):
                left, right = one.operands
                known = right if isinstance(left, ex.Var) else left
                other = left if isinstance(left, ex.Var) else right
                if isinstance(other, ex.Var) and other.variable is variable:
                    if not (isinstance(known, ex.Value) and known.value in _SMALL):
                        return None
                    most = max(most, _small(known))
                    read -= 1
        if read:
            return None
    return most


def _rows(machine: mc.Machine) -> Iterator[mc.Transition]:
    for state in machine.every_state():
        yield from state.transitions
        yield from state.timeouts


def _actions(machine: mc.Machine) -> Iterator[mc.Action]:
    for state in machine.every_state():
        yield from state.entry
        yield from state.exit
    for row in _rows(machine):
        for branch in row.branches:
            yield from branch.actions


def _small(one: ex.Expr) -> int:
    value = one.value if isinstance(one, ex.Value) else None
    return abs(value) if isinstance(value, int) and value in _SMALL else 0
