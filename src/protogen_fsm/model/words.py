"""The model in the language's own words: expressions, actions, targets, durations as written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model.types import Enum

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.model.types import Param

_BINDS = {
    "or": 1,
    "and": 2,
    "not": 3,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in", "not in"), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "%"), 6),
}
_COMPARISON, _SIGN, _WHOLE = 4, 7, 8
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quoted(text: str) -> str:
    """A string literal of the language."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def duration(seconds: float) -> str:
    """`200ms`, `30s`, `5min`, `2h`: the largest unit of which it is a whole number."""
    if seconds and seconds % 3600 == 0:
        return f"{seconds / 3600:.0f}h"
    if seconds and seconds % 60 == 0:
        return f"{seconds / 60:.0f}min"
    if seconds == int(seconds):
        return f"{seconds:.0f}s"
    return f"{round(seconds * 1000, 6):g}ms"


def number(value: int) -> str:
    """A whole number, as a size where it is a round one: `1000`, `64KiB`, `32MiB`."""
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if value >= size and value % size == 0:
            return f"{value // size}{unit}"
    return str(value)


def literal(value: object) -> str:
    """A constant: `none`, `true`, `5`, `"text"`, `[1, 2]`."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bytes):
        return quoted(value.decode("latin-1"))
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    return str(value)


def expression(e: ex.Expr) -> str:
    """The expression as the spec would say it, with no parentheses but those it needs."""
    return _expression(e)[0]


def _expression(e: ex.Expr) -> tuple[str, int]:
    """The text, and how tightly it holds together."""
    if isinstance(e, ex.Value):
        return _value(e)
    if isinstance(e, ex.Op):
        return _operation(e)
    if isinstance(e, ex.Local):
        text = e.name
    elif isinstance(e, ex.Var):
        text = _variable(e.variable.name, e.span.text)
    elif isinstance(e, ex.MakeList):
        text = f"[{_list(e.items)}]"
    elif isinstance(e, ex.Each):
        kept = "" if e.kept is None else f" if {expression(e.kept)}"
        text = f"[{expression(e.made)} for {e.name} in {expression(e.source)}{kept}]"
    elif isinstance(e, ex.Item):
        text = f"{_within(e.value, _WHOLE)}[{expression(e.index)}]"
    elif isinstance(e, ex.Slice):
        ends = ["" if one is None else expression(one) for one in (e.begin, e.end)]
        text = f"{_within(e.value, _WHOLE)}[{':'.join(ends)}]"
    elif isinstance(e, ex.FieldOf):
        text = f"{_within(e.value, _WHOLE)}.{e.name}"
    elif isinstance(e, ex.Function):
        text = f"{e.name}({_list(e.args)})"
    elif isinstance(e, ex.Ask):
        text = f"{e.question.name}({_list(e.args)})"
    elif isinstance(e, ex.Make):
        text = f"{e.struct.name}({_list(e.args)})"
    elif isinstance(e, ex.Frame):
        text = f"{e.message.name}({_list(e.args)})"
    elif isinstance(e, ex.PeerVar):
        text = f"{_peer(e.peer, e.index)}.{e.variable.name}"
    elif isinstance(e, ex.Count):
        text = f"size({e.many.name})"
    elif isinstance(e, ex.Holds):
        return f"{_within(e.key, _COMPARISON + 1)} in {e.many.name}", _COMPARISON
    else:
        return f"{_peer(e.subject, e.index)} in {e.state.name}", _COMPARISON
    return text, _WHOLE


def _peer(name: str, index: int | None) -> str:
    """A peer, and which one of several; a region stands behind it."""
    if index is None:
        return name
    peer, dot, region = name.partition(".")
    return f"{peer}[{index}]{dot}{region}"


def _value(e: ex.Value) -> tuple[str, int]:
    value = e.value
    if isinstance(e.type, Enum) and isinstance(value, str):
        return value, _WHOLE
    if isinstance(value, int | float) and not isinstance(value, bool):
        plain = isinstance(value, float) or e.span.text == str(value)
        text = str(value) if plain else number(int(value))
        return text, _SIGN if value < 0 else _WHOLE
    return literal(value), _WHOLE


def _operation(e: ex.Op) -> tuple[str, int]:
    op = e.op.replace("_", " ")
    if len(e.operands) == 1:
        binds = _SIGN if op == "-" else _BINDS[op]
        return ("-" if op == "-" else f"{op} ") + _within(e.operands[0], binds), binds
    left, right = e.operands
    binds = _BINDS[op]
    first = binds + 1 if binds == _COMPARISON else binds
    return f"{_within(left, first)} {op} {_within(right, binds + 1)}", binds


def _within(e: ex.Expr, binds: int) -> str:
    text, own = _expression(e)
    return text if own >= binds else f"({text})"


def _list(args: Iterable[ex.Expr]) -> str:
    return ", ".join(map(expression, args))


def _variable(name: str, written: str) -> str:
    return f"self.{name}" if written.startswith("self.") else name


def seconds(e: ex.Expr) -> str:
    """An expression that is a length of time: `5min`."""
    if isinstance(e, ex.Value) and isinstance(e.value, int | float):
        return duration(e.value)
    return expression(e)


def call(name: str, args: Iterable[ex.Expr]) -> str:
    """`NAME(a, b)`, or `NAME` where there is nothing to give."""
    given = _list(args)
    return f"{name}({given})" if given else name


def signature(name: str, params: Iterable[Param]) -> str:
    """`NAME(a: int, b: str)`, or `NAME`."""
    listed = ", ".join(f"{p.name}: {p.type}" for p in params)
    return f"{name}({listed})" if listed else name


def layer(below: mc.Below) -> str:
    """`bytes`, `datagrams(max: 1200)`, `Lines(max: 1000)`."""
    name: str = below.kind if below.machine is None else below.machine.name
    given = ", ".join(f"{arg}: {expression(value)}" for arg, value in below.args.items())
    return f"{name}({given})" if given else name


def many(held: mc.Many) -> str:
    """`flights: Delivery(retry: 20s) by id limit 100`."""
    given = ", ".join(f"{name}: {expression(value)}" for name, value in held.args.items())
    what = f"{held.machine.name}({given})" if given else held.machine.name
    return f"{held.name}: {what} by {held.by} limit {held.limit}"


def reading(reads: mc.Reading) -> str:
    """What stands behind `reads`: `line(max: 1000)`, `bytes(n)`."""
    given = ", ".join(
        _unnamed(name, value)
        if name in ("count", "length", "delimiter")
        else f"{name}: {expression(value)}"
        for name, value in reads.args.items()
    )
    return f"{reads.kind}({given})" if given else reads.kind


def _unnamed(name: str, value: ex.Expr) -> str:
    if name == "length" and isinstance(value, ex.Value):
        return str(value.value)
    return expression(value)


def _put(verb: str, output: mc.Output, args: tuple[ex.Expr, ...]) -> str:
    """`send 250("OK")` where a field names the message and its value is known."""
    by = [p.name for p in output.params].index(output.by.name) if output.by else -1
    if 0 <= by < len(args) and isinstance(value := args[by], ex.Value):
        return f"{verb} {call(str(value.value), args[:by] + args[by + 1 :])}"
    return f"{verb} {call(output.name, args)}"


def action(a: mc.Action) -> str:
    """The action as the spec would say it."""
    if isinstance(a, mc.Send):
        return _put("send", a.output, a.args)
    if isinstance(a, mc.Emit):
        return _put("emit", a.output, a.args)
    if isinstance(a, mc.Raise):
        return f"raise {call(a.event.name, a.args)}"
    if isinstance(a, mc.Assign):
        if isinstance(a.target, mc.StateParam):
            place = a.target.param.name
        else:
            place = _variable(a.target.name, a.span.text)
        return f"{place} {a.op} {expression(a.value)}"
    if isinstance(a, mc.StartTimer):
        given = "" if a.duration is None else f"({seconds(a.duration)})"
        return f"start {a.timer.name}{given}"
    if isinstance(a, mc.StopTimer):
        return f"stop {a.timer.name}"
    if isinstance(a, mc.StartInstance):
        return f"start {call(a.many.name, a.args)}"
    if isinstance(a, mc.Perform):
        return f"{a.question.name}({_list(a.args)})"
    return "close" if isinstance(a, mc.Close) else "starttls"


def target(t: mc.Target) -> str:
    """What stands behind `->`: `READY`, `push ITEM then DONE`, `pop`, `history SESSION`."""
    if isinstance(t, mc.Goto):
        return call(t.state.name, t.args)
    if isinstance(t, mc.Push):
        then = f" then {target(t.then)}" if t.then else ""
        return f"push {call(t.state.name, t.args)}{then}"
    return f"history {t.state.name}" if isinstance(t, mc.History) else "pop"


def trigger(t: mc.Transition) -> str:
    """`RCPT(recipient)`, `after 5min`: what a row listens to, without its guard."""
    if t.kind == "after" and t.duration is not None:
        return f"after {seconds(t.duration)}"
    return f"{t.match.text}({', '.join(t.names)})" if t.names else t.match.text
