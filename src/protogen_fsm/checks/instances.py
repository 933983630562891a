"""Instances: that what they send, emit and take fits the machine that holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.checks.tell import tell
from protogen_fsm.model import words
from protogen_fsm.model.instances import alike, taken_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.checks.moves import Moves
    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.machine import Event, Machine, Many, Output


def instances_that_do_not_fit(moves: Moves) -> Iterator[Diagnostic]:
    """What goes out of an instance must be something that its host sends, hears or emits."""
    machine = moves.machine
    for many in machine.many.values():
        for output in many.machine.sends.values():
            yield from _sent(machine, many, output)
        for output in many.machine.emits.values():
            yield from _emitted(machine, many, output)


def _sent(machine: Machine, many: Many, output: Output) -> Iterator[Diagnostic]:
    below = machine.below
    accepted = below.machine.accepts if below is not None and below.machine is not None else ()
    outward: dict[str, Event | Output] = {one.name: one for one in accepted}
    ours = (outward | machine.sends).get(output.name)
    if ours is None:
        yield _misfit(
            many,
            f"`{many.machine.name}` sends `{output.name}`, which `{machine.name}` does not send",
            f"add `{output.name}` to the `sends` of `{machine.name}`",
            output,
        )
    elif not alike(ours.params, output.params):
        yield _differs(many, "sends", machine, output, ours)


def _emitted(machine: Machine, many: Many, output: Output) -> Iterator[Diagnostic]:
    ours = machine.events.get(output.name) or machine.emits.get(output.name)
    if ours is None:
        yield _misfit(
            many,
            f"`{many.machine.name}` emits `{output.name}`, "
            f"and `{machine.name}` neither takes nor emits it",
            f"write `on {output.name} …` in `{machine.name}`, or add it to its `emits`",
            output,
        )
    elif not alike(ours.params, output.params):
        yield _differs(many, "emits", machine, output, ours)


def _differs(
    many: Many, verb: str, machine: Machine, output: Output, ours: Event | Output
) -> Diagnostic:
    theirs = words.signature(output.name, output.params)
    here = words.signature(ours.name, ours.params)
    return _misfit(
        many,
        f"`{many.machine.name}` {verb} `{theirs}`, which is `{here}` in `{machine.name}`",
        "give both the same parameters",
        output,
    )


def _misfit(many: Many, title: str, help: str, output: Output) -> Diagnostic:
    return tell(
        "PG330",
        title,
        output.span,
        "what goes out of an instance",
        labels=[(many.span, "the instances")],
        help=help,
    )


def events_that_reach_no_instance(moves: Moves) -> Iterator[Diagnostic]:
    """What an instance takes must come to its host, with the field that tells which is meant."""
    machine = moves.machine
    for many in machine.many.values():
        for event in (*many.machine.receives, *many.machine.accepts):
            ours = machine.events.get(event.name)
            if ours is not None and taken_by(many, ours) is not None:
                continue
            if ours is None:
                note = f"no event `{event.name}` comes to `{machine.name}`"
                help = f"add `{event.name}` to a face of `{machine.name}`, or take it out there"
            elif not any(param.name == many.by for param in ours.params):
                note = f"it has no field `{many.by}` that would say which one is meant"
                help = f"add the field `{many.by}` to `{event.name}`, or take it out there"
            else:
                shown = words.signature(ours.name, ours.params)
                note = f"to `{machine.name}` it comes as `{shown}`"
                help = "give both the same parameters"
            yield tell(
                "PG331",
                f"`{event.name}` never comes to an instance of `{many.machine.name}`",
                event.span,
                "never comes",
                labels=[(many.span, "the instances")],
                notes=[note],
                help=help,
            )
