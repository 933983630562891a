"""Each scenario of each spec that ships is what the generated machines say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from protogen_fsm.backends.backend import find
from protogen_fsm.model.spec import Peer, Scenario, Spec
from protogen_fsm.pipeline import load, render, understand
from protogen_fsm.runtime import values
from protogen_fsm.source import Source
from scenarios import Mismatch, play

SPECS = [
    understand(load(str(path)))
    for path in sorted((Path(__file__).parent.parent / "specs").glob("*.proto"))
]

# Dialogues of a client that is not ours: ours asks for extensions, and goes on otherwise.
OTHERS = {
    ("D.1 a typical transaction", "client"),
    ("D.2 an aborted transaction", "client"),
    ("D.3 a relayed mail, source to relay", "client"),
    ("D.3 a relayed mail, relay to destination", "client"),
    ("D.4 verifying and sending", "client"),
    ("a mail that hides another is refused whole", "client"),
    ("commands out of their order, and none at all", "client"),
    ("commands out of their place, and none at all", "client"),
    ("section 3.1.2.2, a level that is not spoken", "client"),
}


@pytest.fixture(scope="module", autouse=True)
def nothing_is_random() -> Iterator[None]:
    """Nonces are that of RFC 6455, section 1.3."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(values, "urandom", nonce)
        yield


def nonce(count: int) -> bytes:
    return b"the sample nonce"[:count]


class Brought(dict[str, list[Any]]):
    """What the application brings to a scenario, by the name of the parameter that it is."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__()
        if module.__name__ == "pop3":
            mails = [
                module.Mail(1, 120, "whqtswO00WBw418f9t5JxYwZ"),
                module.Mail(2, 200, "QhdPYR:00WBw1Ph7x7"),
            ]
            self.update(mails=[mails, []], count=[10, 3])
            self["numbers"] = [[], [1], [2], [1, 2]]
            self["password"] = ["tan staaf", "secret", "wrong"]


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
    made = module(spec)
    brought = Brought(made)
    if (scenario.title.removeprefix("RFC 5321, appendix "), peer.name) in OTHERS:
        with pytest.raises(Mismatch):
            play(spec, made, scenario, peer, brought)
    else:
        play(spec, made, scenario, peer, brought)


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
    sends   SAY
    accepts say(text: str)
    initial state READY {
        on say(text) / send SAY(text)
    }
}
system Session { peer client: Client peer server: Server }
scenario "it" for Session { STEPS }
"""


def played(steps: str) -> str:
    spec = understand(Source("echo.proto", ECHO.replace("STEPS", steps)))
    (scenario,) = spec.scenarios
    try:
        machine = play(spec, module(spec), scenario, scenario.system.peers["server"])
    except Mismatch as problem:
        return str(problem)
    return str(machine)


def test_the_choice_that_makes_the_lines_true_is_found() -> None:
    steps = """client: "SAY a" server: "YES a" client: "SAY b" server: "NO way"
               client: SAY("c") server: NO("c is no word")"""
    assert played(steps) == "<Server in READY>"


def test_a_line_that_no_choice_makes_true_is_told_with_its_place() -> None:
    said = played('client: "SAY a"\nserver: "YES a"\nclient: "SAY b"\nserver: "MAYBE"')
    assert said.startswith("line 27: server should say b'MAYBE\\r\\n', and said")


def test_what_is_said_beyond_the_scenario_is_told() -> None:
    assert played('client: "SAY a"').startswith("server goes on: ")


def test_what_is_said_may_be_said_early() -> None:
    assert played('client: "SAY a" client: "SAY b" server: "YES a" server: "YES b"')[0] == "<"
