"""Specs as they were: files of a git revision, with all that they use from that revision too."""

from __future__ import annotations

import io
import subprocess
import tarfile
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from protogen_fsm import pipeline
from protogen_fsm.diagnostics import Diagnostic, SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.model.spec import Spec


@contextmanager
def understood(spec: str) -> Iterator[Spec]:
    """A spec by its path, or as `REV:path`; SpecError if it cannot be had, or is none."""
    revision, colon, path = spec.partition(":")
    if not colon and not Path(spec).suffix and not Path(spec).exists():
        raise _missing(f"there is no file `{spec}`", f"write `--against {spec}`, or `{spec}:FILE`")
    if not colon or Path(spec).exists():
        source = pipeline.load(spec)
        yield pipeline.understand(source)
        return
    with TemporaryDirectory() as folder:
        place = _put(revision, path, Path(folder))
        source = pipeline.load(spec, place.read_bytes())
        yield pipeline.understand(source, pipeline.Uses(source, place))


def _put(revision: str, path: str, folder: Path) -> Path:
    """All specs of a revision, in a folder; where the one asked for lies there."""
    top = Path(_git("rev-parse", "--show-toplevel").decode().strip())
    commit = f"{revision}^{{commit}}"
    found = (
        _git("rev-parse", "--verify", "--end-of-options", commit, told=revision).decode().strip()
    )
    packed = _git("-C", str(top), "archive", "--format=tar", found)
    with tarfile.open(fileobj=io.BytesIO(packed)) as files:
        specs = [one for one in files.getmembers() if one.isfile() and one.name.endswith(".proto")]
        files.extractall(folder, specs, filter="data")
    for beside in (Path.cwd(), top):
        try:
            place = folder / (beside / path).resolve().relative_to(top.resolve())
        except ValueError:
            continue
        if place.is_file():
            return place
    raise _missing(f"`{path}` is not in the revision `{revision}`")


def _git(*words: str, told: str = "") -> bytes:
    try:
        done = subprocess.run(["git", *words], capture_output=True, check=False)
    except FileNotFoundError:
        raise _missing("git is not installed") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        raise _missing(f"git knows no revision `{told}`" if told else said.partition("\n")[0])
    return done.stdout


def _missing(reason: str, help: str = "") -> SpecError:
    return SpecError([Diagnostic("PG959", f"the old version cannot be had: {reason}", help=help)])
