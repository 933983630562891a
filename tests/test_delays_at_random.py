"""The law of `test_delays.py` on machines made at random: delays of handlers change nothing.

Out of it are time-outs and timers (which go by the clock), `urgent` (which goes ahead of a handler)
and instances (each of which waits for itself): there a delay means something. `PROTOGEN_SEEDS=5000
pytest tests/test_delays_at_random.py` takes so many machines.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

import machines
from generated import made, told
from protogen_fsm.diagnostics import SpecError
from test_delays import pieces
from test_tasks import connected

SEEDS = int(os.environ.get("PROTOGEN_SEEDS", "40"))
PARTS = 4
FEATURES = ("chained", "defers", "outcomes", "onwards", "builtins", "push", "history", "regions")
MESSAGES = """
message e0                                  = "e0"
message e1(k: int)                          = "e1 " k
message e2(id: int, j: int)                 = "e2 " id " " j
message got(code: 0..999, id: int) by code  = code " " id
message did(k: int)                         = "did " k "\\r\\n"
"""
STATE = re.compile(r"^(initial )?state (\w+)((?:\([^)]*\))?) \{")


class Talker(machines.Maker):
    """Makes machines that hear lines, and say lines."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, FEATURES)
        self.has["outcomes"] = True

    def head(self) -> Iterator[str]:
        depth = f" depth {self.random.randint(1, 3)}" if self.on("push") else ""
        yield f"machine M(most: int) over bytes{depth} {{"
        yield "receives e0, e1, e2, got"
        yield "sends    did"
        yield "accepts  e3(b: Box?), e4(ks: list[int])"
        yield "emits    all(ks: list[int], k: int), boxed(box: Box?)"

    def text(self) -> list[str]:
        said = [line.replace("emit did(", "send did(") for line in self.body()]
        said = [STATE.sub(r"\1state \2\3 reads line(max: 100) {", line) for line in said]
        return ["protocol P", "struct Box { n: int, ns: list[int] }", MESSAGES, *said]


def lines(chance: random.Random) -> bytes:
    """What a peer says to such a machine."""
    said = b""
    for _ in range(chance.randint(3, 30)):
        number = chance.randint(-1, 3)
        said += chance.choice(
            [b"e0", b"e1 %d" % number, b"e2 %d %d" % (number, chance.randint(0, 2)), b"205 1",
             b"%d %d" % (chance.choice([206, 299, 404]), number), b"?", b"e0"]
        ) + b"\r\n"  # fmt: skip
    return said


@dataclass
class Heard:
    """What became of it."""

    said: bytes = b""
    told: list[Any] = field(default_factory=list)
    ended: bool = False
    state: str = ""


def heard(module: Any, data: bytes, seed: int, delays: list[int], cuts: list[int]) -> Heard:
    """Feeds a machine whose handlers take so many turns of the loop each, in their order."""
    chance, found = random.Random(seed), Heard()
    asked = 0

    def when(one: Any, answer: Any) -> Any:
        nonlocal asked
        if one.wire.adapter is None:  # it is being made: nothing can wait
            return given(answer)
        turns = delays[asked % len(delays)]
        asked += 1
        return waiting(turns, answer) if turns else given(answer)

    def given(answer: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def waiting(turns: int, answer: Any) -> Any:
        for _ in range(turns):
            await asyncio.sleep(0)
        return given(answer)

    class Mine(module.M):  # type: ignore[misc,name-defined]
        def do_default(self, event: str, *args: object) -> Any:
            found.told.append((event, *args))
            kinds: list[Callable[[], Any]] = [lambda: None, lambda: None, lambda: OSError("no")]
            kinds += [getattr(module, "Yes", lambda: None), getattr(module, "No", lambda: None)]
            if hasattr(module, "SoSo"):
                kinds.append(lambda: module.SoSo(1))
            return when(self, chance.choice(kinds)())

        def likes(self, k: int) -> bool:
            return k % 2 == 0

        def note(self, k: int) -> None:
            found.told.append(("note", k))

        def emit_all(self, ks: list[int], k: int) -> Any:
            found.told.append(("all", list(ks), k))
            return when(self, None)

        def handler_failed(self, error: Exception) -> None:
            found.told.append(("handler_failed", type(error).__name__))

    async def run() -> None:
        try:
            one = Mine(2)
        except Exception:  # its first state's entry comes to nothing
            return
        protocol, wire = connected(one)
        for piece in pieces(data, cuts):
            while not wire.reading and not wire.ended:
                await asyncio.sleep(0)
            if not wire.ended:
                protocol.data_received(piece)
        for _ in range(30):
            await asyncio.sleep(0)
        while one._pending is not None and not wire.ended:
            await asyncio.sleep(0)
        found.said, found.ended, found.state = wire.written, bool(wire.ended), one.state
        said = list(found.told)
        protocol.connection_lost(None)  # what a handler does then is heard by nobody
        found.told = said

    asyncio.run(run())
    return found


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_the_delays_the_same_is_said_and_told(part: int) -> None:
    waited = 0
    for seed in range(part, SEEDS, PARTS):
        text = "\n".join(Talker(seed).text())
        try:
            module = made.__wrapped__(text)
        except SpecError:
            continue
        chance = random.Random(seed)
        for _ in range(5):
            data = lines(chance)
            at_once = heard(module, data, seed, [0], [])
            delays = [chance.randint(0, 3) for _ in range(chance.randint(1, 6))]
            cuts = [chance.randint(1, 40) for _ in range(chance.randint(0, 8))]
            late = heard(module, data, seed, delays, cuts)
            assert late == at_once, f"{text}\n\nseed {seed}: {data!r}, {delays}, {cuts}"
            waited += any(delays) and bool(late.told)
    assert waited > SEEDS // PARTS


FATAL = """
protocol P
message GO    = "GO"
message MARK  = "MARK"
message SAY   = "SAY\\r\\n"
machine M over bytes {
    receives GO, MARK
    sends    SAY
    emits    marked
    initial state A reads line(max: 100) {
        on GO
            | bad -> B / raise lost_it
            | ok  -> B
        on MARK        / emit marked, send SAY
    }
    state B reads line(max: 100) {
        on MARK        / emit marked, send SAY
        after 1h -> C
    }
    final state C
}
"""


@pytest.mark.parametrize("error", [None, ZeroDivisionError()], ids=["the peer's", "ours"])
@pytest.mark.parametrize("turns", [0, 1])
async def test_nothing_is_read_behind_what_ends_the_connection(
    turns: int, error: Exception | None
) -> None:
    """What stood behind was done, before whoever runs the machine heard of the error."""
    module = made(FATAL)

    class Mine(module.M):  # type: ignore[misc,name-defined]
        def do_A_GO(self) -> Any:
            return later() if turns else decide()

    def decide() -> Any:
        if error is not None:
            raise error
        return module.Bad()

    async def later() -> Any:
        await asyncio.sleep(0)
        return decide()

    one = Mine()
    protocol, wire = connected(one)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda *_: None)
    with contextlib.suppress(ZeroDivisionError):
        protocol.data_received(b"GO\r\nMARK\r\nMARK\r\n")
    for _ in range(5):
        await asyncio.sleep(0)
    assert wire.ended
    assert (wire.written, told(one)) == (b"", [])
