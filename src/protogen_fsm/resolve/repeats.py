"""`(…)*` in text patterns: what stands there once for each item of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model.messages import Group, Repeat, Slot, Words
from protogen_fsm.model.types import NOTHING, ListOf, Optional, Param, Struct
from protogen_fsm.resolve.texts import has_text
from protogen_fsm.resolve.types import find, places
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from protogen_fsm.model.messages import Part
    from protogen_fsm.model.types import Type
    from protogen_fsm.resolve.messages import TextPattern


def repeated(pattern: TextPattern, written: tree.RepeatedGroup, optional: bool) -> Repeat | None:
    """A group that is repeated, tied to its list; None, and a diagnostic, if it has none."""
    if optional:
        _wrong(pattern, written, "a repeated group stands in an optional one", "may be empty")
        return None
    fields = [part for part in written.parts if isinstance(part, tree.PatternField)]
    if not fields:
        _wrong(pattern, written, "a repeated group speaks of no list", "no field in it")
        return None
    param = pattern.declared(fields[0].name)
    if param is None or not pattern.place(param, written):
        return None
    if not isinstance(param.type, ListOf):
        if param.type != NOTHING:
            pattern.typer.report.error(
                "PG106",
                f"a `{param.type}` does not stand in a repeated group",
                fields[0].span,
                f"`{param.name}` is `{param.type}`",
                help=f"declare it as `{param.name}: list[{param.type}]`",
            )
        return None
    item = param.type.item
    found: list[Part] = []
    placed: dict[str, Slot] = {}
    for part in written.parts:
        if isinstance(part, tree.Literal_) and part.text.kind != "regex":
            found.append(Words(part.text.value, part.text.kind == "ignore_case", part.text.span))
        elif isinstance(part, tree.Literal_):
            found.append(pattern.skipped(part.text, optional=False))
        elif isinstance(part, tree.OptionalGroup) and not _fields(part.parts):
            found.append(Group(pattern.parts(part.parts, optional=True), part.span))
        elif isinstance(part, tree.PatternField):
            slot = _slot(pattern, param, item, part)
            if slot is None:
                return None
            if slot.param.name in placed:
                pattern.place(param, part)
                return None
            placed[slot.param.name] = slot
            found.append(slot)
        else:
            what = "what is there or not, or repeated, has no field within a repeated group"
            _wrong(pattern, part, what, "in an item of a list")
            return None
    fields_of = item.fields if isinstance(item, Struct) else ()
    for one in [one for one in fields_of if one.name not in placed]:
        pattern.typer.report.error(
            "PG307",
            f"the pattern of `{pattern.message.name}` leaves out `{param.name}.{one.name}`",
            written.span,
            "nowhere in the items",
        )
    if not any(isinstance(part, Words) and part.text for part in found):
        _wrong(pattern, written, "a repeated group could match nothing", "no literal in it")
    return Repeat(param, tuple(found), written.span)


def _slot(pattern: TextPattern, param: Param, item: Type, part: tree.PatternField) -> Slot | None:
    """The place of an item, or of a field of it."""
    report = pattern.typer.report
    if part.name.text != param.name:
        what = "a repeated group speaks of two lists"
        _wrong(pattern, part, what, f"the items of `{param.name}` stand before it")
        return None
    if isinstance(item, Struct):
        if part.item is None:
            _wrong(pattern, part, f"an item of `{param.name}` has fields", "which of them?")
            return None
        field = find(item.fields, part.item.text)
        if field is None:
            report.undefined(
                "PG108",
                f"`{item.name}` has no field `{part.item.text}`",
                part.item,
                "not a field",
                places(item.fields),
            )
            return None
    elif part.item is not None:
        _wrong(pattern, part, f"an item of `{param.name}` has no fields", f"a `{item}`")
        return None
    else:
        field = Param(param.name, item, param.span)
    if not has_text(field.type) or isinstance(field.type, Optional):
        report.error(
            "PG106",
            f"a `{field.type}` has no place in a repeated group",
            part.span,
            f"a `{field.type}`",
        )
        return None
    regex = pattern.regex(part.regex) if part.regex is not None else None
    return Slot(field, regex, part.span)


def _fields(parts: list[tree.PatternPart]) -> list[tree.PatternPart]:
    return [part for part in parts if not isinstance(part, tree.Literal_)]


def _wrong(
    pattern: TextPattern,
    part: tree.PatternPart,
    what: str,
    label: str,
) -> None:
    pattern.complete = False
    pattern.typer.report.error("PG324", what, part.span, label)
