"""A machine whose steps go on: with `raise`, all that one event sets off is one step."""

from __future__ import annotations

from .errors import ProtocolError
from .machine import CHAIN_LIMIT, Machine, queue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Chained(Machine):
    """A machine whose steps go on: with `raise`, all that one event sets off is one step.

    What is sent and emitted on the way leaves at the end; a failure puts back state and variables.
    """

    __slots__ = ()

    _saves = True

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
        self._finish()

    def _begin(self) -> None:
        self._busy = True
        self._effects = []
        self._save()

    def _raise(self, take: Callable[..., None], *args: object) -> None:
        if self._raised is None:
            self._raised = queue()
        self._raised.append((take, args))

    def _finish(self) -> None:
        """Takes what was raised, in order; then what was sent leaves, what was emitted is told."""
        if self._finishing:
            return
        self._finishing = True
        try:
            steps = 0
            while self._raised and self._pending is None:
                take, args = self._raised.popleft()
                steps += 1
                if steps > CHAIN_LIMIT:
                    name = take.__name__.removeprefix("_take_")
                    raise RuntimeError(
                        f"{self._role} in {self.state}: a chain of more than {CHAIN_LIMIT} steps, "
                        f"the last of them {name}"
                    )
                take(*args)
        finally:
            self._finishing = False
        if self._pending is not None:
            return
        effects, self._effects, self._raised = self._effects, None, None
        self._tell(*effects or ())

    def _failed(self, error: Exception) -> None:
        if self._saved is not None:
            self._undo()
        super()._failed(error)

    def _cancel(self) -> None:
        if self._pending is not None and self._saved is not None:
            self._undo()
        super()._cancel()
