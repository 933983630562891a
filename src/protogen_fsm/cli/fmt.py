"""`protogen fmt`."""

from __future__ import annotations

from pathlib import Path

import click

from protogen_fsm.cli import disk
from protogen_fsm.cli.report import CLEAN, FINDINGS, leave, status, tell
from protogen_fsm.cli.specs import load, specs_argument
from protogen_fsm.diagnostics import Diagnostic, SpecError
from protogen_fsm.syntax import fmt
from protogen_fsm.syntax.parse import parse

_EPILOG = """\b
Examples:
  protogen fmt specs/*.proto
  protogen fmt specs/*.proto --check    # in a workflow
  protogen fmt - < draft.proto          # to standard output"""


@click.command(epilog=_EPILOG)
@specs_argument
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a spec would change.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
def command(specs: tuple[str, ...], check: bool, diff: bool) -> None:
    """Print each SPEC in its canonical form, `-` from standard input to standard output."""
    found: list[Diagnostic] = []
    changed = []
    for spec in specs:
        try:
            if _format(spec, check, diff):
                changed.append(spec)
        except SpecError as error:
            found += error.diagnostics
    tell(found)
    drifted = FINDINGS if changed and (check or diff) else CLEAN
    leave(max(status(found), drifted))


def _format(spec: str, check: bool, diff: bool) -> bool:
    source = load(spec)
    printed = fmt.format(parse(source))
    changed = printed != source.text
    if diff and changed:
        click.echo(disk.diff(Path(source.path), source.text, printed), nl=False)
    if check and changed:
        click.echo(f"{source.path} would change", err=True)
    if check or diff:
        return changed
    if spec == "-":
        click.echo(printed, nl=False)
    elif disk.write(Path(spec), printed.encode()):
        click.echo(f"formatted {spec}", err=True)
    return changed
