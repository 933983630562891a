"""What a scenario leaves open, chosen: answers of handlers and predicates, what is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from protogen_fsm.model.machine import Machine, Outcome
    from protogen_fsm.source import Span


class Mismatch(Exception):
    """A peer does not say what the scenario says.

    `at`: how many steps it got to; `span`: the step. `expected`, `said`: one of them None where
    that is not the matter. `state`: where the peer is.
    """

    def __init__(
        self,
        at: int,
        problem: str,
        span: Span | None = None,
        expected: str | None = None,
        said: str | None = None,
        state: str = "",
    ) -> None:
        self.at, self.problem, self.span, self.state = at, problem, span, state
        self.expected, self.said = expected, said
        super().__init__(problem)


class Choices:
    """The choices of one run: those that are given, then the first of each."""

    def __init__(self, given: Sequence[int]) -> None:
        self.given = given
        self.made: list[tuple[int, int]] = []  # which, out of how many

    def of(self, options: Sequence[Any]) -> Any:
        """One of the options."""
        at = len(self.made)
        which = self.given[at] if at < len(self.given) else 0
        self.made.append((which, len(options)))
        return options[which]

    def following(self) -> list[int] | None:
        """The choices of the next run; None if all have been made."""
        made = list(self.made)
        while made and made[-1][0] + 1 >= made[-1][1]:
            made.pop()
        if not made:
            return None
        return [which for which, _ in made[:-1]] + [made[-1][0] + 1]


def deciding(
    cls: type, machine: Machine, choices: Choices, answer: Callable[[list[Outcome]], Any]
) -> type[Any]:
    """The generated class with handlers that `answer`, and predicates that choose."""
    open_: dict[str, list[Outcome]] = {}
    for state in machine.every_state():
        for row in state.transitions:
            if row.has_outcomes:
                key = "default" if row.match.is_any else row.match.text
                outcomes = [b.outcome for b in row.branches if b.outcome is not None]
                open_.setdefault(f"do_{state.name}_{key}", []).extend(outcomes)
    own: dict[str, Any] = {
        name: _handler(answer, list(dict.fromkeys(outcomes))) for name, outcomes in open_.items()
    }
    for question in machine.questions.values():
        if question.kind == "predicate":
            own[question.name] = lambda self, *args: choices.of([False, True])
    return type(cls.__name__, (cls,), own)


def _handler(answer: Callable[[list[Outcome]], Any], outcomes: list[Outcome]) -> Callable[..., Any]:
    return lambda self, *args: answer(outcomes)
