"""specs/mqtt.proto against mosquitto and paho-mqtt: our broker under their clients, our client."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conftest import by_command_line
from protogen_fsm.runtime import aio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

MESSAGES = [f"message {number}".encode() for number in range(40)]


@pytest.fixture(scope="module")
def mqtt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The module built from `specs/mqtt.proto`."""
    with by_command_line(tmp_path_factory, "specs/mqtt.proto", "mqtt") as module:
        yield module


@pytest.fixture
async def broker(mqtt: Any) -> AsyncIterator[Any]:
    """The broker of `examples/`, listening at `.port`; no fault may stay behind."""
    faults: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
    one = importlib.import_module("mqtt_broker").Broker()
    listening = await one.serve("127.0.0.1", 0)
    one.port = listening.sockets[0].getsockname()[1]
    yield one
    listening.close()
    for session in list(one.sessions.values()):
        if session.connection is not None:
            session.connection.close()
    await asyncio.wait_for(listening.wait_closed(), 10)
    assert faults == []


@contextlib.asynccontextmanager
async def running(*command: object) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *map(str, command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        process._transport.close()  # type: ignore[attr-defined]


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to be")


async def done(*command: object) -> None:
    async with running(*command) as process:
        said, _ = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 0, said


async def heard(process: asyncio.subprocess.Process, count: int) -> list[bytes]:
    assert process.stdout is not None
    lines = [await asyncio.wait_for(process.stdout.readline(), 20) for _ in range(count)]
    return [line.rstrip(b"\n") for line in lines]


# ---------------------------------------------------------------- our broker, their clients


@pytest.mark.parametrize("qos", [0, 1, 2])
async def test_mosquitto_hears_what_mosquitto_publishes(broker: Any, tool: Any, qos: int) -> None:
    sub, pub = tool("mosquitto_sub"), tool("mosquitto_pub")
    async with running(sub, "-p", broker.port, "-t", "a/+/#", "-q", qos, "-v") as hearing:
        await until(lambda: any(one.filters for one in broker.sessions.values()))
        await done(pub, "-p", broker.port, "-t", "a/b", "-q", qos, "-m", "hello")
        await done(pub, "-p", broker.port, "-t", "elsewhere", "-q", qos, "-m", "not for you")
        await done(pub, "-p", broker.port, "-t", "a/b/c/d", "-q", qos, "-m", "world")
        assert await heard(hearing, 2) == [b"a/b hello", b"a/b/c/d world"]


async def test_what_is_retained_is_told_to_who_comes_later(broker: Any, tool: Any) -> None:
    sub, pub = tool("mosquitto_sub"), tool("mosquitto_pub")
    await done(pub, "-p", broker.port, "-t", "a", "-r", "-q", 1, "-m", "kept")
    async with running(sub, "-p", broker.port, "-t", "a", "-F", "%r %p") as hearing:
        assert await heard(hearing, 1) == [b"1 kept"]
    await done(pub, "-p", broker.port, "-t", "a", "-r", "-n")
    assert broker.retained == {}


async def test_a_session_outlives_its_connection(broker: Any, tool: Any) -> None:
    sub, pub = tool("mosquitto_sub"), tool("mosquitto_pub")
    mine = (sub, "-p", broker.port, "-t", "a", "-q", 2, "-c", "-i", "me")
    async with running(*mine):
        await until(lambda: any(one.filters for one in broker.sessions.values()))
    await until(lambda: broker.sessions["me"].connection is None)
    for qos in (1, 2):
        await done(pub, "-p", broker.port, "-t", "a", "-q", qos, "-m", f"at {qos}")
    async with running(*mine) as hearing:
        assert await heard(hearing, 2) == [b"at 1", b"at 2"]


async def test_the_will_of_a_client_that_vanishes_is_done(broker: Any, tool: Any) -> None:
    sub = tool("mosquitto_sub")
    will = ("--will-topic", "gone", "--will-payload", "bye", "--will-qos", 1)
    async with running(sub, "-p", broker.port, "-t", "gone") as hearing:
        await until(lambda: len(broker.sessions) == 1)
        async with running(sub, "-p", broker.port, "-t", "x", *will) as dying:
            await until(lambda: len(broker.sessions) == 2)
            dying.kill()
            assert await heard(hearing, 1) == [b"bye"]


@pytest.mark.parametrize("qos", [0, 1, 2])
async def test_paho_hears_itself(broker: Any, qos: int) -> None:
    paho = pytest.importorskip("paho.mqtt.client", reason="paho-mqtt is not installed")
    got: list[bytes] = []
    published: list[int] = []
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
    client.on_connect = lambda one, *_: one.subscribe("t/#", qos)
    client.on_subscribe = lambda one, *_: [one.publish("t/1", m, qos) for m in MESSAGES]
    client.on_message = lambda _one, _data, message: got.append(message.payload)
    client.on_publish = lambda _one, _data, id, *_: published.append(id)
    await asyncio.to_thread(client.connect, "127.0.0.1", broker.port, 60)
    client.loop_start()
    try:
        await until(lambda: len(got) == len(published) == len(MESSAGES))
    finally:
        client.disconnect()
        await asyncio.to_thread(client.loop_stop)
    assert got == MESSAGES


# ---------------------------------------------------------------- their broker, our client


@pytest.fixture
async def mosquitto(tool: Any, tmp_path: Path) -> AsyncIterator[int]:
    """The port of a mosquitto."""
    program = tool("mosquitto")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    settings = tmp_path / "mosquitto.conf"
    settings.write_text(
        # past its limit, 2.0.11 never sends what it has queued at QoS 2, to whichever client
        f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 0\n"
    )
    async with running(program, "-c", settings):
        for _ in range(500):
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            await asyncio.sleep(0.02)
        yield port


@pytest.mark.parametrize("qos", [1, 2])
async def test_our_client_hears_itself_by_mosquitto(mqtt: Any, mosquitto: int, qos: int) -> None:
    got: list[tuple[str, bytes, int]] = []

    class Client(mqtt.Client):  # type: ignore[misc,name-defined]
        def emit_arrived(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
            got.append((topic, payload, qos))

    async with aio.connect(lambda: Client("me"), "127.0.0.1", mosquitto) as client:
        assert await client.subscribe([mqtt.Filter("t/#", qos)]) == [qos]
        calls = [client.deliver("t/1", message, qos, False) for message in MESSAGES]
        for call in calls:
            await call
        await until(lambda: len(got) == len(MESSAGES))
        assert got == [("t/1", message, qos) for message in MESSAGES]
        await until(lambda: not client.arrivals and not client.departures)
        client.publish("t/2", b"", False)
        await until(lambda: got[-1] == ("t/2", b"", 0))
        await client.unsubscribe(["t/#"])
        client.disconnect()


async def test_a_delivery_is_finished_on_the_next_connection(mqtt: Any, mosquitto: int) -> None:
    got: list[bytes] = []
    left: list[tuple[Any, ...]] = []

    class Hearing(mqtt.Client):  # type: ignore[misc,name-defined]
        def emit_arrived(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
            got.append(payload)

    class Sending(mqtt.Client):  # type: ignore[misc,name-defined]
        def emit_unfinished(self, *args: Any) -> None:
            left.append(args)

    class Hasty(Sending):
        def make_departures(self, *args: Any, **named: Any) -> Any:
            connection = self

            class Departure(mqtt.Departure):  # type: ignore[misc,name-defined]
                def do_SENT_PUBREC(self, id: int) -> None:
                    connection.wire.close()  # goes away with the answer unread

            return Departure(*args, **named) if named else Departure(*args[:-1], below=args[-1])

    async with aio.connect(lambda: Hearing("ear"), "127.0.0.1", mosquitto) as ear:
        await ear.subscribe([mqtt.Filter("t", 2)])
        async with aio.connect(lambda: Hasty("mouth", clean=False), "127.0.0.1", mosquitto) as one:
            one.deliver("t", b"once", 2, False)
            await until(lambda: one.wire.lost)
        assert [(args[1:3], args[5]) for args in left] in (
            [(("t", b"once"), False)],
            [(("t", b"once"), True)],
        )
        unfinished, left[:] = left[0], []
        async with aio.connect(
            lambda: Sending("mouth", clean=False), "127.0.0.1", mosquitto
        ) as two:
            two.redeliver(*unfinished)
            await until(lambda: two.state == "OPEN" and not two.departures)
            await until(lambda: bool(got))
            two.disconnect()
        await asyncio.sleep(0.2)
        assert got == [b"once"]
        assert left == []
