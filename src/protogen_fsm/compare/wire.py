"""What each message is in bytes, and how frames are cut: what changes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Diagnostic, Label
from protogen_fsm.model import words
from protogen_fsm.model.shapes import shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.model.machine import Machine
    from protogen_fsm.model.messages import Message
    from protogen_fsm.model.spec import Spec


def wire(old: Spec, new: Spec) -> Iterator[Diagnostic]:
    """Messages that are gone, new, or other bytes; machines that stand on other layers."""
    gone = {name: one for name, one in old.messages.items() if name not in new.messages}
    come = {name: one for name, one in new.messages.items() if name not in old.messages}
    renamed = {
        name: next((other for other in come.values() if _bytes(other) == _bytes(one)), None)
        for name, one in gone.items()
    }
    for name, one in gone.items():
        if renamed[name] is None:
            yield Diagnostic(
                "PG621",
                f"the message `{name}` is gone",
                one.name_span,
                "no message of the new version is these bytes",
            )
    for name, one in old.messages.items():
        if name in new.messages:
            yield from _changed(one, new.messages[name])
    for name, one in come.items():
        if one not in renamed.values():
            title = f"the message `{name}` is new"
            yield Diagnostic("PG623", title, one.name_span, severity="warning")
    for name, machine in old.machines.items():
        if name in new.machines:
            yield from _layers(machine, new.machines[name])


def _bytes(message: Message) -> object:
    """All that decides what a message is in bytes, the names of its fields left out."""
    places = {param.name: f"field {at}" for at, param in enumerate(message.params)}
    return _renamed(shape(message.pattern), places) if message.pattern is not None else message.name


def _renamed(thing: object, names: dict[str, str]) -> object:
    if isinstance(thing, tuple):
        return tuple(_renamed(one, names) for one in thing)
    return names.get(thing, thing) if isinstance(thing, str) else thing


def _changed(old: Message, new: Message) -> Iterator[Diagnostic]:
    if old.pattern is None and new.pattern is None:
        before, after = ([shape(p.type) for p in one.params] for one in (old, new))
        if before == after:
            return
    elif _bytes(old) == _bytes(new):
        return
    yield Diagnostic(
        "PG622",
        f"the message `{new.name}` is other bytes",
        new.name_span,
        _pattern(new),
        (Label(old.name_span, _pattern(old)),),
        help="what old peers print, and take, is decided below `dialogue`: `--category dialogue`",
    )


def _pattern(message: Message) -> str:
    text = "no pattern" if message.pattern is None else message.pattern.span.text
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _layers(old: Machine, new: Machine) -> Iterator[Diagnostic]:
    before, after = _stack(old), _stack(new)
    if before != after:
        yield Diagnostic(
            "PG624",
            f"`{new.name}` stands on other layers",
            new.name_span,
            f"over {' over '.join(after) or 'nothing'}",
            (Label(old.name_span, f"over {' over '.join(before) or 'nothing'}"),),
        )


def _stack(machine: Machine) -> list[str]:
    found = []
    below = machine.below
    while below is not None:
        found.append(words.layer(below))
        below = None if below.machine is None else below.machine.below
    return found
