"""Functions that encode binary messages and structs: each value checked, then all printed.

The checks are those of the decoder: what passes them parses back to the same values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protogen_fsm.backends.python import binary, layout
from protogen_fsm.backends.python.binary import Fixed, Support, Word, fixed
from protogen_fsm.backends.python.expressions import Scope, expression, is_safe, literal
from protogen_fsm.backends.python.names import annotation, unique
from protogen_fsm.model import expressions as ex
from protogen_fsm.model.layouts import expressions
from protogen_fsm.model.messages import Binary, Layout

if TYPE_CHECKING:
    from protogen_fsm.model.messages import Cell, Message
    from protogen_fsm.model.types import Struct, Type


def of_message(support: Support, name: str, message: Message, doc: list[str]) -> list[str]:
    """The function that encodes a message."""
    assert isinstance(message.pattern, Binary)
    names = binary.named(message.params)
    writer = _Writer(support, message.name, message.pattern.cells, names)
    typed = [f"{names[param.name]}: {annotation(param.type)}" for param in message.params]
    head = layout.call(f"def {name}", typed, 0, " -> bytes:")
    return [*layout.render(head, 0), *layout.render([*doc, *writer.body()], 4)]


def of_struct(support: Support, struct: Struct) -> str:
    """The module's name for the function that encodes a struct; the first to ask has it written."""
    found = support.encoders.get(id(struct))
    if found is not None:
        return found
    name = support.encoders[id(struct)] = unique(f"_encode_{struct.name}", support.taken)
    assert struct.layout is not None
    fields = {param.name: f"value.{param.name}" for param in struct.fields}
    writer = _Writer(support, struct.name, struct.layout.cells, fields)
    doc = f"The bytes of the struct {struct.name}. {support.where(struct.span)}"
    body = writer.body()
    support.functions.append(
        [
            *layout.render(
                layout.call(f"def {name}", [f"value: {struct.name}"], 0, " -> bytes:"), 0
            ),
            *layout.render([*layout.docstring(doc, 4), *body], 4),
        ]
    )
    return name


_LONG = 60  # a call that is longer stands on a line of its own


@dataclass(slots=True)
class _Writer:
    """The lines of one function: `run` is what goes into the next `pack`, `printed` what is done.

    `fields` says how each field is read: by its name, or as an attribute.
    """

    support: Support
    what: str
    cells: tuple[Cell, ...]
    fields: dict[str, str]
    lines: list[str] = field(default_factory=list)
    margin: str = ""
    printed: list[str] = field(default_factory=list)
    run: list[tuple[Fixed, str, bytes | None]] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    held: str = ""  # the variable that holds what is printed already
    scope: Scope = field(default_factory=Scope)
    read: set[str] = field(default_factory=set)  # the fields that lengths and conditions read

    def __post_init__(self) -> None:
        self.taken = {*self.fields.values(), *self.fields, *binary.CALLED, "value"} - {"frame"}
        self.scope = Scope(event=self.fields)
        said = [part for cell in self.cells for e in expressions(cell) for part in ex.walk(e)]
        self.read = {part.name for part in said if isinstance(part, ex.Local)}

    def add(self, *lines: str) -> None:
        """Lines at the margin."""
        self.lines += [self.margin + line for line in lines]

    def refuse(
        self, conditions: list[str], name: str, value: str, why: str, op: str = "or"
    ) -> None:
        """What is raised for a value that would not parse back."""
        self.support.runtime.add("unprintable")
        self.lines += layout.condition("if", conditions, "and", len(self.margin))
        args = [literal(self.what), literal(name), value, literal(why)]
        self.lines += layout.call(f"{self.margin}    raise unprintable", args)

    # ------------------------------------------------------------ the whole

    def body(self) -> list[str]:
        """All lines, the last of which returns the frame."""
        for condition, cells in binary.groups(self.cells):
            if condition is None:
                self.block(cells)
            else:
                self.branch(condition, cells)
        self.flush()
        terms = [self.held, *self.printed] if self.held else self.printed
        if len(terms) == 1 and self.lines and self.lines[-1].startswith(f"{terms[0]} = "):
            terms = [self.lines.pop().partition(" = ")[2]]
        lines = [*self.lines, f"return {layout.added(terms)}" if terms else 'return b""']
        if all(is_safe(e) for cell in self.cells for e in expressions(cell)):
            return lines
        self.support.runtime.add("LocalProtocolError")
        error = unique("error", self.taken)
        return [
            "try:",
            *(f"    {line}" for line in lines),
            f"except (ArithmeticError, LookupError, ValueError) as {error}:",
            f"    raise LocalProtocolError({literal(self.what + ' would not parse back')})"
            f" from {error}",
        ]

    def whole(self) -> str:
        """What is printed since the last branch, as one expression."""
        self.flush()
        found, self.printed = layout.added(self.printed) if self.printed else "", []
        return found

    def branch(self, condition: ex.Expr, cells: list[Cell]) -> None:
        """Fields under a condition: given exactly where it holds."""
        shown = expression(condition, self.scope)
        given = [cell.param for cell in cells if cell.param is not None]
        tested = shown if isinstance(condition, ex.Local) else f"({shown})"
        for param in given:
            name = self.fields[param.name]
            self.refuse(
                [f"({name} is not None) != {tested}"],
                param.name,
                name,
                f"is given where `{condition.span.text}` holds, and only there",
            )
        self.hold()
        tests = [f"{self.fields[param.name]} is not None" for param in given]
        if tests:
            self.lines += layout.condition("if", tests, "and", len(self.margin))
        else:
            self.add(f"if {shown}:")
        self.margin += "    "
        held, self.held = self.held, ""
        self.block(cells)
        self.add(f"{held} += {self.whole()}")
        self.held = held
        self.margin = self.margin[:-4]

    def hold(self) -> None:
        """Puts what is printed so far into a variable, for branches to add to."""
        whole, empty = self.whole(), 'b""'
        if not self.held:
            self.held = unique("frame", self.taken)
            self.add(f"{self.held} = {whole or empty}")
        elif whole:
            self.add(f"{self.held} += {whole}")

    def block(self, cells: list[Cell]) -> None:
        """Fields one after the other."""
        for piece in binary.pieces(cells):
            if isinstance(piece, Word):
                self.word(piece)
            else:
                self.cell(piece)

    # ------------------------------------------------------------ runs of fixed size

    def flush(self) -> None:
        """Turns the run into one call."""
        run, self.run = self.run, []
        while run:
            if all(known is not None for _, _, known in run):
                self.printed.append(literal(b"".join(known or b"" for _, _, known in run)))
                return
            order, took = "", []
            for one in run:
                if one[0].order and order and one[0].order != order:
                    break
                order = order or one[0].order
                took.append(one)
            run = run[len(took) :]
            if len(took) == 1 and took[0][0].code.endswith("s"):
                self.printed.append(took[0][1])
                continue
            if len(took) == 1 and took[0][0].code == "B":
                self.printed.append(f"bytes(({took[0][1]},))")
                continue
            code = self.support.format((order or ">") + "".join(one[0].code for one in took))
            values = [one[1] for one in took]
            packed = f"{code}.pack({', '.join(values)})"
            if len(packed) > _LONG:
                packed = unique("fields", self.taken)
                self.lines += layout.call(f"{self.margin}{packed} = {code}.pack", values)
            self.printed.append(packed)

    def put(self, found: Fixed, value: str, known: bytes | None = None) -> None:
        """Something of fixed size."""
        self.run.append((found, value, known))

    def put_bytes(self, value: str) -> None:
        """Bytes of any size."""
        self.flush()
        self.printed.append(value)

    def put_number(self, one: Layout, value: str) -> None:
        """A number that has been checked."""
        found = fixed(one)
        if found is None:
            self.support.runtime.add("varint")
            self.put_bytes(f"varint({value})")
            return
        odd = binary.odd_number(one)
        if odd:
            value = f"{_whole(value)}.to_bytes(3, {odd})"
        self.put(found, value)

    # ------------------------------------------------------------ fields

    def word(self, word: Word) -> None:
        """Bits side by side, as one number."""
        mask, value = word.test
        digits = 2 * word.size
        known = value.to_bytes(word.size, "big") if mask == (1 << 8 * word.size) - 1 else None
        terms = [f"0x{value:0{digits}X}"] if value or known else []
        for cell, shift in word.cells:
            if cell.param is None:
                continue
            given = self.fields[cell.param.name]
            self.constant(cell, given)
            type_ = binary.inner(cell.param.type)
            if binary.is_bool(type_):
                one = f"{1 << shift if shift < 4 else f'0x{1 << shift:02X}'} if {given} else 0"
                terms.append(f"({one})")
                known = None
                continue
            number = self.number(cell.layout, cell.param.name, given, type_)
            if cell.constant is None:
                terms.append(f"{number} << {shift}" if shift else number)
                known = None
        shown = " | ".join(terms) or "0"
        if len(terms) == 1:
            shown = shown.removeprefix("(").removesuffix(")")
        elif len(terms) > 2:
            shown = unique("bits", self.taken)
            self.add(f"{shown} = {layout.union(terms)}")
        if word.fixed.code.endswith("s"):
            shown = f'{_whole(shown)}.to_bytes({word.size}, "big")'
        self.put(word.fixed, shown, known)

    def constant(self, cell: Cell, given: str) -> None:
        """A named field that can have one value only."""
        if cell.constant is not None and cell.param is not None:
            value = binary.constant_value(cell)
            self.refuse([f"{given} != {value}"], cell.param.name, given, f"is always {value}")

    def number(self, one: Layout, name: str, given: str, type_: Type) -> str:
        """The number that lies for a value, checked."""
        enum = binary.members(type_)
        if enum is not None:
            members = self.support.members(enum)
            self.refuse([f"{given} not in {members}"], name, given, f"is none of {enum.name}")
            held = binary.bounds(one)
            if held is not None and held[1] < len(enum.members) - 1:
                self.refuse([f"{members}.index({given}) > {held[1]}"], name, given, "does not fit")
            return f"{members}.index({given})"
        if binary.is_bool(type_):
            return f"1 if {given} else 0"
        if one.kind[0] == "f":
            bits = 32 if one.kind.startswith("f32") else 64
            rounded = ", exactly=False" if bits == 32 and name not in self.read else ""
            self.support.runtime.add("is_float")
            test = f"not is_float({given}, {bits}{rounded})"
            self.refuse([test], name, given, f"is no f{bits}")
            return given
        low, high = self.bounds(one, type_)
        self.refuse([f"not {low} <= {given} <= {high}"], name, given, f"is not in {low}..{high}")
        return given

    def bounds(self, one: Layout, type_: Type) -> tuple[str, str]:
        """The least and the greatest number that the field and its layout both hold."""
        held = binary.bounds(one)
        narrow = binary.narrower(type_, one)
        if held is not None:
            low, high = held if narrow is None else (
                max(held[0], narrow[0]), min(held[1], narrow[1])
            )  # fmt: skip
            return str(low), str(high)
        most = str((1 << 64) - 1)
        if one.size is not None and not isinstance(one.size, Layout):
            most = expression(one.size, self.scope)
        if narrow is None:
            return "0", most
        low = max(0, narrow[0])
        return str(low), f"min({narrow[1]}, {most})" if not most.isdigit() else str(
            min(narrow[1], int(most))
        )

    def cell(self, cell: Cell) -> None:
        """One field that is no bits."""
        one = cell.layout
        known = binary.constant_bytes(cell)
        if cell.param is None:
            if known is not None:
                number = fixed(one) if one.kind[0] in "ui" else None
                if number is None or binary.odd_number(one):
                    self.put(Fixed(f"{len(known)}s", len(known)), literal(known), known)
                else:
                    self.put(number, binary.constant_value(cell), known)
                return
            given, name = literal(cell.constant.value), "constant"  # type: ignore[union-attr]
            type_ = cell.constant.type  # type: ignore[union-attr]
        else:
            given, name, type_ = self.fields[cell.param.name], cell.param.name, cell.param.type
            self.constant(cell, given)
        if one.repeat is not None or one.repeat_rest:
            self.list(one, name, given, type_)
        else:
            self.one(one, name, given, type_)

    def one(self, one: Layout, name: str, given: str, type_: Type) -> None:
        """One value."""
        if one.struct is not None:
            self.put_bytes(f"{of_struct(self.support, one.struct)}({given})")
        elif one.kind in ("bytes", "str", "cstr", "rest"):
            self.octets(one, name, given, type_)
        else:
            self.put_number(one, self.number(one, name, given, binary.inner(type_)))

    def octets(self, one: Layout, name: str, given: str, type_: Type) -> None:
        """Bytes or text."""
        is_text = one.kind in ("str", "cstr") or str(binary.item(type_)) == "str"
        if is_text and not given.startswith(('"', "'")):
            octets = unique(f"{given.rpartition('.')[2]}_octets", self.taken)
            self.add("try:", f"    {octets} = {given}.encode()")
            self.add("except UnicodeEncodeError:")
            self.support.runtime.add("unprintable")
            args = [literal(self.what), literal(name), given, literal("is no text")]
            self.lines += layout.call(f"{self.margin}    raise unprintable", args, 0, " from None")
        else:
            octets = given if not is_text else literal(given[1:-1].encode())
        if one.kind == "cstr":
            self.refuse([f'b"\\0" in {octets}'], name, given, "holds a zero byte")
            self.put_bytes(octets)
            self.put(Fixed("1s", 1), 'b"\\0"', b"\0")
        elif one.kind == "rest":
            self.put_bytes(octets)
        elif isinstance(one.size, Layout):
            held = binary.bounds(one.size)
            if held is not None:
                why = f"is longer than {held[1]} bytes"
                self.refuse([f"len({octets}) > {held[1]}"], name, given, why)
            self.put_number(one.size, f"len({octets})")
            self.put_bytes(octets)
        else:
            assert one.size is not None
            size = expression(one.size, self.scope)
            why = f"is not of {one.size.span.text} bytes"
            self.refuse([f"len({octets}) != {size}"], name, given, why)
            found = fixed(one)
            if found is None:
                self.put_bytes(octets)
            else:
                self.put(found, octets)

    # ------------------------------------------------------------ lists

    def list(self, one: Layout, name: str, given: str, type_: Type) -> None:
        """`T[n]` and `T[rest]`."""
        if one.repeat is not None:
            count = expression(one.repeat, self.scope)
            why = f"is not a list of {one.repeat.span.text}"
            self.refuse([f"len({given}) != {count}"], name, given, why)
        found = fixed(one)
        kind = binary.item(type_)
        if found is not None and not found.code.endswith("s") and one.kind[0] in "ui":
            self.numbers(one, found, name, given, kind)
            return
        if one.struct is not None:
            value = unique("one", {*self.fields.values()})
            made = of_struct(self.support, one.struct)
            printed = f'b"".join([{made}({value}) for {value} in {given}])'
            octets = unique(f"{given.rpartition('.')[2]}_octets", self.taken)
            self.lines += [self.margin + line for line in layout.assignment(octets, printed)]
            self.put_bytes(octets)
            return
        self.flush()
        value = unique("one", self.taken)
        parts = unique(f"{given.rpartition('.')[2]}_printed", self.taken)
        self.add(f"{parts} = []", f"for {value} in {given}:")
        self.margin += "    "
        before, self.printed = self.printed, []
        self.one(one, name, value, kind)
        self.add(f"{parts}.append({self.whole()})")
        self.printed = before
        self.margin = self.margin[:-4]
        self.put_bytes(f'b"".join({parts})')

    def numbers(self, one: Layout, found: Fixed, name: str, given: str, kind: Type) -> None:
        """Numbers of one size, printed by one call."""
        enum = binary.members(kind)
        value = unique("one", {*self.fields.values()})
        if enum is not None:
            members = self.support.members(enum)
            test = f"any({value} not in {members} for {value} in {given})"
            self.refuse([test], name, given, f"holds what is none of {enum.name}")
            given = f"[{members}.index({value}) for {value} in {given}]"
        elif binary.is_bool(kind):
            given = f"[1 if {value} else 0 for {value} in {given}]"
        else:
            low, high = self.bounds(one, kind)
            both = f"not {low} <= min({given}) <= max({given}) <= {high}"
            why = f"holds what is not in {low}..{high}"
            self.refuse([given, both], name, given, why)
        if found.code == "B":
            self.put_bytes(f"bytes({given})")
            return
        self.support.stdlib.add("pack")
        many = (
            given if given.isidentifier() or given.startswith("value.") else self.hold_list(given)
        )
        self.put_bytes(f'pack(f"{found.order or ">"}{{len({many})}}{found.code}", *{many})')

    def hold_list(self, made: str) -> str:
        """A list in a variable."""
        name = unique("numbers", self.taken)
        self.add(f"{name} = {made}")
        return name


def _whole(value: str) -> str:
    """A number as it stands before a dot."""
    return value if value.replace(".", "").isidentifier() else f"({value})"
