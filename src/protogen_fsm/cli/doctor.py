"""`protogen doctor`."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import click

from protogen_fsm import __version__, resources
from protogen_fsm.backends.backend import names
from protogen_fsm.cli.report import CLEAN, FINDINGS, leave
from protogen_fsm.syntax.table import folder as cache_folder

_EPILOG = """\b
Example:
  protogen doctor"""

_NEEDED = ("click", "graphviz", "jinja2", "lark")


class _Line(NamedTuple):
    """One thing looked at; `cure` is what to type where it is not as it should be."""

    name: str
    found: str
    cure: str = ""
    grave: bool = False


@click.command(epilog=_EPILOG)
def command() -> None:
    """Look at what protogen finds on this machine; exit 1 if something that it needs is missing."""
    lines = [
        _Line("protogen", f"{__version__} in {Path(resources.__file__).parent}"),
        _Line("Python", f"{platform.python_version()} at {sys.executable}"),
        *map(_package, _NEEDED),
        *(_folder(path) for path in (resources.grammars(), resources.templates())),
        _folder(resources.specs()),
        _Line("targets", ", ".join(names())),
        _dot(),
        _renderer(),
        _cache(),
    ]
    for line in lines:
        mark = ("!" if line.grave else "-") if line.cure else " "
        click.echo(f"{mark} {line.name:<14} {line.found}")
        if line.cure:
            click.echo(f"  {'':<14} {line.cure}")
    leave(FINDINGS if any(line.grave for line in lines) else CLEAN)


def _package(name: str) -> _Line:
    try:
        return _Line(name, version(name))
    except PackageNotFoundError:
        return _Line(name, "missing", "python -m pip install --upgrade protogen-fsm", grave=True)


def _folder(path: Path) -> _Line:
    if any(path.glob("*")):
        return _Line(path.name, str(path))
    cure = "python -m pip install --force-reinstall protogen-fsm"
    return _Line(path.name, f"missing: {path}", cure, grave=True)


def _dot() -> _Line:
    found = shutil.which("dot")
    if found is None:
        cure = "for large pictures and PDF: install Graphviz (apt install graphviz)"
        return _Line("dot", "not on the path", cure)
    try:
        said = subprocess.run([found, "-V"], capture_output=True, text=True, timeout=10).stderr
    except (OSError, subprocess.TimeoutExpired) as error:
        return _Line("dot", f"{found} does not answer: {error}", "install Graphviz anew")
    return _Line("dot", f"{found}, {said.strip().removeprefix('dot - ')}")


def _renderer() -> _Line:
    try:
        return _Line("graphviz-pure", version("graphviz-pure"))
    except PackageNotFoundError:
        cure = "for pictures without Graphviz: python -m pip install graphviz-pure"
        return _Line("graphviz-pure", "not installed", cure)


def _cache() -> _Line:
    path = cache_folder()
    if path is None:
        return _Line("cache", "none", "set XDG_CACHE_HOME: each start is half a second slower")
    held = path
    while not held.exists():
        held = held.parent
    if os.access(held, os.W_OK):
        return _Line("cache", str(path))
    return _Line("cache", f"{path} cannot be written", "each start is half a second slower")
