"""A random walk in the generated class agrees, step for step, with a slow reading of the model."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generated import ROOT, smtp
from protogen_fsm import pipeline
from protogen_fsm.source import Source
from walks import Walk

# ---------------------------------------------------------------- SMTP

TEXT = st.sampled_from(["", "a", "me.example.org", "a@b", "x" * 255, "SIZE=99999999", "SIZE=5"])
LINES = st.lists(st.sampled_from(["OK", "PIPELINING", "8BITMIME", "SIZE 100", "SIZE"]), max_size=4)
EVENTS = {
    "Server": st.one_of(
        st.sampled_from(
            [("open",), ("eof",), ("DATA",), ("RSET",), ("NOOP",), ("HELP",), ("QUIT",)]
        ),
        st.sampled_from([("open",), ("EHLO", "me"), ("MAIL", "a", ""), ("RCPT", "b"), ("DATA",)]),
        st.tuples(st.sampled_from(["EHLO", "HELO", "RCPT", "VRFY"]), TEXT),
        st.tuples(st.just("MAIL"), TEXT, TEXT),
        st.tuples(st.just("block"), st.binary(max_size=3)),
        st.tuples(st.just("malformed"), st.just(b"?"), st.sampled_from(["too long", "no message"])),
        st.tuples(st.just("advance"), st.sampled_from([1, 100, 301, 601])),
    ),
    "Client": st.one_of(
        st.tuples(st.just("reply"), st.sampled_from([220, 250, 354, 221]), LINES),
        st.tuples(
            st.just("reply"),
            st.sampled_from([220, 250, 250, 251, 354, 421, 450, 502, 550]),
            st.just(["OK", "PIPELINING"]),
        ),
        st.tuples(
            st.just("send_mail"),
            TEXT,
            st.lists(st.sampled_from("abc"), max_size=3),
            st.sampled_from([b"", b"x", b".\r\n.", b"a\r\n"]),
        ),
        st.sampled_from([("quit",), ("eof",), ("lost", "gone")]),
        st.tuples(st.just("malformed"), st.just(b"?"), st.just("no message")),
        st.tuples(st.just("advance"), st.sampled_from([1, 100, 301])),
    ),
}


def smtp_model(name: str) -> Any:
    path = ROOT / "specs" / "smtp.proto"
    return pipeline.understand(Source(str(path), path.read_text("utf-8"))).machines[name]


MODELS = {name: smtp_model(name) for name in EVENTS}


@pytest.mark.parametrize("name", EVENTS)
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_a_walk_through_smtp_agrees_with_the_model(
    name: str, data: st.DataObject, seed: int
) -> None:
    walk = Walk(smtp(), MODELS[name], seed, "me.example.org")
    begin: list[Any] = [("open",), ("EHLO", "me")] if name == "Server" else [
        ("reply", 220, ["hi"]), ("reply", 250, ["me", "PIPELINING"])]  # fmt: skip
    events = data.draw(st.lists(EVENTS[name], max_size=25))
    for event, *args in (begin if data.draw(st.booleans()) else []) + events:
        if event == "advance":
            walk.advance(*args)
        else:
            walk.fire(event, *args)
