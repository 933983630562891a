"""Each code has a page: its wrong spec is wrong in that way only, its right spec is right."""

from __future__ import annotations

import re

import pytest

from generated import made
from protogen_fsm.diagnostics import Diagnostic
from protogen_fsm.diagnostics.codes import CODES
from protogen_fsm.diagnostics.explain import page
from protogen_fsm.diagnostics.text import render_text
from protogen_fsm.pipeline import compare, examine, understand
from protogen_fsm.scenarios import diagnostic, play_all
from protogen_fsm.source import Source

# What no spec can show: a file that is no text, the user's own files, the disk, back-ends; a search
# that comes to its limit takes its time.
WITHOUT_SPECS = {"PG009", "PG011", "PG412", "PG503"}


def specs(code: str) -> dict[str, Source]:
    """The specs of a page, `wrong` and `right`."""
    found = re.findall(r"^```proto (\w+)\n(.*?)^```$", page(code), re.M | re.S)
    assert len(dict(found)) == len(found)
    return {kind: Source(f"{kind}.proto", text) for kind, text in found}


def told(source: Source) -> list[Diagnostic]:
    """What `check` and, where there is no error, `test` say of a spec."""
    found = list(examine(source).diagnostics)
    if all(one.severity == "warning" for one in found):
        spec = understand(source)
        results = play_all(spec, made(source.text, source.path)) if spec.scenarios else []
        found += [diagnostic(result) for result in results if result.mismatch is not None]
    return found


ONE_SPEC = [code for code in CODES if "wrong" in specs(code)]


def test_there_is_no_page_without_a_code() -> None:
    from importlib.resources import files

    pages = {entry.name for entry in files("protogen_fsm.diagnostics").joinpath("pages").iterdir()}
    assert pages == {f"{code}.md" for code in CODES}


@pytest.mark.parametrize("code", CODES)
def test_a_page_says_what_is_wrong_and_shows_it(code: str) -> None:
    text = page(code)
    assert text.startswith(f"# {code} {CODES[code].name}: ")
    without = code in WITHOUT_SPECS or code.startswith("PG9")
    versions = {"old", "new"} if code.startswith("PG6") else {"wrong", "right"}
    assert set(specs(code)) == (set() if without else versions)
    assert all(len(line) <= 110 for line in text.splitlines()[2:])


@pytest.mark.parametrize("code", ONE_SPEC)
def test_the_wrong_spec_of_a_page_is_wrong_in_that_way_only(code: str) -> None:
    found = told(specs(code)["wrong"])
    assert code in {diagnostic.code for diagnostic in found}, render_text(found)
    errors = {diagnostic.code for diagnostic in found if diagnostic.severity == "error"}
    assert errors <= {code}, render_text(found)
    assert all(CODES[diagnostic.code].severity == diagnostic.severity for diagnostic in found)


@pytest.mark.parametrize("code", [code for code in CODES if code.startswith("PG6")])
def test_the_versions_of_a_page_show_what_it_says(code: str) -> None:
    old, new = (understand(specs(code)[kind]) for kind in ("old", "new"))
    found = [diagnostic for diagnostic, _ in compare(old, new, "handlers")]
    assert code in {diagnostic.code for diagnostic in found}, render_text(found)
    assert all(CODES[diagnostic.code].severity == diagnostic.severity for diagnostic in found)


@pytest.mark.parametrize("code", ONE_SPEC)
def test_the_right_spec_of_a_page_is_right(code: str) -> None:
    found = told(specs(code)["right"])
    assert not found, render_text(found)
