"""One event, played with one way to choose (docs/language.md, section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model import moves as mv
from protogen_fsm.model.types import BOOL, Enum, ListOf, Range
from protogen_fsm.verify import values as vl
from protogen_fsm.verify.expressions import Fails, evaluate
from protogen_fsm.verify.instances import known
from protogen_fsm.verify.local import MAIN, Effect, Event, Suspended
from protogen_fsm.verify.values import ANY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.verify.expressions import Meaning
    from protogen_fsm.verify.local import Memory, Oracle
    from protogen_fsm.verify.relevance import Item
    from protogen_fsm.verify.stepper import Stepper

_NONE = object()


class Play:
    """One event, with one way to choose."""

    def __init__(self, stepper: Stepper, oracle: Oracle, memory: Memory) -> None:
        self.stepper, self.oracle, self.memory = stepper, oracle, memory
        self.machine = stepper.machine
        self.local: dict[str, Any] = {}
        self.what: Event | None = None
        self.row: mc.Transition | None = None
        self.args: tuple[Any, ...] = ()
        self.names: tuple[tuple[str, int], ...] = ()  # what the row calls the arguments
        for track in memory.where:
            memory.visits[track] = 0

    # ------------------------------------------------------------ finding the row

    def step(self, what: Event) -> None:
        """The event is offered to all, and taken, ignored, deferred, or refused."""
        self.what = what
        if what.event is None:
            states = mv.within(self.memory.where[what.track])
            row = next(s.timeouts[0] for s in states if s.timeouts)
            self.memory.waits.discard(what.track)
            self.local = {}
            self._follow(row, what.track)
            return
        if what.event.origin == "timer":
            self.memory.timers.discard(what.event.name)
        self.args = what.args
        taken = self._offer(what, MAIN)
        if taken == "defer":
            self.memory.deferred.append(what)
        elif taken == "":
            self._unexpected(what.event)

    def _offer(self, what: Event, track: str) -> str:
        around = self.memory.where[track]
        visit = self.memory.visits.get(track)
        answers = []
        for region in around.regions:
            if self.memory.visits.get(track) == visit and region.name in self.memory.where:
                answers.append(self._offer(what, region.name))
        for answer in ("row", "ignore", "defer"):
            if answer in answers:
                return answer
        return self._search(what, track) if self.memory.where.get(track) is around else "row"

    def _search(self, what: Event, track: str) -> str:
        assert what.event is not None
        for one in self.stepper.rows.of(self.memory.where[track], what.event, what.args):
            if not one.certain and not self._is(one.match.text):
                continue
            if one.row is None:
                self.memory.rows.append(one.match)
                return one.kind
            self.local, self.names = one.named(self.args), one.names
            if one.guard is None or self._decide(one.guard, one.row):
                self._follow(one.row, track)
                return "row"
        return ""

    def _is(self, name: str) -> bool:
        """Whether a number that is not known is one of those of a name."""
        options = [(f"it is {name}", True), (f"it is not {name}", False)]
        return bool(self.oracle.of("value", options))

    def _unexpected(self, event: mc.Event) -> None:
        if event.name == "eof":
            self.tell(Effect("close", None))
        elif event.name == "lost":
            self.memory.waits.clear()
            self.memory.timers.clear()
        elif event.name in ("open", "failed"):
            return
        elif self.machine.otherwise == "error":
            self.memory.refused = "unexpected"
        elif self.machine.otherwise == "close":
            self.tell(Effect("close", None))

    def _follow(self, row: mc.Transition, track: str) -> None:
        self.memory.rows.append(row)
        self.row = row
        branch = row.branches[0]
        if row.has_outcomes:
            options = [(b.outcome.name if b.outcome else "", b) for b in row.branches]
            branch = self.oracle.of("outcome", options)
            assert branch.outcome is not None
            for p in branch.outcome.params:
                self.local[p.name] = self._free(p, f"{branch.outcome.name}({p.name})")
        self.memory.branches.append(branch)
        leaf = self.memory.where[track]
        self.stepper.use(row, branch, leaf)
        for do in self.stepper.branch(leaf, branch):
            do(self)

    def _free(self, param: Any, words: str) -> Any:
        """What a handler gives with its outcome."""
        if not vl.is_followed(param.type):
            return ANY
        options = vl.all_of(param.type)
        return self.oracle.of("outcome", [(f"{words} = {vl.shown(v)}", v) for v in options])

    def _decide(self, guard: Meaning, row: mc.Transition) -> bool:
        value = guard(self)
        if value is ANY:
            assert row.guard is not None
            text = row.guard.span.text
            return bool(
                self.oracle.of("value", [(f"{text} holds", True), (f"{text} does not hold", False)])
            )
        return bool(value)

    # ------------------------------------------------------------ deeds

    def do_all(self, deeds: Iterable[mv.Deed]) -> None:
        """Deeds in their order."""
        for deed in deeds:
            self.stepper.doing(deed)(self)

    def do(self, deed: mv.Deed) -> None:
        """A deed that hangs on what is active."""
        memory = self.memory
        if isinstance(deed, mv.Leave):
            for region in reversed(deed.state.regions):
                self._leave_region(region)
        elif isinstance(deed, mv.LeaveRegion):
            self._leave_region(deed.region)
        elif isinstance(deed, mv.Remember):
            track = _track(deed.state)
            memory.last[deed.state] = memory.where[track]
        elif isinstance(deed, mv.Unless):
            resumed = memory.stack[-1].where if memory.stack else ()
            if not any(deed.state in leaf.around() for _, leaf in resumed):
                self.do_all(deed.deeds)
        elif isinstance(deed, mv.Suspend):
            self._suspend(deed)
        elif isinstance(deed, mv.Resume):
            self._resume()
        elif isinstance(deed, mv.Recall):
            goal = memory.last.get(deed.state, deed.state.first())
            self.do_all(dict(deed.ways)[goal])

    def enter(self, deed: mv.Enter) -> None:
        """The machine, or a region, is in another state."""
        memory = self.memory
        track = _track(deed.state)
        memory.where[track] = deed.state
        memory.entries += 1
        memory.visits[track] = memory.entries
        memory.moved = True
        self._wait(track)
        if track != MAIN and not deed.along:
            outer = next(s for s in deed.state.around() if s.region is not None).parent
            if outer is not None:
                self._wait(_track(outer))

    def _wait(self, track: str) -> None:
        if self.stepper.has_time(self.memory.where[track]):
            self.memory.waits.add(track)
        else:
            self.memory.waits.discard(track)

    def _leave_region(self, region: mc.Region) -> None:
        leaf = self.memory.where.get(region.name)
        if leaf is None:
            return
        self.do_all(self.stepper.leaving(region, leaf))
        del self.memory.where[region.name]
        self.memory.waits.discard(region.name)

    def _suspend(self, deed: mv.Suspend) -> None:
        memory = self.memory
        if len(memory.stack) >= self.machine.depth:
            raise Fails("too deep")
        values: list[tuple[Item, Any]] = []
        if deed.then is not None:
            for param, arg in zip(deed.then.state.params, deed.then.args, strict=True):
                values.append((("state", deed.then.state, param.name), self.value(arg)))
        saved = set(deed.saved)
        params = tuple((item, v) for item, v in memory.params.items() if item[1] in saved)
        memory.stack.append(
            Suspended(
                tuple(sorted(memory.where.items(), key=lambda one: one[0])),
                params,
                frozenset(memory.waits),
                deed.then,
                tuple(values),
            )
        )
        memory.where = {}
        memory.waits = set()

    def _resume(self) -> None:
        memory = self.memory
        if not memory.stack:
            raise Fails("nothing was pushed")
        suspended = memory.stack.pop()
        memory.where = dict(suspended.where)
        memory.waits = set(suspended.waits)
        memory.params.update(suspended.params)
        memory.entries += 1
        for track in memory.where:
            memory.visits[track] = memory.entries
        memory.moved = True
        if suspended.then is not None:
            goal = mc.Goto(suspended.then.state, (), suspended.then.span)
            leaf = memory.where[MAIN]
            self.do_all(self.stepper.moves.exits(leaf, goal))
            for item, value in suspended.values:
                self.set_param(item, value, None)
            self.do_all(self.stepper.moves.arrival(leaf, goal))

    # ------------------------------------------------------------ what is told and set

    def tell(self, effect: Effect) -> None:
        """Something for the peer to do, once the step is done."""
        self.memory.effects.append(effect)

    def assign(self, variable: mc.Variable, value: Any) -> None:
        """Sets a variable, if it is followed; what may be one of few is decided on when read."""
        kept = self.stepper.kept.get(variable)
        if kept is None:
            return
        if kept.late:
            value = _fitting(variable.name, vl.typed(value, variable.type), variable.type)
        else:
            value = self.exactly(kept.item, value, variable.type, variable.name)
        self.memory.vars[kept.at] = self.stepper.settle(kept.item, value, variable.type, kept.words)

    def known(self, variable: mc.Variable) -> Any:
        """What a variable is, decided on if that was not asked yet and makes a difference."""
        kept = self.stepper.kept.get(variable)
        if kept is None:
            return vl.typed(ANY, variable.type)
        value = self.memory.vars[kept.at]
        if kept.asks and not vl.is_exact(value):
            options = self._told_apart(kept.item, vl.among(value, variable.type))
            if len(options) > 1:
                words = [(f"{variable.name} is {vl.shown(one)}", one) for one in options]
                value = self.memory.vars[kept.at] = self.oracle.of("value", words)
        return kept.unknown if value is ANY else value

    def set_param(self, item: Item, value: Any, type_: Any) -> None:
        """Sets a parameter of a state, if it is followed."""
        if isinstance(value, vl.Octets):
            self.memory.params[item] = value
            return
        if not self.stepper.follows(item):
            return
        if type_ is not None:
            value = self.exactly(item, value, type_, str(item[2]))
            value = self.stepper.settle(item, value, type_, f"`{item[2]}`")
        self.memory.params[item] = value

    def exactly(self, item: Item, value: Any, type_: Any, name: str) -> Any:
        """A value of few is decided on when it is kept."""
        value = vl.typed(value, type_)
        if value is vl.MANY or isinstance(value, tuple) or isinstance(type_, ListOf):
            return value
        _fitting(name, value, type_)
        if vl.is_exact(value):
            return value
        options = self._told_apart(item, self.stepper.values(item, value, type_))
        if self.stepper.counts(item):
            options = vl.split(value, self.stepper.counted.of(item))
        if len(options) == 1:
            return value
        return self.oracle.of("value", [(f"{name} is {vl.shown(one)}", one) for one in options])

    def _told_apart(self, item: Item, options: list[Any]) -> list[Any]:
        return vl.grouped(options, self.stepper.relevance.cuts(item))

    # ------------------------------------------------------------ names

    def value(self, e: ex.Expr) -> Any:
        """What an expression is now."""
        return evaluate(e, self)

    def name(self, e: ex.Local) -> Any:
        """What a parameter is now."""
        found: Any = _NONE
        if e.scope == "state":
            found = self.memory.params.get(("state", e.state, e.name), _NONE)
        elif e.scope == "machine":
            found = self.stepper.own.get(e.name, _NONE)
        else:
            found = self.local.get(e.name, _NONE)
            if found is not _NONE and e.scope == "event" and not vl.is_exact(found):
                found = self._decided(e, found)
        return vl.typed(ANY, e.type) if found is _NONE else found

    def _decided(self, e: ex.Local, value: Any) -> Any:
        """What came in octets that nobody knows, once it makes a difference: one of few."""
        at = next((place for name, place in self.names if name == e.name), -1)
        is_one_of_few = e.type == BOOL or isinstance(e.type, Range | Enum)
        event = None if self.what is None else self.what.event
        if event is None or not is_one_of_few:
            return value
        item: Item = ("event", event.name, at)
        if not self.stepper.follows(item):
            return value
        options = self._told_apart(item, vl.among(value, e.type))
        if not 1 < len(options) <= vl.FEW:
            return value
        words = [(f"{e.name} is {vl.shown(one)}", one) for one in options]
        value = self.oracle.of("value", words)
        self.args = (*self.args[:at], value, *self.args[at + 1 :])
        self.local.update({name: value for name, place in self.names if place == at})
        return value

    def variable(self, e: ex.Var | ex.PeerVar) -> Any:
        """What a variable is now."""
        return self.known(e.variable)

    def within(self, e: ex.InState) -> Any:
        """Whether a region is in a state now."""
        leaf = self.memory.where.get(e.subject)
        return leaf is not None and e.state in leaf.around()

    def held(self, e: ex.Holds | ex.Count) -> Any:
        """What is known of the instances now."""
        return known(self, e)

    def ask(self, e: ex.Ask) -> bool:
        """What the user's code says, either way."""
        text = e.span.text
        options = [(f"{text} is false", False), (f"{text} is true", True)]
        return bool(self.oracle.of("predicate", options))


def _fitting(name: str, value: Any, type_: Any) -> Any:
    """The value, if it is in its range."""
    is_number = isinstance(type_, Range) and isinstance(value, int)
    if is_number and not type_.low <= value <= type_.high:
        raise Fails(f"{name} = {value} is not in {type_}")
    return value


def _track(state: mc.State) -> str:
    region = mv.region_of(state)
    return MAIN if region is None else region.name
