"""HTTP/1.1, both ends in memory: what RFC 9112 and 9110 say, and what they warn of."""

from __future__ import annotations

import random
import tracemalloc
from typing import Any

import pytest

from generated import shipped, told
from protogen_fsm.runtime.core import LocalProtocolError, RemoteProtocolError
from protogen_fsm.runtime.pair import Pair

H = shipped("http1")
Field = H.Field
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def fields(*pairs: tuple[bytes, bytes]) -> list[Any]:
    return [Field(name, value) for name, value in pairs]


def server(data: bytes = b"", size: int = 0) -> Any:
    one = H.Server()
    one.receive_open()
    size = size or max(len(data), 1)
    for at in range(0, len(data), size):
        one.receive_data(data[at : at + size])
    return one


def names(one: Any) -> list[str]:
    return [event[0] for event in told(one)]


def status(one: Any) -> bytes:
    return bytes(one.data_to_send()).partition(b"\r\n")[0]


# ---------------------------------------------------------------- requests


@pytest.mark.parametrize("size", [1, 7, 0])
def test_a_request_is_told_with_its_fields(size: int) -> None:
    one = server(b"\r\nGET /a?b HTTP/1.1\r\nHost: a\r\nX:  \t b c \t\r\nY:\r\n\r\n", size)
    assert told(one) == [
        ("request", "GET", "/a?b", 1, fields((b"Host", b"a"), (b"X", b"b c"), (b"Y", b""))),
        ("request_end", []),
    ]
    one.answer(200, "OK", [], b"hello")
    assert one.data_to_send() == b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@pytest.mark.parametrize("size", [1, 3, 0])
def test_a_body_has_a_length_or_comes_in_chunks(size: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\n"
    chunks = b"3\r\nabc\r\n0A;x=y\r\n0123456789\r\n0\r\nX: 1\r\n\r\n"
    for data, body, trailers in (
        (b"Content-Length: 5\r\n\r\nhello", b"hello", []),
        (b"Transfer-Encoding: Chunked\r\n\r\n" + chunks, b"abc0123456789", [(b"X", b"1")]),
        (b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"", []),
        (b"Content-Length: 0\r\n\r\n", b"", []),
    ):
        one = server(head + data, size)
        events = told(one)
        assert events[0][0] == "request"
        assert b"".join(event[1] for event in events[1:-1]) == body
        assert events[-1] == ("request_end", fields(*trailers))


def test_requests_that_are_pipelined_wait_for_the_answer_before_them() -> None:
    one = server(GET + b"POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok" + GET)
    assert [event[:3] for event in told(one)[:-1]] == [("request", "GET", "/")]
    one.answer(200, "OK", [], b"1")
    assert names(one) == ["request", "body", "request_end"]
    one.respond(200, "OK", [])
    assert names(one) == []
    one.send_body(b"2")
    one.finish()
    assert names(one) == ["request", "request_end"]
    one.answer(204, "No Content", [], b"")
    assert one.data_to_send().count(b"HTTP/1.1 2") == 3
    assert one.Theirs == "KEPT"


@pytest.mark.parametrize(
    ("request_", "keeps"),
    [
        (GET, True),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", True),
    ],
)
def test_a_connection_goes_on_or_not(request_: bytes, keeps: bool) -> None:
    one = server(request_)
    one.answer(200, "OK", [], b"")
    sent = one.data_to_send()
    assert one.wire.closing is not keeps
    assert (b"Connection: close" in sent) is not keeps
    one = server(request_)
    one.answer(200, "OK", fields((b"connection", b"close")), b"")
    assert one.wire.closing


def test_a_response_has_a_length_or_chunks_or_ends_the_connection() -> None:
    one = server(GET)
    one.respond(200, "OK", fields((b"Content-Length", b"3")))
    one.send_body(b"ab")
    with pytest.raises(LocalProtocolError):
        one.send_body(b"cd")
    with pytest.raises(LocalProtocolError):
        one.finish()
    one.send_body(b"c")
    one.finish()
    assert one.data_to_send().endswith(b"\r\n\r\nabc")

    one = server(GET)
    one.respond(200, "OK", [])
    one.send_body(b"abc")
    one.send_body(b"")
    one.finish_with(fields((b"X", b"1")))
    assert one.data_to_send().endswith(b"chunked\r\n\r\n3\r\nabc\r\n0\r\nX: 1\r\n\r\n")

    one = server(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    one.respond(200, "OK", [])
    one.send_body(b"abc")
    one.finish()
    assert one.data_to_send().endswith(b"Connection: close\r\n\r\nabc")
    assert one.wire.closing


@pytest.mark.parametrize(("method", "code"), [(b"HEAD", 200), (b"GET", 204), (b"GET", 304)])
def test_some_responses_have_no_body_whatever_is_said(method: bytes, code: int) -> None:
    one = server(method + GET[3:])
    one.respond(code, "OK", fields((b"Content-Length", b"3")))
    one.send_body(b"abc")
    one.finish()
    one.receive_data(method + GET[3:])
    one.answer(code, "OK", [], b"abc")
    assert b"abc" not in one.data_to_send()
    assert one.Theirs == "KEPT"


def test_a_client_that_expects_100_is_told_to_go_on() -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    one = server(head)
    assert one.data_to_send() == b"HTTP/1.1 100 Continue\r\n\r\n"
    one.receive_data(b"ok")
    assert names(one) == ["request", "body", "request_end"]


class Holding(H.Server):  # type: ignore[misc]
    def do_HEAD_asked(self, target: str, fields: list[Any]) -> Any:
        return H.Hold()


def test_an_application_may_answer_before_the_body_is_sent() -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    one = Holding()
    one.receive_data(head)
    assert one.data_to_send() == b""
    one.inform(100, "Continue", [])
    one.receive_data(b"ok")
    assert names(one) == ["request", "body", "request_end"]

    one = Holding()
    one.receive_data(head)
    one.answer(413, "Content Too Large", [], b"")
    assert b"Connection: close\r\n" in one.data_to_send()
    assert one.wire.closing


# ---------------------------------------------------------------- what is refused

HOST = b"Host: a\r\n"
POST = b"POST / HTTP/1.1\r\n" + HOST
REFUSED = {
    "both lengths": (POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    "two lengths": (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    "one length twice": (POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400),
    "a list of lengths": (POST + b"Content-Length: 1, 1\r\n\r\n", 400),
    "a signed length": (POST + b"Content-Length: +1\r\n\r\n", 400),
    "a negative length": (POST + b"Content-Length: -1\r\n\r\n", 400),
    "a hexadecimal length": (POST + b"Content-Length: 0x1\r\n\r\n", 400),
    "a length with _": (POST + b"Content-Length: 1_0\r\n\r\n", 400),
    "a length of other digits": (POST + b"Content-Length: \xb2\r\n\r\n", 400),
    "no length": (POST + b"Content-Length:\r\n\r\n", 400),
    "a length of connection": (POST + b"Content-Length: keep-alive\r\n\r\n", 400),
    "an enormous length": (POST + b"Content-Length: 99999999999999\r\n\r\n", 413),
    "a coding before chunked": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 501),
    "a coding behind chunked": (POST + b"Transfer-Encoding: chunked, identity\r\n\r\n", 501),
    "chunked twice": (POST + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n", 501),
    "x-chunked": (POST + b"Transfer-Encoding: xchunked\r\n\r\n", 501),
    "a coding in quotes": (POST + b'Transfer-Encoding: "chunked"\r\n\r\n', 501),
    "a coding of HTTP/1.0": (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    "white space before a colon": (POST + b"Content-Length : 1\r\n\r\n", 400),
    "a tab before a colon": (POST + b"Transfer-Encoding\t: chunked\r\n\r\n", 400),
    "a folded field": (POST + b"X: a\r\n b\r\n\r\n", 400),
    "a field that begins folded": (b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
    "a vertical tab": (POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n", 400),
    "a NUL": (POST + b"X: a\x00b\r\n\r\n", 400),
    "a DEL": (POST + b"X: a\x7fb\r\n\r\n", 400),
    "no name": (POST + b": a\r\n\r\n", 400),
    "no colon": (POST + b"abc\r\n\r\n", 400),
    "a name in brackets": (POST + b"(X): a\r\n\r\n", 400),
    "two empty lines": (b"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "a bare LF": (b"GET / HTTP/1.1\nHost: a\n\n", 400),
    "a bare LF among CR LF": (b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400),
    "a bare CR": (b"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400),
    "a CR before CR LF": (b"GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "two hosts of HTTP/1.0": (b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "two spaces": (b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "a tab for a space": (b"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "a space in the target": (b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "a space behind the version": (b"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
    "no version": (b"GET /\r\n\r\n", 400),
    "a version of two digits": (b"GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400),
    "a small http": (b"GET / http/1.1\r\nHost: a\r\n\r\n", 400),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "not ASCII in the target": (b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "a long target": (b"GET /" + b"a" * 8001 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    "many fields": (POST + b"X: a\r\n" * 101 + b"\r\n", 431),
    "a long head": (POST + b"X: " + b"a" * 70_000 + b"\r\n\r\n", 431),
    "a head without an end": (POST + b"X: " + b"a" * 70_000, 431),
    "another expectation": (POST + b"Content-Length: 1\r\nExpect: 200-ok\r\n\r\n", 417),
}
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
MALFORMED = {
    "no size": b"\r\nabc\r\n",
    "a signed size": b"+3\r\nabc\r\n",
    "a negative size": b"-1\r\nabc\r\n",
    "a size with a prefix": b"0x3\r\nabc\r\n",
    "a size with _": b"1_0\r\nabc\r\n",
    "white space before a size": b" 3\r\nabc\r\n",
    "an enormous size": b"ffffffffffffffff\r\n",
    "a size above the largest": b"fffffffffff\r\n",
    "no end of a chunk": b"3\r\nabcd\r\n",
    "a bare LF behind a size": b"3\nabc\r\n0\r\n\r\n",
    "a bare LF behind a chunk": b"3\r\nabc\n0\r\n\r\n",
    "a bare CR in an extension": b"3;a\rb\r\nabc\r\n",
    "a NUL in an extension": b"3;a\x00b\r\nabc\r\n",
    "a trailer that is none": b"0\r\nabc\r\n\r\n",
    "a folded trailer": b"0\r\nX: a\r\n b\r\n\r\n",
    "a bare LF in the trailers": b"0\r\nX: a\n\n",
}


@pytest.mark.parametrize("size", [1, 0])
@pytest.mark.parametrize("what", REFUSED)
def test_what_could_be_read_in_two_ways_is_refused(what: str, size: int) -> None:
    data, code = REFUSED[what]
    one = server(data + GET, size)
    assert names(one) == []
    assert status(one).startswith(b"HTTP/1.1 %d " % code)
    assert one.wire.closing


@pytest.mark.parametrize("size", [1, 0])
@pytest.mark.parametrize("what", MALFORMED)
def test_a_body_that_could_be_read_in_two_ways_is_refused(what: str, size: int) -> None:
    one = server(CHUNKED + MALFORMED[what] + GET + b"\r\n\r\n", size)
    events = names(one)
    assert events.count("request") == 1
    assert "request_end" not in events
    assert events[-1] == "broken"
    assert status(one)[9:12] in (b"400", b"413")
    assert one.wire.closing


def test_a_fault_in_a_body_that_is_being_answered_ends_the_connection() -> None:
    one = server(CHUNKED)
    one.respond(200, "OK", [])
    one.data_to_send()
    one.receive_data(b"x\r\n")
    assert names(one) == ["request", "broken"]
    assert one.data_to_send() == b""
    assert one.wire.closing


def test_a_body_that_is_too_long_is_refused_however_it_comes() -> None:
    for data in (POST + b"Content-Length: 11\r\n\r\n", CHUNKED + b"6\r\n123456\r\n6\r\n123456"):
        one = H.Server(largest=10)
        one.receive_data(data)
        assert status(one).startswith(b"HTTP/1.1 413 ")
        assert one.wire.closing


def test_no_value_carries_a_line_end_into_the_stream() -> None:
    for bad in (
        (200, "OK\r\nX: y", []),
        (200, "OK", fields((b"X", b"a\r\nY: b"))),
        (200, "OK", fields((b"X: y\r\nZ", b"a"))),
        (200, "OK", fields((b"X", b" a"))),
        (200, "OK", fields((b"", b"a"))),
        (99, "OK", []),
    ):
        one = server(GET)
        with pytest.raises(LocalProtocolError):
            one.respond(*bad)
        assert one.data_to_send() == b""
        one.answer(200, "OK", [], b"")
        assert status(one) == b"HTTP/1.1 200 OK"


def test_an_application_cannot_say_a_length_in_two_ways() -> None:
    for bad in (
        fields((b"Content-Length", b"1"), (b"Content-Length", b"1")),
        fields((b"Content-Length", b"1"), (b"Transfer-Encoding", b"chunked")),
        fields((b"Transfer-Encoding", b"gzip")),
        fields((b"content-length", b"x")),
    ):
        with pytest.raises(LocalProtocolError):
            server(GET).respond(200, "OK", bad)


# ---------------------------------------------------------------- time, ends


@pytest.mark.parametrize(
    ("data", "seconds", "answer"),
    [
        (b"", 10, b"HTTP/1.1 408 Request Timeout"),
        (b"GET / HTTP/1.1\r\n", 10, b"HTTP/1.1 408 Request Timeout"),
        (POST + b"Content-Length: 2\r\n\r\na", 30, b"HTTP/1.1 408 Request Timeout"),
    ],
)
def test_who_is_too_slow_is_sent_away(data: bytes, seconds: float, answer: bytes) -> None:
    one = server(data)
    assert one.deadline() == seconds
    one.advance(seconds)
    assert status(one) == answer
    assert one.wire.closing


def test_a_connection_that_is_kept_is_not_kept_for_ever() -> None:
    one = server(GET)
    one.answer(200, "OK", [], b"")
    one.data_to_send()
    assert one.deadline() == 60
    one.advance(60)
    assert one.data_to_send() == b""
    assert one.wire.closing


def test_each_piece_of_a_body_gives_it_time() -> None:
    one = server(POST + b"Content-Length: 3\r\n\r\n")
    for now in (20, 40):
        one.advance(now)
        one.receive_data(b"a")
    assert one.deadline() == 70


SESSION = CHUNKED + b"3\r\nabc\r\n0\r\n\r\n" + GET


@pytest.mark.parametrize("end", range(len(SESSION) + 1))
def test_the_end_may_come_after_every_byte(end: int) -> None:
    one = server(SESSION[:end])
    one.receive_eof()
    if one.Ours == "SEND_RESPONSE":
        one.answer(200, "OK", [], b"")
    if one.Ours == "SEND_RESPONSE":
        one.answer(200, "OK", [], b"")
    assert one.wire.closing
    assert one.state == "CLOSED"


def test_a_client_that_goes_away_is_told_to_who_answers() -> None:
    one = server(GET)
    one.receive_lost("reset")
    assert names(one) == ["request", "request_end", "broken"]
    assert one.state == "CLOSED"


EVENTS: list[tuple[str, tuple[Any, ...]]] = [
    ("inform", (103, "Early Hints", [])),
    ("respond", (200, "OK", [])),
    ("respond", (200, "OK", fields((b"Content-Length", b"1")))),
    ("send_body", (b"a",)),
    ("finish", ()),
    ("finish_with", ([],)),
    ("answer", (200, "OK", [], b"a")),
    ("switch", ("Switching Protocols", [])),
    ("send_raw", (b"raw",)),
    ("receive_data", (GET,)),
    ("receive_data", (CHUNKED,)),
    ("receive_data", (b"1\r\na\r\n",)),
    ("receive_data", (b"0\r\n\r\n",)),
    ("receive_data", (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n\r\n",)),
    ("receive_data", (b"\x00\r\n\r\n",)),
    ("receive_eof", ()),
    ("receive_lost", ("reset",)),
    ("advance", (1e6,)),
]


@pytest.mark.parametrize("seed", range(300))
def test_any_event_in_any_state_is_taken_or_refused(seed: int) -> None:
    choose = random.Random(seed)
    one = server()
    for _ in range(30):
        name, args = choose.choice(EVENTS)
        before = (one.state, one.Theirs, one.Ours)
        try:
            getattr(one, name)(*args)
        except LocalProtocolError:
            assert (one.state, one.Theirs, one.Ours) == before
    assert one.state in ("CONNECTION", "SWITCHED", "CLOSED")


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (POST + b"Content-Length: 999999999\r\n\r\n", b"a" * 65536),
        (CHUNKED, b"8000\r\n" + b"a" * 0x8000 + b"\r\n"),
        (CHUNKED + b"0\r\n", b"X: " + b"a" * 5000 + b"\r\n"),
        (CHUNKED, b"0;" + b"a" * 65536),
        (POST, b"X: " + b"a" * 5000 + b"\r\n"),
        (b"", b"\r\n" * 30_000),
        (b"", b"a" * 65536),
    ],
)
def test_what_is_kept_is_bounded_whatever_is_sent(head: bytes, piece: bytes) -> None:
    one = server(head)
    told(one)
    tracemalloc.start()
    try:
        for _ in range(300):
            one.receive_data(piece)
            told(one)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000


# ---------------------------------------------------------------- other protocols


def test_an_upgrade_hands_the_bytes_on_both_ways() -> None:
    ask = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly"
    one = server(ask)
    assert names(one) == ["request", "request_end"]
    upgrade = fields((b"Connection", b"Upgrade"), (b"Upgrade", b"echo"))
    one.switch("Switching Protocols", upgrade)
    assert status(one) == b"HTTP/1.1 101 Switching Protocols"
    assert told(one) == [("raw", b"early")]
    one.receive_data(b"late")
    assert told(one) == [("raw", b"late")]
    one.send_raw(b"back")
    assert one.data_to_send() == b"back"
    one.receive_eof()
    assert names(one) == ["raw_end"]


def test_only_who_was_asked_switches() -> None:
    with pytest.raises(LocalProtocolError):
        server(GET).switch("Switching Protocols", [])


def test_CONNECT_makes_a_tunnel() -> None:
    one = server(b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n")
    one.respond(200, "OK", [])
    one.receive_data(b"raw")
    assert told(one)[-1] == ("raw", b"raw")


# ---------------------------------------------------------------- client


def client(*answers: bytes, method: str = "GET", size: int = 0) -> tuple[Any, Any]:
    one = H.Client("a.example")
    call = one.ask(method, "/", [], b"")
    for answer in answers:
        for at in range(0, len(answer), size or len(answer)):
            one.receive_data(answer[at : at + (size or len(answer))])
    return one, call


@pytest.mark.parametrize("size", [1, 0])
@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", b"ok"),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", b"ok"),
        (b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", b"ok"),
        (b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 204 No\r\n\r\n", b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", b""),
    ],
)
def test_a_client_hears_an_answer(answer: bytes, body: bytes, size: int) -> None:
    one, call = client(answer, size=size)
    assert one.data_to_send() == b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"
    assert call.result()[3] == body
    assert one.Ours == "IDLE"


def test_the_end_of_the_connection_ends_a_body_without_a_length() -> None:
    one, call = client(b"HTTP/1.1 200 OK\r\n\r\nab", b"cd")
    assert not call.done
    one.receive_eof()
    assert call.result()[3] == b"abcd"
    assert one.wire.closing


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: a\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n",
    ],
)
def test_an_answer_that_could_be_read_in_two_ways_is_none(answer: bytes) -> None:
    one, call = client(answer)
    with pytest.raises(RemoteProtocolError):
        call.result()
    assert one.wire.closing
    assert names(one) == ["broken"]


def test_calls_wait_for_those_before_them() -> None:
    one = H.Client("a")
    first, second = one.ask("GET", "/1", [], b""), one.ask("PUT", "/2", [], b"xy")
    assert one.data_to_send().count(b"HTTP/1.1") == 1
    one.receive_data(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1")
    assert first.done
    assert not second.done
    assert b"Content-Length: 2\r\n\r\nxy" in one.data_to_send()
    one.receive_data(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
    assert second.result()[0] == 201


def test_a_client_that_expects_100_sends_its_body_then_or_after_a_second() -> None:
    expect = fields((b"Content-Length", b"2"), (b"Expect", b"100-continue"))
    for go_on in (
        lambda one: one.receive_data(b"HTTP/1.1 100 Continue\r\n\r\n"),
        lambda one: one.advance(1.0),
    ):
        one = H.Client("a")
        one.request("POST", "/", expect)
        one.send_body(b"ok")
        one.finish()
        assert not one.data_to_send().endswith(b"ok")
        go_on(one)
        assert one.data_to_send() == b"ok"
        one.receive_data(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        assert one.Ours == "IDLE"


@pytest.mark.parametrize("size", [1, 100])
def test_both_ends_understand_each_other(size: int) -> None:
    def cut(data: bytes) -> list[bytes]:
        return [data[i : i + size] for i in range(0, len(data), size)]

    pair = Pair(H.Client("a"), H.Server(), split=cut)
    pair.open()
    call = pair.client.request("POST", "/", fields((b"Transfer-Encoding", b"chunked")))
    pair.client.send_body(b"hello")
    pair.client.finish_with(fields((b"X", b"1")))
    pair.run()
    heard = pair.events()["server"]
    assert b"".join(event.args[0] for event in heard if event.name == "body") == b"hello"
    assert heard[-1].args == (fields((b"X", b"1")),)
    pair.server.respond(200, "OK", [])
    pair.server.send_body(b"answer")
    pair.server.finish()
    pair.run()
    assert call.result()[0] == 200
    body = [event.args[0] for event in pair.events()["client"] if event.name == "body"]
    assert b"".join(body) == b"answer"
    assert (pair.client.Ours, pair.server.Theirs) == ("IDLE", "KEPT")
