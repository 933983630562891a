"""Run one SMTP server of the benchmark until standard input ends: `main.py KIND [FOLDER]`.

Prints its port. Each takes mail for `@example.org` only, and throws it away once it has the whole
body. FOLDER holds the generated `smtp.py`.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

HOST = "mx.example.org"
DOMAIN = "@example.org"


async def generated(folder: str) -> Any:
    """The server made of `specs/smtp.proto`."""
    sys.path.insert(0, folder)
    import smtp

    from protogen_fsm.runtime import aio

    class Server(smtp.Server):  # type: ignore[misc, name-defined]
        def do_ENVELOPE_RCPT(self, recipient: str) -> Any:
            if not recipient.endswith(DOMAIN):
                return smtp.Reject("no such user here")  # type: ignore[attr-defined]
            return None

        def emit_mail(self, sender: str, recipients: list[str], body: bytes) -> None:
            pass

    return await aio.serve(lambda: Server(HOST), "127.0.0.1", 0)


async def hand_written(_: str) -> Any:
    """The one in `by_hand.py`."""
    import by_hand

    class Server(by_hand.Server):
        def accepts(self, recipient: str) -> bool:
            return recipient.endswith(DOMAIN)

    return await asyncio.get_running_loop().create_server(lambda: Server(HOST), "127.0.0.1", 0)


async def aiosmtpd(_: str) -> Any:
    """aiosmtpd without its thread."""
    from aiosmtpd.smtp import SMTP

    class Handler:
        async def handle_RCPT(
            self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
        ) -> str:
            if not address.endswith(DOMAIN):
                return "550 no such user here"
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            return "250 Queued"

    loop = asyncio.get_running_loop()
    handler = Handler()
    return await loop.create_server(lambda: SMTP(handler, hostname=HOST, loop=loop), "127.0.0.1", 0)


def twisted() -> None:
    """Twisted's ESMTP on its own reactor."""
    from twisted.internet import defer, reactor, stdio
    from twisted.internet.protocol import Protocol
    from twisted.mail import smtp
    from zope.interface import implementer

    @implementer(smtp.IMessage)
    class Message:
        def __init__(self) -> None:
            self.lines: list[bytes] = []

        def lineReceived(self, line: bytes) -> None:
            self.lines.append(line)

        def eomReceived(self) -> Any:
            b"\r\n".join(self.lines)
            return defer.succeed(None)

        def connectionLost(self) -> None:
            pass

    @implementer(smtp.IMessageDelivery)
    class Delivery:
        def receivedHeader(self, helo: Any, origin: Any, recipients: Any) -> bytes:
            return b""

        def validateFrom(self, helo: Any, origin: Any) -> Any:
            return origin

        def validateTo(self, user: Any) -> Any:
            if not str(user).endswith(DOMAIN):
                raise smtp.SMTPBadRcpt(user)
            return Message

    class Factory(smtp.SMTPFactory):  # type: ignore[misc]
        protocol = smtp.ESMTP

        def buildProtocol(self, address: Any) -> Any:
            protocol = super().buildProtocol(address)
            protocol.delivery = Delivery()
            return protocol

    class UntilEof(Protocol):  # type: ignore[misc]
        def connectionLost(self, reason: Any = None) -> None:
            reactor.stop()

    port = reactor.listenTCP(0, Factory(), interface="127.0.0.1")
    stdio.StandardIO(UntilEof())
    print(port.getHost().port, flush=True)
    reactor.run()


async def run(start: Callable[[str], Awaitable[Any]], folder: str) -> None:
    """Serve on asyncio until standard input ends."""
    server = await start(folder)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, lambda: sys.stdin.read(1) or ended.set())
    await ended.wait()
    server.close()


ON_ASYNCIO = {"protogen": generated, "by hand": hand_written, "aiosmtpd": aiosmtpd}


if __name__ == "__main__":
    kind, folder = [*sys.argv[1:], ""][:2]
    if kind == "Twisted ESMTP":
        twisted()
    else:
        asyncio.run(run(ON_ASYNCIO[kind], folder))
