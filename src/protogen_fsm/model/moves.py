"""Where a step leads, deed by deed: what is left, what is done, what is entered, and in what order.

docs/language.md, section 5: exit actions from the inside out, the transition's actions, the state
changes, entry actions from the outside in; then `entry ->`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from protogen_fsm.model.machine import Action, Goto, History, Pop, Push

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.machine import Branch, Machine, Region, State, Target

LONGEST = 1000
"""More states than that are not entered one behind the other by `entry ->`."""


@dataclass(slots=True, frozen=True)
class Enter:
    """The moment at which the machine, or a region, is in another state.

    `args` are the parameters that are set. `again`: a state around it that is left and entered
    again. `pushed`: what was active waits on the stack. `along`: entered with the state around its
    region, and so no change of its own.
    """

    state: State
    args: tuple[tuple[State, tuple[Expr, ...]], ...] = ()
    again: State | None = None
    pushed: bool = False
    along: bool = False


@dataclass(slots=True, frozen=True)
class Leave:
    """A state with regions is left: each region leaves the state it is in, the last one first."""

    state: State


@dataclass(slots=True, frozen=True)
class LeaveRegion:
    """A region leaves the state it is in, whichever that is."""

    region: Region


@dataclass(slots=True, frozen=True)
class Remember:
    """A state is left that `history` leads back to."""

    state: State


@dataclass(slots=True, frozen=True)
class Unless:
    """A state around is left by a `pop`, unless what is resumed lies in it too."""

    state: State
    deeds: tuple[Deed, ...]


@dataclass(slots=True, frozen=True)
class Suspend:
    """`push` from `leaf` to `to`: the states `saved` wait on the stack, those `kept` are not left.

    `then`: where it goes on from `leaf` afterwards.
    """

    leaf: State
    to: State
    saved: tuple[State, ...]
    kept: tuple[State, ...]
    then: Goto | None


@dataclass(slots=True, frozen=True)
class Resume:
    """`pop`: what was suspended last is active again."""


@dataclass(slots=True, frozen=True)
class Recall:
    """`history`: to the state last active in `state`, of those that `ways` lead to."""

    state: State
    ways: tuple[tuple[State, tuple[Deed, ...]], ...]


Deed: TypeAlias = (
    Action | Enter | Leave | LeaveRegion | Remember | Unless | Suspend | Resume | Recall
)


def region_of(state: State) -> Region | None:
    """The innermost region that the state is in."""
    return next((one.region for one in state.around() if one.region is not None), None)


def within(state: State) -> list[State]:
    """The state and those around it, up to the outermost of its region."""
    found: list[State] = []
    for one in state.around():
        found.append(one)
        if one.region is not None:
            break
    return found


def leaves_of(states: Iterable[State]) -> list[State]:
    """The innermost states, those in regions left out: a state with regions is one of them."""
    found: list[State] = []
    for state in states:
        found += leaves_of(state.states) if state.states else [state]
    return found


class Moves:
    """The steps of one machine, as deeds."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.histories = {
            target.state for target in targets(machine) if isinstance(target, History)
        }

    def deeds(self, leaf: State, branch: Branch) -> list[Deed]:
        """All that a branch does when `leaf` takes it, in order."""
        if branch.target is None:
            return list(branch.actions)
        left = self.exits(leaf, branch.target)
        return [*left, *branch.actions, *self.arrival(leaf, branch.target)]

    def beginning(self) -> list[Deed]:
        """All that a new machine does: it enters its initial state."""
        first = self.machine.initial()
        return self._enter(None, list(first.around())[-1], (), first=first)

    def exits(self, leaf: State, target: Target) -> list[Deed]:
        """What is left, from the inside out, when a step goes from `leaf` to `target`."""
        if isinstance(target, Push):
            return []
        if isinstance(target, Pop):
            found: list[Deed] = []
            for state in leaf.around():
                exit = self._exit(state)
                if exit:
                    found += exit if state is leaf else [Unless(state, tuple(exit))]
            return found
        region = region_of(target.state)
        if region is not None and region.state in leaf.around() and region_of(leaf) is not region:
            return [LeaveRegion(region)]
        kept = _kept(leaf, target.state)
        left = [state for state in leaf.around() if state not in kept]
        held = next((at for at, state in enumerate(left) if state.regions), 0)
        return [deed for state in left[held:] for deed in self._exit(state)]

    def leaving(self, region: Region) -> list[tuple[State, list[Deed]]]:
        """For each innermost state of a region, what leaving it does."""
        return [
            (leaf, [deed for state in within(leaf) for deed in self._exit(state)])
            for leaf in leaves_of(region.states)
        ]

    def arrival(self, leaf: State, target: Target) -> list[Deed]:
        """What is entered, from the outside in, once what `target` does not keep is left."""
        return self._arrive(leaf, target, 0)

    def _exit(self, state: State) -> list[Deed]:
        found: list[Deed] = [Leave(state)] if state.regions else []
        if state in self.histories:
            found.append(Remember(state))
        return [*found, *state.exit]

    def _arrive(self, leaf: State, target: Target, chain: int) -> list[Deed]:
        if isinstance(target, Pop):
            return [Resume()]
        if isinstance(target, Push):
            kept = _kept(leaf, target.state)
            saved = tuple(state for state in leaf.around() if state not in kept)
            entered = self._enter(leaf, target.state, target.args, chain=chain, pushed=True)
            assert isinstance(entered[0], Enter)
            to = entered[0].state
            return [Suspend(leaf, to, saved, tuple(kept), target.then), *entered]
        if isinstance(target, History):
            ways = [
                (one, tuple(self._enter(leaf, target.state, (), first=one, chain=chain)))
                for one in leaves_of([target.state])
            ]
            return [Recall(target.state, tuple(ways))]
        return self._enter(leaf, target.state, target.args, chain=chain)

    def _enter(
        self,
        leaf: State | None,
        named: State,
        args: tuple[Expr, ...],
        *,
        first: State | None = None,
        chain: int = 0,
        pushed: bool = False,
    ) -> list[Deed]:
        """What entering `named` does when it comes from `leaf`, and what `entry ->` leads to."""
        first = first or named.first()
        kept = set() if leaf is None else set(_kept(leaf, named))
        entered = [state for state in reversed(list(first.around())) if state not in kept]
        again = leaf is not None and named in list(leaf.around())[1:]
        given = ((named, args),) if args else ()
        found: list[Deed] = []
        held = next((state for state in entered if state.regions), None)
        if held is None or held is first:
            found.append(Enter(first, given, named if again else None, pushed))
            found += [action for state in entered for action in state.entry]
        else:
            entered = entered[: entered.index(held) + 1]
            found.append(Enter(held, given, named if again else None, pushed))
            found += [action for state in entered for action in state.entry]
        if held is not None:
            found += self._enter_regions(held, first, chain)
            if Leave(held) in found:
                return found  # an `entry ->` in a region has led out of it
        onwards = next((s.entry_target for s in entered if s.entry_target is not None), None)
        if onwards is not None and chain < LONGEST:
            leaf = held or first
            found += self.exits(leaf, onwards)
            found += self._arrive(leaf, onwards, chain + 1)
        return found

    def _enter_regions(self, held: State, first: State, chain: int) -> list[Deed]:
        """Each region of a state that is entered begins; in one of them it may lead to `first`."""
        found: list[Deed] = []
        for region in held.regions:
            leaf = first
            if region_of(first) is not region:
                initial = next((one for one in region.states if one.initial), region.states[0])
                leaf = initial.first()
            inner = list(reversed(within(leaf)))
            found.append(Enter(leaf, along=True))
            found += [action for state in inner for action in state.entry]
            onwards = next((s.entry_target for s in inner if s.entry_target is not None), None)
            if onwards is not None and chain < LONGEST:
                found += self.exits(leaf, onwards)
                found += self._arrive(leaf, onwards, chain + 1)
                if Leave(held) in found:
                    break
        return found


def _kept(leaf: State, named: State) -> list[State]:
    """The states around both, which a way from `leaf` to `named` does not leave."""
    around = list(leaf.around())
    return [state for state in list(named.around())[1:] if state in around]


def targets(machine: Machine) -> list[Target]:
    """All targets that the states of a machine say."""
    found: list[Target] = []
    for state in machine.every_state():
        if state.entry_target is not None:
            found.append(state.entry_target)
        for row in (*state.transitions, *state.timeouts):
            found += [branch.target for branch in row.branches if branch.target is not None]
    return found
