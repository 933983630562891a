"""Twins: the same class once more, with methods that show what a machine does to those who look on.

A machine that is looked at becomes one of its twin's (`__class__`), and again one of its own
afterwards. So a machine at which nobody looks asks nothing, tests nothing, and pays nothing.
"""

from __future__ import annotations

from .errors import ProtocolError
from .instances import Place
from .machine import Machine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    # A machine, what it does, the event or the like that it does it to, with what arguments.
    Look: TypeAlias = Callable[[Machine, str, str, tuple[Any, ...]], object]

UPWARDS = ("open", "eof", "lost", "secured", "malformed")
WAYS = {"below": "receives", "above": "accepts"}


class Seen:
    """What stands below a machine that is looked at, and holds who looks."""

    _observers: tuple[Look, ...] = ()


def observers(thing: Any) -> tuple[Look, ...]:
    """Who looks at a machine."""
    return thing.below._observers if isinstance(thing.below, Seen) else ()


def look(machine: Machine, below: Any) -> None:
    """Shows what the machine does to those whom `below` holds; to nobody if it is no `Seen`."""
    machine.below = below
    machine.__class__ = _twin(class_of(machine)) if isinstance(below, Seen) else class_of(machine)


def class_of(machine: Machine) -> type[Machine]:
    """The class that the machine was made of, whoever looks at it."""
    found: type[Machine] = vars(type(machine)).get("_watches", type(machine))
    return found


def show(machine: Machine, what: str, name: str, args: tuple[Any, ...] = ()) -> None:
    """Shows one thing that happens; what an observer makes of it changes nothing."""
    for observer in machine.below._observers:
        try:
            observer(machine, what, name, args)
        except Exception:
            import logging

            logging.getLogger("protogen").exception("an observer failed")


def _twin(cls: type[Machine]) -> type[Machine]:
    found: type[Machine] | None = vars(cls).get("_watched")
    if found is None:
        members: dict[str, Any] = {"__slots__": (), "_rows": cls._rows, "_watches": cls}
        members["_straight"] = {}
        members["_runs"] = False  # it would go past the methods that show
        members["__module__"], members["__doc__"] = cls.__module__, cls.__doc__
        members.update(_faces(cls))
        members.update(_moves(cls))
        members.update(_insides(cls))
        found = type(cls.__name__, (cls,), members)
        cls._watched = found  # type: ignore[attr-defined]
    return found


# ---------------------------------------------------------------- what crosses a face


def _faces(cls: type[Machine]) -> dict[str, Any]:
    events = {event: WAYS[face] for event, face in cls._alphabet.items() if face in WAYS}
    members = {}
    for event, way in {**events, **dict.fromkeys(UPWARDS, "receives")}.items():
        name = f"_on_{event}" if hasattr(cls, f"_on_{event}") else event
        members[name] = _incoming(way, event, getattr(cls, name))
    for name in dir(cls):
        if name.startswith("emit_"):
            members[name] = _outgoing(name[5:], getattr(cls, name))
    return members


def _incoming(way: str, event: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def taken(self: Any, *args: Any) -> Any:
        if not self._busy or event == "lost":  # else it waits, and comes here again
            show(self, way, event, args)
        return method(self, *args)

    taken.__name__ = method.__name__
    return taken


def _outgoing(event: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def told(self: Any, *args: Any) -> Any:
        show(self, "emits", event, args)
        return method(self, *args)

    told.wired_by = None  # type: ignore[attr-defined]
    return told


# ---------------------------------------------------------------- where it is


def _moves(cls: type[Machine]) -> dict[str, Any]:
    places = ("state", *cls._regions)
    members: dict[str, Any] = {place: _place(place, getattr(cls, place)) for place in places}
    if isinstance(getattr(cls, "state", None), property):  # with hooks, which those go past
        for name in ("_return_to", "_reenter"):
            members[name] = _going_past(getattr(cls, name))
    return members


def _place(place: str, attribute: Any) -> property:
    def move(self: Any, new: str) -> None:
        old = attribute.__get__(self)
        attribute.__set__(self, new)
        show(self, "moves", place, (old, new))

    return property(attribute.__get__, move)


def _going_past(method: Callable[..., None]) -> Callable[..., None]:
    def go(self: Any, *args: str) -> None:
        before = {place: getattr(self, place) for place in ("state", *self._regions)}
        method(self, *args)
        for place, old in before.items():
            if getattr(self, place) != old:
                show(self, "moves", place, (old, getattr(self, place)))

    return go


# ---------------------------------------------------------------- what happens within


def _insides(cls: type[Machine]) -> dict[str, Any]:
    members = {
        name: wrap(getattr(cls, name)) for name, wrap in _WITHIN.items() if hasattr(cls, name)
    }
    for name in dir(cls):
        if name.startswith("_timer_"):
            members[name] = _timer(name[7:], getattr(cls, name))
    for many in getattr(cls, "_many", ()):
        members[f"make_{many}"] = _making(getattr(cls, f"make_{many}"))
    return members


def _timer(timer: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def run_out(self: Any) -> Any:
        if not self._busy:
            show(self, "times_out", timer)
        return method(self)

    run_out.__name__ = method.__name__
    return run_out


class _SeenPlace(Seen, Place):
    """Where an instance stands that is looked at."""


def look_at_instance(machine: Any, seen: tuple[Look, ...]) -> None:
    """Shows what an instance does to these, and to nobody else; the host shows what it sends."""
    below: Any = (_SeenPlace if seen else Place)(machine.wire)
    if seen:
        below._observers = seen
    look(machine, below)


def _making(method: Callable[..., Any]) -> Callable[..., Any]:
    def make(self: Any, *args: Any, **named: Any) -> Any:
        made = method(self, *args, **named)
        look_at_instance(made, observers(self))
        return made

    return make


def _timing_out(method: Callable[..., Any]) -> Callable[..., Any]:
    def timeout(self: Any) -> Any:
        show(self, "times_out", "after")
        return method(self)

    return timeout


def _refusing(method: Callable[..., Any]) -> Callable[..., Any]:
    def refuse(self: Any, event: str, *args: Any) -> Any:
        show(self, "refuses", event, args)
        return method(self, event, *args)

    return refuse


def _failing(method: Callable[..., Any]) -> Callable[..., Any]:
    def fail(self: Any, error: Exception) -> Any:
        if self._busy or not isinstance(error, ProtocolError):  # else it was shown as refused
            show(self, "fails", type(error).__name__, (error,))
        return method(self, error)

    return fail


def _raising(method: Callable[..., Any]) -> Callable[..., Any]:
    def go_on(self: Any, take: Any, *args: Any) -> Any:
        if take.__name__.startswith("_take_"):
            show(self, "raises", take.__name__[6:], args)
        return method(self, take, *args)

    return go_on


def _deferring(method: Callable[..., Any]) -> Callable[..., Any]:
    def defer(self: Any, event: Any, *args: Any) -> Any:
        show(self, "defers", event.__name__.removeprefix("_on_"), args)
        return method(self, event, *args)

    return defer


def _waiting(method: Callable[..., Any]) -> Callable[..., Any]:
    def wait(self: Any, answer: Any, settle: Any, *args: Any) -> Any:
        if hasattr(answer, "__await__"):
            show(self, "waits", settle.__name__.lstrip("_"))
        return method(self, answer, settle, *args)

    return wait


def _going_on(method: Callable[..., Any]) -> Callable[..., Any]:
    def answered(self: Any, pending: Any, settle: Any, args: Any, result: Any, error: Any) -> Any:
        if self._pending is pending and error is None:
            show(self, "goes_on", settle.__name__.lstrip("_"), (result,))
        return method(self, pending, settle, args, result, error)

    return answered


def _giving_up(method: Callable[..., Any]) -> Callable[..., Any]:
    def cancel(self: Any) -> Any:
        if self._pending is not None:
            show(self, "gives_up", self.state)
        return method(self)

    return cancel


_WITHIN: dict[str, Callable[..., Any]] = {
    "_timeout": _timing_out,
    "unexpected": _refusing,
    "_failed": _failing,
    "_raise": _raising,
    "_defer": _deferring,
    "_wait": _waiting,
    "_answered": _going_on,
    "_cancel": _giving_up,
}
