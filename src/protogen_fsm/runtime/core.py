"""The names that generated modules import."""

from __future__ import annotations

from .blocks import Block, Pieces
from .calls import Call
from .chained import Chained
from .errors import LocalProtocolError, RemoteProtocolError
from .lengths import Varint, counted, packed, unpacked
from .machine import Machine
from .patterns import OneOf, Pattern, between, member, octets, one_line, text, truth
from .readings import Chunk, Line, Rest, Take, TakePieces, Until, reading
from .stream import StreamMachine
from .values import Outcome, Record, dotted, lines, number, whole
from .wire import NEVER
from .wiring import Row

__all__ = [
    "NEVER",
    "Block",
    "Call",
    "Chained",
    "Chunk",
    "Line",
    "LocalProtocolError",
    "Machine",
    "OneOf",
    "Outcome",
    "Pattern",
    "Pieces",
    "Record",
    "RemoteProtocolError",
    "Rest",
    "Row",
    "StreamMachine",
    "Take",
    "TakePieces",
    "Until",
    "Varint",
    "between",
    "counted",
    "dotted",
    "lines",
    "member",
    "number",
    "octets",
    "one_line",
    "packed",
    "reading",
    "text",
    "truth",
    "unpacked",
    "whole",
]
