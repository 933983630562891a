"""CPU of `protogen check` on the specs that come with protogen, beyond Python's own start.

python benchmarks/ordinary.py [--rounds 9] [--quick]
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys

from measure import CHILD, PROTOGEN, ROOT, cpu_of, interleaved, machine_facts, ratio, table, verdict

TARGET = 0.4


def configurations(spec: str) -> int:
    """How many `protogen check` says that it has looked at, in all systems of a spec."""
    command = [*PROTOGEN, "check", spec]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=CHILD)
    if done.returncode:
        sys.exit(f"protogen check {spec} failed ({done.returncode}):\n{done.stdout}{done.stderr}")
    found = re.findall(r"([0-9,]+)\s+configurations", done.stdout + done.stderr)
    return sum(int(number.replace(",", "")) for number in found)


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--quick", action="store_true", help="three rounds")
    options = parser.parse_args()

    start = "python"
    commands = {start: [sys.executable, "-c", "pass"]}
    for path in sorted(ROOT.glob("specs/*.proto")):
        commands[path.stem] = [*PROTOGEN, "check", str(path)]
    sizes = {
        name: configurations(command[-1]) for name, command in commands.items() if name != start
    }
    rounds = 3 if options.quick else options.rounds
    taken = interleaved(commands, rounds, lambda name: cpu_of(commands[name])[0])

    print(machine_facts())
    rows, lines = [], []
    for name, size in sizes.items():
        beyond = [all_ - own for all_, own in zip(taken[name], taken[start], strict=True)]
        rows.append(
            (
                name,
                f"{size:,}" if size else "",
                f"{min(beyond):.2f}",
                f"{statistics.median(beyond):.2f}",
                f"{ratio(taken[start], taken[name]):.0f}",
            )
        )
        if size:
            lines.append(verdict(f"least s for {name}", min(beyond), TARGET, at_least=False))
    head = ("spec", "configurations", "least, s", "median, s", "times Python's start")
    print(table(head, rows), "", *lines, sep="\n")
    print(f"\nPython's start: {min(taken[start]):.3f} s")


if __name__ == "__main__":
    main()
