"""Things in an order in which each comes behind those that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def in_order(needs: Mapping[str, Iterable[str]]) -> tuple[list[str], list[list[str]]]:
    """The names in such an order, and the circles; who lies on a circle is left out."""
    order: list[str] = []
    circles: list[list[str]] = []
    circling: set[str] = set()
    done: set[str] = set()
    for start in needs:
        if start in done:
            continue
        path = {start: iter(needs[start])}
        while path:
            name = next(reversed(path))
            needed = next(path[name], None)
            if needed is None:
                del path[name]
                done.add(name)
                if name not in circling:
                    order.append(name)
            elif needed in path:
                names = list(path)
                circle = names[names.index(needed) :]
                circles.append(circle)
                circling.update(circle)
            elif needed not in done:
                path[needed] = iter(needs[needed])
    return order, circles
