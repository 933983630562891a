"""What need not be told apart is not, and what was found is found all the same."""

from __future__ import annotations

from collections import Counter

import pytest

from protogen_fsm import pipeline
from protogen_fsm.source import Source
from protogen_fsm.verify import Report, verify


def explored(sender: str, asked: str = "") -> Report:
    (report,) = verify(
        pipeline.understand(
            Source(
                "s.proto",
                f"""protocol P
machine L {{ {sender} }}
machine R {{
    receives short, long, word(text: str)
    initial state A {{ on short, long, word  on eof -> Z }}
    final state Z
}}
system S {{
    peer left: L
    peer right: R
    link left -> right capacity 1
    {asked}
}}""",
            )
        )
    )
    return report


def states(report: Report) -> Counter[str]:
    assert report.explored.composition is not None
    return Counter(state.locals[0].leaf.name for state in report.explored.composition.states_of(0))


OFFERS = """sends short, long, word(text: str) accepts begin(offers: str), speak, stop
    var brief: bool = false
    initial state A { on begin(offers) -> B / brief = offers == "brief" }
    state B { on speak -> C %s  on stop -> Z }
    state C { on speak %s  on stop -> B }
    final state Z
"""


def test_what_is_not_followed_is_decided_on_when_it_is_asked_and_then_stays_so() -> None:
    told = "when brief / send short  on speak / send long"
    report = explored(OFFERS % ("", told), "never left in Z and not left in Z")
    assert report.explored.verdict == "proved", report.words()
    assert states(report) == {"A": 1, "B": 3, "C": 3, "Z": 1}


@pytest.mark.parametrize("kept", ["left.brief", "not left.brief"])
def test_what_a_property_speaks_of_is_decided_on_at_once(kept: str) -> None:
    told = "when brief / send short  on speak / send long"
    report = explored(OFFERS % ("", told), f"reachable left in C and {kept}")
    assert report.explored.verdict == "proved", report.words()
    assert states(report)["C"] == 2


def test_which_of_two_rows_that_do_the_same_is_taken_is_not_decided_on() -> None:
    told = 'when brief / send word("a")  on speak / send word("b")'
    report = explored(OFFERS % ("", told))
    assert states(report) == {"A": 1, "B": 1, "C": 1, "Z": 1}


@pytest.mark.parametrize(
    "told",
    [
        "when brief / send short  on speak / send short, send long",
        'when brief -> Z / send word("a")  on speak / send word("b")',
    ],
)
def test_rows_that_do_something_else_are_told_apart(told: str) -> None:
    assert states(explored(OFFERS % ("", told)))["C"] > 1


def test_rows_that_together_do_not_always_hold_are_told_apart() -> None:
    told = 'when brief / send word("a")  on speak when not brief / send word("b")'
    assert states(explored(OFFERS % ("", told)))["C"] == 1
    report = explored(OFFERS % ("", 'when brief / send word("a")'))
    assert states(report)["C"] > 1
    assert [diagnostic.code for diagnostic, _ in report.told] == []


COUNTS = """sends short, long, word(text: str) accepts speak, stop
    var n: int = 0
    initial state A {
        on speak when n >= 1 / send short%s
        on speak / send long, n += 1
        on stop -> Z
    }
    final state Z
"""


def test_a_number_that_only_grows_is_followed_as_far_as_it_is_compared() -> None:
    report = explored(COUNTS % ", n += 1")
    assert states(report) == {"A": 3, "Z": 1}
    assert report.explored.anything == []


def test_a_number_that_may_shrink_is_followed_further() -> None:
    report = explored(COUNTS % ", n += 2  on stop when n > 0 / n -= 1")
    assert report.explored.anything == ["`n` above 2"]


def test_what_is_read_for_nothing_that_is_followed_does_not_matter() -> None:
    report = explored(
        "sends short, long, word(text: str) accepts speak(words: list[str]), stop "
        "emits said(words: list[str]) var words: list[str] = [] "
        "initial state A { on speak(words) when size(words) > 0 -> B / self.words = words "
        "on speak } "
        "state B { on stop -> Z / emit said(words) } final state Z"
    )
    assert states(report) == {"A": 1, "B": 1, "Z": 1}
