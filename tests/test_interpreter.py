"""A random walk in the generated class agrees, step for step, with a slow reading of the model."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from generated import ROOT, made, smtp
from interpreter import FOREVER, Failed, Interpreter, Refused
from protogen_fsm import pipeline
from protogen_fsm.diagnostics import SpecError
from protogen_fsm.runtime.core import LocalProtocolError, Record, RemoteProtocolError
from protogen_fsm.source import Source


class Below:
    """What stands beneath the generated machine here: it only writes down."""

    def __init__(self, told: list[Any]) -> None:
        self._told = told

    def __getattr__(self, name: str) -> Any:
        return lambda *args: self._told.append((name, *args))


def plain(value: Any) -> Any:
    """Records as the interpreter has them."""
    if isinstance(value, Record):
        return {name: plain(getattr(value, name)) for name in value.__slots__}
    return [plain(one) for one in value] if isinstance(value, list) else value


class Walk:
    """A generated machine and the interpreter, side by side."""

    def __init__(self, module: Any, model: Any, seed: int, *args: Any) -> None:
        self.random = random.Random(seed)
        self.model, self.script, self.told = model, [], []
        self.other = Interpreter(
            model, lambda kind, name, count: self.random.randrange(count), *args
        )
        self.script[:] = self.other.asked
        self.one = self.class_of(module)(*args)
        if self.one.wire.closing:
            self.told.append(("close",))
        self.one.below = Below(self.told)
        self.log: list[str] = []
        self.agree("at the beginning")

    def class_of(self, module: Any) -> Any:
        generated = getattr(module, self.model.name)
        walk = self

        def handler(name: str) -> Any:
            def handle(machine: Any, *args: Any) -> Any:
                while walk.script[0][0] != name and walk.script[0][1] is None:
                    walk.script.pop(0)  # a row of a table of moves asks nobody who is not there
                expected, answer = walk.script.pop(0)
                assert expected == name
                if isinstance(answer, tuple):
                    outcome, given = answer
                    cls = "".join(part[:1].upper() + part[1:] for part in outcome.split("_"))
                    return getattr(module, cls)(*given)
                return answer

            return handle

        def emission(name: str) -> Any:
            return lambda machine, *args: walk.told.append((name, *args))

        members = {name: handler(name) for name in self.model.questions}
        members |= {f"emit_{name}": emission(name) for name in self.model.emits}
        mine = type("Mine", (generated,), members)
        for row in generated._rows:  # not by overriding, so that each row asks for itself
            setattr(mine, row.slot, handler(row.slot.removeprefix("_")))
        return mine

    def fire(self, name: str, *args: Any) -> None:
        self.log.append(f"{name}{args}")
        self.both(lambda: self.other.fire(name, *args), lambda: getattr(self.one, name)(*args))

    def advance(self, seconds: float) -> None:
        now = self.other.now + seconds
        self.log.append(f"advance({now})")
        self.both(lambda: self.other.advance(now), lambda: self.one.advance(now))

    def both(self, other: Any, one: Any) -> None:
        self.other.asked.clear()
        theirs = outcome_of(other)
        self.script[:] = self.other.asked
        ours = outcome_of(one)
        assert ours == theirs or (theirs == "failed" and ours != ""), self.story(
            f"{ours}, {theirs}"
        )
        self.agree("")

    def agree(self, when: str) -> None:
        one, other = self.one, self.other
        assert one.state == other.state.name, self.story(when)
        assert [plain(tuple_) for tuple_ in map(list, self.told)] == [
            list(t) for t in other.told
        ], self.story(when)
        assert {n: plain(getattr(one, n)) for n in other.vars} == other.vars, self.story(when)
        for state in other.state.around():
            for param in state.params:
                mine = plain(getattr(one, f"_{state.name}_{param.name}"))
                assert mine == other.params[state.name, param.name], self.story(when)
        due = min(other.due, *other.timers.values(), FOREVER)
        assert one.deadline() == (None if due == FOREVER else due), self.story(when)
        self.told.clear()
        other.told.clear()

    def story(self, when: str) -> str:
        return f"{when}: {' '.join(self.log)} in {self.other.state.name}"


def outcome_of(act: Any) -> str:
    try:
        act()
    except (LocalProtocolError, RemoteProtocolError) as error:
        return "ours" if isinstance(error, LocalProtocolError) else "theirs"
    except Refused as error:
        return "ours" if error.ours else "theirs"
    except Failed:
        return "failed"
    except (IndexError, ZeroDivisionError, RuntimeError, AssertionError) as error:
        if isinstance(error, AssertionError):
            raise
        return "failed"
    return ""


# ---------------------------------------------------------------- SMTP

TEXT = st.sampled_from(["", "a", "me.example.org", "a@b", "x" * 255, "SIZE=99999999", "SIZE=5"])
LINES = st.lists(st.sampled_from(["OK", "PIPELINING", "8BITMIME", "SIZE 100", "SIZE"]), max_size=4)
EVENTS = {
    "Server": st.one_of(
        st.sampled_from(
            [("open",), ("eof",), ("DATA",), ("RSET",), ("NOOP",), ("HELP",), ("QUIT",)]
        ),
        st.sampled_from([("open",), ("EHLO", "me"), ("MAIL", "a", ""), ("RCPT", "b"), ("DATA",)]),
        st.tuples(st.sampled_from(["EHLO", "HELO", "RCPT", "VRFY"]), TEXT),
        st.tuples(st.just("MAIL"), TEXT, TEXT),
        st.tuples(st.just("block"), st.binary(max_size=3)),
        st.tuples(st.just("malformed"), st.just(b"?"), st.sampled_from(["too long", "no message"])),
        st.tuples(st.just("advance"), st.sampled_from([1, 100, 301, 601])),
    ),
    "Client": st.one_of(
        st.tuples(st.just("reply"), st.sampled_from([220, 250, 354, 221]), LINES),
        st.tuples(
            st.just("reply"),
            st.sampled_from([220, 250, 250, 251, 354, 421, 450, 502, 550]),
            st.just(["OK", "PIPELINING"]),
        ),
        st.tuples(
            st.just("send_mail"),
            TEXT,
            st.lists(st.sampled_from("abc"), max_size=3),
            st.sampled_from([b"", b"x", b".\r\n.", b"a\r\n"]),
        ),
        st.sampled_from([("quit",), ("eof",), ("lost", "gone")]),
        st.tuples(st.just("malformed"), st.just(b"?"), st.just("no message")),
        st.tuples(st.just("advance"), st.sampled_from([1, 100, 301])),
    ),
}


def smtp_model(name: str) -> Any:
    path = ROOT / "specs" / "smtp.proto"
    return pipeline.understand(Source(str(path), path.read_text("utf-8"))).machines[name]


MODELS = {name: smtp_model(name) for name in EVENTS}


@pytest.mark.parametrize("name", EVENTS)
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_a_walk_through_smtp_agrees_with_the_model(
    name: str, data: st.DataObject, seed: int
) -> None:
    walk = Walk(smtp(), MODELS[name], seed, "me.example.org")
    begin: list[Any] = [("open",), ("EHLO", "me")] if name == "Server" else [
        ("reply", 220, ["hi"]), ("reply", 250, ["me", "PIPELINING"])]  # fmt: skip
    events = data.draw(st.lists(EVENTS[name], max_size=25))
    for event, *args in (begin if data.draw(st.booleans()) else []) + events:
        if event == "advance":
            walk.advance(*args)
        else:
            walk.fire(event, *args)


# ---------------------------------------------------------------- any machine

LEAVES = ["A", "B", "C", "D"]
OUTER = ["A", "B", "C", "D", "P"]


@st.composite
def machines(draw: st.DrawFn) -> str:
    """The text of a machine that uses all that the back-end runs."""
    chained, defers, timed = (draw(st.booleans()) for _ in range(3))
    number = st.one_of(
        st.integers(-2, 9).map(str),
        st.sampled_from(["n", "m", "size(xs)", "n + m", "m - 1", "n % 3", "xs[0]", "xs[m]", "-n"]),
    )

    def one(strategy: Any) -> Any:
        return draw(strategy)

    def values(event: str, state: str) -> st.SearchStrategy[str]:
        more = {"e1": ["k"], "e2": ["k", "j"], "r1": ["k"], "got": ["code", "k"]}.get(event, [])
        own = ["p"] if state == "B" else ["q", "size(ys)"] if state == "C" else []
        return st.one_of(number, st.sampled_from([*more, *own])) if more or own else number

    def test(event: str, state: str) -> str:
        value = values(event, state)
        kind = one(st.sampled_from(["compare", "ask", "in", "and", "or", "not"]))
        if kind == "ask":
            return f"likes({one(value)})"
        if kind == "in":
            return f"{one(value)} in xs"
        if kind in ("and", "or"):
            left, right = (test_small(event, state) for _ in range(2))
            return f"{left} {kind} {right}"
        if kind == "not":
            return f"not likes({one(value)})"
        return test_small(event, state)

    def test_small(event: str, state: str) -> str:
        value = values(event, state)
        sign = one(st.sampled_from(["<", "==", ">=", "!="]))
        return f"{one(value)} {sign} {one(value)}"

    def action(event: str, state: str) -> str:
        value = values(event, state)
        kinds = ["n = {}", "m = {}", "n += {}", "m -= {}", "xs += [{}]", "xs = [{}, {}]", "xs = []",
                 "emit did({})", "emit did({})", "emit all(xs, {})", "note({})",
                 "zs = xs", "zs += [{}]", "emit all(zs, {})"]  # fmt: skip
        if not chained:  # a chain would double them a thousand times
            kinds += ["xs += xs + [{}]", "zs += xs"]
        elif event != "r1":
            kinds += ["raise r1({})", *([] if event == "r0" else ["raise r0"])]
        if timed:
            kinds += ["start tick", "stop tick"]
        if state == "B":
            kinds += ["p = {}", "p += {}", "emit did(p)"]
        if state == "C":
            kinds += ["ys += [{}]", "q -= {}", "emit all(ys, q)", "ys = xs", "zs = ys"]
        template = one(st.sampled_from(kinds))
        return template.format(*(one(value) for _ in range(template.count("{}"))))

    def actions(event: str, state: str, most: int = 4) -> str:
        found = [action(event, state) for _ in range(one(st.integers(0, most)))]
        return " / " + ", ".join(found) if found else ""

    def target(event: str, state: str, among: list[str] = OUTER) -> str:
        to = one(st.sampled_from(among))
        value = values(event, state)
        if to == "B":
            return f"B({one(value)})"
        if to == "C":
            lists = [
                "xs",
                "[]",
                "zs",
                f"[{one(value)}]",
                *(["ys", "ys + [1]"] if state == "C" else []),
            ]
            return f"C({one(value)}, {one(st.sampled_from(lists))})"
        return to

    def row(event: str, state: str) -> str:
        names = {"e1": "(k)", "e2": "(k, j)", "r1": "(k)"}.get(event, "")
        if event in ("20x", "2xx", "205", "got"):
            names, inner = "(k)", "got"
        else:
            inner = event
        if event == "*":
            inner = ""
        guard = f" when {test(inner, state)}" if one(st.integers(0, 2)) else ""
        if one(st.integers(0, 3)) == 0:
            branches = ""
            for outcome in ("yes", "no", "so_so(why: int)")[: one(st.integers(1, 3))]:
                to = f" -> {target(inner, state)}" if one(st.booleans()) else ""
                branches += f"\n| {outcome}{to}{actions(inner, state)}"
            return f"on {event}{names}{guard}{branches}"
        to = f" -> {target(inner, state)}" if one(st.booleans()) else ""
        return f"on {event}{names}{guard}{to}{actions(inner, state)}"

    def body(state: str) -> str:
        lines = []
        if one(st.integers(0, 2)) == 0:
            lines.append(f"entry{actions('', state, 2) or ' / m = 1'}")
        if one(st.integers(0, 2)) == 0:
            lines.append(f"exit{actions('', state, 2) or ' / m = 2'}")
        events = ["e0", "e1", "e2", "20x", "205", "got", "e0", "e1"] + (
            ["r0", "r1"] if chained else []
        )
        events += ["tick"] if timed else []
        for event in one(st.lists(st.sampled_from(events), max_size=4)):
            lines.append(row(event, state))
        if one(st.integers(0, 4)) == 0:
            lines.append(row("*", state))
        if timed and one(st.booleans()):
            lines.append(f"after {one(st.sampled_from(['1s', '3s', '8s']))} -> "
                         f"{target('', state)}{actions('', state)}")  # fmt: skip
        if one(st.integers(0, 2)) == 0:
            lines.append(f"ignore {one(st.sampled_from(['e0', 'e1', '2xx', 'got']))}")
        if defers and one(st.integers(0, 1)):
            lines.append(f"defer {one(st.sampled_from(['e0', 'e2', '205', 'got']))}")
        return "\n".join(lines)

    onwards = ""
    if one(st.integers(0, 3)) == 0:
        onwards = f"entry -> {one(st.sampled_from(['E', 'E2(n, m)']))}"
    final = "on e0 -> END" if one(st.booleans()) else ""
    uses = "raise r0, raise r1(n)" if chained else "n = 0"
    return f"""protocol P
machine M {{
    accepts e0, e1(k: int), e2(k: int, j: int), got(code: 0..999, k: int) by code
    emits   did(k: int), all(ks: list[int], k: int)
    predicate likes(k: int)
    action note(k: int)
    {"timer tick = 2s" if timed else ""}
    var n: int = 0
    var m: int = 1
    var xs: list[int] = [1]
    var zs: list[int] = []
    otherwise {one(st.sampled_from(["error", "ignore", "close"]))}
    state P {{
        {body("P")}
        initial state A {{ {body("A")}
            {final} }}
        state B(p: int) {{ {body("B")} }}
    }}
    state C(q: int, ys: list[int]) {{ {body("C")} }}
    state D {{ {body("D")}
        {onwards}
    }}
    state E {{ {body("E")}
        on e0 -> P / {uses} }}
    state E2(p: int, q: int) {{
        on e0 -> E2(q, p) / emit did(p)
        on e1(k) -> A / emit did(p - q), n = p
    }}
    final state END
}}
"""


WALKS = st.lists(
    st.one_of(
        st.sampled_from([("e0",), ("e0",), ("advance", 1), ("advance", 2), ("advance", 9)]),
        st.tuples(st.just("e1"), st.integers(-1, 3)),
        st.tuples(st.just("e2"), st.integers(-1, 3), st.integers(0, 2)),
        st.tuples(st.just("got"), st.sampled_from([205, 206, 299, 404]), st.integers(0, 2)),
    ),
    min_size=3,
    max_size=30,
)


def walked(text: str, events: list[Any], seed: int) -> None:
    model = pipeline.understand(Source("spec.proto", text)).machines["M"]
    try:
        walk = Walk(made(text), model, seed)
    except (Failed, Refused):  # its first state's entry comes to nothing
        return
    for event, *args in events:
        if event == "advance":
            walk.advance(*args)
        else:
            walk.fire(event, *args)


@settings(
    deadline=None,
    max_examples=70,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)
@given(machines(), WALKS, st.integers(0, 2**32))
def test_a_walk_through_any_machine_agrees_with_the_model(
    text: str, events: list[Any], seed: int
) -> None:
    try:
        pipeline.understand(Source("spec.proto", text))
    except SpecError:  # nothing raises what some row listens to
        assume(False)
    walked(text, events, seed)
