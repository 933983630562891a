"""One event, played with one way to choose (docs/language.md, section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model import moves as mv
from protogen_fsm.model.table import classes
from protogen_fsm.model.types import FLOAT, Enum, ListOf, Optional, Range, is_int
from protogen_fsm.verify import values as vl
from protogen_fsm.verify.expressions import Fails, evaluate
from protogen_fsm.verify.local import MAIN, Effect, Event, Suspended
from protogen_fsm.verify.values import ANY, Between

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protogen_fsm.verify.local import Memory, Oracle
    from protogen_fsm.verify.relevance import Item
    from protogen_fsm.verify.stepper import Stepper

SHORT_TEXT = 100  # characters of a constant that fits into a line with others


class Play:
    """One event, with one way to choose."""

    def __init__(self, stepper: Stepper, oracle: Oracle, memory: Memory) -> None:
        self.stepper, self.oracle, self.memory = stepper, oracle, memory
        self.machine = stepper.machine
        self.local: dict[str, Any] = {}
        for track in memory.where:
            memory.visits[track] = 0

    # ------------------------------------------------------------ finding the row

    def step(self, what: Event) -> None:
        """The event is offered to all, and taken, ignored, deferred, or refused."""
        if what.event is None:
            states = mv.within(self.memory.where[what.track])
            row = next(s.timeouts[0] for s in states if s.timeouts)
            self.memory.waits.discard(what.track)
            self._follow(row, {}, what.track)
            return
        if what.event.origin == "timer":
            self.memory.timers.discard(what.event.name)
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
        event = what.event
        assert event is not None
        for certain, kind, row in self._entries(what, track):
            if not certain and not self.oracle.of(
                "value", [(f"it is {row.match.text}", True), (f"it is not {row.match.text}", False)]
            ):
                continue
            if not isinstance(row, mc.Transition):
                self.memory.rows.append(row.match)
                return kind
            local = self._names(row, event, what.args)
            if row.guard is None or self._decide(row.guard, local):
                self._follow(row, local, track)
                return "row"
        return ""

    def _entries(self, what: Event, track: str) -> Iterator[tuple[bool, str, Any]]:
        """What may take the event, in the order in which it is tried, and whether it is for it."""
        event = what.event
        assert event is not None
        states = mv.within(self.memory.where[track])
        number = "" if event.by is None else what.args[event.params.index(event.by)]
        is_known = vl.is_exact(number)
        names: Iterable[str] = [""]
        if event.by is not None:
            if is_known:
                names = [str(number), *classes(str(number)), ""]
            else:
                said = {m.value for s in states for m, _, _ in _said_by(s) if m.event is event} | {
                    ""
                }
                names = sorted(said, key=lambda n: (n == "", n.count("x"), n))
        for name in names:
            certain: bool | None = True
            if name and not is_known:
                certain = _fits(number, name)
                if certain is None:
                    continue
            for state in states:
                for match, kind, row in _said_by(state):
                    if match.event is event and match.value == name:
                        yield bool(certain), kind, row
        if event.origin in ("below", "above", "itself"):
            for state in states:
                for match, kind, row in _said_by(state):
                    if match.is_any:
                        yield True, kind, row

    def _names(self, row: mc.Transition, event: mc.Event, args: tuple[Any, ...]) -> dict[str, Any]:
        if row.match.is_any:
            return {}
        local = {p.name: arg for p, arg in zip(event.params, args, strict=False)}
        rest = [a for p, a in zip(event.params, args, strict=False) if p is not event.by]
        if row.match.value and event.by is not None:
            known = local[event.by.name]
            if not vl.is_exact(known):
                local[event.by.name] = _narrow(known, row.match.value)
        return {**local, **dict(zip(row.names, rest, strict=False))}

    def _unexpected(self, event: mc.Event) -> None:
        if event.name == "eof":
            self._tell(Effect("close", None))
        elif event.name == "lost":
            self.memory.waits.clear()
            self.memory.timers.clear()
        elif event.name in ("open", "failed"):
            return
        elif self.machine.otherwise == "error":
            self.memory.refused = "unexpected"
        elif self.machine.otherwise == "close":
            self._tell(Effect("close", None))

    def _follow(self, row: mc.Transition, local: dict[str, Any], track: str) -> None:
        self.memory.rows.append(row)
        branch = row.branches[0]
        if row.has_outcomes:
            options = [(b.outcome.name if b.outcome else "", b) for b in row.branches]
            branch = self.oracle.of("outcome", options)
            assert branch.outcome is not None
            given = {
                p.name: self._free(p, f"{branch.outcome.name}({p.name})")
                for p in branch.outcome.params
            }
            local = {**local, **given}
        self.memory.branches.append(branch)
        self.stepper.used.update((row, branch, *mv.within(self.memory.where[track])))
        self.local = local
        self.do_all(self.stepper.deeds(self.memory.where[track], branch))

    def _free(self, param: Any, words: str) -> Any:
        """What a handler gives with its outcome."""
        if not vl.is_followed(param.type):
            return ANY
        options = vl.all_of(param.type)
        return self.oracle.of("outcome", [(f"{words} = {vl.shown(v)}", v) for v in options])

    def _decide(self, guard: ex.Expr, local: dict[str, Any]) -> bool:
        self.local = local
        value = evaluate(guard, self)
        if value is ANY:
            text = guard.span.text
            return bool(
                self.oracle.of("value", [(f"{text} holds", True), (f"{text} does not hold", False)])
            )
        return bool(value)

    # ------------------------------------------------------------ deeds

    def do_all(self, deeds: Iterable[mv.Deed]) -> None:
        """Deeds in their order."""
        for deed in deeds:
            self._do(deed)

    def _do(self, deed: mv.Deed) -> None:
        memory = self.memory
        if isinstance(deed, mv.Enter):
            self._enter(deed)
        elif isinstance(deed, mv.Leave):
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
        else:
            self._act(deed)

    def _enter(self, deed: mv.Enter) -> None:
        memory = self.memory
        track = _track(deed.state)
        values = [
            (("state", state, param.name), self.value(arg), param.type)
            for state, args in deed.args
            for param, arg in zip(state.params, args, strict=True)
        ]
        for item, value, type_ in values:
            self._set_param(item, value, type_)
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
        if any(s.timeouts for s in mv.within(self.memory.where[track])):
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
                self._set_param(item, value, None)
            self.do_all(self.stepper.moves.arrival(leaf, goal))

    # ------------------------------------------------------------ actions

    def _act(self, action: mc.Action) -> None:
        memory = self.memory
        if isinstance(action, mc.Assign):
            self._assign(action)
        elif isinstance(action, mc.StartTimer):
            memory.timers.add(action.timer.name)
        elif isinstance(action, mc.StopTimer):
            memory.timers.discard(action.timer.name)
        elif isinstance(action, mc.Close):
            self._tell(Effect("close", None))
        elif isinstance(action, mc.Raise):
            event = action.event
            memory.raised.append(Event(event, self._given(event.name, event.params, action.args)))
        elif isinstance(action, mc.Send | mc.Emit):
            output = action.output
            kind = "send" if isinstance(action, mc.Send) else "emit"
            args = self._given(output.name, output.params, action.args)
            self._tell(Effect(kind, output, args))
        elif isinstance(action, mc.StartTls):
            self._tell(Effect("starttls", None))

    def _given(
        self, name: str, params: tuple[Any, ...], args: tuple[ex.Expr, ...]
    ) -> tuple[Any, ...]:
        """The arguments of an event, as far as they matter to who takes it."""
        found = []
        for at, (param, arg) in enumerate(zip(params, args, strict=True)):
            value = self.value(arg)
            item = ("event", name, at)
            if isinstance(value, vl.Printed) or value in (vl.DOTTED, vl.LINE):
                found.append(value)
            elif _is_text(value, param.type) and len(value) <= SHORT_TEXT:
                found.append(vl.SHORT)
            elif self.stepper.follows(item):
                found.append(self.stepper.settle(item, vl.typed(value, param.type), param.type,
                                                 f"`{param.name}` of `{name}`"))  # fmt: skip
            else:
                found.append(ANY)
        return tuple(found)

    def _tell(self, effect: Effect) -> None:
        self.memory.effects.append(effect)

    def _assign(self, action: mc.Assign) -> None:
        value = self.value(action.value)
        target = action.target
        if isinstance(target, mc.StateParam):
            item: Item = ("state", target.state, target.param.name)
            old = self.memory.params.get(item, ANY)
            self._set_param(item, _combined(action.op, old, value, target.param.type),
                            target.param.type)  # fmt: skip
        else:
            old = ANY if action.op == "=" else self._known(target)
            self.assign_variable(target, _combined(action.op, old, value, target.type))

    def assign_variable(self, variable: mc.Variable, value: Any) -> None:
        """Sets a variable, if it is followed; what may be one of few is decided on when read."""
        item: Item = ("var", variable)
        if variable in self.stepper.variables:
            if variable in self.stepper.late:
                value = _fitting(variable.name, vl.typed(value, variable.type), variable.type)
            else:
                value = self._exactly(item, value, variable.type, variable.name)
            self.memory.vars[variable] = self.stepper.settle(
                item, value, variable.type, f"`{variable.name}`"
            )

    def _known(self, variable: mc.Variable) -> Any:
        """What a variable is, decided on if that was not asked yet and makes a difference."""
        value = self.memory.vars.get(variable, ANY)
        if variable in self.stepper.asks and not vl.is_exact(value):
            options = vl.among(value, variable.type)
            if len(options) > 1:
                words = [(f"{variable.name} is {vl.shown(one)}", one) for one in options]
                value = self.memory.vars[variable] = self.oracle.of("value", words)
        return vl.typed(value, variable.type)

    def _set_param(self, item: Item, value: Any, type_: Any) -> None:
        if not self.stepper.follows(item):
            return
        if type_ is not None:
            value = self._exactly(item, value, type_, str(item[2]))
            value = self.stepper.settle(item, value, type_, f"`{item[2]}`")
        self.memory.params[item] = value

    def _exactly(self, item: Item, value: Any, type_: Any, name: str) -> Any:
        """A value of few is decided on when it is kept."""
        value = vl.typed(value, type_)
        if value is vl.MANY or isinstance(value, tuple) or isinstance(type_, ListOf):
            return value
        _fitting(name, value, type_)
        if vl.is_exact(value):
            return value
        options = vl.all_of(type_)
        if self.stepper.counts(item):
            options = vl.split(value, self.stepper.counted.of(item))
        if len(options) == 1:
            return value
        return self.oracle.of("value", [(f"{name} is {vl.shown(one)}", one) for one in options])

    # ------------------------------------------------------------ names

    def value(self, e: ex.Expr) -> Any:
        """What an expression is now."""
        return evaluate(e, self)

    def name(self, e: ex.Local) -> Any:
        """What a parameter is now."""
        if e.scope == "state":
            return self.memory.params.get(("state", e.state, e.name), vl.typed(ANY, e.type))
        if e.scope == "machine":
            return self.stepper.own.get(e.name, vl.typed(ANY, e.type))
        return self.local.get(e.name, vl.typed(ANY, e.type))

    def variable(self, e: ex.Var | ex.PeerVar) -> Any:
        """What a variable is now."""
        return self._known(e.variable)

    def within(self, e: ex.InState) -> Any:
        """Whether a region is in a state now."""
        leaf = self.memory.where.get(e.subject)
        return leaf is not None and e.state in leaf.around()

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


def _is_text(value: Any, type_: Any) -> bool:
    """Whether a value is a constant text; members of enums are known by their names, too."""
    plain = type_.item if isinstance(type_, Optional) else type_
    return isinstance(value, str | bytes) and not isinstance(plain, Enum)


def _track(state: mc.State) -> str:
    region = mv.region_of(state)
    return MAIN if region is None else region.name


def _said_by(state: mc.State) -> list[tuple[mc.Match, str, Any]]:
    return [
        *((row.match, "row", row) for row in state.transitions),
        *((match, "ignore", _Passive(match)) for match in state.ignored),
        *((match, "defer", _Passive(match)) for match in state.deferred),
    ]


class _Passive(NamedTuple):
    match: mc.Match


def _fits(number: Any, name: str) -> bool | None:
    """Whether a number that is not known is named so: True, False for perhaps, None for no."""
    if not isinstance(number, Between):
        return False
    low, high = _range_of(name)
    if low is None or high is None:
        return False
    least, most = number.low, number.high
    if (most is not None and most < low) or (least is not None and least > high):
        return None
    return least is not None and most is not None and least >= low and most <= high


def _range_of(name: str) -> tuple[int | None, int | None]:
    try:
        return int(name.replace("x", "0")), int(name.replace("x", "9"))
    except ValueError:
        return None, None


def _narrow(number: Any, name: str) -> Any:
    """What is known of a number once it was found to be named so."""
    low, high = _range_of(name)
    if low is None or high is None:
        return name if number is ANY else number
    least, most = vl.bounds(number)
    low = low if least is None else max(low, least)
    high = high if most is None else min(high, most)
    return vl.between(low, high)


def is_number(type_: Any) -> bool:
    """Whether bounds of values of the type make sense."""
    return is_int(type_) or type_ == FLOAT


def _combined(op: str, old: Any, value: Any, type_: Any) -> Any:
    if op == "=":
        return value
    if isinstance(old, int | float) and isinstance(value, int | float):
        return old + value if op == "+=" else old - value
    if isinstance(old, tuple) and isinstance(value, tuple) and op == "+=":
        return old + value
    if op == "+=" and vl.MANY in (old, value):
        return vl.MANY
    if not is_number(type_):
        return ANY
    return vl.add(old, value if op == "+=" else vl.negative(value))
