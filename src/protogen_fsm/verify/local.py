"""What a machine may be in, what comes to it, and what it tells: values that can be told apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from protogen_fsm.model import moves as mv
from protogen_fsm.verify.values import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.model import machine as mc
    from protogen_fsm.verify.relevance import Item

MAIN = ""


class Unfollowed(Exception):
    """Something that is not followed: of the whole system there is no verdict."""


class Widened(Exception):
    """A number that takes too many values: from now on it may be anything."""

    def __init__(self, item: Item, words: str) -> None:
        self.item, self.words = item, words
        super().__init__(words)


class Event(NamedTuple):
    """An event that comes to a machine; `event` None for the time-out of `track`."""

    event: mc.Event | None
    args: tuple[Any, ...] = ()
    track: str = MAIN


class Effect(NamedTuple):
    """What a step tells: `send`, `emit`, `close` or `starttls`; `plus` for one or more of them.

    Of a machine that holds instances also `begin`, `hand` and `kept`, of an instance `leave` and
    `kept`; see instances.py.
    """

    kind: str
    output: mc.Output | None
    args: tuple[Any, ...] = ()
    plus: bool = False


class Suspended(NamedTuple):
    """What waits for a `pop`."""

    where: tuple[tuple[str, mc.State], ...]
    params: tuple[tuple[Item, Any], ...]
    waits: frozenset[str]
    then: mc.Goto | None
    values: tuple[tuple[Item, Any], ...]


class Held(NamedTuple):
    """One instance: of which `many`, its key, its machine's parameters, and what it is in."""

    many: str
    key: Any
    own: tuple[Any, ...]
    local: Local

    @property
    def name(self) -> str:
        """As charts call it: `flights 1`."""
        return f"{self.many} {shown(self.key)}"


class Local(NamedTuple):
    """What a machine is in.

    `where`: the innermost state of each track. `waits`: the tracks whose time-out runs; `timers`:
    the named ones. `deferred`: what is kept for later. `held`: its instances.
    """

    where: tuple[tuple[str, mc.State], ...]
    waits: frozenset[str] = frozenset()
    timers: frozenset[str] = frozenset()
    vars: tuple[Any, ...] = ()
    params: tuple[tuple[Item, Any], ...] = ()
    stack: tuple[Suspended, ...] = ()
    last: tuple[tuple[mc.State, mc.State], ...] = ()
    deferred: tuple[Event, ...] = ()
    held: tuple[Held, ...] = ()

    @property
    def leaf(self) -> mc.State:
        """The innermost state that lies in no region."""
        return self.where[0][1]

    def here(self) -> str:
        """Where the machine itself is, as charts show it."""
        inner = [state.name for track, state in self.where if track != MAIN]
        return self.leaf.name + (f"({', '.join(inner)})" if inner else "")

    def names(self) -> str:
        """Where it is, and where each of its instances is."""
        return ", ".join([self.here(), *(f"{one.name} {one.local.here()}" for one in self.held)])

    def active(self) -> Iterator[mc.State]:
        """Each state that the machine is in."""
        for _, leaf in self.where:
            yield from mv.within(leaf)


class Choice(NamedTuple):
    """How something was decided that the spec leaves open.

    `kind`: `outcome`, `predicate`, `failure`, or `value` for what hangs on values not followed.
    """

    kind: str
    text: str


class Result(NamedTuple):
    """What an event came to: where the machine is then, what it told, by which rows.

    `refused`: no row takes it, or the step fails, and why.
    """

    local: Local
    effects: tuple[Effect, ...] = ()
    rows: tuple[object, ...] = ()
    choices: tuple[Choice, ...] = ()
    refused: str = ""
    branches: tuple[mc.Branch, ...] = ()

    @property
    def is_pure(self) -> bool:
        """Whether it hangs on no value that is not followed."""
        return all(choice.kind != "value" for choice in self.choices)


class Oracle:
    """The choices of one way through a step: those that are given, then the first of each."""

    def __init__(self, given: list[int]) -> None:
        self.given = given
        self.made: list[tuple[int, int]] = []
        self.told: list[Choice] = []

    def of(self, kind: str, options: list[tuple[str, Any]]) -> Any:
        """One of several values, each with the words for it."""
        if len(options) == 1:
            return options[0][1]
        at = len(self.made)
        which = self.given[at] if at < len(self.given) else 0
        self.made.append((which, len(options)))
        text, value = options[which]
        self.told.append(Choice(kind, text))
        return value

    def way(self, options: list[Result]) -> Result:
        """One of several ways in which a part of the step may go, with what it chooses itself."""
        at = len(self.made)
        which = self.given[at] if at < len(self.given) else 0
        self.made.append((which, len(options)))
        self.told += options[which].choices
        return options[which]

    def following(self) -> list[int] | None:
        """The choices of the next way; None if all have been gone."""
        made = list(self.made)
        while made and made[-1][0] + 1 >= made[-1][1]:
            made.pop()
        return [w for w, _ in made[:-1]] + [made[-1][0] + 1] if made else None


@dataclass(slots=True)
class Memory:
    """A Local while a step changes it."""

    where: dict[str, mc.State]
    waits: set[str]
    timers: set[str]
    vars: list[Any]
    params: dict[Item, Any]
    stack: list[Suspended]
    last: dict[mc.State, mc.State]
    deferred: list[Event]
    held: list[Held] = field(default_factory=list)
    visits: dict[str, int] = field(default_factory=dict)
    entries: int = 0
    moved: bool = False
    raised: list[Event] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    rows: list[object] = field(default_factory=list)
    branches: list[mc.Branch] = field(default_factory=list)
    refused: str = ""
