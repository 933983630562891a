"""Run one server of the soak until standard input ends: `soak_main.py smtp|resp FOLDER`.

Prints its port, and for each line that it is told: the octets that Python has allocated, as
tracemalloc knows them, the objects that the collector knows, and the events that were taken.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import tracemalloc
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
events = 0


async def smtp_server() -> Any:
    """Takes mail after a moment, and refuses some recipients."""
    import smtp

    from protogen_fsm.runtime import aio
    from protogen_fsm.runtime.bounds import Bounds

    class Server(smtp.Server):  # type: ignore[misc, name-defined]
        def line(self, text: bytes) -> None:
            global events
            events += not self._busy  # else it comes again
            super().line(text)

        async def do_ENVELOPE_RCPT(self, recipient: str) -> Any:
            await asyncio.sleep(0)
            return smtp.Reject("nobody") if recipient.startswith("no") else None  # type: ignore[attr-defined]

        def emit_mail(self, sender: str, recipients: list[str], body: bytes) -> None:
            pass

    bounds = Bounds(session=60, idle=30, rate=100)
    return await aio.serve(lambda: Server("mx.example.org"), "127.0.0.1", 0, bounds=bounds)


async def resp_server() -> Any:
    """`examples/resp_server.py`."""
    from protogen_fsm.runtime import aio
    from resp_server import RedisServer, Store

    class Server(RedisServer):  # type: ignore[misc]
        def do_TALKING_command(self, args: list[bytes]) -> Any:
            global events
            events += 1
            return super().do_TALKING_command(args)

    store = Store()
    return await aio.serve(lambda: Server(store), "127.0.0.1", 0)


async def main(kind: str) -> None:
    """Serve, and answer for the memory."""
    server = await {"smtp": smtp_server, "resp": resp_server}[kind]()
    tracemalloc.start(1)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()

    def asked() -> None:
        if not sys.stdin.readline():
            ended.set()
            return
        gc.collect()
        print(tracemalloc.get_traced_memory()[0], len(gc.get_objects()), events, flush=True)

    asyncio.get_running_loop().add_reader(sys.stdin, asked)
    await ended.wait()
    await server.shut_down(1)


if __name__ == "__main__":
    sys.path[:0] = [sys.argv[2], str(EXAMPLES)]
    asyncio.run(main(sys.argv[1]))
