"""Bad input for a machine: good sessions, of bytes or datagrams, with something wrong in them.

Whatever comes, what is said are whole answers, nothing is raised, the end of the stream is the end
of the connection, little is kept, and time is linear in what came.
"""

from __future__ import annotations

import itertools
import re
import tracemalloc
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generated import told
from protogen_fsm.runtime.core import RemoteProtocolError
from timing import cpu_seconds

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Sequence

MiB = 1024 * 1024
IN_PIECES = re.compile("piece|body|chunk")


@dataclass(frozen=True)
class Trial:
    """A machine to be tried.

    `make` gives a new one whose connection is open. `sessions` are what a good peer says, message
    by message; `words` what may stand anywhere; `floods` what may come without an end, each behind
    what opens the way for it. `answers` matches all that the machine may say, as a whole. If it
    `refuses`, its spec says `otherwise error`: RemoteProtocolError for what is not allowed.
    """

    name: str
    make: Callable[[], Any]
    sessions: tuple[tuple[bytes, ...], ...]
    answers: Callable[[bytes], bool]
    words: tuple[bytes, ...] = ()
    floods: tuple[tuple[bytes, bytes], ...] = ()
    most: int = MiB  # bytes kept of a flood
    refuses: bool = False
    apart: bool = False  # it stands on datagrams: each message is one, and no end is heard

    def __str__(self) -> str:
        return self.name

    def taken(self, one: Any) -> list[bytes]:
        """What is to be sent now."""
        return one.datagrams_to_send() if self.apart else [one.data_to_send()]

    def whole(self, said: list[bytes]) -> bool:
        """Whether all that was said is whole answers; one by one, where they are datagrams."""
        return all(map(self.answers, said)) if self.apart else self.answers(b"".join(said))

    def messages(self) -> list[bytes]:
        """Each message of the sessions once."""
        return list(dict.fromkeys(itertools.chain(*self.sessions)))


@dataclass
class Heard:
    """What became of it: what was said, what was told."""

    said: bytes
    told: list[tuple[Any, ...]]


def matching(pattern: bytes) -> Callable[[bytes], bool]:
    """Whether all that was said is answers of this pattern."""
    compiled = re.compile(rb"(?:%s)*+" % pattern, re.DOTALL)
    return lambda said: compiled.fullmatch(said) is not None


# ---------------------------------------------------------------- one run


def run(trial: Trial, chunks: Sequence[bytes], *, lost: bool = False) -> Heard:
    """Says all of it, then ends the stream, or loses the connection; and sees that all is well."""
    one = trial.make()
    said = trial.taken(one)
    events: list[tuple[Any, ...]] = told(one)
    for chunk in chunks:
        if one.wire.closing:
            break
        try:
            one.receive_data(chunk)
        except RemoteProtocolError:
            assert trial.refuses
            one.close()  # as whoever runs it does
        said += trial.taken(one)
        events += told(one)
    if not lost and not trial.apart:
        one.receive_eof()
        said += trial.taken(one)
        events += told(one)
        assert one.wire.closing, "the end of the stream is not the end of the connection"
    one.receive_lost("gone")
    assert trial.whole(said), f"no whole answers: {said[-9:]!r}"
    assert not one._calls, f"{one._calls[0].name} waits for ever"
    assert one.deadline() is None, "something is due though the connection is gone"
    for name in getattr(one, "_many", ()):
        assert not getattr(one, name), f"{name} outlive the connection"
    return Heard(b"".join(said), joined(events))


def joined(events: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Events with the pieces that follow each other as one: how they are cut is the network's."""
    found: list[tuple[Any, ...]] = []
    for name, *args in events:
        alike = found and found[-1][0] == name and len(args) == len(found[-1]) - 1
        if alike and args and IN_PIECES.search(name) and isinstance(args[0], str | bytes):
            found[-1] = (name, found[-1][1] + args[0], *args[1:])
        else:
            found.append((name, *args))
    return found


# ---------------------------------------------------------------- something wrong


def mutated(trial: Trial, chance: random.Random) -> bytes:
    """A good session with one to five mistakes in it."""
    messages = list(chance.choice(trial.sessions))
    if chance.random() < 0.3:
        messages = _shuffled(messages, trial.messages(), chance)
    said = bytearray(b"".join(messages))
    begin = 0 if chance.random() < 0.3 else min(len(messages[0]), len(said))  # its first may matter
    for _ in range(chance.randint(1, 5)):
        _spoil(said, chance.randint(min(begin, len(said)), len(said)), trial, chance)
    return bytes(said)


def mutated_datagrams(trial: Trial, chance: random.Random) -> list[bytes]:
    """A good session that a network lost, doubled and shuffled, with mistakes in some of it."""
    found = list(chance.choice(trial.sessions))
    if chance.random() < 0.6:
        found = _shuffled(found, trial.messages(), chance)
    for _ in range(chance.choice([0, 1, 1, 2, 5])):
        at = min(chance.randrange(len(found) + 1), len(found) - 1)
        said = bytearray(found[at])
        _spoil(said, chance.randint(0, len(said)), trial, chance)
        found[at] = bytes(said)
    return found


def _shuffled(messages: list[bytes], every: list[bytes], chance: random.Random) -> list[bytes]:
    """Messages left out, said twice, said too early, or where they make no sense."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(1, len(messages) + 1)
        kind = chance.randrange(3)
        if kind == 0 and at < len(messages):
            del messages[at]
        elif kind == 1 and at < len(messages):
            messages.insert(at, messages.pop())
        else:
            messages.insert(at, chance.choice(every))
    return messages


NUMBERS = (b"-1", b"0", b"00", b"+1", b"9" * 20, b"2147483648", b"65536", b"1e3", b"0x1", b"")
SIGNS = (
    b"\r",
    b"\n",
    b"\r\n",
    b"\0",
    b" ",
    b"\t",
    b":",
    b",",
    b"\xff",
    b"\xc3",
    b".",
    b"\r\n.\r\n",
)


def _spoil(said: bytearray, at: int, trial: Trial, chance: random.Random) -> None:
    kind = chance.randrange(8)
    if kind == 0 and at < len(said):
        said[at] = chance.randrange(256)
    elif kind == 1 and at < len(said):
        said[at] ^= 1 << chance.randrange(8)
    elif kind == 2:
        del said[at : at + chance.randint(1, 9)]
    elif kind == 3:
        said[at:at] = chance.randbytes(chance.randint(1, 20))
    elif kind == 4:
        said[at:at] = chance.choice(SIGNS + trial.words)
    elif kind == 5:  # what lies between two places, once more
        end = chance.randint(0, len(said))
        said[at:at] = said[min(at, end) : max(at, end)][:200]
    elif kind == 6:  # a number that lies
        found = list(re.finditer(rb"[0-9]+", said))
        if found:
            number = chance.choice(found)
            said[number.start() : number.end()] = chance.choice(NUMBERS)
    else:
        said[at:at] = bytes([chance.choice(b"9aX \0\xff")]) * chance.choice([5, 300, 3000])


def cut(data: bytes, chance: random.Random) -> list[bytes]:
    """Bytes as a network may hand them over."""
    places = sorted({0, len(data), *(chance.randint(0, len(data)) for _ in range(3))})
    return [data[a:b] for a, b in itertools.pairwise(places)]


def mistakes(trial: Trial, count: int, chance: random.Random) -> Iterator[bytes]:
    """Tries so many of them."""
    for _ in range(count):
        if trial.apart:
            said = mutated_datagrams(trial, chance)
        else:
            said = cut(mutated(trial, chance), chance)
        try:
            run(trial, said, lost=chance.random() < 0.1)
        except Exception as error:
            error.add_note(f"{trial}: {said!r}")
            raise
        yield b"".join(said)


# ---------------------------------------------------------------- room and time


def kept(trial: Trial, before: bytes, flood: bytes, count: int) -> int:
    """The most bytes in use while a flood comes in, of which the application keeps nothing."""
    one = trial.make()
    one.receive_data(before)
    trial.taken(one)
    told(one)
    tracemalloc.start()
    try:
        for _ in range(count):
            if one.wire.closing:
                break
            one.receive_data(flood)
            trial.taken(one)
            told(one)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def seconds(trial: Trial, before: bytes, data: bytes) -> float:
    """The time that a flood takes that comes byte by byte."""
    one = trial.make()
    one.receive_data(before)
    octets = [data[at : at + 1] for at in range(len(data))]

    def feed() -> None:
        for octet in octets:
            one.receive_data(octet)

    spent = cpu_seconds(feed)
    one.data_to_send()
    return spent
