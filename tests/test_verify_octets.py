"""A layer over bytes that a spec writes itself: what one end says as a packet the other reads."""

from __future__ import annotations

from protogen_fsm import pipeline
from protogen_fsm.source import Source
from protogen_fsm.verify import Report, verify

SPEC = """protocol P
message ASK(n: 0..3)    = { bits(4) = 1 bits(4) = 0 n: u8 }
message ANSWER(n: 0..3) = { bits(4) = 2 bits(4) = 0 n: u8 }
message BYE             = { bits(4) = 3 bits(4) = 0 }
machine Packets over bytes {
    receives data(octets: bytes)
    sends    octets(data: bytes)
    accepts  packet(octets: bytes)
    emits    packet(octets: bytes), malformed(data: bytes, reason: str)
    state OPEN {
        on packet(octets) / send octets(octets[:1] + bytes(size(octets) - 1, varint) + octets[1:])
        on malformed(data, reason) -> OPEN / emit malformed(data, reason)
        initial state FIRST reads u8 { on data(octets) -> REST(octets) }
        state REST(first: bytes) reads bytes(varint, 100) {
            on data(octets) -> FIRST / emit packet(first + octets)
        }
    }
}
machine Client over Packets {
    receives ANSWER sends ASK, BYE accepts ask(n: 0..3)
    initial state READY { on ask(n) -> WAITING(n) / send ASK(n) on malformed, eof -> CLOSED }
    state WAITING(n: 0..3) {
        on ANSWER(m) when m == n -> CLOSED / send BYE
        on ANSWER -> WRONG
        on malformed, eof -> CLOSED
    }
    state WRONG { on malformed, eof -> CLOSED }
    final state CLOSED
}
machine Server over Packets {
    receives ASK, BYE sends ANSWER
    initial state READY {
        on ASK(n) / send ANSWER(n)
        on BYE, malformed, eof -> CLOSED
    }
    final state CLOSED
}
system S {
    peer client: Client
    peer server: Server
    link client <-> server capacity 2
    never client in WRONG
}
"""


def report(text: str) -> Report:
    (found,) = verify(pipeline.understand(Source("p.proto", text)))
    return found


def test_a_length_that_is_written_before_a_message_is_read_again() -> None:
    found = report(SPEC)
    assert found.explored.verdict == "proved"
    assert found.explored.anything == []


def test_what_cannot_be_taken_is_found_for_sure_and_by_its_name() -> None:
    found = report(SPEC.replace("on BYE, malformed, eof -> CLOSED", "on malformed, eof -> CLOSED"))
    assert found.explored.verdict == "refuted"
    ((told, chart),) = found.told
    assert told.code == "PG405"
    assert chart is not None
    assert "ASK(0)" in [row.text for row in chart.rows if row.kind == "take"]


def test_a_layer_that_counts_otherwise_is_not_followed_and_claims_nothing() -> None:
    found = report(SPEC.replace("size(octets) - 1, varint", "size(octets), varint"))
    assert found.explored.verdict != "proved"
