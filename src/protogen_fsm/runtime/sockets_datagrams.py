"""A thread for each peer of a socket for datagrams: handlers may block."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from .bounds import Bounds
from .datagrams import WAITING
from .looping import Loop
from .machine import Machine
from .peers import Peers, Towards, apart_from
from .selecting_datagrams import Meeting, Peer


class _Session:
    """One peer, as the thread that reads the socket sees it."""

    def __init__(self, loop: Loop, peer: Peer) -> None:
        self.loop, self._peer = loop, peer
        self.left: Callable[[], object] = lambda: None

    def _opened(self) -> None:
        self.loop.soon(self._peer._opened, self._peer, wake=True)

    def _received(self, data: bytes) -> None:
        if len(self.loop._soon) < WAITING:  # else it is lost, as it might be on the way
            self.loop.soon(partial(self._peer._received, data), self._peer, wake=True)


class DatagramServer:
    """Hears peers in a thread of its own, and gives each of them one too."""

    def __init__(
        self,
        machine: Callable[[], Machine],
        sock: socket.socket,
        limits: tuple[int | None, int | None],
        bounds: Bounds,
        apart: bool,
    ) -> None:
        self._machine, self._bounds, self._apart = machine, bounds, apart
        self._socket, self._loop = sock, Loop()
        self._threads: dict[threading.Thread, Loop] = {}
        meeting = Meeting(sock, self._loop, Peers(self._meet, *limits))
        self._peers = meeting.peers
        self._loop.attend(meeting)
        self.address: Any = sock.getsockname()
        self._thread = threading.Thread(target=self._loop.run, daemon=True)
        self._thread.start()

    def _meet(self, address: Any) -> _Session:
        loop, one = Loop(), self._machine()
        if self._apart:
            own, peer = apart_from(self._socket, address), Towards(address, follow=False)
            session = _Session(loop, Peer(one, own, None, loop, self._bounds, peer))
        else:
            session = _Session(loop, Peer(one, self._socket, address, loop, self._bounds))
        thread = threading.Thread(target=self._run, args=(session,), daemon=True)
        self._threads[thread] = loop
        thread.start()
        return session

    def _run(self, session: _Session) -> None:
        try:
            with session.loop as loop:
                loop.run()
        except OSError as error:
            logging.getLogger("protogen").info("%s", error)
        finally:
            self._threads.pop(threading.current_thread(), None)
            self._loop.soon(lambda: session.left(), wake=True)

    def close(self, grace: float = 0.0) -> None:
        """Hears nobody new; the peers that are there have so many seconds to finish."""
        self._peers.closed = True
        end = time.monotonic() + grace
        threads = dict(self._threads)
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        for thread, loop in threads.items():
            loop.stop()
            thread.join(1.0)
        self._loop.stop()
        self._thread.join()
        self._loop.close()
