"""The README's example is clean, canonical, and does what the README says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from protogen_fsm.cli.group import protogen
from protogen_fsm.source import Source
from protogen_fsm.syntax.fmt import format
from protogen_fsm.syntax.parse import parse

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")


def block(begins: str) -> str:
    """The text of the block that begins so."""
    return next(b for b in re.findall(r"```\w*\n(.*?)```", README, re.DOTALL) if begins in b[:80])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ping.proto").write_text(block("protocol Ping"))
    return tmp_path


def test_the_spec_is_clean_and_as_fmt_prints_it(here: Path) -> None:
    assert CliRunner().invoke(protogen, ["check", "ping.proto"]).exit_code == 0
    spec = block("protocol Ping")
    assert format(parse(Source("ping.proto", spec))) == spec


def test_the_server_does_what_is_said(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert CliRunner().invoke(protogen, ["build", "ping.proto"]).exit_code == 0
    monkeypatch.syspath_prepend(here)
    names: dict[str, type] = {}
    exec(block("import ping"), names)
    sys.modules.pop("ping")
    server = names["Server"]()
    server.open()
    server.receive_data(b"PING quiet\r\nPING hello\r\n")
    assert server.data_to_send() == b"PONG hello 1\r\n"


def test_the_error_is_shown_as_it_is_told(here: Path) -> None:
    wrong = block("protocol Ping")
    wrong = re.sub(r"(on QUIT +-> )CLOSED", r"\1CLOSD", wrong)
    Path("ping.proto").write_text(wrong)
    told = CliRunner().invoke(protogen, ["check", "ping.proto"]).stdout
    assert block("error[PG101]") in told


def test_the_demo_runs() -> None:
    demo = Path(__file__).parent.parent / "examples" / "demo.py"
    done = subprocess.run([sys.executable, demo], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "eve@example.com: 550 no such user here" in done.stdout
