"""What protogen says, in each form in which it says it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import protogen_fsm
from protogen_fsm.diagnostics import Diagnostic, Label
from protogen_fsm.diagnostics.codes import CODES, PHASES, by_name, code, nearest_codes
from protogen_fsm.diagnostics.github import render_github
from protogen_fsm.diagnostics.render import FORMATS, render
from protogen_fsm.diagnostics.sarif import render_sarif
from protogen_fsm.diagnostics.text import render_text, summary
from protogen_fsm.source import Source, Span

SMTP = Source(
    "specs/smtp.proto",
    "\n" * 27
    + """\
    state READY {
        on NOOP / send 250("OK")

        on RSET -> REDAY / send 250("OK")
    }
""",
)


def span(source: Source, text: str, nth: int = 0) -> Span:
    """Where `text` stands in the source, for the nth time."""
    at = [found.start() for found in re.finditer(re.escape(text), source.text)][nth]
    return Span(source, at, at + len(text))


def misspelt() -> Diagnostic:
    return Diagnostic(
        "PG101",
        "no state is named `REDAY`",
        span(SMTP, "REDAY"),
        "not a state of `Server`",
        labels=(Label(span(SMTP, "READY"), "the nearest name"),),
        help="did you mean `READY`?",
    )


def shown(*diagnostics: Diagnostic, encoding: str = "utf-8") -> str:
    return "\n" + render_text(diagnostics, encoding=encoding)


def test_a_diagnostic_shows_the_line_the_nearest_name_and_what_to_type() -> None:
    assert (
        shown(misspelt())
        == """
error[PG101]: no state is named `REDAY`
   ┌─ specs/smtp.proto:31:20
   │
28 │     state READY {
   │           ----- the nearest name
   ·
31 │         on RSET -> REDAY / send 250("OK")
   │                    ^^^^^ not a state of `Server`
   │
   = help: did you mean `READY`?

1 error
"""
    )


def test_lines_that_follow_one_another_have_no_gap_between_them() -> None:
    first = Diagnostic(
        "PG205",
        "this transition never fires",
        span(SMTP, "on NOOP"),
        labels=(Label(span(SMTP, "state READY"), "in this state"),),
    )
    assert (
        shown(first)
        == """
error[PG205]: this transition never fires
   ┌─ specs/smtp.proto:29:9
   │
28 │     state READY {
   │     ----------- in this state
29 │         on NOOP / send 250("OK")
   │         ^^^^^^^
   │

1 error
"""
    )


def test_another_file_gets_a_block_of_its_own() -> None:
    lines = Source("specs/lines.proto", "protocol Lines\n\nmachine Lines over bytes {\n")
    diagnostic = Diagnostic(
        "PG305",
        "`Lines` does not accept `Reply`",
        span(SMTP, "send 250", 1),
        labels=(Label(span(lines, "Lines", 1), "the layer below"),),
        notes=("it accepts block, line", "`Server` stands over it"),
    )
    assert (
        shown(diagnostic)
        == """
error[PG305]: `Lines` does not accept `Reply`
   ┌─ specs/smtp.proto:31:28
   │
31 │         on RSET -> REDAY / send 250("OK")
   │                            ^^^^^^^^
   │
   ┌─ specs/lines.proto:3:9
   │
 3 │ machine Lines over bytes {
   │         ----- the layer below
   │
   = note: it accepts block, line
   = note: `Server` stands over it

1 error
"""
    )


def test_two_labels_on_one_line_stand_under_it_from_left_to_right() -> None:
    source = Source("a.proto", "state A { state A }\n")
    diagnostic = Diagnostic(
        "PG104",
        "two states are named `A`",
        span(source, "A", 1),
        "the second",
        labels=(Label(span(source, "A"), "the first"),),
    )
    assert (
        shown(diagnostic)
        == """
error[PG104]: two states are named `A`
  ┌─ a.proto:1:17
  │
1 │ state A { state A }
  │       - the first
  │                 ^ the second
  │

1 error
"""
    )


def test_tabs_and_wide_characters_keep_the_underline_under_its_word() -> None:
    source = Source("a.proto", '\ton A "日本e\u0301" -> REDAY\n')
    assert (
        shown(Diagnostic("PG101", "no", span(source, "REDAY"), "here"))
        == """
error[PG101]: no
  ┌─ a.proto:1:17
  │
1 │     on A "日本e\u0301" -> REDAY
  │                     ^^^^^ here
  │

1 error
"""
    )


def test_a_long_line_is_cut_around_the_span() -> None:
    source = Source("a.proto", "x" * 100_000 + " REDAY " + "y" * 100_000)
    text = shown(Diagnostic("PG101", "no", span(source, "REDAY"), "here"))
    assert max(map(len, text.splitlines())) < 130
    line, mark = text.splitlines()[4:6]
    assert line.index("REDAY") == mark.index("^^^^^")
    assert line.endswith("y…")
    assert line.startswith("1 │ …x")


def test_two_labels_far_apart_on_one_line_are_both_shown() -> None:
    source = Source("a.proto", "FIRST" + "x" * 5_000 + "SECOND")
    diagnostic = Diagnostic(
        "PG104",
        "two",
        span(source, "SECOND"),
        "second",
        labels=(Label(span(source, "FIRST"), "first"),),
    )
    lines = shown(diagnostic).splitlines()
    for word, mark in (("FIRST", "----- first"), ("SECOND", "^^^^^^ second")):
        at = next(i for i, line in enumerate(lines) if mark in line)
        assert lines[at - 1].index(word) == lines[at].index(mark)


def test_a_span_of_many_lines_is_shown_by_its_first() -> None:
    whole = Span(SMTP, span(SMTP, "state READY").start, len(SMTP.text))
    assert (
        shown(Diagnostic("PG201", "nothing leads here", whole, severity="warning"))
        == """
warning[PG201]: nothing leads here
   ┌─ specs/smtp.proto:28:5
   │
28 │     state READY {
   │     ^^^^^^^^^^^^^
   │

1 warning
"""
    )


@pytest.mark.parametrize("text", ["", "protocol P", "protocol P\n"])
def test_the_end_of_a_file_can_be_pointed_at(text: str) -> None:
    source = Source("a.proto", text)
    lines = shown(Diagnostic("PG003", "no", Span(source, len(text), len(text)), "here"))
    assert "^ here" in lines


def test_without_a_place_only_the_words_are_said() -> None:
    diagnostic = Diagnostic("PG951", "`x` cannot be read", notes=("first\nsecond",), help="look")
    assert (
        shown(diagnostic)
        == """
error[PG951]: `x` cannot be read
 = note: first
         second
 = help: look

1 error
"""
    )


def test_an_encoding_without_boxes_gets_plain_characters() -> None:
    source = Source("é.proto", "\n\non é -> REDAY\n")
    diagnostic = Diagnostic(
        "PG101", "no", span(source, "REDAY"), labels=(Label(Span(source, 0, 0), "é"),)
    )
    text = shown(diagnostic, encoding="ascii")
    assert text.isascii()
    assert (
        text
        == """
error[PG101]: no
  -- ?.proto:3:9
  |
1 |
  | - ?
  .
3 | on ? -> REDAY
  |         ^^^^^
  |

1 error
"""
    )


def test_nothing_in_a_spec_can_command_the_terminal() -> None:
    source = Source("a\x1b[2J.proto", "on \x1b[31m\x9b\u202e A\r\n")
    diagnostic = Diagnostic("PG001", "\x1b]0;x\x07", span(source, "A"), "\x1b", help="\x1b\n\x1b")
    text = render_text([diagnostic])
    assert all(character == "\n" or character.isprintable() for character in text)


def test_a_name_of_a_megabyte_does_not_fill_the_terminal() -> None:
    name = "x" * 1_000_000
    source = Source("a.proto", name)
    diagnostic = Diagnostic("PG101", f"no state is named `{name}`", Span(source, 0, 1_000_000))
    assert len(render_text([diagnostic])) < 3_000


def test_colour_is_there_only_if_asked_for_and_changes_no_word() -> None:
    plain = render_text([misspelt()])
    colored = render_text([misspelt()], color=True)
    assert "\x1b" not in plain
    assert "\x1b[1;31m" in colored
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == plain


def test_the_summary_counts_errors_and_warnings() -> None:
    warning = Diagnostic("PG201", "x", severity="warning")
    assert summary([misspelt(), misspelt(), warning]) == "2 errors, 1 warning"
    assert summary([]) == ""
    assert render_text([]) == ""


def test_json_holds_all_that_was_said() -> None:
    (found,) = json.loads(render("json", [misspelt()]))["diagnostics"]
    assert found["code"] == "PG101"
    assert found["name"] == "undefined_state"
    assert found["place"]["file"] == "specs/smtp.proto"
    assert found["place"]["start"] == {
        "line": 31,
        "column": 20,
        "offset": span(SMTP, "REDAY").start,
    }
    assert found["labels"][0]["text"] == "the nearest name"
    assert found["labels"][0]["place"]["start"]["line"] == 28
    assert found["help"] == "did you mean `READY`?"


def test_github_gets_one_command_a_diagnostic() -> None:
    assert render_github([misspelt(), Diagnostic("PG957", "no", severity="warning")]) == (
        "::error title=PG101 undefined_state,file=specs/smtp.proto,line=31,col=20,endColumn=24"
        "::no state is named `REDAY`%0Anot a state of `Server`"
        "%0Aspecs/smtp.proto:28:11: the nearest name%0Ahelp: did you mean `READY`?\n"
        "::warning title=PG957 no_dot::no\n"
    )


def test_no_text_can_add_a_command_or_a_property_for_github() -> None:
    source = Source("a,line=9:b%.proto", "x\ny")
    text = render_github([Diagnostic("PG001", "a\r\n::error::b 100%", Span(source, 0, 3))])
    assert text == (
        "::error title=PG001 unexpected_text,file=a%2Cline=9%3Ab%25.proto,line=1,endLine=2"
        "::a%0D%0A::error::b 100%25\n"
    )


def test_sarif_has_what_its_schema_requires() -> None:
    warning = Diagnostic("PG951", "no such file")
    log = json.loads(render_sarif([misspelt(), warning, misspelt()]))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "protogen"
    assert [rule["id"] for rule in driver["rules"]] == ["PG101", "PG951"]
    assert len(run["results"]) == 3
    for result in run["results"]:
        assert result["ruleId"] == driver["rules"][result["ruleIndex"]]["id"]
        assert result["level"] in {"error", "warning", "note", "none"}
        assert result["message"]["text"]
    (place,) = run["results"][0]["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "specs/smtp.proto"},
        "region": {"startLine": 31, "startColumn": 20, "endLine": 31, "endColumn": 25},
    }
    (related,) = run["results"][0]["relatedLocations"]
    assert related["message"]["text"] == "the nearest name"
    assert related["physicalLocation"]["region"]["startLine"] == 28


def test_paths_in_sarif_are_uris() -> None:
    for path, uri in (("a b/ü.proto", "a%20b/%C3%BC.proto"), ("/a b.proto", "file:///a%20b.proto")):
        span = Span(Source(path, "x"), 0, 1)
        log = json.loads(render_sarif([Diagnostic("PG001", "x", span)]))
        (place,) = log["runs"][0]["results"][0]["locations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_every_form_can_tell_a_code_that_is_not_registered() -> None:
    for format in FORMATS:
        assert "PG888" in render(format, [Diagnostic("PG888", "new")])


def test_a_form_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="yaml"):
        render("yaml", [])


def test_codes_are_found_by_number_by_name_and_by_what_is_near() -> None:
    timeout = code("PG209")
    assert (timeout.name, timeout.severity) == ("wait_without_timeout", "warning")
    assert by_name("wait_without_timeout") is timeout
    assert by_name("no_such") is None
    assert nearest_codes("wait_without_timout")[0] is timeout
    assert timeout.phase == "one machine"
    with pytest.raises(KeyError):
        code("PG888")


def test_names_of_codes_are_unique_and_can_stand_in_a_spec() -> None:
    names = [known.name for known in CODES.values()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z_]*", name) for name in names)
    assert {known.code[:3] for known in CODES.values()} == set(PHASES)


def test_every_code_that_the_program_says_is_registered() -> None:
    said = {
        found
        for file in Path(protogen_fsm.__file__).parent.rglob("*.py")
        for found in re.findall(r"\bPG\d{3}\b", file.read_text("utf-8"))
    }
    assert said <= set(CODES)


def test_every_code_that_is_registered_is_said_somewhere() -> None:
    said = {
        found
        for file in Path(protogen_fsm.__file__).parent.rglob("*.py")
        if file.name != "codes.py"
        for found in re.findall(r"\bPG\d{3}\b", file.read_text("utf-8"))
    }
    assert said == set(CODES)
