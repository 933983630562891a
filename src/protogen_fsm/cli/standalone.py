"""The runtime as files to be put beside generated modules."""

from __future__ import annotations

from importlib.resources import files

from protogen_fsm import __version__
from protogen_fsm.backends.backend import MARK, File

_PACKAGE = "protogen_fsm"


def runtime() -> list[File]:
    """The runtime's files, where the generated modules import them from.

    Without an `__init__.py` above them: so an installed protogen, if there is one, goes first,
    and a folder of generated modules on the path never hides it.
    """
    head = f"# {MARK}the runtime of protogen {__version__}.\n"
    folder = files(_PACKAGE).joinpath("runtime")
    return [
        File(f"{_PACKAGE}/runtime/{entry.name}", head + entry.read_text("utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".py")
    ]
