"""trio's and anyio's own ways: scopes that cancel, clocks of tests, nurseries, streams."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from generated import machine, smtp
from protogen_fsm.runtime.core import RemoteProtocolError

pytest.importorskip("trio", reason="trio is not installed")
pytest.importorskip("anyio", reason="anyio is not installed")

import anyio
import anyio.abc
import trio
import trio.testing

from protogen_fsm.runtime import on_anyio, on_trio

HERE = "127.0.0.1"


def server() -> Any:
    return smtp().Server("mx")


def client() -> Any:
    return smtp().Client("me")


def with_a_clock(story: Callable[[], Awaitable[None]]) -> None:
    """Runs it as fast as nothing has to be waited for but time."""
    trio.run(story, clock=trio.testing.MockClock(autojump_threshold=0))


async def heard(stream: Any, end: bytes) -> bytes:
    said = b""
    while not said.endswith(end):
        data = await stream.receive_some()
        assert data, said
        said += data
    return said


def test_trio_s_clock_of_tests_tells_the_machine_the_time() -> None:
    async def story() -> None:
        ours, theirs = trio.testing.memory_stream_pair()
        async with on_trio.over(server(), ours):
            await theirs.send_all(b"EHLO me\r\n")
            await heard(theirs, b"HELP\r\n")
            begin = trio.current_time()
            assert await heard(theirs, b"Timeout\r\n") == b"421 Timeout\r\n"
            assert trio.current_time() - begin == pytest.approx(300)
            assert await theirs.receive_some() == b""

    with_a_clock(story)


def test_a_timer_that_comes_earlier_than_the_one_before_is_kept() -> None:
    module = machine("""
        accepts go
        emits   did(what: str)
        initial state A { on go -> B       after 1h -> END }
        state B { on go -> A               after 1min -> END / emit did("B ran out") }
        final state END
    """)

    async def story() -> None:
        ours, _ = trio.testing.memory_stream_pair()
        one = module.M()
        async with on_trio.over(one, ours):
            await trio.sleep(100)
            one.go()
            await trio.sleep(59)
            assert one.state == "B"
            await trio.sleep(2)
            assert one.state == "END"

    with_a_clock(story)


def test_a_scope_that_is_cancelled_ends_the_connection_and_its_handlers() -> None:
    given_up = []

    class Slow(smtp().Server):  # type: ignore[misc]
        async def do_READY_MAIL(self, sender: str, parameters: str) -> None:
            try:
                await trio.sleep_forever()
            finally:
                given_up.append(sender)

    async def story() -> None:
        ours, theirs = trio.testing.memory_stream_pair()
        one = Slow("mx")
        with trio.move_on_after(10) as scope:
            async with on_trio.over(one, ours):
                await theirs.send_all(b"EHLO me\r\nMAIL FROM:<a@b>\r\n")
                await trio.sleep_forever()
        assert scope.cancelled_caught
        assert given_up == ["a@b"]
        assert one.wire.lost
        await heard(theirs, b"HELP\r\n")
        assert await theirs.receive_some() == b""

    with_a_clock(story)


def test_a_call_that_is_cancelled_keeps_its_place() -> None:
    async def story() -> None:
        ours, theirs = trio.testing.memory_stream_pair()
        async with on_trio.over(client(), ours) as one:
            await theirs.send_all(b"220 mx\r\n250 mx\r\n")
            first, second = (one.send_mail("a", [name], b"") for name in ("b", "c"))
            with trio.move_on_after(1):
                await first
            mail = b"250 OK\r\n250 for %s\r\n354 Go\r\n250 OK\r\n"
            await theirs.send_all(mail % b"b" + mail % b"c")
            assert [verdict.text for verdict in await second] == ["for c"]
            assert [verdict.text for verdict in await first] == ["for b"]

    with_a_clock(story)


def test_an_error_of_the_block_or_of_the_connection_comes_out_alone() -> None:
    class Broken(smtp().Client):  # type: ignore[misc]
        def emit_ready(self, extensions: list[str]) -> None:
            raise ZeroDivisionError("so bad")

    async def of_the_block() -> None:
        ours, _ = trio.testing.memory_stream_pair()
        async with on_trio.over(client(), ours):
            raise KeyError("mine")

    async def of_the_connection() -> None:
        ours, theirs = trio.testing.memory_stream_pair()
        async with on_trio.over(Broken("me"), ours):
            await theirs.send_all(b"220 mx\r\n250 mx\r\n")
            await trio.sleep_forever()

    async def of_a_call() -> None:
        ours, theirs = trio.testing.memory_stream_pair()
        async with on_trio.over(client(), ours) as one:
            call = one.send_mail("a", ["b"], b"")
            await theirs.aclose()
            await call

    with pytest.raises(KeyError):
        with_a_clock(of_the_block)
    with pytest.raises(ZeroDivisionError):
        with_a_clock(of_the_connection)
    with pytest.raises(RemoteProtocolError):
        with_a_clock(of_a_call)


def test_a_server_that_shuts_down_lets_its_sessions_finish() -> None:
    async def story() -> None:
        ended = []

        async def talk(port: int, task_status: Any) -> None:
            async with on_trio.connect(client, HERE, port) as one:
                await one.send_mail("a@b", ["c@d"], b"")
                task_status.started()
                await trio.sleep(0.05)
                await one.send_mail("a@b", ["c@d"], b"")
                await one.quit()
                ended.append("finished")

        async with trio.open_nursery() as others:
            async with on_trio.serve(server, HERE, 0, grace=0.3) as listeners:
                port = listeners[0].socket.getsockname()[1]
                await others.start(talk, port)
            with pytest.raises(OSError, match="connect"):
                await trio.open_tcp_stream(HERE, port)
        assert ended == ["finished"]

    trio.run(story)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server shows, and a client believes."""
    trustme = pytest.importorskip("trustme", reason="trustme is not installed")
    authority = trustme.CA()
    ours, theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert(HERE, "localhost").configure_cert(ours)
    authority.configure_trust(theirs)
    return ours, theirs


async def mail(one: Any) -> int:
    (verdict,) = await one.send_mail("a@b", ["c@d"], b"Hello.\r\n" * 10_000)
    await one.quit()
    code: int = verdict.code
    return code


ADAPTERS = [(trio.run, on_trio), (anyio.run, on_anyio)]


@pytest.mark.parametrize(("run", "adapter"), ADAPTERS, ids=["trio", "anyio"])
def test_tls_from_the_start(run: Any, adapter: Any, tls: tuple[Any, Any]) -> None:
    async def story() -> None:
        async with adapter.serve(server, HERE, 0, ssl=tls[0], grace=5) as listening:
            port = port_of(listening)
            async with adapter.connect(client, HERE, port, ssl=tls[1]) as one:
                assert await mail(one) == 250

    run(story)


@pytest.mark.parametrize(("run", "adapter"), ADAPTERS, ids=["trio", "anyio"])
def test_unix_sockets(run: Any, adapter: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "mail")

    async def story() -> None:
        async with (
            adapter.serve(server, path=path, grace=5),
            adapter.connect(client, path=path) as one,
        ):
            assert await mail(one) == 250

    run(story)
    if adapter is on_trio:
        assert not Path(path).exists()


def port_of(listening: Any) -> int:
    port: int
    if isinstance(listening, list):
        port = listening[0].socket.getsockname()[1]
    else:
        port = listening.extra(anyio.abc.SocketAttribute.local_port)
    return port
