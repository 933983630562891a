"""The state space of a system: explored, with verdicts, and runs that show what is wrong."""

from protogen_fsm.verify.explore import Limits
from protogen_fsm.verify.report import Report, verify

__all__ = ["Limits", "Report", "verify"]
