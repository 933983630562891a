"""`protogen check`."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from protogen_fsm import pipeline
from protogen_fsm.backends.backend import MARK
from protogen_fsm.cli import disk
from protogen_fsm.cli.charts import ENDINGS, charted, write
from protogen_fsm.cli.report import (
    CLEAN,
    NO_VERDICT,
    format_option,
    is_coloured,
    leave,
    status,
    tell,
    telling,
)
from protogen_fsm.cli.specs import load, specs_argument
from protogen_fsm.diagnostics import Diagnostic, SpecError, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogen_fsm.verify import Report

_EPILOG = """\b
Examples:
  protogen check specs/smtp.proto
  protogen check specs/*.proto --format github     # in a workflow
  protogen check session.proto --chart svg -o out  # what is wrong, drawn
  protogen check session.proto --chart pytest -o tests
  protogen check session.proto --simulate 1000     # too large to be looked at in full
  protogen check - < draft.proto

Exit status: 0 clean, and each system proved; 1 findings; 2 input that cannot be used; 3 a system
that is neither proved nor refuted, within the limits."""


@click.command(epilog=_EPILOG)
@specs_argument
@format_option
@click.option(
    "--chart",
    type=click.Choice((*ENDINGS, "pytest", "none")),
    default="text",
    show_default=True,
    help="How a run that leads to a flaw is shown.",
)
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Put each chart into a file of this folder.",
)
@click.option(
    "--max-states",
    type=click.IntRange(1),
    default=10_000_000,
    show_default=True,
    metavar="N",
    help="Configurations of a system that are looked at.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="CPU time spent on each system.",
)
@click.option(
    "--simulate",
    "walks",
    type=click.IntRange(1),
    default=None,
    metavar="N",
    help="In place of a search, so many random walks: for systems that are too large.",
)
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    metavar="S",
    help="Of the random walks: the same seed, the same walks.",
)
@click.option(
    "--symmetry",
    is_flag=True,
    help="Count configurations that differ by an exchange of like peers alone as one: for any "
    "system the same verdict. Where something tells the peers apart, that is said, and they are "
    "not exchanged.",
)
@click.option(
    "--por",
    is_flag=True,
    help="Leave out orders that make no difference to a deadlock, a message that cannot be taken, "
    "a step that fails, a message left over: these are looked for, and nothing else is.",
)
@click.option(
    "--capacities",
    type=click.IntRange(1),
    default=None,
    metavar="N",
    help="Look, too, at links that hold 1 to N messages, and say for which of them the system is "
    "proved: for every one, where nobody ever waits for room or side conditions hold (shown).",
)
@click.option(
    "--engine",
    type=click.Choice(("auto", "small", "large")),
    default="auto",
    hidden=True,
    help="What explores: a loop (small), arrays (large), or arrays once a system is large.",
)
@click.option(
    "--unused", is_flag=True, help="List the states and rows that no system ever comes to."
)
@telling
def command(
    specs: tuple[str, ...],
    form: str,
    chart: str,
    folder: Path | None,
    max_states: int,
    timeout: float,
    walks: int | None,
    seed: int,
    symmetry: bool,
    por: bool,
    capacities: int | None,
    engine: str,
    unused: bool,
) -> None:
    """Say what is wrong with each SPEC, `-` for standard input: all errors and all warnings.

    The systems of a spec are explored: a flaw is shown as the shortest run that leads to it.
    """
    from protogen_fsm.verify import Limits, never_used

    if capacities and (walks or por):
        raise click.UsageError("--capacities asks for whole searches: not with --simulate or --por")
    if walks and (symmetry or por):
        raise click.UsageError("--simulate walks at random: nothing of that can be left out")
    found: list[Diagnostic] = []
    reports: list[tuple[str, Report]] = []
    left_out: dict[str, int] = {}
    listed: list[Step] = []
    limits = Limits(max_states, timeout, engine, walks or 0, seed, symmetry, por, capacities or 0)
    for spec in specs:
        try:
            examined = pipeline.examine(load(spec), limits, _progress())
        except SpecError as error:
            found += error.diagnostics
            continue
        found += examined.diagnostics
        reports += [(spec, report) for report in examined.reports]
        if any(report.explored.why == "interrupted" for report in examined.reports):
            break
        never = never_used(list(examined.reports)) if form == "text" or unused else []
        if unused:
            listed += never
        elif never:
            left_out[spec] = len(never)
    for one in listed if form != "json" else []:
        place = f"{one.span.source.path}:{one.span.line}: " if one.span else ""
        click.echo(f"{place}{one.text}", err=True)
    verdicts = [report.verdict() for _, report in reports]
    tell(found, form, err=False, verdicts=verdicts, unused=listed if unused else None)
    if chart != "none" and (form == "text" or folder is not None):
        _charts(reports, chart, folder)
    if form == "text":
        for spec, report in reports:
            click.echo(f"{spec}: {report.words()}", err=True)
        for spec, count in left_out.items():
            click.echo(
                f"{spec}: {count} of its states, rows and outcomes never come about: see --unused",
                err=True,
            )
        if not found:
            click.echo(f"{len(specs)} spec{'s' if len(specs) > 1 else ''} clean", err=True)
    left_open = [one for one in found if one.code in ("PG411", "PG412", "PG913")]
    code = status(one for one in found if one not in left_open)
    leave(NO_VERDICT if code == CLEAN and left_open else code)


def _charts(reports: list[tuple[str, Report]], form: str, folder: Path | None) -> None:
    """The runs that lead to what was found, on standard output or as files of a folder."""
    for spec, report in reports:
        shown = [chart for _, chart in report.told if chart is not None]
        for number, chart in enumerate(shown, 1):
            name = f"{Path(spec).stem}.{report.explored.system.name}.{number}"
            if form == "pytest":
                _replay(spec, report, number, chart.title, folder)
            elif folder is None:
                click.echo(charted(chart, form, is_coloured(sys.stdout)), color=True)
            elif write(folder / f"{name}.{ENDINGS[form]}", chart, form, Path(spec).name):
                click.echo(f"drew {folder / name}.{ENDINGS[form]}", err=True)


def _replay(spec: str, report: Report, number: int, title: str, folder: Path | None) -> None:
    """The run of a flaw as a test, if it can be one."""
    from protogen_fsm.scenarios.runs import CannotReplay, as_test, tried

    composition, finding = report.explored.composition, report.shown[number - 1]
    assert composition is not None
    words = (Path(spec).stem, report.explored.system.name, str(number))
    path = (folder or Path()) / re.sub(r"\W+", "_", "_".join(["test", *words])).lower()
    path = path.with_suffix(".py")
    way = os.path.relpath(spec, path.parent)
    try:
        text = as_test(composition, finding, title, f"{MARK}{Path(spec).name}", way)
        tried(text, path)
    except CannotReplay as reason:
        click.echo(f"{spec}: the run is not replayed: {reason} ({title})", err=True)
        return
    if folder is None:
        click.echo(text)
        return
    disk.refuse_foreign(path, MARK)
    if disk.write(path, text.encode()):
        click.echo(f"wrote {path}", err=True)


def _progress() -> Callable[[str, int], None] | None:
    """Says on a terminal how far it has come."""
    if not sys.stderr.isatty():
        return None

    def tell_progress(name: str, states: int) -> None:
        if states >= 20_000:
            sys.stderr.write(f"\r{name}: {states:,} configurations\x1b[K")
            sys.stderr.flush()

    return tell_progress
