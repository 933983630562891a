"""The protocols of the literature in `specs/models/`: what is known of each is what is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from protogen_fsm import pipeline
from protogen_fsm.backends.python import Backend
from protogen_fsm.verify import Report, verify

MODELS = Path(__file__).parent.parent / "specs" / "models"

# For each system its verdict, or the codes of all that is found.
KNOWN = {
    "alternating_bit": {"Lossy": "proved"},
    "alternating_bit_flawed": {"Lossy": {"PG409"}},
    "bgp": {"Session": "proved"},
    "bgp_flawed": {"Collision": {"PG404", "PG405"}},
    "crossing_close": {"Pair": "proved"},
    "crossing_close_flawed": {"Pair": {"PG405"}},
    "dhcp": {"Network": "proved", "AnyServer": "proved"},
    "dhcp_flawed": {"Network": {"PG405"}},
    "exactly_once": {"Network": "proved"},
    "exactly_once_flawed": {"Network": {"PG405"}},
    "go_back_n": {"Fifo": "proved", "Mixing": "proved"},
    "go_back_n_flawed": {"TooFew": {"PG409"}, "UsedAgain": {"PG409"}},
    "recovering_commit": {"Two": "proved"},
    "recovering_commit_flawed": {"Two": {"PG405"}},
    "ring_election": {"Four": "proved"},
    "ring_election_flawed": {"TwoOfOneNumber": {"PG409"}},
    "selective_repeat": {"Fifo": "proved", "Mixing": "proved"},
    "selective_repeat_flawed": {"TooFew": {"PG409"}},
    "smtp_pipelining": {"Session": "proved"},
    "smtp_pipelining_flawed": {"Session": {"PG405"}},
    "tcp": {"Network": "proved"},
    "tcp_flawed": {"Network": {"PG405"}},
    "two_phase_commit": {"Three": "proved"},
    "two_phase_commit_flawed": {"Crash": {"PG404"}},
    "x21": {"Interface": "proved"},
    "x21_flawed": {"Interface": {"PG405"}},
}


def explored(name: str) -> dict[str, Report]:
    spec = pipeline.understand(pipeline.load(str(MODELS / f"{name}.proto")))
    return {report.explored.system.name: report for report in verify(spec)}


def titles(report: Report) -> list[str]:
    return [diagnostic.title for diagnostic, _ in report.told]


def test_each_model_is_known() -> None:
    assert sorted(KNOWN) == sorted(path.stem for path in MODELS.glob("*.proto"))


@pytest.mark.parametrize("name", KNOWN)
def test_a_model_is_proved_or_refuted_as_the_literature_says(name: str) -> None:
    found = explored(name)
    assert set(found) == set(KNOWN[name])
    for system, said in KNOWN[name].items():
        report = found[system]
        assert report.explored.complete, report.words()
        if said == "proved":
            assert report.explored.verdict == "proved", titles(report)
            assert not report.told
        else:
            assert report.explored.verdict == "refuted"
            assert {diagnostic.code for diagnostic, _ in report.told} == said, titles(report)


@pytest.mark.parametrize("name", KNOWN)
def test_a_model_builds(name: str) -> None:
    source = pipeline.load(str(MODELS / f"{name}.proto"))
    for file in pipeline.build(source, Backend()):
        compile(file.text, file.path, "exec")


def test_a_body_behind_a_refused_data_is_taken_for_commands() -> None:
    (report,) = explored("smtp_pipelining_flawed").values()
    assert titles(report) == ["`Server` in READY cannot take `line`"]


def test_who_voted_yes_waits_for_a_coordinator_that_crashed() -> None:
    (report,) = explored("two_phase_commit_flawed").values()
    waiting = [line for _, chart in report.told if chart for line in chart.end]
    assert "participant[0] in IN_DOUBT takes: commit, abort" in waiting


def test_a_close_of_tcp_comes_to_one_that_has_not_heard_of_the_opening() -> None:
    (report,) = explored("tcp_flawed").values()
    assert "`Endpoint` in SYN_SENT cannot take `fin`" in titles(report)


def test_x21s_state_diagrams_take_nothing_that_collides() -> None:
    """Zafiropulo and others, 1980: calls that meet, a clearing that meets whatever was sent."""
    (report,) = explored("x21_flawed").values()
    assert {
        "`Terminal` in CALL_REQUEST cannot take `incoming_call`",
        "`Network` in INCOMING cannot take `call_request`",
        "`Terminal` in CLEAR_REQUEST cannot take `clear_indication`",
    } < set(titles(report))


def test_speakers_of_bgp_that_call_each_other_collide() -> None:
    (report,) = explored("bgp_flawed").values()
    assert "`Speaker` in CONNECT cannot take `syn`" in titles(report)
