"""Fuzzing: the compiler with texts that are nearly specs, the machines of `specs/` with bad input.

    python tests/fuzz.py --compiler 1000000 --machines 1000000 [--seed 1] [--keep]

tries so many texts, and so many chunks or datagrams with each machine. A text is one of
tests/corpus/, with some mistakes; one that is answered in words not heard before is mutated in its
turn (`--keep` adds to the corpus what has a code that it has not). What is looked for: a traceback,
a text that takes long, memory that grows, a module that is no Python, a machine that moves where no
row leads.
"""

from __future__ import annotations

import argparse
import ast
import gc
import json
import os
import random
import re
import sys
import time
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mutations
from generated import ROOT
from protogen_fsm import pipeline
from protogen_fsm.backends.backend import find
from protogen_fsm.diagnostics import SpecError
from protogen_fsm.diagnostics.render import render
from protogen_fsm.model.machine import Goto, History, Pop, Push
from protogen_fsm.runtime.core import RemoteProtocolError
from protogen_fsm.runtime.observing import Happening, observe
from protogen_fsm.source import Source
from timing import cpu_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mutations import Trial

CORPUS = ROOT / "tests" / "corpus" / "compiler.jsonl"
LONGEST = 250
SLOWEST = 2.0  # seconds of CPU for one text
GROWTH = 48 * 1024 * 1024  # octets that a campaign may add, once it is warm


class Found(AssertionError):
    """Something that fuzzing found."""


def resident() -> int:
    """The memory that the process holds, in octets; 0 where it cannot be told."""
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGESIZE")


class Room:
    """Whether memory grows: what is held at the end, beside what was held after a third."""

    def __init__(self, count: int) -> None:
        self.third, self.warm = max(1, count // 3), 0

    def seen(self, done: int) -> None:
        """Tells how many are done."""
        if done == self.third:
            gc.collect()
            self.warm = resident()

    def grown(self) -> int:
        """Octets that came since; Found if they are many."""
        gc.collect()
        grown = resident() - self.warm
        if grown > GROWTH:
            raise Found(f"memory grew by {grown} octets")
        return grown


# ---------------------------------------------------------------- the compiler


def corpus() -> list[str]:
    """The texts that are kept, one a line of JSON."""
    return [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]


NAMES = re.compile(r"`[^`]*`|[0-9]+")
WORD = re.compile(r'[ir]?"[^"\n]*"|\w+|[-=<>+]{2}|\S')
HOSTILE = (
    *('"', '"""', "\\", '"\\', "'''", "\r", "\x85", "\u2028", "\0", "\ufeff", "\u202e", "\ud7ff"),
    *("9" * 40, "-1", "0x", "99999999h", "1e999", "0..99999999999999999999", "5..1"),
    *("(" * 200, "[" * 200, "{" * 60, ")" * 9, "not " * 200, "-" * 300, "x." * 100),
    *('r"(a+)+b"', 'r"(?:a{1000}){1000}"', 'r"(?P<n>x)(?P=n)"', 'r"["', 'r"[[a]&&b]"', 'r"(?i)a"'),
    *('r"(?<=a*)b"', 'r"\\Z(?!)"', 'r"' + "(" * 150 + ")" * 150 + '"', '"\\ud800"', '"\\x00"'),
    *("__import__", "__class__", "self", "class", "None", "lambda", "\u00aa", "\ufb01"),
    *("limit 99999999999", "depth 999999999", "/", "|", "->", "push", "pop", "then", "history"),
)


def words(text: str) -> list[tuple[int, int]]:
    """Where the words of a text begin and end."""
    return [one.span() for one in WORD.finditer(text)]


def sort(letter: str) -> str:
    """Of what kind a word is that begins so."""
    if letter.isdecimal():
        return "number"
    return "name" if letter.isalpha() or letter == "_" else letter if letter == '"' else "sign"


def spoilt(text: str, pool: Sequence[str], chance: random.Random) -> str:
    """The text with one to three mistakes."""
    for _ in range(chance.choice([1, 1, 1, 2])):
        places = words(text)
        if not places:
            return chance.choice(HOSTILE)
        start, end = chance.choice(places)
        kind = chance.randrange(16)
        if kind == 0:  # a word left out
            text = text[:start] + text[end:]
        elif kind == 1:  # a word twice
            text = f"{text[:end]} {text[start:end]}{text[end:]}"
        elif kind == 2:  # what is hostile for a word
            text = text[:start] + chance.choice(HOSTILE) + text[end:]
        elif kind == 3:  # or beside it
            text = f"{text[:end]} {chance.choice(HOSTILE)} {text[end:]}"
        elif kind == 4:  # any letter
            at = chance.randrange(start, end)
            letter = chr(chance.choice([chance.randrange(128), chance.randrange(0xD800)]))
            text = text[:at] + letter + text[at + chance.randrange(2) :]
        elif kind == 5:  # a stretch left out, or said again elsewhere
            other = chance.choice(places)
            low, high = min(start, other[0]), max(end, other[1])
            stretch = text[low:high][:200] if chance.random() < 0.5 else ""
            text = text[:low] + stretch + text[high:]
        elif kind == 6:  # a stretch of another text
            other_text = chance.choice(pool)
            theirs = words(other_text)
            if theirs:
                first = chance.randrange(len(theirs))
                last = min(len(theirs), first + chance.randint(1, 25)) - 1
                text = (
                    text[:end] + " " + other_text[theirs[first][0] : theirs[last][1]] + text[end:]
                )
        else:  # for a word another of its kind, of this text or of another
            other_text = text if chance.random() < 0.5 else chance.choice(pool)
            theirs = words(other_text)
            alike = [(a, b) for a, b in theirs if sort(other_text[a]) == sort(text[start])]
            if alike:
                low, high = chance.choice(alike)
                text = text[:start] + other_text[low:high] + text[end:]
    return text


def said(text: str, *, builds: bool) -> str:
    """In what words a text is answered, names and numbers left out; Found if it is not."""
    source = Source("fuzz.proto", text)
    begun = time.perf_counter()
    try:
        found = pipeline.check(source)
        if builds and not any(one.severity == "error" for one in found):
            try:
                (file,) = pipeline.build(source, find("python"))
                ast.parse(file.text)
            except SpecError as refused:
                found = refused.diagnostics
        if builds:
            render("text", found)
    except Exception as error:
        raise Found(f"{type(error).__name__}: {error}\n{text!r}") from error
    if time.perf_counter() - begun > SLOWEST:  # perhaps but the machine's
        spent = cpu_seconds(lambda: pipeline.check(source))
        if spent > SLOWEST:
            raise Found(f"{spent:.1f} s of CPU\n{text!r}")
    words_of = {f"{one.code} {re.sub(NAMES, '_', one.title)}" for one in found}
    return "\n".join(sorted(words_of))


def compiler(count: int, seed: int = 1, *, keep: bool = False) -> int:
    """Tries so many texts; octets by which memory grew."""
    chance = random.Random(seed)
    pool = corpus()
    heard = {said(text, builds=True) for text in pool}
    codes = {line[:5] for answer in heard for line in answer.splitlines()}
    room = Room(count)
    for done in range(count):
        text = spoilt(chance.choice(pool), pool, chance)
        answer = said(text, builds=chance.random() < 0.05)
        if answer not in heard and len(heard) < 20_000:
            heard.add(answer)
            if len(text) <= LONGEST:
                if len(pool) < 1500:
                    pool.append(text)
                else:
                    pool[chance.randrange(len(pool) // 4, len(pool))] = text
                new = {line[:5] for line in answer.splitlines()} - codes
                if keep and new:
                    codes |= new
                    with CORPUS.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(text) + "\n")
        room.seen(done)
        if done % 10_000 == 9_999:
            print(f"compiler: {done + 1} texts, {len(heard)} answers", file=sys.stderr, flush=True)
    return room.grown()


# ---------------------------------------------------------------- machines


class Table:
    """Where the rows of a machine lead: which moves between its states there are."""

    def __init__(self, model: Any) -> None:
        self.states = {state.name for state in model.every_state()} | {""}
        self.moves: set[tuple[str, str]] = set()
        for state in model.every_state():
            rows = [*state.transitions, *state.timeouts]
            targets = [branch.target for row in rows for branch in row.branches]
            here = {one.name for one in (*state.every(), *state.around())}
            for target in (*targets, state.entry_target):
                self.moves |= {(a, b) for a in here for b in self.led(target)}

    def led(self, target: Any) -> set[str]:
        """The states in which a machine may be that goes there."""
        if target is None:
            return set()
        if isinstance(target, Pop):
            return self.states
        if isinstance(target, History):
            return {state.name for state in target.state.every()}
        assert isinstance(target, Goto | Push)
        then = self.led(target.then) if isinstance(target, Push) else set()
        return then | {state.name for state in target.state.first().around()}

    def allows(self, old: str, new: str) -> bool:
        """Whether a row leads from one to the other; regions are entered and left as a whole."""
        return new in self.states and (not old or not new or (old, new) in self.moves)


@cache
def table(path: str, name: str) -> Table:
    """That of a machine of a file."""
    text = Path(path).read_text("utf-8")
    return Table(pipeline.understand(Source(path, text)).machines[name])


def table_of(one: Any) -> Table:
    """That of a generated machine: its module is named after its spec."""
    cls = next(c for c in type(one).__mro__ if c.__module__.startswith("made_"))
    file = f"{cls.__module__.split('_')[1]}.proto"
    (path,) = (path for folder in ("specs", "examples") if (path := ROOT / folder / file).exists())
    return table(str(path), cls.__name__)


def watched(one: Any) -> list[str]:
    """Looks at a machine; what is returned fills with the moves that no row makes."""
    wrong: list[str] = []
    allowed = table_of(one)

    def see(it: Happening) -> None:
        if it.machine is one and it.what == "moves" and not allowed.allows(*it.args):
            wrong.append(f"{it.name}: {it.args[0]} -> {it.args[1]}")

    observe(one, see)
    return wrong


def chunks(trial: Trial, chance: random.Random) -> Iterator[bytes]:
    """A spoilt session, as a network may hand it over."""
    if trial.apart:
        yield from mutations.mutated_datagrams(trial, chance)
        return
    data = mutations.mutated(trial, chance)[:20_000]
    sizes = chance.choice([(1, 3), (1, 12), (5, 40), (30, 400)])
    at = 0
    while at < len(data):
        size = chance.randint(*sizes)
        yield data[at : at + size]
        at += size


PAUSES = (0.5, 1.0, 3.0, 61.0, 700.0)  # seconds in which nothing comes


def machine(trial: Trial, count: int, seed: int = 1) -> int:
    """Feeds a machine so many chunks or datagrams, of sessions with mistakes, while time goes by.

    Gives the octets by which memory grew.
    """
    chance = random.Random(seed)
    room = Room(count)
    done = 0
    while done < count:
        heard: list[bytes] = []
        one = trial.make()
        wrong = watched(one) if chance.random() < 0.5 else []
        answers = trial.taken(one)
        one.advance(now := 0.0)
        late = chance.choice([0.0, 0.02, 0.2])
        try:
            for chunk in chunks(trial, chance):
                if one.wire.closing or done >= count:
                    break
                heard.append(chunk)
                try:
                    one.receive_data(chunk)
                except RemoteProtocolError:
                    if not trial.refuses:
                        raise
                    one.close()
                if chance.random() < late:
                    one.advance(now := now + chance.choice(PAUSES))
                answers += trial.taken(one)
                one.events()
                room.seen(done)
                done += 1
            one.receive_lost("gone")
            assert one.state in table_of(one).states, f"{one.state} is no state of the spec"
            assert not wrong, f"no row says so: {wrong}"
            assert trial.whole(answers), f"no whole answers: {answers[-9:]!r}"
            assert one.deadline() is None, "something is due though the connection is gone"
        except Exception as error:
            raise Found(f"{trial}: {type(error).__name__}: {error}\n{heard!r}") from error
    return room.grown()


def main() -> None:
    """A campaign."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compiler", type=int, default=0, metavar="TEXTS")
    parser.add_argument("--machines", type=int, default=0, metavar="CHUNKS")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="add what was answered newly")
    options = parser.parse_args()
    if options.machines:
        from servers import trials

        for trial in trials():
            begun = time.process_time()
            grown = machine(trial, options.machines, options.seed)
            spent = time.process_time() - begun
            print(f"{trial}: {options.machines} chunks, {spent:.0f} s, {grown // 1024} KiB more",
                  flush=True)  # fmt: skip
    if options.compiler:
        grown = compiler(options.compiler, options.seed, keep=options.keep)
        print(f"compiler: {options.compiler} texts, {grown // 1024} KiB more")


if __name__ == "__main__":
    warnings.simplefilter("error")
    main()
