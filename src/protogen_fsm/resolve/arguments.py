"""Arguments: by position or by name, each of its parameter's type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Label
from protogen_fsm.model.expressions import Value
from protogen_fsm.model.types import NOTHING
from protogen_fsm.resolve.types import find, places

if TYPE_CHECKING:
    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.types import Param
    from protogen_fsm.resolve.expressions import Typer
    from protogen_fsm.source import Span
    from protogen_fsm.syntax import tree


def bind(
    typer: Typer,
    params: tuple[Param, ...],
    args: list[tree.Arg],
    what: str,
    span: Span,
    declared: Span | None,
) -> tuple[Expr, ...]:
    """One expression for each parameter, in their order.

    `what` is asked for the arguments (`` `EHLO` ``), `declared` where it stands.
    """
    if not params and not args:
        return ()
    by_position = sum(arg.name is None for arg in args)
    if by_position == len(args) and not _least(params) <= by_position <= len(params):
        _wrong_number(typer, params, by_position, what, span, declared)
        for arg in args:
            typer.typed(arg.value)
        return tuple(_default(param, span) for param in params)
    given: dict[str, Expr] = {}
    complete = True
    for i, arg in enumerate(args):
        param = params[i] if arg.name is None and i < len(params) else None
        if arg.name is not None:
            param = find(params, arg.name.text)
        if param is None:
            complete = False
            _no_parameter(typer, params, arg, what)
            typer.typed(arg.value)
            continue
        value = typer.expr(arg.value, param.type, f"`{param.name}` of {what}", param.span)
        if param.name in given:
            complete = False
            typer.report.error(
                "PG107", f"`{param.name}` of {what} is given twice", arg.span, "given again here"
            )
        given[param.name] = value
    missing = [p.name for p in params if p.name not in given and not p.has_default]
    if missing and complete:
        typer.report.error(
            "PG107",
            f"{what} lacks {_listed(missing)}",
            span,
            f"{_listed(missing)} missing here",
            _declared(declared),
        )
    return tuple(given.get(param.name) or _default(param, span) for param in params)


def _least(params: tuple[Param, ...]) -> int:
    return sum(not param.has_default for param in params)


def _no_parameter(typer: Typer, params: tuple[Param, ...], arg: tree.Arg, what: str) -> None:
    if arg.name is None:
        typer.report.error(
            "PG107",
            f"{what} has no parameter left for this argument",
            arg.span,
            "one argument too many",
        )
        return
    typer.report.undefined(
        "PG107",
        f"{what} has no parameter `{arg.name.text}`",
        arg.name,
        "not a parameter",
        places(params),
    )


def _default(param: Param, span: Span) -> Expr:
    if param.has_default:
        return Value(param.default, param.type, span)
    return Value(None, NOTHING, span)


def _wrong_number(
    typer: Typer,
    params: tuple[Param, ...],
    given: int,
    what: str,
    span: Span,
    declared: Span | None,
) -> None:
    most = len(params)
    least = _least(params)
    asked = _arguments(most) if least == most else f"{least} to {_arguments(most)}"
    names = ", ".join(f"{param.name}: {param.type}" for param in params)
    typer.report.error(
        "PG107",
        f"{what} takes {asked}, not {given or 'none'}",
        span,
        f"{given or 'none'} given here",
        _declared(declared),
        notes=[f"its parameters are ({names})"] if names else [],
    )


def _declared(declared: Span | None) -> list[Label]:
    return [Label(declared, "declared here")] if declared is not None else []


def _arguments(n: int) -> str:
    if n == 0:
        return "no arguments"
    return f"{n} argument{'s' if n > 1 else ''}"


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
