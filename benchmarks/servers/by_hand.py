"""An SMTP server as one writes it by hand for speed: the least that is still correct.

It keeps the order of commands (RFC 5321 4.1.4), undoes dot-stuffing (4.5.2), takes pipelined
commands and strict line ends only, and holds lines and bodies to a limit. It has no time-outs and
no extensions.
"""

from __future__ import annotations

import asyncio

MAX_LINE = 1000
MAX_BODY = 32 * 1024 * 1024
END = b"\r\n.\r\n"


class Server(asyncio.Protocol):
    """One session. Subclasses override `accepts` and `mail`."""

    transport: asyncio.Transport

    def __init__(self, host: str) -> None:
        self.host = host
        self.buffer = bytearray()
        self.searched = 0
        self.greeted = self.in_body = self.closed = False
        self.sender: str | None = None
        self.recipients: list[str] = []

    def accepts(self, recipient: str) -> bool:
        """Whether mail for this recipient is taken."""
        return True

    def mail(self, sender: str, recipients: list[str], body: bytes) -> None:
        """A mail has come."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # uvloop's is no asyncio.Transport
        transport.write(f"220 {self.host}\r\n".encode())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        replies: list[bytes] = []
        while not self.closed and (self._body(replies) if self.in_body else self._line(replies)):
            pass
        if replies:
            self.transport.write(b"".join(replies))
        if self.closed:
            self.transport.close()

    def _line(self, replies: list[bytes]) -> bool:
        end = self.buffer.find(b"\r\n", self.searched)
        if end < 0:
            if len(self.buffer) > MAX_LINE:
                replies.append(b"500 Line too long\r\n")
                self.closed = True
            self.searched = max(0, len(self.buffer) - 1)
            return False
        line = bytes(self.buffer[:end])
        del self.buffer[: end + 2]
        self.searched = 0
        if b"\r" in line or b"\n" in line or len(line) > MAX_LINE:
            replies.append(b"500 Syntax error\r\n")
        else:
            replies.append(self._command(line))
        return True

    def _body(self, replies: list[bytes]) -> bool:
        end = self.buffer.find(END, self.searched)
        if end < 0:
            if len(self.buffer) > MAX_BODY:
                replies.append(b"552 Too much mail data\r\n")
                self.closed = True
            self.searched = max(0, len(self.buffer) - len(END) + 1)
            return False
        body = bytes(self.buffer[2 : end + 2])
        del self.buffer[: end + len(END)]
        self.searched = 0
        if body.startswith(b"."):
            body = body[1:]
        if b"\r\n." in body:
            body = body.replace(b"\r\n.", b"\r\n")
        assert self.sender is not None
        self.mail(self.sender, self.recipients, body)
        self.in_body = False
        self.sender, self.recipients = None, []
        replies.append(b"250 Queued\r\n")
        return True

    def _command(self, line: bytes) -> bytes:
        try:
            text = line.decode("ascii")
        except UnicodeDecodeError:
            return b"500 Syntax error\r\n"
        verb, _, rest = text.partition(" ")
        verb = verb.upper()
        if verb == "MAIL":
            return self._mail(rest)
        if verb == "RCPT":
            return self._rcpt(rest)
        if verb == "DATA":
            if self.sender is None:
                return b"503 Bad sequence of commands\r\n"
            if not self.recipients:
                return b"554 No valid recipients\r\n"
            self.in_body = True
            self.buffer[:0] = b"\r\n"  # so that a body's first line is like any other
            return b"354 Go ahead\r\n"
        if verb == "QUIT":
            self.closed = True
            return b"221 Bye\r\n"
        if verb == "NOOP":
            return b"250 OK\r\n"
        if verb == "RSET":
            self.sender, self.recipients = None, []
            return b"250 OK\r\n"
        if verb in ("HELO", "EHLO"):
            self.greeted, self.sender, self.recipients = True, None, []
            return f"250 {self.host}\r\n".encode()
        return b"500 Syntax error\r\n"

    def _mail(self, rest: str) -> bytes:
        if not self.greeted or self.sender is not None:
            return b"503 Bad sequence of commands\r\n"
        sender = _path(rest, "FROM:<")
        if sender is None:
            return b"501 Syntax error in parameters\r\n"
        self.sender = sender
        return b"250 OK\r\n"

    def _rcpt(self, rest: str) -> bytes:
        if self.sender is None:
            return b"503 Bad sequence of commands\r\n"
        recipient = _path(rest, "TO:<")
        if recipient is None:
            return b"501 Syntax error in parameters\r\n"
        if len(self.recipients) >= 100:
            return b"452 Too many recipients\r\n"
        if not self.accepts(recipient):
            return b"550 no such user here\r\n"
        self.recipients.append(recipient)
        return b"250 OK\r\n"


def _path(rest: str, start: str) -> str | None:
    end = rest.find(">")
    if end < 0 or rest[: len(start)].upper() != start:
        return None
    return rest[len(start) : end]
