"""`protogen check`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from protogen_fsm import pipeline
from protogen_fsm.cli.report import CLEAN, NO_VERDICT, format_option, leave, status, tell
from protogen_fsm.cli.specs import load, specs_argument
from protogen_fsm.diagnostics import Diagnostic, SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogen_fsm.verify import Report

_EPILOG = """\b
Examples:
  protogen check specs/smtp.proto
  protogen check specs/*.proto --format github     # in a workflow
  protogen check session.proto --chart mermaid     # what is wrong, to be drawn
  protogen check - < draft.proto

Exit status: 0 clean, and each system proved; 1 findings; 2 input that cannot be used; 3 a system
that is neither proved nor refuted, within the limits."""


@click.command(epilog=_EPILOG)
@specs_argument
@format_option
@click.option(
    "--chart",
    type=click.Choice(("text", "mermaid", "json", "none")),
    default="text",
    show_default=True,
    help="How a run that leads to a flaw is shown.",
)
@click.option(
    "--max-states",
    type=click.IntRange(1),
    default=1_000_000,
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
    "--unused", is_flag=True, help="List the states and rows that no system ever comes to."
)
def command(
    specs: tuple[str, ...],
    form: str,
    chart: str,
    max_states: int,
    timeout: float,
    unused: bool,
) -> None:
    """Say what is wrong with each SPEC, `-` for standard input: all errors and all warnings.

    The systems of a spec are explored: a flaw is shown as the shortest run that leads to it.
    """
    from protogen_fsm.verify import Limits, never_used

    found: list[Diagnostic] = []
    reports: list[tuple[str, Report]] = []
    limits = Limits(max_states, timeout)
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
        for line in never_used(list(examined.reports)) if unused else []:
            click.echo(line, err=True)
    tell(found, form, err=False)
    if form == "text":
        _charts(reports, chart)
        for spec, report in reports:
            click.echo(f"{spec}: {report.words()}", err=True)
        if not found:
            click.echo(f"{len(specs)} spec{'s' if len(specs) > 1 else ''} clean", err=True)
    left_open = [one for one in found if one.code in ("PG411", "PG412", "PG913")]
    code = status(one for one in found if one not in left_open)
    leave(NO_VERDICT if code == CLEAN and left_open else code)


def _charts(reports: list[tuple[str, Report]], form: str) -> None:
    """The runs that lead to what was found."""
    from protogen_fsm.verify.chart import as_json, as_mermaid, as_text

    for _, report in reports:
        for diagnostic, chart in report.told:
            if chart is None or form == "none":
                continue
            if form == "json":
                click.echo(json.dumps({"code": diagnostic.code, **as_json(chart)}))
            elif form == "mermaid":
                click.echo(f"%% {diagnostic.code}: {diagnostic.title}\n{as_mermaid(chart)}")
            else:
                click.echo(f"{diagnostic.code}: {diagnostic.title}\n\n{as_text(chart)}")


def _progress() -> Callable[[str, int], None] | None:
    """Says on a terminal how far it has come."""
    if not sys.stderr.isatty():
        return None

    def tell_progress(name: str, states: int) -> None:
        if states >= 20_000:
            sys.stderr.write(f"\r{name}: {states:,} configurations\x1b[K")
            sys.stderr.flush()

    return tell_progress
