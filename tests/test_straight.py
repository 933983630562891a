"""Straight runs: a layer that reads on in one loop is the same layer, frame by frame."""

from __future__ import annotations

import itertools
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generated import ROOT, made, module_text, told

LAYER = """protocol Layer
message Size(n: 0..99)            = "#" n
message Bare(n: int)              = n ";"
message Text(value: bytes)        = "=" value
message Held(value: bytes)        = "<" value ">"
message Tail(value: bytes)        = value "!"

machine Layer(most: int = 40) over bytes {
    receives Size, Bare, Text, Held, Tail, data
    accepts  rest(n: int)
    emits    text(value: bytes), held(value: bytes, sum: int), raw(octets: bytes),
             malformed(data: bytes, reason: str)

    var sum: int = 0

    on malformed(data, reason)    -> LOST / emit malformed(data, reason)
    on rest(n) when n > 0         -> RAW(n)

    initial state LINE reads line(max: 20) receives Text, Size, Bare {
        on Text(value)                    / emit text(value)
        on Size(n) when n <= most -> HELD(n)  / sum += n
        on Size                   -> LOST / emit malformed("", "too long")
        on Bare(n)                -> UNTIL / sum = n
    }
    state HELD(n: int) reads bytes(n + 2) receives Held {
        on Held(value)            -> UNTIL / emit held(value, sum)
    }
    state UNTIL reads until("..", 12) receives Tail {
        on Tail(value) when size(value) > 2 -> LINE / emit text(value)
        on Tail                   -> RAW(3)
    }
    state RAW(left: int) reads bytes(left) receives data {
        on data(octets)           -> LINE / emit raw(octets)
    }
    state LOST reads chunk receives data {
        on data
    }
}
"""
TOP = """protocol Top
use Layer from "layer.proto"
machine Top over Layer {
    receives text, held, raw
    sends    rest
    initial state OPEN {
        ignore text, held, raw, malformed
    }
}
"""


@cache
def layer() -> Any:
    with TemporaryDirectory() as folder:
        (Path(folder) / "layer.proto").write_text(LAYER, encoding="utf-8")
        return made(TOP, str(Path(folder) / "top.proto")).Layer


def commands() -> Any:
    path = ROOT / "specs" / "resp.proto"
    return made(path.read_text("utf-8"), str(path)).Commands


@cache
def frame_by_frame(cls: Any) -> Any:
    """The class without its run."""
    return type(cls.__name__, (cls,), {"__slots__": (), "_rows": (), "_runs": False})


class Above:
    """Keeps what it is told; now and then it has the layer stop, go on elsewhere, or close."""

    def __init__(self, layer: Any, deeds: dict[int, str]) -> None:
        self.layer, self.deeds = layer, deeds
        self.found: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        def take(*args: object) -> None:
            self.found.append((name, *args))
            deed = self.deeds.get(len(self.found))
            if deed == "pause":
                self.layer.pause()
            elif deed == "rest" and hasattr(self.layer, "rest"):
                self.layer.rest(2)
            elif deed == "close":
                self.layer.close()
            elif deed == "fail":
                raise OSError(name)

        return take


def run(cls: Any, chunks: list[bytes], deeds: dict[int, str]) -> Any:
    """All that can be seen of a layer: what it told, where it is, what it holds, how it failed."""
    one = cls()
    above = one.above = Above(one, deeds)
    failed = 0
    steps = [*(partial(one.receive_data, chunk) for chunk in chunks), one.receive_eof]
    while steps:
        step = one.resume if one._paused else steps.pop(0)
        try:
            step()
        except OSError:
            failed += 1
    generated = next(base for base in cls.__mro__ if "_paths" in vars(base))
    held = {
        slot: getattr(one, slot)
        for slot in generated.__slots__
        if not slot.startswith("_") or slot.startswith(f"_{one.state}_")
    }
    return above.found, one.state, failed, one._reads, one._at, one._queue, held


def cut(data: bytes, places: set[int]) -> list[bytes]:
    ends = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(ends)]


def bulk(*words: bytes) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in words)


PIECES = {
    "commands": [
        bulk(b"GET", b"k"),
        bulk(b"SET", b"k", b"v" * 30),
        bulk(b""),
        bulk(b"a\r\nb", b"\r\n"),
        b"PING\r\n",
        *(b"*%b\r\n" % n for n in (b"0", b"-1", b"1048577", b"01", b"1 ", b"\xb2", b"", b"2")),
        *(b"$%b\r\n" % n for n in (b"0", b"-1", b"999999999", b"99999999", b"3")),
        *(b"\r\n", b"*", b"$", b"3", b"\r", b"\n", b"abc\r\n", b"\xff", b"+"),
    ],
    "layer": [
        *(b"#3\r\n<abc>a!..", b"#4\r\n<ab\r\n>..", b"#0\r\n<>", b"#40\r\n", b"#41\r\n", b"#\r\n"),
        *(
            b"=text\r\n",
            b"=\r\n",
            b"=a\rb\r\n",
            b"=" + b"x" * 17 + b"\r\n",
            b"=" + b"x" * 18 + b"\r\n",
        ),
        *(b"7;\r\n", b"-7;\r\n", b"99999999999999999999;\r\n"),
        *(b"text!..", b"!..", b"..", b"x" * 11 + b"!..", b"x" * 12 + b"!..", b"xyz"),
        *(b".", b"\r\n", b"\r", b"<", b">", b"#"),
    ],
}


@pytest.mark.parametrize("which", ["commands", "layer"])
@settings(deadline=None, max_examples=400)
@given(data=st.data())
def test_a_run_is_the_same_as_one_frame_after_the_other(which: str, data: st.DataObject) -> None:
    cls = {"commands": commands, "layer": layer}[which]()
    stream = b"".join(data.draw(st.lists(st.sampled_from(PIECES[which]), max_size=20)))
    chunks = cut(stream, data.draw(st.sets(st.integers(0, 400), max_size=3)))
    wishes = st.sampled_from(["pause", "rest", "close", "fail"])
    deeds = data.draw(st.dictionaries(st.integers(1, 8), wishes, max_size=2))
    assert run(cls, chunks, deeds) == run(frame_by_frame(cls), chunks, deeds)


def test_runs_are_made_where_one_frame_says_how_the_next_is_read() -> None:
    assert "_run" in vars(commands())
    assert "_run" in vars(layer())
    for name in ("smtp", "pop3"):  # lines, one like the other, are cut faster all at once
        path = ROOT / "specs" / f"{name}.proto"
        assert "def _run(" not in module_text(path.read_text("utf-8"), str(path))


def test_a_run_takes_what_comes_whole() -> None:
    seen: list[bytes] = []
    members = {"__slots__": (), "_rows": (), "data": lambda _, frame: seen.append(frame)}
    seer = type("Seer", (commands(),), members)()
    seer.receive_data(bulk(b"GET", b"k") * 3)
    assert told(seer) == [("command", [b"GET", b"k"])] * 3
    assert not seen
