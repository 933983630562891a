"""Machines, their states and transitions."""

# ruff: noqa: D102 - what a method makes is what its rule says

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protogen_fsm.source import Span
from protogen_fsm.syntax import tree
from protogen_fsm.syntax.build.nodes import Children, Nodes

if TYPE_CHECKING:
    from protogen_fsm.syntax.tokens import Token


class Machines(Nodes):
    """The nodes of machines."""

    def machine(self, c: Children) -> tree.Machine:
        _, name, params, over, depth, doc, _, declarations, rows, _ = c
        return tree.Machine(
            self._name(name),
            params or [],
            over,
            depth,
            self._doc(doc),
            declarations + rows,
            self._from(c[0].start),
        )

    def over(self, c: Children) -> tree.Layer:
        return tree.Layer(self._name(c[1]), c[2] or [], self._from(c[0].start))

    depth = Nodes.second

    def face(self, c: Children) -> tree.Face:
        events: list[tree.Event] = []
        for event in c[1]:
            # `a answered by b, c`: c is an answer too, unless it says more than its name
            if events and events[-1].answered_by and not events[-1].call and _is_bare(event):
                events[-1].answered_by.append(event.name)
                events[-1].call = event.call
                events[-1].span = Span(self.source, events[-1].span.start, event.span.end)
            else:
                events.append(event)
        return tree.Face(c[0].text, events, self._from(c[0].start))

    def event(self, c: Children) -> tree.Event:
        name, params, by, doc, answered, call = c
        span = self._from(name.span.start)
        return tree.Event(name, params, by, answered or [], span, self._doc(doc), call)

    def answered(self, c: Children) -> list[tree.Name]:
        return [c[2]]

    def standing(self, c: Children) -> tree.Name:
        return tree.Name(" ".join(word.text for word in c), self._from(c[0].start))

    def var(self, c: Children) -> tree.Var:
        scope = None if c[7] is None else self._name(c[7])
        span = self._from(c[0].start)
        return tree.Var(self._name(c[1]), c[3], c[5], scope, self._doc(c[8]), span)

    def timer(self, c: Children) -> tree.Timer:
        return tree.Timer(self._name(c[1]), c[3], self._doc(c[4]), self._from(c[0].start))

    def question(self, c: Children) -> tree.Question:
        kind, name, params, doc = c
        return tree.Question(
            kind.text, self._name(name), params or [], self._doc(doc), self._from(kind.start)
        )

    def otherwise(self, c: Children) -> tree.Otherwise:
        return tree.Otherwise(self._name(c[1]), self._from(c[0].start))

    def instances(self, c: Children) -> tree.Many:
        _, name, _, machine, args, _, by, _, limit, doc = c
        return tree.Many(
            self._name(name),
            self._name(machine),
            args or [],
            self._name(by),
            limit,
            self._doc(doc),
            self._from(c[0].start),
        )

    def modifier(self, c: Children) -> Any:
        return c[0]

    def state(self, c: Children) -> tree.State:
        modifiers, keyword, name, params, clauses, doc, members = c
        modifiers = modifiers or []
        words = [modifier.text for modifier in modifiers]
        reads = receives = None
        for modifier in modifiers[1:]:
            if words.count(modifier.text) > 1 and words.index(modifier.text) == 0:
                self.literals.say_twice(modifier, f"`{modifier.text}` is said twice")
                break
        for keyword_token, clause in clauses:
            if isinstance(clause, tree.Reads):
                if reads is not None:
                    self.literals.say_twice(keyword_token, "a state has one `reads`")
                reads = clause
            else:
                if receives is not None:
                    self.literals.say_twice(keyword_token, "a state has one `receives`")
                receives = clause
        start = modifiers[0].start if modifiers else keyword.start
        return tree.State(
            self._name(name),
            "initial" in words,
            "final" in words,
            params or [],
            reads,
            receives,
            self._doc(doc),
            members or [],
            self._from(start),
        )

    def reads(self, c: Children) -> tuple[Token, tree.Reads]:
        return c[0], tree.Reads(self._name(c[1]), c[2] or [], self._from(c[0].start))

    def takes(self, c: Children) -> tuple[Token, list[tree.Name]]:
        return c[0], c[1]

    body = Nodes.between

    def region(self, c: Children) -> tree.Region:
        return tree.Region(self._name(c[1]), self._doc(c[2]), c[3], self._from(c[0].start))

    def on(self, c: Children) -> tree.On:
        _, triggers, keep, guard, target, actions, outcomes = c
        return tree.On(
            triggers,
            guard,
            target,
            actions or [],
            outcomes or [],
            self._from(c[0].start),
            keep is not None,
        )

    def trigger(self, c: Children) -> tree.Trigger:
        return tree.Trigger(c[0], c[1], self._from(c[0].span.start))

    bound_names = Nodes.between
    guard = Nodes.second

    def outcomes(self, c: Children) -> list[tree.Outcome]:
        return c[0]  # type: ignore[no-any-return]

    def outcome(self, c: Children) -> tree.Outcome:
        _, name, params, target, actions = c
        return tree.Outcome(
            self._name(name), params or [], target, actions or [], self._from(c[0].start)
        )

    def after(self, c: Children) -> tree.After:
        return tree.After(c[1], c[2], c[3] or [], self._from(c[0].start))

    def entry(self, c: Children) -> tree.Entry:
        return tree.Entry(c[0].text, c[1], c[2] or [], self._from(c[0].start))

    def names(self, c: Children) -> tree.Names:
        return tree.Names(c[0].text, c[1], self._from(c[0].start))

    to = Nodes.second

    def push(self, c: Children) -> tree.Push:
        goto, then = c[2], c[4]
        return tree.Push(goto.state, goto.args, then, self._from(c[1].start))

    def pop(self, c: Children) -> tree.Pop:
        return tree.Pop(self._from(c[1].start))

    def history(self, c: Children) -> tree.History:
        return tree.History(self._name(c[2]), self._from(c[1].start))

    def goto(self, c: Children) -> tree.Goto:
        return tree.Goto(self._name(c[0]), c[1] or [], self._from(c[0].start))

    actions = Nodes.second

    def fire(self, c: Children) -> tree.Fire:
        return tree.Fire(c[0].text, c[1], c[2] or [], self._from(c[0].start))

    def assign(self, c: Children) -> tree.Assign:
        self_, _, name, op, value = c
        return tree.Assign(self._name(name), op.text, value, self._from((self_ or name).start))

    def start(self, c: Children) -> tree.Start:
        return tree.Start(self._name(c[1]), c[2] or [], self._from(c[0].start))

    def stop(self, c: Children) -> tree.Stop:
        return tree.Stop(self._name(c[1]), self._from(c[0].start))

    def do(self, c: Children) -> tree.Do:
        return tree.Do(c[0].text, self._from(c[0].start))

    def call_action(self, c: Children) -> tree.CallAction:
        return tree.CallAction(self._name(c[0]), c[1], self._from(c[0].start))


def _is_bare(event: tree.Event) -> bool:
    return not (event.answered_by or event.by or event.doc) and event.params is None
