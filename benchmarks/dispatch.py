"""Nanoseconds for an event: the generated machine of `session.proto` beside `sessions.py`.

    python benchmarks/dispatch.py [--rounds 25] [--loops 1000] [--quick]

All go through the same session with the same handlers, interleaved in one run. "By method" is a
call such as `machine.MAIL(sender, parameters)`; "by name" is for a caller that holds the event's
name as a string. The generated machine has its run-to-completion queue on; the hand-written ones
have none.
"""

from __future__ import annotations

import argparse
import functools
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sessions
from measure import HERE, build, interleaved, load, machine_facts, ratio, table, verdict

if TYPE_CHECKING:
    from collections.abc import Callable

GREETING = ("EHLO", ("me.example.org",))
SESSION: tuple[tuple[str, tuple[object, ...]], ...] = (
    ("MAIL", ("a@example.org", "SIZE=1000")),
    ("RCPT", ("b@example.org",)),
    ("RCPT", ("c@example.org",)),
    ("DATA", ()),
    ("block", (b"Subject: hello\r\n\r\nHello.\r\n",)),
    ("MAIL", ("a@example.org", "")),
    ("RCPT", ("b@example.org",)),
    ("RSET", ()),
    ("NOOP", ()),
)
STATES = ["ENVELOPE"] * 3 + ["BODY", "READY"] + ["ENVELOPE"] * 2 + ["READY"] * 2

OURS = "protogen"
RIVALS: dict[str, type] = {
    "getattr, by hand": sessions.GetattrSession,
    "dict table, by hand": sessions.TableSession,
    "automat": sessions.Handlers,
    "transitions": sessions.TransitionsSession,
    "python-statemachine": sessions.StatemachineSession,
}
NO_FIRE = (OURS, "automat")  # a caller by name says getattr(machine, name)(*args)
FEWER_LOOPS = {"automat": 4, "transitions": 20, "python-statemachine": 50}


def generated() -> type:
    """The user's subclass of the generated machine, with the handlers that all contestants have."""
    with tempfile.TemporaryDirectory() as folder:
        build(HERE / "session.proto", Path(folder))
        module = load("session", Path(folder))

    class Session(sessions.Handlers, module.Session):  # type: ignore[misc, name-defined]
        pass

    return Session


def opened(name: str, kind: type) -> Any:
    """A machine of this kind, past its greeting."""
    machine = sessions.automat_session(kind) if name == "automat" else kind()
    event, args = GREETING
    getattr(machine, event)(*args)
    return machine


def check(name: str, kind: type) -> None:
    """End the run unless a contestant passes through the states and calls the handlers."""
    heard: list[tuple[str, tuple[object, ...]]] = []

    def listening(handler: Any) -> Any:
        @functools.wraps(handler)
        def listen(self: Any, *args: object) -> Any:
            heard.append((handler.__name__.rpartition("_")[2], args))
            return handler(self, *args)

        return listen

    bodies = {
        key: listening(handler)
        for base in reversed(kind.__mro__)
        if base.__module__ == sessions.__name__
        for key, handler in vars(base).items()
        if key.startswith("do_")
    }
    machine = opened(name, type(kind)("Listening", (kind,), bodies))
    seen = []
    for event, args in SESSION:
        getattr(machine, event)(*args)
        seen.append(str(machine.state) if name == OURS else sessions.state_of(machine))
    if seen != STATES:
        raise SystemExit(f"{name} went through {seen}, not {STATES}")
    if heard != [GREETING, *SESSION]:
        raise SystemExit(f"{name} called {heard}")


def loop(name: str, how: str) -> Callable[[Any, int], None]:
    """A function of its own for each contestant, so that none spoils another's inline caches."""
    if how == "method":
        lines = [f"m.{event}({', '.join(map(repr, args))})" for event, args in SESSION]
    else:
        call = "getattr(m, event)(*args)" if name in NO_FIRE else "m.fire(event, *args)"
        lines = ["for event, args in SESSION:", f"    {call}"]
    body = "\n".join(f"        {line}" for line in lines)
    names: dict[str, Any] = {"SESSION": SESSION}
    exec(f"def loop(m, n):\n    for _ in range(n):\n{body}\n", names)
    return names["loop"]  # type: ignore[no-any-return]


def measure(kinds: dict[str, type], rounds: int, loops: int) -> dict[tuple[str, str], list[float]]:
    """Nanoseconds for an event, a list for each contestant and way to call it."""
    machines = {name: opened(name, kind) for name, kind in kinds.items()}
    keys = [(name, how) for how in ("method", "name") for name in kinds]
    functions = {key: loop(*key) for key in keys}

    def once(key: tuple[str, str]) -> float:
        machine, count = machines[key[0]], max(1, loops // FEWER_LOOPS.get(key[0], 1))
        start = time.process_time()
        functions[key](machine, count)
        return (time.process_time() - start) / (count * len(SESSION)) * 1e9

    return interleaved(keys, rounds, once)


def report(taken: dict[tuple[str, str], list[float]], names: list[str]) -> None:
    """The table, and the ratios beside the targets."""

    def times(name: str, how: str) -> float:
        return ratio(taken[OURS, how], taken[name, how])

    rows = [
        (
            name,
            *(
                cell
                for how in ("method", "name")
                for cell in (
                    f"{min(taken[name, how]):.0f}",
                    f"{statistics.median(taken[name, how]):.0f}",
                    f"{times(name, how):.2f}",
                )
            ),
        )
        for name in names
    ]
    head = ("ns/event", "by method: min", "median", "ratio", "by name: min", "median", "ratio")
    print(machine_facts(), table(head, rows), sep="\n\n", end="\n\n")
    print(verdict("getattr by hand, by method", times("getattr, by hand", "method"), 2.2))
    print(verdict("getattr by hand, by name", times("getattr, by hand", "name"), 1.3))
    print(verdict("automat, by method", times("automat", "method"), 12))
    print(verdict("transitions, by method", times("transitions", "method"), 30))


def main() -> None:
    """Check, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--loops", type=int, default=1000, help="sessions of nine events a round")
    parser.add_argument("--quick", action="store_true", help="three rounds")
    options = parser.parse_args()
    if options.quick:
        options.rounds = 3
    kinds = {OURS: generated(), **RIVALS}
    for name, kind in kinds.items():
        check(name, kind)
    report(measure(kinds, options.rounds, options.loops), list(kinds))


if __name__ == "__main__":
    main()
