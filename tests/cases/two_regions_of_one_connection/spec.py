"""HTTP.

Made by protogen from spec.proto; build it again to change it.
"""

from __future__ import annotations

from protogen_fsm.runtime.core import (
    NEVER,
    Block,
    Chained,
    Line,
    OneOf,
    Pattern,
    Pieces,
    Row,
    StreamMachine,
    TakePieces,
    between,
    reading,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable


_Status = Pattern(
    "Status",
    rb"HTTP/1\.1 ([0-9]{3}) ([^\r\n]*)",
    lambda code, reason: (between(code, 100, 599), reason.decode()),
    begins=b"HTTP/1.1 ",
)
_Request = Pattern(
    "Request",
    rb"([^ \r\n]*) ([^ \r\n]*) HTTP/1\.1",
    lambda method, target: (method.decode(), target.decode()),
)
_Header = Pattern(
    "Header",
    rb"([^:\r\n]*):([^\r\n]*)",
    lambda name, value: (name.decode(), value.decode()),
)
_Blank = Pattern("Blank", b"")
_Server_receives = OneOf(_Request, _Header, _Blank)


def encode_Status(code: int, reason: str) -> bytes:
    """The message Status. spec.proto:6"""
    frame = b"HTTP/1.1 %d %b" % (code, reason.encode())
    if (
        type(code) is int
        and 100 <= code <= 599
        and type(reason) is str
        and "\r" not in reason
        and "\n" not in reason
    ):
        return frame
    return _Status.printed(frame, code, reason)


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


class Server(Chained):
    """The machine Server.

    spec.proto:8
    """

    __slots__ = ("Ours", "Theirs", "_left", "_finishing")

    _role = "Server"
    _paths = {
        "CONNECTION": ("CONNECTION",),
        "CLOSED": ("CLOSED",),
        "IDLE": ("IDLE", "CONNECTION"),
        "HEADERS": ("HEADERS", "CONNECTION"),
        "SENT": ("SENT", "CONNECTION"),
        "WAITING": ("WAITING", "CONNECTION"),
        "ANSWERING": ("ANSWERING", "CONNECTION"),
        "BODY": ("BODY", "CONNECTION"),
        "DONE": ("DONE", "CONNECTION"),
    }
    _alphabet = {
        "Request": "below",
        "Header": "below",
        "Blank": "below",
        "respond": "above",
        "done": "above",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
        "asked": "",
        "next": "",
        "timeout": "",
    }
    _rows = (
        Row("do_IDLE_Request", "IDLE", "Request", "", "Theirs"),
        Row("do_HEADERS_Header", "HEADERS", "Header", "", "Theirs"),
        Row("do_HEADERS_Blank", "HEADERS", "Blank", "", "Theirs"),
        Row("do_ANSWERING_respond", "ANSWERING", "respond", "", "Ours"),
        Row("do_BODY_done", "BODY", "done", "", "Ours"),
        Row("_do_CONNECTION_eof", "CONNECTION", "eof"),
        Row("do_WAITING_asked", "WAITING", "asked", "", "Ours"),
        Row("do_DONE_asked", "DONE", "asked", "", "Ours"),
        Row("do_SENT_next", "SENT", "next", "", "Theirs"),
        Row("do_DONE_next", "DONE", "next", "", "Ours"),
        Row("_do_CONNECTION_timeout", "CONNECTION", "timeout"),
    )
    _regions = ("Theirs", "Ours")
    _variables = ("Ours", "Theirs")

    def __init__(self) -> None:
        super().__init__(Lines(end=b"\r\n", max=8000, either=False))
        self.Theirs = ""
        self.Ours = ""
        self._left = False
        self.state = "CONNECTION"
        self._due = self.wire.due(60.0)
        self.Theirs = "IDLE"
        self.Ours = "WAITING"

    def line(self, text: bytes) -> None:
        """A frame from below; as an event it is the message it decodes to."""
        if self._busy:
            return self._later(self.line, text)
        event, args = _Server_receives.event(text)
        getattr(self, event)(*args)

    def Request(self, method: str, target: str) -> None:
        """`Request` from below."""
        if self._busy:
            return self._later(self.Request, method, target)
        self._busy = True
        try:
            if self.Theirs == "IDLE":
                self._IDLE_Request(self.do_IDLE_Request(method, target), method, target)
            elif self.Theirs == "SENT":
                self._busy = False
                self._defer(self.Request, method, target)
            else:
                self._refuse("Request", method, target)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Header(self, name: str, value: str) -> None:
        """`Header` from below."""
        if self._busy:
            return self._later(self.Header, name, value)
        self._busy = True
        try:
            if self.Theirs == "HEADERS":
                self._HEADERS_Header(self.do_HEADERS_Header(name, value), name, value)
            else:
                self._refuse("Header", name, value)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Blank(self) -> None:
        """`Blank` from below."""
        if self._busy:
            return self._later(self.Blank)
        self._busy = True
        try:
            if self.Theirs == "HEADERS":
                self._HEADERS_Blank(self.do_HEADERS_Blank())
            else:
                self._refuse("Blank")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def respond(self, code: int) -> None:
        """`respond` asked for from above."""
        if self._busy:
            return self._later(self.respond, code)
        self._busy = True
        try:
            if self.Ours == "ANSWERING":
                self._ANSWERING_respond(self.do_ANSWERING_respond(code), code)
            else:
                self._refuse("respond", code)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def done(self) -> None:
        """`done` asked for from above."""
        if self._busy:
            return self._later(self.done)
        self._busy = True
        try:
            if self.Ours == "BODY":
                self._BODY_done(self.do_BODY_done())
            else:
                self._refuse("done")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def eof(self) -> None:
        """The peer will send nothing more."""
        if self._busy:
            return self._later(self.eof)
        self._busy = True
        try:
            if self.state == "CONNECTION":
                self._CONNECTION_eof(self._do_CONNECTION_eof())
            else:
                self._refuse("eof")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _take_asked(self) -> None:
        """`asked` raised by the machine itself."""
        if self.Ours == "WAITING":
            self._WAITING_asked(self.do_WAITING_asked())
        elif self.Ours == "DONE":
            self._DONE_asked(self.do_DONE_asked())
        else:
            self._refuse("asked")

    def _take_next(self) -> None:
        """`next` raised by the machine itself."""
        if self.state == "CONNECTION":
            taken = self._next_in_Theirs()
            if self._pending is not None:
                self._offer((self._next_in_Ours,))
            elif not (self._next_in_Ours() or taken):
                self._refuse("next")
        else:
            self._refuse("next")

    def _timeout(self) -> None:
        """The state's own time-out."""
        self._busy = True
        try:
            if self.state == "CONNECTION":
                self._CONNECTION_timeout(self._do_CONNECTION_timeout())
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _IDLE_Request(self, answer: object, method: str, target: str) -> None:
        """spec.proto:18"""
        if answer is not None:
            return self._wait(answer, self._IDLE_Request, method, target)
        self.Theirs = "HEADERS"
        self._due = self.wire.due(60.0)
        self._recall()
        self._tell((self.emit_request, method, target))

    def _HEADERS_Header(self, answer: object, name: str, value: str) -> None:
        """spec.proto:21"""
        if answer is not None:
            return self._wait(answer, self._HEADERS_Header, name, value)
        self._busy = False

    def _HEADERS_Blank(self, answer: object) -> None:
        """spec.proto:22"""
        if answer is not None:
            return self._wait(answer, self._HEADERS_Blank)
        self._begin()
        self._raise(self._take_asked)
        self.Theirs = "SENT"
        self._due = self.wire.due(60.0)
        self._recall()
        self._finish()

    def _ANSWERING_respond(self, answer: object, code: int) -> None:
        """spec.proto:34"""
        if answer is not None:
            return self._wait(answer, self._ANSWERING_respond, code)
        frame = encode_Status(code, "OK")
        self.Ours = "BODY"
        self._due = self.wire.due(60.0)
        self._recall()
        self._busy = False
        self.below.line(frame)

    def _BODY_done(self, answer: object) -> None:
        """spec.proto:37"""
        if answer is not None:
            return self._wait(answer, self._BODY_done)
        self._begin()
        self._raise(self._take_next)
        self.Ours = "DONE"
        self._due = self.wire.due(60.0)
        self._recall()
        self._finish()

    def _CONNECTION_eof(self, answer: object) -> None:
        """spec.proto:14"""
        if answer is not None:
            return self._wait(answer, self._CONNECTION_eof)
        self._begin()
        self._leave_CONNECTION()
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._effect(self._end)
        self._finish()

    def _WAITING_asked(self, answer: object) -> None:
        """spec.proto:31"""
        if answer is not None:
            return self._wait(answer, self._WAITING_asked)
        self.Ours = "ANSWERING"
        self._due = self.wire.due(60.0)
        self._recall()

    def _DONE_asked(self, answer: object) -> None:
        """spec.proto:41"""
        if answer is not None:
            return self._wait(answer, self._DONE_asked)
        self.Ours = "ANSWERING"
        self._due = self.wire.due(60.0)
        self._recall()

    def _SENT_next(self, answer: object) -> None:
        """spec.proto:25"""
        if answer is not None:
            return self._wait(answer, self._SENT_next)
        self.Theirs = "IDLE"
        self._due = self.wire.due(60.0)
        self._recall()

    def _next_in_Theirs(self) -> bool:
        """Whether Theirs takes `next`."""
        if self.Theirs == "SENT":
            if self.Ours == "DONE":
                self._SENT_next(self.do_SENT_next())
            else:
                return False
        else:
            return False
        return True

    def _DONE_next(self, answer: object) -> None:
        """spec.proto:40"""
        if answer is not None:
            return self._wait(answer, self._DONE_next)
        self.Ours = "WAITING"
        self._due = self.wire.due(60.0)
        self._recall()

    def _next_in_Ours(self) -> bool:
        """Whether Ours takes `next`."""
        if self.Ours == "DONE":
            self._DONE_next(self.do_DONE_next())
        else:
            return False
        return True

    def _CONNECTION_timeout(self, answer: object) -> None:
        """spec.proto:15"""
        if answer is not None:
            return self._wait(answer, self._CONNECTION_timeout)
        self._begin()
        self._leave_CONNECTION()
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._effect(self._end)
        self._finish()

    def _leave_Theirs(self) -> None:
        """spec.proto:16"""
        self.Theirs = ""

    def _leave_Ours(self) -> None:
        """spec.proto:29"""
        self.Ours = ""

    def _leave_CONNECTION(self) -> None:
        """spec.proto:13"""
        self._leave_Ours()
        self._leave_Theirs()
        self._left = True

    def do_IDLE_Request(self, method: str, target: str) -> Awaitable[None] | None:
        """Request in IDLE. spec.proto:18"""
        return None

    def do_HEADERS_Header(self, name: str, value: str) -> Awaitable[None] | None:
        """Header in HEADERS. spec.proto:21"""
        return None

    def do_HEADERS_Blank(self) -> Awaitable[None] | None:
        """Blank in HEADERS. spec.proto:22"""
        return None

    def do_ANSWERING_respond(self, code: int) -> Awaitable[None] | None:
        """respond in ANSWERING. spec.proto:34"""
        return None

    def do_BODY_done(self) -> Awaitable[None] | None:
        """done in BODY. spec.proto:37"""
        return None

    def do_CONNECTION_eof(self) -> Awaitable[None] | None:
        """eof in CONNECTION. spec.proto:14"""
        return None

    _do_CONNECTION_eof = do_CONNECTION_eof

    def do_WAITING_asked(self) -> Awaitable[None] | None:
        """asked in WAITING. spec.proto:31"""
        return None

    def do_DONE_asked(self) -> Awaitable[None] | None:
        """asked in DONE. spec.proto:41"""
        return None

    def do_SENT_next(self) -> Awaitable[None] | None:
        """next in SENT. spec.proto:25"""
        return None

    def do_DONE_next(self) -> Awaitable[None] | None:
        """next in DONE. spec.proto:40"""
        return None

    def do_CONNECTION_timeout(self) -> Awaitable[None] | None:
        """The time-out in CONNECTION. spec.proto:15"""
        return None

    _do_CONNECTION_timeout = do_CONNECTION_timeout

    def emit_request(self, method: str, target: str) -> object:
        """Tells what is above of `request`. May return an awaitable. spec.proto:12"""
        return self.above.request(method, target)
