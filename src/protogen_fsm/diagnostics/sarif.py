"""Diagnostics as SARIF 2.1.0 (OASIS), for code scanning and editors."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import quote

from protogen_fsm.diagnostics.as_json import as_object
from protogen_fsm.diagnostics.codes import CODES
from protogen_fsm.diagnostics.explain import page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.diagnostics.diagnostic import Diagnostic, Step, Verdict
    from protogen_fsm.source import Span

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def _uri(path: str) -> str:
    pure = PurePath(path)
    return pure.as_uri() if pure.is_absolute() else quote(pure.as_posix())


def _location(span: Span, text: str = "") -> dict[str, object]:
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    location: dict[str, object] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(span.source.path)},
            "region": {
                "startLine": line,
                "startColumn": column,
                "endLine": end_line,
                "endColumn": end_column,
            },
        }
    }
    if text:
        location["message"] = {"text": text}
    return location


def _rule(code: str) -> dict[str, object]:
    if code not in CODES:
        return {"id": code}
    known = CODES[code]
    text = page(code)
    return {
        "id": code,
        "name": known.name,
        "shortDescription": {"text": known.title},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": known.severity},
    }


def _result(diagnostic: Diagnostic, rules: list[str]) -> dict[str, object]:
    lines = [diagnostic.title]
    if diagnostic.label:
        lines.append(diagnostic.label)
    lines += diagnostic.notes
    if diagnostic.help:
        lines.append(diagnostic.help)
    result: dict[str, object] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rules.index(diagnostic.code),
        "level": diagnostic.severity,
        "message": {"text": "\n".join(lines)},
    }
    if diagnostic.span is not None:
        result["locations"] = [_location(diagnostic.span)]
    if diagnostic.labels:
        result["relatedLocations"] = [
            {"id": number, **_location(label.span, label.text)}
            for number, label in enumerate(diagnostic.labels, 1)
        ]
    if diagnostic.run:
        flow = [{"location": _happening(step)} for step in diagnostic.run]
        result["codeFlows"] = [{"threadFlows": [{"locations": flow}]}]
    return result


def _happening(step: Step) -> dict[str, object]:
    if step.span is None:
        return {"message": {"text": step.text}}
    return _location(step.span, step.text)


def render_sarif(diagnostics: Iterable[Diagnostic], verdicts: Iterable[Verdict] = ()) -> str:
    """One run, with a rule for each code that occurs; what was explored is a property of it."""
    found = tuple(diagnostics)
    rules = sorted({diagnostic.code for diagnostic in found})
    run: dict[str, object] = {
        "tool": {"driver": {"name": "protogen", "rules": [_rule(code) for code in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, rules) for diagnostic in found],
    }
    if systems := [as_object(verdict) for verdict in verdicts]:
        run["properties"] = {"systems": systems}
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"
