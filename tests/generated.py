"""What the tests of generated code share: a spec's text made into the module that it means."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

from protogen_fsm import pipeline
from protogen_fsm.backends.backend import find
from protogen_fsm.source import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protogen_fsm.model.spec import Spec

ROOT = Path(__file__).parent.parent


def module_text(text: str, path: str = "spec.proto") -> str:
    """The module that a spec is built into; what the checks say of it is not asked."""
    spec = pipeline.understand(Source(path, text))
    (file,) = pipeline.render(spec, find("python"))
    return file.text


@cache
def made(text: str, path: str = "spec.proto") -> Any:
    """The module itself, imported; one for each text."""
    name = f"made_{Path(path).stem}_{abs(hash(text))}"
    CODES[name] = compile(module_text(text, path), f"{name}.py", "exec")
    return run(name, CODES[name])


CODES: dict[str, CodeType] = {}


def run(name: str, code: CodeType) -> Any:
    module = ModuleType(name)
    sys.modules[name] = module  # pickle finds classes by their module
    exec(code, module.__dict__)
    return module


@cache
def apart(name: str) -> Any:
    """The same module once more, for a test that puts classes of its own into it."""
    return run(f"{name}_apart", CODES[name])


@cache
def understood(path: Path) -> Spec:
    """The spec of a file."""
    return pipeline.understand(Source(str(path), path.read_text("utf-8")))


def machine(body: str, *, head: str = "", before: str = "") -> Any:
    """The module of a spec with one machine `M`, `body` between its braces."""
    return made(f"protocol P\n{before}\nmachine M{head} {{\n{body}\n}}\n")


def shipped(name: str, folder: str = "specs") -> Any:
    """The module of a spec that ships with protogen: of `specs/NAME.proto`, or of an example."""
    path = ROOT / folder / f"{name}.proto"
    return made(path.read_text("utf-8"), str(path))


def smtp() -> Any:
    """The module of the SMTP that ships with protogen."""
    return shipped("smtp")


def told(one: Any) -> list[tuple[Any, ...]]:
    """What a machine has emitted since the last time: names with their arguments."""
    return [(event.name, *event.args) for event in one.events()]


def fed(one: Any, chunks: Sequence[bytes]) -> bytes:
    """What a machine says to bytes that come in these chunks."""
    said = b""
    for chunk in chunks:
        one.receive_data(chunk)
        said += one.data_to_send()
    return said
