"""Instances within a step of the machine that holds them (docs/language.md, section 6).

Each is a machine of its own, in what its host is in. It is made by the host's step, but what it
says, and what it takes, is told and taken when that step is done. So the step tells, beside what
any step does,

    begin   (many, key, effects)   it is there; the effects are what it says at once
    hand    (many, key, event)     it takes the event that started it
    kept    (event)                what was deferred comes again
    leave                          of an instance: it has come to its end
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model.instances import taken_by
from protogen_fsm.verify import values as vl
from protogen_fsm.verify.expressions import Fails, meaning
from protogen_fsm.verify.keys import may_be_followed
from protogen_fsm.verify.live import Reads
from protogen_fsm.verify.local import Effect, Event, Held, Unfollowed
from protogen_fsm.verify.values import ANY

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogen_fsm.model.types import Param
    from protogen_fsm.verify.expressions import Meaning
    from protogen_fsm.verify.local import Local, Result
    from protogen_fsm.verify.play import Play
    from protogen_fsm.verify.relevance import Item
    from protogen_fsm.verify.stepper import Stepper


class Kind:
    """The instances of one `many`: their steps, for each way in which their parameters are set."""

    def __init__(self, many: mc.Many, host: Stepper) -> None:
        if not may_be_followed(many.key.type):
            raise Unfollowed(f"`{many.name}` of `{host.machine.name}` have texts for keys")
        if many.machine.many:
            raise Unfollowed(f"`{many.machine.name}` is an instance, and holds instances itself")
        self.many = many
        self.place = list(host.machine.many).index(many.name)
        self._base = type(host)(many.machine, {}, host.relevance, host.dropped)
        self._base.last, self._base.tells_first = Effect("leave", None), True
        self._base.used = host.used
        self._steps: dict[tuple[Any, ...], Stepper] = {}
        has_regions = any(state.regions for state in many.machine.every_state())
        is_all_kept = self._base.live is None or has_regions
        self._live = None if is_all_kept else _live(many, Reads(self._base.follows))
        self._begun: dict[tuple[Any, ...], list[Result]] = {}

    def steps(self, own: tuple[Any, ...]) -> Stepper:
        """The steps of those with these parameters."""
        found = self._steps.get(own)
        if found is None:
            names = [param.name for param in self.many.machine.params]
            given = {n: v for n, v in zip(names, own, strict=True) if v is not ANY}
            found = self._steps[own] = self._base.another(given)
        return found

    def needed(self, own: tuple[Any, ...], local: Local) -> tuple[Any, ...]:
        """The parameters that still matter where an instance is; the others may be anything."""
        if self._live is None:
            return own
        live = self._live[local.leaf]
        params = self.many.machine.params
        return tuple(
            value if param.name in live else ANY for param, value in zip(params, own, strict=True)
        )

    def begin(self, own: tuple[Any, ...]) -> list[Result]:
        """A new one."""
        found = self._begun.get(own)
        if found is None:
            found = self._begun[own] = self.steps(own).begin()
        return found

    @property
    def speaks_at_the_end(self) -> bool:
        """Whether one that is lost may say something that others hear."""
        states = self.many.machine.every_state()
        rows = [row for state in states for row in state.transitions if _is_lost(row)]
        told = [action for row in rows for branch in row.branches for action in branch.actions]
        told += [action for state in states for action in (*state.entry, *state.exit)]
        return bool(rows) and any(isinstance(one, mc.Send | mc.Raise) for one in told)


def _is_lost(row: mc.Transition) -> bool:
    return row.match.event is not None and row.match.event.name == "lost"


def _live(many: mc.Many, reads: Reads) -> dict[mc.State, set[str]]:
    """For each innermost state the machine's parameters that may be read from there on."""
    leaves = [leaf for state in many.machine.states for leaf in state.leaves()]
    found: dict[mc.State, set[str]] = {}
    leads: dict[mc.State, set[mc.State]] = {}
    for leaf in leaves:
        parts: list[object] = []
        leads[leaf] = set()
        for state in leaf.around():
            parts += reads.of(state.exit)
            targets = [state.entry_target]
            for row in (*state.transitions, *state.timeouts):
                parts += [] if row.guard is None else ex.walk(row.guard)
                for branch in row.branches:
                    parts += reads.of(branch.actions)
                    targets.append(branch.target)
            for target in targets:
                if isinstance(target, mc.Goto):
                    parts += reads.of_target(target)
                    leads[leaf].add(target.state.first())
        for to in leads[leaf]:
            parts += reads.of(action for state in to.around() for action in state.entry)
        own = (one for one in parts if isinstance(one, ex.Local) and one.scope == "machine")
        found[leaf] = {many.key.name, *(one.name for one in own)}
    for _ in leaves:
        for leaf in leaves:
            found[leaf] = found[leaf].union(*(found[to] for to in leads[leaf]))
    return found


def starting(action: mc.StartInstance) -> Callable[[Play], None]:
    """`start flights(key, …)`, as part of the host's step."""
    many = action.many
    item: Item = ("own", many.machine, many.key.name)
    given = {**many.args, **dict(zip(_asked(many), action.args[1:], strict=True))}
    first = meaning(action.args[0])
    others = [
        None if param.name == many.key.name else (param, meaning(given[param.name]))
        for param in many.machine.params
    ]

    def start(play: Play) -> None:
        memory, kind = play.memory, play.stepper.kinds[many.name]
        key = _set(play, item, first(play), many.key, many)
        if not vl.is_exact(key):
            raise Unfollowed(f"nothing is known of the keys of `{many.name}`")
        _room(play, many, key)
        own = tuple([key if one is None else _own(play, many, *one) for one in others])
        begun = play.oracle.way(kind.begin(own))
        memory.rows += begun.rows
        memory.branches += begun.branches
        own = kind.needed(own, begun.local)
        memory.held.append(Held(many.name, key, own, begun.local))
        if not play.stepper.keeps_order:
            kinds = play.stepper.kinds
            memory.held.sort(key=lambda one: (kinds[one.many].place, repr(one.key)))
        play.tell(Effect("begin", None, (many.name, key, begun.effects)))
        what = play.what
        if (
            what is not None
            and what.event is not None
            and _is_its_own(play.row, what.event, action)
        ):
            taken = taken_by(many, what.event)
            play.tell(Effect("hand", None, (many.name, key, Event(taken, what.args))))

    return start


def _asked(many: mc.Many) -> list[str]:
    return [param.name for param in many.asks]


def _room(play: Play, many: mc.Many, key: Any) -> None:
    """Fails if there is one of that key, or as many as there may be."""
    keys = [one.key for one in play.memory.held if one.many == many.name]
    if key in keys:
        raise Fails(f"{many.name} has {vl.shown(key)} already")
    if len(keys) >= many.limit:
        event = None if play.row is None else play.row.match.event
        if event is not None and event.origin == "above":
            raise Fails(f"there can be no more than {many.limit} {many.name}")
        raise Fails(f"more than {many.limit} {many.name} are too many")


def _own(play: Play, many: mc.Many, param: Param, value: Meaning) -> Any:
    """A parameter of a new instance, if it matters."""
    item: Item = ("own", many.machine, param.name)
    given = value(play)
    return _set(play, item, given, param, many) if play.stepper.follows(item) else ANY


def _set(play: Play, item: Item, value: Any, param: Param, many: mc.Many) -> Any:
    value = play.exactly(item, value, param.type, f"{param.name} of {many.name}")
    words = f"`{param.name}` of `{many.name}`"
    return play.stepper.settle(item, value, param.type, words)


def _is_its_own(row: mc.Transition | None, event: mc.Event, action: mc.StartInstance) -> bool:
    """Whether `start` is given the field of the row's event, which then goes to the instance."""
    first, many = action.args[0], action.many
    if row is None or row.match.event is not event or taken_by(many, event) is None:
        return False
    names = list(row.names)
    called = [
        param.name if param is event.by or not names else names.pop(0) for param in event.params
    ]
    name = first.name if isinstance(first, ex.Local) and first.scope == "event" else ""
    return name == called[field_of(many, event)]


def field_of(many: mc.Many, event: mc.Event) -> int:
    """The place of the field that tells instances apart."""
    return next(at for at, param in enumerate(event.params) if param.name == many.by)


def known(play: Play, e: ex.Holds | ex.Count) -> Any:
    """Whether there is an instance of that key, or how many there are."""
    keys = [one.key for one in play.memory.held if one.many == e.many.name]
    if isinstance(e, ex.Count):
        return len(keys)
    key = play.value(e.key)
    pool = play.stepper.relevance.keys.of.get(e.many)
    if vl.is_exact(key):
        return (key if pool is None or key is None else pool.fold(key)) in keys
    return ANY if keys else False


def in_order(local: Local, effects: tuple[Effect, ...], moved: bool) -> tuple[Local, Any]:
    """A step at its end: what new instances take comes behind all else, then what was deferred."""
    told = [one for one in effects if one.kind != "hand"]
    told += [one for one in effects if one.kind == "hand"]
    if moved and local.deferred:
        told += [Effect("kept", None, (event,)) for event in local.deferred]
        local = local._replace(deferred=())
    return local, tuple(told)
