"""How a command tells what was found, and what it exits with."""

from __future__ import annotations

import os
import sys
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TextIO

import click

from protogen_fsm.diagnostics import SpecError
from protogen_fsm.diagnostics.render import FORMATS, render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from protogen_fsm.diagnostics import Diagnostic, Step, Verdict

P = ParamSpec("P")

CLEAN, FINDINGS, UNUSABLE, NO_VERDICT = range(4)

# What lies there is no spec, no module of handlers, or no place to write to.
_UNUSABLE = {
    "PG006",
    "PG959",
    "PG007",
    "PG011",
    "PG503",
    "PG951",
    "PG952",
    "PG953",
    "PG955",
    "PG956",
    "PG958",
}

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How findings are told; all but text go to standard output.",
)


def status(diagnostics: Iterable[Diagnostic]) -> int:
    """The exit status that these findings ask for."""
    codes = {diagnostic.code for diagnostic in diagnostics}
    if codes & _UNUSABLE:
        return UNUSABLE
    return FINDINGS if codes else CLEAN


def is_coloured(stream: TextIO) -> bool:
    """Whether colours are for this stream."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def tell(
    diagnostics: Iterable[Diagnostic],
    form: str = "text",
    err: bool = True,
    verdicts: Iterable[Verdict] = (),
    unused: Iterable[Step] | None = None,
) -> None:
    """Print findings; as text on standard error, unless they are what was asked for."""
    stream = sys.stderr if err and form == "text" else sys.stdout
    color = is_coloured(stream)
    text = render(form, diagnostics, color, stream.encoding or "utf-8", verdicts, unused)
    click.echo(text, file=stream, nl=False, color=color)


def leave(code: int) -> None:
    """End the command with this exit status."""
    click.get_current_context().exit(code)


def telling(function: Callable[P, None]) -> Callable[P, None]:
    """A command whose SpecError is told, and decides the exit status."""

    @wraps(function)
    def command(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except SpecError as error:
            tell(error.diagnostics)
            leave(status(d for d in error.diagnostics if d.severity == "error"))

    return command
