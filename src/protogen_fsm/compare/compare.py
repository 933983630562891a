"""All that there is to say of a change, from strict to lax.

`handlers`: what the users' code sees. `wire`: what each message is in bytes. `dialogue`: whether
old and new peers still understand each other. Each holds those that are laxer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.compare.dialogue import dialogues
from protogen_fsm.compare.handlers import handlers
from protogen_fsm.compare.wire import wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.chart import Chart
    from protogen_fsm.model.spec import Spec
    from protogen_fsm.verify import Limits

CATEGORIES = ("handlers", "wire", "dialogue")


def compare(
    old: Spec,
    new: Spec,
    category: str,
    limits: Limits | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> list[tuple[Diagnostic, Chart | None]]:
    """What changes, of a category and those that are laxer; a break has the severity `error`."""
    found: list[tuple[Diagnostic, Chart | None]] = []
    if category == "handlers":
        found += [(one, None) for one in handlers(old, new)]
    if category in ("handlers", "wire"):
        found += [(one, None) for one in wire(old, new)]
    return [*found, *dialogues(old, new, limits, progress)]
