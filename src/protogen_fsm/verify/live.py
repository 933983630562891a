"""Which variables still matter in a state: those that may be read before they are set anew.

What does not matter any more need not be told apart. Machines with regions, a stack or history keep
all that they have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model.moves import targets

if TYPE_CHECKING:
    from collections.abc import Iterable

Step = tuple[list[object], mc.State | None]  # reads and writes in order, and where it leads


def live(machine: mc.Machine) -> dict[mc.State, frozenset[mc.Variable]] | None:
    """For each innermost state the variables that matter there; None if all do everywhere."""
    states = machine.every_state()
    if any(state.regions for state in states) or any(
        not isinstance(target, mc.Goto) for target in targets(machine)
    ):
        return None
    leaves = [leaf for state in machine.states for leaf in state.leaves()]
    steps = {leaf: [_step(leaf, branch, row) for row, branch in _rows(leaf)] for leaf in leaves}
    for leaf in leaves:
        for state in leaf.around():
            if isinstance(state.entry_target, mc.Goto):
                steps[leaf].append(_walk(leaf, state.entry_target, (), []))
    found: dict[mc.State, set[mc.Variable]] = {leaf: set() for leaf in leaves}
    changed = True
    while changed:
        changed = False
        for leaf in leaves:
            now = set(found[leaf])
            for deeds, to in steps[leaf]:
                now |= _before(deeds, found[to or leaf])
            if now != found[leaf]:
                found[leaf] = now
                changed = True
    return {leaf: frozenset(some) for leaf, some in found.items()}


def _rows(leaf: mc.State) -> Iterable[tuple[mc.Transition, mc.Branch]]:
    for state in leaf.around():
        for row in (*state.transitions, *state.timeouts):
            for branch in row.branches:
                yield row, branch


def _step(leaf: mc.State, branch: mc.Branch, row: mc.Transition) -> Step:
    first: list[object] = [] if row.guard is None else list(ex.walk(row.guard))
    return _walk(leaf, branch.target, branch.actions, first)


def _walk(
    leaf: mc.State,
    target: mc.Target | None,
    actions: tuple[mc.Action, ...],
    first: list[object],
) -> Step:
    """All that a step reads and writes, in order; a guard of a row that is not taken reads too."""
    deeds = first
    to = None
    if isinstance(target, mc.Goto):
        to = target.state.first()
        around = list(leaf.around())
        kept = [state for state in list(target.state.around())[1:] if state in around]
        for state in around:
            if state not in kept:
                _do(state.exit, deeds)
        _do(actions, deeds)
        for arg in target.args:
            deeds += ex.walk(arg)
        for state in reversed([s for s in to.around() if s not in kept]):
            _do(state.entry, deeds)
    else:
        _do(actions, deeds)
    return deeds, to


def _do(actions: Iterable[mc.Action], deeds: list[object]) -> None:
    for action in actions:
        args: tuple[ex.Expr, ...] = getattr(action, "args", ())
        if isinstance(action, mc.Assign):
            args = (action.value,)
        elif isinstance(action, mc.StartTimer) and action.duration is not None:
            args = (action.duration,)
        for arg in args:
            deeds += ex.walk(arg)
        if isinstance(action, mc.Assign) and isinstance(action.target, mc.Variable):
            deeds.append(("sets", action.target) if action.op == "=" else ("reads", action.target))


def _before(deeds: list[object], after: set[mc.Variable]) -> set[mc.Variable]:
    """What matters before the deeds, if `after` matters behind them."""
    found = set(after)
    for deed in reversed(deeds):
        if isinstance(deed, ex.Var):
            found.add(deed.variable)
        elif isinstance(deed, tuple) and deed[0] == "sets":
            found.discard(deed[1])
    return found
