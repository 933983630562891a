"""Serves the maildirs below a folder over POP3, and fetches a mail from them.

    protogen build specs/pop3.proto -o out
    PYTHONPATH=out python examples/pop3_server.py [FOLDER]

serves FOLDER/NAME, a maildir, to the user NAME, whose password is NAME, too, on port 1110; without
a FOLDER it makes one with two mails, fetches them, and ends. What is left to write once
specs/pop3.proto has been built is the class MyServer, and what a client does is `fetch`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import mailbox
import os
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

import pop3

from protogen_fsm.runtime import aio

_connections = count(1)


class MyServer(pop3.Server):
    """One connection to the maildirs below `root`; `passwords` by user, `locked` by all."""

    def __init__(self, host: str, root: Path, passwords: dict[str, str], locked: set[str]) -> None:
        stamp = f"<{os.getpid()}.{next(_connections)}.{int(time.time())}@{host}>"
        super().__init__(host, timestamp=stamp)
        self.root, self.passwords, self.locked = root, passwords, locked
        self.user = ""
        self.files: list[Path] = []

    # ------------------------------------------------------------ who may

    def do_PASSWORD_login(self, name: str, password: str) -> pop3.Accept | pop3.Reject | None:
        secret = self.passwords.get(name)
        if secret is None or not hmac.compare_digest(secret.encode(), password.encode()):
            return None  # the first outcome: reject
        return self._open(name)

    def do_NAME_APOP(self, name: str, digest: str) -> pop3.Accept | pop3.Reject | None:
        secret = self.passwords.get(name)
        if secret is None:
            return None
        expected = hashlib.md5((self.timestamp + secret).encode()).hexdigest()
        return self._open(name) if hmac.compare_digest(expected, digest.lower()) else None

    def _open(self, name: str) -> pop3.Accept | pop3.Reject:
        if name in self.locked:
            return pop3.Reject("[IN-USE] Do you have another session running?")
        folder = self.root / name
        mailbox.Maildir(folder)  # makes it where there is none
        there = [*(folder / "new").iterdir(), *(folder / "cur").iterdir()]
        self.files = sorted(there, key=lambda file: file.name)
        mails = [
            pop3.Mail(number, len(_on_the_wire(file)), hashlib.sha1(file.name.encode()).hexdigest())
            for number, file in enumerate(self.files, 1)
        ]
        self.user = name
        self.locked.add(name)
        return pop3.Accept(mails)

    # ------------------------------------------------------------ what there is

    def do_READY_RETR(self, number: int) -> pop3.Message | pop3.Gone | None:
        return pop3.Message(_on_the_wire(self.files[number - 1]))

    def do_READY_TOP(self, number: int, count: int) -> pop3.Message | pop3.Gone | None:
        head, _, body = _on_the_wire(self.files[number - 1]).partition(b"\r\n\r\n")
        lines = body.splitlines(keepends=True)[:count]
        return pop3.Message(head + b"\r\n\r\n" + b"".join(lines))

    def do_UPDATE_update(self, numbers: list[int]) -> pop3.Removed | pop3.Kept | None:
        for number in numbers:
            self.files[number - 1].unlink(missing_ok=True)
        return None  # the first outcome: removed

    def emit_unlocked(self) -> None:
        self.locked.discard(self.user)


def _on_the_wire(file: Path) -> bytes:
    """The mail with each line ended by CR LF, whatever the file has."""
    return b"".join(line + b"\r\n" for line in file.read_bytes().splitlines())


async def fetch(host: str, port: int, user: str, password: str) -> list[bytes]:
    """All mails of a maildrop; they are removed from there. Raises PermissionError."""
    async with aio.connect(pop3.Client, host, port) as client:
        # An answer that is a text is the server's refusal, in its words.
        refused = await client.login(user, password)
        if refused is not None:
            raise PermissionError(refused)
        mails = []
        for size in await client.sizes(None):
            mails.append(await client.retrieve(size.number))
            await client.delete(size.number)
        await client.quit()
    return mails


async def main(folder: Path, port: int = 0) -> None:
    passwords = {path.name: path.name for path in folder.iterdir() if path.is_dir()}
    locked: set[str] = set()
    server = await aio.serve(
        lambda: MyServer("localhost", folder, passwords, locked), "127.0.0.1", port
    )
    port = server.sockets[0].getsockname()[1]
    print(f"serving the maildirs of {', '.join(sorted(passwords))} on 127.0.0.1 port {port}")
    if len(sys.argv) > 1:
        await server.serve_forever()
    for mail in await fetch("127.0.0.1", port, "ann", "ann"):
        print(f"  fetched {len(mail)} bytes: {mail.splitlines()[0].decode()}")
    print(f"  left in the maildir: {len(mailbox.Maildir(folder / 'ann'))}")
    server.close()
    await server.wait_closed()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(main(Path(sys.argv[1]), 1110))
    else:
        with tempfile.TemporaryDirectory() as made:
            for subject in ("hello", "dots"):
                mailbox.Maildir(Path(made, "ann")).add(f"Subject: {subject}\n\n.\n..\n")
            asyncio.run(main(Path(made)))
