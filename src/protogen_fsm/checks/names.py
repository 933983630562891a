"""Names that generated code could not bear."""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING

from protogen_fsm.checks.tell import tell
from protogen_fsm.model.layouts import structs
from protogen_fsm.model.messages import Binary
from protogen_fsm.model.runtime import IMPORTED, MEMBERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.machine import Machine, Transition
    from protogen_fsm.model.spec import Spec
    from protogen_fsm.model.types import Param
    from protogen_fsm.source import Span

RUNTIME = frozenset(MEMBERS)  # what every generated class has from the runtime
PREFIXES = ("_", "do_", "emit_", "enter_", "exit_", "encode_", "decode_")
TAKEN = {"bytes": frozenset({"read", "data"}), "datagrams": frozenset({"data"})}  # by what is below
# What a generated module imports.
MODULE = frozenset(
    {*IMPORTED, "annotations", "TYPE_CHECKING", "Awaitable", "Struct", "pack", "unpack_from"}
)
# What generated code says in annotations: neither a class nor one of its members may hide it.
TYPES = frozenset({"int", "str", "bytes", "bool", "float", "object", "list"})
LOCAL = frozenset({"type", "answer", "frame"})  # within methods and functions
CALLED = frozenset({"len", "min", "max", "super", "property", "isinstance", "range"})


def reserved_names(spec: Spec) -> Iterator[Diagnostic]:
    """Keywords of Python, names of the runtime, and builtins that generated code needs.

    A state may be called anything: its name only ever stands within others.
    """
    for constant in spec.constants.values():
        yield from _top_level("constant", constant.name, constant.span)
    for enum in spec.enums.values():
        yield from _top_level("enum", enum.name, enum.span)
        for member in enum.members:
            yield from _bearable("member", member, enum.span)
    for struct in spec.structs.values():
        yield from _top_level("struct", struct.name, struct.span)
        yield from _params("field", struct.fields)
    for message in spec.messages.values():
        yield from _top_level("message", message.name, message.name_span)
        yield from _params("field", message.params)
        if isinstance(message.pattern, Binary):
            for struct in structs(message.pattern):
                if struct.span.source is message.span.source:
                    yield from _top_level("struct", struct.name, struct.span)
                    yield from _params("field", struct.fields)
    for machine in spec.machines.values():
        yield from _top_level("machine", machine.name, machine.name_span)
        yield from _of_machine(machine)


def _of_machine(machine: Machine) -> Iterator[Diagnostic]:
    over = machine.below.kind if machine.below is not None else "nothing"
    taken = TAKEN.get(over, frozenset())
    for param in machine.params:
        yield from _member("parameter", param.name, param.span, CALLED - {"super"})
    for event in machine.events.values():
        if event.origin == "built_in":
            continue
        kind = "timer" if event.origin == "timer" else "event"
        if event.name == "default":
            yield _reserved(
                kind, event.name, event.span, "handlers named `do_…_default` take what is left"
            )
        elif _is_of(machine, event.span):
            yield from _member(kind, event.name, event.span)
            if event.name in taken and event.origin != "below":
                yield _reserved(
                    kind, event.name, event.span, f"machines over {over} have this name"
                )
            if event.message is None:
                yield from _params("parameter", event.params)
    for output in [*machine.sends.values(), *machine.emits.values()]:
        if output.message is None and _is_of(machine, output.span):
            yield from _bearable("event", output.name, output.span)
            yield from _params("parameter", output.params)
    for variable in machine.variables.values():
        yield from _member("variable", variable.name, variable.span, CALLED)
    for question in machine.questions.values():
        yield from _member(question.kind, question.name, question.span)
        yield from _params("parameter", question.params)
    for many in machine.many.values():
        yield from _member("name", many.name, many.span, CALLED)
    for state in machine.every_state():
        yield from _params("parameter", state.params)
        for row in state.transitions:
            yield from _row(row)


def _row(row: Transition) -> Iterator[Diagnostic]:
    for name in row.names:
        yield from _bearable("parameter", name, row.match.span)
    for branch in row.branches:
        outcome = branch.outcome
        if outcome is not None:
            yield from _bearable("outcome", outcome.name, outcome.span)
            yield from _params("parameter", outcome.params)


def _is_of(machine: Machine, span: Span) -> bool:
    return span.source is machine.span.source


def _params(kind: str, params: Iterable[Param]) -> Iterator[Diagnostic]:
    for param in params:
        yield from _bearable(kind, param.name, param.span)


def _bearable(kind: str, name: str, span: Span) -> Iterator[Diagnostic]:
    """Whether Python can call anything so."""
    if iskeyword(name):
        yield _reserved(kind, name, span, "a keyword of Python")
    elif name.startswith("__"):
        yield _reserved(kind, name, span, "two underscores in front are Python's own")
    elif name == "self":
        yield _reserved(kind, name, span, "the machine itself")


def _top_level(kind: str, name: str, span: Span) -> Iterator[Diagnostic]:
    """Whether the generated module can hold something of that name."""
    yield from _bearable(kind, name, span)
    if name.startswith(("_", "encode_", "decode_")) and not name.startswith("__"):
        yield _reserved(kind, name, span, "names that begin so are made from those of messages")
    elif name in MODULE and kind != "message":
        yield _reserved(kind, name, span, "generated modules have this name from the runtime")
    elif name in TYPES | CALLED | LOCAL:
        yield _reserved(kind, name, span, "a name that generated code needs")


def _member(
    kind: str, name: str, span: Span, may_be: frozenset[str] = frozenset()
) -> Iterator[Diagnostic]:
    """Whether a generated class can hold something of that name."""
    if iskeyword(name) or name.startswith("__") or name == "self":
        yield from _bearable(kind, name, span)
    elif name in RUNTIME:
        yield _reserved(kind, name, span, "every machine has this name from the runtime")
    elif name.startswith(PREFIXES[:-2]):
        yield _reserved(kind, name, span, "names that begin so are the runtime's and handlers'")
    elif name in (TYPES | CALLED) - may_be:
        yield _reserved(kind, name, span, "a builtin that generated code needs")


def _reserved(kind: str, name: str, span: Span, why: str) -> Diagnostic:
    if name.startswith(PREFIXES):
        bare = name.strip("_")
        for prefix in PREFIXES[1:]:
            bare = bare.removeprefix(prefix)
        better = bare if bare.isidentifier() and not iskeyword(bare) else "another name"
    else:
        better = f"{name}_"
    help = better if better == "another name" else f"`{better}`"
    article = "an" if kind[0] in "aeiou" else "a"
    return tell(
        "PG112",
        f"{article} {kind} cannot be called `{name}`",
        span,
        why,
        help=f"call it {help}",
    )
