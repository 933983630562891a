"""STARTTLS of specs/smtp.proto and STLS of specs/pop3.proto, against programs of others."""

from __future__ import annotations

import asyncio
import contextlib
import poplib
import smtplib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from certificates import Certificate
from conftest import by_command_line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

FROM, TO = "a@example.com", "b@example.org"
BODY = b"Subject: hello\r\n\r\n.dots\r\n" + (b"x" * 70 + b"\r\n") * 1000


@pytest.fixture(scope="module")
def ours() -> Certificate:
    return Certificate("localhost", "127.0.0.1")


@pytest.fixture
def root(ours: Certificate, tmp_path: Path) -> Path:
    """A file with the authority that is to be trusted."""
    file = tmp_path / "root.pem"
    file.write_bytes(ours.root)
    return file


@pytest.fixture(scope="module")
def pop3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with by_command_line(tmp_path_factory, "specs/pop3.proto", "pop3") as module:
        yield module


@contextlib.asynccontextmanager
async def serving(make: Callable[[], Any], ours: Certificate) -> AsyncIterator[int]:
    from protogen_fsm.runtime import aio

    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    server = await aio.serve(make, "127.0.0.1", 0, starttls=ours.served())
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        await server.shut_down(5)
    assert faults == []


def mail_server(smtp: Any) -> tuple[Callable[[], Any], list[bytes]]:
    """A server that takes mail in secret only, and what it took."""
    bodies: list[bytes] = []

    class Server(smtp.Server):  # type: ignore[misc]
        def do_ENVELOPE_RCPT(self, recipient: str) -> Any:
            return None if self.secure else smtp.Reject("not in the clear")

        def emit_mail(self, sender: str, recipients: list[str], body: bytes) -> None:
            bodies.append(body)

    return lambda: Server("mx.example.org", tls=True), bodies


# ---------------------------------------------------------------- mail goes to our server


async def test_smtplib_sends_in_secret(smtp: Any, ours: Certificate) -> None:
    def send(port: int) -> None:
        with smtplib.SMTP("localhost", port, timeout=20) as client:
            client.ehlo()
            assert client.has_extn("starttls")
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                client.sendmail(FROM, [TO], BODY)
            assert client.starttls(context=ours.trusted())[0] == 220
            client.ehlo()
            assert not client.has_extn("starttls")
            for _ in range(2):
                assert client.sendmail(FROM, [TO], BODY) == {}

    make, bodies = mail_server(smtp)
    async with serving(make, ours) as port:
        await asyncio.to_thread(send, port)
    assert bodies == [BODY, BODY]


@pytest.mark.parametrize("options", [[], ["--pipeline"]], ids=["plain", "pipelined"])
async def test_swaks_sends_in_secret(
    smtp: Any, ours: Certificate, root: Path, run: Any, tool: Any, options: list[str]
) -> None:
    make, bodies = mail_server(smtp)
    async with serving(make, ours) as port:
        done = await run(
            *(tool("swaks"), "--server", f"localhost:{port}", "--tls", *options),
            *("--tls-verify", "--tls-ca-path", str(root)),
            *("--from", FROM, "--to", TO, "--body", "Hello"),
        )
    assert done.status == 0, done.output
    assert len(bodies) == 1


async def test_curl_sends_in_secret(
    smtp: Any, ours: Certificate, root: Path, run: Any, tool: Any, tmp_path: Path
) -> None:
    letter = tmp_path / "letter"
    letter.write_bytes(BODY)
    make, bodies = mail_server(smtp)
    async with serving(make, ours) as port:
        done = await run(
            *(tool("curl"), "-sS", "--ssl-reqd", "--cacert", str(root)),
            *(f"smtp://localhost:{port}", "--mail-from", FROM, "--mail-rcpt", TO),
            *("-T", str(letter)),
        )
    assert (done.status, done.output) == (0, "")
    assert bodies == [BODY]


# ---------------------------------------------------------------- our client sends mail


async def delivered(smtp: Any, port: int, ours: Certificate) -> list[list[int]]:
    """The codes that two mails get which are sent in secret."""
    from protogen_fsm.runtime import aio

    client = aio.connect(
        lambda: smtp.Client("me.example.com"), "localhost", port, starttls=ours.trusted()
    )
    async with asyncio.timeout(20), client as one:
        await one.starttls()
        mails = [await one.send_mail(FROM, [TO, f"c{TO}"], BODY) for _ in range(2)]
        await one.quit()
    return [[verdict.code for verdict in verdicts] for verdicts in mails]


async def test_our_client_sends_in_secret_to_our_server(smtp: Any, ours: Certificate) -> None:
    make, bodies = mail_server(smtp)
    async with serving(make, ours) as port:
        assert await delivered(smtp, port, ours) == [[250, 250]] * 2
    assert bodies == [BODY, BODY]


async def test_our_client_sends_in_secret_to_aiosmtpd(smtp: Any, ours: Certificate) -> None:
    from aiosmtpd.smtp import SMTP

    bodies: list[bytes] = []

    class Inbox:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            assert session.ssl is not None
            bodies.append(envelope.content)
            return "250 Queued"

    def make() -> Any:
        return SMTP(Inbox(), tls_context=ours.served(), require_starttls=True)

    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await delivered(smtp, port, ours) == [[250, 250]] * 2
    assert bodies == [BODY, BODY]


# ---------------------------------------------------------------- mail is fetched


def maildrop(pop3: Any) -> Callable[[], Any]:
    """A server that knows one password, and hears it in secret only."""

    class Server(pop3.Server):  # type: ignore[misc]
        def do_PASSWORD_login(self, name: str, password: str) -> Any:
            if not self.secure:
                return pop3.Reject("not in the clear")
            return pop3.Accept([pop3.Mail(1, len(BODY), "one")]) if password == "secret" else None

    return lambda: Server("localhost", tls=True)


async def test_poplib_logs_in_in_secret(pop3: Any, ours: Certificate) -> None:
    def fetch(port: int) -> None:
        client = poplib.POP3("localhost", port, timeout=20)
        assert "STLS" in client.capa()
        assert client.stls(context=ours.trusted()).startswith(b"+OK")
        assert "STLS" not in client.capa()
        client.user("ann")
        assert client.pass_("secret").startswith(b"+OK")
        client.quit()

    async with serving(maildrop(pop3), ours) as port:
        await asyncio.to_thread(fetch, port)


async def test_curl_lists_in_secret(
    pop3: Any, ours: Certificate, root: Path, run: Any, tool: Any
) -> None:
    async with serving(maildrop(pop3), ours) as port:
        done = await run(
            *(tool("curl"), "-sS", "--ssl-reqd", "--cacert", str(root)),
            *("-u", "ann:secret", f"pop3://localhost:{port}"),
        )
    assert (done.status, done.output) == (0, f"1 {len(BODY)}\r\n")


async def test_our_client_logs_in_in_secret(pop3: Any, ours: Certificate) -> None:
    from protogen_fsm.runtime import aio

    async with serving(maildrop(pop3), ours) as port:
        client = aio.connect(pop3.Client, "localhost", port, starttls=ours.trusted())
        async with asyncio.timeout(20), client as one:
            await one.stls()
            await one.login("ann", "secret")
            assert await one.stat() == (1, len(BODY))
            await one.quit()
