"""What a system asks for, in one configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protogen_fsm.verify import values as vl
from protogen_fsm.verify.expressions import evaluate
from protogen_fsm.verify.values import ANY

if TYPE_CHECKING:
    from protogen_fsm.model import expressions as ex
    from protogen_fsm.verify.system import Composition, Config


def holds(e: ex.Expr, config: Config, composition: Composition) -> Any:
    """Whether an expression holds: True, False, or ANY where that hangs on other values."""
    value = value_of(e, config, composition)
    return ANY if value is ANY else bool(value)


def value_of(e: ex.Expr, config: Config, composition: Composition) -> Any:
    """What is known of an expression's value."""
    return evaluate(e, _Scope(config, composition))


def words_of(value: Any) -> bool:
    """Whether a value is not known."""
    return value is ANY


class _Scope:
    """Where the names of a system's properties are looked up."""

    def __init__(self, config: Config, composition: Composition) -> None:
        self.config, self.composition = config, composition

    def _those(self, peer: str, index: int | None) -> list[int]:
        numbers = self.composition.numbers[peer]
        return numbers if index is None else [numbers[index]]

    def within(self, e: ex.InState) -> Any:
        """Whether a peer, or one of several, is in a state."""
        peer, _, region = e.subject.partition(".")
        for number in self._those(peer, e.index):
            local = self.composition.state(self.config, number).locals[0]
            leaf = dict(local.where).get(region) if region else None
            around = [leaf] if leaf is not None else [s for t, s in local.where]
            here = [] if region and leaf is None else [one for one in around if one is not None]
            if any(e.state in one.around() for one in here):
                return True
        return False

    def variable(self, e: ex.Var | ex.PeerVar) -> Any:
        """A variable of a peer; of several, only what is the same for all."""
        peer = getattr(e, "peer", "")
        found = []
        for number in self._those(peer, getattr(e, "index", None)):
            stepper = self.composition.peers[number].top
            local = self.composition.state(self.config, number).locals[0]
            known = dict(zip(stepper.variables, local.vars, strict=True))
            found.append(known.get(e.variable, vl.typed(ANY, e.type)))
        return found[0] if all(one == found[0] for one in found) else ANY

    def name(self, e: ex.Local) -> Any:
        """Properties have no parameters."""
        return ANY

    def ask(self, e: ex.Ask) -> bool:
        """Nor do they ask anybody."""
        return False

    def held(self, e: ex.Holds | ex.Count) -> Any:
        """Nor do they speak of instances."""
        return vl.typed(ANY, e.type)
