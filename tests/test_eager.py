"""A coroutine begins at once, in a task; one that does not wait is as immediate as a function."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any

import pytest

from generated import machine, told
from test_tasks import connected, settled

COUNTS = machine("""
    accepts go
    emits   did(n: int)
    var n: int = 0
    initial state A {
        on go
            | yes      / n += 1, emit did(n)
            | no
        after 1h -> END
    }
    final state END
""")


class Counting(COUNTS.M):  # type: ignore[misc, name-defined]
    """What its handler does is given."""

    def __init__(self, work: Any) -> None:
        super().__init__()
        self.do_it = work

    def do_A_go(self) -> Any:
        return self.do_it()

    def handler_failed(self, error: Exception) -> None:
        self.failures = [*getattr(self, "failures", ()), error]


async def test_what_does_not_wait_is_done_at_once() -> None:
    async def work() -> None: ...

    one = Counting(work)
    connected(one)
    before = asyncio.all_tasks()
    for _ in range(100):
        one.go()
    assert [args[1] for args in told(one)] == list(range(1, 101))
    assert len(asyncio.all_tasks() - before) <= 1


async def test_a_time_limit_works_from_the_first_step_on() -> None:
    async def quick() -> None:
        async with asyncio.timeout(60):
            pass

    async def late() -> Any:
        try:
            async with asyncio.timeout(0.001):
                await asyncio.sleep(60)
        except TimeoutError:
            return COUNTS.No()

    one = Counting(quick)
    connected(one)
    one.go()
    assert told(one) == [("did", 1)]
    one.do_it = late
    one.go()
    one.do_it = quick
    one.go()
    while one._pending is not None:
        await asyncio.sleep(0)
    assert told(one) == [("did", 2)]
    caller = asyncio.current_task()
    assert caller is not None
    assert caller.cancelling() == 0


async def test_a_handler_has_one_task_all_its_life_and_it_is_not_the_caller_s() -> None:
    tasks: list[Any] = []
    variable: ContextVar[int] = ContextVar("variable", default=0)

    async def work() -> None:
        tasks.append(asyncio.current_task())
        variable.set(1)
        await asyncio.sleep(0)
        assert variable.get() == 1
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(0))
        tasks.append(asyncio.current_task())

    one = Counting(work)
    connected(one)
    caller = asyncio.current_task()
    one.go()
    assert asyncio.current_task() is caller
    assert variable.get() == 0
    while one._pending is not None:
        await asyncio.sleep(0)
    assert told(one) == [("did", 1)]
    assert tasks[0] is tasks[1] is not caller


async def test_a_scope_of_anyio_s_works_in_a_handler() -> None:
    anyio = pytest.importorskip("anyio", reason="anyio is not installed")

    async def work() -> Any:
        with anyio.move_on_after(0.001) as scope:
            await anyio.sleep(60)
        return COUNTS.Yes() if scope.cancelled_caught else COUNTS.No()

    one = Counting(work)
    connected(one)
    one.go()
    while one._pending is not None:
        await asyncio.sleep(0)
    assert told(one) == [("did", 1)]


async def test_an_error_in_the_first_step_is_told_once() -> None:
    async def work() -> None:
        raise ZeroDivisionError

    async def cancelled() -> None:
        raise asyncio.CancelledError

    one = Counting(work)
    connected(one)
    one.go()
    one.do_it = cancelled
    one.go()
    assert [type(error) for error in one.failures] == [ZeroDivisionError, RuntimeError]
    assert told(one) == []


async def test_what_is_cancelled_right_behind_its_first_step_hears_of_it() -> None:
    heard: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            heard.append("end")

    one = Counting(work)
    protocol, _ = connected(one)
    one.go()
    protocol.connection_lost(None)
    await settled()
    assert heard == ["end"]


async def test_one_that_begins_another_stays_the_one_that_it_is() -> None:
    protocol, _ = connected(Counting(None))
    names: list[Any] = []

    async def inner() -> int:
        names.append(asyncio.current_task())
        return 1

    async def outer() -> int:
        names.append(asyncio.current_task())
        begun = protocol.begun(inner())
        names.append(asyncio.current_task())
        return 1 + int(begun)

    for _ in range(3):
        assert protocol.begun(outer()) == 2
        assert names[0] is names[2] is not names[1]
        names.clear()
    protocol.connection_lost(None)


async def test_no_handler_sees_what_another_has_set_in_its_context() -> None:
    variable: ContextVar[str] = ContextVar("variable", default="")
    seen: list[str] = []

    async def work() -> None:
        seen.append(variable.get())
        variable.set("a handler's")

    async def waits() -> None:
        await work()
        await asyncio.sleep(0)
        seen.append(variable.get())

    one = Counting(work)
    connected(one)
    one.go()
    variable.set("the caller's")
    one.go()
    one.do_it = waits
    one.go()
    while one._pending is not None:
        await asyncio.sleep(0)
    assert seen == ["", "the caller's", "the caller's", "a handler's"]
    assert variable.get() == "the caller's"


async def test_a_task_that_stood_by_and_was_cancelled_stands_by_no_more() -> None:
    async def work() -> None: ...

    async def waits() -> None:
        await asyncio.sleep(0)

    one = Counting(work)
    connected(one)
    one.go()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    one.go()
    await settled()
    one.do_it = waits
    one.go()
    while one._pending is not None:
        await asyncio.sleep(0)
    assert [args[1] for args in told(one)] == [1, 2, 3]
