"""specs/websocket.proto in memory: what RFC 6455 says, and what nobody should send."""

from __future__ import annotations

import itertools
import pickle
import random
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generated import shipped, told
from protogen_fsm.runtime import values
from protogen_fsm.runtime.core import LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable

brief = settings(deadline=None, max_examples=150)

# RFC 6455, section 1.2, its Host and Origin as they stand there.
REQUEST = (
    b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Origin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\n"
    b"Sec-WebSocket-Version: 13\r\n\r\n"
)
ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
MASK = b"\x37\xfa\x21\x3d"
SAMPLE = b"the sample nonce"  # of which section 1.3 makes its key


def websocket() -> Any:
    return shipped("websocket")


def frame(first: int, payload: bytes = b"", mask: bytes = b"", form: int = 0) -> bytes:
    """A frame, its length in the fewest bytes or in those of a form: 7, 16 or 64 bits."""
    size = len(payload)
    bit = 0x80 if mask else 0
    form = form or (7 if size < 126 else 16 if size < 65536 else 64)
    length = {
        7: bytes([bit | size & 0x7F]),
        16: bytes([bit | 126]) + size.to_bytes(2, "big"),
        64: bytes([bit | 127]) + size.to_bytes(8, "big"),
    }[form]
    mixed = bytes(b ^ mask[i % 4] for i, b in enumerate(payload)) if mask else payload
    return bytes([first]) + length + mask + mixed


def asked(first: int, payload: bytes = b"", form: int = 0) -> bytes:
    """A frame of a client."""
    return frame(first, payload, MASK, form)


def close(code: int, reason: str = "") -> bytes:
    return code.to_bytes(2, "big") + reason.encode()


def server(**options: Any) -> Any:
    """A server whose client has come in."""
    one = websocket().Server(**options)
    one.receive_open()
    one.receive_data(REQUEST)
    assert one.data_to_send() == ANSWER
    assert told(one) == [("opened", "/chat", "")]
    return one


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is random: the nonce is that of section 1.3, the masks are those of section 5.7."""
    monkeypatch.setattr(values, "urandom", lambda n: SAMPLE if n == 16 else MASK[:n])


def client(**options: Any) -> Any:
    """A client that has been let in; it needs `sample`."""
    one = websocket().Client("server.example.com", "/chat", **options)
    one.receive_open()
    one.data_to_send()
    one.receive_data(ANSWER)
    assert told(one) == [("opened", "")]
    return one


def said(one: Any, data: bytes) -> bytes:
    one.receive_data(data)
    answer: bytes = one.data_to_send()
    return answer


# ---------------------------------------------------------------- the opening handshake, section 4


def test_a_server_answers_the_handshake_of_the_RFC_as_the_RFC_does() -> None:
    seen: list[Any] = []

    class Server(websocket().Server):  # type: ignore[misc]
        def do_request(self, target: Any, origins: Any, protocols: Any, fields: Any) -> Any:
            seen.append((target, origins, protocols, [f.name for f in fields][:2]))
            return websocket().Accept("chat", [websocket().Field("X-One", "1")])

    one = Server()
    one.receive_open()
    # sections 1.2 and 1.3; another of its fields at the end
    assert said(one, REQUEST) == ANSWER[:-2] + b"Sec-WebSocket-Protocol: chat\r\nX-One: 1\r\n\r\n"
    assert seen == [("/chat", ["http://example.com"], ["chat", "superchat"], ["host", "upgrade"])]
    assert told(one) == [("opened", "/chat", "chat")]


def test_a_client_asks_as_the_RFC_does_and_takes_its_answer(sample: None) -> None:
    field = websocket().Field
    one = websocket().Client(
        "server.example.com",
        "/chat",
        origin="http://example.com",
        protocols=["chat", "superchat"],
        more=[field("Cookie", "a=1")],
    )
    one.receive_open()
    lines = one.data_to_send().split(b"\r\n")
    assert lines[0] == REQUEST.split(b"\r\n")[0]
    assert sorted(lines) == sorted([*REQUEST.split(b"\r\n"), b"Cookie: a=1"])
    one.receive_data(ANSWER[:-2] + b"Sec-WebSocket-Protocol: superchat\r\n\r\n\x81\x02ok")
    assert told(one) == [("opened", "superchat"), ("text", "ok")]


def changed(**fields: str | None) -> bytes:
    """The request with other fields: `Host=None` leaves one out."""
    lines = REQUEST.decode().split("\r\n")[1:-2]
    own = dict(line.split(": ", 1) for line in lines)
    own.update({name.replace("_", "-"): value for name, value in fields.items()})  # type: ignore[misc]
    kept = [f"{name}: {value}\r\n" for name, value in own.items() if value is not None]
    return f"GET /chat HTTP/1.1\r\n{''.join(kept)}\r\n".encode()


@pytest.mark.parametrize(
    "request_",
    [
        changed(Upgrade="WebSocket"),
        changed(Upgrade="h2c, websocket"),
        changed(Connection="keep-alive, Upgrade"),
        changed(Connection="keep-alive,upgrade"),
        changed(Origin=None, Sec_WebSocket_Protocol=None),
        REQUEST.replace(b"Sec-WebSocket-Key: ", b"sec-websocket-key:\t "),
        REQUEST.replace(b"Host: ", b"HOST:"),
        changed(Sec_WebSocket_Extensions="permessage-deflate"),
    ],
)
def test_a_request_may_say_the_same_in_other_words(request_: bytes) -> None:
    assert said(websocket().Server(), request_) == ANSWER


@pytest.mark.parametrize(
    ("code", "request_"),
    [
        (400, b"\r\n"),
        (400, b"GET /chat\r\n"),
        (400, b"POST /chat HTTP/1.1\r\n"),
        (400, b"GET /chat HTTP/1.0\r\n"),
        (400, b"GET /ch at HTTP/1.1\r\n"),
        (400, b"GET /chat HTTP/2.0\r\n"),
        (400, b"\x16\x03\x01\x00\xf4\r\n"),
        (400, b"x" * 9000 + b"\r\n"),
        (400, changed(Host=None)),
        (400, REQUEST[:-2] + b"Host: another\r\n\r\n"),
        (426, changed(Upgrade=None)),
        (426, changed(Upgrade="h2c")),
        (400, changed(Connection=None)),
        (400, changed(Connection="close")),
        (400, changed(Sec_WebSocket_Key=None)),
        (400, changed(Sec_WebSocket_Key="short")),
        (400, changed(Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZR==")),  # bits behind the nonce
        (400, REQUEST[:-2] + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"),
        (426, changed(Sec_WebSocket_Version=None)),
        (426, changed(Sec_WebSocket_Version="8")),
        (426, changed(Sec_WebSocket_Version="13, 8")),
        (400, b"GET / HTTP/1.1\r\nHost : a\r\n"),
        (400, b"GET / HTTP/1.1\r\nno field\r\n"),
        (400, b"GET / HTTP/1.1\r\n folded: a\r\n"),
        (431, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 101),
        (431, b"GET / HTTP/1.1\r\n" + (b"X: " + b"y" * 7000 + b"\r\n") * 10),
    ],
)
def test_what_is_no_handshake_is_refused(code: int, request_: bytes) -> None:
    one = websocket().Server()
    answer = said(one, request_)
    assert answer.startswith(f"HTTP/1.1 {code} ".encode())
    assert answer.endswith(b"\r\n\r\n")
    assert (b"Sec-WebSocket-Version: 13\r\n" in answer) == (code == 426)
    assert one.state == "CLOSED"
    assert one.wire.closing


def test_the_application_may_refuse_and_may_not_choose_what_was_not_offered() -> None:
    class Server(websocket().Server):  # type: ignore[misc]
        answer: Any = None

        def do_request(self, *args: Any) -> Any:
            return self.answer

    one = Server()
    Server.answer = websocket().Refuse()
    assert said(one, REQUEST).startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert one.state == "CLOSED"
    Server.answer = websocket().Refuse(302, "Found", [websocket().Field("Location", "/other")])
    assert b"\r\nLocation: /other\r\n" in said(Server(), REQUEST)
    Server.answer = websocket().Accept("soap")
    assert said(Server(), REQUEST).startswith(b"HTTP/1.1 500 ")


def test_nobody_writes_a_second_line_into_a_header() -> None:
    class Server(websocket().Server):  # type: ignore[misc]
        def do_request(self, *args: Any) -> Any:
            return websocket().Accept("", [websocket().Field("A", "b\r\nC: d")])

    one = Server()
    with pytest.raises(LocalProtocolError):
        one.receive_data(REQUEST)
    with pytest.raises(LocalProtocolError):
        websocket().Client("a\r\nb").receive_open()


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-x\r\n",
        ANSWER.replace(b"s3pP", b"S3pP"),
        ANSWER.replace(b"Upgrade: websocket\r\n", b""),
        ANSWER.replace(b"Upgrade: websocket\r\n", b"Upgrade: h2c\r\n"),
        ANSWER.replace(b"Connection: Upgrade\r\n", b""),
        ANSWER[:-2] + b"Sec-WebSocket-Protocol: chat\r\n\r\n",  # nobody asked for one
        ANSWER[:-2] + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        ANSWER[:-2] + b"no field\r\n",
    ],
)
def test_a_client_takes_no_other_answer(answer: bytes, sample: None) -> None:
    one = websocket().Client("server.example.com", "/chat")
    one.receive_open()
    one.data_to_send()
    assert said(one, answer) == b""
    ((event, _, _, _),) = told(one)
    assert (event, one.state) == ("refused", "CLOSED")


def test_a_client_hears_why_it_is_refused(sample: None) -> None:
    one = websocket().Client("h")
    one.receive_open()
    one.receive_data(b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n\r\nno")
    field = websocket().Field("www-authenticate", "Basic")
    assert told(one) == [("refused", 401, "Unauthorized", [field])]


# ---------------------------------------------------------------- frames, section 5

EXAMPLES = [  # section 5.7
    ("81 05 48 65 6c 6c 6f", [("text", "Hello")], b""),
    ("01 03 48 65 6c 80 02 6c 6f", [("text", "Hello")], b""),
    ("89 05 48 65 6c 6c 6f", [], asked(0x8A, b"Hello")),
    ("82 7E 01 00" + "61" * 256, [("binary", b"a" * 256)], b""),
    ("82 7F 00 00 00 00 00 01 00 00" + "61" * 65536, [("binary", b"a" * 65536)], b""),
]


@pytest.mark.parametrize(("octets", "events", "answer"), EXAMPLES)
def test_the_unmasked_examples_of_the_RFC(
    octets: str, events: list[Any], answer: bytes, sample: None
) -> None:
    one = client()
    assert said(one, bytes.fromhex(octets)) == answer
    assert told(one) == events


def test_the_masked_examples_of_the_RFC(sample: None) -> None:
    one = server()
    hello = bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58")
    assert said(one, hello) == b""
    assert told(one) == [("text", "Hello")]
    assert said(one, asked(0x89, b"Hello")) == bytes.fromhex("8a 05 48 65 6c 6c 6f")
    other = client()
    other.send_text("Hello")
    assert other.data_to_send() == hello
    assert said(other, b"\x89\x05Hello") == bytes.fromhex("8a 85 37 fa 21 3d 7f 9f 4d 51 58")


def test_what_is_sent_is_the_examples_of_the_RFC() -> None:
    one = server()
    one.send_text("Hello")
    one.send_text_piece("Hel", False)
    one.send_text_piece("lo", True)
    one.ping(b"Hello")
    one.send_binary(b"a" * 256)
    one.send_binary(b"a" * 65536)
    shown = "".join(octets for octets, _, _ in EXAMPLES)
    assert one.data_to_send() == bytes.fromhex(shown)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 200_000])
@pytest.mark.parametrize("pieces", [False, True])
def test_payloads_of_every_size_arrive_at_either_end(size: int, pieces: bool) -> None:
    data = random.Random(size).randbytes(size)
    one, other = websocket().Client("h", pieces=pieces), websocket().Server(pieces=pieces)
    meet(one, other)
    one.send_binary(data)
    other.send_binary(data)
    one.send_text("é" * size)
    for end in exchange(one, other):
        if pieces:
            assert b"".join(e[1] for e in end if e[0] == "binary_piece") == data
            assert "".join(e[1] for e in end if e[0] == "text_piece") in ("é" * size, "")
            assert [e[2] for e in end if e[0] == "binary_piece"][-1] is True
        else:
            assert [e for e in end if e[0] == "binary"] == [("binary", data)]


def meet(one: Any, other: Any) -> None:
    """The two shake hands."""
    one.receive_open()
    other.receive_open()
    first, second = exchange(one, other)
    assert (first[0][0], second[0][0]) == ("opened", "opened")


def exchange(one: Any, other: Any) -> tuple[list[Any], list[Any]]:
    """All that the two have to say goes over; what each of them tells."""
    while (data := one.data_to_send()) + (back := other.data_to_send()):
        other.receive_data(data)
        one.receive_data(back)
    return told(one), told(other)


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=5), st.binary(max_size=125))
@brief
def test_however_a_message_is_cut_into_fragments_it_is_the_same(
    data: bytes, places: list[int], between: bytes
) -> None:
    at = sorted({0, *(p % (len(data) + 1) for p in places), len(data)})
    parts = [data[a:b] for a, b in itertools.pairwise(at)] or [b""]
    one = server()
    for i, part in enumerate(parts):
        first = (0x02 if i == 0 else 0) | (0x80 if i == len(parts) - 1 else 0)
        assert said(one, asked(first, part)) == b""
        assert said(one, asked(0x89, between)) == frame(0x8A, between)
    assert told(one) == [("binary", data)]


@given(st.text(max_size=60), st.lists(st.integers(0, 240), max_size=5), st.booleans())
@brief
def test_a_text_may_be_cut_within_its_characters(
    text: str, places: list[int], pieces: bool
) -> None:
    data = text.encode()
    at = sorted({0, *(p % (len(data) + 1) for p in places), len(data)})
    parts = [data[a:b] for a, b in itertools.pairwise(at)] or [b""]
    one = server(pieces=pieces)
    for i, part in enumerate(parts):
        first = (0x01 if i == 0 else 0) | (0x80 if i == len(parts) - 1 else 0)
        assert said(one, asked(first, part)) == b""
    events = told(one)
    assert "".join(event[1] for event in events) == text
    assert [event[2:] for event in events if event[2:] != (False,)] == [(True,) if pieces else ()]


@pytest.mark.parametrize("pieces", [False, True])
@pytest.mark.parametrize(
    "parts",
    [
        [b"\xff"],
        [b"a\xc3"],
        [b"\xed\xa0\x80"],
        ["κόσμε".encode() + b"\xed\xa0\x80edited"],  # from Autobahn's 6.3
        [b"\xf4\x90", b"\x80\x80"],
        [b"a", b"\xc3", b"\xc3"],
        [b"\xc3", b""],
    ],
)
def test_a_text_that_is_no_utf_8_ends_with_1007(parts: list[bytes], pieces: bool) -> None:
    one = server(pieces=pieces)
    answer = b""
    for i, part in enumerate(parts):
        first = (0x01 if i == 0 else 0) | (0x80 if i == len(parts) - 1 else 0)
        answer += said(one, asked(first, part))
    assert answer == frame(0x88, close(1007, "a text that is no UTF-8"))
    assert told(one)[-1] == ("closed", 1007, "a text that is no UTF-8", False)


def test_a_text_that_can_be_none_any_more_is_refused_before_its_end() -> None:
    one = server()
    assert said(one, asked(0x01, b"a\xf4")) == b""
    assert said(one, asked(0x00, b"\x90"))[:4] == b"\x88\x19\x03\xef"


MALFORMED = [
    (1002, "masked", frame(0x81, b"a")),  # of a client
    (1002, "reserved bit", asked(0xC1, b"a")),
    (1002, "reserved bit", asked(0xA1, b"a")),
    (1002, "reserved bit", asked(0x91, b"a")),
    *[(1002, "reserved opcode", asked(0x80 | n)) for n in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)],
    (1002, "control frame", asked(0x08, close(1000))),
    (1002, "control frame", asked(0x09)),
    (1002, "control frame", asked(0x0A)),
    (1002, "control frame", asked(0x89, b"a" * 126)),
    (1002, "control frame", asked(0x88, close(1000) + b"a" * 124)),
    (1002, "length", asked(0x82, b"a" * 125, 16)),
    (1002, "length", asked(0x82, b"", 64)),
    (1002, "length", asked(0x82, b"a" * 65535, 64)),
    (1002, "length", b"\x82\xff\x80\0\0\0\0\0\0\0" + MASK),
    (1009, "too large", b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff" + MASK),
    (1009, "too large", b"\x82\xff\0\0\0\0\0\x10\0\x01"),
    (1002, "continue", asked(0x80, b"a")),
    (1002, "continue", asked(0x00, b"a")),
    (1002, "within", asked(0x01, b"a") + asked(0x01, b"b")),
    (1002, "within", asked(0x02, b"a") + asked(0x82, b"b")),
    (1002, "half", asked(0x88, b"\x03")),
    (1007, "UTF-8", asked(0x88, close(1000) + b"\xff")),
    (1007, "UTF-8", asked(0x88, close(1000) + b"\xc3")),
    *[
        (1002, "code", asked(0x88, close(code)))
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
    ],
]


@pytest.mark.parametrize("pieces", [False, True])
@pytest.mark.parametrize(("code", "word", "octets"), MALFORMED)
def test_what_the_RFC_forbids_ends_with_a_code(
    code: int, word: str, octets: bytes, pieces: bool
) -> None:
    for step in (len(octets), 1):
        one = server(pieces=pieces)
        answer = b"".join(said(one, octets[i : i + step]) for i in range(0, len(octets), step))
        assert answer[:1] == b"\x88"
        assert answer[2:4] == code.to_bytes(2, "big")
        assert word in answer[4:].decode()
        *_, (event, told_code, reason, clean) = told(one)
        assert (event, told_code, clean) == ("closed", code, False)
        assert word in reason
        assert said(one, asked(0x81, b"more") * 3) == b""  # it is over
        one.receive_eof()
        assert one.wire.closing


def test_a_server_that_masks_breaks_the_protocol(sample: None) -> None:
    one = client()
    assert said(one, asked(0x81, b"a"))[:2] == b"\x88\xb8"
    assert told(one)[0][:2] == ("closed", 1002)


def test_messages_and_frames_have_caps() -> None:
    one = server(largest=10)
    assert said(one, asked(0x82, b"a" * 10)) == b""
    assert said(one, asked(0x82, b"a" * 126))[2:4] == b"\x03\xf1"
    one = server(largest=10)
    assert said(one, asked(0x02, b"a" * 9) + asked(0x00, b"a")) == b""
    assert said(one, asked(0x80, b"a"))[2:4] == b"\x03\xf1"
    one = server(largest_frame=200)
    assert said(one, asked(0x02, b"a" * 200) + asked(0x80, b"a" * 200)) == b""
    assert said(one, asked(0x82, b"a" * 201))[2:4] == b"\x03\xf1"


@pytest.mark.parametrize("size", [0, 1])
def test_many_small_fragments_take_little_room(size: int) -> None:
    one = server()
    one.receive_data(asked(0x02, b""))
    part = asked(0x00, b"a" * size) * 1000
    tracemalloc.start()
    try:
        for _ in range(50):
            one.receive_data(part)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000
    one.receive_data(asked(0x80, b""))
    assert told(one) == [("binary", b"a" * 50_000 * size)]


def test_a_frame_in_pieces_needs_no_memory() -> None:
    one = server(pieces=True, largest_frame=1 << 30, largest=1 << 30)
    one.receive_data(b"\x82\xff" + (1 << 26).to_bytes(8, "big") + b"\0\0\0\0")
    piece, count = b"a" * 65536, 0
    tracemalloc.start()
    try:
        for _ in range((1 << 26) // 65536):
            one.receive_data(piece)
            count += sum(len(data) for _, data, _ in told(one))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 1 << 26
    assert peak < 2_000_000


# ---------------------------------------------------------------- pings, section 5.5


def test_a_ping_is_answered_by_the_pong_that_bears_its_data(sample: None) -> None:
    one = server()
    one.ping(b"1")
    one.ping(b"2")
    one.ping(b"3")
    one.data_to_send()
    assert said(one, asked(0x8A, b"0") + asked(0x8A, b"")) == b""  # nobody asked for these
    assert told(one) == []
    one.receive_data(asked(0x8A, b"2"))  # of several only the last need be answered
    one.receive_data(asked(0x8A, b"3"))
    assert told(one) == [("pong", b"1"), ("pong", b"2"), ("pong", b"3")]
    with pytest.raises(LocalProtocolError):
        one.ping(b"a" * 126)


def test_a_heartbeat_that_is_not_answered_ends_the_connection() -> None:
    one = server(heartbeat=20.0)
    one.advance(0)
    for now in (20, 40, 60):
        one.advance(now)
        assert one.data_to_send() == b"\x89\x00"
        one.receive_data(asked(0x8A, b""))
    one.advance(80)
    assert one.data_to_send() == b"\x89\x00"
    one.advance(100)
    assert told(one) == [("closed", 1006, "no answer to a ping", False)]
    assert one.wire.closing


# ---------------------------------------------------------------- closing, section 7


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999])
def test_either_end_may_close(code: int, sample: None) -> None:
    one, other = websocket().Client("h"), websocket().Server()
    meet(one, other)
    one.disconnect(code, "bye")
    ended = ("closed", code, "bye", True)
    assert exchange(one, other) == ([ended], [ended])
    assert other.wire.closing  # the server ends the connection first
    assert not one.wire.closing
    one.receive_eof()
    assert one.wire.closing
    one, other = websocket().Client("h"), websocket().Server()
    meet(one, other)
    other.disconnect(code, "bye")
    assert exchange(one, other) == ([ended], [ended])


def test_a_close_without_a_code_is_1005_and_is_answered_alike() -> None:
    one = server()
    assert said(one, asked(0x88)) == b"\x88\x00"
    assert told(one) == [("closed", 1005, "", True)]
    one = server()
    one.disconnect(1005, "")
    assert one.data_to_send() == b"\x88\x00"


def test_closes_that_cross_are_one(sample: None) -> None:
    one, other = websocket().Client("h"), websocket().Server()
    meet(one, other)
    one.disconnect(1000, "one")
    other.disconnect(1001, "other")
    assert exchange(one, other) == (
        [("closed", 1001, "other", True)],
        [("closed", 1000, "one", True)],
    )


def test_until_the_other_side_has_closed_too_its_messages_are_heard() -> None:
    one = server()
    one.disconnect(1000, "")
    assert one.data_to_send() == frame(0x88, close(1000))
    for say in (
        lambda: one.send_text("a"),
        lambda: one.send_binary_piece(b"a", True),
        lambda: one.ping(b""),
        lambda: one.disconnect(1000, ""),
    ):
        with pytest.raises(LocalProtocolError):
            say()
    assert said(one, asked(0x81, b"late")) == b""
    assert said(one, asked(0x89, b"there?")) == frame(0x8A, b"there?")
    assert said(one, asked(0x88, close(1000))) == b""
    assert told(one) == [("text", "late"), ("closed", 1000, "", True)]


def test_who_does_not_answer_a_close_is_left() -> None:
    one = server(patience=10.0)
    one.advance(0)
    one.disconnect(1000, "")
    one.advance(9)
    assert told(one) == []
    one.advance(10)
    assert told(one) == [("closed", 1006, "", False)]
    assert one.wire.closing


def test_a_client_waits_for_the_server_to_end_the_connection_but_not_for_ever(
    sample: None,
) -> None:
    one = client(patience=10.0)
    one.advance(0)
    one.receive_data(frame(0x88, close(1001)))
    assert not one.wire.closing
    one.advance(10)
    assert one.wire.closing


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000])
def test_a_code_that_none_may_send_is_not_sent(code: int) -> None:
    one = server()
    with pytest.raises(LocalProtocolError):
        one.disconnect(code, "a reason")
    with pytest.raises(LocalProtocolError):
        one.disconnect(1000, "a" * 124)
    assert one.data_to_send() == b""


def test_messages_of_two_kinds_do_not_mix() -> None:
    one = server()
    one.send_text_piece("a", False)
    for say in (
        lambda: one.send_text("a"),
        lambda: one.send_binary(b"a"),
        lambda: one.send_binary_piece(b"a", True),
    ):
        with pytest.raises(LocalProtocolError):
            say()
    one.send_text_piece("", True)
    one.send_binary(b"a")
    assert one.data_to_send() == b"\x01\x01a\x80\x00\x82\x01a"


# ---------------------------------------------------------------- what nobody should send

STATES: dict[str, list[bytes]] = {
    "before": [],
    "a line": [REQUEST[:20]],
    "a field": [REQUEST[:-2]],
    "open": [REQUEST],
    "in a text": [REQUEST, asked(0x01, b"a\xc3")],
    "in a binary message": [REQUEST, asked(0x02, b"a")],
    "closed": [REQUEST, asked(0x88)],
    "failed": [REQUEST, b"\xff\xff"],
}
FRAMES = [
    asked(first, payload)
    for first in (0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8A, 0x83, 0xF0)
    for payload in (b"", b"\xa9", close(1000), b"a" * 126)
]


def ways(one: Any) -> Iterable[str]:
    yield one.state
    yield one.below.state
    yield one.below.below.state


def is_well(one: Any) -> None:
    """What it has said is an answer of HTTP, then frames up to a Close; and it tells one end."""
    events = told(one)
    assert [event[0] for event in events].count("closed") <= 1
    if one.state == "CLOSED":
        assert one.wire.closing or one.below.state in ("LEFT", "FAILED", "CLOSED"), list(ways(one))


@pytest.mark.parametrize("pieces", [False, True])
@pytest.mark.parametrize("state", STATES)
def test_every_frame_in_every_state_and_eof_behind_it(state: str, pieces: bool) -> None:
    for octets in FRAMES:
        for cut in (1, 2, 4, len(octets)):
            one = websocket().Server(pieces=pieces)
            one.receive_open()
            for data in STATES[state]:
                one.receive_data(data)
            one.receive_data(octets[:cut])
            is_well(one)
            one.receive_eof()
            assert one.wire.closing
            assert one.state == "CLOSED"


def test_a_connection_can_be_put_away_and_taken_up() -> None:
    one = server()
    one.receive_data(asked(0x01, b"a") + asked(0x80, b"b")[:3])
    two = pickle.loads(pickle.dumps(one))
    two.receive_data(asked(0x80, b"b")[3:])
    assert told(two) == [("text", "ab")]


def test_a_server_of_http_hands_its_stream_over() -> None:
    http1, ws = shipped("http1"), websocket()

    class Server(http1.Server):  # type: ignore[misc]
        socket: Any = None

        def emit_request(self, method: str, target: str, minor: int, fields: Any) -> None:
            self.key = next(f.value for f in fields if f.name.lower() == b"sec-websocket-key")

        def emit_request_end(self, trailers: Any) -> None:
            told_key = values.base64(values.sha1(self.key + ws.GUID.encode()))
            self.switch(
                "Switching Protocols",
                [
                    http1.Field(b"Upgrade", b"websocket"),
                    http1.Field(b"Connection", b"Upgrade"),
                    http1.Field(b"Sec-WebSocket-Accept", told_key),
                ],
            )
            self.socket = ws.Messages(is_server=True)
            self.socket.begin()

        def emit_raw(self, data: bytes) -> None:
            self.socket.receive_data(data)
            for event in self.socket.events():
                if event.name == "text":
                    self.socket.send_text(event.args[0])
            self.send_raw(self.socket.data_to_send())

    one = Server()
    one.receive_open()
    assert said(one, REQUEST + asked(0x81, b"Hello")) == ANSWER + frame(0x81, b"Hello")
    assert said(one, asked(0x88, close(1000))) == frame(0x88, close(1000))
