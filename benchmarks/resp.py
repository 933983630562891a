"""A RESP server under `redis-benchmark`, GET and SET: ours beside redis-server and two by hand.

    python benchmarks/resp.py [--rounds 7] [--scale 1.0] [--quick]

Each server is a process of its own, started once and warmed up; they take turns. With `-P 1` what
counts is the rate, beside redis-server; with `-P 50` the processor time of the server's process for
each command, beside the servers in Python. Last, the same bytes without any socket.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any

from children import Running, installed, serving
from measure import HERE, ROOT, build, interleaved, machine_facts, ratio, table, verdict

if TYPE_CHECKING:
    from collections.abc import Callable

OURS, REDIS, BY_HAND, TWISTED = "protogen", "redis-server", "by hand", "Twisted LineReceiver"
COMMANDS = ("SET", "GET")
PIPELINED = {1: 20_000, 50: 100_000}  # commands of each kind in a round
REDIS_SERVER = (
    *("redis-server", "--port", "{port}", "--bind", "127.0.0.1"),
    *("--save", "", "--appendonly", "no"),
)


@dataclass
class Taken:
    """What the rounds of one server gave, for SET and GET: rates, and CPU for each command."""

    rates: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in COMMANDS})
    cpu: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in COMMANDS})


def drive(server: Running, command: str, pipelined: int, count: int) -> tuple[float, float]:
    """Commands a second, and microseconds of the server's CPU for each."""
    before = server.cpu()
    done = subprocess.run(
        [
            *("redis-benchmark", "-p", str(server.port), "-t", command.lower(), "--csv"),
            *("-c", "50", "-P", str(pipelined), "-n", str(count)),
        ],
        capture_output=True,
        text=True,
        timeout=300,
    )
    used = server.cpu() - before
    rows = [row for row in csv.reader(io.StringIO(done.stdout)) if row and row[0] == command]
    if done.returncode or not rows:
        sys.exit(f"redis-benchmark failed ({done.returncode}): {done.stdout}{done.stderr}")
    return float(rows[0][1]), used / count * 1e6


def measure(
    servers: dict[str, Running], pipelined: int, rounds: int, count: int
) -> dict[str, Taken]:
    taken = {name: Taken() for name in servers}
    for round_ in range(rounds + 1):
        for name, server in servers.items():
            for command in COMMANDS:
                rate, cpu = drive(server, command, pipelined, count if round_ else count // 5)
                if round_:  # the first warms up
                    taken[name].rates[command].append(rate)
                    taken[name].cpu[command].append(cpu)
    return taken


class Transport:
    """Where the hand-written server writes to when there is no socket."""

    def write(self, data: bytes) -> None:
        pass


def bare(folder: str, rounds: int) -> dict[str, list[float]]:
    """Microseconds to parse and answer a command, half of them SET and half GET, 50 at a time."""
    sys.path[:0] = [folder, str(ROOT / "examples"), str(HERE / "servers")]
    import resp_by_hand

    import resp_server

    ours = resp_server.RedisServer(resp_server.Store())
    hand = resp_by_hand.Server({})
    hand.connection_made(Transport())  # type: ignore[arg-type]
    pair = (b"*3\r\n$3\r\nSET\r\n$16\r\nkey:__rand_int__\r\n$3\r\nVXK\r\n"
            b"*2\r\n$3\r\nGET\r\n$16\r\nkey:__rand_int__\r\n")  # fmt: skip
    data = pair * 25

    def generated() -> None:
        ours.receive_data(data)
        ours.data_to_send()

    feed: dict[str, Callable[[], Any]] = {
        OURS: generated,
        BY_HAND: lambda: hand.data_received(data),
    }

    def once(name: str) -> float:
        step = feed[name]
        begun = time.process_time()
        for _ in range(40):
            step()
        return (time.process_time() - begun) / (40 * 50) * 1e6

    return interleaved(feed, rounds, once)


def main() -> None:
    """Start the servers, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--scale", type=float, default=1.0, help="so many times the commands")
    parser.add_argument("--quick", action="store_true", help="two rounds of a quarter")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.scale = 2, 0.25
    for program in ("redis-server", "redis-benchmark"):
        if which(program) is None:
            sys.exit(f"{program} is not installed; it comes with Redis (redis-server, redis-tools)")

    rows, verdicts = [], []
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        build(ROOT / "specs" / "resp.proto", Path(folder))
        servers = {
            name: stack.enter_context(serving("resp_main.py", name, folder))
            for name in (OURS, BY_HAND, TWISTED)
        }
        servers[REDIS] = stack.enter_context(installed(REDIS_SERVER, folder))
        for pipelined, count in PIPELINED.items():
            taken = measure(servers, pipelined, options.rounds, int(count * options.scale))
            ours = taken[OURS]
            for command in COMMANDS:
                for name, one in taken.items():
                    cpu = ratio(ours.cpu[command], one.cpu[command])
                    rate = ratio(one.rates[command], ours.rates[command])
                    what = f"{command} -P {pipelined}"
                    rows.append([what, name, f"{statistics.median(one.rates[command]):.0f}",
                                 f"{statistics.median(one.cpu[command]):.1f}",
                                 f"{rate:.2f}", f"{cpu:.2f}"])  # fmt: skip
                    if pipelined == 1 and name == REDIS:
                        verdicts.append(verdict(f"{what}: our rate / {name}'s", rate, 0.8))
                    if pipelined == 50 and name in (BY_HAND, TWISTED):
                        target = 0.8 if name == BY_HAND else 1.7
                        said = f"{what}: CPU of {name} / ours"
                        verdicts.append(verdict(said, cpu, target))
        without = bare(folder, 5 * options.rounds)
    print(machine_facts(), end="\n\n")
    head = ("", "server", "commands/s", "µs CPU each", "our rate to its", "its CPU to ours")
    print(table(head, rows), end="\n\n")
    for name, values in without.items():
        print(f"parse and answer, no socket, {name}: {statistics.median(values):.2f} µs a command")
    print(f"ratio: {ratio(without[OURS], without[BY_HAND]):.2f}\n")
    print(*verdicts, sep="\n")


if __name__ == "__main__":
    main()
