"""Python: a module for each spec, with a class for each machine."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from protogen_fsm.backends.backend import File
from protogen_fsm.backends.python import limits
from protogen_fsm.backends.python.module import view
from protogen_fsm.backends.templates import template

if TYPE_CHECKING:
    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.spec import Spec


class Backend:
    """Renders a spec as one module, with the machines of the files it uses inside."""

    name = "python"

    def refuse(self, spec: Spec) -> list[Diagnostic]:
        """What this back-end cannot run yet, each with its place (PG9xx)."""
        return limits.refuse(spec)

    def render(self, spec: Spec) -> list[File]:
        """The module `smtp.py` of `smtp.proto`."""
        text = template("python/module.py.j2").render(module=view(spec))
        return [File(module_name(spec) + ".py", text)]


def module_name(spec: Spec) -> str:
    """The module's name: the file's, as an identifier."""
    stem = PurePath(spec.path).stem
    name = "".join(c if c.isalnum() or c == "_" else "_" for c in stem)
    return name if name.isidentifier() else f"_{name}"
