"""What is declared and never used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.checks import parts
from protogen_fsm.checks.tell import tell
from protogen_fsm.model.expressions import Ask, Frame, InState, Local, Make, Value, Var, walk
from protogen_fsm.model.machine import (
    Assign,
    Emit,
    Perform,
    Send,
    StartInstance,
    StartTimer,
    StopTimer,
)
from protogen_fsm.model.types import Enum, ListOf, Optional, Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protogen_fsm.checks.moves import Moves
    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.machine import Machine
    from protogen_fsm.model.spec import Spec
    from protogen_fsm.model.types import Param, Type
    from protogen_fsm.source import Span


def declared_and_unused(moves: Moves) -> Iterator[Diagnostic]:
    """A variable, timer, question or instance that no state speaks of; what is never put out."""
    machine = moves.machine
    used: set[object] = set()
    started: set[object] = set()
    for action in parts.actions(machine):
        if isinstance(action, Assign):
            used.add(action.target)
        elif isinstance(action, Send | Emit):
            used.add((action.output.face, action.output.name))
        elif isinstance(action, StartTimer | StopTimer):
            used.add(action.timer)
            if isinstance(action, StartTimer):
                started.add(action.timer)
        elif isinstance(action, StartInstance):
            used.add(action.many)
        elif isinstance(action, Perform):
            used.add(action.question)
    for many in machine.many.values():
        outputs = (*many.machine.sends.values(), *many.machine.emits.values())
        used |= {(output.face, output.name) for output in outputs}
    for one in parts.every_expression(machine):
        for part in walk(one) if not isinstance(one, Local | Value) else ():
            if isinstance(part, Var):
                used.add(part.variable)
            elif isinstance(part, Ask):
                used.add(part.question)
    for variable in machine.variables.values():
        if variable not in used:
            yield _unused("the variable", variable.name, variable.span)
    for question in machine.questions.values():
        if question not in used:
            yield _unused(f"the {question.kind}", question.name, question.span)
    for many in machine.many.values():
        if many not in used:
            yield _unused("", many.name, many.span)
    unanswered = {
        name
        for event in machine.accepts
        if not any(("emits", name) in used for name in event.answered_by)
        for name in event.answered_by
    }
    for output in [*machine.sends.values(), *machine.emits.values()]:
        if (output.face, output.name) not in used and output.name not in unanswered:
            verb, done = ("send", "sent") if output.face == "sends" else ("emit", "emitted")
            yield tell(
                "PG208",
                f"`{machine.name}` {output.face} `{output.name}`, and no transition does",
                output.span,
                f"never {done}",
                help=f"write `{verb} {output.name}` where it belongs, or take it out here",
            )
    yield from _timers(moves, used, started)


def _timers(moves: Moves, used: set[object], started: set[object]) -> Iterator[Diagnostic]:
    machine = moves.machine
    awaited = {
        row.match.event.name: row.match.span
        for state in reversed(moves.states)
        for row in reversed(state.transitions)
        if row.match.event is not None and row.match.event.origin == "timer"
    }
    for timer in machine.timers.values():
        if timer in started and timer.name not in awaited:
            yield tell(
                "PG224",
                f"nothing happens when the timer `{timer.name}` runs out",
                timer.span,
                "started, and never awaited",
                help=f"write `on {timer.name} …`, or take the timer out",
            )
        elif timer not in started and timer.name in awaited:
            yield tell(
                "PG223",
                f"the timer `{timer.name}` is never started",
                awaited[timer.name],
                "never comes",
                labels=[(timer.span, "declared here")],
                help=f"write `start {timer.name}` where the wait begins",
            )
        elif timer not in used:
            yield _unused("the timer", timer.name, timer.span)


def _unused(kind: str, name: str, span: Span) -> Diagnostic:
    return tell(
        "PG208",
        f"{kind} `{name}` is never used".strip(),
        span,
        "declared here",
        help="use it, or take it out",
    )


def unused_in_the_file(spec: Spec) -> Iterator[Diagnostic]:
    """A message, struct or enum that nothing in its file speaks of.

    A file without machines is there for others to use, and so is all that it declares.
    """
    if not spec.machines or not (spec.messages or spec.structs or spec.enums):
        return
    used: set[object] = set()
    for machine in spec.machines.values():
        used |= _of_machine(machine)
    for system in spec.systems.values():
        for asked in system.properties:
            used |= _types_in([asked.left] + ([asked.right] if asked.right else []))
    for scenario in spec.scenarios:
        used |= {step.message for step in scenario.steps}
    crossing = _crossing(spec)
    for message in spec.messages.values():
        if message not in used and (message.name, message.params) not in crossing:
            yield _unused("the message", message.name, message.name_span)
        used |= _types(message.params)
    for struct in spec.structs.values():
        used |= _types(struct.fields)
    for kind, things in (("struct", spec.structs), ("enum", spec.enums)):
        for thing in things.values():
            if thing not in used:
                yield _unused(f"the {kind}", thing.name, thing.span)


def _crossing(spec: Spec) -> set[tuple[str, tuple[Param, ...]]]:
    """Names and parameters of the events that machines over nothing receive and send.

    A machine over nothing takes and gives a message as an event with the message's own fields.
    """
    machines = [machine for machine in spec.machines.values() if machine.below is None]
    received = {(e.name, e.params) for machine in machines for e in machine.events.values()}
    return received | {(o.name, o.params) for machine in machines for o in machine.sends.values()}


def _of_machine(machine: Machine) -> set[object]:
    """The messages and types that a machine speaks of."""
    used: set[object] = set()
    outputs = [*machine.sends.values(), *machine.emits.values()]
    events = list(machine.events.values())
    used |= {event.message for event in events} | {output.message for output in outputs}
    params = [*machine.params]
    for variable in machine.variables.values():
        used |= _types_of(variable.type)
    for event in events:
        params += event.params
    for output in outputs:
        params += output.params
    for question in machine.questions.values():
        params += question.params
    for outcome in machine.outcomes.values():
        params += outcome.params
    for state in machine.every_state():
        params += state.params
        for row in state.transitions:
            for branch in row.branches:
                params += branch.outcome.params if branch.outcome else ()
    return used | _types(params) | _types_in(parts.every_expression(machine))


def _types(params: Iterable[Param]) -> set[object]:
    found: set[object] = set()
    for param in params:
        found |= _types_of(param.type)
    return found


def _types_of(type_: Type) -> set[object]:
    while isinstance(type_, ListOf | Optional):
        type_ = type_.item
    return {type_} if isinstance(type_, Enum | Struct) else set()


def _types_in(expressions: Iterable[Expr]) -> set[object]:
    found: set[object] = set()
    for one in expressions:
        for part in walk(one):
            if isinstance(part, Make):
                found.add(part.struct)
            elif isinstance(part, Frame):
                found.add(part.message)
            elif not isinstance(part, InState):
                found |= _types_of(part.type)
    return found
