"""Systems and scenarios."""

from __future__ import annotations

import pytest

from protogen_fsm.model import expressions as ex
from resolved import SMTP, codes, meant

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
