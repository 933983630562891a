"""A scenario as a message sequence chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model.chart import Chart, Row

if TYPE_CHECKING:
    from protogen_fsm.model.spec import Peer, Scenario, Step

_LONGEST = 60


def chart_of(scenario: Scenario) -> Chart:
    """Who says what to whom; where everybody is, is not told."""
    system = scenario.system
    names: list[str] = []
    places: dict[tuple[int, int], int] = {}
    for peer in system.peers.values():
        for index in range(peer.count):
            places[id(peer), index] = len(names)
            names.append(peer.name if peer.count == 1 else f"{peer.name}[{index}]")
    chart = Chart(scenario.title, scenario.span.source.path, names, [""] * len(names))
    for step in scenario.steps:
        sender = places[id(step.peer), step.index or 0]
        for other in _heard_by(scenario, step.peer):
            for index in range(other.count):
                receiver = places[id(other), index]
                if receiver != sender:
                    chart.rows.append(Row("say", sender, _words(step), receiver))
    return chart


def _heard_by(scenario: Scenario, peer: Peer) -> list[Peer]:
    """Those at the other ends of its links; all others where the system has none."""
    if not scenario.system.links:
        return [other for other in scenario.system.peers.values() if other is not peer]
    found = [link.right for link in scenario.system.links if link.left is peer]
    return found + [link.left for link in scenario.system.links if link.right is peer]


def _words(step: Step) -> str:
    text = step.raw
    if text is None:
        text = " ".join(step.span.text.partition(":")[2].split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
