"""Keeps numbers under names; a command is a line: the handlers.

This file is yours. `protogen skeleton` adds the handlers that are new and touches
nothing else.
"""

from __future__ import annotations

import spec


class Server(spec.Server):
    """The side that keeps them."""

    def do_OPEN_SET(self, name: str, value: int) -> spec.Keep | spec.ReadOnly | None:
        """SET in OPEN: answer spec.Keep or spec.ReadOnly; None is spec.Keep.
        spec.proto:23
        """
        return None

    def do_OPEN_GET(self, name: str) -> spec.Unknown | spec.Found | None:
        """GET in OPEN: answer spec.Unknown or spec.Found; None is spec.Unknown.
        spec.proto:26
        """
        return None
