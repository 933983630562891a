"""The notes server: what the spec leaves to us, and the call that runs it."""

import asyncio

import notes
from protogen_fsm.runtime import aio


class Server(notes.Server):
    """One connection; the notes belong to all of them."""

    def __init__(self, kept: dict[str, str]) -> None:
        super().__init__()
        self.kept = kept

    def do_OPEN_PUT(self, name: str, text: str) -> notes.Full | None:
        if name not in self.kept and len(self.kept) >= 1000:
            return notes.Full("too many notes")
        self.kept[name] = text
        return None  # the first outcome that the spec names: kept

    def do_OPEN_GET(self, name: str) -> notes.Found | None:
        if name in self.kept:
            return notes.Found(self.kept[name])
        return None  # unknown


async def main(port: int = 4000) -> None:
    kept: dict[str, str] = {}
    server = await aio.serve(lambda: Server(kept), "127.0.0.1", port)
    print(f"notes on port {port}")
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
