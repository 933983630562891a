"""The names of a machine's own workings, which a class above it must not take for its own."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FunctionType

    from .machine import Machine


def refuse_taken(cls: type[Machine], generated: type[Machine]) -> None:
    """Raises TypeError where a class, or a method of it, would overwrite what the machine keeps.

    A leading underscore is anybody's; two of them are the class's own in Python.
    """
    taken = {"state", "wire", *_workings(generated)}
    for name, value in vars(cls).items():
        if name in taken:
            raise TypeError(f"{cls.__name__}.{name} is the machine's own: {_way_out(name)}")
        code = getattr(value, "__code__", None)
        if code is not None and not taken.isdisjoint(code.co_names):
            for set_ in _set(value):
                if set_ in taken:
                    raise TypeError(
                        f"{cls.__name__}.{name} sets self.{set_}, which is the machine's own: "
                        f"{_way_out(set_)}"
                    )


def _way_out(name: str) -> str:
    plain = name.lstrip("_")
    return f"call yours otherwise, self.__{plain} for one" if plain else "call yours otherwise"


def _workings(generated: type[Machine]) -> Iterator[str]:
    for base in generated.__mro__[:-1]:
        init = vars(base).get("__init__")
        for name in (*vars(base), *(init.__code__.co_names if init is not None else ())):
            if name.startswith("_") and not name.startswith("__"):
                yield name


def _set(function: FunctionType) -> Iterator[str]:
    """The attributes that a method gives to its first parameter."""
    import dis  # only where a name that is taken occurs

    if not function.__code__.co_argcount:
        return
    first = function.__code__.co_varnames[0]
    before: object = None
    for instruction in dis.get_instructions(function):
        if instruction.opname == "STORE_ATTR":
            last = before[-1] if isinstance(before, tuple) else before
            if last == first:
                yield instruction.argval
        before = instruction.argval
