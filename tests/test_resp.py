"""RESP: values as they nest, what the specification says of each, and input that is none."""

from __future__ import annotations

from typing import Any

import pytest

from generated import shipped, told

RESP = shipped("resp")


def client() -> Any:
    one = RESP.Client()
    one.receive_open()
    return one


def answered(data: bytes, calls: int = 1) -> list[Any]:
    """What a client is told of these bytes, after so many commands."""
    one = client()
    for _ in range(calls):
        one.command([b"X"])
    one.receive_data(data)
    return [args[0] for name, *args in told(one) if name == "reply"]


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"+OK\r\n", "OK"),
        (b":1000\r\n", 1000),
        (b":+5\r\n", 5),
        (b":-3\r\n", -3),
        (b"$5\r\nhello\r\n", b"hello"),
        (b"$0\r\n\r\n", b""),
        (b"$-1\r\n", None),
        (b"*-1\r\n", None),
        (b"*0\r\n", []),
        (b"*2\r\n$5\r\nhello\r\n$5\r\nworld\r\n", [b"hello", b"world"]),
        (b"*2\r\n*3\r\n:1\r\n:2\r\n:3\r\n*2\r\n+Hello\r\n:7\r\n", [[1, 2, 3], ["Hello", 7]]),
        (b"_\r\n", None),
        (b"#t\r\n", True),
        (b"#f\r\n", False),
        (b",1.23\r\n", 1.23),
        (b",inf\r\n", "inf"),
        (b"(3492890328409238509\r\n", "3492890328409238509"),
        (b"|1\r\n+key\r\n:9\r\n*1\r\n:1\r\n", [1]),
    ],
)
def test_values_of_both_versions_arrive_as_pythons(data: bytes, value: object) -> None:
    assert answered(data) == [value]


@pytest.mark.parametrize(
    ("data", "kind", "fields"),
    [
        (b"-ERR nonsense\r\n", "Fault", {"text": "ERR nonsense"}),
        (b"!21\r\nSYNTAX invalid syntax\r\n", "Fault", {"text": "SYNTAX invalid syntax"}),
        (b"=15\r\ntxt:Some string\r\n", "Verbatim", {"format": "txt", "text": b"Some string"}),
        (b"%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n", "Map", {"items": ["a", 1, "b", 2]}),
        (b"~2\r\n:1\r\n:2\r\n", "Set", {"items": [1, 2]}),
        (b"%0\r\n", "Map", {"items": []}),
    ],
)
def test_what_python_has_no_type_for_is_a_record(data: bytes, kind: str, fields: Any) -> None:
    (value,) = answered(data)
    assert type(value).__name__ == kind
    assert {name: getattr(value, name) for name in fields} == fields


def test_what_is_pushed_is_no_answer() -> None:
    one = client()
    one.command([b"GET", b"a"])
    one.receive_data(b">2\r\n+message\r\n+hi\r\n$1\r\nx\r\n")
    assert told(one) == [("published", ["message", "hi"]), ("reply", b"x")]


def test_answers_go_to_their_commands_in_order() -> None:
    assert answered(b":1\r\n:2\r\n:3\r\n", calls=3) == [1, 2, 3]


def test_an_answer_that_nobody_asked_for_ends_the_connection() -> None:
    one = client()
    one.receive_data(b"+OK\r\n")
    assert one.state == "CLOSED"


@pytest.mark.parametrize(
    "data",
    [
        b"!2\r\n\xa4!\r\n",
        b"=5\r\n\xa4xt:a\r\n",
        b"=5\r\ntxt.a\r\n",
        b"$-2\r\n",
        b"$99999999999\r\n",
        b"$3\r\nabcd\r\n",
        b"*1048577\r\n",
        b"*-7\r\n",
        b"*1\r\n" * 1_000_000,
        b"*1\r\n>1\r\n+push\r\n",
        b"?\r\n",
        b"#x\r\n",
        b":12a\r\n",
        b":\r\n",
        b"+a\rb\r\n",
        b"%-1\r\n",
        b"=2\r\nab\r\n",
        b"+" + b"x" * 70_000 + b"\r\n",
    ],
)
def test_what_is_no_value_ends_the_connection_and_raises_nothing(data: bytes) -> None:
    one = client()
    one.command([b"X"])
    one.receive_data(data)
    assert one.state == "CLOSED"


class Echo(RESP.Server):  # type: ignore[misc,name-defined]
    """Answers with the command itself."""

    def do_TALKING_command(self, args: list[bytes]) -> Any:
        return RESP.Listed(args)


def served(data: bytes) -> tuple[Any, bytes]:
    one = Echo()
    one.receive_open()
    one.receive_data(data)
    return one, one.data_to_send()


def test_commands_are_lists_of_strings_or_words_on_a_line() -> None:
    assert served(b"*2\r\n$3\r\nGET\r\n$0\r\n\r\n")[1] == b"*2\r\n$3\r\nGET\r\n$0\r\n\r\n"
    assert served(b"PING  now\r\n\r\n*0\r\n")[1] == b"*2\r\n$4\r\nPING\r\n$3\r\nnow\r\n"


@pytest.mark.parametrize(
    "data",
    [
        b"*2\r\n:1\r\n",
        b"*1\r\n*1\r\n",
        b"*1\r\n" * 1_000_000,
        b"*x\r\n",
        b"*1\r\n$-1\r\n",
        b"*1\r\n$70000000\r\n",
        b"*1\r\n$3\r\nabcde\r\n",
        b"*9999999\r\n",
        b"\xff" * 70_000 + b"\r\n",
        b"*2\r\n$60000000\r\n" + b"x" * 60_000_000 + b"\r\n$60000000\r\n",
    ],
)
def test_what_is_no_command_is_answered_and_ends_the_connection(data: bytes) -> None:
    one, said = served(data)
    assert said == b"-ERR Protocol error\r\n"
    assert one.state == "CLOSED"


def test_answers_that_nest_are_said_part_by_part_and_commands_wait() -> None:
    class Nests(RESP.Server):  # type: ignore[misc,name-defined]
        def do_TALKING_command(self, args: list[bytes]) -> Any:
            return RESP.Nested() if args == [b"NEST"] else RESP.Whole(1)

    one = Nests()
    one.receive_open()
    one.receive_data(b"NEST\r\nNEXT\r\n")
    one.map_of(1)
    one.text("k")
    one.list_of(2)
    one.list_of(0)
    assert one.data_to_send() == b"*2\r\n+k\r\n*2\r\n*0\r\n"
    one.nothing()
    assert one.data_to_send() == b"$-1\r\n:1\r\n"
    assert one.state == "READY"
