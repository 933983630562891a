"""The machines that ship with protogen: framing, there and back, however the stream is cut."""

from __future__ import annotations

import inspect
import itertools
import pickle
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generated import ROOT, fed, shipped, told
from protogen_fsm.runtime import values
from protogen_fsm.runtime.core import LocalProtocolError, RemoteProtocolError, StreamMachine

if TYPE_CHECKING:
    from collections.abc import Iterator

brief = settings(deadline=None, max_examples=80)
PLACES = st.sets(st.integers(0, 10_000), max_size=12)
IN_PIECES = {"piece", "chunk"}


def frames() -> Any:
    return shipped("frames")


def joined(events: list[Any]) -> list[Any]:
    """Events with the pieces that follow each other as one."""
    found: list[Any] = []
    for event in events:
        if event[0] in IN_PIECES and found and found[-1][0] == event[0]:
            found[-1] = (event[0], found[-1][1] + event[1])
        else:
            found.append(event)
    return found


def cuts(data: bytes, places: set[int]) -> list[bytes]:
    at = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in itertools.pairwise(at)]


# ---------------------------------------------------------------- every machine of every spec


def value(param: inspect.Parameter, number: int = 250) -> Any:
    kind = str(param.annotation)
    return {"int": number, "bytes": b"abc", "bool": False}.get(
        kind, [] if "list" in kind else "abc"
    )


def make(cls: type) -> Any:
    params = inspect.signature(cls).parameters.values()
    needed = [param for param in params if param.default is param.empty]
    try:
        return cls(*[value(param) for param in needed])
    except LocalProtocolError:  # what it says at first cannot say 250
        return cls(*[value(param, 1) for param in needed])


def printed(of: Any) -> list[bytes]:
    """A frame of each message of a module."""
    found = []
    for name, encode in vars(of).items():
        if name.startswith("encode_"):
            params = list(inspect.signature(encode).parameters.values())
            for args in ([value(p) for p in params], ["1" for _ in params], [0 for _ in params]):
                try:
                    found.append(encode(*args))
                except (LocalProtocolError, AttributeError, TypeError):
                    continue
    return found


@cache
def over_bytes() -> list[Any]:
    found = []
    for path in sorted((ROOT / "specs").glob("*.proto")):
        of = shipped(path.stem)
        for cls in vars(of).values():
            if isinstance(cls, type) and cls.__module__ == of.__name__ and hasattr(cls, "_role"):
                try:
                    bottom = make(cls).wire.bottom
                except TypeError:
                    continue
                if isinstance(bottom, StreamMachine):
                    found.append(pytest.param(cls, printed(of), id=f"{path.stem}.{cls.__name__}"))
    return found


ENDS = [b"\r\n", b"\n", b"\r", b".\r\n", b"\0", b"\xc0", b"\xdb", b":", b",", b" ", b"0\r\n", b""]


@pytest.fixture(scope="module", autouse=True)
def nothing_is_random() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(values, "urandom", bytes)
        yield


def heard(cls: type, chunks: list[bytes]) -> tuple[Any, ...]:
    """What comes of a stream, and how it ended: nothing but the peer's fault may be raised."""
    one, said, fault, events = make(cls), b"", "", []
    try:
        one.receive_open()
        said = one.data_to_send()
        for chunk in chunks:
            one.receive_data(chunk)
            said += one.data_to_send()
            events += told(one)
        one.receive_eof()
    except RemoteProtocolError as error:
        fault = str(error)
    events += told(one)
    return said + one.data_to_send(), joined(events), one.state, fault


@pytest.mark.parametrize(("cls", "messages"), over_bytes())
@settings(brief, max_examples=40)
@given(data=st.data(), places=PLACES)
def test_any_cut_of_any_stream_gives_the_same_and_no_traceback(
    cls: Any, messages: list[bytes], data: Any, places: set[int]
) -> None:
    piece = st.one_of(
        st.sampled_from(messages or [b""]), st.sampled_from(ENDS), st.binary(max_size=12)
    )
    stream = b"".join(data.draw(st.lists(piece, max_size=30)))
    whole = heard(cls, [stream])
    assert heard(cls, [stream[i : i + 1] for i in range(len(stream))]) == whole
    assert heard(cls, cuts(stream, places)) == whole


def test_a_bare_cr_before_the_end_of_a_head_is_malformed_however_it_is_cut() -> None:
    heads = shipped("heads").Heads
    stream = b"Host: a\r\r\n\r\n"
    whole = heard(heads, [stream])
    assert whole[1] == [("malformed", b"Host: a\r\r", "bare line end")]
    for at in range(len(stream)):
        assert heard(heads, [stream[:at], stream[at:]]) == whole


# ---------------------------------------------------------------- there and back


LENGTHS = ["u8", "u16", "u24", "u32", "u64", "u16le", "u24le", "u32le", "u64le", "varint"]
FRAMERS = [
    *(pytest.param("Frames", {"length": one}, id=f"Frames {one}") for one in LENGTHS),
    pytest.param("Frames", {"length": "u16le", "header": 2}, id="Frames with a header"),
    pytest.param("Netstrings", {}, id="Netstrings"),
    pytest.param("Slip", {}, id="Slip"),
    pytest.param("Cobs", {}, id="Cobs"),
]


@pytest.mark.parametrize(("name", "given_"), FRAMERS)
@brief
@given(
    payloads=st.lists(
        st.one_of(
            st.binary(max_size=255),
            st.lists(st.sampled_from([b"\0", b"\xc0", b"\xdb", b"\xdc", b"\xdd", b",", b"a" * 40]))
            .map(b"".join)
            .map(lambda b: b[:255]),
        ),
        max_size=6,
    ),
    places=PLACES,
)
@example(payloads=[b"", b"\0", b"a" * 254, b"a" * 254 + b"\0", b"a" * 255], places=set())
def test_what_is_framed_is_unframed(
    name: str, given_: Any, payloads: list[bytes], places: set[int]
) -> None:
    cls = getattr(frames(), name)
    payloads = [one for one in payloads if one or name != "Slip"]
    out = cls(**given_)
    for payload in payloads:
        out.frame(payload)
    data = out.data_to_send()
    for chunks in (cuts(data, places), [data[i : i + 1] for i in range(len(data))]):
        one = cls(**given_)
        fed(one, chunks)
        assert told(one) == [("frame", payload) for payload in payloads]


@settings(brief, max_examples=30)
@given(st.binary(max_size=3000), st.integers(1, 700))
def test_long_payloads_cross_cobs(payload: bytes, times: int) -> None:
    out, one = frames().Cobs(max=3_000_000), frames().Cobs(max=3_000_000)
    payload = payload * times if len(payload) < 1000 else payload
    out.frame(payload)
    one.receive_data(out.data_to_send())
    assert told(one) == [("frame", payload)]


def test_a_payload_that_is_too_long_is_refused_on_both_sides() -> None:
    for name, given_ in (("Frames", {}), ("Netstrings", {}), ("Slip", {}), ("Cobs", {})):
        cls = getattr(frames(), name)
        with pytest.raises(LocalProtocolError):
            cls(max=10, **given_).frame(b"x" * 11)
        out, one = cls(max=100), cls(max=10)
        out.frame(b"x" * 11)
        one.receive_data(out.data_to_send())
        ((event, _, reason),) = told(one)
        assert (event, reason) == ("malformed", "too long")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"05:hello,", "no message"),
        (b"5:hello;", "no message"),
        (b":,", "no message"),
        (b"12345678901:", "too long"),
        (b"-1:", "no message"),
        (b"5:hel", "truncated"),
        (b"5", "truncated"),
    ],
)
def test_a_net_string_that_is_none_ends_the_framing(data: bytes, reason: str) -> None:
    one = frames().Netstrings()
    fed(one, [data, b"3:abc,"] if reason != "truncated" else [data])
    one.receive_eof()
    events = [event for event in told(one) if event[0] != "eof"]
    assert [event[0::2] for event in events] == [("malformed", reason)]


def test_slip_takes_no_escape_that_is_none() -> None:
    one = frames().Slip()
    one.receive_data(b"\xc0\xc0a\xdb\xdcb\xc0\xdbx\xc0\xdb\xc0c\xc0")
    assert told(one) == [
        ("frame", b"a\xc0b"),
        ("malformed", b"\xdbx", "no message"),
        ("malformed", b"\xdb", "no message"),
        ("frame", b"c"),
    ]


# ---------------------------------------------------------------- lines


def test_lines_take_a_block_or_so_many_bytes_in_pieces() -> None:
    one = shipped("lines").Lines()
    one.pieces(b"\r\n.\r\n", 100)
    fed(one, [b"a\r\n.", b".b\r\n.\r\nline\r\n"])
    assert joined(told(one)) == [("piece", b"a\r\n.b\r\n"), ("pieces_end",), ("line", b"line")]
    one.take(3)
    fed(one, [b"\r\n", b"\nx\r\n"])
    assert joined(told(one)) == [("piece", b"\r\n\n"), ("pieces_end",), ("line", b"x")]
    one.take(0)
    assert told(one) == [("pieces_end",)]
    with pytest.raises(LocalProtocolError):
        one.take(-1)


def test_lines_may_end_with_either_and_are_strict_otherwise() -> None:
    lines = shipped("lines").Lines
    for one, found in (
        (lines(), ["malformed", "line"]),
        (lines(end=b"\n"), ["line", "malformed"]),
        (lines(either=True), ["line", "line", "line"]),
    ):
        one.receive_data(b"a\nb\r\n" if not one.either else b"a\nb\r\nc\n")
        assert [event[0] for event in told(one)] in (found, found[:1])


# ---------------------------------------------------------------- header fields


def block(data: bytes, **params: Any) -> list[Any]:
    """The events of a block, and of a line behind it."""
    found = []
    for size in (1000, 1, 2):
        one = shipped("headers").Headers(**params)
        one.headers()
        fed(one, [data[i : i + size] for i in range(0, len(data), size)])
        found.append(told(one))
    assert found[0] == found[1] == found[2]
    return found[0]


def test_a_block_is_its_fields_and_its_end() -> None:
    assert block(b"Host: a\r\nX-y:\t b c \r\nEmpty:\r\n\r\nnext\r\n") == [
        ("header", "Host", b"a"),
        ("header", "X-y", b"b c"),
        ("header", "Empty", b""),
        ("headers_end",),
        ("start_line", b"next"),
    ]
    assert block(b"\r\n") == [("headers_end",)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b" folded: first\r\n", "no message"),
        (b"a: b\r\n c\r\n", "no message"),
        (b"no colon\r\n", "no message"),
        (b"space : a\r\n", "no message"),
        (b": a\r\n", "no message"),
        (b"a: \x00\r\n", "no message"),
        (b"a: b\nc\r\n", "bare line end"),
        (b"a: 1\r\n" * 101, "too long"),
        (b"a: " + b"x" * 300 + b"\r\n", "too long"),
        (b"a: " + b"x" * 199 + b"\r\nb: " + b"x" * 199 + b"\r\n", "too long"),
    ],
)
def test_a_fault_in_a_block_is_told_once_and_the_rest_skipped(data: bytes, reason: str) -> None:
    params = {"max": 250, "limit": 300} if b"x" in data else {}
    events = block(data + b"more: fields\r\n\r\nnext\r\n", **params)
    faults = [event for event in events if event[0] == "malformed"]
    assert [fault[2] for fault in faults] == [reason]
    assert events[-1] == ("start_line", b"next")
    assert ("headers_end",) not in events


def test_a_folded_field_is_joined_where_that_is_asked_for() -> None:
    assert block(b"a: b\r\n\t c \r\n d\r\nx: y\r\n\r\n", join=True) == [
        ("header", "a", b"b c d"),
        ("header", "x", b"y"),
        ("headers_end",),
    ]


@brief
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=":"))
            .filter(bool),
            st.binary(max_size=40),
        ),
        max_size=8,
    )
)  # fmt: skip
def test_fields_that_are_accepted_read_back(fields: list[tuple[str, bytes]]) -> None:
    out, one = shipped("headers").Headers(), shipped("headers").Headers()
    kept = []
    for name, text in fields:
        try:
            out.header(name, text)
        except LocalProtocolError:
            continue
        kept.append(("header", name, text))
    out.headers_end()
    one.headers()
    one.receive_data(out.data_to_send())
    assert told(one) == [*kept, ("headers_end",)]


# ---------------------------------------------------------------- chunks


def chunked(data: bytes, **params: Any) -> list[Any]:
    found = []
    for size in (1000, 1, 2):
        one = shipped("chunks").Chunks(**params)
        one.chunks()
        fed(one, [data[i : i + size] for i in range(0, len(data), size)])
        found.append(joined(told(one)))
    assert found[0] == found[1] == found[2]
    return found[0]


def test_a_body_in_chunks_with_extensions_and_trailers() -> None:
    body = b"5\r\nhello\r\n0A ;x=y\r\n0123456789\r\n000\r\nTrailer: t\r\n\r\nGET\r\n"
    assert chunked(body) == [
        ("chunk", b"hello0123456789"),
        ("chunks_end",),
        ("field", "Trailer", b"t"),
        ("fields_end",),
        ("line", b"GET"),
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"x\r\n", "no message"),
        (b"\r\n", "no message"),
        (b"-1\r\n", "no message"),
        (b"0x1\r\na", "no message"),
        (b"1_0\r\n", "no message"),
        (b"11111111111111111\r\n", "no message"),
        (b"FFFFFFFF\r\n", "too long"),
        (b"1\n", "bare line end"),
        (b"1;" + b"x" * 9000 + b"\r\n", "too long"),
        (b"1\r\nab\r\n", "no message"),
    ],
)
def test_behind_a_chunk_that_is_none_nothing_is_taken(data: bytes, reason: str) -> None:
    events = chunked(data + b"\r\n3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\n")
    assert [event[2] for event in events if event[0] == "malformed"] == [reason]
    assert [event[0] for event in events if event[0] != "chunk"] == ["malformed"]


@brief
@given(
    st.lists(st.binary(min_size=1, max_size=300), max_size=6),
    st.lists(st.sampled_from([("A", b"1"), ("b", b"two words")]), max_size=3),
    PLACES,
)
def test_chunks_that_are_accepted_read_back(
    parts: list[bytes], fields: list[tuple[str, bytes]], places: set[int]
) -> None:
    out, one = shipped("chunks").Chunks(), shipped("chunks").Chunks()
    for part in parts:
        out.chunk(part)
    out.chunks_end()
    for name, text in fields:
        out.field(name, text)
    out.fields_end()
    one.chunks()
    fed(one, cuts(out.data_to_send(), places))
    assert joined(told(one)) == [
        *([("chunk", b"".join(parts))] if parts else []),
        ("chunks_end",),
        *(("field", name, text) for name, text in fields),
        ("fields_end",),
    ]


@pytest.mark.parametrize(("name", "given_"), FRAMERS)
def test_half_a_frame_can_be_pickled(name: str, given_: Any) -> None:
    cls = getattr(frames(), name)
    out, one = cls(**given_), cls(**given_)
    for payload in (b"first", b"second"):
        out.frame(payload)
    data = out.data_to_send()
    for at in range(len(data)):
        one = cls(**given_)
        one.receive_data(data[:at])
        events = told(one)
        one = pickle.loads(pickle.dumps(one))
        one.receive_data(data[at:])
        assert events + told(one) == [("frame", b"first"), ("frame", b"second")]
