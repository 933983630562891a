"""Plays a scenario against a generated machine: the lines of the others go in, its own come out.

A peer has said a line by the time the scenario comes to it; it may have said it before. Where a
handler, a predicate or the application has to choose, every choice is tried, each time from the
start; texts and other values come from the scenario's own lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from types import ModuleType
from typing import Any

from protogen_fsm.backends.python.names import camel
from protogen_fsm.model.expressions import Make, MakeList
from protogen_fsm.model.machine import Event, Machine, Outcome, Output
from protogen_fsm.model.messages import Binary, Message
from protogen_fsm.model.spec import Peer, Scenario, Spec, Step
from protogen_fsm.model.types import BOOL, BYTES, STR, Enum, ListOf, Optional, Param, Type, is_int
from protogen_fsm.runtime.errors import LocalProtocolError

Said = tuple[str, tuple[Any, ...]]  # an event that was sent: its name and arguments
MOST_RUNS = 5000


class Mismatch(Exception):
    """The machine did not say what the scenario says; `at` counts the steps that it got to."""

    def __init__(self, at: int, problem: str) -> None:
        self.at = at
        super().__init__(problem)


class Choices:
    """The choices of one run: those that are given, then the first of each."""

    def __init__(self, given: Sequence[int]) -> None:
        self.given = given
        self.made: list[tuple[int, int]] = []  # which, out of how many

    def of(self, options: Sequence[Any]) -> Any:
        at = len(self.made)
        which = self.given[at] if at < len(self.given) else 0
        self.made.append((which, len(options)))
        return options[which]

    def following(self) -> list[int] | None:
        """The choices of the next run; None if all have been made."""
        made = list(self.made)
        while made and made[-1][0] + 1 >= made[-1][1]:
            made.pop()
        if not made:
            return None
        return [which for which, _ in made[:-1]] + [made[-1][0] + 1]


def play(
    spec: Spec,
    module: ModuleType,
    scenario: Scenario,
    peer: Peer,
    brought: Mapping[str, list[Any]] | None = None,
) -> Any:
    """The machine of `peer` after the scenario; Mismatch, the furthest one, if it plays another.

    `brought`: what parameters of these names may be, which the lines do not say.
    """
    given: list[int] | None = []
    furthest = Mismatch(-1, "no run at all")
    for _ in range(MOST_RUNS):
        assert given is not None
        kind = EventRun if _bottom(peer.machine).below is None else Run
        if kind is Run and any(_is_binary(step) for step in scenario.steps):
            kind = PacketRun
        run = kind(spec, module, scenario, peer, Choices(given), brought or {})
        try:
            return run.play()
        except Mismatch as problem:
            furthest = max(furthest, problem, key=lambda one: one.at)
        given = run.choices.following()
        if given is None:
            raise furthest
    raise AssertionError(f"{scenario.title}: more than {MOST_RUNS} ways to choose")


class Run:
    """One run of a scenario with some choices."""

    def __init__(
        self,
        spec: Spec,
        module: ModuleType,
        scenario: Scenario,
        peer: Peer,
        choices: Choices,
        brought: Mapping[str, list[Any]],
    ) -> None:
        self.spec, self.module, self.peer, self.choices = spec, module, peer, choices
        self.brought = brought
        self.steps = scenario.steps
        self.at = 0
        self.said = b""
        made = _deciding(getattr(module, peer.machine.name), peer.machine, self)
        self.machine = made(*[_constant(arg) for arg in peer.args])

    def play(self) -> Any:
        self.machine.receive_open()
        for self.at, step in enumerate(self.steps):  # noqa: B020 - handlers look at it
            line = self.line(step)
            if step.peer is not self.peer:
                self.machine.receive_data(line)
                continue
            if not self.has_said(line):
                self.call()
            if not self.has_said(line):
                self.differ(line)
            self.said = self.said[len(line) :]
        return self.ended()

    def ended(self) -> Any:
        """The machine behind the last line: it must have nothing more to say."""
        self.at = len(self.steps)
        self.listen()
        if self.said:
            raise Mismatch(self.at, f"{self.peer.name} goes on: {self.said!r}")
        return self.machine

    def listen(self) -> None:
        self.said += self.machine.data_to_send()

    def has_said(self, line: bytes) -> bool:
        self.listen()
        if not line.startswith(self.said[: len(line)]):
            self.differ(line)
        return len(self.said) >= len(line)

    def differ(self, line: bytes) -> None:
        where = self.steps[self.at].span
        raise Mismatch(
            self.at,
            f"line {where.line}: {self.peer.name} should say {line!r}, and said {self.said!r} "
            f"({self.machine})",
        )

    def line(self, step: Step) -> bytes:
        """A step as on the wire."""
        if step.raw is not None:
            frame = step.raw.encode()
        else:
            assert step.message is not None, "an event of the layer below is not played yet"
            encode = getattr(self.module, f"encode_{step.message.name}")
            frame = encode(*[_constant(arg) for arg in step.args])
        return frame + _line_end(step.peer.machine)

    # ------------------------------------------------------------ choices

    def call(self) -> None:
        """The application asks for something."""
        options = [
            (event, args) for event in self.peer.machine.accepts for args in self.args(event)
        ]
        if options:
            event, args = self.choices.of(options)
            try:
                getattr(self.machine, event.name)(*args)
            except LocalProtocolError as problem:
                raise Mismatch(self.at, str(problem)) from problem

    def args(self, event: Event) -> Iterator[tuple[Any, ...]]:
        return product(*[self.values(param, self.own()) for param in event.params])

    def outcome(self, options: list[Outcome]) -> Any:
        """An answer of a handler."""
        found = [
            (one, args)
            for one in options
            for args in product(*[self.values(param, self.own()) for param in one.params])
        ]
        one, args = self.choices.of(found)
        return getattr(self.module, camel(one.name))(*args)

    def own(self) -> list[str]:
        """What the peer has still to say, the next line first."""
        return [
            self.line(step).decode().removesuffix("\r\n")
            for step in self.steps[self.at :]
            if step.peer is self.peer
        ]

    def values(self, param: Param, lines: list[str]) -> list[Any]:
        """What a parameter may be, as far as the lines say: at least something."""
        if param.name in self.brought:
            return self.brought[param.name]
        found: list[Any] = []
        type_ = param.type
        if type_ == BYTES:
            found = [self.body(lines)]
        elif isinstance(type_, ListOf):
            one = Param(param.name.removesuffix("s"), type_.item, param.span)
            found = [self.fields(one, lines)]
        elif type_ == STR or is_int(type_):
            any_name = Param("", type_, param.span)
            found = self.fields(param, lines) or self.fields(any_name, lines)
        elif isinstance(type_, Optional):
            inner = self.values(Param(param.name, type_.item, param.span), lines[:1])
            found = [*[one for one in inner if one != _nothing(type_.item)], None]
        elif type_ == BOOL:
            found = [False, True]
        elif isinstance(type_, Enum):
            found = list(type_.members)
        return found or [_nothing(type_)]

    def fields(self, param: Param, lines: list[str]) -> list[Any]:
        """The values of the fields of that name, and type, in the messages that the lines are."""
        found = []
        for message, values in self.decoded(lines):
            for field, value in zip(message.params, values, strict=True):
                same = field.name == param.name if param.name else field.type == param.type
                if same and value is not None and value not in found:
                    found.append(value)
        return found

    def decoded(self, lines: list[str]) -> list[tuple[Message, tuple[Any, ...]]]:
        """Those of the lines that are messages."""
        return [found for line in lines for found in [self.message(line)] if found is not None]

    def message(self, line: str) -> tuple[Message, tuple[Any, ...]] | None:
        for output in self.peer.machine.sends.values():
            if output.message is not None:
                pattern = getattr(self.module, f"_{output.message.name}")
                try:
                    values = pattern.decode(line.encode())
                except ValueError:
                    continue
                if values is not None:
                    return output.message, values
        return None

    def body(self, lines: list[str]) -> bytes:
        """The lines behind the last message, up to one that is a dot; their dots as they were."""
        if "." not in lines:
            return b""
        end = lines.index(".")
        begin = max((i + 1 for i in range(end) if self.message(lines[i]) is not None), default=0)
        return "".join(f"{one.removeprefix('.')}\r\n" for one in lines[begin:end]).encode()


class EventRun(Run):
    """One run of a machine, or a stack, over nothing: events go in and out, and time may pass."""

    def play(self) -> Any:
        self.said: list[Said] = []  # type: ignore[assignment]
        self.machine.advance(0.0)  # its clock begins
        self.machine.receive_open()
        self.at = 0
        self.call(must=False)  # the application may begin before anything has come
        for self.at, step in enumerate(self.steps):  # noqa: B020 - handlers look at it
            name, args = self.crossing(step)
            if step.peer is not self.peer:
                getattr(self.machine.wire.bottom, name)(*args)
                continue
            if not self.has_been_sent(name, args):
                self.call()
            if not self.has_been_sent(name, args):
                self.differ((name, args))  # type: ignore[arg-type]
            del self.said[0]
        return self.ended()

    def listen(self) -> None:
        crossing = {self.crossing(step)[0] for step in self.steps}
        self.said += [
            (event.name, event.args)
            for event in self.machine.events_to_send()
            if event.name in crossing
        ]

    def has_been_sent(self, name: str, args: tuple[Any, ...]) -> bool:
        self.listen()
        if self.said and self.said[0] != (name, args):
            self.differ((name, args))  # type: ignore[arg-type]
        return bool(self.said)

    def event(self, step: Step) -> tuple[Output, tuple[Any, ...]]:
        assert step.output is not None, "there are no lines over nothing"
        return step.output, tuple(_constant(arg) for arg in step.args)

    def crossing(self, step: Step) -> Said:
        """The event at the bottom of the stack: of a message, the frame that it is printed into."""
        output, args = self.event(step)
        if step.message is None:
            return output.name, args
        frames = [
            event for event in _bottom(step.peer.machine).receives if _types(event) == [BYTES]
        ]
        return frames[0].name, (getattr(self.module, f"encode_{step.message.name}")(*args),)

    def call(self, must: bool = True) -> None:
        """The application asks for something, or time passes."""
        options: list[tuple[str, tuple[Any, ...]]] = [
            (event.name, args) for event in self.peer.machine.accepts for args in self.args(event)
        ]
        if self.machine.deadline() is not None:
            options.append(("advance", (self.machine.deadline(),)))
        if not must:
            options = [("events", ()), *options]  # asks for nothing
        if not options:
            return
        name, args = self.choices.of(options)
        try:
            getattr(self.machine, name)(*args)
        except LocalProtocolError as problem:
            raise Mismatch(self.at, str(problem)) from problem

    def own(self) -> list[Any]:
        return [self.event(step) for step in self.steps[self.at :] if step.peer is self.peer]

    def decoded(self, lines: list[Any]) -> list[Any]:
        return lines

    def values(self, param: Param, lines: list[Any]) -> list[Any]:
        any_name = Param("", param.type, param.span)
        found = self.fields(param, lines) or self.fields(any_name, lines[:1])
        return found or super().values(param, [])


class PacketRun(EventRun):
    """One run of a machine whose messages are binary: the layer below makes packets of them."""

    play = Run.play
    has_said = Run.has_said
    differ = Run.differ

    def listen(self) -> None:
        self.said += self.machine.data_to_send()

    def line(self, step: Step) -> bytes:
        below = step.peer.machine.below
        assert below is not None
        assert below.machine is not None
        assert below.accepts_frame is not None
        name, args = self.event(step)
        frame = getattr(self.module, f"encode_{name.name}")(*args)
        layer = getattr(self.module, below.machine.name)()
        getattr(layer, below.accepts_frame.name)(frame)
        sent: bytes = layer.data_to_send()
        return sent

    def event(self, step: Step) -> tuple[Output, tuple[Any, ...]]:
        assert step.output is not None
        return step.output, tuple(_constant(arg, self.module) for arg in step.args)


def _is_binary(step: Step) -> bool:
    return step.message is not None and isinstance(step.message.pattern, Binary)


def _nothing(type_: Type) -> Any:
    return 0 if is_int(type_) else "" if type_ == STR else None


def _constant(arg: Any, module: ModuleType | None = None) -> Any:
    if isinstance(arg, MakeList):
        return [_constant(one, module) for one in arg.items]
    if isinstance(arg, Make):
        return getattr(module, arg.struct.name)(*[_constant(one, module) for one in arg.args])
    return arg.value


def _bottom(machine: Machine) -> Machine:
    """What stands on the transport, or on nothing."""
    while machine.below is not None and machine.below.machine is not None:
        machine = machine.below.machine
    return machine


def _types(event: Event) -> list[Type]:
    return [param.type for param in event.params]


def _line_end(machine: Machine | None) -> bytes:
    """What ends a line on the wire: the `end` that some layer is given."""
    while machine is not None and machine.below is not None:
        end = machine.below.args.get("end")
        if end is not None and isinstance(_constant(end), bytes):
            return _constant(end)  # type: ignore[no-any-return]
        machine = machine.below.machine
    return b"\r\n"


def _deciding(cls: type, machine: Machine, run: Run) -> type:
    """The generated class with handlers and predicates that choose."""
    own: dict[str, Any] = {}
    for state in machine.every_state():
        for row in state.transitions:
            if row.has_outcomes:
                key = "default" if row.match.is_any else row.match.text
                outcomes = [b.outcome for b in row.branches if b.outcome is not None]
                own.setdefault(f"do_{state.name}_{key}", []).extend(outcomes)
    for name, outcomes in own.items():
        own[name] = _handler(run, list(dict.fromkeys(outcomes)))
    for question in machine.questions.values():
        if question.kind == "predicate":
            own[question.name] = lambda self, *args: run.choices.of([False, True])
    return type(cls.__name__, (cls,), own)


def _handler(run: Run, outcomes: list[Outcome]) -> Callable[..., Any]:
    return lambda self, *args: run.outcome(outcomes)
