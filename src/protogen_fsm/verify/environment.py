"""A peer that may say anything: for "my server against any client whatever".

It says each message of its machine's face at any time, with all values that are followed, and hears
nothing. What it stands on says what it asks of it; where a layer would speak by itself, the peer
says anything that this layer may say instead.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from protogen_fsm.model import machine as mc
from protogen_fsm.verify.local import Effect, Event, Local, Result
from protogen_fsm.verify.peer import Outcome, Peer, State, Task, shown
from protogen_fsm.verify.stepper import Stepper

if TYPE_CHECKING:
    from protogen_fsm.verify.relevance import Item, Relevance

SWITCHES = ("block", "pieces", "take")
"""What is asked of a framing layer, and says nothing to the other side."""


class Anyone:
    """In the place of a machine's steps: it is always where it was, and takes no event."""

    def __init__(self, machine: mc.Machine) -> None:
        self.machine = machine
        self.own: dict[str, Any] = {}
        self.variables: list[mc.Variable] = []
        self.live: None = None
        self.used: set[object] = set(machine.every_state())
        anywhere = mc.State("anything", "", True, False, (), None, None, machine.span, machine.span)
        self.local = Local((("", anywhere),))

    def begin(self) -> list[Result]:
        """A new one."""
        return [Result(self.local)]

    def fire(self, local: Local, event: Event) -> list[Result]:
        """Whatever it is, nothing comes of it."""
        return [Result(local)]

    def takes(self, local: Local, event: mc.Event) -> bool:
        """Nothing is asked of it."""
        return False

    def receives(self, local: Local) -> tuple[mc.Event, ...]:
        """It tells no message from another."""
        return ()

    def ended(self, local: Local) -> Local:
        """It is where it was."""
        return local


class Environment(Peer):
    """A peer of a system that says anything."""

    def _steps(
        self, machine: mc.Machine, own: dict[str, Any], relevance: Relevance, dropped: set[Item]
    ) -> Stepper | Anyone:
        if not self.levels:
            return Anyone(machine)
        if _speaks(machine):
            self.levels.clear()
            return Anyone(machine)
        return Stepper(machine, own, relevance, dropped)

    def is_as(self, other: Peer) -> None:
        """So may what stands in for its machine."""
        super().is_as(other)
        for mine, its in zip(self.levels, other.levels, strict=True):
            if isinstance(mine, Anyone) and isinstance(its, Anyone):
                mine.local = its.local

    def begin(self) -> list[Outcome]:
        """A new one: there is no connection for it to wait for."""
        begun = [one._replace(state=one.state._replace(opened=True)) for one in super().begin()]
        return [after for one in begun for after in self._built_in(one, "open")]

    def spontaneous(self, state: State) -> list[Outcome]:
        """All that may be said; over a stream the end of it, too."""
        if state.ended or state.closed:
            return super().spontaneous(state)
        found = []
        for output in self.top.machine.sends.values():
            if len(self.levels) == 1 and output.message is None and output.name in SWITCHES:
                continue
            options = [self.values(output, at) for at in range(len(output.params))]
            for args in product(*options):
                cause = Outcome(f"says {shown(output, args)}", state, kind="world")
                found += self._play(cause, (Task(0, None, Effect("send", output, args)),))
        if self.is_stream:
            cause = Outcome("has enough", state, kind="world")
            found += self._play(cause, (Task(0, None, Effect("close", None)),))
        return [one for one in found if not one.refused]


def _speaks(layer: mc.Machine) -> bool:
    """Whether a layer says something that it was not asked for from above."""
    for state in layer.every_state():
        actions = [*state.entry, *state.exit]
        for row in (*state.transitions, *state.timeouts):
            event = row.match.event
            if event is None or event.origin != "above":
                actions += [action for branch in row.branches for action in branch.actions]
        if any(isinstance(action, mc.Send) for action in actions):
            return True
    return False
