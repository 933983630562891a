"""Lines of Python, broken where the formatter would break them.

A statement is one line with marks at which it may be broken, until `render` knows how deep it
stands. Marks are control characters, which no text of a spec can bring in: those come through
`repr` or are escaped.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

WIDTH = 88
_OPEN, _COMMA, _CLOSE = "\x00", "\x01", "\x02"  # within brackets that are there
_CLAUSE = "\x07"  # between the clauses of a comprehension
_EACH = "\x06"  # behind _OPEN: an item a line, never all on one
_BEGIN, _OPERATOR, _END = "\x03", "\x04", "\x05"  # within brackets that only a break needs
_PLAIN = str.maketrans(
    {
        _EACH: "",
        _CLAUSE: " ",
        _OPEN: "",
        _COMMA: ", ",
        _CLOSE: "",
        _BEGIN: "",
        _OPERATOR: " ",
        _END: "",
    }
)


def call(head: str, args: Iterable[str], indent: int = 0, tail: str = "") -> list[str]:
    """`head(args)tail`."""
    return [_bracketed(head, list(args), indent, "()", tail)]


def table(head: str, items: list[str], brackets: str = "{}") -> list[str]:
    """`head{items}`; a tuple of one keeps its comma."""
    return [_bracketed(head, items, 0, brackets, "", each=True)]


def listed(head: str, items: list[str], brackets: str = "()") -> str:
    """`head(items)` within a line: a tuple that a test looks in."""
    return _bracketed(head, items, 0, brackets, "", each=True)


def made(head: str, args: list[str]) -> str:
    """`head(args)` within a line: a call among others."""
    return _bracketed(head, args, 0, "()", "")


def comprehension(clauses: list[str]) -> str:
    """`[made for name in source if kept]` within a line, of its clauses."""
    return f"[{_OPEN}{_CLAUSE.join(clauses)}{_CLOSE}]"


def _bracketed(
    head: str, args: list[str], indent: int, brackets: str, tail: str, *, each: bool = False
) -> str:
    left, right = brackets[0], brackets[1]
    comma = "," if each and brackets == "()" and len(args) == 1 else ""
    inner = _COMMA.join(args) + comma
    marked = f"{_OPEN}{_EACH if each else ''}{inner}{_CLOSE}" if args else ""
    return f"{' ' * indent}{head}{left}{marked}{right}{tail}"


def condition(keyword: str, operands: list[str], operator: str, indent: int) -> list[str]:
    """`if a and b:`."""
    joined = f"{_OPERATOR}{operator} ".join(operands)
    return [f"{' ' * indent}{keyword} {_BEGIN}{joined}{_END}:"]


def summed(left: str, sign: str, right: str) -> str:
    """`left + right` within a line, which may be broken before the sign."""
    return f"{left}{_OPERATOR}{sign} {right}"


def plain(text: str) -> str:
    """The text on one line, whatever happens."""
    return text.translate(_PLAIN)


def union(types: list[str]) -> str:
    """`A | B` within a line."""
    joined = f"{_OPERATOR}| ".join(types)
    return f"{_BEGIN}{joined}{_END}"


def added(terms: list[str]) -> str:
    """`a + b` within a line."""
    if len(terms) == 1:
        return terms[0]
    return f"{_BEGIN}{f'{_OPERATOR}+ '.join(terms)}{_END}"


def awaitable(types: list[str]) -> str:
    """`Awaitable[A | B]` within a line."""
    joined = f"{_OPERATOR}| ".join(types)
    return f"Awaitable[{_OPEN}{joined}{_CLOSE}]"


def assignment(target: str, value: str, sign: str = "=") -> list[str]:
    """`target = value`."""
    if value.endswith(("]", ")", "}")) and value[0] in "[({" and _is_one(value):
        return [f"{target} {sign} {value}"]
    return [f"{target} {sign} {_BEGIN}{value}{_END}"]


def _is_one(value: str) -> bool:
    """Whether what begins and ends with a bracket is one pair of them."""
    depth = 0
    for at, mark in enumerate(value[:-1]):
        depth += (mark == _OPEN) - (mark == _CLOSE)
        if mark == _CLOSE and not depth and at < len(value) - 2:
            return False
    return True


def indented(lines: Iterable[str]) -> list[str]:
    """The lines one level further in."""
    return [f"    {line}" if line else "" for line in lines]


def render(lines: Iterable[str], margin: int) -> list[str]:
    """The lines as they stand `margin` deep."""
    found: list[str] = []
    for line in lines:
        found += _render(" " * margin + line if line else "")
    return found


def _render(line: str) -> list[str]:
    whole = line.translate(_PLAIN)
    if len(whole) <= WIDTH:
        return [whole]
    margin = " " * (len(line) - len(line.lstrip(" ")))
    terms = _terms(line)
    if len(terms) > 1:
        first, *rest = terms
        return [
            *_render(first),
            *(text for one in rest for text in _render(margin + one)),
        ]
    if _OPEN not in line and _BEGIN not in line:
        return [whole]
    if _BEGIN in line and line.index(_BEGIN) < line.find(_OPEN):
        head, _, rest_ = line.partition(_BEGIN)
        inside, _, tail = rest_.rpartition(_END)
        if len(_terms(inside)) > 1:
            return [f"{head}(", *_render(f"{margin}    {inside}"), f"{margin}){tail}"]
    if _OPEN in line:
        head, parts, tail = _split(line)
        each = parts[0].startswith(_EACH)
        clauses = parts[-1].startswith(_CLAUSE)
        between = "" if clauses else _COMMA
        inner = margin + "    " + between.join(parts).strip(_EACH + ",")
        if len(parts) == 1 and not each and not head.lstrip().startswith("def "):
            body = _render(inner)
        elif each or len(parts) == 1 or len(inner.translate(_PLAIN)) > WIDTH:
            items = [part.strip(_EACH + _CLAUSE + ",") for part in parts]
            comma = "" if clauses else ","
            body = [text for item in items for text in _render(f"{margin}    {item}{comma}")]
        else:
            body = [inner.translate(_PLAIN)]
        end = margin + tail.translate(_PLAIN)
        ends = [end] if len(end) <= WIDTH or _BEGIN not in tail else _opened(margin + tail, margin)
        return [head.translate(_PLAIN), *body, *ends]
    return _opened(line, margin)


def _opened(line: str, margin: str) -> list[str]:
    """A line whose operands stand within brackets that only the break needs."""
    head, _, rest = line.partition(_BEGIN)
    inside, _, tail = rest.partition(_END)
    inner = margin + "    " + inside.translate(_PLAIN)
    lines = [inner]
    if len(inner) > WIDTH:
        parts = _terms(inside)
        lines = [line for part in parts for line in _render(f"{margin}    {part}")]
    return [f"{head}(", *lines, f"{margin}){tail}"]


def _terms(line: str) -> list[str]:
    """The line cut before the signs that stand within none of its brackets."""
    depth, begin, found = 0, 0, []
    for at, char in enumerate(line):
        if char in (_OPEN, _BEGIN):
            depth += 1
        elif char in (_CLOSE, _END):
            depth -= 1
        elif char == _OPERATOR and not depth:
            found.append(line[begin:at])
            begin = at + 1
    return [*found, line[begin:]]


def _split(line: str) -> tuple[str, list[str], str]:
    """What stands before the outermost brackets, their items, and what stands behind them."""
    head, _, rest = line.partition(_OPEN)
    depth, begin, parts = 0, 0, []
    for at, char in enumerate(rest):
        if char == _OPEN:
            depth += 1
        elif char == _CLOSE and depth:
            depth -= 1
        elif char == _CLOSE or (char in (_COMMA, _CLAUSE) and not depth):
            parts.append(rest[begin:at])
            begin = at if char == _CLAUSE else at + 1
            if char == _CLOSE:
                return head, parts, rest[begin:]
    raise ValueError("brackets without an end")


def docstring(text: str, margin: int) -> list[str]:
    """A docstring of one or more paragraphs, wrapped; whatever the text holds, it stays one.

    The lines bear no margin; `margin` is what they will get.
    """
    if len(text) + margin + 6 <= WIDTH and text.isprintable() and not {"\\", '"'} & set(text):
        return [f'"""{text.strip()}"""']
    safe = "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text
    )
    safe = (
        safe.replace("\\", "\\\\").replace('"', '\\"')
        if '"""' in safe
        else safe.replace("\\", "\\\\")
    )
    if safe.endswith('"') and not safe.endswith('\\"'):
        safe = safe[:-1] + '\\"'
    lines: list[str] = []
    for paragraph in safe.strip().split("\n"):
        width = WIDTH - margin - 3
        lines += textwrap.wrap(paragraph, width, break_long_words=False) or [""]
    if len(lines) == 1 and len(lines[0]) + margin + 6 > WIDTH:  # no room for its end
        lines = textwrap.wrap(lines[0], WIDTH - margin - 6, break_long_words=False)
    if len(lines) <= 1:
        return [f'"""{lines[0] if lines else ""}"""']
    return [f'"""{lines[0]}', *lines[1:], '"""']
