"""Fewer and shorter arrows: what would only be read with a finger goes into the boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.backends.diagram.view import Arrow, Row

if TYPE_CHECKING:
    from protogen_fsm.backends.diagram.view import Box, View

FEW = 3  # time-outs of states side by side that lead to one place, each with an arrow
SHORT = 2  # rows on one arrow
MANY = 150  # states and arrows, from which on an arrow says nothing, as there is no room


def gathered(arrows: list[Arrow]) -> list[Arrow]:
    """The arrows; many time-outs inside a composite state with one end are one from its border."""
    alike: dict[tuple[str, str], list[Arrow]] = {}
    borders: dict[str, Box] = {}
    for arrow in arrows:
        if arrow.timed and (border := _border(arrow)):
            borders[border.key] = border
            alike.setdefault((border.key, arrow.head.key), []).append(arrow)
    many = {key: group for key, group in alike.items() if len(group) >= FEW}
    gone = {id(arrow) for group in many.values() for arrow in group}
    kept = [arrow for arrow in arrows if id(arrow) not in gone]
    for (border_key, _), group in many.items():
        row = Row(("time-outs of the states inside",))
        row.tip = "\n".join(r.tip for a in group for r in a.rows)
        border, head = borders[border_key], group[0].head
        own = next((a for a in kept if a.timed and a.tail is border and a.head is head), None)
        if own:
            own.rows.append(row)
        else:
            kept.append(Arrow(border, head, True, [row]))
        for arrow in group:
            _write(arrow.tail, arrow.rows)
    return kept


def shortened(arrows: list[Arrow], most: int = SHORT) -> list[Arrow]:
    """The arrows; one with more than `most` rows only names the events, the box says the rest."""
    for arrow in arrows:
        if len(arrow.rows) > most:
            named = (trigger for row in arrow.rows for trigger in row.triggers)
            row = Row(
                tuple(dict.fromkeys(t.partition("(")[0] for t in named)),
                tip="\n\n".join(row.tip for row in arrow.rows),
            )
            _write(arrow.tail, arrow.rows)
            arrow.rows = [row]
    return arrows


def depth_of(seen: View) -> dict[str, int]:
    """How far down a run of steps forward leads, for each innermost state that one reaches."""
    onward: dict[str, list[str]] = {}
    for arrow in seen.arrows:
        tail = arrow.tail.leaves()[0].key
        onward.setdefault(tail, []).append(arrow.head.leaves()[0].key)
    start = seen.top.first.leaves()[0].key
    done: list[str] = []
    on_the_way, path = {start: True}, [(start, iter(onward.get(start, ())))]
    backward: set[tuple[str, str]] = set()
    while path:
        key, heads = path[-1]
        for head in heads:
            if on_the_way.get(head):
                backward.add((key, head))
            elif head not in on_the_way:
                on_the_way[head] = True
                path.append((head, iter(onward.get(head, ()))))
                break
        else:
            on_the_way[key] = False
            done.append(key)
            path.pop()
    depths = dict.fromkeys(reversed(done), 0)
    for key in depths:
        for head in onward.get(key, ()):
            if (key, head) not in backward:
                depths[head] = max(depths[head], depths[key] + 1)
    return depths


def _border(arrow: Arrow) -> Box | None:
    """The outermost composite state that the arrow leaves, unless it starts there."""
    found = None
    box = arrow.tail.part.parent
    while box is not None and not box.holds(arrow.head):
        found, box = box, box.part.parent
    return found


def _write(box: Box, rows: list[Row]) -> None:
    for row in rows:
        row.aims = True
    box.rows = sorted([*box.rows, *rows], key=lambda row: row.place)
