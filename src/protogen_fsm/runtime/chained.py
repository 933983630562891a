"""Machines whose steps go on, or lead where only the running machine knows.

With `raise` all that one event sets off is one step; `push` suspends where the machine is, `pop`
goes back there; an event is offered to each region in turn (docs/language.md, section 5).
"""

from __future__ import annotations

from .errors import ProtocolError
from .machine import CHAIN_LIMIT, Machine
from .wire import NEVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    # How deep it is, what is beneath it, its state, what was left of its time-out, its parameters
    # and regions by name, what was left of the time-outs of those, the states around it that were
    # not left, what it read, where it goes on.
    Suspended = tuple[
        int,
        "Suspended | None",
        str,
        float,
        tuple[str, ...],
        list[Any],
        list[tuple[str, float]],
        tuple[str, ...],
        Any,
        str,
        tuple[Any, ...],
    ]


class TooDeep(RuntimeError):
    """More is pushed than the machine's `depth` allows."""


class Chained(Machine):
    """A machine whose steps go on: with `raise`, all that one event sets off is one step.

    What is sent and emitted on the way leaves at the end; a failure puts back state and variables.
    """

    # Two bases with slots cannot be joined: `_finishing`, `_stack`, `_left` and `_is_reply` are in
    # the generated classes that use them.
    __slots__ = ()

    _depth = 32

    def __init__(self, below: Machine | None = None) -> None:
        me: Any = self
        me._finishing = False
        super().__init__(below)

    def _effect(self, effect: Callable[..., object], *args: object) -> None:
        assert self._effects is not None
        self._effects.append((effect, *args))

    def _refuse(self, event: str, *args: object) -> None:
        if not self._finishing:
            self._busy = False
        try:
            if self._finishing and self._otherwise == "close":
                self._effect(self.unexpected, event, *args)  # behind what is sent before
            else:
                self._pass_on(event, *args)
        except ProtocolError:
            self._busy = False
            raise

    def _replies(self, answer: str) -> None:
        """The chain answers a call; where it began with what the peer said, one must wait."""
        me: Any = self
        if me._is_reply:
            before = [args[0] for effect, *args in self._effects or () if effect == self._answer]
            self._owed(*before, answer)

    def _begin(self) -> None:
        self._busy = True
        self._effects = []
        self._save()

    def _raise(self, take: Callable[..., None], *args: object) -> None:
        if self._raised is None:
            self._raised = []
        self._raised.append((take, args))

    def _finish(self) -> None:
        """Takes what was raised, in order; then what was sent leaves, what was emitted is told."""
        if self._raised is not None:
            self._chain()
        if self._effects is None or self._pending is not None:
            return
        effects, self._effects = self._effects, None
        self._tell(*effects)

    def _chain(self) -> None:
        """Takes what was raised, in order, until a handler takes time."""
        me: Any = self
        me._finishing = True
        try:
            steps = 0
            while self._raised and self._pending is None:
                take, args = self._raised.pop(0)
                steps += 1
                if steps > CHAIN_LIMIT:
                    name = take.__name__.removeprefix("_take_")
                    raise RuntimeError(
                        f"{self._role} in {self.state}: a chain of more than {CHAIN_LIMIT} steps, "
                        f"the last of them {name}"
                    )
                take(*args)
        finally:
            me._finishing = False
        if self._pending is None:
            self._raised = None

    def _failed(self, error: Exception) -> None:
        if self._saved is not None:
            self._undo()
        if isinstance(error, TooDeep):
            self._busy = False
            if isinstance(error.__context__, TooDeep):  # its `malformed` pushes too deep as well
                return self.handler_failed(error)
            self.malformed(b"", "too deep")
        else:
            super()._failed(error)
        return None

    def _cancel(self) -> None:
        if self._pending is not None and self._saved is not None:
            self._undo()
        super()._cancel()

    # ------------------------------------------------------------ the stack of the suspended

    def _push(
        self,
        to: str,
        slots: tuple[str, ...] = (),
        kept: tuple[str, ...] = (),
        then: str = "",
        *args: object,
    ) -> None:
        """Suspends where the machine is, with the parameters and regions in `slots`; goes to `to`.

        The states `kept` are not left. `then` is the method that goes on from there, with `args`.
        """
        me: Any = self
        below: Suspended | None = me._stack
        depth = 1 if below is None else below[0] + 1
        if depth > self._depth:
            raise TooDeep(f"{self._role} in {self.state}: more than {self._depth} are pushed")
        left = self._due if self._due == NEVER else self._due - self.wire.now
        values = [getattr(self, slot) for slot in slots]
        now, timers = self.wire.now, self._timers or {}
        stopped = [(name, timers[name] - now) for name in timers if name in slots]
        for region in self._regions:
            if region in slots:
                self._stop(region)
                self._return_to("", region)
        reads = self._being_read()
        me._stack = (
            depth, below, self.state, left, slots, values, stopped, kept, reads, then, args
        )  # fmt: skip
        self._return_to(to)

    def _pop(self) -> None:
        """Resumes what was suspended last."""
        me: Any = self
        if me._stack is None:
            raise RuntimeError(f"{self._role} in {self.state}: nothing is pushed")
        _, me._stack, state, left, slots, values, stopped, _, reads, then, args = me._stack
        self._due = left if left == NEVER else self.wire.due(left)
        for slot, value in zip(slots, values, strict=True):
            if type(value) is list and self._saved is not None:
                self._saved[4].append((value, len(value)))
            if slot in self._regions:
                self._return_to(value, slot)
            else:
                setattr(self, slot, value)
        for region, rest in stopped:
            self._start(region, rest)
        self._return_to(state)
        self._read_again(reads)
        if then:
            getattr(self, then)(*args)

    def _keeps(self, state: str) -> bool:
        """Whether a state around the one that is popped is also around what is resumed."""
        me: Any = self
        return me._stack is not None and state in me._stack[7]

    def _end(self) -> None:
        super()._end()
        me: Any = self
        if hasattr(me, "_stack"):
            me._stack = None

    # ------------------------------------------------------------ regions

    def _offer(self, regions: tuple[Callable[..., bool | None], ...], *args: object) -> None:
        """Asks the regions behind one that takes an event, once its handler is done.

        Those behind one that has left the state around them are not asked.
        """
        me: Any = self
        for at, region in enumerate(regions):
            if self._pending is not None:
                me._left = False
                rest = (self._offer, (regions[at:], *args))
                self._raised = [rest, *(self._raised or ())]
                return
            if me._left:
                return
            region(*args)
