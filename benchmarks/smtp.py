"""CPU of an SMTP server for each message, under Postfix's `smtp-source`: ours beside three others.

    python benchmarks/smtp.py [--rounds 5] [--scale 1.0] [--quick]

Each server is a process of its own, started once and warmed up; the processor time of that process
alone is read before and after each run of `smtp-source`, and the servers take turns.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from children import Running, keep_memory, serving
from measure import ROOT, build, interleaved, machine_facts, ratio, table, verdict

OURS = "protogen"
SERVERS = (OURS, "by hand", "aiosmtpd", "Twisted ESMTP")
TARGETS = {"by hand": 0.85, "aiosmtpd": 5.0, "Twisted ESMTP": 3.0}


@dataclass(frozen=True)
class Load:
    """What `smtp-source` is asked to send in one round."""

    name: str
    messages: int
    options: tuple[str, ...]


LOADS = (
    Load("1 KB, kept sessions", 1000, ("-s", "10", "-l", "1024", "-d")),
    Load("1 KB, a session each", 500, ("-s", "10", "-l", "1024")),
    Load("64 KB, kept sessions", 300, ("-s", "10", "-l", "65536", "-d")),
)


def take(server: Running, load: Load, messages: int) -> float:
    """Send messages, and say what the server used for each, in microseconds."""
    before = server.cpu()
    done = subprocess.run(
        [
            source(),
            *load.options,
            *("-m", str(messages), "-f", "a@example.org", "-t", "b@example.org"),
            f"inet:127.0.0.1:{server.port}",
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode or done.stderr:
        sys.exit(f"smtp-source failed ({done.returncode}): {done.stderr}")
    return (server.cpu() - before) / messages * 1e6


def source() -> str:
    """Where `smtp-source` is: Postfix puts it where only root looks."""
    found = which("smtp-source") or which("smtp-source", path="/usr/sbin:/usr/libexec/postfix")
    return found or sys.exit("smtp-source is not installed; it comes with Postfix")


def measure(
    servers: dict[str, Running], load: Load, rounds: int, scale: float
) -> dict[str, list[float]]:
    """Microseconds for each message, a list for each server."""
    messages = max(20, int(load.messages * scale))
    for server in servers.values():
        take(server, load, max(20, messages // 5))
    return interleaved(servers, rounds, lambda name: take(servers[name], load, messages))


def main() -> None:
    """Start the servers, measure each load, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
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
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        build(ROOT / "specs" / "smtp.proto", Path(folder))
        servers = {name: stack.enter_context(serving("main.py", name, folder)) for name in SERVERS}
        for load in LOADS:
            taken = measure(servers, load, options.rounds, options.scale)
            for name, values in taken.items():
                times = ratio(taken[OURS], values)
                middle = statistics.median(values)
                rows.append(
                    (load.name, name, f"{min(values):.0f}", f"{middle:.0f}", f"{times:.2f}")
                )
                if name in TARGETS:
                    verdicts.append(verdict(f"{load.name}, {name}", times, TARGETS[name]))
    print(machine_facts(), end="\n\n")
    print(table(("load", "server", "µs CPU/message: min", "median", "ratio"), rows), end="\n\n")
    print(*verdicts, sep="\n")


if __name__ == "__main__":
    main()
