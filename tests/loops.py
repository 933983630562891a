"""One harness for each runtime: a server in a thread of its own, and handlers that wait its way.

A test stands outside, with plain sockets that block, and sees bytes; or it has a client of that
runtime ask. What it needs of one is here, and is the same for all.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import pytest

from certificates import Certificate
from protogen_fsm.runtime import aio, sockets
from protogen_fsm.runtime.threads import in_thread

LIMIT = 20.0  # seconds that anything here may take
HERE = "127.0.0.1"
Make = Callable[[], Any]
Asked = tuple[Any, ...]  # a call of a client: its name, then the arguments


class Gate:
    """What a handler waits at, until the test lets it go; `given_up` once it was cancelled."""

    def __init__(self) -> None:
        self.asked, self.given_up, self._open = (threading.Event() for _ in range(3))
        self._answer: Any = None

    def let(self, answer: Any = None) -> None:
        assert self.asked.wait(LIMIT)
        self._answer = answer
        self._open.set()

    def is_open(self) -> bool:
        self.asked.set()
        return self._open.is_set()

    def answer(self) -> Any:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    async def wait(
        self, sleep: Callable[[float], Awaitable[Any]], cancelled: type[BaseException]
    ) -> Any:
        try:
            while not self.is_open():
                await sleep(0.002)
        except cancelled:
            self.given_up.set()
            raise
        return self.answer()

    def block(self) -> Any:
        self.asked.set()
        assert self._open.wait(LIMIT)
        return self.answer()


class Runtime:
    """How tests speak of a main loop."""

    name = ""
    cancels = True  # a handler that is given up hears of it
    blocks = False  # a handler that waits holds back all that its connection does

    @contextmanager
    def running(self) -> Iterator[None]:
        """The loop runs in a thread of its own, if it is one."""
        yield

    def serving(
        self, machine: Make, path: str | None = None, grace: float = 0.0, **options: Any
    ) -> AbstractContextManager[int]:
        """A server on a free port, which the block has, or at the path of a Unix socket.

        Behind the block sessions have `grace` seconds to finish.
        """
        raise NotImplementedError

    def hearing(
        self, machine: Make, grace: float = 0.0, **options: Any
    ) -> AbstractContextManager[int]:
        """A server over datagrams on a free port, which the block has."""
        raise NotImplementedError

    def ask(
        self,
        machine: Make,
        port: int,
        *asked: Asked,
        at_once: bool = False,
        path: str | None = None,
        **options: Any,
    ) -> list[Any]:
        """What calls of a client give: each awaited before the next, or all on the way at once."""
        raise NotImplementedError

    def ask_by_datagrams(
        self, machine: Make, port: int, *asked: Asked, follow: bool = False
    ) -> list[Any]:
        """What calls of a client over datagrams give, each awaited before the next."""
        raise NotImplementedError

    def certified(self, certificate: Certificate) -> Any:
        """A server's context, as the loop's users have it."""
        return certificate.served()

    def trusting(self, certificate: Certificate) -> Any:
        """That of a client who speaks to `HERE` and to nobody else."""
        return certificate.trusted()

    def wait(self, seconds: float, machine: Any, answer: Any = None) -> Any:
        """What a handler returns that answers after that long."""
        raise NotImplementedError

    def at(self, gate: Gate, machine: Any) -> Any:
        """What a handler returns that waits at a gate."""
        raise NotImplementedError


async def answers(one: Any, asked: tuple[Asked, ...], at_once: bool) -> list[Any]:
    if at_once:
        calls = [getattr(one, name)(*args) for name, *args in asked]
        return [await call for call in calls]
    return [await getattr(one, name)(*args) for name, *args in asked]


class OnAsyncio(Runtime):
    name = "asyncio"

    @contextmanager
    def running(self) -> Iterator[None]:
        with asyncio.Runner(loop_factory=self.loop_factory()) as runner:
            self.loop = runner.get_loop()
            thread = threading.Thread(target=self.loop.run_forever)
            thread.start()
            try:
                yield
            finally:
                self.loop.call_soon_threadsafe(self.loop.stop)
                thread.join()

    def loop_factory(self) -> Any:
        return None

    def do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(LIMIT)

    @contextmanager
    def serving(
        self, machine: Make, path: str | None = None, grace: float = 0.0, **options: Any
    ) -> Iterator[int]:
        where = (HERE, 0) if path is None else ()
        server = self.do(aio.serve(machine, *where, path=path, **options))
        try:
            yield 0 if path else server.sockets[0].getsockname()[1]
        finally:
            self.do(server.shut_down(grace))

    @contextmanager
    def hearing(self, machine: Make, grace: float = 0.0, **options: Any) -> Iterator[int]:
        server = self.do(aio.serve_datagrams(machine, HERE, 0, **options))
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            self.do(server.shut_down(grace))

    def ask(
        self,
        machine: Make,
        port: int,
        *asked: Asked,
        at_once: bool = False,
        path: str | None = None,
        **options: Any,
    ) -> list[Any]:
        async def ask() -> list[Any]:
            where = (HERE, port) if path is None else ()
            async with aio.connect(machine, *where, path=path, **options) as one:
                return await answers(one, asked, at_once)

        answered: list[Any] = self.do(ask())
        return answered

    def ask_by_datagrams(
        self, machine: Make, port: int, *asked: Asked, follow: bool = False
    ) -> list[Any]:
        async def ask() -> list[Any]:
            async with aio.connect_datagrams(machine, HERE, port, follow=follow) as one:
                return await answers(one, asked, at_once=False)

        answered: list[Any] = self.do(ask())
        return answered

    async def wait(self, seconds: float, machine: Any, answer: Any = None) -> Any:
        await asyncio.sleep(seconds)
        return answer

    def at(self, gate: Gate, machine: Any) -> Any:
        return gate.wait(asyncio.sleep, asyncio.CancelledError)


class OnUvloop(OnAsyncio):
    name = "uvloop"

    def loop_factory(self) -> Any:
        return pytest.importorskip("uvloop", reason="uvloop is not installed").new_event_loop


class OnTwisted(Runtime):
    name = "twisted"

    @contextmanager
    def running(self) -> Iterator[None]:
        pytest.importorskip("twisted", reason="Twisted is not installed")
        from twisted.internet import reactor

        self.reactor: Any = reactor
        if not self.reactor.running:  # it cannot be started twice: it runs to the end of all tests
            begun = threading.Event()
            self.reactor.callWhenRunning(begun.set)
            options = {"installSignalHandlers": False}
            threading.Thread(target=self.reactor.run, kwargs=options, daemon=True).start()
            assert begun.wait(LIMIT)
        yield

    def do(self, work: Callable[..., Any], *args: Any, **named: Any) -> Any:
        from twisted.internet.threads import blockingCallFromThread

        return blockingCallFromThread(self.reactor, work, *args, **named)

    @contextmanager
    def serving(
        self, machine: Make, path: str | None = None, grace: float = 0.0, **options: Any
    ) -> Iterator[int]:
        from protogen_fsm.runtime import tx

        where: Any = f"unix:{path}" if path else f"tcp:0:interface={HERE}"
        if "ssl" in options:
            from twisted.internet.endpoints import SSL4ServerEndpoint

            where = SSL4ServerEndpoint(self.reactor, 0, options.pop("ssl"), interface=HERE)
        port = self.do(tx.serve, machine, where, **options)
        try:
            yield 0 if path else port.getHost().port
        finally:
            self.do(tx.shut_down, port, grace)

    @contextmanager
    def hearing(self, machine: Make, grace: float = 0.0, **options: Any) -> Iterator[int]:
        from protogen_fsm.runtime import tx

        port = self.do(tx.serve_datagrams, machine, 0, HERE, **options)
        try:
            yield port.getHost().port
        finally:
            self.do(tx.shut_down, port, grace)

    def ask(
        self,
        machine: Make,
        port: int,
        *asked: Asked,
        at_once: bool = False,
        path: str | None = None,
        **options: Any,
    ) -> list[Any]:
        from protogen_fsm.runtime import tx

        where: Any = f"unix:{path}" if path else f"tcp:{HERE}:{port}"
        if "ssl" in options:
            from twisted.internet.endpoints import TCP4ClientEndpoint, wrapClientTLS

            tcp = TCP4ClientEndpoint(self.reactor, HERE, port)
            where = wrapClientTLS(options.pop("ssl"), tcp)
        return self.ask_of(partial(tx.connect, machine, where, **options), asked, at_once)

    def ask_by_datagrams(
        self, machine: Make, port: int, *asked: Asked, follow: bool = False
    ) -> list[Any]:
        from protogen_fsm.runtime import tx

        connect = partial(tx.connect_datagrams, machine, HERE, port, follow=follow)
        return self.ask_of(connect, asked, at_once=False)

    def ask_of(self, connect: Make, asked: tuple[Asked, ...], at_once: bool) -> list[Any]:
        from twisted.internet.defer import Deferred

        from protogen_fsm.runtime import tx

        async def ask() -> list[Any]:
            one = await connect()
            try:
                return await answers(one, asked, at_once)
            finally:
                if not one.wire.lost:
                    gone = tx.closed(one)
                    one.close()
                    await gone

        answered: list[Any] = self.do(lambda: Deferred.fromCoroutine(ask()))
        return answered

    def certified(self, certificate: Certificate) -> Any:
        from twisted.internet.ssl import PrivateCertificate

        return PrivateCertificate.loadPEM(certificate.pem).options()

    def trusting(self, certificate: Certificate) -> Any:
        from twisted.internet.ssl import Certificate as Trusted
        from twisted.internet.ssl import optionsForClientTLS

        return optionsForClientTLS(HERE, Trusted.loadPEM(certificate.root))

    def wait(self, seconds: float, machine: Any, answer: Any = None) -> Any:
        from twisted.internet.task import deferLater

        return deferLater(self.reactor, seconds, lambda: answer)

    def at(self, gate: Gate, machine: Any) -> Any:
        from twisted.internet.defer import CancelledError
        from twisted.internet.task import deferLater

        return gate.wait(lambda seconds: deferLater(self.reactor, seconds), CancelledError)


class OnAnyio(Runtime):
    """anyio's portal is a loop in a thread, for both of its backends."""

    backend = "asyncio"

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"anyio on {self.backend}"

    @property
    def adapter(self) -> Any:
        from protogen_fsm.runtime import on_anyio

        return on_anyio

    def port_of(self, listening: Any) -> int:
        import anyio.abc

        port: int = listening.extra(anyio.abc.SocketAttribute.local_port)
        return port

    @contextmanager
    def running(self) -> Iterator[None]:
        pytest.importorskip("anyio", reason="anyio is not installed")
        if self.backend == "trio":
            pytest.importorskip("trio", reason="trio is not installed")
        from anyio.from_thread import start_blocking_portal

        with start_blocking_portal(self.backend) as self.portal:
            yield

    @contextmanager
    def serving(
        self, machine: Make, path: str | None = None, grace: float = 0.0, **options: Any
    ) -> Iterator[int]:
        where = (HERE, 0) if path is None else ()
        serve = self.adapter.serve(machine, *where, path=path, grace=grace, **options)
        with self.portal.wrap_async_context_manager(serve) as listening:
            yield 0 if path else self.port_of(listening)

    @contextmanager
    def hearing(self, machine: Make, grace: float = 0.0, **options: Any) -> Iterator[int]:
        serve = self.adapter.serve_datagrams(machine, HERE, 0, grace=grace, **options)
        with self.portal.wrap_async_context_manager(serve) as listening:
            yield listening.getsockname()[1]

    def ask(
        self,
        machine: Make,
        port: int,
        *asked: Asked,
        at_once: bool = False,
        path: str | None = None,
        **options: Any,
    ) -> list[Any]:
        where = (HERE, port) if path is None else ()
        connect = partial(self.adapter.connect, machine, *where, path=path, **options)
        return self.ask_of(connect, asked, at_once)

    def ask_by_datagrams(
        self, machine: Make, port: int, *asked: Asked, follow: bool = False
    ) -> list[Any]:
        connect = partial(self.adapter.connect_datagrams, machine, HERE, port, follow=follow)
        return self.ask_of(connect, asked, at_once=False)

    def ask_of(self, connect: Make, asked: tuple[Asked, ...], at_once: bool) -> list[Any]:
        async def ask() -> list[Any]:
            async with connect() as one:
                return await answers(one, asked, at_once)

        answered: list[Any] = self.portal.call(ask)
        return answered

    async def wait(self, seconds: float, machine: Any, answer: Any = None) -> Any:
        import anyio

        await anyio.sleep(seconds)
        return answer

    def at(self, gate: Gate, machine: Any) -> Any:
        import anyio

        return gate.wait(anyio.sleep, anyio.get_cancelled_exc_class())


class OnAnyioOnTrio(OnAnyio):
    backend = "trio"


class OnTrio(OnAnyioOnTrio):
    """trio itself; only the thread that it runs in is anyio's."""

    name = "trio"  # type: ignore[assignment]

    @property
    def adapter(self) -> Any:
        from protogen_fsm.runtime import on_trio

        return on_trio

    def port_of(self, listening: Any) -> int:
        port: int = listening[0].socket.getsockname()[1]
        return port

    async def wait(self, seconds: float, machine: Any, answer: Any = None) -> Any:
        import trio

        await trio.sleep(seconds)
        return answer

    def at(self, gate: Gate, machine: Any) -> Any:
        import trio

        return gate.wait(trio.sleep, trio.Cancelled)


class OnThreads(Runtime):
    """Plain sockets, a thread for each connection: handlers block."""

    name = "threads"
    cancels = False
    blocks = True

    @contextmanager
    def serving(
        self, machine: Make, path: str | None = None, grace: float = 0.0, **options: Any
    ) -> Iterator[int]:
        where = (HERE, 0) if path is None else ()
        with sockets.serve(machine, *where, path=path, grace=grace, **options) as server:
            yield 0 if path else server.address[1]

    @contextmanager
    def hearing(self, machine: Make, grace: float = 0.0, **options: Any) -> Iterator[int]:
        with sockets.serve_datagrams(machine, HERE, 0, grace=grace, **options) as server:
            yield server.address[1]

    def ask(
        self,
        machine: Make,
        port: int,
        *asked: Asked,
        at_once: bool = False,
        path: str | None = None,
        **options: Any,
    ) -> list[Any]:
        where = (HERE, port) if path is None else ()
        connect = partial(sockets.connect, machine, *where, path=path, timeout=LIMIT, **options)
        return self.ask_of(connect, asked, at_once)

    def ask_by_datagrams(
        self, machine: Make, port: int, *asked: Asked, follow: bool = False
    ) -> list[Any]:
        connect = partial(
            sockets.connect_datagrams, machine, HERE, port, follow=follow, timeout=LIMIT
        )
        return self.ask_of(connect, asked, at_once=False)

    def ask_of(self, connect: Make, asked: tuple[Asked, ...], at_once: bool) -> list[Any]:
        with connect() as one:
            if at_once:
                calls = [getattr(one.machine, name)(*args) for name, *args in asked]
                return [one.wait(call) for call in calls]
            return [getattr(one, name)(*args) for name, *args in asked]

    def wait(self, seconds: float, machine: Any, answer: Any = None) -> Any:
        time.sleep(seconds)
        return answer

    def at(self, gate: Gate, machine: Any) -> Any:
        return gate.block()


class OnSelectors(OnThreads):
    """Plain sockets, all connections in one thread: what blocks has a thread of its own."""

    name = "selectors"
    blocks = False

    @contextmanager
    def serving(
        self, machine: Make, path: str | None = None, grace: float = 0.0, **options: Any
    ) -> Iterator[int]:
        where = (HERE, 0) if path is None else ()
        loop = sockets.Loop()
        door = loop.serve(machine, *where, path=path, **options)
        with self.run_in_a_thread(loop, grace):
            yield 0 if path else door.address[1]

    @contextmanager
    def hearing(self, machine: Make, grace: float = 0.0, **options: Any) -> Iterator[int]:
        loop = sockets.Loop()
        door = loop.serve_datagrams(machine, HERE, 0, **options)
        with self.run_in_a_thread(loop, grace):
            yield door.address[1]

    @contextmanager
    def run_in_a_thread(self, loop: sockets.Loop, grace: float) -> Iterator[None]:
        def run() -> None:
            loop.run()
            loop.shut_down(grace)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            loop.stop()
            thread.join()

    def wait(self, seconds: float, machine: Any, answer: Any = None) -> Any:
        return in_thread(lambda machine: super(OnSelectors, self).wait(seconds, machine, answer))(
            machine
        )

    def at(self, gate: Gate, machine: Any) -> Any:
        return in_thread(lambda machine: gate.block())(machine)


RUNTIMES = [
    OnAsyncio,
    OnUvloop,
    OnTwisted,
    OnTrio,
    OnAnyio,
    OnAnyioOnTrio,
    OnThreads,
    OnSelectors,
]
