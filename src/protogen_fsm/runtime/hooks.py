"""What a class pays for that has `enter_<state>` or `exit_<state>`; no other class does."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .machine import Machine


def install(cls: type[Machine], generated: type[Machine]) -> None:
    """Makes the class call its hooks whenever its state changes.

    They run after the transition's own actions, the exits in the old state, the entries in the
    new one. A hook that raises undoes the step: the machine is as it was when the step began.
    """
    state = _descriptor(cls, "state")
    if isinstance(state, property):
        return

    def move(self: Any, new: str) -> None:
        try:
            old = state.__get__(self)
        except AttributeError:
            state.__set__(self, new)
            return
        kept = set(cls._paths[old][1:])
        change(self, old, new, kept if old == new else kept & set(cls._paths[new]))

    def reenter(self: Any, outer: str, new: str) -> None:
        path = cls._paths[new]
        change(self, state.__get__(self), new, set(path[path.index(outer) + 1 :]))

    def change(self: Any, old: str, new: str, shared: set[str]) -> None:
        left, entered = cls._paths[old], cls._paths[new]
        for one in left:
            if one not in shared:
                _call(self, f"exit_{one}")
        state.__set__(self, new)
        for one in reversed(entered):
            if one not in shared:
                _call(self, f"enter_{one}")

    def go_back(self: Any, old: str) -> None:
        state.__set__(self, old)

    _set(cls, state=property(state.__get__, move), _return_to=go_back, _reenter=reenter)
    _take_snapshots(cls, generated)


def _take_snapshots(cls: type[Machine], generated: type[Machine]) -> None:
    """A plain step changes nothing that can fail; with hooks it can, and is put back."""
    busy, fail = _descriptor(cls, "_busy"), _descriptor(cls, "_failed")

    def begin(self: Any, value: bool) -> None:
        busy.__set__(self, value)
        if value:
            self._save()
        else:
            self._saved = None

    def failed(self: Any, error: Exception) -> None:
        if self._saved is not None:
            self._undo()
        fail(self, error)

    _set(cls, _busy=property(busy.__get__, begin), _failed=failed)
    _set(cls, _variables=tuple(generated.__slots__))


def _descriptor(cls: type[Machine], name: str) -> Any:
    return getattr(cls, name)


def _set(cls: type[Machine], **members: Any) -> None:
    for name, member in members.items():
        setattr(cls, name, member)


def _call(self: Any, name: str) -> None:
    hook = getattr(self, name, None)
    if hook is None:
        return
    answer = hook()
    if answer is not None:
        if hasattr(answer, "close"):
            answer.close()
        raise TypeError(f"{name} gave {answer!r}: it has nothing to decide, and cannot wait")
