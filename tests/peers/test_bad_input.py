"""Clients that say nothing, nonsense or too much, or go away: the server outlives them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import re
import socket
import struct
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MiB = 1024 * 1024
MAIL = b"MAIL FROM:<a@example.com>\r\n"
RCPT = b"RCPT TO:<b@example.org>\r\n"
BODY = b"Subject: hello\r\n\r\n..\r\nHello.\r\n.\r\n"
SESSION = b"EHLO me.example.com\r\n" + MAIL + RCPT + b"DATA\r\n" + BODY + b"QUIT\r\n"


async def still_works(server: Any, talk: Any) -> None:
    """Whether a mail still gets through."""
    before = len(server.mails)
    async with talk(server.port) as client:
        await client.say(SESSION)
        codes = [(await client.hear())[:3] for _ in range(6)]
        assert codes == ["250", "250", "250", "354", "250", "221"]
        assert await client.ended()
    assert len(server.mails) == before + 1


async def test_a_client_that_says_nothing_keeps_nobody_waiting(serving: Any, talk: Any) -> None:
    async with serving() as server, talk(server.port), talk(server.port):
        await still_works(server, talk)


async def test_a_client_that_says_nothing_is_sent_away_after_five_minutes(smtp: Any) -> None:
    conn = smtp.Server("mx.example.org")
    conn.open()
    conn.data_to_send()
    due = conn.deadline()
    assert due is not None
    conn.advance(due - 1)
    assert conn.data_to_send() == b""
    conn.advance(due)
    assert conn.data_to_send() == b"421 Timeout\r\n"


@pytest.mark.parametrize(
    "garbage",
    [
        bytes(range(256)) * 8 + b"\r\n",
        b"\x00" * 600 + b"\r\n",
        b"\xff\xfe\xfd\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",  # the start of a TLS handshake
        b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n",
        b"\r\n\r\n\r\n",
        b"MAIL FROM:\r\nRCPT\r\nEHLO\r\n",
        b"EHLO me\nMAIL FROM:<a@example.com>\r\n",
        b"\r\r\r\n",
    ],
    ids=["every byte", "zeros", "not text", "TLS", "HTTP", "empty lines", "halves", "LF", "CR"],
)
async def test_garbage_is_a_syntax_error_and_the_session_goes_on(
    serving: Any, talk: Any, garbage: bytes
) -> None:
    async with serving() as server:
        async with talk(server.port) as client:
            await client.say(garbage + b"NOOP\r\n")
            heard = [await client.hear()]
            while not heard[-1].startswith("250"):
                heard.append(await client.hear())
            assert len(heard) > 1
            assert all(re.match("50[0123] ", reply) for reply in heard[:-1]), heard
            assert (await client.ask(b"QUIT")).startswith("221")
            assert await client.ended()
        await still_works(server, talk)


async def test_half_a_line_and_the_end(serving: Any, talk: Any) -> None:
    async with serving() as server:
        async with talk(server.port) as client:
            await client.say(b"EHLO me.exam")
            client.writer.write_eof()
            await asyncio.wait_for(client.reader.read(), 10)
        await still_works(server, talk)


async def test_half_a_body_and_the_end_is_no_mail(serving: Any, talk: Any) -> None:
    async with serving() as server:
        async with talk(server.port) as client:
            await client.say(b"EHLO me\r\n" + MAIL + RCPT + b"DATA\r\nHello.\r\n.")
            client.writer.write_eof()
            await asyncio.wait_for(client.reader.read(), 10)
        assert server.mails == []
        await still_works(server, talk)


async def test_any_split_of_the_bytes_gets_the_same_replies(serving: Any, talk: Any) -> None:
    heard = []
    async with serving() as server:
        for step in (1, 2, 3, 7, len(SESSION)):
            async with talk(server.port) as client:
                client.writer.get_extra_info("socket").setsockopt(
                    socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
                )
                for start in range(0, len(SESSION), step):
                    await client.say(SESSION[start : start + step])
                    await asyncio.sleep(0)
                heard.append(await asyncio.wait_for(client.reader.read(), 10))
    assert heard[0].count(b"\r\n") > 6
    assert set(heard) == {heard[0]}
    assert [mail.body for mail in server.mails] == [b"Subject: hello\r\n\r\n.\r\nHello.\r\n"] * 5


@pytest.mark.parametrize("reset", [False, True], ids=["closes", "resets"])
async def test_a_client_goes_away_after_every_byte(
    serving: Any, talk: Any, smtp: Any, reset: bool
) -> None:
    async with serving() as server:
        for end in range(len(SESSION)):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            if end % 2:
                await reader.readline()
            writer.write(SESSION[:end])
            if end % 3:
                await asyncio.sleep(0)
            if reset:
                writer.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
                writer.transport.abort()
            else:
                writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        await still_works(server, talk)
        await asyncio.sleep(0.1)
        gc.collect()
        left = [thing for thing in gc.get_objects() if isinstance(thing, smtp.Server)]
        assert left == []


@pytest.mark.parametrize(
    "end", [b"\n.\n", b"\r\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\r", b"\n\n.\r\n"]
)
async def test_only_a_dot_between_strict_line_ends_ends_a_mail(
    serving: Any, talk: Any, end: bytes
) -> None:
    async with serving() as server:
        async with talk(server.port) as client:
            await client.ask(b"EHLO me")
            await client.say(MAIL + RCPT + b"DATA\r\n")
            assert [(await client.hear())[:3] for _ in range(3)] == ["250", "250", "354"]
            smuggled = b"MAIL FROM:<evil@example.com>\r\n" + RCPT + b"DATA\r\nEvil.\r\n.\r\n"
            reply = await client.ask(b"Hello." + end + smuggled[:-2])
            assert reply[:3] in ("554", "250")
            assert (await client.ask(b"QUIT")).startswith("221")
        assert all(mail.sender != "evil@example.com" for mail in server.mails)


async def test_a_port_in_use_is_an_error_at_once(serving: Any, smtp: Any) -> None:
    from protogen_fsm.runtime import aio

    async with serving() as server:
        with pytest.raises(OSError, match="in use"):
            await aio.serve(lambda: smtp.Server("mx.example.org"), "127.0.0.1", server.port)


async def test_sessions_at_once_do_not_touch_each_other(serving: Any, talk: Any) -> None:
    async def session(number: int) -> None:
        async with talk(server.port) as client:
            sender = b"%d@example.com" % number
            for line, code in (
                (b"EHLO me", "250"),
                (b"MAIL FROM:<%s>" % sender, "250"),
                (b"RCPT TO:<%d@example.org>" % number, "250"),
                (b"RCPT TO:<%d@example.net>" % number, "550"),
                (b"DATA", "354"),
                (b"%d\r\n." % number, "250"),
                (b"QUIT", "221"),
            ):
                assert (await client.ask(line)).startswith(code)
                await asyncio.sleep(0)

    async with serving() as server:
        await asyncio.gather(*(session(number) for number in range(100)))
    assert sorted((mail.sender, mail.recipients, mail.body) for mail in server.mails) == sorted(
        (f"{n}@example.com", [f"{n}@example.org"], b"%d\r\n" % n) for n in range(100)
    )


@dataclass(frozen=True)
class Process:
    """The server in a process of its own."""

    pid: int
    port: int

    def most_memory(self) -> int:
        """The most bytes that it has had in memory."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found
        return int(found[1]) * 1024


@contextlib.asynccontextmanager
async def in_a_process(built: Path) -> AsyncIterator[Process]:
    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc to watch the memory of a process")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(Path(__file__).with_name("server.py")), str(built)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield Process(process.pid, int(await process.stdout.readline()))
    finally:
        process.kill()
        await process.wait()


async def test_a_line_of_100_megabytes_is_answered_once_and_not_kept(
    built: Path, talk: Any
) -> None:
    async with in_a_process(built) as server, talk(server.port) as client:
        await client.ask(b"EHLO me")
        before = server.most_memory()
        for _ in range(100):
            await client.say(b"x" * MiB)
        assert (await client.ask(b"")).startswith("500 ")
        assert (await client.ask(b"NOOP")).startswith("250 ")
        assert server.most_memory() - before < 8 * MiB


async def test_a_body_of_100_megabytes_is_refused_and_not_kept(built: Path, talk: Any) -> None:
    async with in_a_process(built) as server, talk(server.port) as client:
        await client.ask(b"EHLO me")
        await client.say(MAIL + RCPT + b"DATA\r\n")
        assert [(await client.hear())[:3] for _ in range(3)] == ["250", "250", "354"]
        before = server.most_memory()
        for _ in range(100):
            await client.say((b"x" * 62 + b"\r\n") * (MiB // 64))
        assert (await client.ask(b".")).startswith("552 ")
        assert (await client.ask(b"NOOP")).startswith("250 ")
        assert server.most_memory() - before < 80 * MiB  # 32 MiB may be kept, joined once


async def test_a_client_that_does_not_read_is_not_read_from(built: Path, talk: Any) -> None:
    async with in_a_process(built) as server, talk(server.port) as client:
        await client.ask(b"EHLO me")
        before = server.most_memory()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]

        async def ask_without_end() -> None:
            while True:
                await client.say(b"NOOP\r\n" * 10_000)

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ask_without_end(), 5)
        assert server.most_memory() - before < 8 * MiB
        client.writer.transport.abort()
