"""End-to-end tests against programs of others, each skipped where its program is missing."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
SBIN = "/usr/sbin:/usr/libexec/postfix"  # where Postfix puts smtp-source and smtp-sink


@contextlib.contextmanager
def by_command_line(factory: pytest.TempPathFactory, spec: str, name: str) -> Iterator[Any]:
    """The module `name`: what the command line makes of a spec, or an example above that."""
    out = factory.mktemp("built")
    done = subprocess.run(
        [sys.executable, "-m", "protogen_fsm", "build", spec, "-o", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    folders = [out, ROOT / "examples"]
    added = list(map(str, folders))
    sys.path[:0] = added
    before = set(sys.modules)
    try:
        yield importlib.import_module(name)
    finally:
        for path in added:
            sys.path.remove(path)
        for module in [path.stem for folder in folders for path in folder.glob("*.py")]:
            if module not in before:
                sys.modules.pop(module, None)


@pytest.fixture(scope="session")
def smtp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The module built from `specs/smtp.proto`."""
    with by_command_line(tmp_path_factory, "specs/smtp.proto", "smtp") as module:
        yield module


@pytest.fixture
def built(smtp: Any) -> Path:
    """The folder of that module."""
    return Path(smtp.__file__).parent


@pytest.fixture
def tool() -> Callable[[str], str]:
    """The path of a program by its name; skips the test where there is none."""

    def find(name: str) -> str:
        path = shutil.which(name) or shutil.which(name, path=SBIN)
        if path is None:
            pytest.skip(f"{name} is not installed")
        return path

    return find


@dataclass(frozen=True)
class Mail:
    """One mail as the server told it."""

    sender: str
    recipients: list[str]
    body: bytes


@dataclass
class Serving:
    """A server of ours in this process, and what it has told."""

    smtp: Any
    port: int = 0
    mails: list[Mail] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)

    @property
    def where(self) -> str:
        """Its address as most programs want it."""
        return f"127.0.0.1:{self.port}"


@pytest.fixture
def serving(smtp: Any) -> Callable[..., contextlib.AbstractAsyncContextManager[Serving]]:
    """`async with serving() as server`: takes mail for `@example.org`; no fault may stay behind."""

    @contextlib.asynccontextmanager
    async def serve(machine: type | None = None) -> AsyncIterator[Serving]:
        from protogen_fsm.runtime import aio

        told = Serving(smtp)

        class Server(machine or smtp.Server):  # type: ignore[misc]
            def do_ENVELOPE_RCPT(self, recipient: str) -> Any:
                if not recipient.endswith("@example.org"):
                    return smtp.Reject("no such user here")
                return None

            def emit_mail(self, sender: str, recipients: list[str], body: bytes) -> None:
                told.mails.append(Mail(sender, recipients, body))

        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: told.faults.append(context)
        )
        server = await aio.serve(lambda: Server("mx.example.org"), "127.0.0.1", 0)
        told.port = server.sockets[0].getsockname()[1]
        try:
            yield told
        finally:
            server.close()
            await asyncio.wait_for(server.wait_closed(), 10)
        assert told.faults == []

    return serve


@dataclass(frozen=True)
class Ended:
    """A program that has run to its end."""

    status: int
    output: str


@pytest.fixture
def run() -> Callable[..., Any]:
    """`await run(program, *arguments)`: run it to its end beside the server in this process."""

    async def run_program(
        *command: str, given: bytes | None = None, timeout: float = 60, **options: Any
    ) -> Ended:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            **options,
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(given), timeout)
        except TimeoutError:
            process.kill()
            raise
        return Ended(process.returncode or 0, output.decode("utf-8", "replace"))

    return run_program


@dataclass
class Talk:
    """A client that says and hears lines, and knows nothing else of the protocol."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, data: bytes) -> None:
        """Send bytes."""
        self.writer.write(data)
        await self.writer.drain()

    async def hear(self) -> str:
        """One reply, of one line or several, without its line ends."""
        lines = []
        while True:
            line = await asyncio.wait_for(self.reader.readuntil(b"\r\n"), 10)
            lines.append(line.decode().rstrip("\r\n"))
            if line[3:4] != b"-":
                return "\n".join(lines)

    async def ask(self, line: bytes) -> str:
        """Send a line and hear its reply."""
        await self.say(line + b"\r\n")
        return await self.hear()

    async def ended(self) -> bool:
        """Whether the server has closed the connection, with nothing more said."""
        return await asyncio.wait_for(self.reader.read(), 10) == b""


@pytest.fixture
def talk() -> Callable[..., contextlib.AbstractAsyncContextManager[Talk]]:
    """`async with talk(port) as client`: a bare connection, past the server's greeting."""

    @contextlib.asynccontextmanager
    async def connect(port: int) -> AsyncIterator[Talk]:
        client = Talk(*await asyncio.open_connection("127.0.0.1", port))
        try:
            assert (await client.hear()).startswith("220 mx.example.org")
            yield client
        finally:
            client.writer.close()
            with contextlib.suppress(ConnectionError):
                await client.writer.wait_closed()

    return connect


@pytest.fixture
def free_port() -> int:
    """A port of the loopback interface that nobody listened on a moment ago."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
