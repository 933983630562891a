"""The command line: one file a command."""

from __future__ import annotations

import gc
import sys

from protogen_fsm import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(args: Sequence[str] | None = None) -> None:
    """The command `protogen`; `--version` is not worth importing what the others need."""
    if (sys.argv[1:] if args is None else list(args)) == ["--version"]:
        print(f"protogen, version {__version__}")
        return
    from protogen_fsm.cli.group import protogen

    # A spec of thousands of states is a million objects that all live to the end of the command.
    gc.set_threshold(100_000, 50, 100)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    protogen(args, prog_name="protogen")
