"""Values that machines hand about: outcomes, records, and the functions of the language."""

from __future__ import annotations

from os import urandom

from .errors import LocalProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

LONG = 2048  # bytes that are a number no more when they are xored
EVERY = bytes(range(256))
_tables: dict[int, bytes] = {}  # what becomes of every byte, by the byte of the key


class Record:
    """A value made of named fields, those of its `__slots__`, in order."""

    __slots__: tuple[str, ...] = ()

    def _fields(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record) or type(other) is not type(self):
            return NotImplemented
        return self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash(self._fields())

    def __repr__(self) -> str:
        fields = (f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{type(self).__name__}({', '.join(fields)})"


class Outcome(Record):
    """An answer that a handler may give; the spec says what the machine does for it."""

    __slots__ = ()


def number(text: str | list[str], word: str) -> int:
    """The decimal number behind `word`, whatever its ASCII case; 0 where there is none.

    In a list, that of the first text that has one.
    """
    if not isinstance(text, str):
        return next((found for found in (number(one, word) for one in text) if found), 0)
    at = text.upper().find(word.upper()) if text else -1
    if at < 0:
        return 0
    begin = end = at + len(word)
    while end < len(text) and end - begin < 20 and "0" <= text[end] <= "9":
        end += 1
    return int(text[begin:end] or "0")


def lines(texts: list[str]) -> bytes:
    """The texts as lines, CR LF behind each.

    Raises LocalProtocolError for one that holds a line end: it would be more than one line.
    """
    joined = "".join([text + "\r\n" for text in texts])
    if joined.count("\r") != len(texts) or joined.count("\n") != len(texts):
        raise LocalProtocolError("a line end stands within a line")
    return joined.encode()


def matches(text: str | bytes, regex: str) -> bool:
    """Whether the regular expression matches the whole text; of bytes each is a letter."""
    match = _matchers.get(regex)
    if match is None:
        import re

        match = _matchers[regex] = re.compile(regex, re.DOTALL).fullmatch
    return match(text if isinstance(text, str) else text.decode("latin-1")) is not None


_matchers: dict[str, Callable[[str], object]] = {}  # a spec has few, and all are constants


def whole(text: str | bytes, base: int) -> int:
    """The number that digits of a base from 2 to 36 are: no sign, no space, at most 64 digits.

    Raises ValueError for anything else, which undoes the step.
    """
    if isinstance(text, bytes):
        text = text.decode("ascii")
    if len(text) > 64 or not (text.isascii() and text.isalnum()):
        raise ValueError(f"{text[:80]!r} is no number of base {base}")
    return int("0" + text, base)  # else `0x10` would have a prefix


def dotted(body: bytes) -> bytes:
    """A body as it goes over the wire: dots that begin a line doubled, a lone dot at the end.

    RFC 5321, section 4.5.2. A last line without an end gets one.
    """
    if body.startswith(b"."):
        body = b"." + body
    body = body.replace(b"\r\n.", b"\r\n..")
    return body + (b".\r\n" if body.endswith(b"\r\n") or not body else b"\r\n.\r\n")


def xor(data: bytes, key: bytes) -> bytes:
    """Each byte of the data with that of the key below it, the key repeated as often as needed.

    RFC 6455, section 5.3, masks so. Without a key the data is as it was.
    """
    size = len(data)
    if not key or not size:
        return data
    if size > LONG and len(key) < size >> 8:
        return _by_columns(data, key)
    repeated = (key * (size // len(key) + 1))[:size]
    mixed = int.from_bytes(data, "little") ^ int.from_bytes(repeated, "little")
    return mixed.to_bytes(size, "little")


def _by_columns(data: bytes, key: bytes) -> bytes:
    """What one byte of the key is for is translated at once; of much data twice as fast."""
    mixed, width = bytearray(data), len(key)
    for at, byte in enumerate(key):
        if byte:
            table = _tables.get(byte)
            if table is None:
                table = _tables[byte] = xor(EVERY, bytes((byte,)))
            mixed[at::width] = mixed[at::width].translate(table)
    return bytes(mixed)


def utf8(data: bytes) -> int:
    """How many bytes of the data, from the first on, are whole characters of UTF-8.

    All of them, or all but what may be the beginning of one more; -1 where nothing that follows
    could make text of it.
    """
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start if error.reason == "unexpected end of data" else -1
    return len(data)


def sha1(data: bytes) -> bytes:
    """The SHA-1 digest, 20 bytes (RFC 3174): for protocols that ask for it, not for secrets."""
    from hashlib import sha1 as digest

    return digest(data, usedforsecurity=False).digest()


def base64(data: bytes) -> bytes:
    """The data in base 64, with its padding and in one line (RFC 4648, section 4)."""
    from binascii import b2a_base64

    return b2a_base64(data, newline=False)


def random(count: int) -> bytes:
    """So many bytes that nobody can foresee."""
    return urandom(count)


def attributes(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """What gives the attributes of these names, in one call."""
    from operator import attrgetter

    if len(names) > 1:
        return attrgetter(*names)
    return lambda machine: tuple([getattr(machine, name) for name in names])
