"""An oven with a light, a timer and a door: the handlers.

This file is yours. `protogen skeleton` adds the handlers that are new and touches
nothing else.
"""

from __future__ import annotations

import spec


class Oven(spec.Oven):
    """The machine Oven."""

    def emit_light(self, on: bool) -> None:
        """`light` happened. spec.proto:5"""

    def emit_warm(self, degrees: int) -> None:
        """`warm` happened. spec.proto:5"""

    def emit_rang(self) -> None:
        """`rang` happened. spec.proto:5"""
