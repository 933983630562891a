"""Which variables still matter in a state: those that may be read before they are set anew.

What does not matter any more need not be told apart (Bozga, Fernandez, Ghirvu: State space
reduction based on live variables analysis, 1999). What is read for nothing that is followed is not
read, but for texts, whose length may be known, and what there may not be. Machines with regions, a
stack or history keep all that they have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model.moves import targets
from protogen_fsm.model.types import BYTES, STR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from protogen_fsm.verify.relevance import Item

Step = tuple[list[ex.Expr | mc.Variable], mc.State | None]
"""What a step reads and the variables that it sets, in order, and where it leads."""


def live(machine: mc.Machine, reads: Reads) -> dict[mc.State, frozenset[mc.Variable]] | None:
    """For each innermost state the variables that matter there; None if all do everywhere."""
    states = machine.every_state()
    if any(state.regions for state in states) or any(
        not isinstance(target, mc.Goto) for target in targets(machine)
    ):
        return None
    return _Life(machine, reads).all()


class Reads:
    """What is read for what matters; `follows` says what does."""

    def __init__(self, follows: Callable[[Item], bool]) -> None:
        self.follows = follows

    def of(self, actions: Iterable[mc.Action]) -> Iterator[ex.Expr | mc.Variable]:
        """All that actions read, in order; a variable itself where it is set."""
        for action in actions:
            if isinstance(action, mc.Send | mc.Emit | mc.Raise):
                name = action.event.name if isinstance(action, mc.Raise) else action.output.name
                for at, arg in enumerate(action.args):
                    yield from self._value(arg, ("event", name, at))
            elif isinstance(action, mc.Assign) and isinstance(action.target, mc.StateParam):
                target = action.target
                yield from self._value(action.value, ("state", target.state, target.param.name))
            elif isinstance(action, mc.Assign) and isinstance(action.target, mc.Variable):
                yield from self._value(action.value, ("var", action.target))
                if action.op == "=":
                    yield action.target
            elif isinstance(action, mc.StartInstance):
                many = action.many
                for param, arg in zip((many.key, *many.asks), action.args, strict=True):
                    yield from self._value(arg, ("own", many.machine, param.name))

    def of_target(self, target: mc.Target | None) -> Iterator[ex.Expr]:
        """What is read for the parameters of the states that a target leads to."""
        if isinstance(target, mc.Goto | mc.Push):
            for param, arg in zip(target.state.params, target.args, strict=False):
                yield from self._value(arg, ("state", target.state, param.name))
        if isinstance(target, mc.Push):
            yield from self.of_target(target.then)

    def to_do(self, machine: mc.Machine) -> Iterator[mc.Variable]:
        """The variables that are read to do something, and not in guards only."""
        for state in machine.every_state():
            branches = [b for row in (*state.transitions, *state.timeouts) for b in row.branches]
            actions = (action for branch in branches for action in branch.actions)
            parts = [*self.of((*state.entry, *state.exit, *actions))]
            for target in (state.entry_target, *(branch.target for branch in branches)):
                parts += self.of_target(target)
            yield from (one.variable for one in parts if isinstance(one, ex.Var))

    def matters(self, e: ex.Expr, what: mc.Event | mc.Output, at: int) -> bool:
        """Whether an argument makes a difference, be it only that it is a body, or may fail."""
        made = isinstance(e, ex.Value | ex.Op) or (
            isinstance(e, ex.Function) and e.name != "dotted"
        )
        is_open = e.type in (STR, BYTES) and not made
        return is_open or self.follows(("event", what.name, at)) or any(map(may_fail, ex.walk(e)))

    def _value(self, e: ex.Expr, item: Item) -> Iterator[ex.Expr]:
        if self.follows(item) or e.type in (STR, BYTES):
            yield from ex.walk(e)
        else:
            for one in ex.walk(e):
                if may_fail(one):
                    yield from ex.walk(one)


_FALLIBLE = ("int", "bytes", "lines", "min", "max", "text")


def may_fail(e: ex.Expr) -> bool:
    """Whether there may be no value, or the user's code is asked for it."""
    if isinstance(e, ex.Op):
        return e.op == "%"
    return isinstance(e, ex.Ask | ex.Item) or (isinstance(e, ex.Function) and e.name in _FALLIBLE)


class _Life:
    """The fixpoint for one machine."""

    def __init__(self, machine: mc.Machine, reads: Reads) -> None:
        self.reads = reads
        self.leaves = [leaf for state in machine.states for leaf in state.leaves()]

    def all(self) -> dict[mc.State, frozenset[mc.Variable]]:
        """What matters in each innermost state."""
        steps = {
            leaf: [self._step(leaf, branch, row) for row, branch in _rows(leaf)]
            for leaf in self.leaves
        }
        for leaf in self.leaves:
            for state in leaf.around():
                if isinstance(state.entry_target, mc.Goto):
                    steps[leaf].append(self._walk(leaf, state.entry_target, (), []))
        found: dict[mc.State, set[mc.Variable]] = {leaf: set() for leaf in self.leaves}
        changed = True
        while changed:
            changed = False
            for leaf in self.leaves:
                now = set(found[leaf])
                for deeds, to in steps[leaf]:
                    now |= _before(deeds, found[to or leaf])
                if now != found[leaf]:
                    found[leaf] = now
                    changed = True
        return {leaf: frozenset(some) for leaf, some in found.items()}

    def _step(self, leaf: mc.State, branch: mc.Branch, row: mc.Transition) -> Step:
        first: list[ex.Expr | mc.Variable] = []
        if row.guard is not None:
            first += ex.walk(row.guard)
        return self._walk(leaf, branch.target, branch.actions, first)

    def _walk(
        self,
        leaf: mc.State,
        target: mc.Target | None,
        actions: tuple[mc.Action, ...],
        first: list[ex.Expr | mc.Variable],
    ) -> Step:
        """All that a step reads and writes, in order; a guard that does not hold reads too."""
        if not isinstance(target, mc.Goto):
            return [*first, *self.reads.of(actions)], None
        to = target.state.first()
        around = list(leaf.around())
        kept = [state for state in list(target.state.around())[1:] if state in around]
        left = [action for state in around if state not in kept for action in state.exit]
        entered = reversed([s for s in to.around() if s not in kept])
        deeds = [
            *first,
            *self.reads.of((*left, *actions)),
            *self.reads.of_target(target),
            *self.reads.of(action for state in entered for action in state.entry),
        ]
        return deeds, to


def _rows(leaf: mc.State) -> Iterable[tuple[mc.Transition, mc.Branch]]:
    for state in leaf.around():
        for row in (*state.transitions, *state.timeouts):
            for branch in row.branches:
                yield row, branch


def _before(deeds: list[ex.Expr | mc.Variable], after: set[mc.Variable]) -> set[mc.Variable]:
    """What matters before the deeds, if `after` matters behind them."""
    found = set(after)
    for deed in reversed(deeds):
        if isinstance(deed, ex.Var):
            found.add(deed.variable)
        elif isinstance(deed, mc.Variable):
            found.discard(deed)
    return found
