"""What a machine's class needs of the runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.backends.python.deeds import arguments
from protogen_fsm.backends.python.expressions import python_name
from protogen_fsm.backends.python.states import reading_class
from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FUNCTIONS = frozenset(
    {
        "base64",
        "dotted",
        "lines",
        "matches",
        "number",
        "packed",
        "random",
        "sha1",
        "unpacked",
        "utf8",
        "whole",
        "xor",
    }
)
"""Functions of the language that the runtime has."""


def uses(machine: mc.Machine, held: bool = False) -> set[str]:
    """The names of the runtime that its actions, readings and calls say."""
    found = {"Call"} if any(event.answered_by for event in machine.accepts) else set()
    if machine.secures:
        found.add("Secures")
    if machine.many:
        found |= {"Instances", "Place"}
    if machine.below is None and machine.sends and not held:
        found.add("Outlet")
    if (
        raw_frame(machine) is not None
        and not skips_raw(machine)
        and any(not _messages(listed) for listed in _lists(machine))
    ):
        found.add("Raw")
    for state in machine.every_state():
        if state.reads is not None:
            kind = reading_class(state.reads)
            found |= {"reading", kind} - {"Line"}  # which of two it is the states say that enter it
    return found | functions(_expressions(machine))


def functions(expressions: Iterable[ex.Expr]) -> set[str]:
    """The functions of the runtime that expressions call."""
    parts = [part for expression in expressions for part in ex.walk(expression)]
    return {python_name(part) for part in parts if isinstance(part, ex.Function)} & FUNCTIONS


def _lists(machine: mc.Machine) -> Iterator[Iterable[mc.Event]]:
    yield machine.receives
    yield from (state.receives for state in machine.every_state() if state.receives is not None)


def _messages(listed: Iterable[mc.Event]) -> list[mc.Event]:
    return [event for event in listed if event.message is not None]


def is_decoded(machine: mc.Machine) -> bool:
    """Whether frames from below are decoded into messages, in some state at least."""
    return any(_messages(listed) for listed in _lists(machine))


def raw_frame(machine: mc.Machine) -> mc.Event | None:
    """The frame from below as an event of its own, where other states decode it."""
    below = machine.below
    name = below.frame.name if below is not None and below.frame is not None else "data"
    event = machine.events.get(name)
    is_raw = event is not None and event.message is None and event.origin == "below"
    return event if is_raw and is_decoded(machine) else None


def skips_raw(machine: mc.Machine) -> bool:
    """Whether frames that are no messages go straight to their event.

    Where regions or urgent events ask what a frame is, they need an answer for these too.
    """
    states = machine.every_state()
    is_plain = not any(state.urgent or state.regions for state in states)
    return is_plain and raw_frame(machine) is not None


def _expressions(machine: mc.Machine) -> Iterator[ex.Expr]:
    yield from (v.initial for v in machine.variables.values() if v.initial is not None)
    yield from (timer.duration for timer in machine.timers.values())
    if machine.below is not None:
        yield from machine.below.args.values()
    for many in machine.many.values():
        yield from many.args.values()
    for state in machine.every_state():
        for action in (*state.entry, *state.exit):
            yield from arguments(action)
        if state.reads is not None:
            yield from state.reads.args.values()
        if state.entry_target is not None:
            yield from _given(state.entry_target)
        for row in (*state.transitions, *state.timeouts):
            yield from (e for e in (row.guard, row.duration) if e is not None)
            for branch in row.branches:
                for action in branch.actions:
                    yield from arguments(action)
                if branch.target is not None:
                    yield from _given(branch.target)


def _given(target: mc.Target) -> Iterator[ex.Expr]:
    if isinstance(target, mc.Goto | mc.Push):
        yield from target.args
    if isinstance(target, mc.Push) and target.then is not None:
        yield from target.then.args
