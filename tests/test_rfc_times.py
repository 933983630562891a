"""The time-outs of RFC 5321, section 4.5.3.2, on each main loop, by a clock of its own for tests.

`test_time.py` has the same table without a loop. What 4.5.3.2.5 asks for (3 minutes for each chunk
of a mail that is sent) is no state of the protocol but a bound of the connection: `test_bounds.py`.
"""

from __future__ import annotations

import asyncio
import selectors
import socket
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from generated import smtp
from protogen_fsm.runtime import aio, looping, selecting, selecting_jobs, sockets
from test_tasks import Wire

MINUTE = 60
HELLO = b"220 mx ESMTP\r\n", b"250-mx\r\n250-PIPELINING\r\n250 SIZE 1000000\r\n"
OK = b"250 OK\r\n"
COMMANDS = b"EHLO me\r\n", b"MAIL FROM:<a@b>\r\n", b"RCPT TO:<c@d>\r\n", b"DATA\r\n"

TABLE = [  # what the peer has said, the state that then waits, for how many minutes
    *(("Client", HELLO[:0], "CONNECTING", 5), ("Client", HELLO[:1], "HELLO", 5)),  # 4.5.3.2.1
    ("Client", HELLO, "MAIL", 5),  # 4.5.3.2.2
    ("Client", (*HELLO, OK), "RCPT", 5),  # 4.5.3.2.3
    ("Client", (*HELLO, OK, OK), "DATA", 2),  # 4.5.3.2.4
    ("Client", (*HELLO, OK, OK, b"354 Go\r\n"), "BODY", 10),  # 4.5.3.2.6
    *(("Server", COMMANDS[:1], "READY", 5), ("Server", COMMANDS[:2], "ENVELOPE", 5)),  # 4.5.3.2.7
    ("Server", COMMANDS, "BODY", 10),
]
Seen = tuple[str, bool, bool]  # the state a second before, whether it had ended by then, and then
Watch = Callable[[Any, bytes, float], Seen]


def machine(name: str) -> Any:
    if name == "Server":
        return smtp().Server("mx.example.org")
    one = smtp().Client("me.example.org")
    one.send_mail("a@b", ["c@d"], b"hello")
    return one


# ---------------------------------------------------------------- asyncio


class Jumping(selectors.SelectSelector):
    """Where nothing is ready, time goes by at once."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        found = super().select(0)
        if not found and timeout is not None and timeout > 0:
            self.now += timeout
        return found


def on_asyncio(one: Any, fed: bytes, seconds: float) -> Seen:
    async def story() -> Seen:
        protocol = aio.Protocol(one)
        protocol.connection_made(Wire())
        protocol.data_received(fed)
        await asyncio.sleep(seconds - 1)
        before = one.state, one.wire.closing
        await asyncio.sleep(1)
        ended = one.wire.closing
        protocol.connection_lost(None)
        return *before, ended

    jumping = Jumping()
    loop = asyncio.SelectorEventLoop(jumping)
    loop.time = lambda: jumping.now  # type: ignore[method-assign]
    try:
        return loop.run_until_complete(story())
    finally:
        loop.close()


# ---------------------------------------------------------------- Twisted


def on_twisted(one: Any, fed: bytes, seconds: float) -> Seen:
    pytest.importorskip("twisted", reason="Twisted is not installed")
    from twisted.internet.task import Clock
    from twisted.internet.testing import StringTransport

    from protogen_fsm.runtime import tx

    clock = Clock()
    protocol = tx.Protocol(one, clock)
    protocol.makeConnection(StringTransport())
    protocol.dataReceived(fed)
    clock.advance(seconds - 1)
    before = one.state, one.wire.closing
    clock.advance(1)
    return *before, one.wire.closing


# ---------------------------------------------------------------- trio and anyio


def on_trio(one: Any, fed: bytes, seconds: float) -> Seen:
    trio = pytest.importorskip("trio", reason="trio is not installed")
    testing = pytest.importorskip("trio.testing")
    from protogen_fsm.runtime import on_trio as runtime

    async def story() -> Seen:
        ours, theirs = testing.memory_stream_pair()
        async with runtime.over(one, ours):
            if fed:
                await theirs.send_all(fed)
            await trio.sleep(seconds - 1)
            before = one.state, one.wire.closing
            await trio.sleep(1)
            await testing.wait_all_tasks_blocked()
            return *before, one.wire.closing

    seen: Seen = trio.run(story, clock=testing.MockClock(autojump_threshold=0))
    return seen


def on_anyio(one: Any, fed: bytes, seconds: float) -> Seen:
    anyio = pytest.importorskip("anyio", reason="anyio is not installed")
    testing = pytest.importorskip("trio.testing", reason="trio is not installed")
    from protogen_fsm.runtime import on_anyio as runtime

    class Stream(anyio.abc.ByteStream):  # type: ignore[misc,name-defined]
        """What the peer has said, and then nothing."""

        said = [fed] if fed else []

        async def receive(self, max_bytes: int = 65536) -> bytes:
            return self.said.pop() if self.said else await anyio.sleep_forever()

        async def send(self, item: bytes) -> None: ...
        async def send_eof(self) -> None: ...
        async def aclose(self) -> None: ...

    async def story() -> Seen:
        async with runtime.over(one, Stream()):
            await anyio.sleep(seconds - 1)
            before = one.state, one.wire.closing
            await anyio.sleep(1)
            await anyio.wait_all_tasks_blocked()
            return *before, one.wire.closing

    clock = testing.MockClock(autojump_threshold=0)
    seen: Seen = anyio.run(story, backend="trio", backend_options={"clock": clock})
    return seen


# ---------------------------------------------------------------- plain sockets


def on_plain_sockets(one: Any, fed: bytes, seconds: float) -> Seen:
    jumping = Jumping()
    clock = SimpleNamespace(monotonic=lambda: jumping.now)
    with pytest.MonkeyPatch.context() as patch:
        for module in (looping, selecting, selecting_jobs):
            patch.setattr(module, "time", clock)
        patch.setattr(looping.selectors, "DefaultSelector", lambda: jumping)
        ours, theirs = socket.socketpair()
        with theirs, sockets.Loop() as loop:
            loop.add(one, ours)
            theirs.sendall(fed)
            with pytest.raises(TimeoutError):
                loop.run(timeout=seconds - 1)
            before = one.state, one.wire.closing
            loop.run(lambda: one.wire.closing or jumping.now >= seconds)
            return *before, one.wire.closing


LOOPS: tuple[Watch, ...] = on_asyncio, on_twisted, on_trio, on_anyio, on_plain_sockets


@pytest.mark.parametrize("watch", LOOPS, ids=[watch.__name__ for watch in LOOPS])
@pytest.mark.parametrize(("name", "said", "state", "minutes"), TABLE)
def test_it_waits_as_long_as_the_rfc_says_and_no_longer(
    watch: Watch, name: str, said: tuple[bytes, ...], state: str, minutes: int
) -> None:
    begun = time.monotonic()
    seen = watch(machine(name), b"".join(said), minutes * MINUTE)
    assert seen == (state, False, True)
    assert time.monotonic() - begun < MINUTE  # it was no real time that went by
