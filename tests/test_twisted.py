"""Twisted's own ways: Deferreds, Clock and StringTransport, producers, half-close, endpoints."""

from __future__ import annotations

from collections.abc import Generator
from io import BytesIO
from typing import Any

import pytest

from generated import machine, smtp, told
from protogen_fsm.runtime.core import LocalProtocolError, RemoteProtocolError

pytest.importorskip("twisted", reason="Twisted is not installed")

from twisted.internet.defer import CancelledError, Deferred, fail, inlineCallbacks, succeed
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import (
    IConsumer,
    IHalfCloseableProtocol,
    IProtocol,
    IProtocolFactory,
)
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.protocols.basic import FileSender
from twisted.python.failure import Failure

from protogen_fsm.runtime import tx


def connected(one: Any) -> tuple[tx.Protocol, StringTransport, Clock]:
    clock, transport = Clock(), StringTransport()
    protocol = tx.Factory(lambda: one, clock).buildProtocol(None)
    protocol.makeConnection(transport)
    return protocol, transport, clock


def taken(transport: StringTransport) -> bytes:
    written: bytes = transport.value()
    transport.clear()
    return written


class Slow(smtp().Server):  # type: ignore[misc]
    """Answers MAIL and RCPT when it is let."""

    def __init__(self) -> None:
        super().__init__("mx")
        self.asked: list[Deferred[Any]] = []

    def do_READY_MAIL(self, sender: str, parameters: str) -> Any:
        self.asked.append(Deferred())
        return self.asked[-1]

    async def do_ENVELOPE_RCPT(self, recipient: str) -> Any:
        self.asked.append(Deferred())
        return await self.asked[-1]


def greeted() -> tuple[Slow, tx.Protocol, StringTransport, Clock]:
    server = Slow()
    protocol, transport, clock = connected(server)
    protocol.dataReceived(b"EHLO me\r\n")
    taken(transport)
    return server, protocol, transport, clock


def test_the_interfaces_are_there() -> None:
    protocol, _, _ = connected(smtp().Server("mx"))
    assert IProtocol.providedBy(protocol)
    assert IHalfCloseableProtocol.providedBy(protocol)
    assert IProtocolFactory.providedBy(tx.Factory(lambda: smtp().Server("mx")))


def test_a_handler_may_return_a_deferred_or_be_a_coroutine() -> None:
    server, protocol, transport, _ = greeted()
    protocol.dataReceived(b"MAIL FROM:<a@b>\r\nRCPT TO:<one>\r\nRCPT TO:<two>\r\nQUIT\r\n")
    assert taken(transport) == b""
    server.asked.pop().callback(None)
    assert taken(transport) == b"250 OK\r\n"
    server.asked.pop().callback(smtp().Reject("no"))
    assert taken(transport) == b"550 no\r\n"
    server.asked.pop().errback(OSError("no disk"))
    assert taken(transport) == b"451 Local error in processing\r\n221 Bye\r\n"
    assert transport.disconnecting


def test_a_deferred_that_has_fired_is_no_wait() -> None:
    def given() -> Generator[Any, None, None]:
        while True:
            yield succeed(None)
            yield succeed(smtp().Reject("no"))
            yield fail(OSError("no disk"))

    answers = given()

    class Mine(smtp().Server):  # type: ignore[misc]
        def do_READY_MAIL(self, sender: str, parameters: str) -> Any:
            return next(answers)

    protocol, transport, _ = connected(Mine("mx"))
    protocol.dataReceived(b"EHLO me\r\n")
    taken(transport)
    protocol.dataReceived(
        b"MAIL FROM:<a@b>\r\nRSET\r\nMAIL FROM:<a@b>\r\nMAIL FROM:<a@b>\r\n" * 200
    )
    said = b"250 OK\r\n250 OK\r\n550 no\r\n451 Local error in processing\r\n"
    assert taken(transport) == said * 200


def test_the_loss_of_the_connection_cancels_the_deferred() -> None:
    server, protocol, _, clock = greeted()
    protocol.dataReceived(b"MAIL FROM:<a@b>\r\n")
    why: list[Any] = []
    server.asked[0].addErrback(why.append)
    gone = tx.closed(server)
    protocol.connectionLost(Failure(ConnectionLost("reset")))
    assert gone.called
    assert why == []  # the machine has taken the error, ahead of us
    assert server.asked[0].called
    assert not clock.getDelayedCalls()
    assert tx.closed(server).called


def test_the_time_out_cancels_the_deferred_and_one_timer_is_enough() -> None:
    server, protocol, transport, clock = greeted()
    protocol.dataReceived(b"MAIL FROM:<a@b>\r\nNOOP\r\n")
    assert len(clock.getDelayedCalls()) == 1
    clock.advance(299)
    assert taken(transport) == b""
    clock.advance(1)
    assert taken(transport) == b"421 Timeout\r\n"
    assert transport.disconnecting
    assert isinstance(server.asked[0].result, type(None))


def test_a_million_seconds_of_commands_arm_a_handful_of_timers() -> None:
    protocol, transport, clock = connected(smtp().Server("mx"))
    armed = 0
    later = clock.callLater

    def counting(*args: Any) -> Any:
        nonlocal armed
        armed += 1
        return later(*args)

    clock.callLater = counting  # type: ignore[method-assign]
    protocol.dataReceived(b"EHLO me\r\n")
    for _ in range(10_000):
        clock.advance(100)
        protocol.dataReceived(b"RSET\r\n")
        assert len(clock.getDelayedCalls()) == 1
    assert not transport.disconnecting
    assert armed <= 10_000 * 100 / 300 * 1.5


def test_what_the_peer_does_not_take_stops_the_reading() -> None:
    protocol, transport, _ = connected(smtp().Server("mx"))
    assert transport.producer is protocol
    assert transport.streaming
    protocol.pauseProducing()
    protocol.dataReceived(b"NOOP\r\n")
    assert transport.producerState == "paused"
    protocol.resumeProducing()
    assert transport.producerState == "producing"


def test_who_only_asks_goes_on_reading() -> None:
    client = smtp().Client("me")
    protocol, transport, _ = connected(client)
    protocol.dataReceived(b"220 mx\r\n250 mx\r\n")
    protocol.pauseProducing()
    client.send_mail("a@b", ["c@d"], b"")
    assert transport.producerState == "producing"


def test_what_comes_while_a_handler_waits_stops_the_reading() -> None:
    server, protocol, transport, _ = greeted()
    protocol.dataReceived(b"MAIL FROM:<a@b>\r\n")
    assert transport.producerState == "producing"
    protocol.dataReceived(b"NOOP\r\n")
    assert transport.producerState == "paused"
    server.asked.pop().callback(None)
    assert transport.producerState == "producing"


def test_the_end_of_what_the_peer_sends_is_not_the_end_of_the_connection() -> None:
    module = machine("""
        accepts go
        emits   did(what: str)
        initial state A { on eof / emit did("eof")  on go -> END }
        final state END
    """)
    protocol, transport, _ = connected(module.M())
    protocol.readConnectionLost()
    assert told(protocol.machine) == [("did", "eof")]
    assert not transport.disconnecting
    protocol.writeConnectionLost()
    protocol.machine.go()
    assert transport.disconnecting


def test_half_closed_the_peer_still_gets_what_a_handler_answers() -> None:
    module = machine(
        """
        sends   octets(data: bytes)
        initial state A reads chunk receives data {
            on data | said(text: str) / send octets(bytes(text))
            on eof -> END / send octets("bye")
        }
        final state END
    """,
        head=" over bytes",
    )
    asked: list[Deferred[Any]] = []

    class Mine(module.M):  # type: ignore[misc,name-defined]
        def do_A_data(self, data: bytes) -> Any:
            asked.append(Deferred())
            return asked[-1]

    protocol, transport, _ = connected(Mine())
    protocol.dataReceived(b"?")
    protocol.readConnectionLost()
    assert not transport.disconnecting
    asked[0].callback(module.Said("late"))
    assert taken(transport) == b"latebye"
    assert transport.disconnecting


# ---------------------------------------------------------------- bodies


BODIES = """
    accepts piece(data: bytes)
    sends   octets(data: bytes)
    initial state A reads chunk receives data {
        on piece(data) / send octets(data)
        on data
        on eof -> END
    }
    final state END
"""


def bodies() -> tuple[Any, tx.Protocol, StringTransport, Clock]:
    one = machine(BODIES, head=" over bytes").M()
    return one, *connected(one)


class Fountain:
    """A producer that says what it is told to do."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def pauseProducing(self) -> None:
        self.told.append("pause")

    def resumeProducing(self) -> None:
        self.told.append("resume")

    def stopProducing(self) -> None:
        self.told.append("stop")


def test_a_file_goes_out_no_faster_than_the_peer_takes_it() -> None:
    one, protocol, transport, clock = bodies()
    content = bytes(range(256)) * 4096  # a MiB, of which FileSender reads 16 KiB at a time
    body = tx.body(one, one.piece)
    assert IConsumer.providedBy(body)
    write = transport.write

    def narrow(data: bytes) -> None:
        write(data)
        if len(transport.value()) >= 40_000:
            protocol.pauseProducing()

    transport.write = narrow  # type: ignore[method-assign]
    sent: list[Any] = []
    FileSender().beginFileTransfer(BytesIO(content), body).addCallback(sent.append)
    clock.advance(0)
    come = b""
    while not sent:
        assert len(transport.value()) == 3 << 14
        assert not clock.getDelayedCalls()
        come += taken(transport)
        protocol.resumeProducing()
        clock.advance(0)
    assert come + taken(transport) == content
    assert not protocol.bodies
    assert not clock.getDelayedCalls()


def test_a_producer_that_pushes_is_paused_and_stopped() -> None:
    one, protocol, transport, _ = bodies()
    fountain, late = Fountain(), Fountain()
    body = tx.body(one, one.piece)
    body.registerProducer(fountain, True)
    with pytest.raises(RuntimeError, match="one producer"):
        body.registerProducer(late, True)
    body.write(b"some")
    assert taken(transport) == b"some"
    protocol.pauseProducing()
    protocol.resumeProducing()
    protocol.pauseProducing()
    tx.body(one, one.piece).registerProducer(late, True)
    assert (fountain.told, late.told) == (["pause", "resume", "pause"], ["pause"])
    protocol.connectionLost(Failure(ConnectionLost("reset")))
    assert (fountain.told[3:], late.told[1:]) == (["stop"], ["stop"])
    never = Fountain()
    tx.body(one, one.piece).registerProducer(never, True)
    assert never.told == ["stop"]


def test_a_file_whose_pieces_are_not_allowed_is_stopped() -> None:
    one, protocol, _, clock = bodies()
    why: list[Any] = []
    body = tx.body(one, one.piece)
    FileSender().beginFileTransfer(BytesIO(b"some"), body).addErrback(why.append)
    protocol.readConnectionLost()
    with pytest.raises(LocalProtocolError):
        clock.advance(0)
    assert len(why) == 1
    assert not protocol.bodies


# ---------------------------------------------------------------- calls


def session() -> tuple[Any, tx.Protocol, StringTransport]:
    client = smtp().Client("me")
    protocol, transport, _ = connected(client)
    protocol.dataReceived(b"220 mx\r\n250 mx\r\n")
    taken(transport)
    return client, protocol, transport


MAIL = b"250 OK\r\n250 for %s\r\n354 Go\r\n250 OK\r\n"


def test_a_call_is_a_deferred() -> None:
    client, protocol, _ = session()
    got: list[Any] = []
    call = tx.deferred(client.send_mail("a@b", ["one"], b""))
    assert isinstance(call, Deferred)
    call.addCallback(got.append)

    @inlineCallbacks
    def in_the_old_way() -> Generator[Any, Any, None]:
        verdicts = yield client.send_mail("a@b", ["two"], b"")
        got.append(verdicts)

    async def in_the_new_way() -> None:
        got.append(await client.send_mail("a@b", ["three"], b""))

    old, new = in_the_old_way(), Deferred.fromCoroutine(in_the_new_way())
    for name in (b"one", b"two", b"three"):
        protocol.dataReceived(MAIL % name)
    assert [[one.text for one in verdicts] for verdicts in got] == [
        ["for one"],
        ["for two"],
        ["for three"],
    ]
    assert old.called
    assert new.called


def test_a_call_that_is_cancelled_keeps_its_place() -> None:
    client, protocol, _ = session()
    first, second = (tx.deferred(client.send_mail("a", [name], b"")) for name in ("b", "c"))
    why: list[Any] = []
    first.addErrback(lambda failure: why.append(failure.type))
    first.cancel()
    got: list[Any] = []
    second.addCallback(got.append)
    protocol.dataReceived(MAIL % b"b" + MAIL % b"c")
    assert why == [CancelledError]
    assert [one.text for one in got[0]] == ["for c"]


def test_a_call_fails_when_the_session_ends() -> None:
    client, protocol, _ = session()
    why: list[Any] = []
    tx.deferred(client.send_mail("a", ["b"], b"")).addErrback(lambda f: why.append(f.value))
    protocol.connectionLost(Failure(ConnectionDone()))
    assert isinstance(why[0], RemoteProtocolError)
    with pytest.raises(LocalProtocolError):
        client.send_mail("a", ["b"], b"")


def test_an_error_of_ours_aborts_the_connection_and_is_told_the_reactor() -> None:
    module = machine("""
        accepts go
        initial state A { on eof / raise next  on next / raise next  on go -> END }
        final state END
    """)
    protocol, transport, _ = connected(module.M())
    with pytest.raises(RuntimeError, match="chain"):
        protocol.readConnectionLost()
    assert transport.disconnected


# ---------------------------------------------------------------- endpoints


def test_serve_and_connect_take_endpoints_by_their_names() -> None:
    reactor = MemoryReactorClock()
    ports: list[Any] = []
    tx.serve(lambda: smtp().Server("mx"), "tcp:2525:interface=127.0.0.1", reactor=reactor).addBoth(
        ports.append
    )
    assert reactor.tcpServers[0][0] == 2525
    assert len(ports) == 1
    made: list[Any] = []
    tx.connect(lambda: smtp().Client("me"), "tcp:127.0.0.1:2525", reactor=reactor).addBoth(
        made.append
    )
    (_, port, factory, *_), transport = reactor.tcpClients[0], StringTransport()
    assert port == 2525
    factory.buildProtocol(None).makeConnection(transport)
    assert isinstance(made[0], smtp().Client)
    made[0].close()
    assert transport.disconnecting


def test_what_has_no_connection_of_twisted_s_cannot_be_closed_there() -> None:
    with pytest.raises(LocalProtocolError, match="no connection"):
        tx.closed(smtp().Client("me"))
