"""Tree to text: the canonical form of a spec.

One thing a line, the columns of `->` and `/` aligned over a state and the states in it, `=` over
messages side by side. Comments stay where they stood; of blank lines at most one is kept.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from protogen_fsm.syntax import show, tree
from protogen_fsm.syntax.columns import Line, Row, align_rows, aligned, filled
from protogen_fsm.syntax.tokens import scan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from protogen_fsm.source import Span

_STEP = 4


class _Node(Protocol):
    @property
    def span(self) -> Span: ...


def format(file: tree.File) -> str:
    """The canonical form of a spec."""
    printer = _Printer(file)
    printer.file(file)
    return "".join(f"{line}\n" for line in printer.lines)


class _Printer:
    def __init__(self, file: tree.File) -> None:
        self.source = file.source
        self.comments = file.comments
        self.lines: list[Line] = []
        self.indent = 0
        self.next_comment = 0
        self.last_line = 0  # of the source, that is printed
        self.is_fresh = True  # nothing stands in this block yet
        self.rows: list[Row] | None = None  # those that stand in columns together

    # ------------------------------------------------------------ lines and comments

    def _line_of(self, offset: int) -> int:
        return self.source.position(offset)[0]

    def _keep_blank(self, start: int) -> None:
        """Keep a blank line that stood before what begins at `start`."""
        if not self.is_fresh and self._line_of(start) > self.last_line + 1:
            self._blank()
        self.is_fresh = False

    def _blank(self) -> None:
        if self.lines and self.lines[-1].text:
            self.lines.append(Line(0, ""))

    def _lead(self, end: int, keep_blanks: bool = True) -> None:
        """The comments up to `end` that are not printed yet."""
        while self.next_comment < len(self.comments):
            comment = self.comments[self.next_comment]
            if comment.span.start >= end:
                break
            if keep_blanks:
                self._keep_blank(comment.span.start)
            self.lines.append(Line(self.indent, comment.text))
            self.last_line = self._line_of(comment.span.start)
            self.next_comment += 1

    def _put(self, line: Line, start: int, end: int) -> None:
        """A line for what stands from `start` to `end`; comments within it go above it."""
        self._lead(start)
        self._keep_blank(start)
        self._lead(end, keep_blanks=False)
        self.lines.append(line)
        self.last_line = self._line_of(end - 1)
        self._trail(line, end)

    def _trail(self, line: Line, end: int) -> None:
        if self.next_comment < len(self.comments):
            comment = self.comments[self.next_comment]
            if not comment.own_line and not self.source.text[end : comment.span.start].strip():
                line.comment = comment.text
                self.next_comment += 1

    def _leaf(self, text: str, node: _Node) -> None:
        self._put(Line(self.indent, text), node.span.start, node.span.end)

    @contextmanager
    def _block(self, head: str, node: _Node, last: _Node) -> Iterator[None]:
        """`head {`, what is printed within, and `}`; `last` is the last node of the head."""
        brace = next(t for t in scan(self.source.text, last.span.end) if t.text == "{")
        self._put(Line(self.indent, f"{head} {{"), node.span.start, brace.end)
        self.indent += _STEP
        self.is_fresh = True
        yield
        end = node.span.end
        self._lead(end - 1)
        self.indent -= _STEP
        self.is_fresh = False
        line = Line(self.indent, "}")
        self.lines.append(line)
        self.last_line = self._line_of(end - 1)
        self._trail(line, end)

    # ------------------------------------------------------------ files

    def file(self, file: tree.File) -> None:
        start, end = file.protocol.span.start, (file.doc or file.protocol).span.end
        self._put(Line(0, f"protocol {file.protocol.text}{show.doc(file.doc)}"), start, end)
        # The comments above it stand at its keyword, which has no node.
        after_block = False
        for group in self._groups(file.items):
            is_block = _is_block(group[0])
            if is_block or after_block:
                self._blank()
            after_block = is_block
            if isinstance(group[0], tree.Message) and not is_block:
                self._messages([m for m in group if isinstance(m, tree.Message)])
            else:
                self._item(group[0])
        self._lead(len(self.source.text) + 1)

    def _groups(self, items: Sequence[tree.Item]) -> Iterator[list[tree.Item]]:
        """Messages of one line that no blank line parts; all else by itself."""
        group: list[tree.Item] = []
        for item in items:
            if group and not (_is_flat(item) and _is_flat(group[-1]) and self._near(group, item)):
                yield group
                group = []
            group.append(item)
        if group:
            yield group

    def _near(self, group: list[tree.Item], item: tree.Item) -> bool:
        between = self.source.text[group[-1].span.end : item.span.start]
        return all(line.strip() for line in between.split("\n")[1:-1])

    def _item(self, item: tree.Item) -> None:
        match item:
            case tree.Use():
                self._leaf(f"use {show.names(item.names)} from {show.text(item.path)}", item)
            case tree.Const():
                value = f"{item.name.text} = {show.expr(item.value)}{show.doc(item.doc)}"
                self._leaf(f"const {value}", item)
            case tree.Enum():
                head = f"enum {item.name.text}{show.doc(item.doc)} {{ "
                members = [name.text for name in item.members]
                self._leaf(filled(self.indent, head, members, " }"), item)
            case tree.Allow():
                self._allow(item)
            case tree.Struct():
                self._struct(item)
            case tree.Message():
                self._binary(item)
            case tree.Machine():
                self._machine(item)
            case tree.System():
                self._system(item)
            case tree.Scenario():
                head = f"scenario {show.text(item.title)} for {item.system.text}"
                with self._block(head, item, item.system):
                    for given in item.given:
                        self._leaf(show.given(given), given)
                    for step in item.steps:
                        self._leaf(show.step(step), step)

    def _allow(self, node: tree.Allow) -> None:
        self._leaf(f"allow {node.name.text} {show.text(node.reason)}", node)

    # ------------------------------------------------------------ messages

    def _messages(self, messages: list[tree.Message]) -> None:
        cells = [(_message_head(m), show.doc(m.doc).strip(), _message_tail(m)) for m in messages]
        for message, text in zip(messages, aligned(cells), strict=True):
            self._leaf(text, message)

    def _binary(self, message: tree.Message) -> None:
        assert isinstance(message.pattern, tree.BinaryPattern)
        head = f"{_message_head(message)}{show.doc(message.doc)} ="
        last = _last(message.name, message.params, message.by, message.doc)
        with self._block(head, message, last):
            self._fields(message.pattern.fields)

    def _struct(self, struct: tree.Struct) -> None:
        head = f"struct {struct.name.text}{show.doc(struct.doc)}"
        with self._block(head, struct, struct.doc or struct.name):
            self._fields(struct.fields)

    def _fields(self, fields: Sequence[tree.Param | tree.BinaryField | tree.Struct]) -> None:
        for field in fields:
            match field:
                case tree.Struct():
                    self._struct(field)
                case tree.Param():
                    self._leaf(show.param(field), field)
                case tree.BinaryField():
                    self._leaf(show.binary_field(field), field)

    # ------------------------------------------------------------ machines

    def _machine(self, machine: tree.Machine) -> None:
        head = f"machine {machine.name.text}{show.params(machine.params)}"
        if machine.over:
            head += f" over {machine.over.name.text}{show.args(machine.over.args)}"
        if machine.depth:
            head += f" depth {show.expr(machine.depth)}"
        head += show.doc(machine.doc)
        last = _last(machine.name, machine.params, machine.over, machine.depth, machine.doc)
        width = max((len(m.kind) for m in machine.members if isinstance(m, tree.Face)), default=0)
        with self._block(head, machine, last), self._columns():
            for member in machine.members:
                match member:
                    case tree.Face():
                        kind = member.kind.ljust(width) + " "
                        events = [show.event(event) for event in member.events]
                        self._leaf(filled(self.indent, kind, events), member)
                    case tree.State():
                        # A state and all within it is a table of its own.
                        with self._columns():
                            self._state(member)
                    case tree.On() | tree.Names():
                        self._member(member)
                    case _:
                        self._declaration(member)

    def _declaration(
        self,
        node: tree.Var | tree.Timer | tree.Question | tree.Otherwise | tree.Many | tree.Allow,
    ) -> None:
        match node:
            case tree.Var():
                initial = "" if node.initial is None else f" = {show.expr(node.initial)}"
                scope = "" if node.scope is None else f" scope {node.scope.text}"
                text = f"var {node.name.text}: {show.type_(node.type)}{initial}{scope}"
                self._leaf(text + show.doc(node.doc), node)
            case tree.Timer():
                text = f"timer {node.name.text} = {show.expr(node.duration)}"
                self._leaf(text + show.doc(node.doc), node)
            case tree.Question():
                text = f"{node.kind} {node.name.text}({show.param_list(node.params)})"
                self._leaf(text + show.doc(node.doc), node)
            case tree.Otherwise():
                self._leaf(f"otherwise {node.choice.text}", node)
            case tree.Many():
                limit = "" if node.limit is None else f" limit {show.expr(node.limit)}"
                what = f"{node.machine.text}{show.args(node.args)} by {node.by.text}{limit}"
                self._leaf(f"many {node.name.text}: {what}{show.doc(node.doc)}", node)
            case tree.Allow():
                self._allow(node)

    @contextmanager
    def _columns(self) -> Iterator[None]:
        outer, self.rows = self.rows, []
        yield
        align_rows(self.rows)
        self.rows = outer

    def _state(self, state: tree.State) -> None:
        head = "initial " * state.initial + "final " * state.final
        head += f"state {state.name.text}{show.params(state.params)}"
        if state.reads:
            head += show.reads(state.reads)
        if state.receives:
            head += f" receives {show.names(state.receives)}"
        head += show.doc(state.doc)
        if not state.members:
            self._leaf(head, state)
            return
        last = _last(state.name, state.params, state.reads, state.receives, state.doc)
        self._body(head, state, last)

    def _body(self, head: str, node: tree.State | tree.Region, last: _Node) -> None:
        with self._block(head, node, last):
            for member in node.members:
                self._member(member)

    def _member(self, member: tree.StateMember) -> None:
        match member:
            case tree.State():
                self._state(member)
            case tree.Region():
                head = f"region {member.name.text}{show.doc(member.doc)}"
                self._body(head, member, member.doc or member.name)
            case tree.On():
                self._on(member)
            case tree.After():
                self._row(f"after {show.expr(member.duration)}", member)
            case tree.Entry():
                self._row(member.kind, member)
            case tree.Names():
                self._leaf(f"{member.kind} {show.names(member.events)}", member)
            case tree.Allow():
                self._allow(member)

    def _on(self, on: tree.On) -> None:
        head = "on " + ", ".join(map(show.trigger, on.triggers))
        if on.keep:
            head += " keep"
        if on.guard is not None:
            head += f" when {show.expr(on.guard)}"
        if not on.outcomes:
            self._row(head, on)
            return
        start, end = on.span.start, on.outcomes[0].span.start
        for token in scan(self.source.text, start):
            if token.start >= on.outcomes[0].span.start:
                break
            end = token.end
        self._row(head, on, end)
        self.indent += _STEP
        for outcome in on.outcomes:
            self._row(f"| {outcome.name.text}{show.params(outcome.params)}", outcome)
        self.indent -= _STEP

    def _row(
        self, head: str, node: tree.On | tree.After | tree.Entry | tree.Outcome, end: int = 0
    ) -> None:
        actions = [show.action(action) for action in node.actions]
        row = Row(self.indent, head, "", show.target(node.target), actions)
        self._put(row, node.span.start, end or node.span.end)
        assert self.rows is not None
        self.rows.append(row)

    # ------------------------------------------------------------ systems

    def _system(self, system: tree.System) -> None:
        head = f"system {system.name.text}{show.doc(system.doc)}"
        with self._block(head, system, system.doc or system.name):
            for member in system.members:
                if isinstance(member, tree.Allow):
                    self._allow(member)
                else:
                    self._leaf(show.system_line(member), member)


def _is_flat(item: tree.Item) -> bool:
    return isinstance(item, tree.Message) and not isinstance(item.pattern, tree.BinaryPattern)


def _is_block(item: tree.Item) -> bool:
    return isinstance(
        item, tree.Machine | tree.System | tree.Scenario | tree.Struct | tree.Message
    ) and not _is_flat(item)


def _last(*nodes: _Node | Sequence[_Node] | None) -> _Node:
    """The last of the nodes in the text."""
    flat: list[_Node] = []
    for node in nodes:
        if isinstance(node, list):
            flat += node
        elif node is not None:
            flat.append(node)  # type: ignore[arg-type]
    return max(flat, key=lambda node: node.span.end)


def _message_head(message: tree.Message) -> str:
    by = "" if message.by is None else f" by {message.by.text}"
    return f"message {message.name.text}{show.params(message.params)}{by}"


def _message_tail(message: tree.Message) -> str:
    match message.pattern:
        case tree.TextPattern():
            return f"= {show.parts(message.pattern.parts)}"
        case tree.Codec():
            return f"by codec {show.text(message.pattern.path)}"
    return ""
