"""What is in scope: the names that an expression may use, and what each stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Label
from protogen_fsm.model.expressions import Local, Value, Var
from protogen_fsm.model.spec import Constant
from protogen_fsm.model.types import Enum, Optional
from protogen_fsm.resolve.names import Unknown
from protogen_fsm.resolve.types import find, places
from protogen_fsm.resolve.values import unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.machine import Machine, Region, State
    from protogen_fsm.model.spec import Peer
    from protogen_fsm.model.types import Param, Type
    from protogen_fsm.resolve.names import Names
    from protogen_fsm.resolve.report import Report
    from protogen_fsm.source import Span
    from protogen_fsm.syntax import tree


class Scope:
    """What names stand for, where whoever uses it says to be: see `within`."""

    def __init__(self, report: Report, names: Names, machine: Machine | None = None) -> None:
        self.report = report
        self.names = names
        self.machine = machine
        self.changing: Mapping[str, Span] = {}
        self.states: Mapping[str, State] = {}
        self.regions: Mapping[str, Region] = {}
        self.peers: Mapping[str, Peer] = {}
        self.variables = True
        self.event_known = True  # else any name may be one that the event brings
        self.only_constants = False
        self.within()

    def within(
        self,
        state_params: Mapping[str, tuple[State, Param]] | None = None,
        event: Mapping[str, Type] | None = None,
        unbound: tuple[str, tuple[Param, ...]] | None = None,
    ) -> None:
        """Sets the scope: a state's parameters, what the event binds, what it has and does not."""
        self.state_params = state_params or {}
        self.event = event or {}
        self.outcome: Mapping[str, Type] = {}
        self.each: Mapping[str, Type] = {}
        self.unbound = unbound

    # ------------------------------------------------------------ names

    def name(self, written: tree.Ref, wanted: Type | None) -> Expr:
        """A bare name; `wanted` tells two enums apart that have a member of that name."""
        name, span = written.name.text, written.span
        if not self.only_constants:
            found = self.local(name, span)
            if found is not None:
                return found
        thing = self.names.things.get(name)
        if isinstance(thing, Constant):
            return Value(thing.value, thing.type, span)
        if isinstance(thing, Unknown):
            return unknown(span)
        enums = self.names.members.get(name)
        if enums:
            return self._member(written, enums, wanted)
        meant = wanted.item if isinstance(wanted, Optional) else wanted
        # The enum may be of a file that is used, and was not asked for by its name.
        if isinstance(meant, Enum) and name in meant.members:
            return Value(name, meant, span)
        self.undefined(written.name)
        return unknown(span)

    def local(self, name: str, span: Span) -> Expr | None:
        """What a list's items, the outcome, the event, the states or the machine call so.

        The innermost goes first.
        """
        type_ = self.each.get(name)
        if type_ is not None:
            return Local(name, "each", type_, span)
        type_ = self.outcome.get(name)
        if type_ is not None:
            return Local(name, "outcome", type_, span)
        type_ = self.event.get(name)
        if type_ is not None:
            return Local(name, "event", type_, span)
        if name in self.state_params:
            state, param = self.state_params[name]
            return Local(name, "state", param.type, span, state)
        return self._of_machine(name, span)

    def _of_machine(self, name: str, span: Span) -> Expr | None:
        if self.machine is None:
            return None
        if self.variables:
            variable = self.machine.variables.get(name)
            if variable is not None:
                return Var(variable, span)
        param = find(self.machine.params, name)
        return None if param is None else Local(name, "machine", param.type, span)

    def _member(self, written: tree.Ref, enums: list[Enum], wanted: Type | None) -> Expr:
        name = written.name.text
        if isinstance(wanted, Optional):
            wanted = wanted.item
        enum = next((one for one in enums if one is wanted), enums[0])
        if len(enums) > 1 and enum is not wanted:
            self.report.error(
                "PG103",
                f"`{name}` belongs to more than one enum",
                written.span,
                "could mean either",
                [Label(one.span, f"`{name}` is one of these") for one in enums[:2]],
                help=f"write `{enum.name}.{name}`",
            )
        return Value(name, enum, written.span)

    def undefined(self, name: tree.Name) -> None:
        """Says that nothing in scope has the name."""
        if not self.event_known:
            return
        text = name.text
        if self.peers:
            self.report.undefined(
                "PG401",
                f"the system has no peer `{text}`",
                name,
                "not a peer",
                {one.name: one.span for one in self.peers.values()},
            )
            return
        if text in self.changing:
            self.report.error(
                "PG110",
                f"`{text}` is not known beforehand",
                name.span,
                "only literals and constants can stand here",
                [Label(self.changing[text], "its value changes")],
            )
            return
        kind = self.names.kind(text)
        help = f"`{text}` is {kind}, not a value" if kind else ""
        if self.machine is not None and text in self.machine.many:
            help = f"write `size({text})`, or `key in {text}`"
        if self.unbound is not None and not self.only_constants:
            event, params = self.unbound
            if find(params, text) is not None:
                help = f"bind the event's parameter: `on {event}({text})`"
        self.report.undefined(
            "PG103",
            f"nothing is named `{text}` here",
            name,
            "not a name in scope",
            {} if help else self._in_scope(),
            help=help,
        )

    def _in_scope(self) -> dict[str, Span | None]:
        found: dict[str, Span | None] = dict(self.names.of(Constant))
        for member, enums in self.names.members.items():
            found[member] = enums[0].span
        found.update({"true": None, "false": None, "none": None})
        if self.only_constants:
            return found
        if self.machine is not None:
            found.update(places(self.machine.params))
            if self.variables:
                found.update({v.name: v.span for v in self.machine.variables.values()})
        found.update({name: region.span for name, region in self.regions.items()})
        found.update({name: peer.span for name, peer in self.peers.items()})
        found.update({name: param.span for name, (_, param) in self.state_params.items()})
        found.update(dict.fromkeys((*self.event, *self.outcome, *self.each)))
        return found

    def self_name(self, written: tree.SelfRef) -> Expr:
        """`self.x`: the machine's, though a parameter hides it."""
        name = written.name.text
        if not self.only_constants:
            found = self._of_machine(name, written.span)
            if found is not None:
                return found
        variables = self.machine.variables if self.machine is not None else {}
        self.report.undefined(
            "PG103",
            f"the machine has no variable `{name}`",
            written.name,
            "not a variable",
            {variable.name: variable.span for variable in variables.values()},
        )
        return unknown(written.span)
