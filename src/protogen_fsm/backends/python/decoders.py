"""Functions that decode binary messages and structs: the bytes read from left to right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protogen_fsm.backends.python import binary, layout
from protogen_fsm.backends.python.binary import Fixed, Support, Word, fixed
from protogen_fsm.backends.python.expressions import Scope, expression, literal, operands
from protogen_fsm.backends.python.names import annotation, unique
from protogen_fsm.model import expressions as ex
from protogen_fsm.model.messages import Binary, Layout

if TYPE_CHECKING:
    from protogen_fsm.backends.python.binary import Piece
    from protogen_fsm.model.messages import Cell, Message
    from protogen_fsm.model.types import Param, Struct, Type

_TEXTS = ("bytes", "str", "cstr")


def of_message(support: Support, name: str, message: Message, doc: list[str]) -> list[str]:
    """The function that decodes a whole frame of a message."""
    assert isinstance(message.pattern, Binary)
    only = binary.whole(message.pattern)
    if only is not None:
        body = [*doc, f"return () if frame == {literal(only)} else None"]
        return [*signature(name, []), *layout.render(body, 4)]
    reader = _Reader(support, message.pattern.cells, binary.named(message.params))
    reader.cells(message.pattern.cells, last=True)
    values = [reader.names[param.name] for param in message.params]
    comma = "," if len(values) == 1 else ""
    returned = layout.made("", [value + comma for value in values]) if values else "()"
    if len(values) > 1:
        returned = ", ".join(values)
        if len(returned) + 11 > layout.WIDTH:
            returned = layout.made("", values)
    return [
        *signature(name, [annotation(param.type) for param in message.params]),
        *layout.render([*doc, *reader.lines, f"return {returned}"], 4),
    ]


def signature(name: str, types: list[str]) -> list[str]:
    """The `def` of a decoder, broken as the formatter breaks it."""
    whole = f"tuple[{', '.join(types) or '()'}]"
    if len(f"def {name}(frame: bytes) -> {whole} | None:") <= layout.WIDTH:
        return [f"def {name}(frame: bytes) -> {whole} | None:"]
    lines = [f"def {name}(", "    frame: bytes,"]
    if len(f") -> {whole} | None:") <= layout.WIDTH:
        return [*lines, f") -> {whole} | None:"]
    lines.append(") -> (")
    if len(whole) + 4 <= layout.WIDTH:
        lines.append(f"    {whole}")
    else:
        lines += ["    tuple[", *(f"        {one}," for one in types), "    ]"]
    return [*lines, "    | None", "):"]


def of_struct(support: Support, struct: Struct) -> str:
    """The module's name for the function that decodes a struct; the first to ask has it written."""
    found = support.decoders.get(id(struct))
    if found is not None:
        return found
    name = support.decoders[id(struct)] = unique(f"_decode_{struct.name}", support.taken)
    assert struct.layout is not None
    reader = _Reader(support, struct.layout.cells, binary.named(struct.fields), at="at")
    reader.cells(struct.layout.cells, last=False)
    made = layout.made(struct.name, [reader.names[param.name] for param in struct.fields])
    doc = f"The struct {struct.name} at `at`, and where it ends. {support.where(struct.span)}"
    support.functions.append(
        [
            *layout.render(
                layout.call(
                    f"def {name}",
                    ["frame: bytes", "at: int"],
                    0,
                    f" -> tuple[{struct.name}, int] | None:",
                ),
                0,
            ),
            *layout.render(
                [*layout.docstring(doc, 4), *reader.lines, f"return {made}, {reader.here()}"], 4
            ),
        ]
    )
    return name


@dataclass(slots=True)
class _Part:
    """A field of fixed size in a run: where it goes, and what is made of it there."""

    fixed: Fixed
    target: str
    tests: list[str] = field(default_factory=list)
    then: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
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

    def cells(self, cells: tuple[Cell, ...], *, last: bool) -> None:
        """All fields of a pattern; a `last` one ends where the frame does."""
        groups = binary.groups(cells)
        ended = False
        for place, (condition, group) in enumerate(groups):
            behind = last and place == len(groups) - 1
            pieces = binary.pieces(group)
            if condition is None:
                ended = self.block(pieces, behind)
                continue
            for cell in group:
                if cell.param is not None:
                    name = self.names[cell.param.name]
                    self.add(f"{name}: {annotation(cell.param.type)} = None")
            self.settle()
            lines = layout.condition("if", *operands(condition, self.scope), len(self.margin))
            self.lines += lines
            self.margin += "    "
            self.is_optional = True
            before = len(self.lines)
            self.block(pieces, False)
            self.settle()
            if len(self.lines) == before:
                self.add("pass")
            self.margin = self.margin[:-4]
            self.is_optional = False
            ended = False
        if last and not ended:
            self.test(f"{self.here()} != {self.size}")

    def block(self, pieces: list[Piece], last: bool) -> bool:
        """Fields without a condition between them; whether the frame's end has been checked."""
        at, ended = 0, False
        while at < len(pieces):
            run: list[_Part] = []
            while at < len(pieces):
                part = self.part(pieces[at])
                if part is None:
                    break
                run.append(part)
                at += 1
            cell = pieces[at] if at < len(pieces) else None
            assert not isinstance(cell, Word)
            length = ""
            if cell is not None:
                length = self.prefix(cell, run)
            self.run(run, exact=last and cell is None)
            ended = last and cell is None
            if cell is not None:
                at += 1
                self.variable(cell, length, last and at == len(pieces))
                ended = last and at == len(pieces) and (_ends(cell) or bool(length))
        return ended

    def local(self, name: str) -> str:
        """A name for something that is no field."""
        return unique(name, self.taken)

    def field(self, cell: Cell, otherwise: str) -> str:
        """What holds a field's value."""
        if cell.param is not None:
            return self.names[cell.param.name]
        return self.local(otherwise)

    def part(self, piece: Piece) -> _Part | None:
        """A piece of fixed size; None for any other."""
        if isinstance(piece, Word):
            return self.word(piece)
        if piece.layout.repeat is not None or piece.layout.repeat_rest:
            return None
        constant = binary.constant_bytes(piece)
        if constant is not None and piece.param is None and piece.layout.kind in _TEXTS:
            target = self.local("constant")
            part = _Part(Fixed(f"{len(constant)}s", len(constant)), target)
            part.tests.append(f"{target} != {literal(constant)}")
            return part
        found = fixed(piece.layout)
        return None if found is None else self.single(piece, found)

    def single(self, cell: Cell, found: Fixed) -> _Part:
        """A field that is one number, or so many bytes."""
        target = self.field(cell, "constant")
        type_ = None if cell.param is None else cell.param.type
        raw = target
        odd = binary.odd_number(cell.layout)
        if odd or (type_ is not None and self.is_converted(type_, cell.layout)):
            raw = self.local(f"{target}_octets" if found.code.endswith("s") else f"{target}_number")
        part = _Part(found, raw)
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
                *_refusal(value, 0, len(enum.members) - 1, binary.bounds(one), target),
                f"{target} = {self.support.members(enum)}[{value}]",
            ]
        if binary.is_bool(type_):
            held = binary.bounds(one)
            refusal = _refusal(value, 0, 1, held, target) if held != (0, 1) else []
            return [*refusal, f"{target} = {value} == 1"]
        lines = [] if value == target else [f"{target} = {value}"]
        narrow = binary.narrower(type_, one)
        if narrow is not None:
            checks = _refusal(
                target if not self.is_optional else value, *narrow, binary.bounds(one), target
            )
            return [*checks, *lines] if self.is_optional else [*lines, *checks]
        return lines

    def word(self, word: Word) -> _Part:
        """Bits that fill whole bytes."""
        if len(word.cells) == 1 and word.cells[0][0].param is not None:
            return self.whole_word(word)
        number = self.local("bits")
        part = _Part(word.fixed, number)
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

    def whole_word(self, word: Word) -> _Part:
        """A field of bits that is whole bytes: a number like any other."""
        cell = word.cells[0][0]
        assert cell.param is not None
        target = self.names[cell.param.name]
        odd = word.fixed.code.endswith("s")
        raw = target
        if odd or self.is_converted(cell.param.type, cell.layout):
            raw = self.local(f"{target}_octets" if odd else f"{target}_number")
        part = _Part(word.fixed, raw)
        value = f'int.from_bytes({raw}, "big")' if odd else raw
        part.then += self.conversion(target, value, cell.param.type, cell.layout)
        if cell.constant is not None:
            part.then += [f"if {target} != {binary.constant_value(cell)}:", "    return None"]
        return part

    def bits(self, number: str, cell: Cell, param: Param, shift: int, size: int) -> list[str]:
        """The lines that take one field out of its word."""
        width = binary.bits_of(cell.layout)
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

    def prefix(self, cell: Cell, run: list[_Part]) -> str:
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
        part = _Part(found, self.local(f"{name}_octets") if odd else name)
        if odd:
            part.then.append(f"{name} = int.from_bytes({part.target}, {odd})")
        held = binary.bounds(size)
        if held is not None and held[0] < 0:
            part.then += [f"if {name} < 0:", "    return None"]
        run.append(part)
        return name

    def run(self, parts: list[_Part], exact: bool) -> None:
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
            took: list[_Part] = []
            for part in parts:
                if part.fixed.order and order and part.fixed.order != order:
                    break
                order = order or part.fixed.order
                took.append(part)
            self.unpack(took, order or ">")
            parts = parts[len(took) :]

    def unpack(self, parts: list[_Part], order: str) -> None:
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

    # ------------------------------------------------------------ fields of no fixed size

    def variable(self, cell: Cell, length: str, last: bool) -> None:
        """A field whose size is seen only in the frame."""
        target = self.field(cell, "constant")
        type_ = cell.param.type if cell.param is not None else None
        if cell.layout.repeat is not None or cell.layout.repeat_rest:
            self.repeated(cell.layout, target, type_, last)
        else:
            self.one(cell.layout, target, type_, length, last)
        if cell.constant is not None:
            self.test(f"{target} != {binary.constant_value(cell)}")

    def one(self, one: Layout, target: str, type_: Type | None, length: str, last: bool) -> None:
        """One value of no fixed size."""
        if one.kind == "rest":
            is_text = type_ is not None and str(binary.item(type_)) == "str"
            self.add(f"{target} = {self.slice(self.here())}{'.decode()' if is_text else ''}")
            self.base, self.delta = self.size, 0
        elif one.kind == "cstr":
            self.add(f'{self.end} = frame.find(b"\\0", {self.here()})')
            self.test(f"{self.end} < 0")
            self.add(f"{target} = {self.slice(self.here(), self.end)}.decode()")
            self.base, self.delta = self.end, 1
            self.settle()
        elif one.kind == "varint":
            self.varint(one, target, type_)
        elif one.struct is not None:
            found = self.local("found")
            name = of_struct(self.support, one.struct)
            self.add(f"{found} = {name}(frame, {self.here()})")
            self.test(f"{found} is None")
            self.add(f"{target}, {self.at} = {found}")
            self.base, self.delta = self.at, 0
        else:
            self.counted(one, target, length, last)

    def varint(self, one: Layout, target: str, type_: Type | None) -> None:
        """A number in groups of 7 bits."""
        self.support.runtime.add("read_varint")
        most = self._most(one)
        converted = type_ is not None and (
            self.is_optional or binary.is_bool(type_) or binary.members(type_) is not None
        )
        raw = self.local(f"{target}_number") if converted else target
        lines = layout.call(f"{raw}, {self.at} = read_varint", ["frame", self.here(), most])
        self.lines += [self.margin + line for line in lines]
        self.base, self.delta = self.at, 0
        self.test(f"{self.at} > {self.size}")
        if type_ is not None:
            self.add(*self.conversion(target, raw, type_, one))

    def _most(self, one: Layout) -> str:
        size = one.size
        if size is None or isinstance(size, Layout):
            return str((1 << 64) - 1)
        return expression(size, self.scope)

    def counted(self, one: Layout, target: str, length: str, last: bool) -> None:
        """Bytes or text whose length stands in front of it, or is reckoned from earlier fields."""
        if isinstance(one.size, Layout):
            if not length:
                length = self.local(f"{target}_size")
                self.length(one.size, length)
            elif fixed(one.size) is None:
                self.varint(one.size, length, None)
        else:
            assert one.size is not None
            length = self.reckoned(one.size, f"{target}_size")
        begin = self.here()
        end = self.until(begin, length, last)
        text = ".decode()" if one.kind == "str" else ""
        self.add(f"{target} = {self.slice(begin, '' if last else end)}{text}")
        if last:
            self.base, self.delta = end, 0
        else:
            self.move(end)

    def length(self, one: Layout, name: str) -> None:
        """A length in front of an item."""
        if one.kind == "varint":
            self.varint(one, name, None)
            return
        found = fixed(one)
        assert found is not None
        odd = binary.odd_number(one)
        part = _Part(found, self.local(f"{name}_octets") if odd else name)
        if odd:
            part.then.append(f"{name} = int.from_bytes({part.target}, {odd})")
        held = binary.bounds(one)
        if held is not None and held[0] < 0:
            part.then += [f"if {name} < 0:", "    return None"]
        self.run([part], exact=False)

    def reckoned(self, e: ex.Expr, name: str) -> str:
        """A length or a count that earlier fields give, never below zero."""
        shown = expression(e, self.scope)
        negative = binary.may_be_negative(e, self.all)
        if isinstance(e, ex.Local | ex.Value) and not negative:
            return shown
        held = self.local(name)
        self.add(*layout.assignment(held, shown))
        if negative:
            self.test(f"{held} < 0")
        return held

    # ------------------------------------------------------------ lists

    def left(self) -> str:
        """How many bytes are left, as Python."""
        if not self.base:
            return f"{self.size} - {self.delta}" if self.delta else self.size
        return f"{self.size} - {self.base}" + (f" - {self.delta}" if self.delta else "")

    def repeated(self, one: Layout, target: str, type_: Type | None, last: bool) -> None:
        """`T[n]` and `T[rest]`."""
        count = ""
        if one.repeat is not None:
            count = self.reckoned(one.repeat, f"{target}_count")
        found = fixed(one)
        if found is not None:
            self.numbers(one, found, target, type_, count, last)
            return
        least = max(binary.least(one), 1)
        if count:
            room = f"{count} * {least}" if least > 1 else count
            self.test(f"{room} > {self.left()}")
        self.settle()
        items = annotation(binary.item(type_)) if type_ is not None else "object"
        held = self.local(f"{target}_items") if self.is_optional else target
        self.add(f"{held}: list[{items}] = []")
        self.add(f"for _ in range({count}):" if count else f"while {self.at} < {self.size}:")
        optional, self.is_optional = self.is_optional, False
        self.margin += "    "
        value = self.local("one")
        self.one(one, value, binary.item(type_) if type_ is not None else None, "", False)
        if self.base == self.size:
            self.move(self.size)
        self.settle()
        self.add(f"{held}.append({value})")
        self.margin = self.margin[:-4]
        self.is_optional = optional
        if held != target:
            self.add(f"{target} = {held}")

    def numbers(
        self, one: Layout, found: Fixed, target: str, type_: Type | None, count: str, last: bool
    ) -> None:
        """Items of one size: all are there, or the frame is no such message."""
        begin, size = self.here(), found.size
        if count:
            end = self.until(begin, f"{size} * {count}" if size != 1 else count, last)
        else:
            left = self.left() if self.left() == self.size else f"({self.left()})"
            if size > 1:
                self.test(f"{left} % {size} != 0")
            end = self.size
        code = found.code
        odd = binary.odd_number(one)
        if code == "B":
            made = f"list({self.slice(begin, '' if end == self.size else end)})"
        elif code.endswith("s"):
            sliced = f"frame[at_ : at_ + {size}]"
            sliced = sliced.replace("at_", place := self.local("place"))
            text = f"int.from_bytes({sliced}, {odd})" if odd else sliced
            text += ".decode()" if one.kind == "str" else ""
            made = layout.made("", [f"{text} for {place} in range({begin}, {end}, {size})"])
            made = f"[{made[1:-1]}]"
        else:
            self.support.stdlib.add("unpack_from")
            many = count or f"{left} // {size}"
            order = found.order or ">"
            made = f'list(unpack_from(f"{order}{{{many}}}{code}", frame, {begin}))'
        self.collect(one, target, type_, made)
        if count and not last:
            self.move(end)
        else:
            self.base, self.delta = end, 0

    def collect(self, one: Layout, target: str, type_: Type | None, made: str) -> None:
        """A list of numbers as a list of what the field holds."""
        enum = None if type_ is None else binary.members(type_)
        is_bool = type_ is not None and binary.is_bool(type_)
        narrow = None if type_ is None else binary.narrower(type_, one)
        raw = target
        if enum is not None or is_bool or (narrow is not None and self.is_optional):
            raw = self.local(f"{target}_numbers")
        self.lines += [self.margin + line for line in layout.assignment(raw, made)]
        if enum is not None:
            narrow = 0, len(enum.members) - 1
        elif is_bool:
            narrow = 0, 1
        if narrow is not None:
            held = binary.bounds(one)
            tests = []
            if held is None or held[0] < narrow[0]:
                tests.append(f"min({raw}) < {narrow[0]}")
            if held is None or held[1] > narrow[1]:
                tests.append(f"max({raw}) > {narrow[1]}")
            if tests:
                both = tests[0] if len(tests) == 1 else f"({' or '.join(tests)})"
                lines = layout.condition("if", [raw, both], "and", 0)
                self.add(*lines, f"    {_raised(target, *narrow)}")
        if enum is not None:
            members, value = self.support.members(enum), unique("one", {*self.names.values()})
            self.add(f"{target} = [{members}[{value}] for {value} in {raw}]")
        elif is_bool:
            value = unique("one", {*self.names.values()})
            self.add(f"{target} = [{value} == 1 for {value} in {raw}]")
        elif raw != target:
            self.add(f"{target} = {raw}")


def _mask(mask: int) -> str:
    return str(mask) if mask < 10 else f"0x{mask:02X}"


def _refusal(value: str, low: int, high: int, held: tuple[int, int] | None, what: str) -> list[str]:
    """The lines that refuse a number that is not between its bounds."""
    if held is not None and held[1] <= high:
        test = f"{value} < {low}"
        if held[0] >= low:
            return []
    elif held is not None and held[0] >= low:
        test = f"{value} > {high}"
    else:
        test = f"not {low} <= {value} <= {high}"
    return [f"if {test}:", f"    {_raised(what, low, high)}"]


def _raised(what: str, low: int, high: int) -> str:
    return f'raise ValueError("{what} is not in {low}..{high}")'


def _ends(cell: Cell) -> bool:
    """Whether reading the field, the last, has checked that it ends where the frame does."""
    one = cell.layout
    if one.repeat_rest or one.kind == "rest":
        return True
    if one.repeat is not None:
        return fixed(one) is not None
    return one.kind in ("bytes", "str")
