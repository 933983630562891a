"""Runs without an end: where `P leads to Q` can wait for ever.

The search is for a configuration where P holds, and a way on from there on which Q never does, and
which stops or goes round. A way round counts only if it is fair: it does not keep back for ever
what could always be taken from a link, nor, over and over, what a link that may lose still holds,
or may give once more; nor the time of a peer that does nothing else, nor a time-out that nothing
starts again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.model.machine import Branch, StartTimer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from protogen_fsm.model.spec import Property
    from protogen_fsm.verify.space import Some, Space
    from protogen_fsm.verify.system import Config, Deed, Move
    from protogen_fsm.verify.truth import Truth


def never_ending(
    space: Space, truth: Truth, asked: Property
) -> tuple[int, list[int], int | None] | None:
    """Where P holds, the way on, and the place on it that it comes back to (None: it stops)."""
    assert asked.right is not None
    waits = space.all() - truth.surely(asked.right)
    return endless(space, waits, waits & truth.possibly(asked.left))


def endless(
    space: Space, waits: Some, starts: Some, without: AbstractSet[int] = frozenset()
) -> tuple[int, list[int], int | None] | None:
    """Where a wait starts that never ends, the way on, and the place on it that it comes back to.

    `without`: outcomes, by identity, that would end it, wherever they lead.
    """
    if not starts:
        return None
    parts = [*fair_parts(space, waits, without)]
    goal = waits & still(space)
    for part in parts:
        goal = goal | part
    start = space.first(starts & space.ways_to(goal, waits))
    if start is None:
        return None
    way = space.way(start, goal, waits)
    assert way is not None
    for part in parts:
        if way[-1] in part:
            return start, [*way, *tour(space, way[-1], part, without)], len(way) - 1
    return start, way, None


def fair_parts(
    space: Space, within: Some, without: AbstractSet[int] = frozenset()
) -> Iterator[Some]:
    """Where one can go round for ever, and keep nothing back for ever that could happen."""

    def lasts(move: Move) -> bool:
        return _lasts(move) and id(move.deed.outcome) not in without

    for part in space.parts(within, lasts):
        yield from _fair(space, part, lasts)


def still(space: Space) -> Some:
    """Those from which nothing leads to another one, crashes and the like left out."""
    return _but_for_fates(space, space.still(), False)


def stuck(space: Space) -> Some:
    """Those of them in which nothing was refused."""
    return _but_for_fates(space, space.stuck(), True)


def _but_for_fates(space: Space, without: Some, is_whole: bool) -> Some:
    composition = space.composition
    if not composition.has_fates:
        return without

    def rests(config: Config) -> bool:
        return all(
            deed.is_fate or after == config or (after is None and not is_whole)
            for deed, after in composition.following(config)
        )

    return space.select({place: lambda n: n for place in range(composition.size)}, rests)


def _lasts(move: Move) -> bool:
    return not move.deed.is_fate


def _fair(space: Space, part: Some, lasts: Callable[[Move], bool]) -> Iterator[Some]:
    """What is left of a strongly connected part once what is not fair is taken out."""
    inside = {move for move in space.moves(part, inside=True) if lasts(move)}
    if not inside:
        return
    moved = {
        move.deed.peer
        for move in inside
        if move.deed.outcome is not None and move.deed.outcome.kind != "dropped"
    }
    used = {move.deed.wire for move in inside if move.deed.kind == "take"}
    timed = {_time(move) for move in inside}
    restarts = {
        (move.deed.peer, branch)
        for move in inside
        if move.deed.outcome is not None
        for branch in move.deed.outcome.branches
    }
    hidden = space.offering(  # what comes over and over is taken some time
        part, lambda move: move.deed.kind == "take" and move.deed.wire not in used
    )
    owed = {
        time
        for move in space.moves(part, inside=False)
        if (time := _time(move)) is not None
        and time not in timed
        and (time[0] not in moved or not _may_restart(time, restarts))
    }
    if any(len(space.offering(part, _passes(time))) == len(part) for time in owed):
        return
    if not hidden:
        yield part
        return
    for smaller in space.parts(part - hidden, lasts):
        yield from _fair(space, smaller, lasts)


def _time(move: Move) -> tuple[int, str] | None:
    """What passes by itself at a peer, if it is that: its time, or the state of its connection."""
    outcome = move.deed.outcome
    if outcome is None or not outcome.kind.startswith(("time", "open", "lost")):
        return None
    return move.deed.peer, outcome.kind


def _may_restart(time: tuple[int, str], done: Iterable[tuple[int, object]]) -> bool:
    """Whether what is done over and over may start a time-out again: it would never run out."""
    if not time[1].startswith("time"):
        return True
    *_, name = time[1].split(" ")
    return any(
        branch.target is not None
        or any(isinstance(a, StartTimer) and a.timer.name == name for a in branch.actions)
        for peer, branch in done
        if peer == time[0] and isinstance(branch, Branch)
    )


def _passes(time: tuple[int, str]) -> Callable[[Move], bool]:
    return lambda move: _time(move) == time


def _takes(wire: int, counts: Callable[[Deed], bool]) -> Callable[[Deed], bool]:
    return lambda deed: deed.wire == wire and deed.kind == "take" and counts(deed)


def tour(
    space: Space, start: int, part: Some, without: AbstractSet[int] = frozenset()
) -> list[int]:
    """A way back to where it begins that takes from each link that is taken from on any."""

    def counts(deed: Deed) -> bool:
        return not deed.is_fate and id(deed.outcome) not in without

    found: list[int] = []
    here = start
    wires = {move.deed.wire for move in space.moves(part, inside=True) if counts(move.deed)}
    for wire in sorted(wires - {-1}):
        is_taken = _takes(wire, counts)
        takes = space.offering(part, lambda move, is_taken=is_taken: is_taken(move.deed), True)  # type: ignore[misc]
        way = space.way(here, takes, part, counts)
        if way is None:
            continue
        after = next(
            after for deed, after in space.successors(way[-1]) if after in part and is_taken(deed)
        )
        found += [*way[1:], after]
        here = after
    if here == start and found:
        return found
    for deed, after in space.successors(here):
        back = space.way(after, {start}, part, counts) if after in part and counts(deed) else None
        if back is not None:
            return [*found, *back]
    return found
