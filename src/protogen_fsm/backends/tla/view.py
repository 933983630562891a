"""From closed machines to what stands in a TLA+ module: ready lines.

Where a peer is, is a string; what is on a link, a sequence of strings, sorted where the network
decides the order. Steps are gathered by what fairness is asked of: what is taken from each link,
what is due, what else a peer does, and what nobody counts on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protogen_fsm.backends.identifiers import Names, comment
from protogen_fsm.model import automata as am

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_WORDS = """ACTION ASSUME ASSUMPTION AXIOM CASE CHOOSE CONSTANT CONSTANTS DOMAIN ELSE ENABLED EXCEPT
EXTENDS IF IN INSTANCE LET LOCAL MODULE OTHER SF SUBSET THEN THEOREM UNCHANGED UNION VARIABLE
VARIABLES WF WITH STATE NEW PROVE PROOF BY DEF DEFS LAMBDA RECURSIVE TRUE FALSE BOOLEAN STRING Nat
Int Real Infinity Seq Head Tail Len Append SubSeq SelectSeq at on vars Capacity Lossy Duplicating
Sorted Once ForOne Ends Breaks Order Unbounded IsBroken Idle Full PutOn PutAll HasRoom Insert
Without Rests Has Goes Lose Do Take Leave Init Next Spec Fairness Moves Fates AtRest Refused Grown
Stuck NoDeadlock NothingUnexpected NothingLeftOver NothingGrows Some"""
RESERVED = frozenset(_WORDS.split())
Named = tuple[str, str, str]  # a name, what it stands for, words for it


@dataclass(frozen=True, slots=True)
class Action:
    """Steps by one name, each of them a line."""

    name: str
    comment: str
    steps: list[str]


@dataclass(frozen=True, slots=True)
class View:
    """A module. `moves`: names of actions; `invariants`, `reachable`, `leads`: what is asked."""

    module: str
    path: str
    system: str
    notes: list[str]
    order: str
    capacity: str
    sets: list[tuple[str, str, str]]
    unbounded: int
    inits: list[str]
    actions: list[Action]
    moves: list[str]
    fates: list[str]
    at_rest: str
    refused: list[str]
    kept: str
    is_unbounded: bool
    invariants: list[Named]
    reachable: list[Named]
    leads: list[Named]
    fairness: list[str]


def view(automata: am.Automata, module: str) -> View:
    """What the module of a system shows."""
    return _Module(automata, module).view()


class _Module:
    """Collects the lines."""

    def __init__(self, automata: am.Automata, module: str) -> None:
        self.automata, self.module = automata, module
        self.names = Names({*RESERVED, module})
        peers = automata.peers
        self.peers = [self.names.take(peer.name) for peer in peers]
        self.wires = [
            self.names.take(f"{peers[w.sender].name} to {peers[w.receiver].name}")
            for w in automata.wires
        ]
        self.states = [Names(()).each([one.name for one in peer.locals]) for peer in peers]
        self.items = Names(()).each([item.text for item in automata.items])
        self.actions: list[Action] = []
        self.taking = [self._action(self._takes(number)) for number in range(len(self.wires))]
        self.due: list[list[str]] = []
        self.itself: list[str] = []
        self.fates: list[str] = []
        for number in range(len(self.peers)):
            self._peer(number)

    def view(self) -> View:
        automata = self.automata
        asked = self._asked()
        wires = list(zip(self.wires, automata.wires, strict=True))
        sets = [
            ("Lossy", [n for n, w in wires if "lossy" in w.faults], "what has no room is lost"),
            ("Duplicating", [n for n, w in wires if "duplicating" in w.faults], "copies stay"),
            ("Sorted", [n for n, w in wires if w.is_bag], "the order is the network's"),
            ("Once", [n for n, w in wires if w.is_set], "a second of a kind changes nothing"),
            ("ForOne", [n for n, w in wires if w.is_for_one], "takes more only when it is empty"),
            ("Ends", self._of(lambda item: item.ends), "needs no room"),
            ("Breaks", self._of(lambda item: item.breaks), "nothing is put behind it"),
        ]
        capacities = [f"{n} |-> {-1 if w.capacity is None else w.capacity}" for n, w in wires]
        order = [f"({_text(name)} :> {number})" for number, name in enumerate(self.items)]
        return View(
            self.module,
            comment(automata.path),
            comment(automata.name),
            [comment(note) for note in self._notes()],
            " @@ ".join(order) or "<<>>",
            f"[{', '.join(capacities)}]",
            [(name, _set(some), words) for name, some, words in sets],
            automata.unbounded,
            [self._init(one) for one in automata.beginnings],
            self.actions,
            [
                *filter(None, self.taking),
                *(a for some in self.due for a in some),
                *filter(None, self.itself),
            ],
            self.fates,
            self._formula(am.at_rest(automata)),
            list(self._refused()),
            _set(n for n, w in wires if not w.drops),
            any(w.capacity is None for w in automata.wires),
            asked["never"],
            asked["reachable"],
            asked["leads to"],
            self._fairness() if asked["leads to"] else [],
        )

    def _of(self, which: Callable[[am.Item], bool]) -> list[str]:
        return [n for n, i in zip(self.items, self.automata.items, strict=True) if which(i)]

    def _notes(self) -> Iterable[str]:
        if self.automata.doc:
            yield self.automata.doc
        if self.automata.anything:
            yield f"Taken as anything: {', '.join(self.automata.anything)}."
        if self.automata.bounds:
            yield f"Followed for {', '.join(self.automata.bounds)}."

    def _init(self, one: am.Beginning) -> str:
        where = zip(self.peers, self.states, one.states, strict=True)
        places = ", ".join(f"{name} |-> {_text(states[at])}" for name, states, at in where)
        words = ", ".join(
            f"{name} |-> {_sequence(_text(self.items[item]) for item in word)}"
            for name, word in zip(self.wires, one.wires, strict=True)
        )
        return f"at = [{places}] /\\ on = [{words}]"

    # ------------------------------------------------------------ steps

    def _action(self, action: Action) -> str:
        if action.steps:
            self.actions.append(action)
        return action.name if action.steps else ""

    def _takes(self, number: int) -> Action:
        """What is taken from a link; what may be lost of it."""
        wire, name = self.automata.wires[number], self.wires[number]
        peer = wire.receiver
        gathered: dict[object, tuple[int, am.Step, list[int]]] = {}
        for at, local in enumerate(self.automata.peers[peer].locals):
            for step in local.steps:
                if step.takes is not None and step.takes[0] == number and not step.refused:
                    key = at, step.target, step.puts, step.consumes
                    gathered.setdefault(key, (at, step, []))[2].append(step.takes[1])
        steps = [
            self._step(
                peer,
                at,
                f"{'Take' if step.consumes else 'Leave'}({_text(self.peers[peer])}, "
                f"{_text(self.states[peer][step.target])}, {_text(name)}, "
                f"{_set(self.items[item] for item in items)}, {self._puts(step)})",
                step.cause,
            )
            for at, step, items in gathered.values()
        ]
        words = f"taken from the link by {self.automata.peers[peer].name}"
        return Action(self.names.take(f"take_{name}"), comment(words), steps)

    def _peer(self, number: int) -> None:
        """What a peer does by itself."""
        peer, name = self.automata.peers[number], self.peers[number]
        steps = [
            (at, step)
            for at, local in enumerate(peer.locals)
            for step in local.steps
            if step.takes is None and not step.refused
        ]
        due = []
        for kind in dict.fromkeys(step.hurry for _, step in steps if step.hurry):
            some = [self._alone(number, at, step) for at, step in steps if step.hurry == kind]
            words = f"what is due for {peer.name}"
            due.append(self._action(Action(self.names.take(f"{name}_due"), comment(words), some)))
        self.due.append(due)
        own = [self._alone(number, a, s) for a, s in steps if not s.hurry and not s.is_fate]
        words = f"what {peer.name} may do, or is asked or told"
        action = self._action(Action(self.names.take(f"{name}_may"), comment(words), own))
        self.itself.append(action)
        fates = [self._alone(number, at, step) for at, step in steps if step.is_fate]
        words = f"what may befall {peer.name}"
        action = self._action(Action(self.names.take(f"{name}_fate"), comment(words), fates))
        self.fates += [action] if action else []

    def _alone(self, peer: int, at: int, step: am.Step) -> str:
        target = self.states[peer][step.target]
        text = f"Do({_text(self.peers[peer])}, {_text(target)}, {self._puts(step)})"
        return self._step(peer, at, text, step.cause)

    def _step(self, peer: int, at: int, text: str, cause: str) -> str:
        where = f"at.{self.peers[peer]} = {_text(self.states[peer][at])}"
        return f"{where} /\\ {text} \\* {comment(cause)}"

    def _puts(self, step: am.Step) -> str:
        puts = (
            _sequence([_text(self.wires[wire]), _text(self.items[item])])
            for wire, item in step.puts
        )
        return _sequence(puts)

    def _refused(self) -> Iterable[str]:
        """Where something cannot be taken, or fails."""
        for name, states, peer in zip(self.peers, self.states, self.automata.peers, strict=True):
            for state, local in zip(states, peer.locals, strict=True):
                found: dict[int, list[int]] = {}
                for step in local.steps:
                    if step.refused and step.takes is not None:
                        found.setdefault(step.takes[0], []).append(step.takes[1])
                    elif step.refused:
                        yield f"at.{name} = {_text(state)} \\* {comment(step.cause)}"
                for wire, items in found.items():
                    some = _set(self.items[item] for item in items)
                    yield f"at.{name} = {_text(state)} /\\ Has({_text(self.wires[wire])}, {some})"

    # ------------------------------------------------------------ what is asked

    def _asked(self) -> dict[str, list[Named]]:
        found: dict[str, list[Named]] = {"never": [], "reachable": [], "leads to": []}
        for asked in self.automata.asked:
            some = found[asked.kind]
            name = self.names.take(f"{asked.kind.replace(' ', '_')}_{len(some) + 1}")
            left = self._formula(asked.left)
            right = "" if asked.right is None else f" ~> {self._formula(asked.right)}"
            text = f"{left}{right}" if right else f"~{left}"
            some.append((name, text, comment(asked.text)))
        return found

    def _formula(self, formula: am.Formula) -> str:
        if isinstance(formula, am.In):
            states = self.states[formula.peer]
            some = _set(states[number] for number in sorted(formula.states))
            return f"(at.{self.peers[formula.peer]} \\in {some})"
        if isinstance(formula, am.Other):
            return f"(~{self._formula(formula.part)})"
        sign, empty = (" /\\ ", "TRUE") if isinstance(formula, am.Every) else (" \\/ ", "FALSE")
        parts = dict.fromkeys(map(self._formula, formula.parts))
        return f"({sign.join(parts)})" if parts else empty

    def _fairness(self) -> list[str]:
        found = [f"SF_vars({name})" for name in self.taking if name]
        for number, due in enumerate(self.due):
            taken = [
                name
                for name, wire in zip(self.taking, self.automata.wires, strict=True)
                if name and wire.receiver == number
            ]
            moves = " \\/ ".join([*due, *filter(None, [self.itself[number]]), *taken])
            found += [f"(<>[](ENABLED <<{one}>>_vars) => []<><<{moves}>>_vars)" for one in due]
        if self.fates:
            fates = " \\/ ".join(self.fates)
            found.append(f"<>[][~({fates})]_vars")
        return found


def _text(text: str) -> str:
    return f'"{text}"'


def _set(some: Iterable[str]) -> str:
    return f"{{{', '.join(map(_text, some))}}}"


def _sequence(some: Iterable[str]) -> str:
    return f"<<{', '.join(some)}>>"
