"""Two versions of a spec: what is said of a change, and what it is decided by.

`tests/diffs/` holds the old version, and a folder for each kind of change to it; `pytest --bless`
accepts what is said now.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from protogen_fsm import pipeline
from protogen_fsm.cli.group import protogen
from protogen_fsm.model.shapes import shape
from protogen_fsm.source import Source

CASES = sorted(path.parent for path in Path(__file__).parent.glob("diffs/*/new.proto"))
OLD = "../old.proto"
SPECS = Path(__file__).parent.parent / "specs"


def diff(*words: str) -> Result:
    return CliRunner().invoke(protogen, ["diff", *words])


def said(case: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(case)
    run = diff(OLD, "new.proto")
    return f"{run.output}exit status {run.exit_code}\n"


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_of_each_change_is_said_what_was_accepted(
    case: Path, bless: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = said(case, monkeypatch)
    if bless:
        (case / "said.txt").write_text(text, "utf-8")
    assert text == (case / "said.txt").read_text("utf-8")


@pytest.mark.parametrize("name", ["models/two_phase_commit.proto", "sip.proto"])
def test_of_no_change_nothing_is_said(name: str) -> None:
    run = diff(str(SPECS / name), str(SPECS / name))
    assert run.exit_code == 0
    assert run.output == "nothing changes for handlers, bytes, the dialogue\n"


def test_a_laxer_category_leaves_out_what_a_stricter_one_tells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(CASES[0].parent / "a_state_and_a_call_with_other_names")
    assert diff(OLD, "new.proto").exit_code == 1
    assert diff(OLD, "new.proto", "--category", "wire").exit_code == 0
    monkeypatch.chdir(CASES[0].parent / "a_pattern_that_old_servers_do_not_read")
    wire = diff(OLD, "new.proto", "--category", "wire").output
    dialogue = diff(OLD, "new.proto", "--category", "dialogue").output
    assert "PG622" in wire
    assert "PG622" not in dialogue
    assert "PG641" in wire
    assert "PG641" in dialogue


def test_other_programs_are_told_each_break_with_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES[0].parent / "an_answer_that_old_clients_do_not_know")
    told = json.loads(diff(OLD, "new.proto", "--format", "json").output)
    (broken,) = [one for one in told["diagnostics"] if one["code"] == "PG641"]
    assert broken["run"]
    github = diff(OLD, "new.proto", "--format", "github").output
    assert "::error title=PG641" in github


def git(folder: Path, *words: str) -> None:
    own = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *own, *words], cwd=folder, check=True, capture_output=True)


def test_the_old_version_may_be_a_git_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[0].parent / "a_pattern_that_old_servers_do_not_read"
    folder = tmp_path / "specs"
    folder.mkdir()
    git(tmp_path, "init", "-q")
    notes, parts = folder / "notes.proto", folder / "parts.proto"
    text = (case / OLD).read_text().replace('"lines.proto"', '"parts.proto"')
    lines = (SPECS / "lines.proto").read_text()
    notes.write_text(text)
    parts.write_text(lines)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    notes.write_text(text.replace('"PUT "', '"STORE "'))
    parts.write_text("protocol Gone\n")
    monkeypatch.chdir(folder)
    assert diff("notes.proto", "--against", "HEAD").exit_code != 0
    parts.write_text(lines)
    for words in (
        ["notes.proto", "--against", "HEAD"],
        ["HEAD:specs/notes.proto", "notes.proto"],
    ):
        run = diff(*words, "--category", "wire")
        assert run.exit_code == 1
        assert "PG622" in run.output
        assert "HEAD:" in run.output
        assert str(tmp_path) not in run.output
    for words, reason in (
        (["notes.proto", "--against", "nowhere"], "git knows no revision `nowhere`"),
        (["notes.proto", "--against", "--output=x"], "git knows no revision"),
        (["HEAD:nothing.proto", "notes.proto"], "is not in the revision `HEAD`"),
        (["HEAD", "notes.proto"], "write `--against HEAD`, or `HEAD:FILE`"),
    ):
        run = diff(*words)
        assert run.exit_code == 2
        assert "PG959" in run.output
        assert reason in run.output


def test_a_default_that_is_gone_is_told_where_the_rest_was_taken(tmp_path: Path) -> None:
    text = """protocol P
use Lines from "lines.proto"
message A = "A"
message B = "B"
machine M over Lines {
    receives A, B
    initial state S {
        on A -> S
        on * -> S
        on malformed, eof -> OVER
        after 1min -> OVER
    }
    final state OVER
}
"""
    (tmp_path / "old.proto").write_text(text)
    (tmp_path / "new.proto").write_text(text.replace("on *", "on B"))
    run = diff(str(tmp_path / "old.proto"), str(tmp_path / "new.proto"))
    assert "the handler `M.do_S_default` is gone" in run.output
    assert "old.proto:9:12" in run.output


def test_two_versions_must_be_named() -> None:
    assert diff("one.proto").exit_code == 2
    assert diff("one.proto", "two.proto", "--against", "HEAD").exit_code == 2


def test_a_shape_is_blind_to_places_and_words() -> None:
    one, other = (
        pipeline.understand(
            Source("s.proto", f'protocol P\n{blank}message M(a: int) {doc} = "M" a')
        )
        for blank, doc in (("", ""), ("\n\n", '"words"'))
    )
    assert shape(one.messages["M"]) == shape(other.messages["M"])
    third = pipeline.understand(Source("s.proto", 'protocol P\nmessage M(a: int) = "N" a'))
    assert shape(one.messages["M"]) != shape(third.messages["M"])
