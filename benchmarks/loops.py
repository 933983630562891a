"""CPU of an SMTP server for each message on each main loop: ours beside one written by hand for it.

    python benchmarks/loops.py [--rounds 5] [--scale 1.0] [--quick] [LOOP …]

The hand-written one is the server of `servers/by_hand.py` on every loop, driven as one drives a
protocol there by hand. As in `smtp.py`, which this stands on, the load is `smtp-source`'s.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import tempfile
from pathlib import Path

from smtp import LOADS, measure

from children import keep_memory, serving
from measure import ROOT, build, machine_facts, ratio, table, verdict

LOOPS = ("asyncio", "uvloop", "Twisted", "trio", "anyio", "threads")
TARGET = 0.85


def main() -> None:
    """Start two servers a loop, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("loops", nargs="*", default=LOOPS, metavar="LOOP", help=", ".join(LOOPS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="so many times the messages")
    parser.add_argument(
        "--quick", action="store_true", help="two rounds of a quarter of the messages"
    )
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.scale = 2, 0.25

    keep_memory()
    rows, verdicts = [], []
    with tempfile.TemporaryDirectory() as folder:
        build(ROOT / "specs" / "smtp.proto", Path(folder))
        for loop in options.loops:
            with contextlib.ExitStack() as stack:
                servers = {
                    who: stack.enter_context(serving("loops_main.py", f"{loop}/{who}", folder))
                    for who in ("protogen", "by hand")
                }
                for load in LOADS[:2]:
                    taken = measure(servers, load, options.rounds, options.scale)
                    times = ratio(taken["protogen"], taken["by hand"])
                    ours, theirs = (statistics.median(values) for values in taken.values())
                    rows.append((loop, load.name, f"{ours:.0f}", f"{theirs:.0f}", f"{times:.2f}"))
                    verdicts.append(verdict(f"{loop}, {load.name}", times, TARGET))
    print(machine_facts(), end="\n\n")
    head = ("loop", "load", "µs CPU/message: ours", "by hand", "ratio")
    print(table(head, rows), end="\n\n")
    print(*verdicts, sep="\n")


if __name__ == "__main__":
    main()
