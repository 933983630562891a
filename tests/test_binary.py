"""Binary messages: what is encoded decodes to the same values, and no bytes break a decoder."""

from __future__ import annotations

import contextlib
import json
import re
import struct
import sys
import time
import types
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from generated import ROOT, made, told, understood
from protogen_fsm import pipeline
from protogen_fsm.diagnostics import SpecError
from protogen_fsm.model.messages import Binary
from protogen_fsm.model.types import BOOL, BYTES, FLOAT, INT, STR, Enum, ListOf, Optional, Range
from protogen_fsm.model.types import Struct as Record
from protogen_fsm.runtime.core import LocalProtocolError, xor
from protogen_fsm.source import Source

if TYPE_CHECKING:
    from pathlib import Path

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
        small = st.integers(kind.low, max(kind.low, min(high, 5)))
        return draw(small | st.integers(kind.low - 1, high))
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


# ---------------------------------------------------------------- what ships

ENCODED = [
    (path, name)
    for path in sorted((ROOT / "specs").glob("*.proto"))
    for name, one in understood(path).messages.items()
    if isinstance(one.pattern, Binary)
]


@pytest.mark.parametrize(
    ("path", "name"), ENCODED, ids=[f"{path.stem}-{name}" for path, name in ENCODED]
)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_each_binary_message_that_ships_decodes_to_what_was_encoded(
    path: Path, name: str, data: st.DataObject
) -> None:
    one = made(path.read_text("utf-8"), str(path))
    params = understood(path).messages[name].params
    decode = getattr(one, f"decode_{name}", None)
    encode = getattr(one, f"encode_{name}", None)
    given_ = tuple(values(data.draw, one, param.type) for param in params)
    if encode is not None and decode is not None:
        with contextlib.suppress(LocalProtocolError):
            assert rounded(decode(encode(*given_))) == rounded(given_)
    if decode is not None:
        with contextlib.suppress(ValueError):
            decode(data.draw(st.binary(max_size=40)))


# ---------------------------------------------------------------- stories

PUBLISH = """message X(dup: bool, qos: 0..2, retain: bool, topic: str, id: int?, payload: bytes) = {
    bits(4) = 3
    dup: bits(1)   qos: bits(2)   retain: bits(1)
    topic: str(u16)
    id: u16 if qos > 0
    payload: rest
}"""


def test_bits_stand_in_the_order_of_the_header() -> None:
    one = module(PUBLISH)
    assert one.encode_X(True, 1, True, "a/b", 10, b"hi") == b"\x3b\x00\x03a/b\x00\x0ahi"
    assert event(one, b"\x30\x00\x01t") == ("X", (False, 0, False, "t", None, b""))


@pytest.mark.parametrize(
    ("given_", "why"),
    [
        ((False, 3, False, "t", 1, b""), "qos is not in 0..2: 3"),
        ((False, 1, False, "t", None, b""), "id is given where `qos > 0` holds, and only there"),
        ((False, 0, False, "t", 1, b""), "id is given where `qos > 0` holds, and only there"),
        ((False, 1, False, "t", 65536, b""), "id is not in 0..65535: 65536"),
        ((False, 0, False, "t" * 65536, None, b""), "topic is longer than 65535 bytes"),
        ((False, 0, False, "\udc80", None, b""), "topic is no text"),
    ],
)
def test_what_would_not_parse_back_is_refused_by_its_field(given_: Any, why: str) -> None:
    with pytest.raises(LocalProtocolError, match=re.escape(f"X: {why}")):
        module(PUBLISH).encode_X(*given_)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"", "no message"),
        (b"\x40\x00\x00", "no message"),
        (b"\x30\x00", "no message"),
        (b"\x30\x00\x05abcd", "no message"),
        (b"\x32\x00\x01t\x00", "no message"),
        (b"\x36\x00\x01t\x00\x01", "bad value"),
        (b"\x30\x00\x01\xff", "bad value"),
    ],
)
def test_what_is_no_message_is_malformed(frame: bytes, reason: str) -> None:
    assert event(module(PUBLISH), frame) == ("malformed", (frame, reason))


def test_bits_run_across_bytes() -> None:
    one = message("a: 0..7, b: 0..8191, c: 0..0xffffff", "a: bits(3) b: bits(13) c: bits(24)")
    assert one.encode_X(0b101, 0b1_0000_0000_0011, 0x010203) == b"\xb0\x03\x01\x02\x03"
    assert one.decode_X(b"\xb0\x03\x01\x02\x03") == (0b101, 0b1_0000_0000_0011, 0x010203)
    wide = message("a: int, b: int", "a: bits(60) b: bits(36)")
    frame = wide.encode_X(1, 2)
    assert frame == (1 << 36 | 2).to_bytes(12, "big")
    assert wide.decode_X(frame) == (1, 2)


@pytest.mark.parametrize("frame", [b"\x80", b"\x80\x00", b"\xff\x80\x01", b"\xac\x02", b"\x80\x80"])
def test_a_varint_is_as_short_as_can_be_and_within_its_bound(frame: bytes) -> None:
    assert event(message("n: int", "n: varint(299)"), frame)[0] == "malformed"


def test_a_varint_holds_what_its_bound_allows() -> None:
    one = message("n: int", "n: varint")
    for number in (0, 127, 128, 300, 2**63, 2**64 - 1):
        assert one.decode_X(one.encode_X(number)) == (number,)
    with pytest.raises(LocalProtocolError):
        one.encode_X(2**64)
    assert event(one, b"\xff" * 9 + b"\x02")[0] == "malformed"
    assert event(one, b"\xff" * 1000)[0] == "malformed"


def test_a_count_is_not_believed_before_the_bytes_are_there() -> None:
    for laid in ("u16", "Point", "str(u8)", "varint"):
        kind = {"Point": "Point", "str(u8)": "str"}.get(laid, "int")
        one = message(f"n: int, items: list[{kind}]", f"n: u64 items: {laid}[n]")
        started = time.perf_counter()
        for count in (2**63, 2**40, 10**9):
            assert event(one, struct.pack(">Q", count) + b"\0" * 20)[0] == "malformed"
        assert time.perf_counter() - started < 1


def test_a_length_below_zero_is_malformed() -> None:
    assert event(message("b: bytes", "b: bytes(i8)"), b"\xff")[0] == "malformed"
    one = message("n: int, b: bytes", "n: u8 b: bytes(n - 2)")
    assert event(one, b"\x01")[0] == "malformed"
    assert event(one, b"\x03a") == ("X", (3, b"a"))
    with pytest.raises(LocalProtocolError):
        one.encode_X(1, b"")


def test_an_expression_that_cannot_be_reckoned_is_malformed_and_refused() -> None:
    one = message("n: int, b: bytes", "n: u8 b: bytes(10 % n)")
    assert event(one, b"\x00") == ("malformed", (b"\x00", "bad value"))
    with pytest.raises(LocalProtocolError, match="would not parse back"):
        one.encode_X(0, b"")


def test_enums_and_bools_lie_as_numbers() -> None:
    one = message("c: Colour, on: bool, all: list[Colour]", "c: u8 on: u8 all: u16[rest]")
    frame = one.encode_X("blue", True, ["red", "green"])
    assert frame == b"\x02\x01\x00\x00\x00\x01"
    assert one.decode_X(frame) == ("blue", True, ["red", "green"])
    for bad in (b"\x03\x01", b"\x00\x02", b"\x00\x00\x00\x03"):
        assert event(one, bad) == ("malformed", (bad, "bad value"))
    with pytest.raises(LocalProtocolError, match="c is none of Colour"):
        one.encode_X("black", True, [])


def test_structs_lie_within_structs_and_lists() -> None:
    one = module(
        "message X(header: object, all: list[object]) = {\n"
        "struct Head { kind: bits(4)  size: bits(12)  at: Point }\n"
        "struct Item { name: cstr  values: u16[3]  at: Point }\n"
        "header: Head\nall: Item[rest]\n}"
    )
    head, item = one.Head(1, 2, one.Point(-1, 5)), one.Item("a", [1, 2, 3], one.Point(0, 0))
    frame = one.encode_X(head, [item, item])
    assert frame[:7] == b"\x10\x02\xff\xff\x05\x00\x00"
    assert event(one, frame) == ("X", (head, [item, item]))
    assert event(one, frame[:-1])[0] == "malformed"


def test_a_float_of_32_bits_is_rounded_unless_something_depends_on_it() -> None:
    assert message("f: float", "f: f32").encode_X(0.1) == struct.pack(">f", 0.1)
    one = message("f: float, more: int?", "f: f32 more: u8 if f > 0.1")
    assert one.decode_X(one.encode_X(0.5, 1)) == (0.5, 1)
    with pytest.raises(LocalProtocolError):
        one.encode_X(0.1, None)
    with pytest.raises(LocalProtocolError):
        message("f: float", "f: f32").encode_X(1e300)


def test_fields_may_be_called_as_the_code_would_call_its_own() -> None:
    names = ("frame", "size", "at", "end", "len", "value", "one", "bits", "list", "range", "found")
    fields = ", ".join(f"{name}: str" for name in names)
    one = message(fields, " ".join(f"{name}: str(u8)" for name in names))
    assert one.decode_X(one.encode_X(*names)) == names
    many = ", ".join(f"{name}: list[str]" for name in names)
    one = message(many, " ".join(f"{name}: cstr[1]" for name in names))
    assert one.decode_X(one.encode_X(*([name] for name in names))) == tuple([n] for n in names)


# ---------------------------------------------------------------- sets of messages

SET = """message A(n: int) = { u8 = 1  n: u8 }
message B(n: int) = { bits(4) = 2  n: bits(4) }
message C(text: str) = i"hello " text
message D(n: int) = { n: u32 }
message E = "bye"
"""


def test_a_table_says_which_message_a_frame_can_be() -> None:
    one = module(SET, "A, B, C, D, E")
    for frame, found in {
        b"\x01\x09": ("A", (9,)),
        b"\x2f": ("B", (15,)),
        b"HELLO x": ("C", ("x",)),
        b"hello x": ("C", ("x",)),
        b"\x01\x00\x00\x00": ("D", (1 << 24,)),
        b"hell": ("D", (0x68656C6C,)),
        b"bye": ("E", ()),
        b"": ("malformed", (b"", "no message")),
        b"\x01": ("malformed", (b"\x01", "no message")),
        b"hello \xff": ("malformed", (b"hello \xff", "bad value")),
    }.items():
        assert event(one, frame) == found, frame


def test_of_many_messages_with_constants_in_front_one_is_tried() -> None:
    text = "".join(f"message M{n}(x: int) = {{ u16 = {n}  x: u8 }}\n" for n in range(300))
    one = module(text, ", ".join(f"M{n}" for n in range(300)))
    assert event(one, b"\x01\x2b\x05") == ("M299", (5,))
    assert event(one, b"\x01\x2c\x05")[0] == "malformed"
    assert all(len(tried) == 1 for tried in one._M_receives._by_begin.values())


def test_a_field_names_the_event_of_a_binary_message() -> None:
    one = made(
        "protocol P\nmessage Answer(code: 0..255, text: str) by code = { code: u8 text: rest }\n"
        "machine M over bytes {\nreceives Answer\nsends Answer\n"
        "emits good(text: str), bad(code: int, text: str)\n"
        'initial state A reads until(delimiter: "\\n", max: 100) {\n'
        'on 200(text) / emit good(text), send 201("ok")\non 4x(text) / emit bad(code, text)\n'
        "on Answer, malformed -> END }\nfinal state END }\n"
    )
    machine = one.M()
    machine.receive_data(b"\xc8fine\n\x2aoh\n")
    assert told(machine) == [("good", "fine"), ("bad", 42, "oh")]
    assert machine.data_to_send() == b"\xc9ok"


# ---------------------------------------------------------------- codecs

CODEC = """protocol P
struct Point {{ x: int }}
message X(n: 0..9, name: str, all: list[str], p: Point?) by codec "{path}"
message Y(b: bytes) = {{ u8 = 7  b: rest }}
machine M over bytes {{
    receives Y, X
    sends X
    initial state A reads rest(max: 4KiB) {{ on * -> A }}
    final state END
}}
"""


class Json:
    """A codec as a user would write it."""

    def decode(self, frame: bytes) -> dict[str, object]:
        return {"p": None, **json.loads(frame)}

    def encode(self, **fields: object) -> bytes:
        if fields["name"] == "no":
            raise ValueError("no")
        return json.dumps(fields).encode()


def test_a_codec_decodes_and_encodes(monkeypatch: pytest.MonkeyPatch) -> None:
    codecs = types.ModuleType("a_codec")
    codecs.Json, codecs.one = Json, Json()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "a_codec", codecs)
    for path in ("a_codec:Json", "a_codec:one"):
        one = made(CODEC.format(path=path))
        frame = one.encode_X(3, "a", ["b"], None)
        assert event(one, frame) == ("X", (3, "a", ["b"], None))
        assert event(one, b"\x07abc") == ("Y", (b"abc",))
        for bad in (b"{", b'{"n": 10, "name": "", "all": []}', b'{"n": 1, "name": 2, "all": []}'):
            assert event(one, bad) == ("malformed", (bad, "bad value"))
        with pytest.raises(TypeError, match="gave no 'name' for X"):
            event(one, b'{"n": 1}')
        for values_ in ((1, "no", [], None), (10, "a", [], None)):
            with pytest.raises(LocalProtocolError, match="would not parse back"):
                one.encode_X(*values_)


def test_a_codec_that_is_not_there_is_missed_with_the_first_frame() -> None:
    one = made(CODEC.format(path="no_such_package.wire:Name"))
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        event(one, b"{}")


# ---------------------------------------------------------------- xor


@given(st.binary(max_size=100), st.binary(max_size=9))
def test_xor_repeats_its_key(data: bytes, key: bytes) -> None:
    mixed = xor(data, key)
    assert mixed == bytes(
        byte ^ key[at % len(key)] if key else byte for at, byte in enumerate(data)
    )
    assert xor(mixed, key) == data


@pytest.mark.parametrize("key", [b"\x37\xfa\x21\x3d", b"\0\0\x01\0", b"k", b"some key"])
@pytest.mark.parametrize("size", [2047, 2048, 2049, 2051, 70_001])
def test_xor_of_much_is_that_of_its_parts(key: bytes, size: int) -> None:
    data = (b"The quick brown fox. " * size)[:size]
    parts = [xor(data[at : at + 64], key) for at in range(0, size, 64)]
    assert xor(data, key) == b"".join(parts)


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("fields", "pattern", "code"),
    [
        ("n: int, b: bytes", "b: bytes(n) n: u8", "PG323"),
        ("n: int, b: int?", "b: u8 if n > 1 n: u8", "PG323"),
        ("n: 0..9, b: list[bytes]", "n: u8 b: bytes(n)[n]", "PG322"),
        ("b: list[object]", "struct S { a: rest } b: S[rest]", "PG312"),
        ("s: object, b: int", "struct S { a: u8[rest] } s: S b: u8", "PG312"),
        ("n: int, a: int?, b: int?", "n: u8 a: bits(4) if n > 1 b: bits(4) if n > 1", "PG310"),
        ("a: list[int]", "a: bits(8)[2]", "PG310"),
        ("a: object", "struct S { n: u8 a: S if n > 0 } a: S", "PG120"),
    ],
)
def test_a_pattern_that_could_not_be_read_is_an_error(fields: str, pattern: str, code: str) -> None:
    text = AROUND.format(before=f"message X({fields}) = {{ {pattern} }}", received="X")
    found = pipeline.check(Source("spec.proto", text))
    assert code in {one.code for one in found}, found


def test_a_struct_that_holds_itself_under_a_condition_is_an_error() -> None:
    before = "struct S { n: u8  s: S if n > 0 }\nmessage X(s: S) = { s: S }"
    found = pipeline.check(Source("spec.proto", AROUND.format(before=before, received="X")))
    assert "PG120" in {one.code for one in found}


@pytest.mark.parametrize(
    ("name", "code"), [("S", "PG502"), ("M", "PG502"), ("class", "PG112"), ("Decoder", "PG112")]
)
def test_structs_within_patterns_are_classes_of_the_module(name: str, code: str) -> None:
    before = (
        "message X(a: object) = { struct S { n: u8 } a: S }\n"
        f"message Y(a: object) = {{ struct {name} {{ n: u16 }} a: {name} }}"
    )
    found = pipeline.check(Source("spec.proto", AROUND.format(before=before, received="X, Y")))
    assert code in {one.code for one in found}, found
