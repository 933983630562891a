"""What the tests of names and types share: specs, and what is said of them."""

from __future__ import annotations

from protogen_fsm.diagnostics import Diagnostic, SpecError
from protogen_fsm.model import expressions as ex
from protogen_fsm.model import machine as mc
from protogen_fsm.model.spec import Spec
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
                | accept                 -> ENVELOPE / self.sender = sender, recipients = [],
                                                       send 250("OK")
                | reject(text: str)                  / send 550(text)
        }
        state ENVELOPE {
            on RCPT(recipient) when size(recipients) >= 100  / send 452("Too many recipients")
            on RCPT(recipient)
                | accept                             / recipients += [recipient], send 250("OK")
                | reject(text: str)                  / send 550(text)
            on DATA when size(recipients) == 0       / send 554("No valid recipients")
            on DATA                      -> BODY     / send block("\\r\\n.\\r\\n", 32MiB),
                                                       send 354("Go ahead")
        }
    }

    state BODY receives block {
        on block(body)
            | accept                     -> READY    / emit mail(sender, recipients, body),
                                                       send 250("Queued")
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
