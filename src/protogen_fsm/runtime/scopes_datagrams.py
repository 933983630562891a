"""What trio and anyio have in common over datagrams: sockets that do not block, peers as tasks."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from .bounds import Bounds
from .datagrams import WAITING
from .guests import peer_of
from .machine import Machine
from .peers import DatagramConnection, Peers, Towards, apart_from, taken, towards, transmit
from .scopes import ScopedConnection, Watch, alone, within


class ScopedPeer(DatagramConnection, ScopedConnection):
    """The connection with one peer; `live` is its task.

    `sock` is read here if it is nobody else's; then `peer` says which datagrams are the peer's.
    """

    _wait_readable: Callable[[Any], Awaitable[None]]

    def __init__(
        self,
        machine: Machine,
        sock: socket.socket,
        address: Any,
        bounds: Bounds,
        peer: Towards | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.address = address
        self.left: Callable[[], object] = lambda: None
        self._peer = peer
        self._early: list[bytes] = []  # what came before its task began
        self._hung = False
        super().__init__(machine, sock, bounds, watch=watch)

    def _connected_to(self) -> Any:
        return peer_of(self.stream)

    async def live(self, task_status: Any = None) -> None:
        """Returns when this is at its end; cancelled, it ends at once."""
        cls = type(self)
        async with cls._new_group() as self._group:
            own = self._begin_watch()
            try:
                with cls._new_scope() as self._life:
                    self._ready = not self._hung
                    self._opened()
                    early, self._early = self._early, []
                    for data in early:
                        self._received(data)
                    if task_status is not None:
                        task_status.started()
                    if self._hung:
                        self._life.cancel()
                    await self._read_on()
            finally:
                if self._peer is not None:
                    self.stream.close()
                self._lost(self._reason)
                if own is not None:
                    own.end()
        if self._problem is not None:
            raise self._problem

    async def _read_on(self) -> None:
        if self._peer is None:
            await type(self)._sleep_forever()
        while True:
            await type(self)._wait_readable(self.stream)
            try:
                for data, address in taken(self.stream):
                    self._heard(data, address)
            except OSError as error:
                self._hang_up(str(error))

    def _heard(self, data: bytes, address: Any) -> None:
        peer = self._peer
        if peer is None or not peer.is_from(address):
            return
        if self.address is not None:
            self.address = peer.address
        self._received(data)

    def _opened(self) -> None:
        if self._life is not None:
            super()._opened()

    def _received(self, data: bytes) -> None:
        if self._life is not None:
            super()._received(data)
        elif len(self._early) < WAITING:
            self._early.append(data)

    def _let_go(self, kept: list[Any]) -> None:
        super()._let_go(kept)
        self.left()

    def _transmit(self, data: bytes) -> None:
        transmit(self.stream, data, self.address)

    def _hang_up(self, reason: str = "") -> None:
        if not self._hung:
            self._hung, self._ready, self._reason = True, False, reason
            if self._life is not None:
                self._life.cancel()


@asynccontextmanager
async def connected_to(
    connection: type[ScopedPeer], machine: Machine, found: Any, follow: bool, bounds: Bounds
) -> AsyncIterator[Any]:
    """The machine that speaks to a peer as long as the block, and is at its end behind it."""
    sock = towards(found, follow)
    address = found[4]
    peer = Towards(address, follow)
    one = connection(machine, sock, address if follow else None, bounds, peer)
    async with within(connection._new_group) as group:
        await group.start(one.live)
        try:
            yield machine
        finally:
            machine.close()
            one.flush()


@asynccontextmanager
async def meeting(
    connection: type[ScopedPeer],
    machine: Callable[[], Machine],
    sock: socket.socket,
    limits: tuple[int | None, int | None],
    grace: float,
    bounds: Bounds,
    apart: bool,
) -> AsyncIterator[socket.socket]:
    """Hears who comes while the block lasts; behind it peers have `grace` seconds to finish."""
    log = logging.getLogger("protogen")

    async def session(one: ScopedPeer) -> None:
        try:
            await one.live()
        except Exception as error:
            told(one, alone(error))

    def told(one: ScopedPeer | None, error: BaseException) -> None:
        what = "a machine for a peer" if one is None else repr(one.machine)
        log.error("%s: the connection is aborted", what, exc_info=error)

    def meet(address: Any) -> ScopedPeer:
        if apart:
            own = apart_from(sock, address)
            peer = Towards(address, follow=False)
            one = connection(machine(), own, None, bounds, peer, watch)
        else:
            one = connection(machine(), sock, address, bounds, watch=watch)
        group.start_soon(session, one)
        return one

    async def listen() -> None:
        while True:
            await connection._wait_readable(sock)
            try:
                for data, address in taken(sock):
                    try:
                        peers.received(data, address)
                    except Exception as error:  # of one peer; the socket is that of all
                        told(peers.there.get(address), error)
            except OSError:  # what the network says of one of them, it does not say of whom
                continue

    def deserted() -> None:
        if peers.closed:
            group.cancel_scope.cancel()

    peers, watch = Peers(meet, *limits, deserted), Watch(connection)
    try:
        async with within(connection._new_group) as group:
            group.start_soon(watch.run)
            group.start_soon(listen)
            try:
                yield sock
            except BaseException:
                group.cancel_scope.cancel()
                raise
            peers.closed = True
            if peers.there:
                group.cancel_scope.deadline = connection._now() + grace
            else:
                group.cancel_scope.cancel()
    finally:
        sock.close()
