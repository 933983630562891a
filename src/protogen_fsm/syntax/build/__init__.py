"""What each rule of the grammar makes: nodes of the tree, while the parser runs.

A method is named after the rule, or the alias of the alternative, and gets all its symbols in
order, tokens too, with None for what was left out.
"""

from protogen_fsm.syntax.build.expressions import MAX_DEPTH, Expressions
from protogen_fsm.syntax.build.machines import Machines
from protogen_fsm.syntax.build.messages import Messages
from protogen_fsm.syntax.build.systems import Systems

__all__ = ["MAX_DEPTH", "Builder"]


class Builder(Systems, Machines, Messages, Expressions):
    """Makes the nodes of one file."""
