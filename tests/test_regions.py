"""Regions: each offered every event, each with its own state, tied by guards."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from generated import machine, told
from protogen_fsm.runtime import aio
from protogen_fsm.runtime.core import LocalProtocolError

TWO = machine("""
    accepts a, b, both, left, right, later, up, out, jump, again, nothing
    emits   at(text: str)
    initial state BOTH {
        entry       / emit at("in BOTH")
        exit        / emit at("out BOTH")
        on up       / emit at("up")
        on a        / emit at("never")
        on jump  -> L2
        on again -> BOTH
        on out   -> AWAY
        region Left {
            initial state L1 {
                entry / emit at("in L1")
                exit  / emit at("out L1")
                on a     -> L2 / emit at("a")
                on both  -> L2
                on left  -> AWAY
                defer later
            }
            state L2 {
                entry / emit at("in L2")
                exit  / emit at("out L2")
                on later / emit at("later")
                on b when Right in R2 -> L1
                after 5s -> L1
            }
        }
        region Right {
            initial state R1 {
                on both when Left in L2 -> R2 / emit at("sees L2")
                on right  -> R2
                on left / emit at("never asked")
            }
            state R2 {
                exit / emit at("out R2")
                initial state R3 { on right -> R4 }
                state R4 { }
                on both / emit at("both in R2")
                after 9s -> R1
            }
        }
    }
    state AWAY { on again -> BOTH }
""")


def begun() -> Any:
    one = TWO.M()
    told(one)
    return one


def at(one: Any, *events: str) -> list[str]:
    for name in events:
        getattr(one, name)()
    return [args[0] for _, *args in told(one)]


def where(one: Any) -> tuple[str, str, str]:
    return one.state, one.Left, one.Right


def test_entering_the_state_enters_each_region() -> None:
    one = TWO.M()
    assert where(one) == ("BOTH", "L1", "R1")
    assert repr(one) == "<M in BOTH (Left L1, Right R1)>"


def test_an_event_goes_to_the_regions_before_the_state_around_them() -> None:
    one = begun()
    assert at(one, "a") == ["out L1", "a", "in L2"]
    assert where(one) == ("BOTH", "L2", "R1")
    assert at(one, "up") == ["up"]


def test_a_later_region_sees_what_an_earlier_one_has_done() -> None:
    one = begun()
    assert at(one, "both") == ["out L1", "in L2", "sees L2"]
    assert where(one) == ("BOTH", "L2", "R3")


def test_a_guard_asks_where_another_region_is_and_in_what() -> None:
    one = begun()
    at(one, "both")
    one.b()
    at(one, "a", "right")
    assert where(one) == ("BOTH", "L2", "R4")
    one.b()
    assert one.Left == "L1"


def test_what_no_region_and_no_state_takes_is_refused() -> None:
    one = begun()
    with pytest.raises(LocalProtocolError, match=r"allowed here: .*up"):
        one.nothing()
    assert where(one) == ("BOTH", "L1", "R1")


def test_a_region_may_lead_out_and_then_all_of_them_are_left() -> None:
    one = begun()
    assert at(one, "right", "left") == ["out R2", "out L1", "out BOTH"]
    assert where(one) == ("AWAY", "", "")
    assert one.deadline() is None


def test_a_region_defers_what_it_takes_later() -> None:
    one = begun()
    assert at(one, "later") == []
    assert at(one, "a") == ["out L1", "a", "in L2", "later"]


def test_the_state_around_may_move_one_region() -> None:
    one = begun()
    assert at(one, "right", "jump") == ["out L1", "in L2"]
    assert where(one) == ("BOTH", "L2", "R3")


def test_entering_the_state_again_begins_each_region_anew() -> None:
    one = begun()
    at(one, "both")
    assert at(one, "again") == ["out R2", "out L2", "out BOTH", "in BOTH", "in L1"]
    assert where(one) == ("BOTH", "L1", "R1")


def test_each_region_has_time_outs_of_its_own() -> None:
    one = begun()
    at(one, "both")
    assert one.deadline() == 5.0
    one.advance(5.0)
    assert where(one) == ("BOTH", "L1", "R3")
    assert one.deadline() == 9.0
    one.advance(9.0)
    assert where(one) == ("BOTH", "L1", "R1")


def test_a_handler_that_fails_in_the_second_region_undoes_the_first() -> None:
    class Mine(TWO.M):  # type: ignore[misc]
        def do_R1_both(self) -> None:
            raise ZeroDivisionError

    one = Mine()
    told(one)
    with pytest.raises(ZeroDivisionError):
        one.both()
    assert where(one) == ("BOTH", "L1", "R1")
    assert told(one) == []


async def test_a_handler_that_takes_time_is_waited_for_before_the_next_region_is_asked() -> None:
    begin = asyncio.Event()

    class Mine(TWO.M):  # type: ignore[misc]
        async def do_L1_both(self) -> None:
            await begin.wait()

    one = Mine()
    told(one)
    aio.Protocol(one)
    one.both()
    one.up()
    assert where(one) == ("BOTH", "L1", "R1")
    begin.set()
    await asyncio.sleep(0.01)
    assert [args[0] for _, *args in told(one)] == ["out L1", "in L2", "sees L2", "up"]
    assert where(one) == ("BOTH", "L2", "R3")


def test_handlers_are_found_by_the_state_of_their_region() -> None:
    called = []

    class Mine(TWO.M):  # type: ignore[misc]
        def do_R4_both(self) -> None:
            called.append("R4")

        def do_L1_a(self) -> None:
            called.append("L1")

    one = Mine()
    at(one, "right", "both", "right", "both")
    assert called == ["R4"]
    one.again()
    one.a()
    assert called == ["R4", "L1"]


HOOKED = """
accepts go, x, out, p, back
var n: int = 0
initial state A { on go -> W / n = 1 }
state W {
    on out -> A
    on p -> push Z
    region R {
        initial state R1 { on x -> R2 }
        state R2 { on x -> RP }
        state RP { on x -> RP  initial state R3  state R4 }
    }
    region S { initial state S1 { on x -> S1 / n += 1 } }
}
state Z {
    region T { initial state T1 }
    on back -> pop
}
"""


def test_states_of_regions_are_entered_and_left_like_any_other() -> None:
    one = hooked_like(HOOKED)
    one.go()
    assert one.heard == ["exit_A", "enter_W", "enter_R1", "enter_S1"]
    assert heard(one, one.x) == ["exit_R1", "enter_R2", "exit_S1", "enter_S1"]
    assert heard(one, one.x)[:3] == ["exit_R2", "enter_RP", "enter_R3"]
    assert heard(one, one.x)[:4] == ["exit_R3", "exit_RP", "enter_RP", "enter_R3"]
    assert heard(one, one.out) == ["exit_S1", "exit_R3", "exit_RP", "exit_W", "enter_A"]


def test_what_is_pushed_is_entered_and_what_waits_is_not_left() -> None:
    one = hooked_like(HOOKED)
    one.go()
    assert heard(one, one.p) == ["enter_Z", "enter_T1"]
    assert heard(one, one.back) == ["exit_T1", "exit_Z"]
    assert (one.state, one.R, one.S) == ("W", "R1", "S1")


def test_a_hook_of_a_region_that_raises_undoes_the_step() -> None:
    def fail(self: Any) -> None:
        raise ZeroDivisionError

    one = hooked_like(HOOKED, enter_R2=fail)
    one.go()
    one.heard.clear()
    with pytest.raises(ZeroDivisionError):
        one.x()
    assert (one.heard, one.R, one.S, one.n) == (["exit_R1"], "R1", "S1", 1)


def hooked_like(spec: str, **more: Any) -> Any:
    """A machine that writes down which states it enters and leaves."""

    def noting(name: str) -> Any:
        return lambda self: self.heard.append(name)

    base = machine(spec).M
    names = [f"{kind}_{state}" for state in {one for path in base._paths.values() for one in path}
             for kind in ("enter", "exit")]  # fmt: skip
    hooks = {name: noting(name) for name in names}
    one = type("Hooked", (base,), {"heard": [], **hooks, **more})()
    one.heard = []
    return one


def heard(one: Any, event: Any) -> list[str]:
    one.heard.clear()
    event()
    return list(one.heard)
