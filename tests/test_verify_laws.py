"""What the search does with a machine is what the reference interpreter does with it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from interpreter import MAIN, Interpreter, Refused
from meaning import nothing
from protogen_fsm import pipeline
from protogen_fsm.model.machine import Branch, Transition
from protogen_fsm.source import Source
from protogen_fsm.verify import values as vl
from protogen_fsm.verify import verify
from protogen_fsm.verify.peer import Outcome
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
"""


class Replay:
    """The peers of a run, each by the reference interpreter."""

    def __init__(self, composition: Composition) -> None:
        self.composition = composition
        self.branches: list[Branch] = []
        self.answers: list[bool] = []
        self.rows: list[Transition] = []
        self.machines = []
        for peer in composition.peers:
            machine = peer.declared.machine
            own = [peer.top.own.get(p.name, p.default) for p in machine.params]
            self.machines.append(Interpreter(machine, self.choose, *own))

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
        machine = self.machines[number]
        self.branches = [b for b in outcome.branches if b.outcome is not None]  # type: ignore[attr-defined]
        self.answers = [
            choice.text.endswith("is true") for choice in outcome.choices
            if choice.kind == "predicate"
        ]  # fmt: skip
        machine.told.clear()
        refused = False
        for _, event in outcome.taken:
            try:
                if event.event is None:
                    machine.memory.dues.pop(("time-out", event.track), None)
                    machine._take(None, [], event.track)
                    continue
                if event.event.origin == "timer":
                    machine.memory.dues.pop(("timer", event.event.name), None)
                args = [concrete(a, p) for a, p in zip(event.args, event.event.params, strict=True)]
                machine._take(event.event, args)
            except Refused:
                refused = True
        assert refused == bool(outcome.refused)
        if after is None:
            return
        local = self.composition.state(after, number).locals[0]
        assert {(track, state.name) for track, state in local.where} == {
            (track, state.name) for track, state in machine.memory.where.items()
        }
        stepper = self.composition.peers[number].top
        matter = stepper.live[local.leaf] if stepper.live is not None else stepper.variables
        for variable, value in zip(stepper.variables, local.vars, strict=True):
            if variable in matter and vl.is_exact(value):
                assert machine.memory.vars[variable.name] == value, variable.name
        if not local.leaf.final:
            running = {track for kind, track in machine.memory.dues if kind == "time-out"}
            assert running == set(local.waits)
            assert {n for k, n in machine.memory.dues if k == "timer"} == set(local.timers)
        sent = [e[0] for e in machine.told if e[0] in machine.machine.sends]
        assert [item.name for item in outcome.said if item.kind == "event"] == sent


def concrete(value: Any, param: Any) -> Any:
    if isinstance(value, vl.Between):
        return value.low if value.low is not None else value.high or 0
    return value if vl.is_exact(value) else nothing(param.type)


def compositions(text: str, path: str) -> list[Composition]:
    spec = pipeline.understand(Source(path, text))
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


def test_main_is_the_same_word_in_both() -> None:
    from protogen_fsm.verify.local import MAIN as OURS

    assert OURS == MAIN
