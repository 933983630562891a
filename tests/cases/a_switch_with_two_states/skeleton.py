"""A switch, and how often it was turned on: the handlers.

This file is yours. `protogen skeleton` adds the handlers that are new and touches
nothing else.
"""

from __future__ import annotations

import spec


class Switch(spec.Switch):
    """The machine Switch."""

    def emit_turned(self, count: int) -> None:
        """`turned` happened. spec.proto:5"""
