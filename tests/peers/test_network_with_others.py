"""Programs of others, behind a network that is late and tears everything into octets."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from proxy import LOSSLESS, Fault, between


def whims() -> Any:
    chance = random.Random(1)
    return lambda: Fault(chance.choice(LOSSLESS))


async def test_mail_of_smtp_source_comes_whole_through_a_network_that_tears_it(
    serving: Any, tool: Any, run: Any
) -> None:
    async with serving() as server, between(server.port, whims()) as proxy:
        done = await run(
            tool("smtp-source"), "-m", "60", "-s", "4", "-l", "3000", "-f", "me@example.org",
            "-t", "you@example.org", f"127.0.0.1:{proxy.port}",
        )  # fmt: skip
        assert (done.status, done.output) == (0, "")
        assert len(server.mails) == 60


async def test_mail_of_swaks_and_curl_comes_whole_through_a_network_that_tears_it(
    serving: Any, tool: Any, run: Any, tmp_path: Path
) -> None:
    mail = tmp_path / "mail"
    mail.write_bytes(b"Subject: hello\r\n\r\n.dots\r\n..\r\n" + b"x" * 70 + b"\r\n")
    async with serving() as server, between(server.port, whims()) as proxy:
        for _ in range(3):
            done = await run(
                tool("curl"), "-sS", f"smtp://127.0.0.1:{proxy.port}", "--mail-from",
                "me@example.org", "--mail-rcpt", "you@example.org", "-T", str(mail),
            )  # fmt: skip
            assert (done.status, done.output) == (0, "")
            done = await run(
                tool("swaks"), "--server", "127.0.0.1", "--port", str(proxy.port), "--from",
                "me@example.org", "--to", "you@example.org", "--data", str(mail), "--hide-all",
            )  # fmt: skip
            assert done.status == 0, done.output
        assert [one.body for one in server.mails[::2]] == [mail.read_bytes()] * 3
        assert len(server.mails) == 6
