"""The parts of a line as text: names, types, expressions, events, actions, targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Sequence

_ESCAPES = {
    "\\": "\\\\",
    '"': '\\"',
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}
_PREFIX = {"plain": "", "ignore_case": "i", "regex": "r"}

# How tightly an operator binds; a value binds tightest.
_BINDS = {"or": 1, "and": 2, "not": 3, "+": 5, "-": 5, "*": 6, "%": 6}
_COMPARISON, _SIGN, _VALUE = 4, 7, 8


def quoted(value: str) -> str:
    """A string as a literal, escapes readable."""
    return '"' + "".join(_character(c) for c in value) + '"'


def _character(c: str) -> str:
    if c in _ESCAPES:
        return _ESCAPES[c]
    if c.isprintable():
        return c
    point = ord(c)
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def text(literal: tree.Text) -> str:
    """A string literal, with its prefix."""
    if literal.kind == "regex":
        return f'r"{literal.value}"'
    return _PREFIX[literal.kind] + quoted(literal.value)


def doc(literal: tree.Text | None) -> str:
    """The words after a head, with the space before them."""
    return "" if literal is None else " " + text(literal)


def names(found: Sequence[tree.Name]) -> str:
    """Names in a list."""
    return ", ".join(name.text for name in found)


# ---------------------------------------------------------------- types


def type_(node: tree.Type) -> str:
    """A type."""
    match node:
        case tree.NamedType():
            return node.name.text
        case tree.RangeType():
            return f"{expr(node.low)}..{expr(node.high)}"
        case tree.ListType():
            return f"list[{type_(node.item)}]"
        case tree.OptionalType():
            return f"{type_(node.item)}?"


def param(node: tree.Param) -> str:
    """A parameter or a field of a record."""
    default = "" if node.default is None else f" = {expr(node.default)}"
    return f"{node.name.text}: {type_(node.type)}{default}"


def param_list(nodes: Sequence[tree.Param]) -> str:
    """Parameters, without the parentheses."""
    return ", ".join(map(param, nodes))


def params(nodes: Sequence[tree.Param]) -> str:
    """Parameters in parentheses, nothing for none."""
    return f"({param_list(nodes)})" if nodes else ""


# ---------------------------------------------------------------- expressions


def expr(node: tree.Expr) -> str:
    """An expression, with the parentheses that it needs."""
    return _expr(node)[0]


def _expr(node: tree.Expr) -> tuple[str, int]:
    match node:
        case tree.Constant():
            return _constant(node), _VALUE
        case tree.Ref():
            return node.name.text, _VALUE
        case tree.SelfRef():
            return f"self.{node.name.text}", _VALUE
        case tree.Unary(op="not"):
            return f"not {_within(node.operand, _BINDS['not'])}", _BINDS["not"]
        case tree.Unary():
            return f"-{_within(node.operand, _SIGN)}", _SIGN
        case tree.Binary():
            binds = _BINDS.get(node.op, _COMPARISON)
            left, right = _within(node.left, binds), _within(node.right, binds + 1)
            return f"{left} {node.op} {right}", binds
        case tree.ListOf():
            return f"[{', '.join(map(expr, node.items))}]", _VALUE
        case tree.Each():
            kept = f" if {expr(node.kept)}" if node.kept is not None else ""
            head = f"{expr(node.made)} for {node.name.text} in {expr(node.source)}"
            return f"[{head}{kept}]", _VALUE
        case tree.Index():
            return f"{_within(node.value, _VALUE)}[{expr(node.index)}]", _VALUE
        case tree.Slice():
            ends = ["" if one is None else expr(one) for one in (node.begin, node.end)]
            return f"{_within(node.value, _VALUE)}[{':'.join(ends)}]", _VALUE
        case tree.Field():
            return f"{_within(node.value, _VALUE)}.{node.name.text}", _VALUE
        case tree.Call():
            return f"{node.function.text}({_args(node.args)})", _VALUE


def _within(node: tree.Expr, binds: int) -> str:
    shown, own = _expr(node)
    return shown if own >= binds else f"({shown})"


def _constant(node: tree.Constant) -> str:
    if node.value is None:
        return "none"
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    if isinstance(node.value, str):
        return f'r"{node.value}"' if node.raw else quoted(node.value)
    # 60s and 1min are one value: which of them reads better is the author's to say.
    return node.span.text


def _arg(node: tree.Arg) -> str:
    return expr(node.value) if node.name is None else f"{node.name.text}: {expr(node.value)}"


def _args(nodes: Sequence[tree.Arg]) -> str:
    return ", ".join(map(_arg, nodes))


def args(nodes: Sequence[tree.Arg]) -> str:
    """Arguments in parentheses, nothing for none."""
    return f"({_args(nodes)})" if nodes else ""


# ---------------------------------------------------------------- messages


def parts(nodes: Sequence[tree.PatternPart]) -> str:
    """The parts of a text pattern."""
    return " ".join(map(_part, nodes))


def _part(node: tree.PatternPart) -> str:
    match node:
        case tree.Literal_():
            return text(node.text)
        case tree.PatternField():
            item = "" if node.item is None else f".{node.item.text}"
            regex = "" if node.regex is None else f":{text(node.regex)}"
            return node.name.text + item + regex
        case tree.OptionalGroup():
            return f"[{parts(node.parts)}]"
        case tree.RepeatedGroup():
            return f"({parts(node.parts)})*"


def layout(node: tree.Layout) -> str:
    """How a binary field lies."""
    inner = ", ".join(layout(a) if isinstance(a, tree.Layout) else expr(a) for a in node.args)
    repeat = node.repeat if node.repeat is None or node.repeat == "rest" else expr(node.repeat)
    return node.kind.text + (f"({inner})" if inner else "") + (f"[{repeat}]" if repeat else "")


def binary_field(node: tree.BinaryField) -> str:
    """A field of a binary pattern or struct."""
    return (
        ("" if node.name is None else f"{node.name.text}: ")
        + layout(node.layout)
        + ("" if node.constant is None else f" = {expr(node.constant)}")
        + ("" if node.condition is None else f" if {expr(node.condition)}")
    )


# ---------------------------------------------------------------- machines


def event(node: tree.Event) -> str:
    """An event as a face declares it."""
    return (
        node.name.text
        + ("" if node.params is None else f"({param_list(node.params)})")
        + ("" if node.by is None else f" by {node.by.text}")
        + doc(node.doc)
        + (f" answered by {names(node.answered_by)}" if node.answered_by else "")
        + ("" if node.call is None else f" {node.call.text}")
    )


def trigger(node: tree.Trigger) -> str:
    """An event that a transition takes, with the names it binds."""
    return node.event.text + ("" if node.names is None else f"({names(node.names)})")


def target(node: tree.Target | None) -> str:
    """Where a transition leads, with its arrow."""
    match node:
        case None:
            return ""
        case tree.Goto():
            return f"-> {_goto(node)}"
        case tree.Push():
            then = "" if node.then is None else f" then {_goto(node.then)}"
            return f"-> push {node.state.text}{args(node.args)}{then}"
        case tree.Pop():
            return "-> pop"
        case tree.History():
            return f"-> history {node.state.text}"


def _goto(node: tree.Goto) -> str:
    return node.state.text + args(node.args)


def action(node: tree.Action) -> str:
    """One action."""
    match node:
        case tree.Fire():
            return f"{node.kind} {node.event.text}{args(node.args)}"
        case tree.Assign():
            # The tree does not say whether `self.` was written: it changes nothing but the reading.
            said = "self." if node.span.start != node.name.span.start else ""
            return f"{said}{node.name.text} {node.op} {expr(node.value)}"
        case tree.Start():
            return f"start {node.timer.text}{args(node.args)}"
        case tree.Stop():
            return f"stop {node.timer.text}"
        case tree.Do():
            return node.kind
        case tree.CallAction():
            return f"{node.name.text}({_args(node.args)})"


def reads(node: tree.Reads) -> str:
    """What a state reads."""
    return f" reads {node.kind.text}{args(node.args)}"


# ---------------------------------------------------------------- systems, scenarios


def system_line(node: tree.Peer | tree.Link | tree.Property | tree.Pattern) -> str:
    """A peer, a link, a property."""
    match node:
        case tree.Peer():
            environment = "environment " if node.environment else ""
            count = "" if node.count is None else f"[{expr(node.count)}]"
            machine = node.machine.text + args(node.args)
            fates = "".join(f" {fate.text}" for fate in node.fates)
            return f"{environment}peer {node.name.text}{count}: {machine}{fates}"
        case tree.Link():
            capacity = "" if node.capacity is None else f" capacity {expr(node.capacity)}"
            faults = "".join(f" {fault.text}" for fault in node.faults)
            sign = "->" if node.one_way else "<->"
            return f"link {node.left.text} {sign} {node.right.text}{capacity}{faults}"
        case tree.Property(right=None):
            return f"{node.kind} {expr(node.left)}{doc(node.doc)}"
        case tree.Property():
            assert node.right is not None
            return f"{expr(node.left)} leads to {expr(node.right)}{doc(node.doc)}"
        case tree.Pattern():
            return f"{pattern(node)}{doc(node.doc)}"


def pattern(node: tree.Pattern) -> str:
    """A pattern of what happens, without its words."""
    first, second, until = map(happenings, (node.first, node.second, node.until))
    if node.kind == "every":
        return f"every {first} answered by {second}"
    if node.kind == "at most":
        assert node.most is not None
        return f"at most {expr(node.most)} {first} outstanding until {until}"
    if node.kind == "before":
        return f"{first} before {second}"
    return f"after {first} only {second}" + (f" until {until}" if until else "")


def happenings(nodes: list[tree.Happening]) -> str:
    """What peers do, any of it."""
    return " or ".join(f"{expr(one.subject)} {one.verb} {one.name.text}" for one in nodes)


def given(node: tree.Given) -> str:
    """What a parameter may be in a scenario."""
    return f"given {node.name.text} = {', '.join(map(expr, node.values))}"


def step(node: tree.Step) -> str:
    """One line of a scenario."""
    if isinstance(node.what, tree.Text):
        return f"{node.peer.text}: {text(node.what)}"
    return f"{node.peer.text}: {node.what.function.text}{args(node.what.args)}"
