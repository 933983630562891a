"""A small Redis in memory, which redis-cli and redis-py can talk to.

    protogen build specs/resp.proto -o out
    PYTHONPATH=out python examples/resp_server.py [PORT]

The generated server says what may be said when; here is only what the commands mean. A value that
nests is said part by part (`say`), the rest is one outcome.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import resp

from protogen_fsm.runtime import aio

if TYPE_CHECKING:
    from collections.abc import Callable


class Store:
    """What all connections share."""

    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}
        self.subscribers: dict[bytes, set[RedisServer]] = {}

    def publish(self, channel: bytes, payload: bytes) -> int:
        """How many were told."""
        told = list(self.subscribers.get(channel, ()))
        for one in told:
            one.publish(channel, payload)
        return len(told)


class RedisServer(resp.Server):
    """Answers GET, SET and their like, and publishes."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self.channels: set[bytes] = set()

    def do_TALKING_command(self, args: list[bytes]) -> Any:
        command = COMMANDS.get(args[0].upper())
        if command is None:
            name = args[0][:64].decode("utf-8", "replace").translate(ONE_LINE)
            return resp.Wrong(f"ERR unknown command '{name}'")
        handle, least = command
        if len(args) <= least:
            name = args[0].decode().lower()
            return resp.Wrong(f"ERR wrong number of arguments for '{name}' command")
        if self.state == "SUBSCRIBED" and self.version == 2 and handle not in WHILE_SUBSCRIBED:
            return resp.Wrong("ERR only (UN)SUBSCRIBE, PING and QUIT are allowed here")
        return handle(self, args)

    def say(self, value: object) -> None:
        """A value, part by part, once the command's step is done."""
        if value is None:
            self.nothing()
        elif isinstance(value, bool):
            self.truth(value)
        elif isinstance(value, int):
            self.whole(value)
        elif isinstance(value, float):
            self.real(value)
        elif isinstance(value, bytes):
            self.bulk(value)
        elif isinstance(value, str):
            self.text(value)
        elif isinstance(value, dict):
            self.map_of(len(value))
            for key, item in value.items():
                self.say(key)
                self.say(item)
        elif isinstance(value, list):
            self.list_of(len(value))
            for item in value:
                self.say(item)
        else:
            raise TypeError(f"Redis has no {type(value).__name__}")

    # ------------------------------------------------------------ the commands

    def get(self, args: list[bytes]) -> Any:
        value = self.store.values.get(args[1])
        return resp.Absent() if value is None else resp.Bulk(value)

    def set(self, args: list[bytes]) -> Any:
        self.store.values[args[1]] = args[2]

    def delete(self, args: list[bytes]) -> Any:
        return resp.Whole(sum(self.store.values.pop(key, None) is not None for key in args[1:]))

    def exists(self, args: list[bytes]) -> Any:
        return resp.Whole(sum(key in self.store.values for key in args[1:]))

    def incr(self, args: list[bytes]) -> Any:
        try:
            by = int(args[2]) if len(args) > 2 else 1
            number = int(self.store.values.get(args[1], b"0")) + by
        except ValueError:
            return resp.Wrong("ERR value is not an integer or out of range")
        self.store.values[args[1]] = b"%d" % number
        return resp.Whole(number)

    def mget(self, args: list[bytes]) -> Any:
        self.say([self.store.values.get(key) for key in args[1:]])
        return resp.Nested()

    def keys(self, args: list[bytes]) -> Any:
        return resp.Listed(sorted(self.store.values))

    def ping(self, args: list[bytes]) -> Any:
        if self.state == "SUBSCRIBED" and self.version == 2:
            return resp.Listed([b"pong", args[1] if len(args) > 1 else b""])
        return resp.Bulk(args[1]) if len(args) > 1 else resp.Text("PONG")

    def echo(self, args: list[bytes]) -> Any:
        return resp.Bulk(args[1])

    def hello(self, args: list[bytes]) -> Any:
        if len(args) > 1 and args[1] not in (b"2", b"3"):
            return resp.Wrong("NOPROTO unsupported protocol version")
        version = int(args[1]) if len(args) > 1 else self.version
        about = {b"server": b"redis", b"version": b"7.0.0", b"proto": version, b"modules": []}
        self.say(about)
        return resp.Speaks(version)

    def nothing_of(self, args: list[bytes]) -> Any:
        return resp.Listed([])

    def client(self, args: list[bytes]) -> Any:
        return None

    def flushall(self, args: list[bytes]) -> Any:
        self.store.values.clear()

    def subscribe(self, args: list[bytes]) -> Any:
        found = []
        for channel in args[1:]:
            self.channels.add(channel)
            self.store.subscribers.setdefault(channel, set()).add(self)
            found.append(resp.Subscription(b"subscribe", channel, len(self.channels)))
        return resp.Subscribed(found)

    def unsubscribe(self, args: list[bytes]) -> Any:
        found = []
        for channel in args[1:] or sorted(self.channels):
            self._leave(channel)
            found.append(resp.Subscription(b"unsubscribe", channel, len(self.channels)))
        found = found or [resp.Subscription(b"unsubscribe", b"", 0)]
        return resp.Subscribed(found) if self.channels else resp.Unsubscribed(found)

    def _leave(self, channel: bytes) -> None:
        self.channels.discard(channel)
        self.store.subscribers.get(channel, set()).discard(self)

    def published(self, args: list[bytes]) -> Any:
        return resp.Whole(self.store.publish(args[1], args[2]))

    def quit(self, args: list[bytes]) -> Any:
        return resp.Farewell()

    def lost(self, reason: str = "") -> None:
        for channel in list(self.channels):
            self._leave(channel)
        super().lost(reason)


ONE_LINE = {13: 32, 10: 32}
COMMANDS: dict[bytes, tuple[Callable[[RedisServer, list[bytes]], Any], int]] = {
    b"GET": (RedisServer.get, 1),
    b"SET": (RedisServer.set, 2),
    b"DEL": (RedisServer.delete, 1),
    b"EXISTS": (RedisServer.exists, 1),
    b"INCR": (RedisServer.incr, 1),
    b"INCRBY": (RedisServer.incr, 2),
    b"MGET": (RedisServer.mget, 1),
    b"KEYS": (RedisServer.keys, 1),
    b"PING": (RedisServer.ping, 0),
    b"ECHO": (RedisServer.echo, 1),
    b"HELLO": (RedisServer.hello, 0),
    b"COMMAND": (RedisServer.nothing_of, 0),
    b"CONFIG": (RedisServer.nothing_of, 0),
    b"CLIENT": (RedisServer.client, 0),
    b"FLUSHALL": (RedisServer.flushall, 0),
    b"SUBSCRIBE": (RedisServer.subscribe, 1),
    b"UNSUBSCRIBE": (RedisServer.unsubscribe, 0),
    b"PUBLISH": (RedisServer.published, 2),
    b"QUIT": (RedisServer.quit, 0),
}
WHILE_SUBSCRIBED = {
    RedisServer.ping,
    RedisServer.subscribe,
    RedisServer.unsubscribe,
    RedisServer.quit,
}


async def main() -> None:
    store = Store()
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 6379
    server = await aio.serve(lambda: RedisServer(store), "127.0.0.1", port)
    print(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
