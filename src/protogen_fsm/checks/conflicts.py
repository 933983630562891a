"""Rows of one state for one event: which may fire, and which never can."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from protogen_fsm.checks.guards import Guards
from protogen_fsm.checks.moves import is_own, key, passes_on
from protogen_fsm.checks.tell import listed, tell
from protogen_fsm.model.expressions import Value
from protogen_fsm.model.words import duration, expression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.checks.guards import Case
    from protogen_fsm.checks.moves import Key, Moves
    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.machine import Event, State, Transition

_COMPARED = 20  # rows before a row that it is compared with: past these, only the guardless count


def rows_that_compete(moves: Moves) -> Iterator[Diagnostic]:
    """Among the rows of one state for one event the first whose guard holds is taken.

    So a row whose every case an earlier one takes never fires, and two guards on the same value
    that overlap, neither within the other, hang on their order (docs/language.md, section 5).
    """
    for state in moves.states:
        groups: dict[Key, list[Transition]] = {}
        for row in state.transitions:
            if is_own(state, row):
                groups.setdefault(key(row), []).append(row)
        for group in groups.values():
            if len(group) > 1 or group[0].guard is not None:
                yield from _compete(state, group)


def _compete(state: State, group: list[Transition]) -> Iterator[Diagnostic]:
    guards = Guards()
    before: list[tuple[Transition, list[Case]]] = []
    for row in group:
        cases = guards.cases(row)
        if cases == [] and row.guard is not None:
            yield tell(
                "PG206",
                f"the guard of this `{row.match.text}` can never hold",
                row.guard.span,
                f"`{expression(row.guard)}` is never true here",
                help="mend the guard, or take the row out",
            )
            continue
        found = None if cases is None else _against(guards, state, row, cases, before)
        if found is not None:
            yield found
        elif cases is not None:
            before.append((row, cases))
        if len(before) > _COMPARED:
            before = [one for one in before if one[0].guard is None][:_COMPARED]


def _against(
    guards: Guards,
    state: State,
    row: Transition,
    cases: list[Case],
    before: list[tuple[Transition, list[Case]]],
) -> Diagnostic | None:
    """What is wrong with a row, given those before it."""
    name = row.match.text
    for earlier, taken in before:
        whole = guards.remaining(cases, [taken]) == []
        if whole and (earlier.guard is None) == (row.guard is None):
            if guards.remaining(taken, [cases]) != []:
                continue
            return tell(
                "PG204",
                f"two transitions of `{state.name}` both take `{name}`",
                row.match.span,
                "the second never fires",
                labels=[(earlier.match.span, "the first always goes before it")],
                notes=[] if row.guard is None else ["their guards say the same"],
                help="give one of them a guard (`when …`)"
                if row.guard is None
                else "change one of the guards, or take one of the rows out",
            )
        if whole and earlier.guard is None:
            return tell(
                "PG205",
                f"`{name}` is taken by an earlier row, so this one never fires",
                row.match.span,
                "never reached",
                labels=[(earlier.match.span, f"has no guard, so it takes every `{name}`")],
                help="put the row with the guard first",
            )
    if before and guards.remaining(cases, [taken for _, taken in before]) == []:
        return tell(
            "PG205",
            f"`{name}` is taken by earlier rows, so this one never fires",
            row.match.span,
            "never reached",
            labels=[(r.guard.span, "goes before it") for r, _ in before if r.guard is not None],
            notes=[f"between them, the earlier guards hold whenever this `{name}` could fire"],
            help="put the narrower guard first, or take this row out",
        )
    for earlier, taken in before:
        if _overlap(guards, cases, taken):
            assert row.guard is not None
            assert earlier.guard is not None
            return tell(
                "PG204",
                f"two transitions of `{state.name}` can both take `{name}`",
                row.guard.span,
                "and so can this",
                labels=[(earlier.guard.span, "this can hold")],
                notes=["for some values both guards hold, and neither is a case of the other"],
                help="let the guards exclude each other, or leave the last row without one",
            )
    return None


def _overlap(guards: Guards, cases: list[Case], taken: list[Case]) -> bool:
    """Whether both are about one value, and share a part of it that is the whole of neither."""
    subjects = {frozenset(case) for case in cases + taken}
    if len(subjects) != 1 or len(next(iter(subjects))) != 1:
        return False
    left = guards.remaining(cases, [taken])
    other = guards.remaining(taken, [cases])
    if not left or not other:
        return False
    return guards.remaining(cases, [left]) != []


def rows_never_reached(moves: Moves) -> Iterator[Diagnostic]:
    """A row never fires whose state is left by `entry ->` first, or does not receive the event.

    Nor does the row of a composite state that every state inside forestalls. A row of the machine
    holds in several states: it is told if it fires in none.
    """
    leaves_of: dict[State, list[State]] = {}
    for leaf in moves.leaves:
        for state in leaf.around():
            leaves_of.setdefault(state, []).append(leaf)
    places = Counter(_place(row) for state in moves.states for row in state.transitions)
    for state in moves.states:
        for row, diagnostic in _dead(moves, state, leaves_of[state]):
            places[_place(row)] -= 1
            if not places[_place(row)]:
                yield diagnostic


def _place(row: Transition) -> tuple[int, int]:
    return row.match.span.start, row.match.span.end


def _dead(
    moves: Moves, state: State, leaves: list[State]
) -> Iterator[tuple[Transition, Diagnostic]]:
    """The rows of a state that never fire, each at most once."""
    machine = moves.machine
    if all(passes_on(leaf) for leaf in leaves):
        for row in state.transitions:
            yield (
                row,
                tell(
                    "PG206",
                    f"`{row.match.text}` can never arrive in `{state.name}`",
                    row.match.span,
                    "never reached",
                    labels=[(state.entry_span, "goes on at once")] if state.entry_span else (),
                    help=f"take the row out, or let `{state.name}` wait",
                ),
            )
        return
    received = _received(state, leaves)
    forestalled = _forestalled(state, leaves) if state.is_composite else set()
    for row in state.transitions:
        event = row.match.event
        if key(row) in forestalled:
            yield (
                row,
                tell(
                    "PG206",
                    f"this `{row.match.text}` never fires",
                    row.match.span,
                    "each state inside has its own",
                    notes=[f"the inner state goes first: {listed(leaf.name for leaf in leaves)}"],
                    help="take the row out here, or in the states inside",
                ),
            )
        elif event is not None and event.origin == "below" and received.isdisjoint((None, event)):
            yield (
                row,
                tell(
                    "PG206",
                    f"`{state.name}` does not receive `{event.name}`",
                    row.match.span,
                    "never arrives here",
                    notes=[f"its `receives` replaces the list of `{machine.name}`"],
                    help=f"add `{event.name}` to its `receives`",
                ),
            )


def _received(state: State, leaves: list[State]) -> set[Event | None]:
    """All that the innermost states receive by lists of their own; None if one has no own list."""
    own = {s: s.receives for leaf in leaves for s in leaf.around() if s.receives is not None}
    if not own:
        return {None}
    found: set[Event | None] = set()
    for leaf in leaves:
        mine = next((own[s] for s in leaf.around() if s in own), None)
        found.update((None,) if mine is None else mine)
    return found


def _forestalled(state: State, leaves: list[State]) -> set[Key]:
    """What each innermost state inside has a row of its own for, without a guard."""
    found = {key(row) for row in state.transitions}
    for leaf in leaves:
        if not found:
            break
        closed: set[Key] = set()
        for inner in leaf.around():
            if inner is state:
                break
            closed.update(key(row) for row in inner.transitions if row.guard is None)
            closed.update((m.event, m.value) for m in inner.ignored + inner.deferred)
        found &= closed
    return found


def two_time_outs(moves: Moves) -> Iterator[Diagnostic]:
    """All time-outs of a state start on entry: a later one comes only if the sooner ones stay."""
    for state in moves.states:
        known = [
            (float(row.duration.value), row)
            for row in state.timeouts
            if isinstance(row.duration, Value) and isinstance(row.duration.value, int | float)
        ]
        known.sort(key=lambda one: one[0])
        for (sooner, first), (later, second) in pairwise(known):
            if sooner == later:
                yield tell(
                    "PG204",
                    f"`{state.name}` has two time-outs of {duration(later)}",
                    second.match.span,
                    "the second",
                    labels=[(first.match.span, "the first")],
                    help="make them one, or change one of the durations",
                )
            elif first.branches[0].target is not None:
                yield tell(
                    "PG206",
                    f"`after {duration(later)}` never comes in `{state.name}`",
                    second.match.span,
                    "never reached",
                    labels=[(first.match.span, "leaves the state before")],
                    help="take it out, or let the sooner one stay in the state",
                )


def taken_twice(moves: Moves) -> Iterator[Diagnostic]:
    """An event is taken, ignored or deferred; `ignore` beside guarded rows is what else it gets."""
    for state in moves.states:
        if not state.ignored and not state.deferred:
            continue
        rows = {
            key(row): row for row in state.transitions if row.guard is None and is_own(state, row)
        }
        ignored = {(m.event, m.value): m for m in state.ignored}
        for verb, matches in (("ignore", state.ignored), ("defer", state.deferred)):
            for match in matches:
                row = rows.get((match.event, match.value))
                other = ignored.get((match.event, match.value)) if verb == "defer" else None
                if (row is None and other is None) or not is_own(state, match):
                    continue
                first = row.match.span if row is not None else other.span if other else match.span
                yield tell(
                    "PG217",
                    f"`{state.name}` says two things of `{match.text}`",
                    match.span,
                    "ignored here" if verb == "ignore" else "deferred here",
                    labels=[(first, "taken here" if row is not None else "ignored here")],
                    help="leave one of them",
                )


def final_states_that_go_on(moves: Moves) -> Iterator[Diagnostic]:
    """In a final state the protocol is over (docs/language.md, section 4)."""
    for state in moves.states:
        if not state.final:
            continue
        places = [row.match.span for row in state.transitions + state.timeouts]
        if state.entry_target is not None:
            places.append(state.entry_span or state.entry_target.span)
        places += [inner.name_span for inner in state.states]
        places += [region.span for region in state.regions]
        if places:
            yield tell(
                "PG218",
                f"`{state.name}` is final and goes on",
                min(places, key=lambda span: span.start),
                "no event comes any more",
                labels=[(state.name_span, "final")],
                help="take `final` away, or what the state holds",
            )
