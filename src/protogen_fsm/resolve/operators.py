"""Operators: what they join, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model.expressions import Local, Op, Value
from protogen_fsm.model.types import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    NOTHING,
    STR,
    ListOf,
    Optional,
    fits,
    is_int,
)
from protogen_fsm.resolve.instances import holds
from protogen_fsm.resolve.peers import in_state
from protogen_fsm.resolve.values import UNFOLDED, fitted, fold, is_number, joined, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.types import Type
    from protogen_fsm.resolve.expressions import Typer
    from protogen_fsm.source import Span
    from protogen_fsm.syntax import tree


def unary(typer: Typer, written: tree.Unary) -> Expr:
    """`-x`, `not x`."""
    operand: Expr
    if written.op == "not":
        operand = typer.expr(written.operand, BOOL, "what `not` stands before")
        return _op(typer, "not", (operand,), BOOL, written.span)
    operand = typer.typed(written.operand)
    type_: Type = FLOAT if operand.type == FLOAT else INT
    if not is_number(operand.type) and operand.type != NOTHING:
        _cannot(typer, "-", (operand,), written.span)
        return unknown(written.span)
    return _op(typer, "-", (operand,), type_, written.span)


def binary(typer: Typer, written: tree.Binary) -> Expr:
    """All that stands between two operands."""
    op, span = written.op.replace(" ", "_"), written.span
    if op in ("and", "or"):
        what = f"what stands beside `{op}`"
        left = typer.expr(written.left, BOOL, what)
        before = typer.event
        if op == "and":
            typer.event = there(typer, left)
        right = typer.expr(written.right, BOOL, what)
        typer.event = before
        return _op(typer, op, (left, right), BOOL, span)
    if op in ("in", "not_in"):
        inside = in_state(typer, written)
        if inside is not None:
            return inside if op == "in" else Op("not", (inside,), BOOL, span)
        held = holds(typer, written)
        if held is not None:
            return held if op == "in" else Op("not", (held,), BOOL, span)
    left = typer.typed(written.left)
    right = typer.typed(written.right, left.type)
    if NOTHING in (left.type, right.type):
        known = right.type if left.type == NOTHING else left.type
        return Op(op, (left, right), known if op in _ARITHMETIC else BOOL, span)
    if op in ("in", "not_in") and isinstance(right.type, ListOf):
        left = fitted(left, right.type.item) or left
        right = fitted(right, ListOf(left.type)) or right
    elif op in ("==", "!=") and isinstance(left.type, ListOf):
        left, right = fitted(left, right.type) or left, fitted(right, left.type) or right
    elif left.type == BYTES:
        right = fitted(right, BYTES) or right
    elif right.type == BYTES:
        left = fitted(left, BYTES) or left
    type_ = _result(op, left.type, right.type)
    if type_ is None:
        _cannot(typer, written.op, (left, right), span)
        return unknown(span)
    if op == "%" and isinstance(right, Value) and right.value == 0:
        typer.report.error("PG106", "nothing can be divided by zero", right.span, "this is 0")
        return unknown(span)
    if op in ("==", "!="):
        left, right = fitted(left, right.type) or left, fitted(right, left.type) or right
    return _op(typer, op, (left, right), type_, span)


def _op(typer: Typer, op: str, operands: tuple[Expr, ...], type_: Type, span: Span) -> Expr:
    value = fold(op, operands)
    return Op(op, operands, type_, span) if value is UNFOLDED else Value(value, type_, span)


def _cannot(typer: Typer, op: str, operands: tuple[Expr, ...], span: Span) -> None:
    types = " and ".join(f"`{one.type}`" for one in operands)
    help = ""
    if op == "+" and STR in (operands[0].type, operands[-1].type):
        other = next((one for one in operands if one.type != STR), None)
        if other is not None and (is_number(other.type) or other.type == BYTES):
            help = f"write `str({other.span.text})`"
    typer.report.error(
        "PG106",
        f"`{op}` does not go with {types}",
        span,
        f"`{op}` of {types}",
        help=help,
    )


def there(typer: Typer, guard: Expr) -> Mapping[str, Type]:
    """What the event binds, where `guard` holds: `x != none` says that x is there."""
    event = typer.event
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
