"""Which row takes an event: by the state the machine is in, then by the guards."""

from __future__ import annotations

from dataclasses import dataclass

from protogen_fsm.backends.python import layout
from protogen_fsm.backends.python.expressions import operands
from protogen_fsm.backends.python.handlers import Handlers
from protogen_fsm.backends.python.names import annotation, unique
from protogen_fsm.backends.python.parts import Method, free
from protogen_fsm.model import machine as mc
from protogen_fsm.model import moves, table

CHAIN_OF_TESTS = 4
"""Above so many groups of states a table is faster than a chain of tests (docs/design.md)."""


@dataclass(slots=True)
class _Group:
    """States in which the same transitions apply, and leaving which does the same."""

    leaves: list[mc.State]
    rows: tuple[table.Entry, ...]


@dataclass(slots=True)
class _Offer:
    """A state, and those of its regions that take an event, each with its states that do."""

    state: mc.State
    regions: list[tuple[mc.Region, list[_Group]]]


@dataclass(slots=True)
class _Taker:
    """The method that offers an event to a region."""

    method: str
    may_leave: bool  # whether a row of the region leads out of the state around it
    defers: bool


class Dispatch(Handlers):
    """The part of a class that finds the row for an event."""

    __slots__ = ()

    def _groups(self, event: mc.Event, region: mc.Region | None = None) -> list[_Group]:
        groups: dict[tuple[object, ...], _Group] = {}
        leaves = self.leaves if region is None else moves.leaves_of(region.states)
        for leaf in leaves:
            states = None if region is None else moves.within(leaf)
            rows = _live(table.entries(leaf, event, states=states))
            if not rows:
                continue
            key = (tuple(map(_identity, rows)), self._exit_key(leaf, rows))
            groups.setdefault(key, _Group([], tuple(rows))).leaves.append(leaf)
        return list(groups.values())

    def _dispatch(
        self,
        event: mc.Event,
        groups: list[_Group],
        offers: list[_Offer],
        again: str,
        indent: int,
    ) -> list[str]:
        """The test on where the machine is, and in each branch the call of the handler."""
        names = [param.name for param in event.params]
        refuse = layout.call("self._refuse", [f'"{event.name}"', *names])
        groups, mere = self._mere_moves(groups) if event.by is None else (groups, [])
        if mere:
            self.move_tables.append((f"_moves_of_{event.name}", mere))
            table_of_moves = f"self._moves_of_{event.name}"
            refuse = layout.call("self._move", [table_of_moves, f'"{event.name}"', *names])
        branches: list[tuple[list[mc.State], str, list[str]]] = []
        for offer in offers:
            group = next((group for group in groups if offer.state in group.leaves), None)
            around = refuse
            if group is not None:
                group.leaves.remove(offer.state)
                around = self._around(event, _Group([offer.state], group.rows), again, refuse)
            branches += self._offered(event, offer, again, around)
            if group is not None and len(offer.regions) == 1:
                branches.append(([offer.state], "state", around))
        for group in groups:
            if group.leaves:
                rows = self._rows(event, group, again, refuse)
                branches.append((group.leaves, "state", rows))
        branches = _merged(branches)
        if not branches:
            found = refuse
        elif len(branches) == 1 and set(branches[0][0]) == set(self.leaves):
            found = branches[0][2]
        elif len(branches) > CHAIN_OF_TESTS and all(where == "state" for _, where, _ in branches):
            found = self._table_dispatch(event, branches, refuse)
        else:
            found, keyword = [], "if"
            for leaves, where, rows in branches:
                found += layout.condition(keyword, [in_states(leaves, where)], "or", 0)
                found += layout.indented(rows)
                keyword = "elif"
            found += ["else:", *layout.indented(refuse)]
        return [" " * indent + line for line in found]

    def _offers(self, event: mc.Event) -> list[_Offer]:
        """The states of which some region takes the event."""
        found: dict[mc.State, _Offer] = {}
        for region in self.regions:
            groups = self._groups(event, region)
            if groups:
                offer = found.setdefault(region.state, _Offer(region.state, []))
                offer.regions.append((region, groups))
        return list(found.values())

    def _offered(
        self, event: mc.Event, offer: _Offer, again: str, refuse: list[str]
    ) -> list[tuple[list[mc.State], str, list[str]]]:
        """Where the machine is when regions of one state take the event, and what is done then."""
        if len(offer.regions) == 1:
            ((region, groups),) = offer.regions
            return [
                (group.leaves, region.name, self._rows(event, group, again, refuse))
                for group in groups
            ]
        takers = [
            _Taker(
                f"self.{self._region_method(event, region, groups)}",
                may_leave=any(self._may_leave(group) for group in groups),
                defers=any(_defers(row) for group in groups for row in group.rows),
            )
            for region, groups in offer.regions
        ]
        return [([offer.state], "state", self._in_turn(event, takers, again, refuse))]

    def _may_leave(self, group: _Group) -> bool:
        """Whether one of its rows leads out of the state whose regions are asked."""
        return any(
            isinstance(deed, moves.Leave | moves.Unless | moves.Suspend | moves.Resume)
            for row in group.rows
            if isinstance(row, mc.Transition)
            for branch in row.branches
            for deed in self.moves.deeds(group.leaves[0], branch)
        )

    def _in_turn(
        self, event: mc.Event, takers: list[_Taker], again: str, refuse: list[str]
    ) -> list[str]:
        """One region after the other is asked: each sees what those before it have done.

        Where a handler takes time, those behind it are asked when it is done.
        """
        names = [param.name for param in event.params]
        taken = free("taken", names)
        defers = any(taker.defers for taker in takers)
        lines: list[str] = []
        if any(taker.may_leave for taker in takers[:-1]):
            lines.append("self._left = False")
        asked = layout.made(takers[0].method, names)
        lines += layout.assignment(taken, layout.listed("", [asked], "[]") if defers else asked)
        margin = 0
        for at, taker in enumerate(takers[1:], 1):
            rest = layout.listed("", [one.method for one in takers[at:]])
            step = ["if self._pending is not None:", *layout.call("self._offer", [rest, *names], 4)]
            lines += [" " * margin + line for line in step]
            left = ["not self._left"] if takers[at - 1].may_leave else []
            asked = layout.made(taker.method, names)
            if at == len(takers) - 1 and not defers:
                tests = [*left, f"not ({asked} or {taken})"]
                lines += layout.condition("elif", tests, "and", margin)
                return [*lines, *(" " * (margin + 4) + line for line in refuse)]
            lines.append(f"{' ' * margin}{'elif not self._left' if left else 'else'}:")
            margin += 4
            add = layout.call(f"{taken}.append", [asked])
            change = add if defers else layout.assignment(taken, f"{asked} or {taken}")
            lines += [" " * margin + line for line in change]
        last = [
            f"if True not in {taken} and None in {taken}:",
            *layout.call("self._defer", [again, *names], 4),
            f"elif True not in {taken}:",
            *layout.indented(refuse),
        ]
        return [*lines, *(" " * margin + line for line in last)]

    def _region_method(self, event: mc.Event, region: mc.Region, groups: list[_Group]) -> str:
        """What a region does with an event: True if it takes it, None if it defers it."""
        name = unique(f"_{event.name}_in_{region.name}", self.used)
        typed = ["self", *(f"{p.name}: {annotation(p.type)}" for p in event.params)]
        defers = any(_defers(row) for group in groups for row in group.rows)
        head = layout.call(f"def {name}", typed, 0, f" -> bool{' | None' if defers else ''}:")
        doc = f"Whether {region.name} takes `{event.name}`"
        doc += "; None if it is for later" if defers else ""
        head += layout.indented(layout.docstring(f"{doc}.", 8))
        body: list[str] = []
        keyword = "if"
        rows = [
            (g.leaves, region.name, self._rows(event, g, "", ["return False"], region))
            for g in groups
        ]
        for leaves, where, inside in _merged(rows):
            body += layout.condition(keyword, [in_states(leaves, where)], "or", 0)
            body += layout.indented(inside)
            keyword = "elif"
        body += ["else:", "    return False", "return True"]
        self.settle_methods.append(Method(head, body))
        return name

    def _around(self, event: mc.Event, group: _Group, again: str, refuse: list[str]) -> list[str]:
        """The call of what a state does with an event that none of its regions takes."""
        state = group.leaves[0]
        name = unique(f"_{event.name}_around_{state.name}", self.used)
        typed = ["self", *(f"{p.name}: {annotation(p.type)}" for p in event.params)]
        head = layout.call(f"def {name}", typed, 0, " -> None:")
        doc = f"`{event.name}` in {state.name}, where no region takes it."
        head += layout.indented(layout.docstring(doc, 8))
        self.settle_methods.append(Method(head, self._rows(event, group, again, refuse)))
        return layout.call(f"self.{name}", [param.name for param in event.params])

    def _mere_moves(self, groups: list[_Group]) -> tuple[list[_Group], list[str]]:
        """Many rows that do nothing but lead to another state are the lines of one table."""
        facts = self.facts
        busy = facts.chained or facts.timed or facts.defers or facts.library or self.moves_act
        busy = busy or facts.urgent
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
        branches: list[tuple[list[mc.State], str, list[str]]],
        refuse: list[str],
    ) -> list[str]:
        """Many states: each branch a method of its own, found by the state's name."""
        names = [param.name for param in event.params]
        typed = ["self", *(f"{p.name}: {annotation(p.type)}" for p in event.params)]
        entries: list[str] = []
        for leaves, _, body in branches:
            name = unique(f"_{leaves[0].name}_on_{event.name}", self.used)
            head = layout.call(f"def {name}", typed, 0, " -> None:")
            states = " or ".join(leaf.name for leaf in leaves)
            doc = f"`{event.name}` in {states}."
            head += layout.indented(layout.docstring(doc, 8))
            self.settle_methods.append(Method(head, body))
            entries += [f'"{leaf.name}": {name}' for leaf in leaves]
        table_name = f"_steps_of_{event.name}"
        self.step_tables.append((table_name, entries))
        step = free("step", names)
        return [
            f"{step} = self.{table_name}.get(self.state)",
            f"if {step} is None:",
            *layout.indented(refuse),
            "else:",
            *layout.call(step, ["self", *names], 4),
        ]

    def _quiet(
        self, what: str, again: str, names: list[str], region: mc.Region | None, in_chain: bool
    ) -> list[str]:
        if region is not None:
            return ["return True" if what == "ignore" else "return None"]
        rest = [] if in_chain else ["self._busy = False"]
        if what == "ignore":
            return rest or ["pass"]
        return [*rest, *layout.call("self._defer", [again, *names])]

    def _rows(
        self,
        event: mc.Event,
        group: _Group,
        again: str,
        refuse: list[str],
        region: mc.Region | None = None,
    ) -> list[str]:
        """The guards of one group, in order, and what each calls; `refuse` if none holds."""
        names = [param.name for param in event.params]
        lines: list[str] = []
        keyword = "if"
        for row in group.rows:
            tests: list[str] = []
            operator = "and"
            if row.match.value:
                tests = [_value_test(event, row.match.value)]
            if isinstance(row, table.Passive):
                in_chain = self._is_in_chains(event)
                call = self._quiet(row.what, again, names, region, in_chain)
            else:
                if row.guard is not None:
                    guard, operator = operands(row.guard, self._scope(row, event))
                    if tests and operator == "or":
                        guard = [f"({' or '.join(guard)})"]
                    tests, operator = [*tests, *guard], "and" if tests else operator
                call = self._settled(event, row, group.leaves)
            if not tests:
                if keyword == "if":
                    return call
                return [*lines, "else:", *layout.indented(call)]
            lines += layout.condition(keyword, tests, operator, 0)
            lines += layout.indented(call)
            keyword = "elif"
        return [*lines, "else:", *layout.indented(refuse)]


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


def _merged(
    branches: list[tuple[list[mc.State], str, list[str]]],
) -> list[tuple[list[mc.State], str, list[str]]]:
    """Branches that would say the same are one."""
    found: dict[tuple[str, ...], list[mc.State]] = {}
    for leaves, where, inside in branches:
        found.setdefault((where, *inside), []).extend(leaves)
    return [(leaves, where, list(inside)) for (where, *inside), leaves in found.items()]


def _defers(row: table.Entry) -> bool:
    return isinstance(row, table.Passive) and row.what != "ignore"


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


def in_states(leaves: list[mc.State], active: str = "state") -> str:
    """The test whether the machine, or a region of it, is in one of these states."""
    if len(leaves) == 1:
        return f'self.{active} == "{leaves[0].name}"'
    return layout.listed(f"self.{active} in ", [f'"{leaf.name}"' for leaf in leaves])


def _value_test(event: mc.Event, value: str) -> str:
    assert event.by is not None
    name = event.by.name
    if "x" not in value:
        return f"{name} == {value}" if value.isdecimal() else f'{name} == "{value}"'
    low, high = int(value.replace("x", "0")), int(value.replace("x", "9"))
    return f"{low} <= {name} <= {high}"
