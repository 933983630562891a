"""The rules for one machine: what each tells, and above all what it does not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protogen_fsm.backends.python.messages import regex
from protogen_fsm.checks.guards import Guards, Names, Numbers
from protogen_fsm.checks.moves import Moves, backwards, components
from protogen_fsm.checks.patterns import matches_all
from protogen_fsm.diagnostics import Diagnostic
from protogen_fsm.model.messages import Text
from protogen_fsm.pipeline import check, understand
from protogen_fsm.source import Source
from timing import cpu_seconds

LINES = 'use Lines from "lines.proto"\n'


def machine(body: str, declared: str = "accepts go, stop", head: str = "machine M") -> str:
    return f"protocol P\n{LINES if 'Lines' in head else ''}{head} {{\n{declared}\n{body}\n}}\n"


def said(text: str) -> list[Diagnostic]:
    return list(check(Source("spec.proto", text)))


def codes(text: str) -> list[str]:
    return [diagnostic.code for diagnostic in said(text)]


def moves(text: str) -> Moves:
    return Moves(next(iter(understand(Source("spec.proto", text)).machines.values())))


# ---------------------------------------------------------------- states


def test_of_a_dead_part_only_its_beginnings_are_told() -> None:
    found = said(
        machine("""
        initial state A { on go -> Z }
        state B { on go -> C  on stop -> Z }
        state C { on go -> B }
        state D { on go -> C }
        final state Z
        """)
    )
    assert [one.title for one in found if one.code == "PG201"] == ["nothing leads to the state `D`"]


def test_of_a_dead_circle_one_state_is_told() -> None:
    assert codes(
        machine("""
        initial state A { on go -> Z }
        state B { on go -> C }
        state C { on go -> B  on stop -> Z }
        final state Z
        """)
    ) == ["PG201"]


def test_the_rows_of_a_state_around_lead_out_of_those_inside() -> None:
    assert not codes(
        machine("""
        state ALL {
            on stop -> Z
            initial state A { on go -> B }
            state B
        }
        final state Z
        """)
    )


def test_close_is_an_end() -> None:
    assert not codes(
        machine("initial state A { on go -> B  on stop / close }  state B { on go, stop / close }")
    )


def test_a_machine_without_an_end_is_a_layer_and_may_stay_in_one_state() -> None:
    assert not codes(machine("initial state A { on go, stop }"))


def test_a_state_that_takes_nothing_has_no_way_out_even_where_nothing_ends() -> None:
    assert codes(machine("initial state A { on go -> B  on stop -> A }  state B")) == ["PG202"]


def test_states_deep_inside_are_found_without_recursion_in_the_rules() -> None:
    assert not codes(
        machine(
            "state S0 { on stop -> Z "
            + "".join(f"state S{n} {{ " for n in range(1, 30))
            + "initial state A { on go -> A }"
            + "}" * 30
            + " final state Z"
        )
    )


def test_the_components_of_a_graph_come_before_those_that_lead_to_them() -> None:
    graph = moves(
        machine("initial state A { on go -> B } state B { on go -> A on stop -> C } final state C")
    ).successors
    parts = [[getattr(node, "name", node) for node in part] for part in components(graph)]
    assert sorted(map(sorted, parts)) == [["A", "B"], ["C"], ["pop"]]
    assert parts.index(["C"]) < next(i for i, part in enumerate(parts) if "A" in part)
    assert sum(map(len, backwards(graph).values())) == sum(map(len, graph.values()))


# ---------------------------------------------------------------- guards


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("n > 3", "n <= 3", []),
        ("n > 3", "n > 5", ["PG205"]),
        ("n > 5", "n > 3", []),
        ("n >= 3", "n <= 3", ["PG204"]),
        ("3 < n", "n > 3", ["PG204"]),
        ("n == 1", "n == 2", []),
        ("n != 1", "n == 1", []),
        ("n in [1, 2]", "n == 2", ["PG205"]),
        ("not n in [1, 2]", "n == 2", []),
        ("n > 3 and b", "n > 3 and not b", []),
        ("b", "n > 3", []),
        ("b", "n > 3 and b", ["PG205"]),
        ("b or n > 3", "b", ["PG205"]),
        ("not (b or n > 3)", "not b and n <= 3", ["PG204"]),
        ('s == "x"', 's == "y"', []),
        ('s == "x"', 's == "x"', ["PG204"]),
        ('s != "x"', 's == "y"', ["PG205"]),
        ("size(s) == 0", "size(s) > 0", []),
        ("asked(n)", "asked(n)", ["PG204"]),
        ("asked(n)", "asked(n + 1)", []),
        ("n < m", "n < m and b", ["PG205"]),
        ("x < 1.5", "x < 1", []),
        ("n % 2 == 0", "n % 2 == 1", []),
        ("n > m", "n > m + 1", []),
    ],
)
def test_guards_are_compared_as_far_as_they_can_be(
    first: str, second: str, expected: list[str]
) -> None:
    text = machine(
        f"""
        initial state A {{
            on go(n, m, b, s, x) when {first}  -> A
            on go(k, l, c, t, y) when {_renamed(second)} -> Z
        }}
        final state Z
        """,
        "accepts go(n: int, m: int, b: bool, s: str, x: float)\npredicate asked(n: int)",
    )
    assert [code for code in codes(text) if code not in ("PG208",)] == expected


@pytest.mark.parametrize(
    ("second", "expected"),
    [("n == none", []), ("n != none and n > 5", ["PG205"]), ("n != none and n < 3", [])],
)
def test_a_guard_may_ask_whether_there_is_a_number_and_then_which(
    second: str, expected: list[str]
) -> None:
    text = machine(
        f"""
        initial state A {{
            on go(n) when n != none and n > 3 -> A
            on go(n) when {second} -> Z
        }}
        final state Z
        """,
        "accepts go(n: int?)",
    )
    assert [code for code in codes(text) if code not in ("PG208",)] == expected


def _renamed(guard: str) -> str:
    for old, new in (("n", "k"), ("m", "l"), ("b", "c"), ("s", "t"), ("x", "y")):
        guard = re.sub(rf"(?<![\w\"]){old}(?![\w\"])", new, guard)
    return guard


def test_a_row_without_a_guard_behind_guarded_ones_is_what_else_may_come() -> None:
    assert not codes(
        machine(
            "initial state A { on go(n) when n > 3 -> A  on go -> Z } final state Z",
            "accepts go(n: int)",
        )
    )


def test_the_rows_of_the_machine_itself_are_forestalled_where_a_state_has_its_own() -> None:
    assert not codes(
        machine(
            "on stop -> Z  initial state A { on go -> B }"
            " state B { on stop -> A  on go } final state Z"
        )
    )


def test_rows_of_the_machine_that_every_state_forestalls_never_fire() -> None:
    text = machine("ignore stop  initial state A { on go -> A on stop -> Z } final state Z")
    assert not codes(text)


def test_numbers_and_their_classes_do_not_compete() -> None:
    assert not codes(
        'protocol P\nuse Replies from "lines.proto"\nmessage HELO = "HELO"\n'
        "machine M over Replies { receives reply  sends HELO\n"
        "initial state A { on 2xx -> B / send HELO  on 220 -> Z  on reply -> Z  after 1s -> Z }\n"
        "state B { on 250 -> Z  after 1s -> Z }  final state Z }"
    )


small = st.integers(-3, 6)
stretch = st.tuples(small, small).map(sorted).map(tuple)


@settings(deadline=None)
@given(st.lists(stretch, max_size=3), st.lists(stretch, max_size=3))
def test_sets_of_numbers_are_sets(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    a, b = _numbers(one), _numbers(other)
    assert _members(a.meet(b)) == _members(a) & _members(b)
    assert _members(a.without(b)) == _members(a) - _members(b)


def _numbers(stretches: list[tuple[int, int]]) -> Numbers:
    whole = Numbers(((-10, 10),))
    rest = whole
    for low, high in stretches:
        rest = rest.without(Numbers(((low, high),)))
    return whole.without(rest)


def _members(numbers: Numbers) -> set[int]:
    return {n for n in range(-10, 11) if any(a <= n <= b for a, b in numbers.stretches)}


names_ = st.builds(Names, st.frozensets(st.sampled_from("abc")), st.booleans())


@given(names_, names_)
def test_sets_of_names_are_sets(a: Names, b: Names) -> None:
    def members(one: Names) -> set[str]:
        return {n for n in "abcd" if (n in one.names) != one.all_but}

    assert members(a.meet(b)) == members(a) & members(b)
    assert members(a.without(b)) == members(a) - members(b)


comparison = st.builds(
    "{} {} {}".format, st.sampled_from("nm"), st.sampled_from(["<", ">=", "=="]), st.integers(0, 3)
)
guard = st.recursive(
    comparison,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("(not {})".format, inner),
    ),
    max_leaves=4,
)


@settings(deadline=None)
@given(st.lists(guard, min_size=1, max_size=3))
def test_what_is_left_of_guards_is_what_none_of_them_takes(guards: list[str]) -> None:
    rows = "\n".join(f"on go(n, m) when {one} -> A" for one in guards)
    found = moves(
        machine(
            f"initial state A {{ {rows}  on stop -> Z }} final state Z",
            "accepts go(n: 0..4, m: 0..4), stop",
        )
    )
    one = Guards()
    cases = [one.cases(row) for row in found.states[0].transitions if row.guard is not None]
    left = one.remaining([{}], [case for case in cases if case is not None])
    assert None not in cases
    assert left is not None
    taken = {
        (n, m)
        for n in range(5)
        for m in range(5)
        if any(eval(guard, {"n": n, "m": m}) for guard in guards)
    }
    assert bool(left) == (len(taken) < 25)


# ---------------------------------------------------------------- patterns

part = st.sampled_from(['"A"', '"B"', '"AB"', 'i"a"', "s", "n", "r", '["A" u]', '["-" t]', '" "'])


@settings(deadline=None, max_examples=60)
@given(*[st.lists(part, min_size=1, max_size=4, unique=True)] * 2)
def test_a_pattern_said_to_match_all_of_another_does(one: list[str], other: list[str]) -> None:
    patterns = []
    for parts in (one, other):
        fields = {"s": "str", "n": "int", "r": "5..25", "t": "str", "u": "str"}
        found = dict.fromkeys(re.findall(r"\b[snrtu]\b", re.sub(r'"[^"]*"', "", " ".join(parts))))
        params = ", ".join(f"{name}: {fields[name]}" for name in found)
        text = f"protocol P\nmessage X({params}) = {' '.join(parts)}"
        if not params:
            text = text.replace("()", "")
        patterns.append(understand(Source("spec.proto", text)).messages["X"])
    wide, narrow = patterns
    assert isinstance(wide.pattern, Text)
    assert isinstance(narrow.pattern, Text)
    told = matches_all(wide.pattern, narrow.pattern)
    samples = [a + b + c for a in SAMPLES for b in SAMPLES for c in SAMPLES]
    kept = [s for s in samples if re.fullmatch(regex(narrow), s, re.S)]
    if told:
        assert all(re.fullmatch(regex(wide), s, re.S) for s in kept)


SAMPLES = [b"", b"A", b"B", b"AB", b"a", b" ", b"-x", b"7", b"12", b"-3", b"\r\n", b"b C"]


# ---------------------------------------------------------------- what is said of whom


def test_the_wait_of_a_layer_is_not_told_where_another_machine_stands_on_it() -> None:
    layer = """
    machine Pings over Lines {
        receives PING
        emits    beat
        initial state A { on PING -> B / emit beat }
        state B { on PING -> A / emit beat  on stop / close }
        accepts_stop
    }
    machine Top over Pings {
        receives beat
        initial state A { on beat -> Z  after 1s -> Z }
        final state Z
    }
    """.replace("emits    beat", "emits    beat\n        accepts  stop").replace("accepts_stop", "")
    text = f'protocol P\n{LINES}message PING = "PING"\n{layer}'
    assert not codes(text)
    alone = text[: text.index("machine Top")]
    assert codes(alone) == ["PG209"]


def test_a_state_that_the_application_can_end_is_no_wait_for_the_peer() -> None:
    text = machine(
        "initial state A { on data -> Z  on go -> Z } final state Z".replace("data", "PING"),
        "receives PING  accepts go",
        "machine M over Lines",
    ).replace("machine M", 'message PING = "PING"\nmachine M')
    assert not codes(text)


def test_a_warning_is_silenced_as_far_as_its_allow_reaches_and_no_further() -> None:
    body = """
    initial state A { on go -> Z }
    state B { ALLOW on go -> Z }
    state C { on go -> Z }
    final state Z
    """
    silenced = body.replace("ALLOW", 'allow unreachable_state "for later"')
    assert codes(machine(body.replace("ALLOW", ""), "accepts go")) == ["PG201", "PG201"]
    assert codes(machine(silenced, "accepts go")) == ["PG201"]
    everywhere = 'accepts go  allow unreachable_state "for later"'
    assert codes(machine(body.replace("ALLOW", ""), everywhere)) == []


def test_errors_cannot_be_silenced() -> None:
    text = machine(
        'allow overlapping_guards "no"'
        " initial state A { on go -> A  on go -> Z  on stop -> Z } final state Z"
    )
    assert "PG117" in codes(text)


def test_only_the_machines_of_the_file_itself_are_checked() -> None:
    spec = understand(
        Source(
            "spec.proto", machine("initial state A { on line / close }", "", "machine M over Lines")
        )
    )
    assert list(spec.machines) == ["M"]


def test_what_is_said_comes_in_the_order_of_the_text() -> None:
    found = said(
        machine(
            """
            initial state A { on go -> Z  on go -> A }
            state B { on go -> Z }
            final state Z
            """,
            "accepts go, never\nvar unused: int = 0",
        )
    )
    assert [one.code for one in found] == ["PG207", "PG208", "PG204", "PG201"]
    places = [one.span.start for one in found if one.span is not None]
    assert places == sorted(places)


# ---------------------------------------------------------------- variables


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("initial state A { on go -> Z / v = 1, emit told(v) on stop -> Z }", []),
        ("initial state A { on go -> Z / emit told(v), v = 1 on stop -> Z }", ["PG215"]),
        ("initial state A { on go / v += 1 on stop -> Z }", ["PG215"]),
        ("initial state A { entry / v = 1  on go -> Z / emit told(v)  on stop -> Z }", []),
        ("initial state A { exit / v = 1  on go -> Z / emit told(v)  on stop -> Z }", []),
        (
            "initial state A { on go -> B / v = 1  on stop -> B }"
            "state B { on go -> Z / emit told(v) on stop -> Z }",
            ["PG215"],
        ),
        (
            "initial state A { on go -> push B on stop -> B / v = 2 }"
            "state B { on go -> pop / v = 1 on stop -> Z / emit told(v) }",
            ["PG215"],
        ),
    ],
)
def test_a_variable_is_set_on_every_way_to_where_it_is_read(body: str, expected: list[str]) -> None:
    text = machine(f"{body} final state Z", "accepts go, stop  emits told(v: int)  var v: int")
    assert [code for code in codes(text) if code == "PG215"] == expected


def test_what_a_pushed_state_sets_is_set_when_it_has_popped() -> None:
    assert not codes(
        machine(
            """
            initial state A { entry -> push ASK  on asked -> Z / emit told(v) }
            state ASK { on go -> pop / v = 1, raise asked  on stop -> pop / raise asked }
            final state Z
            """,
            "accepts go, stop  emits told(v: int)  var v: int",
        )
    )


# ---------------------------------------------------------------- names


@pytest.mark.parametrize("name", ["type", "match", "id", "max", "size", "description"])
def test_soft_keywords_and_most_builtins_name_fields_and_variables(name: str) -> None:
    assert not codes(
        machine(
            f"initial state A {{ on go({name}) -> A / self.{name} = {name}"
            f"  on stop -> Z / emit told({name}) }} final state Z",
            f"accepts go({name}: int), stop  emits told({name}: int)  var {name}: int = 0",
        )
    )


@pytest.mark.parametrize("name", ["class", "int", "READY_READY", "default", "do_A_go"])
def test_a_state_may_be_called_anything(name: str) -> None:
    text = machine(f"initial state {name} {{ on go -> {name}  on stop -> Z }} final state Z")
    assert not codes(text)


def test_an_event_named_timeout_collides_with_the_handler_of_a_time_out() -> None:
    body = "initial state A { on go -> A  after 1s -> Z }  state A_x { on go -> Z }  final state Z"
    assert "PG501" in codes(machine(body, "accepts go, x_timeout"))


def test_a_hostile_spec_is_refused_by_name_and_place() -> None:
    found = said(machine("initial state A { on __init__ -> Z } final state Z", "accepts __init__"))
    assert [(one.code, one.help) for one in found] == [("PG112", "call it `init`")]


# ---------------------------------------------------------------- layers and instances


def test_an_event_that_carries_the_field_of_a_many_is_for_its_instances() -> None:
    text = """protocol P
    use Lines from "lines.proto"
    message ACK(id: int) = "ACK " id
    machine Delivery(id: int) {
        receives ACK
        initial state WAITING { on ACK -> DONE  after 20s -> WAITING }
        final state DONE
    }
    machine Client over Lines {
        receives ACK
        accepts  deliver(id: int), stop
        many flights: Delivery by id limit 10
        initial state A { on deliver(id) / start flights(id)  on stop -> Z }
        final state Z
    }
    """
    assert not codes(text)


def test_what_one_region_does_may_end_the_others() -> None:
    assert not codes(
        machine(
            """
            initial state BOTH {
                region Left { initial state A { on go -> B } state B }
                region Right { initial state C { on stop -> Z } }
            }
            final state Z
            """
        )
    )


def test_a_message_told_as_shadowed_is_shadowed_in_every_list_that_holds_it() -> None:
    head = (
        f"protocol P\n{LINES}"
        'message ANY(text: str) = text\nmessage QUIT = "QUIT"\n'
        "machine M over Lines { receives ANY, QUIT\n"
        "initial state A LIST { on ANY -> B  on QUIT -> Z  after 1s -> Z }\n"
        "state B receives ANY { on ANY -> A  after 1s -> Z }\n"
        "final state Z }"
    )
    assert codes(head.replace("LIST", "")) == ["PG303"]
    assert codes(head.replace("LIST", "receives QUIT, ANY")) == []


def test_a_length_that_a_guard_compares_is_bounded() -> None:
    text = """protocol P
    message SIZE(length: int) = "SIZE " length
    machine M over bytes {
        receives SIZE
        initial state A reads line { GUARD on SIZE(length) -> B(length)  after 1s -> Z }
        state B(length: int) reads bytes(length) { on data -> A  after 1s -> Z }
        final state Z
    }
    """
    assert codes(text.replace("GUARD", "")) == ["PG302"]
    assert codes(text.replace("GUARD", "on SIZE(length) when length > 100 -> Z")) == []


@pytest.mark.parametrize("open_", ["on open -> B", "entry / start patience"])
def test_a_wait_ends_by_opening_or_by_a_timer_around_it(open_: str) -> None:
    text = machine(
        f"""
        on patience -> Z
        on PING -> Z
        initial state A {{ {open_}  on eof -> Z }}
        state B {{ entry / start patience  on eof -> Z  on go -> A }}
        final state Z
        """,
        "receives PING  accepts go  timer patience = 5s",
        "machine M over Lines",
    ).replace("machine M", 'message PING = "PING"\nmachine M')
    assert "PG209" not in codes(text)


def test_a_layer_is_told_only_of_what_it_can_emit_when_asked_so() -> None:
    text = """protocol P
    machine Low over bytes {
        accepts more
        emits   much, little
        initial state A reads u8 { on data / emit little  on more -> B }
        state B reads u8 { on data -> A / emit much }
    }
    machine High over Low {
        receives little  accepts go
        initial state A { on little -> Z  on go ASK -> Z }
        final state Z
    }
    """
    assert codes(text.replace(" ASK", "")) == []
    assert codes(text.replace("ASK -> Z", "-> Z / send more")) == ["PG304"]


def test_a_thousand_states_that_inherit_a_thousand_rows_are_checked_in_a_moment() -> None:
    events = [f"e{n}" for n in range(1000)]
    rows = "\n".join(f"on {event} -> {event.upper()}" for event in events)
    states = "\n".join(f"state {event.upper()}" for event in events[1:])
    text = f"""protocol P
machine M {{ accepts {", ".join(events)} raises
    state S {{ {rows}\ninitial state E0\n{states} }} }}""".replace(" raises", "")
    assert not check(Source("p.proto", text))
    # one pass over rows and states took ten seconds more
    assert cpu_seconds(lambda: check(Source("p.proto", text))) < 4
