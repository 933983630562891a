"""How a state is entered: where the machine is, what it reads, when its time is up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.backends.python.deeds import Facts
from protogen_fsm.backends.python.expressions import (
    Scope,
    expression,
)
from protogen_fsm.backends.python.names import unique
from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model import moves

if TYPE_CHECKING:
    from collections.abc import Iterator


NEVER = "NEVER"


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
        if enter.again is not None and not enter.along:
            yield f'self._reenter("{enter.again.name}", "{state.name}", "{region.name}")'
        else:
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
            yield f"self.read({reading_in(facts, state, found, scope)})"
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


def reading_in(facts: Facts, leaf: mc.State, found: mc.Reading, scope: Scope) -> str:
    """What is read in a state: of the class, made once, where all of it is known."""
    shown = reading(found, scope, reads_once(leaf))
    parts = [part for arg in found.args.values() for part in ex.walk(arg)]
    if any(isinstance(part, ex.Local | ex.Var | ex.Ask | ex.InState | ex.Count) for part in parts):
        return shown
    if shown not in facts.readings:
        facts.readings[shown] = unique(f"_reads_{leaf.name}", facts.used)
    return f"self.{facts.readings[shown]}"


def history_slot(state: mc.State) -> str:
    """The attribute that holds the state last active in a composite one."""
    return f"_last_in_{state.name}"
