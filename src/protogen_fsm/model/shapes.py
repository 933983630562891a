"""What something of a model is, whatever its place in the text and the words that explain it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from protogen_fsm.model.messages import Message

_ASIDE = {"span", "name_span", "doc"}


def shape(thing: Any, within: tuple[int, ...] = ()) -> Any:
    """A value that is equal for two things that are alike; what holds itself is cut there."""
    if id(thing) in within:
        return "itself"
    if isinstance(thing, tuple | list):
        return tuple(shape(one, within) for one in thing)
    if isinstance(thing, dict):
        return tuple((key, shape(one, within)) for key, one in thing.items())
    if is_dataclass(thing):
        parts = [one.name for one in fields(thing) if one.init and one.name not in _ASIDE]
        inner = (*within, id(thing))
        return type(thing).__name__, *(shape(getattr(thing, name), inner) for name in parts)
    return thing


@lru_cache(maxsize=4096)
def alike(left: Message, right: Message) -> bool:
    """Whether two messages are printed and read alike: one message, or that of another version."""
    return left is right or (shape(left.params), shape(left.pattern)) == (
        shape(right.params),
        shape(right.pattern),
    )
