"""The tutorial and the pages of docs/language are gone through as a reader would, from the top.

The words behind a fence say what is done with a block:

| fence | |
| --- | --- |
| `proto NAME.proto`, `python NAME.py` | is saved under that name; specs are as `fmt` prints them |
| `console` | each line behind `$ ` is run, and prints what stands below; `…` is any lines |
| `console server` | is started; ended by the next one or the page's end; prints these lines |
| `pycon` | a dialogue with Python, with the specs of the page built, and nothing said of them |
"""

from __future__ import annotations

import doctest
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clocks import MAKE_WIRE
from protogen_fsm.backends.backend import find
from protogen_fsm.diagnostics.text import render_text
from protogen_fsm.pipeline import check, render, understand
from protogen_fsm.runtime.wire import Wire
from protogen_fsm.source import Source
from protogen_fsm.syntax.fmt import format
from protogen_fsm.syntax.parse import parse

TOP = Path(__file__).parent.parent
PAGES = [TOP / "docs" / "tutorial.md", *sorted((TOP / "docs" / "language").glob("*.md"))]
PORT = "1110"  # as the tutorial has it


class Reader:
    """Goes through a page in a folder of its own."""

    def __init__(self, page: Path, folder: Path) -> None:
        self.page, self.folder = page, folder
        self.names: dict[str, object] = {"__name__": "page"}
        self.server: subprocess.Popen[str] | None = None
        self.expected = ""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port = str(taken.getsockname()[1])
        tools = folder / ".bin"
        tools.mkdir()
        for name, command in (("protogen", "-m protogen_fsm"), ("python", "")):
            tool = tools / name
            tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" {command} "$@"\n')
            tool.chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{tools}:{os.environ['PATH']}",
            "PYTHONPATH": str(TOP / "src"),
            "PYTHONUNBUFFERED": "1",
            "COLUMNS": "100",
        }

    def go(self) -> None:
        """From the first block to the last."""
        text = self.page.read_text("utf-8")
        try:
            for block in re.finditer(r"^```([^\n]*)\n(.*?)^```$", text, re.M | re.S):
                line = text.count("\n", 0, block.start(2)) + 1
                kind, _, name = block[1].partition(" ")
                if name.endswith((".proto", ".py")):
                    self.save(name, block[2])
                elif block[1] == "console server":
                    self.serve(block[2])
                elif kind == "console":
                    self.run(block[2])
                elif kind == "pycon":
                    self.talk(block[2], line)
        finally:
            self.stop()

    def save(self, name: str, text: str) -> None:
        if name.endswith(".proto"):
            assert format(parse(Source(name, text))) == text, f"{name} is not as fmt prints it"
        (self.folder / name).write_text(text.replace(PORT, self.port), "utf-8")

    def run(self, text: str) -> None:
        for command, said in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.M):
            done = subprocess.run(
                ["sh", "-c", command.replace(PORT, self.port)],
                cwd=self.folder,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=60,
            )
            heard = done.stdout.replace(self.port, PORT)
            assert _same(said, heard), f"{command}\nprints\n{heard}\nnot\n{said}"

    def serve(self, text: str) -> None:
        self.stop()
        command, self.expected = re.match(r"\$ (.*)\n(.*)", text, re.S).groups()  # type: ignore[union-attr]
        self.server = subprocess.Popen(
            ["sh", "-c", f"exec {command.replace(PORT, self.port)}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(200):
            with socket.socket() as trying:
                if trying.connect_ex(("127.0.0.1", int(self.port))) == 0:
                    return
            assert self.server.poll() is None, self.server.communicate()[0]
            time.sleep(0.05)
        raise AssertionError(f"{command} does not listen")

    def stop(self) -> None:
        if self.server is None:
            return
        self.server.send_signal(signal.SIGINT)
        heard = self.server.communicate(timeout=20)[0].replace(self.port, PORT)
        self.server = None
        for line in self.expected.splitlines():
            assert line == "…" or line in heard, f"{line}\nis not in\n{heard}"

    def talk(self, text: str, line: int) -> None:
        self.build()
        said = doctest.DocTestParser().get_doctest(text, self.names, str(self.page), None, line)
        runner = doctest.DocTestRunner(
            optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
        )
        heard: list[str] = []
        assert not runner.run(said, out=heard.append, clear_globs=False).failed, "".join(heard)
        self.names = said.globs

    def build(self) -> None:
        """Every spec so far, if there is no module of it yet."""
        for path in sorted(self.folder.glob("*.proto")):
            source = Source(path.name, path.read_text("utf-8"))
            found = check(source)
            assert not found, render_text(found)
            for file in render(understand(source), find("python")):
                (self.folder / file.path).write_text(file.text, "utf-8")


def _same(said: str, heard: str) -> bool:
    parts = [re.escape(part) for part in said.split("…\n")]
    return re.fullmatch("(?:.*\n)*?".join(parts), heard) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_reader_who_does_what_a_page_says_sees_what_it_shows(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(Wire, "__init__", MAKE_WIRE)
    before = set(sys.modules)
    try:
        Reader(page, tmp_path).go()
    finally:
        for name in set(sys.modules) - before:
            if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]
