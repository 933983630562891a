"""The Link Control Protocol of PPP, RFC 1661: the handlers.

This file is yours. `protogen skeleton` adds the handlers that are new and touches
nothing else.
"""

from __future__ import annotations

import lcp


class Link(lcp.Link):
    """The lower layer: one packet in the information field of each frame of protocol
    C021, its padding taken off.
    """

    def emit_packet(self, octets: bytes) -> None:
        """`packet` happened. lcp.proto:99"""

    def emit_Up(self) -> None:
        """`Up` happened. lcp.proto:99"""

    def emit_Down(self) -> None:
        """`Down` happened. lcp.proto:99"""


class Automaton(lcp.Automaton):
    """The option negotiation automaton, RFC 1661, section 4."""

    def do_Stopped_Configure_Request(
        self, id: int, length: int, options: bytes
    ) -> lcp.Acceptable | lcp.Refuse | lcp.Reject | None:
        """Configure_Request in Stopped: answer lcp.Acceptable or lcp.Refuse or
        lcp.Reject; None is lcp.Acceptable. lcp.proto:209
        """
        return None

    def do_Req_Sent_Configure_Request(
        self, id: int, length: int, options: bytes
    ) -> lcp.Acceptable | lcp.Refuse | lcp.Reject | None:
        """Configure_Request in Req_Sent: answer lcp.Acceptable or lcp.Refuse or
        lcp.Reject; None is lcp.Acceptable. lcp.proto:235
        """
        return None

    def do_Req_Sent_Configure_Nak(
        self, id: int, length: int, options: bytes
    ) -> lcp.Defaults | lcp.Again | None:
        """Configure_Nak in Req_Sent: answer lcp.Defaults or lcp.Again; None is
        lcp.Defaults. lcp.proto:242
        """
        return None

    def do_Req_Sent_Configure_Reject(
        self, id: int, length: int, options: bytes
    ) -> lcp.Defaults | lcp.Again | None:
        """Configure_Reject in Req_Sent: answer lcp.Defaults or lcp.Again; None is
        lcp.Defaults. lcp.proto:242
        """
        return None

    def do_Ack_Rcvd_Configure_Request(
        self, id: int, length: int, options: bytes
    ) -> lcp.Acceptable | lcp.Refuse | lcp.Reject | None:
        """Configure_Request in Ack_Rcvd: answer lcp.Acceptable or lcp.Refuse or
        lcp.Reject; None is lcp.Acceptable. lcp.proto:262
        """
        return None

    def do_Ack_Rcvd_Configure_Nak(
        self, id: int, length: int, options: bytes
    ) -> lcp.Defaults | lcp.Again | None:
        """Configure_Nak in Ack_Rcvd: answer lcp.Defaults or lcp.Again; None is
        lcp.Defaults. lcp.proto:269
        """
        return None

    def do_Ack_Rcvd_Configure_Reject(
        self, id: int, length: int, options: bytes
    ) -> lcp.Defaults | lcp.Again | None:
        """Configure_Reject in Ack_Rcvd: answer lcp.Defaults or lcp.Again; None is
        lcp.Defaults. lcp.proto:269
        """
        return None

    def do_Ack_Sent_Configure_Request(
        self, id: int, length: int, options: bytes
    ) -> lcp.Acceptable | lcp.Refuse | lcp.Reject | None:
        """Configure_Request in Ack_Sent: answer lcp.Acceptable or lcp.Refuse or
        lcp.Reject; None is lcp.Acceptable. lcp.proto:290
        """
        return None

    def do_Ack_Sent_Configure_Nak(
        self, id: int, length: int, options: bytes
    ) -> lcp.Defaults | lcp.Again | None:
        """Configure_Nak in Ack_Sent: answer lcp.Defaults or lcp.Again; None is
        lcp.Defaults. lcp.proto:297
        """
        return None

    def do_Ack_Sent_Configure_Reject(
        self, id: int, length: int, options: bytes
    ) -> lcp.Defaults | lcp.Again | None:
        """Configure_Reject in Ack_Sent: answer lcp.Defaults or lcp.Again; None is
        lcp.Defaults. lcp.proto:297
        """
        return None

    def do_Opened_Configure_Request(
        self, id: int, length: int, options: bytes
    ) -> lcp.Acceptable | lcp.Refuse | lcp.Reject | None:
        """Configure_Request in Opened: answer lcp.Acceptable or lcp.Refuse or
        lcp.Reject; None is lcp.Acceptable. lcp.proto:316
        """
        return None

    def do_Opened_Configure_Nak(
        self, id: int, length: int, options: bytes
    ) -> lcp.Defaults | lcp.Again | None:
        """Configure_Nak in Opened: answer lcp.Defaults or lcp.Again; None is
        lcp.Defaults. lcp.proto:326
        """
        return None

    def do_Opened_Configure_Reject(
        self, id: int, length: int, options: bytes
    ) -> lcp.Defaults | lcp.Again | None:
        """Configure_Reject in Opened: answer lcp.Defaults or lcp.Again; None is
        lcp.Defaults. lcp.proto:326
        """
        return None

    def emit_tlu(self) -> None:
        """`tlu` happened. lcp.proto:130"""

    def emit_tld(self) -> None:
        """`tld` happened. lcp.proto:130"""

    def emit_echoed(self, data: bytes) -> None:
        """`echoed` happened. lcp.proto:130"""

    def emit_refused(self, number: int) -> None:
        """`refused` happened. lcp.proto:130"""
