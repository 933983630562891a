"""Whether old and new peers understand each other: systems with a peer of each, explored.

A break is a flaw that neither the old version nor the new one has by itself. The old peers with
the new ones are one system for each way to have one peer of another version than the rest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Diagnostic
from protogen_fsm.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from protogen_fsm.diagnostics.diagnostic import Severity
    from protogen_fsm.model.chart import Chart
    from protogen_fsm.model.spec import Peer, Spec, System
    from protogen_fsm.verify import Limits, Report
    from protogen_fsm.verify.judge import Finding

Told = tuple[Diagnostic, "Chart | None"]
Place = tuple[str, str]  # a peer, and a state of its machine
BREAKS, UNDECIDED, NOT_COMPOSED, SHORT = "PG641", "PG642", "PG643", "PG644"


def dialogues(
    old: Spec,
    new: Spec,
    limits: Limits | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> Iterator[Told]:
    """What goes wrong between versions, each with its run, and what could not be decided."""
    before, after = _systems(old), _systems(new)
    for name, system in before.items():
        other = after.get(name)
        if other is None or list(system.peers) != list(other.peers):
            reason = "is gone" if other is None else "has other peers"
            span = system.span if other is None else other.span
            yield (
                Diagnostic(
                    NOT_COMPOSED,
                    f"the system `{name}` {reason}: old and new peers are not tried together",
                    span,
                    severity="warning",
                ),
                None,
            )
            continue
        yield from _dialogue(old, new, system, other, limits, progress)


def _systems(spec: Spec) -> dict[str, System]:
    return spec.systems or ({} if spec.obvious is None else {spec.obvious.name: spec.obvious})


def _dialogue(
    old: Spec,
    new: Spec,
    before: System,
    after: System,
    limits: Limits | None,
    progress: Callable[[str, int], None] | None,
) -> Iterator[Told]:
    if "system_not_verified" in {one.name for one in (*new.allowed, *after.allowed)}:
        return
    known: set[object] = set()
    places: list[set[Place]] = []
    for spec, system in ((old, before), (new, after)):
        reports = _explored(spec, system, limits, progress)
        for one in reports:
            for found in one.explored.findings:
                known |= {(_key(one, found), sure) for sure in (False, found.sure or found.allowed)}
        places += [_places(report) for report in reports]
    alone = (places[0], places[0] & places[1]) if len(places) == 2 else (set(), set())
    told: set[object] = set()
    for words, those, system in _mixed(before, after):
        allowed = replace(new, allowed=[*old.allowed, *before.allowed, *new.allowed])
        for report in _explored(allowed, system, limits, progress):
            broken = list(_breaks(report, words, known, told))
            yield from broken
            if report.explored.complete and not any(one.severity == "error" for one, _ in broken):
                yield from _falls_short(report, words, those, alone)


def _places(report: Report) -> set[Place]:
    """Peers, and states that they come to."""
    composition = report.explored.composition
    if composition is None or not report.explored.complete:
        return set()
    return {
        (peer.declared.name, state.name)
        for number, peer in enumerate(composition.peers)
        for one in composition.states_of(number)
        for state in one.locals[0].active()
    }


def _falls_short(
    report: Report, words: str, old: frozenset[str], alone: tuple[set[Place], set[Place]]
) -> Iterator[tuple[Diagnostic, None]]:
    """States that old peers came to and do not any more, or that new ones share with them."""
    system, found = report.explored.system, _places(report)
    for name, peer in system.peers.items():
        missed = (alone[0] if name in old else alone[1]) - found
        states = [s for s in peer.machine.every_state() if (name, s.name) in missed]
        if states:
            listed = ", ".join(state.name for state in states)
            yield (
                Diagnostic(
                    SHORT,
                    f"{words}: `{name}` never comes to {listed}",
                    states[0].name_span,
                    "no run leads here any more",
                    notes=(f"in system `{system.name}`", "among peers of its own version it does"),
                ),
                None,
            )


def _explored(
    spec: Spec,
    system: System,
    limits: Limits | None,
    progress: Callable[[str, int], None] | None,
) -> list[Report]:
    return verify(replace(spec, systems={system.name: system}), limits, progress)


def _mixed(old: System, new: System) -> Iterator[tuple[str, frozenset[str], System]]:
    """The ways to have one peer of one version, and all others of the other one."""
    seen: set[frozenset[str]] = set()
    for name in new.peers:
        for those in (frozenset([name]), frozenset(new.peers) - {name}):
            if those in seen or not those or len(those) == len(new.peers):
                continue
            seen.add(those)
            peers = {
                n: _speaking(*(pair if n in those else pair[::-1]))
                for n, pair in ((n, (old.peers[n], new.peers[n])) for n in new.peers)
            }
            links = [
                replace(one, left=peers[one.left.name], right=peers[one.right.name])
                for one in new.links
            ]
            rest = [n for n in new.peers if n not in those]
            words = f"old {' and '.join(n for n in peers if n in those)}, new {' and '.join(rest)}"
            yield words, those, replace(new, peers=peers, links=links, properties=[])


def _speaking(peer: Peer, other: Peer) -> Peer:
    """A peer that counts as who may say what it says in either version.

    Over nothing, what no peer says comes from outside: but what a peer says in one version only is
    not said by somebody else in the other one.
    """
    machine = peer.machine
    if machine.below is not None:
        return peer
    return replace(peer, machine=replace(machine, sends={**other.machine.sends, **machine.sends}))


def _key(report: Report, finding: Finding) -> object:
    """What makes two flaws one, in whatever version."""
    composition = report.explored.composition
    assert composition is not None
    config = next((c for _, c in reversed(finding.run) if c is not None), finding.begin)
    if finding.kind in ("unspecified", "fails"):
        deed = finding.run[-1][0]
        assert deed.outcome is not None
        assert config is not None
        machine = composition.peers[deed.peer].declared.machine.name
        state = composition.state(config, deed.peer).locals[0].leaf.name
        return finding.kind, machine, state, deed.outcome.cause
    if finding.kind in ("deadlock", "no end", "caught", "only time") and config is not None:
        names = [
            composition.state(config, p).locals[0].names() for p in range(len(composition.peers))
        ]
        return finding.kind, *names
    return finding.kind, finding.wire


def _breaks(report: Report, words: str, known: set[object], told: set[object]) -> Iterator[Told]:
    explored = report.explored
    findings = [one for one in explored.findings if not one.allowed]
    for finding, (diagnostic, chart) in zip(findings, report.told, strict=False):
        key = _key(report, finding), finding.sure
        if key in known or key in told:
            continue
        told.add(key)
        code = BREAKS if finding.sure else UNDECIDED
        title = f"{words}: {diagnostic.title}"
        severity: Severity = "error" if finding.sure else "warning"
        notes = (*diagnostic.notes, *_unread(finding))
        told_so = replace(
            diagnostic, code=code, title=title, severity=severity, notes=notes, help=""
        )
        yield told_so, chart
    if explored.refused or explored.why:
        span = next(iter(explored.system.peers.values())).span
        reason = explored.refused or explored.why
        title = f"{words}: it is not decided whether they understand each other: {reason}"
        notes = (f"in system `{explored.system.name}`",)
        yield Diagnostic(UNDECIDED, title, span, notes=notes, severity="warning"), None


def _unread(finding: Finding) -> Iterator[str]:
    """That a message is refused because it is not read, where it is."""
    deed = finding.run[-1][0] if finding.run else None
    outcome = None if deed is None else deed.outcome
    if outcome is None or not outcome.refused or outcome.event is None:
        return
    if outcome.event.name == "malformed" != outcome.cause:
        yield f"the other version's `{outcome.cause}` is no message that is read here: `malformed`"
