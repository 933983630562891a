"""specs/websocket.proto against the package websockets: our server, and our client."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from typing import TYPE_CHECKING, Any

import pytest

from conftest import by_command_line
from protogen_fsm.runtime import aio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

websockets = pytest.importorskip("websockets", reason="websockets is not installed")
client = pytest.importorskip("websockets.asyncio.client")
server = pytest.importorskip("websockets.asyncio.server")

TEXTS = ["", "a", "grüße", "𝄞" * 40, "a" * 125, "a" * 126, "é" * 40_000, "x" * 1_000_000]
BINARIES = [b"", b"\0", bytes(range(256)), b"\xff" * 65_535, b"\x81\x00" * 40_000]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The module built from `specs/websocket.proto`."""
    with by_command_line(tmp_path_factory, "specs/websocket.proto", "websocket") as module:
        yield module


@pytest.fixture
async def faults() -> AsyncIterator[list[Any]]:
    """What nobody has caught: there must be nothing."""
    found: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: found.append(fault))
    yield found
    assert found == []


# ---------------------------------------------------------------- our server, their client


@pytest.fixture
def serving(ours: Any, faults: list[Any]) -> Callable[..., Any]:
    """`async with serving(…) as (address, ended)`: a server that says what it hears."""

    @contextlib.asynccontextmanager
    async def serve(machine: type | None = None, **options: Any) -> AsyncIterator[Any]:
        ended: asyncio.Queue[tuple[int, str, bool]] = asyncio.Queue()

        class Echo(machine or ours.Server):  # type: ignore[misc]
            def emit_text(self, data: str) -> None:
                if data == "leave":
                    self.disconnect(4000, "as you say")
                else:
                    self.send_text(data)

            def emit_binary(self, data: bytes) -> None:
                self.send_binary(data)

            def emit_text_piece(self, data: str, last: bool) -> None:
                self.send_text_piece(data, last)

            def emit_binary_piece(self, data: bytes, last: bool) -> None:
                self.send_binary_piece(data, last)

            def emit_closed(self, code: int, reason: str, clean: bool) -> None:
                ended.put_nowait((code, reason, clean))

        listening = await aio.serve(lambda: Echo(**options), "127.0.0.1", 0)
        try:
            yield f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}/echo", ended
        finally:
            listening.close()
            await asyncio.wait_for(listening.wait_closed(), 10)

    return serve


def connect(address: str, **options: Any) -> Any:
    return client.connect(address, max_size=None, proxy=None, **options)


@pytest.mark.parametrize("pieces", [False, True])
async def test_their_client_hears_what_it_says(serving: Any, pieces: bool) -> None:
    async with serving(pieces=pieces) as (address, ended), connect(address) as one:
        for message in [*TEXTS, *BINARIES]:
            await one.send(message)
            assert await asyncio.wait_for(one.recv(), 10) == message
        for message in [*TEXTS, *BINARIES]:  # all at once
            await one.send(message)
        for message in [*TEXTS, *BINARIES]:
            assert await asyncio.wait_for(one.recv(), 10) == message
        await one.close(1000, "thank you")
        assert await asyncio.wait_for(ended.get(), 10) == (1000, "thank you", True)


async def test_their_client_sends_fragments_with_pings_between_them(serving: Any) -> None:
    async with serving() as (address, _), connect(address) as one:

        async def parts() -> AsyncIterator[str]:
            for part in ("grü", "", "ße", "!" * 70_000):
                yield part
                await asyncio.wait_for(await one.ping(), 10)

        await one.send(parts())
        assert await asyncio.wait_for(one.recv(), 10) == "grüße" + "!" * 70_000


async def test_their_client_closes_and_ours_does_with_codes_of_both(serving: Any) -> None:
    async with serving() as (address, ended):
        for code, reason in [(1000, ""), (1001, "away"), (3456, "grüße"), (4999, "x" * 123)]:
            async with connect(address) as one:
                await one.close(code, reason)
                assert await asyncio.wait_for(ended.get(), 10) == (code, reason, True)
        async with connect(address) as one:
            await one.send("leave")
            with pytest.raises(websockets.ConnectionClosed):
                await asyncio.wait_for(one.recv(), 10)
            assert (one.close_code, one.close_reason) == (4000, "as you say")
            assert await asyncio.wait_for(ended.get(), 10) == (4000, "as you say", True)


async def test_their_client_is_told_what_it_did_wrong(serving: Any) -> None:
    async with serving(largest=1000) as (address, ended):
        async with connect(address) as one:
            await one.send(b"a" * 3_000_000)
            with pytest.raises(websockets.ConnectionClosed):
                await asyncio.wait_for(one.recv(), 10)
            assert one.close_code == 1009
            assert (await asyncio.wait_for(ended.get(), 10))[0] == 1009
        async with connect(address) as one:
            await one.send(b"a\xff", text=True)
            with pytest.raises(websockets.ConnectionClosed):
                await asyncio.wait_for(one.recv(), 10)
            assert one.close_code == 1007
            assert (await asyncio.wait_for(ended.get(), 10))[0] == 1007


async def test_their_client_is_asked_for_a_protocol_and_may_be_refused(
    ours: Any, serving: Any
) -> None:
    class Choosy(ours.Server):  # type: ignore[misc]
        async def do_request(self, target: Any, origins: Any, protocols: Any, fields: Any) -> Any:
            await asyncio.sleep(0.01)  # looks into a database
            if "https://evil.example" in origins:
                return ours.Refuse(403, "Forbidden")
            return ours.Accept("superchat" if "superchat" in protocols else "")

    async with serving(Choosy) as (address, _):
        async with connect(address, subprotocols=["chat", "superchat"]) as one:
            assert one.subprotocol == "superchat"
        async with connect(address) as one:
            assert one.subprotocol is None
        with pytest.raises(websockets.InvalidStatus) as refused:
            await connect(address, origin="https://evil.example")
        assert refused.value.response.status_code == 403


async def test_a_client_that_does_not_answer_pings_is_left(serving: Any) -> None:
    async with serving(heartbeat=0.2) as (address, ended), connect(address) as one:
        await asyncio.sleep(1)
        await one.send("still there")
        assert await asyncio.wait_for(one.recv(), 10) == "still there"
        one.transport.pause_reading()
        ended_with = await asyncio.wait_for(ended.get(), 10)
        assert ended_with == (1006, "no answer to a ping", False)
        one.transport.resume_reading()


async def test_guests_of_the_chat_hear_each_other(ours: Any, faults: list[Any]) -> None:
    chat = importlib.import_module("websocket_chat")
    listening = await aio.serve(lambda: chat.Guest(heartbeat=30.0), "127.0.0.1", 0)
    address = f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with connect(f"{address}/ann") as ann, connect(f"{address}/bob") as bob:
        await ann.send("hello")
        for one in (ann, bob):
            assert await asyncio.wait_for(one.recv(), 10) == "ann: hello"
        await bob.send(b"\0")
        with pytest.raises(websockets.ConnectionClosed):
            await asyncio.wait_for(bob.recv(), 10)
        assert bob.close_code == 1003
    with pytest.raises(websockets.InvalidStatus):
        await connect(f"{address}/")
    listening.close()
    await asyncio.wait_for(listening.wait_closed(), 10)
    assert not chat.room


# ---------------------------------------------------------------- our client, their server


@pytest.fixture
def talking(ours: Any, faults: list[Any]) -> Callable[..., Any]:
    """`async with talking(handler) as client`: what it hears is in `client.heard`."""

    @contextlib.asynccontextmanager
    async def talk(handler: Any, *, take: Any = None, **options: Any) -> AsyncIterator[Any]:
        class Client(ours.Client):  # type: ignore[misc]
            def __init__(self, *args: Any, **named: Any) -> None:
                super().__init__(*args, **named)
                self.heard: asyncio.Queue[Any] = asyncio.Queue()

            def emit_text(self, data: str) -> None:
                self.heard.put_nowait(data)

            def emit_binary(self, data: bytes) -> None:
                self.heard.put_nowait(data)

            def emit_closed(self, code: int, reason: str, clean: bool) -> Any:
                self.heard.put_nowait((code, reason, clean))
                return super().emit_closed(code, reason, clean)

        async with server.serve(handler, "127.0.0.1", 0, max_size=None, **(take or {})) as there:
            port = there.sockets[0].getsockname()[1]
            made = aio.connect(lambda: Client(f"127.0.0.1:{port}", **options), "127.0.0.1", port)
            async with made as one:
                yield one

    return talk


async def echo(connection: Any) -> None:
    async for message in connection:
        await connection.send(message)


async def test_our_client_hears_what_it_says(talking: Any) -> None:
    async with talking(echo) as one:
        assert await asyncio.wait_for(one.ready(), 10) == ""
        for message in [*TEXTS, *BINARIES]:
            one.send_text(message) if isinstance(message, str) else one.send_binary(message)
            assert await asyncio.wait_for(one.heard.get(), 10) == message
        one.send_text_piece("gr", False)
        one.send_text_piece("üße", False)
        one.send_text_piece("", True)
        assert await asyncio.wait_for(one.heard.get(), 10) == "grüße"
        assert await asyncio.wait_for(one.ping(b"there?"), 10) == b"there?"
        assert await asyncio.wait_for(one.disconnect(4001, "bye"), 10) == (4001, "bye", True)


async def test_our_client_answers_pings_and_closes(talking: Any) -> None:
    async def ask(connection: Any) -> None:
        await asyncio.wait_for(await connection.ping("one"), 10)
        await asyncio.wait_for(await connection.ping("two"), 10)

        async def parts() -> AsyncIterator[bytes]:
            yield b"in "
            yield b"parts"

        await connection.send(parts())
        await connection.close(1001, "enough")

    async with talking(ask) as one:
        assert await asyncio.wait_for(one.heard.get(), 10) == b"in parts"
        assert await asyncio.wait_for(one.heard.get(), 10) == (1001, "enough", True)


async def test_our_client_brings_its_protocols_origin_and_fields(ours: Any, talking: Any) -> None:
    seen: list[Any] = []

    async def look(connection: Any) -> None:
        seen.append((connection.request.path, connection.request.headers["Cookie"]))

    asked = {
        "target": "/chat?room=1",
        "origin": "https://example.org",
        "protocols": ["chat", "superchat"],
        "more": [ours.Field("Cookie", "a=1")],
    }
    take = {"origins": ["https://example.org"], "subprotocols": ["superchat"]}
    async with talking(look, take=take, **asked) as one:
        assert await asyncio.wait_for(one.ready(), 10) == "superchat"
    assert seen == [("/chat?room=1", "a=1")]
    async with talking(look, take=take, origin="https://evil.example") as one:
        code, reason, _ = await asyncio.wait_for(one.ready(), 10)
        assert (code, reason) == (403, "Forbidden")


async def test_our_client_tells_a_server_that_breaks_the_protocol(talking: Any) -> None:
    async def wrong(connection: Any) -> None:
        connection.transport.write(bytes.fromhex("81 02 c3 28"))
        with pytest.raises(websockets.ConnectionClosed):
            await asyncio.wait_for(connection.recv(), 10)
        assert connection.close_code == 1007

    async with talking(wrong) as one:
        code, _, clean = await asyncio.wait_for(one.heard.get(), 10)
        assert (code, clean) == (1007, False)


async def test_our_client_and_our_server_talk(ours: Any, serving: Any) -> None:
    async with serving() as (address, ended):
        port = int(address.split(":")[2].split("/")[0])
        heard: asyncio.Queue[str] = asyncio.Queue()

        class Client(ours.Client):  # type: ignore[misc]
            def emit_text(self, data: str) -> None:
                heard.put_nowait(data)

        async with aio.connect(lambda: Client("h"), "127.0.0.1", port) as one:
            one.send_text("before the handshake is done")
            assert await asyncio.wait_for(heard.get(), 10) == "before the handshake is done"
            assert await asyncio.wait_for(one.disconnect(1000, ""), 10) == (1000, "", True)
        assert await asyncio.wait_for(ended.get(), 10) == (1000, "", True)


# ---------------------------------------------------------------- bad input, over a socket

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"\x81\x05Hello", 1002),
        (b"\x82\xff" + b"\x7f" + b"\xff" * 11 + b"x" * 100_000, 1009),
        (b"\xff" * 100_000, 1002),
        (b"\x80\x80" + b"\0" * 4, 1002),
    ],
)
async def test_bad_input_ends_with_a_code_however_much_there_is_of_it(
    serving: Any, octets: bytes, code: int
) -> None:
    async with serving() as (address, ended):
        port = int(address.split(":")[2].split("/")[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HANDSHAKE)
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        writer.write(octets)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        said = await asyncio.wait_for(reader.read(), 10)
        assert said[2:4] == code.to_bytes(2, "big")
        assert (await asyncio.wait_for(ended.get(), 10))[0] == code
        writer.close()
