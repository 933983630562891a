"""Diagnostics as GitHub's workflow commands, which show them beside the changed lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.diagnostics.diagnostic import Diagnostic, Verdict


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _command(diagnostic: Diagnostic) -> str:
    name = CODES[diagnostic.code].name if diagnostic.code in CODES else ""
    values = {"title": f"{diagnostic.code} {name}".strip()}
    if diagnostic.span is not None:
        span = diagnostic.span
        line, column = span.source.position(span.start)
        end_line, end_column = span.source.position(span.end)
        values |= {"file": span.source.path, "line": str(line)}
        # GitHub takes columns only of a place that is on one line.
        if end_line == line:
            values |= {"col": str(column), "endColumn": str(max(end_column - 1, column))}
        else:
            values |= {"endLine": str(end_line)}
    lines = [diagnostic.title]
    if diagnostic.label:
        lines.append(diagnostic.label)
    lines += [f"{label.span}: {label.text}" for label in diagnostic.labels]
    lines += [f"note: {note}" for note in diagnostic.notes]
    lines += [f"{number}. {step.text}" for number, step in enumerate(diagnostic.run, 1)]
    if diagnostic.help:
        lines.append(f"help: {diagnostic.help}")
    properties = ",".join(f"{key}={_value(value)}" for key, value in values.items())
    message = _data("\n".join(lines))
    return f"::{diagnostic.severity} {properties}::{message}"


def _notice(verdict: Verdict) -> str:
    values = {
        "title": f"{verdict.system}: {verdict.verdict}",
        "file": verdict.span.source.path,
        "line": str(verdict.span.line),
    }
    properties = ",".join(f"{key}={_value(value)}" for key, value in values.items())
    return f"::notice {properties}::{_data(verdict.words)}"


def render_github(diagnostics: Iterable[Diagnostic], verdicts: Iterable[Verdict] = ()) -> str:
    """One workflow command a line; what was found out about a system is a notice."""
    commands = [*map(_command, diagnostics), *map(_notice, verdicts)]
    return "".join(f"{command}\n" for command in commands)
