"""`protogen skeleton`, asked again, adds what is new, and every other byte is as it was."""

from __future__ import annotations

import ast
import re
import sys
from difflib import SequenceMatcher
from functools import cache
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generated import made
from protogen_fsm import pipeline
from protogen_fsm.backends.python import skeleton
from protogen_fsm.source import Source

SPEC = """protocol Talk "How two talk"
struct Word {{ text: str }}
machine Speaker "Who speaks." {{
    accepts ask(what: str), tell(words: list[Word]), bye{events}
    emits   said(word: Word){emits}
    predicate knows(what: str)
    initial state A "first" {{
        on ask(what) when knows(what) | well | badly(why: str) -> B
        on tell(words) | well / emit said(words[0])
        {rows}
    }}
    state B {{ on ask(what) | well | badly(why: str) -> A   on bye -> END }}
    final state END
}}
machine Other {{ accepts go  initial state A {{ on go | yes -> END | no }}  final state END }}
"""
OLD = SPEC.format(events="", emits="", rows="")
NEW = SPEC.format(
    events=", shout(what: str)",
    emits=", heard",
    rows="on shout(what) | well | louder(by: int) / emit heard",
)
HANDLERS = ["do_A_ask", "do_A_tell", "do_B_ask", "knows", "emit_said"]
FRESH = ["do_A_shout", "emit_heard"]
ALL = ["do_A_ask", "do_A_tell", "do_A_shout", "do_B_ask", "knows", "emit_said", "emit_heard"]


@cache
def model(text: str) -> Any:
    return pipeline.understand(Source("talk.proto", text))


def first() -> str:
    return skeleton.render(model(OLD), "talk")


def extended(text: str, spec: str = NEW) -> str:
    return skeleton.extend(text, model(spec), "talk")


def run(text: str, spec: str = NEW, **modules: Any) -> dict[str, Any]:
    """The user's file, run: its handlers are wired, or refused."""
    talk = made(spec, "talk.proto")
    kept = {name: sys.modules.get(name) for name in ("talk", "app", "app.talk")}
    package = ModuleType("app")
    package.talk = talk  # type: ignore[attr-defined]
    package.__path__ = []
    sys.modules.update({"talk": talk, "app": package, "app.talk": talk})
    try:
        ns: dict[str, Any] = {"__name__": "app.mine", "__package__": "app"}
        exec(compile(text, "mine.py", "exec"), ns)
    finally:
        for name, module in kept.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
    return ns


def only_adds(before: str, after: str) -> None:
    """Whether what was there is there, in order, and what is new stands in few whole runs."""
    kept = iter(after)
    assert all(char in kept for char in before)
    runs = SequenceMatcher(None, _lines(before), _lines(after), False).get_opcodes()
    assert "delete" not in {op[0] for op in runs}
    for tag, a, b, _, _ in runs:
        if tag == "replace":  # the last line has no end, or the class is one line
            assert (b == len(_lines(before)) and b - a == 1) or "class Mine" in _lines(before)[a]


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", text)


def methods(text: str, name: str = "Speaker") -> list[str]:
    tree = ast.parse(text)
    (found,) = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name]
    return [item.name for item in found.body if isinstance(item, ast.FunctionDef)]


def test_a_skeleton_has_what_decides_something_and_runs_as_it_is() -> None:
    text = first()
    assert methods(text) == HANDLERS
    assert methods(text, "Other") == ["do_A_go"]
    one = run(text, OLD)["Speaker"]()
    one.tell([1])
    assert "list[talk.Word]" in text


def test_asked_again_it_adds_nothing() -> None:
    assert extended(first(), OLD) == first()


def test_asked_after_the_spec_has_grown_it_adds_what_is_new() -> None:
    text = extended(first())
    assert methods(text) == HANDLERS + FRESH
    only_adds(first(), text)
    assert extended(text) == text
    run(text)


# ---------------------------------------------------------------- what users make of it


def bodies(text: str, indent: str) -> str:
    return "".join(
        indent * (len(m[1]) // 4) + m[2]
        for line in _lines(text)
        if (m := re.fullmatch(r"((?:    )*)(.*)", line, re.DOTALL))
    )


EDITS = {
    "CR LF": lambda text: text.replace("\n", "\r\n"),
    "CR": lambda text: text.replace("\n", "\r"),
    "tabs": lambda text: bodies(text, "\t"),
    "two spaces": lambda text: bodies(text, "  "),
    "no final newline": lambda text: text.rstrip("\n"),
    "comments": lambda text: text.replace("    def ", "    # mine\n    def ") + "# at the end\n",
    "a comment that ends the class": lambda text: text.replace(
        "\n\nclass Other", "    # the end of Speaker\n\nclass Other"
    ),
    "decorators": lambda text: text.replace("    def ", "    @staticmethod\n    def "),
    "a nested class": lambda text: text.replace(
        '"""Who speaks."""',
        '"""Who speaks."""\n\n    class Inner:\n        def do_A_shout(self): ...',
    ),
    "odd strings": lambda text: text.replace(
        "return False", 'return "\\u2028 \u2028 \x85 \x1c" == """\n\nclass Speaker:\n    pass\n"""'
    ),
    "form feeds": lambda text: text.replace("class Other", "\f\nclass Other"),
    "continued lines": lambda text: text.replace("return False", "return \\\n        False"),
    "statements behind the classes": lambda text: (
        text + "\n\nif __name__ == '__main__':\n    pass\n"
    ),
    "no annotations from the future": lambda text: text.replace(
        "from __future__ import annotations\n", ""
    ),
    "another name for the module": lambda text: text.replace(
        "import talk\n", "import talk as t\n"
    ).replace("talk.", "t."),
    "names of the module": lambda text: (
        text.replace(
            "import talk\n",
            "from talk import Speaker as Base, Other as Last, Well, Badly, Word, Yes, No\n",
        )
        .replace("talk.Speaker", "Base")
        .replace("talk.Other", "Last")
        .replace("talk.", "")
    ),
    "a module of a package": lambda text: text.replace("import talk\n", "from . import talk\n"),
    "a module by its whole name": lambda text: (
        text.replace("import talk", "import app.talk")
        .replace("talk.", "app.talk.")
        .replace("app.app.", "app.")
    ),
    "async handlers": lambda text: text.replace("def do_", "async def do_"),
    "a handler that is assigned": lambda text: text.replace(
        "    def emit_said", "    do_A_shout = emit_heard = None\n\n    def emit_said"
    ),
    "a more general handler": lambda text: text.replace(
        "    def emit_said", "    def do_shout(self, what): ...\n\n    def emit_said"
    ),
    "bytes of other scripts": lambda text: text.replace("Who speaks", "Wer spricht? Grüße, 你好"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_what_the_user_made_of_it_stays(edit: str) -> None:
    before = EDITS[edit](first())
    assert before != first()
    after = extended(before)
    only_adds(before, after)
    assert extended(after) == after
    ns = run(after)
    has = vars(ns["Speaker"])
    assert set(HANDLERS) <= set(has)
    if edit != "a more general handler":
        assert set(FRESH) <= set(has)
    if edit in ("CR LF", "CR"):
        ends = set(re.findall(r"\r\n|\r|\n", after))
        assert ends == {"\r\n" if edit == "CR LF" else "\r"}


def test_a_class_on_one_line_is_opened() -> None:
    before = "import talk\nclass Mine(talk.Speaker): x = '你'; y = 1\nz = 2"
    after = extended(before)
    only_adds(before, after)
    assert methods(after, "Mine") == ALL
    assert run(after)["z"] == 2


def test_a_machine_without_a_class_gets_one_at_the_end() -> None:
    before = "# nothing yet"
    after = extended(before)
    assert after.startswith("import talk\n# nothing yet\n")
    assert methods(after) == ALL
    run(after)
    assert extended(after) == after


def test_a_class_that_stands_on_the_user_s_own_is_left_alone() -> None:
    before = first() + "\n\nclass Loud(Speaker):\n    pass\n"
    after = extended(before)
    assert methods(after, "Loud") == []
    assert methods(after) == HANDLERS + FRESH


def test_what_is_no_python_is_refused_with_its_line() -> None:
    with pytest.raises(skeleton.SkeletonError) as caught:
        extended("import talk\n\nclass {")
    assert caught.value.line == 3


@settings(deadline=None, max_examples=120)
@given(
    st.lists(st.sampled_from(sorted(EDITS)), max_size=4),
    st.sets(st.sampled_from(HANDLERS)),
)
def test_any_edits_together_stay(edits: list[str], removed: set[str]) -> None:
    text = first()
    for name in removed:
        text = re.sub(
            rf"\n    def {name}\(.*?(?=\n    def |\n\n\nclass )", "", text, flags=re.DOTALL
        )
    for edit in edits:
        changed = EDITS[edit](text)
        try:
            ast.parse(changed)
        except SyntaxError:
            continue
        text = changed
    after = extended(text)
    only_adds(text, after)
    assert extended(after) == after
    has = {name for node in ast.walk(ast.parse(after)) for name in _names(node)}
    assert set(HANDLERS) - {"do_B_ask"} <= has


def _names(node: ast.AST) -> list[str]:
    return [node.name] if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else []
