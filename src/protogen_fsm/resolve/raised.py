"""Events that a machine only raises: declared nowhere, with parameters as they are first raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model.machine import Event
from protogen_fsm.model.types import NOTHING, OBJECT, ListOf, Param
from protogen_fsm.resolve.report import Report
from protogen_fsm.resolve.types import resolve_params
from protogen_fsm.resolve.values import joined
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.model.machine import State
    from protogen_fsm.model.types import Type
    from protogen_fsm.resolve.context import Context

_Raised = tuple["State", tree.StateMember, "tree.Outcome | None", tree.Fire]


def declare_raised(context: Context) -> None:
    """Adds what is raised and not declared to the events of the machine."""
    pending: dict[str, list[_Raised]] = {}
    for raised in _raised(context):
        name = raised[3].event.text
        if name in pending or (name.isidentifier() and context.events.find(name) is None):
            pending.setdefault(name, []).append(raised)
    if not pending:
        return
    bound = _bound(context, pending)
    for name, found in pending.items():
        first = found[0][3]
        params = tuple(
            Param(_name(arg, i, bound.get(name)), NOTHING, arg.span)
            for i, arg in enumerate(first.args)
        )
        context.machine.events[name] = Event(name, params, "itself", first.event.span)
    context.events.forget()
    _infer(context, pending)


def _raised(context: Context) -> Iterator[_Raised]:
    for state, written in context.written.items():
        for member in written.members:
            if isinstance(member, tree.On | tree.After | tree.Entry):
                for action in member.actions:
                    if isinstance(action, tree.Fire) and action.kind == "raise":
                        yield state, member, None, action
            if isinstance(member, tree.On):
                for outcome in member.outcomes:
                    for action in outcome.actions:
                        if isinstance(action, tree.Fire) and action.kind == "raise":
                            yield state, member, outcome, action


def _bound(context: Context, pending: dict[str, list[_Raised]]) -> dict[str, list[tree.Name]]:
    """What the first transition on each event calls its parameters."""
    found: dict[str, list[tree.Name]] = {}
    for written in context.written.values():
        for member in written.members:
            if isinstance(member, tree.On):
                for trigger in member.triggers:
                    if trigger.names and trigger.event.text in pending:
                        found.setdefault(trigger.event.text, trigger.names)
    return found


def _name(arg: tree.Arg, i: int, bound: list[tree.Name] | None) -> str:
    if arg.name is not None:
        return arg.name.text
    if bound is not None and i < len(bound):
        return bound[i].text
    return "value" if i == 0 else f"value{i + 1}"


def _infer(context: Context, pending: dict[str, list[_Raised]]) -> None:
    """Gives each parameter the type that all who raise the event agree on, else `object`."""
    typer, said = context.typer, context.report
    # What is wrong with these expressions is said when their lines are resolved.
    typer.report = Report()
    for name, found in pending.items():
        params = context.machine.events[name].params
        for state, member, outcome, fire in found:
            typer.within(context.visible[state], _scope(context, member))
            if outcome is not None:
                outcomes = resolve_params(typer, outcome.params)
                typer.outcome = {param.name: param.type for param in outcomes}
            for param, arg in zip(params, fire.args, strict=False):
                param.type = joined(param.type, typer.typed(arg.value).type)
    for name in pending:
        for param in context.machine.events[name].params:
            param.type = _known(param.type)
    typer.within()
    typer.report = said


def _known(type_: Type) -> Type:
    if isinstance(type_, ListOf):
        return ListOf(_known(type_.item))
    return OBJECT if type_ == NOTHING or str(type_) == "none" else type_


def _scope(context: Context, member: tree.StateMember) -> dict[str, Type]:
    scope: dict[str, Type] = {}
    for trigger in member.triggers if isinstance(member, tree.On) else ():
        found = context.events.find(trigger.event.text)
        event = found[0] if found is not None else None
        rest = [param for param in event.params if param is not event.by] if event else []
        for i, name in enumerate(trigger.names or []):
            scope[name.text] = rest[i].type if i < len(rest) else NOTHING
        if event is not None and event.by is not None:
            scope.setdefault(event.by.name, event.by.type)
    return scope
