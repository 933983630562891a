"""A slow reading of docs/language.md, section 5, over the model; generated code must agree.

It looks up and copies all that it needs each time, and shares no code with the back-end.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model.messages import Group, Slot, Text, Words
from protogen_fsm.model.types import Basic, ListOf, Optional, Range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOREVER = float("inf")
CHAIN = 1000


class Refused(Exception):
    """No transition takes an event; `ours` if it came from above."""

    def __init__(self, ours: bool) -> None:
        self.ours = ours


class Failed(Exception):
    """A step came to nothing."""


class Interpreter:
    """A machine, run by its model.

    `choose` is told a kind of question (`outcome`, `predicate`), its name, and how many answers
    there are; it gives the number of one. `asked` keeps what was asked of the user's code, and what
    it answered; `told` what was sent and emitted.
    """

    def __init__(
        self, machine: mc.Machine, choose: Callable[[str, str, int], int], *args: object
    ) -> None:
        self.machine, self.choose = machine, choose
        self.now, self.due = 0.0, FOREVER
        self.timers: dict[str, float] = {}
        self.params: dict[tuple[str, str], Any] = {}
        self.own = {param.name: arg for param, arg in zip(machine.params, args, strict=True)}
        self.vars: dict[str, Any] = {}
        self.asked: list[tuple[str, Any]] = []
        self.told: list[tuple[Any, ...]] = []
        self.effects: list[tuple[Any, ...]] = []
        self.raised: list[tuple[mc.Event, list[Any]]] = []
        self.deferred: list[tuple[mc.Event, list[Any]]] = []
        self.waiting: list[tuple[mc.Event, list[Any]]] = []
        self.moved = False
        for variable in machine.variables.values():
            initial = variable.initial
            self.vars[variable.name] = (
                nothing(variable.type) if initial is None else self.value(initial, {})
            )
        self.state = machine.initial()
        try:
            self._enter(list(reversed(list(self.state.around()))), self.state)
            self._chain()
        except (IndexError, ZeroDivisionError) as error:
            raise Failed(str(error)) from error
        self._tell()

    # ------------------------------------------------------------ events

    def fire(self, name: str, *args: Any) -> None:
        """An event, and all that comes of it."""
        self._take(self.machine.events[name], list(args))

    def advance(self, now: float) -> None:
        """All that is due by then, in order."""
        self.now = now
        while min(self.due, *self.timers.values(), FOREVER) <= now:
            name = min(self.timers, key=lambda one: self.timers[one], default="")
            if name and self.timers[name] <= self.due:
                del self.timers[name]
                self._take(self.machine.events[name], [])
            else:
                self.due = FOREVER
                self._take(None, [])

    def _take(self, event: mc.Event | None, args: list[Any]) -> None:
        """A step, then what was deferred and what waits."""
        error: Exception | None = None
        self.waiting.insert(0, (event, args))  # type: ignore[arg-type]
        while self.waiting:
            first, given = self.waiting.pop(0)
            self.moved = False
            try:
                self._transact(first, given)
            except (Refused, Failed) as raised:
                error = raised
            if self.moved:
                self.waiting = self.deferred + self.waiting
                self.deferred = []
        if error is not None:
            raise error

    def _transact(self, event: mc.Event | None, args: list[Any]) -> None:
        kept = copy.deepcopy((self.vars, self.params, self.timers))
        place = self.state, self.due
        try:
            self._step(event, args)
            self._chain()
        except Exception as error:
            self.vars, self.params, self.timers = kept
            self.state, self.due = place
            self.moved, self.effects, self.raised = False, [], []
            failed = self.machine.events.get("failed")
            if isinstance(error, Refused):
                raise
            if failed is None or event is failed or not any(self._entries(failed, [""])):
                raise Failed(str(error)) from error
            self._transact(failed, [str(error)])
            return
        self._tell()

    def _chain(self) -> None:
        for _ in range(CHAIN):
            if not self.raised:
                return
            self._step(*self.raised.pop(0))
        if self.raised:
            raise Failed("a chain without an end")

    def _tell(self) -> None:
        self.told += self.effects
        self.effects = []
        if self.state.final and self.moved:
            self.told.append(("close",))
            self.timers, self.due = {}, FOREVER
            self.deferred, self.waiting = [], []
            self.moved = False

    # ------------------------------------------------------------ one step

    def _entries(
        self, event: mc.Event, args: list[Any]
    ) -> Iterator[tuple[str, mc.Transition | None, mc.State, mc.Match]]:
        """What may take the event, in the order in which it is looked for."""
        names = [""]
        if event.by is not None:
            number = str(args[event.params.index(event.by)])
            names = [number, *(number[:n] + "x" * (len(number) - n) for n in (2, 1, 0)), ""]
        for name in names:
            for state in self.state.around():
                for row in state.transitions:
                    if row.match.event is event and row.match.value == name:
                        yield "row", row, state, row.match
                for what, matches in (("ignore", state.ignored), ("defer", state.deferred)):
                    for match in matches:
                        if match.event is event and match.value == name:
                            yield what, None, state, match
        if event.origin in ("below", "above", "itself"):
            for state in self.state.around():
                for row in state.transitions:
                    if row.match.is_any:
                        yield "row", row, state, row.match

    def _step(self, event: mc.Event | None, args: list[Any]) -> None:
        if event is None:
            row = next(s.timeouts[0] for s in self.state.around() if s.timeouts)
            self._follow(row, {}, None, args)
            return
        for what, row, _, _ in self._entries(event, args):
            if what == "ignore":
                return
            if what == "defer":
                self.deferred.append((event, args))
                return
            assert row is not None
            local = self._names(row, event, args)
            if row.guard is None or self.value(row.guard, local):
                self._follow(row, local, event, args)
                return
        self._unexpected(event)

    def _names(self, row: mc.Transition, event: mc.Event, args: list[Any]) -> dict[str, Any]:
        if row.match.is_any:
            return {}
        local = {p.name: arg for p, arg in zip(event.params, args, strict=True)}
        rest = [arg for p, arg in zip(event.params, args, strict=True) if p is not event.by]
        return {**local, **dict(zip(row.names, rest, strict=False))}

    def _unexpected(self, event: mc.Event) -> None:
        if event.name == "eof":
            self.effects.append(("close",))
        elif event.name in ("open", "lost"):
            pass
        elif self.machine.otherwise == "error":
            raise Refused(event.origin == "above")
        elif self.machine.otherwise == "close":
            self.effects.append(("close",))

    def _follow(
        self, row: mc.Transition, local: dict[str, Any], event: mc.Event | None, args: list[Any]
    ) -> None:
        branch = row.branches[0]
        pair = [t for t in row.state.transitions if t.match.event is row.match.event
                and t.match.value == row.match.value]  # fmt: skip
        decides = any(t.has_outcomes for t in pair)
        key = "timeout" if event is None else row.match.value or event.name
        name = f"do_{row.state.name}_{'default' if row.match.is_any else key}"
        if row.has_outcomes:
            branch = row.branches[self.choose("outcome", name, len(row.branches))]
            assert branch.outcome is not None
            given = [sample(p.type, p.name) for p in branch.outcome.params]
            self.asked.append((name, (branch.outcome.name, given)))
            local = {
                **local,
                **dict(zip((p.name for p in branch.outcome.params), given, strict=True)),
            }
        elif row.match.is_any or row.kind == "after" or not decides:
            self.asked.append((name, None))
        self._go(branch.target, branch.actions, local)

    def _go(
        self, target: mc.Target | None, actions: tuple[mc.Action, ...], local: dict[str, Any]
    ) -> None:
        if target is None:
            self._do(actions, local)
            return
        assert isinstance(target, mc.Goto)
        outside = list(target.state.around())[1:]
        left = [state for state in self.state.around() if state not in outside]
        for state in left:
            self._do(state.exit, {})
        self._do(actions, local)
        args = [self.value(arg, local) for arg in target.args]
        for param, arg in zip(target.state.params, args, strict=True):
            self.params[target.state.name, param.name] = arg
        first = target.state.first()
        kept = [state for state in self.state.around() if state not in left]
        self._enter([s for s in reversed(list(first.around())) if s not in kept], first)

    def _enter(self, entered: list[mc.State], leaf: mc.State) -> None:
        self.state, self.moved = leaf, True
        self._wait_for(leaf)
        for state in entered:
            self._do(state.entry, {})
        onwards = next((s.entry_target for s in entered if s.entry_target is not None), None)
        if onwards is not None:
            self._go(onwards, (), {})

    def _wait_for(self, leaf: mc.State) -> None:
        row = next((s.timeouts[0] for s in leaf.around() if s.timeouts), None)
        self.due = FOREVER
        if row is not None and row.duration is not None:
            self.due = self.now + self.value(row.duration, {})

    # ------------------------------------------------------------ actions

    def _do(self, actions: tuple[mc.Action, ...], local: dict[str, Any]) -> None:
        for action in actions:
            self._act(action, local)

    def _act(self, action: mc.Action, local: dict[str, Any]) -> None:
        if isinstance(action, mc.Assign):
            self._assign(action, local)
        elif isinstance(action, mc.StartTimer):
            duration = action.duration or action.timer.duration
            self.timers[action.timer.name] = self.now + self.value(duration, local)
        elif isinstance(action, mc.StopTimer):
            self.timers.pop(action.timer.name, None)
        elif isinstance(action, mc.Close):
            self.effects.append(("close",))
        else:
            assert isinstance(action, mc.Send | mc.Emit | mc.Raise | mc.Perform)
            args = [self.value(arg, local) for arg in action.args]
            if isinstance(action, mc.Raise):
                self.raised.append((action.event, args))
            elif isinstance(action, mc.Perform):
                self.asked.append((action.question.name, None))
            elif isinstance(action, mc.Send) and action.output.message is not None:
                named = zip((p.name for p in action.output.params), args, strict=True)
                assert self.machine.below is not None
                taker = self.machine.below.accepts_frame
                assert taker is not None
                self.effects.append(
                    (taker.name, printed(action.output.message.pattern, dict(named)))
                )
            else:
                self.effects.append((action.output.name, *args))

    def _assign(self, action: mc.Assign, local: dict[str, Any]) -> None:
        place: dict[Any, Any] = self.vars
        key: Any = getattr(action.target, "name", "")
        if isinstance(action.target, mc.StateParam):
            place, key = self.params, (action.target.state.name, action.target.param.name)
        value = self.value(action.value, local)
        if action.op == "+=":
            value = place[key] + value
        elif action.op == "-=":
            value = place[key] - value
        place[key] = value

    # ------------------------------------------------------------ values

    def value(self, e: ex.Expr, local: dict[str, Any]) -> Any:
        """What an expression means now: a value of its own, shared with nobody."""
        return copy.deepcopy(self._value(e, local))

    def _value(self, e: ex.Expr, local: dict[str, Any]) -> Any:
        if isinstance(e, ex.Value):
            return e.value
        if isinstance(e, ex.Var):
            return self.vars[e.variable.name]
        if isinstance(e, ex.Local):
            if e.scope == "state":
                assert e.state is not None
                return self.params[e.state.name, e.name]
            return self.own[e.name] if e.scope == "machine" else local[e.name]
        if isinstance(e, ex.Op):
            return self._operation(e, local)
        if isinstance(e, ex.MakeList):
            return [self.value(item, local) for item in e.items]
        if isinstance(e, ex.Each):
            found = []
            for item in self.value(e.source, local):
                inner = {**local, e.name: item}
                if e.kept is None or self.value(e.kept, inner):
                    found.append(self.value(e.made, inner))
            return found
        if isinstance(e, ex.Item):
            return self.value(e.value, local)[self.value(e.index, local)]
        if isinstance(e, ex.FieldOf):
            return self.value(e.value, local)[e.name]
        if isinstance(e, ex.Make):
            names = [field.name for field in e.struct.fields]
            return dict(zip(names, [self.value(arg, local) for arg in e.args], strict=True))
        if isinstance(e, ex.Ask):
            for arg in e.args:
                self.value(arg, local)
            answer = bool(self.choose("predicate", e.question.name, 2))
            self.asked.append((e.question.name, answer))
            return answer
        assert isinstance(e, ex.Function)
        return FUNCTIONS[e.name](*(self.value(arg, local) for arg in e.args))

    def _operation(self, e: ex.Op, local: dict[str, Any]) -> Any:
        if e.op == "and":
            return all(self.value(one, local) for one in e.operands)
        if e.op == "or":
            return any(self.value(one, local) for one in e.operands)
        values = [self.value(one, local) for one in e.operands]
        if len(values) == 1:
            return -values[0] if e.op == "-" else not values[0]
        left, right = alike(*values)
        return OPERATORS[e.op](left, right)


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "%": lambda a, b: a % b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "in": lambda a, b: a in b,
    "not_in": lambda a, b: a not in b,
}


def number(text: Any, word: str) -> int:
    for one in [text] if isinstance(text, str) else text:
        _, found, rest = one.lower().partition(word.lower())
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        if found and (isinstance(text, str) or digits.strip("0")):
            return int(digits or "0")
    return 0


def dotted(body: bytes) -> bytes:
    lines = body.split(b"\r\n")
    if lines[-1] == b"":
        lines.pop()
    return (
        b"".join((b"." if one[:1] == b"." else b"") + one + b"\r\n" for one in [*lines]) + b".\r\n"
    )


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "size": len,
    "sum": sum,
    "min": min,
    "max": max,
    "str": lambda a: a.decode() if isinstance(a, bytes) else str(a),
    "int": int,
    "bytes": lambda a: a if isinstance(a, bytes) else a.encode(),
    "lower": lambda a: a.lower(),
    "upper": lambda a: a.upper(),
    "strip": lambda a: a.strip(),
    "number": number,
    "dotted": dotted,
    "lines": lambda a: "".join(text + "\r\n" for text in a).encode(),
}


def alike(left: Any, right: Any) -> tuple[Any, Any]:
    if isinstance(left, bytes) and isinstance(right, str):
        return left, right.encode()
    if isinstance(right, bytes) and isinstance(left, str):
        return left.encode(), right
    return left, right


def nothing(type_: Any) -> Any:
    """What a variable is before it is set."""
    if isinstance(type_, ListOf):
        return []
    if isinstance(type_, Range):
        return 0
    if isinstance(type_, Optional):
        return None
    return {"str": "", "bytes": b"", "int": 0, "bool": False, "float": 0.0}.get(str(type_))


def sample(type_: Any, name: str) -> Any:
    """A value that a handler may put into an outcome."""
    return f"a {name}" if type_ == Basic("str") else len(name)


def printed(pattern: object, values: dict[str, Any]) -> bytes:
    """The frame of a text message; its values are such that it reads back."""
    assert isinstance(pattern, Text)
    return _printed(pattern.parts, values)


def _printed(parts: tuple[Any, ...], values: dict[str, Any]) -> bytes:
    frame = b""
    for part in parts:
        if isinstance(part, Words):
            frame += part.text.encode()
        elif isinstance(part, Slot):
            value = str(values[part.param.name])
            if "\n" in value or "\r" in value:
                raise Failed("would not read back")
            frame += value.encode()
        elif isinstance(part, Group):
            inside = [p.param.name for p in part.parts if isinstance(p, Slot)]
            if any(values[name] for name in inside):
                frame += _printed(part.parts, values)
    return frame
