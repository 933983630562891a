"""`protogen diagram`."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING, cast
from zlib import crc32

import click

from protogen_fsm import pictures, pipeline
from protogen_fsm.backends.backend import MARK
from protogen_fsm.backends.diagram import dot, mermaid
from protogen_fsm.cli import charts, disk
from protogen_fsm.cli.report import NO_VERDICT, leave, tell, telling
from protogen_fsm.cli.specs import find, folder_option, load, machine_option, spec_argument
from protogen_fsm.diagnostics import Diagnostic
from protogen_fsm.scenarios.chart import chart_of

if TYPE_CHECKING:
    from protogen_fsm.model.machine import Machine

_EPILOG = """\b
Examples:
  protogen diagram specs/smtp.proto -f svg -o out     # out/smtp.Server.svg, out/smtp.Client.svg
  protogen diagram specs/smtp.proto -f mermaid -m Server"""

_ENDINGS = {"svg": "svg", "png": "png", "dot": "dot", "mermaid": "mmd"}
_PNG_HEAD = 33  # bytes of the signature and the header, behind which a text may stand


@click.command(epilog=_EPILOG)
@spec_argument
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(list(_ENDINGS)),
    default="svg",
    show_default=True,
    help="The form of the picture.",
)
@folder_option
@machine_option
@click.option("--scenarios", is_flag=True, help="Draw each scenario too, as svg or mermaid.")
@telling
def command(spec: str, form: str, folder: Path, machine: str | None, scenarios: bool) -> None:
    """Draw each machine of SPEC, a file each."""
    if scenarios and form not in ("svg", "mermaid"):
        raise click.UsageError(f"scenarios are drawn as svg or mermaid, not as {form}")
    model = pipeline.understand(load(spec))
    machines = [find(model, machine)] if machine else list(model.machines.values())
    for number, scenario in enumerate(model.scenarios if scenarios else [], 1):
        path = folder / f"{Path(spec).stem}.scenario.{number}.{_ENDINGS[form]}"
        if charts.write(path, chart_of(scenario), form, Path(spec).name):
            click.echo(f"drew {path}")
    for drawn in machines:
        path = folder / f"{Path(spec).stem}.{drawn.name}.{_ENDINGS[form]}"
        disk.refuse_foreign(path, MARK)
        try:
            data = _drawn(drawn, form)
        except pictures.CannotDraw as error:
            tell([Diagnostic("PG957", f"`{path}` cannot be drawn: {error}")])
            leave(NO_VERDICT)
            return
        if disk.write(path, _marked(form, data, Path(spec).name)):
            click.echo(f"drew {path}")


def _drawn(machine: Machine, form: str) -> bytes:
    if form == "mermaid":
        return mermaid(machine).encode()
    if form == "dot":
        return dot(machine).encode()
    return pictures.picture(dot(machine), cast(pictures.Format, form))


def _marked(form: str, data: bytes, spec: str) -> bytes:
    """The picture with a word on where it came from, so that it may be made anew."""
    word = f"{MARK}{spec}".encode()
    if form == "png":
        return data[:_PNG_HEAD] + _chunk(b"tEXt", b"Comment\0" + word) + data[_PNG_HEAD:]
    if form == "svg":
        prolog, tag, rest = data.partition(b"<svg")
        return prolog + b"<!-- " + word.replace(b"--", b"__") + b" -->\n" + tag + rest
    return {"dot": b"// ", "mermaid": b"%% "}[form] + word.replace(b"\n", b" ") + b"\n" + data


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc32(kind + data))
