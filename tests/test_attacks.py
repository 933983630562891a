"""Attacks on protocols, each on a small naive implementation, which is fooled, and on ours.

docs/security.md is the table of them. What is here concerns the order of messages and where one
ends; tests/test_smuggling.py has the requests of HTTP, tests/test_hostile_specs.py hostile specs.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import re
from collections import Counter
from typing import Any

import pytest

from generated import made, shipped, told
from interpreter import Refused
from meaning import FUNCTIONS, Failed
from protogen_fsm.model.machine import Event, StartTls, State
from protogen_fsm.model.messages import Text, Words
from protogen_fsm.runtime.core import LocalProtocolError, RemoteProtocolError
from test_specs_at_random import MACHINES, SPECS, may_come, models, value
from walks import Walk

# ---------------------------------------------------------------- skipped, repeated, early

# A handshake in the manner of TLS: "SMACK" and "A messy state of the union" (IEEE S&P 2015).
HANDSHAKE = """
protocol Handshake
use Lines from "lines.proto"
message HELLO              = "HELLO"
message KEY(secret: bytes) = "KEY " secret
message CHANGE             = "CHANGE"
message FINISHED           = "FINISHED"
message DATA(text: str)    = "DATA " text

machine Server over Lines(max: 100) {
    receives HELLO, KEY, CHANGE, FINISHED, DATA
    emits    said(text: str, secret: bytes)
    otherwise error
    var secret: bytes = "" scope layer

    initial state START   { on HELLO -> GREETED      on malformed, eof -> OVER  after 1min -> OVER }
    state GREETED         { on KEY(secret) -> KEYED / self.secret = secret
                            on malformed, eof -> OVER  after 1min -> OVER }
    state KEYED           { on CHANGE -> CHANGED     on malformed, eof -> OVER  after 1min -> OVER }
    state CHANGED         { on FINISHED -> OPEN      on malformed, eof -> OVER  after 1min -> OVER }
    state OPEN            { on DATA(text) / emit said(text, secret)
                            on malformed, eof -> OVER  after 1min -> OVER }
    final state OVER
}
"""
RIGHT = (b"HELLO", b"KEY k", b"CHANGE", b"FINISHED", b"DATA x")


class NaiveHandshake:
    """A handler for each message, none of which asks what came before (CVE-2014-0224)."""

    def __init__(self) -> None:
        self.secret, self.encrypted, self.said = b"", False, []

    def receive(self, line: bytes) -> None:
        name, _, rest = line.partition(b" ")
        getattr(self, f"do_{name.decode()}")(rest)

    def do_HELLO(self, rest: bytes) -> None:
        self.secret = b""

    def do_KEY(self, rest: bytes) -> None:
        self.secret = rest

    def do_CHANGE(self, rest: bytes) -> None:
        self.encrypted = True

    def do_FINISHED(self, rest: bytes) -> None: ...

    def do_DATA(self, rest: bytes) -> None:
        if self.encrypted:
            self.said.append((rest.decode(), self.secret))


def test_a_handshake_is_complete_or_nothing_is_taken_for_data() -> None:
    fooled = 0
    for length in range(1, 6):
        for lines in itertools.product(RIGHT, repeat=length):
            naive = NaiveHandshake()
            for line in lines:
                naive.receive(line)
            fooled += bool(naive.said) and lines != RIGHT
            one = made(HANDSHAKE).Server()
            one.receive_open()
            taken = 0
            with contextlib.suppress(RemoteProtocolError):
                for line in lines:
                    one.receive_data(line + b"\r\n")
                    taken += 1
            assert lines[:taken] == RIGHT[:taken]
            assert told(one) == ([("said", "x", b"k")] if lines == RIGHT else [])
    assert fooled > 500  # early keys, none at all, a second hello, no end


@pytest.mark.parametrize(("path", "name"), MACHINES)
def test_every_event_is_tried_in_every_state_and_only_the_rows_are_there(
    path: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A walk that goes to what it has not tried yet; the model says what each step does."""
    monkeypatch.setattr("protogen_fsm.runtime.values.urandom", bytes)  # the same for both
    monkeypatch.setitem(FUNCTIONS, "random", bytes)
    module, model = shipped(path.removesuffix(".proto")), models(path)[name]
    events = [event for event in model.events.values() if event.origin in ("below", "above")]
    tried: Counter[tuple[str, str]] = Counter()
    for seed in range(12):
        chance = random.Random(seed)
        walk = begun(module, model, chance)
        if walk is None:
            continue
        for _ in range(120):
            state = walk.other.state.name
            able = [event for event in events if may_come(walk.other, event)
                    and not secures(walk.other.state, event)]  # fmt: skip
            if not able or walk.other.broken:
                break
            chance.shuffle(able)
            event = min(able, key=lambda one: tried[state, one.name])
            tried[state, event.name] += 1
            walk.fire(event.name, *(value(chance, param.type) for param in event.params))
    assert tried


def secures(state: State, event: Event) -> bool:
    """Whether a row for it says `starttls`, of which the slow reading knows nothing."""
    rows = [row for one in state.around() for row in one.transitions if row.match.event is event]
    actions = (action for row in rows for branch in row.branches for action in branch.actions)
    return any(isinstance(action, StartTls) for action in actions)


def begun(module: Any, model: Any, chance: random.Random) -> Walk | None:
    """A machine whose connection is open beside its model; None if its arguments are refused."""
    args = [p.default if p.has_default else value(chance, p.type) for p in model.params]
    try:
        walk = Walk(module, model, chance.random(), *args, prints=True)
        if chance.random() < 0.8:
            walk.fire("open")
    except (Failed, Refused):
        return None
    return walk


# ---------------------------------------------------------------- where a message ends

ENVELOPE = b"MAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\n"
ENDS = [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r\n\0.\r\n"]
FORGED = b"MAIL FROM:<admin@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\nGive him the key.\r\n.\r\n"


class NaiveServer:
    """One handler for each command; `end` is what it takes for the end of a mail."""

    def __init__(self, end: bytes = rb"\r\n\.\r\n", checks: bool = True) -> None:
        self.end, self.checks = re.compile(end), checks
        self.data, self.said, self.mails = b"", b"", list[tuple[bytes, bytes]]()
        self.sender, self.recipients, self.in_body = b"", list[bytes](), False

    def receive_data(self, data: bytes) -> None:
        self.data += data
        while True:
            found = (self.end if self.in_body else re.compile(rb"\r\n")).search(self.data)
            if found is None:
                return
            frame, self.data = self.data[: found.start()], self.data[found.end() :]
            if self.in_body:
                self.mails.append((self.sender, frame))
                self.in_body, self.recipients = False, []
                self.said += b"250 Queued\r\n"
            else:
                self.said += self.command(frame)

    def command(self, line: bytes) -> bytes:
        name, _, rest = line.partition(b":")
        if name == b"MAIL FROM":
            self.sender, self.recipients = rest, []
        elif name == b"RCPT TO":
            if rest.startswith(b"<no"):
                return b"550 No such user\r\n"
            self.recipients.append(rest)
        elif name == b"DATA":
            if self.checks and not self.recipients:
                return b"554 No valid recipients\r\n"
            self.in_body = True
            return b"354 Go ahead\r\n"
        elif name not in (b"RSET", b"NOOP", b"EHLO me"):
            return b"500 What?\r\n"
        return b"250 OK\r\n"


def smtp_server() -> Any:
    one = shipped("smtp").Server("mx")
    one.receive_open()
    one.receive_data(b"EHLO me\r\n")
    one.data_to_send()
    return one


def mails(one: Any) -> list[tuple[str, bytes]]:
    return [(args[0], args[2]) for name, *args in told(one) if name == "mail"]


def test_a_server_that_takes_commands_as_they_come_takes_a_mail_from_nobody() -> None:
    naive = NaiveServer(checks=False)
    naive.receive_data(b"DATA\r\nNo sender.\r\n.\r\n")
    assert naive.mails == [(b"", b"No sender.")]
    one = shipped("smtp").Server("mx")
    one.receive_open()
    one.receive_data(b"DATA\r\n")
    assert b"503 " in one.data_to_send()
    assert one.state == "GREETING"


@pytest.mark.parametrize("end", ENDS)
def test_a_mail_that_is_smuggled_past_a_relay_is_no_mail_of_ours(end: bytes) -> None:
    """SMTP smuggling (CVE-2023-51764, -51765, -51766): two ends that disagree on an end."""
    session = ENVELOPE + b"Hello." + end + FORGED
    relay, fooled = NaiveServer(), NaiveServer(rb"[\r\n]+\0?\.[\r\n]+")
    relay.receive_data(session)
    ((sender, body),) = relay.mails  # for the relay it is one mail, which it passes on
    assert sender == b"<a@b.c>"
    passed_on = ENVELOPE + body + b"\r\n.\r\n"
    fooled.receive_data(passed_on)
    assert [sender for sender, _ in fooled.mails] == [b"<a@b.c>", b"<admin@b.c>"]

    for cut in (1, len(passed_on)):  # ours as the server behind the relay
        one = smtp_server()
        for at in range(0, len(passed_on), cut):
            one.receive_data(passed_on[at : at + cut])
        if b"\0" in end:
            ((_, body),) = mails(one)  # there is one mail, as for the relay
            assert FORGED[:-7] in body
        else:
            assert mails(one) == []
            assert one.data_to_send().endswith(b"554 Lines end in CR LF\r\n")

    one = smtp_server()  # ours as the relay
    one.receive_data(session)
    assert len(mails(one)) == (1 if b"\0" in end else 0)


@pytest.mark.parametrize("end", ENDS[:6])
def test_our_client_sends_no_mail_that_two_servers_read_in_two_ways(end: bytes) -> None:
    one = ready_client()
    assert deliver(one, b"Hello." + end + FORGED) == b""
    (verdict,) = told(one)[-1][1]
    assert (verdict.code, verdict.text) == (554, "Lines end in CR LF")
    assert deliver(one, b"Hello.\r\n.\r\nBye.").endswith(b"Hello.\r\n..\r\nBye.\r\n.\r\n")


def ready_client(extensions: bytes = b"") -> Any:
    one = shipped("smtp").Client("me")
    one.receive_open()
    one.receive_data(b"220 hi\r\n" + extensions + b"250 mx\r\n")
    one.data_to_send()
    return one


def deliver(one: Any, body: bytes) -> bytes:
    """All that a client says to deliver a mail to a server that takes everything."""
    one.send_mail("a@b.c", ["d@e.f"], body)
    said = one.data_to_send()
    if not said:
        return b""
    for reply in (b"250 OK\r\n", b"250 OK\r\n", b"354 go\r\n"):
        one.receive_data(reply)
        said += one.data_to_send()
    return bytes(said)


# ---------------------------------------------------------------- a body behind a refused DATA

HIDING = b"Subject: hi\r\n\r\nRSET\r\n" + FORGED


def test_a_mail_that_is_streamed_behind_a_refused_DATA_is_not_taken_as_commands() -> None:
    refused = b"MAIL FROM:<a@b.c>\r\nRCPT TO:<nobody@e.f>\r\nDATA\r\n"
    naive = NaiveServer()
    naive.receive_data(refused + HIDING)  # by a client that waits for no answer
    assert [sender for sender, _ in naive.mails] == [b"<admin@b.c>"]

    class Ours(shipped("smtp").Server):  # type: ignore[misc,name-defined]
        def do_ENVELOPE_RCPT(self, recipient: str) -> Any:
            return shipped("smtp").Reject("no") if recipient.startswith("no") else None

    for begin in (refused, b"DATA\r\n", b"RCPT TO:<d@e.f>\r\nDATA\r\n"):
        one = Ours("mx")
        one.receive_open()
        one.receive_data(b"EHLO me\r\n" + begin + HIDING)
        assert mails(one) == []
        assert one.data_to_send().endswith(b"421 This is no command\r\n")
        assert one.wire.closing


@pytest.mark.parametrize("extensions", [b"", b"250-PIPELINING\r\n"])
def test_our_client_sends_no_mail_before_it_is_asked_for(extensions: bytes) -> None:
    one, naive = ready_client(extensions), NaiveServer()
    one.send_mail("a@b.c", ["nobody@e.f"], HIDING)
    for _ in range(8):
        naive.receive_data(one.data_to_send())
        said, naive.said = naive.said, b""
        for reply in said.splitlines(keepends=True):
            one.receive_data(reply)
    assert naive.mails == []
    (verdicts,) = [args[0] for name, *args in told(one) if name == "sent"]
    assert verdicts[0].code == 550


# ---------------------------------------------------------------- line ends in arguments

LENGTH_FIRST = {"Bulk"}  # of RESP: it says how long its value is, and that may hold anything
PARTS = ["a", "é", "\r\n", "\n", "\r", ".", " ", ">", "RSET", "\0", ":", ","]


def naive_rcpt(recipient: str) -> bytes:
    return f"RCPT TO:<{recipient}>\r\n".encode()


def test_a_naive_client_writes_a_second_command() -> None:
    naive = NaiveServer()
    naive.receive_data(b"MAIL FROM:<a@b.c>\r\n" + naive_rcpt("d@e.f>\r\nRCPT TO:<spy@e.f"))
    assert naive.recipients == [b"<d@e.f>", b"<spy@e.f>"]
    with pytest.raises(LocalProtocolError, match="would not parse back"):
        shipped("smtp").encode_RCPT("d@e.f>\r\nRCPT TO:<spy@e.f")


def text_messages() -> list[tuple[str, Any]]:
    found = {}
    for path in SPECS:
        for model in models(path).values():
            for output in model.sends.values():
                if output.message is not None and isinstance(output.message.pattern, Text):
                    found[path, output.message.name] = output.message
    return [(path, message) for (path, _), message in found.items() if message.params]


@pytest.mark.parametrize(
    ("path", "message"), text_messages(), ids=lambda one: getattr(one, "name", one)
)
def test_no_argument_of_any_message_carries_more_than_its_value(path: str, message: Any) -> None:
    """What is printed parses back to the same values, with the line ends of the pattern alone."""
    module, chance = shipped(path.removesuffix(".proto")), random.Random(path + message.name)
    encode = getattr(module, f"encode_{message.name}")
    fixed = sum(part.text.count("\n") for part in message.pattern.parts if isinstance(part, Words))
    for _ in range(200):
        args = [hostile(chance, param.type) for param in message.params]
        try:
            frame = encode(*args)
        except LocalProtocolError:
            continue
        assert getattr(module, f"_{message.name}").decode(frame) == tuple(args)
        if message.name not in LENGTH_FIRST:
            assert frame.count(b"\r") == frame.count(b"\n") == fixed


def hostile(chance: random.Random, type_: Any) -> Any:
    """A value of the type, with line ends if it may hold any; a list is empty."""
    text = "".join(chance.choices(PARTS, k=chance.randrange(5)))
    others = {"str": text, "str?": text or None, "bytes": text.encode()}
    found = others.get(str(type_), value(chance, type_))
    return [] if isinstance(found, list) else found
