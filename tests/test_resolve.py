"""Names and types: the example of the language page, and much of everything."""

from __future__ import annotations

from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model.types import (
    BYTES,
)
from protogen_fsm.resolve import resolve
from protogen_fsm.source import Source
from protogen_fsm.syntax.parse import parse
from resolved import LINES, SMTP, codes, in_session, load, meant, one, said
from timing import cpu_seconds


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
        return cpu_seconds(lambda: resolve(tree, load), rounds=3)

    small, large = seconds(500), seconds(5000)
    assert large < 30 * small


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


def test_a_declaration_left_out_is_said_once_with_the_places() -> None:
    found = one(SMTP.replace("    var recipients: list[str] = []\n", ""))
    assert found.code == "PG103"
    assert [label.text for label in found.labels] == ["and here"] * 3
    assert found.notes == ("and at 1 more place",)
