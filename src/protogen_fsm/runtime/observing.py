"""Looking at machines at work: a trace of one connection, a log, counters. docs/observing.md.

Nothing of it costs a machine anything that nobody looks at (twins.py).
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from itertools import count

from .faces import watch
from .instances import Clock
from .twins import class_of, look_at_instance, observers
from .wire import Face

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeAlias, TypeVar

    from .machine import Machine

    M = TypeVar("M", bound=Machine)
    Observer: TypeAlias = Callable[["Happening"], object]

_sessions = count(1)


class Happening:
    """One thing that a machine has done, or that was done to it.

    | `what` | `name` | `args` |
    | --- | --- | --- |
    | receives, accepts, sends, emits, raises, defers, refuses | the event | the event's |
    | moves | `state`, or a region's name | from where, to where |
    | times_out | `after`, or a timer's or region's name | |
    | waits, goes_on | the state and event whose handler it is | what came of it |
    | gives_up | the state | |
    | fails | the error's class | the error |

    `session` is a number for the connection, `machine` the machine, `state` where it was.
    """

    __slots__ = ("args", "machine", "name", "session", "state", "what")

    def __init__(
        self, session: int, machine: Machine, what: str, name: str, args: tuple[Any, ...]
    ) -> None:
        self.session, self.machine = session, machine
        self.what, self.name, self.args = what, name, args
        self.state: str = args[0] if what == "moves" and name == "state" else machine.state

    def __str__(self) -> str:
        said = f"{self.machine._role} in {self.state} {self.what.replace('_', ' ')}"
        if self.what == "moves":
            place = "" if self.name == "state" else f" {self.name}"
            return f"{said}{place} to {self.args[1] or 'nowhere'}"
        return f"{said}{': ' if self.what in ('times_out', 'fails') else ' '}{self.name}"

    def fields(self) -> dict[str, object]:
        """What there is to know of it, without the values of any argument or variable."""
        found: dict[str, object] = {
            "session": self.session,
            "machine": self.machine._role,
            "state": self.state,
            "what": self.what,
        }
        if isinstance(self.machine.wire, Clock):
            found["key"] = self.machine.wire.key
        if self.what != "moves":
            found["event_name"] = self.name
        else:
            if self.name != "state":
                found["region"], found["from"] = self.name, self.args[0]
            found["to"] = self.args[1]
        return found

    def arguments(self) -> dict[str, object]:
        """The arguments by their names; of a move the parameters of the state that it leads to."""
        machine: Any = self.machine
        cls = class_of(machine)
        if self.what == "moves":
            begin = f"_{self.args[1]}_"
            slots = [slot for slot in getattr(cls, "__slots__", ()) if slot.startswith(begin)]
            return {slot[len(begin) :]: getattr(machine, slot, None) for slot in slots}
        if self.what == "sends":
            cls = _kind(machine.below)
        elif self.what == "emits" and not hasattr(cls, f"emit_{self.name}"):
            cls = _kind(machine.above)
        known = (f"emit_{self.name}", f"_on_{self.name}", self.name)
        method = next((getattr(cls, one) for one in known if hasattr(cls, one)), None)
        code = getattr(method, "__code__", None)
        names = [] if code is None else list(code.co_varnames[1 : code.co_argcount])
        names += [f"argument_{at}" for at in range(len(names) + 1, len(self.args) + 1)]
        return dict(zip(names, self.args, strict=False))


def _kind(neighbour: Any) -> type[Any]:
    """The class of what stands there, past the face that shows what goes to it."""
    thing = neighbour._thing if isinstance(neighbour, Face) else neighbour
    return class_of(thing)


def observe(machine: Machine, observer: Observer) -> Callable[[], None]:
    """Tells `observer` of all that a connection's machines do; gives what ends that.

    The machines are those of the stack that `machine` stands in, and the instances that they hold
    or will hold. An observer is told at once, within the step: it looks, and calls nothing. What
    it raises is logged and changes nothing.
    """
    session = next(_sessions)

    def show(one: Machine, what: str, name: str, args: tuple[Any, ...]) -> None:
        observer(Happening(session, one, what, name, args))

    for one in _all(machine):
        _show_to(one, (*observers(one), show))

    def end() -> None:
        for one in _all(machine):
            if show in observers(one):
                _show_to(one, tuple(other for other in observers(one) if other is not show))

    return end


def observed(make: Callable[[], M], observer: Observer) -> Callable[[], M]:
    """For `serve` and `connect`: what makes machines that are observed from the first."""

    def made() -> M:
        machine = make()
        observe(machine, observer)
        return machine

    return made


def _all(machine: Machine) -> Iterator[Machine]:
    """The machines of a stack and their instances."""
    for one in machine.wire.stack():
        yield one
        yield from _instances(one)


def _instances(machine: Any) -> Iterator[Machine]:
    for many in getattr(machine, "_many", ()):
        for one in getattr(machine, many).values():
            yield one
            yield from _instances(one)


def _show_to(machine: Machine, seen: tuple[Any, ...]) -> None:
    if isinstance(machine.wire, Clock):
        look_at_instance(machine, seen)
    else:
        watch(machine, seen)


# ---------------------------------------------------------------- what is made of it

FIELDS = (
    *("session", "machine", "key", "state", "what", "event_name"),
    *("region", "from", "to", "arguments"),
)
LEVELS = {
    "refuses": logging.INFO,
    "times_out": logging.INFO,
    "gives_up": logging.INFO,
    "fails": logging.WARNING,
}


class Log:
    """An observer that writes to a logger of the standard library, `protogen.trace` by itself.

    What is refused, timed out or given up has the level INFO, a failure WARNING, the rest DEBUG. A
    record has the happening's fields as attributes of its own. Values are in none of them: with
    `arguments`, which picks those that may be seen (`Happening.arguments` for all), a record
    has a field more.
    """

    def __init__(
        self,
        logger: logging.Logger | logging.LoggerAdapter[Any] | None = None,
        arguments: Callable[[Happening], dict[str, object]] | None = None,
    ) -> None:
        self._logger = logging.getLogger("protogen.trace") if logger is None else logger
        self._arguments = arguments

    def __call__(self, happening: Happening) -> None:
        level = LEVELS.get(happening.what, logging.DEBUG)
        if self._logger.isEnabledFor(level):
            fields = happening.fields()
            if self._arguments is not None:
                fields["arguments"] = self._arguments(happening)
            self._logger.log(level, "%s", happening, extra=fields)


class Counters:
    """An observer that counts, for any number of connections and threads.

    Each of `events`, `moves`, `refusals`, `timeouts`, `waits` and `failures` is a Counter by a
    tuple of strings: the machine, the state, and the event; where it went; the timer; the
    handler; the error's class. All of them are names out of the spec, and classes of errors: no
    peer can make them more.
    """

    LABELS = {
        "events": ("machine", "state", "event"),
        "moves": ("machine", "state", "to"),
        "refusals": ("machine", "state", "event"),
        "timeouts": ("machine", "state", "timer"),
        "waits": ("machine", "state", "handler"),
        "failures": ("machine", "state", "error"),
    }

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.events: Counter[tuple[str, str, str]] = Counter()
        self.moves: Counter[tuple[str, str, str]] = Counter()
        self.refusals: Counter[tuple[str, str, str]] = Counter()
        self.timeouts: Counter[tuple[str, str, str]] = Counter()
        self.waits: Counter[tuple[str, str, str]] = Counter()
        self.failures: Counter[tuple[str, str, str]] = Counter()
        self._of = {
            "receives": self.events,
            "accepts": self.events,
            "refuses": self.refusals,
            "times_out": self.timeouts,
            "waits": self.waits,
            "fails": self.failures,
        }

    def __call__(self, happening: Happening) -> None:
        where, name = happening.state, happening.name
        if happening.what == "moves":
            counter = self.moves
            if name != "state":
                where = happening.args[0]
            name = happening.args[1]
        else:
            found = self._of.get(happening.what)
            if found is None:
                return
            counter = found
        with self._lock:
            counter[happening.machine._role, where, name] += 1

    def rows(self, family: str) -> list[tuple[dict[str, str], int]]:
        """The counts of one family, such as "events": each with its labels by name."""
        with self._lock:
            counted = list(getattr(self, family).items())
        return [(dict(zip(self.LABELS[family], key, strict=True)), n) for key, n in counted]
