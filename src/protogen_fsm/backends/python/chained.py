"""A step of a chained machine: its actions in order, what is told at the end.

The runtime puts everything back if one fails (runtime/chained.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.backends.python import layout
from protogen_fsm.backends.python.deeds import (
    Facts,
    asking,
    changing,
    comes_from_below,
    constant_frame,
    frame_taker,
    handed_on,
    instance_start,
    is_final,
    is_reply,
    one_item,
    slot_of,
    stored_out,
    telling_of,
    timer_start,
    type_of,
)
from protogen_fsm.backends.python.expressions import (
    Scope,
    expression,
    kept,
    reads,
    state_slot,
)
from protogen_fsm.backends.python.names import unique
from protogen_fsm.backends.python.states import entering, history_slot
from protogen_fsm.model import machine as mc
from protogen_fsm.model import moves
from protogen_fsm.model.types import ListOf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def in_order(
    facts: Facts,
    found: Sequence[moves.Deed],
    scope: Scope,
    taken: set[str],
    thens: Mapping[mc.Goto, str],
) -> list[str]:
    """Deeds, one after the other, each seeing what those before it have changed.

    What is told is kept for the end of the chain. `thens` are the methods that go on once what the
    step pushes is popped.
    """
    lines: list[str] = []
    handed: list[str] = []
    for deed in found:
        if isinstance(deed, mc.Assign):
            lines += _assigned(deed, scope)
        elif isinstance(deed, moves.Enter):
            lines += _entered(facts, deed, scope, taken)
        elif isinstance(deed, mc.StartTimer):
            seconds = expression(deed.duration or deed.timer.duration, scope)
            lines.append(timer_start(deed, seconds))
        elif isinstance(deed, mc.StopTimer):
            lines.append(f'self._stop("{deed.timer.name}")')
        elif isinstance(deed, mc.Perform):
            args_ = [stored_out(a, scope, facts) for a in deed.args]
            lines += layout.call(f"self.{deed.question.name}", args_)
        elif isinstance(deed, mc.Raise):
            args_ = [kept(a, scope) for a in deed.args]
            lines += layout.call("self._raise", [f"self._take_{deed.event.name}", *args_])
        elif isinstance(deed, mc.Send | mc.Emit):
            lines += _chained_tell(facts, deed, scope)
        elif isinstance(deed, mc.StartInstance):
            instance = unique("instance", taken)
            lines += layout.assignment(instance, instance_start(deed, scope))
            lines.append(f"self._effect(self.{deed.many.name}.begin, {instance})")
            for effect in handed_on(deed, instance, scope):
                given = ["self._hand", f"self.{deed.many.name}", effect.head, *effect.args]
                handed += layout.call("self._raise", given)
        elif isinstance(deed, mc.Close):
            lines.append("self._effect(self.close)")
        elif isinstance(deed, mc.StartTls):
            lines.append("self._effect(self._start_tls)")
        else:
            lines += _moved(facts, deed, scope, taken, thens)
    if is_final(found):
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


def _suspended(deed: moves.Suspend, scope: Scope, thens: Mapping[mc.Goto, str]) -> list[str]:
    regions = [region for state in deed.saved for region in state.regions]
    inside = [s for region in regions for one in region.states for s in one.every()]
    slots = [f'"{state_slot(s.name, p.name)}"' for s in (*deed.saved, *inside) for p in s.params]
    slots += [f'"{region.name}"' for region in regions]
    stays = [f'"{state.name}"' for state in deed.kept]
    args = [f'"{deed.to.name}"', layout.listed("", slots), layout.listed("", stays)]
    if deed.then is not None:
        args += [f'"{thens[deed.then]}"', *(kept(arg, scope) for arg in deed.then.args)]
    elif not stays:
        args = args[: 2 if slots else 1]
    return layout.call("self._push", args)


def _assigned(deed: mc.Assign, scope: Scope) -> list[str]:
    item = one_item(deed)
    if item is not None and isinstance(type_of(deed), ListOf):
        return layout.call(f"{slot_of(deed)}.append", [expression(item, scope)])
    value = kept(deed.value, scope)
    if deed.op == "=":
        return layout.assignment(slot_of(deed), value)
    return layout.assignment(slot_of(deed), value, deed.op)


def _entered(facts: Facts, deed: moves.Enter, scope: Scope, taken: set[str]) -> list[str]:
    lines: list[str] = []
    for state, args in deed.args:
        changed = changing(state, args)
        shown = [kept(arg, scope) for _, arg in changed]
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
        asks = asking(facts, deed, [printed])
        return [*asks, *layout.call("self._effect", [taker, printed])]
    stored = [stored_out(arg, scope, facts) for arg in deed.args]
    lines: list[str] = asking(facts, deed, stored)
    for effect in telling_of(facts, deed, stored):
        lines += layout.call("self._effect", [effect.head, *effect.args])
    if is_reply(facts, deed) and facts.counts:
        return [f'self._replies("{deed.output.name}")', *lines]
    if is_reply(facts, deed) and comes_from_below(scope.taking):
        scope.replies.append(f'"{deed.output.name}"')
        return [*layout.call("self._owed", scope.replies), *lines]
    return lines
