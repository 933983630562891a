"""What stands outside a stack of machines: the transport beneath it, the application above it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Protocol

    from .calls import Call
    from .machine import Machine
    from .securing import Handshake

    class Adapter(Protocol):
        """What brings bytes and time from a main loop.

        While `feeding` it looks itself for what is to be sent and when time will be up; else it is
        asked to `flush`, and to `look` at what is due soonest. `begun` takes what a handler gave:
        it gives, or raises, what came of one that need not wait, a `Running` with what `run` takes
        of one that must, NotImplemented for what cannot be waited for. `run` is told what to do
        with the result or error, and gives what cancels it; `thread` does something in a thread
        and gives an awaitable. `call` makes what a call gives back, `future` what it can wait for.
        `stop` and `go` tell it whether to bring any more bytes. `peer_address` is what its socket
        says of the other end.
        """

        feeding: bool

        def flush(self) -> None: ...
        def clock(self) -> float: ...
        def look(self) -> None: ...
        def begun(self, answer: Any) -> Any: ...
        def run(self, answer: Any, done: Callable[[Any, BaseException | None], None]) -> Any: ...
        def thread(self, work: Callable[[], Any]) -> Any: ...
        def call(self, name: str, emissions: tuple[str, ...], wire: Wire) -> Call[Any]: ...
        def future(self) -> Any: ...
        def stop(self) -> None: ...
        def go(self) -> None: ...
        def peer_address(self) -> Any: ...


NEVER = float("inf")


class Event:
    """An emission, as `events()` gives it: its name and its arguments."""

    __slots__ = ("args", "name")

    def __init__(self, name: str, args: tuple[object, ...]) -> None:
        self.name, self.args = name, args

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Event):
            return NotImplemented
        return self.name == other.name and self.args == other.args

    def __hash__(self) -> int:
        return hash((self.name, self.args))

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(map(repr, self.args))})"


class Neighbour:
    """What may stand above a machine and hears of the connection: a machine, or a `Face`."""

    __slots__ = ()

    if TYPE_CHECKING:
        above: Any

        def open(self) -> None: ...
        def eof(self) -> None: ...
        def lost(self, reason: str = "") -> None: ...
        def secured(self) -> None: ...


class Face(Neighbour):
    """What a machine meets where something has been put beside it (see layers.py).

    Each event is an attribute, found when it was put there: what is not touched costs nothing.
    """

    open: Any
    eof: Any
    lost: Any
    secured: Any
    _receive: Any
    _receive_eof: Any

    def __init__(self, thing: Any, machine: Machine | None = None, *, is_layer: bool = False):
        self._thing = thing  # what this is the face of
        self._machine = machine  # the next machine, from here upwards
        self._is_layer = is_layer

    def _outermost(self) -> Any:
        """What stands above all layers: the application's object, or a Recorder."""
        above: Any = self
        while isinstance(above, Neighbour):
            thing = above._thing if isinstance(above, Face) else above
            if isinstance(above, Face) and not above._is_layer and not isinstance(thing, Neighbour):
                return thing
            above = thing.above
        return above


class Recorder:
    """Stands where no one does yet, and keeps what it is told until it is asked for."""

    __slots__ = ("__kept",)  # a spec may name its events as it likes, but not so

    def __init__(self) -> None:
        self.__kept: list[Event] | None = None

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("__"):
            raise AttributeError(name)

        def keep(self: Recorder, *args: object) -> None:
            kept = self.__kept
            if kept is None:
                self.__kept = [Event(name, args)]
            else:
                kept.append(Event(name, args))

        setattr(Recorder, name, keep)  # from here on a method: an attribute that lacks is slow
        found: Callable[..., None] = getattr(self, name)
        return found

    def __reduce__(self) -> tuple[object, ...]:
        return _recorder, (self.__kept,)

    def __iter__(self) -> Iterator[Event]:
        """What was told since the last time, in order."""
        while self.__kept:
            kept, self.__kept = self.__kept, None
            yield from kept

    def __call__(self, kept: list[Event] | None) -> None:
        self.__kept = kept


def _recorder(kept: list[Event] | None) -> Recorder:
    made = Recorder()
    made(kept)
    return made


class Wire:
    """The outside of one connection: bytes on their way out, and the time.

    Without an adapter the stack is sans-I/O: bytes wait in `out`, and the time is what `advance`
    told last. `bottom` is the machine that stands on the wire; nothing that the stack waits for is
    due before `soonest`, unless an adapter has a timer for it already. `handshake` is there while
    TLS is due: behind what is in `out` now, and before anything else.
    """

    __slots__ = ("adapter", "bottom", "closing", "handshake", "lost", "out", "soonest", "told")

    def __init__(self, bottom: Machine) -> None:
        self.bottom: Machine | Face = bottom
        self.out: list[bytes] | None = None
        self.told: float | None = None  # nobody has told the time yet: it counts from 0
        self.soonest = NEVER
        self.closing = False
        self.lost = False
        self.handshake: Handshake | None = None
        self.adapter: Adapter | None = None

    def octets(self, data: bytes) -> None:
        """Sends bytes, after those sent before."""
        if self.closing or self.lost:
            return
        if self.handshake is not None:
            self.handshake.held.append(data)
            return
        if self.out is None:
            self.out = [data]
        else:
            self.out.append(data)
        adapter = self.adapter
        if adapter is not None and not adapter.feeding:
            adapter.flush()

    def close(self) -> None:
        """Ends the connection once what was sent has left."""
        self.closing = True
        if self.adapter is not None and not self.adapter.feeding:
            self.adapter.flush()

    @property
    def securing(self) -> bool:
        """Whether TLS is due, once what `data_to_send` gives has left: see `receive_secured`."""
        return self.handshake is not None

    @property
    def peer(self) -> Any:
        """The address of the other end: a tuple of host, port and more, or the path of a socket.

        None where there is no adapter, or no connection.
        """
        return None if self.adapter is None else self.adapter.peer_address()

    @property
    def now(self) -> float:
        """The time, by the adapter's clock or as it was told last, in seconds."""
        return (self.told or 0.0) if self.adapter is None else self.adapter.clock()

    def due(self, seconds: float) -> float:
        """When so many seconds from now have passed, which something begins to wait for."""
        adapter = self.adapter
        due = seconds + ((self.told or 0.0) if adapter is None else adapter.clock())
        if due < self.soonest:
            self.soonest = due
            if adapter is not None and not adapter.feeding:
                adapter.look()
        return due

    def adapt(self, adapter: Adapter) -> None:
        """Gives the stack to an adapter; what is waited for is as far off as before."""
        now = adapter.clock()
        self.put_off(now - self.now)
        self.told, self.adapter = now, adapter

    def put_off(self, by: float) -> None:
        """The clock is another: what is waited for is as far off as before."""
        soonest = NEVER
        machine = self._first()
        while machine is not None:
            machine._put_off(by)
            soonest = min(soonest, machine._next_due())
            machine = machine._upper()
        self.soonest = soonest

    def deadline(self) -> float:
        """When the first of what the stack waits for is due."""
        due = NEVER
        machine = self._first()
        while machine is not None:
            due = min(due, machine._next_due())
            machine = machine._upper()
        return due

    def stack(self) -> Iterator[Machine]:
        """The machines of the stack, from the wire upwards."""
        machine = self._first()
        while machine is not None:
            yield machine
            machine = machine._upper()

    def everyone(self) -> list[Machine]:
        """The machines of the stack, and the instances that they hold."""
        return [one for machine in self.stack() for one in machine._everyone()]

    def _first(self) -> Machine | None:
        bottom = self.bottom
        return bottom._machine if isinstance(bottom, Face) else bottom

    def take(self) -> bytes:
        """What is to be sent now; it counts as sent."""
        out, self.out = self.out, None
        if out is None:
            return b""
        return out[0] if len(out) == 1 else b"".join(out)

    def take_each(self) -> list[bytes]:
        """What is to be sent now, over datagrams (see datagrams.py); it counts as sent."""
        raise TypeError("this stack stands on no datagrams: what it sends is in data_to_send()")

    def pause(self) -> None:
        """Nothing is beneath that could be told to wait."""

    def resume(self) -> None:
        """Nothing is beneath that could be told to go on."""
