"""Runs without an end: where `P leads to Q` can wait for ever.

The search is for a configuration where P holds, and a way on from there on which Q never does, and
which stops or goes round. A way round counts only if it is fair: it does not keep back for ever
what could always be taken from a link, nor, over and over, what a link that may lose still holds,
nor the time of a peer that does nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from protogen_fsm.verify.properties import holds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from protogen_fsm.model.spec import Property
    from protogen_fsm.verify.system import Composition, Config, Deed

Edges: TypeAlias = "dict[Config, list[tuple[Deed, Config]]]"
Found: TypeAlias = "tuple[Config, list[tuple[Deed, Config | None]], int | None]"


def never_ending(composition: Composition, edges: Edges, asked: Property) -> Found | None:
    """Where P holds, the way on, and the place on it that it comes back to (None: it stops)."""
    assert asked.right is not None
    waits = {c for c in edges if holds(asked.right, c, composition) is not True}
    starts = [c for c in edges if c in waits and holds(asked.left, c, composition) is not False]
    parts: list[set[Config]] = [
        {config} for config in waits if all(after == config for _, after in edges[config])
    ]
    for part in _components(waits, edges):
        parts += _fair(part, edges, composition)
    among = {config: part for part in parts for config in part}
    for start in starts if among else []:
        way = _way(start, lambda c: c in among, waits, edges)
        if way is not None:
            last = start if not way else way[-1][1]
            assert last is not None
            tour = _tour(last, among[last], edges)
            return start, [*way, *tour], len(way) if tour else None
    return None


def _way(
    start: Config, goal: Callable[[Config], bool], within: set[Config], edges: Edges
) -> list[tuple[Deed, Config | None]] | None:
    before: dict[Config, tuple[Config, Deed] | None] = {start: None}
    todo = [start]
    for config in todo:
        if goal(config):
            found: list[tuple[Deed, Config | None]] = []
            step = before[config]
            while step is not None:
                found.append((step[1], config))
                config = step[0]
                step = before[config]
            return found[::-1]
        for deed, after in edges.get(config, ()):
            if after in within and after not in before:
                before[after] = (config, deed)
                todo.append(after)
    return None


def _tour(start: Config, part: set[Config], edges: Edges) -> list[tuple[Deed, Config | None]]:
    """A way back to where it begins that takes from each link that is taken from on any."""
    wanted = {d.wire for c in part for d, after in edges[c] if d.wire >= 0 and after in part}
    if not wanted and all(after not in part for _, after in edges[start]):
        return []
    found: list[tuple[Deed, Config | None]] = []
    here = start
    for wire in sorted(wanted):
        if any(deed.wire == wire and deed.kind == "take" for deed, _ in found):
            continue
        takes = {c: taken for c in part if (taken := _takes(edges[c], part, wire))}
        way = _way(here, takes.__contains__, part, edges)
        if way is None:
            continue
        found += way
        place = here if not way else way[-1][1]
        assert place is not None
        found.append(takes[place][0])
        here = takes[place][0][1]
    for deed, after in [] if here == start and found else edges[here]:
        back = _way(after, lambda c: c == start, part, edges) if after in part else None
        if back is not None:
            return [*found, (deed, after), *back]
    return found


def _takes(
    some: list[tuple[Deed, Config]], part: set[Config], wire: int
) -> list[tuple[Deed, Config]]:
    """Where something is taken from a link."""
    return [(d, a) for d, a in some if a in part and d.wire == wire and d.kind == "take"]


def _fair(part: set[Config], edges: Edges, composition: Composition) -> list[set[Config]]:
    """What is left of a strongly connected part once what is not fair is taken out."""
    inside = [(c, deed, after) for c in part for deed, after in edges[c] if after in part]
    if not inside:
        return []
    moved = {deed.peer for _, deed, _ in inside if deed.kind not in ("lose",)}
    used = {deed.wire for _, deed, _ in inside if deed.kind in ("take", "copy")}
    timed = {(deed.peer, deed.outcome.kind) for _, deed, _ in inside if deed.outcome is not None}
    hidden: set[Config] = set()
    for config in part:
        for deed, _ in edges[config]:
            if deed.kind == "take" and deed.wire not in used:
                hidden.add(config)  # what comes over and over is taken some time
                break
    owed: dict[tuple[int, str], int] = {}
    for config in part:
        for key in {
            (d.peer, d.outcome.kind)
            for d, _ in edges[config]
            if d.outcome is not None and d.outcome.kind.startswith(("time", "open", "lost"))
        }:
            owed[key] = owed.get(key, 0) + 1
    for (peer, kind), times in owed.items():
        if times == len(part) and (peer, kind) not in timed and peer not in moved:
            return []
    if not hidden:
        return [part]
    found: list[set[Config]] = []
    for smaller in _components(part - hidden, edges):
        found += _fair(smaller, edges, composition)
    return found


def _components(within: Iterable[Config], edges: Edges) -> Iterator[set[Config]]:
    """The strongly connected parts, those of one configuration that leads to itself included."""
    inside = set(within)
    number: dict[Config, int] = {}
    low: dict[Config, int] = {}
    stack: list[Config] = []
    on_stack: set[Config] = set()
    for root in inside:
        if root in number:
            continue
        work: list[tuple[Config, Iterator[tuple[Deed, Config]]]] = []
        number[root] = low[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        work.append((root, iter(edges[root])))
        while work:
            config, rest = work[-1]
            for _, after in rest:
                if after not in inside:
                    continue
                if after not in number:
                    number[after] = low[after] = len(number)
                    stack.append(after)
                    on_stack.add(after)
                    work.append((after, iter(edges[after])))
                    break
                if after in on_stack:
                    low[config] = min(low[config], number[after])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[config])
                if low[config] == number[config]:
                    part: set[Config] = set()
                    while config not in part:
                        part.add(stack.pop())
                    on_stack -= part
                    if len(part) > 1 or any(after == config for _, after in edges[config]):
                        yield part
