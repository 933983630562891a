"""Binary patterns: each field can be read where it stands, and printed where it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.checks.tell import tell
from protogen_fsm.model.expressions import Local, walk
from protogen_fsm.model.layouts import expressions, least, structs, takes_all
from protogen_fsm.model.messages import Binary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.messages import Cell
    from protogen_fsm.model.spec import Spec


def layouts(spec: Spec) -> Iterator[Diagnostic]:
    """What the patterns of messages and structs say of their fields, from left to right."""
    found: dict[int, Binary] = {}
    for message in spec.messages.values():
        if isinstance(message.pattern, Binary):
            found[id(message.pattern)] = message.pattern
    for struct in spec.structs.values():
        if struct.layout is not None:
            found[id(struct.layout)] = struct.layout
    for pattern in list(found.values()):
        for struct in structs(pattern):
            if struct.layout is not None and struct.span.source is pattern.span.source:
                found[id(struct.layout)] = struct.layout
    for pattern in found.values():
        yield from _pattern(pattern)


def _pattern(pattern: Binary) -> Iterator[Diagnostic]:
    places = {cell.param.name: cell for cell in pattern.cells if cell.param is not None}
    read: set[str] = set()
    for at, cell in enumerate(pattern.cells):
        yield from _read_too_early(cell, read, places)
        yield from _bits_alone(cell)
        yield from _items(cell)
        one = cell.layout
        if one.struct is not None and takes_all(one) and not one.repeat_rest:
            behind = pattern.cells[at + 1] if at + 1 < len(pattern.cells) else None
            if behind is not None:
                yield tell(
                    "PG312",
                    f"nothing can come after `{one.struct.name}`, which ends with `rest`",
                    behind.span,
                    "nothing is left for this",
                    labels=[(cell.span, "takes all that is left")],
                )
        if cell.param is not None:
            read.add(cell.param.name)


def _read_too_early(cell: Cell, read: set[str], places: dict[str, Cell]) -> Iterator[Diagnostic]:
    for expression in expressions(cell):
        for part in walk(expression):
            if isinstance(part, Local) and part.name in places and part.name not in read:
                other = places[part.name]
                where = "here" if other is not cell else "in this very field"
                yield tell(
                    "PG323",
                    f"`{part.name}` is not read yet where its value is needed",
                    part.span,
                    "needed here",
                    labels=[(other.span, f"read {where}")] if other is not cell else [],
                    help=f"put `{part.name}` before what depends on it",
                )


def _bits_alone(cell: Cell) -> Iterator[Diagnostic]:
    one = cell.layout
    if one.kind != "bits":
        return
    if cell.condition is not None or one.repeat is not None or one.repeat_rest:
        how = "left out" if cell.condition is not None else "repeated"
        yield tell(
            "PG310",
            f"bits cannot be {how} by themselves: what is behind them would begin within a byte",
            cell.span,
            "not whole bytes",
            help="put them into a `struct` that fills whole bytes",
        )


def _items(cell: Cell) -> Iterator[Diagnostic]:
    one = cell.layout
    if one.kind == "bits" or (one.repeat is None and not one.repeat_rest):
        return
    if one.kind == "rest" or (one.struct is not None and _holds_rest(cell)):
        yield tell(
            "PG312",
            "what takes all that is left cannot be repeated",
            cell.span,
            "nothing is left for a second one",
        )
    elif not least(one):
        yield tell(
            "PG322",
            "what may take no bytes cannot be repeated",
            cell.span,
            "nothing says where one of them ends",
            help="let each begin with its length, such as `bytes(u8)`",
        )


def _holds_rest(cell: Cell) -> bool:
    struct = cell.layout.struct
    assert struct is not None
    inner = struct.layout
    return inner is not None and any(takes_all(one.layout, (struct,)) for one in inner.cells)
