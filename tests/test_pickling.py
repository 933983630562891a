"""Machines that go on elsewhere: pickled in mid-session they say the same as if they had stayed.

`test_specs_at_random.py` and `test_machines.py` pickle machines before each step of walks at
random; here are whole sessions over bytes, other processes, and what cannot be pickled.
"""

from __future__ import annotations

import copy
import importlib
import os
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from generated import ROOT, machine, module_text, shipped, told
from protogen_fsm.runtime import aio
from protogen_fsm.runtime.core import RemoteProtocolError
from protogen_fsm.runtime.layers import Layer, put_below, tap
from servers import trials
from walks import findable

if TYPE_CHECKING:
    from pathlib import Path

    from mutations import Trial


def heard(one: Any, data: bytes, trial: Trial | None = None) -> tuple[Any, ...]:
    """What becomes of some bytes, or of a datagram."""
    refused = ""
    try:
        one.receive_data(data)
    except RemoteProtocolError as error:
        refused = str(error)
    said = [one.data_to_send()] if trial is None else trial.taken(one)
    return said, told(one), refused, one.state, one.deadline(), one.wire.closing


@pytest.mark.parametrize("trial", trials(), ids=str)
def test_a_session_goes_on_elsewhere_after_each_piece(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("protogen_fsm.runtime.values.urandom", bytes)
    for session in trial.sessions:
        one, stays = trial.make(), trial.make()
        if "<locals>" in type(one).__qualname__:
            findable(type(one))
        for message in session:
            pieces = [message] if trial.apart else [message[:1], message[1:-2], message[-2:]]
            for piece in pieces:
                one = pickle.loads(pickle.dumps(one))
                assert heard(one, piece, trial) == heard(stays, piece, trial)
        one = pickle.loads(pickle.dumps(one))
        for end in (one, stays):
            if not trial.apart:
                end.receive_eof()
            end.receive_lost("gone")
        assert (told(one), one.state) == (told(stays), stays.state)


THERE = """
import pickle, sys
one, chunks = pickle.load(sys.stdin.buffer)
said = []
for chunk in chunks:
    one.receive_data(chunk)
    said += one.datagrams_to_send() if hasattr(one.wire, "longest") else [one.data_to_send()]
one.advance(1e6)
events = [(event.name, event.args) for event in one.events()]
pickle.dump((said, events, one.state), sys.stdout.buffer)
"""


def test_a_session_goes_on_in_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("smtp", "tftp"):
        path = ROOT / "specs" / f"{name}.proto"
        text = module_text(path.read_text("utf-8"), str(path))
        (tmp_path / f"elsewhere_{name}.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    server = importlib.import_module("elsewhere_smtp").Server("mx")
    server.receive_open()
    server.receive_data(b"HELO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nhalf a li")
    server.data_to_send()
    client = importlib.import_module("elsewhere_tftp").Client()
    client.receive_open()
    client.get("motd")
    client.receive_data(b"\0\3\0\1" + bytes(512))
    client.datagrams_to_send()
    ways = [
        (server, [b"ne\r\n", b".\r\n"], [b"", b"250 Queued\r\n"], "mail"),
        (client, [b"\0\3\0\2the end"], [b"\0\4\0\2"], "got"),
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for one, chunks, answers, event in ways:
        done = subprocess.run(
            [sys.executable, "-c", THERE],
            input=pickle.dumps((one, chunks)),
            stdout=subprocess.PIPE,
            env=environment,
            check=True,
        )
        said, events, state = pickle.loads(done.stdout)
        assert said == answers
        assert events[0][0] == event
        for chunk in chunks:  # it has stayed here, too
            one.receive_data(chunk)
        one.advance(1e6)
        assert [(event.name, event.args) for event in one.events()] == events
        assert one.state == state


CROSSED: list[str] = []


class Hooked(shipped("smtp").Server):  # type: ignore[misc,name-defined]
    def enter_READY(self) -> None:
        CROSSED.append(self.state)

    def exit_READY(self) -> None:
        CROSSED.append("left")


@pytest.mark.parametrize("again", [lambda one: pickle.loads(pickle.dumps(one)), copy.deepcopy])
def test_who_is_put_back_enters_and_leaves_nothing(again: Any) -> None:
    one = Hooked("mx")
    one.notes = ["its own"]
    one.receive_open()
    heard(one, b"HELO me\r\n")
    assert CROSSED.pop() == "READY"
    one = again(one)
    assert CROSSED == []
    assert (one.state, one.notes) == ("READY", ["its own"])
    heard(one, b"MAIL FROM:<a@b>\r\n")
    assert CROSSED.pop() == "left"
    assert one.state == "ENVELOPE"


def test_who_is_looked_at_or_has_a_layer_of_ours_stays_where_it_is() -> None:
    one = shipped("smtp").Server("mx")
    end = tap(one, lambda *seen: None)
    with pytest.raises(TypeError, match=r"<Server in CONNECTED> cannot .*: somebody looks on"):
        pickle.dumps(one)
    end()
    assert pickle.loads(pickle.dumps(one)).state == "CONNECTED"
    put_below(one, Layer())
    with pytest.raises(TypeError, match="a layer of yours stands beside it"):
        copy.deepcopy(one)


def test_who_is_in_the_middle_of_a_step_stays_where_it_is() -> None:
    module = machine("""
        accepts go
        initial state A { on go -> END }
        final state END
    """)
    tried: list[str] = []

    class Mine(module.M):  # type: ignore[misc,name-defined]
        def do_A_go(self) -> None:
            with pytest.raises(TypeError, match="in the middle of a step"):
                pickle.dumps(self)
            tried.append(self.state)

    Mine().go()
    assert tried == ["A"]


@pytest.mark.asyncio
async def test_who_has_a_connection_stays_where_it_is() -> None:
    one = shipped("smtp").Server("mx")
    aio.Protocol(one)
    with pytest.raises(TypeError, match="it is on a connection of a main loop"):
        pickle.dumps(one)
