"""From closed machines to what stands in a Promela model: ready lines.

Each state of a peer is a label, each step one `d_step` and a jump: SPIN stores a state
only between steps, so it stores those that the search has. A link is a channel; where the network
decides the order it is kept sorted, since its order means nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protogen_fsm.backends.identifiers import Names, comment
from protogen_fsm.backends.promela.fairness import Fairness
from protogen_fsm.backends.promela.formulas import Formulas
from protogen_fsm.backends.promela.links import Links
from protogen_fsm.backends.promela.words import RESERVED, SPECIAL
from protogen_fsm.model import automata as am

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_SYMBOLS = 255  # what fits into an `mtype`
MOST_D_STEPS = 1000  # SPIN has room for some 2,000


@dataclass(slots=True)
class Place:
    """A label with what may happen there, an option a line."""

    label: str
    comment: str
    options: list[str]


@dataclass(slots=True)
class Process:
    """A peer."""

    name: str
    comment: str
    places: list[Place]
    provided: str
    before: list[str] = field(default_factory=list)


@dataclass(slots=True)
class View:
    """A model. `formulas`: `#define`s; `claims`: `ltl` formulas with what they say."""

    path: str
    system: str
    notes: list[str]
    symbols: list[tuple[str, str]]
    type: str
    channels: list[str]
    macros: list[str]
    processes: list[Process]
    network: list[str]
    provided: str
    formulas: list[tuple[str, str]]
    observer: list[str]
    claims: list[tuple[str, str, str]]
    fair: list[tuple[str, str]]
    fairness: Fairness | None
    init: list[str]


def view(automata: am.Automata) -> View:
    """What the model of a system shows."""
    return _Model(automata).view()


class _Model:
    """Collects the lines."""

    def __init__(self, automata: am.Automata) -> None:
        self.automata = automata
        self.names = Names(RESERVED, SPECIAL)
        self.processes = [self.names.take(peer.name) for peer in automata.peers]
        self.links = Links(automata, self.names)
        self.labels = [
            self.names.each([one.name for one in peer.locals]) for peer in automata.peers
        ]
        self.asking = Formulas(automata, self.links, self.processes, self.labels)
        self.begins = len(automata.beginnings) > 1 or any(automata.beginnings[0].wires)
        self.steps = 0
        self.fairness: Fairness | None = None
        if any(asked.kind == "leads to" for asked in automata.asked):
            self.fairness = Fairness(automata, self.links, self.asking)

    def view(self) -> View:
        automata = self.automata
        formulas, observer, claims, fair = self._asked()
        processes = [self._process(p) for p in range(len(automata.peers))]
        symbols = list(zip(self.links.symbols, (i.text for i in automata.items), strict=True))
        return View(
            comment(automata.path),
            comment(automata.name),
            [comment(note) for note in self._notes()],
            [(name, comment(text)) for name, text in symbols],
            "mtype" if len(symbols) <= MOST_SYMBOLS else "short",
            self.links.declared("mtype" if len(symbols) <= MOST_SYMBOLS else "short"),
            self.links.macros(),
            processes,
            self.links.lost(),
            self._provided(),
            formulas,
            observer,
            claims,
            fair,
            self.fairness,
            self._init(),
        )

    def _notes(self) -> Iterable[str]:
        automata = self.automata
        if automata.doc:
            yield automata.doc
        if self.begins:
            yield "More states than `protogen check` counts: those before all have begun."
        if automata.anything:
            yield f"Taken as anything: {', '.join(automata.anything)}."
        if automata.bounds:
            yield f"Followed for {', '.join(automata.bounds)}."

    def _provided(self) -> str:
        return " provided (!grown)" if self.links.grown() else ""

    # ------------------------------------------------------------ peers

    def _process(self, number: int) -> Process:
        peer = self.automata.peers[number]
        first = [min(peer.first)] if len(peer.first) == 1 and not self.begins else []
        order = [*first, *(n for n in range(len(peer.locals)) if n not in first)]
        places = [self._place(number, n) for n in order]
        process = Process(
            self.processes[number], comment(f"{peer.name}: {peer.machine}"), places,
            self._provided(),
        )  # fmt: skip
        ways = self._beginnings(number) if self.begins else {}
        if len(set(ways.values())) > 1:
            process.before = [f":: way == {n} -> goto {at}" for n, at in enumerate(ways.values())]
        return process

    def _place(self, number: int, at: int) -> Place:
        peer = self.automata.peers[number]
        local = peer.locals[at]
        label = self.labels[number][at]
        told = ", ".join(filter(None, [local.detail, "over" if local.over else ""]))
        options: list[str] = []
        for steps in self._alike(local.steps):
            options += self._options(number, at, steps)
        return Place(label, comment(told), [*options, *self._refusals(number, at)])

    def _alike(self, steps: Iterable[am.Step]) -> list[list[am.Step]]:
        """Steps that do the same with what they take, together: what happens by itself first."""
        found: dict[object, list[am.Step]] = {}
        for step in sorted(steps, key=lambda one: (-1, -1) if one.takes is None else one.takes):
            if step.refused:
                continue
            what: object = step
            if step.takes is not None:
                wire = step.takes[0]
                one = step.takes[1] if self.links.is_apart(*step.takes) else -1
                what = wire, one, step.target, step.puts, step.consumes, step.is_idle
            found.setdefault(what, []).append(step)
        return list(found.values())

    def _options(self, number: int, at: int, steps: list[am.Step]) -> Iterable[str]:
        """Steps that do the same; twice where the network may keep a copy of what was taken."""
        step = steps[0]
        label = self.labels[number][step.target]
        room = self.links.room(step.puts)
        wire = -1 if step.takes is None else step.takes[0]
        items = [one.takes[1] for one in steps if one.takes is not None]
        ways = [step.consumes]
        if wire >= 0 and "duplicating" in self.automata.wires[wire].faults:
            ways = [True, False] if step.consumes else [False]
        words = comment(", ".join(dict.fromkeys(one.cause for one in steps)))
        for consumes in ways:
            guards, deeds = list(room), []
            if step.is_fate and self.fairness is not None:
                guards.insert(0, "fates")
            if wire >= 0 and not (consumes and not guards and self.links.is_plain(wire, items)):
                guards.insert(0, self.links.has(wire, items))
            if wire >= 0 and consumes:
                deeds.append(self.links.take(wire, items))
            if step.target == at and not (wire >= 0 and consumes):
                change = self.links.changes(step.puts)
                if change is None:
                    continue
                guards += change
                deeds += self.links.put(step.puts, bool(change) and len(step.puts) == 1)
            else:
                deeds += self.links.put(step.puts)
            if self.fairness is not None:
                deeds.append(self.fairness.mark(number, step))
            yield self._option(guards, deeds, label, words)

    def _option(self, guards: list[str], deeds: list[str], label: str, words: str) -> str:
        said = f" /* {words} */" if words else ""
        if guards:
            first = f"{' && '.join(guards)} -> {deeds[0]}" if deeds else " && ".join(guards)
            deeds = [first, *deeds[1:]]
        is_one = not deeds or (len(deeds) == 1 and (not guards or "->" not in deeds[0]))
        if is_one and (guards or "(" not in "".join(deeds)):
            return f":: {deeds[0] if deeds else 'true'} -> goto {label}{said}"
        self.steps += 1
        if self.steps > MOST_D_STEPS:
            return f":: atomic {{ {'; '.join([*deeds, 'skip'])}; goto {label} }}{said}"
        return f":: d_step {{ {'; '.join(deeds)} }} goto {label}{said}"

    def _refusals(self, number: int, at: int) -> Iterable[str]:
        """What cannot be taken here; nothing changes."""
        local = self.automata.peers[number].locals[at]
        label = self.labels[number][at]
        refused = [step for step in local.steps if step.refused]
        cannot = "refusing && " if self.fairness is not None else ""
        for wire in sorted({step.takes[0] for step in refused if step.takes is not None}):
            items = sorted({s.takes[1] for s in refused if s.takes and s.takes[0] == wire})
            guard = cannot + self.links.has(wire, items)
            yield self._option([guard], ["assert(false)"], label, "cannot be taken")
        for step in refused:
            if step.takes is None:
                words = comment(f"{step.cause}: {step.refused}")
                yield self._option([f"{cannot}true"], ["assert(false)"], label, words)

    def _beginnings(self, number: int) -> dict[str, str]:
        """The ways in which a peer may begin, each with the label that it goes on at."""
        count = len({one.states[number] for one in self.automata.beginnings})
        found: dict[str, str] = {}
        for one in self.automata.beginnings:
            label = self.labels[number][one.states[number]]
            argument = str(len(found)) if count > 1 else ""
            puts = [
                (w, item)
                for w, wire in enumerate(self.automata.wires)
                if wire.sender == number
                for item in one.wires[w]
            ]
            run = f"run {self.processes[number]}({argument})"
            words = "; ".join([*self.links.put(puts), run])
            if label not in found.values() or count == 1:
                found[words] = label
        return found

    def _init(self) -> list[str]:
        """What is done at once, before anything else."""
        if not self.begins:
            return []
        done: list[str] = []
        for number in range(len(self.processes)):
            ways = self._beginnings(number)
            if len(ways) == 1:
                done += ways
            else:
                done.append(f"if {' '.join(f':: {way}' for way in ways)} fi")
        others = ["network"] if self.links.lost() else []
        return [*done, *(f"run {name}()" for name in [*others, "observer"]), "begun = true"]

    # ------------------------------------------------------------ what is asked

    def _asked(
        self,
    ) -> tuple[
        list[tuple[str, str]],
        list[str],
        list[tuple[str, str, str]],
        list[tuple[str, str]],
    ]:
        formulas = [("at_rest", self.asking.of(am.at_rest(self.automata)))]
        still, left = "timeout", self.links.left_over()
        if any(s.is_fate for peer in self.automata.peers for one in peer.locals for s in one.steps):
            formulas.append(("may_move", self.asking.may_move()))
            still = self._begun("!may_move")
        observer = [f":: atomic {{ {still} -> assert(at_rest) }}"]
        if left:
            formulas.append(("left_over", left))
            observer[0] = f":: atomic {{ {still} -> assert(at_rest); assert(!left_over) }}"
        if self.links.grown():
            formulas.append(("grown", self.links.grown()))
            observer.append(":: atomic { grown -> assert(!grown) }")
        claims, fair = [], []
        count: Counter[str] = Counter()
        for asked in self.automata.asked:
            count[asked.kind] += 1
            name = self.names.take(f"{asked.kind.replace(' ', '_')}_{count[asked.kind]}")
            words = comment(asked.text + (f": {asked.doc}" if asked.doc else ""))
            formulas.append((f"p_{name}", self._begun(self.asking.of(asked.left))))
            if asked.kind == "never":
                observer.append(f":: atomic {{ p_{name} -> assert(!p_{name}) }} /* {words} */")
                claims.append((name, f"[] !p_{name}", words))
            elif asked.kind == "reachable":
                words += ". It can come about where this is violated"
                claims.append((name, f"[] !p_{name}", words))
            elif asked.right is not None:
                formulas.append((f"q_{name}", self.asking.of(asked.right)))
                claims.append((name, f"[] (p_{name} -> <> q_{name})", words))
                fair.append((name, words))
        return formulas, observer, claims, fair

    def _begun(self, formula: str) -> str:
        """Said of what has begun only."""
        several = [
            name
            for number, name in enumerate(self.processes)
            if len({one.states[number] for one in self.automata.beginnings}) > 1
        ]
        waits = "".join(f" && !{name}@BEGIN" for name in several)
        return f"(begun{waits} && {formula})" if self.begins else formula
