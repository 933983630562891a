"""specs/http1.proto and examples/http_server.py against curl, wget, ab, wrk, http.client, nginx."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import http.client
import http.server
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conftest import by_command_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SMALL, LARGE = b"hello\n", bytes(range(256)) * 4096


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The module of the example, on specs/http1.proto."""
    with by_command_line(tmp_path_factory, "specs/http1.proto", "http_server") as module:
        yield module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small.txt").write_bytes(SMALL)
    (tmp_path / "large.bin").write_bytes(LARGE)
    return tmp_path


@pytest.fixture
def port(example: Any, folder: Path) -> Iterator[int]:
    """Where the example listens, in a thread of its own; no fault may stay behind."""
    from protogen_fsm.runtime import aio

    faults: list[Any] = []
    ready: list[int] = []
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _, context: faults.append(context))
    stop = asyncio.Event()

    async def serve() -> None:
        server = await aio.serve(lambda: example.FileServer(folder), "127.0.0.1", 0)
        ready.append(server.sockets[0].getsockname()[1])
        await stop.wait()
        server.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    while not ready:
        time.sleep(0.01)
    try:
        yield ready[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
    assert faults == []


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.decode("latin-1")


def test_curl_gets_files_over_one_connection(
    tool: Callable[[str], str], port: int, tmp_path: Path
) -> None:
    base = f"http://127.0.0.1:{port}"
    out = tmp_path / "out"
    report = run(
        *(tool("curl"), "-sS", "-w", "%{http_code} %{num_connects}\n"),
        *("-o", str(out), f"{base}/large.bin", "-o", os.devnull, f"{base}/small.txt"),
        *("-o", os.devnull, f"{base}/none"),
    )
    assert report.split() == ["200", "1", "200", "0", "404", "0"]
    assert out.read_bytes() == LARGE


@pytest.mark.parametrize(
    "how",
    [("-T",), ("-T", "-H", "Transfer-Encoding: chunked"), ("-T", "-H", "Expect:"), ("-T", "-0")],
    ids=["expects 100", "chunked", "expects nothing", "HTTP/1.0"],
)
def test_curl_uploads(
    tool: Callable[[str], str], port: int, folder: Path, how: tuple[str, ...]
) -> None:
    first, *more = how
    said = run(
        *(tool("curl"), "-sS", "--max-time", "20", *more, first, str(folder / "large.bin")),
        f"http://127.0.0.1:{port}/up",
    )
    assert said == f"{len(LARGE)} {hashlib.sha256(LARGE).hexdigest()}\n"


def test_curl_hears_no_body_to_HEAD(tool: Callable[[str], str], port: int) -> None:
    for name, size in (("small.txt", len(SMALL)), ("large.bin", len(LARGE))):
        head = run(tool("curl"), "-sSI", f"http://127.0.0.1:{port}/{name}")
        assert f"content-length: {size}\r\n" in head.lower()


def test_wget_gets_a_file(tool: Callable[[str], str], port: int, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(tool("wget"), "-q", "-O", str(out), f"http://127.0.0.1:{port}/large.bin")
    assert out.read_bytes() == LARGE


def test_ab_keeps_its_connections(tool: Callable[[str], str], port: int) -> None:
    said = run(*(tool("ab"), "-q", "-k", "-n", "2000", "-c", "20"),
               f"http://127.0.0.1:{port}/small.txt")  # fmt: skip
    figures = {
        line.partition(":")[0]: line.split()[-1] for line in said.splitlines() if ":" in line
    }
    assert figures["Complete requests"] == figures["Keep-Alive requests"] == "2000"
    assert figures["Failed requests"] == "0"


def test_wrk_hears_no_error(tool: Callable[[str], str], port: int) -> None:
    said = run(tool("wrk"), "-t1", "-c10", "-d1", f"http://127.0.0.1:{port}/small.txt")
    assert "Requests/sec" in said
    assert "Non-2xx" not in said
    assert "Socket errors" not in said


def test_http_client_speaks_with_the_server(port: int) -> None:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as client:
        for _ in range(3):
            client.request("GET", "/small.txt")
            assert client.getresponse().read() == SMALL
            client.request("POST", "/", iter([b"a" * 100] * 10))
            assert client.getresponse().read().startswith(b"1000 ")


def exchange(port: int, data: bytes, upto: bytes = b"") -> bytes:
    """What the server says to these bytes, up to the end of the connection, or to `upto`."""
    heard = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall(data)
        with contextlib.suppress(ConnectionResetError):
            while more := wire.recv(65536):
                heard += more
                if upto and upto in heard:
                    break
    return heard


def test_requests_that_are_pipelined_are_answered_in_order(port: int) -> None:
    asked = b"".join(
        b"GET /%s HTTP/1.1\r\nHost: a\r\n\r\n" % name
        for name in (b"large.bin", b"none", b"small.txt")
    )
    last = b"GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    heard = exchange(port, asked * 10 + last)
    assert heard.count(b"HTTP/1.1 200 OK") == 20
    assert heard.count(b"HTTP/1.1 404 ") == 11
    assert heard.count(LARGE) == 10


def test_an_upgrade_makes_another_protocol(port: int) -> None:
    ask = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nhello"
    heard = exchange(port, ask, b"\r\n\r\nhello")
    assert heard.startswith(b"HTTP/1.1 101 ")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\nHost: a\n\n", 400),
        (
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n",
            400,
        ),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 100_000, 431),
        (b"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
        (b"\x16\x03\x01\x00\n\n", 400),
    ],
)
def test_bad_requests_are_answered_and_the_connection_ends(
    port: int, data: bytes, code: int
) -> None:
    heard = exchange(port, data)
    assert heard.startswith(b"HTTP/1.1 %d " % code)
    assert heard.count(b"HTTP/1.1 ") == 1


# ---------------------------------------------------------------- our client


async def fetched(port: int, names: list[str]) -> list[tuple[int, bytes]]:
    """What our client hears for these files, over one connection."""
    http1 = sys.modules["http1"]
    from protogen_fsm.runtime import aio

    found = []
    async with aio.connect(lambda: http1.Client("localhost"), "127.0.0.1", port) as client:
        for name in names:
            code, _, _, body = await asyncio.wait_for(client.ask("GET", name, [], b""), 20)
            found.append((code, body))
    return found


async def test_our_client_fetches_from_our_server(port: int) -> None:
    found = await fetched(port, ["/small.txt", "/large.bin", "/none"])
    assert found == [(200, SMALL), (200, LARGE), (404, b"no such file\n")]


async def test_our_client_fetches_from_nginx(
    example: Any, tool: Callable[[str], str], folder: Path, free_port: int
) -> None:
    conf = folder / "nginx.conf"
    temps = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{name}_temp_path {folder}/{name}; " for name in temps)
    conf.write_text(
        f"daemon off; pid {folder}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {paths} gzip on; gzip_types *; gzip_min_length 1;\n"
        f"server {{ listen 127.0.0.1:{free_port}; root {folder};\n"
        f"location /moved {{ return 301 /small.txt; }} }} }}\n"
    )
    command = [tool("nginx"), "-p", str(folder), "-c", str(conf), "-g", user_of(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as nginx:
        try:
            for _ in range(200):
                with (
                    contextlib.suppress(OSError),
                    socket.create_connection(("127.0.0.1", free_port)),
                ):
                    break
                await asyncio.sleep(0.05)
            found = await fetched(free_port, ["/small.txt", "/large.bin", "/moved", "/none"])
        finally:
            nginx.terminate()
            nginx.wait(10)
    assert found[:2] == [(200, SMALL), (200, LARGE)]
    assert [code for code, _ in found[2:]] == [301, 404]


def user_of(folder: Path) -> str:
    """Started by root, nginx would read the files as somebody who may not."""
    return "user root;" if os.geteuid() == 0 else ""


async def test_our_client_fetches_from_http_server(example: Any, folder: Path) -> None:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            port = server.server_address[1]
            assert await fetched(port, ["/large.bin"]) == [(200, LARGE)]  # HTTP/1.0: one each
        finally:
            server.shutdown()
            thread.join(10)
