"""What each rule of the grammar makes: nodes of the tree, while the parser runs.

A method is named after the rule, or the alias of the alternative, and gets all its symbols in
order, tokens too, with None for what was left out.
"""

# ruff: noqa: D102 - what a method makes is what its rule says

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protogen_fsm.source import Span
from protogen_fsm.syntax import tree
from protogen_fsm.syntax.literals import Literals

if TYPE_CHECKING:
    from protogen_fsm.source import Source
    from protogen_fsm.syntax.tokens import Token

# How a number lies on the wire; `str` and `bytes` do not say how unless parentheses follow.
FIXED_LAYOUTS = frozenset(
    f"{sign}{bits}{order}" for sign in "uif" for bits in (8, 16, 24, 32, 64) for order in ("", "le")
) - {"f8", "f16", "f24", "f8le", "f16le", "f24le", "u8le", "i8le"}
LAYOUTS = FIXED_LAYOUTS | {"varint", "cstr", "rest", "bits"}

MAX_DEPTH = 100

Children = list[Any]


def _is_bare(event: tree.Event) -> bool:
    return not (event.answered_by or event.by or event.doc) and event.params is None


class Builder:
    """Makes the nodes of one file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.literals = Literals(source)
        # Where the last token that the parser took ends: so does every rule that it then reduces.
        self.end = 0

    def _from(self, start: int) -> Span:
        return Span(self.source, start, self.end)

    def _name(self, token: Token) -> tree.Name:
        return tree.Name(token.text, Span(self.source, token.start, token.end))

    # ------------------------------------------------------------ lists

    def commas(self, c: Children) -> list[Any]:
        if len(c) == 1:
            return [c[0]]
        c[0].append(c[2])
        return c[0]  # type: ignore[no-any-return]

    def many(self, c: Children) -> list[Any]:
        if not c:
            return []
        c[0].append(c[1])
        return c[0]  # type: ignore[no-any-return]

    def some(self, c: Children) -> list[Any]:
        if len(c) == 1:
            return [c[0]]
        c[0].append(c[1])
        return c[0]  # type: ignore[no-any-return]

    def fields(self, c: Children) -> list[Any]:
        if len(c) == 1:
            return [c[0]]
        c[0].append(c[2])
        return c[0]  # type: ignore[no-any-return]

    def second(self, c: Children) -> Any:
        return c[1]

    def between(self, c: Children) -> list[Any]:
        return c[1] or []

    def name(self, c: Children) -> tree.Name:
        token = c[0]
        return tree.Name(token.text, Span(self.source, token.start, token.end))

    def event_name(self, c: Children) -> tree.Name:
        return self.literals.event(c[0])

    def _doc(self, token: Token | None) -> tree.Text | None:
        return None if token is None else self.literals.text(token)

    # ------------------------------------------------------------ files

    def file(self, c: Children) -> tree.File:
        (name, doc), items = c
        return tree.File(self.source, name, doc, items)

    def header(self, c: Children) -> tuple[tree.Name, tree.Text | None]:
        return self._name(c[1]), self._doc(c[2])

    def use(self, c: Children) -> tree.Use:
        return tree.Use(c[1], self.literals.text(c[3]), self._from(c[0].start))

    def const(self, c: Children) -> tree.Const:
        return tree.Const(self._name(c[1]), c[3], self._doc(c[4]), self._from(c[0].start))

    def enum(self, c: Children) -> tree.Enum:
        return tree.Enum(self._name(c[1]), self._doc(c[2]), c[4], self._from(c[0].start))

    def allow(self, c: Children) -> tree.Allow:
        return tree.Allow(self._name(c[1]), self.literals.text(c[2]), self._from(c[0].start))

    # ------------------------------------------------------------ types

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

    params = between

    def param(self, c: Children) -> tree.Param:
        return tree.Param(self._name(c[0]), c[2], c[4], self._from(c[0].start))

    # ------------------------------------------------------------ expressions

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
        return tree.Constant(text.value, text.span)

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

    def index(self, c: Children) -> tree.Index:
        node = tree.Index(c[0], c[2], self._from(c[0].span.start))
        self._check_depth(node)
        return node

    def field(self, c: Children) -> tree.Field:
        node = tree.Field(c[0], self._name(c[2]), self._from(c[0].span.start))
        self._check_depth(node)
        return node

    parenthesis = second

    args = between

    def arg(self, c: Children) -> tree.Arg:
        name, _, value = c
        if name is None:
            return tree.Arg(None, value, value.span)
        return tree.Arg(self._name(name), value, self._from(name.start))

    def _check_depth(self, node: tree.Expr) -> None:
        # Brackets are counted beforehand (see nesting); this is about `a + a + …` and `x.y.z…`.
        if node.span.end - node.span.start > 2 * MAX_DEPTH:
            self.literals.check_depth(node, MAX_DEPTH)

    # ------------------------------------------------------------ messages

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
        return tree.PatternField(self._name(c[0]), self._doc(c[2]), self._from(c[0].start))

    def optional_group(self, c: Children) -> tree.OptionalGroup:
        return tree.OptionalGroup(c[1], self._from(c[0].start))

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

    # ------------------------------------------------------------ machines

    def machine(self, c: Children) -> tree.Machine:
        _, name, params, over, depth, doc, _, declarations, rows, _ = c
        return tree.Machine(
            self._name(name),
            params or [],
            over,
            depth,
            self._doc(doc),
            declarations + rows,
            self._from(c[0].start),
        )

    def over(self, c: Children) -> tree.Layer:
        return tree.Layer(self._name(c[1]), c[2] or [], self._from(c[0].start))

    depth = second

    def face(self, c: Children) -> tree.Face:
        events: list[tree.Event] = []
        for event in c[1]:
            # `a answered by b, c`: c is an answer too, unless it says more than its name
            if events and events[-1].answered_by and _is_bare(event):
                events[-1].answered_by.append(event.name)
                events[-1].span = Span(self.source, events[-1].span.start, event.span.end)
            else:
                events.append(event)
        return tree.Face(c[0].text, events, self._from(c[0].start))

    def event(self, c: Children) -> tree.Event:
        name, params, by, doc, answered = c
        span = self._from(name.span.start)
        return tree.Event(name, params, by, answered or [], span, self._doc(doc))

    def answered(self, c: Children) -> list[tree.Name]:
        return [c[2]]

    def var(self, c: Children) -> tree.Var:
        return tree.Var(self._name(c[1]), c[3], c[5], self._doc(c[6]), self._from(c[0].start))

    def timer(self, c: Children) -> tree.Timer:
        return tree.Timer(self._name(c[1]), c[3], self._doc(c[4]), self._from(c[0].start))

    def question(self, c: Children) -> tree.Question:
        kind, name, params, doc = c
        return tree.Question(
            kind.text, self._name(name), params or [], self._doc(doc), self._from(kind.start)
        )

    def otherwise(self, c: Children) -> tree.Otherwise:
        return tree.Otherwise(self._name(c[1]), self._from(c[0].start))

    def instances(self, c: Children) -> tree.Many:
        _, name, _, machine, args, _, by, _, limit, doc = c
        return tree.Many(
            self._name(name),
            self._name(machine),
            args or [],
            self._name(by),
            limit,
            self._doc(doc),
            self._from(c[0].start),
        )

    def modifier(self, c: Children) -> Any:
        return c[0]

    def state(self, c: Children) -> tree.State:
        modifiers, keyword, name, params, clauses, doc, members = c
        modifiers = modifiers or []
        words = [modifier.text for modifier in modifiers]
        reads = receives = None
        for modifier in modifiers[1:]:
            if words.count(modifier.text) > 1 and words.index(modifier.text) == 0:
                self.literals.say_twice(modifier, f"`{modifier.text}` is said twice")
                break
        for keyword_token, clause in clauses:
            if isinstance(clause, tree.Reads):
                if reads is not None:
                    self.literals.say_twice(keyword_token, "a state has one `reads`")
                reads = clause
            else:
                if receives is not None:
                    self.literals.say_twice(keyword_token, "a state has one `receives`")
                receives = clause
        start = modifiers[0].start if modifiers else keyword.start
        return tree.State(
            self._name(name),
            "initial" in words,
            "final" in words,
            params or [],
            reads,
            receives,
            self._doc(doc),
            members or [],
            self._from(start),
        )

    def reads(self, c: Children) -> tuple[Token, tree.Reads]:
        return c[0], tree.Reads(self._name(c[1]), c[2] or [], self._from(c[0].start))

    def takes(self, c: Children) -> tuple[Token, list[tree.Name]]:
        return c[0], c[1]

    body = between

    def region(self, c: Children) -> tree.Region:
        return tree.Region(self._name(c[1]), self._doc(c[2]), c[3], self._from(c[0].start))

    def on(self, c: Children) -> tree.On:
        _, triggers, keep, guard, target, actions, outcomes = c
        return tree.On(
            triggers,
            guard,
            target,
            actions or [],
            outcomes or [],
            self._from(c[0].start),
            keep is not None,
        )

    def trigger(self, c: Children) -> tree.Trigger:
        return tree.Trigger(c[0], c[1], self._from(c[0].span.start))

    bound_names = between
    guard = second

    def outcomes(self, c: Children) -> list[tree.Outcome]:
        return c[0]  # type: ignore[no-any-return]

    def outcome(self, c: Children) -> tree.Outcome:
        _, name, params, target, actions = c
        return tree.Outcome(
            self._name(name), params or [], target, actions or [], self._from(c[0].start)
        )

    def after(self, c: Children) -> tree.After:
        return tree.After(c[1], c[2], c[3] or [], self._from(c[0].start))

    def entry(self, c: Children) -> tree.Entry:
        return tree.Entry(c[0].text, c[1], c[2] or [], self._from(c[0].start))

    def names(self, c: Children) -> tree.Names:
        return tree.Names(c[0].text, c[1], self._from(c[0].start))

    to = second

    def push(self, c: Children) -> tree.Push:
        goto, then = c[2], c[4]
        return tree.Push(goto.state, goto.args, then, self._from(c[1].start))

    def pop(self, c: Children) -> tree.Pop:
        return tree.Pop(self._from(c[1].start))

    def history(self, c: Children) -> tree.History:
        return tree.History(self._name(c[2]), self._from(c[1].start))

    def goto(self, c: Children) -> tree.Goto:
        return tree.Goto(self._name(c[0]), c[1] or [], self._from(c[0].start))

    actions = second

    def fire(self, c: Children) -> tree.Fire:
        return tree.Fire(c[0].text, c[1], c[2] or [], self._from(c[0].start))

    def assign(self, c: Children) -> tree.Assign:
        self_, _, name, op, value = c
        return tree.Assign(self._name(name), op.text, value, self._from((self_ or name).start))

    def start(self, c: Children) -> tree.Start:
        return tree.Start(self._name(c[1]), c[2] or [], self._from(c[0].start))

    def stop(self, c: Children) -> tree.Stop:
        return tree.Stop(self._name(c[1]), self._from(c[0].start))

    def do(self, c: Children) -> tree.Do:
        return tree.Do(c[0].text, self._from(c[0].start))

    def call_action(self, c: Children) -> tree.CallAction:
        return tree.CallAction(self._name(c[0]), c[1], self._from(c[0].start))

    # ------------------------------------------------------------ systems, scenarios

    def system(self, c: Children) -> tree.System:
        return tree.System(self._name(c[1]), self._doc(c[2]), c[4], self._from(c[0].start))

    def peer(self, c: Children) -> tree.Peer:
        environment, keyword, name, _, count, _, _, machine, args = c
        return tree.Peer(
            self._name(name),
            count,
            self._name(machine),
            args or [],
            environment is not None,
            self._from((environment or keyword).start),
        )

    def link(self, c: Children) -> tree.Link:
        _, left, _, right, _, capacity, faults = c
        return tree.Link(
            self._name(left), self._name(right), capacity, faults, self._from(c[0].start)
        )

    fault = name

    def property_line(self, c: Children) -> tree.Property:
        return tree.Property(c[0].text, c[1], None, self._doc(c[2]), self._from(c[0].start))

    def leads_to(self, c: Children) -> tree.Property:
        left, _, right, doc = c
        return tree.Property("leads to", left, right, self._doc(doc), self._from(left.span.start))

    def scenario(self, c: Children) -> tree.Scenario:
        title = self.literals.text(c[1])
        return tree.Scenario(title, self._name(c[3]), c[5], self._from(c[0].start))

    def step(self, c: Children) -> tree.Step:
        name, _, number, close, _, what = c
        peer = self._name(name)
        if number is not None:
            peer = tree.Name(
                f"{name.text}[{number.text}]", Span(self.source, name.start, close.end)
            )
        return tree.Step(peer, what, self._from(name.start))

    def raw(self, c: Children) -> tree.Text:
        return self.literals.text(c[0])

    def said(self, c: Children) -> tree.Call:
        return tree.Call(c[0], c[1] or [], self._from(c[0].span.start))
