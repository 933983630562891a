"""Laws of the whole way: whatever the text, a diagnostic or harmless code, never a traceback."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from protogen_fsm import pipeline
from protogen_fsm.backends.backend import find
from protogen_fsm.diagnostics import SpecError
from protogen_fsm.diagnostics.render import FORMATS, render
from protogen_fsm.source import Source
from protogen_fsm.syntax.tokens import scan
from timing import cpu_seconds

if TYPE_CHECKING:
    from protogen_fsm.diagnostics import Diagnostic

ROOT = Path(__file__).parent.parent
SHIPPED = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for folder in ("specs", "templates/init")
    for path in sorted((ROOT / folder).glob("*.proto"))
}

patient = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@cache
def usual(path: str) -> float:
    """How long the check of a shipped spec takes, in seconds of this process's time."""
    source = Source(path, SHIPPED.get(path, SHIPPED["specs/smtp.proto"]))
    return cpu_seconds(lambda: pipeline.check(source))


def told(path: str, text: str) -> tuple[Diagnostic, ...]:
    """What is said of a text, in a second, or thrice what the shipped spec takes."""
    limit = max(1, 3 * usual(path))
    found: tuple[Diagnostic, ...] = ()

    def check() -> None:
        nonlocal found
        found = pipeline.check(Source(path, text))

    assert cpu_seconds(check) < limit
    for form in FORMATS:
        assert render(form, found) or not found
    return found


@st.composite
def slips(draw: st.DrawFn) -> tuple[str, str]:
    """A shipped spec in which a token was deleted, doubled, or swapped with the next."""
    path = draw(st.sampled_from(sorted(SHIPPED)))
    text = SHIPPED[path]
    tokens = list(scan(text))
    at = draw(st.integers(0, len(tokens) - 2))
    first, second = tokens[at], tokens[at + 1]
    head, tail = text[: first.start], text[second.end :]
    between = text[first.end : second.start]
    slip = draw(st.sampled_from(["deleted", "doubled", "swapped"]))
    if slip == "deleted":
        return path, head + between + second.text + tail
    if slip == "doubled":
        return path, f"{head}{first.text} {first.text}{between}{second.text}{tail}"
    return path, head + second.text + between + first.text + tail


@settings(patient, max_examples=50)
@given(slips())
def test_a_slip_in_a_shipped_spec_is_told_in_no_time(slip: tuple[str, str]) -> None:
    path, text = slip
    assume(text != SHIPPED[path])
    if any(diagnostic.severity == "error" for diagnostic in told(path, text)):
        return
    # What is no error must be a spec still: it can be built, or is refused with a place.
    try:
        files = pipeline.build(Source(path, text), find("python"))
    except SpecError as refused:
        codes = {diagnostic.code[:3] for diagnostic in refused.diagnostics}
    else:
        codes = {"PG9"}
        for file in files:
            ast.parse(file.text)
    assert codes == {"PG9"}


@patient
@given(st.sampled_from(sorted(SHIPPED)), st.data())
def test_a_shipped_spec_cut_off_anywhere_is_told(path: str, data: st.DataObject) -> None:
    text = SHIPPED[path]
    cut = data.draw(st.integers(0, len(text.rstrip()) - 1))
    assert told(path, text[:cut]) or not text[:cut].rstrip().endswith("{")


@patient
@given(st.text() | st.text(alphabet='{}()[]"\\/#|->.,:*= \n0123456789abc'))
def test_any_text_is_told_what_is_wrong_with_it(text: str) -> None:
    assert told("any.proto", text)
    assert told("any.proto", "protocol P\nmachine M {\n" + text)


# ---------------------------------------------------------------- hostile specs

WORD = "__import__('os').system('false')"

TEXTS = [
    '"""',
    "'''",
    '"""\n' + WORD + '\n"""',
    "'''\n" + WORD + "\n'''",
    "\\",
    "ends in \\",
    '"',
    '\\"""',
    "\n" + WORD,
    "\r" + WORD,
    "\x85" + WORD,
    "\u2028" + WORD,
    "\0",
    "\ufeff",
    "\u202e" + WORD,  # right to left
    "{{ 7 * 7 }}{% for x in y %}",
    "%s{0}$x`",
    "\ud7ff\U0010ffff",
    "# type: ignore",
    "-->",
    "*/",
]

NAMES = [
    "__init__",
    "__import__",
    "__getattr__",
    "class",
    "self",
    "print",
    "state",
    "_busy",
    "Machine",
    "Lines",
    "open",
    "close",
    "type",
    "str",
    "annotations",
    "error",
    "answer",
    "kept",
    "super",
    "encode_TOLD",
    "\uff41",  # a name that Python takes for `a`
    "\ufb01",
    "a\u200b",
]


def spec(name: str = "X", text: str = "x", where: str = "") -> str:
    """A spec that says `text` in each place for a text, and `name` in one place for a name."""

    def at(place: str, usual: str) -> str:
        return name if place == where else usual

    quoted = '"' + "".join(map(_escaped, text)) + '"'
    protocol, message, field = at("protocol", "P"), at("message", "ASK"), at("field", "what")
    machine, state, variable = at("machine", "Server"), at("state", "READY"), at("variable", "kept")
    outcome, event, param = at("outcome", "fine"), at("event", "asked"), at("parameter", "whom")
    enum, member, const = at("enum", "Colour"), at("member", "red"), at("constant", "LIMIT")
    return f"""
protocol {protocol} {quoted}
use Lines from "lines.proto"
const {const} = {quoted}
enum {enum} {quoted} {{ {member}, green }}
struct {at("struct", "Pair")} {quoted} {{ {at("struct_field", "left")}: str }}
message {message}({field}: str) {quoted} = "ASK " {field}
message TOLD(text: str) = "TOLD " text
machine {machine}({param}: str) over Lines {quoted} {{
    receives {message}
    sends    TOLD
    emits    {event}({field}: str)
    allow never_used "the corpus declares what it does not use"
    var {variable}: str = {quoted}
    initial state {state} {quoted} {{
        on {message}({field}) when {field} == {quoted}
            | {outcome}               / emit {event}({const}), {variable} = {field}
            | other({field}: str)     / send TOLD({field}), {variable} = {quoted} + {param}
        on {message}({field})         / send TOLD({variable}), emit {event}({field})
        on *        -> CLOSED
        after 1min  -> CLOSED
    }}
    final state CLOSED {quoted}
}}
"""


PLACES = [
    "protocol",
    "message",
    "field",
    "machine",
    "state",
    "variable",
    "outcome",
    "event",
    "parameter",
    "enum",
    "member",
    "constant",
    "struct",
    "struct_field",
]


def _escaped(char: str) -> str:
    named = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r"}
    return named.get(char) or (char if char.isprintable() else f"\\U{ord(char):08x}")


def built(text: str) -> str | None:
    """The module, or None if a diagnostic says why there is none."""
    try:
        (file,) = pipeline.build(Source("hostile.proto", text), find("python"))
    except SpecError as refused:
        for form in FORMATS:
            render(form, refused.diagnostics)
        return None
    compile(file.text, "hostile.py", "exec")
    return file.text


def shape(module: str) -> str:
    """The module's syntax with every constant text left out, and what it takes of the runtime."""
    tree = ast.parse(module)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("protogen_fsm.runtime"):
            node.names.clear()
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            node.value = type(node.value)()
    return ast.dump(tree)


def test_the_corpus_is_built_where_it_is_harmless() -> None:
    assert built(spec()) is not None


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_a_text_changes_nothing_but_texts_in_the_code(text: str) -> None:
    module = built(spec(text=text))
    usual = built(spec(text="x"))
    assert usual is not None
    if module is not None:
        assert shape(module) == shape(usual)
        ns: dict[str, object] = {"__name__": "hostile"}
        exec(compile(module, "hostile.py", "exec"), ns)
        assert ns["LIMIT"] == text


@patient
@given(st.text())
def test_any_text_is_but_a_text_in_the_code(text: str) -> None:
    module, usual = built(spec(text=text)), built(spec(text="x"))
    assert usual is not None
    assert module is None or shape(module) == shape(usual)


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_is_told_or_changes_nothing_but_itself(name: str, where: str) -> None:
    module = built(spec(name, where=where))
    if module is None:
        return
    ns: dict[str, object] = {"__name__": "hostile"}
    exec(compile(module, "hostile.py", "exec"), ns)
    server = ns[name if where == "machine" else "Server"]
    assert isinstance(server, type)
    made = server("me")
    made.open()
    made.receive_data(b"ASK y\r\n")
    assert made.data_to_send() == b"TOLD x\r\n"
    assert [event.args for event in made.events()] == [("y",)]
