"""A machine as a Python class: one method an event, one an answer, one stub a handler."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protogen_fsm.backends.python import layout, steps
from protogen_fsm.backends.python.expressions import Scope, expression, operands, state_slot
from protogen_fsm.backends.python.names import (
    RUNTIME,
    TIMEOUT,
    annotation,
    event_key,
    outcome,
    unique,
)
from protogen_fsm.model import machine as mc
from protogen_fsm.model import table
from protogen_fsm.model.types import ListOf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from protogen_fsm.model.messages import Message
    from protogen_fsm.model.types import Param
    from protogen_fsm.source import Span

CHAIN_OF_TESTS = 4
"""Above so many groups of states a table is faster than a chain of tests (docs/design.md)."""


@dataclass(slots=True)
class Method:
    """A method: its `def` and docstring, its body, and what stands behind it in the class."""

    head: list[str]
    body: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The method as it stands in a class."""
        return [
            *layout.render(self.head, 4),
            *layout.render(self.body, 8),
            *layout.render(self.after, 4),
        ]


@dataclass(slots=True)
class MachineView:
    """A class, ready to be printed."""

    name: str
    base: str
    doc: list[str]
    slot_lines: list[str]
    tables: list[str]
    methods: list[list[str]]
    step_tables: list[str]


@dataclass(slots=True)
class _Group:
    """States in which the same transitions apply, and leaving which does the same."""

    leaves: list[mc.State]
    rows: tuple[table.Entry, ...]


@dataclass(slots=True, eq=False)
class Writer:
    """Writes one machine; `encoder` and `patterns` are the module's names for messages."""

    machine: mc.Machine
    encoder: Callable[[Message], str]
    received: Callable[[tuple[Message, ...]], str]
    where: Callable[[Span], str]
    library: bool
    facts: steps.Facts = field(init=False)
    used: set[str] = field(default_factory=set)
    settles: dict[tuple[int, str], str] = field(default_factory=dict)
    stubs: dict[str, tuple[mc.State, mc.Match, mc.Event | None, list[mc.Transition]]] = field(
        default_factory=dict
    )
    wired: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)
    methods: list[Method] = field(default_factory=list)
    settle_methods: list[Method] = field(default_factory=list)
    leaves: list[mc.State] = field(init=False)
    moves_act: bool = field(init=False)
    step_tables: list[tuple[str, list[str]]] = field(default_factory=list)
    move_tables: list[tuple[str, list[str]]] = field(default_factory=list)
    received_by_state: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        machine = self.machine
        states = machine.every_state()
        self.leaves = [state for state in states if not state.is_composite]
        self.moves_act = any(s.entry or s.exit or s.entry_target is not None for s in states)
        heads = ("_take_", "_on_", "_timer_", "_steps_of_", "_moves_of_")
        self.used |= {head + event for head in heads for event in machine.events}
        self.used |= {*RUNTIME, *self._slots()}
        actions = list(_actions(states))
        self.facts = steps.Facts(
            machine=machine,
            chained=any(isinstance(a, mc.Raise) for a in actions),
            timed=any(state.timeouts for state in states),
            defers=any(state.deferred for state in states),
            encoder=self.encoder,
            library=self.library,
            bare=False,
            answers={name for event in machine.accepts for name in event.answered_by},
            lists={
                a.target.name
                for a in actions
                if isinstance(a, mc.Assign) and a.op != "=" and isinstance(a.target, mc.Variable)
            },
        )
        self.facts.bare = self.library and not (self.facts.chained or self.facts.defers)

    def view(self) -> MachineView:
        """The whole class."""
        machine = self.machine
        base = "Machine"
        if machine.below is not None and machine.below.kind == "bytes":
            base = "StreamMachine"
        if self.facts.chained:
            base = "Chained" if base == "Machine" else f"Chained, {base}"
        constructor = self._constructor()
        for event in machine.events.values():
            self._event(event)
        if self.facts.timed:
            self._timeouts()
        frames = self._frames()
        emits = []
        if not self.library:
            emits = [self._emission(output) for output in machine.emits.values()]
        questions = [self._question(question) for question in machine.questions.values()]
        stubs = [self._stub(name, *about) for name, about in self.stubs.items()]
        methods = [constructor, *frames, *self.methods, *self.settle_methods]
        return MachineView(
            name=machine.name,
            base=base,
            doc=layout.render(layout.docstring(self._doc(), 4), 4),
            slot_lines=layout.render(
                layout.table("__slots__ = ", [f'"{s}"' for s in self._slots()], "()"), 4
            ),
            tables=layout.render(self._tables(), 4),
            methods=[m.lines() for m in (*methods, *stubs, *questions, *emits)],
            step_tables=[
                line
                for name, entries in self.step_tables
                for line in layout.render(layout.table(f"{name} = ", entries), 4)
            ],
        )

    def handlers(self, prefix: str) -> Iterable[tuple[str, list[str]]]:
        """The handlers that decide or take something, as methods to fill in; after `view`.

        `prefix` stands before the names of the generated module.
        """
        in_order = sorted(self.stubs.items(), key=lambda stub: stub[1][3][0].span.start)
        for name, (state, match, event, rows) in in_order:
            outcomes = _outcomes(rows)
            if not outcomes:
                continue
            typed = self._handler_params(match, event, prefix)
            union = layout.union([*(prefix + one for one in outcomes), "None"])
            head = layout.call(f"def {name}", typed, 0, f" -> {union}:")
            doc = self._stub_doc(state, match, rows, [prefix + one for one in outcomes])
            yield (
                name,
                layout.render([*head, *_indented(layout.docstring(doc, 8)), "    return None"], 4),
            )
        for question in self.machine.questions.values():
            yield question.name, self._question(question, prefix).lines()
        for output in self.machine.emits.values():
            typed = ["self", *(f"{p.name}: {annotation(p.type, prefix)}" for p in output.params)]
            head = layout.call(f"def emit_{output.name}", typed, 0, " -> None:")
            said = layout.docstring(f"`{output.name}` happened. {self.where(output.span)}", 8)
            yield f"emit_{output.name}", layout.render([*head, *_indented(said)], 4)

    # ------------------------------------------------------------ the class itself

    def _doc(self) -> str:
        doc = self.machine.doc or f"The machine {self.machine.name}."
        return f"{doc}\n\n{self.where(self.machine.span)}"

    def _slots(self) -> list[str]:
        machine = self.machine
        return sorted(
            [
                *(param.name for param in machine.params),
                *machine.variables,
                *(
                    state_slot(state.name, param.name)
                    for state in machine.every_state()
                    for param in state.params
                ),
            ]
        )

    def _tables(self) -> list[str]:
        machine, lines = self.machine, []
        lines += [f'_role = "{machine.name}"']
        paths = [f'"{leaf.name}": {_tuple(s.name for s in leaf.around())}' for leaf in self.leaves]
        lines += layout.table("_paths = ", paths)
        faces = {"below": "below", "above": "above"}
        alphabet = [f'"{e.name}": "{faces.get(e.origin, "")}"' for e in machine.events.values()]
        if self.facts.timed:
            alphabet.append(f'"{TIMEOUT}": ""')
        lines += layout.table("_alphabet = ", alphabet)
        rows = [
            "Row(" + ", ".join(f'"{part}"' for part in (row if row[3] else row[:3])) + ")"
            for row in self.wired.values()
        ]
        lines += layout.table("_rows = ", rows, "()")
        by = [
            f'"{event.name}": {event.params.index(event.by)}'
            for event in machine.events.values()
            if event.by is not None
        ]
        if by and not self.library:
            lines += layout.table("_by = ", by)
        if self.received_by_state:
            lines += layout.table("_received = ", self.received_by_state)
        for name, entries in self.move_tables:
            lines += layout.table(f"{name} = ", entries)
        if machine.otherwise != "error":
            lines.append(f'_otherwise = "{machine.otherwise}"')
        failed = machine.events.get("failed")
        takes = [leaf for leaf in self.leaves if failed is not None and table.rows(leaf, failed)]
        if takes:
            names = [f'"{leaf.name}"' for leaf in takes]
            lines += layout.call("_takes_failed = frozenset", [f"{{{', '.join(names)}}}"])
        if self.facts.chained:
            names = [
                f'"{name}"'
                for name in self._slots()
                if name not in {param.name for param in machine.params}
            ]
            lines += layout.table("_variables = ", names, "()")
        return lines

    def _constructor(self) -> Method:
        machine, scope = self.machine, Scope()
        params = ["self"]
        for param in machine.params:
            default = f" = {_default(param)}" if param.has_default else ""
            params.append(f"{param.name}: {annotation(param.type)}{default}")
        body: list[str] = []
        below = machine.below
        if below is not None and below.machine is not None:
            given = {p.name: p.name for p in machine.params}
            args = [f"{name}={_argument(value, given)}" for name, value in below.args.items()]
            layer = f"{below.machine.name}({', '.join(args)})"
            body += layout.call("super().__init__", [layer])
        else:
            body.append("super().__init__()")
        body += [f"self.{param.name} = {param.name}" for param in machine.params]
        for variable in machine.variables.values():
            value = (
                _unset(variable)
                if variable.initial is None
                else expression(variable.initial, scope)
            )
            body += layout.assignment(f"self.{variable.name}: {annotation(variable.type)}", value)
        body += [
            f"self.{state_slot(state.name, param.name)}: "
            f"{annotation(param.type)} = {_nothing(param)}"
            for state in machine.every_state()
            for param in state.params
        ]
        body += self._beginning(scope)
        return Method(layout.call("def __init__", params, 0, " -> None:"), body)

    def _beginning(self, scope: Scope) -> list[str]:
        """A new machine enters its initial state; most do nothing by that."""
        found = steps.beginning(self.machine)
        entered = found[0]
        assert isinstance(entered, steps.Enter)
        plainly = [
            line
            for line in steps.entering(self.facts, entered, scope)
            if line not in ("self._recall()", f"self._due = {steps.NEVER}")
        ]
        if len(found) == 1:
            return plainly
        taken = {"self", "told", *(param.name for param in self.machine.params)}
        if self.facts.chained:
            return [*plainly, "self._begin()", *steps.chained(self.facts, found[1:], scope, taken)]
        return [*plainly, *steps.plain(self.facts, found[1:], scope, taken)]

    # ------------------------------------------------------------ events

    def _groups(self, event: mc.Event) -> list[_Group]:
        groups: dict[tuple[object, ...], _Group] = {}
        for leaf in self.leaves:
            rows = _live(table.entries(leaf, event))
            if not rows:
                continue
            key = (tuple(map(_identity, rows)), self._exit_key(leaf, rows))
            groups.setdefault(key, _Group([], tuple(rows))).leaves.append(leaf)
        return list(groups.values())

    def _exit_key(self, leaf: mc.State, rows: Iterable[table.Entry]) -> tuple[object, ...]:
        """What makes a step from this leaf another than one from its neighbour."""
        if not self.moves_act:
            return ()
        return tuple(
            tuple(
                id(deed) for deed in steps.deeds(leaf, branch) if not isinstance(deed, steps.Enter)
            )
            for row in rows
            if isinstance(row, mc.Transition)
            for branch in row.branches
        )

    def _event(self, event: mc.Event) -> None:
        groups = self._groups(event)
        if event.origin == "built_in" and not groups:
            return
        names = [param.name for param in event.params]
        typed = ["self", *(f"{p.name}: {annotation(p.type)}" for p in event.params)]
        public = _public(event)
        is_call = bool(event.answered_by)
        inner = f"_on_{event.name}" if is_call else public
        taker = f"_take_{event.name}"
        again = f"self.{inner}"
        doc = self._event_doc(event)
        if is_call:
            self._call_method(event, typed, names, doc)
        if event.origin != "itself":
            body = ["if self._busy:"]
            body += layout.call("return self._later", [again, *names], 4)
            if event.name == "lost":
                body = ["self._cancel()"]
            if self.facts.bare:
                body += self._dispatch(event, groups, again, 0)
            else:
                if self.facts.chained:
                    inside = layout.call(f"self.{taker}", names, 4)
                else:
                    inside = self._dispatch(event, groups, again, 4)
                error = _free("error", names)
                body += ["self._begin()" if self.facts.chained else "self._busy = True", "try:"]
                body += [*inside, f"except Exception as {error}:", f"    self._failed({error})"]
            last = ["self._abandon(reason)"] if event.name == "lost" else []
            if self.facts.bare:
                body += last
            else:
                last += ["if self._waiting is not None:", "    self._next()"]
                body += ["finally:", *(f"    {line}" for line in last)]
            head = layout.call(f"def {inner}", typed, 0, " -> None:")
            if not is_call:
                head += _indented(layout.docstring(doc, 8))
            self.methods.append(Method(head, body))
        if self.facts.chained:
            body = self._dispatch(event, groups, again, 0)
            head = layout.call(f"def {taker}", typed, 0, " -> None:")
            if event.origin == "itself":
                head += _indented(layout.docstring(doc, 8))
            self.methods.append(Method(head, body))

    def _event_doc(self, event: mc.Event) -> str:
        if event.message is not None and event.message.doc:
            return f"{event.name}: {event.message.doc}."
        said = {
            "open": "The connection is there.",
            "eof": "The peer will send nothing more.",
            "lost": "The connection is gone.",
            "malformed": "What came fits no message, or no frame.",
            "failed": "A handler raised; its step has been undone.",
        }
        if event.origin == "built_in":
            return said[event.name]
        faces = {"below": "from below", "above": "asked for from above", "timer": "ran out"}
        return f"`{event.name}` {faces.get(event.origin, 'raised by the machine itself')}."

    def _call_method(self, event: mc.Event, typed: list[str], names: list[str], doc: str) -> None:
        result = " | ".join(
            dict.fromkeys(self._answer_type(self.machine.emits[name]) for name in event.answered_by)
        )
        head = layout.call(f"def {event.name}", typed, 0, f" -> Call[{result}]:")
        emissions = " or ".join(f"`{name}`" for name in event.answered_by)
        head += _indented(layout.docstring(f"{doc} Answered by {emissions}.", 8))
        call = _free("call", names)
        listed = ", ".join(f'"{name}"' for name in event.answered_by)
        comma = "," if len(event.answered_by) == 1 else ""
        body = layout.call(f"{call} = self._call", [f'"{event.name}"', f"({listed}{comma})"])
        body += ["try:"]
        body += layout.call(f"self._on_{event.name}", names, 4)
        body += ["except BaseException:", f"    self._drop({call})", "    raise", f"return {call}"]
        self.methods.append(Method(head, body))

    def _answer_type(self, output: mc.Output) -> str:
        types = [annotation(param.type) for param in output.params]
        if not types:
            return "None"
        return types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]"

    def _dispatch(
        self, event: mc.Event, groups: list[_Group], again: str, indent: int
    ) -> list[str]:
        """The test on the state, and in each branch the call of the handler."""
        names = [param.name for param in event.params]
        margin = " " * indent
        refuse = layout.call("self._refuse", [f'"{event.name}"', *names], indent + 4)
        groups, moves = self._mere_moves(groups) if event.by is None else (groups, [])
        if moves:
            self.move_tables.append((f"_moves_of_{event.name}", moves))
            table_of_moves = f"self._moves_of_{event.name}"
            refuse = layout.call(
                "self._move", [table_of_moves, f'"{event.name}"', *names], indent + 4
            )
        branches: list[tuple[list[mc.State], list[str]]] = []
        for group in groups:
            branches.append((group.leaves, self._rows(event, group, again, indent + 4)))
        if len(branches) > CHAIN_OF_TESTS:
            return self._table_dispatch(event, branches, indent, refuse)
        lines = []
        keyword = "if"
        for leaves, inside in branches:
            lines += layout.condition(keyword, [_in_states(leaves)], "or", indent)
            lines += inside
            keyword = "elif"
        if not branches:
            return [line[4:] for line in refuse]
        return [*lines, f"{margin}else:", *refuse]

    def _mere_moves(self, groups: list[_Group]) -> tuple[list[_Group], list[str]]:
        """Many rows that do nothing but lead to another state are the lines of one table."""
        facts = self.facts
        busy = facts.chained or facts.timed or facts.defers or facts.library or self.moves_act
        if busy or (self.machine.below is not None and self.machine.below.kind == "bytes"):
            return groups, []
        mere = [group for group in groups if len(group.rows) == 1 and _is_mere_move(group.rows[0])]
        if len(mere) <= CHAIN_OF_TESTS:
            return groups, []
        entries = []
        for group in mere:
            (row,) = group.rows
            assert isinstance(row, mc.Transition)
            target = row.branches[0].target
            assert isinstance(target, mc.Goto)
            to = target.state.first().name
            entries += [f'"{leaf.name}": "{to}"' for leaf in group.leaves]
        chosen = {id(group) for group in mere}
        return [group for group in groups if id(group) not in chosen], entries

    def _table_dispatch(
        self,
        event: mc.Event,
        branches: list[tuple[list[mc.State], list[str]]],
        indent: int,
        refuse: list[str],
    ) -> list[str]:
        """Many states: each branch a method of its own, found by the state's name."""
        names = [param.name for param in event.params]
        typed = ["self", *(f"{p.name}: {annotation(p.type)}" for p in event.params)]
        margin = " " * indent
        entries: list[str] = []
        for leaves, inside in branches:
            name = unique(f"_{leaves[0].name}_on_{event.name}", self.used)
            head = layout.call(f"def {name}", typed, 0, " -> None:")
            body = [line[indent + 4 :] for line in inside]
            self.settle_methods.append(Method(head, body))
            entries += [f'"{leaf.name}": {name}' for leaf in leaves]
        table_name = f"_steps_of_{event.name}"
        self.step_tables.append((table_name, entries))
        step = _free("step", names)
        return [
            f"{margin}{step} = self.{table_name}.get(self.state)",
            f"{margin}if {step} is None:",
            *refuse,
            f"{margin}else:",
            *layout.call(step, ["self", *names], indent + 4),
        ]

    def _quiet(self, what: str, again: str, names: list[str]) -> list[str]:
        rest = "self._finish()" if self.facts.chained else "self._busy = False"
        if what == "ignore":
            return [rest]
        return [
            *([] if self.facts.chained else [rest]),
            *layout.call("self._defer", [again, *names]),
            *([rest] if self.facts.chained else []),
        ]

    def _rows(self, event: mc.Event, group: _Group, again: str, indent: int) -> list[str]:
        """The guards of one group, in order, and what each calls."""
        names = [param.name for param in event.params]
        margin = " " * indent
        lines: list[str] = []
        keyword = "if"
        for row in group.rows:
            tests: list[str] = []
            operator = "and"
            if row.match.value:
                tests = [_value_test(event, row.match.value)]
            if isinstance(row, table.Passive):
                call = self._quiet(row.what, again, names)
            else:
                if row.guard is not None:
                    guard, operator = operands(row.guard, self._scope(row, event))
                    if tests and operator == "or":
                        guard = [f"({' or '.join(guard)})"]
                    tests, operator = [*tests, *guard], "and" if tests else operator
                call = self._settled(event, row, group.leaves)
            if not tests:
                if keyword == "if":
                    return [margin + line for line in call]
                return [*lines, f"{margin}else:", *(f"{margin}    {line}" for line in call)]
            lines += layout.condition(keyword, tests, operator, indent)
            lines += [f"{margin}    {line}" for line in call]
            keyword = "elif"
        refuse = layout.call("self._refuse", [f'"{event.name}"', *names], indent + 4)
        return [*lines, f"{margin}else:", *refuse]

    def _scope(self, row: mc.Transition, event: mc.Event | None) -> Scope:
        if event is None or row.match.is_any:
            return Scope()
        own = {param.name: param.name for param in event.params}
        rest = [param.name for param in event.params if param is not event.by]
        return Scope({**own, **dict(zip(row.names, rest, strict=False))})

    def _settled(
        self, event: mc.Event | None, row: mc.Transition, leaves: list[mc.State]
    ) -> list[str]:
        """The call of the handler, and of what follows its answer."""
        names = [] if event is None else [param.name for param in event.params]
        args = names
        if row.match.is_any:
            args = []
        if not self._asks(row, event):
            params = [] if event is None or row.match.is_any else list(event.params)
            return self._branch(row, event, row.branches[0], leaves[0], params)
        settle = self._settle(event, row, leaves)
        handler, given = self._handler(event, row, leaves, names)
        asked = layout.made(f"self.{handler}", given)
        return layout.call(f"self.{settle}", [asked, *args])

    def _asks(self, row: mc.Transition, event: mc.Event | None) -> bool:
        """Whether the row's handler is called: not where only others of its pair have outcomes."""
        if self.facts.library:
            return False
        if row.has_outcomes or row.kind == "after" or event is None:
            return True
        if row.match.is_any:
            return True
        pair = [
            t
            for t in row.state.transitions
            if t.match.event is row.match.event and t.match.value == row.match.value
        ]
        return not any(t.has_outcomes for t in pair)

    def _handler(
        self,
        event: mc.Event | None,
        row: mc.Transition,
        leaves: list[mc.State],
        names: list[str],
    ) -> tuple[str, list[str]]:
        """The attribute that is called, and its arguments; notes the stub and the wiring."""
        key = event_key(row.match)
        name = f"do_{row.state.name}_{key}"
        self.stubs.setdefault(name, (row.state, row.match, event, []))[3].append(row)
        given = list(names)
        if event is not None and event.by is not None and row.match.value and "x" not in key:
            given = [param.name for param in event.params if param is not event.by]
        if row.match.is_any:
            assert event is not None
            given = [f'"{event.name}"', *names]
        slot = (
            f"_{name}"
            if row.state.is_composite or row.match.is_any or _is_for_many(row.match)
            else name
        )
        event_name = "*" if row.match.is_any else TIMEOUT if event is None else event.name
        self.wired[slot] = (slot, row.state.name, event_name, row.match.value)
        return slot, given

    # ------------------------------------------------------------ answers

    def _settle(self, event: mc.Event | None, row: mc.Transition, leaves: list[mc.State]) -> str:
        """The method that ends a step of this row from these states; written once."""
        same = tuple(sorted({str(self._exit_key(leaf, [row])) for leaf in leaves}))
        key = (id(row), str(same) + ("" if event is None or row.match.is_any else event.name))
        if key in self.settles:
            return self.settles[key]
        name = unique(f"_{row.state.name}_{event_key(row.match)}", self.used)
        self.settles[key] = name
        params = [] if event is None or row.match.is_any else list(event.params)
        answer = _free("answer", [p.name for p in params])
        typed = ["self", f"{answer}: object", *(f"{p.name}: {annotation(p.type)}" for p in params)]
        head = layout.call(f"def {name}", typed, 0, " -> None:")
        head += _indented(layout.docstring(f"{self.where(row.span)}", 8))
        again = [f"self.{name}", *(p.name for p in params)]
        body: list[str] = []
        keyword = "if"
        if not row.has_outcomes:
            body = [
                f"if {answer} is not None:",
                *layout.call("return self._wait", [answer, *again], 4),
            ]
            body += self._branch(row, event, row.branches[0], leaves[0], params)
        else:
            for at, branch in enumerate(row.branches):
                assert branch.outcome is not None
                made = f"type({answer}) is {outcome(branch.outcome)}"
                test = f"{answer} is None or {made}" if at == 0 else made
                body.append(f"{keyword} {test}:")
                inside = self._branch(row, event, branch, leaves[0], params)
                body += [f"    {line}" if line else "" for line in inside]
                keyword = "elif"
            body += ["else:", *layout.call("self._wait", [answer, *again], 4)]
        self.settle_methods.append(Method(head, body))
        return name

    def _branch(
        self,
        row: mc.Transition,
        event: mc.Event | None,
        branch: mc.Branch,
        leaf: mc.State,
        params: list[Param],
    ) -> list[str]:
        names = [param.name for param in params]
        scope = self._scope(row, event)
        scope.answer, scope.told = _free("answer", names), _free("told", names)
        found = steps.deeds(leaf, branch)
        taken = {"self", scope.answer, scope.told, *names}
        if self.facts.chained:
            return steps.chained(self.facts, found, scope, taken)
        return steps.plain(self.facts, found, scope, taken)

    def _timeouts(self) -> None:
        """`_timeout`: the time-out of the state the machine is in; the innermost one counts."""
        groups: dict[tuple[object, ...], tuple[mc.Transition, list[mc.State]]] = {}
        for leaf in self.leaves:
            row = next((s.timeouts[0] for s in leaf.around() if s.timeouts), None)
            if row is not None:
                key = (id(row), self._exit_key(leaf, [row]))
                groups.setdefault(key, (row, []))[1].append(leaf)
        begin = "self._begin()" if self.facts.chained else "self._busy = True"
        body = [begin, "try:"]
        keyword = "if"
        for row, leaves in groups.values():
            body += layout.condition(keyword, [_in_states(leaves)], "or", 4)
            body += [f"        {line}" for line in self._settled(None, row, leaves)]
            keyword = "elif"
        body += ["except Exception as error:", "    self._failed(error)"]
        body += ["finally:", "    if self._waiting is not None:", "        self._next()"]
        head = ["def _timeout(self) -> None:", '    """The state\'s own time-out."""']
        self.methods.append(Method(head, body))

    # ------------------------------------------------------------ frames, emissions, questions

    def _frames(self) -> list[Method]:
        """The event of the layer below that is decoded into this machine's messages."""
        below = self.machine.below
        if below is None:
            return []
        messages = tuple(e.message for e in self.machine.receives if e.message is not None)
        restricted = [leaf for leaf in self.leaves if table.receives(leaf) is not None]
        for leaf in restricted:
            listed = table.receives(leaf) or ()
            messages += tuple(e.message for e in listed if e.message is not None)
        if not messages:
            return []
        frame = below.frame.name if below.frame is not None else "data"
        if below.kind == "bytes" and self.machine.events.get("data") is not None:
            return []
        param = below.frame.params[0].name if below.frame is not None else "octets"
        default = self.received(
            tuple(e.message for e in self.machine.receives if e.message is not None)
        )
        chosen = default
        lines: list[str] = []
        if restricted:
            entries = []
            for leaf in restricted:
                listed = table.receives(leaf) or ()
                one = self.received(tuple(e.message for e in listed if e.message is not None))
                entries.append(f'"{leaf.name}": {one}')
            self.received_by_state = entries
            chosen = f"self._received.get(self.state, {default})"
        lines = ["if self._busy:", *layout.call("return self._later", [f"self.{frame}", param], 4)]
        lines += layout.call(f"event, args = {chosen}.event", [param])
        lines.append("getattr(self, event)(*args)")
        head = layout.call(f"def {frame}", ["self", f"{param}: bytes"], 0, " -> None:")
        head += _indented(
            layout.docstring("A frame from below; as an event it is the message it decodes to.", 8)
        )
        return [Method(head, lines)]

    def _emission(self, output: mc.Output) -> Method:
        typed = ["self", *(f"{p.name}: {annotation(p.type)}" for p in output.params)]
        head = layout.call(f"def emit_{output.name}", typed, 0, " -> object:")
        doc = f"Tells what is above of `{output.name}`. May return an awaitable."
        head += _indented(layout.docstring(f"{doc} {self.where(output.span)}", 8))
        names = [param.name for param in output.params]
        return Method(head, layout.call(f"return self.above.{output.name}", names))

    def _question(self, question: mc.Question, prefix: str = "") -> Method:
        typed = ["self", *(f"{p.name}: {annotation(p.type, prefix)}" for p in question.params)]
        result = "bool" if question.kind == "predicate" else "None"
        head = layout.call(f"def {question.name}", typed, 0, f" -> {result}:")
        doc = question.doc or f"The {question.kind} `{question.name}`."
        head += _indented(layout.docstring(f"{doc} {self.where(question.span)}", 8))
        body = ["return False"] if question.kind == "predicate" else ["return None"]
        return Method(head, body)

    def _stub(
        self,
        name: str,
        state: mc.State,
        match: mc.Match,
        event: mc.Event | None,
        rows: list[mc.Transition],
    ) -> Method:
        typed = self._handler_params(match, event)
        outcomes = _outcomes(rows)
        answers = [*outcomes, "None"]
        result = layout.union([f"Awaitable[{' | '.join(answers)}]", *answers])
        head = layout.call(f"def {name}", typed, 0, f" -> {result}:")
        head += _indented(layout.docstring(self._stub_doc(state, match, rows, outcomes), 8))
        method = Method(head, ["return None"])
        if f"_{name}" in self.wired:
            method.after = ["", f"_{name} = {name}"]
        return method

    def _handler_params(
        self, match: mc.Match, event: mc.Event | None, prefix: str = ""
    ) -> list[str]:
        params = [] if event is None else list(event.params)
        if match.is_any:
            return ["self", "event: str", "*args: object"]
        if event is not None and event.by is not None and match.value and "x" not in match.value:
            params = [param for param in params if param is not event.by]
        return ["self", *(f"{p.name}: {annotation(p.type, prefix)}" for p in params)]

    def _stub_doc(
        self,
        state: mc.State,
        match: mc.Match,
        rows: list[mc.Transition],
        outcomes: list[str],
    ) -> str:
        what = {"default": "Any other event", TIMEOUT: "The time-out"}.get(
            event_key(match), event_key(match)
        )
        said = f"{what} in {state.name}"
        if outcomes:
            said += f": answer {' or '.join(outcomes)}; None is {outcomes[0]}"
        return f"{said}. {', '.join(dict.fromkeys(self.where(row.span) for row in rows))}"


def _outcomes(rows: Iterable[mc.Transition]) -> list[str]:
    answers = (branch.outcome for row in rows for branch in row.branches)
    return list(dict.fromkeys(outcome(answer) for answer in answers if answer is not None))


def _free(name: str, names: Iterable[str]) -> str:
    """A local of the generated code, by another name where the event has a parameter so named."""
    while name in names:
        name += "_"
    return name


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]


def _tuple(names: Iterable[str]) -> str:
    listed = [f'"{name}"' for name in names]
    return f"({', '.join(listed)}{',' if len(listed) == 1 else ''})"


def _is_mere_move(row: table.Entry) -> bool:
    """Whether the row leads from one state to another, and that is all."""
    if isinstance(row, table.Passive):
        return False
    branch = row.branches[0]
    return (
        row.guard is None
        and branch.outcome is None
        and not branch.actions
        and not row.match.value
        and not row.match.is_any
        and not row.state.is_composite
        and isinstance(branch.target, mc.Goto)
        and not branch.target.args
        and not branch.target.state.first().final
    )


def _actions(states: Iterable[mc.State]) -> Iterable[mc.Action]:
    for state in states:
        yield from state.entry
        yield from state.exit
        for row in (*state.transitions, *state.timeouts):
            for branch in row.branches:
                yield from branch.actions


def _is_for_many(match: mc.Match) -> bool:
    """Whether it listens to many numbers, of which some may have handlers of their own."""
    if match.event is None or match.event.by is None:
        return False
    return not match.value or "x" in match.value


def _live(rows: list[table.Entry]) -> list[table.Entry]:
    """The rows up to the first that takes all that reaches it."""
    found: list[table.Entry] = []
    for row in rows:
        found.append(row)
        if (isinstance(row, table.Passive) or row.guard is None) and not row.match.value:
            break
    return found


def _identity(row: table.Entry) -> object:
    return (row.what, row.match.value) if isinstance(row, table.Passive) else id(row)


def _public(event: mc.Event) -> str:
    return f"_timer_{event.name}" if event.origin == "timer" else event.name


def _in_states(leaves: list[mc.State]) -> str:
    if len(leaves) == 1:
        return f'self.state == "{leaves[0].name}"'
    return layout.listed("self.state in ", [f'"{leaf.name}"' for leaf in leaves])


def _value_test(event: mc.Event, value: str) -> str:
    assert event.by is not None
    name = event.by.name
    if "x" not in value:
        return f"{name} == {value}" if value.isdecimal() else f'{name} == "{value}"'
    low, high = int(value.replace("x", "0")), int(value.replace("x", "9"))
    return f"{low} <= {name} <= {high}"


def _default(param: Param) -> str:
    from protogen_fsm.backends.python.expressions import literal

    return literal(param.default)


def _argument(value: object, given: dict[str, str]) -> str:
    from protogen_fsm.model import expressions as ex

    assert not isinstance(value, str)
    if isinstance(value, ex.Local) and value.scope == "machine":
        return given[value.name]
    return expression(value, Scope())  # type: ignore[arg-type]


def _unset(variable: mc.Variable) -> str:
    return _nothing(variable)


def _nothing(place: Param | mc.Variable) -> str:
    """What stands in a place before it is set: the empty value of its type."""
    if isinstance(place.type, ListOf):
        return "[]"
    shown = annotation(place.type)
    return {"str": '""', "bytes": 'b""', "int": "0", "bool": "False", "float": "0.0"}.get(
        shown, "None"
    )
