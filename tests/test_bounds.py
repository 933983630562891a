"""Peers that keep a connection without need: what they hold for ever elsewhere, and not here."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import Mock

import pytest

from certificates import Certificate
from generated import made, smtp
from loops import HERE, LIMIT, Runtime
from protogen_fsm.runtime.bounds import Bounds
from protogen_fsm.runtime.connection import Connection
from protogen_fsm.runtime.wire import NEVER

GIVING = """
protocol Giving
use Lines from "lines.proto"
message GIVE             = "GIVE"
message PING             = "PING"
message BYE              = "BYE"
message PONG             = "PONG"
message GIFT(text: str)  = text

machine Server over Lines(max: 64KiB) {
    receives GIVE, PING, BYE
    sends    PONG, GIFT
    allow    wait_without_timeout "the bounds of its connection are tried"

    initial state READY {
        on GIVE
            | gift(text: str) / send GIFT(text)
        on PING               / send PONG
        on BYE       -> OVER
        on eof       -> OVER
        on malformed -> OVER
    }
    final state OVER
}
"""


class Giver(made(GIVING).Server):  # type: ignore[misc]
    """Gives more than any socket has room for, and tells when its connection is gone."""

    def __init__(self) -> None:
        super().__init__()
        self.gone = threading.Event()
        self.reason = ""

    def do_READY_GIVE(self) -> Any:
        return made(GIVING).Gift("x" * (8 << 20))

    def lost(self, reason: str = "") -> None:
        super().lost(reason)
        self.reason = reason
        self.gone.set()


# ---------------------------------------------------------------- by a clock of the test's own


class InMemory(Connection):
    """A connection whose main loop is the test."""

    def __init__(self, machine: Any, bounds: Bounds) -> None:
        self.now, self.said, self.end, self.timers = 1000.0, b"", "", 0
        super().__init__(machine, lambda: self.now, bounds)
        self._ready = True
        self._opened()

    def _send(self, out: list[bytes]) -> None:
        self.said += b"".join(out)

    def _end(self) -> None:
        self.end = self.end or "closed"

    def _kill(self) -> None:
        self.end = "cut off"

    def _set_reading(self, reading: bool) -> None:
        pass

    def _arm(self) -> None:
        self.timers += 1
        self._armed = self._wire.soonest

    def run(self, answer: Any, done: Any) -> Any:
        answer.close()  # it is never there
        return Mock()

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while self._armed <= until:
            self.now = max(self.now, self._armed)
            self._expire()
        self.now = until


def drip(one: InMemory, data: bytes, every: float) -> float:
    """Sends an octet at a time; gives the seconds after which that was ended."""
    begun = one.now
    for at in range(len(data)):
        one._received(data[at : at + 1])
        one.wait(every)
        if one.end:
            break
    return one.now - begun


def test_a_line_that_comes_an_octet_every_nine_seconds_is_not_waited_for() -> None:
    one = InMemory(Giver(), Bounds(rate=100, leeway=10))
    assert drip(one, b"x" * 1000, 9) == 18
    assert one.end == "closed"
    patient = InMemory(Giver(), Bounds())
    assert drip(patient, b"x" * 1000, 9) == 9000
    assert not patient.end


def test_who_keeps_the_rate_may_take_as_long_as_he_likes() -> None:
    one = InMemory(Giver(), Bounds(rate=100, leeway=10))
    for _ in range(600):
        one._received(b"x" * 100)
        one.wait(0.9)
    assert not one.end
    assert one.timers < 100  # one octet, one timer is what nobody can afford


def test_what_came_fast_is_not_saved_up_for_later() -> None:
    one = InMemory(Giver(), Bounds(rate=100, leeway=10))
    one._received(b"x" * 60_000)  # ten minutes' worth
    assert drip(one, b"x" * 100, 5) <= 15
    assert one.end == "closed"


def test_between_two_frames_there_is_no_rate() -> None:
    one = InMemory(Giver(), Bounds(rate=100, leeway=10))
    for _ in range(3):
        one._received(b"PING\r\n")
        one.wait(3600)
    assert one.said == b"PONG\r\n" * 3
    assert not one.end


def test_a_body_in_pieces_has_to_keep_the_rate_too() -> None:
    piecewise = made("""
        protocol Uploads
        use Lines from "lines.proto"
        message PUT(count: int) = "PUT " count
        machine Server over Lines(max: 100) {
            receives PUT
            initial state READY {
                on PUT(count) -> BODY / send take(count)
                on eof        -> OVER
                on malformed  -> OVER
                after 1min    -> OVER
            }
            state BODY receives piece, pieces_end {
                on piece(part) -> BODY
                on pieces_end  -> READY
                on eof         -> OVER
                on malformed   -> OVER
                after 1min     -> OVER
            }
            final state OVER
        }
    """)
    one = InMemory(piecewise.Server(), Bounds(rate=100, leeway=10))
    one._received(b"PUT 1000\r\n")
    assert drip(one, b"x" * 1000, 9) == 18  # though each piece begins the time-out again
    assert one.end == "closed"


def test_the_time_out_of_a_state_is_not_begun_again_by_octets_that_are_no_event() -> None:
    one = InMemory(smtp().Server("mx"), Bounds())
    one._received(b"EHLO me\r\n")
    one.said = b""
    assert drip(one, b"NOOP" * 100, 9) == pytest.approx(300, abs=9)  # RFC 5321, section 4.5.3.2.7
    assert one.said == b"421 Timeout\r\n"
    body = InMemory(smtp().Server("mx"), Bounds())
    body._received(b"EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n")
    body.said = b""
    assert drip(body, b"x" * 100, 9) == pytest.approx(600, abs=9)
    assert body.said == b"421 Timeout\r\n"


def test_a_session_ends_however_busy_it_is() -> None:
    one = InMemory(Giver(), Bounds(session=3600))
    for _ in range(400):
        one._received(b"PING\r\n")
        one.wait(10)
        if one.end:
            break
    assert one.now == 1000 + 3600
    assert one.end == "closed"


def test_a_peer_that_says_nothing_is_let_go_but_not_while_it_waits_for_us() -> None:
    one = InMemory(Giver(), Bounds(idle=60))
    one.wait(50)
    one._received(b"PING\r\n")
    one.wait(59)
    assert not one.end
    one.wait(1)
    assert one.end == "closed"

    class Slow(smtp().Server):  # type: ignore[misc]
        async def do_READY_MAIL(self, sender: str, parameters: str) -> None:
            """Takes its time."""

    two = InMemory(Slow("mx"), Bounds(idle=60))
    two._received(b"EHLO me\r\nMAIL FROM:<a@b>\r\n")
    two.wait(299)
    assert not two.end
    two.wait(1)
    assert two.said.endswith(b"421 Timeout\r\n")  # the spec's own bound


def test_who_takes_nothing_of_what_he_asked_for_is_cut_off() -> None:
    one = InMemory(Giver(), Bounds(rate=1024, leeway=10))
    one._choke(True)
    one._received(b"PING\r\n" * 1024)  # is owed 6 KiB
    one.wait(15.9)
    assert not one.end
    one.wait(0.2)
    assert one.end == "cut off"


def test_the_end_of_a_connection_ends_and_a_large_rest_has_its_time() -> None:
    one = InMemory(Giver(), Bounds(closing=30))
    one._received(b"PING\r\nBYE\r\n")
    one.wait(29)
    assert one.end == "closed"
    one.wait(1)
    assert one.end == "cut off"

    large = InMemory(Giver(), Bounds(closing=30))
    large._choke(True)
    large._received(b"GIVE\r\nBYE\r\n")  # 8 MiB: at 1 KiB a second as long as it takes
    large.wait(8 * 1024)
    assert large.end == "closed"
    large.wait(31)
    assert large.end == "cut off"


def test_a_connection_without_bounds_arms_nothing_and_holds_nothing() -> None:
    one = InMemory(Giver(), Bounds(closing=None))
    one._received(b"PING\r\nPI")
    assert (one.timers, one._armed, one._patience) == (0, NEVER, None)
    one._received(b"NG\r\nBYE\r\n")
    one.wait(1e9)
    assert one.end == "closed"


def test_a_bound_that_is_none_of_this_world_is_refused() -> None:
    for wrong in (0, -1.0, float("nan")):
        for name in Bounds.__slots__:
            with pytest.raises(ValueError, match=f"{name} is"):
                Bounds(**{name: wrong})
    assert "idle=5, leeway=10.0" in repr(Bounds(idle=5))


# ---------------------------------------------------------------- over real sockets, on every loop


@contextmanager
def naive() -> Iterator[tuple[int, set[asyncio.StreamWriter]]]:
    """The server of asyncio's tutorial, with the same commands; and whom it holds."""
    held: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.add(writer)
        while (line := await reader.readline()) not in (b"", b"BYE\r\n"):
            writer.write(b"x" * (8 << 20) if line == b"GIVE\r\n" else b"PONG\r\n")
        writer.close()
        await writer.wait_closed()
        held.discard(writer)

    async def end() -> None:
        server.close()
        for writer in held:
            writer.transport.abort()

    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        server = runner.run(asyncio.start_server(serve, HERE, 0))
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        try:
            yield server.sockets[0].getsockname()[1], held
        finally:
            asyncio.run_coroutine_threadsafe(end(), loop).result(LIMIT)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()


@contextmanager
def speaking(port: int) -> Iterator[socket.socket]:
    """A peer, with little room for what it does not read."""
    with socket.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.settimeout(LIMIT)
        peer.connect((HERE, port))
        yield peer


def drips(peer: socket.socket) -> None:
    """Sends an octet now and then until the other end has gone; fails if it never goes."""
    end = time.monotonic() + LIMIT
    peer.settimeout(0.02)
    while time.monotonic() < end:
        try:
            peer.send(b"x")
            if peer.recv(100) == b"":
                return
        except TimeoutError:
            pass
        except OSError:
            return
    raise AssertionError("it is still held")


def test_slow_loris_holds_a_naive_server_and_none_of_ours(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "protogen")
    bounds = Bounds(rate=10_000, leeway=0.2)
    with naive() as (there, held), speaking(there) as other:
        other.send(b"x")
        with runtime.serving(Giver, bounds=bounds) as port, speaking(port) as peer:
            drips(peer)
        other.send(b"x")
        assert len(held) == 1
    assert "what was begun comes slower than 10000 octets a second" in caplog.text


def is_answered(peer: socket.socket) -> bool:
    try:
        peer.sendall(b"PING\r\n")
        return peer.recv(100) != b""
    except ConnectionError:
        return False


def test_a_session_that_goes_on_and_on_is_ended(runtime: Runtime) -> None:
    with runtime.serving(Giver, bounds=Bounds(session=0.3)) as port, speaking(port) as peer:
        begun = time.monotonic()
        while is_answered(peer):
            assert time.monotonic() - begun < LIMIT


def test_a_peer_that_never_says_anything_is_ended(runtime: Runtime) -> None:
    with runtime.serving(Giver, bounds=Bounds(idle=0.2)) as port, speaking(port) as peer:
        assert peer.recv(1) == b""


@pytest.mark.parametrize("last", [b"GIVE\r\n", b"GIVE\r\nBYE\r\n"], ids=["open", "closing"])
def test_a_peer_that_reads_nothing_holds_a_naive_server_and_none_of_ours(
    runtime: Runtime, last: bytes
) -> None:
    giver = Giver()
    bounds = Bounds(closing=0.2, rate=1e9, leeway=0.2)
    with naive() as (there, held), speaking(there) as other:
        other.sendall(last)
        with runtime.serving(lambda: giver, bounds=bounds) as port, speaking(port) as peer:
            peer.sendall(last)
            assert giver.gone.wait(LIMIT)
        assert len(held) == 1
    assert "taken" in giver.reason


@pytest.mark.filterwarnings("ignore:Passing pyOpenSSL:DeprecationWarning")
def test_a_peer_that_reads_nothing_through_tls_is_cut_off_too(runtime: Runtime) -> None:
    certificate, giver = Certificate(HERE), Giver()
    bounds = Bounds(closing=0.2, rate=1e9, leeway=0.2)
    options = {"ssl": runtime.certified(certificate), "bounds": bounds}
    with (
        runtime.serving(lambda: giver, **options) as port,
        speaking(port) as peer,
        certificate.trusted().wrap_socket(peer, server_hostname=HERE) as tunnel,
    ):
        tunnel.sendall(b"GIVE\r\nBYE\r\n")
        assert giver.gone.wait(LIMIT)
    assert "taken" in giver.reason
