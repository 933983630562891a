"""Where in a space what a system asks for holds: worked out once for each thing a peer is in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from protogen_fsm.model import expressions as ex
from protogen_fsm.verify.properties import holds

if TYPE_CHECKING:
    from collections.abc import Callable

    from protogen_fsm.verify.space import Some, Space, View


class Truth:
    """Where expressions hold, and where they may, which hangs on values that are not followed."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self._known: dict[ex.Expr, tuple[Some, Some]] = {}

    def surely(self, e: ex.Expr) -> Some:
        """Where an expression holds."""
        return self._of(e)[0]

    def possibly(self, e: ex.Expr) -> Some:
        """Where it holds, or may."""
        return self._of(e)[1]

    def _of(self, e: ex.Expr) -> tuple[Some, Some]:
        if e not in self._known:
            self._known[e] = self._worked_out(e)
        return self._known[e]

    def _worked_out(self, e: ex.Expr) -> tuple[Some, Some]:
        if isinstance(e, ex.Op) and e.op == "not":
            yes, maybe = self._of(e.operands[0])
            every = self.space.all()
            return every - maybe, every - yes
        if isinstance(e, ex.Op) and e.op in ("and", "or"):
            (a, b), (c, d) = map(self._of, e.operands)
            return (a & c, b & d) if e.op == "and" else (a | c, b | d)
        composition = self.space.composition
        view: View = dict.fromkeys(self._places(e), _itself)
        if isinstance(e, ex.InState):
            view = {place: self._is_in(e, place) for place in view}
        yes = self.space.select(view, lambda config: holds(e, config, composition) is True)
        maybe = self.space.select(view, lambda config: holds(e, config, composition) is not False)
        return yes, maybe

    def _is_in(self, e: ex.InState, place: int) -> Callable[[int], bool]:
        """Whether one of the peers that it speaks of is there, of a number of its states."""
        numbers = self.space.composition.numbers[e.subject.partition(".")[0]]
        one = replace(e, index=numbers.index(place))
        return lambda n: holds(one, (n,) * (place + 1), self.space.composition) is True

    def _places(self, e: ex.Expr) -> list[int]:
        found: dict[int, None] = {}
        for one in ex.walk(e):
            if isinstance(one, ex.InState | ex.PeerVar):
                peer = one.peer if isinstance(one, ex.PeerVar) else one.subject.partition(".")[0]
                numbers = self.space.composition.numbers[peer]
                some = numbers if one.index is None else [numbers[one.index]]
                found.update(dict.fromkeys(some))
        return sorted(found)


def _itself(value: int) -> int:
    return value
