"""`protogen explain`."""

from __future__ import annotations

import click

from protogen_fsm.cli.report import UNUSABLE, leave
from protogen_fsm.diagnostics.codes import CODES, PHASES, by_name, nearest_codes
from protogen_fsm.diagnostics.explain import page

_EPILOG = """\b
Examples:
  protogen explain PG101
  protogen explain wait_without_timeout
  protogen explain                        # the list of all codes"""


@click.command(epilog=_EPILOG)
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain the diagnostic CODE (or its name), with a wrong and a right spec."""
    if code is None:
        click.echo(_list(), nl=False)
        return
    known = CODES.get(code.upper()) or by_name(code.lower())
    if known is None:
        near = ", ".join(f"{each.code} {each.name}" for each in nearest_codes(code))
        click.echo(f"no diagnostic is called {code}", err=True)
        click.echo(f"near to it: {near}" if near else "all of them: protogen explain", err=True)
        leave(UNUSABLE)
        return
    click.echo(page(known.code).rstrip())


def _list() -> str:
    lines = []
    for phase, about in PHASES.items():
        lines.append(f"{phase}xx, {about}\n")
        for known in CODES.values():
            if known.code.startswith(phase):
                lines.append(f"  {known.code} {known.name:25} {known.title}\n")
        lines.append("\n")
    return "".join(lines).rstrip("\n") + "\n"
