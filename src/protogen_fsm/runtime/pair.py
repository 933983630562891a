"""Both ends of a protocol, wired in memory."""

from __future__ import annotations

from .datagrams import DatagramWire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .machine import Machine


class Pair:
    """A client and a server, and the bytes between them.

    `split` cuts what is sent into the chunks in which it arrives, or says of each datagram which
    arrive in its place: none if it is lost, two if it is doubled. `said` holds who said what, in
    order: `("client", b"QUIT\\r\\n")`. Where both have said `starttls`, both hear that it is done.
    """

    def __init__(
        self,
        client: Machine,
        server: Machine,
        split: Callable[[bytes], Iterable[bytes]] = lambda data: (data,),
    ) -> None:
        self.client, self.server, self.split = client, server, split
        self.said: list[tuple[str, bytes]] = []
        self._ended: set[str] = set()
        for machine in (client, server):
            if machine.wire.told is None:
                machine.wire.told = 0.0  # where the time of both begins

    def open(self) -> None:
        """The connection comes to be; runs until both ends are silent."""
        for machine in (self.server, self.client):
            machine.receive_open()
        self.run()

    def run(self) -> None:
        """Carries bytes to and fro until both ends are silent."""
        talking = True
        while talking:
            talking = False
            for name, sender, receiver in (
                ("client", self.client, self.server),
                ("server", self.server, self.client),
            ):
                for data in self._sent(sender):
                    talking = True
                    self.said.append((name, data))
                    for chunk in self.split(data):
                        receiver.receive_data(chunk)
                if isinstance(sender.wire, DatagramWire):
                    continue  # nobody hears of the end
                if sender.wire.closing and name not in self._ended:
                    talking = True
                    self._ended.add(name)
                    if not receiver.wire.closing:
                        receiver.receive_eof()
            if not talking and self.client.wire.securing and self.server.wire.securing:
                talking = True
                self.client.receive_secured()
                self.server.receive_secured()

    def _sent(self, sender: Machine) -> list[bytes]:
        if isinstance(sender.wire, DatagramWire):
            return sender.datagrams_to_send()
        data = sender.data_to_send()
        return [data] if data else []

    def advance(self, now: float) -> None:
        """Tells both ends the time, and runs until they are silent."""
        self.client.advance(now)
        self.server.advance(now)
        self.run()

    def events(self) -> dict[str, list[Any]]:
        """What each end has emitted since the last time."""
        return {"client": list(self.client.events()), "server": list(self.server.events())}
