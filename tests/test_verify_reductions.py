"""Reduced searches: what they preserve, they preserve; what they do not, they say."""

from __future__ import annotations

import json
import os
import random
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from protogen_fsm import pipeline
from protogen_fsm.cli.group import protogen
from protogen_fsm.source import Source
from protogen_fsm.verify.capacities import EXHAUSTIVE, NEVER_FULL, with_capacity
from protogen_fsm.verify.engines import engine
from protogen_fsm.verify.explore import explore
from protogen_fsm.verify.space import Limits, Watch
from protogen_fsm.verify.sweep import sweep
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
    assert "Commit: proved (capacity 2 or more: nobody ever waits for room)" in done.stderr
    assert ", 545 configurations up to symmetry" in done.stderr
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


# ---------------------------------------------------------------- capacities


class Turns:
    """Random systems whose peers speak in some states and listen in others."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self) -> str:
        count = self.random.choice([2, 2, 3])
        ways = [(0, 1), (1, 0)] if count == 2 else [(0, 1), (1, 2), (2, 0)]
        if count == 3 and self.random.random() < 0.3:
            ways.append((0, 2))
        machines = [self._machine(at, ways) for at in range(count)]
        links = [f"    link p{a} -> p{b} capacity 1" for a, b in ways]
        peers = [f"    peer p{at}: M{at}" for at in range(count)]
        asked = [f"    never p0 in {self._state()}"] if self.random.random() < 0.3 else []
        return "\n".join(["protocol P", *machines, "system S {", *peers, *links, *asked, "}"])

    def _state(self) -> str:
        return self.random.choice(["A", "B", "C"])

    def _machine(self, at: int, ways: list[tuple[int, int]]) -> str:
        says = [f"{x}{a}{b}" for a, b in ways for x in "xy" if a == at]
        hears = [f"{x}{a}{b}" for a, b in ways for x in "xy" if b == at]
        ignores = "    otherwise ignore\n" if self.random.random() < 0.5 else ""
        text = f"machine M{at} {{\n    sends {', '.join(says)}\n    receives {', '.join(hears)}\n"
        text += f"    accepts go, stop\n{ignores}"
        for name in "ABC":
            rows = [self._row(event, says, 0.3) for event in hears if self.random.random() < 0.8]
            if self.random.random() < (0.5 if name == "A" and at == 0 else 0.35):
                rows = [self._row("go", says, 0.9)]
                if self.random.random() < 0.5:
                    rows.append(self._row("stop", says, 0.9))
            text += (
                f"    {'initial ' if name == 'A' else ''}state {name} {{\n{''.join(rows)}    }}\n"
            )
        return text + "}"

    def _row(self, event: str, says: list[str], speaks: float) -> str:
        said = [self.random.choice(says)] if self.random.random() < speaks else []
        if said and self.random.random() < 0.15:
            said.append(self.random.choice(says))
        deeds = f" / {', '.join(f'send {one}' for one in said)}" if said else ""
        goto = f" -> {self._state()}" if not deeds or self.random.random() < 0.7 else ""
        return f"        on {event}{goto}{deeds}\n"


def claims(seed: int) -> int:
    """Where it is claimed for all larger capacities, it is so for some; how often it is."""
    one = system(Turns(seed).text())
    found = sweep(one, (), Limits(MOST, capacities=2))
    if found.since is None or found.conditions != EXHAUSTIVE:
        return 0
    verdict = found.looked_at[-1][1]
    for capacity in range(found.since + 1, found.since + 5):
        larger = explore(with_capacity(one, capacity), Limits(MOST))
        assert not larger.complete or larger.verdict == verdict == "proved"
    return 1


@pytest.mark.parametrize("some", range(MANY // 20))
def test_what_is_claimed_for_every_capacity_holds_for_larger_ones(some: int) -> None:
    """So many random systems as PROTOGEN_REDUCED says, five times."""
    assert sum(claims(seed) for seed in range(some * 100, some * 100 + 100))


def two(left: str, right: str, more: str = "", faults: str = "") -> str:
    return f"""protocol P
machine L {{ sends x, y  receives z, w  accepts go
{left} }}
machine R {{ sends z, w  receives x, y  accepts go
{right} }}
system S {{ peer l: L  peer r: R  link l <-> r capacity 1 {faults}  {more} }}
"""


SPEAKS = """initial state A { on go -> B / send x }
state B { on go -> C / send y }
final state C"""
LISTENS = "initial state A { on x -> B }  state B { on y -> C }  final state C"
BOTH_SPEAK = two(
    """initial state A { on z -> A  on go -> C / send x }
state B { on w -> B / send x  on z -> C  on go -> B / send x }
state C { on w -> B  on z -> C  on go -> C / send y }""",
    """initial state A { on x -> A  on y -> C }
state B { on x -> B  on y -> B / send w }
state C { on x -> B / send w  on y -> B  on go -> A }""",
)
WHICH_WAY_ROUND = """protocol P
machine One { sends a, b, c  accepts go
    initial state A { on go -> B / send a }
    state B { on go -> C / send b }
    state C { on go -> D / send c }
    final state D }
machine Relay { sends d  receives c  initial state A { on c -> B / send d }  final state B }
machine Last { receives a, b, d
    initial state A { on a -> B }
    state B { on b -> C  on d -> D }
    state C { on d -> E }
    state D { on b -> E }
    final state E }
system S { peer one: One  peer relay: Relay  peer last: Last
    link one -> last capacity 1  link one -> relay capacity 1  link relay -> last capacity 1 }
"""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (BOTH_SPEAK, "by itself"),
        (WHICH_WAY_ROUND, "from two links"),
        (two(SPEAKS, LISTENS, "never l in C and r in A"), "two peers at once"),
        (two(SPEAKS, LISTENS, "", "reordering"), "loses or mixes"),
    ],
    ids=["mixed", "racing", "joint", "reordering"],
)
def test_each_side_condition_is_needed(text: str, why: str) -> None:
    """Without it what is proved with room for one message is refuted with room for two."""
    one = system(text)
    found = sweep(one, (), Limits(capacities=4))
    assert found.looked_at[0][1] == "proved"
    assert found.looked_at[1][1] == "refuted"
    alone = sweep(one, (), Limits(capacities=1))
    assert alone.since is None
    assert why in alone.why_not


TALK = """protocol Talk "One side talks as long as it likes, then the other answers"
machine Talker { sends line, over  receives thanks  accepts say, stop
    initial state TALKING { on say / send line  on stop -> WAITS / send over }
    state WAITS { on thanks -> TALKING } }
machine Listener { receives line, over  sends thanks
    initial state HEARS { on line  on over / send thanks } }
system Talk { peer talker: Talker  peer listener: Listener
    link talker <-> listener capacity 3
    PROPERTY }
"""


def test_the_conditions_are_printed_and_so_is_why_not(tmp_path: Path) -> None:
    spec = tmp_path / "talk.proto"
    spec.write_text(TALK.replace("PROPERTY", "reachable talker in WAITS"), "utf-8")
    done = CliRunner().invoke(protogen, ["check", "--capacities", "4", str(spec)])
    assert done.exit_code == 0
    told = " ".join(done.stderr.split())
    assert "proved for every capacity: the links lose and mix nothing" in told
    assert "who waits for room gets it" in told
    spec.write_text(TALK.replace("PROPERTY", "talker in WAITS leads to talker in TALKING"), "utf-8")
    done = CliRunner().invoke(
        protogen, ["check", "--capacities", "2", "--format", "json", str(spec)]
    )
    (verdict,) = json.loads(done.stdout)["systems"]
    assert verdict["capacities"]["same_from"] is None
    assert "asked of whole runs" in verdict["capacities"]["why_not"]
    assert [one["capacity"] for one in verdict["capacities"]["looked_at"]] == [1, 2]


def test_where_nobody_waits_for_room_more_of_it_changes_nothing() -> None:
    one = system((SYSTEMS / "request.proto").read_text("utf-8"))
    found = sweep(one, (), Limits(capacities=4))
    assert (found.since, found.conditions) == (3, NEVER_FULL)
    assert explore(with_capacity(one, 3), Limits()).states == found.looked_at[-1][2]
    assert explore(with_capacity(one, 5), Limits()).states == found.looked_at[-1][2]
