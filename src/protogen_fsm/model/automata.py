"""The machines of a system, closed: numbered local states, and what each may do, as tables.

Nothing is left to evaluate: values are part of the states, choices are steps beside each other.
What they do together is not worked out: that is for an engine, ours or another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from protogen_fsm.source import Span


@dataclass(frozen=True, slots=True)
class Item:
    """Something that may be on a wire.

    `ends`: it is the end of a stream, which needs no room. `breaks`: nothing is put behind it, and
    it may be taken before all that it is behind, which is gone then.
    """

    text: str
    ends: bool = False
    breaks: bool = False


@dataclass(frozen=True, slots=True)
class Wire:
    """One direction of a link, first in, first out unless it may reorder.

    `capacity`: how much it holds, the end of a stream not counted; None where the spec leaves that
    open. `items`: all that may be on it, by number. `drops`: whether what is on it when
    all is over is nothing to speak of. `is_for_one`: something is put on it only when there
    is nothing on it.
    """

    sender: int
    receiver: int
    capacity: int | None
    faults: frozenset[str]
    items: tuple[int, ...]
    drops: bool
    is_for_one: bool

    @property
    def is_bag(self) -> bool:
        """Whether the order is the network's."""
        return "reordering" in self.faults

    @property
    def is_set(self) -> bool:
        """Whether a second item that is the same makes no difference."""
        return self.is_bag and "duplicating" in self.faults


@dataclass(frozen=True, slots=True)
class Step:
    """What may happen to a peer, in one go.

    `takes`: the wire and the item that must be next on it; `consumes`: whether it is gone then.
    `puts`: what is put on which wires, in order. `target`: the state behind it. `refused`: why
    nothing can come of it; such a step changes nothing. `cause`: what happens, in words.
    `hurry`: what goes by when the peer does nothing else for ever, "" if it may wait for ever.
    `is_fate`: nobody counts on it, and some time it happens no more. `is_idle`: the peer does
    nothing by it.
    """

    target: int
    cause: str
    takes: tuple[int, int] | None = None
    consumes: bool = True
    puts: tuple[tuple[int, int], ...] = ()
    refused: str = ""
    hurry: str = ""
    is_fate: bool = False
    is_idle: bool = False


@dataclass(frozen=True, slots=True)
class Local:
    """A state of a peer with all that is in it: `name` of the state, `detail` of the values."""

    name: str
    detail: str
    steps: tuple[Step, ...]
    over: bool = False


@dataclass(frozen=True, slots=True)
class Automaton:
    """A peer. `first`: the states that it may begin in; `can_end`: whether it has an end."""

    name: str
    machine: str
    locals: tuple[Local, ...]
    first: frozenset[int]
    can_end: bool


@dataclass(frozen=True, slots=True)
class In:
    """That a peer is in one of some states."""

    peer: int
    states: frozenset[int]


@dataclass(frozen=True, slots=True)
class Every:
    """That all of these hold; always, if there are none."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """That one of these holds; never, if there are none."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """That this does not hold."""

    part: Formula


Formula: TypeAlias = In | Every | Some | Other


@dataclass(frozen=True, slots=True)
class Asked:
    """A property: `left` shall never hold, may come to hold, or leads to `right`.

    `text` as the spec says it, `doc` its words for it.
    """

    kind: Literal["never", "reachable", "leads to"]
    left: Formula
    right: Formula | None
    text: str
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where all begin: a state of each peer, and what is on each wire."""

    states: tuple[int, ...]
    wires: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Automata:
    """A system. `unbounded`: how much is looked at on a wire whose capacity is not said.

    `anything`: what was taken to be anything, `bounds`: how far values were followed.
    """

    name: str
    doc: str
    path: str
    peers: tuple[Automaton, ...]
    wires: tuple[Wire, ...]
    items: tuple[Item, ...]
    beginnings: tuple[Beginning, ...]
    asked: tuple[Asked, ...]
    unbounded: int
    anything: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ()


def at_rest(automata: Automata) -> Formula:
    """Each peer has come to its end or not begun; or has no end, and another is at its own."""
    over = [
        In(at, frozenset(n for n, one in enumerate(peer.locals) if one.over))
        for at, peer in enumerate(automata.peers)
    ]
    each: list[Formula] = []
    for peer, ended in zip(automata.peers, over, strict=True):
        ways = [In(ended.peer, ended.states | peer.first)]
        each.append(Some((*ways, *([] if peer.can_end else over))))
    return Every(tuple(each))
