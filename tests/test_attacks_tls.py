"""What an attacker puts before a handshake: naive programs take it for what came after, ours never.

CVE-2011-0411: commands behind STARTTLS; and answers behind the server's consent (NO STARTTLS).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from certificates import Certificate
from generated import ROOT, made
from loops import HERE, LIMIT, RUNTIMES, Runtime
from protogen_fsm.runtime.errors import RemoteProtocolError
from test_loops_tls import Peer, dialled, played

SPEC = (ROOT / "tests" / "specs" / "tunnel.proto").read_text("utf-8")
TUNNEL = made(SPEC)

pytestmark = pytest.mark.filterwarnings("ignore:Passing pyOpenSSL:DeprecationWarning")


@pytest.fixture(scope="module")
def ours() -> Certificate:
    return Certificate(HERE)


@pytest.fixture(scope="module", params=RUNTIMES, ids=lambda kind: kind.__name__)
def runtime(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    one = request.param()
    with one.running():
        yield one


class Naive:
    """Reads lines into a buffer of its own, and keeps it when TLS begins."""

    def __init__(self, peer: Peer) -> None:
        self.peer, self.buffer = peer, b""

    def line(self) -> bytes:
        while b"\r\n" not in self.buffer:
            got = self.peer.sock.recv(4096)
            if not got:
                return b""
            self.buffer += got
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def serve(self, ours: Certificate) -> None:
        name = b"nobody"
        while line := self.line():
            if line == b"STARTTLS":
                self.peer.say(b"GO\r\n")
                self.peer.secure(ours.served(), server_side=True)
                name = b"nobody"
            elif line == b"WHO":
                self.peer.say(b"NAME " + name + b"\r\n")
            else:
                name = line[5:]


def attack_a_server(port: int, ours: Certificate) -> bytes:
    """An attacker puts a command behind a victim's STARTTLS; what the victim is told then."""
    with dialled(port) as victim:
        victim.say(b"STARTTLS\r\nHELO eve\r\n")
        if victim.line() != b"GO\r\n":
            return b""
        try:
            victim.secure(ours.trusted(), server_hostname=HERE)
            victim.say(b"WHO\r\n")
            return victim.line()
        except OSError:
            return b""


def test_a_naive_server_takes_a_command_of_the_attackers_for_the_victims(
    ours: Certificate,
) -> None:
    with played(lambda peer: Naive(peer).serve(ours)) as port:
        assert attack_a_server(port, ours) == b"NAME eve\r\n"


def test_no_server_of_ours_takes_a_command_that_came_before_tls(
    runtime: Runtime, ours: Certificate
) -> None:
    heard: list[str] = []

    class Server(TUNNEL.Server):  # type: ignore[misc,name-defined]
        def emit_hello(self, name: str) -> None:
            heard.append(name)

    with runtime.serving(Server, starttls=runtime.certified(ours)) as port:
        assert attack_a_server(port, ours) == b""
    assert heard == []


def injecting(ours: Certificate, over: threading.Event) -> Any:
    """A server whose consent has an answer of the attacker's behind it."""

    def play(peer: Peer) -> None:
        assert peer.line() == b"STARTTLS\r\n"
        peer.say(b"GO\r\nNAME eve\r\n")
        try:
            peer.secure(ours.served(), server_side=True)
            peer.line()  # what the victim says in secret; nobody has answered it
            over.wait(LIMIT)
        except OSError:
            pass

    return play


def test_a_naive_client_takes_an_answer_of_the_attackers_for_the_servers(
    ours: Certificate,
) -> None:
    over = threading.Event()
    with played(injecting(ours, over)) as port, dialled(port) as peer:
        naive = Naive(peer)
        peer.say(b"STARTTLS\r\n")
        assert naive.line() == b"GO"
        peer.secure(ours.trusted(), server_hostname=HERE)
        peer.say(b"HELO ann\r\n")
        assert naive.line() == b"NAME eve"
        over.set()


def test_no_client_of_ours_takes_an_answer_that_came_before_tls(
    runtime: Runtime, ours: Certificate
) -> None:
    over = threading.Event()
    told: list[str] = []

    class Client(TUNNEL.Client):  # type: ignore[misc,name-defined]
        def emit_answer(self, name: str) -> None:
            told.append(name)

    with played(injecting(ours, over)) as port:
        try:
            with pytest.raises(RemoteProtocolError, match="secure was not answered"):
                runtime.ask(
                    Client, port, ("secure",), ("hello", "ann"), starttls=runtime.trusting(ours)
                )
        finally:
            over.set()
    assert told == []
