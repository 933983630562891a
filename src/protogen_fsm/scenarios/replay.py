"""Runs replayed with the generated classes: what the test files use that `check` writes.

Both ends stand in memory, over nothing: what one sends is heard by the other when the test says so.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

from protogen_fsm import pipeline
from protogen_fsm.backends.backend import find
from protogen_fsm.runtime.errors import RemoteProtocolError
from protogen_fsm.scenarios.choices import Choices, deciding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from protogen_fsm.model.machine import Machine
    from protogen_fsm.model.spec import Spec
    from protogen_fsm.runtime.wire import Event

__all__ = ["Built", "RemoteProtocolError"]


class Built:
    """A spec, built: its machines by name, and those of the files that it uses."""

    def __init__(self, path: str | Path) -> None:
        self._specs = list(_all(pipeline.understand(pipeline.load(str(path)))))
        self._modules: dict[str, ModuleType] = {}

    def machine(self, name: str, *args: Any) -> Replayed:
        """A machine whose handlers and predicates answer what they are told to."""
        spec = next(one for one in self._specs if name in one.machines)
        if spec.path not in self._modules:
            (file,) = pipeline.render(spec, find("python"))
            module = self._modules[spec.path] = ModuleType(file.path.removesuffix(".py"))
            exec(compile(file.text, file.path, "exec"), module.__dict__)
        return Replayed(spec.machines[name], self._modules[spec.path], args)


def _all(spec: Spec) -> Iterator[Spec]:
    yield spec
    for used in spec.used.values():
        yield from _all(used)


class Replayed:
    """A machine over nothing, and what its handlers and predicates answer next: `answers`."""

    def __init__(self, machine: Machine, module: ModuleType, args: tuple[Any, ...]) -> None:
        self.answers: list[Any] = []
        self.module = module
        cls = getattr(module, machine.name)
        self.machine = deciding(cls, machine, _Told(self.answers), self._answer)(*args)
        self.machine.advance(0.0)  # its clock begins

    def outcome(self, name: str, *args: Any) -> Any:
        """What a handler answers."""
        return getattr(self.module, name)(*args)

    def _answer(self, outcomes: Any) -> Any:
        return self.answers.pop(0) if self.answers else None

    @property
    def state(self) -> str:
        """Where it is."""
        state: str = self.machine.state
        return state

    def __getattr__(self, name: str) -> Any:
        return getattr(self.machine, name)

    def opens(self) -> None:
        """The connection comes to be."""
        self.machine.receive_open()

    def hears(self, event: Event) -> None:
        """What the other has sent comes."""
        self.told(event.name, *event.args)

    def told(self, name: str, *args: Any) -> None:
        """Something comes from below."""
        getattr(self.machine.wire.bottom, name)(*args)

    def sent(self) -> list[Event]:
        """What it has sent since."""
        return list(self.machine.events_to_send())

    def waits(self) -> None:
        """Time passes until the first of what it waits for is due."""
        self.machine.advance(self.machine.deadline())


class _Told(Choices):
    """Predicates are answered as they are told, and else with no."""

    def __init__(self, answers: list[Any]) -> None:
        super().__init__([])
        self.answers = answers

    def of(self, options: Any) -> Any:
        """The next answer."""
        return self.answers.pop(0) if self.answers else options[0]
