"""Plain sockets: a client that blocks, a server with threads, a loop with neither."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from generated import machine, smtp, told
from protogen_fsm.runtime import sockets
from protogen_fsm.runtime.core import LocalProtocolError, RemoteProtocolError

HERE = "127.0.0.1"


def server() -> Any:
    return smtp().Server("mx")


def client() -> Any:
    return smtp().Client("me")


def test_a_call_of_a_client_returns_its_answer() -> None:
    with (
        sockets.serve(server, HERE) as listening,
        sockets.connect(client, *listening.address) as one,
    ):
        (verdict,) = one.send_mail("a@b", ["c@d"], b"Hello.\r\n")
        assert verdict.code == 250
        assert one.state == "READY"
        assert one.quit() is None
        assert one.state == "CLOSED"
        with pytest.raises(LocalProtocolError):
            one.send_mail("a@b", ["c@d"], b"")


def test_nothing_is_waited_for_longer_than_was_said() -> None:
    with socket.create_server((HERE, 0)) as silent:
        begin = time.monotonic()
        with (
            sockets.connect(client, *silent.getsockname(), timeout=0.1) as one,
            pytest.raises(TimeoutError, match=r"within 0\.1 s"),
        ):
            one.send_mail("a@b", ["c@d"], b"")
        assert time.monotonic() - begin < 5


def test_a_call_whose_session_ends_first_raises() -> None:
    def hang_up() -> None:
        peer, _ = listening.accept()
        peer.sendall(b"220 mx\r\n")
        peer.recv(100)
        peer.close()

    with socket.create_server((HERE, 0)) as listening:
        thread = threading.Thread(target=hang_up)
        thread.start()
        with (
            sockets.connect(client, *listening.getsockname(), timeout=10) as one,
            pytest.raises(RemoteProtocolError, match="send_mail was not answered"),
        ):
            one.send_mail("a@b", ["c@d"], b"")
        thread.join()


def test_an_error_of_ours_comes_out_of_what_was_waited_for() -> None:
    class Broken(smtp().Client):  # type: ignore[misc]
        def emit_ready(self, extensions: list[str]) -> None:
            raise ZeroDivisionError("so bad")

    with (
        sockets.serve(server, HERE) as listening,
        sockets.connect(lambda: Broken("me"), *listening.address) as one,
        pytest.raises(ZeroDivisionError),
    ):
        one.send_mail("a@b", ["c@d"], b"")


def test_time_passes_while_something_is_waited_for() -> None:
    module = machine(
        """
        accepts go
        emits   did(what: str)
        initial state A { after 50ms -> END / emit did("ran out")   on go }
        final state END
        """
    )
    with (
        socket.create_server((HERE, 0)) as silent,
        sockets.connect(module.M, *silent.getsockname()) as one,
    ):
        assert one.go() is None
        assert one.until(lambda: one.state == "END", 10)
        assert told(one.machine) == [("did", "ran out")]


def test_a_handler_that_would_have_to_be_awaited_is_refused(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Async(smtp().Server):  # type: ignore[misc]
        async def do_READY_MAIL(self, sender: str, parameters: str) -> None:
            """Never begun."""

    with (
        sockets.serve(lambda: Async("mx"), HERE) as listening,
        socket.create_connection(listening.address, 10) as peer,
    ):
        peer.sendall(b"EHLO me\r\nMAIL FROM:<a@b>\r\nQUIT\r\n")
        said = b"".join(iter(lambda: peer.recv(1000), b""))
    assert said.endswith(b"451 Local error in processing\r\n221 Bye\r\n")
    assert "with plain sockets handlers are plain functions, or @in_thread" in caplog.text


def test_a_server_that_shuts_down_lets_its_sessions_finish() -> None:
    codes = []

    def talk(ready: threading.Event) -> None:
        with sockets.connect(client, *address, timeout=10) as one:
            one.send_mail("a@b", ["c@d"], b"")
            ready.set()
            time.sleep(0.1)
            codes.extend(verdict.code for verdict in one.send_mail("a@b", ["c@d"], b""))
            one.quit()

    ready = threading.Event()
    with sockets.serve(server, HERE, grace=10) as listening:
        address = listening.address
        talking = threading.Thread(target=talk, args=(ready,))
        talking.start()
        assert ready.wait(10)
    talking.join()
    assert codes == [250]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, 10)


def test_a_session_that_does_not_finish_is_cut_off() -> None:
    with sockets.serve(server, HERE, grace=0.05) as listening:
        peer = socket.create_connection(listening.address, 10)
        assert peer.recv(100) == b"220 mx ESMTP\r\n"
    with peer:
        assert peer.recv(100) == b""


def test_one_loop_has_a_server_and_its_clients_in_one_thread() -> None:
    with sockets.Loop() as loop:
        address = loop.serve(server, HERE).address
        ones = [client() for _ in range(20)]
        for one in ones:
            loop.connect(one, *address)
        calls = [one.send_mail("a@b", ["c@d"], b"Hello.\r\n" * 1000) for one in ones]
        assert loop.run(lambda: all(call.done for call in calls), 20)
        assert {verdict.code for call in calls for verdict in call.result()} == {250}
        for one in ones:
            one.quit()
        loop.run(lambda: not loop.connections, 20)


@pytest.fixture(scope="module")
def tls() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server shows, and a client believes."""
    trustme = pytest.importorskip("trustme", reason="trustme is not installed")
    authority = trustme.CA()
    ours, theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert(HERE).configure_cert(ours)
    authority.configure_trust(theirs)
    return ours, theirs


def test_tls_from_the_start(tls: tuple[Any, Any]) -> None:
    body = b"Hello.\r\n" * 100_000
    with sockets.serve(server, HERE, ssl=tls[0]) as listening:
        with sockets.connect(client, *listening.address, ssl=tls[1], timeout=20) as one:
            assert one.send_mail("a@b", ["c@d"], body)[0].code == 250
            one.quit()
        with (
            pytest.raises(ssl.SSLCertVerificationError),
            sockets.connect(client, *listening.address, ssl=ssl.create_default_context()),
        ):
            pass


def test_tls_in_a_loop(tls: tuple[Any, Any]) -> None:
    with sockets.Loop() as loop:
        address = loop.serve(server, HERE, ssl=tls[0]).address
        one = client()
        loop.connect(one, *address, ssl=tls[1])
        call = one.send_mail("a@b", ["c@d"], b"Hello.\r\n" * 100_000)
        assert loop.run(lambda: call.done, 20)
        assert call.result()[0].code == 250


def test_unix_sockets(tmp_path: Path) -> None:
    path = str(tmp_path / "mail")
    with sockets.serve(server, path=path), sockets.connect(client, path=path) as one:
        assert one.send_mail("a@b", ["c@d"], b"")[0].code == 250
        one.quit()
