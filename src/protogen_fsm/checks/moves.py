"""What a machine may do next: the ground that the rules stand on.

Two views. `successors` is a graph over all states, linear in the text, with every way that there
could be and some that there cannot: what it cannot reach is unreachable for sure. `steps` is exact
for each innermost state: it leaves out the rows of outer states that inner ones forestall.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from protogen_fsm.checks import parts
from protogen_fsm.model.machine import History, Pop, Push

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from protogen_fsm.model.machine import (
        Action,
        Branch,
        Event,
        Machine,
        Match,
        State,
        Target,
        Transition,
    )

# Where every `pop` leads, and from where every state that pushes may be gone back to.
POP: Literal["pop"] = "pop"
Node: TypeAlias = "State | Literal['pop']"
Vertex = TypeVar("Vertex")
Key: TypeAlias = "tuple[Event | None, str]"  # what a row listens to; no event: `*`


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What may happen in an innermost state: by a row, or by its `entry ->` (then `row` is None).

    `actions` are all that are done, exit and entry actions included; `leads_to` the innermost
    states that are active afterwards, () where the state is not left or it cannot be said (`pop`).
    """

    row: Transition | None
    branch: Branch | None
    target: Target | None
    actions: tuple[Action, ...]
    leads_to: tuple[State, ...]


def key(row: Transition) -> Key:
    """What a row listens to."""
    return row.match.event, row.match.value


class Moves:
    """A machine and its moves. `is_layer`: whether another machine of the spec stands on it."""

    def __init__(self, machine: Machine, is_layer: bool = False) -> None:
        self.machine = machine
        self.is_layer = is_layer
        self.states = machine.every_state()
        self.leaves = [state for state in self.states if not state.is_composite]
        self._entered: dict[State, tuple[State, ...]] = {}
        self._steps: dict[State, list[Step]] = {}
        self._inherited: dict[State, list[Transition]] = {}

    @cached_property
    def start(self) -> tuple[State, ...]:
        """The innermost states that a new machine is in."""
        return self.entered(self.machine.initial()) if self.machine.states else ()

    def entered(self, state: State) -> tuple[State, ...]:
        """The innermost states that are active once `state` was gone to."""
        if state not in self._entered:
            found: list[State] = []
            todo = [state]
            for around in state.around():
                if around.region is not None and around.parent is not None:
                    others = [r for r in around.parent.regions if r is not around.region]
                    todo += [_initial(region.states) for region in others if region.states]
            while todo:
                one = todo.pop(0).first()
                if one.regions:
                    todo += [_initial(region.states) for region in one.regions if region.states]
                else:
                    found.append(one)
            self._entered[state] = tuple(dict.fromkeys(found))
        return self._entered[state]

    # ------------------------------------------------------------ every way there could be

    @cached_property
    def pushers(self) -> list[State]:
        """The innermost states that a `pop` may go back to."""
        found: dict[State, None] = {}
        for state in self.states:
            for target in parts.state_targets(state):
                if isinstance(target, Push):
                    found.update(dict.fromkeys(state.leaves()))
                    if target.then is not None:
                        found.update(dict.fromkeys(self.entered(target.then.state)))
        return list(found)

    @cached_property
    def successors(self) -> dict[Node, list[Node]]:
        """To the state around it, whose rows hold in it too, and where its own lead."""
        graph: dict[Node, list[Node]] = {POP: list(self.pushers)}
        for state in self.states:
            out: list[Node] = [] if state.parent is None else [state.parent]
            for target in parts.state_targets(state):
                out += self._led_to(target)
            graph[state] = out
        return graph

    def _led_to(self, target: Target) -> list[Node]:
        if isinstance(target, Pop):
            return [POP]
        if isinstance(target, History):
            return list(target.state.leaves())
        found: list[Node] = list(self.entered(target.state))
        if isinstance(target, Push) and target.then is not None:
            found += self.entered(target.then.state)
        return found

    @cached_property
    def predecessors(self) -> dict[Node, list[Node]]:
        """The same graph with each way turned round."""
        return backwards(self.successors)

    @cached_property
    def reachable(self) -> set[Node]:
        """All that can be reached from where the machine starts; more, rather than less."""
        return reach(self.start, self.successors.__getitem__)

    # ------------------------------------------------------------ exactly what a state does

    def effective(self, leaf: State) -> list[Transition]:
        """The rows that can take an event in an innermost state, the states around it included."""
        own = leaf.transitions or leaf.timeouts or leaf.ignored or leaf.deferred
        if not own and leaf.parent is not None:  # most of what many states inherit is the same
            if leaf.parent not in self._inherited:
                self._inherited[leaf.parent] = self.effective(leaf.parent)
            return self._inherited[leaf.parent]
        found: list[Transition] = []
        closed: set[Key] = set()
        for state in leaf.around():
            for row in state.transitions:
                if key(row) not in closed:
                    found.append(row)
                    if row.guard is None:
                        closed.add(key(row))
            closed.update((m.event, m.value) for m in state.ignored + state.deferred)
            found += state.timeouts
        return found

    def steps(self, leaf: State) -> list[Step]:
        """What may happen in an innermost state."""
        if leaf not in self._steps:
            self._steps[leaf] = list(self._find_steps(leaf))
        return self._steps[leaf]

    def _find_steps(self, leaf: State) -> Iterable[Step]:
        for state in leaf.around():
            if state.entry_target is not None and leaf in self.entered(state):
                yield self.step(leaf, None, None, state.entry_target, ())
        if passes_on(leaf):
            return
        for row in self.effective(leaf):
            for branch in row.branches:
                yield self.step(leaf, row, branch, branch.target, branch.actions)

    def step(
        self,
        leaf: State,
        row: Transition | None,
        branch: Branch | None,
        target: Target | None,
        said: tuple[Action, ...],
    ) -> Step:
        """The step that a target and its actions make of an innermost state."""
        if target is None or isinstance(target, Pop):
            left = list(leaf.around()) if target else []
            gone = tuple(action for state in left for action in state.exit)
            return Step(row, branch, target, gone + said, ())
        leads_to = self.entered(target.state)
        if isinstance(target, History):
            leads_to = tuple(dict.fromkeys((*leads_to, *target.state.leaves())))
        if self._crossings_act:
            left, entered = crossing(leaf, target.state)
            before = () if isinstance(target, Push) else (a for s in left for a in s.exit)
            said = (*before, *said, *(a for s in entered for a in s.entry))
        return Step(row, branch, target, said, leads_to)

    @cached_property
    def _crossings_act(self) -> bool:
        return any(state.entry or state.exit for state in self.states)


def _initial(states: list[State]) -> State:
    return next((state for state in states if state.initial), states[0])


def is_own(state: State, said: Transition | Match) -> bool:
    """Whether the state itself says it: what the machine says holds in all outermost states."""
    return state.span.start <= said.span.start and said.span.end <= state.span.end


def passes_on(leaf: State) -> bool:
    """Whether `entry ->` leaves the state before any event can come."""
    target = leaf.entry_target
    return target is not None and not (isinstance(target, Push) and target.then is None)


def crossing(leaf: State, target: State) -> tuple[list[State], list[State]]:
    """The states left, from the inside out, and those entered, from the outside in."""
    around = list(leaf.around())
    outer = [state for state in target.around() if state is not target]
    left = [state for state in around if state not in outer]
    entered = [state for state in reversed(outer) if state not in around]
    inner = target
    entered.append(inner)
    while inner.states:
        inner = _initial(inner.states)
        entered.append(inner)
    return left, entered


def reach(start: Iterable[Node], successors: Callable[[Node], list[Node]]) -> set[Node]:
    """All nodes that can be reached, the first ones included."""
    todo: list[Node] = list(start)
    found: set[Node] = set(todo)
    while todo:
        for node in successors(todo.pop()):
            if node not in found:
                found.add(node)
                todo.append(node)
    return found


def backwards(graph: dict[Node, list[Node]]) -> dict[Node, list[Node]]:
    """The graph with each way turned round."""
    turned: dict[Node, list[Node]] = {node: [] for node in graph}
    for node, out in graph.items():
        for other in out:
            turned[other].append(node)
    return turned


def components(graph: dict[Vertex, list[Vertex]]) -> list[list[Vertex]]:
    """The strongly connected components (Tarjan 1972), each before those that lead to it."""
    found: list[list[Vertex]] = []
    number: dict[Vertex, int] = {}
    low: dict[Vertex, int] = {}
    stack: list[Vertex] = []
    waiting: set[Vertex] = set()
    for root in graph:
        if root in number:
            continue
        path = [(root, iter(graph[root]))]
        number[root] = low[root] = len(number)
        stack.append(root)
        waiting.add(root)
        while path:
            node, ways = path[-1]
            for other in ways:
                if other not in number:
                    number[other] = low[other] = len(number)
                    stack.append(other)
                    waiting.add(other)
                    path.append((other, iter(graph[other])))
                    break
                if other in waiting:
                    low[node] = min(low[node], number[other])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == number[node]:
                    component = [stack.pop()]
                    while component[-1] is not node:
                        component.append(stack.pop())
                    waiting.difference_update(component)
                    found.append(component[::-1])
    return found
