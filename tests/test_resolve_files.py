"""Constants, records, messages, and what one file uses of another."""

from __future__ import annotations

import pytest

from protogen_fsm.model import expressions as ex
from protogen_fsm.model import messages as ms
from protogen_fsm.model.types import (
    STR,
    Enum,
    ListOf,
    Optional,
    Range,
)
from resolved import FILES, codes, in_session, meant, one, said


# ---------------------------------------------------------------- types and constants
def test_constants_are_computed_in_whatever_order_they_stand() -> None:
    spec = meant(in_session("", before="const A = B * 2 + 1\nconst B = 32KiB\nconst T = 5min"))
    assert spec.constants["A"].value == 65537
    assert spec.constants["T"].value == 300


def test_a_range_may_end_at_constants() -> None:
    spec = meant(in_session("", "var x: LOW..HIGH - 1 = 5", "const LOW = 0\nconst HIGH = 9"))
    assert spec.machines["Session"].variables["x"].type == Range(0, 8)


def test_enums_structs_and_lists_are_types() -> None:
    spec = meant(
        in_session(
            "",
            "var why: Reason = lost\n var all: list[Item] = []\n var one: Item?",
            "enum Reason { lost, refused }\nstruct Item { name: str size: int }",
        )
    )
    variables = spec.machines["Session"].variables
    assert isinstance(variables["why"].type, Enum)
    initial = variables["why"].initial
    assert isinstance(initial, ex.Value)
    assert initial.value == "lost"
    assert variables["all"].type == ListOf(spec.structs["Item"])
    assert variables["one"].type == Optional(spec.structs["Item"])


@pytest.mark.parametrize(
    ("before", "code"),
    [
        ("const A = B + 1\nconst B = A", "PG120"),
        ("const A = A", "PG120"),
        ("struct A { b: B }\nstruct B { a: A }", "PG120"),
        ("const A = [1, 2][0]", "PG110"),
        ("const A = no_such", "PG103"),
        ("const A = 5 + \"x\"", "PG106"),
        ("const A = 7 % 0", "PG106"),
        ("enum E { a, b, a }", "PG104"),
        ("enum E { a }\nenum E { b }", "PG104"),
        ("struct S { a: int a: str }", "PG104"),
        ("message M(a: int, a: str) = a", "PG104"),
        ("message M(a: nonsense) = a", "PG111"),
        ("message M(a: 7..2) = a", "PG115"),
        ("message M(a: int) = b a", "PG108"),
        ("message M(a: int) = \"x\"", "PG307"),
        ("message M(a: str) = a \" \" a", "PG104"),
        ("message M(a: list[str]) = a", "PG106"),
        ("message M(a: int?) = a", "PG106"),
        ("message M(a: int) = [a]", "PG106"),
        ("message M(a: str) = a:r\"[\"", "PG308"),
        ("message M(a: str) = a:r\"(a|b)\\1\"", "PG308"),
        ("message M(a: str) = a:r\"(?P<x>a|b)(?P=x)\"", "PG308"),
        ("message M(a: str) = a:r\"(a)?(?(1)b|c)\"", "PG308"),
        ("message M(a: str) by b = a", "PG108"),
        ("message M(a: list[str]) by a", "PG106"),
        ("message M(a: str) by codec \"nowhere\"", "PG309"),
        ("allow nonsense \"no reason\"", "PG117"),
        ("allow wrong_type \"no reason\"", "PG117"),
        ("use Nothing from \"lines.proto\"", "PG109"),
        ("use Lines from \"nowhere.proto\"", "PG109"),
        ("use Lines from \"lines.proto\"\nconst Lines = 3", "PG104"),
    ],
)  # fmt: skip
def test_one_mistake_in_a_file_is_said_once(before: str, code: str) -> None:
    assert one(in_session("", before=before)).code == code


def test_a_chain_of_ten_thousand_constants_is_no_trouble() -> None:
    chain = "\n".join(f"const C{n} = C{n + 1} + 1" for n in range(10_000))
    spec = meant(in_session("", before=f"{chain}\nconst C10000 = 0"))
    assert spec.constants["C0"].value == 10_000


def test_constants_that_double_each_other_take_no_memory() -> None:
    lines = [
        'const A0 = "0123456789"',
        *(f"const A{n} = A{n - 1} + A{n - 1}" for n in range(1, 60)),
    ]
    assert codes(in_session("", before="\n".join(lines))) == ["PG110"]


def test_a_file_that_uses_itself_is_said_to() -> None:
    FILES["a.proto"] = 'protocol A\nuse X from "b.proto"\nmachine Y { initial state S }'
    FILES["b.proto"] = 'protocol B\nuse Y from "a.proto"\nmachine X { initial state S }'
    found = said('protocol P\nuse Y from "a.proto"\nmachine M { initial state S }')
    assert [(d.code, d.title) for d in found] == [("PG109", "`a.proto` uses itself")]


# ---------------------------------------------------------------- binary patterns
PUBLISH = """protocol MQTT
message PUBLISH(dup: bool, qos: 0..2, retain: bool, topic: str, id: int?, payload: bytes) = {
    bits(4) = 3
    dup: bits(1)   qos: bits(2)   retain: bits(1)
    topic: str(u16)
    id: u16 if qos > 0
    payload: rest
}
machine M over bytes { receives PUBLISH\n initial state S reads rest { on PUBLISH } }
"""


def test_a_binary_pattern_lays_its_fields_side_by_side() -> None:
    pattern = meant(PUBLISH).messages["PUBLISH"].pattern
    assert isinstance(pattern, ms.Binary)
    first, _, _, _, topic, id_, payload = pattern.cells
    assert isinstance(first.constant, ex.Value)
    assert first.constant.value == 3
    assert isinstance(topic.layout.size, ms.Layout)
    assert topic.layout.size.kind == "u16"
    assert isinstance(id_.condition, ex.Op)
    assert payload.layout.kind == "rest"


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("a: u8 b: short", "PG311"),
        ("a: u8 b: u8(3)", "PG311"),
        ("a: u8 b: str", "PG311"),
        ("a: u8 b: bits(8) c: u8", "PG108"),
        ("a: u8", "PG307"),
        ("a: u8 b: u8 a: u8", "PG104"),
        ("a: u8 b: u8 u8 = 256", "PG317"),
        ("a: u8 b: u8 u8", "PG311"),
        ("a: u8 b: bits(3)", "PG310"),
        ("a: bits(3) b: u8", "PG310"),
        ("a: str(u8) b: u8", "PG106"),
        ("a: u8 b: u8[rest] u8 = 1", "PG106"),
        ("a: u8 rest = \"x\" b: u8", "PG312"),
        ("a: u8 b: u8 if a > 3", "PG106"),
        ("a: u8 b: u8 u8 = 1 if \"x\"", "PG106"),
        ("a: u8 b: Point", "PG106"),
        ("a: u8 b: Plain", "PG311"),
    ],
)  # fmt: skip
def test_one_mistake_in_a_binary_pattern_is_said_once(pattern: str, code: str) -> None:
    before = f"""struct Point {{ x: u16 y: u16 }}
struct Plain {{ x: int }}
message M(a: int, b: int) = {{ {pattern} }}"""
    found = codes(in_session("", before=before))
    assert code in found
    assert len(found) <= 2


def test_a_binary_struct_gets_its_types_from_its_layouts() -> None:
    spec = meant(
        in_session(
            "",
            before="""struct Point { x: u16 y: i8 name: str(u8) }
message M(n: int, points: list[Point]) = { n: u8 points: Point[n] }
message N(inner: object) = { struct In { a: u8 } inner: In }""",
        )
    )
    point = spec.structs["Point"]
    assert point.layout is not None
    assert [param.type for param in point.fields] == [Range(0, 65535), Range(-128, 127), STR]
