"""A whole spec, resolved: what the checks, the pictures and the generated code are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.machine import Allowed, Machine, Output, State
    from protogen_fsm.model.messages import Message
    from protogen_fsm.model.types import Enum, Struct, Type
    from protogen_fsm.source import Span


@dataclass(slots=True, eq=False, repr=False)
class Constant:
    """`const NAME = value`."""

    name: str
    value: object
    type: Type
    doc: str
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Peer:
    """A peer of a system: `count` of the same machine.

    `fates`: `closing`, `crashing`, `restarting`, what may become of it at any time.
    """

    name: str
    count: int
    machine: Machine
    args: tuple[Expr, ...]
    environment: bool
    span: Span
    fates: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False, repr=False)
class Link:
    """A link between two peers, or from `left` to `right`; `capacity` None: as found."""

    left: Peer
    right: Peer
    capacity: int | None
    faults: frozenset[str]
    span: Span
    one_way: bool = False


@dataclass(slots=True, eq=False, repr=False)
class Property:
    """What is asked of a system, in its own words if the spec gives any."""

    kind: Literal["never", "always", "reachable", "leads to"]
    left: Expr
    right: Expr | None
    doc: str
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Happening:
    """Something that a peer does: sends, receives, accepts or emits `name`, or enters `state`.

    `index`: which of several peers, None for any. `value`: of what a field names, its number or
    class (`"250"`, `"4xx"`) or member; else "". `by`: the place of that field, -1 for none.
    """

    peer: Peer
    index: int | None
    verb: str
    name: str
    value: str
    span: Span
    state: State | None = None
    by: int = -1


@dataclass(slots=True, eq=False, repr=False)
class Pattern:
    """How what happens goes together, any of a few each time.

    `every first answered by second`, `at most N first outstanding until until`,
    `after first only second until until`, `first before second`.
    """

    kind: Literal["every", "at most", "after", "before"]
    first: tuple[Happening, ...]
    second: tuple[Happening, ...]
    until: tuple[Happening, ...]
    most: int
    doc: str
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class System:
    """Peers, the links between them, and what is asked of them; `written` in the spec or not."""

    name: str
    doc: str
    peers: dict[str, Peer]
    links: list[Link]
    properties: list[Property]
    allowed: list[Allowed]
    span: Span
    written: bool = True
    patterns: list[Pattern] = field(default_factory=list)


@dataclass(slots=True, eq=False, repr=False)
class Step:
    """A line of a scenario: `raw` as on the wire, or what the peer sends, with its values.

    `message` is None where `output` is an event of the layer below; `index` which of several peers.
    """

    peer: Peer
    raw: str | None
    message: Message | None
    args: tuple[Expr, ...]
    span: Span
    output: Output | None = None
    index: int | None = None


@dataclass(slots=True, eq=False, repr=False)
class Scenario:
    """An example that is a test.

    `given`: what parameters of these names may be, and what `random` gives, which no line says.
    """

    title: str
    system: System
    steps: list[Step]
    span: Span
    given: dict[str, tuple[Expr, ...]] = field(default_factory=dict)


@dataclass(slots=True, eq=False, repr=False)
class Spec:
    """A resolved file. `machines` are its own; `used` the files that it uses, by path.

    `path` as the user gave it; a used file holds in turn what it uses. `obvious` is the system that
    is meant where none is written.
    """

    name: str
    doc: str
    path: str
    constants: dict[str, Constant] = field(default_factory=dict)
    enums: dict[str, Enum] = field(default_factory=dict)
    structs: dict[str, Struct] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    machines: dict[str, Machine] = field(default_factory=dict)
    used: dict[str, Spec] = field(default_factory=dict)
    systems: dict[str, System] = field(default_factory=dict)
    obvious: System | None = None
    scenarios: list[Scenario] = field(default_factory=list)
    allowed: list[Allowed] = field(default_factory=list)
