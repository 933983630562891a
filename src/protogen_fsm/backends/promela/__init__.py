"""A system as a Promela model, for SPIN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.backends.promela.view import view
from protogen_fsm.backends.templates import template

if TYPE_CHECKING:
    from protogen_fsm.model.automata import Automata


def promela(automata: Automata) -> str:
    """The model: as many states, in `pan -DNOREDUCE -DNOCLAIM`, as the search has configurations.

    One more where the peers can begin in several ways, or with something on a link already.
    """
    return template("promela/system.pml.j2").render(view=view(automata))
