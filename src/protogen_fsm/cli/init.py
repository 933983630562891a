"""`protogen init`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from protogen_fsm import pipeline, resources
from protogen_fsm.backends.backend import find
from protogen_fsm.cli import disk
from protogen_fsm.cli.report import telling
from protogen_fsm.diagnostics import Diagnostic, SpecError

_EPILOG = """\b
Example:
  protogen init notes && cd notes && python -m unittest"""

_SPEC = "notes.proto"


@click.command(epilog=_EPILOG)
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@telling
def command(folder: Path) -> None:
    """Begin a project in DIR: a spec, its handlers, a test that passes, a README.

    Nothing that is there already is touched.
    """
    files = {path.name: path.read_text("utf-8") for path in _templates()}
    source = pipeline.load(_SPEC, files[_SPEC].encode())
    files |= {file.path: file.text for file in pipeline.build(source, find("python"))}
    there = [folder / name for name in files if os.path.lexists(folder / name)]
    if there:
        raise SpecError([_in_the_way(path) for path in there])
    for name, text in files.items():
        disk.write(folder / name, text.encode())
        click.echo(f"made {folder / name}")
    click.echo(f"\nnext: {'' if folder == Path() else f'cd {folder} && '}python -m unittest")


def _templates() -> list[Path]:
    return [path for path in sorted((resources.templates() / "init").iterdir()) if path.is_file()]


def _in_the_way(path: Path) -> Diagnostic:
    return Diagnostic(
        "PG953",
        f"`{path}` is in the way",
        notes=("a project begins where none of its files is yet",),
        help="name another folder",
    )
