"""Handlers, what is asked of them, and what follows their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.backends.python import layout
from protogen_fsm.backends.python.chained import in_order
from protogen_fsm.backends.python.deeds import arguments, begun, is_plain
from protogen_fsm.backends.python.expressions import Scope
from protogen_fsm.backends.python.names import TIMEOUT, annotation, event_key, outcome, unique
from protogen_fsm.backends.python.parts import Method, Parts, free
from protogen_fsm.backends.python.plain import plain_step
from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model import moves, table
from protogen_fsm.model.types import Optional

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protogen_fsm.model.types import Param, Type


class Handlers(Parts):
    """The part of a class that its user sees: stubs, emissions, questions, and what they settle."""

    __slots__ = ()

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
                layout.render(
                    [*head, *layout.indented(layout.docstring(doc, 8)), "    return None"], 4
                ),
            )
        for question in self.machine.questions.values():
            yield question.name, self._question(question, prefix).lines()
        for output in self.machine.emits.values():
            typed = ["self", *(f"{p.name}: {annotation(p.type, prefix)}" for p in output.params)]
            head = layout.call(f"def emit_{output.name}", typed, 0, " -> None:")
            said = layout.docstring(f"`{output.name}` happened. {self.where(output.span)}", 8)
            yield f"emit_{output.name}", layout.render([*head, *layout.indented(said)], 4)

    def _scope(self, row: mc.Transition, event: mc.Event | None) -> Scope:
        if event is None or row.match.is_any:
            return Scope(encoder=self.encoder)
        own = {param.name: param.name for param in event.params}
        rest = [param.name for param in event.params if param is not event.by]
        return Scope({**own, **dict(zip(row.names, rest, strict=False))}, encoder=self.encoder)

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
        region = moves.region_of(row.state)
        self.wired[slot] = (
            slot,
            row.state.name,
            event_name,
            row.match.value,
            "" if region is None else region.name,
        )
        return slot, given

    def _exit_key(self, leaf: mc.State, rows: Iterable[table.Entry]) -> tuple[object, ...]:
        """What makes a step from this leaf another than one from its neighbour."""
        if not self.moves_act:
            return ()
        return tuple(
            key
            for row in rows
            if isinstance(row, mc.Transition)
            for branch in row.branches
            for key in (*_keys(self.moves.deeds(leaf, branch)), *self._onwards(leaf, branch))
        )

    def _onwards(self, leaf: mc.State, branch: mc.Branch) -> list[object]:
        target = branch.target
        if not isinstance(target, mc.Push) or target.then is None:
            return []
        then = mc.Branch(None, target.then, (), branch.span)
        return _keys(self.moves.deeds(leaf, then))

    def _thens(self, found: Iterable[moves.Deed], name: str) -> dict[mc.Goto, str]:
        """The methods that go on where `push … then …` says, once what was pushed is popped."""
        thens: dict[mc.Goto, str] = {}
        for pushed in _pushed(found):
            goto = pushed.then
            if goto is None:
                continue
            key = goto, pushed.leaf.name
            if key not in self.thens:
                self.thens[key] = unique(name, self.used)
                self._then(goto, pushed.leaf, self.thens[key])
            thens[goto] = self.thens[key]
        return thens

    def _then(self, goto: mc.Goto, leaf: mc.State, name: str) -> None:
        params = goto.state.params
        onwards = mc.Goto(
            goto.state,
            tuple(ex.Local(p.name, "event", p.type, goto.span) for p in params),
            goto.span,
        )
        typed = ["self", *(f"{p.name}: {annotation(p.type)}" for p in params)]
        head = layout.call(f"def {name}", typed, 0, " -> None:")
        head += layout.indented(
            layout.docstring(f"Goes on where what was pushed is popped. {self.where(goto.span)}", 8)
        )
        deeds = self.moves.deeds(leaf, mc.Branch(None, onwards, (), goto.span))
        scope = Scope({p.name: p.name for p in params}, encoder=self.encoder)
        taken = {"self", *(p.name for p in params)}
        again = self._thens(deeds, name)
        body = in_order(self.facts, deeds, scope, taken, again)
        self.settle_methods.append(Method(head, body))

    def _settle(self, event: mc.Event | None, row: mc.Transition, leaves: list[mc.State]) -> str:
        """The method that ends a step of this row from these states; written once."""
        same = tuple(sorted({str(self._exit_key(leaf, [row])) for leaf in leaves}))
        taken = "" if event is None or row.match.is_any else event.name
        way = self._is_in_chains(event), event is not None and self._is_bare(event)
        key = (id(row), f"{same} {taken} {way}")
        if key in self.settles:
            return self.settles[key]
        name = unique(f"_{row.state.name}_{event_key(row.match)}", self.used)
        self.settles[key] = name
        params = [] if event is None or row.match.is_any else list(event.params)
        answer = free("answer", [p.name for p in params])
        narrowed = self._narrowed(row, event)
        types = [annotation(narrowed.get(p.name, p.type)) for p in params]
        told = [f"{p.name}: {type_}" for p, type_ in zip(params, types, strict=True)]
        typed = ["self", f"{answer}: object", *told]
        head = layout.call(f"def {name}", typed, 0, " -> None:")
        head += layout.indented(layout.docstring(f"{self.where(row.span)}", 8))
        again = [f"self.{name}", *(p.name for p in params)]
        body: list[str] = []
        keyword = "if"
        if not row.has_outcomes:
            rest = self._branch(row, event, row.branches[0], leaves[0], params)
            wait = "self._wait" if rest == ["pass"] else "return self._wait"
            body = [f"if {answer} is not None:", *layout.call(wait, [answer, *again], 4)]
            body += rest if rest != ["pass"] else []
        else:
            for at, branch in enumerate(row.branches):
                assert branch.outcome is not None
                made = f"type({answer}) is {outcome(branch.outcome)}"
                if at == 0 and not branch.outcome.params:
                    made = f"{answer} is None or {made}"
                elif at == 0 and can_be_none(branch.outcome):
                    body += [f"if {answer} is None:", f"    {answer} = {outcome(branch.outcome)}()"]
                body.append(f"{keyword} {made}:")
                inside = self._branch(row, event, branch, leaves[0], params)
                body += [f"    {line}" if line else "" for line in inside]
                keyword = "elif"
            body += ["else:", *layout.call("self._wait", [answer, *again], 4)]
        self.settle_methods.append(Method(head, body))
        return name

    def _narrowed(self, row: mc.Transition, event: mc.Event | None) -> dict[str, Type]:
        """The event's parameters of which the guard has said that they are there: `x != none`."""
        said = [] if row.guard is None else [row.guard]
        for branch in row.branches:
            said += [e for action in branch.actions for e in arguments(action)]
            said += branch.target.args if isinstance(branch.target, mc.Goto | mc.Push) else ()
        names = self._scope(row, event).event
        return {
            names[one.name]: one.type
            for e in said
            for one in ex.walk(e)
            if isinstance(one, ex.Local) and one.scope == "event" and row.guard is not None
            if not isinstance(one.type, Optional)
        }

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
        scope.answer, scope.told = free("answer", names), free("told", names)
        scope.taking = None if row.match.is_any else event
        found = self.moves.deeds(leaf, branch)
        taken = {"self", scope.answer, scope.told, *names}
        in_chain = self._is_in_chains(event)
        if in_chain or not is_plain(found):
            thens = self._thens(found, f"_{row.state.name}_{event_key(row.match)}_then")
            lines = in_order(self.facts, found, scope, set(taken), thens)
            if in_chain:
                last = row.match.is_any and self.facts.counts
                return [*(["self._is_reply = False"] if last else []), *lines] or ["pass"]
            return [*begun(self.facts, scope.taking), *lines, "self._finish()"]
        bare = event is not None and self._is_bare(event)
        return plain_step(self.facts, found, scope, taken, bare=bare) or ["pass"]

    def _is_in_chains(self, event: mc.Event | None) -> bool:
        """Whether its steps may be some of many: it is raised, or offered to several regions."""
        return event is not None and event.name in self.chains

    def _is_bare(self, event: mc.Event) -> bool:
        """Whether nothing within its steps can fail or take time, so that none is guarded."""
        busy = self.facts.defers or bool(self.machine.many) or self._is_in_chains(event)
        if busy or not self.facts.library:
            return False
        if event.name not in self.bare_events:
            self.bare_events[event.name] = not self.facts.chained or all(
                is_plain(self.moves.deeds(leaf, branch))
                for leaf in self.leaves
                for row in table.rows(leaf, event)
                for branch in row.branches
            )
        return self.bare_events[event.name]

    def _emission(self, output: mc.Output) -> Method:
        typed = ["self", *(f"{p.name}: {annotation(p.type)}" for p in output.params)]
        head = layout.call(f"def emit_{output.name}", typed, 0, " -> object:")
        doc = f"Tells what is above of `{output.name}`. May return an awaitable."
        head += layout.indented(layout.docstring(f"{doc} {self.where(output.span)}", 8))
        names = [param.name for param in output.params]
        return Method(head, layout.call(f"return self.above.{output.name}", names))

    def _question(self, question: mc.Question, prefix: str = "") -> Method:
        typed = ["self", *(f"{p.name}: {annotation(p.type, prefix)}" for p in question.params)]
        result = "bool" if question.kind == "predicate" else "None"
        head = layout.call(f"def {question.name}", typed, 0, f" -> {result}:")
        doc = question.doc or f"The {question.kind} `{question.name}`."
        head += layout.indented(layout.docstring(f"{doc} {self.where(question.span)}", 8))
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
        result = layout.union([layout.awaitable(answers), *answers])
        head = layout.call(f"def {name}", typed, 0, f" -> {result}:")
        head += layout.indented(layout.docstring(self._stub_doc(state, match, rows, outcomes), 8))
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
            said += f": answer {' or '.join(outcomes)}"
            first = next(b.outcome for row in rows for b in row.branches if b.outcome is not None)
            said += f"; None is {outcomes[0]}" if can_be_none(first) else ""
        return f"{said}. {', '.join(dict.fromkeys(self.where(row.span) for row in rows))}"


def _keys(deeds: Iterable[moves.Deed]) -> list[object]:
    """What tells one list of deeds from another."""
    found: list[object] = []
    for deed in deeds:
        if isinstance(deed, moves.Leave | moves.Remember):
            found.append((type(deed).__name__, id(deed.state)))
        elif isinstance(deed, moves.LeaveRegion):
            found.append(id(deed.region))
        elif isinstance(deed, moves.Unless):
            found += [id(deed.state), *_keys(deed.deeds)]
        elif isinstance(deed, moves.Suspend):
            found.append(tuple(id(state) for state in (*deed.saved, *deed.kept)))
        elif isinstance(deed, moves.Recall):
            found += [key for _, ways in deed.ways for key in _keys(ways)]
        elif isinstance(deed, moves.Enter):
            found.append((id(deed.state), id(deed.again)))
        elif not isinstance(deed, moves.Resume):
            found.append(id(deed))
    return found


def can_be_none(one: mc.Outcome) -> bool:
    """Whether no answer at all can mean this outcome: it needs nothing to be told."""
    return all(param.has_default for param in one.params)


def _pushed(deeds: Iterable[moves.Deed]) -> Iterator[moves.Suspend]:
    """What of the deeds pushes."""
    for deed in deeds:
        if isinstance(deed, moves.Suspend):
            yield deed
        elif isinstance(deed, moves.Recall):
            for _, ways in deed.ways:
                yield from _pushed(ways)


def _outcomes(rows: Iterable[mc.Transition]) -> list[str]:
    answers = (branch.outcome for row in rows for branch in row.branches)
    return list(dict.fromkeys(outcome(answer) for answer in answers if answer is not None))


def _is_for_many(match: mc.Match) -> bool:
    """Whether it listens to many numbers, of which some may have handlers of their own."""
    if match.event is None or match.event.by is None:
        return False
    return not match.value or "x" in match.value
