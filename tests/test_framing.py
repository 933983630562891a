"""Readings of numbers, of frames with their length first, and of what comes in pieces."""

from __future__ import annotations

import itertools
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generated import fed, machine, told

brief = settings(deadline=None, max_examples=100)
PLACES = st.sets(st.integers(0, 10_000), max_size=12)


def reader(reads: str, params: str = "", before: str = "") -> Any:
    """A machine that tells each frame of one reading, and what is malformed."""
    return machine(
        f"""
        emits got(data: bytes), bad(data: bytes, reason: str), done
        initial state A reads {reads} {{
            on data(octets)            / emit got(octets)
            on malformed(data, reason) / emit bad(data, reason)
            on eof -> END              / emit done
        }}
        final state END
        """,
        head=f"{params} over bytes",
        before=before,
    ).M


def told_by(reads: str, data: bytes) -> list[Any]:
    """What comes of the data, however it is cut: whole, byte by byte, in threes."""
    found = []
    for size in (max(len(data), 1), 1, 3):
        one = reader(reads)()
        fed(one, [data[i : i + size] for i in range(0, len(data), size)])
        one.receive_eof()
        *events, end = told(one)
        assert end == ("done",)
        found.append(joined(events) if "pieces" in reads else events)
    assert found[0] == found[1] == found[2]
    return found[0]


def joined(events: list[Any]) -> list[Any]:
    """Events with pieces that follow each other as one; an empty one is an end of its own."""
    found: list[Any] = []
    for event in events:
        if event[0] == "got" and event[1] and found and found[-1][0] == "got" and found[-1][1]:
            found[-1] = ("got", found[-1][1] + event[1])
        else:
            found.append(event)
    return found


def got(*frames: bytes) -> list[Any]:
    return [("got", frame) for frame in frames]


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("reads", "size"),
    [("u8", 1), ("u16", 2), ("u24le", 3), ("u32", 4), ("u64le", 8)],
)
def test_a_number_is_read_as_its_bytes(reads: str, size: int) -> None:
    data = bytes(range(1, 3 * size + 1))
    frames = [data[i : i + size] for i in range(0, len(data), size)]
    assert told_by(reads, data) == got(*frames)
    short = told_by(reads, data + b"\x09") if size > 1 else []
    assert short[3:] == ([("bad", b"\x09", "truncated")] if size > 1 else [])


def test_a_varint_ends_with_the_first_byte_without_its_high_bit() -> None:
    assert told_by("varint", b"\x00\x7f\x80\x01\xff\xff\x03") == got(
        b"\x00", b"\x7f", b"\x80\x01", b"\xff\xff\x03"
    )
    assert told_by("varint", b"\xff" * 9 + b"\x01") == got(b"\xff" * 9 + b"\x01")
    assert told_by("varint", b"\x80") == [("bad", b"\x80", "truncated")]


def test_a_varint_that_is_too_large_or_too_long_is_malformed() -> None:
    assert told_by("varint(300)", b"\xac\x02\xad\x02\x05") == [
        *got(b"\xac\x02"),
        ("bad", b"\xad\x02", "too long"),
        *got(b"\x05"),
    ]
    assert told_by("varint", b"\x85\x00\x05") == [("bad", b"\x85\x00", "bad value"), *got(b"\x05")]
    assert told_by("varint", b"\xff" * 9 + b"\x02\x05") == [
        ("bad", b"\xff" * 9 + b"\x02", "bad value"),
        *got(b"\x05"),
    ]
    # nobody can say where it ends, so nothing behind it is taken for anything
    assert told_by("varint", b"\xff" * 300 + b"\x01\x05") == [("bad", b"\xff" * 10, "bad value")]


# ---------------------------------------------------------------- lengths


LAYOUTS = ["u8", "u16", "u24", "u32", "u64", "u16le", "u24le", "u32le", "u64le", "varint"]


def length(value: int, layout: str) -> bytes:
    if layout == "varint":
        out = b""
        while value >= 0x80:
            out, value = out + bytes([value % 0x80 + 0x80]), value // 0x80
        return out + bytes([value])
    order = "little" if layout.endswith("le") else "big"
    return value.to_bytes(int(layout[1:].removesuffix("le")) // 8, order)  # type: ignore[arg-type]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_frame_stands_behind_its_length(layout: str) -> None:
    frames = [b"", b"a", b"b" * 200, b"", b"xyz"]
    data = b"".join(length(len(frame), layout) + frame for frame in frames)
    assert told_by(f"bytes({layout})", data) == got(*frames)
    assert told_by(f"bytes({layout}, 200)", data) == got(*frames)


def test_a_length_may_count_what_is_no_part_of_the_frame() -> None:
    assert told_by("bytes(u32, 100, header: 4)", b"\0\0\0\4\0\0\0\7abc") == got(b"", b"abc")
    assert told_by("bytes(u16, header: 4)", b"\0\6ab") == got(b"ab")
    assert told_by("bytes(u32, header: 4)", b"\0\0\0\3\0\0\0\5a") == [
        ("bad", b"\0\0\0\3", "bad value")
    ]


def test_a_frame_that_is_too_long_is_told_at_once_and_skipped() -> None:
    one = reader("bytes(u16, 5)")()
    one.receive_data(b"\0\6")
    assert told(one) == [("bad", b"\0\6", "too long")]
    one.receive_data(b"123456\0\1a")
    assert told(one) == got(b"a")
    assert told_by("bytes(u16, 5)", b"\0\5abcde\xff\xff" + b"x" * 65535 + b"\0\1a") == [
        *got(b"abcde"),
        ("bad", b"\xff\xff", "too long"),
        *got(b"a"),
    ]


@pytest.mark.parametrize("data", [b"\0", b"\0\3", b"\0\3ab"])
def test_a_frame_that_the_stream_ends_in_is_truncated(data: bytes) -> None:
    assert told_by("bytes(u16)", data) == [("bad", data, "truncated")]


def test_a_skipped_frame_belongs_to_nobody_who_reads_next() -> None:
    module = machine(
        """
        emits got(data: bytes), bad
        initial state A reads bytes(u8, 3) {
            on data(octets) / emit got(octets)
            on malformed -> B / emit bad
        }
        state B reads bytes(2) { on data(octets) -> A / emit got(octets) }
        final state END
        """,
        head=" over bytes",
    )
    for size in (100, 1, 2):
        one = module.M()
        data = b"\1a\x05zzzzzbb\1c"
        fed(one, [data[i : i + size] for i in range(0, len(data), size)])
        assert told(one) == [("got", b"a"), ("bad",), ("got", b"bb"), ("got", b"c")]


def test_a_parameter_may_choose_the_layout() -> None:
    made = reader("bytes(kind, 100)", "(kind: Kind = u16)", "enum Kind { u8, u16, u32le, varint }")
    for layout in ("u8", "u16", "u32le", "varint"):
        one = made(layout)
        one.receive_data(length(3, layout) + b"abc")
        assert told(one) == got(b"abc")


@brief
@given(
    st.lists(st.binary(max_size=300), max_size=8),
    st.sampled_from(LAYOUTS),
    PLACES,
    st.binary(max_size=20),
)
def test_frames_with_lengths_are_the_same_however_they_are_cut(
    frames: list[bytes], layout: str, places: set[int], junk: bytes
) -> None:
    data = b"".join(length(len(f), layout) + f for f in frames if layout != "u8" or len(f) < 256)
    data += junk
    cuts = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    found = []
    for chunks in ([data], [data[a:b] for a, b in itertools.pairwise(cuts)]):
        one = reader(f"bytes({layout}, 250)")()
        fed(one, chunks)
        one.receive_eof()
        found.append(told(one))
    assert found[0] == found[1]


# ---------------------------------------------------------------- pieces


BLOCKS = [
    ('block("\\r\\n.\\r\\n", 30{})'),
    ('block("\\n.\\n", 30{})'),
    ('block("\\r\\n--\\r\\n", 300{})'),
    ('block("\\r\\n.\\r\\n", 300{}, raw: true)'),
]
PIECES = st.sampled_from(
    [b"\r", b"\n", b"\r\n", b".", b"..", b"a", b"bc", b"\r\n.\r\n", b"\n.\n", b"--", b"x" * 19]
)


@pytest.mark.parametrize("block", BLOCKS)
@settings(brief, max_examples=150)
@given(data=st.lists(PIECES, max_size=40).map(b"".join), places=PLACES)
def test_the_pieces_of_a_block_are_the_block(block: str, data: bytes, places: set[int]) -> None:
    cuts = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    chunks = [data[a:b] for a, b in itertools.pairwise(cuts)]
    whole, parts = reader(block.format(""))(), reader(block.format(", pieces: true"))()
    for one in (whole, parts):
        fed(one, chunks)
    wanted, at, rest = told(whole), 0, b""
    for event in told(parts):
        if event[0] == "got" and event[1]:
            rest += event[1]
            continue
        expected = wanted[at]
        at += 1
        if event[0] == "got":
            assert expected == ("got", rest)
        else:
            assert expected[0] == "bad"
        rest = b""
    assert at == len(wanted)


def test_a_block_in_pieces_holds_back_no_more_than_its_end() -> None:
    one = reader('block("\\r\\n.\\r\\n", 1GiB, pieces: true)')()
    fed(one, [b"x" * 100_000] * 50)
    assert len(one._rest) < 10
    assert sum(len(data) for _, data in told(one)) > 4_999_990
    fed(one, [b"\r\n.", b".dot\r", b"\n", b".\r", b"\n"])
    assert joined(told(one)) == got(b"xxxx\r\n.dot\r\n", b"")


def test_a_fault_in_a_block_in_pieces_stands_for_its_end() -> None:
    block = 'block("\\r\\n.\\r\\n", 10, pieces: true)'
    assert told_by(block, b"a\r\n.\r\nb\r\n.\r\n") == got(b"a\r\n", b"", b"b\r\n", b"")
    one = reader(block)()
    fed(one, [b"ok\r\nmore", b"than ten of them", b"and so on\r\n.\r\nx\r\n.\r\n"])
    events = told(one)
    assert events[-3][0::2] == ("bad", "too long")
    assert events[-2:] == got(b"x\r\n", b"")
    one = reader(block)()
    fed(one, [b"a\nb", b"\r\n.\r\n"])
    assert told(one)[-1][0::2] == ("bad", "bare line end")
    one = reader(block)()
    fed(one, [b"abcdefgh"])
    one.receive_eof()
    assert told(one)[-2][0::2] == ("bad", "truncated")


def test_so_many_bytes_in_pieces_end_with_an_empty_one() -> None:
    assert told_by("bytes(5, pieces: true)", b"abcdefghij") == got(b"abcde", b"", b"fghij", b"")
    assert told_by("bytes(5, pieces: true)", b"abcdefg")[2:] == [
        ("got", b"fg"),
        ("bad", b"", "truncated"),
    ]


def test_the_end_of_pieces_comes_without_another_byte() -> None:
    for reads, data in (
        ("bytes(3, pieces: true)", b"abc"),
        ('block("\\r\\n.\\r\\n", pieces: true)', b"abc\r\n.\r\n"),
    ):
        one = reader(reads)()
        one.receive_data(data)
        assert told(one)[-1] == ("got", b"")


# ---------------------------------------------------------------- lines


def test_a_line_may_end_with_either() -> None:
    lines = "line(max: 5, either: true)"
    assert told_by(lines, b"a\nb\r\n\r\n\nabcd\nabc\r\n") == got(
        b"a", b"b", b"", b"", b"abcd", b"abc"
    )
    assert told_by(lines, b"a\rb\nabcd\r\nabcde\nx\n") == [
        ("bad", b"a\rb", "bare line end"),
        ("bad", b"abcd", "too long"),
        ("bad", b"abcde", "too long"),
        *got(b"x"),
    ]
    assert told_by(lines, b"a\r") == [("bad", b"a\r", "truncated")]


# ---------------------------------------------------------------- work


@pytest.mark.parametrize(
    ("reads", "head", "unit"),
    [
        ("bytes(u32)", b"\0\x0a\0\0", b"x"),
        ("bytes(varint)", b"\xff\xff\x3f", b"x"),
        ('block("\\r\\n.\\r\\n", pieces: true)', b"", b"\r\n"),
        ("bytes(300000, pieces: true)", b"", b"x"),
        ("varint", b"", b"\x80\x01"),
    ],
)
def test_byte_by_byte_costs_the_same_for_each_byte(reads: str, head: bytes, unit: bytes) -> None:
    counts = []
    for size in (2000, 4000):
        data = head + unit * (size // len(unit))
        one, count = reader(reads)(), 0

        def hook(frame: Any, event: str, arg: Any) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        sys.setprofile(hook)
        try:
            for i in range(len(data)):
                one.receive_data(data[i : i + 1])
        finally:
            sys.setprofile(None)
        counts.append(count)
    assert counts[1] < 2.2 * counts[0]


def test_a_frame_is_data_where_no_message_is_received_and_decoded_elsewhere() -> None:
    module = machine(
        """
        emits word(text: str), raw(octets: bytes), bad
        initial state A reads line(max: 100) receives WORD {
            on WORD(text) -> B / emit word(text)
            on malformed / emit bad
        }
        state B reads bytes(2) receives data { on data(octets) -> A / emit raw(octets) }
        final state END
        """,
        head=" over bytes",
        before='message WORD(text: str) = "WORD " text',
    )
    for size in (1, 100):
        one = module.M()
        data = b"WORD a\r\nxyno\r\nWORD b\r\n12"
        fed(one, [data[i : i + size] for i in range(0, len(data), size)])
        assert told(one) == [
            ("word", "a"), ("raw", b"xy"), ("bad",), ("word", "b"), ("raw", b"12")
        ]  # fmt: skip
