"""One suite for all main loops: the same specs, the same handlers, the same bytes out."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from generated import made, smtp
from loops import HERE, LIMIT, Gate, Runtime
from protogen_fsm.runtime.core import RemoteProtocolError
from protogen_fsm.runtime.threads import in_thread


@contextmanager
def speaking(port: int) -> Iterator[socket.socket]:
    """A peer that knows nothing of protogen."""
    with socket.create_connection((HERE, port), LIMIT) as peer:
        yield peer


def heard(peer: socket.socket, end: bytes = b"") -> bytes:
    """All that comes, up to and with `end`, or to the end of the connection."""
    said = b""
    while not end or not said.endswith(end):
        data = peer.recv(65536)
        if not data:
            assert not end, said
            break
        said += data
    return said


GREETING = b"220 mx ESMTP\r\n"
HELLO = GREETING + b"250-mx\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE 33554432\r\n250 HELP\r\n"
SESSION = (
    b"EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<one@x>\r\nRCPT TO:<nobody@x>\r\nNOOP\r\nDATA\r\n"
    b"QUIT\r\n..\r\nNOOP\r\n.\r\nNOOP\r\nMAIL FROM:<>\r\nRSET\r\nQUIT\r\n"
)
ANSWERS = HELLO + (
    b"250 OK\r\n250 OK\r\n550 nobody there\r\n250 OK\r\n354 Go ahead\r\n"
    b"250 Queued\r\n250 OK\r\n250 OK\r\n250 OK\r\n221 Bye\r\n"
)


class Server(smtp().Server):  # type: ignore[misc]
    """Some handlers wait at gates, all that are not named answer at once."""

    def __init__(self, runtime: Runtime, **gates: Gate) -> None:
        super().__init__("mx")
        self.runtime, self.gates = runtime, gates
        self.mails: list[tuple[Any, ...]] = []

    def wait(self, what: str) -> Any:
        gate = self.gates.get(what)
        return None if gate is None else self.runtime.at(gate, self)

    def do_READY_MAIL(self, sender: str, parameters: str) -> Any:
        return self.wait("MAIL")

    def do_ENVELOPE_RCPT(self, recipient: str) -> Any:
        name = recipient.partition("@")[0]
        if name in self.gates:
            return self.wait(name)
        return smtp().Reject("nobody there") if name == "nobody" else None

    def do_ENVELOPE_DATA(self) -> Any:
        return self.wait("DATA")

    def do_BODY_block(self, body: bytes) -> Any:
        return self.wait("block")

    def emit_mail(self, sender: str, recipients: list[str], body: bytes) -> Any:
        self.mails.append((sender, recipients, body))


def test_the_same_bytes_come_out_of_every_loop(runtime: Runtime) -> None:
    with runtime.serving(lambda: Server(runtime)) as port, speaking(port) as peer:
        peer.sendall(SESSION)
        assert heard(peer) == ANSWERS


def test_pipelined_answers_keep_their_order_whichever_handler_waits(runtime: Runtime) -> None:
    gates = {name: Gate() for name in ("MAIL", "one", "nobody", "DATA", "block")}
    server = Server(runtime, **gates)
    with runtime.serving(lambda: server) as port, speaking(port) as peer:
        hello, rest = SESSION[:9], SESSION[9:]
        peer.sendall(hello)  # by itself: a handler that blocks its thread holds back what was said
        assert heard(peer, HELLO) == HELLO
        peer.sendall(rest)
        assert gates["MAIL"].asked.wait(LIMIT)
        assert not gates["one"].asked.is_set()
        gates["MAIL"].let()
        first = b"" if runtime.blocks else heard(peer, b"250 OK\r\n")
        gates["one"].let()
        gates["nobody"].let(smtp().Reject("nobody there"))
        gates["DATA"].let()
        gates["block"].let()
        assert first == (b"" if runtime.blocks else b"250 OK\r\n")
        assert HELLO + first + heard(peer) == ANSWERS
    assert server.mails == [("a@b", ["one@x"], b"QUIT\r\n.\r\nNOOP\r\n")]


SWITCH = """
protocol Switching
use Lines from "lines.proto"
message ASK(what: str) = "ASK " what
message STOP           = "STOP"
message YES            = "YES"
message GOT(size: int) = "GOT " size
message LATE           = "LATE"

machine Server over Lines(max: 100) {
    receives ASK, STOP
    sends    YES, GOT, LATE
    emits    gone

    initial state READY {
        on ASK(what)
            | raw         -> RAW  / send block("\\r\\n--\\r\\n", 1KiB), send YES
            | plain               / send YES
        on STOP           -> OVER / send YES
        on eof            -> OVER
        on malformed      -> OVER
        on failed                 / send LATE
        after 200ms       -> READY / send LATE
    }
    state RAW receives block {
        on block(data)    -> READY / send GOT(size(data))
        on eof            -> OVER
        on malformed      -> OVER
        after 1min        -> OVER
    }
    final state OVER
}

machine Client over Lines(max: 100) {
    receives YES, GOT, LATE
    sends    ASK, STOP
    accepts  ask(what: str) answered by yes, late, stop answered by yes
    emits    yes, late, over

    initial state OPEN {
        on ask(what)              / send ASK(what)
        on stop                   / send STOP
        on YES                    / emit yes
        on LATE                   / emit late
        on eof            -> OVER / emit over
        on malformed      -> OVER
        after 1min        -> OVER
    }
    final state OVER
}
"""


class Switching(made(SWITCH).Server):  # type: ignore[misc]
    def __init__(self, runtime: Runtime, *gates: Gate) -> None:
        super().__init__()
        self.runtime, self.gates = runtime, list(gates)

    def do_READY_ASK(self, what: str) -> Any:
        if self.gates:
            return self.runtime.at(self.gates.pop(0), self)
        return made(SWITCH).Plain()


def test_a_mode_switch_that_a_waiting_handler_decides_applies_to_what_had_come(
    runtime: Runtime,
) -> None:
    for outcome, said in (("Raw", b"YES\r\nGOT 10\r\n"), ("Plain", b"YES\r\n" * 2)):
        gate = Gate()
        server = Switching(runtime, gate)
        with runtime.serving(lambda server=server: server) as port, speaking(port) as peer:
            peer.sendall(b"ASK \r\nASK more\r\n--\r\nSTOP\r\n"[: None if outcome == "Raw" else 16])
            gate.let(getattr(made(SWITCH), outcome)())
            if outcome == "Plain":
                peer.sendall(b"STOP\r\n")
            assert heard(peer) == said + b"YES\r\n", outcome


def test_the_state_s_time_out_goes_ahead_of_a_waiting_handler(runtime: Runtime) -> None:
    if runtime.blocks:
        pytest.skip("a handler that blocks its thread keeps its machine too")
    gate = Gate()
    with (
        runtime.serving(lambda: Switching(runtime, gate)) as port,
        speaking(port) as peer,
    ):
        peer.sendall(b"ASK a\r\nASK b\r\n")
        assert gate.asked.wait(LIMIT)
        assert heard(peer, b"YES\r\n") == b"LATE\r\nYES\r\n"
        if runtime.cancels:
            assert gate.given_up.wait(LIMIT)
        gate.let(made(SWITCH).Raw())  # nobody hears of that any more
        peer.sendall(b"STOP\r\n")
        assert heard(peer).removeprefix(b"LATE\r\n") == b"YES\r\n"


def test_the_loss_of_the_connection_gives_up_the_handler(runtime: Runtime) -> None:
    if not runtime.cancels:
        pytest.skip("a thread cannot be given up")
    gate = Gate()
    server = Server(runtime, MAIL=gate)
    with runtime.serving(lambda: server) as port:
        with speaking(port) as peer:
            peer.sendall(b"EHLO me\r\nMAIL FROM:<a@b>\r\n")
            assert gate.asked.wait(LIMIT)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        assert gate.given_up.wait(LIMIT)
        gate.let()
    assert server.state == "READY"


KEEPING = """
protocol Keeping
use Lines from "lines.proto"
message WORK(id: 0..9) = "WORK " id
message DONE(id: 0..9) = "DONE " id

machine Job(id: 0..9) {
    receives WORK
    sends    DONE
    emits    kept(id: 0..9)
    initial state DOING {
        on WORK
            | accept               / send DONE(id)
        on lost keep  -> OVER      / emit kept(id)
        after 1min    -> OVER
    }
    final state OVER
}
machine Server over Lines(max: 100) {
    receives WORK
    sends    DONE
    emits    kept(id: 0..9)
    many jobs: Job by id limit 10
    initial state OPEN {
        on WORK(id)                / start jobs(id)
        on malformed  -> CLOSED
        after 1min    -> CLOSED
    }
    final state CLOSED
}
"""


def test_a_handler_of_an_instance_that_keeps_on_hears_of_the_loss_when_it_is_done(
    runtime: Runtime,
) -> None:
    if runtime.blocks:
        pytest.skip("a handler that blocks its thread is never given up")
    module, gate, heard_of = made(KEEPING), Gate(), threading.Event()

    class Job(module.Job):  # type: ignore[misc]
        def do_DOING_WORK(self, id: int) -> Any:
            return runtime.at(gate, self)

    class Server(module.Server):  # type: ignore[misc]
        kept: tuple[int, ...] = ()

        def make_jobs(self, id: int, below: Any) -> Any:
            return Job(id, below=below)

        def emit_kept(self, id: int) -> None:
            self.kept += (id,)
            heard_of.set()

    server = Server()
    with runtime.serving(lambda: server) as port:
        with speaking(port) as peer:
            peer.sendall(b"WORK 7\r\n")
            assert gate.asked.wait(LIMIT)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        deadline = time.monotonic() + LIMIT
        while not server.wire.lost:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        assert not heard_of.is_set()
        gate.let()
        assert heard_of.wait(LIMIT)
    assert server.kept == (7,)
    assert not gate.given_up.is_set()


def test_an_error_in_a_handler_that_waited_is_answered_and_has_changed_nothing(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate()
    with runtime.serving(lambda: Server(runtime, one=gate)) as port, speaking(port) as peer:
        peer.sendall(b"EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<one@x>\r\nDATA\r\nQUIT\r\n")
        gate.let(OSError("no disk"))
        said = b"250 OK\r\n451 Local error in processing\r\n554 No valid recipients\r\n221 Bye\r\n"
        assert heard(peer) == HELLO + said
    assert "a handler failed" in caplog.text


def test_an_error_that_the_spec_does_not_answer_ends_that_connection_alone(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    spec = SWITCH.replace("        on failed                 / send LATE\n", "")

    class Broken(made(spec).Server):  # type: ignore[misc]
        def do_READY_ASK(self, what: str) -> Any:
            if what == "bad":
                raise ZeroDivisionError("so bad")
            return made(spec).Plain()

    with runtime.serving(Broken) as port, speaking(port) as good, speaking(port) as bad:
        bad.sendall(b"ASK bad\r\n")
        assert ended(bad)
        good.sendall(b"ASK good\r\nSTOP\r\n")
        assert heard(good) == b"YES\r\nYES\r\n"
    if runtime.name != "twisted":  # whose own log is told
        assert "so bad" in caplog.text


def ended(peer: socket.socket) -> bool:
    try:
        return heard(peer) == b""
    except ConnectionError:
        return True


def test_what_the_peer_does_wrong_ends_its_connection(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "protogen")
    with runtime.serving(lambda: made(SWITCH).Client()) as port, speaking(port) as peer:
        peer.sendall(b"GOT 7\r\n")
        assert heard(peer) == b""
    assert "GOT is not expected" in caplog.text


def test_the_calls_of_a_client_are_awaited_and_may_be_on_the_way_at_once(runtime: Runtime) -> None:
    def client() -> Any:
        return smtp().Client("me")

    mails = [("send_mail", "a@b", [to], b"Hello.\r\n") for to in ("one@x", "nobody@x", "two@x")]
    for at_once in (False, True):
        with runtime.serving(lambda: Server(runtime)) as port:
            told = runtime.ask(client, port, *mails, ("quit",), at_once=at_once)
        assert [[one.code for one in verdicts] for verdicts in told[:3]] == [[250], [550], [250]]
        assert told[3] is None


def test_calls_that_wait_fail_when_the_connection_is_lost(runtime: Runtime) -> None:
    class Gone(made(SWITCH).Server):  # type: ignore[misc]
        def do_READY_ASK(self, what: str) -> Any:
            self.close()

    with (
        runtime.serving(Gone) as port,
        pytest.raises(RemoteProtocolError, match="ask was not answered"),
    ):
        runtime.ask(lambda: made(SWITCH).Client(), port, ("ask", "a"))


ECHO = """
    protocol Echo
    use Lines from "lines.proto"
    message ASK(what: str) = "ASK " what
    message SAY(what: str) = "SAY " what
    message END            = "END"
    machine M over Lines(max: 10000) {
        receives ASK, END
        sends    SAY
        initial state A {
            on ASK(what)      / send SAY(what)
            on END    -> OVER / send SAY("end")
            on eof    -> OVER
            on malformed -> OVER
            after 1min -> OVER
        }
        final state OVER
    }
"""


def test_a_peer_that_does_not_read_is_not_read_and_loses_nothing(runtime: Runtime) -> None:
    line = b"ASK " + b"x" * 9000 + b"\r\n"
    left = memoryview(line * 6000)
    with runtime.serving(lambda: made(ECHO).M()) as port, speaking(port) as peer:
        peer.setblocking(False)
        sent = still = 0
        while still < 20 and sent < len(left):  # until nothing more is taken
            try:
                sent += peer.send(left[sent : sent + 65536])
                still = 0
            except BlockingIOError:
                still += 1
                time.sleep(0.01)
        assert sent < len(left)
        whole = sent // len(line) + 1
        peer.settimeout(LIMIT)
        rest = bytes(left[sent : whole * len(line)]) + b"END\r\n"
        sending = threading.Thread(target=peer.sendall, args=(rest,))
        sending.start()
        assert heard(peer) == line.replace(b"ASK", b"SAY") * whole + b"SAY end\r\n"
        sending.join()


def test_what_is_said_last_arrives_before_the_connection_ends(runtime: Runtime) -> None:
    asked = (b"ASK " + b"x" * 9000 + b"\r\n") * 300 + b"END\r\n"
    with runtime.serving(lambda: made(ECHO).M()) as port, speaking(port) as peer:
        sending = threading.Thread(target=peer.sendall, args=(asked,))
        sending.start()
        time.sleep(0.1)  # all is answered, as far as there is room, and nobody has read
        said = heard(peer)
        sending.join()
    assert len(said) == 300 * 9006 + len(b"SAY end\r\n")
    assert said.endswith(b"SAY end\r\n")


def test_half_closed_the_peer_still_gets_its_answers(runtime: Runtime) -> None:
    gate = Gate()
    spec = SWITCH.replace(
        "on eof            -> OVER\n        on malformed      -> OVER\n        on failed",
        "ignore eof\n        on malformed      -> OVER\n        on failed",
    )
    module = made(spec)

    class Mine(module.Server):  # type: ignore[misc]
        def do_READY_ASK(self, what: str) -> Any:
            return runtime.at(gate, self) if what == "wait" else module.Plain()

    with runtime.serving(Mine) as port, speaking(port) as peer:
        peer.sendall(b"ASK wait\r\nASK a\r\nSTOP\r\n")
        peer.shutdown(socket.SHUT_WR)
        gate.let(module.Plain())
        assert heard(peer) == b"YES\r\nYES\r\nYES\r\n"


def test_a_handler_in_a_thread_answers_where_the_machine_runs(runtime: Runtime) -> None:
    where: dict[str, int] = {}

    class Blocking(Server):
        @in_thread
        def do_READY_MAIL(self, sender: str, parameters: str) -> Any:
            where["handler"] = threading.get_ident()
            time.sleep(0.01)
            return smtp().Reject("not now") if sender == "no" else None

        def do_READY_RSET(self) -> None:
            where["machine"] = threading.get_ident()

        def exit_READY(self) -> None:
            where["step"] = threading.get_ident()

    with runtime.serving(lambda: Blocking(runtime)) as port, speaking(port) as peer:
        peer.sendall(b"EHLO me\r\nRSET\r\nMAIL FROM:<no>\r\nMAIL FROM:<yes>\r\nQUIT\r\n")
        assert heard(peer) == HELLO + b"250 OK\r\n550 not now\r\n250 OK\r\n221 Bye\r\n"
    assert where["machine"] == where["step"] != where["handler"]


@pytest.mark.parametrize("limit", ["limit", "limit_each"])
def test_a_connection_too_many_is_ended_as_it_comes(runtime: Runtime, limit: str) -> None:
    with (
        runtime.serving(lambda: Server(runtime), **{limit: 2}) as port,
        speaking(port) as one,
        speaking(port) as other,
    ):
        assert heard(one, GREETING) == heard(other, GREETING) == GREETING
        with speaking(port) as third:
            assert ended(third)
        one.sendall(b"QUIT\r\n")
        assert heard(one) == b"221 Bye\r\n"
        deadline = time.monotonic() + LIMIT
        while not is_greeted(port):  # until the server has seen that one is gone
            assert time.monotonic() < deadline
            time.sleep(0.01)


def is_greeted(port: int) -> bool:
    try:
        with socket.create_connection((HERE, port), LIMIT) as peer:
            return peer.recv(100) == GREETING
    except ConnectionError:
        return False


class Asking(smtp().Server):  # type: ignore[misc]
    """Knows who has come."""

    came: Any

    def do_CONNECTED_open(self) -> Any:
        self.came = self.wire.peer

    def exit_SESSION(self) -> None:
        assert self.wire.peer == self.came


def test_a_handler_knows_the_address_of_its_peer(runtime: Runtime, tmp_path: Path) -> None:
    server = Asking("mx")
    assert server.wire.peer is None
    with runtime.serving(lambda: server) as port, speaking(port) as peer:
        peer.sendall(b"EHLO me\r\nQUIT\r\n")
        assert heard(peer) == HELLO + b"221 Bye\r\n"
        assert tuple(server.came)[:2] == peer.getsockname()
    path = str(tmp_path / "here")
    server = Asking("mx")
    with runtime.serving(lambda: server, path=path), socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(LIMIT)
        peer.connect(path)
        peer.sendall(b"QUIT\r\n")
        assert heard(peer) == GREETING + b"221 Bye\r\n"
        assert not server.came  # it has no name


def test_unix_sockets_serve_as_ports_do(runtime: Runtime, tmp_path: Path) -> None:
    path = str(tmp_path / "here")
    mails = [("send_mail", "a@b", ["one@x"], b"Hello.\r\n"), ("quit",)]
    with (
        runtime.serving(lambda: Server(runtime), path=path, limit=1) as _,
        socket.socket(socket.AF_UNIX) as peer,
        socket.socket(socket.AF_UNIX) as another,
    ):
        peer.settimeout(LIMIT)
        peer.connect(path)
        peer.sendall(SESSION[:-6])
        assert heard(peer, b"OK\r\n").startswith(GREETING)
        another.connect(path)
        assert ended(another)
        peer.sendall(b"QUIT\r\n")
        assert heard(peer).endswith(b"221 Bye\r\n")
    assert not Path(path).exists()
    with runtime.serving(lambda: Server(runtime), path=path):
        told = runtime.ask(lambda: smtp().Client("me"), 0, *mails, path=path)
    assert [verdict.code for verdict in told[0]] == [250]


def test_on_shutting_down_sessions_may_finish_and_nobody_new_is_taken(runtime: Runtime) -> None:
    gate, leaving = Gate(), threading.Event()
    said: list[bytes] = []

    def finish(peer: socket.socket) -> None:
        assert leaving.wait(LIMIT)
        gate.let()
        peer.sendall(b"QUIT\r\n")
        said.append(heard(peer))

    with socket.socket() as peer:
        peer.settimeout(LIMIT)
        with runtime.serving(lambda: Server(runtime, MAIL=gate), grace=LIMIT) as port:
            peer.connect((HERE, port))
            peer.sendall(b"EHLO me\r\nMAIL FROM:<a@b>\r\n")
            assert gate.asked.wait(LIMIT)
            finishing = threading.Thread(target=finish, args=(peer,))
            finishing.start()
            began = time.monotonic()
            leaving.set()
        assert time.monotonic() - began < LIMIT  # nothing is waited for once the last is gone
        finishing.join(LIMIT)
        with pytest.raises(ConnectionError), speaking(port) as late:
            heard(late, GREETING)
    assert said == [HELLO + b"250 OK\r\n221 Bye\r\n"]


def test_sessions_that_do_not_finish_in_time_are_cut_off(runtime: Runtime) -> None:
    with socket.socket() as peer:
        peer.settimeout(LIMIT)
        with runtime.serving(lambda: Server(runtime), grace=0.05) as port:
            peer.connect((HERE, port))
            assert heard(peer, GREETING) == GREETING
        assert ended(peer)
