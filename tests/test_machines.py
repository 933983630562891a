"""Random walks through random machines agree, step for step, with a slow reading of the model.

`PROTOGEN_SEEDS=100000 pytest tests/test_machines.py` takes so many machines, those from
`PROTOGEN_FIRST` on; a failure prints the least machine and the least walk that it could find.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

import machines
from generated import made
from interpreter import Refused
from meaning import Failed
from protogen_fsm import pipeline
from protogen_fsm.diagnostics import SpecError
from protogen_fsm.runtime.twins import Seen, look
from protogen_fsm.source import Source
from walks import Walk

SEEDS = int(os.environ.get("PROTOGEN_SEEDS", "30"))
FIRST = int(os.environ.get("PROTOGEN_FIRST", "0"))
PARTS = 10


def problem(lines: list[str], events: list[tuple[Any, ...]], seed: int) -> str:
    """How a walk disagrees with the model; "" if it does not, or if there is no such machine."""
    text = "\n".join(lines)
    try:
        model = pipeline.understand(Source("spec.proto", text)).machines["M"]
    except (SpecError, KeyError):
        return ""
    try:
        try:
            walk = Walk(
                made.__wrapped__(text), model, seed, 2, hooks=seed % 3 == 0, wanders=seed % 2 == 0
            )
        except (Failed, Refused):  # its first state's entry comes to nothing
            return ""
        torn = looked_at(walk.one) if seed % 2 else []
        for event, *args in events:
            if event == "advance":
                walk.advance(*args)
            elif event in model.events:
                walk.fire(event, *args)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return f"moves that nobody saw: {torn}" if torn else ""


def looked_at(one: Any) -> list[Any]:
    """Looks at the machine, which changes nothing; what it is given are moves that do not join."""
    torn: list[Any] = []
    places = {place: getattr(one, place) for place in ("state", *one._regions)}

    def see(machine: Any, what: str, name: str, args: tuple[Any, ...]) -> None:
        if what == "moves" and machine is one:
            if args[0] != places[name]:
                torn.append((name, places[name], *args))
            places[name] = args[1]

    one.below.__class__ = type("SeenBelow", (Seen, type(one.below)), {})
    one.below._observers = (see,)
    look(one, one.below)
    return torn


def least(lines: list[str], events: list[tuple[Any, ...]], seed: int) -> tuple[list[str], Any]:
    """Less and less of them, as long as they disagree."""
    kind = problem(lines, events, seed)[:8]

    def fails(some: list[str], walk: list[tuple[Any, ...]]) -> bool:
        found = problem(some, walk, seed)[:8]
        if found != kind:
            return False
        said = pipeline.check(Source("spec.proto", "\n".join(some)))
        errors = ("PG211", "PG330")  # `pop` with nothing pushed, what nobody hears of instances
        return not any(one.code in errors for one in said)

    while True:
        before = lines, events
        events = without(events, partial(fails, lines))
        lines = without_blocks(lines, partial(_swapped, fails, events))
        lines = without_parts(lines, partial(_swapped, fails, events))
        if (lines, events) == before:
            return lines, events


def _swapped(fails: Callable[..., bool], events: list[Any], lines: list[str]) -> bool:
    return fails(lines, events)


def without(items: list[Any], holds: Callable[[list[Any]], bool]) -> list[Any]:
    at = 0
    while at < len(items):
        fewer = items[:at] + items[at + 1 :]
        if holds(fewer):
            items = fewer
        else:
            at += 1
    return items


def without_blocks(lines: list[str], holds: Callable[[list[str]], bool]) -> list[str]:
    """Leaves out lines, and states with all that is in them, or but for it."""
    at = 0
    while at < len(lines):
        end = block(lines, at)
        for fewer in (lines[:at] + lines[end + 1 :],
                      lines[:at] + lines[at + 1 : end] + lines[end + 1 :]):  # fmt: skip
            if holds(fewer):
                lines = fewer
                break
        else:
            at += 1
    return lines


def block(lines: list[str], at: int) -> int:
    """The last line of what begins at that line."""
    depth = 0
    for end, line in enumerate(lines[at:], at):
        depth += line.count("{") - line.count("}")
        if depth <= 0:
            return end
    return len(lines) - 1


def without_parts(lines: list[str], holds: Callable[[list[str]], bool]) -> list[str]:
    """Leaves out actions, guards, targets."""
    at = 0
    while at < len(lines):
        for shorter in shortened(lines[at]):
            fewer = [*lines[:at], shorter, *lines[at + 1 :]]
            if holds(fewer):
                lines = fewer
                break
        else:
            at += 1
    return lines


def shortened(line: str) -> Iterator[str]:
    """The line without one thing that is said in it."""
    signs = r" when | -> | then | / |, | \| "
    for part in re.finditer(signs, line):
        for end in re.finditer(rf"{signs}| |$", line):
            if end.start() > part.start():
                yield line[: part.start()] + line[end.start() :]
            if end.start() > part.start() and part[0] == " / " and end[0] == ", ":
                yield line[: part.end()] + line[end.end() :]


@pytest.mark.parametrize("part", range(PARTS))
def test_a_walk_through_any_machine_agrees_with_the_model(part: int) -> None:
    for seed in range(FIRST + part, FIRST + SEEDS, PARTS):
        lines = machines.Maker(seed).text()
        events = machines.walk(seed)
        if problem(lines, events, seed):
            lines, events = least(lines, events, seed)
            said = problem(lines, events, seed)
            text = "\n".join(lines)
            pytest.fail(f"seed {seed}: {said}\n{text}\n{events!r}", pytrace=False)


# The least machines that once disagreed.
FOUND = {
    "a record keeps a list of its own": (
        """
        initial state A { on e1(k) / box = Box(k, xs), xs += [k] }
        """,
        [("e1", 2), ("e1", 3)],
    ),
    "an inner state goes on as the state around it says, wherever the step came from": (
        """
        initial state A {
            on e1(k) -> C(k)
            state B { entry -> D  state C(p: int)  initial state D { entry -> E } }
            state E
        }
        """,
        [("e1", 2)],
    ),
    "a push by `entry ->` within a push that goes on afterwards": (
        """
        initial state A { on e0 -> push B then C }
        state B { entry -> push D }
        state D { on e0 -> pop }
        state C
        """,
        [("e0",), ("e0",)],
    ),
    "a push that goes on to where it began": (
        """
        initial state A { entry -> push B then A }
        state B { on e0 -> pop }
        """,
        [("e0",), ("e0",)],
    ),
    "a push that goes on to the end": (
        """
        initial state A { on e0 -> push B then END }
        state B { on e0 -> pop }
        final state END
        """,
        [("e0",), ("e0",)],
    ),
    "regions that wait on the stack are nowhere, and their time stands still": (
        """
        initial state A {
            on e0 -> push B
            region R { initial state C { after 3s -> D(n) }  state D(p: int) }
            region S { initial state E { on e0 when R in C -> F } state F }
        }
        state B {
            on e0 when R in C -> A
            on e1(k) -> pop
            on e2(k, j) -> A
        }
        """,
        [("e0",), ("e0",), ("advance", 1), ("e0",), ("advance", 2), ("e2", 1, 1), ("e1", 1),
         ("advance", 1), ("advance", 1)],
    ),
    "a region that leads out as it is entered": (
        """
        initial state A {
            region R { initial state B { entry -> END } }
            region S { initial state C { entry / n = 1 } }
        }
        final state END
        """,
        [],
    ),
    "time-outs of the same time": (
        """
        initial state A {
            after 1s / emit did(1)
            region R { initial state B { after 1s / emit did(2) } }
            region S { initial state C { after 1s / emit did(3) } }
        }
        """,
        [("advance", 1)],
    ),
    "an instance that its host ends in the same step does not take the event that starts it": (
        """
        many ones: I by id
        initial state A { on e2(k, j) / close, start ones(k) }
        """,
        [("e2", 1, 2)],
    ),
    "an instance takes the event that starts it behind all that the host's chain of steps tells": (
        """
        many ones: I by id
        initial state A {
            on e2(k, j) / start ones(k), raise r(j)
            on r(k) when k > 0 / emit did(k), raise r(k - 1)
        }
        """,
        [("e2", 1, 2), ("e2", 2, 0)],
    ),
    "an instance that closes as it begins does so behind the step that starts it": (
        """
        many ones: J by id
        initial state A { on e2(k, j) / start ones(k), n += xs[j] }
        """,
        [("e2", 1, 2), ("e2", 2, 0)],
    ),
    "a host that ends in the step that starts an instance": (
        """
        many ones: I by id
        initial state A { on e2(k, j) -> END / start ones(k), raise r  on r / n = 1 }
        final state END { on r / n = 2 }
        """,
        [("e2", 1, 2)],
    ),
    "a chain that is refused is undone with hooks too": (
        """
        initial state A { on e1(k) / n = k, raise r  on r when n > 5 / n = 0 }
        """,
        [("e1", 2), ("e1", 6)],
    ),
}  # fmt: skip
HEAD = """protocol P
struct Box { n: int, ns: list[int] }
machine I(id: int) {
accepts e2(id: int, j: int)
emits did(k: int)
initial state X { on e2 / emit did(id) }
}
machine J(id: int) {
accepts e2(id: int, j: int)
emits did(k: int)
initial state X { entry / close  on e2 / emit did(id) }
}
machine M(most: int) {
accepts e0, e1(k: int), e2(id: int, j: int)
emits did(k: int)
var n: int = 0
var xs: list[int] = [1]
var box: Box? = none"""


@pytest.mark.parametrize("title", FOUND)
def test_what_once_disagreed_agrees(title: str) -> None:
    body, events = FOUND[title]
    pipeline.understand(Source("spec.proto", "\n".join([HEAD, body, "}"])))
    for seed in (0, 1):  # with hooks, and without
        assert problem([HEAD, body, "}"], events, seed) == ""


def test_most_machines_made_at_random_mean_something() -> None:
    errors = []
    for seed in range(60):
        text = "\n".join(machines.Maker(seed).text())
        try:
            pipeline.understand(Source("spec.proto", text))
        except SpecError as error:
            errors.append(str(error.diagnostics[0]))
    assert len(errors) < 6, errors


def test_every_machine_made_at_random_can_be_checked() -> None:
    for seed in range(FIRST, FIRST + SEEDS // 2):
        pipeline.check(Source("spec.proto", "\n".join(machines.Maker(seed).text())))
