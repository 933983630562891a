"""The rows of a state in the picture's words, with their handlers' names as tool tips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.backends.diagram.view import Row, plain
from protogen_fsm.model import words

if TYPE_CHECKING:
    from protogen_fsm.model.machine import Action, Branch, Match, State, Transition


class Written:
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

    def goes_with(self, other: Written) -> bool:
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
        """The row in the picture's words."""
        first = self.triggers[0]
        triggers = tuple(map(words.trigger, self.triggers))
        handlers = [f"do_{first.state.name}_{_event(t.match)}" for t in self.triggers]
        timed = first.kind == "after" or (
            first.match.event is not None and first.match.event.origin == "timer"
        )
        row = Row(triggers, self.guard, self.outcome, self.target, self.actions, timed=timed)
        docs = [_doc(t.match) for t in self.triggers]
        row.tip = "\n".join([*handlers, str(row), *filter(None, docs)])
        return row


def written(state: State) -> list[Written]:
    """The rows of a state; those that are one line but for the event are one."""
    joined: list[Written] = []
    for transition in (*state.transitions, *state.timeouts):
        for branch in transition.branches:
            row = Written(transition, branch)
            if joined and joined[-1].goes_with(row):
                joined[-1].triggers += row.triggers
            else:
                joined.append(row)
    return joined


def row_of(trigger: str, actions: tuple[Action, ...]) -> Row:
    """A row that no event triggers."""
    row = Row((trigger,), actions=tuple(map(words.action, actions)))
    row.tip = str(row)
    return row


def _event(match: Match) -> str:
    if match.is_any:
        return "default"
    if match.event is None:
        return "timeout"
    return match.value or match.event.name


def _doc(match: Match) -> str:
    message = match.event.message if match.event else None
    return plain(message.doc) if message else ""
