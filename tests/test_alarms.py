"""Alarms ring in the order in which they are due; those that were taken back are forgotten."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from protogen_fsm.runtime.alarms import Alarms

TIMES = st.integers(0, 20)


@given(st.lists(st.tuples(TIMES, st.booleans())), st.lists(TIMES))
def test_each_that_was_not_taken_back_rings_once_and_in_time(
    set_: list[tuple[int, bool]], times: list[int]
) -> None:
    alarms: Alarms[tuple[int, int]] = Alarms()
    kept = []
    for number, (due, is_cut) in enumerate(set_):
        alarm = alarms.set(due, (due, number))
        if is_cut:
            alarms.cut_off(alarm)
        else:
            kept.append((due, number))
    rung = []
    for now in sorted(times):
        assert alarms.first() == min((due for due, _ in kept), default=float("inf"))
        some = list(alarms.rung(now))
        assert some == sorted(one for one in kept if one[0] <= now)
        kept = [one for one in kept if one not in some]
        rung += some
    assert sorted(rung) == rung


class Thing:
    """Something that may be gone."""


def test_what_an_alarm_was_for_is_gone_once_it_is_taken_back() -> None:
    alarms: Alarms[Any] = Alarms()
    things = [Thing() for _ in range(1000)]
    gone = [weakref.ref(thing) for thing in things]
    set_ = [alarms.set(300.0, thing) for thing in things]
    for alarm in set_:
        alarms.cut_off(alarm)
        alarms.cut_off(alarm)
    things.clear()
    gc.collect()
    assert not any(ref() for ref in gone)
    assert len(alarms._heap) <= 128
    assert alarms.first() == float("inf")
