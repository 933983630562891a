"""Hostile specs: no text of one becomes code, and none keeps the compiler busy.

Names are tests/test_hostile_names.py, texts in each place for a documentation or a value
tests/test_laws.py; here are texts in patterns and bombs, and a short part of tests/fuzz.py.
"""

from __future__ import annotations

import contextlib
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fuzz
from generated import ROOT, module_text, told
from mutations import Trial
from protogen_fsm import pipeline
from protogen_fsm.diagnostics import SpecError
from protogen_fsm.runtime.core import RemoteProtocolError
from protogen_fsm.source import Source
from servers import trials
from test_laws import shape
from timing import cpu_seconds

CALL = "canary()"
BREAKS = ('"', "'", '"""', "'''", "\\", "\n", "\r", "\x85", "\u2028", "\u2029", "\0", "#", "{", "}",
          "{{", "%}", ")", "(", " ", "b'", "\x0c", "\ufeff", CALL, f"\n{CALL}\n")  # fmt: skip


def quoted(text: str) -> str:
    """A text as a spec says it."""
    return json.dumps(text)


def spec(text: str) -> str:
    """A spec that says a text in the places where messages and frames have one."""
    said = quoted(text or "x")
    return f"""protocol P
message GO(t: str) {said} = {said} t ";" i{said}
message AT(t: str) = "AT " [{said}] t:r"[^;]*" ";"
machine M over bytes {said} {{
    receives GO, AT
    sends AT
    initial state A reads until({said}, 100) {said} {{
        on GO(t) when t in [{said}, "y"] / send AT(t + {said})
        on AT(t) when find(t, {said}) > 0 / send AT(replace(t, {said}, {said}))
        on * -> B
        after 1min -> B
    }}
    final state B
}}
"""


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(BREAKS) | st.text(max_size=3), max_size=6).map("".join))
def test_a_text_in_a_pattern_or_a_frame_is_but_a_text_in_the_code(text: str) -> None:
    called = []
    try:
        module = module_text(spec(text))
    except SpecError:
        return
    assert CALL not in "\n".join(shape(module).splitlines())
    namespace = {"__name__": "hostile", "canary": lambda: called.append(text)}
    exec(compile(module, "hostile.py", "exec"), namespace)
    one = namespace["M"]()  # type: ignore[operator]
    one.receive_open()
    with contextlib.suppress(RemoteProtocolError, UnicodeEncodeError):
        one.receive_data((text + text + ";" + text + text).encode())
    told(one)
    assert not called


def test_the_spec_of_these_texts_is_built() -> None:
    assert "class M" in module_text(spec("x"))
    assert "class M" in module_text(spec(CALL))


def test_a_naive_generator_runs_what_a_spec_says() -> None:
    text, called = f'"""\n{CALL}\n"""', []
    exec(f'def handler():\n    """{text}"""\n'.replace("\n    canary", "\ncanary"),
         {"canary": lambda: called.append(1)})  # fmt: skip
    assert called


ONE = "machine M { accepts a initial state A { on a when %s -> B on a -> B } final state B }"
BOMBS = {
    "parentheses": "const A = " + "(" * 20_000 + "1" + ")" * 20_000,
    "a long sum": "const A = " + "+".join(["1"] * 20_000),
    "a product": "const A = " + "*".join(["9999999999999999"] * 90),
    "negations": ONE % ("not " * 20_000 + "true"),
    "states in states": "machine M { " + "state S { " * 5000 + "}" * 5001,
    "groups in groups": "message G(t: str?) = " + "[" * 5000 + '"x"' + "]" * 5000,
    "groups of a regular expression": f'message G(t: str) = t:r"{"(" * 5000}{")" * 5000}"',
    "repeats of repeats": f'message G(t: str) = t:r"{"(" * 9}a{"{1000})" * 9}"',
    "an expression that takes for ever, of a constant": ONE % f'matches("{"a" * 60}", "(a+)+b")',
    "an enormous range": "machine M { accepts a(n: 0..999999999999999) initial state A { "
    "on a(n) when n * n == 4 and n > 9 -> B on a(n) when n != 3 -> B } final state B }",
    "guards of many truths": "machine M {{ accepts a({}) initial state A {{ on a({}) when {} -> B "
    "on a -> B }} final state B }}".format(
        ", ".join(f"b{n}: bool" for n in range(40)), ", ".join(f"b{n}" for n in range(40)),
        " and ".join(f"(b{n} or not b{n * 7 % 40})" for n in range(40)),
    ),
    "messages of many shapes": "message G = " + '["a"] ' * 400 + "\nmessage H = "
    + '["a"] ["b"] ' * 400,
    "regions": "machine M { accepts a initial state A { "
    + " ".join(f"region R{n} {{ initial state X{n} {{ on a -> Y{n} }} state Y{n} }}"
               for n in range(100)) + " } }",
    "a list as long as the world": "message B(a: list[int]) = { a: u8[999999999999] }",
    "bits": "message B(a: int) = { a: bits(999999999999) }",
    "a name": "const " + "A" * 1_000_000 + " = 1",
    "strings that are not closed": '"' * 30_000,
    "mistakes": "state -> " * 5000,
}  # fmt: skip


@pytest.mark.parametrize("what", BOMBS)
def test_a_bomb_keeps_the_compiler_for_no_time(what: str) -> None:
    source = Source("bomb.proto", "protocol P\n" + BOMBS[what])
    assert cpu_seconds(lambda: pipeline.check(source)) < 5


# ---------------------------------------------------------------- fuzzing


def test_whatever_the_corpus_holds_is_answered() -> None:
    for text in fuzz.corpus():
        fuzz.said(text, builds=True)


def test_a_regular_expression_of_which_python_warns_is_refused() -> None:
    for text in ('message G(t: str) = "a" t:r"[[a]"', ONE % 'matches("a", "[[a]")'):
        (told, *_) = pipeline.check(Source("spec.proto", "protocol P\n" + text))
        assert (told.code, told.label[:19]) == ("PG308", "Possible nested set")


@pytest.mark.parametrize("regex", [r"\u00e9", r"\N{DIGIT ONE}", "(?u)a", "(?i)a"])
def test_a_regular_expression_that_cannot_be_one_of_octets_is_refused(regex: str) -> None:
    """It was read as one of text, and the machine made of it fell over its first frame."""
    (told,) = pipeline.check(Source("s.proto", f'protocol P\nmessage G(t: str) = "a" t:r"{regex}"'))
    assert told.code == "PG308"


def test_texts_that_are_nearly_specs_are_answered() -> None:
    fuzz.compiler(400, seed=random.randrange(10**6))


@pytest.mark.parametrize("trial", trials(), ids=str)
def test_chunks_of_anything_move_no_machine_where_no_row_leads(trial: Trial) -> None:
    fuzz.machine(trial, 1000)


def test_a_move_that_no_row_makes_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = next(one for one in trials() if str(one) == "SMTP, server")
    table = fuzz.table(str(ROOT / "specs" / "smtp.proto"), "Server")
    monkeypatch.setattr(table, "moves", table.moves - {("READY", "ENVELOPE")})
    with pytest.raises(fuzz.Found, match="no row says so"):
        fuzz.machine(trial, 3000)


def test_a_traceback_of_the_compiler_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "judge", lambda spec: 1 / 0)
    with pytest.raises(fuzz.Found, match="ZeroDivisionError"):
        fuzz.said(fuzz.corpus()[0], builds=True)
