"""Runs as charts: what they say, in each form, and the files that they are put into."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from protogen_fsm import pipeline
from protogen_fsm.backends.chart import as_json, as_mermaid, as_svg, as_text
from protogen_fsm.cli.group import protogen
from protogen_fsm.model.chart import Chart, Row
from protogen_fsm.scenarios.runs import CannotReplay, as_test, tried
from protogen_fsm.source import Source
from protogen_fsm.verify import verify

MODELS = Path(__file__).parent.parent / "specs" / "models"
FLAWED = sorted(path.name for path in MODELS.glob("*_flawed.proto"))
CROSSING = str(MODELS / "crossing_close_flawed.proto")


def charts(path: str) -> list[Chart]:
    spec = pipeline.understand(pipeline.load(path))
    found = [chart for report in verify(spec) for _, chart in report.told]
    return [chart for chart in found if chart is not None]


def chart_of(left: str, right: str, more: str = "", link: str = "") -> Chart:
    text = f"""protocol P machine L {{ {left} }} machine R {{ {right} }}
    system S {{ peer left: L peer right: R link left <-> right {link} {more} }}"""
    found = verify(pipeline.understand(Source("s.proto", text)))
    return next(chart for report in found for _, chart in report.told if chart is not None)


def run(*args: str) -> Result:
    result = CliRunner().invoke(protogen, args)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.parametrize("name", FLAWED)
def test_a_message_is_sent_and_taken_in_two_rows_that_know_each_other(name: str) -> None:
    for chart in charts(str(MODELS / name)):
        for number, row in enumerate(chart.rows):
            if row.pair >= 0 and row.kind == "take" and not row.note.startswith("a copy"):
                sent = chart.rows[row.pair]
                first = chart.rows[sent.pair]  # of several, where it is a copy that was taken
                assert (sent.kind, sent.text, first.kind) == ("send", row.text, "take")
                assert sent.pair <= number
                assert (sent.peer, sent.other) == (row.other, row.peer)
                assert row.pair < number


def test_what_crosses_a_message_that_cannot_be_taken_is_said() -> None:
    (chart,) = charts(CROSSING)
    assert chart.title == "`End` in CLOSING cannot take `close_request`"
    assert [row.bad for row in chart.rows] == [False] * (len(chart.rows) - 1) + [True]
    assert chart.end == [
        "when left sent close_request, right was in OPEN",
        "it crosses close_request, which right had sent",
        "on the link right -> left: close_request",
        "right in CLOSING takes: close_confirm",
    ]


def test_what_a_property_speaks_of_is_shown_as_it_is_at_the_end() -> None:
    always, leads = charts(str(MODELS / "alternating_bit_flawed.proto"))
    assert always.title.startswith("`always sender in SENT or sender.bit == receiver.next`")
    assert always.end[0].endswith(": sender in IDLE, sender.bit = 0, receiver.next = 1")
    assert always.bad_end
    kinds = [row.kind for row in leads.rows]
    assert kinds.index("mark") < kinds.index("repeat")
    mark = leads.rows[kinds.index("mark")]
    assert mark.text == "sender in SENT: from here on never sender in IDLE"


def test_peers_that_wait_for_each_other_say_for_what() -> None:
    chart = chart_of(
        "sends a receives b accepts go initial state A { on go -> B } "
        "state B { on b -> Z / send a } final state Z",
        "sends b receives a initial state A { on a -> Z / send b } final state Z",
    )
    assert chart.bad_end
    assert chart.end == [
        "nothing happens any more", "left in B takes: b", "right in A takes: a",
    ]  # fmt: skip


def test_what_a_link_loses_is_shown_where_it_is_lost() -> None:
    _, chart = charts(str(MODELS / "alternating_bit_flawed.proto"))
    text = as_text(chart)
    assert "x - ack(0) is lost - o |" in text
    assert "p1-)p0: ack(0)" in as_mermaid(chart)
    assert "p1-xp0: ack(0) is lost" in as_mermaid(chart)


@pytest.mark.parametrize("name", FLAWED)
def test_a_chart_is_drawn_in_every_form_and_always_the_same(name: str) -> None:
    for one, again in zip(charts(str(MODELS / name)), charts(str(MODELS / name)), strict=True):
        for form in (as_text, as_mermaid, as_svg, as_json):
            assert form(one) == form(again)
        text = as_text(one)
        assert text.isascii()
        assert "\x1b" not in text
        coloured = as_text(one, color=True)
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == text
        json.dumps(as_json(one))


@pytest.mark.parametrize("name", FLAWED)
def test_an_svg_chart_is_xml_and_everything_lies_within_it(name: str) -> None:
    for chart in charts(str(MODELS / name)):
        root = ElementTree.fromstring(as_svg(chart))
        width, height = float(root.get("width", 0)), float(root.get("height", 0))
        for element in root.iter():
            for name_, most in (("x", width), ("x1", width), ("x2", width), ("y2", height)):
                assert 0 <= float(element.get(name_, 0)) <= most
        drawn = "".join(text.text or "" for text in root.iter() if text.tag.endswith("}text"))
        for row in chart.rows:
            assert row.text in drawn


def test_names_of_a_spec_cannot_break_out_of_a_picture() -> None:
    rows = [Row("send", 0, "<b>&\x00", 1), Row("note", 1, "end; #1")]
    chart = Chart("</title><script>", "s.proto", ["a", "b"], ["", ""], rows, ["]]>"])
    root = ElementTree.fromstring(as_svg(chart))
    assert not [element for element in root.iter() if element.tag.endswith("script")]
    assert "(end)#59; #35;1" in as_mermaid(chart)


def test_charts_are_put_into_files_and_never_over_a_users_own(tmp_path: Path) -> None:
    for form, ending in (("svg", "svg"), ("mermaid", "mmd"), ("text", "txt"), ("json", "json")):
        args = ("check", CROSSING, "--chart", form, "-o", str(tmp_path))
        path = tmp_path / f"crossing_close_flawed.Pair.1.{ending}"
        assert run(*args).exit_code == 1
        first = path.read_text("utf-8")
        assert "Made by protogen from crossing_close_flawed.proto" in first
        assert run(*args).exit_code == 1
        assert path.read_text("utf-8") == first
        path.write_text("mine")
        assert "PG953" in run(*args).stderr
        assert path.read_text("utf-8") == "mine"


@pytest.mark.parametrize("name", FLAWED)
def test_the_run_to_a_flaw_is_a_test_that_replays_it_in_the_generated_classes(
    name: str, tmp_path: Path
) -> None:
    spec = pipeline.understand(pipeline.load(str(MODELS / name)))
    reasons = set()
    for report in verify(spec):
        composition = report.explored.composition
        assert composition is not None
        for finding in report.shown:
            try:
                text = as_test(composition, finding, "", "Made", str(MODELS / name))
            except CannotReplay as reason:
                reasons.add(str(reason))
                continue
            tried(text, tmp_path / "test_it.py")
    assert reasons <= {"something crashes, leaves or breaks"}


def test_the_replay_is_written_as_a_file_that_pytest_runs(tmp_path: Path) -> None:
    result = run("check", CROSSING, "--chart", "pytest", "-o", str(tmp_path))
    assert result.exit_code == 1
    (path,) = tmp_path.iterdir()
    assert path.name == "test_crossing_close_flawed_pair_1.py"
    text = path.read_text("utf-8")
    assert "    right.hears(message_1)\n" in text
    assert all(len(line) <= 100 for line in text.splitlines() if "Built(" not in line)
    tried(text, path)
    with pytest.raises(CannotReplay):
        tried(text.replace('"CLOSING"', '"OPEN"'), path)


def test_what_cannot_be_replayed_says_why() -> None:
    result = run("check", str(MODELS / "two_phase_commit_flawed.proto"), "--chart", "pytest")
    assert "the run is not replayed: something crashes, leaves or breaks" in result.stderr


def test_programs_are_told_the_run_and_the_verdict() -> None:
    told = json.loads(run("check", CROSSING, "--format", "json").stdout)
    (system,) = told["systems"]
    assert (system["name"], system["verdict"], system["configurations"]) == ("Pair", "refuted", 7)
    (flaw,) = told["diagnostics"]
    assert flaw["run"][0]["text"] == "left: is asked: hang_up"
    assert flaw["run"][0]["place"]["start"]["line"] == 9
    (log,) = json.loads(run("check", CROSSING, "--format", "sarif").stdout)["runs"]
    assert log["properties"]["systems"] == [system]
    (flow,) = log["results"][0]["codeFlows"]
    texts = [one["location"]["message"]["text"] for one in flow["threadFlows"][0]["locations"]]
    assert "right cannot take close_request from left" in texts
    lines = run("check", CROSSING, "--format", "github").stdout.splitlines()
    assert lines[0].startswith("::warning ")
    assert "1. left: is asked: hang_up" in lines[0]
    assert lines[1].startswith("::notice title=Pair%3A refuted,")
