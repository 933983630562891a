"""Microseconds for a WebSocket message: the server generated from specs/websocket.proto, wsproto.

    python benchmarks/websocket.py [--rounds 25] [--quick]

Of CPU, after the opening handshake, without sockets. Reading: the server is given a chunk that
holds one masked frame of a client, unmasks it, and hands the message to the application: ours
calls `emit_text` or `emit_binary`, wsproto's `events()` are gone through. Writing: the application
hands a message over and takes the bytes that are to be sent. Both check that texts are UTF-8.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measure import ROOT, build, interleaved, load, machine_facts, ratio, table, verdict

if TYPE_CHECKING:
    from collections.abc import Callable

OURS = "protogen"
SIZES = {"125 bytes": 125, "64 KB": 65536}
REQUEST = (
    b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
Pair = tuple["Callable[[bytes], Any]", "Callable[[str | bytes], bytes]"]


def ours() -> Pair:
    """A connection past its handshake: reading a chunk gives the message."""
    with tempfile.TemporaryDirectory() as folder:
        build(ROOT / "specs" / "websocket.proto", Path(folder))
        module = load("websocket", Path(folder))

    class Server(module.Server):  # type: ignore[misc]
        heard: Any = None

        def emit_text(self, data: str) -> None:
            self.heard = data

        def emit_binary(self, data: bytes) -> None:
            self.heard = data

    one = Server()
    one.receive_open()
    one.receive_data(REQUEST)
    one.data_to_send()

    def read(chunk: bytes) -> Any:
        one.receive_data(chunk)
        return one.heard

    def write(message: str | bytes) -> bytes:
        if isinstance(message, str):
            one.send_text(message)
        else:
            one.send_binary(message)
        return one.data_to_send()  # type: ignore[no-any-return]

    return read, write


def wsproto() -> Pair:
    """The same of wsproto's connection, which begins behind the handshake."""
    from wsproto.connection import Connection, ConnectionType
    from wsproto.events import BytesMessage, TextMessage

    one = Connection(ConnectionType.SERVER)

    def read(chunk: bytes) -> Any:
        one.receive_data(chunk)
        for event in one.events():
            heard = event.data  # type: ignore[attr-defined]
        return heard

    def write(message: str | bytes) -> bytes:
        if isinstance(message, str):
            return one.send(TextMessage(data=message))
        return one.send(BytesMessage(data=message))

    return read, write


def masked(message: str | bytes) -> bytes:
    """The message as one frame of a client (RFC 6455, section 5.2)."""
    data, key = message.encode() if isinstance(message, str) else message, b"\x37\xfa\x21\x3d"
    first = 0x81 if isinstance(message, str) else 0x82
    size = len(data)
    length = bytes([128 + size]) if size < 126 else b"\xff" + size.to_bytes(8, "big")
    return bytes([first]) + length + key + bytes(b ^ key[i % 4] for i, b in enumerate(data))


def contestants() -> dict[str, Pair]:
    """Both, each checked to read and to write the same."""
    found = {OURS: ours(), "wsproto": wsproto()}
    for name, (read, write) in found.items():
        for message in messages().values():
            if read(masked(message)) != message:
                raise SystemExit(f"{name} reads {read(masked(message))!r:.80}")
            if write(message) != found[OURS][1](message):
                raise SystemExit(f"{name} writes {write(message)!r:.80}")
    return found


def messages() -> dict[tuple[str, str], str | bytes]:
    """What is said, by its kind and its size."""
    said: dict[tuple[str, str], str | bytes] = {}
    for words, size in SIZES.items():
        said["text", words] = ("The quick brown fox. " * size)[:size]
        said["binary", words] = (bytes(range(256)) * size)[:size]
    return said


def measure(found: dict[str, Pair], rounds: int) -> dict[tuple[str, str, str, str], list[float]]:
    """Microseconds for a message: a list for each contestant, way, kind and size."""
    said = messages()
    chunks = {key: masked(message) for key, message in said.items()}
    keys = [
        (name, way, kind, size)
        for way in ("read", "write")
        for kind, size in said
        for name in found
    ]

    def once(key: tuple[str, str, str, str]) -> float:
        name, way, kind, size = key
        call: Any = found[name][way == "write"]
        given: Any = said[kind, size] if way == "write" else chunks[kind, size]
        loops = 2000 if SIZES[size] < 1000 else 100
        start = time.process_time()
        for _ in range(loops):
            call(given)
        return (time.process_time() - start) / loops * 1e6

    return interleaved(keys, rounds, once)


def main() -> None:
    """Check, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--quick", action="store_true", help="three rounds")
    options = parser.parse_args()
    found = contestants()
    taken = measure(found, 3 if options.quick else options.rounds)
    rows, verdicts = [], []
    for (name, way, kind, size), own in taken.items():
        if name != OURS:
            us = taken[OURS, way, kind, size]
            times = ratio(us, own)
            cells = [f"{statistics.median(one):.2f}" for one in (us, own)]
            rows.append((f"{way}, {kind}, {size}", *cells, f"{times:.2f}"))
            verdicts.append(verdict(f"{way}, {kind}, {size}", times, 1))
    head = ("µs/message", OURS, "wsproto", "ratio")
    print(machine_facts(), table(head, rows), "\n".join(verdicts), sep="\n\n")


if __name__ == "__main__":
    main()
