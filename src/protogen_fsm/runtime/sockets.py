"""Plain sockets run the machines: a server with a thread for each connection, a client that blocks.

Both stand on a `Loop`, which can also be used by itself: any number of connections in one thread.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from .bounds import USUAL, Bounds
from .calls import Call
from .guests import Guests
from .looping import Loop
from .machine import Machine
from .peers import MOST, bound
from .peers import USUAL as PATIENT
from .selecting import listening, wrapped
from .selecting_alone import loop_for_one
from .selecting_jobs import LoopConnection
from .sockets_datagrams import DatagramServer
from .tls import of_server

if TYPE_CHECKING:
    from ssl import SSLContext

__all__ = [
    "Client",
    "DatagramServer",
    "Loop",
    "Server",
    "connect",
    "connect_datagrams",
    "serve",
    "serve_datagrams",
]


class Server:
    """Takes connections in a thread of its own, and gives each of them one too."""

    def __init__(
        self,
        machine: Callable[[], Machine],
        sock: socket.socket,
        ssl: SSLContext | None,
        starttls: SSLContext | None,
        guests: Guests,
        bounds: Bounds,
    ) -> None:
        self._machine, self._guests, self._bounds = machine, guests, bounds
        self._from_the_start, self._tls = of_server(ssl), of_server(starttls)
        self._loop = Loop()
        self._door = self._loop.listen(sock, self._take)
        self._sessions: dict[threading.Thread, Loop] = {}
        self._counting = threading.Lock()
        self.address: Any = self._door.address
        self._thread = threading.Thread(target=self._loop.run, daemon=True)
        self._thread.start()

    def _take(self, sock: socket.socket, address: object) -> None:
        with self._counting:
            host = self._guests.enter(address)
        if host is None:
            sock.close()
            return
        loop = loop_for_one()
        session = threading.Thread(target=self._session, args=(sock, loop, host), daemon=True)
        self._sessions[session] = loop
        session.start()

    def _session(self, sock: socket.socket, loop: Loop, host: str) -> None:
        try:
            with loop:
                if self._from_the_start is not None:
                    sock = wrapped(sock, self._from_the_start)
                loop.add(self._machine(), sock, self._bounds, self._tls)
                loop.run()
        except OSError as error:
            logging.getLogger("protogen").info("%s", error)
        finally:
            self._sessions.pop(threading.current_thread(), None)
            with self._counting:
                self._guests.leave(host)

    def close(self, grace: float = 0.0) -> None:
        """Takes no connection any more; those there are have so many seconds to finish."""
        self._loop.stop()
        self._thread.join()
        self._loop.close()
        end = time.monotonic() + grace
        sessions = dict(self._sessions)
        for session in sessions:
            session.join(max(0.0, end - time.monotonic()))
        for session, loop in sessions.items():
            loop.stop()
            session.join(1.0)


@contextmanager
def serve(
    machine: Callable[[], Machine],
    host: str = "",
    port: int = 0,
    *,
    path: str | None = None,
    ssl: SSLContext | None = None,
    starttls: SSLContext | None = None,
    grace: float = 0.0,
    limit: int | None = None,
    limit_each: int | None = None,
    bounds: Bounds = USUAL,
) -> Iterator[Server]:
    """A server, as long as the block, with a thread for each connection: handlers may block.

    The block has the `Server`, whose `address` is where it listens. Behind it no connection is
    taken any more, and those there are have `grace` seconds to finish. `path` is that of a Unix
    socket, in place of host and port; with `ssl` each connection begins with TLS, with `starttls`
    where the spec says so. Connections past `limit` in all, or past `limit_each` from one address,
    are ended as they come; `bounds` say how long one may last.
    """
    guests = Guests(limit, limit_each)
    server = Server(machine, listening(host, port, path), ssl, starttls, guests, bounds)
    try:
        yield server
    finally:
        server.close(grace)


# ---------------------------------------------------------------- a client that blocks


class Client:
    """A machine whose events are asked for as one calls functions: each returns its answer.

    What the spec ties no answer to returns at once. All else is the machine's: `client.state`.
    """

    def __init__(self, machine: Machine, loop: Loop, timeout: float | None) -> None:
        self.machine = machine
        self._loop, self._timeout = loop, timeout

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.machine, name)
        if self.machine._face(name) != "above":
            return found

        def ask(*args: Any, **named: Any) -> Any:
            call = found(*args, **named)
            return self.wait(call) if isinstance(call, Call) else call

        return ask

    def wait(self, call: Call[Any]) -> Any:
        """The answer of a call of `client.machine`, which returns at once: many can be on the way.

        Raises RemoteProtocolError if the session ended first. TimeoutError if it takes too long, by
        which the call is given up: it keeps its place, or closes the connection (`cancel closes`).
        """
        try:
            self._loop.run(lambda: call.done, self._timeout)
        except BaseException:  # KeyboardInterrupt gives it up as well
            call.cancel()
            raise
        return call.result()

    def until(self, holds: Callable[[], bool], timeout: float | None = None) -> bool:
        """Runs the connection until that holds, or it is gone; whether that holds.

        Raises TimeoutError.
        """
        return self._loop.run(holds, self._timeout if timeout is None else timeout)


@contextmanager
def connect(
    machine: Callable[[], Machine],
    host: str = "",
    port: int = 0,
    *,
    path: str | None = None,
    ssl: SSLContext | None = None,
    starttls: SSLContext | None = None,
    server_hostname: str | None = None,
    timeout: float | None = None,
    bounds: Bounds = USUAL,
) -> Iterator[Any]:
    """A connection to a server: the block has a `Client`, whose calls return their answers.

    Time-outs, and what the peer says by itself, are seen to whenever something is waited for.
    Nothing is waited for longer than `timeout` seconds. Closed when the block is left. With `ssl`
    TLS comes first, with `starttls` where the spec says so; either has to be with a server that is
    called `server_hostname`, or else `host`.
    """
    with _Raising() as loop:
        one = machine()
        connection = loop.connect(
            one,
            host,
            port,
            path=path,
            ssl=ssl,
            starttls=starttls,
            server_hostname=server_hostname,
            timeout=timeout,
            bounds=bounds,
        )
        loop.run(lambda: connection._ready or one.wire.lost, timeout)
        if connection.problem is not None:
            raise connection.problem
        try:
            yield Client(one, loop, timeout)
        finally:
            one.close()
            with suppress(TimeoutError):
                loop.run(lambda: one.wire.lost, timeout)


@contextmanager
def serve_datagrams(
    machine: Callable[[], Machine],
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    grace: float = 0.0,
    limit: int | None = MOST,
    limit_each: int | None = None,
    bounds: Bounds = PATIENT,
    apart: bool = False,
) -> Iterator[DatagramServer]:
    """A server over datagrams, as long as the block, with a thread for each peer.

    A peer is an address with its port. The block has the server, whose `address` is where it
    listens. Behind it nobody new is heard, and the peers that are there have `grace` seconds to
    finish. A peer is gone when its machine has come to its end, or by its `bounds` (who says
    nothing for 5 minutes). Past `limit` of them, or `limit_each` of one host, nobody new is heard.
    If `apart`, each is answered from a socket of its own, as TFTP has it.
    """
    server = DatagramServer(machine, bound(host, port), (limit, limit_each), bounds, apart)
    try:
        yield server
    finally:
        server.close(grace)


@contextmanager
def connect_datagrams(
    machine: Callable[[], Machine],
    host: str,
    port: int,
    *,
    follow: bool = False,
    timeout: float | None = None,
    bounds: Bounds = USUAL,
) -> Iterator[Any]:
    """A machine that speaks to a peer over datagrams: the block has a `Client`.

    Where the peer's host says that nobody is there, the connection is lost. If `follow`, the peer
    may answer from another port than that, and is found there from then on, as TFTP has it. Nothing
    is waited for longer than `timeout` seconds.
    """
    with _Raising() as loop:
        one = machine()
        loop.connect_datagrams(one, host, port, follow=follow, bounds=bounds)
        loop.run(lambda: True)
        try:
            yield Client(one, loop, timeout)
        finally:
            one.close()
            with suppress(TimeoutError):
                loop.run(lambda: one.wire.lost, timeout)


class _Raising(Loop):
    """A loop whose one connection's errors are the caller's."""

    def failed(self, connection: LoopConnection | None, error: Exception) -> None:
        raise error
