"""Instances as Python: where events go to them, how they are made, what they hear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.backends.python import layout
from protogen_fsm.backends.python.expressions import Scope, expression
from protogen_fsm.backends.python.names import annotation
from protogen_fsm.backends.python.parts import Method, free
from protogen_fsm.model.instances import heard_from, routes, taken_by

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.model.machine import Event, Machine, Many


def held(machines: Iterable[Machine]) -> set[Machine]:
    """Those of which another one holds many."""
    return {many.machine for machine in machines for many in machine.many.values()}


def routed(machine: Machine, event: Event) -> list[str]:
    """The lines that give an event to its instance, if there is one."""
    names = [param.name for param in event.params]
    instance = free("instance", names)
    lines: list[str] = []
    for many in routes(machine, event):
        own = taken_by(many, event)
        assert own is not None
        method = f"_on_{event.name}" if own.answered_by else event.name
        lines += [
            f"{instance} = self.{many.name}.get({many.by})",
            f"if {instance} is not None:",
            *layout.call(f"return {instance}.{method}", names, 4),
        ]
    return lines


def attribute(machine: Machine, many: Many, taker: str) -> list[str]:
    """`self.flights`, empty."""
    kind = f"Instances[{annotation(many.key.type)}, {many.machine.name}]"
    args = ["self", f'"{many.name}"', str(many.limit), f'"{taker}"']
    heard = [f'"{name}"' for name in heard_from(machine, many)]
    if heard:
        args.append(f"({', '.join(heard)}{',' if len(heard) == 1 else ''})")
    return layout.call(f"self.{many.name}: {kind} = Instances", args)


def maker(many: Many, where: str) -> Method:
    """`make_flights`, which a subclass may override."""
    made = many.machine
    typed = [f"{p.name}: {annotation(p.type)}" for p in (many.key, *many.asks)]
    head = layout.call(
        f"def make_{many.name}", ["self", *typed, "below: Place"], 0, f" -> {made.name}:"
    )
    doc = f"Makes one of `{many.name}`; a subclass may make one of its own kind. {where}"
    head += layout.indented(layout.docstring(doc, 8))
    scope = Scope()
    given: list[str] = []
    for param in made.params:
        if param.name in many.args:
            given.append(f"{param.name}={expression(many.args[param.name], scope)}")
        else:
            given.append(f"{param.name}={param.name}")
    return Method(head, layout.call(f"return {made.name}", [*given, "below=below"]))
