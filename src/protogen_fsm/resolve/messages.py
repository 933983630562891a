"""Messages: their fields, and the patterns that print and parse them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Label
from protogen_fsm.model.messages import Codec, Group, Message, Skipped, Slot, Text, Words
from protogen_fsm.model.types import (
    BYTES,
    NOTHING,
    STR,
    Enum,
    Optional,
    is_int,
)
from protogen_fsm.resolve.binary import resolve_binary
from protogen_fsm.resolve.repeats import repeated
from protogen_fsm.resolve.texts import has_text, unreadable
from protogen_fsm.resolve.types import find, places, resolve_params
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protogen_fsm.model.messages import Part
    from protogen_fsm.model.types import Param
    from protogen_fsm.resolve.expressions import Typer

_CODEC = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)", re.ASCII)


def resolve_message(typer: Typer, written: tree.Message) -> Message:
    """A message, with everything in its pattern tied to its fields."""
    name = written.name
    params = resolve_params(typer, written.params, f"fields of `{name.text}`")
    message = Message(
        name.text,
        written.doc.value if written.doc else "",
        params,
        resolve_by(typer, written.by, params, f"`{name.text}`"),
        None,
        written.span,
        name.span,
    )
    pattern = written.pattern
    if isinstance(pattern, tree.Codec):
        message.pattern = _codec(typer, pattern)
    elif isinstance(pattern, tree.TextPattern):
        found = TextPattern(typer, message)
        message.pattern = Text(found.parts(pattern.parts, False), pattern.span)
        if found.complete:
            check_all_placed(typer, message.params, found.placed, f"`{message.name}`")
    elif pattern is not None:
        message.pattern, placed = resolve_binary(typer, params, pattern, f"`{message.name}`")
        check_all_placed(typer, params, placed, f"`{message.name}`")
    return message


def resolve_by(
    typer: Typer, by: tree.Name | None, params: tuple[Param, ...], what: str
) -> Param | None:
    """The field whose value names the event."""
    if by is None:
        return None
    param = find(params, by.text)
    if param is None:
        typer.report.undefined(
            "PG108", f"{what} has no field `{by.text}`", by, "not a field", places(params)
        )
        return None
    if not (is_int(param.type) or isinstance(param.type, Enum) or param.type in (STR, NOTHING)):
        typer.report.error(
            "PG106",
            f"a `{param.type}` cannot name an event",
            by.span,
            "names the event",
            [Label(param.span, f"a `{param.type}`")],
            help="name it by a field that is a number, an enum or text",
        )
        return None
    return param


def check_all_placed(
    typer: Typer, params: tuple[Param, ...], placed: dict[str, object], what: str
) -> None:
    """Says which fields the pattern leaves out."""
    for param in params:
        if param.name not in placed:
            typer.report.error(
                "PG307",
                f"the pattern of {what} leaves out `{param.name}`",
                param.span,
                "nowhere in the pattern",
            )


def _codec(typer: Typer, written: tree.Codec) -> Codec:
    match = _CODEC.fullmatch(written.path.value)
    if match is None:
        typer.report.error(
            "PG309",
            f"`{written.path.value}` is not the path of a codec",
            written.path.span,
            "cannot be read",
            help='write it as `"package.module:Name"`',
        )
        return Codec("", "", written.span)
    return Codec(match[1], match[2], written.span)


class TextPattern:
    """Resolves one text pattern.

    `placed` are the fields found in it; it is `complete` if each part names one.
    """

    def __init__(self, typer: Typer, message: Message) -> None:
        self.typer = typer
        self.message = message
        self.placed: dict[str, object] = {}
        self.complete = True

    def parts(self, written: Sequence[tree.PatternPart], optional: bool) -> tuple[Part, ...]:
        """The parts of the pattern or, if `optional`, of a group in it."""
        found: list[Part] = []
        for part in written:
            if isinstance(part, tree.Literal_):
                text = part.text
                if text.kind == "regex":
                    found.append(self.skipped(text, optional))
                    continue
                found.append(Words(text.value, text.kind == "ignore_case", text.span))
            elif isinstance(part, tree.OptionalGroup):
                found.append(Group(self.parts(part.parts, True), part.span))
            elif isinstance(part, tree.RepeatedGroup):
                repeat = repeated(self, part, optional)
                if repeat is not None:
                    found.append(repeat)
            else:
                slot = self._slot(part, optional)
                if slot is not None:
                    found.append(slot)
        return tuple(found)

    def skipped(self, written: tree.Text, optional: bool) -> Skipped:
        """A nameless regular expression."""
        if not optional:
            self.typer.report.error(
                "PG308",
                "a regular expression without a field could not be printed",
                written.span,
                "must always stand here",
                help=f"give it a field, `name:{written.span.text}`, or put it into `[…]`",
            )
        return Skipped(self.regex(written), written.span)

    def _slot(self, part: tree.PatternField, optional: bool) -> Slot | None:
        report, name = self.typer.report, part.name
        if part.item is not None:
            self.complete = False
            report.error(
                "PG324",
                f"a field of an item of `{name.text}` stands alone",
                part.span,
                "not in a group that is repeated",
                help=f"write `(… {part.span.text} …)*`",
            )
            return None
        param = self.declared(name)
        if param is None:
            return None
        if not self.place(param, part):
            return None
        self._check_type(param, part, optional)
        regex = self.regex(part.regex) if part.regex is not None else None
        return Slot(param, regex, part.span)

    def declared(self, name: tree.Name) -> Param | None:
        """The message's field of that name; None, and a diagnostic, if it has none."""
        message = self.message
        param = find(message.params, name.text)
        if param is None:
            self.complete = False
            self.typer.report.undefined(
                "PG108",
                f"`{message.name}` has no field `{name.text}`",
                name,
                "not a field",
                places(message.params),
                help=f"declare it: `message {message.name}({name.text}: str)`",
            )
        return param

    def place(self, param: Param, part: tree.PatternField | tree.RepeatedGroup) -> bool:
        """Keeps where a field stands; False, and a diagnostic, if it stands elsewhere too."""
        first = self.placed.get(param.name)
        if first is None:
            self.placed[param.name] = part
            return True
        self.complete = False
        assert isinstance(first, tree.PatternField | tree.RepeatedGroup)
        self.typer.report.error(
            "PG104",
            f"`{param.name}` stands twice in the pattern of `{self.message.name}`",
            part.span,
            "again here",
            [Label(first.span, "first here")],
            help="write a second field",
        )
        return False

    def _check_type(self, param: Param, part: tree.PatternField, optional: bool) -> None:
        report, type_ = self.typer.report, param.type
        inner = type_.item if isinstance(type_, Optional) else type_
        if not has_text(inner):
            report.error(
                "PG106",
                f"a `{type_}` has no place in a text pattern",
                part.span,
                f"`{param.name}` is `{type_}`",
                [Label(param.span, "declared here")],
            )
        elif isinstance(type_, Optional) and not optional:
            report.error(
                "PG106",
                f"`{param.name}` may be `none`, and is not in an optional group",
                part.span,
                "must always stand here",
                [Label(param.span, f"a `{type_}`")],
                help=f"write `[{part.span.text}]`, or declare it as `{inner}`",
            )
        elif optional and type_ not in (STR, BYTES, NOTHING) and not isinstance(type_, Optional):
            report.error(
                "PG106",
                f"`{param.name}` has no value where its group is left out",
                part.span,
                "may be left out",
                [Label(param.span, f"a `{type_}`, which is never empty")],
                help=f"declare it as `{param.name}: {type_}?`",
            )

    def regex(self, written: tree.Text) -> str:
        """A regular expression that can be read, or a diagnostic."""
        if any(found[1] for found in _BACK_REFERENCES.finditer(written.value)):
            self.typer.report.error(
                "PG308",
                "a regular expression refers back to a group of its own",
                written.span,
                "groups are not numbered within a message",
                help="say what may stand there without `\\1`, `(?P=name)` and `(?(1)…)`",
            )
            return written.value
        in_frame = b"(%b)" % written.value.encode()  # of octets, amid others
        if reason := unreadable(written.value) or unreadable(in_frame):
            self.typer.report.error(
                "PG308",
                "a regular expression cannot be read",
                written.span,
                reason,
            )
        return written.value


# Sets of characters and escapes are stepped over; what is left and found is a reference.
_BACK_REFERENCES = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]|(\\[1-9]|\(\?P=|\(\?\()|\\.", re.DOTALL)
