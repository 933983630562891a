"""What a picture shows: boxes with rows, and arrows between them, all as ready words."""

from __future__ import annotations

from dataclasses import dataclass, field

ARROW = "->"


@dataclass(slots=True)
class Row:
    """A transition with one of its outcomes. `triggers` may be `entry` or `exit`."""

    triggers: tuple[str, ...]
    guard: str = ""
    outcome: str = ""
    target: str = ""
    actions: tuple[str, ...] = ()
    tip: str = ""
    timed: bool = False
    place: int = 0  # among the rows of its state, in the spec's order
    aims: bool = False  # whether to say the target though an arrow leads there

    def __str__(self) -> str:
        return "".join(
            (
                ", ".join(self.triggers),
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
    large: bool  # too large for words on its arrows
    layers: list[str] = field(default_factory=list)  # from the machine down to the transport
    sheets: list[str] = field(default_factory=list)  # instances: `flights: Delivery by id …`


def plain(text: str) -> str:
    """Words of the spec on one line, without what does not print."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())
