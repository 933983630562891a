"""RESP servers as one writes them by hand: the least that is still correct, and fast.

They take commands as lists of bulk strings and in words on a line, pipelined in any way, hold both
to a limit, and answer an unknown command, or one with too few arguments, with an error.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LINE = 64 * 1024
MAX_WORDS = 1024 * 1024
MAX_OCTETS = 64 * 1024 * 1024
Store = dict[bytes, bytes]


class BadRequestError(Exception):
    """What came is no command."""


def get(store: Store, args: list[bytes]) -> bytes:
    value = store.get(args[1])
    return b"$-1\r\n" if value is None else b"$%d\r\n%b\r\n" % (len(value), value)


def put(store: Store, args: list[bytes]) -> bytes:
    store[args[1]] = args[2]
    return b"+OK\r\n"


def ping(store: Store, args: list[bytes]) -> bytes:
    return b"+PONG\r\n"


def nothing(store: Store, args: list[bytes]) -> bytes:
    return b"*0\r\n"


COMMANDS: dict[bytes, tuple[Callable[[Store, list[bytes]], bytes], int]] = {
    b"GET": (get, 1),
    b"SET": (put, 2),
    b"PING": (ping, 0),
    b"COMMAND": (nothing, 0),
    b"CONFIG": (nothing, 0),
}


def answer(store: Store, args: list[bytes]) -> bytes:
    """What a command is answered with."""
    found = COMMANDS.get(args[0].upper())
    if found is None:
        name = args[0][:64].decode("utf-8", "replace").replace("\r", " ").replace("\n", " ")
        return f"-ERR unknown command '{name}'\r\n".encode()
    handle, least = found
    if len(args) <= least:
        return b"-ERR wrong number of arguments\r\n"
    return handle(store, args)


class Server(asyncio.Protocol):
    """One connection: each command is taken once it is whole."""

    transport: asyncio.Transport

    def __init__(self, store: Store) -> None:
        self.store = store
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        if self.rest:
            data = self.rest + data
        at, size = 0, len(data)
        replies: list[bytes] = []
        try:
            while at < size:
                end = data.find(b"\r\n", at)
                if end < 0:
                    if size - at > MAX_LINE:
                        raise BadRequestError
                    break
                if data[at] != 42:  # "*"
                    words = data[at:end].split()
                    at = end + 2
                    if words:
                        replies.append(answer(self.store, words))
                    continue
                left = int(data[at + 1 : end])
                if left > MAX_WORDS:
                    raise BadRequestError
                stop = end + 2
                room = MAX_OCTETS
                args: list[bytes] = []
                while left > 0:
                    end = data.find(b"\r\n", stop)
                    if end < 0:
                        if size - stop > 64:
                            raise BadRequestError
                        break
                    if data[stop] != 36:  # "$"
                        raise BadRequestError
                    count = int(data[stop + 1 : end])
                    room -= count
                    if count < 0 or room < 0:
                        raise BadRequestError
                    begin = end + 2
                    stop = begin + count + 2
                    if stop > size:
                        break
                    if data[stop - 2 : stop] != b"\r\n":
                        raise BadRequestError
                    args.append(data[begin : stop - 2])
                    left -= 1
                if left > 0:
                    break
                at = stop
                if args:
                    replies.append(answer(self.store, args))
        except (BadRequestError, ValueError):
            replies.append(b"-ERR Protocol error\r\n")
            self.transport.write(b"".join(replies))
            self.transport.close()
            return
        self.rest = data[at:]
        if replies:
            self.transport.write(b"".join(replies))
