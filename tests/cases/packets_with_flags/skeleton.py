"""A broker's packets, much as those of MQTT 3.1.1: the handlers.

This file is yours. `protogen skeleton` adds the handlers that are new and touches
nothing else.
"""

from __future__ import annotations

import spec


class Broker(spec.Broker):
    """The side that hands messages on."""

    def do_NEW_CONNECT(
        self,
        clean: bool,
        will_qos: int,
        has_will: bool,
        has_user: bool,
        keep_alive: int,
        client: str,
        will_topic: str | None,
        will: bytes | None,
        user: str | None,
    ) -> spec.Accept | spec.Resume | spec.Refuse | None:
        """CONNECT in NEW: answer spec.Accept or spec.Resume or spec.Refuse; None is
        spec.Accept. spec.proto:84
        """
        return None

    def do_OPEN_SUBSCRIBE(
        self, id: int, filters: list[spec.Filter]
    ) -> spec.IgnoreIt | spec.Subscribe | None:
        """SUBSCRIBE in OPEN: answer spec.IgnoreIt or spec.Subscribe; None is
        spec.IgnoreIt. spec.proto:92
        """
        return None
