"""A main loop of plain sockets and `selectors`, without any framework.

All of a machine happens in the one thread that runs its loop.
"""

from __future__ import annotations

import logging
import os
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from .alarms import Alarms
from .bounds import USUAL, Bounds
from .guests import Guests
from .machine import Machine
from .peers import MOST, Peers, Towards, apart_from, bound, towards
from .peers import USUAL as PATIENT
from .selecting import CHUNK, READ, Connection, connecting, listening, wrapped
from .selecting_datagrams import Meeting, Peer
from .selecting_jobs import LoopConnection
from .tls import Tls, of_client, of_server
from .wire import NEVER

if TYPE_CHECKING:
    from ssl import SSLContext


class Watched(Protocol):
    """A socket that is waited for, with what is done when it is ready; None once it is closed."""

    socket: socket.socket | None
    _mask: int

    def ready(self, mask: int) -> None:
        """It can be read, or written, or both."""


class Door:
    """A socket that listens, in a `Loop`."""

    def __init__(self, sock: socket.socket, take: Callable[[socket.socket, object], None]) -> None:
        self.socket: socket.socket | None = sock
        self._take = take
        self._mask = 0
        sock.setblocking(False)

    def close(self) -> None:
        """Nobody else is taken; the path of a Unix socket goes with it."""
        if self.socket is not None:
            path = self.address if self.socket.family == socket.AF_UNIX else ""
            self.socket.close()
            self.socket = None
            if path:
                with suppress(OSError):
                    os.unlink(path)

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
        self.connections: set[LoopConnection] = set()
        self._doors: list[Door | Meeting] = []
        self.alarms: Alarms[LoopConnection] = Alarms()
        self._soon: deque[tuple[LoopConnection | None, Callable[[], object]]] = deque()
        self._stopped = False
        self._begin_to_wait()

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
        starttls: SSLContext | None = None,
        limit: int | None = None,
        limit_each: int | None = None,
        bounds: Bounds = USUAL,
    ) -> Door:
        """Takes connections, each a machine of its own, whenever the loop runs.

        Those past `limit` in all, or past `limit_each` from one address, are ended as they come;
        `bounds` say how long one may last. With `ssl` each begins with TLS, with `starttls` where
        the spec says so.
        """
        guests = Guests(limit, limit_each)
        from_the_start, tls = of_server(ssl), of_server(starttls)

        def take(sock: socket.socket, address: object) -> None:
            host = guests.enter(address)
            if host is None:
                sock.close()
                return
            if from_the_start is not None:
                sock = wrapped(sock, from_the_start)
            self.add(machine(), sock, bounds, tls).left = lambda: guests.leave(host)

        return self.listen(listening(host, port, path), take)

    def connect(
        self,
        machine: Machine,
        host: str = "",
        port: int = 0,
        *,
        path: str | None = None,
        ssl: SSLContext | None = None,
        starttls: SSLContext | None = None,
        server_hostname: str | None = None,
        timeout: float | None = None,
        bounds: Bounds = USUAL,
    ) -> Connection:
        """Connects at once, `timeout` seconds at most; the machine runs whenever the loop does.

        With `ssl` TLS comes first, with `starttls` where the spec says so; either has to be with a
        server that is called `server_hostname`, or else `host`.
        """
        name = server_hostname or host
        sock = connecting(host, port, path, timeout)
        from_the_start = of_client(ssl, name)
        if from_the_start is not None:
            sock = wrapped(sock, from_the_start)
        return self.add(machine, sock, bounds, of_client(starttls, name))

    def serve_datagrams(
        self,
        machine: Callable[[], Machine],
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        limit: int | None = MOST,
        limit_each: int | None = None,
        bounds: Bounds = PATIENT,
        apart: bool = False,
    ) -> Meeting:
        """A machine for each peer that sends datagrams, which is an address with its port.

        A peer is gone when its machine has come to its end, or by its `bounds` (who says nothing
        for 5 minutes). Past `limit` of them, or `limit_each` of one host, nobody new is heard. If
        `apart`, each is answered from a socket of its own, as TFTP has it.
        """
        sock = bound(host, port)

        def meet(address: Any) -> Peer:
            if not apart:
                return Peer(machine(), sock, address, self, bounds)
            own, peer = apart_from(sock, address), Towards(address, follow=False)
            return Peer(machine(), own, None, self, bounds, peer)

        return self.attend(Meeting(sock, self, Peers(meet, limit, limit_each)))

    def attend(self, meeting: Meeting) -> Meeting:
        """Reads a socket for datagrams whenever the loop runs."""
        self._doors.append(meeting)
        self.watch(meeting, READ)
        return meeting

    def connect_datagrams(
        self,
        machine: Machine,
        host: str,
        port: int,
        *,
        follow: bool = False,
        bounds: Bounds = USUAL,
    ) -> Peer:
        """A machine that speaks to a peer over datagrams, whenever the loop runs.

        If `follow`, the peer may answer from another port than that, and is found there from then
        on, as TFTP has it.
        """
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        address = found[4] if follow else None
        peer = Towards(found[4], follow)
        connection = Peer(machine, towards(found, follow), address, self, bounds, peer)
        self.soon(connection._opened, connection)
        return connection

    def add(
        self,
        machine: Machine,
        sock: socket.socket,
        bounds: Bounds = USUAL,
        tls: Tls | None = None,
    ) -> Connection:
        """Runs a machine over a socket that is connected; `tls` is what `starttls` is done with."""
        connection = Connection(machine, sock, self, bounds, tls)
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
        self, step: Callable[[], object], of: LoopConnection | None = None, *, wake: bool = False
    ) -> None:
        """Does this next, as a step of that connection; with `wake`, from any thread."""
        self._soon.append((of, step))
        if wake and self._wakes is not None:
            with suppress(OSError):  # woken often enough, or closed
                self._wakes.send(b"\0")

    def shut_down(self, grace: float = 0.0) -> None:
        """Takes nobody new, and runs until those that are there have finished, so long at most.

        The connections that are left then are cut off. For the thread that ran it, once `run` has
        returned.
        """
        doors, self._doors = self._doors, []
        for door in doors:
            if isinstance(door, Door):
                self.watch(door, 0)
                door.close()
            else:
                door.peers.closed = True
        with suppress(TimeoutError):
            self.run(timeout=grace)
        self._doors = doors
        self.close()

    def close(self) -> None:
        """Ends all there is."""
        for door in self._doors:
            self.watch(door, 0)
            door.close()
        self._doors.clear()
        for connection in list(self.connections):
            connection._hang_up("closed here")
        self._do_soon()
        self._stop_waiting()

    def failed(self, connection: LoopConnection | None, error: Exception) -> None:
        """Something of ours went wrong in a connection, which has ended, or has not begun."""
        what = "a machine for a peer" if connection is None else repr(connection.machine)
        logging.getLogger("protogen").error("%s: the connection is aborted", what, exc_info=error)

    # ------------------------------------------------------------ waiting

    _woken: socket.socket | None
    _wakes: socket.socket | None

    def _begin_to_wait(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._woken, self._wakes = socket.socketpair()
        self._woken.setblocking(False)
        self._selector.register(self._woken, READ)

    def _stop_waiting(self) -> None:
        assert self._woken is not None
        assert self._wakes is not None
        self._selector.close()
        self._woken.close()
        self._wakes.close()

    def wakeable(self) -> None:
        """From now on other threads can wake it at any time."""

    def watch(self, one: Watched, mask: int) -> None:
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

    def _turn(self, end: float) -> None:
        due = min(self.alarms.first(), end)
        timeout = 0.0 if self._soon else max(0.0, due - time.monotonic())
        self._wait(timeout)
        for connection in self.alarms.rung(time.monotonic()):
            self._guarded(connection, connection.expire)

    def _wait(self, timeout: float) -> None:
        for key, mask in self._selector.select(None if timeout == NEVER else timeout):
            if key.data is None:
                assert self._woken is not None
                self._empty(self._woken)
            elif key.data._mask:  # nobody before it has ended it
                self._ready(key.data, mask)

    def _empty(self, woken: socket.socket) -> None:
        with suppress(BlockingIOError):
            woken.recv(CHUNK)

    def _ready(self, one: Watched, mask: int) -> None:
        self._guarded(one, partial(one.ready, mask))

    def _do_soon(self) -> None:
        for _ in range(len(self._soon)):
            self._guarded(*self._soon.popleft())

    def _guarded(self, one: object, step: Callable[[], object]) -> None:
        try:
            step()
        except Exception as error:
            if not isinstance(one, LoopConnection):
                raise
            self.failed(one, error)
