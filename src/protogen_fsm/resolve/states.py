"""The states of a machine: which there are, how they lie in each other, where one arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Label
from protogen_fsm.model.machine import Allowed, Region, State
from protogen_fsm.resolve.allow import resolve_allow
from protogen_fsm.resolve.faces import receive_in_state
from protogen_fsm.resolve.reads import resolve_reads
from protogen_fsm.resolve.types import resolve_params
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.resolve.context import Context
    from protogen_fsm.source import Span


def declare_states(context: Context) -> None:
    """Makes every state, with its parameters and what lies in it."""
    machine = context.machine
    outermost = [one for one in context.tree.members if isinstance(one, tree.State)]
    machine.states = [_declare(context, one, None, None) for one in outermost]
    name = machine.name_span
    if not outermost:
        context.report.error(
            "PG118",
            f"the machine `{machine.name}` has no state",
            name,
            "needs one to begin in",
            help="write `initial state READY { … }`",
        )
        return
    _choose_initial(context, machine.states, name, f"machine `{machine.name}`")


def resolve_clauses(context: Context) -> None:
    """Resolves what each state reads and receives; the machine's faces must be known by now."""
    for state, written in context.written.items():
        if written.reads is not None:
            context.typer.within(context.visible[state])
            state.reads = resolve_reads(context, written.reads)
        if written.receives is not None and context.usable:
            events = [receive_in_state(context, name) for name in written.receives]
            state.receives = tuple(event for event in events if event is not None)
    context.typer.within()


def _declare(
    context: Context, written: tree.State, parent: State | None, region: Region | None
) -> State:
    name = written.name
    params = resolve_params(context.typer, written.params)
    state = State(
        name.text,
        written.doc.value if written.doc else "",
        written.initial,
        written.final,
        params,
        parent,
        region,
        written.span,
        name.span,
    )
    first = context.states.setdefault(name.text, state)
    if first is not state:
        context.report.duplicate(name, "states", first.name_span)
    context.written[state] = written
    visible = {} if parent is None else context.visible[parent]
    if params:
        visible = visible | {param.name: (state, param) for param in params}
    context.visible[state] = visible
    for member in written.members:
        if isinstance(member, tree.State):
            state.states.append(_declare(context, member, state, None))
        elif isinstance(member, tree.Region):
            state.regions.append(_region(context, member, state))
        elif isinstance(member, tree.Allow):
            state.allowed += resolve_allow(context.report, member)
    if state.states and state.regions:
        context.report.error(
            "PG119",
            f"`{state.name}` holds both states and regions",
            name.span,
            "must hold the one or the other",
            [
                Label(state.states[0].name_span, "a state"),
                Label(state.regions[0].span, "a region"),
            ],
            help=f"put `{state.states[0].name}` into a region of its own",
        )
    elif state.states:
        _mark_initial(context, state.states)
    return state


def _region(context: Context, written: tree.Region, state: State) -> Region:
    name = written.name
    region = Region(name.text, written.doc.value if written.doc else "", state, [], name.span)
    first = context.regions.setdefault(name.text, region)
    if first is not region:
        context.report.duplicate(name, "regions", first.span)
    for member in written.members:
        if isinstance(member, tree.State):
            region.states.append(_declare(context, member, state, region))
        elif isinstance(member, tree.Allow):
            state.allowed += resolve_allow(context.report, member)
        else:
            context.report.error(
                "PG119",
                "a region holds states and nothing else",
                member.span,
                "belongs to a state",
                help=f"move it to `{state.name}`, or into a state of `{name.text}`",
            )
    _choose_initial(context, region.states, name.span, f"region `{name.text}`")
    return region


# ---------------------------------------------------------------- where one arrives


def _mark_initial(context: Context, states: list[State]) -> bool:
    """Whether one state is where these begin; it may be marked by what lies in it."""
    marked = [state for state in states if state.initial]
    if len(marked) > 1:
        context.report.error(
            "PG114",
            f"both `{marked[0].name}` and `{marked[1].name}` are initial",
            marked[1].name_span,
            "a second initial state",
            [Label(marked[0].name_span, "the first")],
            help="leave `initial` to one of them",
        )
    if marked:
        return True
    holders = [state for state in states if any(inner.initial for inner in state.states)]
    if len(holders) == 1:
        holders[0].initial = True
    return len(holders) == 1


def _choose_initial(context: Context, states: list[State], span: Span, what: str) -> None:
    if _mark_initial(context, states):
        first = next(state for state in states if state.initial)
        context.entered.setdefault(first, first.name_span)
        return
    context.report.error(
        "PG113",
        f"the {what} has no initial state",
        span,
        "nothing says where it begins",
        help=f"write `initial state {states[0].name}`" if states else "give it a state",
    )


def check_entered(context: Context) -> None:
    """Says which composite states are entered though nothing says where they begin."""
    for entered, span in context.entered.items():
        state = entered
        while state.states:
            inner = next((one for one in state.states if one.initial), None)
            if inner is None:
                context.report.error(
                    "PG113",
                    f"`{state.name}` is entered, and has no initial state",
                    state.name_span,
                    "nothing says which of its states comes first",
                    [Label(span, "entered here")] if span != state.name_span else [],
                    help=f"write `initial state {state.states[0].name}`",
                )
                break
            state = inner


def resolve_allowed(context: Context, written: Iterable[object]) -> list[Allowed]:
    """What a machine silences."""
    found: list[Allowed] = []
    for one in written:
        if isinstance(one, tree.Allow):
            found += resolve_allow(context.report, one)
    return found
