"""Patterns of what happens: what they mean, what is told of them, and what is refused."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from protogen_fsm import pipeline
from protogen_fsm.backends.chart import as_text
from protogen_fsm.diagnostics import SpecError
from protogen_fsm.source import Source
from protogen_fsm.syntax.fmt import format
from protogen_fsm.syntax.parse import parse
from protogen_fsm.verify import Limits, Report, verify
from protogen_fsm.verify.system import Composition

if TYPE_CHECKING:
    from protogen_fsm.verify.judge import Finding
    from protogen_fsm.verify.system import Config, Deed

ASKING = """protocol P
machine Client {
    receives yes, no
    sends    ask, bye
    accepts  go, leave
    initial state READY {
        on go            / send ask
        on leave -> LEFT / send bye
        ignore yes, no
    }
    state LEFT { ignore yes, no }
}
machine Server {
    receives ask, bye
    sends    yes, no
    initial state OPEN {
        on ask
            | grant         / send yes
            | refuse        / send no
            | forget
        on bye -> SHUT
    }
    state SHUT { ignore ask, bye }
}
system S {
    peer client: Client
    peer server: Server
    link client <-> server capacity 2
    PATTERN
}
"""


def report(pattern: str, text: str = ASKING, engine: str = "auto") -> Report:
    spec = pipeline.understand(Source("p.proto", text.replace("PATTERN", pattern)))
    return verify(spec, Limits(200_000, 60, engine))[0]


def refuted(pattern: str, text: str = ASKING) -> list[Finding]:
    return [one for one in report(pattern, text).explored.findings if one.kind == "pattern"]


@pytest.mark.parametrize(
    ("pattern", "holds"),
    [
        ("every client sends ask answered by server receives ask", True),
        ("every client sends ask answered by server sends yes", False),
        ("every client sends ask answered by server sends yes or server sends no", False),
        ("every client accepts go answered by client sends ask", True),
        ("every client accepts leave answered by server enters SHUT", True),
        ("every server sends yes answered by client receives yes", True),
        ("at most 2 client sends ask outstanding until server receives ask", True),
        ("at most 1 client sends ask outstanding until server receives ask", False),
        ("at most 3 client sends ask outstanding until client receives yes", False),
        ("after client sends bye only client sends bye", True),
        ("after server receives bye only server receives bye", True),
        ("after client sends ask only client sends ask", False),
        ("after client sends ask only client sends ask until client accepts leave", True),
        ("after server enters SHUT only server enters OPEN", True),
        ("after client sends bye only server sends no", False),
        ("client sends ask before server sends yes", True),
        ("client sends ask or client sends bye before server enters SHUT", True),
        ("client sends ask before server enters SHUT", False),
        ("server sends yes before client receives yes", True),
        ("server sends yes before client receives yes or client receives no", False),
    ],
)
def test_a_pattern_holds_or_is_refuted_with_a_run(pattern: str, holds: bool) -> None:
    found = refuted(pattern)
    assert not found if holds else len(found) == 1
    if found:
        assert found[0].sure
        assert found[0].run
    small, large = (report(pattern, engine=engine) for engine in ("small", "large"))
    assert (small.explored.states, small.explored.steps) == (
        large.explored.states, large.explored.steps,
    )  # fmt: skip
    assert [len(one.run) for one in small.explored.findings] == [
        len(one.run) for one in large.explored.findings
    ]


def test_a_number_or_a_class_of_numbers_is_what_a_field_names() -> None:
    text = """protocol P
    message ASK = "ASK"
    message Reply(code: 200..599) by code = code " ok"
    use Lines from "lines.proto"
    machine Client over Lines { receives Reply sends ASK accepts go
        initial state R { on go / send ASK  on 2xx, 4xx } }
    machine Server over Lines { receives ASK sends Reply
        initial state R { on ASK | yes / send 250 | no / send 450 } }
    system S { peer client: Client peer server: Server link client <-> server capacity 1 PATTERN }
    """
    assert not refuted(
        "every client sends ASK answered by server sends 2xx or server sends 4xx", text
    )
    assert refuted("every client sends ASK answered by server sends 2xx", text)
    assert refuted("client receives 250 before client receives 450", text)
    assert not refuted("server sends 250 before client receives 250", text)


def test_a_number_that_is_not_followed_may_be_the_one_that_is_named() -> None:
    text = """protocol P
    machine A { sends said(code: 100..599) by code accepts say(code: 100..599)
        initial state R { on say(code) / send said(code) } }
    machine B { receives said(code: 100..599) by code initial state R { on said } }
    system S { peer a: A peer b: B link a -> b capacity 1 PATTERN }
    """
    found = refuted("a sends 250 before a sends 4xx", text.replace("100..599", "int"))
    assert [one.sure for one in found] == [False]


def test_several_peers_do_it_together_and_one_of_them_alone() -> None:
    text = """protocol P
    machine One { sends hello accepts go initial state R { on go -> D / send hello } state D }
    machine Hub { receives hello initial state R { on hello } }
    system S { peer ones[2]: One peer hub: Hub link ones <-> hub capacity 2 PATTERN }
    """
    assert refuted("at most 1 ones sends hello outstanding until hub receives hello", text)
    assert not refuted("at most 1 ones[1] sends hello outstanding until hub receives hello", text)
    assert refuted("ones[0] sends hello before ones[1] sends hello", text)


def test_a_pattern_is_told_with_its_place_its_words_and_a_chart() -> None:
    found = report('every client sends ask answered by server sends yes "each has its answer"')
    ((diagnostic, chart),) = [one for one in found.told if one[0].code == "PG409"]
    title = "`every client sends ask answered by server sends yes` is refuted: each has its answer"
    assert diagnostic.title == title
    assert diagnostic.span is not None
    assert diagnostic.span.line == 29
    assert chart is not None
    text = as_text(chart)
    assert "the last `client sends ask` is never answered" in text
    assert text.splitlines()[-1] == "and no `server sends yes` comes any more"


def test_a_pattern_of_which_nothing_happens_is_named() -> None:
    text = ASKING.replace("on leave -> LEFT / send bye", "on leave -> LEFT")
    pattern = "after client sends bye only client sends bye"
    assert report(pattern, text).words().endswith(f"because it never happens: `{pattern}`")
    assert "never happens" not in report(pattern).words()


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("nobody sends ask before server sends yes", "PG401"),
        ("client sends aks before server sends yes", "PG102"),
        ("client sends yes before server sends yes", "PG102"),
        ("client enters REDAY before server sends yes", "PG101"),
        ("at most 0 client sends ask outstanding until server sends yes", "PG106"),
        ("(client) sends ask or 3 sends ask before server sends yes", "PG401"),
    ],
)
def test_what_a_pattern_cannot_speak_of_is_told(pattern: str, code: str) -> None:
    with pytest.raises(SpecError) as raised:
        report(pattern)
    assert {one.code for one in raised.value.diagnostics} == {code}


def test_the_words_of_patterns_are_names_elsewhere() -> None:
    text = """protocol P

machine M {
    sends   before, only
    accepts every, at, most
    initial state until {
        on every / send before
        on at    / send only
        on most
    }
}

machine N {
    receives before, only
    initial state R {
        on before, only
    }
}

system S {
    peer every: M
    peer after: N
    link every -> after capacity 1
    every in until leads to after in R
    after in R and every in until leads to every in until
    every sends before before after receives before
}
"""
    assert format(parse(Source("p.proto", text))) == text
    (system,) = pipeline.understand(Source("p.proto", text)).systems.values()
    assert (len(system.properties), len(system.patterns)) == (2, 1)


# ---------------------------------------------------------------- a slow evaluation


EVENTS = ["a", "b", "c"]


def machine(name: str, chance: random.Random, says: list[str], hears: list[str]) -> str:
    """A machine of three states that takes everything and says something now and then."""
    rows = [f"machine {name} {{ receives {', '.join(hears)} sends {', '.join(says)} accepts go"]
    rows.append("otherwise ignore")
    for at in range(3):
        rows.append(f"{'initial ' * (not at)}state S{at} {{")
        for event in (*hears, "go"):
            if event == "go" and at == 2:
                continue
            target = f"-> S{chance.randrange(at, 3)}" if chance.random() < 0.6 else ""
            sends = [f"send {chance.choice(says)}" for _ in range(chance.randrange(3))]
            rows.append(f"on {event} {target} {'/ ' * bool(sends)}{', '.join(sends)}")
        rows.append("}")
    return " ".join([*rows, "}"])


def random_pattern(chance: random.Random) -> str:
    def happening() -> str:
        who = chance.choice("lr")
        said, heard = (EVENTS, ["x", "y"]) if who == "l" else (["x", "y"], EVENTS)
        verb = chance.choice(["sends", "receives", "enters"])
        names = {"sends": said, "receives": heard, "enters": ["S1", "S2"]}[verb]
        return f"{who} {verb} {chance.choice(names)}"

    first, second, third = happening(), happening(), happening()
    return chance.choice(
        [
            f"every {first} answered by {second}",
            f"at most {chance.randrange(1, 3)} {first} outstanding until {second}",
            f"after {first} only {second}",
            f"after {first} only {second} until {third}",
            f"{first} before {second}",
        ]
    )


def done_by(composition: Composition, deed: Deed, before: Config, after: Config) -> list[str]:
    """What is done, from what crosses the links and where the peers are."""
    name = composition.peers[deed.peer].name
    assert deed.outcome is not None
    found = []
    if deed.kind == "take":
        assert deed.item is not None
        found.append(f"{name} receives {deed.item.name}")
    found += [f"{name} sends {item.name}" for item in deed.outcome.said]
    was, now = (composition.state(c, deed.peer).locals[0].leaf.name for c in (before, after))
    return found + [f"{name} enters {now}"] * (was != now)


def breaks(pattern: str, history: list[str]) -> bool:
    """Whether what has happened is against a pattern, read off as its words say."""
    if pattern.startswith("at most "):
        most, _, rest = pattern.removeprefix("at most ").partition(" ")
        first, second = rest.split(" outstanding until ")
        waiting = 0
        for one in history:
            waiting -= one == second and waiting > 0
            waiting += one == first
            if waiting > int(most):
                return True
        return False
    if pattern.startswith("after "):
        first, rest = pattern.removeprefix("after ").split(" only ")
        only, _, until = rest.partition(" until ")
        who, verb, _ = only.split()
        is_on = False
        for one in history:
            if is_on and one != only and one.startswith(f"{who} {verb} "):
                return True
            if is_on and one == until:
                is_on = False
            elif one == first:
                is_on = True
        return False
    first, second = pattern.split(" before ")
    for one in history:
        if one == first:
            return False
        if one == second:
            return True
    return False


def unanswered(pattern: str, history: list[str]) -> int:
    first, second = pattern.removeprefix("every ").split(" answered by ")
    waiting = 0
    for one in history:
        waiting -= one == second and waiting > 0
        waiting += one == first
    return waiting


DEPTH = 6


@pytest.mark.parametrize("seed", range(60))
def test_a_pattern_is_what_a_slow_reading_of_all_short_runs_says(seed: int) -> None:
    chance = random.Random(seed)
    pattern = random_pattern(chance)
    left = machine("L", chance, EVENTS, ["x", "y"])
    right = machine("R", chance, ["x", "y"], EVENTS)
    text = f"""protocol P {left} {right}
    system S {{ peer l: L peer r: R link l <-> r capacity 1 PATTERN }}"""
    (plain,) = pipeline.understand(Source("p.proto", text.replace("PATTERN", ""))).systems.values()
    composition = Composition(plain, set())
    found = refuted(pattern, text)
    begin = composition.begin()[0][1]
    level: set[tuple[Config, tuple[str, ...]]] = {(begin, ())}
    shortest = None
    for length in range(DEPTH + 1):
        stops = [(c, h) for c, h in level if not composition.following(c)]
        for _, history in level if not pattern.startswith("every") else stops:
            wrong = (
                unanswered(pattern, list(history)) > 0
                if pattern.startswith("every")
                else breaks(pattern, list(history))
            )
            if wrong and shortest is None:
                shortest = length
        level = {
            (after, (*history, *done_by(composition, deed, config, after)))
            for config, history in level
            for deed, after in composition.following(config)
            if after is not None
        }
    if shortest is not None:
        assert found, f"{pattern}: {shortest} steps"
    if found and not pattern.startswith("every"):
        assert (shortest or DEPTH + 1) >= min(len(found[0].run), DEPTH + 1)
        assert shortest == len(found[0].run) if len(found[0].run) <= DEPTH else shortest is None
    if found:
        replays(pattern, text, found[0])


def replays(pattern: str, text: str, finding: Finding) -> None:
    """The run that is shown is against the pattern, and as it was not before its last step."""
    spec = pipeline.understand(Source("p.proto", text.replace("PATTERN", pattern)))
    composition = Composition(next(iter(spec.systems.values())), set())
    history: list[str] = []
    config: Any = composition.begin()[0][1]
    waits, done = [], []
    for deed, _ in finding.run:
        ways = [
            after
            for other, after in composition.following(config)
            if after is not None and described(other) == described(deed)
        ]
        assert len(ways) == 1
        history += done_by(composition, deed, config, ways[0])
        config = ways[0]
        done.append(len(history))
        if pattern.startswith("every"):
            waits.append(unanswered(pattern, history))
    if not pattern.startswith("every"):
        assert breaks(pattern, history)
        return
    assert waits[-1] > 0
    if finding.again is None:
        assert all(after in (None, config) for _, after in composition.following(config))
    else:
        assert min(waits[finding.again :]) > 0
        second = pattern.split(" answered by ")[1]
        assert second not in history[done[finding.again - 1] :]
        assert finding.run[finding.again - 1][1] == finding.run[-1][1]


def described(deed: Deed) -> tuple[Any, ...]:
    outcome = deed.outcome
    cause = None if outcome is None else (outcome.cause, outcome.choices, outcome.said)
    return deed.kind, deed.peer, deed.wire, deed.item, cause
