"""From specs/smtp.proto to mail: builds it, draws it, serves it, and sends through it.

Run by `./run demo`. Everything it makes lies in out/.
"""

from __future__ import annotations

import asyncio
import os
import smtplib
import sys
from email.message import EmailMessage
from pathlib import Path

from protogen_fsm.cli.group import protogen
from protogen_fsm.runtime import aio

EXAMPLES = Path(__file__).resolve().parent


def do(command: str) -> None:
    """Types a command, so to speak."""
    print(f"$ protogen {command}")
    try:
        protogen(command.split(), prog_name="protogen")
    except SystemExit as left:
        if left.code:
            raise


def send_with_smtplib(port: int) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "ann@example.net", "bob@example.org"
    mail["Subject"] = "hello from smtplib"
    mail.set_content("Hello Bob.\n")
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.send_message(mail)


async def talk() -> None:
    # Both can be imported only now that the spec has been built.
    import smtp

    from my_server import MyServer

    server = await aio.serve(lambda: MyServer("mx.example.org"), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(f"\nThe generated server with the handlers of examples/my_server.py, on port {port}:\n")
    print("  Python's smtplib sends a mail:")
    await asyncio.to_thread(send_with_smtplib, port)

    print("  the generated client sends one to two recipients:")
    async with aio.connect(lambda: smtp.Client("me.example.org"), "127.0.0.1", port) as client:
        body = b"Subject: hello from the generated client\r\n\r\nHello.\r\n"
        recipients = ["bob@example.org", "eve@example.com"]
        for verdict in await client.send_mail("ann@example.net", recipients, body):
            print(f"    {verdict.recipient}: {verdict.code} {verdict.text}")
        await client.quit()
    server.close()
    await server.wait_closed()


def main() -> None:
    sys.stdout.reconfigure(line_buffering=True)
    os.chdir(EXAMPLES.parent)
    do("check specs/smtp.proto")
    do("build specs/smtp.proto -o out")
    do("diagram specs/smtp.proto -f svg -o out")
    sys.path.insert(0, "out")
    asyncio.run(talk())
    print("\nWhat was made lies in out/: read smtp.py, look at smtp.Server.svg.")


if __name__ == "__main__":
    main()
