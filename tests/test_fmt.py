"""Tree to text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protogen_fsm.syntax.fmt import format
from protogen_fsm.syntax.tokens import brackets_and_comments, scan
from trees import comments, read, said

ROOT = Path(__file__).parent.parent
SPECS = sorted([*ROOT.glob("specs/**/*.proto"), *ROOT.glob("tests/specs/*.proto")])


def fmt(text: str) -> str:
    return format(read(text))


def in_machine(text: str) -> str:
    """The canonical form of a machine's insides."""
    lines = fmt(f"protocol P\nmachine M {{\n{text}\n}}\n").split("\n")
    return "\n".join(line[4:] for line in lines[3:-2])


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_a_formatted_spec_says_the_same_and_stays_as_it_is(path: Path) -> None:
    file = read(path.read_text("utf-8"))
    printed = format(file)
    assert said(read(printed)) == said(file)
    assert comments(read(printed)) == comments(file)
    assert fmt(printed) == printed


@given(st.data())
@settings(deadline=None, max_examples=20)
def test_no_layout_of_white_space_and_comments_changes_what_is_said(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(SPECS))
    text = path.read_text("utf-8")
    tokens = [token.text for token in scan(text)]
    random = data.draw(st.randoms(use_true_random=False))
    gaps = [" ", " ", " ", "\n", "\n\n\n", "  # so\n", "\n# so\n", " #\n\n"]
    shaken = "".join(token + random.choice(gaps) for token in tokens)
    file = read(shaken)
    printed = format(file)
    assert said(read(printed)) == said(read(text))
    assert comments(read(printed)) == comments(file)
    assert fmt(printed) == printed
    assert "\n\n\n" not in printed


def test_arrows_and_slashes_stand_in_columns_over_a_state_and_those_in_it() -> None:
    text = """
state A {
on NOOP / send 250("OK")
on RSET -> B / send 250
after 5min -> LONGEST
state B { on MAIL(x)
| accept -> A / x = 1
| reject(text: str) / send 550(text) } }
state C { on Q -> A / close }
"""
    assert (
        in_machine(text)
        == """\
state A {
    on NOOP                     / send 250("OK")
    on RSET          -> B       / send 250
    after 5min       -> LONGEST
    state B {
        on MAIL(x)
            | accept -> A       / x = 1
            | reject(text: str) / send 550(text)
    }
}
state C {
    on Q -> A / close
}"""
    )


def test_what_follows_a_long_head_stands_on_the_next_line() -> None:
    text = (
        "state A { on B -> A / close on B(recipient) when size(recipient) > 1000 and "
        "recipient != other -> A / close }"
    )
    assert (
        in_machine(text)
        == """\
state A {
    on B -> A / close
    on B(recipient) when size(recipient) > 1000 and recipient != other
         -> A / close
}"""
    )


def test_many_actions_go_on_below_the_first() -> None:
    action = 'send Reply(250, "a line of some length")'
    printed = in_machine(f"state A {{ on B / {action}, {action}, {action}, {action} }}")
    first, second = printed.split("\n")[1:3]
    assert first.index("send") == second.index("send")
    assert max(map(len, printed.split("\n"))) <= 120


def test_faces_are_aligned_and_long_ones_wrapped() -> None:
    names = ", ".join(f"EVENT{n}" for n in range(20))
    printed = in_machine(f"receives {names}\nsends B\nemits C(x: int)\naccepts D\nstate S")
    assert [line[:9] for line in printed.split("\n")] == [
        "receives ",
        "         ",
        "sends    ",
        "emits    ",
        "accepts  ",
        "state S",
    ]


def test_messages_side_by_side_have_their_patterns_in_a_column() -> None:
    text = 'protocol P\nmessage A = "A"\nmessage BB(x: int) "doc" = x\n\nmessage C = "C"'
    assert fmt(text) == (
        'protocol P\n\nmessage A                = "A"\n'
        'message BB(x: int) "doc" = x\n\nmessage C = "C"\n'
    ).replace("protocol P\n\n", "protocol P\n")


def test_comments_stay_where_they_stood() -> None:
    text = """\
# about the file

protocol P  # its name

# about M
machine M {  # opens
    # about A
    receives A  # trails

    # about S
    state S {
        on A  # may be anything
            # first
            | yes -> S  # again
            | no
        # last in S
    }  # closes
    # last in M
}
# last
"""
    assert fmt(text) == text


def test_a_comment_within_a_line_goes_above_it() -> None:
    assert in_machine("receives A,  # one\nB  # two\nstate S") == (
        "# one\nreceives A, B  # two\nstate S"
    )


def test_at_most_one_blank_line_is_kept_and_none_at_the_edges_of_braces() -> None:
    assert in_machine("\n\nreceives A\n\n\n\nstate S {\n\non A\n\n\non B\n\n}\n\n") == (
        "receives A\n\nstate S {\n    on A\n\n    on B\n}"
    )


def test_escapes_stay_readable() -> None:
    text = 'protocol P\nconst X = "\\r\\n\\x09\\u00e9\\x00\\x7f\\\\\\""\n'
    assert fmt(text) == 'protocol P\nconst X = "\\r\\n\\té\\x00\\x7f\\\\\\""\n'


def test_numbers_keep_their_units() -> None:
    text = "protocol P\nconst X = [60s, 1min, 64KiB, 65536, 0x1f, 1.50]\n"
    assert fmt(text) == text


def test_parentheses_stand_only_where_they_are_needed() -> None:
    guard = "((a) or (b and (not (c)))) and (x - (y - z)) * 2 == (-w).f[(0)]"
    assert "when (a or b and not c) and (x - (y - z)) * 2 == (-w).f[0]" in in_machine(
        f"state S {{ on A when {guard} }}"
    )


def test_brackets_in_strings_and_comments_are_none() -> None:
    text = 'a "(" # [\n( "x'
    assert [text[start:end] for start, end in brackets_and_comments(text)] == ["# [", "("]
