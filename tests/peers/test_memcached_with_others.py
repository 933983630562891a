"""examples/memcached_server.py under pymemcache."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from conftest import by_command_line

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The module of the example, on the spec beside it."""
    with by_command_line(
        tmp_path_factory, "examples/memcached.proto", "memcached_server"
    ) as module:
        yield module


def _dialogue(port: int) -> None:
    base = pytest.importorskip("pymemcache.client.base")
    client = base.Client(("127.0.0.1", port), timeout=10, connect_timeout=10)
    for noreply in (False, True):
        assert client.set("a", b"one\r\nEND\r\n", noreply=noreply)
        assert client.get("a") == b"one\r\nEND\r\n"
    assert client.set("empty", b"", flags=7)
    assert client.get("empty") == b""
    assert client.get("nobody") is None
    assert client.add("a", b"two", noreply=False) is False
    assert client.replace("nobody", b"two", noreply=False) is False
    assert client.set_many({f"k{n}": b"v%d" % n for n in range(200)}) == []
    assert client.get_many([f"k{n}" for n in range(210)]) == {
        f"k{n}": b"v%d" % n for n in range(200)
    }
    value, unique = client.gets("a")
    assert value == b"one\r\nEND\r\n"
    assert client.cas("a", b"three", unique, noreply=False) is True
    assert client.cas("a", b"four", unique, noreply=False) is False
    assert client.cas("nobody", b"four", unique, noreply=False) is None
    assert client.set("n", b"9")
    assert client.incr("n", 5) == 14
    assert client.decr("n", 20) == 0
    assert client.incr("nobody", 1) is None
    with pytest.raises(Exception, match="non-numeric"):
        client.incr("a", 1)
    assert client.touch("n", 100, noreply=False) is True
    assert client.touch("n", -1, noreply=False) is True
    assert client.get("n") is None
    assert client.delete("a", noreply=False) is True
    assert client.delete("a", noreply=False) is False
    large = bytes(range(256)) * 4096
    assert client.set("large", large, noreply=False)
    assert client.get("large") == large
    with pytest.raises(Exception, match="too large"):
        client.set("larger", large + b"x", noreply=False)
    assert client.get("large") == large
    assert client.version() == b"1.6"
    assert client.flush_all(noreply=False)
    assert client.get("large") is None
    client.quit()


async def test_pymemcache_says_what_it_can(example: Any) -> None:
    from protogen_fsm.runtime import aio

    cache = example.Cache()
    server = await aio.serve(lambda: example.Server(cache), "127.0.0.1", 0)
    try:
        await asyncio.to_thread(_dialogue, server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await server.wait_closed()
    assert cache.kept == {}
    assert cache.bytes == 0


def test_what_is_no_command_is_an_error(example: Any) -> None:
    server = example.Server(example.Cache())
    server.receive_data(b"hello\r\nset a 0 0 x\r\nset a 0 0 3\r\nfour\r\nget a\r\nquit\r\n")
    heard = server.data_to_send()
    assert heard == b"ERROR\r\nERROR\r\nCLIENT_ERROR bad data chunk\r\nERROR\r\n"
    assert server.wire.closing
