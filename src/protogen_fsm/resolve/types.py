"""Types and parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Label
from protogen_fsm.model.types import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    NOTHING,
    OBJECT,
    STR,
    Enum,
    ListOf,
    Optional,
    Param,
    Range,
    Struct,
)
from protogen_fsm.resolve.names import Unknown
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from protogen_fsm.model.types import Type
    from protogen_fsm.resolve.expressions import Typer
    from protogen_fsm.source import Span

BASIC: dict[str, Type] = {
    "bool": BOOL,
    "int": INT,
    "str": STR,
    "bytes": BYTES,
    "float": FLOAT,
    "object": OBJECT,
}


def resolve_type(typer: Typer, written: tree.Type) -> Type:
    """The type that is meant; NOTHING, and a diagnostic, if there is none."""
    if isinstance(written, tree.NamedType):
        return _named(typer, written.name)
    if isinstance(written, tree.RangeType):
        return _range(typer, written)
    if isinstance(written, tree.ListType):
        return ListOf(resolve_type(typer, written.item))
    while isinstance(written.item, tree.OptionalType):
        written = written.item
    return Optional(resolve_type(typer, written.item))


def _named(typer: Typer, name: tree.Name) -> Type:
    basic = BASIC.get(name.text)
    if basic is not None:
        return basic
    names = typer.names
    thing = names.things.get(name.text)
    if isinstance(thing, Enum | Struct):
        return thing
    if not isinstance(thing, Unknown):
        kind = names.kind(name.text)
        typer.report.undefined(
            "PG111",
            f"`{name.text}` is {kind}, not a type" if kind else f"no type is named `{name.text}`",
            name,
            "not a type",
            dict.fromkeys(BASIC) | names.of(Enum, Struct),
        )
    return NOTHING


def _range(typer: Typer, written: tree.RangeType) -> Type:
    low = typer.constant_int(written.low, "an end of a range")
    high = typer.constant_int(written.high, "an end of a range")
    if low is None or high is None:
        return INT
    if low > high:
        typer.report.error(
            "PG115",
            f"no number lies in `{low}..{high}`",
            written.span,
            "the low end is above the high end",
            help=f"write `{high}..{low}`",
        )
        return INT
    return Range(low, high)


def resolve_params(
    typer: Typer, written: list[tree.Param], what: str = "parameters"
) -> tuple[Param, ...]:
    """Parameters or fields, each name once."""
    if not written:
        return ()
    found: dict[str, Param] = {}
    usual: Param | None = None
    for one in written:
        type_ = resolve_type(typer, one.type)
        param = Param(one.name.text, type_, one.name.span)
        if one.default is None and usual is not None:
            typer.report.error(
                "PG121",
                f"`{param.name}` has no default, and stands behind `{usual.name}`, which has one",
                one.name.span,
                "has to be given",
                [Label(usual.span, "need not be given")] if usual.span is not None else [],
                help=f"give `{param.name}` a default, or let it stand first",
            )
        if one.default is not None:
            value = typer.constant(one.default, type_, f"the default of `{param.name}`")
            param.has_default, usual = True, param
            param.default = None if value is None else value.value
        first = found.get(param.name)
        if first is not None:
            typer.report.duplicate(one.name, what, first.span)
        else:
            found[param.name] = param
    return tuple(found.values())


def places(params: tuple[Param, ...]) -> dict[str, Span | None]:
    """The names of parameters with their places."""
    return {param.name: param.span for param in params}


def find(params: tuple[Param, ...], name: str) -> Param | None:
    """The parameter of that name."""
    return next((param for param in params if param.name == name), None)
