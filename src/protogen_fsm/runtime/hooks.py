"""What a class pays for that has `enter_<state>` or `exit_<state>`; no other class does."""

from __future__ import annotations

from .values import attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .machine import Machine


def install(cls: type[Machine], generated: type[Machine]) -> None:
    """Makes the class call its hooks whenever its state changes.

    The exits see the machine as it was before the transition's actions, the entries as it is after
    them (docs/language.md, section 5). A hook that raises undoes the step.
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
        entered = cls._paths[new]
        left = [one for one in cls._paths[old] if one not in shared and hasattr(cls, f"exit_{one}")]
        if left:
            _leave(self, old, left)
        state.__set__(self, new)
        for one in reversed(entered):
            if one not in shared:
                _call(self, f"enter_{one}")

    def go_back(self: Any, old: str) -> None:
        state.__set__(self, old)

    _set(cls, state=property(state.__get__, move), _return_to=go_back, _reenter=reenter)
    _take_snapshots(cls, generated)


def _leave(self: Any, old: str, left: list[str]) -> None:
    """Calls the exits, the variables as they were: the generated step has set them already.

    Of a chain of steps only the first one's are known; later exits see what the step has set.
    """
    kept = self._saved
    if kept is None or kept[0] != old or self._finishing:
        kept = (old, 0.0, None, [], [])
    before = list(zip(self._variables, kept[3], kept[4], strict=False))
    after = [getattr(self, name) for name, _, _ in before]
    grown = [value[length:] if type(value) is list else [] for _, value, length in before]
    try:
        for name, value, length in before:
            if type(value) is list:
                del value[length:]
            setattr(self, name, value)
        for one in left:
            _call(self, f"exit_{one}")
    finally:
        for (name, value, _), now, more in zip(before, after, grown, strict=True):
            if more:
                value += more
            setattr(self, name, now)


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
    slots: tuple[str, ...] = tuple(generated.__slots__)
    _set(cls, _variables=slots, _values=staticmethod(attributes(slots)))


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
