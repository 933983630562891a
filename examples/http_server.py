"""An HTTP server of files and uploads: what is left to write once specs/http1.proto has been built.

The spec cuts requests out of the stream, says 400 to what could be read in two ways, frames what is
answered, and keeps connections; files, types and uploads are here. Bodies go in and out in pieces.

    protogen build specs/http1.proto -o out
    PYTHONPATH=out python examples/http_server.py 8080 .
"""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import http1

from protogen_fsm.runtime import aio
from protogen_fsm.runtime.core import LocalProtocolError

PIECE = 64 * 1024


class FileServer(http1.Server):
    """Answers GET and HEAD with files, POST and PUT with what a body comes to, `Upgrade: echo`."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root.resolve()
        self.asked: tuple[str, str] | None = None
        self.digest: Any = None
        self.count = 0

    def emit_request(self, method: str, target: str, minor: int, fields: list[Any]) -> None:
        """The head of a request is here; its body, if it has one, comes behind it."""
        self.asked, self.digest, self.count = (method, target), hashlib.sha256(), 0
        self.fields = {field.name.lower(): field.value for field in fields}

    def emit_body(self, data: bytes) -> None:
        """A piece of the body."""
        self.digest.update(data)
        self.count += len(data)

    def emit_request_end(self, trailers: list[Any]) -> Any:
        """The whole request is here."""
        method, target = self.asked or ("", "")
        if self.upgrade and self.fields.get(b"upgrade") == b"echo":
            return self.switch("Switching Protocols", self.named(upgrade="echo"))
        if method in ("POST", "PUT"):
            text = f"{self.count} {self.digest.hexdigest()}\n"
            return self.answer(200, "OK", self.named(content_type="text/plain"), text.encode())
        if method not in ("GET", "HEAD"):
            return self.answer(405, "Method Not Allowed", self.named(allow="GET, HEAD, POST"), b"")
        path = self.found(target)
        if path is None:
            return self.answer(404, "Not Found", [], b"no such file\n")
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        size = path.stat().st_size
        if size <= PIECE:
            return self.answer(200, "OK", self.named(content_type=kind), path.read_bytes())
        self.respond(200, "OK", self.named(content_type=kind, content_length=str(size)))
        self.sending = asyncio.ensure_future(self.send_file(path))
        return None

    async def send_file(self, path: Path) -> None:
        """A file in pieces, no faster than the client takes them."""
        adapter: Any = self.wire.adapter
        with path.open("rb") as file, suppress(LocalProtocolError):  # the client may leave
            while self.method != "HEAD" and (piece := file.read(PIECE)):
                self.send_body(piece)
                while adapter.transport.get_write_buffer_size() > PIECE:
                    await asyncio.sleep(0.005)
            self.finish()

    def emit_raw(self, data: bytes) -> None:
        """After the upgrade: what comes goes back."""
        self.send_raw(data)

    def emit_broken(self, reason: str) -> None:
        """The request will not come to its end."""

    def emit_raw_end(self) -> None:
        """The other protocol is over."""

    def found(self, target: str) -> Path | None:
        """The file that is meant, if it lies below the root."""
        path = (self.root / unquote(urlsplit(target).path).lstrip("/")).resolve()
        inside = path.is_relative_to(self.root)
        return path if inside and path.is_file() else None

    @staticmethod
    def named(**values: str) -> list[Any]:
        """Fields, `_` for `-` in their names."""
        return [
            http1.Field(name.replace("_", "-").encode(), value.encode())
            for name, value in values.items()
        ]


async def main(port: int, root: Path) -> None:
    """Serve until stopped."""
    server = await aio.serve(lambda: FileServer(root), "127.0.0.1", port)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
