"""The client built from `specs/smtp.proto` delivers mail to servers that others wrote."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

FROM = "a@example.com"
TO = "b@example.org"
BODY = b"Subject: hello\r\n\r\nHello.\r\n"
BODIES = [
    BODY,
    b"",
    b".\r\n",
    b".a\r\n..b\r\n...\r\n.\r\n",
    b"a\r\n.\r\nQUIT\r\n",
    b"no end of line",
    "Grüße\r\n".encode(),
]


def whole_lines(body: bytes) -> bytes:
    """The body as it stands on the wire: its last line ended."""
    return body if not body or body.endswith(b"\r\n") else body + b"\r\n"


async def deliver(
    smtp: Any, port: int, *mails: tuple[str, list[str], bytes], within: float = 30
) -> list[list[tuple[str, int]]]:
    """Send mails in one session; for each mail the recipients and the codes they got."""
    from protogen_fsm.runtime import aio

    async with asyncio.timeout(within):
        async with aio.connect(lambda: smtp.Client("me.example.com"), "127.0.0.1", port) as client:
            said = [await client.send_mail(*mail) for mail in mails]
    return [[(verdict.recipient, verdict.code) for verdict in verdicts] for verdicts in said]


class Inbox:
    """aiosmtpd's handler: refuses who is not of `example.org`, and keeps what comes."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], bytes]] = []

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address.startswith("spammer"):
            return "550 go away"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if not address.endswith("@example.org"):
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if b"unwanted" in envelope.content:
            return "554 not that"
        self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        return "250 Queued"


@contextlib.asynccontextmanager
async def aiosmtpd(inbox: Inbox, **options: Any) -> AsyncIterator[int]:
    """aiosmtpd on this loop."""
    from aiosmtpd.smtp import SMTP

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(inbox, hostname="mx.example.org", loop=loop, **options), "127.0.0.1", 0
    )
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_aiosmtpd_takes_a_mail(smtp: Any) -> None:
    inbox = Inbox()
    async with aiosmtpd(inbox) as port:
        verdicts = await deliver(smtp, port, (FROM, [TO], BODY))
    assert verdicts == [[(TO, 250)]]
    assert inbox.mails == [(FROM, [TO], BODY)]


async def test_aiosmtpd_takes_every_body_in_one_session(smtp: Any) -> None:
    inbox = Inbox()
    async with aiosmtpd(inbox) as port:
        verdicts = await deliver(smtp, port, *((FROM, [TO], body) for body in BODIES))
    assert verdicts == [[(TO, 250)]] * len(BODIES)
    assert [body for _, _, body in inbox.mails] == [whole_lines(body) for body in BODIES]


async def test_aiosmtpd_takes_5_megabytes(smtp: Any) -> None:
    inbox = Inbox()
    body = (b"." * 70 + b"\r\n") * 70_000
    async with aiosmtpd(inbox) as port:
        assert await deliver(smtp, port, (FROM, [TO], body)) == [[(TO, 250)]]
    assert inbox.mails == [(FROM, [TO], body)]


async def test_each_recipient_has_its_verdict(smtp: Any) -> None:
    inbox = Inbox()
    recipients = [TO, "c@elsewhere.example", "d@example.org", "e@elsewhere.example"]
    async with aiosmtpd(inbox) as port:
        (verdicts,) = await deliver(smtp, port, (FROM, recipients, BODY))
    assert verdicts == list(zip(recipients, [250, 550, 250, 550], strict=True))
    assert inbox.mails == [(FROM, [TO, "d@example.org"], BODY)]


async def test_a_session_goes_on_after_any_refusal(smtp: Any) -> None:
    inbox = Inbox()
    async with aiosmtpd(inbox) as port:
        verdicts = await deliver(
            smtp,
            port,
            (FROM, ["c@elsewhere.example", "e@elsewhere.example"], BODY),
            ("spammer@example.com", [TO, "d@example.org"], BODY),
            (FROM, [TO, "c@elsewhere.example"], b"unwanted\r\n"),
            (FROM, [TO], BODY),
        )
    assert verdicts == [
        [("c@elsewhere.example", 550), ("e@elsewhere.example", 550)],
        [(TO, 550), ("d@example.org", 550)],
        [(TO, 554), ("c@elsewhere.example", 550)],
        [(TO, 250)],
    ]
    assert inbox.mails == [(FROM, [TO], BODY)]


async def test_a_verdict_holds_the_words_of_the_server(smtp: Any) -> None:
    from protogen_fsm.runtime import aio

    async with (
        aiosmtpd(Inbox()) as port,
        aio.connect(lambda: smtp.Client("me"), "127.0.0.1", port) as client,
    ):
        verdicts = await client.send_mail(FROM, ["c@elsewhere.example"], BODY)
    assert [(v.recipient, v.code, v.text) for v in verdicts] == [
        ("c@elsewhere.example", 550, "no such user here")
    ]


async def test_many_clients_at_once(smtp: Any) -> None:
    inbox = Inbox()
    bodies = [b"Mail %d\r\n" % number for number in range(50)]
    async with aiosmtpd(inbox) as port:
        await asyncio.gather(*(deliver(smtp, port, (FROM, [TO], body)) for body in bodies))
    assert sorted(body for _, _, body in inbox.mails) == sorted(bodies)


async def test_a_line_end_in_an_address_is_refused_before_anything_is_sent(smtp: Any) -> None:
    from protogen_fsm.runtime import aio
    from protogen_fsm.runtime.errors import LocalProtocolError

    inbox = Inbox()
    async with (
        aiosmtpd(inbox) as port,
        aio.connect(lambda: smtp.Client("me"), "127.0.0.1", port) as client,
    ):
        with pytest.raises(LocalProtocolError):
            await asyncio.wait_for(client.send_mail("a>\r\nRSET\r\n<", [TO], BODY), 10)
    assert inbox.mails == []


@contextlib.asynccontextmanager
async def smtp_sink(program: str, port: int, *options: str) -> AsyncIterator[int]:
    """Postfix's smtp-sink, stopped by its process id."""
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = await asyncio.create_subprocess_exec(
        *(program, "-4", *user, *options, f"127.0.0.1:{port}", "100"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        for _ in range(100):
            with contextlib.suppress(ConnectionError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            await asyncio.sleep(0.05)
        else:
            pytest.fail("smtp-sink did not listen")
        yield port
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.parametrize(
    "options",
    [[], ["-p"], ["-8"], ["-e"], ["-p", "-8"], ["-P"]],
    ids=["all", "no pipelining", "no 8BITMIME", "no ESMTP", "neither", "a PIX in between"],
)
async def test_smtp_sink_takes_mails(
    smtp: Any, tool: Callable[[str], str], free_port: int, options: list[str]
) -> None:
    mails = [(FROM, [TO, "d@example.org"], body) for body in BODIES]
    async with smtp_sink(tool("smtp-sink"), free_port, *options) as port:
        verdicts = await deliver(smtp, port, *mails)
    assert verdicts == [[(TO, 250), ("d@example.org", 250)]] * len(mails)


async def test_smtp_sink_keeps_what_was_sent(
    smtp: Any, tool: Callable[[str], str], free_port: int, tmp_path: Path
) -> None:
    tmp_path.chmod(0o777)
    for folder in tmp_path.parents:
        if not folder.stat().st_mode & 0o001 and os.geteuid() == 0:
            folder.chmod(folder.stat().st_mode | 0o001)  # smtp-sink gives up root
    body = b"Subject: hello\r\n\r\n.\r\n..dots\r\nHello.\r\n"
    dump = str(tmp_path / "mail.")
    async with smtp_sink(tool("smtp-sink"), free_port, "-d", dump) as port:
        assert await deliver(smtp, port, (FROM, [TO], body)) == [[(TO, 250)]]
    (kept,) = tmp_path.iterdir()
    assert kept.read_bytes().rstrip(b"\n").endswith(body.replace(b"\r\n", b"\n").rstrip(b"\n"))


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (["-f", "MAIL"], [500, 500]),
        (["-r", "MAIL"], [450, 450]),
        (["-f", "RCPT"], [500, 500]),
        (["-r", "RCPT"], [450, 450]),
        (["-f", "DATA"], [500, 500]),
        (["-r", "DATA"], [450, 450]),
        (["-f", "."], [500, 500]),
        (["-r", "."], [450, 450]),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
async def test_smtp_sink_refuses_a_step_and_the_session_goes_on(
    smtp: Any,
    tool: Callable[[str], str],
    free_port: int,
    options: list[str],
    codes: list[int],
) -> None:
    mail = (FROM, [TO, "d@example.org"], BODY)
    async with smtp_sink(tool("smtp-sink"), free_port, *options) as port:
        verdicts = await deliver(smtp, port, mail, mail)
    assert verdicts == [list(zip(mail[1], codes, strict=True))] * 2


@pytest.mark.parametrize("how", ["-q", "-Q"], ids=["closes", "says 421 and closes"])
@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."])
async def test_a_call_ends_with_an_error_when_the_server_goes_away(
    smtp: Any, tool: Callable[[str], str], free_port: int, how: str, step: str
) -> None:
    from protogen_fsm.runtime.errors import ProtocolError

    async with smtp_sink(tool("smtp-sink"), free_port, how, step) as port:
        with pytest.raises((ProtocolError, ConnectionError)):
            await deliver(smtp, port, (FROM, [TO], BODY), within=10)


NONSENSE = [
    b"\r\n",
    b"hello\r\n",
    b"999 hello\r\n",
    b"220\r\n250-one\r\n550 two\r\n",
    b"220 mx\n\r\n",
    b"220 mx\r\n\xff\xfe\r\n",
    b"220 " + b"x" * 100_000 + b"\r\n",
    b"220-" + b"\r\n220-".join([b"x"] * 100_000),
    b"220 mx\r\n" + b"250 OK\r\n" * 100,
    bytes(range(256)) * 1000 + b"\r\n",
]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=range(len(NONSENSE)))
async def test_a_call_ends_with_an_error_when_the_server_talks_nonsense(
    smtp: Any, nonsense: bytes
) -> None:
    from protogen_fsm.runtime.errors import ProtocolError

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            writer.write(nonsense)
            await reader.read()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises((ProtocolError, ConnectionError)):
            await deliver(smtp, port, (FROM, [TO], BODY), within=10)


async def test_nobody_listens(smtp: Any, free_port: int) -> None:
    with pytest.raises(ConnectionRefusedError):
        await deliver(smtp, free_port, (FROM, [TO], BODY))


async def test_our_server_takes_every_body_from_our_client(smtp: Any, serving: Any) -> None:
    async with serving() as server:
        verdicts = await deliver(smtp, server.port, *((FROM, [TO], body) for body in BODIES))
    assert verdicts == [[(TO, 250)]] * len(BODIES)
    assert [mail.body for mail in server.mails] == [whole_lines(body) for body in BODIES]


async def test_replies_to_what_is_on_the_way_still_come_after_a_refused_sender(
    smtp: Any, serving: Any
) -> None:
    class Wary(smtp.Server):  # type: ignore[misc, name-defined]
        def do_READY_MAIL(self, sender: str, parameters: str) -> Any:
            return smtp.Reject("go away") if sender.startswith("spammer") else None

    recipients = [TO, "c@elsewhere.example", "d@example.org"]
    async with serving(Wary) as server:
        verdicts = await deliver(
            smtp, server.port, ("spammer@example.com", recipients, BODY), (FROM, [TO], BODY)
        )
    assert verdicts == [[(who, 550) for who in recipients], [(TO, 250)]]
    assert len(server.mails) == 1


async def test_our_server_and_our_client_agree_on_each_recipient(smtp: Any, serving: Any) -> None:
    recipients = [f"{number}@example.{'org' if number % 3 else 'net'}" for number in range(300)]
    async with serving() as server:
        (verdicts,) = await deliver(smtp, server.port, (FROM, recipients, BODY))
    assert verdicts == [(who, 250 if who.endswith("org") else 550) for who in recipients]
    (mail,) = server.mails
    assert mail.recipients == [who for who in recipients if who.endswith("org")]
