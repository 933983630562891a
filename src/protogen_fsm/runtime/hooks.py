"""What a class pays for that has `enter_<state>` or `exit_<state>`; no other class does."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .machine import Machine


def install(cls: type[Machine], names: set[str]) -> None:
    """Makes the class call its hooks whenever its state changes.

    A hook that raises undoes the step: all slots of the machine are as they were when it began.
    """
    if not names:
        return
    slot: Any = next(vars(base)["state"] for base in cls.__mro__ if "state" in vars(base))
    if isinstance(slot, property):
        return

    def path_of(self: Any, state: str) -> tuple[str, ...]:
        return self._paths.get(state, (state,))  # type: ignore[no-any-return]

    def move(self: Any, new: str) -> None:
        try:
            old = slot.__get__(self)
        except AttributeError:
            slot.__set__(self, new)
            return
        left, entered = path_of(self, old), path_of(self, new)
        shared = set(left) & set(entered) if old != new else set(left[1:])
        for state in left:
            if state not in shared:
                _call(self, f"exit_{state}", names)
        slot.__set__(self, new)
        try:
            for state in reversed(entered):
                if state not in shared:
                    _call(self, f"enter_{state}", names)
        except BaseException:
            slot.__set__(self, old)
            raise

    type.__setattr__(cls, "state", property(slot.__get__, move))


def _call(self: Any, name: str, names: set[str]) -> None:
    if name in names:
        answer = getattr(self, name)()
        if answer is not None:
            if hasattr(answer, "close"):
                answer.close()
            raise TypeError(f"{name} gave {answer!r}: it has nothing to decide, and cannot wait")
