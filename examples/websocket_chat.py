"""A room where everybody hears what anybody says: what is left to write for a WebSocket server.

The spec holds the opening handshake, frames, fragments, pings and closing. Who may come in, under
which protocol, and what a message means, is here.

    protogen build specs/websocket.proto -o out
    PYTHONPATH=out python examples/websocket_chat.py 8765
"""

from __future__ import annotations

import asyncio
import sys

import websocket

from protogen_fsm.runtime import aio

room: set[Guest] = set()


class Guest(websocket.Server):
    """One connection; its name is the path that it asked for."""

    def do_request(
        self, target: str, origins: list[str], protocols: list[str], fields: list[websocket.Field]
    ) -> websocket.Accept | websocket.Refuse:
        if target == "/":
            return websocket.Refuse(404, "Not Found")
        return websocket.Accept("chat" if "chat" in protocols else "")

    def emit_opened(self, target: str, protocol: str) -> None:
        room.add(self)

    def emit_text(self, data: str) -> None:
        for guest in room:
            if guest.state == "OPEN":
                guest.send_text(f"{self.target[1:]}: {data}")

    def emit_binary(self, data: bytes) -> None:
        self.disconnect(1003, "text only")

    def emit_closed(self, code: int, reason: str, clean: bool) -> None:
        room.discard(self)


async def main(port: int) -> None:
    """Serves until it is stopped."""
    async with await aio.serve(lambda: Guest(heartbeat=30), port=port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
