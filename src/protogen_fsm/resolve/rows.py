"""The lines of a state: transitions, time-outs, entry and exit, what is ignored and deferred."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Label
from protogen_fsm.model.machine import Branch, Match, Outcome, Transition
from protogen_fsm.model.types import BOOL, NOTHING
from protogen_fsm.model.words import literal
from protogen_fsm.resolve.actions import Actions
from protogen_fsm.resolve.operators import there
from protogen_fsm.resolve.types import resolve_params
from protogen_fsm.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from protogen_fsm.model.machine import Event, State
    from protogen_fsm.model.types import Param, Type
    from protogen_fsm.resolve.context import Context

    _Line = TypeVar("_Line", Transition, Match)


def resolve_rows(context: Context) -> None:
    """Resolves the lines of every state; those of the machine hold in each that is not final."""
    rows = _Rows(context)
    shared = [one for one in context.tree.members if isinstance(one, tree.On | tree.Names)]
    for state, written in context.written.items():
        for member in written.members:
            rows.line(state, member)
        if shared and state.parent is None and not state.final:
            rows.share(state, shared)
    context.typer.within()


class _Rows:
    """Resolves one line at a time."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.typer = context.typer
        self.report = context.report
        self.actions = Actions(context)
        self._clashing: set[str] = set()  # outcomes with two signatures
        self._differ: set[str] = set()  # names that not every event of the line binds

    def line(self, state: State, written: tree.StateMember | tree.On | tree.Names) -> None:
        """One line of a state; inner states and regions are none."""
        if isinstance(written, tree.On):
            self.on(state, written)
        elif isinstance(written, tree.After):
            self.after(state, written)
        elif isinstance(written, tree.Entry):
            self.entry(state, written)
        elif isinstance(written, tree.Names):
            self.names(state, written)

    def share(self, state: State, lines: Sequence[tree.On | tree.Names]) -> None:
        """The lines of the machine, as far as the state has none of its own for the same."""
        taken = {_heard(row.match) for row in state.transitions}
        left = {_heard(match) for match in (*state.ignored, *state.deferred)}
        own = len(state.transitions), len(state.ignored), len(state.deferred)
        for written in lines:
            self.line(state, written)
        _drop(state.transitions, own[0], lambda row: _heard(row.match) in left)
        _drop(state.ignored, own[1], lambda match: _heard(match) in taken)
        _drop(state.deferred, own[2], lambda match: _heard(match) in taken)

    # ------------------------------------------------------------ transitions

    def on(self, state: State, written: tree.On) -> None:
        """One transition for each event of the line."""
        self.actions.source = state
        matches = [self._match(trigger.event) for trigger in written.triggers]
        bound = self._bound(written, matches)
        if written.keep and any(m and m.event and m.event.name != "lost" for m in matches):
            self.report.error(
                "PG102",
                "only `on lost` may say `keep`",
                written.span,
                "keeps the handler of a connection that is lost",
            )
        for trigger, match, names in zip(written.triggers, matches, bound, strict=True):
            event = match.event if match is not None else None
            if event is not None:
                scope = self._scope(event, trigger, names)
                unbound = None if names else (trigger.event.text, event.params)
            else:
                scope, unbound = dict.fromkeys((name.text for name in names), NOTHING), None
                if match is not None and names:
                    self._too_many(trigger, 0, "every event")
            if self._differ:
                scope = dict.fromkeys(self._differ, NOTHING) | scope
            self.typer.within(self.context.visible[state], scope, unbound)
            self.typer.event_known = match is not None and NOTHING not in scope.values()
            guard = None
            if written.guard is not None:
                guard = self.typer.expr(written.guard, BOOL, "a guard")
                self.typer.event = there(self.typer, guard)
            branches = self._branches(written)
            self.typer.event_known = True
            if match is not None:
                state.transitions.append(
                    Transition(
                        state,
                        "on",
                        match,
                        tuple(name.text for name in names),
                        guard,
                        branches,
                        written.span,
                        keep=written.keep,
                    )
                )

    def _match(self, name: tree.Name) -> Match | None:
        return self.context.events.match(name, self.context.usable)

    def _bound(self, written: tree.On, matches: list[Match | None]) -> list[list[tree.Name]]:
        """The names that each event of the line binds.

        `on 4xx, 5xx(lines)`: names stand for all numbers of the same event.
        """
        self._differ = set()
        triggers = written.triggers
        bound = [trigger.names or [] for trigger in triggers]
        if len(triggers) == 1 or not any(bound):
            return bound
        last = next(i for i, names in reversed(list(enumerate(bound))) if names)
        for i, (trigger, match) in enumerate(zip(triggers, matches, strict=True)):
            other = matches[last]
            unknown = not self.context.usable and (match is None or other is None)
            if unknown or (match is not None and other is not None and match.event is other.event):
                bound[i] = bound[i] if trigger.names is not None else bound[last]
        asked = [name.text for name in bound[last]]
        for trigger, names in zip(triggers, bound, strict=True):
            if [name.text for name in names] != asked:
                self.report.error(
                    "PG116",
                    "the events of one line do not bind the same names",
                    trigger.span,
                    "binds other names" if names else "binds none",
                    [Label(triggers[last].span, f"binds {', '.join(f'`{n}`' for n in asked)}")],
                    help="give each event a line of its own",
                )
                self._differ = {name.text for names in bound for name in names}
                break
        return bound

    def _scope(
        self, event: Event, trigger: tree.Trigger, names: list[tree.Name]
    ) -> dict[str, Type]:
        scope: dict[str, Type] = {}
        if not names and event.by is None:
            return scope
        rest = [param for param in event.params if param is not event.by]
        if len(names) > len(rest):
            self._too_many(trigger, len(rest), f"`{trigger.event.text}`")
        for i, name in enumerate(names):
            if name.text in scope:
                first = next(one for one in names if one.text == name.text)
                self.report.duplicate(name, "parameters", first.span)
                scope[name.text] = NOTHING
            else:
                scope[name.text] = rest[i].type if i < len(rest) else NOTHING
        by = event.by
        if by is not None:
            taken = next((name for name in names if name.text == by.name), None)
            if taken is not None:
                self.report.error(
                    "PG104",
                    f"`{by.name}` names the event, and is there without being bound",
                    taken.span,
                    "bound to another parameter",
                    [Label(by.span, f"`{by.name}`")],
                    help="leave it out: the names stand for the other parameters, in order",
                )
            scope.setdefault(by.name, by.type)
        return scope

    def _too_many(self, trigger: tree.Trigger, most: int, what: str) -> None:
        names = trigger.names or []
        span = names[most].span if most < len(names) else trigger.span
        brings = f"{most} parameter{'s' if most > 1 else ''}" if most else "no parameters"
        self.report.error("PG107", f"{what} brings {brings}", span, "stands for nothing")

    def _branches(self, written: tree.On) -> tuple[Branch, ...]:
        actions = self.actions
        if not written.outcomes:
            target = actions.target(written.target)
            done = actions.actions(written.actions)
            return (Branch(None, target, done, written.span),)
        if written.target is not None or written.actions:
            self.report.error(
                "PG104",
                "a transition says both what it does and what its outcomes do",
                written.span,
                "has outcomes, and a target or actions of its own",
                [Label(written.outcomes[0].span, "the first outcome")],
                help="move what it does behind each outcome",
            )
        found: list[Branch] = []
        for one in written.outcomes:
            outcome = self._outcome(one)
            self.typer.outcome = {param.name: param.type for param in outcome.params}
            target = actions.target(one.target)
            done = actions.actions(one.actions)
            found.append(Branch(outcome, target, done, one.span))
        self.typer.outcome = {}
        return tuple(found)

    def _outcome(self, written: tree.Outcome) -> Outcome:
        """The outcome, which has one signature for the whole file."""
        outcomes, name = self.context.names.outcomes, written.name
        params = resolve_params(self.typer, written.params)
        first = outcomes.setdefault(name.text, Outcome(name.text, params, name.span))
        if first.span != name.span and not _same(first.params, params):
            if name.text in self._clashing:
                return Outcome(name.text, params, name.span)
            self._clashing.add(name.text)
            shape = ", ".join(map(_shown, first.params))
            self.report.error(
                "PG214",
                f"the outcome `{name.text}` has two signatures",
                name.span,
                "other parameters, or other defaults, here",
                [Label(first.span, f"`{name.text}({shape})` here")],
                help="give both the same parameters, or one another name",
            )
            return Outcome(name.text, params, name.span)
        self.context.machine.outcomes.setdefault(name.text, first)
        return first

    # ------------------------------------------------------------ the other lines

    def after(self, state: State, written: tree.After) -> None:
        """The state's own time-out."""
        self.actions.source = state
        self.typer.within(self.context.visible[state])
        duration = self.typer.seconds(written.duration, "a time-out")
        target = self.actions.target(written.target)
        done = self.actions.actions(written.actions)
        state.timeouts.append(
            Transition(
                state,
                "after",
                Match(None, "", "after", written.span),
                (),
                None,
                (Branch(None, target, done, written.span),),
                written.span,
                duration=duration,
            )
        )

    def entry(self, state: State, written: tree.Entry) -> None:
        """What is done when the state is entered or left, and where it goes on at once."""
        self.actions.source = state
        self.typer.within(self.context.visible[state])
        target = self.actions.target(written.target)
        done = self.actions.actions(written.actions)
        if written.kind == "exit":
            state.exit += done
            if written.target is not None:
                self.report.error(
                    "PG104",
                    "`exit` leads nowhere of itself",
                    written.target.span,
                    "the transition that leaves the state says where to",
                    help="leave the target out",
                )
            return
        state.entry += done
        if written.target is None:
            return
        if state.entry_span is not None:
            self.report.error(
                "PG104",
                f"`{state.name}` goes on to two states at once",
                written.span,
                "a second `entry ->`",
                [Label(state.entry_span, "the first")],
                help="leave one of them out",
            )
            return
        state.entry_target, state.entry_span = target, written.span

    def names(self, state: State, written: tree.Names) -> None:
        """`ignore`, `defer`, `urgent`."""
        matches = [self._match(name) for name in written.events]
        found = [match for match in matches if match is not None]
        if written.kind == "ignore":
            state.ignored += found
        elif written.kind == "defer":
            state.deferred += found
        else:
            state.urgent += found


def _same(one: tuple[Param, ...], other: tuple[Param, ...]) -> bool:
    """Whether two signatures agree; a type that could not be found agrees with any."""
    return len(one) == len(other) and all(
        (a.name, a.has_default, a.default) == (b.name, b.has_default, b.default)
        and (a.type == b.type or NOTHING in (a.type, b.type))
        for a, b in zip(one, other, strict=True)
    )


def _shown(param: Param) -> str:
    default = f" = {literal(param.default)}" if param.has_default else ""
    return f"{param.name}: {param.type}{default}"


def _heard(match: Match) -> tuple[str, str]:
    return (match.event.name if match.event is not None else "*"), match.value


def _drop(lines: list[_Line], start: int, forestalled: Callable[[_Line], bool]) -> None:
    """Takes out what is forestalled, from `start` on."""
    lines[start:] = [one for one in lines[start:] if not forestalled(one)]
