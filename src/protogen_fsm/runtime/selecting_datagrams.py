"""Connections over datagrams in a `Loop`: a machine for each peer of a socket, and clients."""

from __future__ import annotations

import selectors
import socket
from typing import TYPE_CHECKING, Any

from .bounds import USUAL, Bounds
from .guests import peer_of
from .machine import Machine
from .peers import DatagramConnection, Peers, Towards, taken, transmit
from .selecting_jobs import LoopConnection

if TYPE_CHECKING:
    from .looping import Loop

READ = selectors.EVENT_READ


class Peer(DatagramConnection, LoopConnection):
    """The connection with one peer; `socket` is read here if it is nobody else's (`peer`)."""

    def __init__(
        self,
        machine: Machine,
        sock: socket.socket,
        address: Any,
        loop: Loop,
        bounds: Bounds = USUAL,
        peer: Towards | None = None,
    ) -> None:
        self.socket: socket.socket | None = sock
        self.address, self._peer = address, peer
        self._mask = 0
        super().__init__(machine, loop, bounds)
        self._ready = True
        loop.connections.add(self)
        if peer is not None:
            loop.watch(self, READ)

    def _connected_to(self) -> Any:
        return peer_of(self.socket)

    def ready(self, mask: int) -> None:
        """Something has come."""
        try:
            for data, address in taken(self.socket) if self.socket is not None else ():
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

    def _transmit(self, data: bytes) -> None:
        if self.socket is not None:
            transmit(self.socket, data, self.address)

    def _hang_up(self, reason: str = "") -> None:
        if self.socket is None:
            return
        if self._peer is not None:
            self.loop.watch(self, 0)
            self.socket.close()
        self.socket, self._ready = None, False
        self.loop.soon(lambda: self._lost(reason), self)


class Meeting:
    """A socket for datagrams that listens in a `Loop`, and its peers."""

    def __init__(self, sock: socket.socket, loop: Loop, peers: Peers) -> None:
        self.socket: socket.socket | None = sock
        self.peers = peers
        self._loop = loop
        self._mask = 0

    def close(self) -> None:
        """Nobody is heard any more."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    @property
    def address(self) -> Any:
        """Where it listens: host and port."""
        return None if self.socket is None else self.socket.getsockname()

    def ready(self, mask: int) -> None:
        """Something has come."""
        try:
            for data, address in taken(self.socket) if self.socket is not None else ():
                try:
                    self.peers.received(data, address)
                except Exception as error:  # of one peer; the socket is that of all
                    self._loop.failed(self.peers.there.get(address), error)
        except OSError:  # what the network says of one of them, it does not say of whom
            return
