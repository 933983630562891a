"""Run one SMTP server whose directory takes its time until standard input ends.

    connections_main.py WHO FOLDER

WHO is `protogen`, the server made of `specs/smtp.proto`, which is in FOLDER, or `by hand`: the one
of `by_hand.py`, with a task for each connection that has commands waiting. Prints its port. Both
ask 10 ms for each recipient, and refuse it with its own name, so that answers can be told apart.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import by_hand
from main import HOST, run

ASKING = 0.01  # seconds


async def generated(folder: str) -> Any:
    """The server made of `specs/smtp.proto`."""
    sys.path.insert(0, folder)
    import smtp

    from protogen_fsm.runtime import aio

    class Server(smtp.Server):  # type: ignore[misc, name-defined]
        async def do_ENVELOPE_RCPT(self, recipient: str) -> Any:
            await asyncio.sleep(ASKING)
            return smtp.Reject(recipient)  # type: ignore[attr-defined]

    return await aio.serve(lambda: Server(HOST), "127.0.0.1", 0, backlog=1000)


class ByHand(by_hand.Server):
    """The commands of one connection in their order, whatever they wait for."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.task: asyncio.Task[None] | None = None

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.task is None and b"\n" in data:
            self.task = asyncio.get_running_loop().create_task(self.work())

    async def work(self) -> None:
        """Answers what waits, and ends."""
        replies: list[bytes] = []
        while not self.closed and self._line(replies):
            (reply,) = replies
            replies.clear()
            if reply.startswith(b"550"):
                await asyncio.sleep(ASKING)
            self.transport.write(reply)
        self.task = None
        if self.closed:
            self.transport.close()

    def _rcpt(self, rest: str) -> bytes:
        if self.sender is None:
            return b"503 Bad sequence of commands\r\n"
        recipient = by_hand._path(rest, "TO:<")
        return f"550 {recipient}\r\n".encode()


async def hand_written(_: str) -> Any:
    """The one by hand."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: ByHand(HOST), "127.0.0.1", 0, backlog=1000)


if __name__ == "__main__":
    start = {"protogen": generated, "by hand": hand_written}[sys.argv[1]]
    asyncio.run(run(start, sys.argv[2]))
