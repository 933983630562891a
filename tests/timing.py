"""The CPU time of some work, as a test may compare it: without what the rest of the suite costs."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def cpu_seconds(work: Callable[[], object], rounds: int = 1) -> float:
    """The least CPU time of so many runs of `work`, in seconds.

    The collector is off meanwhile: what it takes grows with all that other tests left in memory.
    """
    spent = []
    was_on = gc.isenabled()
    gc.disable()
    try:
        for _ in range(rounds):
            begun = time.process_time()
            work()
            spent.append(time.process_time() - begun)
    finally:
        if was_on:
            gc.enable()
    return min(spent)
