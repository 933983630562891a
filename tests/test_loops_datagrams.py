"""Datagrams on all main loops: the same specs, the same handlers, the same datagrams out."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from generated import made
from loops import HERE, LIMIT, RUNTIMES, Gate, Runtime
from protogen_fsm.runtime.bounds import Bounds
from protogen_fsm.runtime.core import RemoteProtocolError

SPEC = """
protocol Notes
message PUT(text: bytes)  = "PUT " text
message GET               = "GET"
message NOTE(text: bytes) = "NOTE " text
message BYE               = "BYE"
message NOTHING           = ""

machine Server over datagrams(max: 1000) "Keeps a note for each who asks." {
    receives PUT, GET, BYE
    sends    NOTE, BYE, NOTHING
    emits    came, went(reason: str)
    var text: bytes
    initial state OPEN {
        on open                  / emit came
        on PUT(text)
            | accept             / self.text = text
        on GET when size(text) == 0 / send NOTHING
        on GET                   / send NOTE(text)
        on BYE -> OVER           / send BYE
        on lost(reason) -> OVER  / emit went(reason)
        after 1min -> OVER
    }
    final state OVER
}
machine Client over datagrams(max: 1000) {
    receives NOTE, BYE, NOTHING
    sends    PUT, GET, BYE
    accepts  put(text: bytes) answered by said, get answered by note, bye answered by gone
    emits    note(text: bytes), said, gone
    initial state OPEN {
        on put(text)             / send PUT(text), emit said
        on get                   / send GET
        on bye                   / send BYE
        on NOTE(text)            / emit note(text)
        on NOTHING               / emit note("")
        on BYE -> OVER           / emit gone
        on malformed -> OVER
        after 1min -> OVER
    }
    final state OVER
}
"""


@pytest.fixture(scope="module", params=RUNTIMES, ids=lambda runtime: runtime.__name__)
def runtime(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    one = request.param()
    with one.running():
        yield one


def server() -> Any:
    return made(SPEC).Server()


def client() -> Any:
    return made(SPEC).Client()


@contextmanager
def speaking(port: int) -> Iterator[socket.socket]:
    """A peer that knows nothing of protogen."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(LIMIT)
        peer.connect((HERE, port))
        yield peer


def asked(peer: socket.socket, *said: bytes) -> bytes:
    for datagram in said:
        peer.send(datagram)
    return peer.recv(2000)


def wait_for_a_new_machine(peer: socket.socket) -> None:
    """The peer is known no more; what it says before its old machine is gone is lost."""
    deadline = time.monotonic() + LIMIT
    peer.settimeout(0.05)
    while True:
        try:
            if asked(peer, b"GET") == b"":
                break
        except TimeoutError:
            assert time.monotonic() < deadline
    peer.settimeout(LIMIT)


def test_each_peer_has_a_machine_of_its_own(runtime: Runtime) -> None:
    with runtime.hearing(server) as port, speaking(port) as one, speaking(port) as other:
        assert asked(one, b"PUT first", b"GET") == b"NOTE first"
        assert asked(other, b"GET") == b""  # an empty datagram is one
        assert asked(other, b"PUT second", b"GET") == b"NOTE second"
        assert asked(one, b"GET") == b"NOTE first"
        assert asked(one, b"BYE") == b"BYE"
        wait_for_a_new_machine(one)


@pytest.mark.parametrize("apart", [False, True])
def test_a_machine_knows_the_address_of_its_peer(runtime: Runtime, apart: bool) -> None:
    class Knowing(made(SPEC).Server):  # type: ignore[misc]
        def do_OPEN_PUT(self, text: bytes) -> None:
            known.append(tuple(self.wire.peer)[:2])

    known: list[Any] = []
    with runtime.hearing(Knowing, apart=apart) as port:
        runtime.ask_by_datagrams(client, port, ("put", b"a"), ("get",), ("bye",), follow=True)
        assert known[0][0] == HERE
        assert known[0][1] > 0


def test_the_calls_of_a_client_are_awaited(runtime: Runtime) -> None:
    calls = [("get",), ("put", b"x" * 900), ("get",), ("bye",)]
    with runtime.hearing(server) as port:
        told = runtime.ask_by_datagrams(client, port, *calls)
    assert [told[0], told[2], told[3]] == [b"", b"x" * 900, None]


def test_a_peer_may_be_answered_from_another_port_and_is_followed_there(runtime: Runtime) -> None:
    calls = [("get",), ("put", b"here"), ("get",), ("bye",)]
    with runtime.hearing(server, apart=True) as port:
        told = runtime.ask_by_datagrams(client, port, *calls, follow=True)
        assert [told[0], told[2], told[3]] == [b"", b"here", None]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.settimeout(LIMIT)
            peer.bind((HERE, 0))
            peer.sendto(b"GET", (HERE, port))
            _, where = peer.recvfrom(2000)
            assert where[1] != port
            peer.sendto(b"BYE", where)
            assert peer.recvfrom(2000) == (b"BYE", where)


def test_where_nobody_listens_the_connection_is_lost(runtime: Runtime) -> None:
    with speaking(9) as nobody:
        port = nobody.getsockname()[1]
    with pytest.raises(RemoteProtocolError, match="get was not answered"):
        runtime.ask_by_datagrams(client, port, ("get",))


def test_who_breaks_the_protocol_is_alone_in_it(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "protogen")
    with runtime.hearing(server) as port, speaking(port) as good, speaking(port) as bad:
        assert asked(good, b"PUT a", b"GET") == b"NOTE a"
        assert asked(bad, b"PUT b", b"GET") == b"NOTE b"
        bad.send(b"GARBAGE")
        wait_for_a_new_machine(bad)
        assert asked(good, b"GET") == b"NOTE a"
    assert "malformed (no message): b'GARBAGE'" in caplog.text


def test_an_error_in_a_handler_ends_the_machine_of_that_peer_alone(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(made(SPEC).Server):  # type: ignore[misc]
        def do_OPEN_PUT(self, text: bytes) -> None:
            if text == b"bad":
                raise ZeroDivisionError("so bad")

    with runtime.hearing(Broken) as port, speaking(port) as good, speaking(port) as bad:
        assert asked(good, b"PUT a", b"GET") == b"NOTE a"
        bad.send(b"PUT bad")
        wait_for_a_new_machine(bad)
        assert asked(good, b"GET") == b"NOTE a"
    if runtime.name != "twisted":  # whose own log is told
        assert "so bad" in caplog.text


def test_a_handler_that_waits_holds_back_its_peer_and_no_other(runtime: Runtime) -> None:
    gate = Gate()

    class Slow(made(SPEC).Server):  # type: ignore[misc]
        def do_OPEN_PUT(self, text: bytes) -> Any:
            return runtime.at(gate, self) if text == b"slow" else None

    with runtime.hearing(Slow) as port, speaking(port) as one, speaking(port) as other:
        for datagram in (b"PUT slow", b"GET", b"BYE"):
            one.send(datagram)
        assert gate.asked.wait(LIMIT)
        assert asked(other, b"PUT quick", b"GET") == b"NOTE quick"
        gate.let()
        assert [one.recv(2000), one.recv(2000)] == [b"NOTE slow", b"BYE"]


def test_peers_are_bounded_in_number(runtime: Runtime) -> None:
    for limit in ("limit", "limit_each"):
        with (
            runtime.hearing(server, **{limit: 2}) as port,
            speaking(port) as one,
            speaking(port) as other,
            speaking(port) as third,
        ):
            assert asked(one, b"PUT 1", b"GET") == b"NOTE 1"
            assert asked(other, b"PUT 2", b"GET") == b"NOTE 2"
            third.send(b"GET")
            assert asked(one, b"GET") == b"NOTE 1"
            third.setblocking(False)
            with pytest.raises(BlockingIOError):
                third.recv(2000)
            assert asked(one, b"BYE") == b"BYE"
            wait_for_a_new_machine(third)


def test_who_says_nothing_for_too_long_is_gone(runtime: Runtime) -> None:
    reasons: list[str] = []
    gone = threading.Event()

    class Told(made(SPEC).Server):  # type: ignore[misc]
        def emit_went(self, reason: str) -> None:
            reasons.append(reason)
            gone.set()

    with runtime.hearing(Told, bounds=Bounds(idle=0.1)) as port, speaking(port) as peer:
        assert asked(peer, b"PUT a", b"GET") == b"NOTE a"
        assert gone.wait(LIMIT)
        wait_for_a_new_machine(peer)
    assert reasons[0] == "nothing has come for 0.1 s"


def test_on_shutting_down_peers_may_finish(runtime: Runtime) -> None:
    answers: list[bytes] = []
    leaving = threading.Event()

    def finish(peer: socket.socket) -> None:
        assert leaving.wait(LIMIT)
        answers.append(asked(peer, b"GET"))
        answers.append(asked(peer, b"BYE"))

    with speaking(9) as peer:
        finishing = threading.Thread(target=finish, args=(peer,))
        with runtime.hearing(server, grace=LIMIT) as port:
            peer.connect((HERE, port))
            assert asked(peer, b"PUT a", b"GET") == b"NOTE a"
            finishing.start()
            began = time.monotonic()
            leaving.set()
        assert time.monotonic() - began < LIMIT  # nothing is waited for once the last is gone
        finishing.join(LIMIT)
    assert answers == [b"NOTE a", b"BYE"]


def test_on_shutting_down_without_grace_peers_are_lost(runtime: Runtime) -> None:
    gone = threading.Event()

    class Told(made(SPEC).Server):  # type: ignore[misc]
        def emit_went(self, reason: str) -> None:
            gone.set()

    with runtime.hearing(Told) as port, speaking(port) as peer:
        assert asked(peer, b"PUT a", b"GET") == b"NOTE a"
    assert gone.wait(LIMIT)
