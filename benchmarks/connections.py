"""Many SMTP sessions at once: memory of idle ones, waiting time of busy ones, beside by hand.

python benchmarks/connections.py [--rounds 3] [--idle 10000] [--busy 1000] [--quick]

Each server is a process of its own, this one is the clients. Idle sessions have said EHLO; what one
takes is what the server's resident memory has grown by, divided by their number. Busy ones send two
recipients at once, now and then; the server asks 10 ms for each, in their order, and refuses it by
name. An answer to another than the next question, or one that is missing, ends the benchmark.
CPU is that of the server for each answer, connecting included.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from children import Running, serving
from measure import ROOT, build, interleaved, machine_facts, table, verdict

OURS, THEIRS = "protogen", "by hand"
PAGE = resource.getpagesize()
SPARE = 200  # descriptors for all but the sessions
EVERY = 2.0  # seconds between two questions of one session
ASKS = 5  # questions of one session in a round


def resident(server: Running) -> int:
    """Octets of memory that a process has in use."""
    return int(Path(f"/proc/{server.process.pid}/statm").read_text("ascii").split()[1]) * PAGE


class Session(asyncio.Protocol):
    """A client that has said EHLO, and asks when it is told to."""

    transport: asyncio.Transport

    def __init__(self, number: int) -> None:
        self.number, self.said = number, b""
        self.expected: list[bytes] = []
        self.ready = asyncio.get_running_loop().create_future()
        self.answered: asyncio.Future[None] | None = None
        self.begun = 0.0
        self.waited: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.transport.write(b"EHLO me\r\n")

    def data_received(self, data: bytes) -> None:
        self.said += data
        *lines, self.said = self.said.split(b"\r\n")
        for line in lines:
            if line[3:4] == b"-" or line.startswith(b"220"):
                continue
            if not self.ready.done():
                self.ready.set_result(None)
            elif not self.expected or line != self.expected.pop(0):
                sys.exit(f"session {self.number} heard {line!r}")
            elif line.startswith(b"550"):
                self.waited.append(time.perf_counter() - self.begun)
        if self.answered and not self.expected and not self.answered.done():
            self.answered.set_result(None)

    async def ask(self, after: float) -> None:
        """Asks for two recipients at once, again and again."""
        await asyncio.sleep(after)
        self.transport.write(b"MAIL FROM:<a@example.org>\r\n")
        self.expected.append(b"250 OK")
        for turn in range(ASKS):
            due = asyncio.get_running_loop().time() + EVERY
            names = [b"%d-%d-%d" % (self.number, turn, half) for half in (0, 1)]
            self.expected += [b"550 " + name for name in names]
            self.answered = asyncio.get_running_loop().create_future()
            self.begun = time.perf_counter()
            self.transport.write(b"".join(b"RCPT TO:<%b>\r\n" % name for name in names))
            await asyncio.wait_for(self.answered, 60)
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))


async def connected(port: int, count: int) -> list[Session]:
    """So many sessions, past their greetings."""
    loop, found = asyncio.get_running_loop(), []
    for begin in range(0, count, 200):
        some = range(begin, min(begin + 200, count))
        made = await asyncio.gather(
            *(
                loop.create_connection(lambda number=number: Session(number), "127.0.0.1", port)  # type: ignore[misc]
                for number in some
            )
        )
        found += [protocol for _, protocol in made]
        await asyncio.gather(*(protocol.ready for _, protocol in made))
    return found


async def idle(server: Running, count: int) -> float:
    """Octets that an idle session takes in the server."""
    warm = await connected(server.port, 100)
    before = resident(server)
    sessions = await connected(server.port, count)
    await asyncio.sleep(0.2)
    taken = (resident(server) - before) / count
    for session in [*warm, *sessions]:
        session.transport.abort()
    await asyncio.sleep(0.5)
    return taken


async def busy(server: Running, count: int) -> list[float]:
    """How long, in seconds, each pair of busy sessions' questions waited for its answers."""
    sessions = await connected(server.port, count)
    loops = (session.ask(EVERY * at / count) for at, session in enumerate(sessions))
    await asyncio.gather(*loops)
    for session in sessions:
        session.transport.abort()
    await asyncio.sleep(0.5)
    waited = [wait for session in sessions for wait in session.waited]
    if len(waited) != 2 * ASKS * count:
        sys.exit(f"{len(waited)} answers to {2 * ASKS * count} questions")
    return waited


def fresh(who: str, folder: str, count: int) -> float:
    """The memory of a server that has done nothing before."""
    with serving("connections_main.py", who, folder) as server:
        return asyncio.run(idle(server, count))


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--idle", type=int, default=10_000)
    parser.add_argument("--busy", type=int, default=1_000)
    parser.add_argument("--quick", action="store_true", help="one round, a tenth of the sessions")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.idle, options.busy = 1, options.idle // 10, options.busy // 10
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # of the servers too
    if hard != resource.RLIM_INFINITY and hard < options.idle + SPARE:
        print(f"no more than {hard} open files are allowed here, so there are fewer sessions")
        options.idle = hard - SPARE
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        build(ROOT / "specs" / "smtp.proto", Path(folder))
        kinds = (OURS, THEIRS)
        memory = interleaved(kinds, options.rounds, lambda who: fresh(who, folder, options.idle))
        servers = {
            who: stack.enter_context(serving("connections_main.py", who, folder)) for who in kinds
        }
        waited: dict[str, list[list[float]]] = {who: [] for who in kinds}
        used: dict[str, list[float]] = {who: [] for who in kinds}
        for _ in range(options.rounds):
            for who, server in servers.items():
                before = server.cpu()
                waited[who].append(sorted(asyncio.run(busy(server, options.busy))))
                used[who].append((server.cpu() - before) / len(waited[who][0]) * 1e6)
    rows = []
    for who in kinds:
        cells = [
            f"{statistics.median(one[int(len(one) * part)] for one in waited[who]) * 1e3:.1f}"
            for part in (0.5, 0.99, 0.999)
        ]
        cells.append(f"{statistics.median(used[who]):.0f}")
        rows.append((who, f"{statistics.median(memory[who]):,.0f}", *cells))
    head = (
        f"{options.idle} idle, {options.busy} busy",
        *("octets an idle one", "ms: median", "p99", "p99.9", "µs of CPU"),
    )
    print(machine_facts(), table(head, rows), sep="\n\n", end="\n\n")
    more = statistics.median(memory[OURS]) - statistics.median(memory[THEIRS])
    print(verdict("octets more than by hand for an idle session", more, 1024, at_least=False))
    answers = 2 * ASKS * options.busy * options.rounds
    print(f"{answers:,} answers of each server, all there and in their order")


if __name__ == "__main__":
    main()
