"""Whatever a spec calls its things: it is refused by name, or the module made of it can be run."""

from __future__ import annotations

import builtins
import keyword
import re
import warnings

from hypothesis import given, settings
from hypothesis import strategies as st

from protogen_fsm.backends.python import Backend
from protogen_fsm.checks import names
from protogen_fsm.pipeline import check, understand
from protogen_fsm.runtime import core
from protogen_fsm.source import Source

SPEC = """
protocol P "doc"

use Lines from "lines.proto"

const {LIMIT} = 5
struct {Entry} "doc" {{ {text}: str  {number}: int }}
enum {Mood} {{ {good}, {bad} }}
message {GO}({what}: str, {times}: int) = "GO " {what} " " {times}
message {ANSWER}({reply}: str?) = "AN" [" " {reply}]

machine {Server}({host}: str, {port}: int = {LIMIT}) over Lines(max: 100) {{
    receives {GO}
    sends    {ANSWER}
    accepts  {ask}({whom}: list[str], {how}: int), stop
    emits    {told}({entry}: {Entry}, {count}: int)
    var {total}: int = 0
    var {entries}: list[{Entry}] = []
    timer {tick} = 5s
    predicate {known}({user}: int)
    action {note}({said}: str)

    initial state {FIRST} {{
        on {ask}({who}, {many}) when {many} > 3 and {known}({many})
            | {reject}                        / send {ANSWER}(str(size({who})))
            | {accept}({why}: str, {mark}: int)
                      -> {SECOND}({mark})     / self.{total} = {mark} + max({mark}, 3), send {ANSWER}({why}), {note}({why}), start {tick}
        on {GO}({word}, {amount}) -> {SECOND}({amount}) / self.{total} += {amount}, raise {again}({amount})
        on stop       -> {LAST}
        after 30s     -> {LAST}
    }}
    state {SECOND}({left}: int) {{
        on {again}({more})                    / self.{entries} += [{Entry}(str({more}), {left})], emit {told}({Entry}("a", min({left}, 5)), {more})
        on {tick}     -> {FIRST}              / {left} += 1
        on *                                  / send {ANSWER}("x")
        after 30s     -> {LAST}
    }}
    final state {LAST}
}}
"""  # noqa: E501
THINGS = sorted(set(re.findall(r"(?<!\{)\{(\w+)\}(?!\})", SPEC)))
NAMES = sorted(
    {"self", "cls", "answer", "frame", "args", "Entry", "Accept", "Server", "Lines", "line", "ask"}
    | {"__init__", "__slots__", "__class__", "_rows", "_answer", "do_FIRST_ask", "emit_told"}
    | {"_SECOND_left", "SECOND", "FIRST_ask", "timeout", "default", "encode_GO", "_GO", "Awaitable"}
    | set(keyword.kwlist) | set(keyword.softkwlist) | names.RUNTIME | names.MODULE | names.TYPES
    | {name for name in dir(core.StreamMachine) if name.isidentifier()}
    | {name for name in dir(builtins) if name.isidentifier()}
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(st.sampled_from(THINGS), st.sampled_from(NAMES), min_size=1, max_size=2))
def test_a_name_is_refused_or_can_be_borne(chosen: dict[str, str]) -> None:
    source = Source("hostile.proto", SPEC.format(**{**{n: n for n in THINGS}, **chosen}))
    if any(diagnostic.severity == "error" for diagnostic in check(source)):
        return
    (file,) = Backend().render(understand(source))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        code = compile(file.text, file.path, "exec")
    exec(code, {"__name__": "hostile"})


def test_the_spec_without_such_names_is_right() -> None:
    source = Source("hostile.proto", SPEC.format(**{n: n for n in THINGS}))
    assert [diagnostic.code for diagnostic in check(source)] == ["PG208"]
