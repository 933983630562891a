"""Time is told from outside: `deadline`, `advance`; and events that wait for another state."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from clocks import MAKE_WIRE
from generated import fed, machine, smtp, told
from protogen_fsm.runtime.core import LocalProtocolError, RemoteProtocolError
from protogen_fsm.runtime.pair import Pair
from protogen_fsm.runtime.wire import Wire

TIMED = machine("""
    accepts go, stay, wait(seconds: int), off, other
    emits   did(what: str)
    timer   tick = 7s
    initial state A {
        on go        -> P
        on wait(seconds)   / start tick(seconds)
        on off             / stop tick
        on tick            / emit did("tick in A")
        after 10s    -> B  / emit did("A ran out")
    }
    state P "A state around others" {
        after 30s    -> A  / emit did("P ran out")
        on tick            / emit did("tick in P")
        initial state Q {
            on go -> R     / start tick
            after 5s -> R  / emit did("Q ran out")
        }
        state R { on go -> A   on stay / emit did("stay") }
    }
    state B { on go -> A  on other -> END }
    final state END
""")


def test_a_state_s_time_out_starts_when_it_is_entered_and_ends_when_it_is_left() -> None:
    one = TIMED.M()
    assert one.deadline() == 10
    one.advance(9.9)
    assert (one.state, one.deadline()) == ("A", 10)
    one.advance(10)
    assert (one.state, told(one), one.deadline()) == ("B", [("did", "A ran out")], None)
    one.advance(500)
    one.go()
    assert one.deadline() == 510
    one.go()
    assert (one.state, one.deadline()) == ("Q", 505)


def test_the_innermost_time_out_counts() -> None:
    one = TIMED.M()
    one.go()
    one.advance(5)
    assert (one.state, told(one)) == ("R", [("did", "Q ran out")])
    one.stay()
    told(one)
    assert one.deadline() in (30, 35)
    one.advance(35)
    assert (one.state, told(one)) == ("A", [("did", "P ran out")])


def test_a_named_timer_runs_from_state_to_state_until_it_is_stopped() -> None:
    one = TIMED.M()
    one.wait(3)
    assert one.deadline() == 3
    one.off()
    assert one.deadline() == 10
    one.wait(3)
    one.wait(4)
    assert one.deadline() == 4
    one.go()
    one.advance(4)
    assert told(one) == [("did", "tick in P")]
    one.go()
    assert one.deadline() == 11
    one.go()
    one.advance(11)
    assert told(one) == [("did", "tick in A")]


def test_what_is_due_first_happens_first_however_late_it_is_told() -> None:
    one = TIMED.M()
    one.wait(3)
    one.advance(1000)
    assert told(one) == [("did", "tick in A"), ("did", "A ran out")]


def test_a_timer_that_nobody_takes_is_not_passed_over_in_silence() -> None:
    one = TIMED.M()
    one.wait(12)
    one.advance(10)
    with pytest.raises(RemoteProtocolError, match="M in B: tick is not expected"):
        one.advance(12)


def test_a_time_out_whose_handler_raises_has_changed_nothing() -> None:
    class Mine(TIMED.M):  # type: ignore[misc]
        def do_A_timeout(self) -> None:
            raise ZeroDivisionError

    one = Mine()
    with pytest.raises(ZeroDivisionError):
        one.advance(10)
    assert (one.state, told(one)) == ("A", [])
    one.go()
    assert one.state == "Q"


# ---------------------------------------------------------------- RFC 5321, section 4.5.3.2

MINUTE = 60


def server(*said: bytes) -> Any:
    one = smtp().Server("mx.example.org")
    one.receive_open()
    fed(one, said)
    one.data_to_send()
    return one


TO_DATA = (b"EHLO me\r\n", b"MAIL FROM:<a@b>\r\n", b"RCPT TO:<c@d>\r\n", b"DATA\r\n")


@pytest.mark.parametrize("commands", range(4))
def test_a_server_waits_five_minutes_for_the_next_command(commands: int) -> None:
    one = server(*TO_DATA[:commands])
    assert one.deadline() == 5 * MINUTE
    one.advance(5 * MINUTE - 1)
    assert one.data_to_send() == b""
    one.advance(5 * MINUTE)
    assert one.data_to_send().startswith(b"421 ")
    assert (one.state, one.wire.closing) == ("CLOSED", True)


def test_a_server_waits_at_least_ten_minutes_for_a_mail() -> None:
    one = server(*TO_DATA)
    assert one.deadline() == 10 * MINUTE


GREETING = b"220 mx ESMTP\r\n"
HELLO = b"250-mx\r\n250-PIPELINING\r\n250 SIZE 1000000\r\n"


def client(*said: bytes) -> Any:
    one = smtp().Client("me.example.org")
    one.receive_open()
    one.send_mail("a@b", ["c@d"], b"hello")
    fed(one, said)
    return one


@pytest.mark.parametrize(
    ("said", "state", "minutes"),
    [
        ((), "CONNECTING", 5),
        ((GREETING,), "HELLO", 5),
        ((GREETING, HELLO), "MAIL", 5),
        ((GREETING, HELLO, b"250 OK\r\n"), "RCPT", 5),
        ((GREETING, HELLO, b"250 OK\r\n", b"250 OK\r\n"), "DATA", 2),
        ((GREETING, HELLO, b"250 OK\r\n", b"250 OK\r\n", b"354 Go\r\n"), "BODY", 10),
    ],
)
def test_a_client_waits_for_each_reply_as_long_as_the_rfc_says(
    said: tuple[bytes, ...], state: str, minutes: int
) -> None:
    one = client(*said)
    assert (one.state, one.deadline()) == (state, minutes * MINUTE)
    told(one)
    one.advance(minutes * MINUTE - 0.1)
    assert told(one) == []
    one.advance(minutes * MINUTE)
    assert [event[0] for event in told(one)] == ["refused"]
    assert one.wire.closing


def test_two_ends_may_be_told_the_time_together() -> None:
    pair = Pair(smtp().Client("me"), smtp().Server("mx"))
    pair.open()
    pair.events()
    pair.advance(4 * MINUTE)
    assert (pair.client.state, pair.server.state) == ("READY", "READY")
    pair.advance(5 * MINUTE)
    assert pair.server.state == "CLOSED"
    assert pair.said[-1] == ("server", b"421 Timeout\r\n")


# ---------------------------------------------------------------- defer, ignore, otherwise

DEFERRING = machine("""
    accepts a(n: int), b, next, quiet
    emits   did(what: str)
    initial state ONE {
        defer a
        on b            / emit did("b in one")
        on next -> TWO  / emit did("next")
        ignore quiet
    }
    state TWO {
        on a(n) -> ONE  / emit did("a " + str(n))
        on b            / emit did("b in two")
        on quiet        / emit did("quiet")
    }
    final state END
""")


def said(one: Any) -> list[str]:
    return [args[1] for args in told(one)]


def test_what_is_deferred_comes_back_oldest_first_before_what_waits() -> None:
    class Mine(DEFERRING.M):  # type: ignore[misc]
        def do_ONE_next(self) -> None:
            self.b()

    one = Mine()
    for n in (1, 2, 3):
        one.a(n)
    one.b()
    one.quiet()
    assert said(one) == ["b in one"]
    one.next()
    assert said(one) == ["next", "a 1", "b in one"]
    one.next()
    one.next()
    assert said(one) == ["next", "a 2", "b in one", "next", "a 3", "b in one"]
    one.next()
    assert said(one) == ["next", "b in two"]


def test_what_stays_in_its_state_recalls_nothing() -> None:
    one = DEFERRING.M()
    one.a(1)
    one.b()
    assert said(one) == ["b in one"]


def test_so_much_is_deferred_and_no_more() -> None:
    one = DEFERRING.M()
    for n in range(1000):
        one.a(n)
    with pytest.raises(LocalProtocolError, match="more than 1000 events are deferred"):
        one.a(1000)
    one.next()
    assert said(one) == ["next", "a 0"]


PRECEDENCE = machine("""
    accepts a, b, c, go, back
    emits   did(what: str)
    initial state OUTER {
        on a     / emit did("a")
        on c     / emit did("c")
        on go -> LAST
        ignore b
        on *     / emit did("any")
        initial state IN {
            ignore a
            defer c
            on back -> SIDE
        }
        state SIDE { on b / emit did("b")   on back -> IN }
    }
    state LAST { on back -> END }
    final state END
""")


def test_an_inner_ignore_or_defer_goes_before_the_row_of_the_state_around_it() -> None:
    one = PRECEDENCE.M()
    one.a()
    one.b()
    one.c()
    assert said(one) == []
    one.back()
    assert said(one) == ["c"]
    one.a()
    one.b()
    assert said(one) == ["a", "b"]


@pytest.mark.parametrize("otherwise", ["error", "ignore", "close"])
def test_what_no_transition_takes_is_an_error_or_what_the_spec_says(otherwise: str) -> None:
    module = machine(
        f"""
        receives LOGIN
        accepts  go, stop
        otherwise {otherwise}
        initial state A {{ on go -> B }}
        state B {{ on LOGIN(user) -> A   on stop -> END }}
        final state END
        """,
        head=" over Lines",
        before='use Lines from "lines.proto"\nmessage LOGIN(user: str) = "LOGIN " user',
    )
    one = module.M()
    if otherwise == "error":
        with pytest.raises(LocalProtocolError) as ours:
            one.stop()
        error = ours.value
        assert (error.role, error.state, error.event) == ("M", "A", "stop")
        assert error.allowed == ("go",)
        assert str(error) == "M in A: stop is not expected; allowed here: go"
        one.go()
        one.receive_data(b"LOGIN me\r\n")
        with pytest.raises(RemoteProtocolError) as theirs:
            one.receive_data(b"LOGIN me\r\n")
        assert (theirs.value.role, theirs.value.state, theirs.value.event) == ("M", "A", "LOGIN")
        assert pickle.loads(pickle.dumps(theirs.value)).allowed == ("go",)
        with pytest.raises(RemoteProtocolError, match=r"malformed \(no message\): b'NOPE'"):
            one.receive_data(b"NOPE\r\n")
        assert (one.state, one.wire.closing) == ("A", False)
    else:
        one.stop()
        assert (one.state, one.wire.closing) == ("A", otherwise == "close")


def test_open_eof_and_lost_are_no_errors_where_the_spec_does_not_take_them() -> None:
    module = machine(
        """
        accepts go
        initial state A { on go -> B  on open / note  on eof / note  on lost / note }
        state B { on go -> A }
        final state END
    """.replace("/ note", "-> B")
    )
    one = module.M()
    one.go()
    one.receive_open()
    assert (one.state, one.wire.closing) == ("B", False)
    one.eof()
    assert (one.state, one.wire.closing) == ("B", True)
    one.receive_lost()
    assert one.state == "B"


def test_a_server_that_has_said_good_bye_hears_the_end_in_peace() -> None:
    one = server(b"QUIT\r\n")
    one.receive_eof()
    one.receive_lost()
    assert one.state == "CLOSED"


# ---------------------------------------------------------------- pickling


@pytest.mark.parametrize("after", range(6))
def test_a_machine_can_be_pickled_in_mid_session(after: int) -> None:
    lines = [*TO_DATA, b"half a li", b"ne\r\n.\r\n"]
    one = server(*lines[:after])
    again = pickle.loads(pickle.dumps(one))
    expected = [fed(one, [line]) for line in lines[after:]]
    assert [fed(again, [line]) for line in lines[after:]] == expected
    assert expected[-1:] == ([b"250 Queued\r\n"] if after < 6 else [])
    assert told(again) == told(one)
    assert again.deadline() == one.deadline()


def test_a_client_can_be_pickled_while_its_calls_wait() -> None:
    one = client()
    again = pickle.loads(pickle.dumps(one))
    for end in (one, again):
        fed(end, [GREETING, HELLO])
        assert end.state == "MAIL"


def test_a_clock_begins_when_it_is_first_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Wire, "__init__", MAKE_WIRE)
    one = TIMED.M()
    assert one.deadline() == 10
    one.advance(5000)
    assert (one.state, one.deadline()) == ("A", 5010)
    one.advance(5010)
    assert one.state == "B"
    pair = Pair(TIMED.M(), TIMED.M())
    pair.advance(10)
    assert pair.client.state == "B"


def test_what_an_emission_asks_for_comes_behind_what_was_deferred() -> None:
    class Mine(DEFERRING.M):  # type: ignore[misc]
        def emit_did(self, what: str) -> None:
            self.above.did(what)
            if what == "next":
                self.b()

    one = Mine()
    one.a(1)
    one.next()
    assert said(one) == ["next", "a 1", "b in one"]


def test_a_malformed_that_pushes_too_deep_is_an_error_and_no_endless_recursion() -> None:
    module = machine(
        """
        accepts go
        initial state A { on go -> push B }
        state B { on go, malformed -> push B  on * -> pop }
        final state END
        """,
        head=" depth 2",
    )
    one = module.M()
    one.go()
    one.go()
    with pytest.raises(RuntimeError, match="more than 2 are pushed"):
        one.go()
    assert one.state == "B"


def test_timers_that_are_due_at_once_come_in_the_order_in_which_they_were_started() -> None:
    module = machine("""
        accepts go, again
        emits   did(what: str)
        timer one = 5s
        timer two = 5s
        initial state A {
            on go    / start one, start two
            on again / start one
            on one   / emit did("one")
            on two   / emit did("two")
            after 1h -> END
        }
        final state END
    """)
    for events, order in ((("go",), ["one", "two"]), (("go", "again"), ["two", "one"])):
        one = module.M()
        for event in events:
            getattr(one, event)()
        one.advance(5.0)
        assert said(one) == order
