"""What comes without an end: it is not kept, though a naive reader keeps it.

Lines, header fields, replies, nesting, instances: docs/security.md.
"""

from __future__ import annotations

import contextlib
import tracemalloc
from typing import Any

import pytest

from generated import made, shipped
from protogen_fsm.runtime.core import RemoteProtocolError


class Readline:
    """Joins what comes until there is a line, and keeps what there is."""

    def __init__(self) -> None:
        self.data, self.kept = b"", list[bytes]()

    def receive_data(self, data: bytes) -> None:
        *lines, self.data = (self.data + data).split(b"\n")
        self.kept += lines


def most(receive: Any, begin: bytes, piece: bytes, count: int = 64) -> int:
    """The most octets that are held while so many pieces come."""
    receive(begin)
    tracemalloc.start()
    try:
        with contextlib.suppress(RemoteProtocolError):
            for _ in range(count):
                receive(piece)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def opened(module: str, name: str = "Server", *args: Any) -> Any:
    one = getattr(shipped(module), name)(*args)
    one.receive_open()
    return one


REQUEST = b"POST / HTTP/1.1\r\nHost: a\r\n"
CONNECT = b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02me"
ENDLESS = {
    "a line": (lambda: opened("smtp", "Server", "mx"), b"", b"x" * 65536),
    "header fields": (lambda: opened("http1"), REQUEST, b"X: y\r\n" * 8000),
    "a header field": (lambda: opened("http1"), REQUEST + b"X: ", b"y" * 65536),
    "the size of a chunk": (
        lambda: opened("http1"), REQUEST + b"Transfer-Encoding: chunked\r\n\r\n3;", b"y" * 65536,
    ),
    "a reply": (lambda: opened("smtp", "Client", "me"), b"220 hi\r\n", b"250-more\r\n" * 6000),
    "a list of mails": (
        lambda: opened("pop3", "Client"), b"+OK hi\r\n", b"1 2\r\n" * 9000,
    ),
    "nesting": (lambda: opened("resp"), b"", b"*1\r\n" * 16000),
    "a list that says it is long": (
        lambda: opened("resp"), b"*1000000000\r\n", b"$1\r\nx\r\n" * 9000,
    ),
    "a text that says it is long": (lambda: opened("resp"), b"*1\r\n$2000000000\r\n", b"x" * 65536),
    "instances": (
        lambda: opened("mqtt"), CONNECT,
        b"".join(b"\x34\x06\x00\x01t" + n.to_bytes(2, "big") + b"x" for n in range(1, 8000)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ENDLESS)
def test_what_has_no_end_is_not_kept(what: str) -> None:
    make, begin, piece = ENDLESS[what]
    one = make()

    def receive(data: bytes) -> None:
        if not one.wire.closing:
            one.receive_data(data)
            one.data_to_send()
            list(one.events())

    naive = Readline()
    assert most(naive.receive_data, begin, piece) > 64 * len(piece)
    assert most(receive, begin, piece) < 1024 * 1024 + 4 * len(piece)


def test_each_way_of_reading_has_a_bound_though_the_spec_says_none() -> None:
    for reads in ("line", 'until("|")', "bytes(u32)", "varint"):
        one = made(f"""protocol P
machine M over bytes {{
    initial state A reads {reads} {{ on data, malformed -> A  on eof -> B  after 1min -> B }}
    final state B
}}
""").M()
        one.receive_open()
        piece = b"\xff" * 65536
        assert most(one.receive_data, b"", piece, 40) < 64 * 65536 // 4 * 3, reads
