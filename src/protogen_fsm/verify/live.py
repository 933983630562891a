"""Which variables still matter in a state: those that may be read before they are set anew.

What does not matter any more need not be told apart (Bozga, Fernandez, Ghirvu: State space
reduction based on live variables analysis, 1999). What is read for nothing that is followed is not
read, but for texts, whose length may be known, and what there may not be. Of regions that are
active at once each is looked at by itself: what matters to one of them matters. Machines with a
stack or history keep all that they have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model import moves as mv
from protogen_fsm.model.moves import targets
from protogen_fsm.model.types import BYTES, STR
from protogen_fsm.verify.relevance import parts_read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from protogen_fsm.verify.relevance import Item

Step = tuple[set[mc.Variable], set[mc.Variable], mc.State | None]
"""The variables that a step reads before it sets them, those that it sets, where it leads."""


def live(machine: mc.Machine, reads: Reads) -> dict[mc.State, frozenset[mc.Variable]] | None:
    """For each innermost state the variables that matter there; None if all do everywhere."""
    if any(not isinstance(target, mc.Goto) for target in targets(machine)):
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

    def of_row(self, row: mc.Transition) -> Iterator[ex.Expr]:
        """What a row reads in its guard, its actions and its targets."""
        if row.guard is not None:
            yield from ex.walk(row.guard)
        for branch in row.branches:
            parts = [*self.of(branch.actions), *self.of_target(branch.target)]
            yield from (one for one in parts if not isinstance(one, mc.Variable))

    def of_target(self, target: mc.Target | None) -> Iterator[ex.Expr]:
        """What is read for the parameters of the states that a target leads to."""
        if isinstance(target, mc.Goto | mc.Push):
            for param, arg in zip(target.state.params, target.args, strict=False):
                yield from self._value(arg, ("state", target.state, param.name))
        if isinstance(target, mc.Push):
            yield from self.of_target(target.then)

    def to_do(self, machine: mc.Machine) -> set[mc.Variable]:
        """The variables that are read to do something, and not in guards only."""
        found = set()
        for state in machine.every_state():
            branches = [b for row in (*state.transitions, *state.timeouts) for b in row.branches]
            actions = (action for branch in branches for action in branch.actions)
            parts = [*self.of((*state.entry, *state.exit, *actions))]
            for target in (state.entry_target, *(branch.target for branch in branches)):
                parts += self.of_target(target)
            found |= {one.variable for one in parts if isinstance(one, ex.Var)}
        return found

    def matters(self, e: ex.Expr, what: mc.Event | mc.Output, at: int) -> bool:
        """Whether an argument makes a difference, be it only that it is a body, or may fail."""
        made = isinstance(e, ex.Value | ex.Op) or (
            isinstance(e, ex.Function) and e.name != "dotted"
        )
        is_open = e.type in (STR, BYTES) and not made
        return is_open or self.follows(("event", what.name, at)) or any(map(may_fail, ex.walk(e)))

    def _value(self, e: ex.Expr, item: Item) -> Iterator[ex.Expr]:
        if self.follows(item) or e.type in (STR, BYTES):
            yield from parts_read(e)
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
        self.leaves += [state for state in machine.every_state() if state.regions]

    def all(self) -> dict[mc.State, frozenset[mc.Variable]]:
        """What matters in each innermost state."""
        steps = {leaf: [self._step(leaf, *row) for row in _rows(leaf)] for leaf in self.leaves}
        for leaf in self.leaves:
            if mv.region_of(leaf) is not None:  # another region may lead out of all of them
                exits = [action for state in leaf.around() for action in state.exit]
                steps[leaf].append(self._step(leaf, None, None, tuple(exits)))
        found: dict[mc.State, set[mc.Variable]] = {leaf: set() for leaf in self.leaves}
        changed = True
        while changed:
            changed = False
            for leaf in self.leaves:
                now = set(found[leaf])
                for read, written, to in steps[leaf]:
                    arrived = (leaf,) if to is None else _arrival(to)
                    now |= read.union(*(found[one] - written for one in arrived))
                if now != found[leaf]:
                    found[leaf] = now
                    changed = True
        return {leaf: frozenset(some) for leaf, some in found.items()}

    def _step(
        self,
        leaf: mc.State,
        guard: ex.Expr | None,
        target: mc.Target | None,
        actions: tuple[mc.Action, ...],
    ) -> Step:
        """What a step does, from a leaf; a guard that does not hold reads, too."""
        read: set[mc.Variable] = set()
        written: set[mc.Variable] = set()
        to = None
        deeds: list[Iterable[object]] = [() if guard is None else ex.walk(guard)]
        if isinstance(target, mc.Goto):
            to = target.state.first()
            around = list(leaf.around())
            kept = [state for state in list(target.state.around())[1:] if state in around]
            left = [action for state in around if state not in kept for action in state.exit]
            entered = reversed([s for s in to.around() if s not in kept])
            deeds += [
                self.reads.of((*left, *actions)),
                self.reads.of_target(target),
                self.reads.of(action for state in entered for action in state.entry),
            ]
        else:
            deeds.append(self.reads.of(actions))
        for some in deeds:
            for one in some:
                if isinstance(one, ex.Var):
                    read |= {one.variable} - written
                elif isinstance(one, mc.Variable):
                    written.add(one)
        return read, written, to


def _arrival(leaf: mc.State) -> Iterator[mc.State]:
    """Where one is who arrives in an innermost state: there, and where its regions begin."""
    yield leaf
    for region in leaf.regions:
        begun = next((s for s in region.states if s.initial), region.states[0])
        yield from _arrival(begun.first())


def _rows(
    leaf: mc.State,
) -> Iterator[tuple[ex.Expr | None, mc.Target | None, tuple[mc.Action, ...]]]:
    """The guard, the target and the actions of each step that may be taken from a leaf."""
    for state in leaf.around():
        for row in (*state.transitions, *state.timeouts):
            for branch in row.branches:
                yield row.guard, branch.target, branch.actions
        if isinstance(state.entry_target, mc.Goto):
            yield None, state.entry_target, ()
