"""Systems as models for other engines: they see as many states, and the same flaws."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from protogen_fsm import pipeline
from protogen_fsm.backends.identifiers import Names
from protogen_fsm.backends.promela.words import RESERVED, SPECIAL
from protogen_fsm.cli.group import protogen
from protogen_fsm.diagnostics import SpecError
from protogen_fsm.source import Source
from protogen_fsm.verify import Limits
from protogen_fsm.verify.closure import close
from protogen_fsm.verify.explore import explore
from random_systems import System as RandomSystem

if TYPE_CHECKING:
    from protogen_fsm.model.spec import System
    from protogen_fsm.verify.explore import Explored

SPECS = Path(__file__).parent.parent / "specs"
MANY = int(os.environ.get("PROTOGEN_SPIN", "8"))
SHIPPED = ["models/alternating_bit_flawed.proto", "models/crossing_close.proto"]
# What one run of SPIN over all states says nothing of.
LATER = {"no end", "reachable", "leads to", "caught", "only time"}
SMALL = Limits(states=20_000)


def system(text: str, name: str = "") -> System:
    found = pipeline.understand(Source("s.proto", text)).systems
    return found[name] if name else next(iter(found.values()))


def pair(left: str, right: str, link: str = "capacity 1", more: str = "") -> str:
    return f"""protocol P
machine L {{ {left} }}
machine R {{ {right} }}
system S {{
    peer left: L
    peer right: R
    link left <-> right {link}
    {more}
}}"""


class Pan:
    """SPIN on a model: how many states, how many errors."""

    def __init__(self, model: str, folder: Path) -> None:
        for program in ("spin", "gcc"):
            if shutil.which(program) is None:
                pytest.skip(f"{program} is not installed")
        self.folder = folder
        (folder / "m.pml").write_text(model)
        self.first = "init {" in model

    def all(self) -> tuple[int, int]:
        """Over all states, nothing reduced; errors do not stop it."""
        self._make("-DSAFETY -DNOCLAIM")
        told = self._run("./pan", "-c0", "-m100000")
        return self._number(r"(\d+) states, stored", told) - self.first, self._errors(told)

    def fair(self, claim: str) -> int:
        self._make("", "-DFAIR")
        return self._errors(self._run("./pan", "-a", "-m100000", "-N", claim))

    def formula(self, claim: str) -> int:
        self._make("")
        return self._errors(self._run("./pan", "-a", "-m100000", "-N", claim))

    def _make(self, options: str, defined: str = "") -> None:
        told = self._run("spin", *defined.split(), "-a", "m.pml")
        assert "rror" not in told, told
        self._run("gcc", "-w", "-DNOREDUCE", *options.split(), "-o", "pan", "pan.c")

    def _errors(self, told: str) -> int:
        return self._number(r"errors: (\d+)", told)

    def _number(self, pattern: str, told: str) -> int:
        found = re.search(pattern, told)
        assert found is not None, told
        return int(found[1])

    def _run(self, *words: str) -> str:
        done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr


def model(one: System) -> str:
    return pipeline.export(one, "promela", "")[0].text


def agree(explored: Explored, told: tuple[int, int]) -> None:
    states, errors = told
    assert states == explored.states
    assert bool(errors) == bool({one.kind for one in explored.findings} - LATER)


@pytest.mark.parametrize("name", SHIPPED)
def test_spin_sees_the_states_of_what_comes_with_protogen(name: str, tmp_path: Path) -> None:
    for one in pipeline.understand(pipeline.load(str(SPECS / name))).systems.values():
        agree(explore(one, SMALL), Pan(model(one), tmp_path).all())


@pytest.mark.parametrize("seed", range(MANY))
def test_spin_sees_the_states_of_random_systems(seed: int, tmp_path: Path) -> None:
    """So many of them as PROTOGEN_SPIN says."""
    one = system(RandomSystem(seed).text())
    explored = explore(one, SMALL)
    if not explored.complete:
        return
    try:
        text = model(one)
    except SpecError as refused:
        if refused.diagnostics[0].code != "PG914":
            raise
        return
    agree(explored, Pan(text, tmp_path).all())


@pytest.mark.parametrize(("flawed", "errors"), [("", 0), ("_flawed", 1)])
def test_spin_has_our_notion_of_what_is_fair(flawed: str, errors: int, tmp_path: Path) -> None:
    source = pipeline.load(str(SPECS / f"models/alternating_bit{flawed}.proto"))
    one = pipeline.understand(source).systems["Lossy"]
    assert Pan(model(one), tmp_path).fair("leads_to_1") == errors


def test_what_can_come_about_is_an_error_of_its_formula(tmp_path: Path) -> None:
    source = pipeline.load(str(SPECS / "models/crossing_close.proto"))
    one = pipeline.understand(source).systems["Pair"]
    assert Pan(model(one), tmp_path).formula("reachable_1") == 1


BREAKING = """protocol P
use Lines from "lines.proto"
message hello = "HELLO"
machine L over Lines {
    sends hello
    initial state A { entry / send hello  on lost -> END  on eof -> END }
    final state END
}
machine R over Lines {
    receives hello
    predicate is_fine()
    var n: bool = true
    initial state B { on hello when n -> END  ignore hello  on lost -> END  on eof -> END }
    final state END
}
system S { peer left: L peer right: R link left <-> right capacity 1 breaking }
"""


def test_what_is_said_at_once_over_a_link_that_breaks_is_the_same_to_spin(tmp_path: Path) -> None:
    one = system(BREAKING)
    explored = explore(one, SMALL)
    assert explored.complete
    agree(explored, Pan(model(one), tmp_path).all())


AT_ONCE = """protocol W
machine L { sends a, b, c receives ok accepts go, one
    initial state A { on go -> B / send a, send b, send c  on one -> B / send a  ignore ok }
    state B { on go / send a, send b, send c  on ok -> A } }
machine R { receives a, b, c sends ok initial state A { on a, b  on c / send ok } }
system S { peer l: L peer r: R link l <-> r capacity 2 }
"""


def test_a_step_that_says_more_than_a_link_holds_waits_until_it_is_empty(tmp_path: Path) -> None:
    one = system(AT_ONCE)
    explored = explore(one, SMALL)
    assert explored.verdict == "proved"
    assert explored.states == 32
    agree(explored, Pan(model(one), tmp_path).all())


def test_several_beginnings_are_a_few_states_more(tmp_path: Path) -> None:
    one = system(BREAKING.replace("bool = true", "bool = is_fine()"))
    explored = explore(one, SMALL)
    states, errors = Pan(model(one), tmp_path).all()
    assert explored.states < states < explored.states + 10
    assert not errors


# ---------------------------------------------------------------- TLC


class Tlc:
    """TLC on a module: how many distinct states, what is violated."""

    def __init__(self, one: System, folder: Path) -> None:
        self.jar, self.folder = os.environ.get("TLA2TOOLS", ""), folder
        if shutil.which("java") is None or not self.jar:
            pytest.skip("java is not installed, or TLA2TOOLS does not name tla2tools.jar")
        for file in pipeline.export(one, "tla", "M.tla"):
            (folder / file.path).write_text(file.text)

    def run(self, without: str) -> str:
        path = self.folder / "M.cfg"
        path.write_text(re.sub(f"{without}.*", "", path.read_text()))
        java = ["java", "-XX:+UseSerialGC", "-cp", self.jar, "tlc2.TLC", "-workers", "1"]
        return subprocess.run(
            [*java, "-continue", "M"], cwd=self.folder, capture_output=True, text=True, check=False
        ).stdout


def agree_with_tlc(one: System, folder: Path) -> None:
    explored = explore(one, SMALL)
    kinds = {found.kind for found in explored.findings}
    if not explored.complete:
        return
    told = Tlc(one, folder).run("PROPERTY")
    assert f"{explored.states} distinct states found, 0 states left" in told, told
    assert ("is violated" in told) == bool(kinds - LATER), told
    told = Tlc(one, folder).run("INVARIANT")
    assert "distinct states found" in told or "was violated" in told, told
    assert ("was violated" in told) == ("leads to" in kinds), told


def test_tlc_waits_until_a_link_is_empty_for_what_is_more_than_it_holds(tmp_path: Path) -> None:
    agree_with_tlc(system(AT_ONCE), tmp_path)


@pytest.mark.parametrize("name", SHIPPED)
def test_tlc_sees_the_states_of_what_comes_with_protogen(name: str, tmp_path: Path) -> None:
    for one in pipeline.understand(pipeline.load(str(SPECS / name))).systems.values():
        agree_with_tlc(one, tmp_path)


@pytest.mark.parametrize("seed", range(MANY))
def test_tlc_sees_the_states_of_random_systems(seed: int, tmp_path: Path) -> None:
    agree_with_tlc(system(RandomSystem(seed).text()), tmp_path)


# ---------------------------------------------------------------- without any other program


def test_a_closed_machine_holds_all_that_the_search_comes_to() -> None:
    for name in ("alternating_bit", "two_phase_commit"):
        for one in pipeline.understand(
            pipeline.load(str(SPECS / f"models/{name}.proto"))
        ).systems.values():
            composition = explore(one, SMALL).composition
            assert composition is not None
            for number, peer in enumerate(close(one).peers):
                assert len(peer.locals) >= len(composition.states_of(number))


def test_names_are_kept_clear_of_the_words_of_spin() -> None:
    names = Names(RESERVED, SPECIAL)
    assert names.take("end") == "is_end"
    assert names.take("accepting") == "is_accepting"
    assert names.take("250") == "is_250"
    assert names.take("chan") == "chan_2"
    assert names.take("data(1)") == "data_1"
    assert names.take("data 1") == "data_1_2"
    assert "mtype" in RESERVED


def test_comments_of_a_spec_cannot_end_those_of_the_model(tmp_path: Path) -> None:
    one = system(pair(
        "sends m accepts go initial state A { on go -> B / send m } state B",
        "receives m initial state C { on m -> D } state D",
        more='never left in B and right in D "*/ #error /* \\n #error"',
    ))  # fmt: skip
    text = model(one)
    assert "*/ #error" not in text
    assert text.count("/*") == text.count("*/")


def test_the_command_writes_a_model(tmp_path: Path) -> None:
    path, spec = tmp_path / "bit.pml", str(SPECS / "models/alternating_bit.proto")
    run = CliRunner().invoke(protogen, ["export", spec, "--format", "promela", "-o", str(path)])
    assert run.output == f"made {path}\n"
    assert path.read_text().startswith(f"/* Made by protogen from {spec}")
    told = CliRunner().invoke(protogen, ["export", spec, "--format", "promela"])
    assert told.output == path.read_text()


def test_a_module_is_named_after_its_file(tmp_path: Path) -> None:
    spec = str(SPECS / "models/alternating_bit.proto")
    run = CliRunner().invoke(protogen, ["export", spec, "--format", "tla"])
    assert run.exit_code == 2
    assert "-o NAME.tla" in run.output
    path = tmp_path / "a-bit.tla"
    run = CliRunner().invoke(protogen, ["export", spec, "--format", "tla", "-o", str(path)])
    assert run.output == f"made {tmp_path / 'a_bit.tla'}\nmade {tmp_path / 'a_bit.cfg'}\n"
    text = (tmp_path / "a_bit.tla").read_text()
    assert text.startswith("---- MODULE a_bit ----")
    assert "PROPERTY leads_to_1" in (tmp_path / "a_bit.cfg").read_text()


def test_which_system_is_meant_must_be_said() -> None:
    spec = str(SPECS / "sip.proto")
    for words, said in (
        ([], "has several systems"),
        (["--system", "Sesion"], "did you mean `Session`?"),
    ):
        run = CliRunner().invoke(protogen, ["export", spec, "--format", "promela", *words])
        assert run.exit_code == 2
        assert "PG958" in run.output
        assert said in run.output


def test_what_cannot_be_closed_is_refused(tmp_path: Path) -> None:
    spec = tmp_path / "s.proto"
    spec.write_text((SPECS / "mqtt.proto").read_text())
    run = CliRunner().invoke(
        protogen, ["export", str(spec), "--format", "promela", "--system", "Session"]
    )
    assert run.exit_code == 1
    assert "PG914" in run.output
