"""From a machine to what its picture shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.backends.diagram.gather import MANY, SHORT, gathered, shortened
from protogen_fsm.backends.diagram.rows import row_of, written
from protogen_fsm.backends.diagram.view import Arrow, Box, Part, Row, View, plain
from protogen_fsm.model import words
from protogen_fsm.model.machine import Goto, Pop

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from protogen_fsm.model.machine import Machine, Region, State, Target


def view(machine: Machine, reserved: frozenset[str] = frozenset()) -> View:
    """What the picture of `machine` shows; no key is, in lower case, one of the `reserved`."""
    drawn = _Drawing(machine, reserved)
    return View(
        _title(machine),
        plain(machine.doc),
        _notes(machine),
        drawn.top,
        drawn.arrows,
        drawn.large,
        _layers(machine),
        [words.many(held) for held in machine.many.values()],
    )


def _title(machine: Machine) -> str:
    names = [words.signature(machine.name, machine.params)]
    below = machine.below
    while below is not None:
        names.append(below.machine.name if below.machine else below.kind)
        below = below.machine.below if below.machine else None
    return " over ".join(names)


def _layers(machine: Machine) -> list[str]:
    """The machine and what it stands on; nothing where that is the transport alone."""
    layers, below = [machine.name], machine.below
    while below is not None:
        layers.append(words.layer(below))
        below = below.machine.below if below.machine else None
    return layers if len(layers) > 2 else []


def _notes(machine: Machine) -> list[str]:
    notes = [f"timer {t.name} = {words.seconds(t.duration)}" for t in machine.timers.values()]
    if machine.otherwise != "error":
        notes.append(f"otherwise {machine.otherwise}")
    return notes


class _Drawing:
    """Collects boxes and arrows, in the order of the spec."""

    def __init__(self, machine: Machine, reserved: frozenset[str]) -> None:
        self.reserved = reserved
        self.boxes: dict[int, Box] = {}
        self.keys: set[str] = set()
        self.arrows: list[Arrow] = []
        self.bundles: dict[tuple[str, str, bool], Arrow] = {}
        self.reached: set[str] = set()
        self.left: set[str] = set()
        self.top = self._part(machine.name, "", "", machine.states, None)
        self.top.entered = True
        for state in machine.every_state():
            self._rows(state)
        self.arrows = gathered(self.arrows)
        self.large = len(self.boxes) + len(self.arrows) > MANY
        shortened(self.arrows, 0 if self.large else SHORT)
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
            box.rows.append(row_of("entry", actions=state.entry))
        if state.exit:
            box.rows.append(row_of("exit", actions=state.exit))
        if state.entry_target:
            goal = words.target(state.entry_target)
            self._lead(
                state, state.entry_target, Row(("entry",), target=goal, tip=f"entry -> {goal}")
            )
        for place, row in enumerate(written(state), 1):
            said = row.said()
            said.place = place
            self._lead(state, row.branch.target, said)
        for verb, matches in (
            ("ignore", state.ignored),
            ("defer", state.deferred),
            ("urgent", state.urgent),
        ):
            if matches:
                box.traits.append(f"{verb} {', '.join(m.text for m in matches)}")

    def _lead(self, state: State, target: Target | None, row: Row) -> None:
        """Puts the row into the box, or on the arrow that it is."""
        box = self.boxes[id(state)]
        if target is None:
            box.rows.append(row)
            return
        head = box if isinstance(target, Pop) else self.boxes[id(target.state)]
        if head.holds(box):
            row.aims = True
            box.rows.append(row)
            return
        row.aims = not (isinstance(target, Goto) and not target.args)
        key = (box.key, head.key, row.timed)
        if key not in self.bundles:
            arrow = Arrow(box, head, row.timed, [], self._is_onward(box, head, row))
            self.bundles[key] = arrow
            self.arrows.append(arrow)
        self.bundles[key].rows.append(row)

    def _is_onward(self, tail: Box, head: Box, row: Row) -> bool:
        if row.timed or head.key in self.reached or tail.key in self.left:
            return False
        self.reached.add(head.key)
        self.left.add(tail.key)
        return True


def _arrive(box: Box) -> None:
    """Shows where one arrives in a composite state that is entered as a whole."""
    for part in box.parts:
        if not part.entered:
            part.entered = True
            _arrive(part.first)
