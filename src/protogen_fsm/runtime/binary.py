"""Binary messages, and those of codecs: what generated decoders and encoders share."""

from __future__ import annotations

from .errors import LocalProtocolError
from .patterns import Pattern, Received

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

BAD = (ValueError, LookupError, ArithmeticError)
"""What a decoder may raise of a frame with a value that its field cannot hold."""


class Decoder:
    """One message that is not text: its name, and the function that decodes a frame.

    `decode` gives the values of the fields, or None if the frame is no such message; it raises
    ValueError if it is one, with a value that its field cannot hold. `begins` is what every frame
    of the message begins with, in those bits that `mask` has (all of them where it is empty).
    """

    __slots__ = ("begins", "decode", "mask", "message")

    def __init__(
        self,
        message: str,
        decode: Callable[[bytes], tuple[Any, ...] | None],
        begins: bytes = b"",
        mask: bytes = b"",
    ) -> None:
        self.message, self.decode = message, decode
        self.begins, self.mask = begins, mask


class AnyOf(Received):
    """The messages that a state receives, where not all of them are text.

    A table says which a frame can be: by its first bytes if each message begins with constants,
    else by its first byte. Of those that it can be the first that fits is taken.
    """

    __slots__ = ("_by_begin", "_others", "_size")

    def __init__(self, *messages: Decoder | Pattern) -> None:
        self._size = max(1, min((_constant(one) for one in messages), default=1))
        starts = [_starts(one, self._size) for one in messages]
        told = dict.fromkeys(start for own in starts for start in own)
        table: dict[bytes, list[tuple[str, Any]]] = {start: [] for start in told}
        others: list[tuple[str, Any]] = []
        for one, own in zip(messages, starts, strict=True):
            for start in own or table:
                table[start].append((one.message, one.decode))
            if not own:
                others.append((one.message, one.decode))
        self._by_begin = {start: tuple(found) for start, found in table.items()}
        self._others = tuple(others)

    def event(self, frame: bytes) -> tuple[str, tuple[Any, ...]]:
        """The event that a frame is: a message and its values, or `malformed` and why."""
        reason = "no message"
        for message, decode in self._by_begin.get(frame[: self._size], self._others):
            try:
                values = decode(frame)
            except BAD:
                reason = "bad value"
                continue
            if values is not None:
                return message, values
        return "malformed", (frame, reason)


def _constant(one: Decoder | Pattern) -> int:
    """How many bytes every frame of the message begins with, all their bits known."""
    return 0 if isinstance(one, Pattern) or one.mask else len(one.begins)


def _starts(one: Decoder | Pattern, size: int) -> list[bytes]:
    """The first bytes that a frame of the message can have; none if it can have any."""
    begins = one.begins[:size]
    if isinstance(one, Pattern):
        return sorted({begins.upper(), begins.lower()} - {b""})
    if size > 1 or not (begins and one.mask):
        return [begins] if begins else []
    return [bytes([byte]) for byte in range(256) if byte & one.mask[0] == begins[0]]


def unprintable(message: str, field: str, value: object, why: str) -> LocalProtocolError:
    """What to raise for a value with which a message would not parse back."""
    return LocalProtocolError(f"{message}: {field} {why}: {value!r:.100}")


def varint(value: int) -> bytes:
    """A number of 0 or more in groups of 7 bits, the lowest first, as few of them as can be."""
    if value < 128:
        return bytes((value,))
    octets = bytearray()
    while value > 127:
        octets.append(value & 127 | 128)
        value >>= 7
    octets.append(value)
    return bytes(octets)


def read_varint(frame: bytes, at: int, most: int) -> tuple[int, int]:
    """The number that stands at `at`, and where it ends: behind the frame if it is cut off.

    Raises ValueError if it is more than `most`, or stands in more bytes than it needs.
    """
    if at < len(frame) and frame[at] < 128 and frame[at] <= most:
        return frame[at], at + 1
    value = shift = 0
    for place in range(at, len(frame)):
        byte = frame[place]
        value |= (byte & 127) << shift
        if value > most or (not byte and shift):
            raise ValueError("a varint over its bound, or longer than it need be")
        if byte < 128:
            return value, place + 1
        shift += 7
        if not most >> shift:
            raise ValueError("a varint over its bound")
    return 0, len(frame) + 1


def is_float(value: float, bits: int, exactly: bool = True) -> bool:
    """Whether a float of so many bits can hold the number; if not `exactly`, rounded."""
    from struct import pack, unpack

    code = ">f" if bits == 32 else ">d"
    try:
        (held,) = unpack(code, pack(code, value))
    except OverflowError:
        return False
    return not exactly or held == value or value != value


class Codec:
    """The codec of a message, `package.module:Name`, that is somebody else's code.

    It is an object, or a class that is instantiated once, with `decode(frame)`, which gives a
    mapping of the fields by name or raises ValueError, and `encode(**fields)`, which gives the
    frame or raises ValueError. Its module is imported with the first frame: so it may itself
    import the generated module.
    """

    __slots__ = ("_codec", "fields", "message", "name", "package")

    def __init__(self, message: str, path: str, fields: tuple[str, ...]) -> None:
        self.message, self.fields = message, fields
        self.package, _, self.name = path.partition(":")
        self._codec: Any = None

    def _found(self) -> Any:
        if self._codec is None:
            from importlib import import_module

            codec = getattr(import_module(self.package), self.name)
            self._codec = codec() if isinstance(codec, type) else codec
        return self._codec

    def decode(self, frame: bytes) -> tuple[Any, ...]:
        """The values of the fields; ValueError if the frame is no such message.

        What decoders raise where bytes are missing (IndexError, EOFError, struct.error) means
        the same. TypeError if the codec gives something else than the message's fields.
        """
        import struct

        try:
            values = self._found().decode(frame)
        except (*BAD, EOFError, struct.error) as error:
            raise ValueError(f"{self.message}: {error}") from error
        try:
            found = tuple([values[name] for name in self.fields])
        except (TypeError, KeyError) as error:
            path = f"{self.package}:{self.name}"
            raise TypeError(
                f"{path} gave no {error} for {self.message}: {values!r:.100}"
            ) from error
        return found

    def encode(self, **fields: object) -> bytes:
        """The frame; LocalProtocolError if the codec refuses the values."""
        try:
            frame: bytes = self._found().encode(**fields)
        except ValueError as error:
            raise LocalProtocolError(f"{self.message} would not parse back: {error}") from error
        return frame

    def prove(
        self,
        frame: bytes,
        decode: Callable[[bytes], tuple[Any, ...] | None],
        values: tuple[object, ...],
    ) -> None:
        """Raises LocalProtocolError if the frame does not parse back to the values."""
        try:
            if decode(frame) == values:
                return
        except BAD:
            pass
        shown = ", ".join(repr(value) for value in values)
        raise LocalProtocolError(f"{self.message}({shown:.200}) would not parse back")
