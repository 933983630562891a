"""Run one SMTP server on one main loop until standard input ends.

    loops_main.py LOOP/WHO FOLDER

WHO is `protogen`, the server made of `specs/smtp.proto`, which is in FOLDER, or `by hand`: the one
of `by_hand.py`, driven as one drives a protocol on that loop by hand. Prints its port. Both take
mail for `@example.org` only, and throw it away once they have the whole body.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
from typing import Any

import by_hand

HOST, DOMAIN, HERE = "mx.example.org", "@example.org", "127.0.0.1"


class Said:
    """What stands for a transport where there is none: what was said, and whether that was all."""

    def __init__(self) -> None:
        self.data, self.closed = b"", False

    def write(self, data: bytes) -> None:
        self.data += data

    def close(self) -> None:
        self.closed = True

    def take(self) -> bytes:
        data, self.data = self.data, b""
        return data


class ByHand(by_hand.Server):
    """The hand-written server."""

    def accepts(self, recipient: str) -> bool:
        return recipient.endswith(DOMAIN)


def speaking(transport: Any) -> ByHand:
    """One that writes to what has `write` and `close`, after its greeting."""
    server = ByHand(HOST)
    server.transport = transport
    transport.write(f"220 {HOST}\r\n".encode())
    return server


def machine(folder: str) -> Any:
    """What makes our server."""
    sys.path.insert(0, folder)
    import smtp

    class Server(smtp.Server):  # type: ignore[misc, name-defined]
        def do_ENVELOPE_RCPT(self, recipient: str) -> Any:
            if not recipient.endswith(DOMAIN):
                return smtp.Reject("no such user here")  # type: ignore[attr-defined]
            return None

        def emit_mail(self, sender: str, recipients: list[str], body: bytes) -> None:
            pass

    return lambda: Server(HOST)


async def on_asyncio(folder: str) -> None:
    if folder:
        from protogen_fsm.runtime import aio

        server: Any = await aio.serve(machine(folder), HERE, 0)
    else:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: ByHand(HOST), HERE, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


def on_twisted(folder: str) -> None:
    from twisted.internet import reactor
    from twisted.internet.protocol import Factory, Protocol

    class Hand(Protocol):  # type: ignore[misc]
        def connectionMade(self) -> None:
            self.transport.close = self.transport.loseConnection
            self.server = speaking(self.transport)

        def dataReceived(self, data: bytes) -> None:
            self.server.data_received(data)

    if folder:
        from protogen_fsm.runtime import tx

        factory: Any = tx.Factory(machine(folder))
    else:
        factory = Factory.forProtocol(Hand)
    print(reactor.listenTCP(0, factory, interface=HERE).getHost().port, flush=True)
    reactor.run(installSignalHandlers=False)


async def by_hand_on_a_stream(receive: Any, send: Any, close: Any) -> None:
    said = Said()
    server = speaking(said)
    while True:
        if said.data:
            await send(said.take())
        if said.closed:
            break
        data = await receive()
        if not data:
            break
        server.data_received(data)
    await close()


async def on_trio(folder: str) -> None:
    import trio

    if folder:
        from protogen_fsm.runtime import on_trio as adapter

        async with adapter.serve(machine(folder), HERE, 0) as listeners:
            print(listeners[0].socket.getsockname()[1], flush=True)
            await trio.sleep_forever()

    async def session(stream: Any) -> None:
        await by_hand_on_a_stream(stream.receive_some, stream.send_all, stream.aclose)

    listeners = await trio.open_tcp_listeners(0, host=HERE)
    print(listeners[0].socket.getsockname()[1], flush=True)
    await trio.serve_listeners(session, listeners)


async def on_anyio(folder: str) -> None:
    import anyio
    import anyio.abc

    port = anyio.abc.SocketAttribute.local_port
    if folder:
        from protogen_fsm.runtime import on_anyio as adapter

        async with adapter.serve(machine(folder), HERE, 0) as listener:
            print(listener.extra(port), flush=True)
            await anyio.sleep_forever()

    async def session(stream: Any) -> None:
        async def receive() -> bytes:
            try:
                data: bytes = await stream.receive()
            except anyio.EndOfStream:
                return b""
            return data

        await by_hand_on_a_stream(receive, stream.send, stream.aclose)

    listener = await anyio.create_tcp_listener(local_host=HERE, local_port=0)
    print(listener.extra(port), flush=True)
    await listener.serve(session)


def on_threads(folder: str) -> None:
    if folder:
        from protogen_fsm.runtime import sockets

        with sockets.serve(machine(folder), HERE) as server:
            print(server.address[1], flush=True)
            threading.Event().wait()

    def session(peer: socket.socket) -> None:
        said = Said()
        server = speaking(said)
        with peer:
            while True:
                if said.data:
                    peer.sendall(said.take())
                if said.closed:
                    break
                data = peer.recv(256 * 1024)
                if not data:
                    break
                server.data_received(data)

    with socket.create_server((HERE, 0), backlog=128) as listening:
        print(listening.getsockname()[1], flush=True)
        while True:
            peer, _ = listening.accept()
            threading.Thread(target=session, args=(peer,), daemon=True).start()


def main() -> None:
    loop, _, who = sys.argv[1].partition("/")
    folder = sys.argv[2] if who == "protogen" else ""
    threading.Thread(target=lambda: sys.stdin.read() or os._exit(0), daemon=True).start()
    if loop == "uvloop":
        import uvloop

        uvloop.run(on_asyncio(folder))
    elif loop == "trio":
        import trio

        trio.run(on_trio, folder)
    elif loop == "anyio":
        import anyio

        anyio.run(on_anyio, folder)
    elif loop == "asyncio":
        asyncio.run(on_asyncio(folder))
    else:
        {"Twisted": on_twisted, "threads": on_threads}[loop](folder)


if __name__ == "__main__":
    main()
