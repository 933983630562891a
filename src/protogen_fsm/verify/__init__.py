"""The state space of a system: explored, with verdicts, and runs that show what is wrong."""

from protogen_fsm.verify.report import Report, never_used, verify
from protogen_fsm.verify.space import Limits

__all__ = ["Limits", "Report", "never_used", "verify"]
