"""`allow NAME "reason"`: what a spec says it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.checks.tell import tell
from protogen_fsm.diagnostics.codes import by_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.machine import Allowed
    from protogen_fsm.model.spec import Spec
    from protogen_fsm.source import Span

# Other phases have warnings that are told elsewhere, and so may be silenced without effect here.
_OF_CHECKS = ("PG2", "PG3")


def silence(spec: Spec, found: list[Diagnostic]) -> list[Diagnostic]:
    """What is left once the warnings that the spec allows are taken out.

    An `allow` reaches as far as the file, machine or state that says it. One that silences nothing
    is a warning itself.
    """
    kept = list(found)
    for allowed, reach in _allowed(spec):
        known = by_name(allowed.name)
        if known is None:
            continue
        meant = [d for d in found if d.code == known.code and _lies_in(d, reach)]
        kept = [d for d in kept if d not in meant]
        if not meant and known.code.startswith(_OF_CHECKS):
            kept.append(
                tell(
                    "PG226",
                    f"`allow {allowed.name}` silences nothing",
                    allowed.span,
                    "no such warning within its reach",
                    help="take it out",
                )
            )
    return kept


def _allowed(spec: Spec) -> Iterator[tuple[Allowed, Span | None]]:
    """Each `allow` and how far it reaches; None for the whole file."""
    for allowed in spec.allowed:
        yield allowed, None
    for system in spec.systems.values():
        for allowed in system.allowed:
            yield allowed, system.span
    for machine in spec.machines.values():
        for allowed in machine.allowed:
            yield allowed, machine.span
        for state in machine.every_state():
            for allowed in state.allowed:
                yield allowed, state.span


def _lies_in(diagnostic: Diagnostic, reach: Span | None) -> bool:
    span = diagnostic.span
    if reach is None or span is None:
        return True
    return span.source is reach.source and reach.start <= span.start and span.end <= reach.end
