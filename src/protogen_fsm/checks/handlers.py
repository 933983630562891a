"""Names that generated code makes of a spec's: no two things make the same."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from protogen_fsm.checks.names import MODULE
from protogen_fsm.checks.tell import tell
from protogen_fsm.model.layouts import structs
from protogen_fsm.model.messages import Binary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.checks.moves import Moves
    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.machine import Outcome
    from protogen_fsm.model.spec import Spec
    from protogen_fsm.model.types import Struct
    from protogen_fsm.source import Span


def handler_collisions(moves: Moves) -> Iterator[Diagnostic]:
    """`do_<state>_<event>` names one pair of state and event, `do_<event>` one event.

    docs/language.md, section 8. A state `A_B` with an event `C` and a state `A` with an event
    `B_C` would make one name, and so would a state `A` with an event `B` and an event `A_B`.
    """
    events = _event_names(moves)
    states = {state.name: state.name_span for state in moves.states}
    tails: dict[str, str] = {}
    for name in events:
        for head, tail in _splits(name):
            if tail in events:
                tails.setdefault(head, tail)
                if head in states:
                    yield _collision(
                        f"do_{name}",
                        f"the event `{name}` and the event `{tail}` in the state `{head}`",
                        states[head],
                        [(events[name] or states[head], f"the event `{name}`")],
                    )
    for name, span in states.items():
        for head, tail in _splits(name):
            if head in states and tail in tails:
                event = tails[tail]
                longer = f"{tail}_{event}"
                yield _collision(
                    f"do_{name}_{event}",
                    f"`{event}` in the state `{name}` and `{longer}` in the state `{head}`",
                    span,
                    [(states[head], f"with `{longer}`, makes the same name")],
                    f"with `{event}`, makes `do_{name}_{event}`",
                )


def _event_names(moves: Moves) -> dict[str, Span | None]:
    """What may stand for the event in a handler's name, and where it was said."""
    names: dict[str, Span | None] = {"default": None}
    for event in moves.machine.events.values():
        names[event.name] = event.span
    for state in moves.states:
        if state.timeouts:
            names.setdefault("timeout", state.timeouts[0].match.span)
        for row in state.transitions:
            if row.match.value:
                names.setdefault(row.match.value, row.match.span)
    return names


def _splits(name: str) -> Iterator[tuple[str, str]]:
    """The name cut in two at each underscore."""
    at = name.find("_")
    while at >= 0:
        if 0 < at < len(name) - 1:
            yield name[:at], name[at + 1 :]
        at = name.find("_", at + 1)


def _collision(
    handler: str, who: str, span: Span, labels: list[tuple[Span, str]], label: str = ""
) -> Diagnostic:
    return tell(
        "PG501",
        f"two handlers would be called `{handler}`",
        span,
        label,
        labels=[one for one in labels if one[0] != span],
        notes=[f"one for {who.replace(' and ', ', one for ', 1)}"],
        help="rename a state or an event",
    )


def members(moves: Moves) -> Iterator[Diagnostic]:
    """Variables, parameters, what is asked of a machine: one namespace, its generated class."""
    machine = moves.machine
    named: list[tuple[str, str, Span]] = []
    named += [("parameter", param.name, param.span) for param in machine.params]
    named += [
        ("event", one.name, one.span) for one in machine.events.values() if one.origin != "built_in"
    ]
    named += [("variable", one.name, one.span) for one in machine.variables.values()]
    named += [(one.kind, one.name, one.span) for one in machine.questions.values()]
    named += [("name", one.name, one.span) for one in machine.many.values()]
    named += [("name", f"make_{one.name}", one.span) for one in machine.many.values()]
    if machine.below is not None and machine.below.machine is not None:
        layer = machine.below.machine
        named += [
            (f"event of `{layer.name}`", one.name, machine.below.span)
            for one in layer.emits.values()
            if one.name not in machine.events
        ]
    seen: dict[str, tuple[str, Span]] = {}
    for kind, name, span in named:
        if name in seen:
            other, place = seen[name]
            yield tell(
                "PG502",
                f"{_a(other)} and {_a(kind)} of `{machine.name}` are both named `{name}`",
                span,
                f"the {kind}",
                labels=[(place, f"the {other}")],
                notes=["both would be members of one class"],
                help="rename one of them",
            )
        else:
            seen[name] = kind, span


def state_parameters(moves: Moves) -> Iterator[Diagnostic]:
    """A state's parameter is kept under the names of both: `_ARRAY_left`."""
    taken: dict[str, tuple[str, Span]] = {}
    for event in moves.machine.events.values():
        for head in ("take", "on", "timer"):
            taken[f"{head}_{event.name}"] = f"the event `{event.name}`", event.span
    for state in moves.states:
        for row in state.transitions:
            called = row.match.event.name if row.match.event is not None else "default"
            name = f"{state.name}_{row.match.value or called}"
            taken[name] = f"the event `{row.match.text}`", row.match.span
        for row in state.timeouts:
            taken[f"{state.name}_timeout"] = "the time-out", row.match.span
        for param in state.params:
            name = f"{state.name}_{param.name}"
            if name in taken:
                what, place = taken[name]
                yield tell(
                    "PG502",
                    f"`{param.name}` of `{state.name}` would be called `_{name}`, which is taken",
                    param.span,
                    "this parameter",
                    labels=[(place, what)],
                    help="rename the state or the parameter",
                )
            taken.setdefault(name, (f"`{param.name}` of `{state.name}`", param.span))


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def class_name(outcome: str) -> str:
    """The class of an outcome: `no_such_user` is `NoSuchUser`."""
    return "".join(part[:1].upper() + part[1:] for part in outcome.split("_"))


def class_collisions(spec: Spec) -> Iterator[Diagnostic]:
    """The class of an outcome, and each machine, struct and enum, has a name of its own."""
    taken: dict[str, tuple[str, Span]] = {}
    for machine in spec.machines.values():
        taken[machine.name] = "the machine of that name", machine.name_span
        for many in machine.many.values():
            taken.setdefault(many.machine.name, ("the machine of that name", many.span))
        below = machine.below
        while below is not None and below.machine is not None:
            taken.setdefault(below.machine.name, ("the machine of that name", below.span))
            below = below.machine.below
    for constant in spec.constants.values():
        taken[constant.name] = "the constant of that name", constant.span
    for struct in spec.structs.values():
        taken[struct.name] = "the struct of that name", struct.span
    for enum in spec.enums.values():
        taken[enum.name] = "the enum of that name", enum.span
    for message in spec.messages.values():
        if isinstance(message.pattern, Binary):
            for inner in structs(message.pattern):
                if inner is spec.structs.get(inner.name):
                    continue
                if inner.name in taken and taken[inner.name][1] is not inner.span:
                    yield _twice(inner, taken[inner.name])
                taken.setdefault(inner.name, ("the struct of that name", inner.span))
    outcomes: dict[str, Outcome] = {}
    for machine in spec.machines.values():
        for outcome in machine.outcomes.values():
            name = class_name(outcome.name)
            if outcomes.setdefault(name, outcome).name != outcome.name:
                taken[name] = f"the outcome `{outcomes[name].name}`", outcomes[name].span
            elif outcomes[name] is not outcome:
                continue
            if name in taken:
                what, place = taken[name]
                yield _hides(outcome, name, [(place, what)])
            elif hasattr(builtins, name):
                yield _hides(outcome, name, [], f"Python has a `{name}` of its own")
            elif name in MODULE:
                yield _hides(outcome, name, [], "generated modules have it from the runtime")


def _twice(struct: Struct, other: tuple[str, Span]) -> Diagnostic:
    what, place = other
    return tell(
        "PG502",
        f"the struct `{struct.name}` would be a class of that name, which is taken",
        struct.span,
        "a class of the generated module",
        labels=[(place, what)],
        help="give it another name, or put one struct for both at the top of the file",
    )


def _hides(
    outcome: Outcome, name: str, labels: list[tuple[Span, str]], note: str = ""
) -> Diagnostic:
    return tell(
        "PG502",
        f"the outcome `{outcome.name}` would be the class `{name}`, a name that is taken",
        outcome.span,
        f"the class `{name}`",
        labels=labels,
        notes=[note] if note else [],
        help="give the outcome another name",
    )
