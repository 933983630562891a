"""What the pages say holds: their specs are clean, their fragments can be read, their examples run.

The word behind a fence decides: `proto` (a whole spec: nothing is said of it, and it is built where
the page does not say that it cannot be), `proto unbuilt` (the back-end does not run it yet, and
says so), `proto fragment` (lines that stand somewhere in a spec), `python` (compiles), `python run`
(runs, with the examples of its page before it). Others are not looked at.
"""

from __future__ import annotations

import asyncio
import inspect
import re
import sys
from ast import PyCF_ALLOW_TOP_LEVEL_AWAIT
from dataclasses import dataclass
from pathlib import Path

import pytest

from clocks import MAKE_WIRE
from protogen_fsm.backends.backend import find
from protogen_fsm.diagnostics import SpecError
from protogen_fsm.diagnostics.codes import CODES
from protogen_fsm.diagnostics.text import render_text
from protogen_fsm.pipeline import examine, load, render, understand
from protogen_fsm.runtime.wire import Wire
from protogen_fsm.source import Source
from protogen_fsm.syntax.parse import parse
from test_house import FLOORS, HOUSE

TOP = Path(__file__).parent.parent
PAGES = [TOP / "README.md", *sorted(TOP.glob("docs/**/*.md"))]
KINDS = {"proto", "proto unbuilt", "proto fragment", "python", "python run"}


@dataclass
class Block:
    page: Path
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(TOP)}:{self.line}"


def blocks() -> list[Block]:
    found = []
    for page in PAGES:
        text = page.read_text("utf-8")
        for one in re.finditer(r"^```([^\n]*)\n(.*?)^```$", text, re.M | re.S):
            line = text.count("\n", 0, one.start(2)) + 1
            found.append(Block(page, line, one[1].strip(), one[2]))
    return found


BLOCKS = blocks()
BUILT = [
    *("smtp.proto", "lines.proto", "sip.proto", "lcp.proto", "mqtt.proto", "http1.proto"),
    "websocket.proto",
    "pop3.proto",
    "ftp.proto",
    "tftp.proto",
    "resp.proto",
]


def of(*kinds: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("block", [b for b in BLOCKS if b.kind in kinds], ids=str)


def test_every_block_of_ours_says_what_it_is() -> None:
    for block in BLOCKS:
        ours = block.kind.startswith(("proto", "python"))
        saved = block.kind.endswith((".proto", ".py"))  # see test_pages.py
        assert not ours or saved or block.kind in KINDS, block
        assert not block.text.startswith("protocol ") or block.kind.startswith("proto"), block


@of("proto", "proto unbuilt")
def test_a_spec_in_the_pages_is_clean(block: Block) -> None:
    found = examine(Source("page.proto", block.text)).diagnostics
    assert not found, render_text(found)


@of("proto")
def test_a_spec_in_the_pages_becomes_a_module(block: Block) -> None:
    for file in render(understand(Source("page.proto", block.text)), find("python")):
        exec(compile(file.text, file.path, "exec"), {"__name__": "page"})


@of("proto unbuilt")
def test_what_the_pages_say_cannot_run_yet_is_refused_with_its_place(block: Block) -> None:
    with pytest.raises(SpecError) as refused:
        render(understand(Source("page.proto", block.text)), find("python"))
    assert {diagnostic.code[:3] for diagnostic in refused.value.diagnostics} == {"PG9"}


@of("proto fragment")
def test_a_fragment_in_the_pages_can_be_read(block: Block) -> None:
    around = [
        ("", ""),
        ("machine M {\n", "}\n"),
        ("machine M {\ninitial state S {\n", "}\n}\n"),
        ("machine M {\ninitial state S {\non e ", "}\n}\n"),
        ("system S {\n", "}\n"),
    ]
    said = []
    for before, behind in around:
        text = f"protocol P\n{before}{block.text}{behind}"
        try:
            parse(Source("page.proto", text))
            return
        except SpecError as error:
            said.append(render_text(error.diagnostics))
    pytest.fail("\n".join(said))


@of("python")
def test_an_example_in_the_pages_is_python(block: Block) -> None:
    compile(block.text, str(block), "exec", PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path with the modules of the specs that the pages speak of."""
    monkeypatch.setattr(Wire, "__init__", MAKE_WIRE)
    for name in BUILT:
        spec = understand(load(str(TOP / "specs" / name)))
        for file in render(spec, find("python")):
            (tmp_path / file.path).write_text(file.text, "utf-8")
            monkeypatch.delitem(sys.modules, file.path.removesuffix(".py"), raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


RUN = [page for page in PAGES if any(b.page == page and b.kind == "python run" for b in BLOCKS)]


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.name)
def test_the_examples_of_a_page_run(page: Path, built: Path) -> None:
    names: dict[str, object] = {"__name__": "page"}

    async def run() -> None:
        for block in BLOCKS:
            if block.page == page and block.kind == "python run":
                text = "\n" * (block.line - 1) + block.text
                code = compile(text, str(page), "exec", PyCF_ALLOW_TOP_LEVEL_AWAIT)
                answer = eval(code, names)
                if inspect.iscoroutine(answer):
                    await answer

    asyncio.run(asyncio.wait_for(run(), 60))


def test_the_page_of_diagnostics_names_each_code_as_the_registry_does() -> None:
    page = (TOP / "docs" / "diagnostics.md").read_text("utf-8")
    rows = re.findall(r"^\| (PG\d{3}) \| `(\w+)` \| (\w+) \| (.*) \|$", page, re.M)
    assert rows == [(c.code, c.name, c.severity, c.title) for c in CODES.values()]


def test_the_page_of_the_design_has_the_rooms_on_their_floors() -> None:
    page = (TOP / "docs" / "design.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d) \| ([^|]+) \|", page, re.M)
    told = {name: int(floor) for floor, names in rows for name in re.findall(r"`(\w+)/?`", names)}
    rooms = {path.stem for path in HOUSE.iterdir()} & FLOORS.keys() - {"__init__", "__main__"}
    assert told == {room: FLOORS[room] for room in rooms}


def test_the_index_names_every_page() -> None:
    index = (TOP / "docs" / "README.md").read_text("utf-8")
    named = set(re.findall(r"\]\(([\w/]+\.md)\)", index))
    docs = TOP / "docs"
    pages = {str(page.relative_to(docs)) for page in PAGES if docs in page.parents}
    assert named == pages - {"README.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_link_within_the_project_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?://|#)([^)#\s]+)", page.read_text("utf-8")):
        assert (page.parent / link).exists(), link
