"""What is fair, as a process that looks on: for `leads to`, in a model made with `-DFAIR`.

What can be taken from a link over and over is taken some time, and time passes for a peer that
does nothing else. SPIN's own fairness says neither. So once, at any time, a process guesses which
links hold nothing from then on that could be taken, and waits for the others in turn: all that it
guesses wrongly is `spoiled`, all that is unfair stops to be `fair`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protogen_fsm.backends.promela.formulas import Formulas
    from protogen_fsm.backends.promela.links import Links
    from protogen_fsm.model.automata import Automata, Step


class Fairness:
    """What is waited for, by number: the links, then what is due, peer by peer.

    `formulas`: `#define`s; `guesses`, `passes`: options of the process that looks on.
    """

    def __init__(self, automata: Automata, links: Links, asking: Formulas) -> None:
        self.automata, self.links, self.asking = automata, links, asking
        self.formulas: list[tuple[str, str]] = []
        self.guesses: list[str] = []
        self.passes: list[str] = []
        self.dead: list[str] = []
        self.wires = [self._link(number) for number in range(len(automata.wires))]
        self.count = sum(one > 0 for one in self.wires)
        self.due = [self._peer(number) for number in range(len(automata.peers))]
        ways = [f"({dead} && may_take_{dead.removeprefix('dead_')})" for dead in self.dead]
        spoiled = " || ".join(ways)
        self.formulas.append(("spoiled", f"({spoiled})" if spoiled else "false"))

    def mark(self, peer: int, step: Step) -> str:
        """What a step of a peer is waited for as."""
        first, last = (1, 0) if step.is_idle else self.due[peer]
        return f"mark({0 if step.takes is None else self.wires[step.takes[0]]}, {first}, {last})"

    def _link(self, number: int) -> int:
        wire = self.automata.wires[number]
        takes = [
            (at, step)
            for at, local in enumerate(self.automata.peers[wire.receiver].locals)
            for step in local.steps
            if step.takes is not None and step.takes[0] == number and not step.refused
        ]
        if not takes:
            return 0
        channel = self.links.channels[number]
        self.formulas.append((f"may_take_{channel}", self.asking.may(wire.receiver, takes)))
        self.dead.append(f"dead_{channel}")
        self.passes.append(f":: waiting == {len(self.dead)} && dead_{channel} -> waiting++")
        return len(self.dead)

    def _peer(self, number: int) -> tuple[int, int]:
        """The first and the last number of what is due for a peer; 1 and 0 if nothing ever is."""
        peer = self.automata.peers[number]
        steps = [(at, s) for at, one in enumerate(peer.locals) for s in one.steps if not s.refused]
        kinds = dict.fromkeys(step.hurry for _, step in steps if step.hurry)
        first = self.count + 1
        for kind in kinds:
            self.count += 1
            due = self.asking.may(number, [(at, step) for at, step in steps if step.hurry == kind])
            self.formulas.append((f"due_{self.count}", due))
            self.passes.append(f":: waiting == {self.count} && !due_{self.count} -> waiting++")
        return (first, self.count) if kinds else (1, 0)
