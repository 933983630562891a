"""A run as a chart: one column for each peer, one row for each thing that happens, told as values.

A message has two rows, one where it is put on its link (`o` at the far end) and one where it is
taken off (`o` at the near end): they cross, and that is usually the cause.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from protogen_fsm.verify import values as vl
from protogen_fsm.verify.values import Printed

if TYPE_CHECKING:
    from protogen_fsm.verify.explore import Finding
    from protogen_fsm.verify.peer import Carried
    from protogen_fsm.verify.system import Composition, Config, Deed


@dataclass(slots=True)
class Row:
    """One row, of `kind` `state send take lose note repeat`.

    `peer`: whose it is; `other`: from whom, or to whom, -1 for nobody.
    """

    kind: str
    peer: int
    text: str
    other: int = -1
    note: str = ""
    place: str = ""


@dataclass(slots=True)
class Chart:
    """A run, ready to be drawn. `states`: where each peer begins; `end`: what is to say behind."""

    names: list[str]
    states: list[str]
    rows: list[Row] = field(default_factory=list)
    end: list[str] = field(default_factory=list)


def item_text(item: Carried) -> str:
    """A message, with what is known of its values: `data(1)`."""
    if item.kind == "end":
        return "(end)"
    args = item.value.args if isinstance(item.value, Printed) else item.value
    known = [vl.shown(arg) for arg in args] if isinstance(args, tuple) else []
    text = f"{item.name}({', '.join(filter(None, known))})" if any(known) else item.name
    return f"{text} ..." if item.plus else text


def draw(composition: Composition, finding: Finding, begin: Config) -> Chart:
    """The chart of a run that begins in a configuration."""
    names = [peer.name for peer in composition.peers]
    chart = Chart(names, [_where(composition, begin, p) for p in range(len(names))])
    config = begin
    for at, (deed, after) in enumerate(finding.run):
        if finding.again == at:
            chart.rows.append(Row("repeat", 0, "from here on, over and over:"))
        _rows(chart, composition, deed, config, after)
        config = after or config
    _ending(chart, composition, finding, config)
    return chart


def _where(composition: Composition, config: Config, peer: int) -> str:
    return composition.state(config, peer).locals[0].names()


def _rows(
    chart: Chart, composition: Composition, deed: Deed, before: Config, after: Config | None
) -> None:
    peer, outcome = deed.peer, deed.outcome
    if deed.wire >= 0 and deed.item is not None:
        wire = composition.wires[deed.wire]
        kind = "lose" if deed.kind == "lose" else "take"
        note = "lost" if kind == "lose" else ""
        if deed.kind == "copy":
            note = "a copy stays on the link"
        if outcome is not None and outcome.kind == "dropped":
            note = "dropped: the connection is closed"
        row = Row(kind, wire.receiver, item_text(deed.item), wire.sender, note)
        chart.rows.append(row)
    elif outcome is not None:
        words = {"call": "is asked: ", "world": "is told: "}.get(outcome.kind, "")
        row = Row("note", peer, f"{words}{outcome.cause}")
        chart.rows.append(row)
    if outcome is None:
        return
    row.place = _place(outcome.rows, composition.peers[peer].top.machine.span.source.path)
    told = [" ".join(choice.text.split()) for choice in outcome.choices]
    told = [text if len(text) <= 48 else f"{text[:20]} ... {text[-20:]}" for text in told]
    if len(told) > 4:
        told[3:] = [f"and {len(told) - 3} more choices"]
    row.note = "; ".join(filter(None, [row.note, *told]))
    if outcome.refused:
        row.note = "; ".join(filter(None, [row.note, "and cannot be taken"]))
        return
    for item in outcome.said:
        if item.kind == "end":
            chart.rows.append(Row("note", peer, "closes"))
            continue
        for number in composition.from_peer[peer]:
            wire = composition.wires[number]
            if item.kind != "event" or composition.hears(wire.receiver, item.name):
                lost = "lost: the link is full" if number in deed.lost else ""
                chart.rows.append(Row("send", peer, item_text(item), wire.receiver, lost))
    if after is not None and _where(composition, before, peer) != _where(composition, after, peer):
        chart.rows.append(Row("state", peer, _where(composition, after, peer)))


def _place(rows: tuple[Any, ...], file: str) -> str:
    """The line of the first row that was taken in the peer's own file, else of the last one."""
    own = [row.span for row in rows if row.span.source.path == file]
    span = own[0] if own else rows[-1].span if rows else None
    return f"{span.source.path}:{span.line}" if span is not None else ""


def _ending(chart: Chart, composition: Composition, finding: Finding, config: Config) -> None:
    for number, wire in enumerate(composition.wires):
        word = composition.word(config, number)
        refused = finding.run[-1][0] if finding.kind in ("unspecified", "fails") else None
        if refused is not None and refused.wire == number and refused.item in word:
            at = word.index(refused.item)
            word = word[:at] + word[at + 1 :]
        if word:
            names = f"{chart.names[wire.sender]} -> {chart.names[wire.receiver]}"
            chart.end.append(f"on the link {names}: {', '.join(map(item_text, word[:8]))}"
                             + (f" and {len(word) - 8} more" if len(word) > 8 else ""))  # fmt: skip
    if finding.kind in ("deadlock", "unspecified", "no end"):
        for at, name in enumerate(chart.names):
            state = composition.state(config, at)
            if not state.ended and (finding.kind != "unspecified" or at == finding.run[-1][0].peer):
                taken = composition.peers[at].would_take(state)
                what = ", ".join(taken) or "nothing"
                chart.end.append(f"{name} in {_where(composition, config, at)} takes: {what}")


# ---------------------------------------------------------------- as text

_GAP = 34


def as_text(chart: Chart) -> str:
    """The chart in lines of ASCII."""
    longest = max((len(row.text) for row in chart.rows if row.other >= 0), default=0)
    gap = max(_GAP - 6 * max(0, len(chart.names) - 3), longest + 10)
    left = max(4, len(chart.states[0]) // 2, len(chart.names[0]) // 2) + 1
    places = [left + at * gap for at in range(len(chart.names))]
    lines = [_labels(places, chart.names), _labels(places, chart.states)]
    for row in chart.rows:
        line = _lifelines(places)
        if row.kind == "repeat":
            lines.append(row.text)
            continue
        if row.kind == "state":
            _put(line, places[row.peer] - len(row.text) // 2, row.text)
        elif row.kind == "note":
            _put(line, places[row.peer] + 2, row.text)
        else:
            _arrow(line, places, row)
        text = "".join(line).rstrip()
        note = "  ".join(filter(None, [row.note, row.place]))
        lines.append(f"{text:<{places[-1] + 3}} {note}".rstrip())
    return "\n".join([*lines, *chart.end]) + "\n"


def _labels(places: list[int], texts: list[str]) -> str:
    line: list[str] = []
    for place, text in zip(places, texts, strict=True):
        _put(line, max(0, place - len(text) // 2), text)
    return "".join(line).rstrip()


def _lifelines(places: list[int]) -> list[str]:
    line = [" "] * (places[-1] + 1)
    for place in places:
        line[place] = "|"
    return line


def _put(line: list[str], at: int, text: str) -> None:
    line += [" "] * (at + len(text) - len(line))
    line[at : at + len(text)] = text


def _arrow(line: list[str], places: list[int], row: Row) -> None:
    """From the sender to the link, or from the link to the receiver."""
    sender, receiver = (row.peer, row.other) if row.kind == "send" else (row.other, row.peer)
    begin, end = places[sender], places[receiver]
    rightwards = begin < end
    low, high = min(begin, end) + 1, max(begin, end)
    body = f"- {row.text} ".ljust(high - low - 4, "-")
    tip = ">" if rightwards else "<"
    if row.kind == "lose":
        body = f"{row.text} is lost".center(high - low - 4)
        _put(line, low, f" {'o' if rightwards else 'x'} {body}"[: high - low])
        return
    link_is_high = (row.kind == "send") == rightwards
    if rightwards:
        arrow = f"{body}>o  " if link_is_high else f" o {body}>"
    else:
        arrow = f" o{tip}{body}" if not link_is_high else f"{tip}{body} o "
    _put(line, low, arrow[: high - low].ljust(high - low))


# ---------------------------------------------------------------- for other programs


def as_mermaid(chart: Chart) -> str:
    """The chart as a Mermaid sequence diagram."""
    lines = ["sequenceDiagram"]
    for at, name in enumerate(chart.names):
        lines.append(f"    participant p{at} as {name}")
    for at, state in enumerate(chart.states):
        lines.append(f"    Note over p{at}: {state}")
    for row in chart.rows:
        text = row.text.replace(";", ",").replace("#", "")
        if row.kind == "send":
            lines.append(f"    p{row.peer}-)p{row.other}: {text}")
        elif row.kind == "lose":
            lines.append(f"    p{row.other}-xp{row.peer}: {text} is lost")
        else:
            word = "takes " if row.kind == "take" else ""
            lines.append(f"    Note over p{row.peer}: {word}{text}")
    return "\n".join(lines) + "\n"


def as_json(chart: Chart) -> dict[str, Any]:
    """The chart as what JSON can say."""
    rows = [
        {
            "kind": row.kind,
            "peer": chart.names[row.peer],
            "text": row.text,
            **({"other": chart.names[row.other]} if row.other >= 0 else {}),
            **({"note": row.note} if row.note else {}),
            **({"place": row.place} if row.place else {}),
        }
        for row in chart.rows
    ]
    peers = [
        {"name": name, "state": state}
        for name, state in zip(chart.names, chart.states, strict=True)
    ]
    return {"peers": peers, "rows": rows, "end": chart.end}
