"""Writing files: whole or not at all, only when they change, and never over a user's work."""

from __future__ import annotations

import os
from difflib import unified_diff
from pathlib import Path

from protogen_fsm.diagnostics import Diagnostic, SpecError

_HEAD = 1000  # characters in which a file says who made it


def read(path: Path) -> bytes | None:
    """What a file holds, None if there is no file; SpecError if it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise SpecError([unreadable(path, error)]) from None


def write(path: Path, data: bytes) -> bool:
    """Put `data` there; whether that changed anything. SpecError if it cannot be written."""
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)  # a device or a pipe must not be replaced by a file
            return True
        if path.is_file() and path.read_bytes() == data:
            return False
        _replace(path.resolve(), data)
    except (OSError, ValueError) as error:
        raise SpecError([unwritable(path, error)]) from None
    return True


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode if path.exists() else None
    made = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        made.write_bytes(data)
        if mode is not None:
            made.chmod(mode)
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)


def refuse_foreign(path: Path, mark: str) -> None:
    """SpecError if a file lies there that does not say near its top that protogen made it."""
    found = read(path)
    if found and mark.encode() not in found[:_HEAD]:
        raise SpecError(
            [
                Diagnostic(
                    "PG953",
                    f"`{path}` is in the way, and protogen did not make it",
                    notes=("a file that protogen makes says so at its top",),
                    help="move it, or name another folder with `-o`",
                )
            ]
        )


def diff(path: Path, before: str, after: str) -> str:
    """What would change, as a patch."""
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in unified_diff(
            before.splitlines(keepends=True),
            after.splitlines(keepends=True),
            f"{path} (is)",
            f"{path} (would be)",
        )
    )


def unreadable(path: Path | str, error: Exception) -> Diagnostic:
    """PG951, in the system's words."""
    return Diagnostic("PG951", f"`{path}` cannot be read: {_reason(error)}")


def unwritable(path: Path | str, error: Exception) -> Diagnostic:
    """PG952, in the system's words."""
    return Diagnostic(
        "PG952",
        f"`{path}` cannot be written: {_reason(error)}",
        help="name another folder with `-o`",
    )


def _reason(error: Exception) -> str:
    said = error.strerror if isinstance(error, OSError) else str(error)
    return (said or type(error).__name__).lower()
