"""The Link Control Protocol of PPP, RFC 1661.

Made by protogen from lcp.proto; build it again to change it.
"""

from __future__ import annotations

from struct import Struct

from protogen_fsm.runtime.core import (
    AnyOf,
    Chained,
    Decoder,
    Machine,
    Outcome,
    Outlet,
    Row,
    packed,
    unprintable,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable

HEADER = 4
PROTOCOL = 49185


class Acceptable(Outcome):
    """The outcome `acceptable`. lcp.proto:210"""

    __slots__ = ()


class Refuse(Outcome):
    """The outcome `refuse`. lcp.proto:212"""

    __slots__ = ("values",)

    def __init__(self, values: bytes) -> None:
        self.values = values


class Reject(Outcome):
    """The outcome `reject`. lcp.proto:214"""

    __slots__ = ("unknown",)

    def __init__(self, unknown: bytes) -> None:
        self.unknown = unknown


class Defaults(Outcome):
    """The outcome `defaults`. lcp.proto:243"""

    __slots__ = ()


class Again(Outcome):
    """The outcome `again`. lcp.proto:245"""

    __slots__ = ("wanted", "magic")

    def __init__(self, wanted: bytes, magic: int) -> None:
        self.wanted = wanted
        self.magic = magic


_BBH = Struct(">BBH")
_BBHI = Struct(">BBHI")
_BBHH = Struct(">BBHH")


def decode_Configure_Request(frame: bytes) -> tuple[int, int, bytes] | None:
    """RFC 1661, section 5.1. lcp.proto:7"""
    size = len(frame)
    if size < 4:
        return None
    constant, id, length = _BBH.unpack_from(frame)
    if constant != 1:
        return None
    if length < 4:
        raise ValueError("length is not in 4..65535")
    options_size = length - 4
    if options_size < 0:
        return None
    at = 4 + options_size
    if at != size:
        return None
    options = frame[4:]
    return id, length, options


def decode_Configure_Ack(frame: bytes) -> tuple[int, int, bytes] | None:
    """RFC 1661, section 5.2. lcp.proto:14"""
    size = len(frame)
    if size < 4:
        return None
    constant, id, length = _BBH.unpack_from(frame)
    if constant != 2:
        return None
    if length < 4:
        raise ValueError("length is not in 4..65535")
    options_size = length - 4
    if options_size < 0:
        return None
    at = 4 + options_size
    if at != size:
        return None
    options = frame[4:]
    return id, length, options


def decode_Configure_Nak(frame: bytes) -> tuple[int, int, bytes] | None:
    """RFC 1661, section 5.3. lcp.proto:21"""
    size = len(frame)
    if size < 4:
        return None
    constant, id, length = _BBH.unpack_from(frame)
    if constant != 3:
        return None
    if length < 4:
        raise ValueError("length is not in 4..65535")
    options_size = length - 4
    if options_size < 0:
        return None
    at = 4 + options_size
    if at != size:
        return None
    options = frame[4:]
    return id, length, options


def decode_Configure_Reject(frame: bytes) -> tuple[int, int, bytes] | None:
    """RFC 1661, section 5.4. lcp.proto:28"""
    size = len(frame)
    if size < 4:
        return None
    constant, id, length = _BBH.unpack_from(frame)
    if constant != 4:
        return None
    if length < 4:
        raise ValueError("length is not in 4..65535")
    options_size = length - 4
    if options_size < 0:
        return None
    at = 4 + options_size
    if at != size:
        return None
    options = frame[4:]
    return id, length, options


def decode_Terminate_Request(frame: bytes) -> tuple[int, int, bytes] | None:
    """RFC 1661, section 5.5. lcp.proto:35"""
    size = len(frame)
    if size < 4:
        return None
    constant, id, length = _BBH.unpack_from(frame)
    if constant != 5:
        return None
    if length < 4:
        raise ValueError("length is not in 4..65535")
    data_size = length - 4
    if data_size < 0:
        return None
    at = 4 + data_size
    if at != size:
        return None
    data = frame[4:]
    return id, length, data


def decode_Terminate_Ack(frame: bytes) -> tuple[int, int, bytes] | None:
    """RFC 1661, section 5.5. lcp.proto:42"""
    size = len(frame)
    if size < 4:
        return None
    constant, id, length = _BBH.unpack_from(frame)
    if constant != 6:
        return None
    if length < 4:
        raise ValueError("length is not in 4..65535")
    data_size = length - 4
    if data_size < 0:
        return None
    at = 4 + data_size
    if at != size:
        return None
    data = frame[4:]
    return id, length, data


def decode_Code_Reject(frame: bytes) -> tuple[int, int, bytes] | None:
    """RFC 1661, section 5.6. lcp.proto:49"""
    size = len(frame)
    if size < 4:
        return None
    constant, id, length = _BBH.unpack_from(frame)
    if constant != 7:
        return None
    if length < 4:
        raise ValueError("length is not in 4..65535")
    rejected_size = length - 4
    if rejected_size < 0:
        return None
    at = 4 + rejected_size
    if at != size:
        return None
    rejected = frame[4:]
    return id, length, rejected


def decode_Protocol_Reject(frame: bytes) -> tuple[int, int, int, bytes] | None:
    """RFC 1661, section 5.7. lcp.proto:56"""
    size = len(frame)
    if size < 6:
        return None
    constant, id, length, number_2 = _BBHH.unpack_from(frame)
    if constant != 8:
        return None
    if length < 6:
        raise ValueError("length is not in 6..65535")
    information_size = length - 6
    if information_size < 0:
        return None
    at = 6 + information_size
    if at != size:
        return None
    information = frame[6:]
    return id, length, number_2, information


def decode_Echo_Request(frame: bytes) -> tuple[int, int, int, bytes] | None:
    """RFC 1661, section 5.8. lcp.proto:64"""
    size = len(frame)
    if size < 8:
        return None
    constant, id, length, magic = _BBHI.unpack_from(frame)
    if constant != 9:
        return None
    if length < 8:
        raise ValueError("length is not in 8..65535")
    data_size = length - 8
    if data_size < 0:
        return None
    at = 8 + data_size
    if at != size:
        return None
    data = frame[8:]
    return id, length, magic, data


def decode_Echo_Reply(frame: bytes) -> tuple[int, int, int, bytes] | None:
    """RFC 1661, section 5.8. lcp.proto:72"""
    size = len(frame)
    if size < 8:
        return None
    constant, id, length, magic = _BBHI.unpack_from(frame)
    if constant != 0x0A:
        return None
    if length < 8:
        raise ValueError("length is not in 8..65535")
    data_size = length - 8
    if data_size < 0:
        return None
    at = 8 + data_size
    if at != size:
        return None
    data = frame[8:]
    return id, length, magic, data


def decode_Discard_Request(frame: bytes) -> tuple[int, int, int, bytes] | None:
    """RFC 1661, section 5.9. lcp.proto:80"""
    size = len(frame)
    if size < 8:
        return None
    constant, id, length, magic = _BBHI.unpack_from(frame)
    if constant != 0x0B:
        return None
    if length < 8:
        raise ValueError("length is not in 8..65535")
    data_size = length - 8
    if data_size < 0:
        return None
    at = 8 + data_size
    if at != size:
        return None
    data = frame[8:]
    return id, length, magic, data


def decode_Unknown(frame: bytes) -> tuple[int, int, int, bytes] | None:
    """Any packet at all. lcp.proto:88"""
    size = len(frame)
    if size < 4:
        return None
    code, id, length = _BBH.unpack_from(frame)
    if length < 4:
        raise ValueError("length is not in 4..65535")
    data_size = length - 4
    if data_size < 0:
        return None
    at = 4 + data_size
    if at != size:
        return None
    data = frame[4:]
    return code, id, length, data


_Configure_Request = Decoder(
    "Configure_Request", decode_Configure_Request, begins=b"\x01"
)
_Configure_Ack = Decoder("Configure_Ack", decode_Configure_Ack, begins=b"\x02")
_Configure_Nak = Decoder("Configure_Nak", decode_Configure_Nak, begins=b"\x03")
_Configure_Reject = Decoder("Configure_Reject", decode_Configure_Reject, begins=b"\x04")
_Terminate_Request = Decoder(
    "Terminate_Request", decode_Terminate_Request, begins=b"\x05"
)
_Terminate_Ack = Decoder("Terminate_Ack", decode_Terminate_Ack, begins=b"\x06")
_Code_Reject = Decoder("Code_Reject", decode_Code_Reject, begins=b"\x07")
_Protocol_Reject = Decoder("Protocol_Reject", decode_Protocol_Reject, begins=b"\x08")
_Echo_Request = Decoder("Echo_Request", decode_Echo_Request, begins=b"\t")
_Echo_Reply = Decoder("Echo_Reply", decode_Echo_Reply, begins=b"\n")
_Discard_Request = Decoder("Discard_Request", decode_Discard_Request, begins=b"\x0b")
_Unknown = Decoder("Unknown", decode_Unknown)
_Automaton_receives = AnyOf(
    _Configure_Request,
    _Configure_Ack,
    _Configure_Nak,
    _Configure_Reject,
    _Terminate_Request,
    _Terminate_Ack,
    _Code_Reject,
    _Protocol_Reject,
    _Echo_Request,
    _Echo_Reply,
    _Discard_Request,
    _Unknown,
)


def encode_Terminate_Ack(id: int, length: int, data: bytes) -> bytes:
    """RFC 1661, section 5.5. lcp.proto:42"""
    if not 0 <= id <= 255:
        raise unprintable("Terminate_Ack", "id", id, "is not in 0..255")
    if not 4 <= length <= 65535:
        raise unprintable("Terminate_Ack", "length", length, "is not in 4..65535")
    if len(data) != length - 4:
        raise unprintable(
            "Terminate_Ack", "data", data, "is not of length - HEADER bytes"
        )
    return _BBH.pack(6, id, length) + data


def encode_Configure_Ack(id: int, length: int, options: bytes) -> bytes:
    """RFC 1661, section 5.2. lcp.proto:14"""
    if not 0 <= id <= 255:
        raise unprintable("Configure_Ack", "id", id, "is not in 0..255")
    if not 4 <= length <= 65535:
        raise unprintable("Configure_Ack", "length", length, "is not in 4..65535")
    if len(options) != length - 4:
        raise unprintable(
            "Configure_Ack", "options", options, "is not of length - HEADER bytes"
        )
    return _BBH.pack(2, id, length) + options


def encode_Configure_Nak(id: int, length: int, options: bytes) -> bytes:
    """RFC 1661, section 5.3. lcp.proto:21"""
    if not 0 <= id <= 255:
        raise unprintable("Configure_Nak", "id", id, "is not in 0..255")
    if not 4 <= length <= 65535:
        raise unprintable("Configure_Nak", "length", length, "is not in 4..65535")
    if len(options) != length - 4:
        raise unprintable(
            "Configure_Nak", "options", options, "is not of length - HEADER bytes"
        )
    return _BBH.pack(3, id, length) + options


def encode_Configure_Reject(id: int, length: int, options: bytes) -> bytes:
    """RFC 1661, section 5.4. lcp.proto:28"""
    if not 0 <= id <= 255:
        raise unprintable("Configure_Reject", "id", id, "is not in 0..255")
    if not 4 <= length <= 65535:
        raise unprintable("Configure_Reject", "length", length, "is not in 4..65535")
    if len(options) != length - 4:
        raise unprintable(
            "Configure_Reject", "options", options, "is not of length - HEADER bytes"
        )
    return _BBH.pack(4, id, length) + options


def encode_Echo_Reply(id: int, length: int, magic: int, data: bytes) -> bytes:
    """RFC 1661, section 5.8. lcp.proto:72"""
    if not 0 <= id <= 255:
        raise unprintable("Echo_Reply", "id", id, "is not in 0..255")
    if not 8 <= length <= 65535:
        raise unprintable("Echo_Reply", "length", length, "is not in 8..65535")
    if not 0 <= magic <= 4294967295:
        raise unprintable("Echo_Reply", "magic", magic, "is not in 0..4294967295")
    if len(data) != length - 8:
        raise unprintable("Echo_Reply", "data", data, "is not of length - 8 bytes")
    return _BBHI.pack(0x0A, id, length, magic) + data


def encode_Code_Reject(id: int, length: int, rejected: bytes) -> bytes:
    """RFC 1661, section 5.6. lcp.proto:49"""
    if not 0 <= id <= 255:
        raise unprintable("Code_Reject", "id", id, "is not in 0..255")
    if not 4 <= length <= 65535:
        raise unprintable("Code_Reject", "length", length, "is not in 4..65535")
    if len(rejected) != length - 4:
        raise unprintable(
            "Code_Reject", "rejected", rejected, "is not of length - HEADER bytes"
        )
    return _BBH.pack(7, id, length) + rejected


def encode_Echo_Request(id: int, length: int, magic: int, data: bytes) -> bytes:
    """RFC 1661, section 5.8. lcp.proto:64"""
    if not 0 <= id <= 255:
        raise unprintable("Echo_Request", "id", id, "is not in 0..255")
    if not 8 <= length <= 65535:
        raise unprintable("Echo_Request", "length", length, "is not in 8..65535")
    if not 0 <= magic <= 4294967295:
        raise unprintable("Echo_Request", "magic", magic, "is not in 0..4294967295")
    if len(data) != length - 8:
        raise unprintable("Echo_Request", "data", data, "is not of length - 8 bytes")
    return _BBHI.pack(9, id, length, magic) + data


def encode_Discard_Request(id: int, length: int, magic: int, data: bytes) -> bytes:
    """RFC 1661, section 5.9. lcp.proto:80"""
    if not 0 <= id <= 255:
        raise unprintable("Discard_Request", "id", id, "is not in 0..255")
    if not 8 <= length <= 65535:
        raise unprintable("Discard_Request", "length", length, "is not in 8..65535")
    if not 0 <= magic <= 4294967295:
        raise unprintable("Discard_Request", "magic", magic, "is not in 0..4294967295")
    if len(data) != length - 8:
        raise unprintable("Discard_Request", "data", data, "is not of length - 8 bytes")
    return _BBHI.pack(0x0B, id, length, magic) + data


def encode_Protocol_Reject(
    id: int, length: int, number_2: int, information: bytes
) -> bytes:
    """RFC 1661, section 5.7. lcp.proto:56"""
    if not 0 <= id <= 255:
        raise unprintable("Protocol_Reject", "id", id, "is not in 0..255")
    if not 6 <= length <= 65535:
        raise unprintable("Protocol_Reject", "length", length, "is not in 6..65535")
    if not 0 <= number_2 <= 65535:
        raise unprintable("Protocol_Reject", "number", number_2, "is not in 0..65535")
    if len(information) != length - 6:
        raise unprintable(
            "Protocol_Reject", "information", information, "is not of length - 6 bytes"
        )
    return _BBHH.pack(8, id, length, number_2) + information


def encode_Configure_Request(id: int, length: int, options: bytes) -> bytes:
    """RFC 1661, section 5.1. lcp.proto:7"""
    if not 0 <= id <= 255:
        raise unprintable("Configure_Request", "id", id, "is not in 0..255")
    if not 4 <= length <= 65535:
        raise unprintable("Configure_Request", "length", length, "is not in 4..65535")
    if len(options) != length - 4:
        raise unprintable(
            "Configure_Request", "options", options, "is not of length - HEADER bytes"
        )
    return _BBH.pack(1, id, length) + options


def encode_Terminate_Request(id: int, length: int, data: bytes) -> bytes:
    """RFC 1661, section 5.5. lcp.proto:35"""
    if not 0 <= id <= 255:
        raise unprintable("Terminate_Request", "id", id, "is not in 0..255")
    if not 4 <= length <= 65535:
        raise unprintable("Terminate_Request", "length", length, "is not in 4..65535")
    if len(data) != length - 4:
        raise unprintable(
            "Terminate_Request", "data", data, "is not of length - HEADER bytes"
        )
    return _BBH.pack(5, id, length) + data


class Link(Machine):
    """The lower layer: one packet in the information field of each frame of protocol
    C021, its padding taken off.

    lcp.proto:95
    """

    __slots__ = ()

    _role = "Link"
    _paths = {"DOWN": ("DOWN",), "UP": ("UP",)}
    _alphabet = {
        "frame": "below",
        "Up": "below",
        "Down": "below",
        "packet": "above",
        "tls": "above",
        "tlf": "above",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
    }
    _rows = (
        Row("do_UP_frame", "UP", "frame"),
        Row("do_DOWN_Up", "DOWN", "Up"),
        Row("do_UP_Down", "UP", "Down"),
        Row("do_UP_packet", "UP", "packet"),
        Row("do_DOWN_tls", "DOWN", "tls"),
        Row("do_UP_tls", "UP", "tls"),
        Row("do_DOWN_tlf", "DOWN", "tlf"),
        Row("do_UP_tlf", "UP", "tlf"),
        Row("do_DOWN_open", "DOWN", "open"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.below = Outlet(self.wire)
        self.state = "DOWN"

    def frame(self, octets: bytes) -> None:
        """`frame` from below."""
        if self._busy:
            return self._later(self.frame, octets)
        self._busy = True
        try:
            if self.state == "DOWN":
                self._busy = False
            elif self.state == "UP":
                self._UP_frame(self.do_UP_frame(octets), octets)
            else:
                self._refuse("frame", octets)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Up(self) -> None:
        """`Up` from below."""
        if self._busy:
            return self._later(self.Up)
        self._busy = True
        try:
            if self.state == "DOWN":
                self._DOWN_Up(self.do_DOWN_Up())
            else:
                self._refuse("Up")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Down(self) -> None:
        """`Down` from below."""
        if self._busy:
            return self._later(self.Down)
        self._busy = True
        try:
            if self.state == "UP":
                self._UP_Down(self.do_UP_Down())
            else:
                self._refuse("Down")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def packet(self, octets: bytes) -> None:
        """`packet` asked for from above."""
        if self._busy:
            return self._later(self.packet, octets)
        self._busy = True
        try:
            if self.state == "UP":
                self._UP_packet(self.do_UP_packet(octets), octets)
            else:
                self._refuse("packet", octets)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _ask_packet(self, octets: bytes) -> None:
        """Raises LocalProtocolError unless `packet` is taken now."""
        if self._busy:
            return None
        if self.state == "UP":
            return None
        return self.unexpected("packet", octets)

    def tls(self) -> None:
        """`tls` asked for from above."""
        if self._busy:
            return self._later(self.tls)
        self._busy = True
        try:
            if self.state == "DOWN":
                self._DOWN_tls(self.do_DOWN_tls())
            elif self.state == "UP":
                self._UP_tls(self.do_UP_tls())
            else:
                self._refuse("tls")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def tlf(self) -> None:
        """`tlf` asked for from above."""
        if self._busy:
            return self._later(self.tlf)
        self._busy = True
        try:
            if self.state == "DOWN":
                self._DOWN_tlf(self.do_DOWN_tlf())
            elif self.state == "UP":
                self._UP_tlf(self.do_UP_tlf())
            else:
                self._refuse("tlf")
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
            if self.state == "DOWN":
                self._DOWN_open(self.do_DOWN_open())
            else:
                self._refuse("open")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _UP_frame(self, answer: object, octets: bytes) -> None:
        """lcp.proto:109"""
        if answer is not None:
            return self._wait(answer, self._UP_frame, octets)
        self._busy = False
        told = self.emit_packet(octets)
        if told is not None:
            self._hold(told)

    def _DOWN_Up(self, answer: object) -> None:
        """lcp.proto:105"""
        if answer is not None:
            return self._wait(answer, self._DOWN_Up)
        self.state = "UP"
        self._busy = False
        told = self.emit_Up()
        if told is not None:
            self._hold(told)

    def _UP_Down(self, answer: object) -> None:
        """lcp.proto:111"""
        if answer is not None:
            return self._wait(answer, self._UP_Down)
        self.state = "DOWN"
        self._busy = False
        told = self.emit_Down()
        if told is not None:
            self._hold(told)

    def _UP_packet(self, answer: object, octets: bytes) -> None:
        """lcp.proto:110"""
        if answer is not None:
            return self._wait(answer, self._UP_packet, octets)
        self._busy = False
        self.below.frame(octets)

    def _DOWN_tls(self, answer: object) -> None:
        """lcp.proto:101"""
        if answer is not None:
            return self._wait(answer, self._DOWN_tls)
        self._busy = False
        self.below.tls()

    def _UP_tls(self, answer: object) -> None:
        """lcp.proto:101"""
        if answer is not None:
            return self._wait(answer, self._UP_tls)
        self._busy = False
        self.below.tls()

    def _DOWN_tlf(self, answer: object) -> None:
        """lcp.proto:102"""
        if answer is not None:
            return self._wait(answer, self._DOWN_tlf)
        self._busy = False
        self.below.tlf()

    def _UP_tlf(self, answer: object) -> None:
        """lcp.proto:102"""
        if answer is not None:
            return self._wait(answer, self._UP_tlf)
        self._busy = False
        self.below.tlf()

    def _DOWN_open(self, answer: object) -> None:
        """lcp.proto:105"""
        if answer is not None:
            return self._wait(answer, self._DOWN_open)
        self.state = "UP"
        self._busy = False
        told = self.emit_Up()
        if told is not None:
            self._hold(told)

    def do_UP_frame(self, octets: bytes) -> Awaitable[None] | None:
        """frame in UP. lcp.proto:109"""
        return None

    def do_DOWN_Up(self) -> Awaitable[None] | None:
        """Up in DOWN. lcp.proto:105"""
        return None

    def do_UP_Down(self) -> Awaitable[None] | None:
        """Down in UP. lcp.proto:111"""
        return None

    def do_UP_packet(self, octets: bytes) -> Awaitable[None] | None:
        """packet in UP. lcp.proto:110"""
        return None

    def do_DOWN_tls(self) -> Awaitable[None] | None:
        """tls in DOWN. lcp.proto:101"""
        return None

    def do_UP_tls(self) -> Awaitable[None] | None:
        """tls in UP. lcp.proto:101"""
        return None

    def do_DOWN_tlf(self) -> Awaitable[None] | None:
        """tlf in DOWN. lcp.proto:102"""
        return None

    def do_UP_tlf(self) -> Awaitable[None] | None:
        """tlf in UP. lcp.proto:102"""
        return None

    def do_DOWN_open(self) -> Awaitable[None] | None:
        """open in DOWN. lcp.proto:105"""
        return None

    def emit_packet(self, octets: bytes) -> object:
        """Tells what is above of `packet`. May return an awaitable. lcp.proto:99"""
        return self.above.packet(octets)

    def emit_Up(self) -> object:
        """Tells what is above of `Up`. May return an awaitable. lcp.proto:99"""
        return self.above.Up()

    def emit_Down(self) -> object:
        """Tells what is above of `Down`. May return an awaitable. lcp.proto:99"""
        return self.above.Down()


class Automaton(Chained):
    """The option negotiation automaton, RFC 1661, section 4.

    lcp.proto:123
    """

    __slots__ = (
        "asked",
        "magic",
        "max_configure",
        "max_terminate",
        "mru",
        "others",
        "passive",
        "period",
        "restarts",
        "wanted",
        "_finishing",
    )

    _role = "Automaton"
    _paths = {
        "Initial": ("Initial",),
        "Starting": ("Starting",),
        "Closed": ("Closed", "Available"),
        "Closing": ("Closing", "Leaving", "Available"),
        "Stopping": ("Stopping", "Leaving", "Available"),
        "Stopped": ("Stopped", "Willing", "Available"),
        "Req_Sent": ("Req_Sent", "Configuring", "Negotiating", "Willing", "Available"),
        "Ack_Rcvd": ("Ack_Rcvd", "Configuring", "Negotiating", "Willing", "Available"),
        "Ack_Sent": ("Ack_Sent", "Configuring", "Negotiating", "Willing", "Available"),
        "Opened": ("Opened", "Negotiating", "Willing", "Available"),
    }
    _alphabet = {
        "Configure_Request": "below",
        "Configure_Ack": "below",
        "Configure_Nak": "below",
        "Configure_Reject": "below",
        "Terminate_Request": "below",
        "Terminate_Ack": "below",
        "Code_Reject": "below",
        "Protocol_Reject": "below",
        "Echo_Request": "below",
        "Echo_Reply": "below",
        "Discard_Request": "below",
        "Unknown": "below",
        "Up": "below",
        "Down": "below",
        "Open": "above",
        "Close": "above",
        "echo": "above",
        "discard": "above",
        "refuse_protocol": "above",
        "restart": "",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
        "configure": "",
        "terminate": "",
        "ack": "",
        "nak": "",
        "rej": "",
    }
    _rows = (
        Row("do_Closed_Configure_Request", "Closed", "Configure_Request"),
        Row("do_Stopped_Configure_Request", "Stopped", "Configure_Request"),
        Row("do_Req_Sent_Configure_Request", "Req_Sent", "Configure_Request"),
        Row("do_Ack_Rcvd_Configure_Request", "Ack_Rcvd", "Configure_Request"),
        Row("do_Ack_Sent_Configure_Request", "Ack_Sent", "Configure_Request"),
        Row("do_Opened_Configure_Request", "Opened", "Configure_Request"),
        Row("do_Closed_Configure_Ack", "Closed", "Configure_Ack"),
        Row("do_Stopped_Configure_Ack", "Stopped", "Configure_Ack"),
        Row("do_Req_Sent_Configure_Ack", "Req_Sent", "Configure_Ack"),
        Row("do_Ack_Rcvd_Configure_Ack", "Ack_Rcvd", "Configure_Ack"),
        Row("do_Ack_Sent_Configure_Ack", "Ack_Sent", "Configure_Ack"),
        Row("do_Opened_Configure_Ack", "Opened", "Configure_Ack"),
        Row("do_Closed_Configure_Nak", "Closed", "Configure_Nak"),
        Row("do_Stopped_Configure_Nak", "Stopped", "Configure_Nak"),
        Row("do_Req_Sent_Configure_Nak", "Req_Sent", "Configure_Nak"),
        Row("do_Ack_Rcvd_Configure_Nak", "Ack_Rcvd", "Configure_Nak"),
        Row("do_Ack_Sent_Configure_Nak", "Ack_Sent", "Configure_Nak"),
        Row("do_Opened_Configure_Nak", "Opened", "Configure_Nak"),
        Row("do_Closed_Configure_Reject", "Closed", "Configure_Reject"),
        Row("do_Stopped_Configure_Reject", "Stopped", "Configure_Reject"),
        Row("do_Req_Sent_Configure_Reject", "Req_Sent", "Configure_Reject"),
        Row("do_Ack_Rcvd_Configure_Reject", "Ack_Rcvd", "Configure_Reject"),
        Row("do_Ack_Sent_Configure_Reject", "Ack_Sent", "Configure_Reject"),
        Row("do_Opened_Configure_Reject", "Opened", "Configure_Reject"),
        Row("do_Closed_Terminate_Request", "Closed", "Terminate_Request"),
        Row("do_Closing_Terminate_Request", "Closing", "Terminate_Request"),
        Row("do_Stopping_Terminate_Request", "Stopping", "Terminate_Request"),
        Row("do_Stopped_Terminate_Request", "Stopped", "Terminate_Request"),
        Row("do_Req_Sent_Terminate_Request", "Req_Sent", "Terminate_Request"),
        Row("do_Ack_Rcvd_Terminate_Request", "Ack_Rcvd", "Terminate_Request"),
        Row("do_Ack_Sent_Terminate_Request", "Ack_Sent", "Terminate_Request"),
        Row("do_Opened_Terminate_Request", "Opened", "Terminate_Request"),
        Row("do_Closing_Terminate_Ack", "Closing", "Terminate_Ack"),
        Row("do_Stopping_Terminate_Ack", "Stopping", "Terminate_Ack"),
        Row("do_Req_Sent_Terminate_Ack", "Req_Sent", "Terminate_Ack"),
        Row("do_Ack_Rcvd_Terminate_Ack", "Ack_Rcvd", "Terminate_Ack"),
        Row("do_Ack_Sent_Terminate_Ack", "Ack_Sent", "Terminate_Ack"),
        Row("do_Opened_Terminate_Ack", "Opened", "Terminate_Ack"),
        Row("do_Closed_Code_Reject", "Closed", "Code_Reject"),
        Row("do_Closing_Code_Reject", "Closing", "Code_Reject"),
        Row("do_Stopping_Code_Reject", "Stopping", "Code_Reject"),
        Row("do_Stopped_Code_Reject", "Stopped", "Code_Reject"),
        Row("do_Req_Sent_Code_Reject", "Req_Sent", "Code_Reject"),
        Row("do_Ack_Rcvd_Code_Reject", "Ack_Rcvd", "Code_Reject"),
        Row("do_Ack_Sent_Code_Reject", "Ack_Sent", "Code_Reject"),
        Row("do_Opened_Code_Reject", "Opened", "Code_Reject"),
        Row("do_Opened_Protocol_Reject", "Opened", "Protocol_Reject"),
        Row("do_Opened_Echo_Request", "Opened", "Echo_Request"),
        Row("do_Opened_Echo_Reply", "Opened", "Echo_Reply"),
        Row("_do_Available_Unknown", "Available", "Unknown"),
        Row("do_Initial_Up", "Initial", "Up"),
        Row("do_Starting_Up", "Starting", "Up"),
        Row("do_Closed_Down", "Closed", "Down"),
        Row("do_Closing_Down", "Closing", "Down"),
        Row("do_Stopping_Down", "Stopping", "Down"),
        Row("do_Stopped_Down", "Stopped", "Down"),
        Row("do_Req_Sent_Down", "Req_Sent", "Down"),
        Row("do_Ack_Rcvd_Down", "Ack_Rcvd", "Down"),
        Row("do_Ack_Sent_Down", "Ack_Sent", "Down"),
        Row("do_Opened_Down", "Opened", "Down"),
        Row("do_Initial_Open", "Initial", "Open"),
        Row("do_Starting_Open", "Starting", "Open"),
        Row("do_Closed_Open", "Closed", "Open"),
        Row("do_Closing_Open", "Closing", "Open"),
        Row("do_Stopping_Open", "Stopping", "Open"),
        Row("do_Stopped_Open", "Stopped", "Open"),
        Row("do_Req_Sent_Open", "Req_Sent", "Open"),
        Row("do_Ack_Rcvd_Open", "Ack_Rcvd", "Open"),
        Row("do_Ack_Sent_Open", "Ack_Sent", "Open"),
        Row("do_Opened_Open", "Opened", "Open"),
        Row("do_Initial_Close", "Initial", "Close"),
        Row("do_Starting_Close", "Starting", "Close"),
        Row("do_Closed_Close", "Closed", "Close"),
        Row("do_Closing_Close", "Closing", "Close"),
        Row("do_Stopping_Close", "Stopping", "Close"),
        Row("do_Stopped_Close", "Stopped", "Close"),
        Row("do_Req_Sent_Close", "Req_Sent", "Close"),
        Row("do_Ack_Rcvd_Close", "Ack_Rcvd", "Close"),
        Row("do_Ack_Sent_Close", "Ack_Sent", "Close"),
        Row("do_Opened_Close", "Opened", "Close"),
        Row("do_Opened_echo", "Opened", "echo"),
        Row("do_Opened_discard", "Opened", "discard"),
        Row("do_Opened_refuse_protocol", "Opened", "refuse_protocol"),
        Row("do_Closing_restart", "Closing", "restart"),
        Row("do_Stopping_restart", "Stopping", "restart"),
        Row("do_Req_Sent_restart", "Req_Sent", "restart"),
        Row("do_Ack_Rcvd_restart", "Ack_Rcvd", "restart"),
        Row("do_Ack_Sent_restart", "Ack_Sent", "restart"),
        Row("do_Initial_configure", "Initial", "configure"),
        Row("do_Starting_configure", "Starting", "configure"),
        Row("_do_Available_configure", "Available", "configure"),
        Row("do_Initial_terminate", "Initial", "terminate"),
        Row("do_Starting_terminate", "Starting", "terminate"),
        Row("_do_Available_terminate", "Available", "terminate"),
        Row("do_Initial_ack", "Initial", "ack"),
        Row("do_Starting_ack", "Starting", "ack"),
        Row("_do_Available_ack", "Available", "ack"),
        Row("do_Initial_nak", "Initial", "nak"),
        Row("do_Starting_nak", "Starting", "nak"),
        Row("_do_Available_nak", "Available", "nak"),
        Row("do_Initial_rej", "Initial", "rej"),
        Row("do_Starting_rej", "Starting", "rej"),
        Row("_do_Available_rej", "Available", "rej"),
    )
    _variables = ("asked", "magic", "others", "restarts", "wanted")

    def __init__(
        self,
        max_configure: int = 10,
        max_terminate: int = 2,
        period: float = 3,
        mru: int = 1500,
        passive: bool = False,
    ) -> None:
        super().__init__(Link())
        self.max_configure = max_configure
        self.max_terminate = max_terminate
        self.period = period
        self.mru = mru
        self.passive = passive
        self.wanted: bytes = b""
        self.magic: int = 0
        self.restarts: int = 0
        self.asked: int = 0
        self.others: int = 0
        self.state = "Initial"

    def packet(self, octets: bytes) -> None:
        """A frame from below; as an event it is the message it decodes to."""
        if self._busy:
            return self._later(self.packet, octets)
        event, args = _Automaton_receives.event(octets)
        getattr(self, event)(*args)

    def Configure_Request(self, id: int, length: int, options: bytes) -> None:
        """Configure_Request: RFC 1661, section 5.1."""
        if self._busy:
            return self._later(self.Configure_Request, id, length, options)
        self._busy = True
        try:
            step = self._steps_of_Configure_Request.get(self.state)
            if step is None:
                self._refuse("Configure_Request", id, length, options)
            else:
                step(self, id, length, options)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Configure_Ack(self, id: int, length: int, options: bytes) -> None:
        """Configure_Ack: RFC 1661, section 5.2."""
        if self._busy:
            return self._later(self.Configure_Ack, id, length, options)
        self._busy = True
        try:
            step = self._steps_of_Configure_Ack.get(self.state)
            if step is None:
                self._refuse("Configure_Ack", id, length, options)
            else:
                step(self, id, length, options)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Configure_Nak(self, id: int, length: int, options: bytes) -> None:
        """Configure_Nak: RFC 1661, section 5.3."""
        if self._busy:
            return self._later(self.Configure_Nak, id, length, options)
        self._busy = True
        try:
            step = self._steps_of_Configure_Nak.get(self.state)
            if step is None:
                self._refuse("Configure_Nak", id, length, options)
            else:
                step(self, id, length, options)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Configure_Reject(self, id: int, length: int, options: bytes) -> None:
        """Configure_Reject: RFC 1661, section 5.4."""
        if self._busy:
            return self._later(self.Configure_Reject, id, length, options)
        self._busy = True
        try:
            step = self._steps_of_Configure_Reject.get(self.state)
            if step is None:
                self._refuse("Configure_Reject", id, length, options)
            else:
                step(self, id, length, options)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Terminate_Request(self, id: int, length: int, data: bytes) -> None:
        """Terminate_Request: RFC 1661, section 5.5."""
        if self._busy:
            return self._later(self.Terminate_Request, id, length, data)
        self._busy = True
        try:
            step = self._steps_of_Terminate_Request.get(self.state)
            if step is None:
                self._refuse("Terminate_Request", id, length, data)
            else:
                step(self, id, length, data)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Terminate_Ack(self, id: int, length: int, data: bytes) -> None:
        """Terminate_Ack: RFC 1661, section 5.5."""
        if self._busy:
            return self._later(self.Terminate_Ack, id, length, data)
        self._busy = True
        try:
            step = self._steps_of_Terminate_Ack.get(self.state)
            if step is None:
                self._refuse("Terminate_Ack", id, length, data)
            else:
                step(self, id, length, data)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Code_Reject(self, id: int, length: int, rejected: bytes) -> None:
        """Code_Reject: RFC 1661, section 5.6."""
        if self._busy:
            return self._later(self.Code_Reject, id, length, rejected)
        self._busy = True
        try:
            step = self._steps_of_Code_Reject.get(self.state)
            if step is None:
                self._refuse("Code_Reject", id, length, rejected)
            else:
                step(self, id, length, rejected)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Protocol_Reject(
        self, id: int, length: int, number: int, information: bytes
    ) -> None:
        """Protocol_Reject: RFC 1661, section 5.7."""
        if self._busy:
            return self._later(self.Protocol_Reject, id, length, number, information)
        self._busy = True
        try:
            if self.state in (
                "Closed",
                "Closing",
                "Stopping",
                "Stopped",
                "Req_Sent",
                "Ack_Rcvd",
                "Ack_Sent",
            ):
                self._busy = False
            elif self.state == "Opened":
                if number == 49185:
                    self._Opened_Protocol_Reject(
                        self.do_Opened_Protocol_Reject(id, length, number, information),
                        id,
                        length,
                        number,
                        information,
                    )
                else:
                    self._Opened_Protocol_Reject_2(
                        self.do_Opened_Protocol_Reject(id, length, number, information),
                        id,
                        length,
                        number,
                        information,
                    )
            else:
                self._refuse("Protocol_Reject", id, length, number, information)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Echo_Request(self, id: int, length: int, magic: int, data: bytes) -> None:
        """Echo_Request: RFC 1661, section 5.8."""
        if self._busy:
            return self._later(self.Echo_Request, id, length, magic, data)
        self._busy = True
        try:
            if self.state in (
                "Closed",
                "Closing",
                "Stopping",
                "Stopped",
                "Req_Sent",
                "Ack_Rcvd",
                "Ack_Sent",
            ):
                self._busy = False
            elif self.state == "Opened":
                self._Opened_Echo_Request(
                    self.do_Opened_Echo_Request(id, length, magic, data),
                    id,
                    length,
                    magic,
                    data,
                )
            else:
                self._refuse("Echo_Request", id, length, magic, data)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Echo_Reply(self, id: int, length: int, magic: int, data: bytes) -> None:
        """Echo_Reply: RFC 1661, section 5.8."""
        if self._busy:
            return self._later(self.Echo_Reply, id, length, magic, data)
        self._busy = True
        try:
            if self.state in (
                "Closed",
                "Closing",
                "Stopping",
                "Stopped",
                "Req_Sent",
                "Ack_Rcvd",
                "Ack_Sent",
            ):
                self._busy = False
            elif self.state == "Opened":
                if id == self.others:
                    self._Opened_Echo_Reply(
                        self.do_Opened_Echo_Reply(id, length, magic, data),
                        id,
                        length,
                        magic,
                        data,
                    )
                else:
                    self._busy = False
            else:
                self._refuse("Echo_Reply", id, length, magic, data)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Discard_Request(self, id: int, length: int, magic: int, data: bytes) -> None:
        """Discard_Request: RFC 1661, section 5.9."""
        if self._busy:
            return self._later(self.Discard_Request, id, length, magic, data)
        self._busy = True
        try:
            if self.state in (
                "Closed",
                "Closing",
                "Stopping",
                "Stopped",
                "Req_Sent",
                "Ack_Rcvd",
                "Ack_Sent",
                "Opened",
            ):
                self._busy = False
            else:
                self._refuse("Discard_Request", id, length, magic, data)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Unknown(self, code: int, id: int, length: int, data: bytes) -> None:
        """Unknown: Any packet at all."""
        if self._busy:
            return self._later(self.Unknown, code, id, length, data)
        self._busy = True
        try:
            if self.state in (
                "Closed",
                "Closing",
                "Stopping",
                "Stopped",
                "Req_Sent",
                "Ack_Rcvd",
                "Ack_Sent",
                "Opened",
            ):
                if (code == 0 or code > 11) and length + 4 <= self.mru:
                    self._Available_Unknown(
                        self._do_Available_Unknown(code, id, length, data),
                        code,
                        id,
                        length,
                        data,
                    )
                else:
                    self._busy = False
            else:
                self._refuse("Unknown", code, id, length, data)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Up(self) -> None:
        """`Up` from below."""
        if self._busy:
            return self._later(self.Up)
        self._busy = True
        try:
            if self.state == "Initial":
                self._Initial_Up(self.do_Initial_Up())
            elif self.state == "Starting":
                self._Starting_Up(self.do_Starting_Up())
            else:
                self._refuse("Up")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Down(self) -> None:
        """`Down` from below."""
        if self._busy:
            return self._later(self.Down)
        self._busy = True
        try:
            step = self._steps_of_Down.get(self.state)
            if step is None:
                self._refuse("Down")
            else:
                step(self)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Open(self, options: bytes, magic: int) -> None:
        """`Open` asked for from above."""
        if self._busy:
            return self._later(self.Open, options, magic)
        self._busy = True
        try:
            step = self._steps_of_Open.get(self.state)
            if step is None:
                self._refuse("Open", options, magic)
            else:
                step(self, options, magic)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def Close(self) -> None:
        """`Close` asked for from above."""
        if self._busy:
            return self._later(self.Close)
        self._busy = True
        try:
            step = self._steps_of_Close.get(self.state)
            if step is None:
                self._refuse("Close")
            else:
                step(self)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def echo(self, data: bytes) -> None:
        """`echo` asked for from above."""
        if self._busy:
            return self._later(self.echo, data)
        self._busy = True
        try:
            if self.state == "Opened":
                self._Opened_echo(self.do_Opened_echo(data), data)
            else:
                self._refuse("echo", data)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def discard(self, data: bytes) -> None:
        """`discard` asked for from above."""
        if self._busy:
            return self._later(self.discard, data)
        self._busy = True
        try:
            if self.state == "Opened":
                self._Opened_discard(self.do_Opened_discard(data), data)
            else:
                self._refuse("discard", data)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def refuse_protocol(self, number: int, information: bytes) -> None:
        """`refuse_protocol` asked for from above."""
        if self._busy:
            return self._later(self.refuse_protocol, number, information)
        self._busy = True
        try:
            if self.state == "Opened":
                self._Opened_refuse_protocol(
                    self.do_Opened_refuse_protocol(number, information),
                    number,
                    information,
                )
            else:
                self._refuse("refuse_protocol", number, information)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timer_restart(self) -> None:
        """`restart` ran out."""
        if self._busy:
            return self._later(self._timer_restart)
        self._busy = True
        try:
            step = self._steps_of_restart.get(self.state)
            if step is None:
                self._refuse("restart")
            else:
                step(self)
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
            self._busy = False
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _take_configure(self, value: int) -> None:
        """`configure` raised by the machine itself."""
        if self.state == "Initial":
            self._Initial_configure(self.do_Initial_configure(value), value)
        elif self.state == "Starting":
            self._Starting_configure(self.do_Starting_configure(value), value)
        elif self.state in (
            "Closed",
            "Closing",
            "Stopping",
            "Stopped",
            "Req_Sent",
            "Ack_Rcvd",
            "Ack_Sent",
            "Opened",
        ):
            self._Available_configure(self._do_Available_configure(value), value)
        else:
            self._refuse("configure", value)

    def _take_terminate(self, value: int) -> None:
        """`terminate` raised by the machine itself."""
        if self.state == "Initial":
            self._Initial_terminate(self.do_Initial_terminate(value), value)
        elif self.state == "Starting":
            self._Starting_terminate(self.do_Starting_terminate(value), value)
        elif self.state in (
            "Closed",
            "Closing",
            "Stopping",
            "Stopped",
            "Req_Sent",
            "Ack_Rcvd",
            "Ack_Sent",
            "Opened",
        ):
            self._Available_terminate(self._do_Available_terminate(value), value)
        else:
            self._refuse("terminate", value)

    def _take_ack(self, value: int, value2: bytes) -> None:
        """`ack` raised by the machine itself."""
        if self.state == "Initial":
            self._Initial_ack(self.do_Initial_ack(value, value2), value, value2)
        elif self.state == "Starting":
            self._Starting_ack(self.do_Starting_ack(value, value2), value, value2)
        elif self.state in (
            "Closed",
            "Closing",
            "Stopping",
            "Stopped",
            "Req_Sent",
            "Ack_Rcvd",
            "Ack_Sent",
            "Opened",
        ):
            self._Available_ack(self._do_Available_ack(value, value2), value, value2)
        else:
            self._refuse("ack", value, value2)

    def _take_nak(self, value: int, value2: bytes) -> None:
        """`nak` raised by the machine itself."""
        if self.state == "Initial":
            self._Initial_nak(self.do_Initial_nak(value, value2), value, value2)
        elif self.state == "Starting":
            self._Starting_nak(self.do_Starting_nak(value, value2), value, value2)
        elif self.state in (
            "Closed",
            "Closing",
            "Stopping",
            "Stopped",
            "Req_Sent",
            "Ack_Rcvd",
            "Ack_Sent",
            "Opened",
        ):
            self._Available_nak(self._do_Available_nak(value, value2), value, value2)
        else:
            self._refuse("nak", value, value2)

    def _take_rej(self, value: int, value2: bytes) -> None:
        """`rej` raised by the machine itself."""
        if self.state == "Initial":
            self._Initial_rej(self.do_Initial_rej(value, value2), value, value2)
        elif self.state == "Starting":
            self._Starting_rej(self.do_Starting_rej(value, value2), value, value2)
        elif self.state in (
            "Closed",
            "Closing",
            "Stopping",
            "Stopped",
            "Req_Sent",
            "Ack_Rcvd",
            "Ack_Sent",
            "Opened",
        ):
            self._Available_rej(self._do_Available_rej(value, value2), value, value2)
        else:
            self._refuse("rej", value, value2)

    def _Closed_Configure_Request(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:170"""
        if answer is not None:
            return self._wait(
                answer, self._Closed_Configure_Request, id, length, options
            )
        frame = encode_Terminate_Ack(id, 4, b"")
        self._busy = False
        self.below.packet(frame)

    def _Stopped_Configure_Request(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:209"""
        if answer is None or type(answer) is Acceptable:
            self._begin()
            self.restarts = self.max_configure
            self._raise(self._take_configure, self.asked + 1)
            self._raise(self._take_ack, id, options)
            self.state = "Ack_Sent"
            self._finish()
        elif type(answer) is Refuse:
            self._begin()
            self.restarts = self.max_configure
            self._raise(self._take_configure, self.asked + 1)
            self._raise(self._take_nak, id, answer.values)
            self.state = "Req_Sent"
            self._finish()
        elif type(answer) is Reject:
            self._begin()
            self.restarts = self.max_configure
            self._raise(self._take_configure, self.asked + 1)
            self._raise(self._take_rej, id, answer.unknown)
            self.state = "Req_Sent"
            self._finish()
        else:
            self._wait(answer, self._Stopped_Configure_Request, id, length, options)

    def _Req_Sent_Configure_Request(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:235"""
        if answer is None or type(answer) is Acceptable:
            frame = encode_Configure_Ack(id, length, options)
            self.below._ask_packet(frame)
            self.state = "Ack_Sent"
            self._busy = False
            self.below.packet(frame)
        elif type(answer) is Refuse:
            frame = encode_Configure_Nak(id, len(answer.values) + 4, answer.values)
            self._busy = False
            self.below.packet(frame)
        elif type(answer) is Reject:
            frame = encode_Configure_Reject(id, len(answer.unknown) + 4, answer.unknown)
            self._busy = False
            self.below.packet(frame)
        else:
            self._wait(answer, self._Req_Sent_Configure_Request, id, length, options)

    def _Ack_Rcvd_Configure_Request(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:262"""
        if answer is None or type(answer) is Acceptable:
            frame = encode_Configure_Ack(id, length, options)
            self.below._ask_packet(frame)
            self._stop("restart")
            self.state = "Opened"
            self._busy = False
            self.below.packet(frame)
            told = self.emit_tlu()
            if told is not None:
                self._hold(told)
        elif type(answer) is Refuse:
            frame = encode_Configure_Nak(id, len(answer.values) + 4, answer.values)
            self._busy = False
            self.below.packet(frame)
        elif type(answer) is Reject:
            frame = encode_Configure_Reject(id, len(answer.unknown) + 4, answer.unknown)
            self._busy = False
            self.below.packet(frame)
        else:
            self._wait(answer, self._Ack_Rcvd_Configure_Request, id, length, options)

    def _Ack_Sent_Configure_Request(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:290"""
        if answer is None or type(answer) is Acceptable:
            frame = encode_Configure_Ack(id, length, options)
            self._busy = False
            self.below.packet(frame)
        elif type(answer) is Refuse:
            frame = encode_Configure_Nak(id, len(answer.values) + 4, answer.values)
            self.below._ask_packet(frame)
            self.state = "Req_Sent"
            self._busy = False
            self.below.packet(frame)
        elif type(answer) is Reject:
            frame = encode_Configure_Reject(id, len(answer.unknown) + 4, answer.unknown)
            self.below._ask_packet(frame)
            self.state = "Req_Sent"
            self._busy = False
            self.below.packet(frame)
        else:
            self._wait(answer, self._Ack_Sent_Configure_Request, id, length, options)

    def _Opened_Configure_Request(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:316"""
        if answer is None or type(answer) is Acceptable:
            self._begin()
            self._effect(self.emit_tld)
            self._raise(self._take_configure, self.asked + 1)
            self._raise(self._take_ack, id, options)
            self.state = "Ack_Sent"
            self._finish()
        elif type(answer) is Refuse:
            self._begin()
            self._effect(self.emit_tld)
            self._raise(self._take_configure, self.asked + 1)
            self._raise(self._take_nak, id, answer.values)
            self.state = "Req_Sent"
            self._finish()
        elif type(answer) is Reject:
            self._begin()
            self._effect(self.emit_tld)
            self._raise(self._take_configure, self.asked + 1)
            self._raise(self._take_rej, id, answer.unknown)
            self.state = "Req_Sent"
            self._finish()
        else:
            self._wait(answer, self._Opened_Configure_Request, id, length, options)

    def _Closed_on_Configure_Request(
        self, id: int, length: int, options: bytes
    ) -> None:
        """`Configure_Request` in Closed."""
        self._Closed_Configure_Request(
            self.do_Closed_Configure_Request(id, length, options), id, length, options
        )

    def _Closing_on_Configure_Request(
        self, id: int, length: int, options: bytes
    ) -> None:
        """`Configure_Request` in Closing or Stopping."""
        self._busy = False

    def _Stopped_on_Configure_Request(
        self, id: int, length: int, options: bytes
    ) -> None:
        """`Configure_Request` in Stopped."""
        self._Stopped_Configure_Request(
            self.do_Stopped_Configure_Request(id, length, options), id, length, options
        )

    def _Req_Sent_on_Configure_Request(
        self, id: int, length: int, options: bytes
    ) -> None:
        """`Configure_Request` in Req_Sent."""
        self._Req_Sent_Configure_Request(
            self.do_Req_Sent_Configure_Request(id, length, options), id, length, options
        )

    def _Ack_Rcvd_on_Configure_Request(
        self, id: int, length: int, options: bytes
    ) -> None:
        """`Configure_Request` in Ack_Rcvd."""
        self._Ack_Rcvd_Configure_Request(
            self.do_Ack_Rcvd_Configure_Request(id, length, options), id, length, options
        )

    def _Ack_Sent_on_Configure_Request(
        self, id: int, length: int, options: bytes
    ) -> None:
        """`Configure_Request` in Ack_Sent."""
        self._Ack_Sent_Configure_Request(
            self.do_Ack_Sent_Configure_Request(id, length, options), id, length, options
        )

    def _Opened_on_Configure_Request(
        self, id: int, length: int, options: bytes
    ) -> None:
        """`Configure_Request` in Opened."""
        self._Opened_Configure_Request(
            self.do_Opened_Configure_Request(id, length, options), id, length, options
        )

    def _Closed_Configure_Ack(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:171"""
        if answer is not None:
            return self._wait(answer, self._Closed_Configure_Ack, id, length, options)
        frame = encode_Terminate_Ack(id, 4, b"")
        self._busy = False
        self.below.packet(frame)

    def _Stopped_Configure_Ack(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:217"""
        if answer is not None:
            return self._wait(answer, self._Stopped_Configure_Ack, id, length, options)
        frame = encode_Terminate_Ack(id, 4, b"")
        self._busy = False
        self.below.packet(frame)

    def _Req_Sent_Configure_Ack(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:240"""
        if answer is not None:
            return self._wait(answer, self._Req_Sent_Configure_Ack, id, length, options)
        self.restarts = self.max_configure
        self.state = "Ack_Rcvd"
        self._busy = False

    def _Ack_Rcvd_Configure_Ack(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:267"""
        if answer is not None:
            return self._wait(answer, self._Ack_Rcvd_Configure_Ack, id, length, options)
        self._begin()
        self._raise(self._take_configure, self.asked + 1)
        self.state = "Req_Sent"
        self._finish()

    def _Ack_Sent_Configure_Ack(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:295"""
        if answer is not None:
            return self._wait(answer, self._Ack_Sent_Configure_Ack, id, length, options)
        self._stop("restart")
        self.restarts = self.max_configure
        self.state = "Opened"
        self._busy = False
        told = self.emit_tlu()
        if told is not None:
            self._hold(told)

    def _Opened_Configure_Ack(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:324"""
        if answer is not None:
            return self._wait(answer, self._Opened_Configure_Ack, id, length, options)
        self._begin()
        self._effect(self.emit_tld)
        self._raise(self._take_configure, self.asked + 1)
        self.state = "Req_Sent"
        self._finish()

    def _Closed_on_Configure_Ack(self, id: int, length: int, options: bytes) -> None:
        """`Configure_Ack` in Closed."""
        if id == self.asked and options == self.wanted:
            self._Closed_Configure_Ack(
                self.do_Closed_Configure_Ack(id, length, options), id, length, options
            )
        else:
            self._busy = False

    def _Closing_on_Configure_Ack(self, id: int, length: int, options: bytes) -> None:
        """`Configure_Ack` in Closing or Stopping."""
        self._busy = False

    def _Stopped_on_Configure_Ack(self, id: int, length: int, options: bytes) -> None:
        """`Configure_Ack` in Stopped."""
        if id == self.asked and options == self.wanted:
            self._Stopped_Configure_Ack(
                self.do_Stopped_Configure_Ack(id, length, options), id, length, options
            )
        else:
            self._busy = False

    def _Req_Sent_on_Configure_Ack(self, id: int, length: int, options: bytes) -> None:
        """`Configure_Ack` in Req_Sent."""
        if id == self.asked and options == self.wanted:
            self._Req_Sent_Configure_Ack(
                self.do_Req_Sent_Configure_Ack(id, length, options), id, length, options
            )
        else:
            self._busy = False

    def _Ack_Rcvd_on_Configure_Ack(self, id: int, length: int, options: bytes) -> None:
        """`Configure_Ack` in Ack_Rcvd."""
        if id == self.asked and options == self.wanted:
            self._Ack_Rcvd_Configure_Ack(
                self.do_Ack_Rcvd_Configure_Ack(id, length, options), id, length, options
            )
        else:
            self._busy = False

    def _Ack_Sent_on_Configure_Ack(self, id: int, length: int, options: bytes) -> None:
        """`Configure_Ack` in Ack_Sent."""
        if id == self.asked and options == self.wanted:
            self._Ack_Sent_Configure_Ack(
                self.do_Ack_Sent_Configure_Ack(id, length, options), id, length, options
            )
        else:
            self._busy = False

    def _Opened_on_Configure_Ack(self, id: int, length: int, options: bytes) -> None:
        """`Configure_Ack` in Opened."""
        if id == self.asked and options == self.wanted:
            self._Opened_Configure_Ack(
                self.do_Opened_Configure_Ack(id, length, options), id, length, options
            )
        else:
            self._busy = False

    def _Closed_Configure_Nak(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:173"""
        if answer is not None:
            return self._wait(answer, self._Closed_Configure_Nak, id, length, options)
        frame = encode_Terminate_Ack(id, 4, b"")
        self._busy = False
        self.below.packet(frame)

    def _Stopped_Configure_Nak(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:219"""
        if answer is not None:
            return self._wait(answer, self._Stopped_Configure_Nak, id, length, options)
        frame = encode_Terminate_Ack(id, 4, b"")
        self._busy = False
        self.below.packet(frame)

    def _Req_Sent_Configure_Nak(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:242"""
        if answer is None or type(answer) is Defaults:
            self._begin()
            self.wanted = b""
            self.magic = 0
            self.restarts = self.max_configure
            self._raise(self._take_configure, self.asked + 1)
            self._finish()
        elif type(answer) is Again:
            self._begin()
            self.wanted = answer.wanted
            self.magic = answer.magic
            self.restarts = self.max_configure
            self._raise(self._take_configure, self.asked + 1)
            self._finish()
        else:
            self._wait(answer, self._Req_Sent_Configure_Nak, id, length, options)

    def _Ack_Rcvd_Configure_Nak(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:269"""
        if answer is None or type(answer) is Defaults:
            self._begin()
            self.wanted = b""
            self.magic = 0
            self._raise(self._take_configure, self.asked + 1)
            self.state = "Req_Sent"
            self._finish()
        elif type(answer) is Again:
            self._begin()
            self.wanted = answer.wanted
            self.magic = answer.magic
            self._raise(self._take_configure, self.asked + 1)
            self.state = "Req_Sent"
            self._finish()
        else:
            self._wait(answer, self._Ack_Rcvd_Configure_Nak, id, length, options)

    def _Ack_Sent_Configure_Nak(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:297"""
        if answer is None or type(answer) is Defaults:
            self._begin()
            self.wanted = b""
            self.magic = 0
            self.restarts = self.max_configure
            self._raise(self._take_configure, self.asked + 1)
            self._finish()
        elif type(answer) is Again:
            self._begin()
            self.wanted = answer.wanted
            self.magic = answer.magic
            self.restarts = self.max_configure
            self._raise(self._take_configure, self.asked + 1)
            self._finish()
        else:
            self._wait(answer, self._Ack_Sent_Configure_Nak, id, length, options)

    def _Opened_Configure_Nak(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:326"""
        if answer is None or type(answer) is Defaults:
            self._begin()
            self.wanted = b""
            self.magic = 0
            self._effect(self.emit_tld)
            self._raise(self._take_configure, self.asked + 1)
            self.state = "Req_Sent"
            self._finish()
        elif type(answer) is Again:
            self._begin()
            self.wanted = answer.wanted
            self.magic = answer.magic
            self._effect(self.emit_tld)
            self._raise(self._take_configure, self.asked + 1)
            self.state = "Req_Sent"
            self._finish()
        else:
            self._wait(answer, self._Opened_Configure_Nak, id, length, options)

    def _Closed_on_Configure_Nak(self, id: int, length: int, options: bytes) -> None:
        """`Configure_Nak` in Closed."""
        if id == self.asked:
            self._Closed_Configure_Nak(
                self.do_Closed_Configure_Nak(id, length, options), id, length, options
            )
        else:
            self._busy = False

    def _Closing_on_Configure_Nak(self, id: int, length: int, options: bytes) -> None:
        """`Configure_Nak` in Closing or Stopping."""
        self._busy = False

    def _Stopped_on_Configure_Nak(self, id: int, length: int, options: bytes) -> None:
        """`Configure_Nak` in Stopped."""
        if id == self.asked:
            self._Stopped_Configure_Nak(
                self.do_Stopped_Configure_Nak(id, length, options), id, length, options
            )
        else:
            self._busy = False

    def _Req_Sent_on_Configure_Nak(self, id: int, length: int, options: bytes) -> None:
        """`Configure_Nak` in Req_Sent."""
        if id == self.asked:
            self._Req_Sent_Configure_Nak(
                self.do_Req_Sent_Configure_Nak(id, length, options), id, length, options
            )
        else:
            self._busy = False

    def _Ack_Rcvd_on_Configure_Nak(self, id: int, length: int, options: bytes) -> None:
        """`Configure_Nak` in Ack_Rcvd."""
        if id == self.asked:
            self._Ack_Rcvd_Configure_Nak(
                self.do_Ack_Rcvd_Configure_Nak(id, length, options), id, length, options
            )
        else:
            self._busy = False

    def _Ack_Sent_on_Configure_Nak(self, id: int, length: int, options: bytes) -> None:
        """`Configure_Nak` in Ack_Sent."""
        if id == self.asked:
            self._Ack_Sent_Configure_Nak(
                self.do_Ack_Sent_Configure_Nak(id, length, options), id, length, options
            )
        else:
            self._busy = False

    def _Opened_on_Configure_Nak(self, id: int, length: int, options: bytes) -> None:
        """`Configure_Nak` in Opened."""
        if id == self.asked:
            self._Opened_Configure_Nak(
                self.do_Opened_Configure_Nak(id, length, options), id, length, options
            )
        else:
            self._busy = False

    def _Closed_Configure_Reject(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:173"""
        if answer is not None:
            return self._wait(
                answer, self._Closed_Configure_Reject, id, length, options
            )
        frame = encode_Terminate_Ack(id, 4, b"")
        self._busy = False
        self.below.packet(frame)

    def _Stopped_Configure_Reject(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:219"""
        if answer is not None:
            return self._wait(
                answer, self._Stopped_Configure_Reject, id, length, options
            )
        frame = encode_Terminate_Ack(id, 4, b"")
        self._busy = False
        self.below.packet(frame)

    def _Req_Sent_Configure_Reject(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:242"""
        if answer is None or type(answer) is Defaults:
            self._begin()
            self.wanted = b""
            self.magic = 0
            self.restarts = self.max_configure
            self._raise(self._take_configure, self.asked + 1)
            self._finish()
        elif type(answer) is Again:
            self._begin()
            self.wanted = answer.wanted
            self.magic = answer.magic
            self.restarts = self.max_configure
            self._raise(self._take_configure, self.asked + 1)
            self._finish()
        else:
            self._wait(answer, self._Req_Sent_Configure_Reject, id, length, options)

    def _Ack_Rcvd_Configure_Reject(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:269"""
        if answer is None or type(answer) is Defaults:
            self._begin()
            self.wanted = b""
            self.magic = 0
            self._raise(self._take_configure, self.asked + 1)
            self.state = "Req_Sent"
            self._finish()
        elif type(answer) is Again:
            self._begin()
            self.wanted = answer.wanted
            self.magic = answer.magic
            self._raise(self._take_configure, self.asked + 1)
            self.state = "Req_Sent"
            self._finish()
        else:
            self._wait(answer, self._Ack_Rcvd_Configure_Reject, id, length, options)

    def _Ack_Sent_Configure_Reject(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:297"""
        if answer is None or type(answer) is Defaults:
            self._begin()
            self.wanted = b""
            self.magic = 0
            self.restarts = self.max_configure
            self._raise(self._take_configure, self.asked + 1)
            self._finish()
        elif type(answer) is Again:
            self._begin()
            self.wanted = answer.wanted
            self.magic = answer.magic
            self.restarts = self.max_configure
            self._raise(self._take_configure, self.asked + 1)
            self._finish()
        else:
            self._wait(answer, self._Ack_Sent_Configure_Reject, id, length, options)

    def _Opened_Configure_Reject(
        self, answer: object, id: int, length: int, options: bytes
    ) -> None:
        """lcp.proto:326"""
        if answer is None or type(answer) is Defaults:
            self._begin()
            self.wanted = b""
            self.magic = 0
            self._effect(self.emit_tld)
            self._raise(self._take_configure, self.asked + 1)
            self.state = "Req_Sent"
            self._finish()
        elif type(answer) is Again:
            self._begin()
            self.wanted = answer.wanted
            self.magic = answer.magic
            self._effect(self.emit_tld)
            self._raise(self._take_configure, self.asked + 1)
            self.state = "Req_Sent"
            self._finish()
        else:
            self._wait(answer, self._Opened_Configure_Reject, id, length, options)

    def _Closed_on_Configure_Reject(self, id: int, length: int, options: bytes) -> None:
        """`Configure_Reject` in Closed."""
        if id == self.asked:
            self._Closed_Configure_Reject(
                self.do_Closed_Configure_Reject(id, length, options),
                id,
                length,
                options,
            )
        else:
            self._busy = False

    def _Closing_on_Configure_Reject(
        self, id: int, length: int, options: bytes
    ) -> None:
        """`Configure_Reject` in Closing or Stopping."""
        self._busy = False

    def _Stopped_on_Configure_Reject(
        self, id: int, length: int, options: bytes
    ) -> None:
        """`Configure_Reject` in Stopped."""
        if id == self.asked:
            self._Stopped_Configure_Reject(
                self.do_Stopped_Configure_Reject(id, length, options),
                id,
                length,
                options,
            )
        else:
            self._busy = False

    def _Req_Sent_on_Configure_Reject(
        self, id: int, length: int, options: bytes
    ) -> None:
        """`Configure_Reject` in Req_Sent."""
        if id == self.asked:
            self._Req_Sent_Configure_Reject(
                self.do_Req_Sent_Configure_Reject(id, length, options),
                id,
                length,
                options,
            )
        else:
            self._busy = False

    def _Ack_Rcvd_on_Configure_Reject(
        self, id: int, length: int, options: bytes
    ) -> None:
        """`Configure_Reject` in Ack_Rcvd."""
        if id == self.asked:
            self._Ack_Rcvd_Configure_Reject(
                self.do_Ack_Rcvd_Configure_Reject(id, length, options),
                id,
                length,
                options,
            )
        else:
            self._busy = False

    def _Ack_Sent_on_Configure_Reject(
        self, id: int, length: int, options: bytes
    ) -> None:
        """`Configure_Reject` in Ack_Sent."""
        if id == self.asked:
            self._Ack_Sent_Configure_Reject(
                self.do_Ack_Sent_Configure_Reject(id, length, options),
                id,
                length,
                options,
            )
        else:
            self._busy = False

    def _Opened_on_Configure_Reject(self, id: int, length: int, options: bytes) -> None:
        """`Configure_Reject` in Opened."""
        if id == self.asked:
            self._Opened_Configure_Reject(
                self.do_Opened_Configure_Reject(id, length, options),
                id,
                length,
                options,
            )
        else:
            self._busy = False

    def _Closed_Terminate_Request(
        self, answer: object, id: int, length: int, data: bytes
    ) -> None:
        """lcp.proto:175"""
        if answer is not None:
            return self._wait(answer, self._Closed_Terminate_Request, id, length, data)
        frame = encode_Terminate_Ack(id, 4, b"")
        self._busy = False
        self.below.packet(frame)

    def _Closing_Terminate_Request(
        self, answer: object, id: int, length: int, data: bytes
    ) -> None:
        """lcp.proto:187"""
        if answer is not None:
            return self._wait(answer, self._Closing_Terminate_Request, id, length, data)
        frame = encode_Terminate_Ack(id, 4, b"")
        self._busy = False
        self.below.packet(frame)

    def _Stopping_Terminate_Request(
        self, answer: object, id: int, length: int, data: bytes
    ) -> None:
        """lcp.proto:198"""
        if answer is not None:
            return self._wait(
                answer, self._Stopping_Terminate_Request, id, length, data
            )
        frame = encode_Terminate_Ack(id, 4, b"")
        self._busy = False
        self.below.packet(frame)

    def _Stopped_Terminate_Request(
        self, answer: object, id: int, length: int, data: bytes
    ) -> None:
        """lcp.proto:221"""
        if answer is not None:
            return self._wait(answer, self._Stopped_Terminate_Request, id, length, data)
        frame = encode_Terminate_Ack(id, 4, b"")
        self._busy = False
        self.below.packet(frame)

    def _Req_Sent_Terminate_Request(
        self, answer: object, id: int, length: int, data: bytes
    ) -> None:
        """lcp.proto:249"""
        if answer is not None:
            return self._wait(
                answer, self._Req_Sent_Terminate_Request, id, length, data
            )
        frame = encode_Terminate_Ack(id, 4, b"")
        self._busy = False
        self.below.packet(frame)

    def _Ack_Rcvd_Terminate_Request(
        self, answer: object, id: int, length: int, data: bytes
    ) -> None:
        """lcp.proto:275"""
        if answer is not None:
            return self._wait(
                answer, self._Ack_Rcvd_Terminate_Request, id, length, data
            )
        frame = encode_Terminate_Ack(id, 4, b"")
        self.below._ask_packet(frame)
        self.state = "Req_Sent"
        self._busy = False
        self.below.packet(frame)

    def _Ack_Sent_Terminate_Request(
        self, answer: object, id: int, length: int, data: bytes
    ) -> None:
        """lcp.proto:304"""
        if answer is not None:
            return self._wait(
                answer, self._Ack_Sent_Terminate_Request, id, length, data
            )
        frame = encode_Terminate_Ack(id, 4, b"")
        self.below._ask_packet(frame)
        self.state = "Req_Sent"
        self._busy = False
        self.below.packet(frame)

    def _Opened_Terminate_Request(
        self, answer: object, id: int, length: int, data: bytes
    ) -> None:
        """lcp.proto:332"""
        if answer is not None:
            return self._wait(answer, self._Opened_Terminate_Request, id, length, data)
        frame = encode_Terminate_Ack(id, 4, b"")
        self.below._ask_packet(frame)
        self.restarts = 0
        self._start("restart", self.period)
        self.state = "Stopping"
        self._tell((self.emit_tld,), (self.below.packet, frame))

    def _Closed_on_Terminate_Request(self, id: int, length: int, data: bytes) -> None:
        """`Terminate_Request` in Closed."""
        self._Closed_Terminate_Request(
            self.do_Closed_Terminate_Request(id, length, data), id, length, data
        )

    def _Closing_on_Terminate_Request(self, id: int, length: int, data: bytes) -> None:
        """`Terminate_Request` in Closing."""
        self._Closing_Terminate_Request(
            self.do_Closing_Terminate_Request(id, length, data), id, length, data
        )

    def _Stopping_on_Terminate_Request(self, id: int, length: int, data: bytes) -> None:
        """`Terminate_Request` in Stopping."""
        self._Stopping_Terminate_Request(
            self.do_Stopping_Terminate_Request(id, length, data), id, length, data
        )

    def _Stopped_on_Terminate_Request(self, id: int, length: int, data: bytes) -> None:
        """`Terminate_Request` in Stopped."""
        self._Stopped_Terminate_Request(
            self.do_Stopped_Terminate_Request(id, length, data), id, length, data
        )

    def _Req_Sent_on_Terminate_Request(self, id: int, length: int, data: bytes) -> None:
        """`Terminate_Request` in Req_Sent."""
        self._Req_Sent_Terminate_Request(
            self.do_Req_Sent_Terminate_Request(id, length, data), id, length, data
        )

    def _Ack_Rcvd_on_Terminate_Request(self, id: int, length: int, data: bytes) -> None:
        """`Terminate_Request` in Ack_Rcvd."""
        self._Ack_Rcvd_Terminate_Request(
            self.do_Ack_Rcvd_Terminate_Request(id, length, data), id, length, data
        )

    def _Ack_Sent_on_Terminate_Request(self, id: int, length: int, data: bytes) -> None:
        """`Terminate_Request` in Ack_Sent."""
        self._Ack_Sent_Terminate_Request(
            self.do_Ack_Sent_Terminate_Request(id, length, data), id, length, data
        )

    def _Opened_on_Terminate_Request(self, id: int, length: int, data: bytes) -> None:
        """`Terminate_Request` in Opened."""
        self._Opened_Terminate_Request(
            self.do_Opened_Terminate_Request(id, length, data), id, length, data
        )

    def _Closing_Terminate_Ack(
        self, answer: object, id: int, length: int, data: bytes
    ) -> None:
        """lcp.proto:188"""
        if answer is not None:
            return self._wait(answer, self._Closing_Terminate_Ack, id, length, data)
        self._stop("restart")
        self.state = "Closed"
        self._busy = False
        self.below.tlf()

    def _Stopping_Terminate_Ack(
        self, answer: object, id: int, length: int, data: bytes
    ) -> None:
        """lcp.proto:199"""
        if answer is not None:
            return self._wait(answer, self._Stopping_Terminate_Ack, id, length, data)
        self._stop("restart")
        self.state = "Stopped"
        self._busy = False
        self.below.tlf()

    def _Req_Sent_Terminate_Ack(
        self, answer: object, id: int, length: int, data: bytes
    ) -> None:
        """lcp.proto:251"""
        if answer is not None:
            return self._wait(answer, self._Req_Sent_Terminate_Ack, id, length, data)
        self._busy = False

    def _Ack_Rcvd_Terminate_Ack(
        self, answer: object, id: int, length: int, data: bytes
    ) -> None:
        """lcp.proto:277"""
        if answer is not None:
            return self._wait(answer, self._Ack_Rcvd_Terminate_Ack, id, length, data)
        self.state = "Req_Sent"
        self._busy = False

    def _Ack_Sent_Terminate_Ack(
        self, answer: object, id: int, length: int, data: bytes
    ) -> None:
        """lcp.proto:306"""
        if answer is not None:
            return self._wait(answer, self._Ack_Sent_Terminate_Ack, id, length, data)
        self._busy = False

    def _Opened_Terminate_Ack(
        self, answer: object, id: int, length: int, data: bytes
    ) -> None:
        """lcp.proto:335"""
        if answer is not None:
            return self._wait(answer, self._Opened_Terminate_Ack, id, length, data)
        self._begin()
        self._effect(self.emit_tld)
        self._raise(self._take_configure, self.asked + 1)
        self.state = "Req_Sent"
        self._finish()

    def _Closed_on_Terminate_Ack(self, id: int, length: int, data: bytes) -> None:
        """`Terminate_Ack` in Closed or Stopped."""
        self._busy = False

    def _Closing_on_Terminate_Ack(self, id: int, length: int, data: bytes) -> None:
        """`Terminate_Ack` in Closing."""
        self._Closing_Terminate_Ack(
            self.do_Closing_Terminate_Ack(id, length, data), id, length, data
        )

    def _Stopping_on_Terminate_Ack(self, id: int, length: int, data: bytes) -> None:
        """`Terminate_Ack` in Stopping."""
        self._Stopping_Terminate_Ack(
            self.do_Stopping_Terminate_Ack(id, length, data), id, length, data
        )

    def _Req_Sent_on_Terminate_Ack(self, id: int, length: int, data: bytes) -> None:
        """`Terminate_Ack` in Req_Sent."""
        self._Req_Sent_Terminate_Ack(
            self.do_Req_Sent_Terminate_Ack(id, length, data), id, length, data
        )

    def _Ack_Rcvd_on_Terminate_Ack(self, id: int, length: int, data: bytes) -> None:
        """`Terminate_Ack` in Ack_Rcvd."""
        self._Ack_Rcvd_Terminate_Ack(
            self.do_Ack_Rcvd_Terminate_Ack(id, length, data), id, length, data
        )

    def _Ack_Sent_on_Terminate_Ack(self, id: int, length: int, data: bytes) -> None:
        """`Terminate_Ack` in Ack_Sent."""
        self._Ack_Sent_Terminate_Ack(
            self.do_Ack_Sent_Terminate_Ack(id, length, data), id, length, data
        )

    def _Opened_on_Terminate_Ack(self, id: int, length: int, data: bytes) -> None:
        """`Terminate_Ack` in Opened."""
        self._Opened_Terminate_Ack(
            self.do_Opened_Terminate_Ack(id, length, data), id, length, data
        )

    def _Closed_Code_Reject(
        self, answer: object, id: int, length: int, rejected: bytes
    ) -> None:
        """lcp.proto:176"""
        if answer is not None:
            return self._wait(answer, self._Closed_Code_Reject, id, length, rejected)
        self.state = "Closed"
        self._busy = False
        self.below.tlf()

    def _Closing_Code_Reject(
        self, answer: object, id: int, length: int, rejected: bytes
    ) -> None:
        """lcp.proto:189"""
        if answer is not None:
            return self._wait(answer, self._Closing_Code_Reject, id, length, rejected)
        self._stop("restart")
        self.state = "Closed"
        self._busy = False
        self.below.tlf()

    def _Stopping_Code_Reject(
        self, answer: object, id: int, length: int, rejected: bytes
    ) -> None:
        """lcp.proto:200"""
        if answer is not None:
            return self._wait(answer, self._Stopping_Code_Reject, id, length, rejected)
        self._stop("restart")
        self.state = "Stopped"
        self._busy = False
        self.below.tlf()

    def _Stopped_Code_Reject(
        self, answer: object, id: int, length: int, rejected: bytes
    ) -> None:
        """lcp.proto:222"""
        if answer is not None:
            return self._wait(answer, self._Stopped_Code_Reject, id, length, rejected)
        self.state = "Stopped"
        self._busy = False
        self.below.tlf()

    def _Req_Sent_Code_Reject(
        self, answer: object, id: int, length: int, rejected: bytes
    ) -> None:
        """lcp.proto:252"""
        if answer is not None:
            return self._wait(answer, self._Req_Sent_Code_Reject, id, length, rejected)
        self._stop("restart")
        self.state = "Stopped"
        self._busy = False
        self.below.tlf()

    def _Ack_Rcvd_Code_Reject(
        self, answer: object, id: int, length: int, rejected: bytes
    ) -> None:
        """lcp.proto:278"""
        if answer is not None:
            return self._wait(answer, self._Ack_Rcvd_Code_Reject, id, length, rejected)
        self._stop("restart")
        self.state = "Stopped"
        self._busy = False
        self.below.tlf()

    def _Ack_Rcvd_Code_Reject_2(
        self, answer: object, id: int, length: int, rejected: bytes
    ) -> None:
        """lcp.proto:281"""
        if answer is not None:
            return self._wait(
                answer, self._Ack_Rcvd_Code_Reject_2, id, length, rejected
            )
        self.state = "Req_Sent"
        self._busy = False

    def _Ack_Sent_Code_Reject(
        self, answer: object, id: int, length: int, rejected: bytes
    ) -> None:
        """lcp.proto:307"""
        if answer is not None:
            return self._wait(answer, self._Ack_Sent_Code_Reject, id, length, rejected)
        self._stop("restart")
        self.state = "Stopped"
        self._busy = False
        self.below.tlf()

    def _Opened_Code_Reject(
        self, answer: object, id: int, length: int, rejected: bytes
    ) -> None:
        """lcp.proto:336"""
        if answer is not None:
            return self._wait(answer, self._Opened_Code_Reject, id, length, rejected)
        self._begin()
        self._effect(self.emit_tld)
        self.restarts = self.max_terminate
        self._raise(self._take_terminate, self.asked + 1)
        self.state = "Stopping"
        self._finish()

    def _Closed_on_Code_Reject(self, id: int, length: int, rejected: bytes) -> None:
        """`Code_Reject` in Closed."""
        if len(rejected) > 0 and rejected[0] <= 7:
            self._Closed_Code_Reject(
                self.do_Closed_Code_Reject(id, length, rejected), id, length, rejected
            )
        else:
            self._busy = False

    def _Closing_on_Code_Reject(self, id: int, length: int, rejected: bytes) -> None:
        """`Code_Reject` in Closing."""
        if len(rejected) > 0 and rejected[0] <= 7:
            self._Closing_Code_Reject(
                self.do_Closing_Code_Reject(id, length, rejected), id, length, rejected
            )
        else:
            self._busy = False

    def _Stopping_on_Code_Reject(self, id: int, length: int, rejected: bytes) -> None:
        """`Code_Reject` in Stopping."""
        if len(rejected) > 0 and rejected[0] <= 7:
            self._Stopping_Code_Reject(
                self.do_Stopping_Code_Reject(id, length, rejected), id, length, rejected
            )
        else:
            self._busy = False

    def _Stopped_on_Code_Reject(self, id: int, length: int, rejected: bytes) -> None:
        """`Code_Reject` in Stopped."""
        if len(rejected) > 0 and rejected[0] <= 7:
            self._Stopped_Code_Reject(
                self.do_Stopped_Code_Reject(id, length, rejected), id, length, rejected
            )
        else:
            self._busy = False

    def _Req_Sent_on_Code_Reject(self, id: int, length: int, rejected: bytes) -> None:
        """`Code_Reject` in Req_Sent."""
        if len(rejected) > 0 and rejected[0] <= 7:
            self._Req_Sent_Code_Reject(
                self.do_Req_Sent_Code_Reject(id, length, rejected), id, length, rejected
            )
        else:
            self._busy = False

    def _Ack_Rcvd_on_Code_Reject(self, id: int, length: int, rejected: bytes) -> None:
        """`Code_Reject` in Ack_Rcvd."""
        if len(rejected) > 0 and rejected[0] <= 7:
            self._Ack_Rcvd_Code_Reject(
                self.do_Ack_Rcvd_Code_Reject(id, length, rejected), id, length, rejected
            )
        else:
            self._Ack_Rcvd_Code_Reject_2(
                self.do_Ack_Rcvd_Code_Reject(id, length, rejected), id, length, rejected
            )

    def _Ack_Sent_on_Code_Reject(self, id: int, length: int, rejected: bytes) -> None:
        """`Code_Reject` in Ack_Sent."""
        if len(rejected) > 0 and rejected[0] <= 7:
            self._Ack_Sent_Code_Reject(
                self.do_Ack_Sent_Code_Reject(id, length, rejected), id, length, rejected
            )
        else:
            self._busy = False

    def _Opened_on_Code_Reject(self, id: int, length: int, rejected: bytes) -> None:
        """`Code_Reject` in Opened."""
        if len(rejected) > 0 and rejected[0] <= 7:
            self._Opened_Code_Reject(
                self.do_Opened_Code_Reject(id, length, rejected), id, length, rejected
            )
        else:
            self._busy = False

    def _Opened_Protocol_Reject(
        self, answer: object, id: int, length: int, number: int, information: bytes
    ) -> None:
        """lcp.proto:340"""
        if answer is not None:
            return self._wait(
                answer, self._Opened_Protocol_Reject, id, length, number, information
            )
        self._begin()
        self._effect(self.emit_tld)
        self.restarts = self.max_terminate
        self._raise(self._take_terminate, self.asked + 1)
        self.state = "Stopping"
        self._finish()

    def _Opened_Protocol_Reject_2(
        self, answer: object, id: int, length: int, number: int, information: bytes
    ) -> None:
        """lcp.proto:343"""
        if answer is not None:
            return self._wait(
                answer, self._Opened_Protocol_Reject_2, id, length, number, information
            )
        self._busy = False
        told = self.emit_refused(number)
        if told is not None:
            self._hold(told)

    def _Opened_Echo_Request(
        self, answer: object, id: int, length: int, magic: int, data: bytes
    ) -> None:
        """lcp.proto:344"""
        if answer is not None:
            return self._wait(
                answer, self._Opened_Echo_Request, id, length, magic, data
            )
        frame = encode_Echo_Reply(id, length, self.magic, data)
        self._busy = False
        self.below.packet(frame)

    def _Opened_Echo_Reply(
        self, answer: object, id: int, length: int, magic: int, data: bytes
    ) -> None:
        """lcp.proto:345"""
        if answer is not None:
            return self._wait(answer, self._Opened_Echo_Reply, id, length, magic, data)
        self._busy = False
        told = self.emit_echoed(data)
        if told is not None:
            self._hold(told)

    def _Available_Unknown(
        self, answer: object, code: int, id: int, length: int, data: bytes
    ) -> None:
        """lcp.proto:160"""
        if answer is not None:
            return self._wait(answer, self._Available_Unknown, code, id, length, data)
        others = (self.others + 1) % 256
        frame = encode_Code_Reject(
            others,
            length + 4,
            packed(code, "u8") + packed(id, "u8") + packed(length, "u16") + data,
        )
        self.below._ask_packet(frame)
        self.others = others
        self._busy = False
        self.below.packet(frame)

    def _Initial_Up(self, answer: object) -> None:
        """lcp.proto:149"""
        if answer is not None:
            return self._wait(answer, self._Initial_Up)
        self.state = "Closed"
        self._busy = False

    def _Starting_Up(self, answer: object) -> None:
        """lcp.proto:154"""
        if answer is not None:
            return self._wait(answer, self._Starting_Up)
        self._begin()
        self.restarts = self.max_configure
        self._raise(self._take_configure, self.asked + 1)
        self.state = "Req_Sent"
        self._finish()

    def _Closed_Down(self, answer: object) -> None:
        """lcp.proto:166"""
        if answer is not None:
            return self._wait(answer, self._Closed_Down)
        self.state = "Initial"
        self._busy = False

    def _Closing_Down(self, answer: object) -> None:
        """lcp.proto:182"""
        if answer is not None:
            return self._wait(answer, self._Closing_Down)
        self._stop("restart")
        self.state = "Initial"
        self._busy = False

    def _Stopping_Down(self, answer: object) -> None:
        """lcp.proto:193"""
        if answer is not None:
            return self._wait(answer, self._Stopping_Down)
        self._stop("restart")
        self.state = "Starting"
        self._busy = False

    def _Stopped_Down(self, answer: object) -> None:
        """lcp.proto:206"""
        if answer is not None:
            return self._wait(answer, self._Stopped_Down)
        self.state = "Starting"
        self._busy = False
        self.below.tls()

    def _Req_Sent_Down(self, answer: object) -> None:
        """lcp.proto:229"""
        if answer is not None:
            return self._wait(answer, self._Req_Sent_Down)
        self._stop("restart")
        self.state = "Starting"
        self._busy = False

    def _Ack_Rcvd_Down(self, answer: object) -> None:
        """lcp.proto:256"""
        if answer is not None:
            return self._wait(answer, self._Ack_Rcvd_Down)
        self._stop("restart")
        self.state = "Starting"
        self._busy = False

    def _Ack_Sent_Down(self, answer: object) -> None:
        """lcp.proto:284"""
        if answer is not None:
            return self._wait(answer, self._Ack_Sent_Down)
        self._stop("restart")
        self.state = "Starting"
        self._busy = False

    def _Opened_Down(self, answer: object) -> None:
        """lcp.proto:312"""
        if answer is not None:
            return self._wait(answer, self._Opened_Down)
        self.state = "Starting"
        self._busy = False
        told = self.emit_tld()
        if told is not None:
            self._hold(told)

    def _Closed_on_Down(self) -> None:
        """`Down` in Closed."""
        self._Closed_Down(self.do_Closed_Down())

    def _Closing_on_Down(self) -> None:
        """`Down` in Closing."""
        self._Closing_Down(self.do_Closing_Down())

    def _Stopping_on_Down(self) -> None:
        """`Down` in Stopping."""
        self._Stopping_Down(self.do_Stopping_Down())

    def _Stopped_on_Down(self) -> None:
        """`Down` in Stopped."""
        self._Stopped_Down(self.do_Stopped_Down())

    def _Req_Sent_on_Down(self) -> None:
        """`Down` in Req_Sent."""
        self._Req_Sent_Down(self.do_Req_Sent_Down())

    def _Ack_Rcvd_on_Down(self) -> None:
        """`Down` in Ack_Rcvd."""
        self._Ack_Rcvd_Down(self.do_Ack_Rcvd_Down())

    def _Ack_Sent_on_Down(self) -> None:
        """`Down` in Ack_Sent."""
        self._Ack_Sent_Down(self.do_Ack_Sent_Down())

    def _Opened_on_Down(self) -> None:
        """`Down` in Opened."""
        self._Opened_Down(self.do_Opened_Down())

    def _Initial_Open(self, answer: object, options: bytes, magic: int) -> None:
        """lcp.proto:150"""
        if answer is not None:
            return self._wait(answer, self._Initial_Open, options, magic)
        self.wanted = options
        self.magic = magic
        self.state = "Starting"
        self._busy = False
        self.below.tls()

    def _Starting_Open(self, answer: object, options: bytes, magic: int) -> None:
        """lcp.proto:155"""
        if answer is not None:
            return self._wait(answer, self._Starting_Open, options, magic)
        self.wanted = options
        self.magic = magic
        self._busy = False

    def _Closed_Open(self, answer: object, options: bytes, magic: int) -> None:
        """lcp.proto:167"""
        if answer is not None:
            return self._wait(answer, self._Closed_Open, options, magic)
        self._begin()
        self.wanted = options
        self.magic = magic
        self.restarts = self.max_configure
        self._raise(self._take_configure, self.asked + 1)
        self.state = "Req_Sent"
        self._finish()

    def _Closing_Open(self, answer: object, options: bytes, magic: int) -> None:
        """lcp.proto:183"""
        if answer is not None:
            return self._wait(answer, self._Closing_Open, options, magic)
        self.state = "Stopping"
        self._busy = False

    def _Stopping_Open(self, answer: object, options: bytes, magic: int) -> None:
        """lcp.proto:194"""
        if answer is not None:
            return self._wait(answer, self._Stopping_Open, options, magic)
        self._busy = False

    def _Stopped_Open(self, answer: object, options: bytes, magic: int) -> None:
        """lcp.proto:207"""
        if answer is not None:
            return self._wait(answer, self._Stopped_Open, options, magic)
        self._busy = False

    def _Req_Sent_Open(self, answer: object, options: bytes, magic: int) -> None:
        """lcp.proto:230"""
        if answer is not None:
            return self._wait(answer, self._Req_Sent_Open, options, magic)
        self._busy = False

    def _Ack_Rcvd_Open(self, answer: object, options: bytes, magic: int) -> None:
        """lcp.proto:257"""
        if answer is not None:
            return self._wait(answer, self._Ack_Rcvd_Open, options, magic)
        self._busy = False

    def _Ack_Sent_Open(self, answer: object, options: bytes, magic: int) -> None:
        """lcp.proto:285"""
        if answer is not None:
            return self._wait(answer, self._Ack_Sent_Open, options, magic)
        self._busy = False

    def _Opened_Open(self, answer: object, options: bytes, magic: int) -> None:
        """lcp.proto:313"""
        if answer is not None:
            return self._wait(answer, self._Opened_Open, options, magic)
        self._busy = False

    def _Initial_on_Open(self, options: bytes, magic: int) -> None:
        """`Open` in Initial."""
        self._Initial_Open(self.do_Initial_Open(options, magic), options, magic)

    def _Starting_on_Open(self, options: bytes, magic: int) -> None:
        """`Open` in Starting."""
        self._Starting_Open(self.do_Starting_Open(options, magic), options, magic)

    def _Closed_on_Open(self, options: bytes, magic: int) -> None:
        """`Open` in Closed."""
        self._Closed_Open(self.do_Closed_Open(options, magic), options, magic)

    def _Closing_on_Open(self, options: bytes, magic: int) -> None:
        """`Open` in Closing."""
        self._Closing_Open(self.do_Closing_Open(options, magic), options, magic)

    def _Stopping_on_Open(self, options: bytes, magic: int) -> None:
        """`Open` in Stopping."""
        self._Stopping_Open(self.do_Stopping_Open(options, magic), options, magic)

    def _Stopped_on_Open(self, options: bytes, magic: int) -> None:
        """`Open` in Stopped."""
        self._Stopped_Open(self.do_Stopped_Open(options, magic), options, magic)

    def _Req_Sent_on_Open(self, options: bytes, magic: int) -> None:
        """`Open` in Req_Sent."""
        self._Req_Sent_Open(self.do_Req_Sent_Open(options, magic), options, magic)

    def _Ack_Rcvd_on_Open(self, options: bytes, magic: int) -> None:
        """`Open` in Ack_Rcvd."""
        self._Ack_Rcvd_Open(self.do_Ack_Rcvd_Open(options, magic), options, magic)

    def _Ack_Sent_on_Open(self, options: bytes, magic: int) -> None:
        """`Open` in Ack_Sent."""
        self._Ack_Sent_Open(self.do_Ack_Sent_Open(options, magic), options, magic)

    def _Opened_on_Open(self, options: bytes, magic: int) -> None:
        """`Open` in Opened."""
        self._Opened_Open(self.do_Opened_Open(options, magic), options, magic)

    def _Initial_Close(self, answer: object) -> None:
        """lcp.proto:151"""
        if answer is not None:
            return self._wait(answer, self._Initial_Close)
        self._busy = False

    def _Starting_Close(self, answer: object) -> None:
        """lcp.proto:156"""
        if answer is not None:
            return self._wait(answer, self._Starting_Close)
        self.state = "Initial"
        self._busy = False
        self.below.tlf()

    def _Closed_Close(self, answer: object) -> None:
        """lcp.proto:169"""
        if answer is not None:
            return self._wait(answer, self._Closed_Close)
        self._busy = False

    def _Closing_Close(self, answer: object) -> None:
        """lcp.proto:184"""
        if answer is not None:
            return self._wait(answer, self._Closing_Close)
        self._busy = False

    def _Stopping_Close(self, answer: object) -> None:
        """lcp.proto:195"""
        if answer is not None:
            return self._wait(answer, self._Stopping_Close)
        self.state = "Closing"
        self._busy = False

    def _Stopped_Close(self, answer: object) -> None:
        """lcp.proto:208"""
        if answer is not None:
            return self._wait(answer, self._Stopped_Close)
        self.state = "Closed"
        self._busy = False

    def _Req_Sent_Close(self, answer: object) -> None:
        """lcp.proto:231"""
        if answer is not None:
            return self._wait(answer, self._Req_Sent_Close)
        self._begin()
        self._stop("restart")
        self.restarts = self.max_terminate
        self._raise(self._take_terminate, self.asked + 1)
        self.state = "Closing"
        self._finish()

    def _Ack_Rcvd_Close(self, answer: object) -> None:
        """lcp.proto:258"""
        if answer is not None:
            return self._wait(answer, self._Ack_Rcvd_Close)
        self._begin()
        self._stop("restart")
        self.restarts = self.max_terminate
        self._raise(self._take_terminate, self.asked + 1)
        self.state = "Closing"
        self._finish()

    def _Ack_Sent_Close(self, answer: object) -> None:
        """lcp.proto:286"""
        if answer is not None:
            return self._wait(answer, self._Ack_Sent_Close)
        self._begin()
        self._stop("restart")
        self.restarts = self.max_terminate
        self._raise(self._take_terminate, self.asked + 1)
        self.state = "Closing"
        self._finish()

    def _Opened_Close(self, answer: object) -> None:
        """lcp.proto:314"""
        if answer is not None:
            return self._wait(answer, self._Opened_Close)
        self._begin()
        self._effect(self.emit_tld)
        self.restarts = self.max_terminate
        self._raise(self._take_terminate, self.asked + 1)
        self.state = "Closing"
        self._finish()

    def _Initial_on_Close(self) -> None:
        """`Close` in Initial."""
        self._Initial_Close(self.do_Initial_Close())

    def _Starting_on_Close(self) -> None:
        """`Close` in Starting."""
        self._Starting_Close(self.do_Starting_Close())

    def _Closed_on_Close(self) -> None:
        """`Close` in Closed."""
        self._Closed_Close(self.do_Closed_Close())

    def _Closing_on_Close(self) -> None:
        """`Close` in Closing."""
        self._Closing_Close(self.do_Closing_Close())

    def _Stopping_on_Close(self) -> None:
        """`Close` in Stopping."""
        self._Stopping_Close(self.do_Stopping_Close())

    def _Stopped_on_Close(self) -> None:
        """`Close` in Stopped."""
        self._Stopped_Close(self.do_Stopped_Close())

    def _Req_Sent_on_Close(self) -> None:
        """`Close` in Req_Sent."""
        self._Req_Sent_Close(self.do_Req_Sent_Close())

    def _Ack_Rcvd_on_Close(self) -> None:
        """`Close` in Ack_Rcvd."""
        self._Ack_Rcvd_Close(self.do_Ack_Rcvd_Close())

    def _Ack_Sent_on_Close(self) -> None:
        """`Close` in Ack_Sent."""
        self._Ack_Sent_Close(self.do_Ack_Sent_Close())

    def _Opened_on_Close(self) -> None:
        """`Close` in Opened."""
        self._Opened_Close(self.do_Opened_Close())

    def _Opened_echo(self, answer: object, data: bytes) -> None:
        """lcp.proto:347"""
        if answer is not None:
            return self._wait(answer, self._Opened_echo, data)
        others = (self.others + 1) % 256
        frame = encode_Echo_Request(others, len(data) + 8, self.magic, data)
        self.below._ask_packet(frame)
        self.others = others
        self._busy = False
        self.below.packet(frame)

    def _Opened_discard(self, answer: object, data: bytes) -> None:
        """lcp.proto:349"""
        if answer is not None:
            return self._wait(answer, self._Opened_discard, data)
        others = (self.others + 1) % 256
        frame = encode_Discard_Request(others, len(data) + 8, self.magic, data)
        self.below._ask_packet(frame)
        self.others = others
        self._busy = False
        self.below.packet(frame)

    def _Opened_refuse_protocol(
        self, answer: object, number: int, information: bytes
    ) -> None:
        """lcp.proto:351"""
        if answer is not None:
            return self._wait(answer, self._Opened_refuse_protocol, number, information)
        others = (self.others + 1) % 256
        frame = encode_Protocol_Reject(
            others, len(information) + 6, number, information
        )
        self.below._ask_packet(frame)
        self.others = others
        self._busy = False
        self.below.packet(frame)

    def _Closing_restart(self, answer: object) -> None:
        """lcp.proto:185"""
        if answer is not None:
            return self._wait(answer, self._Closing_restart)
        self._begin()
        self._raise(self._take_terminate, self.asked)
        self._finish()

    def _Closing_restart_2(self, answer: object) -> None:
        """lcp.proto:186"""
        if answer is not None:
            return self._wait(answer, self._Closing_restart_2)
        self._stop("restart")
        self.state = "Closed"
        self._busy = False
        self.below.tlf()

    def _Stopping_restart(self, answer: object) -> None:
        """lcp.proto:196"""
        if answer is not None:
            return self._wait(answer, self._Stopping_restart)
        self._begin()
        self._raise(self._take_terminate, self.asked)
        self._finish()

    def _Stopping_restart_2(self, answer: object) -> None:
        """lcp.proto:197"""
        if answer is not None:
            return self._wait(answer, self._Stopping_restart_2)
        self._stop("restart")
        self.state = "Stopped"
        self._busy = False
        self.below.tlf()

    def _Req_Sent_restart(self, answer: object) -> None:
        """lcp.proto:232"""
        if answer is not None:
            return self._wait(answer, self._Req_Sent_restart)
        self._begin()
        self._raise(self._take_configure, self.asked)
        self._finish()

    def _Req_Sent_restart_2(self, answer: object) -> None:
        """lcp.proto:233"""
        if answer is not None:
            return self._wait(answer, self._Req_Sent_restart_2)
        self._stop("restart")
        self.state = "Stopped"
        self._busy = False

    def _Req_Sent_restart_3(self, answer: object) -> None:
        """lcp.proto:234"""
        if answer is not None:
            return self._wait(answer, self._Req_Sent_restart_3)
        self._stop("restart")
        self.state = "Stopped"
        self._busy = False
        self.below.tlf()

    def _Ack_Rcvd_restart(self, answer: object) -> None:
        """lcp.proto:259"""
        if answer is not None:
            return self._wait(answer, self._Ack_Rcvd_restart)
        self._begin()
        self._raise(self._take_configure, self.asked)
        self.state = "Req_Sent"
        self._finish()

    def _Ack_Rcvd_restart_2(self, answer: object) -> None:
        """lcp.proto:260"""
        if answer is not None:
            return self._wait(answer, self._Ack_Rcvd_restart_2)
        self._stop("restart")
        self.state = "Stopped"
        self._busy = False

    def _Ack_Rcvd_restart_3(self, answer: object) -> None:
        """lcp.proto:261"""
        if answer is not None:
            return self._wait(answer, self._Ack_Rcvd_restart_3)
        self._stop("restart")
        self.state = "Stopped"
        self._busy = False
        self.below.tlf()

    def _Ack_Sent_restart(self, answer: object) -> None:
        """lcp.proto:287"""
        if answer is not None:
            return self._wait(answer, self._Ack_Sent_restart)
        self._begin()
        self._raise(self._take_configure, self.asked)
        self._finish()

    def _Ack_Sent_restart_2(self, answer: object) -> None:
        """lcp.proto:288"""
        if answer is not None:
            return self._wait(answer, self._Ack_Sent_restart_2)
        self._stop("restart")
        self.state = "Stopped"
        self._busy = False

    def _Ack_Sent_restart_3(self, answer: object) -> None:
        """lcp.proto:289"""
        if answer is not None:
            return self._wait(answer, self._Ack_Sent_restart_3)
        self._stop("restart")
        self.state = "Stopped"
        self._busy = False
        self.below.tlf()

    def _Closing_on_restart(self) -> None:
        """`restart` in Closing."""
        if self.restarts > 0:
            self._Closing_restart(self.do_Closing_restart())
        else:
            self._Closing_restart_2(self.do_Closing_restart())

    def _Stopping_on_restart(self) -> None:
        """`restart` in Stopping."""
        if self.restarts > 0:
            self._Stopping_restart(self.do_Stopping_restart())
        else:
            self._Stopping_restart_2(self.do_Stopping_restart())

    def _Req_Sent_on_restart(self) -> None:
        """`restart` in Req_Sent."""
        if self.restarts > 0:
            self._Req_Sent_restart(self.do_Req_Sent_restart())
        elif self.passive:
            self._Req_Sent_restart_2(self.do_Req_Sent_restart())
        else:
            self._Req_Sent_restart_3(self.do_Req_Sent_restart())

    def _Ack_Rcvd_on_restart(self) -> None:
        """`restart` in Ack_Rcvd."""
        if self.restarts > 0:
            self._Ack_Rcvd_restart(self.do_Ack_Rcvd_restart())
        elif self.passive:
            self._Ack_Rcvd_restart_2(self.do_Ack_Rcvd_restart())
        else:
            self._Ack_Rcvd_restart_3(self.do_Ack_Rcvd_restart())

    def _Ack_Sent_on_restart(self) -> None:
        """`restart` in Ack_Sent."""
        if self.restarts > 0:
            self._Ack_Sent_restart(self.do_Ack_Sent_restart())
        elif self.passive:
            self._Ack_Sent_restart_2(self.do_Ack_Sent_restart())
        else:
            self._Ack_Sent_restart_3(self.do_Ack_Sent_restart())

    def _Initial_configure(self, answer: object, value: int) -> None:
        """lcp.proto:139"""
        if answer is not None:
            return self._wait(answer, self._Initial_configure, value)
        self.asked = value % 256
        self.restarts -= 1
        self.below._ask_packet(
            encode_Configure_Request(self.asked, len(self.wanted) + 4, self.wanted)
        )
        self._effect(
            self.below.packet,
            encode_Configure_Request(self.asked, len(self.wanted) + 4, self.wanted),
        )
        self._start("restart", self.period)

    def _Starting_configure(self, answer: object, value: int) -> None:
        """lcp.proto:139"""
        if answer is not None:
            return self._wait(answer, self._Starting_configure, value)
        self.asked = value % 256
        self.restarts -= 1
        self.below._ask_packet(
            encode_Configure_Request(self.asked, len(self.wanted) + 4, self.wanted)
        )
        self._effect(
            self.below.packet,
            encode_Configure_Request(self.asked, len(self.wanted) + 4, self.wanted),
        )
        self._start("restart", self.period)

    def _Available_configure(self, answer: object, value: int) -> None:
        """lcp.proto:139"""
        if answer is not None:
            return self._wait(answer, self._Available_configure, value)
        self.asked = value % 256
        self.restarts -= 1
        self.below._ask_packet(
            encode_Configure_Request(self.asked, len(self.wanted) + 4, self.wanted)
        )
        self._effect(
            self.below.packet,
            encode_Configure_Request(self.asked, len(self.wanted) + 4, self.wanted),
        )
        self._start("restart", self.period)

    def _Initial_terminate(self, answer: object, value: int) -> None:
        """lcp.proto:141"""
        if answer is not None:
            return self._wait(answer, self._Initial_terminate, value)
        self.asked = value % 256
        self.restarts -= 1
        self.below._ask_packet(encode_Terminate_Request(self.asked, 4, b""))
        self._effect(self.below.packet, encode_Terminate_Request(self.asked, 4, b""))
        self._start("restart", self.period)

    def _Starting_terminate(self, answer: object, value: int) -> None:
        """lcp.proto:141"""
        if answer is not None:
            return self._wait(answer, self._Starting_terminate, value)
        self.asked = value % 256
        self.restarts -= 1
        self.below._ask_packet(encode_Terminate_Request(self.asked, 4, b""))
        self._effect(self.below.packet, encode_Terminate_Request(self.asked, 4, b""))
        self._start("restart", self.period)

    def _Available_terminate(self, answer: object, value: int) -> None:
        """lcp.proto:141"""
        if answer is not None:
            return self._wait(answer, self._Available_terminate, value)
        self.asked = value % 256
        self.restarts -= 1
        self.below._ask_packet(encode_Terminate_Request(self.asked, 4, b""))
        self._effect(self.below.packet, encode_Terminate_Request(self.asked, 4, b""))
        self._start("restart", self.period)

    def _Initial_ack(self, answer: object, value: int, value2: bytes) -> None:
        """lcp.proto:143"""
        if answer is not None:
            return self._wait(answer, self._Initial_ack, value, value2)
        self.below._ask_packet(encode_Configure_Ack(value, len(value2) + 4, value2))
        self._effect(
            self.below.packet, encode_Configure_Ack(value, len(value2) + 4, value2)
        )

    def _Starting_ack(self, answer: object, value: int, value2: bytes) -> None:
        """lcp.proto:143"""
        if answer is not None:
            return self._wait(answer, self._Starting_ack, value, value2)
        self.below._ask_packet(encode_Configure_Ack(value, len(value2) + 4, value2))
        self._effect(
            self.below.packet, encode_Configure_Ack(value, len(value2) + 4, value2)
        )

    def _Available_ack(self, answer: object, value: int, value2: bytes) -> None:
        """lcp.proto:143"""
        if answer is not None:
            return self._wait(answer, self._Available_ack, value, value2)
        self.below._ask_packet(encode_Configure_Ack(value, len(value2) + 4, value2))
        self._effect(
            self.below.packet, encode_Configure_Ack(value, len(value2) + 4, value2)
        )

    def _Initial_nak(self, answer: object, value: int, value2: bytes) -> None:
        """lcp.proto:144"""
        if answer is not None:
            return self._wait(answer, self._Initial_nak, value, value2)
        self.below._ask_packet(encode_Configure_Nak(value, len(value2) + 4, value2))
        self._effect(
            self.below.packet, encode_Configure_Nak(value, len(value2) + 4, value2)
        )

    def _Starting_nak(self, answer: object, value: int, value2: bytes) -> None:
        """lcp.proto:144"""
        if answer is not None:
            return self._wait(answer, self._Starting_nak, value, value2)
        self.below._ask_packet(encode_Configure_Nak(value, len(value2) + 4, value2))
        self._effect(
            self.below.packet, encode_Configure_Nak(value, len(value2) + 4, value2)
        )

    def _Available_nak(self, answer: object, value: int, value2: bytes) -> None:
        """lcp.proto:144"""
        if answer is not None:
            return self._wait(answer, self._Available_nak, value, value2)
        self.below._ask_packet(encode_Configure_Nak(value, len(value2) + 4, value2))
        self._effect(
            self.below.packet, encode_Configure_Nak(value, len(value2) + 4, value2)
        )

    def _Initial_rej(self, answer: object, value: int, value2: bytes) -> None:
        """lcp.proto:145"""
        if answer is not None:
            return self._wait(answer, self._Initial_rej, value, value2)
        self.below._ask_packet(encode_Configure_Reject(value, len(value2) + 4, value2))
        self._effect(
            self.below.packet, encode_Configure_Reject(value, len(value2) + 4, value2)
        )

    def _Starting_rej(self, answer: object, value: int, value2: bytes) -> None:
        """lcp.proto:145"""
        if answer is not None:
            return self._wait(answer, self._Starting_rej, value, value2)
        self.below._ask_packet(encode_Configure_Reject(value, len(value2) + 4, value2))
        self._effect(
            self.below.packet, encode_Configure_Reject(value, len(value2) + 4, value2)
        )

    def _Available_rej(self, answer: object, value: int, value2: bytes) -> None:
        """lcp.proto:145"""
        if answer is not None:
            return self._wait(answer, self._Available_rej, value, value2)
        self.below._ask_packet(encode_Configure_Reject(value, len(value2) + 4, value2))
        self._effect(
            self.below.packet, encode_Configure_Reject(value, len(value2) + 4, value2)
        )

    def do_Closed_Configure_Request(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[None] | None:
        """Configure_Request in Closed. lcp.proto:170"""
        return None

    def do_Stopped_Configure_Request(
        self, id: int, length: int, options: bytes
    ) -> (
        Awaitable[Acceptable | Refuse | Reject | None]
        | Acceptable
        | Refuse
        | Reject
        | None
    ):
        """Configure_Request in Stopped: answer Acceptable or Refuse or Reject; None is
        Acceptable. lcp.proto:209
        """
        return None

    def do_Req_Sent_Configure_Request(
        self, id: int, length: int, options: bytes
    ) -> (
        Awaitable[Acceptable | Refuse | Reject | None]
        | Acceptable
        | Refuse
        | Reject
        | None
    ):
        """Configure_Request in Req_Sent: answer Acceptable or Refuse or Reject; None is
        Acceptable. lcp.proto:235
        """
        return None

    def do_Ack_Rcvd_Configure_Request(
        self, id: int, length: int, options: bytes
    ) -> (
        Awaitable[Acceptable | Refuse | Reject | None]
        | Acceptable
        | Refuse
        | Reject
        | None
    ):
        """Configure_Request in Ack_Rcvd: answer Acceptable or Refuse or Reject; None is
        Acceptable. lcp.proto:262
        """
        return None

    def do_Ack_Sent_Configure_Request(
        self, id: int, length: int, options: bytes
    ) -> (
        Awaitable[Acceptable | Refuse | Reject | None]
        | Acceptable
        | Refuse
        | Reject
        | None
    ):
        """Configure_Request in Ack_Sent: answer Acceptable or Refuse or Reject; None is
        Acceptable. lcp.proto:290
        """
        return None

    def do_Opened_Configure_Request(
        self, id: int, length: int, options: bytes
    ) -> (
        Awaitable[Acceptable | Refuse | Reject | None]
        | Acceptable
        | Refuse
        | Reject
        | None
    ):
        """Configure_Request in Opened: answer Acceptable or Refuse or Reject; None is
        Acceptable. lcp.proto:316
        """
        return None

    def do_Closed_Configure_Ack(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[None] | None:
        """Configure_Ack in Closed. lcp.proto:171"""
        return None

    def do_Stopped_Configure_Ack(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[None] | None:
        """Configure_Ack in Stopped. lcp.proto:217"""
        return None

    def do_Req_Sent_Configure_Ack(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[None] | None:
        """Configure_Ack in Req_Sent. lcp.proto:240"""
        return None

    def do_Ack_Rcvd_Configure_Ack(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[None] | None:
        """Configure_Ack in Ack_Rcvd. lcp.proto:267"""
        return None

    def do_Ack_Sent_Configure_Ack(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[None] | None:
        """Configure_Ack in Ack_Sent. lcp.proto:295"""
        return None

    def do_Opened_Configure_Ack(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[None] | None:
        """Configure_Ack in Opened. lcp.proto:324"""
        return None

    def do_Closed_Configure_Nak(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[None] | None:
        """Configure_Nak in Closed. lcp.proto:173"""
        return None

    def do_Stopped_Configure_Nak(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[None] | None:
        """Configure_Nak in Stopped. lcp.proto:219"""
        return None

    def do_Req_Sent_Configure_Nak(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[Defaults | Again | None] | Defaults | Again | None:
        """Configure_Nak in Req_Sent: answer Defaults or Again; None is Defaults.
        lcp.proto:242
        """
        return None

    def do_Ack_Rcvd_Configure_Nak(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[Defaults | Again | None] | Defaults | Again | None:
        """Configure_Nak in Ack_Rcvd: answer Defaults or Again; None is Defaults.
        lcp.proto:269
        """
        return None

    def do_Ack_Sent_Configure_Nak(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[Defaults | Again | None] | Defaults | Again | None:
        """Configure_Nak in Ack_Sent: answer Defaults or Again; None is Defaults.
        lcp.proto:297
        """
        return None

    def do_Opened_Configure_Nak(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[Defaults | Again | None] | Defaults | Again | None:
        """Configure_Nak in Opened: answer Defaults or Again; None is Defaults.
        lcp.proto:326
        """
        return None

    def do_Closed_Configure_Reject(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[None] | None:
        """Configure_Reject in Closed. lcp.proto:173"""
        return None

    def do_Stopped_Configure_Reject(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[None] | None:
        """Configure_Reject in Stopped. lcp.proto:219"""
        return None

    def do_Req_Sent_Configure_Reject(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[Defaults | Again | None] | Defaults | Again | None:
        """Configure_Reject in Req_Sent: answer Defaults or Again; None is Defaults.
        lcp.proto:242
        """
        return None

    def do_Ack_Rcvd_Configure_Reject(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[Defaults | Again | None] | Defaults | Again | None:
        """Configure_Reject in Ack_Rcvd: answer Defaults or Again; None is Defaults.
        lcp.proto:269
        """
        return None

    def do_Ack_Sent_Configure_Reject(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[Defaults | Again | None] | Defaults | Again | None:
        """Configure_Reject in Ack_Sent: answer Defaults or Again; None is Defaults.
        lcp.proto:297
        """
        return None

    def do_Opened_Configure_Reject(
        self, id: int, length: int, options: bytes
    ) -> Awaitable[Defaults | Again | None] | Defaults | Again | None:
        """Configure_Reject in Opened: answer Defaults or Again; None is Defaults.
        lcp.proto:326
        """
        return None

    def do_Closed_Terminate_Request(
        self, id: int, length: int, data: bytes
    ) -> Awaitable[None] | None:
        """Terminate_Request in Closed. lcp.proto:175"""
        return None

    def do_Closing_Terminate_Request(
        self, id: int, length: int, data: bytes
    ) -> Awaitable[None] | None:
        """Terminate_Request in Closing. lcp.proto:187"""
        return None

    def do_Stopping_Terminate_Request(
        self, id: int, length: int, data: bytes
    ) -> Awaitable[None] | None:
        """Terminate_Request in Stopping. lcp.proto:198"""
        return None

    def do_Stopped_Terminate_Request(
        self, id: int, length: int, data: bytes
    ) -> Awaitable[None] | None:
        """Terminate_Request in Stopped. lcp.proto:221"""
        return None

    def do_Req_Sent_Terminate_Request(
        self, id: int, length: int, data: bytes
    ) -> Awaitable[None] | None:
        """Terminate_Request in Req_Sent. lcp.proto:249"""
        return None

    def do_Ack_Rcvd_Terminate_Request(
        self, id: int, length: int, data: bytes
    ) -> Awaitable[None] | None:
        """Terminate_Request in Ack_Rcvd. lcp.proto:275"""
        return None

    def do_Ack_Sent_Terminate_Request(
        self, id: int, length: int, data: bytes
    ) -> Awaitable[None] | None:
        """Terminate_Request in Ack_Sent. lcp.proto:304"""
        return None

    def do_Opened_Terminate_Request(
        self, id: int, length: int, data: bytes
    ) -> Awaitable[None] | None:
        """Terminate_Request in Opened. lcp.proto:332"""
        return None

    def do_Closing_Terminate_Ack(
        self, id: int, length: int, data: bytes
    ) -> Awaitable[None] | None:
        """Terminate_Ack in Closing. lcp.proto:188"""
        return None

    def do_Stopping_Terminate_Ack(
        self, id: int, length: int, data: bytes
    ) -> Awaitable[None] | None:
        """Terminate_Ack in Stopping. lcp.proto:199"""
        return None

    def do_Req_Sent_Terminate_Ack(
        self, id: int, length: int, data: bytes
    ) -> Awaitable[None] | None:
        """Terminate_Ack in Req_Sent. lcp.proto:251"""
        return None

    def do_Ack_Rcvd_Terminate_Ack(
        self, id: int, length: int, data: bytes
    ) -> Awaitable[None] | None:
        """Terminate_Ack in Ack_Rcvd. lcp.proto:277"""
        return None

    def do_Ack_Sent_Terminate_Ack(
        self, id: int, length: int, data: bytes
    ) -> Awaitable[None] | None:
        """Terminate_Ack in Ack_Sent. lcp.proto:306"""
        return None

    def do_Opened_Terminate_Ack(
        self, id: int, length: int, data: bytes
    ) -> Awaitable[None] | None:
        """Terminate_Ack in Opened. lcp.proto:335"""
        return None

    def do_Closed_Code_Reject(
        self, id: int, length: int, rejected: bytes
    ) -> Awaitable[None] | None:
        """Code_Reject in Closed. lcp.proto:176"""
        return None

    def do_Closing_Code_Reject(
        self, id: int, length: int, rejected: bytes
    ) -> Awaitable[None] | None:
        """Code_Reject in Closing. lcp.proto:189"""
        return None

    def do_Stopping_Code_Reject(
        self, id: int, length: int, rejected: bytes
    ) -> Awaitable[None] | None:
        """Code_Reject in Stopping. lcp.proto:200"""
        return None

    def do_Stopped_Code_Reject(
        self, id: int, length: int, rejected: bytes
    ) -> Awaitable[None] | None:
        """Code_Reject in Stopped. lcp.proto:222"""
        return None

    def do_Req_Sent_Code_Reject(
        self, id: int, length: int, rejected: bytes
    ) -> Awaitable[None] | None:
        """Code_Reject in Req_Sent. lcp.proto:252"""
        return None

    def do_Ack_Rcvd_Code_Reject(
        self, id: int, length: int, rejected: bytes
    ) -> Awaitable[None] | None:
        """Code_Reject in Ack_Rcvd. lcp.proto:278, lcp.proto:281"""
        return None

    def do_Ack_Sent_Code_Reject(
        self, id: int, length: int, rejected: bytes
    ) -> Awaitable[None] | None:
        """Code_Reject in Ack_Sent. lcp.proto:307"""
        return None

    def do_Opened_Code_Reject(
        self, id: int, length: int, rejected: bytes
    ) -> Awaitable[None] | None:
        """Code_Reject in Opened. lcp.proto:336"""
        return None

    def do_Opened_Protocol_Reject(
        self, id: int, length: int, number: int, information: bytes
    ) -> Awaitable[None] | None:
        """Protocol_Reject in Opened. lcp.proto:340, lcp.proto:343"""
        return None

    def do_Opened_Echo_Request(
        self, id: int, length: int, magic: int, data: bytes
    ) -> Awaitable[None] | None:
        """Echo_Request in Opened. lcp.proto:344"""
        return None

    def do_Opened_Echo_Reply(
        self, id: int, length: int, magic: int, data: bytes
    ) -> Awaitable[None] | None:
        """Echo_Reply in Opened. lcp.proto:345"""
        return None

    def do_Available_Unknown(
        self, code: int, id: int, length: int, data: bytes
    ) -> Awaitable[None] | None:
        """Unknown in Available. lcp.proto:160"""
        return None

    _do_Available_Unknown = do_Available_Unknown

    def do_Initial_Up(self) -> Awaitable[None] | None:
        """Up in Initial. lcp.proto:149"""
        return None

    def do_Starting_Up(self) -> Awaitable[None] | None:
        """Up in Starting. lcp.proto:154"""
        return None

    def do_Closed_Down(self) -> Awaitable[None] | None:
        """Down in Closed. lcp.proto:166"""
        return None

    def do_Closing_Down(self) -> Awaitable[None] | None:
        """Down in Closing. lcp.proto:182"""
        return None

    def do_Stopping_Down(self) -> Awaitable[None] | None:
        """Down in Stopping. lcp.proto:193"""
        return None

    def do_Stopped_Down(self) -> Awaitable[None] | None:
        """Down in Stopped. lcp.proto:206"""
        return None

    def do_Req_Sent_Down(self) -> Awaitable[None] | None:
        """Down in Req_Sent. lcp.proto:229"""
        return None

    def do_Ack_Rcvd_Down(self) -> Awaitable[None] | None:
        """Down in Ack_Rcvd. lcp.proto:256"""
        return None

    def do_Ack_Sent_Down(self) -> Awaitable[None] | None:
        """Down in Ack_Sent. lcp.proto:284"""
        return None

    def do_Opened_Down(self) -> Awaitable[None] | None:
        """Down in Opened. lcp.proto:312"""
        return None

    def do_Initial_Open(self, options: bytes, magic: int) -> Awaitable[None] | None:
        """Open in Initial. lcp.proto:150"""
        return None

    def do_Starting_Open(self, options: bytes, magic: int) -> Awaitable[None] | None:
        """Open in Starting. lcp.proto:155"""
        return None

    def do_Closed_Open(self, options: bytes, magic: int) -> Awaitable[None] | None:
        """Open in Closed. lcp.proto:167"""
        return None

    def do_Closing_Open(self, options: bytes, magic: int) -> Awaitable[None] | None:
        """Open in Closing. lcp.proto:183"""
        return None

    def do_Stopping_Open(self, options: bytes, magic: int) -> Awaitable[None] | None:
        """Open in Stopping. lcp.proto:194"""
        return None

    def do_Stopped_Open(self, options: bytes, magic: int) -> Awaitable[None] | None:
        """Open in Stopped. lcp.proto:207"""
        return None

    def do_Req_Sent_Open(self, options: bytes, magic: int) -> Awaitable[None] | None:
        """Open in Req_Sent. lcp.proto:230"""
        return None

    def do_Ack_Rcvd_Open(self, options: bytes, magic: int) -> Awaitable[None] | None:
        """Open in Ack_Rcvd. lcp.proto:257"""
        return None

    def do_Ack_Sent_Open(self, options: bytes, magic: int) -> Awaitable[None] | None:
        """Open in Ack_Sent. lcp.proto:285"""
        return None

    def do_Opened_Open(self, options: bytes, magic: int) -> Awaitable[None] | None:
        """Open in Opened. lcp.proto:313"""
        return None

    def do_Initial_Close(self) -> Awaitable[None] | None:
        """Close in Initial. lcp.proto:151"""
        return None

    def do_Starting_Close(self) -> Awaitable[None] | None:
        """Close in Starting. lcp.proto:156"""
        return None

    def do_Closed_Close(self) -> Awaitable[None] | None:
        """Close in Closed. lcp.proto:169"""
        return None

    def do_Closing_Close(self) -> Awaitable[None] | None:
        """Close in Closing. lcp.proto:184"""
        return None

    def do_Stopping_Close(self) -> Awaitable[None] | None:
        """Close in Stopping. lcp.proto:195"""
        return None

    def do_Stopped_Close(self) -> Awaitable[None] | None:
        """Close in Stopped. lcp.proto:208"""
        return None

    def do_Req_Sent_Close(self) -> Awaitable[None] | None:
        """Close in Req_Sent. lcp.proto:231"""
        return None

    def do_Ack_Rcvd_Close(self) -> Awaitable[None] | None:
        """Close in Ack_Rcvd. lcp.proto:258"""
        return None

    def do_Ack_Sent_Close(self) -> Awaitable[None] | None:
        """Close in Ack_Sent. lcp.proto:286"""
        return None

    def do_Opened_Close(self) -> Awaitable[None] | None:
        """Close in Opened. lcp.proto:314"""
        return None

    def do_Opened_echo(self, data: bytes) -> Awaitable[None] | None:
        """echo in Opened. lcp.proto:347"""
        return None

    def do_Opened_discard(self, data: bytes) -> Awaitable[None] | None:
        """discard in Opened. lcp.proto:349"""
        return None

    def do_Opened_refuse_protocol(
        self, number: int, information: bytes
    ) -> Awaitable[None] | None:
        """refuse_protocol in Opened. lcp.proto:351"""
        return None

    def do_Closing_restart(self) -> Awaitable[None] | None:
        """restart in Closing. lcp.proto:185, lcp.proto:186"""
        return None

    def do_Stopping_restart(self) -> Awaitable[None] | None:
        """restart in Stopping. lcp.proto:196, lcp.proto:197"""
        return None

    def do_Req_Sent_restart(self) -> Awaitable[None] | None:
        """restart in Req_Sent. lcp.proto:232, lcp.proto:233, lcp.proto:234"""
        return None

    def do_Ack_Rcvd_restart(self) -> Awaitable[None] | None:
        """restart in Ack_Rcvd. lcp.proto:259, lcp.proto:260, lcp.proto:261"""
        return None

    def do_Ack_Sent_restart(self) -> Awaitable[None] | None:
        """restart in Ack_Sent. lcp.proto:287, lcp.proto:288, lcp.proto:289"""
        return None

    def do_Initial_configure(self, value: int) -> Awaitable[None] | None:
        """configure in Initial. lcp.proto:139"""
        return None

    def do_Starting_configure(self, value: int) -> Awaitable[None] | None:
        """configure in Starting. lcp.proto:139"""
        return None

    def do_Available_configure(self, value: int) -> Awaitable[None] | None:
        """configure in Available. lcp.proto:139"""
        return None

    _do_Available_configure = do_Available_configure

    def do_Initial_terminate(self, value: int) -> Awaitable[None] | None:
        """terminate in Initial. lcp.proto:141"""
        return None

    def do_Starting_terminate(self, value: int) -> Awaitable[None] | None:
        """terminate in Starting. lcp.proto:141"""
        return None

    def do_Available_terminate(self, value: int) -> Awaitable[None] | None:
        """terminate in Available. lcp.proto:141"""
        return None

    _do_Available_terminate = do_Available_terminate

    def do_Initial_ack(self, value: int, value2: bytes) -> Awaitable[None] | None:
        """ack in Initial. lcp.proto:143"""
        return None

    def do_Starting_ack(self, value: int, value2: bytes) -> Awaitable[None] | None:
        """ack in Starting. lcp.proto:143"""
        return None

    def do_Available_ack(self, value: int, value2: bytes) -> Awaitable[None] | None:
        """ack in Available. lcp.proto:143"""
        return None

    _do_Available_ack = do_Available_ack

    def do_Initial_nak(self, value: int, value2: bytes) -> Awaitable[None] | None:
        """nak in Initial. lcp.proto:144"""
        return None

    def do_Starting_nak(self, value: int, value2: bytes) -> Awaitable[None] | None:
        """nak in Starting. lcp.proto:144"""
        return None

    def do_Available_nak(self, value: int, value2: bytes) -> Awaitable[None] | None:
        """nak in Available. lcp.proto:144"""
        return None

    _do_Available_nak = do_Available_nak

    def do_Initial_rej(self, value: int, value2: bytes) -> Awaitable[None] | None:
        """rej in Initial. lcp.proto:145"""
        return None

    def do_Starting_rej(self, value: int, value2: bytes) -> Awaitable[None] | None:
        """rej in Starting. lcp.proto:145"""
        return None

    def do_Available_rej(self, value: int, value2: bytes) -> Awaitable[None] | None:
        """rej in Available. lcp.proto:145"""
        return None

    _do_Available_rej = do_Available_rej

    def emit_tlu(self) -> object:
        """Tells what is above of `tlu`. May return an awaitable. lcp.proto:130"""
        return self.above.tlu()

    def emit_tld(self) -> object:
        """Tells what is above of `tld`. May return an awaitable. lcp.proto:130"""
        return self.above.tld()

    def emit_echoed(self, data: bytes) -> object:
        """Tells what is above of `echoed`. May return an awaitable. lcp.proto:130"""
        return self.above.echoed(data)

    def emit_refused(self, number: int) -> object:
        """Tells what is above of `refused`. May return an awaitable. lcp.proto:130"""
        return self.above.refused(number)

    _steps_of_Configure_Request = {
        "Closed": _Closed_on_Configure_Request,
        "Closing": _Closing_on_Configure_Request,
        "Stopping": _Closing_on_Configure_Request,
        "Stopped": _Stopped_on_Configure_Request,
        "Req_Sent": _Req_Sent_on_Configure_Request,
        "Ack_Rcvd": _Ack_Rcvd_on_Configure_Request,
        "Ack_Sent": _Ack_Sent_on_Configure_Request,
        "Opened": _Opened_on_Configure_Request,
    }
    _steps_of_Configure_Ack = {
        "Closed": _Closed_on_Configure_Ack,
        "Closing": _Closing_on_Configure_Ack,
        "Stopping": _Closing_on_Configure_Ack,
        "Stopped": _Stopped_on_Configure_Ack,
        "Req_Sent": _Req_Sent_on_Configure_Ack,
        "Ack_Rcvd": _Ack_Rcvd_on_Configure_Ack,
        "Ack_Sent": _Ack_Sent_on_Configure_Ack,
        "Opened": _Opened_on_Configure_Ack,
    }
    _steps_of_Configure_Nak = {
        "Closed": _Closed_on_Configure_Nak,
        "Closing": _Closing_on_Configure_Nak,
        "Stopping": _Closing_on_Configure_Nak,
        "Stopped": _Stopped_on_Configure_Nak,
        "Req_Sent": _Req_Sent_on_Configure_Nak,
        "Ack_Rcvd": _Ack_Rcvd_on_Configure_Nak,
        "Ack_Sent": _Ack_Sent_on_Configure_Nak,
        "Opened": _Opened_on_Configure_Nak,
    }
    _steps_of_Configure_Reject = {
        "Closed": _Closed_on_Configure_Reject,
        "Closing": _Closing_on_Configure_Reject,
        "Stopping": _Closing_on_Configure_Reject,
        "Stopped": _Stopped_on_Configure_Reject,
        "Req_Sent": _Req_Sent_on_Configure_Reject,
        "Ack_Rcvd": _Ack_Rcvd_on_Configure_Reject,
        "Ack_Sent": _Ack_Sent_on_Configure_Reject,
        "Opened": _Opened_on_Configure_Reject,
    }
    _steps_of_Terminate_Request = {
        "Closed": _Closed_on_Terminate_Request,
        "Closing": _Closing_on_Terminate_Request,
        "Stopping": _Stopping_on_Terminate_Request,
        "Stopped": _Stopped_on_Terminate_Request,
        "Req_Sent": _Req_Sent_on_Terminate_Request,
        "Ack_Rcvd": _Ack_Rcvd_on_Terminate_Request,
        "Ack_Sent": _Ack_Sent_on_Terminate_Request,
        "Opened": _Opened_on_Terminate_Request,
    }
    _steps_of_Terminate_Ack = {
        "Closed": _Closed_on_Terminate_Ack,
        "Stopped": _Closed_on_Terminate_Ack,
        "Closing": _Closing_on_Terminate_Ack,
        "Stopping": _Stopping_on_Terminate_Ack,
        "Req_Sent": _Req_Sent_on_Terminate_Ack,
        "Ack_Rcvd": _Ack_Rcvd_on_Terminate_Ack,
        "Ack_Sent": _Ack_Sent_on_Terminate_Ack,
        "Opened": _Opened_on_Terminate_Ack,
    }
    _steps_of_Code_Reject = {
        "Closed": _Closed_on_Code_Reject,
        "Closing": _Closing_on_Code_Reject,
        "Stopping": _Stopping_on_Code_Reject,
        "Stopped": _Stopped_on_Code_Reject,
        "Req_Sent": _Req_Sent_on_Code_Reject,
        "Ack_Rcvd": _Ack_Rcvd_on_Code_Reject,
        "Ack_Sent": _Ack_Sent_on_Code_Reject,
        "Opened": _Opened_on_Code_Reject,
    }
    _steps_of_Down = {
        "Closed": _Closed_on_Down,
        "Closing": _Closing_on_Down,
        "Stopping": _Stopping_on_Down,
        "Stopped": _Stopped_on_Down,
        "Req_Sent": _Req_Sent_on_Down,
        "Ack_Rcvd": _Ack_Rcvd_on_Down,
        "Ack_Sent": _Ack_Sent_on_Down,
        "Opened": _Opened_on_Down,
    }
    _steps_of_Open = {
        "Initial": _Initial_on_Open,
        "Starting": _Starting_on_Open,
        "Closed": _Closed_on_Open,
        "Closing": _Closing_on_Open,
        "Stopping": _Stopping_on_Open,
        "Stopped": _Stopped_on_Open,
        "Req_Sent": _Req_Sent_on_Open,
        "Ack_Rcvd": _Ack_Rcvd_on_Open,
        "Ack_Sent": _Ack_Sent_on_Open,
        "Opened": _Opened_on_Open,
    }
    _steps_of_Close = {
        "Initial": _Initial_on_Close,
        "Starting": _Starting_on_Close,
        "Closed": _Closed_on_Close,
        "Closing": _Closing_on_Close,
        "Stopping": _Stopping_on_Close,
        "Stopped": _Stopped_on_Close,
        "Req_Sent": _Req_Sent_on_Close,
        "Ack_Rcvd": _Ack_Rcvd_on_Close,
        "Ack_Sent": _Ack_Sent_on_Close,
        "Opened": _Opened_on_Close,
    }
    _steps_of_restart = {
        "Closing": _Closing_on_restart,
        "Stopping": _Stopping_on_restart,
        "Req_Sent": _Req_Sent_on_restart,
        "Ack_Rcvd": _Ack_Rcvd_on_restart,
        "Ack_Sent": _Ack_Sent_on_restart,
    }
