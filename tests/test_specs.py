"""What `protogen check` says of the systems of the specs that come with protogen."""

from __future__ import annotations

from pathlib import Path

import pytest

from protogen_fsm import pipeline
from protogen_fsm.verify import verify

SPECS = Path(__file__).parent.parent / "specs"

# For each system what it is allowed by name; None where it is not looked at.
KNOWN: dict[str, dict[str, list[str] | None]] = {
    "ftp": {"Session": [], "Visitors": []},
    "frames": {"AnyFrames": [], "AnyNetstrings": [], "AnySlip": [], "AnyCobs": []},
    "heads": {"Strangers": []},
    "http1": {"Session": [], "Refusals": [], "Strangers": []},
    "lcp": {"Session": [], "Strangers": []},
    "lines": {"AnyLines": [], "AnyReplies": []},
    "mqtt": {"Session": None, "Visitors": None},
    "pop3": {"Session": [], "Apop": [], "Visitors": []},
    "sip": {"InviteSession": ["deadlock"], "Session": []},
    "smtp": {"Session": [], "Visitors": [], "Private": [], "Relay": []},
    "tftp": {"Transfer": [], "Strangers": [], "Impostors": []},
    "values": {"Strangers": []},
    "websocket": {"Session": None, "Visitors": [], "Strangers": []},
}

# Without a system: values nest 32 deep, and a body may be asked for in the middle of another.
NONE = ["chunks", "headers", "resp"]


def test_each_spec_is_known() -> None:
    assert sorted([*KNOWN, *NONE]) == sorted(path.stem for path in SPECS.glob("*.proto"))


@pytest.mark.parametrize("name", sorted(path.stem for path in SPECS.glob("*.proto")))
def test_of_each_spec_by_itself_there_is_nothing_to_say(name: str) -> None:
    assert pipeline.check(pipeline.load(str(SPECS / f"{name}.proto"))) == ()


@pytest.mark.parametrize("name", KNOWN)
def test_each_spec_is_proved_in_its_systems(name: str) -> None:
    spec = pipeline.understand(pipeline.load(str(SPECS / f"{name}.proto")))
    found = {report.explored.system.name: report for report in verify(spec)}
    assert set(found) == set(KNOWN[name])
    for system, allowed in KNOWN[name].items():
        report = found[system]
        if allowed is None:
            assert report.explored.skipped
            continue
        assert report.explored.verdict == "proved", report.words()
        assert report.allowed == allowed
        assert not report.told
        assert not report.vacuous()
