"""One timer for a connection, whatever it waits for, set anew when it runs out too early."""

from __future__ import annotations

from typing import Any

from generated import machine
from protogen_fsm.runtime import aio
from test_tasks import Wire

IDLE = machine("""
    accepts go
    initial state A {
        on go        -> A
        after 5min   -> END
    }
    final state END
""")
EVENTS = 1_000_000
EACH = 0.001  # seconds


class Counting(aio.Protocol):
    """A connection on a clock of its own, that counts how often it sets its timer."""

    def __init__(self, one: Any) -> None:
        self.now = self.timers = 0.0
        super().__init__(one)
        self.clock = lambda: self.now

    def _arm(self) -> None:
        self.timers += 1
        self._armed = self._wire.soonest


async def test_a_session_of_a_million_events_sets_a_handful_of_timers() -> None:
    one = IDLE.M()
    protocol = Counting(one)
    protocol.connection_made(Wire())
    for _ in range(EVENTS // 1000):
        for _ in range(1000):
            one.go()
        protocol.now += 1000 * EACH
        if protocol.now >= protocol._armed:
            protocol._expire()
    assert one.state == "A"
    assert protocol.timers <= 5
    protocol.now += 300
    protocol._expire()
    assert one.state == "END"
