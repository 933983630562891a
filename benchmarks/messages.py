"""Microseconds to encode and decode a PUBLISH of MQTT 3.1.1: generated code beside libraries.

    python benchmarks/messages.py [--rounds 25] [--loops 5000] [--quick]

Each encodes a whole packet out of its fields, and decodes one, its remaining length included, into
fields with the topic as text. Of each library that is what its own client calls, without sockets:

- paho-mqtt: `Client._send_publish`, its queue replaced by a function that keeps the packet;
  `_packet.decode_publish`, which is told the remaining length, and the topic decoded.
- gmqtt: `PublishPacket.build_package`; it has no function that only decodes.
- amqtt: `PublishPacket.build(…).to_bytes()`; `PublishPacket.from_stream` out of a buffer.

Ours proves, too, that what it encodes parses back to the same values.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from measure import HERE, build, interleaved, load, machine_facts, ratio, table, verdict

if TYPE_CHECKING:
    from collections.abc import Callable

TOPIC, PAYLOAD = "plant/3/boiler/temperature", b'{"degrees": 81.25, "at": 1700000000}'
MID = 4711
OURS = "protogen"
Pair = tuple["Callable[[int], bytes]", "Callable[[bytes], Any] | None"]


def ours() -> Pair:
    """The generated functions, the remaining length around them."""
    with tempfile.TemporaryDirectory() as folder:
        build(HERE / "packets.proto", Path(folder))
        module = load("packets", Path(folder))
    from protogen_fsm.runtime.core import read_varint, varint

    printed, event = module.encode_PUBLISH, module._Peer_receives.event

    def encode(qos: int) -> bytes:
        frame = printed(False, qos, False, TOPIC, MID if qos else None, PAYLOAD)
        return frame[:1] + varint(len(frame) - 1) + frame[1:]  # type: ignore[no-any-return]

    def decode(packet: bytes) -> Any:
        _, at = read_varint(packet, 1, 268_435_455)
        _, values = event(packet[:1] + packet[at:])
        return values[1], values[3], values[4] or 0, values[5]

    return encode, decode


def paho() -> Pair:
    """What paho's client calls."""
    from paho.mqtt import _packet
    from paho.mqtt.client import CallbackAPIVersion, Client
    from paho.mqtt.enums import MQTTProtocolVersion

    client = Client(CallbackAPIVersion.VERSION2)
    client._sock = SimpleNamespace(close=lambda: None)  # type: ignore[assignment]
    client._packet_queue = lambda command, packet, *rest: packet  # type: ignore
    decoded, version = _packet.decode_publish, MQTTProtocolVersion.MQTTv311

    def encode(qos: int) -> bytes:
        return client._send_publish(MID, TOPIC.encode(), PAYLOAD, qos)  # type: ignore[return-value]

    def decode(packet: bytes) -> Any:
        found = decoded(packet[0], packet[2:], version)
        return found.qos, found.topic.decode(), found.mid, found.payload

    return encode, decode


def gmqtt() -> Pair:
    """What gmqtt's client calls."""
    from gmqtt import Message
    from gmqtt.mqtt.package import PublishPacket

    protocol = SimpleNamespace(proto_ver=4, id_generator=SimpleNamespace(next_id=lambda: MID))

    def encode(qos: int) -> bytes:
        return PublishPacket.build_package(Message(TOPIC, PAYLOAD, qos), protocol)[1]  # type: ignore[no-any-return]

    return encode, None


def amqtt() -> Pair:
    """What amqtt's client and broker call."""
    from amqtt.adapters import BufferReader
    from amqtt.mqtt.publish import PublishPacket

    def encode(qos: int) -> bytes:
        return PublishPacket.build(
            TOPIC, PAYLOAD, MID if qos else None, False, qos, False
        ).to_bytes()

    def decode(packet: bytes) -> Any:
        reading = PublishPacket.from_stream(BufferReader(packet))
        try:
            reading.send(None)
        except StopIteration as done:
            found = done.value
        header = found.variable_header
        return found.qos, header.topic_name, header.packet_id or 0, found.payload.data

    return encode, decode


MAKERS = {OURS: ours, "paho-mqtt": paho, "gmqtt": gmqtt, "amqtt": amqtt}


def contestants() -> dict[str, Pair]:
    """Those that are installed, each checked to print and read the same."""
    found: dict[str, Pair] = {}
    for name, make in MAKERS.items():
        try:
            found[name] = make()
        except ImportError as error:
            print(f"without {name}: {error}")
            continue
        encode, decode = found[name]
        for qos in (0, 1):
            packet = bytes(encode(qos))
            if packet != bytes(found[OURS][0](qos)):
                raise SystemExit(f"{name} encodes {packet!r}")
            values = (qos, TOPIC, MID if qos else 0, PAYLOAD)
            if decode is not None and decode(packet) != values:
                raise SystemExit(f"{name} decodes {decode(packet)!r}")
    return found


def measure(
    found: dict[str, Pair], rounds: int, loops: int
) -> dict[tuple[str, str, int], list[float]]:
    """Nanoseconds for a packet: a list for each contestant, each way, each QoS."""
    packets = {qos: found[OURS][0](qos) for qos in (0, 1)}
    keys = [
        (name, way, qos)
        for way in ("encode", "decode")
        for qos in (0, 1)
        for name, pair in found.items()
        if way == "encode" or pair[1] is not None
    ]

    def once(key: tuple[str, str, int]) -> float:
        name, way, qos = key
        call: Any = found[name][way == "decode"]
        given: Any = packets[qos] if way == "decode" else qos
        start = time.process_time()
        for _ in range(loops):
            call(given)
        return (time.process_time() - start) / loops * 1e9

    return interleaved(keys, rounds, once)


def report(taken: dict[tuple[str, str, int], list[float]], names: list[str]) -> None:
    """The table, and the ratios of both ways together beside the target."""
    rows = []
    for name in names:
        for qos in (0, 1):
            cells = []
            for way in ("encode", "decode"):
                own = taken.get((name, way, qos))
                cells += (
                    [f"{statistics.median(own):.0f}", f"{ratio(taken[OURS, way, qos], own):.2f}"]
                    if own
                    else ["-", "-"]
                )
            rows.append((f"{name}, QoS {qos}", *cells))
    head = ("ns/packet", "encode", "ratio", "decode", "ratio")
    print(machine_facts(), table(head, rows), sep="\n\n", end="\n\n")
    for name in names:
        for qos in (0, 1):
            if name != OURS and (name, "decode", qos) in taken:
                both = [
                    [a + b for a, b in zip(taken[who, "encode", qos], taken[who, "decode", qos],
                                           strict=True)]
                    for who in (OURS, name)
                ]  # fmt: skip
                print(verdict(f"{name}, both, QoS {qos}", ratio(*both), 1))


def main() -> None:
    """Check, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--loops", type=int, default=5000, help="packets a round")
    parser.add_argument("--quick", action="store_true", help="three rounds")
    options = parser.parse_args()
    found = contestants()
    report(measure(found, 3 if options.quick else options.rounds, options.loops), list(found))


if __name__ == "__main__":
    main()
