"""Run the built SMTP server as a process of its own: `server.py FOLDER`, printing its port.

Its memory is then its own, and can be watched from outside.
"""

from __future__ import annotations

import asyncio
import sys


async def main(folder: str) -> None:
    """Serve until killed."""
    sys.path.insert(0, folder)
    import smtp

    from protogen_fsm.runtime import aio

    server = await aio.serve(lambda: smtp.Server("mx.example.org"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
