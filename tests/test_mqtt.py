"""specs/mqtt.proto in memory: what the standard says, and what nobody should say."""

from __future__ import annotations

import itertools
import pickle
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generated import shipped, told
from protogen_fsm.runtime.core import LocalProtocolError, RemoteProtocolError
from protogen_fsm.runtime.pair import Pair

brief = settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))


def mqtt() -> Any:
    return shipped("mqtt")


def packet(first: int, body: bytes = b"", size: int | None = None) -> bytes:
    """A packet as on the wire, its length as it is or as it is said to be."""
    left, length = len(body) if size is None else size, b""
    while True:
        left, low = left >> 7, left & 0x7F
        length += bytes([low | 0x80 * bool(left)])
        if not left:
            return bytes([first]) + length + body


CONNECT = packet(0x10, b"\x00\x04MQTT\x04\x02\x00\x3c\x00\x02me")
CONNACK = packet(0x20, b"\x00\x00")


def publish(qos: int, id: int = 1, topic: bytes = b"t", flags: int = 0) -> bytes:
    number = id.to_bytes(2, "big") if qos else b""
    body = len(topic).to_bytes(2, "big") + topic + number + b"hello"
    return packet(0x30 | qos << 1 | flags, body)


def opened() -> Any:
    """A server whose client is connected."""
    one = mqtt().Server()
    one.receive_open()
    one.receive_data(CONNECT)
    assert one.data_to_send() == CONNACK
    assert told(one) == [("opened", "me", True)]
    return one


def said(one: Any, data: bytes) -> bytes:
    one.receive_data(data)
    answer: bytes = one.data_to_send()
    return answer


def pair(split: Any = lambda data: (data,), **named: Any) -> Any:
    both = Pair(mqtt().Client("me", **named), mqtt().Server(), split=split)
    both.open()
    both.events()
    return both


# ---------------------------------------------------------------- deliveries, section 4.3


def test_at_qos_2_a_message_that_is_repeated_arrives_once() -> None:
    one = opened()
    assert said(one, publish(2)) == b"\x50\x02\x00\x01"
    assert said(one, publish(2, flags=8)) == b"\x50\x02\x00\x01"
    assert told(one) == [("arrived", "t", b"hello", 2, False)]
    assert said(one, b"\x62\x02\x00\x01") == b"\x70\x02\x00\x01"
    assert said(one, b"\x62\x02\x00\x01") == b"\x70\x02\x00\x01"  # the answer may have been lost
    assert said(one, publish(2)) == b"\x50\x02\x00\x01"  # a new one of the same id
    assert told(one) == [("arrived", "t", b"hello", 2, False)]


def test_at_qos_1_a_message_that_is_repeated_arrives_again() -> None:
    one = opened()
    assert said(one, publish(1) + publish(1, flags=8)) == b"\x40\x02\x00\x01" * 2
    assert len(told(one)) == 2


def test_deliveries_go_their_ways_side_by_side() -> None:
    one = opened()
    for number in range(5):
        one.deliver("t", b"%d" % number, 1 + number % 2, False)
    sent = one.data_to_send()
    assert [sent[at] for at in range(0, len(sent), 8)] == [0x32, 0x34, 0x32, 0x34, 0x32]
    assert said(one, b"\x50\x02\x00\x04" + b"\x40\x02\x00\x03") == b"\x62\x02\x00\x04"
    assert sorted(one.departures) == [1, 2, 4, 5]
    assert said(one, b"\x50\x02\x00\x02") == b"\x62\x02\x00\x02"
    assert said(one, b"\x70\x02\x00\x02\x70\x02\x00\x04") == b""
    assert told(one) == [("delivered",)] * 3


def test_what_was_not_finished_is_taken_up_with_dup_set() -> None:
    one = opened()
    one.deliver("t", b"a", 1, True)
    one.deliver("t", b"b", 2, False)
    one.deliver("t", b"c", 2, False)
    said(one, b"\x50\x02\x00\x03" + publish(2, 9))
    told(one)
    one.receive_lost("reset")
    left = told(one)
    assert left == [
        ("closed", False),
        ("unreleased", 9),
        ("unfinished", 1, "t", b"a", 1, True, False),
        ("unfinished", 2, "t", b"b", 2, False, False),
        ("unfinished", 3, "t", b"c", 2, False, True),
    ]
    two = opened()
    two.await_release(9)
    for _, *delivery in left[2:]:
        two.redeliver(*delivery)
    assert two.data_to_send() == (
        packet(0x3B, b"\x00\x01t\x00\x01a")
        + packet(0x3C, b"\x00\x01t\x00\x02b")
        + b"\x62\x02\x00\x03"
    )
    assert said(two, publish(2, 9, flags=8)) == b"\x50\x02\x00\x09"
    assert told(two) == []  # it has arrived before
    two.deliver("t", b"d", 1, False)
    assert sorted(two.departures) == [1, 2, 3, 4]


def test_an_id_in_use_is_not_given_twice() -> None:
    one = opened()
    one.next = 65535
    one.deliver("t", b"", 1, False)
    one.deliver("t", b"", 1, False)
    assert sorted(one.departures) == [1, 65535]
    one.next = 65535
    one.deliver("t", b"", 1, False)
    assert sorted(one.departures) == [1, 2, 65535]


def test_more_deliveries_than_there_may_be_at_a_time_are_refused() -> None:
    one = opened()
    for _ in range(500):
        one.deliver("t", b"", 1, False)
    with pytest.raises(LocalProtocolError, match="more than 500 departures"):
        one.deliver("t", b"", 1, False)


# ---------------------------------------------------------------- silence, section 3.1.2.10


def test_a_server_waits_one_and_a_half_times_as_long_as_the_client_has_said() -> None:
    one = opened()
    assert one.deadline() == 90.0
    one.advance(60.0)
    said(one, b"\xc0\x00")
    assert one.deadline() == 150.0
    one.advance(150.0)
    assert told(one) == [("closed", False)]
    assert one.wire.closing


def test_a_client_that_has_nothing_to_say_pings_and_wants_an_answer() -> None:
    both = pair(keep_alive=10)
    both.client.advance(4.0)
    both.client.publish("t", b"", False)
    assert both.client.deadline() == 14.0
    both.run()
    both.advance(14.0)
    assert both.said[-2:] == [("client", b"\xc0\x00"), ("server", b"\xd0\x00")]
    both.client.advance(24.0)
    assert both.client.data_to_send() == b"\xc0\x00"
    both.client.advance(43.0)
    assert both.client.state == "OPEN"
    both.client.advance(44.0)
    assert both.client.state == "CLOSED"


def test_who_says_nothing_at_all_is_sent_away() -> None:
    one = mqtt().Server()
    one.receive_open()
    one.advance(10.0)
    assert one.wire.closing


def test_a_client_that_is_told_no_says_so() -> None:
    one = mqtt().Client("me")
    one.receive_open()
    call = one.subscribe([mqtt().Filter("t", 0)])
    one.receive_data(packet(0x20, b"\x00\x05"))
    assert told(one) == [("refused", 5)]
    with pytest.raises(RemoteProtocolError):
        call.result()


def test_a_session_in_the_middle_of_everything_can_be_pickled() -> None:
    one = opened()
    one.deliver("t", b"a", 2, False)
    said(one, publish(2, 7) + b"\x30\x07\x00")
    other = pickle.loads(pickle.dumps(one))
    assert said(other, b"\x01ttwo!" + b"\x50\x02\x00\x01") == b"\x62\x02\x00\x01"
    assert told(other)[-1] == ("arrived", "t", b"two!", 0, False)
    assert sorted(other.arrivals) == [7]


# ---------------------------------------------------------------- what nobody should say


MALFORMED = {
    "an unknown type": packet(0x00),
    "the reserved type": packet(0xF0),
    "reserved flags of PINGREQ": packet(0xC1),
    "reserved flags of PUBREL": packet(0x60, b"\x00\x01"),
    "reserved flags of SUBSCRIBE": packet(0x80, b"\x00\x01\x00\x01t\x00"),
    "reserved bits of a filter": packet(0x82, b"\x00\x01\x00\x01t\x04"),
    "QoS 3": packet(0x36, b"\x00\x01t\x00\x01"),
    "QoS 3 of a filter": packet(0x82, b"\x00\x01\x00\x01t\x03"),
    "DUP at QoS 0": packet(0x38, b"\x00\x01t"),
    "id 0": publish(1, 0),
    "id 0 of SUBSCRIBE": packet(0x82, b"\x00\x00\x00\x01t\x00"),
    "no topic": publish(0, topic=b""),
    "a wildcard in a topic": publish(0, topic=b"a/+"),
    "a zero in a topic": publish(0, topic=b"a\0"),
    "a topic that is no UTF-8": publish(0, topic=b"\xff"),
    "a surrogate in a topic": publish(0, topic=b"\xed\xa0\x80"),
    "a topic longer than its packet": packet(0x30, b"\x00\x09t"),
    "no filters": packet(0x82, b"\x00\x01"),
    "nothing to unsubscribe from": packet(0xA2, b"\x00\x01"),
    "half a filter": packet(0x82, b"\x00\x01\x00\x05t"),
    "more than PINGREQ holds": packet(0xC0, b"x"),
    "less than PUBACK holds": packet(0x40, b"\x00"),
    "a second CONNECT": CONNECT,
    "what a server says": CONNACK,
    "a length of five bytes": b"\x30\xff\xff\xff\xff\x01",
    "a length longer than it need be": b"\xc0\x80\x00",
    "a packet too long": packet(0x30, b"", 200 * 1024 * 1024),
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_ends_the_connection(data: bytes) -> None:
    one = opened()
    try:
        one.receive_data(data)
    except RemoteProtocolError:
        one.receive_lost("refused")
    assert told(one) == [("closed", False)]
    assert one.data_to_send() == b""
    assert one.state == "CLOSED"


FIRST = {
    "a level that is not spoken": (packet(0x10, b"\0\4MQTT\5\2\0\x3c\0\2me"), b"\x20\x02\0\1"),
    "no name, and no clean session": (packet(0x10, b"\0\4MQTT\4\0\0\x3c\0\0"), b"\x20\x02\0\2"),
    "another protocol": (packet(0x10, b"\0\6MQIsdp\3\2\0\x3c\0\2me"), b""),
    "the reserved flag": (packet(0x10, b"\0\4MQTT\4\3\0\x3c\0\2me"), b""),
    "a password without a name": (packet(0x10, b"\0\4MQTT\4\x42\0\x3c\0\2me\0\1x"), b""),
    "the quality of no will": (packet(0x10, b"\0\4MQTT\4\x0a\0\x3c\0\2me"), b""),
    "a will of quality 3": (packet(0x10, b"\0\4MQTT\4\x1e\0\x3c\0\2me\0\1w\0\0"), b""),
    "a will that is not there": (packet(0x10, b"\0\4MQTT\4\6\0\x3c\0\2me"), b""),
    "more than it says": (packet(0x10, b"\0\4MQTT\4\2\0\x3c\0\2me\0\1w"), b""),
    "something else": (b"\xc0\x00", b""),
    "HTTP": (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b""),
}


@pytest.mark.parametrize(("data", "answer"), FIRST.values(), ids=FIRST)
def test_without_a_good_connect_there_is_no_session(data: bytes, answer: bytes) -> None:
    one = mqtt().Server()
    one.receive_open()
    one.receive_data(data)
    if one.state == "WAITING":  # what it has begun never ends
        one.receive_eof()
    assert one.data_to_send() == answer
    assert one.state == "CLOSED"
    assert told(one) == []


EVERY = [
    CONNECT, CONNACK, publish(0), publish(1, 3), publish(2, 3), b"\x40\x02\x00\x03",
    b"\x50\x02\x00\x03", b"\x62\x02\x00\x03", b"\x70\x02\x00\x03", packet(0x82, b"\0\3\0\1t\1"),
    packet(0x90, b"\0\3\1"), packet(0xA2, b"\0\3\0\1t"), b"\xb0\x02\x00\x03", b"\xc0\x00",
    b"\xd0\x00", b"\xe0\x00",
]  # fmt: skip


def survives(one: Any, chunks: list[bytes]) -> None:
    """Whatever is said, the machine answers, or ends cleanly, and keeps little."""
    try:
        for chunk in chunks:
            one.receive_data(chunk)
            one.data_to_send()
            if one.wire.closing:
                break
        one.receive_eof()
    except RemoteProtocolError:
        pass
    one.receive_lost("")
    one.data_to_send()
    assert not one.arrivals
    assert not one.departures
    assert one.deadline() is None


@brief
@given(st.booleans(), st.lists(st.sampled_from(EVERY), max_size=12), st.booleans())
def test_every_packet_in_every_state(server: bool, packets: list[bytes], connected: bool) -> None:
    one = mqtt().Server() if server else mqtt().Client("me")
    one.receive_open()
    if connected:
        one.receive_data(CONNECT if server else CONNACK)
        one.deliver("t", b"", 1, False)
        one.deliver("t", b"", 2, False)
        one.redeliver(3, "t", b"", 2, False, True)
    survives(one, packets)


@brief
@given(st.lists(st.integers(1, 9), max_size=20), st.sets(st.integers(0, 500), max_size=8))
def test_however_the_stream_is_cut_the_same_is_heard(sizes: list[int], places: set[int]) -> None:
    data = CONNECT + b"".join(publish(size % 3, size, b"t" * size) for size in sizes)

    def heard(chunks: list[bytes]) -> tuple[bytes, list[Any]]:
        one = mqtt().Server()
        one.receive_open()
        answer = b"".join(said(one, chunk) for chunk in chunks)
        return answer, told(one)

    cuts = sorted({0, len(data), *(place for place in places if place < len(data))})
    pieces = [data[a:b] for a, b in itertools.pairwise(cuts)]
    assert heard([data]) == heard(pieces) == heard([bytes([one]) for one in data])


def test_an_id_that_is_in_use_for_another_message_ends_the_connection() -> None:
    server = opened()
    said(server, publish(2))
    assert said(server, publish(1)) == b""
    assert server.state == "CLOSED"
    assert ("closed", False) in told(server)
