"""Redis's own programs, and redis-py, talk to the generated server; its client to redis-server."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from conftest import by_command_line
from protogen_fsm.runtime import aio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The module of the example, on specs/resp.proto."""
    with by_command_line(tmp_path_factory, "specs/resp.proto", "resp_server") as module:
        yield module


@contextlib.asynccontextmanager
async def serving(example: Any) -> AsyncIterator[int]:
    """A server on a free port; no fault may stay behind."""
    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
    store = example.Store()
    server = await aio.serve(lambda: example.RedisServer(store), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.wait_for(server.wait_closed(), 10)
    assert faults == []


async def test_redis_cli_sets_gets_and_hears_of_errors(
    example: Any, tool: Callable[[str], str], run: Any
) -> None:
    cli = tool("redis-cli")
    async with serving(example) as port:

        async def ask(*words: str) -> str:
            ended = await run(cli, "-p", str(port), *words)
            return str(ended.output.strip())

        assert await ask("set", "a", "b c") == "OK"
        assert await ask("get", "a") == "b c"
        assert await ask("mget", "a", "none", "a") == "b c\n\nb c"
        assert await ask("--no-raw", "mget", "a", "none") == '1) "b c"\n2) (nil)'
        assert await ask("del", "a", "b") == "1"
        assert await ask("nonsense") == "ERR unknown command 'nonsense'"
        assert await ask("get") == "ERR wrong number of arguments for 'get' command"
        assert "proto" in await ask("-3", "hello", "3")
        big = await run(cli, "-p", str(port), "-x", "set", "big", given=b"x" * 2_000_000)
        assert big.output.strip() == "OK"


async def test_redis_benchmark_runs_pipelined_and_not(
    example: Any, tool: Callable[[str], str], run: Any
) -> None:
    program = tool("redis-benchmark")
    async with serving(example) as port:
        for pipeline in ("1", "50"):
            words = ["-t", "ping,set,get,incr", "-n", "2000", "-c", "20", "-P", pipeline, "-q"]
            ended = await run(program, "-p", str(port), *words)
            assert ended.status == 0
            for name in ("PING_INLINE", "PING_MBULK", "SET", "GET", "INCR"):
                assert f"{name}: " in ended.output
            assert "rror" not in ended.output


@pytest.mark.parametrize("version", [2, 3])
async def test_redis_py_speaks_both_versions(example: Any, version: int) -> None:
    redis = pytest.importorskip("redis", reason="redis-py is not installed")

    def talk(port: int) -> None:
        client = redis.Redis(port=port, protocol=version, socket_timeout=20)
        with contextlib.closing(client):
            assert client.set("a", b"\r\n\x00\xff") is True
            assert client.get("a") == b"\r\n\x00\xff"
            assert client.get("none") is None
            assert client.mget("a", "none") == [b"\r\n\x00\xff", None]
            assert client.incr("n") == 1
            assert client.keys() == [b"a", b"n"]
            with pytest.raises(redis.ResponseError, match="not an integer"):
                client.incr("a")
            with client.pipeline(transaction=False) as pipe:
                for number in range(500):
                    pipe.set(f"k{number}", number)
                    pipe.get(f"k{number}")
                answers = pipe.execute()
            assert answers[1::2] == [b"%d" % number for number in range(500)]

    async with serving(example) as port:
        await asyncio.to_thread(talk, port)


@pytest.mark.parametrize("version", [2, 3])
async def test_redis_py_subscribes_and_is_told(example: Any, version: int) -> None:
    redis = pytest.importorskip("redis", reason="redis-py is not installed")

    def talk(port: int) -> None:
        client = redis.Redis(port=port, protocol=version, socket_timeout=20)
        with contextlib.closing(client), contextlib.closing(client.pubsub()) as subscriber:
            subscriber.subscribe("news", "more")
            kinds = [subscriber.get_message(timeout=10)["type"] for _ in range(2)]
            assert kinds == ["subscribe", "subscribe"]
            assert client.publish("news", b"one") == 1
            assert client.publish("silence", b"none") == 0
            assert client.publish("more", b"two") == 1
            told = [subscriber.get_message(timeout=10)["data"] for _ in range(2)]
            assert told == [b"one", b"two"]
            subscriber.unsubscribe("news", "more")
            assert [subscriber.get_message(timeout=10)["data"] for _ in range(2)] == [1, 0]
            assert client.publish("news", b"late") == 0

    async with serving(example) as port:
        await asyncio.to_thread(talk, port)


@pytest.fixture
async def redis_server(
    tool: Callable[[str], str], tmp_path: Path, unused_tcp_port: int
) -> AsyncIterator[int]:
    """A redis-server that keeps nothing, stopped by its pid."""
    options = {"port": unused_tcp_port, "bind": "127.0.0.1", "save": "", "dir": tmp_path}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    process = await asyncio.create_subprocess_exec(
        tool("redis-server"), *words, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        while b"eady to accept connections" not in await asyncio.wait_for(
            process.stdout.readline(), 20
        ):
            pass
        yield unused_tcp_port
    finally:
        process.terminate()
        await process.communicate()


async def test_the_client_asks_redis_server(example: Any, redis_server: int) -> None:
    import resp  # built by `example`

    async with aio.connect(resp.Client, "127.0.0.1", redis_server) as client:
        assert await client.command([b"SET", b"a", b"\r\nb"]) == "OK"
        assert await client.command([b"GET", b"a"]) == b"\r\nb"
        fault = await client.command([b"NONSENSE"])
        assert fault.text.startswith("ERR unknown command")
        await client.command([b"RPUSH", b"l", b"1", b"2"])
        script = b"return {1, {'two', {3, false}}, redis.status_reply('fine')}"
        nested = await client.command([b"EVAL", script, b"0"])
        assert nested == [1, [b"two", [3, None]], "fine"]
        calls = [client.command([b"INCR", b"n"]) for _ in range(100)]
        assert [await call for call in calls] == list(range(1, 101))


async def test_the_client_asks_redis_server_in_version_3(example: Any, redis_server: int) -> None:
    import resp

    async with aio.connect(resp.Client, "127.0.0.1", redis_server) as client:
        about = await client.command([b"HELLO", b"3"])
        assert about.items[about.items.index(b"proto") + 1] == 3
        await client.command([b"HSET", b"h", b"k", b"v"])
        assert (await client.command([b"HGETALL", b"h"])).items == [b"k", b"v"]
        await client.command([b"SADD", b"s", b"1"])
        assert (await client.command([b"SMEMBERS", b"s"])).items == [b"1"]
        assert await client.command([b"GET", b"none"]) is None
        assert await client.command([b"DEBUG", b"PROTOCOL", b"double"]) or True
        script = b"redis.setresp(3); return {double=3.5}"
        assert await client.command([b"EVAL", script, b"0"]) == 3.5
        script = b"redis.setresp(3); return true"
        assert await client.command([b"EVAL", script, b"0"]) is True


async def test_the_client_is_told_what_others_publish(example: Any, redis_server: int) -> None:
    import resp

    told: asyncio.Queue[Any] = asyncio.Queue()

    class Subscriber(resp.Client):  # type: ignore[misc,name-defined]
        def emit_published(self, items: Any) -> None:
            told.put_nowait(items)

    async with (
        aio.connect(Subscriber, "127.0.0.1", redis_server) as subscriber,
        aio.connect(resp.Client, "127.0.0.1", redis_server) as other,
    ):
        subscriber.subscribe([b"news"])
        assert await asyncio.wait_for(told.get(), 10) == [b"subscribe", b"news", 1]
        assert await other.command([b"PUBLISH", b"news", b"hello"]) == 1
        assert await asyncio.wait_for(told.get(), 10) == [b"message", b"news", b"hello"]
