"""What every generated machine is: a state, one step at a time, and a neighbour on either side.

The order of things within a step is that of docs/language.md, section 5.
"""

from __future__ import annotations

from .calls import Calling, Unsolicited
from .errors import LocalProtocolError, ProtocolError, RemoteProtocolError
from .parts import queue
from .timers import Timed
from .values import attributes
from .wire import NEVER, Event, Face, Neighbour, Recorder, Wire
from .wiring import moves_of, wire_handlers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from .wiring import Row

CHAIN_LIMIT = 1000  # docs/language.md, section 5: a longer chain of steps is an error that names it
DEFER_LIMIT = 1000


class Machine(Timed, Calling):
    """A machine of a stack: `below` and `above` are its neighbours, `wire` the outside of them all.

    Events are methods, of the machine's own names; what a handler may return is what the spec
    names. An object of a generated class is also its connection: the sans-I/O face is here.
    """

    __slots__ = ()

    _paths: dict[str, tuple[str, ...]] = {}  # innermost state: itself, then those around it
    _alphabet: dict[str, str] = {}  # event: the face it crosses, "below" or "above", or ""
    _rows: tuple[Row, ...] = ()
    _by: dict[str, int] = {}  # event named by a field: which of its parameters
    _movers: dict[tuple[str, str], tuple[str, str]] = {}  # handlers of rows that only move
    _otherwise = "error"
    _outside: type[Wire] = Wire  # what the lowest machine of a stack stands on
    _takes_failed: frozenset[str] = frozenset()
    _regions: tuple[str, ...] = ()  # attributes that hold where each region is, "" for nowhere
    _finals: frozenset[str] = frozenset()  # of a machine that others hold many of
    _begins = ""  # its first state, where a machine above it says `starttls`

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "_rows" not in vars(cls):
            wire_handlers(cls)
        for names, values in (("_variables", "_values"), ("_lists", "_grown")):
            if names in vars(cls):
                setattr(cls, values, staticmethod(attributes(getattr(cls, names))))

    def __init__(self, below: Machine | None = None) -> None:
        self._draining = self._busy = False
        self._effects = self._raised = self._saved = self._failing = None
        self._waiting = self._deferred = self._pending = self._calls = self._timers = None
        self._due = NEVER
        # Not in a `__getattr__` when needed: on a class that has one, every look-up is slow.
        self.above = Recorder()
        if below is None:
            self.wire = self.below = self._outside(self)
        else:
            self.below = below
            self.wire = below.wire
            told, below.above = below.above, self
            if isinstance(told, Recorder):
                for event in told:  # by the entry of its first state; taken once this one is made
                    self._later(getattr(self, event.name), *event.args)

    def __repr__(self) -> str:
        regions = [f"{region} {getattr(self, region)}" for region in self._regions]
        active = [one for one in regions if not one.endswith(" ")]
        where = f"{self.state} ({', '.join(active)})" if active else self.state
        return f"<{self._role} in {where}>"

    def __getstate__(self) -> Any:
        from .pickling import state_of

        return state_of(self)

    def __setstate__(self, state: Any) -> None:
        from .pickling import put_back

        put_back(self, state)

    # ------------------------------------------------------------ the sans-I/O face

    def receive_open(self) -> None:
        """Takes the news that the connection is there."""
        self.wire.bottom.open()

    def receive_data(self, data: bytes) -> None:
        """Takes bytes that came from the peer; over datagrams, one of them.

        Raises RemoteProtocolError for what is not allowed and the spec does not answer.
        """
        self.wire.bottom._receive(data)

    def receive_eof(self) -> None:
        """Takes the news that the peer will send nothing more."""
        self.wire.bottom._receive_eof()

    def receive_lost(self, reason: str = "") -> None:
        """Takes the news that the connection is gone: handlers and calls that wait are given up."""
        self.wire.lost = True
        if self.wire.handshake is not None:
            self.wire.handshake.give_up()
        self.wire.bottom.lost(reason)

    def receive_secured(self) -> None:
        """Takes the news that the handshake of `starttls` is done: what comes now is secured."""
        if self.wire.handshake is None:
            raise LocalProtocolError("no handshake is due", self._role, self.state, "starttls")
        self.wire.handshake.done()

    def data_to_send(self) -> bytes:
        """The bytes that are to be sent now; they count as sent."""
        return self.wire.take()

    def datagrams_to_send(self) -> list[bytes]:
        """The datagrams that are to be sent now, in order; they count as sent."""
        return self.wire.take_each()

    def events(self) -> Iterator[Event]:
        """What was emitted and no one above has taken, in order; it counts as taken."""
        above = self.above
        if isinstance(above, Face):
            above = above._outermost()
        return iter(above if isinstance(above, Recorder) else ())

    def events_to_send(self) -> Iterator[Event]:
        """What a machine over nothing sends, in order; it counts as sent.

        Nothing once something of yours stands `below`, nor over bytes: see `data_to_send`.
        """
        beneath = next(self.wire.stack()).below
        return iter(beneath if isinstance(beneath, Recorder) else ())

    def deadline(self) -> float | None:
        """When `advance` must be called, on the clock of `advance`; None for never."""
        due = self.wire.deadline()
        return None if due == NEVER else due

    def advance(self, now: float) -> None:
        """Tells the time, in seconds of any clock that never goes back; what is due happens.

        The first time that is told is when the clock begins: what is waited for is as far off then
        as it was before, whatever that clock shows.
        """
        wire = self.wire
        if wire.told is None:
            wire.put_off(now)
        wire.told = now
        for machine in wire.stack():
            while machine._next_due() <= now and not machine._is_stepping():
                machine._expire(now)
        next(wire.stack())._read_on()

    def close(self) -> None:
        """Ends the connection once what was sent has left."""
        self.below.close()

    # ------------------------------------------------------------ events that need no declaration

    def open(self) -> None:
        """The connection is there."""
        if isinstance(self.above, Neighbour):
            self.above.open()

    def eof(self) -> None:
        """The peer will send nothing more."""
        if isinstance(self.above, Neighbour):
            self.above.eof()
        else:
            self.close()

    def lost(self, reason: str = "") -> None:
        """The connection is gone."""
        self._cancel()
        if isinstance(self.above, Neighbour):
            self.above.lost(reason)
        self._due, self._timers = NEVER, None
        self._abandon(reason or "the connection was lost")

    def secured(self) -> None:
        """What comes is secured from here on."""
        if isinstance(self.above, Neighbour):
            self.above.secured()

    def malformed(self, data: bytes, reason: str) -> None:
        """What came fits no message, or no frame."""
        if self._busy:
            self._later(self.malformed, data, reason)
        else:
            self.unexpected("malformed", data, reason)

    # ------------------------------------------------------------ what a subclass may override

    def unexpected(self, event: str, *args: object) -> None:
        """No transition takes the event here: does what the spec's `otherwise` says.

        Raises LocalProtocolError for what came from above, RemoteProtocolError for the rest.
        """
        if self._otherwise == "ignore":
            return None
        if self._otherwise == "close":
            return self.close()
        problem = f"{event} is not expected"
        if event == "malformed":
            problem = f"malformed ({args[1]}): {args[0]!r:.80}"
        elif event == "unsolicited":
            problem = f"a reply came that nothing asked for ({args[0]})"
        kind = LocalProtocolError if self._face(event) == "above" else RemoteProtocolError
        raise kind(problem, self._role, self.state, event, self._allowed())

    def handler_failed(self, error: Exception) -> None:
        """A handler, a predicate or an action raised; its step has been undone. Raises it again."""
        raise error

    # ------------------------------------------------------------ steps

    def _refuse(self, event: str, *args: object) -> None:
        """No transition takes the event: nothing of its step has happened."""
        self._busy = False
        self._pass_on(event, *args)

    def _pass_on(self, event: str, *args: object) -> None:
        """What needs no declaration does what it does everywhere; the rest is unexpected."""
        if event in ("open", "eof", "lost", "secured"):
            getattr(Machine, event)(self, *args)
        elif event == "failed" and self._failing is not None:
            self.handler_failed(self._failing)
        else:
            self.unexpected(event, *args)

    def _finish(self) -> None:
        """A handler that took time has been settled; there is more to do in chained.py."""

    def _is_stepping(self) -> bool:
        """Whether a step is being taken right now; not: whether one waits for its handler."""
        return self._busy and self._pending is None

    def _move(self, moves: dict[str, str], event: str, *args: object) -> None:
        """Takes a row that does nothing but move: `moves` says where each state leads."""
        to = moves.get(self.state)
        if to is None:
            return self._refuse(event, *args)
        handler = self._movers.get((self.state, event))
        answer = None
        if handler is not None:
            name, kind = handler
            answer = getattr(self, name)(*((event, *args) if kind == "default" else args))
        return self._moved(answer, to)

    def _moved(self, answer: object, to: str) -> None:
        if answer is not None:
            return self._wait(answer, self._moved, to)
        self.state = to
        self._busy = False
        return None

    def _later(self, event: Callable[..., object], *args: object) -> None:
        if self._waiting is None:
            self._waiting = queue()
        self._waiting.append((event, args))

    def _next(self) -> None:
        if self._draining:
            return
        self._draining = True
        first: Exception | None = None
        try:
            while self._waiting and not self._busy:
                event, args = self._waiting.popleft()
                try:
                    event(*args)
                except Exception as error:
                    refused = isinstance(error, LocalProtocolError) and self._refused(event, error)
                    first = first if refused else first or error
        finally:
            self._draining = False
            if not self._waiting:
                self._waiting = None
        if first is not None:
            raise first

    def _defer(self, event: Callable[..., object], *args: object) -> None:
        if self._deferred is None:
            self._deferred = []
        if len(self._deferred) >= DEFER_LIMIT:
            name = event.__name__.removeprefix("_on_")
            ours = self._face(name) == "above"
            kind = LocalProtocolError if ours else RemoteProtocolError
            raise kind(f"more than {DEFER_LIMIT} events are deferred", self._role, self.state, name)
        self._deferred.append((event, args))

    def _recall(self) -> None:
        """What was deferred goes before what waits, now that the state has changed."""
        if self._deferred:
            self._waiting = queue([*self._deferred, *(self._waiting or ())])
            self._deferred = None

    def _failed(self, error: Exception) -> None:
        """Ends a step that raised: it is undone, and answered if the spec says how."""
        undone, self._busy = self._busy, False
        if isinstance(error, UnicodeEncodeError):  # a text that no message can carry
            error = LocalProtocolError(f"no UTF-8: {error}", self._role, self.state)
        if isinstance(error, ProtocolError) and not undone:
            raise error
        if isinstance(error, Unsolicited):
            return self.unsolicited(error.answer)
        if self.state not in self._takes_failed or self._failing is not None:
            return self.handler_failed(error)
        import logging

        logging.getLogger("protogen").error(
            "%s in %s: a handler failed", self._role, self.state, exc_info=error
        )
        self._failing = error
        try:
            self.failed(f"{type(error).__name__}: {error}")
        finally:
            if self._pending is None:
                self._failing = None
        return None

    def unsolicited(self, answer: str) -> None:
        """A reply came that no call waits for; its step has been undone."""
        self.unexpected("unsolicited", answer)

    def failed(self, reason: str) -> None:
        """A handler raised; generated where the spec says what is done then."""

    def _end(self) -> None:
        """A final state was entered: the top machine ends the connection."""
        self._due = NEVER
        self._timers = self._waiting = self._deferred = None
        if self._upper() is None:
            self.close()
        self._abandon(f"{self._role} reached {self.state}")

    def _receive(self, data: bytes) -> None:
        raise TypeError(f"{self._role} stands on no stream: it takes no bytes")

    def _receive_eof(self) -> None:
        self.eof()

    def _is_idle(self) -> bool:
        """Whether nothing that came is left over in it."""
        return not self._waiting and not self._deferred

    def _is_begun(self) -> bool:
        """Whether a part of something has come whose rest the peer has yet to send."""
        return False

    def _forget(self) -> None:
        """TLS begins: what is `scope layer` is as it was at first; generated where there is any."""

    def _check_empty(self) -> None:
        """Raises RemoteProtocolError if bytes have come before TLS; see stream.py."""

    def _read_on(self) -> None:
        """The state may have changed without a byte: what is left over may mean something now."""

    # ------------------------------------------------------------ the stack

    def pause(self) -> None:
        """What is above is busy: nothing more is extracted until `resume`."""
        self.below.pause()

    def resume(self) -> None:
        """What is above is ready again."""
        self.below.resume()

    def _everyone(self) -> Iterable[Machine]:
        """Itself, and the instances that it holds."""
        return (self,)

    def _upper(self) -> Machine | None:
        above = self.above
        if isinstance(above, Face):
            return above._machine
        return above if isinstance(above, Machine) else None

    def _face(self, event: str) -> str:
        return self._alphabet.get(event, "")

    def _allowed(self) -> tuple[str, ...]:
        active = (self.state, *(getattr(self, region) for region in self._regions))
        path = {state for one in active for state in self._paths.get(one, ())}
        rows = [row for row in self._rows if row.state in path and self._alphabet.get(row.event)]
        names = [row.value or row.event for row in rows]
        names += [event for event, moves in moves_of(type(self)) if self.state in moves]
        return tuple(dict.fromkeys(names))

    # ------------------------------------------------------------ what a failure puts back

    _variables: tuple[str, ...] = ()
    _values: Any = staticmethod(lambda machine: ())  # what they are, in order
    _lists: tuple[str, ...] = ()  # those that are added to in place
    _grown: Any = staticmethod(lambda machine: ())

    def _save(self) -> None:
        """Keeps what a step may change, and how long the lists are that only grow in one."""
        lists: list[tuple[list[Any], int]] = []
        if self._lists:
            lists = [(one, len(one)) for one in self._grown(self) if type(one) is list]
        self._saved = (self.state, self._due, self._timers, self._values(self), lists)

    def _undo(self) -> None:
        """Puts back what the step has changed; lists have only grown."""
        assert self._saved is not None
        state, self._due, self._timers, values, lists = self._saved[:5]
        self._return_to(state)
        for grown, length in lists:
            del grown[length:]
        for name, value in zip(self._variables, values, strict=True):
            if name in self._regions:
                self._return_to(value, name)
            else:
                setattr(self, name, value)
        self._effects = self._raised = self._saved = None

    def _being_read(self) -> Any:
        """What a machine over bytes reads, to be read again later."""

    def _read_again(self, reading: Any) -> None:
        """Reads on as before a `push`."""

    def _return_to(self, state: str, place: str = "state") -> None:
        """Sets where the machine, or a region of it, is; nothing is left or entered."""
        setattr(self, place, state)

    def _reenter(self, outer: str, state: str, place: str = "state") -> None:
        """Leaves `outer` and enters it again; hooks tell that from any other move."""
        setattr(self, place, state)
