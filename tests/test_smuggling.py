"""Request smuggling: two servers that disagree on where a request ends, and ours, that takes none.

Each request is read by naive servers of several habits: for some pair of them it hides another
request (CL.TE, TE.CL, TE.TE: "HTTP desync attacks", 2019; RFC 9112, section 11.2). One of them is
`http.server`, behind which a proxy that knows chunks may stand.
"""

from __future__ import annotations

import contextlib
import http.server
import io
import re
from typing import Any

import pytest

from generated import shipped, told
from protogen_fsm.runtime.core import LocalProtocolError

HIDDEN = b"GET /admin HTTP/1.1\r\nHost: a\r\n\r\n"
NEXT = b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"


class Habits:
    """A naive reader of requests. What it does with a head is what it was made with."""

    def __init__(
        self,
        *,
        chunks: str = r"chunked",
        takes: int = 0,
        number: str = r"\A\d+",
        folds: bool = False,
    ) -> None:
        self.chunks, self.takes, self.number, self.folds = chunks, takes, number, folds

    def requests(self, data: bytes) -> list[str]:
        """The targets of the requests that it sees."""
        found = []
        while b"\r\n\r\n" in data:
            head, data = data.split(b"\r\n\r\n", 1)
            lines = head.decode("latin-1")
            if self.folds:
                lines = re.sub(r"\r\n[ \t]+", " ", lines)
            first, *rest = lines.split("\r\n")
            found.append(first.split()[1] if len(first.split()) > 1 else "?")
            fields = [
                (name.strip().lower(), text.strip().lower())
                for name, _, text in (line.partition(":") for line in rest)
            ]
            codings = [text for name, text in fields if name == "transfer-encoding"]
            lengths = [text for name, text in fields if name == "content-length"]
            if any(re.search(self.chunks, coding) for coding in codings):
                data = self.behind_chunks(data)
            elif lengths:
                number = re.search(self.number, lengths[self.takes])
                data = data[int(number[0], 0) if number else 0 :]
        return found

    def behind_chunks(self, data: bytes) -> bytes:
        while data:
            size, _, data = data.partition(b"\r\n")
            number = int(re.match(rb"[0-9a-fA-F]*", size.strip())[0] or b"0", 16)  # type: ignore[index]
            if number == 0:
                return data.removeprefix(b"\r\n")
            data = data[number + 2 :]
        return data


class Library(Habits):
    """`http.server`, which reads as many octets as Content-Length says, and knows no chunks."""

    def requests(self, data: bytes) -> list[str]:
        found = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                found.append(self.path)
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                self.send_response(204)
                self.end_headers()

            do_POST = do_GET

            def setup(self) -> None:
                self.rfile, self.wfile = io.BytesIO(data), io.BytesIO()

            def finish(self) -> None: ...
            def log_message(self, *args: Any) -> None: ...

        Handler(None, ("127.0.0.1", 1), None)  # type: ignore[arg-type]
        return found


READERS = {
    "chunks": Habits(),
    "lengths alone": Habits(chunks="(?!)"),
    "the last length": Habits(takes=-1, chunks="(?!)"),
    "chunked and nothing else": Habits(chunks=r"\Achunked\Z"),
    "chunked last": Habits(chunks=r"(?:\A|, *)chunked\Z"),
    "any number": Habits(chunks="(?!)", number=r"\A[+-]?(?:0x[0-9a-f]+|[0-9]+)"),
    "the end of a list": Habits(chunks="(?!)", number=r"\d+\Z"),
    "folded lines": Habits(folds=True),
}
LENGTH = b"Content-Length: %d\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
ATTACKS = {
    "CL.TE": POST + LENGTH % (5 + len(HIDDEN)) + CHUNKED + b"\r\n0\r\n\r\n" + HIDDEN,
    "TE.CL": POST + LENGTH % 4 + CHUNKED + b"\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(HIDDEN), HIDDEN),
    "two lengths": POST + LENGTH % 0 + LENGTH % len(HIDDEN) + b"\r\n" + HIDDEN,
    "two lengths in a list": POST + b"Content-Length: 0, %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "+": POST + b"Content-Length: +%d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "0x": POST + b"Content-Length: 0x%x\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "xchunked": POST + LENGTH % (5 + len(HIDDEN)) + b"Transfer-Encoding: xchunked\r\n"
    b"\r\n0\r\n\r\n" + HIDDEN,
    "xchunked alone": POST + b"Transfer-Encoding: xchunked\r\n\r\n%x\r\n" % len(HIDDEN)
    + HIDDEN + b"\r\n0\r\n\r\n",
    "chunked twice": POST + LENGTH % (5 + len(HIDDEN)) + b"Transfer-Encoding: chunked, identity\r\n"
    b"\r\n0\r\n\r\n" + HIDDEN,
    "folded": POST + LENGTH % (5 + len(HIDDEN)) + b"Transfer-Encoding:\r\n chunked\r\n"
    b"\r\n0\r\n\r\n" + HIDDEN,
    "a space before the colon": POST + LENGTH % (5 + len(HIDDEN)) + b"Transfer-Encoding : chunked"
    b"\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a vertical tab": POST + LENGTH % (5 + len(HIDDEN)) + b"Transfer-Encoding: \x0bchunked\r\n"
    b"\r\n0\r\n\r\n" + HIDDEN,
}  # fmt: skip


@pytest.mark.parametrize("what", ATTACKS)
def test_a_request_that_two_naive_servers_read_in_two_ways_is_none_of_ours(what: str) -> None:
    data = ATTACKS[what] + NEXT
    seen = {name: reader.requests(data) for name, reader in READERS.items()}
    assert len({tuple(one) for one in seen.values()}) > 1, "all of them read the same"
    assert what == "xchunked alone" or any("/admin" in one for one in seen.values())
    for cut in (1, len(data)):
        one = shipped("http1").Server()
        one.receive_open()
        for at in range(0, len(data), cut):
            if not one.wire.closing:
                one.receive_data(data[at : at + cut])
        assert [name for name, *_ in told(one)] == []
        assert one.data_to_send()[9:12] in (b"400", b"501")
        assert one.wire.closing


def test_behind_a_proxy_that_knows_chunks_http_server_takes_another_request() -> None:
    data = POST + LENGTH % 4 + CHUNKED + b"\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(HIDDEN), HIDDEN)
    assert READERS["chunks"].requests(data) == ["/"]
    assert Library().requests(data)[:2] == ["/", "/admin"]


def test_a_client_of_ours_sends_no_request_in_two_ways() -> None:
    module = shipped("http1")
    for fields in ([("Content-Length", "5"), ("Transfer-Encoding", "chunked")],
                   [("Content-Length", "5"), ("Content-Length", "6")],
                   [("X", "a\r\nContent-Length: 5")]):  # fmt: skip
        one = module.Client("a")
        one.receive_open()
        given = [module.Field(name.encode(), text.encode()) for name, text in fields]
        with contextlib.suppress(LocalProtocolError):
            one.ask("POST", "/", given, b"body")
        said = bytes(one.data_to_send()).lower()
        assert said.count(b"content-length:") + said.count(b"transfer-encoding:") <= 1, said
