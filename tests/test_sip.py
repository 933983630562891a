"""The transactions of RFC 3261, section 17: its figures row by row, then over a bad network."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generated import shipped, told
from lossy import Network, fates
from protogen_fsm.runtime.errors import LocalProtocolError, RemoteProtocolError

T1, T2, T4 = 0.5, 4.0, 5.0
BRANCH = "z9hG4bK776asdhds"


def sip() -> Any:
    return shipped("sip")


def running(one: Any) -> dict[str, float]:
    """The timers that run, and how long they still have to."""
    return {name: round(due - one.wire.now, 6) for name, due in (one._timers or {}).items()}


def sends(one: Any) -> list[tuple[Any, ...]]:
    return [(event.name, *event.args) for event in one.events_to_send()]


def tell(one: Any, event: str) -> None:
    """An event in the words of the figures: `Timer A`, `486`, `486 from TU`, `INVITE`."""
    word, *rest = event.split()
    if word == "Timer":
        (name,) = rest
        one.advance(one._timers[name])
    elif word == "Transport":
        one.transport_error(BRANCH)
    elif word.isdecimal() and rest:
        one.respond(int(word), f"<{word}>", BRANCH)
    elif word.isdecimal():
        one.response(int(word), f"<{word}>", BRANCH)
    elif rest:
        (one.invite if word == "INVITE" else one.ask)(word, BRANCH)
    else:
        getattr(one, word if word in ("INVITE", "ACK") else "request")(word, BRANCH)


# Each row: the state, the event, what goes to the transport, what the TU hears, the next state,
# and all timers that then run. Events in one cell follow each other; what counts is the last.
# `R` is the request, `<486>` a response; over an unreliable transport.

START = "INVITE from TU"
A, B, D = T1, 64 * T1, 32.0

FIGURE_5 = [
    ("Idle", [START], ["INVITE R"], [], "Calling", {"A": A, "B": B}),
    ("Calling", ["Timer A"], ["INVITE R"], [], "Calling", {"A": 2 * T1, "B": B - T1}),
    ("Calling", ["Timer A"] * 2, ["INVITE R"], [], "Calling", {"A": 4 * T1, "B": B - 3 * T1}),
    ("Calling", ["Timer B"], ..., ["timeout"], "Terminated", {}),
    ("Calling", ["Transport Err"], [], ["failure"], "Terminated", {}),
    ("Calling", ["100"], [], ["answer 100"], "Proceeding", {}),
    ("Calling", ["180"], [], ["answer 180"], "Proceeding", {}),
    ("Calling", ["200"], [], ["answer 200"], "Terminated", {}),
    ("Calling", ["300"], ["ACK <300>"], ["answer 300"], "Completed", {"D": D}),
    ("Calling", ["699"], ["ACK <699>"], ["answer 699"], "Completed", {"D": D}),
    ("Proceeding", ["199"], [], ["answer 199"], "Proceeding", {}),
    ("Proceeding", ["299"], [], ["answer 299"], "Terminated", {}),
    ("Proceeding", ["300"], ["ACK <300>"], ["answer 300"], "Completed", {"D": D}),
    ("Proceeding", ["699"], ["ACK <699>"], ["answer 699"], "Completed", {"D": D}),
    ("Completed", ["300"], ["ACK <300>"], [], "Completed", {"D": D}),
    ("Completed", ["699"], ["ACK <699>"], [], "Completed", {"D": D}),
    ("Completed", ["Transport Err"], [], ["failure"], "Terminated", {}),
    ("Completed", ["Timer D"], [], [], "Terminated", {}),
    # what the figure leaves out, and a network that reorders brings about
    ("Completed", ["180"], [], [], "Completed", {"D": D}),
    ("Proceeding", ["Transport Err"], [], [], "Proceeding", {}),
]

E, F, K = T1, 64 * T1, T4

FIGURE_6 = [
    ("Idle", ["OPTIONS from TU"], ["request R"], [], "Trying", {"E": E, "F": F}),
    ("Trying", ["Timer E"], ["request R"], [], "Trying", {"E": 2 * T1, "F": F - T1}),
    ("Trying", ["Timer E"] * 2, ["request R"], [], "Trying", {"E": 4 * T1, "F": F - 3 * T1}),
    ("Trying", ["Timer E"] * 3, ["request R"], [], "Trying", {"E": T2, "F": F - 7 * T1}),
    ("Trying", ["Timer E"] * 4, ["request R"], [], "Trying", {"E": T2, "F": F - 15 * T1}),
    ("Trying", ["Timer F"], ..., ["timeout"], "Terminated", {}),
    ("Trying", ["Transport Err"], [], ["failure"], "Terminated", {}),
    ("Trying", ["100"], [], ["answer 100"], "Proceeding", {"E": E, "F": F}),
    ("Trying", ["200"], [], ["answer 200"], "Completed", {"K": K}),
    ("Trying", ["699"], [], ["answer 699"], "Completed", {"K": K}),
    ("Proceeding", ["Timer E"], ["request R"], [], "Proceeding", {"E": T2, "F": F - T1}),
    ("Proceeding", ["Timer E"] * 2, ["request R"], [], "Proceeding", {"E": T2, "F": F - T1 - T2}),
    ("Proceeding", ["Timer F"], ..., ["timeout"], "Terminated", {}),
    ("Proceeding", ["Transport Err"], [], ["failure"], "Terminated", {}),
    ("Proceeding", ["199"], [], ["answer 199"], "Proceeding", {"E": E, "F": F}),
    ("Proceeding", ["200"], [], ["answer 200"], "Completed", {"K": K}),
    ("Proceeding", ["699"], [], ["answer 699"], "Completed", {"K": K}),
    ("Completed", ["Timer K"], [], [], "Terminated", {}),
    ("Completed", ["200"], [], [], "Completed", {"K": K}),
    ("Completed", ["100"], [], [], "Completed", {"K": K}),
    ("Completed", ["Transport Err"], [], [], "Completed", {"K": K}),
]

QUIET, G, H = 0.2, T1, 64 * T1

FIGURE_7 = [
    ("Idle", ["INVITE"], [], ["invited R"], "Proceeding", {"quiet": QUIET}),
    ("Proceeding", ["Timer quiet"], ["100 R"], [], "Proceeding", {}),
    ("Proceeding", ["INVITE"], [], [], "Proceeding", {"quiet": QUIET}),
    ("Proceeding", ["Timer quiet", "INVITE"], ["100 R"], [], "Proceeding", {}),
    ("Proceeding", ["180 from TU"], ["180 <180>"], [], "Proceeding", {}),
    ("Proceeding", ["101 from TU", "180 from TU", "INVITE"], ["180 <180>"], [], "Proceeding", {}),
    ("Proceeding", ["200 from TU"], ["200 <200>"], [], "Terminated", {}),
    ("Proceeding", ["300 from TU"], ["300 <300>"], [], "Completed", {"G": G, "H": H}),
    ("Proceeding", ["699 from TU"], ["699 <699>"], [], "Completed", {"G": G, "H": H}),
    ("Proceeding", ["Transport Err"], [], ["failure"], "Terminated", {}),
    ("Completed", ["INVITE"], ["486 <486>"], [], "Completed", {"G": G, "H": H}),
    ("Completed", ["Timer G"], ["486 <486>"], [], "Completed", {"G": 2 * T1, "H": H - T1}),
    ("Completed", ["Timer G"] * 3, ["486 <486>"], [], "Completed", {"G": T2, "H": H - 7 * T1}),
    ("Completed", ["Timer G"] * 4, ["486 <486>"], [], "Completed", {"G": T2, "H": H - 15 * T1}),
    ("Completed", ["Timer H"], ..., ["timeout"], "Terminated", {}),
    ("Completed", ["Transport Err"], [], ["failure"], "Terminated", {}),
    ("Completed", ["ACK"], [], [], "Confirmed", {"I": T4}),
    ("Confirmed", ["ACK"], [], [], "Confirmed", {"I": T4}),
    ("Confirmed", ["Timer I"], [], [], "Terminated", {}),
    ("Confirmed", ["INVITE"], [], [], "Confirmed", {"I": T4}),
    ("Confirmed", ["Transport Err"], [], [], "Confirmed", {"I": T4}),
]

J = 64 * T1

FIGURE_8 = [
    ("Idle", ["OPTIONS"], [], ["asked R"], "Trying", {}),
    ("Trying", ["OPTIONS"], [], [], "Trying", {}),
    ("Trying", ["100 from TU"], ["100 <100>"], [], "Proceeding", {}),
    ("Trying", ["200 from TU"], ["200 <200>"], [], "Completed", {"J": J}),
    ("Trying", ["699 from TU"], ["699 <699>"], [], "Completed", {"J": J}),
    ("Proceeding", ["OPTIONS"], ["183 <183>"], [], "Proceeding", {}),
    ("Proceeding", ["199 from TU"], ["199 <199>"], [], "Proceeding", {}),
    ("Proceeding", ["199 from TU", "OPTIONS"], ["199 <199>"], [], "Proceeding", {}),
    ("Proceeding", ["200 from TU"], ["200 <200>"], [], "Completed", {"J": J}),
    ("Proceeding", ["699 from TU"], ["699 <699>"], [], "Completed", {"J": J}),
    ("Proceeding", ["Transport Err"], [], ["failure"], "Terminated", {}),
    ("Completed", ["OPTIONS"], ["486 <486>"], [], "Completed", {"J": J}),
    ("Completed", ["200 from TU"], [], [], "Completed", {"J": J}),
    ("Completed", ["Transport Err"], [], ["failure"], "Terminated", {}),
    ("Completed", ["Timer J"], [], [], "Terminated", {}),
]

WAYS = {
    "InviteClient": {
        "Idle": [],
        "Calling": [START],
        "Proceeding": [START, "180"],
        "Completed": [START, "486"],
    },
    "NonInviteClient": {
        "Idle": [],
        "Trying": ["OPTIONS from TU"],
        "Proceeding": ["OPTIONS from TU", "100"],
        "Completed": ["OPTIONS from TU", "486"],
    },
    "InviteServer": {
        "Idle": [],
        "Proceeding": ["INVITE"],
        "Completed": ["INVITE", "486 from TU"],
        "Confirmed": ["INVITE", "486 from TU", "ACK"],
    },
    "NonInviteServer": {
        "Idle": [],
        "Trying": ["OPTIONS"],
        "Proceeding": ["OPTIONS", "183 from TU"],
        "Completed": ["OPTIONS", "486 from TU"],
    },
}

FIGURES = [
    pytest.param(machine, *row, id=f"figure {figure}: {row[0]}, {', '.join(row[1])}")
    for figure, machine, rows in (
        (5, "InviteClient", FIGURE_5),
        (6, "NonInviteClient", FIGURE_6),
        (7, "InviteServer", FIGURE_7),
        (8, "NonInviteServer", FIGURE_8),
    )
    for row in rows
]


def said(events: list[tuple[Any, ...]]) -> list[str]:
    """What was sent or told, in the words of the tables; each names its transaction."""
    shown = []
    for name, *args in events:
        assert args.pop() == BRANCH
        if name == "response":
            name = args.pop(0)
        elif name == "answer":
            code, response = args
            assert response == f"<{code}>"
            args = [code]
        words = ["R" if word in ("INVITE", "OPTIONS") else str(word) for word in args]
        shown.append(" ".join([str(name), *words]))
    return shown


def begun(machine: str, **params: Any) -> Any:
    """A machine whose clock has begun."""
    one = getattr(sip(), machine)(BRANCH, **params)
    one.advance(0)
    return one


def in_state(machine: str, state: str, **params: Any) -> Any:
    one = begun(machine, **params)
    for event in WAYS[machine][state]:
        tell(one, event)
    assert one.state == state
    sends(one)
    told(one)
    return one


@pytest.mark.parametrize(
    ("machine", "state", "events", "to_transport", "to_user", "then", "timers"), FIGURES
)
def test_a_row_of_a_figure_is_what_the_machine_does(
    machine: str,
    state: str,
    events: list[str],
    to_transport: Any,
    to_user: list[str],
    then: str,
    timers: dict[str, float],
) -> None:
    one = in_state(machine, state)
    for event in events:
        sends(one)
        tell(one, event)
    if to_transport is not ...:  # of a timer that runs out in the end, others did so before
        assert said(sends(one)) == to_transport
    assert said(told(one)) == to_user
    assert one.state == then
    assert running(one) == timers


def test_every_row_of_the_spec_is_one_of_a_figure() -> None:
    """No machine has a state and an event that no table above speaks of."""
    spoken = {(machine, row[0], row[1][-1]) for machine, *row in (p.values for p in FIGURES)}
    for machine, ways in WAYS.items():
        for row in getattr(sip(), machine)._rows:
            state, event = row.state, row.value or row.event
            states = [state] if state in ways else ["Trying", "Proceeding"]
            for one in states:
                words = {word for who, where, word in spoken if (who, where) == (machine, one)}
                assert any(_means(word, event) for word in words), (machine, one, event)


def _means(word: str, event: str) -> bool:
    first, *rest = word.split()
    if event in ("transport_error", "invite", "ask"):
        return word == "Transport Err" if event == "transport_error" else rest == ["from", "TU"]
    if first == "Timer":
        return rest == [event]
    if first.isdecimal():
        return event in (f"{first[0]}xx", "response", "respond")
    return first == event or event == "request"


@pytest.mark.parametrize(
    ("machine", "begin", "timers", "end", "last"),
    [
        ("InviteClient", [START], {"B": B}, "486", {"D": 0}),
        ("NonInviteClient", ["OPTIONS from TU"], {"F": F}, "200", {"K": 0}),
        ("InviteServer", ["INVITE", "486 from TU"], {"H": H}, "ACK", {"I": 0}),
        ("NonInviteServer", ["OPTIONS", "100 from TU"], {}, "200 from TU", {"J": 0}),
    ],
)
def test_over_a_reliable_transport_nothing_is_sent_again_and_nothing_awaited(
    machine: str, begin: list[str], timers: dict[str, float], end: str, last: dict[str, float]
) -> None:
    one = begun(machine, reliable=True)
    for event in begin:
        tell(one, event)
    assert running(one) == timers
    tell(one, end)
    assert running(one) == last
    one.advance(0)
    assert one.state == "Terminated"


def test_the_timers_scale_with_what_the_machine_is_given() -> None:
    one = begun("InviteClient", t1=2.0)
    tell(one, START)
    assert running(one) == {"A": 2.0, "B": 128.0}
    tell(one, "486")
    assert running(one) == {"D": 128.0}  # at least 32 s, and as long as a server like us goes on
    one = begun("NonInviteClient", t1=1.0, t2=3.0, t4=7.0)
    for event in ("OPTIONS from TU", "Timer E", "Timer E"):
        tell(one, event)
    assert running(one)["E"] == 3.0
    tell(one, "200")
    assert running(one) == {"K": 7.0}


@pytest.mark.parametrize(
    ("machine", "state", "event", "error"),
    [
        ("InviteClient", "Calling", START, LocalProtocolError),
        ("InviteClient", "Idle", "180", RemoteProtocolError),
        ("InviteServer", "Completed", "200 from TU", LocalProtocolError),
        ("InviteServer", "Proceeding", "ACK", RemoteProtocolError),
        ("NonInviteServer", "Completed", "100 from TU", LocalProtocolError),
    ],
)
def test_what_no_figure_has_is_somebody_s_mistake_and_changes_nothing(
    machine: str, state: str, event: str, error: type[Exception]
) -> None:
    one = in_state(machine, state)
    before = running(one)
    with pytest.raises(error):
        tell(one, event)
    assert (one.state, running(one), sends(one), told(one)) == (state, before, [], [])


# ---------------------------------------------------------------- both ends, over a bad network

INVITES = [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
CAPPED = [0, 0.5, 1.5, 3.5, *(7.5 + 4 * n for n in range(7))]  # up to 31.5
TIMER_C = 181.0


class Call:
    """Two users of transactions, their cores, and the network between them.

    The core of the called one answers a request that comes again behind its transaction as it did
    before, and sends a 2xx to an INVITE until the caller's core has acknowledged it (section
    13.3.1.4). The caller gives up what rings for longer than timer C.
    """

    def __init__(self, network: Network, kind: str, answers: list[tuple[float, int]]) -> None:
        self.network, self.invites, self.answers = network, kind == "INVITE", answers
        names = ("InviteClient", "InviteServer")
        self.client_class, self.server_class = (
            getattr(sip(), name if self.invites else f"Non{name}") for name in names
        )
        self.client: Any = network.add(self.client_class(BRANCH))
        self.server: Any = None
        self.given_up = False
        self.heard: list[int] = []  # what the caller's user was told
        self.problems: list[str] = []
        self.decided = 0
        self.acknowledged = False

    def start(self) -> None:
        (self.client.invite if self.invites else self.client.ask)("R", BRANCH)

    def settle(self) -> None:
        """Takes what the machines have to say, until they are silent."""
        for event in list(self.client.events_to_send()):
            self.network.carry("client", event.name, event.args, self.to_server)
        for event in list(self.client.events()):
            if event.name == "answer":
                self.heard_answer(event.args[0])
            else:
                self.problems.append(f"client: {event.name}")
        if self.server is None:
            return
        for event in list(self.server.events_to_send()):
            self.network.carry("server", event.name, event.args, self.to_client)
        for event in list(self.server.events()):
            if event.name in ("invited", "asked"):
                self.asked()
            else:
                self.problems.append(f"server: {event.name}")

    def to_server(self, name: str, *args: Any) -> None:
        if name == "ACK 2xx":
            self.acknowledged = True
            return
        alive = self.server is not None and self.server.state != "Terminated"
        if not alive:
            if name == "ACK":
                return  # for the core, which has nothing to do with it
            self.server = self.network.add(self.server_class(BRANCH))
        getattr(self.server, name)(*args)

    def to_client(self, name: str, *args: Any) -> None:
        if self.client.state != "Terminated" and not self.given_up:
            getattr(self.client, name)(*args)
        elif self.invites and 200 <= args[0] < 300:
            self.heard_answer(args[0])  # to the core, as it matches no transaction

    def heard_answer(self, code: int) -> None:
        self.heard.append(code)
        if self.invites and 200 <= code < 300:
            self.network.carry("client", "ACK 2xx", (), self.to_server)
        elif self.invites and self.client.state == "Proceeding":
            self.network.later(TIMER_C, self.give_up)

    def give_up(self) -> None:
        if self.client.state == "Proceeding" and not self.given_up:
            self.given_up = True
            self.problems.append("client: timer C")

    def asked(self) -> None:
        server = self.server
        if self.decided:
            return self.respond(server, self.decided)
        for delay, code in self.answers:
            self.network.later(delay, lambda code=code: self.respond(server, code))  # type: ignore[misc]
        return None

    def respond(self, server: Any, code: int) -> None:
        if server.state in ("Trying", "Proceeding"):
            server.respond(code, f"<{code}>", BRANCH)
            if code >= 200:
                self.decided = code
            if self.invites and 200 <= code < 300:
                self.repeat(code, T1, self.network.now)

    def repeat(self, code: int, interval: float, begun: float) -> None:
        """Section 13.3.1.4: the core repeats a 2xx itself."""

        def again() -> None:
            if self.acknowledged:
                return
            if self.network.now - begun >= 64 * T1:
                self.problems.append("server: no ACK for a 2xx")
                return
            self.network.carry("server", "response", (code, "again", BRANCH), self.to_client)
            self.repeat(code, min(2 * interval, T2), begun)

        self.network.later(interval, again)

    @property
    def finals(self) -> set[int]:
        return {code for code in self.heard if code >= 200}


ANSWERS = st.tuples(
    st.lists(st.tuples(st.sampled_from([0.0, 0.1, 1.0, 10.0]), st.sampled_from([180, 183]))),
    st.tuples(st.sampled_from([0.0, 0.3, 5.0, 40.0]), st.sampled_from([200, 202, 302, 486, 603])),
).map(lambda both: [*both[0], both[1]])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a whole call each
@given(st.data(), ANSWERS, st.sampled_from(["INVITE", "OPTIONS"]))
def test_whatever_the_network_loses_both_users_agree_or_are_told(
    data: Any, answers: list[tuple[float, int]], kind: str
) -> None:
    network = Network(lambda: data.draw(fates(T4 - 0.1)))
    call = Call(network, kind, answers)
    call.start()
    network.run(1000.0, call.settle)

    assert call.client.state == "Terminated" or call.given_up
    for server in network.machines[1:]:
        assert server.state == "Terminated"
    assert call.finals <= {call.decided}, "nobody hears of an answer that was not given"
    assert call.finals == {call.decided} - {0} or call.problems
    if kind == "OPTIONS":
        assert sum(code >= 200 for code in call.heard) <= 1, "a retransmission is not passed up"
    sent = network.times("client", "INVITE" if kind == "INVITE" else "request")
    if kind == "INVITE":
        assert sent == INVITES[: len(sent)]
    elif not any(code < 200 for code in call.heard):
        assert sent == CAPPED[: len(sent)]
    else:
        assert {round(b - a, 6) for a, b in pairwise(sent)} <= {0.5, 1, 2, 4}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from([0.01, 0.1, 0.2]), min_size=40), ANSWERS)
def test_where_nothing_is_lost_the_users_always_agree(
    delays: list[float], answers: list[tuple[float, int]]
) -> None:
    left = iter(delays * 10)
    call = Call(Network(lambda: [next(left)]), "INVITE", answers)
    call.start()
    call.network.run(1000.0, call.settle)
    assert (call.finals, call.problems) == ({call.decided}, [])


@pytest.mark.parametrize(("kind", "times"), [("INVITE", INVITES), ("OPTIONS", CAPPED)])
def test_a_request_that_nobody_answers_goes_out_at_the_times_of_the_rfc(
    kind: str, times: list[float]
) -> None:
    call = Call(Network(list), kind, [])
    call.start()
    call.network.run(1000.0, call.settle)
    assert call.network.times("client", "INVITE" if kind == "INVITE" else "request") == times
    assert (call.client.state, call.problems) == ("Terminated", ["client: timeout"])
    assert call.network.now == 64 * T1


def test_a_refusal_that_nobody_acknowledges_goes_out_at_the_times_of_the_rfc() -> None:
    ways = iter([[0.0], *[[] for _ in range(100)]])
    call = Call(Network(lambda: next(ways)), "INVITE", [(0.0, 486)])
    call.start()
    call.network.run(31.9, call.settle)
    assert call.network.times("server", "response") == CAPPED
    call.network.run(100.0, call.settle)
    assert call.problems == ["client: timeout", "server: timeout"]
