"""Reflection, done once, when a class is made: which handler serves which row of the table.

docs/language.md, section 8: `do_<state>_<event>` for the innermost state, then for the states
around it, then `do_<event>`; a number before its classes; last `do_<state>_default`, `do_default`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .machine import Machine


class Row:
    """A row as the generated code calls it: `slot` is the attribute that it calls.

    `value` is the number or class it listens to (`250`, `4xx`), "" for an event of one name;
    `event` is `*` for the row that takes what no other does, and then `slot` takes the event's
    name first.
    """

    __slots__ = ("event", "slot", "state", "value")

    def __init__(self, slot: str, state: str, event: str, value: str = "") -> None:
        self.slot, self.state, self.event, self.value = slot, state, event, value


def wire_handlers(cls: type[Machine]) -> None:
    """Refuses handlers that nothing can ever call, and points each row's slot at its handler.

    Raises TypeError with the nearest name for a misspelt `do_…`, `enter_…`, `exit_…`, `emit_…`.
    """
    generated = generated_of(cls)
    mine: dict[str, Any] = {}
    for base in reversed(cls.__mro__[: cls.__mro__.index(generated)]):
        mine.update(vars(base))
    names = [name for name in mine if name.startswith(("do_", "enter_", "exit_", "emit_"))]
    if not names:
        return
    known = _Names(generated)
    for name in names:
        if not known.can_call(name):
            raise TypeError(_misspelt(cls, name, known))
    handlers = {name for name in names if name.startswith("do_")}
    inside: dict[str, list[str]] = {}
    for leaf, path in cls._paths.items():
        for state in path:
            inside.setdefault(state, []).append(leaf)
    for row in generated._rows:
        _wire_row(cls, row, handlers, inside.get(row.state, []))
    cls._movers = {
        (leaf, event): found
        for event, moves in moves_of(cls)
        for leaf in moves
        if (found := _find(cls._paths[leaf], Row("", leaf, event), "", handlers)) is not None
    }
    if len(handlers) < len(names):
        from .hooks import install

        install(cls, {name for name in names if name.startswith(("enter_", "exit_"))})


class _Names:
    """The names that the states and events of a machine can call."""

    def __init__(self, cls: type[Machine]) -> None:
        self.states = dict.fromkeys(state for path in cls._paths.values() for state in path)
        self.events = dict.fromkeys(cls._alphabet)
        self.by = {row.event for row in cls._rows if row.value}
        self.values = {row.value: None for row in cls._rows if row.value}
        self.emissions = [name for name in dir(cls) if name.startswith("emit_")]
        self.taken: set[tuple[str, str]] = set()
        rows: dict[str, set[str]] = {}
        for row in cls._rows:
            rows.setdefault(row.state, set()).add(row.event)
        moves = list(moves_of(cls))
        for leaf, path in cls._paths.items():
            events = {event for state in path for event in rows.get(state, ())}
            events.update(event for event, to in moves if leaf in to)
            if "*" in events:
                events.update(cls._alphabet)
            self.taken.update((state, event) for state in path for event in events)

    def can_call(self, name: str) -> bool:
        prefix, _, rest = name.partition("_")
        if prefix == "emit":
            return name in self.emissions
        if prefix in ("enter", "exit"):
            return rest in self.states
        if rest == "default" or self._is_event(rest):
            return True
        for state in self.states:
            if rest.startswith(state + "_"):
                event = rest[len(state) + 1 :]
                if event == "default" or (state, event) in self.taken:
                    return True
                if self.is_value(event) and any((state, by) in self.taken for by in self.by):
                    return True
        return False

    def _is_event(self, name: str) -> bool:
        return name in self.events or self.is_value(name)

    def is_value(self, name: str) -> bool:
        """Whether the name is a number or a class of numbers, or one that the spec names."""
        if not self.by:
            return False
        digits = name.rstrip("x")
        return name in self.values or (name != "" and (digits.isdecimal() or not digits))

    def all(self) -> Iterator[str]:
        yield from self.emissions
        for state in self.states:
            yield from (f"enter_{state}", f"exit_{state}", f"do_{state}_default")
        yield from (f"do_{state}_{event}" for state, event in self.taken if event != "*")
        yield from (f"do_{state}_{value}" for state in self.states for value in self.values)
        yield from (f"do_{event}" for event in self.events)


def _misspelt(cls: type[Machine], name: str, known: _Names) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, sorted(set(known.all())), n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{cls.__name__}.{name} is a handler that nothing can ever call{hint}"


def classes(value: str) -> Iterator[str]:
    """The number itself, then its classes, the narrower first: 452, 45x, 4xx."""
    for kept in range(len(value), 0, -1):
        yield value[:kept] + "x" * (len(value) - kept)


def _candidates(path: tuple[str, ...], row: Row, value: str) -> Iterator[tuple[str, str]]:
    """The handlers for a row in an innermost state, the most specific first, each with its kind."""
    for name in classes(value) if value else ():
        kind = "class" if "x" in name else "number"
        yield from ((f"do_{state}_{name}", kind) for state in path)
        yield f"do_{name}", kind
    if row.event != "*":
        yield from ((f"do_{state}_{row.event}", "event") for state in path)
        yield f"do_{row.event}", "event"
        yield from ((f"do_{state}_default", "default") for state in path)
        yield "do_default", "default"


def moves_of(cls: type[Machine]) -> Iterator[tuple[str, dict[str, str]]]:
    """For each event that has a table of moves, from state to state: its name, and the table."""
    for event in cls._alphabet:
        moves = getattr(cls, f"_moves_of_{event}", None)
        if moves is not None:
            yield event, moves


def _find(
    path: tuple[str, ...], row: Row, value: str, handlers: set[str]
) -> tuple[str, str] | None:
    """The most specific handler that there is, and its kind."""
    return next((c for c in _candidates(path, row, value) if c[0] in handlers), None)


def _wire_row(cls: type[Machine], row: Row, handlers: set[str], leaves: list[str]) -> None:
    """Points the slot of one row at the handlers that the class has for it."""
    own = row.slot.removeprefix("_")
    if row.event == "*":
        _wire_default(cls, row, handlers)
        return
    chosen: dict[tuple[str, str], tuple[str, str]] = {}
    for leaf in leaves:
        for value in _values(row, handlers):
            found = _find(cls._paths[leaf], row, value, handlers)
            if found is not None:
                chosen[leaf, value] = found
    if not chosen:
        return
    alone = set(chosen.values()) == {(own, _kind(row))} and len(chosen) == len(leaves)
    if not alone:
        setattr(cls, row.slot, _dispatcher(row, getattr(generated_of(cls), own), chosen))
    elif row.slot != own:
        setattr(cls, row.slot, getattr(cls, own))


def _kind(row: Row) -> str:
    return "event" if not row.value else "class" if "x" in row.value else "number"


def _values(row: Row, handlers: set[str]) -> list[str]:
    """The row's own value, and those narrower ones that some handler is named after."""
    if not row.value:
        return [""]
    found = [row.value]
    for name in handlers:
        last = name.rpartition("_")[2]
        if last != row.value and row.value in classes(last):
            found.append(last)
    return found


def _dispatcher(
    row: Row, fallback: Callable[..., Any], chosen: dict[tuple[str, str], tuple[str, str]]
) -> Callable[..., Any]:
    """A function for the row's slot: calls the handler chosen for the state and the value."""
    is_class = "x" in row.value

    def handler(self: Any, *args: Any) -> Any:
        values = classes(str(args[0])) if is_class else (row.value,)
        found = next((chosen[self.state, v] for v in values if (self.state, v) in chosen), None)
        if found is None:
            return fallback(self, *args)
        name, kind = found
        if kind == "default":
            return getattr(self, name)(row.event, *args)
        if kind == "number" and is_class:
            args = args[1:]
        elif kind != "number" and row.value and not is_class:
            args = (int(row.value), *args)
        return getattr(self, name)(*args)

    return handler


def generated_of(cls: type[Machine]) -> type[Machine]:
    """The generated class that a user's class stands on."""
    return next(base for base in cls.__mro__ if "_rows" in vars(base))


def _wire_default(cls: type[Machine], row: Row, handlers: set[str]) -> None:
    """The row of `*`: its slot takes the event's name; the event's own handlers go first."""
    fallback = getattr(generated_of(cls), row.slot.removeprefix("_"))

    def handler(self: Any, event: str, *args: Any) -> Any:
        path = self._paths[self.state]
        for state in path:
            if f"do_{state}_{event}" in handlers:
                return getattr(self, f"do_{state}_{event}")(*args)
        if f"do_{event}" in handlers:
            return getattr(self, f"do_{event}")(*args)
        for state in path:
            if f"do_{state}_default" in handlers:
                return getattr(self, f"do_{state}_default")(event, *args)
        if "do_default" in handlers:
            return self.do_default(event, *args)
        return fallback(self, event, *args)

    setattr(cls, row.slot, handler)
