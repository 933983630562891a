"""The house stands: imports go down, never up or sideways, and each tool has its one room."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from protogen_fsm.checks.names import TAKEN
from protogen_fsm.model.runtime import IMPORTED, MEMBERS
from protogen_fsm.runtime import core

HOUSE = Path(__file__).parent.parent / "src" / "protogen_fsm"

FLOORS = {
    "__init__": 0,
    "source": 1,
    "resources": 1,
    "pictures": 1,
    "diagnostics": 2,
    "syntax": 3,
    "model": 4,
    "resolve": 5,
    "checks": 5,
    "verify": 5,
    "backends": 5,
    "compare": 6,
    "pipeline": 7,
    "scenarios": 8,
    "cli": 9,
    "__main__": 10,
}
NOT_BELOW = {"model": {"syntax", "diagnostics", "resources"}, "backends": {"syntax"}}
USERS = {
    "cli.trace",
    "scenarios.lines",
    "scenarios.events",
    "scenarios.replay",
}  # of what the runtime offers
LOOPS = {
    "runtime.tx": {"twisted", "zope"},
    "runtime.tx_bodies": {"twisted", "zope"},
    "runtime.tx_datagrams": {"twisted"},
    "runtime.tx_deferreds": {"twisted"},
    "runtime.on_trio": {"trio"},
    "runtime.on_anyio": {"anyio"},
}
TOOLS = {"lark": "syntax", "jinja2": "backends", "graphviz": "backends", "click": "cli"}


def modules(typing: bool) -> dict[str, set[str]]:
    """What each module of the package imports, with or without what only annotations need."""
    found: dict[str, set[str]] = {}
    for path in HOUSE.rglob("*.py"):
        parts = path.relative_to(HOUSE).with_suffix("").parts
        asked = found.setdefault(".".join(parts), set())
        tree = ast.parse(path.read_text("utf-8"))
        for node in [] if typing else list(ast.walk(tree)):
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
                node.body.clear()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                asked.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                around = ["protogen_fsm", *parts[: -node.level]] if node.level else []
                base = ".".join([*around, *filter(None, [node.module])])
                asked.update(f"{base}.{alias.name}" for alias in node.names)
    return found


MODULES = modules(typing=True)
OURS = "protogen_fsm."


def home(name: str) -> str:
    """The module that an imported name lives in: the longest one that exists."""
    inner = name.removeprefix(OURS)
    while inner:
        for candidate in (inner, f"{inner}.__init__"):
            if candidate in MODULES:
                return candidate
        inner = inner.rpartition(".")[0]
    return "__init__"


def room(module: str) -> str:
    return module.partition(".")[0]


@pytest.mark.parametrize("module", sorted(MODULES))
def test_an_import_goes_down_never_up_or_sideways(module: str) -> None:
    mine = room(module)
    for name in MODULES[module]:
        theirs = room(home(name)) if f"{name}.".startswith(OURS) else mine
        if theirs == mine:
            continue
        if "runtime" in (mine, theirs):
            assert theirs == "runtime", f"{module} imports {name}"
            assert module in USERS, f"{module} imports {name}"
            continue
        assert FLOORS[theirs] < FLOORS[mine], f"{module} imports {name}, which is not below it"
        assert theirs not in NOT_BELOW.get(mine, set()), f"{module} imports {name}"


def test_no_import_goes_round_in_a_circle() -> None:
    # Between rooms the floors rule out any circle. Within one, types may know each other: an
    # expression of the model names a state, whose transitions hold expressions.
    graph: dict[str, set[str]] = defaultdict(set)
    for module, asked in modules(typing=False).items():
        graph[module] = {home(name) for name in asked if name.startswith(OURS)} - {module}
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize(("tool", "where"), TOOLS.items())
def test_a_tool_is_imported_in_one_room_only(tool: str, where: str) -> None:
    rooms = {
        room(module)
        for module, asked in MODULES.items()
        if any(name.partition(".")[0] == tool for name in asked)
    }
    assert rooms <= {where}


def test_the_runtime_imports_the_standard_library_and_an_adapter_its_main_loop() -> None:
    for module, asked in MODULES.items():
        if room(module) == "runtime":
            known = sys.stdlib_module_names | LOOPS.get(module, set())
            for name in asked:
                top = name.partition(".")[0]
                assert top in known or name.startswith(f"{OURS}runtime"), f"{module}: {name}"
                assert name.removeprefix(OURS) not in LOOPS, f"{module} imports {name}"


def test_the_names_that_are_kept_clear_for_the_runtime_are_those_that_it_has() -> None:
    assert list(IMPORTED) == core.__all__
    over = {core.StreamMachine: TAKEN["bytes"], core.DatagramMachine: TAKEN["datagrams"]}
    for cls, more in ((core.Machine, frozenset[str]()), *over.items()):
        assert {name for name in dir(cls) if name[0] != "_"} <= {*MEMBERS, *more}
    assert list(MEMBERS) == sorted(MEMBERS)
