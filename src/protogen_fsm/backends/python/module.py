"""A whole spec as one Python module."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from protogen_fsm.backends.backend import MARK
from protogen_fsm.backends.python import binary, codecs, decoders, encoders, layout, lists, printing
from protogen_fsm.backends.python import messages as text
from protogen_fsm.backends.python.asking import asked_by
from protogen_fsm.backends.python.binary import Support
from protogen_fsm.backends.python.expressions import declared, literal
from protogen_fsm.backends.python.instances import held
from protogen_fsm.backends.python.machines import MachineView, Writer
from protogen_fsm.backends.python.names import annotation, outcome, unique
from protogen_fsm.backends.python.uses import functions, uses
from protogen_fsm.model.layouts import expressions, structs
from protogen_fsm.model.messages import Binary, Codec, Repeat, Slot, Text
from protogen_fsm.model.runtime import IMPORTED

if TYPE_CHECKING:
    from protogen_fsm.model.machine import Machine, Outcome
    from protogen_fsm.model.messages import Message
    from protogen_fsm.model.spec import Spec
    from protogen_fsm.model.types import Param, Struct
    from protogen_fsm.source import Span


@dataclass(slots=True)
class RecordView:
    """A class of fields: an outcome or a struct."""

    name: str
    base: str
    doc: list[str]
    fields: list[str]
    slots: str
    head: list[str]


@dataclass(slots=True)
class EncoderView:
    """A function that prints a message."""

    lines: list[str]


@dataclass(slots=True)
class ModuleView:
    """A module, ready to be printed."""

    doc: list[str]
    stdlib: list[str]
    imports: list[str]
    constants: list[str]
    enums: list[tuple[str, list[str], list[str]]]
    records: list[RecordView]
    layouts: list[str]
    functions: list[list[str]]
    patterns: list[str]
    encoders: list[EncoderView]
    received: list[str]
    machines: list[MachineView]
    waits: bool = False


@dataclass(slots=True)
class _Module:
    spec: Spec
    patterns: dict[int, str] = field(default_factory=dict)
    pattern_lines: list[str] = field(default_factory=list)
    encoders: dict[int, str] = field(default_factory=dict)
    encoder_views: list[EncoderView] = field(default_factory=list)
    received_names: dict[tuple[int, ...], str] = field(default_factory=dict)
    received_lines: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    uses: set[str] = field(default_factory=set)
    machine: str = ""
    support: Support = field(init=False)

    def __post_init__(self) -> None:
        self.support = Support(self.where)
        self.support.taken = {f"_{name}" for name in self.spec.messages}

    def where(self, span: Span) -> str:
        """The place in the spec that something was made of: the file's own name, and the line."""
        return f"{PurePath(span.source.path).name}:{span.line}"

    def pattern(self, message: Message) -> str:
        """The module's name for the pattern of a message; the first to ask has it written."""
        found = self.patterns.get(id(message))
        if found is not None:
            return found
        name = self._own(f"_{message.name}", message)
        self.patterns[id(message)] = name
        if not isinstance(message.pattern, Text):
            self.pattern_lines += layout.call(f"{name} = Decoder", self._decoder(message))
            return name
        slots = text.slots(message)
        args = [literal(message.name), text.raw(text.regex(message))]
        if slots:
            args.append(self._reader(name, message, slots))
        begins = text.begins(message)
        if begins:
            args.append(f"begins={literal(begins)}")
        self.pattern_lines += layout.call(f"{name} = Pattern", args)
        return name

    def _reader(self, name: str, message: Message, slots: list[Slot | Repeat]) -> str:
        """What makes the values of a message of the groups of its regular expression."""
        made_by = {id(s): self._each(name, message, s) for s in slots if isinstance(s, Repeat)}
        self.uses |= {text.reader(s).partition("(")[0] for s in slots if isinstance(s, Slot)}
        taken = {*text.READERS, *made_by.values()}
        values: dict[str, str] = {}
        names = [unique(slot.param.name, taken) for slot in slots]
        for slot, given in zip(slots, names, strict=True):
            if isinstance(slot, Repeat):
                values[slot.param.name] = f"{made_by[id(slot)]}({given})"
                continue
            shown = text.read(slot, given)
            if text.may_lack(message, slot):
                shown = f"{text.absent(slot.param.type)} if {given} is None else {shown}"
            values[slot.param.name] = shown
        made = layout.listed("", [values[param.name] for param in message.params])
        return f"lambda {', '.join(names)}: {made}"

    def _each(self, pattern: str, message: Message, repeat: Repeat) -> str:
        """The module's name for what reads a list."""
        name = unique(f"{pattern}_{repeat.param.name}", self.taken)
        body = lists.cut(repeat)
        if body is None:
            self.uses |= {"Each", *lists.runtime_names(repeat)}
            self.pattern_lines += layout.call(f"{name} = Each", lists.each(message, repeat))
            return name
        made = annotation(repeat.param.type)
        head = layout.call(f"def {name}", ["group: bytes"], 0, f" -> {made}:")
        doc = f"The items of `{repeat.param.name}`. {self.where(repeat.span)}"
        head += layout.indented(layout.docstring(doc, 4))
        self.support.functions.append(layout.render([*head, *layout.indented(body)], 0))
        return name

    def _decoder(self, message: Message) -> list[str]:
        """What the runtime is told of a message that is not text; its decoder is written."""
        name = self._own(f"decode_{message.name}", message)
        args = [literal(message.name), name]
        if isinstance(message.pattern, Binary):
            self._note(message.pattern)
            function = decoders.of_message(self.support, name, message, self._doc(message))
            begins, mask = binary.begins(message.pattern)
            args += [f"begins={literal(begins)}"] if begins else []
            args += [f"mask={literal(mask)}"] if mask else []
        else:
            function = codecs.decoder(self.support, name, self._codec(message), message)
        self.support.functions.append(function)
        return args

    def _note(self, pattern: Binary) -> None:
        """The functions of the language that a pattern calls are imported."""
        inner = [struct.layout for struct in structs(pattern) if struct.layout is not None]
        for one in (pattern, *inner):
            for cell in one.cells:
                self.uses |= functions(expressions(cell))

    def _codec(self, message: Message) -> str:
        """The module's name for a message's codec."""
        name = self._own(f"_{message.name}_codec", message)
        if name not in self.support.taken:
            self.support.taken.add(name)
            self.support.lines += codecs.prepared(name, message)
            self.uses.add("Codec")
        return name

    def _doc(self, message: Message) -> list[str]:
        doc = message.doc or f"The message {message.name}"
        return layout.docstring(f"{doc.rstrip('.')}. {self.where(message.span)}", 4)

    def encoder(self, message: Message) -> str:
        """The module's name for the function that prints a message."""
        found = self.encoders.get(id(message))
        if found is not None:
            return found
        name = self._own(f"encode_{message.name}", message)
        self.encoders[id(message)] = name
        if isinstance(message.pattern, Binary):
            self._note(message.pattern)
            lines = encoders.of_message(self.support, name, message, self._doc(message))
            self.encoder_views.append(EncoderView(lines))
            return name
        if isinstance(message.pattern, Codec):
            self.pattern(message)
            lines = codecs.encoder(self.support, name, self._codec(message), message)
            self.encoder_views.append(EncoderView(lines))
            return name
        typed = [f"{param.name}: {annotation(param.type)}" for param in message.params]
        head = layout.call(f"def {name}", typed, 0, " -> bytes:")
        body = [*self._doc(message), *printing.body(message, self.pattern)]
        self.encoder_views.append(EncoderView(layout.render(head, 0) + layout.render(body, 4)))
        return name

    def received(self, messages: tuple[Message, ...]) -> str:
        """The module's name for the messages that are received together."""
        key = tuple(id(message) for message in messages)
        found = self.received_names.get(key)
        if found is not None:
            return found
        patterns = [self.pattern(message) for message in messages]
        name = f"_{self.machine}_receives"
        count = 1
        while name in self.taken:
            count += 1
            name = f"_{self.machine}_receives_{count}"
        self.taken.add(name)
        self.received_names[key] = name
        is_text = all(isinstance(message.pattern, Text) for message in messages)
        kind = "OneOf" if is_text else "AnyOf"
        self.received_lines += layout.call(f"{name} = {kind}", patterns)
        return name

    def _own(self, name: str, message: Message) -> str:
        """A message of a used file bears that file's name too."""
        if self.spec.messages.get(message.name) is not message:
            stem = PurePath(message.span.source.path).stem
            prefix, _, rest = name.partition("_")
            clean = "".join(c if c.isalnum() else "_" for c in stem)
            name = f"{prefix}_{clean}_{rest}"
        return name


def stack(spec: Spec) -> list[Machine]:
    """The spec's machines, those they stand on and hold many of, each behind those it needs."""
    found: dict[int, Machine] = {}
    begun: set[int] = set()

    def add(machine: Machine) -> None:
        if id(machine) in begun:
            return
        begun.add(id(machine))
        if machine.below is not None and machine.below.machine is not None:
            add(machine.below.machine)
        for many in machine.many.values():
            add(many.machine)
        found[id(machine)] = machine

    for machine in spec.machines.values():
        add(machine)
    return list(found.values())


def view(spec: Spec) -> ModuleView:
    """All that the template prints."""
    module = _Module(spec)
    machines = []
    writers = []
    outcomes: dict[str, Outcome] = {}
    in_order = stack(spec)
    instances = held(in_order)
    bounded = held(one for one in in_order if one.below and one.below.kind == "datagrams")
    asked = asked_by(machine for machine in in_order if machine not in instances)
    secured = _beneath_starttls(in_order)
    for machine in in_order:
        module.uses |= uses(machine, machine in instances)
        module.machine = machine.name
        writer = Writer(
            machine,
            module.encoder,
            module.received,
            module.where,
            library=spec.machines.get(machine.name) is not machine,
            held=machine in instances,
            bounded=machine in bounded,
            secured=id(machine) in secured,
            asked=asked.get(id(machine), []),
        )
        writers.append(writer)
        machines.append(writer.view())
        for name, one in machine.outcomes.items():
            outcomes.setdefault(name, one)
    _without_needless_questions(machines)
    for machine in spec.machines.values():
        for output in machine.sends.values():
            if output.message is not None and output.message.name in spec.messages:
                module.encoder(output.message)
    enums = [
        (enum.name, layout.render(layout.docstring(enum.doc or f"The enum {enum.name}.", 4), 4),
         [f"{name} = {literal(name)}" for name in enum.members])
        for enum in spec.enums.values()
    ]  # fmt: skip
    records = [
        _record(
            outcome(one),
            "Outcome",
            one.params,
            f"The outcome `{one.name}`.",
            module.where(one.span),
        )
        for one in outcomes.values()
    ]
    records += [
        _record(struct.name, "Record", struct.fields, struct.doc, module.where(struct.span))
        for struct in _structs(spec).values()
    ]
    made = f"{MARK}{PurePath(spec.path).name}; build it again to change it."
    doc = f"{spec.doc or spec.name}.\n\n{made}"
    constants = [line for c in spec.constants.values() for line in _constant(c.name, c.value)]
    result = ModuleView(
        doc=layout.render(layout.docstring(doc, 0), 0),
        stdlib=sorted(module.support.stdlib, key=lambda name: (name != "Struct", name)),
        imports=[],
        constants=constants,
        enums=enums,
        records=records,
        layouts=layout.render(module.support.lines, 0),
        functions=module.support.functions,
        patterns=layout.render(module.pattern_lines, 0),
        encoders=module.encoder_views,
        received=layout.render(module.received_lines, 0),
        machines=machines,
    )
    result.imports = _imports(result, module.uses | module.support.runtime)
    result.waits = any(writer.stubs for writer in writers)
    return result


def _without_needless_questions(machines: list[MachineView]) -> None:
    """A step that does nothing else asks nothing: a refusal leaves nothing changed there."""
    written = "\n".join(line for m in machines for lines in m.methods for line in lines)
    for machine in machines:
        machine.methods = [
            lines
            for lines in machine.methods
            if "Raises LocalProtocolError unless" not in "".join(lines[:8])
            or f"self.below.{lines[0].strip().removeprefix('def ').partition('(')[0]}(" in written
        ]


def _structs(spec: Spec) -> dict[str, Struct]:
    """The spec's own records, those within its messages, and those of the files it uses."""
    found = dict(spec.structs)
    for message in spec.messages.values():
        if isinstance(message.pattern, Binary):
            found.update({struct.name: struct for struct in structs(message.pattern)})
    for used in spec.used.values():
        for name, struct in _structs(used).items():
            found.setdefault(name, struct)
    return found


def _beneath_starttls(machines: list[Machine]) -> set[int]:
    """The layers, by id, that a machine above them has TLS begun through."""
    found: set[int] = set()
    for machine in machines:
        below = machine.below if machine.secures else None
        while below is not None and below.machine is not None:
            found.add(id(below.machine))
            below = below.machine.below
    return found


def module_writer(spec: Spec, machine: Machine) -> Writer:
    """What writes one machine of a module."""
    module = _Module(spec, machine=machine.name)
    return Writer(
        machine,
        module.encoder,
        module.received,
        module.where,
        library=spec.machines.get(machine.name) is not machine,
        held=machine in held(stack(spec)),
    )


def _record(name: str, base: str, params: tuple[Param, ...], doc: str, where: str) -> RecordView:
    typed = ["self", *map(declared, params)]
    slots = [f'"{param.name}"' for param in params]
    return RecordView(
        name=name,
        base=base,
        doc=layout.render(layout.docstring(f"{doc or f'The struct {name}.'} {where}", 4), 4),
        fields=[f"self.{param.name} = {param.name}" for param in params],
        slots=f"({', '.join(slots)}{',' if len(slots) == 1 else ''})",
        head=layout.render(layout.call("def __init__", typed, 0, " -> None:"), 4) if params else [],
    )


def _constant(name: str, value: object) -> list[str]:
    if isinstance(value, list | tuple) and value:
        return layout.render(layout.table(f"{name} = ", [literal(v) for v in value], "[]"), 0)
    return [f"{name} = {literal(value)}"]


def _imports(result: ModuleView, used: set[str]) -> list[str]:
    """The names of the runtime that the module uses."""
    used = used | {record.base for record in result.records}
    for line in (*result.patterns, *result.received):
        made = line.partition(" = ")[2].partition("(")[0]
        used |= {made} & {"Pattern", "Decoder", "OneOf", "AnyOf"}
    for machine in result.machines:
        used |= set(machine.base.split(", "))
        if "Instance" in machine.base.split(", "):
            used.add("Place")
        if any(line.lstrip().startswith(("Row(", "_rows = (Row(")) for line in machine.tables):
            used.add("Row")
        if any(line.strip() == "self._due = NEVER" for lines in machine.methods for line in lines):
            used.add("NEVER")
        for kind in ("Line", "OneLine"):
            written = [machine.tables, *machine.methods]
            if any(f"reading({kind}, " in line for lines in written for line in lines):
                used.add(kind)
    return [name for name in IMPORTED if name in used]
