"""The names that generated modules import."""

from __future__ import annotations

from .calls import Call
from .chained import Chained
from .errors import LocalProtocolError, RemoteProtocolError
from .machine import Machine
from .patterns import OneOf, Pattern, between, member, octets, one_line, text, truth
from .stream import Block, Chunk, Line, Rest, StreamMachine, Take, Until, reading
from .values import Outcome, Record, dotted, lines, number
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
    "Record",
    "RemoteProtocolError",
    "Rest",
    "Row",
    "StreamMachine",
    "Take",
    "Until",
    "between",
    "dotted",
    "lines",
    "member",
    "number",
    "octets",
    "one_line",
    "reading",
    "text",
    "truth",
]
