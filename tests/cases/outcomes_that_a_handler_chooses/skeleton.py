"""A door that opens for some: the handlers.

This file is yours. `protogen skeleton` adds the handlers that are new and touches
nothing else.
"""

from __future__ import annotations

import spec


class Door(spec.Door):
    """The machine Door."""

    def do_SHUT_knock(
        self, who: str
    ) -> spec.Refuse | spec.LetIn | spec.CallForHelp | None:
        """knock in SHUT: answer spec.Refuse or spec.LetIn or spec.CallForHelp; None is
        spec.Refuse. spec.proto:12
        """
        return None

    def is_known(self, who: str) -> bool:
        """Whether the guest has been here before. spec.proto:7"""
        return False

    def note(self, who: str) -> None:
        """The action `note`. spec.proto:8"""
        return None

    def emit_told(self, text: str) -> None:
        """`told` happened. spec.proto:5"""

    def emit_opened(self, who: str) -> None:
        """`opened` happened. spec.proto:5"""
