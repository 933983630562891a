"""Instances: many machines of one kind that another one holds, one for each value of a field.

docs/language.md, section 6. What costs anything is in the classes of machines that hold instances,
or are some; no other machine knows of it.
"""

from __future__ import annotations

from .errors import LocalProtocolError, RemoteProtocolError
from .machine import DEFER_LIMIT, Machine
from .wire import NEVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeVar

    from .wire import Adapter

    K = TypeVar("K")
    I = TypeVar("I", bound="Instance")  # noqa: E741

    class _Keyed(dict[K, I]):
        __slots__ = ()

        def get(self, key: object) -> I | None: ...  # type: ignore[override]

else:
    K = I = None  # noqa: E741

    class _Keyed(dict):
        """Subscripted for the type checker only."""

        __slots__ = ()

        def __class_getitem__(cls, item: object) -> type:
            return cls


class TooMany(Exception):
    """One instance more than the limit allows."""


class Instances(_Keyed[K, I]):
    """The instances of one `many`, by their keys.

    `taker` is the event of the layer below that takes what instances print, `hears` what they emit
    that is an event of the host; whatever else they emit the host emits itself.
    """

    __slots__ = (
        "_clocks",
        "_ending",
        "_fresh",
        "_hears",
        "_host",
        "_limit",
        "_name",
        "_serial",
        "_taker",
    )

    def __init__(
        self, host: Machine, name: str, limit: int, taker: str, hears: tuple[str, ...] = ()
    ) -> None:
        super().__init__()
        self._host, self._name, self._limit, self._taker = host, name, limit, taker
        self._hears, self._ending = hears, False
        self._fresh: list[Clock] | None = None  # made by the step that is being taken
        self._clocks: list[tuple[float, int, Clock]] = []  # a heap: when to look at which
        self._serial = 0

    def start(self, key: Any, make: Callable[..., I], *args: object, event: str = "") -> I:
        """A new instance, made by `make(key, *args, place)`; it says nothing before `begin`.

        Raises RuntimeError if there is one with that key, TooMany past the limit; for an `event`
        that came from above LocalProtocolError.
        """
        host = self._host
        if key in self:
            raise RuntimeError(f"{host._role} in {host.state}: {self._name} has {key!r} already")
        if len(self) >= self._limit:
            problem = f"more than {self._limit} {self._name}"
            if event:
                raise LocalProtocolError(problem, host._role, host.state, event)
            raise TooMany(problem)
        clock = Clock(self, key)
        made = make(key, *args, Place(clock))
        if clock.machine is not made:
            raise TypeError(f"{made!r} does not stand where make_{self._name} was told to put it")
        self[key] = made
        if self._fresh is None:
            self._fresh = []
        self._fresh.append(clock)
        return made

    def begin(self, instance: Machine) -> None:
        """The step that made the instance is done: what it had to say at once is told."""
        clock: Clock = instance.wire  # type: ignore[assignment]
        if self._fresh is not None:
            self._fresh = [one for one in self._fresh if one is not clock] or None
        said, clock.said = clock.said, None
        self._watch(clock, instance._next_due())
        if said:
            instance._tell(*said)
        if instance.state in instance._finals:
            self._drop(clock)

    def hand(self, event: Callable[..., object], *args: object) -> None:
        """A new instance takes the event that started it, if it is not gone already."""
        instance: Any = getattr(event, "__self__")  # noqa: B009
        if self.get(instance.wire.key) is instance:
            event(*args)

    def undo(self) -> None:
        """The step that made them is undone."""
        fresh, self._fresh = self._fresh, None
        for clock in fresh or ():
            self._drop(clock)

    def _drop(self, clock: Clock) -> None:
        """The instance is gone, if it is not gone already."""
        if self.get(clock.key) is clock.machine:
            del self[clock.key]

    def end(self, reason: str) -> None:
        """All are given up; those that take `lost` hear of it."""
        instances = list(self.values())
        self.clear()
        self._clocks, self._fresh = [], None
        self._ending = True
        first: Exception | None = None
        for instance in instances:
            try:
                instance.lost(reason)
            except Exception as error:
                first = first or error
        self._ending = False
        if first is not None:
            raise first

    # ------------------------------------------------------------ time

    def _watch(self, clock: Clock, due: float) -> None:
        if due == NEVER:
            return
        from heapq import heapify, heappush  # not for machines that hold no one

        self._serial += 1
        heappush(self._clocks, (due, self._serial, clock))
        if len(self._clocks) > 8 * len(self) + 64:  # most of it is past
            alive: list[Clock] = [one.wire for one in self.values()]  # type: ignore[misc]
            watched = [one for one in alive if one.said is None]
            self._clocks = [(one.machine._next_due(), at, one) for at, one in enumerate(watched)]
            heapify(self._clocks)

    def _first(self) -> Clock | None:
        """The clock of the instance for which something is due first."""
        if not self._clocks:
            return None
        from heapq import heappop, heappush

        clocks = self._clocks
        while clocks:
            due, _, clock = clocks[0]
            machine = clock.machine
            here = self.get(clock.key) is machine
            really = machine._next_due() if here else NEVER
            if really <= due:
                return clock
            heappop(clocks)
            if really != NEVER:
                self._serial += 1
                heappush(clocks, (really, self._serial, clock))
        return None

    def next_due(self) -> float:
        """When something is due for one of them."""
        return NEVER if self._first() is None else self._clocks[0][0]

    def is_stepping(self) -> bool:
        """Whether the one for which something is due is taking a step right now."""
        clock = self._first()
        return clock is not None and bool(clock.machine._is_stepping())

    def expire(self, now: float) -> None:
        """Fires what is due first."""
        clock = self._first()
        if clock is not None:
            clock.machine._expire(now)

    def put_off(self, by: float) -> None:
        """The clock has changed."""
        for instance in self.values():
            instance._put_off(by)
        self._clocks = [(due + by, serial, clock) for due, serial, clock in self._clocks]


class Clock:
    """What one instance has in place of a wire: the time and the adapter of its host's.

    `said` is what it has sent and emitted before its host's step is done, None from then on.
    """

    __slots__ = ("key", "machine", "of", "said")

    def __init__(self, of: Instances[Any, Any], key: Any) -> None:
        self.of, self.key = of, key
        self.machine: Any = None
        self.said: list[tuple[Any, ...]] | None = []

    @property
    def adapter(self) -> Adapter | None:
        """What brings the time from a main loop, if anything does."""
        return self.of._host.wire.adapter

    @property
    def lost(self) -> bool:
        """Whether the connection is gone."""
        return self.of._host.wire.lost

    @property
    def closing(self) -> bool:
        """Whether the connection is being closed."""
        return self.of._host.wire.closing

    @property
    def now(self) -> float:
        """The time, in seconds."""
        return self.of._host.wire.now

    def due(self, seconds: float) -> float:
        """When so many seconds from now have passed, which the instance begins to wait for."""
        due = self.of._host.wire.due(seconds)
        if self.said is None:
            self.of._watch(self, due)
        return due


class Place:
    """Where an instance stands: what it sends goes below as if its host sent it."""

    __slots__ = ("_clock",)

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @property
    def wire(self) -> Clock:
        """The time, as a machine asks for it."""
        return self._clock

    @property
    def above(self) -> Any:
        """Who stands here; set once."""
        return self._clock.machine

    @above.setter
    def above(self, machine: Machine) -> None:
        self._clock.machine = machine
        machine.above = Top(self._clock)

    def octets(self, frame: bytes) -> None:
        """A message, printed."""
        clock = self._clock
        take = getattr(clock.of._host.below, clock.of._taker)
        if clock.said is None:
            take(frame)
        else:
            clock.said.append((take, frame))

    def _ask_octets(self, frame: bytes) -> None:
        """Whether a message, printed, is no longer than a datagram of the host's may be."""
        self._clock.of._host.below._ask_octets(frame)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        clock = self._clock
        take = getattr(clock.of._host.below, name)
        said = clock.said
        return take if said is None else lambda *args: said.append((take, *args))

    def pause(self) -> None:
        """Only the events of the instance itself wait while its handler is pending."""

    def resume(self) -> None:
        """Nothing was told to wait."""

    def close(self) -> None:
        """The connection is the host's."""
        clock = self._clock
        if clock.said is None:
            clock.of._host.close()
        else:
            clock.said.append((clock.of._host.close,))

    def leave(self) -> None:
        """The instance is gone."""
        self._clock.of._drop(self._clock)


class Top:
    """What stands above an instance: its host, which hears what it emits, or emits it itself."""

    __slots__ = ("_clock",)

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        clock = self._clock
        said = clock.said
        if said is not None:
            return lambda *args: said.append((self._tell, name, *args))
        return lambda *args: self._tell(name, *args)

    def _tell(self, name: str, *args: object) -> object:
        clock = self._clock
        of, machine = clock.of, clock.machine
        if machine.state in machine._finals:
            of._drop(clock)  # its key is free for whoever hears of its end
        host = of._host
        if name in of._hears:
            if not of._ending:  # a host that has ended takes no events
                getattr(host, name)(*args)
            return None
        emit = getattr(host, f"emit_{name}", None) or getattr(host.above, name)
        told: object = emit(*args)
        host._answer(name, args[0] if len(args) == 1 else args or None)
        return told


class Instance(Machine):
    """A machine of which another one holds many."""

    __slots__ = ()

    def __init__(self, below: Place | None = None) -> None:
        super().__init__(below)  # type: ignore[arg-type]

    def _later(self, event: Callable[..., object], *args: object) -> None:
        if self._waiting is not None and len(self._waiting) >= DEFER_LIMIT:
            name = event.__name__.removeprefix("_on_")
            ours = self._face(name) == "above"
            kind = LocalProtocolError if ours else RemoteProtocolError
            raise kind(f"more than {DEFER_LIMIT} events wait", self._role, self.state, name)
        super()._later(event, *args)

    def _face(self, event: str) -> str:
        """The face of the host that the event has crossed."""
        if isinstance(self.below, Place):
            return self.below._clock.of._host._face(event)
        return super()._face(event)

    def handler_failed(self, error: Exception) -> None:
        """A handler raised, and the instance has no answer: its host may have one."""
        if isinstance(self.below, Place):
            return self.below._clock.of._host.handler_failed(error)
        return super().handler_failed(error)

    def _end(self) -> None:
        if not isinstance(self.below, Place):
            return super()._end()
        self._due = NEVER
        self._timers = self._waiting = self._deferred = None
        self._abandon(f"{self._role} reached {self.state}")
        self.below.leave()
        return None


class Host(Machine):
    """A machine that holds instances: their time is its own, and they end with it."""

    __slots__ = ()

    _many: tuple[str, ...] = ()

    def __repr__(self) -> str:
        held = "".join(f", {name} {getattr(self, name)!r}" for name in self._many)
        return f"<{self._role} in {self.state}{held}>"

    def _held(self) -> Iterator[Instances[Any, Any]]:
        for name in self._many:
            yield getattr(self, name)

    def _everyone(self) -> Iterator[Machine]:
        yield self
        for held in self._held():
            for instance in held.values():
                yield from instance._everyone()

    def _next_due(self) -> float:
        return min(super()._next_due(), *(held.next_due() for held in self._held()))

    def _is_stepping(self) -> bool:
        return super()._is_stepping() or any(held.is_stepping() for held in self._held())

    def _expire(self, now: float) -> None:
        first = min(self._held(), key=Instances.next_due)
        if first.next_due() < super()._next_due():
            first.expire(now)
        else:
            super()._expire(now)

    def _hand(self, held: Instances[Any, Any], event: Callable[..., object], *args: object) -> None:
        """A new instance takes its event behind all that the chain of steps tells."""
        host: Any = self
        if any(take != host._hand for take, _ in host._raised):
            host._raise(host._hand, held, event, *args)
        else:
            host._effect(held.hand, event, *args)

    def _put_off(self, by: float) -> None:
        super()._put_off(by)
        for held in self._held():
            held.put_off(by)

    def _failed(self, error: Exception) -> None:
        for held in self._held():
            held.undo()
        if not isinstance(error, TooMany):
            return super()._failed(error)
        if self._saved is not None:
            self._undo()
        self._busy = False
        return self.malformed(b"", "too many")

    def _undo(self) -> None:
        for held in self._held():
            held.undo()
        super()._undo()

    def _abandon(self, reason: str) -> None:
        try:
            for held in self._held():
                held.end(reason)
        finally:
            super()._abandon(reason)

    def close(self) -> None:
        super().close()
        for held in self._held():
            held.end("the connection is closed")
