"""Regular expressions of a spec that take time without measure on a text that somebody made."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from protogen_fsm.checks import parts
from protogen_fsm.checks.backtracking import slow
from protogen_fsm.checks.patterns import DIGITS, first_letters
from protogen_fsm.checks.regexes import ENDLESS, OCTETS, TEXT, Builder, NotRead, inner
from protogen_fsm.checks.tell import tell
from protogen_fsm.model.expressions import Function, Value, walk
from protogen_fsm.model.messages import Group, Repeat, Skipped, Slot, Text, Words
from protogen_fsm.model.types import BYTES, FLOAT, INT, STR, Basic, Enum, Optional, Range
from protogen_fsm.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.checks.backtracking import Slow
    from protogen_fsm.checks.moves import Moves
    from protogen_fsm.checks.regexes import Letters
    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.machine import Event, Machine
    from protogen_fsm.model.messages import Message, Part
    from protogen_fsm.model.spec import Spec

_MOST_SHOWN = 30
_OF_A_LINE = OCTETS & ~(1 << ord("\r") | 1 << ord("\n"))


def messages_that_backtrack(spec: Spec) -> Iterator[Diagnostic]:
    """A frame is matched as a whole: an expression goes back and forth for its neighbours too."""
    other = {
        event.message for machine in spec.machines.values() for event in _not_of_lines(machine)
    }
    for message in spec.messages.values():
        found = slow_frame(message, OCTETS if message in other else _OF_A_LINE)
        if found is not None:
            yield _told(found)


def _not_of_lines(machine: Machine) -> list[Event]:
    """What it receives, if that may hold line ends: a layer is taken to hand on lines."""
    if machine.below is None or machine.below.kind == "machine":
        return []
    found = {state.reads.kind for state in machine.every_state() if state.reads is not None}
    return [] if found == {"line"} else list(machine.events.values())


def guards_that_backtrack(moves: Moves) -> Iterator[Diagnostic]:
    """`matches` asks about texts that the peer wrote."""
    for written in parts.every_expression(moves.machine):
        for one in walk(written):
            if isinstance(one, Function) and one.name == "matches":
                regex = one.args[1]
                if isinstance(regex, Value) and isinstance(regex.value, str):
                    builder = Builder(OCTETS if one.args[0].type == BYTES else TEXT)
                    found = _slow(builder, partial(builder.expression, regex.value, regex.span))
                    if found is not None:
                        yield _told(found)


def slow_frame(message: Message, alphabet: Letters = OCTETS) -> Slow | None:
    """A frame that keeps matching busy, if expressions of the message take part in that."""
    if not isinstance(message.pattern, Text) or not _has_regex(message.pattern.parts):
        return None
    builder = _Frame(alphabet)
    return _slow(builder, partial(builder.parts, message.pattern.parts, ""))


def _slow(builder: Builder, build: partial[None]) -> Slow | None:
    try:
        build()
        found = slow(builder.made())
        if found is not None:
            return found
        amid = next(filter(None, map(slow, inner(builder))), None)
        return replace(amid, amid=True) if amid is not None else None
    except NotRead:
        return None


def _told(found: Slow) -> Diagnostic:
    first, *others = (one for one in found.owners if isinstance(one, Span))
    grows = "doubles with each letter" if found.exponential else "grows with the square of a frame"
    said = [found.before, found.again * (1 + _MOST_SHOWN // len(found.again)), found.behind]
    shown = " + ".join(repr(one) for one in (said[0], f"{said[1]}…", said[2]) if one)
    at = ", behind what leads there" if found.amid else ""
    return tell(
        "PG334",
        f"a regular expression takes time that {grows}",
        first,
        "what it takes can be divided in many ways",
        labels=[(one, "between this one and the other") for one in others[:1]],
        notes=[f"a text that it tries in vain, in every way{at}: {shown}"],
        help="let repeats give nothing back (`a++`, `(?>…)`), or no two of them take the same",
    )


# ---------------------------------------------------------------- a whole frame


def _has_regex(some: tuple[Part, ...]) -> bool:
    return any(
        _has_regex(part.parts)
        if isinstance(part, Group | Repeat)
        else isinstance(part, Skipped) or (isinstance(part, Slot) and part.regex is not None)
        for part in some
    )


class _Frame(Builder):
    """The automaton of a message's frame, as the Python back-end reads it."""

    def parts(self, some: tuple[Part, ...], behind: str) -> None:
        """Parts of a pattern; `behind` are the letters that may follow them."""
        for place, part in enumerate(some):
            rest = some[place + 1 :]
            follows = first_letters(rest, behind)
            if isinstance(part, Words):
                self.text(part.text, ignore_case=part.ignore_case)
            elif isinstance(part, Group):
                self.one_of([partial(self.parts, part.parts, follows), lambda: None])
            elif isinstance(part, Repeat):
                item = partial(_Frame.items, some=part.parts, behind=follows)
                self.within[id(part)] = item
                add = partial(self.items, part.parts, follows)
                self.for_itself(partial(self.repeat, 0, ENDLESS, 1, add))
            elif isinstance(part, Skipped) or part.regex is not None:
                assert part.regex is not None
                self.expression(part.regex.encode(), part.span)
            else:
                only_words = all(isinstance(one, Words) for one in rest) and not behind
                self.field(part, "" if only_words and part.param.type == BYTES else follows)

    def items(self, some: tuple[Part, ...], behind: str) -> None:
        """An item of a list: another may follow it."""
        self.parts(some, first_letters(some, "") + behind)

    def field(self, slot: Slot, follows: str) -> None:
        """A field without an expression of its own runs to what follows it."""
        type_ = slot.param.type.item if isinstance(slot.param.type, Optional) else slot.param.type
        if isinstance(type_, Enum | Basic) and type_ not in (STR, BYTES, INT, FLOAT):
            words = type_.members if isinstance(type_, Enum) else ("true", "false")
            self.one_of([partial(self.text, word) for word in words])
        elif type_ in (STR, BYTES):
            taken = follows + ("" if type_ == BYTES else "\r\n")
            letters = OCTETS & ~sum(1 << octet for octet in {*taken.encode()})
            self.repeat(0, ENDLESS, 1, partial(self.letters, letters))
        elif type_ == FLOAT:
            number = rb"-?[0-9]{1,%d}(?:\.[0-9]{1,%d})?(?:e[-+]?[0-9]{1,3})?" % (DIGITS, DIGITS)
            self.expression(number, None)
        elif isinstance(type_, Range):
            widths = sorted((len(str(abs(type_.low))), len(str(abs(type_.high)))))
            self.digits(widths[0] if type_.low > 0 else 1, widths[1], signed=type_.low < 0)
        else:
            self.digits(1, DIGITS, signed=True)

    def digits(self, least: int, most: int, *, signed: bool) -> None:
        """A number of so many digits."""
        if signed:
            self.one_of([partial(self.text, "-"), lambda: None])
        digit = sum(1 << code for code in b"0123456789")
        self.repeat(least, most, 1, partial(self.letters, digit))
