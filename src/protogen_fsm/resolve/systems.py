"""Systems and scenarios: peers, their links, what is asked of them, and examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Label
from protogen_fsm.model.expressions import Make, MakeList, Value
from protogen_fsm.model.machine import Machine
from protogen_fsm.model.spec import Link, Peer, Property, Scenario, Step, System
from protogen_fsm.model.types import BOOL, BYTES, NOTHING, is_int
from protogen_fsm.resolve.allow import resolve_allow
from protogen_fsm.resolve.arguments import bind
from protogen_fsm.resolve.events import Events
from protogen_fsm.resolve.expressions import Typer
from protogen_fsm.resolve.linked import find_peer
from protogen_fsm.resolve.names import Unknown
from protogen_fsm.resolve.patterns import resolve_pattern
from protogen_fsm.resolve.values import unknown
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.types import Type
    from protogen_fsm.resolve.names import Names
    from protogen_fsm.resolve.report import Report

FAULTS = ("lossy", "duplicating", "reordering", "corrupting", "breaking")
FATES = ("closing", "crashing", "restarting")
_MOST_PEERS = 1000


def resolve_system(report: Report, names: Names, written: tree.System) -> System:
    """A system; its machines must be resolved by now."""
    name = written.name
    doc = written.doc.value if written.doc else ""
    system = System(name.text, doc, {}, [], [], [], written.span)
    typer = Typer(report, names)
    for member in written.members:
        if isinstance(member, tree.Peer):
            _peer(typer, system, member)
        elif isinstance(member, tree.Allow):
            system.allowed += resolve_allow(report, member)
    typer.peers = system.peers
    for member in written.members:
        if isinstance(member, tree.Link):
            _link(typer, system, member)
        elif isinstance(member, tree.Property):
            left = typer.expr(member.left, BOOL, "a property")
            right = None
            if member.right is not None:
                right = typer.expr(member.right, BOOL, "a property")
            words = member.doc.value if member.doc else ""
            system.properties.append(Property(member.kind, left, right, words, member.span))
        elif isinstance(member, tree.Pattern):
            resolve_pattern(typer, system, member)
    return system


def _peer(typer: Typer, system: System, written: tree.Peer) -> None:
    report, name = typer.report, written.name
    count = 1
    if written.count is not None:
        said = typer.constant_int(written.count, "a number of peers")
        count = 1 if said is None else said
        if not 1 <= count <= _MOST_PEERS:
            report.error(
                "PG106",
                f"there can be 1 to {_MOST_PEERS} peers of one name",
                written.count.span,
                "not in between",
            )
    machine = typer.names.things.get(written.machine.text)
    if not isinstance(machine, Machine):
        if not isinstance(machine, Unknown):
            report.undefined(
                "PG105",
                f"no machine is named `{written.machine.text}`",
                written.machine,
                "not a machine",
                typer.names.of(Machine),
            )
        machine = Machine(
            written.machine.text, "", (), written.span, written.machine.span, "", False
        )
        peer = Peer(name.text, count, machine, (), written.environment, name.span)
    else:
        what = f"`{machine.name}`"
        found = bind(typer, machine.params, written.args, what, written.span, machine.name_span)
        peer = Peer(name.text, count, machine, found, written.environment, name.span)
    peer.fates = _fates(report, written)
    first = system.peers.get(name.text)
    if first is not None:
        report.duplicate(name, "peers", first.span)
    else:
        system.peers[name.text] = peer


def _fates(report: Report, written: tree.Peer) -> frozenset[str]:
    """What may become of a peer."""
    said = {fate.text: fate for fate in written.fates}
    restarting = said.get("restarting")
    if restarting is not None and "crashing" not in said:
        report.error(
            "PG401",
            f"`{written.name.text}` restarts, and never crashes",
            restarting.span,
            "begins anew, but where nothing has ended",
            help="write `crashing restarting`",
        )
    if said and written.environment:
        report.error(
            "PG401",
            f"`{written.name.text}` says anything, and so never ends",
            written.fates[0].span,
            "nothing becomes of an `environment`",
        )
    return frozenset(said)


def _link(typer: Typer, system: System, written: tree.Link) -> None:
    report = typer.report
    capacity = None
    if written.capacity is not None:
        capacity = typer.constant_int(written.capacity, "a capacity")
        if capacity is not None and capacity < 1:
            report.error(
                "PG402",
                "a link holds at least one message",
                written.capacity.span,
                "a capacity below 1",
            )
    for fault in written.faults:
        if fault.text not in FAULTS:
            report.undefined(
                "PG402",
                f"no link is `{fault.text}`",
                fault,
                "not something that a network does",
                dict.fromkeys(FAULTS),
            )
    left = find_peer(report, system, written.left)
    right = find_peer(report, system, written.right)
    if left is None or right is None:
        return
    if left is right and left.count == 1:
        report.error(
            "PG402",
            f"`{left.name}` is linked with itself",
            written.span,
            "both ends are one peer",
            [Label(left.span, "the peer")],
        )
    for other in system.links:
        ends = (other.left, other.right)
        is_back = written.one_way and other.one_way and ends == (right, left)
        if {*map(id, ends)} == {id(left), id(right)} and not is_back:
            report.error(
                "PG402",
                f"`{left.name}` and `{right.name}` are linked twice",
                written.span,
                "a second link",
                [Label(other.span, "the first")],
            )
    faults = frozenset(fault.text for fault in written.faults)
    system.links.append(Link(left, right, capacity, faults, written.span, written.one_way))


# ---------------------------------------------------------------- scenarios


def resolve_scenario(
    report: Report, names: Names, systems: Mapping[str, System], written: tree.Scenario
) -> Scenario | None:
    """A scenario; None if there is no such system."""
    system = systems.get(written.system.text)
    if system is None:
        report.undefined(
            "PG403",
            f"no system is named `{written.system.text}`",
            written.system,
            "not a system",
            {one.name: one.span for one in systems.values()},
        )
        return None
    scenario = Scenario(written.title.value, system, [], written.span)
    typer = Typer(report, names)
    for given in written.given:
        _given(typer, scenario, given)
    for step in written.steps:
        found = _step(typer, system, step)
        if found is not None:
            scenario.steps.append(found)
    return scenario


def _given(typer: Typer, scenario: Scenario, written: tree.Given) -> None:
    """What a parameter of some outcome, or of what the application asks for, may be."""
    types: dict[str, Type] = {"random": BYTES}
    for peer in scenario.system.peers.values():
        for event in peer.machine.accepts:
            types |= {param.name: param.type for param in event.params}
        for state in peer.machine.every_state():
            for row in (*state.transitions, *state.timeouts):
                for branch in row.branches:
                    for param in branch.outcome.params if branch.outcome else ():
                        types[param.name] = param.type
    type_ = types.get(written.name.text)
    if type_ is None:
        typer.report.undefined(
            "PG403",
            f"nothing that a peer decides or asks for has a parameter `{written.name.text}`",
            written.name,
            "not a parameter of an outcome, or of what a machine accepts",
            dict.fromkeys(types),
        )
        return
    what = f"`{written.name.text}`"
    values = [typer.expr(value, type_, what) for value in written.values]
    scenario.given[written.name.text] = tuple(_known(typer, value, what) for value in values)


def _known(typer: Typer, value: Expr, what: str) -> Expr:
    """The value; a diagnostic if it is not known beforehand."""
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, Make):
            todo += one.args
        elif isinstance(one, MakeList):
            todo += one.items
        elif not isinstance(one, Value) and one.type != NOTHING:
            typer.report.error(
                "PG110",
                f"{what} must be known beforehand",
                one.span,
                "not made of literals and constants alone",
            )
            return unknown(one.span)
    return value


def _step(typer: Typer, system: System, written: tree.Step) -> Step | None:
    peer = find_peer(typer.report, system, written.peer, "PG403")
    if peer is None:
        return None
    _, _, index = written.peer.text.rstrip("]").partition("[")
    number = int(index) if index else None
    if isinstance(written.what, tree.Text):
        return Step(peer, written.what.value, None, (), written.span, index=number)
    name = written.what.function
    if not peer.machine.states or peer.machine.name in typer.names.incomplete:
        return None
    events = Events(typer.report, typer.names, peer.machine)
    before = dict(peer.machine.sends)
    found = events.output(name, "sends")
    peer.machine.sends = before
    if found is None:
        return None
    output, value = found
    rest = tuple(p for p in output.params if not value or p is not output.by)
    what = f"`{name.text}`"
    bound = bind(typer, rest, written.what.args, what, written.what.span, output.span)
    args = [_known(typer, arg, f"what {what} says") for arg in bound]
    if value and output.by is not None:
        said: object = int(value) if is_int(output.by.type) else value
        args.insert(output.params.index(output.by), Value(said, output.by.type, name.span))
    return Step(peer, None, output.message, tuple(args), written.span, output, number)
