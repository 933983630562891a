"""Text messages as Python: a regular expression to read each, a function to print it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from protogen_fsm.backends.python import layout
from protogen_fsm.backends.python.expressions import literal
from protogen_fsm.model.messages import Group, Repeat, Skipped, Slot, Text, Words
from protogen_fsm.model.types import BYTES, FLOAT, INT, Basic, Enum, ListOf, Optional, Range, Struct

if TYPE_CHECKING:
    from protogen_fsm.model.messages import Message, Part
    from protogen_fsm.model.types import Param, Type

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
        follows = _first(behind, after)
        if isinstance(part, Slot) and part.param.type == BYTES and not after:
            follows = b"" if all(isinstance(one, Words) for one in behind) else follows
        if isinstance(part, Words):
            printed += _words(part)
        elif isinstance(part, Slot):
            printed += b"(" + _slot(part, follows) + b")"
        elif isinstance(part, Skipped):
            printed += b"(?:" + without_groups(part.regex) + b")"
        elif isinstance(part, Repeat):
            printed += b"((?>" + without_groups(_item_regex(part, follows).decode()) + b")*+)"
        else:
            inner = _parts(part.parts, follows)
            grouped = len(part.parts) == 1 and isinstance(part.parts[0], Skipped)
            printed += (inner if grouped else b"(?:" + inner + b")") + b"?"
    return printed


def _item_regex(repeat: Repeat, follows: bytes) -> bytes:
    """What one item matches, a group for each of its fields.

    Each item takes all that it can, and is never asked to give any of it back: so one pass over
    what is repeated finds the same items as matching the whole frame did.
    """
    return _parts(repeat.parts, _first(repeat.parts, b"") + follows)


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


def _first(parts: tuple[Part, ...], after: bytes) -> bytes:
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
        found += _first(part.parts, b"")
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
    found = _reader(slot.param.type)
    if found == "text" and slot.regex is not None and not re.search(r"\\[rn]|[\r\n]", slot.regex):
        return "one_line"
    return found


def each(message: Message, repeat: Repeat) -> list[str]:
    """What the runtime is told of a list: what an item is, and what is made of it."""
    assert isinstance(message.pattern, Text)
    parts = message.pattern.parts
    follows = _first(parts[parts.index(repeat) + 1 :], b"")
    places, item = repeat.slots(), _item(repeat)
    names = [slot.param.name for slot in places]
    fields = item.fields if isinstance(item, Struct) else ()
    if fields and names == [
        one.name for one in fields if one.type == BYTES and len(names) == len(fields)
    ]:
        return [raw(_item_regex(repeat, follows)), str(item), *map(literal, names)]
    values = {name: _read(slot, name) for name, slot in zip(names, places, strict=True)}
    made = values[names[0]]
    if isinstance(item, Struct):
        made = layout.made(item.name, [values[field.name] for field in item.fields])
    return [raw(_item_regex(repeat, follows)), f"lambda {', '.join(names)}: {made}"]


def _item(repeat: Repeat) -> Type:
    assert isinstance(repeat.param.type, ListOf)
    return repeat.param.type.item


def _read(slot: Slot, name: str) -> str:
    read = reader(slot)
    return name if read == "octets" else f"{read}({name})"


def raw(regex: bytes) -> str:
    """A regular expression as a raw literal where it can be one."""
    shown = regex.decode("latin-1")
    if regex.isascii() and '"' not in shown and shown.isprintable() and not shown.endswith("\\"):
        return f'rb"{shown}"' if "\\" in shown else f'b"{shown}"'
    return literal(regex)


def runtime_names(slot: Slot | Repeat) -> set[str]:
    """What the runtime has of its reader."""
    if isinstance(slot, Slot):
        return {reader(slot).partition("(")[0]}
    within = {reader(one).partition("(")[0] for one in slot.slots()}
    return {"Each"} | within - {"octets", "int", "float"}


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
    """What `_there` says in Python."""
    optional = _optional(group)
    if optional:
        return all(values[param.name] is not None for param in optional)
    return any(values[param.name] not in (None, "", b"") for param in _within(group))


def _within(group: Group) -> list[Param]:
    found: list[Param] = []
    for part in group.parts:
        if isinstance(part, Slot):
            found.append(part.param)
        elif isinstance(part, Group):
            found += _within(part)
    return found


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if value is None:
        return b""
    if isinstance(value, bool):
        return b"true" if value else b"false"
    return str(value).encode()


def encoder(message: Message) -> list[str]:
    """The body of the function that prints a message, the frame's proof included."""
    assert isinstance(message.pattern, Text)
    frame = "frame"
    while any(param.name == frame for param in message.params):
        frame += "_"
    lines: list[str] = []
    _encode(message.pattern.parts, lines, "", frame)
    return lines


def _encode(parts: tuple[Part, ...], lines: list[str], margin: str, frame: str) -> None:
    """Runs of words and fields are one expression; an optional group is an `if` of its own."""
    run: list[str] = []

    def flush() -> None:
        if run or not lines:
            op = "+=" if lines else "="
            lines.append(f"{margin}{frame} {op} {' + '.join(run) or 'b' + chr(34) * 2}")
            run.clear()

    for part in parts:
        if isinstance(part, Words):
            run.append(literal(part.text.encode()))
        elif isinstance(part, Slot):
            shown = _printed(part.param)
            if isinstance(part.param.type, Optional) and not margin:
                shown = f'({shown} if {part.param.name} is not None else b"")'
            run.append(shown)
        elif isinstance(part, Repeat):
            if run:
                flush()
            op = "+=" if lines else "="
            lines += layout.call(f'{frame} {op} b"".join', [_items(part)])
        elif isinstance(part, Group) and _within(part):
            flush()
            lines.append(f"{margin}if {_there(part)}:")
            _encode(part.parts, lines, margin + "    ", frame)
    flush()


def _items(repeat: Repeat) -> str:
    """The items as they are printed."""
    name = "one" if repeat.param.name != "one" else "item"
    item = _item(repeat)
    run: list[str] = []
    for part in repeat.parts:
        if isinstance(part, Words):
            run.append(literal(part.text.encode()))
        elif isinstance(part, Slot):
            of = f"{name}.{part.param.name}" if isinstance(item, Struct) else name
            run.append(_printed(part.param, of))
    clauses = [" + ".join(run), f"for {name} in {repeat.param.name}"]
    return layout.comprehension(clauses)


def _there(group: Group) -> str:
    """Whether a group is printed: all that may be none is there, or else anything is."""
    optional = _optional(group)
    if optional:
        return " and ".join(f"{param.name} is not None" for param in optional)
    tests = [
        f"{param.name} is not None" if isinstance(param.type, Optional) else param.name
        for param in _within(group)
    ]
    return " or ".join(tests)


def _optional(group: Group) -> list[Param]:
    params = [part.param for part in group.parts if isinstance(part, Slot)]
    return [param for param in params if isinstance(param.type, Optional)]


def _printed(param: Param, name: str = "") -> str:
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
