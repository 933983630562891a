"""Nanoseconds that a layer adds to an event, over the same machine with nothing between.

    python benchmarks/layers.py [--rounds 60] [--loops 20000] [--quick]

The machine `Base` of `relays.proto` is fed; another stands above it, whose emission ends in an
object's method. Between the two is nothing, or one layer. All stacks take turns in one run; a cost
is what the best of the rounds takes longer, since what disturbs a round only ever adds to it.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measure import HERE, build, interleaved, load, machine_facts, table, verdict
from protogen_fsm.runtime.layers import Layer, attach, put_above, stack, tap

if TYPE_CHECKING:
    from collections.abc import Callable

NOTHING = "nothing between"
LIMIT = 60  # ns, of issue 3


class Ear:
    """An application: it hears, and that is all."""

    __slots__ = ("last",)

    def heard(self, n: int) -> None:
        """What a stack emits."""
        self.last = n

    said = heard


class Handing(Layer):
    """A layer written by hand that hands on what it hears."""

    def receive_fed(self, n: int) -> None:
        """Hands it on."""
        self.above.fed(n)


class Silent(Layer):
    """A layer that has nothing to do with the event."""


def stacks() -> dict[str, Any]:
    """The lowest machine of each stack, its application in place."""
    with tempfile.TemporaryDirectory() as folder:
        build(HERE / "relayed.proto", Path(folder))
        module = load("relayed", Path(folder))

    def base_of(machine: Any, *layers: Any) -> Any:
        """What lies lowest; the layers go right above it."""
        attach(machine, Ear())
        base = stack(machine)[0]
        for layer in layers:
            put_above(base, layer)
        return base

    shown = module.OverBase()
    tap(shown, lambda way, event, args: None)
    return {
        NOTHING: base_of(module.OverBase()),
        "by hand, hands it on": base_of(module.OverBase(), Handing()),
        "by hand, has no method": base_of(module.OverBase(), Silent()),
        "a machine that is used": base_of(module.OverRelay()),
        "a machine with handlers": base_of(module.OverMachine()),
        "a tap": base_of(shown),
    }


def loop() -> Callable[[Any, int], None]:
    """A function of its own for each stack, so that none spoils another's inline caches."""
    names: dict[str, Any] = {}
    exec("def loop(m, n):\n    for at in range(n):\n        m.feed(at)\n", names)
    return names["loop"]  # type: ignore[no-any-return]


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--loops", type=int, default=20000, help="events a round")
    parser.add_argument("--quick", action="store_true", help="three rounds")
    options = parser.parse_args()
    found = stacks()
    functions = {name: loop() for name in found}

    def once(name: str) -> float:
        start = time.process_time()
        functions[name](found[name], options.loops)
        return (time.process_time() - start) / options.loops * 1e9

    taken = interleaved(found, 3 if options.quick else options.rounds, once)
    costs = {name: min(values) - min(taken[NOTHING]) for name, values in taken.items()}
    rows = [
        (name, f"{min(values):.0f}", f"{statistics.median(values):.0f}", f"{costs[name]:.0f}")
        for name, values in taken.items()
    ]
    print(machine_facts(), table(("ns/event", "min", "median", "cost"), rows), sep="\n\n")
    print()
    for name in list(found)[1:4]:
        print(verdict(name, costs[name], LIMIT, at_least=False))


if __name__ == "__main__":
    main()
