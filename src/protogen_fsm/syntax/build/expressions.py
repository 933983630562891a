"""Types and expressions."""

# ruff: noqa: D102 - what a method makes is what its rule says

from __future__ import annotations

from protogen_fsm.syntax import tree
from protogen_fsm.syntax.build.nodes import Children, Nodes

MAX_DEPTH = 100


class Expressions(Nodes):
    """The nodes of types and expressions."""

    def named_type(self, c: Children) -> tree.NamedType:
        name = self._name(c[0])
        return tree.NamedType(name, name.span)

    def list_type(self, c: Children) -> tree.ListType:
        return tree.ListType(c[2], self._from(c[0].start))

    def range_type(self, c: Children) -> tree.RangeType:
        return tree.RangeType(c[0], c[2], self._from(c[0].span.start))

    def optional_named(self, c: Children) -> tree.OptionalType:
        return tree.OptionalType(self.named_type(c), self._from(c[0].start))

    def optional(self, c: Children) -> tree.OptionalType:
        return tree.OptionalType(c[0], self._from(c[0].span.start))

    params = Nodes.between

    def param(self, c: Children) -> tree.Param:
        return tree.Param(self._name(c[0]), c[2], c[4], self._from(c[0].start))

    def ref(self, c: Children) -> tree.Ref:
        name = self._name(c[0])
        return tree.Ref(name, name.span)

    bound_name = ref

    def self_ref(self, c: Children) -> tree.SelfRef:
        return tree.SelfRef(self._name(c[2]), self._from(c[0].start))

    def constant(self, c: Children) -> tree.Constant:
        value = {"true": True, "false": False, "none": None}[c[0].text]
        return tree.Constant(value, self._from(c[0].start))

    def number(self, c: Children) -> tree.Constant:
        return self.literals.number(c[0])

    def string(self, c: Children) -> tree.Constant:
        text = self.literals.text(c[0])
        return tree.Constant(text.value, text.span, raw=text.kind == "regex")

    def unary(self, c: Children) -> tree.Unary:
        node = tree.Unary(c[0].text, c[1], self._from(c[0].start))
        self._check_depth(node)
        return node

    def binary(self, c: Children) -> tree.Binary:
        left, sign, right = c
        op = "not in" if sign.type == "NOT_IN" else sign.text
        node = tree.Binary(op, left, right, self._from(left.span.start))
        self._check_depth(node)
        return node

    def call(self, c: Children) -> tree.Call:
        return tree.Call(self._name(c[0]), c[1], self._from(c[0].start))

    def list_of(self, c: Children) -> tree.ListOf:
        return tree.ListOf(c[1] or [], self._from(c[0].start))

    def each(self, c: Children) -> tree.Each:
        kept = c[7] if c[6] is not None else None
        return tree.Each(c[1], self._name(c[3]), c[5], kept, self._from(c[0].start))

    def index(self, c: Children) -> tree.Index:
        node = tree.Index(c[0], c[2], self._from(c[0].span.start))
        self._check_depth(node)
        return node

    def slice(self, c: Children) -> tree.Slice:
        node = tree.Slice(c[0], c[2], c[4], self._from(c[0].span.start))
        self._check_depth(node)
        return node

    def field(self, c: Children) -> tree.Field:
        node = tree.Field(c[0], self._name(c[2]), self._from(c[0].span.start))
        self._check_depth(node)
        return node

    parenthesis = Nodes.second

    args = Nodes.between

    def arg(self, c: Children) -> tree.Arg:
        name, _, value = c
        if name is None:
            return tree.Arg(None, value, value.span)
        return tree.Arg(self._name(name), value, self._from(name.start))

    def _check_depth(self, node: tree.Expr) -> None:
        # Brackets are counted beforehand (see nesting); this is about `a + a + …` and `x.y.z…`.
        if node.span.end - node.span.start > 2 * MAX_DEPTH:
            self.literals.check_depth(node, MAX_DEPTH)
