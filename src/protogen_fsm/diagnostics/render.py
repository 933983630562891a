"""One door to the forms in which diagnostics are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics.text import render_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.diagnostics.diagnostic import Diagnostic, Step, Verdict

FORMATS = ("text", "json", "github", "sarif")


def render(
    format: str,
    diagnostics: Iterable[Diagnostic],
    color: bool = False,
    encoding: str = "utf-8",
    verdicts: Iterable[Verdict] = (),
    unused: Iterable[Step] | None = None,
) -> str:
    """The diagnostics in one of FORMATS; colour and encoding are for text alone.

    Verdicts are for programs, as text they stand below the charts; what is `unused` is for JSON.
    """
    match format:
        case "text":
            return render_text(diagnostics, color, encoding)
        case "json":
            from protogen_fsm.diagnostics.as_json import render_json

            return render_json(diagnostics, verdicts, unused)
        case "github":
            from protogen_fsm.diagnostics.github import render_github

            return render_github(diagnostics, verdicts)
        case "sarif":
            from protogen_fsm.diagnostics.sarif import render_sarif

            return render_sarif(diagnostics, verdicts)
    raise ValueError(f"no format is named {format!r}")
