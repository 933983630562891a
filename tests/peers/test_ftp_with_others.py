"""specs/ftp.proto and examples/ftp_server.py against ftplib, curl, wget, lftp, tnftp and vsftpd."""

from __future__ import annotations

import asyncio
import contextlib
import ftplib
import io
import os
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conftest import by_command_line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

TEXT = b"first\nsecond\nthird"
LARGE = bytes(range(256)) * 8000


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The module of the example, on specs/ftp.proto."""
    with by_command_line(tmp_path_factory, "specs/ftp.proto", "ftp_server") as module:
        yield module


@dataclass
class Serving:
    """The example's server, and what it serves."""

    folder: Path
    port: int = 0
    faults: list[dict[str, Any]] = field(default_factory=list)

    @property
    def where(self) -> str:
        """As programs want it."""
        return f"ftp://ann:secret@127.0.0.1:{self.port}"


def filled(folder: Path) -> Path:
    """A folder with two files and another folder."""
    folder.mkdir()
    (folder / "text.txt").write_bytes(TEXT)
    (folder / "large.bin").write_bytes(LARGE)
    (folder / "inner").mkdir()
    (folder / "inner" / "größe").write_bytes(b"!")
    (folder.parent / "outside.txt").write_bytes(b"nobody's")
    (folder / "way out").symlink_to("../outside.txt")
    return folder


@pytest.fixture
def serving(
    example: Any, tmp_path: Path
) -> Callable[..., contextlib.AbstractAsyncContextManager[Serving]]:
    """`async with serving() as server`: no fault may stay behind."""

    @contextlib.asynccontextmanager
    async def serve() -> AsyncIterator[Serving]:
        told = Serving(filled(tmp_path / "served"))
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: told.faults.append(context)
        )
        server = await example.serve(told.folder, {"ann": "secret"}, "127.0.0.1", 0)
        told.port = server.sockets[0].getsockname()[1]
        try:
            yield told
        finally:
            server.close()
            await asyncio.wait_for(server.wait_closed(), 10)
        assert told.faults == []

    return serve


# ---------------------------------------------------------------- ftplib


def logged_in(port: int, name: str = "ann", password: str = "secret") -> ftplib.FTP:
    client = ftplib.FTP(timeout=10, encoding="utf-8")
    client.connect("127.0.0.1", port)
    client.login(name, password)
    return client


def fetched(client: ftplib.FTP, path: str, **options: Any) -> bytes:
    file = io.BytesIO()
    client.retrbinary(f"RETR {path}", file.write, **options)
    return file.getvalue()


def _every_command(port: int, folder: Path) -> None:
    client = ftplib.FTP(timeout=10)
    client.connect("127.0.0.1", port)
    with pytest.raises(ftplib.error_perm, match="530 Log in first"):
        client.pwd()
    with pytest.raises(ftplib.error_perm, match="530 Login incorrect"):
        client.login("ann", "wrong")
    client.close()
    client = logged_in(port)
    assert client.pwd() == "/"
    assert sorted(client.nlst()) == ["inner", "large.bin", "text.txt", "way out"]
    assert fetched(client, "large.bin") == LARGE
    assert fetched(client, "large.bin", rest=1000) == LARGE[1000:]
    assert fetched(client, "large.bin") == LARGE  # the offset was for that transfer alone
    lines: list[str] = []
    client.retrlines("RETR text.txt", lines.append)
    assert lines == ["first", "second", "third"]
    client.voidcmd("TYPE I")
    assert client.size("text.txt") == len(TEXT)
    assert client.storbinary("STOR new", io.BytesIO(LARGE)) == "226 Transfer complete"
    client.storbinary("APPE new", io.BytesIO(b"more"))
    client.storbinary("STOR new", io.BytesIO(b"?"), rest=len(LARGE) + 3)
    client.storlines("STOR lines", io.BytesIO(b"a\nb\n"))
    assert (folder / "lines").read_bytes() == b"a\nb\n"
    assert (folder / "new").read_bytes() == LARGE + b"mor?"
    assert client.mkd('a "new" one') == '/a "new" one'
    client.cwd('a "new" one')
    assert client.pwd() == '/a "new" one'
    client.rename("/new", "renamed")
    assert client.nlst() == ["renamed"]
    client.cwd("..")
    client.delete('a "new" one/renamed')
    client.rmd('a "new" one')
    facts = dict(client.mlsd())
    assert facts["inner"]["type"] == "dir"
    assert facts["large.bin"]["size"] == str(len(LARGE))
    assert dict(client.mlsd("inner")).keys() == {"größe"}
    client.set_pasv(False)
    assert fetched(client, "large.bin") == LARGE
    client.set_pasv(True)
    for outside in ("../outside.txt", "way out", "/../outside.txt", "nowhere", "inner"):
        with pytest.raises(ftplib.error_perm, match="550"):
            fetched(client, outside)
    assert client.quit() == "221 Goodbye"


async def test_ftplib_says_every_command(serving: Any) -> None:
    async with serving() as server:
        await asyncio.to_thread(_every_command, server.port, server.folder)


async def test_who_may_only_read_changes_nothing(serving: Any) -> None:
    def session(port: int) -> None:
        client = logged_in(port, "anonymous", "me@example.org")
        assert fetched(client, "text.txt") == TEXT
        for command in ("DELE text.txt", "MKD new", "RMD inner", "RNFR text.txt"):
            with pytest.raises(ftplib.error_perm, match="550"):
                client.voidcmd(command)
        with pytest.raises(ftplib.error_perm, match="553"):
            client.storbinary("STOR text.txt", io.BytesIO(b""))
        client.quit()

    async with serving() as server:
        await asyncio.to_thread(session, server.port)


async def test_an_abort_ends_the_transfer_and_the_session_goes_on(serving: Any) -> None:
    def session(port: int) -> None:
        client = logged_in(port)
        client.voidcmd("TYPE I")
        data = client.transfercmd("RETR endless")
        data.recv(1000)
        said = client.abort()
        data.close()
        assert said == "426 Transfer aborted"
        assert client.getresp() == "226 Aborted"
        assert client.pwd() == "/"
        data = client.transfercmd("STOR half")
        data.sendall(b"half")
        client.putcmd("QUIT")  # heeded once the transfer is done (RFC 959, section 4.1.1)
        data.close()
        assert client.getresp() == "226 Transfer complete"
        assert client.getresp() == "221 Goodbye"
        client.close()

    async with serving() as server:
        with (server.folder / "endless").open("wb") as file:
            file.truncate(1 << 33)
        await asyncio.to_thread(session, server.port)
        assert (server.folder / "half").read_bytes() == b"half"


async def test_nobody_is_called_for_somebody_else(serving: Any) -> None:
    def session(port: int) -> None:
        client = logged_in(port)
        for bounce in ("PORT 10,0,0,1,31,64", "PORT 127,0,0,1,0,25", "PORT 127,0,0,1,999,9"):
            with pytest.raises(ftplib.error_perm, match="501"):
                client.voidcmd(bounce)
        for bounce in ("EPRT |1|10.0.0.1|8000|", "EPRT |1|127.0.0.1|25|", "EPRT |1|127.0.0.1|0|"):
            with pytest.raises(ftplib.error_perm, match="522"):
                client.voidcmd(bounce)
        with pytest.raises(ftplib.error_temp, match="425"):
            client.voidcmd("LIST")
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            client.sendport("127.0.0.1", nobody.getsockname()[1])
            assert client.sendcmd("RETR text.txt") == "150 Here it comes"
            with pytest.raises(ftplib.error_temp, match="425 No data connection"):
                client.getresp()
        client.quit()

    async with serving() as server:
        await asyncio.to_thread(session, server.port)


# ---------------------------------------------------------------- programs


@pytest.mark.parametrize(
    "way", [[], ["--disable-epsv"], ["-P", "127.0.0.1"], ["-P", "127.0.0.1", "--disable-eprt"]]
)
async def test_curl_fetches_and_brings(
    serving: Any, run: Any, tool: Any, tmp_path: Path, way: list[str]
) -> None:
    async with serving() as server:
        curl = [tool("curl"), "-sS", "--max-time", "20", *way]
        here = tmp_path / "here"
        assert (await run(*curl, f"{server.where}/large.bin", "-o", str(here))).status == 0
        assert here.read_bytes() == LARGE
        brought = await run(*curl, "-T", str(here), f"{server.where}/inner/brought")
        assert brought.status == 0, brought.output
        assert (server.folder / "inner" / "brought").read_bytes() == LARGE
        listed = await run(*curl, "-l", f"{server.where}/inner/")
        assert listed.output.splitlines() == ["brought", "größe"]
        part = await run(*curl, "-r", "6-10", f"{server.where}/text.txt")
        assert part.output == "secon"
        assert (await run(*curl, f"{server.where}/nowhere")).status == 78


async def test_wget_fetches_a_whole_tree(serving: Any, run: Any, tool: Any, tmp_path: Path) -> None:
    async with serving() as server:
        done = await run(
            *(tool("wget"), "-q", "-r", "-nH", "-T", "10", "-t", "1", "-P", str(tmp_path / "tree")),
            f"{server.where}/",
            env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]},
        )
        assert done.status == 0, done.output
        assert (tmp_path / "tree" / "large.bin").read_bytes() == LARGE
        assert len(list((tmp_path / "tree" / "inner").glob("gr*e"))) == 1


async def test_lftp_mirrors_both_ways(serving: Any, run: Any, tool: Any, tmp_path: Path) -> None:
    (tmp_path / "local").mkdir()
    for number in range(20):
        (tmp_path / "local" / str(number)).write_bytes(b"%d" % number * number)
    commands = (
        "set net:timeout 5; set net:max-retries 1; set cmd:fail-exit yes; "
        f"open -u ann,secret -p {{port}} 127.0.0.1; mirror -R -P 4 {tmp_path}/local copies; "
        f"mirror -P 4 copies {tmp_path}/back; mv text.txt moved; rm -r copies; cls"
    )
    async with serving() as server:
        done = await run(
            tool("lftp"),
            "-c",
            commands.format(port=server.port),
            env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        )
        assert done.status == 0, done.output
        assert "moved" in done.output
        for number in range(20):
            assert (tmp_path / "back" / str(number)).read_bytes() == b"%d" % number * number
        assert not (server.folder / "copies").exists()


async def test_tnftp_holds_a_session(serving: Any, run: Any, tool: Any, tmp_path: Path) -> None:
    said = f"""open 127.0.0.1 {{port}}
user ann secret
binary
lcd {tmp_path}
get large.bin got
put got put
rename put again
pwd
passive
size again
mkdir made
cd made
nlist ..
bye
"""
    async with serving() as server:
        done = await run(
            *(tool("tnftp"), "-n", "-v", "-i"),
            given=said.format(port=server.port).encode(),
            env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        )
        assert done.status == 0, done.output
        assert (tmp_path / "got").read_bytes() == LARGE
        assert (server.folder / "again").read_bytes() == LARGE
        assert "221 Goodbye" in done.output, done.output


# ---------------------------------------------------------------- our client


async def _every_call(example: Any, port: int, folder: Path) -> None:
    """What the client may ask for, asked of a server of the folder."""
    ftp = example.ftp
    async with asyncio.timeout(30), example.session("127.0.0.1", port, "ann", "secret") as one:
        client = one.client
        assert await one.ask(client.where()) == str(one.root)
        with pytest.raises(example.Refused) as refused:
            await one.ask(client.login("ann", "secret"))
        assert refused.value.args[0] == 503
        file = io.BytesIO()
        await one.fetch("large.bin", file)
        assert file.getvalue() == LARGE
        file = io.BytesIO()
        await one.fetch("large.bin", file, 1000)
        assert file.getvalue() == LARGE[1000:]
        await one.bring(io.BytesIO(LARGE), "brought")
        assert (folder / "brought").read_bytes() == LARGE
        client.file = io.BytesIO(b"more")
        await one.ask(client.move(ftp.Verb.appe, "brought"))
        assert await one.ask(client.size("brought")) == len(LARGE) + 4
        assert {"large.bin", "brought"} <= set(await one.names())
        for lost in (one.fetch("nowhere", None), one.ask(client.go("nowhere"))):
            with pytest.raises(example.Refused) as refused:
                await lost
            assert refused.value.args[0] == 550
        await one.ask(client.rename("brought", "renamed"))
        await one.ask(client.remove("renamed"))
        await one.ask(client.make("made"))
        await one.ask(client.go("made"))
        assert (await one.ask(client.where())).endswith("/made")
        await one.ask(client.up())
        await one.ask(client.unmake("made"))
        await one.ask(client.noop())


async def test_our_client_asks_our_server_for_everything(example: Any, serving: Any) -> None:
    async with serving() as server:
        example.Session.root = "/"
        await _every_call(example, server.port, server.folder)
        with pytest.raises(example.Refused, match="Login incorrect"):
            async with example.session("127.0.0.1", server.port, "ann", "wrong"):
                pass


VSFTPD = """\
listen=YES
listen_address=127.0.0.1
listen_port={port}
run_as_launching_user=YES
anonymous_enable=YES
no_anon_password=NO
anon_root={folder}
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_umask=022
write_enable=YES
local_enable=NO
allow_writeable_chroot=YES
isolate=NO
isolate_network=NO
seccomp_sandbox=NO
background=NO
"""


@pytest.fixture
async def vsftpd(tool: Any, free_port: int, tmp_path: Path) -> AsyncIterator[tuple[int, Path]]:
    """The port of a vsftpd that anybody may write to, and its folder."""
    program = tool("vsftpd")
    folder = filled(tmp_path / "theirs")
    settings = tmp_path / "vsftpd.conf"
    settings.write_text(VSFTPD.format(port=free_port, folder=folder))
    process = await asyncio.create_subprocess_exec(
        program, str(settings), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", free_port)
                writer.close()
                break
            if process.returncode is not None:
                pytest.skip(f"vsftpd does not start: {(await process.communicate())[0].decode()}")
            await asyncio.sleep(0.1)
        yield free_port, folder
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait_for(process.communicate(), 20)


async def test_our_client_asks_vsftpd_for_everything(
    example: Any, vsftpd: tuple[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, folder = vsftpd
    session = example.session
    monkeypatch.setattr(
        example, "session", lambda host, port, name, word: session(host, port, "anonymous", word)
    )
    monkeypatch.setattr(example.Session, "root", str(folder), raising=False)
    await _every_call(example, port, folder)
