"""Events: one method for each, which finds the row and calls its handler."""

from __future__ import annotations

from protogen_fsm.backends.python import layout
from protogen_fsm.backends.python.deeds import begun
from protogen_fsm.backends.python.dispatch import Dispatch, in_states
from protogen_fsm.backends.python.expressions import declared, operands
from protogen_fsm.backends.python.instances import routed
from protogen_fsm.backends.python.names import annotation
from protogen_fsm.backends.python.parts import Method, free
from protogen_fsm.backends.python.uses import raw_frame
from protogen_fsm.model import machine as mc
from protogen_fsm.model import moves, table

NEXT = ["if self._waiting is not None:", "    self._next()"]
"""What waits has its turn, once a step is over."""


class Events(Dispatch):
    """The part of a class that takes events."""

    __slots__ = ()

    def _event(self, event: mc.Event) -> None:
        groups = self._groups(event)
        offers = self._offers(event)
        if event.origin == "built_in" and not groups and not offers:
            return
        names = [param.name for param in event.params]
        typed = ["self", *(f"{p.name}: {annotation(p.type)}" for p in event.params)]
        if event.name == "lost":
            typed[-1] += ' = ""'
        asked = typed if event.origin != "above" else ["self", *map(declared, event.params)]
        public = _public(event)
        is_call = bool(event.answered_by)
        inner = f"_on_{event.name}" if is_call or event is raw_frame(self.machine) else public
        taker = f"_take_{event.name}"
        again = f"self.{inner}"
        doc = self._event_doc(event)
        in_chain = self._is_in_chains(event)
        if is_call:
            self._call_method(event, asked, names, doc)
        if event.origin != "itself":
            body = ["if self._busy:"]
            if self._is_urgent(event):
                ahead = [f'"{event.name}"', again, *names]
                body += layout.call("return self._ahead", ahead, 4)
            else:
                body += layout.call("return self._later", [again, *names], 4)
            body += routed(self.machine, event)
            if event.name == "lost":
                body = [*self._keeping(event), "self._cancel()"]
            bare = self._is_bare(event)
            if bare:
                body += self._dispatch(event, groups, offers, again, 0)
            else:
                if in_chain and event.name in self.facts.raised:
                    inside = layout.call(f"self.{taker}", names, 4)
                else:
                    inside = self._dispatch(event, groups, offers, again, 4)
                inside += ["    self._finish()"] if in_chain else []
                error = free("error", names)
                body += begun(self.facts, event) if in_chain else ["self._busy = True"]
                body.append("try:")
                body += [*inside, f"except Exception as {error}:", f"    self._failed({error})"]
            last = ["self._abandon(reason)"] if event.name == "lost" else []
            if bare:
                body += last
            else:
                last += [] if is_call and not self.held else NEXT
                body += ["finally:", *(f"    {line}" for line in last)] if last else []
            if event.origin == "above" and self._waits_to_read():
                body.append("self._read_on()")
            head = layout.call(f"def {inner}", typed if is_call else asked, 0, " -> None:")
            said = f"The step of `{event.name}`." if is_call else doc
            head += layout.indented(layout.docstring(said, 8))
            self.methods.append(Method(head, body))
        if event.name in self.facts.raised:
            body = self._dispatch(event, groups, offers, again, 0)
            head = layout.call(f"def {taker}", typed, 0, " -> None:")
            said = doc if event.origin == "itself" else f"`{event.name}`, within a step."
            head += layout.indented(layout.docstring(said, 8))
            self.methods.append(Method(head, body))

    def _is_urgent(self, event: mc.Event) -> bool:
        """Whether some state takes it, or some of its numbers, while a handler is pending."""
        matches = (match for leaf in self.leaves for s in leaf.around() for match in s.urgent)
        return self.facts.urgent and any(table.covers(match, event) for match in matches)

    def _keeping(self, event: mc.Event) -> list[str]:
        """Where the loss of the connection waits for the handler that is pending."""
        rows = {leaf.name: table.rows(leaf, event) for leaf in self.leaves}
        kept = [leaf for leaf in self.leaves if rows[leaf.name] and rows[leaf.name][0].keep]
        if not kept:
            return []
        tests = ["self._pending is not None", in_states(kept)]
        later = "    return self._later(self.lost, reason)"
        return [*layout.condition("if", tests, "and", 0), later]

    def _question_from_above(self, event: mc.Event) -> None:
        """Whether the event would be taken: whoever sends it asks first."""
        names = [param.name for param in event.params]
        typed = ["self", *(f"{p.name}: {annotation(p.type)}" for p in event.params)]
        head = layout.call(f"def _ask_{event.name}", typed, 0, " -> None:")
        doc = f"Raises LocalProtocolError unless `{event.name}` is taken now."
        head += layout.indented(layout.docstring(doc, 8))
        body = ["if self._busy:", "    return None"]
        for group in self._groups(event):
            for row in group.rows:
                tests = [in_states(group.leaves)]
                if isinstance(row, mc.Transition) and row.guard is not None:
                    guard, operator = operands(row.guard, self._scope(row, event))
                    tests += [f"({' or '.join(guard)})"] if operator == "or" else guard
                body += [*layout.condition("if", tests, "and", 0), "    return None"]
        body += layout.call("return self.unexpected", [f'"{event.name}"', *names])
        self.methods.append(Method(head, body))

    def _waits_to_read(self) -> bool:
        """Whether what has come may wait in some state, until something is asked for."""
        reads = (state.reads for state in self.machine.every_state())
        return any(one is not None and one.kind == "nothing" for one in reads)

    def _event_doc(self, event: mc.Event) -> str:
        if event.message is not None and event.message.doc:
            return f"{event.name}: {event.message.doc}."
        said = {
            "open": "The connection is there.",
            "eof": "The peer will send nothing more.",
            "lost": "The connection is gone.",
            "secured": "The handshake of `starttls` is done.",
            "malformed": "What came fits no message, or no frame.",
            "failed": "A handler raised; its step has been undone.",
            "unsolicited": "A reply came that no call waits for; its step has been undone.",
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
        head += layout.indented(layout.docstring(f"{doc} Answered by {emissions}.", 8))
        call = free("call", names)
        listed = ", ".join(f'"{name}"' for name in event.answered_by)
        comma = "," if len(event.answered_by) == 1 else ""
        given = [f'"{event.name}"', f"({listed}{comma})"]
        given += ["self.close"] if event.cancel_closes else []
        body = layout.call(f"{call} = self._call", given)
        body += ["try:"]
        body += layout.call(f"self._on_{event.name}", names, 4)
        body += ["except BaseException:", f"    self._drop({call})", "    raise"]
        if not self.held:  # an instance is handed the event without being called
            body += ["finally:", *layout.indented(NEXT)]
        body.append(f"return {call}")
        self.methods.append(Method(head, body))

    def _answer_type(self, output: mc.Output) -> str:
        types = [annotation(param.type) for param in output.params]
        if not types:
            return "None"
        return types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]"

    def _timeouts(self) -> None:
        """`_timeout`: the time-out of the state the machine is in; the innermost one counts."""
        groups = self._timed(self.leaves)
        head = ["def _timeout(self) -> None:", '    """The state\'s own time-out."""']
        self.methods.append(Method(head, self._timed_step(groups)))

    def _region_timeouts(self, region: mc.Region) -> None:
        """The time-outs of a region's states run out as the timer that is named like it."""
        groups = self._timed(moves.leaves_of(region.states))
        name = f"_timer_{region.name}"
        head = [f"def {name}(self) -> None:"]
        head += layout.indented(layout.docstring(f"The time-out of where {region.name} is.", 8))
        waits = ["if self._busy:", f"    return self._later(self.{name})"]
        self.methods.append(Method(head, [*waits, *self._timed_step(groups, region)]))

    def _timed(self, leaves: list[mc.State]) -> list[tuple[mc.Transition, list[mc.State]]]:
        groups: dict[tuple[object, ...], tuple[mc.Transition, list[mc.State]]] = {}
        for leaf in leaves:
            row = next((s.timeouts[0] for s in moves.within(leaf) if s.timeouts), None)
            if row is not None:
                key = (id(row), self._exit_key(leaf, [row]))
                groups.setdefault(key, (row, []))[1].append(leaf)
        return list(groups.values())

    def _timed_step(
        self,
        groups: list[tuple[mc.Transition, list[mc.State]]],
        region: mc.Region | None = None,
    ) -> list[str]:
        in_chain = self._is_in_chains(None)
        body = [*(begun(self.facts, None) if in_chain else ["self._busy = True"]), "try:"]
        keyword = "if"
        for row, leaves in groups:
            active = "state" if region is None else region.name
            body += layout.condition(keyword, [in_states(leaves, active)], "or", 4)
            body += [f"        {line}" for line in self._settled(None, row, leaves)]
            keyword = "elif"
        body += ["    self._finish()"] if in_chain else []
        body += ["except Exception as error:", "    self._failed(error)"]
        return [*body, "finally:", *layout.indented(NEXT)]


def _public(event: mc.Event) -> str:
    return f"_timer_{event.name}" if event.origin == "timer" else event.name
