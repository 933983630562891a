"""What is at hand while one machine is resolved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protogen_fsm.resolve.events import Events
from protogen_fsm.resolve.expressions import Typer
from protogen_fsm.syntax import tree as syntax

if TYPE_CHECKING:
    from protogen_fsm.model.machine import Machine, Region, State
    from protogen_fsm.model.types import Param
    from protogen_fsm.resolve.names import Names
    from protogen_fsm.resolve.report import Report
    from protogen_fsm.source import Span

Visible = dict[str, "tuple[State, Param]"]


@dataclass(slots=True)
class Context:
    """A machine in the making, beside the tree it is made of.

    `written`: of each state its tree; `visible`: its parameters and those of the states around it;
    `entered`: the states that something leads to, and where. `usable` is False where the layer
    below could not be found: nothing can be said of its events.
    """

    report: Report
    names: Names
    machine: Machine
    tree: syntax.Machine
    typer: Typer = field(init=False)
    events: Events = field(init=False)
    states: dict[str, State] = field(default_factory=dict)
    regions: dict[str, Region] = field(default_factory=dict)
    written: dict[State, syntax.State] = field(default_factory=dict)
    visible: dict[State, Visible] = field(default_factory=dict)
    entered: dict[State, Span] = field(default_factory=dict)
    usable: bool = True

    def __post_init__(self) -> None:
        self.typer = Typer(self.report, self.names, self.machine)
        self.typer.states = self.states
        self.typer.regions = self.regions
        self.events = Events(self.report, self.names, self.machine)
