"""Systems, scenarios, and the file around them."""

# ruff: noqa: D102 - what a method makes is what its rule says

from __future__ import annotations

from protogen_fsm.source import Span
from protogen_fsm.syntax import tree
from protogen_fsm.syntax.build.nodes import Children, Nodes


class Systems(Nodes):
    """The nodes of systems, scenarios and files."""

    def file(self, c: Children) -> tree.File:
        (name, doc), items = c
        return tree.File(self.source, name, doc, items)

    def header(self, c: Children) -> tuple[tree.Name, tree.Text | None]:
        return self._name(c[1]), self._doc(c[2])

    def use(self, c: Children) -> tree.Use:
        return tree.Use(c[1], self.literals.text(c[3]), self._from(c[0].start))

    def const(self, c: Children) -> tree.Const:
        return tree.Const(self._name(c[1]), c[3], self._doc(c[4]), self._from(c[0].start))

    def enum(self, c: Children) -> tree.Enum:
        return tree.Enum(self._name(c[1]), self._doc(c[2]), c[4], self._from(c[0].start))

    def allow(self, c: Children) -> tree.Allow:
        return tree.Allow(self._name(c[1]), self.literals.text(c[2]), self._from(c[0].start))

    def system(self, c: Children) -> tree.System:
        return tree.System(self._name(c[1]), self._doc(c[2]), c[4], self._from(c[0].start))

    def peer(self, c: Children) -> tree.Peer:
        environment, keyword, name, _, count, _, _, machine, args, fates = c
        return tree.Peer(
            self._name(name),
            count,
            self._name(machine),
            args or [],
            environment is not None,
            fates,
            self._from((environment or keyword).start),
        )

    def link(self, c: Children) -> tree.Link:
        _, left, sign, right, _, capacity, faults = c
        return tree.Link(
            self._name(left),
            self._name(right),
            sign.text == "->",
            capacity,
            faults,
            self._from(c[0].start),
        )

    fault = Nodes.name
    fate = Nodes.name

    def property_line(self, c: Children) -> tree.Property:
        return tree.Property(c[0].text, c[1], None, self._doc(c[2]), self._from(c[0].start))

    def leads_to(self, c: Children) -> tree.Property:
        left, _, right, doc = c
        return tree.Property("leads to", left, right, self._doc(doc), self._from(left.span.start))

    def answers(self, c: Children) -> tree.Pattern:
        span = self._from(c[0].start)
        return tree.Pattern("every", c[1], c[4], [], None, self._doc(c[5]), span)

    def at_most(self, c: Children) -> tree.Pattern:
        span = self._from(c[0].start)
        return tree.Pattern("at most", c[3], [], c[6], c[2], self._doc(c[7]), span)

    def only_after(self, c: Children) -> tree.Pattern:
        span = self._from(c[0].start)
        return tree.Pattern("after", c[1], c[3], c[5] or [], None, self._doc(c[6]), span)

    def comes_before(self, c: Children) -> tree.Pattern:
        span = self._from(c[0][0].span.start)
        return tree.Pattern("before", c[0], c[2], [], None, self._doc(c[3]), span)

    def happenings(self, c: Children) -> list[tree.Happening]:
        return [c[0]] if len(c) == 1 else [*c[0], c[2]]

    def happening(self, c: Children) -> tree.Happening:
        return tree.Happening(c[0], c[1].text, c[2], self._from(c[0].span.start))

    verb = Nodes.name

    def scenario(self, c: Children) -> tree.Scenario:
        title = self.literals.text(c[1])
        return tree.Scenario(title, self._name(c[3]), c[5], c[6], self._from(c[0].start))

    def given(self, c: Children) -> tree.Given:
        return tree.Given(self._name(c[1]), c[3], self._from(c[0].start))

    def step(self, c: Children) -> tree.Step:
        name, _, number, close, _, what = c
        peer = self._name(name)
        if number is not None:
            peer = tree.Name(
                f"{name.text}[{number.text}]", Span(self.source, name.start, close.end)
            )
        return tree.Step(peer, what, self._from(name.start))

    def raw(self, c: Children) -> tree.Text:
        return self.literals.text(c[0])

    def said(self, c: Children) -> tree.Call:
        return tree.Call(c[0], c[1] or [], self._from(c[0].span.start))
