"""How much room binary fields take."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from protogen_fsm.model.expressions import Value
from protogen_fsm.model.messages import Layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.messages import Binary, Cell
    from protogen_fsm.model.types import Struct

_NUMBER = re.compile(r"[uif](8|16|24|32|64)(?:le)?")


def bits_of(one: Layout) -> int:
    """The number of bits of `bits(n)`."""
    return known(one.size) if not isinstance(one.size, Layout) else 0


def known(count: Expr | None) -> int:
    """A number that is known beforehand and not below 0; else 0."""
    if isinstance(count, Value) and isinstance(count.value, int):
        return max(count.value, 0)
    return 0


def least(one: Layout, within: tuple[Struct, ...] = ()) -> int:
    """The least number of bytes that one value takes that lies so, its repetition aside."""
    number = _NUMBER.fullmatch(one.kind)
    if number is not None:
        return int(number[1]) // 8
    if one.kind in ("varint", "cstr"):
        return 1
    if one.struct is not None:
        inner = one.struct.layout
        return 0 if inner is None or one.struct in within else _least(inner, (*within, one.struct))
    if one.kind in ("bytes", "str"):
        return least(one.size) if isinstance(one.size, Layout) else known(one.size)
    return 0


def least_of(pattern: Binary) -> int:
    """The least number of bytes that all fields of a pattern take."""
    return _least(pattern, ())


def _least(pattern: Binary, within: tuple[Struct, ...]) -> int:
    bits = 0
    for cell in pattern.cells:
        one = cell.layout
        if cell.condition is not None or one.repeat_rest:
            continue
        if one.kind == "bits":
            bits += bits_of(one)
        else:
            times = 1 if one.repeat is None else known(one.repeat)
            bits += 8 * times * least(one, within)
    return bits // 8


def takes_all(one: Layout, within: tuple[Struct, ...] = ()) -> bool:
    """Whether it takes all that is left of the frame."""
    if one.kind == "rest" or one.repeat_rest:
        return True
    if one.struct is None or one.struct.layout is None or one.struct in within:
        return False
    cells = one.struct.layout.cells
    return any(takes_all(cell.layout, (*within, one.struct)) for cell in cells)


def expressions(cell: Cell) -> Iterator[Expr]:
    """The expressions by which a field lies where and as it does."""
    if cell.condition is not None:
        yield cell.condition
    size = cell.layout.size
    if isinstance(size, Layout):
        size = size.size
    if size is not None and not isinstance(size, Layout):
        yield size
    if cell.layout.repeat is not None:
        yield cell.layout.repeat


def structs(pattern: Binary) -> list[Struct]:
    """The structs that lie in a pattern, each behind those that lie in it."""
    found: dict[int, Struct] = {}
    todo = [pattern]
    while todo:
        for cell in todo.pop().cells:
            struct = cell.layout.struct
            if struct is not None and struct.layout is not None and id(struct) not in found:
                found[id(struct)] = struct
                todo.append(struct.layout)
    return list(found.values())[::-1]
