"""CPU of `protogen build` and `check` on large machines, beside pyfcstm and fpp-check.

    python benchmarks/build.py [--rounds 3] [--sizes 10 100 1000 5000] [--quick]

Every state has four transitions; each tool reads the same machine in its own language and runs as
a whole process, interleaved with the others, without a picture. A tool that is not installed is
left out.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from measure import PROTOGEN, cpu_of, interleaved, machine_facts, ratio, table, verdict

if TYPE_CHECKING:
    from collections.abc import Callable

EVENTS = "ABCD"
PYFCSTM_UP_TO = 1000  # more take minutes


def targets(state: int, states: int) -> list[int]:
    """Where the four transitions of a state lead; the first makes a ring, so all is reachable."""
    return [(state * by + add) % states for by, add in ((1, 1), (2, 1), (7, 3), (11, 5))]


def as_proto(states: int) -> str:
    """The machine in our language. Its last state's last transition ends it."""
    lines = [
        'protocol Big "A machine of many states."',
        "",
        "machine Big {",
        f"    accepts {', '.join(f'{event}()' for event in EVENTS)}",
        "",
    ]
    for state in range(states):
        lines.append(f"    {'initial ' if state == 0 else ''}state S{state} {{")
        for event, to in zip(EVENTS, targets(state, states), strict=True):
            last = state == states - 1 and event == EVENTS[-1]
            lines.append(f"        on {event} -> {'DONE' if last else f'S{to}'}")
        lines.append("    }")
    return "\n".join([*lines, "", "    final state DONE", "}", ""])


def as_fcstm(states: int) -> str:
    """The machine in pyfcstm's language."""
    inner = [f"    state S{state};" for state in range(states)]
    lines = ["state Big {", *inner, "    [*] -> S0;"]
    for state in range(states):
        for event, to in zip(EVENTS, targets(state, states), strict=True):
            last = state == states - 1 and event == EVENTS[-1]
            lines.append(f"    S{state} -> {'[*]' if last else f'S{to}'} : /{event};")
    return "\n".join([*lines, "}", ""])


def as_fpp(states: int) -> str:
    """The machine in FPP."""
    lines = [
        "state machine Big {",
        *(f"  signal {event}" for event in EVENTS),
        "  initial enter S0",
    ]
    for state in range(states):
        lines.append(f"  state S{state} {{")
        for event, to in zip(EVENTS, targets(state, states), strict=True):
            last = state == states - 1 and event == EVENTS[-1]
            lines.append(f"    on {event} enter {'DONE' if last else f'S{to}'}")
        lines.append("  }")
    return "\n".join([*lines, "  state DONE", "}", ""])


@dataclass(frozen=True)
class Tool:
    """A program, the language it reads, and how it is called (a file, a folder to write to)."""

    name: str
    write: Callable[[int], str]
    suffix: str
    command: Callable[[str, str], list[str]]
    up_to: int = sys.maxsize


def tools() -> list[Tool]:
    """Ours, and those of the rivals that are here."""
    found = [
        Tool(
            "protogen build",
            as_proto,
            "proto",
            lambda spec, out: [*PROTOGEN, "build", spec, "-o", out],
        ),
        Tool("protogen check", as_proto, "proto", lambda spec, out: [*PROTOGEN, "check", spec]),
    ]
    scripts = sysconfig.get_path("scripts")
    if pyfcstm := shutil.which("pyfcstm", path=scripts) or shutil.which("pyfcstm"):
        options = ["--template", "python"]
        found.append(
            Tool(
                "pyfcstm generate",
                as_fcstm,
                "fcstm",
                lambda spec, out: [pyfcstm, "generate", "-i", spec, *options, "-o", out],
                PYFCSTM_UP_TO,
            )
        )
    if fpp := shutil.which("fpp-check", path=scripts) or shutil.which("fpp-check"):
        found.append(Tool("fpp-check", as_fpp, "fpp", lambda spec, out: [fpp, spec]))
    return found


def lines_of_code(folder: Path) -> int:
    """Lines in the Python files of a folder that are neither empty nor a comment."""
    return sum(
        bool(line.strip()) and not line.lstrip().startswith("#")
        for file in folder.rglob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
    )


@dataclass(frozen=True)
class Size:
    """What was measured on the machines of one size."""

    seconds: dict[str, list[float]]
    lines: dict[str, int]


def measure(states: int, rounds: int) -> Size:
    """Each tool on the machine of so many states."""
    runs = {tool.name: tool for tool in tools() if states <= tool.up_to}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for tool in runs.values():
            (folder / f"big.{tool.suffix}").write_text(tool.write(states), encoding="utf-8")

        def once(key: str) -> float:
            tool = runs[key]
            command = tool.command(str(folder / f"big.{tool.suffix}"), str(folder / key))
            seconds, status = cpu_of(command)
            if status:
                sys.exit(f"{' '.join(command)} ended with status {status}")
            return seconds

        seconds = interleaved(runs, rounds, once)
        lines = {key: lines_of_code(folder / key) for key in runs if (folder / key).is_dir()}
    return Size(seconds, lines)


def report(sizes: dict[int, Size]) -> None:
    """The tables, and the figures beside the targets."""
    middle = {
        (name, states): statistics.median(values)
        for states, size in sizes.items()
        for name, values in size.seconds.items()
    }
    names = list(dict.fromkeys(name for name, _ in middle))

    def cell(figures: dict[tuple[str, int], float], name: str, states: int, form: str) -> str:
        return format(figures[name, states], form) if (name, states) in figures else "-"

    head = ("CPU seconds, median, for states:", *(f"{states:,}" for states in sizes))
    rows = [(name, *(cell(middle, name, states, ".2f") for states in sizes)) for name in names]
    print(machine_facts(), table(head, rows), sep="\n\n", end="\n\n")

    code = {(name, states): n for states, size in sizes.items() for name, n in size.lines.items()}
    head = ("lines of code, for states:", *(f"{states:,}" for states in sizes))
    writers = [name for name in names if any(key[0] == name for key in code)]
    rows = [(name, *(cell(code, name, states, ",") for states in sizes)) for name in writers]
    print(table(head, rows), end="\n\n")

    for name in ("protogen build", "protogen check"):
        for states, seconds in ((100, 0.5), (1000, 2.0)):
            if states in sizes:
                what = f"{name}, {states:,} states, seconds"
                print(verdict(what, middle[name, states], seconds, at_least=False))
        if {100, 1000, 5000} <= sizes.keys():
            first = (middle[name, 1000] - middle[name, 100]) / 900
            later = (middle[name, 5000] - middle[name, 1000]) / 4000
            # Linear growth is 1; a tenth is left to noise.
            what = f"{name}, a state's cost beyond 1,000 over its cost before"
            print(verdict(what, later / first, 1.1, at_least=False))
    for states, size in sizes.items():
        if "pyfcstm generate" in size.seconds:
            ours, theirs = size.seconds["protogen build"], size.seconds["pyfcstm generate"]
            print(verdict(f"pyfcstm, {states:,} states, times as fast", ratio(ours, theirs), 4))
            part = size.lines["protogen build"] / size.lines["pyfcstm generate"]
            what = f"pyfcstm, {states:,} states, part of its lines"
            print(verdict(what, part, 0.2, at_least=False))


def main() -> None:
    """Measure each size, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000, 5000])
    parser.add_argument("--quick", action="store_true", help="one round, up to 100 states")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.sizes = 1, [10, 100]
    measure(10, 1)  # leaves the tools' bytecode behind
    report({states: measure(states, options.rounds) for states in options.sizes})


if __name__ == "__main__":
    main()
