"""What the search found, as diagnostics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Diagnostic, Label
from protogen_fsm.diagnostics.codes import code as registered

if TYPE_CHECKING:
    from collections.abc import Collection

    from protogen_fsm.model.spec import Pattern, Property
    from protogen_fsm.source import Span
    from protogen_fsm.verify.explore import Explored
    from protogen_fsm.verify.judge import Finding
    from protogen_fsm.verify.system import Composition, Config

CODES = {
    "deadlock": "PG404",
    "unspecified": "PG405",
    "left over": "PG406",
    "grows": "PG407",
    "no end": "PG408",
    "never": "PG409",
    "always": "PG409",
    "reachable": "PG409",
    "leads to": "PG409",
    "pattern": "PG409",
    "fails": "PG410",
    "caught": "PG413",
    "only time": "PG414",
}
PERHAPS = "PG411"
BOUNDED = "PG412"
NOT_VERIFIED = "PG913"


_WAITS = {
    "deadlock": ("its peers wait for each other", ""),
    "no end": ("from here no run comes to the end", ""),
    "caught": (
        "messages and time-outs go round for ever, and nobody gets on",
        "give up after some time (`emit`, or a way to the end), or mend what is not answered",
    ),
    "only time": (
        "its peers wait, and only a time-out goes on, though nothing was lost",
        "send what is waited for; if the time-out is how it is meant to go on, allow it",
    ),
}


def code_of(finding: Finding) -> str:
    """The code of a flaw; another one if it hangs on values that are not followed."""
    return CODES[finding.kind] if finding.sure else PERHAPS


def allowed(finding: Finding, names: Collection[str]) -> str:
    """The name that a spec expects a flaw by, among those that it allows; "" if it does not.

    It is marked so.
    """
    known = registered(code_of(finding))
    if known.severity != "warning" or known.name not in names:
        return ""
    finding.sure = False
    finding.allowed = True
    return known.name


def diagnostic(explored: Explored, finding: Finding, begin: Config | None) -> Diagnostic:
    """A flaw, with its places."""
    composition = explored.composition
    assert composition is not None
    title, span, label, labels, help_ = _told(explored, finding, composition, begin)
    notes = [f"in system `{explored.system.name}`"]
    number = code_of(finding)
    if not finding.sure:
        decided = dict.fromkeys(
            choice.text
            for deed, _ in finding.run
            if deed.outcome is not None
            for choice in deed.outcome.choices
            if choice.kind == "value"
        )
        title = f"it is not proved that this cannot be: {title}"
        notes.append(
            "this hangs on values that are not followed"
            + (f": {'; '.join(_short(one) for one in list(decided)[:4])}" if decided else "")
        )
    return Diagnostic(
        number,
        title,
        span,
        label,
        tuple(Label(place, text) for place, text in labels),
        tuple(notes),
        help_,
        registered(number).severity,
    )


def bounded(explored: Explored, bounds: list[str]) -> Diagnostic:
    """A system that is verified so far and no farther."""
    system = explored.system
    return Diagnostic(
        BOUNDED,
        f"`{system.name}` is verified up to a bound: {'; '.join(bounds)}",
        next(iter(system.peers.values())).span,
        "no flaw was found so far",
        notes=(f"{explored.states:,} configurations were looked at",),
        help='write `allow verified_to_a_bound "…"` into the system if that is enough',
        severity="warning",
    )


def not_verified(explored: Explored) -> Diagnostic:
    """A system that cannot be followed."""
    system = explored.system
    span = next(iter(system.peers.values())).span if system.peers else system.span
    return Diagnostic(
        NOT_VERIFIED,
        f"`{system.name}` is not verified: {explored.refused}",
        span,
        "neither proved nor refuted",
        help='write `allow system_not_verified "…"` into the system',
        severity="warning",
    )


def _told(
    explored: Explored, finding: Finding, composition: Composition, begin: Config | None
) -> tuple[str, Span, str, list[tuple[Span, str]], str]:
    system = explored.system
    asked = finding.asked
    if asked is not None:
        words = f": {asked.doc}" if asked.doc else ""
        how = {
            "never": "can come about",
            "always": "does not always hold",
            "reachable": "cannot come about",
            "leads to": "can wait for ever",
        }[finding.kind]
        return f"`{asked_words(asked)}` is refuted{words}", asked.span, how, [], ""
    if finding.pattern is not None:
        pattern = finding.pattern
        words = f": {pattern.doc}" if pattern.doc else ""
        title = f"`{pattern_words(pattern)}` is refuted{words}"
        return title, pattern.span, _BROKEN[pattern.kind], [], ""
    last = next((c for _, c in reversed(finding.run) if c is not None), begin)
    assert last is not None
    first = next(iter(system.peers.values())).span
    if finding.kind in ("unspecified", "fails"):
        deed = finding.run[-1][0]
        assert deed.outcome is not None
        peer = composition.peers[deed.peer]
        own = peer.declared.machine, composition.state(last, deed.peer).locals[0].leaf
        machine, state = deed.outcome.by or own
        what = deed.outcome.cause
        where = f"`{machine.name}` in {state.name}"
        if finding.kind == "fails":
            reason = deed.outcome.refused.partition(": ")[2]
            title = f"{where} fails on `{what}`: {reason}"
            return title, state.name_span, "the step is undone here", [], ""
        title = f"{where} cannot take `{what}`"
        label = f"`{what}` comes here, and no row takes it"
        labels = [(peer.declared.span, "as this peer")]
        help_ = f"take it in {state.name} (`on`, `ignore`, `defer`), or never send it so"
        return title, state.name_span, label, labels, help_
    if finding.kind in _WAITS:
        labels = []
        for at, peer in enumerate(composition.peers):
            state_of = composition.state(last, at)
            if not state_of.ended:
                labels.append((state_of.locals[0].leaf.name_span, f"`{peer.name}` waits here"))
        title, help_ = _WAITS[finding.kind]
        if finding.kind == "deadlock" and len(labels) < 2:
            title = "a peer waits for ever"
        (span, label), *others = labels or [(first, "")]
        return title, span, label, others, help_
    wire = composition.wires[finding.wire]
    names = f"`{composition.peers[wire.sender].name}` to `{composition.peers[wire.receiver].name}`"
    if finding.kind == "grows":
        title = f"the link from {names} grows without bound"
        help_ = "say `capacity N` if the sender waits when so many are on the way"
        return title, wire.link.span, "no bound was found for it", [], help_
    word = composition.word(last, finding.wire)
    title = f"`{word[0].name}` is left on the link from {names} at the end"
    return title, wire.link.span, "nobody takes it any more", [], ""


_BROKEN = {
    "every": "one may never be answered",
    "at most": "there can be more",
    "after": "something else can come behind it",
    "before": "it can come first",
}


def pattern_words(pattern: Pattern) -> str:
    """What a pattern asks for, as the spec says it."""
    return " ".join(pattern.span.text.partition('"')[0].split())


def asked_words(asked: Property) -> str:
    """What a system asks for, as the spec says it."""
    left = " ".join(asked.left.span.text.split())
    if asked.right is not None:
        return f"{left} leads to {' '.join(asked.right.span.text.split())}"
    return f"{asked.kind} {left}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
