"""Pictures of machines: what stands in them, and that drawing always comes to an end."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from protogen_fsm import pictures, pipeline
from protogen_fsm.backends.diagram import dot, mermaid
from protogen_fsm.model.machine import Machine
from protogen_fsm.source import Source

SPECS = Path(__file__).parent.parent / "specs"

ODD = r"""
protocol Odd

message A(text: str) "What A means." = "A " text
message B = "B"
message C(n: int) = "C " n

machine M over bytes "All <that> can \"be\" drawn; \\N {and} --> %% #1." {
    receives A, B, C
    sends    A, B
    accepts  go, stop
    timer T = 30s

    state OUTER reads line "The outer one." {
        on B -> OTHER
        on T -> end
        on stop -> end / close
        defer go

        initial state FIRST reads line(max: 64KiB) {
            entry / start T
            on A(text) when text == "\r\n\"<&>" -> SECOND / send A(text + "x"), send B
            on A(text) -> push ITEM(1) then SECOND
            on go / send B
            after 5min -> end / send A("Timeout")
        }
        state SECOND {
            on C(n) -> SECOND
            on A, B -> OUTER
            after 1min -> end
        }
        state OTHER {
            on go -> BOTH
            on A -> history OUTER
            after 2h -> end
        }
    }
    state ITEM(n: int) reads line {
        on C(n) -> pop
    }
    state BOTH reads line {
        region Left {
            initial state ONE { on go -> TWO }
            state TWO
        }
        region Right "The other half." {
            initial state RUN { on B when Left in TWO -> HALT }
            state HALT { on stop -> end }
        }
    }
    final state end
}
"""


def machines(text: str) -> dict[str, Machine]:
    return pipeline.understand(Source("test.proto", text)).machines


def shipped() -> list[Machine]:
    found = []
    for path in sorted(SPECS.glob("*.proto")):
        found += pipeline.understand(pipeline.load(str(path))).machines.values()
    return found


@pytest.fixture(scope="module")
def odd() -> Machine:
    return machines(ODD)["M"]


@pytest.fixture(scope="module")
def server() -> Machine:
    return pipeline.understand(pipeline.load(str(SPECS / "smtp.proto"))).machines["Server"]


def bundled() -> str:
    program = pictures._bundled()
    if program is None:
        pytest.skip("the bundled renderer is not installed")
    return program


def ring(count: int) -> Machine:
    """A machine of many states, each of which knows the way to four others."""
    states = "\n".join(
        f"state S{i} {{ "
        + " ".join(f"on e{j} -> S{(i * (2 * j + 1) + j + 1) % count}" for j in range(4))
        + " }"
        for i in range(count)
    )
    text = f"protocol Big\nmachine M {{ accepts e0, e1, e2, e3\ninitial {states} }}"
    return machines(text)["M"]


def without(dot_text: str, attribute: str) -> str:
    return re.sub(rf'{attribute}=("(?:\\.|[^"\\])*"|\S+)', "", dot_text, flags=re.DOTALL)


# ---------------------------------------------------------------- what stands in the picture


def test_the_same_spec_gives_the_same_bytes_in_every_process() -> None:
    script = (
        "import sys; from protogen_fsm import pipeline\n"
        "from protogen_fsm.backends.diagram import dot, mermaid\n"
        f"spec = pipeline.understand(pipeline.load({str(SPECS / 'smtp.proto')!r}))\n"
        "for m in spec.machines.values(): print(dot(m)); print(mermaid(m))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1


def test_each_state_is_drawn_once(odd: Machine, server: Machine) -> None:
    for machine in (odd, server):
        text = dot(machine)
        for state in machine.every_state():
            drawn = (
                rf'subgraph "?cluster_{state.name}"? '
                if state.is_composite
                else (rf"^\s*{state.name} \[label=<")
            )
            assert len(re.findall(drawn, text, re.MULTILINE)) == 1, state.name


def test_a_composite_state_says_once_what_holds_in_all_its_states(server: Machine) -> None:
    shown = without(dot(server), "tooltip")
    assert shown.count("NOOP</b>") == 1
    assert len(re.findall(r"ltail=cluster_SESSION.*", shown)) == 2  # QUIT and eof; the time-out


def test_a_row_that_leaves_no_state_stands_in_its_box(server: Machine) -> None:
    box = re.search(r"^\s*ENVELOPE \[label=<.*$", dot(server), re.MULTILINE)
    assert box is not None
    assert "send 452(&quot;Too many recipients&quot;)" in box[0]
    assert "<i>| reject(text)</i>" in box[0]


def test_arrows_between_two_states_are_one_and_time_outs_are_dashed(odd: Machine) -> None:
    text = without(dot(odd), "tooltip")
    arrows = [line for line in text.splitlines() if re.search(r" -> .*ltail=cluster_OUTER", line)]
    plain = [line for line in arrows if "dashed" not in line]
    assert len(plain) == 1
    assert "<b>stop</b>" in plain[0]
    dashed = [line for line in arrows if "dashed" in line]
    assert len(dashed) == 1
    assert "<b>T</b>" in dashed[0]
    assert "<b>inside</b>" in dashed[0]


def test_handlers_are_named_in_the_tool_tips(server: Machine) -> None:
    text = dot(server)
    for name in ("do_ENVELOPE_RCPT", "do_SESSION_default", "do_SESSION_timeout", "do_READY_MAIL"):
        assert re.search(rf'tooltip="{name}\b', text), name
    assert "RFC 5321, section 4.1.1.3" in text


def test_regions_are_dashed_parts_and_stacks_are_named(odd: Machine) -> None:
    text = dot(odd)
    for name in ("Left", "Right"):
        assert re.search(rf"subgraph cluster_in_BOTH_{name} {{\s+color=\S+ .*dashed", text)
    assert "-&gt; push ITEM(1) then SECOND" in text
    assert "-&gt; pop" in text
    assert "timer T = 30s" in text


def test_the_caption_names_the_layers_below(server: Machine) -> None:
    assert "Server(host: str, tls: bool) over Lines over bytes" in dot(server)
    assert "accTitle: Server(host: str, tls: bool) over Lines over bytes" in mermaid(server)


def test_many_rows_on_one_arrow_are_written_into_the_box() -> None:
    machine = machines(
        "protocol P\nmachine M { accepts a, b, c\n"
        "initial state S { on a -> E / close on b -> E on c -> E / close } final state E }"
    )["M"]
    arrow = next(line for line in dot(machine).splitlines() if "S -> E" in line)
    assert "<b>a,</b> <b>b,</b> <b>c</b>" in arrow
    assert dot(machine).count("<b>-&gt; E</b>") == 3


# ---------------------------------------------------------------- Mermaid


def test_mermaid_finds_nothing_of_its_own_in_the_words_of_a_spec(odd: Machine) -> None:
    lines = mermaid(odd).splitlines()
    assert lines[0] == "stateDiagram-v2"
    depth = 0
    for line in lines[3:]:
        text = line.strip()
        depth += text.endswith("{") - (text == "}")
        assert re.fullmatch(
            r'direction TB|\[\*\] --> \w+|\w+ --> \[\*\]|--|\}|state "[^"]*" as \w+( \{)?'
            r"|\w+( --> \w+)?: (<br/>|#\d+;|[A-Za-z0-9 .,()\[\]=+\-/|?!'_])*",
            text,
        ), text
    assert depth == 0


def test_mermaid_gets_no_state_by_a_name_that_it_keeps_for_itself(odd: Machine) -> None:
    assert 'state "end" as end_2' in mermaid(odd)


def test_mermaid_gets_an_arrow_where_both_its_states_are(odd: Machine) -> None:
    text = mermaid(odd)
    assert re.search(r"^        FIRST --> SECOND: ", text, re.MULTILINE)
    assert re.search(r"^            ONE --> TWO: ", text, re.MULTILINE)
    assert re.search(r"^    HALT --> end_2: ", text, re.MULTILINE)


# ---------------------------------------------------------------- drawing


def drawn_by(program: str, text: str, monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setattr(pictures, "drawers", lambda: [program])
    return pictures.picture(text, "svg")


@pytest.mark.parametrize("number", range(2))
def test_every_shipped_machine_is_drawn_by_every_renderer(
    number: int, odd: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if number >= len(pictures.drawers()):
        pytest.skip("not installed")
    program = pictures.drawers()[number]
    for machine in (odd, *shipped()):
        svg = ElementTree.fromstring(drawn_by(program, dot(machine), monkeypatch))
        words = " ".join(e.text or "" for e in svg.iter("{http://www.w3.org/2000/svg}text"))
        for state in machine.every_state():
            assert state.name in words


def test_names_and_words_of_a_spec_cannot_break_out(monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = r"""protocol P
        machine graph "<script>&amp;</b>]]>\\N\\\" -- %% \x00\n}" {
            accepts node, edge
            initial state subgraph "\"];}--><!--" { on node -> strict }
            state strict { on edge -> cluster_digraph }
            final state cluster_digraph "\u2028</table>\u00e9\U0001f600"
        }"""
    machine = machines(hostile)["graph"]
    for program in pictures.drawers():
        svg = ElementTree.fromstring(drawn_by(program, dot(machine), monkeypatch))
        assert not list(svg.iter("{http://www.w3.org/2000/svg}script"))


def test_a_picture_has_tool_tips_and_neither_links_nor_versions(server: Machine) -> None:
    svg = pictures.picture(dot(server), "svg").decode()
    assert "<title>do_ENVELOPE_RCPT&#10;" in svg
    assert "<a" not in svg
    assert "<!--" not in svg
    assert svg.encode() == pictures.picture(dot(server), "svg")


def test_a_picture_may_be_a_png(server: Machine) -> None:
    assert pictures.picture(dot(server), "png").startswith(b"\x89PNG\r\n")


def test_the_picture_of_smtp_fits_into_a_window(
    server: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    svg = drawn_by(bundled(), dot(server), monkeypatch).decode()
    width = int(re.search(r'width="(\d+)pt"', svg)[1])  # type: ignore[index]
    assert width * 96 / 72 <= 1200  # a window on a screen of 1,280


def test_the_bundled_renderer_draws_where_no_dot_is_on_the_path(
    server: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = bundled()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pictures.drawers() == [program]
    assert b"</svg>" in pictures.picture(dot(server), "svg")


def test_where_nothing_draws_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pictures, "distribution", missing)
    with pytest.raises(pictures.CannotDraw, match=r"install Graphviz.* or .*graphviz-pure"):
        pictures.picture("digraph {}", "svg")


def script(folder: Path, text: str) -> str:
    path = folder / "dot"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for dot")
def test_a_slow_dot_is_stopped_and_the_picture_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slow = script(tmp_path, "exec sleep 60")
    monkeypatch.setattr(pictures, "drawers", lambda: [slow])
    begun = time.monotonic()
    with pytest.raises(pictures.CannotDraw, match="within 1 seconds"):
        pictures.picture("digraph {}", "svg", limit=1)
    assert time.monotonic() - begun < 5


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for dot")
def test_a_dot_that_fails_makes_way_for_the_bundled_renderer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    programs = [script(tmp_path, "echo 'no plugin' >&2; exit 1"), bundled()]
    monkeypatch.setattr(pictures, "drawers", lambda: programs)
    assert b"</svg>" in pictures.picture("digraph {a}", "svg")
    monkeypatch.setattr(pictures, "drawers", lambda: programs[:1])
    with pytest.raises(pictures.CannotDraw, match="no plugin"):
        pictures.picture("digraph {a}", "svg")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for dot")
def test_a_dot_too_slow_for_the_best_layout_draws_a_plainer_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    choosy = script(
        tmp_path, 'case "$*" in *nslimit*) echo "<svg></svg>";; *) exec sleep 60;; esac'
    )
    monkeypatch.setattr(pictures, "drawers", lambda: [choosy])
    assert pictures.picture("digraph {}", "svg", limit=2).strip() == b"<svg></svg>"


def test_a_thousand_states_come_to_an_end() -> None:
    if not pictures.drawers():
        pytest.skip("nothing draws")
    begun = time.monotonic()
    with contextlib.suppress(pictures.CannotDraw):
        assert b"</svg>" in pictures.picture(dot(ring(1000)), "svg", limit=12)
    assert time.monotonic() - begun < 20


def test_layers_are_a_column_and_instances_a_stack_of_sheets() -> None:
    case = Path(__file__).parent / "cases" / "receipts_and_flights_by_their_ids" / "spec.proto"
    machine = pipeline.understand(Source("spec.proto", case.read_text("utf-8"))).machines["Side"]
    drawn = dot(machine)
    column = drawn[drawn.index('<td align="left">Side</td>') :]
    assert column.index("Lines(") < column.index(">bytes<") < column.index("flights: Flight(")
    assert drawn.count('sides="br"') == 4  # two sheets behind each
    assert "many flights: Flight(" in mermaid(machine)
