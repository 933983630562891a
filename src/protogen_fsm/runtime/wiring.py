"""Reflection, done once, when a class is made: which handler serves which row of the table.

docs/language.md, section 8: `do_<state>_<event>` for the innermost state, then for the states
around it, then `do_<event>`; a number before its classes; last `do_<state>_default`, `do_default`.
"""

from __future__ import annotations

from .reserved import refuse_taken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from .machine import Machine


class Row:
    """A row as the generated code calls it: `slot` is the attribute that it calls.

    `value` is the number or class it listens to (`250`, `4xx`), "" for an event of one name;
    `event` is `*` for the row that takes what no other does, and then `slot` takes the event's
    name first. `active` is the attribute that holds the innermost state: a region's, or `state`.
    """

    __slots__ = ("active", "event", "slot", "state", "value")

    def __init__(
        self, slot: str, state: str, event: str, value: str = "", region: str = ""
    ) -> None:
        self.slot, self.state, self.event, self.value = slot, state, event, value
        self.active = region or "state"


def wire_handlers(cls: type[Machine]) -> None:
    """Refuses handlers that nothing can ever call, and points each row's slot at its handler.

    Raises TypeError for a method that hides an event, for a name of the machine's own, and with the
    nearest name for a misspelt `do_…`, `enter_…`, `exit_…`, `emit_…`.
    """
    generated = generated_of(cls)
    if generated._paths:  # else it is a part of the runtime that has its say in all machines
        refuse_taken(cls, generated)
    mine: dict[str, Any] = {}
    for base in reversed(cls.__mro__[: cls.__mro__.index(generated)]):
        mine.update(vars(base))
    hidden = next(
        (
            name
            for name, value in mine.items()
            if cls._alphabet.get(name)
            and name in vars(generated)
            and not hasattr(value, "__wrapped__")  # one that wraps it takes the event, too
        ),
        None,
    )
    if hidden is not None:
        raise TypeError(
            f"{cls.__name__}.{hidden} hides the event {hidden} of {generated.__name__}; "
            f"what is done then is said by a handler, such as do_{hidden}"
        )
    names = [
        name
        for name, value in mine.items()
        if name.startswith(_MAY_BE_OURS) and not hasattr(value, "wired_by")
    ]
    _refuse_coroutines(cls, generated, mine)
    if not names:
        return
    known = _Names(generated)
    for name in names:
        if not known.can_call(name):
            raise TypeError(_misspelt(cls, name, known))
    handlers = {name for name in names if name.startswith("do_")}
    for row in generated._rows:
        if row.event == "*" or (row.event in cls._by and "x" in (row.value or "x")):
            _wire_by_value(cls, row, handlers)
        else:
            _wire_row(cls, row, handlers, known.inside.get(row.state, []))
    cls._movers = {
        (leaf, event): found
        for event, moves in moves_of(cls)
        for leaf in moves
        if (found := _find(cls._paths[leaf], event, "", handlers)) is not None
    }
    if any(name.startswith(("enter_", "exit_")) for name in names):
        from .hooks import install

        install(cls, generated)


_MAY_BE_OURS = "do_", "enter_", "exit_", "emit_"
_COROUTINE = 0x80  # inspect.CO_COROUTINE


def _refuse_coroutines(cls: type[Machine], generated: type[Machine], mine: dict[str, Any]) -> None:
    """A coroutine that answers a predicate would be true, whatever it came to."""
    for name, value in mine.items():
        code = getattr(value, "__code__", None)
        if code is None or not code.co_flags & _COROUTINE or name not in vars(generated):
            continue
        if not name.startswith((*_MAY_BE_OURS, "_")) and name not in cls._alphabet:
            raise TypeError(
                f"{cls.__name__}.{name} cannot take time: it is called within a step; "
                "what takes time is for a handler of a row with outcomes"
            )


class _Names:
    """The names that the states and events of a machine can call."""

    def __init__(self, cls: type[Machine]) -> None:
        self.by = cls._by
        self.inside: dict[str, list[str]] = {}  # to each state, the innermost ones that it holds
        for leaf, path in cls._paths.items():
            for state in path:
                self.inside.setdefault(state, []).append(leaf)
        self.emissions = [name for name in dir(cls) if name.startswith("emit_")]
        self.taken: dict[str, dict[str, None]] = {leaf: {} for leaf in cls._paths}
        self.values: dict[str, dict[str, None]] = {leaf: {} for leaf in cls._paths}
        faced = [event for event in cls._alphabet if event not in _NO_FACE]
        for row in cls._rows:
            for leaf in self.inside.get(row.state, ()):
                events = faced if row.event == "*" else [row.event]
                self.taken[leaf].update(dict.fromkeys(events))
                if any(event in self.by for event in events):
                    self.values[leaf][row.value] = None
        for event, moves in moves_of(cls):
            for leaf in moves:
                self.taken[leaf][event] = None

    def can_call(self, name: str) -> bool:
        prefix, _, rest = name.partition("_")
        if prefix == "emit":
            return name in self.emissions
        if prefix in ("enter", "exit"):
            return rest in self.inside
        if self._is_taken(self.taken, rest):
            return True
        return any(
            rest.startswith(state + "_") and self._is_taken(leaves, rest[len(state) + 1 :])
            for state, leaves in self.inside.items()
        )

    def _is_taken(self, leaves: Iterable[str], event: str) -> bool:
        if event == "default":
            return any(self.taken[leaf] for leaf in leaves)
        return any(
            event in self.taken[leaf] or any(_meet(event, value) for value in self.values[leaf])
            for leaf in leaves
        )

    def all(self) -> Iterator[str]:
        yield from self.emissions
        for state, leaves in self.inside.items():
            yield from (f"enter_{state}", f"exit_{state}", f"do_{state}_default")
            for leaf in leaves:
                yield from (f"do_{state}_{event}" for event in self.taken[leaf])
                yield from (f"do_{state}_{value}" for value in self.values[leaf] if value)
        for events in self.taken.values():
            yield from (f"do_{event}" for event in events)


_NO_FACE = ("open", "eof", "lost", "secured", "malformed", "failed", "unsolicited", "timeout")


def _meet(name: str, value: str) -> bool:
    """Whether what a handler is named after and what a row listens to have a number in common."""
    if not value:
        digits = name.rstrip("x")
        return digits.isdecimal() or (name != "" and not digits)
    return name in classes(value) or value in classes(name)


def _misspelt(cls: type[Machine], name: str, known: _Names) -> str:
    hint = nearest(name, known.all())
    return f"{cls.__name__}.{name} is a handler that nothing can ever call{hint}"


def nearest(name: str, known: Iterable[str], said: str = "; did you mean {}?") -> str:
    """What to say of the name that is nearest to this one; "" if none is near."""
    from difflib import get_close_matches

    near = get_close_matches(name, sorted(set(known)), n=1)
    return said.format(near[0]) if near else ""


def classes(value: str) -> Iterator[str]:
    """The number itself, then its classes, the narrower first: 452, 45x, 4xx."""
    for kept in range(len(value), 0, -1):
        yield value[:kept] + "x" * (len(value) - kept)


def _candidates(path: tuple[str, ...], event: str, value: str) -> Iterator[tuple[str, str]]:
    """The handlers for an event in an innermost state, the most specific first, with their kind."""
    for name in classes(value) if value else ():
        kind = "class" if "x" in name else "number"
        yield from ((f"do_{state}_{name}", kind) for state in path)
        yield f"do_{name}", kind
    yield from ((f"do_{state}_{event}", "event") for state in path)
    yield f"do_{event}", "event"
    yield from ((f"do_{state}_default", "default") for state in path)
    yield "do_default", "default"


def moves_of(cls: type[Machine]) -> Iterator[tuple[str, dict[str, str]]]:
    """For each event that has a table of moves, from state to state: its name, and the table."""
    for event in cls._alphabet:
        moves = getattr(cls, f"_moves_of_{event}", None)
        if moves is not None:
            yield event, moves


def _find(
    path: tuple[str, ...], event: str, value: str, handlers: set[str]
) -> tuple[str, str] | None:
    """The most specific handler that there is, and its kind."""
    return next((c for c in _candidates(path, event, value) if c[0] in handlers), None)


def generated_of(cls: type[Machine]) -> type[Machine]:
    """The generated class that a user's class stands on."""
    return next(base for base in cls.__mro__ if "_rows" in vars(base))


def _wire_row(cls: type[Machine], row: Row, handlers: set[str], leaves: list[str]) -> None:
    """Points the slot of a row for one event, or one number, at the handlers there are for it."""
    own = row.slot.removeprefix("_")
    kind = "number" if row.value else "event"
    chosen = {
        leaf: found
        for leaf in leaves
        if (found := _find(cls._paths[leaf], row.event, row.value, handlers)) is not None
    }
    if not chosen:
        return
    if set(chosen.values()) == {(own, kind)} and len(chosen) == len(leaves):
        if row.slot != own:
            setattr(cls, row.slot, getattr(cls, own))
        return
    fallback = getattr(generated_of(cls), own)
    by = cls._by.get(row.event, 0)
    number = int(row.value) if row.value.isdecimal() else row.value

    def handler(self: Any, *args: Any) -> Any:
        found = chosen.get(getattr(self, row.active))
        if found is None:
            return fallback(self, *args)
        name, kind = found
        if row.value and kind != "number":
            args = (*args[:by], number, *args[by:])
        if kind == "default":
            args = (row.event, *args)
        return getattr(self, name)(*args)

    _install(cls, row, handler)


def _wire_by_value(cls: type[Machine], row: Row, handlers: set[str]) -> None:
    """The same for a row for many numbers, or for any event: what came decides.

    The slot of the row for any event takes the event's name first.
    """
    fallback = getattr(generated_of(cls), row.slot.removeprefix("_"))

    def handler(self: Any, *args: Any) -> Any:
        given, event = args, row.event
        if event == "*":
            event, *given = args  # type: ignore[assignment]
        by = self._by.get(event)
        value = "" if by is None else str(given[by])
        found = _find(self._paths[getattr(self, row.active)], event, value, handlers)
        if found is None:
            return fallback(self, *args)
        name, kind = found
        if kind == "number":
            given = (*given[:by], *given[by + 1 :])
        elif kind == "default":
            given = (event, *given)
        return getattr(self, name)(*given)

    _install(cls, row, handler)


def _install(cls: type[Machine], row: Row, handler: Any) -> None:
    handler.wired_by = cls  # it may have a handler's name, and is none of the user's
    setattr(cls, row.slot, handler)
