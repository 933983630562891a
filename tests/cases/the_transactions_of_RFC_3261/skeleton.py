"""The transactions of the Session Initiation Protocol, RFC 3261, section 17: the
handlers.

This file is yours. `protogen skeleton` adds the handlers that are new and touches
nothing else.
"""

from __future__ import annotations

import sip


class InviteClient(sip.InviteClient):
    """The INVITE client transaction, figure 5."""

    def emit_answer(self, code: int, response: object, branch: str) -> None:
        """`answer` happened. sip.proto:19"""

    def emit_timeout(self, branch: str) -> None:
        """`timeout` happened. sip.proto:19"""

    def emit_failure(self, branch: str) -> None:
        """`failure` happened. sip.proto:19"""


class NonInviteClient(sip.NonInviteClient):
    """The non-INVITE client transaction, figure 6."""

    def emit_answer(self, code: int, response: object, branch: str) -> None:
        """`answer` happened. sip.proto:64"""

    def emit_timeout(self, branch: str) -> None:
        """`timeout` happened. sip.proto:64"""

    def emit_failure(self, branch: str) -> None:
        """`failure` happened. sip.proto:64"""


class InviteServer(sip.InviteServer):
    """The INVITE server transaction, figure 7."""

    def emit_invited(self, request: object, branch: str) -> None:
        """`invited` happened. sip.proto:106"""

    def emit_timeout(self, branch: str) -> None:
        """`timeout` happened. sip.proto:106"""

    def emit_failure(self, branch: str) -> None:
        """`failure` happened. sip.proto:106"""


class NonInviteServer(sip.NonInviteServer):
    """The non-INVITE server transaction, figure 8."""

    def emit_asked(self, request: object, branch: str) -> None:
        """`asked` happened. sip.proto:158"""

    def emit_failure(self, branch: str) -> None:
        """`failure` happened. sip.proto:158"""
