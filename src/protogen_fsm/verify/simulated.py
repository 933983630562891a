"""Random walks, for systems that are too large to be looked at in full.

A flaw that is met on the way is one; that none was met says nothing of what was not walked through.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from protogen_fsm.verify.small import ALL, SmallSpace

if TYPE_CHECKING:
    from protogen_fsm.verify.space import Watch
    from protogen_fsm.verify.system import Composition

LONGEST: Final = 1_000
"""Steps of a walk; then the next one begins."""


class WalkingEngine:
    """Follows some walks, each from a beginning, by a seed: the same seed, the same walks."""

    def __init__(self, walks: int, seed: int) -> None:
        self.walks, self.seed = walks, seed

    def explore(self, composition: Composition, watch: Watch) -> WalkedSpace:
        """What is met on the walks, and what each step of them could have led to besides."""
        space = WalkedSpace(composition)
        try:
            space.walk(self.walks, random.Random(self.seed), watch)
        except KeyboardInterrupt:
            space.interrupted()
        space.why = space.why or f"{self.walks:,} random walks, seed {self.seed}"
        return space


class WalkedSpace(SmallSpace):
    """What has been met; a configuration is sure if the run that it was met by is."""

    def walk(self, walks: int, chance: random.Random, watch: Watch) -> None:
        """Goes where chance leads, until nothing leads on."""
        self.phase = ALL
        self._begin([config for _, config in self.composition.begin()], 0)
        begins = len(self.packed)
        ways: dict[int, list[int]] = {}
        for _ in range(walks):
            number = chance.randrange(begins)
            for _ in range(LONGEST):
                if number not in ways:
                    if not self._level([number], watch):
                        return
                    ways[number] = [to for _, to in self.successors(number) if to != number]
                if not ways[number]:
                    break
                number = chance.choice(ways[number])
            if why := watch.enough(len(self.packed)):
                self.why = why
                return

    def is_sure(self, number: int) -> bool:
        """Whether nothing on the way hangs on a value that is not followed."""
        return all(deed.is_pure for deed, _ in self.run_to(number))
