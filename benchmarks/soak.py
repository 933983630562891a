"""Memory of our SMTP and RESP servers under real clients for five minutes: it stays what it is.

python benchmarks/soak.py [--seconds 300] [--quick]

The clients are smtplib and redis-py: sessions that end as they should, in the middle of a command,
or with a reset, recipients that are refused, letters of any size, pipelines, and values that come
and go. The servers are measured at rest after each tenth of the time: what Python has allocated
(tracemalloc), and what is resident. The first tenths are left out: caches fill up.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import smtplib
import socket
import statistics
import struct
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import redis

from children import Running, serving
from measure import ROOT, build, machine_facts, table, verdict

if TYPE_CHECKING:
    from collections.abc import Callable

TENTHS = 10
CLIENTS = 3  # threads for each server
HOUR = 3600  # events of a server that is asked once a second for an hour, at the least


@dataclass(frozen=True)
class Sample:
    """What a server held at rest, and how many events it had taken."""

    traced: int
    objects: int
    events: int
    resident: int


def sample(server: Running) -> Sample:
    """Asks a server."""
    process = server.process
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("now\n")
    process.stdin.flush()
    traced, objects, events = map(int, process.stdout.readline().split())
    text = Path(f"/proc/{process.pid}/status").read_text("ascii")
    resident = int(text.partition("VmRSS:")[2].split()[0]) * 1024
    return Sample(traced, objects, events, resident)


def reset(sock: socket.socket) -> None:
    """Ends a connection as a crash does."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def mail(port: int, r: random.Random) -> None:
    """One session with letters."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        client = smtplib.SMTP("127.0.0.1", port, local_hostname="me.example.org", timeout=30)
        for _ in range(r.randrange(1, 20)):
            to = [f"{r.choice(['bob', 'ann', 'nobody'])}{n}@example.org" for n in range(3)]
            with contextlib.suppress(smtplib.SMTPRecipientsRefused):
                client.sendmail("a@example.org", to, "x" * 70 * r.choice((1, 10, 300)))
            if r.random() < 0.2:
                client.docmd("WHAT")
        if r.random() < 0.1:
            client.putcmd("mail", "FROM:<a@exa")
        assert client.sock is not None
        if r.random() < 0.1:
            reset(client.sock)
        elif r.random() < 0.1:
            client.sock.close()
        else:
            client.quit()


def store(port: int, r: random.Random) -> None:
    """One connection with commands."""
    client = redis.Redis(port=port, protocol=r.choice((2, 3)), socket_timeout=30)
    with contextlib.suppress(redis.RedisError, OSError):
        for _ in range(r.randrange(1, 50)):
            pipe = client.pipeline(transaction=False)
            for _ in range(r.choice((1, 10, 50))):
                key = f"key:{r.randrange(1000)}"
                what = r.random()
                if what < 0.4:
                    pipe.set(key, "x" * r.randrange(200))
                elif what < 0.8:
                    pipe.get(key)
                elif what < 0.9:
                    pipe.delete(key)
                else:
                    pipe.execute_command("WHAT", key)
            pipe.execute(raise_on_error=False)
    connection = client.connection_pool.get_connection()
    if r.random() < 0.2 and connection._sock is not None:
        reset(connection._sock)
    client.close()


def soak(servers: dict[str, Running], seconds: float) -> dict[str, list[Sample]]:
    """Works for so long, with a rest after each tenth to look at the memory."""
    jobs: dict[str, Callable[[int, random.Random], None]] = {"smtp": mail, "resp": store}
    taken: dict[str, list[Sample]] = {name: [] for name in servers}
    for tenth in range(TENTHS):
        end = time.monotonic() + seconds / TENTHS

        def work(name: str, seed: int, end: float = end) -> None:
            r = random.Random(seed)
            while time.monotonic() < end:
                jobs[name](servers[name].port, r)

        threads = [
            threading.Thread(target=work, args=(name, tenth * CLIENTS + at))
            for name in servers
            for at in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        time.sleep(1)  # what was cut off has been heard of
        for name, server in servers.items():
            taken[name].append(sample(server))
    return taken


def median(samples: list[Sample], what: str) -> float:
    """Of one figure."""
    return statistics.median(getattr(one, what) for one in samples)


def main() -> None:
    """Work, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--quick", action="store_true", help="twenty seconds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        for spec in ("smtp", "resp"):
            build(ROOT / "specs" / f"{spec}.proto", Path(folder))
        servers = {
            name: stack.enter_context(serving("soak_main.py", name, folder))
            for name in ("smtp", "resp")
        }
        taken = soak(servers, 20 if options.quick else options.seconds)
    print(machine_facts(), end="\n\n")
    head = ("after", "events", "traced KiB", "objects", "resident KiB")
    for name, samples in taken.items():
        rows = [
            (
                f"{name}, {at}/{TENTHS}",
                f"{one.events:,}",
                f"{one.traced / 1024:,.1f}",
                f"{one.objects:,}",
                f"{one.resident / 1024:,.0f}",
            )
            for at, one in enumerate(samples, 1)
        ]
        print(table(head, rows), end="\n\n")
    for name, samples in taken.items():
        early, late = samples[2:6], samples[6:]
        print(verdict(f"{name}, events", samples[-1].events, HOUR))
        between = median(late, "events") - median(early, "events")
        for what in ("traced", "resident"):
            grown = (median(late, what) - median(early, what)) / between
            said = f"{name}, octets that are {what} more for each event"
            print(verdict(said, grown, 0.1, at_least=False))


if __name__ == "__main__":
    main()
