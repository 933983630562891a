"""Run one RESP server of the benchmark until standard input ends: `resp_main.py KIND [FOLDER]`.

Prints its port. FOLDER holds the generated `resp.py`.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import resp_by_hand

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


async def generated(folder: str) -> Any:
    """`examples/resp_server.py` on the server made of `specs/resp.proto`."""
    sys.path[:0] = [folder, str(EXAMPLES)]
    from protogen_fsm.runtime import aio
    from resp_server import RedisServer, Store

    store = Store()
    return await aio.serve(lambda: RedisServer(store), "127.0.0.1", 0)


async def hand_written(_: str) -> Any:
    """The one in `resp_by_hand.py`."""
    store: dict[bytes, bytes] = {}
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: resp_by_hand.Server(store), "127.0.0.1", 0)


def twisted() -> None:
    """Lines and raw data of Twisted's LineReceiver, on its own reactor."""
    from twisted.internet import reactor, stdio
    from twisted.internet.protocol import Factory, Protocol
    from twisted.protocols.basic import LineReceiver

    store: dict[bytes, bytes] = {}

    class Server(LineReceiver):  # type: ignore[misc]
        MAX_LENGTH = resp_by_hand.MAX_LINE

        def __init__(self) -> None:
            self.args: list[bytes] = []
            self.left = self.count = 0
            self.room = resp_by_hand.MAX_OCTETS
            self.parts: list[bytes] = []

        def lineReceived(self, line: bytes) -> None:
            try:
                if self.left:
                    if line[:1] != b"$":
                        raise ValueError(line)
                    self.count = int(line[1:]) + 2
                    self.room -= self.count
                    if self.count < 2 or self.room < 0:
                        raise ValueError(line)
                    self.setRawMode()
                elif line[:1] == b"*":
                    self.left = int(line[1:])
                    if self.left > resp_by_hand.MAX_WORDS:
                        raise ValueError(line)
                    self.args, self.room = [], resp_by_hand.MAX_OCTETS
                elif words := line.split():
                    self.transport.write(resp_by_hand.answer(store, words))
            except ValueError:
                self.transport.write(b"-ERR Protocol error\r\n")
                self.transport.loseConnection()

        def rawDataReceived(self, data: bytes) -> None:
            taken = data[: self.count]
            self.count -= len(taken)
            self.parts.append(taken)
            if self.count:
                return
            value, self.parts = b"".join(self.parts), []
            if value[-2:] != b"\r\n":
                self.transport.write(b"-ERR Protocol error\r\n")
                self.transport.loseConnection()
                return
            self.args.append(value[:-2])
            self.left -= 1
            if not self.left:
                self.transport.write(resp_by_hand.answer(store, self.args))
            self.setLineMode(data[len(taken) :])

    class UntilEof(Protocol):  # type: ignore[misc]
        def connectionLost(self, reason: Any = None) -> None:
            reactor.stop()

    port = reactor.listenTCP(0, Factory.forProtocol(Server), interface="127.0.0.1")
    stdio.StandardIO(UntilEof())
    print(port.getHost().port, flush=True)
    reactor.run()


async def run(start: Callable[[str], Awaitable[Any]], folder: str) -> None:
    """Serve on asyncio until standard input ends."""
    server = await start(folder)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, lambda: sys.stdin.read(1) or ended.set())
    await ended.wait()
    server.close()


if __name__ == "__main__":
    kind, folder = [*sys.argv[1:], ""][:2]
    if kind == "Twisted LineReceiver":
        twisted()
    else:
        asyncio.run(run({"protogen": generated, "by hand": hand_written}[kind], folder))
