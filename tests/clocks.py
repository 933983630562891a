"""The clock of tests shows 0 when a machine is made, so that they need not tell it first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.runtime.wire import Wire

if TYPE_CHECKING:
    from protogen_fsm.runtime.machine import Machine

MAKE_WIRE = Wire.__init__
"""What a test sets `Wire.__init__` to whose clock is to begin as a user's does."""


def begin_at_zero(wire: Wire, bottom: Machine) -> None:
    """A wire whose time has been told."""
    MAKE_WIRE(wire, bottom)
    wire.told = 0.0
