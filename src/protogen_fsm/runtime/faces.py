"""How the neighbours of a layer written by hand, or of a machine that is observed, find each other.

A `Face` holds an attribute for each event: the layer's method, or that of what is beyond it. They
are looked up once, when something is put in or taken out.
"""

from __future__ import annotations

from .machine import Machine
from .stream import StreamMachine
from .twins import UPWARDS, Seen, class_of, look, observers, show
from .wire import Face, Wire
from .wiring import generated_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .twins import Look

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
        thing.wire = wire
        if isinstance(thing, Machine):
            if isinstance(thing, StreamMachine):
                thing._turn = True  # whom it tells is looked up again
            seen, thing.below = observers(thing), lower
            if seen:
                thing.below = _Watched(lower, thing, "sends", accepted(lower, plumbing=True))
                thing.below._observers = seen
            lower = thing
        else:
            thing.below = lower
            lower = _downwards(thing, lower)
    upper, machine = outer, None
    top = next(thing for thing in reversed(things) if isinstance(thing, Machine))
    for at, thing in reversed(list(enumerate(things))):
        if isinstance(thing, Machine):
            thing.above = upper
            if observers(thing) and machine is not None and not emissions(thing, all=True):
                thing.above = _Watched(upper, thing, "emits", heard(upper))
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
    generated = generated_of(class_of(thing))
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
    cls = class_of(machine)
    generated = generated_of(cls)
    return [
        name[5:]
        for name in dir(generated)
        if name.startswith("emit_") and (all or getattr(cls, name) is getattr(generated, name))
    ]


# ---------------------------------------------------------------- those who look on


class _Watched(Seen, Face):
    """A face that shows what a machine lets out through it."""

    def __init__(self, beyond: Any, machine: Machine, way: str, events: Iterable[str]):
        above = beyond if isinstance(beyond, Machine) else getattr(beyond, "_machine", None)
        thing = beyond._thing if isinstance(beyond, Face) else beyond
        super().__init__(thing, above, is_layer=isinstance(beyond, Face) and beyond._is_layer)
        for name in events:
            method = getattr(beyond, name)
            setattr(self, name, method if name in UNSEEN else _showing(machine, way, name, method))
            ask = getattr(beyond, f"_ask_{name}", None)
            if ask is not None:
                setattr(self, f"_ask_{name}", ask)


def _showing(
    machine: Machine, way: str, name: str, method: Callable[..., Any]
) -> Callable[..., Any]:
    def shown(*args: Any) -> Any:
        show(machine, way, name, args)
        return method(*args)

    return shown


def watch(machine: Machine, seen: tuple[Look, ...]) -> None:
    """Shows what a machine of a stack does, and what crosses its faces, to these alone."""
    things, outer = stack_of(machine.wire)
    below = _Watched(machine.below, machine, "sends", ()) if seen else machine.wire
    if isinstance(below, Seen):
        below._observers = seen
    look(machine, below)
    connect(machine.wire, things, outer)
