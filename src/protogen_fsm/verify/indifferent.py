"""Variables that only say which of several rows is taken that do the same.

Such rows, one behind the other on one event, differ in values that are not followed at most. Where
it does not hang on a variable whether any of them is taken, it need not be decided what it is.
"""

from __future__ import annotations

from dataclasses import fields
from itertools import product
from typing import TYPE_CHECKING, Any, get_args

from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model.types import is_int
from protogen_fsm.verify.live import Reads

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_ATOMS = 10  # in the guards of rows that do the same


def indifferent(machine: mc.Machine, asked: set[mc.Variable], reads: Reads) -> set[mc.Variable]:
    """Those of the variables, which guards alone ask for, that make no difference there."""
    found = {v for v in asked if not is_int(v.type)}  # to add to a number is to read it
    for state in machine.every_state():
        rows: dict[tuple[object, ...], list[mc.Transition]] = {}
        for row in state.transitions:
            rows.setdefault((row.match.event, row.match.value), []).append(row)
        for some in rows.values():
            if found & _read(some):
                for group in _groups(some, reads):
                    found -= {v for v in found & _read(group) if not _is_free(group, v)}
    return found


def _groups(rows: list[mc.Transition], reads: Reads) -> list[list[mc.Transition]]:
    """Rows on one event, those together that do the same and are tried one behind the other."""
    groups = [[rows[0]]]
    for row in rows[1:]:
        if _do_the_same(groups[-1][-1], row, reads):
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _do_the_same(one: mc.Transition, other: mc.Transition, reads: Reads) -> bool:
    return one.names == other.names and _alike(
        [(b.outcome, b.target, b.actions) for b in one.branches],
        [(b.outcome, b.target, b.actions) for b in other.branches],
        reads,
    )


def _alike(one: Any, other: Any, reads: Reads) -> bool:
    """Whether two parts of a row say the same, but for values that are not followed."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(
            _alike(a, b, reads) for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, mc.Send | mc.Emit | mc.Raise):
        what, also = (a.event if isinstance(a, mc.Raise) else a.output for a in (one, other))
        return what is also and all(
            _alike(a, b, reads) or not any(reads.matters(e, what, at) for e in (a, b))
            for at, (a, b) in enumerate(zip(one.args, other.args, strict=True))
        )
    if isinstance(one, _SAID):
        names = [part.name for part in fields(one) if part.name != "span"]
        return all(_alike(getattr(one, name), getattr(other, name), reads) for name in names)
    return bool(one is other or (isinstance(one, str | bytes | int | float) and one == other))


_SAID = (*get_args(ex.Expr), *get_args(mc.Action), *get_args(mc.Target), mc.StateParam)


def _is_free(group: list[mc.Transition], variable: mc.Variable) -> bool:
    """Whether one of the rows is taken, or none, whatever the variable is."""
    if len(group) == 1:
        return False
    atoms: list[ex.Expr] = []
    guards = [_over(row.guard, atoms) for row in group if row.guard is not None]
    if len(guards) < len(group):
        return True
    if len(atoms) > MOST_ATOMS:
        return False
    kept = [at for at, atom in enumerate(atoms) if variable not in _variables(atom)]
    taken: dict[tuple[bool, ...], bool] = {}
    for values in product((False, True), repeat=len(atoms)):
        holds = any(guard(values) for guard in guards)
        if taken.setdefault(tuple(values[at] for at in kept), holds) is not holds:
            return False
    return True


def _over(guard: ex.Expr, atoms: list[ex.Expr]) -> Callable[[tuple[bool, ...]], bool]:
    """A guard as a function of its parts that are neither `and`, `or` nor `not`, each one once."""
    if isinstance(guard, ex.Op) and guard.op in ("and", "or", "not"):
        parts = [_over(operand, atoms) for operand in guard.operands]
        if guard.op == "not":
            return lambda values: not parts[0](values)
        every = all if guard.op == "and" else any
        return lambda values: every(part(values) for part in parts)
    at = next((at for at, atom in enumerate(atoms) if _alike(guard, atom, _EXACT)), len(atoms))
    if at == len(atoms):
        atoms.append(guard)
    return lambda values: values[at]


_EXACT = Reads(lambda _: True)


def _read(rows: list[mc.Transition]) -> set[mc.Variable]:
    return {v for row in rows if row.guard is not None for v in _variables(row.guard)}


def _variables(e: ex.Expr) -> set[mc.Variable]:
    return {one.variable for one in ex.walk(e) if isinstance(one, ex.Var)}
