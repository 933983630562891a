"""Numbers of a stream, and frames that begin with their length."""

from __future__ import annotations

from .binary import varint
from .errors import LocalProtocolError
from .readings import SHOWN, Reading
from .stream import ALL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from .stream import StreamMachine

CODES = {
    "u8": "B",
    "u16": ">H",
    "u32": ">I",
    "u64": ">Q",
    "u16le": "<H",
    "u32le": "<I",
    "u64le": "<Q",
}
LONGEST = 10  # bytes of a varint of 64 bits, seven in each


def shape(layout: str) -> tuple[int, Literal["big", "little"]]:
    """Of how many bytes `u8` … `u64le` are, and which stands first."""
    return int(layout[1:].removesuffix("le")) // 8, "little" if layout.endswith("le") else "big"


def packed(value: int, layout: str) -> bytes:
    """A number as bytes of that layout, `u8` … `u64le` or `varint`.

    Raises LocalProtocolError where it does not fit.
    """
    try:
        if layout != "varint":
            return value.to_bytes(*shape(layout))
        if 0 <= value < 1 << 64:
            return varint(value)
    except OverflowError:
        pass
    raise LocalProtocolError(f"{value} does not fit into {layout}")


def unpacked(data: bytes, layout: str) -> int:
    """The number that bytes of that layout are; raises ValueError if they are none."""
    if layout == "varint":
        stop, value = varint_at(data, 0)
        if stop == len(data) and value >= 0:
            return value
    else:
        width, order = shape(layout)
        if len(data) == width:
            return int.from_bytes(data, order)
    raise ValueError(f"{data[:SHOWN]!r} is no {layout}")


def varint_at(data: bytes | bytearray, at: int) -> tuple[int, int]:
    """Where the varint at that place ends, 0 if it does not yet; and its value.

    The value is -1 where it is of more than 64 bits, or of more bytes than it need be.
    """
    value = 0
    for place, byte in enumerate(data[at : at + LONGEST]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return at + place + 1, value if (byte or not place) and value < 1 << 64 else -1
    return (0, 0) if len(data) - at < LONGEST else (at + LONGEST, -1)


def unpacker(layout: str) -> Callable[[bytes | bytearray, int], tuple[int, ...]]:
    """What gives the number of a layout at a place of bytes that are enough, in a tuple."""
    from struct import Struct

    if layout in CODES:
        return Struct(CODES[layout]).unpack_from
    width, order = shape("u8" if layout == "varint" else layout)
    return lambda data, at: (int.from_bytes(data[at : at + width], order),)


class Varint(Reading):
    """The bytes of a number in groups of seven bits, the lowest first; at most `max`."""

    __slots__ = ("max",)

    def __init__(self, max: int) -> None:
        self.max = max

    def cut(self, machine: StreamMachine, data: bytes) -> None:
        at = machine._at
        begun = b"" if machine._rest is None else bytes(machine._rest)
        whole = begun + data[at : at + LONGEST]
        stop, value = varint_at(whole, 0)
        if not stop:
            machine._rest = bytearray(whole)
            machine._at = len(data)
            return
        machine._rest = None
        machine._at = at + stop - len(begun)
        frame = whole[:stop]
        if 0 <= value <= self.max:
            machine.data(frame)
            return
        if frame[-1] >= 0x80:  # nobody can say where it ends
            machine._skips = ALL
        machine.malformed(frame, "too long" if value >= 0 else "bad value")


class Counted(Reading):
    """What stands behind its length, of `max` bytes at most.

    The length counts itself, and all else that is no part of the frame, as `header`. Of a frame
    that is too long only the length is told, at once, and its bytes are skipped; where there is no
    length at all, all to the end of the stream is.
    """

    __slots__ = ("header", "layout", "max", "unpack", "width")

    def __init__(self, layout: str, max: int, header: int = 0) -> None:
        self.layout, self.max, self.header = layout, max, header
        self.width = 1 if layout == "varint" else shape(layout)[0]
        self.unpack = unpacker(layout)

    def __reduce__(self) -> tuple[object, ...]:
        return counted, (self.layout, self.max, self.header)

    def cut(self, machine: StreamMachine, data: bytes) -> None:
        if machine._rest is not None:
            self._go_on(machine, machine._rest, data)
            return
        at, size, width, unpack = machine._at, len(data), self.width, self.unpack
        longest, header, give = self.max, self.header, machine._giver()
        last, told = size - width, None
        machine._turn = False
        try:
            while at <= last:
                begin = at + width
                end = begin + unpack(data, at)[0] - header
                if not begin <= end <= size or end - begin > longest:
                    break
                at = end
                if (told := give(data[begin:end])) is not None or machine._turn:
                    break
        finally:
            machine._at = at
        if told is not None:
            machine._hold(told)
        if not machine._turn:
            self._begin(machine, data)

    def _begin(self, machine: StreamMachine, data: bytes) -> None:
        """Keeps what has come of a frame that is not whole, unless its length is wrong."""
        at = machine._at
        stop, length = self._length(data, at)
        if stop and not 0 <= length <= self.max:
            machine._at = stop
            self._fault(machine, data[at:stop], length)
        elif at < len(data):
            machine._rest = bytearray(data[at:])
            machine._at = len(data)

    def _go_on(self, machine: StreamMachine, rest: bytearray, data: bytes) -> None:
        at, size = machine._at, len(data)
        begin, length = self._length(rest, 0)
        while not begin and at < size:
            rest.append(data[at])
            at += 1
            begin, length = self._length(rest, 0)
        machine._at = at
        if not begin:
            return
        if not 0 <= length <= self.max:
            machine._rest = None
            self._fault(machine, bytes(rest), length)
            return
        stop = at + begin + length - len(rest)
        if stop > size:
            rest += data[at:] if at else data
            machine._at = size
            return
        machine._rest = None
        machine._at = stop
        machine.data(bytes(rest[begin:]) + data[at:stop])

    def _length(self, data: bytes | bytearray, at: int) -> tuple[int, int]:
        """Where the length at that place ends, 0 if it does not yet; and its value."""
        stop = at + self.width
        return (stop, self.unpack(data, at)[0] - self.header) if stop <= len(data) else (0, 0)

    def _fault(self, machine: StreamMachine, head: bytes, length: int) -> None:
        machine._skips = length if length >= 0 else ALL
        machine.malformed(head, "too long" if length >= 0 else "bad value")


class CountedVarint(Counted):
    """What stands behind its length, a varint."""

    __slots__ = ()

    def __init__(self, max: int, header: int = 0) -> None:
        super().__init__("varint", max, header)

    def cut(self, machine: StreamMachine, data: bytes) -> None:
        if machine._rest is not None:
            self._go_on(machine, machine._rest, data)
            return
        at, size, give = machine._at, len(data), machine.data
        machine._turn = False
        try:
            while not machine._turn:
                begin, length = self._length(data, at)
                end = begin + length
                if not begin or not 0 <= length <= self.max or end > size:
                    break
                at = end
                give(data[begin:end])
        finally:
            machine._at = at
        if not machine._turn:
            self._begin(machine, data)

    def _length(self, data: bytes | bytearray, at: int) -> tuple[int, int]:
        stop, length = varint_at(data, at)
        return stop, length - self.header if length >= 0 else -1


def counted(layout: str, max: int, header: int = 0) -> Counted:
    """What stands behind its length, which lies so: `u8` … `u64le`, `varint`."""
    return CountedVarint(max, header) if layout == "varint" else Counted(layout, max, header)
