"""A main loop of plain sockets and `selectors`, without any framework.

All of a machine happens in the one thread that runs its loop.
"""

from __future__ import annotations

import logging
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from heapq import heappop, heappush
from ssl import SSLContext, SSLSocket, SSLWantReadError, SSLWantWriteError
from typing import Any

from . import connection as driver
from .bounds import USUAL, Bounds
from .connection import HIGH_WATER
from .guests import Guests
from .machine import Machine
from .threads import Threaded
from .wire import NEVER

CHUNK = 256 * 1024
HANDSHAKE = 60.0  # seconds that TLS may take
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
BUSY = (BlockingIOError, InterruptedError, SSLWantReadError, SSLWantWriteError)


class Connection(driver.Connection):
    """One connection over a stream socket, TLS included, in a `Loop`."""

    def __init__(
        self, machine: Machine, sock: socket.socket, loop: Loop, bounds: Bounds = USUAL
    ) -> None:
        self.loop = loop
        self.socket: socket.socket | None = sock
        self._out = bytearray()
        self._mask = 0
        self._reads = True
        self._shakes = isinstance(sock, SSLSocket)  # TLS is not there yet
        self.problem: OSError | None = None  # why it never will be
        self._jobs: set[_Job] = set()
        self.left: Callable[[], object] = lambda: None  # what is done when it is gone
        sock.setblocking(False)
        super().__init__(machine, time.monotonic, bounds)

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

    def _let_go(self, kept: list[Any]) -> None:
        for job in self._jobs - set(kept):
            job.cancel()
        self._leave()

    def _leave(self) -> None:
        if self._wire.lost and not self._jobs and self in self.loop.connections:
            self.loop.connections.discard(self)
            self.left()

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

    def _arm(self) -> None:
        self._armed = self._wire.soonest
        self.loop.alarm(self._armed, self)

    def expire(self) -> None:
        """Time is up for something that the machine waits for, or for TLS."""
        if self._shakes:
            self.problem = TimeoutError(f"no TLS within {HANDSHAKE} s")
            self._hang_up(str(self.problem))
        else:
            self._expire()

    def run(self, answer: Any, done: Callable[[Any, BaseException | None], None]) -> Any:
        """Takes handlers in threads; nothing here could run a coroutine."""
        if not isinstance(answer, Threaded):
            if hasattr(answer, "close"):
                answer.close()
            problem = f"{answer!r}: with plain sockets handlers are plain functions, or @in_thread"
            done(None, TypeError(problem))
            return None
        job = _Job(self, done)
        self._jobs.add(job)
        threading.Thread(target=job.work, args=(answer.work,), daemon=True).start()
        return job

    def thread(self, work: Callable[[], Any]) -> Any:
        """Nothing is awaited here."""
        raise TypeError("with plain sockets nothing can be awaited")

    def future(self) -> Any:
        """Nothing is awaited here."""
        raise TypeError("with plain sockets a call is not awaited: see `connect`, or its `done`")


class _Job:
    """A handler in a thread."""

    def __init__(
        self, connection: Connection, done: Callable[[Any, BaseException | None], None]
    ) -> None:
        self._connection, self._done = connection, done
        self._given_up = False

    def work(self, work: Callable[[], Any]) -> None:
        """In the thread."""
        result, problem = None, None
        try:
            result = work()
        except BaseException as error:
            problem = error
        self._connection.loop.soon(lambda: self._tell(result, problem), self._connection, wake=True)

    def _tell(self, result: Any, error: BaseException | None) -> None:
        connection = self._connection
        connection._jobs.discard(self)
        if not self._given_up:
            try:
                connection._step(lambda: self._done(result, error))
            finally:
                connection._leave()

    def cancel(self) -> None:
        """Nobody will hear its answer."""
        self._given_up = True
        self._connection._jobs.discard(self)


class Door:
    """A socket that listens, in a `Loop`."""

    def __init__(self, sock: socket.socket, take: Callable[[socket.socket, object], None]) -> None:
        self.socket: socket.socket | None = sock
        self._take = take
        self._mask = 0
        sock.setblocking(False)

    @property
    def address(self) -> Any:
        """Where it listens: host and port, or the path."""
        return None if self.socket is None else self.socket.getsockname()

    def ready(self, mask: int) -> None:
        """Somebody comes."""
        assert self.socket is not None
        with suppress(OSError):  # gone again, or no room for one more
            self._take(*self.socket.accept())


class Loop:
    """A main loop of its own, on `selectors`: any number of connections in one thread.

    An error in a connection ends that one, and goes to `failed`.
    """

    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        self._doors: list[Door] = []
        self._selector = selectors.DefaultSelector()
        self._alarms: list[tuple[float, int, Connection]] = []
        self._serial = 0
        self._soon: deque[tuple[Connection | None, Callable[[], object]]] = deque()
        self._stopped = False
        self._woken, self._wakes = socket.socketpair()
        self._woken.setblocking(False)
        self._selector.register(self._woken, READ)

    def __enter__(self) -> Loop:
        return self

    def __exit__(self, *ignored: object) -> None:
        self.close()

    def serve(
        self,
        machine: Callable[[], Machine],
        host: str = "",
        port: int = 0,
        *,
        path: str | None = None,
        ssl: SSLContext | None = None,
        limit: int | None = None,
        limit_each: int | None = None,
        bounds: Bounds = USUAL,
    ) -> Door:
        """Takes connections, each a machine of its own, whenever the loop runs.

        Those past `limit` in all, or past `limit_each` from one address, are ended as they come;
        `bounds` say how long one may last.
        """
        guests = Guests(limit, limit_each)

        def take(sock: socket.socket, address: object) -> None:
            host = guests.enter(address)
            if host is None:
                sock.close()
                return
            if ssl is not None:
                sock = wrapped(sock, ssl, server_side=True)
            self.add(machine(), sock, bounds).left = lambda: guests.leave(host)

        return self.listen(listening(host, port, path), take)

    def connect(
        self,
        machine: Machine,
        host: str = "",
        port: int = 0,
        *,
        path: str | None = None,
        ssl: SSLContext | None = None,
        timeout: float | None = None,
        bounds: Bounds = USUAL,
    ) -> Connection:
        """Connects at once, `timeout` seconds at most; the machine runs whenever the loop does."""
        return self.add(machine, connecting(host, port, path, ssl, timeout), bounds)

    def add(self, machine: Machine, sock: socket.socket, bounds: Bounds = USUAL) -> Connection:
        """Runs a machine over a socket that is connected."""
        connection = Connection(machine, sock, self, bounds)
        self.connections.add(connection)
        self.soon(connection.begin, connection)
        return connection

    def listen(self, sock: socket.socket, take: Callable[[socket.socket, object], None]) -> Door:
        """Gives each connection that comes at a listening socket to `take`."""
        door = Door(sock, take)
        self._doors.append(door)
        self.watch(door, READ)
        return door

    def run(self, until: Callable[[], bool] | None = None, timeout: float | None = None) -> bool:
        """Runs until that holds, or `stop()`, or nothing is left; whether that holds then.

        Raises TimeoutError if it takes more than so many seconds.
        """
        end = NEVER if timeout is None else time.monotonic() + timeout
        while True:
            self._do_soon()
            if until is not None and until():
                return True
            if self._stopped:
                break
            if not self.connections and not self._doors and not self._soon:
                break
            if time.monotonic() >= end:
                raise TimeoutError(f"nothing came within {timeout} s")
            self._turn(end)
        self._stopped = False
        return until is not None and until()

    def stop(self) -> None:
        """Lets `run` return; from any thread."""

        def stop() -> None:
            self._stopped = True

        self.soon(stop, wake=True)

    def soon(
        self, step: Callable[[], object], of: Connection | None = None, *, wake: bool = False
    ) -> None:
        """Does this next, as a step of that connection; with `wake`, from any thread."""
        self._soon.append((of, step))
        if wake:
            with suppress(OSError):  # woken often enough, or closed
                self._wakes.send(b"\0")

    def close(self) -> None:
        """Ends all there is."""
        for door in self._doors:
            if door.socket is not None:
                self.watch(door, 0)
                door.socket.close()
                door.socket = None
        self._doors.clear()
        for connection in list(self.connections):
            connection._hang_up("closed here")
        self._do_soon()
        self._selector.close()
        self._woken.close()
        self._wakes.close()

    def failed(self, connection: Connection, error: Exception) -> None:
        """Something of ours went wrong in a connection, which has ended."""
        logging.getLogger("protogen").error(
            "%r: the connection is aborted", connection.machine, exc_info=error
        )

    def watch(self, one: Connection | Door, mask: int) -> None:
        """Waits for that at its socket."""
        if mask == one._mask or one.socket is None:
            return
        if not one._mask:
            self._selector.register(one.socket, mask, one)
        elif not mask:
            self._selector.unregister(one.socket)
        else:
            self._selector.modify(one.socket, mask, one)
        one._mask = mask

    def alarm(self, due: float, connection: Connection) -> None:
        """Calls `expire` then, unless the connection is armed otherwise meanwhile."""
        self._serial += 1
        heappush(self._alarms, (due, self._serial, connection))

    def _turn(self, end: float) -> None:
        due = min(self._alarms[0][0] if self._alarms else NEVER, end)
        timeout = 0.0 if self._soon else max(0.0, due - time.monotonic())
        for key, mask in self._selector.select(None if timeout == NEVER else timeout):
            one = key.data
            if one is None:
                with suppress(BlockingIOError):
                    self._woken.recv(CHUNK)
            elif one._mask:  # nobody before it has ended it
                self._guarded(one, partial(one.ready, mask))
        now = time.monotonic()
        while self._alarms and self._alarms[0][0] <= now:
            due, _, connection = heappop(self._alarms)
            if connection._armed == due:
                self._guarded(connection, connection.expire)

    def _do_soon(self) -> None:
        for _ in range(len(self._soon)):
            self._guarded(*self._soon.popleft())

    def _guarded(self, one: Connection | Door | None, step: Callable[[], object]) -> None:
        try:
            step()
        except Exception as error:
            if not isinstance(one, Connection):
                raise
            self.failed(one, error)


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
