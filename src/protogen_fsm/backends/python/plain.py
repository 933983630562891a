"""A step of a plain machine: all that may fail is computed before anything changes.

So a step is a transaction without any book-keeping.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protogen_fsm.backends.python import layout
from protogen_fsm.backends.python.deeds import (
    Effect,
    Facts,
    arguments,
    asking,
    changing,
    comes_from_below,
    constant_frame,
    frame_taker,
    handed_on,
    instance_start,
    is_final,
    is_quiet,
    is_reply,
    one_item,
    place_of,
    slot_of,
    stored_out,
    telling_of,
    timer_start,
)
from protogen_fsm.backends.python.expressions import (
    Scope,
    expression,
    is_safe,
    kept,
    operand,
    reads,
    state_slot,
)
from protogen_fsm.backends.python.names import unique
from protogen_fsm.backends.python.states import entering
from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model import moves

if TYPE_CHECKING:
    pass

_TELLING = mc.Send | mc.Emit | mc.Close | mc.StartInstance | mc.StartTls


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


def plain_step(
    facts: Facts, found: list[moves.Deed], scope: Scope, taken: set[str], *, bare: bool = False
) -> list[str]:
    """A step of a plain machine: compute, change, come to rest, then tell."""
    changes, telling = in_two(facts, found, scope, taken, bare=bare)
    return [*changes, *telling] or ["pass"]


def in_two(
    facts: Facts,
    found: list[moves.Deed],
    scope: Scope,
    taken: set[str],
    *,
    bare: bool = True,
    reads: bool = True,
) -> tuple[list[str], list[str]]:
    """What a step computes and changes, without what it `reads` then if asked so; what it tells."""
    body = Body(facts, scope, set(taken))
    later = _read_later(found)
    assigned_later = _assigned_later(found)
    told = sum(isinstance(d, _TELLING) for d in found)
    handed: list[Effect] = []
    for at, deed in enumerate(found):
        if isinstance(deed, mc.Assign):
            _plain_assign(body, deed, later[at])
        elif isinstance(deed, moves.Enter):
            for state, args in deed.args:
                changed = changing(state, args)
                values = [_argument(body, param.name, arg) for param, arg in changed]
                for (param, _), value in zip(changed, values, strict=True):
                    scope.held[state.name, param.name] = value
                    slot = f"self.{state_slot(state.name, param.name)}"
                    body.commit += layout.assignment(slot, value)
            entered = entering(facts, deed, scope)
            body.commit.extend(line for line in entered if reads or "self.read(" not in line)
        elif isinstance(deed, mc.StartTimer):
            duration = deed.duration or deed.timer.duration
            seconds = expression(duration, scope)
            if not is_safe(duration):
                seconds = body.local(deed.timer.name, seconds)
            body.commit.append(timer_start(deed, seconds))
        elif isinstance(deed, mc.StopTimer):
            body.commit.append(f'self._stop("{deed.timer.name}")')
        elif isinstance(deed, mc.Perform):
            given = [stored_out(a, scope, facts) for a in deed.args]
            body.prepare.extend(layout.call(f"self.{deed.question.name}", given))
        elif isinstance(deed, mc.Send | mc.Emit):
            _plain_tell(body, deed, alone=told == 1, hazards=assigned_later[at])
        elif isinstance(deed, mc.StartInstance):
            instance = body.local("instance", instance_start(deed, scope))
            quiet = is_quiet(facts.machine, deed.many)
            begin = Effect(f"self.{deed.many.name}.begin", [instance], comes_back=not quiet)
            body.effects.append(begin)
            ends = sum(isinstance(one, mc.Close | mc.StartInstance) for one in found) > 1
            handed += handed_on(deed, instance, scope, is_there=quiet and not ends)
        elif isinstance(deed, mc.Close):
            body.effects.append(Effect("self.close", []))
        elif isinstance(deed, mc.StartTls):
            body.effects.append(Effect("self._start_tls", [], holds=True))
    if not is_final(found):
        body.effects += handed
    else:
        body.effects.append(Effect("self._end", []))
    asks = body.asks if body.commit or len(body.effects) > 1 else []  # else nothing is changed
    waits = facts.defers and any(effect.takes_time for effect in body.effects)
    telling = _telling(body.effects, scope.told, bare=bare, waits=waits)
    return [*body.prepare, *asks, *body.commit], telling


def _argument(body: Body, name: str, arg: ex.Expr) -> str:
    """What a state's parameter becomes; in a local, unless nothing of the step can change it."""
    value = kept(arg, body.scope)
    if isinstance(arg, ex.Value) or (isinstance(arg, ex.Local) and arg.scope != "state"):
        return value
    return body.local(name, value)


def _telling(effects: list[Effect], told: str, *, bare: bool, waits: bool) -> list[str]:
    """The machine is at rest before the last is told; an emission holds back what is behind it.

    `waits`: what was deferred may wait, and goes before what an emission asks for.
    """
    holds_back = any(effect.takes_time or effect.holds for effect in effects[:-1])
    if holds_back or waits or any(effect.comes_back for effect in effects):
        return layout.call("self._tell", [_packed(effect) for effect in effects])
    lines = [] if bare else ["self._busy = False"]
    for effect in effects:
        if effect.takes_time:
            lines += layout.call(f"{told} = {effect.head}", effect.args)
            lines += [f"if {told} is not None:", f"    self._hold({told})"]
        elif effect.holds:
            lines.append(f"self._hold({effect.head}())")
        else:
            lines += layout.call(effect.head, effect.args)
    return lines


def _packed(effect: Effect) -> str:
    comma = "," if not effect.args else ""
    return layout.made("", [effect.head + comma, *effect.args])


def _read_later(found: list[moves.Deed]) -> list[set[str | tuple[str, str]]]:
    """For each deed, the variables that those behind it read."""
    result: list[set[str | tuple[str, str]]] = []
    seen: set[str | tuple[str, str]] = set()
    for deed in reversed(found):
        result.append(set(seen))
        for arg in arguments(deed):
            seen |= reads(arg)
        if isinstance(deed, mc.Assign) and deed.op != "=":
            seen.add(place_of(deed))
    return result[::-1]


def _assigned_later(found: list[moves.Deed]) -> list[set[str | tuple[str, str]]]:
    """For each deed, the variables that those behind it, and the move, assign."""
    result: list[set[str | tuple[str, str]]] = []
    seen: set[str | tuple[str, str]] = set()
    for deed in reversed(found):
        result.append(set(seen))
        if isinstance(deed, mc.Assign):
            seen.add(place_of(deed))
        elif isinstance(deed, moves.Enter):
            seen |= {(state.name, p.name) for state, _ in deed.args for p in state.params}
    return result[::-1]


def _plain_assign(body: Body, deed: mc.Assign, later: set[str | tuple[str, str]]) -> None:
    scope, place, slot = body.scope, place_of(deed), slot_of(deed)
    name = place if isinstance(place, str) else place[1]
    held = place in scope.held
    must_hold = place in later or held or not is_safe(deed.value)
    if deed.op == "=":
        value = kept(deed.value, scope)
        if must_hold:
            value = body.local(name, value)
            scope.held[place] = value
        body.commit += layout.assignment(slot, value)
        return
    item = one_item(deed)
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
        body.asks += asking(body.facts, deed, [printed])
        body.effects.append(Effect(f"self.below.{frame_taker(body.facts.machine)}", [printed]))
        return
    if comes_from_below(scope.taking) and is_reply(body.facts, deed):
        scope.replies.append(f'"{deed.output.name}"')
        body.prepare.extend(layout.call("self._owed", scope.replies))
    args = []
    for param, arg in zip(deed.output.params, deed.args, strict=True):
        shown = stored_out(arg, scope, body.facts)
        steady = not reads(arg) and is_safe(arg)
        held = isinstance(arg, ex.Var) and arg.variable.name in scope.held
        if not steady and not held and (not alone or reads(arg) & hazards or not is_safe(arg)):
            shown = body.local(param.name, shown)
        args.append(shown)
    body.asks += asking(body.facts, deed, args)
    body.effects.extend(telling_of(body.facts, deed, args))
