"""What a back-end is: from a spec to files, and which there are."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.spec import Spec

GROUP = "protogen_fsm.backends"
BUILT_IN = {"python": "protogen_fsm.backends.python:Backend"}

MARK = "Made by protogen from "
"""Stands near the top of every file that a back-end renders: such a file may be made anew."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to be written: a path below the folder that the user names, and what it holds."""

    path: str
    text: str


class Backend(Protocol):
    """A target. Pure: it reads a resolved spec and returns files; only the command writes them."""

    name: str

    def refuse(self, spec: Spec) -> list[Diagnostic]:
        """What the spec asks for and this target cannot run, each with its place (PG9xx)."""
        ...

    def render(self, spec: Spec) -> list[File]:
        """The files of a spec that has been checked and not been refused."""
        ...


def find(name: str) -> Backend:
    """The back-end so named, ours or one that an installed package offers; KeyError if none is."""
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        ours: Backend = getattr(import_module(module), attribute)()
        return ours
    offered: Backend = _offered()[name].load()()
    return offered


def names() -> list[str]:
    """The names that `find` knows."""
    return sorted({*BUILT_IN, *_offered()})


def _offered() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points  # 60 ms that only a foreign target is worth

    return {point.name: point for point in entry_points(group=GROUP)}
