"""Calls: each finds its own reply, whoever gives up; what nobody asked for is no reply."""

from __future__ import annotations

import asyncio
import pickle
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from generated import made, told
from protogen_fsm import pipeline
from protogen_fsm.runtime import sockets
from protogen_fsm.runtime.core import LocalProtocolError, RemoteProtocolError
from protogen_fsm.source import Source
from test_tasks import connected, settled

STORE = """
protocol Store "Values by their keys, and a client that pipelines"
use Lines from "lines.proto"
message GET(key: str)     = "GET " key
message VALUE(value: str) = "VALUE " value
message NEWS(text: str)   = "NEWS " text

machine Client over Lines(max: 512) {
    receives VALUE, NEWS
    sends    GET
    accepts  get(key: str) answered by got
    emits    got(value: str), heard(text: str)

    initial state OPEN {
        on get(key)             / send GET(key)
        on VALUE(value)         / emit got(value)
        on NEWS(text)           / emit heard(text)
        on malformed -> CLOSED
        after 1h     -> CLOSED
    }
    final state CLOSED
}
"""
CLOSES = STORE.replace("answered by got", "answered by got cancel closes")
TAKES = STORE.replace(
    "on malformed", 'on unsolicited(answer) / emit heard("no " + answer)\n        on malformed'
)
PATIENCE = 20.0
GOODS = b"VALUE of a\r\n", b"VALUE of b\r\n", b"VALUE of c\r\n"


class Naive:
    """A client as they are often written: who asks next reads the next reply (redis-py, 2624)."""

    def __init__(self) -> None:
        self.replies: asyncio.Queue[str] = asyncio.Queue()

    def data_received(self, data: bytes) -> None:
        for line in data.decode().splitlines():
            self.replies.put_nowait(line.removeprefix("VALUE "))

    async def get(self, key: str) -> str:
        return await self.replies.get()


def client(text: str = STORE) -> Any:
    return made(text).Client()


async def asked(call: Any) -> Any:
    return await call


# ---------------------------------------------------------------- one off


async def test_a_client_that_forgets_a_cancelled_request_gives_its_reply_to_the_next() -> None:
    naive = Naive()
    first = asyncio.ensure_future(naive.get("a"))
    await settled()
    first.cancel()
    await settled()
    second = asyncio.ensure_future(naive.get("b"))
    naive.data_received(GOODS[0])
    naive.data_received(GOODS[1])
    assert await second == "of a"  # what another user of the connection had asked for


async def test_a_cancelled_call_keeps_its_place_and_its_late_reply_is_swallowed() -> None:
    one = client()
    protocol, wire = connected(one)
    calls = [asyncio.ensure_future(asked(one.get(key))) for key in "abc"]
    await settled()
    calls[0].cancel()
    calls[1].cancel()
    await settled()
    protocol.data_received(b"".join(GOODS))
    assert await calls[2] == "of c"
    assert wire.ended == ""
    assert await one_more(one, protocol) == "of d"


async def one_more(one: Any, protocol: Any) -> Any:
    call = one.get("d")
    protocol.data_received(b"VALUE of d\r\n")
    return await call


@pytest.mark.parametrize("text", [STORE, CLOSES], ids=["keeps its place", "closes"])
async def test_a_time_limit_gives_a_call_up(text: str) -> None:
    one = client(text)
    protocol, wire = connected(one)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await one.get("a")
    if text is STORE:
        protocol.data_received(GOODS[0])
        assert await one_more(one, protocol) == "of d"
        return
    assert wire.ended == "closed"
    behind = one.get("b")
    protocol.connection_lost(None)
    with pytest.raises(RemoteProtocolError, match="the connection was lost"):
        await behind


async def test_a_call_is_given_up_when_the_last_who_waits_for_it_gives_up() -> None:
    one = client(CLOSES)
    _, wire = connected(one)
    call = one.get("a")
    waiting = [asyncio.ensure_future(asked(call)) for _ in range(2)]
    await settled()
    waiting[0].cancel()
    await settled()
    assert wire.ended == ""
    waiting[1].cancel()
    await settled()
    assert wire.ended == "closed"


async def test_a_call_that_was_answered_cannot_be_given_up() -> None:
    one = client(CLOSES)
    protocol, wire = connected(one)
    call = one.get("a")
    protocol.data_received(GOODS[0])
    call.cancel()
    assert (await call, wire.ended) == ("of a", "")


def test_a_call_is_given_up_without_an_adapter_too() -> None:
    for text in (STORE, CLOSES):
        one = pickle.loads(pickle.dumps(client(text)))
        call = one.get("a")
        call.cancel()
        assert one.wire.closing is (text is CLOSES)


@pytest.mark.parametrize("text", [STORE, CLOSES], ids=["keeps its place", "closes"])
def test_a_deferred_that_is_cancelled_is_a_call_given_up(text: str) -> None:
    pytest.importorskip("twisted", reason="Twisted is not installed")
    from twisted.internet.defer import CancelledError
    from twisted.internet.error import ConnectionDone
    from twisted.internet.task import Clock
    from twisted.internet.testing import StringTransport
    from twisted.python.failure import Failure

    from protogen_fsm.runtime import tx

    one, transport = client(text), StringTransport()
    protocol = tx.Protocol(one, Clock())
    protocol.makeConnection(transport)
    said: list[Any] = []
    calls = [one.get(key).addBoth(said.append) for key in "abc"]
    calls[0].cancel()
    assert said.pop().check(CancelledError)
    assert transport.disconnecting is (text is CLOSES)
    if text is STORE:
        protocol.dataReceived(b"".join(GOODS))
        assert said == ["of b", "of c"]
    else:
        protocol.connectionLost(Failure(ConnectionDone()))
        assert [failure.check(RemoteProtocolError) for failure in said] == [RemoteProtocolError] * 2


@pytest.mark.parametrize("backend", ["trio", "asyncio"])
@pytest.mark.parametrize("text", [STORE, CLOSES], ids=["keeps its place", "closes"])
def test_a_scope_that_is_cancelled_gives_its_call_up(backend: str, text: str) -> None:
    anyio = pytest.importorskip("anyio", reason="anyio is not installed")
    pytest.importorskip(backend, reason=f"{backend} is not installed")
    from protogen_fsm.runtime import on_anyio

    async def run() -> None:
        here = await anyio.create_tcp_listener(local_host="127.0.0.1")
        port = here.extra(anyio.abc.SocketAttribute.local_port)
        heard: list[bytes] = []

        async def serve(peer: Any) -> None:
            async with peer:
                with suppress(anyio.EndOfStream):
                    await answer(peer)

        async def answer(peer: Any) -> None:
            while sum(map(len, heard)) < 14:
                heard.append(await peer.receive())
            await peer.send(GOODS[0] + GOODS[1])
            await peer.receive()

        async with anyio.create_task_group() as group:
            group.start_soon(here.serve, serve)
            async with on_anyio.connect(lambda: client(text), "127.0.0.1", port) as one:
                with anyio.CancelScope() as scope:
                    scope.cancel()
                    await one.get("a")
                assert one.wire.closing is (text is CLOSES)
                if text is STORE:
                    with anyio.fail_after(20):
                        assert await one.get("b") == "of b"
            group.cancel_scope.cancel()
        await here.aclose()

    anyio.run(run, backend=backend)


@pytest.mark.parametrize("text", [STORE, CLOSES], ids=["keeps its place", "closes"])
def test_a_scope_of_trio_s_own_whose_time_is_up_gives_its_call_up(text: str) -> None:
    trio = pytest.importorskip("trio", reason="trio is not installed")
    testing = pytest.importorskip("trio.testing")
    from protogen_fsm.runtime import on_trio

    async def run() -> None:
        ours, theirs = testing.memory_stream_pair()
        async with on_trio.over(client(text), ours) as one:
            behind = one.get("b")
            begun = trio.current_time()
            first = one.get("c")
            with trio.move_on_after(7) as scope:
                await first
            assert scope.cancelled_caught
            assert trio.current_time() - begun == pytest.approx(7)
            assert one.wire.closing is (text is CLOSES)
            if text is STORE:
                last = one.get("d")
                await theirs.send_all(b"VALUE of b\r\nVALUE of c\r\nVALUE of d\r\n")
                assert [await last, await behind, first.result()] == ["of d", "of b", "of c"]
            else:
                assert await theirs.receive_some() == b"GET b\r\nGET c\r\n"
                assert await theirs.receive_some() == b""
                with pytest.raises(RemoteProtocolError):
                    await behind

    trio.run(run, clock=testing.MockClock(autojump_threshold=0))


@pytest.mark.parametrize("text", [STORE, CLOSES], ids=["keeps its place", "closes"])
def test_a_call_that_takes_too_long_on_plain_sockets_is_given_up(text: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        where = listening.getsockname()
        with sockets.connect(lambda: client(text), *where, timeout=PATIENCE) as one:
            peer, _ = listening.accept()
            with peer:
                peer.settimeout(PATIENCE)
                with pytest.raises(TimeoutError):
                    late(one, "a")
                assert one.wire.closing is (text is CLOSES)
                if text is STORE:
                    peer.sendall(GOODS[0] + GOODS[1])
                    assert one.get("b") == "of b"
                    peer.sendall(GOODS[2])
                    assert one.wait(one.machine.get("c")) == "of c"
                else:
                    with pytest.raises(RemoteProtocolError):
                        one.get("b")
                    assert said_until_the_end(peer) == b"GET a\r\n"


def late(one: sockets.Client, key: str) -> Any:
    """Asks, and has no time to wait for the answer."""
    patience, one._timeout = one._timeout, 0.01
    try:
        return one.wait(one.machine.get(key))  # type: ignore[attr-defined]
    finally:
        one._timeout = patience


def said_until_the_end(peer: socket.socket) -> bytes:
    said = b""
    while data := peer.recv(1000):
        said += data
    return said


# ---------------------------------------------------------------- what nobody asked for


async def test_a_naive_client_takes_a_reply_that_was_sent_in_advance() -> None:
    naive = Naive()
    naive.data_received(b"VALUE forged\r\n")
    assert await naive.get("a") == "forged"


def test_a_reply_that_was_sent_in_advance_is_refused() -> None:
    one = client()
    with pytest.raises(RemoteProtocolError, match=r"nothing asked for \(got\)") as problem:
        one.receive_data(b"VALUE forged\r\n")
    assert (problem.value.event, told(one)) == ("unsolicited", [])
    assert one.get("a").done is False


async def test_one_reply_too_many_ends_the_connection_before_the_next_request_can_have_it() -> None:
    one = client()
    protocol, wire = connected(one)
    call = one.get("a")
    protocol.data_received(GOODS[0] + b"VALUE forged\r\n")
    assert (await call, wire.ended) == ("of a", "closed")


def test_what_is_no_answer_may_come_unasked() -> None:
    one = client()
    one.receive_data(b"NEWS of today\r\n")
    assert told(one) == [("heard", "of today")]


def test_a_spec_may_take_what_nobody_asked_for() -> None:
    one = client(TAKES)
    one.receive_data(b"VALUE forged\r\nVALUE again\r\n")
    assert told(one) == [("heard", "no got")] * 2
    call = one.get("a")
    one.receive_data(GOODS[0])
    assert call.result() == "of a"


def test_an_answer_that_may_come_unasked_does() -> None:
    one = client(STORE.replace("emits    got(value: str)", "emits    got(value: str) unasked"))
    one.receive_data(b"VALUE of today\r\n")
    assert told(one) == [("got", "of today")]
    call = one.get("a")
    one.receive_data(GOODS[0])
    assert call.result() == "of a"


@pytest.mark.parametrize("otherwise", ["ignore", "close"])
def test_otherwise_is_for_unasked_replies_too(otherwise: str) -> None:
    one = client(
        STORE.replace("    initial state", f"    otherwise {otherwise}\n    initial state")
    )
    one.receive_data(b"VALUE forged\r\n")
    assert (told(one), one.wire.closing) == ([], otherwise == "close")


CHAIN = """
protocol Chain
use Lines from "lines.proto"
message ASK   = "ASK"
message PART  = "PART"
message READY = "READY"

machine Client over Lines(max: 512) {
    receives PART, READY
    sends    ASK
    accepts  ask answered by done, ready answered by begun
    emits    done(parts: int), begun
    var parts: int = 0

    initial state OPEN {
        on ask                      / send ASK
        on ready                    / raise begin
        on READY                    / raise begin
        on begin                    / emit begun
        on PART when parts < 2      / parts += 1
        on PART                     / parts = 0, raise all(3), raise all(0)
        on all(n) when n > 0        / emit done(n)
        ignore all
        on malformed -> CLOSED
        after 1h     -> CLOSED
    }
    final state CLOSED
}
"""


def test_a_reply_that_a_chain_of_steps_tells_of_is_counted_too() -> None:
    one = made(CHAIN).Client()
    call = one.ask()
    one.receive_data(b"PART\r\n" * 3)
    assert call.result() == 3
    one.receive_data(b"PART\r\n" * 2)
    with pytest.raises(RemoteProtocolError, match=r"nothing asked for \(done\)"):
        one.receive_data(b"PART\r\n")
    assert one.parts == 2  # the step is undone
    assert one.ready().done  # the application itself has begun this chain
    with pytest.raises(RemoteProtocolError, match=r"nothing asked for \(begun\)"):
        one.receive_data(b"READY\r\n")


def test_a_call_whose_step_was_taken_keeps_its_place_whatever_waits_behind_it_does() -> None:
    text = STORE.replace(
        "    initial state OPEN {",
        """    initial state FIRST {
        defer NEWS
        on get(key) -> OPEN     / send GET(key)
    }
    state OPEN {""",
    ).replace("on NEWS(text)           / emit heard(text)", "")
    one = client(text)
    one.receive_data(b"NEWS that nobody takes\r\n")
    with pytest.raises(RemoteProtocolError, match="NEWS is not expected"):
        one.get("a")
    second = one.get("b")
    one.receive_data(GOODS[0] + GOODS[1])
    assert second.result() == "of b"


def test_a_call_that_is_refused_has_no_place() -> None:
    one = client(STORE.replace("on get(key)  ", 'on get(key) when key != ""'))
    with pytest.raises(LocalProtocolError):
        one.get("")
    call = one.get("b")
    one.receive_data(GOODS[1])
    assert call.result() == "of b"


# ---------------------------------------------------------------- the words


def problems(text: str) -> list[str]:
    return [one.title for one in pipeline.check(Source("spec.proto", text))]


WRONG: dict[str, Callable[[str], str]] = {
    "only an emission that answers calls may say `unasked`": lambda text: text.replace(
        "heard(text: str)", "heard(text: str) unasked"
    ),
    "only an event that is `answered by` others may say `cancel closes`": lambda text: text.replace(
        "receives VALUE", "receives VALUE cancel closes"
    ),
}


@pytest.mark.parametrize("title", WRONG)
def test_what_is_no_call_says_nothing_of_calls(title: str) -> None:
    assert problems(STORE) == []
    assert title in problems(WRONG[title](STORE))
