"""A cache that memcached's clients can talk to, on a protocol written with nothing but the docs.

protogen build examples/memcached.proto -o out
PYTHONPATH=out python examples/memcached_server.py [PORT]
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import OrderedDict
from dataclasses import dataclass
from itertools import count

import memcached

from protogen_fsm.runtime import aio

MOST = 64 * 1024 * 1024  # bytes of all values


@dataclass
class Kept:
    """A value, and until when it is kept."""

    flags: int
    data: bytes
    until: float
    unique: int


class Cache:
    """What all connections share; what was used longest ago goes first."""

    def __init__(self) -> None:
        self.kept: OrderedDict[str, Kept] = OrderedDict()
        self.bytes = 0
        self.numbers = count(1)

    def get(self, key: str) -> Kept | None:
        found = self.kept.get(key)
        if found is not None and found.until <= time.time():
            self.drop(key)
            return None
        if found is not None:
            self.kept.move_to_end(key)
        return found

    def put(self, key: str, flags: int, expires: int, data: bytes) -> None:
        self.drop(key)
        self.kept[key] = Kept(flags, data, until(expires), next(self.numbers))
        self.bytes += len(data)
        while self.bytes > MOST:
            self.drop(next(iter(self.kept)))

    def drop(self, key: str) -> bool:
        found = self.kept.pop(key, None)
        self.bytes -= len(found.data) if found is not None else 0
        return found is not None


def until(expires: int) -> float:
    """Seconds from now, or a date if they are more than 30 days; 0 is for ever."""
    if expires == 0:
        return float("inf")
    return expires if expires > 30 * 24 * 3600 else time.time() + expires


class Server(memcached.Server):
    """One connection."""

    def __init__(self, cache: Cache) -> None:
        super().__init__("1.6")
        self.cache = cache

    def do_COMMAND_GET(self, keys: str) -> memcached.Found:
        found = [(key, self.cache.get(key)) for key in keys.split(" ")]
        return memcached.Found(
            [memcached.Item(key, it.flags, it.unique, it.data) for key, it in found if it]
        )

    do_COMMAND_GETS = do_COMMAND_GET

    def do_BODY_store(
        self, how: str, key: str, flags: int, expires: int, unique: int | None, octets: bytes
    ) -> memcached.Stored | memcached.NotStored | memcached.Changed | memcached.Missing:
        old = self.cache.get(key)
        if unique is not None and old is None:
            return memcached.Missing()
        if unique is not None and old is not None and old.unique != unique:
            return memcached.Changed()
        if (how == "add" and old is not None) or (how == "replace" and old is None):
            return memcached.NotStored()
        self.cache.put(key, flags, expires, octets)
        return memcached.Stored()

    def do_COMMAND_DELETE(self, key: str, quiet: str) -> memcached.Done | memcached.Missing:
        return memcached.Done() if self.cache.drop(key) else memcached.Missing()

    def do_COMMAND_TOUCH(
        self, key: str, expires: int, quiet: str
    ) -> memcached.Done | memcached.Missing:
        found = self.cache.get(key)
        if found is None:
            return memcached.Missing()
        found.until = until(expires)
        return memcached.Done()

    def do_COMMAND_COUNT(
        self, way: str, key: str, amount: int, quiet: str
    ) -> memcached.Counted | memcached.Refused | memcached.Missing:
        found = self.cache.get(key)
        if found is None:
            return memcached.Missing()
        if not found.data.isdigit() or len(found.data) > 20:
            return memcached.Refused("cannot increment or decrement non-numeric value")
        value = int(found.data)
        value = (value + amount) % 2**64 if way == "incr" else max(value - amount, 0)
        found.data, found.unique = str(value).encode(), next(self.cache.numbers)
        return memcached.Counted(value)

    def do_COMMAND_FLUSH(self, delay: int | None, quiet: str) -> None:
        for key in list(self.cache.kept):
            self.cache.drop(key)


async def main(port: int) -> None:
    cache = Cache()
    server = await aio.serve(lambda: Server(cache), "127.0.0.1", port)
    print(f"serving on port {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 11211))
