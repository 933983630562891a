"""The steps of one machine: all that an event may come to, with all that it raises.

A step is played once for each way to choose: a handler's outcome, a predicate's answer, and what
hangs on a value that is not followed.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple

from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model import moves as mv
from protogen_fsm.model.types import INT, ListOf, Range
from protogen_fsm.verify import values as vl
from protogen_fsm.verify.counted import SMALL, Counted
from protogen_fsm.verify.doing import Doing, doing
from protogen_fsm.verify.expressions import Fails
from protogen_fsm.verify.indifferent import indifferent
from protogen_fsm.verify.instances import Kind, in_order
from protogen_fsm.verify.live import Reads, live, may_fail
from protogen_fsm.verify.local import (
    MAIN,
    Choice,
    Effect,
    Event,
    Local,
    Memory,
    Oracle,
    Result,
    Unfollowed,
    Widened,
)
from protogen_fsm.verify.play import Play
from protogen_fsm.verify.rows import Rows
from protogen_fsm.verify.values import ANY, MANY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protogen_fsm.model.types import Type
    from protogen_fsm.verify.relevance import Item, Relevance

MOST_EFFECTS = 200  # of one step; more is a chain that does not end
MOST_WAYS = 2000  # of one step
MOST_DEFERRED = 16
MANY_INTS = 300  # of a range


class Kept(NamedTuple):
    """A variable that is followed: its place among them, and how.

    `late`: what it is is decided on when it is read, not when it is set; `asks`: and then it must.
    """

    at: int
    item: Item
    words: str
    late: bool
    asks: bool
    unknown: Any


class Stepper:
    """The steps of one machine with given parameters."""

    def __init__(
        self,
        machine: mc.Machine,
        own: dict[str, Any],
        relevance: Relevance,
        dropped: set[Item],
    ) -> None:
        self.machine, self.own, self.dropped = machine, own, dropped
        self.relevance = relevance
        self.moves = mv.Moves(machine)
        self.variables = [
            v
            for v in machine.variables.values()
            if vl.is_followed(v.type) and self.follows(("var", v))
        ]
        reads = Reads(self.follows)
        self.live = live(machine, reads)
        to_do = reads.to_do(machine)
        self.counted = Counted(machine, relevance, to_do)
        asked = {v for v in self.variables if self._is_late(v)} - to_do
        free = indifferent(machine, asked, reads)
        self.kept = {v: self._kept(at, v, free) for at, v in enumerate(self.variables)}
        self.rows = Rows(machine, reads)
        self.used: set[object] = set()
        self._first: dict[mc.Variable, Any] = {}  # what is forgotten goes back to it
        self._fired: dict[tuple[Local, Event], list[Result]] = {}
        self._doings: dict[mv.Deed, Doing] = {}
        self._branches: dict[tuple[mc.State, mc.Branch], list[Doing]] = {}
        self._times: dict[mc.State, bool] = {}
        self._dead: dict[frozenset[mc.State], list[int]] = {}
        self._fallible: dict[object, bool] = {}
        self._taking: dict[tuple[mc.State, mc.Event], bool] = {}
        self._seen: dict[Item, set[Any]] = {}
        self._exits: dict[mc.Region, dict[mc.State, list[mv.Deed]]] = {}
        self.last = Effect("close", None)  # what a final state leads to
        self.kinds = {name: Kind(many, self) for name, many in machine.many.items()}
        self.tells_first = bool(self.kinds)  # what was deferred comes behind what is told
        self.keeps_order = relevance.ordered or any(
            kind.speaks_at_the_end for kind in self.kinds.values()
        )  # of instances, in which they were started: so they hear of their end

    def another(self, own: dict[str, Any]) -> Stepper:
        """The steps of the same machine with other parameters."""
        made = copy.copy(self)
        made.own, made._first, made._fired = own, {}, {}
        return made

    def _kept(self, at: int, variable: mc.Variable, free: set[mc.Variable]) -> Kept:
        late = self._is_late(variable)
        asks = late and variable not in free
        unknown = vl.typed(ANY, variable.type)
        return Kept(at, ("var", variable), f"`{variable.name}`", late, asks, unknown)

    def _is_late(self, variable: mc.Variable) -> bool:
        item: Item = ("var", variable)
        is_size = isinstance(variable.type, ListOf) or self.counts(item)
        is_key = item in self.relevance.keys.pools
        return not (is_size or is_key or variable in self.relevance.asked)

    # ------------------------------------------------------------ from outside

    def begin(self) -> list[Result]:
        """A new machine."""
        nowhere = Local(where=())
        results = []
        given: list[int] | None = []
        while given is not None:
            oracle = Oracle(given)
            unset = [ANY] * len(self.variables)
            play = Play(self, oracle, Memory({}, set(), set(), unset, {}, [], {}, []))
            try:
                for variable in self.machine.variables.values():
                    initial = variable.initial
                    value = vl.default(variable.type) if initial is None else play.value(initial)
                    play.assign(variable, value)
                    if variable.forgotten:
                        self._first[variable] = value
                play.local = {}
                play.do_all(self.moves.beginning())
                results += self._chain(play, oracle, nowhere, ())
            except Fails as problem:
                raise Unfollowed(f"`{self.machine.name}` fails as it begins: {problem}") from None
            given = oracle.following()
        if any(one.refused for one in results):
            raise Unfollowed(f"`{self.machine.name}` fails as it begins")
        return results

    def fire(self, local: Local, event: Event) -> list[Result]:
        """All that an event may come to; a step that fails is undone."""
        key = local, self.rows.alike(event, local.leaf)
        known = self._fired.get(key)
        if known is None:
            known = self._fired[key] = self._fire(*key)
        return known

    def _fire(self, local: Local, event: Event) -> list[Result]:
        found: list[Result] = []
        for one in self._run(local, (event,), (), (), (), ()):
            found += self._instead(one, event) if one.refused.startswith("fails") else [one]
        failed = self.machine.events.get("failed")
        if (
            failed is not None
            and event.event is not failed
            and self.takes(local, failed)
            and any(self._may_fail(row) for one in found for row in one.rows)
        ):
            before = _without(local, event)
            found += [
                one._replace(choices=(Choice("failure", "the step fails"), *one.choices))
                for one in self._run(before, (Event(failed, (ANY,)),), (), (), (), ())
            ]
        return found

    def _may_fail(self, row: object) -> bool:
        if row not in self._fallible:
            self._fallible[row] = _is_fallible(row)
        return self._fallible[row]

    def _instead(self, one: Result, event: Event) -> list[Result]:
        """What a step that fails becomes: `malformed` if it is too deep, else `failed`."""
        name = "malformed" if one.refused.endswith(("too deep", "too many")) else "failed"
        other = self.machine.events.get(name)
        taken = other is not None and self.takes(one.local, other)
        if other is None or other is event.event or not taken:
            if name == "failed" or self.machine.otherwise == "error":
                return [one if name == "failed" else one._replace(refused="unexpected")]
            closes = [Effect("close", None)] if self.machine.otherwise == "close" else []
            return [one._replace(refused="", effects=_join(one.effects, closes))]
        args = (ANY,) * len(other.params)
        return self._run(
            one.local, (Event(other, args),), one.effects, one.rows, one.choices, one.branches
        )

    def follows(self, item: Item) -> bool:
        """Whether a value matters, and has not turned out to take too many."""
        return self.relevance.follows(item) and item not in self.dropped

    def takes(self, local: Local, event: mc.Event) -> bool:
        """Whether some row may take an event where the machine is."""
        return any(self._take(leaf, event) for _, leaf in local.where)

    def receives(self, local: Local) -> tuple[mc.Event, ...]:
        """The list of `receives` that holds; of two regions the first that says one counts."""
        inner = [leaf for track, leaf in local.where if track != MAIN]
        for leaf in (*inner, local.leaf):
            for state in mv.within(leaf):
                if state.receives is not None:
                    return state.receives
        return self.machine.receives

    def forget(self, local: Local) -> Local:
        """The machine when TLS begins: what is `scope layer` is as it was at first."""
        pairs = zip(self.variables, local.vars, strict=True)
        return local._replace(vars=tuple(self._first.get(v, value) for v, value in pairs))

    def ended(self, local: Local) -> Local:
        """The machine when its connection is gone: nothing is due any more."""
        return local._replace(waits=frozenset(), timers=frozenset(), deferred=(), stack=())

    def _take(self, leaf: mc.State, event: mc.Event) -> bool:
        key = leaf, event
        if key not in self._taking:
            self._taking[key] = any(_said(state, event) for state in mv.within(leaf))
        return self._taking[key]

    # ------------------------------------------------------------ chains of steps

    def _run(
        self,
        local: Local,
        events: tuple[Event, ...],
        effects: tuple[Effect, ...],
        rows: tuple[object, ...],
        choices: tuple[Choice, ...],
        branches: tuple[mc.Branch, ...],
    ) -> list[Result]:
        """Events one behind the other, each with all that it raises and what was deferred."""
        found: list[Result] = []
        first = (local, (), events, effects, False)
        seen: set[Any] = {first}
        todo: list[Any] = [(first, rows, choices, branches, (), (local, effects))]
        while todo:
            one = todo.pop()
            if isinstance(one, Result):
                found.append(one)
                continue
            state, rows, choices, branches, trail, base = one
            local, raised, waiting, effects, moved = state
            trail = (*trail, state)
            if raised:
                event, raised, is_raised = raised[0], raised[1:], True
            elif moved and local.deferred and not self.tells_first:
                waiting = (*local.deferred, *waiting)
                local, moved = local._replace(deferred=()), False
                state = (local, (), waiting, effects, False)
                todo.append((state, rows, choices, branches, trail, base))
                continue
            elif waiting and not local.leaf.final:
                event, waiting, is_raised = waiting[0], waiting[1:], False
                base = (_without(local, event), effects)
                moved = False
            else:
                if self.tells_first:
                    local, effects = in_order(local, effects, moved)
                found.append(Result(local, effects, rows, choices, "", branches))
                continue
            for play, told in self._each(local, event):
                memory = play.memory
                if memory.refused:
                    if memory.refused.startswith("fails"):
                        if waiting:
                            raise Unfollowed(f"a step of `{self.machine.name}` fails among others")
                        told = (*choices, *told)
                        found.append(Result(base[0], base[1], rows, told, memory.refused, branches))
                        continue
                    found.append(
                        Result(
                            local, effects, (*rows, *memory.rows), (*choices, *told), memory.refused
                        )
                    )
                    continue
                now_raised = (*raised, *memory.raised) if is_raised else tuple(memory.raised)
                now_moved = moved or memory.moved
                after = self._freeze(memory)
                now = _join(effects, memory.effects)
                if after.leaf.final and memory.moved:
                    after = self.ended(after)
                    now_raised, waiting_now = (), ()
                    now = _join(now, [self.last])
                else:
                    waiting_now = waiting
                if len(now) > MOST_EFFECTS or len(now_raised) > MOST_EFFECTS:
                    raise Unfollowed(
                        f"a step of `{self.machine.name}` says too much to be followed"
                    )
                if len(after.deferred) > MOST_DEFERRED:
                    raise Unfollowed(
                        f"`{self.machine.name}` defers more than {MOST_DEFERRED} events"
                    )
                is_over = not now_raised and (not waiting_now or after.leaf.final)
                is_over = is_over and not (now_moved and after.deferred) and not self.tells_first
                if not is_over:
                    now = _again((after, now_raised, waiting_now, now_moved), now, trail)
                state = (after, now_raised, waiting_now, now, now_moved)
                if state in seen:
                    continue
                seen.add(state)
                self._bound(len(seen))
                by = rows + tuple(memory.rows)
                made = branches + tuple(memory.branches)
                if is_over:
                    todo.append(Result(after, now, by, choices + told, "", made))
                else:
                    todo.append((state, by, choices + told, made, trail, base))
        return found

    def _bound(self, ways: int) -> None:
        if ways > MOST_WAYS:
            raise Unfollowed(f"a step of `{self.machine.name}` can go more than {MOST_WAYS} ways")

    def _each(self, local: Local, event: Event) -> Iterator[tuple[Play, tuple[Choice, ...]]]:
        """One event in all ways."""
        given: list[int] | None = []
        ways = 0
        while given is not None:
            ways += 1
            self._bound(ways)
            oracle = Oracle(given)
            play = Play(self, oracle, self._thaw(local))
            try:
                play.step(event)
            except Fails as problem:
                play.memory.refused = f"fails: {problem}"
            yield play, tuple(oracle.told)
            given = oracle.following()

    def _chain(
        self, play: Play, oracle: Oracle, before: Local, rows: tuple[object, ...]
    ) -> list[Result]:
        memory = play.memory
        after = self._freeze(memory)
        effects = _join((), memory.effects)
        if after.leaf.final:
            after = self.ended(after)
            effects = _join(effects, [self.last])
        return self._run(
            after,
            tuple(memory.raised),
            effects,
            rows,
            tuple(oracle.told),
            tuple(memory.branches),
        )

    # ------------------------------------------------------------ what is kept

    def _thaw(self, local: Local) -> Memory:
        return Memory(
            dict(local.where),
            set(local.waits),
            set(local.timers),
            list(local.vars),
            dict(local.params),
            list(local.stack),
            dict(local.last),
            list(local.deferred),
            list(local.held),
        )

    def _freeze(self, memory: Memory) -> Local:
        if self.live is not None and not memory.raised:
            for at in self._without_use(frozenset(memory.where.values())):
                memory.vars[at] = ANY
        return Local(
            _in_order(memory.where),
            frozenset(memory.waits),
            frozenset(memory.timers),
            tuple(memory.vars),
            _within(memory.params, memory.where) if memory.params else (),
            tuple(memory.stack),
            tuple(sorted(memory.last.items(), key=lambda one: one[0].name)),
            tuple(memory.deferred),
            tuple(memory.held),
        )

    def _without_use(self, leaves: frozenset[mc.State]) -> list[int]:
        """The places of variables that do not matter any more: they may be anything."""
        if leaves not in self._dead:
            assert self.live is not None
            matter = self.relevance.asked.union(*(self.live[leaf] for leaf in leaves))
            self._dead[leaves] = [at for at, v in enumerate(self.variables) if v not in matter]
        return self._dead[leaves]

    def settle(self, item: Item, value: Any, type_: Any, words: str) -> Any:
        """A value as it is kept; Widened if it takes too many."""
        pool = self.relevance.keys.pools.get(item)
        if pool is not None:
            return pool.fold(value)
        seen = self._seen.setdefault(item, set())
        if value in seen:
            return value
        if (value is MANY or isinstance(value, tuple | str | bytes)) and not vl.is_followed(type_):
            return ANY
        if isinstance(value, tuple):
            value = vl.typed(value, type_)
        is_few = isinstance(type_, ListOf) or self.counts(item)
        if is_few:
            exact, value = value, vl.few(value, self.counted.of(item))
            if value is not exact and value != exact and not self.counted.is_exact(item[1]):
                above = f"{words} above {self.counted.of(item)}"
                self.relevance.unfollowed[above] = None
        seen.add(value)
        if len(seen) > (MANY_INTS if isinstance(type_, Range) else SMALL):
            raise Widened(item if is_few or type_ != INT else ("few", item), words)
        return value

    def values(self, item: Item, value: Any, type_: Type) -> list[Any]:
        """All that a value may be; one that stands for all where it has many."""
        pool = self.relevance.keys.pools.get(item)
        return vl.among(value, type_) if pool is None else pool.all_of(type_)

    def counts(self, item: Item) -> bool:
        """Whether a number is followed up to the largest only that it is compared with."""
        is_counter = item[0] == "var" and item[1] in self.counted.variables
        return is_counter or ("few", item) in self.dropped

    def branch(self, leaf: mc.State, branch: mc.Branch) -> list[Doing]:
        """What a branch does when `leaf` takes it."""
        key = leaf, branch
        if key not in self._branches:
            self._branches[key] = [self.doing(deed) for deed in self.moves.deeds(leaf, branch)]
        return self._branches[key]

    def doing(self, deed: mv.Deed) -> Doing:
        """What a deed does."""
        if deed not in self._doings:
            self._doings[deed] = doing(deed, self)
        return self._doings[deed]

    def has_time(self, leaf: mc.State) -> bool:
        """Whether a state, or one around it, has a time-out."""
        if leaf not in self._times:
            self._times[leaf] = any(state.timeouts for state in mv.within(leaf))
        return self._times[leaf]

    def use(self, row: mc.Transition, branch: mc.Branch, leaf: mc.State) -> None:
        """Notes what has come about."""
        if (leaf, branch) not in self._branches:
            self.used.update((row, branch, *mv.within(leaf)))

    def leaving(self, region: mc.Region, leaf: mc.State) -> list[mv.Deed]:
        """What leaving a region's state does."""
        if region not in self._exits:
            self._exits[region] = dict(self.moves.leaving(region))
        return self._exits[region][leaf]


def _in_order(where: dict[str, mc.State]) -> tuple[tuple[str, mc.State], ...]:
    return tuple(where.items() if len(where) < 2 else sorted(where.items(), key=lambda one: one[0]))


def _within(params: dict[Item, Any], where: dict[str, mc.State]) -> tuple[tuple[Item, Any], ...]:
    """The parameters of the states that a machine is in."""
    inside = {state for leaf in where.values() for state in leaf.around()}
    return tuple(
        sorted(
            ((item, value) for item, value in params.items() if item[1] in inside),
            key=lambda one: (getattr(one[0][1], "name", ""), one[0][2]),
        )
    )


def _said(state: mc.State, event: mc.Event) -> bool:
    for row in state.transitions:
        if row.match.event is event:
            return True
        if row.match.is_any and event.origin in ("below", "above", "itself"):
            return True
    return any(match.event is event for match in state.ignored)


def _join(before: tuple[Effect, ...], more: Iterable[Effect]) -> tuple[Effect, ...]:
    """Effects in order; one behind any number of the same is one of them."""
    found = list(before)
    for effect in more:
        if effect.kind == "close" and any(one.kind == "close" for one in found):
            continue
        if found and found[-1].plus and found[-1][:3] == effect[:3]:
            continue
        found.append(effect)
    return tuple(found)


def _again(
    key: tuple[Any, ...], effects: tuple[Effect, ...], trail: tuple[Any, ...]
) -> tuple[Effect, ...]:
    """What a chain tells that has come back to where it was, and may so any number of times."""
    for local, raised, waiting, before, moved in trail:
        if (local, raised, waiting, moved) == key and effects[: len(before)] == before:
            more = effects[len(before) :]
            if more and all(one[:3] == more[0][:3] for one in more):
                return (*before, more[0]._replace(plus=True))
            if more:
                raise Unfollowed("a step that says several things over and over")
    return effects


def _without(local: Local, event: Event) -> Local:
    """A machine when a timer, or the time-out of a state, has run out."""
    if event.event is None:
        return local._replace(waits=local.waits - {event.track})
    if event.event.origin == "timer":
        return local._replace(timers=local.timers - {event.event.name})
    return local


def _is_fallible(row: object) -> bool:
    """Whether a row asks the user's code, or computes what there may not be."""
    if not isinstance(row, mc.Transition):
        return False
    actions = [action for branch in row.branches for action in branch.actions]
    if row.has_outcomes or any(isinstance(action, mc.Perform) for action in actions):
        return True
    exprs = [] if row.guard is None else [row.guard]
    for action in actions:
        exprs += getattr(action, "args", ())
        if isinstance(action, mc.Assign):
            exprs.append(action.value)
    return any(may_fail(one) for e in exprs for one in ex.walk(e))
