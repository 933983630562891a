"""`reads`: what a machine over bytes reads next in a state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model.expressions import Function, Value
from protogen_fsm.model.machine import Reading
from protogen_fsm.model.types import BOOL, BYTES, INT, STR, Param
from protogen_fsm.resolve.lengths import NUMBERS, layout_of

if TYPE_CHECKING:
    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.resolve.context import Context
    from protogen_fsm.resolve.expressions import Typer
    from protogen_fsm.syntax import tree

_LINE = 64 * 1024
_BLOCK = 32 * 1024 * 1024
_COUNTED = 1024 * 1024
_VARINT = (1 << 64) - 1

# Of each kind the parameters, and their defaults: no length is without a bound.
_NEEDED = object()
_ABSENT = object()  # what is not said is not there
_END = ("end", b"\r\n")
_DELIMITER = ("delimiter", _NEEDED)
_KINDS: dict[str, tuple[tuple[str, object], ...]] = {
    "line": (_END, ("max", _LINE), ("either", _ABSENT)),
    "until": (_DELIMITER, ("max", _LINE)),
    "block": (
        _DELIMITER,
        ("max", _BLOCK),
        ("raw", _ABSENT),
        ("pieces", _ABSENT),
        ("at_once", _ABSENT),
    ),
    "bytes": (("count", _NEEDED), ("pieces", _ABSENT)),
    "varint": (("max", _VARINT),),
    "chunk": (),
    "nothing": (),
    "rest": (("max", _BLOCK),),
    **dict.fromkeys(NUMBERS, ()),
}
_BY_LENGTH = (("length", _NEEDED), ("max", _COUNTED), ("header", _ABSENT))
_TYPES = {
    **dict.fromkeys(("end", "delimiter"), BYTES),
    **dict.fromkeys(("either", "raw", "pieces", "at_once"), BOOL),
}


def resolve_reads(context: Context, written: tree.Reads) -> Reading | None:
    """What is read; None, and a diagnostic, if there is nothing of the kind."""
    kind, typer = written.kind.text, context.typer
    below = context.machine.below
    if context.usable and (below is None or below.kind != "bytes"):
        stands = (
            "stands on nothing"
            if below is None
            else f"stands on {below.machine.name if below.machine else below.kind}"
        )
        context.report.error(
            "PG314",
            "only a machine over bytes reads",
            written.span,
            f"`{context.machine.name}` {stands}",
            help="leave it out, or write `over bytes`",
        )
    if kind not in _KINDS:
        context.report.undefined(
            "PG315",
            f"nothing can be read as `{kind}`",
            written.kind,
            "not a way to read",
            dict.fromkeys(_KINDS),
        )
        return None
    length = _length(typer, written) if kind == "bytes" else None
    said = _KINDS[kind] if length is None else _BY_LENGTH
    params = tuple(_param(name, default, written) for name, default in said)
    before = len(written.args)
    if before > len(params) or any(
        arg.name is not None and arg.name.text not in [p.name for p in params]
        for arg in written.args
    ):
        _wrong(context, written, params)
        return None
    args = _bind(typer, params, written, {} if length is None else {"length": length})
    if args is None:
        _wrong(context, written, params)
        return None
    return Reading(kind, args, written.span)


def _param(name: str, default: object, written: tree.Reads) -> Param:
    return Param(name, _TYPES.get(name, INT), written.span, default is not _NEEDED, default)


def _length(typer: Typer, written: tree.Reads) -> Expr | None:
    """The layout of the length that stands before what is read; None if the length is given."""
    for at, arg in enumerate(written.args):
        if arg.name.text == "length" if arg.name is not None else at == 0:
            return layout_of(typer, arg.value)
    return None


def _bind(
    typer: Typer, params: tuple[Param, ...], written: tree.Reads, args: dict[str, Expr]
) -> dict[str, Expr] | None:
    named = {arg.name.text: arg.value for arg in written.args if arg.name is not None}
    by_position = [arg.value for arg in written.args if arg.name is None]
    for i, param in enumerate(params):
        value = by_position[i] if i < len(by_position) else named.get(param.name)
        if param.name in args:
            continue
        if value is None:
            if not param.has_default:
                return None
            if param.default is not _ABSENT:
                args[param.name] = Value(param.default, param.type, written.span)
            continue
        if param.name in ("pieces", "at_once"):
            known = typer.constant(value, BOOL, f"`{param.name}` of `{written.kind.text}`")
            if known is not None and known.value:
                args[param.name] = known
            continue
        found = typer.typed(value)
        what = f"`{param.name}` of `{written.kind.text}`"
        if param.type == BYTES and found.type == STR and not isinstance(found, Value):
            args[param.name] = Function("bytes", (found,), BYTES, found.span)
        else:
            args[param.name] = typer.expr(value, param.type, what)
    return args


def _wrong(context: Context, written: tree.Reads, params: tuple[Param, ...]) -> None:
    kind = written.kind.text
    shown = f"{kind}({', '.join(param.name for param in params)})" if params else kind
    context.report.error(
        "PG315",
        f"`{kind}` does not take these arguments",
        written.span,
        "wrong arguments",
        help=f"write `reads {shown}`",
    )
