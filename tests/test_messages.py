"""What is printed reads back as the same values, or is refused: any message, any values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from generated import ROOT, machine, made, smtp, understood
from protogen_fsm import pipeline
from protogen_fsm.diagnostics import SpecError
from protogen_fsm.model.messages import Binary, Part, Text, Words
from protogen_fsm.model.types import (
    BYTES,
    FLOAT,
    INT,
    STR,
    Basic,
    Enum,
    ListOf,
    Optional,
    Param,
    Range,
    Struct,
)
from protogen_fsm.runtime.core import LocalProtocolError, OneOf
from protogen_fsm.source import Source

TEXTS = st.text(max_size=12) | st.text(alphabet="<> :=-\r\n.aA0", max_size=8)
OCTETS = st.binary(max_size=12) | st.lists(st.sampled_from([b" ", b"<", b">", b"\r\n", b"a"])).map(
    b"".join
)


def values_of(kind: Any, module: Any = None) -> st.SearchStrategy[Any]:
    """Values of a type, and some that are near to it and none of it; structs are the module's."""
    if isinstance(kind, Optional):
        return st.none() | values_of(kind.item, module)
    if isinstance(kind, ListOf):
        return st.lists(values_of(kind.item, module), max_size=3)
    if isinstance(kind, Struct):
        fields = [values_of(param.type, module) for param in kind.fields]
        return st.builds(getattr(module, kind.name), *fields)
    if isinstance(kind, Range):
        return st.integers(kind.low, kind.high) | st.integers(kind.low - 2, kind.high + 2)
    if isinstance(kind, Enum):
        return st.sampled_from(kind.members) | TEXTS
    return {
        STR: TEXTS,
        BYTES: OCTETS,
        INT: st.integers() | st.integers(-(10**30), 10**30),
        FLOAT: st.floats(),
        Basic("bool"): st.booleans(),
    }[kind]


def reads_back(module: Any, name: str, values: tuple[Any, ...]) -> bytes | None:
    """What a message prints, which reads back; None if it is refused."""
    try:
        frame: bytes = getattr(module, f"encode_{name}")(*values)
    except LocalProtocolError:
        return None
    pattern = getattr(module, f"_{name}", None)
    if pattern is None:  # nobody reads it, and it is always the same
        assert not values
        return frame
    assert pattern.decode(frame) == values
    assert [type(one) for one in pattern.decode(frame)] == [type(one) for one in values]
    return frame


# ---------------------------------------------------------------- the specs that ship

SHIPPED = sorted([*(ROOT / "specs").glob("*.proto"), *(ROOT / "templates/init").glob("*.proto")])
SENT = [
    (path, message.name)
    for path in SHIPPED
    for message in understood(path).messages.values()
    if not isinstance(message.pattern, Binary)  # of those test_binary.py tells
    and f"encode_{message.name}" in vars(made(path.read_text("utf-8"), str(path)))
]


@pytest.mark.parametrize(("path", "name"), SENT, ids=[f"{p.stem}-{name}" for p, name in SENT])
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_each_message_that_ships_reads_back(path: Path, name: str, data: st.DataObject) -> None:
    text = path.read_text("utf-8")
    spec = understood(path)
    params = spec.messages[name].params
    module = made(text, str(path))
    values = tuple(data.draw(values_of(param.type, module), label=param.name) for param in params)
    frame = reads_back(module, name, values)
    pattern = spec.messages[name].pattern
    if frame is not None and isinstance(pattern, Text) and _is_one_line(pattern.parts, params):
        assert b"\r" not in frame
        assert b"\n" not in frame


def _is_one_line(parts: tuple[Part, ...], params: tuple[Param, ...]) -> bool:
    """Whether no literal and no field of bytes may bring a line end in."""
    if any(param.type == BYTES for param in params):
        return False
    words = [part.text for part in parts if isinstance(part, Words)]
    return not any("\r" in text or "\n" in text for text in words)


@settings(deadline=None)
@given(st.binary(max_size=60) | st.lists(st.sampled_from(
    [b"MAIL FROM:<", b"mail from:<", b">", b" ", b"RCPT TO:<", b"a", b"SIZE=1", b"EHLO ", b"\xff",
     b"DATA", b"\xc5\xbf", b"NOOP", b"HELP", b"x"])).map(b"".join))  # fmt: skip
def test_what_is_read_prints_as_something_that_reads_the_same(frame: bytes) -> None:
    module = smtp()
    for name in ("EHLO", "HELO", "MAIL", "RCPT", "DATA", "RSET", "QUIT", "Reply", "More"):
        pattern = getattr(module, f"_{name}")
        try:
            values = pattern.decode(frame)
        except ValueError:
            continue
        if values is not None:
            printed = getattr(module, f"encode_{name}")(*values)
            assert pattern.decode(printed) == values


# ---------------------------------------------------------------- any message

LITERALS = [
    "GO",
    " ",
    "<",
    ">",
    ": ",
    "-",
    ".",
    "(",
    "[x]",
    "\\d",
    "ß",
    "a+",
    "{}",
    '"',
    "%s",
    "\r\n",
]
TYPES = [
    "str",
    "bytes",
    "int",
    "0..255",
    "-5..20",
    "bool",
    "float",
    "Colour",
    "str?",
    "int?",
    "bytes?",
]


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\r\n", "\\r\\n") + '"'


@st.composite
def messages(draw: st.DrawFn) -> str:
    """The text of a message: fields of all types, literals between them, optional groups."""
    fields: list[str] = []

    def parts(depth: int) -> str:
        found = []
        for kind in draw(st.lists(st.sampled_from("wifffrg"[: 7 - depth]), min_size=1, max_size=4)):
            if kind == "w":
                found.append(quoted(draw(st.sampled_from(LITERALS))))
            elif kind == "i":
                found.append('i"' + draw(st.sampled_from(["ab", "K", "straße", "s1"])) + '"')
            elif kind == "g":
                found.append(f"[{parts(depth + 1)}]")
            else:
                name = f"f{len(fields)}"
                if kind == "r":
                    fields.append(f"{name}: str")
                    found.append(name + ':r"[a-c](?:x|y)?"')
                else:
                    fields.append(f"{name}: {draw(st.sampled_from(TYPES))}")
                    found.append(name)
        return " ".join(found)

    pattern = parts(0)
    order = draw(st.permutations(fields))
    return f"message X({', '.join(order)}) = {pattern}" if fields else f"message X = {pattern}"


@settings(
    deadline=None,
    max_examples=80,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(messages(), st.data())
def test_any_message_reads_back_or_is_refused(message: str, data: st.DataObject) -> None:
    before = f'use Lines from "lines.proto"\nenum Colour {{ red, redder, blue }}\n{message}'
    body = "receives X\nsends X\ninitial state A { on X -> A }\nfinal state END"
    text = f"protocol P\n{before}\nmachine M over Lines {{\n{body}\n}}\n"
    try:
        spec = pipeline.understand(Source("spec.proto", text))
    except SpecError:
        assume(False)
    params = spec.messages["X"].params
    module = made(text)
    for _ in range(3):
        values = tuple(data.draw(values_of(param.type), label=param.name) for param in params)
        frame = reads_back(module, "X", values)
        if frame is not None:
            assert OneOf(module._X).event(frame) == ("X", values)


def test_a_field_may_have_groups_in_its_own_pattern() -> None:
    module = machine(
        "receives X\nsends X\ninitial state A { on X(a, b) -> A }\nfinal state END",
        head=" over Lines",
        before='use Lines from "lines.proto"\n'
        'message X(a: str, b: int) = a:r"(x|y)+(?P<z>z)?" ":" b',
    )
    assert module.encode_X("xyxz", 5) == b"xyxz:5"
    with pytest.raises(LocalProtocolError):
        module.encode_X("q", 5)


def test_a_field_may_be_called_as_the_code_would_call_the_frame() -> None:
    module = machine(
        'sends X\naccepts go\ninitial state A { on go / send X("a", str(1)) }\nfinal state END',
        head=" over Lines",
        before='use Lines from "lines.proto"\n'
        'message X(frame: str, frame_: str) = frame "," frame_',
    )
    assert module.encode_X("a", "b") == b"a,b"


def test_an_absent_group_is_empty_or_none() -> None:
    module = machine(
        "receives X\nsends X\ninitial state A { on X(a, b, c, d) -> A }\nfinal state END",
        head=" over Lines",
        before='use Lines from "lines.proto"\n'
        'message X(a: str, b: int?, c: bytes, d: str?) = "X" [" " a] ["#" b] ["=" c] ["!" d]',
    )
    assert module._X.decode(b"X") == ("", None, b"", None)
    assert module.encode_X("", None, b"", None) == b"X"
    assert module.encode_X("", None, b"", "") == b"X!"
    assert module.encode_X("a", 0, b"c", "d") == b"X a#0=c!d"


def test_no_text_field_carries_a_line_end_whatever_its_own_pattern_says() -> None:
    module = machine(
        'sends X\naccepts go\ninitial state A { on go / send X("a") }\nfinal state END',
        head=" over Lines",
        before='use Lines from "lines.proto"\nmessage X(a: str) = "X " a:r".*"',
    )
    for bad in ("a\r\nQUIT", "a\n", "\r"):
        with pytest.raises(LocalProtocolError):
            module.encode_X(bad)
        one = module.M()
        with pytest.raises(LocalProtocolError):
            one.below.line(b"X " + bad.encode())
        assert one.data_to_send() == b""
