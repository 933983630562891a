"""Machines over datagrams: each that comes is a frame by itself, each message leaves as one."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generated import made, told
from protogen_fsm import pipeline
from protogen_fsm.checks import check
from protogen_fsm.runtime.core import LocalProtocolError, RemoteProtocolError
from protogen_fsm.runtime.layers import Layer, put_below, tap
from protogen_fsm.runtime.pending import Running
from protogen_fsm.source import Source
from walks import Walk

SPEC = """
protocol Notes
message PUT(key: str, text: bytes) = "PUT " key "\\n" text
message GET(key: str)            = "GET " key
message NOTE(text: bytes)        = "NOTE\\n" text
message NONE                     = "NONE"
message BYE                      = "BYE"

machine Server(most: int = 60) over datagrams(max: most) {
    receives PUT, GET, BYE
    sends    NOTE, NONE, BYE, raw(data: bytes)
    accepts  say(data: bytes), say_note(text: bytes)
    emits    stored(key: str), bad(data: bytes, reason: str)
    var texts: list[bytes] = []
    var said: int = 0

    initial state OPEN {
        on PUT(key, text)
            | accept                             / texts += [text], emit stored(key)
            | refuse                             / send NONE
        on GET when size(texts) == 0             / send NONE
        on GET                                   / said += 1, send NOTE(texts[0])
        on BYE                         -> CLOSED / send BYE
        on say(data)                             / said += 1, send raw(data)
        on say_note(text)                        / send NOTE(text), send NONE
        on malformed(data, reason)               / emit bad(data, reason)
        after 1min                     -> CLOSED
    }
    final state CLOSED
}
"""


def server(**given: Any) -> Any:
    one = made(SPEC).Server(**given)
    one.receive_open()
    return one


def test_each_datagram_is_a_frame_and_each_message_a_datagram() -> None:
    one = server()
    one.receive_data(b"GET a")
    one.receive_data(b"PUT a\nfirst\r\nsecond")
    one.receive_data(b"GET a")
    assert one.datagrams_to_send() == [b"NONE", b"NOTE\nfirst\r\nsecond"]
    assert one.datagrams_to_send() == []
    assert told(one) == [("stored", "a")]


def test_what_no_message_matches_or_goes_on_behind_one_is_malformed() -> None:
    one = server()
    for data in (b"", b"BYE\n", b"BYEBYE", b"GE", b"\xff" * 10, b"PUT \xff\nx"):
        one.receive_data(data)
    assert told(one) == [
        *(("bad", data, "no message") for data in (b"", b"BYE\n", b"BYEBYE", b"GE", b"\xff" * 10)),
        ("bad", b"PUT \xff\nx", "bad value"),
    ]
    assert one.state == "OPEN"


def test_what_is_longer_than_may_be_is_malformed_and_is_not_sent() -> None:
    one = server(most=20)
    one.receive_data(b"PUT a\n" + b"x" * 14)
    one.receive_data(b"PUT a\n" + b"x" * 15)
    assert told(one) == [("stored", "a"), ("bad", b"PUT a\n" + b"x" * 14, "too long")]
    one.say(b"x" * 20)
    with pytest.raises(LocalProtocolError, match="a datagram of 21 octets, where 20 is the most"):
        one.say(b"x" * 21)
    with pytest.raises(LocalProtocolError, match="a datagram of 25 octets"):
        one.say_note(b"x" * 20)
    assert one.said == 1  # a step that was refused has changed nothing
    assert one.datagrams_to_send() == [b"x" * 20]


def test_a_datagram_that_is_not_said_to_be_shorter_has_what_udp_can_carry() -> None:
    spec = SPEC.replace("(max: most)", "").replace("(most: int = 60)", "")
    one = made(spec).Server()
    one.say(b"x" * 65507)
    with pytest.raises(LocalProtocolError):
        one.say(b"x" * 65508)
    assert [len(data) for data in one.datagrams_to_send()] == [65507]


def test_an_empty_datagram_is_one_too() -> None:
    one = server()
    one.say(b"")
    assert one.datagrams_to_send() == [b""]
    spec = SPEC.replace("receives PUT, GET, BYE", "receives data(octets: bytes)")
    spec = (
        spec[: spec.index("        on PUT")]
        + """
        on data(octets) / emit bad(octets, "")
        ignore say, say_note, malformed
        after 1min -> CLOSED
    }
    final state CLOSED
}
"""
    )
    other = made(spec).Server()
    other.receive_data(b"")
    assert told(other) == [("bad", b"", "")]


def test_nothing_comes_behind_the_last_message() -> None:
    one = server()
    one.receive_data(b"BYE")
    one.receive_data(b"BYE")
    assert one.datagrams_to_send() == [b"BYE"]
    assert one.state == "CLOSED"
    assert one.wire.closing
    assert one.deadline() is None


def test_datagrams_have_no_end_and_are_no_stream() -> None:
    one = server()
    with pytest.raises(TypeError, match="which have no end"):
        one.receive_eof()
    with pytest.raises(TypeError, match="datagrams_to_send"):
        one.data_to_send()
    stream = made("protocol P machine M over bytes { initial state A reads chunk { on data } }")
    with pytest.raises(TypeError, match="data_to_send"):
        stream.M().datagrams_to_send()


def test_what_comes_while_a_handler_is_pending_waits_up_to_a_bound() -> None:
    class Later:
        """A loop of one handler, which the test lets go."""

        feeding, done = False, None

        def clock(self) -> float:
            return 0.0

        def begun(self, answer: Any) -> Any:
            return Running(answer)

        def run(self, answer: Any, done: Any) -> Any:
            answer.close()
            self.done = done
            return self

        def flush(self) -> None: ...
        def look(self) -> None: ...

    class Slow(made(SPEC).Server):  # type: ignore[misc]
        async def do_OPEN_PUT(self, key: str, text: str) -> None: ...

    one, loop = Slow(), Later()
    one.wire.adapt(loop)  # type: ignore[arg-type]
    one.receive_data(b"PUT a\nb")
    for number in range(1000):
        one.receive_data(b"GET %d" % number)
    assert one.datagrams_to_send() == []
    assert loop.done is not None
    loop.done(None, None)
    assert one.datagrams_to_send() == [b"NOTE\nb"] * 100  # the others were lost, as on the way
    one.receive_data(b"GET a")
    assert one.datagrams_to_send() == [b"NOTE\nb"]


def test_layers_and_taps_see_each_datagram() -> None:
    class Reversed(Layer):
        def receive_data(self, data: bytes) -> None:
            self.above.data(data[::-1])

        def accept_octets(self, data: bytes) -> None:
            self.below.octets(data[::-1])

    one = server()
    put_below(one, Reversed())
    log: list[str] = []
    tap(one, lambda way, event, args: log.append(f"{way} {event}"))
    one.receive_data(b"a TEG")
    one.receive_data(b"junk")
    assert one.datagrams_to_send() == [b"ENON"]
    assert log == ["receives GET", "sends octets", "receives malformed", "emits bad"]


def test_a_machine_over_datagrams_goes_on_elsewhere_when_pickled() -> None:
    one = server(most=30)
    one.receive_data(b"PUT a\nb")
    one.receive_data(b"GET a")
    other = pickle.loads(pickle.dumps(one))
    assert other.datagrams_to_send() == [b"NOTE\nb"]
    with pytest.raises(LocalProtocolError):
        other.say(b"x" * 31)


def test_what_the_spec_has_no_answer_to_is_the_peer_s_error() -> None:
    spec = SPEC.replace(
        "        on malformed(data, reason)               / emit bad(data, reason)\n", ""
    )
    one = made(spec).Server()
    with pytest.raises(RemoteProtocolError, match="malformed"):
        one.receive_data(b"?")
    one.receive_data(b"GET a")
    assert one.datagrams_to_send() == [b"NONE"]


OVER = (
    SPEC
    + """
machine Framed over datagrams {
    receives data(octets: bytes)
    sends    octets(data: bytes)
    accepts  frame(octets: bytes)
    emits    frame(octets: bytes)
    initial state OPEN {
        on data(octets) when octets[:1] == "#" / emit frame(octets[1:])
        ignore data, malformed
        on frame(octets)                       / send octets("#" + octets)
    }
}
machine Upper over Framed {
    receives GET
    sends    NOTE
    initial state OPEN {
        on GET(key) / send NOTE(bytes(key))
        ignore malformed
    }
}
"""
)


def test_a_machine_may_stand_on_one_over_datagrams() -> None:
    one = made(OVER).Upper()
    for data in (b"#GET a", b"GET b", b"#GET c"):
        one.receive_data(data)
    assert one.datagrams_to_send() == [b"#NOTE\na", b"#NOTE\nc"]


def test_the_end_of_a_stream_cannot_be_waited_for() -> None:
    text = SPEC.replace("after 1min ", "on eof ")
    spec = pipeline.understand(Source("notes.proto", text))
    found = [one for one in check(spec) if one.code == "PG325"]
    assert [one.title for one in found] == ["`Server` stands on datagrams, which have no end"]


@pytest.mark.parametrize("given_max", ["0", "65508", "true", "1, 2"])
def test_a_datagram_is_as_long_as_it_can_be(given_max: str) -> None:
    with pytest.raises(Exception, match="PG"):
        made(SPEC.replace("(max: most)", f"(max: {given_max})"))


ASKED = st.one_of(
    st.tuples(st.just("PUT"), st.text("ab", max_size=3), st.binary(max_size=70)),
    st.tuples(st.just("say"), st.binary(max_size=80)),
    st.tuples(st.just("say_note"), st.binary(max_size=80)),
    st.tuples(st.just("GET"), st.just("a")),
    st.just(("BYE",)),
    st.just(("malformed", b"?", "too long")),
)


@settings(deadline=None, max_examples=100)
@given(events=st.lists(ASKED, max_size=12), seed=st.integers(0, 2**32))
def test_a_walk_agrees_with_the_model_about_what_is_too_long(
    events: list[tuple[Any, ...]], seed: int
) -> None:
    model = pipeline.understand(Source("notes.proto", SPEC)).machines["Server"]
    walk = Walk(made(SPEC), model, seed, 60, prints=True)
    for name, *args in events:
        walk.fire(name, *args)


INSTANCES = """protocol P
message PUT(id: int, text: bytes) = "PUT " id " " text
message SAY(id: int, text: bytes) = "SAY " id " " text
machine Note(id: int) {
    receives PUT
    sends    SAY
    emits    kept(id: int)
    var count: int = 0
    initial state KEPT {
        on PUT(id, text)  / count += 1, send SAY(id, text + text), emit kept(id)
        after 1h -> GONE
    }
    final state GONE
}
machine Server over datagrams(max: 20) {
    receives PUT
    sends    SAY
    emits    kept(id: int)
    many notes: Note by id limit 3
    initial state OPEN {
        on PUT(id)       / start notes(id)
        ignore malformed
        after 1h -> CLOSED
    }
    final state CLOSED
}
"""


def test_an_instance_that_says_too_much_for_a_datagram_has_changed_nothing() -> None:
    one = made(INSTANCES).Server()
    one.receive_open()
    one.receive_data(b"PUT 1 a")
    assert (one.datagrams_to_send(), told(one)) == ([b"SAY 1 aa"], [("kept", 1)])
    for key, count in ((1, 1), (2, 0)):
        with pytest.raises(LocalProtocolError, match="where 20 is the most"):
            one.receive_data(b"PUT %d aaaaaaaaaaaaa" % key)
        assert (one.datagrams_to_send(), told(one)) == ([], [])
        assert one.notes[key].count == count
