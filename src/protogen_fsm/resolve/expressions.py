"""Expressions: every name is what it stands for, and everything has a type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Label
from protogen_fsm.model.expressions import (
    Ask,
    FieldOf,
    InState,
    Item,
    Local,
    Make,
    MakeList,
    Op,
    PeerVar,
    Value,
    Var,
)
from protogen_fsm.model.spec import Constant
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
    fits,
    is_int,
)
from protogen_fsm.resolve.arguments import bind
from protogen_fsm.resolve.functions import FUNCTIONS, call_function
from protogen_fsm.resolve.names import Unknown
from protogen_fsm.resolve.types import find, places
from protogen_fsm.resolve.values import UNFOLDED, fitted, fold, is_number, joined, made_list
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.machine import Machine, Region, State
    from protogen_fsm.model.spec import Peer
    from protogen_fsm.model.types import Param, Type
    from protogen_fsm.resolve.names import Names
    from protogen_fsm.resolve.report import Report
    from protogen_fsm.source import Span

# Whoever walks an expression may do so by recursion.
_DEEPEST = 120


class Typer:
    """Types expressions in a scope, which whoever uses it sets: see `within`."""

    def __init__(self, report: Report, names: Names, machine: Machine | None = None) -> None:
        self.report = report
        self.names = names
        self.machine = machine
        self.changing: Mapping[str, Span] = {}
        self.states: Mapping[str, State] = {}
        self.regions: Mapping[str, Region] = {}
        self.peers: Mapping[str, Peer] = {}
        self.variables = True
        self.event_known = True  # else any name may be one that the event brings
        self._only_constants = False
        self._depth = 0
        self.within()

    def within(
        self,
        state_params: Mapping[str, tuple[State, Param]] | None = None,
        event: Mapping[str, Type] | None = None,
        unbound: tuple[str, tuple[Param, ...]] | None = None,
    ) -> None:
        """Sets the scope: a state's parameters, what the event binds, what it has and does not."""
        self.state_params = state_params or {}
        self.event = event or {}
        self.outcome: Mapping[str, Type] = {}
        self.unbound = unbound

    # ------------------------------------------------------------ entrances

    def expr(
        self, written: tree.Expr, place: Type, what: str, declared: Span | None = None
    ) -> Expr:
        """The expression as a value of type `place`, which `what` asks for."""
        value = self.typed(written, place)
        found = fitted(value, place)
        if found is None:
            self._misfit(value, place, what, declared)
            return _unknown(value.span)
        return found

    def constant(self, written: tree.Expr, place: Type | None, what: str) -> Value | None:
        """The value, known beforehand, or None and a diagnostic."""
        before, self._only_constants = self._only_constants, True
        value = self.typed(written, place)
        self._only_constants = before
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
            return _unknown(written.span)
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
            return _unknown(written.span)
        self._depth += 1
        try:
            if isinstance(written, tree.Ref):
                return self._ref(written, wanted)
            return _TYPED[type(written)](self, written)
        finally:
            self._depth -= 1

    def there(self, guard: Expr) -> Mapping[str, Type]:
        """What the event binds, where `guard` holds: `x != none` says that x is there."""
        event = self.event
        todo = [guard]
        while todo:
            one = todo.pop()
            if not isinstance(one, Op):
                continue
            if one.op == "and":
                todo += one.operands
            elif one.op == "!=":
                local, other = one.operands
                if not isinstance(local, Local):
                    local, other = other, local
                if not (isinstance(local, Local) and isinstance(local.type, Optional)):
                    continue
                if isinstance(other, Value) and other.value is None and local.scope == "event":
                    event = {**event, local.name: local.type.item}
        return event

    # ------------------------------------------------------------ names

    def _ref(self, written: tree.Ref, wanted: Type | None) -> Expr:
        name, span = written.name.text, written.span
        if not self._only_constants:
            found = self._local(name, span)
            if found is not None:
                return found
        thing = self.names.things.get(name)
        if isinstance(thing, Constant):
            return Value(thing.value, thing.type, span)
        if isinstance(thing, Unknown):
            return _unknown(span)
        enums = self.names.members.get(name)
        if enums:
            return self._member(written, enums, wanted)
        self._undefined(written.name)
        return _unknown(span)

    def _local(self, name: str, span: Span) -> Expr | None:
        type_ = self.outcome.get(name)
        if type_ is not None:
            return Local(name, "outcome", type_, span)
        type_ = self.event.get(name)
        if type_ is not None:
            return Local(name, "event", type_, span)
        if name in self.state_params:
            state, param = self.state_params[name]
            return Local(name, "state", param.type, span, state)
        return self._of_machine(name, span)

    def _of_machine(self, name: str, span: Span) -> Expr | None:
        if self.machine is None:
            return None
        if self.variables:
            variable = self.machine.variables.get(name)
            if variable is not None:
                return Var(variable, span)
        param = find(self.machine.params, name)
        return None if param is None else Local(name, "machine", param.type, span)

    def _member(self, written: tree.Ref, enums: list[Enum], wanted: Type | None) -> Expr:
        name = written.name.text
        if isinstance(wanted, Optional):
            wanted = wanted.item
        enum = next((one for one in enums if one is wanted), enums[0])
        if len(enums) > 1 and enum is not wanted:
            self.report.error(
                "PG103",
                f"`{name}` belongs to more than one enum",
                written.span,
                "could mean either",
                [Label(one.span, f"`{name}` is one of these") for one in enums[:2]],
                help=f"write `{enum.name}.{name}`",
            )
        return Value(name, enum, written.span)

    def _undefined(self, name: tree.Name) -> None:
        if not self.event_known:
            return
        text = name.text
        if text in self.changing:
            self.report.error(
                "PG110",
                f"`{text}` is not known beforehand",
                name.span,
                "only literals and constants can stand here",
                [Label(self.changing[text], "its value changes")],
            )
            return
        kind = self.names.kind(text)
        help = f"`{text}` is {kind}, not a value" if kind else ""
        if self.unbound is not None and not self._only_constants:
            event, params = self.unbound
            if find(params, text) is not None:
                help = f"bind the event's parameter: `on {event}({text})`"
        self.report.undefined(
            "PG103",
            f"nothing is named `{text}` here",
            name,
            "not a name in scope",
            {} if help else self._in_scope(),
            help=help,
        )

    def _in_scope(self) -> dict[str, Span | None]:
        found: dict[str, Span | None] = dict(self.names.of(Constant))
        for member, enums in self.names.members.items():
            found[member] = enums[0].span
        found.update({"true": None, "false": None, "none": None})
        if self._only_constants:
            return found
        if self.machine is not None:
            found.update(places(self.machine.params))
            if self.variables:
                found.update({v.name: v.span for v in self.machine.variables.values()})
        found.update({name: region.span for name, region in self.regions.items()})
        found.update({name: peer.span for name, peer in self.peers.items()})
        found.update({name: param.span for name, (_, param) in self.state_params.items()})
        found.update(dict.fromkeys((*self.event, *self.outcome)))
        return found

    def _self_ref(self, written: tree.SelfRef) -> Expr:
        name = written.name.text
        if not self._only_constants:
            found = self._of_machine(name, written.span)
            if found is not None:
                return found
        variables = self.machine.variables if self.machine is not None else {}
        self.report.undefined(
            "PG103",
            f"the machine has no variable `{name}`",
            written.name,
            "not a variable",
            {variable.name: variable.span for variable in variables.values()},
        )
        return _unknown(written.span)

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

    def _field(self, written: tree.Field) -> Expr:
        whole = written.value
        if self.peers:
            found = self._peer_variable(written)
            if found is not None:
                return found
        name = written.name.text
        if isinstance(whole, tree.Ref):
            enum = self.names.things.get(whole.name.text)
            if isinstance(enum, Enum) and self._local(whole.name.text, whole.span) is None:
                if name not in enum.members:
                    self.report.undefined(
                        "PG103",
                        f"`{enum.name}` has no member `{name}`",
                        written.name,
                        "not a member",
                        dict.fromkeys(enum.members, enum.span),
                    )
                    return _unknown(written.span)
                return Value(name, enum, written.span)
        value = self.typed(whole)
        if value.type == NOTHING:
            return _unknown(written.span)
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
            return _unknown(written.span)
        return FieldOf(value, name, param.type, written.span)

    def _call(self, written: tree.Call) -> Expr:
        name, span = written.function.text, written.span
        struct = self.names.things.get(name)
        if isinstance(struct, Struct):
            args = bind(self, struct.fields, written.args, f"`{name}`", span, struct.span)
            return Make(struct, args, struct, span)
        question = self.machine.questions.get(name) if self.machine is not None else None
        if question is not None and question.kind == "predicate" and not self._only_constants:
            args = bind(self, question.params, written.args, f"`{name}`", span, question.span)
            return Ask(question, args, BOOL, span)
        if name in FUNCTIONS:
            return call_function(self, written)
        if not isinstance(struct, Unknown):
            candidates = dict.fromkeys(FUNCTIONS) | self.names.of(Struct)
            if self.machine is not None:
                asked = self.machine.questions.values()
                candidates |= {q.name: q.span for q in asked if q.kind == "predicate"}
            self.report.undefined(
                "PG108",
                f"no function, predicate or struct is named `{name}`",
                written.function,
                "an action, which has no value" if question else "not a function",
                candidates,
            )
        for arg in written.args:
            self.typed(arg.value)
        return _unknown(span)

    # ------------------------------------------------------------ operators

    def _unary(self, written: tree.Unary) -> Expr:
        operand: Expr
        if written.op == "not":
            operand = self.expr(written.operand, BOOL, "what `not` stands before")
            return self._op("not", (operand,), BOOL, written.span)
        operand = self.typed(written.operand)
        type_: Type = FLOAT if operand.type == FLOAT else INT
        if not is_number(operand.type) and operand.type != NOTHING:
            self._cannot("-", (operand,), written.span)
            return _unknown(written.span)
        return self._op("-", (operand,), type_, written.span)

    def _binary(self, written: tree.Binary) -> Expr:
        op, span = written.op.replace(" ", "_"), written.span
        if op in ("and", "or"):
            what = f"what stands beside `{op}`"
            left = self.expr(written.left, BOOL, what)
            before = self.event
            if op == "and":
                self.event = self.there(left)
            right = self.expr(written.right, BOOL, what)
            self.event = before
            return self._op(op, (left, right), BOOL, span)
        if op in ("in", "not_in"):
            inside = self._in_state(written)
            if inside is not None:
                return inside if op == "in" else Op("not", (inside,), BOOL, span)
        left = self.typed(written.left)
        right = self.typed(written.right, left.type)
        if NOTHING in (left.type, right.type):
            known = right.type if left.type == NOTHING else left.type
            return Op(op, (left, right), known if op in _ARITHMETIC else BOOL, span)
        if left.type == BYTES:
            right = fitted(right, BYTES) or right
        elif right.type == BYTES:
            left = fitted(left, BYTES) or left
        type_ = _result(op, left.type, right.type)
        if type_ is None:
            self._cannot(written.op, (left, right), span)
            return _unknown(span)
        if op == "%" and isinstance(right, Value) and right.value == 0:
            self.report.error("PG106", "nothing can be divided by zero", right.span, "this is 0")
            return _unknown(span)
        if op in ("==", "!="):
            left, right = fitted(left, right.type) or left, fitted(right, left.type) or right
        return self._op(op, (left, right), type_, span)

    def _op(self, op: str, operands: tuple[Expr, ...], type_: Type, span: Span) -> Expr:
        value = fold(op, operands)
        return Op(op, operands, type_, span) if value is UNFOLDED else Value(value, type_, span)

    def _cannot(self, op: str, operands: tuple[Expr, ...], span: Span) -> None:
        types = " and ".join(f"`{one.type}`" for one in operands)
        help = ""
        if op == "+" and STR in (operands[0].type, operands[-1].type):
            other = next((one for one in operands if one.type != STR), None)
            if other is not None and (is_number(other.type) or other.type == BYTES):
                help = f"write `str({other.span.text})`"
        self.report.error(
            "PG106",
            f"`{op}` does not go with {types}",
            span,
            f"`{op}` of {types}",
            help=help,
        )

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

    # ------------------------------------------------------------ states, peers

    def _in_state(self, written: tree.Binary) -> Expr | None:
        """`Sending in DONE`, `client in DATA`; None if it is something else."""
        if not isinstance(written.right, tree.Ref) or not (self.regions or self.peers):
            return None
        peer = self._peer_of(written.left)
        if peer is not None:
            states = {state.name: state for state in peer[0].machine.every_state()}
            subject, index, owner = peer[0].name, peer[1], f"`{peer[0].machine.name}`"
            region = peer[2]
        elif isinstance(written.left, tree.Ref) and written.left.name.text in self.regions:
            region = self.regions[written.left.name.text]
            subject, index, owner, states = region.name, None, "the machine", dict(self.states)
        elif isinstance(written.left, tree.Ref) and self._meant_as_region(written):
            self._undefined(written.left.name)
            return _unknown(written.span)
        elif self.peers and isinstance(written.left, tree.Ref):
            self.report.undefined(
                "PG401",
                f"the system has no peer `{written.left.name.text}`",
                written.left.name,
                "not a peer",
                {name: one.span for name, one in self.peers.items()},
            )
            return _unknown(written.span)
        else:
            return None
        if region is not None:
            states = {name: one for name, one in states.items() if _lies_in(one, region)}
            subject = subject if peer is None else f"{subject}.{region.name}"
            owner = f"`{region.name}`"
        name = written.right.name
        state = states.get(name.text)
        if state is None:
            self.report.undefined(
                "PG101",
                f"{owner} has no state `{name.text}`",
                name,
                f"not a state of {owner}",
                {one.name: one.name_span for one in states.values()},
            )
            return Value(False, NOTHING, written.span)
        return InState(subject, state, BOOL, written.span, index)

    def _meant_as_region(self, written: tree.Binary) -> bool:
        """Whether neither side of `in` is a value here, and the right one is a state."""
        sides = (written.left, written.right)
        names = [side.name.text for side in sides if isinstance(side, tree.Ref)]
        return names[-1] in self.states and not any(
            name in self.names.things
            or name in self.names.members
            or self._local(name, written.span) is not None
            for name in names
        )

    def _peer_of(self, written: tree.Expr) -> tuple[Peer, int | None, Region | None] | None:
        """A peer, which of several, and a region of its machine."""
        if isinstance(written, tree.Field):
            found = self._peer_of(written.value)
            if found is None or found[2] is not None:
                return None
            inside = found[0].machine.every_state()
            regions = [region for state in inside for region in state.regions]
            region = next((one for one in regions if one.name == written.name.text), None)
            return None if region is None else (found[0], found[1], region)
        index = None
        if isinstance(written, tree.Index):
            if not isinstance(written.value, tree.Ref) or written.value.name.text not in self.peers:
                return None
            index = self.constant_int(written.index, "which peer is meant")
            written = written.value
        if not isinstance(written, tree.Ref) or written.name.text not in self.peers:
            return None
        peer = self.peers[written.name.text]
        if index is not None and not 0 <= index < peer.count:
            self.report.error(
                "PG401",
                f"there is no `{peer.name}[{index}]`",
                written.span,
                f"`{peer.name}` has {peer.count}, counted from 0",
                [Label(peer.span, "declared here")],
            )
        return peer, index, None

    def _peer_variable(self, written: tree.Field) -> Expr | None:
        found = self._peer_of(written.value)
        if found is None:
            return None
        peer, index, _ = found
        variable = peer.machine.variables.get(written.name.text)
        if variable is None:
            self.report.undefined(
                "PG108",
                f"`{peer.machine.name}` has no variable `{written.name.text}`",
                written.name,
                "not a variable",
                {one.name: one.span for one in peer.machine.variables.values()},
            )
            return _unknown(written.span)
        return PeerVar(peer.name, variable, written.span, index)


_ARITHMETIC = frozenset("+-*%")


def _result(op: str, left: Type, right: Type) -> Type | None:
    """The type of `left op right`; None if it has none."""
    if op in ("==", "!="):
        return BOOL if fits(left, right) or fits(right, left) else None
    if op in ("in", "not_in"):
        if isinstance(right, ListOf):
            return BOOL if fits(left, right.item) or fits(right.item, left) else None
        same = right in (STR, BYTES) and left == right
        return BOOL if same or (right == BYTES and is_int(left)) else None
    numbers = is_number(left) and is_number(right)
    if op in ("<", "<=", ">", ">="):
        return BOOL if numbers or (left == right and left in (STR, BYTES)) else None
    if numbers and (op != "%" or (is_int(left) and is_int(right))):
        return FLOAT if FLOAT in (left, right) else INT
    if op == "+":
        if left == right and left in (STR, BYTES):
            return left
        if isinstance(left, ListOf) and isinstance(right, ListOf):
            return joined(left, right)
    return None


def _unknown(span: Span) -> Value:
    """Stands for what could not be found, and fits everywhere."""
    return Value(None, NOTHING, span)


def _lies_in(state: State, region: Region) -> bool:
    return any(one.region is region for one in state.around())


_TYPED: dict[type, Callable[..., Expr]] = {
    tree.Constant: Typer._constant,
    tree.SelfRef: Typer._self_ref,
    tree.Unary: Typer._unary,
    tree.Binary: Typer._binary,
    tree.ListOf: Typer._list_of,
    tree.Index: Typer._index,
    tree.Field: Typer._field,
    tree.Call: Typer._call,
}
