"""What a system asks of how things happen: who does what, and how it goes together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from protogen_fsm.model.spec import Happening, Pattern
from protogen_fsm.resolve.linked import find_peer
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from protogen_fsm.model.machine import Event, Machine, Output
    from protogen_fsm.model.spec import Peer, System
    from protogen_fsm.resolve.expressions import Typer

_MOST = 1000
_NUMBER = re.compile(r"[0-9]+x*")


def resolve_pattern(typer: Typer, system: System, written: tree.Pattern) -> None:
    """A pattern; not kept if it speaks of something that there is not."""
    parts = [
        [_happening(typer, system, one) for one in some]
        for some in (written.first, written.second, written.until)
    ]
    most: int | None = 0
    if written.most is not None:
        most = typer.constant_int(written.most, "how many there may be")
        if most is not None and not 1 <= most <= _MOST:
            title = f"there can be at most 1 to {_MOST}"
            typer.report.error("PG106", title, written.most.span, "not in between")
    if most is None or any(one is None for some in parts for one in some):
        return
    first, second, until = (tuple(one for one in some if one is not None) for some in parts)
    words = written.doc.value if written.doc else ""
    system.patterns.append(Pattern(written.kind, first, second, until, most, words, written.span))


def _happening(typer: Typer, system: System, written: tree.Happening) -> Happening | None:
    subject = _subject(written.subject)
    if subject is None:
        typer.report.error(
            "PG401",
            "a pattern speaks of what peers do",
            written.subject.span,
            "not a peer",
            help="write the name of a peer, such as `client` or `clients[0]`",
        )
        return None
    peer = find_peer(typer.report, system, subject)
    if peer is None or not peer.machine.states:
        return None
    _, bracket, index = subject.text.rstrip("]").partition("[")
    number = int(index) if bracket else None
    if number is not None and number >= peer.count:
        return None
    if written.verb == "enters":
        return _entering(typer, peer, number, written)
    found = _find(peer.machine, written.verb, written.name.text)
    if found is None:
        known = {one.name: one.span for one in _face(peer.machine, written.verb)}
        typer.report.undefined(
            "PG102",
            f"`{peer.machine.name}` {written.verb} no `{written.name.text}`",
            written.name,
            f"`{peer.name}` never does that",
            known,
        )
        return None
    one, value = found
    by = one.params.index(one.by) if value and one.by is not None else -1
    return Happening(peer, number, written.verb, one.name, value, written.span, by=by)


def _entering(
    typer: Typer, peer: Peer, number: int | None, written: tree.Happening
) -> Happening | None:
    states = {state.name: state for state in peer.machine.every_state()}
    state = states.get(written.name.text)
    if state is None:
        typer.report.undefined(
            "PG101",
            f"no state of `{peer.machine.name}` is named `{written.name.text}`",
            written.name,
            f"not a state of `{peer.machine.name}`",
            {name: one.name_span for name, one in states.items()},
        )
        return None
    return Happening(peer, number, "enters", state.name, "", written.span, state)


def _subject(written: tree.Expr) -> tree.Name | None:
    if isinstance(written, tree.Ref):
        return tree.Name(written.name.text, written.span)
    if isinstance(written, tree.Index) and isinstance(written.value, tree.Ref):
        index = written.index
        if isinstance(index, tree.Constant) and isinstance(index.value, int):
            return tree.Name(f"{written.value.name.text}[{index.value}]", written.span)
    return None


def _face(machine: Machine, verb: str) -> list[Event | Output]:
    faces: dict[str, list[Event | Output]] = {
        "sends": [*machine.sends.values()],
        "emits": [*machine.emits.values()],
        "receives": [*machine.receives],
        "accepts": [*machine.accepts],
    }
    return faces[verb]


def _find(machine: Machine, verb: str, name: str) -> tuple[Event | Output, str] | None:
    """What is named so, by its own name or by the value of the field that names it."""
    face = _face(machine, verb)
    for one in face:
        if one.name == name:
            return one, ""
    for one in face:
        members = getattr(one.by.type, "members", ()) if one.by is not None else ()
        if one.by is not None and (_NUMBER.fullmatch(name) or name in members):
            return one, name
    return None
