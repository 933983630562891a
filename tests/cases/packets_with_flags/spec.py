"""A broker's packets, much as those of MQTT 3.1.1.

Made by protogen from spec.proto; build it again to change it.
"""

from __future__ import annotations

from struct import Struct, unpack_from

from protogen_fsm.runtime.core import (
    NEVER,
    AnyOf,
    Codec,
    Decoder,
    Outcome,
    Record,
    Row,
    StreamMachine,
    Until,
    is_float,
    read_varint,
    reading,
    unprintable,
    varint,
    xor,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable


class Answer:
    """The enum Answer."""

    accepted = "accepted"
    bad_version = "bad_version"
    bad_client = "bad_client"


class Accept(Outcome):
    """The outcome `accept`. spec.proto:85"""

    __slots__ = ()


class Resume(Outcome):
    """The outcome `resume`. spec.proto:86"""

    __slots__ = ()


class Refuse(Outcome):
    """The outcome `refuse`. spec.proto:87"""

    __slots__ = ("answer",)

    def __init__(self, answer: str) -> None:
        self.answer = answer


class IgnoreIt(Outcome):
    """The outcome `ignore_it`. spec.proto:93"""

    __slots__ = ()


class Subscribe(Outcome):
    """The outcome `subscribe`. spec.proto:94"""

    __slots__ = ("codes",)

    def __init__(self, codes: list[int]) -> None:
        self.codes = codes


class Filter(Record):
    """What a client wants to hear of. spec.proto:5"""

    __slots__ = ("topic", "qos")

    def __init__(self, topic: str, qos: int) -> None:
        self.topic = topic
        self.qos = qos


_Answer_members = ("accepted", "bad_version", "bad_client")
_BBB = Struct(">BBB")
_BH = Struct(">BH")
_H = Struct(">H")
_f = Struct(">f")
_READING_codec = Codec("READING", "stations.wire:Reading", ("station", "degrees"))
_B6sBBHH = Struct(">B6sBBHH")
_H_le = Struct("<H")


def decode_READING(frame: bytes) -> tuple[int, float | None] | None:
    """The message READING. spec.proto:73"""
    station, degrees = _READING_codec.decode(frame)
    if not (isinstance(station, int) and 0 <= station <= 255):
        raise ValueError("station is no 0..255")
    if not (degrees is None or isinstance(degrees, float | int)):
        raise ValueError("degrees is no float?")
    return station, degrees


def decode_CONNECT(
    frame: bytes,
) -> (
    tuple[bool, int, bool, bool, int, str, str | None, bytes | None, str | None] | None
):
    """The message CONNECT. spec.proto:10"""
    size = len(frame)
    if size < 13:
        return None
    fields = _B6sBBHH.unpack_from(frame)
    constant, constant_2, constant_3, bits, keep_alive, client_size = fields
    if (
        constant != 0x10
        or constant_2 != b"\x00\x04MQTT"
        or constant_3 != 4
        or bits & 0x61 != 0x00
    ):
        return None
    has_user = bits & 0x80 != 0
    will_qos = bits >> 3 & 3
    if will_qos > 2:
        raise ValueError("will_qos is not in 0..2")
    has_will = bits & 4 != 0
    clean = bits & 2 != 0
    at = 13 + client_size
    if at > size:
        return None
    client = frame[13:at].decode()
    will_topic: str | None = None
    will: bytes | None = None
    if has_will:
        if at + 2 > size:
            return None
        (will_topic_size,) = _H.unpack_from(frame, at)
        end = at + 2 + will_topic_size
        if end > size:
            return None
        will_topic = frame[at + 2 : end].decode()
        at = end
        if at + 2 > size:
            return None
        (will_size,) = _H.unpack_from(frame, at)
        end = at + 2 + will_size
        if end > size:
            return None
        will = frame[at + 2 : end]
        at = end
    user: str | None = None
    if has_user:
        if at + 2 > size:
            return None
        (user_size,) = _H.unpack_from(frame, at)
        end = at + 2 + user_size
        if end > size:
            return None
        user = frame[at + 2 : end].decode()
        at = end
    if at != size:
        return None
    return (
        clean,
        will_qos,
        has_will,
        has_user,
        keep_alive,
        client,
        will_topic,
        will,
        user,
    )


def decode_PUBLISH(
    frame: bytes,
) -> tuple[bool, int, bool, str, int | None, bytes] | None:
    """A message under a topic. spec.proto:34"""
    size = len(frame)
    if size < 3:
        return None
    bits, topic_size = _BH.unpack_from(frame)
    if bits & 0xF0 != 0x30:
        return None
    dup = bits & 8 != 0
    qos = bits >> 1 & 3
    if qos > 2:
        raise ValueError("qos is not in 0..2")
    retain = bits & 1 != 0
    at = 3 + topic_size
    if at > size:
        return None
    topic = frame[3:at].decode()
    id: int | None = None
    if qos > 0:
        if at + 2 > size:
            return None
        (id,) = _H.unpack_from(frame, at)
        at += 2
    payload = frame[at:]
    return dup, qos, retain, topic, id, payload


def _decode_Filter(frame: bytes, at: int) -> tuple[Filter, int] | None:
    """The struct Filter at `at`, and where it ends. spec.proto:5"""
    size = len(frame)
    if at + 2 > size:
        return None
    (topic_size,) = _H.unpack_from(frame, at)
    end = at + 2 + topic_size
    if end > size:
        return None
    topic = frame[at + 2 : end].decode()
    at = end
    if at + 1 > size:
        return None
    qos = frame[at]
    return Filter(topic, qos), at + 1


def decode_SUBSCRIBE(frame: bytes) -> tuple[int, list[Filter]] | None:
    """The message SUBSCRIBE. spec.proto:44"""
    size = len(frame)
    if size < 3:
        return None
    constant, id = _BH.unpack_from(frame)
    if constant != 0x82:
        return None
    if id < 1:
        raise ValueError("id is not in 1..65535")
    at = 3
    filters: list[Filter] = []
    while at < size:
        found = _decode_Filter(frame, at)
        if found is None:
            return None
        one, at = found
        filters.append(one)
    return id, filters


def decode_PINGREQ(frame: bytes) -> tuple[()] | None:
    """The message PINGREQ. spec.proto:56"""
    return () if frame == b"\xc0\x00" else None


def decode_STATS(frame: bytes) -> tuple[int, list[float], list[int], bytes, str] | None:
    """The message STATS. spec.proto:64"""
    size = len(frame)
    if size < 2:
        return None
    (constant,) = _H_le.unpack_from(frame)
    if constant != 0x01F0:
        return None
    count, at = read_varint(frame, 2, 100)
    if at > size:
        return None
    end = at + 4 * count
    if end > size:
        return None
    loads = list(unpack_from(f">{count}f", frame, at))
    at = end
    sizes_count = count + 1
    end = at + 3 * sizes_count
    if end > size:
        return None
    sizes = [
        int.from_bytes(frame[place : place + 3], "little")
        for place in range(at, end, 3)
    ]
    at = end
    if at + 4 > size:
        return None
    masked = frame[at : at + 4]
    end = frame.find(b"\0", at + 4)
    if end < 0:
        return None
    zone = frame[at + 4 : end].decode()
    at = end + 1
    if at != size:
        return None
    return count, loads, sizes, masked, zone


_READING = Decoder("READING", decode_READING)
_CONNECT = Decoder(
    "CONNECT",
    decode_CONNECT,
    begins=b"\x10\x00\x04MQTT\x04\x00",
    mask=b"\xff\xff\xff\xff\xff\xff\xff\xffa",
)
_PUBLISH = Decoder("PUBLISH", decode_PUBLISH, begins=b"0", mask=b"\xf0")
_SUBSCRIBE = Decoder("SUBSCRIBE", decode_SUBSCRIBE, begins=b"\x82")
_PINGREQ = Decoder("PINGREQ", decode_PINGREQ, begins=b"\xc0\x00")
_STATS = Decoder("STATS", decode_STATS, begins=b"\xf0\x01")
_Broker_receives = AnyOf(_CONNECT, _PUBLISH, _SUBSCRIBE, _PINGREQ, _STATS, _READING)


def encode_CONNACK(session: bool, answer: str) -> bytes:
    """The message CONNACK. spec.proto:27"""
    if answer not in _Answer_members:
        raise unprintable("CONNACK", "answer", answer, "is none of Answer")
    return _BBB.pack(0x20, 1 if session else 0, _Answer_members.index(answer))


def encode_PUBLISH(
    dup: bool, qos: int, retain: bool, topic: str, id: int | None, payload: bytes
) -> bytes:
    """A message under a topic. spec.proto:34"""
    if not 0 <= qos <= 2:
        raise unprintable("PUBLISH", "qos", qos, "is not in 0..2")
    bits = 0x30 | (8 if dup else 0) | qos << 1 | (1 if retain else 0)
    try:
        topic_octets = topic.encode()
    except UnicodeEncodeError:
        raise unprintable("PUBLISH", "topic", topic, "is no text") from None
    if len(topic_octets) > 65535:
        raise unprintable("PUBLISH", "topic", topic, "is longer than 65535 bytes")
    if (id is not None) != (qos > 0):
        raise unprintable(
            "PUBLISH", "id", id, "is given where `qos > 0` holds, and only there"
        )
    frame = _BH.pack(bits, len(topic_octets)) + topic_octets
    if id is not None:
        if not 0 <= id <= 65535:
            raise unprintable("PUBLISH", "id", id, "is not in 0..65535")
        frame += _H.pack(id)
    return frame + payload


def encode_SUBACK(id: int, codes: list[int]) -> bytes:
    """The message SUBACK. spec.proto:50"""
    if not 1 <= id <= 65535:
        raise unprintable("SUBACK", "id", id, "is not in 1..65535")
    if codes and not 0 <= min(codes) <= max(codes) <= 255:
        raise unprintable("SUBACK", "codes", codes, "holds what is not in 0..255")
    return _BH.pack(0x90, id) + bytes(codes)


def encode_STATS(
    count: int, loads: list[float], sizes: list[int], masked: bytes, zone: str
) -> bytes:
    """The message STATS. spec.proto:64"""
    if not 0 <= count <= 100:
        raise unprintable("STATS", "count", count, "is not in 0..100")
    if len(loads) != count:
        raise unprintable("STATS", "loads", loads, "is not a list of count")
    loads_printed = []
    for one in loads:
        if not is_float(one, 32, exactly=False):
            raise unprintable("STATS", "loads", one, "is no f32")
        loads_printed.append(_f.pack(one))
    if len(sizes) != count + 1:
        raise unprintable("STATS", "sizes", sizes, "is not a list of count + 1")
    sizes_printed = []
    for one_2 in sizes:
        if not 0 <= one_2 <= 16777215:
            raise unprintable("STATS", "sizes", one_2, "is not in 0..16777215")
        sizes_printed.append(one_2.to_bytes(3, "little"))
    if len(masked) != 4:
        raise unprintable("STATS", "masked", masked, "is not of 4 bytes")
    try:
        zone_octets = zone.encode()
    except UnicodeEncodeError:
        raise unprintable("STATS", "zone", zone, "is no text") from None
    if b"\0" in zone_octets:
        raise unprintable("STATS", "zone", zone, "holds a zero byte")
    return (
        b"\xf0\x01"
        + varint(count)
        + b"".join(loads_printed)
        + b"".join(sizes_printed)
        + masked
        + zone_octets
        + b"\x00"
    )


def encode_READING(station: int, degrees: float | None) -> bytes:
    """The message READING. spec.proto:73"""
    frame = _READING_codec.encode(station=station, degrees=degrees)
    _READING_codec.prove(frame, decode_READING, (station, degrees))
    return frame


def encode_PINGRESP() -> bytes:
    """The message PINGRESP. spec.proto:60"""
    return b"\xd0\x00"


class Broker(StreamMachine):
    """The side that hands messages on.

    spec.proto:75
    """

    __slots__ = ()

    _role = "Broker"
    _paths = {
        "NEW": ("NEW", "CONNECTION"),
        "OPEN": ("OPEN", "CONNECTION"),
        "CLOSED": ("CLOSED",),
    }
    _alphabet = {
        "CONNECT": "below",
        "PUBLISH": "below",
        "SUBSCRIBE": "below",
        "PINGREQ": "below",
        "STATS": "below",
        "READING": "below",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
        "timeout": "",
    }
    _rows = (
        Row("do_NEW_CONNECT", "NEW", "CONNECT"),
        Row("do_OPEN_CONNECT", "OPEN", "CONNECT"),
        Row("_do_NEW_default", "NEW", "*"),
        Row("do_OPEN_PUBLISH", "OPEN", "PUBLISH"),
        Row("do_OPEN_SUBSCRIBE", "OPEN", "SUBSCRIBE"),
        Row("do_OPEN_PINGREQ", "OPEN", "PINGREQ"),
        Row("do_OPEN_STATS", "OPEN", "STATS"),
        Row("do_OPEN_READING", "OPEN", "READING"),
        Row("_do_CONNECTION_eof", "CONNECTION", "eof"),
        Row("_do_CONNECTION_malformed", "CONNECTION", "malformed"),
        Row("_do_CONNECTION_timeout", "CONNECTION", "timeout"),
    )
    _reads_NEW = reading(Until, b"\xc3\xbf", 65536)

    def __init__(self) -> None:
        super().__init__()
        self.state = "NEW"
        self._due = self.wire.due(60.0)
        self.read(self._reads_NEW)

    def data(self, octets: bytes) -> None:
        """A frame from below; as an event it is the message it decodes to."""
        if self._busy:
            return self._later(self.data, octets)
        event, args = _Broker_receives.event(octets)
        getattr(self, event)(*args)

    def CONNECT(
        self,
        clean: bool,
        will_qos: int,
        has_will: bool,
        has_user: bool,
        keep_alive: int,
        client: str,
        will_topic: str | None,
        will: bytes | None,
        user: str | None,
    ) -> None:
        """`CONNECT` from below."""
        if self._busy:
            return self._later(
                self.CONNECT,
                clean,
                will_qos,
                has_will,
                has_user,
                keep_alive,
                client,
                will_topic,
                will,
                user,
            )
        self._busy = True
        try:
            if self.state == "NEW":
                self._NEW_CONNECT(
                    self.do_NEW_CONNECT(
                        clean,
                        will_qos,
                        has_will,
                        has_user,
                        keep_alive,
                        client,
                        will_topic,
                        will,
                        user,
                    ),
                    clean,
                    will_qos,
                    has_will,
                    has_user,
                    keep_alive,
                    client,
                    will_topic,
                    will,
                    user,
                )
            elif self.state == "OPEN":
                self._OPEN_CONNECT(
                    self.do_OPEN_CONNECT(
                        clean,
                        will_qos,
                        has_will,
                        has_user,
                        keep_alive,
                        client,
                        will_topic,
                        will,
                        user,
                    ),
                    clean,
                    will_qos,
                    has_will,
                    has_user,
                    keep_alive,
                    client,
                    will_topic,
                    will,
                    user,
                )
            else:
                self._refuse(
                    "CONNECT",
                    clean,
                    will_qos,
                    has_will,
                    has_user,
                    keep_alive,
                    client,
                    will_topic,
                    will,
                    user,
                )
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def PUBLISH(
        self,
        dup: bool,
        qos: int,
        retain: bool,
        topic: str,
        id: int | None,
        payload: bytes,
    ) -> None:
        """PUBLISH: A message under a topic.."""
        if self._busy:
            return self._later(self.PUBLISH, dup, qos, retain, topic, id, payload)
        self._busy = True
        try:
            if self.state == "NEW":
                self._NEW_default(
                    self._do_NEW_default(
                        "PUBLISH", dup, qos, retain, topic, id, payload
                    )
                )
            elif self.state == "OPEN":
                self._OPEN_PUBLISH(
                    self.do_OPEN_PUBLISH(dup, qos, retain, topic, id, payload),
                    dup,
                    qos,
                    retain,
                    topic,
                    id,
                    payload,
                )
            else:
                self._refuse("PUBLISH", dup, qos, retain, topic, id, payload)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def SUBSCRIBE(self, id: int, filters: list[Filter]) -> None:
        """`SUBSCRIBE` from below."""
        if self._busy:
            return self._later(self.SUBSCRIBE, id, filters)
        self._busy = True
        try:
            if self.state == "NEW":
                self._NEW_default(self._do_NEW_default("SUBSCRIBE", id, filters))
            elif self.state == "OPEN":
                self._OPEN_SUBSCRIBE(self.do_OPEN_SUBSCRIBE(id, filters), id, filters)
            else:
                self._refuse("SUBSCRIBE", id, filters)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def PINGREQ(self) -> None:
        """`PINGREQ` from below."""
        if self._busy:
            return self._later(self.PINGREQ)
        self._busy = True
        try:
            if self.state == "NEW":
                self._NEW_default(self._do_NEW_default("PINGREQ"))
            elif self.state == "OPEN":
                self._OPEN_PINGREQ(self.do_OPEN_PINGREQ())
            else:
                self._refuse("PINGREQ")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def STATS(
        self, count: int, loads: list[float], sizes: list[int], masked: bytes, zone: str
    ) -> None:
        """`STATS` from below."""
        if self._busy:
            return self._later(self.STATS, count, loads, sizes, masked, zone)
        self._busy = True
        try:
            if self.state == "NEW":
                self._NEW_default(
                    self._do_NEW_default("STATS", count, loads, sizes, masked, zone)
                )
            elif self.state == "OPEN":
                self._OPEN_STATS(
                    self.do_OPEN_STATS(count, loads, sizes, masked, zone),
                    count,
                    loads,
                    sizes,
                    masked,
                    zone,
                )
            else:
                self._refuse("STATS", count, loads, sizes, masked, zone)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def READING(self, station: int, degrees: float | None) -> None:
        """`READING` from below."""
        if self._busy:
            return self._later(self.READING, station, degrees)
        self._busy = True
        try:
            if self.state == "NEW":
                self._NEW_default(self._do_NEW_default("READING", station, degrees))
            elif self.state == "OPEN":
                self._OPEN_READING(
                    self.do_OPEN_READING(station, degrees), station, degrees
                )
            else:
                self._refuse("READING", station, degrees)
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
            if self.state in ("NEW", "OPEN"):
                self._CONNECTION_eof(self._do_CONNECTION_eof())
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
            if self.state in ("NEW", "OPEN"):
                self._CONNECTION_malformed(
                    self._do_CONNECTION_malformed(data, reason), data, reason
                )
            else:
                self._refuse("malformed", data, reason)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timeout(self) -> None:
        """The state's own time-out."""
        self._busy = True
        try:
            if self.state in ("NEW", "OPEN"):
                self._CONNECTION_timeout(self._do_CONNECTION_timeout())
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _NEW_CONNECT(
        self,
        answer: object,
        clean: bool,
        will_qos: int,
        has_will: bool,
        has_user: bool,
        keep_alive: int,
        client: str,
        will_topic: str | None,
        will: bytes | None,
        user: str | None,
    ) -> None:
        """spec.proto:84"""
        if answer is None or type(answer) is Accept:
            frame = encode_CONNACK(False, "accepted")
            self.state = "OPEN"
            self._due = self.wire.due(60.0)
            self.read(self._reads_NEW)
            self._busy = False
            self.below.octets(frame)
        elif type(answer) is Resume:
            frame = encode_CONNACK(True, "accepted")
            self.state = "OPEN"
            self._due = self.wire.due(60.0)
            self.read(self._reads_NEW)
            self._busy = False
            self.below.octets(frame)
        elif type(answer) is Refuse:
            frame = encode_CONNACK(False, answer.answer)
            self.state = "CLOSED"
            self._due = NEVER
            self._busy = False
            self.below.octets(frame)
            self._end()
        else:
            self._wait(
                answer,
                self._NEW_CONNECT,
                clean,
                will_qos,
                has_will,
                has_user,
                keep_alive,
                client,
                will_topic,
                will,
                user,
            )

    def _OPEN_CONNECT(
        self,
        answer: object,
        clean: bool,
        will_qos: int,
        has_will: bool,
        has_user: bool,
        keep_alive: int,
        client: str,
        will_topic: str | None,
        will: bytes | None,
        user: str | None,
    ) -> None:
        """spec.proto:98"""
        if answer is not None:
            return self._wait(
                answer,
                self._OPEN_CONNECT,
                clean,
                will_qos,
                has_will,
                has_user,
                keep_alive,
                client,
                will_topic,
                will,
                user,
            )
        self.state = "CLOSED"
        self._due = NEVER
        self._busy = False
        self._end()

    def _NEW_default(self, answer: object) -> None:
        """spec.proto:88"""
        if answer is not None:
            return self._wait(answer, self._NEW_default)
        self.state = "CLOSED"
        self._due = NEVER
        self._busy = False
        self._end()

    def _OPEN_PUBLISH(
        self,
        answer: object,
        dup: bool,
        qos: int,
        retain: bool,
        topic: str,
        id: int | None,
        payload: bytes,
    ) -> None:
        """spec.proto:91"""
        if answer is not None:
            return self._wait(
                answer, self._OPEN_PUBLISH, dup, qos, retain, topic, id, payload
            )
        frame = encode_PUBLISH(False, qos, retain, topic, id, payload)
        self.state = "OPEN"
        self._due = self.wire.due(60.0)
        self.read(self._reads_NEW)
        self._busy = False
        self.below.octets(frame)

    def _OPEN_SUBSCRIBE(self, answer: object, id: int, filters: list[Filter]) -> None:
        """spec.proto:92"""
        if answer is None or type(answer) is IgnoreIt:
            frame = encode_SUBACK(id, [])
            self.state = "OPEN"
            self._due = self.wire.due(60.0)
            self.read(self._reads_NEW)
            self._busy = False
            self.below.octets(frame)
        elif type(answer) is Subscribe:
            frame = encode_SUBACK(id, answer.codes)
            self.state = "OPEN"
            self._due = self.wire.due(60.0)
            self.read(self._reads_NEW)
            self._busy = False
            self.below.octets(frame)
        else:
            self._wait(answer, self._OPEN_SUBSCRIBE, id, filters)

    def _OPEN_PINGREQ(self, answer: object) -> None:
        """spec.proto:95"""
        if answer is not None:
            return self._wait(answer, self._OPEN_PINGREQ)
        self.state = "OPEN"
        self._due = self.wire.due(60.0)
        self.read(self._reads_NEW)
        self._busy = False
        self.below.octets(b"\xd0\x00")

    def _OPEN_STATS(
        self,
        answer: object,
        count: int,
        loads: list[float],
        sizes: list[int],
        masked: bytes,
        zone: str,
    ) -> None:
        """spec.proto:96"""
        if answer is not None:
            return self._wait(
                answer, self._OPEN_STATS, count, loads, sizes, masked, zone
            )
        frame = encode_STATS(count, loads, sizes, xor(masked, zone.encode()), zone)
        self.state = "OPEN"
        self._due = self.wire.due(60.0)
        self.read(self._reads_NEW)
        self._busy = False
        self.below.octets(frame)

    def _OPEN_READING(
        self, answer: object, station: int, degrees: float | None
    ) -> None:
        """spec.proto:97"""
        if answer is not None:
            return self._wait(answer, self._OPEN_READING, station, degrees)
        frame = encode_READING(station, degrees)
        self.state = "OPEN"
        self._due = self.wire.due(60.0)
        self.read(self._reads_NEW)
        self._busy = False
        self.below.octets(frame)

    def _CONNECTION_eof(self, answer: object) -> None:
        """spec.proto:80"""
        if answer is not None:
            return self._wait(answer, self._CONNECTION_eof)
        self.state = "CLOSED"
        self._due = NEVER
        self._busy = False
        self._end()

    def _CONNECTION_malformed(self, answer: object, data: bytes, reason: str) -> None:
        """spec.proto:80"""
        if answer is not None:
            return self._wait(answer, self._CONNECTION_malformed, data, reason)
        self.state = "CLOSED"
        self._due = NEVER
        self._busy = False
        self._end()

    def _CONNECTION_timeout(self, answer: object) -> None:
        """spec.proto:81"""
        if answer is not None:
            return self._wait(answer, self._CONNECTION_timeout)
        self.state = "CLOSED"
        self._due = NEVER
        self._busy = False
        self._end()

    def do_NEW_CONNECT(
        self,
        clean: bool,
        will_qos: int,
        has_will: bool,
        has_user: bool,
        keep_alive: int,
        client: str,
        will_topic: str | None,
        will: bytes | None,
        user: str | None,
    ) -> Awaitable[Accept | Resume | Refuse | None] | Accept | Resume | Refuse | None:
        """CONNECT in NEW: answer Accept or Resume or Refuse; None is Accept.
        spec.proto:84
        """
        return None

    def do_OPEN_CONNECT(
        self,
        clean: bool,
        will_qos: int,
        has_will: bool,
        has_user: bool,
        keep_alive: int,
        client: str,
        will_topic: str | None,
        will: bytes | None,
        user: str | None,
    ) -> Awaitable[None] | None:
        """CONNECT in OPEN. spec.proto:98"""
        return None

    def do_NEW_default(self, event: str, *args: object) -> Awaitable[None] | None:
        """Any other event in NEW. spec.proto:88"""
        return None

    _do_NEW_default = do_NEW_default

    def do_OPEN_PUBLISH(
        self,
        dup: bool,
        qos: int,
        retain: bool,
        topic: str,
        id: int | None,
        payload: bytes,
    ) -> Awaitable[None] | None:
        """PUBLISH in OPEN. spec.proto:91"""
        return None

    def do_OPEN_SUBSCRIBE(
        self, id: int, filters: list[Filter]
    ) -> Awaitable[IgnoreIt | Subscribe | None] | IgnoreIt | Subscribe | None:
        """SUBSCRIBE in OPEN: answer IgnoreIt or Subscribe; None is IgnoreIt.
        spec.proto:92
        """
        return None

    def do_OPEN_PINGREQ(self) -> Awaitable[None] | None:
        """PINGREQ in OPEN. spec.proto:95"""
        return None

    def do_OPEN_STATS(
        self, count: int, loads: list[float], sizes: list[int], masked: bytes, zone: str
    ) -> Awaitable[None] | None:
        """STATS in OPEN. spec.proto:96"""
        return None

    def do_OPEN_READING(
        self, station: int, degrees: float | None
    ) -> Awaitable[None] | None:
        """READING in OPEN. spec.proto:97"""
        return None

    def do_CONNECTION_eof(self) -> Awaitable[None] | None:
        """eof in CONNECTION. spec.proto:80"""
        return None

    _do_CONNECTION_eof = do_CONNECTION_eof

    def do_CONNECTION_malformed(
        self, data: bytes, reason: str
    ) -> Awaitable[None] | None:
        """malformed in CONNECTION. spec.proto:80"""
        return None

    _do_CONNECTION_malformed = do_CONNECTION_malformed

    def do_CONNECTION_timeout(self) -> Awaitable[None] | None:
        """The time-out in CONNECTION. spec.proto:81"""
        return None

    _do_CONNECTION_timeout = do_CONNECTION_timeout
