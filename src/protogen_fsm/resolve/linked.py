"""The peers of a system, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Label

if TYPE_CHECKING:
    from protogen_fsm.model.spec import Peer, System
    from protogen_fsm.resolve.report import Report
    from protogen_fsm.syntax import tree


def find_peer(report: Report, system: System, name: tree.Name, code: str = "PG401") -> Peer | None:
    """The peer of that name; None, and a diagnostic, if there is none."""
    text, bracket, index = name.text.partition("[")
    peer = system.peers.get(text)
    if peer is None:
        report.undefined(
            code,
            f"the system has no peer `{text}`",
            name,
            "not a peer",
            {one.name: one.span for one in system.peers.values()},
        )
        return None
    if bracket and int(index.rstrip("]")) >= peer.count:
        report.error(
            code,
            f"there is no `{name.text}`",
            name.span,
            f"`{peer.name}` has {peer.count}, counted from 0",
            [Label(peer.span, "declared here")],
        )
    return peer
