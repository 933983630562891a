"""Fields of fixed size side by side: one check that they are there, one call that reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protogen_fsm.backends.python import binary, layout
from protogen_fsm.backends.python.binary import Fixed, Support, Word, fixed
from protogen_fsm.backends.python.expressions import Scope, literal
from protogen_fsm.backends.python.names import unique
from protogen_fsm.model.layouts import bits_of
from protogen_fsm.model.messages import Layout

if TYPE_CHECKING:
    from protogen_fsm.backends.python.binary import Piece
    from protogen_fsm.model.messages import Cell
    from protogen_fsm.model.types import Param, Type

_TEXTS = ("bytes", "str", "cstr")


@dataclass(slots=True)
class Part:
    """A field of fixed size in a run: where it goes, and what is made of it there."""

    fixed: Fixed
    target: str
    tests: list[str] = field(default_factory=list)
    then: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Runs:
    """The lines of one function. It stands `delta` bytes behind `base`; 0 if `base` is empty."""

    support: Support
    all: tuple[Cell, ...]
    names: dict[str, str]
    at: str = ""  # what the function calls its place, where it is given one
    lines: list[str] = field(default_factory=list)
    margin: str = ""
    base: str = ""
    delta: int = 0
    taken: set[str] = field(default_factory=set)
    size: str = "size"
    end: str = "end"
    is_optional: bool = False
    scope: Scope = field(default_factory=Scope)

    def __post_init__(self) -> None:
        self.taken = {*self.names.values(), *binary.CALLED, "frame"}
        self.base = self.at
        self.at = self.at or unique("at", self.taken)
        if self.at in self.names.values():
            self.names = {
                key: unique(f"{value}_", self.taken) if value == self.at else value
                for key, value in self.names.items()
            }
        self.taken.add(self.at)
        self.size, self.end = unique("size", self.taken), unique("end", self.taken)
        self.scope = Scope(event=self.names)
        self.add(f"{self.size} = len(frame)")

    # ------------------------------------------------------------ places

    def add(self, *lines: str) -> None:
        """Lines at the margin."""
        self.lines += [self.margin + line for line in lines]

    def test(self, *conditions: str) -> None:
        """What makes the frame another message, or none."""
        if conditions:
            lines = layout.condition("if", list(conditions), "or", len(self.margin))
            self.lines += [*lines, f"{self.margin}    return None"]

    def here(self, further: int = 0) -> str:
        """A place behind this one, as Python."""
        delta = self.delta + further
        if not self.base:
            return str(delta)
        return f"{self.base} + {delta}" if delta else self.base

    def slice(self, begin: str, end: str = "") -> str:
        """A part of the frame, spaced as the formatter has it."""
        if not end and begin == "0":
            return "frame"
        if " " in begin or " " in end:
            return f"frame[{begin} :{' ' if end else ''}{end}]"
        return f"frame[{begin}:{end}]"

    def settle(self) -> None:
        """Holds the place in its variable, for branches and loops that move it on."""
        if self.base != self.at:
            self.add(f"{self.at} = {self.here()}")
        elif self.delta:
            self.add(f"{self.at} += {self.delta}")
        self.base, self.delta = self.at, 0

    def move(self, end: str) -> None:
        """Goes on behind what ends at `end`."""
        if end != self.at:
            self.add(f"{self.at} = {end}")
        self.base, self.delta = self.at, 0

    def until(self, place: str, length: str, last: bool) -> str:
        """What ends so many bytes behind a place, checked to be there; what holds its end."""
        end = self.at if self.base != self.at else self.end
        self.add(f"{end} = {place} + {length}")
        self.test(f"{end} {'!=' if last else '>'} {self.size}")
        return end

    # ------------------------------------------------------------ fields

    def local(self, name: str) -> str:
        """A name for something that is no field."""
        return unique(name, self.taken)

    def field(self, cell: Cell, otherwise: str) -> str:
        """What holds a field's value."""
        if cell.param is not None:
            return self.names[cell.param.name]
        return self.local(otherwise)

    def part(self, piece: Piece) -> Part | None:
        """A piece of fixed size; None for any other."""
        if isinstance(piece, Word):
            return self.word(piece)
        if piece.layout.repeat is not None or piece.layout.repeat_rest:
            return None
        constant = binary.constant_bytes(piece)
        if constant is not None and piece.param is None and piece.layout.kind in _TEXTS:
            target = self.local("constant")
            part = Part(Fixed(f"{len(constant)}s", len(constant)), target)
            part.tests.append(f"{target} != {literal(constant)}")
            return part
        found = fixed(piece.layout)
        return None if found is None else self.single(piece, found)

    def single(self, cell: Cell, found: Fixed) -> Part:
        """A field that is one number, or so many bytes."""
        target = self.field(cell, "constant")
        type_ = None if cell.param is None else cell.param.type
        raw = target
        odd = binary.odd_number(cell.layout)
        if odd or (type_ is not None and self.is_converted(type_, cell.layout)):
            raw = self.local(f"{target}_octets" if found.code.endswith("s") else f"{target}_number")
        part = Part(found, raw)
        value = f"int.from_bytes({raw}, {odd})" if odd else raw
        if cell.layout.kind == "str":
            value = f"{raw}.decode()"
        if cell.constant is not None and cell.param is None:
            part.tests.append(f"{value} != {binary.constant_value(cell)}")
            return part
        if type_ is not None:
            part.then += self.conversion(target, value, type_, cell.layout)
        if cell.constant is not None:
            part.then += [f"if {target} != {binary.constant_value(cell)}:", "    return None"]
        return part

    def is_converted(self, type_: Type, one: Layout) -> bool:
        """Whether the field's value is something else than what `struct` gives, or is tested."""
        if one.kind == "str" or binary.is_bool(type_) or binary.members(type_) is not None:
            return True
        return self.is_optional and binary.narrower(type_, one) is not None

    def conversion(self, target: str, value: str, type_: Type, one: Layout) -> list[str]:
        """The lines that make a field of what was read, and check it."""
        enum = binary.members(type_)
        if one.kind in ("str", "cstr") or value.endswith(".decode()"):
            return [f"{target} = {value}"]
        if enum is not None:
            return [
                *refusal(value, 0, len(enum.members) - 1, binary.bounds(one), target),
                f"{target} = {self.support.members(enum)}[{value}]",
            ]
        if binary.is_bool(type_):
            held = binary.bounds(one)
            refused = refusal(value, 0, 1, held, target) if held != (0, 1) else []
            return [*refused, f"{target} = {value} == 1"]
        lines = [] if value == target else [f"{target} = {value}"]
        narrow = binary.narrower(type_, one)
        if narrow is not None:
            checks = refusal(
                target if not self.is_optional else value, *narrow, binary.bounds(one), target
            )
            return [*checks, *lines] if self.is_optional else [*lines, *checks]
        return lines

    def word(self, word: Word) -> Part:
        """Bits that fill whole bytes."""
        if len(word.cells) == 1 and word.cells[0][0].param is not None:
            return self.whole_word(word)
        number = self.local("bits")
        part = Part(word.fixed, number)
        if word.fixed.code.endswith("s"):
            raw = self.local("octets")
            part.target = raw
            part.then.append(f'{number} = int.from_bytes({raw}, "big")')
        mask, value = word.test
        whole = (1 << 8 * word.size) - 1
        if mask:
            digits = 2 * word.size
            tested = number if mask == whole else f"{number} & 0x{mask:0{digits}X}"
            test = f"{tested} != 0x{value:0{digits}X}"
            if part.then:
                part.then += [f"if {test}:", "    return None"]
            else:
                part.tests.append(test)
        for cell, shift in word.cells:
            if cell.param is not None:
                part.then += self.bits(number, cell, cell.param, shift, word.size)
        return part

    def whole_word(self, word: Word) -> Part:
        """A field of bits that is whole bytes: a number like any other."""
        cell = word.cells[0][0]
        assert cell.param is not None
        target = self.names[cell.param.name]
        odd = word.fixed.code.endswith("s")
        raw = target
        if odd or self.is_converted(cell.param.type, cell.layout):
            raw = self.local(f"{target}_octets" if odd else f"{target}_number")
        part = Part(word.fixed, raw)
        value = f'int.from_bytes({raw}, "big")' if odd else raw
        part.then += self.conversion(target, value, cell.param.type, cell.layout)
        if cell.constant is not None:
            part.then += [f"if {target} != {binary.constant_value(cell)}:", "    return None"]
        return part

    def bits(self, number: str, cell: Cell, param: Param, shift: int, size: int) -> list[str]:
        """The lines that take one field out of its word."""
        width = bits_of(cell.layout)
        target, type_ = self.names[param.name], binary.inner(param.type)
        if width == 1 and binary.is_bool(type_):
            return [f"{target} = {number} & {_mask(1 << shift)} != 0"]
        value = f"{number} >> {shift}" if shift else number
        if shift + width < 8 * size:
            value = f"{value} & {_mask((1 << width) - 1)}"
        enum = binary.members(type_)
        if enum is not None or binary.is_bool(type_):
            name = self.local(f"{target}_number")
            return [f"{name} = {value}", *self.conversion(target, name, type_, cell.layout)]
        return self.conversion(target, value, type_, cell.layout)

    def prefix(self, cell: Cell, run: list[Part]) -> str:
        """What holds the length of a field whose length stands in front of it, in the same run."""
        size = cell.layout.size
        if (
            not isinstance(size, Layout)
            or cell.layout.repeat is not None
            or cell.layout.repeat_rest
        ):
            return ""
        found = fixed(size)
        name = self.local(f"{self.names[cell.param.name] if cell.param else 'constant'}_size")
        if found is None:
            return name
        odd = binary.odd_number(size)
        part = Part(found, self.local(f"{name}_octets") if odd else name)
        if odd:
            part.then.append(f"{name} = int.from_bytes({part.target}, {odd})")
        held = binary.bounds(size)
        if held is not None and held[0] < 0:
            part.then += [f"if {name} < 0:", "    return None"]
        run.append(part)
        return name

    def run(self, parts: list[Part], exact: bool) -> None:
        """Fields of fixed size side by side: one check that they are there, one call for all."""
        if not parts:
            if exact:
                self.test(f"{self.here()} != {self.size}")
            return
        total = sum(part.fixed.size for part in parts)
        self.test(f"{self.here(total)} {'!=' if exact else '>'} {self.size}" if self.base
                  else f"{self.size} {'!=' if exact else '<'} {self.delta + total}")  # fmt: skip
        while parts:
            order = ""
            took: list[Part] = []
            for part in parts:
                if part.fixed.order and order and part.fixed.order != order:
                    break
                order = order or part.fixed.order
                took.append(part)
            self.unpack(took, order or ">")
            parts = parts[len(took) :]

    def unpack(self, parts: list[Part], order: str) -> None:
        """Fields of one byte order."""
        if len(parts) < 3 and all(part.fixed.code == "B" for part in parts):
            for nth, part in enumerate(parts):
                self.add(f"{part.target} = frame[{self.here(nth)}]")
        elif len(parts) == 1 and parts[0].fixed.code.endswith("s"):
            one = self.slice(self.here(), self.here(parts[0].fixed.size))
            self.add(f"{parts[0].target} = {one}")
        else:
            code = self.support.format(order + "".join(part.fixed.code for part in parts))
            place = self.here()
            args = "frame" if place == "0" else f"frame, {place}"
            targets = [part.target for part in parts]
            one = f"({targets[0]},)" if len(targets) == 1 else ", ".join(targets)
            line = f"{one} = {code}.unpack_from({args})"
            if len(line) > layout.WIDTH - len(self.margin) - 4:
                fields = self.local("fields")
                self.add(f"{fields} = {code}.unpack_from({args})")
                line = f"{one} = {fields}"
                if len(line) > layout.WIDTH - len(self.margin) - 4:
                    line = f"{layout.listed('', targets)} = {fields}"
            self.add(line)
        self.test(*(test for part in parts for test in part.tests))
        for part in parts:
            self.add(*part.then)
        self.delta += sum(part.fixed.size for part in parts)


def _mask(mask: int) -> str:
    return str(mask) if mask < 10 else f"0x{mask:02X}"


def refusal(value: str, low: int, high: int, held: tuple[int, int] | None, what: str) -> list[str]:
    """The lines that refuse a number that is not between its bounds."""
    if held is not None and held[1] <= high:
        test = f"{value} < {low}"
        if held[0] >= low:
            return []
    elif held is not None and held[0] >= low:
        test = f"{value} > {high}"
    else:
        test = f"not {low} <= {value} <= {high}"
    return [f"if {test}:", f"    {raised(what, low, high)}"]


def raised(what: str, low: int, high: int) -> str:
    """The line that refuses a number."""
    return f'raise ValueError("{what} is not in {low}..{high}")'
