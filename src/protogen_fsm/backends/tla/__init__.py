"""A system as a TLA+ module, for TLC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.backends.backend import File
from protogen_fsm.backends.templates import template
from protogen_fsm.backends.tla.view import view

if TYPE_CHECKING:
    from protogen_fsm.model.automata import Automata


def tla(automata: Automata, module: str) -> list[File]:
    """A module of that name and its configuration: TLC finds as many distinct states as we do."""
    shown = view(automata, module)
    return [
        File(f"{module}.tla", template("tla/system.tla.j2").render(view=shown)),
        File(f"{module}.cfg", template("tla/system.cfg.j2").render(view=shown)),
    ]
