"""Actions, and where a transition leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Label
from protogen_fsm.model import machine as model
from protogen_fsm.model.expressions import Value
from protogen_fsm.model.types import BYTES, INT, NOTHING, STR, ListOf, is_int
from protogen_fsm.resolve.arguments import bind
from protogen_fsm.resolve.facts import check_history, check_stream, check_way
from protogen_fsm.resolve.types import find
from protogen_fsm.resolve.values import is_number
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.machine import Event, Output, State
    from protogen_fsm.model.types import Type
    from protogen_fsm.resolve.context import Context
    from protogen_fsm.source import Span


class Actions:
    """Resolves the actions and targets of a machine, in the scope that its typer has."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.typer = context.typer
        self.report = context.report
        self.machine = context.machine
        self.source: State | None = None  # the state whose line this is

    def actions(self, written: list[tree.Action]) -> tuple[model.Action, ...]:
        """The actions, in order; those of which nothing can be made are left out."""
        if not written:
            return ()
        found = [self._action(one) for one in written]
        return tuple(action for action in found if action is not None)

    def _action(self, written: tree.Action) -> model.Action | None:
        if isinstance(written, tree.Fire):
            return self._raise(written) if written.kind == "raise" else self._fire(written)
        if isinstance(written, tree.Assign):
            return self._assign(written)
        if isinstance(written, tree.Start):
            return self._start(written)
        if isinstance(written, tree.Stop):
            timer = self._timer(written.timer, {})
            return None if timer is None else model.StopTimer(timer, written.span)
        if isinstance(written, tree.CallAction):
            return self._perform(written)
        if written.kind == "close":
            return model.Close(written.span)
        if self.context.usable:
            check_stream(self.report, self.machine, written.span)
        return model.StartTls(written.span)

    # ------------------------------------------------------------ send, emit, raise

    def _fire(self, written: tree.Fire) -> model.Send | model.Emit | None:
        face = "sends" if written.kind == "send" else "emits"
        if face == "sends" and not self.context.usable:
            found = None
            if written.event.text in self.machine.sends:
                found = self.machine.sends[written.event.text], ""
        else:
            found = self.context.events.output(written.event, face)
        if found is None:
            self._type_args(written.args)
            return None
        args = self._fill(found[0], found[1], written)
        made = model.Send if written.kind == "send" else model.Emit
        return made(found[0], args, written.span)

    def _raise(self, written: tree.Fire) -> model.Raise | None:
        match = self.context.events.match(written.event, self.context.usable)
        if match is None or match.event is None:
            if match is not None:
                self.report.error(
                    "PG102", "`*` is not one event", written.event.span, "cannot be raised"
                )
            self._type_args(written.args)
            return None
        return model.Raise(match.event, self._fill(match.event, match.value, written), written.span)

    def _fill(self, thing: Event | Output, value: str, written: tree.Fire) -> tuple[Expr, ...]:
        """One argument for each parameter, the one that names the thing among them."""
        params, by, name = thing.params, thing.by, written.event
        what = f"`{name.text}`"
        if not value or by is None:
            return bind(self.typer, params, written.args, what, written.span, thing.span)
        rest = tuple(param for param in params if param is not by)
        args = list(bind(self.typer, rest, written.args, what, written.span, thing.span))
        if is_int(by.type) and not value.isdigit():
            self.report.error(
                "PG320",
                f"`{value}` is many numbers, and one is to be raised",
                name.span,
                "a class of numbers",
            )
            value = value.replace("x", "0")
        said: object = int(value) if is_int(by.type) else value
        args.insert(params.index(by), Value(said, by.type, name.span))
        return tuple(args)

    def _type_args(self, args: list[tree.Arg]) -> None:
        for arg in args:
            self.typer.typed(arg.value)

    # ------------------------------------------------------------ assignments

    def _assign(self, written: tree.Assign) -> model.Assign | None:
        target = self._place(written)
        if target is None:
            self.typer.typed(written.value)
            return None
        place = target if isinstance(target, model.Variable) else target.param
        what, type_ = f"`{place.name}`", place.type
        if written.op == "=":
            value = self.typer.expr(written.value, type_, what, place.span)
        elif is_number(type_):
            value = self.typer.expr(written.value, _amount(type_), f"what {what} grows by")
        elif written.op == "+=" and (isinstance(type_, ListOf) or type_ in (STR, BYTES, NOTHING)):
            value = self.typer.expr(written.value, type_, f"what {what} grows by", place.span)
        else:
            value = self.typer.typed(written.value)
            if type_ != NOTHING:
                self.report.error(
                    "PG106",
                    f"`{written.op}` does not go with `{type_}`",
                    written.span,
                    f"{what} is `{type_}`",
                    [Label(place.span, "declared here")],
                )
        return model.Assign(target, written.op, value, written.span)

    def _place(self, written: tree.Assign) -> model.Variable | model.StateParam | None:
        name, typer = written.name, self.typer
        variable = self.machine.variables.get(name.text)
        bound = name.text in typer.outcome or name.text in typer.event
        if written.span.start != name.span.start:  # self.x
            bound = False
        elif not bound and name.text in typer.state_params:
            state, param = typer.state_params[name.text]
            return model.StateParam(state, param)
        if variable is not None and not bound:
            return variable
        if bound or find(self.machine.params, name.text) is not None:
            whose = "the event" if name.text in typer.event else "the outcome"
            self.report.error(
                "PG103",
                f"`{name.text}` is a parameter of {whose if bound else 'the machine'}, "
                "and cannot be set",
                name.span,
                "neither a variable nor a parameter of a state",
                [Label(variable.span, "the variable")] if variable else [],
                help=f"write `self.{name.text}`" if variable else "",
            )
            return None
        kind = self.context.names.kind(name.text)
        places: dict[str, Span | None] = {v.name: v.span for v in self.machine.variables.values()}
        places |= {name: param.span for name, (_, param) in typer.state_params.items()}
        self.report.undefined(
            "PG103",
            f"`{name.text}` is {kind}, and cannot be set"
            if kind
            else f"nothing is named `{name.text}` here",
            name,
            "not a variable" if kind else "not a name in scope",
            {} if kind else places,
        )
        return None

    # ------------------------------------------------------------ timers, instances, actions

    def _start(self, written: tree.Start) -> model.StartTimer | model.StartInstance | None:
        many = self.machine.many.get(written.timer.text)
        if many is not None:
            asked = (many.key, *many.asks)
            what = f"`start {many.name}`"
            args = bind(self.typer, asked, written.args, what, written.span, many.span)
            return model.StartInstance(many, args, written.span)
        others = {one.name: one.span for one in self.machine.many.values()}
        timer = self._timer(written.timer, others)
        if timer is None:
            self._type_args(written.args)
            return None
        if len(written.args) > 1 or any(arg.name is not None for arg in written.args):
            self.report.error(
                "PG107",
                f"`start {timer.name}` takes a duration, or nothing",
                written.span,
                "too many arguments",
                help=f"write `start {timer.name}(5s)`",
            )
        duration = None
        if written.args:
            duration = self.typer.seconds(written.args[0].value, "a timer's duration")
        return model.StartTimer(timer, duration, written.span)

    def _timer(self, name: tree.Name, others: Mapping[str, Span]) -> model.Timer | None:
        timer = self.machine.timers.get(name.text)
        if timer is None:
            self.report.undefined(
                "PG108",
                f"no timer is named `{name.text}`",
                name,
                "not a timer",
                {one.name: one.span for one in self.machine.timers.values()} | dict(others),
            )
        return timer

    def _perform(self, written: tree.CallAction) -> model.Perform | None:
        name = written.name
        question = self.machine.questions.get(name.text)
        if question is None or question.kind != "action":
            notes = ["a predicate gives an answer, and does nothing"] if question else []
            self.report.undefined(
                "PG108",
                f"no action is named `{name.text}`",
                name,
                "a predicate" if question else "not an action",
                {q.name: q.span for q in self.machine.questions.values() if q.kind == "action"},
                notes,
            )
            self._type_args(written.args)
            return None
        what = f"`{name.text}`"
        args = bind(self.typer, question.params, written.args, what, written.span, question.span)
        return model.Perform(question, args, written.span)

    # ------------------------------------------------------------ targets

    def target(self, written: tree.Target | None) -> model.Target | None:
        """Where a transition leads; None if nowhere, or if the state does not exist."""
        if written is None:
            return None
        if isinstance(written, tree.Goto):
            return self._goto(written)
        if isinstance(written, tree.Push):
            pushed = self._goto(tree.Goto(written.state, written.args, written.span))
            then = self._goto(written.then) if written.then is not None else None
            if pushed is None:
                return None
            return model.Push(pushed.state, pushed.args, then, written.span)
        if isinstance(written, tree.History):
            state = self._state(written.state)
            if state is None:
                return None
            check_history(self.report, self.source, state, written.state)
            return model.History(state, written.span)
        return model.Pop(written.span)

    def _goto(self, written: tree.Goto) -> model.Goto | None:
        state = self._state(written.state)
        if state is None:
            self._type_args(written.args)
            return None
        check_way(self.report, self.source, state, written.state)
        if not state.params and not written.args:
            return model.Goto(state, (), written.span)
        what = f"`{state.name}`"
        args = bind(self.typer, state.params, written.args, what, written.span, state.name_span)
        return model.Goto(state, args, written.span)

    def _state(self, name: tree.Name) -> State | None:
        state = self.context.states.get(name.text)
        if state is not None:
            if state.states:
                self.context.entered.setdefault(state, name.span)
            return state
        notes, help = [], ""
        if name.text in self.context.regions:
            notes = [f"`{name.text}` is a region, which is entered with the state around it"]
            help = f"go to `{self.context.regions[name.text].state.name}`"
        self.report.undefined(
            "PG101",
            f"no state is named `{name.text}`",
            name,
            f"not a state of `{self.machine.name}`",
            {one.name: one.name_span for one in self.context.states.values()},
            notes,
            help,
        )
        return None


def _amount(type_: Type) -> Type:
    """What may be added to a number: to one in a range any, the sum is what must lie in it."""
    return INT if is_int(type_) else type_
