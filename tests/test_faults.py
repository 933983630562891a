"""A network that does its worst between smtplib and our servers, on each main loop.

No mail is lost that was acknowledged, and none kept whose octets had not all come; nothing stays
behind. `PROTOGEN_FAULTS=10000 pytest tests/test_faults.py` takes so many sessions in all.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import random
import smtplib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from generated import smtp
from loops import LIMIT, RUNTIMES, OnAsyncio, Runtime
from protogen_fsm.runtime.bounds import Bounds
from protogen_fsm.runtime.threads import in_thread
from proxy import KINDS, Fault, Proxy, between

ASKED = int(os.environ.get("PROTOGEN_FAULTS", "240"))
SESSIONS = ASKED // len(RUNTIMES)
STRIDE = 1 if ASKED > 1000 else 29  # octets between one cut and the next
PATIENCE = Bounds(session=2, closing=1)
FULL = b"Subject: to the full disk"


@dataclass
class Spool:
    """Where mail is kept: written in a thread, and kept once the machine has taken it."""

    folder: Path
    begun: int = 0
    made: list[Any] = field(default_factory=list)

    def write(self, body: bytes) -> None:
        name = body[: body.index(b"\r\n")].decode()
        path = Path("/dev/full") if FULL in body else self.folder / f"{name}.new"
        with path.open("wb") as file:
            file.write(body)

    def keep(self, body: bytes) -> None:
        name = body[: body.index(b"\r\n")].decode()
        (self.folder / f"{name}.new").rename(self.folder / name)

    def kept(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in self.folder.iterdir() if not p.suffix}


def server(spool: Spool) -> Callable[[], Any]:
    """Makes servers that answer 250 to what has been written, and 451 when the disk is full."""

    class Server(smtp().Server):  # type: ignore[misc]
        @in_thread
        def do_BODY_block(self, body: bytes) -> None:
            spool.write(body)

        def emit_mail(self, sender: str, recipients: list[str], body: bytes) -> None:
            spool.keep(body)

    return lambda: Server("mx.example.org")


@contextmanager
def through(port: int, faults: Callable[[], Fault]) -> Iterator[Proxy]:
    """A proxy in a thread of its own."""
    begun: list[Proxy] = []
    ready, over = threading.Event(), threading.Event()

    async def run() -> None:
        async with between(port, faults) as proxy:
            begun.append(proxy)
            ready.set()
            await asyncio.to_thread(over.wait)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(asyncio.run, run())
        assert ready.wait(LIMIT)
        try:
            yield begun[0]
        finally:
            over.set()
            running.result()


@dataclass
class Sender:
    """Sends mail by smtplib, each with a name of its own, and keeps what was acknowledged."""

    port: int
    name: str
    chance: random.Random
    mails: tuple[int, ...] = (1, 2, 3)
    sizes: tuple[int, ...] = (0, 100, 5000, 200_000)
    full: float = 0.1  # how often the disk is
    acknowledged: dict[str, bytes] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    sent: int = 0
    broken: int = 0

    def session(self) -> None:
        """Up to three mails; whatever happens is the network's."""
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=1) as client:
                for _ in range(self.chance.choice(self.mails)):
                    self.mail(client)
        except (OSError, smtplib.SMTPException):
            self.broken += 1

    def mail(self, client: smtplib.SMTP) -> None:
        self.sent += 1
        name = f"{self.name}-{self.sent}"
        subject = FULL if self.chance.random() < self.full else b"Subject: hello"
        size = self.chance.choice(self.sizes)
        body = b"\r\n".join([name.encode(), subject, b"", b".dots", b"x" * size, b""])
        try:
            client.sendmail("me@example.org", ["you@example.org"], body)
        except smtplib.SMTPDataError as error:
            self.refused[name] = error.smtp_code
        else:
            self.acknowledged[name] = body


def whole(proxy: Proxy) -> dict[str, bytes]:
    """The mails whose last octet has passed, by their names."""
    found = {}
    for one in proxy.connections:
        *mails, _ = bytes(one.octets[0]).split(b"\r\n.\r\n")
        for mail in mails:
            body = mail[mail.rindex(b"data\r\n") + 6 :] + b"\r\n"
            found[body[: body.index(b"\r\n")].decode()] = body.replace(b"\r\n.", b"\r\n")
    return found


def waits_until(is_so: Callable[[], bool]) -> bool:
    """Whether it comes about in time."""
    end = time.monotonic() + LIMIT
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)
    return is_so()


def alive(machine: type) -> int:
    gc.collect()
    return sum(type(one) is machine for one in gc.get_objects())


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_no_mail_is_lost_that_was_acknowledged_and_none_kept_that_had_not_all_come(
    runtime: Runtime, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "protogen")  # what is logged keeps the machine it is told of
    chance = random.Random(5321)
    spool = Spool(tmp_path)
    make = server(spool)
    machine = type(make())

    def fault() -> Fault:
        way: Any = chance.choice((0, 1))
        return Fault(chance.choice(KINDS), way, int(chance.triangular(0, 600, 60)))

    with runtime.serving(make) as port, through(port, Fault) as proxy:
        first = Sender(proxy.port, "first", chance)
        first.session()  # what a loop opens once, and keeps
    before = descriptors()
    with runtime.serving(make, bounds=PATIENCE) as port, through(port, fault) as proxy:
        senders = [Sender(proxy.port, f"by{n}", random.Random(n)) for n in range(8)]
        rounds = -(-SESSIONS // len(senders))
        with ThreadPoolExecutor(len(senders)) as pool:
            for _ in range(rounds):
                for done in [pool.submit(sender.session) for sender in senders]:
                    done.result()
        assert waits_until(lambda: alive(machine) == 0), "a machine stays behind"
    assert waits_until(lambda: descriptors() <= before), "a socket stays open"
    acknowledged = {k: v for one in (first, *senders) for k, v in one.acknowledged.items()}
    refused = {k: v for one in senders for k, v in one.refused.items()}
    kept = spool.kept()
    came = whole(proxy) | first.acknowledged
    assert acknowledged
    assert {k: kept.get(k) for k in acknowledged} == acknowledged
    assert {k: came.get(k) for k in kept} == kept
    # A reply cut off within its three digits is a code to smtplib; half a command is 500.
    assert {code for code in refused.values() if code > 99} <= {451, 500, 554}
    assert not [k for k, code in refused.items() if code > 99 and k in kept]
    assert sum(one.broken for one in senders) < rounds * len(senders)


@pytest.mark.parametrize("kind", ["reset", "half-close", "fins"])
@pytest.mark.parametrize("way", [0, 1], ids=["from the client", "from the server"])
def test_wherever_a_session_is_cut_off_its_mail_is_kept_whole_or_not_at_all(
    kind: Any, way: Any, tmp_path: Path
) -> None:
    asyncio_ = OnAsyncio()
    spool = Spool(tmp_path)
    make = server(spool)
    cuts = [1 << 30]
    with (
        asyncio_.running(),
        asyncio_.serving(make, bounds=PATIENCE) as port,
        through(port, lambda: Fault(kind, way, cuts[-1])) as proxy,
    ):
        sender = Sender(proxy.port, "by", random.Random(0), mails=(2,), sizes=(100,), full=0)
        sender.session()
        assert len(sender.acknowledged) == sender.sent
        for after in range(1, len(proxy.connections[0].octets[way]), STRIDE):
            cuts.append(after)
            sender.session()
        assert waits_until(lambda: alive(type(make())) == 0), "a machine stays behind"
    kept, came = spool.kept(), whole(proxy)
    assert {k: kept.get(k) for k in sender.acknowledged} == sender.acknowledged
    assert {k: came.get(k) for k in kept} == kept
