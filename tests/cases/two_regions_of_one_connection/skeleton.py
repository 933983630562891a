"""HTTP: the handlers.

This file is yours. `protogen skeleton` adds the handlers that are new and touches
nothing else.
"""

from __future__ import annotations

import spec


class Server(spec.Server):
    """The machine Server."""

    def emit_request(self, method: str, target: str) -> None:
        """`request` happened. spec.proto:12"""
