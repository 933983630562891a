"""The rules for one machine, and for a stack of layers."""

from protogen_fsm.checks.spec import check

__all__ = ["check"]
