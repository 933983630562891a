"""What slices, searches and numbers in other shapes come to in generated code."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import meaning
from generated import machine, told
from protogen_fsm import pipeline
from protogen_fsm.diagnostics import SpecError
from protogen_fsm.runtime.core import LocalProtocolError, utf8
from protogen_fsm.source import Source


def value(expression: str, type_: str, *args: Any, const: str = "") -> Any:
    """What the expression comes to, of text `t`, bytes `b`, the number `n` and the list `xs`."""
    one = machine(
        f"""
        accepts ask(t: str, b: bytes, n: int, xs: list[int])
        emits told(value: {type_})
        initial state A {{ on ask(t, b, n, xs) / emit told({expression}) }}
        """,
        before=const,
    ).M()
    given = dict(zip("tbn", args, strict=False))
    one.ask(given.get("t", "abcdef"), given.get("b", b"abcdef"), given.get("n", 2), [1, 2, 3])
    ((_, found),) = told(one)
    return found


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("t[1:3]", "bc"),
        ("t[:2]", "ab"),
        ("t[n:]", "cdef"),
        ("t[:]", "abcdef"),
        ("t[-2:]", "ef"),
        ("t[:-2]", "abcd"),
        ("t[n:n + 2]", "cd"),
        ("t[:100]", "abcdef"),
        ("t[n:1]", ""),
        ('"constant"[1:3]', "on"),
        ('t[find(t, "c") + 1:]', "def"),
        ('replace(t, "cd", "-")', "ab-ef"),
        ('replace("a.b.c", ".", t)', "aabcdefbabcdefc"),
    ],
)
def test_a_slice_is_what_lies_between_two_places(expression: str, found: str) -> None:
    assert value(expression, "str") == found


def test_only_an_end_that_is_written_negative_counts_from_the_back() -> None:
    assert value("t[:n - 5]", "str") == ""
    assert value("t[n - 5:]", "str") == "abcdef"
    assert value('t[:find(t, "=")]', "str") == ""


def test_lists_and_bytes_have_slices_too() -> None:
    assert value("xs[1:]", "list[int]") == [2, 3]
    assert value("b[n:]", "bytes") == b"cdef"
    assert value('replace(b, "ab", "x")', "bytes") == b"xcdef"
    assert value('find(b, "cd")', "int") == 2
    assert value('find(t, "=")', "int") == -1


def test_lists_are_joined_and_texts_split() -> None:
    assert value('join(split(t, "c"), "-")', "str") == "ab-def"
    assert value('join(split(b, "c"), "")', "bytes") == b"abdef"
    assert value('join([str(x) for x in xs], ", ")', "str") == "1, 2, 3"
    assert value('split(t, "no")', "list[str]") == ["abcdef"]


def test_numbers_have_bases_and_layouts() -> None:
    assert value("int(t, 16)", "int", "1aF") == 0x1AF
    assert value("int(b, 2)", "int", "", b"101") == 5
    assert value("bytes(n, u16)", "bytes", "", b"", 258) == b"\1\2"
    assert value("bytes(n, u24le)", "bytes", "", b"", 258) == b"\2\1\0"
    assert value("bytes(n, varint)", "bytes", "", b"", 300) == b"\xac\2"
    assert value("int(b, u24le)", "int", "", b"\2\1\0") == 258
    assert value("int(b, varint)", "int", "", b"\xac\2") == 300
    assert value("ESC + b", "bytes", "", b"x", const="const ESC = bytes(0xDB, u8)") == b"\xdbx"


@pytest.mark.parametrize("text", ["", "0x10", " 1", "1_0", "-1", "+1", "1g", "٣", "1" * 65])
def test_digits_of_a_base_are_digits_only(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no number|invalid literal"):
        value("int(t, 16)", "int", text)


def test_a_number_that_does_not_fit_its_layout_is_refused() -> None:
    for n in (-1, 65536):
        with pytest.raises(LocalProtocolError, match="does not fit into u16"):
            value("bytes(n, u16)", "bytes", "", b"", n)
    with pytest.raises(ValueError, match="is no u16"):
        value("int(b, u16)", "int", "", b"abc")
    with pytest.raises(ValueError, match="is no varint"):
        value("int(b, varint)", "int", "", b"\x80\0")


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ('replace(t, "", "x")', "not empty"),
        ("replace(t, t, t)", "a constant"),
        ("find(t, b)", "what is looked for"),
        ("bytes(256, u8)", "does not fit into `u8`"),
        ("bytes(n, t)", "its layout"),
        ("n[1:]", "has no items"),
        ("t[t:]", "an end of a slice"),
    ],
)
def test_what_cannot_be_is_an_error_of_the_spec(expression: str, said: str) -> None:
    text = f"""protocol P
    machine M {{
        accepts ask(t: str, b: bytes, n: int)
        emits told(value: object)
        initial state A {{ on ask(t, b, n) / emit told({expression}) }}
    }}"""
    assert any(said in one.title for one in pipeline.check(Source("spec.proto", text)))


def test_a_parameter_that_hides_what_a_slice_needs_is_told() -> None:
    text = """protocol P
    machine M {
        accepts ask(t: str, max: int)
        emits told(value: str)
        initial state A { on ask(t, max) / emit told(t[max - 1:]) }
    }"""
    assert "PG112" in {one.code for one in pipeline.check(Source("spec.proto", text))}


@given(st.binary(max_size=12) | st.text(max_size=6).map(str.encode), st.integers(0, 3))
def test_utf8_counts_what_is_whole_and_tells_what_can_never_be_text(data: bytes, cut: int) -> None:
    data = data[: len(data) - cut]
    assert utf8(data) == meaning.utf8(data)


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (b"", 0),
        ("κόσμε".encode(), 10),
        ("κόσμε".encode()[:-1], 8),
        (b"\xf4\x8f", 0),  # up to U+10FFFF
        (b"\xf4\x90", -1),  # past it
        (b"\xed\xa0", -1),  # half of a surrogate pair
        (b"\xc0", -1),  # longer than need be
        (b"a\xff", -1),
        (b"a\x80", -1),
    ],
)
def test_utf8_speaks_as_soon_as_it_is_sure(data: bytes, whole: int) -> None:
    assert utf8(data) == whole


def test_digests_and_base_64_are_those_of_the_RFCs() -> None:
    assert value("hex(sha1(b))", "str", "", b"abc") == "a9993e364706816aba3e25717850c26c9cd0d89d"
    assert value("base64(b)", "bytes", "", b"fooba") == b"Zm9vYmE="
    assert value("str(base64(b))", "str", "", b"") == ""


def test_random_bytes_are_others_each_time() -> None:
    assert value("size(random(n))", "int", "", b"", 16) == 16
    assert value("random(16)", "bytes") != value("random(16)", "bytes")


def test_a_text_matches_a_regular_expression_from_end_to_end() -> None:
    assert value('matches(t, "[a-f]{6}")', "bool") is True
    assert value('matches(t, "[a-e]+")', "bool") is False
    assert value('matches(b, "[0-9]+")', "bool", "", b"12\n") is False
    assert value('matches(b, "\\xff.")', "bool", "", b"\xff\n") is True


def test_a_regular_expression_is_known_and_can_be_read() -> None:
    with pytest.raises(SpecError) as wrong:
        value('matches(t, "[a")', "bool")
    assert [one.code for one in wrong.value.diagnostics] == ["PG308"]
    with pytest.raises(SpecError) as wrong:
        value("matches(t, t)", "bool")
    assert [one.code for one in wrong.value.diagnostics] == ["PG106"]
