"""However a stream is cut, the same events come of it, and the same bytes are said to it."""

from __future__ import annotations

import itertools
import sys
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generated import fed, machine, smtp, told
from protogen_fsm.runtime.core import RemoteProtocolError
from protogen_fsm.runtime.pair import Pair
from timing import cpu_seconds

brief = settings(deadline=None, max_examples=150)


def cuts(data: bytes, at: set[int]) -> list[bytes]:
    """The data cut at these places."""
    places = sorted({0, len(data), *(place % (len(data) + 1) for place in at)})
    return [data[a:b] for a, b in itertools.pairwise(places)]


PLACES = st.sets(st.integers(0, 10_000), max_size=12)


def agreed(make: Any, data: bytes, places: set[int]) -> tuple[Any, ...]:
    """What a new machine makes of the data: whole, byte by byte, and cut anywhere."""
    found = []
    for chunks in ([data], [data[i : i + 1] for i in range(len(data))], cuts(data, places)):
        one = make()
        said = fed(one, chunks)
        one.receive_eof()
        said += one.data_to_send()
        found.append((said, told(one), one.state, one.wire.closing))
    assert found[0] == found[1] == found[2]
    return found[0]


# ---------------------------------------------------------------- readings


def reader(reads: str) -> Any:
    """A machine that tells each frame of one reading, and what is malformed."""
    return machine(
        f"""
        emits got(data: bytes), bad(data: bytes, reason: str)
        initial state A reads {reads} {{
            on data(octets)            / emit got(octets)
            on malformed(data, reason) / emit bad(data, reason)
            on eof -> END
        }}
        final state END
        """,
        head=" over bytes",
    ).M


READINGS = [
    r'line("\r\n", 12)',
    r'line("\n", 12)',
    r'line("\r", 200)',
    r'line(";", 12)',
    r'line("\r\n", 300)',
    r'until("::", 9)',
    r'until("\r\n\r\n", 200)',
    r'block("\r\n.\r\n", 30)',
    r'block("\n.\n", 30)',
    r'block("\r\n--\r\n", 300)',
    "bytes(3)",
    "bytes(100)",
    "rest(20)",
]

PIECES = st.sampled_from(
    [
        b"\r",
        b"\n",
        b"\r\n",
        b".",
        b"..",
        b";",
        b":",
        b"a",
        b"bc",
        b"\r\n.\r\n",
        b"\n.\n",
        b"--",
        b"x" * 9,
        b"y" * 90,
        b"z" * 1500,
        b"\x00\xff",
    ]
)
STREAMS = st.lists(PIECES, max_size=40).map(b"".join)


@pytest.mark.parametrize("reads", READINGS)
@settings(brief, max_examples=60)
@given(data=STREAMS, places=PLACES)
def test_frames_are_the_same_however_the_stream_is_cut(
    reads: str, data: bytes, places: set[int]
) -> None:
    agreed(reader(reads), data, places)


def told_by(reads: str, data: bytes) -> list[Any]:
    one = reader(reads)()
    one.receive_data(data)
    one.receive_eof()
    return [(name, *args) for name, *args in told(one)]


def got(*frames: bytes) -> list[Any]:
    return [("got", frame) for frame in frames]


def test_a_line_takes_its_end_and_nothing_else() -> None:
    lines = r'line("\r\n", 12)'
    assert told_by(lines, b"a\r\n\r\nbc\r\n") == got(b"a", b"", b"bc")
    assert told_by(lines, b"a\nb\r\nc\r\n") == [("bad", b"a\nb", "bare line end"), ("got", b"c")]
    assert told_by(lines, b"a\rb\r\n\n\r\n") == [
        ("bad", b"a\rb", "bare line end"),
        ("bad", b"\n", "bare line end"),
    ]
    assert told_by(lines, b"1234567890\r\n12345678901\r\nx\r\n") == [
        ("got", b"1234567890"),
        ("bad", b"12345678901", "too long"),
        ("got", b"x"),
    ]
    assert told_by(r'line("\n", 12)', b"a\r\nb\n") == [("bad", b"a\r", "bare line end"), *got(b"b")]
    assert told_by(lines, b"half") == [("bad", b"half", "truncated")]


def test_an_over_long_line_is_told_once_with_its_beginning() -> None:
    found = told_by(r'line("\r\n", 100)', b"ab" * 5000 + b"\r\nshort\r\n")
    assert found == [("bad", b"ab" * 40, "too long"), ("got", b"short")]


def test_a_block_ends_with_its_delimiter_and_undoes_what_hid_it() -> None:
    block = r'block("\r\n.\r\n", 30)'
    assert told_by(block, b".\r\n") == got(b"")
    assert told_by(block, b"\r\n.\r\n") == got(b"\r\n")
    assert told_by(block, b"a\r\n..b\r\n.\r\n..\r\n.\r\n") == got(b"a\r\n.b\r\n", b".\r\n")
    assert told_by(block, b"a\n.\r\nb\r\n.\r\n") == [("bad", b"a\n.\r\nb", "bare line end")]
    assert told_by(block, b"a\r.\r\nb\r\n.\r\n") == [("bad", b"a\r.\r\nb", "bare line end")]
    assert told_by(block, b"x" * 28 + b"\r\n.\r\n") == got(b"x" * 28 + b"\r\n")
    assert told_by(block, b"x" * 29 + b"\r\n.\r\n") == [("bad", b"x" * 29, "too long")]
    assert told_by(block, b"..\r\n" * 10 + b".\r\n") == got(b".\r\n" * 10)
    assert told_by(r'block("\r\n--\r\n", 30)', b"..\r\n--\r\n") == got(b"..\r\n")


def test_what_is_left_over_belongs_to_who_reads_next() -> None:
    module = machine(
        """
        accepts cut
        emits got(data: bytes)
        initial state LINES reads line("\\r\\n", 100) {
            on data(octets) when octets == "four" -> FOUR / emit got(octets)
            on data(octets)                               / emit got(octets)
            on cut -> FOUR
            after 5s -> FOUR
        }
        state FOUR reads bytes(4) { on data(octets) -> LINES / emit got(octets) }
        final state END
        """,
        head=" over bytes",
    )
    data = b"one\r\nfour\r\n\r\n\r\nfive\r\nfour\r\nabcdfour\r\nx"
    for size in (1, 2, 3, 5, 100):
        one = module.M()
        fed(one, [data[i : i + size] for i in range(0, len(data), size)])
        frames = [args[1] for args in told(one)]
        assert frames == [b"one", b"four", b"\r\n\r\n", b"five", b"four", b"abcd", b"four"]
    one = module.M()
    one.receive_data(b"0123456789")
    one.advance(5)
    assert told(one) == [("got", b"0123")]
    one.receive_data(b"x\r\n")
    assert told(one) == [("got", b"456789x")]


def test_a_reading_of_nothing_for_ever_is_an_error_and_no_loop() -> None:
    module = machine(
        """
        emits got(data: bytes)
        var n: int = 0
        initial state A reads bytes(n) { on data(octets) / emit got(octets) }
        final state END
        """,
        head=" over bytes",
    )
    with pytest.raises(RuntimeError, match="M in A: more than 1000 readings of nothing"):
        module.M().receive_data(b"x")


# ---------------------------------------------------------------- errors in mid-stream


def test_what_stands_behind_an_error_is_read_when_one_goes_on() -> None:
    class Mine(reader(r'line("\r\n", 100)')):  # type: ignore[misc]
        def do_A_data(self, octets: bytes) -> None:
            if octets == b"bad":
                raise ZeroDivisionError

    for chunks in (
        [b"a\r\nbad\r\nb\r\nbad\r\nc\r", b"\nd\r\n"],
        [b"a\r\nbad\r\n", b"b\r\nc\r\nd\r\n"],
    ):
        one = Mine()
        failures = 0
        for chunk in [*chunks, b"", b"", b""]:
            try:
                one.receive_data(chunk)
            except ZeroDivisionError:
                failures += 1
        assert [args[1] for args in told(one)] == [b"a", b"b", b"c", b"d"]
        assert failures == (2 if b"bad\r\nc" in chunks[0] else 1)


def test_the_end_is_heard_behind_an_error_too() -> None:
    class Mine(reader(r'line("\r\n", 100)')):  # type: ignore[misc]
        def do_A_data(self, octets: bytes) -> None:
            if octets == b"bad":
                raise ZeroDivisionError

    one = Mine()
    with pytest.raises(ZeroDivisionError):
        one.receive_data(b"bad\r\nb\r\n")
    one.receive_eof()
    assert (told(one), one.state) == ([("got", b"b")], "END")


def test_bytes_that_come_while_bytes_are_read_wait_their_turn() -> None:
    class Mine(reader(r'line("\r\n", 100)')):  # type: ignore[misc]
        def emit_got(self, data: bytes) -> None:
            self.above.got(data)
            if data == b"a":
                self.receive_data(b"x\r\n")

    one = Mine()
    one.receive_data(b"a\r\nb\r\n")
    assert [args[1] for args in told(one)] == [b"a", b"b", b"x"]


# ---------------------------------------------------------------- work


def work_of(reads: str, chunks: list[bytes]) -> int:
    """The calls that are made, counted by the profiler's hook, so that no clock is asked."""
    one = reader(reads)()
    count = 0

    def hook(frame: Any, event: str, arg: Any) -> None:
        nonlocal count
        if event in ("call", "c_call"):
            count += 1

    sys.setprofile(hook)
    try:
        for chunk in chunks:
            one.receive_data(chunk)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    ("reads", "unit"),
    [
        (r'line("\r\n", 300000)', b"x"),
        (r'line("\r\n", 1000)', b"x"),
        (r'until("::", 300000)', b":x"),
        (r'block("\r\n.\r\n", 300000)', b"\r\n"),
        ("bytes(300000)", b"x"),
        ("rest(300000)", b"x"),
    ],
)
def test_byte_by_byte_costs_the_same_for_each_byte(reads: str, unit: bytes) -> None:
    data = unit * (200_000 // len(unit))
    chunks = [data[i : i + 1] for i in range(len(data))]
    one = reader(reads)()

    def feed() -> None:
        for chunk in chunks:
            one.receive_data(chunk)

    assert cpu_seconds(feed) < 2
    short = work_of(reads, chunks[:2000])
    assert work_of(reads, chunks[:4000]) < 2.2 * short


MODES = machine(
    """
    emits got(size: int)
    initial state A reads line("\\r\\n", 100) { on data(octets) -> B / emit got(size(octets)) }
    state B reads bytes(2)                    { on data(octets) -> C / emit got(size(octets)) }
    state C reads until(":", 100)             { on data(octets) -> D / emit got(size(octets)) }
    state D reads block("\\r\\n.\\r\\n", 100) { on data(octets) -> A / emit got(size(octets)) }
    final state END
    """,
    head=" over bytes",
)


def test_a_chunk_with_many_changes_of_mode_costs_no_more_than_many_chunks() -> None:
    unit = b"a\r\nxxb:.\r\n"
    one = MODES.M()
    assert cpu_seconds(lambda: one.receive_data(unit * 20_000)) < 4
    assert len(told(one)) == 80_000


# ---------------------------------------------------------------- SMTP

COMMANDS = st.sampled_from(
    [
        b"EHLO me\r\n",
        b"HELO me\r\n",
        b"MAIL FROM:<a@b>\r\n",
        b"MAIL FROM:<> SIZE=100\r\n",
        b"mail from:<a> SIZE=99999999\r\n",
        b"RCPT TO:<c@d>\r\n",
        b"RCPT TO:<>\r\n",
        b"DATA\r\n",
        b"hello\r\n..dots\r\n.\r\n",
        b".\r\n",
        b"RSET\r\n",
        b"NOOP\r\n",
        b"NOOP ignored\r\n",
        b"VRFY you\r\n",
        b"HELP\r\n",
        b"QUIT\r\n",
        b"NOPE\r\n",
        b"\r\n",
        b"NOOP\n",
        b"\xff\xfe\r\n",
        b"x" * 1200 + b"\r\n",
    ]
)
GOOD = b"EHLO me\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\nhello\r\n.\r\n"


def server() -> Any:
    one = smtp().Server("mx")
    one.receive_open()
    return one


@settings(brief)
@given(st.lists(COMMANDS, max_size=25).map(b"".join), PLACES, st.booleans())
@example(GOOD + b"QUIT\r\nNOOP\r\n", {3, 40, 41}, False)
@example(b"x", {0}, False)
def test_a_server_says_the_same_however_its_commands_arrive(
    data: bytes, places: set[int], begun: bool
) -> None:
    agreed(server, GOOD + data if begun else data, places)


REPLIES = st.sampled_from(
    [
        b"220 mx\r\n",
        b"250-mx\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 1000\r\n",
        b"250 mx\r\n",
        b"250 OK\r\n",
        b"251 will forward\r\n",
        b"354 Go\r\n",
        b"450 later\r\n",
        b"550 no\r\n",
        b"500 what?\r\n",
        b"221 bye\r\n",
        b"250-a\r\n251 b\r\n",
        b"nonsense\r\n",
        b"250\r\n",
        b"250 bare\n",
    ]
)


def client() -> Any:
    one = smtp().Client("me")
    one.receive_open()
    one.send_mail("a@b", ["c@d", "e@f", "g@h"], b".hello\r\nend")
    one.send_mail("", ["c@d"], b"")
    one.quit()
    return one


@settings(brief)
@given(st.lists(REPLIES, max_size=20), PLACES)
@example([b"220 mx\r\n", b"250 mx\r\n"] + [b"250 OK\r\n"] * 4 + [b"354 Go\r\n", b"250 OK\r\n"], {5})
def test_a_client_says_the_same_however_its_replies_arrive(
    replies: list[bytes], places: set[int]
) -> None:
    begin = [b"220 mx\r\n", b"250-mx\r\n250 PIPELINING\r\n"]
    for said in (replies, begin + replies):
        agreed(client, b"".join(said), places)


@brief
@given(
    st.lists(st.binary(max_size=40).map(lambda b: b.replace(b"\r", b"").replace(b"\n", b"\r\n"))),
    st.integers(1, 9),
)
def test_mails_cross_a_wire_that_cuts_anywhere(bodies: list[bytes], size: int) -> None:
    pair = Pair(
        smtp().Client("me"),
        smtp().Server("mx"),
        lambda data: (data[i : i + size] for i in range(0, len(data), size)),
    )
    calls = [pair.client.send_mail("a@b", ["c@d", "e@f"], body) for body in bodies]
    done = pair.client.quit()
    pair.open()
    took = [event.args for event in pair.server.events()]
    ended = [body if body.endswith(b"\r\n") or not body else body + b"\r\n" for body in bodies]
    assert took == [("a@b", ["c@d", "e@f"], body) for body in ended]
    assert [[one.code for one in call.result()] for call in calls] == [[250, 250]] * len(bodies)
    assert done.result() is None
    assert (pair.client.state, pair.server.state) == ("CLOSED", "CLOSED")


def test_a_reply_that_mixes_codes_or_never_ends_is_malformed() -> None:
    one = smtp().Client("me")
    one.receive_data(b"220-mx\r\n" * 511)
    assert one.state == "CONNECTING"
    one.receive_data(b"220-mx\r\n" * 2)
    assert one.state == "CLOSED"


def test_what_is_malformed_and_not_taken_is_the_peer_s_fault() -> None:
    one = smtp().Server("mx")
    with pytest.raises(RemoteProtocolError, match=r"malformed \(no message\)"):
        one.receive_data(b"nonsense\r\n")
