"""Everything protogen says to its user about a spec."""

from protogen_fsm.diagnostics.diagnostic import (
    Capacities,
    Diagnostic,
    Label,
    Severity,
    SpecError,
    Step,
    Verdict,
    nearest,
)

__all__ = [
    "Capacities",
    "Diagnostic",
    "Label",
    "Severity",
    "SpecError",
    "Step",
    "Verdict",
    "nearest",
]
