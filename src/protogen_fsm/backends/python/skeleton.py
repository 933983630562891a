"""The user's own file: the handlers to fill in, and later those that are new."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protogen_fsm.backends.python import layout
from protogen_fsm.backends.python.machines import Writer
from protogen_fsm.backends.python.module import module_writer
from protogen_fsm.backends.templates import template

if TYPE_CHECKING:
    from protogen_fsm.model.spec import Spec


@dataclass(slots=True)
class Handler:
    """A method to fill in: its name and its lines, as they stand in a class."""

    name: str
    lines: list[str]


@dataclass(slots=True)
class Class:
    """A class of the skeleton, and its handlers."""

    name: str
    doc: list[str]
    handlers: list[Handler]


class SkeletonError(Exception):
    """The file that stands there is no Python; `line` says where."""

    def __init__(self, problem: str, line: int) -> None:
        self.line = line
        super().__init__(problem)


def classes(spec: Spec, module: str, machine: str | None = None) -> list[Class]:
    """A class for each machine of the spec, or for the one named, with the handlers that decide something."""
    found = []
    for one in spec.machines.values():
        if machine is not None and one.name != machine:
            continue
        writer = module_writer(spec, one)
        writer.view()
        handlers = [Handler(name, lines) for name, lines in writer.handlers(prefix=f"{module}.")]
        doc = layout.render(layout.docstring(one.doc or f"The machine {one.name}.", 4), 4)
        found.append(Class(one.name, doc, handlers))
    return found


def render(spec: Spec, module: str, machine: str | None = None) -> str:
    """A new skeleton, over the generated module of that name."""
    doc = layout.docstring(
        f"{spec.doc or spec.name}: the handlers.\n\nThis file is yours. "
        "`protogen skeleton` adds the handlers that are new and touches nothing else.",
        0,
    )
    return template("python/skeleton.py.j2").render(
        doc=doc, module=module, classes=classes(spec, module, machine)
    )


def extend(text: str, spec: Spec, module: str, machine: str | None = None) -> str:
    """The user's file with the handlers that it does not have yet; every other byte as it was.

    Raises SkeletonError if the text is no Python.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise SkeletonError(str(error), getattr(error, "lineno", None) or 1) from error
    theirs = {
        name: node
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for name in _machines(node, module)
    }
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    missing: list[Class] = []
    splices: list[tuple[int, str]] = []
    for one in classes(spec, module, machine):
        node = theirs.get(one.name)
        if node is None:
            missing.append(one)
            continue
        has = {name for item in node.body for name in _defined(item)}
        new = [handler for handler in one.handlers if handler.name not in has]
        if new:
            margin = " " * node.body[0].col_offset
            splices.append((node.end_lineno or node.lineno, _methods(new, margin)))
    for at, addition in sorted(splices, reverse=True):
        lines.insert(at, addition)
    result = "".join(lines)
    if missing:
        result += template("python/classes.py.j2").render(module=module, classes=missing)
    ast.parse(result)
    return result if splices or missing else text


def _machines(node: ast.ClassDef, module: str) -> list[str]:
    found = []
    for base in node.bases:
        if isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name):
            if base.value.id == module:
                found.append(base.attr)
        elif isinstance(base, ast.Name):
            found.append(base.id)
    return found


def _defined(item: ast.stmt) -> list[str]:
    if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
        return [item.name]
    if isinstance(item, ast.Assign):
        return [target.id for target in item.targets if isinstance(target, ast.Name)]
    return []


def _methods(handlers: list[Handler], margin: str) -> str:
    lines: list[str] = []
    for handler in handlers:
        lines += ["", *(margin + line[4:] if line else "" for line in handler.lines)]
    return "".join(line + "\n" for line in lines)
