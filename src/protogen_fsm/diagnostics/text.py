"""Diagnostics as a person reads them: the line of the spec, what is wrong there, what to do."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from protogen_fsm.diagnostics.diagnostic import Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from protogen_fsm.diagnostics.diagnostic import Diagnostic
    from protogen_fsm.source import Source

_TAB = 4
_LONGEST = 120  # of a line's characters, what is shown of it around the span
_BEFORE = 40
_LONGEST_TEXT = 1_000  # of a title, label, note or help
_STYLES = {"error": "1;31", "warning": "1;33", "title": "1", "gutter": "34", "help": "1;32"}


@dataclass(frozen=True, slots=True)
class _Mark:
    """One underline: characters `start` to `end` of a line."""

    line: int
    start: int
    end: int
    text: str
    primary: bool


class _Page:
    """What can be shown: in this encoding, with or without colour."""

    def __init__(self, color: bool, encoding: str) -> None:
        self.color = color
        self.encoding = encoding
        boxes, plain = "┌─│·…", "--|.~"
        drawable = all(self._encodable(box) for box in boxes)
        self.corner, self.dash, self.bar, self.gap, self.cut = tuple(boxes if drawable else plain)

    def _encodable(self, character: str) -> bool:
        try:
            character.encode(self.encoding)
        except (UnicodeEncodeError, LookupError):
            return False
        return True

    def character(self, character: str) -> str:
        """The character, or what stands for one that would disturb a terminal."""
        if " " <= character <= "~":
            return character
        shown = "\ufffd" if unicodedata.category(character) in {"Cc", "Cf", "Cs"} else character
        return shown if self._encodable(shown) else "?"

    def clean(self, text: str) -> str:
        """The text, without what would disturb a terminal or fill it."""
        if len(text) > _LONGEST_TEXT:
            text = text[: _LONGEST_TEXT // 2] + self.cut + text[-_LONGEST_TEXT // 2 :]
        if text.isascii() and text.isprintable():
            return text
        return "".join(map(self.character, text))

    def paint(self, style: str, text: str) -> str:
        """The text in the colour of `style`."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.color and text else text


def _width(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _mark(label: Label, primary: bool) -> _Mark:
    source = label.span.source
    line, column = source.position(label.span.start)
    start = column - 1
    end = min(start + label.span.end - label.span.start, len(source.line(line)))
    return _Mark(line, start, max(end, start + 1), label.text, primary)


def _groups(marks: list[_Mark]) -> Iterator[list[_Mark]]:
    """The marks of one line, together while one stretch of the line can show them."""
    group: list[_Mark] = []
    for mark in marks:
        if group and mark.start - group[0].start > _LONGEST - 2 * _BEFORE:
            yield group
            group = []
        group.append(mark)
    yield group


def _lines(page: _Page, text: str, marks: list[_Mark]) -> Iterator[tuple[str, bool]]:
    """A line of the spec (True), and the lines that underline it (False)."""
    for group in _groups(marks):
        low, high = 0, len(text)
        if high > _LONGEST:
            low = max(0, group[0].start - _BEFORE)
            high = min(high, low + _LONGEST)
        shown = page.cut if low else ""
        columns = [len(shown)]
        for character in text[low:high]:
            if character == "\t":
                cell = " " * (_TAB - columns[-1] % _TAB)
                width = len(cell)
            else:
                cell = page.character(character)
                width = _width(cell)
            shown += cell
            columns.append(columns[-1] + width)
        yield shown + (page.cut if high < len(text) else ""), True
        for mark in group:
            # A mark may stand one past the end of its line: something is missing there.
            start = columns[min(mark.start - low, len(columns) - 1)]
            end = columns[min(mark.end - low, len(columns) - 1)]
            line = ("^" if mark.primary else "-") * max(end - start, 1)
            if mark.text:
                line += " " + page.clean(mark.text)
            yield " " * start + line, False


def _block(
    page: _Page, margin: str, source: Source, marks: list[_Mark], severity: str
) -> Iterator[str]:
    """The lines of one file that the marks are on."""
    bar = page.paint("gutter", f"{margin}{page.bar}")
    first = next((mark for mark in marks if mark.primary), marks[0])
    place = f"{page.clean(source.path)}:{first.line}:{first.start + 1}"
    yield page.paint("gutter", f"{margin}{page.corner}{page.dash}") + f" {place}"
    yield bar
    marks = sorted(marks, key=lambda mark: (mark.line, mark.start, not mark.primary))
    by_line = [(line, list(found)) for line, found in groupby(marks, key=lambda mark: mark.line)]
    numbers = [line for line, _ in by_line]
    skipped = {after for before, after in pairwise(numbers) if after > before + 1}
    for line, found in by_line:
        if line in skipped:
            yield page.paint("gutter", f"{margin}{page.gap}")
        styles = iter(severity if mark.primary else "gutter" for mark in found)
        for text, of_the_spec in _lines(page, source.line(line), found):
            if of_the_spec:
                number = page.paint("gutter", f"{line:>{len(margin) - 1}} {page.bar}")
                yield f"{number} {text}".rstrip()
            else:
                indent = len(text) - len(text.lstrip())
                yield f"{bar} {text[:indent]}{page.paint(next(styles), text[indent:])}"
    yield bar


def _diagnostic(page: _Page, diagnostic: Diagnostic) -> Iterator[str]:
    head = page.paint(diagnostic.severity, f"{diagnostic.severity}[{diagnostic.code}]")
    yield head + page.paint("title", f": {page.clean(diagnostic.title)}")
    files: dict[str, tuple[Source, list[_Mark]]] = {}
    labels = list(diagnostic.labels)
    if diagnostic.span is not None:
        labels.insert(0, Label(diagnostic.span, diagnostic.label))
    for i, label in enumerate(labels):
        source = label.span.source
        primary = i == 0 and diagnostic.span is not None
        files.setdefault(source.path, (source, []))[1].append(_mark(label, primary))
    numbers = [mark.line for _, marks in files.values() for mark in marks]
    margin = " " * (len(str(max(numbers))) + 1) if numbers else " "
    for source, marks in files.values():
        yield from _block(page, margin, source, marks, diagnostic.severity)
    for style, name, texts in (
        ("title", "note", diagnostic.notes),
        ("help", "help", (diagnostic.help,) if diagnostic.help else ()),
    ):
        for text in texts:
            lines = [page.clean(line) for line in text.splitlines()]
            yield f"{margin}= {page.paint(style, name)}: {lines[0] if lines else ''}"
            yield from (f"{margin}  {' ' * len(name)}  {line}" for line in lines[1:])


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """`2 errors, 1 warning`, or nothing if there is nothing."""
    counts = []
    for severity in ("error", "warning"):
        n = sum(diagnostic.severity == severity for diagnostic in diagnostics)
        if n:
            counts.append(f"{n} {severity}{'s' if n > 1 else ''}")
    return ", ".join(counts)


def render_text(
    diagnostics: Iterable[Diagnostic], color: bool = False, encoding: str = "utf-8"
) -> str:
    """All diagnostics as text, a summary at the end; nothing if there are none."""
    found = tuple(diagnostics)
    page = _Page(color, encoding)
    parts = ["\n".join(_diagnostic(page, diagnostic)) for diagnostic in found]
    if found:
        parts.append(page.paint("title", summary(found)))
    return "\n\n".join(parts) + "\n" if parts else ""
