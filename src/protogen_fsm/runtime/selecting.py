"""Connections over stream sockets in a `Loop`, TLS included."""

from __future__ import annotations

import selectors
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeGuard

from .bounds import USUAL, Bounds
from .connection import HIGH_WATER
from .guests import peer_of
from .machine import Machine
from .selecting_jobs import LoopConnection
from .tls import Tls
from .wire import NEVER

if TYPE_CHECKING:
    from ssl import SSLSocket

    from .looping import Loop

CHUNK = 256 * 1024
HANDSHAKE = 60.0  # seconds that TLS may take
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
BUSY = (BlockingIOError, InterruptedError)


class Connection(LoopConnection):
    """One connection over a stream socket, TLS included, in a `Loop`."""

    def __init__(
        self,
        machine: Machine,
        sock: socket.socket,
        loop: Loop,
        bounds: Bounds = USUAL,
        tls: Tls | None = None,
    ) -> None:
        self.socket: socket.socket | None = sock
        self._out = bytearray()
        self._mask = 0
        self._reads = True
        self._shakes = is_secret(sock)  # TLS is not there yet
        self._until = NEVER  # when it has to be
        self.problem: OSError | None = None  # why it never will be
        sock.setblocking(False)
        super().__init__(machine, loop, bounds, tls)

    def peer_address(self) -> Any:
        """What the socket says of the other end."""
        return peer_of(self.socket)

    def begin(self) -> None:
        """The socket is connected."""
        if self._shakes:
            self._shake_first()
        else:
            self._ready = True
            self._opened()
            self._listen()

    def _shake_first(self) -> None:
        self._until = time.monotonic() + HANDSHAKE
        self._set_alarm(min(self._until, self._wire.soonest) if self._shaking else self._until)
        self._shake()

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
        if self.socket is None:
            return
        from ssl import SSLWantReadError, SSLWantWriteError

        try:
            self.socket.do_handshake()  # type: ignore[attr-defined]  # it is an SSLSocket
        except SSLWantReadError:
            self.loop.watch(self, READ)
        except SSLWantWriteError:
            self.loop.watch(self, WRITE)
        except OSError as error:
            self.problem = error
            self._hang_up(str(error))
        else:
            self._shakes, self._armed, self._until = False, NEVER, NEVER
            self._ready = True
            if self._shaking:
                self._secured()
            else:
                self._opened()
            self._listen()

    def _begin_tls(self, tls: Tls) -> None:
        if self._out:
            return  # behind that
        assert self.socket is not None
        self.loop.watch(self, 0)
        try:
            self.socket = wrapped(self.socket, tls)
        except (OSError, ValueError) as error:
            self._hang_up(str(error))
        else:
            self._shakes, self._ready = True, False
            self.loop.soon(self._shake_first, self)

    def _take(self) -> None:
        while self.socket is not None and self._reads:
            try:
                data = self.socket.recv(CHUNK)
            except OSError as error:
                if not is_busy(error):
                    self._hang_up(str(error))
                return
            if data:
                self._received(data)
            else:
                self._reads = False
                self._received_eof()
            if not is_secret(self.socket) or not self.socket.pending():
                return

    def _write(self) -> None:
        assert self.socket is not None
        try:
            while self._out:
                del self._out[: self.socket.send(self._out)]
        except OSError as error:
            if not is_busy(error):
                return self._hang_up(str(error))
        if self._wire.closing:
            self._end()
        elif self._shaking and self._tls is not None:
            self._begin_tls(self._tls)
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
            self.socket, self._ready = None, False
            self._out.clear()
            self._armed = NEVER
            self.loop.soon(lambda: self._lost(reason), self)

    # ------------------------------------------------------------ the machine's side

    def _send(self, out: list[bytes]) -> None:
        for data in out:
            self._out += data
        self._write()
        if len(self._out) > HIGH_WATER and not self._choked:
            self._choke(True)
        self._listen()

    def _end(self) -> None:
        if not self._out:
            if is_secret(self.socket):
                with suppress(OSError, ValueError):
                    self.socket.unwrap()  # says that this is the end; no answer is waited for
            self._hang_up()

    def _kill(self) -> None:
        self._hang_up()

    def _set_reading(self, reading: bool) -> None:
        self._listen()

    def expire(self) -> None:
        """Time is up for something that the machine waits for, or for TLS."""
        if time.monotonic() >= self._until:
            self.problem = TimeoutError(f"no TLS within {HANDSHAKE} s")
            self._hang_up(str(self.problem))
            return
        self._expire()
        if self._shakes and self.socket is not None:
            if self._wire.closing:
                self._hang_up()
            else:
                self._set_alarm(min(self._until, self._wire.soonest))


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


def connecting(host: str, port: int, path: str | None, timeout: float | None) -> socket.socket:
    """A socket that is connected."""
    if path is None:
        return socket.create_connection((host, port), timeout)
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.settimeout(timeout)
        sock.connect(path)
    except BaseException:
        sock.close()
        raise
    return sock


def wrapped(sock: socket.socket, tls: Tls) -> SSLSocket:
    """The same with TLS, which is not negotiated yet."""
    secret: SSLSocket = tls.context.wrap_socket(sock, do_handshake_on_connect=False, **tls.options)
    return secret


def is_secret(sock: socket.socket | None) -> TypeGuard[SSLSocket]:
    """Whether a socket has TLS, which nobody has imported where there is none."""
    return hasattr(sock, "do_handshake")


def is_busy(error: OSError) -> bool:
    """Whether something is to be tried again later."""
    if isinstance(error, BUSY):
        return True
    return type(error).__name__ in ("SSLWantReadError", "SSLWantWriteError")
