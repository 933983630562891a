"""Plays the scenarios of a spec with its generated classes, each peer by itself.

A peer has said a line by the time the scenario comes to it; it may have said it before. Where a
handler, a predicate or the application has to choose, every choice is tried, each time from the
start; texts and other values come from the scenario's own lines, or from what it is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protogen_fsm.model.messages import Binary
from protogen_fsm.scenarios.choices import Choices, Mismatch
from protogen_fsm.scenarios.events import EventRun, PacketRun, bottom
from protogen_fsm.scenarios.lines import Run, constant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from protogen_fsm.model.spec import Peer, Scenario, Spec, Step

MOST_RUNS = 5000


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a scenario with one of its peers; `mismatch` None if it plays it."""

    scenario: Scenario
    peer: str
    mismatch: Mismatch | None


def play_all(spec: Spec, module: ModuleType, part: str = "") -> Iterator[Result]:
    """Each scenario whose title has that part, with each of its peers that is no environment."""
    for scenario in spec.scenarios:
        if part not in scenario.title:
            continue
        for peer in scenario.system.peers.values():
            for index in range(0 if peer.environment else peer.count):
                name = peer.name if peer.count == 1 else f"{peer.name}[{index}]"
                try:
                    play(module, scenario, peer, index)
                except Mismatch as mismatch:
                    yield Result(scenario, name, mismatch)
                else:
                    yield Result(scenario, name, None)


def play(module: ModuleType, scenario: Scenario, peer: Peer, index: int = 0) -> Any:
    """The machine of `peer` after the scenario; Mismatch, the furthest one, if it plays another."""
    values = {
        name: [constant(value, module) for value in some] for name, some in scenario.given.items()
    }
    kind = EventRun if bottom(peer.machine).below is None else Run
    if kind is Run and any(map(_is_binary, scenario.steps)):
        kind = PacketRun
    random = values.pop("random", [])
    if random and hasattr(module, "random"):
        vars(module)["random"] = lambda count: random[0][:count]
    given: list[int] | None = []
    furthest = Mismatch(-1, "does nothing at all")
    for _ in range(MOST_RUNS):
        run = kind(module, scenario, peer, index, Choices(given or []), values)
        try:
            return run.play()
        except Mismatch as problem:
            furthest = max(furthest, problem, key=lambda one: one.at)
        given = run.choices.following()
        if given is None:
            raise furthest
    furthest.problem += f" (there are more than {MOST_RUNS} ways to choose; not all were tried)"
    raise furthest


def _is_binary(step: Step) -> bool:
    return step.message is not None and isinstance(step.message.pattern, Binary)
