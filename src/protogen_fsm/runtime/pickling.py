"""Machines that go on elsewhere: what is kept of one when it is pickled or copied.

All that it knows is in its slots. Hooks and those who look on make properties of some of them,
which nothing may go through here: nothing is entered, left or seen by being put back.
"""

from __future__ import annotations

from .parts import Part
from .wire import Face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SLOT = type(Part.__dict__["wire"])


def state_of(machine: Part) -> Any:
    """What `object` keeps of it. Raises TypeError, with the reason, if it cannot go elsewhere."""
    why = _hindrance(machine)
    if why:
        raise TypeError(f"{machine!r} cannot be pickled: {why}")
    return object.__getstate__(machine)


def put_back(machine: Part, state: Any) -> None:
    """Makes the machine what `state_of` gave."""
    attributes, slots = state if isinstance(state, tuple) else (state, None)
    if attributes:
        machine.__dict__.update(attributes)
    for name, value in (slots or {}).items():
        found = (one.__dict__.get(name) for one in type(machine).__mro__)
        slot: Any = next(member for member in found if type(member) is _SLOT)
        slot.__set__(machine, value)


def _hindrance(machine: Part) -> str:
    if machine.wire.adapter is not None:
        return "it is on a connection of a main loop"
    if hasattr(type(machine), "_watches"):  # see twins.py
        return "somebody looks on"
    if isinstance(machine.below, Face) or isinstance(machine.above, Face):
        return "a layer of yours stands beside it"
    if (machine._busy and machine._pending is None) or getattr(machine, "_at", -1) >= 0:
        return "it is in the middle of a step"
    return ""
