"""Variables: each has a value before it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.checks import parts
from protogen_fsm.checks.moves import reach
from protogen_fsm.checks.tell import tell
from protogen_fsm.model.expressions import Local, Value, Var, walk
from protogen_fsm.model.machine import Assign, Push, State, Variable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protogen_fsm.checks.moves import Moves, Step
    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.machine import Action
    from protogen_fsm.source import Span


def read_before_set(moves: Moves) -> Iterator[Diagnostic]:
    """On every way to where a variable is read it has been set (definite assignment).

    Variables are never unset. What a pushed state, or another region, may set counts as set once
    it is gone back to, so that only what is sure is told.
    """
    bits = {
        variable: 1 << place
        for place, variable in enumerate(
            v for v in moves.machine.variables.values() if v.initial is None
        )
    }
    if bits:
        yield from _Flow(moves, bits).find()


class _Flow:
    """For each innermost state, the variables that are surely set when it is entered."""

    def __init__(self, moves: Moves, bits: dict[Variable, int]) -> None:
        self.moves = moves
        self.bits = bits
        self.all = (1 << len(bits)) - 1
        self.set_at: dict[State, int] = {}
        self.unset: dict[Variable, list[Span]] = {}
        pushed = [
            leaf
            for state in moves.states
            for target in parts.state_targets(state)
            if isinstance(target, Push)
            for leaf in moves.entered(target.state)
        ]
        self.by_pushed = self._sets(_reached(moves, pushed)) if pushed else 0
        self.by_regions = self._sets(s for s in moves.states if _in_region(s))

    def _sets(self, states: Iterable[State]) -> int:
        found = 0
        for state in states:
            for action in parts.state_actions(state):
                found |= self._set_by(action)
        return found

    def _set_by(self, action: Action) -> int:
        if isinstance(action, Assign) and action.op == "=" and isinstance(action.target, Variable):
            return self.bits.get(action.target, 0)
        return 0

    def find(self) -> Iterator[Diagnostic]:
        """What is read before it is set, each variable once."""
        todo: list[State] = []
        entry = [
            a for leaf in self.moves.start for s in reversed(list(leaf.around())) for a in s.entry
        ]
        first = self._after(entry, 0, tell_it=False)
        for leaf in self.moves.start:
            self._arrive(leaf, first, todo)
        while todo:
            leaf = todo.pop()
            for step in self.moves.steps(leaf):
                after = self._through(leaf, step, tell_it=False)
                for other in step.leads_to:
                    self._arrive(other, after, todo)
                if isinstance(step.target, Push) and step.target.then is not None:
                    for other in self.moves.entered(step.target.then.state):
                        self._arrive(other, after | self.by_pushed, todo)
        self._after(entry, 0, tell_it=True)
        for leaf in self.set_at:
            for around in leaf.around():
                if around.reads is not None:
                    self._read(around.reads.args.values(), self._at(leaf))
            for step in self.moves.steps(leaf):
                self._through(leaf, step, tell_it=True)
        for variable, reads in self.unset.items():
            yield tell(
                "PG215",
                f"the variable `{variable.name}` may be read before it has a value",
                min(reads, key=lambda span: span.start),
                "not set on every way to here",
                labels=[(variable.span, "declared without a value")],
                help="give it a value where it is declared, or set it on every way that leads here",
            )

    def _arrive(self, leaf: State, known: int, todo: list[State]) -> None:
        met = self.set_at.get(leaf, self.all) & known
        if leaf not in self.set_at or met != self.set_at[leaf]:
            self.set_at[leaf] = met
            todo.append(leaf)

    def _at(self, leaf: State) -> int:
        known = self.set_at[leaf]
        if self.by_regions and any(_in_region(s) for s in leaf.around()):
            return known | self.by_regions
        return known

    def _through(self, leaf: State, step: Step, tell_it: bool) -> int:
        known = self._at(leaf)
        row = step.row
        if row is not None and self.by_pushed:
            raised = row.match.event is not None and row.match.event.origin == "itself"
            if raised or any(isinstance(s.entry_target, Push) for s in leaf.around()):
                known |= self.by_pushed
        if row is not None and tell_it:
            self._read([e for e in (row.guard, row.duration) if e is not None], known)
        known = self._after(step.actions, known, tell_it)
        if tell_it:
            self._read(parts.arguments(step.target), known)
        return known

    def _after(self, actions: Iterable[Action], known: int, tell_it: bool) -> int:
        for action in actions:
            if tell_it:
                self._read(parts.expressions(action), known)
                if (
                    isinstance(action, Assign)
                    and action.op != "="
                    and isinstance(action.target, Variable)
                    and self.bits.get(action.target, 0) & ~known
                ):
                    self.unset.setdefault(action.target, []).append(action.span)
            known |= self._set_by(action)
        return known

    def _read(self, expressions: Iterable[Expr], known: int) -> None:
        for expression in expressions:
            for part in walk(expression) if not isinstance(expression, Local | Value) else ():
                if isinstance(part, Var) and self.bits.get(part.variable, 0) & ~known:
                    self.unset.setdefault(part.variable, []).append(part.span)


def _reached(moves: Moves, start: list[State]) -> Iterator[State]:
    found = reach(start, moves.successors.__getitem__)
    return (node for node in found if isinstance(node, State))


def _in_region(state: State) -> bool:
    return any(around.region is not None for around in state.around())
