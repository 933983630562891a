"""Where the grammar, the templates and the library of specs lie."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def _folder(name: str) -> Path:
    # A wheel lays the folders inside the package; a checkout keeps them beside src/.
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent.parent / name


def grammars() -> Path:
    """The folder of the grammar."""
    return _folder("grammars")


def templates() -> Path:
    """The folder of the templates."""
    return _folder("templates")


def specs() -> Path:
    """The folder of the specs that ship with protogen."""
    return _folder("specs")
