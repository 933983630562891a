"""Handlers and emissions that take time, run by asyncio."""

from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path
from typing import Any

import pytest

from generated import machine, smtp, told
from protogen_fsm.runtime import aio
from protogen_fsm.runtime.core import LocalProtocolError, RemoteProtocolError


class Wire(asyncio.Transport):
    """A transport in memory: what was written, and whether it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.reading = True
        self.ended = ""

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self.ended = self.ended or "closed"

    def abort(self) -> None:
        self.ended = "aborted"

    def is_closing(self) -> bool:
        return self.ended != ""

    def pause_reading(self) -> None:
        assert self.reading
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.reading
        self.reading = True

    def taken(self) -> bytes:
        written, self.written = self.written, b""
        return written


def connected(one: Any) -> tuple[aio.Protocol, Wire]:
    protocol, wire = aio.Protocol(one), Wire()
    protocol.connection_made(wire)
    return protocol, wire


async def settled(turns: int = 20) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


class Slow(smtp().Server):  # type: ignore[misc]
    """A server whose handlers wait until they are let go."""

    def __init__(self, *slow: str) -> None:
        super().__init__("mx")
        self.slow, self.gates, self.asked, self.took = slow, [], [], []

    async def wait(self, what: str) -> Any:
        self.asked.append(what)
        gate = asyncio.get_running_loop().create_future()
        self.gates.append(gate)
        try:
            return await gate
        finally:
            self.took.append(what)

    def let(self, answer: Any = None) -> None:
        self.gates.pop(0).set_result(answer)

    def do_READY_MAIL(self, sender: str, parameters: str) -> Any:
        return self.wait("MAIL") if "MAIL" in self.slow else None

    def do_ENVELOPE_RCPT(self, recipient: str) -> Any:
        return self.wait(f"RCPT {recipient}") if "RCPT" in self.slow else None

    def do_ENVELOPE_DATA(self) -> Any:
        return self.wait("DATA") if "DATA" in self.slow else None

    def do_BODY_block(self, body: bytes) -> Any:
        return self.wait("block") if "block" in self.slow else None

    def emit_mail(self, sender: str, recipients: list[str], body: bytes) -> Any:
        self.above.mail(sender, recipients, body)
        return self.wait("mail") if "mail" in self.slow else None


def greeted(*slow: str) -> tuple[Any, aio.Protocol, Wire]:
    server = Slow(*slow)
    protocol, wire = connected(server)
    protocol.data_received(b"EHLO me\r\n")
    wire.taken()
    return server, protocol, wire


MAIL = b"MAIL FROM:<a>\r\nRCPT TO:<one>\r\nRCPT TO:<two>\r\n"


async def test_answers_come_in_the_order_of_commands() -> None:
    server, protocol, wire = greeted("MAIL", "RCPT")
    protocol.data_received(MAIL + b"NOOP\r\nQUIT\r\nNOOP\r\n")
    await settled()
    assert (server.asked, wire.taken()) == (["MAIL"], b"")
    server.let()
    await settled()
    assert (server.asked[1:], wire.taken()) == (["RCPT one"], b"250 OK\r\n")
    server.let(smtp().Reject("not one"))
    await settled()
    assert (server.asked[2:], wire.taken()) == (["RCPT two"], b"550 not one\r\n")
    server.let()
    await settled()
    assert wire.taken() == b"250 OK\r\n250 OK\r\n221 Bye\r\n"
    assert (server.state, wire.ended) == ("CLOSED", "closed")


async def test_a_pending_handler_stops_the_reading_until_it_is_done() -> None:
    server, protocol, wire = greeted("MAIL")
    protocol.data_received(b"MAIL FROM:<a>\r\n")
    await settled()
    for _ in range(100):
        if wire.reading:
            protocol.data_received(b"NOOP\r\n" * 1000)
    assert not wire.reading
    server.let()
    await settled()
    assert wire.reading
    assert wire.taken().count(b"250 OK\r\n") > 1000


async def test_a_mode_switch_that_a_slow_handler_decides_applies_to_the_bytes_behind_it() -> None:
    server, protocol, wire = greeted("DATA", "block")
    protocol.data_received(MAIL + b"DATA\r\nQUIT\r\n..\r\nNOOP\r\n.\r\nNOOP\r\nQU")
    await settled()
    wire.taken()
    server.let()
    await settled()
    assert wire.taken() == b"354 Go ahead\r\n"
    server.let()
    protocol.data_received(b"IT\r\n")
    await settled()
    assert wire.taken() == b"250 Queued\r\n250 OK\r\n221 Bye\r\n"
    assert told(server) == [("mail", "a", ["one", "two"], b"QUIT\r\n.\r\nNOOP\r\n")]


async def test_an_emission_that_takes_time_holds_back_the_reply_behind_it() -> None:
    server, protocol, wire = greeted("mail")
    protocol.data_received(MAIL + b"DATA\r\nhello\r\n.\r\nNOOP\r\n")
    await settled()
    assert wire.taken().endswith(b"354 Go ahead\r\n")
    assert (server.state, server.asked) == ("READY", ["mail"])
    server.let()
    await settled()
    assert wire.taken() == b"250 Queued\r\n250 OK\r\n"


async def test_an_emission_that_fails_takes_back_the_reply_behind_it() -> None:
    server, protocol, wire = greeted("mail")
    protocol.data_received(MAIL + b"DATA\r\nhello\r\n.\r\nNOOP\r\n")
    await settled()
    wire.taken()
    server.gates.pop().set_exception(OSError("no space left"))
    await settled()
    assert wire.taken() == b"451 Local error in processing\r\n250 OK\r\n"
    assert wire.ended == ""


async def test_an_emission_gives_nothing_or_something_to_wait_for() -> None:
    class Mine(smtp().Server):  # type: ignore[misc]
        def emit_mail(self, sender: str, recipients: list[str], body: bytes) -> Any:
            return True

    server = Mine("mx")
    protocol, wire = connected(server)
    protocol.data_received(b"EHLO me\r\n" + MAIL + b"DATA\r\n.\r\n")
    await settled()
    assert wire.taken().endswith(b"354 Go ahead\r\n451 Local error in processing\r\n")
    protocol.data_received(b"NOOP\r\n")
    assert wire.taken() == b"250 OK\r\n"


async def test_a_handler_that_raises_later_has_changed_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server, protocol, wire = greeted("RCPT")
    protocol.data_received(MAIL + b"NOOP\r\n")
    await settled()
    wire.taken()
    server.gates.pop().set_exception(ZeroDivisionError())
    await settled()
    assert server.recipients == []
    assert wire.taken() == b"451 Local error in processing\r\n"
    server.let()
    await settled()
    assert wire.taken() == b"250 OK\r\n250 OK\r\n"
    assert server.recipients == ["two"]
    assert "a handler failed" in caplog.text


async def test_a_handler_that_somebody_else_cancelled_has_failed() -> None:
    server, protocol, wire = greeted("RCPT")
    protocol.data_received(MAIL)
    await settled()
    wire.taken()
    server.gates.pop().cancel()
    await settled()
    assert wire.taken() == b"451 Local error in processing\r\n"
    server.let()
    await settled()
    assert wire.taken() == b"250 OK\r\n"


async def test_the_loss_of_the_connection_cancels_the_handler() -> None:
    server, protocol, _ = greeted("MAIL")
    protocol.data_received(MAIL + b"NOOP\r\n")
    await settled()
    protocol.connection_lost(None)
    await settled()
    assert (server.took, server.state) == (["MAIL"], "READY")
    assert server.asked == ["MAIL"]
    assert server.gates[0].cancelled()


async def test_the_state_s_time_out_cancels_the_handler_and_goes_ahead_of_what_waits() -> None:
    server, protocol, wire = greeted("MAIL")
    protocol.data_received(MAIL + b"NOOP\r\n")
    await settled()
    server.advance(server.deadline())
    protocol.flush()
    await settled()
    assert server.took == ["MAIL"]
    assert wire.taken() == b"421 Timeout\r\n"
    assert (server.state, wire.ended) == ("CLOSED", "closed")


async def test_a_time_limit_works_inside_a_handler() -> None:
    class Mine(smtp().Server):  # type: ignore[misc]
        async def do_READY_MAIL(self, sender: str, parameters: str) -> Any:
            try:
                async with asyncio.timeout(0.01):
                    await asyncio.sleep(60)
            except TimeoutError:
                return smtp().Reject("took too long")

    protocol, wire = connected(Mine("mx"))
    protocol.data_received(b"EHLO me\r\nMAIL FROM:<a>\r\nNOOP\r\n")
    wire.taken()
    await asyncio.sleep(0.05)
    assert wire.taken() == b"550 took too long\r\n250 OK\r\n"


async def test_a_handler_that_was_given_up_answers_for_no_other() -> None:
    module = machine("""
        accepts go
        emits   did(what: str)
        initial state A { on go -> B / emit did("A")   after 1h -> B / emit did("A ran out") }
        state B { on go -> A / emit did("B") }
        final state END
    """)
    gates: list[Any] = []

    class Mine(module.M):  # type: ignore[misc]
        async def do_A_go(self) -> None:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                return

        async def do_B_go(self) -> None:
            gates.append(asyncio.get_running_loop().create_future())
            await gates[-1]

    one = Mine()
    connected(one)
    one.go()
    await settled()
    one.advance(one.deadline())
    one.go()
    await settled()
    assert told(one) == [("did", "A ran out")]
    gates.pop().set_result(None)
    await settled()
    assert told(one) == [("did", "B")]


async def test_an_outcome_that_is_none_is_found_out_when_it_comes() -> None:
    server, protocol, wire = greeted("MAIL")
    protocol.data_received(b"MAIL FROM:<a>\r\n")
    await settled()
    server.let("yes")
    await settled()
    assert wire.taken() == b"451 Local error in processing\r\n"
    assert server.state == "READY"


def test_without_an_adapter_a_handler_that_takes_time_is_a_clear_error() -> None:
    module = machine("""
        accepts go
        initial state A { on go -> B }
        state B { on go -> END }
        final state END
    """)

    class Mine(module.M):  # type: ignore[misc]
        async def do_A_go(self) -> None:
            """Never begun, and never complained of."""

    one = Mine()
    with pytest.raises(RuntimeError, match="needs an adapter"):
        one.go()
    assert one.state == "A"


# ---------------------------------------------------------------- chains


async def test_a_chain_goes_on_where_a_handler_made_it_wait() -> None:
    module = machine("""
        accepts go, more
        emits   did(what: str)
        var n: int = 0
        initial state A {
            on go       / n += 1, raise one, raise two, emit did("go")
            on one      / n += 10, emit did("one")
            on two -> B / n += 100, emit did("two")
            on more     / emit did("more in A")
        }
        state B { on more -> A / emit did("more in B") }
        final state END
    """)
    gates: list[Any] = []

    class Mine(module.M):  # type: ignore[misc]
        async def do_A_one(self) -> None:
            gates.append(asyncio.get_running_loop().create_future())
            await gates[-1]

    one = Mine()
    connected(one)
    one.go()
    one.more()
    await settled()
    assert (told(one), one.state) == ([], "A")
    gates.pop().set_result(None)
    await settled()
    assert [args[1] for args in told(one)] == ["go", "one", "two", "more in B"]
    assert (one.n, one.state) == (111, "A")
    one.handler_failed = lambda error: None
    one.go()
    await settled()
    gates.pop().set_exception(ZeroDivisionError())
    await settled()
    assert (one.n, one.state, told(one)) == (111, "A", [])


# ---------------------------------------------------------------- calls

GREETING = b"220 mx\r\n"
HELLO = b"250-mx\r\n250 PIPELINING\r\n"


async def greeted_client() -> tuple[Any, aio.Protocol, Wire]:
    client = smtp().Client("me")
    protocol, wire = connected(client)
    protocol.data_received(GREETING)
    protocol.data_received(HELLO)
    wire.taken()
    return client, protocol, wire


async def test_a_call_is_answered_by_what_the_spec_ties_to_it() -> None:
    client, protocol, _ = await greeted_client()
    first = client.send_mail("a", ["b", "c"], b"x")
    second = client.send_mail("a", ["d"], b"y")
    assert not first.done
    with pytest.raises(RuntimeError, match="send_mail has not been answered"):
        first.result()
    waiting = [asyncio.ensure_future(_of(call)) for call in (first, first, second)]
    await settled()
    protocol.data_received(b"250 OK\r\n250 OK\r\n550 no\r\n354 Go\r\n250 OK\r\n")
    await settled()
    verdicts = waiting[0].result()
    assert verdicts == waiting[1].result() == first.result()
    assert [(one.recipient, one.code, one.text) for one in verdicts] == [
        ("b", 250, "OK"),
        ("c", 550, "no"),
    ]
    protocol.data_received(b"550 not you\r\n250 OK\r\n250 OK\r\n")
    await settled()
    assert [one.code for one in await waiting[2]] == [550]


async def _of(call: Any) -> Any:
    return await call


async def test_calls_fail_when_the_session_ends() -> None:
    client, protocol, _ = await greeted_client()
    calls = [client.send_mail("a", ["b"], b"x"), client.send_mail("a", ["c"], b"x"), client.quit()]
    waiting = [asyncio.ensure_future(_of(call)) for call in calls]
    protocol.connection_lost(None)
    await settled()
    for one in waiting:
        with pytest.raises(RemoteProtocolError, match="was not answered: the connection was lost"):
            one.result()
    with pytest.raises(LocalProtocolError):
        client.send_mail("a", ["b"], b"x")
    client, protocol, wire = await greeted_client()
    call = client.send_mail("a", ["b"], b"x")
    protocol.data_received(b"421 going down\r\n")
    with pytest.raises(RemoteProtocolError, match="was not answered: Client reached CLOSED"):
        await call
    assert wire.ended == "closed"


async def test_a_call_that_nobody_waits_for_any_more_keeps_its_place() -> None:
    client, protocol, _ = await greeted_client()
    first, second = (client.send_mail("a", [name], b"x") for name in ("b", "c"))
    impatient, patient = (asyncio.ensure_future(_of(call)) for call in (first, second))
    await settled()
    impatient.cancel()
    await settled()
    protocol.data_received(b"250 OK\r\n251 for b\r\n354 Go\r\n250 OK\r\n")
    protocol.data_received(b"250 OK\r\n252 for c\r\n354 Go\r\n250 OK\r\n")
    assert [one.text for one in await patient] == ["for c"]
    assert first.result()[0].text == "for b"


async def test_a_call_that_is_not_allowed_is_refused_where_it_is_made() -> None:
    client, protocol, _ = await greeted_client()
    client.quit()
    protocol.data_received(b"221 bye\r\n")
    assert client.state == "CLOSED"
    with pytest.raises(LocalProtocolError, match="Client in CLOSED: send_mail is not expected"):
        client.send_mail("a", ["b"], b"x")


# ---------------------------------------------------------------- time, and the loop


async def test_a_deadline_that_comes_earlier_than_the_one_before_is_kept() -> None:
    module = machine("""
        accepts go
        emits   did(what: str)
        initial state A { on go -> B       after 1h -> END }
        state B { on go -> A               after 10ms -> END / emit did("B ran out") }
        final state END
    """)
    one = module.M()
    protocol, _ = connected(one)
    protocol.flush()
    one.go()
    protocol.flush()
    await asyncio.sleep(0.05)
    assert told(one) == [("did", "B ran out")]


async def test_an_event_from_outside_the_loop_s_calls_sets_the_clock_too() -> None:
    module = machine("""
        accepts go
        emits   did(what: str)
        initial state A { on go -> B }
        state B { on go -> A               after 10ms -> END / emit did("B ran out") }
        final state END
    """)
    one = module.M()
    connected(one)
    one.go()
    await asyncio.sleep(0.05)
    assert told(one) == [("did", "B ran out")]


async def test_what_the_peer_does_wrong_closes_and_what_we_do_wrong_is_told_the_loop(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "protogen")

    class Mine(smtp().Server):  # type: ignore[misc]
        def do_SESSION_NOOP(self) -> None:
            self.block(b"from nowhere", b"")

    server = smtp().Server("mx")
    protocol, wire = connected(server)
    server.state = "CONNECTED"
    protocol.data_received(b"EHLO me\r\n")
    assert wire.ended == "closed"
    assert "Server in CONNECTED: EHLO is not expected" in caplog.text
    protocol, wire = connected(Mine("mx"))
    protocol.data_received(b"EHLO me\r\nNOOP\r\nQUIT\r\n")
    assert wire.taken().endswith(b"451 Local error in processing\r\n221 Bye\r\n")


async def test_a_server_and_a_client_over_real_sockets() -> None:
    mails: list[tuple[Any, ...]] = []

    class Mine(smtp().Server):  # type: ignore[misc]
        async def do_ENVELOPE_RCPT(self, recipient: str) -> Any:
            await asyncio.sleep(0)
            return smtp().Reject("no such user") if recipient == "nobody" else None

        def emit_mail(self, sender: str, recipients: list[str], body: bytes) -> None:
            mails.append((sender, recipients, body))

    server = await aio.serve(lambda: Mine("mx"), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with aio.connect(lambda: smtp().Client("me"), "127.0.0.1", port) as client:
        verdicts = await client.send_mail("a@b", ["c", "nobody"], b".dot\r\nend")
        assert [(one.recipient, one.code) for one in verdicts] == [("c", 250), ("nobody", 550)]
        await client.quit()
    server.close()
    await server.wait_closed()
    assert mails == [("a@b", ["c"], b".dot\r\nend\r\n")]


def test_the_end_of_the_loop_is_no_failure_of_a_handler(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        one = Slow("MAIL")
        protocol, wire = connected(one)
        protocol.data_received(b"EHLO me\r\nMAIL FROM:<a@b>\r\n")
        await settled()
        assert one.asked == ["MAIL"]
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()  # as `asyncio.run` does at its end
        await settled()
        assert wire.ended == "aborted"
        assert b"451" not in wire.written

    asyncio.run(run())
    assert caplog.text == ""


def test_a_text_that_is_no_utf8_is_an_error_of_our_side() -> None:
    client = smtp().Client("me")
    client.receive_open()
    client.receive_data(b"220 mx\r\n250 mx\r\n")
    client.data_to_send()
    with pytest.raises(LocalProtocolError, match="no UTF-8"):
        client.send_mail("\ud800@b", ["c@d"], b"")
    assert client.data_to_send() == b""
    assert client.state == "READY"


# ---------------------------------------------------------------- servers


async def test_a_server_that_shuts_down_lets_its_sessions_finish_and_cuts_off_the_rest() -> None:
    server = await aio.serve(lambda: smtp().Server("mx"), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    idle, writer = await asyncio.open_connection("127.0.0.1", port)
    async with aio.connect(lambda: smtp().Client("me"), "127.0.0.1", port) as client:
        await client.send_mail("a@b", ["c@d"], b"")
        assert server.is_serving()
        assert len(server.connections) == 2
        ending = asyncio.create_task(server.shut_down(0.2))
        await asyncio.sleep(0.05)
        assert not server.is_serving()
        with pytest.raises(OSError, match="Connect call failed"):
            await asyncio.open_connection("127.0.0.1", port)
        assert (await client.send_mail("a@b", ["c@d"], b""))[0].code == 250
        await client.quit()
    await ending
    assert not server.connections
    assert await idle.read() == b"220 mx ESMTP\r\n"
    writer.close()
    await server.shut_down()


async def test_unix_sockets(tmp_path: Path) -> None:
    path = str(tmp_path / "mail")
    async with await aio.serve(lambda: smtp().Server("mx"), path=path, limit_each=1) as server:
        async with (
            aio.connect(lambda: smtp().Client("me"), path=path) as one,
            aio.connect(lambda: smtp().Client("me"), path=path) as other,
        ):
            for client in (one, other):  # a path is no address
                assert (await client.send_mail("a@b", ["c@d"], b""))[0].code == 250
        await server.shut_down(5)


async def test_who_was_taken_but_not_yet_there_when_all_shut_down_is_cut_off() -> None:
    loop = asyncio.get_running_loop()
    ending: list[asyncio.Task[None]] = []

    def made() -> Any:
        ending.append(loop.create_task(server.shut_down()))  # goes ahead of `connection_made`
        return smtp().Server("mx")

    server = await aio.serve(made, "127.0.0.1", 0)
    with socket.socket() as client:
        client.setblocking(False)
        await loop.sock_connect(client, server.sockets[0].getsockname())
        async with asyncio.timeout(60):
            try:
                heard = await loop.sock_recv(client, 100)
            except ConnectionResetError:
                heard = b""
    assert heard == b""
    await ending[0]
    assert not server.connections
