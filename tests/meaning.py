"""What expressions and patterns mean, read slowly out of docs/language.md, sections 3 and 7."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import TYPE_CHECKING, Any, Literal

from protogen_fsm.model.messages import Group, Slot, Text, Words
from protogen_fsm.model.types import Enum, ListOf, Optional, Range, Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogen_fsm.model.messages import Message


class Failed(Exception):
    """A step came to nothing."""


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "%": lambda a, b: a % b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "in": lambda a, b: a in b,
    "not_in": lambda a, b: a not in b,
}


def number(text: Any, word: str) -> int:
    for one in [text] if isinstance(text, str) else text:
        _, found, rest = one.lower().partition(word.lower())
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        if found and (isinstance(text, str) or digits.strip("0")):
            return int(digits or "0")
    return 0


def dotted(body: bytes) -> bytes:
    lines = body.split(b"\r\n")
    if lines[-1] == b"":
        lines.pop()
    return (
        b"".join((b"." if one[:1] == b"." else b"") + one + b"\r\n" for one in [*lines]) + b".\r\n"
    )


def lines(texts: list[str]) -> bytes:
    if any("\r" in text or "\n" in text for text in texts):
        raise Failed("a line holds no line end")
    return "".join(text + "\r\n" for text in texts).encode()


def utf8(data: bytes) -> int:
    """Cuts a byte off the end until what is left is text; what was cut off begins a character."""
    for end in range(len(data), max(-1, len(data) - 4), -1):
        begun, ends = data[end:], ("", "80", "8080", "808080", "9080", "908080", "a080", "bf8080")
        try:
            data[:end].decode()
        except UnicodeDecodeError:
            continue
        for more in map(bytes.fromhex, ends):
            if not begun or _is_character(begun + more):
                return end
    return -1


def _is_character(data: bytes) -> bool:
    try:
        return len(data.decode()) == 1
    except UnicodeDecodeError:
        return False


class Unprintable(Failed):
    """A message that would not read back as it was meant."""


def text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.decode() if isinstance(value, bytes) else str(value)


def order(layout: str) -> tuple[int, Literal["little", "big"]]:
    """How many bytes a number of a layout such as `u16le` has, and which comes first."""
    return int(layout[1:].removesuffix("le")) // 8, "little" if layout.endswith("le") else "big"


def whole(value: Any, how: int | str = 10) -> int:
    if isinstance(how, str):
        if how == "varint":
            return sum((byte & 127) << 7 * at for at, byte in enumerate(value))
        size, first = order(how)
        if len(value) != size:
            raise Failed("not so many bytes")
        return int.from_bytes(value, first)
    if how == 10:
        return int(value)
    digits = value.decode() if isinstance(value, bytes) else value
    if not (digits.isascii() and digits.isalnum()):
        raise Failed("no digits")
    return int(digits, how)


def octets(value: Any, layout: str = "") -> bytes:
    if layout == "varint":
        rest, low = divmod(value, 128)
        return bytes([low + 128]) + octets(rest, layout) if rest else bytes([low])
    if layout:
        size, first = order(layout)
        return int(value).to_bytes(size, first)
    return value if isinstance(value, bytes) else str(value).encode()


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "size": len,
    "sum": sum,
    "min": min,
    "max": max,
    "str": text,
    "int": whole,
    "hex": lambda a: a.hex() if isinstance(a, bytes) else f"{a:x}",
    "bytes": octets,
    "lower": lambda a: a.lower(),
    "upper": lambda a: a.upper(),
    "strip": lambda a: a.strip(),
    "number": number,
    "join": lambda a, b: (alike(a[0], b)[1] if a else b).join(a),
    "split": lambda a, b: a.split(alike(a, b)[1]),
    "find": lambda a, b: a.find(alike(a, b)[1]),
    "replace": lambda a, b, c: a.replace(alike(a, b)[1], alike(a, c)[1]),
    "dotted": dotted,
    "xor": lambda a, key: bytes(b ^ key[i % len(key)] if key else b for i, b in enumerate(a)),
    "lines": lines,
    "utf8": utf8,
    "sha1": lambda a: hashlib.sha1(a).digest(),
    "base64": base64.b64encode,
    "random": os.urandom,
}


def alike(left: Any, right: Any) -> tuple[Any, Any]:
    if isinstance(left, bytes) and isinstance(right, str):
        return left, right.encode()
    if isinstance(right, bytes) and isinstance(left, str):
        return left.encode(), right
    return left, right


def nothing(type_: Any) -> Any:
    """What a variable is before it is set."""
    if isinstance(type_, ListOf):
        return []
    if isinstance(type_, Range):
        return 0
    if isinstance(type_, Optional):
        return None
    return {"str": "", "bytes": b"", "int": 0, "bool": False, "float": 0.0}.get(str(type_))


def sample(type_: Any, name: str) -> Any:
    """A value that a handler may put into an outcome."""
    if isinstance(type_, Optional):
        return None
    if isinstance(type_, ListOf):
        return [sample(type_.item, name)]
    if isinstance(type_, Enum):
        return type_.members[-1]
    if isinstance(type_, Struct):
        return {field.name: sample(field.type, field.name) for field in type_.fields}
    if isinstance(type_, Range):
        return type_.low
    given = {"str": f"a {name}", "bytes": name.encode(), "bool": True, "object": 1, "float": 1.5}
    return given.get(str(type_), len(name))


def printed(message: Message, args: list[Any]) -> bytes:
    """The frame of a text message; its values are such that it reads back."""
    assert isinstance(message.pattern, Text)
    named = zip((param.name for param in message.params), args, strict=True)
    return _printed(message.pattern.parts, dict(named))


def _printed(parts: tuple[Any, ...], values: dict[str, Any]) -> bytes:
    frame = b""
    for part in parts:
        if isinstance(part, Words):
            frame += part.text.encode()
        elif isinstance(part, Slot):
            value = str(values[part.param.name])
            if "\n" in value or "\r" in value:
                raise Unprintable("would not read back")
            frame += value.encode()
        elif isinstance(part, Group):
            inside = [p.param.name for p in part.parts if isinstance(p, Slot)]
            if any(values[name] for name in inside):
                frame += _printed(part.parts, values)
    return frame
