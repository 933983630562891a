"""`allow`: warnings silenced by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics.codes import CODES, by_name
from protogen_fsm.model.machine import Allowed

if TYPE_CHECKING:
    from protogen_fsm.resolve.report import Report
    from protogen_fsm.syntax import tree


def resolve_allow(report: Report, written: tree.Allow) -> list[Allowed]:
    """The warning silenced; none, and a diagnostic, if there is none of that name."""
    name = written.name.text
    code = by_name(name)
    if code is None:
        report.undefined(
            "PG117",
            f"no warning is named `{name}`",
            written.name,
            "not a warning",
            {one.name: None for one in CODES.values() if one.severity == "warning"},
        )
        return []
    if code.severity == "error":
        report.error(
            "PG117",
            f"`{name}` is an error, which cannot be allowed",
            written.name.span,
            f"{code.code}: {code.title}",
        )
        return []
    return [Allowed(name, written.reason.value, written.span)]
