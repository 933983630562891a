"""`protogen diff`."""

from __future__ import annotations

import sys

import click

from protogen_fsm import pipeline
from protogen_fsm.cli.charts import charted
from protogen_fsm.cli.report import (
    CLEAN,
    FINDINGS,
    NO_VERDICT,
    format_option,
    is_coloured,
    leave,
    tell,
    telling,
)
from protogen_fsm.cli.revisions import understood

_UNDECIDED = ("PG642", "PG643")
_EPILOG = """\b
Examples:
  protogen diff old/smtp.proto specs/smtp.proto
  protogen diff HEAD~3:specs/smtp.proto specs/smtp.proto
  protogen diff specs/smtp.proto --against main --format github     # in a workflow
  protogen diff specs/smtp.proto --against v1.0 --category dialogue

Exit status: 0 nothing breaks; 1 something does; 2 input that cannot be used; 3 it is not decided
whether old and new peers understand each other."""


@click.command(epilog=_EPILOG)
@click.argument("versions", metavar="[OLD] NEW", nargs=-1, required=True)
@click.option("--against", metavar="REV", help="The old version is NEW in this git revision.")
@click.option(
    "--category",
    type=click.Choice(("handlers", "wire", "dialogue")),
    default="handlers",
    show_default=True,
    help="What may not break, from strict to lax; each holds those behind it.",
)
@format_option
@click.option(
    "--chart",
    type=click.Choice(("text", "mermaid", "none")),
    default="text",
    show_default=True,
    help="How a run that leads to a break is shown.",
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
@telling
def command(
    versions: tuple[str, ...],
    against: str | None,
    category: str,
    form: str,
    chart: str,
    max_states: int,
    timeout: float,
) -> None:
    """Say what a change of a spec means: OLD and NEW are files, or REV:path of a git revision.

    Old and new peers are put together and explored: a break is shown as the shortest run to it.
    """
    from protogen_fsm.verify import Limits

    if len(versions) != (2 if against is None else 1):
        raise click.UsageError("name OLD and NEW, or NEW and `--against REV`")
    new = versions[-1]
    old = versions[0] if against is None else f"{against}:{new}"
    with understood(old) as before, understood(new) as after:
        found = pipeline.compare(before, after, category, Limits(max_states, timeout))
    diagnostics = [diagnostic for diagnostic, _ in found]
    tell(diagnostics, form, err=False)
    if form == "text" and chart != "none":
        for _, shown in found:
            if shown is not None:
                click.echo(charted(shown, chart, is_coloured(sys.stdout)), color=True)
    if form == "text" and not found:
        click.echo(f"nothing changes for {', '.join(_KEPT[category])}", err=True)
    if any(one.severity == "error" for one in diagnostics):
        leave(FINDINGS)
    leave(NO_VERDICT if any(one.code in _UNDECIDED for one in diagnostics) else CLEAN)


_KEPT = {
    "handlers": ("handlers", "bytes", "the dialogue"),
    "wire": ("bytes", "the dialogue"),
    "dialogue": ("the dialogue",),
}
