"""Whatever a peer sends, each machine of `specs/` answers it as the spec says, or hangs up.

`PROTOGEN_MUTATIONS=100000 pytest tests/test_mutations.py` tries so many spoilt sessions with each.
"""

from __future__ import annotations

import itertools
import os
import random

import pytest

import mutations
from generated import shipped
from mutations import Trial, run
from protogen_fsm.runtime.core import RemoteProtocolError
from servers import trials

COUNT = int(os.environ.get("PROTOGEN_MUTATIONS", "200"))
TRIALS = trials()
every_machine = pytest.mark.parametrize("trial", TRIALS, ids=str)
every_stream = pytest.mark.parametrize("trial", [t for t in TRIALS if not t.apart], ids=str)
every_datagrams = pytest.mark.parametrize("trial", [t for t in TRIALS if t.apart], ids=str)


@pytest.fixture(autouse=True)
def nothing_is_random(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("protogen_fsm.runtime.values.urandom", bytes)


@every_machine
def test_spoilt_sessions_are_answered_or_hung_up_on(trial: Trial) -> None:
    chance = random.Random(1)
    assert sum(1 for _ in mutations.mistakes(trial, COUNT, chance)) == COUNT


@every_stream
def test_however_a_spoilt_session_is_cut_the_same_is_said_and_told(trial: Trial) -> None:
    chance = random.Random(2)
    for _ in range(COUNT // 4):
        data = mutations.mutated(trial, chance)
        whole = run(trial, [data])
        assert run(trial, mutations.cut(data, chance)) == whole, data
        assert run(trial, [data[at : at + 1] for at in range(len(data))]) == whole, data


@every_machine
def test_every_message_in_every_state(trial: Trial) -> None:
    for session in trial.sessions:
        for end in range(len(session) + 1):
            before = session[:end] if trial.apart else [b"".join(session[:end])]
            for message in trial.messages():
                run(trial, [*before, message])


@every_datagrams
def test_a_datagram_that_comes_twice_or_late_moves_nothing_that_another_would_not(
    trial: Trial,
) -> None:
    for session in trial.sessions:
        for at, again in itertools.product(range(len(session) + 1), session):
            run(trial, [*session[:at], again, again, *session[at:]])
            run(trial, [*session[:at], *session[at + 1 :], again])


@every_stream
def test_the_end_may_come_behind_every_byte(trial: Trial) -> None:
    for session in trial.sessions:
        data = b"".join(session)
        for end, lost in itertools.product(range(len(data) + 1), (False, True)):
            run(trial, [data[:end]], lost=lost)


@every_machine
def test_a_flood_is_not_kept(trial: Trial) -> None:
    for before, flood in trial.floods:
        most = mutations.kept(trial, before, flood, 100 if len(flood) > 60_000 else 30)
        assert most < trial.most, (before, flood[:20])


@every_stream
def test_what_comes_byte_by_byte_takes_no_longer_for_what_came_before(trial: Trial) -> None:
    for before, flood in trial.floods:
        data = flood * (16384 // len(flood) + 1)
        for _ in range(5):  # other things run on this machine
            short = mutations.seconds(trial, before, data[:8192])
            if mutations.seconds(trial, before, data[:16384]) < 3 * short + 0.005:
                break
        else:
            pytest.fail(f"twice as much takes more than three times as long: {flood[:20]!r}")


def test_whatever_packets_come_the_automaton_of_lcp_answers_with_whole_ones() -> None:
    chance = random.Random(1661)
    packets = [bytes([code, 1, 0, 4 + len(data)]) + data for code in range(13)
               for data in (b"", b"\x05\x06abcd", b"\0\0\0\0", b"\xc0\x21abc")]  # fmt: skip
    for _ in range(COUNT):
        one = shipped("lcp").Automaton()
        one.below.Up()
        one.Open(b"\x05\x06abcd", 1)
        for _ in range(60):
            packet = bytearray(chance.choice(packets))
            if chance.random() < 0.5:
                packet[chance.randrange(len(packet))] ^= 1 << chance.randrange(8)
            if chance.random() < 0.5:
                packet[1] = one.asked
            if chance.random() < 0.2:
                del packet[chance.randrange(len(packet)) :]
            happens = one.below.frame, bytes(packet) + bytes(chance.choice([0, 0, 3]))
            if chance.random() < 0.1:
                happens = (chance.choice([one.below.Up, one.below.Down]),)
            before = one.state
            try:
                happens[0](*happens[1:])
            except RemoteProtocolError:  # a cell of the table that is none
                assert one.state == before
            if chance.random() < 0.1:
                one.advance((one.wire.told or 0.0) + chance.choice([1.0, 3.0]))
        for name, *args in ((event.name, *event.args) for event in one.events_to_send()):
            assert name in ("tls", "tlf") or int.from_bytes(args[0][2:4], "big") == len(args[0])
