"""`many`: the instances that a machine holds, and what expressions ask of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Label
from protogen_fsm.model.expressions import Count, Holds
from protogen_fsm.model.machine import Many
from protogen_fsm.model.types import (
    BOOL,
    BYTES,
    INT,
    NOTHING,
    STR,
    Enum,
    Optional,
    Param,
    is_int,
)
from protogen_fsm.resolve.arguments import bind
from protogen_fsm.resolve.faces import find_machine
from protogen_fsm.resolve.types import find, places
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.machine import Machine
    from protogen_fsm.resolve.context import Context
    from protogen_fsm.resolve.expressions import Typer
    from protogen_fsm.source import Span

_MOST = 65535


def declare_many(context: Context, written: tree.Many) -> None:
    """`many flights: Delivery(retry: 20s) by id limit 100`."""
    machine, report, name = context.machine, context.report, written.name
    held = find_machine(context, written.machine, {})
    limit = _MOST
    if written.limit is not None:
        limit = context.typer.constant_int(written.limit, "a limit") or 0
        if limit < 1:
            title = "a limit must be at least 1"
            report.error("PG106", title, written.limit.span, "not at least 1")
    if held is None:
        return
    key = _key(context, held, written.by)
    if held.below is not None and key.type != NOTHING:
        report.error(
            "PG330",
            f"`{held.name}` cannot be an instance: it stands on `{_layer(held)}`",
            written.machine.span,
            f"an instance stands on `{machine.name}`",
            [Label(held.below.span, "what it stands on")],
            help=f"leave out `over {_layer(held)}` there: what an instance sends "
            f"goes to what `{machine.name}` stands on",
        )
    args = _given(context, held, written)
    asks = tuple(p for p in held.params if p.name != key.name and p.name not in args)
    first: Span | None = None
    if name.text in machine.many:
        first = machine.many[name.text].span
    elif name.text in machine.timers:
        first = machine.timers[name.text].span
    if first is not None:
        report.duplicate(name, "things to start", first)
        return
    for output in held.sends.values():
        ours = machine.sends.get(output.name)
        if ours is not None and output.message is None:
            output.message = ours.message  # printed for the layer of the host
    by = written.by.text
    machine.many[name.text] = Many(name.text, held, args, by, key, asks, limit, name.span)


def _layer(held: Machine) -> str:
    assert held.below is not None
    return held.below.kind if held.below.machine is None else held.below.machine.name


def _given(context: Context, held: Machine, written: tree.Many) -> dict[str, Expr]:
    """The parameters that are the same for all of them; those that are left out `start` gives."""
    typer, by = context.typer, written.by.text
    for arg in written.args:
        if arg.name is not None and arg.name.text == by and find(held.params, by) is not None:
            context.report.error(
                "PG107",
                f"`{by}` of `{held.name}` is another one for each instance",
                arg.span,
                "given for all of them",
                help=f"leave it out: `start {written.name.text}({by})` gives it",
            )
            return {}
    rest = [param for param in held.params if param.name != by]
    named = {arg.name.text for arg in written.args if arg.name is not None}
    count = sum(arg.name is None for arg in written.args)
    chosen = tuple(p for at, p in enumerate(rest) if at < count or p.name in named)
    if len(chosen) != len(written.args):  # too many, or one of a name that is none
        chosen = tuple(rest)
    what = f"`{held.name}`"
    typer.variables = False
    args = bind(typer, chosen, written.args, what, written.span, held.name_span)
    typer.variables = True
    return {param.name: arg for param, arg in zip(chosen, args, strict=True)}


def _key(context: Context, held: Machine, by: tree.Name) -> Param:
    """The field that tells the instances apart: the instance's parameter, or one of an event's."""
    machine = context.machine
    candidates: dict[str, Span | None] = {}
    lists = [event.params for event in (*machine.events.values(), *held.events.values())]
    for params in (held.params, *lists):
        param = find(params, by.text)
        if param is None:
            candidates |= places(params)
            continue
        type_ = param.type.item if isinstance(param.type, Optional) else param.type
        if not (is_int(type_) or type_ in (STR, BYTES, BOOL, NOTHING) or isinstance(type_, Enum)):
            context.report.error(
                "PG106",
                f"`{by.text}` is `{type_}`, which cannot tell instances apart",
                by.span,
                f"this is `{type_}`",
                [Label(param.span, "declared here")],
                help="name a field that is a number, text, bytes or a member of an enum",
            )
            type_ = NOTHING
        return Param(by.text, type_, by.span)
    context.report.undefined(
        "PG108",
        f"no event of `{machine.name}` or `{held.name}` has a field `{by.text}`",
        by,
        "not a field",
        candidates,
    )
    return Param(by.text, NOTHING, by.span)


# ---------------------------------------------------------------- in expressions


def _many(typer: Typer, written: tree.Expr) -> Many | None:
    """The instances that a name stands for, where nothing hides it."""
    if typer.machine is None or typer.only_constants or not isinstance(written, tree.Ref):
        return None
    many = typer.machine.many.get(written.name.text)
    return many if many is not None and typer.local(many.name, written.span) is None else None


def holds(typer: Typer, written: tree.Binary) -> Expr | None:
    """`id in flights`; None if it is something else."""
    many = _many(typer, written.right)
    if many is None:
        return None
    place = many.key.type if many.key.type == NOTHING else Optional(many.key.type)
    key = typer.expr(written.left, place, f"a key of `{many.name}`", many.key.span)
    return Holds(many, key, BOOL, written.span)


def count(typer: Typer, written: tree.Call) -> Expr | None:
    """`size(flights)`; None if it is something else."""
    many = _many(typer, written.args[0].value)
    return None if many is None else Count(many, INT, written.span)
