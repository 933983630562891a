"""Those who look on: what they are told, that it changes nothing, and that others do not pay."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from generated import made, shipped, smtp
from loops import HERE, LIMIT, RUNTIMES, Gate, Runtime
from protogen_fsm.runtime import aio
from protogen_fsm.runtime.core import RemoteProtocolError
from protogen_fsm.runtime.layers import stack, tap
from protogen_fsm.runtime.observing import FIELDS, Counters, Happening, Log, observe, observed


class Seen(list[Happening]):
    """An observer that keeps what it is told."""

    def __call__(self, happening: Happening) -> None:
        self.append(happening)

    def of(self, role: str, *kinds: str) -> list[tuple[Any, ...]]:
        """What machines of that name did, of these kinds if any are said, since the last time."""
        found = [
            (one.what, one.name, *one.args)
            for one in self
            if one.machine._role == role and (not kinds or one.what in kinds)
        ]
        self.clear()
        return found


ORDERS = """
protocol Orders
use Lines from "lines.proto"
message ORDER(n: int) = "ORDER " n
message LATER(n: int) = "LATER " n
message LOCK          = "LOCK"
message OPEN          = "OPEN"
message BYE           = "BYE"
message DONE(n: int)  = "DONE " n

machine Shop over Lines(max: 100) {
    receives ORDER, LATER, LOCK, OPEN, BYE
    sends    DONE
    accepts  restock(n: int)
    emits    sold(n: int)
    otherwise error
    timer    patience = 10s
    var      stock: int = 3

    initial state SHOP {
        on malformed -> OVER
        on eof       -> OVER
        on patience  -> OVER
        after 1min   -> OVER
        initial state READY {
            on ORDER(n)
                | sell          / stock -= n, emit sold(n), send DONE(n)
            on LATER(n)         -> BUSY(n) / raise counted(n), start patience
            on counted(n)       / send DONE(n)
            on restock(n)       / stock += n
            on LOCK             -> LOCKED
        }
        state BUSY(n: int) {
            on counted(k)       -> READY / send DONE(k)
            on LOCK             -> LOCKED
        }
        state LOCKED {
            defer ORDER
            on OPEN             -> READY
        }
        on BYE       -> OVER
    }
    final state OVER
}
"""


def shop(cls: Any = None) -> tuple[Any, Seen, Any]:
    one, seen = (cls or made(ORDERS).Shop)(), Seen()
    one.receive_open()
    return one, seen, observe(one, seen)


def test_an_observer_sees_events_moves_what_is_raised_and_what_goes_out_in_order() -> None:
    one, seen, _ = shop()
    one.receive_data(b"ORDER 2\r\n")
    assert seen.of("Shop") == [
        ("receives", "ORDER", 2),
        ("emits", "sold", 2),
        ("sends", "line", b"DONE 2"),
    ]
    one.receive_data(b"LATER 7\r\n")
    assert [str(one) for one in seen if one.what == "moves"] == [
        "Shop in READY moves to BUSY",
        "Shop in BUSY moves to READY",
    ]
    assert next(one for one in seen if one.what == "moves").arguments() == {"n": 7}
    assert seen.of("Shop") == [
        ("receives", "LATER", 7),
        ("raises", "counted", 7),
        ("moves", "state", "READY", "BUSY"),
        ("moves", "state", "BUSY", "READY"),
        ("sends", "line", b"DONE 7"),
    ]


def test_the_frames_of_the_layers_below_are_seen_too() -> None:
    one, seen, _ = shop()
    one.receive_data(b"ORDER 2\r\n")
    named = [happening.arguments() for happening in seen if happening.machine._role == "Lines"]
    assert named == [{"octets": b"ORDER 2"}, {"text": b"ORDER 2"}, {"text": b"DONE 2"},
                     {"data": b"DONE 2\r\n"}]  # fmt: skip
    assert seen.of("Lines") == [
        ("receives", "data", b"ORDER 2"),
        ("emits", "line", b"ORDER 2"),
        ("accepts", "line", b"DONE 2"),
        ("sends", "octets", b"DONE 2\r\n"),
    ]


def test_what_is_deferred_refused_malformed_timed_out_or_lost_is_told_as_such() -> None:
    one, seen, _ = shop()
    one.receive_data(b"LOCK\r\nORDER 1\r\nOPEN\r\n")
    assert seen.of("Shop", "receives", "defers") == [
        ("receives", "LOCK"),
        ("receives", "ORDER", 1),
        ("defers", "ORDER", 1),
        ("receives", "OPEN"),
        ("receives", "ORDER", 1),
    ]
    with pytest.raises(RemoteProtocolError):
        one.receive_data(b"OPEN\r\n")
    assert seen.of("Shop") == [("receives", "OPEN"), ("refuses", "OPEN")]
    one.receive_data(b"LATER 1\r\n")
    seen.clear()
    one.advance(10)
    assert seen.of("Shop")[:2] == [("times_out", "patience"), ("moves", "state", "READY", "OVER")]
    for way in (lambda one: one.advance(60), lambda one: one.receive_data(b"WHAT\r\n")):
        other, seen, _ = shop()
        way(other)
        first = seen.of("Shop")[0]
        assert first in (("times_out", "after"), ("receives", "malformed", b"WHAT", "no message"))
        other.receive_lost("gone")
        assert seen.of("Shop") == [("receives", "lost", "gone")]


def test_a_step_that_fails_is_told_and_goes_back_where_it_was() -> None:
    class Broken(made(ORDERS).Shop):  # type: ignore[misc]
        def do_READY_ORDER(self, n: int) -> None:
            raise OSError("no shelf")

    one, seen, _ = shop(Broken)
    with pytest.raises(OSError, match="no shelf"):
        one.receive_data(b"ORDER 1\r\n")
    event, failure = (happening for happening in seen if happening.machine is one)
    assert (failure.what, failure.name, failure.state) == ("fails", "OSError", "READY")
    assert str(failure.args[0]) == "no shelf"
    assert event.what == "receives"


def test_looking_can_be_ended_and_leaves_nothing_behind() -> None:
    one = made(ORDERS).Shop()
    before = [(type(machine), machine.above, machine.below) for machine in stack(one)]
    seen, taps = Seen(), []
    ends = [observe(one, seen), observe(one, seen), tap(one, lambda *what: taps.append(what))]
    one.receive_open()
    assert len(seen) == 2 * len({id(machine) for machine in stack(one)}) + 2  # Lines emits it too
    assert taps == [("receives", "open", ())]
    assert {one.session for one in seen} == {seen[0].session, seen[0].session + 1}
    for end in ends:
        end()
        end()
    seen.clear()
    one.receive_data(b"ORDER 1\r\n")
    assert not seen
    assert [(type(machine), machine.above, machine.below) for machine in stack(one)] == before


def test_regions_and_instances_are_seen() -> None:
    web = shipped("http1").Server()
    seen = Seen()
    observe(web, seen)
    web.receive_open()
    web.receive_data(b"GET / HTTP/1.1\r\nHost: mx\r\n\r\n")
    regions = {one.fields()["region"] for one in seen if "region" in one.fields()}
    assert {"Theirs"} <= regions <= {"Theirs", "Ours"}

    mqtt = shipped("mqtt")
    broker, late = mqtt.Server(), Seen()
    end = observe(broker, late)
    broker.receive_open()
    broker.receive_data(b"\x10\x0d\0\4MQTT\4\2\0\x3c\0\1a")
    broker.receive_data(b"\x34\x07\0\1t\0\x09hi")  # PUBLISH at QoS 2, with the id 9
    broker.receive_data(b"\x62\2\0\x09")  # PUBREL
    of = [one for one in late if one.machine._role == "Arrival"]
    assert {one.fields()["key"] for one in of} == {9}
    assert "receives" in {one.what for one in of}
    end()
    late.clear()
    broker.receive_data(b"\xc0\0")
    assert not late


def test_no_value_is_in_a_log_that_nobody_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "protogen.trace")
    one = shipped("pop3").Server("mx.example.org")
    observe(one, Log())
    one.receive_open()
    one.receive_data(b"USER ann\r\nPASS sesame\r\n")
    one.receive_lost("gone")
    assert len(caplog.records) > 10
    for record in caplog.records:
        assert "sesame" not in str(vars(record))
        plain = logging.LogRecord("", 0, "", 0, "", (), None)
        known = {*vars(plain), "message", "asctime"}
        assert vars(record).keys() - known <= {*FIELDS}


def test_an_observer_that_fails_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    one = made(ORDERS).Shop()
    observe(one, lambda happening: 1 / 0)
    one.receive_open()
    one.receive_data(b"ORDER 1\r\n")
    assert one.data_to_send() == b"DONE 1\r\n"
    assert "an observer failed" in caplog.text


def test_what_nobody_looks_at_does_not_know_that_others_are_looked_at() -> None:
    one, other = smtp().Server("mx"), smtp().Server("mx")
    observe(other, Seen())
    for machine, watched in zip(stack(one), stack(other), strict=True):
        assert type(watched).__mro__[1] is type(machine)
        assert type(machine) in (smtp().Server, smtp().Lines)


# ---------------------------------------------------------------- on every loop


@pytest.fixture(scope="module", params=RUNTIMES, ids=lambda runtime: runtime.__name__)
def runtime(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    one = request.param()
    with one.running():
        yield one


def test_a_session_is_counted_on_every_loop(runtime: Runtime) -> None:
    counters, gate, gone = Counters(), Gate(), threading.Event()

    class Server(smtp().Server):  # type: ignore[misc]
        def do_READY_MAIL(self, sender: str, parameters: str) -> Any:
            return runtime.at(gate, self)

        def do_ENVELOPE_RCPT(self, recipient: str) -> Any:
            raise OSError("no directory")

    def look(happening: Happening) -> None:
        counters(happening)
        if happening.name == "lost":
            gone.set()

    with (
        runtime.serving(observed(lambda: Server("mx"), look)) as port,
        socket.create_connection((HERE, port), LIMIT) as peer,
    ):
        peer.sendall(b"EHLO me\r\nWHAT\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nQUIT\r\n")
        gate.let()
        with peer.makefile("rb") as answers:
            assert answers.read().endswith(b"451 Local error in processing\r\n221 Bye\r\n")
        assert gone.wait(LIMIT)
    assert counters.events["Server", "READY", "malformed"] == 1
    assert counters.events["Server", "ENVELOPE", "RCPT"] == 1
    assert counters.failures == {("Server", "ENVELOPE", "OSError"): 1}
    assert counters.moves["Server", "ENVELOPE", "CLOSED"] == 1
    assert counters.waits == ({} if runtime.blocks else {("Server", "READY", "READY_MAIL"): 1})
    assert ({"machine": "Server", "state": "READY", "to": "ENVELOPE"}, 1) in counters.rows("moves")


async def test_a_handler_that_is_given_up_is_told() -> None:
    class Slow(smtp().Server):  # type: ignore[misc]
        async def do_READY_MAIL(self, sender: str, parameters: str) -> None:
            await asyncio.sleep(60)

    seen = Seen()
    server = await aio.serve(observed(lambda: Slow("mx"), seen), HERE, 0)
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b"EHLO me\r\nMAIL FROM:<a@b>\r\n")
    while not any(one.what == "waits" for one in seen):
        await asyncio.sleep(0.001)
    await server.shut_down(0)
    writer.close()
    told = seen.of("Server", "waits", "gives_up", "goes_on")
    assert told == [("waits", "READY_MAIL"), ("gives_up", "READY")]
