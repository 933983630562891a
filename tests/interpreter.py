"""A slow reading of docs/language.md, sections 4 to 6, over the model; generated code must agree.

It looks up and copies all that it needs each time, and shares no code with the back-end. What
expressions mean is in meaning.py.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from meaning import FUNCTIONS, OPERATORS, Failed, Unprintable, alike, nothing, printed, sample
from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from protogen_fsm.model.messages import Message

FOREVER = float("inf")
CHAIN = 1000
TIMER, TIMEOUT = "timer", "time-out"
MAIN = ""  # the track of what lies in no region; a region's track has the region's name

AROUND = TIMEOUT, MAIN

Effect = tuple[Any, ...]  # `send`, `emit`, `begin` …, then what of


def longest(below: mc.Below, own: dict[str, Any]) -> int:
    """How long a datagram may be: what the spec says (section 6), of constants or parameters."""
    most = below.args.get("max")
    if isinstance(most, ex.Local):
        return int(own[most.name])
    assert most is None or isinstance(most, ex.Value)
    return 65507 if most is None else int(str(most.value))


class Refused(Exception):
    """No transition takes an event; `ours` if it came from above."""

    def __init__(self, ours: bool) -> None:
        self.ours = ours


class TooDeep(Exception):
    """A `push` past the machine's `depth`."""


class Unsolicited(Exception):
    """A reply that no call waits for."""


class TooMany(Exception):
    """One instance more than the limit; `ours` if an event from above asked for it."""

    def __init__(self, ours: bool) -> None:
        self.ours = ours


@dataclass
class Suspended:
    """A configuration that waits for a `pop`.

    `where` it was, the parameters of its states, what was `left` of its time-outs, the
    states around it that were `kept` in what was pushed, and where to go `then`, with what.
    """

    where: dict[str, mc.State]
    params: dict[tuple[str, str], Any]
    left: dict[tuple[str, str], float]
    visits: dict[str, int]
    kept: list[mc.State]
    then: tuple[mc.State, list[Any]] | None


@dataclass
class Memory:
    """All that a step may change, and a failure puts back.

    `where`: for each track that is active, its innermost state. `dues`: when each named timer,
    and the time-out of the state of each track, is due, in the order in which they were started.
    `visits`: for each state that is active, when it was entered, as a number
    that no other entry has. `last`: for each composite state that was left, where it was left.
    `held`: the instances of each `many`, by their keys.
    """

    where: dict[str, mc.State] = field(default_factory=dict)
    dues: dict[tuple[str, str], float] = field(default_factory=dict)
    params: dict[tuple[str, str], Any] = field(default_factory=dict)
    vars: dict[str, Any] = field(default_factory=dict)
    stack: list[Suspended] = field(default_factory=list)
    last: dict[str, mc.State] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)
    entries: int = 0
    held: dict[str, dict[Any, Interpreter]] = field(default_factory=dict)

    def copy(self) -> Memory:
        """Another one, that shares no value that could be changed."""
        another = copy.copy(self)
        another.params, another.vars = copy.deepcopy((self.params, self.vars))
        another.where, another.dues = dict(self.where), dict(self.dues)
        another.stack, another.last = list(self.stack), dict(self.last)
        another.visits = dict(self.visits)
        another.held = {name: dict(instances) for name, instances in self.held.items()}
        return another

    def start(self, kind: str, name: str, due: float) -> None:
        """Starts a timer anew."""
        self.dues.pop((kind, name), None)
        if due != FOREVER:
            self.dues[kind, name] = due


class Interpreter:
    """A machine, run by its model.

    `choose` is told a kind of question (`outcome`, `predicate`), its name, and how many answers
    there are; it gives the number of one. `asked` keeps what was asked of the user's code, and what
    it answered; `told` what was sent and emitted. `print` makes a message's frame.

    An instance has a `host`, and keeps what it says until it `began`, behind the host's step.
    `broken`: what was told led to an error, so that nobody knows what else was. `crossed`: the
    states that were entered and left, in order; `has_undone`: some of that was undone. While it is
    `shaking` hands, as `starttls` has it, `secured` has to be called.
    """

    def __init__(
        self,
        machine: mc.Machine,
        choose: Callable[[str, str, int], int],
        *args: object,
        print: Callable[[Message, list[Any]], bytes] = printed,
        host: Interpreter | None = None,
        many: mc.Many | None = None,
    ) -> None:
        self.machine, self.choose, self.print = machine, choose, print
        self.host, self.many = host, many
        self.clock = 0.0
        given = (*args, *(param.default for param in machine.params[len(args) :]))
        self.own = {param.name: arg for param, arg in zip(machine.params, given, strict=True)}
        self.memory = Memory()
        self.memory.held = {name: {} for name in machine.many}
        self.asked: list[tuple[str, Any]] = [] if host is None else host.asked
        self.told: list[tuple[Any, ...]] = []
        self.crossed: list[str] = []
        self.has_undone = False
        self.said: list[Effect] | None = None if host is None else []
        self.effects: list[Effect] = []
        self.handed: list[Effect] = []
        self.busy = self.broken = self.draining = False
        self.shaking: list[Effect] | None = None  # what is told once the handshake is done
        self.ending: set[str] = set()
        self.taking: tuple[mc.Transition, list[Any]] | None = (
            None  # the row, what its event brought
        )
        self.raised: list[tuple[mc.Event, list[Any]]] = []
        self.deferred: list[tuple[mc.Event | None, list[Any], str]] = []
        self.waiting: list[tuple[mc.Event | None, list[Any], str]] = []
        self.moved = False
        self.calls: list[tuple[str, tuple[str, ...]]] = []  # their names, and what answers them
        self.is_reply = False
        self.replies = {
            name
            for event in machine.accepts
            for name in event.answered_by
            if not machine.emits[name].unasked
        }
        for variable in machine.variables.values():
            initial = variable.initial
            self.memory.vars[variable.name] = (
                nothing(variable.type) if initial is None else self.value(initial, {})
            )
        try:
            self._enter(machine.initial(), None)
            self._chain()
        except (ArithmeticError, LookupError, ValueError, TooDeep, TooMany) as error:
            raise Failed(str(error)) from error
        self._tell()

    @property
    def now(self) -> float:
        """The time; that of instances is their host's."""
        return self.clock if self.host is None else self.host.now

    @property
    def is_gone(self) -> bool:
        """Whether it is an instance that its host holds no more."""
        if self.host is None or self.many is None:
            return False
        return self not in self.host.memory.held[self.many.name].values()

    @property
    def state(self) -> mc.State:
        """The innermost state that lies in no region."""
        return self.memory.where[MAIN]

    def active(self) -> list[mc.State]:
        """Every state that the machine is in: each track from the inside out, regions first."""
        return self._inside(MAIN)

    def due(self) -> float:
        """When something happens by itself, here or in an instance."""
        return min([self._own_due(), *(one.due() for one in self._instances())])

    def _own_due(self) -> float:
        return min(self.memory.dues.values(), default=FOREVER)

    def _instances(self) -> list[Interpreter]:
        """All that began, those of each `many` in the order in which they were started."""
        held = [one for instances in self.memory.held.values() for one in instances.values()]
        return [one for one in held if one.said is None]

    # ------------------------------------------------------------ events

    def fire(self, name: str, *args: Any) -> None:
        """An event, and all that comes of it; one that is answered by others is a call.

        What waits behind it may fail too, and that is not the call's fault.
        """
        event = self.machine.events[name]
        if not event.answered_by:
            self._take(event, list(args))
            return
        self.calls.append((name, event.answered_by))
        try:
            self._take(event, list(args), then=False)
        except Exception:
            self.calls.pop()
            raise
        finally:
            self._next()

    def advance(self, now: float) -> None:
        """All that is due by then, in order."""
        self.clock = now
        while self.due() <= now:
            self._expire()

    def _expire(self) -> None:
        """What is due first.

        Of what is due at the same time the host's comes before the instances'; then the time-out of
        the state around comes last, the rest in the order in which it was started.
        """
        due = self.due()
        if self._own_due() > due:
            next(one for one in self._instances() if one.due() == due)._expire()
            return
        dues = self.memory.dues
        kind, name = min(dues, key=lambda one: (dues[one], one == AROUND))
        del dues[kind, name]
        if kind == TIMER:
            self._take(self.machine.events[name], [])
        else:
            self._take(None, [], name)

    def _take(
        self, event: mc.Event | None, args: list[Any], track: str = MAIN, *, then: bool = True
    ) -> None:
        """A step, unless one is being taken; the event's instance takes it, if there is one."""
        if self.busy and not self._is(event, "lost"):
            self.waiting.append((event, args, track))
            return
        instance = None if event is None else self._instance_for(event, args)
        if instance is not None:
            assert event is not None
            instance.fire(event.name, *args)
            return
        self.moved = False
        try:
            self._transact(event, args, track)
        finally:
            if self._is(event, "lost"):
                self._end_instances("gone")
                self.calls = []
            if then:
                self._next()

    def _next(self) -> None:
        """What was deferred and what waits (section 5, number 5).

        A call that waited and is refused after all tells its caller, not whoever comes now.
        """
        if self.draining:
            return
        self.draining = True
        error: Exception | None = None
        calls = [one for one in self.machine.accepts if one.answered_by]
        while self.waiting and not self.busy:
            first = self.waiting.pop(0)
            try:
                self._take(*first)
            except (Refused, Failed) as raised:
                if first[0] not in calls or not _is_ours(raised) or not self._drop(first[0]):
                    error = error or raised
        self.draining = False
        if error is not None:
            raise error

    def _drop(self, event: mc.Event) -> bool:
        """The call is refused that waited longest; those that wait still came behind it."""
        mine = [at for at, (name, _) in enumerate(self.calls) if name == event.name]
        behind = sum(other is event for other, _, _ in [*self.waiting, *self.deferred])
        if len(mine) > behind:
            del self.calls[mine[-1 - behind]]
        return len(mine) > behind

    def _is(self, event: mc.Event | None, name: str) -> bool:
        return event is not None and event.name == name

    def _instance_for(self, event: mc.Event, args: list[Any]) -> Interpreter | None:
        """The instance that has the key that the event carries (section 6, What comes in)."""
        for many in self._routes(event):
            field = next(i for i, param in enumerate(event.params) if param.name == many.by)
            held = self.memory.held[many.name]
            if args[field] in held:
                return held[args[field]]
        return None

    def _routes(self, event: mc.Event) -> Iterator[mc.Many]:
        """Each `many` that takes the event."""
        faces = "below", "above"
        for many in self.machine.many.values():
            own = many.machine.events.get(event.name)
            if (
                own is not None
                and own.origin in faces
                and event.origin in faces
                and len(own.params) == len(event.params)
                and many.by in [param.name for param in event.params]
            ):
                yield many

    def _transact(self, event: mc.Event | None, args: list[Any], track: str = MAIN) -> None:
        """A step changes all that it says, or nothing."""
        kept = self.memory.copy()
        self.is_reply = event is not None and event.origin == "below"
        try:
            self._step(event, args, track)
            self._chain()
        except Exception as error:
            self.memory, self.has_undone = kept, True
            self.moved, self.effects, self.raised, self.handed = False, [], [], []
            if isinstance(error, Refused):
                raise
            if isinstance(error, TooMany) and error.ours:
                error = Unprintable("too many")
            if isinstance(error, TooDeep):
                self._instead("malformed", event, [b"", "too deep"], error)
            elif isinstance(error, TooMany):
                self._instead("malformed", event, [b"", "too many"], error)
            elif isinstance(error, Unsolicited):
                self._instead("unsolicited", event, [str(error)], error)
            else:
                self._instead("failed", event, [str(error)], error)
            return
        self._tell()

    def _instead(
        self, name: str, event: mc.Event | None, args: list[Any], error: Exception
    ) -> None:
        """The event that an undone step becomes."""
        other = self.machine.events.get(name)
        if other is None or event is other:
            if name in ("malformed", "unsolicited") and event is not other:
                self._unexpected(name)
                self._tell()
                return
            raise _failure(error) from error
        if name == "failed" and not any(self._anywhere(other, args)):
            raise _failure(error) from error
        self._transact(other, args)

    def _chain(self) -> None:
        for _ in range(CHAIN):
            if not self.raised:
                return
            self._step(*self.raised.pop(0))
        if self.raised:
            raise Failed("a chain without an end")

    def _tell(self) -> None:
        """The step has changed all that it changes: what it said is told, in order.

        Events that come meanwhile wait; when the last of it is told the machine is at rest, unless
        some wait already.
        """
        if self.moved:
            self.waiting, self.deferred = self.deferred + self.waiting, []
        ended = [("end",)] if self.state.final and self.moved else []
        effects = [*self.effects, *ended, *self.handed]
        self.effects, self.handed = [], []
        self.moved = False
        if self.said is None:
            self._tell_all(effects)
        else:
            self.said += effects

    def _tell_all(self, effects: list[Effect]) -> None:
        self.busy = True
        for at, effect in enumerate(effects, 1):
            self.busy = at < len(effects) or bool(self.waiting)
            try:
                if effect == ("starttls",):
                    self._shake_hands(effects[at:])
                    return
                self._tell_one(*effect)
            except Exception:
                self._break()
                raise
        self.busy = False

    def _shake_hands(self, rest: list[Effect]) -> None:
        """Section 6, STARTTLS: what came before it is refused, what was learnt is forgotten.

        No event is taken, and nothing else told, until it is `secured`.
        """
        if any(event is None or event.origin == "below" for event, _, _ in self._kept_back()):
            raise Refused(ours=False)
        for variable in self.machine.variables.values():
            if variable.forgotten:
                assert variable.initial is not None
                self.memory.vars[variable.name] = self.value(variable.initial, {})
        self.shaking, self.busy = rest, True

    def _kept_back(self) -> list[tuple[mc.Event | None, list[Any], str]]:
        return [*self.waiting, *self.deferred]

    def secured(self) -> None:
        """The handshake is done: what is left of its step is told, then `secured` comes first."""
        rest, self.shaking = self.shaking, None
        self.waiting.insert(0, (self.machine.events["secured"], [], MAIN))
        self._tell_all(rest or [])
        self.busy = False
        self._next()

    def _break(self) -> None:
        self.broken = True
        if self.host is not None:
            self.host._break()

    def _tell_one(self, what: str, *args: Any) -> None:
        if what == "begin":
            args[0]._begin()
        elif what == "hand":
            if not args[0].is_gone:
                args[0].fire(*args[1:])
        elif what == "close":
            self._close()
        elif what == "end":
            self._end()
        else:
            self._say(what, *args)

    def _say(self, what: str, name: str, *args: Any) -> None:
        """What is sent goes below, what is emitted to the host, or above."""
        host, many = self.host, self.many
        if what == "emit":
            self._answer(name)
        if host is None or many is None:
            self.told.append((name, *args))
            return
        if what == "emit":
            if self.state.final:  # whoever hears of its end may start its key anew
                self._leave_host()
            if name in host.machine.events:
                if many.name not in host.ending:
                    host.fire(name, *args)
                return
        host._say(what, name, *args)

    def _answer(self, name: str) -> None:
        """An emission answers the oldest call that waits for it."""
        call = next((call for call in self.calls if name in call[1]), None)
        if call is not None:
            self.calls.remove(call)

    def _owed(self, name: str) -> None:
        """What the peer said answers a call, unless none waits for that (section 4, Calls)."""
        waiting = [answers for _, answers in self.calls]
        for said in [effect[1] for effect in self.effects if effect[0] == "emit"]:
            first = next((answers for answers in waiting if said in answers), None)
            if first is not None:
                waiting.remove(first)
        if not any(name in answers for answers in waiting):
            raise Unsolicited(name)

    def _close(self) -> None:
        """Ends the connection; that is the host's."""
        if self.host is not None:
            self.host._close()
            return
        self.told.append(("close",))
        self._end_instances("the connection is closed")

    def _end(self) -> None:
        """A final state was entered."""
        self.memory.dues = {}
        self.deferred, self.waiting, self.calls = [], [], []
        self.memory.stack = []
        if self.host is None:
            self._close()
        self._end_instances(f"{self.machine.name} reached {self.state.name}")
        self._leave_host()

    def _leave_host(self) -> None:
        """It is no instance any more, if it still is one."""
        if self.host is not None and self.many is not None:
            held = self.host.memory.held[self.many.name]
            self.host.memory.held[self.many.name] = {
                key: one for key, one in held.items() if one is not self
            }

    def _begin(self) -> None:
        """What an instance had to say at once, in the place of its `start`."""
        said, self.said = self.said, None
        self._tell_all(said or [])
        if self.state.final:
            self._leave_host()

    def _end_instances(self, reason: str) -> None:
        """They are gone, and hear of it; a host that has ended hears nothing of them."""
        for name, held in self.memory.held.items():
            self.memory.held[name] = {}
            self.ending.add(name)
            for one in held.values():
                one._take(one.machine.events["lost"], [reason])
            self.ending.discard(name)

    def _start(self, action: mc.StartInstance, local: dict[str, Any]) -> None:
        """A new instance, and for it the event that starts it, if that carries its key as it is."""
        many, held = action.many, self.memory.held[action.many.name]
        row, brought = self.taking or (None, [])
        event = None if row is None else row.match.event
        key, *given = [self.value(arg, local) for arg in action.args]
        if key in held:
            raise Failed(f"{key} is there already")
        if len(held) >= many.limit:
            raise TooMany(event is not None and event.origin == "above")
        named = {name: self.value(arg, {}) for name, arg in many.args.items()}
        named |= {many.key.name: key}
        named |= {param.name: arg for param, arg in zip(many.asks, given, strict=True)}
        args = [named[param.name] for param in many.machine.params]
        try:
            made = Interpreter(
                many.machine, self.choose, *args, print=self.print, host=self, many=many
            )
        except Refused as error:
            raise Failed(str(error)) from error
        held[key] = made
        self.effects.append(("begin", made))
        first = action.args[0]
        if row is not None and event is not None and many in self._routes(event):
            field = next(i for i, param in enumerate(event.params) if param.name == many.by)
            if (
                isinstance(first, ex.Local)
                and first.scope == "event"
                and first.name == _called(row, event)[field]
            ):
                self.handed.append(("hand", made, event.name, *brought))

    # ------------------------------------------------------------ where the machine is

    def _tracks(self, track: str) -> list[str]:
        """A track and those of the regions in it, in the order written."""
        regions = self.memory.where[track].regions
        return [track, *(one for region in regions for one in self._tracks(region.name))]

    def _path(self, track: str) -> Iterator[mc.State]:
        """The states of one track, from its innermost to the outermost that is of this track."""
        for state in self.memory.where[track].around():
            yield state
            if state.region is not None:
                return

    def _inside(self, track: str) -> list[mc.State]:
        """All states of a track and of its regions; regions last to first, from the inside out."""
        found: list[mc.State] = []
        for region in reversed(self.memory.where[track].regions):
            if region.name in self.memory.where:  # else it is still to be entered
                found += self._inside(region.name)
        return [*found, *self._path(track)]

    def _visit(self, state: mc.State) -> int | None:
        """When the state was entered; None if the machine is not in it."""
        return self.memory.visits[state.name] if state in self.active() else None

    # ------------------------------------------------------------ one step

    def _step(self, event: mc.Event | None, args: list[Any], track: str = MAIN) -> None:
        if event is None:
            row = next(s.timeouts[0] for s in self._path(track) if s.timeouts)
            self._follow(row, {}, None, [], track)
            return
        taken = self._offer(event, args, MAIN)
        if taken == "defer":
            self.deferred.append((event, args, MAIN))
        elif taken == "":
            self._unexpected(event.name, *args)

    def _offer(self, event: mc.Event, args: list[Any], track: str) -> str:
        """Offers an event to the regions in the order written, then to the states around them.

        What became of it: `row`, `ignore`, `defer`, or "" if nobody takes it. A region that the
        step has left is not offered the event any more.
        """
        around = self.memory.where[track]
        visit = self._visit(around)
        answers = []
        for region in around.regions:
            if self._visit(around) == visit:
                answers.append(self._offer(event, args, region.name))
        for answer in ("row", "ignore", "defer"):
            if answer in answers:
                return answer
        return self._search(event, args, track)

    def _search(self, event: mc.Event, args: list[Any], track: str) -> str:
        for what, row in self._entries(event, args, list(self._path(track))):
            if row is None:
                return what
            local = self._names(row, event, args)
            if row.guard is None or self.value(row.guard, local):
                self._follow(row, local, event, args, track)
                return what
        return ""

    def _entries(
        self, event: mc.Event, args: list[Any], path: list[mc.State]
    ) -> Iterator[tuple[str, mc.Transition | None]]:
        """What may take the event, in the order in which it is looked for (section 5, number 1)."""
        names = [""]
        if event.by is not None:
            number = str(args[event.params.index(event.by)])
            names = [number, *(number[:n] + "x" * (len(number) - n) for n in (2, 1, 0)), ""]
        for name in names:
            for state in path:
                for row in state.transitions:
                    if row.match.event is event and row.match.value == name:
                        yield "row", row
                for what, matches in (("ignore", state.ignored), ("defer", state.deferred)):
                    for match in matches:
                        if match.event is event and match.value == name:
                            yield what, None
        if event.origin in ("below", "above", "itself"):
            for state in path:
                for row in state.transitions:
                    if row.match.is_any:
                        yield "row", row
                for what, matches in (("ignore", state.ignored), ("defer", state.deferred)):
                    if any(match.is_any for match in matches):
                        yield what, None

    def _anywhere(self, event: mc.Event, args: list[Any]) -> Iterable[object]:
        """All that might take the event, in whatever region."""
        return list(self._entries(event, args, self.active()))

    def _names(self, row: mc.Transition, event: mc.Event, args: list[Any]) -> dict[str, Any]:
        if row.match.is_any:
            return {}
        local = {p.name: arg for p, arg in zip(event.params, args, strict=True)}
        rest = [arg for p, arg in zip(event.params, args, strict=True) if p is not event.by]
        return {**local, **dict(zip(row.names, rest, strict=False))}

    def _unexpected(self, name: str, *args: Any) -> None:
        if name == "failed":
            raise Failed(args[0])
        if name == "eof":
            self.effects.append(("close",))
        elif name == "lost":
            self.memory.dues.clear()
        elif name in ("open", "secured"):
            pass
        elif self.machine.otherwise == "error":
            of = self if self.host is None else self.host  # whose face it has crossed
            event = of.machine.events.get(name)
            raise Refused(event is not None and event.origin == "above")
        elif self.machine.otherwise == "close":
            self.effects.append(("close",))

    def _follow(
        self,
        row: mc.Transition,
        local: dict[str, Any],
        event: mc.Event | None,
        args: list[Any],
        track: str,
    ) -> None:
        """Takes a row: the handler answers, the branch is done (section 5, numbers 2 and 3)."""
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
            answers = zip((p.name for p in branch.outcome.params), given, strict=True)
            local = {**local, **dict(answers)}
        elif row.match.is_any or row.kind == "after" or not decides:
            self.asked.append((name, None))
        self.taking = row, args
        self.is_reply = self.is_reply and not row.match.is_any
        self._go(branch.target, branch.actions, local, track)

    # ------------------------------------------------------------ moves

    def _go(
        self,
        target: mc.Target | None,
        actions: tuple[mc.Action, ...],
        local: dict[str, Any],
        track: str,
    ) -> None:
        """Exit actions, those of the transition, the move (section 5, number 3).

        `track` is where the row was found.
        """
        if target is None:
            self._do(actions, local)
        elif isinstance(target, mc.Push):
            self._do(actions, local)
            self._push(target, local)
        elif isinstance(target, mc.Pop):
            self._pop(actions, local)
        else:
            kept = self._kept(target.state, track)
            self._leave(self._left(target.state, kept))
            self._do(actions, local)
            if isinstance(target, mc.History):
                leaf = self.memory.last.get(target.state.name, target.state.first())
            else:
                self._set_params(target.state, [self.value(arg, local) for arg in target.args])
                leaf = target.state.first()
            self._enter(leaf, kept)

    def _kept(self, target: mc.State, track: str = MAIN) -> mc.State | None:
        """The innermost state around the target and around where the step comes from.

        It is not left. A region that is led into from around it leaves all that it is in.
        """
        around = list(self.memory.where[track].around())
        return next((state for state in list(target.around())[1:] if state in around), None)

    def _left(self, target: mc.State, kept: mc.State | None) -> list[mc.State]:
        """What is left by going there: all that lies in the kept state, or in one of its regions.

        In the order of their exit actions.
        """
        if kept is not None and kept.regions:
            region = next(s.region for s in target.around() if s.parent is kept)
            assert region is not None
            return self._inside(region.name)
        return [s for s in self.active() if kept is None or kept in list(s.around())[1:]]

    def _leave(self, left: list[mc.State]) -> None:
        for state in left:
            self.crossed.append(f"exit_{state.name}")
            self._do(state.exit, {})
        where = self.memory.where
        for state in left:
            if state.states:
                self.memory.last[state.name] = where[_track(state)]
        for track in [one for one, leaf in where.items() if leaf in left]:
            del where[track]
            self.memory.dues.pop((TIMEOUT, track), None)

    def _enter(self, leaf: mc.State, kept: mc.State | None) -> None:
        """Enters `leaf` and all around it that lies in `kept`."""
        around = list(leaf.around())
        way = around[: around.index(kept)] if kept is not None else around
        region = next((state.region for state in around if state.region is not None), None)
        if region is not None and region.state not in way:
            self._wait(_track(region.state))  # starts anew with each state within
        self._enter_way(way[::-1])

    def _enter_way(self, way: list[mc.State]) -> None:
        """Enters states from the outside in: first to one with regions, then its regions in order.

        Of several `entry ->` that of the outermost counts; a region goes on before the next is
        entered.
        """
        memory = self.memory
        at = next((at for at, state in enumerate(way) if state.regions), len(way) - 1)
        outer, rest, leaf = way[: at + 1], way[at + 1 :], way[at]
        memory.where[_track(leaf)] = leaf
        for state in outer:
            memory.entries += 1
            memory.visits[state.name] = memory.entries
        self._wait(_track(leaf))
        self.moved = True
        self.crossed += [f"enter_{state.name}" for state in outer]
        for state in outer:
            self._do(state.entry, {})
        visit = self._visit(leaf)
        for region in leaf.regions:
            if self._visit(leaf) == visit:
                first = next(state for state in region.states if state.initial)
                is_here = bool(rest) and rest[0].region is region
                self._enter_way(rest if is_here else _first_way(first))
        onwards = next((s.entry_target for s in outer if s.entry_target is not None), None)
        if onwards is not None and self._visit(leaf) == visit:
            self._go(onwards, (), {}, _track(leaf))

    def _wait(self, track: str) -> None:
        """Starts the time-out of the innermost state of a track that has one (Time-outs)."""
        due = FOREVER
        for state in reversed(list(self._path(track))):
            if state.timeouts:
                assert state.timeouts[0].duration is not None
                due = self.now + self.value(state.timeouts[0].duration, {})
        self.memory.start(TIMEOUT, track, due)

    def _set_params(self, state: mc.State, values: list[Any]) -> None:
        for param, value in zip(state.params, values, strict=True):
            self.memory.params[state.name, param.name] = value

    # ------------------------------------------------------------ the stack (section 5)

    def _push(self, target: mc.Push, local: dict[str, Any]) -> None:
        """Suspends all that is active: it is not left; the target is entered."""
        memory = self.memory
        if len(memory.stack) >= self.machine.depth:
            raise TooDeep
        values = [self.value(arg, local) for arg in target.args]
        then = None
        if target.then is not None:
            then = target.then.state, [self.value(arg, local) for arg in target.then.args]
        left = {one: due - self.now for one, due in memory.dues.items() if one[0] == TIMEOUT}
        kept = self._kept(target.state)
        inside = [] if kept is None else list(kept.around())
        names = {state.name for state in self.active() if state not in inside}
        params = {place: value for place, value in memory.params.items() if place[0] in names}
        visits = dict(memory.visits)
        suspended = Suspended(dict(memory.where), copy.deepcopy(params), left, visits, inside, then)
        memory.stack.append(suspended)
        memory.where = {}
        memory.dues = {one: due for one, due in memory.dues.items() if one not in left}
        self._set_params(target.state, values)
        self._enter(target.state.first(), kept)

    def _pop(self, actions: tuple[mc.Action, ...], local: dict[str, Any]) -> None:
        """Leaves what was pushed; what was suspended goes on, and is not entered."""
        memory = self.memory
        suspended = memory.stack[-1]
        self._leave([state for state in self.active() if state not in suspended.kept])
        self._do(actions, local)
        memory.stack.pop()
        memory.where = dict(suspended.where)
        for (kind, name), left in suspended.left.items():
            memory.start(kind, name, self.now + left)
        memory.params |= copy.deepcopy(suspended.params)
        memory.visits = dict(suspended.visits)
        self.moved = True
        if suspended.then is not None:
            state, values = suspended.then
            kept = self._kept(state)
            self._leave(self._left(state, kept))
            self._set_params(state, values)
            self._enter(state.first(), kept)

    # ------------------------------------------------------------ actions

    def _do(self, actions: tuple[mc.Action, ...], local: dict[str, Any]) -> None:
        for action in actions:
            self._act(action, local)

    def _act(self, action: mc.Action, local: dict[str, Any]) -> None:
        if isinstance(action, mc.Assign):
            self._assign(action, local)
        elif isinstance(action, mc.StartTimer):
            duration = action.duration or action.timer.duration
            self.memory.start(TIMER, action.timer.name, self.now + self.value(duration, local))
        elif isinstance(action, mc.StopTimer):
            self.memory.start(TIMER, action.timer.name, FOREVER)
        elif isinstance(action, mc.StartInstance):
            self._start(action, local)
        elif isinstance(action, mc.Close):
            self.effects.append(("close",))
        elif isinstance(action, mc.StartTls):
            self.effects.append(("starttls",))
        else:
            assert isinstance(action, mc.Send | mc.Emit | mc.Raise | mc.Perform)
            if isinstance(action, mc.Emit) and self.is_reply and action.output.name in self.replies:
                self._owed(action.output.name)
            args = [self.value(arg, local) for arg in action.args]
            what = "send" if isinstance(action, mc.Send) else "emit"
            if isinstance(action, mc.Raise):
                self.raised.append((action.event, args))
            elif isinstance(action, mc.Perform):
                self.asked.append((action.question.name, None))
            elif isinstance(action, mc.Send) and action.output.message is not None:
                self._send(action.output.message, args)
            elif isinstance(action, mc.Send) and self._is_over_a_transport():
                self._octets(*args)
            else:
                self.effects.append((what, action.output.name, *args))

    def _send(self, message: Message, args: list[Any]) -> None:
        below = self._stands_on()
        if below is None:
            self.effects.append(("send", message.name, *args))
            return
        frame = self.print(message, args)
        if below.accepts_frame is None:
            self._octets(frame)
        else:
            self.effects.append(("send", below.accepts_frame.name, frame))

    def _octets(self, data: bytes) -> None:
        """Bytes for the stream, or a datagram, which may be too long."""
        below = self._stands_on()
        assert below is not None
        if below.kind == "datagrams" and len(data) > longest(below, self._top().own):
            raise Unprintable("too long")
        self.effects.append(("send", "octets", data))

    def _stands_on(self) -> mc.Below | None:
        """What its host stands on, of an instance."""
        return self.machine.below if self.host is None else self.host._stands_on()

    def _top(self) -> Interpreter:
        """Itself, or the one that holds it and is held by none."""
        return self if self.host is None else self.host._top()

    def _is_over_a_transport(self) -> bool:
        below = self._stands_on()
        return below is not None and below.machine is None

    def _assign(self, action: mc.Assign, local: dict[str, Any]) -> None:
        place: dict[Any, Any] = self.memory.vars
        key: Any = getattr(action.target, "name", "")
        if isinstance(action.target, mc.StateParam):
            place, key = self.memory.params, (action.target.state.name, action.target.param.name)
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
            return self.memory.vars[e.variable.name]
        if isinstance(e, ex.Local):
            if e.scope == "state":
                assert e.state is not None
                return self.memory.params[e.state.name, e.name]
            return self.own[e.name] if e.scope == "machine" else local[e.name]
        if isinstance(e, ex.Op):
            return self._operation(e, local)
        if isinstance(e, ex.MakeList):
            return [self.value(item, local) for item in e.items]
        if isinstance(e, ex.Each):
            inner = [{**local, e.name: item} for item in self.value(e.source, local)]
            kept = [one for one in inner if e.kept is None or self.value(e.kept, one)]
            return [self.value(e.made, one) for one in kept]
        if isinstance(e, ex.Item):
            return self.value(e.value, local)[self.value(e.index, local)]
        if isinstance(e, ex.Frame):
            return self.print(e.message, [self.value(arg, local) for arg in e.args])
        if isinstance(e, ex.Slice):
            begin, end = (
                None if one is None
                else one.value if isinstance(one, ex.Value)
                else max(self.value(one, local), 0)
                for one in (e.begin, e.end)
            )  # fmt: skip
            return self.value(e.value, local)[begin:end]
        if isinstance(e, ex.FieldOf):
            return self.value(e.value, local)[e.name]
        if isinstance(e, ex.Make):
            names = [field.name for field in e.struct.fields]
            return dict(zip(names, [self.value(arg, local) for arg in e.args], strict=True))
        if isinstance(e, ex.Holds):
            return self.value(e.key, local) in self.memory.held[e.many.name]
        if isinstance(e, ex.Count):
            return len(self.memory.held[e.many.name])
        if isinstance(e, ex.InState):
            leaf = self.memory.where.get(e.subject)
            return leaf is not None and e.state in leaf.around()
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


def _failure(error: Exception) -> Exception:
    return error if isinstance(error, Failed) else Failed(str(error))


def _is_ours(error: Exception) -> bool:
    return isinstance(error, Unprintable) or (isinstance(error, Refused) and error.ours)


def _called(row: mc.Transition, event: mc.Event) -> list[str]:
    """What a row calls the parameters of its event."""
    names = list(row.names)
    return [
        param.name if param is event.by or not names else names.pop(0) for param in event.params
    ]


def _track(state: mc.State) -> str:
    """The track that a state belongs to."""
    return next((s.region.name for s in state.around() if s.region is not None), MAIN)


def _first_way(state: mc.State) -> list[mc.State]:
    """A state and its initial ones, to the innermost."""
    around = list(state.first().around())
    return around[: around.index(state) + 1][::-1]
