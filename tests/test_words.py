"""The model printed back in the language's words."""

from __future__ import annotations

import pytest

from protogen_fsm.model import types, words
from protogen_fsm.model.expressions import Expr, Local, Op, Value
from protogen_fsm.source import Source, Span

HERE = Span(Source("test.proto", ""), 0, 0)


def name(text: str) -> Local:
    return Local(text, "event", types.INT, HERE)


def op(sign: str, *operands: Expr) -> Op:
    return Op(sign, operands, types.INT, HERE)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.2, "200ms"), (30, "30s"), (90, "90s"), (300, "5min"), (7200, "2h")],
)
def test_a_duration_is_said_in_the_largest_whole_unit(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (True, "true"),
        ('a\r\n"b"\\\x00\u2028', r'"a\r\n\"b\"\\\x00\u2028"'),
        ([1, "x"], '[1, "x"]'),
    ],
)
def test_a_constant_is_said_as_the_language_does(value: object, text: str) -> None:
    assert words.literal(value) == text


def test_a_round_number_is_said_as_a_size() -> None:
    assert words.expression(Value(32 << 20, types.INT, HERE)) == "32MiB"
    assert words.expression(Value(1000, types.INT, HERE)) == "1000"


def test_parentheses_stand_only_where_they_change_the_meaning() -> None:
    a, b, c = name("a"), name("b"), name("c")
    assert words.expression(op("-", a, op("-", b, c))) == "a - (b - c)"
    assert words.expression(op("-", op("-", a, b), c)) == "a - b - c"
    assert words.expression(op("*", op("+", a, b), c)) == "(a + b) * c"
    assert words.expression(op("not", op("and", a, op("==", b, c)))) == "not (a and b == c)"
    assert (
        words.expression(op("or", op("and", a, b), op("not_in", b, c))) == "a and b or b not in c"
    )
    assert words.expression(op("-", op("-", a))) == "--a"
