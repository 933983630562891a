"""What a class pays for that has `enter_<state>` or `exit_<state>`; no other class does."""

from __future__ import annotations

from .values import attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .machine import Machine


def install(cls: type[Machine], generated: type[Machine]) -> None:
    """Makes the class call its hooks whenever its state, or where one of its regions is, changes.

    The exits see the machine as it was before the transition's actions, the entries as it is after
    them (docs/language.md, section 5). A hook that raises undoes the step. What is pushed is
    entered, what is popped left; what waits beneath is neither.
    """
    state = _descriptor(cls, "state")
    if isinstance(state, property):
        return
    places = {region: _descriptor(cls, region) for region in cls._regions} | {"state": state}
    around = {leaf: set(path) for leaf, path in cls._paths.items()}

    def move(self: Any, new: str) -> None:
        try:
            old = state.__get__(self)
        except AttributeError:
            state.__set__(self, new)
            return
        kept = set(cls._paths[old][1:])
        change(self, "state", new, kept if old == new else kept & around[new])

    def move_region(region: str) -> Any:
        slot = cls._regions.index(region)

        def move(self: Any, new: str) -> None:
            try:
                old = places[region].__get__(self)
            except AttributeError:
                places[region].__set__(self, new)
                return
            saved = self._saved
            if saved is None or (saved[0] == self.state and saved[3][slots[slot]] == ""):
                places[region].__set__(self, new)  # the machine is being made
                return
            kept = set(cls._paths.get(old, ())[1:])
            if old != new:
                kept &= around.get(new, set())
            change(self, region, new, kept | around[self.state])

        return move

    def reenter(self: Any, outer: str, new: str, place: str = "state") -> None:
        path = cls._paths[new]
        change(self, place, new, set(path[path.index(outer) + 1 :]))

    def change(self: Any, place: str, new: str, shared: set[str]) -> None:
        old = places[place].__get__(self)
        leave(self, old, shared)
        places[place].__set__(self, new)
        enter(self, new, shared)

    def leave(self: Any, old: str, shared: set[str]) -> None:
        path = cls._paths.get(old, ())
        left = [one for one in path if one not in shared and hasattr(cls, f"exit_{one}")]
        if left:
            _leave(self, old, left)

    def enter(self: Any, new: str, shared: set[str]) -> None:
        for one in reversed(cls._paths.get(new, ())):
            if one not in shared:
                _call(self, f"enter_{one}")

    def go_back(self: Any, old: str, place: str = "state") -> None:
        places[place].__set__(self, old)

    def push(self: Any, to: str, slots: Any = (), kept: Any = (), *then: Any) -> None:
        push_quietly(self, to, slots, kept, *then)
        enter(self, to, set(kept))

    def pop(self: Any) -> None:
        if self._stack is not None:
            leave(self, self.state, set(self._stack[7]))
        pop_quietly(self)

    _set(cls, state=property(state.__get__, move), _return_to=go_back, _reenter=reenter)
    for region in cls._regions:
        _set(cls, **{region: property(places[region].__get__, move_region(region))})
    if hasattr(cls, "_push"):
        push_quietly, pop_quietly = _descriptor(cls, "_push"), _descriptor(cls, "_pop")
        _set(cls, _push=push, _pop=pop)
    _take_snapshots(cls, generated)
    slots = [cls._variables.index(region) for region in cls._regions]


def _leave(self: Any, old: str, left: list[str]) -> None:
    """Calls the exits, the variables as they were: the generated step has set them already.

    Of a chain of steps only the first one's are known; later exits, and those of regions, see what
    the step has set.
    """
    kept = self._saved
    if kept is None or kept[0] != old or self._finishing:
        kept = (old, 0.0, None, [], [])
    saved = zip(self._variables, kept[3], strict=False)
    before = [one for one in saved if one[0] not in self._regions]
    after = [getattr(self, name) for name, _ in before]
    grown = [(one, one[length:]) for one, length in kept[4]]
    try:
        for one, length in kept[4]:
            del one[length:]
        for name, value in before:
            setattr(self, name, value)
        for state in left:
            _call(self, f"exit_{state}")
    finally:
        for value, more in grown:
            value += more
        for (name, _), now in zip(before, after, strict=True):
            setattr(self, name, now)


def _take_snapshots(cls: type[Machine], generated: type[Machine]) -> None:
    """A plain step changes nothing that can fail; with hooks it can, and is put back."""
    busy, fail = _descriptor(cls, "_busy"), _descriptor(cls, "_failed")

    def begin(self: Any, value: bool) -> None:
        busy.__set__(self, value)
        if value:
            self._save()
        elif not self._finishing:  # else a chain of steps is refused, and to be undone
            self._saved = None

    def failed(self: Any, error: Exception) -> None:
        if self._saved is not None:
            self._undo()
        fail(self, error)

    _set(cls, _busy=property(busy.__get__, begin), _failed=failed)
    own: tuple[str, ...] = tuple(generated.__slots__)
    slots = tuple(name for name in own if name != "_finishing")
    values = staticmethod(attributes(slots))
    _set(cls, _variables=slots, _values=values, _lists=slots, _grown=values)


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
