"""Each scenario of each spec that ships is what the generated machines say; `protogen test`."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from protogen_fsm.backends.backend import find
from protogen_fsm.backends.chart import as_mermaid, as_svg, as_text
from protogen_fsm.cli.group import protogen
from protogen_fsm.diagnostics import SpecError
from protogen_fsm.model.spec import Peer, Scenario, Spec
from protogen_fsm.pipeline import load, render, understand
from protogen_fsm.scenarios import Mismatch, chart_of, play
from protogen_fsm.source import Source

FOLDER = Path(__file__).parent.parent / "specs"
SPECS = [understand(load(str(path))) for path in sorted(FOLDER.glob("*.proto"))]


def module(spec: Spec) -> ModuleType:
    (file,) = render(spec, find("python"))
    made = ModuleType(file.path.removesuffix(".py"))
    exec(compile(file.text, file.path, "exec"), made.__dict__)
    return made


PLAYED = [
    pytest.param(spec, scenario, peer, id=f"{scenario.title}, {peer.name}")
    for spec in SPECS
    for scenario in spec.scenarios
    for peer in scenario.system.peers.values()
    if not peer.environment
]


def test_smtp_has_scenarios() -> None:
    assert len(PLAYED) > 12


@pytest.mark.parametrize(("spec", "scenario", "peer"), PLAYED)
def test_a_scenario_is_what_its_peers_say(spec: Spec, scenario: Scenario, peer: Peer) -> None:
    play(module(spec), scenario, peer)


ECHO = """
protocol Echo
use Lines from "lines.proto"
message SAY(text: str)   = "SAY " text
message YES(text: str)   = "YES " text
message NO(reason: str)  = "NO " reason
machine Server over Lines {
    receives SAY
    sends    YES, NO
    initial state READY {
        on SAY(text)
            | accept              / send YES(text)
            | reject(reason: str) / send NO(reason)
    }
}
machine Client over Lines {
    receives YES, NO
    sends    SAY
    accepts  say(text: str)
    initial state READY {
        on say(text) / send SAY(text)
        ignore YES, NO
    }
}
system Session { peer client: Client peer server: Server }
scenario "it" for Session { STEPS }
"""


def played(steps: str) -> str:
    spec = understand(Source("echo.proto", ECHO.replace("STEPS", steps)))
    (scenario,) = spec.scenarios
    try:
        machine = play(module(spec), scenario, scenario.system.peers["server"])
    except Mismatch as problem:
        where = "" if problem.span is None else f"line {problem.span.line}: "
        return f"{where}{problem}: {problem.expected} / {problem.said}"
    return str(machine)


def test_the_choice_that_makes_the_lines_true_is_found() -> None:
    steps = """client: "SAY a" server: "YES a" client: "SAY b" server: "NO way"
               client: SAY("c") server: NO("c is no word")"""
    assert played(steps) == "<Server in READY>"


def test_a_line_that_no_choice_makes_true_is_told_with_its_place() -> None:
    said = played('client: "SAY a"\nserver: "YES a"\nclient: "SAY b"\nserver: "MAYBE"')
    assert said.startswith("line 29: says something else: MAYBE / ")


def test_what_is_said_beyond_the_scenario_is_told() -> None:
    said = played('client: "SAY a"')
    assert said.startswith("line 26: goes on behind the scenario: None / ")


def test_what_a_peer_cannot_take_is_told() -> None:
    text = ECHO.replace("STEPS", 'client: "SAY a" server: "MAYBE"')
    spec = understand(Source("echo.proto", text))
    with pytest.raises(Mismatch, match="refuses: Client in READY: malformed"):
        play(module(spec), spec.scenarios[0], spec.systems["Session"].peers["client"])


def test_what_is_said_may_be_said_early() -> None:
    assert played('client: "SAY a" client: "SAY b" server: "YES a" server: "YES b"')[0] == "<"


def test_what_no_line_says_is_given() -> None:
    steps = 'client: "SAY a" server: "YES b" '
    assert played(steps).startswith("line 26: says something else")
    choice = ECHO.replace("| accept              / send YES(text)",
                          "| accept(other: str) / send YES(other)")  # fmt: skip
    spec = understand(
        Source("echo.proto", choice.replace("STEPS", f'given other = "c", "b" {steps}'))
    )
    (scenario,) = spec.scenarios
    assert str(play(module(spec), scenario, scenario.system.peers["server"])) == "<Server in READY>"


@pytest.mark.parametrize(
    ("given", "code"),
    [("given txet = 1", "PG403"), ("given text = 1", "PG106"), ("given text = text", "PG103")],
)
def test_what_cannot_be_given_is_told(given: str, code: str) -> None:
    with pytest.raises(SpecError) as raised:
        understand(Source("echo.proto", ECHO.replace("STEPS", given)))
    assert [one.code for one in raised.value.diagnostics] == [code]


def test_a_peer_may_be_called_given() -> None:
    text = ECHO.replace("peer client", "peer given").replace("STEPS", 'given: "SAY a"')
    (scenario,) = understand(Source("echo.proto", text)).scenarios
    assert [step.peer.name for step in scenario.steps] == ["given"]


# ---------------------------------------------------------------- charts


def test_a_scenario_is_drawn_as_a_chart() -> None:
    steps = 'client: "SAY a" server: YES("a")'
    (scenario,) = understand(Source("echo.proto", ECHO.replace("STEPS", steps))).scenarios
    chart = chart_of(scenario)
    assert as_text(chart).splitlines() == [
        "  client                            server",
        "     |- SAY a ------------------------>|",
        '     |<- YES("a") ---------------------|',
    ]
    assert 'p1->>p0: YES("a")' in as_mermaid(chart)
    assert "SAY a" in as_svg(chart)


def test_scenarios_are_drawn_beside_the_machines(echo: str, tmp_path: Path) -> None:
    for form, ending in (("svg", "svg"), ("mermaid", "mmd")):
        args = ["diagram", echo, "-f", form, "-o", str(tmp_path), "--scenarios"]
        assert CliRunner().invoke(protogen, args).exit_code == 0
        for number in (1, 2):
            drawn = (tmp_path / f"echo.scenario.{number}.{ending}").read_text("utf-8")
            assert "SAY a" in drawn
            assert "Made by protogen from echo.proto" in drawn
    refused = CliRunner().invoke(protogen, ["diagram", echo, "-f", "dot", "--scenarios"])
    assert refused.exit_code == 2


# ---------------------------------------------------------------- the command


def run(*args: str) -> Result:
    result = CliRunner().invoke(protogen, ["test", *args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def echo(tmp_path: Path) -> str:
    path = tmp_path / "echo.proto"
    wrong = 'scenario "other" for Session { client: "SAY a" server: "YES 3" server: "YES a" }'
    right = ECHO.replace("STEPS", 'client: "SAY a" server: "YES a"')
    path.write_text(f"{right}{wrong}")
    return str(path)


def test_all_are_played_and_those_that_differ_are_told(echo: str) -> None:
    result = run(echo)
    assert result.exit_code == 1
    assert "ok    it, client" in result.stderr
    assert "FAIL  other, server" in result.stderr
    assert "3 played, 1 failed" in result.stderr
    for words in ('error[PG415]: `server` does not play "other"', "- YES 3", "+ YES a", "READY"):
        assert words in result.stdout


def test_those_with_a_word_in_their_title_are_played_alone(echo: str) -> None:
    assert run(echo, "-k", "it").exit_code == 0
    assert run(echo, "-k", "nothing").exit_code == 2


def test_programs_are_told_what_was_played(echo: str, tmp_path: Path) -> None:
    junit = tmp_path / "out" / "junit.xml"
    told = json.loads(run(echo, "--format", "json", "--junit", str(junit)).stdout)
    assert [one["played"] for one in told["scenarios"]] == [True, True, True, False]
    assert told["scenarios"][-1]["expected"] == "YES 3"
    assert [one["code"] for one in told["diagnostics"]] == ["PG415"]
    suites = ElementTree.parse(junit).getroot()
    assert (suites.get("tests"), suites.get("failures")) == ("4", "1")
    assert len(suites.findall("./testsuite/testcase/failure")) == 1


def test_the_scenarios_of_smtp_are_played_by_the_command() -> None:
    result = run(str(FOLDER / "smtp.proto"), "-k", "appendix D")
    assert (result.exit_code, result.stdout) == (0, "")
