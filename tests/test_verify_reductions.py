"""Reduced searches: what they preserve, they preserve; what they do not, they say."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from protogen_fsm import pipeline
from protogen_fsm.cli.group import protogen
from protogen_fsm.source import Source
from protogen_fsm.verify.engines import engine
from protogen_fsm.verify.explore import explore
from protogen_fsm.verify.space import Limits, Watch
from protogen_fsm.verify.system import Composition
from random_systems import System as RandomSystem

if TYPE_CHECKING:
    from collections.abc import Hashable

    from protogen_fsm.model import spec as sp
    from protogen_fsm.verify.explore import Explored

HERE = Path(__file__).parent
SYSTEMS = HERE.parent / "benchmarks" / "systems"
MODELS = HERE.parent / "specs" / "models"
MANY = int(os.environ.get("PROTOGEN_REDUCED", "40"))
MOST = 4_000


def system(text: str) -> sp.System:
    (found,) = pipeline.understand(Source("s.proto", text)).systems.values()
    return found


class Alike(RandomSystem):
    """Random systems of three peers of which two or all may be exchanged."""

    def text(self) -> str:
        self.machines = self.random.randint(1, 2)
        machines = [self._machine(at) for at in range(self.machines)]
        peers = [f"    peer p0: M0{self._fates()}"]
        peers += [f"    peer p1[2]: M{self.machines - 1}{self._fates()}"]
        links = [self._link()]
        if self._chance(0.3):
            links = [self._link().replace("p0", "p1")]
        asked = [one for one in self._asked() if "leads to" not in one]
        return "\n".join(["protocol P", *machines, "system S {", *peers, *links, *asked, "}"])


# ---------------------------------------------------------------- symmetry


def kinds(explored: Explored) -> set[Hashable]:
    """The flaws, and how early they come, but for which of several like peers has them."""
    return {
        (one.kind, one.sure, len(one.run) if one.sure and one.kind != "caught" else 0, one.asked)
        for one in explored.findings
    }


def earliest(explored: Explored) -> dict[Hashable, int]:
    found: dict[Hashable, int] = {}
    for kind, sure, length, asked in sorted(kinds(explored), key=repr):  # type: ignore[misc]
        key = kind, sure, asked
        found[key] = min(found.get(key, length), length)
    return found


def orbits(one: sp.System) -> int:
    """How many configurations there are but for exchanges, counted in all of them."""
    composition = Composition(one, set(), exchange=True)
    symmetry = composition.symmetry
    assert symmetry is not None
    composition.symmetry = None
    space = engine(Limits(engine="small")).explore(composition, Watch(Limits()))
    return len({symmetry.canonical(space.config(number)) for number in range(len(space))})


def replays(explored: Explored) -> None:
    """Each run is one that the system can go, step by step."""
    composition = explored.composition
    assert composition is not None
    for one in explored.findings:
        config = one.begin
        for deed, after in one.run:
            assert config is not None
            assert (deed, after) in [*composition.following(config)]
            config = after
        if one.again is not None:
            before = one.begin if one.again == 0 else one.run[one.again - 1][1]
            assert config == before


@pytest.mark.parametrize("some", range(MANY // 20))
def test_what_is_found_up_to_symmetry_is_what_is_found(some: int) -> None:
    """So many random systems as PROTOGEN_REDUCED says."""
    seen = 0
    for seed in range(some * 20, some * 20 + 20):
        one = system(Alike(seed).text())
        whole = explore(one, Limits(MOST))
        if not whole.complete or not whole.states:
            continue
        for name in ("small", "large"):
            reduced = explore(one, Limits(MOST, engine=name, exchange=True))
            assert reduced.verdict == whole.verdict
            assert earliest(reduced) == earliest(whole)
            assert reduced.composition is not None
            replays(reduced)
            if not whole.anything:
                assert reduced.states == orbits(one)
            seen += reduced.states < whole.states
    assert seen


def test_as_many_configurations_as_there_are_ways_to_choose_sessions() -> None:
    one = system((SYSTEMS / "request.proto").read_text("utf-8"))
    assert explore(one, Limits()).states == 33 * 33
    for name in ("small", "large"):
        assert explore(one, Limits(engine=name, exchange=True)).states == 33 * 34 // 2


MESH = """protocol P
machine M {
    receives hello, bye  sends hello, bye  accepts go  otherwise ignore
    var n: 0..2 = 0
    initial state A { on go -> B / send hello  on hello / n = 1 }
    state B { on hello -> A / n = 2, send bye }
}
system S { peer m[3]: M  link m <-> m capacity 1  PROPERTY }
"""


def test_peers_that_are_linked_with_each_other_are_exchanged_with_their_links() -> None:
    one = system(MESH.replace("PROPERTY", ""))
    whole = explore(one, Limits())
    for name in ("small", "large"):
        reduced = explore(one, Limits(engine=name, exchange=True))
        assert (reduced.states, reduced.verdict) == (orbits(one), whole.verdict)
        assert reduced.states * 5 < whole.states


def test_a_property_that_names_all_of_them_tells_none_apart() -> None:
    pairs = [f"m[{a}] in B and m[{b}] in A" for a, b in permutations(range(3), 2)]
    one = system(MESH.replace("PROPERTY", f"never {' or '.join(pairs)}"))
    reduced = explore(one, Limits(exchange=True))
    assert reduced.composition is not None
    assert reduced.composition.symmetry is not None
    assert reduced.composition.symmetry.names == ["m[0], m[1], m[2]"]
    assert earliest(reduced) == earliest(explore(one, Limits()))


@pytest.mark.parametrize(
    ("asked", "names", "why"),
    [
        ("never m[1] in B and m[2] in B", ["m[1], m[2]"], "told apart"),
        ("always m[0].n < 2", ["m[1], m[2]"], "told apart"),
        ("m in A leads to m in B", [], "fair"),
        ("every m[0] sends hello answered by m[0] receives bye", [], "fair"),
        ("m[2] sends hello before m[2] sends bye", ["m[0], m[1]"], "told apart"),
    ],
)
def test_what_tells_peers_apart_is_said_and_they_are_not_exchanged(
    asked: str, names: list[str], why: str
) -> None:
    one = system(MESH.replace("PROPERTY", asked))
    reduced = explore(one, Limits(exchange=True))
    assert reduced.composition is not None
    assert reduced.composition.symmetry is not None
    assert reduced.composition.symmetry.names == names
    (note,) = reduced.composition.symmetry.notes
    assert why in note.words
    assert note.span.line == 8
    assert earliest(reduced) == earliest(explore(one, Limits()))


def test_the_verdict_says_that_it_is_up_to_symmetry(tmp_path: Path) -> None:
    spec = SYSTEMS / "commit.proto"
    done = CliRunner().invoke(protogen, ["check", "--symmetry", str(spec)])
    assert done.exit_code == 0
    assert "Commit: proved (capacity 2), 545 configurations up to symmetry" in done.stderr
    assert "participant[0], participant[1], participant[2], participant[3]" in done.stderr
    spec = MODELS / "two_phase_commit.proto"
    done = CliRunner().invoke(protogen, ["check", "--symmetry", "--format", "json", str(spec)])
    (told,) = json.loads(done.stdout)["systems"]
    assert told["configurations"] == 820
    assert "told apart" in told["not_exchanged"][0]
    done = CliRunner().invoke(protogen, ["check", "--symmetry", "--simulate", "2", str(spec)])
    assert done.exit_code == 2


# ---------------------------------------------------------------- orders


def stops(explored: Explored) -> tuple[list[Hashable], bool]:
    """Each way in which nothing happens any more; and whether something cannot be taken."""
    kept = ("deadlock", "left over")
    found = [(one.kind, one.sure, len(one.run) if one.sure else 0, one.wire)
             for one in explored.findings if one.kind in kept]  # fmt: skip
    refused = {one.kind for one in explored.findings} & {"unspecified", "fails"}
    return sorted(found, key=repr), bool(refused)


@pytest.mark.parametrize("some", range(MANY // 20))
@pytest.mark.parametrize("kind", [RandomSystem, Alike])
def test_what_stops_is_found_though_orders_are_left_out(
    kind: type[RandomSystem], some: int
) -> None:
    """So many random systems as PROTOGEN_REDUCED says."""
    seen = 0
    for seed in range(some * 20, some * 20 + 20):
        one = replace(system(kind(seed).text()), properties=[])
        whole = explore(one, Limits(MOST))
        if not whole.complete or any(f.kind == "grows" for f in whole.findings):
            continue
        reduced = explore(one, Limits(MOST, reduce=True))
        assert stops(reduced) == stops(whole)
        replays(reduced)
        assert reduced.states <= whole.states
        seen += reduced.states < whole.states
    assert seen


@pytest.mark.parametrize("seed", range(0, 60, 4))
def test_both_together_find_what_stops(seed: int) -> None:
    one = replace(system(Alike(seed).text()), properties=[])
    whole = explore(one, Limits(MOST))
    if whole.complete and not any(f.kind == "grows" for f in whole.findings):
        reduced = explore(one, Limits(MOST, exchange=True, reduce=True))
        assert {kind for kind, *_ in stops(reduced)[0]} == {kind for kind, *_ in stops(whole)[0]}  # type: ignore[misc]
        assert stops(reduced)[1] == stops(whole)[1]
        replays(reduced)


@pytest.mark.parametrize(
    "name", [*sorted(path.name for path in MODELS.glob("*.proto")), "../sip.proto"]
)
def test_what_stops_in_the_models_is_found_though_orders_are_left_out(name: str) -> None:
    for one in pipeline.understand(pipeline.load(str(MODELS / name))).systems.values():
        bare = replace(one, properties=[], patterns=[])
        whole = explore(bare, Limits(3_000))
        if whole.complete and not any(f.kind == "grows" for f in whole.findings):
            reduced = explore(one, Limits(3_000, reduce=True))
            assert stops(reduced) == stops(whole)


HIDDEN = """protocol P "One peer goes round for ever, and another one fails"
machine Round { sends tick  receives tock  initial state A { after 1s / send tick  on tock } }
machine Back { sends tock  receives tick  initial state A { on tick / send tock } }
machine L { sends one, two  initial state A { after 1s -> B / send one }
            state B { after 1s -> C / send two } state C }
machine R { receives one, two  initial state A { on one } }
system S {
    peer round: Round  peer back: Back  peer l: L  peer r: R
    link round <-> back capacity 1
    link l -> r capacity 2
}
"""


def test_what_goes_round_for_ever_hides_nothing_that_cannot_be_taken() -> None:
    reduced = explore(system(HIDDEN), Limits(reduce=True))
    assert [one.kind for one in reduced.findings] == ["unspecified"]


def test_two_phase_commit_with_six_participants_takes_thousands_and_not_half_a_million() -> None:
    text = (SYSTEMS / "commit.proto").read_text("utf-8")
    one = system(text.replace("Coordinator(4)", "Coordinator(6)").replace("nt[4]", "nt[6]"))
    both = explore(one, Limits(exchange=True, reduce=True))
    assert (both.verdict, both.states < 500) == ("proved", True)


def test_the_verdict_claims_no_more_than_was_looked_at(tmp_path: Path) -> None:
    spec = MODELS / "two_phase_commit.proto"
    done = CliRunner().invoke(protogen, ["check", "--por", str(spec)])
    assert done.exit_code == 0
    assert "Three: proved free of deadlock (capacity 2)" in done.stderr
    assert "not looked at: what the system asks for" in done.stderr
    done = CliRunner().invoke(protogen, ["check", "--por", "--format", "json", str(spec)])
    (told,) = json.loads(done.stdout)["systems"]
    assert told["verdict"] == "proved free of deadlock"
    flawed = tmp_path / "flawed.proto"
    flawed.write_text(HIDDEN, "utf-8")
    done = CliRunner().invoke(protogen, ["check", "--por", str(flawed)])
    assert done.exit_code == 1
    assert "S: refuted" in done.stderr
    assert "cannot take `two`" in done.stdout + done.stderr
