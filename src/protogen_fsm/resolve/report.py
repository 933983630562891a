"""What resolving has to say: each cause once, in the order of the text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from protogen_fsm.diagnostics import Diagnostic, Label, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from protogen_fsm.source import Span
    from protogen_fsm.syntax import tree

# Looking for near names takes time with the number of names; a file with more errors than this
# has another cause than a slip of the pen.
_SEARCHES = 20
_PLACES = 3  # of the places where an undefined name is used again, how many are shown

_Key: TypeAlias = tuple[str, int, int, int]


class Report:
    """Collects diagnostics; the same code at the same place is said once."""

    def __init__(self) -> None:
        self._found: dict[_Key, Diagnostic] = {}
        self._undefined: dict[tuple[str, str, str, int], _Key] = {}
        self._again: dict[_Key, dict[int, Span]] = {}
        self._searches = 0
        self._order: dict[int, int] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def diagnostics(self) -> list[Diagnostic]:
        """All of them, file by file, in the order of the text."""
        for first, places in self._again.items():
            self._found[first] = _repeated(self._found[first], list(places.values()))
        self._again.clear()
        return [self._found[key] for key in sorted(self._found, key=lambda k: (k[1], k[2], k[0]))]

    def add(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Takes over what another phase found."""
        for one in diagnostics:
            if one.span is None:
                key = (one.code, len(self._found), 0, 0)
            else:
                key = (one.code, self._file(one.span), one.span.start, one.span.end)
            self._found.setdefault(key, one)

    def error(
        self,
        code: str,
        title: str,
        span: Span,
        label: str = "",
        labels: Iterable[Label] = (),
        notes: Iterable[str] = (),
        help: str = "",
    ) -> None:
        """One error at `span`."""
        key = (code, self._file(span), span.start, span.end)
        if key not in self._found:
            self._found[key] = Diagnostic(
                code, title, span, label, tuple(labels), tuple(notes), help
            )

    def undefined(
        self,
        code: str,
        title: str,
        name: tree.Name,
        label: str,
        candidates: Mapping[str, Span | None],
        notes: Iterable[str] = (),
        help: str = "",
    ) -> None:
        """A name that nothing declares, with the nearest of `candidates` if one is near.

        Who leaves out one declaration has one error, at however many places the name is used.
        """
        key = (code, self._file(name.span), name.span.start, name.span.end)
        first = self._undefined.setdefault((code, title, label, key[1]), key)
        if first != key:
            self._again.setdefault(first, {})[key[2]] = name.span
            return
        near = None
        if self._searches < _SEARCHES:
            self._searches += 1
            near = nearest(name.text, candidates)
        labels = []
        if near is not None:
            help = f"did you mean `{near}`?"
            place = candidates[near]
            if place is not None and place.source.path == name.span.source.path:
                labels.append(Label(place, "the nearest name"))
        self.error(code, title, name.span, label, labels, notes, help)

    def duplicate(self, name: tree.Name, kind: str, first: Span, help: str = "") -> None:
        """A second thing of one name."""
        self.error(
            "PG104",
            f"there are two {kind} named `{name.text}`",
            name.span,
            "named again here",
            [Label(first, "first named here")],
            help=help or "give one of them another name",
        )

    def _file(self, span: Span) -> int:
        return self._order.setdefault(id(span.source), len(self._order))


def _repeated(first: Diagnostic, places: list[Span]) -> Diagnostic:
    """The diagnostic, with the other places of the same name."""
    labels = [Label(span, "and here") for span in places[:_PLACES]]
    rest = len(places) - len(labels)
    more = (f"and at {rest} more place{'s' if rest > 1 else ''}",) if rest else ()
    return replace(first, labels=(*first.labels, *labels), notes=(*first.notes, *more))
