"""Simple Mail Transfer Protocol, RFC 5321.

Made by protogen from smtp.proto; build it again to change it.
"""

from __future__ import annotations

from protogen_fsm.runtime.core import (
    NEVER,
    Block,
    Call,
    Chained,
    Line,
    Machine,
    OneOf,
    Outcome,
    Pattern,
    Pieces,
    Record,
    Row,
    Secures,
    StreamMachine,
    TakePieces,
    between,
    dotted,
    matches,
    number,
    reading,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable

LARGEST = 33554432
TEXT = "(?:[^\\r\\n]++|\\r\\n)*+"


class Accept(Outcome):
    """The outcome `accept`. smtp.proto:41"""

    __slots__ = ()


class Refuse(Outcome):
    """The outcome `refuse`. smtp.proto:42"""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Unsure(Outcome):
    """The outcome `unsure`. smtp.proto:62"""

    __slots__ = ()


class Found(Outcome):
    """The outcome `found`. smtp.proto:63"""

    __slots__ = ("mailbox",)

    def __init__(self, mailbox: str) -> None:
        self.mailbox = mailbox


class Unknown(Outcome):
    """The outcome `unknown`. smtp.proto:64"""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Reject(Outcome):
    """The outcome `reject`. smtp.proto:67"""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Verdict(Record):
    """What the server said of one recipient. smtp.proto:23"""

    __slots__ = ("recipient", "code", "text")

    def __init__(self, recipient: str, code: int, text: str) -> None:
        self.recipient = recipient
        self.code = code
        self.text = text


_More = Pattern(
    "More",
    rb"([0-9]{3})\-([^\r\n]*)",
    lambda code, text: (between(code, 200, 599), text.decode()),
)
_Reply = Pattern(
    "Reply",
    rb"([0-9]{3}) ([^\r\n]*)",
    lambda code, text: (between(code, 200, 599), text.decode()),
)
_EHLO = Pattern(
    "EHLO", rb"(?i:EHLO )([^\r\n]*)", lambda domain: (domain.decode(),), begins=b"EHLO "
)
_HELO = Pattern(
    "HELO", rb"(?i:HELO )([^\r\n]*)", lambda domain: (domain.decode(),), begins=b"HELO "
)
_MAIL = Pattern(
    "MAIL",
    rb"(?i:MAIL FROM:<)([^>\r\n]*)>(?: ([^\r\n]*))?",
    lambda sender, parameters: (
        sender.decode(),
        "" if parameters is None else parameters.decode(),
    ),
    begins=b"MAIL FROM:<",
)
_RCPT = Pattern(
    "RCPT",
    rb"(?i:RCPT TO:<)([^>\r\n]*)>",
    lambda recipient: (recipient.decode(),),
    begins=b"RCPT TO:<",
)
_DATA = Pattern("DATA", b"(?i:DATA)", begins=b"DATA")
_RSET = Pattern("RSET", b"(?i:RSET)", begins=b"RSET")
_NOOP = Pattern("NOOP", rb"(?i:NOOP)(?: [^\r\n]*)?", begins=b"NOOP")
_VRFY = Pattern(
    "VRFY", rb"(?i:VRFY )([^\r\n]*)", lambda who: (who.decode(),), begins=b"VRFY "
)
_HELP = Pattern("HELP", rb"(?i:HELP)(?: [^\r\n]*)?", begins=b"HELP")
_QUIT = Pattern("QUIT", b"(?i:QUIT)", begins=b"QUIT")
_STARTTLS = Pattern("STARTTLS", b"(?i:STARTTLS)", begins=b"STARTTLS")
_lines_More = Pattern(
    "More",
    rb"([0-9]{3})\-([^\r\n]*)",
    lambda code, text: (between(code, 200, 599), text.decode()),
)
_lines_Last = Pattern(
    "Last",
    rb"([0-9]{3})(?: ([^\r\n]*))?",
    lambda code, text: (between(code, 200, 599), "" if text is None else text.decode()),
)
_Server_receives = OneOf(
    _EHLO, _HELO, _MAIL, _RCPT, _DATA, _RSET, _NOOP, _VRFY, _HELP, _QUIT, _STARTTLS
)
_Server_receives_2 = OneOf()
_Replies_receives = OneOf(_lines_More, _lines_Last)


def encode_More(code: int, text: str) -> bytes:
    """A line of a reply that goes on. smtp.proto:21"""
    frame = b"%d-%b" % (code, text.encode())
    if (
        type(code) is int
        and 200 <= code <= 599
        and type(text) is str
        and "\r" not in text
        and "\n" not in text
    ):
        return frame
    return _More.printed(frame, code, text)


def encode_Reply(code: int, text: str) -> bytes:
    """The last or only line of a reply. smtp.proto:20"""
    frame = b"%d %b" % (code, text.encode())
    if (
        type(code) is int
        and 200 <= code <= 599
        and type(text) is str
        and "\r" not in text
        and "\n" not in text
    ):
        return frame
    return _Reply.printed(frame, code, text)


def encode_EHLO(domain: str) -> bytes:
    """RFC 5321, section 4.1.1.1. smtp.proto:8"""
    frame = b"EHLO " + domain.encode()
    if type(domain) is str and "\r" not in domain and "\n" not in domain:
        return frame
    return _EHLO.printed(frame, domain)


def encode_HELO(domain: str) -> bytes:
    """RFC 5321, section 4.1.1.1. smtp.proto:9"""
    frame = b"HELO " + domain.encode()
    if type(domain) is str and "\r" not in domain and "\n" not in domain:
        return frame
    return _HELO.printed(frame, domain)


def encode_MAIL(sender: str, parameters: str) -> bytes:
    """RFC 5321, section 4.1.1.2. smtp.proto:10"""
    frame = b"MAIL FROM:<" + sender.encode() + b">"
    if parameters:
        frame += b" " + parameters.encode()
    return _MAIL.printed(frame, sender, parameters)


def encode_RCPT(recipient: str) -> bytes:
    """RFC 5321, section 4.1.1.3. smtp.proto:11"""
    frame = b"RCPT TO:<" + recipient.encode() + b">"
    if (
        type(recipient) is str
        and "\r" not in recipient
        and "\n" not in recipient
        and ">" not in recipient
    ):
        return frame
    return _RCPT.printed(frame, recipient)


def encode_DATA() -> bytes:
    """RFC 5321, section 4.1.1.4. smtp.proto:12"""
    return b"DATA"


def encode_RSET() -> bytes:
    """RFC 5321, section 4.1.1.5. smtp.proto:13"""
    return b"RSET"


def encode_QUIT() -> bytes:
    """RFC 5321, section 4.1.1.10. smtp.proto:17"""
    return b"QUIT"


def encode_STARTTLS() -> bytes:
    """RFC 3207, section 4. smtp.proto:18"""
    return b"STARTTLS"


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
    _begins = "LINE"

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

    def _ask_block(self, delimiter: bytes, limit: int) -> None:
        """Raises LocalProtocolError unless `block` is taken now."""
        if self._busy:
            return None
        if self.state == "LINE":
            return None
        return self.unexpected("block", delimiter, limit)

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


class Server(Secures):
    """The side that takes mail; with `tls` it offers STARTTLS (RFC 3207).

    smtp.proto:29
    """

    __slots__ = ("host", "recipients", "refused", "secure", "sender", "tls")

    _role = "Server"
    _paths = {
        "CONNECTED": ("CONNECTED",),
        "GREETING": ("GREETING", "SESSION"),
        "SHAKING": ("SHAKING", "SESSION"),
        "READY": ("READY", "SESSION"),
        "ENVELOPE": ("ENVELOPE", "SESSION"),
        "BODY": ("BODY",),
        "CLOSED": ("CLOSED",),
    }
    _alphabet = {
        "EHLO": "below",
        "HELO": "below",
        "MAIL": "below",
        "RCPT": "below",
        "DATA": "below",
        "RSET": "below",
        "NOOP": "below",
        "VRFY": "below",
        "HELP": "below",
        "QUIT": "below",
        "STARTTLS": "below",
        "block": "below",
        "open": "",
        "eof": "",
        "lost": "",
        "secured": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
        "timeout": "",
    }
    _rows = (
        Row("_do_SESSION_EHLO", "SESSION", "EHLO"),
        Row("_do_SESSION_HELO", "SESSION", "HELO"),
        Row("_do_SESSION_default", "SESSION", "*"),
        Row("do_READY_MAIL", "READY", "MAIL"),
        Row("do_ENVELOPE_RCPT", "ENVELOPE", "RCPT"),
        Row("_do_SESSION_DATA", "SESSION", "DATA"),
        Row("do_ENVELOPE_DATA", "ENVELOPE", "DATA"),
        Row("do_GREETING_RSET", "GREETING", "RSET"),
        Row("_do_SESSION_RSET", "SESSION", "RSET"),
        Row("_do_SESSION_NOOP", "SESSION", "NOOP"),
        Row("_do_SESSION_VRFY", "SESSION", "VRFY"),
        Row("_do_SESSION_HELP", "SESSION", "HELP"),
        Row("_do_SESSION_QUIT", "SESSION", "QUIT"),
        Row("_do_SESSION_STARTTLS", "SESSION", "STARTTLS"),
        Row("do_BODY_block", "BODY", "block"),
        Row("do_CONNECTED_open", "CONNECTED", "open"),
        Row("_do_SESSION_eof", "SESSION", "eof"),
        Row("do_BODY_eof", "BODY", "eof"),
        Row("do_SHAKING_secured", "SHAKING", "secured"),
        Row("_do_SESSION_malformed", "SESSION", "malformed"),
        Row("do_BODY_malformed", "BODY", "malformed"),
        Row("_do_SESSION_failed", "SESSION", "failed"),
        Row("do_BODY_failed", "BODY", "failed"),
        Row("_do_SESSION_timeout", "SESSION", "timeout"),
        Row("do_BODY_timeout", "BODY", "timeout"),
    )
    _received = {"BODY": _Server_receives_2}
    _takes_failed = frozenset({"GREETING", "SHAKING", "READY", "ENVELOPE", "BODY"})

    def __init__(self, host: str, tls: bool = False) -> None:
        super().__init__(Lines(end=b"\r\n", max=1000, either=False))
        self.host = host
        self.tls = tls
        self.sender: str = ""
        self.recipients: list[str] = []
        self.secure: bool = False
        self.refused: bool = False
        self.state = "CONNECTED"

    def line(self, text: bytes) -> None:
        """A frame from below; as an event it is the message it decodes to."""
        if self._busy:
            return self._later(self.line, text)
        event, args = self._received.get(self.state, _Server_receives).event(text)
        getattr(self, event)(*args)

    def EHLO(self, domain: str) -> None:
        """EHLO: RFC 5321, section 4.1.1.1."""
        if self._busy:
            return self._later(self.EHLO, domain)
        self._busy = True
        try:
            if self.state in ("GREETING", "SHAKING", "READY", "ENVELOPE"):
                if self.tls and not self.secure:
                    self._SESSION_EHLO(self._do_SESSION_EHLO(domain), domain)
                else:
                    self._SESSION_EHLO_2(self._do_SESSION_EHLO(domain), domain)
            else:
                self._refuse("EHLO", domain)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def HELO(self, domain: str) -> None:
        """HELO: RFC 5321, section 4.1.1.1."""
        if self._busy:
            return self._later(self.HELO, domain)
        self._busy = True
        try:
            if self.state in ("GREETING", "SHAKING", "READY", "ENVELOPE"):
                self._SESSION_HELO(self._do_SESSION_HELO(domain), domain)
            else:
                self._refuse("HELO", domain)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def MAIL(self, sender: str, parameters: str) -> None:
        """MAIL: RFC 5321, section 4.1.1.2."""
        if self._busy:
            return self._later(self.MAIL, sender, parameters)
        self._busy = True
        try:
            if self.state in ("GREETING", "SHAKING", "ENVELOPE"):
                self._SESSION_default(
                    self._do_SESSION_default("MAIL", sender, parameters)
                )
            elif self.state == "READY":
                if len(sender) > 254:
                    self.state = "READY"
                    self._due = self.wire.due(300.0)
                    self._busy = False
                    self.below.line(b"501 Path too long")
                elif number(parameters, "SIZE=") > 33554432:
                    self.state = "READY"
                    self._due = self.wire.due(300.0)
                    self._busy = False
                    self.below.line(b"552 Message too large")
                else:
                    self._READY_MAIL(
                        self.do_READY_MAIL(sender, parameters), sender, parameters
                    )
            else:
                self._refuse("MAIL", sender, parameters)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def RCPT(self, recipient: str) -> None:
        """RCPT: RFC 5321, section 4.1.1.3."""
        if self._busy:
            return self._later(self.RCPT, recipient)
        self._busy = True
        try:
            if self.state in ("GREETING", "SHAKING", "READY"):
                self._SESSION_default(self._do_SESSION_default("RCPT", recipient))
            elif self.state == "ENVELOPE":
                if recipient == "":
                    self.state = "ENVELOPE"
                    self._due = self.wire.due(300.0)
                    self._busy = False
                    self.below.line(b"501 No recipient")
                elif len(recipient) > 254:
                    self.state = "ENVELOPE"
                    self._due = self.wire.due(300.0)
                    self._busy = False
                    self.below.line(b"501 Path too long")
                elif len(self.recipients) >= 1000:
                    self.state = "ENVELOPE"
                    self._due = self.wire.due(300.0)
                    self._busy = False
                    self.below.line(b"452 Too many recipients")
                else:
                    self._ENVELOPE_RCPT(self.do_ENVELOPE_RCPT(recipient), recipient)
            else:
                self._refuse("RCPT", recipient)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def DATA(self) -> None:
        """DATA: RFC 5321, section 4.1.1.4."""
        if self._busy:
            return self._later(self.DATA)
        self._busy = True
        try:
            if self.state in ("GREETING", "SHAKING", "READY"):
                self._SESSION_DATA(self._do_SESSION_DATA())
            elif self.state == "ENVELOPE":
                if len(self.recipients) == 0:
                    self._ENVELOPE_DATA(self.do_ENVELOPE_DATA())
                else:
                    self._ENVELOPE_DATA_2(self.do_ENVELOPE_DATA())
            else:
                self._refuse("DATA")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def RSET(self) -> None:
        """RSET: RFC 5321, section 4.1.1.5."""
        if self._busy:
            return self._later(self.RSET)
        self._busy = True
        try:
            if self.state == "GREETING":
                self._GREETING_RSET(self.do_GREETING_RSET())
            elif self.state in ("SHAKING", "READY", "ENVELOPE"):
                self._SESSION_RSET(self._do_SESSION_RSET())
            else:
                self._refuse("RSET")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def NOOP(self) -> None:
        """NOOP: RFC 5321, section 4.1.1.9."""
        if self._busy:
            return self._later(self.NOOP)
        self._busy = True
        try:
            if self.state in ("GREETING", "SHAKING", "READY", "ENVELOPE"):
                self._SESSION_NOOP(self._do_SESSION_NOOP())
            else:
                self._refuse("NOOP")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def VRFY(self, who: str) -> None:
        """VRFY: RFC 5321, section 4.1.1.6."""
        if self._busy:
            return self._later(self.VRFY, who)
        self._busy = True
        try:
            if self.state in ("GREETING", "SHAKING", "READY", "ENVELOPE"):
                self._SESSION_VRFY(self._do_SESSION_VRFY(who), who)
            else:
                self._refuse("VRFY", who)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def HELP(self) -> None:
        """HELP: RFC 5321, section 4.1.1.8."""
        if self._busy:
            return self._later(self.HELP)
        self._busy = True
        try:
            if self.state in ("GREETING", "SHAKING", "READY", "ENVELOPE"):
                self._SESSION_HELP(self._do_SESSION_HELP())
            else:
                self._refuse("HELP")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def QUIT(self) -> None:
        """QUIT: RFC 5321, section 4.1.1.10."""
        if self._busy:
            return self._later(self.QUIT)
        self._busy = True
        try:
            if self.state in ("GREETING", "SHAKING", "READY", "ENVELOPE"):
                self._SESSION_QUIT(self._do_SESSION_QUIT())
            else:
                self._refuse("QUIT")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def STARTTLS(self) -> None:
        """STARTTLS: RFC 3207, section 4."""
        if self._busy:
            return self._later(self.STARTTLS)
        self._busy = True
        try:
            if self.state in ("GREETING", "SHAKING", "READY", "ENVELOPE"):
                if self.tls and not self.secure:
                    self._SESSION_STARTTLS(self._do_SESSION_STARTTLS())
                elif not self.tls:
                    self._busy = False
                    self.below.line(b"502 STARTTLS is not offered")
                else:
                    self._SESSION_default(self._do_SESSION_default("STARTTLS"))
            else:
                self._refuse("STARTTLS")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def block(self, body: bytes) -> None:
        """`block` from below."""
        if self._busy:
            return self._later(self.block, body)
        self._busy = True
        try:
            if self.state in ("GREETING", "SHAKING", "READY", "ENVELOPE"):
                self._SESSION_default(self._do_SESSION_default("block", body))
            elif self.state == "BODY":
                self._BODY_block(self.do_BODY_block(body), body)
            else:
                self._refuse("block", body)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def open(self) -> None:
        """The connection is there."""
        if self._busy:
            return self._later(self.open)
        self._busy = True
        try:
            if self.state == "CONNECTED":
                self._CONNECTED_open(self.do_CONNECTED_open())
            else:
                self._refuse("open")
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
            if self.state in ("GREETING", "SHAKING", "READY", "ENVELOPE"):
                self._SESSION_eof(self._do_SESSION_eof())
            elif self.state == "BODY":
                self._BODY_eof(self.do_BODY_eof())
            else:
                self._refuse("eof")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def secured(self) -> None:
        """The handshake of `starttls` is done."""
        if self._busy:
            return self._later(self.secured)
        self._busy = True
        try:
            if self.state == "SHAKING":
                self._SHAKING_secured(self.do_SHAKING_secured())
            else:
                self._refuse("secured")
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
            if self.state in ("GREETING", "SHAKING", "READY", "ENVELOPE"):
                if self.refused:
                    self._SESSION_malformed(
                        self._do_SESSION_malformed(data, reason), data, reason
                    )
                elif reason == "too long":
                    self._SESSION_malformed_2(
                        self._do_SESSION_malformed(data, reason), data, reason
                    )
                else:
                    self._SESSION_malformed_3(
                        self._do_SESSION_malformed(data, reason), data, reason
                    )
            elif self.state == "BODY":
                if reason == "too long":
                    self._BODY_malformed(
                        self.do_BODY_malformed(data, reason), data, reason
                    )
                else:
                    self._BODY_malformed_2(
                        self.do_BODY_malformed(data, reason), data, reason
                    )
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
            if self.state in ("GREETING", "SHAKING", "READY", "ENVELOPE"):
                self._SESSION_failed(self._do_SESSION_failed(reason), reason)
            elif self.state == "BODY":
                self._BODY_failed(self.do_BODY_failed(reason), reason)
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
            if self.state in ("GREETING", "SHAKING", "READY", "ENVELOPE"):
                self._SESSION_timeout(self._do_SESSION_timeout())
            elif self.state == "BODY":
                self._BODY_timeout(self.do_BODY_timeout())
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _SESSION_EHLO(self, answer: object, domain: str) -> None:
        """smtp.proto:46"""
        if answer is not None:
            return self._wait(answer, self._SESSION_EHLO, domain)
        frame = encode_More(250, self.host)
        self.state = "READY"
        self._due = self.wire.due(300.0)
        self._busy = False
        self.below.line(frame)
        self.below.line(b"250-PIPELINING")
        self.below.line(b"250-8BITMIME")
        self.below.line(b"250-SIZE 33554432")
        self.below.line(b"250-STARTTLS")
        self.below.line(b"250 HELP")

    def _SESSION_EHLO_2(self, answer: object, domain: str) -> None:
        """smtp.proto:51"""
        if answer is not None:
            return self._wait(answer, self._SESSION_EHLO_2, domain)
        frame = encode_More(250, self.host)
        self.state = "READY"
        self._due = self.wire.due(300.0)
        self._busy = False
        self.below.line(frame)
        self.below.line(b"250-PIPELINING")
        self.below.line(b"250-8BITMIME")
        self.below.line(b"250-SIZE 33554432")
        self.below.line(b"250 HELP")

    def _SESSION_HELO(self, answer: object, domain: str) -> None:
        """smtp.proto:56"""
        if answer is not None:
            return self._wait(answer, self._SESSION_HELO, domain)
        frame = encode_Reply(250, self.host)
        self.state = "READY"
        self._due = self.wire.due(300.0)
        self._busy = False
        self.below.line(frame)

    def _SESSION_default(self, answer: object) -> None:
        """smtp.proto:79"""
        if answer is not None:
            return self._wait(answer, self._SESSION_default)
        self._busy = False
        self.below.line(b"503 Bad sequence of commands")

    def _READY_MAIL(self, answer: object, sender: str, parameters: str) -> None:
        """smtp.proto:94"""
        if answer is None or type(answer) is Accept:
            self.sender = sender
            self.recipients = []
            self.refused = False
            self.state = "ENVELOPE"
            self._due = self.wire.due(300.0)
            self._busy = False
            self.below.line(b"250 OK")
        elif type(answer) is Reject:
            frame = encode_Reply(550, answer.text)
            self.state = "READY"
            self._due = self.wire.due(300.0)
            self._busy = False
            self.below.line(frame)
        else:
            self._wait(answer, self._READY_MAIL, sender, parameters)

    def _ENVELOPE_RCPT(self, answer: object, recipient: str) -> None:
        """smtp.proto:105"""
        if answer is None or type(answer) is Accept:
            self.recipients.append(recipient)
            self.state = "ENVELOPE"
            self._due = self.wire.due(300.0)
            self._busy = False
            self.below.line(b"250 OK")
        elif type(answer) is Reject:
            frame = encode_Reply(550, answer.text)
            self.state = "ENVELOPE"
            self._due = self.wire.due(300.0)
            self._busy = False
            self.below.line(frame)
        else:
            self._wait(answer, self._ENVELOPE_RCPT, recipient)

    def _SESSION_DATA(self, answer: object) -> None:
        """smtp.proto:72"""
        if answer is not None:
            return self._wait(answer, self._SESSION_DATA)
        self.refused = True
        self._busy = False
        self.below.line(b"503 Bad sequence of commands")

    def _ENVELOPE_DATA(self, answer: object) -> None:
        """smtp.proto:108"""
        if answer is not None:
            return self._wait(answer, self._ENVELOPE_DATA)
        self.refused = True
        self.state = "ENVELOPE"
        self._due = self.wire.due(300.0)
        self._busy = False
        self.below.line(b"554 No valid recipients")

    def _ENVELOPE_DATA_2(self, answer: object) -> None:
        """smtp.proto:110"""
        if answer is not None:
            return self._wait(answer, self._ENVELOPE_DATA_2)
        self.below._ask_block(b"\r\n.\r\n", 33554432)
        self.state = "BODY"
        self._due = self.wire.due(600.0)
        self._busy = False
        self.below.block(b"\r\n.\r\n", 33554432)
        self.below.line(b"354 Go ahead")

    def _GREETING_RSET(self, answer: object) -> None:
        """smtp.proto:83"""
        if answer is not None:
            return self._wait(answer, self._GREETING_RSET)
        self._busy = False
        self.below.line(b"250 OK")

    def _SESSION_RSET(self, answer: object) -> None:
        """smtp.proto:57"""
        if answer is not None:
            return self._wait(answer, self._SESSION_RSET)
        self.state = "READY"
        self._due = self.wire.due(300.0)
        self._busy = False
        self.below.line(b"250 OK")

    def _SESSION_NOOP(self, answer: object) -> None:
        """smtp.proto:58"""
        if answer is not None:
            return self._wait(answer, self._SESSION_NOOP)
        self._busy = False
        self.below.line(b"250 OK")

    def _SESSION_VRFY(self, answer: object, who: str) -> None:
        """smtp.proto:61"""
        if answer is None or type(answer) is Unsure:
            self._busy = False
            self.below.line(b"252 Cannot verify, but will take mail for it")
        elif type(answer) is Found:
            frame = encode_Reply(250, answer.mailbox)
            self._busy = False
            self.below.line(frame)
        elif type(answer) is Unknown:
            frame = encode_Reply(550, answer.text)
            self._busy = False
            self.below.line(frame)
        else:
            self._wait(answer, self._SESSION_VRFY, who)

    def _SESSION_HELP(self, answer: object) -> None:
        """smtp.proto:59"""
        if answer is not None:
            return self._wait(answer, self._SESSION_HELP)
        self._busy = False
        self.below.line(b"214-EHLO HELO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT")
        self.below.line(b"214 See RFC 5321")

    def _SESSION_QUIT(self, answer: object) -> None:
        """smtp.proto:69"""
        if answer is not None:
            return self._wait(answer, self._SESSION_QUIT)
        self.state = "CLOSED"
        self._due = NEVER
        self._busy = False
        self.below.line(b"221 Bye")
        self._end()

    def _SESSION_STARTTLS(self, answer: object) -> None:
        """smtp.proto:65"""
        if answer is None or type(answer) is Accept:
            self.state = "SHAKING"
            self._due = self.wire.due(300.0)
            self._busy = False
            self.below.line(b"220 Ready to start TLS")
            self._hold(self._start_tls())
        elif type(answer) is Reject:
            frame = encode_Reply(454, answer.text)
            self._busy = False
            self.below.line(frame)
        else:
            self._wait(answer, self._SESSION_STARTTLS)

    def _BODY_block(self, answer: object, body: bytes) -> None:
        """smtp.proto:116"""
        if answer is None or type(answer) is Accept:
            sender = self.sender
            recipients = [*self.recipients]
            self.state = "READY"
            self._due = self.wire.due(300.0)
            self._tell(
                (self.emit_mail, sender, recipients, body),
                (self.below.line, b"250 Queued"),
            )
        elif type(answer) is Reject:
            frame = encode_Reply(554, answer.text)
            self.state = "READY"
            self._due = self.wire.due(300.0)
            self._busy = False
            self.below.line(frame)
        else:
            self._wait(answer, self._BODY_block, body)

    def _CONNECTED_open(self, answer: object) -> None:
        """smtp.proto:40"""
        if answer is None or type(answer) is Accept:
            frame = encode_Reply(220, self.host + " ESMTP")
            self.state = "GREETING"
            self._due = self.wire.due(300.0)
            self._busy = False
            self.below.line(frame)
        elif type(answer) is Refuse:
            frame = encode_Reply(554, answer.text)
            self.state = "CLOSED"
            self._due = NEVER
            self._busy = False
            self.below.line(frame)
            self._end()
        else:
            self._wait(answer, self._CONNECTED_open)

    def _SESSION_eof(self, answer: object) -> None:
        """smtp.proto:78"""
        if answer is not None:
            return self._wait(answer, self._SESSION_eof)
        self.state = "CLOSED"
        self._due = NEVER
        self._busy = False
        self._end()

    def _BODY_eof(self, answer: object) -> None:
        """smtp.proto:123"""
        if answer is not None:
            return self._wait(answer, self._BODY_eof)
        self.state = "CLOSED"
        self._due = NEVER
        self._busy = False
        self._end()

    def _SHAKING_secured(self, answer: object) -> None:
        """smtp.proto:87"""
        if answer is not None:
            return self._wait(answer, self._SHAKING_secured)
        self.secure = True
        self.state = "GREETING"
        self._due = self.wire.due(300.0)
        self._busy = False

    def _SESSION_malformed(self, answer: object, data: bytes, reason: str) -> None:
        """smtp.proto:74"""
        if answer is not None:
            return self._wait(answer, self._SESSION_malformed, data, reason)
        self.state = "CLOSED"
        self._due = NEVER
        self._busy = False
        self.below.line(b"421 This is no command")
        self._end()

    def _SESSION_malformed_2(self, answer: object, data: bytes, reason: str) -> None:
        """smtp.proto:75"""
        if answer is not None:
            return self._wait(answer, self._SESSION_malformed_2, data, reason)
        self._busy = False
        self.below.line(b"500 Line too long")

    def _SESSION_malformed_3(self, answer: object, data: bytes, reason: str) -> None:
        """smtp.proto:76"""
        if answer is not None:
            return self._wait(answer, self._SESSION_malformed_3, data, reason)
        self._busy = False
        self.below.line(b"500 Syntax error")

    def _BODY_malformed(self, answer: object, data: bytes, reason: str) -> None:
        """smtp.proto:120"""
        if answer is not None:
            return self._wait(answer, self._BODY_malformed, data, reason)
        self.state = "READY"
        self._due = self.wire.due(300.0)
        self._busy = False
        self.below.line(b"552 Message too large")

    def _BODY_malformed_2(self, answer: object, data: bytes, reason: str) -> None:
        """smtp.proto:121"""
        if answer is not None:
            return self._wait(answer, self._BODY_malformed_2, data, reason)
        self.state = "READY"
        self._due = self.wire.due(300.0)
        self._busy = False
        self.below.line(b"554 Lines end in CR LF")

    def _SESSION_failed(self, answer: object, reason: str) -> None:
        """smtp.proto:77"""
        if answer is not None:
            return self._wait(answer, self._SESSION_failed, reason)
        self._busy = False
        self.below.line(b"451 Local error in processing")

    def _BODY_failed(self, answer: object, reason: str) -> None:
        """smtp.proto:122"""
        if answer is not None:
            return self._wait(answer, self._BODY_failed, reason)
        self.state = "READY"
        self._due = self.wire.due(300.0)
        self._busy = False
        self.below.line(b"451 Local error in processing")

    def _SESSION_timeout(self, answer: object) -> None:
        """smtp.proto:80"""
        if answer is not None:
            return self._wait(answer, self._SESSION_timeout)
        self.state = "CLOSED"
        self._due = NEVER
        self._busy = False
        self.below.line(b"421 Timeout")
        self._end()

    def _BODY_timeout(self, answer: object) -> None:
        """smtp.proto:124"""
        if answer is not None:
            return self._wait(answer, self._BODY_timeout)
        self.state = "CLOSED"
        self._due = NEVER
        self._busy = False
        self.below.line(b"421 Timeout")
        self._end()

    def _forget(self) -> None:
        """TLS begins: what is `scope layer` ends."""
        self.sender = ""
        self.recipients = []
        self.refused = False

    def do_SESSION_EHLO(self, domain: str) -> Awaitable[None] | None:
        """EHLO in SESSION. smtp.proto:46, smtp.proto:51"""
        return None

    _do_SESSION_EHLO = do_SESSION_EHLO

    def do_SESSION_HELO(self, domain: str) -> Awaitable[None] | None:
        """HELO in SESSION. smtp.proto:56"""
        return None

    _do_SESSION_HELO = do_SESSION_HELO

    def do_SESSION_default(self, event: str, *args: object) -> Awaitable[None] | None:
        """Any other event in SESSION. smtp.proto:79"""
        return None

    _do_SESSION_default = do_SESSION_default

    def do_READY_MAIL(
        self, sender: str, parameters: str
    ) -> Awaitable[Accept | Reject | None] | Accept | Reject | None:
        """MAIL in READY: answer Accept or Reject; None is Accept. smtp.proto:94"""
        return None

    def do_ENVELOPE_RCPT(
        self, recipient: str
    ) -> Awaitable[Accept | Reject | None] | Accept | Reject | None:
        """RCPT in ENVELOPE: answer Accept or Reject; None is Accept. smtp.proto:105"""
        return None

    def do_SESSION_DATA(self) -> Awaitable[None] | None:
        """DATA in SESSION. smtp.proto:72"""
        return None

    _do_SESSION_DATA = do_SESSION_DATA

    def do_ENVELOPE_DATA(self) -> Awaitable[None] | None:
        """DATA in ENVELOPE. smtp.proto:108, smtp.proto:110"""
        return None

    def do_GREETING_RSET(self) -> Awaitable[None] | None:
        """RSET in GREETING. smtp.proto:83"""
        return None

    def do_SESSION_RSET(self) -> Awaitable[None] | None:
        """RSET in SESSION. smtp.proto:57"""
        return None

    _do_SESSION_RSET = do_SESSION_RSET

    def do_SESSION_NOOP(self) -> Awaitable[None] | None:
        """NOOP in SESSION. smtp.proto:58"""
        return None

    _do_SESSION_NOOP = do_SESSION_NOOP

    def do_SESSION_VRFY(
        self, who: str
    ) -> Awaitable[Unsure | Found | Unknown | None] | Unsure | Found | Unknown | None:
        """VRFY in SESSION: answer Unsure or Found or Unknown; None is Unsure.
        smtp.proto:61
        """
        return None

    _do_SESSION_VRFY = do_SESSION_VRFY

    def do_SESSION_HELP(self) -> Awaitable[None] | None:
        """HELP in SESSION. smtp.proto:59"""
        return None

    _do_SESSION_HELP = do_SESSION_HELP

    def do_SESSION_QUIT(self) -> Awaitable[None] | None:
        """QUIT in SESSION. smtp.proto:69"""
        return None

    _do_SESSION_QUIT = do_SESSION_QUIT

    def do_SESSION_STARTTLS(
        self,
    ) -> Awaitable[Accept | Reject | None] | Accept | Reject | None:
        """STARTTLS in SESSION: answer Accept or Reject; None is Accept.
        smtp.proto:65
        """
        return None

    _do_SESSION_STARTTLS = do_SESSION_STARTTLS

    def do_BODY_block(
        self, body: bytes
    ) -> Awaitable[Accept | Reject | None] | Accept | Reject | None:
        """block in BODY: answer Accept or Reject; None is Accept. smtp.proto:116"""
        return None

    def do_CONNECTED_open(
        self,
    ) -> Awaitable[Accept | Refuse | None] | Accept | Refuse | None:
        """open in CONNECTED: answer Accept or Refuse; None is Accept. smtp.proto:40"""
        return None

    def do_SESSION_eof(self) -> Awaitable[None] | None:
        """eof in SESSION. smtp.proto:78"""
        return None

    _do_SESSION_eof = do_SESSION_eof

    def do_BODY_eof(self) -> Awaitable[None] | None:
        """eof in BODY. smtp.proto:123"""
        return None

    def do_SHAKING_secured(self) -> Awaitable[None] | None:
        """secured in SHAKING. smtp.proto:87"""
        return None

    def do_SESSION_malformed(self, data: bytes, reason: str) -> Awaitable[None] | None:
        """malformed in SESSION. smtp.proto:74, smtp.proto:75, smtp.proto:76"""
        return None

    _do_SESSION_malformed = do_SESSION_malformed

    def do_BODY_malformed(self, data: bytes, reason: str) -> Awaitable[None] | None:
        """malformed in BODY. smtp.proto:120, smtp.proto:121"""
        return None

    def do_SESSION_failed(self, reason: str) -> Awaitable[None] | None:
        """failed in SESSION. smtp.proto:77"""
        return None

    _do_SESSION_failed = do_SESSION_failed

    def do_BODY_failed(self, reason: str) -> Awaitable[None] | None:
        """failed in BODY. smtp.proto:122"""
        return None

    def do_SESSION_timeout(self) -> Awaitable[None] | None:
        """The time-out in SESSION. smtp.proto:80"""
        return None

    _do_SESSION_timeout = do_SESSION_timeout

    def do_BODY_timeout(self) -> Awaitable[None] | None:
        """The time-out in BODY. smtp.proto:124"""
        return None

    def emit_mail(self, sender: str, recipients: list[str], body: bytes) -> object:
        """Tells what is above of `mail`. May return an awaitable. smtp.proto:32"""
        return self.above.mail(sender, recipients, body)


class Replies(Machine):
    """Gathers replies of several lines into one (RFC 5321, section 4.2.1).

    lines.proto:43
    """

    __slots__ = ("_WITHIN_begun", "lines", "max")

    _role = "Replies"
    _paths = {"BETWEEN": ("BETWEEN", "OPEN"), "WITHIN": ("WITHIN", "OPEN")}
    _alphabet = {
        "More": "below",
        "Last": "below",
        "command": "above",
        "octets": "above",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
    }
    _rows = ()
    _begins = "BETWEEN"

    def __init__(self, max: int = 512) -> None:
        super().__init__(Lines(end=b"\r\n", max=max, either=False))
        self.max = max
        self.lines: list[str] = []
        self._WITHIN_begun: int = 0
        self.state = "BETWEEN"

    def line(self, text: bytes) -> None:
        """A frame from below; as an event it is the message it decodes to."""
        if self._busy:
            return self._later(self.line, text)
        event, args = _Replies_receives.event(text)
        getattr(self, event)(*args)

    def More(self, code: int, text: str) -> None:
        """`More` from below."""
        if self._busy:
            return self._later(self.More, code, text)
        if self.state == "BETWEEN":
            self.lines = [text]
            self._WITHIN_begun = code
            self.state = "WITHIN"
        elif self.state == "WITHIN":
            if code == self._WITHIN_begun and len(self.lines) < 512:
                self.lines.append(text)
            else:
                data = text.encode()
                self.state = "BETWEEN"
                told = self.above.malformed(data, "bad value")
                if told is not None:
                    self._hold(told)
        else:
            self._refuse("More", code, text)

    def Last(self, code: int, text: str) -> None:
        """`Last` from below."""
        if self._busy:
            return self._later(self.Last, code, text)
        if self.state == "BETWEEN":
            told = self.above.reply(code, [text])
            if told is not None:
                self._hold(told)
        elif self.state == "WITHIN":
            if code == self._WITHIN_begun:
                self.state = "BETWEEN"
                told = self.above.reply(code, self.lines + [text])
                if told is not None:
                    self._hold(told)
            else:
                data = text.encode()
                self.state = "BETWEEN"
                told = self.above.malformed(data, "bad value")
                if told is not None:
                    self._hold(told)
        else:
            self._refuse("Last", code, text)

    def command(self, text: bytes) -> None:
        """`command` asked for from above."""
        if self._busy:
            return self._later(self.command, text)
        self.below.line(text)

    def octets(self, data: bytes) -> None:
        """`octets` asked for from above."""
        if self._busy:
            return self._later(self.octets, data)
        self.below.octets(data)

    def malformed(self, data: bytes, reason: str) -> None:
        """What came fits no message, or no frame."""
        if self._busy:
            return self._later(self.malformed, data, reason)
        self.state = "BETWEEN"
        told = self.above.malformed(data, reason)
        if told is not None:
            self._hold(told)


class Client(Secures, Chained):
    """The side that delivers mail.

    smtp.proto:130
    """

    __slots__ = (
        "_REFUSED_refusal",
        "_REFUSED_text",
        "_VERDICT_refusal",
        "_VERDICT_text",
        "accepted",
        "asked",
        "body",
        "eight_bit",
        "name",
        "offered",
        "pipelining",
        "private",
        "recipients",
        "results",
        "sized",
        "verdicts",
        "_is_reply",
        "_finishing",
    )

    _role = "Client"
    _paths = {
        "CONNECTING": ("CONNECTING", "OPEN"),
        "HELLO": ("HELLO", "OPEN"),
        "HELLO_OLD": ("HELLO_OLD", "OPEN"),
        "STARTING": ("STARTING", "OPEN"),
        "SHAKING": ("SHAKING", "OPEN"),
        "READY": ("READY", "OPEN"),
        "MAIL": ("MAIL", "OPEN"),
        "RCPT": ("RCPT", "OPEN"),
        "REFUSED": ("REFUSED", "OPEN"),
        "RESET": ("RESET", "OPEN"),
        "DATA": ("DATA", "OPEN"),
        "BODY": ("BODY", "OPEN"),
        "VERDICT": ("VERDICT", "OPEN"),
        "QUITTING": ("QUITTING", "OPEN"),
        "CLOSED": ("CLOSED",),
    }
    _alphabet = {
        "reply": "below",
        "send_mail": "above",
        "starttls": "above",
        "quit": "above",
        "open": "",
        "eof": "",
        "lost": "",
        "secured": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
        "known": "",
        "next": "",
        "timeout": "",
    }
    _rows = (
        Row("do_CONNECTING_220", "CONNECTING", "reply", "220"),
        Row("_do_OPEN_421", "OPEN", "reply", "421"),
        Row("_do_OPEN_reply", "OPEN", "reply"),
        Row("do_HELLO_250", "HELLO", "reply", "250"),
        Row("do_HELLO_500", "HELLO", "reply", "500"),
        Row("do_HELLO_502", "HELLO", "reply", "502"),
        Row("do_HELLO_504", "HELLO", "reply", "504"),
        Row("do_HELLO_OLD_250", "HELLO_OLD", "reply", "250"),
        Row("do_STARTING_220", "STARTING", "reply", "220"),
        Row("do_MAIL_250", "MAIL", "reply", "250"),
        Row("_do_MAIL_4xx", "MAIL", "reply", "4xx"),
        Row("_do_MAIL_5xx", "MAIL", "reply", "5xx"),
        Row("_do_RCPT_2xx", "RCPT", "reply", "2xx"),
        Row("_do_RCPT_4xx", "RCPT", "reply", "4xx"),
        Row("_do_RCPT_5xx", "RCPT", "reply", "5xx"),
        Row("_do_REFUSED_2xx", "REFUSED", "reply", "2xx"),
        Row("_do_REFUSED_4xx", "REFUSED", "reply", "4xx"),
        Row("_do_REFUSED_5xx", "REFUSED", "reply", "5xx"),
        Row("do_RESET_250", "RESET", "reply", "250"),
        Row("do_DATA_354", "DATA", "reply", "354"),
        Row("_do_DATA_4xx", "DATA", "reply", "4xx"),
        Row("_do_DATA_5xx", "DATA", "reply", "5xx"),
        Row("do_BODY_250", "BODY", "reply", "250"),
        Row("_do_BODY_4xx", "BODY", "reply", "4xx"),
        Row("_do_BODY_5xx", "BODY", "reply", "5xx"),
        Row("do_QUITTING_221", "QUITTING", "reply", "221"),
        Row("do_READY_send_mail", "READY", "send_mail"),
        Row("do_READY_starttls", "READY", "starttls"),
        Row("do_READY_quit", "READY", "quit"),
        Row("_do_OPEN_eof", "OPEN", "eof"),
        Row("do_SHAKING_secured", "SHAKING", "secured"),
        Row("_do_OPEN_malformed", "OPEN", "malformed"),
        Row("do_READY_known", "READY", "known"),
        Row("do_MAIL_next", "MAIL", "next"),
        Row("do_RCPT_next", "RCPT", "next"),
        Row("do_REFUSED_next", "REFUSED", "next"),
        Row("do_VERDICT_next", "VERDICT", "next"),
        Row("do_CONNECTING_timeout", "CONNECTING", "timeout"),
        Row("do_HELLO_timeout", "HELLO", "timeout"),
        Row("do_HELLO_OLD_timeout", "HELLO_OLD", "timeout"),
        Row("do_STARTING_timeout", "STARTING", "timeout"),
        Row("do_SHAKING_timeout", "SHAKING", "timeout"),
        Row("do_MAIL_timeout", "MAIL", "timeout"),
        Row("do_RCPT_timeout", "RCPT", "timeout"),
        Row("do_REFUSED_timeout", "REFUSED", "timeout"),
        Row("do_RESET_timeout", "RESET", "timeout"),
        Row("do_DATA_timeout", "DATA", "timeout"),
        Row("do_BODY_timeout", "BODY", "timeout"),
        Row("do_QUITTING_timeout", "QUITTING", "timeout"),
    )
    _by = {"reply": 0}
    _variables = (
        "_REFUSED_refusal",
        "_REFUSED_text",
        "_VERDICT_refusal",
        "_VERDICT_text",
        "accepted",
        "asked",
        "body",
        "eight_bit",
        "offered",
        "pipelining",
        "private",
        "recipients",
        "results",
        "sized",
        "verdicts",
    )
    _lists = ("results", "verdicts")

    def __init__(self, name: str) -> None:
        super().__init__(Replies(max=512))
        self.name = name
        self.recipients: list[str] = []
        self.body: bytes = b""
        self.asked: int = 0
        self.accepted: int = 0
        self.verdicts: list[Verdict] = []
        self.results: list[Verdict] = []
        self.pipelining: bool = False
        self.eight_bit: bool = False
        self.sized: bool = False
        self.offered: bool = False
        self.private: bool = False
        self._REFUSED_refusal: int = 0
        self._REFUSED_text: str = ""
        self._VERDICT_refusal: int = 0
        self._VERDICT_text: str = ""
        self._is_reply = False
        self.state = "CONNECTING"
        self._due = self.wire.due(300.0)

    def reply(self, code: int, lines: list[str]) -> None:
        """`reply` from below."""
        if self._busy:
            return self._later(self.reply, code, lines)
        self._busy = True
        try:
            step = self._steps_of_reply.get(self.state)
            if step is None:
                self._refuse("reply", code, lines)
            else:
                step(self, code, lines)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def send_mail(
        self, sender: str, recipients: list[str], body: bytes
    ) -> Call[list[Verdict]]:
        """`send_mail` asked for from above. Answered by `sent`."""
        call = self._call("send_mail", ("sent",))
        try:
            self._on_send_mail(sender, recipients, body)
        except BaseException:
            self._drop(call)
            raise
        finally:
            if self._waiting is not None:
                self._next()
        return call

    def _on_send_mail(self, sender: str, recipients: list[str], body: bytes) -> None:
        """The step of `send_mail`."""
        if self._busy:
            return self._later(self._on_send_mail, sender, recipients, body)
        self._busy = True
        try:
            if self.state in (
                "CONNECTING",
                "HELLO",
                "HELLO_OLD",
                "STARTING",
                "SHAKING",
                "MAIL",
                "RCPT",
                "REFUSED",
                "RESET",
                "DATA",
                "BODY",
                "VERDICT",
                "QUITTING",
            ):
                self._busy = False
                self._defer(self._on_send_mail, sender, recipients, body)
            elif self.state == "READY":
                if not matches(body, "(?:[^\\r\\n]++|\\r\\n)*+"):
                    self._READY_send_mail(
                        self.do_READY_send_mail(sender, recipients, body),
                        sender,
                        recipients,
                        body,
                    )
                elif (
                    len(recipients) > 0
                    and len(recipients) <= 400
                    and self.sized
                    and self.eight_bit
                ):
                    self._READY_send_mail_2(
                        self.do_READY_send_mail(sender, recipients, body),
                        sender,
                        recipients,
                        body,
                    )
                elif len(recipients) > 0 and len(recipients) <= 400 and self.sized:
                    self._READY_send_mail_3(
                        self.do_READY_send_mail(sender, recipients, body),
                        sender,
                        recipients,
                        body,
                    )
                elif len(recipients) > 0 and len(recipients) <= 400 and self.eight_bit:
                    self._READY_send_mail_4(
                        self.do_READY_send_mail(sender, recipients, body),
                        sender,
                        recipients,
                        body,
                    )
                elif len(recipients) > 0 and len(recipients) <= 400:
                    self._READY_send_mail_5(
                        self.do_READY_send_mail(sender, recipients, body),
                        sender,
                        recipients,
                        body,
                    )
                else:
                    self._READY_send_mail_6(
                        self.do_READY_send_mail(sender, recipients, body),
                        sender,
                        recipients,
                        body,
                    )
            else:
                self._refuse("send_mail", sender, recipients, body)
        except Exception as error:
            self._failed(error)

    def starttls(self) -> Call[list[str]]:
        """`starttls` asked for from above. Answered by `secure`."""
        call = self._call("starttls", ("secure",))
        try:
            self._on_starttls()
        except BaseException:
            self._drop(call)
            raise
        finally:
            if self._waiting is not None:
                self._next()
        return call

    def _on_starttls(self) -> None:
        """The step of `starttls`."""
        if self._busy:
            return self._later(self._on_starttls)
        self._busy = True
        try:
            if self.state in (
                "CONNECTING",
                "HELLO",
                "HELLO_OLD",
                "STARTING",
                "SHAKING",
                "MAIL",
                "RCPT",
                "REFUSED",
                "RESET",
                "DATA",
                "BODY",
                "VERDICT",
                "QUITTING",
            ):
                self._busy = False
                self._defer(self._on_starttls)
            elif self.state == "READY":
                if self.offered and not self.private:
                    self._READY_starttls(self.do_READY_starttls())
                elif not self.private:
                    self._READY_starttls_2(self.do_READY_starttls())
                else:
                    self._busy = False
                    self._defer(self._on_starttls)
            else:
                self._refuse("starttls")
        except Exception as error:
            self._failed(error)

    def quit(self) -> Call[None]:
        """`quit` asked for from above. Answered by `bye`."""
        call = self._call("quit", ("bye",))
        try:
            self._on_quit()
        except BaseException:
            self._drop(call)
            raise
        finally:
            if self._waiting is not None:
                self._next()
        return call

    def _on_quit(self) -> None:
        """The step of `quit`."""
        if self._busy:
            return self._later(self._on_quit)
        self._busy = True
        try:
            if self.state in (
                "CONNECTING",
                "HELLO",
                "HELLO_OLD",
                "STARTING",
                "SHAKING",
                "MAIL",
                "RCPT",
                "REFUSED",
                "RESET",
                "DATA",
                "BODY",
                "VERDICT",
                "QUITTING",
            ):
                self._busy = False
                self._defer(self._on_quit)
            elif self.state == "READY":
                self._READY_quit(self.do_READY_quit())
            else:
                self._refuse("quit")
        except Exception as error:
            self._failed(error)

    def eof(self) -> None:
        """The peer will send nothing more."""
        if self._busy:
            return self._later(self.eof)
        self._busy = True
        try:
            if self.state in (
                "CONNECTING",
                "HELLO",
                "HELLO_OLD",
                "STARTING",
                "SHAKING",
                "READY",
                "MAIL",
                "RCPT",
                "REFUSED",
                "RESET",
                "DATA",
                "BODY",
                "VERDICT",
                "QUITTING",
            ):
                self._OPEN_eof(self._do_OPEN_eof())
            else:
                self._refuse("eof")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def secured(self) -> None:
        """The handshake of `starttls` is done."""
        if self._busy:
            return self._later(self.secured)
        self._busy = True
        try:
            if self.state == "SHAKING":
                self._SHAKING_secured(self.do_SHAKING_secured())
            else:
                self._refuse("secured")
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
            if self.state in (
                "CONNECTING",
                "HELLO",
                "HELLO_OLD",
                "STARTING",
                "SHAKING",
                "READY",
                "MAIL",
                "RCPT",
                "REFUSED",
                "RESET",
                "DATA",
                "BODY",
                "VERDICT",
                "QUITTING",
            ):
                self._OPEN_malformed(
                    self._do_OPEN_malformed(data, reason), data, reason
                )
            else:
                self._refuse("malformed", data, reason)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _take_known(self, extensions: list[str]) -> None:
        """`known` raised by the machine itself."""
        if self.state == "READY":
            if self.private:
                self._READY_known(self.do_READY_known(extensions), extensions)
            else:
                self._READY_known_2(self.do_READY_known(extensions), extensions)
        else:
            self._refuse("known", extensions)

    def _take_next(self) -> None:
        """`next` raised by the machine itself."""
        if self.state == "MAIL":
            if self.pipelining and self.asked < len(self.recipients):
                self._MAIL_next(self.do_MAIL_next())
            else:
                pass
        elif self.state == "RCPT":
            if len(self.verdicts) == len(self.recipients) and self.accepted > 0:
                self._RCPT_next(self.do_RCPT_next())
            elif len(self.verdicts) == len(self.recipients):
                self._RCPT_next_2(self.do_RCPT_next())
            elif self.asked == len(self.verdicts):
                self._RCPT_next_3(self.do_RCPT_next())
            else:
                pass
        elif self.state == "REFUSED":
            if self.asked > 0:
                self._REFUSED_next(self.do_REFUSED_next())
            elif len(self.verdicts) < len(self.recipients):
                self._REFUSED_next_2(self.do_REFUSED_next())
            else:
                self._REFUSED_next_3(self.do_REFUSED_next())
        elif self.state == "VERDICT":
            if (
                len(self.results) < len(self.verdicts)
                and self.verdicts[len(self.results)].code < 300
            ):
                self._VERDICT_next(self.do_VERDICT_next())
            elif len(self.results) < len(self.verdicts):
                self._VERDICT_next_2(self.do_VERDICT_next())
            else:
                self._VERDICT_next_3(self.do_VERDICT_next())
        else:
            self._refuse("next")

    def _timeout(self) -> None:
        """The state's own time-out."""
        self._busy = True
        try:
            if self.state == "CONNECTING":
                self._CONNECTING_timeout(self.do_CONNECTING_timeout())
            elif self.state == "HELLO":
                self._HELLO_timeout(self.do_HELLO_timeout())
            elif self.state == "HELLO_OLD":
                self._HELLO_OLD_timeout(self.do_HELLO_OLD_timeout())
            elif self.state == "STARTING":
                self._STARTING_timeout(self.do_STARTING_timeout())
            elif self.state == "SHAKING":
                self._SHAKING_timeout(self.do_SHAKING_timeout())
            elif self.state == "MAIL":
                self._MAIL_timeout(self.do_MAIL_timeout())
            elif self.state == "RCPT":
                self._RCPT_timeout(self.do_RCPT_timeout())
            elif self.state == "REFUSED":
                self._REFUSED_timeout(self.do_REFUSED_timeout())
            elif self.state == "RESET":
                self._RESET_timeout(self.do_RESET_timeout())
            elif self.state == "DATA":
                self._DATA_timeout(self.do_DATA_timeout())
            elif self.state == "BODY":
                self._BODY_timeout(self.do_BODY_timeout())
            elif self.state == "QUITTING":
                self._QUITTING_timeout(self.do_QUITTING_timeout())
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _CONNECTING_220(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:158"""
        if answer is not None:
            return self._wait(answer, self._CONNECTING_220, code, lines)
        frame = encode_EHLO(self.name)
        self.state = "HELLO"
        self._due = self.wire.due(300.0)
        self._recall()
        self._busy = False
        self.below.command(frame)

    def _OPEN_421(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:153"""
        if answer is not None:
            return self._wait(answer, self._OPEN_421, code, lines)
        text = lines[0]
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._tell((self.emit_refused, 421, text), (self._end,))

    def _OPEN_reply(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:154"""
        if answer is not None:
            return self._wait(answer, self._OPEN_reply, code, lines)
        text = lines[0]
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._tell((self.emit_refused, code, text), (self._end,))

    def _HELLO_250(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:163"""
        if answer is not None:
            return self._wait(answer, self._HELLO_250, code, lines)
        self._is_reply = True
        self._begin()
        self.pipelining = "PIPELINING" in lines
        self.eight_bit = "8BITMIME" in lines
        self.sized = "SIZE" in lines or number(lines, "SIZE ") > 0
        self.offered = "STARTTLS" in lines
        self._raise(self._take_known, [*lines])
        self.state = "READY"
        self._due = NEVER
        self._recall()
        self._finish()

    def _HELLO_500(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:168"""
        if answer is not None:
            return self._wait(answer, self._HELLO_500, code, lines)
        frame = encode_HELO(self.name)
        self.state = "HELLO_OLD"
        self._due = self.wire.due(300.0)
        self._recall()
        self._busy = False
        self.below.command(frame)

    def _HELLO_502(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:168"""
        if answer is not None:
            return self._wait(answer, self._HELLO_502, code, lines)
        frame = encode_HELO(self.name)
        self.state = "HELLO_OLD"
        self._due = self.wire.due(300.0)
        self._recall()
        self._busy = False
        self.below.command(frame)

    def _HELLO_504(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:168"""
        if answer is not None:
            return self._wait(answer, self._HELLO_504, code, lines)
        frame = encode_HELO(self.name)
        self.state = "HELLO_OLD"
        self._due = self.wire.due(300.0)
        self._recall()
        self._busy = False
        self.below.command(frame)

    def _HELLO_OLD_250(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:173"""
        if answer is not None:
            return self._wait(answer, self._HELLO_OLD_250, code, lines)
        self._is_reply = True
        self._begin()
        self._raise(self._take_known, [])
        self.state = "READY"
        self._due = NEVER
        self._recall()
        self._finish()

    def _STARTING_220(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:179"""
        if answer is not None:
            return self._wait(answer, self._STARTING_220, code, lines)
        self.state = "SHAKING"
        self._due = self.wire.due(300.0)
        self._recall()
        self._busy = False
        self._hold(self._start_tls())

    def _MAIL_250(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:220"""
        if answer is not None:
            return self._wait(answer, self._MAIL_250, code, lines)
        self._is_reply = True
        self._begin()
        self._raise(self._take_next)
        self.state = "RCPT"
        self._due = self.wire.due(300.0)
        self._recall()
        self._finish()

    def _MAIL_4xx(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:221"""
        if answer is not None:
            return self._wait(answer, self._MAIL_4xx, code, lines)
        self._is_reply = True
        self._begin()
        self._raise(self._take_next)
        self._REFUSED_refusal = code
        self._REFUSED_text = lines[0]
        self.state = "REFUSED"
        self._due = self.wire.due(300.0)
        self._recall()
        self._finish()

    def _MAIL_5xx(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:221"""
        if answer is not None:
            return self._wait(answer, self._MAIL_5xx, code, lines)
        self._is_reply = True
        self._begin()
        self._raise(self._take_next)
        self._REFUSED_refusal = code
        self._REFUSED_text = lines[0]
        self.state = "REFUSED"
        self._due = self.wire.due(300.0)
        self._recall()
        self._finish()

    def _RCPT_2xx(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:226"""
        if answer is not None:
            return self._wait(answer, self._RCPT_2xx, code, lines)
        self._is_reply = True
        self._begin()
        self.accepted += 1
        self.verdicts.append(
            Verdict(self.recipients[len(self.verdicts)], code, lines[0])
        )
        self._raise(self._take_next)
        self.state = "RCPT"
        self._due = self.wire.due(300.0)
        self._recall()
        self._finish()

    def _RCPT_4xx(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:229"""
        if answer is not None:
            return self._wait(answer, self._RCPT_4xx, code, lines)
        self._is_reply = True
        self._begin()
        self.verdicts.append(
            Verdict(self.recipients[len(self.verdicts)], code, lines[0])
        )
        self._raise(self._take_next)
        self.state = "RCPT"
        self._due = self.wire.due(300.0)
        self._recall()
        self._finish()

    def _RCPT_5xx(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:229"""
        if answer is not None:
            return self._wait(answer, self._RCPT_5xx, code, lines)
        self._is_reply = True
        self._begin()
        self.verdicts.append(
            Verdict(self.recipients[len(self.verdicts)], code, lines[0])
        )
        self._raise(self._take_next)
        self.state = "RCPT"
        self._due = self.wire.due(300.0)
        self._recall()
        self._finish()

    def _REFUSED_2xx(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:244"""
        if answer is not None:
            return self._wait(answer, self._REFUSED_2xx, code, lines)
        self._is_reply = True
        self._begin()
        self.asked -= 1
        self._raise(self._take_next)
        self.state = "REFUSED"
        self._due = self.wire.due(300.0)
        self._recall()
        self._finish()

    def _REFUSED_4xx(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:244"""
        if answer is not None:
            return self._wait(answer, self._REFUSED_4xx, code, lines)
        self._is_reply = True
        self._begin()
        self.asked -= 1
        self._raise(self._take_next)
        self.state = "REFUSED"
        self._due = self.wire.due(300.0)
        self._recall()
        self._finish()

    def _REFUSED_5xx(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:244"""
        if answer is not None:
            return self._wait(answer, self._REFUSED_5xx, code, lines)
        self._is_reply = True
        self._begin()
        self.asked -= 1
        self._raise(self._take_next)
        self.state = "REFUSED"
        self._due = self.wire.due(300.0)
        self._recall()
        self._finish()

    def _RESET_250(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:249"""
        if answer is not None:
            return self._wait(answer, self._RESET_250, code, lines)
        self._owed("sent")
        self.state = "READY"
        self._due = NEVER
        self._recall()
        self._tell(
            (self.emit_sent, [*self.results]), (self._answer, "sent", [*self.results])
        )

    def _DATA_354(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:254"""
        if answer is not None:
            return self._wait(answer, self._DATA_354, code, lines)
        data = dotted(self.body)
        self.state = "BODY"
        self._due = self.wire.due(600.0)
        self._recall()
        self._busy = False
        self.below.octets(data)

    def _DATA_4xx(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:255"""
        if answer is not None:
            return self._wait(answer, self._DATA_4xx, code, lines)
        self._is_reply = True
        self._begin()
        self._VERDICT_refusal = code
        self._VERDICT_text = lines[0]
        self.state = "VERDICT"
        self._due = NEVER
        self._recall()
        self.results = []
        self._raise(self._take_next)
        self._finish()

    def _DATA_5xx(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:255"""
        if answer is not None:
            return self._wait(answer, self._DATA_5xx, code, lines)
        self._is_reply = True
        self._begin()
        self._VERDICT_refusal = code
        self._VERDICT_text = lines[0]
        self.state = "VERDICT"
        self._due = NEVER
        self._recall()
        self.results = []
        self._raise(self._take_next)
        self._finish()

    def _BODY_250(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:260"""
        if answer is not None:
            return self._wait(answer, self._BODY_250, code, lines)
        self._owed("sent")
        self.state = "READY"
        self._due = NEVER
        self._recall()
        self._tell(
            (self.emit_sent, [*self.verdicts]), (self._answer, "sent", [*self.verdicts])
        )

    def _BODY_4xx(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:261"""
        if answer is not None:
            return self._wait(answer, self._BODY_4xx, code, lines)
        self._is_reply = True
        self._begin()
        self._VERDICT_refusal = code
        self._VERDICT_text = lines[0]
        self.state = "VERDICT"
        self._due = NEVER
        self._recall()
        self.results = []
        self._raise(self._take_next)
        self._finish()

    def _BODY_5xx(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:261"""
        if answer is not None:
            return self._wait(answer, self._BODY_5xx, code, lines)
        self._is_reply = True
        self._begin()
        self._VERDICT_refusal = code
        self._VERDICT_text = lines[0]
        self.state = "VERDICT"
        self._due = NEVER
        self._recall()
        self.results = []
        self._raise(self._take_next)
        self._finish()

    def _QUITTING_221(self, answer: object, code: int, lines: list[str]) -> None:
        """smtp.proto:276"""
        if answer is not None:
            return self._wait(answer, self._QUITTING_221, code, lines)
        self._owed("bye")
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._tell((self.emit_bye,), (self._answer, "bye", None), (self._end,))

    def _CONNECTING_on_reply(self, code: int, lines: list[str]) -> None:
        """`reply` in CONNECTING."""
        if code == 220:
            self._CONNECTING_220(self.do_CONNECTING_220(lines), code, lines)
        elif code == 421:
            self._OPEN_421(self._do_OPEN_421(lines), code, lines)
        else:
            self._OPEN_reply(self._do_OPEN_reply(code, lines), code, lines)

    def _HELLO_on_reply(self, code: int, lines: list[str]) -> None:
        """`reply` in HELLO."""
        if code == 250:
            self._HELLO_250(self.do_HELLO_250(lines), code, lines)
        elif code == 421:
            self._OPEN_421(self._do_OPEN_421(lines), code, lines)
        elif code == 500:
            self._HELLO_500(self.do_HELLO_500(lines), code, lines)
        elif code == 502:
            self._HELLO_502(self.do_HELLO_502(lines), code, lines)
        elif code == 504:
            self._HELLO_504(self.do_HELLO_504(lines), code, lines)
        else:
            self._OPEN_reply(self._do_OPEN_reply(code, lines), code, lines)

    def _HELLO_OLD_on_reply(self, code: int, lines: list[str]) -> None:
        """`reply` in HELLO_OLD."""
        if code == 250:
            self._HELLO_OLD_250(self.do_HELLO_OLD_250(lines), code, lines)
        elif code == 421:
            self._OPEN_421(self._do_OPEN_421(lines), code, lines)
        else:
            self._OPEN_reply(self._do_OPEN_reply(code, lines), code, lines)

    def _STARTING_on_reply(self, code: int, lines: list[str]) -> None:
        """`reply` in STARTING."""
        if code == 220:
            self._STARTING_220(self.do_STARTING_220(lines), code, lines)
        elif code == 421:
            self._OPEN_421(self._do_OPEN_421(lines), code, lines)
        else:
            self._OPEN_reply(self._do_OPEN_reply(code, lines), code, lines)

    def _SHAKING_on_reply(self, code: int, lines: list[str]) -> None:
        """`reply` in SHAKING or READY or VERDICT."""
        if code == 421:
            self._OPEN_421(self._do_OPEN_421(lines), code, lines)
        else:
            self._OPEN_reply(self._do_OPEN_reply(code, lines), code, lines)

    def _MAIL_on_reply(self, code: int, lines: list[str]) -> None:
        """`reply` in MAIL."""
        if code == 250:
            self._MAIL_250(self.do_MAIL_250(lines), code, lines)
        elif code == 421:
            self._OPEN_421(self._do_OPEN_421(lines), code, lines)
        elif 400 <= code <= 499:
            self._MAIL_4xx(self._do_MAIL_4xx(code, lines), code, lines)
        elif 500 <= code <= 599:
            self._MAIL_5xx(self._do_MAIL_5xx(code, lines), code, lines)
        else:
            self._OPEN_reply(self._do_OPEN_reply(code, lines), code, lines)

    def _RCPT_on_reply(self, code: int, lines: list[str]) -> None:
        """`reply` in RCPT."""
        if code == 421:
            self._OPEN_421(self._do_OPEN_421(lines), code, lines)
        elif 200 <= code <= 299:
            self._RCPT_2xx(self._do_RCPT_2xx(code, lines), code, lines)
        elif 400 <= code <= 499:
            self._RCPT_4xx(self._do_RCPT_4xx(code, lines), code, lines)
        elif 500 <= code <= 599:
            self._RCPT_5xx(self._do_RCPT_5xx(code, lines), code, lines)
        else:
            self._OPEN_reply(self._do_OPEN_reply(code, lines), code, lines)

    def _REFUSED_on_reply(self, code: int, lines: list[str]) -> None:
        """`reply` in REFUSED."""
        if code == 421:
            self._OPEN_421(self._do_OPEN_421(lines), code, lines)
        elif 200 <= code <= 299:
            self._REFUSED_2xx(self._do_REFUSED_2xx(code, lines), code, lines)
        elif 400 <= code <= 499:
            self._REFUSED_4xx(self._do_REFUSED_4xx(code, lines), code, lines)
        elif 500 <= code <= 599:
            self._REFUSED_5xx(self._do_REFUSED_5xx(code, lines), code, lines)
        else:
            self._OPEN_reply(self._do_OPEN_reply(code, lines), code, lines)

    def _RESET_on_reply(self, code: int, lines: list[str]) -> None:
        """`reply` in RESET."""
        if code == 250:
            self._RESET_250(self.do_RESET_250(lines), code, lines)
        elif code == 421:
            self._OPEN_421(self._do_OPEN_421(lines), code, lines)
        else:
            self._OPEN_reply(self._do_OPEN_reply(code, lines), code, lines)

    def _DATA_on_reply(self, code: int, lines: list[str]) -> None:
        """`reply` in DATA."""
        if code == 354:
            self._DATA_354(self.do_DATA_354(lines), code, lines)
        elif code == 421:
            self._OPEN_421(self._do_OPEN_421(lines), code, lines)
        elif 400 <= code <= 499:
            self._DATA_4xx(self._do_DATA_4xx(code, lines), code, lines)
        elif 500 <= code <= 599:
            self._DATA_5xx(self._do_DATA_5xx(code, lines), code, lines)
        else:
            self._OPEN_reply(self._do_OPEN_reply(code, lines), code, lines)

    def _BODY_on_reply(self, code: int, lines: list[str]) -> None:
        """`reply` in BODY."""
        if code == 250:
            self._BODY_250(self.do_BODY_250(lines), code, lines)
        elif code == 421:
            self._OPEN_421(self._do_OPEN_421(lines), code, lines)
        elif 400 <= code <= 499:
            self._BODY_4xx(self._do_BODY_4xx(code, lines), code, lines)
        elif 500 <= code <= 599:
            self._BODY_5xx(self._do_BODY_5xx(code, lines), code, lines)
        else:
            self._OPEN_reply(self._do_OPEN_reply(code, lines), code, lines)

    def _QUITTING_on_reply(self, code: int, lines: list[str]) -> None:
        """`reply` in QUITTING."""
        if code == 221:
            self._QUITTING_221(self.do_QUITTING_221(lines), code, lines)
        elif code == 421:
            self._OPEN_421(self._do_OPEN_421(lines), code, lines)
        else:
            self._OPEN_reply(self._do_OPEN_reply(code, lines), code, lines)

    def _READY_send_mail(
        self, answer: object, sender: str, recipients: list[str], body: bytes
    ) -> None:
        """smtp.proto:193"""
        if answer is not None:
            return self._wait(answer, self._READY_send_mail, sender, recipients, body)
        self._tell(
            (
                self.emit_sent,
                [Verdict(one, 554, "Lines end in CR LF") for one in recipients],
            ),
            (
                self._answer,
                "sent",
                [Verdict(one, 554, "Lines end in CR LF") for one in recipients],
            ),
        )

    def _READY_send_mail_2(
        self, answer: object, sender: str, recipients: list[str], body: bytes
    ) -> None:
        """smtp.proto:195"""
        if answer is not None:
            return self._wait(answer, self._READY_send_mail_2, sender, recipients, body)
        self._is_reply = False
        self._begin()
        self.recipients = [*recipients]
        self.body = body
        self._effect(
            self.below.command,
            encode_MAIL(sender, "SIZE=" + str(len(body)) + " BODY=8BITMIME"),
        )
        self.state = "MAIL"
        self._due = self.wire.due(300.0)
        self._recall()
        self.asked = 0
        self.accepted = 0
        self.verdicts = []
        self._raise(self._take_next)
        self._finish()

    def _READY_send_mail_3(
        self, answer: object, sender: str, recipients: list[str], body: bytes
    ) -> None:
        """smtp.proto:199"""
        if answer is not None:
            return self._wait(answer, self._READY_send_mail_3, sender, recipients, body)
        self._is_reply = False
        self._begin()
        self.recipients = [*recipients]
        self.body = body
        self._effect(self.below.command, encode_MAIL(sender, "SIZE=" + str(len(body))))
        self.state = "MAIL"
        self._due = self.wire.due(300.0)
        self._recall()
        self.asked = 0
        self.accepted = 0
        self.verdicts = []
        self._raise(self._take_next)
        self._finish()

    def _READY_send_mail_4(
        self, answer: object, sender: str, recipients: list[str], body: bytes
    ) -> None:
        """smtp.proto:203"""
        if answer is not None:
            return self._wait(answer, self._READY_send_mail_4, sender, recipients, body)
        self._is_reply = False
        self._begin()
        self.recipients = [*recipients]
        self.body = body
        self._effect(self.below.command, encode_MAIL(sender, "BODY=8BITMIME"))
        self.state = "MAIL"
        self._due = self.wire.due(300.0)
        self._recall()
        self.asked = 0
        self.accepted = 0
        self.verdicts = []
        self._raise(self._take_next)
        self._finish()

    def _READY_send_mail_5(
        self, answer: object, sender: str, recipients: list[str], body: bytes
    ) -> None:
        """smtp.proto:207"""
        if answer is not None:
            return self._wait(answer, self._READY_send_mail_5, sender, recipients, body)
        self._is_reply = False
        self._begin()
        self.recipients = [*recipients]
        self.body = body
        self._effect(self.below.command, encode_MAIL(sender, ""))
        self.state = "MAIL"
        self._due = self.wire.due(300.0)
        self._recall()
        self.asked = 0
        self.accepted = 0
        self.verdicts = []
        self._raise(self._take_next)
        self._finish()

    def _READY_send_mail_6(
        self, answer: object, sender: str, recipients: list[str], body: bytes
    ) -> None:
        """smtp.proto:210"""
        if answer is not None:
            return self._wait(answer, self._READY_send_mail_6, sender, recipients, body)
        self._tell(
            (
                self.emit_sent,
                [Verdict(one, 452, "Too many recipients") for one in recipients],
            ),
            (
                self._answer,
                "sent",
                [Verdict(one, 452, "Too many recipients") for one in recipients],
            ),
        )

    def _READY_starttls(self, answer: object) -> None:
        """smtp.proto:191"""
        if answer is not None:
            return self._wait(answer, self._READY_starttls)
        self.state = "STARTING"
        self._due = self.wire.due(300.0)
        self._recall()
        self._busy = False
        self.below.command(b"STARTTLS")

    def _READY_starttls_2(self, answer: object) -> None:
        """smtp.proto:192"""
        if answer is not None:
            return self._wait(answer, self._READY_starttls_2)
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._tell(
            (self.emit_refused, 0, "The server does not offer TLS"), (self._end,)
        )

    def _READY_quit(self, answer: object) -> None:
        """smtp.proto:211"""
        if answer is not None:
            return self._wait(answer, self._READY_quit)
        self.state = "QUITTING"
        self._due = self.wire.due(300.0)
        self._recall()
        self._busy = False
        self.below.command(b"QUIT")

    def _OPEN_eof(self, answer: object) -> None:
        """smtp.proto:152"""
        if answer is not None:
            return self._wait(answer, self._OPEN_eof)
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._tell(
            (self.emit_refused, 0, "The server closed the connection"), (self._end,)
        )

    def _SHAKING_secured(self, answer: object) -> None:
        """smtp.proto:184"""
        if answer is not None:
            return self._wait(answer, self._SHAKING_secured)
        frame = encode_EHLO(self.name)
        self.private = True
        self.state = "HELLO"
        self._due = self.wire.due(300.0)
        self._recall()
        self._busy = False
        self.below.command(frame)

    def _OPEN_malformed(self, answer: object, data: bytes, reason: str) -> None:
        """smtp.proto:151"""
        if answer is not None:
            return self._wait(answer, self._OPEN_malformed, data, reason)
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._tell(
            (self.emit_refused, 0, "The server does not speak SMTP"), (self._end,)
        )

    def _READY_known(self, answer: object, extensions: list[str]) -> None:
        """smtp.proto:189"""
        if answer is not None:
            return self._wait(answer, self._READY_known, extensions)
        self._replies("secure")
        self._effect(self.emit_secure, extensions)
        self._effect(self._answer, "secure", extensions)

    def _READY_known_2(self, answer: object, extensions: list[str]) -> None:
        """smtp.proto:190"""
        if answer is not None:
            return self._wait(answer, self._READY_known_2, extensions)
        self._effect(self.emit_ready, extensions)

    def _MAIL_next(self, answer: object) -> None:
        """smtp.proto:217"""
        if answer is not None:
            return self._wait(answer, self._MAIL_next)
        self._effect(self.below.command, encode_RCPT(self.recipients[self.asked]))
        self.asked += 1
        self._raise(self._take_next)

    def _RCPT_next(self, answer: object) -> None:
        """smtp.proto:231"""
        if answer is not None:
            return self._wait(answer, self._RCPT_next)
        self._effect(self.below.command, b"DATA")
        self.state = "DATA"
        self._due = self.wire.due(120.0)
        self._recall()

    def _RCPT_next_2(self, answer: object) -> None:
        """smtp.proto:233"""
        if answer is not None:
            return self._wait(answer, self._RCPT_next_2)
        self.results = [*self.verdicts]
        self._effect(self.below.command, b"RSET")
        self.state = "RESET"
        self._due = self.wire.due(300.0)
        self._recall()

    def _RCPT_next_3(self, answer: object) -> None:
        """smtp.proto:234"""
        if answer is not None:
            return self._wait(answer, self._RCPT_next_3)
        self._effect(self.below.command, encode_RCPT(self.recipients[self.asked]))
        self.asked += 1

    def _REFUSED_next(self, answer: object) -> None:
        """smtp.proto:240"""
        if answer is not None:
            return self._wait(answer, self._REFUSED_next)
        self.results = []

    def _REFUSED_next_2(self, answer: object) -> None:
        """smtp.proto:241"""
        if answer is not None:
            return self._wait(answer, self._REFUSED_next_2)
        self.verdicts.append(
            Verdict(
                self.recipients[len(self.verdicts)],
                self._REFUSED_refusal,
                self._REFUSED_text,
            )
        )
        self._raise(self._take_next)

    def _REFUSED_next_3(self, answer: object) -> None:
        """smtp.proto:243"""
        if answer is not None:
            return self._wait(answer, self._REFUSED_next_3)
        self.results = [*self.verdicts]
        self._effect(self.below.command, b"RSET")
        self.state = "RESET"
        self._due = self.wire.due(300.0)
        self._recall()

    def _VERDICT_next(self, answer: object) -> None:
        """smtp.proto:267"""
        if answer is not None:
            return self._wait(answer, self._VERDICT_next)
        self.results.append(
            Verdict(
                self.verdicts[len(self.results)].recipient,
                self._VERDICT_refusal,
                self._VERDICT_text,
            )
        )
        self._raise(self._take_next)

    def _VERDICT_next_2(self, answer: object) -> None:
        """smtp.proto:270"""
        if answer is not None:
            return self._wait(answer, self._VERDICT_next_2)
        self.results.append(self.verdicts[len(self.results)])
        self._raise(self._take_next)

    def _VERDICT_next_3(self, answer: object) -> None:
        """smtp.proto:272"""
        if answer is not None:
            return self._wait(answer, self._VERDICT_next_3)
        self.verdicts = [*self.results]
        self._effect(self.below.command, b"RSET")
        self.state = "RESET"
        self._due = self.wire.due(300.0)
        self._recall()

    def _CONNECTING_timeout(self, answer: object) -> None:
        """smtp.proto:159"""
        if answer is not None:
            return self._wait(answer, self._CONNECTING_timeout)
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._tell((self.emit_refused, 0, "No greeting"), (self._end,))

    def _HELLO_timeout(self, answer: object) -> None:
        """smtp.proto:169"""
        if answer is not None:
            return self._wait(answer, self._HELLO_timeout)
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._tell((self.emit_refused, 0, "No answer to EHLO"), (self._end,))

    def _HELLO_OLD_timeout(self, answer: object) -> None:
        """smtp.proto:174"""
        if answer is not None:
            return self._wait(answer, self._HELLO_OLD_timeout)
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._tell((self.emit_refused, 0, "No answer to HELO"), (self._end,))

    def _STARTING_timeout(self, answer: object) -> None:
        """smtp.proto:180"""
        if answer is not None:
            return self._wait(answer, self._STARTING_timeout)
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._tell((self.emit_refused, 0, "No answer to STARTTLS"), (self._end,))

    def _SHAKING_timeout(self, answer: object) -> None:
        """smtp.proto:185"""
        if answer is not None:
            return self._wait(answer, self._SHAKING_timeout)
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._tell((self.emit_refused, 0, "No TLS"), (self._end,))

    def _MAIL_timeout(self, answer: object) -> None:
        """smtp.proto:222"""
        if answer is not None:
            return self._wait(answer, self._MAIL_timeout)
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._tell((self.emit_refused, 0, "No answer to MAIL"), (self._end,))

    def _RCPT_timeout(self, answer: object) -> None:
        """smtp.proto:236"""
        if answer is not None:
            return self._wait(answer, self._RCPT_timeout)
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._tell((self.emit_refused, 0, "No answer to RCPT"), (self._end,))

    def _REFUSED_timeout(self, answer: object) -> None:
        """smtp.proto:245"""
        if answer is not None:
            return self._wait(answer, self._REFUSED_timeout)
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._tell((self.emit_refused, 0, "No answer to RCPT"), (self._end,))

    def _RESET_timeout(self, answer: object) -> None:
        """smtp.proto:250"""
        if answer is not None:
            return self._wait(answer, self._RESET_timeout)
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._tell((self.emit_refused, 0, "No answer to RSET"), (self._end,))

    def _DATA_timeout(self, answer: object) -> None:
        """smtp.proto:256"""
        if answer is not None:
            return self._wait(answer, self._DATA_timeout)
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._tell((self.emit_refused, 0, "No answer to DATA"), (self._end,))

    def _BODY_timeout(self, answer: object) -> None:
        """smtp.proto:262"""
        if answer is not None:
            return self._wait(answer, self._BODY_timeout)
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._tell((self.emit_refused, 0, "No answer to the mail"), (self._end,))

    def _QUITTING_timeout(self, answer: object) -> None:
        """smtp.proto:277"""
        if answer is not None:
            return self._wait(answer, self._QUITTING_timeout)
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._tell((self.emit_bye,), (self._answer, "bye", None), (self._end,))

    def _forget(self) -> None:
        """TLS begins: what is `scope layer` ends."""
        self.verdicts = []
        self.results = []
        self.pipelining = False
        self.eight_bit = False
        self.sized = False
        self.offered = False

    def do_CONNECTING_220(self, lines: list[str]) -> Awaitable[None] | None:
        """220 in CONNECTING. smtp.proto:158"""
        return None

    def do_OPEN_421(self, lines: list[str]) -> Awaitable[None] | None:
        """421 in OPEN. smtp.proto:153"""
        return None

    _do_OPEN_421 = do_OPEN_421

    def do_OPEN_reply(self, code: int, lines: list[str]) -> Awaitable[None] | None:
        """reply in OPEN. smtp.proto:154"""
        return None

    _do_OPEN_reply = do_OPEN_reply

    def do_HELLO_250(self, lines: list[str]) -> Awaitable[None] | None:
        """250 in HELLO. smtp.proto:163"""
        return None

    def do_HELLO_500(self, lines: list[str]) -> Awaitable[None] | None:
        """500 in HELLO. smtp.proto:168"""
        return None

    def do_HELLO_502(self, lines: list[str]) -> Awaitable[None] | None:
        """502 in HELLO. smtp.proto:168"""
        return None

    def do_HELLO_504(self, lines: list[str]) -> Awaitable[None] | None:
        """504 in HELLO. smtp.proto:168"""
        return None

    def do_HELLO_OLD_250(self, lines: list[str]) -> Awaitable[None] | None:
        """250 in HELLO_OLD. smtp.proto:173"""
        return None

    def do_STARTING_220(self, lines: list[str]) -> Awaitable[None] | None:
        """220 in STARTING. smtp.proto:179"""
        return None

    def do_MAIL_250(self, lines: list[str]) -> Awaitable[None] | None:
        """250 in MAIL. smtp.proto:220"""
        return None

    def do_MAIL_4xx(self, code: int, lines: list[str]) -> Awaitable[None] | None:
        """4xx in MAIL. smtp.proto:221"""
        return None

    _do_MAIL_4xx = do_MAIL_4xx

    def do_MAIL_5xx(self, code: int, lines: list[str]) -> Awaitable[None] | None:
        """5xx in MAIL. smtp.proto:221"""
        return None

    _do_MAIL_5xx = do_MAIL_5xx

    def do_RCPT_2xx(self, code: int, lines: list[str]) -> Awaitable[None] | None:
        """2xx in RCPT. smtp.proto:226"""
        return None

    _do_RCPT_2xx = do_RCPT_2xx

    def do_RCPT_4xx(self, code: int, lines: list[str]) -> Awaitable[None] | None:
        """4xx in RCPT. smtp.proto:229"""
        return None

    _do_RCPT_4xx = do_RCPT_4xx

    def do_RCPT_5xx(self, code: int, lines: list[str]) -> Awaitable[None] | None:
        """5xx in RCPT. smtp.proto:229"""
        return None

    _do_RCPT_5xx = do_RCPT_5xx

    def do_REFUSED_2xx(self, code: int, lines: list[str]) -> Awaitable[None] | None:
        """2xx in REFUSED. smtp.proto:244"""
        return None

    _do_REFUSED_2xx = do_REFUSED_2xx

    def do_REFUSED_4xx(self, code: int, lines: list[str]) -> Awaitable[None] | None:
        """4xx in REFUSED. smtp.proto:244"""
        return None

    _do_REFUSED_4xx = do_REFUSED_4xx

    def do_REFUSED_5xx(self, code: int, lines: list[str]) -> Awaitable[None] | None:
        """5xx in REFUSED. smtp.proto:244"""
        return None

    _do_REFUSED_5xx = do_REFUSED_5xx

    def do_RESET_250(self, lines: list[str]) -> Awaitable[None] | None:
        """250 in RESET. smtp.proto:249"""
        return None

    def do_DATA_354(self, lines: list[str]) -> Awaitable[None] | None:
        """354 in DATA. smtp.proto:254"""
        return None

    def do_DATA_4xx(self, code: int, lines: list[str]) -> Awaitable[None] | None:
        """4xx in DATA. smtp.proto:255"""
        return None

    _do_DATA_4xx = do_DATA_4xx

    def do_DATA_5xx(self, code: int, lines: list[str]) -> Awaitable[None] | None:
        """5xx in DATA. smtp.proto:255"""
        return None

    _do_DATA_5xx = do_DATA_5xx

    def do_BODY_250(self, lines: list[str]) -> Awaitable[None] | None:
        """250 in BODY. smtp.proto:260"""
        return None

    def do_BODY_4xx(self, code: int, lines: list[str]) -> Awaitable[None] | None:
        """4xx in BODY. smtp.proto:261"""
        return None

    _do_BODY_4xx = do_BODY_4xx

    def do_BODY_5xx(self, code: int, lines: list[str]) -> Awaitable[None] | None:
        """5xx in BODY. smtp.proto:261"""
        return None

    _do_BODY_5xx = do_BODY_5xx

    def do_QUITTING_221(self, lines: list[str]) -> Awaitable[None] | None:
        """221 in QUITTING. smtp.proto:276"""
        return None

    def do_READY_send_mail(
        self, sender: str, recipients: list[str], body: bytes
    ) -> Awaitable[None] | None:
        """send_mail in READY. smtp.proto:193, smtp.proto:195, smtp.proto:199,
        smtp.proto:203, smtp.proto:207, smtp.proto:210
        """
        return None

    def do_READY_starttls(self) -> Awaitable[None] | None:
        """starttls in READY. smtp.proto:191, smtp.proto:192"""
        return None

    def do_READY_quit(self) -> Awaitable[None] | None:
        """quit in READY. smtp.proto:211"""
        return None

    def do_OPEN_eof(self) -> Awaitable[None] | None:
        """eof in OPEN. smtp.proto:152"""
        return None

    _do_OPEN_eof = do_OPEN_eof

    def do_SHAKING_secured(self) -> Awaitable[None] | None:
        """secured in SHAKING. smtp.proto:184"""
        return None

    def do_OPEN_malformed(self, data: bytes, reason: str) -> Awaitable[None] | None:
        """malformed in OPEN. smtp.proto:151"""
        return None

    _do_OPEN_malformed = do_OPEN_malformed

    def do_READY_known(self, extensions: list[str]) -> Awaitable[None] | None:
        """known in READY. smtp.proto:189, smtp.proto:190"""
        return None

    def do_MAIL_next(self) -> Awaitable[None] | None:
        """next in MAIL. smtp.proto:217"""
        return None

    def do_RCPT_next(self) -> Awaitable[None] | None:
        """next in RCPT. smtp.proto:231, smtp.proto:233, smtp.proto:234"""
        return None

    def do_REFUSED_next(self) -> Awaitable[None] | None:
        """next in REFUSED. smtp.proto:240, smtp.proto:241, smtp.proto:243"""
        return None

    def do_VERDICT_next(self) -> Awaitable[None] | None:
        """next in VERDICT. smtp.proto:267, smtp.proto:270, smtp.proto:272"""
        return None

    def do_CONNECTING_timeout(self) -> Awaitable[None] | None:
        """The time-out in CONNECTING. smtp.proto:159"""
        return None

    def do_HELLO_timeout(self) -> Awaitable[None] | None:
        """The time-out in HELLO. smtp.proto:169"""
        return None

    def do_HELLO_OLD_timeout(self) -> Awaitable[None] | None:
        """The time-out in HELLO_OLD. smtp.proto:174"""
        return None

    def do_STARTING_timeout(self) -> Awaitable[None] | None:
        """The time-out in STARTING. smtp.proto:180"""
        return None

    def do_SHAKING_timeout(self) -> Awaitable[None] | None:
        """The time-out in SHAKING. smtp.proto:185"""
        return None

    def do_MAIL_timeout(self) -> Awaitable[None] | None:
        """The time-out in MAIL. smtp.proto:222"""
        return None

    def do_RCPT_timeout(self) -> Awaitable[None] | None:
        """The time-out in RCPT. smtp.proto:236"""
        return None

    def do_REFUSED_timeout(self) -> Awaitable[None] | None:
        """The time-out in REFUSED. smtp.proto:245"""
        return None

    def do_RESET_timeout(self) -> Awaitable[None] | None:
        """The time-out in RESET. smtp.proto:250"""
        return None

    def do_DATA_timeout(self) -> Awaitable[None] | None:
        """The time-out in DATA. smtp.proto:256"""
        return None

    def do_BODY_timeout(self) -> Awaitable[None] | None:
        """The time-out in BODY. smtp.proto:262"""
        return None

    def do_QUITTING_timeout(self) -> Awaitable[None] | None:
        """The time-out in QUITTING. smtp.proto:277"""
        return None

    def emit_ready(self, extensions: list[str]) -> object:
        """Tells what is above of `ready`. May return an awaitable. smtp.proto:135"""
        return self.above.ready(extensions)

    def emit_secure(self, extensions: list[str]) -> object:
        """Tells what is above of `secure`. May return an awaitable. smtp.proto:135"""
        return self.above.secure(extensions)

    def emit_sent(self, verdicts: list[Verdict]) -> object:
        """Tells what is above of `sent`. May return an awaitable. smtp.proto:135"""
        return self.above.sent(verdicts)

    def emit_bye(self) -> object:
        """Tells what is above of `bye`. May return an awaitable. smtp.proto:135"""
        return self.above.bye()

    def emit_refused(self, code: int, text: str) -> object:
        """Tells what is above of `refused`. May return an awaitable. smtp.proto:136"""
        return self.above.refused(code, text)

    _steps_of_reply = {
        "CONNECTING": _CONNECTING_on_reply,
        "HELLO": _HELLO_on_reply,
        "HELLO_OLD": _HELLO_OLD_on_reply,
        "STARTING": _STARTING_on_reply,
        "SHAKING": _SHAKING_on_reply,
        "READY": _SHAKING_on_reply,
        "VERDICT": _SHAKING_on_reply,
        "MAIL": _MAIL_on_reply,
        "RCPT": _RCPT_on_reply,
        "REFUSED": _REFUSED_on_reply,
        "RESET": _RESET_on_reply,
        "DATA": _DATA_on_reply,
        "BODY": _BODY_on_reply,
        "QUITTING": _QUITTING_on_reply,
    }
