"""What goes on and comes to nothing: ways round that nobody gets out of, and waits for time alone.

A system gets on when an application is asked or told something, or the world tells something, and
when its peers are at rest. Where that can never be again, and yet messages and time-outs go round,
it is caught (a livelock). Nothing is said of a system in which nobody is ever asked or told
anything: what it is for, only its properties can say.

A wait that only a time-out ends: each link is empty, no application can ask for anything, those
that are not at rest are in states that a message would lead out of, and time is all that is left.
It is told if nothing was lost on the way there: what a loss explains, a time-out is for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model import moves as mv
from protogen_fsm.verify.local import Effect
from protogen_fsm.verify.runs import tour

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from protogen_fsm.verify.peer import State
    from protogen_fsm.verify.space import Some, Space
    from protogen_fsm.verify.system import Config, Deed, Move

_MOST_LOOKED_AT = 20_000
"""So many configurations are gone through for a way without a loss, which has no table."""


def caught(space: Space, at_rest: Some) -> list[int] | None:
    """A configuration that nobody gets on from any more, and a way round back to it."""
    lost = space.all() - space.leading_to(_gets_on, at_rest)
    if not lost or not space.offering(space.all(), _gets_on):
        return None
    for part in sorted(space.parts(lost, _lasts), key=lambda one: space.first(one) or 0):
        start = space.first(part - space.still())
        if start is not None:
            return [start, *tour(space, start, part)]
    return None


def _lasts(move: Move) -> bool:
    return not move.deed.is_fate


def _gets_on(move: Move) -> bool:
    """Whether an application is asked or told something, or the world tells something."""
    outcome = move.deed.outcome
    if outcome is None:
        return False
    return outcome.kind in ("call", "world") or any(
        isinstance(one, Effect) and one.kind == "emit" for one in outcome.told
    )


# ---------------------------------------------------------------- waits for time alone


def only_time(space: Space, is_at_rest: Callable[[Config], bool]) -> list[int] | None:
    """The way to a configuration in which only time can pass, and nothing was lost before."""
    composition = space.composition
    peers = len(composition.peers)

    def view(peer: int) -> Callable[[int], Hashable]:
        states, first = composition.states_of(peer), composition.first[peer]

        def kind(number: int) -> Hashable:
            does = _does(composition.alone(peer, number))
            return does, _waits(states[number]), states[number].ended, number in first

        return kind

    def waits_for_time(config: Config) -> bool:
        does = [_does(composition.alone(peer, config[peer])) for peer in range(peers)]
        if "more" in does or "time" not in does or is_at_rest(config):
            return False
        return all(
            composition.state(config, peer).ended
            or config[peer] in composition.first[peer]
            or _waits(composition.state(config, peer))
            for peer in range(peers)
        )

    wires: dict[int, Callable[[int], Hashable]] = {
        peers + wire: bool for wire in range(len(composition.wires))
    }
    quiet = space.select(wires, lambda config: not any(config[place] for place in wires))
    found = space.select({peer: view(peer) for peer in range(peers)}, waits_for_time, quiet)
    if not found:
        return None
    may_lose = composition.has_fates or any(wire.faults for wire in composition.wires)
    if may_lose:
        return _without_loss(space, found)
    first = space.first(found)
    return None if first is None else space.path_to(first)


def _does(moves: tuple[Move, ...]) -> str:
    """What a peer may do by itself: `more` than wait, only wait for `time`, or nothing."""
    kinds = {move.deed.outcome.kind for move in moves if move.deed.outcome is not None}
    if any(not kind.startswith(("time", "fate")) for kind in kinds):
        return "more"
    return "time" if any(kind.startswith("time") for kind in kinds) else ""


def _waits(state: State) -> bool:
    """Whether a message would lead the machine out of where it is."""
    for around in (s for _, leaf in state.locals[0].where for s in mv.within(leaf)):
        for row in around.transitions:
            is_message = row.match.event is not None and row.match.event.origin == "below"
            if is_message and any(branch.target is not None for branch in row.branches):
                return True
    return False


def _without_loss(space: Space, goal: Some) -> list[int] | None:
    """A way to one of them on which nothing is lost; None if none was found."""
    begin = {config for _, config in space.composition.begin()}
    todo = [
        number
        for number in range(min(len(space), len(begin) + len(space.composition.peers)))
        if space.config(number) in begin
    ]
    before = dict.fromkeys(todo, -1)
    for number in todo:
        if number in goal:
            path = [number]
            while before[path[-1]] >= 0:
                path.append(before[path[-1]])
            return path[::-1]
        if len(before) > _MOST_LOOKED_AT:
            return None
        for deed, after in space.successors(number):
            if after not in before and not _loses(deed):
                before[after] = number
                todo.append(after)
    return None


def _loses(deed: Deed) -> bool:
    is_dropped = deed.outcome is not None and deed.outcome.kind == "dropped"
    return deed.kind == "lose" or bool(deed.lost) or deed.is_fate or is_dropped
