"""Expressions: what they mean, and what is said where they mean nothing."""

from __future__ import annotations

import pytest

from protogen_fsm.model import expressions as ex
from protogen_fsm.model.types import (
    BOOL,
    BYTES,
    INT,
    OBJECT,
    STR,
    ListOf,
    Range,
    Struct,
)
from resolved import codes, guard, in_session, one


@pytest.mark.parametrize(
    ("expression", "type_"),
    [
        ("level", Range(0, 7)),
        ("level + 1", INT),
        ("limit", INT),
        ("names", ListOf(STR)),
        ("names[0]", STR),
        ("names + [user]", ListOf(STR)),
        ("raw[0]", Range(0, 255)),
        ("user + str(level)", STR),
        ("bytes(user) + \"x\"", BYTES),
        ("item.name", STR),
        ("Item(user, level)", Struct),
        ("min(level, 3)", INT),
        ("size(raw)", INT),
        ("lower(user)", STR),
        ("hex(raw)", STR),
        ("dotted(raw)", BYTES),
        ("xor(raw, raw)", BYTES),
        ("number(user, \"SIZE=\")", INT),
        ("thing", OBJECT),
    ],
)  # fmt: skip
def test_an_expression_has_a_type(expression: str, type_: object) -> None:
    declared = """var names: list[str] = []
        var raw: bytes = "" var item: Item var thing: object"""
    found = guard(f"{expression} == {expression}", declared, "struct Item { name: str size: int }")
    assert isinstance(found, ex.Op)
    left = found.operands[0]
    assert left.type == type_ or isinstance(left.type, Struct)


def test_literals_are_computed() -> None:
    found = guard("level > 2 + 3 * 4")
    assert isinstance(found, ex.Op)
    assert isinstance(found.operands[1], ex.Value)
    assert found.operands[1].value == 14


def test_text_beside_bytes_is_bytes() -> None:
    found = guard('"\\r\\n" in raw', 'var raw: bytes = ""')
    assert isinstance(found, ex.Op)
    assert isinstance(found.operands[0], ex.Value)
    assert found.operands[0].value == b"\r\n"


def test_a_predicate_is_asked() -> None:
    found = guard("known(user)", "predicate known(name: str)")
    assert isinstance(found, ex.Ask)
    assert found.type == BOOL


def test_none_fits_what_may_lack() -> None:
    found = guard("last == none", "var last: str? = none")
    assert isinstance(found, ex.Op)
    assert found.type == BOOL


def test_a_parameter_hides_a_variable_and_that_a_constant() -> None:
    assert isinstance(guard('user == ""', 'var user: str = ""'), ex.Op)
    found = guard("x == 1", "var x: int = 2", "const x = 3")
    assert isinstance(found, ex.Op)
    assert isinstance(found.operands[0], ex.Var)


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("usr == \"\"", "PG103"),
        ("self.nothing == 1", "PG103"),
        ("user", "PG106"),
        ("user == 1", "PG106"),
        ("user < level", "PG106"),
        ("user + 1 == \"\"", "PG106"),
        ("not user", "PG106"),
        ("level and true", "PG106"),
        ("level in user", "PG106"),
        ("-user == 1", "PG106"),
        ("level[0] == 1", "PG106"),
        ("user.name == 1", "PG108"),
        ("sise(user) == 1", "PG108"),
        ("size(level) == 1", "PG106"),
        ("size() == 1", "PG107"),
        ("size(user, user) == 1", "PG107"),
        ("min() == 1", "PG107"),
        ("lower(level) == user", "PG106"),
        ("Session", "PG103"),
        ("a == Reason.lost", "PG103"),
        ("lost == Reason.last", "PG103"),
    ],
)  # fmt: skip
def test_one_mistake_in_an_expression_is_said_once(expression: str, code: str) -> None:
    before = "enum Reason { lost, refused }"
    assert (
        one(in_session(f"on login(user, level) when {expression} -> DONE", "", before)).code == code
    )


def test_an_unbound_parameter_is_offered_to_be_bound() -> None:
    found = one(in_session("on login -> DONE / emit told(user)"))
    assert found.code == "PG103"
    assert found.help == "bind the event's parameter: `on login(user)`"


def test_a_member_of_two_enums_must_say_which() -> None:
    enums = "enum A { lost }\nenum B { lost }"
    assert one(in_session("on login when lost == lost -> DONE", "", enums)).code == "PG103"
    assert codes(in_session("", "var a: A = lost\nvar b: B = B.lost", enums)) == []
