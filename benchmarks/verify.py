"""CPU and memory of `protogen check` on systems of 10^2 to 10^7 configurations, beside SPIN.

    python benchmarks/verify.py [--rounds 3] [--most 20000000] [--quick] [--alone] [--plot FILE]

The systems are those of `systems/`, in sizes. Ours is one process, from the `.proto` file to the
verdict with all that is checked without being asked. SPIN's total is `spin -a`, gcc at the best of
-O0, -O1 and -O2, and `pan -DNOREDUCE` with a hash table that fits, on what `protogen export` made
of the same file; the export is not counted. Both must find as many states.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drawing import Series, plot
from measure import CHILD, HERE, PROTOGEN, machine_facts, table, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LEVELS = ("-O0", "-O1", "-O2")
SESSION = """
    peer client{0}: Client
    peer server{0}: Server
    link client{0} <-> server{0} capacity 2
"""
LARGE = 1_000_000
MOST_BYTES = 40


@dataclass(frozen=True)
class Sized:
    """A system of a size: its name, its text, about how many configurations it has."""

    name: str
    text: str
    about: int


@dataclass(frozen=True)
class Cost:
    """What a process took: seconds of CPU, bytes at its peak; and what it said."""

    cpu: float
    peak: int
    said: str = ""

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.cpu + other.cpu, max(self.peak, other.peak), other.said)


def systems() -> Iterator[Sized]:
    """All of them, the smallest of each kind first."""
    commit = (HERE / "systems" / "commit.proto").read_text("utf-8")
    for n, about in ((2, 112), (3, 820), (4, 6_898), (5, 60_316), (6, 536_266), (7, 4_800_000)):
        text = commit.replace("Coordinator(4)", f"Coordinator({n})")
        yield Sized(f"commit, {n} participants", text.replace("nt[4]", f"nt[{n}]"), about)
    window = (HERE / "systems" / "window.proto").read_text("utf-8")
    for size, capacity, about in (
        (2, 2, 4_816), (2, 3, 21_216), (3, 3, 152_824), (3, 4, 932_024), (4, 4, 4_600_000),
    ):  # fmt: skip
        text = window.replace("WINDOW = 2", f"WINDOW = {size}")
        text = text.replace("capacity 2", f"capacity {capacity}")
        yield Sized(f"window {size}, links of {capacity}", text, about)
    request = (HERE / "systems" / "request.proto").read_text("utf-8")
    before, _, _ = request.partition("    peer client1")
    for n in (1, 2, 3, 4):
        sessions = "".join(SESSION.format(at) for at in range(1, n + 1))
        yield Sized(f"requests, {n} sessions", f"{before}{sessions}}}\n", 33**n)


def run(command: Sequence[str | Path], folder: Path) -> Cost:
    """A process and its children, to their end."""
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=CHILD,
    ) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        sys.exit(f"{command} ended with {process.returncode}:\n{said}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, said)


def ours(spec: Path, most: int) -> Cost:
    """`protogen check` on a file."""
    limits = ("--max-states", str(most), "--timeout", "10000")
    return run([*PROTOGEN, "check", *limits, spec], spec.parent)


def spin(model: Path, level: str, about: int) -> Cost:
    """SPIN's way, with gcc at a level."""
    bits = max(16, math.ceil(math.log2(about)) + 1)
    compiled = ["gcc", level, "-DNOREDUCE", "-DSAFETY", "-DNOCLAIM", "-o", "pan", "pan.c"]
    return (
        run(["spin", "-a", model.name], model.parent)
        + run(compiled, model.parent)
        + run(["./pan", f"-w{bits}", "-m10000000", "-c0"], model.parent)
    )


def states(said: str) -> int:
    """How many configurations were found, as either of the two says it."""
    found = re.search(r"([\d,]+) configuration", said) or re.search(r"(\d+) states, stored", said)
    if found is None:
        sys.exit(f"no number of states in:\n{said}")
    return int(found[1].replace(",", ""))


def measured(
    one: Sized, rounds: int, most: int, folder: Path
) -> tuple[int, list[Cost], list[Cost]]:
    """How many states it has, and what ours and SPIN's took, round by round."""
    spec, model = folder / "system.proto", folder / "system.pml"
    spec.write_text(one.text, encoding="utf-8")
    run([*PROTOGEN, "export", spec, "--format", "promela", "-o", model], folder)
    levels = [*LEVELS]
    mine: list[Cost] = []
    theirs: list[Cost] = []
    count = 0
    for _ in range(rounds):
        mine.append(ours(spec, most))
        count = states(mine[-1].said)
        costs = {level: spin(model, level, count) for level in levels}
        best = min(costs, key=lambda level: costs[level].cpu)
        theirs.append(costs[best])
        if states(costs[best].said) != count:
            sys.exit(f"{one.name}: {count} states by ours, {states(costs[best].said)} by SPIN")
    return count, mine, theirs


@dataclass(frozen=True)
class Point:
    """What one system came to: the medians of the rounds, and the median of their ratios."""

    name: str
    states: int
    cpu: float
    spin: float
    share: float
    peak: int

    def row(self) -> tuple[str, ...]:
        figures = f"{self.cpu:.2f}", f"{self.spin:.2f}", f"{self.share:.2f}"
        return self.name, f"{self.states:,}", *figures, f"{self.peak / 1e6:.0f}"


def point(one: Sized, rounds: int, most: int, folder: Path) -> Point:
    """One system, measured."""
    count, mine, theirs = measured(one, rounds, most, folder)
    return Point(
        one.name,
        count,
        statistics.median(cost.cpu for cost in mine),
        statistics.median(cost.cpu for cost in theirs),
        statistics.median(a.cpu / b.cpu for a, b in zip(mine, theirs, strict=True)),
        min(cost.peak for cost in mine),
    )


def alone(one: Sized, rounds: int, most: int, folder: Path) -> Point:
    """One system, measured without SPIN."""
    spec = folder / "system.proto"
    spec.write_text(one.text, encoding="utf-8")
    costs = [ours(spec, most) for _ in range(rounds)]
    cpu, peak = statistics.median(cost.cpu for cost in costs), min(cost.peak for cost in costs)
    return Point(one.name, states(costs[0].said), cpu, math.nan, math.nan, peak)


def main() -> None:
    form = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=int, default=20_000_000, help="configurations of a system")
    parser.add_argument("--quick", action="store_true", help="one round, nothing above 10^5")
    parser.add_argument("--alone", action="store_true", help="ours only, for the plot")
    parser.add_argument("--plot", type=Path, help="draw time and memory as an SVG")
    args = parser.parse_args()
    if not args.alone and not (shutil.which("spin") and shutil.which("gcc")):
        sys.exit("needs spin and gcc")
    rounds, most = (1, 100_000) if args.quick else (args.rounds, args.most)
    points: list[Point] = []
    with tempfile.TemporaryDirectory() as name:
        for one in sorted(systems(), key=lambda one: one.about):
            if one.about <= most:
                # The largest take minutes, and vary less than what is small.
                often = rounds if one.about < LARGE else 1
                found = alone if args.alone else point
                points.append(found(one, often, most, Path(name)))
                print(*points[-1].row(), sep="  ", file=sys.stderr, flush=True)
    _tell(points)
    if args.plot:
        args.plot.write_text(
            plot(
                "protogen check, from the file to the verdict",
                "configurations",
                [
                    Series("seconds of CPU", [(one.states, one.cpu) for one in points]),
                    Series("MB at the peak", [(one.states, one.peak / 1e6) for one in points]),
                ],
            ),
            "utf-8",
        )


def _tell(points: Sequence[Point]) -> None:
    print(machine_facts())
    head = ("system", "states", "ours, s", "SPIN, s", "ratio", "ours, MB")
    print(table(head, [one.row() for one in points]))
    base = max(one.peak for one in points if one.states < 100_000)  # arrays of a chunk, and Python
    large = [one for one in points if one.states > LARGE]
    for words, some, target in (("", points, 0.75), (" above 10^6 states", large, 0.3)):
        shares = [one.share for one in some if not math.isnan(one.share)]
        if shares:
            print(verdict(f"CPU beside SPIN's{words}", max(shares), target, at_least=False))
    if large:
        each = max((one.peak - base) / one.states for one in large)
        print(verdict("bytes for a state, above 10^6", each, MOST_BYTES, at_least=False))


if __name__ == "__main__":
    main()
