"""RESP: the handlers.

This file is yours. `protogen skeleton` adds the handlers that are new and touches
nothing else.
"""

from __future__ import annotations

import spec


class Values(spec.Values):
    """The machine Values."""

    def emit_value(self, v: object) -> None:
        """`value` happened. spec.proto:11"""

    def emit_error(self, text: str) -> None:
        """`error` happened. spec.proto:11"""


class Client(spec.Client):
    """The machine Client."""

    def emit_result(self, v: object) -> None:
        """`result` happened. spec.proto:38"""
