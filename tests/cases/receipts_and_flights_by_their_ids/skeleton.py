"""Words that arrive once, in either direction, and are known by a number: the handlers.

This file is yours. `protogen skeleton` adds the handlers that are new and touches
nothing else.
"""

from __future__ import annotations

import spec


class Receipt(spec.Receipt):
    """What has come, until the other side forgets it."""

    def do_NEW_PUT(self, id: int, text: str) -> spec.Accept | spec.Drop | None:
        """PUT in NEW: answer spec.Accept or spec.Drop; None is spec.Accept.
        spec.proto:15
        """
        return None

    def emit_got(self, id: int, text: str) -> None:
        """`got` happened. spec.proto:12"""

    def emit_given_up(self, id: int) -> None:
        """`given_up` happened. spec.proto:12"""


class Flight(spec.Flight):
    """What was sent, until it has arrived."""

    def emit_arrived(self, id: int) -> None:
        """`arrived` happened. spec.proto:30"""

    def emit_left_over(self, text: str) -> None:
        """`left_over` happened. spec.proto:30"""


class Side(spec.Side):
    """The machine Side."""

    def emit_got(self, id: int, text: str) -> None:
        """`got` happened. spec.proto:48"""

    def emit_arrived(self, id: int) -> None:
        """`arrived` happened. spec.proto:48"""

    def emit_left_over(self, text: str) -> None:
        """`left_over` happened. spec.proto:48"""
