"""Golden cases: a spec, what is said of it, and a mended spec of which nothing is said.

`pytest --bless` accepts what is said now.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from protogen_fsm.diagnostics.text import render_text
from protogen_fsm.pipeline import check
from protogen_fsm.source import Source

CASES = sorted(path.parent for path in Path(__file__).parent.glob("cases/*/said.txt"))
MENDED = sorted(Path(__file__).parent.glob("cases/*/mended.proto"))


def said(path: Path) -> str:
    return render_text(check(Source(path.name, path.read_text("utf-8"))))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_of_each_case_is_said_what_was_accepted(case: Path, bless: bool) -> None:
    text = said(case / "spec.proto")
    if bless:
        (case / "said.txt").write_text(text, "utf-8")
    assert text == (case / "said.txt").read_text("utf-8")


@pytest.mark.parametrize("path", MENDED, ids=lambda path: path.parent.name)
def test_of_a_mended_case_nothing_is_said(path: Path) -> None:
    assert said(path) == ""
