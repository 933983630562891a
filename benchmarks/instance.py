"""Bytes for a generated instance; CPU of imports and of `--version` beyond Python's start.

python benchmarks/instance.py [--rounds 15] [--quick]
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import tempfile
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measure import (
    HERE,
    PROTOGEN,
    ROOT,
    build,
    cpu_of,
    interleaved,
    load,
    machine_facts,
    table,
    verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable

INSTANCES = 10_000


def bytes_each(make: Callable[[], Any]) -> float:
    """Bytes that one instance keeps, out of 10,000."""
    make()
    gc.collect()
    tracemalloc.start()
    kept = [None] * INSTANCES
    before, _ = tracemalloc.get_traced_memory()
    for at in range(INSTANCES):
        kept[at] = make()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / INSTANCES


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--quick", action="store_true", help="three rounds")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        build(HERE / "session.proto", Path(folder))
        build(ROOT / "specs" / "smtp.proto", Path(folder))
        session, smtp = (load(name, Path(folder)) for name in ("session", "smtp"))
        # A server brings the machines of the layers below with it.
        sizes = {
            "session.Session": bytes_each(session.Session),
            "smtp.Server": bytes_each(lambda: smtp.Server("mx.example.org")),
            "smtp.Client": bytes_each(lambda: smtp.Client("me.example.org")),
        }

        path = f"import sys; sys.path.insert(0, {folder!r}); "
        commands = {
            "python": [sys.executable, "-c", path],
            "import smtp": [sys.executable, "-c", f"{path}import smtp"],
            "import smtp, aio": [
                *(sys.executable, "-c"),
                f"{path}import smtp; from protogen_fsm.runtime import aio",
            ],
            "import asyncio": [sys.executable, "-c", f"{path}import asyncio"],
            "protogen --version": [*PROTOGEN, "--version"],
        }
        for command in commands.values():
            cpu_of(command)
        rounds = 3 if options.quick else options.rounds
        taken = interleaved(commands, rounds, lambda name: cpu_of(commands[name])[0] * 1e3)

    print(machine_facts(), end="\n\n")
    print(table(("instance", "bytes"), [(key, f"{n:.0f}") for key, n in sizes.items()]))
    print()
    middle = {name: statistics.median(values) for name, values in taken.items()}
    beyond = {name: value - middle["python"] for name, value in middle.items()}
    rows = [
        (name, f"{min(taken[name]):.1f}", f"{middle[name]:.1f}", f"{beyond[name]:.1f}")
        for name in commands
    ]
    print(table(("ms of CPU", "min", "median", "beyond Python"), rows), end="\n\n")
    print(verdict("bytes for session.Session", sizes["session.Session"], 300, at_least=False))
    print(verdict("bytes for smtp.Server", sizes["smtp.Server"], 300, at_least=False))
    print(verdict("ms to import smtp", beyond["import smtp"], 25, at_least=False))
    print(verdict("ms for protogen --version", beyond["protogen --version"], 60, at_least=False))


if __name__ == "__main__":
    main()
