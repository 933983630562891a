"""The names of a file: what it declares, and what it uses of others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from protogen_fsm.model.machine import Machine
from protogen_fsm.model.messages import Message
from protogen_fsm.model.spec import Constant
from protogen_fsm.model.types import Enum, Struct

if TYPE_CHECKING:
    from protogen_fsm.model.machine import Outcome
    from protogen_fsm.resolve.report import Report
    from protogen_fsm.source import Span
    from protogen_fsm.syntax import tree


@dataclass(frozen=True, slots=True)
class Unknown:
    """Stands for a thing that could not be found, so that nothing more is said of it."""


Thing: TypeAlias = Constant | Enum | Struct | Message | Machine | Unknown

KINDS: dict[type, str] = {
    Constant: "a constant",
    Enum: "an enum",
    Struct: "a struct",
    Message: "a message",
    Machine: "a machine",
}


@dataclass(slots=True)
class Names:
    """The names of one file.

    `members`: of each enum member's name, the enums that have it; `incomplete`: the machines of
    which a face or the layer could not be found.
    """

    report: Report
    things: dict[str, Thing] = field(default_factory=dict)
    places: dict[str, Span] = field(default_factory=dict)
    members: dict[str, list[Enum]] = field(default_factory=dict)
    incomplete: set[str] = field(default_factory=set)
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def declare(self, name: tree.Name, thing: Thing) -> bool:
        """Adds a name; False, and a diagnostic, if it is taken."""
        if name.text in self.places:
            self.report.duplicate(name, "things", self.places[name.text])
            return False
        self.things[name.text] = thing
        self.places[name.text] = name.span
        if isinstance(thing, Enum):
            for member in thing.members:
                self.members.setdefault(member, []).append(thing)
        return True

    def of(self, *kinds: type) -> dict[str, Span | None]:
        """The names of things of these kinds, with their places, to look for a near one."""
        return {n: self.places[n] for n, thing in self.things.items() if isinstance(thing, kinds)}

    def kind(self, name: str) -> str:
        """What `name` is, in words; nothing if it is nothing."""
        return KINDS.get(type(self.things.get(name)), "")

    def message(self, name: str) -> Message | None:
        """The message of that name, if there is one."""
        thing = self.things.get(name)
        return thing if isinstance(thing, Message) else None
