"""A chart as what JSON can say, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from protogen_fsm.model.chart import Chart, Row


def as_json(chart: Chart) -> dict[str, Any]:
    """Peers, rows and what is said at the end; `pair` counts rows from 0."""
    peers = [
        {"name": name, "state": state}
        for name, state in zip(chart.names, chart.states, strict=True)
    ]
    rows = [_row(chart, row) for row in chart.rows]
    return {"title": chart.title, "peers": peers, "rows": rows, "end": chart.end}


def _row(chart: Chart, row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": row.kind, "peer": chart.names[row.peer], "text": row.text}
    if row.other >= 0:
        found["other"] = chart.names[row.other]
    if row.pair >= 0:
        found["pair"] = row.pair
    if row.note:
        found["note"] = row.note
    if row.span is not None:
        found |= {"file": row.span.source.path, "line": row.span.line}
    if row.bad:
        found["bad"] = True
    return found
