"""What the benchmarks share: building a spec, CPU of a child, rounds, and a table of ratios."""

from __future__ import annotations

import importlib
import os
import platform
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
Key = TypeVar("Key")
# A user's Python keeps the bytecode of what it has imported once, whatever ours is told to do.
CHILD = {key: text for key, text in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
PROTOGEN = (sys.executable, "-m", "protogen_fsm")


def build(spec: Path, out: Path) -> None:
    """Run `protogen build` on a spec; what it says on failure ends the benchmark."""
    done = subprocess.run(
        [*PROTOGEN, "build", str(spec), "-o", str(out)], capture_output=True, text=True, cwd=ROOT
    )
    if done.returncode:
        sys.exit(
            f"protogen build {spec.name} failed ({done.returncode}):\n{done.stdout}{done.stderr}"
        )


def load(name: str, folder: Path) -> Any:
    """Import the module `name` out of `folder`."""
    sys.path.insert(0, str(folder))
    return importlib.import_module(name)


def cpu_of(command: Sequence[str]) -> tuple[float, int]:
    """CPU seconds, user and system, that a command and its children took, and its exit status."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, env=CHILD
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return used, done.returncode


def interleaved(
    contestants: Iterable[Key], rounds: int, once: Callable[[Key], float]
) -> dict[Key, list[float]]:
    """Measure each contestant once a round, so that a slow minute hits them all."""
    taken: dict[Key, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, values in taken.items():
            values.append(once(name))
    return taken


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """How many times ours theirs takes: the median of the rounds' ratios, past any drift."""
    return statistics.median(their / our for our, their in zip(ours, theirs, strict=True))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns, the first to the left and the others to the right."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    out = []
    for number, line in enumerate(lines):
        cells = [
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        out.append("  ".join(cells).rstrip())
        if number == 0:
            out.append("  ".join("-" * width for width in widths))
    return "\n".join(out)


def verdict(what: str, measured: float, target: float, *, at_least: bool = True) -> str:
    """One line: a figure, its target, and whether it is met."""
    met = measured >= target if at_least else measured <= target
    word = "at least" if at_least else "at most"
    return f"{'met   ' if met else 'MISSED'} {what}: {measured:.2f} ({word} {target:g})"


def machine_facts() -> str:
    """The Python, the system and the processor that the figures hold for."""
    return (
        f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} "
        f"{platform.machine()}, {os.cpu_count()} processors, {_processor()}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "processor unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "processor unknown"
