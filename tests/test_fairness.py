"""What `leads to` and `every` take to be fair: a way round that keeps nothing back for ever."""

from __future__ import annotations

import pytest

from protogen_fsm import pipeline
from protogen_fsm.source import Source
from protogen_fsm.verify import verify


def may_wait_for_ever(text: str) -> bool:
    (report,) = verify(pipeline.understand(Source("s.proto", text)))
    assert report.explored.complete
    return "PG409" in [diagnostic.code for diagnostic, _ in report.told]


def chatter(row: str, timer: str = "", link: str = "capacity 1") -> bool:
    """A peer that waits, and another that talks to it for ever."""
    return may_wait_for_ever(f"""protocol P
machine Talker {{
    sends word
    initial state ON {{ after 1s -> ON / send word }}
}}
machine Waiter {{
    receives word
    {timer}
    initial state WAITING {{ {row} }}
    state OVER {{ ignore word }}
}}
system S {{
    peer talker: Talker
    peer waiter: Waiter
    link talker -> waiter {link}
    waiter in WAITING leads to waiter in OVER
}}""")


@pytest.mark.parametrize(
    ("row", "timer"),
    [
        ("on word after 1min -> OVER", ""),
        ("entry / start late on word on late -> OVER", "timer late = 1min"),
        (
            "entry / start late on word / start other on late -> OVER on other",
            "timer late = 1min timer other = 1s",
        ),
    ],
)
def test_a_time_out_that_nothing_starts_again_runs_out(row: str, timer: str) -> None:
    assert not chatter(row, timer)


@pytest.mark.parametrize(
    ("row", "timer"),
    [
        ("on word -> WAITING after 1min -> OVER", ""),
        ("entry / start late on word / start late on late -> OVER", "timer late = 1min"),
        ("entry / start late on word / stop late on late -> OVER", "timer late = 1min"),
    ],
)
def test_one_that_is_started_or_stopped_over_and_over_may_never(row: str, timer: str) -> None:
    assert chatter(row, timer)


def test_a_network_does_not_give_the_same_once_more_for_ever() -> None:
    assert not may_wait_for_ever("""protocol P
machine Asker {
    sends ask
    receives yes
    initial state A { after 1s -> B / send ask }
    state B { on yes -> C }
    state C { ignore yes }
}
machine Answerer {
    receives ask
    sends yes
    initial state A { on ask -> B }
    state B { on ask after 1s -> C / send yes }
    state C { ignore ask }
}
system S {
    peer asker: Asker
    peer answerer: Answerer
    link asker <-> answerer capacity 1 duplicating reordering
    asker in B leads to asker in C
}""")
