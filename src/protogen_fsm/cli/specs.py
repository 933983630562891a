"""What the commands that take specs share: their names, their texts, their machines."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from protogen_fsm import pipeline
from protogen_fsm.diagnostics import Diagnostic, SpecError, nearest

if TYPE_CHECKING:
    from protogen_fsm.model.machine import Machine
    from protogen_fsm.model.spec import Spec
    from protogen_fsm.source import Source

specs_argument = click.argument("specs", metavar="SPEC...", nargs=-1, required=True)
spec_argument = click.argument("spec", metavar="SPEC")
machine_option = click.option("-m", "--machine", metavar="NAME", help="This machine only.")
folder_option = click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path),
    default=".",
    show_default=True,
    metavar="DIR",
    help="The folder to write to.",
)


def load(spec: str) -> Source:
    """The text of a spec, `-` for standard input; SpecError if it cannot be had."""
    if spec == "-":
        return pipeline.load("<stdin>", sys.stdin.buffer.read())
    return pipeline.load(spec)


def find(spec: Spec, name: str) -> Machine:
    """The machine of that name; SpecError, with the nearest, if there is none."""
    if name in spec.machines:
        return spec.machines[name]
    near = nearest(name, spec.machines)
    known = ", ".join(f"`{machine}`" for machine in spec.machines) or "none"
    raise SpecError(
        [
            Diagnostic(
                "PG955",
                f"no machine of `{spec.path}` is named `{name}`",
                notes=(f"its machines: {known}",),
                help=f"did you mean `{near}`?" if near else "",
            )
        ]
    )
