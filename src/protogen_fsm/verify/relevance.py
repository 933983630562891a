"""Which values matter: those that guards, names of events and properties can come to depend on.

What nothing depends on need not be followed, and that changes nothing. Values are matched by the
names of events wherever they cross a face or a link, which may follow too many, never too few.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model.instances import routes
from protogen_fsm.model.moves import targets
from protogen_fsm.model.shapes import alike
from protogen_fsm.model.types import INT, ListOf, Optional, Range, is_int
from protogen_fsm.verify.keys import Keys
from protogen_fsm.verify.values import FEW, is_followed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protogen_fsm.model.machine import Machine

# ("var", Variable), ("state", State, name), ("event", name, place), ("own", Machine, name)
Item: TypeAlias = tuple[object, ...]


class Relevance:
    """What matters to a set of machines that may speak to each other.

    `unfollowed`: what matters and cannot be followed, by the words of the spec. `keys`: those of
    instances; `ordered`: whether it matters in which order they were started. `asked`: the
    variables that properties speak of; `own`: the parameters of machines that matter. Of those
    that are only `talking` what they say matters, and nothing else. `also`:
    what matters besides.
    """

    def __init__(
        self,
        machines: Iterable[Machine],
        asked: Iterable[ex.Expr],
        talking: Iterable[Machine] = (),
        also: Iterable[Item] = (),
    ) -> None:
        self.machines = list(dict.fromkeys(machines))
        self.speakers = list(dict.fromkeys((*self.machines, *talking)))
        self.sources: dict[Item, list[tuple[ex.Expr, mc.Transition | None, Machine]]] = defaultdict(
            list
        )
        self.items: set[Item] = set()
        self.unfollowed: dict[str, None] = {}
        self.own: set[str] = set()
        self.ordered = False
        self._held = {many.machine for one in self.machines for many in one.many.values()}
        self._todo: list[Item] = []
        self._compared: dict[Item, set[int]] | None = None
        self._unlike: set[Item] = set()  # compared with what is no number of the spec
        self._cuts: dict[Item, frozenset[int] | None] = {}
        # Into what each value goes, and whether something is added to it on the way.
        self._goes_into: dict[Item, dict[Item, bool]] = defaultdict(dict)
        self._heard = {m.below.machine for m in self.machines if m.below is not None}
        self._also = set(also := list(also))
        for machine in self.machines:
            self._read(machine)
        asked = list(asked)
        self.asked = {
            part.variable for e in asked for part in ex.walk(e) if isinstance(part, ex.PeerVar)
        }
        for one in asked:
            self._want(one, None, self.speakers[0])
        for item in also:
            self._add(item)
        for machine in self.machines:
            self._seeds(machine)
        for into, sources in self.sources.items():
            for e, row, machine in sources:
                parts = list(ex.walk(e))
                sums = [p for p in parts if isinstance(p, ex.Op) and p.op in ("+", "-")]
                adds = any(is_int(one.type) for one in sums)
                for of in filter(None, (self._item(part, row, machine) for part in parts)):
                    self._goes_into[of][into] = adds or self._goes_into[of].get(into, False)
        while self._todo:
            item = self._todo.pop()
            for e, row, machine in self.sources[item]:
                self._want(e, row, machine)
        self.keys = Keys(self)
        self._leave_out_counters()

    def _leave_out_counters(self) -> None:
        """Numbers of many values that go round: what they are matters less than that they move."""
        variables = [v for machine in self.machines for v in machine.variables.values()]
        for variable in variables:
            item: Item = ("var", variable)
            type_ = variable.type
            is_large = isinstance(type_, Range) and type_.high - type_.low >= FEW
            if item not in self.items or item in self.keys.pools or variable in self.asked:
                continue
            if self._counts(item) and (is_large or (type_ == INT and not self._numbers(item))):
                self.items.discard(item)
                self.unfollowed[f"`{variable.name}`"] = None

    def _counts(self, item: Item) -> bool:
        """Whether a value is made of itself, with something added."""
        seen: set[tuple[Item, bool]] = set()
        todo = [*self._goes_into[item].items()]
        while todo:
            one, added = todo.pop()
            if one == item and added:
                return True
            if (one, added) not in seen:
                seen.add((one, added))
                todo += [(into, added or also) for into, also in self._goes_into[one].items()]
        return False

    def follows(self, item: Item) -> bool:
        """Whether a value matters."""
        return item in self.items

    def _seeds(self, machine: Machine) -> None:
        for event in machine.events.values():
            if event.by is not None:
                self._add(("event", event.name, event.params.index(event.by)))
            for many in routes(machine, event):
                at = next(at for at, p in enumerate(event.params) if p.name == many.by)
                self._add(("event", event.name, at))
        for many in machine.many.values():
            self._add(("own", many.machine, many.key.name))
        for row, guard in self.guards(machine):
            self._want(guard, row, machine)

    def guards(self, machine: Machine) -> Iterator[tuple[mc.Transition, ex.Expr]]:
        """Each row of a machine that has a guard, with it."""
        for state in machine.every_state():
            for row in state.transitions:
                if row.guard is not None:
                    yield row, row.guard

    def _read(self, machine: Machine) -> None:
        """Where each value of a machine comes from."""
        for variable in machine.variables.values():
            if variable.initial is not None:
                self.sources["var", variable].append((variable.initial, None, machine))
        for many in machine.many.values():
            for name, arg in many.args.items():
                self.sources["own", many.machine, name].append((arg, None, machine))
        for state in machine.every_state():
            for action in (*state.entry, *state.exit):
                self._action(action, None, machine)
            for row in (*state.transitions, *state.timeouts):
                for branch in row.branches:
                    self._target(branch.target, row, machine)
                    for action in branch.actions:
                        self._action(action, row, machine)
        for target in targets(machine):
            self._target(target, None, machine)

    def _target(
        self, target: mc.Target | None, row: mc.Transition | None, machine: Machine
    ) -> None:
        for one in _goes(target):
            for param, arg in zip(one.state.params, one.args, strict=False):
                self.sources["state", one.state, param.name].append((arg, row, machine))

    def _action(self, action: mc.Action, row: mc.Transition | None, machine: Machine) -> None:
        if isinstance(action, mc.Assign):
            target = action.target
            item: Item = ("var", target)
            if isinstance(target, mc.StateParam):
                item = ("state", target.state, target.param.name)
            self.sources[item].append((action.value, row, machine))
            if action.op != "=":
                self._goes_into[item][item] = True
        elif isinstance(action, mc.Send | mc.Emit):
            is_heard = isinstance(action, mc.Send) or machine in self._heard | self._held
            for at, arg in enumerate(action.args):
                item = "event", action.output.name, at
                if is_heard or item in self._also:
                    self.sources[item].append((arg, row, machine))
        elif isinstance(action, mc.Raise):
            for at, arg in enumerate(action.args):
                self.sources["event", action.event.name, at].append((arg, row, machine))
        elif isinstance(action, mc.StartInstance):
            many = action.many
            for param, arg in zip((many.key, *many.asks), action.args, strict=True):
                self.sources["own", many.machine, param.name].append((arg, row, machine))

    def _want(self, e: ex.Expr, row: mc.Transition | None, machine: Machine) -> None:
        for one in parts_read(e):
            item = self._item(one, row, machine)
            if item is not None and is_followed(one.type):
                self._add(item)
            elif item is not None:
                self.unfollowed[_words(item, row)] = None
            if isinstance(one, ex.Local) and one.scope == "machine":
                self.own.add(one.name)

    def numbers(self, e: ex.Expr, row: mc.Transition | None, machine: Machine) -> list[Item]:
        """The whole numbers that an expression is made of."""
        found = []
        for one in parts_read(e):
            type_ = one.type.item if isinstance(one.type, Optional) else one.type
            item = self._item(one, row, machine) if is_int(type_) else None
            found += [] if item is None else [item]
        return found

    def _item(self, e: ex.Expr, row: mc.Transition | None, machine: Machine) -> Item | None:
        """The value that an expression names."""
        if isinstance(e, ex.Local) and e.scope == "machine" and machine in self._held:
            return "own", machine, e.name
        return _item(e, row)

    def largest(self, item: Item, small: range) -> int:
        """The largest of the small numbers that a value, or what it goes into, is compared with."""
        return max([0, *(abs(n) for n in self._numbers(item) if n in small)])

    def cuts(self, item: Item) -> frozenset[int] | None:
        """The numbers that tell values from each other; None if other things do, too."""
        if item not in self._cuts:
            numbers, into = self._numbers(item), self._comes_to(item)
            names: set[Item] = {("event", e.name, e.params.index(e.by)) for m in self.machines
                     for e in m.events.values() if e.by is not None}  # fmt: skip
            names |= self.keys.pools.keys()
            is_plain = self._unlike.isdisjoint(into) and names.isdisjoint(into)
            adds = any(added for one in into for added in self._goes_into[one].values())
            known = is_plain and not adds and not any(one[1] in self.asked for one in into)
            self._cuts[item] = frozenset(numbers) if known else None
        return self._cuts[item]

    def _comes_to(self, item: Item) -> set[Item]:
        """A value, and all that it goes into."""
        seen, todo = {item}, [item]
        while todo:
            for into in self._goes_into[todo.pop()].keys() - seen:
                seen.add(into)
                todo.append(into)
        return seen

    def _numbers(self, item: Item) -> set[int]:
        """The numbers in the spec that a value, or what it goes into, is compared with."""
        if self._compared is None:
            self._compared = self._comparisons()
        return {n for one in self._comes_to(item) for n in self._compared.get(one, ())}

    def _comparisons(self) -> dict[Item, set[int]]:
        """The numbers in the spec that values are compared with."""
        found: dict[Item, set[int]] = defaultdict(set)
        for machine in self.machines:
            for state in machine.every_state():
                for row in state.transitions:
                    for one in () if row.guard is None else ex.walk(row.guard):
                        if isinstance(one, ex.Op) and one.op not in ("and", "or", "not"):
                            self._compare(list(ex.walk(one)), row, machine, found)
        return found

    def _compare(
        self,
        parts: list[ex.Expr],
        row: mc.Transition,
        machine: Machine,
        found: dict[Item, set[int]],
    ) -> None:
        values = [p.value for p in parts if isinstance(p, ex.Value)]
        said = [n for v in values for n in (v if isinstance(v, list | tuple) else (v,))]
        known = [of for p in parts if (of := self._item(p, row, machine)) is not None]
        for of in known:
            found[of] |= {n for n in said if type(n) is int}
        if len(parts) != 3 or len(values) != 1:
            self._unlike.update(known)

    def _add(self, item: Item) -> None:
        if item in self.items:
            return
        self.items.add(item)
        self._todo.append(item)
        if item[0] == "event" and any(
            event.name == item[1] and event.message is not None
            for machine in self.machines
            for event in machine.events.values()
        ):
            # What one message prints another may read: their numbers matter all.
            for machine in self.speakers:
                for output in machine.sends.values():
                    if output.message is not None and output.name != item[1]:
                        for at, param in enumerate(output.params):
                            if is_int(param.type) and self._may_be_read(output):
                                self._add(("event", output.name, at))

    def _may_be_read(self, output: mc.Output) -> bool:
        """Whether nobody receives the message by its own name, so that another one reads it."""
        sent = output.message
        return sent is not None and not any(
            event.message is not None and alike(event.message, sent)
            for machine in self.machines
            for event in machine.events.values()
        )


def parts_read(e: ex.Expr) -> Iterator[ex.Expr]:
    """What an expression reads that its value hangs on; of lists no more than their size is kept.

    What a list is made of does not matter, but for what there may not be in it.
    """
    if isinstance(e, ex.MakeList):
        for one in ex.walk(e):
            if isinstance(one, ex.Item):
                yield from ex.walk(one)
    elif isinstance(e, ex.Op) and e.op == "+" and isinstance(e.type, ListOf):
        for operand in e.operands:
            yield from parts_read(operand)
    elif isinstance(e, ex.Each) and e.kept is None:
        yield from parts_read(e.source)
    else:
        yield from ex.walk(e)


def _item(e: ex.Expr, row: mc.Transition | None) -> Item | None:
    """The value that an expression names."""
    if isinstance(e, ex.Var | ex.PeerVar):
        return "var", e.variable
    if isinstance(e, ex.Local) and e.scope == "state":
        return "state", e.state, e.name
    if isinstance(e, ex.Local) and e.scope == "event" and row is not None:
        event = row.match.event
        if event is not None:
            others = [p for p in event.params if p is not event.by]
            named = dict(zip(row.names, others, strict=False)).get(e.name)
            param = named or next((p for p in event.params if p.name == e.name), None)
            if param is not None:
                return "event", event.name, event.params.index(param)
    return None


def _words(item: Item, row: mc.Transition | None) -> str:
    """A value as reports name it."""
    kind, owner, *where = item
    if kind == "event" and row is not None and row.match.event is not None:
        (at,) = where
        return f"`{row.match.event.params[int(str(at))].name}` of `{owner}`"
    of = f"`{getattr(owner, 'name', '')}`"
    return f"`{where[0]}` of {of}" if kind != "var" else of


def _goes(target: mc.Target | None) -> Iterator[mc.Goto | mc.Push]:
    if isinstance(target, mc.Goto | mc.Push):
        yield target
    if isinstance(target, mc.Push) and target.then is not None:
        yield target.then
