"""What is said of a regular expression's letters holds of all that it matches."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protogen_fsm.model.letters import EVERY, any_number_of, letters

ATOMS = ["a", "b", ".", "[ab]", "[^a]", "[a-c]", r"\d", r"\S", r"\x20", "(?<!a)", "(?<=b)", "(?=a)"]


def regexes() -> st.SearchStrategy[str]:
    """Regular expressions of a few letters."""
    return st.recursive(
        st.sampled_from(ATOMS),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map("".join),
            st.lists(inner, min_size=2, max_size=3).map(lambda ways: f"(?:{'|'.join(ways)})"),
            st.tuples(inner, st.sampled_from(["*", "?", "+", "*+", "{2}", "*?"])).map(
                lambda both: f"(?:{both[0]}){both[1]}"
            ),
            inner.map(lambda one: f"(?>{one})"),
        ),
        max_leaves=6,
    )


@settings(deadline=None, max_examples=300)
@given(regexes(), st.lists(st.text("abc1 \n", max_size=5), min_size=5, max_size=9))
def test_every_match_is_made_of_them(regex: str, texts: list[str]) -> None:
    said = letters(regex.encode())
    for text in texts:
        for found in re.finditer(regex.encode(), text.encode(), re.DOTALL):
            match = found[0]
            assert said.every.issuperset(match)
            if match:
                assert match[0] in said.first
                assert match[-1] in said.last
            else:
                assert said.empty


@pytest.mark.parametrize("regex", [rb"(?i:a)", rb"(?i)a", rb"(a)\1b", rb"(a)?(?(1)b|c)"])
def test_what_is_not_understood_may_be_anything(regex: bytes) -> None:
    assert letters(regex).every == EVERY


@pytest.mark.parametrize(
    ("regex", "taken"),
    [
        (rb"[\t ]*+", b"\t "),
        (rb"a*", b"a"),
        (rb"[ab]+", None),
        (rb"[ab]{0,3}", None),
        (rb"(?:ab)*", None),
        (rb"[ab]*c", None),
    ],
)
def test_any_number_of_some_letters_is_known(regex: bytes, taken: bytes | None) -> None:
    assert any_number_of(regex) == (None if taken is None else frozenset(taken))
