"""Serves a folder by FTP, and fetches and brings files.

    protogen build specs/ftp.proto -o out
    PYTHONPATH=out python examples/ftp_server.py [FOLDER [PORT]]

serves FOLDER on port 2121 to `anonymous`, who may read, and to `ann` with the password `secret`,
who may write, too; without a FOLDER it makes one, fetches from it, brings it a file, and ends. The
spec has the control connection; which files there are, and the connections that their octets take,
are here.
"""

from __future__ import annotations

import asyncio
import errno
import os
import posixpath
import shutil
import socket
import stat
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import ftp

from protogen_fsm.runtime import aio

PATIENCE = 30.0  # seconds in which the data connection has to come about, and to go on
PIECE = 64 * 1024
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Work = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class FolderServer(ftp.Server):
    """One control connection to the folder `root`; `passwords` by those who may write."""

    def __init__(self, host: str, root: Path, passwords: dict[str, str]) -> None:
        super().__init__(host)
        self.root, self.passwords = root.resolve(), passwords
        self.may_write = False
        self._listening: asyncio.Server | None = None
        self._called: asyncio.Future[Streams] | None = None
        self._to_call: tuple[str, int] | None = None
        self._moving: asyncio.Task[None] | None = None

    # ------------------------------------------------------------ who may

    def do_PASSWORD_login(self, name: str, password: str) -> Any:
        if name in ("anonymous", "ftp"):
            return ftp.Accept()
        self.may_write = self.passwords.get(name, password + "?") == password
        return ftp.Accept() if self.may_write else ftp.Reject()

    # ------------------------------------------------------------ the data connection

    async def do_READY_PASV(self) -> Any:
        host, port = await self._listen()
        if ":" in host:
            return ftp.Unable("Use EPSV")
        return ftp.Passive(",".join([*host.split("."), str(port >> 8), str(port & 255)]))

    async def do_READY_EPSV(self, which: str) -> Any:
        _, port = await self._listen()
        return ftp.Extended(port)

    def do_READY_PORT(self, address: str) -> Any:
        *host, high, low = address.split(",")
        return self._is_to_call(".".join(host), int(high) * 256 + int(low))

    def do_READY_EPRT(self, address: str) -> Any:
        _, _, host, port, _ = address.split("|")
        return self._is_to_call(host, int(port))

    def _is_to_call(self, host: str, port: int) -> Any:
        # Whoever may have us call anybody can attack others through us (RFC 2577, section 3).
        self._hang_up()
        if host != self.wire.peer[0] or not 1024 <= port <= 65535:
            return ftp.Refuse()
        self._to_call = (host, port)
        return ftp.Accept()

    async def _listen(self) -> tuple[str, int]:
        self._hang_up()
        self._called = called = asyncio.get_running_loop().create_future()

        def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # Nobody else may fetch what was asked for here.
            if called.done() or writer.get_extra_info("peername")[0] != self.wire.peer[0]:
                writer.close()
            else:
                called.set_result((reader, writer))

        host = self.wire.adapter.transport.get_extra_info("sockname")[0]
        self._listening = await asyncio.start_server(taken, host, 0)
        return self._listening.sockets[0].getsockname()[:2]

    def emit_hang_up(self) -> None:
        self._hang_up()

    def _hang_up(self) -> None:
        if self._listening is not None:
            self._listening.close()
        if self._moving is not None and self._moving is not asyncio.current_task():
            self._moving.cancel()
        if self._called is not None and not self._called.cancel() and not self._called.cancelled():
            self._called.result()[1].transport.abort()  # it may have come and not been used
        self._listening = self._called = self._to_call = self._moving = None

    def _carry(self, work: Work) -> None:
        self._moving = asyncio.create_task(self._carried(work))

    async def _carried(self, work: Work) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                if self._called is not None:
                    reader, writer = await self._called
                else:
                    reader, writer = await asyncio.open_connection(*(self._to_call or ("", 0)))
        except (OSError, TimeoutError):
            self.unreachable()
            return
        try:
            await work(reader, writer)
            writer.close()
            await writer.wait_closed()
        except TimeoutError:
            self.broken("Nothing moves")
        except OSError as error:
            if error.errno in FULL:
                self.full("No space left")
            else:
                self.broken("Data connection lost")
        else:
            self.complete()
        finally:
            writer.transport.abort()  # nobody waits for what was given up

    # ------------------------------------------------------------ the files

    def inside(self, path: str) -> Path | None:
        """The file of that name, None if it would lie outside the folder."""
        if "\0" in path:
            return None
        found = self.root / posixpath.normpath(posixpath.join("/", self.where, path)).lstrip("/")
        return found if found.resolve().is_relative_to(self.root) else None

    def named(self, found: Path) -> str:
        """Its name as the client sees it."""
        inside = found.relative_to(self.root).as_posix()
        return "/" if inside == "." else f"/{inside}"

    def do_READY_CWD(self, path: str) -> Any:
        found = self.inside(path)
        return ftp.Changed(self.named(found)) if found and found.is_dir() else ftp.Missing()

    def do_READY_up(self) -> Any:
        return ftp.Changed(posixpath.dirname(self.where))

    def do_READY_RETR(self, path: str) -> Any:
        found = self.inside(path)
        return ftp.Found() if found and found.is_file() else ftp.Missing()

    def do_READY_SIZE(self, path: str) -> Any:
        found = self.inside(path)
        return ftp.Sized(found.stat().st_size) if found and found.is_file() else ftp.Missing()

    def do_READY_MDTM(self, path: str) -> Any:
        found = self.inside(path)
        return ftp.Dated(_stamp(found.stat())) if found and found.is_file() else ftp.Missing()

    def _may_take(self, path: str) -> Any:
        found = self.inside(path)
        fits = self.may_write and found and found.parent.is_dir() and not found.is_dir()
        return ftp.Bring() if fits else ftp.Refuse()

    do_READY_STOR = do_READY_APPE = _may_take

    def _may_list(self, path: str) -> Any:
        found = self.inside(_no_options(path))
        return ftp.Found() if found and found.exists() else ftp.Missing()

    do_READY_LIST = do_READY_NLST = do_READY_MLSD = _may_list

    def do_READY_MKD(self, path: str) -> Any:
        found = self.inside(path)
        return self._changes(lambda: found.mkdir(), found) or ftp.Made(self.named(found))

    def do_READY_DELE(self, path: str) -> Any:
        found = self.inside(path)
        return self._changes(lambda: found.unlink(), found) or ftp.Done()

    def do_READY_RMD(self, path: str) -> Any:
        found = self.inside(path)
        return self._changes(lambda: found.rmdir(), found) or ftp.Done()

    def do_READY_RNFR(self, path: str) -> Any:
        found = self.inside(path)
        return ftp.Found() if self.may_write and found and found.exists() else ftp.Missing()

    def do_RENAMING_rename(self, old: str, path: str) -> Any:
        source, goal = self.inside(old), self.inside(path)
        return self._changes(lambda: source.rename(goal), source, goal) or ftp.Done()

    def _changes(self, change: Callable[[], Any], *found: Path | None) -> Any:
        if not self.may_write or None in found or self.root in found:
            return ftp.Refuse()
        try:
            change()
        except OSError as error:
            return ftp.Refuse(str(error.strerror))
        return None

    # ------------------------------------------------------------ what moves

    def emit_retrieve(self, path: str, offset: int) -> None:
        found = self.inside(path)

        async def give(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with found.open("rb") as file:
                file.seek(offset)
                while piece := file.read(PIECE):
                    writer.write(piece if self.binary else piece.replace(b"\n", b"\r\n"))
                    async with asyncio.timeout(PATIENCE):
                        await writer.drain()

        self._carry(give)

    def emit_store(self, path: str, offset: int) -> None:
        self._take(path, "r+b" if offset else "wb", offset)

    def emit_append(self, path: str) -> None:
        self._take(path, "ab", 0)

    def _take(self, path: str, mode: str, offset: int) -> None:
        found, binary = self.inside(path), self.binary

        async def take(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
            rest = b""
            with found.open(mode) as file:
                if offset:
                    file.seek(offset)
                    file.truncate()
                while piece := await asyncio.wait_for(reader.read(PIECE), PATIENCE):
                    if not binary:
                        piece = rest + piece
                        rest = piece[-1:] if piece.endswith(b"\r") else b""
                        piece = piece[: len(piece) - len(rest)].replace(b"\r\n", b"\n")
                    file.write(piece)
                file.write(rest)

        self._carry(take)

    def emit_listing(self, path: str) -> None:
        self._list(path, _in_full)

    def emit_names(self, path: str) -> None:
        self._list(path, lambda found: found.name)

    def emit_facts(self, path: str) -> None:
        self._list(path, _facts)

    def _list(self, path: str, line: Callable[[Path], str]) -> None:
        found = self.inside(_no_options(path))

        async def give(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for one in sorted(found.iterdir()) if found.is_dir() else [found]:
                with suppress(FileNotFoundError):  # removed meanwhile
                    writer.write(f"{line(one)}\r\n".encode("utf-8", "surrogateescape"))
                await writer.drain()

        self._carry(give)


def _no_options(path: str) -> str:
    """What stands behind `-la`, which clients send though no RFC knows of it."""
    return " ".join(word for word in path.split(" ") if not word.startswith("-"))


def _stamp(known: os.stat_result) -> str:
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(known.st_mtime))


def _in_full(found: Path) -> str:
    known = found.stat()
    day = time.strftime("%b %d %H:%M", time.gmtime(known.st_mtime))
    mode = stat.filemode(known.st_mode)
    return f"{mode} {known.st_nlink:3} ftp ftp {known.st_size:12} {day} {found.name}"


def _facts(found: Path) -> str:
    """RFC 3659, section 7.2."""
    known = found.stat()
    kind = "dir" if found.is_dir() else "file"
    return f"type={kind};size={known.st_size};modify={_stamp(known)}; {found.name}"


class Fetcher(ftp.Client):
    """A client; what is fetched is written to `file`, what is brought is read from it."""

    file: Any = None

    def __init__(self) -> None:
        super().__init__()
        self._data: Streams | None = None
        self._task: asyncio.Task[None] | None = None

    def emit_dial(self, port: int) -> None:
        # Whatever address the server names: another than its own might be anybody's.
        self._task = asyncio.create_task(self._dial(self.wire.peer[0], port))

    async def _dial(self, host: str, port: int) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                self._data = await asyncio.open_connection(host, port)
        except (OSError, TimeoutError) as error:
            self.unreachable(str(error) or "Nobody answers")
        else:
            self.connected()

    def emit_take(self, path: str) -> None:
        self._task = asyncio.create_task(self._carried(self._take))

    def emit_give(self, path: str) -> None:
        self._task = asyncio.create_task(self._carried(self._give))

    async def _carried(self, work: Work) -> None:
        reader, writer = self._data or ()
        try:
            await work(reader, writer)
            writer.close()
            await writer.wait_closed()
        except OSError as error:
            self.broken(str(error))
        else:
            self.complete()

    async def _take(self, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        while piece := await reader.read(PIECE):
            self.file.write(piece)

    async def _give(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := self.file.read(PIECE):
            writer.write(piece)
            await writer.drain()

    def emit_hang_up(self) -> None:
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        if self._data is not None:
            self._data[1].close()
        self._data = self._task = None


class Refused(Exception):
    """The server's code (0 if it was not the server who refused) and its words."""


@asynccontextmanager
async def session(host: str, port: int, name: str, password: str) -> AsyncIterator[Session]:
    """A session that somebody has logged in to. Raises Refused, OSError."""
    async with aio.connect(Fetcher, host, port) as client:
        one = Session(client)
        await one.ask(client.login(name, password))
        yield one
        await client.quit()


class Session:
    """What a user does with a client."""

    def __init__(self, client: Fetcher) -> None:
        self.client = client

    async def ask(self, call: Any) -> Any:
        """The answer of a call. Raises Refused."""
        answer = await call
        if isinstance(answer, tuple):
            raise Refused(*answer)
        return answer

    async def fetch(self, path: str, file: Any, offset: int = 0) -> None:
        """A file of the server, from an offset on, into one of ours."""
        self.client.file = file
        await self.ask(self.client.move(ftp.Verb.retr, path, offset))

    async def bring(self, file: Any, path: str) -> None:
        """A file of ours to the server."""
        self.client.file = file
        await self.ask(self.client.move(ftp.Verb.stor, path))

    async def names(self, path: str = "") -> list[str]:
        """What lies in a directory of the server."""
        with tempfile.TemporaryFile() as file:
            self.client.file = file
            await self.ask(self.client.move(ftp.Verb.nlst, path))
            file.seek(0)
            return file.read().decode("utf-8", "surrogateescape").splitlines()


async def serve(root: Path, passwords: dict[str, str], host: str, port: int) -> Any:
    """The listening server. ABOR, which some clients send as urgent data, stays in its place."""
    server = await aio.serve(lambda: FolderServer("localhost", root, passwords), host, port)
    for sock in server.sockets:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
    return server


async def main(folder: str = "", port: int = 2121) -> None:
    root = Path(folder or tempfile.mkdtemp())
    server = await serve(root, {"ann": "secret"}, "127.0.0.1", port if folder else 0)
    port = server.sockets[0].getsockname()[1]
    print(f"serving {root if folder else 'a new folder'} on 127.0.0.1 port {port}", flush=True)
    if folder:
        await server.serve_forever()
    try:
        (root / "hello.txt").write_text("Hello.\n")
        async with session("127.0.0.1", port, "ann", "secret") as one:
            print("names:", await one.names())
            with (root / "hello.txt").open("rb") as file:
                await one.bring(file, "copy.txt")
            with tempfile.TemporaryFile() as file:
                await one.fetch("copy.txt", file)
                print(f"fetched {file.tell()} octets of copy.txt")
            try:
                await one.fetch("nowhere.txt", None)
            except Refused as refused:
                print("refused:", *refused.args)
    finally:
        server.close()
        await server.wait_closed()
        shutil.rmtree(root)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:2], *map(int, sys.argv[2:3])))
