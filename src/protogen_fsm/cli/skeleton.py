"""`protogen skeleton`."""

from __future__ import annotations

from pathlib import Path

import click

from protogen_fsm import pipeline
from protogen_fsm.backends.python import module_name, skeleton
from protogen_fsm.cli import disk
from protogen_fsm.cli.report import telling
from protogen_fsm.cli.specs import find, load, machine_option, spec_argument
from protogen_fsm.diagnostics import Diagnostic, SpecError

_EPILOG = """\b
Examples:
  protogen skeleton specs/smtp.proto -m Server -o my_server.py
  protogen skeleton specs/smtp.proto -m Server -o my_server.py   # again: adds what is new"""


@click.command(epilog=_EPILOG)
@spec_argument
@machine_option
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Where to write it."
)
@telling
def command(spec: str, machine: str | None, output: Path | None) -> None:
    """Write the handlers of SPEC that are yours to fill in, to FILE or to standard output.

    A FILE that is there already is yours: handlers that it lacks are added, nothing else changes.
    """
    model = pipeline.understand(load(spec))
    pipeline.accept(model)
    if machine:
        find(model, machine)
    module = module_name(model)
    before = disk.read(output) if output else None
    if before is None:
        text = skeleton.render(model, module, machine)
    else:
        try:
            text = skeleton.extend(before.decode("utf-8"), model, module, machine)
        except (skeleton.SkeletonError, UnicodeDecodeError) as error:
            raise SpecError([_no_python(output, error)]) from None
    if output is None:
        click.echo(text, nl=False)
    elif disk.write(output, text.encode()):
        click.echo(f"{'made' if before is None else 'extended'} {output}")
    else:
        click.echo(f"{output} lacks nothing", err=True)


def _no_python(path: Path | None, error: Exception) -> Diagnostic:
    return Diagnostic(
        "PG503",
        f"`{path}` is not Python, so nothing can be added to it: {error}",
        help="mend it, or name another file with `-o`",
    )
