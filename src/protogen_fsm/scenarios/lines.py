"""A scenario of lines, played by one peer: those of the others go in, its own must come out."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

from protogen_fsm.backends.python.names import camel
from protogen_fsm.model.expressions import Make, MakeList
from protogen_fsm.model.types import BOOL, BYTES, STR, Enum, ListOf, Optional, Param, Type, is_int
from protogen_fsm.runtime.errors import LocalProtocolError, RemoteProtocolError
from protogen_fsm.scenarios.choices import Choices, Mismatch, deciding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

    from protogen_fsm.model.machine import Event, Machine, Outcome
    from protogen_fsm.model.messages import Message
    from protogen_fsm.model.spec import Peer, Scenario, Step


MOST_CALLS = 3  # before the machine says a line


class Run:
    """One run of a scenario with some choices.

    `given`: what parameters of these names may be, which the lines do not say.
    """

    def __init__(
        self,
        module: ModuleType,
        scenario: Scenario,
        peer: Peer,
        index: int,
        choices: Choices,
        given: Mapping[str, list[Any]],
    ) -> None:
        self.module, self.peer, self.choices, self.given = module, peer, choices, given
        self.index = index
        linked = {id(peer)}
        for link in scenario.system.links:
            if peer in (link.left, link.right):
                linked |= {id(link.left), id(link.right)}
        self.steps = [s for s in scenario.steps if id(s.peer) in linked or len(linked) == 1]
        self.at = 0
        self.said = b""
        cls = getattr(module, peer.machine.name)
        made = deciding(cls, peer.machine, choices, self.outcome)
        self.machine = made(*[constant(arg, module) for arg in peer.args])

    def is_own(self, step: Step) -> bool:
        """Whether it is this peer that speaks; of several that have no number, each does."""
        return step.peer is self.peer and step.index in (None, self.index)

    def play(self) -> Any:
        """The machine behind the last step; Mismatch if it says anything else."""
        self.machine.receive_open()
        for self.at, step in enumerate(self.steps):  # noqa: B020 - handlers look at it
            line = self.line(step)
            if not self.is_own(step):
                self.hear(self.machine.receive_data, line)
                continue
            self.ask_until(partial(self.has_said, line))
            if not self.has_said(line):
                self.differ(line)
            self.said = self.said[len(line) :]
        return self.ended()

    def ended(self) -> Any:
        """The machine behind the last line: it must have nothing more to say."""
        self.at = len(self.steps)
        self.listen()
        if self.said:
            more = self.shown(self.said)
            last = self.steps[-1].span if self.steps else None
            problem = "goes on behind the scenario"
            raise Mismatch(self.at, problem, last, None, more, str(self.machine))
        return self.machine

    def listen(self) -> None:
        """What the machine has said since; a handshake that is due takes no line."""
        self.said += self.machine.data_to_send()
        if self.machine.wire.securing:
            self.machine.receive_secured()
            self.said += self.machine.data_to_send()

    def has_said(self, line: bytes) -> bool:
        """Whether it has said this line whole; Mismatch if it has begun to say something else."""
        self.listen()
        if not line.startswith(self.said[: len(line)]):
            self.differ(line)
        return len(self.said) >= len(line)

    def differ(self, line: Any) -> None:
        """Raises the Mismatch of the step."""
        problem = "says something else" if self.said else "says nothing"
        said = self.shown(self.said) if self.said else None
        span = self.steps[self.at].span
        raise Mismatch(self.at, problem, span, self.shown(line), said, str(self.machine))

    def hear(self, event: Callable[..., object], *args: Any) -> None:
        """Something comes; Mismatch if the machine cannot take it."""
        try:
            event(*args)
        except RemoteProtocolError as problem:
            raise self.refused(problem) from problem

    def refused(self, error: Exception) -> Mismatch:
        """What the machine was asked for, or told, and does not take."""
        return Mismatch(
            self.at, f"refuses: {error}", self.steps[self.at].span, state=str(self.machine)
        )

    def shown(self, data: Any) -> str:
        """What is on the wire, for people."""
        assert isinstance(data, bytes)
        lines = data.decode("utf-8", "backslashreplace").splitlines()
        return "\n".join(lines)

    def line(self, step: Step) -> bytes:
        """A step as on the wire."""
        if step.raw is not None:
            frame = step.raw.encode()
        else:
            assert step.message is not None, "an event of the layer below has no line"
            encode = getattr(self.module, f"encode_{step.message.name}")
            frame = encode(*[constant(arg, self.module) for arg in step.args])
        return frame + _line_end(step.peer.machine)

    # ------------------------------------------------------------ choices

    def ask_until(self, has_said: Callable[[], bool]) -> None:
        """The application asks, and again if that only led the machine elsewhere."""
        for _ in range(MOST_CALLS):
            before = str(self.machine)
            if has_said():
                return
            self.call()
            if str(self.machine) == before:
                return

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
                raise self.refused(problem) from problem

    def args(self, event: Event) -> Iterator[tuple[Any, ...]]:
        """What an event may bring."""
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

    def own(self) -> list[Any]:
        """What the peer has still to say, the next line first."""
        return [
            self.line(step).decode().removesuffix("\r\n")
            for step in self.steps[self.at :]
            if self.is_own(step)
        ]

    def values(self, param: Param, lines: list[Any]) -> list[Any]:
        """What a parameter may be, as far as the lines say: at least something."""
        if param.name in self.given:
            return self.given[param.name]
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

    def fields(self, param: Param, lines: list[Any]) -> list[Any]:
        """The values of the fields of that name, and type, in the messages that the lines are."""
        found = []
        for message, values in self.decoded(lines):
            for field, value in zip(message.params, values, strict=True):
                same = field.name == param.name if param.name else field.type == param.type
                if same and value is not None and value not in found:
                    found.append(value)
        return found

    def decoded(self, lines: list[Any]) -> list[tuple[Any, tuple[Any, ...]]]:
        """Those of the lines that are messages."""
        return [found for line in lines for found in [self.message(line)] if found is not None]

    def message(self, line: str) -> tuple[Message, tuple[Any, ...]] | None:
        """The message that a line is, with its values."""
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


def constant(arg: Any, module: ModuleType) -> Any:
    """The value of a constant expression, its records those of the generated module."""
    if isinstance(arg, MakeList):
        return [constant(one, module) for one in arg.items]
    if isinstance(arg, Make):
        return getattr(module, arg.struct.name)(*[constant(one, module) for one in arg.args])
    return arg.value


def _nothing(type_: Type) -> Any:
    return 0 if is_int(type_) else "" if type_ == STR else None


def _line_end(machine: Machine | None) -> bytes:
    """What ends a line on the wire: the `end` that some layer is given.

    A machine that stands on bytes itself says its line ends itself.
    """
    if machine is not None and machine.below is not None and machine.below.machine is None:
        return b""
    while machine is not None and machine.below is not None:
        end = getattr(machine.below.args.get("end"), "value", None)
        if isinstance(end, bytes):
            return end
        machine = machine.below.machine
    return b"\r\n"
