"""Serves the files of a folder by TFTP, and takes new ones.

    protogen build specs/tftp.proto -o out
    PYTHONPATH=out python examples/tftp_server.py FOLDER [PORT]

The generated server says what may be said when, and says it again where nothing comes; here is only
which files there are.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import tftp

from protogen_fsm.runtime import aio


class FolderServer(tftp.Server):
    """One transfer from or into a folder, and none beside it."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def do_IDLE_RRQ(self, name: str, mode: str, options: list[tftp.Option]) -> Any:
        path = self.inside(name)
        if path is None or not path.is_file():
            return tftp.Refuse()
        body = path.read_bytes()
        if len(body) > tftp.LARGEST:
            return tftp.Refuse("Too large", 0)
        return tftp.Give(as_netascii(body) if mode.lower() == "netascii" else body)

    def do_IDLE_WRQ(self, name: str, mode: str, options: list[tftp.Option]) -> Any:
        path = self.inside(name)
        if path is None:
            return tftp.Refuse("Access violation", 2)
        if path.exists():
            return tftp.Refuse("File already exists", 6)
        return tftp.Receive()

    def do_RECEIVING_whole(self, body: bytes) -> Any:
        path = self.inside(self.name)
        if path is None:
            return tftp.Decline("Access violation", 2)
        if self.mode.lower() == "netascii":
            body = body.replace(b"\r\n", b"\n").replace(b"\r\0", b"\r")
        try:
            with path.open("xb") as file:
                file.write(body)
        except OSError as error:
            return tftp.Decline(str(error.strerror))
        return tftp.Keep()

    def inside(self, name: str) -> Path | None:
        """The file in the folder of that name."""
        plain = name.lstrip("/")
        if not plain or plain.startswith(".") or "/" in plain or "\0" in plain:
            return None
        return self.folder / plain


def as_netascii(body: bytes) -> bytes:
    """A text as it goes over the wire: RFC 764, as RFC 1350 has it."""
    return body.replace(b"\r", b"\r\0").replace(b"\n", b"\r\n")


async def main(folder: str, port: int) -> None:
    server = await aio.serve_datagrams(lambda: FolderServer(Path(folder)), port=port, apart=True)
    print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
    await server.wait_closed()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]) if sys.argv[2:] else 0))
