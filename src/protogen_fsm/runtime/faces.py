"""How the neighbours of a layer written by hand, or of a machine that is observed, find each other.

A `Face` holds an attribute for each event: the layer's method, or that of what is beyond it. They
are looked up once, when something is put in or taken out.
"""

from __future__ import annotations

from .machine import Machine
from .stream import StreamMachine
from .wire import Face, Wire
from .wiring import generated_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias

    Observer: TypeAlias = Callable[[str, str, tuple[Any, ...]], object]

UPWARDS = ("open", "eof", "lost", "secured", "malformed")
DOWNWARDS = ("close", "pause", "resume")
UNSEEN = ("pause", "resume")


def stack_of(wire: Wire) -> tuple[list[Any], Any]:
    """Machines and layers from the wire upwards, and what stands above them all."""
    found: list[Any] = []
    one: Any = wire.bottom
    while True:
        is_face = isinstance(one, Face)
        thing = one._thing if is_face else one
        if not isinstance(thing, Machine) and not (is_face and one._is_layer):
            return found, thing
        found.append(thing)
        one = thing.above


def place(things: list[Any], thing: Any) -> int:
    """Where in a stack something stands; ValueError if it does not."""
    for at, one in enumerate(things):
        if one is thing:
            return at
    raise ValueError(f"{thing!r} is in no stack")


def connect(wire: Wire, things: list[Any], outer: Any) -> None:
    """Makes neighbours of what stands beside one another."""
    lower: Any = wire
    for thing in things:
        seen = observers(thing)
        thing.wire = wire
        if isinstance(thing, Machine):
            if isinstance(thing, StreamMachine):
                thing._turn = True  # whom it tells is looked up again
            thing.below = lower
            if seen:
                asked = accepted(lower, plumbing=True)
                thing.below = Watched(lower, seen, "sends", asked)
            lower = thing
        else:
            thing.below = lower
            lower = _downwards(thing, lower)
    upper, machine = outer, None
    top = next(thing for thing in reversed(things) if isinstance(thing, Machine))
    for at, thing in reversed(list(enumerate(things))):
        if isinstance(thing, Machine):
            seen = observers(thing)
            thing.above = upper
            if seen and machine is not None and not emissions(thing, all=True):
                thing.above = Watched(upper, seen, "emits", heard(upper))
            machine = upper = thing
        else:
            if at == len(things) - 1:
                upper = _application(outer, top)
            elif isinstance(upper, StreamMachine) and not any(
                isinstance(one, Machine) for one in things[:at]
            ):
                upper = _stream(upper)
            thing.above = upper
            upper = _upwards(thing, upper, machine)
    wire.bottom = upper


def _downwards(layer: Any, lower: Any) -> Face:
    """What is above a layer asks it, and through it what is below it."""
    face = Face(layer, is_layer=True)
    own = [name[7:] for name in dir(layer) if name.startswith("accept_")]
    for name in (*accepted(lower, plumbing=True), *own):
        taken = getattr(layer, f"accept_{name}", None)
        setattr(face, name, taken or getattr(lower, name))
        ask = getattr(lower, f"_ask_{name}", None)
        setattr(face, f"_ask_{name}", _agree if taken or ask is None else ask)
    for name in getattr(layer, "_stands_for", ()):
        if not hasattr(face, name):
            setattr(face, name, _lacking(layer, name))
            setattr(face, f"_ask_{name}", _lacking(layer, name))
    return face


def _lacking(layer: Any, name: str) -> Callable[..., None]:
    def lacking(*args: object) -> None:
        raise TypeError(f"{type(layer).__name__} has no method accept_{name}")

    return lacking


def _agree(*args: object) -> None:
    """A layer written by hand is not asked whether it will take something."""


def _upwards(layer: Any, upper: Any, machine: Machine | None) -> Face:
    """What is below a layer tells it, and through it what is above it."""
    face = Face(layer, machine, is_layer=True)
    own = [name[8:] for name in dir(layer) if name.startswith("receive_")]
    for name in (*heard(upper), *own):
        setattr(face, name, getattr(layer, f"receive_{name}", None) or getattr(upper, name))
    if hasattr(face, "data"):
        face._receive = face.data
    elif machine is not None:
        face._receive = machine._receive
    face._receive_eof = face.eof
    return face


def _stream(machine: StreamMachine) -> Face:
    """A machine over bytes, as a layer between it and the wire tells it of them."""
    face = Face(machine, machine)
    face.open, face.lost, face.secured = machine.open, machine.lost, machine.secured
    face.eof = machine._receive_eof
    face.data = machine._receive  # type: ignore[attr-defined]
    face.malformed = machine.malformed  # type: ignore[attr-defined]
    return face


def _application(outer: Any, top: Machine) -> Face:
    """The application, as a layer above all machines tells it of what they emit."""
    face = Face(outer)
    face.open = lambda: None
    face.eof = top.close
    face.lost = lambda reason="": None
    face.secured = lambda: None
    for name in emissions(top, all=True):
        setattr(face, name, getattr(outer, name))
    return face


def heard(thing: Any) -> tuple[str, ...]:
    """What may be told to a machine, a face or a layer from below."""
    if isinstance(thing, Face):
        return tuple(name for name in vars(thing) if not name.startswith("_"))
    if not isinstance(thing, Machine):
        return tuple(name[8:] for name in dir(thing) if name.startswith("receive_"))
    generated = generated_of(_own(thing))
    asked = accepted(thing)
    own = [
        name
        for name, member in vars(generated).items()
        if callable(member) and not name.startswith(("_", "do_", "emit_")) and name not in asked
    ]
    return tuple(dict.fromkeys((*own, *UPWARDS)))


def accepted(thing: Any, *, plumbing: bool = False) -> tuple[str, ...]:
    """What a machine, a face, a layer or the wire may be asked for from above."""
    more = DOWNWARDS if plumbing else ()
    if isinstance(thing, Machine):
        own = [event for event, face in thing._alphabet.items() if face == "above"]
        return (*own, *more)
    if isinstance(thing, Wire):
        return ("octets", *more)
    if isinstance(thing, Face):
        return tuple(n for n in vars(thing) if n[0] != "_" and (plumbing or n not in DOWNWARDS))
    return tuple(name[7:] for name in dir(thing) if name.startswith("accept_"))


def emissions(machine: Machine, *, all: bool = False) -> list[str]:
    """What a machine emits, by way of its methods; without those that its user has overridden."""
    cls = _own(machine)
    generated = generated_of(cls)
    return [
        name[5:]
        for name in dir(generated)
        if name.startswith("emit_") and (all or getattr(cls, name) is getattr(generated, name))
    ]


def _own(machine: Machine) -> type[Machine]:
    """The class that the machine was made of, whoever looks at it."""
    found: type[Machine] = vars(type(machine)).get("_watches", type(machine))
    return found


# ---------------------------------------------------------------- those who look on


def observers(thing: Any) -> tuple[Observer, ...]:
    """Who looks at a machine's faces."""
    if not isinstance(thing, Machine) or not isinstance(thing.below, Watched):
        return ()
    return thing.below._observers


class Watched(Face):
    """A face that shows what goes out through it; it also holds who looks at the machine."""

    def __init__(self, beyond: Any, seen: tuple[Observer, ...], way: str, events: Iterable[str]):
        machine = beyond if isinstance(beyond, Machine) else getattr(beyond, "_machine", None)
        thing = beyond._thing if isinstance(beyond, Face) else beyond
        super().__init__(thing, machine, is_layer=isinstance(beyond, Face) and beyond._is_layer)
        self._observers = seen
        for name in events:
            method = getattr(beyond, name)
            setattr(self, name, method if name in UNSEEN else self._showing(way, name, method))
            ask = getattr(beyond, f"_ask_{name}", None)
            if ask is not None:
                setattr(self, f"_ask_{name}", ask)

    def _showing(self, way: str, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def shown(*args: Any) -> Any:
            self._show(way, name, args)
            return method(*args)

        return shown

    def _show(self, way: str, name: str, args: tuple[Any, ...]) -> None:
        for observer in self._observers:
            try:
                observer(way, name, args)
            except Exception:
                import logging

                logging.getLogger("protogen").exception("an observer failed")


def watch(machine: Machine, seen: tuple[Observer, ...]) -> None:
    """Shows what crosses the machine's faces to these, and to nobody else."""
    cls = type(machine)
    things, outer = stack_of(machine.wire)
    if seen:
        machine.below = Watched(machine.below, seen, "sends", ())
        machine.__class__ = _twin(cls)
    else:
        machine.__class__ = _own(machine)
        machine.below = machine.wire
    connect(machine.wire, things, outer)


def _twin(cls: type[Machine]) -> type[Machine]:
    """The same class, with methods that show what comes in, and what goes out by `emit_…`."""
    if "_watches" in vars(cls):
        return cls
    found = vars(cls).get("_watched")
    if found is None:
        members: dict[str, Any] = {"__slots__": (), "_rows": cls._rows, "_watches": cls}
        members["_straight"] = {}
        members["_runs"] = False  # it would go past the methods that show
        members["__module__"], members["__doc__"] = cls.__module__, cls.__doc__
        ways = {"below": "receives", "above": "accepts"}
        events = {event: ways[face] for event, face in cls._alphabet.items() if face in ways}
        for event, way in {**events, **dict.fromkeys(UPWARDS, "receives")}.items():
            name = f"_on_{event}" if hasattr(cls, f"_on_{event}") else event
            members[name] = _incoming(way, event, getattr(cls, name))
        for name in dir(cls):
            if name.startswith("emit_"):
                members[name] = _outgoing(name[5:], getattr(cls, name))
        found = type(cls.__name__, (cls,), members)
        cls._watched = found  # type: ignore[attr-defined]
    return found


def _incoming(way: str, event: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def taken(self: Any, *args: Any) -> Any:
        if not self._busy or event == "lost":  # else it waits, and comes here again
            self.below._show(way, event, args)
        return method(self, *args)

    taken.__name__ = method.__name__
    return taken


def _outgoing(event: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def told(self: Any, *args: Any) -> Any:
        self.below._show("emits", event, args)
        return method(self, *args)

    told.wired_by = None  # type: ignore[attr-defined]
    return told
