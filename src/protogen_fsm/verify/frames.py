"""What a frame is to its receiver: the messages that one printed message may be read as.

Text patterns are compared as what they match, character by character: a printed pattern, with the
values that are known written out, against each pattern that the receiver's state takes.
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from protogen_fsm.model.letters import letters
from protogen_fsm.model.messages import Binary, Group, Message, Repeat, Skipped, Slot, Text, Words
from protogen_fsm.model.shapes import alike
from protogen_fsm.model.types import BYTES, STR, ListOf, Range, is_int
from protogen_fsm.verify.values import ANY, DOT, LINE, Between, Printed, bounds, typed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.model.messages import Part

_DIGITS = frozenset(string.digits)
_ALL = None  # any character at all


@dataclass(slots=True)
class _Net:
    """A pattern as steps between places, from 0 to `end`.

    A step takes one of `chars` (None: any character at all), is part of the field `slot`, and
    leads to a place; an empty step takes nothing.
    """

    steps: list[list[tuple[frozenset[str] | None, int, int]]] = field(default_factory=lambda: [[]])
    empty: list[list[int]] = field(default_factory=lambda: [[]])

    @property
    def end(self) -> int:
        return len(self.steps) - 1

    def add(self) -> int:
        self.steps.append([])
        self.empty.append([])
        return self.end

    def literal(self, text: str, ignore_case: bool, slot: int = -1) -> None:
        for char in text:
            here = self.end
            chars = frozenset((char.lower(), char.upper())) if ignore_case else frozenset(char)
            there = self.add()
            self.steps[here].append((chars, slot, there))

    def many(self, chars: frozenset[str] | None, least: int, slot: int = -1) -> None:
        if least:
            here = self.end
            there = self.add()
            self.steps[here].append((chars, slot, there))
        here = self.end
        self.steps[here].append((chars, slot, here))
        self.empty[here].append(self.add())

    def parts(self, parts: Iterable[Part], message: Message, args: tuple[Any, ...] | None) -> None:
        for part in parts:
            if isinstance(part, Words):
                self.literal(part.text, part.ignore_case and args is None)
            elif isinstance(part, Slot):
                self._slot(part, message, args)
            elif isinstance(part, Group | Repeat):
                here = self.end
                self.parts(part.parts, message, args)
                if isinstance(part, Repeat):
                    self.empty[self.end].append(here)
                there = self.add()
                self.empty[there - 1].append(there)
                self.empty[here].append(there)
            elif args is None:
                assert isinstance(part, Skipped)
                self.many(_ALL, 0)

    def _slot(self, part: Slot, message: Message, args: tuple[Any, ...] | None) -> None:
        at = next((i for i, p in enumerate(message.params) if p is part.param), -1)
        value = args[at] if args is not None and at >= 0 else ANY
        if isinstance(value, int | str) and not isinstance(value, bool):
            self.literal(str(value), False, at)
        elif part.regex is not None:
            self.many(_ALL, 0, at)
        elif is_int(part.param.type):
            self._digits(part.param.type, at)
        else:
            self.many(_ALL, 0, at)

    def _digits(self, type_: Any, slot: int) -> None:
        low, high = (type_.low, type_.high) if isinstance(type_, Range) else (-1, None)
        if low < 0:
            here = self.end
            there = self.add()
            self.steps[here].append((frozenset("-"), slot, there))
            self.empty[here].append(there)
        if high is None:
            self.many(_DIGITS, 1, slot)
            return
        for at in range(len(str(high))):
            here = self.end
            there = self.add()
            self.steps[here].append((_DIGITS, slot, there))
            if at >= len(str(max(low, 0))):
                self.empty[here].append(there)

    def closure(self, place: int) -> frozenset[int]:
        found, todo = {place}, [place]
        while todo:
            for other in self.empty[todo.pop()]:
                if other not in found:
                    found.add(other)
                    todo.append(other)
        return frozenset(found)


def _net(message: Message, args: tuple[Any, ...] | None) -> _Net:
    net = _Net()
    assert isinstance(message.pattern, Text)
    net.parts(message.pattern.parts, message, args)
    return net


def _overlap(left: frozenset[str] | None, right: frozenset[str] | None) -> bool:
    return left is None or right is None or bool(left & right)


def _readings(sent: Printed, taken: Message) -> set[tuple[Any, ...]]:
    """The values of the fields that a frame may be read as; none if it cannot be."""
    ours, theirs = _net(sent.message, sent.args), _net(taken, None)
    kept = {i for i, p in enumerate(taken.params) if is_int(p.type)}
    first = (0, 0, ("",) * len(taken.params))
    seen: set[tuple[int, int, tuple[Any, ...]]] = {first}
    todo = [first]
    found: set[tuple[Any, ...]] = set()
    while todo:
        at, to, read = todo.pop()
        places, others = ours.closure(at), theirs.closure(to)
        if ours.end in places and theirs.end in others:
            found.add(read)
        for place in places:
            for chars, slot, then in ours.steps[place]:
                for other in others:
                    for wanted, into, after in theirs.steps[other]:
                        if not _overlap(chars, wanted):
                            continue
                        now = read
                        if into in kept:
                            known = chars is not None and len(chars) == 1 and len(read[into]) < 20
                            text = read[into]
                            more = text + next(iter(chars or "")) if known and text != "?" else "?"
                            number = _number_of(sent, slot)
                            if number is not None and text in ("", number):
                                more = number
                            now = (*read[:into], more, *read[into + 1 :])
                        state = (then, after, now)
                        if state not in seen and len(seen) < 20000:
                            seen.add(state)
                            todo.append(state)
    return {tuple(map(_field, read, taken.params)) for read in found}


def _number_of(sent: Printed, slot: int) -> str | None:
    """A bounded number among what is printed, as it is carried over."""
    if slot >= 0 and isinstance(sent.args[slot], Between):
        low, high = bounds(sent.args[slot])
        if low is not None and high is not None:
            return f"{low}..{high}"
    return None


def _field(text: str, param: Any) -> Any:
    if not is_int(param.type) or text in ("", "?"):
        return typed(ANY, param.type)
    if ".." in text:
        low, _, high = text.partition("..")
        return typed(Between(int(low), int(high)), param.type)
    try:
        return int(text)
    except ValueError:
        return typed(ANY, param.type)


def _always(sent: Printed, taken: Iterable[Message]) -> bool:
    """Whether each way of printing the frame is read by one of these patterns."""
    ours = _net(sent.message, sent.args)
    theirs = [_net(message, None) for message in taken]
    characters = {
        c for net in (ours, *theirs) for row in net.steps for s in row for c in s[0] or ()
    }
    alphabet = [*sorted(characters), None]

    def after(net: _Net, places: frozenset[int], char: str | None) -> frozenset[int]:
        found: set[int] = set()
        for place in places:
            for chars, _, then in net.steps[place]:
                if chars is None or (char is not None and char in chars):
                    found |= net.closure(then)
        return frozenset(found)

    start = (ours.closure(0), tuple(net.closure(0) for net in theirs))
    seen, todo = {start}, [start]
    while todo:
        mine, others = todo.pop()
        ended = any(net.end in p for net, p in zip(theirs, others, strict=True))
        if ours.end in mine and not ended:
            return False
        for char in alphabet:
            onwards = after(ours, mine, char)
            if onwards:
                reached = tuple(after(n, p, char) for n, p in zip(theirs, others, strict=True))
                state = (onwards, reached)
                if state not in seen:
                    if len(seen) > 5000:
                        return False
                    seen.add(state)
                    todo.append(state)
    return True


def _constant(message: Message) -> Any:
    """What a binary message begins with, if that is a constant."""
    if isinstance(message.pattern, Binary) and message.pattern.cells:
        cell = message.pattern.cells[0]
        if cell.constant is not None:
            value = getattr(cell.constant, "value", None)
            return cell.layout.kind, getattr(cell.layout.size, "value", None), value
    return None


def _apart(left: Message, right: Message) -> bool:
    """Whether two binary messages begin with different constants of one layout."""
    one, other = _constant(left), _constant(right)
    return one is not None and other is not None and one[:2] == other[:2] and one[2] != other[2]


@lru_cache(maxsize=4096)
def decode(frame: Any, taken: tuple[Message, ...]) -> tuple[tuple[Message | None, Any], ...]:
    """What a frame may be read as: a message of `taken` with its values, None for malformed."""
    if not isinstance(frame, Printed):
        return _of_unknown(frame, taken)
    found: dict[tuple[Message | None, Any], None] = {}
    sent = frame.message
    before: list[Message] = []
    for message in taken:
        if alike(message, sent):
            found[message, _as_read(frame)] = None
            return tuple(found)
        if isinstance(sent.pattern, Text) and isinstance(message.pattern, Text):
            readings = _readings(frame, message)
            for read in readings:
                found[message, tuple(read)] = None
            if readings:
                before.append(message)
                if _always(frame, before):
                    return tuple(found)
        elif not _apart(sent, message):
            found[message, tuple(typed(ANY, p.type) for p in message.params)] = None
    found[None, ()] = None
    return tuple(found)


def _as_read(frame: Printed) -> tuple[Any, ...]:
    """The values of a message that is read as it was printed."""
    return tuple(
        typed(value, param.type)
        for value, param in zip(frame.args, frame.message.params, strict=True)
    )


def _of_unknown(frame: Any, taken: tuple[Message, ...]) -> tuple[tuple[Message | None, Any], ...]:
    some = [m for m in taken if not (frame is LINE and _is_dot(m))]
    if frame is DOT:
        dots = [m for m in taken if _is_dot(m)]
        some = [m for m in taken if m not in dots]
        if dots and taken[0] is dots[0]:
            return ((dots[0], ()),)
        some += dots[:1]
    read = [(m, tuple(_unknown(p.type) for p in m.params)) for m in some]
    return (*read, (None, ()))


def _unknown(type_: Any) -> Any:
    return Between(type_.low, type_.high) if isinstance(type_, Range) else typed(ANY, type_)


def may_be_too_long(frame: Any) -> bool:
    """Whether a frame holds texts that may be of any length."""
    if not isinstance(frame, Printed):
        return True
    return any(
        (value is ANY and param.type in (STR, BYTES)) or isinstance(param.type, ListOf)
        for value, param in zip(frame.args, frame.message.params, strict=True)
    )


def may_hold(frame: Printed, char: str) -> bool:
    """Whether a character may stand in what a message is printed into."""
    pattern = frame.message.pattern
    return not isinstance(pattern, Text) or any(
        _may_hold(part, frame, char) for part in pattern.parts
    )


def _may_hold(part: Part, frame: Printed, char: str) -> bool:
    if isinstance(part, Words):
        return char.lower() in part.text.lower()
    if isinstance(part, Group | Repeat):
        return any(_may_hold(one, frame, char) for one in part.parts)
    if isinstance(part, Skipped):
        return False  # it is never printed
    if is_int(part.param.type):
        return char in string.digits + "-"
    return part.regex is None or ord(char) in letters(part.regex.encode()).every


def _is_dot(message: Message) -> bool:
    """Whether the message is a line with a dot and nothing else, which ends a body."""
    parts = message.pattern.parts if isinstance(message.pattern, Text) else ()
    return all(isinstance(p, Words) for p in parts) and (
        "".join(p.text for p in parts if isinstance(p, Words)) == "."
    )
