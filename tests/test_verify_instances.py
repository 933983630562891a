"""`many` instances in systems: what the search does with them is what machines do with them."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest

import machines
from interpreter import Interpreter, Refused
from meaning import Failed
from protogen_fsm.verify.hosts import Host
from protogen_fsm.verify.local import Effect, Event, Unfollowed, Widened
from protogen_fsm.verify.peer import Outcome, State, Task
from protogen_fsm.verify.relevance import Relevance
from random_systems import Holding
from test_verify_engines import agree
from test_verify_laws import fits, known, understood

FOLLOWED = tuple(f for f in machines.FEATURES if f not in ("calls", "urgent", "many"))


class Maker(machines.Maker):
    """Makes machines that hold instances."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, (*FOLLOWED, "many"))
        self.has["many"] = True


class Walk:
    """A random machine with instances: what it does must be among what the search foresees."""

    def __init__(self, seed: int) -> None:
        self.machine = understood("\n".join(Maker(seed).text())).machines["M"]
        self.chance = random.Random(seed)
        self.dropped: set[Any] = set()

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
        kinds = [many.machine for many in self.machine.many.values()]
        relevance = Relevance([self.machine, *kinds], [])
        relevance.ordered = True
        relevance.keys.pools.clear()  # the keys are what they are
        relevance.keys.of.clear()
        declared: Any = SimpleNamespace(
            name="m", machine=self.machine, args=(), fates=frozenset(), environment=False
        )
        host = Host(declared, None, relevance, self.dropped)
        host.top.own["most"] = 3
        try:
            real = Interpreter(self.machine, self._choose, 3)
        except (Failed, Refused):
            return 0
        states = [one.state for one in host.begin() if matches(one.state, real, host)]
        assert states, "the beginning"
        for step in range(25):
            event, who = self._event(real)
            if event is None or real.state.final:
                return step
            real.told.clear()
            refused = False
            try:
                self._take(real, event, who)
            except Failed:
                return step  # what fails where nobody takes it is not foreseen
            except Refused:
                refused = True
            after = []
            abstract = event._replace(args=tuple(map(known, event.args)))
            for state in states:
                now = Outcome("", state)
                for one in host._play(now, (Task(0, abstract, who=who),)):
                    if one.refused or refused:
                        if bool(one.refused) == refused and not one.refused.startswith("fails"):
                            after.append(state)
                    elif matches(one.state, real, host) and said(one) == tells(real):
                        after.append(one.state)
            if refused or "close" in tells(real):
                return step
            assert after, f"step {step}: {event} {who}"
            states = list(dict.fromkeys(after))
        return 25

    def _take(self, real: Interpreter, event: Event, who: Any) -> None:
        if who is not None:
            real = real.memory.held[who[0]][who[1]]
        if event.event is None:
            del real.memory.dues["time-out", event.track]
        elif event.event.origin == "timer":
            del real.memory.dues["timer", event.event.name]
        real._take(event.event, list(event.args), event.track)

    def _choose(self, kind: str, name: str, count: int) -> int:
        return self.chance.randrange(count)

    def _event(self, real: Interpreter) -> tuple[Event | None, Any]:
        dues = [(None, due) for due in real.memory.dues]
        for name, held in real.memory.held.items():
            for key, one in held.items():
                dues += [((name, key), due) for due in one.memory.dues]
        if dues and self.chance.random() < 0.25:
            who, (kind, name) = self.chance.choice(sorted(dues, key=repr))
            if kind == "time-out":
                return Event(None, (), name), who
            machine = self.machine if who is None else self.machine.many[who[0]].machine
            return Event(machine.events[name], ()), who
        events = [e for e in self.machine.events.values() if e.origin == "above"]
        keyed = [e for e in events if e.name in ("e1", "e2", "got")]
        if self.chance.random() < 0.05 and "lost" in self.machine.events:
            return Event(self.machine.events["lost"], ("",)), None
        event = self.chance.choice([*events, *keyed, *keyed])
        return Event(event, tuple(self._value(p) for p in event.params)), None

    def _value(self, param: Any) -> Any:
        if param.name in ("b", "ks"):
            return None if param.name == "b" else [1] * self.chance.randrange(3)
        numbers = [0, 1, 2, 205, 209, 404] if param.name == "code" else [0, 1, 2]
        return self.chance.choice(numbers)


def matches(state: State, real: Interpreter, host: Host) -> bool:
    """Whether what the search has may be what the interpreter has, with all instances."""
    local = state.locals[0]
    if not fits(local, real, host.top):
        return False
    held = [
        (name, key, one) for name, all_ in real.memory.held.items() for key, one in all_.items()
    ]
    ours = {(one.many, one.key): one for one in local.held}
    if set(ours) != {(name, key) for name, key, _ in held}:
        return False
    return all(
        fits(ours[name, key].local, one, host._steps_of(0, ours[name, key]))
        for name, key, one in held
    )


def said(one: Outcome) -> list[str]:
    found = []
    for effect in one.told:
        if isinstance(effect, Effect):
            found += ["close" if effect.output is None else effect.output.name] * (1 + effect.plus)
    return once(found)


def tells(real: Interpreter) -> list[str]:
    return once([name for name, *_ in real.told])


def once(names: list[str]) -> list[str]:
    """The connection is closed once."""
    found: list[str] = []
    for name in names:
        if name != "close" or "close" not in found:
            found.append(name)
    return found


@pytest.mark.parametrize("some", range(15))
def test_what_a_random_machine_does_with_its_instances_was_foreseen(some: int) -> None:
    steps = sum(Walk(seed).run() for seed in range(some * 10, some * 10 + 10))
    assert steps


@pytest.mark.parametrize("some", range(4))
def test_the_engines_agree_on_random_systems_with_instances(some: int) -> None:
    seen = 0
    for seed in range(some * 10, some * 10 + 10):
        (system,) = understood(Holding(seed).text()).systems.values()
        seen += bool(agree(system).states)
    assert seen
