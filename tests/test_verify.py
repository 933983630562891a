"""Systems explored: verdicts, flaws that are found, charts, and what is not followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from protogen_fsm import pipeline
from protogen_fsm.backends.chart import as_json, as_mermaid, as_text
from protogen_fsm.diagnostics import SpecError
from protogen_fsm.source import Source
from protogen_fsm.verify import Limits, Report, verify
from protogen_fsm.verify.peer import cuts_only

SPECS = Path(__file__).parent.parent / "specs"


def explored(path: str) -> dict[str, Report]:
    spec = pipeline.understand(pipeline.load(str(SPECS / path)))
    return {report.explored.system.name: report for report in verify(spec)}


def reports(text: str, limits: Limits | None = None) -> list[Report]:
    return verify(pipeline.understand(Source("s.proto", text)), limits)


def codes(report: Report) -> list[str]:
    return [diagnostic.code for diagnostic, _ in report.told]


def pair(left: str, right: str, link: str = "", more: str = "") -> str:
    return f"""protocol P
machine L {{ {left} }}
machine R {{ {right} }}
system S {{
    peer left: L
    peer right: R
    link left <-> right {link}
    {more}
}}"""


# ---------------------------------------------------------------- what comes with protogen


@pytest.mark.parametrize(
    ("spec", "system"),
    [
        ("models/alternating_bit.proto", "Lossy"),
        ("models/two_phase_commit.proto", "Three"),
        ("models/crossing_close.proto", "Pair"),
    ],
)
def test_a_protocol_that_is_right_is_proved(spec: str, system: str) -> None:
    report = explored(spec)[system]
    assert report.explored.verdict == "proved", report.words()
    assert not report.told


def test_an_acknowledgement_of_the_wrong_bit_is_found() -> None:
    report = explored("models/alternating_bit_flawed.proto")["Lossy"]
    assert report.explored.verdict == "refuted"
    assert codes(report) == ["PG409", "PG409"]
    chart = report.told[0][1]
    assert chart is not None
    assert [row.text for row in chart.rows if row.kind == "take"] == [
        "data(0)", "data(0)", "ack(0)", "ack(1)",
    ]  # fmt: skip


def test_closes_that_cross_are_found_and_shown_as_they_cross() -> None:
    report = explored("models/crossing_close_flawed.proto")["Pair"]
    assert codes(report) == ["PG405"]
    diagnostic, chart = report.told[0]
    assert diagnostic.title == "`End` in CLOSING cannot take `close_request`"
    assert chart is not None
    assert [(row.kind, chart.names[row.peer]) for row in chart.rows] == [
        ("note", "left"), ("send", "left"), ("state", "left"),
        ("note", "right"), ("send", "right"), ("state", "right"),
        ("take", "right"),
    ]  # fmt: skip
    text = as_text(chart)
    assert "right in CLOSING takes: close_confirm" in text
    assert "on the link right -> left: close_request" in text
    assert all(line.isascii() for line in text.splitlines())
    assert as_mermaid(chart).splitlines()[0] == "sequenceDiagram"
    assert as_json(chart)["rows"][-1]["note"] == "and cannot be taken"


# ---------------------------------------------------------------- flaws


SPEAKER = "sends word accepts speak initial state A { on speak -> Z / send word } final state Z"


def test_a_message_that_comes_behind_a_time_out_is_found() -> None:
    text = pair(
        "sends ask receives answer accepts go initial state A { on go -> B / send ask } "
        "state B { on answer -> Z after 1s -> C } state C { after 1s -> Z } final state Z",
        "receives ask sends answer initial state A { on ask -> Z / send answer } final state Z",
    )
    (report,) = reports(text)
    assert "PG405" in codes(report)


def test_what_a_region_takes_is_taken() -> None:
    text = pair(
        SPEAKER,
        """receives word initial state A {
            region One { initial state X { on word -> Y } state Y }
            region Two { initial state U }
        }""",
        more="reachable right.One in Y never right.Two in U and right.One in Y",
    )
    (report,) = reports(text)
    assert [d.title for d, _ in report.told] == [
        "`never right.Two in U and right.One in Y` is refuted"
    ]


def test_what_is_pushed_is_popped_and_what_is_deferred_is_taken_later() -> None:
    text = pair(
        "sends one, two accepts go initial state A { on go -> Z / send two, send one } "
        "final state Z",
        """receives one, two initial state A { on one -> push B defer two  on back -> Z }
        state B { entry / raise done  defer two on done -> pop / raise back } final state Z""",
        more="reachable right in Z",
    )
    (report,) = reports(text)
    assert "PG409" not in codes(report)


def test_a_wait_that_only_loss_explains_counts_only_if_the_link_loses_for_ever() -> None:
    sender = """sends m receives a accepts go timer again = 1s
        initial state A { on go -> B / send m, start again }
        state B { on again / send m, start again  on a -> Z } final state Z"""
    receiver = "receives m sends a initial state A { on m / send a }"
    asked = "left in B leads to left in Z"
    (report,) = reports(pair(sender, receiver, "capacity 1 lossy", asked))
    assert report.explored.verdict == "proved"
    (report,) = reports(pair(sender.replace("start again  on", "stop again  on"), receiver,
                             "capacity 1 lossy", asked))  # fmt: skip
    assert report.explored.verdict == "refuted"


def test_a_guard_over_a_text_proves_nothing() -> None:
    text = pair(
        "sends word(text: str) accepts speak(text: str) "
        "initial state A { on speak(text) -> Z / send word(text) } final state Z",
        "receives word(text: str) initial state A { on word(text) when size(text) > 3 -> Z } "
        "final state Z",
    )
    (report,) = reports(text)
    assert report.explored.verdict == "bounded"
    assert codes(report) == ["PG411"]
    assert report.explored.anything == ["`text` of `word`"]


def test_a_number_without_end_is_followed_as_far_as_it_is_compared() -> None:
    text = pair(
        "sends word accepts speak initial state A { on speak / send word }",
        "receives word var n: int = 0 initial state A { on word when n < 0 -> Z "
        "on word / n += 1 } final state Z",
        "capacity 1",
        "never right in Z",
    )
    (report,) = reports(text)
    assert report.explored.verdict == "proved"
    assert report.explored.anything == []  # nobody can tell one above it from another


def test_datagrams_are_lost_doubled_and_reordered_as_the_events_of_machines_over_nothing() -> None:
    model = (SPECS / "models" / "alternating_bit.proto").read_text("utf-8")
    verdicts = []
    for faults in ("", "lossy", "lossy duplicating", "lossy reordering"):
        plain = model.replace("capacity 2 lossy", f"capacity 2 {faults}")
        text = plain.replace("data(bit: 0..1)", "data").replace("ack(bit: 0..1)", "ack")
        text = text.replace("machine Sender", "machine Sender over datagrams")
        text = (
            text.replace("machine Receiver", "machine Receiver over datagrams(max: 100)")
            + """
message data(bit: 0..1) = "data " bit
message ack(bit: 0..1)  = "ack " bit
"""
        )
        (events,), (datagrams,) = reports(plain), reports(text)
        for report in (events, datagrams):
            verdicts.append((report.explored.verdict, report.explored.states))
    assert verdicts[::2] == verdicts[1::2]
    assert {verdict for verdict, _ in verdicts} == {"proved", "refuted"}


def test_the_search_stops_at_its_limits_and_claims_no_more_than_it_saw() -> None:
    spec = pipeline.understand(pipeline.load(str(SPECS / "models/two_phase_commit.proto")))
    (report,) = verify(spec, Limits(states=50))
    assert report.explored.verdict == "bounded"
    assert "more than 50 configurations" in report.words()
    assert codes(report) == ["PG412"]


def test_a_reachable_that_was_not_seen_within_the_limits_is_not_refuted() -> None:
    spec = pipeline.understand(pipeline.load(str(SPECS / "models/alternating_bit.proto")))
    (report,) = verify(spec, Limits(states=3))
    assert "PG409" not in codes(report)


# ---------------------------------------------------------------- streams

LINES = """protocol P
use Lines from "lines.proto"
message ASK(what: str) = "ASK " what
message OK = "OK"
message NO(code: 400..599) by code = code " no"
message ANSWER(code: 200..599, text: str) by code = code [" " text]
machine Server over Lines {
    receives ASK sends OK, NO
    initial state READY {
        on ASK -> READY / send %(answer)s
        on malformed -> READY / send NO(500)
        on eof -> CLOSED
        after 1min -> CLOSED
    }
    final state CLOSED
}
machine Client over Lines%(end)s {
    receives %(receives)s sends ASK accepts ask(what: str)
    initial state READY { on ask(what) -> ASKED / send ASK(%(what)s) on eof -> CLOSED }
    state ASKED { %(rows)s on eof -> CLOSED after 1min -> CLOSED }
    final state CLOSED
}
system S { peer client: Client peer server: Server link client <-> server }
"""
AS_SAID = {"answer": "OK", "end": "", "receives": "OK", "what": "what", "rows": "on OK -> READY"}


def session(**changes: str) -> Report:
    (report,) = reports(LINES % {**AS_SAID, **changes})
    return report


def titles(report: Report) -> list[str]:
    return [diagnostic.title for diagnostic, _ in report.told]


def test_a_text_of_any_length_may_be_too_long_and_a_short_one_is_not() -> None:
    assert titles(session()) == [
        "it is not proved that this cannot be: `Client` in ASKED cannot take `NO`"
    ]
    assert session(what='"me"').explored.verdict == "proved"


def test_a_message_is_read_by_whichever_pattern_matches_what_was_printed() -> None:
    rows = "on 4xx, 5xx -> READY on 2xx -> READY on malformed -> CLOSED"
    report = session(answer="NO(450)", receives="ANSWER", what='"me"', rows=rows)
    assert report.explored.verdict == "proved", titles(report)
    report = session(answer="NO(450)", receives="ANSWER", what='"me"', rows="on 2xx -> READY")
    assert titles(report) == ["`Client` in ASKED cannot take `NO`"]
    report = session(answer="OK", receives="ANSWER", what='"me"', rows=rows)
    assert report.explored.verdict == "proved", titles(report)
    composition = report.explored.composition
    assert composition is not None
    assert "CLOSED" in {one.locals[0].leaf.name for one in composition.states()}


def test_ends_that_cut_the_stream_in_different_ways_are_not_verified() -> None:
    report = session(end='(end: "\\n")')
    assert report.explored.verdict == "none"
    assert report.words() == (
        "S: not verified: `client` and `server` do not stand on the same layers"
    )


def test_only_a_layer_that_does_nothing_but_cut_the_stream_is_left_out() -> None:
    """One that reads as it is told to is followed: a head is no frame that always comes through."""
    names = ("lines", "frames", "headers", "chunks", "heads", "values")
    specs = [pipeline.understand(pipeline.load(str(SPECS / f"{name}.proto"))) for name in names]
    machines = [machine for spec in specs for machine in spec.machines.values()]
    for machine in machines:
        machine.library = True
    left_out = {machine.name for machine in machines if cuts_only(machine)}
    assert left_out == {"Lines", "Frames", "Netstrings", "Slip", "Cobs"}


def test_a_machine_that_reads_its_stream_itself_may_read_anything() -> None:
    text = """protocol P
message PING = "PING\\r\\n"
message TAKEN = "PING"
machine L over bytes { sends PING accepts ping
    initial state A reads chunk { on ping -> Z / send PING on data, eof -> Z } final state Z }
machine R over bytes { receives TAKEN
    initial state A reads line(end: "\\r\\n", max: 9) { on TAKEN, eof -> Z } final state Z }
system S { peer l: L peer r: R link l <-> r }"""
    (report,) = reports(text)
    assert titles(report) == ["it is not proved that this cannot be: `R` in A cannot take `octets`"]


# ---------------------------------------------------------------- the obvious system

TWO = """protocol P
machine L { sends word, bye receives ok accepts speak, leave
    initial state A { on speak -> B / send word  on leave -> Z / send bye }
    state B { on ok -> A } final state Z }
machine R { receives word, bye sends ok
    initial state A { on word / send ok  on bye -> Z } final state Z }
"""


def test_two_machines_that_fit_each_other_are_the_obvious_system() -> None:
    (report,) = reports(TWO)
    assert report.explored.verdict == "proved"
    assert "no system is written: these two machines fit each other" in report.words()
    (report,) = reports(TWO.replace("on speak -> B", "on speak -> Z"))
    assert codes(report) == ["PG406"]


def test_where_more_than_one_can_be_meant_or_one_is_written_none_is_made() -> None:
    third = "machine T { sends word, bye receives ok accepts go initial state A { on go } }"
    with pytest.raises(SpecError, match="stands on nothing"):
        reports(TWO + third)
    (report,) = reports(TWO + "system S { peer l: L peer r: R link l <-> r }")
    assert report.explored.system.written


def test_a_client_and_a_server_over_lines_are_the_obvious_system() -> None:
    text = (LINES % {**AS_SAID, "what": '"me"'}).replace("-> READY / send NO(500)", "-> READY")
    (report,) = reports(text.replace("sends OK, NO", "sends OK").partition("system S")[0])
    assert report.explored.verdict == "proved"
    assert report.explored.system.name == "Server and Client"


# ---------------------------------------------------------------- peers that say anything


def test_a_server_is_held_against_any_client_whatever() -> None:
    receiver = "receives one, two sends ok initial state A { on one -> B / send ok } " \
        "state B { on two -> A / send ok }"  # fmt: skip
    sender = """sends one, two receives ok accepts go initial state A { on go -> B / send one }
        state B { on ok -> C } state C { on go -> D / send two } state D { on ok -> A }"""
    (report,) = reports(pair(sender, receiver))
    assert report.explored.verdict == "proved"
    (report,) = reports(pair(sender, receiver).replace("peer left", "environment peer left"))
    assert titles(report) == ["`R` in A cannot take `two`", "`R` in B cannot take `one`"]
    chart = report.told[0][1]
    assert chart is not None
    assert [(row.kind, row.text) for row in chart.rows] == [("send", "two"), ("take", "two")]


def test_what_anybody_says_has_all_values_and_comes_to_each_peer_by_itself() -> None:
    text = """protocol P
machine A { sends m(n: 0..3) accepts go initial state A { on go / send m(1) } }
machine B { receives m(n: 0..3) initial state W { on m(n) when n < 3 -> X } state X { ignore m } }
system S {
    environment peer a: A
    peer b[2]: B
    link a <-> b
    reachable b[0] in X and b[1] in W
}"""
    (report,) = reports(text)
    assert titles(report) == ["`B` in W cannot take `m`"]
    chart = report.told[0][1]
    assert chart is not None
    assert chart.rows[-1].text == "m(3)"


def test_nothing_can_be_asked_of_where_anybody_is() -> None:
    text = pair(SPEAKER, "receives word initial state A { on word -> Z } final state Z",
                more="never left in Z").replace("peer left", "environment peer left")  # fmt: skip
    with pytest.raises(SpecError, match="is in no state"):
        reports(text)


@pytest.mark.parametrize("name", ["smtp.proto", "pop3.proto"])
def test_a_mail_server_takes_what_any_client_says(name: str) -> None:
    text = (SPECS / name).read_text("utf-8")
    session = text.index("system Session")
    changed = text[session : text.index("}", session)].replace(
        "peer client", "environment peer client"
    )
    (report,) = verify(
        pipeline.understand(Source(str(SPECS / name), text[:session] + changed + "}"))
    )
    assert report.explored.verdict == "proved", report.words()


# ---------------------------------------------------------------- crashes, and streams that break


def test_a_peer_that_crashes_leaves_the_others_waiting() -> None:
    sender = "sends ask receives answer accepts go initial state A { on go -> B / send ask } " \
        "state B { on answer -> Z } final state Z"  # fmt: skip
    receiver = (
        "receives ask sends answer initial state A { on ask -> Z / send answer } final state Z"
    )
    text = pair(sender, receiver)
    assert reports(text)[0].explored.verdict == "proved"
    (report,) = reports(text.replace("peer right: R", "peer right: R crashing"))
    assert codes(report) == ["PG404"]
    chart = report.told[0][1]
    assert chart is not None
    assert "gone" in as_text(chart)
    (report,) = reports(text.replace("peer right: R", "peer right: R closing"))
    assert codes(report) == ["PG404"]


def test_a_peer_that_begins_again_has_forgotten_what_it_was_told() -> None:
    """What is on its way when it crashes comes to whoever is there when it arrives."""
    sender = "sends one, two accepts go initial state A { on go -> B / send one, send two } " \
        "final state B"  # fmt: skip
    receiver = (
        "receives one, two initial state A { on one -> B } state B { on two -> Z } final state Z"
    )
    text = pair(sender, receiver).replace("peer right: R", "peer right: R crashing restarting")
    (report,) = reports(text)
    assert titles(report)[0] == "`R` in A cannot take `two`"
    chart = report.told[0][1]
    assert chart is not None
    assert [row.text for row in chart.rows if row.peer == 1 and row.kind == "note"] == [
        "crashes", "begins again",
    ]  # fmt: skip


def test_crashes_come_to_an_end_some_time() -> None:
    sender = """sends m receives a accepts go timer again = 1s
        initial state A { on go -> B / send m, start again }
        state B { on again / send m, start again  on a -> Z } final state Z"""
    receiver = "receives m sends a initial state A { on m / send a }"
    text = pair(sender, receiver, "capacity 1 lossy", "left in B leads to left in Z")
    (report,) = reports(text.replace("peer right: R", "peer right: R crashing restarting"))
    assert report.explored.verdict == "proved", report.words()
    (report,) = reports(text.replace("peer right: R", "peer right: R crashing"))
    assert report.explored.verdict == "refuted"


def test_who_never_crashes_does_not_restart_and_who_says_anything_does_neither() -> None:
    text = pair(SPEAKER, "receives word initial state A { on word -> Z } final state Z")
    for wrong in ("peer left: L restarting", "environment peer left: L crashing"):
        with pytest.raises(SpecError):
            reports(text.replace("peer left: L", wrong))


def test_a_connection_that_breaks_drops_what_is_on_its_way() -> None:
    changed = {"what": '"me"', "rows": "on OK -> READY"}
    text = LINES % {**AS_SAID, **changed}
    assert reports(text)[0].explored.verdict == "proved"
    asked = "never client in ASKED and server in CLOSED"
    both = f"{asked} reachable client in READY and server in CLOSED"
    text = text.replace("<-> server }", f"<-> server breaking {both} }}")
    (report,) = reports(text)
    assert titles(report) == [f"`{asked}` is refuted"]
    (report,) = reports(text.replace(asked, ""))
    assert report.explored.verdict == "proved", titles(report)


def test_a_peer_over_a_stream_may_close_or_crash_at_any_time() -> None:
    text = LINES % {**AS_SAID, "what": '"me"'}
    for fate in ("closing", "crashing"):
        (report,) = reports(text.replace("peer client: Client", f"peer client: Client {fate}"))
        assert report.explored.verdict == "proved", titles(report)
        (report,) = reports(
            text.replace("peer server: Server", f"peer server: Server {fate}").replace(
                "after 1min -> CLOSED }\n    final state CLOSED\n}\nsystem",
                "ignore eof after 1min -> CLOSED }\n    final state CLOSED\n}\nsystem",
            )
        )
        assert report.explored.complete


# ---------------------------------------------------------------- what comes to nothing


ASKER = (
    "receives yes(n: 0..1) sends ask(n: 0..1) accepts go emits done var n: 0..1 = 0 "
    "initial state I { on go -> W / send ask(n) ignore yes } "
    "state W { on yes(m) when m == n -> I / n = 1 - n, emit done ignore yes "
    "after 1s -> W / send ask(n) }"
)
ANSWERER = "receives ask(n: 0..1) sends yes(n: 0..1) initial state R { on ask(n) / send yes(%s) }"


def test_what_goes_round_while_nobody_gets_on_is_found() -> None:
    (wrong,) = reports(pair(ASKER, ANSWERER % 0, "capacity 1 lossy"))
    assert codes(wrong) == ["PG413"]
    chart = wrong.told[0][1]
    assert chart is not None
    begin = [row.kind for row in chart.rows].index("repeat")
    assert {row.text for row in chart.rows[begin + 1 :]} == {"ask", "yes(0)", "time-out"}
    (right,) = reports(pair(ASKER, ANSWERER % "n", "capacity 1 lossy"))
    assert right.explored.verdict == "proved", right.words()


def test_a_wait_that_only_a_time_out_ends_is_found_unless_a_loss_explains_it() -> None:
    left = (
        "receives yes sends ask accepts go initial state I { on go -> W / send ask ignore yes } "
        "state W { on yes -> I after 1s -> I }"
    )
    right = "receives ask sends yes initial state R { on ask %s }"
    (silent,) = reports(pair(left, right % "", "capacity 1"))
    assert codes(silent) == ["PG414"]
    (lossy,) = reports(pair(left, right % "", "capacity 1 lossy"))
    assert codes(lossy) == ["PG414"]
    chart = lossy.told[0][1]
    assert chart is not None
    assert "lose" not in {row.kind for row in chart.rows}
    for link in ("capacity 1", "capacity 1 lossy"):
        (answered,) = reports(pair(left, right % "/ send yes", link))
        assert answered.explored.verdict == "proved", answered.words()


def test_a_state_that_waits_for_time_by_itself_is_no_flaw() -> None:
    (report,) = reports(
        pair(
            "receives bye sends bye accepts go initial state I { on go -> W / send bye "
            "} state W { on bye -> Q } "
            "state Q { ignore bye after 1s -> Z } final state Z",
            "receives bye sends bye initial state I { on bye -> Z / send bye } final state Z",
        )
    )
    assert report.explored.verdict == "proved", report.words()


def test_a_beat_that_goes_on_for_ever_is_no_flaw_as_long_as_somebody_may_ask() -> None:
    (report,) = reports(
        pair(
            "sends beat, word accepts speak initial state I { on speak / send word "
            "after 1s -> I / send beat }",
            "receives beat, word emits heard initial state I { on word / emit heard ignore beat }",
            "capacity 1",
        )
    )
    assert report.explored.verdict == "proved", report.words()
