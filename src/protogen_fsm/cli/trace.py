"""A machine and its connection that say each step as they go."""

from __future__ import annotations

from functools import wraps
from itertools import count
from typing import TYPE_CHECKING, Any

import click

from protogen_fsm.runtime.aio import Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from protogen_fsm.runtime.machine import Machine

_LONGEST = 200  # characters of a line that are shown

_numbers = count(1)


def traced(machine: type[Machine]) -> type[Any]:
    """The class of a machine that tells its `tell` of each event, move and emission."""
    own: dict[str, Any] = {
        event: _step(getattr(machine, event), event)
        for event in machine._alphabet
        if hasattr(machine, event)
    }
    own["_timeout"] = _step(machine._timeout, "time-out")
    for name in dir(machine):
        if name.startswith("emit_"):
            own[name] = _emission(getattr(machine, name), name.removeprefix("emit_"))
    return type(machine.__name__, (machine,), own)


def _step(event: Callable[..., Any], name: str) -> Callable[..., Any]:
    @wraps(event)
    def step(self: Any, *args: object) -> Any:
        if self._busy:  # it waits its turn, and will come this way again
            return event(self, *args)
        before = self.state
        self.tell(f"  {name}{_shown(args)} in {before}")
        try:
            return event(self, *args)
        finally:
            if self.state != before:
                self.tell(f"  {before} -> {self.state}")

    return step


def _emission(emit: Callable[..., Any], name: str) -> Callable[..., Any]:
    @wraps(emit)
    def told(self: Any, *args: object) -> Any:
        self.tell(f"  emits {name}{_shown(args)}")
        answer = emit(self, *args)
        for _ in self.events():  # nobody above asks for them
            pass
        return answer

    return told


def _shown(args: tuple[object, ...]) -> str:
    return f"({', '.join(map(repr, args))})" if args else ""


class Traced(Protocol):
    """A connection that says what goes over it."""

    def __init__(self, machine: Any) -> None:
        super().__init__(machine)
        self._number = next(_numbers)
        machine.tell = self._tell

    def accepted(self) -> list[str]:
        """The events that its machine takes from the application."""
        return [name for name, face in self.machine._alphabet.items() if face == "above"]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection has come to be."""
        peer = transport.get_extra_info("peername")
        self._tell(f"connected with {peer[0]} port {peer[1]}" if peer else "connected")
        super().connection_made(transport)

    def _received(self, data: bytes) -> None:
        """Bytes have come."""
        self._bytes("<", data)
        super()._received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        super().connection_lost(exc)
        self._tell("disconnected" if exc is None else f"disconnected: {exc}")

    def flush(self) -> None:
        """What the machine has to say leaves."""
        if self._wire.out and self.transport is not None and not self._wire.lost:
            self._bytes(">", b"".join(self._wire.out))
        super().flush()

    def _bytes(self, mark: str, data: bytes) -> None:
        for line in data.splitlines(keepends=True):
            self._tell(f"{mark} {line!r}"[: _LONGEST + 10])

    def _tell(self, text: str) -> None:
        cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        click.echo(f"{self._number} {cut}")
