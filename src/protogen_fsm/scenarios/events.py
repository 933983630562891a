"""A scenario of events, or of packets, played by one peer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from protogen_fsm.model.types import BYTES
from protogen_fsm.runtime.errors import LocalProtocolError
from protogen_fsm.scenarios.lines import Run, constant

if TYPE_CHECKING:
    from protogen_fsm.model.machine import Event, Machine, Output
    from protogen_fsm.model.spec import Step
    from protogen_fsm.model.types import Param, Type

Said = tuple[str, tuple[Any, ...]]  # an event that was sent: its name and arguments


class EventRun(Run):
    """One run of a machine, or a stack, over nothing: events go in and out, and time may pass."""

    def play(self) -> Any:
        """The machine behind the last step; Mismatch if it says anything else."""
        self.said: list[Said] = []  # type: ignore[assignment]
        self.machine.advance(0.0)  # its clock begins
        self.machine.receive_open()
        self.at = 0
        self.call(must=False)  # the application may begin before anything has come
        for self.at, step in enumerate(self.steps):  # noqa: B020 - handlers look at it
            name, args = self.crossing(step)
            if not self.is_own(step):
                self.hear(getattr(self.machine.wire.bottom, name), *args)
                continue
            self.ask_until(partial(self.has_been_sent, name, args))
            if not self.has_been_sent(name, args):
                self.differ((name, args))
            del self.said[0]
        return self.ended()

    def listen(self) -> None:
        """What the machine has said since."""
        crossing = {self.crossing(step)[0] for step in self.steps}
        self.said += [
            (event.name, event.args)
            for event in self.machine.events_to_send()
            if event.name in crossing
        ]

    def has_been_sent(self, name: str, args: tuple[Any, ...]) -> bool:
        """Whether it has said this; Mismatch if it has said something else first."""
        self.listen()
        if self.said and self.said[0] != (name, args):
            self.differ((name, args))
        return bool(self.said)

    def shown(self, data: Any) -> str:
        """Events, for people."""
        events = data if isinstance(data, list) else [data]
        return "\n".join(f"{name}({', '.join(map(repr, args))})" for name, args in events)

    def event(self, step: Step) -> tuple[Output, tuple[Any, ...]]:
        """What a step says."""
        assert step.output is not None, "there are no lines over nothing"
        return step.output, tuple(constant(arg, self.module) for arg in step.args)

    def crossing(self, step: Step) -> Said:
        """The event at the bottom of the stack: of a message, the frame that it is printed into."""
        output, args = self.event(step)
        if step.message is None:
            return output.name, args
        frames = [event for event in bottom(step.peer.machine).receives if _types(event) == [BYTES]]
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
            raise self.refused(problem) from problem

    def own(self) -> list[Any]:
        """What the peer has still to say, the next first."""
        return [self.event(step) for step in self.steps[self.at :] if self.is_own(step)]

    def decoded(self, lines: list[Any]) -> list[Any]:
        """Events have their values already."""
        return lines

    def values(self, param: Param, lines: list[Any]) -> list[Any]:
        """What a parameter may be, as far as the events say: at least something."""
        if param.name in self.given:
            return self.given[param.name]
        any_name = type(param)("", param.type, param.span)
        found = self.fields(param, lines) or self.fields(any_name, lines[:1])
        return found or super().values(param, [])


class PacketRun(EventRun):
    """One run of a machine whose messages are binary: the layer below makes packets of them."""

    play = Run.play
    has_said = Run.has_said

    def listen(self) -> None:
        """What the machine has said since."""
        self.said += self.machine.data_to_send()

    def shown(self, data: Any) -> str:
        """Octets, for people."""
        assert isinstance(data, bytes)
        return data.hex(" ")

    def line(self, step: Step) -> bytes:
        """A step as on the wire."""
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


def bottom(machine: Machine) -> Machine:
    """What stands on the transport, or on nothing."""
    while machine.below is not None and machine.below.machine is not None:
        machine = machine.below.machine
    return machine


def _types(event: Event) -> list[Type]:
    return [param.type for param in event.params]
