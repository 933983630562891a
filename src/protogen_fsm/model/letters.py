"""The bytes that what a regular expression matches may hold, begin and end with.

From them follows where a field ends, without any matching: before the first byte of the literal
behind it, if the field can hold no such byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from re import _constants as op
from re import _parser
from typing import Any

EVERY = frozenset(range(256))
_CATEGORIES = {"DIGIT": rb"\d", "SPACE": rb"\s", "WORD": rb"\w"}


@dataclass(frozen=True, slots=True)
class Letters:
    """Of all that is matched: which bytes stand in it, first and last in it; may it be empty?

    Each may be more than there are, and never fewer.
    """

    every: frozenset[int]
    first: frozenset[int]
    last: frozenset[int]
    empty: bool


_NOTHING = Letters(frozenset(), frozenset(), frozenset(), empty=True)
_ANYTHING = Letters(EVERY, EVERY, EVERY, empty=True)


def letters(regex: bytes) -> Letters:
    """What may stand in a match of the regular expression, in which a dot is any byte."""
    parsed = _parser.parse(regex, re.DOTALL)
    return _ANYTHING if parsed.state.flags & re.IGNORECASE else _sequence(parsed)


def any_number_of(regex: bytes) -> frozenset[int] | None:
    """The bytes of which the regular expression takes as many as there are; None if it is other."""
    parsed = list(_parser.parse(regex, re.DOTALL))
    if len(parsed) != 1 or parsed[0][0] not in (op.MAX_REPEAT, op.POSSESSIVE_REPEAT):
        return None
    least, most, inner = parsed[0][1]
    if least or most is not op.MAXREPEAT or len(inner) != 1:
        return None
    found = letters(regex)
    return found.every if inner[0][0] in (op.LITERAL, op.IN) else None


def _sequence(nodes: Any) -> Letters:
    found = _NOTHING
    for code, args in nodes:
        if code in (op.ASSERT, op.ASSERT_NOT):
            found = _narrowed(found, code, args)
        elif code is not op.AT:
            found = _joined(found, _node(code, args))
    return found


def _node(code: Any, args: Any) -> Letters:
    if code in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN):
        one = _set(code, args)
        return Letters(one, one, one, empty=False)
    if code is op.SUBPATTERN:
        _, added, removed, inner = args
        return _ANYTHING if added or removed else _sequence(inner)
    if code is op.ATOMIC_GROUP:
        return _sequence(args)
    if code is op.BRANCH:
        ways = [_sequence(way) for way in args[1]]
        return Letters(
            frozenset().union(*(way.every for way in ways)),
            frozenset().union(*(way.first for way in ways)),
            frozenset().union(*(way.last for way in ways)),
            any(way.empty for way in ways),
        )
    if code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        least, most, inner = args
        if not most:
            return _NOTHING
        item = _sequence(inner)
        return Letters(item.every, item.first, item.last, item.empty or not least)
    return _ANYTHING  # a reference to a group, or what a later Python has


def _joined(one: Letters, other: Letters) -> Letters:
    return Letters(
        one.every | other.every,
        one.first | other.first if one.empty else one.first,
        one.last | other.last if other.empty else other.last,
        one.empty and other.empty,
    )


def _narrowed(found: Letters, code: Any, args: Any) -> Letters:
    """What a look back at one byte says of the last one."""
    direction, inner = args
    if direction > 0 or found.empty or len(inner) != 1:
        return found
    seen = inner[0]
    if seen[0] not in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN):
        return found
    one = _set(*seen)
    last = found.last & one if code is op.ASSERT else found.last - one
    return Letters(found.every, found.first, last, found.empty)


def _set(code: Any, args: Any) -> frozenset[int]:
    if code is op.ANY:
        return EVERY
    if code is op.LITERAL:
        return frozenset((args,))
    if code is op.NOT_LITERAL:
        return EVERY - {args}
    found: set[int] = set()
    negated = False
    for kind, value in args:
        if kind is op.NEGATE:
            negated = True
        elif kind is op.LITERAL:
            found.add(value)
        elif kind is op.RANGE:
            found.update(range(value[0], value[1] + 1))
        else:
            found |= _category(str(value))
    return EVERY - found if negated else frozenset(found)


def _category(name: str) -> frozenset[int]:
    """`CATEGORY_DIGIT`, `CATEGORY_NOT_SPACE` and the like, as they are of bytes."""
    word = name.removeprefix("CATEGORY_")
    regex = _CATEGORIES.get(word.removeprefix("NOT_"))
    if regex is None:
        return EVERY
    held = frozenset(byte for byte in EVERY if re.fullmatch(regex, bytes((byte,))))
    return EVERY - held if word.startswith("NOT_") else held
