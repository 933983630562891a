"""`reads`: what a machine over bytes reads next in a state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model.expressions import Function, Value
from protogen_fsm.model.machine import Reading
from protogen_fsm.model.types import BYTES, INT, STR, Param

if TYPE_CHECKING:
    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.resolve.context import Context
    from protogen_fsm.resolve.expressions import Typer
    from protogen_fsm.syntax import tree

_LINE = 64 * 1024
_BLOCK = 32 * 1024 * 1024
_VARINT = (1 << 64) - 1

# Of each kind the parameters, and their defaults: no length is without a bound.
_NEEDED = object()
_END = ("end", b"\r\n")
_DELIMITER = ("delimiter", _NEEDED)
_KINDS: dict[str, tuple[tuple[str, object], ...]] = {
    "line": (_END, ("max", _LINE)),
    "until": (_DELIMITER, ("max", _LINE)),
    "block": (_DELIMITER, ("max", _BLOCK)),
    "bytes": (("count", _NEEDED),),
    "varint": (("max", _VARINT),),
    "chunk": (),
    "rest": (("max", _BLOCK),),
    **{f"u{bits}{order}": () for bits in (8, 16, 24, 32, 64) for order in ("", "le")},
}
del _KINDS["u8le"]


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
    params = tuple(_param(name, default, written) for name, default in _KINDS[kind])
    before = len(written.args)
    if before > len(params) or any(
        arg.name is not None and arg.name.text not in [p.name for p in params]
        for arg in written.args
    ):
        _wrong(context, written, params)
        return None
    args = _bind(typer, params, written)
    if args is None:
        _wrong(context, written, params)
        return None
    return Reading(kind, args, written.span)


def _param(name: str, default: object, written: tree.Reads) -> Param:
    type_ = BYTES if name in ("end", "delimiter") else INT
    return Param(name, type_, written.span, default is not _NEEDED, default)


def _bind(typer: Typer, params: tuple[Param, ...], written: tree.Reads) -> dict[str, Expr] | None:
    named = {arg.name.text: arg.value for arg in written.args if arg.name is not None}
    by_position = [arg.value for arg in written.args if arg.name is None]
    args: dict[str, Expr] = {}
    for i, param in enumerate(params):
        value = by_position[i] if i < len(by_position) else named.get(param.name)
        if value is None:
            if not param.has_default:
                return None
            args[param.name] = Value(param.default, param.type, written.span)
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
