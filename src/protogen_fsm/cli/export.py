"""`protogen export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from protogen_fsm import pipeline
from protogen_fsm.backends.backend import MARK
from protogen_fsm.cli import disk
from protogen_fsm.cli.report import telling
from protogen_fsm.cli.specs import load, spec_argument
from protogen_fsm.diagnostics import Diagnostic, SpecError, nearest

if TYPE_CHECKING:
    from protogen_fsm.model.spec import Spec, System

_EPILOG = """\b
Examples:
  protogen export specs/sip.proto --format promela --system Session -o session.pml
  spin -a session.pml
  gcc -O2 -DNOREDUCE -DSAFETY -DNOCLAIM -o pan pan.c && ./pan
  protogen export specs/sip.proto --format tla --system Session -o Session.tla
  java -cp tla2tools.jar tlc2.TLC Session"""


@click.command(epilog=_EPILOG)
@spec_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(pipeline.EXPORTS),
    required=True,
    help="The language of the model.",
)
@click.option("--system", metavar="NAME", help="This system; needed if there are several.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The file to write; standard output if not given.",
)
@telling
def command(spec: str, form: str, system: str | None, output: Path | None) -> None:
    """Write a system of SPEC as a model for another engine, which finds as many states in it."""
    model = pipeline.understand(load(spec))
    pipeline.accept(model)
    if output is None and form == "tla":
        raise click.UsageError("a TLA+ module has the name of its file: say `-o NAME.tla`")
    name = output.name if output is not None else ""
    files = pipeline.export(_find(model, system), form, name)
    if output is None:
        click.echo("\n".join(file.text for file in files), nl=False)
        return
    for file in files:
        path = output.with_name(file.path)
        disk.refuse_foreign(path, MARK)
        if disk.write(path, file.text.encode()):
            click.echo(f"made {path}")


def _find(spec: Spec, name: str | None) -> System:
    """The system of that name, or the only one; SpecError, with the nearest, if there is none."""
    systems = dict(spec.systems)
    if not systems and spec.obvious is not None:
        systems = {spec.obvious.name: spec.obvious}
    if name is None and len(systems) == 1:
        return next(iter(systems.values()))
    if name is not None and name in systems:
        return systems[name]
    known = ", ".join(f"`{one}`" for one in systems) or "none"
    near = nearest(name, systems) if name is not None else ""
    title = f"no system of `{spec.path}` is named `{name}`"
    if name is None:
        title = f"`{spec.path}` has {'several systems' if systems else 'no system'}"
    help_ = f"did you mean `{near}`?" if near else "name one with `--system`" if systems else ""
    raise SpecError([Diagnostic("PG958", title, notes=(f"its systems: {known}",), help=help_)])
