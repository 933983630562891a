"""Layers written by hand, the application above them all, and those who look on.

None of it costs a machine anything that it does not stand beside. docs/runtime.md, "Layers".
"""

from __future__ import annotations

from .faces import accepted, connect, emissions, heard, place, stack_of, watch
from .machine import Machine
from .twins import observers
from .wire import Recorder, Wire
from .wiring import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias

    Observer: TypeAlias = Callable[[str, str, tuple[Any, ...]], object]

FACES = ("receives", "accepts", "sends", "emits")


class Layer:
    """A layer written by hand. Any object will do; this one only says what it finds in itself.

    `receive_<event>` takes what comes from below, `accept_<event>` what is asked for from above.
    It goes on with `self.above.<event>(…)` and `self.below.<event>(…)`. An event without such a
    method goes through, as if the layer were not there.
    """

    above: Any
    below: Any
    wire: Wire


def attach(machine: Machine, application: object) -> None:
    """Tells `application` what the stack of `machine` emits: a method for each event, so named.

    What was emitted already is told at once. Raises TypeError where a method is missing; an
    emission whose `emit_<event>` is overridden needs none.
    """
    things, before = stack_of(machine.wire)
    top = next(thing for thing in reversed(things) if isinstance(thing, Machine))
    names = emissions(top)
    _demand(application, names, names, f"which {top._role} emits")
    kept = list(before) if isinstance(before, Recorder) else []
    connect(machine.wire, things, application)
    if kept:
        top._tell(*((getattr(application, event.name), *event.args) for event in kept))


def put_below(thing: Any, layer: Any) -> Any:
    """Puts a layer right below a machine or a layer of a stack; gives the layer back.

    Raises TypeError if the layer has a method for an event that can never come to it, ValueError
    if `thing` is in no stack.
    """
    return _put(thing, layer, 0)


def put_above(thing: Any, layer: Any) -> Any:
    """Puts a layer right above a machine or a layer of a stack; gives the layer back.

    Raises what `put_below` does.
    """
    return _put(thing, layer, 1)


def replace(old: Any, new: Any) -> Any:
    """Puts `new`, a machine or a layer, in the place of a layer or a machine, at rest; gives it.

    The machine that the adapter has, the uppermost, cannot be replaced. Raises TypeError where a
    new machine lacks what `old` was asked for, or a layer has a method for what can never come;
    ValueError where `old` cannot be replaced (now). A layer that lacks something says so when it is
    asked for that.
    """
    things, outer = stack_of(old.wire)
    at = place(things, old)
    beneath: Any = things[at - 1] if at else old.wire
    asked = [name for name in accepted(old) if name not in accepted(beneath)]
    if isinstance(old, Machine):
        if old._upper() is None:
            raise ValueError(f"{old!r} is the connection itself: make another in its stead")
        if old._busy or not old._is_idle():
            raise ValueError(f"{old!r} is in the middle of something")
    if isinstance(new, Machine):
        new._put_off(old.wire.now - new.wire.now)
        _demand(new, asked, accepted(new), f"which {old!r} accepts")
    else:
        new._stands_for = tuple(asked)
        _check(new, things, at, outer, heard(old), accepted(old))
    things[at] = new
    wire = old.wire
    connect(wire, things, outer)
    wire.soonest = min(wire.soonest, wire.deadline())
    return new


def take_out(layer: Any) -> None:
    """Takes a layer out again; its neighbours are neighbours once more."""
    things, outer = stack_of(layer.wire)
    at = place(things, layer)
    if isinstance(layer, Machine):
        raise ValueError(f"{layer!r} is a machine: what stands on it needs it, or its like")
    del things[at]
    connect(layer.wire, things, outer)


def stack(machine: Machine) -> tuple[Any, ...]:
    """The machines and layers of a connection, from the wire upwards."""
    return tuple(stack_of(machine.wire)[0])


def tap(machine: Machine, observer: Observer) -> Callable[[], None]:
    """Shows all that crosses a machine's faces; gives what ends it.

    `observer(way, event, args)` is called before each goes on. The way is the word that declares
    such events: "receives" and "sends" below, "emits" and "accepts" above. What must wait is shown
    when it is taken. An error of the observer is logged and changes nothing.
    """

    def look(one: Machine, way: str, event: str, args: tuple[Any, ...]) -> None:
        if way in FACES and one is machine:
            observer(way, event, args)

    watch(machine, (*observers(machine), look))

    def end() -> None:
        seen = observers(machine)
        if look in seen:
            watch(machine, tuple(one for one in seen if one is not look))

    return end


def _put(thing: Any, layer: Any, above: int) -> Any:
    wire = getattr(thing, "wire", None)
    if not isinstance(wire, Wire):
        raise ValueError(f"{thing!r} is in no stack")
    if isinstance(layer, Machine):
        raise TypeError(f"{layer!r} is a machine: `over` in the spec says on what it stands")
    things, outer = stack_of(wire)
    at = place(things, thing) + above
    things.insert(at, layer)
    _check(layer, things, at, outer)
    connect(wire, things, outer)
    return layer


def _check(
    layer: Any,
    things: list[Any],
    at: int,
    outer: Any,
    up: Iterable[str] = (),
    down: Iterable[str] = (),
) -> None:
    """Refuses methods for events that nothing beside the layer can tell it or ask it for."""
    lower = things[at - 1] if at else _wire(things)
    machines = [thing for thing in things if isinstance(thing, Machine)]
    upper = next((t for t in things[at + 1 :]), None)
    told = {*up, "open", "eof", "lost", "secured", "malformed"}
    told.update(heard(upper) if upper is not None else emissions(machines[-1], all=True))
    below = [thing for thing in things[:at] if isinstance(thing, Machine)]
    told.update(emissions(below[-1], all=True) if below else ("data",))
    asked = {*down, *accepted(lower), "close", "pause", "resume"}
    known = {*(f"receive_{name}" for name in told), *(f"accept_{name}" for name in asked)}
    for name in dir(layer):
        if name.startswith(("receive_", "accept_")) and name not in known:
            hint = nearest(name, known)
            raise TypeError(
                f"{type(layer).__name__}.{name} is for an event that can never come there{hint}"
            )


def _wire(things: list[Any]) -> Wire:
    """The wire of the stack."""
    wire: Wire = next(thing for thing in things if isinstance(thing, Machine)).wire
    return wire


def _demand(thing: Any, names: list[str], near: list[str] | tuple[str, ...], why: str) -> None:
    """Raises TypeError with the nearest names unless `thing` has methods of these names."""
    missing = [name for name in names if not callable(getattr(thing, name, None))]
    if not missing:
        return
    has = [name for name in dir(thing) if not name.startswith("_")]
    said = [f"{name}{nearest(name, has, '; is {} meant for it?')}" for name in missing]
    raise TypeError(f"{type(thing).__name__} has no method {', no '.join(said)} ({why})")
