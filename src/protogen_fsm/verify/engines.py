"""The engines by name, and which is taken when none is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protogen_fsm.verify.small import SmallEngine

if TYPE_CHECKING:
    from protogen_fsm.verify.space import Engine, Limits, Space, Watch
    from protogen_fsm.verify.system import Composition

MANY: Final = 8_000
"""From so many configurations on arrays are faster, if a level has enough of them: `WIDE`."""

WIDE: Final = 400

NAMES: Final = ("auto", "small", "large")


def engine(limits: Limits) -> Engine:
    """`small` for a loop in Python, `large` for arrays from the first level on; else what fits."""
    if limits.walks:
        from protogen_fsm.verify.simulated import WalkingEngine

        return WalkingEngine(limits.walks, limits.seed)
    if limits.reduce:
        from protogen_fsm.verify.reduced import ReducingEngine

        return ReducingEngine()
    if limits.engine == "small":
        return SmallEngine()
    return _Fitting(1, 0) if limits.engine == "large" else _Fitting(MANY, WIDE)


class _Fitting:
    """The loop, and arrays once a system has turned out to be large."""

    def __init__(self, most: int, wide: int) -> None:
        self.most, self.wide = most, wide

    def explore(self, composition: Composition, watch: Watch) -> Space:
        """All that can come about, up to the limits."""
        begun = SmallEngine(self.most, self.wide).explore(composition, watch)
        if not begun.unfinished:
            return begun
        from protogen_fsm.verify.large import LargeSpace

        space = LargeSpace(composition, begun)
        del begun
        try:
            space.search(watch)
        except KeyboardInterrupt:
            space.why = "interrupted"
        return space
