"""Two versions of a spec: what changes for handlers, on the wire, and between old and new peers."""

from protogen_fsm.compare.compare import CATEGORIES, compare

__all__ = ["CATEGORIES", "compare"]
