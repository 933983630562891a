"""Urgent events go ahead of a pending handler; a handler may be kept though the peer is gone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from generated import made, told
from test_tasks import connected, settled

SPEC = """
protocol Urgency
use Lines from "lines.proto"
message WORK(n: int) = "WORK " n
message PING = "PING"
message STOP = "STOP"
message NOTE(n: int) = "NOTE " n
message PONG(n: int) = "PONG " n
message DONE(n: int) = "DONE " n
machine Server over Lines(max: 100) {
    receives WORK, PING, STOP, NOTE
    sends    PONG, DONE
    emits    stopped, noted(n: int), ended
    var pings: int = 0

    initial state OPEN {
        urgent PING, STOP
        on WORK(n)
            | accept              / send DONE(n)
        on PING
            | accept              / pings += 1, send PONG(pings)
        on NOTE(n)                / emit noted(n)
        on STOP -> IDLE           / emit stopped
        on lost keep -> GONE      / emit ended
        after 1min -> IDLE
    }
    state IDLE {
        on WORK(n)                / send DONE(0)
        on PING                   / send PONG(0)
        on NOTE(n)                / emit noted(n)
        on STOP -> OPEN
        after 1min -> GONE
    }
    final state GONE
}
"""


class Slow(made(SPEC).Server):  # type: ignore[misc]
    """Its work, and its answers to pings if told so, wait until they are let go."""

    def __init__(self, *slow: str) -> None:
        super().__init__()
        self.slow, self.gates, self.cancelled = slow, [], []

    async def wait(self, what: str) -> None:
        gate = asyncio.get_running_loop().create_future()
        self.gates.append(gate)
        try:
            await gate
        except asyncio.CancelledError:
            self.cancelled.append(what)
            raise

    def do_OPEN_WORK(self, n: int) -> Any:
        return self.wait(f"WORK {n}")

    def do_OPEN_PING(self) -> Any:
        return self.wait("PING") if "PING" in self.slow else None

    def let(self, at: int = 0) -> None:
        self.gates.pop(at).set_result(None)


def test_an_urgent_event_goes_ahead_of_a_pending_handler_and_the_handler_goes_on() -> None:
    async def run() -> None:
        one = Slow()
        protocol, wire = connected(one)
        protocol.data_received(b"WORK 1\r\nPING\r\nNOTE 7\r\nPING\r\n")
        await settled()
        assert wire.taken() == b"PONG 1\r\nPONG 2\r\n"
        assert told(one) == []
        assert wire.reading
        one.let()
        await settled()
        assert wire.taken() == b"DONE 1\r\n"
        assert told(one) == [("noted", 7)]
        assert not one.cancelled
        protocol.data_received(b"NOTE 8\r\n")
        assert told(one) == [("noted", 8)]

    asyncio.run(run())


def test_an_urgent_event_that_leaves_the_state_gives_the_handler_up() -> None:
    async def run() -> None:
        one = Slow()
        protocol, wire = connected(one)
        protocol.data_received(b"WORK 1\r\nNOTE 7\r\n")
        await settled()
        protocol.data_received(b"STOP\r\nPING\r\n")
        await settled()
        assert told(one) == [("stopped",), ("noted", 7)]
        assert one.cancelled == ["WORK 1"]
        assert wire.taken() == b"PONG 0\r\n"
        assert one.state == "IDLE"

    asyncio.run(run())


def test_an_urgent_handler_may_take_time_too() -> None:
    async def run() -> None:
        one = Slow("PING")
        protocol, wire = connected(one)
        protocol.data_received(b"WORK 1\r\nPING\r\nPING\r\nNOTE 7\r\n")
        await settled()
        assert len(one.gates) == 2  # the second ping waits for the first
        one.let(1)
        await settled()
        assert wire.taken() == b"PONG 1\r\n"
        one.let()
        await settled()
        assert wire.taken() == b"DONE 1\r\n"
        one.let()
        await settled()
        assert wire.taken() == b"PONG 2\r\n"
        assert told(one) == [("noted", 7)]

    asyncio.run(run())


def test_a_handler_that_is_done_while_an_urgent_one_runs_answers_behind_it() -> None:
    async def run() -> None:
        one = Slow("PING")
        protocol, wire = connected(one)
        protocol.data_received(b"WORK 1\r\nPING\r\n")
        await settled()
        one.let(0)
        await settled()
        assert wire.taken() == b""
        one.let(0)
        await settled()
        assert wire.taken() == b"PONG 1\r\nDONE 1\r\n"

    asyncio.run(run())


def test_a_time_out_gives_up_all_handlers_that_are_pending() -> None:
    async def run() -> None:
        one = Slow("PING")
        protocol, _ = connected(one)
        protocol.data_received(b"WORK 1\r\nPING\r\nNOTE 7\r\n")
        await settled()
        one.advance(one.deadline())
        await settled()
        assert sorted(one.cancelled) == ["PING", "WORK 1"]
        assert one.state == "IDLE"
        assert told(one) == [("noted", 7)]
        protocol.data_received(b"NOTE 8\r\n")
        assert told(one) == [("noted", 8)]

    asyncio.run(run())


def test_a_flood_behind_a_pending_handler_is_held_back() -> None:
    async def run() -> None:
        one = Slow()
        protocol, wire = connected(one)
        protocol.data_received(b"WORK 1\r\n" + b"NOTE 7\r\n" * 5000)
        await settled()
        assert len(one._waiting) == 100
        protocol.data_received(b"NOTE 8\r\n")
        assert not wire.reading
        one.let()
        await settled()
        assert told(one) == [("noted", 7)] * 5000 + [("noted", 8)]
        assert wire.reading

    asyncio.run(run())


def test_an_event_that_is_not_urgent_is_decoded_in_its_turn() -> None:
    spec = SPEC.replace("state IDLE {", "state IDLE receives PING {").replace(
        "        on WORK(n)                / send DONE(0)\n", "        on malformed / emit ended\n"
    )

    async def run() -> None:
        class One(made(spec).Server):  # type: ignore[misc]
            async def do_OPEN_WORK(self, n: int) -> None:
                await asyncio.sleep(60)

        one = One()
        protocol, _ = connected(one)
        protocol.data_received(b"WORK 1\r\nWORK 2\r\nSTOP\r\n")
        await settled()
        assert told(one) == [("stopped",), ("ended",)]

    asyncio.run(run())


def test_a_handler_is_kept_where_the_spec_says_so() -> None:
    async def run() -> None:
        one = Slow()
        protocol, _ = connected(one)
        protocol.data_received(b"WORK 1\r\nNOTE 7\r\n")
        await settled()
        protocol.connection_lost(None)
        await settled()
        assert not one.cancelled
        assert one.state == "OPEN"
        one.let()
        await settled()
        assert one.state == "GONE"
        assert told(one) == [("noted", 7), ("ended",)]

    asyncio.run(run())


def test_without_a_pending_handler_the_loss_is_taken_at_once() -> None:
    one = made(SPEC).Server()
    one.receive_open()
    one.receive_lost("cut")
    assert one.state == "GONE"
    assert told(one) == [("ended",)]


NUMBERS = """
protocol Numbers
machine M {
    accepts got(code: int, text: str) by code, work, go
    emits said(text: str), done
    initial state A {
        urgent 4xx, go
        on work | accept / emit done
        on 4xx(text) / raise saw(text)
        on got(text) / emit said(text)
        on saw(text) / emit said(text)
        on go -> A / emit said("again")
    }
}
"""


@pytest.mark.parametrize("chained", [False, True])
def test_classes_of_numbers_may_be_urgent_and_coming_back_is_leaving(chained: bool) -> None:
    spec = NUMBERS
    if not chained:
        spec = spec.replace("raise saw(text)", "emit said(text)")
        spec = spec.replace("        on saw(text) / emit said(text)\n", "")

    async def run() -> None:
        class One(made(spec).M):  # type: ignore[misc]
            async def do_A_work(self) -> None:
                await asyncio.sleep(60)

        one = One()
        connected(one)
        one.work()
        one.got(250, "in its turn")
        one.got(450, "ahead")
        assert told(one) == [("said", "ahead")]
        assert one._pending is not None
        one.go()
        assert told(one) == [("said", "again"), ("said", "in its turn")]
        assert one._pending is None

    asyncio.run(run())


def test_a_machine_over_bytes_reads_nothing_while_its_handler_is_pending() -> None:
    spec = """
protocol P
message GO(t: str) = "GO " t
message MODE = "MODE"
message THREE(b: bytes) = b:r"(?s:...)"
machine M over bytes {
    receives GO, MODE
    emits    went(text: str), piece(b: bytes)
    initial state A reads line(max: 100) {
        on GO(t)     / emit went(t)
        on MODE -> B
    }
    state B reads bytes(3) receives THREE {
        on THREE(b) -> A / emit piece(b)
    }
}
"""

    async def run() -> None:
        class One(made(spec).M):  # type: ignore[misc]
            async def do_A_MODE(self) -> None:
                await gate

        gate = asyncio.get_running_loop().create_future()
        one = One()
        protocol, wire = connected(one)
        protocol.data_received(b"GO a\r\nMODE\r\nxyzGO b\r\n")
        await settled()
        assert told(one) == [("went", "a")]
        protocol.data_received(b"GO c\r\n")
        assert not wire.reading
        gate.set_result(None)
        await settled()
        assert told(one) == [("piece", b"xyz"), ("went", "b"), ("went", "c")]
        assert wire.reading

    asyncio.run(run())
