"""What the search does with a machine is what the reference interpreter does with it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

import machines
from interpreter import MAIN, Interpreter, Refused
from meaning import Failed, nothing
from protogen_fsm import pipeline
from protogen_fsm.model.machine import Branch, Transition
from protogen_fsm.model.types import ListOf, Optional, is_int
from protogen_fsm.source import Source
from protogen_fsm.verify import values as vl
from protogen_fsm.verify import verify
from protogen_fsm.verify.local import Event, Local, Unfollowed, Widened
from protogen_fsm.verify.peer import Outcome
from protogen_fsm.verify.relevance import Relevance
from protogen_fsm.verify.stepper import Stepper
from protogen_fsm.verify.system import Composition, Config, Deed

SPECS = Path(__file__).parent.parent / "specs"
OVER_NOTHING = [*sorted(path.name for path in SPECS.glob("models/*.proto")), "../sip.proto"]
SPEC_ODDITIES = """protocol Oddities
enum Mood { calm, angry }
machine Asker {
    receives yes(n: 0..3), no, later sends ask(n: 0..3), hush accepts go(n: 0..3), stop
    predicate is_sure(n: int)
    var count: 0..3 = 0
    var mood: Mood = calm
    state WORK {
        on stop -> REST / send hush
        exit / mood = angry
        initial state IDLE {
            on go(n) when is_sure(n) -> WAIT(n) / count = n, send ask(n)
            on go -> push ASIDE
        }
        state WAIT(n: 0..3) {
            on yes(m) when m == n -> IDLE / raise count_up
            on no
                | retry -> WAIT(n) / send ask(n)
                | give_up(mood: Mood) -> IDLE / self.mood = mood
            defer later
            after 1s -> history WORK
        }
        on count_up when count < 3 / count += 1
        on count_up / count = 0
        ignore later
    }
    state ASIDE {
        entry / raise back
        on back -> pop
        defer yes, no, later
    }
    state REST {
        after 1s -> WORK
        ignore yes, no, later
    }
}
machine Teller {
    receives ask(n: 0..3), hush sends yes(n: 0..3), no, later
    state BOTH {
        initial state OPEN {
            region Answers {
                initial state READY { on ask(n) when Moods in GOOD / send yes(n)  on ask / send no }
            }
            region Moods {
                initial state GOOD { on hush -> BAD  after 2s -> BAD }
                state BAD { on ask -> GOOD / send later }
            }
        }
        on hush -> OPEN
    }
}
system S { peer asker: Asker peer teller: Teller link asker <-> teller capacity 2 }
system Falling {
    peer asker: Asker crashing restarting
    peer teller: Teller closing
    link asker <-> teller capacity 2
}
system Anybody {
    environment peer asker: Asker
    peer teller: Teller crashing restarting
    link asker <-> teller
}
"""


class Replay:
    """The peers of a run, each by the reference interpreter."""

    def __init__(self, composition: Composition) -> None:
        self.composition = composition
        self.branches: list[Branch] = []
        self.answers: list[bool] = []
        self.rows: list[Transition] = []
        self.machines: list[Any] = [None] * len(composition.peers)
        self.keys: list[dict[tuple[str, Any], Any]] = [{} for _ in composition.peers]
        for number, peer in enumerate(composition.peers):
            if not peer.declared.environment:
                self.begin(number)

    def begin(self, number: int) -> None:
        peer = self.composition.peers[number]
        machine = peer.declared.machine
        own = [peer.top.own.get(p.name, p.default) for p in machine.params]
        self.machines[number] = Interpreter(machine, self.choose, *own)

    def choose(self, kind: str, name: str, count: int) -> int:
        if kind == "predicate":
            return int(self.answers.pop(0))
        branch = self.branches.pop(0)
        row = next(
            row
            for machine in self.composition.relevance.machines
            for state in machine.every_state()
            for row in (*state.transitions, *state.timeouts)
            if branch in row.branches
        )
        return row.branches.index(branch)

    def follow(self, deed: Deed, outcome: Outcome, after: Config | None) -> None:
        number = deed.peer
        if outcome.kind in ("fate", "dropped") or self.machines[number] is None:
            return
        if outcome.kind == "time again":
            self.begin(number)
        else:
            self.machines[number].told.clear()
        machine = self.machines[number]
        self.branches = [b for b in outcome.branches if b.outcome is not None]  # type: ignore[attr-defined]
        self.answers = [
            choice.text.endswith("is true") for choice in outcome.choices
            if choice.kind == "predicate"
        ]  # fmt: skip
        refused = False
        for task in outcome.taken:
            try:
                self.take(number, task)
            except Refused:
                refused = True
        assert refused == bool(outcome.refused)
        if after is None:
            return
        peer = self.composition.peers[number]
        local = self.composition.state(after, number).locals[0]
        self.compare(local, machine, peer.top)
        self.pair(number, local, machine)
        for one in local.held:
            real = machine.memory.held[one.many][self.keys[number][one.many, one.key]]
            self.compare(one.local, real, peer._steps_of(0, one))
        sent = [e[0] for e in machine.told if e[0] in machine.machine.sends]
        assert [item.name for item in outcome.said if item.kind == "event"] == sent

    def take(self, number: int, task: Any) -> None:
        machine, event = self.machines[number], task.event
        args = [] if event.event is None else [
            concrete(a, p) for a, p in zip(event.args, event.event.params, strict=True)
        ]  # fmt: skip
        if task.who is not None:
            machine = machine.memory.held[task.who[0]][self.keys[number][task.who]]
        elif event.event is not None:
            for many in machine._routes(event.event):
                at = next(i for i, p in enumerate(event.event.params) if p.name == many.by)
                here = machine.memory.held[many.name]
                free = next(key for key in (args[at], *range(1, 99)) if key not in here)
                args[at] = self.keys[number].get((many.name, args[at]), free)
        if event.event is None:
            machine.memory.dues.pop(("time-out", event.track), None)
            machine._take(None, [], event.track)
            return
        if event.event.origin == "timer":
            machine.memory.dues.pop(("timer", event.event.name), None)
        machine._take(event.event, args)

    def pair(self, number: int, local: Local, machine: Any) -> None:
        """Keys come round early: what is 1 again may be another number."""
        ours = [(one.many, one.key) for one in local.held]
        real = {(name, key) for name, held in machine.memory.held.items() for key in held}
        known = self.keys[number]
        known = {one: known[one] for one in ours if (one[0], known.get(one)) in real}
        left = sorted(real - {(name, key) for (name, _), key in known.items()})
        new = sorted(one for one in ours if one not in known)
        assert [name for name, _ in left] == [name for name, _ in new]
        self.keys[number] = known | {one: key for one, (_, key) in zip(new, left, strict=True)}

    def compare(self, local: Local, machine: Any, stepper: Any) -> None:
        assert {(track, state.name) for track, state in local.where} == {
            (track, state.name) for track, state in machine.memory.where.items()
        }
        matter = stepper.live[local.leaf] if stepper.live is not None else stepper.variables
        for variable, value in zip(stepper.variables, local.vars, strict=True):
            is_key = ("var", variable) in self.composition.relevance.keys.pools
            if variable in matter and vl.is_exact(value) and not is_key:
                assert machine.memory.vars[variable.name] == value, variable.name
        if not local.leaf.final:
            running = {track for kind, track in machine.memory.dues if kind == "time-out"}
            assert running == set(local.waits)
            assert {n for k, n in machine.memory.dues if k == "timer"} == set(local.timers)


def concrete(value: Any, param: Any) -> Any:
    if isinstance(value, vl.Between):
        return value.low if value.low is not None else value.high or 0
    return value if vl.is_exact(value) else nothing(param.type)


def compositions(text: str, path: str) -> list[Composition]:
    spec = pipeline.understand(Source(str(SPECS / "models" / path), text))
    return [Composition(system, set()) for system in spec.systems.values()]


def specs() -> list[tuple[str, str]]:
    read = [(name, (SPECS / "models" / name).read_text("utf-8")) for name in OVER_NOTHING]
    return [*read, ("oddities.proto", SPEC_ODDITIES)]


@pytest.mark.parametrize(("name", "text"), specs(), ids=[name for name, _ in specs()])
def test_a_walk_through_a_system_is_one_of_its_machines(name: str, text: str) -> None:
    for composition in compositions(text, name):
        for seed in range(30):
            chance = random.Random(seed)
            replay = Replay(composition)
            _, config = chance.choice(composition.begin())
            for _ in range(40):
                ways = [
                    one
                    for one in composition.following(config)
                    if one[0].is_pure and "value" not in {c.kind for c in choices(one[0])}
                ]
                if not ways:
                    break
                deed, after = chance.choice(ways)
                if deed.outcome is not None and not any(
                    choice.kind == "failure" for choice in deed.outcome.choices
                ):
                    replay.follow(deed, deed.outcome, after)
                elif deed.outcome is not None:
                    break  # the interpreter is not told that a handler fails
                if after is None:
                    break
                config = after


def choices(deed: Deed) -> Any:
    return () if deed.outcome is None else deed.outcome.choices


@pytest.mark.parametrize(
    "name", [name for name in OVER_NOTHING if "flawed" in name or "sip" in name]
)
def test_a_run_that_is_reported_replays_in_the_reference_interpreter(name: str) -> None:
    spec = pipeline.understand(pipeline.load(str(SPECS / "models" / name)))
    for report in verify(spec):
        for finding in report.explored.findings:
            assert report.explored.composition is not None
            replay = Replay(report.explored.composition)
            for deed, after in finding.run:
                if deed.outcome is not None:
                    replay.follow(deed, deed.outcome, after)


class Walk:
    """A random machine: what the interpreter does must be among what the search foresees."""

    def __init__(self, seed: int) -> None:
        lines = machines.Maker(seed, FOLLOWED).text()
        self.machine = understood("\n".join(lines)).machines["M"]
        self.chance = random.Random(seed)
        self.dropped: set[Any] = set()
        self.told: list[tuple[str, Any]] = []

    def run(self) -> int:
        """How many steps were compared."""
        while True:
            try:
                return self._run()
            except Widened as widened:
                self.dropped.add(widened.item)
            except Unfollowed:
                return 0

    def _run(self) -> int:
        relevance = Relevance([self.machine], [])
        stepper = Stepper(self.machine, {"most": 3}, relevance, self.dropped)
        try:
            concrete_one = Interpreter(self.machine, self._choose, 3)
        except (Failed, Refused):
            return 0
        locals_ = [one.local for one in stepper.begin() if fits(one.local, concrete_one, stepper)]
        assert locals_, "the beginning"
        for step in range(25):
            event = self._event(concrete_one)
            if event is None or concrete_one.state.final:
                return step
            concrete_one.told.clear()
            refused = False
            try:
                if event.event is None:
                    del concrete_one.memory.dues["time-out", event.track]
                elif event.event.origin == "timer":
                    del concrete_one.memory.dues["timer", event.event.name]
                concrete_one._take(event.event, list(event.args), event.track)
            except Failed:
                return step  # what fails where nobody takes it is not foreseen
            except Refused:
                refused = True
            after = []
            abstract = event._replace(args=tuple(map(known, event.args)))
            for local in locals_:
                for one in stepper.fire(local, abstract):
                    if one.refused or refused:
                        if bool(one.refused) == refused and not one.refused.startswith("fails"):
                            after.append(local)
                    elif fits(one.local, concrete_one, stepper) and said(one) == tells(
                        concrete_one
                    ):
                        after.append(one.local)
            if refused:
                return step  # of several events in one step only the first is compared
            assert after, f"step {step}: {event}"
            locals_ = list(dict.fromkeys(after))
        return 25

    def _choose(self, kind: str, name: str, count: int) -> int:
        return self.chance.randrange(count)

    def _event(self, one: Interpreter) -> Event | None:
        dues = sorted(one.memory.dues)
        if dues and self.chance.random() < 0.2:
            kind, name = self.chance.choice(dues)
            if kind == "time-out":
                return Event(None, (), name)
            return Event(self.machine.events[name], ())
        events = [e for e in self.machine.events.values() if e.origin in ("above", "below")]
        event = self.chance.choice(events)
        return Event(event, tuple(self._value(p) for p in event.params))

    def _value(self, param: Any) -> Any:
        if isinstance(param.type, ListOf):
            return [self.chance.randrange(4) for _ in range(self.chance.randrange(3))]
        if isinstance(param.type, Optional):
            return None
        return self.chance.choice([0, 1, 2, 205, 209, 404]) if param.name == "code" else (
            self.chance.randrange(5) if is_int(param.type) else nothing(param.type)
        )  # fmt: skip


FOLLOWED = tuple(f for f in machines.FEATURES if f not in ("calls", "many", "urgent"))


def understood(text: str) -> Any:
    return pipeline.understand(Source("m.proto", text))


def known(value: Any) -> Any:
    if isinstance(value, list):
        return (vl.ANY,) * len(value)
    return value if isinstance(value, int | bool) or value is None else vl.ANY


def fits(local: Local, one: Interpreter, stepper: Stepper) -> bool:
    """Whether what the search has may be what the interpreter has."""
    where = {track: state.name for track, state in local.where}
    if where != {track: state.name for track, state in one.memory.where.items()}:
        return False
    if not local.leaf.final:
        if {n for k, n in one.memory.dues if k == "timer"} != set(local.timers):
            return False
        if {n for k, n in one.memory.dues if k == "time-out"} != set(local.waits):
            return False
        if len(local.deferred) != len(one.deferred) or len(local.stack) != len(one.memory.stack):
            return False
    matter = stepper.live[local.leaf] if stepper.live is not None else stepper.variables
    return all(
        holds(value, one.memory.vars[variable.name])
        for variable, value in zip(stepper.variables, local.vars, strict=True)
        if variable in matter
    )


def holds(value: Any, concrete_value: Any) -> bool:
    if value is vl.MANY:
        return len(concrete_value) > vl.MOST_ITEMS
    if isinstance(value, tuple):
        return len(value) == len(concrete_value)
    if isinstance(value, vl.Between):
        low, high = vl.bounds(value)
        return (low is None or low <= concrete_value) and (high is None or concrete_value <= high)
    return not vl.is_exact(value) or value == concrete_value


def said(one: Any) -> list[str]:
    names = [e.output.name if e.output is not None else "close" for e in one.effects]
    return [name for name, e in zip(names, one.effects, strict=True) for _ in range(1 + e.plus)]


def tells(one: Interpreter) -> list[str]:
    found: list[str] = []
    for name, *_ in one.told:
        if name != "close" or "close" not in found:
            found.append(name)
    return found


@pytest.mark.parametrize("seed", range(150))
def test_what_a_random_machine_does_was_foreseen(seed: int) -> None:
    Walk(seed).run()


def test_main_is_the_same_word_in_both() -> None:
    from protogen_fsm.verify.local import MAIN as OURS

    assert OURS == MAIN
