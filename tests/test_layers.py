"""Layers written by hand, an application's object, and those who look on."""

from __future__ import annotations

import asyncio
import logging
import zlib
from typing import Any

import pytest

from generated import machine, made, smtp, told
from protogen_fsm.runtime import aio
from protogen_fsm.runtime.errors import LocalProtocolError, RemoteProtocolError
from protogen_fsm.runtime.layers import (
    Layer,
    attach,
    put_above,
    put_below,
    replace,
    stack,
    take_out,
    tap,
)
from protogen_fsm.runtime.pair import Pair
from test_tasks import connected, settled

WORDS = """
protocol Words
use Lines from "lines.proto"
message SAY(text: str) = i"SAY " text
message SAID(text: str) = "SAID " text
message QUIT = i"QUIT"
machine Server over Lines(max: 100) {
    receives SAY, QUIT
    sends    SAID
    emits    said(text: str), left
    accepts  shout(text: str)
    initial state OPEN {
        on SAY(text)
            | accept      / emit said(text), send SAID(text)
        on shout(text)    / send SAID(text)
        on malformed      / send SAID("what?")
        on QUIT -> CLOSED / emit left
        after 1min -> CLOSED
    }
    final state CLOSED
}
"""


def words() -> Any:
    return made(WORDS).Server()


def said(server: Any, data: bytes) -> bytes:
    server.receive_data(data)
    return bytes(server.data_to_send())


class Kept:
    """An application that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def said(self, text: str) -> None:
        self.heard.append(text)

    def left(self) -> None:
        self.heard.append("left")


class Rot13(Layer):
    """Between bytes and lines: a cipher that is its own inverse."""

    table = bytes.maketrans(
        b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        b"nopqrstuvwxyzabcdefghijklmNOPQRSTUVWXYZABCDEFGHIJKLM",
    )

    def receive_data(self, data: bytes) -> None:
        self.above.data(data.translate(self.table))

    def accept_octets(self, data: bytes) -> None:
        self.below.octets(data.translate(self.table))


class Upper(Layer):
    """Between lines and the machine: one event is rewritten, the others go through."""

    def receive_line(self, text: bytes) -> None:
        self.above.line(text.upper())


class Deflate(Layer):
    def __init__(self) -> None:
        self.packs, self.unpacks = zlib.compressobj(), zlib.decompressobj()

    def receive_data(self, data: bytes) -> None:
        self.above.data(self.unpacks.decompress(data))

    def accept_octets(self, data: bytes) -> None:
        self.below.octets(self.packs.compress(data) + self.packs.flush(zlib.Z_SYNC_FLUSH))


def test_what_a_machine_emits_are_calls_of_an_application() -> None:
    server, app = words(), Kept()
    attach(server, app)
    assert said(server, b"SAY hello\r\nQUIT\r\n") == b"SAID hello\r\n"
    assert app.heard == ["hello", "left"]
    assert server.wire.closing
    assert told(server) == []


def test_what_was_emitted_before_an_application_came_is_told_at_once() -> None:
    server, app = words(), Kept()
    said(server, b"SAY hello\r\n")
    attach(server, app)
    assert app.heard == ["hello"]


def test_an_application_without_a_method_is_told_which_and_what_it_may_have_meant() -> None:
    class Deaf:
        def sayd(self, text: str) -> None: ...
        def left(self) -> None: ...

    server = words()
    with pytest.raises(TypeError, match=r"Deaf has no method said; is sayd meant for it\?"):
        attach(server, Deaf())
    assert said(server, b"SAY a\r\n") == b"SAID a\r\n"
    assert told(server) == [("said", "a")]


def test_an_emission_that_is_overridden_needs_no_method() -> None:
    class Own(made(WORDS).Server):  # type: ignore[misc]
        def emit_left(self) -> None:
            heard.append("own")

    class App:
        def said(self, text: str) -> None:
            heard.append(text)

    heard: list[str] = []
    server = Own()
    attach(server, App())
    said(server, b"SAY a\r\nQUIT\r\n")
    assert heard == ["a", "own"]


def test_a_layer_below_lines_sees_bytes() -> None:
    server = words()
    lines = server.below
    assert put_below(lines, Rot13()) is stack(server)[0]
    server.receive_open()
    assert said(server, b"FNL uryyb\r\n") == b"FNVQ uryyb\r\n"
    assert told(server) == [("said", "hello")]
    server.receive_eof()
    assert server.wire.closing


def test_a_layer_between_lines_and_a_machine_rewrites_one_event() -> None:
    server = words()
    put_below(server, Upper())
    assert said(server, b"say hello\r\n") == b"SAID HELLO\r\n"
    assert said(server, b"x" * 200 + b"\r\n") == b"SAID what?\r\n"


def test_two_ends_with_layers_of_ours_understand_each_other_however_cut() -> None:
    ends = smtp().Client("me"), smtp().Server("mx")
    for end in ends:
        put_below(stack(end)[0], Deflate())
    pair = Pair(*ends, split=lambda data: [data[i : i + 1] for i in range(len(data))])
    pair.open()
    call = pair.client.send_mail("a@b", ["c@d"], b"hello\r\n")
    pair.run()
    assert call.result()[0].code == 250
    assert b"MAIL" not in b"".join(data for _, data in pair.said)
    pair.client.quit()
    pair.run()
    assert pair.server.state == "CLOSED"
    assert pair.client.wire.closing


def test_layers_stand_upon_each_other_and_can_be_taken_out() -> None:
    server = words()
    lines = server.below
    one, two, upper = Rot13(), Rot13(), Upper()
    put_below(lines, one)
    put_below(one, two)
    put_above(lines, upper)
    assert stack(server) == (two, one, lines, upper, server)
    assert said(server, b"say hi\r\n") == b"SAID HI\r\n"
    take_out(two)
    assert said(server, b"FNL uv\r\n") == b"FNVQ UV\r\n"
    take_out(one)
    take_out(upper)
    assert stack(server) == (lines, server)
    assert server.below is lines
    assert lines.above is server
    assert said(server, b"SAY hi\r\n") == b"SAID hi\r\n"
    with pytest.raises(ValueError, match="in no stack"):
        take_out(one)


def test_a_layer_above_the_machine_hears_what_it_emits_before_the_application_does() -> None:
    class Twice(Layer):
        def receive_said(self, text: str) -> None:
            self.above.said(text)
            self.above.said(text)

    server, app = words(), Kept()
    put_above(server, Twice())
    said(server, b"SAY a\r\n")
    assert told(server) == [("said", "a"), ("said", "a")]
    attach(server, app)
    said(server, b"SAY b\r\n")
    server.receive_eof()
    assert app.heard == ["b", "b"]
    assert server.wire.closing


def test_time_goes_past_a_layer_of_ours() -> None:
    server = words()
    put_below(server, Upper())
    put_below(server.wire.bottom, Rot13())
    server.receive_open()
    assert server.deadline() == 60.0
    server.advance(60.0)
    assert server.state == "CLOSED"
    assert server.wire.closing


def test_a_layer_may_have_its_say_before_the_connection_is_closed() -> None:
    class Farewell(Layer):
        def accept_close(self) -> None:
            self.below.octets(b"bye")
            self.below.close()

    server = words()
    put_below(server.below, Farewell())
    assert said(server, b"QUIT\r\n") == b"bye"
    assert server.wire.closing


def test_the_loss_of_the_connection_goes_past_a_layer() -> None:
    heard = []

    class Ends(Layer):
        def receive_lost(self, reason: str) -> None:
            heard.append(reason)
            self.above.lost(reason)

    client = smtp().Client("me")
    put_below(client, Ends())
    call = client.send_mail("a@b", ["c@d"], b"")
    client.receive_lost("cut")
    assert heard == ["cut"]
    assert call.done


def test_a_misspelt_method_of_a_layer_is_refused_with_the_nearest() -> None:
    class Wrong(Layer):
        def receive_lime(self, text: bytes) -> None: ...

    server = words()
    with pytest.raises(
        TypeError, match=r"Wrong.receive_lime .* never come there; did you mean receive_line\?"
    ):
        put_below(server, Wrong())
    assert stack(server) == (server.below, server)


def test_an_object_can_stand_in_for_the_lines_below() -> None:
    class Semicolons:
        """Takes what the machine sends, and fires its events."""

        def receive_data(self, data: bytes) -> None:
            for line in data.split(b";"):
                self.above.line(line)  # type: ignore[attr-defined]

        def accept_line(self, text: bytes) -> None:
            self.below.octets(text + b";")  # type: ignore[attr-defined]

    server = words()
    replace(server.below, Semicolons())
    assert said(server, b"SAY a;SAY b") == b"SAID a;SAID b;"


def test_a_stand_in_that_lacks_something_says_so_when_it_is_asked_for_it() -> None:
    class Mute:
        def receive_data(self, data: bytes) -> None:
            self.above.line(data)  # type: ignore[attr-defined]

    class Wrong:
        def accept_lime(self, text: bytes) -> None: ...

    server = words()
    with pytest.raises(TypeError, match=r"Wrong.accept_lime .* did you mean accept_line\?"):
        replace(server.below, Wrong())
    replace(server.below, Mute())
    with pytest.raises(TypeError, match="Mute has no method accept_line"):
        said(server, b"SAY a")


def test_one_machine_can_take_the_place_of_another() -> None:
    server = words()
    replace(server.below, made(WORDS).Lines(end=b"\n", max=50))
    assert said(server, b"SAY a\n") == b"SAID a\n"
    server.receive_data(b"SAY")
    with pytest.raises(ValueError, match="middle"):
        replace(server.below, made(WORDS).Lines())
    with pytest.raises(ValueError, match="the connection itself"):
        replace(server, words())


def test_a_tap_sees_all_that_crosses_a_machine_and_can_be_ended() -> None:
    server = words()
    plain = type(server)
    seen: list[Any] = []
    end = tap(server, lambda *what: seen.append(what))
    server.receive_open()
    said(server, b"SAY a\r\n")
    server.shout("b")
    said(server, b"QUIT\r\n")
    assert seen == [
        ("receives", "open", ()),
        ("receives", "SAY", ("a",)),
        ("emits", "said", ("a",)),
        ("sends", "line", (b"SAID a",)),
        ("accepts", "shout", ("b",)),
        ("sends", "line", (b"SAID b",)),
        ("receives", "QUIT", ()),
        ("emits", "left", ()),
        ("sends", "close", ()),
    ]
    end()
    end()
    assert type(server) is plain
    assert server.below is stack(server)[0]


def test_a_tap_on_a_machine_that_ships_with_protogen_sees_its_frames() -> None:
    server = words()
    seen: list[Any] = []
    tap(server.below, lambda *what: seen.append(what))
    tap(server.below, lambda *what: seen.append(what))
    said(server, b"SAY a\r\n")
    assert seen[::2] == seen[1::2] == [
        ("receives", "data", (b"SAY a",)),
        ("emits", "line", (b"SAY a",)),
        ("accepts", "line", (b"SAID a",)),
        ("sends", "octets", (b"SAID a\r\n",)),
    ]  # fmt: skip


def test_taps_and_layers_do_not_disturb_each_other() -> None:
    server = words()
    seen: list[Any] = []
    tap(server, lambda way, event, args: seen.append((way, event)))
    put_below(server, Upper())
    tap(stack(server)[0], lambda way, event, args: seen.append((way, event)))
    assert said(server, b"say a\r\n") == b"SAID A\r\n"
    assert seen == [
        ("receives", "data"),
        ("emits", "line"),
        ("receives", "SAY"),
        ("emits", "said"),
        ("sends", "line"),
        ("accepts", "line"),
        ("sends", "octets"),
    ]


def test_an_observer_that_fails_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def fails(*what: object) -> None:
        raise OSError("no space left")

    server = words()
    tap(server, fails)
    with caplog.at_level(logging.ERROR, "protogen"):
        assert said(server, b"SAY a\r\n") == b"SAID a\r\n"
    assert "an observer failed" in caplog.text


def test_a_handler_that_takes_time_holds_back_what_is_below_a_layer() -> None:
    async def run() -> None:
        class Slow(made(WORDS).Server):  # type: ignore[misc]
            async def do_OPEN_SAY(self, text: str) -> Any:
                await gate

        gate = asyncio.get_running_loop().create_future()
        server = Slow()
        put_below(server, Upper())
        put_below(stack(server)[0], Rot13())
        protocol, wire = connected(server)
        protocol.data_received(b"fnl n\r\nfnl o\r\n")
        await settled()
        assert server.below._thing.below._paused == 1
        assert wire.taken() == b""
        gate.set_result(None)
        await settled()
        assert wire.taken() == b"FNVQ N\r\nFNVQ O\r\n"
        protocol.connection_lost(None)

    asyncio.run(run())


def test_layers_of_ours_stand_on_a_socket_too() -> None:
    async def run() -> None:
        def with_layer(end: Any) -> Any:
            put_below(stack(end)[0], Deflate())
            return end

        listening = await aio.serve(lambda: with_layer(smtp().Server("mx")), "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        make = lambda: with_layer(smtp().Client("me"))  # noqa: E731
        async with aio.connect(make, "127.0.0.1", port) as client:
            verdicts = await client.send_mail("a@b", ["c@d"], b"hello\r\n")
            assert verdicts[0].code == 250
            await client.quit()
        listening.close()
        await listening.wait_closed()

    asyncio.run(run())


GREETS = """
protocol Greets
use Early from "early.proto"
machine Top over Early {
    accepts ask
    emits   heard(name: str), asked
    initial state WAIT {
        on hello(name) -> KNOWN / emit heard(name)
        on ask                  / emit asked
        after 1min -> KNOWN
    }
    state KNOWN { on ask / emit asked }
}
"""
EARLY = """
protocol Early
machine Early {
    accepts nothing
    emits   hello(name: str)
    initial state START {
        entry / emit hello("me")
        on nothing -> START
    }
}
"""


def test_what_a_lower_layer_says_on_entering_its_first_state_is_heard(tmp_path: Any) -> None:
    from protogen_fsm import pipeline
    from protogen_fsm.backends.backend import find

    (tmp_path / "early.proto").write_text(EARLY)
    (tmp_path / "greets.proto").write_text(GREETS)
    spec = pipeline.understand(pipeline.load(str(tmp_path / "greets.proto")))
    (file,) = pipeline.render(spec, find("python"))
    names: dict[str, Any] = {"__name__": "greets"}
    exec(compile(file.text, "greets.py", "exec"), names)
    top = names["Top"]()
    assert told(top) == [("heard", "me")]
    assert top.state == "KNOWN"


REFUSED = """
protocol Refused
use Lines from "lines.proto"
machine Server over Lines(max: 100) {
    accepts say(text: bytes), ask
    emits   said
    var count: int = 0
    initial state A {
        on say(text) -> B / count += 1, send line(text), emit said
        on ask -> B / count += 1, send block("\\r\\n.\\r\\n", 100), send line("ok")
        on malformed, block -> A
    }
    state B {
        on say(text) -> A / count += 1, emit said, raise_it
        on ask -> A / count += 1, send block("\\r\\n.\\r\\n", 100), send line("ok")
        on malformed, block -> A
    }
}
"""


@pytest.mark.parametrize("chained", [False, True])
def test_what_the_layer_below_refuses_changes_nothing(chained: bool) -> None:
    spec = REFUSED.replace(", raise_it", "")
    if chained:
        spec = spec.replace(
            "emit said\n        on ask", "raise it\n        on it / emit said\n        on ask"
        )
    for prepare in (None, lambda layer: None):
        server = made(spec).Server()
        if prepare is not None:
            tap(server, lambda *what: None)
            put_below(server, Layer())
        with pytest.raises(LocalProtocolError, match="line is not expected"):
            server.say(b"two\r\nlines")
        assert (server.state, server.count, server.data_to_send()) == ("A", 0, b"")
        assert told(server) == []
        server.ask()
        assert (server.state, server.count, server.data_to_send()) == ("B", 1, b"ok\r\n")
        with pytest.raises(LocalProtocolError, match="block is not expected"):
            server.ask()
        assert (server.state, server.count, server.data_to_send()) == ("B", 1, b"")
        server.say(b"done")
        assert server.state == "A"


@pytest.mark.parametrize("otherwise", ["error", "close", "ignore"])
def test_what_comes_to_a_machine_that_receives_nothing_is_malformed(otherwise: str) -> None:
    """It was an AttributeError of ours."""
    module = machine(
        f"""
        accepts go
        sends   line
        otherwise {otherwise}
        initial state A {{ on go / send line("x") }}
        """,
        head=" over Lines",
        before='use Lines from "lines.proto"',
    )
    one = module.M()
    one.go()
    assert one.data_to_send() == b"x\r\n"
    if otherwise == "error":
        with pytest.raises(RemoteProtocolError, match=r"malformed \(no message\): b'hello'"):
            one.receive_data(b"hello\r\n")
    else:
        one.receive_data(b"hello\r\n")
        assert one.wire.closing is (otherwise == "close")
