"""What a step does once its outcome is known, as Python.

A plain machine computes all that may fail before it changes anything, so that a step is a
transaction without any book-keeping. A chained machine (one that uses `raise`) does its actions in
order, and its runtime puts everything back if one fails.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protogen_fsm.backends.python import layout
from protogen_fsm.backends.python.asking import asked
from protogen_fsm.backends.python.binary import whole
from protogen_fsm.backends.python.expressions import (
    Scope,
    expression,
    fold,
    is_bare_list,
    is_safe,
    kept,
    literal,
    operand,
    reads,
    state_slot,
)
from protogen_fsm.backends.python.messages import frame
from protogen_fsm.backends.python.names import unique
from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model import moves
from protogen_fsm.model.instances import taken_by
from protogen_fsm.model.messages import Binary, Text
from protogen_fsm.model.types import ListOf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from protogen_fsm.model.messages import Message
    from protogen_fsm.model.types import Param

NEVER = "NEVER"


@dataclass(slots=True)
class Facts:
    """What the steps of one machine need to know of it."""

    machine: mc.Machine
    chained: bool
    timed: bool
    defers: bool
    library: bool  # used by the spec: nobody can override its handlers, so it has none
    asks: bool  # what is below can be asked whether it takes what is sent
    raised: set[str]  # events that the machine raises itself
    urgent: bool  # some events are taken while a handler is pending
    encoder: Callable[[Message], str]
    answers: set[str]
    lists: set[str]  # variables that are added to in place
    timed_regions: set[str]  # those with states that have time-outs


def timeout(state: mc.State, scope: Scope) -> str:
    """When the state's time-out is due, as Python; the innermost that holds counts."""
    for around in state.around():
        if around.timeouts:
            duration = around.timeouts[0].duration
            assert duration is not None
            return f"self.wire.due({_seconds(duration, scope)})"
    return NEVER


def entering(facts: Facts, enter: moves.Enter, scope: Scope) -> Iterator[str]:
    """The assignments that make up a move, but for the parameters."""
    state, region = enter.state, moves.region_of(enter.state)
    if region is not None:
        yield f'self.{region.name} = "{state.name}"'
        if region.name in facts.timed_regions:
            yield _waiting(region, state, scope)
    elif enter.again is not None:
        yield f'self._reenter("{enter.again.name}", "{state.name}")'
    elif not enter.pushed:  # `_push` has done it
        yield f'self.state = "{state.name}"'
    if facts.urgent:
        yield "self._was_left = True"
    if facts.timed and not enter.along:
        around = state if region is None else region.state
        if region is None or timeout(around, scope) != NEVER:
            yield f"self._due = {timeout(around, scope)}"
    if facts.machine.below is not None and facts.machine.below.kind == "bytes":
        inside = state.around() if region is None else moves.within(state)
        found = next((s.reads for s in inside if s.reads is not None), None)
        if found is not None:
            yield f"self.read({reading(found, scope, reads_once(state))})"
    if facts.defers and not enter.along:
        yield "self._recall()"


def _waiting(region: mc.Region, state: mc.State, scope: Scope) -> str:
    """A region's states have their time-outs in the timer that is named like the region."""
    found = next((one.timeouts[0] for one in moves.within(state) if one.timeouts), None)
    if found is None:
        return f'self._stop("{region.name}")'
    assert found.duration is not None
    return f'self._start("{region.name}", {_seconds(found.duration, scope)})'


def _seconds(duration: ex.Expr, scope: Scope) -> str:
    if isinstance(duration, ex.Value) and isinstance(duration.value, int | float):
        return str(float(duration.value))
    return expression(duration, scope)


_READINGS = {
    "line": ("Line", ("end", "max", "either")),
    "until": ("Until", ("delimiter", "max")),
    "block": ("Block", ("delimiter", "max", "raw")),
    "bytes": ("Take", ("count",)),
    "varint": ("Varint", ("max",)),
    "chunk": ("Chunk", ()),
    "nothing": ("Nothing", ()),
    "rest": ("Rest", ("max",)),
}
_IN_PIECES = {"Block": "Pieces", "Take": "TakePieces"}


def reading_class(found: mc.Reading) -> str:
    """What the runtime calls this kind of reading."""
    if "length" in found.args:
        return "counted"
    name = _READINGS[found.kind][0] if found.kind in _READINGS else "Take"
    if "at_once" in found.args and "pieces" not in found.args:
        return "BlockAtOnce"
    return _IN_PIECES[name] if "pieces" in found.args else name


def reads_once(leaf: mc.State) -> bool:
    """Whether a frame may lead to another state, which reads otherwise what is behind it."""
    return any(
        branch.target is not None
        for state in leaf.around()
        for row in state.transitions
        if row.match.event is None or row.match.event.origin == "below"
        for branch in row.branches
    )


def reading(found: mc.Reading, scope: Scope, once: bool = False) -> str:
    """What a state reads, as the runtime's object; `once` if it may be left after a frame."""
    kind = reading_class(found)
    if kind == "Line" and once:
        kind = "OneLine"
    if found.kind in _READINGS:
        names = ("length", "max", "header") if kind == "counted" else _READINGS[found.kind][1]
        args = [expression(found.args[name], scope) for name in names if name in found.args]
    else:
        args = [str(int(found.kind[1:].removesuffix("le")) // 8)]
    return f"reading({', '.join([kind, *args])})"


@dataclass(slots=True)
class Effect:
    """Something told once all is changed: a call, and whether it may take time."""

    head: str
    args: list[str]
    takes_time: bool = False


@dataclass(slots=True)
class Body:
    """The lines of a step as they come to be."""

    facts: Facts
    scope: Scope
    taken: set[str]
    prepare: list[str] = field(default_factory=list)
    commit: list[str] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)

    def local(self, name: str, value: str) -> str:
        """Holds a value in a local of that name."""
        name = unique(name, self.taken)
        self.prepare.extend(layout.assignment(name, value))
        return name


def is_plain(found: Iterable[moves.Deed]) -> bool:
    """Whether a step ends with these deeds, and leads where it is known to."""
    plainly = (moves.Enter, mc.Assign, mc.Send, mc.Emit, mc.StartTimer, mc.StopTimer, mc.Close)
    return all(isinstance(deed, (*plainly, mc.Perform, mc.StartInstance)) for deed in found)


def plain(
    facts: Facts, found: list[moves.Deed], scope: Scope, taken: set[str], *, bare: bool = False
) -> list[str]:
    """A step of a plain machine: compute, change, come to rest, then tell."""
    body = Body(facts, scope, set(taken))
    later = _read_later(found)
    assigned_later = _assigned_later(found)
    told = sum(isinstance(d, mc.Send | mc.Emit | mc.Close | mc.StartInstance) for d in found)
    handed: list[Effect] = []
    for at, deed in enumerate(found):
        if isinstance(deed, mc.Assign):
            _plain_assign(body, deed, later[at])
        elif isinstance(deed, moves.Enter):
            for state, args in deed.args:
                changed = _changed(state, args)
                values = [_argument(body, param.name, arg) for param, arg in changed]
                for (param, _), value in zip(changed, values, strict=True):
                    scope.held[state.name, param.name] = value
                    slot = f"self.{state_slot(state.name, param.name)}"
                    body.commit += layout.assignment(slot, value)
            body.commit.extend(entering(facts, deed, scope))
        elif isinstance(deed, mc.StartTimer):
            body.commit.append(_start(deed, scope, body))
        elif isinstance(deed, mc.StopTimer):
            body.commit.append(f'self._stop("{deed.timer.name}")')
        elif isinstance(deed, mc.Perform):
            given = [_stored_out(a, scope, facts) for a in deed.args]
            body.prepare.extend(layout.call(f"self.{deed.question.name}", given))
        elif isinstance(deed, mc.Send | mc.Emit):
            _plain_tell(body, deed, alone=told == 1, hazards=assigned_later[at])
        elif isinstance(deed, mc.StartInstance):
            instance = body.local("instance", _started(deed, scope))
            body.effects.append(Effect(f"self.{deed.many.name}.begin", [instance]))
            handed += _handed(deed, instance, scope)
        elif isinstance(deed, mc.Close):
            body.effects.append(Effect("self.close", []))
    if not _is_final(found):
        body.effects += handed
    else:
        body.effects.append(Effect("self._end", []))
    asks = body.asks if body.commit or len(body.effects) > 1 else []  # else nothing is changed
    telling = _telling(body.effects, scope.told, bare=bare)
    return [*body.prepare, *asks, *body.commit, *telling] or ["pass"]


def _asking(facts: Facts, deed: mc.Send | mc.Emit, args: list[str]) -> list[str]:
    """What is below says no before anything has changed."""
    if not facts.asks or not isinstance(deed, mc.Send):
        return []
    name = asked(facts.machine, deed)
    return [] if name is None else layout.call(f"self.below._ask_{name}", args)


def _changed(state: mc.State, args: tuple[ex.Expr, ...]) -> list[tuple[Param, ex.Expr]]:
    """The state's parameters that become something else than they are."""
    return [
        (param, arg)
        for param, arg in zip(state.params, args, strict=True)
        if not (isinstance(arg, ex.Local) and (arg.state, arg.name) == (state, param.name))
    ]


def _argument(body: Body, name: str, arg: ex.Expr) -> str:
    """What a state's parameter becomes; in a local, unless nothing of the step can change it."""
    value = _stored(arg, body.scope)
    if isinstance(arg, ex.Value) or (isinstance(arg, ex.Local) and arg.scope != "state"):
        return value
    return body.local(name, value)


def _telling(effects: list[Effect], told: str, *, bare: bool) -> list[str]:
    """The machine is at rest before the last is told; an emission holds back what is behind it."""
    if any(effect.takes_time for effect in effects[:-1]):
        return layout.call("self._tell", [_packed(effect) for effect in effects])
    lines = [] if bare else ["self._busy = False"]
    for effect in effects:
        if effect.takes_time:
            lines += layout.call(f"{told} = {effect.head}", effect.args)
            lines += [f"if {told} is not None:", f"    self._hold({told})"]
        else:
            lines += layout.call(effect.head, effect.args)
    return lines


def _packed(effect: Effect) -> str:
    comma = "," if not effect.args else ""
    return layout.made("", [effect.head + comma, *effect.args])


def _is_final(found: Iterable[moves.Deed]) -> bool:
    entered = [
        deed
        for deed in found
        if isinstance(deed, moves.Enter) and moves.region_of(deed.state) is None
    ]
    return bool(entered) and entered[-1].state.final


def _read_later(found: list[moves.Deed]) -> list[set[str | tuple[str, str]]]:
    """For each deed, the variables that those behind it read."""
    result: list[set[str | tuple[str, str]]] = []
    seen: set[str | tuple[str, str]] = set()
    for deed in reversed(found):
        result.append(set(seen))
        for arg in arguments(deed):
            seen |= reads(arg)
        if isinstance(deed, mc.Assign) and deed.op != "=":
            seen.add(_place(deed))
    return result[::-1]


def _assigned_later(found: list[moves.Deed]) -> list[set[str | tuple[str, str]]]:
    """For each deed, the variables that those behind it, and the move, assign."""
    result: list[set[str | tuple[str, str]]] = []
    seen: set[str | tuple[str, str]] = set()
    for deed in reversed(found):
        result.append(set(seen))
        if isinstance(deed, mc.Assign):
            seen.add(_place(deed))
        elif isinstance(deed, moves.Enter):
            seen |= {(state.name, p.name) for state, _ in deed.args for p in state.params}
    return result[::-1]


def arguments(deed: moves.Deed) -> tuple[ex.Expr, ...]:
    """The expressions of a deed."""
    if isinstance(deed, mc.Assign):
        return (deed.value,)
    if isinstance(deed, moves.Enter):
        return tuple(arg for _, args in deed.args for arg in args)
    if isinstance(deed, mc.StartTimer):
        return () if deed.duration is None else (deed.duration,)
    if isinstance(deed, mc.Send | mc.Emit | mc.Raise | mc.Perform | mc.StartInstance):
        return deed.args
    return ()


def _place(deed: mc.Assign) -> str | tuple[str, str]:
    if isinstance(deed.target, mc.StateParam):
        return deed.target.state.name, deed.target.param.name
    return deed.target.name


def _slot(deed: mc.Assign) -> str:
    place = _place(deed)
    return f"self.{place}" if isinstance(place, str) else f"self.{state_slot(*place)}"


def _type_of(deed: mc.Assign) -> object:
    target = deed.target
    return target.param.type if isinstance(target, mc.StateParam) else target.type


def _stored(value: ex.Expr, scope: Scope) -> str:
    """A value as it is kept: a list is the machine's own."""
    return kept(value, scope)


def _one_item(deed: mc.Assign) -> ex.Expr | None:
    if deed.op == "+=" and isinstance(deed.value, ex.MakeList) and len(deed.value.items) == 1:
        return deed.value.items[0]
    return None


def _plain_assign(body: Body, deed: mc.Assign, later: set[str | tuple[str, str]]) -> None:
    scope, place, slot = body.scope, _place(deed), _slot(deed)
    name = place if isinstance(place, str) else place[1]
    held = place in scope.held
    must_hold = place in later or held or not is_safe(deed.value)
    if deed.op == "=":
        value = _stored(deed.value, scope)
        if must_hold:
            value = body.local(name, value)
            scope.held[place] = value
        body.commit += layout.assignment(slot, value)
        return
    item = _one_item(deed)
    if not must_hold and item is not None:
        body.commit.append(f"{slot}.append({expression(item, scope)})")
        return
    value = expression(deed.value, scope)
    if not must_hold:
        body.commit += layout.assignment(slot, value, deed.op)
        return
    old = scope.held.get(place, slot)
    new = body.local(name, f"{old} {deed.op[0]} {operand(deed.value, scope, deed.op[0])}")
    scope.held[place] = new
    body.commit = [line for line in body.commit if not line.startswith(f"{slot} = ")]
    body.commit.append(f"{slot} = {new}")


def _plain_tell(
    body: Body, deed: mc.Send | mc.Emit, *, alone: bool, hazards: set[str | tuple[str, str]]
) -> None:
    scope = body.scope
    if isinstance(deed, mc.Send) and deed.output.message is not None:
        printed = constant_frame(deed)
        if printed is None:
            args = [expression(arg, scope) for arg in deed.args]
            printed = unique("frame", body.taken)
            encode = f"{printed} = {body.facts.encoder(deed.output.message)}"
            body.prepare.extend(layout.call(encode, args))
        body.asks += _asking(body.facts, deed, [printed])
        body.effects.append(Effect(f"self.below.{frame_taker(body.facts.machine)}", [printed]))
        return
    args = []
    for param, arg in zip(deed.output.params, deed.args, strict=True):
        shown = _stored_out(arg, scope, body.facts)
        steady = not reads(arg) and is_safe(arg)
        held = isinstance(arg, ex.Var) and arg.variable.name in scope.held
        if not steady and not held and (not alone or reads(arg) & hazards or not is_safe(arg)):
            shown = body.local(param.name, shown)
        args.append(shown)
    body.asks += _asking(body.facts, deed, args)
    body.effects.extend(_told(body.facts, deed, args))


def _stored_out(arg: ex.Expr, scope: Scope, facts: Facts) -> str:
    """A value as it is handed out: a list that is still added to is copied."""
    shown = expression(arg, scope)
    added_to = isinstance(arg, ex.Var) and arg.variable.name in facts.lists
    added_to = added_to or (isinstance(arg, ex.Local) and arg.scope == "state")
    return f"[*{shown}]" if added_to and is_bare_list(arg, arg.type) else shown


def _told(facts: Facts, deed: mc.Send | mc.Emit, args: list[str]) -> list[Effect]:
    name = deed.output.name
    if isinstance(deed, mc.Send):
        kind = facts.machine.below.kind if facts.machine.below is not None else ""
        return [Effect(f"self.below.{'octets' if kind == 'bytes' else name}", args)]
    emit = f"self.above.{name}" if facts.library else f"self.emit_{name}"
    effects = [Effect(emit, args, takes_time=True)]
    if name in facts.answers:
        effects.append(Effect("self._answer", [f'"{name}"', _answer_value(args)]))
    return effects


def _answer_value(args: list[str]) -> str:
    if not args:
        return "None"
    return args[0] if len(args) == 1 else f"({', '.join(args)})"


def constant_frame(deed: mc.Send) -> str | None:
    """The frame of a message whose values are all known, as a literal."""
    message = deed.output.message
    assert message is not None
    if isinstance(message.pattern, Binary):
        only = whole(message.pattern)
        return None if only is None else literal(only)
    if not isinstance(message.pattern, Text):
        return None
    try:
        printed = frame(message, tuple(fold(arg) for arg in deed.args))
    except ValueError:
        return None
    return None if printed is None else literal(printed)


def frame_taker(machine: mc.Machine) -> str:
    """The method of the layer below that takes a printed message."""
    below = machine.below
    if below is None or below.kind != "machine" or below.accepts_frame is None:
        return "octets"
    return below.accepts_frame.name


def _start(deed: mc.StartTimer, scope: Scope, body: Body | None = None) -> str:
    duration = deed.duration or deed.timer.duration
    seconds = expression(duration, scope)
    if body is not None and not is_safe(duration):
        seconds = body.local(deed.timer.name, seconds)
    return f'self._start("{deed.timer.name}", {seconds})'


def _started(deed: mc.StartInstance, scope: Scope) -> str:
    """The making of an instance, which may fail."""
    many = deed.many
    key, *given = (_stored(arg, scope) for arg in deed.args)
    args = [key, f"self.make_{many.name}", *given]
    if scope.taking is not None and scope.taking.origin == "above":
        args.append(f'event="{scope.taking.name}"')
    return layout.made(f"self.{many.name}.start", args)


def _handed(deed: mc.StartInstance, instance: str, scope: Scope) -> list[Effect]:
    """The event that the step takes, if it is for the new instance too."""
    event, key = scope.taking, deed.args[0]
    own = None if event is None else taken_by(deed.many, event)
    if event is None or own is None or not isinstance(key, ex.Local) or key.scope != "event":
        return []
    if scope.event.get(key.name) != deed.many.by:
        return []
    method = f"_on_{event.name}" if own.answered_by else event.name
    return [Effect(f"{instance}.{method}", [param.name for param in event.params])]


def chained(
    facts: Facts,
    found: Sequence[moves.Deed],
    scope: Scope,
    taken: set[str],
    thens: Mapping[mc.Goto, str],
) -> list[str]:
    """A step of a chained machine: its actions in order, what is told kept for the end.

    `thens` are the methods that go on once what the step pushes is popped.
    """
    return [*in_order(facts, found, scope, set(taken), thens), "self._finish()"]


def in_order(
    facts: Facts,
    found: Sequence[moves.Deed],
    scope: Scope,
    taken: set[str],
    thens: Mapping[mc.Goto, str],
) -> list[str]:
    """Deeds, one after the other, each seeing what those before it have changed."""
    lines: list[str] = []
    handed: list[str] = []
    for deed in found:
        if isinstance(deed, mc.Assign):
            lines += _assigned(deed, scope)
        elif isinstance(deed, moves.Enter):
            lines += _entered(facts, deed, scope, taken)
        elif isinstance(deed, mc.StartTimer):
            lines.append(_start(deed, scope))
        elif isinstance(deed, mc.StopTimer):
            lines.append(f'self._stop("{deed.timer.name}")')
        elif isinstance(deed, mc.Perform):
            args_ = [_stored_out(a, scope, facts) for a in deed.args]
            lines += layout.call(f"self.{deed.question.name}", args_)
        elif isinstance(deed, mc.Raise):
            args_ = [_stored(a, scope) for a in deed.args]
            lines += layout.call("self._raise", [f"self._take_{deed.event.name}", *args_])
        elif isinstance(deed, mc.Send | mc.Emit):
            lines += _chained_tell(facts, deed, scope)
        elif isinstance(deed, mc.StartInstance):
            instance = unique("instance", taken)
            lines += layout.assignment(instance, _started(deed, scope))
            lines.append(f"self._effect(self.{deed.many.name}.begin, {instance})")
            for effect in _handed(deed, instance, scope):
                handed += layout.call("self._effect", [effect.head, *effect.args])
        elif isinstance(deed, mc.Close):
            lines.append("self._effect(self.close)")
        else:
            lines += _moved(facts, deed, scope, taken, thens)
    if _is_final(found):
        handed.append("self._effect(self._end)")
    return [*lines, *handed]


def _moved(
    facts: Facts, deed: moves.Deed, scope: Scope, taken: set[str], thens: Mapping[mc.Goto, str]
) -> list[str]:
    """What leads to a state that only the running machine knows, or out of one."""
    if isinstance(deed, moves.Leave):
        return [f"self._leave_{deed.state.name}()"]
    if isinstance(deed, moves.LeaveRegion):
        return [f"self._leave_{deed.region.name}()"]
    if isinstance(deed, moves.Remember):
        region = moves.region_of(deed.state)
        active = "state" if region is None else region.name
        return [f"self.{history_slot(deed.state)} = self.{active}"]
    if isinstance(deed, moves.Unless):
        inside = in_order(facts, deed.deeds, scope, taken, thens)
        return [f'if not self._keeps("{deed.state.name}"):', *layout.indented(inside)]
    if isinstance(deed, moves.Suspend):
        return _suspended(deed, scope, thens)
    if isinstance(deed, moves.Resume):
        left = ["self._was_left = True"] if facts.urgent else []
        return [*left, "self._pop()", *(["self._recall()"] if facts.defers else [])]
    assert isinstance(deed, moves.Recall)
    slot = f"self.{history_slot(deed.state)}"
    lines: list[str] = []
    for at, (leaf, ways) in enumerate(deed.ways):
        inside = in_order(facts, ways, scope, taken, thens)
        last = at == len(deed.ways) - 1
        if last and not at:
            return inside
        keyword = "else:" if last else f'{"elif" if at else "if"} {slot} == "{leaf.name}":'
        lines += [keyword, *layout.indented(inside)]
    return lines


def history_slot(state: mc.State) -> str:
    """The attribute that holds the state last active in a composite one."""
    return f"_last_in_{state.name}"


def _suspended(deed: moves.Suspend, scope: Scope, thens: Mapping[mc.Goto, str]) -> list[str]:
    regions = [region for state in deed.saved for region in state.regions]
    inside = [s for region in regions for one in region.states for s in one.every()]
    slots = [f'"{state_slot(s.name, p.name)}"' for s in (*deed.saved, *inside) for p in s.params]
    slots += [f'"{region.name}"' for region in regions]
    kept = [f'"{state.name}"' for state in deed.kept]
    args = [f'"{deed.to.name}"', layout.listed("", slots), layout.listed("", kept)]
    if deed.then is not None:
        args += [f'"{thens[deed.then]}"', *(_stored(arg, scope) for arg in deed.then.args)]
    elif not kept:
        args = args[: 2 if slots else 1]
    return layout.call("self._push", args)


def _assigned(deed: mc.Assign, scope: Scope) -> list[str]:
    item = _one_item(deed)
    if item is not None and isinstance(_type_of(deed), ListOf):
        return layout.call(f"{_slot(deed)}.append", [expression(item, scope)])
    value = _stored(deed.value, scope)
    if deed.op == "=":
        return layout.assignment(_slot(deed), value)
    return layout.assignment(_slot(deed), value, deed.op)


def _entered(facts: Facts, deed: moves.Enter, scope: Scope, taken: set[str]) -> list[str]:
    lines: list[str] = []
    for state, args in deed.args:
        changed = _changed(state, args)
        shown = [_stored(arg, scope) for _, arg in changed]
        slots = {(state.name, param.name) for param, _ in changed}
        if any(slots & reads(arg) for _, arg in changed[1:]):
            named = [unique(param.name, taken) for param, _ in changed]
            for name, value in zip(named, shown, strict=True):
                lines += layout.assignment(name, value)
            shown = named
        for (param, _), value in zip(changed, shown, strict=True):
            lines += layout.assignment(f"self.{state_slot(state.name, param.name)}", value)
    return [*lines, *entering(facts, deed, scope)]


def _chained_tell(facts: Facts, deed: mc.Send | mc.Emit, scope: Scope) -> list[str]:
    if isinstance(deed, mc.Send) and deed.output.message is not None:
        taker = f"self.below.{frame_taker(facts.machine)}"
        printed = constant_frame(deed)
        if printed is None:
            args = [expression(arg, scope) for arg in deed.args]
            printed = layout.made(facts.encoder(deed.output.message), args)
        asks = _asking(facts, deed, [printed])
        return [*asks, *layout.call("self._effect", [taker, printed])]
    stored = [_stored_out(arg, scope, facts) for arg in deed.args]
    lines: list[str] = _asking(facts, deed, stored)
    for effect in _told(facts, deed, stored):
        lines += layout.call("self._effect", [effect.head, *effect.args])
    return lines
