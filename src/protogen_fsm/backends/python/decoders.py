"""Functions that decode binary messages and structs: the bytes read from left to right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.backends.python import binary, layout
from protogen_fsm.backends.python.binary import Fixed, Support, Word, fixed
from protogen_fsm.backends.python.expressions import expression, literal, operands
from protogen_fsm.backends.python.names import annotation, unique
from protogen_fsm.backends.python.runs import Part, Runs, raised
from protogen_fsm.model import expressions as ex
from protogen_fsm.model.layouts import least
from protogen_fsm.model.messages import Binary, Layout

if TYPE_CHECKING:
    from protogen_fsm.backends.python.binary import Piece
    from protogen_fsm.model.messages import Cell, Message
    from protogen_fsm.model.types import Struct, Type


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
            returned = layout.listed("", values)
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
    if len(f"    {whole} | None") <= layout.WIDTH:
        return [*lines, f"    {whole} | None", "):"]
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


class _Reader(Runs):
    """The lines of one function: all fields, those of no fixed size between runs of others."""

    __slots__ = ()

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
            run: list[Part] = []
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
        part = Part(found, self.local(f"{name}_octets") if odd else name)
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
        smallest = max(least(one), 1)
        if count:
            room = f"{count} * {smallest}" if smallest > 1 else count
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
            place = self.local("place")
            sliced = f"frame[{place} : {place} + {size}]"
            text = f"int.from_bytes({sliced}, {odd})" if odd else sliced
            text += ".decode()" if one.kind == "str" else ""
            loop = f"for {place} in range({begin}, {end}, {size})"
            made = _comprehension(text, loop, layout.WIDTH - len(self.margin) - 4, len(target) + 3)
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
        self.add(*f"{raw} = {made}".split("\n"))
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
                self.add(*lines, f"    {raised(target, *narrow)}")
        if enum is not None:
            members, value = self.support.members(enum), unique("one", {*self.names.values()})
            self.add(f"{target} = [{members}[{value}] for {value} in {raw}]")
        elif is_bool:
            value = unique("one", {*self.names.values()})
            self.add(f"{target} = [{value} == 1 for {value} in {raw}]")
        elif raw != target:
            self.add(f"{target} = {raw}")


def _comprehension(text: str, loop: str, width: int, head: int) -> str:
    """A list made by a loop, broken as the formatter breaks it; `head` stands before it."""
    if head + len(text) + len(loop) + 3 <= width:
        return f"[{text} {loop}]"
    if len(text) + len(loop) + 5 <= width:
        return f"[\n    {text} {loop}\n]"
    return f"[\n    {text}\n    {loop}\n]"


def _ends(cell: Cell) -> bool:
    """Whether reading the field, the last, has checked that it ends where the frame does."""
    one = cell.layout
    if one.repeat_rest or one.kind == "rest":
        return True
    if one.repeat is not None:
        return fixed(one) is not None
    return one.kind in ("bytes", "str")
