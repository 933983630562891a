"""Names of a spec that would hide, where generated code says them, what it needs there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.checks import parts
from protogen_fsm.checks.handlers import class_name
from protogen_fsm.checks.tell import tell
from protogen_fsm.model.expressions import Function, Slice, walk
from protogen_fsm.model.types import is_int

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.checks.moves import Moves
    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.machine import Event, Machine, Transition
    from protogen_fsm.model.spec import Spec
    from protogen_fsm.model.types import Param
    from protogen_fsm.source import Span

# What functions of the language are called in Python.
_PYTHON = frozenset(
    {"len", "sum", "min", "max", "int", "str", "bytes", "number", "lines", "dotted", "xor"}
    | {"packed", "unpacked", "whole", "utf8", "sha1", "base64", "random"}
)
# What generated methods say besides the spec's own names.
_SAID = frozenset({"NEVER", "Awaitable", "Call"})


def hidden_functions(moves: Moves) -> Iterator[Diagnostic]:
    """An event is one method: a parameter must not hide a function that one of its rows calls."""
    rows: dict[Event | None, list[Transition]] = {}
    for state in moves.states:
        for row in state.transitions:
            rows.setdefault(row.match.event, []).append(row)
    for event, own in rows.items():
        scope = {param.name for param in event.params} if event is not None else set()
        for row in own:
            scope |= {*row.names, *(param.name for param in row.state.params)}
            scope |= {p.name for b in row.branches if b.outcome for p in b.outcome.params}
        if scope.isdisjoint(_PYTHON):
            continue
        for row in own + (rows.get(None, []) if event is not None else []):
            for call in _calls(row):
                name, said = _python(call)
                if name in scope and name in _PYTHON:
                    scope.remove(name)
                    yield tell(
                        "PG112",
                        f"`{said}` cannot be called where a parameter is named `{name}`",
                        call.span,
                        f"a parameter of `{row.match.text}` hides Python's `{name}`",
                        help=f"call the parameter `{name}_`",
                    )


def _python(call: Function | Slice) -> tuple[str, str]:
    """What a function is called in Python, and how the spec writes it."""
    if isinstance(call, Slice):
        return "max", "x[a:b]"
    name = call.name
    if len(call.args) == 2 and name == "bytes":
        name = "packed"
    elif len(call.args) == 2 and name == "int":
        name = "whole" if is_int(call.args[1].type) else "unpacked"
    return "len" if name == "size" else name, f"{call.name}(…)"


def _calls(row: Transition) -> Iterator[Function | Slice]:
    said = [] if row.guard is None else [row.guard]
    for branch in row.branches:
        said += [e for action in branch.actions for e in parts.expressions(action)]
        said += parts.arguments(branch.target)
    for expression in said:
        yield from (part for part in walk(expression) if isinstance(part, Function | Slice))


def hidden_classes(spec: Spec) -> Iterator[Diagnostic]:
    """Members of a machine, and parameters, are not named like a class of the module."""
    classes = dict.fromkeys(_SAID, "the runtime")
    classes |= {struct.name: f"the struct `{struct.name}`" for struct in spec.structs.values()}
    for machine in spec.machines.values():
        for name in machine.outcomes:
            classes.setdefault(class_name(name), f"the outcome `{name}`")
        at: Machine | None = machine
        while at is not None:
            classes.setdefault(at.name, f"the machine `{at.name}`")
            at = at.below.machine if at.below is not None else None
    for name in spec.messages:
        classes.setdefault(f"encode_{name}", f"the message `{name}`")
    for machine in spec.machines.values():
        for kind, name, span in _named(machine):
            if name in classes and span.source is machine.span.source:
                yield tell(
                    "PG502",
                    f"the {kind} `{name}` would hide a class of that name",
                    span,
                    f"hides the class of {classes[name]}",
                    help="rename one of them",
                )


def _named(machine: Machine) -> Iterator[tuple[str, str, Span]]:
    """What a machine names: members of its class, and parameters of its methods."""
    params: list[Param] = [*machine.params]
    for event in machine.events.values():
        yield "event", event.name, event.span
        params += event.params
    for output in machine.emits.values():
        params += output.params
    for variable in machine.variables.values():
        yield "variable", variable.name, variable.span
    for question in machine.questions.values():
        yield question.kind, question.name, question.span
        params += question.params
    for state in machine.every_state():
        for row in state.transitions:
            for name in row.names:
                yield "parameter", name, row.match.span
    for outcome in machine.outcomes.values():
        params += outcome.params
    for param in params:
        yield "parameter", param.name, param.span
