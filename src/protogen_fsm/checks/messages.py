"""Messages: what is printed reads back, each can arrive, and nothing read is without a bound."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from protogen_fsm.checks import parts
from protogen_fsm.checks.patterns import fixed_start, is_open, matches_all
from protogen_fsm.checks.tell import tell
from protogen_fsm.model.expressions import Local, Value, Var, walk
from protogen_fsm.model.machine import Goto, Push
from protogen_fsm.model.messages import Group, Repeat, Skipped, Slot, Text
from protogen_fsm.model.types import INT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from protogen_fsm.checks.moves import Moves
    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.machine import Event
    from protogen_fsm.model.messages import Message, Part
    from protogen_fsm.model.spec import Spec

_MOST_COMPARED = 2000  # pairs of messages of one face


def prints_that_do_not_parse_back(spec: Spec) -> Iterator[Diagnostic]:
    """Two fields with nothing between them, where nothing says how long the first one is."""
    for message in spec.messages.values():
        if not isinstance(message.pattern, Text):
            continue
        told: set[str] = set()
        for left, right in _neighbours(message.pattern.parts):
            if is_open(left) and is_open(right) and left.param.name not in told:
                told.add(left.param.name)
                yield tell(
                    "PG301",
                    f"`{message.name}` does not read back as it was printed",
                    right.span,
                    f"where `{right.param.name}` begins cannot be told",
                    labels=[(left.span, f"where `{left.param.name}` ends")],
                    help="write a literal between the two fields, one that neither can hold",
                )


def _neighbours(parts: tuple[Part, ...]) -> Iterator[tuple[Slot, Slot]]:
    """The fields that can stand side by side, groups left out or taken in."""
    found: list[tuple[Slot, Slot]] = []
    _walk(parts, [], found)
    return iter(found)


def _walk(
    parts: tuple[Part, ...], before: list[Slot], found: list[tuple[Slot, Slot]]
) -> list[Slot]:
    """The fields that can be the last before what follows `parts`."""
    for part in parts:
        if isinstance(part, Repeat):
            last = _walk(part.parts, before, found)
            _walk(part.parts, last, found)
            before = list(dict.fromkeys(before + last))
        elif isinstance(part, Group):
            before = list(dict.fromkeys(before + _walk(part.parts, before, found)))
        elif isinstance(part, Slot):
            found += [(slot, part) for slot in before]
            before = [part]
        else:
            before = [] if isinstance(part, Skipped) or part.text else before
    return before


def shadowed_messages(moves: Moves) -> Iterator[Diagnostic]:
    """Of the messages of one face the first whose pattern matches is taken.

    A message never arrives if in each list that holds it an earlier one matches all that it could.
    """
    faces = list({s.receives: None for s in moves.states if s.receives is not None})
    if any(all(s.receives is None for s in leaf.around()) for leaf in moves.leaves):
        faces.insert(0, moves.machine.receives)
    lists = Counter(event.message for face in faces for event in face)
    found: dict[Message, tuple[Event, Event]] = {}
    for face in faces:
        for event, earlier in _shadowed(face):
            lists[event.message] -= 1
            assert event.message is not None
            found.setdefault(event.message, (event, earlier))
    for message, (event, earlier) in found.items():
        if not lists[message]:
            yield tell(
                "PG303",
                f"`{event.name}` can never arrive: `{earlier.name}` matches all that it matches",
                event.span,
                "never matched",
                labels=[(earlier.span, "tried before it")],
                help=f"put `{event.name}` before `{earlier.name}`, "
                "or let the patterns differ from their start",
            )


def _shadowed(face: Iterable[Event]) -> Iterator[tuple[Event, Event]]:
    """The events that never arrive, each with the one that is taken instead."""
    by_start: dict[str, list[Event]] = {}
    compared = 0
    for event in face:
        if event.message is None or event.message.pattern is None or compared > _MOST_COMPARED:
            continue
        pattern = event.message.pattern
        start = fixed_start(pattern)
        earlier = (
            other for end in range(len(start) + 1) for other in by_start.get(start[:end], ())
        )
        for other in earlier:
            compared += 1
            assert other.message is not None
            assert other.message.pattern is not None
            if other.message is not event.message and matches_all(other.message.pattern, pattern):
                yield event, other
                break
        else:
            by_start.setdefault(start, []).append(event)


def reads_without_bound(moves: Moves) -> Iterator[Diagnostic]:
    """What is read next has a bound that the peer does not choose.

    RFC 5321, section 4.5.3.1, has one for everything that is read. `line`, `until` and `varint`
    have a cap by default; `bytes(n)` has it where `n` is constant or of a range, `rest` by `max`.
    """
    for state in moves.states:
        reads = state.reads
        if reads is None:
            continue
        if reads.kind == "rest" and "max" not in reads.args:
            yield tell(
                "PG302",
                f"what `{state.name}` reads has no bound",
                reads.span,
                "as much as the peer sends",
                help="write `reads chunk`, and take what comes piece by piece",
            )
        count = reads.args.get("count")
        if count is None or isinstance(count, Value) or "pieces" in reads.args:
            continue
        loose = [e for e in walk(count) if isinstance(e, Local | Var) and e.type == INT]
        if loose and _is_compared(moves, loose[0]):
            continue
        if loose:
            name = loose[0].span.text
            yield tell(
                "PG302",
                f"what `{state.name}` reads has no bound",
                reads.span,
                f"as many bytes as `{name}` says",
                help=f"give `{name}` a range where it is declared: `{name}: 0..64KiB`",
            )


def _is_compared(moves: Moves, count: Local | Var) -> bool:
    """Whether some guard compares the value, or what a state's parameter is made of."""
    made_of = {_name(count)}
    for state in moves.states:
        for target in parts.state_targets(state):
            if isinstance(count, Local) and isinstance(target, Goto | Push):
                for param, given in zip(target.state.params, target.args, strict=False):
                    if target.state is count.state and param.name == count.name:
                        made_of |= {_name(e) for e in walk(given) if isinstance(e, Local | Var)}
    return any(
        made_of.intersection(_name(e) for e in walk(row.guard) if isinstance(e, Local | Var))
        for state in moves.states
        for row in state.transitions
        if row.guard is not None
    )


def _name(e: Local | Var) -> str:
    return e.name if isinstance(e, Local) else e.variable.name
