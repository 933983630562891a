"""Straight runs: a layer over bytes reads on in one loop while its frames are whole and usual.

What is not (half a frame, a malformed one, a row that is more than assignments and an emission) is
left where it stands, and the machine takes that frame as it takes any: so a run refuses nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protogen_fsm.backends.python import layout
from protogen_fsm.backends.python import messages as text
from protogen_fsm.backends.python.deeds import arguments
from protogen_fsm.backends.python.expressions import (
    expression,
    is_safe,
    literal,
    operands,
    state_slot,
)
from protogen_fsm.backends.python.names import annotation, unique
from protogen_fsm.backends.python.parts import Method
from protogen_fsm.backends.python.plain import in_two
from protogen_fsm.backends.python.states import reading_in
from protogen_fsm.backends.python.uses import is_decoded, raw_frame
from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model import moves, table
from protogen_fsm.model.messages import Slot, Text, Words
from protogen_fsm.model.types import BYTES, INT, Range

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.backends.python.expressions import Scope
    from protogen_fsm.backends.python.handlers import Handlers
    from protogen_fsm.model.messages import Message

_LOCALS = {
    "self",
    "data",
    "begun",
    "at",
    "size",
    "end",
    "stop",
    "digits",
    "int",
    "len",
    "reading",
    "state",
}


@dataclass(slots=True)
class Usual:
    """A state, and the event that a whole frame mostly is there, with the rows that take it."""

    state: mc.State
    reads: mc.Reading
    event: mc.Event
    shape: Shape
    rows: list[mc.Transition]


@dataclass(slots=True)
class Shape:
    """What a frame consists of: words, a field or none, and words; or a field alone."""

    before: bytes
    slot: Slot | None
    behind: bytes

    @property
    def is_number(self) -> bool:
        """Whether the field is a number in digits."""
        return self.slot is not None and self.slot.param.type != BYTES


def method(writer: Handlers) -> Method | None:
    """The loop, where it pays: where one frame says how the next is to be read."""
    states = _usual(writer)
    leads = any(
        (to := _target(writer, one.state, row)) is not None and to is not one.state
        for one in states
        for row in one.rows
        if _is_inlined(writer, one.state, row, [other.state for other in states])
    )
    if not leads:
        return None
    return _Run(writer, states).method()


# ---------------------------------------------------------------- what can be read on


def _usual(writer: Handlers) -> list[Usual]:
    """The states in which a run can take frames."""
    facts, machine = writer.facts, writer.machine
    below = machine.below
    if below is None or below.kind != "bytes" or not facts.library:
        return []
    if facts.chained or facts.timed or facts.defers or machine.many:
        return []
    found = [one for leaf in writer.leaves if (one := _usual_in(writer, leaf)) is not None]
    while True:
        states = [one.state for one in found]
        left = [
            one
            for one in found
            if any(_is_inlined(writer, one.state, row, states) for row in one.rows)
        ]
        if len(left) == len(found):
            return found
        found = left


def _usual_in(writer: Handlers, leaf: mc.State) -> Usual | None:
    reads = next((state.reads for state in leaf.around() if state.reads is not None), None)
    if reads is None or not _is_steady(writer, reads):
        return None
    machine = writer.machine
    listed = table.receives(leaf)
    listed = machine.receives if listed is None else listed
    events = [event for event in listed if event.message is not None]
    event: mc.Event | None
    if events:
        event, shape = _first_with_shape(events)
    else:
        event = raw_frame(machine) if is_decoded(machine) else machine.events.get("data")
        shape = Shape(b"", None, b"")
    if event is None or shape is None or event.by is not None or not writer._is_bare(event):
        return None
    if shape.is_number and reads.kind == "bytes":
        return None
    entries = table.entries(leaf, event)
    rows = [entry for entry in entries if isinstance(entry, mc.Transition)]
    if len(rows) != len(entries) or not rows:
        return None
    return Usual(leaf, reads, event, shape, rows)


def _is_steady(writer: Handlers, reads: mc.Reading) -> bool:
    """Whether the reading is one that a run can do, and stays as it was when it began."""
    names = {"line": {"end", "max"}, "until": {"delimiter", "max"}, "bytes": {"count"}}
    if set(reads.args) != names.get(reads.kind):
        return False
    parts = [part for arg in reads.args.values() for part in ex.walk(arg)]
    if reads.kind != "bytes":
        return all(isinstance(part, ex.Value) for part in parts)
    assigned = {
        (action.target.state, action.target.param.name)
        for state in writer.machine.every_state()
        for row in state.transitions
        for branch in row.branches
        for action in (*branch.actions, *state.entry, *state.exit)
        if isinstance(action, mc.Assign) and isinstance(action.target, mc.StateParam)
    }
    return all(
        isinstance(part, ex.Value)
        or (isinstance(part, ex.Op) and part.op in ("+", "-"))
        or (isinstance(part, ex.Local) and (part.state, part.name) not in assigned)
        for part in parts
    )


def _first_with_shape(events: list[mc.Event]) -> tuple[mc.Event | None, Shape | None]:
    """The first message that is simple enough, and that no message before it can be."""
    begins: list[bytes] = []
    for event in events:
        assert event.message is not None
        if not isinstance(event.message.pattern, Text):
            return None, None
        begin, shape = text.begins(event.message), _shape(event.message)
        if shape is not None and all(not _may_both_begin(begin, one) for one in begins):
            return event, shape
        begins.append(begin)
    return None, None


def _may_both_begin(one: bytes, other: bytes) -> bool:
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]


def _shape(message: Message) -> Shape | None:
    assert isinstance(message.pattern, Text)
    before, behind, slot = b"", b"", None
    for part in message.pattern.parts:
        if isinstance(part, Words):
            if part.ignore_case and part.text.upper() != part.text.lower():
                return None
            if slot is None:
                before += part.text.encode()
            else:
                behind += part.text.encode()
        elif isinstance(part, Slot) and slot is None and part.regex is None:
            slot = part
        else:
            return None
    if slot is None:
        return None
    type_ = slot.param.type
    if type_ == BYTES or ((type_ == INT or isinstance(type_, Range)) and not behind[:1].isdigit()):
        return Shape(before, slot, behind)
    return None


def _target(writer: Handlers, leaf: mc.State, row: mc.Transition) -> mc.State | None:
    deeds = writer.moves.deeds(leaf, row.branches[0])
    entered = [deed for deed in deeds if isinstance(deed, moves.Enter)]
    return entered[-1].state if entered else None


def _is_inlined(
    writer: Handlers, leaf: mc.State, row: mc.Transition, states: list[mc.State]
) -> bool:
    """Whether a run takes the row: nothing in it may fail but what is told at its end."""
    if row.has_outcomes or row.match.is_any or row.match.value:
        return False
    if row.guard is not None and not is_safe(row.guard):
        return False
    deeds = writer.moves.deeds(leaf, row.branches[0])
    plainly = (moves.Enter, mc.Assign, mc.Emit)
    if not all(isinstance(deed, plainly) for deed in deeds):
        return False
    if not all(is_safe(arg) for deed in deeds for arg in arguments(deed)):
        return False
    to = _target(writer, leaf, row)
    return to is None or to in states


# ---------------------------------------------------------------- the loop


@dataclass(slots=True)
class _Run:
    """The method as it comes to be. `held`: the parameters of its states, by slot, and its locals.

    State and parameters are locals; they are put back before anybody else can look at them.
    """

    writer: Handlers
    states: list[Usual]
    taken: set[str] = field(default_factory=lambda: set(_LOCALS))
    held: dict[str, str] = field(default_factory=dict)
    is_ambiguous: bool = False  # whether one name stands for values of different types

    def method(self) -> Method:
        """The whole of it."""
        self.is_ambiguous = self._is_ambiguous()
        for usual in self.states:
            for param in usual.state.params:
                slot = f"self.{state_slot(usual.state.name, param.name)}"
                self.held[slot] = unique(f"{usual.state.name}_{param.name}", self.taken)
        named = layout.listed("state in ", [f'"{at.state.name}"' for at in self.states])
        head = ["def _run(self, data: bytes) -> bool:"]
        doc = "Reads on while frames are whole and usual; whether there was one."
        head += layout.indented(layout.docstring(doc, 8))
        body = ["begun = at = self._at", "size = len(data)", "state = self.state"]
        body += [f"{name} = {slot}" for slot, name in self.held.items()]
        body.append("self._turn = False")
        body += layout.condition("while", [named], "and", 0)
        for usual in self.states:
            body += layout.indented(self._state(usual))
        body += ["if at != self._at:", "    self._at, self.state = at, state"]
        body += layout.indented(self._put_back())
        return Method(head, [*body, "return at > begun"])

    def _is_ambiguous(self) -> bool:
        machine = self.writer.machine
        params = [param for state in machine.every_state() for param in state.params]
        params += [param for one in self.states for param in one.event.params]
        params += [param for output in machine.emits.values() for param in output.params]
        typed = {(param.name, annotation(param.type)) for param in params}
        typed |= {(one.name, annotation(one.type)) for one in machine.variables.values()}
        return len(typed) > len({name for name, _ in typed})

    def _slots(self, one: Usual) -> dict[str, str]:
        slots = [f"self.{state_slot(one.state.name, p.name)}" for p in one.state.params]
        return {slot: self.held[slot] for slot in slots}

    def _in_locals(self, lines: Iterable[str]) -> list[str]:
        """The lines, with the state and the parameters of states as locals."""
        slots = "|".join(re.escape(slot) for slot in ("self.state", *self.held))
        names = {"self.state": "state", **self.held}
        found = re.compile(rf"(?:{slots})\b")
        return [found.sub(lambda one: names[one[0]], line) for line in lines]

    def _put_back(self) -> list[str]:
        """What is to be read in the state that the run ends in, and the parameters of that."""
        found: list[str] = []
        for at, one in enumerate(self.states):
            keyword = "if" if not at else "elif" if at < len(self.states) - 1 else "else"
            test = "" if keyword == "else" else f' state == "{one.state.name}"'
            found.append(f"{keyword}{test}:")
            found += [f"    {slot} = {name}" for slot, name in self._slots(one).items()]
            found.append(f"    self.read({self._reading(one)})")
        return found

    def _reading(self, one: Usual) -> str:
        scope = self.writer._scope(one.rows[0], None)
        return reading_in(self.writer.facts, one.state, one.reads, scope)

    def _state(self, one: Usual) -> list[str]:
        """What is done in a state: one frame is found, tested, and taken."""
        taken = self.taken if self.is_ambiguous else set(self.taken)
        params = [unique(param.name, taken) for param in one.event.params]
        value = params[0]
        tests, further = self._found(one)
        lines = [f"# {one.event.name}", *further]
        lines += [*layout.condition("if", tests, "or", 0), "    break"]
        shape = one.shape
        last = "end" if one.reads.kind != "bytes" else "stop"
        begin = f"at + {len(shape.before)}" if shape.before else "at"
        until = f"{last} - {len(shape.behind)}" if shape.behind else last
        spaced = " " if " " in begin or " " in until else ""
        field = f"data[{begin}{spaced}:{spaced}{until}]"
        if shape.is_number:
            assert shape.slot is not None
            lines += [f"digits = {field}", "if not digits.isdigit():", "    break"]
            lines.append(f"{value} = int(digits)")
            if isinstance(shape.slot.param.type, Range):
                lines += _refused(value, shape.slot.param.type)
        else:
            lines.append(f"{value} = {field}")
            if one.reads.kind == "line":
                tests = [f"{literal(sign)} in {value}" for sign in (b"\r", b"\n")]
                lines += [*layout.condition("if", tests, "or", 0), "    break"]
        lines += self._rows(one, params, taken)
        return [f'if state == "{one.state.name}":', *layout.indented(lines)]

    def _found(self, one: Usual) -> tuple[list[str], list[str]]:
        """What is false of a whole frame of the usual kind, and the lines before the test."""
        before, behind = one.shape.before, one.shape.behind
        least = len(before) + len(behind)
        if one.reads.kind == "bytes":
            scope = self.writer._scope(one.rows[0], None)
            count = expression(one.reads.args["count"], scope)
            there = f"not at + {least} <= stop <= size" if least else "not at < stop <= size"
            stop = self._in_locals([f"stop = at + {layout.plain(count)}"])
            return [there, *_unlike(before, behind, "stop")], stop
        sign, most = _end(one.reads), one.reads.args["max"]
        assert isinstance(most, ex.Value)
        assert isinstance(most.value, int)
        within = most.value + (len(sign) if one.reads.kind == "until" else 0)
        if one.shape.is_number:
            assert one.shape.slot is not None
            digits = _digits(one.shape.slot)
            within = min(within, len(before) + digits + len(behind) + len(sign))
        finds = f"end = data.find({literal(sign)}, at, at + {within})"
        return [f"end < at + {least}" if least else "end < 0", *_unlike(before, behind, "end")], [
            finds
        ]

    def _rows(self, one: Usual, params: list[str], taken: set[str]) -> list[str]:
        """The rows, in order; where none that is plain applies the run is over."""
        states = [other.state for other in self.states]
        lines: list[str] = []
        keyword = "if"
        for row in one.rows:
            inlined = _is_inlined(self.writer, one.state, row, states)
            inside = self._step(one, row, params, taken) if inlined else ["break"]
            if row.guard is None or not is_safe(row.guard):
                if keyword == "if":
                    return [*lines, *inside]
                return [*lines, "else:", *layout.indented(inside)]
            guard, operator = operands(row.guard, self._scope(one, row, params))
            lines += self._in_locals(layout.condition(keyword, guard, operator, 0))
            lines += layout.indented(inside)
            keyword = "elif"
        return [*lines, "else:", "    break"]

    def _scope(self, one: Usual, row: mc.Transition, params: list[str]) -> Scope:
        scope = self.writer._scope(row, one.event)
        called = {p.name: name for p, name in zip(one.event.params, params, strict=True)}
        scope.event = {key: called[name] for key, name in scope.event.items()}
        return scope

    def _step(
        self, one: Usual, row: mc.Transition, params: list[str], taken: set[str]
    ) -> list[str]:
        scope = self._scope(one, row, params)
        own = taken if self.is_ambiguous else set(taken)
        scope.told = unique("told", own)
        found = self.writer.moves.deeds(one.state, row.branches[0])
        changes, telling = in_two(self.writer.facts, found, scope, own, reads=False)
        changes, telling = self._in_locals(changes), self._in_locals(telling)
        behind = self._behind(one)
        if not telling:
            return [*changes, f"at = {behind}"]
        to = _target(self.writer, one.state, row) or one.state
        entered = next(other for other in self.states if other.state is to)
        reading = self._reading(entered)
        slots = self._slots(entered)
        lines = [line for line in changes if not line.startswith("state = ")]
        lines += [f"self._at = at = {behind}", f'self.state = state = "{to.name}"']
        lines += [f"{slot} = {name}" for slot, name in slots.items()]
        again = [f"self.read({reading})", "self._turn = False"]
        if reading.startswith("self."):
            lines += [f"if self._reads is not {reading}:", *layout.indented(again)]
        else:
            lines += again
        lines += [*telling, "if self._turn:", "    return True"]
        back = [f"{name} = {slot}" for slot, name in slots.items()]
        return [*lines, "state = self.state", *back]

    def _behind(self, one: Usual) -> str:
        """Where the next frame begins."""
        return "stop" if one.reads.kind == "bytes" else f"end + {len(_end(one.reads))}"


def _end(reads: mc.Reading) -> bytes:
    """What a frame ends with that is cut off."""
    found = reads.args["end" if reads.kind == "line" else "delimiter"]
    assert isinstance(found, ex.Value)
    return found.value.encode() if isinstance(found.value, str) else bytes(found.value)  # type: ignore[call-overload]


def _unlike(before: bytes, behind: bytes, last: str) -> Iterable[str]:
    if len(before) == 1:
        yield f"data[at] != {before[0]}"
    elif before:
        yield f"data[at : at + {len(before)}] != {literal(before)}"
    if behind:
        yield f"data[{last} - {len(behind)} : {last}] != {literal(behind)}"


def _digits(slot: Slot) -> int:
    """How many digits the number has at the most."""
    type_ = slot.param.type
    if isinstance(type_, Range):
        return max(len(str(abs(type_.low))), len(str(abs(type_.high))))
    return text.DIGITS


def _refused(value: str, type_: Range) -> list[str]:
    """A number of digits that is not in its range."""
    if type_.low > 0:
        return [f"if not {type_.low} <= {value} <= {type_.high}:", "    break"]
    return [f"if {value} > {type_.high}:", "    break"]
