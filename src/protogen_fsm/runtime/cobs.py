"""Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999): bytes without a zero."""

from __future__ import annotations

FULL = 254  # bytes of a group without a zero; its code says that no zero follows


class Cobs:
    """The codec of a message `(payload: bytes)`, whose frames hold no zero byte."""

    @staticmethod
    def encode(payload: bytes) -> bytes:
        """The frame, without the zero behind it."""
        out = bytearray()
        *groups, last = payload.split(b"\0")
        for group in groups:
            _put(out, group, len(group) // FULL)
        _put(out, last, max(len(last) - 1, 0) // FULL)
        return bytes(out)

    @staticmethod
    def decode(frame: bytes) -> dict[str, bytes]:
        """The payload; ValueError if the frame is none."""
        out, at, size = bytearray(), 0, len(frame)
        while True:
            code = frame[at] if at < size else 0
            end = at + code
            if not code or end > size:
                raise ValueError("a group without its end")
            out += frame[at + 1 : end]
            if end == size:
                return {"payload": bytes(out)}
            if code <= FULL:
                out.append(0)
            at = end


def _put(out: bytearray, group: bytes, full: int) -> None:
    """Adds so many full groups, and what is left as one."""
    for at in range(0, full * FULL, FULL):
        out.append(FULL + 1)
        out += group[at : at + FULL]
    rest = group[full * FULL :]
    out.append(len(rest) + 1)
    out += rest
