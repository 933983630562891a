"""The faces of a machine: the layer it stands on, and what crosses from and to each side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar

from protogen_fsm.diagnostics import Label
from protogen_fsm.model.machine import BUILT_IN_EVENTS, Below, Event, Machine, Output
from protogen_fsm.model.messages import Message
from protogen_fsm.model.types import BYTES, Param, Range, fits
from protogen_fsm.resolve.arguments import bind
from protogen_fsm.resolve.events import accepted_below, built_in_events, heard, raw_data
from protogen_fsm.resolve.messages import resolve_by
from protogen_fsm.resolve.names import Unknown
from protogen_fsm.resolve.types import resolve_params
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.resolve.context import Context
    from protogen_fsm.resolve.expressions import Typer
    from protogen_fsm.source import Span

_Crossing = TypeVar("_Crossing", Event, Output)
LONGEST = 65507  # octets in a datagram of UDP over IPv4: RFC 768 and RFC 791, 65535 - 8 - 20
TRANSPORTS: dict[str, Literal["bytes", "datagrams"]] = {
    "bytes": "bytes",
    "datagrams": "datagrams",
}


def resolve_layer(context: Context) -> None:
    """Finds what the machine stands on; the layer's own faces must be known by now."""
    over = context.tree.over
    if over is None:
        return
    typer = context.typer
    kind = TRANSPORTS.get(over.name.text)
    if kind is not None:
        context.machine.below = Below(kind, None, _limits(typer, over, kind), None, None, over.span)
        return
    layer = find_machine(context, over.name, dict.fromkeys(TRANSPORTS))
    if layer is None:
        context.usable = False
        return
    typer.variables = False
    args = bind(typer, layer.params, over.args, f"`{layer.name}`", over.span, layer.name_span)
    typer.variables = True
    context.machine.below = Below(
        "machine",
        layer,
        {param.name: arg for param, arg in zip(layer.params, args, strict=True)},
        _frame(layer.emits.values()),
        _frame(layer.accepts),
        over.span,
    )


def _limits(typer: Typer, over: tree.Layer, kind: str) -> dict[str, Expr]:
    """What a transport is given: `max`, the octets of a datagram, if that is said."""
    most = (Param("max", Range(1, LONGEST), over.span, has_default=True, default=LONGEST),)
    typer.variables = False
    args = bind(typer, most if kind == "datagrams" else (), over.args, f"`{kind}`", over.span, None)
    typer.variables = True
    return {"max": args[0]} if over.args and args else {}


def _frame(things: Iterable[_Crossing]) -> _Crossing | None:
    """The first with exactly one parameter, of bytes."""
    return next((one for one in things if [p.type for p in one.params] == [BYTES]), None)


def find_machine(
    context: Context, name: tree.Name, others: dict[str, Span | None]
) -> Machine | None:
    """The machine of that name; None, and a diagnostic, if there is none."""
    thing = context.names.things.get(name.text)
    if isinstance(thing, Machine):
        return thing
    if not isinstance(thing, Unknown):
        kind = context.names.kind(name.text)
        context.report.undefined(
            "PG105",
            f"`{name.text}` is {kind}, not a machine"
            if kind
            else f"no machine is named `{name.text}`",
            name,
            "not a machine",
            context.names.of(Machine) | others,
        )
    return None


def resolve_faces(context: Context) -> None:
    """Resolves `receives`, `sends`, `accepts` and `emits`."""
    machine = context.machine
    written = [one for one in context.tree.members if isinstance(one, tree.Face)]
    by_kind = {
        kind: [event for face in written if face.kind == kind for event in face.events]
        for kind in ("receives", "sends", "accepts", "emits")
    }
    faces = _Faces(context)
    emitted = [faces.emit(event) for event in by_kind["emits"]]
    for output, event in zip(emitted, by_kind["emits"], strict=True):
        faces.add_output(machine.emits, output, event.name)
    for event in (*by_kind["receives"], *by_kind["sends"]):
        if event.call is not None:
            faces.no_call(event.call)
    received = [faces.add_event(faces.receive(event), event) for event in by_kind["receives"]]
    machine.receives = tuple(event for event in received if event is not None)
    accepted = [faces.add_event(faces.accept(event), event) for event in by_kind["accepts"]]
    machine.accepts = tuple(event for event in accepted if event is not None)
    answers = {name for event in machine.accepts for name in event.answered_by}
    for event in by_kind["emits"]:
        call = event.call
        if call is not None and (call.text != "unasked" or event.name.text not in answers):
            faces.no_call(call)
    if context.usable:
        for event in by_kind["sends"]:
            faces.add_output(machine.sends, faces.send(event), event.name)


def finish_events(context: Context) -> None:
    """Adds the events that need no declaration behind those that are declared."""
    events = context.machine.events
    for name, event in built_in_events(context.machine.name_span).items():
        events.setdefault(name, event)


def receive_in_state(context: Context, name: tree.Name) -> Event | None:
    """An event in the `receives` of a state, which the machine's own may not name."""
    known = context.machine.events.get(name.text)
    if known is not None and known.origin in ("below", "built_in"):
        return known
    faces = _Faces(context)
    written = tree.Event(name, None, None, [], name.span)
    event = faces.receive(written)
    return faces.add_event(event, written) if event is not None else None


class _Faces:
    """Resolves one event of a face at a time."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.report = context.report
        self.machine = context.machine
        self.below = context.machine.below

    # ------------------------------------------------------------ adding

    def add_event(self, event: Event | None, written: tree.Event) -> Event | None:
        """Adds an event to the machine; None if it is none, or one of its name is there."""
        name = written.name
        if event is None:
            self.context.events.refused.add(name.text)
            return None
        if event.name in BUILT_IN_EVENTS:
            if written.params is not None or event.origin == "above":
                self.report.error(
                    "PG104",
                    f"`{name.text}` is an event of every machine",
                    name.span,
                    "cannot be declared anew",
                    help=f"give it another name, or write `on {name.text}` without declaring it",
                )
            return None
        first = self.machine.events.get(event.name)
        if first is not None:
            self.report.duplicate(name, "events", first.span)
            return None
        self.machine.events[event.name] = event
        return event

    def add_output(
        self, outputs: dict[str, Output], output: Output | None, name: tree.Name
    ) -> None:
        """Adds something that goes out."""
        if output is None:
            self.context.events.refused.add(name.text)
            return
        first = outputs.get(output.name)
        if first is not None:
            self.report.duplicate(name, "events", first.span)
        else:
            outputs[output.name] = output

    # ------------------------------------------------------------ above

    def accept(self, written: tree.Event) -> Event:
        """What the application, or the machine above, asks for."""
        params, by = self._own(written)
        answers = []
        for name in written.answered_by:
            if name.text in self.machine.emits:
                answers.append(name.text)
            else:
                self.report.undefined(
                    "PG102",
                    f"`{self.machine.name}` emits nothing named `{name.text}`",
                    name,
                    "not in `emits`",
                    {output.name: output.span for output in self.machine.emits.values()},
                )
        name = written.name
        if written.call is not None and (written.call.text == "unasked" or not answers):
            self.no_call(written.call)
        return Event(
            name.text,
            params,
            "above",
            name.span,
            by=by,
            answered_by=tuple(answers),
            cancel_closes=written.call is not None,
        )

    def emit(self, written: tree.Event) -> Output:
        """What the machine tells the application, or the machine above."""
        params, by = self._own(written)
        unasked = written.call is not None and written.call.text == "unasked"
        return Output(written.name.text, params, "emits", written.name.span, by=by, unasked=unasked)

    def no_call(self, said: tree.Name) -> None:
        """Said of something that is no call, or no answer to one."""
        title = "only an emission that answers calls may say `unasked`"
        if said.text != "unasked":
            title = f"only an event that is `answered by` others may say `{said.text}`"
        self.report.error("PG102", title, said.span, "says how a call is answered")

    def _own(self, written: tree.Event) -> tuple[tuple[Param, ...], Param | None]:
        """Parameters as declared; those of the message where only its name is given."""
        name = written.name.text
        if written.params is None:
            message = self.context.names.message(name)
            if message is not None:
                return message.params, message.by
        params = resolve_params(self.context.typer, written.params or [])
        return params, resolve_by(self.context.typer, written.by, params, f"`{name}`")

    # ------------------------------------------------------------ below

    def receive(self, written: tree.Event) -> Event | None:
        """What comes from the layer below."""
        name, below = written.name, self.below
        if name.text in BUILT_IN_EVENTS:
            return built_in_events(name.span)[name.text]
        if not self.context.usable:
            return None
        if below is not None and below.machine is not None:
            emitted = below.machine.emits.get(name.text)
            if emitted is not None:
                event = heard(emitted, name.span)
                self._redeclared(written, event)
                return event
            if written.params is not None:
                self._nothing_below(name, below.machine, "PG102")
                return None
        if written.params is not None:
            params, by = self._own(written)
            return Event(name.text, params, "below", name.span, by=by)
        message = self.context.names.message(name.text)
        if message is not None:
            self._check_decoded(message, name)
            decoded = message if below is not None else None
            return Event(
                name.text, message.params, "below", name.span, by=message.by, message=decoded
            )
        if below is None:
            return Event(name.text, (), "below", name.span)
        if below.machine is not None:
            self._nothing_below(name, below.machine, "PG102")
            return None
        if name.text == "data":
            return raw_data(name.span)
        self._no_message(name)
        return None

    def send(self, written: tree.Event) -> Output | None:
        """What goes to the layer below."""
        name, below = written.name, self.below
        message = self.context.names.message(name.text) if written.params is None else None
        if message is not None:
            self._check_printed(message, name)
            printed = message if below is not None else None
            return Output(
                name.text, message.params, "sends", name.span, by=message.by, message=printed
            )
        if below is not None and below.machine is not None:
            accepted = accepted_below(self.machine, name.text)
            if accepted is None:
                self._nothing_below(name, below.machine, "PG305")
                return None
            self._redeclared(written, accepted)
            return Output(name.text, accepted.params, "sends", name.span, by=accepted.by)
        if below is not None and written.params is None:
            self._no_message(name)
            return None
        params, by = self._own(written)
        if below is not None and [param.type for param in params] != [BYTES]:
            self.report.error(
                "PG305",
                f"`{name.text}` cannot go out over {below.kind}",
                written.span,
                "neither a message nor one `bytes`",
                help=f"write `message {name.text}(…) = …`, or declare `{name.text}(data: bytes)`",
            )
        return Output(name.text, params, "sends", name.span, by=by)

    def _redeclared(self, written: tree.Event, there: Event | Output) -> None:
        """What is declared again must agree, and may have names of its own."""
        if written.params is None:
            return
        params, by = self._own(written)
        same = len(params) == len(there.params) and all(
            fits(mine.type, theirs.type) for mine, theirs in zip(params, there.params, strict=True)
        )
        if same:
            pairs = zip(params, there.params, strict=True)
            there.by = by or next((mine for mine, theirs in pairs if theirs is there.by), None)
            there.params = params
            return
        names = ", ".join(f"{param.name}: {param.type}" for param in there.params)
        self.report.error(
            "PG107",
            f"`{there.name}` has other parameters in the layer below",
            written.span,
            "declared otherwise here",
            [Label(there.span, f"there it is `{there.name}({names})`")],
            help=f"write `{there.name}` without parameters",
        )

    # ------------------------------------------------------------ what is wrong

    def _check_decoded(self, message: Message, name: tree.Name) -> None:
        below = self.below
        if below is None:
            return
        if below.machine is not None and below.frame is None:
            self.report.error(
                "PG102",
                f"`{below.machine.name}` emits nothing that `{name.text}` can be decoded from",
                name.span,
                "a message, to be decoded",
                [Label(below.machine.name_span, "emits nothing with one `bytes` parameter")],
            )
        self._check_pattern(message, name)

    def _check_printed(self, message: Message, name: tree.Name) -> None:
        below = self.below
        if below is None:
            return
        if below.machine is not None and below.accepts_frame is None:
            self.report.error(
                "PG305",
                f"`{below.machine.name}` accepts nothing to send `{name.text}` in",
                name.span,
                "a message, to be printed",
                [Label(below.machine.name_span, "accepts nothing with one `bytes` parameter")],
            )
        self._check_pattern(message, name)

    def _check_pattern(self, message: Message, name: tree.Name) -> None:
        if message.pattern is None:
            self.report.error(
                "PG316",
                f"`{message.name}` crosses the wire and has no pattern",
                message.name_span,
                "nothing says what it looks like",
                [Label(name.span, "crosses the wire here")],
                help=f"write `message {message.name}{'(…)' if message.params else ''} = …`",
            )

    def _nothing_below(self, name: tree.Name, layer: Machine, code: str) -> None:
        receives = code == "PG102"
        found: dict[str, Span | None]
        if receives:
            found = {output.name: output.span for output in layer.emits.values()}
        else:
            found = {event.name: event.span for event in layer.accepts}
        self.report.undefined(
            code,
            f"`{layer.name}` {'emits' if receives else 'accepts'} no `{name.text}`, "
            "and no message is named so",
            name,
            f"neither a message nor what `{layer.name}` {'emits' if receives else 'accepts'}",
            found | self.context.names.of(Message),
        )

    def _no_message(self, name: tree.Name) -> None:
        kind = self.context.names.kind(name.text)
        self.report.undefined(
            "PG102",
            f"`{name.text}` is {kind}, not a message"
            if kind
            else f"no message is named `{name.text}`",
            name,
            "not a message",
            {} if kind else self.context.names.of(Message),
            help=f"declare it: `message {name.text} = …`",
        )
