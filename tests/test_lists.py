"""Lists made of lists: `[made for name in source if kept]`, `sum`, `lines`."""

from __future__ import annotations

import pytest

from generated import fed, machine, told
from protogen_fsm.diagnostics import SpecError
from protogen_fsm.pipeline import understand
from protogen_fsm.runtime.errors import LocalProtocolError
from protogen_fsm.runtime.values import lines
from protogen_fsm.source import Source
from protogen_fsm.syntax.fmt import format
from protogen_fsm.syntax.parse import parse

HEAD = "struct Mail { number: int size: int }"


def asked(said: str, answers: str = "list[int]", *args: object, vars: str = "") -> object:
    """What `emit answer(said)` gives, where the mails are 1 to 3, of 10, 20 and 30 bytes."""
    module = machine(
        f"""accepts ask(given: int) emits answer(value: {answers})
        var mails: list[Mail] = []
        var gone: list[int] = [2]
        {vars}
        initial state READY {{
            entry -> NEXT / mails += [Mail(1, 10)], mails += [Mail(2, 20)], mails += [Mail(3, 30)]
        }}
        state NEXT {{ on ask(given) / emit answer({said}) }}""",
        before=HEAD,
    )
    one = module.M()
    one.ask(*args or (1,))
    ((_, value),) = told(one)
    return value


def test_a_list_is_made_of_each_item_of_another() -> None:
    assert asked("[m.size for m in mails]") == [10, 20, 30]


def test_only_the_items_for_which_the_condition_holds_are_taken() -> None:
    assert asked("[m.size for m in mails if not m.number in gone]") == [10, 30]
    assert asked("[m.size for m in mails if m.number > given]", "list[int]", 2) == [30]


def test_lists_may_be_gone_through_within_each_other() -> None:
    said = "[sum([n.size for n in mails if n.number <= m.number]) for m in mails]"
    assert asked(said) == [10, 30, 60]
    said = "[[m.size * n for n in gone if n < m.number] for m in mails]"
    assert asked(said, "list[list[int]]") == [[], [], [60]]
    assert asked("[m for m in [m.size for m in mails] if m > 10]") == [20, 30]


@pytest.mark.parametrize(
    "name", ["cls", "class", "str", "sum", "len", "Mail", "lambda", "answer", "given", "mails"]
)
def test_an_item_may_be_called_anything(name: str) -> None:
    said = f"[str({name}.size) for {name} in mails if {name}.number > 1]"
    assert asked(said, "list[str]") == ["20", "30"]


def test_an_item_hides_what_has_its_name_and_not_for_longer() -> None:
    assert asked("[given.size for given in mails] + [given]") == [10, 20, 30, 1]


def test_the_sum_of_nothing_is_nought() -> None:
    assert asked("sum([m.size for m in mails if m.size > 99])", "int") == 0
    assert asked("sum([m.size for m in mails])", "int") == 60


def test_lines_end_in_cr_lf_each() -> None:
    said = 'lines([str(m.number) + " " + str(m.size) for m in mails])'
    assert asked(said, "bytes") == b"1 10\r\n2 20\r\n3 30\r\n"
    assert lines([]) == b""


@pytest.mark.parametrize("text", ["a\r\nb", "a\n", "\r", "a\rb\n"])
def test_a_line_holds_no_line_end(text: str) -> None:
    with pytest.raises(LocalProtocolError):
        lines(["fine", text])


@pytest.mark.parametrize(
    "said", ["[m for m in x]", "[[n + 1 for n in m] for m in x + y if m != [] and size(m) in [1]]"]
)
def test_fmt_prints_it_as_it_was_written(said: str) -> None:
    text = f"protocol P\n\nmachine M {{\n    var a: list[int] = {said}\n}}\n"
    assert said in format(parse(Source("p.proto", text)))


@pytest.mark.parametrize(
    ("said", "code", "title"),
    [
        ("[m for m in given]", "PG106", "`int` has no items to go through"),
        ("[m.weight for m in mails]", "PG108", "`Mail` has no field `weight`"),
        ("[n.size for m in mails]", "PG103", "nothing is named `n` here"),
        ("[m.size for m in mails if m.size]", "PG106", "what chooses the items must be `bool`"),
        ("[m for m in mails]", "PG106", "must be `list[int]`, not `list[Mail]`"),
        ("sum(given)", "PG106", "`sum` takes a list of numbers"),
        ("lines(mails)", "PG106", "`lines` takes a list of texts"),
    ],
)
def test_what_fits_nowhere_is_told(said: str, code: str, title: str) -> None:
    with pytest.raises(SpecError) as problem:
        asked(said)
    (one,) = problem.value.diagnostics
    assert one.code == code
    assert title in one.title


def test_a_first_value_made_of_a_list_must_be_known_beforehand() -> None:
    with pytest.raises(SpecError) as problem:
        understand(Source("p.proto", "protocol P\nconst A = [1]\nconst B = [x for x in A]"))
    assert problem.value.diagnostics[0].code in ("PG103", "PG110")


def test_a_listing_is_a_block_of_lines() -> None:
    module = machine(
        """receives LIST sends octets
        initial state READY {
            on LIST -> READY / send octets(dotted(lines(["." + str(n) for n in [1, 2]])))
        }""",
        head=" over Lines",
        before='use Lines from "lines.proto"\nmessage LIST = "LIST"',
    )
    assert fed(module.M(), [b"LIST\r\n"]) == b"..1\r\n..2\r\n.\r\n"


def test_a_list_within_the_new_one_is_its_own() -> None:
    module = machine(
        """accepts go emits told(value: list[list[int]])
        var lists: list[list[int]] = [[1]]
        initial state READY { on go / emit told([x for x in lists]) }"""
    )
    one = module.M()
    one.go()
    ((_, value),) = told(one)
    value[0].append(2)
    assert one.lists == [[1]]
