"""What a picture of a machine shows: boxes with rows, and arrows between them, as ready words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protogen_fsm.model import words
from protogen_fsm.model.machine import Goto, Pop

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from protogen_fsm.model.machine import (
        Action,
        Branch,
        Machine,
        Match,
        Region,
        State,
        Target,
        Transition,
    )

ARROW = "->"


@dataclass(slots=True)
class Row:
    """A transition with one of its outcomes. `trigger` may be `entry`, `exit`."""

    trigger: str
    guard: str = ""
    outcome: str = ""
    target: str = ""
    actions: tuple[str, ...] = ()
    tip: str = ""
    timed: bool = False

    def __str__(self) -> str:
        return "".join(
            (
                self.trigger,
                f" when {self.guard}" if self.guard else "",
                f" | {self.outcome}" if self.outcome else "",
                f" {ARROW} {self.target}" if self.target else "",
                f" / {', '.join(self.actions)}" if self.actions else "",
            )
        )


@dataclass(slots=True)
class Arrow:
    """All rows that lead from one state to another, the timed ones apart."""

    tail: Box
    head: Box
    timed: bool
    rows: list[Row]
    onward: bool = False  # the way a run goes that meets no obstacle


@dataclass(slots=True)
class Part:
    """The states of a region, or of a composite state without regions (then it has no name)."""

    key: str
    name: str
    doc: str
    parent: Box | None
    boxes: list[Box]
    entered: bool  # whether to show where one arrives

    @property
    def first(self) -> Box:
        """The state in which one arrives."""
        return next((box for box in self.boxes if box.initial), self.boxes[0])


@dataclass(slots=True)
class Box:
    """A state: what is written into it, and what is drawn inside."""

    key: str
    everywhere: str  # the key of what a composite state says for all the states inside it
    title: str
    doc: str
    initial: bool
    final: bool
    part: Part
    traits: list[str] = field(default_factory=list)  # what it reads, ignores, defers
    rows: list[Row] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def holds(self, other: Box) -> bool:
        """Whether `other` is the state itself or inside it."""
        box: Box | None = other
        while box is not None and box is not self:
            box = box.part.parent
        return box is self

    def leaves(self) -> list[Box]:
        """The innermost states, itself if it is one."""
        if not self.parts:
            return [self]
        return [leaf for part in self.parts for box in part.boxes for leaf in box.leaves()]


@dataclass(slots=True)
class View:
    """A machine as it is drawn."""

    title: str
    doc: str
    notes: list[str]
    top: Part
    arrows: list[Arrow]
    size: int  # states and arrows


def plain(text: str) -> str:
    """Words of the spec on one line, without what does not print."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def view(machine: Machine, reserved: frozenset[str] = frozenset()) -> View:
    """What the picture of `machine` shows; no key is, in lower case, one of the `reserved`."""
    drawn = _Drawing(machine, reserved)
    return View(
        _title(machine),
        plain(machine.doc),
        _notes(machine),
        drawn.top,
        drawn.arrows,
        len(drawn.boxes) + len(drawn.arrows),
    )


def _title(machine: Machine) -> str:
    names = [words.signature(machine.name, machine.params)]
    below = machine.below
    while below is not None:
        names.append(below.machine.name if below.machine else below.kind)
        below = below.machine.below if below.machine else None
    return " over ".join(names)


def _notes(machine: Machine) -> list[str]:
    notes = [f"timer {t.name} = {words.seconds(t.duration)}" for t in machine.timers.values()]
    notes += [
        f"many {m.name}: {words.call(m.machine.name, m.args)} by {m.by}, at most {m.limit}"
        for m in machine.many.values()
    ]
    if machine.otherwise != "error":
        notes.append(f"otherwise {machine.otherwise}")
    return notes


class _Drawing:
    """Collects boxes and arrows; a state is known by its place among `machine.every_state()`."""

    def __init__(self, machine: Machine, reserved: frozenset[str]) -> None:
        self.reserved = reserved
        self.boxes: dict[int, Box] = {}
        self.keys: set[str] = set()
        self.arrows: list[Arrow] = []
        self.bundles: dict[tuple[str, str, bool], Arrow] = {}
        self.top = self._part(machine.name, "", "", machine.states, None)
        self.top.entered = True
        self.states = machine.every_state()
        for state in self.states:
            self._rows(state)
        for arrow in self.arrows:
            _arrive(arrow.head)
        for part in self._parts(self.top):
            if part.entered:
                _arrive(part.first)

    def _parts(self, part: Part) -> Iterable[Part]:
        yield part
        for box in part.boxes:
            for inner in box.parts:
                yield from self._parts(inner)

    def _part(
        self, key: str, name: str, doc: str, states: Sequence[State], parent: Box | None
    ) -> Part:
        part = Part(self._key(f"in_{key}"), name, plain(doc), parent, [], entered=bool(name))
        part.boxes += [self._box(state, part) for state in states]
        return part

    def _box(self, state: State, part: Part) -> Box:
        title = words.signature(state.name, state.params)
        key = self._key(state.name)
        everywhere = self._key(f"{key}_any_state") if state.is_composite else key
        doc = plain(state.doc)
        box = Box(key, everywhere, title, doc, state.initial, state.final, part)
        self.boxes[id(state)] = box
        if state.states:
            box.parts.append(self._part(key, "", "", state.states, box))
        for region in state.regions:
            box.parts.append(self._region(region, box))
        return box

    def _region(self, region: Region, box: Box) -> Part:
        return self._part(f"{box.key}_{region.name}", region.name, region.doc, region.states, box)

    def _key(self, name: str) -> str:
        key, number = name, 2
        while key in self.keys or key.lower() in self.reserved:
            key, number = f"{name}_{number}", number + 1
        self.keys.add(key)
        return key

    def _rows(self, state: State) -> None:
        box = self.boxes[id(state)]
        if state.reads:
            box.traits.append(f"reads {words.reading(state.reads)}")
        if state.receives is not None:
            box.traits.append(f"receives {', '.join(e.name for e in state.receives)}")
        if state.entry:
            box.rows.append(_row("entry", actions=state.entry))
        if state.exit:
            box.rows.append(_row("exit", actions=state.exit))
        if state.entry_target:
            self._lead(state, state.entry_target, Row("entry"))
        rows = [_Written(t, b) for t in (*state.transitions, *state.timeouts) for b in t.branches]
        for row in _joined(rows):
            self._lead(state, row.branch.target, row.said())
        for verb, matches in (
            ("ignore", state.ignored),
            ("defer", state.deferred),
            ("urgent", state.urgent),
        ):
            if matches:
                box.traits.append(f"{verb} {_listed(matches)}")

    def _lead(self, state: State, target: Target | None, row: Row) -> None:
        """Puts the row into the box, or on the arrow that it is."""
        box = self.boxes[id(state)]
        if target is None:
            box.rows.append(row)
            return
        head = box if isinstance(target, Pop) else self.boxes[id(target.state)]
        if head.holds(box):
            row.target = words.target(target)
            box.rows.append(row)
            return
        if not (isinstance(target, Goto) and not target.args):
            row.target = words.target(target)
        key = (box.key, head.key, row.timed)
        if key not in self.bundles:
            arrow = Arrow(box, head, row.timed, [], self._is_onward(box, head, row))
            self.bundles[key] = arrow
            self.arrows.append(arrow)
        self.bundles[key].rows.append(row)

    def _is_onward(self, tail: Box, head: Box, row: Row) -> bool:
        return not row.timed and not any(
            a.head is head or (a.tail is tail and a.onward) for a in self.arrows
        )


def _arrive(box: Box) -> None:
    """Shows where one arrives in a composite state that is entered as a whole."""
    for part in box.parts:
        if not part.entered:
            part.entered = True
            _arrive(part.first)


class _Written:
    """A row as the spec has it: a transition and one of its branches, with all that trigger it."""

    def __init__(self, transition: Transition, branch: Branch) -> None:
        self.triggers = [transition]
        self.branch = branch
        self.guard = words.expression(transition.guard) if transition.guard else ""
        self.outcome = ""
        if branch.outcome:
            names = ", ".join(p.name for p in branch.outcome.params)
            self.outcome = f"{branch.outcome.name}({names})" if names else branch.outcome.name
        self.actions = tuple(map(words.action, branch.actions))
        self.target = words.target(branch.target) if branch.target else ""

    def goes_with(self, other: _Written) -> bool:
        """Whether the two are one line of the spec but for the event."""
        mine, theirs = self.triggers[-1], other.triggers[-1]
        return (
            mine is not theirs
            and mine.kind == theirs.kind == "on"
            and mine.names == theirs.names
            and (self.guard, self.outcome, self.actions, self.target)
            == (other.guard, other.outcome, other.actions, other.target)
        )

    def said(self) -> Row:
        first = self.triggers[0]
        if first.kind == "after":
            trigger, handlers = words.trigger(first), []
        else:
            trigger = ", ".join(words.trigger(t) for t in self.triggers)
            handlers = [f"do_{first.state.name}_{_event(t.match)}" for t in self.triggers]
        timed = first.kind == "after" or (
            first.match.event is not None and first.match.event.origin == "timer"
        )
        row = Row(trigger, self.guard, self.outcome, self.target, self.actions, "", timed)
        docs = [_doc(t.match) for t in self.triggers]
        row.tip = "\n".join([*handlers, str(row), *filter(None, docs)])
        row.target = ""
        return row


def _joined(rows: Iterable[_Written]) -> list[_Written]:
    joined: list[_Written] = []
    for row in rows:
        if joined and joined[-1].goes_with(row):
            joined[-1].triggers += row.triggers
        else:
            joined.append(row)
    return joined


def _row(trigger: str, actions: tuple[Action, ...]) -> Row:
    row = Row(trigger, actions=tuple(map(words.action, actions)))
    row.tip = str(row)
    return row


def _listed(matches: Iterable[Match]) -> str:
    return ", ".join(m.text for m in matches)


def _event(match: Match) -> str:
    if match.event is None:
        return "default"
    return match.value or match.event.name


def _doc(match: Match) -> str:
    message = match.event.message if match.event else None
    return plain(message.doc) if message else ""
