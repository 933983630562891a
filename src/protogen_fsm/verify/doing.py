"""What a step does, as functions: what a deed hangs on is looked at once, not at each step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model import moves as mv
from protogen_fsm.model.types import BYTES, FLOAT, STR, Enum, Optional, is_int
from protogen_fsm.verify import values as vl
from protogen_fsm.verify.expressions import meaning
from protogen_fsm.verify.instances import starting
from protogen_fsm.verify.live import may_fail
from protogen_fsm.verify.local import Effect, Event
from protogen_fsm.verify.values import ANY

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogen_fsm.verify.expressions import Meaning
    from protogen_fsm.verify.play import Play
    from protogen_fsm.verify.relevance import Item
    from protogen_fsm.verify.stepper import Stepper

Doing: TypeAlias = "Callable[[Play], None]"

SHORT_TEXT = 100  # characters of a constant that fits into a line with others


def doing(deed: mv.Deed, stepper: Stepper) -> Doing:
    """What a deed does to the machine that plays it."""
    if isinstance(deed, mc.Assign):
        return _assign(deed, stepper)
    if isinstance(deed, mc.Send | mc.Emit):
        return _tell(deed, stepper)
    if isinstance(deed, mc.Raise):
        event, args = deed.event, _given(deed.event, deed.args, stepper)
        return lambda play: play.memory.raised.append(Event(event, args(play)))
    if isinstance(deed, mc.Close):
        return lambda play: play.tell(Effect("close", None))
    if isinstance(deed, mc.StartTls):
        return lambda play: play.tell(Effect("starttls", None))
    if isinstance(deed, mc.StartTimer):
        started = deed.timer.name
        return lambda play: play.memory.timers.add(started)
    if isinstance(deed, mc.StopTimer):
        stopped = deed.timer.name
        return lambda play: play.memory.timers.discard(stopped)
    if isinstance(deed, mc.StartInstance):
        return starting(deed)
    if isinstance(deed, mv.Enter):
        return _enter(deed)
    return lambda play: play.do(deed)


def _enter(deed: mv.Enter) -> Doing:
    values = [
        (("state", state, param.name), meaning(arg), param.type)
        for state, args in deed.args
        for param, arg in zip(state.params, args, strict=True)
    ]

    def enter(play: Play) -> None:
        given = [value(play) for _, value, _ in values]
        for (item, _, type_), value in zip(values, given, strict=True):
            play.set_param(item, value, type_)
        play.enter(deed)

    return enter


# ---------------------------------------------------------------- what is told


def _tell(action: mc.Send | mc.Emit, stepper: Stepper) -> Doing:
    kind, output = "send" if isinstance(action, mc.Send) else "emit", action.output
    args = _given(output, action.args, stepper)
    return lambda play: play.tell(Effect(kind, output, args(play)))


def _given(
    what: mc.Event | mc.Output, args: tuple[ex.Expr, ...], stepper: Stepper
) -> Callable[[Play], tuple[Any, ...]]:
    """The arguments of an event, as far as they matter to who takes it."""
    each = [
        _argument(arg, param.type, ("event", what.name, at), f"`{param.name}` of `{what.name}`",
                  stepper)
        for at, (param, arg) in enumerate(zip(what.params, args, strict=True))
    ]  # fmt: skip
    return lambda play: tuple([argument(play) for argument in each])


def _argument(e: ex.Expr, type_: Any, item: Item, words: str, stepper: Stepper) -> Meaning:
    follows = stepper.follows(item)
    if not follows and _is_plain(e):
        return lambda play: ANY
    meant = meaning(e)

    def argument(play: Any) -> Any:
        value = meant(play)
        known = value in (vl.DOTTED, vl.LINE, vl.SHORT)
        if known or isinstance(value, vl.Printed | vl.Octets):
            return value
        if _is_text(type_) and _fits_into_a_line(value):
            return vl.SHORT
        return stepper.settle(item, vl.typed(value, type_), type_, words) if follows else ANY

    return argument


def _is_plain(e: ex.Expr) -> bool:
    """Whether nothing of a value that is not followed is known: no text's length, no body."""
    made = ex.Value | ex.Var | ex.Op | ex.MakeList | ex.Each | ex.Make | ex.Slice | ex.FieldOf
    return isinstance(e, made) and e.type not in (STR, BYTES) and not any(map(may_fail, ex.walk(e)))


def _fits_into_a_line(value: Any) -> bool:
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    is_short = isinstance(value, str) and len(value) <= SHORT_TEXT
    return is_short and "\r" not in value and "\n" not in value


def _is_text(type_: Any) -> bool:
    """Whether a constant is a text; members of enums are known by their names, too."""
    return not isinstance(type_.item if isinstance(type_, Optional) else type_, Enum)


# ---------------------------------------------------------------- what is set


def _assign(action: mc.Assign, stepper: Stepper) -> Doing:
    value, target, op = meaning(action.value), action.target, action.op
    if isinstance(target, mc.StateParam):
        item: Item = ("state", target.state, target.param.name)
        type_ = target.param.type

        def set_param(play: Play) -> None:
            now, old = value(play), play.memory.params.get(item, ANY)
            play.set_param(item, _combined(op, old, now, type_), type_)

        return set_param
    variable = target
    if variable not in stepper.kept:
        return value if any(map(may_fail, ex.walk(action.value))) else lambda play: None

    def set_variable(play: Play) -> None:
        now = value(play)
        if op != "=":
            now = _combined(op, play.known(variable), now, variable.type)
        play.assign(variable, now)

    return set_variable


def _combined(op: str, old: Any, value: Any, type_: Any) -> Any:
    if op == "=":
        return value
    if isinstance(old, int | float) and isinstance(value, int | float):
        return old + value if op == "+=" else old - value
    if isinstance(old, tuple) and isinstance(value, tuple) and op == "+=":
        return old + value
    if op == "+=" and vl.MANY in (old, value):
        return vl.MANY
    if not (is_int(type_) or type_ == FLOAT):
        return ANY
    return vl.add(old, value if op == "+=" else vl.negative(value))
