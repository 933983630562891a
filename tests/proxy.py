"""A network that does its worst: a proxy between real programs and our servers.

Each connection has a `Fault`; what one side sends is the `0` direction from the client, the `1`
direction from the server. What has passed is kept, so that a test can say what each end can know.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

Kind = Literal["none", "delay", "split", "reset", "half-close", "fins", "silence"]
LOSSLESS: tuple[Kind, ...] = ("none", "delay", "split")
KINDS: tuple[Kind, ...] = (*LOSSLESS, "reset", "half-close", "fins", "silence")
LONGEST_DELAY = 0.003  # seconds


@dataclass(frozen=True)
class Fault:
    """What befalls a connection once `after` octets have gone one way (0 from, 1 to the client).

    `delay`: each piece is late. `split`: each octet comes alone. `reset`: both ends are cut off.
    `half-close`: that way is at its end, the other goes on. `fins`: that way is at its end, so is
    the other with the next that comes there, and then both are cut off. `silence`: nothing more is
    read of that way, nor is anybody told.
    """

    kind: Kind = "none"
    way: Literal[0, 1] = 0
    after: int = 0


@dataclass
class Passed:
    """One connection through the proxy, and what has been handed on, each way."""

    fault: Fault
    octets: tuple[bytearray, bytearray] = field(default_factory=lambda: (bytearray(), bytearray()))


def cut(writer: asyncio.StreamWriter) -> None:
    """Ends a connection with a reset."""
    sock = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class _Relay:
    """Two connections joined, and one fault between them."""

    def __init__(self, passed: Passed, chance: random.Random) -> None:
        self.passed, self.fault, self.chance = passed, passed.fault, chance
        self.writers: tuple[asyncio.StreamWriter, ...] = ()

    def cut(self) -> None:
        for writer in self.writers:
            cut(writer)

    async def carry(self, way: int, reader: asyncio.StreamReader) -> None:
        """Hands on what comes one way until it ends, or the fault is there."""
        fault, writer = self.fault, self.writers[way]
        passed = self.passed.octets[way]
        while True:
            if fault.kind in ("reset", "half-close", "fins", "silence") and fault.way == way:
                room = fault.after - len(passed)
                data = await reader.read(room) if room > 0 else b""
                if len(passed) + len(data) >= fault.after:
                    await self.give(writer, passed, data)
                    return await self.fail(writer)
            else:
                data = await reader.read(65536)
            if not data:
                if not writer.is_closing():
                    writer.write_eof()
                return None
            await self.give(writer, passed, data)
            if fault.kind == "fins" and len(self.passed.octets[fault.way]) >= fault.after:
                writer.write_eof()
                return self.cut()

    async def give(self, writer: asyncio.StreamWriter, passed: bytearray, data: bytes) -> None:
        if self.fault.kind == "delay":
            await asyncio.sleep(self.chance.uniform(0, LONGEST_DELAY))
        if self.fault.kind == "split":
            # A reader that keeps up sees each octet alone; a body would take all day.
            for at in range(min(len(data), 512)):
                passed += data[at : at + 1]
                writer.write(data[at : at + 1])
                await asyncio.sleep(0)
            data = data[512:]
        passed += data
        writer.write(data)
        await writer.drain()

    async def fail(self, writer: asyncio.StreamWriter) -> None:
        if self.fault.kind == "reset":
            self.cut()
        elif self.fault.kind == "silence":
            await asyncio.Event().wait()
        else:
            writer.write_eof()


class Proxy:
    """Listens, and joins each who comes with a server, by the fault that `faults` gives it."""

    def __init__(self, target: int, faults: Callable[[], Fault], seed: int = 0) -> None:
        self.target, self.faults = target, faults
        self.chance = random.Random(seed)
        self.connections: list[Passed] = []
        self.port = 0

    async def joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its beginning to its end."""
        passed = Passed(self.faults())
        self.connections.append(passed)
        relay = _Relay(passed, self.chance)
        onward, back = await asyncio.open_connection("127.0.0.1", self.target)
        for one in (writer, back):
            one.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        relay.writers = (back, writer)
        ways = [
            asyncio.ensure_future(self.way(relay, 0, reader)),
            asyncio.ensure_future(self.way(relay, 1, onward)),
        ]
        # Of a way that is silent nothing is heard: the connection is over when the other one is.
        silent = passed.fault.way if passed.fault.kind == "silence" else None
        await asyncio.wait([one for way, one in enumerate(ways) if way != silent])
        for carrying in ways:
            carrying.cancel()
        await asyncio.wait(ways)
        for one in (writer, back):
            one.close()
            with contextlib.suppress(OSError):
                await one.wait_closed()

    async def way(self, relay: _Relay, way: int, reader: asyncio.StreamReader) -> None:
        """Carries one way; an end that cuts the connection off is a cut for the other, too."""
        try:
            await relay.carry(way, reader)
        except OSError:
            relay.cut()


@contextlib.asynccontextmanager
async def between(target: int, faults: Callable[[], Fault], seed: int = 0) -> AsyncIterator[Proxy]:
    """A proxy before the server on port `target`; left only when all through it are done."""
    proxy = Proxy(target, faults, seed)
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(proxy.joined(reader, writer))
        tasks.add(task)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
        await asyncio.wait_for(asyncio.gather(*tasks), 60)
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
