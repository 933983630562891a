"""Binary patterns: how the fields of a message or of a struct lie in its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from protogen_fsm.diagnostics import Label
from protogen_fsm.model.expressions import Value
from protogen_fsm.model.layouts import structs as structs_of
from protogen_fsm.model.messages import Binary, Cell, Layout
from protogen_fsm.model.types import (
    BOOL,
    INT,
    NOTHING,
    OBJECT,
    ListOf,
    Optional,
    Param,
    Range,
    Struct,
    is_int,
)
from protogen_fsm.resolve.layouts import KINDS, holds, type_of
from protogen_fsm.resolve.types import find, places, resolve_type
from protogen_fsm.resolve.values import fitted
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.types import Type
    from protogen_fsm.resolve.expressions import Typer
    from protogen_fsm.source import Span

Structs: TypeAlias = "dict[str, Struct]"

_TEXTS = ("bytes", "str")


def resolve_binary(
    typer: Typer, params: tuple[Param, ...], written: tree.BinaryPattern, what: str
) -> tuple[Binary, dict[str, object]]:
    """The pattern of a message, and which of its fields it places: all if that cannot be known."""
    structs: Structs = {}
    cells: list[Cell] = []
    placed: dict[str, object] = {}
    lengths = _Cells(typer, structs)
    _inner_structs(typer, written.fields, structs)
    scope = {param.name: param.type for param in params}
    for one in written.fields:
        if isinstance(one, tree.Struct):
            continue
        typer.within(event=scope)
        cell = lengths.cell(one, params, placed, what)
        if cell is not None:
            cells.append(cell)
    typer.within()
    lengths.check_order(cells)
    if not lengths.complete:
        placed.update({param.name: written for param in params if param.name not in placed})
    return Binary(tuple(cells), written.span), placed


def fill_struct(typer: Typer, struct: Struct, written: tree.Struct, structs: Structs) -> None:
    """Resolves the fields of a struct, a record's or a binary one's."""
    params: dict[str, Param] = {}
    cells: list[Cell] = []
    structs = dict(structs)
    lengths = _Cells(typer, structs)
    placed: dict[str, object] = {}
    _inner_structs(typer, written.fields, structs)
    binary = any(isinstance(one, tree.BinaryField) for one in written.fields)
    for one in written.fields:
        if isinstance(one, tree.Struct):
            continue
        layout: Layout | None = None
        if isinstance(one, tree.Param):
            type_ = _field_type(typer, one, structs, binary)
            if binary and isinstance(type_, Struct):
                layout = Layout("struct", None, type_, None, False, one.type.span)
            elif binary and type_ != NOTHING:
                _unlaid(typer, one, type_)
        else:
            typer.within(event={name: param.type for name, param in params.items()})
            layout = lengths.layout(one.layout)
            type_ = NOTHING if layout is None else type_of(layout)
            if one.condition is not None and type_ != NOTHING:
                type_ = Optional(type_)
        name = one.name
        if name is not None:
            if name.text in params:
                typer.report.duplicate(name, f"fields of `{struct.name}`", params[name.text].span)
                continue
            params[name.text] = Param(name.text, type_, name.span)
        if isinstance(one, tree.BinaryField):
            cell = lengths.cell(one, tuple(params.values()), placed, f"`{struct.name}`")
            if cell is not None:
                cells.append(cell)
        elif layout is not None and name is not None:
            cells.append(Cell(params[name.text], layout, None, None, one.span))
    typer.within()
    struct.fields = tuple(params.values())
    if binary:
        lengths.check_order(cells)
        struct.layout = Binary(tuple(cells), written.span)


def _inner_structs(
    typer: Typer, written: Sequence[tree.Param | tree.BinaryField | tree.Struct], structs: Structs
) -> None:
    """Resolves the structs in a pattern, before what may speak of one further down."""
    inner = [one for one in written if isinstance(one, tree.Struct)]
    for one in inner:
        name = one.name
        first = structs.get(name.text)
        if first is not None:
            typer.report.duplicate(name, "structs", first.span)
        structs[name.text] = Struct(name.text, _doc(one), (), name.span)
    for one in inner:
        fill_struct(typer, structs[one.name.text], one, structs)
    for one in inner:
        struct = structs[one.name.text]
        if struct.layout is not None and struct in structs_of(struct.layout):
            typer.report.error(
                "PG120", f"`{struct.name}` is defined by itself", one.name.span, "holds itself"
            )
            struct.layout = Binary((), struct.span)


def _doc(written: tree.Struct) -> str:
    return written.doc.value if written.doc else ""


def _field_type(typer: Typer, written: tree.Param, structs: Structs, binary: bool) -> Type:
    named = written.type
    if isinstance(named, tree.NamedType) and named.name.text in structs:
        return structs[named.name.text]
    if binary and isinstance(named, tree.NamedType):
        thing = typer.names.things.get(named.name.text)
        return thing if isinstance(thing, Struct) else resolve_type(typer, named)
    if written.default is not None:
        typer.report.error(
            "PG107",
            f"the field `{written.name.text}` cannot have a default",
            written.default.span,
            "only parameters have one",
        )
    return resolve_type(typer, named)


def _unlaid(typer: Typer, written: tree.Param, type_: Type) -> None:
    typer.report.error(
        "PG311",
        f"`{type_}` does not say how `{written.name.text}` lies in its bytes",
        written.type.span,
        "a type, where the other fields have layouts",
        help="write a layout, such as `u16` or `str(u16)`",
    )


class _Cells:
    """Resolves the fields of one pattern. `structs` are those that it holds."""

    def __init__(self, typer: Typer, structs: Structs) -> None:
        self.typer = typer
        self.report = typer.report
        self.structs = structs
        self.complete = True  # whether every field has a layout that is known
        self.unnamed: str = ""  # a field that stands without a layout

    def cell(
        self,
        written: tree.BinaryField,
        params: tuple[Param, ...],
        placed: dict[str, object],
        what: str,
    ) -> Cell | None:
        """One field; None if there is nothing to make of it."""
        layout = self.layout(written.layout, params, placed)
        self.complete = self.complete and layout is not None
        param = self._param(written, params, placed, what)
        condition = constant = None
        if written.condition is not None:
            condition = self.typer.expr(written.condition, BOOL, "what follows `if`")
        if layout is None:
            return None
        if written.constant is not None:
            constant = self._constant(written, layout)
        if param is not None:
            self._check_type(param, layout, written)
        elif written.name is None and written.constant is None and not self.unnamed:
            self.report.error(
                "PG311",
                "a field without a name needs a value",
                written.span,
                "nothing says what stands here",
                help=f"write `{written.layout.span.text} = 0`",
            )
        self.unnamed = ""
        return Cell(param, layout, constant, condition, written.span)

    def _param(
        self,
        written: tree.BinaryField,
        params: tuple[Param, ...],
        placed: dict[str, object],
        what: str,
    ) -> Param | None:
        name = written.name
        if name is None:
            return None
        param = find(params, name.text)
        if param is None:
            self.complete = False
            self.report.undefined(
                "PG108", f"{what} has no field `{name.text}`", name, "not a field", places(params)
            )
            return None
        first = placed.get(param.name)
        if isinstance(first, tree.BinaryField):
            self.complete = False
            self.report.error(
                "PG104",
                f"`{param.name}` stands twice in the pattern of {what}",
                name.span,
                "again here",
                [Label(first.span, "first here")],
                help="write a second field",
            )
            return None
        placed[param.name] = written
        return param

    def layout(
        self,
        written: tree.Layout,
        params: tuple[Param, ...] = (),
        placed: dict[str, object] | None = None,
    ) -> Layout | None:
        """The layout; None, and a diagnostic, if there is none of that name."""
        kind = written.kind.text
        struct = self.structs.get(kind)
        thing = self.typer.names.things.get(kind)
        if struct is None and isinstance(thing, Struct):
            struct = thing
        if struct is None and kind not in KINDS and find(params, kind) and placed is not None:
            self.unnamed = kind
            placed[kind] = written
            self.report.error(
                "PG311",
                f"`{kind}` has no layout",
                written.kind.span,
                "a field, where a layout is looked for",
                help=f"write `{kind}: ` and how it lies, such as `u16`",
            )
            return None
        if struct is None and kind not in KINDS:
            self.report.undefined(
                "PG311",
                f"no layout is named `{kind}`",
                written.kind,
                "not a layout",
                dict.fromkeys(KINDS) | {name: s.span for name, s in self.structs.items()},
            )
            return None
        if struct is not None and struct.fields and struct.layout is None:
            self.report.error(
                "PG311",
                f"`{kind}` does not say how its fields lie",
                written.kind.span,
                "a record, not a layout",
                [Label(struct.span, "declared here")],
                help="give its fields layouts, such as `u16` or `str(u16)`",
            )
        size = self._size(written) if struct is None else None
        if written.args and (struct is not None or kind not in (*_TEXTS, "bits", "varint")):
            self._arguments(written, f"`{kind}` takes no arguments")
        repeat, to_end = written.repeat, written.repeat == "rest"
        count = None
        if repeat is not None and not isinstance(repeat, str):
            count = self.typer.expr(repeat, INT, "a number of repetitions")
        return Layout(
            "struct" if struct is not None else kind, size, struct, count, to_end, written.span
        )

    def _size(self, written: tree.Layout) -> Expr | Layout | None:
        kind = written.kind.text
        if kind in _TEXTS:
            if len(written.args) != 1:
                self._arguments(written, f"`{kind}` needs a length", f"`{kind}(u16)`")
                return None
            arg = written.args[0]
            if isinstance(arg, tree.Layout):
                length = self.layout(arg)
                if length is not None and not is_int(type_of(length)):
                    self._arguments(written, f"`{arg.span.text}` cannot be a length")
                return length
            return self.typer.expr(arg, INT, "a length")
        if kind == "bits":
            return self._bits(written)
        if kind == "varint" and written.args:
            arg = written.args[0]
            if len(written.args) > 1 or isinstance(arg, tree.Layout):
                self._arguments(written, "`varint` takes the most it may be, or nothing")
                return None
            return self.typer.expr(arg, INT, "the most it may be")
        return None

    def _bits(self, written: tree.Layout) -> Expr | None:
        arg = written.args[0] if len(written.args) == 1 else None
        if arg is None or isinstance(arg, tree.Layout):
            self._arguments(written, "`bits` needs their number", "`bits(4)`")
            self.complete = False
            return None
        size = self.typer.constant(arg, INT, "a number of bits")
        if size is not None and isinstance(size.value, int) and not 1 <= size.value <= 64:
            self._arguments(written, "there can be 1 to 64 bits")
        return size

    def _arguments(self, written: tree.Layout, title: str, instead: str = "") -> None:
        self.report.error(
            "PG311",
            title,
            written.span,
            "wrong arguments",
            help=f"write {instead}" if instead else "",
        )

    def _constant(self, written: tree.BinaryField, layout: Layout) -> Expr | None:
        assert written.constant is not None
        type_ = type_of(layout)
        value = self.typer.constant(written.constant, None, "what a field must hold")
        if value is None or type_ == NOTHING:
            return None
        found = fitted(value, type_)
        if found is None and isinstance(type_, Range) and value.type == INT:
            self.report.error(
                "PG317",
                f"`{layout.span.text}` cannot hold `{value.value}`",
                value.span,
                f"it holds {type_.low} to {type_.high}",
                [Label(layout.span, "its layout")],
            )
        elif found is None:
            self.typer.expr(written.constant, type_, f"what `{layout.span.text}` must hold")
        return found

    def _check_type(self, param: Param, layout: Layout, written: tree.BinaryField) -> None:
        given, asked = type_of(layout), param.type
        may_lack = isinstance(asked, Optional) or asked == NOTHING
        if written.condition is not None and not may_lack:
            self.report.error(
                "PG106",
                f"`{param.name}` has no value where its condition does not hold",
                written.span,
                "may be left out",
                [Label(param.span, f"a `{asked}`")],
                help=f"declare it as `{param.name}: {asked}?`",
            )
        if isinstance(asked, Optional):
            asked = asked.item
        if isinstance(given, Optional):
            given = given.item
        if not holds(given, asked, layout):
            self.report.error(
                "PG106",
                f"`{layout.span.text}` cannot hold `{param.name}`, a `{param.type}`",
                layout.span,
                f"holds `{given}`",
                [Label(param.span, f"declared as `{param.type}` here")],
            )
        elif (asked == OBJECT and isinstance(given, Struct)) or (
            asked == ListOf(OBJECT) and isinstance(given, ListOf)
        ):
            param.type = Optional(given) if isinstance(param.type, Optional) else given

    def check_order(self, cells: list[Cell]) -> None:
        """Bits fill whole bytes, and nothing comes after `rest`."""
        if not self.complete:
            return
        bits, first = 0, None
        for i, cell in enumerate(cells):
            layout = cell.layout
            if layout.kind == "bits":
                first = first or cell
                size = layout.size
                known = isinstance(size, Value) and isinstance(size.value, int)
                bits += size.value if known else 0  # type: ignore[union-attr,operator]
                continue
            if bits % 8 and first is not None:
                self._uneven(bits, first.span, cell.span)
            bits, first = 0, None
            if (layout.kind == "rest" or layout.repeat_rest) and i + 1 < len(cells):
                self.report.error(
                    "PG312",
                    "nothing can come after `rest`",
                    cells[i + 1].span,
                    "nothing is left for this",
                    [Label(cell.span, "takes all that is left")],
                )
        if bits % 8 and first is not None:
            self._uneven(bits, first.span, None)

    def _uneven(self, bits: int, first: Span, after: Span | None) -> None:
        missing = 8 - bits % 8
        self.report.error(
            "PG310",
            f"{bits} bit{'s do' if bits > 1 else ' does'} not fill whole bytes",
            first,
            "they begin here",
            [Label(after, "this begins within a byte")] if after is not None else [],
            help=f"fill up with `bits({missing}) = 0`",
        )
