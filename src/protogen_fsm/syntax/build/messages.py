"""Messages, their patterns, structs."""

# ruff: noqa: D102 - what a method makes is what its rule says

from __future__ import annotations

from typing import Any

from protogen_fsm.syntax import tree
from protogen_fsm.syntax.build.nodes import Children, Nodes

# How a number lies on the wire; `str` and `bytes` do not say how unless parentheses follow.
FIXED_LAYOUTS = frozenset(
    f"{sign}{bits}{order}" for sign in "uif" for bits in (8, 16, 24, 32, 64) for order in ("", "le")
) - {"f8", "f16", "f24", "f8le", "f16le", "f24le", "u8le", "i8le"}
LAYOUTS = FIXED_LAYOUTS | {"varint", "cstr", "rest", "bits"}


class Messages(Nodes):
    """The nodes of messages."""

    def message(self, c: Children) -> tree.Message:
        _, name, params, by, doc, pattern = c
        return tree.Message(
            self._name(name), params or [], self._doc(doc), by, pattern, self._from(c[0].start)
        )

    def message_doc_first(self, c: Children) -> tree.Message:
        return self.message([*c[:3], c[4], c[3], c[5]])

    def by(self, c: Children) -> tree.Name:
        return self._name(c[1])

    def text_pattern(self, c: Children) -> tree.TextPattern:
        return tree.TextPattern(c[1], self._from(c[0].start))

    def binary_pattern(self, c: Children) -> tree.BinaryPattern:
        return tree.BinaryPattern(c[2] or [], self._from(c[0].start))

    def codec(self, c: Children) -> tree.Codec:
        return tree.Codec(self.literals.text(c[2]), self._from(c[0].start))

    def parts(self, c: Children) -> list[Any]:
        return c[0]  # type: ignore[no-any-return]

    def literal(self, c: Children) -> tree.Literal_:
        text = self.literals.text(c[0])
        return tree.Literal_(text, text.span)

    def pattern_field(self, c: Children) -> tree.PatternField:
        item = None if c[2] is None else self._name(c[2])
        return tree.PatternField(self._name(c[0]), item, self._doc(c[4]), self._from(c[0].start))

    def optional_group(self, c: Children) -> tree.OptionalGroup:
        return tree.OptionalGroup(c[1], self._from(c[0].start))

    def repeated_group(self, c: Children) -> tree.RepeatedGroup:
        return tree.RepeatedGroup(c[1], self._from(c[0].start))

    def struct(self, c: Children) -> tree.Struct:
        return tree.Struct(self._name(c[1]), self._doc(c[2]), c[4] or [], self._from(c[0].start))

    def named_field(self, c: Children) -> tree.BinaryField:
        return tree.BinaryField(self._name(c[0]), c[2], c[4], c[6], self._from(c[0].start))

    def struct_field(self, c: Children) -> tree.Param | tree.BinaryField:
        shape, constant, condition = c[2], c[4], c[6]
        if not isinstance(shape, tree.Layout):
            return tree.Param(self._name(c[0]), shape, constant, self._from(c[0].start))
        if condition or shape.args or shape.repeat or shape.kind.text in LAYOUTS:
            return self.named_field(c)
        type_ = tree.NamedType(shape.kind, shape.kind.span)
        return tree.Param(self._name(c[0]), type_, constant, self._from(c[0].start))

    def padding(self, c: Children) -> tree.BinaryField:
        return tree.BinaryField(None, c[0], c[2], c[4], self._from(c[0].span.start))

    def layout(self, c: Children) -> tree.Layout:
        args = [self._layout_arg(arg) for arg in c[1] or []]
        return tree.Layout(self._name(c[0]), args, None, self._from(c[0].start))

    def _layout_arg(self, arg: tree.Arg) -> tree.Layout | tree.Expr:
        value = arg.value
        if isinstance(value, tree.Ref) and value.name.text in LAYOUTS:
            return tree.Layout(value.name, [], None, value.span)
        return value

    def repeated(self, c: Children) -> tree.Layout:
        layout, repeat = c[0], c[2]
        rest = isinstance(repeat, tree.Ref) and repeat.name.text == "rest"
        if layout.repeat is not None:
            self.literals.say_twice(c[1], "a field can be repeated once only", "use a `struct`")
        return tree.Layout(
            layout.kind, layout.args, "rest" if rest else repeat, self._from(layout.span.start)
        )
