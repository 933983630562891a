"""What stands outside a stack of machines: the transport beneath it, the application above it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .machine import Machine


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


class Recorder:
    """Stands where no one does yet, and keeps what it is told until it is asked for."""

    __slots__ = ("kept",)

    def __init__(self) -> None:
        self.kept: list[Event] | None = None

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_"):
            raise AttributeError(name)

        def keep(*args: object) -> None:
            if self.kept is None:
                self.kept = []
            self.kept.append(Event(name, args))

        return keep

    def __getstate__(self) -> list[Event] | None:
        return self.kept

    def __setstate__(self, kept: list[Event] | None) -> None:
        self.kept = kept

    def drain(self) -> Iterator[Event]:
        """What was told since the last time, in order."""
        while self.kept:
            kept, self.kept = self.kept, None
            yield from kept


class Wire:
    """The outside of one connection: bytes on their way out, the time, and who runs what waits.

    An adapter sets `flush` (called when bytes wait to leave or the end was asked for, unless
    `feeding` says that it will look itself), `clock`, `run` (takes an awaitable and a callback,
    gives what cancels it) and `future`; without them the stack is sans-I/O: bytes wait in `out`.
    """

    __slots__ = (
        "clock",
        "closing",
        "feeding",
        "flush",
        "future",
        "lost",
        "out",
        "run",
        "stack",
        "told",
    )

    def __init__(self) -> None:
        self.out: list[bytes] | None = None
        self.told = 0.0
        self.clock: Callable[[], float] | None = None
        self.feeding = False
        self.closing = False
        self.lost = False
        self.stack: tuple[Machine, ...] = ()
        self.flush: Callable[[], object] | None = None
        self.run: Callable[[Any, Callable[[Any, BaseException | None], None]], Any] | None = None
        self.future: Callable[[], Any] | None = None

    def octets(self, data: bytes) -> None:
        """Sends bytes, after those sent before."""
        if self.closing or self.lost:
            return
        if self.out is None:
            self.out = [data]
        else:
            self.out.append(data)
        if self.flush is not None and not self.feeding:
            self.flush()

    def close(self) -> None:
        """Ends the connection once what was sent has left."""
        self.closing = True
        if self.flush is not None and not self.feeding:
            self.flush()

    @property
    def now(self) -> float:
        """The time, by the adapter's clock or as it was told last, in seconds."""
        return self.told if self.clock is None else self.clock()

    def keep_time(self, clock: Callable[[], float]) -> None:
        """Tells the time by a clock from now on; what is waited for is as far off as before."""
        by = clock() - self.now
        self.clock = clock
        for machine in self.stack:
            machine._put_off(by)

    def take(self) -> bytes:
        """What is to be sent now; it counts as sent."""
        out, self.out = self.out, None
        if out is None:
            return b""
        return out[0] if len(out) == 1 else b"".join(out)

    def pause(self) -> None:
        """Nothing is beneath that could be told to wait."""

    def resume(self) -> None:
        """Nothing is beneath that could be told to go on."""
