"""How the fields of a binary message lie, for the functions that decode and encode it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from protogen_fsm.backends.python import layout
from protogen_fsm.backends.python.expressions import literal
from protogen_fsm.backends.python.names import unique
from protogen_fsm.model import expressions as ex
from protogen_fsm.model.layouts import bits_of, least_of
from protogen_fsm.model.messages import Binary, Cell, Layout
from protogen_fsm.model.types import BOOL, Enum, ListOf, Optional, Range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from protogen_fsm.model.types import Param, Type
    from protogen_fsm.source import Span

_NUMBER = re.compile(r"([uif])(8|16|24|32|64)(le)?")
_CODES = {8: "b", 16: "h", 32: "i", 64: "q"}

# What the functions call besides the spec's own names.
CALLED = frozenset(
    {"len", "list", "range", "int", "str", "bytes", "min", "max", "any", "pack", "unpack_from"}
    | {"unprintable", "varint", "read_varint", "is_float", "LocalProtocolError", "Struct"}
    | {"number", "lines", "dotted", "xor", "packed", "unpacked", "whole", "sum", "map", "bool"}
    | {"ValueError", "UnicodeEncodeError", "frame", "all", "isinstance", "ArithmeticError"}
    | {"LookupError", "utf8", "sha1", "base64", "random"}
)


@dataclass(slots=True)
class Support:
    """What the functions of a module share: layouts of `struct`, members of enums, structs."""

    where: Callable[[Span], str]
    taken: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    functions: list[list[str]] = field(default_factory=list)
    runtime: set[str] = field(default_factory=set)
    stdlib: set[str] = field(default_factory=set)
    formats: dict[str, str] = field(default_factory=dict)
    enums: dict[int, str] = field(default_factory=dict)
    decoders: dict[int, str] = field(default_factory=dict)
    encoders: dict[int, str] = field(default_factory=dict)

    def format(self, code: str) -> str:
        """The module's name for a prepared `struct.Struct`."""
        found = self.formats.get(code)
        if found is None:
            plain = code.lstrip("<>")
            short = f"_{plain}" if len(plain) < 12 else "_fields"
            found = unique(short + ("_le" if code[0] == "<" else ""), self.taken)
            self.formats[code] = found
            self.stdlib.add("Struct")
            self.lines += layout.call(f"{found} = Struct", [literal(code)])
        return found

    def members(self, enum: Enum) -> str:
        """The module's name for the members of an enum, each at its number."""
        found = self.enums.get(id(enum))
        if found is None:
            found = self.enums[id(enum)] = unique(f"_{enum.name}_members", self.taken)
            self.lines += layout.table(f"{found} = ", [literal(m) for m in enum.members], "()")
        return found


@dataclass(slots=True, frozen=True)
class Fixed:
    """So many bytes, as `struct` says it; `order` is empty where there is none."""

    code: str
    size: int
    order: str = ""


def fixed(one: Layout) -> Fixed | None:
    """How a layout of fixed size lies, its repetition aside; None for any other."""
    match = _NUMBER.fullmatch(one.kind)
    if match is not None:
        bits = int(match[2])
        if bits == 24:
            return Fixed("3s", 3)
        code = {"f": {32: "f", 64: "d"}.get(bits, "")}.get(match[1]) or _CODES[bits]
        order = "" if bits == 8 else "<" if match[3] else ">"
        return Fixed(code.upper() if match[1] == "u" else code, bits // 8, order)
    if one.kind in ("bytes", "str") and isinstance(one.size, ex.Value):
        size = one.size.value
        if isinstance(size, int) and size >= 0:
            return Fixed(f"{size}s", size)
    return None


def odd_number(one: Layout) -> str:
    """What `int.from_bytes` needs to know of a number of 24 bits; empty for any other layout."""
    match = _NUMBER.fullmatch(one.kind)
    if match is None or match[2] != "24":
        return ""
    order = '"little"' if match[3] else '"big"'
    return f"{order}, signed=True" if match[1] == "i" else order


def bounds(one: Layout) -> tuple[int, int] | None:
    """The least and the greatest number that can lie so; None if it is no whole number."""
    if one.kind == "bits":
        return 0, (1 << bits_of(one)) - 1
    match = _NUMBER.fullmatch(one.kind)
    if match is None or match[1] == "f":
        return None
    bits = int(match[2])
    return (0, (1 << bits) - 1) if match[1] == "u" else (-(1 << bits - 1), (1 << bits - 1) - 1)


@dataclass(slots=True)
class Word:
    """Bits side by side that fill whole bytes; each cell with its shift."""

    cells: list[tuple[Cell, int]]
    size: int

    @property
    def fixed(self) -> Fixed:
        """How it lies as one number."""
        code = {1: "B", 2: "H", 4: "I", 8: "Q"}.get(self.size)
        if code is None:
            return Fixed(f"{self.size}s", self.size)
        return Fixed(code, self.size, ">" if self.size > 1 else "")

    @property
    def test(self) -> tuple[int, int]:
        """Which bits are constant, and what they are."""
        mask = value = 0
        for cell, shift in self.cells:
            if isinstance(cell.constant, ex.Value):
                mask |= ((1 << bits_of(cell.layout)) - 1) << shift
                value |= number(cell.constant.value) << shift
        return mask, value


def number(value: object) -> int:
    """A constant that is a whole number."""
    assert isinstance(value, int)
    return int(value)


Piece: TypeAlias = "Cell | Word"


def pieces(cells: Iterable[Cell]) -> list[Piece]:
    """The cells in order, bits put together into words of as few bytes as can be."""
    found: list[Piece] = []
    run: list[Cell] = []
    for cell in cells:
        if cell.layout.kind != "bits":
            found.append(cell)
            continue
        run.append(cell)
        size = sum(bits_of(one.layout) for one in run)
        if size % 8 == 0:
            shifted, left = [], size
            for one in run:
                left -= bits_of(one.layout)
                shifted.append((one, left))
            found.append(Word(shifted, size // 8))
            run = []
    return found


def groups(cells: Iterable[Cell]) -> list[tuple[ex.Expr | None, list[Cell]]]:
    """Cells side by side that stand under the same condition."""
    found: list[tuple[ex.Expr | None, list[Cell]]] = []
    said = ""
    for cell in cells:
        now = "" if cell.condition is None else cell.condition.span.text
        if found and now == said:
            found[-1][1].append(cell)
        else:
            found.append((cell.condition, [cell]))
        said = now
    return found


def inner(type_: Type) -> Type:
    """The type without its `?`."""
    return type_.item if isinstance(type_, Optional) else type_


def item(type_: Type) -> Type:
    """What the items of a list are."""
    type_ = inner(type_)
    return type_.item if isinstance(type_, ListOf) else type_


def may_be_negative(e: ex.Expr, cells: Iterable[Cell]) -> bool:
    """Whether a length or a count may be below zero."""
    if isinstance(e, ex.Value):
        return not isinstance(e.value, int) or e.value < 0
    if isinstance(e.type, Range):
        return e.type.low < 0
    if isinstance(e, ex.Local):
        for cell in cells:
            if cell.param is not None and cell.param.name == e.name:
                held = bounds(cell.layout)
                return cell.layout.kind != "varint" and (held is None or held[0] < 0)
    if isinstance(e, ex.Function) and e.name == "size":
        return False
    if isinstance(e, ex.Op) and e.op in ("+", "*"):
        return any(may_be_negative(one, cells) for one in e.operands)
    return True


def narrower(type_: Type, one: Layout) -> tuple[int, int] | None:
    """The bounds of a field's type where they are narrower than those of its layout."""
    type_ = item(type_)
    if not isinstance(type_, Range):
        return None
    held = bounds(one) or (0, type_.high + 1)
    if type_.low <= held[0] and type_.high >= held[1]:
        return None
    return type_.low, type_.high


def begins(pattern: Binary) -> tuple[bytes, bytes]:
    """What every frame begins with, and in which bits; the mask is empty if in all."""
    begin, mask = b"", b""
    for piece in pieces(pattern.cells):
        if isinstance(piece, Word):
            bits, value = piece.test
            begin += value.to_bytes(piece.size, "big")
            mask += bits.to_bytes(piece.size, "big")
            if bits != (1 << 8 * piece.size) - 1:
                break
            continue
        known = None if piece.condition is not None else constant_bytes(piece)
        if known is None:
            break
        begin += known
        mask += b"\xff" * len(known)
    while mask.endswith(b"\0"):
        begin, mask = begin[:-1], mask[:-1]
    if b"\0" in mask:
        begin, mask = begin[: mask.index(b"\0")], mask[: mask.index(b"\0")]
    return begin, b"" if mask == b"\xff" * len(mask) else mask


def whole(pattern: Binary) -> bytes | None:
    """The frame of a message that can have one only."""
    begin, mask = begins(pattern)
    is_all = len(begin) == least_of(pattern) and not mask
    plain = all(
        cell.param is None and cell.condition is None and cell.layout.repeat is None
        and not cell.layout.repeat_rest
        and (cell.layout.kind == "bits" or constant_bytes(cell) is not None)
        for cell in pattern.cells
    )  # fmt: skip
    return begin if plain and (is_all or not pattern.cells) else None


def constant_bytes(cell: Cell) -> bytes | None:
    """The bytes of a constant, if they are always the same."""
    one = cell.layout
    if not isinstance(cell.constant, ex.Value) or one.repeat is not None or one.repeat_rest:
        return None
    value = cell.constant.value
    if isinstance(value, str) and one.kind in ("str", "cstr"):
        value = value.encode()
    if isinstance(value, bytes):
        if one.kind == "cstr":
            return None if b"\0" in value else value + b"\0"
        if isinstance(one.size, Layout):
            length = _number_bytes(one.size, len(value))
            return None if length is None else length + value
        size = fixed(one)
        return value if size is not None and size.size == len(value) else None
    return _number_bytes(one, value) if isinstance(value, int) else None


def _number_bytes(one: Layout, value: int) -> bytes | None:
    held = bounds(one)
    if held is None or not held[0] <= value <= held[1] or one.kind == "bits":
        return None
    size = fixed(one)
    assert size is not None
    order = "little" if one.kind.endswith("le") else "big"
    return value.to_bytes(size.size, order, signed=one.kind[0] == "i")  # type: ignore[arg-type]


def named(params: Iterable[Param]) -> dict[str, str]:
    """What functions call the fields: by their own names, but for those that they need."""
    own = [param.name for param in params]
    taken = {*own, *CALLED}
    return {name: unique(name, taken) if name in CALLED else name for name in own}


def members(type_: Type) -> Enum | None:
    """The enum that a field is of, if it is of one."""
    found = item(type_)
    return found if isinstance(found, Enum) else None


def is_bool(type_: Type) -> bool:
    """Whether a field, or each of its items, is a bool."""
    return item(type_) == BOOL


def constant_value(cell: Cell) -> str:
    """The only value that a field can have, as Python."""
    assert isinstance(cell.constant, ex.Value)
    value = cell.constant.value
    enum = members(cell.param.type) if cell.param is not None else None
    if enum is not None and isinstance(value, int) and value < len(enum.members):
        return literal(enum.members[value])
    size = fixed(cell.layout)
    if isinstance(value, int) and value > 9 and size is not None:
        return f"0x{value:0{2 * size.size}X}"
    return literal(value)
