"""The events of a machine: what may stand behind `on`, `ignore`, `raise`, `send`, `emit`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from protogen_fsm.diagnostics import Label
from protogen_fsm.model.machine import BUILT_IN_EVENTS, Event, Match, Output
from protogen_fsm.model.types import BYTES, NOTHING, STR, Enum, Optional, Param, Range, is_int

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.model.machine import Machine
    from protogen_fsm.model.types import Type
    from protogen_fsm.resolve.names import Names
    from protogen_fsm.resolve.report import Report
    from protogen_fsm.source import Span
    from protogen_fsm.syntax import tree

_Named = TypeVar("_Named", Event, Output)
_NUMBERS = re.compile(r"([0-9]+)(x*)")


def built_in_events(span: Span) -> dict[str, Event]:
    """The events that need no declaration."""
    reason = ("reason", STR)
    params = {
        "lost": (reason,),
        "malformed": (("data", BYTES), reason),
        "failed": (reason,),
        "unsolicited": (("answer", STR),),
    }
    return {
        name: Event(
            name,
            tuple(Param(n, type_, span) for n, type_ in params.get(name, ())),
            "built_in",
            span,
        )
        for name in BUILT_IN_EVENTS
    }


def raw_data(span: Span) -> Event:
    """`data(bytes)`: what was read from the transport, as it is."""
    return Event("data", (Param("bytes", BYTES, span),), "below", span)


def heard(output: Output, span: Span) -> Event:
    """An emission of the layer below (or of an instance), as the event it is above."""
    return Event(output.name, output.params, "below", span, by=output.by)


class Events:
    """Finds the events and outputs of one machine by name, number or class of numbers."""

    def __init__(self, report: Report, names: Names, machine: Machine) -> None:
        self.report = report
        self.names = names
        self.machine = machine
        self.refused: set[str] = set()  # declared, but wrongly: that was said
        self._found: dict[str, tuple[Event, str] | None] = {}
        self._outputs: dict[tuple[str, str], tuple[Output, str] | None] = {}

    # ------------------------------------------------------------ what comes in

    def match(self, name: tree.Name, usable: bool = True) -> Match | None:
        """What a transition on `name` listens to; None, and a diagnostic, if there is nothing.

        Where the layer is not `usable` nothing can be said of a name that is not known.
        """
        if name.text == "*":
            return Match(None, "", "*", name.span)
        found = self.find(name.text)
        if found is None:
            if usable:
                self._undefined(name)
            return None
        return Match(found[0], found[1], name.text, name.span)

    def find(self, text: str) -> tuple[Event, str] | None:
        """The event that `text` names, and the number, class or member if a field names it."""
        try:
            return self._found[text]
        except KeyError:
            found = self._found[text] = self._find(text)
            return found

    def forget(self) -> None:
        """Looks again from now on: there are new events."""
        self._found.clear()

    def _find(self, text: str) -> tuple[Event, str] | None:
        event = self.machine.events.get(text) or self._told(text)
        if event is not None:
            return event, ""
        events = [event for event in self.machine.events.values() if event.by is not None]
        event = _named_by(events, text)
        if event is not None:
            return event, text
        output = _named_by(self._emitted_below(), text)
        return None if output is None else (self._hear(output), text)

    def _told(self, text: str) -> Event | None:
        """An event of the layer below that needs no declaration here."""
        below = self.machine.below
        if below is None or below.kind == "machine":
            output = next((one for one in self._emitted_below() if one.name == text), None)
            return None if output is None else self._hear(output)
        if text != "data":
            return None
        event = raw_data(below.span)
        self.machine.events["data"] = event
        return event

    def _hear(self, output: Output) -> Event:
        event = self.machine.events.get(output.name)
        if event is None:
            event = heard(output, output.span)
            self.machine.events[output.name] = event
        return event

    def _emitted_below(self) -> list[Output]:
        below = self.machine.below
        found = list(below.machine.emits.values()) if below and below.machine else []
        for many in self.machine.many.values():
            found += many.machine.emits.values()
        return found

    def _undefined(self, name: tree.Name) -> None:
        text = name.text
        if self._said(text) or self._empty_class(name, self.machine.events.values()):
            return
        notes, help = [], ""
        if self.names.message(text) is not None:
            notes.append(f"`{text}` is a message, but no face of `{self.machine.name}` names it")
            help = f"add `{text}` to `receives`"
        elif text in self.machine.sends or text in self.machine.emits:
            goes = "sent" if text in self.machine.sends else "emitted"
            notes.append(f"`{text}` is {goes} by `{self.machine.name}`, and never comes to it")
        candidates: dict[str, Span | None] = {}
        if not help:
            candidates = {e.name: e.span for e in self.machine.events.values()}
            candidates |= {output.name: output.span for output in self._emitted_below()}
            candidates |= dict.fromkeys(BUILT_IN_EVENTS)
        self.report.undefined(
            "PG102",
            f"`{self.machine.name}` has no event `{text}`",
            name,
            "not an event that comes here",
            candidates,
            notes,
            help,
        )

    def _said(self, text: str) -> bool:
        """Whether a face names what is not there, and may have meant this."""
        return text in self.refused or (
            bool(self.refused) and (text[0].isdigit() or self.names.message(text) is not None)
        )

    def _empty_class(self, name: tree.Name, events: Iterable[Event | Output]) -> bool:
        """Says so if a number lies in no range of a field that names events."""
        if _NUMBERS.fullmatch(name.text) is None:
            return False
        for event in events:
            if event.by is not None and isinstance(event.by.type, Range):
                kind = "no number of" if "x" in name.text else "not"
                self.report.error(
                    "PG320",
                    f"`{event.name}` can never be `{name.text}`",
                    name.span,
                    f"{kind} `{name.text}` lies in `{event.by.type}`"
                    if "x" in name.text
                    else f"not in `{event.by.type}`",
                    [Label(event.by.span, f"`{event.by.name}` names `{event.name}`")],
                )
                return True
        return False

    # ------------------------------------------------------------ what goes out

    def output(self, name: tree.Name, face: str) -> tuple[Output, str] | None:
        """What `send` or `emit` NAME means, and the value of the field that names it."""
        key = face, name.text
        if key not in self._outputs:
            self._outputs[key] = self._output(name.text, face)
        found = self._outputs[key]
        if found is None:
            self._undefined_output(name, face)
        return found

    def _output(self, text: str, face: str) -> tuple[Output, str] | None:
        declared = self.machine.sends if face == "sends" else self.machine.emits
        output = declared.get(text)
        if output is not None:
            return output, ""
        if face == "sends":
            accepted = accepted_below(self.machine, text)
            if accepted is not None:
                self.machine.sends[text] = accepted
                return accepted, ""
        if "x" in text and _NUMBERS.fullmatch(text):
            return None
        output = _named_by(declared.values(), text)
        return None if output is None else (output, text)

    def _undefined_output(self, name: tree.Name, face: str) -> None:
        text, machine = name.text, self.machine
        declared = machine.sends if face == "sends" else machine.emits
        verb = "send" if face == "sends" else "emit"
        if self._said(text):
            return
        match = _NUMBERS.fullmatch(text)
        if match is not None and match[2] and _named_by(declared.values(), text):
            self.report.error(
                "PG320",
                f"`{text}` is many numbers, and one is to {verb}",
                name.span,
                "a class of numbers",
                help=f"write one, such as `{match[1]}{'0' * len(match[2])}`",
            )
            return
        if self._empty_class(name, declared.values()):
            return
        if text[0].isdigit() and not any(output.by for output in declared.values()):
            self.report.undefined(
                "PG102",
                f"`{machine.name}` {verb}s nothing that a number names",
                name,
                "names nothing",
                {},
                help=f"add a message `by` a number to `{face}`",
            )
            return
        notes, help = [], ""
        other = machine.emits if face == "sends" else machine.sends
        if text in other:
            help = f"write `{'emit' if verb == 'send' else 'send'} {text}`"
        elif self.names.message(text) is not None:
            notes.append(f"`{text}` is a message, and `{machine.name}` has it not in `{face}`")
            help = f"add `{text}` to `{face}`"
        candidates: dict[str, Span | None] = {}
        if not help:
            candidates = {output.name: output.span for output in declared.values()}
            below = machine.below
            if face == "sends" and below is not None and below.machine is not None:
                candidates |= {event.name: event.span for event in below.machine.accepts}
        self.report.undefined(
            "PG102",
            f"`{machine.name}` has nothing named `{text}` to {verb}",
            name,
            f"not in `{face}`",
            candidates,
            notes,
            help,
        )


def accepted_below(machine: Machine, name: str) -> Output | None:
    """What the layer below takes by that name, as something to send."""
    if machine.below is None or machine.below.machine is None:
        return None
    for event in machine.below.machine.accepts:
        if event.name == name:
            return Output(name, event.params, "sends", event.span, by=event.by)
    return None


def _named_by(things: Iterable[_Named], text: str) -> _Named | None:
    """The first of which a field can have the value (or some of the class) that `text` says."""
    worded = None
    for thing in things:
        if thing.by is None:
            continue
        if by_can_be(thing.by.type, text):
            return thing
        type_ = thing.by.type
        if type_ in (STR, NOTHING) and not text[0].isdigit():
            worded = worded or thing
    return worded


def by_can_be(type_: Type, text: str) -> bool:
    """Whether a field of that type can have the value, or one of the class, that `text` says."""
    if isinstance(type_, Optional):
        type_ = type_.item
    if isinstance(type_, Enum):
        return text in type_.members
    if not is_int(type_):
        return False
    match = _NUMBERS.fullmatch(text)
    if match is None:
        return False
    if not isinstance(type_, Range):
        return True
    size = 10 ** len(match[2])
    low: int = int(match[1]) * size
    return low <= type_.high and type_.low <= low + size - 1
