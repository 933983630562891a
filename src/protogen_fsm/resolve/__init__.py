"""Tree to model: every name is what it stands for, and every expression has a type."""

from protogen_fsm.resolve.resolve import resolve

__all__ = ["resolve"]
