"""What the layer below may refuse, and so is asked before a step changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model import table
from protogen_fsm.model.messages import Group, Slot, Text, Words
from protogen_fsm.model.types import BYTES, NOTHING, Optional

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.model.messages import Message, Part


def asked(machine: mc.Machine, deed: mc.Send) -> str | None:
    """The event of the layer below that the action may see refused; None if it never is."""
    below = machine.below
    if below is None or below.machine is None:
        return None
    event = below.accepts_frame
    if deed.output.message is None:
        event = below.machine.events.get(deed.output.name)
    if event is None or not _may_refuse(below.machine, event):
        return None
    if deed.output.message is not None and _never_refused(
        below.machine, event, deed.output.message
    ):
        return None
    return event.name


def asked_by(machines: Iterable[mc.Machine]) -> dict[int, list[str]]:
    """To the id of each layer the events that those above it ask about."""
    found: dict[int, dict[str, None]] = {}
    for machine in machines:
        for deed in _sends(machine):
            name = asked(machine, deed)
            if name is not None and machine.below is not None:
                found.setdefault(id(machine.below.machine), {})[name] = None
    return {key: list(names) for key, names in found.items()}


def _sends(machine: mc.Machine) -> Iterable[mc.Send]:
    for state in machine.every_state():
        branches = [b for row in (*state.transitions, *state.timeouts) for b in row.branches]
        for action in (*state.entry, *state.exit, *(a for b in branches for a in b.actions)):
            if isinstance(action, mc.Send):
                yield action


def _leaves(machine: mc.Machine) -> list[mc.State]:
    return [s for s in machine.every_state() if not s.is_composite and not s.final]


def _may_refuse(machine: mc.Machine, event: mc.Event) -> bool:
    """Whether a state refuses it, or a guard may; who has regions or ignores it is not asked."""
    if machine.otherwise != "error" or any(s.regions for s in machine.every_state()):
        return False
    return not all(
        any(is_sure(entry) for entry in table.entries(leaf, event)) for leaf in _leaves(machine)
    )


def is_sure(entry: table.Entry) -> bool:
    """Whether an entry takes all that comes to it."""
    return isinstance(entry, table.Passive) or entry.guard is None


def _never_refused(machine: mc.Machine, event: mc.Event, message: Message) -> bool:
    """Whether all that stands in the way are guards against line ends, and it cannot hold any."""
    if not isinstance(message.pattern, Text) or not _stays_on_its_line(message.pattern.parts):
        return False
    return all(
        any(is_sure(e) or _is_against_line_ends(e) for e in table.entries(leaf, event))
        for leaf in _leaves(machine)
    )


def _stays_on_its_line(parts: tuple[Part, ...]) -> bool:
    for part in parts:
        if isinstance(part, Words):
            if "\r" in part.text or "\n" in part.text:
                return False
        elif isinstance(part, Group):
            if not _stays_on_its_line(part.parts):
                return False
        elif isinstance(part, Slot):
            type_ = part.param.type
            if (type_.item if isinstance(type_, Optional) else type_) in (BYTES, NOTHING):
                return False
    return True


def _is_against_line_ends(entry: table.Entry) -> bool:
    if isinstance(entry, table.Passive):
        return True
    todo = [entry.guard]
    while todo:
        one = todo.pop()
        if not isinstance(one, ex.Op):
            return False
        if one.op == "and":
            todo.extend(one.operands)
            continue
        inner = one.operands[0]
        if one.op == "not" and isinstance(inner, ex.Op) and inner.op == "in":
            one = inner
        elif one.op != "not_in":
            return False
        what = one.operands[0]
        if not isinstance(what, ex.Value) or what.value not in _LINE_ENDS:
            return False
    return True


_LINE_ENDS = ("\r", "\n", "\r\n", b"\r", b"\n", b"\r\n")
