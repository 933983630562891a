"""`protogen check`."""

from __future__ import annotations

import click

from protogen_fsm import pipeline
from protogen_fsm.cli.report import format_option, leave, status, tell
from protogen_fsm.cli.specs import load, specs_argument
from protogen_fsm.diagnostics import Diagnostic, SpecError

_EPILOG = """\b
Examples:
  protogen check specs/smtp.proto
  protogen check specs/*.proto --format github     # in a workflow
  protogen check - < draft.proto"""


@click.command(epilog=_EPILOG)
@specs_argument
@format_option
def command(specs: tuple[str, ...], form: str) -> None:
    """Say what is wrong with each SPEC, `-` for standard input: all errors and all warnings."""
    found: list[Diagnostic] = []
    for spec in specs:
        try:
            found += pipeline.check(load(spec))
        except SpecError as error:
            found += error.diagnostics
    tell(found, form, err=False)
    if not found and form == "text":
        click.echo(f"{len(specs)} spec{'s' if len(specs) > 1 else ''} clean", err=True)
    leave(status(found))
