"""A system explored: by an engine, and judged."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from protogen_fsm.verify.engines import engine
from protogen_fsm.verify.judge import judge
from protogen_fsm.verify.local import Unfollowed, Widened
from protogen_fsm.verify.space import Watch
from protogen_fsm.verify.system import Composition

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogen_fsm.model.spec import System
    from protogen_fsm.verify.judge import Finding
    from protogen_fsm.verify.relevance import Item
    from protogen_fsm.verify.space import Limits


@dataclass(slots=True)
class Explored:
    """What was found out about a system.

    `complete`: whether all configurations were seen; else `why` not. `anything`: what was taken to
    be anything. `refused`: why there is no verdict at all. `skipped`: the spec says so itself.
    `reduced`: whether only deadlocks and what cannot be taken were looked for. `unfit`: why it is
    not exhaustive at its capacity, "" if it is, None if that was not looked at.
    """

    system: System
    composition: Composition | None = None
    states: int = 0
    steps: int = 0
    complete: bool = False
    why: str = ""
    refused: str = ""
    skipped: bool = False
    reduced: bool = False
    findings: list[Finding] = field(default_factory=list)
    anything: list[str] = field(default_factory=list)
    unfit: str | None = None
    seconds: float = 0.0

    @property
    def verdict(self) -> Literal["proved", "bounded", "refuted", "none"]:
        """`none` where the system is not followed."""
        if self.refused or self.skipped:
            return "none"
        if any(one.sure for one in self.findings):
            return "refuted"
        open_ = [one for one in self.findings if not one.allowed]
        is_whole = self.complete and not open_
        return "proved" if is_whole else "bounded"

    @property
    def never_full(self) -> bool:
        """Whether there was room on all links wherever somebody said something."""
        composition = self.composition
        is_whole = self.complete and not (self.reduced or self.refused)
        return composition is not None and is_whole and not composition.was_full


def explore(
    system: System, limits: Limits, progress: Callable[[int], None] | None = None
) -> Explored:
    """What the peers of a system can do together, up to the limits."""
    watch = Watch(limits, progress)
    followed = replace(system, properties=[], patterns=[]) if limits.reduce else system
    dropped: set[Item] = set()
    words: dict[str, None] = {}
    while True:
        explored = Explored(system, reduced=limits.reduce)
        try:
            explored.composition = Composition(followed, dropped, limits.exchange)
            space = engine(limits).explore(explored.composition, watch)
            explored.states, explored.steps, explored.why = len(space), space.steps, space.why
            explored.complete = not space.why
            explored.findings = judge(space, limits.reduce)
            is_clean = explored.complete and not explored.findings and not limits.walks
            if limits.capacities and is_clean:
                from protogen_fsm.verify.capacities import unfit

                explored.unfit = unfit(space)
        except KeyboardInterrupt:  # while what was seen is judged
            explored.why, explored.complete = "interrupted", False
        except Widened as widened:
            dropped.add(widened.item)
            words[widened.words] = None
            continue
        except Unfollowed as reason:
            explored.refused = str(reason)
        if explored.composition is not None:
            explored.anything = [*explored.composition.relevance.unfollowed, *words]
        explored.seconds = time.process_time() - watch.begun
        return explored
