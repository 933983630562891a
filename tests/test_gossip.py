"""examples/gossip_peer.py: peers that are both servers and clients, the same class on each end."""

from __future__ import annotations

import asyncio
import importlib
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from generated import ROOT, made, module_text, told, understood
from protogen_fsm.runtime.pair import Pair
from protogen_fsm.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SPEC = ROOT / "examples" / "gossip.proto"


def module() -> Any:
    """What the spec is made into."""
    return made(SPEC.read_text("utf-8"), str(SPEC))


@pytest.fixture(scope="module")
def example() -> Iterator[Any]:
    """The module of the example, on the spec beside it."""
    sys.modules["gossip"] = module()
    sys.path.insert(0, str(SPEC.parent))
    try:
        yield importlib.import_module("gossip_peer")
    finally:
        sys.path.remove(str(SPEC.parent))
        del sys.modules["gossip"], sys.modules["gossip_peer"]


def pair(caller: int, called: int) -> Pair:
    """Two peers on one connection, by their numbers."""
    peer = module().Peer
    ends = Pair(peer(caller, f"host:{caller}", True), peer(called, f"host:{called}", False))
    ends.open()
    return ends


# ---------------------------------------------------------------- the protocol


def test_two_calls_that_cross_are_one_connection_whatever_happens() -> None:
    reports = {report.explored.system.name: report for report in verify(understood(SPEC))}
    assert set(reports) == {"Crossing", "Mirror", "Anybody"}
    for report in reports.values():
        assert report.explored.verdict == "proved"
        assert report.explored.complete


@pytest.mark.parametrize("caller", [1, 2, 3])
def test_who_has_the_higher_number_calls_and_who_calls_itself_hears_that(caller: int) -> None:
    ends = pair(caller, 2)
    caller_told, called_told = told(ends.client), told(ends.server)
    if caller == 3:
        assert caller_told == [("joined", 2, "host:2")]
        assert called_told == [("joined", 3, "host:3")]
    else:
        assert caller_told == []
        assert called_told == ([("wanted", 1, "host:1")] if caller == 1 else [])
    states = {3: ("LISTENING", "LISTENING")}
    assert (ends.client.state, ends.server.state) == states.get(caller, ("CLOSED", "CLOSED"))


def test_who_has_nothing_to_say_says_so_and_who_says_nothing_is_gone() -> None:
    ends = pair(2, 1)
    for time in range(0, 200, 20):
        ends.advance(time)
        ends.run()
    assert ends.said[-2:] == [("client", b"ALIVE\r\n"), ("server", b"ALIVE\r\n")]
    alone = ends.client
    told(alone)
    alone.advance(alone.deadline() + 60)
    assert told(alone) == [("left",)]
    assert alone.wire.closing


# ---------------------------------------------------------------- the program


async def until(holds: Any) -> None:
    """Lets the loop go on until something holds."""
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.001)


@pytest.mark.asyncio
async def test_two_nodes_that_call_each_other_at_once_have_one_connection(example: Any) -> None:
    heard: list[tuple[str, str]] = []
    one, two = (example.Node(lambda text, who=who: heard.append((who, text))) for who in "ab")
    one.id, two.id = 1, 2
    for node in (one, two):
        await node.listen("127.0.0.1", 0)
    one.call(two.address)
    two.call(one.address)
    await until(lambda: one.neighbours and two.neighbours and not one._calls)
    assert two.neighbours[1].calls
    assert not one.neighbours[2].calls
    assert (len(one._server.connections), len(two._server.connections)) == (1, 0)
    assert sorted(heard) == [("a", f"* {two.address} is here"), ("b", f"* {one.address} is here")]
    # , f"* {one.address} is here"), ("a", f"* {two.address} is here")]
    heard.clear()
    one.say("from a")
    two.say("from b")
    await until(lambda: len(heard) == 2)
    assert sorted(heard) == [("a", "from b"), ("b", "from a")]
    for node in (one, two):
        await node.end()
    assert not one.neighbours
    assert not two.neighbours


@pytest.mark.asyncio
async def test_who_was_called_back_stays_and_calls_again_when_all_are_gone(example: Any) -> None:
    one, two = example.Node(print), example.Node(print)
    one.id, two.id = 1, 2
    await two.listen("127.0.0.1", 0)
    one.known.add(two.address)
    await one.listen("127.0.0.1", 0)  # and calls, which only asks for a call
    await until(lambda: one.neighbours and two.neighbours)
    assert two.neighbours[1].calls
    await two.end()
    await until(lambda: not one.neighbours)
    again = example.Node(print)
    again.id = 3
    host, port = two.address.split(":")
    await again.listen(host, int(port))
    staying = asyncio.ensure_future(one.stay(0.01))
    await until(lambda: one.neighbours)
    assert list(one.neighbours) == [3]
    staying.cancel()
    for node in (one, again):
        await node.end()


def test_three_processes_tell_each_other_what_is_typed_at_one_of_them(tmp_path: Path) -> None:
    (tmp_path / "gossip.py").write_text(module_text(SPEC.read_text("utf-8"), str(SPEC)), "utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    processes: list[subprocess.Popen[str]] = []

    def start(*known: str) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "examples" / "gossip_peer.py"), "0", *known],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        processes.append(process)
        return process, heard(process).removeprefix("listening on ")

    def heard(process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        return process.stdout.readline().strip()

    def end() -> None:
        for process in processes:
            process.kill()

    patience = threading.Timer(120, end)
    patience.start()
    try:
        middle, address = start()
        port = address.rpartition(":")[2]
        (left, one), (right, two) = start(port), start(port)
        assert heard(left) == heard(right) == f"* {address} is here"
        assert {heard(middle), heard(middle)} == {f"* {one} is here", f"* {two} is here"}
        assert left.stdin is not None
        left.stdin.write("something new\n")
        left.stdin.flush()
        assert heard(middle) == heard(right) == "something new"
    finally:
        patience.cancel()
        end()
        for process in processes:
            process.communicate()
