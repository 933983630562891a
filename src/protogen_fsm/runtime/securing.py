"""TLS in the midst of a connection: `starttls` (RFC 3207, RFC 2595).

Nothing that came before the handshake is ever taken for what comes after it.
"""

from __future__ import annotations

from .errors import RemoteProtocolError
from .machine import Machine
from .parts import queue
from .pending import Pending

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .parts import Later


class Handshake:
    """TLS that is due: who asked for it, what waits for its end, what is to be sent behind it."""

    __slots__ = ("held", "machine", "pending", "rest")

    def __init__(self, machine: Secures) -> None:
        self.machine = machine
        self.pending: Pending | None = None
        self.rest: tuple[tuple[Any, ...], ...] = ()
        self.held: list[bytes] = []

    def begin(self) -> None:
        """Nothing more is read; what was learnt in the clear is forgotten.

        Raises RemoteProtocolError if the peer has sent something already.
        """
        machine, wire = self.machine, self.machine.wire
        wire.handshake = self
        layers = list(wire.stack())
        everyone = [one for layer in layers for one in layer._everyone()]
        if any(map(_has_come, everyone)) or any(
            one.state != one._begins
            for one in layers[: layers.index(machine)]
            if one._begins  # else nobody asks for a handshake through it
        ):
            came_before(self)
        for one in everyone:
            one._forget()
        layers[0].pause()
        layers[0]._check_empty()

    def done(self) -> None:
        """What comes is secured now: `secured` is told before all that has waited."""
        machine, wire, pending = self.machine, self.machine.wire, self.pending
        wire.handshake = None
        for data in self.held:
            wire.octets(data)
        waiting, machine._waiting = machine._waiting, None
        try:
            wire.bottom.secured()
        finally:
            if waiting is not None:
                machine._waiting = queue([*(machine._waiting or ()), *waiting])
            try:
                if pending is not None and machine._pending is pending:
                    machine._answered(pending, machine._told_behind, (self.rest,), None, None)
                elif machine._waiting is not None and not machine._busy:
                    machine._next()
            finally:
                next(wire.stack()).resume()

    def give_up(self) -> None:
        """The connection is gone before the handshake was done."""
        self.machine.wire.handshake = None
        if self.pending is not None and self.machine._pending is self.pending:
            self.machine._cancel()


class Secures(Machine):
    """A machine that says `starttls`."""

    __slots__ = ()

    def _start_tls(self) -> Handshake:
        """TLS begins, behind what was sent; until it is done no event is taken."""
        handshake = Handshake(self)
        handshake.begin()
        adapter = self.wire.adapter
        if adapter is not None and not adapter.feeding:
            adapter.flush()
        return handshake

    def _hold(
        self, told: object, rest: tuple[tuple[Any, ...], ...] = (), effect: Any = None
    ) -> None:
        if not isinstance(told, Handshake):
            return super()._hold(told, rest, effect)
        self._busy = True
        told.rest = rest
        self._pending = told.pending = Pending()
        self._pending.tells = True  # no urgent event goes ahead of it
        return None

    def _told_behind(self, answer: object, rest: tuple[tuple[Any, ...], ...]) -> None:
        self._tell(*rest)


def came_before(handshake: Handshake, data: bytes = b"") -> None:
    """What came before TLS is the peer's error, whatever the spec says of errors.

    An answer would be too late for the clear, and too early for what is secured.
    """
    machine = handshake.machine
    machine.wire.close()
    shown = f": {data!r:.80}" if data else ""
    problem = f"something came before TLS did{shown}"
    raise RemoteProtocolError(problem, machine._role, machine.state, "starttls")


def _has_come(machine: Machine) -> bool:
    """Whether an event from below waits in it, or is deferred, or a handler has yet to answer one.

    Only an instance can have such a handler: else nobody could have said `starttls`.
    """
    pending = machine._pending
    if pending is not None and not pending.tells:
        return True
    events = (*(machine._waiting or ()), *(machine._deferred or ()))
    return any(not _is_asked(machine, event) for event in events)


def _is_asked(machine: Machine, event: Later) -> bool:
    """Whether an event comes from above, or from the clock."""
    name: str = getattr(event[0], "__name__", "")
    return name.startswith("_timer_") or machine._face(name.removeprefix("_on_")) == "above"
