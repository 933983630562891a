"""The names that generated modules import."""

from __future__ import annotations

from .binary import AnyOf, Codec, Decoder, is_float, read_varint, unprintable, varint
from .blocks import Block, BlockAtOnce, Pieces
from .calls import Call
from .chained import Chained
from .datagrams import DatagramMachine
from .errors import LocalProtocolError, RemoteProtocolError
from .instances import Host, Instance, Instances, Place
from .lengths import Varint, counted, packed, unpacked
from .machine import Machine
from .outlet import Outlet
from .patterns import Each, OneOf, Pattern, Raw, between, member, one_line, truth
from .readings import Chunk, Line, Nothing, OneLine, Rest, Take, TakePieces, Until, reading
from .securing import Secures
from .stream import StreamMachine
from .urgent import Urgent
from .values import (
    Outcome,
    Record,
    base64,
    dotted,
    lines,
    matches,
    number,
    random,
    sha1,
    utf8,
    whole,
    xor,
)
from .wire import NEVER
from .wiring import Row

__all__ = [
    "NEVER",
    "AnyOf",
    "Block",
    "BlockAtOnce",
    "Call",
    "Chained",
    "Chunk",
    "Codec",
    "DatagramMachine",
    "Decoder",
    "Each",
    "Host",
    "Instance",
    "Instances",
    "Line",
    "LocalProtocolError",
    "Machine",
    "Nothing",
    "OneLine",
    "OneOf",
    "Outcome",
    "Outlet",
    "Pattern",
    "Pieces",
    "Place",
    "Raw",
    "Record",
    "RemoteProtocolError",
    "Rest",
    "Row",
    "Secures",
    "StreamMachine",
    "Take",
    "TakePieces",
    "Until",
    "Urgent",
    "Varint",
    "base64",
    "between",
    "counted",
    "dotted",
    "is_float",
    "lines",
    "matches",
    "member",
    "number",
    "one_line",
    "packed",
    "random",
    "read_varint",
    "reading",
    "sha1",
    "truth",
    "unpacked",
    "unprintable",
    "utf8",
    "varint",
    "whole",
    "xor",
]
