"""The option negotiation automaton of RFC 1661: its table cell by cell, then over a bad line."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generated import shipped, told
from lossy import Network
from protogen_fsm.runtime.errors import ProtocolError

# Section 4.1, in its own notation: actions, then the number of the next state; `-` cannot be.
# [p], [r] and [x] are the options of that section: p is the machine's `passive`, r is left to
# whoever asks for Open, x says what is unlikely.

STATES = (
    "Initial", "Starting", "Closed", "Stopped", "Closing", "Stopping",
    "Req_Sent", "Ack_Rcvd", "Ack_Sent", "Opened",
)  # fmt: skip

TABLE_0_TO_5 = """
        0         1         2         3               4         5
 Up   | 2         irc,scr/6 -         -               -         -
 Down | -         -         0         tls/1           0         1
 Open | tls/1     1         irc,scr/6 3r              5r        5r
 Close| 0         tlf/0     2         2               4         4

 TO+  | -         -         -         -               str/4     str/5
 TO-  | -         -         -         -               tlf/2     tlf/3

 RCR+ | -         -         sta/2     irc,scr,sca/8   4         5
 RCR- | -         -         sta/2     irc,scr,scn/6   4         5
 RCA  | -         -         sta/2     sta/3           4         5
 RCN  | -         -         sta/2     sta/3           4         5

 RTR  | -         -         sta/2     sta/3           sta/4     sta/5
 RTA  | -         -         2         3               tlf/2     tlf/3

 RUC  | -         -         scj/2     scj/3           scj/4     scj/5
 RXJ+ | -         -         2         3               4         5
 RXJ- | -         -         tlf/2     tlf/3           tlf/2     tlf/3

 RXR  | -         -         2         3               4         5
"""

TABLE_6_TO_9 = """
        6         7           8           9
 Up   | -         -           -           -
 Down | 1         1           1           tld/1
 Open | 6         7           8           9r
 Close| irc,str/4 irc,str/4   irc,str/4   tld,irc,str/4

 TO+  | scr/6     scr/6       scr/8       -
 TO-  | tlf/3p    tlf/3p      tlf/3p      -

 RCR+ | sca/8     sca,tlu/9   sca/8       tld,scr,sca/8
 RCR- | scn/6     scn/7       scn/6       tld,scr,scn/6
 RCA  | irc/7     scr/6x      irc,tlu/9   tld,scr/6x
 RCN  | irc,scr/6 scr/6x      irc,scr/8   tld,scr/6x

 RTR  | sta/6     sta/6       sta/6       tld,zrc,sta/5
 RTA  | 6         6           8           tld,scr/6

 RUC  | scj/6     scj/7       scj/8       scj/9
 RXJ+ | 6         6           8           9
 RXJ- | tlf/3     tlf/3       tlf/3       tld,irc,str/5

 RXR  | 6         7           8           ser/9
"""


def cells(table: str) -> list[tuple[int, str, str]]:
    head, *lines = [line for line in table.splitlines() if line.strip()]
    found = []
    for line in lines:
        event, _, rest = line.partition("|")
        for state, cell in zip(head.split(), rest.split(), strict=True):
            found.append((int(state), event.strip(), cell))
    return found


CELLS = cells(TABLE_0_TO_5) + cells(TABLE_6_TO_9)

SENT = {
    1: "scr", 2: "sca", 3: "scn", 4: "scn", 5: "str", 6: "sta", 7: "scj", 10: "ser",
}  # fmt: skip
WANTED = bytes([1, 4, 5, 0xDC])  # a Maximum-Receive-Unit of 1500
NAKED = bytes([1, 4, 2, 0])
RUNNING = range(4, 9)  # the states in which the restart timer runs


def lcp() -> Any:
    return shipped("lcp")


def packet(code: int, id: int, data: bytes = b"") -> bytes:
    return bytes([code, id]) + (4 + len(data)).to_bytes(2, "big") + data


class Deciding(lcp().Automaton):  # type: ignore[misc]
    """Decides about the peer's options as it is told, and asks for the same again."""

    answer: Any = None

    def do_Willing_Configure_Request(self, id: int, length: int, options: bytes) -> Any:
        return self.answer

    def do_Negotiating_Configure_Nak(self, id: int, length: int, options: bytes) -> Any:
        return lcp().Again(NAKED, 7)

    def do_Negotiating_Configure_Reject(self, id: int, length: int, options: bytes) -> Any:
        return lcp().Defaults()


def begun(**params: Any) -> Any:
    """A machine whose clock has begun."""
    one = Deciding(**params)
    one.advance(0)
    return one


def in_state(state: int, **params: Any) -> Any:
    """A machine in that state, by the shortest way, which has forgotten how it got there."""
    one = begun(**params)
    ways = {
        0: [], 1: ["Open"], 2: ["Up"], 4: ["Open", "Up", "Close"], 6: ["Open", "Up"],
        3: ["Open", "Up", "RXJ-"], 7: ["Open", "Up", "RCA"], 8: ["Open", "Up", "RCR+"],
        9: ["Open", "Up", "RCR+", "RCA"], 5: ["Open", "Up", "RCR+", "RCA", "RTR"],
    }  # fmt: skip
    for event in ways[state]:
        tell(one, event)
    assert one.state == STATES[state]
    said(one)
    return one


def tell(one: Any, event: str, kind: int = 0) -> None:
    """An event of the table; `kind` says which of the packets that it stands for."""
    link = one.below
    id = one.asked
    if event == "Open":
        one.Open(WANTED, 7)
    elif event == "Close":
        one.Close()
    elif event in ("Up", "Down"):
        getattr(link, event)()
    elif event in ("TO+", "TO-"):
        one.restarts = 3 if event == "TO+" else 0
        if one._timers is None or "restart" not in one._timers:
            raise LookupError("the timer does not run")
        one.advance(one.deadline())
    elif event in ("RCR+", "RCR-"):
        bad = (lcp().Refuse(NAKED), lcp().Reject(WANTED))[kind]
        one.answer = bad if event == "RCR-" else (None, lcp().Acceptable())[kind]
        link.frame(packet(1, 99, WANTED))
    elif event in ("RXJ+", "RXJ-"):
        rejected = packet(1 if event == "RXJ-" else 12, 4)
        link.frame(packet(7, 3, rejected))
    else:
        link.frame(
            {
                "RCA": [packet(2, id, one.wanted)],
                "RCN": [packet(3, id, NAKED), packet(4, id, WANTED)],
                "RTR": [packet(5, 55), packet(5, 55, b"data")],
                "RTA": [packet(6, id), packet(6, 200)],
                "RUC": [packet(12, 8, b"what?"), packet(0, 8)],
                "RXR": [packet(9, 8, bytes(4)), packet(10, 8, bytes(4)), packet(11, 8, bytes(4))],
            }[event][kind]
        )


def kinds(event: str) -> range:
    few = {"RCR+": 2, "RCR-": 2, "RCN": 2, "RTR": 2, "RTA": 2, "RUC": 2, "RXR": 3}
    return range(few.get(event, 1))


def said(one: Any) -> list[str]:
    """What it did, in the words of the table, without counters."""
    found = []
    for event in one.events_to_send():
        if event.name == "frame":
            found.append(SENT[event.args[0][0]])
        else:
            found.append(event.name)
    return found + [event[0] for event in told(one)]


@pytest.mark.parametrize(("state", "event", "cell"), CELLS, ids=str)
def test_a_cell_of_the_table_is_what_the_machine_does(state: int, event: str, cell: str) -> None:
    for kind in kinds(event):
        one = in_state(state)
        one.restarts = 5
        before = (one.state, 5, one.asked, one.wanted, one._timers)
        if cell == "-" and state in (0, 1) and event.startswith("R"):
            tell(one, event, kind)  # the line is down: what comes was sent before, and is lost
            assert (one.state, one.asked, one.wanted, one._timers) == (before[0], *before[2:])
            assert said(one) == []
            continue
        if cell == "-":
            with pytest.raises((ProtocolError, LookupError)):
                tell(one, event, kind)
            expected = {"TO+": 3, "TO-": 0}.get(event, 5)
            assert (one.state, one.restarts) == (STATES[state], expected)
            assert (one.asked, one.wanted, one._timers) == before[2:]
            assert said(one) == []
            continue
        actions, _, target = cell.rpartition("/")
        then = int(target.rstrip("prx"))
        expected_actions = sorted(actions.split(",")) if actions else []
        if event == "RXR" and kind:  # only an Echo-Request has a reply
            expected_actions = []
        was_due = one.deadline()
        tell(one, event, kind)

        counted = {"TO+": 3, "TO-": 0}.get(event, 5)
        if "irc" in expected_actions:
            counted = 2 if "str" in expected_actions else 10
        if "zrc" in expected_actions:
            counted = 0
        counted -= sum(action in ("scr", "str") for action in expected_actions)
        assert one.restarts == counted
        assert sorted(said(one)) == [a for a in expected_actions if a not in ("irc", "zrc")]
        assert one.state == STATES[then]

        starts = {"scr", "str", "zrc"} & set(expected_actions)
        if starts:
            assert one.deadline() == one.wire.now + 3
        elif then in RUNNING:
            assert one.deadline() == was_due
        else:
            assert one.deadline() is None


def test_the_table_has_all_its_cells() -> None:
    assert len({(state, event) for state, event, _ in CELLS}) == 10 * 16 == len(CELLS)


@pytest.mark.parametrize("state", [6, 7, 8])
def test_a_passive_machine_waits_for_its_peer_where_the_table_says_p(state: int) -> None:
    one = in_state(state, passive=True)
    tell(one, "TO-")
    assert (one.state, said(one), one.deadline()) == ("Stopped", [], None)


# ---------------------------------------------------------------- packets, section 5


def frames(one: Any) -> list[bytes]:
    return [event.args[0] for event in one.events_to_send() if event.name == "frame"]


@pytest.mark.parametrize("state", range(2, 10))
@pytest.mark.parametrize("code", [2, 3, 4])
def test_an_answer_to_another_request_than_the_last_is_dropped(state: int, code: int) -> None:
    one = in_state(state)
    due = one.deadline()
    one.below.frame(packet(code, (one.asked + 1) % 256, one.wanted))
    assert (one.state, said(one), one.deadline()) == (STATES[state], [], due)


def test_an_ack_of_other_options_than_those_that_were_asked_for_is_dropped() -> None:
    one = in_state(6)
    one.below.frame(packet(2, one.asked, NAKED))
    assert one.state == "Req_Sent"
    one.below.frame(packet(2, one.asked, WANTED))
    assert one.state == "Ack_Rcvd"


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\x01",
        b"\x01\x01\x00",
        b"\x01\x01\x00\x03",
        b"\x01\x01\x00\x09abcd",
        b"\x09\x01\x00\x04",
    ],
)
@pytest.mark.parametrize("state", range(2, 10))
def test_a_packet_whose_length_lies_is_dropped(state: int, broken: bytes) -> None:
    one = in_state(state)
    one.below.frame(broken)
    assert (one.state, said(one)) == (STATES[state], [])


def test_identifiers_change_with_each_request_but_not_when_it_goes_out_again() -> None:
    one = begun()
    one.Open(WANTED, 0)
    one.below.Up()
    assert frames(one) == [packet(1, 1, WANTED)]
    one.advance(3)
    assert frames(one) == [packet(1, 1, WANTED)]
    one.below.frame(packet(3, 1, NAKED))
    assert frames(one) == [packet(1, 2, NAKED)]
    one.below.frame(packet(4, 2, NAKED))
    assert frames(one) == [packet(1, 3)]
    one.Close()
    assert frames(one) == [packet(5, 4)]
    one.advance(6)
    assert frames(one) == [packet(5, 4)]


def test_identifiers_go_round() -> None:
    one = in_state(6)
    for n in range(300):
        one.below.frame(packet(3, one.asked, NAKED))
        assert one.asked == (n + 2) % 256
    one = in_state(9)
    for _ in range(300):
        one.echo(b"")
    assert {one_.pop(1) for one_ in map(list, frames(one))} == set(range(256))


def test_what_nobody_knows_goes_back_whole_if_it_fits() -> None:
    one = in_state(9)
    unknown = packet(77, 5, b"more")
    one.below.frame(unknown)
    assert frames(one) == [packet(7, 1, unknown)]
    one.below.frame(packet(77, 5, bytes(2000)))
    assert (frames(one), one.state) == ([], "Opened")


def test_an_echo_comes_back_with_our_magic_number_and_their_data() -> None:
    one = in_state(9)
    one.below.frame(packet(9, 33, b"\0\0\0\x09ping"))
    assert frames(one) == [packet(10, 33, b"\0\0\0\x07ping")]
    one.echo(b"pong")
    assert frames(one) == [packet(9, 1, b"\0\0\0\x07pong")]
    one.below.frame(packet(10, 9, b"\0\0\0\x09late"))
    one.below.frame(packet(10, 1, b"\0\0\0\x09pong"))
    assert told(one) == [("echoed", b"pong")]
    one.discard(b"x")
    assert frames(one) == [packet(11, 2, b"\0\0\0\x07x")]


def test_protocols_are_refused_where_the_link_is_open() -> None:
    one = in_state(9)
    one.refuse_protocol(0x8021, b"ipcp")
    assert frames(one) == [packet(8, 1, b"\x80\x21ipcp")]
    one.below.frame(packet(8, 1, b"\x80\x21ipcp"))
    assert (told(one), one.state) == ([("refused", 0x8021)], "Opened")
    one.below.frame(packet(8, 1, b"\xc0\x21"))
    assert (one.state, said(one)) == ("Stopping", ["str", "tld"])
    for state in range(2, 9):
        one = in_state(state)
        one.below.frame(packet(8, 1, b"\xc0\x21"))
        assert (one.state, said(one)) == (STATES[state], [])


def test_a_peer_that_never_answers_is_asked_ten_times_and_bidden_farewell_twice() -> None:
    one = begun()
    one.Open(b"", 0)
    one.below.Up()
    asked = []
    while one.deadline() is not None:
        asked += [(one.wire.now, frame[0]) for frame in frames(one)]
        one.advance(one.deadline())
    assert asked == [(3.0 * n, 1) for n in range(10)]
    assert (one.state, one.wire.now, said(one)) == ("Stopped", 30, ["tlf"])

    one = in_state(9)
    one.Close()
    left = []
    while one.deadline() is not None:
        left += [(one.wire.now, frame[0]) for frame in frames(one)]
        one.advance(one.deadline())
    assert (left, one.state) == ([(0, 5), (3, 5)], "Closed")


# ---------------------------------------------------------------- both ends, over a bad line


# RFC 1661, section 1: the line keeps the order and doubles nothing.
FATE = st.sampled_from([[], [0.01]])


class Line:
    """Two ends that want options of each other, and a line between them."""

    def __init__(self, network: Network, wants: tuple[int, int], most: tuple[int, int]) -> None:
        self.network = network
        self.wants = wants
        self.ends = [network.add(End(largest)) for largest in most]
        self.layer: list[list[str]] = [[], []]  # what the layer above heard, and the one below
        self.lower: list[list[str]] = [[], []]

    def settle(self) -> None:
        for at, one in enumerate(self.ends):
            other = self.ends[1 - at]
            for event in list(one.events_to_send()):
                if event.name == "frame":

                    def arrive(name: str, octets: bytes, other: Any = other) -> None:
                        if other.state not in ("Initial", "Starting"):
                            other.below.frame(octets)

                    self.network.carry(str(at), "frame", event.args, arrive)
                else:
                    self.lower[at].append(event.name)
            self.layer[at] += [event[0] for event in told(one)]

    def start(self) -> None:
        for one, mru in zip(self.ends, self.wants, strict=True):
            one.Open(bytes([1, 4]) + mru.to_bytes(2, "big"), 0)
            one.below.Up()


class End(lcp().Automaton):  # type: ignore[misc]
    """Knows one option, the Maximum-Receive-Unit, and takes it up to a size."""

    def __init__(self, largest: int) -> None:
        super().__init__()
        self.largest = largest
        self.theirs = 1500

    def do_Willing_Configure_Request(self, id: int, length: int, options: bytes) -> Any:
        if options[:1] not in (b"", b"\x01"):
            return lcp().Reject(options)
        mru = int.from_bytes(options[2:], "big") if options else 1500
        if mru > self.largest:
            return lcp().Refuse(bytes([1, 4]) + self.largest.to_bytes(2, "big"))
        self.theirs = mru
        return lcp().Acceptable()

    def do_Negotiating_Configure_Nak(self, id: int, length: int, options: bytes) -> Any:
        return lcp().Again(options, 0)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a whole session each
@given(
    st.data(),
    st.tuples(*[st.integers(64, 4000)] * 2),
    st.tuples(*[st.integers(1500, 3000)] * 2),
    st.integers(0, 12),
)
def test_whatever_the_line_loses_at_first_both_ends_open_and_then_close(
    data: Any, wants: tuple[int, int], most: tuple[int, int], bad: int
) -> None:
    left = [bad]

    def fate() -> list[float]:
        left[0] -= 1
        return data.draw(FATE) if left[0] >= 0 else [0.01]

    line = Line(Network(fate), wants, most)
    line.start()
    line.network.run(200.0, line.settle)
    assert [one.state for one in line.ends] == ["Opened", "Opened"]
    for one, want, most_, other in zip(
        line.ends, wants, reversed(most), line.ends[::-1], strict=True
    ):
        assert other.theirs == min(want, most_) == int.from_bytes(one.wanted[2:], "big")
    for layer in line.layer:
        assert layer[::2] == ["tlu"] * (len(layer) // 2 + 1)
        assert layer[1::2] == ["tld"] * (len(layer) // 2)

    left[0] = bad
    line.ends[0].Close()
    line.network.run(400.0, line.settle)
    assert line.ends[0].state == "Closed"
    assert line.ends[1].state == "Stopped" or bad > 1  # both Terminate-Requests may be lost
    assert line.lower[0][-1] == "tlf"
    for one in line.ends:
        one.below.Down()  # that is what the lower layer does then
    line.settle()
    assert [one.state for one in line.ends] == ["Initial", "Starting"]
    assert [layer[-1] for layer in line.layer] == ["tld", "tld"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_the_line_loses_for_ever_each_end_comes_to_rest(data: Any) -> None:
    line = Line(Network(lambda: data.draw(FATE)), (1500, 1400), (1500, 1500))
    line.start()
    line.network.run(100.0, line.settle)
    for one in line.ends:
        one.Close()
    line.network.run(200.0, line.settle)
    for one in line.ends:
        assert one.state in ("Closed", "Stopped")
        assert one.deadline() is None


def test_the_notation_of_the_table_is_the_rfc_s() -> None:
    for _, _, cell in CELLS:
        assert cell == "-" or re.fullmatch(r"([a-z]{3}(,[a-z]{3})*/)?\d[prx]?", cell)
