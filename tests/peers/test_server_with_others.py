"""The server built from `specs/smtp.proto` takes mail from clients that others wrote."""

from __future__ import annotations

import asyncio
import smtplib
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FROM = "a@example.com"
TO = "b@example.org"
BODY = b"Subject: hello\r\n\r\nHello.\r\n"


async def with_smtplib(port: int, what: Callable[[smtplib.SMTP], Any]) -> Any:
    """Call `what` with an open smtplib client, in a thread, and give back what it gives."""

    def session() -> Any:
        with smtplib.SMTP("127.0.0.1", port, "me.example.com", timeout=30) as client:
            return what(client)

    return await asyncio.to_thread(session)


async def test_smtplib_sends_a_mail(serving: Any) -> None:
    async with serving() as server:
        refused = await with_smtplib(server.port, lambda c: c.sendmail(FROM, TO, BODY))
    assert refused == {}
    (mail,) = server.mails
    assert (mail.sender, mail.recipients, mail.body) == (FROM, [TO], BODY)


async def test_smtplib_sends_several_mails_in_a_session(serving: Any) -> None:
    bodies = [b"Mail %d\r\n" % number for number in range(20)]
    async with serving() as server:
        await with_smtplib(server.port, lambda c: [c.sendmail(FROM, TO, body) for body in bodies])
    assert [mail.body for mail in server.mails] == bodies


async def test_smtplib_sends_a_message_object(serving: Any) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = FROM, TO, "Grüße"
    message.set_content("Zeile eins\n.Zeile zwei\n..\n.\nEnde\n", cte="8bit")
    async with serving() as server:
        assert await with_smtplib(server.port, lambda c: c.send_message(message)) == {}
    (mail,) = server.mails
    assert mail.body.endswith(b"\r\n\r\nZeile eins\r\n.Zeile zwei\r\n..\r\n.\r\nEnde\r\n")


async def test_smtplib_sends_an_8_bit_body(serving: Any) -> None:
    body = bytes(byte for byte in range(256) if byte not in b"\r\n") + b"\r\n"
    async with serving() as server:
        await with_smtplib(
            server.port, lambda c: c.sendmail(FROM, TO, body, mail_options=["BODY=8BITMIME"])
        )
    assert [mail.body for mail in server.mails] == [body]


async def test_smtplib_sends_5_megabytes(serving: Any) -> None:
    body = b"." * 70 + b"\r\n"
    body *= 5 * 1024 * 1024 // len(body)
    async with serving() as server:
        await with_smtplib(server.port, lambda c: c.sendmail(FROM, TO, body))
    (mail,) = server.mails
    assert mail.body == body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        b".\r\n",
        b"..\r\n",
        b".\r\n.\r\n.\r\n",
        b".a\r\n..b\r\n...c\r\n",
        b"a\r\n.\r\nQUIT\r\n",
        b"no end of line",
        b"\r\n\r\n.",
        b"x" * 998 + b"\r\n",
        b"a.\r\n.b.\r\n",
    ],
)
async def test_a_body_comes_through_as_it_was(serving: Any, body: bytes) -> None:
    async with serving() as server:
        await with_smtplib(server.port, lambda c: c.sendmail(FROM, TO, body))
    (mail,) = server.mails
    assert mail.body == (body if body.endswith(b"\r\n") else body + b"\r\n")


async def test_smtplib_hears_of_each_recipient_that_is_refused(serving: Any) -> None:
    recipients = [TO, "c@elsewhere.example", "d@example.org", "e@elsewhere.example"]
    async with serving() as server:
        refused = await with_smtplib(server.port, lambda c: c.sendmail(FROM, recipients, BODY))
    assert refused == {
        "c@elsewhere.example": (550, b"no such user here"),
        "e@elsewhere.example": (550, b"no such user here"),
    }
    (mail,) = server.mails
    assert mail.recipients == [TO, "d@example.org"]


async def test_smtplib_may_send_again_after_all_were_refused(serving: Any) -> None:
    def session(client: smtplib.SMTP) -> None:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail(FROM, "c@elsewhere.example", BODY)
        client.sendmail(FROM, TO, BODY)

    async with serving() as server:
        await with_smtplib(server.port, session)
    assert len(server.mails) == 1


async def test_smtplib_is_told_what_the_server_can_do(serving: Any) -> None:
    def session(client: smtplib.SMTP) -> Any:
        client.ehlo()
        return dict(client.esmtp_features), client.noop(), client.help(), client.verify("b")

    async with serving() as server:
        features, noop, told, verified = await with_smtplib(server.port, session)
    assert {"pipelining", "8bitmime", "size"} <= features.keys()
    assert int(features["size"]) == 32 * 1024 * 1024
    assert noop[0] == 250
    assert b"EHLO" in told
    assert verified[0] == 252


async def test_smtplib_may_change_its_mind(serving: Any) -> None:
    def session(client: smtplib.SMTP) -> None:
        client.ehlo()
        assert client.mail(FROM)[0] == 250
        assert client.rcpt(TO)[0] == 250
        assert client.rset()[0] == 250
        assert client.rcpt(TO)[0] == 503
        assert client.sendmail(FROM, TO, BODY) == {}

    async with serving() as server:
        await with_smtplib(server.port, session)
    assert len(server.mails) == 1


async def test_a_declared_size_beyond_the_limit_is_refused_at_once(serving: Any) -> None:
    def session(client: smtplib.SMTP) -> Any:
        client.ehlo()
        return client.mail(FROM, [f"SIZE={33 * 1024 * 1024}"])

    async with serving() as server:
        code, _ = await with_smtplib(server.port, session)
    assert code == 552


@pytest.mark.parametrize("options", [[], ["--pipeline"]], ids=["plain", "pipelined"])
async def test_swaks_sends_a_mail(
    serving: Any, run: Any, tool: Callable[[str], str], options: list[str]
) -> None:
    async with serving() as server:
        ended = await run(
            *(tool("swaks"), "--server", "127.0.0.1", "--port", str(server.port), *options),
            *("--from", FROM, "--to", f"{TO},d@example.org", "--helo", "me.example.com"),
            *("--body", "Hello\n.\n..dots", "--h-Subject", "hello"),
        )
    assert ended.status == 0, ended.output
    (mail,) = server.mails
    assert (mail.sender, mail.recipients) == (FROM, [TO, "d@example.org"])
    assert b"\r\n\r\nHello\r\n.\r\n..dots\r\n" in mail.body


@pytest.mark.parametrize("options", [[], ["--pipeline"]], ids=["plain", "pipelined"])
async def test_swaks_is_told_of_a_refusal(
    serving: Any, run: Any, tool: Callable[[str], str], options: list[str]
) -> None:
    async with serving() as server:
        ended = await run(
            *(tool("swaks"), "--server", "127.0.0.1", "--port", str(server.port), *options),
            *("--from", FROM, "--to", "c@elsewhere.example", "--helo", "me.example.com"),
        )
    assert ended.status == 24, ended.output  # swaks: no recipient was taken
    assert "550 no such user here" in ended.output
    assert server.mails == []


async def test_curl_sends_a_mail(
    serving: Any, run: Any, tool: Callable[[str], str], tmp_path: Path
) -> None:
    letter = tmp_path / "letter"
    letter.write_bytes(b"Subject: hello\r\n\r\n.\r\n..\r\nHello.\r\n")
    async with serving() as server:
        ended = await run(
            *(tool("curl"), "--silent", "--show-error", f"smtp://{server.where}/me.example.com"),
            *("--mail-from", FROM, "--mail-rcpt", TO, "--upload-file", str(letter)),
        )
    assert ended.status == 0, ended.output
    (mail,) = server.mails
    assert (mail.sender, mail.recipients, mail.body) == (FROM, [TO], letter.read_bytes())


async def test_curl_is_told_of_a_refusal(
    serving: Any, run: Any, tool: Callable[[str], str], tmp_path: Path
) -> None:
    letter = tmp_path / "letter"
    letter.write_bytes(BODY)
    async with serving() as server:
        ended = await run(
            *(tool("curl"), "--silent", "--show-error", f"smtp://{server.where}"),
            *("--mail-from", FROM, "--mail-rcpt", "c@elsewhere.example"),
            *("--upload-file", str(letter)),
        )
    assert ended.status == 55, ended.output  # curl: sending failed
    assert "550" in ended.output


@pytest.mark.parametrize(
    ("options", "length"),
    [(["-d"], 1024), ([], 1024), (["-d"], 65536)],
    ids=["kept sessions", "a session each", "64 KB"],
)
async def test_smtp_source_sends_2000_mails_in_10_sessions(
    serving: Any, run: Any, tool: Callable[[str], str], options: list[str], length: int
) -> None:
    count = 2000 if length == 1024 else 200
    async with serving() as server:
        ended = await run(
            *(tool("smtp-source"), "-m", str(count), "-s", "10", "-l", str(length), *options),
            *("-f", FROM, "-t", TO, f"inet:{server.where}"),
            timeout=120,
        )
    assert (ended.status, ended.output) == (0, "")
    assert len(server.mails) == count
    assert all(length <= len(mail.body) < length + 1024 for mail in server.mails)
