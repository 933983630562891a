"""Expressions: every name is what it stands for, and everything has a type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Label
from protogen_fsm.model.expressions import (
    Ask,
    Each,
    FieldOf,
    Frame,
    Item,
    Make,
    MakeList,
    Slice,
    Value,
)
from protogen_fsm.model.types import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    NONE,
    NOTHING,
    STR,
    Enum,
    ListOf,
    Optional,
    Range,
    Struct,
    is_int,
)
from protogen_fsm.resolve.arguments import bind
from protogen_fsm.resolve.functions import FUNCTIONS, call_function
from protogen_fsm.resolve.names import Unknown
from protogen_fsm.resolve.operators import binary, unary
from protogen_fsm.resolve.peers import peer_variable
from protogen_fsm.resolve.scope import Scope
from protogen_fsm.resolve.types import find, places
from protogen_fsm.resolve.values import (
    fitted,
    is_number,
    joined,
    made_list,
    unknown,
)
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.machine import Machine
    from protogen_fsm.model.types import Type
    from protogen_fsm.resolve.names import Names
    from protogen_fsm.resolve.report import Report
    from protogen_fsm.source import Span

# Whoever walks an expression may do so by recursion.
_DEEPEST = 120


class Typer(Scope):
    """Types expressions in a scope."""

    def __init__(self, report: Report, names: Names, machine: Machine | None = None) -> None:
        super().__init__(report, names, machine)
        self._depth = 0

    # ------------------------------------------------------------ entrances

    def expr(
        self, written: tree.Expr, place: Type, what: str, declared: Span | None = None
    ) -> Expr:
        """The expression as a value of type `place`, which `what` asks for."""
        value = self.typed(written, place)
        found = fitted(value, place)
        if found is None:
            self._misfit(value, place, what, declared)
            return unknown(value.span)
        return found

    def constant(self, written: tree.Expr, place: Type | None, what: str) -> Value | None:
        """The value, known beforehand, or None and a diagnostic."""
        before, self.only_constants = self.only_constants, True
        value = self.typed(written, place)
        self.only_constants = before
        if value.type == NOTHING:
            return None
        if not isinstance(value, Value):
            self.report.error(
                "PG110",
                f"{what} must be known beforehand",
                written.span,
                "not made of literals and constants alone, or too large",
            )
            return None
        if place is None:
            return value
        found = fitted(value, place)
        if found is None:
            self._misfit(value, place, what, None)
        return found if isinstance(found, Value) else None

    def constant_int(self, written: tree.Expr, what: str) -> int | None:
        """The whole number, known beforehand, or None and a diagnostic."""
        value = self.constant(written, INT, what)
        return value.value if value is not None and isinstance(value.value, int) else None

    def seconds(self, written: tree.Expr, what: str) -> Expr:
        """A duration."""
        value = self.typed(written)
        if not is_number(value.type) and value.type != NOTHING:
            self.report.error(
                "PG106",
                f"{what} must be a duration, not `{value.type}`",
                written.span,
                f"this is `{value.type}`",
                help="write it as `200ms`, `30s`, `5min` or `2h`",
            )
            return unknown(written.span)
        known = value.value if isinstance(value, Value) else 1
        if isinstance(known, int | float) and known <= 0:
            self.report.error("PG220", f"{what} must be above zero", written.span, "no time at all")
        return value

    def typed(self, written: tree.Expr, wanted: Type | None = None) -> Expr:
        """The expression with the type it has of itself."""
        if self._depth >= _DEEPEST:
            self.report.error(
                "PG009",
                "an expression is nested too deep",
                written.span,
                f"more than {_DEEPEST} operations lie around this",
                help="name a part of it with `const` or `var`",
            )
            return unknown(written.span)
        self._depth += 1
        try:
            if isinstance(written, tree.Ref):
                return self.name(written, wanted)
            return _TYPED[type(written)](self, written)
        finally:
            self._depth -= 1

    # ------------------------------------------------------------ parts

    def _constant(self, written: tree.Constant) -> Expr:
        value = written.value
        type_: Type
        if value is None:
            type_ = NONE
        elif isinstance(value, bool):
            type_ = BOOL
        elif isinstance(value, str):
            type_ = STR
        elif isinstance(value, float) or written.unit == "duration":
            type_ = FLOAT
        else:
            type_ = INT
        return Value(value, type_, written.span)

    def _list_of(self, written: tree.ListOf) -> Expr:
        items = [self.typed(item) for item in written.items]
        type_: Type = NOTHING
        for item in items:
            type_ = joined(type_, item.type)
        whole = ListOf(type_)
        values = made_list(items, whole)
        if values is not None:
            return Value(values, whole, written.span)
        return MakeList(tuple(items), whole, written.span)

    def _each(self, written: tree.Each) -> Expr:
        source = self.typed(written.source)
        item: Type = NOTHING
        if isinstance(source.type, ListOf):
            item = source.type.item
        elif source.type != NOTHING:
            self.report.error(
                "PG106",
                f"`{source.type}` has no items to go through",
                source.span,
                f"this is `{source.type}`, not a list",
            )
        name = written.name.text
        before, self.each = self.each, {**self.each, name: item}
        kept = None
        if written.kept is not None:
            kept = self.expr(written.kept, BOOL, "what chooses the items")
        made = self.typed(written.made)
        self.each = before
        return Each(made, name, source, kept, ListOf(made.type), written.span)

    def _index(self, written: tree.Index) -> Expr:
        value = self.typed(written.value)
        index = self.expr(written.index, INT, "an index")
        type_ = value.type
        item: Type = NOTHING
        if isinstance(type_, ListOf):
            item = type_.item
        elif type_ == STR:
            item = STR
        elif type_ == BYTES:
            item = Range(0, 255)
        elif type_ != NOTHING:
            self.report.error(
                "PG106",
                f"`{type_}` has no items",
                value.span,
                f"this is `{type_}`",
            )
        return Item(value, index, item, written.span)

    def _slice(self, written: tree.Slice) -> Expr:
        value = self.typed(written.value)
        ends = [
            None if one is None else self.expr(one, INT, "an end of a slice")
            for one in (written.begin, written.end)
        ]
        type_ = value.type
        if not isinstance(type_, ListOf) and type_ not in (STR, BYTES, NOTHING):
            self.report.error("PG106", f"`{type_}` has no items", value.span, f"this is `{type_}`")
        if isinstance(value, Value) and isinstance(value.value, str | bytes):
            known = [one.value for one in ends if isinstance(one, Value)]
            if len(known) == sum(one is not None for one in ends):
                begin, end = (one.value if isinstance(one, Value) else None for one in ends)
                if isinstance(begin, int | None) and isinstance(end, int | None):
                    return Value(value.value[begin:end], type_, written.span)
        return Slice(value, ends[0], ends[1], type_, written.span)

    def _field(self, written: tree.Field) -> Expr:
        whole = written.value
        if self.peers:
            found = peer_variable(self, written)
            if found is not None:
                return found
        name = written.name.text
        if isinstance(whole, tree.Ref):
            enum = self.names.things.get(whole.name.text)
            if isinstance(enum, Enum) and self.local(whole.name.text, whole.span) is None:
                if name not in enum.members:
                    self.report.undefined(
                        "PG103",
                        f"`{enum.name}` has no member `{name}`",
                        written.name,
                        "not a member",
                        dict.fromkeys(enum.members, enum.span),
                    )
                    return unknown(written.span)
                return Value(name, enum, written.span)
        value = self.typed(whole)
        if value.type == NOTHING:
            return unknown(written.span)
        fields = value.type.fields if isinstance(value.type, Struct) else ()
        param = find(fields, name)
        if param is None:
            self.report.undefined(
                "PG108",
                f"`{value.type}` has no field `{name}`",
                written.name,
                "not a field",
                places(fields),
            )
            return unknown(written.span)
        return FieldOf(value, name, param.type, written.span)

    def _call(self, written: tree.Call) -> Expr:
        name, span = written.function.text, written.span
        struct = self.names.things.get(name)
        if isinstance(struct, Struct):
            args = bind(self, struct.fields, written.args, f"`{name}`", span, struct.span)
            return Make(struct, args, struct, span)
        question = self.machine.questions.get(name) if self.machine is not None else None
        if question is not None and question.kind == "predicate" and not self.only_constants:
            args = bind(self, question.params, written.args, f"`{name}`", span, question.span)
            return Ask(question, args, BOOL, span)
        message = self.names.message(name)
        if message is not None:
            args = bind(self, message.params, written.args, f"`{name}`", span, message.span)
            return Frame(message, args, BYTES, span)
        if name in FUNCTIONS:
            return call_function(self, written)
        if not isinstance(struct, Unknown):
            candidates = dict.fromkeys(FUNCTIONS) | self.names.of(Struct)
            if self.machine is not None:
                asked = self.machine.questions.values()
                candidates |= {q.name: q.span for q in asked if q.kind == "predicate"}
            self.report.undefined(
                "PG108",
                f"no function, predicate, message or struct is named `{name}`",
                written.function,
                "an action, which has no value" if question else "not a function",
                candidates,
            )
        for arg in written.args:
            self.typed(arg.value)
        return unknown(span)

    def _misfit(self, value: Expr, place: Type, what: str, declared: Span | None) -> None:
        inner = place.item if isinstance(place, Optional) else place
        text = value.span.text if value.span.end - value.span.start <= 40 else "…"
        help = ""
        if is_int(value.type) and isinstance(inner, Range):
            title = f"{what} must lie in `{place}`"
            label = f"`{text}` does not" if isinstance(value, Value) else f"this is `{value.type}`"
        else:
            title = f"{what} must be `{place}`, not `{value.type}`"
            label = f"this is `{value.type}`"
            if inner == STR and (value.type == BYTES or is_int(value.type)):
                help = f"write `str({text})`"
            elif inner == BYTES and value.type == STR:
                help = f"write `bytes({text})`"
            elif inner == INT and value.type in (STR, BYTES):
                help = f"write `int({text})`"
        labels = [Label(declared, f"declared as `{place}` here")] if declared is not None else []
        self.report.error("PG106", title, value.span, label, labels, help=help)


_TYPED: dict[type, Callable[..., Expr]] = {
    tree.Constant: Typer._constant,
    tree.SelfRef: Typer.self_name,
    tree.Unary: unary,
    tree.Binary: binary,
    tree.ListOf: Typer._list_of,
    tree.Each: Typer._each,
    tree.Index: Typer._index,
    tree.Slice: Typer._slice,
    tree.Field: Typer._field,
    tree.Call: Typer._call,
}
