"""`protogen build`."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from protogen_fsm import pipeline
from protogen_fsm.backends import backend as backends
from protogen_fsm.cli import disk
from protogen_fsm.cli.report import CLEAN, format_option, leave, status, tell, telling
from protogen_fsm.cli.specs import folder_option, load, specs_argument
from protogen_fsm.cli.standalone import runtime
from protogen_fsm.diagnostics import Diagnostic, SpecError, nearest

if TYPE_CHECKING:
    from protogen_fsm.backends.backend import Backend, File

_EPILOG = """\b
Examples:
  protogen build specs/smtp.proto -o out        # out/smtp.py
  protogen build specs/*.proto -o out --check   # in a workflow: has anything drifted?
  protogen build specs/smtp.proto -o out --watch"""

_POLL = 0.2  # seconds between two looks at the specs


@click.command(epilog=_EPILOG)
@specs_argument
@folder_option
@click.option("-t", "--target", default="python", show_default=True, help="What to make.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file would change.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
@click.option("--watch", is_flag=True, help="Build again whenever a spec changes.")
@click.option("--standalone", is_flag=True, help="Put the runtime beside the output too.")
@format_option
@telling
def command(
    specs: tuple[str, ...],
    folder: Path,
    target: str,
    check: bool,
    diff: bool,
    watch: bool,
    standalone: bool,
    form: str,
) -> None:
    """Make Python modules from each SPEC.

    A file is written only if it changes, and only over a file that protogen made. Warnings are
    told and do not fail a build; `protogen check` is there for that.
    """
    job = Job(specs, folder, _backend(target), form, check, diff, standalone)
    if watch:
        job.watch()
    else:
        leave(job.run())


def _backend(target: str) -> Backend:
    try:
        return backends.find(target)
    except KeyError:
        known = backends.names()
        near = nearest(target, known)
        said = f"did you mean '{near}'?" if near else f"there are: {', '.join(known)}"
        raise click.BadParameter(f"no target is named '{target}'; {said}") from None


@dataclass
class Job:
    """One `build`: what was asked, and the files that it read."""

    specs: tuple[str, ...]
    folder: Path
    backend: Backend
    form: str
    check: bool = False
    diff: bool = False
    standalone: bool = False
    read: set[Path] = field(default_factory=set)

    def run(self) -> int:
        """Build once; the exit status."""
        found: list[Diagnostic] = []
        made: dict[str, tuple[str, str]] = {}
        for spec in self.specs:
            try:
                for file in self._files(spec, found):
                    text, other = made.setdefault(file.path, (file.text, spec))
                    if text != file.text:
                        raise click.UsageError(f"{other} and {spec} both make {file.path}")
            except SpecError as error:
                found += error.diagnostics
        if self.standalone:
            made |= {file.path: (file.text, "protogen") for file in runtime()}
        for path, (text, spec) in made.items():
            try:
                found += self._put(self.folder / path, text, spec)
            except SpecError as error:
                found += error.diagnostics
        tell(found, self.form)
        return status(d for d in found if d.severity == "error")

    def _files(self, spec: str, found: list[Diagnostic]) -> list[File]:
        self.read.add(Path(spec))
        source = load(spec)
        uses = pipeline.Uses(source)
        try:
            model = pipeline.understand(source, uses)
        finally:
            self.read |= uses.looked
        found += pipeline.accept(model)
        return pipeline.render(model, self.backend)

    def _put(self, path: Path, text: str, spec: str) -> list[Diagnostic]:
        disk.refuse_foreign(path, backends.MARK)
        before, after = disk.read(path), text.encode()
        if not (self.check or self.diff):
            if disk.write(path, after):
                self._say(f"made {path}")
            return []
        if before == after:
            return []
        if self.diff:
            self._say(disk.diff(path, (before or b"").decode("utf-8", "replace"), text).rstrip())
        return [_drift(path, before, spec, self.folder)]

    def _say(self, text: str) -> None:
        click.echo(text, err=self.form != "text")

    def watch(self) -> None:
        """Build now, and again whenever a file that was read has changed; until interrupted."""
        seen = None
        try:
            while True:
                now = {path: _stamp(path) for path in self.read}
                if seen is None or now != seen:
                    if self.run() == CLEAN:
                        click.echo(f"{time.strftime('%H:%M:%S')} built; watching", err=True)
                    seen = {path: now.get(path) or _stamp(path) for path in self.read}
                time.sleep(_POLL)
        except KeyboardInterrupt:
            return


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _drift(path: Path, before: bytes | None, spec: str, folder: Path) -> Diagnostic:
    return Diagnostic(
        "PG954",
        f"`{path}` is not what `{spec}` says",
        notes=() if before is not None else ("it has not been made",),
        help=f"protogen build {spec} -o {folder}",
    )
