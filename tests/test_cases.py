"""Golden cases: a spec, what is said of it, and a mended spec of which nothing is said.

Where a case has a generated module, that is golden too, and so are the skeleton and the pictures;
the module is formatted, linted, typed, and can be imported. `pytest --bless` accepts what is said
and made now; an empty `spec.py` makes a case of what is generated.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protogen_fsm import pipeline
from protogen_fsm.backends.backend import find
from protogen_fsm.backends.diagram import dot
from protogen_fsm.backends.python import skeleton
from protogen_fsm.diagnostics.text import render_text
from protogen_fsm.pipeline import check
from protogen_fsm.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable

CASES = sorted(path.parent for path in Path(__file__).parent.glob("cases/*/said.txt"))
MENDED = sorted(Path(__file__).parent.glob("cases/*/mended.proto"))
SPECS = Path(__file__).parent.parent / "specs"
GENERATED = sorted(
    path.parent
    for name in ("spec", *(path.stem for path in SPECS.glob("*.proto")))
    for path in Path(__file__).parent.glob(f"cases/*/{name}.py")
)


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


# ---------------------------------------------------------------- what is generated


def spec_of(case: Path) -> Path:
    """The case's own spec, or one that ships with protogen."""
    own = case / "spec.proto"
    return own if own.exists() else SPECS / f"{module_of(case).stem}.proto"


def module_of(case: Path) -> Path:
    (found,) = (path for path in case.glob("*.py") if path.stem != "skeleton")
    return found


def made(case: Path) -> dict[str, str]:
    """All that is made of a case's spec."""
    path = spec_of(case)
    spec = pipeline.understand(Source(path.name, path.read_text("utf-8")))
    assert not pipeline.accept(spec)
    files = {file.path: file.text for file in pipeline.render(spec, find("python"))}
    files["skeleton.py"] = skeleton.render(spec, path.stem)
    for machine in spec.machines.values():
        files[f"{machine.name}.dot"] = dot(machine)
    return files


@pytest.mark.parametrize("case", GENERATED, ids=lambda path: path.name)
def test_of_each_case_is_made_what_was_accepted(case: Path, bless: bool) -> None:
    files = made(case)
    if bless:
        for name, text in files.items():
            (case / name).write_text(text, "utf-8")
    there = {path.name for path in case.iterdir() if path.suffix in (".py", ".dot")}
    assert there == set(files)
    for name, text in files.items():
        assert text == (case / name).read_text("utf-8"), name


def run(*command: object) -> None:
    done = subprocess.run(
        [sys.executable, *map(str, command)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def files(pattern: str) -> Iterable[Path]:
    return [path for case in GENERATED for path in sorted(case.glob(pattern))]


def test_what_is_made_stands_as_the_formatter_leaves_it() -> None:
    run("-m", "ruff", "format", "--isolated", "--no-cache", "--check", *files("*.py"))


def test_what_is_made_has_nothing_that_the_linter_would_strike_out() -> None:
    rules = ("--isolated", "--no-cache", "--select", "E4,E7,E9,F,E501,D2,D4", "--line-length", "88")
    run(
        "-m",
        "ruff",
        "check",
        *rules,
        "--ignore",
        "D203,D205,D213,D400,D401,D403,D415",
        *files("*.py"),
    )


def test_what_is_made_is_typed_strictly(tmp_path: Path) -> None:
    """Under its own name each, since the cases call their module the same."""
    named = []
    for case in GENERATED:
        module = module_of(case)
        named.append(tmp_path / f"{case.name}.py")
        named[-1].write_text(module.read_text("utf-8"), "utf-8")
        text = (case / "skeleton.py").read_text("utf-8")
        named.append(tmp_path / f"{case.name}_skeleton.py")
        named[-1].write_text(
            text.replace(f"import {module.stem}", f"import {case.name} as {module.stem}"), "utf-8"
        )
    run("-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}", *named)


@pytest.mark.parametrize("case", GENERATED, ids=lambda path: path.name)
def test_what_is_made_can_be_imported(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = module_of(case).stem
    monkeypatch.syspath_prepend(case)
    for name in (module, "skeleton"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    namespace: dict[str, object] = {}
    exec("import skeleton", namespace)
    for name in (module, "skeleton"):
        del sys.modules[name]
    assert namespace["skeleton"]
