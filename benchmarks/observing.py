"""What it costs to look at a machine: nanoseconds for an event of SMTP, with nobody and somebody.

python benchmarks/observing.py [--rounds 15] [--quick]

All are one server of `specs/smtp.proto` in memory, fed the same commands. `never` was looked at by
nobody, `no more` was until the observer went away: the same code, so that their ratio is noise.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measure import ROOT, build, interleaved, load, machine_facts, ratio, table, verdict

if TYPE_CHECKING:
    from collections.abc import Callable

TURN = b"MAIL FROM:<a@example.org>\r\nNOOP\r\nRCPT TO:<b@example.org>\r\nRSET\r\n"
EVENTS = 4  # of the server, in a turn; each is an event of its lines too


def contestants(smtp: Any) -> dict[str, Any]:
    """A server for each way of looking."""
    from protogen_fsm.runtime.observing import Counters, Log, observe

    silent, kept = logging.getLogger("silent"), logging.getLogger("kept")
    silent.setLevel(logging.WARNING)
    kept.setLevel(logging.DEBUG)
    kept.addHandler(logging.NullHandler())
    kept.propagate = False
    looks: dict[str, Callable[[Any], Any]] = {
        "never": lambda one: None,
        "no more": lambda one: observe(one, print)(),
        "an observer that does nothing": lambda one: observe(one, lambda happening: None),
        "counters": lambda one: observe(one, Counters()),
        "a log whose level is off": lambda one: observe(one, Log(silent)),
        "a log": lambda one: observe(one, Log(kept)),
    }
    found = {}
    for name, look in looks.items():
        found[name] = one = smtp.Server("mx.example.org")
        one.receive_open()
        one.receive_data(b"EHLO me\r\n")
        one.data_to_send()
        look(one)
    return found


def once(one: Any, turns: int) -> float:
    """Nanoseconds for each event of the server."""
    begin = time.process_time()
    for _ in range(turns):
        one.receive_data(TURN)
        one.data_to_send()
    return (time.process_time() - begin) / (turns * EVENTS) * 1e9


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--turns", type=int, default=1000)
    parser.add_argument("--quick", action="store_true", help="three rounds")
    options = parser.parse_args()
    if options.quick:
        options.rounds = 3
    with tempfile.TemporaryDirectory() as folder:
        build(ROOT / "specs" / "smtp.proto", Path(folder))
        servers = contestants(load("smtp", Path(folder)))
        taken = interleaved(
            servers, options.rounds, lambda name: once(servers[name], options.turns)
        )
    rows = [
        (
            name,
            f"{min(times):.0f}",
            f"{statistics.median(times):.0f}",
            f"{1 / ratio(times, taken['never']):.2f}",
        )
        for name, times in taken.items()
    ]
    print(machine_facts(), table(("ns/event", "min", "median", "times"), rows), sep="\n\n")
    off = 1 / ratio(taken["no more"], taken["never"])
    print(
        verdict(
            "an event of a machine that nobody looks at any more, times", off, 1.03, at_least=False
        )
    )


if __name__ == "__main__":
    main()
