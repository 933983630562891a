"""Names and types: what a spec means, and what is said where it means nothing."""

from __future__ import annotations

import time

import pytest

from protogen_fsm.diagnostics import Diagnostic, SpecError
from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model import messages as ms
from protogen_fsm.model.spec import Spec
from protogen_fsm.model.types import (
    BOOL,
    BYTES,
    INT,
    OBJECT,
    STR,
    Enum,
    ListOf,
    Optional,
    Range,
    Struct,
)
from protogen_fsm.resolve import resolve
from protogen_fsm.source import Source
from protogen_fsm.syntax import tree
from protogen_fsm.syntax.parse import parse

LINES = """protocol Lines
machine Lines(end: str = "\\r\\n", max: int = 1000) over bytes {
    accepts block(delimiter: bytes, limit: int), text(octets: bytes)
    emits   line(octets: bytes), block(body: bytes), odd(code: int) by code
    initial state LINE reads line(end, max) {
        on data(octets)            / emit line(octets)
        on block(delimiter, limit) -> BLOCK(delimiter, limit)
    }
    state BLOCK(delimiter: bytes, limit: int) reads block(delimiter, limit) {
        on data(octets) -> LINE / emit block(octets)
    }
}
"""

SMTP = """protocol SMTP "Simple Mail Transfer Protocol, RFC 5321"

use Lines from "lines.proto"

message EHLO(domain: str)                     = i"EHLO " domain
message MAIL(sender: str, parameters: str)    = i"MAIL FROM:<" sender ">" [" " parameters]
message RCPT(recipient: str)                  = i"RCPT TO:<" recipient ">"
message DATA                                  = i"DATA"
message RSET                                  = i"RSET"
message NOOP                                  = i"NOOP"
message QUIT                                  = i"QUIT"
message Reply(code: 200..599, text: str) by code = code " " text

machine Server(host: str) over Lines(end: "\\r\\n", max: 1000) "The side that takes mail." {
    receives EHLO, MAIL, RCPT, DATA, RSET, NOOP, QUIT
    sends    Reply
    emits    mail(sender: str, recipients: list[str], body: bytes)

    var sender: str
    var recipients: list[str] = []

    initial state CONNECTED {
        on open
            | accept                     -> GREETING / send 220(host)
            | refuse(text: str)          -> CLOSED   / send 554(text)
    }

    state SESSION "Everything between greeting and farewell." {
        on NOOP                                      / send 250("OK")
        on RSET                          -> READY    / send 250("OK")
        on QUIT                          -> CLOSED   / send 221("Bye")
        on malformed                                 / send 500("Syntax error")
        on *                                         / send 503("Bad sequence of commands")
        after 5min                       -> CLOSED   / send 421("Timeout")

        state GREETING {
            on EHLO(domain)              -> READY    / send 250("Hello")
        }
        state READY {
            on MAIL(sender, parameters)
                | accept                 -> ENVELOPE / self.sender = sender, recipients = [], send 250("OK")
                | reject(text: str)                  / send 550(text)
        }
        state ENVELOPE {
            on RCPT(recipient) when size(recipients) >= 100  / send 452("Too many recipients")
            on RCPT(recipient)
                | accept                             / recipients += [recipient], send 250("OK")
                | reject(text: str)                  / send 550(text)
            on DATA when size(recipients) == 0       / send 554("No valid recipients")
            on DATA                      -> BODY     / send block("\\r\\n.\\r\\n", 32MiB), send 354("Go ahead")
        }
    }

    state BODY receives block {
        on block(body)
            | accept                     -> READY    / emit mail(sender, recipients, body), send 250("Queued")
            | reject(text: str)          -> READY    / send 554(text)
        after 10min                      -> CLOSED   / send 421("Timeout")
    }

    final state CLOSED
}
"""

FILES = {"lines.proto": LINES}


def load(source: Source, text: tree.Text) -> tree.File:
    if text.value not in FILES:
        raise SpecError([Diagnostic("PG109", "no such file", text.span)])
    return parse(Source(text.value, FILES[text.value]))


def meant(text: str) -> Spec:
    return resolve(parse(Source("spec.proto", text)), load)


def said(text: str) -> list[Diagnostic]:
    try:
        meant(text)
    except SpecError as error:
        return list(error.diagnostics)
    return []


def codes(text: str) -> list[str]:
    return [one.code for one in said(text)]


def one(text: str) -> Diagnostic:
    found = said(text)
    assert len(found) == 1, [f"{d.code}: {d.title} ({d.span})" for d in found]
    return found[0]


def in_session(lines: str, declared: str = "", before: str = "") -> str:
    return f"""protocol P
{before}
machine Session(limit: int = 3) {{
    accepts login(user: str, level: 0..7), logout, sent(body: bytes)
    emits   told(text: str)
    {declared}
    initial state READY {{
        {lines}
    }}
    state BUSY(job: str) {{
        on logout -> READY
    }}
    final state DONE
}}
"""


def row(text: str, n: int = 0) -> mc.Transition:
    machine = meant(text).machines["Session"]
    return machine.states[0].transitions[n]


def guard(expression: str, declared: str = "", before: str = "") -> ex.Expr:
    lines = f"on login(user, level) when {expression} -> DONE"
    found = row(in_session(lines, declared, before)).guard
    assert found is not None
    return found


# ---------------------------------------------------------------- the example


def test_the_example_of_the_language_page_means_what_it_says() -> None:
    spec = meant(SMTP)
    server = spec.machines["Server"]
    below = server.below
    assert below is not None
    assert below.machine is spec.used["lines.proto"].machines["Lines"]
    assert below.frame is not None
    assert below.frame.name == "line"
    assert below.accepts_frame is not None
    assert below.accepts_frame.name == "text"
    assert [event.name for event in server.receives] == [
        "EHLO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT",
    ]  # fmt: skip
    assert server.initial().name == "CONNECTED"
    assert set(server.outcomes) == {"accept", "refuse", "reject"}
    assert server.events["block"].origin == "below"
    assert server.events["MAIL"].message is spec.messages["MAIL"]
    body = next(state for state in server.states if state.name == "BODY")
    assert body.receives == (server.events["block"],)


def test_a_number_that_is_sent_fills_in_the_field_that_names_it() -> None:
    server = meant(SMTP).machines["Server"]
    send = server.states[0].transitions[0].branches[1].actions[0]
    assert isinstance(send, mc.Send)
    assert send.output.name == "Reply"
    code, text = send.args
    assert isinstance(code, ex.Value)
    assert code.value == 554
    assert isinstance(text, ex.Local)
    assert text.scope == "outcome"


def test_text_becomes_bytes_where_bytes_are_asked_for() -> None:
    envelope = meant(SMTP).machines["Server"].states[1].states[2]
    block = envelope.transitions[3].branches[0].actions[0]
    assert isinstance(block, mc.Send)
    delimiter, limit = block.args
    assert isinstance(delimiter, ex.Value)
    assert delimiter.value == b"\r\n.\r\n"
    assert delimiter.type == BYTES
    assert isinstance(limit, ex.Value)
    assert limit.value == 32 * 1024 * 1024


def test_self_is_the_variable_behind_a_parameter() -> None:
    ready = meant(SMTP).machines["Server"].states[1].states[1]
    assign = ready.transitions[0].branches[0].actions[0]
    assert isinstance(assign, mc.Assign)
    assert isinstance(assign.target, mc.Variable)
    assert isinstance(assign.value, ex.Local)
    assert assign.value.scope == "event"


def test_what_a_machine_over_bytes_reads_has_all_its_arguments() -> None:
    lines = meant(LINES).machines["Lines"]
    reads = lines.states[0].reads
    assert reads is not None
    assert list(reads.args) == ["end", "max"]
    assert reads.args["end"].type == BYTES  # the parameter is text


def test_the_nearest_name_is_shown_where_it_stands() -> None:
    found = one(SMTP.replace('-> READY    / send 250("OK")', '-> REDAY / send 250("OK")', 1))
    assert found.code == "PG101"
    assert found.title == "no state is named `REDAY`"
    assert found.label == "not a state of `Server`"
    assert found.labels[0].span.text == "READY"
    assert found.labels[0].text == "the nearest name"
    assert found.help == "did you mean `READY`?"


# ---------------------------------------------------------------- types and constants


def test_constants_are_computed_in_whatever_order_they_stand() -> None:
    spec = meant(in_session("", before="const A = B * 2 + 1\nconst B = 32KiB\nconst T = 5min"))
    assert spec.constants["A"].value == 65537
    assert spec.constants["T"].value == 300


def test_a_range_may_end_at_constants() -> None:
    spec = meant(in_session("", "var x: LOW..HIGH - 1 = 5", "const LOW = 0\nconst HIGH = 9"))
    assert spec.machines["Session"].variables["x"].type == Range(0, 8)


def test_enums_structs_and_lists_are_types() -> None:
    spec = meant(
        in_session(
            "",
            "var why: Reason = lost\n var all: list[Item] = []\n var one: Item?",
            "enum Reason { lost, refused }\nstruct Item { name: str size: int }",
        )
    )
    variables = spec.machines["Session"].variables
    assert isinstance(variables["why"].type, Enum)
    initial = variables["why"].initial
    assert isinstance(initial, ex.Value)
    assert initial.value == "lost"
    assert variables["all"].type == ListOf(spec.structs["Item"])
    assert variables["one"].type == Optional(spec.structs["Item"])


@pytest.mark.parametrize(
    ("before", "code"),
    [
        ("const A = B + 1\nconst B = A", "PG120"),
        ("const A = A", "PG120"),
        ("struct A { b: B }\nstruct B { a: A }", "PG120"),
        ("const A = [1, 2][0]", "PG110"),
        ("const A = no_such", "PG103"),
        ("const A = 5 + \"x\"", "PG106"),
        ("const A = 7 % 0", "PG106"),
        ("enum E { a, b, a }", "PG104"),
        ("enum E { a }\nenum E { b }", "PG104"),
        ("struct S { a: int a: str }", "PG104"),
        ("message M(a: int, a: str) = a", "PG104"),
        ("message M(a: nonsense) = a", "PG111"),
        ("message M(a: 7..2) = a", "PG115"),
        ("message M(a: int) = b a", "PG108"),
        ("message M(a: int) = \"x\"", "PG307"),
        ("message M(a: str) = a \" \" a", "PG104"),
        ("message M(a: list[str]) = a", "PG106"),
        ("message M(a: int?) = a", "PG106"),
        ("message M(a: int) = [a]", "PG106"),
        ("message M(a: str) = a:r\"[\"", "PG308"),
        ("message M(a: str) by b = a", "PG108"),
        ("message M(a: list[str]) by a", "PG106"),
        ("message M(a: str) by codec \"nowhere\"", "PG309"),
        ("allow nonsense \"no reason\"", "PG117"),
        ("allow wrong_type \"no reason\"", "PG117"),
        ("use Nothing from \"lines.proto\"", "PG109"),
        ("use Lines from \"nowhere.proto\"", "PG109"),
        ("use Lines from \"lines.proto\"\nconst Lines = 3", "PG104"),
    ],
)  # fmt: skip
def test_one_mistake_in_a_file_is_said_once(before: str, code: str) -> None:
    assert one(in_session("", before=before)).code == code


def test_a_chain_of_ten_thousand_constants_is_no_trouble() -> None:
    chain = "\n".join(f"const C{n} = C{n + 1} + 1" for n in range(10_000))
    spec = meant(in_session("", before=f"{chain}\nconst C10000 = 0"))
    assert spec.constants["C0"].value == 10_000


def test_constants_that_double_each_other_take_no_memory() -> None:
    lines = [
        'const A0 = "0123456789"',
        *(f"const A{n} = A{n - 1} + A{n - 1}" for n in range(1, 60)),
    ]
    assert codes(in_session("", before="\n".join(lines))) == ["PG110"]


def test_a_file_that_uses_itself_is_said_to() -> None:
    FILES["a.proto"] = 'protocol A\nuse X from "b.proto"\nmachine Y { initial state S }'
    FILES["b.proto"] = 'protocol B\nuse Y from "a.proto"\nmachine X { initial state S }'
    found = said('protocol P\nuse Y from "a.proto"\nmachine M { initial state S }')
    assert [(d.code, d.title) for d in found] == [("PG109", "`a.proto` uses itself")]


# ---------------------------------------------------------------- expressions


@pytest.mark.parametrize(
    ("expression", "type_"),
    [
        ("level", Range(0, 7)),
        ("level + 1", INT),
        ("limit", INT),
        ("names", ListOf(STR)),
        ("names[0]", STR),
        ("names + [user]", ListOf(STR)),
        ("raw[0]", Range(0, 255)),
        ("user + str(level)", STR),
        ("bytes(user) + \"x\"", BYTES),
        ("item.name", STR),
        ("Item(user, level)", Struct),
        ("min(level, 3)", INT),
        ("size(raw)", INT),
        ("lower(user)", STR),
        ("hex(raw)", STR),
        ("dotted(raw)", BYTES),
        ("number(user, \"SIZE=\")", INT),
        ("thing", OBJECT),
    ],
)  # fmt: skip
def test_an_expression_has_a_type(expression: str, type_: object) -> None:
    declared = """var names: list[str] = []
        var raw: bytes = "" var item: Item var thing: object"""
    found = guard(f"{expression} == {expression}", declared, "struct Item { name: str size: int }")
    assert isinstance(found, ex.Op)
    left = found.operands[0]
    assert left.type == type_ or isinstance(left.type, Struct)


def test_literals_are_computed() -> None:
    found = guard("level > 2 + 3 * 4")
    assert isinstance(found, ex.Op)
    assert isinstance(found.operands[1], ex.Value)
    assert found.operands[1].value == 14


def test_text_beside_bytes_is_bytes() -> None:
    found = guard('"\\r\\n" in raw', 'var raw: bytes = ""')
    assert isinstance(found, ex.Op)
    assert isinstance(found.operands[0], ex.Value)
    assert found.operands[0].value == b"\r\n"


def test_a_predicate_is_asked() -> None:
    found = guard("known(user)", "predicate known(name: str)")
    assert isinstance(found, ex.Ask)
    assert found.type == BOOL


def test_none_fits_what_may_lack() -> None:
    found = guard("last == none", "var last: str? = none")
    assert isinstance(found, ex.Op)
    assert found.type == BOOL


def test_a_parameter_hides_a_variable_and_that_a_constant() -> None:
    assert isinstance(guard('user == ""', 'var user: str = ""'), ex.Op)
    found = guard("x == 1", "var x: int = 2", "const x = 3")
    assert isinstance(found, ex.Op)
    assert isinstance(found.operands[0], ex.Var)


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("usr == \"\"", "PG103"),
        ("self.nothing == 1", "PG103"),
        ("user", "PG106"),
        ("user == 1", "PG106"),
        ("user < level", "PG106"),
        ("user + 1 == \"\"", "PG106"),
        ("not user", "PG106"),
        ("level and true", "PG106"),
        ("level in user", "PG106"),
        ("-user == 1", "PG106"),
        ("level[0] == 1", "PG106"),
        ("user.name == 1", "PG108"),
        ("sise(user) == 1", "PG108"),
        ("size(level) == 1", "PG106"),
        ("size() == 1", "PG107"),
        ("size(user, user) == 1", "PG107"),
        ("min() == 1", "PG107"),
        ("lower(level) == user", "PG106"),
        ("Session", "PG103"),
        ("a == Reason.lost", "PG103"),
        ("lost == Reason.last", "PG103"),
    ],
)  # fmt: skip
def test_one_mistake_in_an_expression_is_said_once(expression: str, code: str) -> None:
    before = "enum Reason { lost, refused }"
    assert (
        one(in_session(f"on login(user, level) when {expression} -> DONE", "", before)).code == code
    )


def test_an_unbound_parameter_is_offered_to_be_bound() -> None:
    found = one(in_session("on login -> DONE / emit told(user)"))
    assert found.code == "PG103"
    assert found.help == "bind the event's parameter: `on login(user)`"


def test_a_member_of_two_enums_must_say_which() -> None:
    enums = "enum A { lost }\nenum B { lost }"
    assert one(in_session("on login when lost == lost -> DONE", "", enums)).code == "PG103"
    assert codes(in_session("", "var a: A = lost\nvar b: B = B.lost", enums)) == []


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
        ("machine M over bytes { receives Reply\n initial state S reads rest { on 6xx } }", "PG320"),
        ("machine M over bytes { sends Reply\n initial state S reads rest { on open / send 2xx } }", "PG320"),
        ("machine M over bytes { sends Reply\n initial state S reads rest { on open / send 700 } }", "PG320"),
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


# ---------------------------------------------------------------- binary patterns


PUBLISH = """protocol MQTT
message PUBLISH(dup: bool, qos: 0..2, retain: bool, topic: str, id: int?, payload: bytes) = {
    bits(4) = 3
    dup: bits(1)   qos: bits(2)   retain: bits(1)
    topic: str(u16)
    id: u16 if qos > 0
    payload: rest
}
machine M over bytes { receives PUBLISH\n initial state S reads rest { on PUBLISH } }
"""


def test_a_binary_pattern_lays_its_fields_side_by_side() -> None:
    pattern = meant(PUBLISH).messages["PUBLISH"].pattern
    assert isinstance(pattern, ms.Binary)
    first, _, _, _, topic, id_, payload = pattern.cells
    assert isinstance(first.constant, ex.Value)
    assert first.constant.value == 3
    assert isinstance(topic.layout.size, ms.Layout)
    assert topic.layout.size.kind == "u16"
    assert isinstance(id_.condition, ex.Op)
    assert payload.layout.kind == "rest"


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("a: u8 b: short", "PG311"),
        ("a: u8 b: u8(3)", "PG311"),
        ("a: u8 b: str", "PG311"),
        ("a: u8 b: bits(8) c: u8", "PG108"),
        ("a: u8", "PG307"),
        ("a: u8 b: u8 a: u8", "PG104"),
        ("a: u8 b: u8 u8 = 256", "PG317"),
        ("a: u8 b: u8 u8", "PG311"),
        ("a: u8 b: bits(3)", "PG310"),
        ("a: bits(3) b: u8", "PG310"),
        ("a: str(u8) b: u8", "PG106"),
        ("a: u8 b: u8[rest] u8 = 1", "PG106"),
        ("a: u8 rest = \"x\" b: u8", "PG312"),
        ("a: u8 b: u8 if a > 3", "PG106"),
        ("a: u8 b: u8 u8 = 1 if \"x\"", "PG106"),
        ("a: u8 b: Point", "PG106"),
        ("a: u8 b: Plain", "PG311"),
    ],
)  # fmt: skip
def test_one_mistake_in_a_binary_pattern_is_said_once(pattern: str, code: str) -> None:
    before = f"""struct Point {{ x: u16 y: u16 }}
struct Plain {{ x: int }}
message M(a: int, b: int) = {{ {pattern} }}"""
    found = codes(in_session("", before=before))
    assert code in found
    assert len(found) <= 2


def test_a_binary_struct_gets_its_types_from_its_layouts() -> None:
    spec = meant(
        in_session(
            "",
            before="""struct Point { x: u16 y: i8 name: str(u8) }
message M(n: int, points: list[Point]) = { n: u8 points: Point[n] }
message N(inner: object) = { struct In { a: u8 } inner: In }""",
        )
    )
    point = spec.structs["Point"]
    assert point.layout is not None
    assert [param.type for param in point.fields] == [Range(0, 65535), Range(-128, 127), STR]


# ---------------------------------------------------------------- systems and scenarios


SYSTEM = (
    SMTP
    + """
message Hello(text: str) = "220 " text
machine Client over Lines {
    receives Reply
    sends    EHLO, MAIL
    var n: int = 0
    initial state S { on 2xx -> DATED / send EHLO("me") }
    final state DATED
}
system Session {
    peer client[2]: Client
    peer server: Server("mx.example.org")
    link client <-> server capacity 4 lossy
    never  client in DATED and server in READY  "the server takes mail as commands"
    always size(server.recipients) <= 100
    reachable client[1] in DATED
    client[0].n == 1 leads to server in CLOSED
}
scenario "one mail" for Session {
    server: "220 mx.example.org"
    client: EHLO("me")
    server: 250("Hello")
}
"""
)


def test_a_system_links_peers_and_asks_of_them() -> None:
    spec = meant(SYSTEM)
    system = spec.systems["Session"]
    assert system.peers["client"].count == 2
    assert system.links[0].faults == {"lossy"}
    never, always, reachable, leads = system.properties
    assert isinstance(never.left, ex.Op)
    assert isinstance(never.left.operands[0], ex.InState)
    assert any(isinstance(part, ex.PeerVar) for part in ex.walk(always.left))
    assert isinstance(reachable.left, ex.InState)
    assert reachable.left.index == 1
    assert isinstance(leads.left, ex.Op)
    assert isinstance(leads.left.operands[0], ex.PeerVar)
    raw, hello, reply = spec.scenarios[0].steps
    assert raw.raw == "220 mx.example.org"
    assert hello.message is spec.messages["EHLO"]
    assert [arg.value for arg in reply.args if isinstance(arg, ex.Value)] == [250, "Hello"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("Server(\"mx.example.org\")", "Server", "PG107"),
        ("Server(\"mx.example.org\")", "Sever(1)", "PG105"),
        ("link client", "link cleint", "PG401"),
        ("link client <-> server", "link server <-> server", "PG402"),
        ("capacity 4", "capacity 0", "PG402"),
        ("client in DATED", "client in DATA", "PG101"),
        ("server in READY", "sever in READY", "PG401"),
        ("server.recipients", "server.recipient", "PG108"),
        ("client[1] in", "client[2] in", "PG401"),
        ("peer client[2]", "peer client[0]", "PG106"),
        ("peer client[2]", "peer server", "PG104"),
        ("for Session", "for Sesion", "PG403"),
        ("client: EHLO(\"me\")", "client: EHLO(1)", "PG106"),
        ("client: EHLO(\"me\")", "client: RCPT(\"me\")", "PG102"),
        ("client: EHLO(\"me\")", "clint: EHLO(\"me\")", "PG403"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_system_is_said(old: str, new: str, code: str) -> None:
    assert old in SYSTEM
    assert code in codes(SYSTEM.replace(old, new))


# ---------------------------------------------------------------- much of everything


def test_all_mistakes_are_said_in_the_order_of_the_text() -> None:
    found = said(in_session("on logn -> DONE\n on login -> NOWHERE\n on logout / emit tld"))
    assert [d.code for d in found] == ["PG102", "PG101", "PG102"]
    starts = [d.span.start for d in found if d.span]
    assert starts == sorted(starts)


def test_states_nested_and_expressions_chained_are_no_trouble() -> None:
    deep = "".join(f"initial state S{n} {{ " for n in range(60)) + "}" * 60
    assert codes(f"protocol P\nmachine M {{ {deep} }}") == []
    terms = " + ".join(["1"] * 90)
    assert codes(in_session("", f"var x: int = {terms}")) == []


def test_five_thousand_states_take_time_in_proportion() -> None:
    def seconds(states: int) -> float:
        rows = "\n".join(
            f"state S{n} {{\n"
            + "\n".join(
                f"    on e{k}(x) when x > {k} -> S{(n * 7 + k) % states} / n += x, emit told(n)"
                for k in range(4)
            )
            + "\n}"
            for n in range(1, states)
        )
        text = f"""protocol P
machine M {{ accepts e0(x: int), e1(x: int), e2(x: int), e3(x: int)
emits told(n: int)
var n: int = 0
initial state S0
{rows} }}"""
        tree = parse(Source("big.proto", text))
        begun = time.process_time()
        resolve(tree, load)
        return time.process_time() - begun

    small, large = seconds(500), seconds(5000)
    assert large < 30 * max(small, 0.01)


def test_what_a_guard_says_is_there_may_be_used() -> None:
    text = """protocol P
machine M { accepts a(id: int?)
    emits b(id: int)
    initial state S {
        on a(id) when id != none and id > 3 -> E / emit b(id)
        on a(id) -> E / emit b(0)
    }
    final state E }"""
    assert codes(text) == []
    assert one(text.replace("id != none and id > 3", "true")).code == "PG106"


def test_what_a_wrong_face_leads_to_is_not_said_again() -> None:
    assert one(SMTP.replace("sends    Reply", "sends    Repyl")).help == "did you mean `Reply`?"
    assert one(SMTP.replace("receives EHLO,", "receives EHLOO,")).help == "did you mean `EHLO`?"
