"""Whatever the delays of the handlers, and however the bytes are split, the same bytes are sent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generated import fed, smtp
from test_tasks import connected

COMMANDS = [
    b"EHLO me\r\n",
    b"MAIL FROM:<a@b>\r\n",
    b"MAIL FROM:<nobody>\r\n",
    b"MAIL FROM:<broken>\r\n",
    b"RCPT TO:<one@x>\r\n",
    b"RCPT TO:<nobody>\r\n",
    b"RCPT TO:<broken>\r\n",
    b"DATA\r\n",
    b"DATA\r\nQUIT\r\n..\r\nRSET\r\n.\r\n",
    b"broken\r\n.\r\n",
    b"VRFY nobody\r\n",
    b"NOOP\r\n",
    b"RSET\r\n",
    b"bare\nline\r\n",
    b"QUIT\r\n",
]
SESSIONS = st.lists(st.sampled_from(COMMANDS), max_size=12).map(
    lambda commands: b"EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<one@x>\r\n" + b"".join(commands)
)
DELAYS = st.lists(st.integers(0, 3), min_size=1, max_size=6)  # turns of the loop; 0 is no waiting
CUTS = st.lists(st.integers(1, 60), max_size=8)


class Server(smtp().Server):  # type: ignore[misc]
    """Answers by what it is asked; `when` says how long each answer takes."""

    def __init__(self, when: Callable[[Callable[[], Any]], Any]) -> None:
        super().__init__("mx")
        self.when = when

    def judge(self, text: str) -> Any:
        def decide() -> Any:
            if "broken" in text:
                raise OSError("no disk")
            return smtp().Reject("no") if "nobody" in text else None

        return self.when(decide)

    def do_READY_MAIL(self, sender: str, parameters: str) -> Any:
        return self.judge(sender)

    def do_ENVELOPE_RCPT(self, recipient: str) -> Any:
        return self.judge(recipient)

    def do_ENVELOPE_DATA(self) -> Any:
        return self.judge("")

    def do_BODY_block(self, body: bytes) -> Any:
        return self.judge(body.decode())

    def do_SESSION_RSET(self) -> Any:
        return self.judge("")

    def do_SESSION_EHLO(self, domain: str) -> Any:
        return self.judge(domain)

    def emit_mail(self, sender: str, recipients: list[str], body: bytes) -> Any:
        return self.when(lambda: None)


def pieces(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    for cut in cuts:
        yield data[:cut]
        data = data[cut:]
    yield data


def at_once(session: bytes, *, ended: bool = False) -> bytes:
    server = Server(lambda decide: decide())
    server.receive_open()
    said: bytes = server.data_to_send()
    said += fed(server, [session])
    if ended:
        server.receive_eof()
    return said + server.data_to_send()  # type: ignore[no-any-return]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


LAW = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@LAW
@given(SESSIONS, DELAYS, CUTS, st.integers(0, 3))
def test_on_asyncio(session: bytes, delays: list[int], cuts: list[int], between: int) -> None:
    asked = 0

    def when(decide: Callable[[], Any]) -> Any:
        nonlocal asked
        turns = delays[asked % len(delays)]
        asked += 1
        return waiting(turns, decide) if turns else decide()

    async def waiting(turns: int, decide: Callable[[], Any]) -> Any:
        for _ in range(turns):
            await asyncio.sleep(0)
        return decide()

    async def run() -> bytes:
        server = Server(when)
        protocol, wire = connected(server)
        for piece in pieces(session, cuts):
            while not wire.reading and not wire.ended:
                await asyncio.sleep(0)
            if not wire.ended:
                protocol.data_received(piece)
            for _ in range(between):
                await asyncio.sleep(0)
        for _ in range(20 * len(delays)):
            await asyncio.sleep(0)
        while server._pending is not None:
            await asyncio.sleep(0)
        written = wire.written
        protocol.connection_lost(None)
        return written

    assert asyncio.run(run()) == at_once(session)


@LAW
@given(SESSIONS, DELAYS, CUTS, st.integers(0, 3))
def test_on_twisted(session: bytes, delays: list[int], cuts: list[int], between: int) -> None:
    pytest.importorskip("twisted", reason="Twisted is not installed")
    from twisted.internet.defer import execute
    from twisted.internet.error import ConnectionDone
    from twisted.internet.task import Clock, deferLater
    from twisted.internet.testing import StringTransport
    from twisted.python.failure import Failure

    from protogen_fsm.runtime import tx

    clock, transport = Clock(), StringTransport()
    asked = 0

    def when(decide: Callable[[], Any]) -> Any:
        nonlocal asked
        turns = delays[asked % len(delays)]
        asked += 1
        if turns == 3:
            return coroutine(decide)
        return deferLater(clock, turns, decide) if turns else execute(decide)  # which has fired

    async def coroutine(decide: Callable[[], Any]) -> Any:
        await deferLater(clock, 1)
        return decide()

    server = Server(when)
    protocol = tx.Protocol(server, clock)
    protocol.makeConnection(transport)
    for piece in pieces(session, cuts):
        while transport.producerState == "paused" and not transport.disconnecting:
            clock.advance(1)
        if not transport.disconnecting:
            protocol.dataReceived(piece)
        clock.advance(between)
    while server._pending is not None:
        clock.advance(1)
    assert transport.value() == at_once(session)
    protocol.connectionLost(Failure(ConnectionDone()))
    assert not clock.getDelayedCalls()


@LAW
@given(SESSIONS, DELAYS, CUTS, st.integers(0, 3))
def test_on_trio(session: bytes, delays: list[int], cuts: list[int], between: int) -> None:
    trio = pytest.importorskip("trio", reason="trio is not installed")
    from trio.testing import MockClock, memory_stream_pair

    from protogen_fsm.runtime import on_trio

    asked = 0

    def when(decide: Callable[[], Any]) -> Any:
        nonlocal asked
        turns = delays[asked % len(delays)]
        asked += 1
        return waiting(turns, decide) if turns else decide()

    async def waiting(turns: int, decide: Callable[[], Any]) -> Any:
        await trio.sleep(turns)
        return decide()

    async def speak(peer: Any) -> None:
        try:
            for piece in pieces(session, cuts):
                await peer.send_all(piece)
                await trio.sleep(between)
            await peer.send_eof()
        except trio.BrokenResourceError:
            return  # what comes behind QUIT is not read

    async def run() -> bytes:
        here, there = memory_stream_pair()
        said = b""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(on_trio.Connection(Server(when), here).live)
            nursery.start_soon(speak, there)
            async for data in there:
                said += data
        return said

    said = trio.run(run, clock=MockClock(autojump_threshold=0))
    assert said == at_once(session, ended=True)
