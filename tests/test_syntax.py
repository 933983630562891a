"""Text to tree."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
from contextlib import suppress
from dataclasses import is_dataclass
from pathlib import Path

import lark
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protogen_fsm.diagnostics import SpecError
from protogen_fsm.resources import grammars
from protogen_fsm.source import SourceError, decode_source, read_source
from protogen_fsm.syntax import table, tree
from protogen_fsm.syntax.build import Builder
from protogen_fsm.syntax.fmt import format
from protogen_fsm.syntax.tokens import scan
from timing import cpu_seconds
from trees import comments, read, said

ROOT = Path(__file__).parent.parent
SPECS = sorted([*ROOT.glob("specs/**/*.proto"), *ROOT.glob("tests/specs/*.proto")])
IN_MACHINE = "protocol P\nmachine M {{\n    receives A, B\n    initial state S\n    {}\n}}\n"
IN_STATE = "protocol P\nmachine M {{\n    initial state S {{\n        {}\n    }}\n}}\n"
GRAMMAR = (grammars() / "protogen.lark").read_text("utf-8")


def refused(text: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        read(text)
    return [diagnostic.code for diagnostic in caught.value.diagnostics]


def only(text: str) -> str:
    """Title, help and label of the one diagnostic."""
    with pytest.raises(SpecError) as caught:
        read(text)
    (found,) = caught.value.diagnostics
    return f"{found.code} {found.title} | {found.help} | {found.span.text if found.span else ''}"


def row(text: str) -> tree.On:
    machine = read(IN_STATE.format(text)).items[0]
    assert isinstance(machine, tree.Machine)
    (state,) = machine.members
    assert isinstance(state, tree.State)
    on = state.members[0]
    assert isinstance(on, tree.On)
    return on


# ---------------------------------------------------------------- what can be read


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_every_shipped_spec_is_read(path: Path) -> None:
    read(path.read_text("utf-8"))


def test_the_reference_spec_uses_every_rule_of_the_grammar(monkeypatch: pytest.MonkeyPatch) -> None:
    used: set[str] = set()
    names = {rule.name for rule in table.load().rules if rule.name}

    class Watch(Builder):
        def __getattribute__(self, name: str) -> object:
            value = super().__getattribute__(name)
            if name not in names:
                return value

            def watched(children: list[object]) -> object:
                used.add(name)
                return value(children)

            return watched

    monkeypatch.setattr("protogen_fsm.syntax.parse.Builder", Watch)
    read((ROOT / "tests/specs/everything.proto").read_text("utf-8"))
    assert names - used == set()


@pytest.mark.parametrize(
    "text",
    [
        "on close -> S",
        "on block, data, line, send, on, state, when -> S",
        "on message(end, max, state, by, list, if) -> S",
        "on A / send = 1, stop += 2, close(1), send send, emit emit(emit), close, starttls",
        "on A when state == 1 and line > machine -> initial",
        "ignore ignore, defer, 250, 4xx, *",
        "on A / x = [] on B",
        "on A | after -> final | on / send on",
    ],
)
def test_a_keyword_is_a_name_where_no_keyword_can_stand(text: str) -> None:
    read(IN_STATE.format(text))


def test_fields_of_a_message_may_bear_the_names_of_keywords() -> None:
    text = (
        "protocol P\n"
        'message A(message: str, use: str) = "A " message use\n'
        'message B(struct: str) = [struct ":"] struct\n'
        'message message(state: str) = "M " state:r".*" message\n'
        'machine machine(machine: str) over over(over: "x") { initial state state }\n'
    )
    assert len(read(text).items) == 4


def test_line_ends_and_indentation_mean_nothing() -> None:
    for path in SPECS:
        text = path.read_text("utf-8")
        flat = " ".join(token.text for token in scan(text))
        assert said(read(flat)) == said(read(text))
        assert said(read("\ufeff" + text.replace("\n", "\r\n"))) == said(read(text))


def test_what_follows_a_complete_row_begins_the_next() -> None:
    machine = read(
        IN_STATE.format('on NOOP / send 250("OK")\non B\n| a / x = y\n| b\nfinal state C state D')
    ).items[0]
    assert isinstance(machine, tree.Machine)
    (state,) = machine.members
    assert isinstance(state, tree.State)
    assert [type(member).__name__ for member in state.members] == ["On", "On", "State", "State"]


def test_operators_bind_as_they_do_in_python() -> None:
    guard = row("on A when a or b and not c == d + e * -f.g[0] -> S").guard
    assert guard is not None
    assert said(guard) == said(
        row("on A when a or (b and (not (c == (d + (e * (-((f.g)[0]))))))) -> S").guard
    )


def test_a_node_knows_where_it_stands() -> None:
    on = row("on A(x) when (x > 1) -> S(x + 1) / send B(x), y = [1]")
    assert on.span.text == "on A(x) when (x > 1) -> S(x + 1) / send B(x), y = [1]"
    assert [action.span.text for action in on.actions] == ["send B(x)", "y = [1]"]
    assert on.target is not None
    assert on.target.span.text == "S(x + 1)"


def test_an_event_after_an_answer_is_an_answer_unless_it_says_more() -> None:
    text = "protocol P\nmachine M { accepts a answered by b, c, d(x: int), e answered by f }"
    machine = read(text).items[0]
    assert isinstance(machine, tree.Machine)
    face = machine.members[0]
    assert isinstance(face, tree.Face)
    told = [(e.name.text, [n.text for n in e.answered_by]) for e in face.events]
    assert told == [("a", ["b", "c"]), ("d", []), ("e", ["f"])]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (r'"\r\n\t\\\"\x41é\N{BULLET}\101"', '\r\n\t\\"Aé•A'),
        (r'r"\d+\"x"', r"\d+\"x"),
        ("0x1F", 31),
        ("64KiB", 65536),
        ("200ms", 0.2),
        ("5min", 300),
        ("1.5", 1.5),
        ("none", None),
        ("true", True),
    ],
)
def test_a_literal_means_what_it_says(written: str, value: object) -> None:
    const = read(f"protocol P\nconst X = {written}").items[0]
    assert isinstance(const, tree.Const)
    assert isinstance(const.value, tree.Constant)
    assert const.value.value == value


def test_comments_are_kept_with_their_places() -> None:
    file = read('# one\nprotocol P "# none"  # two\r\n# three')
    assert comments(file) == ["# one", "# three", "# two"]
    assert [comment.own_line for comment in file.comments] == [True, False, True]


# ---------------------------------------------------------------- what is said of the rest


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("on A => S", "write `->`"),
        ("on A S", "write `->` before it"),
        ("on A ->", "expected the name of a state, `history`, `pop` or `push`, found `}`"),
        ("on A / send B(", "PG003 this `(` is never closed"),
        ('on A / send B("x', "PG002 this string has no end"),
        ("on A / x = y / 2", "there is no division sign"),
        ("on A when x / 2 > 1 -> S", "there is no division sign"),
        ("on A / send B -> S", "`->` stands before the actions"),
        ("on A -> S when x", "`when` stands before `->` and `/`"),
        ('state T "doc" reads u8 {', "`reads` stands before the state's doc"),
        ('state T(n: int) "doc" receives A {', "`receives` stands before the state's doc"),
        ("on A when x = 3", "write `==`"),
        ("on A when x && y", "write `and`"),
        ("on A -> S;", "take it out"),
        ("on A -> S // so", "write `#` before a comment"),
        ("onn A", "did you mean `on`?"),
        ("transition A", "did you mean `on`?"),
        ("after 5m -> S", "did you mean `5min`?"),
        ("after 30sec -> S", "did you mean `30s`?"),
        ("on 25y -> S", "PG005 `25y` is not the number of an event"),
        ("on A / x = 99999999999999999999", "PG005 this number is too large"),
        ('on A / x = "\\q"', "PG004 `\\q` is not an escape"),
        ("var x: int", "PG010 `var` stands after the first state"),
        ("receives A", "what a state receives stands before its `{`"),
        ("const X = 1", "`const` stands outside of machines"),
        ("on A ) -> S", "PG003 this `)` closes nothing"),
        ("initial initial state T", "PG012 `initial` is said twice"),
        ("on A / x = a" + " + a" * 200, "PG009 this is nested more than 100 deep"),
        ("on A when " + "(" * 10_000, "PG009"),
        ("state S {" * 10_000, "PG009"),
        ("on A when " + "not " * 10_000 + "x", "PG009"),
    ],
)
def test_a_slip_is_named_once_with_a_deed(text: str, said: str) -> None:
    assert said in only(IN_STATE.format(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "PG007"),
        ("# nothing\n\n", "PG007"),
        ("a\0b", "PG011"),
        ('syntax = "proto3";\nmessage X {\n}\n', "PG006 this is a Protocol Buffers file"),
        ('// words\n/* more */ edition = "2023";', "PG006"),
        ("package foo.bar;", "PG006"),
        ("message X {\n  int32 a = 1;\n}", "PG006"),
        ('import "other.proto";', "PG006"),
        ("machine M {\n    initial state S\n}", "PG008"),
        ("protcol P\n", "did you mean `protocol`?"),
        ("protocol\nmachine M { initial state S }", "expected the name of the protocol"),
        ("protocol P\nmachine M {\n    state S\n", "PG003 the braces of machine `M`"),
        ("protocol P }", "PG003 this `}` closes nothing"),
        ("protocol P\nmachine M {\n    recieves A\n    state S\n}", "did you mean `receives`?"),
        ("protocol P\nmachine M {\n    timer T: 30s\n    state S\n}", "write `=`"),
        ("protocol P\nmachine M {\n    var x int\n    state S\n}", "write `:` before it"),
        ('protocol P\nmessage X(a = str) = "A" a', "write `:`"),
        ("protocol P\nenum E { a b }", "write `,` before it"),
        ("protocol P\nconst\u00a0X = 1", "found the character U+00A0"),
    ],
)
def test_a_file_that_is_wrong_is_told_why(text: str, said: str) -> None:
    assert said in only(text)


def test_a_forgotten_brace_is_found_by_indentation() -> None:
    text = (
        "protocol P\nmachine M {\n    initial state A {\n        on x -> B\n"
        "    state B {\n        on y -> A\n    }\n}\nmachine N {\n    initial state C\n}\n"
    )
    assert "PG003 the braces of state `A` are never closed" in only(text)


def test_independent_errors_are_told_at_once_and_in_order() -> None:
    text = (
        "protocol P\nconst X 3\nmachine M {\n    recieves A\n    initial state S {\n"
        '        on A => S\n        on B -> S / send C("x\n        after 5m -> S\n'
        "        on D\n    }\n}\nenum E { a b }\n"
    )
    assert refused(text) == ["PG001", "PG001", "PG001", "PG002", "PG005", "PG001"]


def test_there_is_an_end_to_what_is_told() -> None:
    assert len(refused("protocol P\nmachine M {\nstate S {\n" + "on A =>\n" * 1000)) == 20
    assert len(refused("protocol P\n" + 'const X = "\\q"\n' * 1000)) == 20


@given(st.data())
@settings(deadline=None)
def test_whatever_happens_to_a_token_is_told_or_read(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(SPECS))
    text = path.read_text("utf-8")
    tokens = list(scan(text))
    at = data.draw(st.integers(0, len(tokens) - 2))
    first, second = tokens[at], tokens[at + 1]
    middle = {
        "delete": second.text,
        "double": f"{first.text} {first.text} {second.text}",
        "swap": f"{second.text} {first.text}",
    }[data.draw(st.sampled_from(["delete", "double", "swap"]))]
    changed = text[: first.start] + middle + text[second.end :]
    begun = time.process_time()
    try:
        file = read(changed)
    except SpecError as error:
        told = len(error.diagnostics)
    else:
        told = 1
        printed = format(file)
        assert said(read(printed)) == said(file)
    assert 1 <= told <= 20
    assert time.process_time() - begun < 1


@given(st.text(st.sampled_from('{}()[]"#\\|/->=,:.*? \nonstatechine2x') | st.characters()))
@settings(deadline=None)
def test_any_text_is_told_or_read(text: str) -> None:
    for start in ("", "protocol P\n", "protocol P\nmachine M { initial state S {\n"):
        with suppress(SpecError):
            read(start + text)


@pytest.mark.parametrize(
    "text",
    [
        " " * 1_000_000,
        "#\n" * 100_000 + "x",
        '"' * 100_000,
        '"' + "\\" * 100_001,
        "}" * 100_000,
        "machine M {" + "\n}" * 50_000,
        "a " * 100_000,
        "const X = " + "9" * 1_000_000,
        "/*" * 100_000,
        "machine M { receives " + "A, " * 20_000 + "B",
    ],
    ids=lambda text: text[:12].strip(),
)
def test_no_text_takes_longer_than_its_length(text: str) -> None:
    def told() -> None:
        with suppress(SpecError):
            read("protocol P\n" + text)

    assert cpu_seconds(told) < 3


# ---------------------------------------------------------------- files


def test_a_file_is_decoded_or_refused_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.proto"
    path.write_bytes(b"\xef\xbb\xbfprotocol P\r\n")
    assert read_source(str(path)).text == "protocol P\r\n"
    for data, kind in ((b"a\xff", "not text"), (b"a" * (5 << 20), "too large")):
        path.write_bytes(data)
        with pytest.raises(SourceError) as caught:
            read_source(str(path))
        assert caught.value.kind == kind
    for missing in (str(tmp_path), str(tmp_path / "none"), "nul\0"):
        with pytest.raises(SourceError) as caught:
            read_source(missing)
        assert caught.value.kind == "unreadable"
    assert decode_source("a", b"").text == ""


# ---------------------------------------------------------------- the table


def test_only_properties_leave_lark_to_decide(caplog: pytest.LogCaptureFixture) -> None:
    # An expression there is followed by the next one: it goes as far as it can.
    def conflicts(grammar: str) -> str:
        caplog.clear()
        lark.Lark(grammar, parser="lalr", lexer="basic", start="file", debug=True)
        return caplog.text

    caplog.set_level(logging.DEBUG, "lark")
    assert "conflict" in conflicts(GRAMMAR)
    begun = r'\n    \| (expr LEADS_TO|happenings "before") .*'
    assert "conflict" not in conflicts(re.sub(begun, "", GRAMMAR))


def test_every_rule_has_its_method() -> None:
    for rule in table.load().rules:
        assert rule.name is None or callable(getattr(Builder, rule.name))


def test_the_kept_table_is_the_made_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = table.load.__wrapped__()
    (path,) = (tmp_path / "protogen").iterdir()
    assert path.name.startswith("grammar-")
    kept = table.load.__wrapped__()
    assert (kept.states, kept.rules, kept.terminals) == (made.states, made.rules, made.terminals)


@pytest.mark.parametrize("broken", ["", "{", "[]", "{}", json.dumps({"grammar": GRAMMAR})])
def test_a_broken_cache_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    table.load.__wrapped__()
    (kept,) = (tmp_path / "protogen").iterdir()
    kept.write_text(broken)
    assert table.load.__wrapped__().states
    assert json.loads(kept.read_text())["states"]


def test_no_cache_is_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(file))
    assert table.load.__wrapped__().states
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", _homeless)
    assert table.load.__wrapped__().states


def _homeless() -> Path:
    raise RuntimeError("no home")


def test_lark_is_imported_only_to_make_the_table() -> None:
    read("protocol P")
    code = (
        "import sys; from protogen_fsm.syntax.parse import parse;"
        "from protogen_fsm.source import Source; parse(Source('a', 'protocol P'));"
        "sys.exit('lark' in sys.modules)"
    )
    src = str(ROOT / "src")
    status = os.spawnve(
        os.P_WAIT, sys.executable, [sys.executable, "-c", code], {**os.environ, "PYTHONPATH": src}
    )
    assert status == 0


def test_every_node_of_the_tree_is_a_dataclass_with_a_docstring() -> None:
    nodes = [value for value in vars(tree).values() if isinstance(value, type)]
    for node in nodes:
        if node.__module__ == tree.__name__:
            assert is_dataclass(node)
            assert node.__doc__


def test_a_thousand_states_are_read_within_a_second() -> None:
    rows = "".join(f"on {event} -> S1 / send x(1)\n" for event in "ABCD")
    states = "\n".join(f"state S{n} {{\n{rows}}}" for n in range(1000))
    read("protocol P")
    text = f"protocol P\nmachine M {{\n{states}\n}}\n"
    assert cpu_seconds(lambda: read(text), rounds=3) < 1
