"""Simple Mail Transfer Protocol, RFC 5321: the handlers.

This file is yours. `protogen skeleton` adds the handlers that are new and touches
nothing else.
"""

from __future__ import annotations

import smtp


class Server(smtp.Server):
    """The side that takes mail; with `tls` it offers STARTTLS (RFC 3207)."""

    def do_CONNECTED_open(self) -> smtp.Accept | smtp.Refuse | None:
        """open in CONNECTED: answer smtp.Accept or smtp.Refuse; None is smtp.Accept.
        smtp.proto:40
        """
        return None

    def do_SESSION_VRFY(
        self, who: str
    ) -> smtp.Unsure | smtp.Found | smtp.Unknown | None:
        """VRFY in SESSION: answer smtp.Unsure or smtp.Found or smtp.Unknown; None is
        smtp.Unsure. smtp.proto:61
        """
        return None

    def do_SESSION_STARTTLS(self) -> smtp.Accept | smtp.Reject | None:
        """STARTTLS in SESSION: answer smtp.Accept or smtp.Reject; None is smtp.Accept.
        smtp.proto:65
        """
        return None

    def do_READY_MAIL(
        self, sender: str, parameters: str
    ) -> smtp.Accept | smtp.Reject | None:
        """MAIL in READY: answer smtp.Accept or smtp.Reject; None is smtp.Accept.
        smtp.proto:94
        """
        return None

    def do_ENVELOPE_RCPT(self, recipient: str) -> smtp.Accept | smtp.Reject | None:
        """RCPT in ENVELOPE: answer smtp.Accept or smtp.Reject; None is smtp.Accept.
        smtp.proto:105
        """
        return None

    def do_BODY_block(self, body: bytes) -> smtp.Accept | smtp.Reject | None:
        """block in BODY: answer smtp.Accept or smtp.Reject; None is smtp.Accept.
        smtp.proto:116
        """
        return None

    def emit_mail(self, sender: str, recipients: list[str], body: bytes) -> None:
        """`mail` happened. smtp.proto:32"""


class Client(smtp.Client):
    """The side that delivers mail."""

    def emit_ready(self, extensions: list[str]) -> None:
        """`ready` happened. smtp.proto:135"""

    def emit_secure(self, extensions: list[str]) -> None:
        """`secure` happened. smtp.proto:135"""

    def emit_sent(self, verdicts: list[smtp.Verdict]) -> None:
        """`sent` happened. smtp.proto:135"""

    def emit_bye(self) -> None:
        """`bye` happened. smtp.proto:135"""

    def emit_refused(self, code: int, text: str) -> None:
        """`refused` happened. smtp.proto:136"""
