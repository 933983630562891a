"""A random walk through each machine of `specs/` agrees with a slow reading of its model.

`PROTOGEN_WALKS=1000 pytest tests/test_specs_at_random.py` takes so many walks through each.
"""

from __future__ import annotations

import os
import random
from functools import cache
from typing import Any

import pytest

from generated import ROOT, made
from interpreter import Interpreter, Refused
from meaning import FUNCTIONS, Failed
from protogen_fsm import pipeline
from protogen_fsm.model.types import Enum, ListOf, Optional, Range, Struct
from protogen_fsm.source import Source
from walks import Walk

WALKS = int(os.environ.get("PROTOGEN_WALKS", "20"))
TEXTS = ["", "a", "b", "42", "a b", "me.example.org", "a@b", "SIZE=5", "/a/#", "x" * 300]
OCTETS = [b"", b"a", b"0", b"a\r\n", b".\r\n.", b"12", b"\x00\x01", b"$4", b"GET / HTTP/1.1", b"ff"]


@cache
def models(path: str) -> dict[str, Any]:
    text = (ROOT / "specs" / path).read_text("utf-8")
    return pipeline.understand(Source(str(ROOT / "specs" / path), text)).machines


SPECS = sorted(path.name for path in (ROOT / "specs").glob("*.proto"))
INSTANCES = {
    many.machine.name
    for path in SPECS
    for one in models(path).values()
    for many in one.many.values()
}
MACHINES = [
    (path, name)
    for path in SPECS
    for name, machine in models(path).items()
    if name not in INSTANCES and machine.file.endswith(path)
]


def value(r: random.Random, type_: Any) -> Any:
    """One that its type allows, in the interpreter's terms."""
    if isinstance(type_, Optional):
        return None if r.random() < 0.3 else value(r, type_.item)
    if isinstance(type_, ListOf):
        return [value(r, type_.item) for _ in range(r.randrange(4))]
    if isinstance(type_, Struct):
        return {field.name: value(r, field.type) for field in type_.fields}
    if isinstance(type_, Enum):
        return r.choice(type_.members)
    if isinstance(type_, Range):
        near = [type_.low, type_.low + 1, r.randint(type_.low, type_.high), type_.high]
        return r.choice([one for one in near if one <= type_.high])
    kinds = {"bool": [False, True], "str": TEXTS, "bytes": OCTETS, "float": [0.5, 2.0]}
    return r.choice(kinds.get(str(type_), [0, 1, 2, 3, 100, 250, 1000]))


def step(r: random.Random, model: Any) -> tuple[Any, ...]:
    """An event that the machine may hear of, mostly of its faces; or some time."""
    if r.random() < 0.15:
        return "advance", r.choice([1, 5, 31, 301, 1000])
    events = [one for one in model.events.values() if one.origin in ("below", "above")]
    built_in = [one for one in model.events.values() if one.origin == "built_in"]
    event = r.choice(events if events and r.random() < 0.93 else built_in)
    if event.name == "failed":
        event = model.events["open"]
    args = [value(r, param.type) for param in event.params]
    if event.by is not None and isinstance(event.by.type, Range) and r.random() < 0.7:
        named = [t.match.value for s in model.every_state() for t in s.transitions
                 if t.match.event is event and t.match.value]  # fmt: skip
        wanted = [int(one.replace("x", "0")) for one in named if one[0].isdecimal()]
        args[event.params.index(event.by)] = r.choice(wanted or [event.by.type.low])
    return event.name, *args


def may_come(one: Interpreter, event: Any) -> bool:
    """Whether the state receives it: no frame is decoded to what it does not."""
    said = [state.receives for state in one.state.around() if state.receives is not None]
    receives = said[0] if said else one.machine.receives
    decoded = event is not None and (event.message is not None or event.name == "data")
    return not decoded or event in receives


@pytest.fixture
def _foreseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("protogen_fsm.runtime.values.urandom", bytes)  # the same for both
    monkeypatch.setitem(FUNCTIONS, "random", bytes)


def walk_through(path: str, name: str, seed: int, *, wanders: bool = False) -> None:
    """Sixty steps at random, side by side."""
    text = (ROOT / "specs" / path).read_text("utf-8")
    module, model = made(text, str(ROOT / "specs" / path)), models(path)[name]
    r = random.Random(seed)
    args = [p.default if p.has_default and r.random() < 0.8 else value(r, p.type)
            for p in model.params]  # fmt: skip
    try:
        walk = Walk(module, model, seed, *args, prints=True, wanders=wanders)
    except (Failed, Refused):
        return
    for _ in range(60):
        event, *given = step(r, model)
        if not may_come(walk.other, model.events.get(event)):
            continue
        if event == "advance":
            walk.advance(*given)
        else:
            walk.fire(event, *given)
        if event == "lost":
            break


@pytest.mark.usefixtures("_foreseen")
@pytest.mark.parametrize(("path", "name"), MACHINES)
def test_a_walk_through_each_machine_agrees_with_its_model(path: str, name: str) -> None:
    for seed in range(WALKS):
        walk_through(path, name, seed)


@pytest.mark.usefixtures("_foreseen")
@pytest.mark.parametrize(("path", "name"), MACHINES)
def test_a_machine_that_is_pickled_before_each_step_agrees_too(path: str, name: str) -> None:
    for seed in range(max(WALKS // 5, 1)):
        walk_through(path, name, seed, wanders=True)


TUNNEL = (ROOT / "tests" / "specs" / "tunnel.proto").read_text("utf-8")


@pytest.mark.parametrize("name", ["Server", "Client"])
def test_a_walk_through_a_handshake_and_on(name: str) -> None:
    """Until it is done the application alone is heard, and what it asks for waits."""
    model = pipeline.understand(Source("tunnel.proto", TUNNEL)).machines[name]
    above = [one for one in model.events.values() if one.origin == "above"]
    shaken = 0
    for seed in range(3 * WALKS):
        r = random.Random(seed)
        walk = Walk(made(TUNNEL), model, seed, prints=True)
        for _ in range(40):
            if walk.other.shaking is None:
                event, *given = step(r, model)
                if event in ("lost", "secured"):
                    continue
            elif r.random() < 0.5:
                shaken += 1
                walk.secured()
                continue
            else:
                one = r.choice(above)
                event, given = one.name, [value(r, param.type) for param in one.params]
            if event == "advance":
                walk.advance(*given)
            else:
                walk.fire(event, *given)
    assert shaken > WALKS
