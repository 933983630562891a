"""The systems of a spec, explored, and what there is to tell."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from textwrap import fill
from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Step, Verdict
from protogen_fsm.diagnostics.codes import code as registered
from protogen_fsm.model.words import trigger
from protogen_fsm.verify.chart import draw
from protogen_fsm.verify.explore import Explored, explore
from protogen_fsm.verify.findings import (
    BOUNDED,
    allowed,
    bounded,
    diagnostic,
    not_verified,
    pattern_words,
)
from protogen_fsm.verify.space import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from protogen_fsm.diagnostics import Capacities, Diagnostic
    from protogen_fsm.model.chart import Chart
    from protogen_fsm.model.machine import Machine, State
    from protogen_fsm.model.spec import Spec, System
    from protogen_fsm.source import Span
    from protogen_fsm.verify.judge import Finding
    from protogen_fsm.verify.local import Local


FREE = "proved free of deadlock"
LEFT_OUT = (
    "what the system asks for",
    "links that grow",
    "ways to the end",
    "what goes round",
    "waits for time",
)
"""What a search that leaves out orders says nothing of."""


@dataclass(slots=True)
class Report:
    """What was found out about one system.

    `told`: each flaw with its chart, if it has one; `shown`: the findings of those that have one,
    in the same order. `allowed`: those that the spec expects, by the
    name that it allows them by. `capacities`: other ones than its own, if they are asked for.
    """

    explored: Explored
    told: list[tuple[Diagnostic, Chart | None]] = field(default_factory=list)
    shown: list[Finding] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)
    capacities: Capacities | None = None

    def vacuous(self) -> list[str]:
        """The patterns of which nothing ever happens."""
        composition = self.explored.composition
        if composition is None or not self.explored.complete:
            return []
        monitors = composition.monitors
        return [f"`{pattern_words(m.pattern)}`" for m in monitors if m.speaks_of_nothing]

    def _verdict(self) -> str:
        """The verdict; no more of it than was looked at."""
        found = self.explored
        return FREE if found.reduced and found.verdict == "proved" else found.verdict

    def exchanged(self) -> list[str]:
        """The peers whose exchange makes no difference, if that is asked for."""
        composition = self.explored.composition
        symmetry = None if composition is None else composition.symmetry
        return [] if symmetry is None else symmetry.names

    def not_exchanged(self) -> list[str]:
        """The peers whose exchange would, and why, with the line of the spec."""
        composition = self.explored.composition
        if composition is None or composition.symmetry is None:
            return []
        notes = [f"{note.words} ({_at(note.span)})" for note in composition.symmetry.notes]
        return notes if notes or self.exchanged() else ["no two peers can be exchanged"]

    def verdict(self) -> Verdict:
        """The same for programs."""
        found = self.explored
        return Verdict(
            found.system.name,
            found.system.span,
            self._verdict(),
            self.words(),
            found.states,
            (*_capacities(found), *_keys(found), *bounds_of(found)),
            tuple(found.anything),
            tuple(self.allowed),
            tuple(self.exchanged()),
            tuple(self.not_exchanged()),
            self.capacities,
        )

    def words(self) -> str:
        """The verdict in one line; below it, further in, what it leaves open."""
        found = self.explored
        name = f"{found.system.name}: "
        if found.skipped:
            return f"{name}not verified, as the spec allows"
        if found.refused:
            return f"{name}not verified: {found.refused}"
        bounds = [*_capacities(found), *_keys(found), *bounds_of(found)]
        text = name + self._verdict() + (f" ({'; '.join(bounds)})" if bounds else "")
        text += f", {found.states:,} configuration{'s' if found.states != 1 else ''}"
        text += " up to symmetry" if self.exchanged() else ""
        if not found.system.written:
            text += "\n  no system is written: these two machines fit each other"
        for what, said in (
            ("not looked at", LEFT_OUT if found.reduced else ()),
            ("exchanged for each other", self.exchanged()),
            ("by --symmetry", self.not_exchanged()),
            ("allowed", self.allowed),
            ("taken as anything", found.anything),
            ("holds only because it never happens", self.vacuous()),
            ("links of capacity", [self.capacities.words] if self.capacities else ()),
        ):
            if said:
                listed = f"{what}: {', '.join(said)}"
                text += "\n" + fill(listed, 96, initial_indent="  ", subsequent_indent="    ")
        return text


def verify(
    spec: Spec, limits: Limits | None = None, progress: Callable[[str, int], None] | None = None
) -> list[Report]:
    """Explores each system of a spec, or the one that is meant where none is written."""
    reports = []
    for system in spec.systems.values() or filter(None, [spec.obvious]):
        if not system.peers or not all(peer.machine.states for peer in system.peers.values()):
            continue
        if "system_not_verified" in _expected(spec, system):
            reports.append(Report(Explored(system, skipped=True)))
            continue
        told = None if progress is None else _named(progress, system.name)
        before = [one.explored for one in reports]
        explored = next(
            (replace(one, system=system) for one in before if _alike(one, system)), None
        )
        if explored is None:
            explored = explore(system, replace(limits or Limits(), capacities=0), told)
        reports.append(_report(spec, system, explored))
        if limits is not None and limits.capacities and not explored.refused:
            from protogen_fsm.verify.sweep import sweep

            reports[-1].capacities = sweep(system, _expected(spec, system), limits, told)
        if reports[-1].explored.why == "interrupted":
            break
    return reports


def _expected(spec: Spec, system: System) -> set[str]:
    """The flaws that a spec expects of a system, by name."""
    return {one.name for one in (*system.allowed, *spec.allowed)}


def _alike(explored: Explored, system: System) -> bool:
    """Whether a system is another one again, that was explored to the end and has no flaw."""
    composition, other = explored.composition, explored.system
    if composition is None or not explored.complete or explored.findings:
        return False

    def shape(one: System) -> object:
        peers = [
            (
                peer.machine,
                peer.count,
                peer.environment,
                [
                    getattr(arg, "value", arg)
                    for param, arg in zip(peer.machine.params, peer.args, strict=False)
                    if param.name in composition.relevance.own
                ],
            )
            for peer in one.peers.values()
        ]
        names = list(one.peers)
        links = [
            (
                *(names.index(link.left.name), names.index(link.right.name)),
                *(link.capacity, link.faults, link.one_way),
            )
            for link in one.links
        ]
        return peers, links, one.properties

    return not (system.properties or system.patterns) and shape(other) == shape(system)


def _named(progress: Callable[[str, int], None], name: str) -> Callable[[int], None]:
    return lambda states: progress(name, states)


def _report(spec: Spec, system: System, explored: Explored) -> Report:
    report = Report(explored)
    names = _expected(spec, system)
    if explored.refused and system.written:
        report.told.append((not_verified(explored), None))
    composition = explored.composition
    for finding in explored.findings:
        if expected := allowed(finding, names):
            report.allowed.append(expected)
            continue
        begin = composition.begin()[0][1] if composition is not None else None
        told = diagnostic(explored, finding, finding.begin or begin)
        chart = None
        if composition is not None and finding.run:
            assert begin is not None
            chart = draw(composition, finding, finding.begin or begin, told.title)
            told = replace(told, run=_steps(chart))
        report.told.append((told, chart))
        if chart is not None:
            report.shown.append(finding)
    if explored.verdict == "bounded" and (bounds := bounds_of(explored)):
        if registered(BOUNDED).name in names:
            report.allowed.append(registered(BOUNDED).name)
        else:
            report.told.append((bounded(explored, bounds), None))
    report.allowed = list(dict.fromkeys(report.allowed))
    return report


def _steps(chart: Chart) -> tuple[Step, ...]:
    """A run in words, with the lines of the spec."""
    found = []
    for row in chart.rows:
        peer, other = chart.names[row.peer], chart.names[row.other]
        words = {
            "send": f"{peer} sends {row.text} to {other}",
            "take": f"{peer} {'cannot take' if row.bad else 'takes'} {row.text} from {other}",
            "lose": f"{row.text} from {other} to {peer} is lost",
            "state": f"{peer} is in {row.text}",
            "note": f"{peer}: {row.text}",
        }.get(row.kind, row.text)
        note = "" if row.bad and row.kind == "take" else row.note
        found.append(Step(f"{words} ({note})" if note else words, row.span))
    return (*found, *map(Step, chart.end))


def never_used(reports: list[Report]) -> list[Step]:
    """States and rows, with their places, that no system that was seen whole can come to."""
    used: set[object] = set()
    machines: dict[Machine, None] = {}
    for report in reports:
        composition = report.explored.composition
        if composition is None or not report.explored.complete or report.explored.reduced:
            return []
        for peer in composition.peers:
            if peer.declared.environment:
                continue
            used |= peer.top.used
            used |= {s for one in composition.states() for s in _active(one.locals[0])}
            machines[peer.declared.machine] = None
            machines |= dict.fromkeys(many.machine for many in peer.declared.machine.many.values())
    found = []
    for machine in machines:
        for state in machine.every_state():
            if state not in used and not any(inner in used for inner in state.every()):
                words = f"`{machine.name}` is never in {state.name}"
                found.append(Step(words, state.name_span))
                continue
            for row in (*state.transitions, *state.timeouts):
                where = f"`{machine.name}` in {state.name}"
                if row not in used:
                    found.append(Step(f"{where} never takes `{trigger(row)}`", row.span))
                elif row.has_outcomes:
                    found += [
                        Step(f"{where} never answers `{trigger(row)}` so", branch.span)
                        for branch in row.branches
                        if branch not in used
                    ]
    return found


def _active(local: Local) -> Iterator[State]:
    """Each state that a machine is in, or one of its instances."""
    yield from local.active()
    for one in local.held:
        yield from one.local.active()


def _at(span: Span) -> str:
    return f"{span.source.path}:{span.line}"


def bounds_of(found: Explored) -> list[str]:
    """How far the verdict reaches, if not all the way."""
    return [found.why] if found.why else []


def _capacities(found: Explored) -> list[str]:
    """How much the links were taken to hold, where the spec says it."""
    said = {link.capacity for link in found.system.links if link.capacity is not None}
    if not said:
        return []
    words = f"capacity {', '.join(map(str, sorted(said)))}"
    return [f"{words} or more: nobody ever waits for room" if found.never_full else words]


def _keys(found: Explored) -> list[str]:
    """How many keys the instances were given, if not all that there are."""
    return [] if found.composition is None else found.composition.relevance.keys.words()
