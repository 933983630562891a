"""Servers that are measured from outside: each a process of its own, with its processor's clock."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from measure import HERE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def keep_memory() -> None:
    """The servers that are started from here on keep the memory that they have had.

    asyncio asks for 256 KiB at each read; whether glibc gives such memory back to the kernel each
    time is a matter of luck, and doubles the hand-written server's time.
    """
    os.environ["MALLOC_MMAP_THRESHOLD_"] = "4194304"
    os.environ["MALLOC_TRIM_THRESHOLD_"] = "16777216"


@dataclass(frozen=True)
class Running:
    """A server that takes connections at its port."""

    process: subprocess.Popen[str]
    port: int

    def cpu(self) -> float:
        """Processor seconds of the server's process so far."""
        # Linux names the CPU clock of a process so; os.times() knows only ours and dead children.
        return time.clock_gettime((~self.process.pid << 3) | 2)


@contextlib.contextmanager
def serving(program: str, name: str, folder: str) -> Iterator[Running]:
    """One of the servers of a program in `servers/`, ended by the end of its standard input."""
    command = [sys.executable, str(HERE / "servers" / program), name, folder]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        said = process.stdout.readline()
        if not said:
            sys.exit(f"the server {name} did not start")
        try:
            yield Running(process, int(said))
        finally:
            process.stdin.close()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


@contextlib.contextmanager
def installed(command: Sequence[str], folder: str) -> Iterator[Running]:
    """A server that is installed; `{port}` in its command is a port that was free."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
    given = [part.format(port=port) for part in command]
    with subprocess.Popen(given, stdout=subprocess.DEVNULL, text=True, cwd=folder) as process:
        try:
            for _ in range(100):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.05)
            else:
                sys.exit(f"{command[0]} did not start")
            yield Running(process, port)
        finally:
            process.terminate()
