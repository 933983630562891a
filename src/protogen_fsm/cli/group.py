"""The command `protogen`: its subcommands, each imported when it is asked for.

Exit status: 0 clean, 1 findings, 2 input that cannot be used, 3 no verdict within the limits.
"""

from __future__ import annotations

from importlib import import_module

import click

from protogen_fsm import __version__

COMMANDS = {
    "check": "Say what is wrong with specs.",
    "test": "Play the scenarios of specs with the generated classes.",
    "build": "Make Python modules from specs.",
    "skeleton": "Write the handlers that are yours to fill in.",
    "diagram": "Draw each machine of a spec.",
    "run": "Serve or connect a machine at once, logging each step.",
    "diff": "Say what a change means for handlers, bytes and dialogue.",
    "export": "Write a system as a model for SPIN or TLC.",
    "fmt": "Print specs in their canonical form.",
    "explain": "Explain a diagnostic, with a wrong and a right spec.",
    "init": "Begin a project: spec, handlers, test.",
    "doctor": "Look at what protogen finds on this machine.",
}

_EPILOG = """\b
Examples:
  protogen check specs/smtp.proto
  protogen build specs/smtp.proto -o out
  protogen diagram specs/smtp.proto -f svg -o out

Exit status: 0 clean, 1 findings, 2 input that cannot be used, 3 no verdict within the limits."""


class _Commands(click.Group):
    """Commands by name; `--help` and `--version` import none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of that name, from the file of that name."""
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f"protogen_fsm.cli.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The names and what each does."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command asked for; a misspelt one is told with the nearest."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"No such command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)


_SETTINGS = {"help_option_names": ["-h", "--help"]}


@click.group(cls=_Commands, epilog=_EPILOG, context_settings=_SETTINGS)
@click.version_option(__version__, prog_name="protogen")
def protogen() -> None:
    """Write the state table of a protocol once; run it, draw it, check it."""
