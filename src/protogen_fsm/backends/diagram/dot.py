"""A machine's picture in the language of Graphviz."""

from __future__ import annotations

from html import escape as _html
from typing import TYPE_CHECKING

import graphviz  # type: ignore[import-untyped]

from protogen_fsm.backends.diagram.draw import view
from protogen_fsm.backends.diagram.gather import depth_of
from protogen_fsm.backends.diagram.label import Line, Run, doc_lines, set_lines, what, when
from protogen_fsm.backends.diagram.view import Arrow, Box, Part, Row, View

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.model.machine import Machine

FONT = "Helvetica"  # the one name of which every renderer knows the widths
INK, PALE, SHADE = "#1a1a1a", "#5a5a5a", "#f4f4f4"
NAME, SIZE = 11, 9  # points
LEFT, RIGHT, MOST = 32, 34, 5  # characters, and lines of one row

_OPEN = {"event": "<b>", "outcome": "<i>", "doc": "<i>"}
_CLOSE = {"event": "</b>", "outcome": "</i>", "doc": "</i>"}


def dot(machine: Machine) -> str:
    """The picture of `machine`, as a graph in the DOT language."""
    seen = view(machine)
    graph = graphviz.Digraph(
        graphviz.escape(machine.name),
        graph_attr={
            "compound": "true",
            "rankdir": "TB",
            "nodesep": "0.25",
            "ranksep": "0.35",
            "pad": "0.15",
            "fontname": FONT,
            "fontsize": str(SIZE),
            "fontcolor": INK,
            "labelloc": "t",
            "labeljust": "l",
            "label": _caption(seen),
            "tooltip": graphviz.escape(seen.title),
        },
        node_attr={
            "shape": "plain",
            "fontname": FONT,
            "fontsize": str(SIZE),
            "fontcolor": INK,
        },
        edge_attr={
            "fontname": FONT,
            "fontsize": str(SIZE),
            "fontcolor": INK,
            "color": INK,
            "arrowsize": "0.7",
        },
    )
    if seen.large:
        graph.graph_attr.update(nslimit="1", nslimit1="1", mclimit="0.2", splines="line")
    _draw_part(graph, seen.top, 0)
    depths = depth_of(seen)
    for arrow in seen.arrows:
        _draw_arrow(graph, arrow, depths, named=not seen.large)
    return str(graph.source)


def _draw_part(graph: graphviz.Digraph, part: Part, depth: int) -> None:
    if part.entered:
        graph.node(
            part.key,
            label="",
            shape="circle",
            style="filled",
            fillcolor=INK,
            width="0.14",
            fixedsize="true",
            tooltip="where it begins",
        )
    for box in part.boxes:
        _draw_box(graph, box, depth)
    if part.entered:
        lhead = {"lhead": f"cluster_{part.first.key}"} if part.first.parts else {}
        graph.edge(part.key, _anchor(part.first), weight="8", **lhead)


def _draw_box(graph: graphviz.Digraph, box: Box, depth: int) -> None:
    if not box.parts:
        graph.node(box.key, label=_box(box), tooltip=graphviz.escape(_tip(box)))
        return
    with graph.subgraph(name=f"cluster_{box.key}") as cluster:
        cluster.attr(
            style="rounded,filled",
            fillcolor=SHADE if depth % 2 == 0 else "white",
            color=INK,
            margin="12",
            label="",
            tooltip=graphviz.escape(_tip(box)),
            labeljust="l",
        )
        cluster.node(
            box.everywhere, label=_rows_of_composite(box), tooltip=graphviz.escape(_tip(box))
        )
        for part in box.parts:
            if part.name:
                _draw_region(cluster, part, depth)
                cluster.edge(box.everywhere, part.key, style="invis")
            else:
                _draw_part(cluster, part, depth + 1)
                _set_beside(cluster, box, part)


def _draw_region(cluster: graphviz.Digraph, part: Part, depth: int) -> None:
    with cluster.subgraph(name=f"cluster_{part.key}") as region:
        region.attr(
            style="rounded,dashed",
            color=PALE,
            label=_table([_cell(_lines(part.name, part.doc))]),
            tooltip=graphviz.escape(part.name),
            labeljust="l",
        )
        _draw_part(region, part, depth + 1)


def _set_beside(cluster: graphviz.Digraph, box: Box, part: Part) -> None:
    """Puts what is said for all the states beside the first of them, so that arrows pass by."""
    if not part.entered and part.first.parts:
        cluster.edge(box.everywhere, part.first.everywhere, style="invis")
        return
    with cluster.subgraph() as rank:
        rank.attr(rank="same")
        rank.node(box.everywhere)
        rank.node(part.key if part.entered else part.first.key)


def _anchor(box: Box) -> str:
    """The node at which an arrow to the state ends."""
    return box.parts[0].key if box.parts else box.key


def _draw_arrow(graph: graphviz.Digraph, arrow: Arrow, depths: dict[str, int], named: bool) -> None:
    tail, head = arrow.tail, arrow.head
    attributes = {
        "label": _label(arrow) if named else "",
        "tooltip": graphviz.escape("\n\n".join(row.tip or str(row) for row in arrow.rows)),
    }
    start = max(tail.leaves(), key=lambda leaf: depths.get(leaf.key, 0)).key
    if tail.parts and tail.holds(head):
        start = tail.everywhere
        first = tail.leaves()[0]
        if not head.holds(first):
            graph.edge(first.key, _anchor(head), style="invis")
    elif tail.parts:
        attributes["ltail"] = f"cluster_{tail.key}"
    if head.parts:
        attributes["lhead"] = f"cluster_{head.key}"
    if arrow.timed:
        attributes["style"] = "dashed"
    if arrow.onward:
        attributes["weight"] = "6"
        _keep_below(graph, start, tail, head)
    graph.edge(start, _anchor(head), **attributes)


def _keep_below(graph: graphviz.Digraph, start: str, tail: Box, head: Box) -> None:
    """Puts the composite states that the arrow enters below where it comes from."""
    box = head if head.parts else head.part.parent
    while box is not None and not box.holds(tail):
        graph.edge(start, box.everywhere, style="invis")
        box = box.part.parent


def _label(arrow: Arrow) -> str:
    return _table([_cell(_row_lines(row), row.tip) for row in arrow.rows], padding=2)


def _row_lines(row: Row) -> list[Line]:
    return [
        *set_lines(when(row), LEFT if row.actions or row.aims else LEFT // 2, MOST),
        *([Run("act", "  "), *line] for line in set_lines(what(row), RIGHT - 2, MOST) if line),
    ]


# ---------------------------------------------------------------- labels in HTML


def _caption(seen: View) -> str:
    cells = [_cell([[Run("event", seen.title)]], size=13)]
    if seen.doc:
        cells.append(_cell(doc_lines(seen.doc, 90)))
    cells += [_cell([[Run("act", note)]]) for note in seen.notes]
    beside = [_column(seen.layers)] if seen.layers else []
    beside += [_sheets(sheet) for sheet in seen.sheets]
    if beside:
        row = "".join(f'<td valign="top">{one}</td>' for one in beside)
        inner = f'<table border="0" cellborder="0" cellspacing="6"><tr>{row}</tr></table>'
        cells.append(f'<tr><td align="left" colspan="2">{inner}</td></tr>')
    return _table(cells, padding=1)


def _column(layers: Iterable[str]) -> str:
    """What stands on what, the machine at the top."""
    rows = "".join(f'<tr><td align="left">{_html(one)}</td></tr>' for one in layers)
    return f'<table border="0" cellborder="1" cellspacing="0" color="{INK}">{rows}</table>'


def _sheets(name: str) -> str:
    """One of many: a sheet, and the edges of two more behind it."""
    inner = (
        f'<table border="1" cellborder="0" cellspacing="3" color="{INK}">'
        f"<tr><td>{_html(name)}</td></tr></table>"
    )
    for _ in range(2):
        edge = f'border="1" color="{INK}"'
        inner = (
            '<table border="0" cellborder="0" cellspacing="0" cellpadding="0">'
            f'<tr><td rowspan="2">{inner}</td><td width="4" height="4"></td></tr>'
            f'<tr><td width="4" {edge} sides="tr"></td></tr>'
            f'<tr><td height="4" {edge} sides="bl"></td>'
            f'<td width="4" height="4" {edge} sides="br"></td></tr></table>'
        )
    return inner


def _lines(title: str, doc: str) -> list[Line]:
    return [[Run("event", title)], *(doc_lines(doc) if doc else [])]


def _box(box: Box) -> str:
    cells = [_cell([[Run("event", box.title)]], _tip(box), size=NAME)]
    if box.doc:
        cells.append(_cell(doc_lines(box.doc), _tip(box)))
    rows = _rows(box)
    if rows:
        rows.insert(0, "<hr/>")
    table = _table(
        [*cells, *rows], border=f'border="1" style="rounded" bgcolor="white" color="{INK}"'
    )
    if not box.final:
        return table
    ring = 'border="1" style="rounded" cellborder="0" cellspacing="1" cellpadding="1"'
    return f'<<table {ring} color="{INK}"><tr><td>{table[1:-1]}</td></tr></table>>'


def _rows_of_composite(box: Box) -> str:
    cells = [_cell([[Run("event", box.title)]], _tip(box), size=NAME)]
    if box.doc:
        cells.append(_cell(doc_lines(box.doc), _tip(box)))
    return _table([*cells, *_rows(box)])


def _rows(box: Box) -> list[str]:
    cells = [_cell(set_lines([Run("act", trait)], 60, 3)) for trait in box.traits]
    return [*cells, *map(_written, box.rows)]


def _written(row: Row) -> str:
    left, right = set_lines(when(row), LEFT, MOST), set_lines(what(row), RIGHT, MOST)
    if not any(right):
        return f"<tr>{_td(left, row.tip, columns=2)}</tr>"
    return f"<tr>{_td(left, row.tip)}{_td(right, row.tip)}</tr>"


def _tip(box: Box) -> str:
    return "\n".join(filter(None, (box.title, box.doc)))


def _table(rows: Iterable[str], padding: int = 2, border: str = 'border="0"') -> str:
    opened = f'<table {border} cellborder="0" cellspacing="0" cellpadding="{padding}">'
    return f"<{opened}{''.join(rows)}</table>>"


def _cell(lines: list[Line], tip: str = "", size: int = SIZE) -> str:
    return f"<tr>{_td(lines, tip, size, columns=2)}</tr>"


def _td(lines: list[Line], tip: str = "", size: int = SIZE, columns: int = 1) -> str:
    told = f' href="#" tooltip="{_attribute(tip)}"' if tip else ""
    span = f' colspan="{columns}"' if columns > 1 else ""
    text = "".join(f' {"".join(map(_run, line))} <br align="left"/>' for line in lines)
    sized = f'<font point-size="{size}">{text}</font>' if size != SIZE else text
    return f'<td align="left" valign="top" balign="left"{span}{told}>{sized}</td>'


def _run(run: Run) -> str:
    text = _html(run.text)
    if not run.text.strip():
        return " " * len(run.text)
    if run.style == "doc":
        text = f'<font color="{PALE}">{text}</font>'
    return f"{_OPEN.get(run.style, '')}{text}{_CLOSE.get(run.style, '')}"


def _attribute(text: str) -> str:
    return _html(text.replace("\\", "\\\\")).replace("\n", "&#10;")
