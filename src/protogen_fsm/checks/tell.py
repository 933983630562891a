"""How a rule tells what it found: the registry says how grave it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Diagnostic, Label
from protogen_fsm.diagnostics.codes import code as registered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.source import Span


def tell(
    code: str,
    title: str,
    span: Span,
    label: str = "",
    *,
    labels: Iterable[tuple[Span, str]] = (),
    notes: Iterable[str] = (),
    help: str = "",
) -> Diagnostic:
    """A diagnostic with the severity that its code has."""
    return Diagnostic(
        code,
        title,
        span,
        label,
        tuple(Label(place, text) for place, text in labels),
        tuple(notes),
        help,
        registered(code).severity,
    )


def listed(names: Iterable[str], limit: int = 6) -> str:
    """`A`, `B` and `C`; of many the first few, and how many more."""
    quoted = [f"`{name}`" for name in names]
    if len(quoted) > limit:
        quoted[limit - 1 :] = [f"{len(quoted) - limit + 1} more"]
    return " and ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1] if quoted else "")))
