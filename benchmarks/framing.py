"""Cutting streams: `Lines` and `Frames` beside `bytes.split` and Twisted's receivers, and a layer.

    python benchmarks/framing.py [--rounds 25] [--quick]

All contestants take turns in one run and call a method that does nothing for each frame. First of
all each is checked to give the same frames.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measure import build, interleaved, load, machine_facts, ratio, table, verdict

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK = 65_000  # no multiple of a line, so that there is always half a line left over
LINE = b"fourteen bytes\r\n"
FRAME = b"\0\0\0\x10sixteen bytes ok"
LONG = 200_000

PASSING = """protocol Passing
use Lines from "lines.proto"
machine Once over Lines {
    receives line
    emits    once(text: bytes), malformed(data: bytes, reason: str)
    initial state OPEN {
        on line(text)              / emit once(text)
        on malformed(data, reason) / emit malformed(data, reason)
    }
}
machine Twice over Once {
    receives once
    emits    twice(text: bytes), malformed(data: bytes, reason: str)
    initial state OPEN {
        on once(text)              / emit twice(text)
        on malformed(data, reason) / emit malformed(data, reason)
    }
}
"""
TOP = """protocol {name}
use {below} from "{file}"
machine {name} over {below} {{
    receives {event}
    emits    told(text: bytes)
    initial state OPEN {{
        on {event}(text)           / emit told(text)
        on malformed               / close
    }}
}}
"""


class Split:
    """`bytes.split`, a callback for each line, and what is left over kept."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self.rest, self.take = b"", take

    def receive_data(self, data: bytes) -> None:
        *lines, self.rest = (self.rest + data).split(b"\r\n")
        for line in lines:
            self.take(line)


class Taker:
    """What all contestants call."""

    def __init__(self) -> None:
        self.found: list[bytes] = []

    def keep(self, frame: bytes) -> None:
        self.found.append(frame)

    def drop(self, frame: bytes) -> None:
        pass


class Above:
    """What stands on a layer, and takes one of its events."""

    def __init__(self, event: str, take: Callable[[bytes], None]) -> None:
        setattr(self, event, take)


def generated() -> dict[str, Any]:
    """Makers of our layers, as the modules of what stands on them have them."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        (out / "passing.proto").write_text(PASSING, encoding="utf-8")
        tops = {
            "On_lines": ("Lines", "lines.proto", "line"),
            "On_frames": ("Frames", "frames.proto", "frame"),
            "On_twice": ("Twice", "passing.proto", "twice"),
        }
        modules = {}
        for name, (below, file, event) in tops.items():
            text = TOP.format(name=name, below=below, file=file, event=event)
            (out / f"{name.lower()}.proto").write_text(text, encoding="utf-8")
            build(out / f"{name.lower()}.proto", out)
            modules[name] = load(name.lower(), out)

    def maker(cls: Any, event: str, **given: Any) -> Any:
        def make(take: Callable[[bytes], None]) -> Any:
            one = cls(**given)
            one.above = Above(event, take)
            return one

        return make

    passing = modules["On_twice"]
    return {
        "Lines": maker(modules["On_lines"].Lines, "line"),
        "long": maker(modules["On_lines"].Lines, "line", max=2 * LONG),
        "Frames": maker(modules["On_frames"].Frames, "frame"),
        "Frames, varint": maker(modules["On_frames"].Frames, "frame", length="varint"),
        "no machine": maker(passing.Lines, "line"),
        "one machine": maker(passing.Once, "once"),
        "two machines": maker(passing.Twice, "twice"),
    }


def twisted() -> dict[str, Any]:
    """Makers of Twisted's receivers."""
    from twisted.protocols.basic import Int32StringReceiver, LineReceiver

    def line(take: Callable[[bytes], None]) -> Any:
        one = LineReceiver()
        one.lineReceived = take
        one.receive_data = one.dataReceived
        return one

    def string(take: Callable[[bytes], None]) -> Any:
        one = Int32StringReceiver()
        one.stringReceived = take
        one.receive_data = one.dataReceived
        return one

    return {"Twisted LineReceiver": line, "Twisted Int32StringReceiver": string}


def chunks(unit: bytes, total: int) -> list[bytes]:
    data = unit * (total // len(unit))
    return [data[i : i + CHUNK] for i in range(0, len(data), CHUNK)]


def seconds(make: Any, data: list[bytes]) -> float:
    receive = make(Taker().drop).receive_data
    begun = time.perf_counter()
    for chunk in data:
        receive(chunk)
    return time.perf_counter() - begun


def checked(makers: dict[str, Any], data: list[bytes]) -> None:
    """That all give the same frames."""
    found = []
    for make in makers.values():
        taker = Taker()
        one = make(taker.keep)
        for chunk in data:
            one.receive_data(chunk)
        found.append(taker.found)
    assert all(frames == found[0] and frames for frames in found), "they do not agree"


def compared(title: str, makers: dict[str, Any], unit: bytes, total: int, rounds: int) -> Any:
    data = chunks(unit, total)
    count = sum(map(len, data)) // len(unit)
    checked(makers, data[:3])
    taken = interleaved(makers, rounds, lambda name: seconds(makers[name], data))
    rows = [
        [name, f"{statistics.median(times) / count * 1e9:.0f}", f"{ratio(first, times):.2f}"]
        for first in [next(iter(taken.values()))]
        for name, times in taken.items()
    ]
    print(table([title, "ns a frame", "ratio"], rows), end="\n\n")
    return taken, count


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--quick", action="store_true", help="a few rounds of less")
    options = parser.parse_args()
    rounds, total = (5, 400_000) if options.quick else (options.rounds, 2_000_000)
    makers = generated()
    theirs = twisted()
    print(machine_facts(), end="\n\n")

    lines = {"Lines": makers["Lines"], "bytes.split": Split}
    lines["Twisted LineReceiver"] = theirs["Twisted LineReceiver"]
    split, _ = compared("16-byte lines", lines, LINE, total, rounds)
    frames = {name: makers[name] for name in ("Frames",)}
    frames["Twisted Int32StringReceiver"] = theirs["Twisted Int32StringReceiver"]
    ints, _ = compared("16-byte frames behind u32", frames, FRAME, total, rounds)
    layers = {name: makers[name] for name in ("no machine", "one machine", "two machines")}
    passed, count = compared("machines in between", layers, LINE, total, rounds)

    def bytewise(size: int) -> float:
        one = makers["long"](Taker().drop)
        data = [b"x"] * size
        begun = time.perf_counter()
        for byte in data:
            one.receive_data(byte)
        one.receive_data(b"\r\n")
        return time.perf_counter() - begun

    grown = interleaved((LONG // 2, LONG), rounds, bytewise)
    growth = ratio(grown[LONG // 2], grown[LONG])
    print(f"a line of {LONG} bytes, byte by byte: {statistics.median(grown[LONG]):.3f} s\n")

    # The best rounds: on a busy machine the others measure its other work too.
    step = (min(passed["two machines"]) - min(passed["no machine"])) / 2 / count * 1e9

    print(
        verdict(
            "bytes.split takes so much of Lines", ratio(split["Lines"], split["bytes.split"]), 0.85
        )
    )
    print(
        verdict(
            "Twisted's LineReceiver / Lines",
            ratio(split["Lines"], split["Twisted LineReceiver"]),
            5,
        )
    )
    print(
        verdict(
            "Twisted's Int32StringReceiver / Frames",
            ratio(ints["Frames"], ints["Twisted Int32StringReceiver"]),
            2,
        )
    )
    print(verdict("ns for a layer that hands on", step, 60, at_least=False))
    print(verdict("twice as long a line byte by byte takes", growth, 2.3, at_least=False))


if __name__ == "__main__":
    main()
