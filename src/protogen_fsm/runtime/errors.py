"""The two ways in which a protocol is broken: by us, and by them."""

from __future__ import annotations


class ProtocolError(Exception):
    """An event came that is not allowed now.

    `role` is the machine's name, `state` where it was, `event` what came, `allowed` what it would
    have taken there.
    """

    def __init__(
        self,
        problem: str,
        role: str = "",
        state: str = "",
        event: str = "",
        allowed: tuple[str, ...] = (),
    ) -> None:
        self.problem, self.role, self.state, self.event = problem, role, state, event
        self.allowed = allowed
        place = f"{role} in {state}: " if role else ""
        listed = f"; allowed here: {', '.join(allowed)}" if allowed else ""
        super().__init__(f"{place}{problem}{listed}")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.problem, self.role, self.state, self.event, self.allowed)


class LocalProtocolError(ProtocolError):
    """Our side asked for what the protocol does not allow now; nothing was sent or changed."""


class RemoteProtocolError(ProtocolError):
    """Their side did what the protocol does not allow now."""
