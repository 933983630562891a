"""A stream of bytes, as a machine over it reads it: any frames, as its state cuts them.

What is on the way is not told apart: it is some octets, and they may be read as anything, in any
number of frames. What is certain is how the state reads: that nothing is read where a machine reads
nothing, and what can be too long, or cut off by the end of the stream.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from protogen_fsm.model import moves as mv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.model import machine as mc
    from protogen_fsm.verify.local import Local


class Read(NamedTuple):
    """What becomes of octets: `event` or "" for none, and whether there may be `more` of them."""

    words: str
    event: str
    more: bool


def reading(local: Local) -> mc.Reading | None:
    """How a machine over bytes cuts the stream where it is; None before it has begun."""
    for _, leaf in reversed(local.where):
        for state in mv.within(leaf):
            if state.reads is not None:
                return state.reads
    return None


def reads(how: mc.Reading | None) -> Iterator[Read]:
    """What may be read of octets that are on the way; nothing where they must wait."""
    if how is None or how.kind == "nothing":
        return
    if how.kind != "rest":
        yield Read("it is read as a frame", "frame", True)
    if _has_a_limit(how):
        yield Read("it is too long to be taken", "malformed", True)
    yield Read("that is all, for now", "", False)


def reads_at_the_end(how: mc.Reading | None) -> Iterator[Read]:
    """What may be read when the stream ends, before that is told."""
    if how is None or how.kind in ("nothing", "chunk"):
        return
    if how.kind == "rest":
        yield Read("it is all there is", "frame", True)
        return
    yield Read("it ends within a frame", "malformed", True)


def _has_a_limit(how: mc.Reading) -> bool:
    """Whether a frame may be too long, or have an end that is wrong, before it is whole."""
    return how.kind in ("line", "until", "block", "varint") or "max" in how.args
