"""Faces, layers, states and their lines."""

from __future__ import annotations

import pytest

from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model.types import (
    BYTES,
    OBJECT,
    STR,
)
from resolved import codes, in_session, meant, one


# ---------------------------------------------------------------- faces and layers
def test_an_event_named_by_a_field_is_taken_by_number_and_class() -> None:
    spec = meant(
        'protocol P\nuse Lines from "lines.proto"\n'
        'message Reply(code: 200..599, text: str) by code = code " " text\n'
        "machine C over Lines { receives Reply\n"
        "var n: int = 0 initial state S { on 250(text), 4xx(text) / n = code\n on odd\n on 7 } }"
    )
    first, second, odd, seven = spec.machines["C"].states[0].transitions
    assert (first.match.value, second.match.value) == ("250", "4xx")
    assert first.match.event is second.match.event
    assert odd.match.value == ""
    assert seven.match.event is odd.match.event
    assert first.names == ("text",)


def test_the_names_of_a_line_stand_for_all_numbers_of_one_event() -> None:
    spec = meant(
        "protocol P\nmessage Reply(code: 200..599, text: str) by code = code text\n"
        "machine C over bytes { receives Reply\n"
        "initial state S reads rest { on 4xx, 5xx(text) -> T(text) } final state T(text: str) }"
    )
    assert [t.names for t in spec.machines["C"].states[0].transitions] == [("text",), ("text",)]


@pytest.mark.parametrize(
    ("machine", "code"),
    [
        ("machine M over Lnes { receives EHLO\n initial state S { on EHLO\n on 250 } }", "PG105"),
        ("machine M over EHLO { initial state S }", "PG105"),
        ("machine M over M { initial state S }", "PG120"),
        ("machine M over A { initial state S }\nmachine A over M { initial state S }", "PG120"),
        ("machine M over Lines(1) { initial state S }", "PG106"),
        ("machine M over Lines(ned: \"x\") { initial state S }", "PG107"),
        ("machine M over Lines { receives EHLOO\n initial state S { on EHLOO } }", "PG102"),
        ("machine M over Lines { receives lnie\n initial state S }", "PG102"),
        ("machine M over Lines { sends lnie\n initial state S { on open / send lnie } }", "PG305"),
        ("machine M over Lines { receives PING\n initial state S { on PING } }", "PG316"),
        ("machine M over Mute { receives EHLO\n initial state S }", "PG102"),
        ("machine M over Mute { sends EHLO\n initial state S }", "PG305"),
        ("machine M over Lines { initial state S { on EHLO } }", "PG102"),
        ("machine M over Lines { initial state S { on open / send EHLO(\"\") } }", "PG102"),
        ("machine M over Lines { receives EHLO\n accepts EHLO\n initial state S }", "PG104"),
        ("machine M over Lines { emits a, a\n initial state S }", "PG104"),
        ("machine M { accepts open(a: int)\n initial state S }", "PG104"),
        ("machine M { accepts a answered by b\n initial state S }", "PG102"),
        ("machine M over bytes { sends x(a: int)\n initial state S reads rest }", "PG305"),
        ("machine M { receives EHLO\n initial state S { on EHLO } }", "PG318"),
        ("machine M over Lines { initial state S reads rest }", "PG314"),
        ("machine M over bytes { initial state S }", "PG313"),
        ("machine M over bytes { initial state S reads nonsense }", "PG315"),
        ("machine M over bytes { initial state S reads bytes }", "PG315"),
        ("machine M over bytes { initial state S reads line(size: 3) }", "PG315"),
        ("machine M over bytes { initial state S reads line(max: \"x\") }", "PG106"),
        ("machine M over bytes { receives Reply\n initial state S reads u8 { on 6xx } }",
         "PG320"),
        ("machine M over bytes { sends Reply\n initial state S reads u8 { on open / send 2xx } }",
         "PG320"),
        ("machine M over bytes { sends Reply\n initial state S reads u8 { on open / send 700 } }",
         "PG320"),
        ("machine M depth x { initial state S }", "PG103"),
        ("machine M depth 0 { initial state S }", "PG106"),
        ("machine M { many all: N by id\n initial state S }", "PG105"),
        ("machine M { many all: Mute by id\n initial state S }", "PG108"),
        ("machine M { otherwise perhaps\n initial state S }", "PG108"),
        ("machine M { accepts a\n initial state S { on a / starttls } }", "PG321"),
    ],
)  # fmt: skip
def test_one_mistake_in_a_face_is_said_once(machine: str, code: str) -> None:
    text = f"""protocol P
use Lines from "lines.proto"
message EHLO(domain: str) = i"EHLO " domain
message PING
message Reply(code: 200..599) by code = code
machine Mute over bytes {{ initial state S reads rest }}
{machine}
"""
    assert one(text).code == code


def test_what_is_over_bytes_hears_them_as_they_are() -> None:
    spec = meant("protocol P\nmachine M over bytes { initial state S reads chunk { on data(x) } }")
    event = spec.machines["M"].states[0].transitions[0].match.event
    assert event is not None
    assert [param.type for param in event.params] == [BYTES]


def test_machines_over_nothing_may_be_linked_in_a_system() -> None:
    assert (
        codes(
            """protocol P
machine A { sends ask(n: int)\n receives answer\n accepts go
    initial state S { on go / send ask(1)\n on answer } }
machine B { receives ask(n: int)\n sends answer\n initial state S { on ask / send answer } }
system Both { peer a: A\n peer b: B\n link a <-> b capacity 1 }
"""
        )
        == []
    )


# ---------------------------------------------------------------- states and lines
@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("on login -> NOWHERE", "PG101"),
        ("on login -> BUSY", "PG107"),
        ("on login -> BUSY(1)", "PG106"),
        ("on login -> BUSY(\"a\", \"b\")", "PG107"),
        ("on login -> BUSY(jb: \"a\")", "PG107"),
        ("on login(a, b, c)", "PG107"),
        ("on login(a, a)", "PG104"),
        ("on *(a)", "PG107"),
        ("on logn -> DONE", "PG102"),
        ("on login(user), logout -> DONE", "PG116"),
        ("on login | yes(a: int) -> DONE\n on logout | yes(a: str) -> DONE", "PG214"),
        ("on login | yes(a: int = 1) -> DONE\n on logout | yes(a: int = 2) -> DONE", "PG214"),
        ("on login | yes(a: int = 1, b: int) -> DONE", "PG121"),
        ("on login / emit tld(\"\")", "PG102"),
        ("on login / emit told", "PG107"),
        ("on login / emit told(1)", "PG106"),
        ("on login / send told(\"\")", "PG102"),
        ("on login / nothing = 1", "PG103"),
        ("on login / limit = 1", "PG103"),
        ("on login(user) / user = \"\"", "PG103"),
        ("on login(user) / n = user", "PG106"),
        ("on login / n += \"x\"", "PG106"),
        ("on login / flag += true", "PG106"),
        ("on login / start patience", "PG108"),
        ("on login / stop patience", "PG108"),
        ("on login / start t(\"x\")", "PG106"),
        ("on login / start t(1s, 2s)", "PG107"),
        ("on login / known(\"x\")", "PG108"),
        ("on login / log(1)", "PG106"),
        ("on login / log()", "PG107"),
        ("after \"x\" -> DONE", "PG106"),
        ("after 0s -> DONE", "PG220"),
        ("ignore nothing", "PG102"),
        ("defer nothing", "PG102"),
        ("on login -> history DONE", "PG216"),
        ("initial state I\n state READY", "PG104"),
        ("initial state A\n initial state B", "PG114"),
        ("region R { initial state A }\n initial state B", "PG119"),
        ("region R { state A }", "PG113"),
        ("region R { initial state A }\n region R { initial state B }", "PG104"),
        ("on login -> A\n initial state I\n state A { state B }", "PG113"),
        ("initial state A(n: int)", "PG221"),
        ("initial state I\n state A(n: int) { state B }\n on login -> B", "PG221"),
        ("allow wait_without_timout \"x\"", "PG117"),
        ("on logout keep", "PG102"),
    ],
)  # fmt: skip
def test_one_mistake_in_a_line_is_said_once(lines: str, code: str) -> None:
    declared = """var n: int = 0 var flag: bool = false timer t = 5s
        predicate known(name: str) action log(text: str)"""
    assert one(in_session(lines, declared)).code == code


def test_a_composite_state_may_mark_the_machines_first_state() -> None:
    spec = meant(
        "protocol P\nmachine M { accepts a\n state OPEN { initial state S { on a -> DONE } }\n"
        "final state DONE }"
    )
    machine = spec.machines["M"]
    assert machine.states[0].initial
    assert machine.initial().name == "S"


RESP = """protocol RESP
message simple(text: str) = "+" text
message bulk(n: int)      = "$" n
message array(n: int)     = "*" n
message payload(value: bytes) = value "\\r\\n"
machine Replies over bytes {
    receives simple, bulk, array
    emits    told(value: object)
    initial state TOP {
        entry      -> push ITEM
        on item(v) -> push ITEM / emit told(v)
    }
    state ITEM reads line(max: 64KiB) {
        on simple(text)   -> pop / raise item(text)
        on bulk(n)        -> BULK(n)
        on array(n) when n <= 0 -> pop / raise item([])
        on array(n)       -> ARRAY(n, [])
    }
    state BULK(n: int) reads bytes(n + 2) receives payload {
        on payload(value) -> pop / raise item(value)
    }
    state ARRAY(left: int, items: list[object]) {
        entry                    -> push ITEM
        on item(v) when left > 1 -> push ITEM / left -= 1, items += [v]
        on item(v)               -> pop / items += [v], raise item(items)
    }
}
"""


def test_an_event_only_raised_has_the_parameters_it_is_raised_with() -> None:
    machine = meant(RESP).machines["Replies"]
    item = machine.events["item"]
    assert item.origin == "itself"
    assert [(param.name, param.type) for param in item.params] == [("v", OBJECT)]
    array = machine.states[3]
    assign = array.transitions[0].branches[0].actions[0]
    assert isinstance(assign, mc.Assign)
    assert isinstance(assign.target, mc.StateParam)
    assert assign.target.state is array


def test_an_event_raised_with_one_type_has_that_type() -> None:
    spec = meant(in_session("on login(user, level) / raise done(user)\n on done(x) / emit told(x)"))
    assert [p.type for p in spec.machines["Session"].events["done"].params] == [STR]


def test_a_guard_asks_where_a_region_is() -> None:
    text = """protocol P
machine M { accepts a
    initial state OPEN {
        region Sending { initial state S1 { on a when Receiving in R2 -> S2 } state S2 }
        region Receiving { initial state R1 { on a -> R2 } state R2 }
    }
}"""
    machine = meant(text).machines["M"]
    found = machine.states[0].regions[0].states[0].transitions[0].guard
    assert isinstance(found, ex.InState)
    assert (found.subject, found.state.name) == ("Receiving", "R2")
    assert one(text.replace("in R2", "in S2")).code == "PG101"
    assert one(text.replace("Receiving in", "Recieving in")).code == "PG103"
    assert one(text.replace("R1 { on a -> R2", "R1 { on a -> S2")).code == "PG219"


def test_many_instances_are_started_by_their_field() -> None:
    text = """protocol P
machine Flight(host: str) { accepts ack(id: int)\n emits done(id: int)
    initial state S { on ack(id) -> E / emit done(id) } final state E }
machine M { accepts go(id: int)
    many flights: Flight("x") by id limit 100
    initial state S { on go(id) / start flights(id)\n on done(id) } }"""
    machine = meant(text).machines["M"]
    start = machine.states[0].transitions[0].branches[0].actions[0]
    assert isinstance(start, mc.StartInstance)
    assert start.many.limit == 100
    assert len(start.args) == 1
    assert one(text.replace("start flights(id)", "start flihgts(id)")).code == "PG108"


def test_a_line_of_the_machine_holds_where_a_state_has_none_of_its_own() -> None:
    machine = meant(
        "protocol P\nmachine M { accepts go, stop, wait\n ignore stop, wait on go -> Z\n"
        "initial state A { on stop -> Z ignore go } state B final state Z }"
    ).machines["M"]
    a, b, z = machine.states
    assert [row.match.text for row in a.transitions] == ["stop"]
    assert [match.text for match in a.ignored] == ["go", "wait"]
    assert [row.match.text for row in b.transitions] == ["go"]
    assert not z.transitions
