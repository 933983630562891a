"""The names that generated code gives to what the spec names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model.types import Basic, Enum, ListOf, Optional, Range, Struct

if TYPE_CHECKING:
    from protogen_fsm.model.machine import Match, Outcome
    from protogen_fsm.model.types import Type

TIMEOUT = "timeout"
"""What handlers and steps call the state's own time-out: `do_READY_timeout`."""


RUNTIME = frozenset(
    (
        "_being_read",
        "_check_empty",
        "_finish_stream",
        "_hand",
        "_is_begun",
        "_is_idle",
        "_is_stepping",
        "_next_due",
        "_pass_on",
        "_put_off",
        "_queue_up",
        "_read_again",
        "_read_on",
        "_receive_eof",
        "_return_to",
        "_skip_all",
        "_start_tls",
        "_takes_failed",
        "_told_behind",
    )
)
"""Members of the runtime's classes that are called as a state with an event might be."""


def camel(name: str) -> str:
    """`no_such_user` as a class: `NoSuchUser`."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_")) or name


def outcome(one: Outcome) -> str:
    """The class of an outcome."""
    return camel(one.name)


def annotation(type_: Type, prefix: str = "") -> str:
    """A type as it is written in an annotation; `prefix` stands before the module's own names."""
    if isinstance(type_, Basic):
        return {"none": "None", "nothing": "object"}.get(type_.name, type_.name)
    if isinstance(type_, Range):
        return "int"
    if isinstance(type_, ListOf):
        return f"list[{annotation(type_.item, prefix)}]"
    if isinstance(type_, Optional):
        return f"{annotation(type_.item, prefix)} | None"
    if isinstance(type_, Enum):
        return "str"
    assert isinstance(type_, Struct)
    return prefix + type_.name


def event_key(match: Match) -> str:
    """What a handler's name calls a row's event: `NOOP`, `250`, `4xx`, `default`, `timeout`."""
    if match.is_any:
        return "default"
    if match.event is None:
        return TIMEOUT
    return match.value or match.event.name


def unique(name: str, taken: set[str]) -> str:
    """The name, or the name with a number behind it, that is not taken yet; takes it."""
    found, count = name, 1
    while found in taken:
        count += 1
        found = f"{name}_{count}"
    taken.add(found)
    return found
