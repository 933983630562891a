"""The function that prints a text message, and what shows that the frame parses back.

Most values show at once that they do: numbers within their digits, text without a line end. Any
other value has to be parsed back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.backends.python import layout
from protogen_fsm.backends.python import messages as text
from protogen_fsm.backends.python.expressions import literal
from protogen_fsm.model.messages import Slot, Text, Words
from protogen_fsm.model.types import BYTES, INT, STR, Range

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogen_fsm.model.messages import Message, Part
    from protogen_fsm.model.types import Param


def body(message: Message, pattern: Callable[[Message], str]) -> list[str]:
    """The lines of the function; `pattern` gives the module's name for the message's pattern."""
    lines = text.encoder(message)
    frame = lines[0].partition(" ")[0]
    assert isinstance(message.pattern, Text)
    tests = plain_tests(message.pattern.parts)
    if tests == []:
        return [f"return {lines[0].partition(' = ')[2]}"]
    names = [param.name for param in message.params]
    proof = layout.call(f"return {pattern(message)}.printed", [frame, *names])
    if tests is None:
        return [*lines, *proof]
    if any(isinstance(part, Slot) and _is_int(part.param) for part in message.pattern.parts):
        lines = [f"{frame} = {_formatted(message.pattern.parts)}"]
    return [*lines, *layout.condition("if", tests, "and", 0), f"    return {frame}", *proof]


def plain_tests(parts: tuple[Part, ...]) -> list[str] | None:
    """Tests of the fields that show that the frame parses back; None if none would do."""
    tests: list[str] = []
    for at, part in enumerate(parts):
        if isinstance(part, Words):
            continue
        behind = parts[at + 1 :]
        if not isinstance(part, Slot) or part.regex is not None:
            return None
        follows = next((p for p in behind if not isinstance(p, Words) or p.text), None)
        if follows is not None and not isinstance(follows, Words):
            return None
        found = _plain_tests(part.param, follows, behind)
        if found is None:
            return None
        tests += found
    return tests


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
        else:
            assert isinstance(part, Slot)
            made += b"%d" if _is_int(part.param) else b"%b"
            encoded = ".encode()" if part.param.type == STR else ""
            values.append(f"{part.param.name}{encoded}")
    shown = values[0] if len(values) == 1 else layout.listed("", values)
    return f"{literal(made)} % {shown}"
