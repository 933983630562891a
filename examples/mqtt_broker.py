"""A small MQTT broker: what is left to write once specs/mqtt.proto has been built.

The spec holds packets, packet ids, acknowledgements and silence. Who hears what, what is retained,
wills, and sessions that outlive a connection (sections 3.1.2, 3.3.1.3, 4.1, 4.7) are here.

    protogen build specs/mqtt.proto -o out
    PYTHONPATH=out python examples/mqtt_broker.py 1883
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque

import mqtt

from protogen_fsm.runtime import aio

IN_FLIGHT = 100  # deliveries of one client at a time; the rest waits
WAITING = 10_000  # for one client, past which the oldest are dropped


def matches(wanted: str, topic: str) -> bool:
    """Whether a filter, such as `a/+/#`, takes the topic (section 4.7)."""
    if topic.startswith("$") and wanted[:1] in ("+", "#"):
        return False
    filters, levels = wanted.split("/"), topic.split("/")
    for at, one in enumerate(filters):
        if one == "#":
            return True
        if at >= len(levels) or one not in ("+", levels[at]):
            return False
    return len(filters) == len(levels)


def is_filter(wanted: str) -> bool:
    """Whether its wildcards stand for whole levels, and `#` for the last ones."""
    levels = wanted.split("/")
    return (
        wanted != ""
        and "\0" not in wanted
        and "#" not in "".join(levels[:-1])
        and all(level in ("+", "#") or not {"+", "#"} & set(level) for level in levels)
    )


class Session:
    """What a client has with the broker, whether it is connected or not."""

    def __init__(self) -> None:
        self.filters: dict[str, int] = {}
        self.waiting: deque[tuple[str, bytes, int, bool]] = deque(maxlen=WAITING)
        self.unfinished: list[tuple[int, str, bytes, int, bool, bool]] = []
        self.unreleased: list[int] = []
        self.connection: Connection | None = None

    def send(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        """Tells the client, or keeps what must not be lost until it can be told."""
        if qos > 0:
            self.waiting.append((topic, payload, qos, retain))
            self.go_on()
        elif self.connection is not None:
            self.connection.publish(topic, payload, retain)

    def go_on(self) -> None:
        """Sends what has waited."""
        while self.waiting and self.connection is not None:
            if len(self.connection.departures) >= IN_FLIGHT:
                break
            self.connection.deliver(*self.waiting.popleft())

    def take_up(self) -> None:
        """What the last connection left over goes first (section 4.4)."""
        assert self.connection is not None
        unfinished, self.unfinished = self.unfinished, []
        unreleased, self.unreleased = self.unreleased, []
        for one in unfinished:
            self.connection.redeliver(*one)
        for id in unreleased:
            self.connection.await_release(id)
        self.go_on()


class Broker:
    """The sessions by their clients' names, and what is retained of each topic."""

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        self.retained: dict[str, tuple[bytes, int]] = {}
        self.nameless = 0

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        """Gives a message to everybody who wants it."""
        if retain and payload:
            self.retained[topic] = payload, qos
        elif retain:
            self.retained.pop(topic, None)
        for session in list(self.sessions.values()):
            wanted = [granted for one, granted in session.filters.items() if matches(one, topic)]
            if wanted:
                session.send(topic, payload, min(qos, max(wanted)), False)

    async def serve(self, host: str, port: int) -> aio.Server:
        """Listens; each connection gets a machine of its own."""
        return await aio.serve(lambda: Connection(self), host, port)


class Connection(mqtt.Server):
    """One client, as long as it is connected."""

    def __init__(self, broker: Broker) -> None:
        super().__init__()
        self.broker = broker
        self.session = Session()
        self.name = ""
        self.will: tuple[str, bytes, int, bool] | None = None

    def do_WAITING_CONNECT(
        self,
        level: int,
        has_user: bool,
        has_password: bool,
        will_retain: bool,
        will_qos: int,
        has_will: bool,
        clean: bool,
        keep_alive: int,
        client: str,
        will_topic: str | None,
        will_message: bytes | None,
        user: str | None,
        password: bytes | None,
    ) -> mqtt.Accept | mqtt.Resume | mqtt.Refuse:
        """A session of that name is gone on with, unless the client wants a clean one."""
        if will_topic is not None and will_message is not None:
            if is_filter(will_topic) and not {"+", "#"} & set(will_topic):
                self.will = will_topic, will_message, will_qos, will_retain
            else:
                return mqtt.Refuse(5)
        self.broker.nameless += not client
        self.name = client or f"nameless {self.broker.nameless}"
        before = self.broker.sessions.get(self.name)
        if before is not None and before.connection is not None:
            before.connection.leave()  # section 3.1.4: the new one goes first
            before = self.broker.sessions.get(self.name)
        if clean or before is None:
            self.broker.sessions[self.name] = self.session
            return mqtt.Accept()
        self.session = before
        return mqtt.Resume()

    def emit_opened(self, client: str, clean: bool) -> None:
        """The client may be told of messages from here on."""
        self.clean_session = clean
        self.session.connection = self
        self.session.take_up()

    def emit_arrived(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        """A message for everybody."""
        self.broker.publish(topic, payload, qos, retain)

    def do_OPEN_SUBSCRIBE(self, id: int, filters: list[mqtt.Filter]) -> mqtt.Grant:
        """Grants what was asked for, but for filters that are none."""
        return mqtt.Grant([one.qos if is_filter(one.topic) else 128 for one in filters])

    def emit_subscribed(self, filters: list[mqtt.Filter], codes: list[int]) -> None:
        """What is retained of these topics is news to the client."""
        for one, code in zip(filters, codes, strict=True):
            if code == 128:
                continue
            self.session.filters[one.topic] = code
            for topic, (payload, qos) in self.broker.retained.items():
                if matches(one.topic, topic):
                    self.session.send(topic, payload, min(qos, code), True)

    def emit_unsubscribed(self, topics: list[str]) -> None:
        """The client has heard enough of these."""
        for topic in topics:
            self.session.filters.pop(topic, None)

    def emit_delivered(self) -> None:
        """There is room for one more."""
        self.session.go_on()

    def emit_unfinished(
        self, id: int, topic: str, payload: bytes, qos: int, retain: bool, released: bool
    ) -> None:
        """The connection went before this had arrived: the next one takes it up."""
        self.session.unfinished.append((id, topic, payload, qos, retain, released))

    def emit_unreleased(self, id: int) -> None:
        """The connection went before the client had let go of this id."""
        self.session.unreleased.append(id)

    def emit_closed(self, meant: bool) -> None:
        """The client has gone; if it did not say so, its will is done."""
        self.session.connection = None
        if self.clean_session and self.broker.sessions.get(self.name) is self.session:
            del self.broker.sessions[self.name]
        if self.will is not None and not meant:
            self.broker.publish(*self.will)


async def main(port: int) -> None:
    """Serves until it is stopped."""
    listening = await Broker().serve("127.0.0.1", port)
    print(f"listening on port {listening.sockets[0].getsockname()[1]}")
    await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1883))
