"""Two engines see the same of every system: as many configurations, the same flaws, as early."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generated import understood
from protogen_fsm import pipeline
from protogen_fsm.diagnostics import SpecError
from protogen_fsm.source import Source
from protogen_fsm.verify.explore import explore
from protogen_fsm.verify.space import Limits
from random_systems import System

if TYPE_CHECKING:
    from protogen_fsm.model import spec as sp
    from protogen_fsm.verify.explore import Explored

SPECS = Path(__file__).parent.parent / "specs"
MANY = int(os.environ.get("PROTOGEN_SYSTEMS", "60"))


def told(explored: Explored) -> object:
    """All that does not hang on which of several shortest runs is taken."""
    flaws = [
        (f.kind, f.sure, len(f.run) if f.sure and f.again is None else 0, f.wire, place(f.asked))
        for f in explored.findings
    ]
    return (
        explored.verdict,
        explored.states,
        explored.steps,
        explored.refused,
        sorted(explored.anything),
        sorted(flaws, key=repr),
    )


def place(asked: sp.Property | None) -> int:
    return asked.span.start if asked is not None else -1


def agree(system: sp.System) -> Explored:
    small = explore(system, Limits(3_000, engine="small"))
    if not small.complete and not small.refused:
        return small  # where each stops is its own
    large = explore(system, Limits(3_000, engine="large"))
    assert str(told(small)) == str(told(large))
    return small


@pytest.mark.parametrize(
    "name", ["sip.proto", *(f"models/{p.name}" for p in SPECS.glob("models/*.proto"))]
)
def test_the_engines_agree_on_what_comes_with_protogen(name: str) -> None:
    for system in pipeline.understand(pipeline.load(str(SPECS / name))).systems.values():
        agree(system)


@pytest.mark.parametrize("some", range(MANY // 20))
def test_the_engines_agree_on_systems_made_at_random(some: int) -> None:
    """So many of them as PROTOGEN_SYSTEMS says."""
    seen = 0
    for seed in range(some * 20, some * 20 + 20):
        text = System(seed).text()
        try:
            (system,) = pipeline.understand(Source(f"{seed}.proto", text)).systems.values()
        except SpecError as error:
            raise AssertionError(f"{text}\n{error.diagnostics[0]}") from None
        seen += bool(agree(system).states)
    assert seen


PACKED_ANEW = """protocol P
machine M {
    receives m1(v: 0..2), m2(text: str), m3
    sends m1(v: 0..2), m2(text: str), m3
    accepts go
    var n: 0..2 = 0
    var s: str
    initial state A {
        on m2(text) when text == "x" -> C / send m2(s)
        on go -> B / n = 0
    }
    state B {
        on m3
            | yes / send m2("x")
            | no -> A / send m1(n)
        after 1s -> C / send m2("x"), send m3
    }
    final state C
}
system S {
    peer p0: M
    peer p1: M
    link p0 <-> p1 capacity 3 reordering
}
"""


def test_what_hangs_on_other_values_is_followed_though_a_place_grew_in_between() -> None:
    (system,) = pipeline.understand(Source("p.proto", PACKED_ANEW)).systems.values()
    assert agree(system).states > 20


WALKED = ("alternating_bit_flawed", "crossing_close_flawed", "two_phase_commit_flawed")


@pytest.mark.parametrize("name", [*WALKED, "alternating_bit", "ring_election"])
def test_random_walks_find_flaws_that_a_search_finds_and_prove_nothing(name: str) -> None:
    for system in understood(SPECS / "models" / f"{name}.proto").systems.values():
        found = explore(system, Limits(walks=100, seed=7))
        again = explore(system, Limits(walks=100, seed=7))
        whole = explore(system, Limits())
        assert [f.kind for f in found.findings] == [f.kind for f in again.findings]
        assert {f.kind for f in found.findings if f.sure} <= {
            f.kind for f in whole.findings if f.sure
        }
        assert found.states <= whole.states
        assert found.why == "100 random walks, seed 7"
        assert found.verdict == ("refuted" if name in WALKED else "bounded")
