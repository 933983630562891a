"""Nanoseconds that a handler adds to an event, by how it answers; bytes of one that waits.

    python benchmarks/handlers.py [--rounds 40] [--loops 5000] [--quick]

The machine `Worker` of `waiting.proto` takes one event again and again, under asyncio's adapter and
Twisted's, over a transport in memory. Its handler is the generated method, or a subclass's: a plain
function, a coroutine function that does not wait, one that gives a Deferred that has fired. All
take turns in one run; a cost is what the best of the rounds takes longer than the same machine with
its plain method, since what disturbs a round only ever adds to it.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import statistics
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import succeed
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from measure import HERE, build, interleaved, load, machine_facts, table, verdict
from protogen_fsm.runtime import aio, tx

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN, DEF = "generated method", "def"
ASYNC, LIMITED, WAITS = "async def, does not wait", "with a time limit", "async def, waits one turn"
FIRED_PLAIN, FIRED = "generated method, Twisted", "Deferred that has fired"
KEPT = "the same, made beforehand"
TARGETS = {DEF: (15, PLAIN), ASYNC: (700, PLAIN), FIRED: (400, FIRED_PLAIN)}
PENDING = 2_000


def handlers() -> dict[str, Any]:
    """Of each contestant its handler, None where it is the generated one."""

    def plain(self: Any) -> None: ...

    async def does_not_wait(self: Any) -> None: ...

    async def limited(self: Any) -> None:
        async with asyncio.timeout(60):
            pass

    async def waits(self: Any) -> None:
        await asyncio.sleep(0)

    def fired(self: Any) -> Any:
        return succeed(None)

    done = succeed(None)

    def kept(self: Any) -> Any:
        return done

    on_asyncio = {PLAIN: None, DEF: plain, ASYNC: does_not_wait, LIMITED: limited, WAITS: waits}
    return {**on_asyncio, FIRED_PLAIN: None, FIRED: fired, KEPT: kept}


def workers() -> dict[str, Any]:
    """A machine for each contestant, on its adapter.

    Each is of a module of its own, so that none spoils another's inline caches.
    """
    machines = {}
    with tempfile.TemporaryDirectory() as folder:
        build(HERE / "waiting.proto", Path(folder))
        for name, handler in handlers().items():
            module = load("waiting", Path(folder))
            del sys.modules["waiting"]
            members = {} if handler is None else {"do_READY_work": handler}
            machine = machines[name] = type("Mine", (module.Worker,), members)()
            if name in (FIRED_PLAIN, FIRED, KEPT):
                tx.Protocol(machine, Clock()).makeConnection(StringTransport())
            else:
                aio.Protocol(machine).connection_made(asyncio.Transport())
    return machines


def loop() -> Callable[[Any, int], None]:
    """A function of its own for each machine, as its module is."""
    names: dict[str, Any] = {}
    exec("def loop(m, n):\n    for _ in range(n):\n        m.work()\n", names)
    return names["loop"]  # type: ignore[no-any-return]


def bytes_of_one_that_waits(made: type[Any]) -> float:
    """Bytes that a connection keeps more while its handler waits."""
    machines = [made() for _ in range(PENDING)]
    for machine in machines:
        aio.Protocol(machine).connection_made(asyncio.Transport())
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for machine in machines:
        machine.work()
    asyncio.get_running_loop().call_soon(lambda: None)
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    for machine in machines:
        machine.wire.adapter.connection_lost(None)
    return taken / PENDING


async def measured(rounds: int, loops: int) -> tuple[dict[str, list[float]], float]:
    """Nanoseconds of the rounds, and the bytes of one that waits."""
    found = workers()
    functions = {name: loop() for name in found}
    turns = found.pop(WAITS)

    def once(name: str) -> float:
        start = time.process_time()
        functions[name](found[name], loops)
        return (time.process_time() - start) / loops * 1e9

    taken = interleaved(found, rounds, once)
    taken[WAITS] = []
    for _ in range(rounds):
        start = time.process_time()
        for _ in range(loops):
            turns.work()
            while turns._pending is not None:
                await asyncio.sleep(0)
        taken[WAITS].append((time.process_time() - start) / loops * 1e9)
    waits = bytes_of_one_that_waits(type(turns))
    for machine in (*found.values(), turns):
        if isinstance(machine.wire.adapter, aio.Protocol):
            machine.wire.adapter.connection_lost(None)
    return taken, waits


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--loops", type=int, default=5000, help="events a round")
    parser.add_argument("--quick", action="store_true", help="five rounds")
    options = parser.parse_args()
    taken, waits = asyncio.run(measured(5 if options.quick else options.rounds, options.loops))
    least = {name: min(values) for name, values in taken.items()}
    beside = {name: FIRED_PLAIN if name in (FIRED, KEPT) else PLAIN for name in taken}
    rows = [
        (
            name,
            f"{least[name]:.0f}",
            f"{statistics.median(values):.0f}",
            f"{least[name] - least[beside[name]]:.0f}",
        )
        for name, values in taken.items()
    ]
    print(machine_facts(), table(("ns/event", "min", "median", "cost"), rows), sep="\n\n")
    print(f"\nbytes of a handler that waits: {waits:.0f}\n")
    for name, (limit, other) in TARGETS.items():
        print(verdict(f"ns, {name}", least[name] - least[other], limit, at_least=False))


if __name__ == "__main__":
    main()
