"""What a machine and the layer below it say to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.checks import parts
from protogen_fsm.checks.events import taken
from protogen_fsm.checks.moves import Moves, reach
from protogen_fsm.checks.tell import listed, tell
from protogen_fsm.model.expressions import Local
from protogen_fsm.model.machine import BUILT_IN_EVENTS, Emit, Send, State
from protogen_fsm.model.messages import Text, Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.checks.moves import Step
    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.machine import Event, Machine
    from protogen_fsm.model.messages import Part


def emitted_never_taken(moves: Moves) -> Iterator[Diagnostic]:
    """What the layer below emits is taken by some state of the machine above.

    Told of what it can emit, given what this machine asks of it; what is decoded into messages is
    not told, nor what every layer hands up.
    """
    machine = moves.machine
    below = machine.below
    if below is None or below.machine is None:
        return
    known = taken(moves)
    if None in known:
        return
    layer = below.machine
    frame = below.frame.name if below.frame is not None else ""
    can = _can_emit(layer, _asked(machine))
    for output in layer.emits.values():
        event = machine.events.get(output.name)
        if output.name in (frame, *BUILT_IN_EVENTS) or event in known:
            continue
        if output.name in can or event in machine.receives:
            yield tell(
                "PG304",
                f"`{layer.name}` emits `{output.name}`, and no state of `{machine.name}` takes it",
                event.span if event in machine.receives and event is not None else below.span,
                f"`{output.name}` comes from here",
                labels=[(output.span, "emitted here")],
                notes=[f"each time it falls to `otherwise {machine.otherwise}`"],
                help=f"write `on {output.name} …`, or `ignore {output.name}`",
            )


def _asked(machine: Machine) -> set[str]:
    """The events of the layer below that the machine can send it."""
    below = machine.below
    found: set[str] = set()
    for action in parts.actions(machine):
        if isinstance(action, Send):
            if action.output.message is None:
                found.add(action.output.name)
            elif below is not None and below.accepts_frame is not None:
                found.add(below.accepts_frame.name)
    for many in machine.many.values():
        found |= many.machine.sends.keys()
        if below is not None and below.accepts_frame is not None:
            found.add(below.accepts_frame.name)
    return found


def _can_emit(layer: Machine, asked: set[str]) -> set[str]:
    """What a layer can emit that is asked for no other events than these."""
    moves = Moves(layer)
    found: set[str] = set()
    seen: dict[State, None] = dict.fromkeys(moves.start)
    todo = list(seen)
    for leaf in moves.start:
        for state in leaf.around():
            found |= {a.output.name for a in state.entry if isinstance(a, Emit)}
    while todo:
        for step in moves.steps(todo.pop()):
            event = step.row.match.event if step.row is not None else None
            if event is not None and event.origin == "above" and event.name not in asked:
                continue
            found |= {a.output.name for a in step.actions if isinstance(a, Emit)}
            for other in (*step.leads_to, *(moves.pushers if step.leads_to == () else ())):
                if other not in seen:
                    seen[other] = None
                    todo.append(other)
    return found


def answers_never_given(moves: Moves) -> Iterator[Diagnostic]:
    """A call waits for one of the emissions that answer it: on some way from there one comes."""
    steps: dict[Event, list[tuple[State, Step]]] = {
        event: [] for event in moves.machine.accepts if event.answered_by
    }
    if not steps:
        return
    for leaf in moves.leaves:
        if leaf in moves.reachable:
            for step in moves.steps(leaf):
                if step.row is not None and step.row.match.event in steps:
                    steps[step.row.match.event].append((leaf, step))
    for event, taken_by in steps.items():
        if not taken_by:
            continue
        start = [s for leaf, step in taken_by for s in (step.leads_to or (leaf,))]
        later = reach(start, moves.successors.__getitem__)
        actions = [action for _, step in taken_by for action in step.actions]
        actions += [a for s in later if isinstance(s, State) for a in parts.state_actions(s)]
        answers = set(event.answered_by)
        if any(answers & many.machine.emits.keys() for many in moves.machine.many.values()):
            continue
        if not any(isinstance(a, Emit) and a.output.name in answers for a in actions):
            yield _unanswered(event)


def _unanswered(event: Event) -> Diagnostic:
    answers = listed(event.answered_by)
    return tell(
        "PG319",
        f"`{event.name}` is never answered",
        event.span,
        f"no way from here emits {answers}",
        help=f"emit {answers} where it is done, or take `answered by` out",
    )


def line_ends_in_messages(moves: Moves) -> Iterator[Diagnostic]:
    """A message that is sent as a line holds no line end, or it would be read as two."""
    below = moves.machine.below
    if below is None or below.machine is None or below.accepts_frame is None:
        return
    if not any(s.reads and s.reads.kind == "line" for s in below.machine.every_state()):
        return
    if _goes_out_as_it_is(below.machine, below.accepts_frame):
        return
    for output in moves.machine.sends.values():
        pattern = output.message.pattern if output.message is not None else None
        for word in _words(pattern.parts) if isinstance(pattern, Text) else ():
            if "\r" in word.text or "\n" in word.text:
                yield tell(
                    "PG301",
                    f"`{output.name}` holds a line end, and goes out as a line",
                    word.span,
                    "would be read as the end of the line",
                    labels=[(below.span, "stands on lines")],
                    help="take it out: the layer below ends the line",
                )


def ends_of_datagrams(moves: Moves) -> Iterator[Diagnostic]:
    """Datagrams have no end that a state could wait for."""
    below = moves.machine.below
    while below is not None and below.machine is not None:
        below = below.machine.below
    if below is None or below.kind != "datagrams":
        return
    for state in moves.machine.every_state():
        matches = [row.match for row in state.transitions] + [*state.ignored, *state.deferred]
        for match in matches:
            if match.event is not None and match.event.name == "eof":
                yield tell(
                    "PG325",
                    f"`{moves.machine.name}` stands on datagrams, which have no end",
                    match.span,
                    "never comes",
                    labels=[(below.span, "no stream")],
                    help="wait for a message that says so, or for a time-out: `after 30s -> …`",
                )


def _goes_out_as_it_is(layer: Machine, frame: Event) -> bool:
    """Whether a layer adds nothing to what it is given to send."""
    rows = [row for s in layer.every_state() for row in s.transitions if row.match.event is frame]
    return all(
        isinstance(arg, Local) and arg.scope == "event"
        for row in rows
        for branch in row.branches
        for action in branch.actions
        if isinstance(action, Send)
        for arg in action.args
    )


def _words(pattern: tuple[Part, ...]) -> Iterator[Words]:
    for part in pattern:
        if isinstance(part, Words):
            yield part
        elif hasattr(part, "parts"):
            yield from _words(part.parts)
