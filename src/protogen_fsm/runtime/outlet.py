"""What stands beneath a machine over nothing, until something is put there."""

from __future__ import annotations

from .wire import Recorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .wire import Event, Wire


class Outlet(Recorder):
    """Keeps what the machine sends until it is asked for; the rest it leaves to the wire."""

    __slots__ = ("__wire",)

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self.__wire = wire

    def close(self) -> None:
        """Nothing more will be sent."""
        self.__wire.close()

    def pause(self) -> None:
        """Nothing is beneath that could be told to wait."""

    def resume(self) -> None:
        """Nothing is beneath that could be told to go on."""

    def __reduce__(self) -> tuple[object, ...]:
        kept: list[Event] = list(self)
        self(list(kept))
        return Outlet, (self.__wire,), kept

    def __setstate__(self, kept: list[Event]) -> None:
        self(kept)
