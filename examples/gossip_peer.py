"""A peer among friends: what one hears, all hear. Each listens, and each calls those it knows.

    protogen build examples/gossip.proto -o out
    PYTHONPATH=out python examples/gossip_peer.py PORT [PORT OF ANOTHER]...

A line that is typed is news for all. The spec says who may call whom, what becomes of two calls
that cross, and how one sees that a peer is gone; here is only whom to call, and what is news.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Callable, Iterable

import gossip

from protogen_fsm.runtime import aio


class Neighbour(gossip.Peer):
    """One connection, whoever has called."""

    def __init__(self, node: Node, calls: bool) -> None:
        super().__init__(node.id, node.address, calls)
        self.node, self.theirs = node, 0

    def emit_wanted(self, theirs: int, address: str) -> None:
        self.node.call(address)

    def emit_joined(self, theirs: int, address: str) -> None:
        self.theirs = theirs
        self.node.join(self, address)

    def emit_heard(self, origin: int, number: int, text: str) -> None:
        self.node.hear(origin, number, text)

    def emit_left(self) -> None:
        self.node.leave(self)


class Node:
    """All connections of one peer, and the news that it has heard."""

    def __init__(self, tell: Callable[[str], object], known: Iterable[str] = ()) -> None:
        self.id = secrets.randbelow(2**32)
        self.address = ""
        self.known = set(known)  # addresses at which somebody may listen
        self.neighbours: dict[int, Neighbour] = {}  # by their numbers
        self.newest: dict[int, int] = {}  # number of the last news from each peer
        self._tell = tell
        self._calls: dict[str, asyncio.Task[None]] = {}

    async def listen(self, host: str, port: int) -> None:
        """Takes calls, and calls those that are known."""
        self.address = f"{host}:{port}"
        self._server = await aio.serve(lambda: Neighbour(self, False), host, port)
        self.address = f"{host}:{self._server.sockets[0].getsockname()[1]}"
        for address in self.known:
            self.call(address)

    async def stay(self, pause: float = 5.0) -> None:
        """Calls all that are known, over and over, while nobody is there."""
        while True:
            await asyncio.sleep(pause)
            for address in () if self.neighbours else self.known:
                self.call(address)

    async def end(self) -> None:
        """Leaves the others."""
        calls = list(self._calls.values())
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        await self._server.shut_down()

    def call(self, address: str) -> None:
        """Calls who listens there, unless we have done so and it lasts."""
        if address not in self._calls and address != self.address:
            call = self._calls[address] = asyncio.ensure_future(self._call(address))
            call.add_done_callback(lambda call: self._calls.pop(address))

    async def _call(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        loop, make = asyncio.get_running_loop(), aio.factory(lambda: Neighbour(self, True))
        try:
            _, connection = await loop.create_connection(make, host, int(port))
        except (OSError, ValueError) as error:
            print(f"{address}: {error}", file=sys.stderr)
            return
        try:
            await connection.wait_closed()
        finally:
            connection.machine.close()
            await connection.wait_closed()

    def say(self, text: str) -> None:
        """Tells all what is new here."""
        self.hear(self.id, self.newest.get(self.id, 0) + 1, text)

    def hear(self, origin: int, number: int, text: str) -> None:
        """News goes on to all, once; who told it hears of it again, and knows it already."""
        if number > self.newest.get(origin, 0):
            self.newest[origin] = number
            if origin != self.id:
                self._tell(text)
            for neighbour in list(self.neighbours.values()):
                neighbour.tell(origin, number, text)

    def join(self, neighbour: Neighbour, address: str) -> None:
        """Somebody is there; a connection of before is of no use any more."""
        before = self.neighbours.get(neighbour.theirs)
        self.neighbours[neighbour.theirs] = neighbour
        self.known.add(address)
        self._tell(f"* {address} is here")
        if before is not None:
            before.leave()

    def leave(self, neighbour: Neighbour) -> None:
        """A connection has ended."""
        if self.neighbours.get(neighbour.theirs) is neighbour:
            del self.neighbours[neighbour.theirs]


async def main(port: int, others: list[str]) -> None:
    """Until nothing more is typed."""
    node = Node(lambda text: print(text, flush=True), (f"127.0.0.1:{other}" for other in others))
    await node.listen("127.0.0.1", port)
    print(f"listening on {node.address}", flush=True)
    staying = asyncio.ensure_future(node.stay())
    while line := await asyncio.to_thread(sys.stdin.readline):
        node.say(line.strip()[:200])
    staying.cancel()
    await node.end()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2:]))
