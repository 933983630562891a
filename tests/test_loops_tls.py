"""TLS on every main loop: from the start, and where the spec says `starttls`."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from certificates import Certificate
from generated import ROOT, made
from loops import HERE, LIMIT, Gate, Runtime
from protogen_fsm.runtime.errors import RemoteProtocolError

SPEC = (ROOT / "tests" / "specs" / "tunnel.proto").read_text("utf-8")
TUNNEL = made(SPEC)

# Twisted makes its contexts in a way that pyOpenSSL would like to be rid of.
pytestmark = pytest.mark.filterwarnings("ignore:Passing pyOpenSSL:DeprecationWarning")


@pytest.fixture(scope="module")
def ours() -> Certificate:
    return Certificate(HERE)


class Peer:
    """The other end, as a program with nothing but sockets is."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(LIMIT)
        self.sock = sock

    def say(self, data: bytes) -> None:
        self.sock.sendall(data)

    def line(self) -> bytes:
        found = b""
        while not found.endswith(b"\r\n"):
            got = self.sock.recv(1)
            if not got:
                break
            found += got
        return found

    def secure(self, context: ssl.SSLContext, **options: Any) -> None:
        self.sock = context.wrap_socket(self.sock, **options)

    def is_over(self) -> bool:
        """Whether the other end has ended the connection, and says nothing before it does."""
        try:
            return not self.sock.recv(1)
        except OSError:
            return True


@contextlib.contextmanager
def dialled(port: int) -> Iterator[Peer]:
    with socket.create_connection((HERE, port)) as sock:
        peer = Peer(sock)
        yield peer
        peer.sock.close()


@contextlib.contextmanager
def played(play: Callable[[Peer], None]) -> Iterator[int]:
    """A server that plays its part with one client; an error of its own is the test's."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            sock, _ = listening.accept()
            with sock:
                peer = Peer(sock)
                play(peer)
                peer.sock.close()
        except BaseException as error:
            errors.append(error)

    with socket.create_server((HERE, 0)) as listening:
        listening.settimeout(LIMIT)
        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            thread.join()
    assert not errors, errors


def test_from_the_start_all_is_said_in_secret(runtime: Runtime, ours: Certificate) -> None:
    with runtime.serving(TUNNEL.Server, ssl=runtime.certified(ours)) as port:
        asked = runtime.ask(
            TUNNEL.Client, port, ("hello", "ann"), ("hello", "bob"), ssl=runtime.trusting(ours)
        )
        assert asked == ["", ""]
        with dialled(port) as peer:
            peer.secure(ours.trusted(), server_hostname=HERE)
            peer.say(b"HELO ann\r\nWHO\r\n")
            assert (peer.line(), peer.line()) == (b"GO\r\n", b"NAME ann\r\n")


def test_where_the_spec_says_so_both_ends_go_on_in_secret(
    runtime: Runtime, ours: Certificate
) -> None:
    with runtime.serving(TUNNEL.Server, starttls=runtime.certified(ours)) as port:
        asked = runtime.ask(
            TUNNEL.Client,
            port,
            ("hello", "ann"),
            ("secure",),
            ("hello", "bob"),
            ("hello", "c" * 400),
            starttls=runtime.trusting(ours),
        )
        assert asked == ["", None, "secret bob", "secret " + "c" * 400]


def test_a_peer_of_another_making_is_served_as_well(runtime: Runtime, ours: Certificate) -> None:
    with runtime.serving(TUNNEL.Server, starttls=runtime.certified(ours)) as port:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ours.trusted()
            context.minimum_version = context.maximum_version = version
            with dialled(port) as peer:
                peer.say(b"HELO ann\r\n")
                assert peer.line() == b"GO\r\n"
                peer.say(b"STARTTLS\r\n")
                assert peer.line() == b"GO\r\n"
                peer.secure(context, server_hostname=HERE)
                peer.say(b"WHO\r\n")
                assert peer.line() == b"NAME nobody\r\n"
                peer.say(b"HELO bob\r\nSTARTTLS\r\n")
                assert (peer.line(), peer.line()) == (b"NAME secret bob\r\n", b"NO\r\n")


def test_many_records_at_once_are_each_taken_as_they_were_sent(
    runtime: Runtime, ours: Certificate
) -> None:
    with runtime.serving(TUNNEL.Server, starttls=runtime.certified(ours)) as port:
        with dialled(port) as peer:
            peer.say(b"STARTTLS\r\n")
            assert peer.line() == b"GO\r\n"
            # Records that come together are read another way by TLS of asyncio's.
            inner, outer = ssl.MemoryBIO(), ssl.MemoryBIO()
            secret = ours.trusted().wrap_bio(inner, outer, server_hostname=HERE)
            while True:
                try:
                    secret.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    peer.say(outer.read())
                    inner.write(peer.sock.recv(65536))
            for number in range(100):
                secret.write(b"HELO %d\r\n" % number)
            peer.say(outer.read())
            answers = b""
            while answers.count(b"\r\n") < 100:
                try:
                    answers += secret.read(65536)
                except ssl.SSLWantReadError:
                    inner.write(peer.sock.recv(65536))
        assert answers == b"".join(b"NAME secret %d\r\n" % number for number in range(100))


def test_a_handler_may_take_its_time_before_it(runtime: Runtime, ours: Certificate) -> None:
    gate = Gate()

    class Slow(TUNNEL.Server):  # type: ignore[misc,name-defined]
        def do_STARTTLS(self) -> Any:
            return runtime.at(gate, self)

    with runtime.serving(Slow, starttls=runtime.certified(ours)) as port, dialled(port) as peer:
        peer.say(b"STARTTLS\r\n")
        gate.let(None)
        assert peer.line() == b"GO\r\n"
        peer.secure(ours.trusted(), server_hostname=HERE)
        peer.say(b"WHO\r\n")
        assert peer.line() == b"NAME nobody\r\n"


def test_a_server_of_another_making_is_spoken_to_as_well(
    runtime: Runtime, ours: Certificate
) -> None:
    def play(peer: Peer) -> None:
        assert peer.line() == b"STARTTLS\r\n"
        peer.say(b"GO\r\n")
        peer.secure(ours.served(), server_side=True)
        assert peer.line() == b"HELO ann\r\n"
        peer.say(b"NAME x\r\n")
        peer.is_over()

    with played(play) as port:
        asked = runtime.ask(
            TUNNEL.Client, port, ("secure",), ("hello", "ann"), starttls=runtime.trusting(ours)
        )
    assert asked == [None, "x"]


def test_a_client_trusts_nobody_whom_it_has_not_heard_of(
    runtime: Runtime, ours: Certificate
) -> None:
    others = Certificate(HERE)  # of another authority
    with (
        runtime.serving(TUNNEL.Server, starttls=runtime.certified(others)) as port,
        pytest.raises(RemoteProtocolError, match=r"secure was not answered: TLS: .*certificate"),
    ):
        runtime.ask(TUNNEL.Client, port, ("secure",), starttls=runtime.trusting(ours))


def test_a_client_takes_no_other_name_for_the_one_it_asked_for(runtime: Runtime) -> None:
    other = Certificate("mx.example.org")
    with (
        runtime.serving(TUNNEL.Server, starttls=runtime.certified(other)) as port,
        pytest.raises(RemoteProtocolError, match="secure was not answered"),
    ):
        runtime.ask(TUNNEL.Client, port, ("secure",), starttls=runtime.trusting(other))


def test_a_peer_that_shakes_no_hands_is_lost(runtime: Runtime, ours: Certificate) -> None:
    lost = threading.Event()

    class Server(TUNNEL.Server):  # type: ignore[misc,name-defined]
        def lost(self, reason: str = "") -> None:
            super().lost(reason)
            lost.set()

    for rest in (b"", b"HELO eve\r\nWHO\r\n" * 20):
        lost.clear()
        with (
            runtime.serving(Server, starttls=runtime.certified(ours)) as port,
            dialled(port) as peer,
        ):
            peer.say(b"STARTTLS\r\n")
            assert peer.line() == b"GO\r\n"
            with contextlib.suppress(OSError):  # it may be gone by then
                peer.say(rest)
                peer.sock.shutdown(socket.SHUT_WR)
            while not peer.is_over():
                pass  # TLS says that this is no TLS
            assert lost.wait(LIMIT)


def test_a_handshake_that_takes_too_long_is_ended_by_the_state_s_time_out(
    runtime: Runtime, ours: Certificate
) -> None:
    hasty = made(SPEC.replace("after 10s", "after 50ms"))
    with (
        runtime.serving(hasty.Server, starttls=runtime.certified(ours)) as port,
        dialled(port) as peer,
    ):
        peer.say(b"STARTTLS\r\n")
        assert peer.line() == b"GO\r\n"
        assert peer.is_over()


def test_without_a_context_it_is_an_error_of_ours(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    with runtime.serving(TUNNEL.Server) as port, dialled(port) as peer:
        peer.say(b"STARTTLS\r\n")
        assert peer.is_over()  # and not a word of it
