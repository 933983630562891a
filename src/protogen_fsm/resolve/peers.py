"""Where a region is, and in a system a peer: `Sending in DONE`, `client in DATA`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Label
from protogen_fsm.model.expressions import InState, PeerVar, Value
from protogen_fsm.model.types import BOOL, NOTHING
from protogen_fsm.resolve.values import unknown
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.machine import Region, State
    from protogen_fsm.model.spec import Peer
    from protogen_fsm.resolve.expressions import Typer


def in_state(typer: Typer, written: tree.Binary) -> Expr | None:
    """`Sending in DONE`, `client in DATA`; None if it is something else."""
    if not isinstance(written.right, tree.Ref) or not (typer.regions or typer.peers):
        return None
    peer = _peer_of(typer, written.left)
    if peer is not None and not peer[0].machine.states:
        return unknown(written.span)
    if peer is not None:
        states = {state.name: state for state in peer[0].machine.every_state()}
        subject, index, owner = peer[0].name, peer[1], f"`{peer[0].machine.name}`"
        region = peer[2]
    elif isinstance(written.left, tree.Ref) and written.left.name.text in typer.regions:
        region = typer.regions[written.left.name.text]
        subject, index, owner, states = region.name, None, "the machine", dict(typer.states)
    elif isinstance(written.left, tree.Ref) and _meant_as_region(typer, written):
        typer.undefined(written.left.name)
        return unknown(written.span)
    else:
        name = _first_name(written.left)
        if not typer.peers or name is None or name.text in typer.peers:
            return None
        typer.undefined(name)
        return unknown(written.span)
    if region is not None:
        states = {name: one for name, one in states.items() if _lies_in(one, region)}
        subject = subject if peer is None else f"{subject}.{region.name}"
        owner = f"`{region.name}`"
    name = written.right.name
    state = states.get(name.text)
    if state is None:
        typer.report.undefined(
            "PG101",
            f"{owner} has no state `{name.text}`",
            name,
            f"not a state of {owner}",
            {one.name: one.name_span for one in states.values()},
        )
        return Value(False, NOTHING, written.span)
    return InState(subject, state, BOOL, written.span, index)


def _first_name(written: tree.Expr) -> tree.Name | None:
    """`client` of `client`, `client[1]`, `client.Sending`."""
    while isinstance(written, tree.Index | tree.Field):
        written = written.value
    return written.name if isinstance(written, tree.Ref) else None


def _meant_as_region(typer: Typer, written: tree.Binary) -> bool:
    """Whether neither side of `in` is a value here, and the right one is a state."""
    sides = (written.left, written.right)
    names = [side.name.text for side in sides if isinstance(side, tree.Ref)]
    return names[-1] in typer.states and not any(
        name in typer.names.things
        or name in typer.names.members
        or typer.local(name, written.span) is not None
        for name in names
    )


def _peer_of(typer: Typer, written: tree.Expr) -> tuple[Peer, int | None, Region | None] | None:
    """A peer, which of several, and a region of its machine."""
    if isinstance(written, tree.Field):
        found = _peer_of(typer, written.value)
        if found is None or found[2] is not None:
            return None
        inside = found[0].machine.every_state()
        regions = [region for state in inside for region in state.regions]
        region = next((one for one in regions if one.name == written.name.text), None)
        return None if region is None else (found[0], found[1], region)
    index = None
    if isinstance(written, tree.Index):
        if not isinstance(written.value, tree.Ref) or written.value.name.text not in typer.peers:
            return None
        index = typer.constant_int(written.index, "which peer is meant")
        written = written.value
    if not isinstance(written, tree.Ref) or written.name.text not in typer.peers:
        return None
    peer = typer.peers[written.name.text]
    if peer.environment:
        typer.report.error(
            "PG401",
            f"`{peer.name}` says anything at any time, and is in no state",
            written.span,
            "nothing can be asked of it",
            [Label(peer.span, "an `environment`")],
        )
    if index is not None and not 0 <= index < peer.count:
        typer.report.error(
            "PG401",
            f"there is no `{peer.name}[{index}]`",
            written.span,
            f"`{peer.name}` has {peer.count}, counted from 0",
            [Label(peer.span, "declared here")],
        )
    return peer, index, None


def peer_variable(typer: Typer, written: tree.Field) -> Expr | None:
    """`server.recipients`; None if it is something else."""
    found = _peer_of(typer, written.value)
    if found is None:
        return None
    peer, index, _ = found
    if not peer.machine.states:
        return unknown(written.span)
    variable = peer.machine.variables.get(written.name.text)
    if variable is None:
        typer.report.undefined(
            "PG108",
            f"`{peer.machine.name}` has no variable `{written.name.text}`",
            written.name,
            "not a variable",
            {one.name: one.span for one in peer.machine.variables.values()},
        )
        return unknown(written.span)
    return PeerVar(peer.name, variable, written.span, index)


def _lies_in(state: State, region: Region) -> bool:
    return any(one.region is region for one in state.around())
