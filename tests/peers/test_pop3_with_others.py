"""specs/pop3.proto and examples/pop3_server.py against poplib, curl, mpop, fetchmail, Dovecot."""

from __future__ import annotations

import asyncio
import contextlib
import mailbox
import os
import poplib
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conftest import by_command_line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

MAILS = [
    b"Subject: hello\n\nHello.\n",
    b"Subject: dots\n\n.\n..\n.a\n...b\n\n.\n",
    b"Subject: no end of line\n\nlast",
    "Subject: letters\nContent-Type: text/plain; charset=utf-8\n\nGrüße\n".encode(),
    b"Subject: long\n\n" + b"".join(b"%d " % n + b"x" * 70 + b"\n" for n in range(5000)),
]
WIRE = [b"".join(line + b"\r\n" for line in mail.splitlines()) for mail in MAILS]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The module of the example, on specs/pop3.proto."""
    with by_command_line(tmp_path_factory, "specs/pop3.proto", "pop3_server") as module:
        yield module


@dataclass
class Serving:
    """The example's server, with a maildir of `ann`."""

    folder: Path
    port: int = 0
    locked: set[str] = field(default_factory=set)
    faults: list[dict[str, Any]] = field(default_factory=list)

    def left(self) -> int:
        """How many mails the maildir has now."""
        return len(mailbox.Maildir(self.folder / "ann"))


@pytest.fixture
def serving(
    example: Any, tmp_path: Path
) -> Callable[..., contextlib.AbstractAsyncContextManager[Serving]]:
    """`async with serving() as server`: no fault may stay behind, and no lock."""

    @contextlib.asynccontextmanager
    async def serve() -> AsyncIterator[Serving]:
        from protogen_fsm.runtime import aio

        told = Serving(tmp_path)
        for number, mail in enumerate(MAILS):
            box = mailbox.Maildir(tmp_path / "ann")
            (tmp_path / "ann" / "new" / f"{number}.test").write_bytes(mail)
            box.close()
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: told.faults.append(context)
        )
        server = await aio.serve(
            lambda: example.MyServer("localhost", tmp_path, {"ann": "an n"}, told.locked),
            "127.0.0.1",
            0,
        )
        told.port = server.sockets[0].getsockname()[1]
        try:
            yield told
        finally:
            server.close()
            await asyncio.wait_for(server.wait_closed(), 10)
        assert told.faults == []
        assert told.locked == set()

    return serve


# ---------------------------------------------------------------- poplib


def _every_command(port: int) -> None:
    client = poplib.POP3("127.0.0.1", port, timeout=10)
    assert client.getwelcome().startswith(b"+OK POP3 server ready <")
    assert "PIPELINING" in client.capa()
    with pytest.raises(poplib.error_proto, match="Log in first"):
        client.stat()
    client.user("ann")
    with pytest.raises(poplib.error_proto, match=r"\[AUTH\]"):
        client.pass_("wrong")
    client.user("ann")
    assert client.pass_("an n").startswith(b"+OK ann's maildrop has 5 messages")
    assert client.stat() == (5, sum(map(len, WIRE)))
    assert client.list()[1] == [b"%d %d" % (n, len(w)) for n, w in enumerate(WIRE, 1)]
    assert client.list(2) == b"+OK 2 %d" % len(WIRE[1])
    for number, wire in enumerate(WIRE, 1):
        _, lines, _ = client.retr(number)
        assert b"".join(line + b"\r\n" for line in lines) == wire
    assert client.top(2, 2)[1] == [b"Subject: dots", b"", b".", b".."]
    assert client.top(2, 0)[1] == [b"Subject: dots", b""]
    names = client.uidl()[1]
    assert len({line.split()[1] for line in names}) == 5
    assert client.uidl(3) == b"+OK " + names[2]
    assert client.dele(1) == b"+OK message 1 deleted"
    for gone in (1, 0, 6, 10**19):
        for ask in (client.retr, client.dele, client.list, client.uidl):
            with pytest.raises(poplib.error_proto, match="No such message"):
                ask(gone)
        with pytest.raises(poplib.error_proto, match="No such message"):
            client.top(gone, 1)
    assert client.stat()[0] == 4
    assert client.rset().startswith(b"+OK")
    assert client.stat()[0] == 5
    assert client.noop() == b"+OK"
    assert "TOP" in client.capa()
    client.dele(2)
    client.dele(5)
    assert b"(3 messages left)" in client.quit()


async def test_poplib_says_every_command(serving: Any) -> None:
    async with serving() as server:
        await asyncio.to_thread(_every_command, server.port)
        assert server.left() == 3


async def test_poplib_logs_in_by_apop(serving: Any) -> None:
    def session(port: int) -> None:
        client = poplib.POP3("127.0.0.1", port, timeout=10)
        with pytest.raises(poplib.error_proto, match=r"\[AUTH\]"):
            client.apop("ann", "wrong")
        client.apop("ann", "an n")
        assert client.stat()[0] == 5
        client.quit()

    async with serving() as server:
        await asyncio.to_thread(session, server.port)
        assert server.left() == 5


async def test_two_sessions_do_not_share_a_maildrop_and_a_lost_one_removes_nothing(
    serving: Any,
) -> None:
    def session(port: int) -> None:
        first = poplib.POP3("127.0.0.1", port, timeout=10)
        first.user("ann")
        first.pass_("an n")
        first.dele(1)
        second = poplib.POP3("127.0.0.1", port, timeout=10)
        second.user("ann")
        with pytest.raises(poplib.error_proto, match=r"\[IN-USE\]"):
            second.pass_("an n")
        first.close()
        for _ in range(100):
            second.user("ann")
            with contextlib.suppress(poplib.error_proto):
                second.pass_("an n")
                break
            second = poplib.POP3("127.0.0.1", port, timeout=10)
        assert second.stat()[0] == 5
        second.quit()

    async with serving() as server:
        await asyncio.to_thread(session, server.port)
        assert server.left() == 5


async def test_pipelined_commands_are_answered_in_their_order(serving: Any) -> None:
    said = b"USER ann\r\nPASS an n\r\nSTAT\r\nRETR 2\r\nDELE 2\r\nLIST 2\r\nNOOP\r\nQUIT\r\n"
    async with serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(said)
        heard = (await asyncio.wait_for(reader.read(), 10)).split(b"\r\n")
        writer.close()
        await writer.wait_closed()
        kinds = [line.split(b" ")[0] for line in heard if line.startswith((b"+OK", b"-ERR"))]
        assert kinds == [b"+OK"] * 6 + [b"-ERR"] + [b"+OK"] * 2
        assert b"..." in heard  # a line of two dots
        assert server.left() == 4


# ---------------------------------------------------------------- programs


async def test_curl_lists_and_fetches(serving: Any, run: Any, tool: Any) -> None:
    async with serving() as server:
        curl = [tool("curl"), "-sS", "--user", "ann:an n", "--max-time", "20"]
        where = f"pop3://127.0.0.1:{server.port}"
        listed = await run(*curl, f"{where}/")
        assert listed.status == 0, listed.output
        assert listed.output.splitlines() == [f"{n} {len(w)}" for n, w in enumerate(WIRE, 1)]
        for number, wire in enumerate(WIRE, 1):
            kept = server.folder / "fetched"
            fetched = await run(*curl, f"{where}/{number}", "-o", str(kept))
            assert fetched.status == 0, fetched.output
            assert kept.read_bytes() == wire
        top = await run(*curl, f"{where}/", "-X", "TOP 2 1")
        assert top.output.splitlines() == ["Subject: dots", "", "."]
        assert (await run(*curl, f"{where}/9")).status != 0
        assert (await run(*curl, "-X", "DELE 1", "--head", f"{where}/")).status == 0
        assert server.left() == 4


@pytest.mark.parametrize("auth", ["user", "apop"])
async def test_mpop_fetches_and_removes(
    serving: Any, run: Any, tool: Any, tmp_path: Path, auth: str
) -> None:
    async with serving() as server:
        box = tmp_path / "fetched.mbox"
        done = await run(
            tool("mpop"),
            f"--file={os.devnull}",
            "--host=127.0.0.1",
            f"--port={server.port}",
            "--tls=off",
            f"--auth={auth}",
            "--user=ann",
            "--passwordeval=echo an n",
            "--keep=off",
            "--pipelining=on",
            f"--delivery=mbox,{box}",
            f"--uidls-file={tmp_path / 'uidls'}",
            "--received-header=off",
            env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        )
        assert done.status == 0, done.output
        with contextlib.closing(mailbox.mbox(box)) as fetched:
            subjects = [mail["Subject"] for mail in fetched]
        assert subjects == ["hello", "dots", "no end of line", "letters", "long"]
        assert server.left() == 0


@pytest.mark.parametrize("protocol", ["pop3", "apop"])
async def test_fetchmail_fetches_and_removes(
    serving: Any, run: Any, tool: Any, tmp_path: Path, protocol: str
) -> None:
    program = tool("fetchmail")
    async with serving() as server:
        settings = tmp_path / "fetchmailrc"
        settings.write_text(
            f'poll 127.0.0.1 protocol {protocol} port {server.port} username ann password "an n"\n'
            f"    sslproto '' no keep mda \"cat >> {tmp_path}/fetched\"\n"
        )
        settings.chmod(0o600)
        done = await run(
            program,
            "--fetchmailrc",
            str(settings),
            "--nosyslog",
            "--nodetach",
            "--pidfile",
            str(tmp_path / "pid"),
            env={"HOME": str(tmp_path), "FETCHMAILHOME": str(tmp_path), "PATH": os.environ["PATH"]},
        )
        assert done.status == 0, done.output
        fetched = (tmp_path / "fetched").read_bytes()
        assert fetched.count(b"Subject: ") == 5
        assert b"\n.\n..\n.a\n...b\n" in fetched
        assert server.left() == 0


# ---------------------------------------------------------------- our client


async def test_our_client_fetches_from_our_server(example: Any, serving: Any) -> None:
    async with serving() as server:
        mails = await asyncio.wait_for(example.fetch("127.0.0.1", server.port, "ann", "an n"), 20)
        assert mails == WIRE
        assert server.left() == 0
        with pytest.raises(PermissionError, match=r"\[AUTH\]"):
            await example.fetch("127.0.0.1", server.port, "ann", "wrong")


async def _every_call(pop3: Any, port: int, user: str, password: str, *, sizes: bool) -> None:
    """What the client may ask for, asked of a server with the mails."""
    from protogen_fsm.runtime import aio

    async with asyncio.timeout(30), aio.connect(pop3.Client, "127.0.0.1", port) as client:
        assert isinstance(await client.greeting(), str)
        assert isinstance(await client.stat(), str)  # refused: nobody has logged in
        assert isinstance(await client.login(user, password + "?"), str)
        assert await client.login(user, password) is None
        capabilities = await client.capabilities()
        assert capabilities is None or "UIDL" in capabilities
        count, octets = await client.stat()
        assert count == len(WIRE)
        listing = await client.sizes(None)
        assert [one.number for one in listing] == [1, 2, 3, 4, 5]
        assert sum(one.octets for one in listing) == octets
        if sizes:
            assert octets == sum(map(len, WIRE))
        assert (await client.sizes(2)) == [listing[1]]
        names = await client.names(None)
        assert len({one.uid for one in names}) == 5
        assert (await client.names(4)) == [names[3]]
        assert [await client.retrieve(number) for number in range(1, 6)] == WIRE
        assert await client.top(2, 1) == b"Subject: dots\r\n\r\n.\r\n"
        for number, wire in enumerate(WIRE, 1):
            assert await client.fetch(number) is None
            pieces = [event.args[0] for event in client.events() if event.name == "piece"]
            assert b"".join(pieces) == wire
        assert isinstance(await client.fetch(6), str)
        assert isinstance(await client.retrieve(6), str)
        assert await client.delete(3) is None
        assert isinstance(await client.delete(3), str)
        assert await client.reset() is None
        assert await client.noop() is None
        # Many calls at once: each has its own answer.
        calls = [client.retrieve(1), client.stat(), client.delete(1), client.delete(1)]
        body, total, first, second = [await call for call in calls]
        assert (body, total, first) == (WIRE[0], (5, octets), None)
        assert isinstance(second, str)
        assert await client.quit() is None


async def test_our_client_says_every_command(example: Any, serving: Any) -> None:
    async with serving() as server:
        await _every_call(example.pop3, server.port, "ann", "an n", sizes=True)
        assert server.left() == 4


DOVECOT = """\
protocols = pop3
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/%u
first_valid_uid = 0
first_valid_gid = 0
auth_failure_delay = 0 secs
{users}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {port}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner} home={folder}/home
}}
"""


@pytest.fixture
async def dovecot(tool: Any, free_port: int) -> AsyncIterator[int]:
    """The port of a Dovecot with a maildir of `ann`."""
    program = tool("dovecot")
    if os.geteuid() != 0:
        pytest.skip("dovecot is started by root alone")
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)  # its processes are nobody in particular
    mailbox.Maildir(folder / "ann").close()
    for number, mail in enumerate(MAILS):
        (folder / "ann" / "new" / f"{number}.test").write_bytes(mail)
    for path in [folder / "ann", *(folder / "ann").rglob("*")]:
        shutil.chown(path, "mail", "mail")
    (folder / "users").write_text("ann:{PLAIN}secret::::::\n")
    users = "default_internal_user = dovecot\ndefault_login_user = dovenull"
    settings = DOVECOT.format(folder=folder, port=free_port, users=users, owner="mail")
    (folder / "dovecot.conf").write_text(settings)
    process = await asyncio.create_subprocess_exec(
        program, "-F", "-c", str(folder / "dovecot.conf"), stderr=asyncio.subprocess.PIPE
    )
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", free_port)
                writer.close()
                break
            assert process.returncode is None, (folder / "log").read_text()
            await asyncio.sleep(0.1)
        yield free_port
    finally:
        process.terminate()
        await asyncio.wait_for(process.communicate(), 20)
        shutil.rmtree(folder, ignore_errors=True)


async def test_our_client_says_every_command_to_dovecot(example: Any, dovecot: int) -> None:
    await _every_call(example.pop3, dovecot, "ann", "secret", sizes=False)


async def test_our_client_fetches_from_dovecot(example: Any, dovecot: int) -> None:
    mails = await asyncio.wait_for(example.fetch("127.0.0.1", dovecot, "ann", "secret"), 20)
    assert mails == WIRE
