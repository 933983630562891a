"""What users' code sees of a spec: the classes, methods and signatures of the generated module.

They are read off the module itself, so that nothing is said that the code would not show.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protogen_fsm.backends.python import Backend
from protogen_fsm.diagnostics import Diagnostic, Label, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.model.machine import Machine
    from protogen_fsm.model.spec import Spec
    from protogen_fsm.source import Span

_ROLES = (
    ("do_", "handler", ("PG602", "PG603", "PG606")),
    ("emit_", "emission", ("PG604", "PG605", "PG607")),
    ("", "call", ("PG604", "PG605", "PG607")),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A class: how it is made, and its methods, each as one would call it."""

    made: str
    methods: dict[str, str]


def handlers(old: Spec, new: Spec) -> Iterator[Diagnostic]:
    """Classes and methods that are gone, changed or new; nothing where a version has no module."""
    backend = Backend()
    if backend.refuse(old) or backend.refuse(new):
        return
    before, after = (_seen(backend.render(spec)[0].text) for spec in (old, new))
    for name, cls in before.items():
        if name not in after:
            where = _of(old, name)
            yield Diagnostic("PG601", f"the class `{name}` is gone", where, "made of this")
            continue
        if cls.made != after[name].made:
            yield _changed(
                "PG608", name, cls.made, after[name].made, _of(new, name), _of(old, name)
            )
        if name in old.machines and name in new.machines:
            yield from _methods(old.machines[name], new.machines[name], cls, after[name])


def _methods(old: Machine, new: Machine, before: Seen, after: Seen) -> Iterator[Diagnostic]:
    come = {name: call for name, call in after.methods.items() if name not in before.methods}
    for method, call in before.methods.items():
        _, role, (gone, changed, _) = _role(method)
        name = f"{old.name}.{method}"
        if _is_from_below(old, method):
            continue
        if method not in after.methods:
            now = [one for one, other in come.items() if _tail(other) == _tail(call)]
            near = nearest(method, [one for one in now if _role(one)[1] == role])
            yield Diagnostic(
                gone,
                f"the {role} `{name}` is gone",
                _place(old, method),
                f"`{call}` was called here" if role != "call" else f"`{call}` was this",
                help=f"it may be `{near}` now" if near else "",
            )
        elif call != after.methods[method]:
            where = _place(new, method), _place(old, method)
            yield _changed(changed, name, call, after.methods[method], *where)
    for method, call in come.items():
        _, role, (_, _, number) = _role(method)
        if not _is_from_below(new, method):
            yield Diagnostic(
                number,
                f"the {role} `{new.name}.{method}` is new",
                _place(new, method),
                f"`{call}`",
                severity="warning",
            )


def _is_from_below(machine: Machine, method: str) -> bool:
    """Whether a method is what the layer below calls: that is the wire's matter."""
    return method in machine.events and machine.events[method].origin != "above"


def _tail(call: str) -> str:
    return call.partition("(")[2]


def _changed(
    code: str, name: str, before: str, after: str, where: Span | None, was: Span | None
) -> Diagnostic:
    labels = () if was is None else (Label(was, f"it was `{before}`"),)
    return Diagnostic(code, f"`{name}` is called otherwise", where, f"now `{after}`", labels)


def _role(method: str) -> tuple[str, str, tuple[str, str, str]]:
    return next(one for one in _ROLES if method.startswith(one[0]))


def _seen(text: str) -> dict[str, Seen]:
    """The public classes of a module."""
    found = {}
    for node in ast.parse(text).body:
        if not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
            continue
        functions = [one for one in node.body if isinstance(one, ast.FunctionDef)]
        made = next((_call(one) for one in functions if one.name == "__init__"), "")
        fields = [
            f"{one.target.id}: {ast.unparse(one.annotation)}"
            + ("" if one.value is None else f" = {ast.unparse(one.value)}")
            for one in node.body
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
            if node.decorator_list and not one.target.id.startswith("_")
        ]
        made = made.replace("__init__", node.name, 1) or f"{node.name}({', '.join(fields)})"
        methods = {one.name: _call(one) for one in functions if not one.name.startswith("_")}
        found[node.name] = Seen(made, methods)
    return found


def _call(function: ast.FunctionDef) -> str:
    """How a method is called, and what it may answer; that it may wait goes without saying."""
    args = ast.unparse(function.args).removeprefix("self").removeprefix(", ")
    answers = [] if function.returns is None else _union(function.returns)
    said = [
        one for one in answers if one not in ("None", "object") and not one.startswith("Awaitable[")
    ]
    return f"{function.name}({args})" + (f" -> {' | '.join(said)}" if said else "")


def _union(node: ast.expr) -> list[str]:
    if isinstance(node, ast.BinOp):
        return [*_union(node.left), *_union(node.right)]
    return [ast.unparse(node)]


# ---------------------------------------------------------------- places


def _of(spec: Spec, name: str) -> Span | None:
    """Where the spec says what a class is made of."""
    if name in spec.machines:
        return spec.machines[name].name_span
    if name in spec.messages:
        return spec.messages[name].name_span
    for machine in spec.machines.values():
        for outcome in machine.outcomes.values():
            if outcome.name.replace("_", "").lower() == name.replace("_", "").lower():
                return outcome.span
    if name in spec.structs:
        return spec.structs[name].span
    return spec.enums[name].span if name in spec.enums else None


def _place(machine: Machine, method: str) -> Span:
    """The row, event or emission that a method is made of; else the machine."""
    for states in sorted(machine.every_state(), key=lambda one: -len(one.name)):
        prefix = f"do_{states.name}_"
        if method.startswith(prefix):
            event = method.removeprefix(prefix)
            rows = [*states.transitions, *states.timeouts]
            for row in rows:
                is_meant = row.match.text == ("*" if event == "default" else event)
                if is_meant or (event == "timeout" and row.kind != "on"):
                    return row.match.span
            return states.name_span
    name = method.removeprefix("emit_")
    known = machine.emits.get(name) or machine.events.get(name) or machine.questions.get(name)
    return machine.name_span if known is None else known.span
