"""`(…)*` in text messages, readings that wait, and blocks whose faults are told at once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generated import ROOT, fed, machine, made, told
from protogen_fsm.diagnostics import SpecError
from protogen_fsm.runtime.core import LocalProtocolError

brief = settings(deadline=None, max_examples=200)

FIELDS = machine(
    """
    receives Head, Numbers
    sends    Head, Numbers
    accepts  say(fields: list[Field]), count(words: list[str], numbers: list[int])
    emits    head(fields: list[Field]), numbers(words: list[str], numbers: list[int]),
             bad(reason: str)
    initial state A reads block("\\r\\n\\r\\n", 4KiB, raw: true) {
        on Head(fields)            / emit head(fields)
        on Numbers(words, numbers) / emit numbers(words, numbers)
        on malformed(data, reason) / emit bad(reason)
        on say(fields)             / send Head(fields)
        on count(words, numbers)   / send Numbers(words, numbers)
    }
    """,
    head=" over bytes",
    before=r"""
    struct Field { name: str  value: bytes }
    message Numbers(words: list[str], numbers: list[int])
        = "N" (" " words)* ";" ("," numbers)* "\r\n" ["\r\n"]
    message Head(fields: list[Field])
        = (fields.name:r"[A-Za-z-]+" ":" [r"[ \t]*+"] fields.value:r"[^\r\n \t]*" "\r\n")* ["\r\n"]
    """,
)
Field = FIELDS.Field


def heard(data: bytes) -> list[Any]:
    one = FIELDS.M()
    fed(one, [data])
    return told(one)


def test_what_is_repeated_is_a_list_of_records() -> None:
    (event,) = heard(b"Host: a\r\nAccept:\t b\r\nEmpty:\r\n\r\n")
    assert event == ("head", [Field("Host", b"a"), Field("Accept", b"b"), Field("Empty", b"")])


def test_a_list_of_texts_or_numbers_is_repeated_too() -> None:
    assert heard(b"N a bc;,1,-2\r\n\r\n") == [("numbers", ["a", "bc"], [1, -2])]
    assert heard(b"N;\r\n\r\n") == [("numbers", [], [])]


@pytest.mark.parametrize(
    "data", [b"Host : a", b" Host: a", b"Host: a\r\n folded", b"Host", b": a", b"Host: a b"]
)
def test_one_item_that_does_not_fit_spoils_the_message(data: bytes) -> None:
    assert heard(data + b"\r\n\r\n") == [("bad", "no message")]


names = st.text(alphabet="abAB-: \r\n", max_size=4)
values = st.lists(st.sampled_from([b"a", b" ", b":", b"\r\n", b"\x00", b"\xff"]), max_size=4)


@brief
@given(st.lists(st.builds(Field, names, values.map(b"".join)), max_size=4))
def test_what_is_printed_reads_back_or_is_refused(fields: list[Any]) -> None:
    one, other = FIELDS.M(), FIELDS.M()
    try:
        one.say(fields)
    except LocalProtocolError:
        assert one.data_to_send() == b""
        return
    fed(other, [one.data_to_send() + b"\r\n"])
    assert told(other) == [("head", fields)]


HTTP = made((ROOT / "specs" / "http1.proto").read_text("utf-8"), str(ROOT / "specs/http1.proto"))
pieces = st.lists(st.sampled_from(["a", " ", ":", ": ", "\r", "\n", "\r\n", "\t", "é"]), max_size=4)
texts = pieces.map("".join)


@brief
@given(texts, st.lists(st.tuples(texts, texts), max_size=3))
def test_no_value_ends_the_field_that_it_stands_in(
    reason: str, fields: list[tuple[str, str]]
) -> None:
    records = [
        HTTP.Field(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields
    ]
    try:
        frame = HTTP.encode_Response(200, reason, records)
    except LocalProtocolError:
        return
    assert HTTP._Response.decode(frame) == (200, reason, records)
    assert re.fullmatch(r"[\t -~]*", reason)
    for name, value in fields:
        assert re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name)
        assert re.fullmatch(r"[!-~\x80-\xff]([\t -~\x80-\xff]*[!-~\x80-\xff])?|", value)


def test_what_is_skipped_beside_a_field_is_no_part_of_it() -> None:
    head = b"GET / HTTP/1.1\r\nHost:\t a b \t\r\nNone: \r\nBoth:a:b\r\n"
    fields = [(b"Host", b"a b"), (b"None", b""), (b"Both", b"a:b")]
    assert HTTP._Request.decode(head) == ("GET", "/", 1, 1, [HTTP.Field(*one) for one in fields])


@brief
@given(st.lists(st.text("ab;, \n", max_size=3), max_size=4), st.lists(st.integers(), max_size=4))
def test_items_cannot_be_more_than_they_were(words: list[str], numbers: list[int]) -> None:
    one, other = FIELDS.M(), FIELDS.M()
    try:
        one.count(words, numbers)
    except LocalProtocolError:
        return
    fed(other, [one.data_to_send() + b"\r\n"])
    assert told(other) == [("numbers", words, numbers)]


@pytest.mark.parametrize(
    ("pattern", "title"),
    [
        ("(xs)*", "a repeated group could match nothing"),
        ('("," )*', "a repeated group speaks of no list"),
        ('["a" ("," xs)*]', "a repeated group stands in an optional one"),
        ('("," xs ["," xs])*', "has no field within a repeated group"),
        ('("," xs.a)*', "an item of `xs` has no fields"),
        ('"," xs.a', "a field of an item of `xs` stands alone"),
        ('("," xs)* ("," xs)*', "`xs` stands twice"),
        ('("," xs "," ys)*', "a repeated group speaks of two lists"),
        ('("," n)*', "a `int` does not stand in a repeated group"),
        ('("," fs)*', "an item of `fs` has fields"),
        ('("," fs.a)*', "leaves out `fs.b`"),
        ('("," fs.c)*', "`F` has no field `c`"),
        ('("," fs.a "," fs.b "," fs.a)*', "`fs` stands twice"),
    ],
)
def test_what_cannot_be_repeated_is_told(pattern: str, title: str) -> None:
    before = f"""
    struct F {{ a: str  b: str }}
    message X(xs: list[str], ys: list[str], n: int, fs: list[F]) = "x" {pattern}
    """
    with pytest.raises(SpecError) as wrong:
        machine(
            "receives X\n initial state A reads line { on X }", head=" over bytes", before=before
        )
    assert any(title in one.title for one in wrong.value.diagnostics)


# ---------------------------------------------------------------- nothing, at once

HOLDING = machine(
    """
    accepts next, stop
    emits   got(data: bytes), ended
    initial state READ reads line(max: 100) {
        on data(octets) -> HELD / emit got(octets)
        on stop
    }
    state HELD reads nothing {
        on next -> READ
    }
    on eof / emit ended
    """,
    head=" over bytes",
).M


@pytest.mark.parametrize("size", [1, 2, 100])
def test_what_comes_waits_while_nothing_is_read(size: int) -> None:
    one, data = HOLDING(), b"a\r\nbc\r\nd\r\n"
    fed(one, [data[i : i + size] for i in range(0, len(data), size)])
    for line in (b"a", b"bc", b"d"):
        assert told(one) == [("got", line)]
        assert one.state == "HELD"
        one.next()
    assert told(one) == []


def test_the_end_is_told_behind_what_waits() -> None:
    one = HOLDING()
    one.receive_data(b"a\r\nb\r\n")
    one.receive_eof()
    assert told(one) == [("got", b"a")]
    one.next()
    assert told(one) == [("got", b"b"), ("ended",)]


def test_the_end_is_told_at_once_where_nothing_waits() -> None:
    one = HOLDING()
    one.receive_data(b"a\r\n")
    one.receive_eof()
    assert told(one) == [("got", b"a"), ("ended",)]


AT_ONCE = machine(
    """
    emits got(data: bytes), bad(data: bytes, reason: str)
    initial state A reads block("\\r\\n\\r\\n", 200, raw: true, at_once: true) {
        on data(octets)            / emit got(octets)
        on malformed(data, reason) / emit bad(data, reason)
    }
    """,
    head=" over bytes",
).M


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    ("data", "events"),
    [
        (b"a\r\nb\r\n\r\n\r\n", [("got", b"a\r\nb\r\n"), ("got", b"")]),
        (b"a\nb", [("bad", None, "bare line end")]),
        (b"a\rb", [("bad", None, "bare line end")]),
        (b"a\r\n\r\nb\r\nc\n\r\n\r\n", [("got", b"a\r\n"), ("bad", None, "bare line end")]),
        (b"a" * 500, [("bad", None, "too long")]),
        (b"a" * 300 + b"\r\n\r\nb\r\n\r\n", [("bad", None, "too long")]),
        (b"a\r", []),
    ],
)
def test_a_fault_is_told_at_once_and_the_rest_skipped(
    data: bytes, events: list[Any], size: int
) -> None:
    one = AT_ONCE()
    fed(one, [data[i : i + size] for i in range(0, len(data), size)])
    found = told(one)
    assert [(e[0], *e[2:]) for e in found] == [(e[0], *e[2:]) for e in events]
    assert [e for e in found if e[0] == "got"] == [e for e in events if e[0] == "got"]
