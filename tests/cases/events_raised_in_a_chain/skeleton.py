"""A worker that takes jobs in turn: the handlers.

This file is yours. `protogen skeleton` adds the handlers that are new and touches
nothing else.
"""

from __future__ import annotations

import spec


class Worker(spec.Worker):
    """The machine Worker."""

    def emit_done(self, names: list[str]) -> None:
        """`done` happened. spec.proto:5"""

    def emit_stopped(self) -> None:
        """`stopped` happened. spec.proto:5"""
