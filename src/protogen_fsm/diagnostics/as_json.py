"""Diagnostics as JSON, for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from protogen_fsm.diagnostics.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.diagnostics.diagnostic import Diagnostic
    from protogen_fsm.source import Span


def _place(span: Span | None) -> dict[str, object] | None:
    if span is None:
        return None
    places: dict[str, object] = {"file": span.source.path}
    for name, offset in (("start", span.start), ("end", span.end)):
        line, column = span.source.position(offset)
        places[name] = {"line": line, "column": column, "offset": offset}
    return places


def render_json(diagnostics: Iterable[Diagnostic]) -> str:
    """One object with a list `diagnostics`; lines and columns count characters from 1."""
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
        }
        for d in diagnostics
    ]
    return json.dumps({"diagnostics": found}, indent=2, ensure_ascii=False) + "\n"
