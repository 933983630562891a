"""Regular expressions that keep matching busy are told of, and no others."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generated import ROOT, understood
from protogen_fsm import pipeline
from protogen_fsm.backends.python.messages import regex
from protogen_fsm.checks.backtracking import Slow, slow
from protogen_fsm.checks.regexes import END, NONE, START, TEXT, Automaton, Builder, NotRead
from protogen_fsm.checks.slow_regexes import slow_frame
from protogen_fsm.model.messages import Message
from protogen_fsm.source import Source
from timing import cpu_seconds

DOUBLES = (
    r"(a+)+b", r"([a-z]+-?)+;", r"(?:a.|ab)*c", r"(?:a|aa)+b", r"(a*)*b", r"(\w+\d+)*!",
    r"(?:a|b|ab)*c", r"(?:a*b?)*c", r"(?>(?:a+)+b)", r"(?=(?:a+)+b).*",
    r"[a-z0-9](?:[-.]?[a-z0-9]+)*@", r"(?:[0-9]{1,20}\.?)*;", r"(?i:(?:a|A+)+)b",
)  # fmt: skip
SQUARES = (r"[a-z]*[0-9]*[a-z]*!", r"[ab]*a[ab]*c", r"\s*[^;]*;", r"(?:aa|b)*(?:aa|c)*d")
QUICK = (
    r"a++b", r"(?:a|a|b)*c", r"(?>(?:a+)+)b", r"(?:a++-?)+;", r"[^;]*;[^;]*",
    r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}",
    r"(?:[0-9]{2})*x", r"[a-z]{1,250}[a-z]{1,250}!", r"(?:ab|a)(?:c|bc)*d", r"\s+",
    r"[a-z]+(?:,[ \t]*+[a-z]+)*", r"(?:[!-~][\t -~]*(?<![\t ]))?[\t ]*+", r"[a-z]*(?![a-z]).*;",
)  # fmt: skip


def message(field: str) -> Message:
    """A message that ends with a field of this expression."""
    text = f'protocol P\nmessage M(t: str) = t:r"{field}" "."'
    return pipeline.understand(Source("spec.proto", text)).messages["M"]


def seconds(one: Message, found: Slow, rounds: int) -> float:
    """What matching takes of the text that was found, `again` said so often."""
    match = re.compile(regex(one), re.DOTALL).fullmatch
    frame = (found.before + found.again * rounds + found.behind).encode("latin-1")
    return cpu_seconds(lambda: match(frame))


@pytest.mark.parametrize("field", DOUBLES)
def test_what_doubles_with_each_letter_is_told_of_and_does(field: str) -> None:
    one = message(field)
    found = slow_frame(one)
    assert found is not None
    assert found.exponential
    rounds, spent = 2, 0.0
    while spent < 0.004:
        rounds += 1
        spent = seconds(one, found, rounds)
        assert rounds < 60
    assert seconds(one, found, rounds + 2) > 2.5 * spent  # each doubles it at the least


@pytest.mark.parametrize("field", SQUARES)
def test_what_grows_with_the_square_is_told_of_and_does(field: str) -> None:
    one = message(field)
    found = slow_frame(one)
    assert found is not None
    assert not found.exponential
    rounds = 250
    while (spent := seconds(one, found, rounds)) < 0.003:
        rounds *= 2
        assert rounds < 60_000
    assert seconds(one, found, 4 * rounds) > 7 * spent  # 16 times, and 4 if it were linear


@pytest.mark.parametrize("field", QUICK)
def test_what_takes_one_way_only_is_not_told_of(field: str) -> None:
    assert slow_frame(message(field)) is None


def test_what_ships_takes_no_more_time_than_its_length_asks_for() -> None:
    for path in sorted([*ROOT.glob("specs/*.proto"), *ROOT.glob("examples/*.proto")]):
        for one in understood(path).messages.values():
            assert slow_frame(one) is None, (path, one.name)


def test_the_place_and_a_way_out_are_told() -> None:
    text = """protocol P
message M(a: str, b: str) = "M " a:r"[a-z ]*" b:r"[a-z0-9]*"
machine S over bytes {
    receives M
    initial state A reads line {
        on M(a) when matches(a, "(x+)+y") -> B
        on M, malformed                   -> B
        after 1min                        -> B
    }
    final state B
}
"""
    square, doubled = pipeline.check(Source("spec.proto", text))
    assert (square.code, square.severity) == ("PG334", "warning")
    assert square.title == "a regular expression takes time that grows with the square of a frame"
    assert square.span.text == 'a:r"[a-z ]*"'
    assert [label.span.text for label in square.labels] == ['b:r"[a-z0-9]*"']
    assert "give nothing back" in square.help
    assert doubled.title == "a regular expression takes time that doubles with each letter"
    assert doubled.span.text == '"(x+)+y"'
    assert doubled.notes == (
        "a text that it tries in vain, in every way: 'x' + 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'",
    )
    assert not pipeline.check(Source("spec.proto", text.replace(" ]*", "]*+").replace("x+)", "x)")))


def test_what_only_a_line_end_could_make_fail_is_told_of_where_one_can_stand() -> None:
    text = """protocol P
message M(word: str, rest: str) = word:r"[a-z]+" rest
machine S over bytes {{
    receives M
    initial state A reads {} {{
        on M, malformed, eof -> B
        after 1min           -> B
    }}
    final state B
}}
"""
    assert not [one.code for one in pipeline.check(Source("s.proto", text.format("line")))]
    (told,) = pipeline.check(Source("s.proto", text.format("bytes(500)")))
    assert told.code == "PG334"


@pytest.mark.parametrize(
    "field", ["a*" * 40, "(?:a?)" * 100, "(?:a|b?)*" * 20, "(?:" * 40 + "a" + ")*" * 40, "." * 290]
)
def test_no_expression_keeps_the_compiler_busy(field: str) -> None:
    one = message(field)
    assert cpu_seconds(lambda: slow_frame(one)) < 3


# ---------------------------------------------------------------- laws


def joined(some: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    rounds = st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?", "*", "{0,12}"])
    return st.one_of(
        st.tuples(some, some).map("".join),
        st.tuples(some, some).map("(?:{0[0]}|{0[1]})".format),
        st.tuples(some, rounds).map("(?:{0[0]}){0[1]}".format),
    )


LETTERS = st.sampled_from("aaabbc") | st.sampled_from(
    ["[ab]", "[^a]", ".", r"\w", "(?i:A)", "a*+", "[ab]++", "(?=b)", "(?!a)", "(?<=b)", "(?<!a)",
     r"\b", r"\B", "^", r"\Z", "(?!)", "[b-d]"]
)  # fmt: skip
EXPRESSIONS = st.recursive(LETTERS, joined, max_leaves=8)


def taken(automaton: Automaton, text: str) -> bool:
    """Whether some way through the automaton takes the whole text."""
    masks = [NONE, *(1 << ord(letter) for letter in text), NONE]
    states = {START}
    for behind, ahead in itertools.pairwise(masks):
        states = {
            way.to
            for at in states
            for way in automaton.ways[at]
            if way.behind & behind
            and way.ahead & ahead
            and automaton.places[way.to].letters & ahead
        }
    return END in states


@settings(deadline=None, max_examples=300)
@given(EXPRESSIONS, st.lists(st.text("abcd!", min_size=1, max_size=6), min_size=3, max_size=3))
def test_an_automaton_takes_what_python_matches(regex: str, texts: list[str]) -> None:
    builder = Builder(TEXT)
    builder.expression(regex, None)
    automaton = builder.made()
    for text in texts:
        assert taken(automaton, text) == bool(re.fullmatch(regex, text, re.DOTALL)), (regex, text)


@settings(deadline=None, max_examples=200)
@given(EXPRESSIONS)
def test_what_is_told_is_a_text_that_fails(regex: str) -> None:
    try:
        builder = Builder(TEXT)
        builder.expression(regex, "")
        found = slow(automaton := builder.made())
    except NotRead:
        return
    for rounds in range(12, 18) if found is not None else ():
        assert found is not None
        assert not taken(automaton, found.before + found.again * rounds + found.behind)
