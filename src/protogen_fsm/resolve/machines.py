"""One machine: its declarations, step by step, as the layers below become known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from protogen_fsm.diagnostics import Label
from protogen_fsm.model.machine import (
    BUILT_IN_EVENTS,
    Event,
    Machine,
    Question,
    Timer,
    Variable,
)
from protogen_fsm.resolve.context import Context
from protogen_fsm.resolve.faces import finish_events, resolve_faces, resolve_layer
from protogen_fsm.resolve.facts import check_machine
from protogen_fsm.resolve.instances import declare_many
from protogen_fsm.resolve.raised import declare_raised
from protogen_fsm.resolve.rows import resolve_rows
from protogen_fsm.resolve.states import (
    check_entered,
    declare_states,
    resolve_allowed,
    resolve_clauses,
)
from protogen_fsm.resolve.types import find, resolve_params, resolve_type
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from protogen_fsm.resolve.names import Names
    from protogen_fsm.resolve.report import Report
    from protogen_fsm.source import Span

_DEEPEST = 10_000
_CHOICES: dict[str, Literal["error", "ignore", "close"]] = {
    "error": "error",
    "ignore": "ignore",
    "close": "close",
}


def declare_machine(written: tree.Machine, file: str, library: bool) -> Machine:
    """A machine with nothing but its name."""
    doc = written.doc.value if written.doc else ""
    return Machine(written.name.text, doc, (), written.span, written.name.span, file, library)


def begin(report: Report, names: Names, machine: Machine, written: tree.Machine) -> Context:
    """Resolves the machine's parameters, which layers and peers above it need first."""
    context = Context(report, names, machine, written)
    context.typer.changing = _changing(written)
    machine.params = resolve_params(context.typer, written.params)
    if written.depth is not None:
        depth = context.typer.constant_int(written.depth, "a depth")
        if depth is not None and not 1 <= depth <= _DEEPEST:
            bounds = f"from 1 to {_DEEPEST}"
            report.error("PG106", f"a depth must be {bounds}", written.depth.span, f"not {bounds}")
        machine.depth = machine.depth if depth is None else depth
        machine.depth_span = written.depth.span
    return context


def resolve_outside(context: Context) -> None:
    """Resolves the layer and the faces; those of the layer must be resolved by now."""
    resolve_layer(context)
    resolve_faces(context)
    if context.events.refused or not context.usable:
        context.names.incomplete.add(context.machine.name)


def resolve_inside(context: Context) -> None:
    """Resolves all else; the faces of every machine must be resolved by now."""
    declare_states(context)
    _declarations(context)
    resolve_clauses(context)
    finish_events(context)
    declare_raised(context)
    resolve_rows(context)
    check_entered(context)
    check_machine(context)


def _changing(written: tree.Machine) -> dict[str, Span]:
    """The names of what has no value beforehand."""
    found = {param.name.text: param.name.span for param in written.params}
    for member in written.members:
        if isinstance(member, tree.Var):
            found[member.name.text] = member.name.span
    return found


# ---------------------------------------------------------------- declarations


def _declarations(context: Context) -> None:
    machine = context.machine
    machine.allowed = resolve_allowed(context, context.tree.members)
    otherwise: tree.Otherwise | None = None
    for member in context.tree.members:
        if isinstance(member, tree.Var):
            _variable(context, member)
        elif isinstance(member, tree.Timer):
            _timer(context, member)
        elif isinstance(member, tree.Question):
            _question(context, member)
        elif isinstance(member, tree.Many):
            declare_many(context, member)
        elif isinstance(member, tree.Otherwise):
            if otherwise is not None:
                context.report.duplicate(
                    tree.Name("otherwise", member.span), "lines", otherwise.span, "leave one out"
                )
            otherwise = member
            _otherwise(context, member)


def _variable(context: Context, written: tree.Var) -> None:
    machine, typer, name = context.machine, context.typer, written.name
    type_ = resolve_type(typer, written.type)
    initial = None
    if written.initial is not None:
        typer.variables = False
        initial = typer.expr(written.initial, type_, f"`{name.text}`", name.span)
        typer.variables = True
    first = machine.variables.get(name.text)
    param = find(machine.params, name.text)
    if first is not None:
        context.report.duplicate(name, "variables", first.span)
    elif param is not None:
        context.report.duplicate(name, "variables and parameters", param.span)
    else:
        doc = written.doc.value if written.doc else ""
        forgotten = written.scope is not None and _forgotten(context, written, written.scope)
        machine.variables[name.text] = Variable(
            name.text, type_, initial, doc, name.span, forgotten
        )


def _forgotten(context: Context, written: tree.Var, scope: tree.Name) -> bool:
    """`scope layer`: the variable goes back to its first value, which it therefore has."""
    if scope.text != "layer":
        context.report.undefined(
            "PG108",
            f"`scope` is `layer`, not `{scope.text}`",
            scope,
            "no scope of that name",
            {"layer": None},
        )
    elif written.initial is None:
        context.report.error(
            "PG332",
            f"`{written.name.text}` has no first value to go back to",
            written.name.span,
            "is forgotten when TLS begins",
            [Label(scope.span, "by this")],
            help=f"say its first value: `var {written.name.text}: … = … scope layer`",
        )
    return scope.text == "layer"


def _timer(context: Context, written: tree.Timer) -> None:
    machine, name = context.machine, written.name
    duration = context.typer.seconds(written.duration, f"the duration of `{name.text}`")
    doc = written.doc.value if written.doc else ""
    first = machine.events.get(name.text)
    if first is not None or name.text in BUILT_IN_EVENTS:
        place = first.span if first is not None else machine.name_span
        context.report.duplicate(name, "events", place)
        return
    machine.timers[name.text] = Timer(name.text, duration, doc, name.span)
    machine.events[name.text] = Event(name.text, (), "timer", name.span)


def _question(context: Context, written: tree.Question) -> None:
    machine, name = context.machine, written.name
    params = resolve_params(context.typer, written.params)
    doc = written.doc.value if written.doc else ""
    first = machine.questions.get(name.text)
    if first is not None:
        context.report.duplicate(name, "predicates and actions", first.span)
        return
    machine.questions[name.text] = Question(written.kind, name.text, params, doc, name.span)


def _otherwise(context: Context, written: tree.Otherwise) -> None:
    choice = _CHOICES.get(written.choice.text)
    if choice is not None:
        context.machine.otherwise = choice
        return
    context.report.undefined(
        "PG108",
        f"`otherwise` is `error`, `ignore` or `close`, not `{written.choice.text}`",
        written.choice,
        "not one of them",
        dict.fromkeys(_CHOICES),
    )
