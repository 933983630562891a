"""A plot with logarithmic axes, as an SVG of a few lines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT, MARGIN = 640, 420, 60
COLOURS = ("#1f5fa8", "#b3541e")


@dataclass(frozen=True)
class Series:
    """Points, both of whose numbers are positive, with a name."""

    name: str
    points: list[tuple[float, float]]


def plot(title: str, below: str, series: Sequence[Series]) -> str:
    """All series over one axis; the grid is of powers of ten."""
    xs = [x for one in series for x, _ in one.points]
    ys = [y for one in series for _, y in one.points]
    left, right = math.floor(math.log10(min(xs))), math.ceil(math.log10(max(xs)))
    bottom, top = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))

    def across(x: float) -> float:
        return MARGIN + (math.log10(x) - left) / (right - left) * (WIDTH - 2 * MARGIN)

    def up(y: float) -> float:
        return HEIGHT - MARGIN - (math.log10(y) - bottom) / (top - bottom) * (HEIGHT - 2 * MARGIN)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{WIDTH / 2}" y="24" text-anchor="middle">{escape(title)}</text>',
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 16}" text-anchor="middle">{escape(below)}</text>',
    ]
    for power in range(left, right + 1):
        x = across(10.0**power)
        lines.append(f'<path d="M{x:.1f} {MARGIN}V{HEIGHT - MARGIN}" stroke="#ddd"/>')
        lines.append(_tick(x, HEIGHT - MARGIN + 18, "middle", power))
    for power in range(bottom, top + 1):
        y = up(10.0**power)
        lines.append(f'<path d="M{MARGIN} {y:.1f}H{WIDTH - MARGIN}" stroke="#ddd"/>')
        lines.append(_tick(MARGIN - 8, y + 4, "end", power))
    for at, (one, colour) in enumerate(zip(series, COLOURS, strict=False)):
        lines += [
            f'<circle cx="{across(x):.1f}" cy="{up(y):.1f}" r="4" fill="{colour}"/>'
            for x, y in one.points
        ]
        name = escape(one.name)
        lines.append(
            f'<text x="{MARGIN + 12}" y="{MARGIN + 16 * (at + 1)}" fill="{colour}">{name}</text>'
        )
    return "\n".join([*lines, "</svg>\n"])


def _tick(x: float, y: float, anchor: str, power: int) -> str:
    raised = f'<tspan dy="-5" font-size="9">{power}</tspan>'
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">10{raised}</text>'
