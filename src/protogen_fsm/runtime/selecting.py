"""Connections over stream sockets in a `Loop`, TLS included."""

from __future__ import annotations

import selectors
import socket
import time
from contextlib import suppress
from ssl import SSLContext, SSLSocket, SSLWantReadError, SSLWantWriteError
from typing import TYPE_CHECKING, Any

from .bounds import USUAL, Bounds
from .connection import HIGH_WATER
from .machine import Machine
from .selecting_jobs import LoopConnection
from .wire import NEVER

if TYPE_CHECKING:
    from .looping import Loop

CHUNK = 256 * 1024
HANDSHAKE = 60.0  # seconds that TLS may take
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
BUSY = (BlockingIOError, InterruptedError, SSLWantReadError, SSLWantWriteError)


class Connection(LoopConnection):
    """One connection over a stream socket, TLS included, in a `Loop`."""

    def __init__(
        self, machine: Machine, sock: socket.socket, loop: Loop, bounds: Bounds = USUAL
    ) -> None:
        self.socket: socket.socket | None = sock
        self._out = bytearray()
        self._mask = 0
        self._reads = True
        self._shakes = isinstance(sock, SSLSocket)  # TLS is not there yet
        self.problem: OSError | None = None  # why it never will be
        sock.setblocking(False)
        super().__init__(machine, loop, bounds)

    def begin(self) -> None:
        """The socket is connected."""
        if self._shakes:
            self._armed = time.monotonic() + HANDSHAKE
            self.loop.alarm(self._armed, self)
            self._shake()
        else:
            self._opened()
            self._listen()

    def ready(self, mask: int) -> None:
        """The socket can be read, or written, or both."""
        if self._shakes:
            self._shake()
            return
        if mask & WRITE:
            self._write()
        if mask & READ and self.socket is not None:
            self._take()
        self._listen()

    def _shake(self) -> None:
        assert isinstance(self.socket, SSLSocket)
        try:
            self.socket.do_handshake()
        except SSLWantReadError:
            self.loop.watch(self, READ)
        except SSLWantWriteError:
            self.loop.watch(self, WRITE)
        except OSError as error:
            self.problem = error
            self._hang_up(str(error))
        else:
            self._shakes, self._armed = False, NEVER
            self._opened()
            self._listen()

    def _take(self) -> None:
        while self.socket is not None and self._reads:
            try:
                data = self.socket.recv(CHUNK)
            except BUSY:
                return
            except OSError as error:
                self._hang_up(str(error))
                return
            if data:
                self._received(data)
            else:
                self._reads = False
                self._received_eof()
            if not isinstance(self.socket, SSLSocket) or not self.socket.pending():
                return

    def _write(self) -> None:
        assert self.socket is not None
        try:
            while self._out:
                del self._out[: self.socket.send(self._out)]
        except BUSY:
            pass
        except OSError as error:
            return self._hang_up(str(error))
        if self._wire.closing:
            self._end()
        elif self._choked and len(self._out) <= HIGH_WATER // 2:
            self._choke(False)
        return None

    def _listen(self) -> None:
        """Tells the loop what is waited for."""
        if self.socket is not None and not self._shakes:
            mask = READ if self._reads and not self._full and not self._behind else 0
            self.loop.watch(self, mask | (WRITE if self._out else 0))

    def _hang_up(self, reason: str = "") -> None:
        """Closes the socket; the machine hears of it once its step is over."""
        if self.socket is not None:
            self.loop.watch(self, 0)
            self.socket.close()
            self.socket = None
            self._out.clear()
            self._armed = NEVER
            self.loop.soon(lambda: self._lost(reason), self)

    # ------------------------------------------------------------ the machine's side

    def _is_ready(self) -> bool:
        return self.socket is not None and not self._shakes

    def _send(self, data: bytes) -> None:
        self._out += data
        self._write()
        if len(self._out) > HIGH_WATER and not self._choked:
            self._choke(True)
        self._listen()

    def _end(self) -> None:
        if not self._out:
            if isinstance(self.socket, SSLSocket):
                with suppress(OSError, ValueError):
                    self.socket.unwrap()  # says that this is the end; no answer is waited for
            self._hang_up()

    def _kill(self) -> None:
        self._hang_up()

    def _set_reading(self, reading: bool) -> None:
        self._listen()

    def expire(self) -> None:
        """Time is up for something that the machine waits for, or for TLS."""
        if self._shakes:
            self.problem = TimeoutError(f"no TLS within {HANDSHAKE} s")
            self._hang_up(str(self.problem))
        else:
            self._expire()


# ---------------------------------------------------------------- sockets


def listening(host: str, port: int, path: str | None) -> socket.socket:
    """A socket that listens at a port, or at the path of a Unix socket."""
    if path is None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=128)
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.bind(path)
        sock.listen(128)
    except BaseException:
        sock.close()
        raise
    return sock


def connecting(
    host: str, port: int, path: str | None, ssl: SSLContext | None, timeout: float | None
) -> socket.socket:
    """A socket that is connected; TLS, if it is to be, has yet to begin."""
    if path is None:
        sock = socket.create_connection((host, port), timeout)
    else:
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.settimeout(timeout)
            sock.connect(path)
        except BaseException:
            sock.close()
            raise
    return sock if ssl is None else wrapped(sock, ssl, server_hostname=host)


def wrapped(sock: socket.socket, ssl: SSLContext, **options: Any) -> SSLSocket:
    """The same with TLS, which is not negotiated yet."""
    return ssl.wrap_socket(sock, do_handshake_on_connect=False, **options)
