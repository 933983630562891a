"""What is asked of a model in one of its states, as expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model import automata as am

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.backends.promela.links import Links


class Formulas:
    """Expressions over where the peers are: `process@label`."""

    def __init__(
        self, automata: am.Automata, links: Links, processes: list[str], labels: list[list[str]]
    ) -> None:
        self.automata, self.links = automata, links
        self.processes, self.labels = processes, labels

    def inside(self, peer: int, states: Iterable[int]) -> str:
        """Whether a peer is in one of some states."""
        name, labels = self.processes[peer], self.labels[peer]
        return _joined([f"{name}@{labels[state]}" for state in sorted(states)], " || ", "false")

    def of(self, formula: am.Formula) -> str:
        """Whether a formula holds."""
        if isinstance(formula, am.In):
            return self.inside(formula.peer, formula.states)
        if isinstance(formula, am.Other):
            return f"(!{self.of(formula.part)})"
        sign, empty = (" && ", "true") if isinstance(formula, am.Every) else (" || ", "false")
        parts = dict.fromkeys(map(self.of, formula.parts))
        return _joined([part for part in parts if part != empty], sign, empty)

    def may(self, peer: int, steps: Iterable[tuple[int, am.Step]]) -> str:
        """Whether one of some steps of a peer, each from its state, is possible."""
        where: dict[tuple[str, ...], set[int]] = {}
        for at, step in steps:
            guards = self.links.guards(at, step)
            if guards is not None:
                where.setdefault(tuple(guards), set()).add(at)
        ways = [" && ".join([self.inside(peer, at), *guards]) for guards, at in where.items()]
        return _joined([f"({way})" if " && " in way else way for way in ways], " || ", "false")

    def may_move(self) -> str:
        """Whether anything can happen that somebody may count on."""
        ways = [
            self.may(
                number,
                [
                    (at, step)
                    for at, local in enumerate(peer.locals)
                    for step in local.steps
                    if not step.is_fate
                ],
            )
            for number, peer in enumerate(self.automata.peers)
        ]
        wires = zip(self.automata.wires, self.links.channels, strict=True)
        ways += [f"len({channel}) > 0" for wire, channel in wires if "lossy" in wire.faults]
        return _joined([way for way in ways if way != "false"], " || ", "false")


def _joined(parts: list[str], sign: str, empty: str) -> str:
    if len(parts) < 2:
        return parts[0] if parts else empty
    return f"({sign.join(parts)})"
