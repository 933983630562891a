"""Guards as sets of values, so that two of them can be compared.

A guard becomes a list of cases, any of which makes it true; a case gives for each of some subjects
(`n`, `size(recipients)`, a predicate's answer) the set in which it must lie. What cannot be said so
is a subject of its own, either true or false. Nothing is guessed: where the cases get too many
there is no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, TypeAlias

from protogen_fsm.model.expressions import (
    Ask,
    Count,
    Each,
    FieldOf,
    Frame,
    Function,
    Holds,
    InState,
    Item,
    Local,
    Make,
    MakeList,
    Op,
    Slice,
    Value,
    Var,
    walk,
)
from protogen_fsm.model.types import BOOL, Enum, Optional, Range, is_int

if TYPE_CHECKING:
    from collections.abc import Hashable

    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.machine import Transition
    from protogen_fsm.model.types import Type

_MANY = 64  # cases, and parts of an expression, past which no answer is given
_FLIPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Numbers:
    """A set of whole numbers: stretches from and to (both included), in order, apart."""

    stretches: tuple[tuple[float, float], ...]

    def meet(self, other: Numbers) -> Numbers:
        """What both hold."""
        found = [
            (max(a, c), min(b, d))
            for a, b in self.stretches
            for c, d in other.stretches
            if max(a, c) <= min(b, d)
        ]
        return Numbers(tuple(sorted(found)))

    def without(self, other: Numbers) -> Numbers:
        """What this one holds and the other does not."""
        gaps: list[tuple[float, float]] = []
        low = -inf
        for a, b in other.stretches:
            if low < a:
                gaps.append((low, a - 1))
            low = b + 1
        if low < inf:
            gaps.append((low, inf))
        return self.meet(Numbers(tuple(gaps)))

    def __bool__(self) -> bool:
        return bool(self.stretches)


@dataclass(frozen=True, slots=True)
class Names:
    """A set of other constants: those named, or all but those."""

    names: frozenset[str]
    all_but: bool = False

    def meet(self, other: Names) -> Names:
        """What both hold."""
        if self.all_but and other.all_but:
            return Names(self.names | other.names, True)
        if other.all_but:
            return Names(self.names - other.names)
        return other.meet(self) if self.all_but else Names(self.names & other.names)

    def without(self, other: Names) -> Names:
        """What this one holds and the other does not."""
        return self.meet(Names(other.names, not other.all_but))

    def __bool__(self) -> bool:
        return self.all_but or bool(self.names)


Subject: TypeAlias = "Hashable"
Case: TypeAlias = "dict[Subject, Numbers | Names]"

_ALL = Numbers(((-inf, inf),))
_EITHER = Names(frozenset(("True", "False")))


class Guards:
    """The guards of rows that are tried for one event, with what each subject can be at all."""

    def __init__(self) -> None:
        self._domains: dict[Subject, Numbers | Names] = {}

    def cases(self, row: Transition) -> list[Case] | None:
        """The cases in which the row's guard holds; None if there are too many to say."""
        return [{}] if row.guard is None else self._cases(row.guard, True, row)

    def _cases(self, e: Expr, holds: bool, row: Transition) -> list[Case] | None:
        if isinstance(e, Op) and e.op == "not":
            return self._cases(e.operands[0], not holds, row)
        if not isinstance(e, Op) or e.op not in ("and", "or"):
            return self._atom(e, holds, row)
        sides = [self._cases(operand, holds, row) for operand in e.operands]
        left, right = sides
        if left is None or right is None:
            return None
        if (e.op == "and") != holds:
            found = left + right
        else:
            found = [case for a in left for b in right if (case := self._both(a, b)) is not None]
        return found if len(found) <= _MANY else None

    def _both(self, a: Case, b: Case) -> Case | None:
        found = dict(a)
        for subject, allowed in b.items():
            met = _meet(found[subject], allowed) if subject in found else allowed
            if not met:
                return None
            found[subject] = met
        return found

    def _atom(self, e: Expr, holds: bool, row: Transition) -> list[Case]:
        subject, allowed = self._said(e, row)
        domain = self._domains[subject]
        allowed = _meet(domain, allowed) if holds else _without(domain, allowed)
        return [{subject: allowed}] if allowed else []

    def _said(self, e: Expr, row: Transition) -> tuple[Subject, Numbers | Names]:
        """What a comparison says of which subject."""
        if isinstance(e, Value):
            return self._about(e, row, BOOL), Names(frozenset((str(e.value),)))
        if isinstance(e, Op) and len(e.operands) == 2:
            left, right = e.operands
            op = e.op
            if isinstance(left, Value) and op in _FLIPPED:
                left, right, op = right, left, _FLIPPED[op]
            if isinstance(right, Value) and not isinstance(left, Value):
                allowed = _compared(op, right.value, left.type)
                if allowed is not None:
                    return self._about(left, row, left.type), allowed
        return self._about(e, row, BOOL), Names(frozenset(("True",)))

    def _about(self, e: Expr, row: Transition, type_: Type) -> Subject:
        subject = same(e, row)
        if is_int(type_):  # `x != none and x > 0`: whether there is one, and which, are two things
            subject = ("number", subject)
        if isinstance(e, Value):
            self._domains.setdefault(subject, Names(frozenset((str(e.value),))))
        elif isinstance(e, Count):
            self._domains.setdefault(subject, Numbers(((0, e.many.limit),)))
        elif isinstance(e, Function) and e.name == "size":
            self._domains.setdefault(subject, Numbers(((0, inf),)))
        else:
            self._domains.setdefault(subject, _domain(type_))
        return subject

    def remaining(self, cases: list[Case], taken: list[list[Case]]) -> list[Case] | None:
        """What is left of the cases once each of `taken` has had its part."""
        left = cases
        for case in (case for one in taken for case in one):
            left = [rest for one in left for rest in self._subtract(one, case)]
            if len(left) > _MANY:
                return None
        return left

    def _subtract(self, whole: Case, taken: Case) -> list[Case]:
        found: list[Case] = []
        within = dict(whole)
        for subject, allowed in taken.items():
            had = within.get(subject, self._domains[subject])
            inside, outside = _meet(had, allowed), _without(had, allowed)
            if not inside:
                return [whole]
            if outside:
                found.append({**within, subject: outside})
            within[subject] = inside
        return found


def _meet(a: Numbers | Names, b: Numbers | Names) -> Numbers | Names:
    if isinstance(a, Numbers) and isinstance(b, Numbers):
        return a.meet(b)
    assert isinstance(a, Names)
    assert isinstance(b, Names)
    return a.meet(b)


def _without(a: Numbers | Names, b: Numbers | Names) -> Numbers | Names:
    if isinstance(a, Numbers) and isinstance(b, Numbers):
        return a.without(b)
    assert isinstance(a, Names)
    assert isinstance(b, Names)
    return a.without(b)


def _domain(type_: Type) -> Numbers | Names:
    if isinstance(type_, Range):
        return Numbers(((type_.low, type_.high),))
    if is_int(type_):
        return _ALL
    if type_ == BOOL:
        return _EITHER
    if isinstance(type_, Enum):
        return Names(frozenset(type_.members))
    if isinstance(type_, Optional) and isinstance(type_.item, Enum):
        return Names(frozenset((*type_.item.members, "None")))
    return Names(frozenset(), all_but=True)


def _compared(op: str, value: object, type_: Type) -> Numbers | Names | None:
    """The values for which `subject OP value` is true, if that can be said."""
    if op in ("in", "not in", "not_in") and isinstance(value, list | tuple):
        members = [_compared("==", one, type_) for one in value]
        if not members or None in members:
            return None
        if is_int(type_):
            points = sorted({s for m in members if isinstance(m, Numbers) for s in m.stretches})
            return _without(_ALL, Numbers(tuple(points))) if op != "in" else Numbers(tuple(points))
        names = frozenset(name for m in members if isinstance(m, Names) for name in m.names)
        return Names(names, all_but=op != "in")
    if is_int(type_):
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        return {
            "==": Numbers(((value, value),)),
            "!=": Numbers(((-inf, value - 1), (value + 1, inf))),
            "<": Numbers(((-inf, value - 1),)),
            "<=": Numbers(((-inf, value),)),
            ">": Numbers(((value + 1, inf),)),
            ">=": Numbers(((value, inf),)),
        }.get(op)
    if op not in ("==", "!=") or isinstance(value, list | tuple | float):
        return None
    enumerated = isinstance(_plain(type_), Enum) or type_ == BOOL or value is None
    name = str(value) if enumerated else repr(value)
    return Names(frozenset((name,)), all_but=op == "!=")


def _plain(type_: Type) -> Type:
    return type_.item if isinstance(type_, Optional) else type_


def same(e: Expr, row: Transition) -> Subject:
    """Equal for expressions that have the same value when both are evaluated in the same step.

    Rows may call an event's parameters by different names; what counts is their place.
    """
    if len(walk(e)) > _MANY:
        return id(e)
    return _same(e, row)


def _same(e: Expr, row: Transition) -> Subject:
    if isinstance(e, Value):
        return ("value", repr(e.value))
    if isinstance(e, Local):
        if e.scope == "event" and e.name in row.names:
            return ("event", row.names.index(e.name))
        return (e.scope, e.name, e.state)
    if isinstance(e, Var):
        return ("variable", e.variable.name)
    if isinstance(e, Op):
        return (e.op, *(_same(operand, row) for operand in e.operands))
    if isinstance(e, MakeList):
        return ("list", *(_same(item, row) for item in e.items))
    if isinstance(e, Each):
        kept = None if e.kept is None else _same(e.kept, row)
        return ("each", _same(e.made, row), e.name, _same(e.source, row), kept)
    if isinstance(e, Item):
        return ("item", _same(e.value, row), _same(e.index, row))
    if isinstance(e, Slice):
        ends = [None if one is None else _same(one, row) for one in (e.begin, e.end)]
        return ("slice", _same(e.value, row), *ends)
    if isinstance(e, FieldOf):
        return ("field", _same(e.value, row), e.name)
    if isinstance(e, Function):
        return ("call", e.name, *(_same(arg, row) for arg in e.args))
    if isinstance(e, Ask):
        return ("ask", e.question.name, *(_same(arg, row) for arg in e.args))
    if isinstance(e, Make):
        return ("make", e.struct.name, *(_same(arg, row) for arg in e.args))
    if isinstance(e, Frame):
        return ("frame", e.message.name, *(_same(arg, row) for arg in e.args))
    if isinstance(e, Holds):
        return ("holds", e.many.name, _same(e.key, row))
    if isinstance(e, Count):
        return ("count", e.many.name)
    assert isinstance(e, InState)
    return ("in", e.subject, e.state)
