"""The user's own file: the handlers to fill in, and later those that are new."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeGuard

from protogen_fsm.backends.python import layout
from protogen_fsm.backends.python.module import module_writer
from protogen_fsm.backends.templates import template

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.model.machine import Machine
    from protogen_fsm.model.spec import Spec


@dataclass(slots=True)
class Handler:
    """A method to fill in: its name and its lines, as they stand in a class.

    `general`: the names of handlers that would be called if this one were not there.
    """

    name: str
    lines: list[str]
    general: tuple[str, ...] = ()


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


def classes(spec: Spec, prefix: str, machine: str | None = None) -> list[Class]:
    """A class for each machine of the spec, or for the one named, with what decides something.

    `prefix` stands before the names of the generated module.
    """
    found = []
    for one in spec.machines.values():
        if machine is not None and one.name != machine:
            continue
        writer = module_writer(spec, one)
        writer.view()
        handlers = [
            Handler(name, lines, tuple(_general(one, name)))
            for name, lines in writer.handlers(prefix)
        ]
        doc = layout.render(layout.docstring(one.doc or f"The machine {one.name}.", 4), 4)
        found.append(Class(one.name, doc, handlers))
    return found


def _general(machine: Machine, name: str) -> Iterable[str]:
    for state in machine.every_state():
        event = name.removeprefix(f"do_{state.name}_")
        if event != name:
            yield from (f"do_{around.name}_{event}" for around in state.around())
            yield f"do_{event}"


def render(spec: Spec, module: str, machine: str | None = None) -> str:
    """A new skeleton, over the generated module of that name."""
    doc = layout.docstring(
        f"{spec.doc or spec.name}: the handlers.\n\nThis file is yours. "
        "`protogen skeleton` adds the handlers that are new and touches nothing else.",
        0,
    )
    return template("python/skeleton.py.j2").render(
        doc=doc, module=module, classes=classes(spec, f"{module}.", machine)
    )


def extend(text: str, spec: Spec, module: str, machine: str | None = None) -> str:
    """The user's file with the handlers that it does not have yet; every other byte as it was.

    Raises SkeletonError if the text is no Python.
    """
    try:
        theirs = _Theirs(text, module)
    except (SyntaxError, ValueError) as error:
        raise SkeletonError(str(error), getattr(error, "lineno", None) or 1) from error
    missing: list[Class] = []
    for one in classes(spec, theirs.prefix, machine):
        node = theirs.classes.get(one.name)
        if node is None:
            missing.append(one)
            continue
        has = {name for item in node.body for name in _defined(item)}
        new = [h for h in one.handlers if has.isdisjoint((h.name, *h.general))]
        if new:
            theirs.add_to(node, new)
    if missing:
        name = theirs.prefix.rstrip(".")
        theirs.append(template("python/classes.py.j2").render(module=name, classes=missing))
    result = theirs.spliced()
    ast.parse(result)
    return result


_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


@dataclass
class _Theirs:
    """The user's file: its classes by the machines that they stand on, and what is to be added."""

    text: str
    module: str
    prefix: str = ""
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    splices: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        tree = ast.parse(self.text)
        self.starts = [0]  # where each line begins: lines as Python counts them
        for match in _LINE.finditer(self.text):
            self.starts.append(match.end())
        ends = re.findall(r"\r\n|\r|\n", self.text)
        self.newline = max(set(ends), key=ends.count) if ends else "\n"
        modules, names = self._imported(tree)
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                for base in node.bases:
                    head, _, last = ast.unparse(base).rpartition(".")
                    name = last if head in modules else "" if head else names.get(last, "")
                    self.classes.setdefault(name, node)
        first = max(
            (node.end_lineno or 0 for at, node in enumerate(tree.body) if _is_head(node, at)),
            default=0,
        )
        self.to_import = None if modules else self.starts[first]
        self.prefix = (modules[0] if modules else self.module) + "."

    def _imported(self, tree: ast.Module) -> tuple[list[str], dict[str, str]]:
        """What the file calls the generated module, and what it calls that module's names."""
        modules: list[str] = []
        names: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                modules += [
                    alias.asname or alias.name
                    for alias in node.names
                    if alias.name.split(".")[-1] == self.module
                ]
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if alias.name == self.module:
                        modules.append(alias.asname or alias.name)
                    elif (node.module or "").split(".")[-1] == self.module:
                        names[alias.asname or alias.name] = alias.name
        return modules, names

    def add_to(self, node: ast.ClassDef, handlers: list[Handler]) -> None:
        """The handlers go to the end of a class, indented as it is."""
        first = node.body[0]
        if isinstance(first, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            begin = min([first.lineno, *(d.lineno for d in first.decorator_list)])
        else:
            begin = first.lineno
        start = self.starts[begin - 1]
        margin = re.match(r"[ \t\f]*", self.text[start:]).group()  # type: ignore[union-attr]
        if begin == node.lineno:  # `class Server(smtp.Server): pass`
            margin += "    "
            line = self.text[start : self.starts[begin]].encode()[: first.col_offset].decode()
            self.splices.append((start + len(line), f"\n{margin}"))
        lines: list[str] = []
        for handler in handlers:
            lines += ["", *(_indented(line, margin) for line in handler.lines)]
        self._add(self.starts[node.end_lineno or node.lineno], lines)

    def append(self, text: str) -> None:
        """Classes go to the end of the file."""
        self._add(len(self.text), text.splitlines())

    def _add(self, at: int, lines: list[str]) -> None:
        is_open = at == len(self.text) and not self.text.endswith(("\r", "\n")) and self.text
        self.splices.append((at, ("\n" if is_open else "") + "".join(f"{n}\n" for n in lines)))

    def spliced(self) -> str:
        """The text with all that was added."""
        if self.splices and self.to_import is not None:  # what is added names the module
            self.splices.insert(0, (self.to_import, f"import {self.module}\n"))
        result, last = [], 0
        for at, addition in sorted(self.splices, key=lambda splice: splice[0]):
            result += [self.text[last:at], addition.replace("\n", self.newline)]
            last = at
        return "".join([*result, self.text[last:]])


def _is_head(node: ast.stmt, at: int) -> bool:
    """Whether an import has to stand behind it: the docstring, and what comes from the future."""
    is_doc = at == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_doc or (isinstance(node, ast.ImportFrom) and node.module == "__future__")


def _indented(line: str, margin: str) -> str:
    """A line that stands four spaces deep, as the class has it."""
    if not line:
        return ""
    inner = len(line) - len(line.lstrip(" ")) - 4
    step = "\t" if margin.endswith("\t") else "    "
    return margin + step * (inner // 4) + " " * (inner % 4) + line.lstrip(" ")


def _defined(item: ast.stmt) -> list[str]:
    """What a statement of a class's body gives a name to."""
    if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [item.name]
    if isinstance(item, ast.Assign | ast.AnnAssign):
        targets = item.targets if isinstance(item, ast.Assign) else [item.target]
        return [one.id for target in targets for one in ast.walk(target) if _is_name(one)]
    inner: list[ast.stmt] = [
        statement
        for name in ("body", "orelse", "finalbody", "handlers")
        for one in getattr(item, name, ())
        for statement in (one.body if isinstance(one, ast.ExceptHandler) else [one])
    ]
    return [name for one in inner for name in _defined(one)]


def _is_name(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name)
