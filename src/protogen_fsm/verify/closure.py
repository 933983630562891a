"""The machines of a system by themselves: all that each may come to be in, whatever the others do.

A joint fixpoint: what a peer may be in depends on what may come to it, and that on what the others
may be in. How they interleave is left out, so it takes steps in the sum of the machines, where the
search takes them in the product. It may hold more than can come about, never less.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

from protogen_fsm.model import automata as am
from protogen_fsm.model import expressions as ex
from protogen_fsm.verify import values as vl
from protogen_fsm.verify.chart import item_text
from protogen_fsm.verify.local import MAIN, Unfollowed, Widened
from protogen_fsm.verify.peer import BROKEN
from protogen_fsm.verify.properties import holds
from protogen_fsm.verify.system import UNBOUNDED, Composition
from protogen_fsm.verify.values import ANY

if TYPE_CHECKING:
    from protogen_fsm.model.spec import Property, System
    from protogen_fsm.verify.peer import Carried, Peer, State
    from protogen_fsm.verify.relevance import Item
    from protogen_fsm.verify.system import Move

MOST_STEPS = 200_000
MOST_WAYS = 200_000
_IN_A_HURRY = ("time", "open", "lost")


def close(system: System) -> am.Automata:
    """The closed machines of a system; Unfollowed if it cannot be, or has too many steps."""
    dropped: set[Item] = set()
    if system.patterns:
        raise Unfollowed("what patterns ask for is not exported: the check of `check` decides them")
    words: dict[str, None] = {}
    while True:
        try:
            return _Closure(Composition(system, dropped), words).all()
        except Widened as widened:
            dropped.add(widened.item)
            words[widened.words] = None


class _Closure:
    """One fixpoint. The numbers of states and items are the composition's."""

    def __init__(self, composition: Composition, widened: dict[str, None]) -> None:
        self.composition, self.widened = composition, widened
        self.peers, self.wires = composition.peers, composition.wires
        self.steps: list[dict[int, dict[am.Step, None]]] = [{} for _ in self.peers]
        self.items: dict[Carried, int] = {}
        self.texts: dict[str, am.Item] = {}
        self.on: list[dict[Carried, None]] = [{} for _ in self.wires]
        self.met: list[int] = [0] * len(self.peers)
        self.todo: deque[tuple[int, int, int, Carried | None]] = deque()
        self.made = 0

    def all(self) -> am.Automata:
        """The whole."""
        begun = self._begin()
        while self.todo:
            at, state, wire, item = self.todo.popleft()
            if item is None:
                for move in self.composition.alone(at, state):
                    self._step(at, state, move, None)
            else:
                number = self.composition.item_number(item)
                for move in self.composition.arriving(wire, number, state):
                    if move.deed.kind == "take":
                        self._step(at, state, move, (wire, self._item(item)))
        relevance = self.composition.relevance
        system = self.composition.system
        return am.Automata(
            system.name,
            system.doc,
            system.span.source.path,
            tuple(map(self._automaton, range(len(self.peers)))),
            tuple(map(self._wire, range(len(self.wires)))),
            tuple(self.texts.values()),
            tuple(begun),
            tuple(_Asked(self.composition, asked).done() for asked in system.properties),
            UNBOUNDED,
            (*relevance.unfollowed, *self.widened),
            (),
        )

    # ------------------------------------------------------------ the fixpoint

    def _begin(self) -> list[am.Beginning]:
        found: dict[am.Beginning, None] = {}
        for _, config in self.composition.begin():
            words = []
            for wire in range(len(self.wires)):
                word = self.composition.word(config, wire)
                for item in word:
                    self._comes(wire, item)
                words.append(tuple(map(self._item, word)))
            found[am.Beginning(config[: len(self.peers)], tuple(words))] = None
        self._look()
        return list(found)

    def _step(self, at: int, source: int, move: Move, takes: tuple[int, int] | None) -> None:
        outcome = move.deed.outcome
        assert outcome is not None
        target, puts = (source if move.after < 0 else move.after), self._puts(move)
        hurry = outcome.kind if outcome.kind.startswith(_IN_A_HURRY) else ""
        cause = outcome.cause or "dropped: the connection is closed"
        step = am.Step(
            target,
            cause,
            takes,
            move.takes,
            puts,
            outcome.refused,
            hurry,
            outcome.kind == "fate",
            outcome.kind == "dropped",
        )
        known = self.steps[at].setdefault(source, {})
        if step not in known:
            known[step] = None
            self.made += 1
            if self.made > MOST_STEPS:
                raise Unfollowed(f"its machines by themselves take more than {MOST_STEPS:,} steps")
        self._look()

    def _look(self) -> None:
        """States that are new."""
        for at in range(len(self.peers)):
            for state in range(self.met[at], len(self.composition.states_of(at))):
                self.todo.append((at, state, -1, None))
                for number, wire in enumerate(self.wires):
                    if wire.receiver == at:
                        self.todo.extend((at, state, number, item) for item in self.on[number])
            self.met[at] = len(self.composition.states_of(at))

    def _puts(self, move: Move) -> tuple[tuple[int, int], ...]:
        found = []
        for wire, sequence in move.puts:
            if self.composition.says_anything(self.wires[wire].receiver):
                continue
            for item in self.composition.sequence(sequence):
                self._comes(wire, item)
                found.append((wire, self._item(item)))
        return tuple(found)

    def _comes(self, wire: int, item: Carried) -> None:
        if item not in self.on[wire]:
            self.on[wire][item] = None
            at = self.wires[wire].receiver
            self.todo.extend((at, state, wire, item) for state in range(self.met[at]))

    def _item(self, item: Carried) -> int:
        """The number of an item; two that read the same are told apart by theirs."""
        number = self.items.get(item)
        if number is None:
            text = item_text(item)
            if text in self.texts:
                text = f"{text} [{len(self.items)}]"
            number = self.items[item] = len(self.items)
            self.texts[text] = am.Item(text, item.kind in ("end", "lost"), item == BROKEN)
        return number

    # ------------------------------------------------------------ what it comes to

    def _automaton(self, at: int) -> am.Automaton:
        peer = self.peers[at]
        locals_ = tuple(
            am.Local(
                state.locals[0].here(),
                _detail(peer, state),
                tuple(self.steps[at].get(number, ())),
                state.ended,
            )
            for number, state in enumerate(self.composition.states_of(at))
        )
        name = peer.declared.machine.name
        first = frozenset(self.composition.first[at])
        return am.Automaton(peer.name, name, locals_, first, self.composition.ends(at))

    def _wire(self, number: int) -> am.Wire:
        wire = self.wires[number]
        return am.Wire(
            wire.sender,
            wire.receiver,
            wire.capacity,
            wire.faults,
            tuple(sorted(self.items[item] for item in self.on[number])),
            "lossy" in wire.faults or self.peers[wire.receiver].is_stream,
            self.composition.says_anything(wire.sender),
        )


def _detail(peer: Peer, state: State) -> str:
    """What is in a state beside its name: values, what runs, the layers below."""
    top = state.locals[0]
    told = [
        f"{variable.name} = {vl.shown(value)}"
        for variable, value in zip(peer.top.variables, top.vars, strict=True)
        if vl.shown(value)
    ]
    told += [f"{item[2]} = {vl.shown(value)}" for item, value in top.params if vl.shown(value)]
    told += [f"{name} runs" for name in sorted(top.timers)]
    told += [f"{one.name} in {one.local.here()}" for one in top.held]
    if top.deferred:
        told.append("kept: " + ", ".join(e.event.name for e in top.deferred if e.event))
    if top.stack:
        told.append("behind: " + ", ".join(dict(one.where)[MAIN].name for one in top.stack))
    for level, local in zip(peer.levels[1:], state.locals[1:], strict=True):
        told.append(f"{level.machine.name} in {local.names()}")
    told += [state.mode] if state.mode != "line" else []
    told += ["not open yet"] if not state.opened else []
    told += ["gone"] if state.gone else ["closed"] if state.closed else []
    return ", ".join(told)


class _Asked:
    """A property, as states of peers."""

    def __init__(self, composition: Composition, asked: Property) -> None:
        self.composition, self.asked = composition, asked

    def done(self) -> am.Asked:
        """The property."""
        asked = self.asked
        left = asked.left
        text = " ".join(asked.span.text.split())
        if asked.kind == "never":
            return am.Asked("never", self._of(left, True), None, text, asked.doc, asked.span)
        if asked.kind == "always":
            wrong = am.Other(self._of(left, False))
            return am.Asked("never", wrong, None, text, asked.doc, asked.span)
        if asked.kind == "reachable":
            return am.Asked("reachable", self._of(left, False), None, text, asked.doc, asked.span)
        if asked.kind == "leads to" and asked.right is not None:
            from_, to = self._of(left, True), self._of(asked.right, False)
            return am.Asked("leads to", from_, to, text, asked.doc, asked.span)
        raise Unfollowed(f"`{asked.kind}` cannot be said of its states alone")

    def _of(self, e: ex.Expr, may: bool) -> am.Formula:
        """Where an expression holds: may hold, or holds for sure."""
        if isinstance(e, ex.Op) and e.op in ("and", "or"):
            parts = tuple(self._of(one, may) for one in e.operands)
            return am.Every(parts) if e.op == "and" else am.Some(parts)
        if isinstance(e, ex.Op) and e.op == "not":
            return am.Other(self._of(e.operands[0], not may))
        return self._plain(e, may)

    def _plain(self, e: ex.Expr, may: bool) -> am.Formula:
        """What hangs on a few peers: each way in which they may be, gathered by what is alike."""
        if isinstance(e, ex.InState) and e.index is None and len(count := self._those(e)) > 1:
            each = (replace(e, index=index) for index in range(len(count)))
            return am.Some(tuple(self._plain(one, may) for one in each))
        peers = sorted({number for one in ex.walk(e) for number in self._those(one)})
        groups = [self._alike(e, peer) for peer in peers]
        if prod(map(len, groups)) > MOST_WAYS:
            raise Unfollowed(f"`{e.span.text}` hangs on too many values at once")
        found: list[tuple[frozenset[int], ...]] = []
        for chosen in product(*groups):
            value = self._holds(e, dict(zip(peers, (one for one, _ in chosen), strict=True)))
            if value is True or (may and value is ANY):
                found.append(tuple(states for _, states in chosen))
        ways = [
            [am.In(peer, states) for peer, states in zip(peers, way, strict=True)]
            for way in _gathered(found, len(peers))
        ]
        return am.Some(tuple(am.Every(tuple(way)) if len(way) != 1 else way[0] for way in ways))

    def _holds(self, e: ex.Expr, those: dict[int, int]) -> Any:
        """What an expression comes to with some peers in these states, wherever the others are."""
        config = [those.get(peer, 0) for peer in range(len(self.composition.peers))]
        return holds(e, (*config, *(0 for _ in self.composition.wires)), self.composition)

    def _alike(self, e: ex.Expr, peer: int) -> list[tuple[int, frozenset[int]]]:
        """The states of a peer, those together that the expression cannot tell apart."""
        asked = {one.variable for one in ex.walk(e) if isinstance(one, ex.PeerVar)}
        variables = self.composition.peers[peer].top.variables
        found: dict[object, set[int]] = {}
        for number, state in enumerate(self.composition.states_of(peer)):
            top = state.locals[0]
            values = [v for name, v in zip(variables, top.vars, strict=True) if name in asked]
            found.setdefault((top.where, tuple(values)), set()).add(number)
        return [(min(numbers), frozenset(numbers)) for numbers in found.values()]

    def _those(self, e: object) -> list[int]:
        """The peers that a part of an expression speaks of."""
        if isinstance(e, ex.InState):
            peer, index = e.subject.partition(".")[0], e.index
        elif isinstance(e, ex.PeerVar):
            peer, index = e.peer, e.index
        else:
            return []
        numbers = self.composition.numbers[peer]
        return numbers if index is None else [numbers[index]]


def _gathered(
    ways: list[tuple[frozenset[int], ...]], count: int
) -> list[tuple[frozenset[int], ...]]:
    """The same ways in fewer words: those that differ in one place only are one."""
    for at in range(count - 1, -1, -1):
        found: dict[tuple[frozenset[int], ...], frozenset[int]] = {}
        for way in ways:
            rest = way[:at] + way[at + 1 :]
            found[rest] = found.get(rest, frozenset()) | way[at]
        ways = [(*rest[:at], states, *rest[at:]) for rest, states in found.items()]
    return ways
