"""What a scenario was not played as, as a diagnostic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Diagnostic

if TYPE_CHECKING:
    from protogen_fsm.scenarios.choices import Mismatch
    from protogen_fsm.scenarios.play import Result


def diagnostic(result: Result) -> Diagnostic:
    """PG415, at the step that the peer does not say."""
    mismatch = result.mismatch
    assert mismatch is not None
    title = f'`{result.peer}` does not play "{result.scenario.title}"'
    where = f"the peer is {mismatch.state}" if mismatch.state else ""
    return Diagnostic(
        "PG415",
        f"{title}: it {mismatch.problem}",
        mismatch.span or result.scenario.span,
        _label(mismatch),
        notes=tuple(filter(None, [difference(mismatch), where])),
        help="mend the scenario or the machine, or play it for an `environment` peer"
        if mismatch.at >= 0
        else "",
    )


def _label(mismatch: Mismatch) -> str:
    if mismatch.expected is None:
        return "behind this there is more" if mismatch.said is not None else "here"
    return "this is not what it says" if mismatch.said is not None else "here it says nothing"


def difference(mismatch: Mismatch) -> str:
    """What was expected and what was said, a line each."""
    lines = [f"- {line}" for line in (mismatch.expected or "").splitlines()]
    lines += [f"+ {line}" for line in (mismatch.said or "").splitlines()]
    return "\n".join(["expected (-) and said (+):", *lines]) if lines else ""
