"""The loop of a thread that has one connection to itself."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from .looping import Loop, Watched
from .selecting import READ, WRITE
from .wire import NEVER

if TYPE_CHECKING:
    from .selecting_jobs import LoopConnection


class Alone(Loop):
    """A `Loop` that waits at one socket, which costs less than to wait at any number of them.

    There is nothing that other threads could wake it by until somebody may have to: a handler in a
    thread, or `stop` while the socket is not watched. Else `stop` has the socket end.
    """

    def _begin_to_wait(self) -> None:
        self._poll = select.poll()
        self._one: Watched | None = None
        self._woken: socket.socket | None = None
        self._wakes: socket.socket | None = None

    def _stop_waiting(self) -> None:
        for end in (self._woken, self._wakes):
            if end is not None:
                end.close()

    def watch(self, one: Watched, mask: int) -> None:
        """Waits for that at its socket."""
        if mask == one._mask or one.socket is None:
            return
        if mask:
            wanted = (select.POLLIN if mask & READ else 0) | (select.POLLOUT if mask & WRITE else 0)
            self._poll.register(one.socket, wanted)
            self._one = one
        else:
            self._poll.unregister(one.socket)
            self._one = None
        one._mask = mask

    def wakeable(self) -> None:
        """From now on other threads can wake it at any time."""
        if self._wakes is None:
            self._woken, self._wakes = socket.socketpair()
            self._woken.setblocking(False)
            self._poll.register(self._woken, select.POLLIN)

    def soon(
        self, step: Callable[[], object], of: LoopConnection | None = None, *, wake: bool = False
    ) -> None:
        """Does this next, as a step of that connection; with `wake`, from any thread."""
        super().soon(step, of, wake=wake and self._wakes is not None)
        one, wakes = self._one, self._wakes
        if wake and wakes is None and one is not None and one.socket is not None:
            with suppress(OSError):  # it has ended by itself
                socket.socket.shutdown(one.socket, socket.SHUT_RD)  # below TLS, if it has that

    def _wait(self, timeout: float) -> None:
        if self._one is None:
            self.wakeable()
        if self._soon:  # also by another thread, before it could be woken
            timeout = 0.0
        for at, found in self._poll.poll(None if timeout == NEVER else int(timeout * 1000) + 1):
            one = self._one
            if self._woken is not None and at == self._woken.fileno():
                self._empty(self._woken)
            elif one is not None and not self._soon:  # what others have asked for goes first
                mask = READ if found & ~select.POLLOUT else 0
                self._ready(one, mask | (WRITE if found & select.POLLOUT else 0))


def loop_for_one() -> Loop:
    """The loop of a thread with one connection; where the system has no `poll`, any loop."""
    return Alone() if hasattr(select, "poll") else Loop()
