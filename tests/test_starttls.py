"""`starttls`: what came before the handshake is never taken for what comes after it."""

from __future__ import annotations

import pickle
import re
from typing import Any

import pytest

from generated import ROOT, fed, machine, made, told
from protogen_fsm import pipeline
from protogen_fsm.runtime.errors import LocalProtocolError, RemoteProtocolError
from protogen_fsm.runtime.layers import Layer, put_below, stack, tap
from protogen_fsm.runtime.pair import Pair
from protogen_fsm.runtime.pending import Running
from protogen_fsm.source import Source

SPEC = (ROOT / "tests" / "specs" / "tunnel.proto").read_text("utf-8")


def server() -> Any:
    one = made(SPEC).Server()
    one.receive_open()
    return one


def test_what_was_sent_before_leaves_in_the_clear_and_then_the_handshake_is_due() -> None:
    one = server()
    assert fed(one, [b"HELO ann\r\nSTART", b"TLS\r\n"]) == b"GO\r\nGO\r\n"
    assert one.wire.securing
    one.receive_secured()
    assert not one.wire.securing
    assert told(one) == [("hello", "ann"), ("safe",)]
    assert fed(one, [b"WHO\r\n"]) == b"NAME nobody\r\n"


def test_what_was_learnt_in_the_clear_is_gone() -> None:
    one = server()
    fed(one, [b"HELO ann\r\n"])
    assert one.name == "ann"
    fed(one, [b"STARTTLS\r\n"])
    assert one.name == "nobody"
    one.receive_secured()
    assert one.secure  # no `scope layer`
    assert (
        fed(one, [b"HELO bob\r\nWHO\r\nSTARTTLS\r\n"]) == b"NAME secret bob\r\nNAME bob\r\nNO\r\n"
    )


@pytest.mark.parametrize("more", [b"WHO\r\n", b"W", b"\r\n", b"x" * 9999, b"HELO a\r\n" * 100])
@pytest.mark.parametrize("cut", [0, 1, 2, None])
def test_whatever_stands_behind_it_in_the_clear_is_the_peers_error(
    more: bytes, cut: int | None
) -> None:
    one = server()
    data = b"STARTTLS\r\n" + more
    chunks = [data] if cut is None else [data[: 10 + cut], data[10 + cut :]]
    with pytest.raises(RemoteProtocolError, match="before TLS"):
        fed(one, chunks)
    assert one.data_to_send() in (b"GO\r\n", b"")
    assert one.wire.closing
    assert one.state == "SECRET"
    with pytest.raises(RemoteProtocolError, match="before TLS"):
        one.receive_data(b"HELO eve\r\n")
    assert one.name == "nobody"
    assert not one.data_to_send()


def test_what_came_while_the_handler_took_its_time_is_the_peers_error_too() -> None:
    class Slow(made(SPEC).Server):  # type: ignore[misc]
        def do_STARTTLS(self) -> Any:
            return Answer()

    for more in (b"WHO\r\n", b"W", None):
        one = Slow()
        adapter = Waiting()
        one.wire.adapt(adapter)
        one.receive_open()
        one.receive_data(b"STARTTLS\r\n")
        if more is None:
            one.receive_eof()
        else:
            one.receive_data(more)
        with pytest.raises(RemoteProtocolError, match="before TLS"):
            adapter.done(None, None)
        assert one.wire.closing

    one = Slow()
    one.wire.adapt(adapter := Waiting())
    one.receive_open()
    one.receive_data(b"STARTTLS\r\n")
    adapter.done(made(SPEC).Accept(), None)
    assert one.wire.securing
    assert one.data_to_send() == b"GO\r\n"
    one.receive_secured()
    assert fed(one, [b"WHO\r\n"]) == b"NAME nobody\r\n"


class Answer:
    def __await__(self) -> Any:
        yield


class Waiting:
    """An adapter that does nothing but keep the handler."""

    feeding = True

    def clock(self) -> float:
        return 0.0

    def begun(self, answer: Any) -> Any:
        return Running(answer)

    def run(self, answer: Any, done: Any) -> Any:
        self.done = done
        return None

    def stop(self) -> None: ...
    def go(self) -> None: ...
    def flush(self) -> None: ...
    def look(self) -> None: ...


def test_until_it_is_done_what_is_asked_for_waits() -> None:
    one = server()
    fed(one, [b"STARTTLS\r\n"])
    one.poke()
    assert not one.data_to_send()
    one.receive_secured()
    assert one.data_to_send() == b"NAME poked\r\n"
    assert told(one) == [("safe",)]


def test_the_state_s_time_out_goes_ahead_of_it_and_says_nothing_in_the_clear() -> None:
    one = server()
    one.advance(0.0)
    fed(one, [b"STARTTLS\r\n"])
    one.advance(10.0)
    assert one.state == "CLOSED"
    assert one.wire.closing
    assert not one.data_to_send()


def test_a_handshake_that_fails_is_the_loss_of_the_connection() -> None:
    client = made(SPEC).Client()
    client.receive_open()
    call = client.secure()
    assert client.data_to_send() == b"STARTTLS\r\n"
    client.receive_data(b"GO\r\n")
    assert client.wire.securing
    client.receive_lost("certificate verify failed")
    with pytest.raises(RemoteProtocolError, match="certificate verify failed"):
        call.result()


@pytest.mark.parametrize("more", [b"NAME eve\r\n", b"N", b"NO\r\n"])
def test_an_answer_that_was_put_behind_the_servers_go_is_never_taken(more: bytes) -> None:
    client = made(SPEC).Client()
    client.receive_open()
    client.secure()
    with pytest.raises(RemoteProtocolError, match="before TLS"):
        client.receive_data(b"GO\r\n" + more)
    assert client.wire.closing
    assert not told(client)


def test_nobody_can_say_that_a_handshake_is_done_that_was_not_due() -> None:
    with pytest.raises(LocalProtocolError, match="no handshake is due"):
        server().receive_secured()


@pytest.mark.parametrize("size", [1, 3, 100])
def test_both_ends_in_memory_are_secured_together(size: int) -> None:
    def split(data: bytes) -> list[bytes]:
        return [data[i : i + size] for i in range(0, len(data), size)]

    module = made(SPEC)
    pair = Pair(module.Client(), module.Server(), split)
    pair.open()
    pair.client.hello("ann")
    pair.run()
    call = pair.client.secure()
    pair.client.hello("bob")  # deferred until it is secured
    pair.run()
    assert call.done
    assert call.result() is None
    assert pair.server.name == "bob"
    assert [event.name for event in pair.server.events()] == ["hello", "safe"]
    assert ("server", b"NAME secret bob\r\n") in pair.said


def test_layers_and_taps_between_hear_of_it_and_change_nothing() -> None:
    class Upper(Layer):  # type: ignore[misc]
        def receive_data(self, data: bytes) -> None:
            self.above.data(data.upper())

        def receive_secured(self) -> None:
            log.append("layer")
            self.above.secured()

    log: list[str] = []
    one = server()
    put_below(stack(one)[0], Upper())
    tap(one, lambda way, event, args: log.append(f"{way} {event}"))
    assert fed(one, [b"starttls\r\n"]) == b"GO\r\n"
    one.receive_secured()
    assert log[-3:] == ["layer", "receives secured", "emits safe"]
    other = server()
    put_below(stack(other)[0], Upper())
    with pytest.raises(RemoteProtocolError, match="before TLS"):
        other.receive_data(b"starttls\r\nwho\r\n")


def test_a_layer_below_in_the_midst_of_something_is_the_peers_error() -> None:
    block = 'on poke -> SECRET / send block("\\r\\n.\\r\\n", 99), send GO, starttls'
    module = made(re.sub(r"on poke .*", lambda found: block, SPEC))
    one = module.Server()
    one.receive_open()
    with pytest.raises(RemoteProtocolError, match="before TLS"):
        one.poke()


def test_it_also_works_right_over_bytes_and_within_a_chain() -> None:
    module = machine(
        """
        receives data(octets: bytes)
        sends    octets(data: bytes)
        emits    got(octets: bytes), safe
        var seen: list[bytes] = [] scope layer
        initial state OPEN reads bytes(1) {
            on data(octets) when octets == "S" / octets("S") , raise shake
            on data(octets)   / seen += [octets], emit got(octets)
            on shake          / starttls, send octets("1"), emit safe
            on secured        / send octets("2")
            on eof -> CLOSED
            after 1min -> CLOSED
        }
        final state CLOSED
        """.replace('octets("S") ,', 'send octets("S"),'),
        head=" over bytes",
    )
    one = module.M()
    assert fed(one, [b"ab", b"S"]) == b"S"
    assert one.seen == []
    assert told(one) == [("got", b"a"), ("got", b"b")]
    one.receive_secured()
    assert one.data_to_send() == b"12"  # what stands behind `starttls` is said in secret
    assert told(one) == [("safe",)]
    assert fed(one, [b"x"]) == b""
    assert one.seen == [b"x"]
    one = module.M()
    with pytest.raises(RemoteProtocolError, match="before TLS"):
        one.receive_data(b"Sx")


def test_what_is_deferred_is_kept_if_it_was_asked_for_and_else_the_peers_error() -> None:
    module = machine(
        """
        receives data(octets: bytes)
        sends    octets(data: bytes)
        accepts  go, say(what: bytes)
        emits    got(octets: bytes)
        initial state CLEAR reads bytes(1) {
            on go -> BEGUN / starttls
            on eof -> CLOSED
            defer data, say
            after 1min -> CLOSED
        }
        state BEGUN reads bytes(1) {
            on secured -> SECRET
            defer say, go, data
            on eof -> CLOSED
            after 1min -> CLOSED
        }
        state SECRET reads bytes(1) {
            on data(octets) / emit got(octets)
            on say(what) / send octets(what)
            ignore go
            on eof -> CLOSED
            after 1min -> CLOSED
        }
        final state CLOSED
        """,
        head=" over bytes",
    )
    one = module.M()
    one.receive_data(b"a")
    with pytest.raises(RemoteProtocolError, match="before TLS"):
        one.go()
    one = module.M()
    one.say(b"hello")
    one.go()
    assert one.wire.securing
    one.receive_secured()
    assert one.data_to_send() == b"hello"
    assert told(one) == []
    one.receive_data(b"c")
    assert told(one) == [("got", b"c")]


def test_a_machine_that_is_secured_can_be_pickled() -> None:
    one = server()
    fed(one, [b"STARTTLS\r\n"])
    one.receive_secured()
    one = pickle.loads(pickle.dumps(one))
    assert fed(one, [b"WHO\r\n"]) == b"NAME nobody\r\n"


# ---------------------------------------------------------------- instances, and calls

NOTES = """protocol P
use Lines from "lines.proto"
message PUT(id: int, text: str) = "PUT " id " " text
message SHOW(id: int)           = "SHOW " id
message STARTTLS                = "STARTTLS"
message GO                      = "GO"
message SAY(text: str)          = "SAY " text

machine Note(id: int) {
    receives PUT, SHOW
    sends    SAY
    var text: str = "nothing" scope layer
    var count: int = 0
    initial state KEPT {
        on PUT(id, text)
            | keep                    / self.text = text, count += 1
        on SHOW                       / send SAY(text + str(count))
        after 1h -> GONE
    }
    final state GONE
}
machine Server over Lines {
    receives PUT, SHOW, STARTTLS
    sends    GO, SAY
    many notes: Note by id limit 3
    initial state OPEN {
        on PUT(id)                    / start notes(id)
        on SHOW                       / send SAY("none")
        on STARTTLS           -> SECRET / send GO, starttls
        on malformed, eof     -> CLOSED
        after 1h              -> CLOSED
    }
    state SECRET {
        on secured            -> OPEN
        on *                  -> CLOSED
        after 1h              -> CLOSED
    }
    final state CLOSED
}
"""


def test_what_instances_learnt_in_the_clear_is_gone_and_they_stay() -> None:
    assert not pipeline.check(Source("notes.proto", NOTES))
    one = made(NOTES).Server()
    one.receive_open()
    assert fed(one, [b"PUT 1 clear\r\nSHOW 1\r\nSTARTTLS\r\n"]) == b"SAY clear1\r\nGO\r\n"
    one.receive_secured()
    assert fed(one, [b"SHOW 1\r\nSHOW 2\r\n"]) == b"SAY nothing1\r\nSAY none\r\n"


def test_what_instances_keep_of_the_clear_is_told_of() -> None:
    (told_of,) = pipeline.check(Source("notes.proto", NOTES.replace(" scope layer", "")))
    assert (told_of.code, told_of.title) == ("PG333", "`text` keeps what was said before TLS")


def test_what_a_handler_of_an_instance_has_yet_to_answer_came_before() -> None:
    module = made(NOTES)

    class SlowNote(module.Note):  # type: ignore[misc,name-defined]
        def do_KEPT_PUT(self, id: int, text: str) -> Any:
            return Answer()

    class Slow(module.Server):  # type: ignore[misc,name-defined]
        def make_notes(self, id: int, below: Any) -> Any:
            return SlowNote(id, below=below)

    one = Slow()
    one.wire.adapt(Waiting())
    one.receive_open()
    one.receive_data(b"PUT 1 clear\r\n")
    with pytest.raises(RemoteProtocolError, match="before TLS"):
        one.receive_data(b"STARTTLS\r\n")
    assert one.wire.closing


def test_a_call_that_waits_is_answered_in_secret_and_none_in_the_clear_behind_it() -> None:
    module = machine(
        """
        receives NAME, GO
        sends    WHO, STARTTLS
        accepts  ask answered by named, secure answered by safe
        emits    named(name: str), safe
        initial state OPEN {
            on ask          / send WHO
            on secure       / send STARTTLS
            on NAME(name)   / emit named(name)
            on GO           / starttls
            on secured      / emit safe
            on malformed, eof -> CLOSED
            after 1h          -> CLOSED
        }
        final state CLOSED
        """,
        head=" over Lines",
        before='use Lines from "lines.proto"\nmessage NAME(name: str) = "NAME " name\n'
        'message GO = "GO"\nmessage WHO = "WHO"\nmessage STARTTLS = "STARTTLS"',
    )
    for data in (b"GO\r\n", b"GO\r\nNAME eve\r\n"):
        one = module.M()
        one.receive_open()
        safe, first = one.secure(), one.ask()
        try:
            one.receive_data(data)
        except RemoteProtocolError:
            assert data.endswith(b"eve\r\n")
            assert not first.done
            continue
        second = one.ask()
        one.receive_secured()
        one.receive_data(b"NAME ann\r\nNAME bob\r\n")
        assert (safe.result(), first.result(), second.result()) == (None, "ann", "bob")
