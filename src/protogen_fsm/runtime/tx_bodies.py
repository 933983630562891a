"""Twisted's producers for bodies that need not fit into memory: each piece is an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IConsumer
from zope.interface import implementer

from .tx_deferreds import DeferredConnection


@implementer(IConsumer)
class Body:
    """What a producer writes a body into; `piece` takes each part of it, an event of the machine.

    The producer stands still while the peer does not take what it is sent, and is stopped when the
    connection is gone.
    """

    def __init__(self, connection: DeferredConnection, piece: Callable[[bytes], object]) -> None:
        self._connection, self._piece = connection, piece
        self._producer: Any = None
        self._streams = False
        self._turn: Any = None  # when one that has to be asked is asked next

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Takes what comes from a producer; one that is not `streaming` is asked for each piece.

        Raises RuntimeError if there is one already.
        """
        if self._producer is not None:
            raise RuntimeError("a body has one producer at a time")
        if self._connection._wire.lost:
            producer.stopProducing()
            return
        self._producer, self._streams = producer, streaming
        self._connection.bodies.append(self)
        if self._connection._choked:
            self.pause()
        elif not streaming:
            self._ask_soon()

    def unregisterProducer(self) -> None:
        """The producer has written all of it."""
        if self._producer is not None:
            self._producer = None
            self._connection.bodies.remove(self)
            self._forget_turn()

    def write(self, data: bytes) -> None:
        """A piece of the body. Raises what the event does."""
        self._piece(data)

    # ------------------------------------------------------------ the connection's side

    def pause(self) -> None:
        """The peer does not take what it is sent."""
        self._forget_turn()
        if self._streams:
            self._producer.pauseProducing()

    def resume(self) -> None:
        """The peer has taken it."""
        if self._streams:
            self._producer.resumeProducing()
        else:
            self._ask_soon()

    def stop(self) -> None:
        """The connection is gone."""
        producer = self._producer
        self.unregisterProducer()
        producer.stopProducing()

    def _ask_soon(self) -> None:
        if self._turn is None:
            self._turn = self._connection._reactor.callLater(0, self._ask)

    def _ask(self) -> None:
        self._turn = None
        try:
            self._producer.resumeProducing()
        except BaseException:
            if self._producer is not None:
                self.stop()
            raise
        if self._producer is not None and not self._connection._choked:
            self._ask_soon()

    def _forget_turn(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.cancel()
