"""TFTP with programs of others: our server with three clients, our client with their server."""

from __future__ import annotations

import asyncio
import getpass
import grp
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, by_command_line
from protogen_fsm.runtime import aio

LIMIT = 60.0
FILES = {
    "long": random.Random(1).randbytes(70_000),
    "even": random.Random(2).randbytes(1024),
    "short": b"Hello.\n",
    "empty": b"",
}


@pytest.fixture(scope="module")
def tftp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with by_command_line(tmp_path_factory, "specs/tftp.proto", "tftp") as module:
        yield module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    served = tmp_path / "served"
    served.mkdir()
    served.chmod(0o777)
    for name, body in FILES.items():
        (served / name).write_bytes(body)
        (served / name).chmod(0o644)
    return served


@contextmanager
def serving(tftp: Any, folder: Path) -> Iterator[int]:
    """The example, as its users start it."""
    built = Path(tftp.__file__).parent
    program = subprocess.Popen(
        [sys.executable, ROOT / "examples" / "tftp_server.py", folder],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": f"{built}:{ROOT / 'src'}", "PATH": ""},
    )
    try:
        assert program.stdout is not None
        yield int(program.stdout.readline().rpartition(" ")[2])
    finally:
        program.terminate()
        program.wait(LIMIT)
        program.stdout.close()


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: object, cwd: Path) -> int:
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, timeout=LIMIT, capture_output=True
    ).returncode


@pytest.mark.parametrize("options", [["--tftp-no-options"], [], ["--tftp-blksize", "1400"]])
def test_curl_gets_and_puts_files(
    tftp: Any, folder: Path, tmp_path: Path, options: list[str]
) -> None:
    curl = program("curl")
    with serving(tftp, folder) as port:
        where = f"tftp://127.0.0.1:{port}/"
        for name, body in FILES.items():
            assert run(curl, "-s", *options, where + name, "-o", "got", cwd=tmp_path) == 0, name
            assert (tmp_path / "got").read_bytes() == body, name
        for name in ("long", "even", "short"):
            put = (curl, "-s", *options, "-T", folder / name, where + f"new_{name}")
            assert run(*put, cwd=tmp_path) == 0
            assert (folder / f"new_{name}").read_bytes() == FILES[name]
        assert run(curl, "-s", where + "none", cwd=tmp_path) == 68  # not found
        assert run(curl, "-s", "-T", folder / "long", where + "short", cwd=tmp_path) != 0
        assert (folder / "short").read_bytes() == FILES["short"]


def test_atftp_tftp_and_busybox_do_too(tftp: Any, folder: Path, tmp_path: Path) -> None:
    atftp, hpa, busybox = program("atftp"), program("tftp"), program("busybox")
    with serving(tftp, folder) as port:
        here = ("127.0.0.1", port)
        gets = [
            (atftp, "--get", "-r", "long", "-l", "got", *here),
            (atftp, "--option", "blksize 1024", "--get", "-r", "long", "-l", "got", *here),
            (hpa, "-m", "binary", *here, "-c", "get", "long", "got"),
            (busybox, "tftp", "-g", "-r", "long", "-l", "got", *here),
            (busybox, "tftp", "-b", "4096", "-g", "-r", "long", "-l", "got", *here),
        ]
        for command in gets:
            (tmp_path / "got").unlink(missing_ok=True)
            assert run(*command, cwd=tmp_path) == 0, command
            assert (tmp_path / "got").read_bytes() == FILES["long"], command
        puts = [
            (atftp, "--put", "-l", "got", "-r", "new0", *here),
            (hpa, "-m", "binary", *here, "-c", "put", "got", "new1"),
            (busybox, "tftp", "-p", "-l", "got", "-r", "new2", *here),
        ]
        for number, command in enumerate(puts):
            assert run(*command, cwd=tmp_path) == 0, command
            assert (folder / f"new{number}").read_bytes() == FILES["long"], command


@contextmanager
def atftpd(folder: Path) -> Iterator[int]:
    daemon = program("atftpd")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--daemon", "--no-fork", "--port", port, "--bind-address", "127.0.0.1"]
    options += [
        "--user",
        f"{getpass.getuser()}.{grp.getgrgid(os.getgid()).gr_name}",
        "--logfile",
        "-",
        folder,
    ]
    running = subprocess.Popen(
        [daemon, *map(str, options)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield port
    finally:
        running.terminate()
        running.wait(LIMIT)


def test_our_client_gets_files_from_atftpd_and_puts_them(tftp: Any, folder: Path) -> None:
    async def transfer(port: int, size: int, *asked: Any) -> Any:
        connect = aio.connect_datagrams(lambda: tftp.Client(size), "127.0.0.1", port, follow=True)
        async with connect as client:
            name, *args = asked
            return await getattr(client, name)(*args)

    with atftpd(folder) as port:
        deadline = time.monotonic() + LIMIT
        while asyncio.run(transfer(port, 512, "get", "short")) != FILES["short"]:
            assert time.monotonic() < deadline  # until it listens
        for size in (512, 1400):
            for name, body in FILES.items():
                assert asyncio.run(transfer(port, size, "get", name)) == body
                asked = ("put", f"{size}_{name}", body)
                assert asyncio.run(transfer(port, size, *asked)) is None
                assert (folder / f"{size}_{name}").read_bytes() == body
        assert asyncio.run(transfer(port, 512, "get", "none"))[0] == 1  # not found
