"""From the tree of a file, and of those that it uses, to the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from protogen_fsm.diagnostics import Label, SpecError
from protogen_fsm.model.machine import Machine
from protogen_fsm.model.spec import Constant, Spec
from protogen_fsm.model.types import Enum, Struct
from protogen_fsm.resolve.allow import resolve_allow
from protogen_fsm.resolve.binary import fill_struct
from protogen_fsm.resolve.expressions import Typer
from protogen_fsm.resolve.machines import begin, declare_machine, resolve_inside, resolve_outside
from protogen_fsm.resolve.messages import resolve_message
from protogen_fsm.resolve.names import Names, Unknown
from protogen_fsm.resolve.obvious import obvious_system
from protogen_fsm.resolve.order import in_order
from protogen_fsm.resolve.report import Report
from protogen_fsm.resolve.systems import resolve_scenario, resolve_system
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from protogen_fsm.resolve.context import Context
    from protogen_fsm.resolve.names import Thing
    from protogen_fsm.source import Source, Span

    Load: TypeAlias = Callable[[Source, tree.Text], tree.File]

_Item = TypeVar("_Item", tree.Use, tree.System, tree.Scenario, tree.Allow)


def resolve(file: tree.File, load: Load) -> Spec:
    """The model of a file. SpecError with all that is wrong with its names, types and layers.

    `load` finds and parses what a `use` names; each file is resolved once.
    """
    report = Report()
    spec = _Files(report, load).resolve(file, library=False)
    if report or spec is None:
        raise SpecError(report.diagnostics())
    return spec


class _Files:
    """The files of one spec, by path; `open` are those that wait for what they use."""

    def __init__(self, report: Report, load: Load) -> None:
        self.report = report
        self.load = load
        self.done: dict[str, Spec] = {}
        self.open: list[str] = []

    def resolve(self, file: tree.File, library: bool) -> Spec | None:
        """The model of a file, or None if it is being resolved: it leads back to itself."""
        path = file.source.path
        if path in self.done:
            return self.done[path]
        if path in self.open:
            return None
        self.open.append(path)
        spec = _File(self, file, library).resolve()
        self.open.pop()
        self.done[path] = spec
        return spec


class _File:
    """One file in the making."""

    def __init__(self, files: _Files, file: tree.File, library: bool) -> None:
        self.files = files
        self.report = files.report
        self.file = file
        self.library = library
        self.names = Names(files.report)
        self.typer = Typer(files.report, self.names)
        doc = file.doc.value if file.doc else ""
        self.spec = Spec(file.protocol.text, doc, file.source.path)

    def resolve(self) -> Spec:
        """Uses, then constants, records, messages, machines, systems: each needs those before."""
        for use in self._items(tree.Use):
            self._use(use)
        declared = self._declare()
        self._constants([one for one in declared if isinstance(one, tree.Const)])
        self._structs([one for one in declared if isinstance(one, tree.Struct)])
        for message in declared:
            if isinstance(message, tree.Message):
                self._message(message)
        contexts = self._machines([one for one in declared if isinstance(one, tree.Machine)])
        self._systems()
        if not self.library and not self.spec.systems:
            self.spec.obvious = obvious_system(self.spec.machines)
        for allow in self._items(tree.Allow):
            self.spec.allowed += resolve_allow(self.report, allow)
        self._check_nothing_below(contexts)
        return self.spec

    def _items(self, kind: type[_Item]) -> list[_Item]:
        return [item for item in self.file.items if isinstance(item, kind)]

    # ------------------------------------------------------------ uses

    def _use(self, written: tree.Use) -> None:
        used: Spec | None = None
        found = True
        try:
            file = self.files.load(self.file.source, written.path)
        except SpecError as error:
            self.report.add(error.diagnostics)
            found = False
        else:
            used = self.files.resolve(file, library=True)
            if used is None:
                self.report.error(
                    "PG109",
                    f"`{written.path.value}` uses itself",
                    written.path.span,
                    "leads back here",
                    help="move what both need into a third file",
                )
                found = False
        if used is not None:
            self.spec.used[used.path] = used
        things = _things(used)
        for name in written.names:
            thing = things.get(name.text, Unknown())
            if found and isinstance(thing, Unknown):
                self.report.undefined(
                    "PG109",
                    f"`{written.path.value}` holds nothing named `{name.text}`",
                    name,
                    "not in that file",
                    dict.fromkeys(things),
                )
            self.names.declare(name, thing)

    # ------------------------------------------------------------ constants, records, messages

    def _declare(self) -> list[tree.Item]:
        """Makes every name known, in the order of the text; those whose name was free."""
        declared: list[tree.Item] = []
        for item in self.file.items:
            thing: Thing
            if isinstance(item, tree.Enum):
                thing = self._enum(item)
            elif isinstance(item, tree.Struct):
                thing = Struct(item.name.text, _doc(item.doc), (), item.name.span)
            elif isinstance(item, tree.Machine):
                thing = declare_machine(item, self.file.source.path, self.library)
            elif isinstance(item, tree.Const | tree.Message):
                thing = Unknown()
            else:
                continue
            if self.names.declare(item.name, thing):
                declared.append(item)
                if isinstance(thing, Enum):
                    self.spec.enums[thing.name] = thing
        return declared

    def _enum(self, written: tree.Enum) -> Enum:
        members: dict[str, Span] = {}
        for member in written.members:
            if member.text in members:
                self.report.duplicate(member, "members", members[member.text])
            members.setdefault(member.text, member.span)
        return Enum(written.name.text, _doc(written.doc), tuple(members), written.name.span)

    def _constants(self, written: list[tree.Const]) -> None:
        by_name = {one.name.text: one for one in written}
        graph = {
            name: [ref for ref in _references(one.value) if ref in by_name]
            for name, one in by_name.items()
        }
        for name in self._ordered(graph, {name: one.name.span for name, one in by_name.items()}):
            one = by_name[name]
            value = self.typer.constant(one.value, None, f"`{name}`")
            if value is not None:
                constant = Constant(name, value.value, value.type, _doc(one.doc), one.name.span)
                self.names.things[name] = self.spec.constants[name] = constant

    def _structs(self, written: list[tree.Struct]) -> None:
        by_name = {one.name.text: one for one in written}
        graph = {
            name: [inner for inner in _held(one) if inner in by_name]
            for name, one in by_name.items()
        }
        for name in self._ordered(graph, {name: one.name.span for name, one in by_name.items()}):
            struct = self.names.things[name]
            if isinstance(struct, Struct):
                fill_struct(self.typer, struct, by_name[name], {})
                self.spec.structs[name] = struct

    def _message(self, written: tree.Message) -> None:
        message = resolve_message(self.typer, written)
        self.names.things[message.name] = self.spec.messages[message.name] = message

    # ------------------------------------------------------------ machines

    def _machines(self, written: list[tree.Machine]) -> list[Context]:
        contexts: dict[str, Context] = {}
        for one in written:
            machine = self.names.things[one.name.text]
            if isinstance(machine, Machine):
                contexts[machine.name] = begin(self.report, self.names, machine, one)
                self.spec.machines[machine.name] = machine
        graph = {
            name: [one.tree.over.name.text]
            if one.tree.over is not None and one.tree.over.name.text in contexts
            else []
            for name, one in contexts.items()
        }
        places = {name: one.machine.name_span for name, one in contexts.items()}
        order = self._ordered(graph, places)
        for name in contexts.keys() - set(order):
            self.names.things[name] = Unknown()
            del contexts[name]
        for name in order:
            resolve_outside(contexts[name])
        done = list(contexts.values())
        for context in done:
            resolve_inside(context)
        return done

    def _systems(self) -> None:
        systems = self.spec.systems
        for one in self._items(tree.System):
            first = systems.get(one.name.text)
            if first is not None:
                self.report.duplicate(one.name, "systems", first.span)
                continue
            systems[one.name.text] = resolve_system(self.report, self.names, one)
        titles: dict[str, Span] = {}
        for example in self._items(tree.Scenario):
            title = example.title
            if title.value in titles:
                name = tree.Name(title.value, title.span)
                self.report.duplicate(name, "scenarios", titles[title.value])
            titles.setdefault(title.value, title.span)
            scenario = resolve_scenario(self.report, self.names, systems, example)
            if scenario is not None:
                self.spec.scenarios.append(scenario)

    def _check_nothing_below(self, contexts: list[Context]) -> None:
        """What a machine over nothing receives and sends must cross a link of some system.

        A link carries what a peer says, by way of all the layers that it stands on.
        """
        systems = [*self.spec.systems.values(), *filter(None, [self.spec.obvious])]
        linked = {p.machine for system in systems for p in system.peers.values()}
        linked |= {many.machine for one in contexts for many in one.machine.many.values()}
        linked |= {layer for machine in linked for layer in _layers(machine)}
        for context in contexts:
            if self.library or context.tree.over is not None or context.machine in linked:
                continue
            for face in context.tree.members:
                if isinstance(face, tree.Face) and face.kind in ("receives", "sends"):
                    self.report.error(
                        "PG318",
                        f"`{context.machine.name}` {face.kind} something, and stands on nothing",
                        face.span,
                        "nothing for it to cross",
                        [Label(context.machine.name_span, "stands on nothing")],
                        help="write `over bytes`, or `accepts` and `emits`",
                    )

    # ------------------------------------------------------------ order

    def _ordered(self, graph: Mapping[str, Iterable[str]], places: Mapping[str, Span]) -> list[str]:
        """The names, each behind those that it needs; what needs itself is said and left out."""
        order, circles = in_order(graph)
        for circle in circles:
            first, *others = circle
            self.report.error(
                "PG120",
                f"`{first}` is defined by itself",
                places[first],
                "needs itself" if not others else f"needs `{others[0]}`",
                [
                    Label(places[name], f"needs `{after}`")
                    for name, after in zip(others[:4], [*others[1:], first], strict=False)
                ],
            )
        return order


def _layers(machine: Machine) -> Iterator[Machine]:
    """What a machine stands on, downwards."""
    while machine.below is not None and machine.below.machine is not None:
        machine = machine.below.machine
        yield machine


def _things(spec: Spec | None) -> dict[str, Thing]:
    """What a file can give to others."""
    if spec is None:
        return {}
    return {**spec.constants, **spec.enums, **spec.structs, **spec.messages, **spec.machines}


def _doc(text: tree.Text | None) -> str:
    return text.value if text is not None else ""


def _held(written: tree.Struct) -> list[str]:
    """The structs of which each of this one holds one."""
    found = []
    for one in written.fields:
        if isinstance(one, tree.Param) and isinstance(one.type, tree.NamedType):
            found.append(one.type.name.text)
        elif isinstance(one, tree.BinaryField):
            found.append(one.layout.kind.text)
    return found


def _references(written: tree.Expr) -> list[str]:
    """The bare names in an expression."""
    found: list[str] = []
    todo: list[tree.Expr] = [written]
    while todo:
        one = todo.pop()
        match one:
            case tree.Ref():
                found.append(one.name.text)
            case tree.Unary():
                todo.append(one.operand)
            case tree.Binary():
                todo += (one.left, one.right)
            case tree.ListOf():
                todo += one.items
            case tree.Each():
                todo += (one.made, one.source, *([] if one.kept is None else [one.kept]))
            case tree.Index():
                todo += (one.value, one.index)
            case tree.Slice():
                todo += (e for e in (one.value, one.begin, one.end) if e is not None)
            case tree.Field():
                todo.append(one.value)
            case tree.Call():
                todo += (arg.value for arg in one.args)
    return found
