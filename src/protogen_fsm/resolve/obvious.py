"""The system that nobody wrote, where only one can be meant: two machines that fit each other."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from protogen_fsm.model.expressions import Local, Value
from protogen_fsm.model.spec import Link, Peer, System

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.machine import Event, Machine, Output


OF_A_STREAM = 2
"""Who says more than that waits for the other side, as the window of TCP makes it wait."""


def obvious_system(machines: Mapping[str, Machine]) -> System | None:
    """One peer of each of two machines, and a link; None if no two fit, or more than two do.

    They fit if both stand on a stream or both on nothing, and each receives all messages that the
    other sends. Parameters of a machine without a default may be anything.
    """
    below = {layer for machine in machines.values() for layer in _below(machine)}
    tops = [m for m in machines.values() if m.states and m not in below]
    pairs = [(one, other) for one, other in combinations(tops, 2) if _fit(one, other)]
    if len(pairs) != 1:
        return None
    peers = {m.name: Peer(m.name, 1, m, _args(m), False, m.name_span) for m in pairs[0]}
    left, right = peers.values()
    capacity = None if left.machine.below is None else OF_A_STREAM
    link = Link(left, right, capacity, frozenset(), left.span)
    name = f"{left.name} and {right.name}"
    return System(name, "", peers, [link], [], [], left.span, written=False)


def _below(machine: Machine) -> list[Machine]:
    """What a machine stands on, and what it holds instances of."""
    found = [many.machine for many in machine.many.values()]
    if machine.below is not None and machine.below.machine is not None:
        found.append(machine.below.machine)
    return found


def _fit(one: Machine, other: Machine) -> bool:
    if (one.below is None) != (other.below is None):
        return False
    ways = ((one, other), (other, one))
    return all(_hears(a, b) for a, b in ways) and any(_shares(a, b) for a, b in ways)


def _says(machine: Machine) -> list[Output]:
    """What crosses a link as it is; the rest is what the layer below is asked for."""
    if machine.below is None:
        return list(machine.sends.values())
    return [output for output in machine.sends.values() if output.message is not None]


def _hears(sender: Machine, receiver: Machine) -> bool:
    """Whether a machine takes all that another sends; what a layer makes of it is the layer's."""
    heard = {event.name: event for event in receiver.receives}
    if receiver.below is not None and not any(e.message for e in receiver.receives):
        return True
    return all(
        output.name in heard and _alike(output, heard[output.name]) for output in _says(sender)
    )


def _shares(sender: Machine, receiver: Machine) -> bool:
    """Whether a machine takes, as it is, something that another sends."""
    heard = {event.name for event in receiver.receives}
    return any(output.name in heard for output in _says(sender))


def _alike(output: Output, event: Event) -> bool:
    return output.message is event.message and len(output.params) == len(event.params)


def _args(machine: Machine) -> tuple[Expr, ...]:
    return tuple(
        Value(p.default, p.type, p.span)
        if p.has_default
        else Local(p.name, "machine", p.type, p.span)
        for p in machine.params
    )
