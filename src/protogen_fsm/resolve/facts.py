"""What must hold of a machine's states for it to mean anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Label

if TYPE_CHECKING:
    from protogen_fsm.model.machine import Machine, State
    from protogen_fsm.resolve.context import Context
    from protogen_fsm.resolve.report import Report
    from protogen_fsm.source import Span
    from protogen_fsm.syntax import tree


def check_way(report: Report, source: State | None, target: State, name: tree.Name) -> None:
    """A way leads into no other region, and past no parameters that it does not set."""
    parent = target.parent
    if parent is None or source is None:
        return
    around = list(source.around())
    mine = {one.region for one in around if one.region is not None}
    for state in target.around():
        region = state.region
        if region is None or region in mine:
            continue
        if any(other.state is region.state for other in mine):
            report.error(
                "PG219",
                f"`{target.name}` lies in another region",
                name.span,
                f"in the region `{region.name}`",
                [Label(region.span, "the other region")],
                help="raise an event that the other region takes",
            )
            return
    for state in parent.around():
        if state.params and state not in around:
            _unset(report, state, name.span, f"leads past the parameters of `{state.name}`")
            return


def check_history(report: Report, source: State | None, state: State, name: tree.Name) -> None:
    """`history` is of a state that holds others, whose parameters are set."""
    if not state.is_composite:
        report.error(
            "PG216",
            f"`{state.name}` has no states inside",
            name.span,
            "no history to go back to",
            [Label(state.name_span, "declared here")],
            help=f"write `-> {state.name}`",
        )
    elif source is not None and state.params and state not in source.around():
        _unset(report, state, name.span, "gives it no arguments")


def check_stream(report: Report, machine: Machine, span: Span) -> None:
    """`starttls` needs a stream at the bottom."""
    below = machine.below
    while below is not None and below.machine is not None:
        below = below.machine.below
    if below is not None and below.kind == "bytes":
        return
    report.error(
        "PG321",
        f"`{machine.name}` stands on no stream that `starttls` could protect",
        span,
        "no connection to put it onto",
        [Label(machine.name_span, "stands on nothing of that kind")],
    )


def check_machine(context: Context) -> None:
    """First states have no parameters, and a machine over bytes always knows what it reads."""
    machine = context.machine
    first: list[State] = [state for state in machine.states if state.initial][:1]
    for state in machine.every_state():
        first += [one for one in state.states if one.initial and state in context.entered][:1]
        for region in state.regions:
            first += [one for one in region.states if one.initial][:1]
    for state in first:
        if state.params:
            _unset(context.report, state, state.name_span, "where one begins, without arguments")
    below = machine.below
    if below is not None and below.kind == "bytes":
        for state in machine.every_state():
            _check_reads(context, state)


def _check_reads(context: Context, state: State) -> None:
    if state.is_composite or state.final or state.entry_target is not None:
        return
    if any(one.reads is not None or context.written[one].reads for one in state.around()):
        return
    context.report.error(
        "PG313",
        f"`{state.name}` does not say what it reads",
        state.name_span,
        "waits for bytes",
        [Label(context.machine.below.span, "the machine reads a stream")]
        if context.machine.below is not None
        else [],
        help=f'write `state {state.name} reads line(end: "\\r\\n", max: 1000)`',
    )


def _unset(report: Report, state: State, span: Span, label: str) -> None:
    names = ", ".join(f"`{param.name}`" for param in state.params)
    report.error(
        "PG221",
        f"`{state.name}` is entered, and nobody sets {names}",
        span,
        label,
        [Label(state.params[0].span, "has no value then")],
        help="make it a variable or a parameter of the machine",
    )
