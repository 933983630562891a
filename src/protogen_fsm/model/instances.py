"""Between a machine and the instances that it holds: which events go where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model.types import fits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protogen_fsm.model.machine import Event, Machine, Many
    from protogen_fsm.model.types import Param

_FACES = ("below", "above")


def taken_by(many: Many, event: Event) -> Event | None:
    """The event of the instances that is the host's `event`, if it goes to them.

    It does if it carries the field that tells them apart, and they have an event of its name with
    the same parameters.
    """
    own = many.machine.events.get(event.name)
    if own is None or own.origin not in _FACES or event.origin not in _FACES:
        return None
    carries = any(param.name == many.by for param in event.params)
    return own if carries and alike(own.params, event.params) else None


def routes(machine: Machine, event: Event) -> list[Many]:
    """Those whose instances take `event`, in the order in which they are asked."""
    return [many for many in machine.many.values() if taken_by(many, event) is not None]


def heard_from(machine: Machine, many: Many) -> list[str]:
    """What the instances emit that the machine takes as an event, by name."""
    return [name for name in many.machine.emits if name in machine.events]


def alike(ours: Sequence[Param], theirs: Sequence[Param]) -> bool:
    """Whether both are the same number of values of the same types."""
    return len(ours) == len(theirs) and all(
        fits(one.type, other.type) for one, other in zip(ours, theirs, strict=True)
    )
