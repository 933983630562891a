"""Clients of the POP3 server that say nonsense, too much, or go away: it answers or hangs up."""

from __future__ import annotations

import re
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from protogen_fsm.backends.backend import find
from protogen_fsm.pipeline import load, render, understand

ROOT = Path(__file__).resolve().parents[2]
GREETING = b"+OK POP3 server ready\r\n"
SESSION = (
    b"CAPA\r\nUSER ann\r\nPASS an n\r\nSTAT\r\nLIST\r\nUIDL 1\r\nTOP 1 0\r\nRETR 2\r\nDELE 1\r\n"
    b"RSET\r\nNOOP\r\nDELE 2\r\nUIDL\r\nLIST 2\r\nQUIT\r\n"
)
COMMANDS = [
    *(b"USER ann", b"PASS an n", b"APOP ann c4c9334bac560ecc979e58001b3e22fb", b"STAT", b"LIST"),
    *(b"LIST 1", b"RETR 1", b"DELE 1", b"NOOP", b"RSET", b"TOP 1 1", b"UIDL", b"UIDL 1", b"CAPA"),
]


@pytest.fixture(scope="module")
def pop3() -> Any:
    """The module of the spec, with a server that has two mails."""
    import types

    (file,) = render(understand(load(str(ROOT / "specs" / "pop3.proto"))), find("python"))
    module = types.ModuleType("pop3")
    exec(compile(file.text, "pop3.py", "exec"), module.__dict__)

    class Server(module.Server):  # type: ignore[misc,name-defined]
        def do_PASSWORD_login(self, name: str, password: str) -> Any:
            mails = [module.Mail(1, 9, "one"), module.Mail(2, 7, "two")]
            return module.Accept(mails) if (name, password) == ("ann", "an n") else None

        def do_READY_RETR(self, number: int) -> Any:
            return module.Message(b"Hello.\r\n.\r\n")

        def do_READY_TOP(self, number: int, count: int) -> Any:
            return module.Message(b"Hello.\r\n")

    module.Mine = Server  # type: ignore[attr-defined]
    return module


def opened(pop3: Any, said: bytes = b"") -> Any:
    one = pop3.Mine("localhost")
    one.receive_open()
    one.receive_data(said)
    heard = one.data_to_send()
    assert heard.startswith(GREETING)
    return one


def answered(heard: bytes) -> bool:
    """Whether it is made of whole answers, of one line or several."""
    answer = rb"(?:-ERR [^\r\n]+|\+OK[^\r\n]*(?:\r\n(?!\+OK|-ERR)[^\r\n]*)*)\r\n"
    return re.fullmatch(rb"(?:%s)*" % answer, heard) is not None


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b" ", b"STAT ", b"STAT 1", b" STAT", b"LIST ", b"LIST x", b"LIST -1", b"LIST 1 2"),
        *(b"RETR", b"RETR ", b"RETR one", b"RETR 1 ", b"RETR -1", b"RETR 1.5", b"DELE", b"TOP 1"),
        *(b"TOP 1 -1", b"TOP", b"TOP  1 1", b"UIDL x", b"USER", b"PASS", b"APOP ann", b"APOP a b"),
        *(b"AUTH", b"AUTH PLAIN AGFubgBhbm4=", b"STLS", b"XTND XMIT", b"GET / HTTP/1.1", b"\xff"),
        *(b"\0" * 200, bytes(range(32, 127)), b"STAT\0", b"STAT\t", b"RETR \xd9\xa1", b"RETR 1\r"),
        *(b"RETR " + b"9" * 30, b"STAT\nQUIT", b"STAT\rQUIT", b"x" * 254, b"x" * 100000),
    ],
    ids=lambda line: repr(line[:20]),
)
@pytest.mark.parametrize("before", [b"", b"USER ann\r\n", b"USER ann\r\nPASS an n\r\n"])
def test_a_malformed_command_is_an_error_and_the_session_goes_on(
    pop3: Any, before: bytes, line: bytes
) -> None:
    one = opened(pop3, before)
    one.receive_data(line + b"\r\n")
    heard = one.data_to_send()
    assert heard.startswith(b"-ERR ")
    assert heard.count(b"\r\n") == 1
    one.receive_data(b"QUIT\r\n")
    assert one.data_to_send().startswith(b"+OK")
    assert one.wire.closing


@pytest.mark.parametrize("before", [b"", b"USER ann\r\n", b"USER ann\r\nPASS an n\r\n"])
@pytest.mark.parametrize("line", COMMANDS, ids=lambda line: line.decode())
def test_every_command_in_every_state_is_answered(pop3: Any, before: bytes, line: bytes) -> None:
    one = opened(pop3, before)
    one.receive_data(line + b"\r\n")
    heard = one.data_to_send()
    assert heard.startswith((b"+OK", b"-ERR "))
    assert answered(heard)
    one.receive_data(b"QUIT\r\n")
    assert one.wire.closing


@pytest.mark.parametrize("step", [1, 2, 3, 7])
def test_any_split_of_the_bytes_is_answered_the_same(pop3: Any, step: int) -> None:
    whole, cut = opened(pop3), opened(pop3)
    whole.receive_data(SESSION)
    for at in range(0, len(SESSION), step):
        cut.receive_data(SESSION[at : at + step])
    heard = whole.data_to_send()
    assert heard == cut.data_to_send()
    assert answered(heard)
    assert heard.count(b"\r\n+OK") == 13
    assert heard.endswith(b"(1 messages left)\r\n")


def test_who_says_nothing_for_ten_minutes_is_sent_away_without_a_word(pop3: Any) -> None:
    for before in (b"", b"USER ann\r\n", b"USER ann\r\nPASS an n\r\nDELE 1\r\n"):
        one = opened(pop3, before)
        one.advance(300.0)
        one.receive_data(b"NOOP\r\n")
        one.data_to_send()
        one.advance(899.0)
        assert not one.wire.closing
        one.advance(900.0)
        assert one.data_to_send() == b""
        assert one.wire.closing


def test_the_third_login_that_comes_to_nothing_is_the_last(pop3: Any) -> None:
    one = opened(pop3, b"USER ann\r\nPASS 1\r\nUSER ann\r\nPASS 2\r\nUSER ann\r\nPASS 3\r\n")
    assert not one.wire.closing
    one.receive_data(b"USER ann\r\n")
    assert one.data_to_send() == b"-ERR [AUTH] Too many logins\r\n"
    assert one.wire.closing


def test_a_line_without_an_end_is_not_kept(pop3: Any) -> None:
    one = opened(pop3)
    piece = b"x" * 65536
    tracemalloc.start()
    for _ in range(256):
        one.receive_data(piece)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 512 * 1024
    one.receive_data(b"\r\nNOOP\r\n")
    assert one.data_to_send() == b"-ERR Line too long\r\n-ERR Log in first\r\n"


def test_a_maildrop_of_many_mails_is_listed_in_one_step(pop3: Any) -> None:
    count = 20_000

    class Large(pop3.Server):  # type: ignore[misc,name-defined]
        def do_PASSWORD_login(self, name: str, password: str) -> Any:
            return pop3.Accept([pop3.Mail(n, n, f"u{n}") for n in range(1, count + 1)])

    one = Large("localhost")
    one.receive_open()
    one.receive_data(b"USER a\r\nPASS b\r\nDELE 2\r\nLIST\r\nUIDL\r\n")
    assert one.data_to_send().count(b"\r\n") == 5 + 2 * count + 1
    assert sys.getsizeof(one) < 1000
