"""What is asked of systems, and who answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.checks.tell import tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.spec import Spec


def not_verified(spec: Spec) -> Iterator[Diagnostic]:
    """Properties that nothing looks into yet: nobody shall take silence for a proof."""
    for system in spec.systems.values():
        if not system.properties:
            continue
        first, *others = system.properties
        yield tell(
            "PG913",
            f"what `{system.name}` asks for is not verified yet",
            first.span,
            "read, and neither proved nor refuted",
            labels=[(one.span, "nor this") for one in others],
            help='write `allow system_not_verified "…"` into the system until it is',
        )
