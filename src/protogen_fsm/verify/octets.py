"""Octets that are not known, and of which it is known what they are: parts of printed messages.

So a layer is followed that writes a message's length into it (`octets[:1] + bytes(size(octets) - 1,
varint) + octets[1:]`), and one that reads it again (`u8`, then `bytes(varint)`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protogen_fsm.model import expressions as ex
from protogen_fsm.model.messages import Binary
from protogen_fsm.verify.values import ANY, Length, Octets, Part, Printed

if TYPE_CHECKING:
    from protogen_fsm.model.machine import Reading
    from protogen_fsm.model.messages import Cell

_SIZES = {"u8": 8, "i8": 8, "u16": 16, "i16": 16, "u24": 24, "u32": 32, "i32": 32, "u64": 64}


def octets(value: Any) -> Octets | None:
    """A value as octets, if it is a message or made of some."""
    if isinstance(value, Printed):
        return Octets((Part(value, 0, None),))
    return value if isinstance(value, Octets) else None


def sliced(value: Any, begin: int, end: int | None) -> Any:
    """`value[begin:end]` of one part of a message; anything where that is not known."""
    whole = octets(value)
    if whole is None or len(whole.parts) != 1 or not isinstance(whole.parts[0], Part):
        return ANY
    part = whole.parts[0]
    if begin < 0 or (end is not None and end < begin) or part.end is not None:
        return ANY
    known = part.begin + (begin if end is None else end)
    if known > _least(part.frame):
        return ANY
    return Octets((Part(part.frame, part.begin + begin, None if end is None else known),))


def joined(left: Any, right: Any) -> Any:
    """One behind the other; what was cut apart is whole again."""
    one, other = octets(left), octets(right)
    if one is None or other is None:
        return ANY
    parts = list(one.parts)
    for part in other.parts:
        last = parts[-1]
        if (
            isinstance(part, Part)
            and isinstance(last, Part)
            and (part.frame, part.begin) == (last.frame, last.end)
        ):
            parts[-1] = Part(part.frame, last.begin, part.end)
        else:
            parts.append(part)
    first = parts[0]
    if len(parts) == 1 and isinstance(first, Part) and (first.begin, first.end) == (0, None):
        return first.frame
    return Octets(tuple(parts))


def counted(e: ex.Function) -> tuple[ex.Expr, int, str] | None:
    """Of `bytes(size(x) - n, layout)`: x, n and the layout."""
    if e.name != "bytes" or len(e.args) != 2 or not isinstance(e.args[1], ex.Value):
        return None
    size, less = e.args[0], 0
    if isinstance(size, ex.Op) and size.op == "-":
        size, number = size.operands
        said = number.value if isinstance(number, ex.Value) else None
        less = said if isinstance(said, int) else -1
    if less < 0 or not isinstance(size, ex.Function) or size.name != "size":
        return None
    return size.args[0], less, str(e.args[1].value)


def length(value: Any, less: int, layout: str) -> Any:
    """How many octets a message has, less so many, as it is written."""
    if isinstance(value, Printed) and less <= _least(value):
        return Octets((Length(value, less, layout),))
    return ANY


def cut(reading: Reading | None, left: Octets) -> tuple[Octets, Octets] | None:
    """What is read next, and what is left behind it; None where that is not known."""
    first, *rest = left.parts
    if reading is None:
        return None
    if reading.kind == "u8" and isinstance(first, Part):
        if first.end is not None and first.end - first.begin == 1:
            return Octets((first,)), Octets(tuple(rest))
        at = first.begin + 1
        if at > (_least(first.frame) if first.end is None else first.end - 1):
            return None
        other = Part(first.frame, at, first.end)
        return Octets((Part(first.frame, first.begin, at),)), Octets((other, *rest))
    layout = reading.args.get("length")
    named = layout.value if isinstance(layout, ex.Value) else None
    if reading.kind == "bytes" and isinstance(first, Length) and "header" not in reading.args:
        second = rest[0] if rest else None
        if named == first.layout and second == Part(first.frame, first.less, None):
            return Octets((second,)), Octets(tuple(rest[1:]))
    return None


def message_in(value: Any) -> Printed | None:
    """The one message that octets are made of."""
    whole = octets(value)
    frames = {part.frame for part in whole.parts} if whole is not None else set()
    return frames.pop() if len(frames) == 1 else None


def _least(frame: Printed) -> int:
    """So many octets a message has at least."""
    pattern, bits = frame.message.pattern, 0
    for cell in pattern.cells if isinstance(pattern, Binary) else ():
        bits += 0 if cell.condition is not None else _bits(cell)
    return bits // 8


def _bits(cell: Cell) -> int:
    if cell.layout.repeat is not None or cell.layout.repeat_rest:
        return 0
    size = getattr(cell.layout.size, "value", None)
    if cell.layout.kind == "bits":
        return size if isinstance(size, int) else 0
    return _SIZES.get(cell.layout.kind.removesuffix("le"), 0)
