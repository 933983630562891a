"""The sentence: from a text to what is wrong with it, or to the files made of it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from protogen_fsm import resources
from protogen_fsm.checks import check as judge
from protogen_fsm.diagnostics import Diagnostic, SpecError, nearest
from protogen_fsm.resolve import resolve
from protogen_fsm.source import Source, SourceError, decode_source, read_source
from protogen_fsm.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogen_fsm.backends.backend import Backend, File
    from protogen_fsm.model.chart import Chart
    from protogen_fsm.model.spec import Spec, System
    from protogen_fsm.syntax import tree
    from protogen_fsm.verify import Limits, Report


def load(path: str, data: bytes | None = None) -> Source:
    """The text of a file, or that `data` is; SpecError if it cannot be had."""
    try:
        return read_source(path) if data is None else decode_source(path, data)
    except SourceError as error:
        raise SpecError([_unreadable(error)]) from None


def understand(source: Source, uses: Uses | None = None) -> Spec:
    """The model of a spec, with nothing left to look up; SpecError if there is none."""
    return resolve(parse(source), uses or Uses(source))


def check(source: Source) -> tuple[Diagnostic, ...]:
    """What there is to say of a spec by itself: what the phase that failed found, or the checks."""
    try:
        return tuple(judge(understand(source)))
    except SpecError as error:
        return error.diagnostics


@dataclass(frozen=True, slots=True)
class Examined:
    """What there is to say of a spec, and what was found out about each of its systems."""

    diagnostics: tuple[Diagnostic, ...]
    reports: tuple[Report, ...] = ()


def examine(
    source: Source,
    limits: Limits | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> Examined:
    """Everything there is to say of a spec; where it holds no errors its systems are explored."""
    try:
        spec = understand(source)
    except SpecError as error:
        return Examined(error.diagnostics)
    found = tuple(judge(spec))
    is_wrong = any(diagnostic.severity == "error" for diagnostic in found)
    if is_wrong or not (spec.systems or spec.obvious):
        return Examined(found)
    from protogen_fsm.verify import verify

    reports = tuple(verify(spec, limits, progress))
    flaws = [diagnostic for report in reports for diagnostic, _ in report.told]
    return Examined((*found, *flaws), reports)


def compare(
    old: Spec,
    new: Spec,
    category: str,
    limits: Limits | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> list[tuple[Diagnostic, Chart | None]]:
    """What changes from one version of a spec to another; a break is an error."""
    from protogen_fsm.compare import compare as compared

    return compared(old, new, category, limits, progress)


def accept(spec: Spec) -> tuple[Diagnostic, ...]:
    """The warnings about a spec; SpecError, warnings included, if there are errors."""
    found = tuple(judge(spec))
    if any(diagnostic.severity == "error" for diagnostic in found):
        raise SpecError(found)
    return found


def render(spec: Spec, backend: Backend) -> list[File]:
    """The files that a back-end makes of a spec; SpecError if it cannot run what is asked."""
    if refused := backend.refuse(spec):
        raise SpecError(refused)
    return backend.render(spec)


EXPORTS = ("promela", "tla")


def export(system: System, form: str, name: str) -> list[File]:
    """A system as a model for another engine; SpecError if it cannot be one.

    `form` is one of EXPORTS; `name` the file that the model shall be, "" for none. A TLA+ module is
    named after its file, and has another beside it that says what is to be checked.
    """
    from protogen_fsm.backends.backend import File
    from protogen_fsm.backends.promela import promela
    from protogen_fsm.backends.tla import tla
    from protogen_fsm.verify.closure import close
    from protogen_fsm.verify.local import Unfollowed

    try:
        automata = close(system)
    except Unfollowed as reason:
        raise SpecError([_no_export(system, str(reason))]) from None
    if form == "promela":
        return [File(name, promela(automata))]
    return tla(automata, re.sub(r"\W", "_", Path(name).stem, flags=re.ASCII))


def build(source: Source, backend: Backend) -> list[File]:
    """The whole way."""
    spec = understand(source)
    accept(spec)
    return render(spec, backend)


class Uses:
    """Finds what `use … from "path"` names: beside the file that says it, then in the library.

    Each file is parsed once. `looked` holds every place that was looked at; `place` is where the
    top file lies, if its name does not say so.
    """

    def __init__(self, top: Source, place: Path | None = None) -> None:
        self.looked: set[Path] = set()
        self._places = {top: (place or Path(top.path)).resolve()}
        self._files: dict[Path, tree.File] = {}
        self._users: dict[Path, set[Path]] = {self._places[top]: set()}

    def __call__(self, source: Source, text: tree.Text) -> tree.File:
        """The file that `text` names in `source`; SpecError if it cannot be had."""
        user = self._places[source]
        shown, place = self._find(source, text)
        if place == user or place in self._users[user]:
            raise SpecError([_circle(text, shown)])
        self._users.setdefault(place, set()).update(self._users[user], {user})
        if place not in self._files:
            self._files[place] = self._parse(shown, place, text)
        return self._files[place]

    def _find(self, source: Source, text: tree.Text) -> tuple[str, Path]:
        beside = os.path.normpath(os.path.join(os.path.dirname(source.path), text.value))
        for shown, folder in (
            (beside, self._places[source].parent),
            (text.value, resources.specs()),
        ):
            place = folder / text.value
            self.looked.add(place)
            try:
                if place.is_file():
                    return shown, place.resolve()
            except OSError as error:
                raise SpecError([_unusable(text, (error.strerror or "").lower())]) from None
        raise SpecError([_nowhere(text)])

    def _parse(self, shown: str, place: Path, text: tree.Text) -> tree.File:
        try:
            source = replace(read_source(str(place)), path=shown)
        except SourceError as error:
            raise SpecError([_unusable(text, error.reason)]) from None
        self._places[source] = place
        return parse(source)


def _no_export(system: System, reason: str) -> Diagnostic:
    return Diagnostic(
        "PG914",
        f"`{system.name}` cannot be exported: {reason}",
        system.span,
        help="`protogen check` looks at no more than can come about, and may manage",
    )


def _unreadable(error: SourceError) -> Diagnostic:
    code = "PG011" if error.kind == "not text" else "PG951"
    return Diagnostic(code, f"`{error.path}` cannot be read: {error.reason}")


def _unusable(text: tree.Text, reason: str) -> Diagnostic:
    title = f"`{text.value}` cannot be used"
    return Diagnostic("PG109", title, text.span, reason or "it cannot be read")


def _nowhere(text: tree.Text) -> Diagnostic:
    library = sorted(path.name for path in resources.specs().glob("*.proto"))
    near = nearest(text.value, library)
    return Diagnostic(
        "PG109",
        f"there is no file `{text.value}` to use",
        text.span,
        "neither beside this file nor in the library",
        notes=(f"in the library: {', '.join(library)}",),
        help=f'did you mean `"{near}"`?' if near else "",
    )


def _circle(text: tree.Text, shown: str) -> Diagnostic:
    return Diagnostic(
        "PG109",
        f"`{shown}` uses itself",
        text.span,
        "this leads back to the file that it stands in, or to one that uses it",
        help="put what both need into a third file",
    )
