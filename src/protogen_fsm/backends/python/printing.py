"""The function that prints a text message, and what shows that the frame parses back.

Most values show at once that they do: numbers within their digits, text without a line end, or
without what stands behind it in a frame that matches. Any other value has to be parsed back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protogen_fsm.backends.python import layout
from protogen_fsm.backends.python import messages as text
from protogen_fsm.backends.python.expressions import literal
from protogen_fsm.backends.python.lists import items, may_hold, value_of
from protogen_fsm.backends.python.messages import fields_within, optional, printed_field
from protogen_fsm.model.messages import Group, Repeat, Slot, Text, Words
from protogen_fsm.model.types import BYTES, INT, STR, Optional, Range

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogen_fsm.model.messages import Message, Part
    from protogen_fsm.model.types import Param


@dataclass(slots=True)
class _Proof:
    """What shows that a frame parses back: tests of its fields, and whether it must match."""

    tests: list[str] = field(default_factory=list)
    free_of: list[tuple[Slot, Repeat | None, str]] = field(default_factory=list)
    matches: bool = False


def body(message: Message, pattern: Callable[[Message], str]) -> list[str]:
    """The lines of the function; `pattern` gives the module's name for the message's pattern."""
    lines = _printing(message)
    frame = lines[0].partition(" ")[0]
    assert isinstance(message.pattern, Text)
    parts = message.pattern.parts
    proof = _proof(parts)
    names = [param.name for param in message.params]
    parsed = layout.call(f"return {pattern(message)}.printed", [frame, *names])
    if proof is None:
        return [*lines, *parsed]
    tests = [*proof.tests, *_free(proof, parts, frame)]
    if not tests and not proof.matches:
        return [f"return {lines[0].partition(' = ')[2]}"]
    if any(isinstance(p, Repeat) or (isinstance(p, Slot) and _is_int(p.param)) for p in parts):
        lines = layout.assignment(frame, _formatted(parts))
    if proof.matches:
        tests.append(f"{pattern(message)}.match({frame})")
    return [*lines, *layout.condition("if", tests, "and", 0), f"    return {frame}", *parsed]


def plain_tests(parts: tuple[Part, ...]) -> list[str] | None:
    """Tests of the fields that show that the frame parses back; None if none would do."""
    proof = _proof(parts)
    return None if proof is None or proof.matches else proof.tests


def _proof(parts: tuple[Part, ...]) -> _Proof | None:
    """How a frame shows that it parses back, without being parsed; None if it does not.

    Where a frame matches, each field begins where the one before it has ended: and it ends at the
    first byte of the literal behind it, if neither its regular expression nor its value knows that.
    """
    proof = _Proof()
    for at, part in enumerate(parts):
        if isinstance(part, Words):
            continue
        behind = parts[at + 1 :]
        follows = next((p for p in behind if not isinstance(p, Words) or p.text), None)
        if follows is not None and not isinstance(follows, Words):
            return None
        if isinstance(part, Slot) and part.regex is None:
            found = _plain_tests(part.param, follows, behind)
            if found is None:
                return None
            proof.tests += found
        elif isinstance(part, Slot):
            if part.param.type not in (STR, BYTES) or text.reader(part) == "one_line":
                return None
            if follows is not None and not _ends_field(proof, part, follows, None):
                return None
            proof.tests.append(f"type({part.param.name}) is {part.param.type}")
            proof.matches = True
        elif not (isinstance(part, Repeat) and _repeats(proof, part, behind)):
            return None
    return proof


def _repeats(proof: _Proof, repeat: Repeat, behind: tuple[Part, ...]) -> bool:
    """The same for a list; nothing but literals stands behind, so that it takes the rest."""
    if not all(isinstance(part, Words) for part in behind):
        return False
    for part, follows in zip(repeat.parts, (*repeat.parts[1:], None), strict=True):
        if isinstance(part, Words):
            continue
        if not isinstance(part, Slot) or part.param.type != BYTES or part.regex is None:
            return False
        if not isinstance(follows, Words) or not _ends_field(proof, part, follows, repeat):
            return False
    proof.matches = True
    return True


def _ends_field(proof: _Proof, slot: Slot, word: Words, repeat: Repeat | None) -> bool:
    """Whether the word begins with a byte that the field cannot hold; notes that no value may."""
    first = word.text[:1]
    if not first.isascii() or word.ignore_case or not first or ord(first) in may_hold(slot):
        return False
    proof.free_of.append((slot, repeat, first))
    return True


def _free(proof: _Proof, parts: tuple[Part, ...], frame: str) -> list[str]:
    """Tests that no value holds what its field ends at."""
    tests: list[str] = []
    fields = [p for part in parts for p in (part.parts if isinstance(part, Repeat) else (part,))]
    for slot, repeat, first in proof.free_of:
        sign = literal(first.encode())
        lists = [part for part in parts if isinstance(part, Repeat)]
        others = [one for one in fields if isinstance(one, Slot)]
        if len(lists) == 1 and not any(ord(first) in may_hold(one) for one in others):
            count = _counted(parts, lists[0], first)
            tests.append(f"{frame}.count({sign}) == {count}")
        elif repeat is not None:
            name = "one" if repeat.param.name != "one" else "item"
            value = value_of(repeat, slot, name)
            clauses = [name, f"for {name} in {repeat.param.name}", f"if {sign} in {value}"]
            tests.append(f"not {layout.comprehension(clauses)}")
        else:
            shown = sign if slot.param.type == BYTES else literal(first)
            tests.append(f"{shown} not in {slot.param.name}")
    return list(dict.fromkeys(tests))


def _counted(parts: tuple[Part, ...], repeat: Repeat, first: str) -> str:
    """How often the literals hold a sign."""
    each = sum(part.text.count(first) for part in repeat.parts if isinstance(part, Words))
    once = sum(part.text.count(first) for part in parts if isinstance(part, Words))
    size = f"len({repeat.param.name})"
    shown = size if each == 1 else f"{each} * {size}"
    return f"{shown} + {once}" if once else shown


def _plain_tests(param: Param, word: Words | None, behind: tuple[Part, ...]) -> list[str] | None:
    """The same for one field; `word` stands behind it."""
    name, type_ = param.name, param.type
    follows = "" if word is None else word.text[0]
    if _is_int(param):
        if follows.isdigit():
            return None
        low, high = f"-(10**{text.DIGITS}) <", f"< 10**{text.DIGITS}"
        if isinstance(type_, Range):
            low, high = f"{type_.low} <=", f"<= {type_.high}"
        return [f"type({name}) is int", f"{low} {name} {high}"]
    if type_ == BYTES and all(isinstance(part, Words) for part in behind):
        return [f"type({name}) is bytes"]
    if type_ == STR and follows.isascii() and (word is None or not word.ignore_case):
        return [
            f"type({name}) is str",
            *(f"{literal(sign)} not in {name}" for sign in dict.fromkeys(f"\r\n{follows}")),
        ]
    return None


def _is_int(param: Param) -> bool:
    return param.type == INT or isinstance(param.type, Range)


def _formatted(parts: tuple[Part, ...]) -> str:
    """The frame as one `%`: fewer steps than to add up its parts."""
    made, values = b"", []
    for part in parts:
        if isinstance(part, Words):
            made += part.text.encode().replace(b"%", b"%%")
        elif isinstance(part, Repeat):
            made += b"%b"
            values.append(layout.made('b"".join', [items(part)]))
        else:
            assert isinstance(part, Slot)
            made += b"%d" if _is_int(part.param) else b"%b"
            encoded = ".encode()" if part.param.type == STR else ""
            values.append(f"{part.param.name}{encoded}")
    shown = values[0] if len(values) == 1 else layout.listed("", values)
    return f"{literal(made)} % {shown}"


def _printing(message: Message) -> list[str]:
    """The lines that put the frame together."""
    assert isinstance(message.pattern, Text)
    frame = "frame"
    while any(param.name == frame for param in message.params):
        frame += "_"
    lines: list[str] = []
    _encode(message.pattern.parts, lines, "", frame)
    return lines


def _encode(parts: tuple[Part, ...], lines: list[str], margin: str, frame: str) -> None:
    """Runs of words and fields are one expression; an optional group is an `if` of its own."""
    run: list[str] = []

    def flush() -> None:
        if run or not lines:
            op = "+=" if lines else "="
            lines.append(f"{margin}{frame} {op} {' + '.join(run) or 'b' + chr(34) * 2}")
            run.clear()

    for part in parts:
        if isinstance(part, Words):
            run.append(literal(part.text.encode()))
        elif isinstance(part, Slot):
            shown = printed_field(part.param)
            if isinstance(part.param.type, Optional) and not margin:
                shown = f'({shown} if {part.param.name} is not None else b"")'
            run.append(shown)
        elif isinstance(part, Repeat):
            if run:
                flush()
            op = "+=" if lines else "="
            lines += layout.call(f'{frame} {op} b"".join', [items(part)])
        elif isinstance(part, Group) and fields_within(part):
            flush()
            lines.append(f"{margin}if {_there(part)}:")
            _encode(part.parts, lines, margin + "    ", frame)
    flush()


def _there(group: Group) -> str:
    """Whether a group is printed: all that may be none is there, or else anything is."""
    params = optional(group)
    if params:
        return " and ".join(f"{param.name} is not None" for param in params)
    tests = [
        f"{param.name} is not None" if isinstance(param.type, Optional) else param.name
        for param in fields_within(group)
    ]
    return " or ".join(tests)
