"""A machine as a Python class: one method an event, one an answer, one stub a handler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protogen_fsm.backends.python import instances, layout, straight
from protogen_fsm.backends.python.chained import in_order
from protogen_fsm.backends.python.deeds import begun, frame_taker
from protogen_fsm.backends.python.events import Events
from protogen_fsm.backends.python.expressions import Scope, declared, expression, state_slot
from protogen_fsm.backends.python.names import TIMEOUT, annotation
from protogen_fsm.backends.python.parts import Method
from protogen_fsm.backends.python.plain import plain_step
from protogen_fsm.backends.python.states import NEVER, entering, history_slot
from protogen_fsm.backends.python.uses import is_decoded, raw_frame, skips_raw
from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model import moves, table
from protogen_fsm.model.types import ListOf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.model.types import Param


@dataclass(slots=True)
class MachineView:
    """A class, ready to be printed."""

    name: str
    base: str
    doc: list[str]
    slot_lines: list[str]
    tables: list[str]
    methods: list[list[str]]
    step_tables: list[str]


class Writer(Events):
    """Writes one machine."""

    __slots__ = ()

    def view(self) -> MachineView:
        """The whole class."""
        machine = self.machine
        base = "Machine"
        if machine.below is not None and machine.below.kind != "machine":
            base = "StreamMachine" if machine.below.kind == "bytes" else "DatagramMachine"
        elif self.held:
            base = "Instance"
        if self.facts.chained:
            base = "Chained" if base == "Machine" else f"Chained, {base}"
        if self.facts.urgent:
            base = "Urgent" if base == "Machine" else f"Urgent, {base}"
        if machine.many:
            base = "Host" if base == "Machine" else f"Host, {base}"
        if machine.secures:
            base = "Secures" if base == "Machine" else f"Secures, {base}"
        constructor = self._constructor()
        for event in machine.events.values():
            self._event(event)
            if event.name in self.asked:
                self._question_from_above(event)
        if self.facts.timed:
            self._timeouts()
        for region in self.regions:
            if region.name in self.facts.timed_regions:
                self._region_timeouts(region)
        leaving = [*self._forgetting(), *self._leaving()]
        frames = self._frames()
        emits = []
        if not self.library:
            emits = [self._emission(output) for output in machine.emits.values()]
        questions = [self._question(question) for question in machine.questions.values()]
        questions += [
            instances.maker(many, self.where(many.span)) for many in machine.many.values()
        ]
        stubs = [self._stub(name, *about) for name, about in self.stubs.items()]
        run = straight.method(self)
        self.runs = run is not None
        frames = [*([] if run is None else [run]), *frames]
        methods = [constructor, *frames, *self.methods, *self.settle_methods, *leaving]
        slots = [*(["_was_left"] if self.facts.urgent else []), *self._slots()]
        slots += ["_is_reply"] if self.facts.counts else []
        slots += ["_finishing"] if self.facts.chained else []
        return MachineView(
            name=machine.name,
            base=base,
            doc=layout.render(layout.docstring(self._doc(), 4), 4),
            slot_lines=layout.render(
                layout.table("__slots__ = ", [f'"{s}"' for s in slots], "()"), 4
            ),
            tables=layout.render(self._tables(), 4),
            methods=[m.lines() for m in (*methods, *stubs, *questions, *emits)],
            step_tables=[
                line
                for name, entries in self.step_tables
                for line in layout.render(layout.table(f"{name} = ", entries), 4)
            ],
        )

    def _doc(self) -> str:
        doc = self.machine.doc or f"The machine {self.machine.name}."
        return f"{doc}\n\n{self.where(self.machine.span)}"

    def _tables(self) -> list[str]:
        machine, lines = self.machine, []
        lines += [f'_role = "{machine.name}"']
        inner = [one for region in self.regions for one in moves.leaves_of(region.states)]
        paths = [
            f'"{leaf.name}": {_tuple(s.name for s in leaf.around())}'
            for leaf in (*self.leaves, *inner)
        ]
        lines += layout.table("_paths = ", paths)
        faces = {"below": "below", "above": "above"}
        events = [
            event
            for event in machine.events.values()
            if event.name != "secured" or any(self._groups(event, r) for r in (None, *self.regions))
        ]
        alphabet = [f'"{e.name}": "{faces.get(e.origin, "")}"' for e in events]
        if self.facts.timed or self.facts.timed_regions:
            alphabet.append(f'"{TIMEOUT}": ""')
        lines += layout.table("_alphabet = ", alphabet)
        rows = [
            "Row(" + ", ".join(f'"{part}"' for part in _spoken(row)) + ")"
            for row in self.wired.values()
        ]
        lines += layout.table("_rows = ", rows, "()")
        by = [
            f'"{event.name}": {event.params.index(event.by)}'
            for event in machine.events.values()
            if event.by is not None
        ]
        if by and not self.library:
            lines += layout.table("_by = ", by)
        if self.received_by_state:
            lines += layout.table("_received = ", self.received_by_state)
        if self.facts.urgent:
            lines += layout.table("_urgent = ", list(self._urgent()))
        straight = list(self._straight())
        if self.runs:
            lines.append("_runs = True")
        if straight:
            lines += layout.table("_straight = ", straight)
        for shown, name in self.facts.readings.items():
            lines += layout.assignment(name, shown)
        for name, entries in self.move_tables:
            lines += layout.table(f"{name} = ", entries)
        if machine.otherwise != "error":
            lines.append(f'_otherwise = "{machine.otherwise}"')
        if self.regions:
            lines += layout.assignment("_regions", _tuple(region.name for region in self.regions))
        if self.secured:
            lines.append(f'_begins = "{machine.initial().name}"')
        if machine.depth != 32 and "_stack" in self._places():
            lines.append(f"_depth = {machine.depth}")
        failed = machine.events.get("failed")
        takes = [
            leaf
            for leaf in self.leaves
            if failed is not None and any(table.rows(one, failed) for one in (leaf, *leaf.leaves()))
        ]
        if takes:
            names = [f'"{leaf.name}"' for leaf in takes]
            lines += layout.call("_takes_failed = frozenset", [f"{{{', '.join(names)}}}"])
        if machine.many:
            lines.append(f"_many = {_tuple(machine.many)}")
        finals = [f'"{leaf.name}"' for leaf in self.leaves if leaf.final]
        if self.held and finals:
            lines += layout.call("_finals = frozenset", [f"{{{', '.join(finals)}}}"])
        if self.facts.chained:
            names = [
                f'"{name}"'
                for name in self._slots()
                if name not in {"_left", *machine.many, *(param.name for param in machine.params)}
            ]
            lines += layout.table("_variables = ", names, "()")
            grown = [f'"{name}"' for name in sorted(self.facts.grown)]
            if grown:
                lines += layout.table("_lists = ", grown, "()")
        return lines

    def _straight(self) -> Iterable[str]:
        """The states in which a frame of the stream is told as it is, and nothing else happens."""
        below, event = self.machine.below, self.machine.events.get("data")
        is_stream = below is not None and below.kind == "bytes" and not is_decoded(self.machine)
        if event is None or not is_stream or self.facts.chained or not self._is_bare(event):
            return
        for leaf in self.leaves:
            row = next(iter(table.entries(leaf, event)), None)
            if not isinstance(row, mc.Transition) or row.guard or row.branches[0].target:
                continue
            match row.branches[0].actions:
                case (mc.Emit(output=output, args=(ex.Local(scope="event", name=name),)),):
                    if (name,) == tuple(row.names) and output.name not in self.facts.answers:
                        yield f'"{leaf.name}": "{output.name}"'

    def _urgent(self) -> Iterable[str]:
        """To each innermost state what goes ahead of a handler there."""
        for leaf in self.leaves:
            matches = [match for state in leaf.around() for match in state.urgent]
            names = [
                "*" if match.event is None else match.value or match.event.name for match in matches
            ]
            if names:
                yield f'"{leaf.name}": {_tuple(dict.fromkeys(names))}'

    def _constructor(self) -> Method:
        machine, scope = self.machine, Scope(encoder=self.encoder)
        params = ["self", *map(declared, machine.params)]
        body: list[str] = []
        below = machine.below
        if below is not None and below.machine is not None:
            given = Scope(is_made=True)
            args = [f"{name}={expression(value, given)}" for name, value in below.args.items()]
            layer = f"{below.machine.name}({', '.join(args)})"
            body += layout.call("super().__init__", [layer])
        elif self.held:
            params += ["*", "below: Place | None = None"]
            body.append("super().__init__(below)")
        else:
            body.append("super().__init__()")
            body += _longest(below)
            if below is None and machine.sends:
                body.append("self.below = Outlet(self.wire)")
        body += [f"self.{param.name} = {param.name}" for param in machine.params]
        for variable in machine.variables.values():
            value = (
                _unset(variable)
                if variable.initial is None
                else expression(variable.initial, scope)
            )
            body += layout.assignment(f"self.{variable.name}: {annotation(variable.type)}", value)
        for many in machine.many.values():
            body += instances.attribute(machine, many, frame_taker(machine))
        body += [
            f"self.{state_slot(state.name, param.name)}: "
            f"{annotation(param.type)} = {_nothing(param)}"
            for state in machine.every_state()
            for param in state.params
        ]
        body += [f'self.{region.name} = ""' for region in self.regions]
        body += [
            f'self.{history_slot(state)} = "{state.first().name}"'
            for state in machine.every_state()
            if state in self.moves.histories
        ]
        if "_stack" in self._places():
            body.append("self._stack: object = None")
        if self.regions:
            body.append("self._left = False")
        if self.facts.counts:
            body.append("self._is_reply = False")
        body += self._beginning(scope)
        if below is not None and below.machine is not None and _tells_at_once(below.machine):
            body.append("self._next()")
        return Method(layout.call("def __init__", params, 0, " -> None:"), body)

    def _beginning(self, scope: Scope) -> list[str]:
        """A new machine enters its initial state; most do nothing by that."""
        found = self.moves.beginning()
        entered = found[0]
        assert isinstance(entered, moves.Enter)
        plainly = [
            line
            for line in entering(self.facts, entered, scope)
            if line not in ("self._recall()", f"self._due = {NEVER}")
        ]
        if len(found) == 1:
            return plainly
        taken = {"self", "told", *(param.name for param in self.machine.params)}
        if self.facts.chained:
            thens = self._thens(found, "_then")
            rest = in_order(self.facts, found[1:], scope, taken, thens)
            if all(isinstance(deed, moves.Enter) for deed in found):
                return [*plainly, *rest]
            return [*plainly, *begun(self.facts, None), *rest, "self._finish()"]
        rest = plain_step(self.facts, found[1:], scope, taken)
        comes_back = any("self._tell(" in line for line in rest)  # events wait until all is told
        return [*plainly, *(["self._busy = True"] if comes_back else []), *rest]

    def _forgetting(self) -> list[Method]:
        """What is `scope layer` goes back to its first value."""
        body: list[str] = []
        for variable in self.machine.variables.values():
            if variable.forgotten and variable.initial is not None:
                value = expression(variable.initial, Scope(encoder=self.encoder))
                body += layout.assignment(f"self.{variable.name}", value)
        head = ["def _forget(self) -> None:", '    """TLS begins: what is `scope layer` ends."""']
        return [Method(head, body)] if body else []

    def _leaving(self) -> list[Method]:
        """What leaving a state with regions does, whichever states these are in."""
        found: list[Method] = []
        states = dict.fromkeys(region.state for region in self.regions)
        for region in self.regions:
            ways = [(leaf, deeds) for leaf, deeds in self.moves.leaving(region) if deeds]
            body: list[str] = []
            for at, (leaf, deeds) in enumerate(ways):
                keyword = "elif" if at else "if"
                body.append(f'{keyword} self.{region.name} == "{leaf.name}":')
                done = in_order(self.facts, deeds, Scope(encoder=self.encoder), {"self"}, {})
                body += layout.indented(done)
            if region.name in self.facts.timed_regions:
                body.append(f'self._stop("{region.name}")')
            body.append(f'self.{region.name} = ""')
            head = [f"def _leave_{region.name}(self) -> None:"]
            head += layout.indented(layout.docstring(self.where(region.span), 8))
            found.append(Method(head, body))
        for state in states:
            head = [f"def _leave_{state.name}(self) -> None:"]
            head += layout.indented(layout.docstring(self.where(state.span), 8))
            body = [f"self._leave_{region.name}()" for region in reversed(state.regions)]
            found.append(Method(head, [*body, "self._left = True"]))
        return found

    def _unread(self, frame: mc.Output | None) -> list[Method]:
        """What the layer below hands up, where nothing at all is received."""
        if frame is None or frame.name in self.machine.events:
            return []
        param = frame.params[0].name
        head = layout.call(f"def {frame.name}", ["self", f"{param}: bytes"], 0, " -> None:")
        doc = '    """Nothing is received: it fits no message."""'
        return [Method([*head, doc], [f'self.malformed({param}, "no message")'])]

    def _frames(self) -> list[Method]:
        """The event of the layer below that is decoded into this machine's messages."""
        below = self.machine.below
        if below is None:
            return []
        inner = [
            leaf
            for region in self.regions
            for leaf in moves.leaves_of(region.states)
            if any(state.receives is not None for state in moves.within(leaf))
        ]
        restricted = [leaf for leaf in self.leaves if table.receives(leaf) is not None] + inner
        if not is_decoded(self.machine):
            return self._unread(below.frame)
        frame = below.frame.name if below.frame is not None else "data"
        param = below.frame.params[0].name if below.frame is not None else "octets"
        default = self._received_as(self.machine.receives)
        chosen = default
        lines: list[str] = []
        if restricted:
            entries = []
            for leaf in restricted:
                one = self._received_as(table.receives(leaf) or ())
                entries.append(f'"{leaf.name}": {one}')
            self.received_by_state = entries
            chosen = f"self._received.get(self.state, {default})"
            named = {region.name: region for leaf in inner if (region := moves.region_of(leaf))}
            for name in reversed(named):
                chosen = f"(self._received.get(self.{name}) or {chosen})"
        lines = ["if self._busy:"]
        if self.facts.urgent:
            asked = layout.made("not self._hurry", [chosen, param])
            lines = layout.condition("if", ["self._busy", asked], "and", 0)
        lines += layout.call("return self._later", [f"self.{frame}", param], 4)
        if skips_raw(self.machine):
            raw = raw_frame(self.machine)
            assert raw is not None
            lines += layout.assignment("received", chosen)
            lines += ["if received is None:", f"    return self._on_{raw.name}({param})"]
            chosen = "received"
        elif chosen.startswith("("):  # by the state of some region
            lines += layout.assignment("received", chosen[1:-1])
            chosen = "received"
        lines += layout.call(f"event, args = {chosen}.event", [param])
        lines.append("getattr(self, event)(*args)")
        head = layout.call(f"def {frame}", ["self", f"{param}: bytes"], 0, " -> None:")
        head += layout.indented(
            layout.docstring("A frame from below; as an event it is the message it decodes to.", 8)
        )
        return [Method(head, lines)]

    def _received_as(self, listed: Iterable[mc.Event]) -> str:
        """What a frame is made into where these are received: a message, or the raw event."""
        messages = tuple(e.message for e in listed if e.message is not None)
        raw = raw_frame(self.machine)
        if raw is not None and not messages:
            return "None" if skips_raw(self.machine) else f'Raw("_on_{raw.name}")'
        return self.received(messages)


def _longest(below: mc.Below | None) -> list[str]:
    """How long a datagram may be, where the spec says so."""
    most = None if below is None else below.args.get("max")
    if most is None:
        return []
    return layout.assignment("self.wire.longest", expression(most, Scope(is_made=True)))


def _tells_at_once(machine: mc.Machine) -> bool:
    """Whether entering its first state emits something, or that of what it stands on."""
    below = None if machine.below is None else machine.below.machine
    if below is not None and _tells_at_once(below):
        return True
    return any(isinstance(deed, mc.Emit) for deed in moves.Moves(machine).beginning())


def _spoken(row: tuple[str, ...]) -> tuple[str, ...]:
    """A row's parts without the empty ones behind the last that says something."""
    while not row[-1]:
        row = row[:-1]
    return row


def _tuple(names: Iterable[str]) -> str:
    listed = [f'"{name}"' for name in names]
    return f"({', '.join(listed)}{',' if len(listed) == 1 else ''})"


def _unset(variable: mc.Variable) -> str:
    return _nothing(variable)


def _nothing(place: Param | mc.Variable) -> str:
    """What stands in a place before it is set: the empty value of its type."""
    if isinstance(place.type, ListOf):
        return "[]"
    shown = annotation(place.type)
    return {"str": '""', "bytes": 'b""', "int": "0", "bool": "False", "float": "0.0"}.get(
        shown, "None"
    )
