"""Keeps numbers under names; a command is a line.

Made by protogen from spec.proto; build it again to change it.
"""

from __future__ import annotations

from protogen_fsm.runtime.core import (
    NEVER,
    Block,
    Line,
    Machine,
    OneOf,
    Outcome,
    Pattern,
    Pieces,
    Row,
    StreamMachine,
    TakePieces,
    reading,
    truth,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable

LIMIT = 100


class Keep(Outcome):
    """The outcome `keep`. spec.proto:24"""

    __slots__ = ()


class ReadOnly(Outcome):
    """The outcome `read_only`. spec.proto:25"""

    __slots__ = ()


class Unknown(Outcome):
    """The outcome `unknown`. spec.proto:27"""

    __slots__ = ()


class Found(Outcome):
    """The outcome `found`. spec.proto:28"""

    __slots__ = ("value",)

    def __init__(self, value: int) -> None:
        self.value = value


_ERROR = Pattern(
    "ERROR", rb"\-([^\r\n]*)", lambda reason: (reason.decode(),), begins=b"-"
)
_OK = Pattern("OK", rb"\+([^\r\n]*)", lambda text: (text.decode(),), begins=b"+")
_SET = Pattern(
    "SET",
    rb"(?i:SET )([^=\r\n]*)=([0-9]{1,3})",
    lambda name, value: (name.decode(), int(value)),
    begins=b"SET ",
)
_GET = Pattern(
    "GET", rb"(?i:GET )([^\r\n]*)", lambda name: (name.decode(),), begins=b"GET "
)
_SHOW = Pattern(
    "SHOW",
    b"(?i:SHOW)(?: (true|false))?",
    lambda all: (None if all is None else truth(all),),
    begins=b"SHOW",
)
_QUIT = Pattern("QUIT", b"(?i:QUIT)", begins=b"QUIT")
_Server_receives = OneOf(_SET, _GET, _SHOW, _QUIT)


def encode_ERROR(reason: str) -> bytes:
    """The message ERROR. spec.proto:12"""
    frame = b"-" + reason.encode()
    if type(reason) is str and "\r" not in reason and "\n" not in reason:
        return frame
    return _ERROR.printed(frame, reason)


def encode_OK(text: str) -> bytes:
    """The message OK. spec.proto:11"""
    frame = b"+" + text.encode()
    if type(text) is str and "\r" not in text and "\n" not in text:
        return frame
    return _OK.printed(frame, text)


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


class Server(Machine):
    """The side that keeps them.

    spec.proto:14
    """

    __slots__ = ("names",)

    _role = "Server"
    _paths = {"OPEN": ("OPEN",), "CLOSED": ("CLOSED",)}
    _alphabet = {
        "SET": "below",
        "GET": "below",
        "SHOW": "below",
        "QUIT": "below",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
        "timeout": "",
    }
    _rows = (
        Row("do_OPEN_SET", "OPEN", "SET"),
        Row("do_OPEN_GET", "OPEN", "GET"),
        Row("do_OPEN_SHOW", "OPEN", "SHOW"),
        Row("do_OPEN_QUIT", "OPEN", "QUIT"),
        Row("do_OPEN_eof", "OPEN", "eof"),
        Row("do_OPEN_malformed", "OPEN", "malformed"),
        Row("do_OPEN_failed", "OPEN", "failed"),
        Row("do_OPEN_timeout", "OPEN", "timeout"),
    )
    _takes_failed = frozenset({"OPEN"})

    def __init__(self) -> None:
        super().__init__(Lines(end=b"\r\n", max=80, either=False))
        self.names: list[str] = []
        self.state = "OPEN"
        self._due = self.wire.due(300.0)

    def line(self, text: bytes) -> None:
        """A frame from below; as an event it is the message it decodes to."""
        if self._busy:
            return self._later(self.line, text)
        event, args = _Server_receives.event(text)
        getattr(self, event)(*args)

    def SET(self, name: str, value: int) -> None:
        """SET: Keep a number.."""
        if self._busy:
            return self._later(self.SET, name, value)
        self._busy = True
        try:
            if self.state == "OPEN":
                if len(self.names) >= 100 and name not in self.names:
                    self._busy = False
                    self.below.line(b"-full")
                else:
                    self._OPEN_SET(self.do_OPEN_SET(name, value), name, value)
            else:
                self._refuse("SET", name, value)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def GET(self, name: str) -> None:
        """`GET` from below."""
        if self._busy:
            return self._later(self.GET, name)
        self._busy = True
        try:
            if self.state == "OPEN":
                self._OPEN_GET(self.do_OPEN_GET(name), name)
            else:
                self._refuse("GET", name)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def SHOW(self, all: bool | None) -> None:
        """`SHOW` from below."""
        if self._busy:
            return self._later(self.SHOW, all)
        self._busy = True
        try:
            if self.state == "OPEN":
                self._OPEN_SHOW(self.do_OPEN_SHOW(all), all)
            else:
                self._refuse("SHOW", all)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def QUIT(self) -> None:
        """`QUIT` from below."""
        if self._busy:
            return self._later(self.QUIT)
        self._busy = True
        try:
            if self.state == "OPEN":
                self._OPEN_QUIT(self.do_OPEN_QUIT())
            else:
                self._refuse("QUIT")
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

    def failed(self, reason: str) -> None:
        """A handler raised; its step has been undone."""
        if self._busy:
            return self._later(self.failed, reason)
        self._busy = True
        try:
            if self.state == "OPEN":
                self._OPEN_failed(self.do_OPEN_failed(reason), reason)
            else:
                self._refuse("failed", reason)
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

    def _OPEN_SET(self, answer: object, name: str, value: int) -> None:
        """spec.proto:23"""
        if answer is None or type(answer) is Keep:
            self.names.append(name)
            self._busy = False
            self.below.line(b"+kept")
        elif type(answer) is ReadOnly:
            self._busy = False
            self.below.line(b"-read only")
        else:
            self._wait(answer, self._OPEN_SET, name, value)

    def _OPEN_GET(self, answer: object, name: str) -> None:
        """spec.proto:26"""
        if answer is None or type(answer) is Unknown:
            frame = encode_ERROR("no such name: " + name)
            self._busy = False
            self.below.line(frame)
        elif type(answer) is Found:
            frame = encode_OK(str(answer.value))
            self._busy = False
            self.below.line(frame)
        else:
            self._wait(answer, self._OPEN_GET, name)

    def _OPEN_SHOW(self, answer: object, all: bool | None) -> None:
        """spec.proto:29"""
        if answer is not None:
            return self._wait(answer, self._OPEN_SHOW, all)
        frame = encode_OK(str(len(self.names)))
        self._busy = False
        self.below.line(frame)

    def _OPEN_QUIT(self, answer: object) -> None:
        """spec.proto:30"""
        if answer is not None:
            return self._wait(answer, self._OPEN_QUIT)
        self.state = "CLOSED"
        self._due = NEVER
        self._busy = False
        self.below.line(b"+bye")
        self._end()

    def _OPEN_eof(self, answer: object) -> None:
        """spec.proto:33"""
        if answer is not None:
            return self._wait(answer, self._OPEN_eof)
        self.state = "CLOSED"
        self._due = NEVER
        self._busy = False
        self._end()

    def _OPEN_malformed(self, answer: object, data: bytes, reason: str) -> None:
        """spec.proto:31"""
        if answer is not None:
            return self._wait(answer, self._OPEN_malformed, data, reason)
        self._busy = False
        self.below.line(b"-what?")

    def _OPEN_failed(self, answer: object, reason: str) -> None:
        """spec.proto:32"""
        if answer is not None:
            return self._wait(answer, self._OPEN_failed, reason)
        self._busy = False
        self.below.line(b"-my fault")

    def _OPEN_timeout(self, answer: object) -> None:
        """spec.proto:34"""
        if answer is not None:
            return self._wait(answer, self._OPEN_timeout)
        self.state = "CLOSED"
        self._due = NEVER
        self._busy = False
        self.below.line(b"-too slow")
        self._end()

    def do_OPEN_SET(
        self, name: str, value: int
    ) -> Awaitable[Keep | ReadOnly | None] | Keep | ReadOnly | None:
        """SET in OPEN: answer Keep or ReadOnly; None is Keep. spec.proto:23"""
        return None

    def do_OPEN_GET(
        self, name: str
    ) -> Awaitable[Unknown | Found | None] | Unknown | Found | None:
        """GET in OPEN: answer Unknown or Found; None is Unknown. spec.proto:26"""
        return None

    def do_OPEN_SHOW(self, all: bool | None) -> Awaitable[None] | None:
        """SHOW in OPEN. spec.proto:29"""
        return None

    def do_OPEN_QUIT(self) -> Awaitable[None] | None:
        """QUIT in OPEN. spec.proto:30"""
        return None

    def do_OPEN_eof(self) -> Awaitable[None] | None:
        """eof in OPEN. spec.proto:33"""
        return None

    def do_OPEN_malformed(self, data: bytes, reason: str) -> Awaitable[None] | None:
        """malformed in OPEN. spec.proto:31"""
        return None

    def do_OPEN_failed(self, reason: str) -> Awaitable[None] | None:
        """failed in OPEN. spec.proto:32"""
        return None

    def do_OPEN_timeout(self) -> Awaitable[None] | None:
        """The time-out in OPEN. spec.proto:34"""
        return None
