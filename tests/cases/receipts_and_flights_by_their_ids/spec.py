"""Words that arrive once, in either direction, and are known by a number.

Made by protogen from spec.proto; build it again to change it.
"""

from __future__ import annotations

from protogen_fsm.runtime.core import (
    NEVER,
    Block,
    Call,
    Chained,
    Host,
    Instance,
    Instances,
    Line,
    OneOf,
    Outcome,
    Pattern,
    Pieces,
    Place,
    Row,
    StreamMachine,
    TakePieces,
    between,
    reading,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable


class Accept(Outcome):
    """The outcome `accept`. spec.proto:16"""

    __slots__ = ()


class Drop(Outcome):
    """The outcome `drop`. spec.proto:17"""

    __slots__ = ()


_ACK = Pattern(
    "ACK", b"ACK ([0-9]{1,3})", lambda id: (between(id, 1, 999),), begins=b"ACK "
)
_PUT = Pattern(
    "PUT",
    rb"PUT ([0-9]{1,3}) ([^\r\n]*)",
    lambda id, text: (between(id, 1, 999), text.decode()),
    begins=b"PUT ",
)
_FREE = Pattern(
    "FREE", b"FREE ([0-9]{1,3})", lambda id: (between(id, 1, 999),), begins=b"FREE "
)
_Side_receives = OneOf(_PUT, _ACK, _FREE)


def encode_ACK(id: int) -> bytes:
    """The message ACK. spec.proto:6"""
    frame = b"ACK %d" % id
    if type(id) is int and 1 <= id <= 999:
        return frame
    return _ACK.printed(frame, id)


def encode_PUT(id: int, text: str) -> bytes:
    """The message PUT. spec.proto:5"""
    frame = b"PUT %d %b" % (id, text.encode())
    if (
        type(id) is int
        and 1 <= id <= 999
        and type(text) is str
        and "\r" not in text
        and "\n" not in text
    ):
        return frame
    return _PUT.printed(frame, id, text)


def encode_FREE(id: int) -> bytes:
    """The message FREE. spec.proto:7"""
    frame = b"FREE %d" % id
    if type(id) is int and 1 <= id <= 999:
        return frame
    return _FREE.printed(frame, id)


class Receipt(Instance):
    """What has come, until the other side forgets it.

    spec.proto:9
    """

    __slots__ = ("id", "patience")

    _role = "Receipt"
    _paths = {"NEW": ("NEW",), "KEPT": ("KEPT",), "GONE": ("GONE",)}
    _alphabet = {
        "PUT": "below",
        "FREE": "below",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
        "timeout": "",
    }
    _rows = (
        Row("do_NEW_PUT", "NEW", "PUT"),
        Row("do_KEPT_PUT", "KEPT", "PUT"),
        Row("do_KEPT_FREE", "KEPT", "FREE"),
        Row("do_KEPT_timeout", "KEPT", "timeout"),
    )
    _finals = frozenset({"GONE"})

    def __init__(self, id: int, patience: float, *, below: Place | None = None) -> None:
        super().__init__(below)
        self.id = id
        self.patience = patience
        self.state = "NEW"

    def PUT(self, id: int, text: str) -> None:
        """`PUT` from below."""
        if self._busy:
            return self._later(self.PUT, id, text)
        self._busy = True
        try:
            if self.state == "NEW":
                self._NEW_PUT(self.do_NEW_PUT(id, text), id, text)
            elif self.state == "KEPT":
                self._KEPT_PUT(self.do_KEPT_PUT(id, text), id, text)
            else:
                self._refuse("PUT", id, text)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def FREE(self, id: int) -> None:
        """`FREE` from below."""
        if self._busy:
            return self._later(self.FREE, id)
        self._busy = True
        try:
            if self.state == "KEPT":
                self._KEPT_FREE(self.do_KEPT_FREE(id), id)
            else:
                self._refuse("FREE", id)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timeout(self) -> None:
        """The state's own time-out."""
        self._busy = True
        try:
            if self.state == "KEPT":
                self._KEPT_timeout(self.do_KEPT_timeout())
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _NEW_PUT(self, answer: object, id: int, text: str) -> None:
        """spec.proto:15"""
        if answer is None or type(answer) is Accept:
            frame = encode_ACK(id)
            self.state = "KEPT"
            self._due = self.wire.due(self.patience)
            self._busy = False
            self.below.octets(frame)
            told = self.emit_got(id, text)
            if told is not None:
                self._hold(told)
        elif type(answer) is Drop:
            self.state = "GONE"
            self._due = NEVER
            self._busy = False
            self._end()
        else:
            self._wait(answer, self._NEW_PUT, id, text)

    def _KEPT_PUT(self, answer: object, id: int, text: str) -> None:
        """spec.proto:20"""
        if answer is not None:
            return self._wait(answer, self._KEPT_PUT, id, text)
        frame = encode_ACK(self.id)
        self._busy = False
        self.below.octets(frame)

    def _KEPT_FREE(self, answer: object, id: int) -> None:
        """spec.proto:21"""
        if answer is not None:
            return self._wait(answer, self._KEPT_FREE, id)
        self.state = "GONE"
        self._due = NEVER
        self._busy = False
        self._end()

    def _KEPT_timeout(self, answer: object) -> None:
        """spec.proto:22"""
        if answer is not None:
            return self._wait(answer, self._KEPT_timeout)
        self.state = "GONE"
        self._due = NEVER
        self._tell((self.emit_given_up, self.id), (self._end,))

    def do_NEW_PUT(
        self, id: int, text: str
    ) -> Awaitable[Accept | Drop | None] | Accept | Drop | None:
        """PUT in NEW: answer Accept or Drop; None is Accept. spec.proto:15"""
        return None

    def do_KEPT_PUT(self, id: int, text: str) -> Awaitable[None] | None:
        """PUT in KEPT. spec.proto:20"""
        return None

    def do_KEPT_FREE(self, id: int) -> Awaitable[None] | None:
        """FREE in KEPT. spec.proto:21"""
        return None

    def do_KEPT_timeout(self) -> Awaitable[None] | None:
        """The time-out in KEPT. spec.proto:22"""
        return None

    def emit_got(self, id: int, text: str) -> object:
        """Tells what is above of `got`. May return an awaitable. spec.proto:12"""
        return self.above.got(id, text)

    def emit_given_up(self, id: int) -> object:
        """Tells what is above of `given_up`. May return an awaitable. spec.proto:12"""
        return self.above.given_up(id)


class Flight(Instance):
    """What was sent, until it has arrived.

    spec.proto:27
    """

    __slots__ = ("id", "retry", "text")

    _role = "Flight"
    _paths = {"SENT": ("SENT",), "GONE": ("GONE",)}
    _alphabet = {
        "ACK": "below",
        "again": "",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
    }
    _rows = (
        Row("do_SENT_ACK", "SENT", "ACK"),
        Row("do_SENT_again", "SENT", "again"),
        Row("do_SENT_lost", "SENT", "lost"),
    )
    _finals = frozenset({"GONE"})

    def __init__(
        self, id: int, text: str, retry: float, *, below: Place | None = None
    ) -> None:
        super().__init__(below)
        self.id = id
        self.text = text
        self.retry = retry
        self.state = "SENT"
        frame = encode_PUT(self.id, self.text)
        self._start("again", self.retry)
        self._busy = False
        self.below.octets(frame)

    def ACK(self, id: int) -> None:
        """`ACK` from below."""
        if self._busy:
            return self._later(self.ACK, id)
        self._busy = True
        try:
            if self.state == "SENT":
                self._SENT_ACK(self.do_SENT_ACK(id), id)
            else:
                self._refuse("ACK", id)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timer_again(self) -> None:
        """`again` ran out."""
        if self._busy:
            return self._later(self._timer_again)
        self._busy = True
        try:
            if self.state == "SENT":
                self._SENT_again(self.do_SENT_again())
            else:
                self._refuse("again")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def lost(self, reason: str = "") -> None:
        """The connection is gone."""
        self._cancel()
        self._busy = True
        try:
            if self.state == "SENT":
                self._SENT_lost(self.do_SENT_lost(reason), reason)
            else:
                self._refuse("lost", reason)
        except Exception as error:
            self._failed(error)
        finally:
            self._abandon(reason)
            if self._waiting is not None:
                self._next()

    def _SENT_ACK(self, answer: object, id: int) -> None:
        """spec.proto:37"""
        if answer is not None:
            return self._wait(answer, self._SENT_ACK, id)
        frame = encode_FREE(self.id)
        self._stop("again")
        self.state = "GONE"
        self._tell(
            (self.below.octets, frame), (self.emit_arrived, self.id), (self._end,)
        )

    def _SENT_again(self, answer: object) -> None:
        """spec.proto:36"""
        if answer is not None:
            return self._wait(answer, self._SENT_again)
        frame = encode_PUT(self.id, self.text)
        self._stop("again")
        self.state = "SENT"
        self._start("again", self.retry)
        self._busy = False
        self.below.octets(frame)

    def _SENT_lost(self, answer: object, reason: str) -> None:
        """spec.proto:38"""
        if answer is not None:
            return self._wait(answer, self._SENT_lost, reason)
        self._stop("again")
        self.state = "GONE"
        self._tell((self.emit_left_over, self.text), (self._end,))

    def do_SENT_ACK(self, id: int) -> Awaitable[None] | None:
        """ACK in SENT. spec.proto:37"""
        return None

    def do_SENT_again(self) -> Awaitable[None] | None:
        """again in SENT. spec.proto:36"""
        return None

    def do_SENT_lost(self, reason: str) -> Awaitable[None] | None:
        """lost in SENT. spec.proto:38"""
        return None

    def emit_arrived(self, id: int) -> object:
        """Tells what is above of `arrived`. May return an awaitable. spec.proto:30"""
        return self.above.arrived(id)

    def emit_left_over(self, text: str) -> object:
        """Tells what is above of `left_over`. May return an awaitable. spec.proto:30"""
        return self.above.left_over(text)


class Lines(StreamMachine):
    """Cuts a stream into lines, and reads a block or so many bytes where it is asked
    to.

    lines.proto:3
    """

    __slots__ = (
        "_BLOCK_delimiter",
        "_BLOCK_limit",
        "_BYTES_count",
        "_PIECES_delimiter",
        "_PIECES_limit",
        "either",
        "end",
        "max",
    )

    _role = "Lines"
    _paths = {
        "LINE": ("LINE", "OPEN"),
        "BLOCK": ("BLOCK", "OPEN"),
        "PIECES": ("PIECES", "PIECEWISE", "OPEN"),
        "BYTES": ("BYTES", "PIECEWISE", "OPEN"),
    }
    _alphabet = {
        "data": "below",
        "line": "above",
        "block": "above",
        "pieces": "above",
        "take": "above",
        "octets": "above",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
    }
    _rows = ()
    _straight = {"LINE": "line"}

    def __init__(
        self, end: bytes = b"\r\n", max: int = 1000, either: bool = False
    ) -> None:
        super().__init__()
        self.end = end
        self.max = max
        self.either = either
        self._BLOCK_delimiter: bytes = b""
        self._BLOCK_limit: int = 0
        self._PIECES_delimiter: bytes = b""
        self._PIECES_limit: int = 0
        self._BYTES_count: int = 0
        self.state = "LINE"
        self.read(reading(Line, self.end, self.max, self.either))

    def data(self, octets: bytes) -> None:
        """`data` from below."""
        if self._busy:
            return self._later(self.data, octets)
        if self.state == "LINE":
            told = self.above.line(octets)
            if told is not None:
                self._hold(told)
        elif self.state == "BLOCK":
            self.state = "LINE"
            self.read(reading(Line, self.end, self.max, self.either))
            told = self.above.block(octets)
            if told is not None:
                self._hold(told)
        elif self.state in ("PIECES", "BYTES"):
            if len(octets) > 0:
                told = self.above.piece(octets)
                if told is not None:
                    self._hold(told)
            else:
                self.state = "LINE"
                self.read(reading(Line, self.end, self.max, self.either))
                told = self.above.pieces_end()
                if told is not None:
                    self._hold(told)
        else:
            self._refuse("data", octets)

    def line(self, text: bytes) -> None:
        """`line` asked for from above."""
        if self._busy:
            return self._later(self.line, text)
        if b"\r" not in text and b"\n" not in text:
            self.below.octets(text + self.end)
        else:
            self._refuse("line", text)

    def block(self, delimiter: bytes, limit: int) -> None:
        """`block` asked for from above."""
        if self._busy:
            return self._later(self.block, delimiter, limit)
        if self.state == "LINE":
            self._BLOCK_delimiter = delimiter
            self._BLOCK_limit = limit
            self.state = "BLOCK"
            self.read(reading(Block, delimiter, limit))
        else:
            self._refuse("block", delimiter, limit)

    def pieces(self, delimiter: bytes, limit: int) -> None:
        """`pieces` asked for from above."""
        if self._busy:
            return self._later(self.pieces, delimiter, limit)
        if self.state == "LINE":
            self._PIECES_delimiter = delimiter
            self._PIECES_limit = limit
            self.state = "PIECES"
            self.read(reading(Pieces, delimiter, limit))
        else:
            self._refuse("pieces", delimiter, limit)

    def take(self, count: int) -> None:
        """`take` asked for from above."""
        if self._busy:
            return self._later(self.take, count)
        if self.state == "LINE":
            if count == 0:
                told = self.above.pieces_end()
                if told is not None:
                    self._hold(told)
            elif count > 0:
                self._BYTES_count = count
                self.state = "BYTES"
                self.read(reading(TakePieces, count))
            else:
                self._refuse("take", count)
        else:
            self._refuse("take", count)

    def octets(self, data: bytes) -> None:
        """`octets` asked for from above."""
        if self._busy:
            return self._later(self.octets, data)
        self.below.octets(data)

    def malformed(self, data: bytes, reason: str) -> None:
        """What came fits no message, or no frame."""
        if self._busy:
            return self._later(self.malformed, data, reason)
        if self.state == "LINE":
            told = self.above.malformed(data, reason)
            if told is not None:
                self._hold(told)
        elif self.state in ("BLOCK", "PIECES", "BYTES"):
            self.state = "LINE"
            self.read(reading(Line, self.end, self.max, self.either))
            told = self.above.malformed(data, reason)
            if told is not None:
                self._hold(told)
        else:
            self._refuse("malformed", data, reason)


class Side(Host, Chained):
    """The machine Side.

    spec.proto:44
    """

    __slots__ = ("flights", "given_up_on", "most", "next", "receipts", "_finishing")

    _role = "Side"
    _paths = {"OPEN": ("OPEN",), "CLOSED": ("CLOSED",)}
    _alphabet = {
        "PUT": "below",
        "ACK": "below",
        "FREE": "below",
        "put": "above",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
        "given_up": "below",
        "timeout": "",
    }
    _rows = (
        Row("do_OPEN_PUT", "OPEN", "PUT"),
        Row("do_OPEN_put", "OPEN", "put"),
        Row("do_OPEN_eof", "OPEN", "eof"),
        Row("do_OPEN_malformed", "OPEN", "malformed"),
        Row("do_OPEN_given_up", "OPEN", "given_up"),
        Row("do_OPEN_timeout", "OPEN", "timeout"),
    )
    _many = ("receipts", "flights")
    _variables = ("given_up_on", "next")

    def __init__(self, most: int = 100) -> None:
        super().__init__(Lines(end=b"\r\n", max=512, either=False))
        self.most = most
        self.next: int = 1
        self.given_up_on: int = 0
        self.receipts: Instances[int, Receipt] = Instances(
            self, "receipts", 20, "line", ("given_up",)
        )
        self.flights: Instances[int, Flight] = Instances(self, "flights", 65535, "line")
        self.state = "OPEN"
        self._due = self.wire.due(3600.0)

    def line(self, text: bytes) -> None:
        """A frame from below; as an event it is the message it decodes to."""
        if self._busy:
            return self._later(self.line, text)
        event, args = _Side_receives.event(text)
        getattr(self, event)(*args)

    def PUT(self, id: int, text: str) -> None:
        """`PUT` from below."""
        if self._busy:
            return self._later(self.PUT, id, text)
        instance = self.receipts.get(id)
        if instance is not None:
            return instance.PUT(id, text)
        self._busy = True
        try:
            if self.state == "OPEN":
                if id not in self.receipts:
                    self._OPEN_PUT(self.do_OPEN_PUT(id, text), id, text)
                else:
                    self._refuse("PUT", id, text)
            else:
                self._refuse("PUT", id, text)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def ACK(self, id: int) -> None:
        """`ACK` from below."""
        if self._busy:
            return self._later(self.ACK, id)
        instance = self.flights.get(id)
        if instance is not None:
            return instance.ACK(id)
        self._busy = True
        try:
            if self.state == "OPEN":
                self._busy = False
            else:
                self._refuse("ACK", id)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def FREE(self, id: int) -> None:
        """`FREE` from below."""
        if self._busy:
            return self._later(self.FREE, id)
        instance = self.receipts.get(id)
        if instance is not None:
            return instance.FREE(id)
        self._busy = True
        try:
            if self.state == "OPEN":
                self._busy = False
            else:
                self._refuse("FREE", id)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def put(self, text: str) -> Call[int]:
        """`put` asked for from above. Answered by `arrived`."""
        call = self._call("put", ("arrived",))
        try:
            self._on_put(text)
        except BaseException:
            self._drop(call)
            raise
        finally:
            if self._waiting is not None:
                self._next()
        return call

    def _on_put(self, text: str) -> None:
        """The step of `put`."""
        if self._busy:
            return self._later(self._on_put, text)
        self._begin()
        try:
            self._take_put(text)
            self._finish()
        except Exception as error:
            self._failed(error)

    def _take_put(self, text: str) -> None:
        """`put`, within a step."""
        if self.state == "OPEN":
            if self.next in self.flights:
                self._OPEN_put(self.do_OPEN_put(text), text)
            elif len(self.flights) < self.most:
                self._OPEN_put_2(self.do_OPEN_put(text), text)
            else:
                self._refuse("put", text)
        else:
            self._refuse("put", text)

    def eof(self) -> None:
        """The peer will send nothing more."""
        if self._busy:
            return self._later(self.eof)
        self._busy = True
        try:
            if self.state == "OPEN":
                self._OPEN_eof(self.do_OPEN_eof())
            else:
                self._refuse("eof")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def malformed(self, data: bytes, reason: str) -> None:
        """What came fits no message, or no frame."""
        if self._busy:
            return self._later(self.malformed, data, reason)
        self._busy = True
        try:
            if self.state == "OPEN":
                self._OPEN_malformed(self.do_OPEN_malformed(data, reason), data, reason)
            else:
                self._refuse("malformed", data, reason)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def given_up(self, id: int) -> None:
        """`given_up` from below."""
        if self._busy:
            return self._later(self.given_up, id)
        self._busy = True
        try:
            if self.state == "OPEN":
                self._OPEN_given_up(self.do_OPEN_given_up(id), id)
            else:
                self._refuse("given_up", id)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timeout(self) -> None:
        """The state's own time-out."""
        self._busy = True
        try:
            if self.state == "OPEN":
                self._OPEN_timeout(self.do_OPEN_timeout())
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _OPEN_PUT(self, answer: object, id: int, text: str) -> None:
        """spec.proto:59"""
        if answer is not None:
            return self._wait(answer, self._OPEN_PUT, id, text)
        instance = self.receipts.start(id, self.make_receipts)
        self._busy = False
        self.receipts.begin(instance)
        instance.PUT(id, text)

    def _OPEN_put(self, answer: object, text: str) -> None:
        """spec.proto:57"""
        if answer is not None:
            return self._wait(answer, self._OPEN_put, text)
        self.next = self.next % 999 + 1
        self._raise(self._take_put, text)

    def _OPEN_put_2(self, answer: object, text: str) -> None:
        """spec.proto:58"""
        if answer is not None:
            return self._wait(answer, self._OPEN_put_2, text)
        instance = self.flights.start(self.next, self.make_flights, text, event="put")
        self._effect(self.flights.begin, instance)
        self.next = self.next % 999 + 1

    def _OPEN_eof(self, answer: object) -> None:
        """spec.proto:62"""
        if answer is not None:
            return self._wait(answer, self._OPEN_eof)
        self.state = "CLOSED"
        self._due = NEVER
        self._busy = False
        self._end()

    def _OPEN_malformed(self, answer: object, data: bytes, reason: str) -> None:
        """spec.proto:62"""
        if answer is not None:
            return self._wait(answer, self._OPEN_malformed, data, reason)
        self.state = "CLOSED"
        self._due = NEVER
        self._busy = False
        self._end()

    def _OPEN_given_up(self, answer: object, id: int) -> None:
        """spec.proto:60"""
        if answer is not None:
            return self._wait(answer, self._OPEN_given_up, id)
        self.given_up_on += 1
        self._busy = False

    def _OPEN_timeout(self, answer: object) -> None:
        """spec.proto:63"""
        if answer is not None:
            return self._wait(answer, self._OPEN_timeout)
        self.state = "CLOSED"
        self._due = NEVER
        self._busy = False
        self._end()

    def do_OPEN_PUT(self, id: int, text: str) -> Awaitable[None] | None:
        """PUT in OPEN. spec.proto:59"""
        return None

    def do_OPEN_put(self, text: str) -> Awaitable[None] | None:
        """put in OPEN. spec.proto:57, spec.proto:58"""
        return None

    def do_OPEN_eof(self) -> Awaitable[None] | None:
        """eof in OPEN. spec.proto:62"""
        return None

    def do_OPEN_malformed(self, data: bytes, reason: str) -> Awaitable[None] | None:
        """malformed in OPEN. spec.proto:62"""
        return None

    def do_OPEN_given_up(self, id: int) -> Awaitable[None] | None:
        """given_up in OPEN. spec.proto:60"""
        return None

    def do_OPEN_timeout(self) -> Awaitable[None] | None:
        """The time-out in OPEN. spec.proto:63"""
        return None

    def make_receipts(self, id: int, below: Place) -> Receipt:
        """Makes one of `receipts`; a subclass may make one of its own kind.
        spec.proto:53
        """
        return Receipt(id=id, patience=60, below=below)

    def make_flights(self, id: int, text: str, below: Place) -> Flight:
        """Makes one of `flights`; a subclass may make one of its own kind.
        spec.proto:54
        """
        return Flight(id=id, text=text, retry=5, below=below)

    def emit_got(self, id: int, text: str) -> object:
        """Tells what is above of `got`. May return an awaitable. spec.proto:48"""
        return self.above.got(id, text)

    def emit_arrived(self, id: int) -> object:
        """Tells what is above of `arrived`. May return an awaitable. spec.proto:48"""
        return self.above.arrived(id)

    def emit_left_over(self, text: str) -> object:
        """Tells what is above of `left_over`. May return an awaitable. spec.proto:48"""
        return self.above.left_over(text)
