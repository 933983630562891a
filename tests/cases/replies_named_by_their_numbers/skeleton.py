"""A client that asks once, and may be told to wait: the handlers.

This file is yours. `protogen skeleton` adds the handlers that are new and touches
nothing else.
"""

from __future__ import annotations

import spec


class Client(spec.Client):
    """The machine Client."""

    def do_WAITING_42x(self, code: int, text: str) -> spec.Again | spec.GiveUp | None:
        """42x in WAITING: answer spec.Again or spec.GiveUp; None is spec.Again.
        spec.proto:15
        """
        return None

    def emit_asked(self) -> None:
        """`asked` happened. spec.proto:5"""

    def emit_answer(self, text: str) -> None:
        """`answer` happened. spec.proto:5"""

    def emit_refused(self, code: int, text: str) -> None:
        """`refused` happened. spec.proto:5"""
