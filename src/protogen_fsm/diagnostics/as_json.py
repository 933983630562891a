"""Diagnostics as JSON, for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from protogen_fsm.diagnostics.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.diagnostics.diagnostic import Capacities, Diagnostic, Step, Verdict
    from protogen_fsm.source import Span


def _place(span: Span | None) -> dict[str, object] | None:
    if span is None:
        return None
    places: dict[str, object] = {"file": span.source.path}
    for name, offset in (("start", span.start), ("end", span.end)):
        line, column = span.source.position(offset)
        places[name] = {"line": line, "column": column, "offset": offset}
    return places


def render_json(
    diagnostics: Iterable[Diagnostic],
    verdicts: Iterable[Verdict] = (),
    unused: Iterable[Step] | None = None,
) -> str:
    """One object with the list `diagnostics`; lines and columns count characters from 1.

    Where systems were explored, `systems` says what was found out about each; `unused`, if that is
    asked for, what never comes about in any of them.
    """
    found = [
        {
            "code": d.code,
            "name": CODES[d.code].name if d.code in CODES else "",
            "severity": d.severity,
            "title": d.title,
            "place": _place(d.span),
            "label": d.label,
            "labels": [{"place": _place(label.span), "text": label.text} for label in d.labels],
            "notes": list(d.notes),
            "help": d.help,
            **({"run": [_step(step) for step in d.run]} if d.run else {}),
        }
        for d in diagnostics
    ]
    told: dict[str, object] = {"diagnostics": found}
    if systems := [as_object(verdict) for verdict in verdicts]:
        told["systems"] = systems
    if unused is not None:
        told["unused"] = [_step(one) for one in unused]
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _step(step: Step) -> dict[str, object]:
    return {"text": step.text, "place": _place(step.span)}


def as_object(verdict: Verdict) -> dict[str, object]:
    """A verdict as what JSON can say."""
    return {
        "name": verdict.system,
        "place": _place(verdict.span),
        "verdict": verdict.verdict,
        "configurations": verdict.configurations,
        "bounds": list(verdict.bounds),
        "taken_as_anything": list(verdict.anything),
        "allowed": list(verdict.allowed),
        "exchanged": list(verdict.exchanged),
        "not_exchanged": list(verdict.not_exchanged),
        "capacities": _capacities(verdict.capacities),
    }


def _capacities(found: Capacities | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "looked_at": [
            {"capacity": capacity, "verdict": verdict, "configurations": states}
            for capacity, verdict, states in found.looked_at
        ],
        "same_from": found.since,
        "conditions": list(found.conditions),
        "why_not": found.why_not,
    }
