"""A connection that says each step of its machine as it goes."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import click

from protogen_fsm.runtime.aio import Protocol
from protogen_fsm.runtime.observing import observe

if TYPE_CHECKING:
    import asyncio

    from protogen_fsm.runtime.observing import Happening

_LONGEST = 200  # characters of a line that are shown

_numbers = count(1)


def _line(happening: Happening) -> str | None:
    """How a step is told; None for what shows in the bytes."""
    what, name, args = happening.what, happening.name, happening.args
    if what in ("receives", "accepts"):
        return f"{name}{_shown(args)} in {happening.state}"
    if what == "moves":
        place = "" if name == "state" else f"{name}: "
        return f"{place}{args[0]} -> {args[1]}" if args[0] != args[1] else None
    if what == "times_out":
        return f"{'time-out' if name == 'after' else name} in {happening.state}"
    if what in ("emits", "refuses", "defers"):
        return f"{what} {name}{_shown(args)}"
    return f"fails: {name}{_shown(args[0].args)}" if what == "fails" else None


def _shown(args: tuple[object, ...]) -> str:
    return f"({', '.join(map(repr, args))})" if args else ""


class Traced(Protocol):
    """A connection that says what goes over it."""

    def __init__(self, machine: Any) -> None:
        super().__init__(machine)
        self._number = next(_numbers)
        observe(machine, self._happened)

    def _happened(self, happening: Happening) -> None:
        line = _line(happening) if happening.machine is self.machine else None
        if line is not None:
            self._tell(f"  {line}")

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
        """What the machine has to say leaves; what it emits was told, and nobody asks for it."""
        for _ in self.machine.events():
            pass
        if self._wire.out and self.transport is not None and not self._wire.lost:
            self._bytes(">", b"".join(self._wire.out))
        super().flush()

    def _bytes(self, mark: str, data: bytes) -> None:
        for line in data.splitlines(keepends=True):
            self._tell(f"{mark} {line!r}"[: _LONGEST + 10])

    def _tell(self, text: str) -> None:
        cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        click.echo(f"{self._number} {cut}")
