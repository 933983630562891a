"""TFTP, both ends in memory, over a network that loses, doubles and delays what they send."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generated import shipped
from protogen_fsm.runtime.core import LocalProtocolError
from protogen_fsm.runtime.pair import Pair

TFTP = shipped("tftp")
FILE = bytes(range(256)) * 5 + b"the end"


class Server(TFTP.Server):  # type: ignore[misc]
    def do_IDLE_RRQ(self, name: str, mode: str, options: list[Any]) -> Any:
        return TFTP.Give(FILE) if name == "there" else TFTP.Refuse()


def pair(size: int = 512, **options: Any) -> Pair:
    both = Pair(TFTP.Client(size), Server(), **options)
    both.open()
    return both


def test_the_figures_of_rfc_1350_section_4_and_of_rfc_2347() -> None:
    both = pair()
    call = both.client.get("there")
    both.run()
    assert call.result() == FILE
    assert [(who, data[:4]) for who, data in both.said] == [
        ("client", b"\0\1th"),
        ("server", b"\0\3\0\1"),
        ("client", b"\0\4\0\1"),
        ("server", b"\0\3\0\2"),
        ("client", b"\0\4\0\2"),
        ("server", b"\0\3\0\3"),
        ("client", b"\0\4\0\3"),
    ]
    both = pair(1000)
    call = both.client.put("new", FILE)
    both.run()
    assert call.result() is None
    (stored,) = [event for event in both.events()["server"] if event.name == "stored"]
    assert stored.args == ("new", "octet", FILE)
    assert both.said[:2] == [
        ("client", b"\0\2new\0octet\0blksize\x001000\0"),
        ("server", b"\0\6blksize\x001000\0"),
    ]


def test_what_is_not_there_is_an_error_and_an_end() -> None:
    both = pair()
    call = both.client.get("nowhere")
    both.run()
    assert call.result() == (1, "File not found")
    assert both.client.state == both.server.state == "OVER"


def test_where_nobody_answers_the_client_asks_again_and_gives_up() -> None:
    both = pair(split=lambda data: [])
    call = both.client.get("there")
    for second in range(10):
        both.advance(float(second))
    assert len(both.said) == 6  # once, and five times more
    assert call.result() == (0, "no answer")


def test_an_old_acknowledgement_is_not_answered() -> None:
    """The Sorcerer's Apprentice: an ACK that came twice must not double all DATA behind it."""
    both = pair(split=lambda data: [data, data])
    call = both.client.get("there")
    both.run()
    assert call.result() == FILE
    sent = [data[:4] for who, data in both.said if who == "server"]
    assert sent == [b"\0\3\0\1", b"\0\3\0\2", b"\0\3\0\3"]


@settings(deadline=None, max_examples=60)
@given(
    fates=st.lists(st.sampled_from([0, 1, 1, 1, 2]), max_size=30),
    size=st.sampled_from([512, 1000, 8]),
    puts=st.booleans(),
)
def test_whatever_is_lost_or_doubled_the_file_arrives_whole_or_the_caller_is_told(
    fates: list[int], size: int, puts: bool
) -> None:
    left = list(fates)
    both = pair(size, split=lambda data: [data] * (left.pop() if left else 1))
    call = both.client.put("new", FILE) if puts else both.client.get("there")
    now = 0.0
    while not call.done:
        both.run()
        now += 0.5
        both.advance(now)
        assert now < 60
    result = call.result()
    if puts:
        stored = [event.args[2] for event in both.events()["server"] if event.name == "stored"]
        assert stored in ([], [FILE])
        assert stored == [FILE] or isinstance(result, tuple)
    else:
        assert result == FILE or isinstance(result, tuple)


@pytest.mark.parametrize("length", [0, 511, 512, 513, 1024])
def test_the_last_block_is_short_be_it_empty(length: int) -> None:
    both = pair()
    call = both.client.put("new", FILE[:length])
    both.run()
    assert call.result() is None
    (stored,) = [event for event in both.events()["server"] if event.name == "stored"]
    assert stored.args[2] == FILE[:length]


def test_a_second_call_is_the_callers_error_and_ends_nothing() -> None:
    both = pair()
    call = both.client.get("there")
    with pytest.raises(LocalProtocolError):
        both.client.get("another")
    both.run()
    assert call.result() == FILE


def test_what_the_server_says_twice_of_the_block_size_ends_nothing() -> None:
    both = pair(1000, split=lambda data: [data, data] if data[1] == 6 else [data])
    call = both.client.get("there")
    both.run()
    assert call.result() == FILE
