"""What the parts of a machine share: all that an instance holds, and what they ask of one another.

The parts are calls.py, pending.py and timers.py; machine.py makes one of them.
"""

from __future__ import annotations

from .wire import Neighbour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterable
    from typing import Any

    from .calls import Call
    from .pending import Pending
    from .wire import Wire

    Later = tuple[Callable[..., object], tuple[Any, ...]]  # an event, and what it is given


class Part(Neighbour):
    """A part of every machine; it adds methods only."""

    __slots__ = (
        "_busy",
        "_calls",
        "_deferred",
        "_draining",
        "_due",
        "_effects",
        "_failing",
        "_pending",
        "_raised",
        "_saved",
        "_timers",
        "_waiting",
        "above",
        "below",
        "state",
        "wire",
    )

    _role = ""

    above: Any
    below: Any
    state: str
    wire: Wire
    _busy: bool
    _calls: list[Call[Any]] | None
    _deferred: list[Later] | None
    _draining: bool
    _due: float
    _effects: list[tuple[Any, ...]] | None
    _failing: Exception | None
    _finishing: bool = False  # whether a chain of steps goes on; a slot of those that have any
    _pending: Pending | None
    _raised: list[Later] | None
    _saved: tuple[Any, ...] | None
    _timers: dict[str, float] | None
    _waiting: deque[Later] | None

    if TYPE_CHECKING:

        def _next(self) -> None: ...
        def _finish(self) -> None: ...
        def _failed(self, error: Exception) -> None: ...


def queue(items: Iterable[Any] = ()) -> deque[Any]:
    """A queue; importing its class takes longer than most machines ever wait."""
    from collections import deque

    return deque(items)
