"""What protogen has to say about a spec: a code, a title, places, facts, and a deed."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.source import Span

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that belongs to the matter, and what to see there."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens on the way to a flaw, with the line of the spec, if there is one."""

    text: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Capacities:
    """What was found out about a system over links of other capacities.

    `looked_at`: capacity, verdict, configurations. `since`: from which capacity on the verdict is
    the same for all, and `conditions` why; None if that is not known, and `why_not`.
    """

    looked_at: tuple[tuple[int, str, int], ...]
    since: int | None
    conditions: tuple[str, ...] = ()
    why_not: str = ""

    @property
    def words(self) -> str:
        """The same in one line."""
        verdicts = {verdict for _, verdict, _ in self.looked_at}
        told = ", ".join(
            f"{verdict} with {capacity} ({states:,})"
            for capacity, verdict, states in self.looked_at
        )
        if self.since is None:
            return f"{told}; not known for larger ones: {self.why_not}"
        verdict = self.looked_at[-1][1]
        reach = "every capacity" if len(verdicts) == 1 else f"every capacity from {self.since} on"
        return f"{told}; {verdict} for {reach}: {', '.join(self.conditions)}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found out about a system: `verdict` is `proved`, `bounded`, `refuted` or `none`.

    `words`: all of it in lines for people. `bounds`: how far it reaches, if not all the way.
    `anything`: what was taken to be anything; `allowed`: the flaws that the spec expects.
    `exchanged`: the peers whose exchange makes no difference, a group each; `not_exchanged`: those
    whose exchange would, and why. `capacities`: other ones, if they were asked for.
    """

    system: str
    span: Span
    verdict: str
    words: str
    configurations: int
    bounds: tuple[str, ...] = ()
    anything: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    exchanged: tuple[str, ...] = ()
    not_exchanged: tuple[str, ...] = ()
    capacities: Capacities | None = None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One cause, told once.

    `title` stands alone, in the field's words; `label` says what is wrong at `span`; `notes` are
    facts; `help` is a deed, something to type; `run` is what happens on the way to it.
    """

    code: str
    title: str
    span: Span | None = None
    label: str = ""
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str = ""
    severity: Severity = "error"
    run: tuple[Step, ...] = ()


class SpecError(Exception):
    """The user's input is wrong; carries every diagnostic that a phase found."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(f"{d.code}: {d.title}" for d in self.diagnostics))


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate nearest to `name`, or None if none is near."""
    found = get_close_matches(name, list(candidates), n=1, cutoff=0.6)
    return found[0] if found else None
