"""Binary messages: what is encoded decodes to the same values, and no bytes break a decoder."""

from __future__ import annotations

import struct
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from generated import made
from protogen_fsm import pipeline
from protogen_fsm.diagnostics import SpecError
from protogen_fsm.model.types import BOOL, BYTES, FLOAT, INT, STR, Enum, ListOf, Optional, Range
from protogen_fsm.model.types import Struct as Record
from protogen_fsm.runtime.core import LocalProtocolError
from protogen_fsm.source import Source

AROUND = """protocol P
enum Colour {{ red, green, blue }}
struct Point {{ x: i16  y: u24le }}
struct Named {{ name: str(u8)  more: u8  value: u16 if more > 100  points: Point[more % 3] }}
{before}
machine M over bytes {{
    receives {received}
    sends {received}
    initial state A reads rest(max: 4KiB) {{ on * -> A }}
    final state END
}}
"""


def module(before: str, received: str = "X") -> Any:
    """The module of a spec whose machine receives and sends the messages."""
    return made(AROUND.format(before=before, received=received))


def message(fields: str, pattern: str) -> Any:
    return module(
        f"message X({fields}) = {{ {pattern} }}" if fields else f"message X = {{ {pattern} }}"
    )


def event(one: Any, frame: bytes) -> tuple[str, tuple[Any, ...]]:
    found: tuple[str, tuple[Any, ...]] = one._M_receives.event(frame)
    return found


# ---------------------------------------------------------------- any pattern

NUMBERS = [
    *(f"{sign}{bits}{order}" for sign in "ui" for bits in (16, 24, 32, 64) for order in ("", "le")),
    "u8",
    "i8",
    "varint",
    "varint(300)",
]
LENGTHS = ["u8", "u16", "u24", "u32le", "i8", "varint"]


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """The text of a message X of fields of all layouts, constants, conditions, lists, structs."""
    fields: list[str] = []
    cells: list[str] = []
    counts: list[str] = []
    bools: list[str] = []

    def field(type_: str) -> str:
        fields.append(f"f{len(fields)}: {type_}")
        return f"f{len(fields) - 1}"

    def layout() -> tuple[str, str]:
        kind = draw(st.sampled_from("nnnebtscfpS"))
        if kind == "n":
            return "int", draw(st.sampled_from(NUMBERS))
        if kind == "e":
            return "Colour", draw(st.sampled_from(["u8", "u16", "i32le", "varint"]))
        if kind == "b":
            return "bool", draw(st.sampled_from(["u8", "u16le", "u24"]))
        if kind == "t":
            size = draw(st.sampled_from([*LENGTHS, "3", "0", *counts]))
            return "bytes", f"bytes({size})"
        if kind == "s":
            return "str", f"str({draw(st.sampled_from([*LENGTHS, '4', *counts]))})"
        if kind == "c":
            return "str", "cstr"
        if kind == "f":
            return "float", draw(st.sampled_from(["f32", "f64", "f32le", "f64le"]))
        if kind == "p":
            return "Point", "Point"
        return "Named", "Named"

    for kind in draw(st.lists(st.sampled_from("vvvvlloorkkbbn"), max_size=7)):
        if kind == "b":
            sizes = draw(st.lists(st.sampled_from([1, 1, 2, 3, 5, 12]), min_size=1, max_size=5))
            sizes += [8 - sum(sizes) % 8] if sum(sizes) % 8 else []
            for size in sizes:
                how = draw(st.sampled_from("nnbc"))
                if how == "c":
                    cells.append(f"bits({size}) = {draw(st.integers(0, 2**size - 1))}")
                elif how == "b" and size == 1:
                    cells.append(f"{field('bool')}: bits({size})")
                    bools.append(f"f{len(fields) - 1}")
                else:
                    top = draw(st.sampled_from([2**size - 1, 2 ** (size - 1)]))
                    cells.append(f"{field(f'0..{top}')}: bits({size})")
        elif kind == "k":
            cells.append(draw(st.sampled_from([
                "u8 = 7", "u16 = 0x1234", "i8 = -1", 'bytes(2) = "ok"', "u24le = 5",
                'str(u16) = "MQTT"', 'cstr = "hi"', "varint = 300", 'bytes(3) = "abc"',
            ])))  # fmt: skip
        elif kind == "n":
            name = field("0..3")
            cells.append(f"{name}: u8")
            counts.append(name)
        else:
            type_, laid = layout()
            if kind == "l" and laid not in ("bytes(0)", *(f"bytes({c})" for c in counts),
                                            *(f"str({c})" for c in counts)):  # fmt: skip
                many = draw(st.sampled_from(["2", "0", *counts, *(f"{c} + 1" for c in counts)]))
                cells.append(f"{field(f'list[{type_}]')}: {laid}[{many}]")
            elif kind == "o" and bools:
                condition = draw(st.sampled_from(bools))
                cells.append(f"{field(f'{type_}?')}: {laid} if {condition}")
            elif kind == "r":
                cells.append(f"{field(type_)}: {laid}")
            else:
                cells.append(f"{field(type_)}: {laid}")
    tail = draw(st.sampled_from(["", "rest", "text", "list", "structs"]))
    if tail == "rest":
        cells.append(f"{field('bytes')}: rest")
    elif tail == "text":
        cells.append(f"{field('str')}: rest")
    elif tail == "list":
        cells.append(f"{field('list[int]')}: {draw(st.sampled_from(NUMBERS))}[rest]")
    elif tail == "structs":
        cells.append(f"{field('list[Named]')}: Named[rest]")
    order = draw(st.permutations(fields))
    given_ = f"({', '.join(order)})" if order else ""
    return f"message X{given_} = {{\n" + "\n".join(cells) + "\n}"


def values(draw: Any, one: Any, kind: Any) -> Any:
    """A value of a type, or one that is near to it."""
    if isinstance(kind, Optional):
        return values(draw, one, kind.item) if draw(st.booleans()) else None
    if isinstance(kind, ListOf):
        return [values(draw, one, kind.item) for _ in range(draw(st.integers(0, 3)))]
    if isinstance(kind, Range):
        high = kind.high if kind.high < 1000 else kind.high + 1
        return draw(st.integers(kind.low, min(high, 5)) | st.integers(kind.low - 1, high))
    if isinstance(kind, Enum):
        return draw(st.sampled_from([*kind.members, *kind.members, "black"]))
    if isinstance(kind, Record):
        fields = [values(draw, one, param.type) for param in kind.fields]
        return getattr(one, kind.name)(*fields)
    number = st.integers(0, 3) | st.integers(0, 255) | st.integers(-(2**31), 2**64)
    return draw(
        {
            STR: st.text(max_size=4) | st.just("\ud800") | st.text(min_size=300, max_size=300),
            BYTES: st.binary(max_size=4) | st.binary(min_size=300, max_size=300),
            INT: number,
            FLOAT: st.floats(width=32) | st.floats(),
            BOOL: st.booleans(),
        }[kind]
    )


def rounded(value: Any) -> Any:
    """A value as it is when it has been through f32."""
    if isinstance(value, float):
        try:
            return "nan" if value != value else struct.unpack(">f", struct.pack(">f", value))[0]
        except OverflowError:
            return value
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return value


def spec_of(text: str) -> Any:
    return pipeline.understand(Source("spec.proto", AROUND.format(before=text, received="X")))


@settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(patterns(), st.data())
def test_any_message_decodes_to_what_was_encoded_or_is_refused(
    text: str, data: st.DataObject
) -> None:
    try:
        spec = spec_of(text)
    except SpecError:
        assume(False)
    one = module(text)
    params = spec.messages["X"].params
    for _ in range(8):
        given_ = tuple(values(data.draw, one, param.type) for param in params)
        try:
            frame = one.encode_X(*given_)
        except LocalProtocolError:
            continue
        assert rounded(one._X.decode(frame)) == rounded(given_)
        assert event(one, frame)[0] == "X"
        for cut in range(min(len(frame), 40)):
            assert event(one, frame[:cut])[0] in ("X", "malformed")
    for _ in range(8):
        frame = data.draw(st.binary(max_size=30))
        name, found = event(one, frame)
        assert name in ("X", "malformed")
        if name == "X":
            assert len(found) == len(params)
            assert one.encode_X(*found) == frame or "f32" in text
