"""Text messages as Python: a regular expression to read each, a function to print it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from protogen_fsm.backends.python.expressions import literal
from protogen_fsm.model.letters import any_number_of, letters
from protogen_fsm.model.messages import Group, Repeat, Skipped, Slot, Text, Words
from protogen_fsm.model.types import BYTES, FLOAT, INT, Basic, Enum, Optional, Range

if TYPE_CHECKING:
    from protogen_fsm.model.messages import Message, Part
    from protogen_fsm.model.types import Param, Type

_LINE_ENDS = frozenset(b"\r\n")
DIGITS = 20
"""A number without a range has so many digits at the most."""


def regex(message: Message) -> bytes:
    """The regular expression that a whole frame of the message matches, a group for each field.

    A field runs to the first character of what follows it, and a `str` never over CR or LF, so that
    matching takes one pass. `bytes` with nothing but literals behind them run up to those.
    """
    assert isinstance(message.pattern, Text)
    return _parts(message.pattern.parts, b"")


def _parts(parts: tuple[Part, ...], after: bytes) -> bytes:
    printed = b""
    for at, part in enumerate(parts):
        behind = parts[at + 1 :]
        follows = first_of(behind, after)
        if isinstance(part, Slot) and part.param.type == BYTES and not after:
            follows = b"" if all(isinstance(one, Words) for one in behind) else follows
        if isinstance(part, Words):
            printed += _words(part)
        elif isinstance(part, Slot):
            printed += b"(" + _slot(part, follows) + b")"
        elif isinstance(part, Skipped):
            printed += b"(?:" + without_groups(part.regex) + b")"
        elif isinstance(part, Repeat):
            printed += b"((?:" + without_groups(item_regex(part, follows).decode()) + b")*+)"
        elif len(part.parts) == 1 and isinstance(part.parts[0], Skipped):
            skipped = without_groups(part.parts[0].regex)
            is_any = any_number_of(skipped) is not None  # none of them, too
            printed += skipped if is_any else b"(?:" + skipped + b")?"
        else:
            printed += b"(?:" + _parts(part.parts, follows) + b")?"
    return printed


def item_regex(repeat: Repeat, follows: bytes) -> bytes:
    """What one item matches, a group for each of its fields.

    Each item takes all that it can, and is never asked to give any of it back: so one pass over
    what is repeated finds the same items as matching the whole frame did.
    """
    return _parts(repeat.parts, first_of(repeat.parts, b"") + follows)


_SPECIAL = b"\\.^$*+?{}[]|()-"
_SIGNS = {0x0D: b"\\r", 0x0A: b"\\n", 0x09: b"\\t"}


def _escaped(plain: bytes) -> bytes:
    """Bytes as a regular expression that can be read: only what is special is escaped."""
    printed = b""
    for code in plain:
        char = bytes([code])
        if code in _SIGNS:
            printed += _SIGNS[code]
        elif char in _SPECIAL:
            printed += b"\\" + char
        else:
            printed += char if 0x20 <= code < 0x7F else b"\\x%02x" % code
    return printed


def _words(part: Words) -> bytes:
    escaped = _escaped(part.text.encode())
    if part.ignore_case and part.text.upper() != part.text.lower():
        return b"(?i:" + escaped + b")"
    return escaped


def first_of(parts: tuple[Part, ...], after: bytes) -> bytes:
    """The bytes with which that may begin which stands behind a field."""
    found = b""
    for part in parts:
        if isinstance(part, Words):
            if not part.text:
                continue
            begin = part.text[0]
            both = {begin.lower(), begin.upper()} if part.ignore_case else {begin}
            return found + b"".join(sorted(c.encode()[:1] for c in both))
        if isinstance(part, Slot | Skipped):
            return found
        found += first_of(part.parts, b"")
    return found + after


_GROUPS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(\((?!\?)|\(\?P<\w+>)", re.DOTALL)


def without_groups(regex: str) -> bytes:
    """A field's own regular expression, its groups unnumbered: those of the message are fields."""
    return _GROUPS.sub(lambda found: "(?:" if found[1] else found[0], regex).encode()


def _slot(part: Slot, follows: bytes) -> bytes:
    if part.regex is not None:
        return without_groups(part.regex)
    return _typed(part.param.type, follows)


def _typed(type_: Type, follows: bytes) -> bytes:
    if isinstance(type_, Optional):
        return _typed(type_.item, follows)
    if isinstance(type_, Range):
        low, high = len(str(abs(type_.low))), len(str(abs(type_.high)))
        sign = b"-?" if type_.low < 0 else b""
        least = low if type_.low > 0 else 1
        return (
            sign + b"[0-9]{%d}" % least
            if least == high
            else sign
            + b"[0-9]{%d,%d}"
            % (
                min(least, high),
                max(low, high),
            )
        )
    if type_ == INT:
        return b"-?[0-9]{1,%d}" % DIGITS
    if type_ == FLOAT:
        return b"-?[0-9]{1,%d}(?:\\.[0-9]{1,%d})?(?:e[-+]?[0-9]{1,3})?" % (DIGITS, DIGITS)
    if type_ == Basic("bool"):
        return b"true|false"
    if isinstance(type_, Enum):
        return b"|".join(_escaped(name.encode()) for name in sorted(type_.members, key=len)[::-1])
    excluded = bytes(dict.fromkeys(follows + (b"" if type_ == BYTES else b"\r\n")))
    if not excluded:
        return b".*"
    return b"[^" + _escaped(excluded) + b"]*"


def reader(slot: Slot) -> str:
    """The function that reads a field's bytes, as Python.

    A text whose own regular expression does not name CR or LF holds neither.
    """
    found, type_ = _reader(slot.param.type), slot.param.type
    if isinstance(type_, Range) and slot.regex is None:
        every = type_.low == 0 and not str(type_.high).strip("9")  # all that so many digits are
        return "int" if every else found
    if found != "text" or slot.regex is None or re.search(r"\\[rn]|[\r\n]", slot.regex):
        return found
    return "one_line" if letters(without_groups(slot.regex)).every & _LINE_ENDS else found


def read(slot: Slot, shown: str) -> str:
    """The value of a field, of the bytes of its group."""
    found = reader(slot)
    if found == "octets":
        return shown
    if found == "text":
        return f"{shown}.decode()"
    name, _, args = found.partition("(")
    return f"{name}({shown}, {args}" if args else f"{name}({shown})"


READERS = ("between", "float", "int", "member", "one_line", "truth")
"""What is called to read a field."""


def may_lack(message: Message, slot: Slot) -> bool:
    """Whether it stands in an optional group."""
    assert isinstance(message.pattern, Text)
    return slot not in message.pattern.parts


def raw(regex: bytes) -> str:
    """A regular expression as a raw literal where it can be one."""
    shown = regex.decode("latin-1")
    if regex.isascii() and '"' not in shown and shown.isprintable() and not shown.endswith("\\"):
        return f'rb"{shown}"' if "\\" in shown else f'b"{shown}"'
    return literal(regex)


def _reader(type_: Type) -> str:
    if isinstance(type_, Optional):
        return _reader(type_.item)
    if isinstance(type_, Range):
        return f"between({type_.low}, {type_.high})"
    if isinstance(type_, Enum):
        return f"member({', '.join(map(literal, type_.members))})"
    named = {"int": "int", "float": "float", "bytes": "octets", "bool": "truth"}
    return named.get(str(type_), "text")


def absent(type_: Type) -> str:
    """What stands for a field whose group is not there."""
    if isinstance(type_, Optional):
        return "None"
    named = {"bytes": 'b""', "int": "0", "float": "0.0", "bool": "False"}
    return named.get(str(type_), '""')


def begins(message: Message) -> bytes:
    """What every frame of the message begins with, its ASCII case aside."""
    assert isinstance(message.pattern, Text)
    found = ""
    for part in message.pattern.parts:
        if not isinstance(part, Words):
            break
        found += part.text
    return found.upper().encode() if found.isascii() else b""


def slots(message: Message) -> list[Slot | Repeat]:
    """The fields' places, in the order in which they stand in the pattern."""
    assert isinstance(message.pattern, Text)
    found: list[Slot | Repeat] = []

    def collect(parts: tuple[Part, ...]) -> None:
        for part in parts:
            if isinstance(part, Slot | Repeat):
                found.append(part)
            elif isinstance(part, Group):
                collect(part.parts)

    collect(message.pattern.parts)
    return found


def frame(message: Message, values: tuple[object, ...]) -> bytes | None:
    """The frame of constant values, or None if it would not parse back."""
    assert isinstance(message.pattern, Text)
    if any(isinstance(part, Repeat) for part in message.pattern.parts):
        return None
    named = {param.name: value for param, value in zip(message.params, values, strict=True)}
    printed = _frame(message.pattern.parts, named)
    match = re.fullmatch(regex(message), printed, re.DOTALL)
    if match is None:
        return None
    places = slots(message)
    expected = [_bytes(named[slot.param.name]) for slot in places]
    found = [group or b"" for group in match.groups()]
    held = all(_holds(slot, named[slot.param.name]) for slot in places)
    return printed if held and found == expected else None


def _holds(slot: Slot | Repeat, value: object) -> bool:
    """Whether the field's reader takes the value, which its regular expression does."""
    type_ = slot.param.type.item if isinstance(slot.param.type, Optional) else slot.param.type
    if isinstance(type_, Range) and isinstance(value, int):
        return type_.low <= value <= type_.high
    return (
        isinstance(slot, Repeat)
        or reader(slot) != "one_line"
        or not re.search(r"[\r\n]", str(value))
    )


def _frame(parts: tuple[Part, ...], values: dict[str, object]) -> bytes:
    printed = b""
    for part in parts:
        if isinstance(part, Words):
            printed += part.text.encode()
        elif isinstance(part, Slot):
            printed += _bytes(values[part.param.name])
        elif isinstance(part, Group):
            printed += _frame(part.parts, values) if _is_there(part, values) else b""
    return printed


def _is_there(group: Group, values: dict[str, object]) -> bool:
    """Whether a group is printed: all that may be none is there, or else anything is."""
    params = optional(group)
    if params:
        return all(values[param.name] is not None for param in params)
    return any(values[param.name] not in (None, "", b"") for param in fields_within(group))


def fields_within(group: Group) -> list[Param]:
    """Its fields, and those of the groups in it."""
    found: list[Param] = []
    for part in group.parts:
        if isinstance(part, Slot):
            found.append(part.param)
        elif isinstance(part, Group):
            found += fields_within(part)
    return found


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if value is None:
        return b""
    if isinstance(value, bool):
        return b"true" if value else b"false"
    return str(value).encode()


def optional(group: Group) -> list[Param]:
    """Its fields that may be none."""
    params = [part.param for part in group.parts if isinstance(part, Slot)]
    return [param for param in params if isinstance(param.type, Optional)]


def printed_field(param: Param, name: str = "") -> str:
    """A field as bytes; `name` if its value is called otherwise."""
    name = name or param.name
    type_ = param.type.item if isinstance(param.type, Optional) else param.type
    if type_ == BYTES:
        return name
    if type_ == Basic("bool"):
        return f'(b"true" if {name} else b"false")'
    if type_ == INT or isinstance(type_, Range):
        return f'b"%d" % {name}'
    if type_ == FLOAT:
        return f"str({name}).encode()"
    return f"{name}.encode()"
