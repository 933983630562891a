"""DOT drawn as SVG or PNG, by the system's Graphviz or the bundled one, within a limit of time."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from importlib.metadata import PackageNotFoundError, distribution
from typing import Literal

Format = Literal["svg", "png"]

LIMIT = 20.0
"""Seconds that a picture may take."""

BUNDLED = "graphviz-pure"

# From the best to the plainest; the last one draws no boxes around composite states, but ends.
_LAYOUTS: tuple[tuple[str, ...], ...] = (
    ("-Kdot",),
    ("-Kdot", "-Gnslimit=1", "-Gnslimit1=1", "-Gmclimit=0.2", "-Gsplines=line"),
    ("-Ksfdp", "-Gsplines=line", "-Goverlap=prism"),
)


class CannotDraw(Exception):
    """No picture: nothing here draws, or what there is did not manage within the limit."""


def picture(dot: str, kind: Format, limit: float = LIMIT) -> bytes:
    """The picture of a graph in the DOT language, laid out as well as the time allows.

    CannotDraw says what to install, or what else to try.
    """
    programs = drawers()
    if not programs:
        raise CannotDraw(
            "nothing here draws pictures: install Graphviz, so that `dot` is on the PATH, "
            f"or the package `{BUNDLED}`"
        )
    end = time.monotonic() + limit
    said = ""
    tries = [(program, layout) for layout in _LAYOUTS for program in programs]
    for number, (program, layout) in enumerate(tries):
        left = end - time.monotonic()
        share = left if number == len(tries) - 1 else left / 2
        drawn, complaint = _run([program, *layout, f"-T{kind}"], dot, share, kind)
        if drawn:
            return _plainest(drawn) if kind == "svg" else drawn
        said = complaint or said
    raise CannotDraw(
        f"no picture within {limit:g} seconds: {said or 'it is too large'}; "
        "the text for Graphviz (`-f dot`) can be had at any size"
    )


def drawers() -> list[str]:
    """The programs that can draw, the one to ask first in front."""
    found = [shutil.which("dot"), _bundled()]
    return [program for program in found if program]


def _bundled() -> str | None:
    """The bundled renderer, wherever its package was installed, on the PATH or not."""
    try:
        files = distribution(BUNDLED).files or ()
    except PackageNotFoundError:
        return shutil.which(BUNDLED)
    placed = (str(file.locate()) for file in files if file.stem == BUNDLED)
    return next(filter(None, map(shutil.which, placed)), None)


def _run(command: list[str], dot: str, limit: float, kind: Format) -> tuple[bytes, str]:
    """What the program drew, or nothing and what it said."""
    if kind == "png":
        command.append("-Gdpi=96")
    try:
        done = subprocess.run(command, input=dot.encode(), capture_output=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return b"", ""
    except OSError as error:
        return b"", f"{command[0]}: {error.strerror}"
    if done.returncode != 0:
        return b"", " ".join(done.stderr.decode(errors="replace").split())[:200]
    return done.stdout, ""


def _plainest(svg: bytes) -> bytes:
    """The same picture without dates, versions and links, its words shown as tool tips."""
    text = svg.decode()
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<title>.*?</title>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'<a\b[^>]*?xlink:title="([^"]*)"[^>]*>', r"<g><title>\1</title>", text)
    return text.replace("</a>", "</g>").encode()
