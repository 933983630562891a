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

# From the best to the plainest: sfdp draws no boxes around composite states, osage sets all
# boxes in rows and columns, and always ends.
_PLAIN = ("-Gnslimit=1", "-Gnslimit1=1", "-Gmclimit=0.2", "-Gsplines=line", "-Gnewrank=true")
_SMALL: tuple[tuple[str, ...], ...] = (("-Kdot",), ("-Kdot", *_PLAIN))
_LARGE: tuple[tuple[str, ...], ...] = (
    ("-Ksfdp", "-Gsplines=line", "-Goverlap=prism"),
    ("-Kosage", "-Gsplines=line"),
)
_HOPELESS = 1_000_000  # characters of DOT, for which the first two would only use up the time


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
    layouts = _LARGE if len(dot) > _HOPELESS else (*_SMALL, *_LARGE)
    end = time.monotonic() + limit
    said = ""
    for number, layout in enumerate(layouts):
        share = (end - time.monotonic()) / (len(layouts) - number)
        for program in programs:
            drawn, complaint = _run([program, *layout, f"-T{kind}"], dot, share, kind)
            if drawn:
                return _plainest(drawn) if kind == "svg" else drawn
            if not complaint:
                break  # it took too long, as it would take the next one
            said = complaint
    raise CannotDraw(
        f"no picture within {limit:g} seconds: {said or 'it is too large'}; "
        "an SVG takes less than a PNG, and the text for Graphviz (`-f dot`) can always be had"
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
        command += ["-Gdpi=96", "-Gsize=80,80"]  # inches: a larger one is scaled down
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
