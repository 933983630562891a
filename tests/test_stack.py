"""`push`, `pop` and `history`: what waits, what is resumed, and in what order things are done."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from generated import ROOT, machine, made, told
from protogen_fsm.runtime.core import RemoteProtocolError

PLACES = machine(
    """
    accepts go(n: int), back, poke, sub(n: int), done, over
    emits at(text: str), got(n: int)
    initial state A {
        on go(n) -> C
        on back  -> history C
        on over  -> END
    }
    state C {
        entry      / emit at("in C")
        exit       / emit at("out C")
        on back -> A
        on fin(k)  / emit got(k)
        initial state C1 {
            entry  / emit at("in C1")
            exit   / emit at("out C1")
            on poke   -> C2
            on sub(n) -> push P(n) then C2 / emit got(n)
        }
        state C2 {
            on poke   -> C1
            on sub(n) -> push P(n)
            on go     -> push IN
            after 10s -> A
        }
        state IN {
            on done   -> pop
        }
    }
    state P(k: int) {
        exit         / emit at("out P")
        on poke      / k += 1, emit got(k)
        on done -> pop / emit got(k), raise fin(k)
        on sub(n) -> push P(n)
        on over   -> END
        on fin(k)    / emit got(k)
    }
    final state END
""",
    head=" depth 3",
)


def at(one: Any, *events: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """What is told of these events."""
    for name, *args in events:
        getattr(one, name)(*args)
    return told(one)


def test_what_is_pushed_is_entered_and_what_waits_is_not_left() -> None:
    one = PLACES.M()
    assert at(one, ("go", 1)) == [("at", "in C"), ("at", "in C1")]
    assert at(one, ("poke",), ("sub", 5)) == [("at", "out C1")]
    assert one.state == "P"
    assert at(one, ("done",)) == [("at", "out P"), ("got", 5), ("got", 5)]
    assert one.state == "C2"


def test_a_state_around_both_is_left_by_neither_push_nor_pop() -> None:
    one = PLACES.M()
    at(one, ("go", 1), ("poke",))
    assert at(one, ("go", 1), ("done",)) == []
    assert one.state == "C2"


def test_then_goes_on_from_what_is_resumed_before_what_was_raised_is_taken() -> None:
    one = PLACES.M()
    at(one, ("go", 1), ("sub", 7))
    assert at(one, ("done",)) == [
        ("at", "out P"),
        ("got", 7),
        ("at", "out C1"),
        ("got", 7),
    ]
    assert one.state == "C2"


def test_each_pushed_state_has_parameters_of_its_own() -> None:
    one = PLACES.M()
    at(one, ("go", 1), ("poke",), ("sub", 1), ("poke",), ("sub", 10), ("poke",))
    assert at(one, ("done",)) == [("at", "out P"), ("got", 11), ("got", 11)]
    assert at(one, ("done",)) == [("at", "out P"), ("got", 2), ("got", 2)]


def test_a_suspended_time_out_stands_still() -> None:
    one = PLACES.M()
    at(one, ("go", 1), ("poke",))
    assert one.deadline() == 10.0
    one.advance(4.0)
    at(one, ("sub", 1))
    assert one.deadline() is None
    one.advance(100.0)
    at(one, ("done",))
    assert one.deadline() == 106.0
    one.advance(106.0)
    assert one.state == "A"


def test_history_leads_to_where_the_state_was_left() -> None:
    one = PLACES.M()
    assert at(one, ("back",)) == [("at", "in C"), ("at", "in C1")]
    at(one, ("poke",), ("back",))
    assert at(one, ("back",)) == [("at", "in C")]
    assert one.state == "C2"


def test_more_than_the_machine_allows_is_malformed_and_changes_nothing() -> None:
    one = PLACES.M()
    at(one, ("go", 1), ("poke",), ("sub", 1), ("sub", 2), ("sub", 3))
    with pytest.raises(RemoteProtocolError, match="too deep"):
        one.sub(4)
    assert at(one, ("done",)) == [("at", "out P"), ("got", 3), ("got", 3)]


def test_a_final_state_drops_what_waits() -> None:
    one = PLACES.M()
    at(one, ("go", 1), ("poke",), ("sub", 1), ("over",))
    assert one.state == "END"
    assert one._stack is None


VALUES = made((ROOT / "tests/cases/values_within_values/spec.proto").read_text("utf-8"))


def test_values_nest_without_recursion() -> None:
    one = VALUES.Values()
    one.receive_data(b"+OK\r\n:12\r\n$3\r\nabc\r\n*2\r\n*1\r\n:1\r\n$-1\r\n*0\r\n")
    values = [args for _, *args in told(one)]
    assert values == [["OK"], [12], [b"abc"], [[[1], None]], [[]]]


def test_a_value_may_come_a_byte_at_a_time_and_the_machine_go_on_elsewhere() -> None:
    one = VALUES.Values()
    for octet in b"*2\r\n*2\r\n:1\r\n$4\r\nab\r\n\r\n$2\r\nxy\r\n":
        one.receive_data(bytes([octet]))
        one = pickle.loads(pickle.dumps(one))
    assert told(one) == [("value", [[1, b"ab\r\n"], b"xy"])]


def test_arrays_a_million_deep_are_malformed_at_the_limit() -> None:
    one = VALUES.Values()
    with pytest.raises(RemoteProtocolError, match="too deep"):
        one.receive_data(b"*1\r\n" * 1_000_000)
    depth = one._stack[0]
    assert depth <= 8


def test_a_step_that_fails_puts_back_what_it_popped_and_added_to() -> None:
    class Mine(VALUES.Values):  # type: ignore[misc]
        failing = False

        def do_ARRAY_item(self, v: object) -> None:
            if v == [7] and self.failing:
                raise ZeroDivisionError

    one = Mine()
    one.receive_data(b"*2\r\n:1\r\n*1\r\n")
    one.failing = True
    with pytest.raises(ZeroDivisionError):
        one.receive_data(b":7\r\n")
    one.failing = False
    one.receive_data(b":8\r\n")
    assert told(one) == [("value", [1, [8]])]
