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
        in_regions: dict[mc.State, list[str]],
        again: str,
        indent: int,
    ) -> list[str]:
        """The test on the state, and in each branch the call of the handler."""
        names = [param.name for param in event.params]
        margin = " " * indent
        refuse = layout.call("self._refuse", [f'"{event.name}"', *names], indent + 4)
        groups, mere = self._mere_moves(groups) if event.by is None else (groups, [])
        if mere:
            self.move_tables.append((f"_moves_of_{event.name}", mere))
            table_of_moves = f"self._moves_of_{event.name}"
            refuse = layout.call(
                "self._move", [table_of_moves, f'"{event.name}"', *names], indent + 4
            )
        branches: list[tuple[list[mc.State], list[str]]] = []
        for state, takers in in_regions.items():
            around = next((group for group in groups if state in group.leaves), None)
            inside = self._offer(event, state, takers, around, again, indent + 4)
            branches.append(([state], inside))
        for group in groups:
            leaves = [leaf for leaf in group.leaves if leaf not in in_regions]
            if leaves:
                rows = self._rows(event, _Group(leaves, group.rows), again, refuse)
                branches.append((leaves, [" " * (indent + 4) + line for line in rows]))
        branches = _merged(branches)
        if len(branches) == 1 and set(branches[0][0]) == set(self.leaves):
            return [line[4:] for line in branches[0][1]]
        if len(branches) > CHAIN_OF_TESTS:
            return self._table_dispatch(event, branches, indent, refuse)
        lines = []
        keyword = "if"
        for leaves, inside in branches:
            lines += layout.condition(keyword, [in_states(leaves)], "or", indent)
            lines += inside
            keyword = "elif"
        if not branches:
            return [line[4:] for line in refuse]
        return [*lines, f"{margin}else:", *refuse]

    def _in_regions(self, event: mc.Event) -> dict[mc.State, list[str]]:
        """For each state with regions that take the event, the methods that offer it to them."""
        found: dict[mc.State, list[str]] = {}
        for region in self.regions:
            groups = self._groups(event, region)
            if groups:
                name = self._region_method(event, region, groups)
                found.setdefault(region.state, []).append(name)
        return found

    def _region_method(self, event: mc.Event, region: mc.Region, groups: list[_Group]) -> str:
        """What a region does with an event: True if it takes it, None if it defers it."""
        name = unique(f"_{event.name}_in_{region.name}", self.used)
        typed = ["self", *(f"{p.name}: {annotation(p.type)}" for p in event.params)]
        head = layout.call(f"def {name}", typed, 0, " -> bool | None:")
        doc = f"Whether {region.name} takes `{event.name}`"
        if any(isinstance(row, table.Passive) for group in groups for row in group.rows):
            doc += "; None if it is for later"
        head += layout.indented(layout.docstring(f"{doc}.", 8))
        body: list[str] = []
        keyword = "if"
        rows = [(g.leaves, self._rows(event, g, "", ["return False"], region)) for g in groups]
        for leaves, inside in _merged(rows):
            body += layout.condition(keyword, [in_states(leaves, region.name)], "or", 0)
            body += layout.indented(inside)
            keyword = "elif"
        body += ["else:", "    return False", "return True"]
        self.settle_methods.append(Method(head, body))
        return name

    def _offer(
        self,
        event: mc.Event,
        state: mc.State,
        takers: list[str],
        around: _Group | None,
        again: str,
        indent: int,
    ) -> list[str]:
        """The call that offers an event to the regions of a state, then to those around them."""
        names = [param.name for param in event.params]
        args = [f'"{event.name}"', layout.listed("", [f"self.{name}" for name in takers])]
        args.append(layout.listed("", names))
        if around is not None:
            name = unique(f"_{event.name}_around_{state.name}", self.used)
            typed = ["self", *(f"{p.name}: {annotation(p.type)}" for p in event.params)]
            head = layout.call(f"def {name}", typed, 0, " -> None:")
            doc = f"`{event.name}` in {state.name}, where no region takes it."
            head += layout.indented(layout.docstring(doc, 8))
            refuse = layout.call("self._refuse", [f'"{event.name}"', *names])
            rows = self._rows(event, _Group([state], around.rows), again, refuse)
            self.settle_methods.append(Method(head, rows))
            args.append(f"around=self.{name}")
        inner = [one for region in state.regions for top in region.states for one in top.every()]
        if any(match.event is event for one in inner for match in one.deferred):
            args.append(f"again={again}")
        return layout.call("self._offer", args, indent)

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
            states = " or ".join(leaf.name for leaf in leaves)
            doc = f"`{event.name}` in {states}."
            head += layout.indented(layout.docstring(doc, 8))
            body = [line[indent + 4 :] for line in inside]
            self.settle_methods.append(Method(head, body))
            entries += [f'"{leaf.name}": {name}' for leaf in leaves]
        table_name = f"_steps_of_{event.name}"
        self.step_tables.append((table_name, entries))
        step = free("step", names)
        return [
            f"{margin}{step} = self.{table_name}.get(self.state)",
            f"{margin}if {step} is None:",
            *refuse,
            f"{margin}else:",
            *layout.call(step, ["self", *names], indent + 4),
        ]

    def _quiet(
        self, what: str, again: str, names: list[str], region: mc.Region | None, in_chain: bool
    ) -> list[str]:
        if region is not None:
            return ["return True" if what == "ignore" else "return None"]
        rest = "self._finish()" if in_chain else "self._busy = False"
        if what == "ignore":
            return [rest]
        return [
            *([] if in_chain else [rest]),
            *layout.call("self._defer", [again, *names]),
            *([rest] if in_chain else []),
        ]

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
        return [*lines, "else:", *(f"    {line.lstrip(' ')}" for line in refuse)]


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
    branches: list[tuple[list[mc.State], list[str]]],
) -> list[tuple[list[mc.State], list[str]]]:
    """Branches that would say the same are one."""
    found: dict[tuple[str, ...], list[mc.State]] = {}
    for leaves, inside in branches:
        found.setdefault(tuple(inside), []).extend(leaves)
    return [(leaves, list(inside)) for inside, leaves in found.items()]


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
