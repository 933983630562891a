"""What the Python back-end cannot run yet; every construct that it leaves out is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.backends.python.module import stack
from protogen_fsm.diagnostics import Diagnostic
from protogen_fsm.model import machine as mc
from protogen_fsm.model import moves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.model.spec import Spec
    from protogen_fsm.source import Span


def refuse(spec: Spec) -> list[Diagnostic]:
    """A diagnostic for each construct that cannot run yet, in what the spec stands on too."""
    found: list[Diagnostic] = []
    for machine in stack(spec):
        found += _machine(machine)
    return found


def _not_yet(code: str, what: str, span: Span) -> Diagnostic:
    return Diagnostic(
        code,
        f"the Python back-end cannot run {what} yet",
        span,
        label="not generated yet",
        notes=("the language, the checks and the diagrams take it; only `build` and `run` do not",),
    )


def _machine(machine: mc.Machine) -> Iterator[Diagnostic]:
    for state in machine.every_state():
        region = moves.region_of(state)
        if region is not None and state.regions:
            yield _not_yet("PG901", "regions within a region", state.regions[0].span)
        if region is not None and state.urgent:
            yield _not_yet("PG905", "`urgent` within a region", state.urgent[0].span)
        if region is not None and state.entry_target is not None:
            yield from _target(state.entry_target)
        for row in (*state.transitions, *state.timeouts):
            if region is not None and row.keep:
                yield _not_yet("PG905", "`on lost keep` within a region", row.span)
            for branch in row.branches:
                if region is not None and branch.target is not None:
                    yield from _target(branch.target)


def _target(target: mc.Target) -> Iterator[Diagnostic]:
    if isinstance(target, mc.Push | mc.Pop):
        yield _not_yet("PG902", "`push` and `pop` within a region", target.span)
