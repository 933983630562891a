"""A peer: a machine and the layers that it stands on, down to what crosses a link.

The layers are followed as machines. The last one over bytes of the library only cuts the stream
into frames, and is left out: what one side says as a frame the other hears as that frame.
"""

from __future__ import annotations

from itertools import pairwise, product
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from protogen_fsm.model import machine as mc
from protogen_fsm.model.messages import Text, Words
from protogen_fsm.verify import streams
from protogen_fsm.verify import values as vl
from protogen_fsm.verify.expressions import evaluate
from protogen_fsm.verify.frames import decode, may_be_too_long
from protogen_fsm.verify.local import Choice, Effect, Event, Local, Result, Unfollowed
from protogen_fsm.verify.octets import cut, message_in
from protogen_fsm.verify.stepper import Stepper
from protogen_fsm.verify.values import ANY, DOTTED, LINE, Between, Length, Octets, Printed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.model import expressions as ex
    from protogen_fsm.model.spec import Peer as Declared
    from protogen_fsm.verify.environment import Anyone
    from protogen_fsm.verify.relevance import Item, Relevance


class Carried(NamedTuple):
    """What is on a link. `kind`: `frame`, `raw`, `event`, `end` (of the stream), `lost`, `tls`.

    `plus`: one or more of them.
    """

    kind: str
    name: str
    value: Any
    plus: bool = False


SHAKE = Carried("tls", "TLS", ())
"""One side of a handshake: what is behind it is in secret, what is before it in the clear."""
OCTETS = Carried("raw", "octets", ANY)
"""Whatever is on the way to a machine over bytes: it is read as anything, in any number."""
BROKEN = Carried("lost", "", ())
"""Where a stream has broken: whoever comes to it, or passes over what is before it, is told."""


class State(NamedTuple):
    """What a peer is in: each of its machines, from the top; what its framing layer reads.

    `gone`: its connection is, or it has crashed, or it has left. `shaking`: it waits for the other
    side's part of a handshake, and takes no event, or only since its time is up.
    """

    locals: tuple[Local, ...]
    mode: str = "line"
    opened: bool = True
    closed: bool = False
    gone: bool = False
    shaking: Literal["", "waits", "late"] = ""

    @property
    def ended(self) -> bool:
        """Whether it has come to its end."""
        return self.gone or self.locals[0].leaf.final


class Outcome(NamedTuple):
    """What became of something that happened to a peer.

    `cause`: what it was. `said`: what it puts on its links. `consumed`: whether what came is gone
    from the link. `refused`: why, if it could not be taken. `taken`: the events that came to its
    machines, each with its level; `told`: what came to the one at the top, what it sent and what it
    told the application, in their order.
    """

    cause: str
    state: State
    said: tuple[Carried, ...] = ()
    rows: tuple[object, ...] = ()
    branches: tuple[object, ...] = ()
    choices: tuple[Choice, ...] = ()
    refused: str = ""
    event: mc.Event | None = None
    kind: str = ""
    consumed: bool = True
    taken: tuple[Task, ...] = ()
    told: tuple[Event | Effect, ...] = ()
    by: tuple[mc.Machine, mc.State] | None = None

    @property
    def is_pure(self) -> bool:
        """Whether it hangs on no value that is not followed."""
        return all(choice.kind != "value" for choice in self.choices)


class Task(NamedTuple):
    """`event` to the machine of a level, or an `effect` of it; to or of its instance `who`.

    `inner`: an event that comes of another one within the peer.
    """

    level: int
    event: Event | None
    effect: Effect | None = None
    plus: bool = False
    name: str = ""  # of an event that the machine does not know
    who: tuple[str, Any] | None = None
    inner: bool = False


class Peer:
    """The steps of one peer of a system."""

    def __init__(
        self,
        declared: Declared,
        index: int | None,
        relevance: Relevance,
        dropped: set[Item],
    ) -> None:
        self.declared, self.index, self.relevance = declared, index, relevance
        self.name = declared.name if index is None else f"{declared.name}[{index}]"
        self.levels: list[Stepper | Anyone] = []
        self.over = "nothing"
        self.cut: object = None  # how the stream is cut into frames
        self.short = False  # datagrams have a bound of the spec's own
        self.faces_anyone = False  # what is on the other side says anything
        self.bounds: list[tuple[int, int]] = []
        machine: mc.Machine | None = declared.machine
        names = [p.name for p in declared.machine.params]
        own = {
            n: evaluate(arg, _Constants({})) for n, arg in zip(names, declared.args, strict=False)
        }
        while machine is not None:
            below = machine.below
            if self.levels and cuts_only(machine):
                self.over = "lines" if machine.name == "Lines" else "frames"
                self.cut = machine.name, _cut(machine, own)
                break
            self.levels.append(self._steps(machine, own, relevance, dropped))
            if below is None or below.machine is None:
                self.over = "nothing" if below is None else below.kind
                self.short = below is not None and "max" in below.args
                break
            own = {n: evaluate(arg, _Constants(own)) for n, arg in below.args.items()}
            machine = below.machine
        self.top, self.bottom = self.levels[0], self.levels[-1]
        self.heard: set[str] = set()  # what other peers send, over nothing
        self.nowhere = _nowhere(declared.machine, len(self.top.variables))

    def is_as(self, other: Peer) -> None:
        """What it may be in is then what another of its kind may be in."""
        self.nowhere = other.nowhere

    @property
    def is_stream(self) -> bool:
        """Whether what it says comes whole, in order, to one other, and has an end."""
        return self.over not in ("nothing", "datagrams")

    def _steps(
        self, machine: mc.Machine, own: dict[str, Any], relevance: Relevance, dropped: set[Item]
    ) -> Stepper | Anyone:
        """What plays the part of one of the peer's machines."""
        return Stepper(machine, own, relevance, dropped)

    # ------------------------------------------------------------ what happens

    def begin(self) -> list[Outcome]:
        """A new peer: its machines begin from the bottom up."""
        opened = not any(
            row.match.text == "open"
            for level in self.levels
            for state in level.machine.every_state()
            for row in state.transitions
        )
        results: list[list[Result]] = [level.begin() for level in self.levels]
        found: list[Outcome] = []
        for chosen in product(*results):
            tasks = tuple(
                Task(at, None, effect)
                for at in range(len(chosen) - 1, -1, -1)
                for effect in chosen[at].effects
            )
            state = State(tuple(one.local for one in chosen), opened=opened)
            told = tuple(c for one in chosen for c in one.choices)
            found += self._play(Outcome("begins", state, choices=told), tasks)
        return found

    def spontaneous(self, state: State) -> list[Outcome]:
        """All that may happen by itself: time runs out, the application calls, the world tells."""
        if state.locals[0] is self.nowhere and "restarting" in self.declared.fates:
            again = [one._replace(cause="begins again") for one in self.begin()]
            return [one._replace(kind="time again") for one in again]
        if state.ended:
            return []
        found = self._fates(state)
        if not state.opened:
            begun = Outcome("open", state._replace(opened=True), kind="open")
            found += self._built_in(begun, "open")
        if state.closed:
            lost = Outcome("lost", state._replace(gone=True), kind="lost")
            return [self._end(one) for one in self._built_in(lost, "lost")]
        calm = state.shaking == "waits"
        late = state._replace(shaking="late") if calm else state
        for at, level in enumerate(self.levels):
            local = state.locals[at]
            for name in () if calm else sorted(local.timers):
                event = level.machine.events.get(name)
                if event is not None:
                    cause = Outcome(f"timer {name}", state, kind=f"time {at} {name}")
                    found += self._play(cause, (Task(at, Event(event)),))
            for track in sorted(local.waits):
                cause = Outcome("time-out", late, kind=f"time {at} {track}")
                found += self._play(cause, (Task(at, Event(None, (), track)),))
        for event in () if calm else self.top.machine.accepts:
            if self._takes(state.locals[0], 0, event):
                found += self._called(state, 0, event, "call")
        if self.over == "nothing":
            last = len(self.levels) - 1
            for event in self.bottom.machine.receives:
                if event.name not in self.heard and self._takes(state.locals[last], last, event):
                    found += self._called(state, last, event, "world")
        return found

    def _takes(self, local: Local, level: int, event: mc.Event) -> bool:
        """Whether an event from outside may be taken where the machine of a level is."""
        return self.levels[level].takes(local, event)

    def _fates(self, state: State) -> list[Outcome]:
        """What may become of it at any time; over a stream the other side is told of its end."""
        fates, nowhere = self.declared.fates, State((self.nowhere,) * len(self.levels), gone=True)
        found: list[Outcome] = []
        if "closing" in fates and self.is_stream:
            cause = Outcome("close", state, kind="call")
            found += self._play(cause, (Task(0, None, Effect("close", None)),))
        elif "closing" in fates:
            found.append(Outcome("leaves", nowhere, kind="fate"))
        if "crashing" in fates and self.is_stream:
            ends = (Carried("end", "", ()), BROKEN)
            found += [Outcome("crashes", nowhere, (end,), kind="fate") for end in ends]
        elif "crashing" in fates:
            found.append(Outcome("crashes", nowhere, kind="fate"))
        return found

    def receive(self, state: State, item: Carried) -> list[Outcome]:
        """What came over a link; a peer that has ended, or closed, hears nothing any more."""
        if not state.opened:
            return []
        if state.closed or state.gone or state.locals[0].leaf.final:
            return [Outcome("", state, kind="dropped")]
        if item == SHAKE:
            if not state.shaking:
                return []  # until this side begins
            done = state._replace(shaking="")
            return self._built_in(Outcome("TLS", done, kind="receive"), "secured")
        if state.shaking and item.kind not in ("end", "lost"):
            said = Outcome(item.name, state, kind="receive")
            return [said._replace(refused="unexpected")]
        if item.kind == "end" and state.shaking:
            item = BROKEN
        if item.kind == "end":
            found = self._built_in(Outcome("end", state, kind="receive"), "eof")
            if self.over == "bytes":
                for words, name, _ in streams.reads_at_the_end(streams.reading(state.locals[-1])):
                    cause = _assume(Outcome("end", state, kind="receive"), words, consumed=False)
                    found += self._up(cause, -1, name, (ANY,) * (1 + (name == "malformed")))
        elif item == BROKEN:
            lost = Outcome("lost", state._replace(closed=True, gone=True), kind="receive")
            found = [self._end(one) for one in self._built_in(lost, "lost")]
        elif item.kind == "event":
            event = self.bottom.machine.events.get(item.name)
            cause = Outcome(item.name, state, kind="receive")
            last = len(self.levels) - 1
            task = Task(last, None if event is None else Event(event, item.value), name=item.name)
            found = self._play(cause, (task,))
        else:
            found = self._cut(state, item) or [
                one
                for cause, name, value in self._read(state, item)
                for one in (self._up(cause, -1, name, value) if name else [cause])
            ]
        if item.plus:
            found = [*found, *(one._replace(consumed=False) for one in found if one.consumed)]
        return found

    def would_take(self, state: State) -> list[tuple[str, list[str]]]:
        """The events, by name, that some row of the peer's machine takes where it is."""
        local = state.locals[0]
        return [(f" in {local.here()}", taken_in(local))]

    def junk(self, state: State) -> list[Outcome]:
        """Something that is no message at all."""
        if state.ended or state.closed:
            return [Outcome("", state, kind="dropped")]
        return self._up(Outcome("malformed", state, kind="receive"), -1, "malformed", (ANY, ANY))

    # ------------------------------------------------------------ framing

    def _cut(self, state: State, item: Carried) -> list[Outcome]:
        """What a layer reads of octets whose parts are known; nothing where that is not known."""
        if self.over != "bytes" or not isinstance(item.value, Octets):
            return []
        found: list[Outcome] = []
        todo = [(Outcome(item.name, state, kind="receive"), item.value)]
        while todo:
            now, left = todo.pop()
            local = now.state.locals[-1]
            if not left.parts or local.leaf.final or now.state.closed:
                found.append(now)
                continue
            reading = next((s.reads for s in local.active() if s.reads is not None), None)
            read = cut(reading, left)
            if read is None:
                return []
            value, rest = read
            ways: list[tuple[tuple[Choice, ...], str, tuple[Any, ...]]] = [((), "frame", (value,))]
            if len(left.parts) > 1 and isinstance(left.parts[0], Length):
                told = (Choice("value", "it is too long to be taken"),)
                ways.append((told, "malformed", (ANY, ANY)))
            for choices, name, args in ways:
                begun = now._replace(choices=(*now.choices, *choices))
                for one in self._up(begun, -1, name, args):
                    if one.refused:
                        found.append(one)
                    else:
                        todo.append((one, rest))
        return found

    def _read(self, state: State, item: Carried) -> Iterator[tuple[Outcome, str, Any]]:
        """What the framing layer makes of an item: what is left, the event it emits, its value."""
        cause = Outcome(item.name, state, kind="receive")
        long = _assume(cause, "it is too long to be taken")
        if self.over == "bytes":
            for words, name, more in streams.reads(streams.reading(state.locals[-1])):
                yield _assume(cause, words, not more), name, (ANY,) * (1 + (name == "malformed"))
            return
        if self.over in ("frames", "datagrams"):
            yield cause, "frame", (item.value,)
            if (self.short or self.over == "frames") and may_be_too_long(item.value):
                yield long, "malformed", (ANY, ANY)
            return
        mode, is_raw = state.mode, item.kind == "raw"
        line = cause._replace(state=state._replace(mode="line"))
        bad = ("malformed", (ANY, ANY))
        if mode == "line" and not is_raw:
            yield cause, "line", (item.value,)
            if may_be_too_long(item.value):
                yield long, "malformed", (ANY, ANY)
            return
        if mode == "line":
            value = LINE if item.value is DOTTED else ANY
            yield _assume(cause, "more lines follow", consumed=False), "line", (value,)
            if item.value is DOTTED:
                yield _assume(cause, "the body's last line"), "line", (vl.DOT,)
            else:
                yield _assume(cause, "the last line"), "line", (value,)
                yield _assume(cause, "no line"), "", ()
            return
        if mode == "block":
            if item.value is DOTTED:
                yield line, "block", (ANY,)
                yield _assume(line, "the body cannot be taken"), *bad
                return
            yield _assume(cause, "it is a part of the body"), "", ()
            if is_raw or _may_be_dot(item.value):
                yield _assume(line, "it ends the body"), "block", (ANY,)
                yield _assume(line, "it ends a body that cannot be taken"), *bad
            return
        yield _assume(cause, "a piece, and more", consumed=False), "piece", (ANY,)
        if item.value is DOTTED and mode == "pieces":
            yield line, "pieces_end", ()
        else:
            yield _assume(cause, "a piece"), "piece", (ANY,)
            yield _assume(line, "it ends the body"), "pieces_end", ()
            yield _assume(line, "it ends the body, and goes on", consumed=False), "pieces_end", ()
        yield _assume(line, "the body cannot be taken"), *bad

    def _framing(self, now: Outcome, effect: Effect) -> Outcome:
        """What the last machine that is followed asks of the layer below it, or of the link."""
        output = effect.output
        assert output is not None
        if self.over == "nothing":
            item = Carried("event", output.name, effect.args, effect.plus)
            return now._replace(said=(*now.said, item))
        known = effect.args[0] if output.message is None and effect.args else None
        if self.over == "bytes" and not isinstance(known, Octets):
            is_more = bool(now.said) and now.said[-1] == OCTETS
            return now if is_more else now._replace(said=(*now.said, OCTETS))
        if output.message is not None:
            frame = Printed(output.message, effect.args)
            item = Carried("frame", output.name, frame, effect.plus)
            return now._replace(said=(*now.said, item))
        if output.name in ("block", "pieces", "take"):
            return now._replace(state=now.state._replace(mode=output.name))
        value = effect.args[0] if effect.args else ANY
        kind = "raw" if output.name == "octets" else "frame"
        whole = message_in(value)
        name = output.name if whole is None else whole.message.name
        return now._replace(said=(*now.said, Carried(kind, name, value, effect.plus)))

    # ------------------------------------------------------------ between the layers

    def _called(self, state: State, level: int, event: mc.Event, kind: str) -> list[Outcome]:
        """The application, or the world, tells something, with all values that it may have."""
        options = [self.values(event, at) for at in range(len(event.params))]
        found = []
        for args in product(*options):
            cause = Outcome(shown(event, args), state, kind=kind)
            found += self._play(cause, (Task(level, Event(event, args)),))
        # What is refused is the caller's error, and what is kept for later may be asked for later.
        kept = sum(len(local.deferred) for local in state.locals)
        return [
            one
            for one in found
            if not one.refused and sum(len(local.deferred) for local in one.state.locals) <= kept
        ]

    def values(self, event: mc.Event | mc.Output, at: int) -> list[Any]:
        """All that a parameter may be where it comes from outside."""
        param = event.params[at]
        if not self.relevance.follows(("event", event.name, at)):
            return [ANY]
        pool = self.relevance.keys.pools.get(("event", event.name, at))
        if pool is not None:
            return pool.all_of(param.type)
        values = vl.all_of(param.type)
        if param is event.by and len(values) == 1 and isinstance(values[0], Between):
            return self._classes(values[0])
        return vl.grouped(values, self.relevance.cuts(("event", event.name, at)))

    def _classes(self, number: Between) -> list[Any]:
        """A number that names events, cut where some machine tells one name from another."""
        low, high = vl.bounds(number)
        if low is None or high is None:
            return [number]
        cuts = {low, high + 1}
        for least, most in self.bounds:
            cuts |= {cut for cut in (least, most + 1) if low < cut <= high}
        ordered = sorted(cuts)
        return [vl.between(a, b - 1) for a, b in pairwise(ordered)]

    def _built_in(self, cause: Outcome, name: str) -> list[Outcome]:
        """`open`, `eof`, `lost`: the lowest machine that takes it does."""
        for at in range(len(self.levels) - 1, -1, -1):
            event = self.levels[at].machine.events.get(name)
            if event is not None and self.levels[at].takes(cause.state.locals[at], event):
                args = (ANY,) * len(event.params)
                return self._play(cause, (Task(at, Event(event, args)),))
        if name == "eof":
            return self._play(cause, (Task(0, None, Effect("close", None)),))
        return [cause]

    def _end(self, one: Outcome) -> Outcome:
        """A peer whose connection is gone."""
        ended = tuple(
            level.ended(local) for level, local in zip(self.levels, one.state.locals, strict=True)
        )
        return one._replace(state=one.state._replace(locals=ended, gone=True))

    def _up(self, cause: Outcome, level: int, name: str, args: Any) -> list[Outcome]:
        """What a layer emits comes to the machine above it; level -1 is the framing layer."""
        above = len(self.levels) - 1 if level < 0 else level - 1
        return [
            done
            for told, task in self._arrivals(cause.state, above, name, args)
            for done in self._play(cause._replace(choices=(*cause.choices, *told)), (task,))
        ]

    def _arrivals(
        self, state: State, level: int, name: str, args: tuple[Any, ...]
    ) -> list[tuple[tuple[Choice, ...], Task]]:
        """As what an emission of the layer below comes to the machine of a level."""
        stepper, local = self.levels[level], state.locals[level]
        machine = stepper.machine
        below = machine.below
        events = stepper.receives(local)
        taken = tuple(e.message for e in events if e.message is not None)
        is_frame = below is not None and (
            below.machine is None or (below.frame is not None and below.frame.name == name)
        )
        if is_frame and name != "malformed" and taken:
            read = decode(args[0], taken)
            found = []
            for message, values in read:
                told: tuple[Choice, ...] = ()
                if len(read) > 1:
                    words = "malformed" if message is None else message.name
                    told = (Choice("value", f"it is read as {words}"),)
                if message is None:
                    found.append((told, self._malformed(machine, level)))
                else:
                    event = next(e for e in events if e.message is message)
                    found.append((told, Task(level, Event(event, self._kept(event, values)))))
            return found
        if name == "malformed":
            return [((), self._malformed(machine, level))]
        is_lowest = below is not None and below.machine is None
        known = None if is_lowest else machine.events.get(name)
        if known is None and is_frame:
            known = machine.events.get("data")
        return [((), Task(level, None if known is None else Event(known, args), name=name))]

    def _malformed(self, machine: mc.Machine, level: int) -> Task:
        event = machine.events.get("malformed")
        return Task(level, None if event is None else Event(event, (ANY, ANY)), name="malformed")

    def _kept(self, event: mc.Event, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """The fields of a message that matter to who takes it."""
        return tuple(
            value if self.relevance.follows(("event", event.name, at)) else ANY
            for at, value in enumerate(values)
        )

    def _play(self, cause: Outcome, tasks: tuple[Task, ...]) -> list[Outcome]:
        """Does all tasks, and what comes of them, in all ways."""
        found: list[Outcome] = []
        todo: list[tuple[Outcome, tuple[Task, ...]]] = [(cause, tasks)]
        while todo:
            now, left = todo.pop()
            if not left:
                found.append(now)
                continue
            task, rest = left[0], left[1:]
            if task.effect is not None:
                todo += self._told(now, task, rest, found)
            else:
                todo += self._event(now, task, rest, found)
        return found

    def _told(
        self, now: Outcome, task: Task, rest: tuple[Task, ...], found: list[Outcome]
    ) -> list[tuple[Outcome, tuple[Task, ...]]]:
        """What becomes of an effect."""
        assert task.effect is not None
        return self._effect(now, task.level, task.effect, rest)

    def _event(
        self, now: Outcome, task: Task, rest: tuple[Task, ...], found: list[Outcome]
    ) -> list[tuple[Outcome, tuple[Task, ...]]]:
        stepper = self.levels[task.level]
        local = now.state.locals[task.level]
        if task.event is None:
            otherwise = stepper.machine.otherwise
            if otherwise == "error":
                found.append(now._replace(refused="unexpected", cause=now.cause or task.name))
                return []
            close = (Task(task.level, None, Effect("close", None)),) if otherwise == "close" else ()
            return [(now, (*close, *rest))]
        if local.leaf.final:
            return [(now, rest)]
        after = []
        state, locals_ = now.state, now.state.locals
        taken = now.taken if task.inner else (*now.taken, task)
        told = (*now.told, task.event) if task.level == 0 else now.told
        for one in stepper.fire(local, task.event):
            if not one.refused:
                here = (*locals_[: task.level], one.local, *locals_[task.level + 1 :])
                state = State(here, *now.state[1:])
            done = Outcome(
                now.cause,
                now.state if one.refused else state,
                now.said,
                now.rows + one.rows,
                now.branches + one.branches,
                now.choices + one.choices,
                one.refused,
                task.event.event or now.event,
                now.kind,
                now.consumed,
                taken,
                told,
                now.by,
            )
            if one.refused:
                found.append(done)
                continue
            if task.plus and (one.local != local or any(e.kind == "close" for e in one.effects)):
                raise Unfollowed(f"`{stepper.machine.name}` is told something any number of times")
            effects = tuple(
                [
                    Task(task.level, None, e._replace(plus=True) if task.plus else e)
                    for e in one.effects
                ]
            )
            after.append((done, effects + rest))
        return after

    def _effect(
        self, now: Outcome, level: int, effect: Effect, rest: tuple[Task, ...]
    ) -> list[tuple[Outcome, tuple[Task, ...]]]:
        if level == 0:
            now = now._replace(told=(*now.told, effect))
        if effect.kind == "close":
            if now.state.closed:
                return [(now, rest)]
            said = now.said
            if self.is_stream:
                said = (*said, Carried("end", "", ()))
            return [(now._replace(state=now.state._replace(closed=True), said=said), rest)]
        if effect.kind == "starttls":
            if self.faces_anyone:
                raise Unfollowed("`starttls` is not followed where an `environment` answers it")
            if any(_forgets_in_instances(one.machine) for one in self.levels):
                raise Unfollowed("`scope layer` is not followed in instances")
            locals_ = tuple(
                level.forget(local) if isinstance(level, Stepper) else local
                for level, local in zip(self.levels, now.state.locals, strict=True)
            )
            state = now.state._replace(locals=locals_, shaking="waits")
            return [(now._replace(state=state, said=(*now.said, SHAKE)), rest)]
        assert effect.output is not None
        if effect.kind == "emit":
            if level == 0:
                return [(now, rest)]
            return [
                (now._replace(choices=(*now.choices, *told)), behind(rest, task))
                for told, task in self._arrivals(
                    now.state, level - 1, effect.output.name, effect.args
                )
            ]
        if level == len(self.levels) - 1:
            return [(self._framing(now, effect), rest)]
        stepper = self.levels[level]
        below = self.levels[level + 1].machine
        if effect.output.message is not None:
            assert stepper.machine.below is not None
            event = stepper.machine.below.accepts_frame
            args: tuple[Any, ...] = (Printed(effect.output.message, effect.args),)
        else:
            event, args = below.events.get(effect.output.name), effect.args
        if event is None:
            raise Unfollowed(f"`{below.name}` takes no `{effect.output.name}`")
        return [(now, (Task(level + 1, Event(event, args), plus=effect.plus), *rest))]


def _forgets_in_instances(machine: mc.Machine) -> bool:
    return any(
        variable.forgotten
        for many in machine.many.values()
        for variable in many.machine.variables.values()
    )


def taken_in(local: Local) -> list[str]:
    """The events, by name, that some row takes where a machine is."""
    names = [
        match.text
        for one in local.active()
        for match in (*(row.match for row in one.transitions), *one.ignored)
    ]
    return [*dict.fromkeys(names), *(["a time-out"] if local.waits else [])]


def shown(event: mc.Event | mc.Output, args: tuple[Any, ...]) -> str:
    """An event from outside, with what is known of its values."""
    known = ", ".join(
        f"{p.name} = {vl.shown(a)}" for p, a in zip(event.params, args, strict=True) if vl.shown(a)
    )
    return f"{event.name}({known})" if known else event.name


def cuts_only(machine: mc.Machine) -> bool:
    """Whether a layer of the library does nothing but cut a stream into frames, or into lines."""
    if not machine.library or machine.below is None or machine.below.kind != "bytes":
        return False
    frames = {event.name for event in machine.accepts} | set(machine.emits)
    return machine.name == "Lines" or frames <= {"frame", "malformed"}


def _cut(machine: mc.Machine, own: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a framing layer that both ends must agree on."""
    given = {p.name: own.get(p.name, p.default) for p in machine.params if p.name != "max"}
    return {n: v.encode() if isinstance(v, str) else v for n, v in given.items()}


class _Constants:
    """Where the arguments of peers and layers are looked up."""

    def __init__(self, own: dict[str, Any]) -> None:
        self.own = own

    def name(self, e: ex.Local) -> Any:
        return self.own.get(e.name, ANY)

    def variable(self, e: ex.Var | ex.PeerVar) -> Any:
        return vl.typed(ANY, e.type)

    def within(self, e: ex.InState) -> Any:
        return ANY

    def ask(self, e: ex.Ask) -> bool:
        return False

    def held(self, e: ex.Holds | ex.Count) -> Any:
        return vl.typed(ANY, e.type)


def _nowhere(machine: mc.Machine, variables: int) -> Local:
    """Where a machine is that has crashed."""
    span = machine.name_span
    return Local((("", mc.State("gone", "", False, True, (), None, None, span, span)),),
                 vars=(ANY,) * variables)  # fmt: skip


def behind(tasks: tuple[Task, ...], new: Task) -> tuple[Task, ...]:
    """Steps never nest: an event waits until all is told of the step that its machine is in."""
    whose = new.level, new.who
    at = max((at for at, t in enumerate(tasks, 1) if (t.level, t.who) == whose), default=0)
    return (*tasks[:at], new, *tasks[at:])


def _assume(one: Outcome, words: str, consumed: bool = True) -> Outcome:
    return one._replace(choices=(*one.choices, Choice("value", words)), consumed=consumed)


def _may_be_dot(value: Any) -> bool:
    """Whether a frame may begin with a dot, and so end a body."""
    if isinstance(value, Printed) and isinstance(value.message.pattern, Text):
        first = value.message.pattern.parts[0] if value.message.pattern.parts else None
        return not (isinstance(first, Words) and not first.text.startswith("."))
    return True
