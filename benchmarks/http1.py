"""CPU for a request of h11's own benchmark, parsed and answered: specs/http1.proto beside h11.

    python benchmarks/http1.py [--rounds 15] [--number 500]

Each contestant takes the same GET with its 8 fields and answers with the same 9 fields and 1,000
octets, without a socket; they take turns, and each first proves that it says the same bytes.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h11

from measure import ROOT, build, interleaved, load, machine_facts, ratio, table, verdict

if TYPE_CHECKING:
    from collections.abc import Callable

TARGET = 2.5
REQUEST = (
    b"GET / HTTP/1.1\r\n"
    b"Host: example.com\r\n"
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:45.0) Gecko/20100101 Firefox/45.0\r\n"
    b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    b"Accept-Language: en-US,en;q=0.5\r\n"
    b"Accept-Encoding: gzip, deflate, br\r\n"
    b"DNT: 1\r\n"
    b"Cookie: ID=" + b"A" * 217 + b"\r\n"
    b"Connection: keep-alive\r\n\r\n"
)
FIELDS = [
    (b"Cache-Control", b"private, max-age=0"),
    (b"Content-Encoding", b"gzip"),
    (b"Content-Type", b"text/html; charset=UTF-8"),
    (b"Date", b"Fri, 20 May 2016 09:23:41 GMT"),
    (b"Expires", b"-1"),
    (b"Server", b"gws"),
    (b"X-Frame-Options", b"SAMEORIGIN"),
    (b"X-XSS-Protection", b"1; mode=block"),
    (b"Content-Length", b"1000"),
]
BODY = b"x" * 1000


def by_h11() -> bytes:
    """As h11's benchmark does it: a connection for the one request."""
    conn = h11.Connection(h11.SERVER)
    conn.receive_data(REQUEST)
    while type(conn.next_event()) is not h11.EndOfMessage:
        pass
    return b"".join(
        conn.send(event) or b""
        for event in (
            h11.Response(status_code=200, headers=list(FIELDS), reason=b"OK"),
            h11.Data(data=BODY),
            h11.EndOfMessage(),
        )
    )


def ours(http1: Any, kept: Any = None) -> bytes:
    """The same three steps; a connection for the one request, unless one is `kept`."""
    conn = kept or http1.Server()
    if kept is None:
        conn.receive_open()
    conn.receive_data(REQUEST)
    for event in conn.events():
        if event.name == "request_end":
            break
    conn.respond(200, "OK", [http1.Field(name, value) for name, value in FIELDS])
    conn.send_body(BODY)
    conn.finish()
    said: bytes = conn.data_to_send()
    return said


def in_one_step(http1: Any) -> bytes:
    """The answer asked for at once; the machine says its length."""
    conn = http1.Server()
    conn.receive_open()
    conn.receive_data(REQUEST)
    for event in conn.events():
        if event.name == "request_end":
            break
    conn.answer(200, "OK", [http1.Field(name, value) for name, value in FIELDS[:-1]], BODY)
    said: bytes = conn.data_to_send()
    return said


def main() -> None:
    """Prove, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--number", type=int, default=500, help="requests a round")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        build(ROOT / "specs" / "http1.proto", Path(folder))
        http1 = load("http1", Path(folder))
    kept = http1.Server()
    contestants: dict[str, Callable[[], bytes]] = {
        "h11": by_h11,
        "ours": lambda: ours(http1),
        "ours, the answer in one step": lambda: in_one_step(http1),
        "ours, the connection kept": lambda: ours(http1, kept),
    }
    said = {name: once() for name, once in contestants.items()}
    if len({one.lower() for one in said.values()}) != 1:
        sys.exit(f"they do not say the same: {said}")

    def once(name: str) -> float:
        run = contestants[name]
        before = time.process_time()
        for _ in range(options.number):
            run()
        return (time.process_time() - before) / options.number * 1e6

    taken = interleaved(contestants, options.rounds, once)
    rows = [
        (
            name,
            f"{min(values):.0f}",
            f"{statistics.median(values):.0f}",
            f"{ratio(values, taken['h11']):.2f}",
        )
        for name, values in taken.items()
    ]
    print(machine_facts(), end="\n\n")
    print(table(("", "µs CPU/request: min", "median", "h11 takes so many times"), rows), end="\n\n")
    print(verdict("h11", ratio(taken["ours"], taken["h11"]), TARGET))


if __name__ == "__main__":
    main()
